"""A file system below a root, to read from: a folder today, and the protocol that archives and images follow.

Names are bytes, relative to the root, with ``/`` between their parts. Links are followed as inside the root: an
absolute one begins at it, ``..`` at the root stays there, and a chain of more than 40 is an error. Nothing outside the
root is ever read.
"""

from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
from enum import StrEnum
from typing import BinaryIO, Final, Protocol

from advisories.models.errors import LimitExceeded, UnreadableSource
from advisories.models.frozen import frozen
from advisories.sources.compression import Readable

__all__ = ["Kind", "Looks", "Status", "Tree", "WalkedFile", "content", "contents", "each_content", "file_at", "place"]

# How much is read at once: most files of a root are smaller.
_CHUNK: Final = 1 << 16
# How often files that change while they are read are read again.
_TRIES: Final = 5


class Kind(StrEnum):
    """What stands at a name, as messages say it."""

    FILE = "a regular file"
    FOLDER = "a folder"
    LINK = "a link"
    PIPE = "a named pipe"
    SOCKET = "a socket"
    DEVICE = "a device"


@frozen
class Status:
    """What is known of a name without reading it.

    :ivar size: in bytes. A claim: reading counts.
    :ivar identity: the same for two names of one file.
    :ivar version: another one after each change of the content.
    """

    kind: Kind
    size: int
    identity: Hashable
    version: Hashable


@frozen
class WalkedFile:
    """A regular file of a tree, as a walk finds it.

    :ivar name: without a link in it.
    :ivar size: in bytes. A claim: reading counts.
    :ivar identity: as of a :class:`Status`.
    :ivar layer: the number of the layer of an image that has it, from 1 on. 0 in anything else.
    """

    name: bytes
    size: int
    is_executable: bool
    identity: Hashable
    layer: int


class Looks(Protocol):
    """What looks at files of compressed archives while they pass, because there is no other way to them later."""

    def wants(self, name: bytes, is_executable: bool) -> bool:
        """Whether to look at a file of this name."""

    def look(self, identity: Hashable, name: bytes, size: int, stream: Readable) -> None:
        """Look at a file, as far as is needed.

        :param identity: of the file, as trees have it.
        """


class Tree(Protocol):
    """What a root file system is read by. Each method follows links, and gives None where nothing is at the name.

    Each raises :class:`UnreadableSource`, which names the place, for what is there and cannot be reached: no
    permission, an endless link, a file in a folder's place, an error of the device.
    """

    @property
    def source(self) -> str:
        """What messages call it."""

    def stat(self, name: bytes) -> Status | None:
        """What is at a name."""

    def open(self, name: bytes) -> BinaryIO | None:
        """A regular file. Anything else raises, and is never waited for."""

    def entries(self, name: bytes, most: int) -> list[bytes] | None:
        """The names in a folder, in any order. More than `most` raise :class:`LimitExceeded`."""

    def target(self, name: bytes) -> bytes | None:
        """Where a link leads, which itself is not followed. None also for what is no link."""

    def walk(
        self,
        wants: Callable[[bytes, bool], bool],
        without: Collection[bytes],
        most: int,
        refuse: Callable[[bytes, str], None],
    ) -> Iterator[WalkedFile]:
        """The regular files that somebody wants, in any order. No link is followed, so no walk goes in circles.

        :param wants: by their names, and whether anybody may execute them.
        :param without: names in the root itself where another file system may be mounted, which is left out then.
        :param most: how many files and folders are looked at. More raise :class:`LimitExceeded`.
        :param refuse: takes the name of what cannot be read, and why.
        """

    def pass_again(self, files: Sequence[WalkedFile], looks: "Looks") -> None:
        """Let somebody look at files of compressed archives, in one pass over each. Others can be opened."""


def place(tree: Tree, name: bytes) -> str:
    """A name with its root, as messages have it."""
    return f"{tree.source.rstrip('/')}/{name.decode('utf-8', 'backslashreplace')}"


def file_at(tree: Tree, name: bytes) -> Status | None:
    """What is known of a file. None where nothing is. Raises :class:`UnreadableSource` for what is no regular file."""
    status = tree.stat(name)
    if status is not None and status.kind is not Kind.FILE:
        raise UnreadableSource(place(tree, name), f"{status.kind}, where {Kind.FILE} is expected")
    return status


def content(tree: Tree, name: bytes, limit: int) -> bytes | None:
    """The bytes of a file. None where there is none.

    Raises :class:`UnreadableSource`, and :class:`LimitExceeded` for more bytes than the limit.
    """
    stream = tree.open(name)
    if stream is None:
        return None
    with stream:
        try:
            return _all(stream, place(tree, name), limit)
        except OSError as error:
            raise UnreadableSource(place(tree, name), error.strerror or str(error)) from error


def contents(tree: Tree, names: Sequence[bytes], limit: int) -> list[bytes | None]:
    """The bytes of files that belong together, as they were at one moment. Raises as :func:`content`.

    What changes meanwhile is read again, and what never rests is an error: a half of one state and a half of the next
    may be a whole list of fewer packages.
    """
    before = [tree.stat(name) for name in names]
    for _ in range(_TRIES):
        found = [content(tree, name, limit) for name in names]
        after = [tree.stat(name) for name in names]
        if before == after:
            return found
        before = after
    raise UnreadableSource(place(tree, names[0]), "it changes while it is read")


def each_content(tree: Tree, names: Sequence[bytes], limit: int) -> Iterator[tuple[bytes, bytes | UnreadableSource]]:
    """The bytes of each file that is there, or why it cannot be read. Of a compressed archive all take one more pass.

    :param limit: bytes of all of them together.
    """
    there: dict[bytes, Status | UnreadableSource] = {}
    for name in names:
        try:
            status = file_at(tree, name)
        except UnreadableSource as error:
            there[name] = error
        else:
            if status is not None:
                there[name] = status
    taken = _Taken(tree, limit)
    files = [
        WalkedFile(name, one.size, False, one.identity, 0) for name, one in there.items() if isinstance(one, Status)
    ]
    tree.pass_again(files, taken)
    for name, one in there.items():
        if isinstance(one, UnreadableSource):
            yield name, one
            continue
        try:
            found = taken.found.get(one.identity)
            if found is None and one.size <= limit:
                found = content(tree, name, limit) or b""
            if found is None or len(found) > limit:
                raise LimitExceeded(place(tree, name), "files of its kind are larger than the limit of bytes together")
        except UnreadableSource as error:
            yield name, error
        else:
            limit -= len(found)
            yield name, found


class _Taken:
    """Keeps files that pass, up to so many bytes."""

    def __init__(self, tree: Tree, left: int) -> None:
        self.found: Final[dict[Hashable, bytes]] = {}
        self._tree = tree
        self._left = left

    def wants(self, name: bytes, is_executable: bool) -> bool:
        return True

    def look(self, identity: Hashable, name: bytes, size: int, stream: Readable) -> None:
        if size <= self._left:
            self._left -= size
            self.found[identity] = _all(stream, place(self._tree, name), size)


def _all(stream: Readable, source: str, limit: int) -> bytes:
    found: list[bytes] = []
    count = 0
    while data := stream.read(_CHUNK):
        count += len(data)
        if count > limit:
            raise LimitExceeded(source, f"larger than the limit of {limit} bytes")
        found.append(data)
    return found[0] if len(found) == 1 else b"".join(found)
