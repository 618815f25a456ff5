"""The identity of an installed instance: what an earlier report and a current list have in common."""

from advisories.distros.kernels import installs_side_by_side
from advisories.models.packages import Package

__all__ = ["identified", "instance_of"]


def instance_of(package: Package) -> str:
    """The identity of an installed instance: type, name, architecture and location. Packages that install side by side
    have the version in it too.

    It is the stored one (:attr:`Package.instance <advisories.models.Package.instance>`) where a reader stored it.

    >>> instance_of(Package("rpm", "bash", "5.1.8-4.el9", "x86_64"))
    'rpm/bash/x86_64'
    >>> instance_of(Package("rpm", "kernel-core", "5.14.0-70.el9", "x86_64"))
    'rpm/kernel-core/x86_64/5.14.0-70.el9'
    """
    return package.instance or _computed(package)


def identified(packages: tuple[Package, ...]) -> tuple[Package, ...]:
    """These packages, each with its identity stored in it. For readers: nobody else holds the packages yet.

    >>> identified((Package("rpm", "bash", "5.1.8-4.el9", "x86_64"),))[0].instance
    'rpm/bash/x86_64'
    """
    store = object.__setattr__
    for package in packages:
        store(package, "instance", _computed(package))
    return packages


def _computed(package: Package) -> str:
    type, name, location = package.type, package.name, package.location
    text = f"{type}/{name}/{package.arch or '-'}"
    if type == "rpm" and installs_side_by_side(type, name):
        text = f"{text}/{package.version}"
    return f"{text}#{location}" if location else text
