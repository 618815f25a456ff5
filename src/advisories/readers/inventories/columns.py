"""Lists with columns of any choice, cut by the format that the list states, or at the signs that every row has.

A list states its format in a comment in front, with a last ``\\n`` or without::

    # showformat ${Package} ${Version} ${Status}
    # queryformat %{NAME},%{VERSION},%{RELEASE},%{ARCH},%{EPOCH}

Without one, rows are cut at tabs, else at ``|``, ``;`` or ``,``, where there are no blanks at ``=`` or ``_``, else at
`` -- ``, else at blanks. The list's reader then recognises the columns by their content.

Sources: dpkg-query(1), ``--showformat``. rpm, *Query Formats*.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from io import StringIO
from itertools import zip_longest
from typing import Final

from advisories.models.errors import UnreadableSource
from advisories.readers.inventories.heading import FORMAT

__all__ = ["by_format", "column", "cut", "numbered", "stated_format"]

_SHOWFORMAT: Final = re.compile(r"\$\{(?P<name>[\w:-]+)(?P<width>;-?[0-9]+)?\}|\\(?P<escape>.)|(?P<text>(?!\$\{)[^\\])")
_QUERYFORMAT: Final = re.compile(
    r"%(?P<width>-?[0-9]+)?\{(?:RPMTAG_)?(?P<name>\w+)(?::\w+)?\}|\\(?P<escape>.)|(?P<text>%%|[^\\%\[\]])"
)
_FORMATS: Final = {"showformat": _SHOWFORMAT, "queryformat": _QUERYFORMAT}
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r"}
_SIGNS: Final = "\t|;,"
# What may stand behind any value and is in none.
_BETWEEN: Final = frozenset("\n\t|;,=_<>()[]{}\"'")
_JOINING: Final = "=_"
_DASHES: Final = re.compile(r"\s--(?:\s|$)")
# So much of a column has to be alike to be something. A broken row does not change what the others hold.
_MOST: Final = 0.9

Cut = Callable[[str], list[str]]


def stated_format(text: str, kind: str) -> str | None:
    """The format that a list states in front, or None.

    :param kind: the word of the comment, ``showformat`` or ``queryformat``.
    """
    if not text.startswith("#") and not text[:1].isspace():
        return None
    for line in text.split("\n"):
        if line.strip() and not line.startswith("#"):
            return None
        match = FORMAT.match(line.rstrip("\r"))
        if match and match[1] == kind:
            return match[2].strip()
    return None


def numbered(text: str) -> list[tuple[int, str]]:
    """The lines of a list with their numbers, without empty ones and comments."""
    lines = enumerate(map(_without_end, StringIO(text, newline="\n")), 1)
    return [(number, line) for number, line in lines if line and line[0] != "#" and not line.isspace()]


def _without_end(line: str) -> str:
    return line.rstrip("\r\n")


def by_format(
    format: str, kind: str, fields: Mapping[str, str | re.Pattern[str]], source: str
) -> tuple[tuple[str, ...], re.Pattern[str]]:
    """The names of a format's fields, lower case, and what a row of it matches, a group a field.

    :param fields: by the name of a field, the signs other than blanks that its values never contain, or a pattern for
        values that may contain blanks. Values of any other field may be anything.

    Raises :class:`UnreadableSource` for a format with several rows a package, or in which the end of a value is open.

    >>> names, row = by_format("${Package;-8} ${Version}", "showformat", {"package": "", "version": ""}, "list")
    >>> names, row.fullmatch("bash     5.2-1").groups()
    (('package', 'version'), ('bash    ', '5.2-1'))
    """
    parts = _parts(format, kind, source)
    pattern: list[str] = []
    for part, after in zip_longest(parts, parts[1:]):
        name = part["name"]
        if name is None:
            pattern.append(re.escape(_literal(part)))
            continue
        if part["width"]:
            pattern.append(_padded(part["width"]))
            continue
        field = fields.get(name.lower())
        sign = "" if after is None or after["name"] else _literal(after)
        if isinstance(field, re.Pattern):
            pattern.append(f"({field.pattern})")
        elif after is None:
            pattern.append("(.*)" if field is None else r"(\S*)")
        elif sign and (sign in _BETWEEN or (field is not None and (sign == " " or sign in field))):
            pattern.append(rf"([^{re.escape(sign)}]*)" if field is None else rf"([^\s{re.escape(field + sign)}]*)")
        else:
            raise UnreadableSource(source, f"{kind}: it is unclear where a value of {name} ends")
    row = "".join(pattern)
    if "\n" in row:
        raise UnreadableSource(source, f"{kind}: one line a package is expected")
    return tuple(part["name"].lower() for part in parts if part["name"]), re.compile(row)


def _parts(format: str, kind: str, source: str) -> list[re.Match[str]]:
    """The fields and signs of a format, without the last line end."""
    parts: list[re.Match[str]] = []
    position = 0
    while position < len(format):
        match = _FORMATS[kind].match(format, position)
        if match is None:
            raise UnreadableSource(source, f"{kind}: {format[position : position + 20]!a} is not understood")
        position = match.end()
        parts.append(match)
    if parts and parts[-1]["escape"] == "n":
        parts.pop()
    return parts


def _padded(width: str) -> str:
    # dpkg-query cuts values off at the width, so a value as wide as its column is never taken for the whole. rpm does
    # not.
    if not width.startswith(";"):
        return r" *(\S*) *"
    number = int(width.lstrip(";-"))
    return rf"(?!\S{{{number}}})(.{{{number}}})"


def _literal(part: re.Match[str]) -> str:
    escape = part["escape"]
    return _ESCAPES.get(escape, escape) if escape else "%" if part["text"] == "%%" else part["text"]


def cut(lines: Sequence[str]) -> Cut:
    """How rows are cut: by the sign that most of them have equally often, else by `` -- `` or blanks."""
    text = "\n".join(lines)
    signs = _SIGNS if " " in text else _SIGNS + _JOINING
    for sign in filter(text.__contains__, signs):
        times, rows = Counter(line.count(sign) for line in lines).most_common(1)[0]
        if times and rows >= _MOST * len(lines):
            return lambda line: [value.strip() for value in line.split(sign)]
    if "--" in text and sum(len(_DASHES.findall(line)) == 1 for line in lines) >= _MOST * len(lines):
        return _at_dashes
    return str.split


def _at_dashes(line: str) -> list[str]:
    front, *back = _DASHES.split(line, maxsplit=1)
    return [*front.split(), *(value.strip() for value in back)]


def column(rows: Sequence[Sequence[str]], place: int, kinds: Mapping[str, Callable[[str], object]]) -> str | None:
    """The first of the kinds that nearly all values of a column have, apart from empty ones."""
    values = [row[place] for row in rows if len(row) > place and row[place]]
    least = _MOST * len(values)
    return next((kind for kind, fits in kinds.items() if values and sum(map(bool, map(fits, values))) >= least), None)
