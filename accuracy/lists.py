"""Package lists, read in the plainest way and by no reader of ours: by rpm, by dpkg-query, or as the file has it."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

__all__ = ["Installed", "installed_of"]


class Installed(NamedTuple):
    """One installed package.

    :ivar version: with its epoch, where the list has one.
    """

    name: str
    version: str
    arch: str
    source: str
    source_version: str


def installed_of(path: Path) -> list[Installed]:
    """What a list has: JSON of vuls, a database of rpm or dpkg, lines of a name and a version, or of ``N-V-R.A``."""
    if path.suffix == ".json":
        return list(_vuls(json.loads(path.read_bytes())))
    if path.name in ("rpmdb.sqlite", "Packages"):
        return list(_rpm(path))
    if path.name == "status":
        return list(_dpkg(path))
    if path.suffix == ".manifest":
        return list(_manifest(path.read_text("utf-8")))
    return list(_nevra(path.read_text("utf-8")))


def _vuls(scan: Mapping[str, Any]) -> Iterator[Installed]:
    sources = {name: one for one in scan.get("SrcPackages", {}).values() for name in one["binaryNames"]}
    for one in scan["packages"].values():
        version = f"{one['version']}-{one['release']}" if one["release"] else one["version"]
        source = sources.get(one["name"], one)
        yield Installed(one["name"], version, one["arch"], source["name"], source["version"])


_RPM = r"%{NAME}\t%|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}\t%{ARCH}\t%{SOURCERPM}\n"


def _rpm(path: Path) -> Iterator[Installed]:
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(path.parent, folder, dirs_exist_ok=True)
        command = ["rpm", "--dbpath", folder, "-qa", "--qf", _RPM]
        listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    for name, version, arch, source in (line.split("\t") for line in listed.splitlines()):
        yield Installed(name, version, arch, source.rsplit("-", 2)[0], version)


_DPKG = r"${Package}\t${Version}\t${Architecture}\t${source:Package}\t${source:Version}\n"


def _dpkg(path: Path) -> Iterator[Installed]:
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(path, Path(folder, "status"))
        Path(folder, "info").mkdir()
        Path(folder, "updates").mkdir()
        command = ["dpkg-query", f"--admindir={folder}", "-W", "-f", _DPKG]
        listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    for line in listed.splitlines():
        yield Installed(*line.split("\t"))


def _manifest(text: str) -> Iterator[Installed]:
    for line in text.splitlines():
        name, version = line.split("\t")
        name = name.partition(":")[0]
        yield Installed(name, version, "", name, version)


def _nevra(text: str) -> Iterator[Installed]:
    for line in text.split():
        rest, _, arch = line.removesuffix(".rpm").rpartition(".")
        name, version, release = rest.rsplit("-", 2)
        yield Installed(name, f"{version}-{release}", arch, name, f"{version}-{release}")
