"""What is looked at before a release: its tag, its version, its changes and its time."""

import contextlib
import importlib.metadata
import os
import re
import runpy
import shutil
import subprocess
import tomllib
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
        ("## 1.1.0 (2026-11-01)\n", "the newest section of CHANGELOG.md is 1.1.0"),
        ("## 1.2.0 (unreleased)\n", "is no version with a date: ## 1.2.0 (unreleased)"),
        ("## 1.2.0 (2026-12-01)\n\n## 1.1.0\n", "is no version with a date: ## 1.1.0"),
        ("## 1.2.0 (2026-12-01)\n\n## 1.10.0 (2026-11-01)\n", "below one that is not later: ## 1.10.0"),
        # As towncrier leaves it where a section of this version was written by hand.
        ("## 1.2.0 (2026-12-01)\n\n## 1.2.0 (2026-11-01)\n", "below one that is not later: ## 1.2.0"),
        ("Nothing is released yet.\n\n## 1.2.0 (2026-12-01)\n", "CHANGELOG.md:1 has 'Nothing is released yet'"),
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


@pytest.mark.parametrize(
    ("page", "text", "index"),
    [
        ("docs/guide/stability.md", "Nothing of vercmp is released yet.", False),
        # The tree that it is true of has one section.
        ("docs/guide/stability.md", "There is no release to come from.", False),
        # It is the page of the index.
        ("README.md", "The package is on no index yet.", True),
        ("integrations/a/b.yml", "# It is on no index.", True),
    ],
)
def test_a_page_that_is_no_longer_true(tree: Path, page: str, text: str, index: bool) -> None:
    (tree / page).parent.mkdir(parents=True, exist_ok=True)
    (tree / page).write_text(f"# A page\n\n{text}\n")
    (found,) = RELEASE["objections"]("v1.2.0", tree, index=True)
    assert found.startswith(f"{page}:3 has ")
    assert RELEASE["objections"]("v1.2.0", tree) == ([] if index else [found])


def test_what_an_earlier_release_stated_stays(tree: Path) -> None:
    with (tree / "CHANGELOG.md").open("a") as file:
        file.write("\n- The package is on no index, and nothing is released yet.\n")
    assert RELEASE["objections"]("v1.2.0", tree, index=True) == []


def test_a_first_release_has_none_to_come_from(tree: Path) -> None:
    (tree / "CHANGELOG.md").write_text("# Changelog\n\n## 1.2.0 (2026-12-01)\n")
    (tree / "README.md").write_text("There is no release to come from.\n")
    assert RELEASE["objections"]("v1.2.0", tree, index=True) == []


def test_the_workflow_asks_for_what_it_does() -> None:
    """What goes to the index is checked as such."""
    text = (ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8")
    assert 'python tools/release.py check ${INDEX:+--index} "$GITHUB_REF_NAME"' in text
    assert "INDEX: ${{ vars.ATTEST == 'true' && vars.PUBLISH == 'true' && 'yes' || '' }}" in text
    assert "if: vars.ATTEST == 'true' && vars.PUBLISH == 'true'\n" in text


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


def test_no_text_installs_a_name_that_nobody_holds() -> None:
    """The package is on no index: what pip gets by that name would be somebody else's."""
    pages = [
        ROOT / "README.md",
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob("integrations/**/*.*"),
        *ROOT.glob("src/**/*.py"),
    ]
    for page in pages:
        if "_build" not in page.parts:
            text = page.read_text(encoding="utf-8")
            found = re.findall(
                r"(?:pip|pipx|uv|uvx|pipx run) (?:add|install|download)[^\n|`]*?[\s'\"]vercmp\b[^\n]*", text
            )
            assert [line for line in found if " @ git+" not in line and ".whl" not in line] == [], page


def dependencies() -> dict[str, set[str]]:
    """Each distribution of pyproject.toml that a packager meets, and what needs it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    needs: dict[str, set[str]] = {}

    def add(requirements: list[str], use: str) -> None:
        for requirement in requirements:
            needs.setdefault(re.split(r"[<>=!~;\[ ]", requirement)[0], set()).add(use)

    add(project["build-system"]["requires"], "build")
    add(project["project"]["dependencies"], "run")
    for extra, requirements in project["project"]["optional-dependencies"].items():
        add(requirements, f"extra {extra}")
    add(project["dependency-groups"]["test"], "tests")
    add(project["dependency-groups"]["docs"], "docs")
    return needs


def test_the_page_for_packagers_has_every_dependency_and_its_licence() -> None:
    text = (ROOT / "docs" / "guide" / "packaging.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([a-z0-9-]+) \| ((?:build|run|tests|docs|extra)[^|]*) \| ([^|]+) \|$", text, re.MULTILINE)
    needs = dependencies()
    assert sorted(name for name, _, _ in rows) == sorted(needs)
    for name, use, licence in rows:
        stated = re.sub(r"extras? |`", "", use).split(", ")
        # What is needed to build, to run or for an extra is needed for the tests too.
        wanted = {one.removeprefix("extra ") for one in needs[name] - ({"tests"} if len(needs[name]) > 1 else set())}
        assert set(stated) == wanted, name
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            known = importlib.metadata.metadata(name).get("License-Expression")
            assert known in (None, licence), name
