"""Real hosts against the whole feeds of their families: what is said of each is frozen, so that any change shows.

``hosts.tsv`` has a line for each pair: counts of packages by class, and of findings by priority. Where a change of
verdicts is meant, its new lines are what the failing test prints.
"""

from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

import pytest
from attrs import frozen

from advisories import Feed, Findings, Inventory, MatchPolicy, inventories, match
from advisories.distributions import from_option
from advisories.models import PackageClass, Priority

Unpack = Callable[[str], Path]
FROZEN = Path(__file__).parent / "cases" / "hosts.tsv"
HEAD = ("feed", "host", "judged as", *PackageClass, *Priority, "vulnerabilities", "with fix")


@frozen
class Pair:
    """A feed, and the hosts that it judges: (file of the archive, the release to judge as or nothing)."""

    feed: str
    archive: str
    hosts: tuple[tuple[str, str], ...]


PAIRS = [
    Pair(
        "almalinux-osv",
        "hosts",
        (("alma_9.json", ""), ("rocky_9.json", "almalinux:9"), ("oracle_9.json", "almalinux:9")),
    ),
    Pair(
        "debian-security-tracker-2023-04",
        "hosts",
        (("debian_9.json", ""), ("debian_10.json", ""), ("debian_11.json", "")),
    ),
    Pair("ubuntu-oval-bionic", "hosts", (("ubuntu_1804.json", ""),)),
    Pair("ubuntu-oval-trusty", "hosts", (("ubuntu_1404.json", ""),)),
    Pair("azurelinux-oval", "rpm-databases", (("cbl-mariner-2.0/rpmdb.sqlite", ""),)),
    Pair("suse-oval-and-ubuntu-osv", "hosts", (("opensuse_leap_16.json", "opensuse-leap:15.3"),)),
]
_SOURCES = {
    "debian-security-tracker-2023-04": ("DSA/list", "DLA/list"),
    "azurelinux-oval": ("cbl-mariner-2.0-oval.xml",),
    "suse-oval-and-ubuntu-osv": ("opensuse.leap.15.3*",),
}


def test_frozen(unpacked: Unpack, ubuntu_oval: Callable[[str], Path]) -> None:
    lines = ["\t".join(HEAD), *chain.from_iterable(_lines(pair, unpacked, ubuntu_oval) for pair in PAIRS)]
    assert lines == FROZEN.read_text().splitlines(), "\n" + "\n".join(lines)


def _lines(pair: Pair, unpacked: Unpack, ubuntu_oval: Callable[[str], Path]) -> Iterator[str]:
    feed = _feed(pair.feed, unpacked, ubuntu_oval)
    folder = unpacked(f"inventories/{pair.archive}")
    for name, judge_as in pair.hosts:
        (path,) = [path for path in folder.rglob(Path(name).name) if path.match(name)]
        inventory = inventories.read(path)
        policy = MatchPolicy(judge_as=from_option(judge_as) if judge_as else None)
        findings = match(inventory, feed, policy)
        _adds_up(inventory, findings)
        yield "\t".join(_cells(pair.feed, name, findings))


def _feed(name: str, unpacked: Unpack, ubuntu_oval: Callable[[str], Path]) -> Feed:
    if name.startswith("ubuntu-oval-"):
        return Feed.from_sources(ubuntu_oval(name.rpartition("-")[2]))
    folder = unpacked(f"feeds/{name}")
    files = [path for pattern in _SOURCES.get(name, ()) for path in sorted(folder.rglob(pattern))]
    return Feed.from_sources(*(files or [folder]))


def _cells(feed: str, host: str, findings: Findings) -> list[str]:
    counts = findings.coverage.counts
    by_priority = findings.by_priority()
    found = tuple(findings)
    return [
        feed,
        host,
        str(findings.coverage.judged_as),
        *(str(counts[name]) for name in PackageClass),
        *(str(len(by_priority[name])) for name in Priority),
        str(len({finding.vulnerability for finding in found})),
        str(sum(1 for finding in found if finding.fixed_version)),
    ]


def _adds_up(inventory: Inventory, findings: Findings) -> None:
    coverage = findings.coverage
    assert coverage.covered, f"{inventory.source} is not covered"
    assert sum(coverage.counts.values()) == coverage.packages == len(inventory.instances)
    assert len({(finding.instance, finding.vulnerability) for finding in findings}) == len(findings)


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
