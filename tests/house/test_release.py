"""What is looked at before a release: its tag, its version, its changes and its time."""

import os
import runpy
import shutil
import subprocess
from pathlib import Path

import pytest
from places import ROOT

RELEASE = runpy.run_path(str(ROOT / "tools" / "release.py"))


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Sources that are ready: tagged v1.2.0, they are that release."""
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "1.2.0"\n')
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\n## 1.2.0 (2026-12-01)\n\n## 1.1.0 (2026-11-01)\n")
    (tmp_path / "changes").mkdir()
    (tmp_path / "changes" / "README.md").touch()
    return tmp_path


def test_a_release(tree: Path) -> None:
    assert RELEASE["objections"]("v1.2.0", tree) == []


@pytest.mark.parametrize("tag", ["1.2.0", "v1.2", "v1.2.1", "v1.2.0rc1", ""])
def test_another_tag(tree: Path, tag: str) -> None:
    (found,) = RELEASE["objections"](tag, tree)
    assert found.endswith("the tag must be v1.2.0")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("# Changelog\n", "has no section"),
        ("## 1.1.0 (2026-11-01)\n\n## 1.2.0 (2026-12-01)\n", "the newest section of CHANGELOG.md is 1.1.0"),
        ("## 1.2.0 (unreleased)\n", "no date but (unreleased)"),
        ("Nothing is released yet.\n\n## 1.2.0 (2026-12-01)\n", "nothing is released yet"),
    ],
)
def test_changes_of_no_release(tree: Path, text: str, why: str) -> None:
    (tree / "CHANGELOG.md").write_text(text)
    (found,) = RELEASE["objections"]("v1.2.0", tree)
    assert why in found


def test_fragments_that_were_forgotten(tree: Path) -> None:
    (tree / "changes" / "+more.added.md").touch()
    (found,) = RELEASE["objections"]("v1.2.0", tree)
    assert "+more.added.md" in found


def test_the_time_of_the_sources(tree: Path) -> None:
    with pytest.raises(SystemExit, match="neither a clone nor an unpacked sdist"):
        RELEASE["epoch"](tree)
    (tree / "PKG-INFO").touch()
    os.utime(tree / "PKG-INFO", (5, 1700000000))
    assert RELEASE["epoch"](tree) == 1700000000
    # A folder of git that git cannot read is no reason to take another time.
    (tree / ".git").mkdir()
    if shutil.which("git"):
        with pytest.raises(SystemExit, match="git names no commit"):
            RELEASE["epoch"](tree)
        shutil.rmtree(tree / ".git")
        name = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
        date = {**os.environ, "GIT_COMMITTER_DATE": "1600000000 +0000"}
        for command in (["init", "-q"], [*name, "commit", "-q", "--allow-empty", "-m", "x"]):
            subprocess.run(["git", *command], cwd=tree, env=date, check=True, capture_output=True)
        assert RELEASE["epoch"](tree) == 1600000000
