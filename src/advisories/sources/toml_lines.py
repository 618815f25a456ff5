"""The line of a table or a key in a TOML file, which the standard library's parser does not give.

It takes a text that the parser has taken. Strings and comments are blanked out first, so that what looks like a header
or a key inside of them is none. What is left of each line outside of brackets is parsed alone.
Source: the TOML specification, version 1.0.0.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any, Final

__all__ = ["Path", "dots_in_a_line", "lines_of"]

#: The way to a value: keys, and the number of a table in an array of tables.
Path = tuple[str | int, ...]

# A string of several lines may end in up to two quotes of its own in front of the three that close it.
_OPAQUE: Final = re.compile(
    r'"""(?:\\.|[^\\])*?"""(?:"{0,2})'
    r"|'''.*?'''(?:'{0,2})"
    r'|"(?:\\.|[^"\\])*"'
    r"|'[^']*'"
    r"|#[^\n]*",
    re.DOTALL,
)
_NOT_NEWLINE: Final = re.compile(r"[^\n]")


def dots_in_a_line(text: str) -> int:
    """The most dots in a line, outside of strings and comments: no key has more parts. The text may be no TOML."""
    return max((line.count(".") for line in _OPAQUE.sub("", text).split("\n")), default=0)


def lines_of(text: str) -> Mapping[Path, int]:
    """The line, from 1 on, of every table header and of every key that is not inside an inline table or an array.

    >>> lines_of('[[rule]]\\nid = "a"\\n\\n[[rule]]\\n"id" = "[b]"')[("rule", 1, "id")]
    5

    :param text: valid TOML.
    """
    found: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    here: Path = ()
    for number, line, blanked in _statements(text):
        if blanked.lstrip().startswith("["):
            keys, is_array = _keys(line[: len(blanked.rstrip())])
            path = here = _resolved(keys, counts)
            if is_array:
                counts[here] = counts.get(here, -1) + 1
                path = here = (*here, counts[here])
        else:
            keys, _ = _keys(f"{line[: blanked.index('=')]} = 0")
            path = (*here, *keys)
        # What stands above the last key begins here too, unless it began before.
        for end in range(1, len(path) + 1):
            found.setdefault(path[:end], number)
    return found


def _resolved(keys: tuple[str, ...], counts: Mapping[Path, int]) -> Path:
    """A header's keys as a path: those above the last that name arrays of tables mean their last table."""
    path: Path = ()
    for key in keys:
        if path in counts:
            path = (*path, counts[path])
        path = (*path, key)
    return path


def _statements(text: str) -> Iterator[tuple[int, str, str]]:
    """The lines that begin outside of strings and brackets and are not empty, each also with its strings blanked."""
    blanked = _OPAQUE.sub(lambda match: _NOT_NEWLINE.sub(" ", match[0]), text)
    depth = 0
    for number, (line, bare) in enumerate(zip(text.split("\n"), blanked.split("\n"), strict=True), 1):
        if depth == 0 and bare.strip():
            yield number, line, bare
        depth += sum(bare.count(bracket) for bracket in "[{") - sum(bare.count(bracket) for bracket in "]}")


def _keys(header: str) -> tuple[tuple[str, ...], bool]:
    """The keys of a header or of ``key = 0``, and whether it begins a table of an array."""
    value: Any = tomllib.loads(header)
    keys: list[str] = []
    is_array = False
    while value:
        if isinstance(value, list):
            is_array, value = True, value[0]
        else:
            ((key, value),) = value.items()
            keys.append(key)
    return tuple(keys), is_array
