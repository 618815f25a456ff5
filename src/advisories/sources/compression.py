"""Compressed streams: recognised by their first bytes, read as they come, and no further than a limit allows."""

import errno
import io
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from types import MappingProxyType
from typing import Any, Final, Protocol

from advisories.models.errors import LimitExceeded, MissingExtra, UnreadableSource
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
# Zstandard's blocks of one byte unpack to 32,768 times their size: no more than 32 MiB at once.
_ZSTD_CHUNK: Final = 1 << 10
# How much is read for that. The limit on the ratio counts all of it.
_ZSTD_READ: Final = 1 << 16
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
    with suppress(ImportError):
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
    try:
        import zstandard  # noqa: F401
    except ImportError as error:
        why = "compressed by Zstandard: reading it needs a library: pip install zstandard (extra zstd)"
        raise MissingExtra(source, why) from error
    return _Zstd(stream)


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


class _Zstd:
    """Zstandard frames, one after the other. The library's own reader takes a frame that is cut off for a whole one."""

    def __init__(self, stream: Readable) -> None:
        import zstandard

        self._stream = stream
        self._new = zstandard.ZstdDecompressor(max_window_size=1 << 27).decompressobj
        self._frame = self._new()
        self._begun = False
        self._packed = memoryview(b"")
        self._ready = memoryview(b"")

    def read(self, size: int = -1) -> bytes:
        """As of any stream. Fewer bytes than that are the last ones."""
        found: list[memoryview] = []
        left = size
        while left and (self._ready or self._unpacks_more()):
            piece = self._ready if left < 0 else self._ready[:left]
            self._ready = self._ready[len(piece) :]
            left -= len(piece) if left > 0 else 0
            found.append(piece)
        return b"".join(found)

    def _unpacks_more(self) -> bool:
        """Unpack a little, which may be nothing yet. False at the end."""
        if not self._packed:
            self._packed = memoryview(self._stream.read(_ZSTD_READ))
            if not self._packed:
                if self._begun:
                    raise EOFError("it ends in the middle of a frame")
                return False
        self._ready = memoryview(self._next(self._packed[:_ZSTD_CHUNK]))
        self._packed = self._packed[_ZSTD_CHUNK:]
        return True

    def _next(self, packed: bytes | memoryview) -> bytes:
        found = b""
        while packed:
            self._begun = True
            found += self._frame.decompress(packed)
            packed = b""
            if self._frame.eof:
                packed = self._frame.unused_data
                self._frame, self._begun = self._new(), False
        return found


def read_whole(stream: Readable, limit: int) -> bytes | None:
    """All of a stream, or None where it is more than so many bytes. Little more than that is read."""
    found: list[bytes] = []
    count = 0
    while data := _waited_for(stream.read(_CHUNK)):
        count += len(data)
        if count > limit:
            return None
        found.append(data)
    return found[0] if len(found) == 1 else b"".join(found)
