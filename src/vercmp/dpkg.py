"""Versions as dpkg orders them: ``[epoch:]version[-revision]``.

Source of the rules: libdpkg 1.21 (``parseversion``, ``dpkg_version_compare``) and deb-version(7). The order itself, and
the layout of the keys, are in ``_dpkg.pyx``.
"""

from typing import NamedTuple

from vercmp._dpkg import compare, compare_many, sort_key, sort_keys
from vercmp._dpkg import parts as _parts

__all__ = ["DebianVersion", "compare", "compare_many", "sort_key", "sort_keys", "split", "validate"]


class DebianVersion(NamedTuple):
    """The parts of a dpkg version, as text; None is a part that is not there.

    ``version`` is the upstream version, ``revision`` the Debian revision: deb-version(7).
    """

    epoch: str | None
    version: str
    revision: str | None


def split(version: str, /) -> DebianVersion:
    """Cut a version into its parts as libdpkg's ``parseversion`` does; white space around it is not part of it.

    >>> split("1:4.16.0-2+really2.41-5")
    DebianVersion(epoch='1', version='4.16.0-2+really2.41', revision='5')

    Raises :exc:`TypeError` and :exc:`vercmp.InvalidVersion` as :func:`compare`.
    """
    return DebianVersion(*_parts(version)[:3])


def validate(version: str, /) -> tuple[str, ...]:
    """Raise :exc:`vercmp.InvalidVersion` where dpkg makes an error of the version; else its warnings.

    Reasons and warnings are dpkg's own words. It stops at the first, so there is one warning at most; a version it
    warns of is still ordered.

    >>> validate("1.0-1")
    ()
    >>> validate("v1.0")
    ('version number does not start with digit',)
    """
    warning = _parts(version)[3]
    return () if warning is None else (warning,)
