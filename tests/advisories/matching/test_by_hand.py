"""Nouns that somebody makes by hand: what looks right and is another type, or empty, makes nothing clean."""

from datetime import datetime
from typing import Any

import pytest
from advisories_reference import ALMA9, advisory, affected, host

from advisories import Feed, match
from advisories.models import Advisory, Affected, Assumption, Distribution, Kind, Names, Package, PackageClass, Range

BASH = Package("rpm", "bash", "5.1-1.el9", "x86_64")
OTHER = advisory("ALSA-2", affected("other", "1-1"))


def feed_of(**more: Any) -> Feed:
    fields = {"ranges": (Range(None, "5.2-1.el9"),), **more}
    entry = Affected("bash", "rpm", ALMA9, **{"names": Names.BINARY, **fields})
    return Feed([Advisory("ALSA-1", Kind.SECURITY, ("CVE-2024-1",), (entry,)), OTHER])


@pytest.mark.parametrize(
    "changed",
    [
        {"names": None},
        {"names": "sources"},
        {"arches": "x86_64"},
        {"arches": None},
        {"versions": "5.1-1.el9"},
        {"ranges": Range(None, "5.2-1.el9")},
        {"ranges": None},
    ],
    ids=str,
)
def test_an_entry_of_other_types_is_refused(changed: dict[str, Any]) -> None:
    """A text in the place of several has letters for members, and concerns no machine."""
    with pytest.raises(TypeError, match=rf"^Affected\.{next(iter(changed))} must be "):
        feed_of(**changed)


@pytest.mark.parametrize(
    "changed",
    [{"withdrawn": one} for one in (False, True, "", "2024-01-01")] + [{"cves": "CVE-2024-1"}, {"affected": None}],
    ids=str,
)
def test_an_advisory_of_other_types_is_refused(changed: dict[str, Any]) -> None:
    """``withdrawn=False`` was a moment at which it was withdrawn, so that it concerned nobody."""
    with pytest.raises(TypeError, match=rf"^Advisory\.{next(iter(changed))} must be "):
        Advisory("ALSA-1", Kind.SECURITY, **changed)
    Advisory("ALSA-1", Kind.SECURITY, withdrawn=datetime(2024, 1, 1))


@pytest.mark.parametrize(
    "changed",
    [{"state": "installed"}, {"state": None}, {"module": "a:1"}, {"doubts": ()}, {"doubts": None}, {"doubts": ["x"]}],
    ids=str,
)
def test_a_package_of_other_types_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match=rf"^Package\.{next(iter(changed))} must be "):
        Package("rpm", "bash", "5.1-1.el9", **changed)


def test_the_text_of_a_name_of_names_will_do() -> None:
    (found,) = match(host(BASH), feed_of(names="binary"))
    assert found.vulnerability == "CVE-2024-1"


def test_an_empty_architecture_is_not_known() -> None:
    """It is none of a record's machines, and was clean."""
    found = match(host(Package("rpm", "bash", "5.1-1.el9", "")), feed_of(arches=("x86_64",)))
    assert [one.vulnerability for one in found] == ["CVE-2024-1"]
    assert found.coverage.assumptions == {Assumption.ARCH_UNKNOWN: 1}
    assert Package("rpm", "bash", "1-1", "") == Package("rpm", "bash", "1-1")


@pytest.mark.parametrize("source", ["", None])
def test_an_empty_source_is_not_known(source: str | None) -> None:
    package = Package("deb", "libx", "1-1", "amd64", source_name=source, source_version=source)
    debian = Distribution("debian", "12")
    fix = advisory("DSA-1", affected("x", "2-1", distribution=debian, names=Names.SOURCE))
    found = match(host(package, distribution=debian), Feed([fix]))
    assert found.coverage.counts[PackageClass.UNCHECKED] == 1
    assert found.coverage.assumptions == {Assumption.SOURCE_UNKNOWN: 1}
