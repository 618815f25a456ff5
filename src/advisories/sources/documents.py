"""From a source (file, folder, archive, stream) to its documents, one after the other, within limits.

The content shows a container, not the name: zip and tar archives, compression by gzip, bzip2, xz, lzma and Zstandard,
also of an archive or of its members. Nothing is written to disk, so names that lead elsewhere lead nowhere.
"""

import errno
import io
import os
import posixpath
import stat
import struct
import warnings
from array import array
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager, nullcontext
from io import BytesIO
from os import PathLike
from typing import TYPE_CHECKING, BinaryIO, Final

from advisories.models.errors import LimitExceeded, MissingExtra, UnreadableSource
from advisories.models.frozen import frozen
from advisories.models.reading import Loss, Rejection, Skip
from advisories.sources.compression import (
    COMPRESSED,
    HEAD,
    SUFFIXES,
    Readable,
    Rewound,
    Taken,
    as_file,
    compression_of,
    decoder_errors,
    read_whole,
    unpacked,
)
from advisories.sources.limits import Limits
from advisories.sources.plain_tar import Ahead, plain_members

if TYPE_CHECKING:
    import tarfile
    import zipfile
    from pathlib import Path

__all__ = [
    "Document",
    "Found",
    "Wanted",
    "documents",
    "documents_of_stream",
    "is_archive",
    "is_database",
    "is_folder",
    "path_of",
    "stream_of",
]

_ZIP_MAGIC: Final = (b"PK\x03\x04", b"PK\x05\x06")
_TAR_MAGIC: Final = slice(257, 262)
_CONTAINERS: Final = (*_ZIP_MAGIC, *COMPRESSED)
_BLOCK: Final = 1 << 16
# As pathlib has them: a path that leads nowhere, by a file or in a circle.
_NOT_THERE: Final = (errno.ENOENT, errno.ENOTDIR, errno.EBADF, errno.ELOOP)
_DATABASE_MAGIC: Final = b"SQLite format 3\0"


@frozen
class Document:
    """One file's content.

    :ivar source: where it is, for messages: a path, or ``archive.zip!member``.
    :ivar name: the bare file name, without what compression added.
    :ivar data: its bytes, unpacked.
    :ivar alone: whether it is all the source there is, rather than one file of a folder or archive.
    """

    source: str
    name: str
    data: bytes
    alone: bool


#: What is found in a source: a document, what cannot be read, or what is skipped.
Found = Document | Rejection | Skip
#: Whether a member of an archive is looked at, by its name.
Wanted = Callable[[str], bool]


def stream_of(source: BinaryIO) -> BinaryIO:
    """A source that is no path. Raises TypeError for what is no binary stream either."""
    if not hasattr(source, "read") or isinstance(source, io.TextIOBase):
        raise TypeError(f"a path or a binary stream is expected, not {type(source).__name__}")
    return source


def path_of(source: str | PathLike[str]) -> str:
    """The path of a source, as pathlib writes it: a text in most cases has no need of its import.

    >>> path_of("lists/host.txt"), path_of("./lists//host.txt/")
    ('lists/host.txt', 'lists/host.txt')

    Raises :class:`UnreadableSource` for an empty one: it would be the current folder.
    """
    text = os.fspath(source)
    if not text or "\0" in text:
        raise UnreadableSource(repr(text), "a path with a NUL in it" if text else "the path is empty")
    if {"", "."}.isdisjoint(text.removeprefix("/").split("/")):
        return text
    from pathlib import Path

    return str(Path(text))


def is_folder(source: str | PathLike[str]) -> bool:
    """Whether a path is that of a folder.

    Raises :class:`UnreadableSource` where that cannot be seen: a folder on the way may not be searched, or a name is
    too long.
    """
    path = path_of(source)
    try:
        return stat.S_ISDIR(os.stat(path).st_mode)
    except OSError as error:
        if error.errno in _NOT_THERE:
            return False
        raise UnreadableSource(os.fspath(source), error.strerror or str(error)) from error


