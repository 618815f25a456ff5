"""Examples in docstrings and pages are run. pytest collects none from extension modules; doctest does."""

import argparse
import doctest
import importlib
import pkgutil
import re
import runpy
from pathlib import Path

import oracles
import pytest
from places import ROOT

import vercmp
from advisories.cli.entry import option_names
from vercmp import _command

#: What some examples need, and is not always there.
NEEDS = {
    "vercmp._columns": ("pyarrow",),
    "vercmp.arrow": ("pyarrow",),
    "vercmp.django": ("django",),
    "vercmp.duckdb": ("duckdb", "numpy", "pyarrow"),
    "vercmp.sqlalchemy": ("sqlalchemy",),
    "data-frames.md": ("duckdb", "numpy", "pandas", "polars"),
    "fleets.md": ("duckdb", "pyarrow"),
    "keys.md": ("pyarrow",),
    "sqlite.md": ("django", "sqlalchemy"),
}
MODULES = sorted({"vercmp", *(found.name for found in pkgutil.walk_packages(vercmp.__path__, "vercmp."))})
#: What is run where the other program is that it needs.
ELSEWHERE = {"postgresql.md": "tests/live/test_postgresql.py"}
# What is written from docstrings is run where they are.
PAGES = sorted(
    page
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("**/*.md")]
    if not {"_build", *ELSEWHERE} & {*page.parts}
    and "<!-- Written by tools/reference.py" not in page.read_text(encoding="utf-8")
)


@pytest.mark.parametrize("name", [name for name in MODULES if not name.endswith("__main__")])
def test_docstrings(name: str) -> None:
    for library in NEEDS.get(name, ()):
        oracles.module(library)
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_there_are_examples() -> None:
    for name in (
        "_rpmvercmp",
        "_dpkg",
        "_pep440",
        "_semver",
        "_gem",
        "_intervals",
        "_sorting",
        "rpm",
        "dpkg",
        "schemes",
    ):
        assert doctest.testmod(importlib.import_module(f"vercmp.{name}")).attempted >= 3


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_pages(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    for library in NEEDS.get(page.name, ()):
        oracles.module(library)
    assert doctest.testfile(str(page), module_relative=False, encoding="utf-8").failed == 0


#: The commands of vercmp.
VERCMP = next(one.choices for one in _command._parser()._actions if isinstance(one, argparse._SubParsersAction))
REFERENCE = runpy.run_path(str(ROOT / "tools" / "reference.py"))


@pytest.mark.parametrize("name", REFERENCE["PAGES"])
def test_the_reference_is_what_the_docstrings_have(name: str) -> None:
    page = ROOT / "docs" / "reference" / f"{name}.md"
    assert page.read_text(encoding="utf-8") == REFERENCE["page"](name), "run: python tools/reference.py"


@pytest.mark.parametrize("name", REFERENCE["COMMANDS"])
def test_the_pages_of_commands_are_what_the_parser_has(name: str) -> None:
    page = ROOT / "docs" / "reference" / "commands" / f"vercmp-{name}.md"
    assert page.read_text(encoding="utf-8") == REFERENCE["command_page"](name), "run: python tools/reference.py"


def test_every_command_has_a_page() -> None:
    pages = {page.stem for page in (ROOT / "docs" / "reference" / "commands").iterdir()}
    assert pages == {f"vercmp-{name}" for name in VERCMP} | {f"advisories-{name}" for name in option_names()}


@pytest.mark.parametrize("page", sorted(ROOT.glob("docs/**/*.md")), ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_shows_on_a_plain_forge(page: Path) -> None:
    """No roles and no directives, which only the site would show.."""
    if "_build" not in page.parts:
        text = page.read_text(encoding="utf-8")
        assert (
            re.findall(
                r"\{(?:doc|ref|term|numref|download|py:\w+|func|class|mod)\}`|^(?:```|:::)\{.*", text, re.MULTILINE
            )
            == []
        )


@pytest.mark.parametrize("page", sorted(ROOT.glob("docs/**/*.md")), ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_pages_of_the_site(page: Path) -> None:
    """A page outside of docs is there on a forge, and not on the site: its build fails."""
    if "_build" in page.parts:
        return
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)#\s:]+\.md)(?:#[^)]*)?\)", text):
        path = (page.parent / target).resolve()
        assert path.is_relative_to(ROOT / "docs"), f"{target}: name the file, without a link"
        assert path.is_file(), target
