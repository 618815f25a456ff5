"""Lists whose columns are not what they are taken for: whatever stands in the place of a version has an order too.

Sizes and times are above every version, so that all would be clean (rule 0). What is looked for here stands in no list
that a package manager prints as it should be.
"""

from collections.abc import Sequence
from typing import Final

from advisories.distros.nevra import without_epoch
from advisories.models.packages import SYSTEM_TYPES, Package
from advisories.models.patterns import pattern

__all__ = ["why_mistaken"]

# The packages that show what all are, and how many names are needed for it.
_FIRST: Final = 200
_ENOUGH: Final = 10
# Digits of the size of a large package.
_KIBIBYTES: Final = 5
_BYTES: Final = 8
_DATE: Final = pattern(r"(?:19|20)[0-9]{2}-[0-1][0-9]-[0-3][0-9](?:[T ].*)?")
_TAG: Final = pattern(r"\.(?:(?:el|fc|amzn|cm|azl|ph|mga|oe|an|al)[0-9]|module[_+])")


def why_mistaken(packages: Sequence[Package]) -> str | None:
    """Why what stands in the place of versions cannot be versions. None where it can."""
    # A large package that shows what numbers are may be any of them.
    first = _of_system(packages[:_FIRST])
    if not _have_changed_places(first) and 2 * sum(map(_is_odd, first)) <= len(first):
        return None
    of_system = _of_system(packages)
    if _have_changed_places(of_system):
        return "versions stand in the place of releases, and releases in that of versions"
    if _are_numbers(of_system):
        return "other numbers, such as sizes, stand in the place of versions"
    return "dates stand in the place of versions" if _are_dates(of_system) else None


def _of_system(packages: Sequence[Package]) -> list[Package]:
    return [package for package in packages if package.type in SYSTEM_TYPES]


def _is_odd(package: Package) -> bool:
    """Whether a version is a date or a whole number, with a release or without."""
    return _DATE.fullmatch(package.version) is not None or _number_in(without_epoch(package.version)) is not None


def _number_in(version: str) -> str | None:
    number = version.partition("-")[0]
    return number if number.isdecimal() else None


def _have_changed_places(packages: Sequence[Package]) -> bool:
    """Whether most versions are the releases: they have the dist tag, or the source rpm has the two the other way."""
    changed = 0
    for package in packages:
        if package.type != "rpm":
            continue
        version, _, release = without_epoch(package.version).rpartition("-")
        is_tagged = _TAG.search(version) is not None and _TAG.search(release) is None
        changed += is_tagged or (version != release and package.source_version == f"{release}-{version}")
    return 2 * changed > len(packages)


def _are_numbers(packages: Sequence[Package]) -> bool:
    """Whether most versions are whole numbers that differ, and the greatest is none that a program would have."""
    versions = {package.name: without_epoch(package.version) for package in packages}
    numbers = [number for version in versions.values() if (number := _number_in(version)) is not None]
    if not _are_most(len(numbers), len(versions)) or 2 * len(set(numbers)) < len(numbers):
        return False
    # Nobody puts a release behind kibibytes.
    are_whole = sum(map(str.isdecimal, versions.values())) * 2 > len(numbers)
    return len(max(numbers, key=len)) >= (_KIBIBYTES if are_whole else _BYTES)


def _are_dates(packages: Sequence[Package]) -> bool:
    versions = {package.name: package.version for package in packages}
    return _are_most(sum(_DATE.fullmatch(version) is not None for version in versions.values()), len(versions))


def _are_most(some: int, names: int) -> bool:
    return some >= _ENOUGH and 4 * some >= 3 * names
