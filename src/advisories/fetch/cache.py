"""The folder where fetched feeds and their stores lie: one lock, one manifest, and files that are never changed.

Every file stands under a name that its own content gives it, and the manifest names it once it is whole and on the
disk. Replacing the manifest is the one step by which anything becomes true. A process that is killed leaves the old
manifest or the new one, and files that no manifest names, which the next fetch removes. A store that was replaced stays
until then, for who has just begun to read it.
"""

import errno
import fcntl
import hashlib
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final

from advisories.fetch.manifest import EMPTY, Kept, Manifest, Stored, manifest_of, text_of
from advisories.models.errors import AdvisoriesError, UnreadableSource

__all__ = ["Cache", "UnusableCache", "digest_of", "sync"]

_MANIFEST: Final = "manifest.json"
_LOCK: Final = "lock"
_PARTS: Final = "parts"
_FOLDERS: Final = ("feeds", "stores", _PARTS)
# A manifest that is longer is none.
_LONGEST: Final = 1 << 26
_CHANGED: Final = "changed since it was fetched: its digest is not that of the manifest. advisories fetch replaces it"
_OTHERS_WRITE: Final = stat.S_IWGRP | stat.S_IWOTH


class UnusableCache(AdvisoriesError):
    """A folder that cannot be a cache, or whose files are not what its manifest has.

    :ivar path: the folder, or the file in it.
    :ivar why: the reason.
    """

    def __init__(self, path: str, why: str) -> None:
        super().__init__(path, why)
        self.path = path
        self.why = why

    def __str__(self) -> str:
        return f"{self.path}: {self.why}"


