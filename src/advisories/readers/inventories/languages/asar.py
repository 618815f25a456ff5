"""An archive of Electron (``.asar``), of which a few files are read: their names, and contents within bounds.

It begins with four numbers: 4, the bytes of what follows before the contents, those without this number itself, and the
bytes of a text. The text is JSON: a tree of folders, with place and size of each file. Files that lie unpacked beside
the archive, and links, have no content in it.

Source: Electron, ``asar``, *Format*.
"""

import json
import struct
from collections.abc import Iterator
from typing import BinaryIO, Final

from advisories.models.reading import Unreadable
from advisories.sources.json import RepeatedKey, without_repeats

__all__ = ["Asar"]

_HEAD: Final = struct.Struct("<4I")
_FIRST: Final = 4
# What stands in front of the number of bytes before the contents, and that number.
_BEFORE: Final = 8
# Bytes of the text. That of an editor with 20,000 files has three million.
_MOST_TEXT: Final = 1 << 26
_DEEPEST: Final = 200


class Asar:
    """An archive. It and its methods raise :class:`Unreadable` for one that is damaged, or beyond its bounds.

    :param file: to be read at any place.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        head = file.read(_HEAD.size)
        if len(head) < _HEAD.size:
            raise Unreadable("no whole archive of Electron: it is cut off")
        first, self._size, rest, length = _HEAD.unpack(head)
        if first != _FIRST or rest > self._size or length > rest:
            raise Unreadable("no archive of Electron: its header is damaged")
        if length > _MOST_TEXT:
            raise Unreadable(f"its list of files has more than {_MOST_TEXT} bytes")
        data = file.read(length)
        try:
            if len(data) < length:
                raise ValueError("it is cut off")
            self._tree: object = json.loads(data, object_pairs_hook=without_repeats)
        except RepeatedKey as error:
            raise Unreadable(f"its list of files: {error}") from None
        except (ValueError, RecursionError) as error:
            raise Unreadable(f"its list of files is damaged: {error}") from None

    def files(self, name: str) -> Iterator[tuple[list[str], object]]:
        """The folders that have a file of this name, each by its path, with what :meth:`content` takes."""
        path: list[str] = []
        # What each folder of the path still has to be looked into.
        waiting: list[Iterator[tuple[str, object]]] = [iter([("", self._tree)])]
        while waiting:
            part, folder = next(waiting[-1], (None, None))
            if part is None:
                waiting.pop()
                del path[-1:]
                continue
            files = folder.get("files") if isinstance(folder, dict) else None
            if not isinstance(files, dict):
                continue
            path.append(part)
            if len(path) > _DEEPEST + 1:
                raise Unreadable(f"more than {_DEEPEST} folders in each other")
            if name in files:
                yield path[1:], files[name]
            waiting.append((inner, entry) for inner, entry in files.items() if inner != name)

    def content(self, entry: object, most: int) -> bytes | None:
        """The content of a file. None where it is not in the archive."""
        if not isinstance(entry, dict) or "link" in entry or entry.get("unpacked"):
            return None
        offset, size = entry.get("offset"), entry.get("size")
        if not isinstance(offset, str) or not offset.isdecimal() or len(offset) > 18 or not isinstance(size, int):
            raise Unreadable("its place in the archive is no number")
        if not 0 <= size <= most:
            raise Unreadable(f"of more than {most} bytes, or of fewer than none")
        try:
            self._file.seek(_BEFORE + self._size + int(offset))
            data = self._file.read(size)
        except OverflowError:  # no file is so long where addresses have 32 bits
            data = b""
        if len(data) < size:
            raise Unreadable("it lies outside of the archive")
        return data
