"""Compressed streams: recognised by their first bytes, read as they come, and no further than a limit allows."""

import errno
import io
from collections.abc import Callable, Mapping
from contextlib import suppress
from enum import Enum
from functools import cache
from types import MappingProxyType
from typing import Any, BinaryIO, Final, Protocol, cast

from advisories.models.errors import LimitExceeded, UnreadableSource
from advisories.sources.extras import extra_library
from advisories.sources.limits import Limits

__all__ = [
    "COMPRESSED",
    "HEAD",
    "SUFFIXES",
    "Readable",
    "Rewound",
    "Taken",
    "as_file",
    "compression_of",
    "decoder_errors",
    "read_whole",
    "unpacked",
]

#: How many bytes show which container it is. The mark of a tar archive stands at byte 257.
HEAD: Final = 512

#: Ends of file names that compression adds.
SUFFIXES: Final = (".gz", ".bz2", ".xz", ".lzma", ".zst")

# The form .lzma has no mark of its own. It begins with the usual properties and a dictionary of 64 KiB at least.
_LZMA: Final = b"\x5d\0\0"
_MAGIC: Final[Mapping[bytes, str]] = MappingProxyType(
    {
        b"\x1f\x8b": "gzip",
        b"BZh": "bzip2",
        b"\xfd7zXZ\x00": "xz",
        _LZMA: "lzma",
        b"\x28\xb5\x2f\xfd": "zstd",
        # A frame to skip may stand first, and pzstd writes one. Source: RFC 8878, 3.1.2.
        **{bytes([first]) + b"\x2a\x4d\x18": "zstd" for first in range(0x50, 0x60)},
    }
)
#: The first bytes of everything that :func:`compression_of` recognises, and of little else.
COMPRESSED: Final = tuple(_MAGIC)

# How much is read at once.
_CHUNK: Final = 1 << 20
# How much of it a stream of bzip2 or xz is given at first.
_FIRST_PIECE: Final = 1 << 10
# How much Zstandard reads at once. Each time it waits for other threads. The limit on the ratio counts all of it.
_ZSTD_READ: Final = 1 << 20
# The most memory that a frame of Zstandard may take.
_MOST_WINDOW: Final = 1 << 27
# How frames begin, as numbers. The last four bits of those to skip are free.
_FRAME: Final = 0xFD2FB528
_SKIPPED_FRAME: Final = 0x184D2A50
# A stream of xz names the memory that unpacking it takes, up to four gigabytes.
_MOST_MEMORY: Final = 1 << 29


class Readable(Protocol):
    """What bytes can be read from, once."""

    def read(self, size: int = -1, /) -> bytes:
        """Up to so many bytes, and no byte at the end."""


class Rewound:
    """A stream whose first bytes were looked at, and are read once more. It counts what is taken from it.

    :param head: first bytes that were read already.
    :ivar head: up to :data:`HEAD` first bytes.
    :ivar count: bytes that have been read.
    """

    def __init__(self, stream: Readable, head: bytes = b"") -> None:
        while len(head) < HEAD and (more := _waited_for(stream.read(HEAD - len(head)))):
            head += more
        self.head: Final = head
        self.count = 0
        self._stream = stream
        self._again = head

    def read(self, size: int = -1) -> bytes:
        """As of any stream."""
        if self._again:
            data = self._again if size < 0 else self._again[:size]
            self._again = self._again[len(data) :]
            if size < 0 or len(data) < size:
                data += _waited_for(self._stream.read(size if size < 0 else size - len(data)))
        else:
            data = _waited_for(self._stream.read(size))
        self.count += len(data)
        return data


def _waited_for(data: bytes | None) -> bytes:
    """What was read. A stream that does not block gives None while there is nothing yet, and that is not its end."""
    if data is None:
        raise BlockingIOError(errno.EAGAIN, "it does not block, and has no more data yet")
    return data


def compression_of(head: bytes) -> str | None:
    """How a stream that begins like this is compressed: ``gzip``, ``bzip2``, ``xz``, ``lzma``, ``zstd``, or None."""
    if not head.startswith(COMPRESSED):
        return None
    name = next(name for magic, name in _MAGIC.items() if head.startswith(magic))
    if name == "lzma" and head[5:13] != b"\xff" * 8 and head[10:13] != b"\0" * 3:
        return None  # its size would be a terabyte
    return name


def unpacked(
    stream: Rewound,
    compression: str,
    source: str,
    limits: Limits,
    taken: "Taken | None" = None,
    *,
    budget: str = "ratio",
) -> Readable:
    """The content of a compressed stream: of every stream in it, up to the last byte.

    :param taken: how many bytes the whole source has had so far, under all layers. None where this is the outermost.
    :param budget: the name of the limit on how many times its size it unpacks to.

    Reading raises :class:`UnreadableSource` for what is damaged, cut off or followed by anything else, and
    :class:`LimitExceeded` for what unpacks to too many times its size.
    """
    return _Unpacked(stream, compression, source, limits, taken, budget)


