"""``vercmp.IntervalIndex`` against the obvious: looking at every interval."""

import bisect
import copy
import functools
import itertools
import json
import pickle
import random
import sys
import tarfile
import threading
from array import array
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

import vercmp
from vercmp import IntervalIndex
from vercmp._intervals import _restore

Interval = tuple[bytes | None, bytes | None, int]

# So few and so short that they meet, nest, touch, are equal, empty and upside down all the time.
some_bytes = st.binary(max_size=3).map(lambda drawn: bytes(b"a\x00\xff"[byte % 3] for byte in drawn))
bounds = st.none() | some_bytes
intervals = st.tuples(bounds, bounds, st.integers(-3, 3) | st.integers(-(2**63), 2**63 - 1))
some_groups = st.lists(st.lists(intervals, max_size=12), max_size=4)
one_group = st.lists(intervals, min_size=1, max_size=20)


def holds(interval: Interval, key: bytes) -> bool:
    low, high, _ = interval
    return (low is None or low <= key) and (high is None or key < high)


def promised_order(interval: Interval) -> tuple[bool, bytes, bool, bytes]:
    """The order of the class. Sorting keeps equal ones as they were given."""
    low, high, _ = interval
    return (True, low, False, b"") if low else (False, b"", high is None, high or b"")


def scan(group: list[Interval], key: bytes) -> list[int]:
    return [interval[2] for interval in sorted(group, key=promised_order) if holds(interval, key)]


def bounds_of(group: list[Interval]) -> list[bytes]:
    """Every bound but the empty low one, which is none."""
    return sorted({bound for low, high, _ in group for bound in (low or None, high) if bound is not None})


def distinct_keys(group: list[Interval]) -> list[bytes]:
    """Every bound, the next key behind it, what it begins with, and keys below and above all."""
    found = {b"", b"\xff" * 4}
    for bound in bounds_of(group):
        found |= {bound, bound + b"\0", bound[:-1], bound[:-1] + b"\xfe"}
    return sorted(found)


def questions(given: list[list[Interval]]) -> tuple[list[int], list[bytes]]:
    queries = [(number, key) for number, group in enumerate(given) for key in distinct_keys(group)]
    return [number for number, _ in queries], [key for _, key in queries]


def cut(answer: tuple["array[int]", "array[int]"]) -> list[list[int]]:
    offsets, payloads = answer
    assert offsets.typecode == payloads.typecode == "q"
    assert offsets[0] == 0
    assert offsets[-1] == len(payloads)
    return [list(payloads[start:end]) for start, end in itertools.pairwise(offsets)]


@given(some_groups)
def test_as_looking_at_every_interval(given: list[list[Interval]]) -> None:
    index = IntervalIndex(given)
    numbers, keys = questions(given)
    wanted = [scan(given[number], key) for number, key in zip(numbers, keys, strict=True)]
    assert [index.stab(number, key) for number, key in zip(numbers, keys, strict=True)] == wanted
    assert cut(index.stab_many(numbers, keys)) == wanted
    assert cut(index.stab_many(array("q", numbers), tuple(keys))) == wanted


@given(some_groups)
def test_counts(given: list[list[Interval]]) -> None:
    index = IntervalIndex(iter(map(iter, given)))
    assert index.groups == len(given)
    assert len(index) == sum(map(len, given))
    assert index.empty == sum(high is not None and (low or b"") >= high for group in given for low, high, _ in group)
    assert sys.getsizeof(index) >= index.nbytes > 0


@given(one_group)
def test_keys_of_one_position_compare_alike_with_every_bound(group: list[Interval]) -> None:
    index = IntervalIndex([[], group])
    known = bounds_of(group)
    keys = distinct_keys(group)
    positions = [index.position(1, key) for key in keys]
    assert positions == sorted(positions)
    for (key, position), (other, its) in itertools.pairwise(zip(keys, positions, strict=True)):
        alike = [(key > bound) - (key < bound) for bound in known] == [
            (other > bound) - (other < bound) for bound in known
        ]
        assert alike == (position == its)
    for key, position in zip(keys, positions, strict=True):
        below, equals = sum(bound < key for bound in known), key in known
        assert position == 2 * below + equals
        assert index.position(0, key) == 0
    assert list(index.positions([1] * len(keys), keys)) == positions


