"""Python's packages: PyPI records of OSV against packaging's own comparisons, beside the packages of a distribution."""

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from advisories_reference import DEBIAN12, deb
from advisories_stores import in_store
from examples import examples
from hypothesis import example, given, settings
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from advisories import Feed, match, read_inventory, verify
from advisories.models import Advisory, Affected, Distribution, FlawKind, Inventory, Names, Package, PackageClass, Range
from advisories.models.distribution import name_filed_under
from advisories.readers import feeds
from advisories.readers.feeds.osv import read
from advisories.sources.documents import Document
from advisories.sources.limits import DEFAULT_LIMITS
from advisories.triage.baseline import Baseline
from advisories.triage.cases import FindingState

Unpack = Callable[[str], Path]

PYPI = Distribution("pypi", "rolling")
ARCHIVES = ("osv-schema-testdata", "vuln-list-update-testdata", "redhat-csaf-vex-sboms")


def debian_host(*packages: Package) -> Inventory:
    return Inventory(DEBIAN12, (deb("bash", "5.2-1"), *packages))


def covering(*affected: Affected) -> Feed:
    """A feed that has records of Debian 12 too."""
    bash = Affected("bash", "deb", DEBIAN12, Names.SOURCE, (Range(fixed="1"),))
    return Feed([Advisory("DSA-1", affected=(bash,)), Advisory("PYSEC-1", cves=("CVE-1",), affected=affected)])


def entry(name: str, *ranges: Range) -> Affected:
    return Affected(name, "pypi", PYPI, Names.BINARY, ranges)


def is_affected(feed: Feed, name: str, version: str) -> bool:
    findings = match(debian_host(Package("pypi", name, version)), feed)
    return any(finding.package.name == name for finding in findings)


def test_ranges_are_in_pythons_order() -> None:
    feed = covering(entry("flask-x", Range("1.0", "2.0rc1")))
    for version, affected in {"0.9": False, "1.0": True, "2.0b9": True, "2.0rc1": False, "2.0": False}.items():
        assert is_affected(feed, "flask-x", version) is affected
    assert is_affected(feed, "Flask_X", "1!1.0") is False
    assert is_affected(feed, "Flask_X", "1.0+local") is True


def test_a_distributions_package_of_the_same_name_is_another() -> None:
    feed = covering(entry("bash", Range(None, "99")))
    findings = match(debian_host(Package("pypi", "bash", "1.0")), feed)
    assert [finding.package.type for finding in findings] == ["pypi"]
    debian = covering(Affected("requests", "deb", DEBIAN12, Names.BINARY, (Range(fixed="99"),)))
    assert not is_affected(debian, "requests", "1.0")


def test_what_is_not_asked_is_not_covered() -> None:
    debian = Feed([Advisory("DSA-1", affected=(Affected("bash", "deb", DEBIAN12, Names.SOURCE, (Range(fixed="1"),)),))])
    package = Package("pypi", "requests", "1.0")
    findings = match(debian_host(package), debian)
    assert findings.coverage.counts[PackageClass.NOT_COVERED] == 1
    # Rule 1: a release without records leaves its own packages uncovered, and no others.
    alone = Feed([Advisory("PYSEC-1", cves=("CVE-1",), affected=(entry("requests", Range()),))])
    findings = match(debian_host(package), alone)
    assert not findings.coverage.covered
    assert findings.coverage.counts[PackageClass.NOT_COVERED] == 1
    assert [finding.package for finding in findings] == [package]


def test_packages_of_python_alone_need_no_release() -> None:
    feed = Feed([Advisory("PYSEC-1", cves=("CVE-1",), affected=(entry("requests", Range()),))])
    requests, flask = Package("pypi", "requests", "1.0"), Package("pypi", "flask", "1.0")
    for distribution in (None, PYPI, DEBIAN12):
        findings = match(Inventory(distribution, (requests, flask)), feed)
        assert findings.coverage.covered
        assert [finding.package for finding in findings] == [requests]
        assert findings.coverage.counts[PackageClass.NOT_COVERED] == 0
    assert not match(Inventory(None, (requests,)), covering()).coverage.covered
    assert not match(Inventory(None, ()), feed).coverage.covered


