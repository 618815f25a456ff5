"""One file with a cache or a part of it, for machines without a network: made, verified, and applied.

A bundle is a tar archive. Its first member is the manifest, and then come the files that it names, by name. It has no
times and no owners: the same cache gives the same bytes. Nothing of a bundle counts before all of it was verified.
"""

import hashlib
import io
import os
import stat
import tarfile
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO, Final

from advisories.fetch.cache import Cache, digest_of
from advisories.fetch.manifest import Kept, Manifest, Stored, manifest_of, merged, part_of, text_of
from advisories.models.errors import AdvisoriesError, OtherVersion
from advisories.models.frozen import frozen
from advisories.models.nouns import Noun
from advisories.sources.limits import Limits
from advisories.sources.tar import Tar
from advisories.sources.tree import Kind
from advisories.store.checking import check_store

__all__ = ["Applied", "InvalidBundle", "apply_bundle", "create_bundle", "verify_bundle"]

_MANIFEST: Final = "manifest.json"
_LONGEST: Final = 1 << 26
_CHUNK: Final = 1 << 20
_PART: Final = "bundle"
_AGAIN: Final = "make the bundle by this release"


class InvalidBundle(AdvisoriesError):
    """A file that is no bundle, or not the one that was made. Nothing of it was applied.

    :ivar path: as it was given.
    :ivar why: the reason.
    """

    def __init__(self, path: str, why: str) -> None:
        super().__init__(path, why)
        self.path = path
        self.why = why

    def __str__(self) -> str:
        return f"{self.path}: {self.why}"


@frozen
class Applied(Noun):
    """What a bundle changed.

    :ivar new: the stores that are new or other ones, and
    :ivar same: those that were there already.
    :ivar older: those that are older than what is there, which stayed.
    """

    new: tuple[str, ...]
    same: tuple[str, ...]
    older: tuple[str, ...]


def create_bundle(cache: Cache, names: Iterable[str], output: str) -> Manifest:
    """Write some stores of a cache as one file, with their feeds. Returns what is in it.

    :param names: of the stores' units.

    Raises :class:`~advisories.fetch.cache.UnusableCache` where a file is not what the manifest has.
    """
    manifest = part_of(cache.manifest(), names)
    part = f"{output}.{os.getpid()}.part"
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
        with open(handle, "wb") as file, tarfile.open(fileobj=file, mode="w", format=tarfile.USTAR_FORMAT) as archive:
            _add(archive, _MANIFEST, text_of(manifest).encode())
            for one in _files(manifest):
                with open(cache.checked(one), "rb") as content:
                    member = tarfile.TarInfo(one.path)
                    member.size = one.size
                    archive.addfile(member, content)
        with open(part, "rb") as whole:
            os.fsync(whole.fileno())
        os.replace(part, output)
    except OSError as error:
        raise InvalidBundle(output, error.strerror or str(error)) from error
    finally:
        if os.path.lexists(part):
            os.unlink(part)
    return manifest


def _add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(data)
    archive.addfile(member, io.BytesIO(data))


def _files(manifest: Manifest) -> list[Kept | Stored]:
    """Every file of a manifest, once, by name."""
    found: dict[str, Kept | Stored] = {}
    for feed in manifest.feeds.values():
        found.update((file.path, file) for file in feed.files)
    found.update((store.path, store) for store in manifest.stores.values())
    return [found[path] for path in sorted(found)]


def verify_bundle(path: str, limits: Limits) -> Manifest:
    """Read all of a bundle, and return what is in it. Nothing is written.

    Raises :class:`InvalidBundle` for the first thing that is wrong with it.
    """
    return _read(path, limits, lambda file, content: _drained(content))


def _drained(content: Iterator[bytes]) -> None:
    for _ in content:
        pass


def _read(path: str, limits: Limits, take: Callable[[Kept | Stored, Iterator[bytes]], None]) -> Manifest:
    """Go through a bundle. Each file is taken as it comes, and is whole when that returns."""
    try:
        with open(path, "rb") as stream:
            if stat.S_ISCHR(os.fstat(stream.fileno()).st_mode):
                # It may have no end.
                raise InvalidBundle(path, "a device, and no file")
            return _taken(stream, path, limits, take)
    except OSError as error:
        raise InvalidBundle(path, error.strerror or str(error)) from error
    except InvalidBundle:
        raise
    except AdvisoriesError as error:
        why = getattr(error, "why", str(error))
        raise InvalidBundle(path, why) from error


