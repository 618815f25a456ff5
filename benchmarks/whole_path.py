"""The way from a list to findings, whole: what we want it to be as ratios, and where the time goes.

``python -m benchmarks.whole_path`` measures this alone and prints it.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final
from xml.parsers import expat

from advisories.sources.documents import Document, documents
from advisories.sources.limits import DEFAULT_LIMITS
from advisories.store import read_feed
from benchmarks import groups, many_records, matching, openscap, records, scanners, tables, timing
from benchmarks.goals import Goal, Judged
from benchmarks.groups import LIBRPM_JOIN

__all__ = ["goals", "report"]

_OVAL: Final = "feeds/ubuntu-oval-2021-02/com.ubuntu.bionic.cve.oval.xml.bz2"
_MOST_MEMORY: Final = 500
# A reading of a whole feed takes seconds.
_ROUNDS: Final = 3


def goals() -> Iterator[Judged]:
    """What we want, and what was measured. Without a ratio where it could not be."""
    yield _judged("text report from the store, beside a bare interpreter", 5, dict(_text()), at_most=True)
    theirs = dict(_scanners())
    for name, wanted in (("Trivy", 0.15), ("Grype", 0.01), ("osv-scanner", 0.02)):
        ratios = {key: value for key, value in theirs.items() if key.startswith(name)}
        yield _judged(f"JSON report from the store, beside {name}, processor time", wanted, ratios, at_most=True)
    joins = {
        group.corpus: taken[matching.UNREMEMBERED] / taken[LIBRPM_JOIN]
        for group, taken in matching.measured()
        if LIBRPM_JOIN in taken
    }
    yield _judged("a host with nothing remembered, beside the join by librpm", 0.05, joins, at_most=True)
    paces = matching.paces()
    new = paces.get(matching.NEW_OBJECTS)
    millions = {} if new is None else {"fleet": new.packages / new.seconds / 1e6}
    yield _judged("packages as new objects, millions a second", 5, millions)
    both = openscap.measured()
    yield _judged("OpenSCAP's Ubuntu job, whole processes", 60, {} if both is None else {"bionic": both[0] / both[1]})
    yield _judged("AlmaLinux's OSV to a feed, beside bare msgspec", 2, dict(_osv()), at_most=True)
    yield _judged("OVAL to a feed, beside expat without handlers", 3, dict(_oval()), at_most=True)
    lists = matching.lists()
    index = {"bookworm": lists[matching.INDEX] / lists[matching.SPLIT]} if lists else {}
    yield _judged("`Packages` read and matched, beside splitting its lines", 1.5, index, at_most=True)
    largest = many_records.SIZES[-1]
    many = {shape: many_records.measured(shape, largest) for shape in many_records.SHAPES}
    times = {shape: one["seconds"] / one["decoding"] for shape, one in many.items()}
    memory = {shape: one["memory"] for shape, one in many.items()}
    yield _judged(f"{largest:,} OSV records compiled, beside bare msgspec", 4, times, at_most=True)
    yield _judged(f"{largest:,} OSV records compiled, memory in MiB", _MOST_MEMORY, memory, at_most=True)


def _judged(text: str, wanted: float, ratios: dict[str, float], *, at_most: bool = False) -> Judged:
    return Judged(Goal(text, "", "", "", wanted, at_most), ratios)


def _text() -> Iterator[tuple[str, float]]:
    cold = matching.cold()
    if cold is not None:
        yield "590 packages", cold.seconds[matching.TEXT] / cold.seconds[matching.BARE]


def _scanners() -> Iterator[tuple[str, float]]:
    taken = scanners.measured()
    for name, one in taken.items():
        if name != scanners.OURS:
            yield name.partition(",")[0], taken[scanners.OURS].seconds / one.seconds


def _osv() -> Iterator[tuple[str, float]]:
    folder = records.unpacked("feeds/almalinux-osv")
    decoder = groups.peers.installed("msgspec")
    if folder is None or decoder is None:
        return
    data = [path.read_bytes() for path in sorted(folder.rglob("*.json"))]
    works: dict[str, timing.Work] = {
        "ours": lambda: read_feed(folder),
        "theirs": lambda: [decoder.json.decode(one) for one in data],
    }
    taken = timing.minima(works, seconds=_ROUNDS)
    yield "5,680 records", taken["ours"] / taken["theirs"]


def _oval() -> Iterator[tuple[str, float]]:
    source = records.DATA / _OVAL
    if not source.exists():
        return
    (data,) = (one.data for one in documents(source, DEFAULT_LIMITS) if isinstance(one, Document))
    with tempfile.TemporaryDirectory(prefix="vercmp-report-") as name:
        path = Path(name, "bionic.xml")
        path.write_bytes(data)
        works: dict[str, timing.Work] = {
            "ours": lambda: read_feed(path),
            "theirs": lambda: expat.ParserCreate().Parse(data, True),
        }
        taken = timing.minima(works, seconds=_ROUNDS)
    yield "bionic", taken["ours"] / taken["theirs"]


# ---- where the time goes ----

# The command in a process that notes when which of its steps runs. Importing is a step of its own, wherever it is.
_STEPS: Final = """
import builtins, json, sys, time
begun = time.perf_counter()
spent = {}
stack = []

