"""The few files that show where a package is: those that the obvious, slow way chooses."""

import struct
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisories.models.reading import Unreadable
from advisories.readers.inventories.apk_installed import _files as of_stanza
from advisories.readers.inventories.locations import few, few_paths
from advisories.readers.inventories.rpm_database import Header
from advisories.readers.inventories.rpm_database import _files as of_header

# Names that meet all the time: programs and libraries, of one length, of other characters, not to be printed.
PARTS = st.lists(st.sampled_from(["a", "b", "bin", "sbin", "libexec", ".so", "/", " ", "~"]), max_size=4).map("".join)
RARE = st.sampled_from(["\x1f", "\x7f", "é", "\u2028", "\udcff"])
TEXTS = st.one_of(PARTS, PARTS, PARTS, PARTS, st.tuples(PARTS, RARE, PARTS).map("".join))
FOLDERS = TEXTS.map(lambda text: f"{text}/")


def is_program(path: str) -> bool:
    folder = path[: path.rindex("/") + 1]
    return folder.endswith(("/bin/", "/sbin/", "/libexec/")) or folder in ("bin/", "sbin/", "libexec/")


def obvious(folders: Sequence[str], names: Sequence[str], places: Sequence[int]) -> tuple[str, ...]:
    """The kind of a file, then its length, then its path."""
    files = []
    for name, place in zip(names, places, strict=True):
        path = folders[place] + name
        kind = 0 if is_program(f"{folders[place]}.") else 1 if ".so" in name else 2
        if path.isprintable():
            files.append((kind, len(path), path))
    return tuple(path for _, _, path in sorted(files)[:3])


@st.composite
def lists(draw: st.DrawFn) -> tuple[list[str], list[str], list[int]]:
    folders = draw(st.lists(FOLDERS, min_size=1, max_size=5))
    files = draw(st.lists(st.tuples(TEXTS, st.integers(0, len(folders) - 1)), min_size=len(folders), max_size=12))
    return folders, [name for name, _ in files], [place for _, place in files]


def are_printable(texts: Sequence[str]) -> bool:
    return all(text.isprintable() for text in texts)


@given(lists())
def test_few(given: tuple[list[str], list[str], list[int]]) -> None:
    folders, names, places = given
    found = few(folders, names, places)
    assert are_printable(found)
    if are_printable(folders + names):  # a path that cannot be printed takes the place of another
        assert found == obvious(folders, names, places)


@given(st.lists(st.tuples(FOLDERS, TEXTS.filter(lambda text: "/" not in text)), max_size=8))
def test_few_of_paths(files: list[tuple[str, str]]) -> None:
    folders, names = [folder for folder, _ in files], [name for _, name in files]
    assert few_paths(map("".join, files)) == few(folders, names, range(len(files)))


def by_rows(stanza: str) -> tuple[str, ...]:
    """Row by row."""
    folders, names = ["/"], []
    places: list[int] = []
    for row in stanza.split("\n"):
        if row.startswith("F:"):
            folders.append(f"/{row[2:]}/" if row[2:] else "/")
        elif row.startswith("R:"):
            names.append(row[2:])
            places.append(len(folders) - 1)
    return few(folders, names, places)


@given(st.lists(st.tuples(st.sampled_from(["F:", "R:", "R:", "R:", "Z:", "", "R", "\r"]), TEXTS), max_size=12))
def test_files_of_a_stanza(rows: list[tuple[str, str]]) -> None:
    stanza = "\n".join(map("".join, rows))
    assert few(*of_stanza(stanza)) == by_rows(stanza)


numbers = st.one_of(st.integers(0, 3), st.integers(0, 0xFFFFFFFF))
indexes = st.lists(st.tuples(numbers, numbers, st.integers(-0x80000000, 0x7FFFFFFF), numbers), max_size=6)


def header(index: Sequence[tuple[int, int, int, int]], data: bytes) -> bytes:
    return struct.pack(">II", len(index), len(data)) + b"".join(struct.pack(">IIiI", *one) for one in index) + data


def result(read: Callable[[Header, int], object], header: Header, tag: int) -> object:
    """What is read, or why it cannot be."""
    try:
        return read(header, tag)
    except Unreadable as unreadable:
        return str(unreadable)


@given(indexes, numbers, st.binary(max_size=40))
def test_any_header(index: list[tuple[int, int, int, int]], tag: int, data: bytes) -> None:
    """Of several entries of a tag the first one counts; nothing is read outside of the header."""
    whole = Header(header(index, data))
    first = [next((one for one in index if one[0] == tag), (tag, 0, 0, 0))]
    only = Header(header(first, data))
    for read in (Header.text, Header.texts, Header.integers):
        assert result(read, whole, tag) == result(read, only, tag)


@pytest.mark.parametrize(
    ("names", "places", "folders"),
    [
        ((2, 0), (1, 4), (1, 12)),  # fewer places than names
        ((2, 0), (2, 8), (1, 12)),  # a place that is no folder
        ((2, 0), (2, 14), (1, 12)),  # behind the end
        ((3, 12), (3, 4), (1, 12)),
    ],
)
def test_a_list_of_files_that_contradicts_itself(
    names: tuple[int, int], places: tuple[int, int], folders: tuple[int, int]
) -> None:
    data = b"a\0b\0" + bytes(4) + b"\0\0\0\1" + b"/x/\0"
    index = [(1117, 8, names[1], names[0]), (1116, 4, places[1], places[0]), (1118, 8, folders[1], folders[0])]
    with pytest.raises(Unreadable):
        of_header(Header(header(index, data)))


def test_files_of_a_header() -> None:
    data = b"a\0b\0" + bytes(8) + b"/x/\0"
    index = [(1117, 8, 0, 2), (1116, 4, 4, 2), (1118, 8, 12, 1)]
    assert few(*of_header(Header(header(index, data)))) == ("/x/a", "/x/b")
    assert few(*of_header(Header(header([], data)))) == ()