@given(some_groups)
def test_a_pickled_index_answers_alike(given: list[list[Interval]]) -> None:
    index = IntervalIndex(given)
    numbers, keys = questions(given)
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        again = pickle.loads(pickle.dumps(index, protocol))
        assert again.stab_many(numbers, keys) == index.stab_many(numbers, keys)
        assert again.positions(numbers, keys) == index.positions(numbers, keys)
        assert repr(again) == repr(index)
        assert (len(again), again.empty, again.groups) == (len(index), index.empty, index.groups)
        assert (again.nbytes, again.__reduce__()) == (index.nbytes, index.__reduce__())


@given(st.data())
def test_the_order_of_intervals_changes_no_set(data: st.DataObject) -> None:
    group = data.draw(one_group)
    other = data.draw(st.permutations(group))
    index, permuted = IntervalIndex([group]), IntervalIndex([other])
    for key in distinct_keys(group):
        assert sorted(index.stab(0, key)) == sorted(permuted.stab(0, key))
        assert index.position(0, key) == permuted.position(0, key)


@given(one_group)
def test_groups_know_nothing_of_each_other(group: list[Interval]) -> None:
    alone, between = (
        IntervalIndex([group]),
        IntervalIndex([[(None, b"a", 7)], group, [(b"", None, 8), (b"a", None, 9)]]),
    )
    for key in distinct_keys(group):
        assert alone.stab(0, key) == between.stab(1, key)


def test_equal_versions_of_different_texts() -> None:
    key = vercmp.rpm.sort_key
    index = IntervalIndex([[(None, key("0:1-1"), 1), (key("1-01"), None, 2)]])
    assert index.position(0, key("1-1")) == index.position(0, key("0:1-1")) == 1
    assert index.stab(0, key("1-1")) == [2]
    assert index.stab(0, key("1-1~")) == [1]


def test_nothing_at_all() -> None:
    assert repr(IntervalIndex([])) == "<IntervalIndex: 0 intervals in 0 groups>"
    assert cut(IntervalIndex([]).stab_many([], [])) == []
    assert IntervalIndex([]).positions([], []) == array("q")
    index = IntervalIndex([[], [(b"b", b"a", 1), (b"", b"", 2), (None, b"", 3)]])
    assert (len(index), index.empty, index.groups) == (3, 3, 2)
    assert [index.position(1, key) for key in (b"", b"A", b"a", b"b", b"c")] == [1, 2, 3, 5, 6]
    assert index.stab(0, b"") == index.stab(1, b"") == index.stab(1, b"a") == []
    assert cut(index.stab_many([0, 1], [b"", b""])) == [[], []]


def test_no_bounds_is_every_key() -> None:
    index = IntervalIndex([[(None, None, -(2**63)), (b"", None, 2**63 - 1)]])
    assert index.stab(0, b"") == index.stab(0, b"\xff" * 1000) == [-(2**63), 2**63 - 1]
    assert index.position(0, b"any") == 0


class Triple(NamedTuple):
    low: bytes | None
    high: bytes | None
    payload: int


class Key(bytes):
    pass


def test_subclasses() -> None:
    index = IntervalIndex([[Triple(Key(b"a"), Key(b"c"), True)]])
    assert index.stab(True - 1, Key(b"b")) == [1]


# --- a kernel: thousands of intervals of one package ---------------------------------------------------------------

BRANCHES = [(4, 14, 336), (4, 19, 325), (5, 4, 300), (5, 10, 245), (5, 15, 190), (6, 1, 140), (6, 6, 90), (6, 12, 50)]
MAINLINE = (
    [(4, minor) for minor in range(21)] + [(5, minor) for minor in range(20)] + [(6, minor) for minor in range(18)]
)


