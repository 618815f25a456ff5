"""apt's ``apt.conf`` and ``apt.conf.d``: where the files of repositories are, if not where they usually are.

Source: apt.conf(5). How words, quotes, braces and comments are read is that of ``apt-config dump``.
"""

import re
from collections.abc import Iterator
from typing import Final

from advisories.models.patterns import pattern

__all__ = ["INCLUDE", "UNREAD", "assigned", "path_of"]

_TOKEN: Final = pattern(r'//[^\n]*|/\*|#(?:clear|include)\b|#[^\n]*|"[^"\n]*"|[{};]|[^\s{};"]+', re.IGNORECASE)
#: What is yielded for a file that includes others, which are not read.
INCLUDE: Final = "#include"
#: What is yielded, with the reason, where the rest of a file is not read.
UNREAD: Final = "#unread"
_CLEAR: Final = "#clear"
# How deep braces may stand in each other. apt's own files have four.
_DEEPEST: Final = 50
# What stands in front of a path that is below no other folder. All but the first depend on who runs apt.
_WHOLE: Final = ("/", "./", "../", "~/")


def assigned(text: str) -> Iterator[tuple[str, str | None]]:
    """Each option with its value, in order, names in lower case. None for one that is cleared. :data:`INCLUDE` and
    :data:`UNREAD` are among them.

    >>> list(assigned('Dir { Etc "x"; Etc::SourceParts "y"; }; // c'))
    [('dir::etc', 'x'), ('dir::etc::sourceparts', 'y')]
    """
    scopes: list[str] = []
    words: list[str] = []
    for token in _tokens(text):
        if token == "{":
            if len(scopes) == _DEEPEST:
                yield UNREAD, f"braces more than {_DEEPEST} deep in each other"
                return
            scopes.append(_joined(scopes, words[0] if words else ""))
            words = []
        elif token in (";", "}"):
            yield from _one(scopes, words)
            words = []
            if token == "}" and scopes:
                scopes.pop()
        else:
            words.append(token[1:-1] if token.startswith('"') else token)
    yield from _one(scopes, words)


def _tokens(text: str) -> Iterator[str]:
    """Words, quoted texts, braces and semicolons, without comments."""
    place = 0
    while (match := _TOKEN.search(text, place)) is not None:
        token, place = match[0], match.end()
        if token == "/*":
            place = text.find("*/", place) + 2
            if place < 2:  # it has no end, and apt takes the rest for it
                return
        elif not token.startswith(("//", "#")) or token.lower() in (_CLEAR, INCLUDE):
            yield token


def _joined(scopes: list[str], name: str) -> str:
    return "::".join(filter(None, (scopes[-1] if scopes else "", name.lower())))


def _one(scopes: list[str], words: list[str]) -> Iterator[tuple[str, str | None]]:
    if not words:
        return
    first = words[0].lower()
    if first == INCLUDE:
        yield INCLUDE, words[1] if len(words) > 1 else ""
    elif first == _CLEAR:
        for name in words[1:]:
            yield _joined(scopes, name), None
    elif len(words) > 1:
        yield _joined(scopes, words[0]), words[1]


def path_of(values: dict[str, str | None], option: str, usual: str) -> str | None:
    """The path of an option below its folders. None where there is none.

    >>> path_of({"dir::etc::sourceparts": "other"}, "sourceparts", "sources.list.d")
    '/etc/apt/other'
    """
    path = ""
    for name, default in ((f"dir::etc::{option}", usual), ("dir::etc", "etc/apt"), ("dir", "/")):
        value = values.get(name, default)
        if name.endswith(option) and (not value or value == "/dev/null"):
            return None
        value = (value or "").rstrip("/")
        path = f"{value}/{path}" if path else value
        if path.startswith(_WHOLE):
            return path
    return path
