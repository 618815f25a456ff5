"""A zip archive of which a few members are read: their names, and contents within bounds."""

import zipfile
import zlib
from typing import BinaryIO, Final

from advisories.models.reading import Unreadable

__all__ = ["Zip"]

# Members of an archive, each of which takes half a kilobyte of memory, and bytes of its directory, where each has 46
# and a name. The largest archives of Java have 100,000.
_MOST_MEMBERS: Final = 200_000
_MOST_DIRECTORY: Final = 1 << 24
# The record at the end, behind which a comment may stand. Source: APPNOTE 6.3.10.
_END: Final = b"PK\x05\x06"
_END_SIZE: Final = 22
# The same of a large archive, and the record between both.
_LARGE_END: Final = b"PK\x06\x06"
_LARGE_END_SIZE, _LOCATOR_SIZE = 56, 20
_LONGEST_COMMENT: Final = 1 << 16
# The last is a place that no file has: those of ZIP64 have 64 bits.
_ERRORS: Final = (
    *(zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, ValueError, EOFError, OSError),
    OverflowError,
)


class Zip:
    """An archive. It and its methods raise :class:`Unreadable` for one that is damaged, or beyond its bounds.

    :param file: to be read at any place.
    """

    def __init__(self, file: BinaryIO) -> None:
        try:
            _check_directory(file)
            self._archive = zipfile.ZipFile(file)
            #: The names of its members, in their order.
            self.names: Final = self._archive.namelist()
        except _ERRORS as error:
            raise Unreadable(f"not a whole zip archive: {error}") from None

    def content(self, name: str, most: int) -> bytes | None:
        """The content of a member. None where there is none."""
        try:
            member = self._archive.getinfo(name)
        except KeyError:
            return None
        try:
            with self._archive.open(member) as stream:
                data = stream.read(most + 1)
        except _ERRORS as error:
            raise Unreadable(f"a member of zip that cannot be read: {error}") from None
        if len(data) > most:
            raise Unreadable(f"unpacks to more than {most} bytes")
        return data


def _check_directory(file: BinaryIO) -> None:
    """Look at how much the directory claims, before it is read as a whole."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _END_SIZE - _LONGEST_COMMENT))
    tail = file.read(_END_SIZE + _LONGEST_COMMENT)
    place = tail.rfind(_END)
    if place < 0 or place + _END_SIZE > len(tail):
        raise zipfile.BadZipFile("it has no end")
    count = int.from_bytes(tail[place + 10 : place + 12], "little")
    length = int.from_bytes(tail[place + 12 : place + 16], "little")
    large = tail[max(0, place - _LOCATOR_SIZE - _LARGE_END_SIZE) :]
    if large.startswith(_LARGE_END):
        count, length = int.from_bytes(large[32:40], "little"), int.from_bytes(large[40:48], "little")
    if count > _MOST_MEMBERS:
        raise zipfile.BadZipFile(f"more than {_MOST_MEMBERS} members")
    if length > _MOST_DIRECTORY:
        raise zipfile.BadZipFile(f"a directory of more than {_MOST_DIRECTORY} bytes")
