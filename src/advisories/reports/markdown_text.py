"""Text from outside as Markdown of GitHub: no markup, no table cell, no link, no mention and no formula comes of it."""

import re
from typing import Final

from advisories.models.printing import printable
from advisories.reports.page import is_link

__all__ = ["code", "linked", "text"]

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
