"""rpm's database, without librpm: SQLite (``rpmdb.sqlite``), ndb (``Packages.db``) and Berkeley DB (``Packages``).

Read of each package's header, bounds-checked, are name, epoch, version, release, architecture, source rpm, vendor,
module label, the time of installation and the names of files. A write-ahead log beside SQLite's is applied. Where a
database of that kind has none beside it, the report counts that as skipped.

Source: rpm, ``lib/header.c`` (the header without its magic: two counts, an index of 16 bytes an entry, the data) and
``include/rpm/rpmtag.h``.
"""

import struct
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Final

from advisories.distros.nevra import module_of, split
from advisories.models.errors import UnreadableSource
from advisories.models.packages import STATE_OF_RPM, Package, State
from advisories.models.reading import Unreadable
from advisories.readers.collector import Collector
from advisories.readers.inventories.head import Head
from advisories.readers.inventories.locations import See, few
from advisories.readers.inventories.rpm_rows import BERKELEY, BERKELEY_PLACE, NDB, SQLITE, Damage, Row
from advisories.readers.listing import Listing
from advisories.readers.releases import release_of_packages
from advisories.sources.dates import moment_of

__all__ = ["Header", "read", "read_with_log", "sniff"]

_NAME, _VERSION, _RELEASE, _EPOCH, _INSTALL_TIME, _VENDOR, _ARCH = 1000, 1001, 1002, 1003, 1008, 1011, 1022
_SOURCE_RPM, _DIR_INDEXES, _BASE_NAMES, _DIR_NAMES, _MODULE_LABEL = 1044, 1116, 1117, 1118, 5096
_INT32, _STRING, _STRING_ARRAY, _I18N = 4, 6, 8, 9
_TEXTS: Final = (_STRING, _STRING_ARRAY, _I18N)
_NO_ENTRY: Final = (0, 0, 0, 0)
# rpm's own bound of an index, and of a header's data.
_MOST_ENTRIES: Final = 0xFFFF
_MOST_DATA: Final = 0x10000000


def sniff(head: Head) -> bool:
    """The magic of SQLite, Berkeley DB or ndb."""
    return head.data.startswith((SQLITE, NDB)) or head.data[BERKELEY_PLACE] in BERKELEY


def read(data: bytes, source: str) -> Listing:
    """The packages of a database, with the log beside its file. A broken header is rejected.

    Raises :class:`UnreadableSource` for what is no database of packages, or cannot be read as one at all.
    """
    if not data.startswith(SQLITE):
        return read_with_log(data, None, source)
    from advisories.readers.inventories.rpm_sqlite import is_logged, log_beside  # only where there is such a database

    log = None if source == "-" or "\0" in source else log_beside(Path(source), data)
    collector = _collected(data, log, source)
    if log is None and is_logged(data):
        collector.skip("a write-ahead log, if there was one: none is beside it")
    return collector.listing(*release_of_packages(collector.packages))


def read_with_log(data: bytes, log: bytes | None, source: str, see: See | None = None) -> Listing:
    """The packages of a database with a log, or without. Raises as :func:`read`.

    :param see: sees all their files.
    """
    collector = _collected(data, log, source, see)
    return collector.listing(*release_of_packages(collector.packages))


def _collected(data: bytes, log: bytes | None, source: str, see: See | None = None) -> Collector:
    collector = Collector(source)
    damage: Damage | None = None
    try:
        for row in _rows(data, log):
            if isinstance(row, Damage):
                damage = damage or row
                collector.reject(row.position, row.where, row.why)
            else:
                number, position, blob = row
                collector.add(position, f"package {number}", partial(_package, see=see), blob)
    except Unreadable as error:
        raise UnreadableSource(source, f"not a whole rpm database: {error}") from error
    if damage is not None and not collector.packages:
        raise UnreadableSource(source, f"not a whole rpm database: {damage.why}")
    return collector


def _rows(data: bytes, log: bytes | None) -> Iterator[Row | Damage]:
    """What is in a database of any kind, whose reader is loaded for it alone. Raises :class:`Unreadable` for none."""
    if data.startswith(SQLITE):
        from advisories.readers.inventories import rpm_sqlite

        return rpm_sqlite.rows(data, log)
    if data.startswith(NDB):
        from advisories.readers.inventories import rpm_ndb

        return rpm_ndb.rows(data)
    if data[BERKELEY_PLACE] in BERKELEY:
        from advisories.readers.inventories import rpm_berkeley

        return rpm_berkeley.rows(data)
    raise Unreadable("its header is cut off" if len(data) < BERKELEY_PLACE.stop else "it begins as none does")


