"""What a verification report is made from, and which of its new findings are shown."""

from collections import Counter
from typing import TYPE_CHECKING, ClassVar

from advisories.models.findings import Finding
from advisories.models.frozen import Factory, field, frozen
from advisories.models.nouns import outlined
from advisories.models.packages import Package
from advisories.triage.cases import SETTLED
from advisories.triage.pipeline import Triaged
from advisories.triage.select import EVERYTHING, Hidden, hidden_for
from advisories.triage.verify import Verification, Verified

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from advisories.index.feed import Feed
    from advisories.models.statements import Statement

__all__ = ["NewFinding", "VerificationReport", "earlier_findings", "key", "new_findings", "standing_findings"]


@frozen
class VerificationReport:
    """A verification, and which of the current and earlier findings are shown.

    :ivar width: the columns that text is wrapped at. None for lines of any length.
    :ivar on: the day for which the age of the feed is computed. None leaves it out.
    :ivar chosen: the current findings that are shown, and by which selection. All of them by default.
    :ivar feed: the advisories, for what they leave open. None leaves that out.
    """

    verification: Verification
    width: int | None = None
    chosen: Triaged = Factory(lambda self: Triaged(self.verification.findings), takes_self=True)
    on: "date | None" = None
    feed: "Feed | None" = None

    what: ClassVar = "verification"


@frozen
class NewFinding:
    """A current finding that no baseline finding is paired with, and why it is not shown, if it is not.

    :ivar statements: those that suppress it.
    :ivar hidden: the choice that hides it.
    """

    finding: Finding
    statements: "tuple[Statement, ...]" = field(default=(), repr=outlined)
    hidden: Hidden | None = None

    @property
    def shown(self) -> bool:
        """Whether it is neither suppressed nor hidden."""
        return not self.statements and self.hidden is None


def new_findings(verification: Verification, chosen: Triaged) -> tuple[NewFinding, ...]:
    """The new findings, in their order, and which of them are shown."""
    by: dict[tuple[Package, str], tuple[Statement, ...]] = {}
    if chosen.suppression is not None:
        by = {key(one.finding): one.statements for one in chosen.suppression.suppressed}
    found: list[NewFinding] = []
    for finding in verification.new:
        statements = by.get(key(finding), ())
        found.append(NewFinding(finding, statements, None if statements else _hidden_for(finding, chosen)))
    return tuple(found)


def earlier_findings(
    verification: Verification, chosen: Triaged
) -> "tuple[tuple[Verified, ...], Mapping[Hidden, int]]":
    """The rows of the earlier findings that the selection shows, and how many it hides, by reason.

    A row is shown where its earlier finding fits the selection, or the current one that it is paired with.
    """
    shown: list[Verified] = []
    hidden = Counter[Hidden]()
    for row in verification.rows:
        reason = _hidden_for(row.baseline, chosen)
        if reason is None or (row.current is not None and _hidden_for(row.current, chosen) is None):
            shown.append(row)
        else:
            hidden[reason] += 1
    return tuple(shown), hidden


def standing_findings(verification: Verification, chosen: Triaged) -> "Iterator[Finding]":
    """The earlier findings that still stand, those that are not shown too: as they are now, else as they were.

    What statements suppress now does not stand, nor does what the baseline suppressed and has no current finding.
    """
    suppressed = set() if chosen.suppression is None else {key(one.finding) for one in chosen.suppression.suppressed}
    for row in verification.rows:
        if row.state not in SETTLED:
            is_suppressed = row.suppressed if row.current is None else key(row.current) in suppressed
            if not is_suppressed:
                yield row.current or row.baseline


def key(finding: Finding) -> tuple[Package, str]:
    """What no two findings of one match share."""
    return finding.package, finding.vulnerability


def _hidden_for(finding: Finding, chosen: Triaged) -> Hidden | None:
    return None if chosen.selection == EVERYTHING else hidden_for(finding, chosen.selection)
