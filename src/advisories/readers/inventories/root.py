"""A root file system as a folder: its package databases, and the files that name its release.

Links are followed as they would be inside the root: an absolute one begins at it, and none leads out of it.
"""

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from attrs import evolve

from advisories.distros.identity import identified
from advisories.models.distribution import Distribution, codenames_of
from advisories.models.errors import EmptySource, UnreadableSource
from advisories.models.packages import Inventory, Package
from advisories.readers.collector import Collector
from advisories.readers.inventories import apk_installed, dpkg_status, rpm_database, rpm_qa
from advisories.readers.inventories.locations import few_paths
from advisories.readers.listing import Listing
from advisories.readers.releases import (
    from_debian_version,
    from_os_release,
    from_release_file,
    is_sid,
    parse_os_release,
)
from advisories.sources.files import contents
from advisories.sources.limits import DEFAULT_LIMITS, Limits

__all__ = ["FORMAT", "distribution_of_root", "inside", "read_root"]

#: What the format of such an inventory is called.
FORMAT: Final = "root"

_DPKG_STATUS: Final = "var/lib/dpkg/status"
_DPKG_PARTS: Final = "var/lib/dpkg/status.d"
_SUMS: Final = ".md5sums"
_DPKG_LISTS: Final = "var/lib/dpkg/info"
_APK: Final = ("lib/apk/db/installed", "usr/lib/apk/db/installed")
_RPM_FOLDERS: Final = ("var/lib/rpm", "usr/lib/sysimage/rpm", "usr/share/rpm")
_RPM_FILES: Final = ("rpmdb.sqlite", "Packages.db", "Packages")
# The list that Azure Linux's distroless images have in a database's place.
_RPM_MANIFEST: Final = "var/lib/rpmmanifest/container-manifest-2"
# How much of a release file is read.
_MOST_OF_RELEASE: Final = 65536
# A link that leads to itself is given up after so many steps, as the kernel does.
_MOST_LINKS: Final = 40
_NO_DATABASE: Final = (
    "no package database of dpkg, rpm or apk where a root file system has it, such as var/lib/dpkg/status or "
    "lib/apk/db/installed; a database alone is named itself, not its folder"
)


def read_root(root: Path, limits: Limits = DEFAULT_LIMITS) -> Inventory:
    """The packages of every database below a root, and its distribution.

    Raises :class:`UnreadableSource` without a database, or for one that cannot be read, and
    :class:`~advisories.models.errors.EmptySource` where none lists an installed package.
    """
    listings = list(_listings(root, limits))
    if not listings:
        raise UnreadableSource(str(root), _NO_DATABASE)
    packages = tuple(package for listing in listings for package in listing.packages)
    if not any(package.state.on_disk for package in packages):
        raise EmptySource(str(root), "no installed package")
    distribution, where = distribution_of_root(root)
    if distribution is None:
        known = [listing for listing in listings if listing.distribution is not None]
        distribution, where = (known[0].distribution, known[0].distribution_source) if known else (None, None)
    collector = Collector(str(root))
    for listing in listings:
        collector.absorb(listing.report)
    return Inventory(
        distribution,
        identified(packages),
        source=str(root),
        format=FORMAT,
        distribution_source=where,
        report=collector.report(FORMAT),
    )


def distribution_of_root(root: Path) -> tuple[Distribution | None, str | None]:
    """The distribution of a root, and the file that shows it.

    A derivative keeps its parent's files beside its own. So the first file that names a distribution decides which one
    it is, and a later file may only add the release.
    """
    debian_version = _text(root, "etc/debian_version") or ""
    sources: tuple[tuple[str, Callable[[str], Distribution | None]], ...] = (
        ("etc/os-release", lambda text: from_os_release(parse_os_release(text), debian_version)),
        ("usr/lib/os-release", lambda text: from_os_release(parse_os_release(text), debian_version)),
        # Oracle's has a redhat-release too, in Red Hat's words.
        ("etc/oracle-release", from_release_file),
        ("etc/redhat-release", from_release_file),
        ("etc/system-release", from_release_file),
        ("etc/SuSE-release", from_release_file),
        ("etc/lsb-release", _of_lsb),
        ("etc/debian_version", from_debian_version),
        ("etc/alpine-release", from_release_file),
    )
    unsure: tuple[Distribution | None, str | None] = None, None
    for name, parse in sources:
        text = debian_version if name == "etc/debian_version" else _text(root, name)
        distribution = parse(text) if text is not None else None
        if distribution is None or (unsure[0] is not None and distribution.id != unsure[0].id):
            continue
        if distribution.release is not None:
            return distribution, name
        if is_sid(text or "") or (is_sid(debian_version) and codenames_of(distribution.id)):
            return distribution, name
        unsure = unsure if unsure[0] is not None else (distribution, name)
    return unsure


