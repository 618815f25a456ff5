"""The suite under other Pythons, each in an environment of its own, by the wheel that is built for it.

python tools/pythons.py PYTHON... is what ``make pythons`` runs. One sdist is made of this tree, and each Python builds
its wheel from that. Environments are below build/pythons and are used again. A line is printed for each Python, and
what each test said is in the JUnit file beside its environment.

``--selection whole`` runs all tests. ``--selection core`` runs ``CORE``: tests of what is compiled, of threads and of
interpreters. They need few packages, and none of these may be missing.

python tools/pythons.py --newest prints the newest other Python of this machine that can build a wheel, if there is one.

Packages of the tests come as wheels, or are built here if they are small. What cannot be installed is named, and tests
that import it skip and are counted. ``LACKING`` has what may be missing. Where more is missing, or less, the status is
1 as it is for a failed test: no test skips that could run.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple
from xml.etree import ElementTree

__all__ = ["LACKING", "ROOT", "counted", "distribution", "main", "show"]

ROOT: Final = Path(__file__).resolve().parents[1]
BUILD: Final = ROOT / "build" / "pythons"

#: What has no wheel for a Python, and no source that builds for it in minutes: by the name of its environment.
LACKING: Final[dict[str, frozenset[str]]] = {}
#: Small enough to be built where there is no wheel.
SMALL: Final = frozenset({"cmarkgfm", "zstandard"})

#: Tests of what each Python compiles for itself. They take half a minute.
CORE: Final = (
    *(f"tests/vercmp/test_{name}.py" for name in ("boundary", "dpkg", "gem", "keys", "intervals", "interpreters")),
    *(f"tests/vercmp/test_{name}.py" for name in ("pep440", "rpm", "semver", "sorting", "vectors")),
    *("tests/advisories/index", "tests/advisories/test_threads.py", "tests/advisories/test_each_interpreter.py"),
)
#: What these tests import, of the tests' packages.
_OF_CORE: Final = frozenset({"build", "cython", "hypothesis", "msgspec", "packaging", "pytest", "semver", "setuptools"})

_QUICK: Final = ["-m", "not slow", "--hypothesis-profile=quick"]
# As the Makefile has it for this Python. The core's few tests do without.
_WORKERS: Final = ["-n", "auto", "--maxprocesses", "4", "--dist", "worksteal"]
_BUILDS: Final = """
import ensurepip, os, sys, sysconfig, venv
assert os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h"))
print(*sys.version_info[:2])
"""
_NAME: Final = "import sysconfig as s; print(s.get_python_version() + 't' * bool(s.get_config_var('Py_GIL_DISABLED')))"


class Counted(NamedTuple):
    """What one run of the suite came to."""

    passed: int
    failed: list[str]
    skipped: Counter[str]
    seconds: float


def distribution(requirement: str) -> str:
    """The name that a requirement begins with."""
    return re.split(r"[^\w.-]", requirement, maxsplit=1)[0].lower()


def run(*command: object, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(part) for part in command], check=False, text=True, cwd=ROOT, **options)  # type: ignore[call-overload, no-any-return]


def pip(python: Path, *arguments: object) -> bool:
    """Whether pip did it. What it said is shown where it did not."""
    done = run(python, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments, capture_output=True)
    if done.returncode:
        print("\n".join(done.stderr.strip().splitlines()[:2]), file=sys.stderr)
    return not done.returncode


def newest(folders: list[Path]) -> str | None:
    """The newest Python, other than this one and not older than 3.11, that makes environments and has its headers."""
    found: dict[tuple[int, ...], str] = {}
    for program in sorted(one for folder in folders for one in folder.glob("python3.[0-9]*")):
        if re.fullmatch(r"python3\.\d+", program.name):
            done = run(program, "-c", _BUILDS, capture_output=True)
            if done.returncode == 0:
                found.setdefault(tuple(map(int, done.stdout.split())), str(program))
    release = max((one for one in found if one >= (3, 11) and one != sys.version_info[:2]), default=None)
    return None if release is None else found[release]


def places() -> list[Path]:
    """Where Pythons are: the path, and what pyenv has beside it."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    on_path = [Path(one) for one in os.environ.get("PATH", "").split(os.pathsep) if one]
    return [*on_path, *sorted(pyenv.glob("versions/*/bin"))]


def prepare(interpreter: str) -> tuple[str, Path]:
    """The environment of a Python, and its name. SystemExit where the Python is not there or cannot make one."""
    try:
        done = run(interpreter, "-c", _NAME, capture_output=True)
    except OSError as error:
        raise SystemExit(f"{interpreter}: {error.strerror}") from error
    name = done.stdout.strip()
    if done.returncode:
        raise SystemExit(f"{interpreter} does not run: {done.stderr.strip()}")
    python = BUILD / name / "bin" / "python"
    if not python.exists() and run(interpreter, "-m", "venv", BUILD / name).returncode:
        raise SystemExit(f"{interpreter} makes no environment")
    if not pip(python, "install", "--upgrade", "pip>=25.1"):
        raise SystemExit(f"{interpreter} has no pip")
    return name, python


