"""Versions in the order of apk: ``1.20.3b_git20240229_p1~1a2b3c-r4``.

Source of the rules: apk-tools 3.0 (``apk_version_validate``, ``apk_version_compare``). apk-tools 2.14 orders all
versions alike that both accept. ``_apk.pyx`` holds the order itself and the layout of the keys.

Feeds hold some versions that apk-tools 2 accepts and apk-tools 3 refuses: ``6.6.2p1-r0``, ``10.2.22.r0``, ``1.18.-r2``.
The two tools order them differently, because apk-tools 3 stops at the offending character. So they have no order here,
and you get :exc:`vercmp.InvalidVersion` with the reason.
"""

from typing import NamedTuple

from vercmp._apk import compare, compare_many, sort_key, sort_keys
from vercmp._apk import parts as _parts

__all__ = ["ApkVersion", "compare", "compare_many", "sort_key", "sort_keys", "split", "validate"]


class ApkVersion(NamedTuple):
    """The parts of an apk version, as text. None is a missing part.

    :ivar numbers: the dotted numbers, ``1.20.3``.
    :ivar letter: ``b``.
    :ivar suffixes: with their numbers, ``_git20240229_p1``.
    :ivar hash: the hexadecimal digits after ``~``.
    :ivar revision: the number after ``-r``.
    """

    numbers: str
    letter: str | None
    suffixes: str | None
    hash: str | None
    revision: str | None


def split(version: str, /) -> ApkVersion:
    """Cut a version into its parts.

    >>> split("1.20.3b_git20240229_p1-r4")
    ApkVersion(numbers='1.20.3', letter='b', suffixes='_git20240229_p1', hash=None, revision='4')

    Raises :exc:`TypeError` and :exc:`vercmp.InvalidVersion` as :func:`compare`.
    """
    numbers, letter, suffixes, hash, revision = _parts(version)
    return ApkVersion(numbers, letter or None, suffixes or None, hash or None, revision or None)


def validate(version: str, /) -> tuple[str, ...]:
    """Raise :exc:`vercmp.InvalidVersion` where apk-tools 3 refuses the version, else return an empty tuple.

    apk-tools has no warnings, and it gives no reason for a refusal. The reasons are ours.

    >>> validate("6.6.2_p1-r0")
    ()
    >>> validate("1.18.-r2")
    Traceback (most recent call last):
        ...
    vercmp.errors.InvalidVersion: invalid apk version '1.18.-r2': no digit after a dot
    """
    _parts(version)
    return ()
