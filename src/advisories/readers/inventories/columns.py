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
from advisories.models.patterns import pattern
from advisories.readers.inventories.heading import FORMAT
from advisories.readers.lines import BLANKS, is_comment

__all__ = ["MOST", "by_format", "column", "cut", "numbered", "stated_format"]

_SHOWFORMAT: Final = pattern(r"\$\{(?P<name>[\w:-]+)(?P<width>;-?[0-9]+)?\}|\\(?P<escape>.)|(?P<text>(?!\$\{)[^\\])")
_QUERYFORMAT: Final = pattern(
    r"%(?P<width>-?[0-9]+)?\{(?:RPMTAG_)?(?P<name>\w+)(?::\w+)?\}|\\(?P<escape>.)|(?P<text>%%|[^\\%\[\]])"
)
_FORMATS: Final = {"showformat": _SHOWFORMAT, "queryformat": _QUERYFORMAT}
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r"}
_SIGNS: Final = "\t|;,"
# What may stand behind any value and is in none.
_BETWEEN: Final = frozenset("\n\t|;,=_<>()[]{}\"'")
_JOINING: Final = "=_"
_DASHES: Final = pattern(r"\s--(?:\s|$)")
#: So much of a column has to be alike to be something. A broken row does not change what the others hold.
MOST: Final = 0.9

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
    """The lines of a list with their numbers, without empty ones and comments that hide nothing."""
    lines = enumerate(map(_without_end, StringIO(text, newline="\n")), 1)
    return [
        (number, line)
        for number, line in lines
        if line and (line[0] != "#" or not is_comment(line)) and (not line.isspace() or line.strip(BLANKS))
    ]


def _without_end(line: str) -> str:
    return line.rstrip("\r\n")


#: The values of a row in the order of the format's fields. None for a row of another form.
Row = Callable[[str], tuple[str, ...] | None]


def by_format(
    format: str, kind: str, fields: Mapping[str, str | re.Pattern[str]], source: str
) -> tuple[tuple[str, ...], Row]:
    """The names of a format's fields, lower case, and what cuts a row of it, in time in proportion to its length.

    :param fields: by the name of a field, the signs other than blanks that its values never contain, or a pattern for
        values that may contain blanks. Values of any other field may be anything.

    Raises :class:`UnreadableSource` for a format with several rows a package, or in which the end of a value is open.

    >>> names, row = by_format("${Package;-8} ${Version}", "showformat", {"package": "", "version": ""}, "list")
    >>> names, row("bash     5.2-1")
    (('package', 'version'), ('bash    ', '5.2-1'))
    """
    parts = _parts(format, kind, source)
    steps: list[_Step] = []
    behind_padding = False
    for part, after in zip_longest(parts, parts[1:]):
        name = part["name"]
        if name is None:
            text = _literal(part)
            steps.append(_blank_behind_padding if behind_padding and text == " " else _text(text))
            behind_padding = behind_padding and text == " "
            continue
        behind_padding = part["width"] is not None and kind == "queryformat"
        field = fields.get(name.lower())
        sign = "" if after is None or after["name"] else _literal(after)
        if part["width"]:
            steps.append(_padded(part["width"], sign))
        elif isinstance(field, re.Pattern):
            steps.append(_of_pattern(field, sign, is_last=after is None))
        elif after is None:
            steps.append(_rest if field is None else _rest_without_blanks)
        elif sign and (sign in _BETWEEN or (field is not None and (sign == " " or sign in field))):
            steps.append(_up_to(sign, field))
        else:
            raise UnreadableSource(source, f"{kind}: it is unclear where a value of {name} ends")
    if any(part["name"] is None and _literal(part) == "\n" for part in parts):
        raise UnreadableSource(source, f"{kind}: one line a package is expected")

    def row(line: str) -> tuple[str, ...] | None:
        values: list[str] = []
        place = 0
        for step in steps:
            found = step(line, place)
            if found is None:
                return None
            value, place = found
            if value is not None:
                values.append(value)
        return tuple(values) if place == len(line) else None

    return tuple(part["name"].lower() for part in parts if part["name"]), row


# One sign or field of a format: from a place in a row, its value (None for a sign) and where it ends. None where it is
# not there.
_Step = Callable[[str, int], tuple[str | None, int] | None]


