"""Matching hosts, whole: one in a process that has the feed, one from nothing, and a fleet.

``python -m benchmarks.matching`` measures this alone and prints it.
"""

import contextlib
import gc
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import NamedTuple

from attrs import evolve

import vercmp
from advisories import Feed, match, match_many
from advisories.models import Advisory, Distribution, Inventory, Module, Names, Package
from advisories.readers import inventories
from advisories.store import open_feed, read_feed
from advisories.store.compiling import compile_store
from benchmarks import peers, records, tables, timing
from benchmarks.groups import COUNTED, LIBRPM_JOIN, UNIVERS_JOIN, Group
from benchmarks.timing import Work, slow_calls

ALMA = Distribution("almalinux", "9")
_HOSTS = {"AlmaLinux 9": "alma_9", "Rocky Linux 9": "rocky_9", "Oracle Linux 9": "oracle_9"}
UNREMEMBERED = "... nothing remembered: every package judged"
_COLUMNS = "... two columns of all findings made"
_LOOKED_AT = "... each looked at as a `Finding`"
_SEED = 20_261_101
_FLEET = (10, 1_000, 20_000)
_ENTRIES = (1_000, 10_000, 100_000)
# Hosts that are made before the clock starts, and matched in one go.
_BATCH = 100
_COLD_ROUNDS = 15
# The status file that is nearest to 600 packages.
_STATUS = "rootfs_xen_arndale"


class Pace(NamedTuple):
    """What a fleet took."""

    hosts: int
    packages: int
    findings: int
    seconds: float
    resident_kib: int


@cache
def almalinux_feed() -> Feed | None:
    folder = records.unpacked("feeds/almalinux-osv")
    return read_feed(folder) if folder else None


@cache
def hosts_by_name() -> dict[str, Inventory]:
    folder = records.unpacked("inventories/hosts")
    found: dict[str, Inventory] = {}
    for what, name in _HOSTS.items() if folder else ():
        for path in sorted(folder.rglob(f"{name}.json")) if folder else ():
            found.setdefault(what, _inventory(json.loads(path.read_text())))
    return found


def _inventory(scan: dict[str, object]) -> Inventory:
    listed = scan["packages"]
    assert isinstance(listed, dict)
    packages = tuple(
        Package("rpm", p["name"], f"{p['version']}-{p['release']}", p["arch"], module=_module(p["modularitylabel"]))
        for p in listed.values()
    )
    kernel = scan["runningKernel"]
    assert isinstance(kernel, dict)
    return Inventory(ALMA, packages, kernel["release"])


def _module(label: str) -> Module:
    return Module.of(":".join(label.split(":")[:2])) if label else Module(True)


# ---- one host, in a process that has the feed ----


def hosts() -> list[Group]:
    """Each host against the whole of AlmaLinux's advisories; nothing without the real data."""
    feed = almalinux_feed()
    return [_host_group(what, inventory, feed) for what, inventory in hosts_by_name().items()] if feed else []


def _host_group(what: str, inventory: Inventory, feed: Feed) -> Group:
    by_name = _fixes(feed)
    joined = [(by_name[p.name], p.version) for p in inventory.packages if p.name in by_name]
    fixes, installed = [one for one, _ in joined], [version for _, version in joined]
    new = _new_objects(inventory)

    def unremembered() -> int:
        feed.memo.clear()
        return len(match(inventory, feed))

    def columns() -> object:
        findings = match(inventory, feed)
        return findings.column("vulnerability"), findings.column("fixed_version")

    works: dict[str, Work] = {
        COUNTED: lambda: len(match(inventory, feed)),
        "... packages as new objects": lambda: len(match(next(new), feed)),
        _COLUMNS: columns,
        _LOOKED_AT: lambda: list(match(inventory, feed)),
        UNREMEMBERED: unremembered,
    }
    if (rpm := peers.rpm()) is not None:
        label_compare = rpm.labelCompare

        def by_label_compare(fixes: Fixes, installed: str) -> int:
            return len(
                {c for fixed, cves in fixes if label_compare(peers.evr(installed), peers.evr(fixed)) < 0 for c in cves}
            )

        works[LIBRPM_JOIN] = slow_calls(by_label_compare, fixes, installed)
    if (univers := peers.installed("univers.versions")) is not None:
        version = univers.RpmVersion

        def by_univers(fixes: Fixes, installed: str) -> int:
            return len({c for fixed, cves in fixes if version(installed) < version(fixed) for c in cves})

        works[UNIVERS_JOIN] = slow_calls(by_univers, fixes, installed)
    found = match(inventory, feed)
    text = (
        f"{len(inventory.packages)} packages, {len(joined)} of them with {sum(map(len, fixes)):,} records, "
        f"{len(found):,} findings, a time is of the whole host"
    )
    return Group("rpm", what, text, 1, works)


