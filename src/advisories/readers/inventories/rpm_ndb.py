"""The rows of rpm's database in ndb, the file ``Packages.db``.

Pages of slots come first, with the header in the place of the first two. A slot leads to a package's blob: so many
blocks of 16 bytes, with its number, its length and a checksum. Free blocks hold zeros. So a blob that no slot leads to
shows, and is damage: rpm was interrupted, or a slot was lost.

No byte is in two blobs, so the work is in proportion to the file, wherever its slots lead.

Source: rpm, ``lib/backend/ndb/rpmpkg.c``.
"""

import struct
import zlib
from collections.abc import Iterator
from typing import Final

from advisories.models.reading import Unreadable
from advisories.readers.collector import LIST_LIMITS
from advisories.readers.inventories.rpm_rows import WHOLE, Damage, Row

__all__ = ["rows"]

# Its mark, the version, how often it was changed, pages of slots, and the next package's number.
_HEADER: Final = struct.Struct("<4sIIII12x")
_VERSION: Final = 0
# A mark, the package's number, its first block, and how many there are. Without a first block it is free.
_SLOT: Final = struct.Struct("<4sIII")
_SLOT_MARK: Final = b"Slot"
# A number of 32 bits.
_SLOT_BITS: Final = 32
_PAGE: Final = 4096
_BLOCK: Final = 16
_BLOCKS: Final = _PAGE // _BLOCK
# In front of a blob its mark, the package's number, the time and its length. Behind it a checksum of all in front of
# that, the length again, and another mark.
_HEAD: Final = struct.Struct("<4sI4xI")
_TAIL: Final = struct.Struct("<II4s")
_HEAD_MARK, _TAIL_MARK = b"BlbS", b"BlbE"
_PACKED: Final = b"LZOB"


def rows(data: bytes) -> Iterator[Row | Damage]:
    """Each header of a database, and what could not be read. Raises :class:`Unreadable` for another version."""
    if len(data) < _HEADER.size:
        raise Unreadable("its header is cut off")
    _, version, _, pages, _ = _HEADER.unpack_from(data)
    if version != _VERSION:
        raise Unreadable(f"version {version} of ndb, where {_VERSION} is read")
    if not pages:
        raise Unreadable("it claims no page of slots")
    if pages * _PAGE > len(data) or len(data) % _BLOCK:
        yield Damage(WHOLE, f"cut off after {len(data)} bytes")
    slots: list[int] = []
    for found in _slots(data, min(pages, len(data) // _PAGE)):
        if isinstance(found, Damage):
            yield found
        else:
            slots.append(found)
    yield from _blobs(data, pages * _BLOCKS, slots)


def _slots(data: bytes, pages: int) -> Iterator[int | Damage]:
    """The slots that are in use, each as a number in the order of their blobs: the first block, then the slot."""
    limits, left = LIST_LIMITS.get(), LIST_LIMITS.get().packages
    for page in range(pages):
        lost = 0
        begin = page * _BLOCKS or _HEADER.size // _SLOT.size
        view = memoryview(data)[begin * _SLOT.size : (page + 1) * _PAGE]
        for number, (mark, package, block, count) in enumerate(_SLOT.iter_unpack(view), begin):
            if mark != _SLOT_MARK:
                lost += 1
            elif block and package and count:
                left -= 1
                if left < 0:
                    why = f"more slots in use than the limit of {limits.packages} packages"
                    raise Unreadable(limits.beyond("packages", why))
                yield block << _SLOT_BITS | number
            elif block or package or count:
                what = f"package {package}" if package else "a package"
                yield Damage(what, "its slot has no number, or leads nowhere", f"slot {number}")
        if lost:
            why = f"{lost} of {len(view) // _SLOT.size} have another mark"
            yield Damage("slots", why, f"byte {begin * _SLOT.size}")


def _blobs(data: bytes, end: int, slots: list[int]) -> Iterator[Row | Damage]:
    """The blobs that slots lead to, in their order in the file.

    :param end: the end of the slots, in blocks, and then of the blob before.
    """
    seen: set[int] = set()
    refused: set[int] = set()
    for key in sorted(slots):
        number = key & ((1 << _SLOT_BITS) - 1)
        _, package, block, count = _SLOT.unpack_from(data, number * _SLOT.size)
        what, position = f"package {package}", f"slot {number}, byte {block * _BLOCK}"
        try:
            if block < end:
                raise Unreadable("its blocks are those of slots, or of another package")
            if package in seen:
                raise Unreadable("there is another of this number")
            size = _size(data, package, block, count)
        except Unreadable as error:
            refused.add(package)
            yield Damage(what, str(error), position)
            continue
        yield from _between(data, end, block, refused)
        end = block + count
        seen.add(package)
        try:
            yield package, position, _content(data, block * _BLOCK, end * _BLOCK - _TAIL.size, size)
        except Unreadable as error:
            yield Damage(what, str(error), position)
    yield from _between(data, end, len(data) // _BLOCK, refused)


def _size(data: bytes, package: int, block: int, count: int) -> int:
    """The length of a blob. Raises :class:`Unreadable` where what stands around it is not as its slot has it."""
    begin, end = block * _BLOCK, (block + count) * _BLOCK
    if end > len(data):
        raise Unreadable("it lies behind the end of the file")
    head: tuple[bytes, int, int] = _HEAD.unpack_from(data, begin)
    mark, number, size = head
    if mark != _HEAD_MARK or number != package:
        raise Unreadable("something else is in its place")
    if count != -(-(_HEAD.size + size + _TAIL.size) // _BLOCK):
        raise Unreadable(f"{size} bytes in {count} blocks")
    _, again, mark = _TAIL.unpack_from(data, end - _TAIL.size)
    if mark != _TAIL_MARK or again != size:
        raise Unreadable("its end is not where its beginning has it")
    return size


def _content(data: bytes, begin: int, end: int, size: int) -> bytes:
    """The header in a blob that ends before its checksum. Raises :class:`Unreadable` for another checksum."""
    (stated,) = struct.unpack_from("<I", data, end)
    found = zlib.adler32(memoryview(data)[begin:end])
    if found != stated:
        raise Unreadable(f"its checksum is {found:08x}, where {stated:08x} is stated")
    content = data[begin + _HEAD.size : begin + _HEAD.size + size]
    if content.startswith(_PACKED):
        raise Unreadable("packed by LZO, which is not read")
    return content


def _between(data: bytes, first: int, last: int, refused: set[int]) -> Iterator[Damage]:
    """What is in blocks that no slot leads to, where they are not empty.

    :param refused: the packages that were refused already, with their slots.
    """
    begin, end = first * _BLOCK, last * _BLOCK
    if begin >= end or data.count(0, begin, end) == end - begin:
        return
    is_known = False
    place = data.find(_HEAD_MARK, begin, end)
    while place >= 0:
        if place % _BLOCK == 0 and place + _HEAD.size <= end:
            is_known = True
            package = _HEAD.unpack_from(data, place)[1]
            if package not in refused:
                yield Damage(f"package {package}", "no slot leads to it", f"byte {place}")
        place = data.find(_HEAD_MARK, place + 1, end)
    if not is_known:
        yield Damage("free blocks", "they are not empty", f"byte {begin}")
