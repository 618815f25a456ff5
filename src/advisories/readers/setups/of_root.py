"""The entries of every file of a root that shows what it has set up.

None of them decides what is installed, so a file or line that cannot be read is a rejection, and its neighbours stay.
"""

from collections.abc import Iterator
from typing import Final

from advisories.models.errors import UnreadableSource
from advisories.models.frozen import frozen
from advisories.models.nouns import Noun
from advisories.models.patterns import pattern
from advisories.models.reading import Rejection
from advisories.readers.setups.entry import Entry, refused
from advisories.readers.setups.registry import PLACES, Place, reader_of
from advisories.sources.tree import Tree, content, place

__all__ = ["FileRead", "entries_of"]

# Bytes of one file, and of all. That of a host with every product of Red Hat's has two million.
_MOST: Final = 1 << 22
_ALL: Final = 1 << 24
# Files in one folder, entries of a root, and what is refused of one file one by one.
_FILES: Final = 1000
_ENTRIES: Final = 100_000
_REFUSED: Final = 100
# The names that apt reads, and the only ones that anybody writes.
_NAME: Final = pattern(rb"[A-Za-z0-9_][\w.:+@ -]*")


@frozen
class FileRead(Noun):
    """What one file has.

    :ivar source: the file, below the root.
    :ivar is_whole: whether all of it was read.
    """

    format: str
    source: str
    entries: tuple[Entry, ...]
    rejections: tuple[Rejection, ...]

    @property
    def is_whole(self) -> bool:
        return not self.rejections


def entries_of(tree: Tree) -> Iterator[FileRead]:
    """The files, in the order of :data:`~advisories.readers.setups.registry.PLACES`."""
    left, room = _ALL, _ENTRIES
    for where in PLACES:
        for name in _names(tree, where):
            if isinstance(name, FileRead):
                yield name
                continue
            read = _read(tree, where.format, name, left, room)
            if read is not None:
                size, found = read
                left, room = left - size, room - len(found.entries)
                yield found


def _names(tree: Tree, where: Place) -> Iterator[bytes | FileRead]:
    if where.end is None:
        yield where.name
        return
    shown = where.name.decode()
    try:
        names = tree.entries(where.name, _FILES) or ()
    except UnreadableSource as error:
        yield _nothing(tree, where.format, shown, error.why)
        return
    wanted = sorted(name for name in names if name.endswith(where.end) and _NAME.fullmatch(name))
    yield from (b"%s/%s" % (where.name, name) for name in wanted)


def _read(tree: Tree, format: str, name: bytes, left: int, room: int) -> tuple[int, FileRead] | None:
    """The size of a file and what it has. None where there is none."""
    shown = name.decode("utf-8", "backslashreplace")
    try:
        data = content(tree, name, min(_MOST, left))
    except UnreadableSource as error:
        return 0, _nothing(tree, format, shown, error.why)
    if data is None:
        return None
    entries: list[Entry] = []
    rejections: list[Rejection] = []
    where = place(tree, name)
    for one in reader_of(format).read(data, where):
        if isinstance(one, Entry) and len(entries) < room:
            entries.append(one)
            continue
        why = f"more entries than the limit of {_ENTRIES} of a root" if isinstance(one, Entry) else ""
        rejections.append(refused(where, one.line, one.name, why) if isinstance(one, Entry) else one)
        if why or len(rejections) == _REFUSED:
            rejections.append(refused(where, None, shown, why or f"more than {_REFUSED} lines that cannot be read"))
            break
    return len(data), FileRead(format, shown, tuple(entries), tuple(rejections))


def _nothing(tree: Tree, format: str, name: str, why: str) -> FileRead:
    return FileRead(format, name, (), (refused(place(tree, name.encode()), None, name, why),))
