"""A tar archive whose files are read where they are wanted: a root file system, or one layer of an image.

One pass finds the members. Of an archive that is not compressed, a file is read at its place later. Of a compressed one
the pass keeps the files that readers want, packed, in memory. Any other one, which only a link leads to, takes another
pass up to its place.
"""

import io
import zlib
from collections.abc import Callable, Generator, Hashable, Iterator, Mapping
from contextlib import ExitStack, closing
from itertools import count
from threading import RLock
from typing import BinaryIO, Final, cast

from advisories.models.errors import LimitExceeded, PassesExceeded, UnreadableSource
from advisories.sources.compression import Readable, Rewound, as_file, compression_of, unpacked
from advisories.sources.hashing import Hashing
from advisories.sources.limits import Limits
from advisories.sources.reading_ahead import ReadingAhead
from advisories.sources.tar import Member, Tar
from advisories.sources.tree import Kind, Looks

__all__ = ["Kept", "Packed", "Window"]

_CHUNK: Final = 1 << 20
# What the kept files of all layers may take in memory. Those of real images take a tenth of it.
_MOST_KEPT: Final = 1 << 26
# How many files that are not kept are looked for, each by a pass.
_MOST_PASSES: Final = 20
# Of all archives: the address of one is another's once nobody has it any more.
_NUMBERS: Final = count()
# Windows over one file may be read by several threads, and a file has one place.
_PLACED: Final = RLock()
_HASHES: Final = ("sha256", "sha384", "sha512")


class Kept:
    """What archives keep of their files, all together.

    :param wants: whether readers may ask for a name.
    :param looks: what looks at files of compressed archives while they pass, and needs no file that is kept.
    """

    def __init__(self, wants: Callable[[bytes], bool], looks: Looks | None = None) -> None:
        self.wants: Final = wants
        self.looks: Final = looks
        self.left = _MOST_KEPT
        self.passes = _MOST_PASSES


class Window(io.RawIOBase):
    """A part of a file, with a place of its own in it."""

    def __init__(self, stream: BinaryIO, begin: int, size: int) -> None:
        self._stream = stream
        self._begin = begin
        self._size = size
        self._place = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        above = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        self._place = max(0, above + offset)
        return self._place

    def tell(self) -> int:
        return self._place

    def read(self, size: int | None = -1) -> bytes:
        # By itself: that of the class copies each chunk twice.
        left = max(0, self._size - self._place)
        with _PLACED:
            self._stream.seek(self._begin + self._place)
            data = self._stream.read(left if size is None or size < 0 else min(size, left))
        self._place += len(data)
        return data

    def readall(self) -> bytes:
        return self.read()

    def readinto(self, buffer: "memoryview") -> int:  # type: ignore[override]
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


