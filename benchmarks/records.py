"""Versions out of the archives of real data, each archive read once and what it says kept as lines in a cache.

The data is no part of the repository: it is looked for in a folder ``shared`` beside the checkout.
"""

import json
import shutil
import tarfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
CACHE = ROOT / "build" / "benchmarks"

Row = tuple[str, ...]
Members = Iterator[tuple[str, IO[bytes]]]


def fixed_versions() -> list[Row] | None:
    """``(ecosystem, package, fixed version)`` of AlmaLinux's advisories, as they list them; None without the data."""
    return _cached("feeds/almalinux-osv", "fixed", _fixed_versions)


def host_packages() -> list[Row] | None:
    """``(family, package, installed version, version offered or "")`` of the hosts; None without the data."""
    return _cached("inventories/hosts", "hosts", _host_packages)


def archive_packages() -> list[Row] | None:
    """``(suite, package, version)`` of Debian 12's binary packages; None without the data."""
    return _cached("inventories/debian-archive-bookworm", "packages", _archive_packages)


def unpacked(archive: str) -> Path | None:
    """The folder an archive is unpacked in, once; None without the data."""
    source, folder = DATA / f"{archive}.tar.xz", CACHE / archive.replace("/", "-")
    if not source.is_file():
        return None
    if not folder.is_dir():
        fresh = folder.with_suffix(".new")
        shutil.rmtree(fresh, ignore_errors=True)
        with tarfile.open(source) as tar:
            # Python has filters from 3.11.4 on.
            tar.extraction_filter = getattr(tarfile, "data_filter", None)
            tar.extractall(fresh)
        fresh.replace(folder)
    return folder


def _cached(archive: str, name: str, read: Callable[[Members], Iterable[Row]]) -> list[Row] | None:
    source, lines = DATA / f"{archive}.tar.xz", CACHE / f"{name}.tsv"
    if not source.is_file():
        return None
    if not lines.is_file() or lines.stat().st_mtime < max(source.stat().st_mtime, Path(__file__).stat().st_mtime):
        CACHE.mkdir(parents=True, exist_ok=True)
        text = "".join("\t".join(row) + "\n" for row in read(_members(source)))
        fresh = lines.with_suffix(".new")
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(lines)
    return [tuple(line.split("\t")) for line in lines.read_text(encoding="utf-8").split("\n") if line]


def _members(archive: Path) -> Members:
    with tarfile.open(archive, "r|xz") as tar:
        for member in tar:
            file = tar.extractfile(member) if member.isfile() else None
            if file is not None:
                yield member.name, file


def _fixed_versions(members: Members) -> Iterator[Row]:
    for name, file in members:
        if not name.endswith(".json"):
            continue
        for affected in json.load(file).get("affected", ()):
            package = affected["package"]
            for span in affected.get("ranges", ()):
                for event in span["events"]:
                    if "fixed" in event:
                        yield package["ecosystem"], package["name"], event["fixed"]


def _host_packages(members: Members) -> Iterator[Row]:
    for name, file in members:
        if not name.endswith(".json"):
            continue
        host = json.load(file)
        for package in host["packages"].values():
            installed = _joined(package["version"], package["release"])
            offered = _joined(package.get("newVersion", ""), package.get("newRelease", ""))
            if installed:
                yield host["family"], package["name"], installed, offered if offered != installed else ""


def _joined(version: str, release: str) -> str:
    """Hosts of dpkg have no release of its own: it is in their version."""
    return f"{version}-{release}" if version and release else version


def _archive_packages(members: Members) -> Iterator[Row]:
    for name, file in members:
        if not name.endswith("_Packages"):
            continue
        package = ""
        for line in file:
            if line.startswith(b"Package: "):
                package = line[9:].decode().strip()
            elif line.startswith(b"Version: "):
                yield name.partition("_")[0], package, line[9:].decode().strip()
