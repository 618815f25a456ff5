"""The whole AlmaLinux OSV feed and real hosts and lists: counts frozen, verdicts held against the slow matcher."""

import io
import itertools
import json
import random
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from advisories_reference import SlowFeed, query_format_lines, slow_match

from advisories import Feed, MatchPolicy, cli, match
from advisories.models import (
    NO_MODULE,
    UNKNOWN_MODULE,
    Advisory,
    Assumption,
    Distribution,
    Inventory,
    Kind,
    Module,
    PackageClass,
    Presence,
    Priority,
    Status,
)
from advisories.models.distribution import filed_under
from advisories.models.findings import Findings
from advisories.readers import feeds, inventories

Unpack = Callable[[str], Path]


@pytest.fixture(scope="session")
def alma_9_text(unpacked: Unpack) -> str:
    (scan,) = unpacked("inventories/hosts").rglob("alma_9.json")
    return query_format_lines(scan)


@pytest.fixture(scope="session")
def alma_9(alma_9_text: str) -> Inventory:
    return inventories.read_stream(io.BytesIO(alma_9_text.encode()), "alma_9")


def by_verdict(findings: Findings) -> dict[tuple[str, str, str, str], str | None]:
    assert all(finding.status is Status.AFFECTED for finding in findings)
    found = {
        (finding.package.name, finding.package.arch or "", finding.package.version, finding.vulnerability): (
            finding.fixed_version
        )
        for finding in findings
    }
    assert len(found) == len(findings)
    return found


def test_every_record_is_read(almalinux_folder: Path) -> None:
    reading = feeds.read(almalinux_folder)
    advisories = [item for item in reading if isinstance(item, Advisory)]
    files = list(almalinux_folder.rglob("*.json"))
    report = reading.report()
    assert (report.format, report.read, report.kept, report.rejected) == ("osv", 5680, 5680, 0)
    assert len(files) == 5680
    assert report.rejections == ()
    assert dict(report.skips) == {"a file of no feed format": 2}  # a licence and a readme
    assert sum(len(advisory.affected) for advisory in advisories) == 71_329
    assert Counter(advisory.kind for advisory in advisories) == {
        Kind.SECURITY: 4480,
        Kind.BUGFIX: 978,
        Kind.ENHANCEMENT: 222,
    }
    assert Counter(advisory.rating for advisory in advisories) == {
        "critical": 34,
        "important": 2387,
        "moderate": 1908,
        "low": 154,
        None: 1197,
    }
    assert sum(1 for advisory in advisories if not advisory.cves) == 1206
    assert sum(len(advisory.cves) for advisory in advisories) == sum(
        len({text for text in json.loads(file.read_text())["related"] if text.startswith("CVE-")}) for file in files
    )


def test_modules_of_the_feed(almalinux: Feed) -> None:
    modules = Counter(
        NO_MODULE if entry.module == NO_MODULE else UNKNOWN_MODULE if entry.module == UNKNOWN_MODULE else Module.of()
        for advisory in almalinux
        for entry in advisory.affected
    )
    of_id = {advisory.id: {entry.module for entry in advisory.affected} for advisory in almalinux}
    assert of_id["ALSA-2023:6938"] == {Module.of("container-tools:4.0")}
    assert of_id["ALBA-2022:1563"] == {Module.of("virt:rhel", "virt-devel:rhel")}
    assert of_id["ALSA-2022:5468"] == {Module.of("php:8.0")}  # its id stands in front of the summary
    assert of_id["ALSA-2024:4235"] == {UNKNOWN_MODULE}  # built as a module's package, the summary names none
    assert of_id["ALSA-2024:10281"] == {NO_MODULE}  # kernel:4.18.0 in the summary is a version
    assert modules[UNKNOWN_MODULE] == 243
    streams = {stream for modules in of_id.values() for module in modules for stream in module.streams}
    assert {"389-ds:1.4", "httpd:2.4", "javapackages-tools:201801", "pmdk:1_fileformat_v6"} <= streams
    assert all(re.fullmatch(r"[\w-]+:[\w.]+", stream) for stream in streams)


def test_the_feed(almalinux: Feed) -> None:
    assert almalinux.releases == tuple(Distribution("almalinux", release) for release in ("10", "8", "9"))
    assert almalinux.covers(Distribution("almalinux", "9.4"))
    assert not almalinux.covers(Distribution("rocky", "9"))
    assert (len(tuple(almalinux)), almalinux.duplicates, almalinux.conflicts) == (5637, 43, ())
    assert not almalinux.unordered


