"""Opening a store: a few small reads, whatever its size, show whether it is whole and of this version."""

import os
import sqlite3
import stat
from typing import Final

import vercmp
from advisories.models.errors import DamagedStore, OtherVersion, UnreadableSource
from advisories.sources.sqlite import INSIDE, closed, fetched
from advisories.store.rows import Row
from advisories.store.schema import APPLICATION_ID, DIGEST_MARK, DIGEST_SIZE, HEADER_SIZE, MAGIC, SCHEMA, SCHEMA_VERSION

__all__ = ["AGAIN", "Meta", "connect", "digest_of", "meta_of", "uri_of"]

#: The rows of the table ``meta``.
Meta = dict[str, object]

# The rows there must be, and what each holds.
_META: Final[dict[str, tuple[type, ...]]] = {
    "advisories": (int,),
    "digest": (bytes,),
    "duplicates": (int,),
    "enrichments": (int,),
    "entries": (int,),
    "intervals": (int,),
    "key_version": (int,),
    "newest": (str, type(None)),
    "packages": (int,),
    "reader_version": (int,),
    "rules_version": (int,),
}


#: What to do about a store of another version.
AGAIN: Final = "compile its sources again (advisories compile, or fetch for a cache)"
# Each byte of a path in a URI. What urllib does, which imports more than opening a store needs.
_PLAIN: Final = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-~/")
_QUOTED: Final = tuple([chr(byte) if byte in _PLAIN else f"%{byte:02X}" for byte in range(256)])


def connect(path: str) -> sqlite3.Connection:
    """A connection to the file as it is now, of which header and length have been checked.

    Raises :class:`UnreadableSource`, or :class:`DamagedStore` for a file that is cut off.
    """
    while True:
        try:
            if not stat.S_ISREG(os.stat(path).st_mode):
                raise UnreadableSource(path, "not a regular file, so no store of advisories")
            with open(path, "rb") as file:
                checked = os.fstat(file.fileno())
                _check_header(path, file.read(HEADER_SIZE), checked.st_size)
                connection = _connection(path)
                # Another file may have been renamed to the path meanwhile. One that was replaced does not come back.
                is_same = False
                try:
                    is_same = os.path.samestat(checked, os.stat(path))
                finally:
                    if not is_same:
                        closed(connection)
                if is_same:
                    return connection
        except OSError as error:
            raise UnreadableSource(path, error.strerror or str(error)) from error


def uri_of(path: str) -> str:
    """What SQLite opens a store by. It may be replaced but is never changed: no locks, and no journal to look for."""
    place = os.fsencode(path if os.path.isabs(path) else os.path.join(os.getcwd(), path))
    return f"file://{''.join(map(_QUOTED.__getitem__, place))}?mode=ro&immutable=1"


def _connection(path: str) -> sqlite3.Connection:
    try:
        with INSIDE:
            connection = sqlite3.connect(uri_of(path), uri=True, check_same_thread=False, isolation_level=None)
        try:
            # What the file itself defines is not trusted, and its pages are looked over before use.
            fetched(connection, "PRAGMA trusted_schema = OFF")
            fetched(connection, "PRAGMA cell_size_check = ON")
        except BaseException:
            closed(connection)
            raise
    except sqlite3.Error as error:
        raise UnreadableSource(path, f"cannot be opened: {error}") from error
    return connection


def _check_header(path: str, header: bytes, size: int) -> None:
    """Source of the offsets: SQLite's *Database File Format*, 1.3."""
    if header[: len(MAGIC)] != MAGIC:
        raise UnreadableSource(path, "not a store of advisories")
    if len(header) < HEADER_SIZE:
        raise DamagedStore(path, f"truncated: {size} bytes, less than a header")
    if _number(header, 68) != APPLICATION_ID:
        raise UnreadableSource(path, "an SQLite database, but not a store of advisories")
    if _number(header, 60) != SCHEMA_VERSION:
        raise OtherVersion(path, "the schema of the store", _number(header, 60), (SCHEMA_VERSION,), AGAIN)
    page_size = int.from_bytes(header[16:18], "big")
    whole = (65536 if page_size == 1 else page_size) * _number(header, 28)
    if size != whole:
        raise DamagedStore(path, f"{'truncated' if size < whole else 'too long'}: {size} bytes instead of {whole}")
    if header[18:20] != b"\1\1" or _number(header, 56) != 1:
        # Neither a write-ahead log nor another encoding is ever written.
        raise DamagedStore(path, "damaged: its header contradicts itself")


def _number(header: bytes, offset: int) -> int:
    return int.from_bytes(header[offset : offset + 4], "big")


def meta_of(path: str, connection: sqlite3.Connection) -> Meta:
    """The table ``meta`` of a store, once its tables are found to be those of this version.

    Raises :class:`UnreadableSource`, or :class:`DamagedStore` where something is missing.
    """
    found = fetched(connection, "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid")
    if tuple(sql for (sql,) in found) != SCHEMA:
        raise DamagedStore(path, f"damaged: its tables are not those of schema {SCHEMA_VERSION}")
    rows: list[Row] = fetched(connection, "SELECT name, value FROM meta")
    meta: Meta = dict(rows)
    for name, types in _META.items():
        if name not in meta or not isinstance(meta[name], types):
            raise DamagedStore(path, f"damaged: its {name} is missing")
    key_version = meta["key_version"]
    assert isinstance(key_version, int)
    if key_version != vercmp.KEY_VERSION:
        raise OtherVersion(path, "the layout of the store's keys", key_version, (vercmp.KEY_VERSION,), AGAIN)
    digest = meta["digest"]
    if not isinstance(digest, bytes) or (digest[:-DIGEST_SIZE], len(digest)) != (DIGEST_MARK, _SIGNED):
        raise DamagedStore(path, "damaged: its digest is missing")
    return meta


_SIGNED: Final = len(DIGEST_MARK) + DIGEST_SIZE


def digest_of(meta: Meta) -> str:
    """The SHA-256 that stands in a store, in hexadecimal."""
    value = meta["digest"]
    assert isinstance(value, bytes)
    return value[-DIGEST_SIZE:].hex()
