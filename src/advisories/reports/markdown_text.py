"""Text from outside as Markdown of GitHub: no markup, no table cell, no link, no mention and no formula comes of it.

And the summary of a job, which GitHub refuses if it is larger than 1 MiB.
"""

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from advisories.models.printing import printable
from advisories.reports.page import is_link

__all__ = ["LONGEST", "MOST", "Block", "code", "fitting", "linked", "size", "text"]

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
