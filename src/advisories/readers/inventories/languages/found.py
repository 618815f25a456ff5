"""What a reader of one file gives: packages, parts that it could not read, and parts that it does not read."""

from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO, Final

from advisories.models.frozen import frozen
from advisories.models.reading import Unreadable

__all__ = ["Found", "Item", "Passed", "Unread", "beginning", "checked", "items", "parts"]


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


def parts(
    members: Iterable[tuple[str, Callable[[int], bytes | None], Callable[[bytes], Item]]], most: int, most_of_all: int
) -> Iterator[Item]:
    """What each member of an archive shows. One that cannot be read is :class:`Unread`, and its neighbours are read.

    :param members: where each is, what gives its content of at most so many bytes (None where that lies elsewhere), and
        what reads it.
    :param most: bytes of one member.
    :param most_of_all: bytes of all of them.
    """
    for inner, content, read in members:
        try:
            data = content(min(most, most_of_all))
            if data is None:
                continue
            most_of_all -= len(data)
            yield read(data)
        except Unreadable as error:
            yield Unread(inner, str(error))