Fixes = list[tuple[str, tuple[str, ...]]]


def _fixes(feed: Feed) -> dict[str, Fixes]:
    """What a join needs: for each package the fixed versions and the vulnerabilities they clear."""
    found: dict[str, Fixes] = {}
    for advisory in feed:
        for entry in advisory.affected:
            if entry.distribution == ALMA:
                for one in entry.ranges:
                    if one.fixed:
                        found.setdefault(entry.package, []).append((one.fixed, advisory.vulnerabilities))
    return found


def _new_objects(inventory: Inventory) -> Iterator[Inventory]:
    """The same host read anew, over and over; hosts are made a hundred at a time, so that most calls find one made."""
    while True:
        made = [evolve(inventory, packages=tuple(map(evolve, inventory.packages))) for _ in range(_BATCH)]
        yield from made


# ---- one host, from nothing ----


BARE, TEXT = "a bare interpreter", "the command, from the store, text report"


class Cold(NamedTuple):
    """The shortest times of whole processes in turns, in seconds, and the size of the store in bytes."""

    seconds: dict[str, float]
    store: int


@cache
def cold() -> Cold | None:
    """Of one list and one feed. None without the real data."""
    source = records.unpacked("feeds/almalinux-osv")
    host = hosts_by_name().get("AlmaLinux 9")
    if source is None or host is None:
        return None
    with tempfile.TemporaryDirectory(prefix="vercmp-report-") as name:
        folder = Path(name)
        store = compiled([source], folder)
        listed = folder / "host.tsv"
        listed.write_text(query_format(host))
        command = [sys.executable, "-m", "advisories", "match", "--inventory", str(listed), "--feed"]
        commands = {
            BARE: [sys.executable, "-c", "pass"],
            "... that imports attrs, sqlite3 and argparse": [sys.executable, "-c", "import attrs, sqlite3, argparse"],
            TEXT: [*command, str(store)],
            "the command, from the store, JSON report": [*command, str(store), "--format", "json"],
            "the command, from the raw JSON": [*command, str(source)],
        }
        best = dict.fromkeys(commands, float("inf"))
        for turn in range(_COLD_ROUNDS):
            for what, command in commands.items():
                if command[-1] != str(source) or turn < 3:
                    best[what] = min(best[what], _run(command))
        return Cold(best, store.stat().st_size)


def _of_cold() -> list[str]:
    measured = cold()
    if measured is None:
        return []
    lines = _of_processes("whole process", measured.seconds)
    return [*lines, f"The store is {measured.store / 1e6:.1f} MB.", ""]


def _of_processes(what: str, best: dict[str, float]) -> list[str]:
    lines = [f"| {what} | ms | ratio |", "|---|---:|---:|"]
    lines += [f"| {name} | {seconds * 1e3:,.0f} | {seconds / best[BARE]:.1f} |" for name, seconds in best.items()]
    return [*lines, ""]


SPLIT, INDEX = "... that splits the `Packages` index into lines", "the command on the `Packages` index, 63,440 packages"


