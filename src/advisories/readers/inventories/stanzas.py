"""Lists of stanzas: lines with a field each, and an empty line between two stanzas.

A stanza is refused where dpkg refuses its own database: a field stands twice, a line is no field, the file ends in the
middle of a line. It is refused too where a NUL, or a field behind a carriage return, shows that another stanza was
there.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from typing import Final

from advisories.models.frozen import field, frozen
from advisories.models.packages import Package
from advisories.models.reading import Skipped, Unreadable
from advisories.readers.collector import Collector
from advisories.readers.lines import BLANKS

__all__ = ["Grammar"]

_BROKEN: Final = "broken"


@frozen
class Grammar:
    """What a format's stanzas are made of.

    :ivar name: the name of any field, as a part of a pattern.
    :ivar once: the names of fields that are looked at and stand once, as a part of a pattern.
    :ivar package: the field with the package's name.
    :ivar taken: the fields whose values are taken.
    :ivar continued: the signs that begin a line of the field above it, as a part of a set of a pattern.
    :ivar folded: whether the names of fields are the same in upper and lower case, above all lower.
    :ivar quoted: whether a line that is no field is shown.
    :ivar ends: fields of nearly every package, which show that a last stanza without an empty line behind it is cut.
    :ivar mark: the field that the format's own program writes first. With it, all of *ends* but the last are due.
    """

    name: str
    once: str
    package: str
    taken: frozenset[str]
    continued: str = ""
    folded: bool = False
    quoted: bool = False
    ends: tuple[str, ...] = ()
    mark: str = ""
    _row: re.Pattern[str] = field(init=False)
    _none: re.Pattern[str] = field(init=False)
    _hidden: re.Pattern[str] = field(init=False)

    def __attrs_post_init__(self) -> None:
        begins = f"{self.name}:" + (f"|[{self.continued}]" if self.continued else "")
        more = rf"(?:\n[{self.continued}][^\n]*+)*+" if self.continued else ""
        object.__setattr__(self, "_row", re.compile(rf"\n({self.once}):([^\n]*+{more})"))
        object.__setattr__(self, "_none", re.compile(rf"\n(?!{begins})[^\n]"))
        object.__setattr__(self, "_hidden", re.compile(rf"\0|\r{self.name}:"))

    def read(self, data: bytes, source: str, make: Callable[[dict[str, str], str], Package]) -> Collector:
        """Keep, skip or refuse every stanza of a list.

        :param make: makes a package of these fields, and of the stanza with a line end in front of every
            line.
        """
        collector = Collector(source)
        above: Mapping[str, str] = {}
        for number, stanza, end in _stanzas(data):
            try:
                fields = self._fields(stanza, end is _End.MIDDLE)
                package = make(fields, stanza)
                if end is not _End.WHOLE:
                    self._check_end(fields, above)
                above = fields
            except Skipped as skipped:
                collector.skip(str(skipped))
            except Unreadable as unreadable:
                self._refuse(collector, number, stanza, str(unreadable))
            else:
                collector.keep(package)
        return collector

    def _fields(self, stanza: str, is_cut: bool) -> dict[str, str]:
        rows = self._row.findall(stanza)
        fields = {name.lower(): value for name, value in rows} if self.folded else dict(rows)
        if len(fields) != len(rows) or self._none.search(stanza) or stanza[1] in self.continued:
            raise Unreadable(_BROKEN)
        if "\0" in stanza or "\r" in stanza:
            self._check_hidden(stanza)
        if is_cut and (match := self._row.match(stanza, stanza.rindex("\n"))) and self._name(match) in self.taken:
            raise Unreadable("the file ends in the middle of a line")
        return fields

    def _check_end(self, fields: Mapping[str, str], above: Mapping[str, str]) -> None:
        """Look for the fields of a last stanza that it would have, were it not cut at the end of a line."""
        due = self.ends[:-1] if self.mark in fields else ()
        if any(name not in fields and (name in due or name in above) for name in self.ends):
            raise Unreadable("the file ends in the middle of a stanza")

    def _name(self, field: re.Match[str]) -> str:
        return field[1].lower() if self.folded else field[1]

    def _check_hidden(self, stanza: str) -> None:
        if match := self._hidden.search(stanza):
            what = "a NUL" if match[0] == "\0" else "a field behind a carriage return"
            raise Unreadable(f"{what}, so another stanza may be hidden")

    def _refuse(self, collector: Collector, first: int, stanza: str, why: str) -> None:
        """Refuse a stanza, once for each package that it names, or each line of what has no fields at all."""
        lines = list(enumerate(stanza[1:].split("\n"), first))
        seen: set[str] = set()
        has_fields = False
        packages: list[tuple[int, str]] = []
        broken: tuple[int, str] | None = None
        for number, line in lines:
            is_continued = line[:1] in tuple(self.continued)
            if self._none.match(f"\n{line}") or (is_continued and not has_fields):
                broken = broken or (number, self._no_field(line))
                continue
            has_fields = has_fields or not is_continued
            match = self._row.fullmatch(f"\n{line}")
            if match is None:
                continue
            name = self._name(match)
            if name in seen:
                broken = broken or (number, f"the field {match[1]} twice")
            seen.add(name)
            if name == self.package:
                packages.append((number, _shown(match[2].strip(BLANKS))))
        if not has_fields:
            for number, line in lines:
                if line.strip(BLANKS):
                    collector.reject(number, _shown(line), self._no_field(line))
            return
        where, why = broken if why == _BROKEN and broken else (first, why)
        collector.reject(where, packages[0][1] if packages else "(no name)", why)
        for number, name in packages[1:]:
            collector.reject(number, name, "another package in one stanza")

    def _no_field(self, line: str) -> str:
        return f"not a field: {line[:40]!a}" if self.quoted else "not a field"


def _shown(text: str) -> str:
    """A text with a mark for each byte that is not UTF-8."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


class _End(Enum):
    """What is behind a stanza: an empty line, or the end of the file, perhaps in the middle of a line."""

    WHOLE = 0
    LINE = 1
    MIDDLE = 2


def _stanzas(data: bytes) -> Iterator[tuple[int, str, _End]]:
    """The number of a stanza's first line, its text with a line end in front, and how it ends."""
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n")
    number = 1
    parts = data.split(b"\n\n")
    last = parts.pop()
    for part in parts:
        if part:
            empty = len(part) - len(part.lstrip(b"\n")) if part[0] == _LF else 0
            if empty < len(part):
                yield number + empty, "\n" + part[empty:].decode("utf-8", "surrogateescape"), _End.WHOLE
            number += part.count(b"\n")
        number += 2
    empty = len(last) - len(last.lstrip(b"\n"))
    if empty < len(last):
        end = _End.LINE if last.endswith(b"\n") else _End.MIDDLE
        yield number + empty, "\n" + last[empty:].removesuffix(b"\n").decode("utf-8", "surrogateescape"), end


_LF: Final = ord("\n")
