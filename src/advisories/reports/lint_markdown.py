"""What is wrong with a feed as Markdown for the summary of a job: what matters, numbers, and a fold for each kind."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

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
from advisories.reports.markdown_text import MOST, Block, alert, code, fitting, size, text

if TYPE_CHECKING:
    from advisories.reports.lint_document import LintDocument, LintObject

__all__ = ["render"]

# Problems of one fold. A kind with more has several.
_FOLDED: Final = 400


def render(document: "LintDocument") -> list[str]:
    """The lines of the summary."""
    content = document.content
    lines = [f"## {headline(content)}: {text(sources_text(content))}", ""]
    lines += alert(lint_caveats(content), f"Advisories of {releases_text(content)}.", TITLES)
    lines += ["", *_sources(content), ""]
    return lines + fitting(_folds(list(problems(content))), MOST - size(lines))


def _sources(content: "LintObject") -> Iterator[str]:
    yield "| Source | Format | Read | Kept | Rejected |"
    yield "|---|---|---:|---:|---:|"
    for read in content["sources"]:
        counts = f"{read['read']} | {read['kept']} | {read['rejected']}"
        yield f"| {text(read['source'])} | {text(read['format'] or 'unknown')} | {counts} |"


def _folds(found: list[Problem]) -> Iterator[Block]:
    for id, rule in RULES.items():
        of_rule = [one for one in found if one.rule == id]
        for at in range(0, len(of_rule), _FOLDED):
            some = of_rule[at : at + _FOLDED]
            more = f", from {at + 1} on" if at else ""
            lines = [
                f"<details><summary><b>{id}</b>{more}: {counted(len(some), 'problem')}</summary>",
                "",
                f"{rule.meaning} {rule.matters}",
                "",
                "| Where | What | Why |",
                "|---|---|---|",
                *map(_row, some),
                "",
                "</details>",
                "",
            ]
            yield Block(lines, len(some))


def _row(one: Problem) -> str:
    where = f"{text(one.file)} {code(one.position)}" if one.file else text(one.release or "")
    what = text(one.what) if one.package is None else f"{text(one.what)}, {text(one.package)}"
    return f"| {where} | {what} | {text(one.why)} |"
