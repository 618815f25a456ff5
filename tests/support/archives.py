"""Tar archives made by the standard library, member by member."""

import gzip
import io
import tarfile
from collections.abc import Callable
from typing import Final

#: A member: its name, what it is, and its content or where it leads.
Row = tuple[str, str, "str | bytes"]

TYPES: Final = {
    "file": tarfile.REGTYPE,
    "folder": tarfile.DIRTYPE,
    "link": tarfile.SYMTYPE,
    "hard": tarfile.LNKTYPE,
    "pipe": tarfile.FIFOTYPE,
    "device": tarfile.CHRTYPE,
}


def tar_of(*rows: Row, format: int = tarfile.PAX_FORMAT, change: Callable[[tarfile.TarInfo], object] = bool) -> bytes:
    """An archive of these members.

    :param change: is called with the header of each.
    """
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=format, errors="surrogateescape") as archive:
        for name, what, text in rows:
            member = tarfile.TarInfo(name)
            member.type = TYPES[what]
            data = text.encode() if isinstance(text, str) else text
            if what == "file":
                member.size = len(data)
            else:
                member.linkname = data.decode()
            change(member)
            archive.addfile(member, io.BytesIO(data))
    return out.getvalue()


def files(**files: str) -> list[Row]:
    """Rows of files, ``__`` for ``/`` in their names."""
    return [(name.replace("__", "/"), "file", text) for name, text in files.items()]


def gzipped(data: bytes) -> bytes:
    """Packed, the same bytes each time."""
    return gzip.compress(data, 6, mtime=0)
