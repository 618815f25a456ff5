"""Files of rpm's databases with any headers in them: ndb and Berkeley DB, written as plainly as can be."""

import struct
import zlib
from collections.abc import Sequence

__all__ = ["berkeley", "header", "named", "ndb"]

Entry = tuple[int, int, int, bytes]
_NAME, _VERSION, _RELEASE, _LICENSE = 1000, 1001, 1002, 1014
_STRING = 6


def header(*entries: Entry) -> bytes:
    """An rpm header of (tag, type, count, data)."""
    index, data = b"", b""
    for tag, kind, count, value in entries:
        data += b"\0" * (-len(data) % 4)
        index += struct.pack(">IIiI", tag, kind, len(data), count)
        data += value
    return struct.pack(">II", len(entries), len(data)) + index + data


def named(name: str, size: int = 0) -> bytes:
    """The header of a package, with so many bytes that nobody reads."""
    texts = {_NAME: name, _VERSION: "1", _RELEASE: "1", _LICENSE: "x" * size}
    return header(*((tag, _STRING, 1, text.encode() + b"\0") for tag, text in texts.items()))


def ndb(headers: Sequence[bytes], pages: int = 0, free: int = 0) -> bytes:
    """``Packages.db``.

    :param pages: how many pages of slots it has, at least as many as it needs.
    :param free: free blocks behind each package.
    """
    pages = max(pages, 1 + (len(headers) + 2) // 256)
    slots, blobs = b"", b""
    for number, content in enumerate(headers, 1):
        blob = struct.pack("<4sIII", b"BlbS", number, 0, len(content)) + content
        blob += bytes(-(len(blob) + 12) % 16)
        blob += struct.pack("<II4s", zlib.adler32(blob), len(content), b"BlbE")
        slots += struct.pack("<4sIII", b"Slot", number, pages * 256 + len(blobs) // 16, len(blob) // 16)
        blobs += blob + bytes(16 * free)
    slots += (b"Slot" + bytes(12)) * (pages * 256 - 2 - len(headers))
    return struct.pack("<4sIIII12x", b"RpmP", 0, 1, pages, len(headers) + 1) + slots + blobs


def berkeley(
    headers: Sequence[bytes], *, order: str = "<", size: int = 4096, buckets: int = 2, checksums: bool = False
) -> bytes:
    """``Packages``. A header that fits into a quarter of a page stands on the page itself."""
    head = 32 if checksums else 26
    pages: list[bytearray | None] = [None, *([None] * buckets)]

    def page(number: int, following: int, count: int, used: int, kind: int) -> bytearray:
        found = bytearray(struct.pack(f"{order}8xIIIHHBB", number, 0, following, count, used, 0, kind))
        return found + bytes(size - len(found))

    def elsewhere(content: bytes) -> bytes:
        parts = [content[place : place + size - head] for place in range(0, len(content), size - head)]
        first = len(pages)
        for number, part in enumerate(parts, first):
            following = number + 1 if number < first + len(parts) - 1 else 0
            made = page(number, following, 1, len(part), 7)
            made[head : head + len(part)] = part
            pages.append(made)
        return struct.pack(f"{order}B3xII", 3, first, len(content))

    records = [(0, struct.pack(f"{order}I", len(headers))), *enumerate(headers, 1)]
    for bucket in range(buckets):
        number, items, left = bucket + 1, list[bytes](), size - head
        for key, content in records[bucket::buckets]:
            value = b"\1" + content if len(content) < size // 4 else elsewhere(content)
            if left < len(value) + 9:
                pages.append(None)
                pages[number] = _hash(page(number, len(pages) - 1, len(items), 0, 13), head, items, order)
                number, items, left = len(pages) - 1, [], size - head
            items += [struct.pack(f"{order}BI", 1, key), value]
            left -= len(value) + 9
        pages[number] = _hash(page(number, 0, len(items), 0, 13), head, items, order)
    magic, flags = 0x061561, 1 if checksums else 0
    meta = struct.pack(f"{order}8xIIIIBBBx", 0, magic, 9, size, 0, 8, flags)
    meta += struct.pack(f"{order}6I20x", 0, len(pages) - 1, 0, 0, 0, 0)
    meta += struct.pack(f"{order}6I", buckets - 1, 0, 0, 0, len(records), 0) + struct.pack(f"{order}32I", *[1] * 32)
    return meta + bytes(size - len(meta)) + b"".join(made or bytes(size) for made in pages[1:])


def _hash(page: bytearray, head: int, items: list[bytes], order: str) -> bytearray:
    end = len(page)
    for number, item in enumerate(items):
        page[end - len(item) : end] = item
        end -= len(item)
        struct.pack_into(f"{order}H", page, head + 2 * number, end)
    return page
