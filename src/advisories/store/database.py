"""The file behind a store: one connection, one thread at a time, and every error of the file as the store's."""

import os
import sqlite3
from collections.abc import Sequence
from operator import itemgetter
from threading import RLock
from types import TracebackType
from typing import Any, Final
from weakref import finalize

from advisories.models.errors import DamagedStore, UnreadableSource
from advisories.store.opening import Meta, connect, digest_of, meta_of
from advisories.store.rows import Columns, Row, Shape, batches, parted

__all__ = ["Database"]

_FIRST_TWO: Final = itemgetter(0, 1)


class Database:
    """A store's file, opened and found to be one. In a ``with`` statement one thread reads, and errors are
    :class:`~advisories.models.errors.DamagedStore`.

    Raises :class:`~advisories.models.errors.UnreadableSource` for what is no store of this version.

    :ivar path: absolute.
    :ivar meta: the table of that name.
    """

    def __init__(self, path: str) -> None:
        self.path: Final = os.path.abspath(path)
        self._lock: Final = RLock()
        # One connection for all threads: a second one, opened later by the path, might be of a newer file.
        self._connection: Final = connect(path)
        # SQLite frees the file when the last feed of this store is gone, and must be closed then.
        self._close: Final = finalize(self, self._connection.close)
        with self:
            self.meta: Final[Meta] = meta_of(path, self._connection)

    def close(self) -> None:
        """Close the file, once no other thread reads it. Closing twice is closing once."""
        with self._lock:
            self._close()

    def __enter__(self) -> None:
        self._lock.acquire()
        if not self._close.alive:
            self._lock.release()
            raise UnreadableSource(self.path, "the store is closed")

    def __exit__(self, type: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._lock.release()
        # What a damaged file makes of values is one of these: unknown words, missing rows, dates that are none.
        if isinstance(
            error, sqlite3.Error | ValueError | LookupError | TypeError | ArithmeticError | AssertionError | MemoryError
        ):
            raise DamagedStore(self.path, f"damaged: {error}") from error

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
        return self._connection.execute(statement, values).fetchall()

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
