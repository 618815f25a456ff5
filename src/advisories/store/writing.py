"""Writing the file of a store: under another name, made safe on the disk, then renamed. A crash leaves the old one."""

import errno
import fcntl
import hashlib
import os
import secrets
import sqlite3
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO, Final, Protocol

from advisories.models.errors import UnwritableStore
from advisories.models.frozen import frozen
from advisories.sources.sqlite import AT_LENGTH, INSIDE, closed, fetched
from advisories.store.opening import uri_of
from advisories.store.rows import Row
from advisories.store.schema import APPLICATION_ID, DIGEST_MARK, DIGEST_SIZE, MAGIC, PAGE_SIZE, SCHEMA, SCHEMA_VERSION

__all__ = ["Copied", "Pieces", "digest_place", "file_digest", "write"]

# Files that are being written are called so, with random digits in between.
_PREFIX: Final = ".advisories-"
_SUFFIX: Final = ".compiling"

# How much of a file is in memory while its digest is taken.
_CHUNK: Final = 1 << 20


@frozen
class Copied:
    """Rows that an older store has: what the database copies without a look at each.

    :ivar statement: an ``INSERT`` of what it selects from ``older``, in the order of the primary key.
    """

    statement: str
    values: tuple[object, ...] = ()


class Pieces(Protocol):
    """The rows of a table, some at a time."""

    def batches(self) -> Iterator[Sequence[Row] | Copied]: ...


def write(
    path: str,
    tables: Mapping[str, Pieces],
    older: str | None = None,
    beside: Mapping[str, tuple[str, Sequence[Row]]] = MappingProxyType({}),
) -> None:
    """Write a store of these rows: readers see the file that was there before, or the whole new one.

    :param older: the path of the store that rows are copied from.
    :param beside: tables for that alone, each with its columns and its rows.

    What other writers left behind in the folder when they were killed is removed.

    Raises :class:`UnwritableStore`, and changes nothing then.
    """
    # Through a link to the file it names. The new one must be in the same folder to take its name.
    target = os.path.realpath(path)
    folder = os.path.dirname(target)
    try:
        _refuse_others(path, target)
        _remove_leftovers(folder)
        with _temporary(folder) as (name, file):
            _fill(name, tables, older, beside)
            _sign(file)
            os.fsync(file.fileno())
            os.replace(name, target)
        _sync_folder(folder)
    except OSError as error:
        why = error.strerror or str(error)
        if isinstance(error, FileNotFoundError) and not os.path.isdir(folder):
            why = f"there is no folder {folder}"
        raise UnwritableStore(path, why) from error
    except sqlite3.Error as error:
        raise UnwritableStore(path, str(error)) from error


def _refuse_others(path: str, target: str) -> None:
    """Only a database or an empty file is replaced: never a feed that was named in the wrong place."""
    try:
        kind = os.stat(target).st_mode
    except FileNotFoundError:
        return
    if stat.S_ISDIR(kind):
        raise UnwritableStore(path, "a folder: name a file in it")
    if not stat.S_ISREG(kind):
        raise UnwritableStore(path, "not a regular file")
    with open(target, "rb") as file:
        if file.read(len(MAGIC)) not in (b"", MAGIC):
            raise UnwritableStore(path, "there is a file that is no store, and it is not replaced")


@contextmanager
def _temporary(folder: str) -> Iterator[tuple[str, BinaryIO]]:
    """A new file in a folder, locked as long as its writer lives. It is removed where it is still there at the end."""
    while True:
        name = os.path.join(folder, f"{_PREFIX}{secrets.token_hex(8)}{_SUFFIX}")
        try:
            with open(os.open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666), "r+b") as file:
                # The system gives the lock back when the process ends, however it ends. SQLite's locks are of another
                # kind.
                fcntl.flock(file, fcntl.LOCK_EX)
                if _is_at(file, name):
                    yield name, file
                    return
                # Somebody took it for a leftover before it was locked.
        finally:
            # Nobody else takes such a name.
            with suppress(OSError):
                os.unlink(name)


