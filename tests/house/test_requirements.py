"""``make demo`` and ``make test`` name what is missing before they begin: simulated, one absence at a time."""

import os
import subprocess
import sys
from pathlib import Path

import oracles
import pytest
from places import ROOT

# Run at the start of Python: what to change there, by the absence it simulates.
ABSENT = {
    "venv": "import sys; sys.modules['ensurepip'] = None",
    "headers": "import sysconfig; sysconfig.get_path = lambda name: '/nonexistent'",
    "age": "import sys; sys.version_info = (3, 9, 18, 'final', 0)",
}


@pytest.fixture(autouse=True)
def _whole() -> None:
    """Debian has what makes environments in another package. Without it that is missing too."""
    oracles.module("ensurepip")


def check(python: str, **environment: str) -> tuple[int, str]:
    done = subprocess.run(
        ["sh", str(ROOT / "tools/requirements.sh"), python],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.stdout
    return done.returncode, done.stderr


def without(absence: str, folder: Path, name: str = "python3") -> str:
    """A Python that lacks something."""
    (folder / "sitecustomize.py").write_text(ABSENT[absence])
    python = folder / name
    python.write_text(f'#!/bin/sh\nPYTHONPATH={folder} exec {sys.executable} "$@"\n')
    python.chmod(0o755)
    return str(python)


def packages(text: str) -> dict[str, list[str]]:
    """The packages that the last lines name, by the program that installs them."""
    commands = [line.rpartition(":")[2].split() for line in text.splitlines() if " install " in line]
    return {program: names for program, _, *names in commands}


def test_nothing_is_missing_here() -> None:
    assert check(sys.executable) == (0, "")


@pytest.mark.parametrize(
    ("absence", "words", "debian", "fedora"),
    [
        ("venv", "venv", ["python3-venv"], ["python3-libs"]),
        ("headers", "Python.h", ["python3-dev"], ["python3-devel"]),
        ("age", "is 3.9", ["python3.12", "python3.12-venv", "python3.12-dev"], ["python3.12", "python3.12-devel"]),
    ],
)
def test_of_python(absence: str, words: str, debian: list[str], fedora: list[str], tmp_path: Path) -> None:
    status, text = check(without(absence, tmp_path))
    assert status == 1
    assert words in text
    assert packages(text) == {"apt-get": debian, "dnf": fedora}


def test_packages_of_another_python_than_the_default(tmp_path: Path) -> None:
    _, text = check(without("headers", tmp_path, "python3.13"))
    assert packages(text) == {"apt-get": ["python3.13-dev"], "dnf": ["python3.13-devel"]}


def test_no_python(tmp_path: Path) -> None:
    status, text = check(str(tmp_path / "python3"))
    assert status == 1
    assert packages(text) == {
        "apt-get": ["python3", "python3-venv", "python3-dev"],
        "dnf": ["python3", "python3-devel"],
    }


def test_no_compiler(tmp_path: Path) -> None:
    status, text = check(sys.executable, CC=str(tmp_path / "cc"))
    assert status == 1
    assert packages(text) == {"apt-get": ["gcc", "libc6-dev"], "dnf": ["gcc"]}


def test_a_compiler_without_the_headers_of_the_c_library(tmp_path: Path) -> None:
    compiler = tmp_path / "cc"
    compiler.write_text("#!/bin/sh\nexit 1\n")
    compiler.chmod(0o755)
    status, text = check(sys.executable, CC=f"{compiler} -pthread")
    assert status == 1
    assert packages(text) == {"apt-get": ["libc6-dev"], "dnf": ["glibc-devel"]}


def test_all_that_is_missing_is_named_at_once(tmp_path: Path) -> None:
    status, text = check(without("headers", tmp_path), CC=str(tmp_path / "cc"))
    assert status == 1
    assert packages(text)["apt-get"] == ["python3-dev", "gcc", "libc6-dev"]


def test_make_checks_first(tmp_path: Path) -> None:
    """And makes nothing where something is missing."""
    done = subprocess.run(
        ["make", "-C", str(ROOT), "demo", f"VENV={tmp_path / 'venv'}", f"PYTHON={without('headers', tmp_path)}"],
        env={name: value for name, value in os.environ.items() if not name.startswith("MAKE")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "python3-dev" in done.stderr
    assert not (tmp_path / "venv").exists()
