"""OpenSCAP and ``advisories match`` asked the same of a real host, as whole processes.

``python -m benchmarks.openscap`` prints this alone.
"""

import bz2
import math
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from advisories.models import Package
from advisories.readers import inventories
from advisories.store.compiling import compile_store
from benchmarks import records

_OVAL = "feeds/ubuntu-oval-2021-02/com.ubuntu.bionic.cve.oval.xml.bz2"
_ROUNDS = 5
_PATIENCE = 100.0
_STANZA = """\
Package: {}
Status: install ok installed
Source: {} ({})
Architecture: {}
Version: {}
Description: a package
"""


def seconds(folder: Path) -> tuple[float, float] | None:
    """The shortest of some runs of OpenSCAP and of ours; None where the data or OpenSCAP is not there."""
    oscap, hosts = shutil.which("oscap"), records.unpacked("inventories/hosts")
    oval = records.DATA / _OVAL
    if oscap is None or hosts is None or not oval.exists():
        return None
    xml, status, store = folder / "bionic.xml", folder / "status", folder / "bionic.db"
    xml.write_bytes(bz2.decompress(oval.read_bytes()))
    (host,) = hosts.rglob("ubuntu_18*.json")
    packages = inventories.read(host).packages
    status.write_text("\n".join(map(_stanza, packages)) + "\n")
    config = folder / "apt.conf"
    config.write_text(f'Dir::State::status "{status}"; Dir::Cache::pkgcache ""; Dir::Cache::srcpkgcache "";')
    compile_store([xml], store)
    environment = os.environ | {"APT_CONFIG": str(config), "LC_ALL": "C"}
    ours = [sys.executable, "-m", "advisories", "match", "--inventory", str(status), "--feed", str(store)]
    theirs = (_seconds([oscap, "oval", "eval", str(xml)], environment) for _ in range(_ROUNDS))
    both = [(one, _seconds([*ours, "--distro", "ubuntu:18.04", "--format", "json"], environment)) for one in theirs]
    return min(one for one, _ in both), min(other for _, other in both)


def _stanza(package: Package) -> str:
    source, version = package.source_name or package.name, package.source_version or package.version
    return _STANZA.format(package.name, source, version, package.arch or "amd64", package.version)


def _seconds(command: Sequence[str], environment: Mapping[str, str]) -> float:
    """How long a run takes. OpenSCAP's threads may wait for each other for ever: such a run counts as endless."""
    quiet = subprocess.DEVNULL
    start = time.perf_counter()
    try:
        subprocess.run(command, env=environment, stdout=quiet, stderr=quiet, check=True, timeout=_PATIENCE)
    except subprocess.TimeoutExpired:
        return math.inf
    return time.perf_counter() - start


_ABOUT = """\
The real Ubuntu 18.04 host against Canonical's OVAL of bionic, whole processes in turns: `oscap oval eval` of the XML,
and `advisories match` from the store made of it, the report as JSON. The same definitions are true
(`tests/live/test_openscap.py`). The goal is 60.
"""


@cache
def measured() -> tuple[float, float] | None:
    """:func:`seconds`, once."""
    with tempfile.TemporaryDirectory(prefix="vercmp-openscap-") as folder:
        return seconds(Path(folder))


def report() -> list[str]:
    """The section of the report; empty where nothing can be measured."""
    both = measured()
    if both is None:
        return []
    theirs, ours = both
    return [
        "## OpenSCAP",
        "",
        *_ABOUT.splitlines(),
        "",
        "| | seconds | ratio |",
        "|---|---:|---:|",
        f"| `advisories match` | {ours:.2f} | 1.0 |",
        f"| `oscap oval eval` | {theirs:.2f} | {theirs / ours:.1f} |",
        "",
    ]


if __name__ == "__main__":
    print("\n".join(report() or ["Not measured: OpenSCAP or the real archives are not there."]))
