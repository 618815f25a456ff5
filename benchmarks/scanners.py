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
from accuracy.lists import Installed, installed_of
from accuracy.rpm_databases import made_database

from advisories.models import Distribution, Inventory, Package
from benchmarks import matching, records

__all__ = ["ALMA", "DEBIAN", "OURS", "Taken", "measured", "report"]

OURS: Final = "`advisories match`, from the store"
_ROUNDS: Final = 5
ALMA: Final = "AlmaLinux 9"
_PART: Final = "AlmaLinux:9"
DEBIAN: Final = "Debian 10"
_CODENAME: Final = "buster"


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


class _Job(NamedTuple):
    """A list and the advisories that it is matched with.

    :ivar facts: the advisories, as read by no reader of ours.
    :ivar system: the release in Trivy's words.
    """

    text: str
    sources: Sequence[Path]
    host: Inventory
    installed: Sequence[Installed]
    facts: Iterator[facts.Fact | str]
    system: trivy_sbom.System


@cache
def measured() -> dict[str, dict[str, Taken]]:
    """What each program that is there takes for each host. Empty without the real data."""
    found: dict[str, dict[str, Taken]] = {}
    for job in _jobs():
        with tempfile.TemporaryDirectory(prefix="vercmp-report-") as name:
            found[job.text] = _measured(job, Path(name))
    return found


def _jobs() -> Iterator[_Job]:
    source = records.unpacked("feeds/almalinux-osv")
    host = matching.hosts_by_name().get(ALMA)
    if source is not None and host is not None:
        installed = [Installed(one.name, one.version, one.arch or "noarch", "", "") for one in host.packages]
        known = facts.osv(sorted(source.rglob("*.json")), _PART)
        yield _Job(ALMA, [source], host, installed, known, trivy_sbom.alma("9"))
    tracker = records.unpacked("feeds/debian-security-tracker-2023-04")
    hosts = records.unpacked("inventories/hosts")
    if tracker is not None and hosts is not None:
        listed = installed_of(next(hosts.rglob("debian_10.json")))
        sources = [next(tracker.rglob(name)) / "list" for name in ("DSA", "DLA")]
        known = facts.debian_lists(sources, _CODENAME)
        yield _Job(DEBIAN, sources, _debian(listed), listed, known, trivy_sbom.debian("10", _CODENAME))


def _debian(installed: Sequence[Installed]) -> Inventory:
    packages = [
        Package("deb", one.name, one.version, one.arch, source_name=one.source, source_version=one.source_version)
        for one in installed
    ]
    return Inventory(Distribution("debian", "10"), tuple(packages))


def _measured(job: _Job, folder: Path) -> dict[str, Taken]:
    programs = {OURS: _ours(folder, job), **dict(_trivy(folder, job)), **dict(_osv(folder, job))}
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


def _ours(folder: Path, job: _Job) -> _Program:
    listed, store = folder / "host.tsv", matching.compiled(job.sources, folder)
    is_rpm = job.system.type == "rpm"
    listed.write_text(matching.query_format(job.host) if is_rpm else matching.dpkg_query(job.host))
    command = [sys.executable, "-m", "advisories", "match", "--inventory", str(listed), "--feed", str(store)]
    release = ["--distro", str(job.host.distribution)]
    return _Program([*command, *release, "--format", "json"], lambda report: len(report["findings"]))


# ---- Trivy ----


def _trivy(folder: Path, job: _Job) -> Iterator[tuple[str, _Program]]:
    if trivy_sbom.program() is None:
        return
    cache = folder / "trivy"
    trivy_sbom.compiled(cache, facts.Facts.of(job.facts), job.system)
    trivy_sbom.write_sbom(folder / "sbom.cdx.json", job.installed, job.system)
    command = trivy_sbom.prepared(folder, cache)
    yield f"Trivy {trivy_sbom.version()}, `trivy sbom`", _Program(command, _of_trivy)


def _of_trivy(report: Any) -> int:
    return len(list(trivy_sbom.vulnerabilities_of(report)))


# ---- osv-scanner ----


def _osv(folder: Path, job: _Job) -> Iterator[tuple[str, _Program]]:
    if job.text != ALMA or osv_scanner.program() is None or shutil.which("rpmbuild") is None:
        return
    scratch = folder / "osv"
    made_database(job.installed, scratch / "rpm")
    command = osv_scanner.prepared(scratch, sorted(job.sources[0].rglob("*.json")), _PART)
    yield f"osv-scanner {osv_scanner.version()}, `osv-scanner scan image`", _Program(command, _of_osv_scanner)


def _of_osv_scanner(report: Any) -> int:
    return sum(len(one.get("vulnerabilities", ())) for of in report["results"] for one in of["packages"])


# ---- the page ----

_ABOUT: Final = """\
Whole processes in turns, the report as JSON: the AlmaLinux 9 host with its 590 packages against AlmaLinux's OSV, and
the Debian 10 host with its 361 against Debian's DSAs and DLAs of 2023-04. Each program has the feed as it wants it,
compiled before. Trivy has the list as CycloneDX, and its database is compiled of the same advisories in the form that
it reads. osv-scanner has the list as rpm's database in an image of one layer, and reads the published OSV files from an
archive each time. Processor time is of all threads.
"""


def report() -> list[str]:
    """The section of the page. Empty without the real data, or without any of the programs."""
    taken = {text: of for text, of in measured().items() if len(of) > 1}
    if not taken:
        return []
    lines = ["## Other scanners", "", *_ABOUT.splitlines(), ""]
    lines += [
        "| host | | processor time, s | ratio | memory, MiB | ratio | findings |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    for text, of in taken.items():
        ours = of[OURS]
        for name, one in of.items():
            row = f"{one.seconds:.2f} | {one.seconds / ours.seconds:.1f} | {one.memory:.0f}"
            lines.append(f"| {text} | {name} | {row} | {one.memory / ours.memory:.1f} | {one.findings:,} |")
    return [*lines, ""]


if __name__ == "__main__":
    print("\n".join(report() or ["Not measured: the real archives, or the programs, are not there."]))
