"""What a reader of one file gives: packages, parts that it could not read, and parts that it does not read."""

from collections.abc import Iterator
from typing import BinaryIO, Final

from advisories.models.frozen import frozen
from advisories.models.reading import Unreadable

__all__ = ["Found", "Item", "Passed", "Unread", "beginning", "checked", "items"]


@frozen
class Found:
    """A package.

    :ivar inner: where it is inside of the file, such as ``!WEB-INF/lib/x.jar``. Empty for the file itself.
    """

    name: str
    version: str
    inner: str = ""


@frozen
class Unread:
    """A part that could not be read.

    :ivar inner: as of :class:`Found`.
    """

    inner: str
    why: str


@frozen
class Passed:
    """A part that is understood and deliberately not read.

    :ivar types: of packages that it may have all the same.
    """

    why: str
    types: tuple[str, ...] = ()


# Names are up to 214 characters in npm, and paths of Go's modules a little longer.
_LONGEST: Final = 2000

Item = Found | Unread | Passed


def checked(name: str, version: str, inner: str = "") -> Found:
    """A package. Raises :class:`Unreadable` for a name or version that is none."""
    if not name or not version:
        raise Unreadable(f"without {'version' if name else 'name'}")
    if not f"{name}{version}".isprintable() or " " in f"{name}{version}":
        raise Unreadable("a name or version with blanks, or with characters that cannot be printed")
    if len(name) + len(version) > _LONGEST:
        raise Unreadable(f"a name and version of more than {_LONGEST} characters")
    return Found(name, version, inner)


def beginning(file: BinaryIO, most: int) -> bytes:
    """The first bytes of a file, all of them where there are fewer."""
    found: list[bytes] = []
    left = most
    while left and (data := file.read(left)):
        found.append(data)
        left -= len(data)
    return b"".join(found)


def items(found: Iterator[Item]) -> tuple[Item, ...]:
    """All that a reader gives. Where it stops with an error that is its last item."""
    taken: list[Item] = []
    try:
        taken.extend(found)
    except Unreadable as error:
        taken.append(Unread("", str(error)))
    return tuple(taken)
