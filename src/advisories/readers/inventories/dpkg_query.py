"""``dpkg-query -W``, ``dpkg -l`` and image manifests: a line for each package.

The recommended form is one line a package with :data:`QUERY_FORMAT` as ``--showformat``. The default of ``dpkg-query
-W``, which image manifests have too, is ``name[:arch] TAB version``. It shows neither the source package nor the state,
so a removed package with configuration files left is taken for installed. ``dpkg -l`` shows the state.

A list of any other columns is read by the format it states in front, else by the content of its columns
(:mod:`advisories.readers.inventories.dpkg_columns`).

Sources: dpkg-query(1), *OPTIONS*, and the table of states that ``dpkg -l`` prints above its list, in some language.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from advisories.models.packages import Package, State
from advisories.models.patterns import pattern
from advisories.models.reading import Unreadable
from advisories.readers.collector import Collector
from advisories.readers.inventories.columns import numbered, stated_format
from advisories.readers.inventories.dpkg_columns import (
    LETTERS,
    NAME,
    RPM_RELEASE,
    STATES,
    are_columns,
    ends_in_arch,
    maker_by_content,
    maker_by_format,
    name_of,
    package,
)
from advisories.readers.inventories.head import SEEN, Head
from advisories.readers.lines import CUT, is_cut
from advisories.readers.listing import Listing

__all__ = ["QUERY_FORMAT", "read", "sniff"]

#: The recommended ``dpkg-query -W --showformat``.
QUERY_FORMAT: Final = (
    r"${db:Status-Status}\t${Package}\t${Version}\t${Architecture}\t${source:Package}\t${source:Version}\t${Origin}"
    r"\t${Maintainer}\n"
)

_COLUMNS: Final = 8
# The last line of a table's head, and those right above it.
_RULE: Final = "+++-"
_ABOVE_RULE: Final = pattern(r"\|.*|\w+=[^\s/]+/.*")
_MOST_ABOVE: Final = 4
# Above the rule the columns are named, in every language behind these signs.
_NAMES_OF_COLUMNS: Final = "||/ "
_MOST_IN_FRONT: Final = 10
_TABLE: Final = pattern(r"[uihrp]([ncHUFWti])[ R]? +(\S+) +(\S+)(?: +(\S+))?(?: .*)?")
# The place of the description.
_DESCRIPTION: Final = 4
_TABLE_WIDTHS: Final = (14, 12, 12, 33)

_Make = Callable[[str], Package]


def sniff(head: Head) -> bool:
    """The head of ``dpkg -l``, a comment ``showformat``, the columns of the forms above, or columns like dpkg's."""
    front = head.front
    if stated_format(front, "showformat") is not None:
        return True
    if stated_format(front, "queryformat") is not None:
        return False
    lines = head.lines
    if f"\n{_RULE}" in f"\n{head.text}":
        return True
    if lines and _is_columns(lines[0]) and sum(map(_is_columns, lines)) * 2 >= len(lines):
        return not sum(RPM_RELEASE.fullmatch(line.rpartition("\t")[2]) is not None for line in lines) * 2 > len(lines)
    return are_columns(lines)


def _is_columns(line: str) -> bool:
    columns = line.split("\t")
    if len(columns) == _COLUMNS:
        return columns[0] in STATES
    return len(columns) == 2 and NAME.fullmatch(columns[0]) is not None


def read(data: bytes, source: str) -> Listing:
    """The packages of a list. A line that is not a package is rejected.

    Raises :class:`UnreadableSource` for ambiguous columns, and for a list without versions.
    """
    collector = Collector(source)
    text = data.decode("utf-8", "replace")
    format = stated_format(text, "showformat")
    lines = numbered(text)
    make = _maker([line for _, line in lines], source) if format is None else maker_by_format(format, source)
    heads = _heads(lines) if _RULE in text else ()
    last = [line for _, line in lines[-2:]]
    if is_cut(text, last, _has_description, always=True) if heads else _is_cut(text, last):
        collector.reject_rest(*lines.pop(), CUT)
    is_damaged = "\ufffd" in text
    for number, line in lines:
        if number not in heads:
            collector.add(number, line, partial(_checked, make) if is_damaged else make, line)
        elif line.startswith(_RULE):
            make = _table(line)
    return collector.listing()


def _is_cut(text: str, last: Sequence[str]) -> bool:
    """Whether the last line has not the architecture, the address or any value that the line above it ends in."""
    if text.endswith("\n"):
        return False
    ends: tuple[Callable[[str], bool], ...] = (ends_in_arch, _ends_in_address, _ends_in_value)
    return any(is_cut(text, last, has_end) for has_end in ends)


