"""Real hosts, images and archives against the real feeds of their families: what is said of each is frozen.

``hosts.tsv`` has a line for each pair: counts of packages by class, and of findings by priority, so that any change of
verdicts shows. The slow matcher gives the same, and so do the rules without drafts. Some feeds are excerpts, of which
a host has little to fear. Where no feed here covers the release of a host, that is its line: everything *not-covered*.
Where a change is meant, the failing test prints the new lines.
"""

from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from advisories_drafts import both_ways
from advisories_reference import slow_findings
from places import GOLDEN
from real_hosts import FEEDS, PAIRS, Pair, Unpack, feed_of, inventories_of

from advisories import Feed, MatchPolicy, match
from advisories.models import Assumption, Finding, Inventory, PackageClass, Priority
from advisories.models.findings import Findings
from advisories.models.json_types import check
from advisories.readers import inventories
from advisories.reports import Report
from advisories.reports.consistency import check_consistency
from advisories.reports.document import Document, ReportObject
from advisories.triage.baseline import Baseline
from advisories.triage.cases import FindingState
from advisories.triage.plan import plan
from advisories.triage.verify import verify

FROZEN = GOLDEN / "hosts.tsv"
HEAD = ("feed", "lists", "of", "judged as", *PackageClass, *Priority, "vulnerabilities", "with fix", "assumed")


def test_frozen(unpacked: Unpack, ubuntu_oval: Callable[[str], Path], almalinux: Feed) -> None:
    @cache
    def feed(name: str) -> Feed:
        return feed_of(name, unpacked, ubuntu_oval, almalinux)

    lines = ["\t".join(HEAD), *(_line(pair, feed(pair.feed), unpacked) for pair in PAIRS)]
    assert lines == FROZEN.read_text().splitlines(), "\n" + "\n".join(lines)


def _line(pair: Pair, feed: Feed, unpacked: Unpack) -> str:
    """What the feed says of all these lists together."""
    lists = list(inventories_of(pair, unpacked))
    classes, priorities, assumed = Counter[PackageClass](), Counter[Priority](), Counter[Assumption]()
    vulnerabilities: set[str] = set()
    fixes = 0
    judged_as: set[str] = set()
    for number, (_, inventory, policy) in enumerate(lists):
        findings = match(inventory, feed, policy)
        _adds_up(inventory, findings)
        _is_cleared_on_paper(inventory, feed, policy, findings)
        _stands_against_itself(inventory, feed, policy, findings)
        if number == 0:
            both_ways(inventory, feed, policy)
            content = Document.of(Report(inventory, feed, findings)).content
            check(content, ReportObject)
            check_consistency(content)
        if number == 0 and findings.coverage.covered and findings.coverage.judged_as is not None:
            slow = slow_findings(inventory, feed, findings.coverage.judged_as)
            assert {(one.package, one.vulnerability): (one.status, one.fixed_version) for one in findings} == slow
        judged_as.add(str(findings.coverage.judged_as))
        classes.update(findings.coverage.counts)
        priorities.update(findings.counts)
        assumed.update(findings.coverage.assumptions)
        vulnerabilities.update(findings.column("vulnerability"))
        fixes += sum(1 for version in findings.column("fixed_version") if version)
    (judged,) = judged_as
    count = f"{pair.lists}{f' ({len(lists)})' if len(lists) > 1 else ''}"
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
