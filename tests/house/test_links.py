"""Every link of a page to another file of the tree leads to a file, and to a heading of it where it names one."""

import re
from functools import cache
from pathlib import Path

import pytest
from places import ROOT

PAGES = sorted(
    page
    for page in [
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob("integrations/**/*.md"),
        *ROOT.glob("*/README.md"),
    ]
    if "_build" not in page.parts and not page.relative_to(ROOT).parts[0].startswith((".", "build"))
)


def prose(page: Path) -> str:
    """A page without its blocks of code."""
    text = re.sub(r"^(```+|~~~+).*?^\1", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"^(?: {4}|\t).*$", "", text, flags=re.MULTILINE)


@cache
def anchors(page: Path) -> frozenset[str]:
    """What forges and the site make of its headings: small letters, hyphens for spaces, a number for the same again."""
    found: dict[str, int] = {}
    names = set()
    for heading in re.findall(r"^#{1,6} +(.*?)[ #]*$", prose(page), re.MULTILINE):
        shown = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading)
        name = re.sub(r"[^\w\- ]", "", shown.lower()).replace(" ", "-")
        count = found[name] = found.get(name, -1) + 1
        names.add(f"{name}-{count}" if count else name)
    return frozenset(names)


def links(page: Path) -> list[tuple[str, str]]:
    """The paths and anchors of its links within the tree."""
    text = re.sub(r"(`+)[^`]*?\1", "", prose(page))
    found = re.findall(r"\]\(<?([^)\s#>]*)(?:#([^)\s>]*))?>?(?: \"[^\"]*\")?\)", text)
    return [(path, anchor) for path, anchor in found if not re.match(r"[a-z][a-z+.-]*:", path)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    wrong = []
    for path, anchor in links(page):
        target = page.parent / path if path else page
        if not target.exists():
            wrong.append(f"{path}: no such file")
        elif anchor and (target.suffix != ".md" or anchor not in anchors(target.resolve())):
            wrong.append(f"{path}#{anchor}: no such heading")
    assert wrong == []


def test_there_are_links() -> None:
    assert sum(bool(anchor) for page in PAGES for _, anchor in links(page)) > 60
    assert links(ROOT / "README.md")


def test_a_heading_that_is_gone_is_seen(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# One `word`, two\n\n## Same\n\n## Same\n\n```\n# none\n```\n[x](#gone) [y](<a.md>) `[z](b.md)`\n")
    assert anchors(page) == {"one-word-two", "same", "same-1"}
    assert links(page) == [("", "gone"), ("a.md", "")]
