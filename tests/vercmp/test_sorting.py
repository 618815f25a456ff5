"""Sequences into order: as Python sorts by keys, the same objects at the same places."""

import itertools
import random
import sys
import tracemalloc
from array import array
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from dotted import dotted
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st

import vercmp
from vercmp import InvalidVersion, UnknownScheme, _sorting
from vercmp.testing import nasty_versions
from vercmp.testing import versions as plain_versions

schemes = pytest.mark.parametrize("scheme", vercmp.SCHEMES)

CALLS: dict[str, Callable[..., object]] = {
    "sorted_versions": vercmp.sorted_versions,
    "argsort": vercmp.argsort,
    "max_version": vercmp.max_version,
    "sorted_versions, reverse": lambda versions, scheme: vercmp.sorted_versions(versions, scheme=scheme, reverse=True),
}
calls = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)


def assert_in_order(versions: list[str], scheme: str) -> None:
    """By objects, not by texts: equal versions keep their places."""
    keys = vercmp.sort_keys(versions, scheme=scheme)
    for reverse in (False, True):
        places = sorted(range(len(versions)), key=keys.__getitem__, reverse=reverse)
        given = vercmp.argsort(versions, scheme=scheme, reverse=reverse)
        assert (given.typecode, given.tolist()) == ("q", places)
        ordered = vercmp.sorted_versions(iter(versions), scheme=scheme, reverse=reverse)
        assert list(map(id, ordered)) == [id(versions[place]) for place in places]
    greatest = max(range(len(versions)), key=keys.__getitem__)
    assert vercmp.max_version(iter(versions), scheme=scheme) is versions[greatest]


def fresh(versions: Iterable[str]) -> list[str]:
    """Each an object of its own."""
    return ["".join([*version]) for version in versions]


@schemes
@given(data=st.data())
def test_of_few(scheme: str, data: st.DataObject) -> None:
    alike = [version for version in ("1", "1.0", "1.0.0", "01", "1.0.0+1") if is_valid(version, scheme)]
    some = plain_versions(scheme) | nasty_versions(scheme) | st.sampled_from(alike)
    assert_in_order(fresh(data.draw(st.lists(some, min_size=1, max_size=12))), scheme)


@schemes
@settings(max_examples=examples(30))
@given(data=st.data())
def test_of_many_and_with_much_in_common(scheme: str, data: st.DataObject) -> None:
    """Some hundred, which are distributed, of few that differ early, late or not at all."""
    pool = data.draw(st.lists(plain_versions(scheme) | nasty_versions(scheme), min_size=1, max_size=8))
    common = [1] * data.draw(st.integers(1, 41))
    pool += [dotted([*common, number], scheme) for number in data.draw(st.lists(st.integers(0, 10**12), max_size=60))]
    choice = random.Random(data.draw(st.integers(0, 2**32))).choice
    assert_in_order(fresh(choice(pool) for _ in range(data.draw(st.integers(1, 700)))), scheme)


@schemes
@pytest.mark.parametrize("count", [1, 2, 47, 48, 49, 50, 96, 97, 98, 1_000, 20_000])
@pytest.mark.parametrize("tail", [0, 3, 8, 200])
def test_of_every_count(scheme: str, count: int, tail: int) -> None:
    choice = random.Random(count).randrange
    numbers = [choice(count) for _ in range(count)]
    assert_in_order([dotted([*[1] * tail, number % 7, number], scheme) for number in numbers], scheme)


@schemes
def test_of_the_same_version_and_of_those_in_order(scheme: str) -> None:
    assert_in_order(fresh([dotted(range(1, 11), scheme)] * 500), scheme)
    assert_in_order([dotted([1, number], scheme) for number in range(3_000)], scheme)
    assert_in_order([dotted([1, number], scheme) for number in reversed(range(3_000))], scheme)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("scheme", "start", "alphabet"),
    [
        ("rpm", "", "~^.a1-:"),
        ("dpkg", "", "~+-.:a0A"),
        ("apk", "", "012.az_p"),
        ("pep440", "", "01a.+!-"),
        ("semver", "1.0.0", "01a.+-Z"),
        ("gem", "1", "01a.-Z"),
    ],
)
def test_of_all_short_texts(scheme: str, start: str, alphabet: str) -> None:
    texts = (start + "".join(signs) for count in range(6) for signs in itertools.product(alphabet, repeat=count))
    valid = [text for text in texts if is_valid(text, scheme)]
    random.Random(1).shuffle(valid)
    assert len(valid) > 200
    assert_in_order(valid, scheme)


