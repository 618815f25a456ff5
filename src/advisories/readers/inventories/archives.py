"""A tar archive as a package list: a root file system, or a saved image.

What cannot be read at any place goes into a temporary file first: a pipe as it comes, a compressed archive with an
image without its compression. No member is unpacked there.
"""

import sys
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO, Final

from advisories.models.errors import LimitExceeded, UnreadableSource
from advisories.models.packages import Inventory
from advisories.readers.inventories.image import read_image
from advisories.readers.inventories.languages.scan import Scan
from advisories.readers.inventories.root import holds_image, is_wanted, read_root
from advisories.sources.compression import HEAD, Readable, Rewound, compression_of, unpacked
from advisories.sources.limits import Limits
from advisories.sources.overlay import Overlay
from advisories.sources.packed import Kept, Packed
from advisories.sources.tar import is_tar

__all__ = ["at_hand", "holds_archive", "read_archive"]

_CHUNK: Final = 1 << 20


@contextmanager
def at_hand(first: Rewound, stream: BinaryIO, source: str, limits: Limits) -> Iterator[BinaryIO]:
    """A stream of which the beginning was read, from that on, to be read at any place.

    :param first: the same stream.
    """
    if stream.seekable():
        stream.seek(-len(first.head), 1)
        yield stream
        return
    _widen(stream)
    with _spooled(first, source, limits) as file:
        yield file


def _widen(stream: BinaryIO) -> None:
    """Let a pipe hold as much as is read at once, where it can: with its usual size, copying takes twice as long."""
    if sys.platform == "linux":
        from fcntl import F_SETPIPE_SZ, fcntl

        with suppress(OSError, ValueError):  # no pipe, or more than this user may have
            fcntl(stream, F_SETPIPE_SZ, _CHUNK)


@contextmanager
def _spooled(stream: Readable, source: str, limits: Limits) -> Iterator[BinaryIO]:
    with tempfile.TemporaryFile() as file:
        count = 0
        while data := stream.read(_CHUNK):
            count += len(data)
            if count > limits.archive:
                why = f"larger than the limit of {limits.archive} bytes"
                raise LimitExceeded(source, limits.beyond("archive", why))
            file.write(data)
        file.seek(0)
        yield file


def holds_archive(file: BinaryIO, source: str, limits: Limits) -> bool:
    """Whether a file is a tar archive, compressed or not. It is left at its place."""
    begin = file.tell()
    head = Rewound(file).head
    file.seek(begin)
    compression = compression_of(head)
    if compression is not None:
        try:
            head = unpacked(Rewound(file), compression, source, limits).read(HEAD)
        except UnreadableSource:
            return False  # reading the list shows why
        finally:
            file.seek(begin)
    return is_tar(head)


def read_archive(
    file: BinaryIO, source: str, limits: Limits, platform: str | None, usual: str | None, types: Collection[str]
) -> Inventory:
    """The inventory of what is in a tar archive. Raises as the readers of roots
    and images."""
    begin = file.tell()
    tree, scan = Overlay(source, limits), Scan(types, limits)
    tree.add(Packed(file, source, limits, Kept(is_wanted, scan)), source)
    if not holds_image(tree):
        return read_root(tree, limits, scan)
    file.seek(begin)
    packed = Rewound(file)
    compression = compression_of(packed.head)
    if compression is None:
        return read_image(tree, limits, platform, usual, types)
    # Layers are read in an order of their own, some of them twice.
    with _spooled(unpacked(packed, compression, source, limits), source, limits) as whole:
        return read_archive(whole, source, limits, platform, usual, types)
