"""Every command of the pages is tried: its options by the parser, and itself where that needs no network.

What pages name is there, made of the bundled host: ``packages.txt``, ``advisories.zip``, ``app.tar`` and so on.
"""

import json
import lzma
import os
import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from archives import tar_of
from images import saved_archive
from places import EXAMPLE, LIBRARY, ROOT

from advisories.cli.entry import option_names, parser_of_commands

PAGES = [*(ROOT / "docs").rglob("*.md"), ROOT / "README.md", ROOT / "integrations" / "README.md"]
COMMAND = re.compile(r"(?:^|[|(&]) *(?:\.venv/bin/)?(?:advisories|vercmp) [a-z]")
#: What needs a network, this machine, or a program of the reader's. Matching without a feed needs a cache.
ELSEWHERE = re.compile(
    r"advisories (?:fetch|bundle|db status|db search|match(?!.*--feed))|--(?:host|fetch|offline)\b|my-comparator|podman"
    r"|\.config/fish"
)
DEBIAN = {
    "id": "DSA-1",
    "upstream": ["CVE-2024-1"],
    "affected": [
        {
            "package": {"ecosystem": "Debian:12", "name": "openssl"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "3.0.15-1~deb12u1"}]}],
        }
    ],
}


def commands(page: Path) -> list[str]:
    """The commands of a page's blocks in their order, one that goes over several lines as one."""
    text = page.read_text(encoding="utf-8")
    indented = re.findall(r"(?:^ {4}\S[^\n]*\n(?:(?: {4}[^\n]*)?\n)*)+", text, re.MULTILINE)
    blocks = [block.replace("\n    ", "\n") for block in indented]
    fences = re.findall(r"^```(\w+)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    blocks += [body for language, body in fences if language in ("sh", "shell", "console", "bash")]
    blocks += ["\n".join(scripts(yaml.safe_load(body))) for language, body in fences if language == "yaml"]
    lines = [line.strip().removeprefix("$ ") for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    return [line for line in lines if COMMAND.search(line)]


def scripts(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key in ("run", "script") and isinstance(value, str):
                yield " ".join(value.split())
            else:
                yield from scripts(value)
    elif isinstance(node, list):
        for one in node:
            yield from scripts(one)


WITH = sorted((page for page in PAGES if "_build" not in page.parts and commands(page)), key=str)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the commands name, with the programs on the path."""
    tmp_path = tmp_path_factory.mktemp("pages")
    records = (EXAMPLE / "advisories.jsonl").read_text().splitlines()
    for name in ("advisories", "almalinux", "osv"):
        with zipfile.ZipFile(tmp_path / f"{name}.zip", "w") as archive:
            for number, line in enumerate([*records, json.dumps(DEBIAN)]):
                archive.writestr(f"{number}.json", line)
    for name in ("packages.txt", "packages.tsv"):
        shutil.copy(EXAMPLE / "host.tsv", tmp_path / name)
    (tmp_path / "manifest.txt").write_text("libssl3:amd64\t3.0.11-1~deb12u2\n")
    index = b"Package: libssl3\nSource: openssl\nVersion: 3.0.15-1~deb12u1\nArchitecture: amd64\n"
    (tmp_path / "Packages.xz").write_bytes(lzma.compress(index))
    (tmp_path / "accepted.toml").write_text('[[ignore]]\nid = "CVE-2026-54369"\nreason = "not reachable"\n')
    for name in ("almalinux-osv", "feeds"):
        (tmp_path / name).mkdir()
        shutil.copy(EXAMPLE / "advisories.jsonl", tmp_path / name)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    release, status = (
        "ID=debian\nVERSION_ID=12\n",
        "Package: openssl\nStatus: install ok installed\nVersion: 3.0.11-1\n\n",
    )
    image = saved_archive(tar_of(("etc/os-release", "file", release), ("var/lib/dpkg/status", "file", status)))
    for name in ("app.tar", "image.tar"):
        (tmp_path / name).write_bytes(image)
    bin = tmp_path / "bin"
    bin.mkdir()
    programs = {
        "advisories": f'exec "{sys.executable}" -m advisories "$@"',
        "vercmp": f'exec "{sys.executable}" -m vercmp "$@"',
        "docker": f'exec cat "{tmp_path}/app.tar"',
        "skopeo": f'exec cp "{tmp_path}/image.tar" "${{3#oci-archive:}}"',
    }
    for name, script in programs.items():
        (bin / name).write_text(f"#!/bin/sh\n{script}\n")
        (bin / name).chmod(0o755)
    for line in ("compile -q -o feed.db osv.zip", "match -q packages.txt --feed feed.db -o json=report.json"):
        assert run(f"advisories {line}", tmp_path).returncode == 0
    for name in ("yesterday.db", "today.db", "almalinux.db"):
        shutil.copy(tmp_path / "feed.db", tmp_path / name)
    shutil.copy(tmp_path / "report.json", tmp_path / "before.json")
    return tmp_path


def run(command: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ADVISORIES_")}
    environment |= {"PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "PYTHONPATH": str(LIBRARY)}
    # What a pipeline sets.
    environment |= {"CI_REGISTRY_IMAGE": "registry.example/app", "CI_COMMIT_SHORT_SHA": "0123abcd"}
    words = ["bash", "-o", "pipefail", "-c", command.replace(".venv/bin/", "")]
    return subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("page", WITH, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_of_a_page(page: Path, folder: Path) -> None:
    wrong = []
    for command in commands(page):
        if ELSEWHERE.search(command):
            continue
        done = run(command, folder)
        # 1 is a gate that fails, which some show. A strict one is about flaws.
        answers = (11, 12) if command.startswith("vercmp compare") else ()
        fine = done.returncode <= ("--strict" in command) + 1 or done.returncode in answers
        if not fine or "usage:" in done.stderr:
            wrong.append((command, done.returncode, done.stderr))
    assert wrong == []


@pytest.mark.parametrize("page", WITH, ids=lambda page: str(page.relative_to(ROOT)))
def test_options_of_a_page(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command in commands(page):
        for part in re.split(r"\||&&|[();]", re.sub(r"[<>] *\S+|\s#.*", "", command)):
            words = shlex.split(part.strip().removeprefix(".venv/bin/"))
            if words[:1] == ["advisories"]:
                try:
                    parser_of_commands([words[1]]).parse_args(words[1:])
                except SystemExit:
                    pytest.fail(f"{command}\n{capsys.readouterr().err}")


def test_the_reference_names_every_option() -> None:
    """Each option of a command stands on its page, or on that of match where the page takes match's options."""
    pages = (ROOT / "docs" / "reference" / "commands").glob("advisories-*.md")
    sections = {path.stem.partition("-")[2]: path.read_text(encoding="utf-8") for path in pages}
    options = {name: set(of) - {"quiet", "verbose"} for name, of in option_names().items()}
    assert sections.keys() == options.keys()
    every = set().union(*options.values())
    for name, section in sections.items():
        named = set(re.findall(r"`(?:[^`]*[ ,])?--([a-z-]+)", section)) & every
        if "output" in options[name] and re.search(r"`-o ", section):
            named.add("output")
        inherits = re.search(r"takes the\s+options\s+of `match` except (.*?),? and\s+these:", section, re.DOTALL)
        if inherits:
            excepted = set(re.findall(r"--([a-z-]+)", inherits[1]))
            behind = section[inherits.end() :]
            own = set(re.findall(r"^\| `--([a-z-]+)", behind, re.MULTILINE))
            assert own - excepted <= options[name], name
            assert (options["match"] - excepted) | own == options[name], name
        elif name == "explain":
            assert options[name] <= options["match"]
        else:
            assert named == options[name], name
