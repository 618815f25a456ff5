"""The members of a tar archive, one after the other in one pass, with names as bytes: ustar, pax and GNU's headers.

The standard library's reader takes a damaged header for the archive's end, and decodes names. This one raises, for each
thing that readers of tar understand differently: a size of what has no content, a global header with a name.

Sources: POSIX.1-2017, *pax*, Extended Description. The manual of GNU tar, *Tar Internals*.
"""

import struct
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import BinaryIO, Final, NoReturn
from zlib import adler32

from advisories.models.errors import LimitExceeded, UnreadableSource
from advisories.sources._members import Member, plain_member
from advisories.sources.compression import Readable
from advisories.sources.limits import Limits
from advisories.sources.tree import Kind

__all__ = ["HARD_LINK", "Member", "MemberStream", "Tar", "is_tar"]

_BLOCK: Final = 512
_ZEROS: Final = bytes(_BLOCK)
_CHUNK: Final = 1 << 20
# Bytes of one header, with all that extends it.
_MOST_HEADER: Final = 1 << 20
# As many bytes as the kernel takes for a name.
_LONGEST_NAME: Final = 4096
_EXECUTABLE: Final = 0o111
_MAGIC: Final = slice(257, 263)
_USTAR: Final = b"ustar\0"
_GNU: Final = b"ustar "
# Name, mode, owner, group, size, time, checksum, type, target of a link.
_FIELDS: Final = struct.Struct("100s8s8s8s12s12s8sc100s")

#: What stands at the name of another member. Not yet a :class:`Kind`: whoever places it finds the other one.
HARD_LINK: Final = "a hard link"
_SPARSE: Final = "a sparse file, which is not read"
_KINDS: Final = {
    b"0": Kind.FILE,
    b"\0": Kind.FILE,
    b"7": Kind.FILE,
    b"1": HARD_LINK,
    b"2": Kind.LINK,
    b"3": Kind.DEVICE,
    b"4": Kind.DEVICE,
    b"5": Kind.FOLDER,
    b"6": Kind.PIPE,
    b"S": _SPARSE,
}
# Those of members with headers of the usual form, by the byte.
_PLAIN: Final[dict[int, str]] = {type[0]: _KINDS[type] for type in (b"0", b"\0", b"1", b"2", b"5")}
# A list of the files in a folder, with a content, as GNU writes it into incremental archives.
_LIST_OF_FILES: Final = b"D"
_LABEL: Final = b"V"
_LONG_TARGET, _LONG_NAME = b"K", b"L"
_EXTENDED: Final = (b"x", b"X")
_GLOBAL: Final = b"g"
# Records of a pax header that decide which file is where. In a global header readers of tar take them differently.
_DECIDING: Final = frozenset({b"path", b"linkpath", b"size"})
_SPARSE_RECORDS: Final = b"GNU.sparse."


def is_tar(head: bytes) -> bool:
    """Whether a stream begins as a tar archive does, by the mark in its first header."""
    return head[_MAGIC] in (_USTAR, _GNU)


