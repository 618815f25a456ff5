"""What no publisher means, whatever the format: names that no package has, machines that there are not, ranges that end
before they begin.

A reader takes such an entry as it stands. Here it stays and loses what makes it hold nothing, or it is counted as lost:
a package that no record concerns any more would be clean (rule 0).
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, Final

import vercmp
from advisories.distros.machines import MACHINES
from advisories.models.advisories import Advisory, Affected, Range
from advisories.models.frozen import evolve
from advisories.models.packages import SCHEME_OF_TYPE
from advisories.models.reading import Extent, Loss, Rejection
from advisories.sources.json import SHOWN

__all__ = ["without_doubtful"]

_WORDS: Final = MACHINES | {"noarch", "all", "any", "src", "nosrc", "source"}
# What stands in no package's name, whatever manages it.
_ODD: Final = re.compile(r"[ ,;\"<>|]")
# What stands in no version and has a place in rpm's order all the same, and a version with a letter in front: rpm has
# that below every number.
_ODD_VERSION: Final = re.compile(r"[^\0!#-+\-.-:=?-Z\[-`a-{}~\ud800-\udfff]|\A(?:[0-9]+:)?[vV][0-9]", re.ASCII)


def without_doubtful(items: Iterable[Any], source: str) -> list[Any]:
    """The items of a reader. Behind an advisory stands what was refused of it here.

    Entries of withdrawn advisories concern nobody, and nothing is lost with them.
    """
    found: list[Any] = []
    for item in items:
        if item.__class__ is Advisory and item.withdrawn is None:
            doubtful = [number for number, one in enumerate(item.affected) if _is_doubtful(one)]
            if doubtful:
                remarks: dict[Rejection, None] = {}
                kept = list(item.affected)
                for number in reversed(doubtful):
                    kept[number : number + 1] = _mended(kept[number], item.id, source, remarks)
                found.append(evolve(item, affected=tuple(kept)))
                found.extend(reversed(remarks))
                continue
        found.append(item)
    return found


def _is_doubtful(one: Affected) -> bool:
    """Whether an entry needs a second look. Nearly none does, and there are millions."""
    type = one.type
    for bounds in one.ranges:
        first, end = bounds.introduced, bounds.last_affected if bounds.fixed is None else bounds.fixed
        if type == "rpm" and (_is_odd_version(end) or _is_odd_version(first)):
            return True
        if first is not None and _is_upside_down(type, first, end):
            return True
    return _is_odd_name(one.package) or (bool(one.arches) and not _are_known(one.arches))


# Releases have the same names, and advisories the same version for many names.
@lru_cache(maxsize=1 << 14)
def _is_odd_name(name: str) -> bool:
    return _ODD.search(name) is not None


@lru_cache(maxsize=1 << 12)
def _is_odd_version(version: str | None) -> bool:
    return version is not None and _ODD_VERSION.search(version) is not None


@lru_cache(maxsize=1 << 10)
def _are_known(arches: tuple[str, ...]) -> bool:
    return _WORDS.issuperset(arches)


def _mended(one: Affected, id: str, source: str, remarks: dict[Rejection, None]) -> Iterator[Affected]:
    """What is left of an entry. What was refused of it is added."""
    if _is_odd_name(one.package):
        name = one.package.strip()
        lost = Loss(None if _ODD.search(name) else name or None, one.distribution)
        why = f"not the name of a package: {one.package[:SHOWN]!a}"
        remarks[Rejection(source, "-", id, why, Extent.PART, () if one.negative else (lost,))] = None
        return
    if not _are_known(one.arches):
        word = next(arch for arch in one.arches if arch not in _WORDS)
        remarks[Rejection(source, "-", id, f"an architecture that is not known: {word[:SHOWN]!a}", Extent.PART)] = None
        if one.negative:
            return  # what is not sure removes nothing
        one = evolve(one, arches=())
    if one.type == "rpm":
        one = evolve(one, ranges=tuple([_without_blanks(bounds) for bounds in one.ranges]))
    why = next((why for bounds in one.ranges if (why := _why(one.type, bounds))), "")
    if why:
        losses = () if one.negative else (Loss(one.package, one.distribution),)
        remarks[Rejection(source, "-", id, f"{one.package}: {why}", Extent.PART, losses)] = None
    yield one


def _without_blanks(bounds: Range) -> Range:
    """A range whose versions have no blanks around them, which say nothing."""
    first, fixed, last = bounds.introduced, bounds.fixed, bounds.last_affected
    return Range(first and first.strip(), fixed and fixed.strip(), last and last.strip(), bounds.limit)


def _why(type: str, bounds: Range) -> str:
    """Why a range cannot be meant so. Empty where it can.

    rpm alone has a place for whatever stands there. Of the others matching finds what has none (rule 14).
    """
    first, end = bounds.introduced, bounds.last_affected if bounds.fixed is None else bounds.fixed
    if type == "rpm":
        for one in (first, end):
            if one is not None and _is_odd_version(one):
                return f"not a version: {one[:SHOWN]!a}"
    return "a range that ends before it begins" if first is not None and _is_upside_down(type, first, end) else ""


def _is_upside_down(type: str, first: str, end: str | None) -> bool:
    scheme = SCHEME_OF_TYPE.get(type)
    if end is None or end == "0" or scheme is None:
        return False
    try:
        return vercmp.compare(first, end, scheme=scheme) > 0
    except vercmp.InvalidVersion:
        return False
