"""The whole of Ubuntu's and Azure Linux's OVAL against what OpenSCAP 1.3.7 made of it: the same CVEs of a host."""

import csv
import gzip
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import oracles
import pytest

from advisories import Feed, match
from advisories.models import Advisory, Distribution, Inventory, Package, Status
from advisories.models.findings import Findings
from advisories.readers import feeds
from advisories.store import open_feed, read_feed
from advisories.store.compiling import compile_store

Unpack = Callable[[str], Path]


def true_cves(truth: Path, name: str) -> set[str]:
    """The CVEs of the true definitions of a file but the inventory ones, which show only which release it is."""
    (path,) = truth.rglob(name)
    lines = [line for line in path.read_text("utf-8").splitlines() if not line.startswith("#")]
    rows = list(csv.reader(lines, delimiter="\t"))
    assert all(row[1] == "true" for row in rows)
    cves = [row[3] for row in rows if row[2] != "inventory"]
    assert len(cves) == len(set(cves))
    return set(cves)


def found_cves(findings: Findings) -> set[str]:
    assert findings.coverage.covered
    assert set(findings.column("status")) <= {Status.AFFECTED}
    return set(findings.column("vulnerability"))


@pytest.fixture(scope="session")
def truth(unpacked: Unpack) -> Path:
    return unpacked("truth/openscap")


@pytest.fixture(scope="session")
def ubuntu_feeds(
    ubuntu_oval: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], tuple[Feed, Feed]]:
    """A function from a codename to its feed, as read and as a store."""
    folder = tmp_path_factory.mktemp("stores")
    made: dict[str, tuple[Feed, Feed]] = {}

    def feeds_of(codename: str) -> tuple[Feed, Feed]:
        if codename not in made:
            store = folder / f"{codename}.db"
            compile_store([ubuntu_oval(codename)], store)
            made[codename] = read_feed(ubuntu_oval(codename)), open_feed(store)
        return made[codename]

    return feeds_of


def of_manifest(path: Path, release: str) -> Inventory:
    rows = [line.split("\t") for line in path.read_text("utf-8").splitlines()]
    packages = tuple(Package("deb", name.partition(":")[0], version) for name, version in rows)
    return Inventory(Distribution.parse(f"ubuntu:{release}"), packages)


def of_scan(path: Path) -> Inventory:
    scan = json.loads(path.read_text("utf-8"))
    packages = tuple(Package("deb", one["name"], one["version"]) for one in scan["packages"].values())
    return Inventory(
        Distribution.parse(f"{scan['family']}:{scan['release']}"), packages, scan["runningKernel"]["release"]
    )


@pytest.mark.parametrize(
    ("verdicts", "codename", "where", "name", "count"),
    [
        ("vuls_ubuntu_1804.tsv", "bionic", "inventories/hosts", "ubuntu_1804.json", 359),
        (
            "docker_bionic_amd64.tsv",
            "bionic",
            "inventories/image-manifests",
            "bionic_ubuntu-bionic-oci-amd64-root.manifest",
            38,
        ),
        (
            "docker_trusty_amd64.tsv",
            "trusty",
            "inventories/image-manifests",
            "trusty_ubuntu-trusty-core-cloudimg-amd64.manifest",
            236,
        ),
    ],
)
def test_ubuntu(
    truth: Path,
    ubuntu_feeds: Callable[[str], tuple[Feed, Feed]],
    unpacked: Unpack,
    verdicts: str,
    codename: str,
    where: str,
    name: str,
    count: int,
) -> None:
    (path,) = unpacked(where).rglob(name)
    inventory = of_scan(path) if path.suffix == ".json" else of_manifest(path, codename)
    expected = true_cves(truth, verdicts)
    assert len(expected) == count
    for feed in ubuntu_feeds(codename):
        assert found_cves(match(inventory, feed)) == expected


def test_mariner(truth: Path, unpacked: Unpack, tmp_path: Path) -> None:
    expected = true_cves(truth, "rpmdb_cbl-mariner-2.0__2.0-oval-2024-01.tsv")
    assert len(expected) == 265
    (database,) = unpacked("inventories/rpm-databases").rglob("cbl-mariner-2.0/rpmdb.sqlite")
    folder = tmp_path / "rpm"
    shutil.copytree(database.parent, folder)
    query = r"%{NAME}\t%|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}\t%{ARCH}\t%{SOURCERPM}\n"
    command = ["rpm", "--dbpath", str(folder), "-qa", "--qf", query]
    listed = oracles.run(command).decode().splitlines()
    packages = tuple(Package("rpm", name, version, arch) for name, version, arch, _ in map(split_tabs, listed))
    assert len(packages) == 129
    inventory = Inventory(Distribution.parse("mariner:2.0"), packages)
    (packed,) = unpacked("feeds/azurelinux-oval").rglob("cbl-mariner-2.0-oval.largest-available.xml")
    feed = read_feed(packed)
    assert found_cves(match(inventory, feed)) == expected
    store = tmp_path / "feed.db"
    compile_store([packed], store)
    assert found_cves(match(inventory, open_feed(store))) == expected
    # The definitions name sources (rule 2). OpenSCAP tests the package of that name alone.
    sourced = tuple(
        Package("rpm", name, version, arch, source_name=source.rsplit("-", 2)[0])
        for name, version, arch, source in map(split_tabs, listed)
    )
    findings = match(Inventory(Distribution.parse("mariner:2.0"), sourced), feed)
    assert found_cves(findings) > expected
    others = {one.package.name for one in findings if one.vulnerability not in expected}
    assert others == OTHER_BINARIES


