"""Which source package an entry of a list was built from, where the list shows that without naming it (rule 0).

dpkg and Syft leave the source package out where it has the package's own name. A list that names no source packages at
all shows nothing: there the source stays None, which means unknown, and never the package's own name.
"""

from typing import Final

from advisories.distros.nevra import without_epoch
from advisories.distros.rebuilds import without_rebuild
from advisories.models.frozen import evolve
from advisories.models.packages import Package
from advisories.models.reading import Skipped

__all__ = ["check_virtual", "fill_own_sources", "forget_filtered", "own_source"]

_VIRTUAL: Final = "virtual packages of apk, which hold no software"
# Packages of these types are built from source packages.
_BUILT: Final = frozenset(("apk", "deb", "rpm"))
_MANY: Final = 10


def own_source(package: Package) -> Package:
    """The package as built from a source package of its own name and version."""
    version = package.version
    if package.type == "rpm":  # as the file name of a source rpm, which shows no epoch
        return evolve(
            package, source_name=package.name, source_version=without_epoch(version), source_epoch_known=False
        )
    return evolve(package, source_name=package.name, source_version=without_rebuild(version) or None)


def fill_own_sources(packages: list[Package]) -> None:
    """Complete, in place, the packages of a list whose names leave out their own source.

    A package without a source is its own source where another one of its type has one. Where none has, the list does
    not show sources.
    """
    shown = {package.type for package in packages if package.source_name is not None} & _BUILT
    if shown:
        packages[:] = [
            own_source(package) if package.source_name is None and package.type in shown else package
            for package in packages
        ]


def forget_filtered(packages: list[Package]) -> None:
    """Forget, in place, the sources of the debs of a list in which each of many is its own source.

    Of so many some have a source of another name (``libc6`` is of glibc). Where none has, somebody filtered the list.
    """
    debs = [package for package in packages if package.type == "deb"]
    if len(debs) < _MANY or any(package.source_name != package.name for package in debs):
        return
    packages[:] = [
        evolve(package, source_name=None, source_version=None) if package.type == "deb" else package
        for package in packages
    ]


def check_virtual(name: str, *, is_described: bool = False) -> None:
    """Raise :class:`~advisories.models.reading.Skipped` for a virtual package of apk among those without origin.

    ``apk add --virtual NAME`` makes one to hold others together.

    :param is_described: whether its description shows that it is one, whatever its name.
    """
    if name.startswith(".") or is_described:
        raise Skipped(_VIRTUAL)
