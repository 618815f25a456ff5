"""What a report is made from."""

from typing import TYPE_CHECKING

from attrs import Factory, frozen

from advisories.index.feed import Feed
from advisories.models import Inventory
from advisories.models.findings import Findings
from advisories.reports.chosen import Chosen

if TYPE_CHECKING:
    from datetime import date

__all__ = ["Report"]


@frozen
class Report:
    """One match: what was given, what was found, and what of it is shown.

    :ivar findings: everything, with the coverage.
    :ivar width: columns to wrap text at; None where lines may be of any length (a pipe, a file).
    :ivar chosen: what of the findings is shown; as it comes, all of it.
    :ivar on: the day for which it is asked whether support has ended; None where nobody named one.
    """

    inventory: Inventory
    feed: Feed
    findings: Findings
    width: int | None = None
    chosen: Chosen = Factory(lambda self: Chosen(self.findings), takes_self=True)
    on: "date | None" = None
