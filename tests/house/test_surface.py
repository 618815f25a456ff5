"""What is public is listed, pages show nothing else, and a commit that changes the list changes the changelog too."""

import re
import runpy
import shutil
import subprocess
from pathlib import Path

import pytest
from places import ROOT

SURFACE = runpy.run_path(str(ROOT / "tools" / "surface.py"))
TABLE: str = SURFACE["TABLE"]
#: Pages for contributors show what is inside, and some check a table or command of their own by it.
OF_CONTRIBUTORS = {"adding-a-format.md", "adding-a-scheme.md"}
INSIDE = {
    ("feeds.md", "advisories.readers.feeds.FORMATS"),
    ("inventories.md", "advisories.readers.inventories.dpkg_query"),
    ("inventories.md", "advisories.readers.inventories.rpm_qa"),
}


def listed() -> list[list[str]]:
    lines = (ROOT / TABLE).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines[1:]]


def test_the_list_is_as_the_code_has_it() -> None:
    written, now = (ROOT / TABLE).read_text(encoding="utf-8").splitlines(), SURFACE["text"]().splitlines()
    changes = [f"- {line}" for line in written if line not in set(now)]
    changes += [f"+ {line}" for line in now if line not in set(written)]
    how = "the public surface changed: run python tools/surface.py, and add to CHANGELOG.md in the same commit"
    assert not changes, "\n".join([how, *changes])
    assert written == now, how


def test_nothing_with_an_underscore_is_listed() -> None:
    assert len(listed()) > 2000
    names = [name for kind, name, _ in listed() if kind not in ("table", "report", "cimport")]
    assert [name for name in names if re.search(r"(^|\.)_", name)] == []


def test_pages_show_what_is_public() -> None:
    """An example of a page is what people copy."""
    public = {name for _, name, _ in listed()}
    public |= {name.rpartition(".")[0] for name in public}
    shown: set[tuple[str, str]] = set()
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        if page.name in OF_CONTRIBUTORS or "_build" in page.parts:
            continue
        for module, names in re.findall(
            r"^(?:>>> )?from ((?:vercmp|advisories)[\w.]*) import ([\w, ]+)$", page.read_text(), re.M
        ):
            shown |= {(page.name, f"{module}.{name}") for name in re.findall(r"\w+", names)}
    assert len(shown) > 40
    assert {(page, name) for page, name in shown if name not in public} == INSIDE


def git(folder: Path, *words: str) -> str:
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-C", str(folder), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"git: {done.stderr.strip()[:200]}")
    return done.stdout


def history(folder: Path) -> str:
    return git(folder, "log", "--format=%x00%h%x09%s", "--name-only", "--full-diff", "--", TABLE)


def test_a_change_of_the_list_is_in_the_changelog() -> None:
    """As far as the history is there: a shallow clone has its last commit alone, and an sdist none."""
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("no repository of git")
    alone = SURFACE["changed_alone"](history(ROOT))
    assert alone == [], f"these commits change {TABLE} and neither CHANGELOG.md nor changes/"
    changed = git(ROOT, "status", "--porcelain", "--untracked-files=no")
    if TABLE in changed:
        assert re.search(r" (CHANGELOG\.md|changes/\S+)$", changed, re.M), f"{TABLE} changed: add to CHANGELOG.md"


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_a_change_without_the_changelog_is_found(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    for number, names in enumerate([(TABLE, "CHANGELOG.md"), (TABLE,), (TABLE, "changes/+a.added.md"), ("README.md",)]):
        for name in names:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(str(number))
        git(tmp_path, "add", ".")
        git(tmp_path, "commit", "-qm", f"commit {number}")
    (found,) = SURFACE["changed_alone"](history(tmp_path))
    assert found.endswith("\tcommit 1")
