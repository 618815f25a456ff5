"""Archives as a tree: one that is a root file system, or the layers of an image over each other.

Each member is placed as a program that extracts places it: its folders are found through links, as inside the root,
what stands at its name or in its way is replaced, and a hard link is another name of what stands at its target by then.
Layers have whiteouts: a member ``.wh.NAME`` removes what earlier layers have at ``NAME``, and ``.wh..wh..opq`` removes
what they have in its folder, wherever these stand in their layer.

Source: the OCI image specification 1.1, *Image Layer Filesystem Changeset*.
"""

import errno
import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing
from typing import BinaryIO, Final

from advisories.models.errors import LimitExceeded, UnreadableSource
from advisories.sources.limits import Limits
from advisories.sources.packed import Packed
from advisories.sources.tar import HARD_LINK, Member
from advisories.sources.tree import Kind, Looks, Status, WalkedFile, file_at, place

__all__ = ["Overlay"]

# As many links as the kernel follows, and bytes of one part of a name.
_MOST_LINKS: Final = 40
_LONGEST_PART: Final = 255
# Parts of all targets of links that are followed. An image has less than one for each of its files.
_MOST_STEPS: Final = 50_000_000
# Files of a folder that may be put back. Of dpkg's lists a large system has some 20,000.
_MOST_TO_PUT_BACK: Final = 200_000
_WHITEOUT: Final = b".wh."
_OPAQUE: Final = b".wh..wh..opq"
# What aufs itself keeps in its layers.
_OF_AUFS: Final = b".wh..wh."


class _File:
    """What is no folder.

    :ivar kind: a :class:`Kind`, or else why it cannot be read.
    :ivar layer: the number of the layer that has it.
    :ivar target: of a link.
    """

    __slots__ = ("archive", "is_executable", "kind", "layer", "place", "size", "target")

    def __init__(
        self, kind: str, layer: int, archive: Packed, place: int, size: int, target: bytes, *, is_executable: bool
    ) -> None:
        self.kind = kind
        self.layer = layer
        self.archive = archive
        self.place = place
        self.size = size
        self.target = target
        self.is_executable = is_executable


class _Folder:
    """A folder and what is in it.

    :ivar cleared: the last layer that has taken out what earlier ones have in it.
    """

    __slots__ = ("cleared", "entries", "layer")

    def __init__(self, layer: int) -> None:
        self.layer = layer
        self.cleared = layer
        self.entries: dict[bytes, _File | _Folder] = {}


