"""Which hosts stand beside which feeds: the whole feeds of the real data, with the lists that have findings by them."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from accuracy import data, facts

__all__ = ["FEEDS", "FOREIGN", "HOSTS", "FeedFiles", "Host"]

#: In the name of a host that stands beside the feed of another distribution.
FOREIGN: Final = ", as AlmaLinux"


class FeedFiles(NamedTuple):
    """A published feed.

    :ivar what: who publishes it, its date, and what of it is here.
    :ivar archive: where it is in the real data.
    :ivar patterns: its files.
    :ivar type: of the packages it is about.
    :ivar facts: reads a part of it, by that part's own name. None where only a tool does.
    """

    what: str
    archive: str
    patterns: Sequence[str]
    type: str
    facts: Callable[[Sequence[Path], str], Iterator[facts.Fact | str]] | None

    def files(self) -> list[Path]:
        """All of its files."""
        return [path for pattern in self.patterns for path in data.files_of(self.archive, pattern)]


_CANONICAL: Final = "feeds/ubuntu-oval-2021-02/com.ubuntu.{}.cve.oval.xml"
FEEDS: Final = {
    "AlmaLinux OSV": FeedFiles(
        "AlmaLinux's advisories in OSV, 2026-08, all",
        "feeds/almalinux-osv",
        ("advisories/*/*.json",),
        "rpm",
        facts.osv,
    ),
    "Debian DSA and DLA": FeedFiles(
        "Debian's lists of DSA and DLA, 2023-04, all",
        "feeds/debian-security-tracker-2023-04",
        ("DSA/list", "DLA/list"),
        "deb",
        facts.debian_lists,
    ),
    "Ubuntu tracker": FeedFiles(
        "Ubuntu's CVE tracker, 2020-06, active CVEs of 2020",
        "feeds/ubuntu-cve-tracker-2020-06",
        ("active/CVE-2020-*",),
        "deb",
        facts.ubuntu_tracker,
    ),
    "Ubuntu OVAL bionic": FeedFiles(
        "Canonical's OVAL of CVEs for 18.04, 2021-02, all", _CANONICAL.format("bionic"), ("",), "deb", None
    ),
    "Ubuntu OVAL trusty": FeedFiles(
        "Canonical's OVAL of CVEs for 14.04, 2021-02, all", _CANONICAL.format("trusty"), ("",), "deb", None
    ),
    "CBL-Mariner OVAL": FeedFiles(
        "Microsoft's OVAL for CBL-Mariner 2.0, 2024-01, all",
        "feeds/azurelinux-oval",
        ("cbl-mariner-2.0-oval.largest-available.xml",),
        "rpm",
        None,
    ),
}


class Host(NamedTuple):
    """A list and the feed that it stands beside.

    :ivar pattern: its file in the archive.
    :ivar release: whose advisories are used.
    :ivar part: the name of that release in the feed.
    :ivar recorded: a file with what OpenSCAP found of it, where that was recorded.
    """

    name: str
    archive: str
    pattern: str
    feed: str
    release: str
    part: str
    recorded: str = ""

    @property
    def path(self) -> Path:
        """The list."""
        return data.file_of(self.archive, self.pattern)


_SCANS, _RPMDBS, _RPMS = "inventories/hosts", "inventories/rpm-databases", "inventories/rpm-lists"
_STATUS, _MANIFESTS = "inventories/dpkg-status", "inventories/image-manifests"


def _alma(release: str, name: str, archive: str, pattern: str) -> Host:
    return Host(name, archive, pattern, "AlmaLinux OSV", f"almalinux:{release}", f"AlmaLinux:{release}")


def _alma_lists(*kinds: str) -> Iterator[Host]:
    for kind in kinds:
        date, _, variant = kind.partition(" ")
        pattern = f"{date}_almalinux-8-x86_64-{variant}__rpm-packages.txt"
        yield _alma("8", f"AlmaLinux 8 image, {variant}, {date}", _RPMS, pattern)


def _debian(number: str, codename: str, name: str, archive: str, pattern: str) -> Host:
    return Host(name, archive, pattern, "Debian DSA and DLA", f"debian:{number}", codename)


def _ubuntu(feed: str, codename: str, name: str, archive: str, pattern: str, recorded: str = "") -> Host:
    number = {"trusty": "14.04", "bionic": "18.04"}[codename]
    return Host(name, archive, pattern, feed, f"ubuntu:{number}", codename, recorded)


HOSTS: Final = (
    _alma("9", "AlmaLinux 9 host", _SCANS, "alma_9.json"),
    _alma("9", "AlmaLinux 9 image, 2022-05", _RPMDBS, "*al-9.0.1*/rpmdb.sqlite"),
    _alma("9", "AlmaLinux 9 image, 2023-11", _RPMDBS, "*al9-20231122*/rpmdb.sqlite"),
    _alma("8", "AlmaLinux 8 image, 2023-05", _RPMDBS, "*al8-20230523*/Packages"),
    *_alma_lists("2021-09-13 base", "2021-09-13 init", "2021-09-13 micro", "2021-11-12 default", "2021-11-12 minimal"),
    _alma("9", "Rocky Linux 9 host, as AlmaLinux", _SCANS, "rocky_9.json"),
    _alma("9", "Oracle Linux 9 host, as AlmaLinux", _SCANS, "oracle_9.json"),
    _alma("10", "Oracle Linux 10 host, as AlmaLinux", _SCANS, "oracle_10.json"),
    _alma("10", "RHEL 10 host, as AlmaLinux", _SCANS, "rhel_10.json"),
    _alma("8", "Rocky Linux 8.8 image, as AlmaLinux", _RPMS, "2023-05-18_Rocky-8.8.20230518-UBI-x86_64.packages.txt"),
    _alma("8", "Rocky Linux 8.10 image, as AlmaLinux", _RPMS, "2024-06-03_Rocky-8.10.20240528-UBI-x86_64.packages.txt"),
    _alma("9", "Rocky Linux 9.3 image, as AlmaLinux", _RPMS, "2023-11-28_Rocky-9.3.20231119-UBI-x86_64.packages.txt"),
    _debian("6", "squeeze", "Debian 6 root", _STATUS, "limeroot+seed/var/lib/dpkg/status"),
    _debian("9", "stretch", "Debian 9 host", _SCANS, "debian_9.json"),
    _debian("10", "buster", "Debian 10 host", _SCANS, "debian_10.json"),
    _debian("10", "buster", "Debian 10 root", _STATUS, "Ornias1993+truecommand-dump/var/lib/dpkg/status"),
    _debian("11", "bullseye", "Debian 11 host", _SCANS, "debian_11.json"),
    _ubuntu("Ubuntu tracker", "trusty", "Ubuntu 14.04 host", _SCANS, "ubuntu_1404.json"),
    _ubuntu("Ubuntu tracker", "bionic", "Ubuntu 18.04 host", _SCANS, "ubuntu_1804.json"),
    _ubuntu("Ubuntu OVAL trusty", "trusty", "Ubuntu 14.04 host", _SCANS, "ubuntu_1404.json"),
    _ubuntu(
        "Ubuntu OVAL trusty",
        "trusty",
        "Ubuntu 14.04 image",
        _MANIFESTS,
        "dist-amd64/trusty_*.manifest",
        "docker_trusty_amd64.tsv",
    ),
    _ubuntu("Ubuntu OVAL bionic", "bionic", "Ubuntu 18.04 host", _SCANS, "ubuntu_1804.json", "vuls_ubuntu_1804.tsv"),
    _ubuntu(
        "Ubuntu OVAL bionic",
        "bionic",
        "Ubuntu 18.04 image",
        _MANIFESTS,
        "dist-amd64/bionic_*.manifest",
        "docker_bionic_amd64.tsv",
    ),
    Host(
        "CBL-Mariner 2.0 image",
        _RPMDBS,
        "cbl-mariner-2.0/rpmdb.sqlite",
        "CBL-Mariner OVAL",
        "mariner:2.0",
        "",
        "rpmdb_cbl-mariner-2.0__2.0-oval-2024-01.tsv",
    ),
)
