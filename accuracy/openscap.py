"""OpenSCAP on a package list: the list becomes dpkg's status file or rpm's database, and ``oscap oval eval`` runs.

One change to what the publisher wrote is needed to run it away from the host, and it is not about packages: the file
that names Ubuntu's release is one of ours.
"""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

from accuracy.lists import Installed

__all__ = ["recorded", "true_by_database", "true_by_openscap", "version"]

_CVE: Final = re.compile(r"CVE-[0-9]+-[0-9]+")
_RESULT: Final = re.compile(r"^Definition (\S+): (\w+)$", re.MULTILINE)
_STANZA: Final = "Package: {}\nStatus: install ok installed\nArchitecture: {}\nVersion: {}\nDescription: a package\n"
_SECONDS: Final = 100


def version() -> str | None:
    """Of the command that is installed; None where none is."""
    if shutil.which("oscap") is None:
        return None
    printed = subprocess.run(["oscap", "--version"], capture_output=True, text=True, check=True).stdout
    return re.findall(r"[0-9]+(?:\.[0-9]+)+", printed)[0]


def true_by_openscap(oval: Path, installed: Sequence[Installed], codename: str) -> set[str]:
    """The CVEs of the definitions that are true of a list of deb packages, with Ubuntu's release of that codename."""
    with tempfile.TemporaryDirectory(prefix="accuracy-") as name:
        folder = Path(name)
        release, status, config = folder / "release", folder / "status", folder / "apt.conf"
        release.write_text(f"DISTRIB_ID=Ubuntu\nDISTRIB_CODENAME={codename}\n")
        status.write_text(
            "\n".join(_STANZA.format(one.name, one.arch or "amd64", one.version) for one in installed) + "\n"
        )
        config.write_text(f'Dir::State::status "{status}"; Dir::Cache::pkgcache ""; Dir::Cache::srcpkgcache "";')
        moved = folder / "oval.xml"
        moved.write_text(oval.read_text("utf-8").replace("/etc/lsb-release", str(release)), "utf-8")
        return _true(moved, {"APT_CONFIG": str(config)})


def true_by_database(oval: Path, database: Path) -> set[str]:
    """The CVEs of the definitions that are true of a database of rpm."""
    with tempfile.TemporaryDirectory(prefix="accuracy-") as name:
        shutil.copytree(database.parent, Path(name, ".rpmdb"))
        return _true(oval, {"HOME": name})


def recorded(path: Path) -> tuple[str, set[str]]:
    """What a file of recorded results has: its version of OpenSCAP, and the CVEs of true definitions."""
    first, *lines = path.read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    return first.split()[2], {row[3] for row in rows if row[1] == "true" and row[2] != "inventory"}


def _true(oval: Path, environment: dict[str, str]) -> set[str]:
    command = ["oscap", "oval", "eval", "--skip-valid", str(oval)]
    whole = os.environ | {"LC_ALL": "C"} | environment
    for patience in (_SECONDS, _SECONDS, 3 * _SECONDS):
        # Its threads may wait for each other for ever.
        try:
            done = subprocess.run(command, env=whole, capture_output=True, text=True, timeout=patience, check=True)
            break
        except subprocess.TimeoutExpired:
            continue
    else:
        raise TimeoutError(f"oscap did not end in {_SECONDS} seconds, three times")
    cves = _cves_of(oval.read_bytes())
    return {cve for id, result in _RESULT.findall(done.stdout) if result == "true" for cve in cves[id]}


@cache
def _cves_of(document: bytes) -> dict[str, set[str]]:
    """The CVEs that each definition refers to. Inventory definitions refer to none."""
    found = {}
    for element in ElementTree.fromstring(document).iter():
        if element.tag.endswith("}definition"):
            ids = [one.get("ref_id", "") for one in element.iter() if one.tag.endswith("}reference")]
            found[element.get("id", "")] = set(_CVE.findall(" ".join(ids)))
    return found
