"""Where a package stands among fixes: as slow and plain Python has it, and numbers that cannot be are refused."""

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any, NamedTuple

import pytest
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from advisories.matching._standing import Columns

many = settings(max_examples=examples(500), deadline=None)
BRANCHES = ("9.1", "9.2", None)


class Drafted(NamedTuple):
    """What :class:`Columns` is made of, and the branch of each fix where there are any."""

    keys: list[bytes]
    fixes: list[list[int]]
    later: list[int | None]
    cleared: list[bytes | None]
    ranks: list[int]
    rows: list[list[int]]
    branches: Sequence[str | None] | None

    def columns(self) -> Columns:
        return Columns(*self[:6], None if self.branches is None else self.branches.__getitem__)


def plainly(one: Drafted, key: bytes, branch: str | None) -> object:
    """The same by the words of rule 8."""
    reached = bisect_right(one.keys, key)
    found = []
    for first in dict.fromkeys(place for places in one.rows for place in places):
        draft, fixes = first, one.fixes[first]
        cleared = one.cleared[first]
        if not fixes:
            if cleared is None or cleared > key:
                found.append((first, first, -1))
            continue
        while fixes and fixes[-1] >= reached and fixes[0] < reached:
            if one.branches is not None and (one.keys[fixes[0]] == key or one.branches[fixes[0]] == branch):
                fixes = []
                break
            later = one.later[draft]
            if later is None:
                return None
            draft, fixes = later, one.fixes[later]
        if not fixes or fixes[-1] < reached:
            continue
        fix = fixes[-1] if one.branches is None else fixes[0]
        if one.branches is not None and branch is not None:
            fix = next((own for own in fixes if one.branches[own] == branch), fix)
        found.append((first, draft, fix))
    counts = [0, 0, 0]
    for first, draft, _ in found:
        counts[one.ranks[draft]] += sum(places.count(first) for places in one.rows)
    return tuple(counts), found


@st.composite
def drafted(draw: st.DrawFn) -> Drafted:
    keys = sorted(draw(st.lists(st.binary(min_size=1, max_size=3), max_size=6)))
    places = st.lists(st.integers(0, len(keys) - 1), max_size=4, unique=True).map(sorted) if keys else st.just([])
    fixes: list[list[int]] = []
    later: list[int | None] = []
    firsts = []
    for chain in draw(st.lists(places, max_size=4)):
        firsts.append(len(fixes))
        ends = draw(st.integers(1, max(len(chain), 1)))
        for reached in range(ends):
            fixes.append(chain[reached:])
            later.append(len(fixes) if reached + 1 < ends else None)
    cleared = [None if own or draw(st.booleans()) else draw(st.binary(min_size=1, max_size=2)) for own in fixes]
    ranks = [draw(st.integers(0, 2)) for _ in fixes]
    named = draw(st.lists(st.sampled_from(firsts), max_size=6)) if firsts else []
    rows = [[first for first in named if ranks[first] == rank] for rank in range(3)]
    branches = draw(st.none() | st.lists(st.sampled_from(BRANCHES), min_size=len(keys), max_size=len(keys)))
    return Drafted(keys, fixes, later, cleared, ranks, rows, branches)


@many
@given(drafted(), st.lists(st.binary(max_size=3), min_size=1, max_size=4), st.sampled_from((*BRANCHES, "8.4")))
def test_a_package_stands_where_the_words_of_the_rule_have_it(one: Drafted, keys: list[bytes], branch: str) -> None:
    columns = one.columns()
    for key in (*keys, *one.keys):
        assert columns.stand(key, branch) == plainly(one, key, branch)


PLAIN = Drafted([b"1", b"2"], [[0, 1], [1]], [1, None], [None, None], [0, 1], [[0], [], []], None)


def test_between_two_fixes() -> None:
    assert PLAIN.columns().stand(b"0", None) == ((1, 0, 0), [(0, 0, 1)])
    assert PLAIN.columns().stand(b"1", None) == ((0, 1, 0), [(0, 1, 1)])
    assert PLAIN.columns().stand(b"2", None) == ((0, 0, 0), [])
    assert PLAIN._replace(later=[None, None]).columns().stand(b"1", None) is None


