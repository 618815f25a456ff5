"""Versions in the order of RubyGems: ``1.20.3.rc1``.

Source of the rules: ``Gem::Version`` of RubyGems 3.3 (``correct?``, ``segments``, ``canonical_segments``, ``<=>``).
``_gem.pyx`` holds the order itself and the layout of the keys.

RubyGems 3.6 differs in one point: where no zeros stand before the first letters, it leaves out the first zeros behind a
dot before later letters. So ``1.a.0.b`` is ``1.a.b`` there, and above it here.
"""

from typing import NamedTuple

from vercmp._gem import compare, compare_many, sort_key, sort_keys
from vercmp._gem import parts as _parts

__all__ = ["GemVersion", "compare", "compare_many", "sort_key", "sort_keys", "split", "validate"]


class GemVersion(NamedTuple):
    """The parts of a version, as text. None is a missing part.

    :ivar release: the numbers before the first letter or dash, ``1.20.3``.
    :ivar prerelease: the rest, ``rc1``. A dash before it is part of it, because RubyGems reads ``.pre.``.
    """

    release: str
    prerelease: str | None


def split(version: str, /) -> GemVersion:
    """Cut a version into its parts, without the white space around it.

    >>> split("1.20.3.rc1")
    GemVersion(release='1.20.3', prerelease='rc1')
    >>> split("1.20.3-1")
    GemVersion(release='1.20.3', prerelease='-1')

    Raises :exc:`TypeError` and :exc:`vercmp.InvalidVersion` as :func:`compare`.
    """
    text, letters = _parts(version)
    return GemVersion(text[:letters].rstrip("."), text[letters:] or None)


def validate(version: str, /) -> tuple[str, ...]:
    """Raise :exc:`vercmp.InvalidVersion` where RubyGems refuses the version, else return an empty tuple.

    RubyGems has no warnings, and it gives no reason for a refusal. The reasons are ours. An empty version is ``0``, as
    RubyGems has it.

    >>> validate("1.20.3-x86")
    ()
    >>> validate("1.20.3_1")
    Traceback (most recent call last):
        ...
    vercmp.errors.InvalidVersion: invalid gem version '1.20.3_1': character that no version holds
    """
    _parts(version)
    return ()