def documents(source: str | PathLike[str], limits: Limits, wanted: Wanted | None = None) -> Iterator[Found]:
    """The documents of a source: of a folder or zip archive in the order of their paths, of a tar archive as they come.

    A file of several that cannot be read is a rejection, and its neighbours stay. An archive in a folder is read. An
    archive in an archive is skipped, as a loss, and so are links to folders, as one where these lie elsewhere. Raises
    :class:`UnreadableSource` and :class:`LimitExceeded` for the source as a whole.

    :param wanted: whether a member of an archive is unpacked at all, by its name. None for every one.
    """
    from pathlib import Path

    path, text = Path(path_of(source)), os.fspath(source)
    if is_folder(source):
        yield from _folder(path, text, limits)
    else:
        yield from _file(path, text, path.name, limits, alone=True, wanted=wanted)


def documents_of_stream(stream: BinaryIO, name: str, limits: Limits) -> Iterator[Found]:
    """The documents of an open stream, which may be compressed or an archive. Raises as :func:`documents`."""
    try:
        yield from _opened(Rewound(stream), name, name, limits, alone=True)
    except OSError as error:
        raise UnreadableSource(name, error.strerror or str(error)) from error


def is_archive(data: bytes) -> bool:
    """Whether bytes begin as a zip or tar archive does, itself not compressed, and as no text can."""
    return data.startswith(_ZIP_MAGIC) or data.startswith((b"ustar\0", b"ustar  \0"), _TAR_MAGIC.start)


def is_database(source: str | PathLike[str]) -> bool:
    """Whether a source is a regular file that begins as databases do: no documents are in it, but it may be a store.

    Raises :class:`UnreadableSource` where that cannot be seen: a store would be taken for a text.
    """
    path_of(source)
    try:
        if not stat.S_ISREG(os.stat(source).st_mode):
            return False
        with open(source, "rb") as stream:
            return stream.read(len(_DATABASE_MAGIC)) == _DATABASE_MAGIC
    except OSError as error:
        raise UnreadableSource(os.fspath(source), error.strerror or str(error)) from error


def _name_of(path: str) -> str:
    last = path.rpartition("/")[2]
    if last not in ("", "."):
        return last
    from pathlib import PurePosixPath

    return PurePosixPath(path).name


# ---- folders and files ----


def _folder(root: "Path", text: str, limits: Limits) -> Iterator[Found]:
    for count, found in enumerate(_files(root, text), 1):
        if count > limits.members:
            why = f"more files than the limit of {limits.members}"
            raise LimitExceeded(text, limits.beyond("members", why))
        if isinstance(found, Rejection | Skip):
            yield found
            continue
        path, name = found
        try:
            yield from _file(path, path, name, limits, alone=False)
        except MissingExtra:
            raise
        except UnreadableSource as error:
            yield Rejection(path, "-", name, error.why)


def _files(root: "Path", text: str) -> Iterator[tuple[str, str] | Rejection | Skip]:
    # Regular files only (a pipe would block for ever), and no links to folders (they may lead around in a circle).
    # Python 3.11's os.walk calls itself for each folder in a folder.
    waiting = [os.fspath(root)]
    inside = os.path.join(os.path.realpath(root), "")
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(folder) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            raise UnreadableSource(error.filename or text, error.strerror or str(error)) from error
        are_folders = list(map(_is_folder, found))
        folders = [entry for entry, is_folder in zip(found, are_folders, strict=True) if is_folder]
        for entry in folders:
            if entry.is_symlink():
                # What lies in the source is read where it lies. Of what does not, nothing is.
                target = os.path.join(os.path.realpath(entry.path), "")
                is_read = target.startswith(inside) or inside.startswith(target)
                yield Skip(entry.path, "-", entry.name, "a link to a folder", () if is_read else (Loss(),))
        for entry, is_folder in zip(found, are_folders, strict=True):
            if not is_folder:
                yield _of_folder(entry)
        waiting += [entry.path for entry in reversed(folders) if not entry.is_symlink()]


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads nowhere: see below
        return False


def _of_folder(entry: "os.DirEntry[str]") -> tuple[str, str] | Rejection | Skip:
    """The path and the name of a file of a folder. What cannot be reached is refused, and no regular file is skipped.

    A path is object enough: a feed has a file for each advisory.
    """
    path, name = entry.path.removeprefix("./"), entry.name
    try:
        # Most systems tell a regular file by its entry in the folder.
        is_file = entry.is_file(follow_symlinks=False) or stat.S_ISREG(os.stat(entry.path).st_mode)
    except OSError as error:  # a link that leads nowhere, in a circle, or to a name that is too long
        return Rejection(path, "-", name, error.strerror or str(error))
    return (path, name) if is_file else Skip(path, "-", name, "no regular file")


