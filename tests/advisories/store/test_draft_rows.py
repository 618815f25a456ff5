"""The rows of drafts as a store may have them: as they are, or refused."""

import json
from typing import Any

import pytest
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from advisories.store import _draft_rows

many = settings(max_examples=examples(500), deadline=None)
LEAVES = st.none() | st.booleans() | st.integers(-2, 3) | st.floats() | st.text(max_size=2)
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=1))
TEXTS = st.lists(st.text(max_size=2), max_size=3)
STATES = {"fixed": "F", "not-fixed": "N"}
REFUSED = "draft|priority"
ROW = ["CVE-1", [0, 1], ["A", "B"], "A", "fixed", True, 0, None, None]


def are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


@many
@given(TEXTS | JSON)
def test_texts(value: Any) -> None:
    if are_texts(value):
        assert _draft_rows.texts(value) == tuple(value)
    else:
        with pytest.raises(ValueError, match=REFUSED):
            _draft_rows.texts(value)


@many
@given(JSON)
def test_a_text_or_none(value: Any) -> None:
    if value is None or isinstance(value, str):
        assert _draft_rows.maybe_text(value) == value
    else:
        with pytest.raises(ValueError, match=REFUSED):
            _draft_rows.maybe_text(value)


@many
@given(st.lists(st.lists(st.text(max_size=2), min_size=1, max_size=3), max_size=3) | JSON)
def test_pairs(value: Any) -> None:
    if isinstance(value, list) and all(are_texts(one) and len(one) == 2 for one in value):
        assert _draft_rows.pairs(value) == tuple(map(tuple, value))
    else:
        with pytest.raises(ValueError, match=REFUSED):
            _draft_rows.pairs(value)


@many
@given(st.lists(st.lists(TEXTS | st.lists(st.integers(), max_size=3), min_size=1, max_size=3), max_size=3) | JSON)
def test_ranked(value: Any) -> None:
    def fits(one: object) -> bool:
        return (
            isinstance(one, list)
            and len(one) == 2
            and are_texts(one[0])
            and isinstance(one[1], list)
            and len(one[0]) == len(one[1])
        )

    if isinstance(value, list) and all(map(fits, value)):
        assert _draft_rows.ranked(value) == tuple((tuple(names), tuple(places)) for names, places in value)
    else:
        with pytest.raises(ValueError, match=REFUSED):
            _draft_rows.ranked(value)


def test_columns() -> None:
    second = ["CVE-2", [], [], "", "not-fixed", False, 7, "1-1", 1]
    assert _draft_rows.columns([ROW, second], STATES) == (
        ["CVE-1", "CVE-2"],
        [[0, 1], []],
        [("A", "B"), ()],
        ["A", ""],
        ["F", "N"],
        [True, False],
        [0, 7],
        [None, "1-1"],
        [None, 1],
    )
    assert _draft_rows.columns([], STATES) == ([],) * 9


@pytest.mark.parametrize(
    ("place", "others"),
    [
        (0, [None, 1, []]),
        (1, [None, "", {}]),
        (2, [None, "AB", [1], [None]]),
        (3, [None, 1]),
        (4, [None, 1, "", "Fixed", []]),
        (5, [None, 1, 0, ""]),
        (6, [None, -1, True, False, 0.0, ""]),
        (7, [1, [], False]),
    ],
)
def test_another_value_is_refused(place: int, others: list[Any]) -> None:
    for other in others:
        row = [*ROW[:place], other, *ROW[place + 1 :]]
        for rows in ([row], [ROW, row], [row, ROW]):
            with pytest.raises(ValueError, match=REFUSED):
                _draft_rows.columns(rows, STATES)


@pytest.mark.parametrize(
    "rows", [None, "", {}, [None], [[]], [ROW[:-1]], [[*ROW, None]], [tuple(ROW)], [json.dumps(ROW)]]
)
def test_what_is_no_row_is_refused(rows: Any) -> None:
    with pytest.raises(ValueError, match=REFUSED):
        _draft_rows.columns(rows, STATES)