def _text(text: str) -> _Step:
    def step(line: str, place: int) -> tuple[str | None, int] | None:
        return (None, place + len(text)) if line.startswith(text, place) else None

    return step


def _blank_behind_padding(line: str, place: int) -> tuple[str | None, int] | None:
    # The padded value has taken the blanks behind it along.
    return (None, place) if line[place - 1 : place] == " " else None


def _rest(line: str, place: int) -> tuple[str | None, int] | None:
    return line[place:], len(line)


def _rest_without_blanks(line: str, place: int) -> tuple[str | None, int] | None:
    value = line[place:]
    return None if _has_blanks(value) else (value, len(line))


def _has_blanks(value: str) -> bool:
    return value != "" and value.split() != [value]


def _up_to(sign: str, field: str | None) -> _Step:
    """A value that ends at a sign which it never has. Of a field that is known it has no blanks either."""

    def step(line: str, place: int) -> tuple[str | None, int] | None:
        end = line.find(sign, place)
        value = line[place:end]
        if end < 0 or (field is not None and (_has_blanks(value) or any(one in value for one in field))):
            return None
        return value, end

    return step


# A value of a pattern may have the sign that ends it, a few times.
_MOST_SIGNS: Final = 4


def _of_pattern(pattern: re.Pattern[str], sign: str, *, is_last: bool) -> _Step:
    """The longest value that has the pattern up to a sign, or to the end of the row."""

    def step(line: str, place: int) -> tuple[str | None, int] | None:
        if not sign:
            match = pattern.fullmatch(line, place) if is_last else pattern.match(line, place)
            return None if match is None else (match[0], match.end())
        longest, end = None, place - 1
        for _ in range(_MOST_SIGNS):
            end = line.find(sign, end + 1)
            if end < 0:
                break
            if pattern.fullmatch(line, place, end):
                longest = line[place:end], end
        return longest

    return step


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


def _padded(width: str, sign: str) -> _Step:
    """A value that blanks fill up to a width.

    dpkg-query cuts values off at the width: a value as wide as its column is never taken for the whole. rpm does not.
    """
    number = int(width.lstrip(";-")[:_DIGITS])

    def cut_off(line: str, place: int) -> tuple[str | None, int] | None:
        value = line[place : place + number]
        return (value, place + number) if len(value) == number and _has_blanks(value) else None

    def filled(line: str, place: int) -> tuple[str | None, int] | None:
        begin = place
        while begin < len(line) and line[begin] == " ":
            begin += 1
        end = begin
        # A value may have the sign that ends it, up to the width.
        while end < len(line) and not line[end].isspace() and (line[end] != sign or begin < end < place + number):
            end += 1
        behind = end
        while behind < len(line) and line[behind] == " ":
            behind += 1
        return line[begin:end], behind

    return cut_off if width.startswith(";") else filled


# No column is wider than a number of so many digits.
_DIGITS: Final = 6


def _literal(part: re.Match[str]) -> str:
    escape = part["escape"]
    return _ESCAPES.get(escape, escape) if escape else "%" if part["text"] == "%%" else part["text"]


def cut(lines: Sequence[str]) -> Cut:
    """How rows are cut: by the sign that most of them have equally often, else by `` -- `` or blanks."""
    text = "\n".join(lines)
    signs = _SIGNS if " " in text else _SIGNS + _JOINING
    for sign in filter(text.__contains__, signs):
        times, rows = Counter(line.count(sign) for line in lines).most_common(1)[0]
        if times and rows >= MOST * len(lines):
            return lambda line: [value.strip() for value in line.split(sign)]
    if "--" in text and sum(len(_DASHES.findall(line)) == 1 for line in lines) >= MOST * len(lines):
        return _at_dashes
    return str.split


def _at_dashes(line: str) -> list[str]:
    front, *back = _DASHES.split(line, maxsplit=1)
    return [*front.split(), *(value.strip() for value in back)]


def column(rows: Sequence[Sequence[str]], place: int, kinds: Mapping[str, Callable[[str], object]]) -> str | None:
    """The first of the kinds that nearly all values of a column have, apart from empty ones."""
    values = [row[place] for row in rows if len(row) > place and row[place]]
    least = MOST * len(values)
    return next((kind for kind, fits in kinds.items() if values and sum(map(bool, map(fits, values))) >= least), None)
