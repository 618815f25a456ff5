"""What a format of lists has no room for, of one list."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from advisories.distros.nevra import without_epoch
from advisories.distros.package_urls import package_url
from advisories.models.errors import MissingExtra
from advisories.models.packages import Inventory, Package
from advisories.models.reading import Skipped, Unreadable
from advisories.readers.inventories.carried import assumed_of
from advisories.readers.inventories.purl_list import completed, unknown_of
from advisories.readers.purls import package_of
from advisories.reports.lines import counted
from advisories.sources.purl import needs_library

__all__ = ["losses"]


def losses(inventory: Inventory, format: str) -> Iterator[str]:
    """What of a list is lost in a format that programs read, in sentences. Nothing for most lists in most formats.

    >>> bash = Package("rpm", "bash", "5.1-2.el9", vendor="AlmaLinux")
    >>> list(losses(Inventory(None, (bash,)), "purls")), list(losses(Inventory(None, (bash,)), "tsv"))
    (['it has no vendors (1 package)'], [])
    """
    if format == "text":
        return
    yield from _in_any(inventory)
    if format == "purls":
        yield from _in_package_urls(inventory)


def _in_any(inventory: Inventory) -> Iterator[str]:
    everything = (*inventory.packages, *[one.package for one in inventory.removed])
    count = sum(
        not (text.isprintable() and "\ufffd" not in text) for text in (f"{p.name}{p.version}" for p in everything)
    )
    if count:
        yield f"names and versions that cannot be printed are not read back ({counted(count, 'package')})"
    layers = {one.layer for one in everything if one.layer is not None} | {one.layer for one in inventory.removed}
    several = {digest for digest, times in Counter(layer.digest for layer in layers).items() if times > 1}
    count = sum(one.layer is not None and one.layer.digest in several for one in everything)
    if count:
        yield f"it does not tell layers of one digest apart ({counted(count, 'package')})"


def _in_package_urls(inventory: Inventory) -> Iterator[str]:
    installed = [package for package in inventory.packages if package.state.on_disk]
    left_out = len(inventory.packages) - len(installed)
    if left_out:
        yield f"it has no packages that are not installed ({left_out} left out)"
    urls = [package_url(package, inventory.distribution) for package in installed]
    try:
        needs_library("purls")
    except MissingExtra as error:
        yield f"what it loses is not known: {error.why}"
        return
    there, back = _read_back(installed, urls)
    if len(there) < len(installed):
        count = len(installed) - len(there)
        yield f"package URLs of a type without an order here, or of such a name, are not read back ({count} left out)"
    found: Counter[str] = Counter()
    for package, other in zip(there, back, strict=True):
        found.update(_lost(package, other))
    for what in (*_NO_ROOM, *_SOURCES, *_OTHERS):
        if found[what]:
            yield f"it has {what} ({counted(found[what], 'package')})"
    count = len(urls) - len(set(urls))
    if count:
        yield f"it does not tell copies of one package apart ({counted(count, 'copy')})"


def _read_back(packages: Sequence[Package], urls: Sequence[str]) -> tuple[list[Package], list[Package]]:
    """The packages whose URLs are read, and what is read of them."""
    there: list[Package] = []
    back: list[Package] = []
    for package, url in zip(packages, urls, strict=True):
        try:
            back.append(package_of(url))
        except (Skipped, Unreadable):
            continue
        there.append(package)
    completed(back, unknown_of(packages), assumed_of(packages))
    return there, back


def _lost(package: Package, other: Package) -> Iterator[str]:
    """What is lost of a package, as its URL is read back."""
    for what, names in _NO_ROOM.items():
        if any(getattr(package, name) != getattr(other, name) for name in names):
            yield what
    if package.epoch_known != other.epoch_known:
        yield _EPOCHS
    if package.module != other.module:
        yield _STREAMS if package.module.known else _STREAMS_UNKNOWN
    if (package.source_name, _bare(package)) != (other.source_name, _bare(other)):
        yield _SOURCE
    elif package.source_name is not None and _epoch(package) != _epoch(other):
        yield _SOURCE_EPOCHS


def _epoch(package: Package) -> tuple[str | None, bool]:
    return package.source_version, package.source_epoch_known


def _bare(package: Package) -> str | None:
    version = package.source_version
    return without_epoch(version) if version is not None and package.type == "rpm" else version


# What there is no room for, and in which fields it is.
_NO_ROOM: Final = {
    "another spelling of names": ("name",),
    "another spelling of versions": ("version",),
    "no architectures": ("arch",),
    "no vendors": ("vendor",),
    "no repositories": ("repository",),
    "no maintainers": ("maintainer",),
    "no places of packages": ("location", "locations"),
    "no layers of packages": ("layer",),
    "no times of installation": ("installed_at",),
    "no doubts about packages": ("doubts",),
    "no states of packages": ("state",),
}
_SOURCE: Final = "other sources, or none"
_SOURCE_EPOCHS: Final = "no epochs of source packages"
_SOURCES: Final = (_SOURCE, _SOURCE_EPOCHS)
_EPOCHS: Final = "no mark for an epoch that is known, beside others that are not"
_STREAMS: Final = "no module streams"
_STREAMS_UNKNOWN: Final = "no mark for a module that is not known"
_OTHERS: Final = (_EPOCHS, _STREAMS, _STREAMS_UNKNOWN)
