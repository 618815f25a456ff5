"""A folder as a tree. It is read by directory handles alone, so no link leads out of it, even where another process
changes links meanwhile.

The kernel resolves names where it can, by ``openat2``. Elsewhere a walk opens one part of a name at a time and follows
each link itself. Both find the same. A walk goes down 256 folders at most.

Source: path_resolution(7).
"""

import errno
import os
import stat
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from advisories.models.errors import LimitExceeded, UnreadableSource
from advisories.sources.openat2 import is_there, open_in_root
from advisories.sources.tree import Kind, Looks, Status, WalkedFile, file_at, place

__all__ = ["Folder"]

# To reach a folder, or to look at what is there. Opening a device may do something.
_REACH: Final = getattr(os, "O_PATH", os.O_RDONLY | os.O_NONBLOCK) | os.O_CLOEXEC
_REACH_FOLDER: Final = _REACH | os.O_DIRECTORY
_READ: Final = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_READ_FOLDER: Final = _READ | os.O_DIRECTORY
# As many links as the kernel follows.
_MOST_LINKS: Final = 40
_DEEPEST: Final = 256
_EXECUTABLE: Final = stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH
# How systems refuse to open a link as a folder.
_MAYBE_LINK: Final = (errno.ENOTDIR, errno.ELOOP, errno.EMLINK)
_KINDS: Final = {
    stat.S_IFREG: Kind.FILE,
    stat.S_IFDIR: Kind.FOLDER,
    stat.S_IFLNK: Kind.LINK,
    stat.S_IFIFO: Kind.PIPE,
    stat.S_IFSOCK: Kind.SOCKET,
}