def is_valid(text: str, scheme: str) -> bool:
    try:
        vercmp.sort_key(text, scheme=scheme)
    except InvalidVersion:
        return False
    return True


@schemes
def test_of_great_versions(scheme: str) -> None:
    great = dotted([1] * 100_001, scheme)
    small = [dotted([number], scheme) for number in (2, 1)]
    assert_in_order([great + ".2", great, great + ".1", great[:-2], *([great] * 60), *small], scheme)


def test_of_texts_that_are_not_ascii() -> None:
    assert_in_order(["1é", "1€", "1a", "1𝄞", "1é"] * 30, "rpm")
    assert_in_order(["1é", "1€", "1a", "1𝄞", "1é"] * 30, "dpkg")


class Text(str):
    __slots__ = ()


@schemes
def test_subclasses_of_str_come_back_as_they_are(scheme: str) -> None:
    assert_in_order(["1.1.0", Text("1.0.0"), "1.0.0", Text("1.2.0")], scheme)


@schemes
@calls
@pytest.mark.parametrize("before", [0, 1, 100])
@pytest.mark.parametrize("wrong", [None, 1, b"1.0", "1\0", "", "1\ud800", "1.0 beta"], ids=repr)
def test_errors_are_those_of_sort_keys(call: Callable[..., object], scheme: str, wrong: Any, before: int) -> None:
    versions = ["1.0.0"] * before + [wrong, "2", "\0", 3]
    with pytest.raises((TypeError, InvalidVersion)) as expected:
        vercmp.sort_keys(versions, scheme=scheme)
    with pytest.raises(type(expected.value)) as caught:
        call(versions, scheme=scheme)
    assert (str(caught.value), caught.value.args) == (str(expected.value), expected.value.args)


@schemes
def test_of_nothing(scheme: str) -> None:
    assert vercmp.sorted_versions([], scheme=scheme) == []
    assert vercmp.argsort(iter(()), scheme=scheme) == array("q")
    with pytest.raises(ValueError, match="there are no versions"):
        vercmp.max_version([], scheme=scheme)


@calls
def test_wrong_arguments(call: Callable[..., object]) -> None:
    with pytest.raises(TypeError, match="not iterable"):
        call(3, scheme="rpm")
    with pytest.raises(UnknownScheme):
        call([], scheme="cobol")
    with pytest.raises(TypeError, match="scheme must be str, not int"):
        call([], scheme=3)
    with pytest.raises(ZeroDivisionError):
        call((str(1 // number) for number in (1, 0)), scheme="rpm")


def test_a_scheme_without_a_writer_is_sorted_by_its_sort_key() -> None:
    versions = [f"{number:x}" for number in range(200)]
    key = lambda version: f"{version:>4}".encode()[::-1] + b"\0"  # noqa: E731  # beside sorted
    assert _sorting.sorted_versions(versions, "other", key, False) == sorted(versions, key=key)
    assert _sorting.max_version(versions, "other", key) == max(versions, key=key)
    with pytest.raises(TypeError, match="bytes"):
        _sorting.argsort(versions, "other", str, False)  # type: ignore[arg-type]  # what is tested


@schemes
@pytest.mark.parametrize("dots", [0, 60])
def test_memory_is_bounded(scheme: str, dots: int) -> None:
    n = 30_000
    versions = [dotted([1, number, *[5] * dots], scheme) for number in range(n)]
    keys = sum(map(len, vercmp.sort_keys(versions, scheme=scheme)))
    for call in (vercmp.argsort, vercmp.sorted_versions):
        tracemalloc.start()
        try:
            call(versions, scheme=scheme)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        # The list and the result have eight bytes a version, the latter a quarter of room while it grows.
        assert peak < 50 * n + 2.5 * keys + 24 * n + 100_000
    tracemalloc.start()
    try:
        vercmp.max_version(versions, scheme=scheme)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 100_000


def test_nothing_is_left_behind() -> None:
    versions: list[Any] = ["1.0.0", "v1", "1" + ".1" * 300] * 40

    def work() -> None:
        for scheme in vercmp.SCHEMES:
            for wrong in ([], [None], ["\0"], ["\ud800"], ["é", ""]):
                for call in CALLS.values():
                    try:
                        call(versions + wrong, scheme=scheme)
                    except (TypeError, InvalidVersion):
                        continue

    # What is imported and cached with the first calls stays.
    for _ in range(3):
        work()
    before = sys.getallocatedblocks()
    for _ in range(10):
        work()
    assert sys.getallocatedblocks() < before + 500