def _ends_in_address(line: str) -> bool:
    return line.endswith(">")


def _ends_in_value(line: str) -> bool:
    return not line.endswith("\t")


def _has_description(line: str) -> bool:
    return len(line.split(maxsplit=_DESCRIPTION)) > _DESCRIPTION


def _checked(make: _Make, line: str) -> Package:
    """Only people may have names in another encoding."""
    found = make(line)
    if "\ufffd" in f"{found.version}{found.arch}{found.source_name}{found.source_version}":
        raise Unreadable("not UTF-8")
    return found


def _heads(lines: Sequence[tuple[int, str]]) -> set[int]:
    """The numbers of the lines of the heads of tables: their last lines, and those right above each."""
    heads: set[int] = set()
    above: list[int] = []
    for number, line in lines:
        if line.startswith(_RULE):
            heads.update(above, (number,), () if heads else _front(lines, number))
        is_above = not line[0].islower() and _ABOVE_RULE.fullmatch(line) is not None
        above = [*above, number][-_MOST_ABOVE:] if is_above else []
    return heads


def _front(lines: Sequence[tuple[int, str]], rule: int) -> list[int]:
    """The numbers of the lines in front of the first rule, where all of them are a head in another language.

    Translators explain the letters in up to eight lines of their own.
    """
    front = [one for one in lines[: _MOST_IN_FRONT + 1] if one[0] < rule]
    if not front or len(front) > _MOST_IN_FRONT or not front[-1][1].startswith(_NAMES_OF_COLUMNS):
        return []
    is_head = all((line.startswith("|") or "=" in line or not line.isascii()) and _is_remark(line) for _, line in front)
    return [number for number, _ in front] if is_head else []


def _is_remark(line: str) -> bool:
    return "\t" not in line and line.isprintable() and _TABLE.fullmatch(line) is None


def _maker(lines: list[str], source: str) -> _Make:
    """What makes packages of the lines, up to a table's head."""
    seen = lines[:SEEN]
    if any(line.startswith(_RULE) for line in seen) or sum(map(_is_columns, seen)) * 2 >= len(seen):
        return _of_columns
    return maker_by_content(lines, source)


def _of_columns(line: str) -> Package:
    columns = line.split("\t")
    if not (line if len(columns) == 1 else "".join(columns)).isprintable():
        raise Unreadable("characters that cannot be printed")
    if len(columns) == 2 and columns[0] not in STATES:  # a row that is cut begins with one
        name, arch = name_of(columns[0])
        version = columns[1].strip()
        return package(name, version, arch, State.INSTALLED if version else State.NOT_INSTALLED)
    if len(columns) != _COLUMNS or columns[0] not in STATES:
        raise Unreadable(f"{len(columns)} columns; the recommended form has {_COLUMNS}, the default 2")
    state, name, version, arch, source, source_version, origin, maintainer = [column.strip() for column in columns]
    return package(
        name_of(name)[0],
        version,
        arch or None,
        STATES[state],
        source or None,
        source_version or None,
        origin or None,
        maintainer or None,
    )


def _table(head: str) -> _Make:
    """What makes packages of a table's lines, below the head's last line."""
    # On a terminal columns are of these widths, by how much wider than 80 characters it is, and longer values are cut
    # off. Elsewhere columns are as wide as their longest values.
    name_width, *others = map(len, head.removeprefix("+++-").split("-"))
    wider = name_width - _TABLE_WIDTHS[0]
    on_terminal = others == [_TABLE_WIDTHS[1] + wider, _TABLE_WIDTHS[2], _TABLE_WIDTHS[3] + 2 * wider]

    # The whole list may be cut (cut -c1-60, a window that was copied): then its head lacks columns, and ends there too.
    end = len(head.rstrip()) if len(others) < len(_TABLE_WIDTHS) - 1 else None

    def of_table(line: str) -> Package:
        match = _TABLE.fullmatch(line)
        if match is None or not line.isprintable():
            raise Unreadable("not a line of dpkg -l")
        letter, full_name, version, arch = match.groups()
        if end is not None and max(match.end(3), match.end(4)) >= end:
            raise Unreadable("ends where the table's head ends, so perhaps cut off")
        if on_terminal and (len(full_name) >= name_width or len(version) >= others[0]):
            raise Unreadable("as wide as its column, so perhaps cut off: dpkg -l | cat cuts nothing off")
        name, qualifier = name_of(full_name)
        none = "<none>"
        version = "" if version == none else version
        return package(name, version, qualifier or (None if arch == none else arch), LETTERS[letter])

    return of_table