class Header:
    """An rpm header, its index checked against its length. Values are read on demand.

    Raises :class:`Unreadable` for anything else.
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
        index = list(struct.iter_unpack(">IIiI", blob[8 : self._start]))
        # Of several entries of a tag the first one counts.
        self._index = {entry[0]: entry for entry in reversed(index)}

    def text(self, tag: int) -> str | None:
        """The first text of a tag, or None."""
        begin, count = self._place_of_text(tag)
        if not count:
            return None
        end = self._blob.find(b"\0", begin, self._end)
        if end < 0:
            raise Unreadable(f"tag {tag} has no end")
        return self._blob[begin:end].decode("utf-8", "surrogateescape")

    def texts(self, tag: int) -> list[str]:
        """The texts of a tag."""
        begin, count = self._place_of_text(tag)
        if not count:
            return []
        # What follows the texts is any bytes, which are characters in Latin-1 alone.
        *texts, _ = self._blob[begin : self._end].decode("latin-1").split("\0", count)
        if len(texts) < count:
            raise Unreadable(f"tag {tag} has no end")
        if "".join(texts).isascii():
            return texts
        return [text.encode("latin-1").decode("utf-8", "surrogateescape") for text in texts]

    def integers(self, tag: int) -> tuple[int, ...]:
        """The 32-bit integers of a tag."""
        type, begin, count = self._place(tag)
        if not count:
            return ()
        if type != _INT32 or begin + 4 * count > self._end:
            raise Unreadable(f"tag {tag} is not a list of integers, or longer than the header")
        return struct.unpack_from(f">{count}I", self._blob, begin)

    def _place_of_text(self, tag: int) -> tuple[int, int]:
        type, begin, count = self._place(tag)
        if count and type not in _TEXTS:
            raise Unreadable(f"tag {tag} is not a text")
        return begin, count

    def _place(self, tag: int) -> tuple[int, int, int]:
        _, type, offset, count = self._index.get(tag, _NO_ENTRY)
        begin = self._start + offset
        if count and not self._start <= begin < self._end:
            raise Unreadable(f"tag {tag} lies outside the header")
        if count > self._end - self._start:
            raise Unreadable(f"tag {tag} claims {count} values")
        return type, begin, count


def _package(blob: object, see: See | None = None) -> Package:
    header = Header(blob)
    name, version, release = _needed(header, _NAME), _needed(header, _VERSION), _needed(header, _RELEASE)
    epoch, installed_at = header.integers(_EPOCH), header.integers(_INSTALL_TIME)
    evr = f"{version}-{release}"
    built_from = split(_value(header, _SOURCE_RPM) or "")
    files = _files(header)
    package = Package(
        "rpm",
        name,
        f"{epoch[0]}:{evr}" if epoch else evr,
        _value(header, _ARCH),
        source_name=built_from.name if built_from else None,
        source_version=built_from.evr if built_from else None,
        source_epoch_known=False,
        module=module_of(release, _value(header, _MODULE_LABEL)),
        vendor=_value(header, _VENDOR),
        state=STATE_OF_RPM.get(name, State.INSTALLED),
        locations=few(*files),
        installed_at=moment_of(installed_at[0]) if installed_at else None,
    )
    if see is not None:
        see(package, *files)
    return package


def _needed(header: Header, tag: int) -> str:
    text = _value(header, tag)
    if not text or " " in text:
        raise Unreadable(f"no tag {tag}")
    return text


def _value(header: Header, tag: int) -> str | None:
    text = header.text(tag)
    if text is not None and not text.isprintable():
        raise Unreadable(f"tag {tag} has characters that cannot be printed")
    return text if text and text != "(none)" else None


def _files(header: Header) -> tuple[list[str], list[str], tuple[int, ...]]:
    folders = header.texts(_DIR_NAMES)
    names = header.texts(_BASE_NAMES)
    places = header.integers(_DIR_INDEXES)
    if len(places) != len(names) or (places and max(places) >= len(folders)):
        raise Unreadable("its list of files contradicts itself")
    return folders, names, places