def _file(
    path: "str | Path", text: str, name: str, limits: Limits, *, alone: bool, wanted: Wanted | None = None
) -> Iterator[Found]:
    try:
        # A feed has many small files: nothing is between them and the system.
        with open(path, "rb", buffering=0) as raw:
            begin = raw.read(_ONCE) or b""
            if len(begin) >= HEAD and not begin.startswith(_CONTAINERS) and begin[_TAR_MAGIC] != b"ustar":
                data = _rest(raw, begin, limits)
                if data is None:
                    raise LimitExceeded(text, _too_large(limits))
                yield Document(text, name, data, alone=alone)
                return
            stream = io.BufferedReader(raw)
            first = Rewound(stream, begin)
            if first.head.startswith(_ZIP_MAGIC) and stat.S_ISREG(os.fstat(raw.fileno()).st_mode):
                yield from _zip(stream, text, limits, wanted=wanted)
            else:
                yield from _opened(first, text, name, limits, alone=alone, wanted=wanted)
    except OSError as error:
        raise UnreadableSource(text, error.strerror or str(error)) from error


# Bytes of a file that are read at once: all of most.
_ONCE: Final = 1 << 16


def _rest(raw: io.FileIO, begin: bytes, limits: Limits) -> bytes | None:
    """The content of a file that begins so. None where it is larger than the limit."""
    more = raw.read(_ONCE)
    if more:
        return read_whole(raw, limits.document, (begin, more))
    return begin if len(begin) <= limits.document else None


def _opened(
    stream: Rewound, source: str, name: str, limits: Limits, *, alone: bool, wanted: Wanted | None = None
) -> Iterator[Found]:
    """The documents of the archive that a stream is, or its one document."""
    outermost = stream

    def taken() -> int:
        return outermost.count

    compression = compression_of(stream.head)
    if compression is not None:
        stream, name = Rewound(unpacked(stream, compression, source, limits)), _without_suffix(name)
    if stream.head[_TAR_MAGIC] == b"ustar":
        yield from _tar(stream, source, limits, taken, wanted)
        return
    data = read_whole(stream, limits.document)
    if data is None:
        raise LimitExceeded(source, _too_large(limits))
    if data.startswith(_ZIP_MAGIC):
        yield from _zip(BytesIO(data), source, limits, taken, wanted)
    else:
        yield Document(source, name, data, alone=alone)


def _without_suffix(name: str) -> str:
    return next((name[: -len(suffix)] for suffix in SUFFIXES if name.lower().endswith(suffix)), name)


def _too_large(limits: Limits) -> str:
    return limits.beyond("document", f"larger than the limit of {limits.document} bytes")


# ---- archives ----


def _member(stream: Readable, source: str, limits: Limits, taken: Taken) -> Found:
    """The document that a member of an archive is.

    :param taken: how many bytes were read of what the archive is in.
    """
    name = _name_of(source.partition("!")[2])
    try:
        first = Rewound(stream)
        compression = compression_of(first.head)
        if compression is not None:
            first, name = Rewound(unpacked(first, compression, source, limits, taken)), _without_suffix(name)
        if first.head[_TAR_MAGIC] == b"ustar" or first.head.startswith(_ZIP_MAGIC):
            # Anything may be in it.
            return Skip(source, "-", name, "an archive inside an archive", (Loss(),))
        data = read_whole(first, limits.document)
    except MissingExtra:
        raise
    except UnreadableSource as error:
        return Rejection(source, "-", name, error.why)
    if data is None:
        return Rejection(source, "-", name, _too_large(limits))
    return Document(source, name, data, alone=False)


class _Total:
    """The bytes that come out of one archive, against those that were read of it."""

    def __init__(self, source: str, limits: Limits, taken: Taken) -> None:
        self._source = source
        self._limits = limits
        self._taken = taken
        self._count = 0

    def counted(self, found: Found) -> Found:
        """The same. Raises :class:`LimitExceeded` where all of them are too much."""
        if isinstance(found, Document):
            self._count += len(found.data)
            limits = self._limits
            if self._count > limits.archive:
                why = f"unpacks to more than the limit of {limits.archive} bytes"
                raise LimitExceeded(self._source, limits.beyond("archive", why))
            if self._count > max(limits.ratio_from, self._taken() * limits.ratio):
                why = f"unpacks to more than {limits.ratio} times its size"
                raise LimitExceeded(self._source, limits.beyond("ratio", why))
        return found


