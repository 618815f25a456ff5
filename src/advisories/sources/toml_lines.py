"""TOML of anybody, and the line of a table or a key in it, which the standard library's parser does not give.

:func:`content_of` reads a text in time that its length allows, and has one error for all that can be wrong with it.
:func:`lines_of` takes a text that the parser has taken. Strings and comments are blanked out first, so that what looks
like a header or a key inside of them is none. What is left of each line outside of brackets is parsed alone.
Source: the TOML specification, version 1.0.0.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any, Final

__all__ = ["NotToml", "Path", "content_of", "lines_of"]

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
_NO_KEY: Final = re.compile(r"[\n=,\[\]{}]")
_MOST_DOTS: Final = 100
_LONG_NUMBER: Final = re.compile(r"[0-9_]{4000}")
_AT: Final = re.compile(r"(.*?) ?\(at (?:line (\d+), column \d+|end of document)\)", re.DOTALL)


class NotToml(ValueError):
    """A text that is no TOML, or that nobody writes.

    :ivar line: where that shows, from 1 on.
    :ivar why: the reason, in characters that can be printed.
    """

    def __init__(self, line: int, why: str) -> None:
        super().__init__(line, why)
        self.line = line
        self.why = "".join(filter(str.isprintable, why))

    def __str__(self) -> str:
        return f"line {self.line}: {self.why}"


def content_of(text: str) -> dict[str, Any]:
    """What a text has. Raises :class:`NotToml`, also for a key of very many parts and values in each other."""
    if _dots_in_a_key(text) > _MOST_DOTS:
        # The library takes the square of their number.
        raise NotToml(1, f"a key of more than {_MOST_DOTS} parts")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise NotToml(1, "nested too deeply") from None
    except tomllib.TOMLDecodeError as error:
        match = _AT.fullmatch(str(error))
        line = int(match[2]) if match and match[2] else 1 + text.rstrip("\n").count("\n")
        raise NotToml(line, f"not TOML: {match[1] if match else error}") from error
    except ValueError as error:  # Python makes no number of thousands of digits, and knows no place
        long = _LONG_NUMBER.search(text)
        why = f"not TOML: {'a number of thousands of digits' if long else error}"
        raise NotToml(1 + text.count("\n", 0, long.start() if long else 0), why) from error


def _dots_in_a_key(text: str) -> int:
    """The most dots in what can be a key, outside of strings and comments. The text may be no TOML."""
    return max((part.count(".") for part in _NO_KEY.split(_OPAQUE.sub("", text))), default=0)


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
