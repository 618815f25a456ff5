"""Compressed streams: recognised by their first bytes, read as they come, and no further than a limit allows."""

import io
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, Protocol

from advisories.models.errors import LimitExceeded, MissingExtra, UnreadableSource
from advisories.sources.limits import Limits

__all__ = [
    "COMPRESSED",
    "HEAD",
    "SUFFIXES",
    "Readable",
    "Rewound",
    "as_file",
    "compression_of",
    "read_whole",
    "unpacked",
]

#: How many bytes show which container it is. The mark of a tar archive stands at byte 257.
HEAD: Final = 512

#: Ends of file names that compression adds.
SUFFIXES: Final = (".gz", ".bz2", ".xz", ".lzma", ".zst")

_MAGIC: Final[Mapping[bytes, str]] = MappingProxyType(
    {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ\x00": "xz", b"\x28\xb5\x2f\xfd": "zstd"}
)
#: The first bytes of everything that :func:`compression_of` recognises.
COMPRESSED: Final = tuple(_MAGIC)

# How much is read at once.
_CHUNK: Final = 1 << 20
# Zstandard's blocks of one byte unpack to 32,768 times their size: no more than 32 MiB at once.
_ZSTD_CHUNK: Final = 1 << 10


class Readable(Protocol):
    """What bytes can be read from, once."""

    def read(self, size: int = -1, /) -> bytes:
        """Up to so many bytes. None at the end."""


class Rewound:
    """A stream whose first bytes were looked at, and are read once more. It counts what is taken from it.

    :param head: first bytes that were read already.
    :ivar head: up to :data:`HEAD` first bytes.
    :ivar count: bytes that have been read.
    :ivar tail: of these, those read last.
    """

    def __init__(self, stream: Readable, head: bytes = b"") -> None:
        while len(head) < HEAD and (more := stream.read(HEAD - len(head))):
            head += more
        self.head: Final = head
        self.count = 0
        self.tail = b""
        self._stream = stream
        self._again = head

    def read(self, size: int = -1) -> bytes:
        """As of any stream."""
        if self._again:
            data = self._again if size < 0 else self._again[:size]
            self._again = self._again[len(data) :]
            if size < 0 or len(data) < size:
                data += self._stream.read(size if size < 0 else size - len(data))
        else:
            data = self._stream.read(size)
        self.count += len(data)
        self.tail = data[-HEAD:] or self.tail
        return data


def compression_of(head: bytes) -> str | None:
    """How a stream that begins like this is compressed: ``gzip``, ``bzip2``, ``xz``, ``zstd``. None for not at all."""
    return next((name for magic, name in _MAGIC.items() if head.startswith(magic)), None)


def unpacked(stream: Rewound, compression: str, source: str, limits: Limits) -> Readable:
    """The content of a compressed stream.

    Reading raises :class:`UnreadableSource` for what is damaged or cut off, and :class:`LimitExceeded` for what unpacks
    to too many times its size.
    """
    return _Unpacked(stream, compression, source, limits)


class _Unpacked:
    def __init__(self, packed: Rewound, compression: str, source: str, limits: Limits) -> None:
        self._packed = packed
        self._compression = compression
        self._source = source
        self._limits = limits
        self._count = 0
        self._inner, self._errors = _OPENERS[compression](packed, source)

    def read(self, size: int = -1) -> bytes:
        try:
            data = self._inner.read(size)
        except self._errors as error:
            raise UnreadableSource(self._source, f"not a whole {self._compression} file: {error}") from error
        self._count += len(data)
        limits = self._limits
        if self._count > max(limits.ratio_from, self._packed.count * limits.ratio):
            raise LimitExceeded(self._source, f"unpacks to more than {limits.ratio} times its size")
        return data


_Opened = tuple[Readable, tuple[type[Exception], ...]]


def _gzip(stream: Rewound, source: str) -> _Opened:
    import gzip
    import zlib

    return gzip.GzipFile(fileobj=as_file(stream)), (OSError, EOFError, zlib.error)


def _bzip2(stream: Rewound, source: str) -> _Opened:
    import bz2

    return bz2.BZ2File(as_file(stream)), (OSError, EOFError)


def _xz(stream: Rewound, source: str) -> _Opened:
    import lzma

    return lzma.LZMAFile(as_file(stream)), (OSError, EOFError, lzma.LZMAError)


def _zstd(stream: Rewound, source: str) -> _Opened:
    try:
        import zstandard
    except ImportError as error:
        why = "compressed by Zstandard: reading it needs the library zstandard, pip install 'vercmp[zstd]'"
        raise MissingExtra(source, why) from error
    return io.BufferedReader(_Zstd(stream)), (zstandard.ZstdError, EOFError)


_OPENERS: Final[Mapping[str, Callable[[Rewound, str], _Opened]]] = MappingProxyType(
    {"gzip": _gzip, "bzip2": _bzip2, "xz": _xz, "zstd": _zstd}
)


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


class _Zstd(io.RawIOBase):
    """Zstandard frames, one after the other. The library's own reader takes a frame that is cut off for a whole one."""

    def __init__(self, stream: Readable) -> None:
        import zstandard

        self._stream = stream
        self._new = zstandard.ZstdDecompressor(max_window_size=1 << 27).decompressobj
        self._frame = self._new()
        self._begun = False
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview") -> int:  # type: ignore[override]
        while not self._ready:
            packed = self._stream.read(_ZSTD_CHUNK)
            if not packed:
                if self._begun:
                    raise EOFError("it ends in the middle of a frame")
                return 0
            self._ready = memoryview(self._next(packed))
        count = min(len(buffer), len(self._ready))
        buffer[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count

    def _next(self, packed: bytes) -> bytes:
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
    while data := stream.read(_CHUNK):
        count += len(data)
        if count > limit:
            return None
        found.append(data)
    return found[0] if len(found) == 1 else b"".join(found)