class Overlay:
    """Archives as a :class:`~advisories.sources.tree.Tree`, the later over the earlier.

    :param source: what messages call it.
    """

    def __init__(self, source: str, limits: Limits) -> None:
        self._source = source
        self._limits = limits
        self._root = _Folder(0)
        self._last: tuple[bytes, _Folder] | None = None  # where the last member was placed
        self._layers = 0
        self._count = 0
        self._steps = 0

    @property
    def source(self) -> str:
        """What messages call it."""
        return self._source

    @property
    def layers(self) -> int:
        """How many archives were put over each other."""
        return self._layers

    # ---- adding ----

    def add(self, archive: Packed, source: str, *, whiteouts: bool = False) -> None:
        """Put an archive over all that is there. Raises as :meth:`Packed.members`.

        :param source: what messages call the archive.
        :param whiteouts: whether members may remove what is below.
        """
        self._layers += 1
        layer = self._layers
        self._last = None
        with closing(archive.members()) as members:
            for member in members:
                name = member.name
                if not name:
                    if member.kind is not Kind.FOLDER:
                        raise UnreadableSource(source, f"{member.kind} in the place of the root")
                elif whiteouts and name[name.rfind(b"/") + 1 :].startswith(_WHITEOUT):
                    self._remove(name, layer, source)
                    self._last = None
                else:
                    self._place(member, archive, layer)

    def _place(self, member: Member, archive: Packed, layer: int) -> None:
        above, _, part = member.name.rpartition(b"/")
        if self._last is None or self._last[0] != above:
            self._last = above, self._folder_of(above, layer)
        folder = self._last[1]
        before = folder.entries.get(part)
        if before is not None:
            self._last = None  # what it replaces may be on the way to another folder
        if member.kind is Kind.FOLDER:
            if isinstance(before, _Folder):
                before.layer = layer
                return
            self._hold()
            folder.entries[part] = _Folder(layer)
            return
        if member.kind == HARD_LINK:
            found = self._linked(member.target)
            kind = f"a hard link to what is no file before it: {_text(member.target)}"
            if isinstance(found, _File):
                one = found
            else:
                one = _File(kind, layer, archive, member.place, 0, b"", is_executable=False)
            if one is before:
                return
            if one.layer != layer:  # a file of an earlier layer, which this layer has too now
                executable = one.is_executable
                one = _File(one.kind, layer, one.archive, one.place, one.size, one.target, is_executable=executable)
        else:
            executable = member.is_executable
            one = _File(member.kind, layer, archive, member.place, member.size, member.target, is_executable=executable)
        self._hold()
        folder.entries[part] = one

    def _folder_of(self, name: bytes, layer: int) -> _Folder:
        """A folder that has a member. What is missing on the way is made, and what is no folder is replaced."""
        folder = self._root
        parts = name.split(b"/") if name else []
        for number, part in enumerate(parts):
            found = folder.entries.get(part)
            if isinstance(found, _File) and found.kind is Kind.LINK:
                found = self._linked(b"/".join(parts[: number + 1]), follow=True)
            if not isinstance(found, _Folder):
                self._hold()
                found = folder.entries[part] = _Folder(layer)
            folder = found
            folder.layer = layer  # it is in this layer too, by what is in it
        return folder

    def _linked(self, target: bytes, *, follow: bool = False) -> "_File | _Folder | None":
        """What a link is to. The last part is not followed, as by a hard link."""
        try:
            return self._at(target, follow=follow)
        except OSError:
            return None

    def _remove(self, name: bytes, layer: int, source: str) -> None:
        """What a whiteout removes: of earlier layers alone."""
        above, _, part = name.rpartition(b"/")
        folder = self._linked(above or b"/", follow=True)
        if part == _OPAQUE:
            if isinstance(folder, _Folder):
                _clear(folder, layer)
            return
        if part.startswith(_OF_AUFS):
            return
        removed = part.removeprefix(_WHITEOUT)
        if removed in (b"", b".", b".."):
            raise UnreadableSource(source, f"a whiteout of no file: {_text(name)}")
        found = folder.entries.get(removed) if isinstance(folder, _Folder) else None
        if found is None:
            return
        assert isinstance(folder, _Folder)
        if isinstance(found, _Folder) and found.layer == layer:
            _clear(found, layer)
        elif found.layer < layer:
            del folder.entries[removed]

    def files_in(self, name: bytes) -> dict[bytes, object]:
        """The regular files in a folder by their names, to be put back. None where there are too many."""
        folder = self._linked(name, follow=True)
        entries = folder.entries if isinstance(folder, _Folder) and len(folder.entries) <= _MOST_TO_PUT_BACK else {}
        return {part: one for part, one in entries.items() if isinstance(one, _File) and one.kind is Kind.FILE}

    def put_back(self, name: bytes, files: Mapping[bytes, object]) -> None:
        """Put files of :meth:`files_in` back where a later archive removed them. What is there by now stays."""
        if not files:
            return  # the folder is made where it is looked for: an image from scratch would seem to have dpkg
        folder = self._folder_of(name, self._layers)
        for part, one in files.items():
            assert isinstance(one, _File)
            self._hold()
            folder.entries.setdefault(part, one)

    def _hold(self) -> None:
        self._count += 1
        if self._count > self._limits.members:
            why = f"more files than the limit of {self._limits.members}"
            raise LimitExceeded(self._source, self._limits.beyond("members", why))

    # ---- reading ----

    def stat(self, name: bytes) -> Status | None:
        """As of any tree."""
        found = self._found(name)
        if found is None:
            return None
        if isinstance(found, _Folder):
            return Status(Kind.FOLDER, 0, id(found), id(found))
        if not isinstance(found.kind, Kind):
            raise UnreadableSource(place(self, name), found.kind)
        identity = found.archive.identity_at(found.place)
        return Status(found.kind, found.size, identity, identity)

    def open(self, name: bytes) -> BinaryIO | None:
        """As of any tree."""
        if file_at(self, name) is None:
            return None
        found = self._found(name)
        assert isinstance(found, _File)
        return found.archive.open(found.place, found.size, place(self, name))

    def entries(self, name: bytes, most: int) -> list[bytes] | None:
        """As of any tree."""
        found = self._found(name)
        if found is None:
            return None
        if isinstance(found, _File):
            raise UnreadableSource(place(self, name), os.strerror(errno.ENOTDIR))
        if len(found.entries) > most:
            raise LimitExceeded(place(self, name), f"more files than the limit of {most}")
        return list(found.entries)

    def target(self, name: bytes) -> bytes | None:
        """As of any tree."""
        found = self._found(name, follow=False)
        return found.target if isinstance(found, _File) and found.kind is Kind.LINK else None

    def layer_of(self, name: bytes) -> int:
        """The number of the archive that a file, or a link itself, is of: from 1 on. 0 where none is."""
        found = self._found(name, follow=False)
        return found.layer if isinstance(found, _File) else 0

    def walk(
        self,
        wants: Callable[[bytes, bool], bool],
        without: Collection[bytes],
        most: int,
        refuse: Callable[[bytes, str], None],
    ) -> Iterator[WalkedFile]:
        """As of any tree."""
        waiting = [(b"", self._root)]
        seen = 0
        while waiting:
            above, folder = waiting.pop()
            for part, found in folder.entries.items():
                seen += 1
                if seen > most:
                    raise LimitExceeded(self._source, f"more files than the limit of {most}")
                name = above + b"/" + part if above else part
                if isinstance(found, _Folder):
                    waiting.append((name, found))
                elif not wants(name, found.is_executable):
                    continue
                elif found.kind is Kind.FILE:
                    identity = found.archive.identity_at(found.place)
                    yield WalkedFile(name, found.size, found.is_executable, identity, found.layer)
                elif not isinstance(found.kind, Kind):
                    refuse(name, found.kind)

    def pass_again(self, files: Sequence[WalkedFile], looks: Looks) -> None:
        """As of any tree."""
        archives: dict[Packed, dict[int, bytes]] = {}
        for one in files:
            found = self._found(one.name)
            if isinstance(found, _File):
                archives.setdefault(found.archive, {})[found.place] = one.name
        for archive, names in archives.items():
            archive.pass_again(names, looks)

    def _found(self, name: bytes, *, follow: bool = True) -> "_File | _Folder | None":
        try:
            return self._at(name, follow=follow)
        except OSError as error:
            raise UnreadableSource(place(self, name), error.strerror or str(error)) from error

    def _at(self, name: bytes, *, follow: bool = True) -> "_File | _Folder | None":
        """What is at a name, found as the kernel does below a root. Raises OSError as it does."""
        if not name or b"\0" in name:
            return None
        folders = [self._root]
        parts = name.split(b"/")[::-1]
        links = 0
        while parts:
            part = parts.pop()
            if part in (b"", b"."):
                continue
            if part == b"..":
                if len(folders) > 1:
                    folders.pop()
                continue
            if len(part) > _LONGEST_PART:
                raise _error(errno.ENAMETOOLONG)
            found = folders[-1].entries.get(part)
            if found is None:
                return None
            if isinstance(found, _Folder):
                folders.append(found)
                continue
            if found.kind is not Kind.LINK:
                if parts:
                    raise _error(errno.ENOTDIR)
                return found
            if not follow and not parts:
                return found
            links += 1
            if links > _MOST_LINKS:
                raise _error(errno.ELOOP)
            if found.target.startswith(b"/"):
                folders = folders[:1]
            followed = found.target.split(b"/")[::-1]
            self._steps += len(followed)
            if self._steps > _MOST_STEPS:
                raise LimitExceeded(self._source, f"links with more than {_MOST_STEPS} parts are followed")
            parts += followed
        return folders[-1]


def _error(number: int) -> OSError:
    return OSError(number, os.strerror(number))


def _clear(folder: _Folder, layer: int) -> None:
    """Take what earlier layers have out of a folder."""
    waiting = [folder]
    while waiting:
        one = waiting.pop()
        if one.cleared == layer:
            continue  # whatever is in it is of this layer
        one.cleared = layer
        for part, found in list(one.entries.items()):
            if found.layer < layer:
                del one.entries[part]
            elif isinstance(found, _Folder):
                waiting.append(found)


def _text(name: bytes) -> str:
    return ascii(name[:200])[2:-1]
