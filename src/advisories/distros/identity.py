"""The identity of an installed instance: what an earlier report and a current list have in common."""

from advisories.distros.kernels import side_by_side_rpms
from advisories.models.packages import Package

__all__ = ["identified", "instance_of"]


def instance_of(package: Package) -> str:
    """The identity of an installed instance: type, name, architecture and location. Packages that install side by side
    have the version in it too, and so have crates: a program may have two versions of one.

    It is the stored one (`Package.instance`) where a reader stored it.

    >>> instance_of(Package("rpm", "bash", "5.1.8-4.el9", "x86_64"))
    'rpm/bash/x86_64'
    >>> instance_of(Package("rpm", "kernel-core", "5.14.0-70.el9", "x86_64"))
    'rpm/kernel-core/x86_64/5.14.0-70.el9'
    """
    return package.instance or _computed(package, side_by_side_rpms())


def identified(packages: tuple[Package, ...]) -> tuple[Package, ...]:
    """These packages, each with its identity stored in it. For readers: nobody else holds the packages yet.

    >>> identified((Package("rpm", "bash", "5.1.8-4.el9", "x86_64"),))[0].instance
    'rpm/bash/x86_64'
    """
    store, side_by_side = object.__setattr__, side_by_side_rpms()
    for package in packages:
        store(package, "instance", _computed(package, side_by_side))
    return packages


def _computed(package: Package, side_by_side: frozenset[str]) -> str:
    text = f"{package.type}/{package.name}/{package.arch or '-'}"
    if package.type == "cargo" or (package.name in side_by_side and package.type == "rpm"):
        text = f"{text}/{package.version}"
    return f"{text}#{package.location}" if package.location else text
