"""Golden cases: each folder below ``cases/match`` is a list, a feed and the report of the command."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from places import GOLDEN

from advisories import cli

TABLES = {"baselines", "hosts.tsv", "verification.tsv", "verify_history.tsv"}
FOLDERS = sorted(path.parent for path in GOLDEN.glob("match/*/expected.json"))


def test_there_are_cases() -> None:
    assert len(FOLDERS) >= 25
    assert {path.name for path in GOLDEN.iterdir()} == {"formats", "match", "suppression", *TABLES}
    assert sorted(GOLDEN.glob("match/*")) == FOLDERS


@pytest.fixture(params=FOLDERS, ids=lambda path: path.name)
def folder(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


def test_match(folder: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    expected = json.loads((folder / "expected.json").read_text())
    arguments = ["match", "--inventory", str(folder / "inventory.txt"), "--feed", str(folder / "feed.json")]
    status = cli.main([*arguments, "--strict", "--format", "json", *expected["arguments"]])
    printed = capsysbinary.readouterr()
    report = json.loads(printed.out)
    assert status == expected["exit"]
    assert (b"NOT COVERED" in printed.err) is (status == 3)
    classes = {name: count for name, count in report["coverage"]["classes"].items() if count}
    assert classes == expected["classes"]
    found = list(ordered(report["findings"], expected["findings"]))
    assert found == sorted(expected["findings"], key=place)


def place(finding: dict[str, Any]) -> tuple[str, ...]:
    return tuple(finding.get(name) or "" for name in ("package", "arch", "version", "vulnerability"))


def ordered(found: list[dict[str, Any]], expected: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The findings, each with the members that its expectation names; one that nothing expects stays whole."""
    for finding in sorted(found, key=place):
        fitting = [one for one in expected if all(finding[name] == one[name] for name in ("package", "version"))]
        yield {name: finding[name] for name in fitting[0]} if fitting else finding