#: How many bytes of a source were read so far.
Taken = Callable[[], int]


class _Unpacked:
    def __init__(
        self, packed: Rewound, compression: str, source: str, limits: Limits, taken: Taken | None, budget: str
    ) -> None:
        self._packed = packed
        self._compression = compression
        self._source = source
        self._limits = limits
        self._taken = taken
        self._budget = budget
        self._ratio: int = getattr(limits, budget)
        self._count = 0
        self._inner = _OPENERS[compression](packed, source)

    def read(self, size: int = -1) -> bytes:
        try:
            data = self._inner.read(size)
        except decoder_errors() as error:
            why = f"not a whole {self._compression} file: {error}, in the first {self._packed.count} bytes"
            raise UnreadableSource(self._source, why) from error
        self._count += len(data)
        limits = self._limits
        packed = self._packed.count if self._taken is None else min(self._packed.count, self._taken())
        if self._count > max(limits.ratio_from, packed * self._ratio):
            why = f"unpacks to more than {self._ratio} times its size"
            raise LimitExceeded(self._source, limits.beyond(self._budget, why))
        return data


@cache
def decoder_errors() -> tuple[type[Exception], ...]:
    """Whatever the libraries raise for damaged input: archives, compression, numbers and texts in their headers.

    Those of our own among it (:class:`UnreadableSource`) are to be caught before.
    """
    import struct
    import tarfile
    import zipfile
    import zlib

    found: list[type[Exception]] = [OSError, EOFError, ValueError, ArithmeticError, LookupError, struct.error]
    # RuntimeError is an encrypted member of a zip archive. NotImplementedError, its subclass, an unknown compression.
    found += [zlib.error, tarfile.TarError, zipfile.BadZipFile, RuntimeError]
    with suppress(ImportError):
        import lzma

        found.append(lzma.LZMAError)
    # Whatever a broken one raises: what it would read is refused where it is opened.
    with suppress(Exception):
        import zstandard

        found.append(zstandard.ZstdError)
    return tuple(found)


def _gzip(stream: Rewound, source: str) -> Readable:
    import gzip

    # Zeros may follow, as on a tape. It refuses anything else that does.
    return gzip.GzipFile(fileobj=as_file(stream))


def _bzip2(stream: Rewound, source: str) -> Readable:
    import bz2

    return io.BufferedReader(_Streams(stream, bz2.BZ2Decompressor, 0))


def _xz(stream: Rewound, source: str) -> Readable:
    import lzma

    def new() -> lzma.LZMADecompressor:
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MOST_MEMORY)

    # The .xz file format, version 1.1.0, 2.2: stream padding is zeros, a multiple of four.
    return io.BufferedReader(_Streams(stream, new, 4))


def _lzma(stream: Rewound, source: str) -> Readable:
    import lzma

    def new() -> lzma.LZMADecompressor:
        return lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=_MOST_MEMORY)

    return io.BufferedReader(_Streams(stream, new, 0))


def _zstd(stream: Rewound, source: str) -> Readable:
    members = ("ZstdDecompressor", "ZstdError")
    zstandard = extra_library(source, "zstandard", "zstandard", "zstd", "compressed by Zstandard: reading it", members)
    frames = zstandard.ZstdDecompressor(max_window_size=_MOST_WINDOW)
    framed = cast(BinaryIO, _Frames(stream))  # it is only read
    return cast(Readable, frames.stream_reader(framed, read_size=_ZSTD_READ, read_across_frames=True))


_OPENERS: Final[Mapping[str, Callable[[Rewound, str], Readable]]] = MappingProxyType(
    {"gzip": _gzip, "bzip2": _bzip2, "xz": _xz, "lzma": _lzma, "zstd": _zstd}
)


