"""The manual pages: every command and option is in them, and roff reads them without a warning."""

import os
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from places import ROOT

from advisories.cli.entry import option_names


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", "1700000000")
        patch.setenv("COLUMNS", "80")
        found: dict[str, str] = runpy.run_path(str(ROOT / "tools" / "man.py"))["pages"]()
    return found


def test_every_command_and_option_is_there(pages: dict[str, str]) -> None:
    _, *found = re.split(r"^\.SS advisories (.*)\n", pages["advisories.1"], flags=re.MULTILINE)
    parts = dict(zip(found[::2], found[1::2], strict=True))
    assert parts.keys() == option_names().keys()
    for name, options in option_names().items():
        for option in options:
            assert f"\\fB\\-\\-{option.replace('-', chr(92) + '-')}\\fR" in parts[name], (name, option)
    for name in ("compare", "sort", "max", "key", "validate", "conformance", "vectors"):
        assert f".SS vercmp {name}\n" in pages["vercmp.1"]


def test_they_are_of_the_day_of_the_sources(pages: dict[str, str]) -> None:
    for name, page in pages.items():
        program = name.partition(".")[0].upper()
        assert re.match(rf'\.TH {program} 1 "2023-11-14" "vercmp \d+\.\d+\.\d+" "User Commands"\n', page)


def test_no_text_is_a_request(pages: dict[str, str]) -> None:
    requests = {"TH", "SH", "SS", "TP", "PP", "nf", "fi", "nh", "ad"}
    for page in pages.values():
        for line in page.splitlines():
            assert not line.startswith("'")
            assert not line.startswith(".") or line[1:].split()[0] in requests, line
            assert not re.search(r"(?<!\\)-", line) or line.startswith(".TH"), line


def test_roff_has_no_warning(pages: dict[str, str]) -> None:
    groff = shutil.which("groff")
    if groff is None:
        pytest.skip("groff is not installed")
    for page in pages.values():
        done = subprocess.run(
            [groff, "-man", "-ww", "-Tutf8", "-z", "-k"], input=page, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")


def test_a_program_of_another_name(pages: dict[str, str], tmp_path: Path) -> None:
    """Where pacman's `vercmp` is: nobody is told to start that one, and the pages are the same but for the name."""
    command = [sys.executable, ROOT / "tools" / "man.py", tmp_path, "vercmp=python3-vercmp"]
    subprocess.run(command, check=True, env={**os.environ, "SOURCE_DATE_EPOCH": "1700000000"})
    written = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}
    assert written.keys() == {"python3-vercmp.1", "advisories.1"}
    page = written["python3-vercmp.1"].replace(r"python3\-vercmp", "\0")
    left = [line for line in page.splitlines() if re.search(r"\bvercmp\b", line)]
    assert all(re.search(r'"vercmp \d|of vercmp$|rpmdev\\-vercmp', line) for line in left), left
    assert page.count("\0") > 20
    assert page.replace("\0", "vercmp").replace(".TH PYTHON3-VERCMP", ".TH VERCMP") == pages["vercmp.1"]
    assert written["advisories.1"].replace(r"python3\-vercmp", "vercmp") == pages["advisories.1"]


@pytest.mark.parametrize("words", [[], ["--help"], ["x", "y"], ["x", "vercmp=../y"]])
def test_wrong_usage(words: list[str]) -> None:
    command = [sys.executable, str(ROOT / "tools" / "man.py"), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "man.py FOLDER" in done.stderr
