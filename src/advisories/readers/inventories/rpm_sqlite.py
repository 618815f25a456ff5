"""The rows of rpm's database in SQLite with its write-ahead log applied, and what of both could not be read.

The database is never written to. Without a log beside it, its bytes are opened in memory. With one, SQLite applies the
log to a copy. Nothing in the file is trusted: ``Packages`` has to be a plain table, and no more bytes come out of it
than are in it, in no more steps than a file of its length needs.

Sources: SQLite, *Database File Format*, 4. *The Write-Ahead Log*, and *Defense Against The Dark Arts*.
"""

import os
import sqlite3
import struct
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Final

from advisories.models.errors import UnreadableSource
from advisories.models.reading import Unreadable
from advisories.readers.inventories.rpm_rows import WHOLE, Damage, Row
from advisories.sources.folder import Folder
from advisories.sources.limits import DEFAULT_LIMITS
from advisories.sources.sqlite import AT_LENGTH, INSIDE, closed, fetched, stepped
from advisories.sources.tree import contents

__all__ = ["LOG", "is_logged", "log_beside", "rows"]

# The length of the header of a SQLite file.
_HEADER: Final = 100
#: The end of the name of its write-ahead log.
LOG: Final = b"-wal"
# Where it has 2 for a write-ahead log, and 1 for none.
_LOGGED: Final = slice(18, 20)
_LOG_MAGIC: Final = (b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83")
_LOG_HEADER, _FRAME_HEADER = 32, 24
_SALTS: Final = slice(16, 24)
# Steps of SQLite's machine: so many for each byte of a file, and for any file.
_STEPS_A_BYTE, _STEPS = 0.25, 1_000_000
_STEPS_A_CALL: Final = 10_000


def is_logged(data: bytes) -> bool:
    """Whether the header of a database names a write-ahead log."""
    return data[_LOGGED] == b"\x02\x02"


def log_beside(path: Path, data: bytes) -> bytes | None:
    """The write-ahead log beside a database, or None.

    Raises :class:`UnreadableSource` for one that cannot be read, and for a database that is another by now than the
    bytes that were read of it: with the log of the next state they make no state at all.
    """
    real = Path(os.path.realpath(path))  # SQLite writes the log beside the file that a link leads to
    name = os.fsencode(real.name)
    with closing(Folder(real.parent)) as tree:
        if tree.stat(name + LOG) is None:
            return None
        database, log = contents(tree, (name, name + LOG), DEFAULT_LIMITS.inventory)
    if database != data:
        raise UnreadableSource(str(path), "it changes while it is read")
    return log


def rows(data: bytes, log: bytes | None) -> Iterator[Row | Damage]:
    """Each row of ``Packages``, and what could not be read. Raises :class:`Unreadable` for what is too short."""
    if len(data) < _HEADER:
        raise Unreadable("its header is cut off")
    with ExitStack() as opened:
        try:
            connection = _logged(data, log, opened) if log else _in_memory(data)
            opened.callback(closed, connection)
            _bound(connection, len(data) + len(log or b""))
            yield from _damage_of_log(connection, log)
            yield from _of_table(connection, len(data) + len(log or b""))
        except sqlite3.Error as error:
            yield Damage(WHOLE, f"not read further: {error}")
        except MemoryError:  # SQLite has none where a damaged cell is of billions of bytes
            yield Damage(WHOLE, "not read further: there is no memory for what it claims to hold")
        except OSError as error:  # of the copy: no room, or no folder for it
            yield Damage(WHOLE, f"not read: {error.strerror or error}")
        except UnicodeDecodeError:  # of SQLite's message, which quotes what is damaged
            yield Damage(WHOLE, "not read further: its schema is damaged")
    page, pages = struct.unpack(">H", data[16:18])[0], struct.unpack(">I", data[28:32])[0]
    if not log and (page if page > 1 else 65536) * pages > len(data):
        yield Damage(WHOLE, f"cut off after {len(data)} bytes")


def _logged(data: bytes, log: bytes, opened: ExitStack) -> sqlite3.Connection:
    import tempfile  # only where there is a log

    copy = Path(opened.enter_context(tempfile.TemporaryDirectory()), "rpmdb.sqlite")
    copy.write_bytes(data)
    copy.with_name("rpmdb.sqlite-wal").write_bytes(log)
    with INSIDE:
        return sqlite3.connect(copy)


def _in_memory(data: bytes) -> sqlite3.Connection:
    with INSIDE:
        connection = sqlite3.connect(":memory:")
    try:
        # In memory there is no log. Without one beside it the file is all there is.
        copy = bytearray(data)
        copy[_LOGGED] = b"\x01\x01"
        with INSIDE:
            connection.deserialize(copy)
    except BaseException:
        closed(connection)
        raise
    return connection


def _bound(connection: sqlite3.Connection, size: int) -> None:
    """No more steps than a database of that size needs, and no value that is longer than it: a chain of pages may lead
    in a circle."""
    steps = iter(range(int((size * _STEPS_A_BYTE + _STEPS) / _STEPS_A_CALL)))
    with INSIDE:
        connection.set_progress_handler(lambda: next(steps, None) is None, _STEPS_A_CALL)
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, size)


