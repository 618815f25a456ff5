"""The plan as text: what to do in which order, what each step clears, and what stays and why."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from advisories.models.reading import shown_source
from advisories.reports import suppressed
from advisories.reports.assumed import better_list
from advisories.reports.caveats import caveat_line
from advisories.reports.lines import counted, wrapped
from advisories.reports.plan import BY_HAND, IN_THE_END, RESTARTS, PlanReport, cleared
from advisories.reports.plan_caveats import plan_caveats
from advisories.triage.plan import Change, Stay, Step

__all__ = ["render"]

# How many findings of one reason to stay, and packages that were not checked, are named. JSON has all.
_NAMED: Final = 5
# What the text has more of elsewhere.
_ELSEWHERE: Final = frozenset({"disputed", "statements", "support-ended"})


def render(report: PlanReport) -> list[str]:
    """The lines of the report."""
    return list(_lines(report))


def _lines(report: PlanReport) -> Iterator[str]:
    plan = report.plan
    total = plan.clears + len(plan.stays)
    stay = "stays" if len(plan.stays) == 1 else "stay"
    summary = f"{plan.clears} cleared by {counted(len(plan.steps), 'step')}, {len(plan.stays)} {stay}"
    yield from wrapped(f"{shown_source(report.inventory.source)}: {counted(total, 'finding')}: {summary}", report.width)
    for caveat in plan_caveats(report):
        if caveat.id not in _ELSEWHERE:
            yield from wrapped(caveat_line(caveat, _NAMED), report.width)
    coverage = report.chosen.findings.coverage
    yield from better_list(coverage.assumptions, report.inventory.distribution or coverage.judged_as)
    if plan.restart is not None:
        yield f"in the end: {IN_THE_END[plan.restart]}"
    for number, step in enumerate(plan.steps, 1):
        yield ""
        yield from _step(number, step, report)
    if plan.stays:
        yield ""
        yield f"What stays: {counted(len(plan.stays), 'finding')}"
        if report.ended is not None:
            support = f"{report.inventory.distribution}: {report.ended.text(report.on)}"
            yield from wrapped(f"{support}; what has no fix yet gets none by standard support", report.width, 2)
        yield from _stays(plan.stays, report.width)
    if plan.brings:
        yield ""
        yield f"What the upgrades bring: {counted(len(plan.brings), 'finding')}"
        for finding in plan.brings:
            yield from wrapped(f"{finding.vulnerability}: {finding.cause}", report.width, 2)
    yield from suppressed.text(report.chosen, report.width)


def _step(number: int, step: Step, report: PlanReport) -> Iterator[str]:
    when = ", once the machine was restarted" if step.after_restart else ""
    yield from wrapped(f"{number}. {step.action} {step.source}{when}", report.width)
    for (name, before, after), same in groupby(step.changes, key=_moved):
        arches = sorted({change.package.arch for change in same if change.package.arch})
        of = f" ({', '.join(arches)})" if arches else ""
        yield from wrapped(f"{name}{of} {before} {after}".rstrip(), report.width, 3)
    yield from wrapped(cleared(step), report.width, 3)
    for warning in step.warnings:
        yield from wrapped(f"warning: {warning}", report.width, 3)
    if step.restart is not None and not step.after_restart:
        yield f"   then {RESTARTS[step.restart]}"
    commands = report.commands(step)
    yield from (f"   $ {command}" for command in commands)
    in_projects = report.in_projects(step)
    yield from (f"   in its project: {command}" for command in in_projects)
    if not commands and not in_projects:
        yield from wrapped(BY_HAND, report.width, 3)


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
            yield from wrapped(f"{what}: {stay.text}", width, 4)
        if count > _NAMED:
            yield f"    and {count - _NAMED} more"
