"""Real package lists of one image over three years, each verified against the one before: every step frozen.

``verify_history.tsv`` has a line a step: earlier findings by state and by case, and what is found now. The feed is the
whole one, or what of it was published by the day of each list, so that advisories come in between. Rocky's lists are
judged by AlmaLinux's advisories, said explicitly; none of the lists can show an epoch, and some tell no architecture.
Steps without a finding on either side are left out.
Where a change of verdicts is meant, its new lines are what the failing test prints.
"""

import re
from collections.abc import Callable, Iterator
from itertools import groupby, pairwise
from pathlib import Path
from typing import Final

import pytest
from advisories_reference import bare
from attrs import evolve, frozen
from places import GOLDEN

import vercmp
from advisories import Feed, MatchPolicy, match
from advisories.distros.kernels import slot_of
from advisories.models import Advisory, Distribution, Inventory, Package
from advisories.readers import inventories
from advisories.triage.baseline import Baseline
from advisories.triage.cases import CASES, Case, FindingState
from advisories.triage.verify import Verification, verify

Unpack = Callable[[str], Path]
FROZEN: Final = GOLDEN / "verify_history.tsv"
HEAD: Final = ("image", "from", "to", "feed", "earlier", *FindingState, "now", "known", "new", "cases")

_ROCKY: Final = re.compile(
    r"(?P<date>[\d-]+)_Rocky-(?P<release>\d)[\d.]*(?:-(?P<flavour>[A-Z]\w+))?-(?P<arch>\w+)\.packages\.txt"
)
_ALMA: Final = re.compile(
    r"(?P<date>[\d-]+)_(?:almalinux-8-(?P<arch>\w+)-|al-(?P<release>\d)[\w.-]*__rpm-packages-(?:x86_64-)?)"
    r"(?P<flavour>\w+?)(?:__rpm-packages)?\.txt"
)


@frozen
class Listed:
    """One list: of which image, of which day."""

    image: str
    date: str
    path: Path
    release: str


def _listed(folder: Path) -> list[Listed]:
    found = []
    for path in sorted(folder.rglob("*.txt")):
        for vendor, pattern in (("rocky", _ROCKY), ("almalinux", _ALMA)):
            match_ = pattern.fullmatch(path.name)
            if match_ is not None:
                release = match_["release"] or "8"
                arch = match_["arch"] or "x86_64"
                image = f"{vendor} {release} {(match_['flavour'] or 'base').lower()} {arch}"
                found.append(Listed(image, match_["date"], path, release))
    return sorted(found, key=lambda listed: (listed.image, listed.date, listed.path.name))


@pytest.fixture(scope="module")
def steps(unpacked: Unpack, almalinux: Feed) -> list[tuple[tuple[str, ...], Verification]]:
    """Every step: image, days and feed, and what came of it."""
    listed = _listed(unpacked("inventories/rpm-lists"))
    read = {one.path: inventories.read(one.path) for one in listed}
    names = {package.name for inventory in read.values() for package in inventory.packages}
    relevant = [advisory for advisory in almalinux if any(entry.package in names for entry in advisory.affected)]
    feeds = {date: Feed(_published(relevant, date)) for date in {one.date for one in listed}}
    found = []
    for image, same in groupby(listed, key=lambda one: one.image):
        for then, now in pairwise(same):
            policy = MatchPolicy(judge_as=Distribution.parse(f"almalinux:{now.release}"))
            for name, of_then, of_now in (
                ("whole", almalinux, almalinux),
                ("of the day", feeds[then.date], feeds[now.date]),
            ):
                baseline = Baseline.of(read[then.path], match(read[then.path], of_then, policy))
                verification = verify(baseline, read[now.path], of_now, policy)
                if verification.rows or verification.findings:
                    found.append(((image, then.date, now.date, name), verification))
    return found


def _published(advisories: list[Advisory], date: str) -> Iterator[Advisory]:
    return (one for one in advisories if one.published is not None and one.published.date().isoformat() <= date)


def test_frozen(steps: list[tuple[tuple[str, ...], Verification]]) -> None:
    lines = ["\t".join(HEAD), *("\t".join(_cells(step, verification)) for step, verification in steps)]
    assert lines == FROZEN.read_text().splitlines(), "\n" + "\n".join(lines)


def _cells(step: tuple[str, ...], verification: Verification) -> list[str]:
    return [
        *step,
        str(len(verification.rows)),
        *(str(count) for count in verification.counts.values()),
        str(len(verification.findings)),
        str(verification.paired),
        str(len(verification.new)),
        ", ".join(f"{count} {case}" for case, count in verification.cases.items()) or "-",
    ]


