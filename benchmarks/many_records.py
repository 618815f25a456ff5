"""Records of OSV by the hundred thousand, of the shapes of two publishers, and what compiling them takes.

``python -m benchmarks.many_records 50000 200000`` prints the table of these sizes, and what new scores of EPSS take. It
writes archives of up to some gigabytes into the folder of temporary files, and removes them.
"""

import json
import os
import random
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, Final

__all__ = ["SHAPES", "SIZES", "measured", "measured_scores", "report", "write_archive"]

# Packages of a distribution, and the CVEs that its records are about, for each hundred records.
_PACKAGES: Final = 2
_CVES: Final = 60


def _chainguard(number: int, chance: random.Random, total: int) -> dict[str, Any]:
    """A vulnerability of one package in two distributions, as Chainguard has them."""
    name = f"package-{chance.randrange(max(total * _PACKAGES // 100, 10))}"
    version = f"{chance.randrange(9)}.{chance.randrange(30)}.{chance.randrange(20)}-r{chance.randrange(5)}"
    day = f"{chance.randrange(2022, 2026)}-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}"
    events = [{"introduced": "0"}, *([{"fixed": version}] if chance.random() < 0.9 else [])]
    return {
        "schema_version": "1.7.0",
        "id": f"CGA-{number:08x}"[:12] + f"-{chance.randrange(1 << 20):05x}",
        "published": f"{day}T00:00:00Z",
        "modified": f"{day}T10:00:00Z",
        "upstream": [f"CVE-{chance.randrange(2015, 2026)}-{chance.randrange(1000, 1000 + total * _CVES // 1000)}"],
        "affected": [
            {
                "package": {"name": name, "ecosystem": ecosystem, "purl": f"pkg:apk/{ecosystem.lower()}/{name}"},
                "ranges": [{"type": "ECOSYSTEM", "events": events}],
            }
            for ecosystem in ("Chainguard", "Wolfi")
        ],
        "references": [{"type": "WEB", "url": f"https://example.org/{name}/{number}"}],
    }


def _almalinux(number: int, chance: random.Random, total: int) -> dict[str, Any]:
    """An update of one source's binary packages, as AlmaLinux has them."""
    release = chance.choice((8, 9, 10))
    name = f"source-{chance.randrange(max(total * _PACKAGES // 100, 10))}"
    version = (
        f"{chance.randrange(1, 9)}.{chance.randrange(30)}.{chance.randrange(20)}-{chance.randrange(99)}.el{release}"
    )
    year = chance.randrange(2021, 2026)
    day = f"{year}-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}"
    cves = [f"CVE-{year}-{chance.randrange(1000, 1000 + total * _CVES // 1000)}" for _ in range(chance.randrange(1, 5))]
    parts = ("", "-libs", "-devel", "-doc", "-utils", "-debug", "-common", "-server", "-client", "-tools", "-static")
    return {
        "id": f"ALSA-{year}:{number:07}",
        "summary": f"Important: {name} security update",
        "details": f"The {name} packages do what they do. " * 12 + "\n\nSecurity Fix(es):\n\n" + "* an overflow\n" * 9,
        "published": f"{day}T13:34:17Z",
        "modified": f"{day}T15:00:00Z",
        "related": sorted(set(cves)),
        "affected": [
            {
                "package": {"ecosystem": f"AlmaLinux:{release}", "name": f"{name}{part}"},
                "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": f"{version}.el{release}"}]}],
            }
            for part in parts[: chance.randrange(3, len(parts) + 1)]
        ],
        "references": [{"type": "REPORT", "url": f"https://example.org/show_bug?id={cve}"} for cve in cves],
    }


#: A record of each publisher's shape, by its number.
SHAPES: Final = {"Chainguard": _chainguard, "AlmaLinux": _almalinux}