class Packed:
    """One archive.

    :param stream: a file, from its current place on. Whoever opened it closes it, after all reading.
    :param digest: what the file should have, as ``sha256:1f...``. None where nobody states one.
    :param content_digest: the same of its content, unpacked.
    :param needs_end: as of a :class:`Tar`.
    """

    def __init__(
        self,
        stream: BinaryIO,
        source: str,
        limits: Limits,
        kept: Kept,
        *,
        digest: str | None = None,
        content_digest: str | None = None,
        needs_end: bool = True,
    ) -> None:
        self._number = next(_NUMBERS)
        self._stream = stream
        self._begin = stream.tell()
        self._source = source
        self._limits = limits
        self._kept = kept
        self._digest = digest
        self._content_digest = content_digest
        self._needs_end = needs_end
        self._compression: str | None = None
        self._files: dict[int, bytes] = {}

    def members(self) -> Generator[Member, None, None]:
        """Its members, once. Raises as :class:`Tar`, and :class:`UnreadableSource` for another digest."""
        with closing(_Hashed(self._stream, self._digest, self._source)) as raw:
            try:
                yield from self._walked(raw)
                raw.check()
            except LimitExceeded:
                raise
            except UnreadableSource:
                raw.check()  # the reason of it all, where it fails
                raise
            except OSError as error:
                raise UnreadableSource(self._source, error.strerror or str(error)) from error

    def _walked(self, raw: "_Hashed") -> Iterator[Member]:
        packed = Rewound(raw)
        self._compression = compression_of(packed.head)
        if self._compression is None and not (self._digest or self._content_digest):
            self._stream.seek(self._begin)  # what has no digest need not be read
            yield from Tar(self._stream, self._source, self._limits, seekable=self._stream, needs_end=self._needs_end)
            return
        is_same = self._compression is None and self._content_digest == self._digest
        with ExitStack() as stack:
            content: Readable = packed
            if self._compression is not None:
                content = ReadingAhead(unpacked(packed, self._compression, self._source, self._limits))
                stack.callback(content.close)
            hashed = _Hashed(content, None if is_same else self._content_digest, self._source)
            stack.callback(hashed.close)
            tar = Tar(hashed, self._source, self._limits, needs_end=self._needs_end)
            for member in tar:
                if self._compression is not None and member.kind is Kind.FILE:
                    self._keep(member, tar)
                yield member
            hashed.check()

    def identity_at(self, place: int) -> Hashable:
        """The identity of the file whose content begins at a place."""
        return self._number, place

    def pass_again(self, names: Mapping[int, bytes], looks: Looks) -> None:
        """Look at the files whose contents begin at these places. Nothing happens where they can be opened.

        :param names: of the files, by their places.
        """
        if self._compression is None:
            return
        self._stream.seek(self._begin)
        content = unpacked(Rewound(self._stream), self._compression, self._source, self._limits)
        left = len(names)
        tar = Tar(content, self._source, self._limits, needs_end=self._needs_end)
        for member in tar:
            if member.place in names and member.kind is Kind.FILE:
                looks.look(self.identity_at(member.place), names[member.place], member.size, tar.stream(member))
                left -= 1
                if not left:
                    return

    def open(self, place: int, size: int, name: str) -> BinaryIO:
        """The content of a file of so many bytes.

        :param name: for messages.
        """
        if self._compression is None:
            return cast(BinaryIO, Window(self._stream, self._begin + place, size))
        data = self._files.get(place)
        if data is not None:
            return io.BytesIO(zlib.decompress(data))
        if not self._kept.passes:
            why = (
                f"a link leads to it, as to more than {_MOST_PASSES} files outside of the usual places, and each takes "
                "another pass over what is compressed. Take the compression off: by gunzip, or of an image by "
                "skopeo copy oci-archive:IMAGE.tar docker-archive:PLAIN.tar"
            )
            raise PassesExceeded(name, why)
        self._kept.passes -= 1
        self._stream.seek(self._begin)
        content = unpacked(Rewound(self._stream), self._compression, self._source, self._limits)
        left = place
        while left and (data := content.read(min(left, _CHUNK))):
            left -= len(data)
        return as_file(_Beginning(content, size))

    def _keep(self, member: Member, tar: Tar) -> None:
        name, looks = member.name, self._kept.looks
        if not self._kept.wants(name):
            if looks is not None and looks.wants(name, member.is_executable):
                looks.look(self.identity_at(member.place), name, member.size, tar.stream(member))
            return
        if member.size > self._limits.inventory:
            return
        data = zlib.compress(tar.content(member), 1)
        if len(data) <= self._kept.left:
            self._kept.left -= len(data)
            self._files[member.place] = data


class _Beginning:
    """So many bytes of a stream."""

    def __init__(self, stream: Readable, size: int) -> None:
        self._stream = stream
        self._left = size

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(data)
        return data


class _Hashed:
    """A stream and the digest of what is read of it."""

    def __init__(self, stream: Readable, digest: str | None, source: str) -> None:
        self._stream = stream
        self._digest = digest
        self._source = source
        name = (digest or "").partition(":")[0]
        if digest is not None and name not in _HASHES:
            raise UnreadableSource(source, f"a digest of an unknown kind: {digest[:80]!a}")
        self._hash = Hashing(name) if digest is not None else None

    def read(self, size: int = -1) -> bytes:
        """As of any stream."""
        data = self._stream.read(size)
        if self._hash is not None:
            self._hash.update(data)
        return data

    def check(self) -> None:
        """Read the rest. Raises :class:`UnreadableSource` where the whole has another digest."""
        if self._hash is None:
            return
        while self.read(_CHUNK):
            pass
        found = f"{self._hash.name}:{self._hash.hexdigest()}"
        if found != self._digest:
            raise UnreadableSource(self._source, f"its digest is {found}, where {self._digest} is stated")

    def close(self) -> None:
        """End what computes the digest."""
        if self._hash is not None:
            self._hash.close()
