"""Which advisories installed packages are affected by: ``vercmp.IntervalIndex`` against other ways to the same answer.

``python -m benchmarks.intervals`` measures this alone and prints it.
"""

import bisect
import functools
import pickle
import random
import sys
from array import array
from collections.abc import Callable
from typing import NamedTuple

import vercmp
from benchmarks import peers, records, tables, timing
from benchmarks.groups import Group
from benchmarks.timing import Work, calls, slow_calls

_STAB_MANY = "`index.stab_many(groups, keys)`"
_FAMILIES = frozenset({"alma", "rocky"})
_ECOSYSTEM = "AlmaLinux:9"
_SEED = 20_260_801
_KERNEL_INTERVALS = 10_000
_KERNEL_QUERIES = 1_000
_BRANCHES = [(4, 14, 336), (4, 19, 325), (5, 4, 300), (5, 10, 245), (5, 15, 190), (6, 1, 140), (6, 6, 90), (6, 12, 50)]
_MAINLINE = (
    [(4, minor) for minor in range(21)] + [(5, minor) for minor in range(20)] + [(6, minor) for minor in range(18)]
)

Interval = tuple[bytes | None, bytes | None, int]
# What a scan looks at: the fixed version of each record of a package, and the record's number.
Fixes = list[tuple[str, int]]


class Join(NamedTuple):
    """Records by package, and packages installed that have records: group numbers and versions, place by place."""

    fixes: list[Fixes]
    groups: list[int]
    installed: list[str]


class Memory(NamedTuple):
    what: str
    intervals: int
    groups: int
    key_bytes: int
    index_bytes: int
    python_bytes: int


def queries() -> list[Group]:
    """Hosts against a distribution, and the worst of packages; nothing without the real data."""
    join = _hosts()
    return [_hosts_group(join), _kernel_group()] if join is not None else []


def builds() -> list[Group]:
    """Making what is queried."""
    join = _hosts()
    if join is None:
        return []
    keyed = _keyed(join.fixes)
    pickled = pickle.dumps(vercmp.IntervalIndex(keyed), pickle.HIGHEST_PROTOCOL)
    works: dict[str, Work] = {
        "`IntervalIndex(groups)`, keys made before": lambda: vercmp.IntervalIndex(keyed),
        "`IntervalIndex`, texts to keys included": lambda: vercmp.IntervalIndex(_keyed(join.fixes)),
        "`pickle.loads`": lambda: pickle.loads(pickled),
        "two sorted lists a group for `bisect`, keys made before": lambda: _sorted_lists(keyed),
    }
    count = sum(map(len, keyed))
    return [Group("rpm", "build", f"{count:,} intervals in {len(keyed):,} groups, a time is of one", count, works)]


def memory() -> list[Memory]:
    """Bytes kept, each distinct key of a group once."""
    join = _hosts()
    if join is None:
        return []
    cases = {"AlmaLinux's advisories": _keyed(join.fixes), "kernel": [_kernel_intervals()]}
    return [_memory(what, intervals) for what, intervals in cases.items()]


@functools.cache
def _hosts() -> Join | None:
    fixed, packages = records.fixed_versions(), records.host_packages()
    if fixed is None or packages is None:
        return None
    places: dict[tuple[str, str], int] = {}
    fixes: list[Fixes] = []
    for number, (ecosystem, package, version) in enumerate(fixed):
        place = places.setdefault((ecosystem, package), len(fixes))
        if place == len(fixes):
            fixes.append([])
        fixes[place].append((version, number))
    queried = [
        (places[_ECOSYSTEM, package], installed)
        for family, package, installed, _ in packages
        if family in _FAMILIES and (_ECOSYSTEM, package) in places
    ]
    return Join(fixes, [group for group, _ in queried], [installed for _, installed in queried])


