"""What a compilation keeps beside memory: values one after the other, and the rows and advisories made of them.

A feed may have a million advisories, and as objects each takes kilobytes. Here an advisory takes its id and a few
numbers in memory. The rest of it lies in a file without a name, which is gone with its last user.
"""

import marshal
import os
import tempfile
from array import array
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from operator import eq
from typing import Any, BinaryIO, Final, overload
from weakref import finalize

from advisories.index.completeness import is_documentation
from advisories.models.advisories import Advisory, Affected, FixState, Kind, Range, Reference, Severity
from advisories.models.distribution import Distribution
from advisories.models.errors import UnwritableStore
from advisories.models.packages import Module
from advisories.models.words import Names
from advisories.store.rows import Row, stored

__all__ = ["Rows", "Spool", "Spooled", "Target", "target_of"]

# Bytes that stay in memory before they go into the file. What is smaller needs none.
_KEPT: Final = 8 << 20
# Rows that are one value.
_ROWS: Final = 1000
# Parts of entries and advisories that are remembered. Packages that were built together share them.
_REMEMBERED: Final = 1 << 14

_KINDS: Final = {kind.value: kind for kind in Kind}
_FIX_STATES: Final = {state.value: state for state in FixState}

#: What an entry is about: its distribution, the package's name, what it names, and its type.
Target = tuple[Distribution | None, str, Names, str]


def target_of(affected: Affected) -> Target:
    """What an entry is about."""
    return affected.distribution, affected.package, affected.names, affected.type


class Spool:
    """Values that are added one after the other, and looked up by their numbers.

    :param folder: where the file without a name is made, once there is too much for memory. One that is not there
        stands for that of the system. Adding raises :class:`UnwritableStore` where there is no room.
    """

    def __init__(self, folder: str) -> None:
        self._folder: Final = folder
        self._file: BinaryIO | None = None
        self._ends: Final = array("Q", [0])
        self._tail = bytearray()
        self._written = 0

    def __len__(self) -> int:
        return len(self._ends) - 1

    def add(self, value: Any) -> int:
        """Keep a value of plain types, and return its number."""
        data = marshal.dumps(value)
        self._tail += data
        self._ends.append(self._ends[-1] + len(data))
        if len(self._tail) > _KEPT:
            self._write()
        return len(self._ends) - 2

    def __getitem__(self, number: int) -> Any:
        begin, end = self._ends[number], self._ends[number + 1]
        if begin >= self._written:
            return marshal.loads(self._tail[begin - self._written : end - self._written])
        assert self._file is not None
        return marshal.loads(os.pread(self._file.fileno(), end - begin, begin))

    def _write(self) -> None:
        folder = self._folder if os.path.isdir(self._folder) else None
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115
                finalize(self, self._file.close)
            rest = memoryview(self._tail)
            while rest:
                rest = rest[os.write(self._file.fileno(), rest) :]
        except OSError as error:
            raise UnwritableStore(folder or tempfile.gettempdir(), error.strerror or str(error)) from error
        self._written += len(self._tail)
        self._tail = bytearray()


class Rows:
    """The rows of a table, in the order in which they were added, as the database takes them."""

    def __init__(self, spool: Spool) -> None:
        self._spool: Final = spool
        self._numbers: Final = array("I")
        self._last: list[Row] = []

    def __len__(self) -> int:
        return len(self._numbers) * _ROWS + len(self._last)

    def append(self, row: Row) -> None:
        """Add a row."""
        self._last.append(row)
        self._spill()

    def __iadd__(self, rows: Iterable[Row]) -> "Rows":
        self._last += rows
        self._spill()
        return self

    def _spill(self) -> None:
        while len(self._last) >= _ROWS:
            self._numbers.append(self._spool.add(_storable(self._last[:_ROWS])))
            del self._last[:_ROWS]

    def batches(self) -> Iterator[list[Row]]:
        """The rows, some at a time."""
        for number in self._numbers:
            yield self._spool[number]
        if self._last:
            yield _storable(self._last)

    def __iter__(self) -> Iterator[Row]:
        for batch in self.batches():
            yield from batch


def _storable(rows: list[Row]) -> list[Row]:
    # Nearly all are ASCII, which needs no look at each.
    if "".join([value for row in rows for value in row if type(value) is str]).isascii():
        return rows
    return [tuple(map(stored, row)) for row in rows]


