"""PEP 440: keys written in C beside those by packaging, and what lies between a version and its last local version."""

import itertools
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
import reference
from examples import examples
from hypothesis import example, given, settings
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from vercmp import InvalidVersion, pep440
from vercmp.testing import nasty_versions

VERSIONS = nasty_versions("pep440") | st.builds(
    "{}{}{}".format,
    st.sampled_from(["1", "1.0", "1.0.1", "2!1"]),
    st.sampled_from(["", "rc1", ".dev1", ".post1", ".post0.dev0", "rc1.post2.dev3"]),
    st.sampled_from(["", "+cu126", "+cpu", "+1", "+a.1"]),
)

NUMBERS = st.integers(0, 300) | st.integers(0, 2**70) | st.sampled_from([223, 224, 255, 256, 65535, 65536, 10**18 - 1])


def _optional(form: str, *parts: st.SearchStrategy[Any]) -> st.SearchStrategy[str]:
    return st.just("") | st.builds(form.format, *parts)


NORMAL_FORMS = st.builds(
    "{}{}{}{}{}{}".format,
    _optional("{}!", NUMBERS),
    st.lists(st.just(0) | NUMBERS, min_size=1, max_size=5).map(lambda release: ".".join(map(str, release))),
    _optional("{}{}", st.sampled_from(["a", "b", "rc"]), NUMBERS),
    _optional(".post{}", NUMBERS),
    _optional(".dev{}", NUMBERS),
    _optional("+{}", st.lists(st.text("019abz", min_size=1), min_size=1, max_size=3).map(".".join)),
)


def outcome(call: Callable[..., object], *arguments: object) -> object:
    try:
        return call(*arguments)
    except InvalidVersion as error:
        return error.version, error.reason, str(error)


def assert_keys_by_packaging(version: str) -> None:
    assert outcome(pep440.sort_key, version) == outcome(pep440._parsed_key, version, "version"), version


@settings(max_examples=examples(500))
@example("1.0", "1.0+cu126")
@example("1.0+cu126", "1.0+cu126.1")
@given(VERSIONS, VERSIONS)
def test_keys_of_what_a_specifier_is_equal_to(version: str, other: str) -> None:
    key = pep440.sort_key(version)
    held = key <= pep440.sort_key(other) < pep440.above_local(key)
    assert held is SpecifierSet(f"=={Version(version)}").contains(Version(other), prereleases=True)


@settings(max_examples=examples(500))
@given(NORMAL_FORMS, NORMAL_FORMS)
def test_keys_of_normal_forms(version: str, other: str) -> None:
    """By the reference, which has the layout once more, and the order by packaging itself."""
    assert pep440.sort_key(version) == pep440._parsed_key(version, "version") == reference.KEYS["pep440"](version)
    a, b = Version(version), Version(other)
    assert pep440.compare(version, other) == (a > b) - (a < b)
    assert pep440.sort_key(str(a)) == pep440.sort_key(version)


@settings(max_examples=examples(500))
@given(
    VERSIONS
    | st.text(st.sampled_from("0129!.abcr+postdev-_ vA\n\0é\ud800٣"), max_size=12)
    | st.builds(str.__add__, NORMAL_FORMS, st.text("0a.+!- c", max_size=2))
)
def test_keys_of_any_text(version: str) -> None:
    assert_keys_by_packaging(version)


def test_keys_of_all_short_texts() -> None:
    for count in range(5):
        for signs in itertools.product("01a.+!", repeat=count):
            assert_keys_by_packaging("".join(signs))


@pytest.mark.slow
def test_keys_of_all_short_sequences_of_words() -> None:
    words = ["0", "1", "300", "a", "b", "c", "rc", "r", ".", ".post", ".dev", "+", "!", "-", " ", "v", "A"]  # fmt: skip
    for count in range(5):
        for chosen in itertools.product(words, repeat=count):
            assert_keys_by_packaging("1" + "".join(chosen))
            if count < 4:
                assert_keys_by_packaging("".join(chosen))