def kernel_intervals(count: int) -> list[Interval]:
    """As in advisories of a kernel: since a mainline version, and each stable branch fixed at another patch."""
    rng = random.Random(20)
    version: Callable[[str], bytes] = functools.cache(vercmp.rpm.sort_key)
    found: list[Interval] = []
    while len(found) < count:
        since = rng.choice(MAINLINE)
        until = rng.choice([later for later in MAINLINE if later >= max(since, (5, 10))])
        low: bytes | None = None if rng.random() < 0.3 else version(f"{since[0]}.{since[1]}")
        when = rng.random()
        for major, minor, patches in BRANCHES:
            if since <= (major, minor) < until:
                found.append((low, version(f"{major}.{minor}.{1 + int(patches * when)}"), len(found)))
                low = version(f"{major}.{minor + 1}")
        found.append((low, version(f"{until[0]}.{until[1]}"), len(found)))
    return found


def test_a_kernel() -> None:
    """Against ranks in Python: a key's rank is twice its place among the bounds, one more where it is none of them."""
    group = kernel_intervals(6_000)
    index = IntervalIndex([group])
    known = bounds_of(group)
    assert len(known) > 1_000
    place = {bound: 2 * rank for rank, bound in enumerate(known)}
    ranked = [
        (-1 if low is None else place[low], 2 * len(known) if high is None else place[high], payload)
        for low, high, payload in group
    ]
    rng = random.Random(21)
    keys = [
        vercmp.rpm.sort_key(f"{major}.{minor}.{rng.randrange(400)}")
        for major, minor in (rng.choice(MAINLINE) for _ in range(600))
    ]
    answers = cut(index.stab_many([0] * len(keys), keys))
    most = 0
    for key, answer in zip(keys, answers, strict=True):
        rank = place.get(key, 2 * bisect.bisect(known, key) - 1)
        wanted = {payload for low, high, payload in ranked if low <= rank < high}
        assert len(answer) == len(wanted)
        assert set(answer) == wanted
        most = max(most, len(answer))
    assert most > 900
    assert answers == [index.stab(0, key) for key in keys]
    again = pickle.loads(pickle.dumps(index))
    assert again.stab_many([0] * len(keys), keys) == index.stab_many([0] * len(keys), keys)


def test_windows_stay_small() -> None:
    """Five entries an interval are enough, whatever they are: long over short, stairs, all alike, all nested."""
    rng = random.Random(22)
    key = [number.to_bytes(2, "big") for number in range(4_000)]
    shapes: dict[str, list[Interval]] = {
        "alike": [(key[1], key[2], 0)] * 3_000,
        "nested": [(key[i], key[3_999 - i], i) for i in range(1, 1_999)],
        "stairs": [(key[i], key[i + 500], i) for i in range(1, 3_000)],
        "apart": [(key[i], key[i + 1], i) for i in range(1, 3_998, 2)],
        "long": [(key[1], None, 0)] * 40 + [(key[i], key[i + 2], i) for i in range(1, 3_990)],
        "random": [(key[rng.randrange(1, 2_000)], key[rng.randrange(2_000, 4_000)], i) for i in range(3_000)],
    }
    for name, group in shapes.items():
        index = IntervalIndex([group])
        slots = len(bounds_of(group)) + 1
        for entry in rng.sample(range(4_000), 50):
            assert sorted(index.stab(0, key[entry])) == sorted(i[2] for i in group if holds(i, key[entry])), name
        assert index.nbytes <= 5 * 16 * len(group) + slots * (2 + 8 + 8) + 100, name