def _zip(
    stream: BinaryIO, text: str, limits: Limits, taken: Taken | None = None, wanted: Wanted | None = None
) -> Iterator[Found]:
    import zipfile  # only where there is an archive

    try:
        archive = zipfile.ZipFile(stream)
        listed = archive.infolist()
        stated, end, size = _end_of_zip(stream)
        unread, overlapping = _gaps_of_zip(stream, listed, archive.start_dir)
        after = stream.seek(end) < size and bool(stream.read().strip(b"\0"))
    except decoder_errors() as error:
        raise UnreadableSource(text, f"not a whole zip archive: {error}") from error
    with archive:
        name = _name_of(text)
        if stated not in (None, len(listed)):
            why = f"damaged: its end states {stated} members, and its directory has {len(listed)}"
            yield Rejection(text, "-", name, why)
        for place in unread:
            yield Rejection(text, f"byte {place}", name, "its directory has no member for what is here")
        if after:
            yield Rejection(text, f"byte {end}", name, "more after the archive's end")
        # Not by is_dir(), which needs a name. What is called a folder and has a text is none.
        members = [member for member in listed if not member.filename.endswith("/") or member.file_size]
        if len(members) > limits.members:
            raise LimitExceeded(text, _too_many_members(limits))
        total = _Total(text, limits, taken or (lambda: size))
        for member in sorted(members, key=lambda member: member.filename):
            if wanted is not None and not wanted(member.filename):
                continue
            if id(member) in overlapping:
                source = f"{text}!{member.filename}"
                yield Rejection(source, "-", _name_of(member.filename), "it overlaps another member")
            else:
                with _without_warnings() if overlapping else nullcontext():
                    found = _zip_member(archive, member, text, limits)
                yield total.counted(found)


