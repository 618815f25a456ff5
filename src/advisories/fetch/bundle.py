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
from advisories.fetch.client import moment_of
from advisories.fetch.manifest import Fetched, Kept, Manifest, Stored, manifest_of, merged, part_of, text_of
from advisories.fetch.publishers import EVERY, publishers, unit_of
from advisories.models.errors import AdvisoriesError, OtherVersion, UnknownDistribution
from advisories.models.frozen import frozen
from advisories.models.nouns import Noun
from advisories.sources.limits import Limits
from advisories.sources.tar import Tar
from advisories.sources.tree import Kind
from advisories.store.checking import check_store
from advisories.store.reader import Store

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
    :ivar fewer: those that lack a feed of what is there, which stayed.
    """

    new: tuple[str, ...]
    same: tuple[str, ...]
    older: tuple[str, ...]
    fewer: tuple[str, ...]


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
            if why := _contradiction(store, parts[store.path]):
                raise InvalidBundle(path, f"{store.path}: {why}")
        before = cache.manifest()
        new: list[str] = []
        same: list[str] = []
        older: list[str] = []
        fewer: list[str] = []
        for name, store in manifest.stores.items():
            there = before.stores.get(name)
            is_there = there is not None and cache.is_there(there)
            if there is not None and is_there and there.sha256 == store.sha256:
                same.append(name)
            elif there is not None and is_there and not force and not {*there.feeds} <= {*store.feeds}:
                fewer.append(name)
            elif there is not None and is_there and not force and _is_older(store, manifest, there, before):
                older.append(name)
            else:
                new.append(name)
        taken = part_of(manifest, [*new, *same])
        for file in _files(taken):
            if not cache.is_there(file) or digest_of(cache.place(file.path)) != file.sha256:
                cache.adopt(parts[file.path], file.path)
        cache.commit(merged(before, taken))
        return Applied(tuple(new), tuple(same), tuple(older), tuple(fewer))
    finally:
        for part in parts.values():
            if os.path.lexists(part):
                os.unlink(part)


def _contradiction(stored: Stored, part: str) -> str:
    """What a manifest has of a store that is not so, which later fetches and bundles would be judged by."""
    store = Store(part)
    try:
        reports = store.reports
        if stored.kept != tuple([report.kept for report in reports]):
            return "another one than its manifest describes: it has other counts of records"
        if any(date not in (None, report.newest) for date, report in zip(stored.newest, reports, strict=True)):
            return "another one than its manifest describes: its newest records are of other dates"
        own = unit_of(stored.unit).distribution
        if not any(id == own.id and (own.release in (None, release) or not release) for id, release in store.releases):
            return f"no advisories of {stored.unit}, which its manifest has it for"
    except UnknownDistribution:
        # Of a release that has more of them. Nothing is matched by it here.
        return ""
    finally:
        store.close()
    return ""


def _is_older(store: Stored, of: Manifest, there: Stored, before: Manifest) -> bool:
    """Whether a store is older than the one that is there. It has all of its feeds.

    The feeds of advisories decide, each by itself: facts about CVEs are new every day, whatever advisories are beside
    them. Where both are the same by that, these facts decide, then when the stores were compiled.
    """
    facts = {one.name for one in publishers() if one.distribution == EVERY}
    for is_fact in (False, True):
        names = [name for name in there.feeds if (before.feeds[name].publisher in facts) is is_fact]
        orders = [_order(name, store, of.feeds[name], there, before.feeds[name]) for name in names]
        if any(orders):
            return min(orders) < 0
    return store.compiled < there.compiled


def _order(name: str, store: Stored, feed: Fetched, there: Stored, before: Fetched) -> int:
    """-1, 0 or 1: whether a feed of a store is older than, as old as, or newer than that of the one that is there."""
    one, other = (of.newest[of.feeds.index(name)] for of in (store, there))
    if one is not None and other is not None:
        return (one > other) - (one < other)
    if feed.mirror != before.mirror:
        return 0  # dates of files may be those of the mirrors
    dates = {file.address: moment_of(file.modified) for file in before.files}
    pairs = [(moment_of(file.modified), dates.get(file.address)) for file in feed.files]
    orders = [(new > old) - (new < old) for new, old in pairs if new is not None and old is not None]
    return min(orders) if orders and min(orders) < 0 else max(orders, default=0)