def _taken(
    stream: BinaryIO, path: str, limits: Limits, take: Callable[[Kept | Stored, Iterator[bytes]], None]
) -> Manifest:
    archive = Tar(stream, path, limits)
    manifest: Manifest | None = None
    wanted: dict[str, Kept | Stored] = {}
    for member in archive:
        name = member.name.decode("utf-8", "backslashreplace")
        if member.kind != Kind.FILE:
            raise InvalidBundle(path, f"{name!a} is no file")
        content = archive.stream(member)
        if manifest is None:
            if name != _MANIFEST or member.size > _LONGEST:
                why = f"no bundle: its manifest does not come first, or is longer than {_LONGEST} bytes"
                raise InvalidBundle(path, why)
            manifest = manifest_of(content.read(), path, _AGAIN)
            wanted = {file.path: file for file in _files(manifest)}
            continue
        file = wanted.pop(name, None)
        if file is None:
            raise InvalidBundle(path, f"{name!a} is not in its manifest, or there twice")
        if member.size != file.size:
            raise InvalidBundle(path, f"{name} has {member.size} bytes, not {file.size}")
        hashed = hashlib.sha256()
        take(file, _pieces(content.read, hashed.update))
        if hashed.hexdigest() != file.sha256:
            raise InvalidBundle(path, f"{name} is not what was bundled: its SHA-256 is {hashed.hexdigest()}")
    if manifest is None:
        raise InvalidBundle(path, "no bundle: an empty archive")
    if wanted:
        raise InvalidBundle(path, f"{min(wanted)} is missing")
    if not manifest.stores:
        raise InvalidBundle(path, "no store is in it")
    return manifest


def _pieces(read: Callable[[int], bytes], passed: Callable[[bytes], None]) -> Iterator[bytes]:
    while piece := read(_CHUNK):
        passed(piece)
        yield piece


def apply_bundle(path: str, cache: Cache, limits: Limits, *, force: bool) -> Applied:
    """Take a bundle over into a cache, which must be locked. Its stores take the place of those of the same name.

    :param force: whether a store may be older than the one that is there.

    Raises :class:`InvalidBundle`, and the cache is as it was then.
    """
    parts: dict[str, str] = {}

    def take(file: Kept | Stored, content: Iterator[bytes]) -> None:
        part = os.path.join(cache.parts, f"{_PART}-{len(parts)}")
        parts[file.path] = part
        if os.path.lexists(part):
            os.unlink(part)
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as out:
            out.writelines(content)

    try:
        manifest = _read(path, limits, take)
        for store in manifest.stores.values():
            try:
                problems = check_store(parts[store.path]).problems
            except OtherVersion as error:
                other = OtherVersion(store.path, error.what, error.found, error.read, _AGAIN)
                raise InvalidBundle(path, str(other)) from error
            if problems:
                raise InvalidBundle(path, f"{store.path}: {problems[0]}")
        before = cache.manifest()
        new: list[str] = []
        same: list[str] = []
        older: list[str] = []
        for name, store in manifest.stores.items():
            there = before.stores.get(name)
            is_there = there is not None and cache.is_there(there)
            if there is not None and is_there and there.sha256 == store.sha256:
                same.append(name)
            elif there is not None and is_there and not force and _newest(store) < _newest(there):
                older.append(name)
            else:
                new.append(name)
        taken = part_of(manifest, [*new, *same])
        for file in _files(taken):
            if not cache.is_there(file) or digest_of(cache.place(file.path)) != file.sha256:
                cache.adopt(parts[file.path], file.path)
        cache.commit(merged(before, taken))
        return Applied(tuple(new), tuple(same), tuple(older))
    finally:
        for part in parts.values():
            if os.path.lexists(part):
                os.unlink(part)


def _newest(store: Stored) -> tuple[str, str]:
    dates = [date.isoformat() for date in store.newest if date is not None]
    return max(dates, default=""), store.compiled.isoformat()
