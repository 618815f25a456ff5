"""An installed instance's identity."""

from advisories.distros.kernels import installs_side_by_side
from advisories.models import Package

__all__ = ["identity"]


def identity(package: Package) -> str:
    """The identity of an installed instance: type, name, architecture, location; for packages that install side by
    side the version too.

    >>> identity(Package("rpm", "bash", "5.1.8-4.el9", "x86_64"))
    'rpm/bash/x86_64'
    >>> identity(Package("rpm", "kernel-core", "5.14.0-70.el9", "x86_64"))
    'rpm/kernel-core/x86_64/5.14.0-70.el9'
    """
    parts = [package.type, package.name, package.arch or "-"]
    if installs_side_by_side(package.type, package.name):
        parts.append(package.version)
    text = "/".join(parts)
    return f"{text}#{package.location}" if package.location else text