def timed(step, function):
    def call(*arguments, **options):
        now = time.perf_counter()
        if stack:
            spent[stack[-1][0]] = spent.get(stack[-1][0], 0) + now - stack[-1][1]
        stack.append([step, now])
        try:
            return function(*arguments, **options)
        finally:
            now = time.perf_counter()
            spent[step] = spent.get(step, 0) + now - stack.pop()[1]
            if stack:
                stack[-1][1] = now
    return call

builtins.__import__ = timed("imports", builtins.__import__)
import importlib
importlib.import_module = timed("imports", importlib.import_module)
from advisories import cli
from advisories.cli import inputs, match
inputs.read_packages = timed("reading the list", inputs.read_packages)
inputs.read_feed = timed("opening the store", inputs.read_feed)
match.triaged = timed("matching", match.triaged)
match.write_reports = timed("writing the report", match.write_reports)
cli.main(sys.argv[1:])
whole = time.perf_counter() - begun
spent["the command itself"] = whole - sum(spent.values())
print(json.dumps(spent), file=sys.stderr)
"""
_ORDER: Final = ("imports", "reading the list", "opening the store", "matching", "writing the report")


@cache
def _steps() -> dict[str, float]:
    """What each step of the text report takes in a process, in seconds: of the fastest of some. Empty without data."""
    source = records.unpacked("feeds/almalinux-osv")
    host = matching.hosts_by_name().get("AlmaLinux 9")
    if source is None or host is None:
        return {}
    with tempfile.TemporaryDirectory(prefix="vercmp-report-") as name:
        store, listed = matching.compiled(source, Path(name)), Path(name, "host.tsv")
        listed.write_text(matching.query_format(host))
        command = [sys.executable, "-c", _STEPS, "match", "--inventory", str(listed), "--feed", str(store)]
        found: list[dict[str, Any]] = []
        for _ in range(15):
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            found.append(json.loads(done.stderr.splitlines()[-1]))
    return min(found, key=lambda one: sum(one.values()))


_ABOUT: Final = """\
What the rows of the second table measure has sections of its own below. Of what misses its goal, most time goes here:

- *A text report*: the table shows its steps. The interpreter's own start and end come on top.
- *A host with nothing remembered* is judged package by package in Python: names, versions, vendor, line, and only then
  one look at the fixes, which is compiled. The join beside it knows the records of each package before the clock
  starts.
- *Feeds* become objects of the model, each field checked, and flaws of records get a place. The bare decoders check
  nothing but JSON and XML.
- *A `Packages` index*: most packages have no record, and each is judged as on a host.
- *Compiling* reads as above, and then makes drafts and rows, each in Python.
"""


def report() -> list[str]:
    """The section of the page behind the goals."""
    steps = _steps()
    if not steps:
        return []
    whole = sum(steps.values())
    lines = ["### Where the time goes", "", *_ABOUT.splitlines(), ""]
    lines += ["| the text report of 590 packages, in its process | ms | share |", "|---|---:|---:|"]
    for name in (*_ORDER, *(steps.keys() - set(_ORDER))):
        lines.append(f"| {name} | {steps[name] * 1e3:.1f} | {steps[name] / whole:.0%} |")
    return [*lines, ""]


if __name__ == "__main__":
    print("\n".join([*tables.of_goals(list(goals())), "", *report()]))
