"""The rows of rpm's database in Berkeley DB: the file ``Packages``, a hash of pages.

A page of metadata comes first. Buckets are chains of hash pages, where a package's number and its header stand in
pairs. A header that is longer than a part of a page stands in a chain of overflow pages. The record of number 0 is the
number that was given last. Either byte order is read.

Each page is read once at most, so the work is in proportion to the file, wherever its chains lead. Hash pages that no
bucket leads to are read too. They are damage, and so is a record that the count of records has and no page.

Checksums of pages, which rpm never makes, are not compared.

Source: Berkeley DB 5.3, ``dbinc/db_page.h``, and rpm, ``lib/backend/bdb_ro.cc``.
"""

import struct
from collections.abc import Iterator
from typing import Final

from advisories.models.reading import Unreadable
from advisories.readers.inventories.rpm_rows import BERKELEY_HASH, BERKELEY_PLACE, WHOLE, Damage, Row

__all__ = ["rows"]

_VERSIONS: Final = range(7, 11)
_PAGE_SIZES: Final = frozenset(1 << power for power in range(9, 17))
# Version, size of a page, encryption, kind, flags, last page, partitions, flags of the hash, last bucket, count of
# records, and what is added to a bucket for the number of its page, by the length of the bucket in bits.
_META: Final = "16xIIBBBx4xII8xI20xI12xI4x32I"
_META_SIZE: Final = 512
_META_KIND: Final = 8
_HAS_CHECKSUMS: Final = 0x01
_IN_PARTS: Final = 0x06
_HAS_DATABASES: Final = 0x02
# Its own number, the next page of its chain, count of entries, bytes in use of an overflow page, and kind.
_PAGE: Final = "8xI4xIHHxB"
_PAGE_HEAD, _PAGE_HEAD_WITH_CHECKSUM = 26, 32
_HASH_PAGES: Final = (2, 13)
_OVERFLOW: Final = 7
_UNUSED: Final = 0
# An entry begins with its kind: here, on overflow pages, or several under one key.
_HERE, _ELSEWHERE = 1, 3
_SEVERAL: Final = (2, 4)
_OVERFLOW_SIZE: Final = 12
_NUMBER_SIZE: Final = 4


def rows(data: bytes) -> Iterator[Row | Damage]:
    """Each header of a database, and what could not be read.

    Raises :class:`Unreadable` for what is no hash of packages, or is encrypted.
    """
    yield from _Hash(data).rows()


