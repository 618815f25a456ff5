"""Text from outside, made visible: what cannot be seen, or changes what is around it, is escaped."""

from collections.abc import Iterable
from typing import Final

from advisories.models.patterns import pattern

__all__ = ["printable", "printable_lines"]

# What Python takes for printable and nobody sees: fillers, joiners and selectors of Unicode 15, *Default_Ignorable*,
# and the empty Braille pattern. Controls, marks of direction and separators are not printable to Python either.
_UNSEEN: Final = pattern(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)


def printable(line: str) -> str:
    """The line, with every character escaped that cannot be seen, line ends too.

    >>> print(printable("bash\\x1b[2J \\u202e"))
    bash\\x1b[2J \\u202e
    """
    if line.isprintable() and (line.isascii() or _UNSEEN.search(line) is None):
        return line
    return "".join(c if c.isprintable() and not _UNSEEN.match(c) else _escaped(c) for c in line)


def printable_lines(lines: Iterable[str]) -> list[str]:
    """Each line as :func:`printable` escapes it."""
    found = list(lines)
    # One look at all of them is enough for most reports.
    whole = "".join(found)
    return found if whole.isascii() and whole.isprintable() else [printable(line) for line in found]


def _escaped(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")
