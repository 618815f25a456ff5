"""An installed instance's identity."""

from advisories.distros.kernels import RPM_SIDE_BY_SIDE
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
    if package.type == "rpm" and package.name in RPM_SIDE_BY_SIDE:
        parts.append(package.version)
    text = "/".join(parts)
    return f"{text}#{package.location}" if package.location else text
