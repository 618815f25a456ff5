"""What a package shows of the release that its list is of: its dist tag, or that it is the package of the release.

Where few versions have a tag, the package that brings ``os-release`` has the release in its version. The table is
``release_packages.tsv``.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final

from advisories.distros.dist_tags import numbers_of, order_of_releases
from advisories.models.distribution import Distribution
from advisories.models.facts import rows_of
from advisories.models.findings import ReleaseMark
from advisories.models.packages import Package

__all__ = ["release_mark"]

_COLUMNS: Final = ("type", "distributions", "package", "version", "release")
_TAGS: Final = {-1: ReleaseMark.OTHER_TAG, 0: ReleaseMark.OWN_TAG, 1: ReleaseMark.OTHER_TAG, None: None}


def release_mark(package: Package, distribution: Distribution, *, of_derivative: bool = False) -> ReleaseMark | None:
    """What a package shows of the release of its list, beside this one. None for most packages of Debian and SUSE.

    :param distribution: the release that the list is judged as.
    :param of_derivative: whether the host is a derivative's, which may number its package of ``os-release`` anew.

    >>> one, two = Package("rpm", "bash", "5.1.8-9.el9"), Package("deb", "base-files", "11.1+deb11u11")
    >>> release_mark(one, Distribution("rocky", "8")), release_mark(two, Distribution("debian", "11"))
    (<ReleaseMark.OTHER_TAG: 'other-tag'>, <ReleaseMark.OWN_RELEASE: 'own-release'>)
    """
    of_release = _packages(package.type, distribution.id)
    if package.name in of_release and not of_derivative:
        shown = _release_of(package.version, of_release[package.name])
        own = numbers_of(distribution.release or "")
        if shown and own:
            return ReleaseMark.OWN_RELEASE if shown == own else ReleaseMark.OTHER_RELEASE
    return _TAGS[order_of_releases(package.type, package.version, distribution)]


def _release_of(version: str, patterns: Sequence[tuple[re.Pattern[str], str]]) -> tuple[int, ...]:
    for pattern, release in patterns:
        match = pattern.search(version)
        if match is not None:
            return numbers_of(match.expand(release))
    return ()


@cache
def _packages(type: str, id: str) -> Mapping[str, Sequence[tuple[re.Pattern[str], str]]]:
    """The packages of a distribution's releases, and what of their versions is the release."""
    found: dict[str, list[tuple[re.Pattern[str], str]]] = {}
    for of, ids, name, version, release, _ in rows_of("advisories.distros", "release_packages.tsv", _COLUMNS):
        if of == type and id in ids.split():
            found.setdefault(name, []).append((re.compile(version, re.ASCII), release))
    return found