class Spooled(Sequence[Advisory]):
    """Advisories that are made when somebody looks at them. Equal texts of neighbours are kept once.

    :ivar ids: of each advisory, in their order.
    :ivar firsts: for each advisory the number of its first entry, and behind the last one how many entries there are.
    :ivar about: for each entry the place in :attr:`abouts` of what it is about.
    :ivar abouts: targets with module streams.
    """

    def __init__(self, folder: str) -> None:
        self._folder: Final = folder
        self._spool: Final = Spool(folder)
        self.ids: Final[list[str]] = []
        self.firsts: Final = array("Q", [0])
        self.about: Final = array("I")
        self.abouts: Final[list[tuple[Target, Module]]] = []
        self._places: Final[dict[tuple[Target, Module], int]] = {}
        self._documentation: Final[set[int]] = set()
        # Where in the spool each advisory is, its references behind it, and each entry.
        self._advisories: Final = array("I")
        self._entries: Final = array("I")
        self.spans = lru_cache(_REMEMBERED)(self._spans)

    @classmethod
    def of(cls, advisories: Iterable[Advisory], folder: str) -> "Spooled":
        """These advisories."""
        found = cls(folder)
        for advisory in advisories:
            found.append(advisory)
        return found

    def append(self, advisory: Advisory) -> None:
        """Add an advisory. Raises as :class:`Spool`."""
        spool = self._spool
        self.ids.append(advisory.id)
        self._advisories.append(
            spool.add(
                (
                    advisory.kind.value,
                    advisory.cves,
                    advisory.database,
                    advisory.rating,
                    tuple([(one.type, one.score, one.source, one.cve) for one in advisory.severities])
                    if advisory.severities
                    else (),
                    *map(_text_of, (advisory.published, advisory.modified, advisory.withdrawn)),
                    advisory.aliases,
                    bool(advisory.reboot_suggested),
                    bool(advisory.known_exploited),
                )
            )
        )
        spool.add(tuple([(one.type, one.url) for one in advisory.references]))
        last: object = None
        before: Affected | None = None
        number = 0
        for one in advisory.affected:
            about = target_of(one), one.module
            place = self._places.get(about)
            if place is None:
                place = self._places[about] = len(self.abouts)
                self.abouts.append(about)
                if is_documentation(one.package):
                    self._documentation.add(place)
            self.about.append(place)
            if before is not None and _is_alike(one, before):
                self._entries.append(number)
                continue
            before = one
            value = (
                tuple([(range.introduced, range.fixed, range.last_affected, range.limit) for range in one.ranges]),
                one.versions,
                one.fix_state.value,
                bool(one.negative),
                one.arches,
                one.channel,
                bool(one.epoch_known),
                one.source,
                one.in_archive,
            )
            if value != last:
                last, number = value, spool.add(value)
            self._entries.append(number)
        self.firsts.append(len(self.about))

    def is_documented(self, number: int) -> bool:
        """Whether an advisory names documentation (rule 0)."""
        about = self.about[self.firsts[number] : self.firsts[number + 1]]
        return not self._documentation.isdisjoint(about)

    def __len__(self) -> int:
        return len(self.ids)

    def __eq__(self, other: object) -> bool:
        """Whether they are the same advisories."""
        if not isinstance(other, Spooled):
            return NotImplemented
        return self.ids == other.ids and all(map(eq, self, other))

    def __hash__(self) -> int:
        return hash(tuple(self.ids))

    def __reduce__(self) -> tuple[object, ...]:
        return Spooled.of, (tuple(self), self._folder)

    @overload
    def __getitem__(self, number: int) -> Advisory: ...
    @overload
    def __getitem__(self, number: slice) -> list[Advisory]: ...
    def __getitem__(self, number: int | slice) -> Advisory | list[Advisory]:
        if isinstance(number, slice):
            return [self[one] for one in range(*number.indices(len(self)))]
        if number < 0:
            number += len(self)
        references = tuple([Reference(*one) for one in self.references(number)])
        entries = tuple([self.entry(one) for one in range(self.firsts[number], self.firsts[number + 1])])
        return self.made(number, entries, references)

    def plain(self, number: int) -> tuple[Any, ...]:
        """An advisory without id, entries and references as plain values, in the order of the class's fields."""
        found: tuple[Any, ...] = self._spool[self._advisories[number]]
        return found

    def references(self, number: int) -> Sequence[tuple[str, str]]:
        """The types and addresses of an advisory's references."""
        found: Sequence[tuple[str, str]] = self._spool[self._advisories[number] + 1]
        return found

    def made(self, number: int, entries: tuple[Affected, ...] = (), references: tuple[Reference, ...] = ()) -> Advisory:
        """An advisory with these entries and references."""
        kind, cves, database, rating, severities, published, modified, withdrawn, aliases, *flags = self.plain(number)
        return Advisory(
            self.ids[number],
            _KINDS[kind],
            cves,
            entries,
            database,
            rating,
            tuple([Severity(*one) for one in severities]),
            _date_of(published),
            _date_of(modified),
            _date_of(withdrawn),
            aliases,
            references,
            *flags,
        )

    def spans_of(self, entry: int) -> int:
        """A number that is the same for entries that differ in nothing but what they are about."""
        return self._entries[entry]

    def _spans(self, number: int) -> tuple[Any, ...]:
        """What the entries of such a number have, as their class takes it, with None for what they are about."""
        ranges, versions, state, *rest = self._spool[number]
        return tuple([Range(*one) for one in ranges]), versions, _FIX_STATES[state], *rest

    def entry(self, entry: int) -> Affected:
        """An entry by its number."""
        (distribution, package, names, type), module = self.abouts[self.about[entry]]
        ranges, versions, state, negative, arches, channel, epoch_known, source, archive = self.spans(
            self._entries[entry]
        )
        return Affected(
            package,
            type,
            distribution,
            names,
            ranges,
            versions,
            state,
            negative,
            arches,
            module,
            channel,
            epoch_known,
            source,
            False,
            archive,
        )


def _is_alike(one: Affected, other: Affected) -> bool:
    """Whether two entries have the same objects but for what they are about. Those of one update mostly do."""
    return (
        one.ranges is other.ranges
        and one.versions is other.versions
        and one.fix_state is other.fix_state
        and one.negative is other.negative
        and one.arches is other.arches
        and one.channel is other.channel
        and one.epoch_known is other.epoch_known
        and one.source is other.source
        and one.in_archive is other.in_archive
    )


def _text_of(date: datetime | None) -> str | None:
    return None if date is None else date.isoformat()


def _date_of(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
