"""``--sources`` on real lists: a list without sources and a map give what the host's own status file gives (rule 0)."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from attrs import evolve

import advisories
from advisories.models import Distribution, Inventory, PackageClass
from advisories.models.findings import Findings

DEBIAN_11 = "vuls-results/debian_11.json"


def status_of(host: Path) -> str:
    """The status file of a scanned host, of the facts that dpkg's has."""
    scan = json.loads(host.read_text())
    sources = {
        binary: f"{source['name']} ({source['version']})"
        for source in scan["SrcPackages"].values()
        for binary in source["binaryNames"]
    }
    stanzas = [
        f"Package: {name}\nStatus: install ok installed\nVersion: {package['version']}\nSource: {sources[name]}\n"
        for name, package in scan["packages"].items()
    ]
    return "\n".join(stanzas)


@pytest.fixture(scope="module")
def feed(unpacked: Callable[[str], Path]) -> advisories.Feed:
    folder = unpacked("feeds/debian-security-tracker-2023-04") / "debian-security-tracker-2023-04/data"
    return advisories.read_feed(folder / "DSA", folder / "DLA")


def match(inventory: Inventory, feed: advisories.Feed) -> Findings:
    return advisories.match(evolve(inventory, distribution=Distribution.parse("debian:11")), feed)


def test_a_debian_11_host(unpacked: Callable[[str], Path], feed: advisories.Feed, tmp_path: Path) -> None:
    status, plain = tmp_path / "status", tmp_path / "list"
    status.write_text(status_of(unpacked("inventories/hosts") / DEBIAN_11))
    own = advisories.read_inventory(status)
    plain.write_text("".join(f"{package.name}\t{package.version}\n" for package in own.packages))
    listed = advisories.read_inventory(plain)
    by_status, alone = match(own, feed), match(listed, feed)
    # 124 are of the kernel, whose name shows its source, and none of its metapackage.
    assert (len(by_status), len(alone)) == (260, 148)
    coverage = alone.coverage
    assert [package.name for package in coverage.packages_in(PackageClass.CLEAN)] == ["linux-image-amd64"]
    counts = coverage.counts
    assert counts[PackageClass.UNCHECKED] + counts[PackageClass.AFFECTED] == len(own.packages) - 1 == 418
    map = advisories.read_sources(status)
    completed = map.complete(listed)
    assert completed.packages == own.packages
    assert match(completed, feed) == by_status


@pytest.mark.parametrize("kind", ["Packages", "Sources"])
def test_images_of_debian_12(unpacked: Callable[[str], Path], kind: str) -> None:
    archive = unpacked("inventories/debian-archive-bookworm")
    indexes = sorted(archive.rglob(f"*_{kind}"))
    assert len(indexes) == 2
    map = advisories.read_sources(*indexes)
    assert [report.rejections for report in map.reports] == [(), ()]
    manifests = sorted(unpacked("inventories/image-manifests").rglob("bookworm*rootfs.manifest"))
    assert len(manifests) > 10
    for path in manifests:
        completion = map.completion(advisories.read_inventory(path))
        lacking = {package.name for package in completion.inventory.packages if package.doubts}
        # Its version is its own, and an older one than the archive has now.
        assert lacking == {"bsdutils"}
        assert completion.exact >= 40
        assert completion.remark is None


def test_indexes_agree(unpacked: Callable[[str], Path]) -> None:
    """What both indexes of an archive show is the same."""
    archive = unpacked("inventories/debian-archive-bookworm")
    packages, sources = (
        advisories.read_sources(*sorted(archive.rglob(f"*_{kind}"))) for kind in ("Packages", "Sources")
    )
    listed = advisories.read_inventory(archive / "bookworm_main_amd64_Packages")
    plain = evolve(
        listed, packages=tuple(evolve(one, source_name=None, source_version=None) for one in listed.packages)
    )
    exact = packages.completion(plain)
    assert (exact.exact, exact.followed, exact.lacking) == (len(plain.packages), 0, 0)
    assert {(one.name, one.source_name) for one in exact.inventory.packages} == {
        (one.name, one.source_name) for one in listed.packages
    }
    wrong = [
        (by_name.name, by_name.source_name, known.source_name)
        for by_name, known in zip(sources.complete(plain).packages, listed.packages, strict=True)
        if by_name.source_name is not None
        and (by_name.source_name, by_name.source_version) != (known.source_name, known.source_version)
    ]
    # Packages with versions of their own that are earlier than their source's.
    assert len(wrong) < 1100
