"""Which revision of a VEX document counts, where several are given: what a later one leaves out holds no longer."""

from collections.abc import Iterable, Mapping
from typing import Final

import vercmp
from advisories.models.frozen import frozen
from advisories.models.statements import Revision

__all__ = ["NO_ORDER", "Standing", "standing_of"]

#: Why a statement is undecided that another revision does not have.
NO_ORDER: Final = "another revision of its document does not suppress it, and nothing shows which one is later"


@frozen
class Standing:
    """Where a revision stands among those of its document.

    :ivar is_old: whether a later one is given.
    :ivar latest: those that none is later than.
    :ivar rivals: those of the latest of which nothing shows whether they are later than this one. An old one has none.
    """

    is_old: bool
    latest: frozenset[Revision]
    rivals: frozenset[Revision]


def standing_of(revisions: Iterable[Revision]) -> Mapping[Revision, Standing]:
    """Where each of some revisions stands.

    A later revision has a higher version, and no earlier date. Those of one version are documents of their own that
    share an id: publishers number what they change, and Docker gives every document the same id.
    """
    by_document: dict[str, list[Revision]] = {}
    for one in dict.fromkeys(revisions):
        by_document.setdefault(one.document, []).append(one)
    found: dict[Revision, Standing] = {}
    for same in by_document.values():
        # Those of equal version and date stand in one place.
        places: dict[tuple[object, object], Revision] = {(one.version, one.date): one for one in same}
        latest = [one for one in places.values() if not any(_is_later(other, one) for other in places.values())]
        of_latest = {(one.version, one.date) for one in latest}
        whole = frozenset(one for one in same if (one.version, one.date) in of_latest)
        unclear = {one: [other for other in latest if _is_unclear(one, other)] for one in latest}
        for one in same:
            place = places[one.version, one.date]
            beside = {(other.version, other.date) for other in unclear.get(place, ())}
            rivals = frozenset(other for other in whole if other != one and (other.version, other.date) in beside)
            found[one] = Standing(one not in whole, whole, rivals)
    return found


def _is_later(one: Revision, other: Revision) -> bool:
    return _compared(one, other) == 1 and not _are_dated_otherwise(one, other)


def _is_unclear(one: Revision, other: Revision) -> bool:
    order = _compared(one, other)
    return order is None or (order != 0 and not _is_later(one, other) and not _is_later(other, one))


def _are_dated_otherwise(later: Revision, earlier: Revision) -> bool:
    return later.date is not None and earlier.date is not None and later.date < earlier.date


def _compared(one: Revision, other: Revision) -> int | None:
    """-1, 0 or 1 by their versions, or None where these cannot be compared."""
    if one.version is None or other.version is None:
        return None
    if one.version == other.version:
        return 0
    mine, theirs = _whole_number(one.version), _whole_number(other.version)
    if mine is not None and theirs is not None:
        return (mine > theirs) - (mine < theirs)
    try:
        return vercmp.compare(one.version, other.version, scheme="semver")
    except vercmp.InvalidVersion:
        return None


def _whole_number(version: str) -> tuple[int, str] | None:
    """What whole numbers of any length are ordered by. None for other versions."""
    digits = version.lstrip("0")
    return (len(digits), digits) if version.isascii() and version.isdecimal() else None
