"""Texts as cells of comma-separated values. No cell is a formula to a spreadsheet: one that would be begins with an
apostrophe.
"""

from collections.abc import Iterable
from typing import Final

from advisories.models.patterns import pattern
from advisories.models.printing import printable

__all__ = ["Cells"]

# Where a spreadsheet begins a cell, by whichever separator it is set to, and a sign that makes a formula of it.
_FORMULA: Final = pattern("(?:^|(?<=[,;|\t]))(\\s*[=+\\-@\uff1d\uff0b\uff0d\uff20])")
_QUOTED: Final = pattern("[\",;|'\\s]")


class Cells(dict[str | None, str]):
    """Texts as cells, each made once."""

    def __missing__(self, text: str | None) -> str:
        cell = "" if text is None else _FORMULA.sub(r"'\1", printable(text))
        if _QUOTED.search(cell):
            cell = '"' + cell.replace('"', '""') + '"'
        self[text] = cell
        return cell

    def row(self, texts: Iterable[str | None]) -> str:
        """A line of cells."""
        return ",".join([self[text] for text in texts])
