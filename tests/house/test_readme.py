"""The consoles of README and of the round trip are run, with the bundled host, and print what the pages show."""

import re
import runpy
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from places import LIBRARY, ROOT

EXAMPLES = ROOT / "examples"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What of a clone the page's commands need, with the program on the path."""
    (tmp_path / "examples").symlink_to(EXAMPLES)
    program = tmp_path / "bin" / "advisories"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m advisories "$@"\n')
    program.chmod(0o755)
    return tmp_path


def run(command: str, folder: Path) -> str:
    # The pages show lines as a wide terminal has them. The program is that of this tree.
    environment = {"PATH": f"{folder / 'bin'}:/usr/bin:/bin", "COLUMNS": "200", "PYTHONPATH": str(LIBRARY)}
    done = subprocess.run(
        ["sh", "-c", command],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )
    return done.stdout


def commands(text: str) -> Iterator[tuple[str, list[str]]]:
    """Each command of the page's consoles, and the lines that it prints there."""
    for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, *lines = part.splitlines()
            yield command, lines


PAGES = {"README.md": ["match"], "docs/guide/round-trip.md": ["compile", "match", "fix", "verify"]}


@pytest.mark.parametrize("page", PAGES)
def test_consoles(page: str, folder: Path) -> None:
    shown = list(commands((ROOT / page).read_text()))
    assert [command.split()[1] for command, _ in shown] == PAGES[page]
    for command, lines in shown:
        pattern = "\n".join("(?:.*\n)*?.*" if line == "..." else re.escape(line) for line in lines)
        assert re.fullmatch(pattern, run(command, folder).rstrip("\n")), command


def test_readme_links_every_guide_and_reference() -> None:
    text = (ROOT / "README.md").read_text()
    pages = [*(ROOT / "docs/guide").glob("*.md"), *(ROOT / "docs/reference").glob("*.md")]
    assert [str(page.relative_to(ROOT)) for page in pages if str(page.relative_to(ROOT)) not in text] == []


def test_the_host_after_is_made_of_the_one_before() -> None:
    """Two packages in the versions that their advisories fix, and a kernel beside the one that runs."""
    made = runpy.run_path(str(ROOT / "tools/make_example.py"))
    before, after = (EXAMPLES.joinpath("almalinux-9", f"{name}.tsv").read_text() for name in ("host", "after"))
    assert list(made["upgraded"](before.splitlines())) == after.splitlines()