# --- what comes in from outside ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        (5, TypeError, "'int' object is not iterable"),
        ([[], 5], TypeError, "group 1: must be an iterable of intervals, not int"),
        ([[], [5]], TypeError, "group 1, interval 0: must be a tuple (low, high, payload), not int"),
        ([[[b"a", b"b", 1]]], TypeError, "group 0, interval 0: must be a tuple (low, high, payload), not list"),
        ([[(b"a", b"b")]], ValueError, "group 0, interval 0: must be (low, high, payload), not a tuple of 2"),
        ([[(b"a", b"b", 1, 2)]], ValueError, "group 0, interval 0: must be (low, high, payload), not a tuple of 4"),
        ([[(None, None, 1), ("", b"b", 1)]], TypeError, "group 0, interval 1: low must be bytes or None, not str"),
        ([[(None, bytearray(), 1)]], TypeError, "group 0, interval 0: high must be bytes or None, not bytearray"),
        ([[(None, None, 1.0)]], TypeError, "group 0, interval 0: payload must be int, not float"),
        ([[(None, None, 2**63)]], OverflowError, "group 0, interval 0: payload does not fit 64 bits"),
        ([[(None, None, -(2**63) - 1)]], OverflowError, "group 0, interval 0: payload does not fit 64 bits"),
    ],
)
def test_bad_intervals(given: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as caught:
        IntervalIndex(given)
    assert str(caught.value) == message


def test_errors_of_iterables_come_through() -> None:
    def broken() -> Any:
        yield (None, None, 1)
        raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        IntervalIndex([broken()])


@pytest.mark.parametrize("group", [-1, 2, 2**63, -(2**63) - 1, 2**70])
def test_no_such_group(group: int) -> None:
    index = IntervalIndex([[(None, None, 1)], []])
    for ask in (index.stab, index.position):
        with pytest.raises(IndexError):
            ask(group, b"")
    for ask_many in (index.stab_many, index.positions):
        with pytest.raises(IndexError):
            ask_many([0, group], [b"", b""])
        if -(2**63) <= group < 2**63:
            with pytest.raises(IndexError, match=f"key 1: no group {group}: there are 2"):
                ask_many(array("q", [0, group]), [b"", b""])


def test_bad_questions() -> None:
    index = IntervalIndex([[(None, None, 1)]])
    with pytest.raises(IndexError, match="no group 1: there are 1"):
        index.stab(1, b"")
    for ask in (index.stab, index.position):
        with pytest.raises(TypeError, match="key must be bytes, not str"):
            ask(0, "")  # type: ignore[arg-type]
        with pytest.raises(TypeError):
            ask(0.0, b"")  # type: ignore[arg-type]
    for ask_many in (index.stab_many, index.positions):
        with pytest.raises(TypeError, match="key 1 must be bytes, not None"):
            ask_many([0, 0], [b"", None])  # type: ignore[list-item]
        with pytest.raises(TypeError):
            ask_many(["0"], [b""])  # type: ignore[list-item]
        with pytest.raises(TypeError):
            ask_many(None, [b""])  # type: ignore[arg-type]
        for groups in ([0], array("q", [0])):
            with pytest.raises(ValueError, match="groups and keys must be of one length, not 1 and 2"):
                ask_many(groups, [b"", b""])


def test_groups_of_any_kind() -> None:
    index = IntervalIndex([[(None, b"b", 1)], [(None, b"b", 2)]])
    numbers = array("q", [1, 9, 0, 9, 1])
    kinds: list[Any] = [
        [1, 0, 1],
        (1, 0, 1),
        iter([1, 0, 1]),
        array("q", [1, 0, 1]),
        array("i", [1, 0, 1]),
        array("Q", [1, 0, 1]),
        b"\1\0\1",
        memoryview(numbers)[::2],
        memoryview(numbers).cast("B").cast("q")[::-2],
        memoryview(numbers.tobytes()).cast("l" if sys.maxsize > 2**32 else "q")[::2],
        memoryview(b"x" + array("q", [1, 0, 1]).tobytes())[1:].cast("q"),
    ]
    for groups in kinds:
        assert cut(index.stab_many(groups, iter([b"a", b"a", b""]))) == [[2], [1], [2]]


def test_it_never_changes() -> None:
    index = IntervalIndex([[(None, b"b", 1)]])
    assert copy.copy(index) is copy.deepcopy(index) is index
    with pytest.raises(AttributeError):
        index.empty = 3  # type: ignore[misc]
    with pytest.raises(AttributeError):
        index.more = 3  # type: ignore[attr-defined]
    with pytest.raises(TypeError):
        type("Sub", (IntervalIndex,), {})
    index.__init__([[]])  # type: ignore[call-arg]  # as a tuple's, it does nothing
    assert index.stab(0, b"a") == [1]


def test_keys_need_not_stay() -> None:
    """Nobody but the index holds its bounds, or the keys of a query."""
    index = IntervalIndex([(bytes([65 + i] * 30), bytes([66 + i] * 30), i) for i in range(20)] for _ in range(20))
    results = cut(index.stab_many((i % 20 for i in range(400)), (bytes([65 + i % 20] * 40) for i in range(400))))
    assert results == [[i % 20] for i in range(400)]


def test_threads_share_one() -> None:
    group = kernel_intervals(2_000)
    index = IntervalIndex([group, group[:100]])
    rng = random.Random(23)
    keys = [vercmp.rpm.sort_key(f"5.{rng.randrange(20)}.{rng.randrange(300)}") for _ in range(300)]
    numbers = [rng.randrange(2) for _ in keys]
    wanted, positions = index.stab_many(numbers, keys), index.positions(numbers, keys)
    differences: list[int] = []
    start = threading.Barrier(8)

    def ask(thread: int) -> None:
        start.wait()
        for turn in range(40):
            same = index.stab_many(array("q", numbers), keys) == wanted and index.positions(numbers, keys) == positions
            key = (thread + turn) % len(keys)
            if not same or index.stab(numbers[key], keys[key]) != cut(wanted)[key]:
                differences.append(thread)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not differences


# --- pickles that were touched -----------------------------------------------------------------------------------

PICKLED: list[list[Interval]] = [
    [(None, b"c", 1), (b"b", b"e", 2), (b"d", None, 3), (b"z", b"y", 4), (b"ca", b"cb", 5)],
    [],
    [(None, None, 6), (None, b"", 7), (b"a", b"b", 8)],
    [(None, b"k", 9)],
]


def state() -> list[Any]:
    restore, arguments = IntervalIndex(PICKLED).__reduce__()
    assert restore is _restore
    return list(arguments)


def test_state_as_documented() -> None:
    """A pickle outlives a release: a change here counts the layout up."""
    layout, shapes, sizes, keys, places, payloads, empty = state()
    assert layout == 1
    assert shapes == array("I", [8, 1, 3, 0, 0, 0, 3, 1, 1, 1, 1, 0])
    assert sizes == array("I", [1, 1, 2, 2, 1, 1, 1, 1, 0, 1, 1, 1])
    assert keys == b"bccacbdeyzabk"
    assert places == array("I", [1, 1, 5, 3, 3, 5, 8, 3, 2, 2, 0])
    assert payloads == array("q", [1, 2, 5, 3, 6, 8, 9])
    assert empty == 2


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (0, 0),
        (0, 2),
        (0, "1"),
        (0, None),
        (1, array("I")),
        (1, array("I", [8, 1, 3])),
        (1, array("I", [2**32 - 1] * 12)),
        (1, array("q", [1])),
        (1, [8, 1, 3]),
        (2, array("I")),
        (3, b""),
        (3, bytearray(b"bccacbdeyzabk")),
        (3, b"bccacbdeyzabk-"),
        (3, b"bccacbdeyzbak"),
        (4, array("I")),
        (4, b"\0" * 40),
        (5, array("q")),
        (5, array("Q", [1] * 7)),
        (6, -1),
        (6, sys.maxsize),
        (6, 2**70),
        (6, 1.0),
    ],
)
def test_a_wrong_pickle(place: int, value: object) -> None:
    changed = state()
    changed[place] = value
    with pytest.raises(ValueError, match="pickled IntervalIndex"):
        _restore(*changed)


