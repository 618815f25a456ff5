"""Python's packages: PyPI records of OSV against packaging's own comparisons, beside the packages of a distribution."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from advisories_reference import DEBIAN12, deb
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from advisories import Feed, match
from advisories.models import Advisory, Affected, Distribution, Inventory, Names, Package, PackageClass, Range, Skip
from advisories.models.distribution import name_filed_under
from advisories.readers import feeds
from advisories.readers.feeds.osv import read
from advisories.sources.documents import Document
from advisories.sources.limits import DEFAULT_LIMITS

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
    # Rule 1: a release without records leaves all of its host uncovered.
    alone = Feed([Advisory("PYSEC-1", cves=("CVE-1",), affected=(entry("requests", Range()),))])
    findings = match(debian_host(package), alone)
    assert not findings.coverage.covered
    assert findings.coverage.counts[PackageClass.NOT_COVERED] == 2


def test_an_undecidable_version() -> None:
    feed = covering(entry("x", Range(None, "2")))
    findings = match(debian_host(Package("pypi", "x", "2004d-broken!")), feed)
    assert [str(finding.status) for finding in findings] == ["undecidable"]


def test_listed_versions_without_an_order_are_counted() -> None:
    record = {"id": "PYSEC-9", "modified": "2024-01-01T00:00:00Z"}
    affected = {"package": {"ecosystem": "PyPI", "name": "My.Thing"}, "versions": ["1.0", "2004d-x!", "1.1"]}
    document = Document("x", "x", json.dumps({**record, "affected": [affected]}).encode(), True)
    advisory, skip = read(document, DEFAULT_LIMITS)
    assert isinstance(advisory, Advisory)
    assert isinstance(skip, Skip)
    assert (advisory.affected[0].package, advisory.affected[0].versions) == ("my-thing", ("1.0", "1.1"))
    assert "PEP 440" in skip.why


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
    """OSV's evaluation, written again with packaging's versions; ``introduced: 0`` is before every version."""
    installed = Version(version)
    for one in filter(_is_python, _entries(record)):
        if canonicalize_name(one["package"]["name"]) != canonicalize_name(name):
            continue
        for listed in one.get("versions") or ():
            try:
                if Version(listed) == installed:
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
                elif (kind == "fixed" and installed >= at) or (kind == "last_affected" and installed > at):
                    inside = False
            if inside:
                return True
    return False


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
            for text in (version, f"{version}.1", f"{version}rc1", f"{version}.post1", f"{version}.dev0", "0", "9999"):
                try:
                    Version(text)
                except InvalidVersion:
                    continue
                found.add((one["package"]["name"], text))
    return found