def _damage_of_log(connection: sqlite3.Connection, log: bytes | None) -> Iterator[Damage]:
    """The frames that SQLite did not apply, of those that were written since the log was begun anew."""
    if not log:
        return
    if not _is_header(log[:_LOG_HEADER]):
        yield Damage("its write-ahead log", "not applied: its header is damaged or cut off")
        return
    # Counting rows is one step to SQLite, however many there are.
    fetched(connection, "SELECT 1 FROM sqlite_schema LIMIT 1")
    ((_, applied, _),) = fetched(connection, "PRAGMA wal_checkpoint(PASSIVE)", gate=AT_LENGTH)
    frame = _FRAME_HEADER + struct.unpack(">I", log[8:12])[0]
    # Frames of other salts are left over from before, but for those in front of frames of the same.
    written = 0
    for number, begin in enumerate(range(_LOG_HEADER, len(log), frame), 1):
        if log[begin + 8 : begin + 16] == log[_SALTS]:
            written = number
    missing = written - max(applied, 0)
    if missing > 0:
        yield Damage("its write-ahead log", f"{missing} of {written} pages damaged, or never committed")


def _is_header(header: bytes) -> bool:
    """Whether a log's header is whole: its magic, which is also the byte order of checksums, and its checksum."""
    if len(header) < _LOG_HEADER or header[:4] not in _LOG_MAGIC:
        return False
    first = second = 0
    for one, other in struct.iter_unpack(">II" if header[3] & 1 else "<II", header[: _SALTS.stop]):
        first = (first + one + second) & 0xFFFFFFFF
        second = (second + other + first) & 0xFFFFFFFF
    return struct.pack(">II", first, second) == header[_SALTS.stop :]


def _of_table(connection: sqlite3.Connection, size: int) -> Iterator[Row]:
    # Text in a damaged file is any bytes.
    connection.text_factory = bytes
    fetched(connection, "PRAGMA trusted_schema = OFF")
    fetched(connection, "PRAGMA cell_size_check = ON")
    found = next(stepped(connection, "SELECT type, sql FROM sqlite_schema WHERE name = 'Packages'"), None)
    if found is None or found[0] != b"table" or not bytes(found[1] or b"").upper().startswith(b"CREATE TABLE"):
        raise sqlite3.DatabaseError("no table Packages")
    # Columns that are computed have 2 or 3 here.
    if any(row[6] for row in fetched(connection, "PRAGMA table_xinfo(Packages)")):
        raise sqlite3.DatabaseError("Packages has columns that are computed")
    # In the order of its rows, which is that of hnum. Sorting would hold all of them before the first is counted.
    for number, blob in stepped(connection, "SELECT hnum, blob FROM Packages NOT INDEXED"):
        size -= len(blob) if isinstance(blob, bytes) else 0
        if size < 0:
            raise sqlite3.DatabaseError("more comes out of it than is in it")
        yield number, f"package {number}", blob
