"""Versions in the order of Semantic Versioning: ``1.20.3-rc.1+build.5``.

Source of the rules: the specification, version 2.0.0. Versions are exactly those of its grammar: no leading ``v``, no
blanks, three numbers. Numbers and identifiers have any length. ``_semver.pyx`` holds the order itself and the layout of
the keys.

Programs differ from it in a few points, and the specification decides. npm takes a leading ``v`` and blanks around, and
refuses versions of more than 256 characters and the three numbers above 2**53 - 1. Cargo refuses the three numbers from
2**64 on. Go needs the ``v``, and takes ``v1`` and ``v1.2``.
"""

from typing import NamedTuple

from vercmp._semver import compare, compare_many, sort_key, sort_keys
from vercmp._semver import parts as _parts

__all__ = ["SemVer", "compare", "compare_many", "sort_key", "sort_keys", "split", "validate"]


class SemVer(NamedTuple):
    """The parts of a version, as text. None is a missing part.

    :ivar major: the first number.
    :ivar minor: the second number.
    :ivar patch: the third number.
    :ivar prerelease: the identifiers after ``-``, ``rc.1``.
    :ivar build: the identifiers after ``+``, ``build.5``.
    """

    major: str
    minor: str
    patch: str
    prerelease: str | None
    build: str | None


def split(version: str, /) -> SemVer:
    """Cut a version into its parts.

    >>> split("1.20.3-rc.1+build.5")
    SemVer(major='1', minor='20', patch='3', prerelease='rc.1', build='build.5')

    Raises :exc:`TypeError` and :exc:`vercmp.InvalidVersion` as :func:`compare`.
    """
    major, minor, patch, prerelease, build = _parts(version)
    return SemVer(major, minor, patch, prerelease or None, build or None)


def validate(version: str, /) -> tuple[str, ...]:
    """Raise :exc:`vercmp.InvalidVersion` where the specification has no such version, else return an empty tuple.

    The specification has no warnings. The reasons are ours.

    >>> validate("1.20.3-rc.1")
    ()
    >>> validate("1.20")
    Traceback (most recent call last):
        ...
    vercmp.errors.InvalidVersion: invalid semver version '1.20': fewer than three numbers
    >>> validate("1.20.3-rc.01")
    Traceback (most recent call last):
        ...
    vercmp.errors.InvalidVersion: invalid semver version '1.20.3-rc.01': number with a leading zero
    """
    _parts(version)
    return ()
