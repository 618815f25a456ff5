"""What a report is made from."""

from attrs import frozen

from advisories.feed import Feed
from advisories.models import Findings, Inventory

__all__ = ["Report"]


@frozen
class Report:
    """One match: what was given and what was found.

    :ivar width: columns to wrap text at; None where lines may be of any length (a pipe, a file).
    """

    inventory: Inventory
    feed: Feed
    findings: Findings
    width: int | None = None