def test_every_array_cut_short_or_longer() -> None:
    for place in range(1, 6):
        whole = state()[place]
        for size in range(len(whole)):
            changed = state()
            changed[place] = whole[:size]
            with pytest.raises(ValueError, match="pickled IntervalIndex"):
                _restore(*changed)
        changed = state()
        changed[place] = whole + whole[-1:]
        with pytest.raises(ValueError, match="pickled IntervalIndex"):
            _restore(*changed)


def test_a_cut_pickle() -> None:
    pickled = pickle.dumps(IntervalIndex(PICKLED))
    for size in range(len(pickled)):
        with pytest.raises((pickle.UnpicklingError, EOFError)):
            pickle.loads(pickled[:size])


@pytest.mark.parametrize("seed", range(4))
def test_altered_numbers_are_refused_or_harmless(seed: int) -> None:
    """Whatever loads is an index like any other: its counts and its results agree with its own new pickle."""
    rng = random.Random(seed)
    keys = sorted({key for group in PICKLED for key in distinct_keys(group)})
    refused = 0
    for _ in range(3_000):
        changed = state()
        for _ in range(rng.choice((1, 1, 2, 4))):
            place = rng.randrange(1, 6)
            if place == 3:
                raw = bytearray(changed[3])
                raw[rng.randrange(len(raw))] = rng.randrange(256)
                changed[3] = bytes(raw)
            elif rng.random() < 0.5:
                raw = bytearray(changed[place].tobytes())
                raw[rng.randrange(len(raw))] ^= 1 << rng.randrange(8)
                changed[place] = array(changed[place].typecode, bytes(raw))
            else:
                at, to = rng.randrange(len(changed[place])), rng.choice((0, 1, 2, 3, 5, 8, 9, 2**31, 2**32 - 1))
                changed[place][at] = to
        try:
            index = _restore(*changed)
        except ValueError:
            refused += 1
            continue
        for number in range(index.groups):
            wanted = [index.stab(number, key) for key in keys]
            assert cut(index.stab_many([number] * len(keys), keys)) == wanted
            positions = [index.position(number, key) for key in keys]
            assert positions == sorted(positions)
        again = pickle.loads(pickle.dumps(index))
        assert again.__reduce__() == index.__reduce__()
    assert 100 < refused < 3_000


