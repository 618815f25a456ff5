"""docs/accuracy.md is what comparing gives, on hosts that take no time, and comparing loses nothing."""

from collections.abc import Callable
from pathlib import Path

import pytest
from accuracy import data, measuring, page, trivy_sbom
from accuracy.comparing import Theirs, compared
from accuracy.facts import Fact, Facts
from accuracy.hosts import HOSTS, Host
from accuracy.lists import Installed
from accuracy.ours import Ours
from accuracy.places import Place

from advisories import Feed, read_inventory
from advisories.models import Advisory, Affected, Distribution, Inventory, Kind, Names, Package, Range

Unpack = Callable[[str], Path]

QUICK = (
    "AlmaLinux 9 image, 2022-05",
    "Rocky Linux 9.3 image, as AlmaLinux",
    "Debian 6 root",
    "Debian 9 host",
    "Debian 10 host",
    "Debian 10 root",
    "Debian 11 host",
    "Ubuntu 18.04 host",
)


@pytest.fixture
def quick(unpacked: Unpack, monkeypatch: pytest.MonkeyPatch) -> list[Host]:
    monkeypatch.setattr(data, "unpacked", unpacked)
    for variable in ("OSV_SCANNER", "TRIVY"):
        monkeypatch.setenv(variable, "no such program")
    return [host for host in HOSTS if host.name in QUICK and "OVAL" not in host.feed]


def test_the_page_has_what_joins_give(quick: list[Host]) -> None:
    written = data.PAGE.read_text("utf-8").splitlines()
    for one in measuring.measured(quick):
        assert page.row(one) in written, "run: make accuracy"
        assert {difference.rule for difference in one.ours_alone} <= {0, 1, 2}
        assert all(difference.evidence for difference in [*one.ours_alone, *one.theirs_alone])


DEBIAN = Distribution("debian", "12")


def test_nothing_is_lost_and_nothing_explained_away() -> None:
    """What one side alone has is a difference, and unexplained where no rule makes it."""
    entry = Affected("curl", "deb", DEBIAN, Names.SOURCE, (Range(fixed="2-1"),))
    feed = Feed([Advisory("DSA-1", Kind.SECURITY, ("CVE-2024-1", "CVE-2024-2"), (entry,))])
    inventory = Inventory(DEBIAN, (Package("deb", "curl", "1-1", "amd64", source_name="curl", source_version="1-1"),))
    ours = Ours(inventory, feed)
    both, other = Place("curl", "1-1", "amd64", "CVE-2024-1"), Place("curl", "1-1", "amd64", "CVE-2024-3")
    absent = Place("wget", "1-1", "amd64", "CVE-2024-1")
    facts = {both: None, other: Fact("curl", True, "3-1", ("CVE-2024-3",), "DSA-3"), absent: None}
    one = compared("host", "feed", "unit", ours, ours.by_place, Theirs("tool", facts))
    assert (one.agreed, one.union) == (1, 4)
    assert [(each.place.id, each.rule) for each in one.ours_alone] == [("CVE-2024-2", None)]
    assert [(each.place, each.rule) for each in one.theirs_alone] == [(other, None), (absent, None)]
    assert "DSA-3 has curl fixed in 3-1" in one.theirs_alone[0].evidence
    assert "**3 are unexplained.**" in page.page([one], [], [], {})
    assert page.tsv([one]).count("\n") == 4


def test_trivy_has_the_same_list_and_the_same_fixes(tmp_path: Path) -> None:
    installed = [
        Installed("libstdc++", "11.2.1-9.4.el9", "x86_64", "gcc", "11.2.1-9.4.el9"),
        Installed("openssl-libs", "1:3.0.1-23.el9_0", "x86_64", "openssl", "1:3.0.1-23.el9_0"),
    ]
    trivy_sbom.write_sbom(tmp_path / "sbom.cdx.json", installed, trivy_sbom.alma("9"))
    read = read_inventory(tmp_path / "sbom.cdx.json")
    assert [(one.name, one.version, one.arch) for one in read.packages] == [one[:3] for one in installed]
    facts = Facts.of(iter([Fact("openssl-libs", False, "1:3.0.7-6.el9_2", ("CVE-2022-3358",), "ALSA-2023:2523")]))
    (erratum,) = trivy_sbom.errata(facts)
    assert [one["id"] for one in erratum["references"]] == ["CVE-2022-3358"]
    (package,) = erratum["pkglist"]["packages"]
    assert (package["name"], package["epoch"], package["version"], package["release"]) == (
        "openssl-libs",
        "1",
        "3.0.7",
        "6.el9_2",
    )