# Of sources that have no binary package of their own name on that host.
OTHER_BINARIES = {"libgcc", "libgomp", "libstdc++", "nss-libs"}


def split_tabs(line: str) -> tuple[str, str, str, str]:
    name, version, arch, source = line.split("\t")
    return name, version, arch, source


ENTRIES_OF_LEAP = 93_099

# Definitions read, kept, refused; affected entries, and what was skipped.
COUNTS = {
    "azurelinux-3.0-oval.xml": (1222, 1222, 0, 1222),
    "cbl-mariner-1.0-oval.xml": (2252, 2252, 0, 2252),
    "cbl-mariner-2.0-oval.largest-available.xml": (2436, 2436, 0, 2436),
    # The generator of that year compared version and release apart, which is another order than the EVR's.
    "cbl-mariner-1.0-oval.2020-12-10.xml": (546, 0, 546, 0),
    "com.redhat.rhsa-RHEL8.xml": (129, 129, 0, 2175),
    "Red_Hat_Enterprise_Linux_3.xml": (327, 327, 0, 3510),
    "com.vmware.phsa-photon3.xml": (222, 222, 0, 778),
    "rhel-8.oval.xml": (181, 181, 0, 2835),
}


def test_counts_of_suse(unpacked: Unpack, tmp_path: Path) -> None:
    (packed,) = unpacked("feeds/suse-oval-and-ubuntu-osv").rglob("opensuse.leap.15.3.xml.gz")
    path = tmp_path / packed.stem
    path.write_bytes(gzip.decompress(packed.read_bytes()))
    reading = feeds.read(path)
    entries = sum(len(item.affected) for item in reading if isinstance(item, Advisory))
    report = reading.report()
    assert (report.read, report.kept, report.rejections) == (9136, 9136, ())
    assert report.skips == (("a definition without criteria: it is about no package", 2),)
    assert entries == ENTRIES_OF_LEAP


@pytest.mark.parametrize("archive", ["azurelinux-oval", "claircore-history", "clair-history"])
def test_counts(unpacked: Unpack, archive: str) -> None:
    paths = [path for path in unpacked(f"feeds/{archive}").rglob("*.xml") if path.name in COUNTS]
    assert paths
    for path in paths:
        reading = feeds.read(path)
        entries = sum(len(item.affected) for item in reading if isinstance(item, Advisory))
        report = reading.report()
        assert (report.read, report.kept, report.rejected, entries) == COUNTS[path.name], path.name
        assert report.format == "oval"
        assert report.skips == ()


@pytest.mark.parametrize(("codename", "read", "entries"), [("trusty", 6849, 137_007), ("bionic", 11_975, 184_301)])
def test_counts_of_ubuntu(ubuntu_oval: Callable[[str], Path], codename: str, read: int, entries: int) -> None:
    reading = feeds.read(ubuntu_oval(codename))
    assert sum(len(item.affected) for item in reading if isinstance(item, Advisory)) == entries
    report = reading.report()
    assert (report.read, report.kept, report.rejections) == (read, read, ())
    assert report.skips == (("a definition of class inventory", 1),)


# Definitions read, kept, refused, entries, entries that state what is not affected.
DIALECTS = {
    "opensuse.leap.micro.5.3-affected.xml": (103, 103, 0, 228, 0),
    "opensuse.leap.micro.5.3-patch.xml": (43, 43, 0, 89, 0),
    "opensuse.tumbleweed.xml.gz": (1, 1, 0, 6, 0),
    "suse.linux.enterprise.micro.5-affected.xml.gz": (2, 2, 0, 19, 7),
    "suse.linux.micro.6-affected.xml.gz": (1, 1, 0, 14, 14),
    "suse.linux.enterprise.server.10.xml.gz": (1, 1, 0, 11, 0),
    "rhel-9-including-unpatched.oval.xml.bz2": (4, 4, 0, 7, 4),
    "anolis-23.oval.xml": (1, 1, 0, 9, 0),
    "com.oracle.ovmsa-20250001.xml": (1, 1, 0, 2, 0),
    "com.vmware.phsa-photon5.xml.gz": (1, 1, 0, 2, 0),
    "oci.com.ubuntu.jammy.usn.oval.xml.bz2": (1, 1, 0, 5, 0),
    "oci.com.ubuntu.fips-updates_jammy.pkg.oval.xml.bz2": (2, 2, 0, 8, 0),
    "mariner-truncated-2.0-oval.xml": (5, 5, 0, 5, 0),
}


def test_dialects_as_they_are_published(unpacked: Unpack) -> None:
    archives = ("suse-oval-and-ubuntu-osv", "vuls-data-update-fetch-fixtures", "vunnel-testdata")
    paths = [path for archive in archives for path in unpacked(f"feeds/{archive}").rglob("*") if path.name in DIALECTS]
    assert {path.name for path in paths} == set(DIALECTS)
    for path in paths:
        reading = feeds.read(path)
        entries = [one for item in reading if isinstance(item, Advisory) for one in item.affected]
        report = reading.report()
        found = report.read, report.kept, report.rejected, len(entries), sum(one.negative for one in entries)
        assert found == DIALECTS[path.name], path.name
        assert report.rejections == ()
