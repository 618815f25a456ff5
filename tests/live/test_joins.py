"""A join of real hosts and real feeds by librpm's and libapt's own comparison: every difference to matching has a rule.

The join knows names, releases and fixed versions, and nothing else. What matching finds beyond it, or leaves out of it,
is a rule's doing: the table counts the differences by its number.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from oracles import Oracle

from advisories import Feed, MatchPolicy, explain, match
from advisories.matching.rules import makes_findings
from advisories.models import Assumption, Distribution, Finding, Inventory, Names, Package
from advisories.readers import inventories
from advisories.store import read_feed

Unpack = Callable[[str], Path]

ALMALINUX, DEBIAN = "feeds/almalinux-osv", "feeds/debian-security-tracker-2023-04"
#: A feed, the archive and the end of the path of a list, and the release whose advisories are used.
HOSTS = [
    *(
        (ALMALINUX, "inventories/hosts", f"{name}.json", f"almalinux:{release}")
        for name, release in (
            ("alma_9", "9"),
            ("rocky_9", "9"),
            ("oracle_9", "9"),
            ("oracle_10", "10"),
            ("rhel_10", "10"),
        )
    ),
    (ALMALINUX, "inventories/rpm-databases", "2023-11-22_al9-20231122/rpmdb.sqlite", "almalinux:9"),
    (ALMALINUX, "inventories/rpm-databases", "2022-05-09_al-9.0.1-beta-20220507/rpmdb.sqlite", "almalinux:9"),
    *((DEBIAN, "inventories/hosts", f"debian_{release}.json", f"debian:{release}") for release in ("9", "10", "11")),
    (DEBIAN, "inventories/dpkg-status", "limeroot+seed/var/lib/dpkg/status", "debian:6"),
    (DEBIAN, "inventories/dpkg-status", "Ornias1993+truecommand-dump/var/lib/dpkg/status", "debian:10"),
]
ORACLES = {"rpm": ("librpm", "evr"), "deb": ("libapt", "deb")}

#: By the end of the path: findings, and the differences by rule: beyond the join, and left out of it.
DIFFERENCES: Mapping[str, tuple[int, Mapping[int, int], Mapping[int, int]]] = {
    "alma_9.json": (5484, {}, {8: 15}),
    "rocky_9.json": (5911, {}, {8: 16}),
    "oracle_9.json": (2556, {}, {8: 15}),
    "oracle_10.json": (921, {0: 180}, {8: 16}),
    "rhel_10.json": (2777, {0: 617}, {8: 4}),
    "2023-11-22_al9-20231122/rpmdb.sqlite": (59, {}, {}),
    "2022-05-09_al-9.0.1-beta-20220507/rpmdb.sqlite": (76, {}, {}),
    "debian_9.json": (1418, {}, {}),
    "debian_10.json": (574, {1: 14, 2: 45}, {}),
    "debian_11.json": (279, {2: 124}, {}),
    "limeroot+seed/var/lib/dpkg/status": (398, {1: 12}, {}),
    "Ornias1993+truecommand-dump/var/lib/dpkg/status": (600, {}, {12: 43}),
}


@pytest.mark.parametrize(("feed", "archive", "end", "release"), HOSTS, ids=[host[2] for host in HOSTS])
def test_every_difference_has_a_rule(
    unpacked: Unpack, feeds: Callable[[str], Feed], feed: str, archive: str, end: str, release: str
) -> None:
    (path,) = (path for path in unpacked(archive).rglob(end.rpartition("/")[2]) if str(path).endswith(end))
    inventory, advisories = inventories.read(path), feeds(feed)
    judge_as = Distribution.parse(release)
    policy = MatchPolicy(judge_as=judge_as)
    findings = {(one.package, one.vulnerability): one for one in match(inventory, advisories, policy)}
    joined = set(_joined(inventory, advisories, judge_as))
    beyond = Counter(_rule_of(findings[place]) for place in findings.keys() - joined)
    left_out = Counter(_rule_against(inventory, advisories, policy, *place) for place in joined - findings.keys())
    found = len(findings), dict(sorted(beyond.items())), dict(sorted(left_out.items()))
    assert found == DIFFERENCES[end]


@pytest.fixture(scope="module")
def feeds(unpacked: Unpack, almalinux: Feed) -> Callable[[str], Feed]:
    lists = [path for path in unpacked(DEBIAN).rglob("list") if path.parent.name in ("DSA", "DLA")]
    known = {ALMALINUX: almalinux, DEBIAN: read_feed(*sorted(lists))}
    return known.__getitem__


def _joined(inventory: Inventory, feed: Feed, release: Distribution) -> Iterator[tuple[Package, str]]:
    """Every package and vulnerability of which some record has a fix that is later by the real tool."""
    fixes: dict[tuple[Names, str], list[tuple[str, tuple[str, ...]]]] = {}
    for advisory in feed:
        for entry in advisory.affected if makes_findings(advisory) else ():
            if entry.distribution is not None and (entry.distribution.id, entry.distribution.release) == (
                *(release.id, release.release),
            ):
                for range in entry.ranges:
                    if range.fixed not in (None, "0"):
                        fixes.setdefault((entry.names, entry.package), []).append(
                            (range.fixed, advisory.vulnerabilities)
                        )
    for package in inventory.instances:
        oracle = Oracle(*ORACLES[package.type])
        for names, name, version in (
            (Names.BINARY, package.name, package.version),
            (Names.SOURCE, package.source_name or package.name, package.source_version or package.version),
        ):
            same = fixes.get((names, name), [])
            signs = oracle.against(version, [fixed for fixed, _ in same]) if same and version else b""
            for sign, (_, cves) in zip(signs, same, strict=True):
                if sign == 255:
                    yield from ((package, cve) for cve in cves)


def _rule_of(finding: Finding) -> int:
    """The rule by which there is a finding that the join does not have."""
    if Assumption.RECORD_INCOMPLETE in finding.assumptions:
        return 0
    if finding.evidence.notes:
        return finding.evidence.notes[0].rule
    return 10 if finding.fixed_version is None else 8


def _rule_against(inventory: Inventory, feed: Feed, policy: MatchPolicy, package: Package, cve: str) -> int:
    """The rule by which there is no finding of what the join has."""
    explanations = explain(inventory, feed, package.name, cve, policy)
    (explanation,) = (one for one in explanations if one.package == package)
    assert explanation.finding is None
    excluded = [one.notes[0].rule for one in explanation.considered if one.outcome is None and one.notes]
    if explanation.decided.rule == 2 and excluded:
        return excluded[0]
    return explanation.decided.rule