def test_they_are_verified_whatever_the_release() -> None:
    feed = Feed([Advisory("PYSEC-1", cves=("CVE-1",), affected=(entry("requests", Range(None, "2")),))])
    before = debian_host(Package("pypi", "requests", "1.0"))
    baseline = Baseline.of(before, match(before, feed))
    for version, state in {"1.0": FindingState.STILL_VULNERABLE, "2.0": FindingState.FIXED}.items():
        (row,) = verify(baseline, debian_host(Package("pypi", "requests", version)), feed).rows
        assert row.state is state


def test_a_list_of_python_packages_shows_their_ecosystem() -> None:
    listed = read_inventory(io.BytesIO(b"pkg:pypi/requests@1.0\npkg:hex/x@1\n"))
    assert (listed.distribution, listed.distribution_source) == (PYPI, "the type of its packages")
    assert read_inventory(io.BytesIO(b"pkg:pypi/requests@1.0\npkg:deb/debian/bash@1\n")).distribution is None
    on_debian = io.BytesIO(b"# os-release ID=debian VERSION_ID=12\npkg:pypi/requests@1.0\n")
    assert read_inventory(on_debian).distribution == DEBIAN12


def test_an_undecidable_version() -> None:
    feed = covering(entry("x", Range(None, "2")))
    findings = match(debian_host(Package("pypi", "x", "2004d-broken!")), feed)
    assert [str(finding.status) for finding in findings] == ["undecidable"]


def test_a_listed_version_without_an_order_is_equal_to_its_own_text() -> None:
    record = {"id": "PYSEC-9", "modified": "2024-01-01T00:00:00Z"}
    affected = {"package": {"ecosystem": "PyPI", "name": "My.Thing"}, "versions": ["1.0", "2004d", "1.1"]}
    document = Document("x", "x", json.dumps({**record, "affected": [affected]}).encode(), True)
    (advisory,) = read(document, DEFAULT_LIMITS)
    assert isinstance(advisory, Advisory)
    feed = covering(*advisory.affected)
    status = {
        version: [str(one.status) for one in match(debian_host(Package("pypi", "my-thing", version)), feed)]
        for version in ("2004d", "2005d", "1.0", "1.1+local", "1.2")
    }
    # What has no order and is not listed may be anything (rule 14).
    undecidable = ["undecidable"]
    assert status == {
        "2004d": ["affected"],
        "2005d": undecidable,
        "1.0": ["affected"],
        "1.1+local": ["affected"],
        "1.2": [],
    }
    assert [flaw.kind for flaw in feed.flaws] == [FlawKind.VERSION_REFUSED]


RELEASES = st.sampled_from(["1", "1.0", "1.0.1", "2.10.0", "2.10"])
ENDINGS = st.sampled_from(["", "rc1", ".dev1", ".post1", ".post0.dev0", "rc1.post2.dev3"])
LOCALS = st.sampled_from(["", "+cu126", "+cpu", "+1", "+a.1"])
PUBLIC = st.builds("{}{}".format, RELEASES, ENDINGS)


@settings(max_examples=examples(400), deadline=None)
@example("2.10.0+cu126", "2.10.0", "")
@given(st.builds("{}{}".format, PUBLIC, LOCALS), PUBLIC, LOCALS)
def test_local_versions_as_specifiers_have_them(installed: str, public: str, local: str) -> None:
    """A record that names no local version holds those of what it names, as a specifier does."""

    def holds(specifier: str) -> bool:
        return SpecifierSet(specifier).contains(installed, prereleases=True)

    def found(*ranges: Range, listed: str | None = None) -> bool:
        affected = Affected("x", "pypi", PYPI, Names.BINARY, ranges, (listed,) if listed else ())
        return is_affected(covering(affected), "x", installed)

    assert found(Range(None, last_affected=public)) is holds(f"<={public}")
    assert found(Range(public)) is holds(f">={public}")
    assert found(Range(None, public)) is not holds(f">={public}")
    assert found(listed=public + local) is holds(f"=={public}{local}")


