"""Every short string against every other, by the real libraries: order, keys, and what is refused."""

import itertools

import pytest
from conformance import assert_all_pairs, rpmvercmp_many
from oracles import Oracle, dpkg_verdict

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
