"""Programs in the Executable and Linkable Format: their sections by name, and what is at an address when they run.

Nothing in a file is trusted: each table and each piece has to lie inside it, and has a bound.

Source: the System V ABI, *Object Files*. elf(5).
"""

import struct
from typing import BinaryIO, Final

from advisories.models.reading import Unreadable

__all__ = ["MAGIC", "Elf"]

#: How such a file begins.
MAGIC: Final = b"\x7fELF"
_IDENT: Final = 16
# Class and order of bytes, in the first bytes.
_CLASS, _ORDER = 4, 5
_ORDERS: Final = {1: "<", 2: ">"}
# Behind the first bytes: type, machine, version, entry, both tables' places, flags, and sizes and counts of entries.
_HEADERS: Final = {1: "HHIIIIIHHHHHH", 2: "HHIQQQIHHHHHH"}
# Name, type, flags, address, place, size, link and so on.
_SECTIONS: Final = {1: "IIIIIIIIII", 2: "IIQQQQIIQQ"}
# The order of fields of the program header differs: these are type, flags, place, address, sizes in file and memory.
_SEGMENTS: Final = {1: ("IIIIIIII", (0, 6, 1, 2, 4, 5)), 2: ("IIQQQQQQ", (0, 1, 2, 3, 5, 6))}
_LOAD: Final = 1
_WRITABLE: Final = 2
_NO_BITS: Final = 8
# The number of the section of names where it stands in the first section instead.
_ELSEWHERE: Final = 0xFFFF
# Real programs have up to a hundred sections.
_MOST_ENTRIES: Final = 1 << 17
_MOST_NAMES: Final = 1 << 24


class Elf:
    """A program.

    :param file: any file with that beginning, to be read at any place.
    :param size: of the file.

    It and each method raise :class:`Unreadable` for a file that is cut or damaged.
    """

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self._size = size
        ident = self._read(0, _IDENT, "its header")
        order = _ORDERS.get(ident[_ORDER])
        if not ident.startswith(MAGIC) or order is None or ident[_CLASS] not in _HEADERS:
            raise Unreadable("no program that is understood: its header is damaged")
        self._order: Final = order
        self._class: Final = ident[_CLASS]
        #: Bytes of an address.
        self.word: Final = 4 * self._class
        header = self._unpacked(_HEADERS[self._class], _IDENT, "its header")
        self._segments_at, self._sections_at = header[4:6]
        self._segment_size, self._segment_count, self._section_size, self._section_count, self._names = header[8:13]

    def section(self, name: bytes) -> tuple[int, int] | None:
        """Place and size of a section. None where there is none."""
        if not self._sections_at:
            return None
        fields = struct.Struct(self._order + _SECTIONS[self._class])
        if self._section_size < fields.size:
            raise Unreadable("its table of sections is damaged")
        first = self._unpacked(_SECTIONS[self._class], self._sections_at, "its table of sections")
        count = self._section_count or first[5]
        names = first[6] if self._names == _ELSEWHERE else self._names
        if count > _MOST_ENTRIES or names >= count:
            raise Unreadable("its table of sections is damaged")
        table = self._read(self._sections_at, count * self._section_size, "its table of sections")
        _, kind, _, _, begin, size, *_ = fields.unpack_from(table, names * self._section_size)
        if kind == _NO_BITS or size > _MOST_NAMES:
            raise Unreadable("its names of sections are damaged")
        texts = self._read(begin, size, "its names of sections")
        wanted = name + b"\0"
        for place in range(0, len(table), self._section_size):
            row = fields.unpack_from(table, place)
            if texts.startswith(wanted, row[0]) and row[1] != _NO_BITS:
                return row[4], row[5]
        return None

    @property
    def has_sections(self) -> bool:
        """Whether it has a table of sections. It runs without one."""
        return self._sections_at != 0 and (self._section_count != 0 or self._names != 0)

    def data(self) -> tuple[int, int] | None:
        """Place and size of its first writable part. None where there is none."""
        for kind, flags, begin, _, size, _ in self._segments():
            if kind == _LOAD and flags & _WRITABLE and size:
                return begin, size
        return None

    def content(self, begin: int, size: int, what: str) -> bytes:
        """A piece of the file.

        :param what: it is, for messages.
        """
        return self._read(begin, size, what)

    def at(self, address: int, size: int, what: str) -> bytes:
        """What is at an address when it begins to run: zeros where the file has nothing of its memory."""
        for kind, _, begin, start, length, memory in self._segments():
            if kind == _LOAD and start <= address and address + size <= start + max(length, memory):
                there = max(0, min(size, start + length - address))
                data = self._read(begin + address - start, there, what) if there else b""
                return data + bytes(size - there)
        raise Unreadable(f"{what} lies at an address outside of the file")

    def _segments(self) -> list[tuple[int, ...]]:
        if not self._segments_at:
            return []
        layout, order = _SEGMENTS[self._class]
        fields = struct.Struct(self._order + layout)
        if self._segment_size < fields.size:
            raise Unreadable("its table of segments is damaged")
        table = self._read(self._segments_at, self._segment_count * self._segment_size, "its table of segments")
        rows = (fields.unpack_from(table, number * self._segment_size) for number in range(self._segment_count))
        return [tuple(row[place] for place in order) for row in rows]

    def _unpacked(self, layout: str, begin: int, what: str) -> tuple[int, ...]:
        fields = struct.Struct(self._order + layout)
        return fields.unpack(self._read(begin, fields.size, what))

    def _read(self, begin: int, size: int, what: str) -> bytes:
        if begin + size > self._size:
            raise Unreadable(f"{what} lies outside of the file of {self._size} bytes")
        self._file.seek(begin)
        found = []
        left = size
        while left and (data := self._file.read(left)):
            found.append(data)
            left -= len(data)
        if left:
            raise Unreadable(f"{what} is cut off")
        return found[0] if len(found) == 1 else b"".join(found)
