"""What became of earlier findings, in few words and in the order in which readers want them."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from advisories.models.findings import PackageClass
from advisories.reports.assumed import assumption_lines
from advisories.reports.lines import alike, counted, feed_age
from advisories.reports.verification import NewFinding, VerificationReport
from advisories.triage.cases import FindingState
from advisories.triage.verify import Verified

__all__ = ["OUTCOMES", "Outcome", "Rows", "head_lines", "new_rows", "not_shown", "rows_of"]


class Outcome(NamedTuple):
    """States that mean the same for what you do next.

    :ivar short: a word for the head of a column.
    :ivar colour: the class of its colour in charts.
    """

    title: str
    short: str
    colour: str
    states: tuple[FindingState, ...]


#: Each state is in one of these.
OUTCOMES: Final = (
    Outcome(
        "still vulnerable",
        "stands",
        "high",
        (FindingState.STILL_VULNERABLE, FindingState.UPGRADED_STILL_VULNERABLE, FindingState.RESIDUAL),
    ),
    Outcome("undecidable", "unsure", "unsure", (FindingState.UNDECIDABLE,)),
    Outcome("fixed once restarted", "restart", "medium", (FindingState.FIXED_PENDING_RESTART,)),
    Outcome(
        "not in the records or the list any more",
        "gone",
        "none",
        (FindingState.ADVISORY_WITHDRAWN, FindingState.ADVISORY_REVISED, FindingState.INVENTORY_REVISED),
    ),
    Outcome("fixed or removed", "fixed", "fix", (FindingState.FIXED, FindingState.PACKAGE_REMOVED)),
)


# Packages whose earlier findings may stand though none is found now.
_NOT_CHECKED: Final = frozenset(
    {PackageClass.UNDECIDABLE, PackageClass.UNCHECKED, PackageClass.THIRD_PARTY, PackageClass.NOT_COVERED}
)


class Rows(NamedTuple):
    """Findings of one package and one reason.

    :ivar state: what became of them, or their priority where they are new.
    """

    package: str
    version: str
    state: str
    reason: str
    vulnerabilities: tuple[str, ...]


def rows_of(earlier: Sequence[Verified], outcome: Outcome) -> Iterator[Rows]:
    """The earlier findings of an outcome, by state, package and reason."""
    for state in outcome.states:
        found = [row for row in earlier if row.state is state]
        for same in alike(found, lambda row: (row.baseline.instance, row.case, row.reason)):
            package = same[0].baseline.package
            ids = tuple(row.baseline.vulnerability for row in same)
            yield Rows(package.name, package.version, state.value, same[0].reason, ids)


def new_rows(new: Sequence[NewFinding]) -> Iterator[Rows]:
    """The new findings that are shown, by package and cause."""
    shown = [one.finding for one in new if one.shown]
    for same in alike(shown, lambda finding: (finding.instance, finding.priority, finding.cause)):
        first, ids = same[0], tuple(finding.vulnerability for finding in same)
        yield Rows(first.package.name, first.package.version, first.priority.value, first.cause, ids)


def head_lines(report: VerificationReport) -> Iterator[tuple[bool, str]]:
    """What to know first, a sentence each, and whether the result cannot be relied on without it."""
    verification = report.verification
    baseline, inventory, coverage = verification.baseline, verification.inventory, verification.findings.coverage
    if not coverage.covered:
        yield True, f"NOT COVERED: the feed has no advisories of {coverage.judged_as}. No packages were checked."
    if not baseline.covered:
        yield True, "The baseline's feed did not cover the release: every current finding is new."
    if verification.forced is not None:
        yield True, f"Verified although the baseline seems to be of another host: {verification.forced}."
    counts = {name: count for name, count in coverage.counts.items() if count}
    listed = ", ".join(f"{count} {name.value}" for name, count in counts.items())
    yield not _NOT_CHECKED.isdisjoint(counts), f"{counted(coverage.packages, 'package')} now: {listed or '0'}."
    for line in assumption_lines(coverage, inventory.distribution or coverage.judged_as, None):
        yield True, f"{line[:1].upper()}{line[1:]}"
    if inventory.running_kernel != baseline.running_kernel:
        before, now = (kernel or "not known" for kernel in (baseline.running_kernel, inventory.running_kernel))
        yield False, f"Running kernel {now}, in the baseline {before}."
    age = feed_age(coverage.feed_newest, report.on)
    yield False, f"{age[:1].upper()}{age[1:]}."


def not_shown(report: VerificationReport, new: Sequence[NewFinding], hidden: int) -> str:
    """How many findings are not listed, as a sentence. Empty where all are."""
    suppressed = sum(bool(one.statements) for one in new)
    by_choice = sum(one.hidden is not None for one in new)
    counts = (
        (suppressed, "new ones suppressed by statements"),
        (by_choice, "new ones hidden by choice"),
        (hidden, "earlier ones hidden by choice"),
    )
    parts = [f"{count} {what}" for count, what in counts if count]
    total = suppressed + by_choice + hidden
    return f"{counted(total, 'finding')} not listed: {', '.join(parts)}." if parts else ""