def _text(root: Path, name: str) -> str | None:
    path = inside(root, name)
    if path is None or not path.is_file():
        return None
    try:
        with path.open("rb") as stream:
            return stream.read(_MOST_OF_RELEASE).decode("utf-8", "replace")
    except OSError:
        return None


def _of_lsb(text: str) -> Distribution | None:
    fields = parse_os_release(text)
    return from_os_release({"ID": fields.get("DISTRIB_ID", ""), "VERSION_ID": fields.get("DISTRIB_RELEASE", "")})


def inside(root: Path, name: str) -> Path | None:
    """The path of a name below a root, with links followed as if the root were ``/``. None for an endless link."""
    parts = name.split("/")[::-1]
    found: list[str] = []
    links = 0
    while parts:
        part = parts.pop()
        if part in ("", "."):
            continue
        if part == "..":
            del found[-1:]
            continue
        path = Path(root, *found, part)
        try:
            is_link = stat.S_ISLNK(path.lstat().st_mode)
        except OSError:
            is_link = False
        if not is_link:
            found.append(part)
            continue
        links += 1
        if links > _MOST_LINKS:
            return None
        target = os.readlink(path)
        if target.startswith("/"):
            found.clear()
        parts += target.split("/")[::-1]
    return Path(root, *found)


def _listings(root: Path, limits: Limits) -> Iterator[Listing]:
    status = inside(root, _DPKG_STATUS)
    if status is not None and status.is_file() and status.stat().st_size:
        listing = dpkg_status.read(contents(status, limits), str(status))
        yield evolve(listing, packages=tuple(_located(package, root, limits) for package in listing.packages))
    parts = inside(root, _DPKG_PARTS)
    if parts is not None and parts.is_dir():
        for name in sorted(os.listdir(parts)):
            path = None if name.endswith(_SUMS) else inside(root, f"{_DPKG_PARTS}/{name}")
            if path is not None and path.is_file():
                listing = dpkg_status.read(contents(path, limits), str(path))
                locations = _files(root, f"{_DPKG_PARTS}/{name}{_SUMS}", limits)
                yield evolve(listing, packages=tuple(evolve(one, locations=locations) for one in listing.packages))
    for name in _APK:
        installed = inside(root, name)
        if installed is not None and installed.is_file() and installed.stat().st_size:
            yield apk_installed.read(contents(installed, limits), str(installed))
    found = _rpm_database(root)
    database, log = (inside(root, f"{found}{end}") if found else None for end in ("", "-wal"))
    if database is not None:
        logged = contents(log, limits) if log is not None and log.is_file() else None
        yield rpm_database.read_with_log(contents(database, limits), logged, str(database))
    manifest = inside(root, _RPM_MANIFEST)
    if database is None and manifest is not None and manifest.is_file() and manifest.stat().st_size:
        yield rpm_qa.read(contents(manifest, limits), str(manifest))


def _rpm_database(root: Path) -> str | None:
    """The one database: the newest kind, in the first of several folders that links make one."""
    for name in _RPM_FILES:
        for folder in _RPM_FOLDERS:
            path = inside(root, f"{folder}/{name}")
            if path is not None and path.is_file() and path.stat().st_size:
                return f"{folder}/{name}"
    return None


def _located(package: Package, root: Path, limits: Limits) -> Package:
    """With a few of the package's files, from dpkg's list of them."""
    for name in (f"{package.name}:{package.arch}", package.name):
        files = _files(root, f"{_DPKG_LISTS}/{name}.list", limits) if "/" not in name else ()
        if files:
            return evolve(package, locations=files)
    return package


def _files(root: Path, name: str, limits: Limits) -> tuple[str, ...]:
    """A few of the files in a list or checksums of dpkg. Empty without a readable list."""
    path = inside(root, name)
    if path is None or not path.is_file():
        return ()
    try:
        lines = contents(path, limits).decode("utf-8", "replace").splitlines()
    except UnreadableSource:
        return ()
    if name.endswith(_SUMS):
        return few_paths(f"/{line.partition('  ')[2]}" for line in lines if "  " in line)
    folders = {line.rpartition("/")[0] for line in lines} | {"/."}
    return few_paths(line for line in lines if line not in folders)