@contextmanager
def _without_warnings() -> Iterator[None]:
    """From Python 3.15 on, the library warns of the first of two members at one place. The second is refused here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        yield


def _too_many_members(limits: Limits) -> str:
    return limits.beyond("members", f"more members than the limit of {limits.members}")


# The record at the end of a zip archive, and that of an archive with more than 65,534 members. Source: APPNOTE 6.3.10.
_END_OF_ZIP: Final = struct.Struct("<4s4H2LH")
_END_OF_ZIP64: Final = struct.Struct("<4sQ2H2L4Q")
_MANY: Final = 0xFFFF


# The fixed part of what stands in front of a member, and how much may stand beside a member that hides no other: extra
# fields and sizes.
_LOCAL: Final = struct.Struct("<4s5H3L2H")
_BESIDE: Final = 60


def _end_of_zip(stream: BinaryIO) -> tuple[int | None, int, int]:
    """How many members the end of a zip archive states, None where it does not, where it ends, and how long all is."""
    size = stream.seek(0, os.SEEK_END)
    begin = stream.seek(max(0, size - _END_OF_ZIP.size - _MANY))
    tail = stream.read()
    place = tail.rfind(b"PK\5\6")
    if place < 0 or len(tail) - place < _END_OF_ZIP.size:
        return None, size, size
    *_, stated, _, _, comment = _END_OF_ZIP.unpack_from(tail, place)
    end = begin + place + _END_OF_ZIP.size + comment
    if stated != _MANY:
        return stated, end, size
    stream.seek(max(0, begin + place - 20 - _END_OF_ZIP64.size))
    found = stream.read(_END_OF_ZIP64.size)
    if len(found) < _END_OF_ZIP64.size or found[:4] != b"PK\6\6":
        return None, end, size
    return _END_OF_ZIP64.unpack(found)[7], end, size


def _gaps_of_zip(stream: BinaryIO, listed: "list[zipfile.ZipInfo]", directory: int) -> tuple[list[int], Container[int]]:
    """The places that no member of the directory has, and the ids of the members that lie in others.

    Only what is large enough for a record is looked at: reading the header of each member takes its time.
    """
    unread: list[int] = []
    overlapping: set[int] = set()
    end = 0
    ordered = sorted(listed, key=lambda member: member.header_offset)
    begins = [member.header_offset for member in ordered] + [directory]
    for member, begin, following in zip(ordered, begins, begins[1:], strict=False):
        if member is ordered[0] and begin > 0:
            unread.append(0)
        elif begin < end:
            overlapping.add(id(member))
        end = begin + _LOCAL.size + len(member.orig_filename) + member.compress_size
        if following - end > _BESIDE:
            stream.seek(begin)
            *_, name, extra = _LOCAL.unpack(stream.read(_LOCAL.size))
            exact = begin + _LOCAL.size + name + extra + member.compress_size
            if following - exact > _BESIDE:
                stream.seek(exact)
                if stream.read(min(following - exact, _BLOCK)).strip(b"\0"):
                    unread.append(exact)
    return unread, overlapping


def _zip_member(archive: "zipfile.ZipFile", member: "zipfile.ZipInfo", text: str, limits: Limits) -> Found:
    source = f"{text}!{member.filename}"
    name = _name_of(member.filename)
    # The sizes in the directory are a claim: the bytes that come out are counted, and no more than that are read.
    allowed = min(limits.document, max(limits.ratio_from, member.compress_size * limits.ratio))
    try:
        with archive.open(member) as stream:
            data = stream.read(allowed + 1)
    except decoder_errors() as error:
        return Rejection(source, "-", name, f"cannot be unpacked: {error}")
    if len(data) > limits.document:
        return Rejection(source, "-", name, _too_large(limits))
    if len(data) > allowed:
        why = f"unpacks to more than {limits.ratio} times its size"
        return Rejection(source, "-", name, limits.beyond("ratio", why))
    return _plain_member(data, source, limits, lambda: member.compress_size)


def _tar(stream: Rewound, text: str, limits: Limits, taken: Taken, wanted: Wanted | None = None) -> Iterator[Found]:
    """The regular files of a tar archive. One that is cut off or damaged gives those before, and one rejection."""
    import tarfile

    name = _name_of(text)
    total, count = _Total(text, limits, taken), 0
    ahead, links = Ahead(stream), _Links()
    try:
        for plain, data in plain_members(ahead, min(limits.document, _PLAIN)):
            count += 1
            if count > limits.members:
                raise LimitExceeded(text, _too_many_members(limits))
            if wanted is None or wanted(plain):
                links.add(plain)
                yield total.counted(_plain_member(data, f"{text}!{plain}", limits, taken))
        bounded = _Bounded(ahead)
        with tarfile.open(fileobj=as_file(bounded), mode="r|", tarinfo=_checked_header(bounded)) as archive:
            while (member := archive.next()) is not None:
                archive.members.clear()  # type: ignore[attr-defined]  # it would remember every one
                is_known = member.type in _KINDS_OF_MEMBERS or not member.size
                links.add(member.name, member.linkname, is_symbolic=member.issym())
                if not member.isreg() and is_known:
                    continue  # a link's file is a member itself
                count += 1
                if count > limits.members:
                    raise LimitExceeded(text, _too_many_members(limits))
                if wanted is not None and not wanted(member.name):
                    continue
                yield total.counted(_tar_member(archive, member, text, limits, taken))
            if _goes_on(archive, text, limits):
                yield Rejection(text, f"member {count + 1}", name, "not read further: more after the archive's end")
            for link in links.broken() if wanted is None else ():
                why = "a link to what the archive does not have"
                yield Rejection(f"{text}!{link}", "-", _name_of(link), why)
    except (LimitExceeded, MissingExtra):
        raise
    except UnreadableSource as error:
        yield Rejection(text, f"member {count + 1}", name, f"not read further: {error.why}")
    except decoder_errors() as error:
        yield Rejection(text, f"member {count + 1}", name, f"not read further: {error}")


class _Links:
    """The links of a tar archive, and what they may lead to. Of a name its hash is enough: there may be millions."""

    def __init__(self) -> None:
        self._names: Final = array("q")
        self._folders: Final = {"."}
        self._targets: Final[dict[str, str]] = {}

    def add(self, name: str, target: str = "", *, is_symbolic: bool = False) -> None:
        """A member. A link has a target, from its own folder on where it is symbolic."""
        name = name.removeprefix("./")
        folder = name.rpartition("/")[0]
        self._names.append(hash(name))
        self._folders.add(folder)
        if target:
            self._targets[name] = posixpath.normpath(posixpath.join(folder if is_symbolic else "", target))

    def broken(self) -> list[str]:
        """The links whose target is no member and no folder of one."""
        if not self._targets:
            return []
        names, folders = set(self._names), set[str]()
        for folder in self._folders:
            while folder and folder not in folders:
                folders.add(folder)
                folder = folder.rpartition("/")[0]
        return [one for one, target in self._targets.items() if hash(target) not in names and target not in folders]


# Bytes of a member that are read at once.
_PLAIN: Final = 1 << 24
# What may stand in an archive beside files and is no text: links, folders, devices, GNU's labels and lists of folders.
_KINDS_OF_MEMBERS: Final = frozenset({b"1", b"2", b"3", b"4", b"5", b"6", b"D", b"V"})
# Bytes of one header, with all that extends it: the library reads them whole.
_HEADER: Final = 1 << 20


# The library passes a member over in small steps, also behind the end, where a damaged size would take years.
_READS_AT_END: Final = 100


class _Bounded:
    """A stream of which little is read while a header is read, and which is not read on behind its end.

    :ivar left: how much may be read still. None for anything.
    """

    def __init__(self, stream: Readable) -> None:
        self.left: int | None = None
        self._stream = stream
        self._reads_at_end = 0

    def read(self, size: int = -1) -> bytes:
        """As of any stream."""
        data = self._stream.read(size)
        if not data:
            self._reads_at_end += 1
            if self._reads_at_end > _READS_AT_END:
                raise EOFError("it ends in the middle of a member")
        if self.left is not None:
            self.left -= len(data)
            if self.left < 0:
                raise ValueError(f"a header of more than {_HEADER} bytes")
        return data


def _checked_header(stream: _Bounded) -> "type[tarfile.TarInfo]":
    """The library takes a damaged header behind the first member for the archive's end. This refuses it."""
    import tarfile

    class Checked(tarfile.TarInfo):
        @classmethod
        def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> "Checked":
            header = super().frombuf(buf, encoding, errors)
            if header.size < 0:
                raise tarfile.ReadError("a damaged header: a size below zero")
            return header

        @classmethod
        def fromtarfile(cls, archive: tarfile.TarFile) -> "Checked":
            is_first, stream.left = stream.left is None, _HEADER if stream.left is None else stream.left
            try:
                header = super().fromtarfile(archive)
            except tarfile.EOFHeaderError:  # type: ignore[attr-defined]
                raise
            except tarfile.EmptyHeaderError:  # type: ignore[attr-defined]
                raise tarfile.ReadError("the archive has no end, it is cut off") from None
            except tarfile.HeaderError as error:
                raise tarfile.ReadError(f"a damaged header: {error}") from error
            finally:
                if is_first:
                    stream.left = None
            return header

    return Checked


