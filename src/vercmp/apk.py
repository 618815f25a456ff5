"""Versions as apk orders them: ``1.20.3b_git20240229_p1~1a2b3c-r4``.

Source of the rules: apk-tools 3.0 (``apk_version_validate``, ``apk_version_compare``), which on the versions that it
takes agrees with apk-tools 2.14 wherever that takes them too. The order itself, and the layout of the keys, are in
``_apk.pyx``.

apk-tools 2 takes some texts that apk-tools 3 refuses, and they occur in feeds: ``6.6.2p1-r0``, ``10.2.22.r0``,
``1.18.-r2``. The two tools do not order them alike (apk-tools 3 reads nothing from the offending character on), so
there is no order for them to have: they are refused, with the reason, and never dropped.
"""

from typing import NamedTuple

from vercmp._apk import compare, compare_many, sort_key, sort_keys
from vercmp._apk import parts as _parts

__all__ = ["ApkVersion", "compare", "compare_many", "sort_key", "sort_keys", "split", "validate"]


class ApkVersion(NamedTuple):
    """The parts of an apk version, as text; None is a part that is not there.

    :ivar numbers: the dotted numbers, ``1.20.3``.
    :ivar letter: ``b``.
    :ivar suffixes: with their numbers, ``_git20240229_p1``.
    :ivar hash: what stands after ``~``.
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
    """Raise :exc:`vercmp.InvalidVersion` where apk-tools 3 refuses the version; its warnings otherwise: it has none.

    apk-tools says no more than that a version is invalid; the reasons are ours.

    >>> validate("6.6.2_p1-r0")
    ()
    >>> validate("1.18.-r2")
    Traceback (most recent call last):
        ...
    vercmp.errors.InvalidVersion: '1.18.-r2' is no apk version: no digit after a dot
    """
    _parts(version)
    return ()
