"""A plan for people, for programs and for a shell."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import Any, Final

from attrs import Factory, frozen

from advisories.distros.identity import identity
from advisories.distros.kernels import unames
from advisories.distros.lifecycle import Support, support_of
from advisories.distros.package_managers import Command, Manager
from advisories.distros.restarts import Restart
from advisories.models import Distribution, Finding, Inventory, Priority
from advisories.reports import aside
from advisories.reports.chosen import Chosen
from advisories.reports.objects import chosen_members, distribution_object, suppressed_objects
from advisories.reports.text import counted, printable, wrapped
from advisories.triage.commands import commands
from advisories.triage.plan import Change, Plan, Stay, Step

__all__ = ["SCHEMA", "PlanReport", "as_json", "as_shell", "as_text"]

#: The name and version of the JSON form, described by ``plan.schema.json``. A change that would break a reader counts
#: it up.
SCHEMA: Final = "advisories/plan/1"

# How many findings of one reason to stay are named in the text; JSON has all.
_NAMED: Final = 5

# Behind one step, and behind all of them.
_RESTARTS: Final = {Restart.MACHINE: "restart the machine", Restart.SERVICES: "restart services that use it"}
_IN_THE_END: Final = {**_RESTARTS, Restart.SERVICES: "restart the services that use what was upgraded"}
_BY_HAND: Final = "no command: its names, versions or type are not what the package manager takes"


@frozen
class PlanReport:
    """A plan, and how it is to be told.

    :ivar inventory: the host as it is.
    :ivar manager: the package manager of its family; None where that is not known.
    :ivar exact: whether commands ask for the plan's versions to the letter, else for these or later ones.
    :ivar by_notice: whether they ask by notice, where the package manager can be asked so.
    :ivar width: columns to wrap text at; None where lines may be of any length.
    :ivar versions_of: whose versions they are, where that is another distribution than the host's; then commands ask by
        names alone.
    :ivar chosen: what it is planned for, and what is set aside or hidden, for which nothing is planned.
    :ivar on: the day for which it is asked whether support has ended; None where nobody named one.
    """

    inventory: Inventory
    plan: Plan
    manager: Manager | None
    exact: bool = True
    by_notice: bool = False
    width: int | None = None
    versions_of: Distribution | None = None
    chosen: Chosen = Factory(lambda: Chosen(()))
    on: date | None = None

    @property
    def ended(self) -> Support | None:
        """The support of the release where its standard support has ended; None too where nobody named a day."""
        own = self.inventory.distribution
        support = None if own is None else support_of(own)
        return support if support is not None and self.on is not None and support.standard < self.on else None

    @property
    def not_planned(self) -> str:
        """What nothing is planned for, as a sentence; empty where there is no such thing."""
        suppression = self.chosen.suppression
        counts = (
            (len(suppression.suppressed) if suppression else 0, "set aside"),
            (sum(self.chosen.hidden.values()), "not shown by choice"),
        )
        said = " and ".join(f"{counted(count, 'finding')} {why}" for count, why in counts if count)
        return f"not planned for: {said}" if said else ""

    def commands(self, step: Step, *, ask: bool = True) -> tuple[Command, ...]:
        """What to tell the package manager for a step; nothing where it has to be done by hand."""
        if self.manager is None:
            return ()
        by_name = self.versions_of is not None
        return commands(step, self.manager, exact=self.exact, by_notice=self.by_notice, by_name=by_name, ask=ask)

    @property
    def reservations(self) -> Iterator[str]:
        """What a person has to know of all of it, a sentence each."""
        if self.not_planned:
            yield self.not_planned
        by_hand = sum(not self.commands(step) for step in self.plan.steps)
        if by_hand:
            yield f"{counted(by_hand, 'step')} without a command, to be done by hand"
        if self.versions_of is not None:
            yield (
                f"the versions are those of {self.versions_of}, and the host may have others: commands ask for what is "
                "newest of a name; --available takes what its repositories have"
            )


def as_text(report: PlanReport) -> Iterator[str]:
    """The lines for people: what to do in which order, what each step clears, and what stays and why."""
    yield from map(printable, _text(report))


def _text(report: PlanReport) -> Iterator[str]:
    plan = report.plan
    total = plan.clears + len(plan.stays)
    said = f"{plan.clears} cleared by {counted(len(plan.steps), 'step')}, {len(plan.stays)} stay"
    yield from wrapped(f"{report.inventory.source}: {counted(total, 'finding')}: {said}", report.width)
    for said in report.reservations:
        yield from wrapped(said, report.width)
    if plan.restart is not None:
        yield f"in the end: {_IN_THE_END[plan.restart]}"
    for number, step in enumerate(plan.steps, 1):
        yield ""
        yield from _step(number, step, report)
    if plan.stays:
        yield ""
        yield f"What stays: {counted(len(plan.stays), 'finding')}"
        if report.ended is not None:
            said = f"{report.inventory.distribution}: {report.ended.text(report.on)}"
            yield from wrapped(f"{said}; what has no fix yet gets none by standard support", report.width, 2)
        yield from _stays(plan.stays, report.width)
    if plan.brings:
        yield ""
        yield f"What the upgrades bring: {counted(len(plan.brings), 'finding')}"
        for finding in plan.brings:
            yield from wrapped(f"{finding.vulnerability}: {finding.cause}", report.width, 2)
    yield from aside.text(report.chosen, report.width)


def _step(number: int, step: Step, report: PlanReport) -> Iterator[str]:
    when = ", once the machine was restarted" if step.after_restart else ""
    yield from wrapped(f"{number}. {step.action} {step.source}{when}", report.width)
    for (name, before, after), same in groupby(step.changes, key=_moved):
        arches = sorted({change.package.arch for change in same if change.package.arch})
        of = f" ({', '.join(arches)})" if arches else ""
        yield from wrapped(f"{name}{of} {before} {after}".rstrip(), report.width, 3)
    yield from wrapped(_cleared(step), report.width, 3)
    if step.restart is not None and not step.after_restart:
        yield f"   then {_RESTARTS[step.restart]}"
    told = report.commands(step)
    yield from (f"   $ {command}" for command in told)
    if not told:
        yield from wrapped(_BY_HAND, report.width, 3)


def _cleared(step: Step) -> str:
    if not step.clears:
        return "replaced by what was installed beside it"
    gain = ", ".join(f"{priority.value} {count}" for priority, count in zip(Priority, step.gain, strict=True) if count)
    named = counted(len({finding.vulnerability for finding in step.clears}), "vulnerability")
    return f"clears {counted(len(step.clears), 'finding')} of {named} ({gain})"


def _moved(change: Change) -> tuple[str, str, str]:
    package, becomes = change.package, change.becomes
    if becomes is None:
        return package.name, package.version, ""
    by = "" if change.name == package.name else f" ({change.name})"
    if becomes.version == package.version:
        return package.name, package.version, f"-> built from {package.source_name} {becomes.source_version}{by}"
    return package.name, package.version, f"-> {becomes.version}{by}"


def _stays(stays: Sequence[Stay], width: int | None) -> Iterator[str]:
    for reason, count in Counter(stay.reason for stay in stays).most_common():
        yield f"  {reason.value} ({count})"
        for stay in [stay for stay in stays if stay.reason is reason][:_NAMED]:
            finding = stay.finding
            what = f"{finding.package.name} {finding.package.version}, {finding.vulnerability}"
            yield from wrapped(f"{what}: {stay.said}", width, 4)
        if count > _NAMED:
            yield f"    and {count - _NAMED} more"


def as_json(report: PlanReport) -> Iterator[str]:
    """The plan as one JSON object."""
    plan = report.plan
    yield json.dumps(
        {
            "schema": SCHEMA,
            "inventory": report.inventory.source,
            "manager": None if report.manager is None else report.manager.name,
            "versions_of": distribution_object(report.versions_of),
            "findings": plan.clears + len(plan.stays),
            "clears": plan.clears,
            **chosen_members(report.chosen),
            "suppressed": list(suppressed_objects(report.chosen, report.inventory)),
            "standard_support_ended": None if report.ended is None else report.ended.standard.isoformat(),
            "restart": None if plan.restart is None else plan.restart.value,
            "steps": [_step_as_json(step, report) for step in plan.steps],
            "stays": [{**_named(stay.finding), "reason": stay.reason.value, "said": stay.said} for stay in plan.stays],
            "brings": [_named(finding) for finding in plan.brings],
        },
        indent=1,
    )


def _step_as_json(step: Step, report: PlanReport) -> dict[str, Any]:
    return {
        "action": step.action.value,
        "source": step.source,
        "packages": [_change_as_json(change) for change in step.changes],
        "clears": [_named(finding) for finding in step.clears],
        "gain": {priority.value: count for priority, count in zip(Priority, step.gain, strict=True)},
        "notices": list(step.notices),
        "restart": None if step.restart is None else step.restart.value,
        "after_restart": step.after_restart,
        "commands": [list(command.words) for command in report.commands(step)],
    }


def _change_as_json(change: Change) -> dict[str, Any]:
    package, becomes = change.package, change.becomes
    return {
        "instance": identity(package),
        "package": package.name,
        "version": package.version,
        "arch": package.arch,
        "to": None if becomes is None or becomes.version == package.version else becomes.version,
        "to_source_version": None if becomes is None else becomes.source_version,
        "ask_for": change.name,
    }


def _named(finding: Finding) -> dict[str, Any]:
    return {
        "instance": finding.instance,
        "package": finding.package.name,
        "version": finding.package.version,
        "vulnerability": finding.vulnerability,
        "priority": finding.priority.value,
        "fixed_version": finding.fixed_version,
        "fix_state": finding.fix_state.value,
        "channel": finding.channel,
    }


def as_shell(report: PlanReport) -> Iterator[str]:
    """A script for a POSIX shell: ``sh plan.sh`` upgrades, ``sh plan.sh after-restart`` does what has to wait for it.

    What comes from outside stands in comments with everything unprintable escaped, or is a quoted word of a command.
    """
    plan = report.plan
    yield "#!/bin/sh"
    cleared = f"{counted(plan.clears, 'finding')} cleared by {counted(len(plan.steps), 'step')}"
    yield from _comment(f"{report.inventory.source}: {cleared}")
    if plan.stays:
        yield from _comment(f"{counted(len(plan.stays), 'finding')} stay; the text and JSON forms of this plan say why")
    for said in report.reservations:
        yield from _comment(said)
    yield "set -u"
    yield "failed=0"
    yield 'step() { "$@" || { echo "failed: $*" >&2; failed=1; }; }'
    yield 'case "${1:-upgrade}" in'
    for word, later in (("upgrade", False), ("after-restart", True)):
        yield f"{word})"
        steps = [step for step in plan.steps if step.after_restart is later]
        yield from _guard(steps, report) if later else ()
        for step in steps:
            yield from _comment(f"{step.action} {step.source}: {_cleared(step)}", "    ")
            told = report.commands(step, ask=False)
            yield from (f"    step {command}" for command in told)
            if not told:
                yield from _comment(_BY_HAND, "    ")
        if not later and plan.restart is not None:
            yield f"    echo {_quoted(_IN_THE_END[plan.restart])}"
            if any(step.after_restart for step in plan.steps):
                yield '    echo "then: sh $0 after-restart"'
        yield "    ;;"
    yield "*)"
    yield '    echo "usage: $0 [upgrade | after-restart]" >&2'
    yield "    exit 2"
    yield "    ;;"
    yield "esac"
    yield 'exit "$failed"'


def _guard(steps: Sequence[Step], report: PlanReport) -> Iterator[str]:
    """Nothing is done while a kernel runs that is to be removed."""
    removed = [change.package for step in steps if report.commands(step) for change in step.changes]
    shown = dict.fromkeys(text for package in removed for text in unames(package))
    if shown:
        # Red Hat's and Oracle's go on with the architecture.
        patterns = [pattern for text in shown for pattern in (_quoted(text), f"{_quoted(text)}.*")]
        yield '    case "$(uname -r)" in'
        yield f"    {' | '.join(patterns)})"
        yield '        echo "$(uname -r) still runs: restart the machine" >&2'
        yield "        exit 1"
        yield "        ;;"
        yield "    esac"


def _quoted(text: str) -> str:
    return str(Command((text,)))


def _comment(text: str, indent: str = "") -> Iterator[str]:
    yield f"{indent}# {printable(text)}"