def _hosts_group(join: Join) -> Group:
    keyed = _keyed(join.fixes)
    index = vercmp.IntervalIndex(keyed)
    keys = vercmp.rpm.sort_keys(join.installed)
    numbers = array("q", join.groups)
    scanned = [join.fixes[group] for group in join.groups]
    lists = _sorted_lists(keyed)
    sorted_fixes = [lists[group] for group in join.groups]

    def by_compare(fixes: Fixes, installed: str) -> list[int]:
        compare = vercmp.rpm.compare
        return [number for fixed, number in fixes if compare(installed, fixed) < 0]

    works: dict[str, Work] = {
        _STAB_MANY: lambda: index.stab_many(numbers, keys),
        "`index.stab_many(groups, rpm.sort_keys(installed))`": lambda: index.stab_many(
            numbers, vercmp.rpm.sort_keys(join.installed)
        ),
        "`index.stab(group, key)`, one by one": calls(index.stab, join.groups, keys),
        "`index.positions(groups, keys)`": lambda: index.positions(numbers, keys),
        "`numbers[bisect_right(fixed_keys, key):]`, lists sorted before": calls(_bisected, sorted_fixes, keys),
        "every record: `vercmp.rpm.compare(installed, fixed) < 0`": slow_calls(by_compare, scanned, join.installed),
    }
    answers = [sorted(_bisected(lists, key)) for lists, key in zip(sorted_fixes, keys, strict=True)]
    _agree(by_compare, scanned, join.installed, answers)
    if (rpm := peers.rpm()) is not None:
        label_compare = rpm.labelCompare

        def by_label_compare(fixes: Fixes, installed: str) -> list[int]:
            return [number for fixed, number in fixes if label_compare(peers.evr(installed), peers.evr(fixed)) < 0]

        _agree(by_label_compare, scanned, join.installed, answers)
        works["every record: both EVRs split, `rpm.labelCompare`"] = slow_calls(
            by_label_compare, scanned, join.installed
        )
    if (univers := peers.installed("univers.versions")) is not None:
        version = univers.RpmVersion

        def by_univers(fixes: Fixes, installed: str) -> list[int]:
            return [number for fixed, number in fixes if version(installed) < version(fixed)]

        works["every record: univers `RpmVersion(installed) < RpmVersion(fixed)`"] = slow_calls(
            by_univers, scanned, join.installed
        )
    hits, looked_at = sum(map(len, answers)) / len(keys), sum(map(len, scanned)) / len(keys)
    what = (
        f"{len(keys):,} packages of the AlmaLinux 9 and Rocky Linux 9 hosts that AlmaLinux 9's advisories know, among "
        f"{len(index):,} intervals in {index.groups:,} groups, a time is of one package, which has {looked_at:.1f} "
        f"records, {hits:.1f} of them hits"
    )
    return Group("rpm", "hosts", what, len(keys), works)


def _kernel_group() -> Group:
    intervals = _kernel_intervals()
    index = vercmp.IntervalIndex([intervals])
    rng = random.Random(_SEED)
    chosen = [rng.choice(_MAINLINE) for _ in range(_KERNEL_QUERIES)]
    installed = [f"{major}.{minor}.{rng.randrange(300)}" for major, minor in chosen]
    keys = vercmp.rpm.sort_keys(installed)
    numbers = array("q", [0]) * len(keys)
    bounded = [(low or b"", high or b"\xff", payload) for low, high, payload in intervals]

    def by_bytes(key: bytes) -> list[int]:
        return [payload for low, high, payload in bounded if low <= key < high]

    hits = [by_bytes(key) for key in keys]
    for key, wanted in zip(keys, hits, strict=True):
        if sorted(index.stab(0, key)) != wanted:
            raise AssertionError("two ways differ in their answer")
    works: dict[str, Work] = {
        _STAB_MANY: lambda: index.stab_many(numbers, keys),
        "`index.stab(group, key)`, one by one": calls(index.stab, [0] * len(keys), keys),
        "`index.positions(groups, keys)`": lambda: index.positions(numbers, keys),
        "every record: `low <= key < high`, keys made before": slow_calls(by_bytes, keys),
    }
    what = (
        f"{len(intervals):,} intervals of one package, made by rule: since a mainline version of Linux, fixed in "
        f"each stable branch, a time is of one of {len(keys):,} versions, with "
        f"{sum(map(len, hits)) / len(keys):,.0f} hits each"
    )
    return Group("rpm", "kernel", what, len(keys), works)