@cache
def on_index(folder: Path) -> list[str] | None:
    """The arguments of the command that matches the whole index of Debian 12 with Debian's DSAs. None without the data.

    :param folder: where the store is written.
    """
    archive = records.unpacked("inventories/debian-archive-bookworm")
    tracker = records.unpacked("feeds/debian-security-tracker-2023-04")
    if archive is None or tracker is None:
        return None
    store = compiled([next(tracker.rglob("DSA"))], folder)
    index = next(archive.rglob("bookworm_main_amd64_Packages"))
    return ["match", "--distro", "debian:11", "--feed", str(store), "--inventory", str(index)]


def lists() -> dict[str, float]:
    """The shortest times of whole processes on the largest list and on one list in two forms, in seconds."""
    statuses = records.unpacked("inventories/dpkg-status")
    with tempfile.TemporaryDirectory(prefix="vercmp-report-") as name:
        folder = Path(name)
        arguments = on_index(folder)
        if statuses is None or arguments is None:
            return {}
        index = arguments.pop()
        status = next(path for path in sorted(statuses.rglob("status")) if _STATUS in str(path))
        text = folder / "list.tsv"
        text.write_text(dpkg_query(inventories.read(status)))
        command = [sys.executable, "-m", "advisories", *arguments]
        split = f"open({index!r}, 'rb').read().decode().split('\\n')"
        commands = {
            BARE: [sys.executable, "-c", "pass"],
            SPLIT: [sys.executable, "-c", split],
            INDEX: [*command, index],
            "the command on a dpkg status of 686 packages": [*command, str(status)],
            "the command on the same list as text": [*command, str(text)],
        }
        best = dict.fromkeys(commands, float("inf"))
        for turn in range(_COLD_ROUNDS):
            for what, command in commands.items():
                if command[-1] != index or turn < 3:
                    best[what] = min(best[what], _run(command))
    return best


def _of_lists() -> list[str]:
    best = lists()
    return _of_processes("whole process, Debian's DSAs of 2023-04 from the store", best) if best else []


def dpkg_query(host: Inventory) -> str:
    """A list as the recommended form of dpkg-query prints it."""
    rows = (
        (p.state.value, p.name, p.version, p.arch, p.source_name, p.source_version, p.vendor, p.maintainer)
        for p in host.packages
    )
    return "".join("\t".join(value or "" for value in row) + "\n" for row in rows)


def compiled(sources: Sequence[Path], folder: Path) -> Path:
    store = folder / "feed.db"
    compile_store(sources, store)
    return store


def query_format(host: Inventory) -> str:
    lines = ["# os-release ID=almalinux VERSION_ID=9.0", f"# uname -r {host.running_kernel}"]
    for package in host.packages:
        epoch, _, rest = package.version.rpartition(":")
        version, _, release = rest.rpartition("-")
        module = package.module.streams[0] if package.module.streams else "(none)"
        columns = package.name, epoch or "(none)", version, release, package.arch or "", "(none)", "(none)", module
        lines.append("\t".join(columns))
    return "\n".join(lines) + "\n"


def _run(command: Sequence[str]) -> float:
    start = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    taken = time.perf_counter() - start
    if done.returncode:
        raise AssertionError(f"exit status {done.returncode}: {' '.join(command)}")
    return taken


# ---- a fleet ----


class _Fleet:
    """Hosts drawn from the real ones, each moved back along the real histories of its packages."""

    def __init__(self, feed: Feed, hosts: Iterable[Inventory]) -> None:
        self._hosts = [[self._history(package, feed) for package in host.packages] for host in hosts]
        self._kernels = [host.running_kernel for host in hosts]

    @staticmethod
    def _history(package: Package, feed: Feed) -> list[Package]:
        """A package at each fixed version up to its own, oldest first."""
        key = vercmp.rpm.sort_key
        named = {
            one.fixed
            for record in feed.records(ALMA, Names.BINARY, package.name)
            for one in record.affected.ranges
            if one.fixed is not None and key(one.fixed) < key(package.version)
        }
        return [*(evolve(package, version=version) for version in sorted(named, key=key)), package]

    def draw(self, number: int, seed: int = _SEED) -> Iterator[Inventory]:
        rng = random.Random(seed)
        for _ in range(number):
            at = rng.randrange(len(self._hosts))
            age = rng.random()
            packages = tuple([one[int(len(one) * (1 - age * rng.random())) - 1] for one in self._hosts[at]])
            yield Inventory(ALMA, packages, self._kernels[at])


