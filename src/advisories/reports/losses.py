"""What a format of lists has no room for, of one list."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from advisories.distros.package_urls import package_url
from advisories.models.packages import Inventory, Package
from advisories.reports.lines import counted

__all__ = ["losses"]


def losses(inventory: Inventory, format: str) -> Iterator[str]:
    """What of a list is lost in a format that programs read, in sentences. Nothing for most formats.

    >>> bash = Package("rpm", "bash", "5.1-2.el9", vendor="AlmaLinux")
    >>> list(losses(Inventory(None, (bash,)), "purls")), list(losses(Inventory(None, (bash,)), "tsv"))
    (['it has no vendors (1 package)'], [])
    """
    if format != "purls":
        return
    installed = [package for package in inventory.packages if package.state.on_disk]
    left_out = len(inventory.packages) - len(installed)
    if left_out:
        yield f"it has no packages that are not installed ({left_out} left out)"
    for what, is_there in _NO_ROOM.items():
        count = sum(map(is_there, installed))
        if count:
            yield f"it has no {what} ({counted(count, 'package')})"
    for what, is_known in _TAKEN.items():
        count = len(installed) - sum(map(is_known, installed))
        if count:
            yield f"it has no mark for {what} that is not known ({counted(count, 'package')})"
    count = len(installed) - len({package_url(package, inventory.distribution) for package in installed})
    if count:
        yield f"it does not tell copies of one package apart ({counted(count, 'copy')})"


def _has_files(package: Package) -> bool:
    return bool(package.locations) or package.location is not None


_NO_ROOM: Final[Mapping[str, Callable[[Package], bool]]] = {
    "vendors": lambda package: package.vendor is not None,
    "repositories": lambda package: package.repository is not None,
    "maintainers": lambda package: package.maintainer is not None,
    "places of packages": _has_files,
    "layers of packages": lambda package: package.layer is not None,
    "times of installation": lambda package: package.installed_at is not None,
    "doubts about packages": lambda package: bool(package.doubts),
    "epochs of source packages": lambda package: package.type == "rpm" and ":" in (package.source_version or ""),
    "states of packages": lambda package: package.state != "installed",
}
# What is taken for something where nothing shows it.
_TAKEN: Final[Mapping[str, Callable[[Package], bool]]] = {
    "a module": lambda package: package.module.known,
}
