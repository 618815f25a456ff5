"""How soon to act on a finding: the table of priorities as data, first row that fits.

The rows that follow from what an exploit gains need vectors; these are the rows for where there is none: the
vendor's word, and what is assumed where nobody says anything. Of several advisories the most urgent word counts.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from attrs import frozen

from advisories.models import Advisory, Basis, Priority

__all__ = ["ASSUMED", "RATINGS", "Assessment", "Row", "assess"]


@frozen
class Row:
    """A row of the table: its id, the words or signals it is for, and what follows."""

    rule: str
    when: str
    priority: Priority
    basis: Basis


@frozen
class Assessment:
    """The priority of a finding, the row it comes from, and the reason as a sentence.

    :ivar score: the CVSS base score; None where there is no vector.
    """

    priority: Priority
    rule: str
    basis: Basis
    why: str
    score: float | None = None


_V1: Final = Row("V1", "the vendor says critical, important or high", Priority.HIGH, Basis.VENDOR_RATING)
_V2: Final = Row("V2", "the vendor says moderate or medium", Priority.MEDIUM, Basis.VENDOR_RATING)
_V3: Final = Row("V3", "the vendor says low, negligible, minor or unimportant", Priority.LOW, Basis.VENDOR_RATING)
#: The row for where there is nothing to go by; counted apart by its basis.
ASSUMED: Final = Row("A0", "nobody says anything", Priority.MEDIUM, Basis.ASSUMED)

#: Vendors' severity words, lower case, and the row of each. Any other word says nothing.
RATINGS: Final[Mapping[str, Row]] = MappingProxyType(
    {
        "critical": _V1,
        "important": _V1,
        "high": _V1,
        "moderate": _V2,
        "medium": _V2,
        "low": _V3,
        "negligible": _V3,
        "minor": _V3,
        "unimportant": _V3,
    }
)


def assess(advisories: Iterable[Advisory]) -> Assessment:
    """The priority of what these advisories say of one vulnerability; the same for any order of them."""
    said = [(RATINGS[advisory.rating or ""], advisory) for advisory in advisories if advisory.rating in RATINGS]
    if not said:
        return Assessment(ASSUMED.priority, ASSUMED.rule, ASSUMED.basis, ASSUMED.when)
    row, advisory = min(said, key=lambda pair: (pair[0].priority.rank, pair[1].id))
    return Assessment(row.priority, row.rule, row.basis, f"{advisory.id} is rated {advisory.rating}")
