"""One gate for all uses of SQLite: a fork waits until no thread is inside.

SQLite has locks of its own, for all connections together. One that another thread holds at a fork stays locked in the
child, whose first use of any database would wait for ever. So whoever calls SQLite holds one of these, and so does a
fork.

Take :data:`INSIDE` for what is soon done, and to close, and :data:`AT_LENGTH` for what may take seconds: meanwhile
others go on inside. In :data:`AT_LENGTH` you may take :data:`INSIDE`, never the other way around.
"""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from threading import RLock
from typing import Any, Final

__all__ = ["AT_LENGTH", "INSIDE", "closed", "fetched", "stepped"]

# Each may be taken once more by who holds it: the garbage collector closes databases in the middle of anything.
INSIDE: Final = RLock()
AT_LENGTH: Final = RLock()


def fetched(
    connection: sqlite3.Connection, statement: str, values: Sequence[object] = (), gate: Any = INSIDE
) -> list[tuple[Any, ...]]:
    """The rows of a statement. None for one that has none.

    :param gate: what is held meanwhile.
    """
    with gate:
        return connection.execute(statement, values).fetchall()


def stepped(connection: sqlite3.Connection, statement: str, gate: Any = INSIDE) -> Iterator[tuple[Any, ...]]:
    """The rows of a query, one by one, so that those in front of damage are there.

    :param gate: what is held for each of them.
    """
    with gate:
        cursor = connection.execute(statement)
    try:
        while True:
            with gate:
                row = cursor.fetchone()
            if row is None:
                return
            yield row
    finally:
        with INSIDE:
            cursor.close()


def closed(connection: sqlite3.Connection) -> None:
    """Close a connection."""
    with INSIDE:
        connection.close()


def _before() -> None:
    AT_LENGTH.acquire()
    INSIDE.acquire()


def _after() -> None:
    INSIDE.release()
    AT_LENGTH.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before, after_in_parent=_after, after_in_child=_after)