def _documents(shape: str, count: int, changed: frozenset[int] = frozenset()) -> Iterator[tuple[str, bytes]]:
    for number in range(count):
        # Each record has a chance of its own: the others stay where one changes.
        record = SHAPES[shape](number, random.Random(number), count)
        if number in changed:
            for entry in record["affected"]:
                entry["ranges"][0]["events"][1:] = [{"fixed": "99.1-1" if shape == "AlmaLinux" else "99.1-r1"}]
        yield f"{number:07}.json", json.dumps(record).encode()


def write_archive(path: Path, shape: str, count: int) -> None:
    """A tar archive of so many records, a document each."""
    with tarfile.open(path, "w") as archive:
        for name, data in _documents(shape, count):
            member = tarfile.TarInfo(f"osv/{name}")
            member.size = len(data)
            archive.addfile(member, BytesIO(data))
            archive.members.clear()  # type: ignore[attr-defined]  # it would remember every one


# The most memory of the process itself in KiB: what getrusage gives begins with that of the process it was forked from.
_PEAK: Final = """
def peak():
    with open("/proc/self/status") as status:
        return next(line.split()[1] for line in status if line.startswith("VmHWM:"))
"""
_COMPILING: Final = """
import sys, time
began = time.process_time()
from advisories import compile_store
compile_store(sys.argv[1], sys.argv[2])
print(time.process_time() - began, peak())
"""
_DECODING: Final = """
import sys, tarfile, time, msgspec
began = time.process_time()
spent = 0.0
with tarfile.open(sys.argv[1], "r|") as archive:
    while (member := archive.next()) is not None:
        archive.members.clear()
        data = archive.extractfile(member).read()
        began = time.process_time()
        msgspec.json.decode(data)
        spent += time.process_time() - began
print(spent, peak())
"""


_UPDATING: Final = """
import sys, time
from advisories import read_feed
from advisories.store.reader import Store
from advisories.store.spool import Spooled
from advisories.store.updating import Changes, update_store
began = time.process_time()
added = list(read_feed(sys.argv[1]))
store = Store(sys.argv[2])
changes = Changes(store.provenance, [one.id for one in added], Spooled.of(added, "/"), [0] * len(added))
store.close()
assert update_store(sys.argv[2], changes, sys.argv[2] + ".new", "/")
print(time.process_time() - began, peak())
"""
_SCORING: Final = """
import sys, time
from advisories.store.compiling import compile_store, read_sources
from advisories.store.reader import Provenance, Store
from advisories.store.spool import Spooled
from advisories.store.updating import Changes, update_store
archive, before, now, path = sys.argv[1:]
compile_store([archive, before], path)
began = time.process_time()
compile_store([archive, now], path + ".whole")
whole = time.process_time() - began
began = time.process_time()
store = Store(path)
(scores,) = read_sources([now], path + ".none")
sources = [store.provenance[0], Provenance(scores.report, scores.digest, True)]
store.close()
known = [(one, 1) for one in scores.enrichments]
assert update_store(path, Changes(sources, (), Spooled.of((), "/"), (), known), path + ".new", "/")
print(time.process_time() - began, whole)
"""
_COPYING: Final = """
import hashlib, shutil, sys, time
began = time.process_time()
shutil.copyfile(sys.argv[1], sys.argv[1] + ".copy")
with open(sys.argv[1], "rb") as file:
    hashlib.file_digest(file, "sha256")
print(time.process_time() - began, 0)
"""
# Records that change.
_CHANGED: Final = 10


