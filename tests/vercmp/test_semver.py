"""SemVer by the words of its specification: precedence, what is refused and why, parts, and great versions."""

import itertools
import re

import pytest
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from vercmp import InvalidVersion, semver
from vercmp.testing import nasty_versions

# The specification's own pattern, its item on numbers of identifiers included.
_IDENTIFIER = r"(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
_NUMBER = r"(0|[1-9][0-9]*)"
_VERSION = re.compile(
    rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}(?:-({_IDENTIFIER}(?:\.{_IDENTIFIER})*))?"
    r"(?:\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?"
)

EMPTY = "empty identifier in the pre-release"
EMPTY_BUILD = "empty identifier in the build"
FEWER = "fewer than three numbers"
NO_IDENTIFIER = "character that no identifier holds"
UNMARKED = "neither - nor + after the third number"
ZERO = "number with a leading zero"

REFUSED = {
    "": "empty version",
    **dict.fromkeys(["v1.2.3", " 1.2.3", "=1.2.3", ".1.2.3", "-1.2.3", "٣.2.3", "a"], "does not begin with a digit"),
    **dict.fromkeys(["1", "1.2", "1-2.3", "1.2-3", "1+2", "1.2+3.4", "1.2-rc.1"], FEWER),
    **dict.fromkeys(["1.", "1.2.", "1..3", "1.2.x", "1.a.3", "1.2.-3", "1.2.٣"], "no digit after a dot"),
    **dict.fromkeys(["1a", "1 .2.3", "1.2a.3", "1,2.3", "1٣.2.3"], "character that no number holds"),
    **dict.fromkeys(
        ["01.2.3", "1.02.3", "1.2.03", "00.0.0", "1.2.3-01", "1.2.3-00", "1.2.3-a.01.b", "1.2.3-01+a"], ZERO
    ),
    **dict.fromkeys(["1.2.3.4", "1.2.3.", "1.2.3.4-a"], "more than three numbers"),
    **dict.fromkeys(["1.2.3a", "1.2.3rc1", "1.2.3 ", "1.2.3\n", "1.2.3~rc1", "1.2.3_1", "1.2.3é"], UNMARKED),
    **dict.fromkeys(["1.2.3-", "1.2.3-.a", "1.2.3-a.", "1.2.3-a..b", "1.2.3-+a", "1.2.3-a.+b"], EMPTY),
    **dict.fromkeys(["1.2.3+", "1.2.3+.a", "1.2.3+a.", "1.2.3+a..b", "1.2.3-a+"], EMPTY_BUILD),
    **dict.fromkeys(["1.2.3-a b", "1.2.3-é", "1.2.3-a_b", "1.2.3-a\n", "1.2.3-1:2"], NO_IDENTIFIER),
    **dict.fromkeys(
        ["1.2.3+a+b", "1.2.3+é", "1.2.3+a_b", "1.2.3-a+b+c", "1.2.3+a ", "1.2.3+\U0001f4e6"], NO_IDENTIFIER
    ),
}


@pytest.mark.parametrize("version", REFUSED, ids=ascii)
def test_what_is_refused_has_a_reason(version: str) -> None:
    for call in (
        lambda: semver.validate(version),
        lambda: semver.split(version),
        lambda: semver.sort_key(version),
        lambda: semver.compare(version, version),
        lambda: semver.compare(version, "x"),
        lambda: semver.compare("1.2.3-0", version),
        lambda: semver.compare("1.2.3-a.1+b", version),
        lambda: semver.compare(version, "1.2.3-a.1+b"),
    ):
        with pytest.raises(InvalidVersion) as caught:
            call()
        assert (caught.value.version, caught.value.scheme, caught.value.reason) == (version, "semver", REFUSED[version])


def test_the_precedence_of_the_specification() -> None:
    """Its items 9 to 11: each list is ascending."""
    for ascending in (
        ["1.0.0", "2.0.0", "2.1.0", "2.1.1"],
        ["1.9.0", "1.10.0", "1.11.0"],
        ["1.0.0-alpha", "1.0.0"],
        ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11"],
        ["1.0.0-beta.11", "1.0.0-rc.1", "1.0.0"],
        ["1.0.0-0", "1.0.0-9", "1.0.0-10", "1.0.0--", "1.0.0--9", "1.0.0-10a", "1.0.0-9a", "1.0.0-A", "1.0.0-a"],
    ):
        for a, b in itertools.combinations(ascending, 2):
            assert (semver.compare(a, b), semver.compare(b, a)) == (-1, 1)
            assert semver.sort_key(a) < semver.sort_key(b)


def test_the_build_does_not_count() -> None:
    for version in ("1.0.0", "1.0.0-a", "1.0.0-a.1", "1.0.0-0"):
        alike = [version, f"{version}+001", f"{version}+exp.sha.5114f85", f"{version}+-", f"{version}+0.-.01"]
        assert len({semver.sort_key(one) for one in alike}) == 1
        assert {semver.compare(a, b) for a, b in itertools.product(alike, repeat=2)} == {0}


@settings(max_examples=examples(200))
@given(nasty_versions("semver") | st.text("01a.-+Zv é", min_size=1) | st.from_regex(_VERSION, fullmatch=True))
def test_parts_as_a_pattern(version: str) -> None:
    found = _VERSION.fullmatch(version)
    if found is not None:
        assert semver.split(version) == found.groups()
        assert len(semver.sort_key(version)) < len(version)
        assert semver.validate(version) == ()
    else:
        with pytest.raises(InvalidVersion):
            semver.validate(version)


@pytest.mark.parametrize("unit", ["9", "a", "1a", "-", ".1", ".a", ".0", ".-1-"])
def test_great_versions(unit: str) -> None:
    body = unit * (1_000_000 // len(unit))
    for version, longer in (
        (f"1.2.3-1{body}", f"1.2.3-1{body}{unit}"),
        (f"1.2.3-1{body}+1{body}", f"1.2.3-1{body}{unit}+a"),
    ):
        assert semver.compare(version, longer) == -1
        assert semver.compare(longer, version) == 1
        keys = semver.sort_keys([version, longer])
        assert keys[0] < keys[1]
        assert len(keys[0]) < len(version)
        assert semver.split(version).prerelease == f"1{body}"
        with pytest.raises(InvalidVersion):
            semver.compare(version, f"{longer}é")


def test_numbers_beyond_those_of_other_programs() -> None:
    """npm refuses the first, Cargo the second, and Python converts none of the third."""
    for number in (str(2**53), str(2**64), "9" * 5_000):
        for before, after in (("", ".0.0"), ("0.", ".0"), ("0.0.", ""), ("0.0.0-", ""), ("0.0.0-a.", ".b")):
            version, less = f"{before}{number}{after}", f"{before}{number[:-1]}{after}"
            next_one = f"{before}{number[:-1]}{int(number[-1]) - 1}{after}"
            assert semver.compare(version, next_one) == 1
            assert semver.sort_key(less) < semver.sort_key(next_one) < semver.sort_key(version)
