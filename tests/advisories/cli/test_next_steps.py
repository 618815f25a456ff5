"""An error ends in the next step: what was meant, or what you can do."""

import os
from pathlib import Path

import pytest

from advisories.cli.next_steps import next_step
from advisories.models.errors import DamagedStore, UnknownFormat, UnreadableBaseline, UnreadableSource

MISSING = "No such file or directory"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "packages.tsv").touch()
    (tmp_path / "feeds" / "almalinux").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("path", "step"),
    [("package.tsv", "Did you mean packages.tsv?"), ("./pakages.tsv", "Did you mean ./packages.tsv?"),
     ("feeds/alma", "Did you mean feeds/almalinux?"), ("feeds/zzz", "There is no zzz in feeds"),
     ("feed/almalinux", "Did you mean feeds?"), ("feeds/zzz/more/x", "There is no zzz in feeds"),
     ("/zzzz/none", "There is no zzzz in /"), ("", None), ("-", None)],
)  # fmt: skip
def test_what_is_missing(path: str, step: str | None) -> None:
    found = next_step(UnreadableSource(path, MISSING))
    assert found == step or (step is None and path == "")


def test_a_name_alone(here: Path) -> None:
    assert next_step(UnreadableSource("zzz", MISSING)) == f"There is no zzz in {here}"


def test_of_a_folder_that_nobody_may_read(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(path: str) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "scandir", refused)
    assert next_step(UnreadableSource("zzz", MISSING)) is None


def test_other_errors() -> None:
    assert next_step(UnreadableSource("x", "Permission denied")) == "Run the command as a user who may read it"
    assert next_step(UnreadableSource("x", "Is a directory")) == "Name a file in it"
    assert next_step(UnknownFormat("x", "not a package list")) == "Examples: advisories match --help"
    baseline = next_step(UnreadableBaseline("x", "byte 0", "a JSON report of match", "not JSON"))
    assert baseline == "Write one with: advisories match --format json"
    assert next_step(UnreadableSource("x", "a disk that is broken")) is None
    assert next_step(DamagedStore("x", MISSING)) is None
    assert next_step(ValueError("x")) is None