@cache
def measured(shape: str, count: int) -> dict[str, float]:
    """Compile so many records of a shape in a process of its own, decode them by msgspec in another one, and update
    the store where ten of them change.

    :returns: seconds of processor time of each, and of copying the store and taking its digest, the most memory that
        compiling and updating had, in MiB, and the size of the store and of the documents in MB.
    """
    with tempfile.TemporaryDirectory() as folder:
        archive, store = Path(folder, "osv.tar"), Path(folder, "feed.db")
        write_archive(archive, shape, count)
        seconds, memory = _run(_COMPILING, archive, store)
        decoding, _ = _run(_DECODING, archive)
        changed = Path(folder, "changed.jsonl")
        places = frozenset(range(0, count, max(count // _CHANGED, 1)))
        lines = [data for place, (_, data) in enumerate(_documents(shape, count, places)) if place in places]
        changed.write_bytes(b"\n".join(lines) + b"\n")
        updating, memory_updating = _run(_UPDATING, changed, store)
        copying, _ = _run(_COPYING, store)
        sizes = store.stat().st_size / 1e6, archive.stat().st_size / 1e6
    return {
        "seconds": seconds,
        "decoding": decoding,
        "updating": updating,
        "copying": copying,
        "memory": memory / 1024,
        "memory updating": memory_updating / 1024,
        "store": sizes[0],
        "archive": sizes[1],
    }


def measured_scores(shape: str, count: int) -> tuple[float, float]:
    """Compile so many records of a shape with EPSS scores of all their CVEs, and update the store by other scores.

    :returns: seconds of processor time that updating takes, and compiling all of it.
    """
    with tempfile.TemporaryDirectory() as folder:
        archive, before, now = (Path(folder, name) for name in ("osv.tar", "before.csv", "now.csv"))
        write_archive(archive, shape, count)
        names = {cve for _, data in _documents(shape, count) for cve in _named(json.loads(data))}
        for day, path in enumerate((before, now), 1):
            chance = random.Random(day)
            lines = [f"{name},{chance.random():.5f},{chance.random():.5f}\n" for name in sorted(names)]
            header = f"#model_version:v2025.03.14,score_date:2026-11-{day:02}T12:00:00Z\ncve,epss,percentile\n"
            path.write_text(header + "".join(lines))
        return _run(_SCORING, archive, before, now, Path(folder, "feed.db"))


def _named(record: dict[str, Any]) -> list[str]:
    found: list[str] = record.get("upstream") or record.get("related") or []
    return found


def _run(code: str, *arguments: Path) -> tuple[float, float]:
    command = [sys.executable, "-c", _PEAK + code, *map(str, arguments)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=dict(os.environ))
    first, second = done.stdout.split()
    return float(first), float(second)


# Sizes of the table. A million of both shapes takes half an hour: ``python -m benchmarks.many_records 1000000``.
SIZES: Final = (5_680, 50_000)

_ABOUT: Final = """\
Synthetic records of the shapes of two publishers, one document each in a tar archive, compiled in a process of its own:
processor time beside the bare decoding of the same documents by msgspec, and the most memory the process had. Then
ten records change, and the store is updated: beside copying the file and taking its digest.
`python -m benchmarks.many_records 1000000` is the same for a million.
"""


def report() -> list[str]:
    """The section of the page."""
    lines = ["## Compiling many records", "", *_ABOUT.splitlines(), ""]
    lines.append(
        "| shape | records | seconds | beside msgspec | memory, MiB | store, MB | ten change | beside copying |"
    )
    lines.append("|---|---|---|---|---|---|---|---|")
    for count in SIZES:
        for shape in SHAPES:
            one = measured(shape, count)
            ratio = one["seconds"] / one["decoding"]
            row = f"{one['seconds']:.1f} | {ratio:.0f} | {one['memory']:.0f} | {one['store']:.1f}"
            row += f" | {one['updating']:.2f} | {one['updating'] / one['copying']:.1f}"
            lines.append(f"| {shape} | {count:,} | {row} |")
    return [*lines, ""]


if __name__ == "__main__":
    for size in map(int, sys.argv[1:]):
        for kind in SHAPES:
            print(size, kind, {name: round(value, 2) for name, value in measured(kind, size).items()}, flush=True)
            updated, whole = measured_scores(kind, size)
            print(f"{size} {kind}: new scores {updated:.2f} s, compiling all of it {whole:.2f} s", flush=True)
