"""rpm's database in SQLite, ``rpmdb.sqlite``, without librpm: each package's header, bounds-checked.

What is read of a header: name, epoch, version, release, architecture, source rpm, vendor, module label, the time it
was installed, and the names of files. The database is never written to: without a write-ahead log beside it, its bytes
are opened in memory; with one, SQLite applies the log to a copy. Berkeley DB and ndb databases are recognised, and
refused with what to do.

Source: rpm, ``lib/header.c`` (the header without its magic: two counts, an index of 16 bytes an entry, the data) and
``include/rpm/rpmtag.h``; SQLite, *Database File Format*.
"""

import sqlite3
import struct
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from advisories.errors import UnreadableSource
from advisories.inventories.gathering import Gathering, Unreadable, few, release_of_packages
from advisories.inventories.listing import Listing
from advisories.inventories.nevra import module_of, split
from advisories.models import Package, State

__all__ = ["Header", "read", "sniff"]

_SQLITE: Final = b"SQLite format 3\0"
_BERKELEY: Final = (b"\x00\x05\x31\x62", b"\x62\x31\x05\x00", b"\x00\x06\x15\x61", b"\x61\x15\x06\x00")
_NDB: Final = b"RpmP"
_SQLITE_HEADER: Final = 100
# Where the header of a SQLite file says that it has a write-ahead log.
_LOGGED: Final = slice(18, 20)

_NAME, _VERSION, _RELEASE, _EPOCH, _INSTALL_TIME, _VENDOR, _ARCH = 1000, 1001, 1002, 1003, 1008, 1011, 1022
_SOURCE_RPM, _DIR_INDEXES, _BASE_NAMES, _DIR_NAMES, _MODULE_LABEL = 1044, 1116, 1117, 1118, 5096
_INT32, _STRING, _STRING_ARRAY, _I18N = 4, 6, 8, 9
_TEXTS: Final = (_STRING, _STRING_ARRAY, _I18N)
# rpm's own bound of an index, and of a header's data.
_MOST_ENTRIES: Final = 0xFFFF
_MOST_DATA: Final = 0x10000000


def sniff(head: bytes) -> bool:
    """The magic of SQLite, Berkeley DB or ndb."""
    return head.startswith((_SQLITE, _NDB)) or head[12:16] in _BERKELEY


def read(data: bytes, source: str) -> Listing:
    """The packages of a database; a header that is none is a rejection.

    Raises :class:`UnreadableSource` for a database of another kind, or one that SQLite cannot read.
    """
    if len(data) < _SQLITE_HEADER:
        raise UnreadableSource(source, "not a whole rpm database: its header is cut off")
    if not data.startswith(_SQLITE):
        kind = "ndb" if data.startswith(_NDB) else "Berkeley DB"
        raise UnreadableSource(source, f"an rpm database of {kind}: list it with rpm -qa --queryformat")
    gathering = Gathering(source)
    try:
        for number, blob in _blobs(data, source):
            gathering.add(f"package {number}", f"package {number}", _package, blob)
    except sqlite3.Error as error:
        if not gathering.packages:
            raise UnreadableSource(source, f"not a whole rpm database: {error}") from error
        gathering.reject("-", "the rest of the database", f"not read further: {error}")
    page, pages = struct.unpack(">H", data[16:18])[0], struct.unpack(">I", data[28:32])[0]
    if (page if page > 1 else 65536) * pages > len(data):
        gathering.reject("-", "the rest of the database", f"cut off after {len(data)} bytes")
    return gathering.listing(*release_of_packages(gathering.packages))


def _blobs(data: bytes, source: str) -> Iterator[tuple[int, object]]:
    import tempfile  # only where there is a database

    with tempfile.TemporaryDirectory() as folder:
        connection = _opened(data, source, folder)
        try:
            yield from connection.execute("SELECT hnum, blob FROM Packages ORDER BY hnum")
        finally:
            connection.close()


def _opened(data: bytes, source: str, folder: str) -> sqlite3.Connection:
    try:
        log = Path(f"{source}-wal").read_bytes()
    except (OSError, ValueError):
        log = b""
    if log:
        copy = Path(folder, "rpmdb.sqlite")
        copy.write_bytes(data)
        copy.with_name("rpmdb.sqlite-wal").write_bytes(log)
        return sqlite3.connect(copy)
    connection = sqlite3.connect(":memory:")
    try:
        # In memory there is no log; without one beside it the file is all there is.
        connection.deserialize(data[: _LOGGED.start] + b"\x01\x01" + data[_LOGGED.stop :])
    except BaseException:
        connection.close()
        raise
    return connection


