r"""A text as a value of the table that ``advisories list`` writes, and back.

A backslash is written twice. What cannot be seen, or would end a value, is escaped with one: ``\n``, ``\x85``,
``\u3000``, ``\U000e0100``, and so are bytes that are no UTF-8 (``\udcff``). A text that is there and empty is ``\e``.
"""

import re
from typing import Final

from advisories.models.patterns import pattern
from advisories.models.printing import printable
from advisories.models.reading import Unreadable

__all__ = ["escaped", "unescaped"]

_EMPTY: Final = r"\e"
_REPLACED: Final = "\ufffd"
_ESCAPE: Final = pattern(r"\\(?:(\\)|([nrt])|x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8}))")
_SIGNS: Final = {"n": "\n", "r": "\r", "t": "\t"}


def escaped(text: str) -> str:
    r"""The value of a text.

    >>> print(escaped("a\tb\u3000\\n"), escaped(""))
    a\tb\u3000\\n \e
    """
    # What other programs write for bytes that they cannot read is damage where nobody escaped it.
    return printable(text.replace("\\", "\\\\")).replace(_REPLACED, r"\ufffd") or _EMPTY


def unescaped(value: str) -> str:
    r"""The text of a value. Raises :class:`~advisories.models.reading.Unreadable` for one that :func:`escaped` does not
    write.

    >>> unescaped(r"a\tb\u3000\\n")
    'a\tb\u3000\\n'
    """
    if not value.isprintable() or _REPLACED in value:
        raise Unreadable("characters that cannot be printed")
    if "\\" not in value:
        return value
    if value == _EMPTY:
        return ""
    if "\\" in _ESCAPE.sub("", value):
        raise Unreadable("a backslash that escapes nothing")
    try:
        return _ESCAPE.sub(_sign, value)
    except (ValueError, OverflowError):
        raise Unreadable("an escape beyond Unicode") from None


def _sign(match: re.Match[str]) -> str:
    return match[1] or _SIGNS.get(match[2]) or chr(int(match[3] or match[4] or match[5], 16))
