"""What a report is made from."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from attrs import Factory, frozen

from advisories.feed import Feed
from advisories.findings import Findings
from advisories.models import Finding, Inventory, ReadReport

if TYPE_CHECKING:  # most reports need none of these
    from datetime import date

    from advisories.selection import Hidden
    from advisories.suppression import Suppression

__all__ = ["Report"]


@frozen
class Report:
    """One match: what was given, what was found, and what of it is shown.

    :ivar findings: everything, with the coverage.
    :ivar width: columns to wrap text at; None where lines may be of any length (a pipe, a file).
    :ivar shown: the findings that are neither set aside nor hidden.
    :ivar suppression: what statements did to the findings; None where there were none.
    :ivar hidden: how many findings are not shown by choice, by reason.
    :ivar statements_read: what the readers of statements kept and rejected.
    :ivar on: the day for which it is asked whether support has ended; None where nobody named one.
    """

    inventory: Inventory
    feed: Feed
    findings: Findings
    width: int | None = None
    shown: Sequence[Finding] = Factory(lambda self: self.findings, takes_self=True)
    suppression: "Suppression | None" = None
    hidden: "Mapping[Hidden, int]" = MappingProxyType({})
    statements_read: tuple[ReadReport, ...] = ()
    on: "date | None" = None
