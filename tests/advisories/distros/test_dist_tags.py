"""What a version shows of its build: every distribution takes its own for its own, and no other's."""

import pytest
from advisories_reference import advisory, affected
from advisories_tables import facts
from hypothesis import given
from hypothesis import strategies as st

from advisories import Feed, match
from advisories.distros.dist_tags import is_of_another, is_of_later_release
from advisories.distros.third_parties import is_third_party
from advisories.models.assumptions import Assumption
from advisories.models.distribution import FAMILIES, Distribution
from advisories.models.findings import PackageClass
from advisories.models.packages import Inventory, Package
from advisories.models.words import Names

ROWS = facts("distros/dist_tags.tsv")
BUILDERS = {type: frozenset(" ".join(row[1] for row in ROWS if row[0] == type).split()) for type, *_ in ROWS}


@pytest.mark.parametrize(("type", "builders", "source"), [(row[0], row[1], row[-1]) for row in ROWS])
def test_of_every_distribution(type: str, builders: str, source: str) -> None:
    version = source.split(" ")[-1]
    assert set(builders.split()) <= {id for id, family in FAMILIES.items() if family.type == type}
    for id, family in FAMILIES.items():
        foreign = id in BUILDERS[type] and id not in builders.split()
        assert is_of_another(type, version, Distribution(id, "1")) is foreign
        if family.type == type:
            assert is_third_party(Package(type, "x", version), Distribution(id, "1")) is foreign


@pytest.mark.parametrize(
    ("distribution", "later", "own"),
    [
        ("debian:12", ("1-1+deb13u1", "1-1~deb13u2"), ("1-1", "1-1+deb12u1", "1-1+deb11u3", "1-1+deb13u1~deb12u1")),
        ("raspbian:12", ("1-1+deb13u1+rpi1",), ("1-1+deb12u1+rpi1", "1-1+rpi1")),
        (
            "ubuntu:22.04",
            ("1-0ubuntu0.24.04.1", "6.8.0-40.40~24.04.2"),
            ("1-0ubuntu0.20.04.1", "1-1~22.04", "1-1ubuntu3"),
        ),
        ("almalinux:9", ("1-1.el10", "1-1.el10_1.2"), ("1-1.el9", "1-1.el8s", "1-1.module_el9.2.0+14+fc19ec12", "1-1")),
        ("rhel:9.4", ("1-1.el10",), ("1-1.el9_4", "1-1.git57d7127.el9")),
        ("fedora:42", ("1-1.fc43",), ("1-1.fc42", "1-1.fc41")),
        ("amzn:2", ("1-1.amzn2023.0.3",), ("1-1.amzn2.0.1",)),
        ("amzn:2023", (), ("1-1.amzn2023.0.3", "1-1.amzn2")),
        ("azurelinux:3", (), ("3.2.0.azl1-1.azl3", "1-1.cm2")),
        ("opensuse-leap:15.3", ("1-lp154.1.1",), ("1-lp152.4.3.1", "1-150300.3.1")),
    ],
)
def test_of_a_later_release(distribution: str, later: tuple[str, ...], own: tuple[str, ...]) -> None:
    host = Distribution.parse(distribution)
    type = FAMILIES[host.id].type
    assert [version for version in (*later, *own) if is_of_later_release(type, version, host)] == list(later)
    assert not [version for version in (*later, *own) if is_of_another(type, version, host)]


@given(st.sampled_from(["deb", "rpm", "apk"]), st.text(alphabet="0123456789.+~-_abcdeflnoubtzm", max_size=30))
def test_a_version_without_a_tag_shows_nothing(type: str, version: str) -> None:
    tags = ("el", "fc", "amzn", "cm", "azl", "ph", "oe", "lp", "mga", "an", "deb", "ubuntu", "~")
    if not any(tag in version for tag in tags):
        for id in ("debian", "ubuntu", "almalinux", "fedora"):
            assert not is_of_another(type, version, Distribution(id, "9"))
            assert not is_of_later_release(type, version, Distribution(id, "9"))


def classes(release: Distribution, package: Package) -> tuple[set[PackageClass], set[Assumption]]:
    entry = affected(package.name, "0-1", distribution=release, names=Names.BINARY)
    coverage = match(Inventory(release, (package,)), Feed([advisory("X-1", entry)])).coverage
    return {name for name, count in coverage.counts.items() if count}, set(coverage.assumptions)


@pytest.mark.parametrize(
    ("distribution", "foreign", "later"),
    [
        ("debian:12", "9.9-1ubuntu1", "9.9-1+deb13u1"),
        ("almalinux:9", "9.9-1.fc40", "9.9-1.el10"),
        ("fedora:40", "9.9-1.el9", "9.9-1.fc41"),
        ("amzn:2", "9.9-1.el7", "9.9-1.amzn2023"),
        ("azurelinux:3", "9.9-1.ph5", "9.9-1.azl4"),
        ("opensuse-leap:15.5", "9.9-1.el9", "9.9-lp156.1.1"),
    ],
)
def test_neither_is_clean(distribution: str, foreign: str, later: str) -> None:
    release = Distribution.parse(distribution)
    type = FAMILIES[release.id].type
    assert classes(release, Package(type, "x", foreign)) == ({PackageClass.THIRD_PARTY}, set())
    assert classes(release, Package(type, "x", later)) == ({PackageClass.UNCHECKED}, {Assumption.RELEASE_MIXED})
