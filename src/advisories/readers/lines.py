"""Lines of texts, the same for every reader: what ends one, and what shows that one is damaged.

``str.splitlines`` ends lines at form feeds, U+0085, U+2028 and more, and ``str.strip`` takes all of Unicode's blanks.
No program that writes lists or feeds does.
"""

from collections.abc import Callable, Sequence
from typing import Final

from advisories.models.patterns import pattern

__all__ = ["BLANKS", "CUT", "DAMAGE", "is_comment", "is_cut", "is_plain", "is_whole", "lines_of"]

#: Why a line is refused that :func:`is_cut` finds.
CUT: Final = "the list ends in the middle of a line"
#: What separates words, beside what ends lines.
BLANKS: Final = " \t\r\n"
#: NUL, and what ends lines elsewhere: in the middle of a line, another record may be behind it.
DAMAGE: Final = pattern("[\0\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")

# The bytes of ASCII that can be printed, and what ends lines.
_PLAIN: Final = bytes(range(0x20, 0x7F)) + b"\n"
_INDENT: Final = pattern(rb"\n[ \t]++")

# What stands in front of a list alone (:mod:`advisories.readers.inventories.heading`).
_HEADING: Final = pattern(r"#\s*(?:os-release|uname -r)\s")


def lines_of(text: str) -> list[str]:
    """The lines of a text without their ends, LF or CR LF.

    >>> lines_of("a\\r\\nb\\x0bc\\n")
    ['a', 'b\\x0bc']
    """
    lines = text.split("\n")
    if "\r" in text:
        lines = [line.rstrip("\r") for line in lines]
    if not lines[-1]:
        lines.pop()
    return lines


def is_whole(line: str) -> bool:
    """Whether a line that is passed over, such as a comment, hides nothing: there is no NUL and no other line end."""
    return DAMAGE.search(line) is None


def is_plain(data: bytes) -> bool:
    """Whether all lines are ASCII that can be printed, with blanks in front of it or none: none of them is damaged.

    Ask it once of a document, and its lines one by one only where it is not so.

    >>> is_plain(b"a:\\n \\tb c\\n"), is_plain(b"a\\tb"), is_plain(b"a\\r\\n")
    (True, False, False)
    """
    rest = data.translate(None, _PLAIN)
    if rest and not rest.strip(b"\t"):
        rest = _INDENT.sub(b"\n", data).translate(None, _PLAIN)
    return not rest


def is_comment(line: str) -> bool:
    """Whether a line in a list is a comment that hides nothing. The heading of another list is none."""
    return line.startswith("#") and is_whole(line) and _HEADING.match(line) is None


def is_cut(text: str, lines: Sequence[str], has_end: Callable[[str], bool], *, always: bool = False) -> bool:
    """Whether the last line of a list is cut: it has no line end, and not the end that the line above it has.

    :param lines: those of the text that are read.
    :param always: whether every line of the format has that end. Then the only line of a list may be cut too.
    """
    if not lines or text[-1] in "\r\n" or not lines[-1].strip(BLANKS):
        return False
    return not has_end(lines[-1]) and (always or (len(lines) > 1 and has_end(lines[-2])))