def _pace(hosts: Iterator[Inventory], feed: Feed, new_objects: bool = False) -> Pace:
    """Match them in batches; the clock stands while a batch is made."""
    packages = findings = number = 0
    seconds = 0.0
    before = _resident()
    gc.disable()
    while batch := [host for _, host in zip(range(_BATCH), hosts, strict=False)]:
        if new_objects:
            batch = [evolve(host, packages=tuple(map(evolve, host.packages))) for host in batch]
        number += len(batch)
        start = time.perf_counter()
        for host, found in match_many(batch, feed):
            packages += len(host.packages)
            findings += len(found)
        seconds += time.perf_counter() - start
    gc.enable()
    return Pace(number, packages, findings, seconds, _resident() - before)


def _resident() -> int:
    with contextlib.suppress(OSError), open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
    return 0


NEW_OBJECTS = f"{_FLEET[1]:,}, packages as new objects"


@cache
def paces() -> dict[str, Pace]:
    """What fleets of some sizes take. Empty without the real data."""
    feed = almalinux_feed()
    if feed is None or not hosts_by_name():
        return {}
    made = _Fleet(feed, hosts_by_name().values())
    found: dict[str, Pace] = {}
    for number in _FLEET:
        feed.memo.clear()
        found[f"{number:,}"] = _pace(made.draw(number), feed)
    feed.memo.clear()
    found[NEW_OBJECTS] = _pace(made.draw(_FLEET[1]), feed, new_objects=True)
    return found


def fleet() -> list[str]:
    """How the cost grows with the hosts and with the feed, and what two workers give: tables."""
    feed = almalinux_feed()
    if feed is None or not hosts_by_name():
        return []
    lines = ["| hosts | packages | findings | packages a second | memory more, MiB |", "|---|---:|---:|---:|---:|"]
    lines += [_row(what, pace) for what, pace in paces().items()]
    lines += ["", "| affected entries | one host, nothing remembered, ms | remembered, ms |", "|---|---:|---:|"]
    inventory = next(iter(hosts_by_name().values()))
    for entries in _ENTRIES:
        part = _part(feed, entries)
        count = sum(len(advisory.affected) for advisory in part)
        times = timing.minima({"new": unremembered(inventory, part), "again": _counted(inventory, part)})
        lines.append(f"| {count:,} | {times['new'] * 1e3:.2f} | {times['again'] * 1e3:.2f} |")
    return [*lines, "", *_cores(), ""]


def _row(what: str, pace: Pace) -> str:
    each = f"{pace.packages / pace.seconds:,.0f}"
    return f"| {what} | {pace.packages:,} | {pace.findings:,} | {each} | {pace.resident_kib / 1024:.0f} |"


def unremembered(inventory: Inventory, feed: Feed) -> Callable[[], int]:
    """Matching, with nothing remembered."""

    def work() -> int:
        feed.memo.clear()
        return len(match(inventory, feed))

    return work


def _counted(inventory: Inventory, feed: Feed) -> Callable[[], int]:
    return lambda: len(match(inventory, feed))


def _part(feed: Feed, entries: int) -> Feed:
    """The feed cut to about so many affected entries, each advisory whole."""
    kept: list[Advisory] = []
    shuffled = list(feed)
    random.Random(_SEED).shuffle(shuffled)
    for advisory in shuffled:
        if entries <= 0:
            break
        kept.append(advisory)
        entries -= len(advisory.affected)
    return Feed(kept)


_worker: tuple[Feed, _Fleet] | None = None


