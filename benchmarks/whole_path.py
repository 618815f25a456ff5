"""The way from a list to findings, whole: what we want it to be as ratios, and where the time goes.

``python -m benchmarks.whole_path`` measures this alone and prints it.
"""

import tempfile
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Final
from xml.parsers import expat

from advisories.sources.documents import Document, documents
from advisories.sources.limits import DEFAULT_LIMITS
from advisories.store import read_feed
from advisories.store.compiling import compile_store
from benchmarks import groups, many_records, matching, openscap, records, sampling, scanners, tables, timing
from benchmarks.goals import Goal, Judged
from benchmarks.groups import LIBRPM_JOIN

__all__ = ["goals", "report"]

_OVAL: Final = "feeds/ubuntu-oval-2021-02/com.ubuntu.bionic.cve.oval.xml.bz2"
_MOST_MEMORY: Final = 500
# Records of each shape: a million of the one that has so many.
_MANY: Final = {"Chainguard": 1_000_000, "AlmaLinux": many_records.SIZES[-1]}
# A reading of a whole feed takes seconds.
_ROUNDS: Final = 3


def goals() -> Iterator[Judged]:
    """What we want, and what was measured. Without a ratio where it could not be."""
    yield _judged("text report from the store, beside a bare interpreter", 5, dict(_text()), at_most=True)
    for text, peers_ratios in _scanners():
        for name, wanted in _AGAINST[text]:
            ratios = {key: value for key, value in peers_ratios.items() if key.startswith(name)}
            what = f"JSON report from the store, {text} host, beside {name}, processor time"
            yield _judged(what, wanted, ratios, at_most=True)
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
    many = {f"{shape}, {count:,}": many_records.measured(shape, count) for shape, count in _MANY.items()}
    times = {what: one["seconds"] / one["decoding"] for what, one in many.items()}
    memory = {what: one["memory"] for what, one in many.items()}
    yield _judged("OSV records compiled, beside bare msgspec", 4, times, at_most=True)
    yield _judged("OSV records compiled, memory in MiB", _MOST_MEMORY, memory, at_most=True)


def _judged(text: str, wanted: float, ratios: dict[str, float], *, at_most: bool = False) -> Judged:
    return Judged(Goal(text, "", "", "", wanted, at_most), ratios)


def _text() -> Iterator[tuple[str, float]]:
    cold = matching.cold()
    if cold is not None:
        yield "590 packages", cold.seconds[matching.TEXT] / cold.seconds[matching.BARE]


# What we want beside each of them.
_AGAINST: Final = {
    scanners.ALMA: (("Trivy", 0.15), ("Grype", 0.01), ("osv-scanner", 0.02)),
    scanners.DEBIAN: (("Trivy", 0.3),),
}


def _scanners() -> Iterator[tuple[str, dict[str, float]]]:
    taken = scanners.measured()
    for text in _AGAINST:
        of = dict(taken.get(text, {}))
        ours = of.pop(scanners.OURS, None)
        yield (
            text,
            {} if ours is None else {name.partition(",")[0]: ours.seconds / one.seconds for name, one in of.items()},
        )


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


def _oval_text() -> bytes | None:
    source = records.DATA / _OVAL
    if not source.exists():
        return None
    (data,) = (one.data for one in documents(source, DEFAULT_LIMITS) if isinstance(one, Document))
    return data


def _oval() -> Iterator[tuple[str, float]]:
    data = _oval_text()
    if data is None:
        return
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

# Records that are compiled while somebody looks.
_COMPILED: Final = 5_680
_MOST_MODULES: Final = 8
_LEAST_SHARE: Final = 0.02


def _sampled() -> Iterator[tuple[str, Counter[str]]]:
    """What each of the goals above measures, and the modules that were at work."""
    source = records.unpacked("feeds/almalinux-osv")
    host = matching.hosts_by_name().get("AlmaLinux 9")
    feed = matching.almalinux_feed()
    if source is None or host is None or feed is None:
        return
    with tempfile.TemporaryDirectory(prefix="vercmp-report-") as name:
        folder = Path(name)
        store, listed = matching.compiled([source], folder), folder / "host.tsv"
        listed.write_text(matching.query_format(host))
        command = ["match", "--inventory", str(listed), "--feed", str(store), "--format"]
        yield "a text report from the store, 590 packages", sampling.of_process([*command, "text"])
        yield "... as JSON", sampling.of_process([*command, "json"])
        yield "a host with nothing remembered", sampling.of_work(matching.unremembered(host, feed))
        if (command_on_index := matching.on_index(folder)) is not None:
            yield "a `Packages` index, 63,440 packages", sampling.of_process(command_on_index, rounds=2)
        yield "AlmaLinux's OSV to a feed", sampling.of_work(lambda: read_feed(source))
        if (oval := _oval_text()) is not None:
            path = folder / "bionic.xml"
            path.write_bytes(oval)
            yield "OVAL to a feed", sampling.of_work(lambda: read_feed(path))
        for shape in many_records.SHAPES:
            archive = folder / "osv.tar"
            many_records.write_archive(archive, shape, _COMPILED)
            work = partial(compile_store, [archive], folder / "osv.db")
            yield f"{_COMPILED:,} records of {shape}'s shape compiled", sampling.of_work(work)


def _shares(samples: Counter[str]) -> str:
    whole = samples.total()
    named = [(name, count / whole) for name, count in samples.most_common() if name]
    shown = [(name, share) for name, share in named if share >= _LEAST_SHARE][:_MOST_MODULES]
    texts = [f"{name if name == sampling.IMPORTS else f'`{name}`'} {share:.0%}" for name, share in shown]
    rest = 1 - sum(share for _, share in shown)
    return ", ".join([*texts, f"the rest {rest:.0%}"])


_ABOUT: Final = """\
What the rows of the second table measure has sections of its own below. Of each the table here has the modules that
were at work, looked at every few milliseconds of processor time. The interpreter's own start and end are left out. No
module stands out:

- *A report*: imports are its largest part. Then packages are judged and findings written one by one, in Python.
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
    rows = [f"| {what} | {_shares(samples)} |" for what, samples in _sampled()]
    if not rows:
        return []
    return ["### Where the time goes", "", *_ABOUT.splitlines(), "", "| | processor time |", "|---|---|", *rows, ""]


if __name__ == "__main__":
    print("\n".join([*tables.of_goals(list(goals())), "", *report()]))
