"""What changes in a store, and the store as it was."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from advisories.index.records import GroupKey
from advisories.models.advisories import Enrichment
from advisories.models.frozen import frozen
from advisories.sources.sqlite import AT_LENGTH, closed, fetched
from advisories.store.opening import connect
from advisories.store.reader import Provenance, Store
from advisories.store.rows import Row
from advisories.store.schema import TABLES
from advisories.store.spool import Spooled, Target
from advisories.store.writing import Copied

__all__ = ["Changes", "Older", "Unusual", "copied", "key_of", "text_of_value"]


@frozen
class Changes:
    """What has changed since a store was compiled.

    :ivar sources: as they are now: the same ones, in the same order.
    :ivar gone: the ids of advisories that are no longer as they were.
    :ivar added: those that are new, or as they are now.
    :ivar origins: for each of these the place of its source.
    :ivar enrichments: all of them as they are now, by CVE and source, each with the place of its source. None where
        they are as they were.
    """

    sources: Sequence[Provenance]
    gone: Collection[str]
    added: Spooled
    origins: Sequence[int]
    enrichments: Sequence[tuple[Enrichment, int]] | None = None


class Unusual(Exception):
    """What only compiling all of it can do."""


class Older:
    """A store that is to be replaced, and its tables."""

    def __init__(self, store: Store) -> None:
        self.store: Final = store
        self._connection: Final = connect(store.path)

    def close(self) -> None:
        """Close the file."""
        closed(self._connection)

    def rows(self, statement: str, *values: object) -> list[Row]:
        """What a statement finds."""
        return fetched(self._connection, statement, values, AT_LENGTH)

    def value(self, statement: str, *values: object) -> Any:
        """The first value of what a statement finds. None where that is nothing."""
        rows = self.rows(statement, *values)
        return rows[0][0] if rows else None


def text_of_value(value: object) -> str:
    """A text that a store has, which is bytes where it is no UTF-8."""
    return value.decode("utf-8", "surrogatepass") if isinstance(value, bytes) else str(value)


def key_of(target: Target) -> GroupKey:
    """The key of the records of a package whose versions have an order."""
    distribution, name, names, _ = target
    assert distribution is not None  # it is ordered
    return distribution.id, distribution.release or "", names, name


def copied(table: str, changed: Mapping[str, str], column: str, run: tuple[int, int], order: Iterable[str]) -> Copied:
    """The rows of a table from one number up to another one.

    :param changed: by column what it gets instead of what it was.
    :param column: of the numbers.
    :param order: the columns that the rows are sorted by.
    """
    columns = ", ".join(changed.get(name, f'"{name}"') for name in _COLUMNS[table])
    statement = (
        f'INSERT INTO main."{table}" SELECT {columns} FROM older."{table}"'
        f" WHERE {column} >= ? AND {column} < ? ORDER BY {', '.join(order)}"
    )
    return Copied(statement, run)


def _columns_of(statement: str) -> tuple[str, ...]:
    lines = statement.splitlines()[1:-1]
    names = [line.split()[0].strip('",') for line in lines]
    return tuple([name for name in names if name != "PRIMARY"])


_COLUMNS: Final = {name: _columns_of(statement) for name, statement in TABLES.items()}
