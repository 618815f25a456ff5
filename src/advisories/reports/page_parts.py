"""Parts that pages of several kinds have: what a report leaves open, lists of ids, and suppressed findings."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from advisories.distros.identity import in_words
from advisories.reports.caveats import TITLES, Caveat, Level
from advisories.reports.lines import counted
from advisories.reports.page import text
from advisories.reports.statement_text import statement_text

if TYPE_CHECKING:
    from advisories.reports.document import SuppressedObject

__all__ = ["OPEN", "caveat_list", "caveats_section", "id_list", "rows", "suppressed_section"]

#: A fold with more entries is closed at first.
OPEN: Final = 60
# More ids than these are in a fold.
_LISTED: Final = 24


def caveats_section(
    caveats: Sequence[Caveat], summary: str, titles: Mapping[Level, str] = TITLES, command: str = ""
) -> Iterator[str]:
    """What a report leaves open.

    :param caveats: errors first.
    :param summary: a sentence in front of them, as text.
    :param titles: the title by the gravest of them.
    :param command: whose list would settle some of them. Empty where there is none.
    """
    level = caveats[0].level if caveats else Level.NOTE
    yield f'<section class="coverage {level.value}" aria-labelledby="coverage-title">'
    yield f'<h2 id="coverage-title">{titles[level]}</h2>'
    yield f'<p class="sum">{text(summary)}</p>'
    yield from caveat_list(caveats)
    if command:
        yield "<p>The command whose list shows everything that matching uses:</p>"
        yield f'<pre class="command" tabindex="0">{text(command)}</pre>'
    yield "</section>"


def caveat_list(caveats: Iterable[Caveat]) -> Iterator[str]:
    """The list of them, each with the instances that it is about."""
    yield '<ul class="caveats">'
    for one in caveats:
        yield f'<li class="{one.level.value}"><span class="tag">{one.level.value}</span> <span>{text(one.text)}'
        if one.instances:
            yield f"<details><summary>{counted(len(one.instances), 'package')}</summary>"
            names = "".join(f"<li><code>{text(in_words(name))}</code></li>" for name in one.instances)
            yield f'<ul class="names">{names}</ul></details>'
        yield "</span></li>"
    yield "</ul>"


def id_list(ids: Sequence[str], what: str = "vulnerability") -> str:
    """Ids in a list, folded where there are many.

    :param what: what they are of.
    """
    listed = f'<ul class="ids">{"".join(f"<li>{text(id)}</li>" for id in ids)}</ul>'
    if len(ids) <= _LISTED:
        return listed
    return f"<details><summary>{counted(len(ids), what)}</summary>{listed}</details>"


def rows(caption: str, names: Sequence[str], cells: Iterable[Sequence[str]]) -> Iterator[str]:
    """A plain table. The first cell of a row is its head.

    :param caption: as HTML, like the names of the columns.
    :param cells: as text.
    """
    yield f'<div class="scroll" tabindex="0" role="region" aria-label="{caption}">'
    yield f'<table class="plain"><caption>{caption}</caption><thead><tr>'
    yield "".join(f'<th scope="col">{name}</th>' for name in names) + "</tr></thead><tbody>"
    for first, *rest in cells:
        yield f'<tr><th scope="row">{text(first)}</th>{"".join(f"<td>{text(cell)}</td>" for cell in rest)}</tr>'
    yield "</tbody></table></div>"


def suppressed_section(suppressed: "Sequence[SuppressedObject]") -> Iterator[str]:
    """The findings that statements suppress, and why. Nothing where there are none."""
    if not suppressed:
        return
    yield '<section aria-labelledby="suppressed">'
    yield f'<h2 id="suppressed">Suppressed: {counted(len(suppressed), "finding")}</h2>'
    cells = [
        (
            f"{one['finding']['package']} {one['finding']['version']}",
            one["finding"]["vulnerability"],
            "; ".join(map(statement_text, one["statements"])),
        )
        for one in suppressed
    ]
    yield from rows("Findings that statements suppress", ("Package", "Vulnerability", "Why"), cells)
    yield "</section>"
