"""Every short string against every other, by the real libraries: order, keys, and what is refused."""

import itertools

import pytest
import semver
from conformance import assert_all_pairs, rpmvercmp_many
from oracles import Oracle, RubyGems, SemVer, dpkg_verdict, node_semver, signed

import vercmp

pytestmark = pytest.mark.slow


def strings(alphabet: str, longest: int, prefix: str = "") -> list[str]:
    return [
        prefix + "".join(letters)
        for length in range(longest + 1)
        for letters in itertools.product(alphabet, repeat=length)
    ]


@pytest.mark.parametrize("order", ["segment", "evr"])
def test_rpm(order: str) -> None:
    versions = strings("~^.a1 0", 4)
    assert len(versions) == 2801
    if order == "segment":
        assert_all_pairs(versions, rpmvercmp_many, vercmp.rpm.segment_key, Oracle("librpm", order))
    else:
        versions.remove("")
        assert_all_pairs(versions, vercmp.rpm.compare_many, vercmp.rpm.sort_key, Oracle("librpm", order))


def test_rpm_epochs_and_releases() -> None:
    versions = strings(":-1a~", 4)[1:]
    assert_all_pairs(versions, vercmp.rpm.compare_many, vercmp.rpm.sort_key, Oracle("librpm", "evr"))


def test_dpkg() -> None:
    versions = strings("~+-.:a0A", 4, prefix="1")
    assert len(versions) == 4681
    valid = [version for version in versions if dpkg_verdict(version)[0] != "error"]
    assert len(valid) == 2919
    assert_all_pairs(valid, vercmp.dpkg.compare_many, vercmp.dpkg.sort_key, Oracle("libdpkg", "deb"))
    unremarkable = [version for version in valid if dpkg_verdict(version)[0] == "ok"]
    assert len(unremarkable) > 2000
    assert_all_pairs(unremarkable, vercmp.dpkg.compare_many, vercmp.dpkg.sort_key, Oracle("libapt", "deb"))


@pytest.mark.parametrize(
    ("alphabet", "longest", "prefix"),
    [
        ("~+-.:a0A", 4, "1"),
        ("1:-a .", 5, ""),
        ("+-0:", 5, ""),
        ("\t \n1-:", 5, ""),
        ("\n\v\f\r\x0e\x08:1+", 4, ""),
        ("_1é-:~", 4, ""),
    ],
)
def test_dpkg_refusals_and_warnings(alphabet: str, longest: int, prefix: str) -> None:
    for version in strings(alphabet, longest, prefix):
        try:
            warnings = vercmp.dpkg.validate(version)
        except vercmp.InvalidVersion as error:
            ours = ("error", error.reason)
        else:
            ours = ("warning", warnings[0]) if warnings else ("ok", "")
        assert ours == dpkg_verdict(version), version


def test_dpkg_bytes_it_warns_of() -> None:
    """Characters that no valid version holds are ordered all the same: high bytes, controls, punctuation."""
    versions = ["1" + "".join(letters) for n in range(3) for letters in itertools.product("~aZ0é\x01*_/;€.", repeat=n)]
    assert_all_pairs(versions, vercmp.dpkg.compare_many, vercmp.dpkg.sort_key, Oracle("libdpkg", "deb"))


def semver_taken(versions: list[str]) -> list[str]:
    """Those that are SemVer, which the semver library must find too."""
    taken = []
    for version in versions:
        try:
            vercmp.semver.validate(version)
        except vercmp.InvalidVersion:
            assert not semver.Version.is_valid(version), version
        else:
            assert semver.Version.is_valid(version), version
            taken.append(version)
    return taken


@pytest.mark.parametrize(
    ("alphabet", "longest", "prefix", "count"),
    [
        ("-+.01aA", 4, "1.0.0", 380),
        ("-.019aZ", 3, "1.0.0-", 282),
        ("01.-a+", 7, "", 168),
        ("v =1.\n", 6, "", 4),
        ("-0a+.é_\0\n", 4, "1.0.0", 104),
    ],
)
def test_semver(alphabet: str, longest: int, prefix: str, count: int) -> None:
    taken = semver_taken(strings(alphabet, longest, prefix))
    assert len(taken) == count
    assert_all_pairs(taken, vercmp.semver.compare_many, vercmp.semver.sort_key, SemVer())


def test_semver_as_npm_has_it() -> None:
    """What npm takes, and in which order, but for `v` and blanks before it."""
    versions = strings("-+.01aA", 5, prefix="1.0.0")
    taken = semver_taken(versions)
    rows = dict(zip(versions, node_semver(versions), strict=True))
    assert [version for version, row in rows.items() if row is not None] == taken
    assert len(taken) == 2342
    for version in taken:
        assert rows[version] == signed(vercmp.semver.compare_many([version] * len(taken), taken)), version


@pytest.mark.parametrize(
    ("alphabet", "longest", "prefix", "count"),
    [
        ("10.a-", 4, "1", 283),
        (".0ab", 5, "1.a", 880),
        ("0.aA-", 3, "1.0.0-", 100),
        ("01 .a\n", 5, "", 1149),
        ("-0a+.é_v ", 4, "1.0", 558),
    ],
)
def test_gem(alphabet: str, longest: int, prefix: str, count: int) -> None:
    """RubyGems takes the same of all strings, and orders them the same."""
    oracle = RubyGems()
    texts = strings(alphabet, longest, prefix)
    refused = [place for place, row in enumerate(oracle.against("1", texts)) if row == 2]
    taken = []
    for place, text in enumerate(texts):
        try:
            vercmp.gem.validate(text)
        except vercmp.InvalidVersion:
            assert refused.pop(0) == place, text
        else:
            taken.append(text)
    assert refused == []
    assert len(taken) == count
    assert_all_pairs(oracle.alike(taken), vercmp.gem.compare_many, vercmp.gem.sort_key, oracle)