def _is_at(file: BinaryIO, name: str) -> bool:
    with suppress(FileNotFoundError):
        return os.path.samestat(os.fstat(file.fileno()), os.stat(name))
    return False


def _remove_leftovers(folder: str) -> None:
    with os.scandir(folder) as entries:
        ours = [entry for entry in entries if entry.name.startswith(_PREFIX) and entry.name.endswith(_SUFFIX)]
    for entry in ours:
        # Locked by a writer at work, gone meanwhile, or another user's: none of our business.
        with suppress(OSError):
            if entry.is_file(follow_symlinks=False):
                with open(entry.path, "rb") as file:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    os.unlink(entry.path)


def _fill(
    name: str, tables: Mapping[str, Pieces], older: str | None, beside: Mapping[str, tuple[str, Sequence[Row]]]
) -> None:
    with INSIDE:
        connection = sqlite3.connect(f"{Path(name).as_uri()}?mode=rw", uri=True, isolation_level=None)
    try:
        # No journal and no waiting for the disk: until it is renamed, the file is nobody's.
        for pragma in (
            f"page_size = {PAGE_SIZE}",
            "journal_mode = OFF",
            "synchronous = OFF",
            "temp_store = MEMORY",
            "encoding = 'UTF-8'",
            "auto_vacuum = NONE",
            f"application_id = {APPLICATION_ID}",
            f"user_version = {SCHEMA_VERSION}",
        ):
            fetched(connection, f"PRAGMA {pragma}")
        if older is not None:
            fetched(connection, "ATTACH ? AS older", (uri_of(older),))
        for table, (columns, its) in beside.items():
            fetched(connection, f"CREATE TEMP TABLE {table} ({columns})")
            _insert(connection, f"temp.{table}", its)
        fetched(connection, "BEGIN")
        for statement in SCHEMA[: len(tables)]:
            fetched(connection, statement)
        for table, rows in tables.items():
            for batch in rows.batches():
                if isinstance(batch, Copied):
                    fetched(connection, batch.statement, batch.values, gate=AT_LENGTH)
                else:
                    _insert(connection, f'main."{table}"', batch)
        fetched(connection, "INSERT INTO meta VALUES ('digest', ?)", (DIGEST_MARK + bytes(DIGEST_SIZE),))
        # An index is made in one sweep once its table is full.
        for statement in SCHEMA[len(tables) :]:
            fetched(connection, statement, gate=AT_LENGTH)
        fetched(connection, "COMMIT", gate=AT_LENGTH)
    finally:
        closed(connection)


def _insert(connection: sqlite3.Connection, table: str, rows: Sequence[Row]) -> None:
    if rows:
        values = ",".join("?" * len(rows[0]))
        with AT_LENGTH:
            connection.executemany(f"INSERT INTO {table} VALUES ({values})", rows)


def _sign(file: BinaryIO) -> None:
    place = digest_place(file)
    if place is None:
        raise OSError(errno.EIO, "the file that was written is not what was written")
    digest = file_digest(file, place)
    file.seek(place)
    file.write(digest)
    file.flush()


def digest_place(file: BinaryIO) -> int | None:
    """Where in a store's file its digest begins. None where it has no place for one, or several."""
    places: list[int] = []
    file.seek(0)
    begin, rest = 0, b""
    while chunk := file.read(_CHUNK):
        data = rest + chunk
        at = data.find(DIGEST_MARK)
        while at >= 0:
            places.append(begin + at + len(DIGEST_MARK))
            at = data.find(DIGEST_MARK, at + 1)
        rest = data[-len(DIGEST_MARK) + 1 :]
        begin += len(data) - len(rest)
    return places[0] if len(places) == 1 else None


def file_digest(file: BinaryIO, place: int) -> bytes:
    """SHA-256 of a file, with zeros where its digest is."""
    file.seek(0)
    hashed = hashlib.sha256(file.read(place))
    hashed.update(bytes(DIGEST_SIZE))
    file.seek(place + DIGEST_SIZE)
    while chunk := file.read(_CHUNK):
        hashed.update(chunk)
    return hashed.digest()


def _sync_folder(folder: str) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
