"""What a verification leaves open, in the form of what a report of findings leaves open."""

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
from advisories.reports.verification import VerificationReport, earlier_findings
from advisories.triage.cases import FindingState

if TYPE_CHECKING:
    from advisories.reports.document import CoverageObject, InventoryObject, ReadObject, StatementsObject

__all__ = ["verification_caveats"]


def verification_caveats(report: VerificationReport) -> list[Caveat]:
    """What is open, errors first."""
    return ranked(_caveats(report))


def _caveats(report: VerificationReport) -> Iterator[Caveat]:
    verification = report.verification
    baseline, inventory, coverage = verification.baseline, verification.inventory, verification.findings.coverage
    yield from coverage_caveats(cast("CoverageObject", coverage_object(coverage)), None)
    yield from host_caveats(cast("InventoryObject", inventory_object(inventory, coverage.packages, report.on)))
    yield from statement_caveats(cast("StatementsObject | None", chosen_members(report.chosen)["statements"]))
    if report.feed is not None:
        sources = [cast("ReadObject", read_object(read)) for read in report.feed.reports]
        yield from feed_caveats(sources, report.feed.conflicts, report.feed.unordered)
    if not baseline.covered:
        what = "The baseline's feed did not cover the release: every current finding is new."
        yield Caveat("baseline-not-covered", Level.WARNING, what)
    if verification.forced is not None:
        what = f"Verified although the baseline seems to be of another host: {verification.forced}."
        yield Caveat("other-host", Level.WARNING, what)
    if verification.feed_lacks is not None:
        what = f"{verification.feed_lacks[:1].upper()}{verification.feed_lacks[1:]}"
        yield Caveat("feed-lacks", Level.WARNING, f"{what}. What it does not have any more is undecided.")
    removed, listed = verification.counts[FindingState.PACKAGE_REMOVED], baseline.packages
    if removed and listed is not None and coverage.packages * 10 < listed * 9:
        what = f"The list has {counted(coverage.packages, 'package')}, and the baseline's had {listed:,}"
        yield Caveat("list-lacks", Level.WARNING, f"{what}. What it lacks counts as removed ({removed:,}).")
    if inventory.running_kernel != baseline.running_kernel:
        before, now = (kernel or "not known" for kernel in (baseline.running_kernel, inventory.running_kernel))
        yield Caveat("running-kernel", Level.NOTE, f"Running kernel {now}, in the baseline {before}.")
    hidden = sum(earlier_findings(verification, report.chosen)[1].values())
    if hidden:
        what = f"{counted(hidden, 'earlier finding')} not shown by choice."
        yield Caveat("hidden", Level.NOTE, what)
    yield feed_age_caveat(coverage.feed_newest, report.on)