def test_alma_9(alma_9: Inventory, almalinux: Feed) -> None:
    assert alma_9.distribution == Distribution("almalinux", "9.0")
    assert alma_9.running_kernel == "5.14.0-70.13.1.el9_0.x86_64"
    findings = match(alma_9, almalinux)
    assert {priority: len(found) for priority, found in findings.by_priority().items()} == {
        Priority.HIGH: 2737,
        Priority.MEDIUM: 2668,
        Priority.LOW: 79,
    }
    assert {name: count for name, count in findings.coverage.counts.items() if count} == {
        PackageClass.AFFECTED: 244,
        PackageClass.CLEAN: 345,
        PackageClass.NOT_INSTALLED: 1,
    }
    assert not findings.coverage.assumptions
    kernels = {finding.package.name for finding in findings if finding.presence is Presence.RUNNING}
    assert kernels == {"kernel", "kernel-core", "kernel-modules"}
    assert by_verdict(findings) == slow_match(alma_9, tuple(almalinux), Distribution("almalinux", "9"))


def test_order_and_duplicates_do_not_matter(alma_9: Inventory, almalinux: Feed) -> None:
    packages = [*alma_9.packages, *alma_9.packages[:50]]
    advisories = [*tuple(almalinux), *tuple(almalinux)[:500]]
    shuffled = random.Random(0)
    shuffled.shuffle(packages)
    shuffled.shuffle(advisories)
    again = match(Inventory(alma_9.distribution, tuple(packages), alma_9.running_kernel), Feed(advisories))
    assert again == match(alma_9, almalinux)


def test_dropping_the_epochs_needs_no_other_verdict(alma_9_text: str, alma_9: Inventory, almalinux: Feed) -> None:
    """The same host as a plain list: what it cannot show is reported, and changes nothing here but the source of it."""
    lines = [line.split("\t") for line in alma_9_text.splitlines() if "\t" in line]
    plain = "\n".join(f"{name}-{version}-{release}.{arch}" for name, _, version, release, arch, *_ in lines)
    inventory = inventories.read_stream(io.BytesIO(plain.encode()), "plain")
    assert inventory.distribution == Distribution("almalinux", "9.0")
    assert len(inventory.packages) == len(alma_9.packages)
    findings = match(inventory, almalinux)
    assert by_verdict(findings) == slow_match(inventory, tuple(almalinux), Distribution("almalinux", "9"))
    known = {(finding.instance.split("/5.14")[0], finding.vulnerability) for finding in match(alma_9, almalinux)}
    assert {(finding.instance.split("/5.14")[0], finding.vulnerability) for finding in findings} == known
    assert {finding.assumptions for finding in findings} == {(Assumption.EPOCH_UNKNOWN,)}
    assert findings.coverage.assumptions[Assumption.EPOCH_UNKNOWN] >= findings.coverage.counts[PackageClass.AFFECTED]


def test_plain_lists_of_images(unpacked: Unpack, almalinux: Feed) -> None:
    lists = sorted(unpacked("inventories/rpm-lists").glob("almalinux-rpm-packages/*.txt"))
    assert len(lists) == 54
    slow = SlowFeed(tuple(almalinux))
    verdicts = 0
    for path in lists:
        inventory = inventories.read(path)
        assert inventory.report is not None
        assert inventory.report.rejections == ()
        assert inventory.distribution is not None
        assert inventory.distribution.id == "almalinux"
        findings = match(inventory, almalinux)
        assert by_verdict(findings) == slow_match(inventory, slow, filed_under(inventory.distribution))
        assert findings.coverage.packages == len(set(inventory.packages))
        assert findings.coverage.counts[PackageClass.AFFECTED] > 0
        verdicts += len(findings)
    assert verdicts == 18_626