# --- a whole distribution ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def almalinux(shared: Path) -> list[list[tuple[str, int]]]:
    """The fixed versions of each package of AlmaLinux's advisories. Nothing there has a low bound."""
    found: dict[tuple[str, str], list[tuple[str, int]]] = {}
    with tarfile.open(shared / "data" / "feeds" / "almalinux-osv.tar.xz", "r|xz") as archive:
        for member in archive:
            file = archive.extractfile(member) if member.name.endswith(".json") else None
            for affected in json.load(file)["affected"] if file else ():
                package = affected["package"]["ecosystem"], affected["package"]["name"]
                for span in affected["ranges"]:
                    introduced, fixed = span["events"]
                    assert introduced == {"introduced": "0"}
                    fixes = found.setdefault(package, [])
                    fixes.append((fixed["fixed"], len(fixes)))
    assert len(found) > 10_000
    return list(found.values())


def test_a_million_questions_to_a_distribution(almalinux: list[list[tuple[str, int]]]) -> None:
    """Against bisection in Python's own bytes, and now and then against comparing the texts."""
    key: Callable[[str], bytes] = functools.cache(vercmp.rpm.sort_key)
    index = IntervalIndex([(None, key(fixed), payload) for fixed, payload in fixes] for fixes in almalinux)
    oracle = []
    for fixes in almalinux:
        by_fix = sorted((key(fixed), payload) for fixed, payload in fixes)
        oracle.append(([fixed for fixed, _ in by_fix], [payload for _, payload in by_fix]))
    rng = random.Random(24)
    texts = [fixed for fixes in almalinux for fixed, _ in fixes]
    for _ in range(10):
        numbers = array("q", rng.choices(range(len(almalinux)), k=100_000))
        # One of its own fixed versions, or anything.
        installed = [rng.choice(almalinux[n])[0] if n % 4 else texts[(n * 7919) % len(texts)] for n in numbers]
        keys = [key(text) for text in installed]
        offsets, payloads = index.stab_many(numbers, keys)
        results = payloads.tolist()
        for i, (number, installed_key) in enumerate(zip(numbers, keys, strict=True)):
            highs, wanted = oracle[number]
            assert results[offsets[i] : offsets[i + 1]] == wanted[bisect.bisect_right(highs, installed_key) :]
        for i in rng.sample(range(len(keys)), 300):
            wanted = [
                payload for fixed, payload in almalinux[numbers[i]] if vercmp.rpm.compare(installed[i], fixed) < 0
            ]
            assert sorted(index.stab(numbers[i], keys[i])) == wanted


def test_memory_of_a_distribution(almalinux: list[list[tuple[str, int]]]) -> None:
    """Groups and everything included: at most twice the bytes of the keys, and 16 an interval."""
    groups = [[(None, vercmp.rpm.sort_key(fixed), payload) for fixed, payload in fixes] for fixes in almalinux]
    index = IntervalIndex(groups)
    distinct = sum(len(high) for group in groups for high in {high for _, high, _ in group})
    assert len(index) == sum(map(len, groups)) > 65_000
    assert index.nbytes <= 2 * distinct + 16 * len(index)
    assert index.empty == 0
