"""``make pythons``: what skips for want of a package, and how the tests of a Python are counted."""

import importlib.util
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
