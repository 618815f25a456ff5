"""What a verification report is made from, and which of its new findings are shown."""

from typing import TYPE_CHECKING, ClassVar

from attrs import Factory, field, frozen

from advisories.models.findings import Finding
from advisories.models.nouns import outlined
from advisories.models.packages import Package
from advisories.triage.pipeline import Triaged
from advisories.triage.verify import Verification

if TYPE_CHECKING:
    from advisories.models.statements import Statement
    from advisories.triage.select import Hidden

__all__ = ["NewFinding", "VerificationReport", "key", "new_findings"]


@frozen
class VerificationReport:
    """A verification, and which of the current findings are shown.

    :ivar width: the columns that text is wrapped at. None for lines of any length.
    :ivar chosen: the current findings that are shown. All of them by default.
    """

    verification: Verification
    width: int | None = None
    chosen: Triaged = Factory(lambda self: Triaged(self.verification.findings), takes_self=True)

    what: ClassVar = "verification"


@frozen
class NewFinding:
    """A current finding that no baseline finding is paired with, and why it is not shown, if it is not.

    :ivar statements: those that suppress it.
    :ivar hidden: the choice that hides it.
    """

    finding: Finding
    statements: "tuple[Statement, ...]" = field(default=(), repr=outlined)
    hidden: "Hidden | None" = None

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


def key(finding: Finding) -> tuple[Package, str]:
    """What no two findings of one match share."""
    return finding.package, finding.vulnerability


def _hidden_for(finding: Finding, chosen: Triaged) -> "Hidden | None":
    from advisories.triage.select import hidden_for

    return hidden_for(finding, chosen.selection)
