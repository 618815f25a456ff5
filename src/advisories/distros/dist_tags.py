"""Dist tags: what a version shows of its builder, and of the release that it is for. The table is ``dist_tags.tsv``."""

import re
from functools import cache, lru_cache
from typing import Final

from advisories.models.distribution import Distribution
from advisories.models.facts import rows_of
from advisories.models.frozen import frozen

__all__ = ["is_of_another", "is_of_later_release", "numbers_of", "order_of_releases"]

_COLUMNS: Final = ("type", "builders", "numbered", "version", "release")


@frozen
class _Tag:
    """A row of the table.

    :ivar builders: the distributions whose packages have it.
    :ivar numbered: those of them whose releases it counts.
    :ivar release: from what the pattern found to the release. Empty where it shows none.
    """

    builders: frozenset[str]
    numbered: frozenset[str]
    pattern: re.Pattern[str]
    release: str


def is_of_another(type: str, version: str, distribution: Distribution) -> bool:
    """Whether a version has the dist tag of another distribution. Never on one whose versions have none.

    >>> debian, alma = Distribution("debian", "12"), Distribution("almalinux", "9")
    >>> is_of_another("deb", "5.2-2ubuntu1", debian), is_of_another("deb", "5.2-2+b7", debian)
    (True, False)
    >>> is_of_another("rpm", "5.2.15-3.fc38", alma), is_of_another("rpm", "5.1.8-9.el9", alma)
    (True, False)
    """
    found = _shown(type, version)
    return found is not None and distribution.id not in found[0].builders and distribution.id in _builders(type)


def is_of_later_release(type: str, version: str, distribution: Distribution) -> bool:
    """Whether a version has the dist tag of a later release of the same distribution, whose fixes have other versions.

    An earlier release's shows nothing: builds stay in the releases behind it.

    >>> debian = Distribution("debian", "12")
    >>> versions = "6.16-1+deb13u1", "6.16-1+deb13u1~deb12u1", "6.16-1+deb11u1"
    >>> [is_of_later_release("deb", version, debian) for version in versions]
    [True, False, False]
    """
    order = order_of_releases(type, version, distribution)
    return order is not None and order > 0


def order_of_releases(type: str, version: str, distribution: Distribution) -> int | None:
    """How the release of a version's dist tag stands to this one: 0 for the same, -1 earlier, 1 later.

    None where it has no tag that counts the releases of this distribution.

    >>> alma = Distribution("almalinux", "9")
    >>> [order_of_releases("rpm", version, alma) for version in ("1-1.el8_10", "1-1.el9_2", "1-1.el10", "1-1.fc40")]
    [-1, 0, 1, None]
    """
    found = _shown(type, version)
    if found is None or distribution.id not in found[0].numbered or distribution.release is None:
        return None
    return _order(found[1], distribution.release)


@lru_cache(maxsize=1 << 10)
def _order(shown_release: str, own_release: str) -> int | None:
    shown, own = numbers_of(shown_release), numbers_of(own_release)
    if not own:
        return None
    own = own[: len(shown)]
    return (shown > own) - (shown < own)


# Each version of a host is looked at for what it shows of its builder, and then of its release.
@lru_cache(maxsize=1 << 12)
def _shown(type: str, version: str) -> tuple[_Tag, str] | None:
    """The last dist tag of a version, and the release that it shows: a rebuild's stands behind the original's."""
    pattern = _any_tag(type)
    first = pattern.search(version) if pattern is not None else None
    return _last(type, version[first.start() :]) if first is not None else None


# Many versions have one end, such as ".el9".
@lru_cache(maxsize=1 << 12)
def _last(type: str, end: str) -> tuple[_Tag, str]:
    found = [(match, tag) for tag in _tags(type) for match in tag.pattern.finditer(end)]
    match, tag = max(found, key=lambda one: one[0].start())
    return tag, match.expand(tag.release)


def numbers_of(release: str) -> tuple[int, ...]:
    """The first two numbers of a release, at most. Empty for one without any, such as ``rolling``."""
    return tuple([int(part) for part in release.split(".") if part.isdecimal() and part.isascii()][:2])


@cache
def _tags(type: str) -> tuple[_Tag, ...]:
    rows = rows_of("advisories.distros", "dist_tags.tsv", _COLUMNS)
    return tuple(
        _Tag(frozenset(builders.split()), frozenset(numbered.split()), re.compile(version, re.ASCII), release)
        for of, builders, numbered, version, release, _ in rows
        if of == type
    )


@cache
def _any_tag(type: str) -> re.Pattern[str] | None:
    patterns = [tag.pattern.pattern for tag in _tags(type)]
    return re.compile("|".join(patterns), re.ASCII) if patterns else None


@cache
def _builders(type: str) -> frozenset[str]:
    return frozenset[str]().union(*[tag.builders for tag in _tags(type)])
