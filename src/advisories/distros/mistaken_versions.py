"""Lists whose columns are not what they are taken for: whatever stands in the place of a version has an order too.

Sizes and times are above every version, so that all would be clean (rule 0). What is looked for here stands in no list
that a package manager prints as it should be.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

from advisories.models.packages import SYSTEM_TYPES, Package
from advisories.models.patterns import pattern

__all__ = [
    "BYTES",
    "ENOUGH_ODD",
    "KIBIBYTES",
    "Odd",
    "OddKind",
    "is_of_system",
    "odd_of",
    "why_mistaken",
    "why_mistaken_of",
]

#: So many names with a date or a number show what all of a list are.
ENOUGH_ODD: Final = 10
#: Digits of the size of a large package, in kibibytes and in bytes.
KIBIBYTES: Final = 5
BYTES: Final = 8
# The packages of a list that are looked at before all are.
_FIRST: Final = 200
_DATE: Final = pattern(r"(?:19|20)[0-9]{2}-[0-1][0-9]-[0-3][0-9](?:[T ].*)?")
_TAG: Final = pattern(r"\.(?:(?:el|fc|amzn|cm|azl|ph|mga|oe|an|al)[0-9]|module[_+])")


class OddKind(StrEnum):
    """What a version may be instead."""

    #: A release, whose version stands behind it.
    RELEASE = "release"
    DATE = "date"
    #: A whole number with a release, and
    NUMBER = "number"
    #: without one.
    WHOLE = "whole-number"


class Odd(NamedTuple):
    """A version that few packages have, and what it may be instead. `number` is empty where it is no number."""

    kind: OddKind
    number: str = ""


_RELEASE: Final = Odd(OddKind.RELEASE)
_DAY: Final = Odd(OddKind.DATE)


def is_of_system(package: Package) -> bool:
    """Whether a package is there, and of a type of any system."""
    return package.type in SYSTEM_TYPES and package.state.on_disk


def odd_of(package: Package) -> Odd | None:
    """What the version of a package of a system may be instead. None for what is like any version."""
    version = package.version
    if ":" in version:
        version = _without_epoch(version)
    if package.type == "rpm" and _has_changed_places(version, package.source_version):
        return _RELEASE
    number, dash, _ = version.partition("-")
    if not number.isdecimal():
        return None
    if not dash:
        return Odd(OddKind.WHOLE, number)
    return _DAY if _DATE.fullmatch(version) is not None else Odd(OddKind.NUMBER, number)


def _has_changed_places(version: str, source: str | None) -> bool:
    tag = _TAG.search(version)
    if tag is not None and version.find("-", tag.end()) < 0:
        return False
    upstream, _, release = version.rpartition("-")
    if tag is not None and _TAG.search(release) is None:
        return True
    # The source rpm has the two the other way.
    return source is not None and upstream != release and _without_epoch(source) == f"{release}-{upstream}"


def _without_epoch(version: str) -> str:
    epoch, colon, rest = version.partition(":")
    return rest if colon and epoch.isdecimal() else version


def why_mistaken(packages: Sequence[Package]) -> str | None:
    """Why what stands in the place of versions cannot be versions. None where it can."""
    # A large package that shows what numbers are may be any of them.
    first = [package for package in packages[:_FIRST] if is_of_system(package)]
    if 2 * sum(odd_of(package) is not None for package in first) <= len(first):
        return None
    of_system = [package for package in packages if is_of_system(package)]
    return why_mistaken_of(of_system, {package: odd for package in of_system if (odd := odd_of(package)) is not None})


def why_mistaken_of(packages: Iterable[Package], odd: Mapping[Package, Odd]) -> str | None:
    """:func:`why_mistaken` of packages of a system, of which the odd ones are known.

    What is true of so many of them is in SQL too: :func:`advisories.engines.judging.doubts_of_list`.
    """
    count, names = 0, set[str]()
    for package in packages:
        count += 1
        names.add(package.name)
    if 2 * sum(one.kind is OddKind.RELEASE for one in odd.values()) > count:
        return "versions stand in the place of releases, and releases in that of versions"
    dates = {package.name for package, one in odd.items() if one.kind is OddKind.DATE}
    if _are_most(len(dates), len(names)):
        return "dates stand in the place of versions"
    named = {package.name for package, one in odd.items() if one.number}
    numbers = {one.number for one in odd.values() if one.number}
    if not _are_most(len(named), len(names)) or 2 * len(numbers) < len(named):
        return None
    # Nobody puts a release behind kibibytes.
    whole = {package.name for package, one in odd.items() if one.kind is OddKind.WHOLE}
    if max(map(len, numbers)) < (KIBIBYTES if 2 * len(whole) > len(named) else BYTES):
        return None
    return "other numbers, such as sizes, stand in the place of versions"


def _are_most(some: int, names: int) -> bool:
    return some >= ENOUGH_ODD and 4 * some >= 3 * names
