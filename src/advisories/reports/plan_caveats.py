"""What to know before you do any of a plan, in the form of what a report of findings leaves open."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from advisories.reports.caveats import (
    Caveat,
    Level,
    coverage_caveats,
    feed_age_caveat,
    feed_caveats,
    host_caveats,
    ranked,
    statement_caveats,
)
from advisories.reports.lines import counted
from advisories.reports.members import inventory_object
from advisories.reports.objects import chosen_members, coverage_object, read_object
from advisories.reports.plan import PlanReport

if TYPE_CHECKING:
    from advisories.reports.document import CoverageObject, InventoryObject, ReadObject, StatementsObject

__all__ = ["plan_caveats"]


def plan_caveats(report: PlanReport) -> list[Caveat]:
    """What is open, errors first."""
    return ranked(_caveats(report))


def _caveats(report: PlanReport) -> Iterator[Caveat]:
    coverage = report.chosen.findings.coverage
    if coverage.covered or coverage.packages:
        yield from coverage_caveats(cast("CoverageObject", coverage_object(coverage)), None)
        yield feed_age_caveat(coverage.feed_newest, report.on)
    else:
        what = "The plan has no coverage: it does not show what was not checked."
        yield Caveat("coverage-unknown", Level.WARNING, what)
    host = cast("InventoryObject", inventory_object(report.inventory, coverage.packages, report.on))
    # What it says of support is below, as a plan has more to say of it.
    yield from (caveat for caveat in host_caveats(host) if caveat.id != "support-ended")
    yield from statement_caveats(cast("StatementsObject | None", chosen_members(report.chosen)["statements"]))
    if report.feed is not None:
        sources = [cast("ReadObject", read_object(read)) for read in report.feed.reports]
        yield from feed_caveats(sources, report.feed.conflicts, report.feed.unordered)
    suppression = report.chosen.suppression
    if suppression is not None and suppression.suppressed:
        what = f"{counted(len(suppression.suppressed), 'finding')} suppressed by statements: not planned for."
        yield Caveat("suppressed", Level.NOTE, what)
    hidden = sum(report.chosen.hidden.values())
    if hidden:
        yield Caveat("hidden", Level.NOTE, f"{counted(hidden, 'finding')} not shown by choice: not planned for.")
    by_hand = sum(not report.commands(step) for step in report.plan.steps)
    if by_hand:
        what = f"{counted(by_hand, 'step')} without a command, to be done by hand."
        yield Caveat("by-hand", Level.WARNING, what)
    if report.versions_of is not None:
        what = (
            f"The versions are those of {report.versions_of}, and the host may have others: commands take the newest "
            "of a name. --available takes what its repositories have."
        )
        yield Caveat("versions-of-another", Level.WARNING, what)
    if report.ended is not None:
        what = f"Standard support of the release ended on {report.ended.standard}: what has no fix yet gets none by it."
        yield Caveat("support-ended", Level.WARNING, what)
