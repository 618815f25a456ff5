"""From a source (file, folder, zip archive, stream) to its documents, one after the other, within limits."""

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO

from attrs import frozen

from advisories.errors import LimitExceeded, UnreadableSource
from advisories.limits import Limits
from advisories.models import Rejection

if TYPE_CHECKING:
    import zipfile

__all__ = ["Document", "document_of_stream", "documents", "is_database"]

_ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
_DATABASE_MAGIC = b"SQLite format 3\0"


@frozen
class Document:
    """One file's content.

    :ivar source: where it is, for messages: a path, or ``archive.zip!member``.
    :ivar name: the bare file name.
    :ivar data: its bytes, unpacked.
    :ivar alone: whether it is all the source there is, rather than one file of a folder or archive.
    """

    source: str
    name: str
    data: bytes
    alone: bool


def documents(source: str | Path, limits: Limits) -> Iterator[Document | Rejection]:
    """The documents of a source, in the order of their paths; what cannot be read is a rejection, its neighbours stay.

    Raises :class:`UnreadableSource` and :class:`LimitExceeded` for the source as a whole.
    """
    text = os.fspath(source)
    path = Path(source)
    if path.is_dir():
        yield from _folder(path, text, limits)
        return
    try:
        with path.open("rb") as stream:
            if stream.read(4) in _ZIP_MAGIC:
                stream.seek(0)
                yield from _archive(stream, text, limits)
                return
            stream.seek(0)
            data = stream.read(limits.document + 1)
    except OSError as error:
        raise UnreadableSource(text, error.strerror or str(error)) from error
    if len(data) > limits.document:
        raise LimitExceeded(text, _too_large(limits.document))
    yield Document(text, path.name, data, alone=True)


def is_database(source: str | Path) -> bool:
    """Whether a source is a regular file that begins as databases do: no documents are in it, but it may be a store."""
    try:
        if not os.path.isfile(source):
            return False
        with open(source, "rb") as stream:
            return stream.read(len(_DATABASE_MAGIC)) == _DATABASE_MAGIC
    except OSError:
        return False


def document_of_stream(stream: BinaryIO, name: str, limits: Limits) -> Document:
    """The one document of an open stream; raises as :func:`documents`."""
    try:
        data = stream.read(limits.document + 1)
    except OSError as error:
        raise UnreadableSource(name, error.strerror or str(error)) from error
    if len(data) > limits.document:
        raise LimitExceeded(name, _too_large(limits.document))
    return Document(name, name, data, alone=True)


def _too_large(limit: int) -> str:
    return f"larger than the limit of {limit} bytes"


def _folder(root: Path, text: str, limits: Limits) -> Iterator[Document | Rejection]:
    count = 0
    for path in _files(root, text):
        count += 1
        if count > limits.members:
            raise LimitExceeded(text, f"more files than the limit of {limits.members}")
        try:
            with path.open("rb") as stream:
                data = stream.read(limits.document + 1)
        except OSError as error:
            yield Rejection(str(path), "-", path.name, error.strerror or str(error))
            continue
        if len(data) > limits.document:
            yield Rejection(str(path), "-", path.name, _too_large(limits.document))
        else:
            yield Document(str(path), path.name, data, alone=False)


def _files(root: Path, text: str) -> Iterator[Path]:
    # Regular files only (a pipe would block for ever), and no links to folders (they may lead around in a circle).
    def failed(error: OSError) -> None:
        raise UnreadableSource(error.filename or text, error.strerror or str(error)) from error

    for folder, folders, files in os.walk(root, onerror=failed):
        folders.sort()
        for name in sorted(files):
            path = Path(folder, name)
            if path.is_file():
                yield path


def _archive(stream: BinaryIO, text: str, limits: Limits) -> Iterator[Document | Rejection]:
    import zipfile  # only where there is an archive

    try:
        archive = zipfile.ZipFile(stream)
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError) as error:
        raise UnreadableSource(text, f"not a whole zip archive: {error}") from error
    with archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
        if len(members) > limits.members:
            raise LimitExceeded(text, f"more members than the limit of {limits.members}")
        unpacked = 0
        for member in sorted(members, key=lambda member: member.filename):
            document = _member(archive, member, text, limits)
            if isinstance(document, Document):
                unpacked += len(document.data)
                if unpacked > limits.archive:
                    raise LimitExceeded(text, f"unpacks to more than the limit of {limits.archive} bytes")
            yield document


def _member(archive: "zipfile.ZipFile", member: "zipfile.ZipInfo", text: str, limits: Limits) -> Document | Rejection:
    import zipfile
    import zlib

    source = f"{text}!{member.filename}"
    name = PurePosixPath(member.filename).name
    # The sizes in the directory are a claim: the bytes that come out are counted, and no more is asked for than that.
    allowed = min(limits.document, max(limits.ratio_from, member.compress_size * limits.ratio))
    try:
        with archive.open(member) as stream:
            data = stream.read(allowed + 1)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, ValueError) as error:
        # RuntimeError is an encrypted member; NotImplementedError, its subclass, an unknown compression.
        return Rejection(source, "-", name, f"cannot be unpacked: {error}")
    if len(data) > limits.document:
        return Rejection(source, "-", name, _too_large(limits.document))
    if len(data) > allowed:
        return Rejection(source, "-", name, f"unpacks to more than {limits.ratio} times its size")
    return Document(source, name, data, alone=False)
