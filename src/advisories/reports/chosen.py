"""What of some findings a report shows, and what became of the others."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING

from attrs import frozen

from advisories.models import Finding, ReadReport

if TYPE_CHECKING:  # most reports need neither
    from advisories.triage.select import Hidden, Selection
    from advisories.triage.suppress import StatementReport, Suppression

__all__ = ["Chosen"]


@frozen
class Chosen:
    """What of some findings is shown, and what became of the others: none is lost.

    :ivar shown: the findings that are neither set aside nor hidden.
    :ivar suppression: what statements did to the findings; None where there were none.
    :ivar hidden: how many findings are not shown by choice, by reason.
    :ivar statements_read: what the readers of statements kept and rejected; the statements they kept are those of the
        suppression, in this order.
    :ivar selection: what was to be shown; None where that was everything.
    """

    shown: Sequence[Finding]
    suppression: "Suppression | None" = None
    hidden: "Mapping[Hidden, int]" = MappingProxyType({})
    statements_read: tuple[ReadReport, ...] = ()
    selection: "Selection | None" = None

    def by_source(self) -> "Iterator[tuple[ReadReport, Sequence[StatementReport]]]":
        """What became of the statements of each source."""
        reports = iter(self.suppression.statements if self.suppression else ())
        for read in self.statements_read:
            yield read, tuple(islice(reports, read.kept))
