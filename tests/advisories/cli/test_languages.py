"""Packages of languages on the command line: what was not looked for, or is not covered, is in every report."""

import json
from pathlib import Path

import pytest

from advisories import cli
from advisories.cli.options import SomeOf
from advisories.models.packages import LANGUAGE_TYPES
from advisories.readers.inventories.languages.choice import NOT_LOOKED_FOR, WORDS

FEED = {"id": "X-1", "affected": [{"package": {"ecosystem": "Debian:12", "name": "a"}, "versions": ["1"]}]}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    files = {
        "var/lib/dpkg/status": "Package: a\nStatus: install ok installed\nVersion: 2\n\n",
        "etc/os-release": "ID=debian\nVERSION_ID=12\n",
        "app/b.jar": "",
        "app/x.dist-info/METADATA": "Name: x\nVersion: 1\n",
    }
    for name, text in files.items():
        (tmp_path / "root" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "root" / name).write_text(text)
    (tmp_path / "feed.json").write_text(json.dumps(FEED))
    return tmp_path / "root"


def report(root: Path, capsys: pytest.CaptureFixture[str], *options: str) -> tuple[str, str]:
    feed = str(root.parent / "feed.json")
    cli.main(["match", "--inventory", str(root), "--feed", feed, *options])
    return capsys.readouterr()


def test_what_is_not_covered(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, err = report(root, capsys, "--format", "json")
    found = json.loads(out)
    assert found["coverage"]["not_judged"]["not-covered"] == ["pypi/x/-#/app"]
    assert found["inventory"]["read"]["skipped"] == {
        "files of archives of Java: not looked into (--pkg-types os,library does)": 1
    }
    assert "files of archives of Java: not looked into" in err


@pytest.mark.parametrize("format", ["text", "markdown", "sarif", "junit"])
def test_what_was_not_looked_for(root: Path, capsys: pytest.CaptureFixture[str], format: str) -> None:
    out, _ = report(root, capsys, "--pkg-types", "os", "--format", format)
    assert NOT_LOOKED_FOR.partition(":")[0] in out


def test_a_damaged_one_is_strictly_an_error(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    feed = str(root.parent / "feed.json")
    arguments = ["match", "--inventory", str(root), "--feed", feed, "--pkg-types", "maven,pypi", "--strict"]
    assert cli.main(arguments) == 2
    assert "app/b.jar" in capsys.readouterr().err


def test_words() -> None:
    types = SomeOf("package type", WORDS, {})
    assert types("OS, golang,maven") == ["os", "golang", "maven"]
    assert {*types(",".join(WORDS))} == {"os", "library", *LANGUAGE_TYPES}
