"""The entries of every file of a root that shows what it has set up.

None of them decides what is installed, so a file or line that cannot be read is a rejection, and its neighbours stay.
"""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Final

from advisories.models.errors import UnreadableSource
from advisories.models.frozen import evolve, frozen
from advisories.models.nouns import Noun
from advisories.models.reading import Rejection
from advisories.readers.setups.entry import Entry, EntryKind, refused
from advisories.readers.setups.places import places_of
from advisories.readers.setups.registry import Place, is_read, reader_of
from advisories.sources.tree import Tree, content, place

__all__ = ["FileRead", "entries_of"]

# Bytes of one file, and of all. That of a host with every product of Red Hat's has two million.
_MOST: Final = 1 << 22
_ALL: Final = 1 << 24
# Files in one folder, entries of a root, and what is refused of one file one by one.
_FILES: Final = 1000
_ENTRIES: Final = 100_000
_REFUSED: Final = 100
# How many switches of repositories are followed.
_SWITCHES: Final = 100
# Of these formats a file hides one of the same name in a later folder. Source: apk-repositories(5).
_MASKED: Final = frozenset({"apk-repositories"})


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


def entries_of(tree: Tree) -> list[FileRead]:
    """The files, in the order of :data:`~advisories.readers.setups.registry.PLACES`."""
    return _switched(list(_files(tree)))


def _files(tree: Tree) -> Iterator[FileRead]:
    left, room = _ALL, _ENTRIES
    seen: set[bytes] = set()
    for where in places_of(tree):
        if isinstance(where, Rejection):
            yield FileRead("options", where.source, (), (where,))
            continue
        for name in _names(tree, where):
            if isinstance(name, FileRead):
                yield name
                continue
            last = name.rpartition(b"/")[2]
            if where.end is not None and where.format in _MASKED:
                if last in seen:
                    continue
                seen.add(last)
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
    wanted = sorted(name for name in names if is_read(where, name))
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


def _switched(files: list[FileRead]) -> list[FileRead]:
    """The files, with repositories of dnf switched on and off as other files have it. The last switch counts."""
    switches = [(file, one) for file in files for one in file.entries if one.kind is EntryKind.SWITCH]
    if not switches:
        return files
    exact = {one.name: (number, one.is_on) for number, (_, one) in enumerate(switches)}
    globs = [(number, one) for number, (_, one) in enumerate(switches) if not _GLOB.isdisjoint(one.name)]
    found: list[FileRead] = []
    for file in files:
        entries = [one for one in file.entries if one.kind is not EntryKind.SWITCH]
        rejections = file.rejections
        if file.format == "rpm-repo":
            entries = [_by_switch(one, exact, globs[-_SWITCHES:]) for one in entries]
        if len(entries) < len(file.entries) and len(globs) > _SWITCHES:
            why = f"more than {_SWITCHES} globs of repositories, of which the last are followed"
            rejections += (refused(file.source, None, file.source, why),)
        found.append(evolve(file, entries=tuple(entries), rejections=rejections))
    return found


def _by_switch(entry: Entry, exact: dict[str, tuple[int, bool]], globs: list[tuple[int, Entry]]) -> Entry:
    last, is_on = exact.get(entry.name, (-1, entry.is_on))
    for number, glob in globs:
        if number > last and fnmatchcase(entry.name, glob.name):
            last, is_on = number, glob.is_on
    return entry if is_on is entry.is_on else evolve(entry, is_on=is_on)


_GLOB: Final = frozenset("*?[")