def _prepare(store: str) -> None:
    global _worker
    feed = open_feed(store)
    _worker = feed, _Fleet(feed, hosts_by_name().values())


def _share(number: int, seed: int) -> tuple[int, float]:
    assert _worker is not None
    feed, made = _worker
    pace = _pace(made.draw(number, seed), feed)
    return pace.packages, pace.seconds


def _cores() -> list[str]:
    """The same hosts by one worker and by two, as processes that share a store, and as threads that share a feed."""
    if (os.cpu_count() or 1) < 2:
        return []
    source = records.unpacked("feeds/almalinux-osv")
    assert source is not None
    number = _FLEET[1] * 2
    lines = ["| | packages a second |", "|---|---:|"]
    with tempfile.TemporaryDirectory(prefix="vercmp-report-") as name:
        store = str(compiled([source], Path(name)))
        for workers in (1, 2):
            with ProcessPoolExecutor(workers, initializer=_prepare, initargs=(store,)) as pool:
                lines.append(f"| {workers} process{'es' * (workers - 1)} | {_together(pool, workers, number):,.0f} |")
        _prepare(store)
        for workers in (1, 2):
            with ThreadPoolExecutor(workers) as pool:
                lines.append(f"| {workers} thread{'s' * (workers - 1)} | {_together(pool, workers, number):,.0f} |")
    return lines


def _together(pool: Executor, workers: int, number: int) -> float:
    """Packages a second of all workers: the slowest one's clock counts."""
    seeds = range(workers)
    list(pool.map(_share, [_BATCH] * workers, seeds))
    shares = list(pool.map(_share, [number // workers] * workers, seeds))
    return sum(packages for packages, _ in shares) / max(seconds for _, seconds in shares)


# ---- the section ----

_ABOUT = """\
`match` in a process that has AlmaLinux's whole OSV feed, 5,680 advisories with 71,329 entries. *Findings counted* is
the number of findings, of the same inventory each time: results are remembered. *New objects* are the
same packages read anew, so that each is compared. It was hashed when it was made. *Nothing remembered* evaluates every
package, as the first host of a process does, and makes no finding. A join goes through the records of each package that
has some, which are found before, splits or makes both versions for every comparison as scanners do, and counts distinct
CVEs. It knows no rule but `<`. Every
host is matched against AlmaLinux's advisories, whatever it is.
"""

_ABOUT_FLEET = """\
Hosts drawn from those above, each package moved back along the fixed versions its name has had. Findings are
counted. The clock stands while hosts are made, a hundred at a time, out of the same `Package` objects unless a row
states otherwise.
Memory is what the process has more at the end, what is remembered and a batch of hosts included.
"""


@cache
def measured() -> list[tuple[Group, dict[str, float]]]:
    """One host in a process that has the feed, and the times of each way; empty without the real data."""
    return [(group, timing.minima(group.works, seconds=3)) for group in hosts()]


def _each_finding() -> list[str]:
    """What looking costs beyond counting."""
    lines = ["| beyond counting, us a finding | two columns | each as a `Finding` |", "|---|---:|---:|"]
    feed = almalinux_feed()
    assert feed is not None
    for group, taken in measured():
        findings = len(match(hosts_by_name()[group.corpus], feed))
        each = [(taken[work] - taken[COUNTED]) / findings * 1e6 for work in (_COLUMNS, _LOOKED_AT)]
        lines.append(f"| {group.corpus} | {each[0]:.2f} | {each[1]:.2f} |")
    return [*lines, ""]


def report() -> list[str]:
    """The section of the report; empty without the real data."""
    if not measured():
        return []
    lines = ["## Matching", "", *_ABOUT.splitlines(), "", *tables.of_calls(measured(), unit=1e3, name="ms"), ""]
    lines += [*_each_finding(), *_of_cold(), *_of_lists(), "### A fleet", "", *_ABOUT_FLEET.splitlines(), "", *fleet()]
    return lines


if __name__ == "__main__":
    print("\n".join(report() or ["Not measured: the real archives are not there."]))
