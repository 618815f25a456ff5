"""Golden cases: each folder below ``cases/match`` is a list, a feed or several, and the report of the command.

Files ``sources-*`` of a folder are the maps of ``--sources``.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from places import GOLDEN

from advisories import MatchPolicy, cli, match, read_sources
from advisories.models import Distribution
from advisories.readers import inventories
from advisories.store import read_feed

TABLES = {"baselines", "hosts.tsv", "verification.tsv", "verify_history.tsv"}
FOLDERS = sorted(path.parent for path in GOLDEN.glob("match/*/expected.json"))


def test_there_are_cases() -> None:
    assert len(FOLDERS) >= 25
    assert {path.name for path in GOLDEN.iterdir()} == {"formats", "match", "reports", "suppression", *TABLES}
    assert sorted(GOLDEN.glob("match/*")) == FOLDERS


@pytest.fixture(params=FOLDERS, ids=lambda path: path.name)
def folder(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


def test_match(folder: Path, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    expected = json.loads((folder / "expected.json").read_text())
    arguments = ["match", "--inventory", str(folder / "inventory.txt")]
    for feed in _feeds(folder, expected, tmp_path):
        arguments += ["--feed", str(feed)]
    arguments += [word for path in sorted(folder.glob("sources-*")) for word in ("--sources", str(path))]
    status = cli.main([*arguments, "--strict", "--format", "json", *expected["arguments"]])
    printed = capsysbinary.readouterr()
    report = json.loads(printed.out)
    assert status == expected["exit"]
    assert (b"NOT COVERED" in printed.err) is (status == 3)
    classes = {name: count for name, count in report["coverage"]["classes"].items() if count}
    assert classes == expected["classes"]
    assert report["coverage"]["assumptions"] == expected.get("assumptions", report["coverage"]["assumptions"])
    found = list(ordered(report["findings"], expected["findings"]))
    assert found == sorted(expected["findings"], key=place)


def test_match_without_the_command(folder: Path, tmp_path: Path) -> None:
    """The library gives the same as the command."""
    expected = json.loads((folder / "expected.json").read_text())
    options = iter(expected["arguments"])
    chosen = dict(zip(options, options, strict=False))
    inventory = inventories.read(folder / "inventory.txt")
    if "--distro" in chosen:
        inventory = evolve(inventory, distribution=Distribution.parse(chosen["--distro"]))
    if maps := sorted(folder.glob("sources-*")):
        inventory = read_sources(*maps).complete(inventory)
    feeds = _feeds(folder, expected, tmp_path)
    policy = MatchPolicy(as_published="--as-published" in expected["arguments"])
    findings = match(inventory, read_feed(*feeds), policy)
    classes = {name.value: count for name, count in findings.coverage.counts.items() if count}
    assert classes == expected["classes"]
    cve = chosen.get("--advisory")
    shown = [one for one in findings if cve in (None, one.vulnerability)]
    found = sorted((one.package.name, one.package.version, one.vulnerability) for one in shown)
    assert found == sorted((one["package"], one["version"], one["vulnerability"]) for one in expected["findings"])


def _feeds(folder: Path, expected: dict[str, Any], tmp_path: Path) -> list[Path]:
    """The feeds of a case. One that is an excerpt stays so, all others are whole."""
    feeds = sorted(folder.glob("feed*"))
    return feeds if expected.get("excerpt") else [_with_index(feed, tmp_path / f"of-{feed.name}") for feed in feeds]


def _with_index(feed: Path, folder: Path) -> Path:
    """A folder of a feed with an index beside it: its few advisories are all there are (rule 0)."""
    folder.mkdir()
    (folder / feed.name).write_bytes(feed.read_bytes())
    (folder / "index.txt").write_text(f"{feed.name}\n")
    return folder


def place(finding: dict[str, Any]) -> tuple[str, ...]:
    return tuple(finding.get(name) or "" for name in ("package", "arch", "version", "vulnerability"))


def ordered(found: list[dict[str, Any]], expected: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The findings, each with the members that its expectation names; one that nothing expects stays whole."""
    for finding in sorted(found, key=place):
        fitting = [one for one in expected if all(finding[name] == one[name] for name in ("package", "version"))]
        yield {name: finding[name] for name in fitting[0]} if fitting else finding