class Header:
    """An rpm header: its index, checked against its length; values are read when they are asked for.

    Raises :class:`Unreadable` for what is no header.
    """

    __slots__ = ("_blob", "_end", "_index", "_start")

    def __init__(self, blob: object) -> None:
        if not isinstance(blob, bytes) or len(blob) < 8:
            raise Unreadable("no header")
        entries, size = struct.unpack_from(">II", blob)
        if entries > _MOST_ENTRIES or size > _MOST_DATA:
            raise Unreadable(f"a header that claims {entries} entries and {size} bytes")
        self._blob = blob
        self._start = 8 + 16 * entries
        self._end = self._start + size
        if self._end > len(blob):
            raise Unreadable(f"a header of {self._end} bytes in {len(blob)}")
        self._index: dict[int, tuple[int, int, int]] = {}
        for tag, type, offset, count in struct.iter_unpack(">IIiI", blob[8 : self._start]):
            self._index.setdefault(tag, (type, offset, count))

    def text(self, tag: int) -> str | None:
        """A text; None where there is none."""
        found = self.texts(tag)
        return found[0] if found else None

    def texts(self, tag: int) -> list[str]:
        """The texts of a tag."""
        type, begin, count = self._place(tag)
        if not count:
            return []
        if type not in _TEXTS:
            raise Unreadable(f"tag {tag} is no text")
        parts = self._blob[begin : self._end].split(b"\0", count)
        if len(parts) <= count:
            raise Unreadable(f"tag {tag} has no end")
        return [part.decode("utf-8", "surrogateescape") for part in parts[:count]]

    def integers(self, tag: int) -> tuple[int, ...]:
        """The 32-bit integers of a tag."""
        type, begin, count = self._place(tag)
        if not count:
            return ()
        if type != _INT32 or begin + 4 * count > self._end:
            raise Unreadable(f"tag {tag} is no list of integers, or longer than the header")
        return struct.unpack_from(f">{count}I", self._blob, begin)

    def _place(self, tag: int) -> tuple[int, int, int]:
        type, offset, count = self._index.get(tag, (0, 0, 0))
        begin = self._start + offset
        if count and not self._start <= begin < self._end:
            raise Unreadable(f"tag {tag} lies outside the header")
        if count > self._end - self._start:
            raise Unreadable(f"tag {tag} claims {count} values")
        return type, begin, count


def _package(blob: object) -> Package:
    header = Header(blob)
    name, version, release = _needed(header, _NAME), _needed(header, _VERSION), _needed(header, _RELEASE)
    epoch, installed_at = header.integers(_EPOCH), header.integers(_INSTALL_TIME)
    evr = f"{version}-{release}"
    built_from = split(_said(header, _SOURCE_RPM) or "")
    return Package(
        "rpm",
        name,
        f"{epoch[0]}:{evr}" if epoch else evr,
        _said(header, _ARCH),
        source_name=built_from.name if built_from else None,
        source_version=built_from.evr if built_from else None,
        source_epoch_known=False,
        module=module_of(release, _said(header, _MODULE_LABEL)),
        vendor=_said(header, _VENDOR),
        state=State.PSEUDO if name == "gpg-pubkey" else State.INSTALLED,
        locations=_files(header),
        installed_at=datetime.fromtimestamp(installed_at[0], UTC) if installed_at else None,
    )


def _needed(header: Header, tag: int) -> str:
    text = _said(header, tag)
    if not text or " " in text:
        raise Unreadable(f"no tag {tag}")
    return text


def _said(header: Header, tag: int) -> str | None:
    text = header.text(tag)
    if text is not None and not text.isprintable():
        raise Unreadable(f"tag {tag} has characters that cannot be printed")
    return text if text and text != "(none)" else None


def _files(header: Header) -> tuple[str, ...]:
    folders = header.texts(_DIR_NAMES)
    names = header.texts(_BASE_NAMES)
    places = header.integers(_DIR_INDEXES)
    if len(places) != len(names) or any(place >= len(folders) for place in places):
        raise Unreadable("its list of files contradicts itself")
    files = [f"{folders[place]}{name}" for place, name in zip(places, names, strict=True)]
    return few([file for file in files if file.isprintable()])