def test_of_a_package_without_a_branch_the_lowest_fix_is_named() -> None:
    """Whatever the branches of the fixes: one that has none either is no branch that they share."""
    one = PLAIN._replace(later=[None, None], branches=["9.1", None])
    assert one.columns().stand(b"0", None) == ((1, 0, 0), [(0, 0, 0)]) == plainly(one, b"0", None)
    assert one.columns().stand(b"0", "9.2") == ((1, 0, 0), [(0, 0, 0)])
    other = one._replace(branches=[None, "9.1"])
    assert other.columns().stand(b"0", "9.1") == ((1, 0, 0), [(0, 0, 1)])


@pytest.mark.parametrize(
    "change",
    [
        {"keys": [b"2", b"1"]},
        {"keys": [b"1"]},
        {"keys": ["1", "2"]},
        {"keys": []},
        {"fixes": [[0, 1]]},
        {"fixes": [[1, 0], [0]]},
        {"fixes": [[0, 0], [0]]},
        {"fixes": [[0, 2], [2]]},
        {"fixes": [[-1, 1], [1]]},
        {"fixes": [[0, 1], [0]]},
        {"fixes": [[0, 1], []]},
        {"fixes": [[0, 1], [1 << 70]]},
        {"fixes": [[0, True], [1]]},
        {"fixes": [["0", "1"], ["1"]]},
        {"fixes": [None, None]},
        {"later": [0, None]},
        {"later": [2, None]},
        {"later": [-1, None]},
        {"later": [1, 1]},
        {"later": [1]},
        {"later": ["1", None]},
        {"cleared": [b"1", None]},
        {"cleared": ["1", None]},
        {"ranks": [0, 3]},
        {"ranks": [0, -1]},
        {"ranks": [0]},
        {"rows": [[], [0], []]},
        {"rows": [[2], [], []]},
        {"rows": [[-1], [], []]},
        {"rows": [[0], []]},
        {"rows": [[0], [], [], []]},
        {"rows": [["0"], [], []]},
    ],
    ids=str,
)
def test_numbers_that_cannot_be_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises((ValueError, TypeError)):
        PLAIN._replace(**change).columns()


def test_a_single_key_must_be_bytes_too() -> None:
    """No other one is compared with it when the numbers are handed over."""
    with pytest.raises(TypeError, match="a key is no bytes"):
        Columns(["1"], [[0]], [None], [None], [0], [[0], [], []], None)  # type: ignore[list-item]


class _Long:
    """The places of more fixes than a part can have."""

    def __len__(self) -> int:
        return 1 << 28


def test_more_fixes_than_there_can_be_are_refused_before_memory_is_taken() -> None:
    with pytest.raises(ValueError, match="more drafts than there can be"):
        PLAIN._replace(fixes=[_Long(), []]).columns()  # type: ignore[list-item]


@many
@given(st.data())
def test_hostile_numbers_are_refused_or_stand(data: st.DataObject) -> None:
    one = data.draw(drafted())
    numbers = st.integers(-2, 8) | st.none() | st.integers()
    for _ in range(data.draw(st.integers(1, 3))):
        column = data.draw(st.sampled_from([one.later, one.ranks, *one.fixes, *one.rows]))
        if column:
            column[data.draw(st.integers(0, len(column) - 1))] = data.draw(numbers)  # type: ignore[call-overload]
        else:
            column.append(data.draw(numbers))  # type: ignore[arg-type]
    try:
        columns = one.columns()
    except (ValueError, TypeError):
        return
    assert columns.__sizeof__() > 0
    for key in (b"", b"\0", b"\x7f", b"\xff\xff\xff", *one.keys):
        assert columns.stand(key, "9.1") == plainly(one, key, "9.1")


def test_keys_and_branches_must_be_what_they_are() -> None:
    with pytest.raises(TypeError):
        PLAIN.columns().stand("1", None)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        PLAIN.columns().stand(None, None)  # type: ignore[arg-type]
