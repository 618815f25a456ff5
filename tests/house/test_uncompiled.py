"""A platform without the compiled modules, or without one of them: the error has what is missing and what to do."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from places import SRC

from vercmp._uncompiled import not_compiled

PYX = sorted(SRC.rglob("*.pyx"))
STEP = r"Install vercmp again with this very Python: python -m pip install "


def test_each_compiled_module_has_a_file_for_where_it_is_missing() -> None:
    (text,) = {path.with_suffix(".py").read_text(encoding="utf-8") for path in PYX}
    assert text.endswith("raise not_compiled(__name__, __file__)\n")
    assert len(PYX) > 10


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packages with nothing compiled."""
    tree = tmp_path_factory.mktemp("tree")
    leave = shutil.ignore_patterns("*.so", "*.pyx", "__pycache__", "schemas", "testing")
    for package in ("vercmp", "advisories"):
        shutil.copytree(SRC / package, tree / package, ignore=leave)
    return tree


def run(tree: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run([sys.executable, *words], env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("use", "module"),
    [
        ("import vercmp; vercmp.compare('1', '2', scheme='rpm')", "vercmp._rpmvercmp"),
        ("from vercmp import dpkg", "vercmp._dpkg"),
        ("import vercmp; vercmp.IntervalIndex", "vercmp._intervals"),
        ("import advisories; advisories.match", "advisories.models._keyed"),
    ],
)
def test_nothing_is_compiled(tree: Path, use: str, module: str) -> None:
    done = run(tree, "-c", use)
    last = done.stderr.splitlines()[-1]
    assert re.match(rf"ImportError: {re.escape(module)} is not compiled for this Python \(CPython 3.*\)\. {STEP}", last)


@pytest.mark.parametrize(
    "words", [["vercmp", "compare", "--scheme", "rpm", "1", "2"], ["advisories", "match", "list", "--feed", "feed"]]
)
def test_commands_have_no_traceback(tree: Path, words: list[str]) -> None:
    done = run(tree, "-m", *words)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert re.match(rf"{words[0]}.*: .* is not compiled for this Python .*{STEP}", line)


def test_the_error_has_what_is_there(tmp_path: Path) -> None:
    for name in ("_apk.cpython-310.so", "_apk.cpython-39.so", "_apkx.so", "_apk.pyi"):
        (tmp_path / name).touch()
    error = not_compiled("vercmp._apk", str(tmp_path / "_apk.py"))
    assert f". {tmp_path} has _apk.cpython-310.so, _apk.cpython-39.so, for another Python" in str(error)
    assert (error.name, error.path) == ("vercmp._apk", str(tmp_path / "_apk.py"))
    assert " has " not in str(not_compiled("vercmp._apk", str(tmp_path / "no" / "_apk.py")))


def test_one_module_is_of_another_python(tree: Path) -> None:
    other = tree / "vercmp" / "_apk.cpython-39-x86_64-linux-gnu.so"
    other.touch()
    try:
        last = run(tree, "-c", "import vercmp.apk").stderr.splitlines()[-1]
    finally:
        other.unlink()
    assert f"{other.parent} has {other.name}, for another Python or machine. Install" in last