def install(python: Path, selection: str) -> list[str]:
    """Everything that tests need; the names of what cannot be had, ours never among them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    for_tests = project["dependency-groups"]["test"]
    if selection == "core":
        for_tests = [one for one in for_tests if distribution(one) in _OF_CORE]
    wanted = [*for_tests, *project["project"]["dependencies"]]
    wheels = ["install", "--only-binary", ":all:"]
    if pip(python, *wheels, *wanted):
        return []
    return [
        distribution(one)
        for one in wanted
        if not pip(python, *wheels, one)
        and not (distribution(one) in SMALL and pip(python, "install", "--prefer-binary", one))
    ]


def build(python: Path, name: str) -> None:
    """Install the wheel that this Python makes of the sdist."""
    wheels = BUILD / f"{name}-wheel"
    shutil.rmtree(wheels, ignore_errors=True)
    [sdist] = BUILD.glob("vercmp-*.tar.gz")
    if not pip(python, "wheel", "--no-deps", "--wheel-dir", wheels, sdist):
        raise SystemExit(f"no wheel for Python {name}")
    if not pip(python, "install", "--no-deps", "--force-reinstall", *wheels.glob("*.whl")):
        raise SystemExit(f"the wheel for Python {name} cannot be installed")


def suite(python: Path, name: str, lacking: list[str], arguments: list[str]) -> Counted:
    """Run the tests, which import what is installed."""
    report = BUILD / f"{name}.xml"
    report.unlink(missing_ok=True)
    environment = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "CI")}
    environment["TESTED_WITHOUT"] = " ".join(lacking)
    with (BUILD / f"{name}.log").open("w") as log:
        run(
            python, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}", *arguments,
            env=environment, stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
    if not report.is_file():
        raise SystemExit(f"the tests of Python {name} did not run: see {log.name}")
    return counted(report)


def counted(report: Path) -> Counted:
    """The sums of a JUnit file. What stands in the way of collecting a module is a failure."""
    root = ElementTree.parse(report).getroot()
    cases = list(root.iter("testcase"))
    failed = [case for case in cases if case.find("failure") is not None or case.find("error") is not None]
    # What a compiler said about an oracle has lines and names of files of one run.
    skipped = Counter(reason.get("message", "").partition("\n")[0] for reason in root.iter("skipped"))
    seconds = sum(float(one.get("time", 0)) for one in root.iter("testsuite"))
    passed = len(cases) - len(failed) - skipped.total()
    return Counted(passed, [f"{case.get('classname')}::{case.get('name')}" for case in failed], skipped, seconds)


def show(where: str, done: Counted, lacking: Iterable[str]) -> None:
    """Print what a run came to: a line, and one for each test that failed and each reason of those that skipped."""
    without = " ".join(lacking)
    print(
        f"{where}: {done.passed:,} passed, {len(done.failed):,} failed, {done.skipped.total():,} skipped "
        f"in {done.seconds:.0f} s" + (f", without {without}" if without else ""),
        flush=True,
    )
    for what in done.failed:
        print(f"  failed: {what}")
    for reason, count in done.skipped.most_common():
        print(f"  skipped: {count} for: {reason}")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="The suite under other Pythons.")
    parser.add_argument("--selection", choices=["quick", "whole", "core"], default="quick")
    parser.add_argument("--tests", default="", help="for some tests only")
    parser.add_argument("--newest", action="store_true", help="print the newest other Python of this machine")
    parser.add_argument("pythons", nargs="*", metavar="PYTHON")
    chosen = parser.parse_args(arguments)
    if chosen.newest:
        print(newest(places()) or "")
        return 0
    if not chosen.pythons:
        parser.error("name a Python")
    BUILD.mkdir(parents=True, exist_ok=True)
    for former in BUILD.glob("vercmp-*.tar.gz"):
        former.unlink()
    status = 0
    for interpreter in chosen.pythons:
        name, python = prepare(interpreter)
        lacking = install(python, chosen.selection)
        if (
            not list(BUILD.glob("vercmp-*.tar.gz"))
            and run(python, "-m", "build", "-q", "--sdist", "-o", BUILD).returncode
        ):
            raise SystemExit("no sdist can be made")
        build(python, name)
        tests = chosen.tests.split() or (CORE if chosen.selection == "core" else ())
        options = {"whole": _WORKERS, "quick": [*_WORKERS, *_QUICK], "core": _QUICK}[chosen.selection]
        done = suite(python, name, lacking, [*options, *tests])
        show(f"Python {name}", done, lacking)
        allowed = frozenset[str]() if chosen.selection == "core" else LACKING.get(name, frozenset())
        surprising = allowed ^ set(lacking)
        for one in sorted(surprising):
            print(f"  {one} {'is missing' if one in lacking else 'can be installed now'}: LACKING has it otherwise")
        status |= bool(done.failed or surprising or not done.passed)
    return status


if __name__ == "__main__":
    sys.exit(main())
