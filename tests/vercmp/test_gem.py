"""RubyGems by what its source has: segments, zeros that do not count, what is refused and why, and great versions."""

import itertools
import re

import pytest
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from vercmp import InvalidVersion, gem
from vercmp.testing import nasty_versions

# RubyGems' own grammar of a version, white space around and all.
_VERSION = re.compile(r"[ \t-\r]*(?:[0-9]+(?:\.[0-9A-Za-z]+)*(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?)?[ \t-\r]*")

BEGIN = "does not begin with a digit"
CHARACTER = "character that no version holds"
EMPTY = "empty segment"
LETTER = "letter before the first dot"

REFUSED = {
    **dict.fromkeys(["a", ".1", "-1", "v1", "=1", "_", "é", "٣"], BEGIN),
    **dict.fromkeys(["1a", "1rc1", "0x1", "1e5.2"], LETTER),
    **dict.fromkeys(["1.", "1..2", "1-", "1.2.-a", "1.2-.a", "1-a.", "1-a..b", " 1. "], EMPTY),
    **dict.fromkeys(
        ["1_2", "1+2", "1 2", "1.2.é", "1.é", "1é", "1-a+b", "1.a b", "1\n2", "1-_", "1,2", "1~a"], CHARACTER
    ),
    **dict.fromkeys(["1\0", "\0", "1.\0a", "1\0 "], "NUL character"),
}


@pytest.mark.parametrize("version", REFUSED, ids=ascii)
def test_what_is_refused_has_a_reason(version: str) -> None:
    for call in (
        lambda: gem.validate(version),
        lambda: gem.split(version),
        lambda: gem.sort_key(version),
        lambda: gem.compare(version, version),
        lambda: gem.compare(version, "x"),
        lambda: gem.compare("1", version),
        lambda: gem.compare(version, "1"),
    ):
        with pytest.raises(InvalidVersion) as caught:
            call()
        assert (caught.value.version, caught.value.scheme, caught.value.reason) == (version, "gem", REFUSED[version])


@pytest.mark.parametrize(
    "ascending",
    [
        ["0.9", "1.0.a.2", "1.0.b1", "1.0", "1.0.1"],
        ["1.0.a9", "1.0.a10"],
        ["5.0.0.beta1", "5.0.0.beta1.1", "5.0.0.beta2", "5.0.0.rc1", "5.0.0.rc2", "5.0.0", "5.0.0.1"],
        ["1.A", "1.Z", "1.a", "1.aa", "1.b", "1"],
        ["1.a.b", "1.a.0.b", "1.a.0.0.b", "1.a", "1.a.0.0.1", "1.a.0.1", "1.a.1", "1"],
        ["1.0.0-0", "1.0.0-1", "1.0.0-2", "1.0.0-10", "1.0.0.rc1", "1.0.0", "1.0.1-0"],
        ["1.prd", "1-a", "1-1", "1.prea", "1.prf", "1"],
        ["2.9", "2.10", "2.1000", f"2.{2**64}", f"2.{10**40}"],
    ],
    ids=lambda ascending: ascending[0],
)
def test_orders(ascending: list[str]) -> None:
    for a, b in itertools.combinations(ascending, 2):
        assert (gem.compare(a, b), gem.compare(b, a)) == (-1, 1)
        assert gem.sort_key(a) < gem.sort_key(b)


@pytest.mark.parametrize(
    "alike",
    [
        ["0", "", " ", "\n\t", "00", "0.0", "0.0.0", "\v0\f\r"],
        ["1", "1.0", "1.0.0", "01", " 1", "1\n", "1.00"],
        ["1.a", "1.0.a", "1.0.0.a", "1.a.0", "1.0a", "1.a0", "1.00.0a00"],
        ["0.a", "0.0.a", "0.0a"],
        ["1-a", "1.pre.a", "1.0.0-a", "1.0.pre.a", "1.0.0.pre.a.0"],
        ["1.rc1", "1.rc.1", "1.0.rc.01"],
        ["1--", "1.pre.pre", "1.pre-"],
    ],
    ids=repr,
)
def test_what_does_not_count(alike: list[str]) -> None:
    alike = [version for version in alike if _VERSION.fullmatch(version)]
    assert len(alike) > 1
    assert len({gem.sort_key(one) for one in alike}) == 1
    assert {gem.compare(a, b) for a, b in itertools.product(alike, repeat=2)} == {0}


@settings(max_examples=examples(200))
@given(nasty_versions("gem") | st.text("01a.-+Zv \né", min_size=1) | st.from_regex(_VERSION, fullmatch=True))
def test_what_is_valid_is_what_a_pattern_finds(version: str) -> None:
    if _VERSION.fullmatch(version):
        key = gem.sort_key(version)
        dashes = version.count("-")
        assert len(key) <= max(1, len(version) - dashes) + 1 + 3 * dashes
        assert gem.validate(version) == ()
        release, prerelease = gem.split(version)
        assert release + (prerelease or "") in version.replace(".", "") or version.strip().startswith(release)
        assert re.fullmatch(r"[0-9.]*", release)
        assert not (prerelease and prerelease[0].isdigit())
    else:
        with pytest.raises(InvalidVersion):
            gem.validate(version)


@pytest.mark.parametrize(
    ("version", "release", "prerelease"),
    [
        ("1.2.3", "1.2.3", None),
        (" 1.2.3\n", "1.2.3", None),
        ("1.2.3.rc1", "1.2.3", "rc1"),
        ("1.2.3.0rc1", "1.2.3.0", "rc1"),
        ("1.2.3-x86-linux", "1.2.3", "-x86-linux"),
        ("", "", None),
    ],
)
def test_parts(version: str, release: str, prerelease: str | None) -> None:
    assert gem.split(version) == (release, prerelease)


@pytest.mark.parametrize("unit", ["9", "a", "0", ".1", ".a", ".0", "a0", ".0a", "-", "-a"])
def test_great_versions(unit: str) -> None:
    body = unit * (1_000_000 // len(unit))
    version, longer = f"1.1-1{body}", f"1.1-1{body}{unit}1"
    assert gem.compare(version, longer) == -gem.compare(longer, version) != 0
    keys = gem.sort_keys([version, longer])
    assert (keys[0] > keys[1]) - (keys[0] < keys[1]) == gem.compare(version, longer)
    assert gem.split(version) == ("1.1", f"-1{body}")
    with pytest.raises(InvalidVersion):
        gem.compare(version, f"{longer}é")