def test_numbers_with_leading_zeros_and_beyond_18_digits() -> None:
    for number in ("0" * 18, "0" * 19, "0" * 17 + "1", "0" * 18 + "1", "9" * 18, "9" * 19, "1" + "0" * 18, "0" * 5000):
        for form in ("{}", "{}!1", "1.{}", "1.{}.0", "1a{}", "1.post{}", "1.dev{}", "1+{}", "1+a.{}"):
            assert_keys_by_packaging(form.format(number))


def test_long_versions() -> None:
    """On both sides of what fits the stack, with the locals that take the most room."""
    for size in (*range(230, 270), 5_000):
        assert_keys_by_packaging("1." * size + "1")
        assert_keys_by_packaging("1+" + "a." * (size // 2) + "a")
        assert pep440.compare("1." * size + "1", "1." * size + "2") == -1


NORMAL = [
    "0",
    "1.0",
    "2024.01.02",
    "1!2.3a4",
    "1.0b0",
    "1.0rc1.post2.dev3",
    "1.dev300",
    "1.post1",
    "1+a1.2.0b",
    "1rc0+1",
]
ODD = [" 1", "1\n", "v1", "1A1", "1alpha1", "1c1", "1-1", "1a", "1.post", "1.dev", "1.rc1", "1post1"]
ODD += ["1+A", "1+a-b", "1+a_b"]


@pytest.mark.parametrize("version", [*NORMAL, *ODD])
def test_packaging_is_asked_about_odd_forms_alone(version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = pep440.sort_key(version), pep440.compare(version, "1"), pep440.compare("1", version)
    asked = []
    by_packaging = pep440._parsed_key
    monkeypatch.setattr(pep440, "_parsed_key", lambda *given: (asked.append(given), by_packaging(*given))[1])
    assert (pep440.sort_key(version), pep440.compare(version, "1"), pep440.compare("1", version)) == expected
    left_right = [(version, "a"), ("1", "b"), ("1", "a"), (version, "b")]
    assert asked == ([] if version in NORMAL else [(version, "version"), *left_right])


class Renamed(str):
    """Another text to str() than to those who look at its characters."""

    __slots__ = ()

    def __str__(self) -> str:
        return "2.0"


def test_a_subclass_of_str_is_what_packaging_takes_it_for() -> None:
    assert pep440.sort_key(Renamed("1.0")) == pep440._parsed_key(Renamed("1.0"), "version")
    assert pep440.compare_many([Renamed("1.0")], ["1.0"]) == [pep440.compare(Renamed("1.0"), "1.0")]


WITHOUT = """
import sys
sys.modules["packaging"] = sys.modules["packaging.version"] = None
from vercmp import pep440
for call in (lambda: pep440.sort_key("1.0"), lambda: pep440.compare("1.0", "1.1"), lambda: pep440.sort_keys(["1.0"]),
             lambda: pep440.compare_many(["1"], ["2"]), lambda: pep440.split("1.0"), lambda: pep440.validate("1.0")):
    try:
        call()
    except ImportError as error:
        assert str(error) == "the scheme pep440 needs the packaging library: pip install packaging"
    else:
        raise AssertionError("no error")
for call in (lambda: pep440.sort_key(1), lambda: pep440.compare(1, "1"), lambda: pep440.sort_keys([1])):
    try:
        call()
    except TypeError as error:
        assert "must be str, not int" in str(error)
assert pep440.sort_keys([]) == pep440.compare_many([], []) == []
"""


def test_without_packaging_every_version_is_an_error() -> None:
    subprocess.run([sys.executable, "-c", WITHOUT], check=True)


def test_packaging_is_imported_with_the_first_version() -> None:
    code = (
        "import sys, vercmp; before = 'packaging' in sys.modules; vercmp.pep440.sort_key('1'); "
        "print(before, 'packaging' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "False True\n"
