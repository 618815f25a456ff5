"""Real hosts, images and archives against the real feeds of their families: what is said of each is frozen.

``hosts.tsv`` has a line for each pair: counts of packages by class, and of findings by priority, so that any change of
verdicts shows. The slow matcher gives the same, and so do the rules without drafts. Some feeds are excerpts, of which
a host has little to fear. Where no feed here covers the release of a host, that is its line: everything *not-covered*.
Where a change is meant, the failing test prints the new lines.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

import pytest
from advisories_drafts import both_ways
from advisories_reference import slow_findings
from attrs import evolve, frozen
from places import GOLDEN

from advisories import Feed, MatchPolicy, match
from advisories.models import Assumption, Distribution, Finding, Inventory, PackageClass, Priority
from advisories.models.findings import Findings
from advisories.models.json_types import check
from advisories.readers import inventories
from advisories.reports import Report
from advisories.reports.document import Document, ReportObject
from advisories.store import read_feed
from advisories.triage.baseline import Baseline
from advisories.triage.cases import FindingState
from advisories.triage.plan import plan
from advisories.triage.verify import verify

Unpack = Callable[[str], Path]
FROZEN = GOLDEN / "hosts.tsv"
HEAD = ("feed", "lists", "of", "judged as", *PackageClass, *Priority, "vulnerabilities", "with fix", "assumed")

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


def test_frozen(unpacked: Unpack, ubuntu_oval: Callable[[str], Path], almalinux: Feed) -> None:
    @cache
    def feed(name: str) -> Feed:
        if name == "almalinux-osv":
            return almalinux
        if name.startswith("ubuntu-oval-"):
            return read_feed(ubuntu_oval(name.split("-")[2]))
        files = [path for archive, glob in FEEDS[name] for path in _files(unpacked(f"feeds/{archive}"), glob)]
        return read_feed(*files)

    lines = ["\t".join(HEAD), *(_line(pair, feed(pair.feed), unpacked) for pair in PAIRS)]
    assert lines == FROZEN.read_text().splitlines(), "\n" + "\n".join(lines)


_read = cache(inventories.read)


def _files(folder: Path, pattern: str) -> list[Path]:
    """The files whose path ends so, a folder's name at a time."""
    found = sorted(path for path in folder.rglob(pattern.rpartition("/")[2]) if path.is_file() and path.match(pattern))
    assert found, f"{pattern} is not in {folder.name}"
    return found


def _line(pair: Pair, feed: Feed, unpacked: Unpack) -> str:
    """What the feed says of all these lists together."""
    policy = MatchPolicy(judge_as=Distribution.parse(pair.judge_as) if pair.judge_as else None)
    files = _files(unpacked(f"inventories/{pair.of}"), pair.lists)
    classes, priorities, assumed = Counter[PackageClass](), Counter[Priority](), Counter[Assumption]()
    vulnerabilities: set[str] = set()
    fixes = 0
    judged_as: set[str] = set()
    for path in files:
        inventory = _read(path)
        if pair.release:
            inventory = evolve(inventory, distribution=Distribution.parse(pair.release))
        findings = match(inventory, feed, policy)
        _adds_up(inventory, findings)
        _is_cleared_on_paper(inventory, feed, policy, findings)
        _stands_against_itself(inventory, feed, policy, findings)
        if path == files[0]:
            both_ways(inventory, feed, policy)
            check(Document.of(Report(inventory, feed, findings)).content, ReportObject)
        if path == files[0] and findings.coverage.covered and findings.coverage.judged_as is not None:
            slow = slow_findings(inventory, feed, findings.coverage.judged_as)
            assert {(one.package, one.vulnerability): (one.status, one.fixed_version) for one in findings} == slow
        judged_as.add(str(findings.coverage.judged_as))
        classes.update(findings.coverage.counts)
        priorities.update(findings.counts)
        assumed.update(findings.coverage.assumptions)
        vulnerabilities.update(findings.column("vulnerability"))
        fixes += sum(1 for version in findings.column("fixed_version") if version)
    (judged,) = judged_as
    count = f"{pair.lists}{f' ({len(files)})' if len(files) > 1 else ''}"
    numbers = [*(classes[one] for one in PackageClass), *(priorities[one] for one in Priority)]
    words = " ".join(f"{one.value}={assumed[one]}" for one in Assumption if assumed[one])
    row = [pair.feed, count, pair.of, judged, *map(str, [*numbers, len(vulnerabilities), fixes]), words or "-"]
    return "\t".join(row)


def _adds_up(inventory: Inventory, findings: Findings) -> None:
    coverage = findings.coverage
    assert sum(coverage.counts.values()) == coverage.packages == len(inventory.instances)
    pairs = list(zip(findings.column("instance"), findings.column("vulnerability"), strict=True))
    assert len(set(pairs)) == len(pairs) == len(findings)
    if not coverage.covered:
        assert coverage.counts[PackageClass.NOT_COVERED] == coverage.packages
        assert not findings


def _is_cleared_on_paper(inventory: Inventory, feed: Feed, policy: MatchPolicy, findings: Findings) -> None:
    """A plan for the host: once it is done, matching finds what it said would stay, and what it said it would bring."""
    made = plan(inventory, feed, policy)
    assert made.clears + len(made.stays) == len(findings)
    after = match(made.after, feed, policy)
    left = [*(stay.finding for stay in made.stays), *made.brings]
    assert Counter(map(_of, after)) == Counter(map(_of, left))


def _of(finding: Finding) -> tuple[str, str | None, str]:
    return finding.package.name, finding.package.arch, finding.vulnerability


def _stands_against_itself(inventory: Inventory, feed: Feed, policy: MatchPolicy, findings: Findings) -> None:
    """Verified against its own findings nothing is new, and nothing became anything."""
    verification = verify(Baseline.of(inventory, findings), inventory, feed, policy)
    assert verification.new == ()
    standing = {FindingState.STILL_VULNERABLE, FindingState.RESIDUAL, FindingState.UNDECIDABLE}
    standing.add(FindingState.FIXED_PENDING_RESTART)
    assert {state for state, count in verification.counts.items() if count} <= standing


def test_every_host_has_a_line(unpacked: Unpack) -> None:
    hosts = {path.name for path in unpacked("inventories/hosts").rglob("*.json")}
    assert len(hosts) == 30
    assert hosts == {pair.lists for pair in PAIRS if pair.of == "hosts"}


def test_every_feed_has_a_line() -> None:
    assert list(FEEDS) == list(dict.fromkeys(pair.feed for pair in PAIRS))


def test_hosts_of_other_families_are_not_covered(unpacked: Unpack, almalinux: Feed) -> None:
    covered = []
    paths = sorted(unpacked("inventories/hosts").rglob("*.json"))
    for path in paths:
        findings = match(inventories.read(path), almalinux)
        if findings.coverage.covered:
            covered.append(path.name)
        else:
            assert not findings
            assert findings.coverage.counts[PackageClass.NOT_COVERED] == findings.coverage.packages > 0
    assert (covered, len(paths)) == (["alma_9.json"], 30)


@pytest.mark.parametrize("line", FROZEN.read_text().splitlines()[1:] if FROZEN.exists() else [])
def test_the_frozen_lines_add_up(line: str) -> None:
    row = dict(zip(HEAD, line.split("\t"), strict=True))
    assert sum(int(row[name]) for name in PackageClass) > 0
    assert int(row["vulnerabilities"]) <= sum(int(row[name]) for name in Priority)
    assert int(row["with fix"]) <= sum(int(row[name]) for name in Priority)
