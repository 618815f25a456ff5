"""``make pythons``: what skips for want of a package, and how the tests of a Python are counted."""

import importlib.util
import sys
import tomllib
from pathlib import Path

import pytest
from lacking import skipping
from places import ROOT

_SPEC = importlib.util.spec_from_file_location("pythons", ROOT / "tools" / "pythons.py")
pythons = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(pythons)


@pytest.mark.parametrize(("without", "name"), [("pyyaml polars", "yaml"), ("polars", "polars.exceptions")])
def test_what_cannot_be_had_skips(monkeypatch: pytest.MonkeyPatch, without: str, name: str) -> None:
    monkeypatch.setenv("TESTED_WITHOUT", without)
    with pytest.raises(pytest.skip.Exception, match="without"):
        skipping(ModuleNotFoundError(name=name))


@pytest.mark.parametrize("without", ["", "pyyaml"])
def test_nothing_else_skips(monkeypatch: pytest.MonkeyPatch, without: str) -> None:
    monkeypatch.setenv("TESTED_WITHOUT", without)
    skipping(ModuleNotFoundError(name="polars"))
    skipping(ImportError("yaml"))


def test_tests_are_counted(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    report.write_text(
        '<testsuites><testsuite time="2.5"><testcase classname="a" name="b"/>'
        '<testcase classname="a" name="c"><failure/>'
        '</testcase><testcase classname="" name="d"><error/></testcase><testcase classname="a" name="e">'
        '<skipped message="without polars&#10;ld: /tmp/x"/></testcase></testsuite></testsuites>'
    )
    done = pythons.counted(report)
    assert (done.passed, done.failed, dict(done.skipped)) == (1, ["a::c", "::d"], {"without polars": 1})


def test_a_requirement_has_a_name() -> None:
    assert [pythons.distribution(one) for one in ("PyYAML>=6", "attrs", "a-b[c]>=1")] == ["pyyaml", "attrs", "a-b"]


def test_the_newest_other_python_is_found(tmp_path: Path) -> None:
    for name, said in {
        "python3.99": "3 99",
        "python3.100": "3 100",
        "python3.100-config": "3 101",
        "python3.10": "3 10",
        "python3": "3 102",
    }.items():
        program(tmp_path / name, f"echo {said}")
    # A name of pyenv's for a Python that is not the chosen one, and one without headers.
    program(tmp_path / "python3.103", "exit 127")
    assert pythons.newest([tmp_path]) == str(tmp_path / "python3.100")
    assert pythons.newest([tmp_path / "nowhere"]) is None
    (tmp_path / "python3.100").unlink()
    (tmp_path / "python3.99").unlink()
    program(tmp_path / "python3.11", f"echo {sys.version_info[0]} {sys.version_info[1]}")
    assert pythons.newest([tmp_path]) is None


def program(path: Path, what: str) -> None:
    path.write_text(f"#!/bin/sh\n{what}\n")
    path.chmod(0o755)


def test_the_core_is_there() -> None:
    assert [one for one in pythons.CORE if not (ROOT / one).exists()] == []
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]["test"]
    assert set(map(pythons.distribution, wanted)) > pythons._OF_CORE