class Tar:
    """An archive that is read once.

    :param stream: its bytes, unpacked.
    :param seekable: the same stream, where contents may be passed over without reading them.
    :param needs_end: whether it must have an end mark. Some tools write layers of images without one, and without what
        fills the last block. Digests show a cut there.

    Reading raises :class:`UnreadableSource` for an archive that is cut off, damaged, or followed by anything but zeros,
    and :class:`LimitExceeded`.
    """

    def __init__(
        self, stream: Readable, source: str, limits: Limits, *, seekable: BinaryIO | None = None, needs_end: bool = True
    ) -> None:
        self._source = source
        self._limits = limits
        self._needs_end = needs_end
        self._bytes = _Bytes(stream, seekable)
        self._count = 0
        self._left = 0

    def __iter__(self) -> Iterator[Member]:
        """The members. Of the last one you may take the content, by :meth:`content`."""
        limits = self._limits
        while (member := self._next()) is not None:
            self._count += 1
            if self._count > limits.members:
                why = limits.beyond("members", f"more members than the limit of {limits.members}")
                raise LimitExceeded(self._source, why)
            if member.place + member.size > limits.archive:
                why = f"unpacks to more than the limit of {limits.archive} bytes"
                raise LimitExceeded(self._source, limits.beyond("archive", why))
            self._left = member.size
            yield member
            padding = -member.size % _BLOCK
            if self._bytes.skip(self._left + padding) > (0 if self._needs_end else padding):
                self._refuse("it ends in the middle of a member")

    def content(self, member: Member) -> bytes:
        """The content of the last member."""
        return self._piece(member.size)

    def stream(self, member: Member) -> "MemberStream":
        """The content of the last member, piece by piece, as far as it is wanted."""
        return MemberStream(self._piece, member.size)

    def _piece(self, size: int) -> bytes:
        data = self._bytes.take(size)
        if len(data) < size:
            self._refuse("it ends in the middle of a member")
        self._left -= size
        return data

    def _next(self) -> Member | None:
        """The next member but for labels. None at the end, behind which nothing is."""
        plain = self._bytes.plain_member()
        if plain is not None:
            return plain
        records: dict[bytes, bytes] = {}
        name = target = None
        begin = self._bytes.place
        while True:
            header = self._header(in_member=bool(records) or name is not None or target is not None)
            if header is None:
                return None
            size, type = self._size(header[4]), header[7]
            if type in _EXTENDED:
                records.update(self._records(self._extension(size, begin)))
            elif type == _GLOBAL:
                found = self._records(self._extension(size, begin))
                if not _DECIDING.isdisjoint(found) or any(key.startswith(_SPARSE_RECORDS) for key in found):
                    self._refuse("a global header that names a member")
            elif type == _LONG_NAME:
                name = self._extension(size, begin).partition(b"\0")[0]
            elif type == _LONG_TARGET:
                target = self._extension(size, begin).partition(b"\0")[0]
            elif type == _LABEL:
                self._extension(size, begin)
            else:
                return self._member(header, size, records, name, target)

    def _member(
        self,
        header: tuple[bytes, ...],
        size: int,
        records: dict[bytes, bytes],
        name: bytes | None,
        target: bytes | None,
    ) -> Member:
        type = header[7]
        name = records.get(b"path") or name or header[0]
        target = records.get(b"linkpath") or target or header[8]
        if records.get(b"size"):
            size = self._decimal(records[b"size"])
        kind = _KINDS.get(type) or f"a member of an unknown kind: {ascii(type)[2:-1]}"
        if type == _LIST_OF_FILES:
            kind = Kind.FOLDER
        elif kind is Kind.FILE and name.endswith(b"/"):
            kind = Kind.FOLDER  # as archives had them before there was a type of folders
            if size:
                self._refuse(f"a folder with a content: {_shown(name)}")
        elif kind == HARD_LINK:
            size = 0  # that of the other one, which has the content
        elif size and kind in (Kind.LINK, Kind.DEVICE, Kind.FOLDER, Kind.PIPE):
            self._refuse(f"{kind} with a content: {_shown(name)}")
        if records and any(key.startswith(_SPARSE_RECORDS) for key in records):
            kind, name = _SPARSE, records.get(b"GNU.sparse.name") or name
        if type == b"S":
            self._pass_map(header)
        if b"\0" in name or b"\0" in target:
            self._refuse(f"a name with a NUL: {_shown(name)}")
        if len(target) > _LONGEST_NAME:
            self._refuse(f"a link to a name of more than {_LONGEST_NAME} bytes: {_shown(name)}")
        is_executable = _is_executable(header[1])
        return Member(self._name(name), kind, size, target, self._bytes.place, is_executable=is_executable)

    def _name(self, name: bytes) -> bytes:
        parts = [part for part in name.split(b"/") if part not in (b"", b".")]
        if b".." in parts:
            self._refuse(f"a name that leads out of its folder: {_shown(name)}")
        if len(name) > _LONGEST_NAME:
            self._refuse(f"a name of more than {_LONGEST_NAME} bytes: {_shown(name)}")
        return b"/".join(parts)

    def _header(self, *, in_member: bool) -> tuple[bytes, ...] | None:
        """The fields of a header, the name first, whole. None at the end."""
        block = self._bytes.take(_BLOCK)
        if len(block) < _BLOCK or block == _ZEROS:
            if block == _ZEROS or (not block and not self._needs_end):
                if in_member:
                    self._refuse("it ends in the middle of a member")
                self._check_rest()
                return None
            self._refuse("it ends in the middle of a header" if block else "the archive has no end, it is cut off")
        header = _FIELDS.unpack_from(block)
        if not _has_sum(block, header[6]):
            self._refuse("a damaged header: its checksum is another")
        name = header[0].partition(b"\0")[0]
        if block[_MAGIC] == _USTAR and block[345]:
            name = block[345:500].partition(b"\0")[0] + b"/" + name
        # With the mark of more places of a sparse file.
        return (name, *header[1:8], header[8].partition(b"\0")[0], block[482:483])

    def _check_rest(self) -> None:
        while data := self._bytes.take(_CHUNK):
            if data.strip(b"\0"):
                self._refuse("more after the archive's end")
            if self._bytes.place > self._limits.archive:
                why = f"zeros after its end up to more than the limit of {self._limits.archive} bytes"
                raise LimitExceeded(self._source, self._limits.beyond("archive", why))

    def _extension(self, size: int, begin: int) -> bytes:
        """The content of a header that extends the next one."""
        padded = -(-size // _BLOCK) * _BLOCK
        if self._bytes.place - begin + padded > _MOST_HEADER:
            self._refuse(f"a header of more than {_MOST_HEADER} bytes")
        data = self._bytes.take(padded)
        if len(data) < padded:
            self._refuse("it ends in the middle of a header")
        return data[:size]

    def _records(self, data: bytes) -> dict[bytes, bytes]:
        """The records of a pax header: ``LENGTH KEY=VALUE`` and a line end, where the length counts all of them."""
        found: dict[bytes, bytes] = {}
        place = 0
        while place < len(data) and data[place]:
            blank = data.find(b" ", place, place + 21)
            length = self._decimal(data[place:blank]) if blank >= 0 else 0
            end = place + length
            key, mark, value = data[blank + 1 : end - 1].partition(b"=")
            if blank < 0 or end > len(data) or end <= blank + 1 or data[end - 1 : end] != b"\n" or not mark or not key:
                self._refuse("a damaged header: no records of pax")
            found[key] = value
            place = end
        return found

    def _pass_map(self, header: tuple[bytes, ...]) -> None:
        """Pass over the blocks with places of a sparse file that its header has no room for."""
        more = header[9]
        while more not in (b"", b"\0"):
            block = self._bytes.take(_BLOCK)
            if len(block) < _BLOCK:
                self._refuse("it ends in the middle of a header")
            more = block[504:505]

    def _size(self, field: bytes) -> int:
        size = _number(field)
        if size is None:
            self._refuse("a damaged header: no size")
        if size < 0:
            self._refuse("a damaged header: a size below zero")
        return size

    def _decimal(self, text: bytes) -> int:
        if not text.isdigit() or len(text) > 20:
            self._refuse("a damaged header: no number")
        return int(text)

    def _refuse(self, why: str) -> NoReturn:
        raise UnreadableSource(self._source, f"not a whole tar archive: {why}, at member {self._count + 1}")


class MemberStream:
    """The content of a member while the archive is read."""

    def __init__(self, take: Callable[[int], bytes], size: int) -> None:
        self._take = take
        self._left = size

    def read(self, size: int = -1) -> bytes:
        """As of any stream."""
        size = self._left if size < 0 else min(size, self._left)
        self._left -= size
        return self._take(size) if size else b""


class _Bytes:
    """A stream by pieces of any size.

    :ivar place: how many bytes were taken or passed over.
    """

    def __init__(self, stream: Readable, seekable: BinaryIO | None) -> None:
        self.place = 0
        self._stream = stream
        self._buffer = b""
        self._begin = 0  # of what is left of the buffer
        self._seek = None if seekable is None else _seeker(seekable)

    def plain_member(self) -> Member | None:
        """The member whose header is next, if that has the usual form. Otherwise nothing is taken."""
        member = plain_member(self._buffer, self._begin, self.place + _BLOCK, _PLAIN)
        if member is not None:
            self._begin += _BLOCK
            self.place += _BLOCK
        return member

    def take(self, size: int) -> bytes:
        """So many bytes, or those up to the end."""
        end = self._begin + size
        data = self._buffer[self._begin : end]
        self._begin = end
        self.place += len(data)
        if end <= len(self._buffer):
            return data
        found = [data]
        left = size - len(data)
        while left:
            self._buffer = self._stream.read(_CHUNK)
            self._begin = min(left, len(self._buffer))
            if not self._begin:
                break
            found.append(self._buffer[: self._begin])
            left -= self._begin
            self.place += self._begin
        return b"".join(found)

    def skip(self, size: int) -> int:
        """Pass over so many bytes. How many of them are missing."""
        self.place += size
        self._begin += size
        size = self._begin - len(self._buffer)
        if size <= 0:
            return 0
        self._buffer, self._begin = b"", 0
        if self._seek is not None:
            return self._seek(size)
        while size > 0:
            data = self._stream.read(_CHUNK)
            if not data:
                return size
            if len(data) > size:
                self._buffer, self._begin = data, size
            size -= len(data)
        return 0


def _seeker(stream: BinaryIO) -> Callable[[int], int]:
    here = stream.tell()
    end = stream.seek(0, 2)
    stream.seek(here)

    def seek(size: int) -> int:
        place = stream.tell() + size
        stream.seek(min(place, end))
        return max(0, place - end)

    return seek


def _has_sum(block: bytes, field: bytes) -> bool:
    """Whether a header has its checksum: the sum of its bytes, with blanks in the place of the checksum."""
    stated = _number(field)
    # Adler-32 has one more than the sum in its lower half, and adds faster than Python. That holds the sum of 512 bytes
    # below 128, else of 256.
    if block.isascii():
        return stated == (adler32(block) & 0xFFFF) - 1 - sum(field) + 8 * 32
    pieces = adler32(block[:148]), adler32(block[156:412]), adler32(block[412:])
    total = sum(piece & 0xFFFF for piece in pieces) - len(pieces) + 8 * 32
    if stated == total:
        return True
    # Some old programs added signed bytes.
    return stated is not None and stated == total - 256 * sum(1 for byte in block[:148] + block[156:] if byte > 127)


def _number(field: bytes) -> int | None:
    """A number of a header: octal digits, or binary where that is marked. None for anything else."""
    if field[0] & 0x80:  # the sign is in the bit below the mark
        bits = 8 * len(field) - 1
        number = int.from_bytes(field, "big") - (1 << bits)
        return number - (1 << bits) if field[0] & 0x40 else number
    text = field.strip(b" \0")
    if not text.isdigit():
        return None if text else 0
    try:
        return int(text, 8)
    except ValueError:  # a digit above seven
        return None


@lru_cache(256)
def _is_executable(mode: bytes) -> bool:
    """Whether anybody may execute a file of this mode, or it has none. An archive has few of them."""
    number = _number(mode)
    return number is None or bool(number & _EXECUTABLE)


def _shown(name: bytes) -> str:
    return ascii(name[:80])[2:-1]
