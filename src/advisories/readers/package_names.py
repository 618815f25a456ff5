"""Names and versions that no package can have are refused (:mod:`advisories.distros.package_names`)."""

from advisories.distros.package_names import is_evr, is_name
from advisories.models.reading import Unreadable

__all__ = ["check_evr", "check_name"]


def check_name(type: str, name: str) -> None:
    """Raise :class:`~advisories.models.reading.Unreadable` for what no package of a system's manager can be named.

    Names of other types are anything.
    """
    if not is_name(type, name):
        raise Unreadable(f"not a package name: {name[:40]!a}")


def check_evr(evr: str) -> None:
    """Raise :class:`~advisories.models.reading.Unreadable` for what no version and release of rpm can be."""
    if not is_evr(evr):
        raise Unreadable(f"not a version and release: {evr[:40]!a}")
