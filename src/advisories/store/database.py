"""The file behind a store: one connection, one thread at a time, and every error of the file as the store's."""

import os
import sqlite3
from collections.abc import Sequence
from operator import itemgetter
from threading import RLock
from types import TracebackType
from typing import Any, Final
from weakref import WeakSet, finalize

from advisories.models.errors import DamagedStore, UnreadableSource
from advisories.sources.sqlite import closed, fetched
from advisories.store.opening import Meta, connect, digest_of, meta_of
from advisories.store.rows import Columns, Row, Shape, batches, parted

__all__ = ["OF_DAMAGE", "Database"]

_FIRST_TWO: Final = itemgetter(0, 1)

#: What a damaged file makes of values is one of these: unknown words, missing rows, dates that are none.
OF_DAMAGE: Final = (
    sqlite3.Error,
    ValueError,
    LookupError,
    TypeError,
    ArithmeticError,
    AssertionError,
    MemoryError,
    RecursionError,
)


class Database:
    """A store's file, opened and found to be one. In a ``with`` statement one thread reads, and errors are
    :class:`~advisories.models.errors.DamagedStore`.

    Raises :class:`~advisories.models.errors.UnreadableSource` for what is no store of this version.

    In a process that was forked, the first use opens the file at the path anew: SQLite forbids to carry a connection
    over. Another file there is an :class:`~advisories.models.errors.UnreadableSource`.

    :ivar path: absolute.
    :ivar meta: the table of that name.
    """

    def __init__(self, path: str) -> None:
        self.path: Final = os.path.abspath(path)
        self._lock = RLock()
        self._is_inherited = False
        self._open(path)
        with self:
            self.meta: Final[Meta] = meta_of(path, self._connection)
        _OPEN.add(self)

    def _open(self, path: str) -> None:
        # One connection for all threads: a second one, opened later by the path, might be of a newer file.
        self._connection = connect(path)
        # SQLite frees the file when the last feed of this store is gone, and must be closed then.
        self._close = finalize(self, closed, self._connection)

    def close(self) -> None:
        """Close the file, once no other thread reads it. Closing twice is closing once."""
        with self._lock:
            self._is_inherited = False
            self._close()

    def __enter__(self) -> None:
        self._lock.acquire()
        try:
            if self._is_inherited:
                self._reopen()
            if not self._close.alive:
                raise UnreadableSource(self.path, "the store is closed")
        except BaseException:
            self._lock.release()
            raise

    def forked(self) -> None:
        """Belong to the new process, where no other thread is left that could hold the lock."""
        if self._lock.acquire(blocking=False):
            self._lock.release()
        else:
            self._lock = RLock()
        if self._close.detach():
            self._is_inherited = True
            _INHERITED.append(self._connection)

    def _reopen(self) -> None:
        self._open(self.path)
        try:
            meta = meta_of(self.path, self._connection)
            if meta != self.meta:
                raise UnreadableSource(
                    self.path,
                    f"another store than before the fork: its digest is {digest_of(meta)}, not {self.digest}",
                )
        except BaseException as error:
            self._close()
            if isinstance(error, OF_DAMAGE):
                raise DamagedStore(self.path, _damage(error)) from error
            raise
        self._is_inherited = False

    def __exit__(self, type: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._lock.release()
        if isinstance(error, OF_DAMAGE):
            raise DamagedStore(self.path, _damage(error)) from error

    @property
    def digest(self) -> str:
        """SHA-256 of the file with zeros in its place, in hexadecimal, as it stands in the file."""
        return digest_of(self.meta)

    def count(self, name: str) -> int:
        """A number of the table ``meta``."""
        value = self.meta[name]
        assert isinstance(value, int)
        return value

    def rows(self, statement: str, values: Sequence[object] = ()) -> list[Row]:
        """The rows of a query."""
        return fetched(self._connection, statement, values)

    def select(self, shape: Shape, statement: str, values: Sequence[object] = ()) -> Columns:
        """The columns of a query. Raises :class:`TypeError` for other types than those of the shape."""
        return shape.columns(self.rows(statement, values))

    def select_in(
        self, shape: Shape, statement: str, column: str, values: Sequence[object] | None, more: str = ""
    ) -> Columns:
        """The columns of the rows in which one column has one of these values, or of all rows for None.

        Rows come in the order of the first two columns.

        :param more: further conditions.
        """
        if values is None:
            found = self.rows(statement)
        else:
            found = []
            for parameters, batch in batches(values):
                found += self.rows(f"{statement} WHERE {column} IN ({parameters}){more}", batch)
        found.sort(key=_FIRST_TWO)
        return shape.columns(found)

    def parts(
        self,
        shape: Shape,
        statement: str,
        column: str,
        wanted: Sequence[int] | None,
        parents: Sequence[int],
        counts: Sequence[int],
        more: str = "",
    ) -> list[tuple[Any, ...]]:
        """What belongs to each parent, as many as it counts: texts, or rows where there is more to each.

        The query's first two columns are the parent and the place there. Where no parent counts any, nothing is read.
        """
        if not any(counts):
            return [()] * len(parents)
        owners, ordinals, *values = self.select_in(shape, statement, column, wanted, more)
        single = values[0] if len(values) == 1 else list(zip(*values, strict=True))
        return parted(parents, counts, owners, ordinals, single)


def _damage(error: BaseException) -> str:
    if isinstance(error, MemoryError):
        return "damaged, or there is not enough memory for what it holds"
    return f"damaged: {error}"


_OPEN: Final[WeakSet[Database]] = WeakSet()
# Connections of the process that this one was forked from. They are its own, so nothing here may close them.
_INHERITED: Final[list[sqlite3.Connection]] = []


def _forked() -> None:
    for database in _OPEN:
        database.forked()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