def test_local_versions_in_a_store(tmp_path: Path) -> None:
    entries = (
        Affected("torch", "pypi", PYPI, Names.BINARY, (Range(None, last_affected="2.10.0"),), ("2.11.0", "2004d")),
    )
    feed = covering(*entries)
    with in_store(feed, tmp_path / "feed.db") as stored:
        for version in ("2.10.0", "2.10.0+cu126", "2.11.0+cpu", "2.10.0.post1", "2.11.0.post1", "2004d"):
            host = debian_host(Package("pypi", "torch", version))
            assert list(match(host, stored)) == list(match(host, feed)), version


@pytest.mark.parametrize("name", ["Flask", "a__b", "a.-_b", "ZOPE.interface", "x", "A-B"])
def test_names_as_packaging_has_them(name: str) -> None:
    assert name_filed_under("pypi", name) == canonicalize_name(name)


def real_records(folder: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    for path in sorted(folder.rglob("*.json")):
        try:
            record = json.loads(path.read_bytes())
        except ValueError:
            continue
        if isinstance(record, dict) and "modified" in record and any(_is_python(one) for one in _entries(record)):
            yield path, record


def _entries(record: dict[str, Any]) -> list[dict[str, Any]]:
    listed = record.get("affected")
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def _is_python(one: dict[str, Any]) -> bool:
    package = one.get("package")
    return isinstance(package, dict) and package.get("ecosystem") == "PyPI"


def by_packaging(record: dict[str, Any], name: str, version: str) -> bool:
    """OSV's evaluation, written again with packaging's; ``introduced: 0`` is before every version."""
    installed = Version(version)
    for one in filter(_is_python, _entries(record)):
        if canonicalize_name(one["package"]["name"]) != canonicalize_name(name):
            continue
        for listed in one.get("versions") or ():
            try:
                if SpecifierSet(f"=={Version(listed)}").contains(installed, prereleases=True):
                    return True
            except InvalidVersion:
                continue
        for range in one.get("ranges") or ():
            if range["type"] != "ECOSYSTEM":
                continue
            inside = False
            events = [(kind, Version(at)) for event in range["events"] for kind, at in event.items()]
            for kind, at in sorted(events, key=lambda event: event[1]):
                if kind == "introduced" and (at == Version("0") or installed >= at):
                    inside = True
                elif (kind == "fixed" and installed >= at) or (kind == "last_affected" and _is_later(installed, at)):
                    inside = False
            if inside:
                return True
    return False


def _is_later(installed: Version, last: Version) -> bool:
    return installed > last if last.local else Version(installed.public) > last


@pytest.mark.parametrize("archive", ARCHIVES)
def test_real_records_against_packaging(unpacked: Unpack, archive: str) -> None:
    asked = 0
    for path, record in real_records(unpacked(f"feeds/{archive}")):
        advisories = [item for item in feeds.read(path) if isinstance(item, Advisory) and item.withdrawn is None]
        if not advisories:
            continue
        bash = Affected("bash", "deb", DEBIAN12, Names.SOURCE, (Range(fixed="1"),))
        feed = Feed([*advisories, Advisory("DSA-1", affected=(bash,))])
        for name, version in _neighbours(record):
            assert is_affected(feed, name, version) == by_packaging(record, name, version), (path.name, name, version)
            asked += 1
    assert asked > 10


def _neighbours(record: dict[str, Any]) -> set[tuple[str, str]]:
    found = set()
    for one in filter(_is_python, _entries(record)):
        stated = [*(one.get("versions") or ())]
        stated += [at for range in one.get("ranges") or () for event in range["events"] for at in event.values()]
        for version in stated:
            for text in (
                version,
                f"{version}.1",
                f"{version}rc1",
                f"{version}.post1",
                f"{version}+l",
                f"{version}.dev0",
                "0",
            ):
                try:
                    Version(text)
                except InvalidVersion:
                    continue
                found.add((one["package"]["name"], text))
    return found
