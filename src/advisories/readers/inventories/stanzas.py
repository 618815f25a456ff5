"""Lists of stanzas: lines with a field each, and an empty line between two stanzas.

A stanza is refused where dpkg refuses its own database: a field stands twice, a line is no field, the file ends in the
middle of a line, of which the list counts as one that is not whole: these programs end each line, and more stanzas may
have been below. It is refused too where a NUL, or a field behind a carriage return, shows that another stanza was
there.

Nearly all stanzas are as most are, and :mod:`advisories.readers.inventories._stanzas` finds their values. All others
are read here, exactly.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from advisories.models.frozen import field, frozen
from advisories.models.packages import Package
from advisories.models.patterns import pattern
from advisories.models.reading import LIST, Skipped, Unreadable
from advisories.readers.collector import Collector
from advisories.readers.inventories._stanzas import Stanzas
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
    :ivar columns: the fields whose values are taken of a stanza that is as most are, in lower case. Empty where every
        stanza is read exactly. A format with columns has no *ends*.
    :ivar others: fields of which no stanza has one that is as most are, in lower case.
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
    columns: tuple[bytes, ...] = ()
    others: tuple[bytes, ...] = ()
    _row: re.Pattern[str] = field(init=False)
    _none: re.Pattern[str] = field(init=False)
    _hidden: re.Pattern[str] = field(init=False)

    def __attrs_post_init__(self) -> None:
        begins = f"{self.name}:" + (f"|[{self.continued}]" if self.continued else "")
        more = rf"(?:\n[{self.continued}][^\n]*+)*+" if self.continued else ""
        object.__setattr__(self, "_row", pattern(rf"\n({self.once}):([^\n]*+{more})"))
        object.__setattr__(self, "_none", pattern(rf"\n(?!{begins})[^\n]"))
        object.__setattr__(self, "_hidden", pattern(rf"\0|\r{self.name}:"))

    def read(
        self,
        data: bytes,
        source: str,
        make: Callable[[dict[str, str], str], Package],
        quickly: Callable[[Sequence[str | None]], Package | None] = lambda values: None,
    ) -> Collector:
        """Keep, skip or refuse every stanza of a list.

        :param make: makes a package of these fields, and of the stanza with a line end in front of every
            line.
        :param quickly: makes the same package of the values of *columns*, or None where `make` has to look.
        """
        collector = Collector(source)
        collector.keep_all(self._packages(data, collector, make, quickly))
        return collector

    def _packages(
        self,
        data: bytes,
        collector: Collector,
        make: Callable[[dict[str, str], str], Package],
        quickly: Callable[[Sequence[str | None]], Package | None],
    ) -> Iterator[Package]:
        if b"\r" in data:
            data = data.replace(b"\r\n", b"\n")
        if data and not data.endswith(b"\n"):
            collector.reject_rest(1 + data.count(b"\n"), LIST, "the file ends in the middle of a line: it may be cut")
        above: Mapping[str, str] = {}
        stanzas = Stanzas(data, self.columns, self.others)
        for values in stanzas:
            if values is not None:
                package = quickly(values)
                if package is not None:
                    yield package
                    continue
            stanza = "\n" + data[stanzas.begin : stanzas.end].decode("utf-8", "surrogateescape")
            try:
                fields = self._fields(stanza, not stanzas.is_whole and stanzas.end == len(data))
                package = make(fields, stanza)
                if not stanzas.is_whole:
                    self._check_end(fields, above)
                above = fields
            except Skipped as skipped:
                collector.skip(str(skipped))
            except Unreadable as unreadable:
                self._refuse(collector, stanzas.number, stanza, str(unreadable))
                # What stands last without an empty line behind it, and cannot be read, was cut.
                collector.is_partial |= not stanzas.is_whole
            else:
                yield package

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