def test_lists_of_another_distribution(unpacked: Unpack, almalinux: Feed) -> None:
    lists = sorted(unpacked("inventories/rpm-lists").glob("rocky-packages-txt/*.packages.txt"))
    assert len(lists) == 102
    for path in lists[::10]:
        inventory = inventories.read(path)
        assert inventory.distribution is not None
        assert inventory.distribution.id == "rocky"
        assert not match(inventory, almalinux).coverage.covered
        major = filed_under(inventory.distribution).release
        chosen = MatchPolicy(judge_as=Distribution.parse(f"almalinux:{major}"))
        findings = match(inventory, almalinux, chosen)
        assert findings.coverage.counts[PackageClass.AFFECTED] > 0
        assert all(Assumption.DISTRIBUTION_ASSUMED in finding.assumptions for finding in findings)


def series(folder: Path, name: str) -> dict[tuple[str, ...], list[Path]]:
    """Dated lists of one kind of image, oldest first: of a release, an architecture, a variant."""
    found: dict[tuple[str, ...], list[Path]] = {}
    for path in sorted(folder.glob(name)):
        text = path.name.removesuffix(".old.txt")
        release = re.search(r"(?:almalinux|al|Rocky)-([0-9]+)", text)
        variant = re.search(r"-(?i:(base|default|init|micro|minimal|ubi|container|genericcloud|ec2))\b", text)
        arch = re.search(r"aarch64|x86_64|ppc64le|s390x", text)
        assert release is not None
        parts = (release[1], variant[1].lower() if variant else "", arch[0] if arch else "x86_64")
        found.setdefault(parts, []).append(path)
    return found


@pytest.mark.parametrize(
    ("name", "distribution", "lists", "gone"),
    [("almalinux-rpm-packages/*.txt", None, 54, 2_000), ("rocky-packages-txt/*.packages.txt", "almalinux", 102, 5_000)],
)
def test_over_time(
    unpacked: Unpack, almalinux: Feed, name: str, distribution: str | None, lists: int, gone: int
) -> None:
    """Before the same feed a finding goes only with its build: upgraded, or removed; one that comes, comes with one."""
    left = 0
    assumed = {Assumption.EPOCH_UNKNOWN} | ({Assumption.DISTRIBUTION_ASSUMED} if distribution else set())
    for (release, *_), paths in series(unpacked("inventories/rpm-lists"), name).items():
        policy = MatchPolicy(judge_as=Distribution.parse(f"{distribution}:{release}") if distribution else None)
        steps = [inventories.read(path) for path in paths]
        found = [match(inventory, almalinux, policy) for inventory in steps]
        for findings in found:
            assert findings.coverage.covered
            assert findings
            assert all(assumed <= set(assumptions) for assumptions in findings.column("assumptions"))
            lists -= 1
        for (older, newer), (before, after) in zip(itertools.pairwise(steps), itertools.pairwise(found), strict=True):
            stays = set(builds(older)) & set(builds(newer))
            assert plain(before, stays) == plain(after, stays)
            assert len(plain(before, set(builds(older)))) == len(before)
            left += len(plain(before, set(builds(older)) - stays))
    assert left > gone
    assert lists == 0


def builds(inventory: Inventory) -> list[tuple[str, str | None, str]]:
    return [(package.name, package.arch, package.version) for package in inventory.packages]


def plain(findings: Findings, of: set[tuple[str, str | None, str]]) -> set[tuple[object, ...]]:
    return {
        (package.name, package.arch, package.version, finding.vulnerability, finding.fixed_version)
        for finding in findings
        if ((package := finding.package).name, package.arch, package.version) in of
    }


def test_the_command(
    alma_9_text: str, almalinux_folder: Path, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    listing = tmp_path / "alma_9.tsv"
    listing.write_text(alma_9_text)
    arguments = ["match", "--inventory", str(listing), "--feed", str(almalinux_folder)]
    assert cli.main([*arguments, "--fail-on", "low"]) == 1
    text = capsysbinary.readouterr().out.decode()
    assert "High: 2737 findings\n" in text
    assert "packages: 590 = 244 affected, 345 clean, 1 not-installed\n" in text
    assert "  curl 7.76.1-14.el9 is earlier than 7.76.1-23.el9_2.4 (ALSA-2023:5763)\n      CVE-2023-38545, CVE" in text
    assert cli.main([*arguments, "--distro", "almalinux:8.10", "--format", "json"]) == 0
    report = json.loads(capsysbinary.readouterr().out)
    assert all(finding["assumptions"] == ["distribution-assumed"] for finding in report["findings"])
    assert cli.main([*arguments, "--distro", "debian:12"]) == 3