def _goes_on(archive: "tarfile.TarFile", text: str, limits: Limits) -> bool:
    """Whether anything but zeros follows the end of a tar archive. Zeros without an end are beyond a limit."""
    assert archive.fileobj is not None
    count = 0
    while data := archive.fileobj.read(_BLOCK):
        if data.strip(b"\0"):
            return True
        count += len(data)
        if count > limits.archive:
            why = f"more zeros after the archive's end than the limit of {limits.archive} bytes"
            raise LimitExceeded(text, limits.beyond("archive", why))
    return False


def _plain_member(data: bytes, source: str, limits: Limits, taken: Taken) -> Found:
    """As :func:`_member`: nearly all are a document as they are."""
    if data.startswith(_CONTAINERS) or data[_TAR_MAGIC] == b"ustar":
        return _member(BytesIO(data), source, limits, taken)
    return Document(source, _name_of(source.partition("!")[2]), data, alone=False)


def _tar_member(
    archive: "tarfile.TarFile", member: "tarfile.TarInfo", text: str, limits: Limits, taken: Taken
) -> Found:
    source = f"{text}!{member.name}"
    why = None
    if member.issparse():
        why = "a sparse file"
    elif not member.isreg():
        why = f"of an unknown kind: {ascii(member.type)[2:-1]}"
    elif member.size > limits.document:
        why = _too_large(limits)
    if why is not None:
        return Rejection(source, "-", _name_of(member.name), why)
    data = archive.extractfile(member)
    assert data is not None  # it is a regular file
    return _member(data, source, limits, taken)
