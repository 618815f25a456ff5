"""rpm's parts and its other relation, against librpm."""

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import rpm_overlap, rpm_part

from vercmp import InvalidVersion, rpm
from vercmp.testing import nasty_versions

VERSIONS = [
    "1", "1-1", "1-2", "2", "2-1", "0:1", "1:1", "1:1-1", "00:1-1", ":1", ":1-1", "1-", "0:1-", "1.0~rc1-1", "1.0^git1",
    "99999999999999999999:1", "a:1", "1a:1", "-", "-1", "1:", "1:-1",
]  # fmt: skip


@pytest.mark.parametrize("version", [*VERSIONS, "4.16.0-2+really2.41-5", "::1-", "1:2:3-4-5", "12", "12:"])
def test_split_as_librpm(version: str) -> None:
    epoch, name, release = rpm.split(version)
    assert rpm_part(version, "v") == name
    assert rpm_part(version, "r") == release
    # librpm writes 0 for the empty epoch; we keep the text, so that it can be put together again.
    assert rpm_part(version, "e") == ("0" if epoch == "" else epoch)
    joined = ("" if epoch is None else f"{epoch}:") + name + ("" if release is None else f"-{release}")
    assert joined == version


@given(nasty_versions("rpm") | st.text("0123456789:-a\n", min_size=1))
def test_split_as_a_pattern(version: str) -> None:
    """The rules once more, for machines without librpm."""
    found = re.fullmatch(r"(?s)(?:([0-9]*):)?(.*?)(?:-([^-]*))?", version)
    assert found is not None
    assert rpm.split(version) == found.groups()


@pytest.mark.parametrize("operators", [*itertools.product(["<", "<=", "=", ">=", ">"], repeat=2)], ids="".join)
def test_satisfies_as_librpm(operators: tuple[str, str]) -> None:
    ours, theirs = operators
    for a, b in itertools.product(VERSIONS, repeat=2):
        assert rpm.satisfies(a, theirs, b, version_operator=ours) == rpm_overlap(a, ours, b, theirs), (a, b)


def test_satisfies_is_not_compare() -> None:
    assert rpm.satisfies("1.0-5", "=", "1.0")
    assert rpm.compare("1.0-5", "1.0") == 1
    assert rpm.satisfies("1.0-1", "==", "1.0-1")


@pytest.mark.parametrize(("operator", "version_operator"), [("~", "="), ("", "="), ("=", "=>")])
def test_unknown_operator(operator: str, version_operator: str) -> None:
    with pytest.raises(ValueError, match="unknown operator"):
        rpm.satisfies("1", operator, "1", version_operator=version_operator)


def test_nothing_but_the_empty_version_is_refused() -> None:
    for function in (rpm.split, rpm.validate, rpm.sort_key):
        with pytest.raises(InvalidVersion, match="empty version"):
            function("")
    assert rpm.rpmvercmp("", "") == 0
    assert rpm.segment_key("") == b"\x02"
    for version in (" ", "-", ":", "é", "a b", "%{version}"):
        assert rpm.validate(version) == ()


def test_missing_release_is_below_every_release() -> None:
    assert [rpm.compare("1", other) for other in ("1-", "1-~", "1-0", "1")] == [-1, -1, -1, 0]
