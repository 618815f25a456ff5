"""What is wrong with a feed as one page of HTML that opens from a file."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from advisories.models.reading import shown_source
from advisories.reports.caveats import Level
from advisories.reports.charts import bar, head
from advisories.reports.lines import counted
from advisories.reports.lint_problems import (
    RULES,
    TITLES,
    Problem,
    headline,
    lint_caveats,
    problems,
    releases_text,
    sources_text,
)
from advisories.reports.page import footer, header, page
from advisories.reports.page_parts import OPEN, caveats_section, rows

if TYPE_CHECKING:
    from advisories.reports.lint_document import LintDocument, LintObject

__all__ = ["render"]

_COLOURS = {Level.ERROR: "high", Level.WARNING: "medium", Level.NOTE: "low"}


def render(document: "LintDocument") -> Iterator[str]:
    """The lines of the page."""
    content = document.content
    yield from page(f"{headline(content)}: {sources_text(content)}", _body(content))


def _body(content: "LintObject") -> Iterator[str]:
    found = list(problems(content))
    yield from header("What is wrong with advisories", sources_text(content), [f"of {releases_text(content)}"])
    yield "<main>"
    yield from caveats_section(lint_caveats(content), f"{headline(content)}.", TITLES)
    yield from _summary(content, found)
    for id, rule in RULES.items():
        of_rule = [one for one in found if one.rule == id]
        if of_rule:
            yield f'<section aria-labelledby="{id}"><h2 id="{id}">{id}: {counted(len(of_rule), "problem")}</h2>'
            yield f"<p>{rule.meaning} {rule.matters}</p>"
            yield f"<details{' open' if len(of_rule) <= OPEN else ''}><summary>One by one</summary>"
            yield from rows(id, ("Where", "What", "Why"), map(_cells, of_rule))
            yield "</details></section>"
    yield from _sources(content)
    yield from footer()


def _summary(content: "LintObject", found: list[Problem]) -> Iterator[str]:
    counts = [(id, sum(one.rule == id for one in found)) for id in RULES]
    yield '<section aria-labelledby="summary-title"><h2 id="summary-title">At a glance</h2><ul class="tiles">'
    yield f'<li class="plain"><b>{content["advisories"]:,}</b> advisories</li>'
    for level, name in ((Level.ERROR, "errors"), (Level.WARNING, "warnings")):
        number = sum(one.level is level for one in found)
        yield f'<li class="{_COLOURS[level] if number else "plain"}"><b>{number:,}</b> {name}</li>'
    yield '</ul><figure class="wide"><figcaption id="chart-kinds">Problems by kind</figcaption>'
    yield head("chart-kinds", "Kind", "Problems")
    most = max([1, *[number for _, number in counts]])
    for id, number in counts:
        drawn = bar(((_COLOURS[RULES[id].level], number),), most)
        yield f'<tr><th scope="row">{id}</th><td class="drawn">{drawn}</td><td>{number:,}</td></tr>'
    yield "</tbody></table></figure></section>"


def _cells(one: Problem) -> tuple[str, str, str]:
    where = f"{one.file}: {one.position}" if one.file else one.release or "-"
    return where, one.what if one.package is None else f"{one.what}, {one.package}", one.why


def _sources(content: "LintObject") -> Iterator[str]:
    yield '<section aria-labelledby="sources-title"><h2 id="sources-title">What was read</h2>'
    cells = [
        (
            shown_source(read["source"]),
            read["format"] or "unknown",
            f"{read['kept']:,} of {read['read']:,}",
            f"{read['rejected']:,}",
            ", ".join(f"{count:,} {why}" for why, count in read["skipped"].items()) or "nothing",
        )
        for read in content["sources"]
    ]
    yield from rows("Sources", ("Source", "Format", "Kept", "Rejected", "Skipped deliberately"), cells)
    yield "</section>"