class _Hash:
    def __init__(self, data: bytes) -> None:
        if len(data) < _META_SIZE:
            raise Unreadable("its header is cut off")
        order = BERKELEY_HASH.get(data[BERKELEY_PLACE])
        if order is None:
            raise Unreadable("a B-tree of Berkeley DB: rpm has packages in a hash, the file Packages")
        version, size, encryption, kind, flags, last, parts, more, buckets, count, *spares = struct.unpack_from(
            order + _META, data
        )
        if kind != _META_KIND or version not in _VERSIONS:
            raise Unreadable(f"a hash of Berkeley DB in version {version}, where 7 to 10 are read")
        if encryption:
            raise Unreadable("an encrypted database")
        if size not in _PAGE_SIZES:
            raise Unreadable(f"a database with pages of {size} bytes")
        if parts or flags & _IN_PARTS or more & _HAS_DATABASES:
            raise Unreadable("a file with several databases of Berkeley DB, or with a part of one")
        if buckets > last:
            raise Unreadable(f"a database that claims {buckets + 1} buckets in {last} pages")
        self._data = data
        self._order = order
        self._size = size
        self._head = _PAGE_HEAD_WITH_CHECKSUM if flags & _HAS_CHECKSUMS else _PAGE_HEAD
        self._page = struct.Struct(order + _PAGE)
        self._pages = len(data) // size
        self._stated_pages = last + 1
        self._buckets = buckets + 1
        self._stated = count
        self._spares = spares
        self._is_read = bytearray(self._pages)
        self._seen = 0
        self._numbers: set[int] = set()
        self._is_broken = False

    def rows(self) -> Iterator[Row | Damage]:
        size = self._stated_pages * self._size
        if len(self._data) < size:
            yield self._damage(WHOLE, f"cut off after {len(self._data)} of {size} bytes")
        # A bucket's page has a number above its own.
        for bucket in range(min(self._buckets, self._pages)):
            yield from self._chain(bucket)
        if self._buckets > self._pages:
            why = f"of {self._buckets} buckets, those from {self._pages} on begin behind the end of the file"
            yield self._damage(WHOLE, why)
        yield from self._left()
        if self._seen < self._stated:
            yield Damage(WHOLE, f"{self._seen} of {self._stated} records are there")

    def _chain(self, bucket: int) -> Iterator[Row | Damage]:
        """The rows of a bucket's pages."""
        number = bucket + self._spares[bucket.bit_length()]
        while number:
            why = self._why_not(number, _HASH_PAGES)
            if why is not None:
                yield self._damage(f"the rest of bucket {bucket}", why, f"page {number}")
                return
            yield from self._of_page(number)
            number = self._page_head(number)[1]

    def _left(self) -> Iterator[Row | Damage]:
        """The rows of hash pages that are in no bucket, and pages of records that nothing leads to."""
        orphans = []
        for number in range(1, self._pages):
            if self._is_read[number]:
                continue
            _, following, count, _, kind = self._page_head(number)
            if kind in _HASH_PAGES:
                if not count and not following:
                    continue  # the last of pages that are set aside for buckets to come
                yield self._damage("a part of a bucket", "no bucket leads to this page", f"page {number}")
                yield from self._of_page(number)
            elif kind == _OVERFLOW:
                orphans.append(number)
            elif kind != _UNUSED:
                yield self._damage("a page", f"of the unknown kind {kind}", f"page {number}")
        # Where a record is broken, the rest of its pages is known to be lost.
        orphans = [number for number in orphans if not self._is_read[number]]
        if orphans and not self._is_broken:
            why = f"no record leads to {len(orphans)} of its pages"
            yield self._damage("a part of a header", why, f"page {orphans[0]}")

    def _of_page(self, number: int) -> Iterator[Row | Damage]:
        """The rows of a hash page. Its entries stand from its end to its head, each before the one of less number."""
        self._is_read[number] = 1
        begin = number * self._size
        count = self._page_head(number)[2]
        least = self._head + 2 * count
        if count % 2 or least > self._size:
            yield self._damage("a part of a bucket", f"a page that claims {count} entries", f"page {number}")
            return
        places = struct.unpack_from(f"{self._order}{count}H", self._data, begin + self._head)
        self._seen += count // 2
        before = above = self._size
        for entry in range(0, count, 2):
            key, value = places[entry : entry + 2]
            position = f"page {number}, entry {entry}"
            # In front of the pair before it, and of all that were read: a wrong place costs two pairs, and no byte is
            # read twice.
            if least <= value < key < before <= above:
                above = value
                found = self._record(begin, key, value, before, position)
                if found is not None:
                    yield found
            else:
                yield self._damage("a record", "it lies outside of its page, or over another", position)
            before = value

    def _record(self, begin: int, key: int, value: int, end: int, position: str) -> Row | Damage | None:
        data = self._data
        size = end - key - 1
        if data[begin + key] != _HERE or size != _NUMBER_SIZE:
            why = f"a key of {size} bytes, where numbers of packages have 4: an index, or no database of rpm's"
            return self._damage("a record", why, position)
        (number,) = struct.unpack_from(f"{self._order}I", data, begin + key + 1)
        what = f"package {number}"
        if number in self._numbers:
            return self._damage(what, "there is another of this number", position)
        self._numbers.add(number)
        kind = data[begin + value]
        if not number:
            if kind == _HERE and key - value - 1 == _NUMBER_SIZE:
                return None
            return self._damage("the number that was given last", "something else is in its place", position)
        if kind == _HERE:
            return number, position, data[begin + value + 1 : begin + key]
        if kind in _SEVERAL:
            return self._damage(what, "several records of one number", position)
        if kind != _ELSEWHERE or key - value != _OVERFLOW_SIZE:
            return self._damage(what, f"a record of the unknown kind {kind}", position)
        first, size = struct.unpack_from(f"{self._order}II", data, begin + value + 4)
        try:
            return number, position, self._joined(first, size)
        except Unreadable as error:
            return self._damage(what, str(error), position)

    def _joined(self, number: int, size: int) -> bytes:
        """What stands on a chain of overflow pages. Raises :class:`Unreadable` for another number of bytes."""
        parts = []
        found = 0
        while number and found < size:
            why = self._why_not(number, (_OVERFLOW,))
            if why is not None:
                raise Unreadable(f"{found} of {size} bytes, for page {number} is {why}")
            self._is_read[number] = 1
            _, following, _, used, _ = self._page_head(number)
            begin = number * self._size + self._head
            part = self._data[begin : begin + min(used, self._size - self._head)]
            parts.append(part)
            found += len(part)
            number = following
        if number or found != size:
            raise Unreadable(f"{found} bytes{' and more' if number else ''}, where {size} are stated")
        return b"".join(parts)

    def _why_not(self, number: int, kinds: tuple[int, ...]) -> str | None:
        """Why a page is not the next of a chain, or None."""
        if number >= self._pages:
            return "behind the end of the file"
        if self._is_read[number]:
            return "a page of another chain"
        own, _, _, _, kind = self._page_head(number)
        if kind not in kinds:
            return f"a page of another kind, {kind}"
        return None if own == number else f"a page that has the number {own}"

    def _page_head(self, number: int) -> tuple[int, int, int, int, int]:
        """Its own number, the next page, its count of entries, its bytes in use, and its kind."""
        return self._page.unpack_from(self._data, number * self._size)

    def _damage(self, where: str, why: str, position: str = "-") -> Damage:
        self._is_broken = True
        return Damage(where, why, position)