class Folder:
    """A folder as a :class:`~advisories.sources.tree.Tree`. It is open until you close it.

    Raises :class:`UnreadableSource` for what is no folder, or cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self._source = str(path)
        try:
            self._root = os.open(path, _REACH_FOLDER)
        except OSError as error:
            raise _unreadable(self._source, error) from error
        self._names: _Names = _Kernel(self._root) if is_there(self._root) else _Walk(self._root)

    def close(self) -> None:
        """Give its handle back."""
        os.close(self._root)

    @property
    def source(self) -> str:
        """Its path, as it was given."""
        return self._source

    def stat(self, name: bytes) -> Status | None:
        """As of any tree."""
        try:
            found = self._names.stat(name)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unreadable(place(self, name), error) from error
        kind = _KINDS.get(stat.S_IFMT(found.st_mode), Kind.DEVICE)
        version = (found.st_size, found.st_mtime_ns, found.st_ctime_ns)
        return Status(kind, found.st_size, (found.st_dev, found.st_ino), version)

    def open(self, name: bytes) -> BinaryIO | None:
        """As of any tree."""
        if file_at(self, name) is None:
            return None
        try:
            handle = self._names.open(name, _READ)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unreadable(place(self, name), error) from error
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise UnreadableSource(place(self, name), "it changes while it is read")
        return os.fdopen(handle, "rb", buffering=0)

    def entries(self, name: bytes, most: int) -> list[bytes] | None:
        """As of any tree."""
        found: list[bytes] = []
        try:
            handle = self._names.open(name, _READ_FOLDER)
            try:
                with os.scandir(handle) as entries:
                    for entry in entries:
                        if len(found) == most:
                            raise LimitExceeded(place(self, name), f"more files than the limit of {most}")
                        found.append(os.fsencode(entry.name))
            finally:
                os.close(handle)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unreadable(place(self, name), error) from error
        return found

    def target(self, name: bytes) -> bytes | None:
        """As of any tree."""
        try:
            return self._names.target(name)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unreadable(place(self, name), error) from error

    def walk(
        self,
        wants: Callable[[bytes, bool], bool],
        without: Collection[bytes],
        most: int,
        refuse: Callable[[bytes, str], None],
    ) -> Iterator[WalkedFile]:
        """As of any tree."""
        waiting = [b""]
        seen = 0
        while waiting:
            folder = waiting.pop()
            try:
                handle = self._names.open(folder or b".", _READ_FOLDER)
            except OSError as error:
                if folder and isinstance(error, FileNotFoundError):
                    continue  # it is gone by now
                refuse(folder, error.strerror or str(error))
                continue
            try:
                with os.scandir(handle) as entries:
                    for entry in entries:
                        part = os.fsencode(entry.name)
                        if not folder and part in without and self._is_mounted(part):
                            continue
                        seen += 1
                        if seen > most:
                            raise LimitExceeded(self._source, f"more files than the limit of {most}")
                        name = folder + b"/" + part if folder else part
                        if entry.is_dir(follow_symlinks=False):
                            waiting.append(name)
                        elif entry.is_file(follow_symlinks=False):
                            found = _walked(entry, name, wants)
                            if found is not None:
                                yield found
            except OSError as error:
                refuse(folder, error.strerror or str(error))
            finally:
                os.close(handle)

    def _is_mounted(self, part: bytes) -> bool:
        """Whether another file system begins at a name in the root itself."""
        try:
            found = os.stat(part, dir_fd=self._root, follow_symlinks=False)
        except OSError:
            return False
        return found.st_dev != os.fstat(self._root).st_dev

    def pass_again(self, files: Sequence[WalkedFile], looks: Looks) -> None:
        """As of any tree."""


def _walked(entry: "os.DirEntry[str]", name: bytes, wants: Callable[[bytes, bool], bool]) -> WalkedFile | None:
    try:
        status = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None
    if not wants(name, bool(status.st_mode & _EXECUTABLE)):
        return None
    identity = status.st_dev, status.st_ino
    return WalkedFile(name, status.st_size, bool(status.st_mode & _EXECUTABLE), identity, 0)


def _unreadable(source: str, error: OSError) -> UnreadableSource:
    return UnreadableSource(source, error.strerror or str(error))


class _Names(Protocol):
    """How names below a root are resolved. Each method raises OSError."""

    def stat(self, name: bytes) -> os.stat_result:
        """What is at a name, with links followed."""

    def open(self, name: bytes, flags: int) -> int:
        """A handle of it."""

    def target(self, name: bytes) -> bytes | None:
        """Where a link leads. None for what is none."""


class _Kernel:
    """By ``openat2``."""

    def __init__(self, root: int) -> None:
        self._root = root
        self._walk = _Walk(root)

    def stat(self, name: bytes) -> os.stat_result:
        handle = self.open(name, _REACH)
        try:
            return os.fstat(handle)
        finally:
            os.close(handle)

    def open(self, name: bytes, flags: int) -> int:
        try:
            return open_in_root(self._root, name, flags)
        except BlockingIOError:  # a race that the kernel does not decide
            return self._walk.open(name, flags)

    def target(self, name: bytes) -> bytes | None:
        return self._walk.target(name)


class _Walk:
    """By opening one part after the other, without a link among them."""

    def __init__(self, root: int) -> None:
        self._root = root

    def stat(self, name: bytes) -> os.stat_result:
        with self._reached(name) as (folder, part):
            return os.stat(part, dir_fd=folder, follow_symlinks=False) if part else os.fstat(folder)

    def open(self, name: bytes, flags: int) -> int:
        with self._reached(name) as (folder, part):
            return os.open(part or b".", flags | os.O_NOFOLLOW, dir_fd=folder)

    def target(self, name: bytes) -> bytes | None:
        with self._reached(name, follow=False) as (folder, part):
            return _target(folder, part) if part else None

    @contextmanager
    def _reached(self, name: bytes, *, follow: bool = True) -> Iterator[tuple[int, bytes]]:
        """The folder where a name ends, and the part of it there, which is no link. An empty part is the folder."""
        folders = [self._root]
        parts = name.split(b"/")[::-1]
        links = 0
        last = b""
        try:
            if not name or b"\0" in name:
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)
            while parts:
                part = parts.pop()
                if part in (b"", b"."):
                    continue
                if part == b"..":
                    if len(folders) > 1:
                        os.close(folders.pop())
                    continue
                if parts:
                    opened = _opened(part, folders[-1])
                    if opened is not None:
                        folders.append(opened)
                        if len(folders) > _DEEPEST:
                            raise OSError(errno.ENAMETOOLONG, f"more than {_DEEPEST} folders deep", name)
                        continue
                elif not follow or not _is_link(part, folders[-1]):
                    last = part
                    break
                target = _target(folders[-1], part)
                if target is None:
                    raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), name)
                links += 1
                if links > _MOST_LINKS:
                    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), name)
                if target.startswith(b"/"):
                    while len(folders) > 1:
                        os.close(folders.pop())
                parts += target.split(b"/")[::-1]
            yield folders[-1], last
        finally:
            for folder in folders[1:]:
                os.close(folder)


def _opened(part: bytes, folder: int) -> int | None:
    """A handle of a folder in a folder. None for what may be a link."""
    try:
        return os.open(part, _REACH_FOLDER | os.O_NOFOLLOW, dir_fd=folder)
    except OSError as error:
        if error.errno in _MAYBE_LINK:
            return None
        raise


def _is_link(part: bytes, folder: int) -> bool:
    return stat.S_ISLNK(os.stat(part, dir_fd=folder, follow_symlinks=False).st_mode)


def _target(folder: int, part: bytes) -> bytes | None:
    """Where a link leads. None for what is none."""
    try:
        return os.readlink(part, dir_fd=folder)
    except OSError as error:
        if error.errno == errno.EINVAL:
            return None
        raise
