"""The plain members of a tar archive, read at once. The library's reader takes as long for a header as a record takes.

Whatever is not plain, damage and the archive's end among it, is left in the stream for :mod:`tarfile`, which then goes
on from there as if it had read all before: a member's header says nothing about the members behind it, but for those
of extended headers, which are not plain.
"""

from collections.abc import Iterator
from typing import Final
from zlib import adler32

from advisories.models.patterns import pattern
from advisories.sources.compression import Readable

__all__ = ["Ahead", "plain_members"]

_BLOCK: Final = 512
# Of the stream that is read at once.
_CHUNK: Final = 1 << 16
_NAME: Final = 100
_CHECKSUM: Final = slice(148, 156)
# A regular file with numbers as GNU, Python and BSD write them, from mode to kind. Digits of the size, and of the sum.
_NUMBERS: Final = pattern(rb"(?:[0-7]{7}[\0 ]){3}([0-7]{11})[\0 ][0-7]{11}[\0 ]([0-7]{6})\0 0")
# From the mark to the devices' numbers, with no directory that goes before the name.
_REST: Final = pattern(rb"(?s)ustar(?:\x0000|  \0).{64}(?:[0-7]{7}[\0 ]|\0{8}){2}\0")
_AT_NUMBERS: Final = 100
_AT_REST: Final = 257


class Ahead:
    """A stream that may be looked at before it is read."""

    def __init__(self, stream: Readable) -> None:
        self._stream: Final = stream
        self._data = b""
        self._begin = 0

    def look(self, begin: int, size: int) -> bytes:
        """So many bytes from a place ahead, without reading them. Fewer where the stream ends."""
        place = self._begin + begin
        missing = place + size - len(self._data)
        if missing > 0:
            parts = [self._data[self._begin :]]
            while missing > 0 and (more := self._stream.read(max(missing, _CHUNK))):
                parts.append(more)
                missing -= len(more)
            self._data, self._begin = b"".join(parts), 0
            place = begin
        return self._data[place : place + size]

    def skip(self, size: int) -> None:
        """Pass over bytes that were looked at."""
        self._begin += size

    def read(self, size: int = -1) -> bytes:
        """As of any stream."""
        rest = len(self._data) - self._begin
        if rest <= 0:
            return self._stream.read(size)
        data = self._data[self._begin :] if size < 0 else self._data[self._begin : self._begin + size]
        self._begin += len(data)
        return data


def plain_members(stream: Ahead, largest: int) -> Iterator[tuple[str, bytes]]:
    """Name and content of each plain member, up to the first that is not: of that nothing is read.

    :param largest: the most bytes of content that a plain member has.
    """
    while True:
        header = stream.look(0, _BLOCK)
        found = _plain(header)
        if found is None:
            return
        name, size = found
        if size > largest:
            return
        padded = size + -size % _BLOCK
        content = stream.look(_BLOCK, padded)
        if len(content) < padded:
            return
        stream.skip(_BLOCK + padded)
        yield name, content[:size]


def _plain(header: bytes) -> tuple[str, int] | None:
    """The name and the size of a plain member by its header."""
    if len(header) != _BLOCK or not header.isascii():
        return None
    numbers = _NUMBERS.match(header, _AT_NUMBERS)
    if numbers is None or _REST.match(header, _AT_REST) is None:
        return None
    # The sum of bytes below 128 is less than what Adler-32 divides by. Spaces stand in place of the field itself.
    total = (adler32(header) & 0xFFFF) - 1 - sum(header[_CHECKSUM]) + 8 * ord(" ")
    name = header[:_NAME].partition(b"\0")[0].decode()
    if total != int(numbers[2], 8) or not name.isprintable() or name.endswith("/") or not name:
        return None
    return name, int(numbers[1], 8)
