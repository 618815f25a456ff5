"""The plan as a script for a POSIX shell. ``sh plan.sh`` upgrades, ``sh plan.sh after-restart`` does what has to wait
for a restart.

Text from outside stands in comments, or is a quoted word of a command.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from advisories.distros.kernels import unames
from advisories.distros.package_managers import Command
from advisories.models.printing import printable
from advisories.models.reading import shown_source
from advisories.reports.caveats import caveat_line
from advisories.reports.lines import counted
from advisories.reports.plan import BY_HAND, IN_THE_END, PlanReport, cleared
from advisories.reports.plan_caveats import plan_caveats
from advisories.triage.plan import Step

__all__ = ["render"]

# How many packages that were not checked are named of a kind.
_NAMED: Final = 5


def render(report: PlanReport) -> Iterator[str]:
    """The lines of the script."""
    plan = report.plan
    yield "#!/bin/sh"
    total = f"{counted(plan.clears, 'finding')} cleared by {counted(len(plan.steps), 'step')}"
    by_hand = sum(not report.commands(step) for step in plan.steps)
    left = f", of which this script does not do {by_hand}: they are its comments" if by_hand else ""
    yield from _comment(f"{shown_source(report.inventory.source)}: {total}{left}")
    if plan.stays:
        stay = "stays" if len(plan.stays) == 1 else "stay"
        yield from _comment(f"{counted(len(plan.stays), 'finding')} {stay}. Other forms of this plan show why")
    for caveat in plan_caveats(report):
        yield from _comment(caveat_line(caveat, _NAMED))
    yield "set -u"
    yield "failed=0"
    yield 'step() { "$@" || { echo "failed: $*" >&2; failed=1; }; }'
    yield 'case "${1:-upgrade}" in'
    for word, later in (("upgrade", False), ("after-restart", True)):
        yield f"{word})"
        steps = [step for step in plan.steps if step.after_restart is later]
        yield from _guard(steps, report) if later else ()
        for step in steps:
            yield from _comment(f"{step.action} {step.source}: {cleared(step)}", "    ")
            for warning in step.warnings:
                yield from _comment(f"warning: {warning}", "    ")
            commands = report.commands(step, confirm=False)
            yield from (f"    step {command}" for command in commands)
            in_projects = report.in_projects(step)
            for command in in_projects:
                yield from _comment(f"in its project: {command}", "    ")
            if not commands and not in_projects:
                yield from _comment(BY_HAND, "    ")
        if not later and plan.restart is not None:
            yield f"    echo {_quoted(IN_THE_END[plan.restart])}"
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
    """Lines that stop the script while a kernel runs that it would remove."""
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
    # A line end in it would end the comment.
    yield f"{indent}# {printable(text)}"
