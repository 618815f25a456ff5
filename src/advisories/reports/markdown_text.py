"""Text from outside as Markdown of GitHub: no markup, no table cell, no link, no mention and no formula comes of it.

And the summary of a job, which GitHub refuses if it is larger than 1 MiB.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from advisories.distros.identity import in_words
from advisories.models.printing import printable
from advisories.reports.caveats import TITLES, Caveat, Level
from advisories.reports.lines import counted
from advisories.reports.page import is_link
from advisories.reports.statement_text import statement_text

if TYPE_CHECKING:
    from advisories.reports.document import ReportedSuppressed, SuppressedObject
__all__ = ["LONGEST", "MOST", "Block", "alert", "code", "fitting", "linked", "size", "suppressed_blocks", "text"]

#: Bytes of a summary, with room for what your job writes beside it.
MOST: Final = 1_000_000
#: Longer texts are cut. No name and no sentence of a report is as long.
LONGEST: Final = 400

# An entity is a character and no sign of markup. What is before a comment and what is behind it is no mention.
_SIGNS: Final = {sign: f"&#{ord(sign)};" for sign in "\\`*_{}[]<>&|~!$\"':^"} | {
    sign: f"&#{ord(sign)};<!-- -->" for sign in "@#"
}
_WRITTEN: Final = str.maketrans(_SIGNS)
# What a plain address may begin with, without a scheme.
_WWW: Final = re.compile(r"(?i)(www)\.")


def text(value: str) -> str:
    r"""A text within a line or a cell.

    >>> text("a|b *c* @d")
    'a&#124;b &#42;c&#42; &#64;<!-- -->d'
    """
    shown = printable(value[:LONGEST])
    if len(value) > LONGEST:
        shown += f" ... ({len(value)} characters)"
    return _WWW.sub(r"\1&#46;", shown.translate(_WRITTEN))


def code(value: str) -> str:
    """A name or a version."""
    return f"<code>{text(value)}</code>"


def linked(words: str, url: str | None) -> str:
    """A link, or the words alone where there is no address that may be one."""
    if url is None or len(url) > LONGEST or not _PLAIN.fullmatch(url) or not is_link(url):
        return text(words)
    return f"[{text(words)}](<{url}>)"


# Addresses with other signs are left out rather than escaped.
_PLAIN: Final = re.compile(r"[A-Za-z0-9:/?=&%.,~+_@-]+", re.ASCII)


class Block(NamedTuple):
    """Lines that are written together or not at all.

    :ivar findings: how many findings they list.
    """

    lines: list[str]
    findings: int = 0


def suppressed_blocks(suppressed: "Sequence[SuppressedObject] | Sequence[ReportedSuppressed]") -> Iterator[Block]:
    """The findings that statements suppress, and why. Nothing where there are none."""
    if suppressed:
        yield Block([f"### Suppressed: {counted(len(suppressed), 'finding')}", ""])
    for one in suppressed:
        finding = one["finding"]
        why = ". ".join(text(statement_text(statement)) for statement in one["statements"])
        yield Block([f"- {text(finding['vulnerability'])} in {text(finding['package'])}: {why}"], 1)


def size(lines: Iterable[str]) -> int:
    """Bytes of the lines with their ends."""
    return sum(len(line.encode()) + 1 for line in lines)


def fitting(blocks: Iterable[Block], most: int, what: str = "") -> list[str]:
    """The lines of the first blocks that fit, and how much of the others is left out.

    :param most: bytes.
    :param what: the kind of findings, with a blank behind it.
    """
    lines: list[str] = []
    room = most - 300  # for the sentence below
    blocks = iter(blocks)
    for block in blocks:
        room -= size(block.lines)
        if room < 0:
            left = [block, *blocks]
            findings = sum(one.findings for one in left)
            gone = f"{findings} {what}finding{'' if findings == 1 else 's'}" if findings else f"{len(left)} more"
            note = f"**Left out, as GitHub takes no summary of more than 1 MiB: {gone}.** `json` and `html` have all."
            return [*lines, "", note, ""]
        lines += block.lines
    return lines


_ALERTS: Final = {Level.ERROR: "CAUTION", Level.WARNING: "WARNING", Level.NOTE: "NOTE"}
# Instances that a caveat names. JSON and the page have all.
_NAMED: Final = 10


def alert(caveats: Sequence[Caveat], summary: str, titles: Mapping[Level, str] = TITLES) -> list[str]:
    """What a report leaves open, as an alert in the colour of the gravest. It is cut where it is very long.

    :param caveats: errors first.
    :param summary: a sentence behind the title.
    :param titles: the title by the gravest of them.
    """
    level = caveats[0].level if caveats else Level.NOTE
    head = [f"> [!{_ALERTS[level]}]", f"> **{titles[level]}.** {text(summary)}"]
    return fitting(map(Block, [head, *map(_of_caveat, caveats)]), MOST // 5)


def _of_caveat(caveat: Caveat) -> list[str]:
    names = ", ".join(map(code, map(in_words, caveat.instances[:_NAMED])))
    more = f" and {len(caveat.instances) - _NAMED} more" if len(caveat.instances) > _NAMED else ""
    return [f"> - {caveat.level.value}: {text(caveat.text)}{f' {names}{more}' if names else ''}"]
