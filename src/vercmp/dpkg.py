"""Versions in the order of dpkg: ``[epoch:]version[-revision]``.

Source of the rules: libdpkg 1.21 (``parseversion``, ``dpkg_version_compare``) and deb-version(7). ``_dpkg.pyx`` holds
the order itself and the layout of the keys.
"""

from typing import NamedTuple

from vercmp._dpkg import compare, compare_many, sort_key, sort_keys
from vercmp._dpkg import parts as _parts

__all__ = ["DebianVersion", "compare", "compare_many", "sort_key", "sort_keys", "split", "validate"]


class DebianVersion(NamedTuple):
    """The parts of a dpkg version, as text. None is a missing part.

    :ivar epoch: the number before the first ``:``.
    :ivar version: the upstream version.
    :ivar revision: the Debian revision, after the last ``-``.
    """

    epoch: str | None
    version: str
    revision: str | None


def split(version: str, /) -> DebianVersion:
    """Cut a version into its parts as libdpkg's ``parseversion`` does, without the white space around it.

    >>> split("1:4.16.0-2+really2.41-5")
    DebianVersion(epoch='1', version='4.16.0-2+really2.41', revision='5')

    Raises :exc:`TypeError` and :exc:`vercmp.InvalidVersion` as :func:`compare`.
    """
    return DebianVersion(*_parts(version)[:3])


def validate(version: str, /) -> tuple[str, ...]:
    """Raise :exc:`vercmp.InvalidVersion` where dpkg refuses the version, else return its warnings.

    Reasons and warnings are dpkg's own words. dpkg stops at the first one, so you get one warning at most. A version
    with a warning still has its place in the order.

    >>> validate("1.0-1")
    ()
    >>> validate("v1.0")
    ('version number does not start with digit',)
    """
    warning = _parts(version)[3]
    return () if warning is None else (warning,)
