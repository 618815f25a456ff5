"""The findings that a report shows, and the reasons why it does not show the others."""

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
    """The findings that are shown, and what happened to the others: none is lost.

    :ivar shown: the findings that are neither suppressed nor hidden.
    :ivar suppression: the effect of statements on the findings. None without statements.
    :ivar hidden: how many findings are hidden by choice, by reason.
    :ivar statements_read: what the readers of statements kept and rejected. The suppression has the kept ones in
        this order.
    :ivar selection: the choice of what to show. None for everything.
    """

    shown: Sequence[Finding]
    suppression: "Suppression | None" = None
    hidden: "Mapping[Hidden, int]" = MappingProxyType({})
    statements_read: tuple[ReadReport, ...] = ()
    selection: "Selection | None" = None

    def by_source(self) -> "Iterator[tuple[ReadReport, Sequence[StatementReport]]]":
        """Each source of statements with the outcomes of its statements."""
        reports = iter(self.suppression.statements if self.suppression else ())
        for read in self.statements_read:
            yield read, tuple(islice(reports, read.kept))
