"""apt's ``sources.list`` and ``*.list``: a repository a line, ``deb [options] address suite component ...``.

Source: sources.list(5), *One-line-style format*. How words, quotes, brackets and comments are read is that of
``apt-get indextargets``.
"""

from collections.abc import Iterator
from typing import Final

from advisories.models.reading import Rejection
from advisories.readers.lines import lines_of
from advisories.readers.setups.entry import Entry, EntryKind, as_entry, bare_address, refused

__all__ = ["SOURCES", "TYPES", "read"]

_BLANKS: Final = " \t\n\v\f\r"
#: The type of repositories of source packages, of which nothing is installed.
SOURCES: Final = "deb-src"
#: The types that apt knows.
TYPES: Final = ("deb", SOURCES)
_NO_END: Final = "a quote or bracket without its end"


class _Malformed(Exception):
    """Why a line is no repository."""


def read(data: bytes, source: str) -> Iterator[Entry | Rejection]:
    """The repositories of binary packages, an entry for each suite."""
    for number, line in enumerate(lines_of(data.decode("utf-8", "replace")), 1):
        text = _without_comment(line).strip(_BLANKS)
        if not text:
            continue
        try:
            entry = _entry(text, number)
        except _Malformed as error:
            yield refused(source, number, text, str(error))
        else:
            if entry is not None:
                yield as_entry(entry, source)


def _entry(text: str, number: int) -> Entry | None:
    """The repository of a line, None for one of source packages."""
    words = _words(text)
    type = next(words, None)
    if type not in TYPES:
        raise _Malformed("neither deb nor deb-src" if type else _NO_END)
    rest = text[len(text.split(maxsplit=1)[0]) :].lstrip(_BLANKS)
    found = list(_words(_after_options(rest)))
    # apt reads as far as it can: behind what an entry needs, a word without its end is nothing.
    broken = _NO_END if None in found else None
    found = [word for word in found if word is not None]
    address, suite, *parts = (*filter(None, found), "", "")[: max(2, len(found))]
    if not address or not suite:
        raise _Malformed(broken or ("no address" if not address else "no suite"))
    if ":" not in address:
        raise _Malformed("an address without a scheme")
    if suite.endswith("/") and parts:
        raise _Malformed("components behind a suite that is a folder")
    if not suite.endswith("/") and not parts:
        raise _Malformed(broken or "no component")
    return None if type == SOURCES else Entry(EntryKind.REPOSITORY, suite, number, bare_address(address), tuple(parts))


def _without_comment(line: str) -> str:
    """A line up to the sign of a comment. Brackets may have the sign in them."""
    inside = False
    for place, sign in enumerate(line):
        if sign == "#" and not inside:
            return line[:place]
        inside = sign != "]" if inside else sign == "["
    return line


def _after_options(text: str) -> str:
    """What stands behind the options of a line."""
    if not text.startswith("["):
        return text
    inside, bracket, rest = text[1:].partition("]")
    if not bracket or rest[:1].strip(_BLANKS):
        raise _Malformed("a bracket without its end, or without a blank behind it")
    for option in inside.split():
        if "=" not in option:
            raise _Malformed("an option without =")
    return rest.lstrip(_BLANKS)


def _words(text: str) -> Iterator[str | None]:
    """Words between blanks. Quotes and brackets hold blanks. None for one whose quote or bracket has no end."""
    place = 0
    while place < len(text):
        begin = place
        while place < len(text) and text[place] not in _BLANKS:
            closing = {'"': '"', "[": "]"}.get(text[place])
            if closing is not None:
                place = text.find(closing, place + 1)
                if place < 0:
                    yield None
                    return
            place += 1
        yield text[begin:place].replace('"', "")
        while place < len(text) and text[place] in _BLANKS:
            place += 1