@functools.cache
def _kernel_intervals() -> list[Interval]:
    rng = random.Random(_SEED)
    key = functools.cache(vercmp.rpm.sort_key)
    found: list[Interval] = []
    while len(found) < _KERNEL_INTERVALS:
        since = rng.choice(_MAINLINE)
        until = rng.choice([later for later in _MAINLINE if later >= max(since, (5, 10))])
        low = None if rng.random() < 0.3 else key(f"{since[0]}.{since[1]}")
        when = rng.random()
        for major, minor, patches in _BRANCHES:
            if since <= (major, minor) < until:
                found.append((low, key(f"{major}.{minor}.{1 + int(patches * when)}"), len(found)))
                low = key(f"{major}.{minor + 1}")
        found.append((low, key(f"{until[0]}.{until[1]}"), len(found)))
    return found


def _keyed(fixes: list[Fixes]) -> list[list[Interval]]:
    key = vercmp.rpm.sort_key
    return [[(None, key(fixed), number) for fixed, number in group] for group in fixes]


def _sorted_lists(keyed: list[list[Interval]]) -> list[tuple[list[bytes], list[int]]]:
    lists = []
    for group in keyed:
        by_high = sorted((high or b"", number) for _, high, number in group)
        lists.append(([high for high, _ in by_high], [number for _, number in by_high]))
    return lists


def _bisected(lists: tuple[list[bytes], list[int]], key: bytes) -> list[int]:
    fixed_keys, numbers = lists
    return numbers[bisect.bisect_right(fixed_keys, key) :]


def _agree(
    scan: Callable[[Fixes, str], list[int]], scanned: list[Fixes], installed: list[str], answers: list[list[int]]
) -> None:
    if [sorted(found) for found in map(scan, scanned, installed)] != answers:
        raise AssertionError("two ways differ in their answer")


def _memory(what: str, groups: list[list[Interval]]) -> Memory:
    index = vercmp.IntervalIndex(groups)
    distinct = [{bound for low, high, _ in group for bound in (low, high) if bound is not None} for group in groups]
    lists = sum(
        sys.getsizeof([None] * len(bounds)) + sys.getsizeof([None] * len(group)) + sum(map(sys.getsizeof, bounds))
        for group, bounds in zip(groups, distinct, strict=True)
    )
    return Memory(
        what, len(index), index.groups, sum(len(key) for keys in distinct for key in keys), index.nbytes, lists
    )


def memory_table(measured: list[Memory]) -> list[str]:
    lines = [
        "| | intervals | groups | key bytes an interval | index bytes an interval | lists of keys and numbers |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for row in measured:
        each = [f"{size / row.intervals:.1f}" for size in (row.key_bytes, row.index_bytes, row.python_bytes)]
        lines.append(f"| {row.what} | {row.intervals:,} | {row.groups:,} | {' | '.join(each)} |")
    return lines


def report() -> list[str]:
    """The section of the report; empty without the real data."""
    queried, built = queries(), builds()
    if not queried:
        return []
    times = {id(group): timing.minima(group.works) for group in [*queried, *built]}
    lines = ["## IntervalIndex", "", *_ABOUT.splitlines(), ""]
    lines += [*tables.of_calls([(group, times[id(group)]) for group in queried]), ""]
    lines += [*tables.of_calls([(group, times[id(group)]) for group in built]), ""]
    return [*lines, *memory_table(memory()), ""]


_ABOUT = """\
Installed packages joined with advisories. `stab_many` has the numbers of groups in an `array("q")` and the sort keys in
a list, made before. What it returns is made anew. A scan goes through the records of the package, which are found
before, and makes a list of those fixed above what is installed. It splits or makes both versions for every comparison,
as scanners do. In the column of lists each distinct key of a group is one `bytes`, in one list, beside a list of
numbers. The numbers themselves are not counted.
"""


if __name__ == "__main__":
    print("\n".join(report() or ["Not measured: the real archives are not there."]))