class Cache:
    """A cache at a path, which need not be there yet.

    What another user could change is not used: the folder must be yours or the superuser's, nobody else may write to
    it, and nothing in it is reached by a link.
    """

    def __init__(self, path: str) -> None:
        self.path: Final = os.path.abspath(path)

    def manifest(self) -> Manifest:
        """What is in it: nothing where there is no manifest.

        Raises :class:`UnusableCache` for a folder of somebody else, and
        :class:`~advisories.models.errors.UnreadableSource` for a manifest that is none.
        """
        try:
            self._check(os.stat(self.path), (os.geteuid(), 0))
            data = self._read(_MANIFEST)
        except (FileNotFoundError, NotADirectoryError):
            return EMPTY
        return manifest_of(data, self.place(_MANIFEST))

    def place(self, path: str) -> str:
        """The path of a file of the cache."""
        return os.path.join(self.path, path)

    def is_there(self, file: Kept | Stored) -> bool:
        """Whether a file is there as the manifest has it, by its size: no link leads to it."""
        try:
            found = self._found(file.path)
        except (OSError, UnusableCache):
            return False
        return stat.S_ISREG(found.st_mode) and found.st_size == file.size

    def checked(self, file: Kept | Stored) -> str:
        """The place of a file that is there, byte by byte.

        Raises :class:`UnusableCache` where it is missing or another one.
        """
        place = self.place(file.path)
        if not self.is_there(file):
            raise UnusableCache(place, "missing, or not as long as its manifest has it: advisories fetch replaces it")
        try:
            digest = digest_of(place)
        except OSError as error:
            raise UnusableCache(place, error.strerror or str(error)) from error
        if digest != file.sha256:
            raise UnusableCache(place, _CHANGED)
        return place

    def _found(self, path: str) -> os.stat_result:
        """What is at a path of the cache. Raises :class:`UnusableCache` where a link is on the way."""
        *folders, name = path.split("/")
        place = self.path
        for folder in folders:
            place = os.path.join(place, folder)
            if not stat.S_ISDIR(os.lstat(place).st_mode):
                raise UnusableCache(place, "no folder of a cache")
        return os.lstat(os.path.join(place, name))

    def _read(self, name: str) -> bytes:
        try:
            handle = os.open(self.place(name), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            if error.errno == errno.ELOOP:
                raise UnusableCache(self.place(name), "a link, and no file of a cache") from None
            raise
        with open(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise UnusableCache(self.place(name), "no regular file")
            data = file.read(_LONGEST + 1)
        if len(data) > _LONGEST:
            raise UnreadableSource(self.place(name), f"longer than {_LONGEST} bytes")
        return data

    def _check(self, found: os.stat_result, owners: tuple[int, ...]) -> None:
        if not stat.S_ISDIR(found.st_mode):
            raise UnusableCache(self.path, "no folder")
        if found.st_uid not in owners:
            raise UnusableCache(self.path, f"the folder of another user ({found.st_uid}), whom you would have to trust")
        if found.st_mode & _OTHERS_WRITE:
            raise UnusableCache(self.path, "others may write to it: chmod go-w makes it yours alone")

    # ---- changing it ----

    @contextmanager
    def locked(self, waiting: Callable[[], None] | None = None) -> Iterator[None]:
        """The cache as nobody else changes it. Its folder is made where it is missing.

        :param waiting: called where another process has it, before it is waited for.

        What others left behind when they were killed is removed. Raises :class:`UnusableCache`.
        """
        try:
            os.makedirs(os.path.dirname(self.path), exist_ok=True)
            with suppress(FileExistsError):
                os.mkdir(self.path, 0o700)
            self._check(os.stat(self.path), (os.geteuid(),))
            for folder in _FOLDERS:
                with suppress(FileExistsError):
                    os.mkdir(self.place(folder), 0o700)
                if not stat.S_ISDIR(os.lstat(self.place(folder)).st_mode):
                    raise UnusableCache(self.place(folder), "no folder of a cache")
            flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
            with open(os.open(self.place(_LOCK), flags, 0o600), "r+b") as lock:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    if waiting is not None:
                        waiting()
                    fcntl.flock(lock, fcntl.LOCK_EX)
                self._clear()
                yield
        except OSError as error:
            raise UnusableCache(error.filename or self.path, error.strerror or str(error)) from error

    @property
    def parts(self) -> str:
        """The folder of what is not whole yet."""
        return self.place(_PARTS)

    def keep(self, part: str, feed: str, name: str, sha256: str) -> str:
        """Move a whole file into the folder of a feed, and return its path in the cache."""
        return self._moved(part, f"feeds/{feed}/{sha256[:16]}/{name}")

    def keep_store(self, part: str, unit: str, sha256: str) -> str:
        """Move a store to its place, and return its path in the cache."""
        return self._moved(part, f"stores/{unit}/{sha256[:16]}.db")

    def adopt(self, part: str, path: str) -> None:
        """Move a file to the path that a manifest has for it."""
        self._moved(part, path)

    def _moved(self, part: str, path: str) -> str:
        sync(part)
        folder = self.path
        for name in path.split("/")[:-1]:
            above, folder = folder, os.path.join(folder, name)
            try:
                os.mkdir(folder, 0o700)
            except FileExistsError:
                if not stat.S_ISDIR(os.lstat(folder).st_mode):
                    raise UnusableCache(folder, "no folder of a cache") from None
            else:
                sync(above)
        os.replace(part, self.place(path))
        sync(folder)
        return path

    def commit(self, manifest: Manifest) -> None:
        """Make a manifest the one that holds: the files that it names are there, on the disk."""
        part = self.place(f"{_PARTS}/{_MANIFEST}")
        with open(part, "w", encoding="utf-8") as file:
            file.write(text_of(manifest))
        sync(part)
        os.replace(part, self.place(_MANIFEST))
        sync(self.path)

    def _clear(self) -> None:
        """Remove what no manifest names. A manifest that cannot be read keeps all."""
        try:
            known = self.manifest().paths()
        except AdvisoriesError:
            return
        for top in ("feeds", "stores"):
            for folder in _folders(self.place(top)):
                for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
                    path = os.path.relpath(entry.path, self.path)
                    if path not in known and not any(one.startswith(f"{path}/") for one in known):
                        _remove(entry.path)
                with suppress(OSError):
                    os.rmdir(folder)


def _folders(top: str) -> list[str]:
    with os.scandir(top) as entries:
        return sorted(entry.path for entry in entries if entry.is_dir(follow_symlinks=False))


def _remove(path: str) -> None:
    if stat.S_ISDIR(os.lstat(path).st_mode):
        shutil.rmtree(path)
    else:
        os.unlink(path)


def digest_of(path: str) -> str:
    """The SHA-256 of a file."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync(path: str) -> None:
    """Make a file or folder safe on the disk."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
