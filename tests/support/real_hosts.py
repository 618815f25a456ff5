"""The real hosts, images and archives, and the real feeds of their families: which are put together."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from attrs import evolve, frozen

from advisories import Feed, MatchPolicy
from advisories.models import Distribution, Inventory
from advisories.readers import inventories
from advisories.store import read_feed

__all__ = ["FEEDS", "PAIRS", "Pair", "Unpack", "feed_of", "inventories_of"]

Unpack = Callable[[str], Path]

_VULS = "vuls-data-update-fetch-fixtures"
_VUNNEL = "vunnel-testdata"
_CLAIR = "claircore-testdata"

#: Feeds by their names here: archives, and which of their files.
FEEDS: Mapping[str, Sequence[tuple[str, str]]] = {
    "almalinux-osv": (),
    "alpine-osv, excerpt": ((_VULS, "alpine/osv/testdata/fixtures/all.zip"),),
    "alpine-secdb-2020-06": (("alpine-secdb-2020-06", "v3.[16-9]*/*.yaml"),),
    "amazon-updateinfo, excerpt": (
        *((_VULS, f"amazon/testdata/fixtures/updateinfo_{name}.xml.gz") for name in ("1", "2", "2022", "2023")),
        (_VULS, "amazon/testdata/fixtures/updateinfo_2_kernel-5.15.xml.gz"),
        (_VULS, "amazon/testdata/fixtures/updateinfo_2023_kernel-livepatch.xml.gz"),
        ("vuln-list-update-testdata", "amazon/testdata/fixtures/updateinfo_2_items.xml.gz"),
        ("vuln-list-update-testdata", "amazon/testdata/fixtures/updateinfo_AL2022.xml.gz"),
    ),
    "azurelinux-oval": (("azurelinux-oval", "cbl-mariner-2.0-oval.largest-available.xml"),),
    "debian-advisories-2023-04": (
        ("debian-security-tracker-2023-04", "DSA/list"),
        ("debian-security-tracker-2023-04", "DLA/list"),
    ),
    "debian-tracker, excerpt": (
        (_VULS, "debian/tracker/api/testdata/fixtures/advisory.json"),
        (_VUNNEL, "providers/debian/test-fixtures/input/debian.json"),
        (_VULS, "debian/osv/testdata/fixtures/all.zip"),
    ),
    "fedora-updateinfo, excerpt": (
        (_VULS, "updates/38/Modular/x86_64/repodata/*-updateinfo.xml.xz"),
        (_VULS, "updates/43/Everything/x86_64/repodata/*-updateinfo.xml.zst"),
    ),
    "oracle-oval, excerpt": (
        (_VULS, "oracle/linux/testdata/fixtures/com.oracle.elsa-all.xml.bz2"),
        (_VULS, "oracle/openstack/testdata/fixtures/happy/com.oracle.olossa-20150009.xml"),
    ),
    "redhat-oval-8-2020-03": (("clair-history", "rhel-8.oval.xml"),),
    "redhat-vex, excerpt": (
        (_CLAIR, "test/acceptance/testdata/cve-20*.json"),
        (_CLAIR, "rhel/vex/testdata/cve-2023-4*.json"),
        (_CLAIR, "rhel/vex/testdata/cve-2023-38545.json"),
        ("redhat-csaf-vex-sboms", "etc/test-data/csaf/*.json"),
        ("redhat-csaf-vex-sboms", "etc/test-data/csaf/cve-2024-2961.json.xz"),
        ("vuln-list-update-testdata", "redhat/oval/testdata/happy/RHEL6/*.oval.xml.bz2"),
        ("vuln-list-update-testdata", "redhat/oval/testdata/happy/RHEL7/*.oval.xml.bz2"),
    ),
    "rocky, excerpt": (
        (_VULS, "rocky/osv/testdata/fixtures/all.zip"),
        (_VULS, "rocky/updateinfo/testdata/fixtures/happy/*/rocky/9/*/x86_64/os/repodata/*-updateinfo.xml.gz"),
        (_VUNNEL, "providers/rocky/test-fixtures/osv/RLSA-*.json"),
    ),
    "suse-oval-leap-15.3": (("suse-oval-and-ubuntu-osv", "opensuse.leap.15.3*"),),
    "suse-vex, excerpt": (
        (_VULS, "suse/csaf_vex/testdata/fixtures/csaf-vex.tar.bz2"),
        (_VULS, "suse/csaf/testdata/fixtures/csaf.tar.bz2"),
    ),
    "ubuntu-osv, excerpt": (
        ("suse-oval-and-ubuntu-osv", "UBUNTU-CVE-*.json"),
        (_VUNNEL, "providers/ubuntu/test-fixtures/osv/cve/*/UBUNTU-CVE-*.json"),
        (_VUNNEL, "providers/ubuntu/test-fixtures/osv-esm-cases/cve/*/UBUNTU-CVE-*.json"),
        (_VULS, "ubuntu/osv/testdata/fixtures/happy/osv-all.tar.xz"),
    ),
    "ubuntu-oval-bionic-2021-02": (),
    "ubuntu-oval-trusty-2021-02": (),
    "ubuntu-tracker-2020-06, CVE-2020": (("ubuntu-cve-tracker-2020-06", "active/CVE-2020-*"),),
}


@frozen
class Pair:
    """Lists that a feed judges.

    :ivar lists: files of the archive `of`, put together in one line.
    :ivar release: what they are, where they do not say it themselves.
    :ivar judge_as: the release to matcher them as, where that is another.
    """

    feed: str
    lists: str
    of: str = "hosts"
    release: str = ""
    judge_as: str = ""


def _hosts(feed: str, *names: str, judge_as: str = "") -> Iterator[Pair]:
    for name in names:
        yield Pair(feed, f"{name}.json", judge_as=judge_as)


_BOOKWORM = "bookworm_main_amd64_Packages"
PAIRS = [
    *_hosts("almalinux-osv", "alma_9"),
    *_hosts("almalinux-osv", "rocky_9", "oracle_9", judge_as="almalinux:9"),
    *_hosts("almalinux-osv", "oracle_10", "rhel_10", judge_as="almalinux:10"),
    Pair("almalinux-osv", "*al-9.0.1*/rpmdb.sqlite", "rpm-databases"),
    Pair("almalinux-osv", "*al9-20231122*/rpmdb.sqlite", "rpm-databases"),
    Pair("almalinux-osv", "*al8-20230523*/Packages", "rpm-databases"),
    *_hosts("alpine-osv, excerpt", "alpine_319"),
    Pair("alpine-secdb-2020-06", "v3.6/*/installed", "apk-installed", "alpine:3.6"),
    Pair("alpine-secdb-2020-06", "v3.7/*/installed", "apk-installed", "alpine:3.7"),
    Pair("alpine-secdb-2020-06", "v3.8/*/installed", "apk-installed", "alpine:3.8"),
    Pair("alpine-secdb-2020-06", "v3.9/*/installed", "apk-installed", "alpine:3.9"),
    Pair("alpine-secdb-2020-06", "v3.10/*/installed", "apk-installed", "alpine:3.10"),
    Pair("alpine-secdb-2020-06", "v3.11/*/installed", "apk-installed", "alpine:3.11"),
    Pair("alpine-secdb-2020-06", "v3.12/*/installed", "apk-installed", "alpine:3.12"),
    *_hosts(
        "amazon-updateinfo, excerpt", "amazon_1", "amazon_2", "amazon_2_extra_kernel", "amazon_2022", "amazon_2023"
    ),
    Pair("azurelinux-oval", "cbl-mariner-2.0/rpmdb.sqlite", "rpm-databases"),
    *_hosts("debian-advisories-2023-04", "debian_9", "debian_10", "debian_11"),
    Pair("debian-advisories-2023-04", "dist-*/bullseye_rootfs.manifest", "image-manifests", "debian:11"),
    Pair("debian-advisories-2023-04", _BOOKWORM, "debian-archive-bookworm", "debian:12"),
    Pair("debian-advisories-2023-04", _BOOKWORM, "debian-archive-bookworm", "debian:12", "debian:11"),
    *_hosts("debian-tracker, excerpt", "debian_10", "debian_11", "debian_13"),
    Pair("debian-tracker, excerpt", _BOOKWORM, "debian-archive-bookworm", "debian:12"),
    Pair("debian-tracker, excerpt", "dist-*/bookworm_rootfs.manifest", "image-manifests", "debian:12"),
    *_hosts("fedora-updateinfo, excerpt", "fedora_38", "fedora_42"),
    *_hosts("oracle-oval, excerpt", "oracle_6", "oracle_7", "oracle_9", "oracle_10"),
    Pair("redhat-oval-8-2020-03", "*almalinux-8-x86_64-*__rpm-packages.txt", "rpm-lists", "", "rhel:8"),
    *_hosts("redhat-vex, excerpt", "rhel_610", "rhel_73", "centos_7", "rhel_10"),
    *_hosts("rocky, excerpt", "rocky_9"),
    *_hosts("suse-oval-leap-15.3", "opensuse_leap_16", "opensuse_leap_16_kernel-default-base"),
    *_hosts("suse-oval-leap-15.3", "opensuse_leap_16", judge_as="opensuse-leap:15.3"),
    *_hosts("suse-vex, excerpt", "sles12", "opensuse_tumbleweed"),
    *_hosts("ubuntu-osv, excerpt", "ubuntu_1404", "ubuntu_1804", "ubuntu_2204", "ubuntu_2604"),
    *_hosts("ubuntu-oval-bionic-2021-02", "ubuntu_1804"),
    Pair("ubuntu-oval-bionic-2021-02", "dist-*/bionic_*.manifest", "image-manifests", "ubuntu:18.04"),
    *_hosts("ubuntu-oval-trusty-2021-02", "ubuntu_1404"),
    Pair("ubuntu-oval-trusty-2021-02", "dist-*/trusty_*.manifest", "image-manifests", "ubuntu:14.04"),
    *_hosts("ubuntu-tracker-2020-06, CVE-2020", "ubuntu_1404", "ubuntu_1804"),
    Pair("ubuntu-tracker-2020-06, CVE-2020", "dist-*/bionic_*.manifest", "image-manifests", "ubuntu:18.04"),
    Pair("ubuntu-tracker-2020-06, CVE-2020", "dist-*/focal_*.manifest", "image-manifests", "ubuntu:20.04"),
]


def feed_of(name: str, unpacked: Unpack, ubuntu_oval: Callable[[str], Path], almalinux: Feed) -> Feed:
    """A feed by its name here."""
    return almalinux if name == "almalinux-osv" else read_feed(*sources_of(name, unpacked, ubuntu_oval))


def sources_of(name: str, unpacked: Unpack, ubuntu_oval: Callable[[str], Path]) -> list[Path]:
    """The files of a feed by its name here."""
    if name == "almalinux-osv":
        return [unpacked("feeds/almalinux-osv")]
    if name.startswith("ubuntu-oval-"):
        return [ubuntu_oval(name.split("-")[2])]
    return [path for archive, glob in FEEDS[name] for path in _files(unpacked(f"feeds/{archive}"), glob)]


_read = cache(inventories.read)


def inventories_of(pair: Pair, unpacked: Unpack) -> Iterator[tuple[Path, Inventory, MatchPolicy]]:
    """The lists of a line, as its feed judges them."""
    policy = MatchPolicy(judge_as=Distribution.parse(pair.judge_as) if pair.judge_as else None)
    for path in _files(unpacked(f"inventories/{pair.of}"), pair.lists):
        inventory = _read(path)
        if pair.release:
            inventory = evolve(inventory, distribution=Distribution.parse(pair.release))
        yield path, inventory, policy


def _files(folder: Path, pattern: str) -> list[Path]:
    """The files whose path ends so, a folder's name at a time."""
    found = sorted(path for path in folder.rglob(pattern.rpartition("/")[2]) if path.is_file() and path.match(pattern))
    assert found, f"{pattern} is not in {folder.name}"
    return found
