"""Trivy and osv-scanner beside the command: whole processes in turns, on one feed and one list.

``TRIVY=... TRIVY_DB=... OSV_SCANNER=... python -m benchmarks.scanners`` prints the table of those that are there.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from accuracy import facts, osv_scanner, trivy_sbom
from accuracy.lists import Installed
from accuracy.rpm_databases import made_database

from advisories.models import Inventory
from benchmarks import matching, records

__all__ = ["OURS", "Taken", "measured", "report"]

OURS: Final = "`advisories match`, from the store"
_ROUNDS: Final = 5
_RELEASE: Final = "9"
_PART: Final = f"AlmaLinux:{_RELEASE}"


class Taken(NamedTuple):
    """What a process took, and what it found.

    :ivar seconds: of processor time, the least of some runs.
    :ivar memory: the most that it had, in MiB.
    :ivar findings: pairs of a package and what it is affected by: a CVE, or for osv-scanner an advisory.
    """

    seconds: float
    memory: float
    findings: int


class _Program(NamedTuple):
    command: Sequence[str]
    count: Callable[[Any], int]


@cache
def measured() -> dict[str, Taken]:
    """What each program that is there takes for the AlmaLinux 9 host. Empty without the real data."""
    with tempfile.TemporaryDirectory(prefix="vercmp-report-") as name:
        return _measured(Path(name))


def _measured(folder: Path) -> dict[str, Taken]:
    source = records.unpacked("feeds/almalinux-osv")
    host = matching.hosts_by_name().get("AlmaLinux 9")
    if source is None or host is None:
        return {}
    installed = [Installed(one.name, one.version, one.arch or "noarch", "", "") for one in host.packages]
    theirs = [*_trivy(folder, source, installed), *_osv(folder, source, installed)]
    programs = {OURS: _ours(folder, source, host), **dict(theirs)}
    least = {name: _run(program, folder) for name, program in programs.items()}
    for _ in range(_ROUNDS - 1):
        for name, program in programs.items():
            again = _run(program, folder)
            least[name] = Taken(*map(min, again, least[name]))
    return least


# Forked of this process, a program would have had its memory too.
_WAITING: Final = """
import os, subprocess, sys
with open(sys.argv[1], "wb") as file:
    process = subprocess.Popen(sys.argv[2:], stdout=file, stderr=subprocess.DEVNULL)
_, status, used = os.wait4(process.pid, 0)
print(os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime, used.ru_maxrss)
"""


def _run(program: _Program, folder: Path) -> Taken:
    output = folder / "report.json"
    waiting = [sys.executable, "-S", "-c", _WAITING, str(output), *program.command]
    done = subprocess.run(waiting, check=True, capture_output=True, text=True, env=_environment(folder))
    status, seconds, memory = done.stdout.split()
    if status not in ("0", "1"):
        raise RuntimeError(f"{program.command[0]} ended with {status}")
    return Taken(float(seconds), int(memory) / 1024, program.count(json.loads(output.read_bytes())))


def _environment(folder: Path) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | {
        "HOME": str(folder)
    }


# ---- ours ----


def _ours(folder: Path, source: Path, host: Inventory) -> _Program:
    listed, store = folder / "host.tsv", matching.compiled(source, folder)
    listed.write_text(matching.query_format(host))
    command = [sys.executable, "-m", "advisories", "match", "--inventory", str(listed), "--feed", str(store)]
    return _Program([*command, "--format", "json"], lambda report: len(report["findings"]))


# ---- Trivy ----


def _trivy(folder: Path, source: Path, installed: Sequence[Installed]) -> Iterator[tuple[str, _Program]]:
    if trivy_sbom.program() is None:
        return
    cache = folder / "trivy"
    trivy_sbom.compiled(cache, facts.Facts.of(facts.osv(sorted(source.rglob("*.json")), _PART)), _RELEASE)
    trivy_sbom.write_sbom(folder / "sbom.cdx.json", installed, _RELEASE)
    command = trivy_sbom.prepared(folder, cache)
    yield f"Trivy {trivy_sbom.version()}, `trivy sbom`", _Program(command, _of_trivy)


def _of_trivy(report: Any) -> int:
    return len(list(trivy_sbom.vulnerabilities_of(report)))


# ---- osv-scanner ----


def _osv(folder: Path, source: Path, installed: Sequence[Installed]) -> Iterator[tuple[str, _Program]]:
    if osv_scanner.program() is None or shutil.which("rpmbuild") is None:
        return
    scratch = folder / "osv"
    made_database(installed, scratch / "rpm")
    command = osv_scanner.prepared(scratch, sorted(source.rglob("*.json")), _PART)
    yield f"osv-scanner {osv_scanner.version()}, `osv-scanner scan image`", _Program(command, _of_osv_scanner)


def _of_osv_scanner(report: Any) -> int:
    return sum(len(one.get("vulnerabilities", ())) for of in report["results"] for one in of["packages"])


# ---- the page ----

_ABOUT: Final = """\
Whole processes in turns: the AlmaLinux 9 host with its 590 packages against AlmaLinux's OSV, the report as JSON. Each
program has the feed as it wants it, compiled before. Trivy has the list as CycloneDX, and its database is compiled of
the same advisories in the form of AlmaLinux's errata. osv-scanner has the list as rpm's database in an image of one
layer, and reads the published OSV files from an archive each time. Processor time is of all threads.
"""


def report() -> list[str]:
    """The section of the page. Empty without the real data, or without any of the programs."""
    taken = measured()
    if len(taken) < 2:
        return []
    ours = taken[OURS]
    lines = ["## Other scanners", "", *_ABOUT.splitlines(), ""]
    lines += ["| | processor time, s | ratio | memory, MiB | ratio | findings |", "|---|---:|---:|---:|---:|---:|"]
    for name, one in taken.items():
        row = f"{one.seconds:.2f} | {one.seconds / ours.seconds:.1f} | {one.memory:.0f}"
        lines.append(f"| {name} | {row} | {one.memory / ours.memory:.1f} | {one.findings:,} |")
    return [*lines, ""]


if __name__ == "__main__":
    print("\n".join(report() or ["Not measured: the real archives, or the programs, are not there."]))
