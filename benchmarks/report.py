"""``python -m benchmarks.report``: measure everything in one process and write ``docs/benchmarks.md``."""

import tempfile
from pathlib import Path

from benchmarks import (
    flavours,
    footprint,
    goals,
    groups,
    intervals,
    joins,
    key_lengths,
    many_records,
    matching,
    openscap,
    peers,
    reading,
    records,
    reporting,
    scanners,
    setting,
    tables,
    timing,
    wheels,
    whole_path,
)

# Long runs, each with less of a chance to be left alone.
_SECONDS_EACH_SORT = 3.0

PAGE = records.ROOT / "docs" / "benchmarks.md"

_INTRODUCTION = """\
# Benchmarks

`make benchmarks` writes this page. Do not edit it by hand. Everything below was measured in one run, in turns. A time
is the shortest of many, since a machine that others use too only makes it longer. Compare ratios, not nanoseconds.

Every comparator is called the same way, `collections.deque(map(function, lefts, rights), maxlen=0)`, over about 1,000
pairs of real versions, few enough to stay in the processor's cache. Over 20,000 pairs scattered in memory all of them,
an empty function included, are measured by the cache misses of walking the two lists. A run repeats the same pairs many
times, which is kind to branch predictors: to everybody's.
"""

_ABOUT_GOALS = """\
Where a goal is not met, the rows below show what is left. An empty call is a dozen nanoseconds only when nothing but
`map` drives it, and nothing can be read in that time. A pair that masks decide at its first difference stands near two
and a half such calls, and one that goes on by tokens near three. Sorting cannot be faster than sorting keys that are
there, and `sort_keys` cannot save more than the calls: those rows are in the tables too. A host that is counted again
is one lookup for each package, half of it Python's call to hash the package. The join has five records a package here,
and grows with them.
"""

_ABOUT_CALLS = """\
Where a peer wants more than strings, that was made before the clock started, where its row states it. libapt, unlike
dpkg and `vercmp`, refuses no version.
"""

_ABOUT_BATCHES = """\
`SCHEME` is the scheme's module. A time is of one item, its share of making the list included. What a batch can save is
the call of each: the row of empty calls.
"""

_ABOUT_SORTS = """\
Sorting keys that are there is the least that any function making keys can come to. `cmp_to_key` with a comparator that
does next to nothing is the least that a comparator can.
"""

_COMPARED = {"rpm": "rpm: two EVRs", "dpkg": "dpkg: two versions", "apk": "apk: two versions"}


def write() -> None:
    """Measure and write the page."""
    compared, segments, scale = groups.comparisons(), groups.segments(), groups.scale()
    batches, sorts, python_sorts = groups.batches(), groups.sorts(), groups.python_sorts()
    columns = groups.columns()
    times = {id(group): timing.minima(group.works) for group in [*compared, *segments, *scale, *batches, *columns]}
    sorted_groups = [*sorts, *python_sorts]
    times |= {id(group): timing.minima(group.works, seconds=_SECONDS_EACH_SORT) for group in sorted_groups}
    measured = [(group, times[id(group)]) for group in compared]
    lines = [
        *_INTRODUCTION.splitlines(),
        "",
        *_setting(),
        "## Goals",
        "",
        *_goals(compared, [*batches, *columns], sorts + python_sorts, times),
    ]
    for scheme, title in _COMPARED.items():
        of_scheme = [(group, taken) for group, taken in measured if group.scheme == scheme]
        lines += [f"## {title}", "", *tables.of_calls(of_scheme), ""]
    lines += [
        *_ABOUT_CALLS.splitlines(),
        "",
        "## rpmvercmp: version parts alone",
        "",
        *tables.of_calls([(group, times[id(group)]) for group in segments]),
        "",
    ]
    if scale:
        lines += ["## For scale: PEP 440", "", *tables.of_calls([(group, times[id(group)]) for group in scale]), ""]
    lines += [
        "## Many at once",
        "",
        *_ABOUT_BATCHES.splitlines(),
        "",
        *tables.of_calls([(group, times[id(group)]) for group in batches], headings=("rpm", "dpkg")),
        "",
        *_of_columns([(group, times[id(group)]) for group in columns]),
        "## Sorting",
        "",
        *_ABOUT_SORTS.splitlines(),
        "",
        *tables.of_calls([(group, times[id(group)]) for group in sorts], headings=("rpm", "dpkg"), unit=1e3, name="ms"),
        "",
        *_of_python([(group, times[id(group)]) for group in python_sorts]),
        "",
        *intervals.report(),
        *joins.report(),
        *matching.report(),
        *reading.report(),
        *many_records.report(),
        *reporting.report(),
        *openscap.report(),
        *scanners.report(),
        "## Length of keys",
        "",
        "Over distinct versions, lengths in bytes.",
        "",
        *tables.of_key_lengths(key_lengths.measure()),
        "",
    ]
    # What fails while wheels are built must not take along what was measured.
    _write([*lines, *_NO_BUILDS])
    _write([*lines, *_builds()])


def _write(lines: list[str]) -> None:
    PAGE.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")


def _of_columns(measured: list[tuple[groups.Group, dict[str, float]]]) -> list[str]:
    return ["## Columns", "", *tables.of_calls(measured, headings=("rpm", "dpkg")), ""] if measured else []


def _of_python(measured: list[tuple[groups.Group, dict[str, float]]]) -> list[str]:
    return tables.of_calls(measured, headings=("pep440",), unit=1e3, name="ms") if measured else []


def _setting() -> list[str]:
    rows = {**setting.facts(), **peers.versions()}
    return ["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows.items()), ""]


def _goals(
    compared: list[groups.Group],
    batches: list[groups.Group],
    sorts: list[groups.Group],
    times: dict[int, dict[str, float]],
) -> list[str]:
    measured = [(group, times[id(group)]) for group in [*compared, *batches, *sorts]]
    judged = goals.judge([*measured, *matching.measured()])
    lines = [*tables.of_goals(judged), "", *_ABOUT_GOALS.splitlines(), ""]
    return [
        *lines,
        "From a list to findings:",
        "",
        *tables.of_goals(list(whole_path.goals())),
        "",
        *whole_path.report(),
    ]


_BUILDS = ["## Size and start", ""]
_NO_BUILDS = [*_BUILDS, "Not measured: no wheel could be built."]


def _builds() -> list[str]:
    """What wheels show: built from this tree, so not at all without a compiler."""
    with tempfile.TemporaryDirectory(prefix="vercmp-report-") as folder:
        wheel = wheels.build("normal", Path(folder) / "wheel")
        if wheel is None:
            return _NO_BUILDS
        lines = [*_BUILDS]
        lines += [*tables.of_footprint(footprint.measure(wheel, Path(folder) / "import")), "", "## abi3", ""]
        compared = flavours.measure(Path(folder) / "flavours")
        if compared is None:
            return [*lines, "Not measured: one of the builds failed."]
        return [
            *lines,
            "One wheel for CPython 3.11 and later, against the wheel of this Python.",
            "",
            *flavours.table(compared),
        ]


if __name__ == "__main__":
    write()
    print(PAGE.read_text(encoding="utf-8"))
