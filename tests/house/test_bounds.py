"""Lower bounds are what `make bounds` installs, and the one place where pip-audit runs is the weekly one."""

import re
import runpy
import tomllib
from pathlib import Path
from typing import Any

import pytest
from places import ROOT

BOUNDS = runpy.run_path(str(ROOT / "tools" / "bounds.py"))
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_each_library_has_its_lower_bound() -> None:
    found = list(BOUNDS["oldest"](PROJECT))
    extras = PROJECT["project"]["optional-dependencies"].values()
    for text in [*PROJECT["project"]["dependencies"], *[text for extra in extras for text in extra]]:
        assert text.replace(">=", "==") in found, text
    assert {"attrs", "pytest", "zstandard", "csaf"} <= set(BOUNDS["newest"](PROJECT))
    assert [text.partition("==")[0] for text in BOUNDS["build"](PROJECT)] == ["setuptools", "cython"]


@pytest.mark.parametrize("text", ["attrs", "attrs<26", "attrs>=23.2,<26"])
def test_a_library_without_a_lower_bound_is_refused(text: str) -> None:
    project = PROJECT | {"project": PROJECT["project"] | {"dependencies": [text]}}
    with pytest.raises(ValueError, match=r"has no lower bound|is not NAME>=VERSION"):
        list(BOUNDS["oldest"](project))


def test_what_it_runs_and_leaves_out_is_there() -> None:
    for place in (*BOUNDS["TESTS"], *BOUNDS["LEFT_OUT"]):
        path, _, name = place.partition("::")
        assert (ROOT / path).exists(), place
        assert not name or f"def {name}(" in (ROOT / path).read_text(encoding="utf-8"), place


def test_pip_audit_is_where_its_data_are() -> None:
    """Where they cannot be reached it skips everything and passes: no gate of ours may rest on that."""
    places = [*(ROOT / ".github" / "workflows").iterdir(), ROOT / ".ci" / "run", ROOT / "Makefile"]
    found: list[Path] = [path for path in places if re.search(r"^(?!\s*#).*pip-audit", path.read_text(), re.MULTILINE)]
    assert [path.name for path in found] == ["dependencies.yml"]
