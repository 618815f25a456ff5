"""README's round trip is run, with the bundled host, and prints what README shows."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = ROOT / "examples/almalinux-9"
KERNEL = {"kernel", "kernel-core", "kernel-modules"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The host before, after curl was upgraded and a kernel was installed, and the feed as a store."""
    before = (EXAMPLE / "host.tsv").read_text()
    (tmp_path / "before.tsv").write_text(before)
    (tmp_path / "after.tsv").write_text("".join(f"{line}\n" for line in after(before.splitlines())))
    program = tmp_path / "bin" / "advisories"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m advisories "$@"\n')
    program.chmod(0o755)
    run(f"advisories compile {EXAMPLE / 'advisories.jsonl'} -o feed.db", tmp_path)
    return tmp_path


def after(lines: list[str]) -> Iterator[str]:
    for line in lines:
        name, *rest = line.split("\t")
        if name in ("curl", "libcurl"):
            yield line.replace("\t14.el9\t", "\t40.el9_8.5\t")
        else:
            yield line
        if name in KERNEL and rest:
            yield line.replace("70.13.1.el9_0", "687.39.1.el9_8")


def run(command: str, folder: Path) -> str:
    environment = {"PATH": f"{folder / 'bin'}:/usr/bin:/bin"}
    done = subprocess.run(
        ["sh", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout


def commands(text: str) -> Iterator[tuple[str, list[str]]]:
    """Each command of the page's consoles, and the lines that it prints there."""
    for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, *lines = part.splitlines()
            yield command, lines


def test_the_round_trip(folder: Path) -> None:
    shown = list(commands((ROOT / "README.md").read_text()))
    assert [command.split()[1] for command, _ in shown] == ["match", "fix", "verify"]
    for command, lines in shown:
        pattern = "\n".join("(?:.*\n)*?.*" if line == "..." else re.escape(line) for line in lines)
        assert re.fullmatch(pattern, run(command, folder).rstrip("\n")), command