class _Streams(io.RawIOBase):
    """Compressed streams, one after the other. The library's own readers leave out a second one that is damaged.

    :param new: makes a :class:`bz2.BZ2Decompressor` or :class:`lzma.LZMADecompressor`.
    :param padding: zeros may follow a stream, in multiples of so many. 0 allows none.
    """

    def __init__(self, stream: Readable, new: Callable[[], Any], padding: int) -> None:
        self._stream = stream
        self._new = new
        self._padding = padding
        self._current: Any = new()
        self._all = self._packed = memoryview(b"")
        self._piece = _FIRST_PIECE

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview") -> int:  # type: ignore[override]
        while True:
            if self._current is None and not self._begins_another():
                return 0
            current = self._current
            assert current is not None
            piece = memoryview(b"")
            if current.needs_input:
                piece = self._next_piece()
            data = current.decompress(piece, len(buffer))
            if current.eof:
                # What it did not use is the end of the piece.
                self._packed = self._all[len(self._all) - len(self._packed) - len(current.unused_data) :]
                self._current = None
            if data:
                buffer[: len(data)] = data
                return len(data)

    def _next_piece(self) -> memoryview:
        """More of the stream. Short at first: the library copies what stands behind a stream, and many may be short."""
        if not self._packed:
            self._all = self._packed = memoryview(self._stream.read(_CHUNK))
            if not self._packed:
                raise EOFError("it ends in the middle of a stream")
        piece = self._packed[: self._piece]
        self._packed = self._packed[len(piece) :]
        self._piece = min(self._piece * 2, _CHUNK)
        return piece

    def _begins_another(self) -> bool:
        """Whether another stream begins here. At the end there is none."""
        zeros = 0
        while True:
            if not self._packed:
                self._all = self._packed = memoryview(self._stream.read(_CHUNK))
            padding = self._zeros() if self._padding else 0
            zeros += padding
            at_end, self._packed = not self._packed, self._packed[padding:]
            if self._packed or at_end:
                break
        if self._padding and zeros % self._padding:
            raise EOFError(f"padding of {zeros} bytes, not a multiple of {self._padding}")
        if not self._packed:
            return False
        self._current = self._new()
        self._piece = _FIRST_PIECE
        return True

    def _zeros(self) -> int:
        """How many zeros stand in front."""
        count = 0
        while piece := bytes(self._packed[count : count + _FIRST_PIECE]):
            rest = piece.lstrip(b"\0")
            count += len(piece) - len(rest)
            if rest:
                break
        return count


def as_file(stream: Readable) -> io.BufferedReader:
    """A stream in the form that the standard library's readers take."""
    return io.BufferedReader(_Raw(stream))


class _Raw(io.RawIOBase):
    def __init__(self, stream: Readable) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview") -> int:  # type: ignore[override]
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


class _Frames:
    """Frames of Zstandard on their way to the library, whose reader takes one that is cut off for a whole one.

    It follows the sizes in their headers, and looks at no content. Source: RFC 8878, 3.1.1 and 3.1.2.
    """

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self._part: _Part | None = _Part.MAGIC
        self._wanted = 4
        self._header = b""
        self._content = 0
        self._trailer = 0

    def read(self, size: int = -1) -> bytes:
        """As of any stream. Raises :class:`EOFError` where it ends within a frame."""
        data = self._stream.read(size)
        if data:
            self._follow(data)
        elif self._part is not _Part.MAGIC or self._content or self._header:
            raise EOFError("it ends in the middle of a frame")
        return data

    def _follow(self, data: bytes) -> None:
        at, end = 0, len(data)
        while at < end and self._part is not None:
            if self._content:
                passed = min(self._content, end - at)
                self._content -= passed
            else:
                passed = min(self._wanted - len(self._header), end - at)
                self._header += data[at : at + passed]
                if len(self._header) == self._wanted:
                    header, self._header = self._header, b""
                    self._next(int.from_bytes(header, "little"))
            at += passed

    def _next(self, header: int) -> None:
        """What a whole header leads to."""
        if self._part is _Part.MAGIC:
            if header == _FRAME:
                self._part, self._wanted = _Part.DESCRIPTOR, 1
            elif header & ~0xF == _SKIPPED_FRAME:
                self._part, self._wanted = _Part.SIZE, 4
            else:
                self._part = None  # no frame, which the library says
        elif self._part is _Part.SIZE:
            self._content = header
            self._part, self._wanted = _Part.MAGIC, 4
        elif self._part is _Part.DESCRIPTOR:
            is_single = header >> 5 & 1
            self._content = (0 if is_single else 1) + (0, 1, 2, 4)[header & 3] + (is_single, 2, 4, 8)[header >> 6]
            self._trailer = 4 if header >> 2 & 1 else 0
            self._part, self._wanted = _Part.BLOCK, 3
        else:
            # A block of one byte that is repeated states how often, not its length.
            self._content = 1 if header >> 1 & 3 == 1 else header >> 3
            if header & 1:
                self._content += self._trailer
                self._part, self._wanted = _Part.MAGIC, 4


class _Part(Enum):
    """Headers of Zstandard."""

    MAGIC = "magic"
    SIZE = "size of a frame to skip"
    DESCRIPTOR = "descriptor of a frame"
    BLOCK = "block"


def read_whole(stream: Readable, limit: int, before: tuple[bytes, ...] = ()) -> bytes | None:
    """All of a stream, or None where it is more than so many bytes. Little more than that is read.

    :param before: what was read of it already, which counts.
    """
    found = list(before)
    count = sum(map(len, before))
    while data := _waited_for(stream.read(_CHUNK)):
        count += len(data)
        if count > limit:
            return None
        found.append(data)
    return found[0] if len(found) == 1 else b"".join(found)