def test_what_is_fixed_was_upgraded(steps: list[tuple[tuple[str, ...], Verification]]) -> None:
    """Asked of the versions alone: fixed only rises, what is not upgraded stands still, what is new was not there."""
    for step, verification in steps:
        for row in verification.rows:
            assert row.reason, step
            assert row.state is CASES[row.case][0]
            if row.package is None:
                assert row.state is FindingState.PACKAGE_REMOVED
                assert row.baseline.package.name not in {package.name for package in verification.inventory.packages}
                continue
            versions = [bare(version, "rpm") for version in (row.package.version, row.baseline.package.version)]
            order = vercmp.compare(*versions, scheme="rpm")
            if row.state in (FindingState.FIXED, FindingState.UPGRADED_STILL_VULNERABLE):
                assert order == 1, (step, row)
            elif row.case is Case.DOWNGRADED:
                assert order == -1, (step, row)
            elif row.state is FindingState.STILL_VULNERABLE:
                assert order == 0, (step, row)
            assert (row.current is None) is (
                row.state not in (FindingState.STILL_VULNERABLE, FindingState.UPGRADED_STILL_VULNERABLE)
            )
        earlier = {row.baseline.package.name for row in verification.rows}
        for finding in verification.new:
            then = {
                row.baseline.vulnerability
                for row in verification.rows
                if row.baseline.package.name == finding.package.name
            }
            assert finding.package.name not in earlier or finding.vulnerability not in then, (step, finding.cause)


@pytest.mark.parametrize("line", FROZEN.read_text().splitlines()[1:] if FROZEN.exists() else [])
def test_the_frozen_lines_add_up(line: str) -> None:
    row = dict(zip(HEAD, line.split("\t"), strict=True))
    assert sum(int(row[state]) for state in FindingState) == int(row["earlier"])
    assert int(row["known"]) + int(row["new"]) == int(row["now"])
    counted = [int(part.split()[0]) for part in row["cases"].split(", ")] if row["cases"] != "-" else []
    assert sum(counted) == int(row["earlier"])


# ---- whole hosts, with kernels ----


@pytest.mark.parametrize(("name", "release"), [("alma_9", None), ("rocky_9", "almalinux:9")])
def test_a_host_upgraded_on_paper(unpacked: Unpack, almalinux: Feed, name: str, release: str | None) -> None:
    """Each package at the highest fix that its findings name, kernels installed beside those that are there: all is
    fixed, but for the kernel that runs, which waits for a restart, and then stays as a residue until it is removed.
    """
    (path,) = unpacked("inventories/hosts").rglob(f"{name}.json")
    host = inventories.read(path)
    policy = MatchPolicy(judge_as=Distribution.parse(release) if release else None)
    findings = match(host, almalinux, policy)
    baseline = Baseline.of(host, findings)
    assert host.running_kernel is not None
    fixes: dict[Package, str] = {}
    for finding in findings:
        assert finding.fixed_version is not None
        highest = fixes.get(finding.package, finding.fixed_version)
        fixes[finding.package] = max(highest, finding.fixed_version, key=lambda v: vercmp.sort_key(v, scheme="rpm"))
    kernels = {package for package in fixes if slot_of(package) is not None}
    kept = [evolve(p, version=fixes.get(p, p.version)) if p not in kernels else p for p in host.packages]
    new = [evolve(p, version=fixes[p]) for p in kernels]
    upgraded = evolve(host, packages=(*kept, *new))

    def of_kernels(inventory: Inventory) -> set[Case]:
        verification = verify(baseline, inventory, almalinux, policy)
        assert verification.new == ()
        others = {row.case for row in verification.rows if row.baseline.package.name not in {k.name for k in kernels}}
        assert others == {Case.REACHED_FIX}
        return {row.case for row in verification.rows} - others

    before = {row.case for row in verify(baseline, host, almalinux, policy).rows}
    assert before <= {Case.NOT_UPGRADED, Case.OLD_KERNEL, Case.RESTART}
    assert of_kernels(upgraded) - before == {Case.RESTART}
    latest = max((p.version for p in new if p.name == "kernel-core"), key=lambda v: vercmp.sort_key(v, scheme="rpm"))
    restarted = evolve(upgraded, running_kernel=f"{latest}.x86_64")
    assert of_kernels(restarted) == {Case.OLD_KERNEL}
    assert of_kernels(evolve(restarted, packages=(*(p for p in kept if p not in kernels), *new))) == set()
