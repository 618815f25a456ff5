"""The few files that are chosen where their names lie are those that are chosen of texts; nothing else is read."""

import struct
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisories.readers.inventories._files import few_of_header, few_of_stanza
from advisories.readers.inventories.locations import few

# Names that meet all the time: programs and libraries, of one length, of other characters, not to be printed.
PARTS = st.lists(st.sampled_from(["a", "b", "bin", "sbin", "libexec", ".so", "/", " ", "~"]), max_size=4).map("".join)
RARE = st.sampled_from(["\x1f", "\x7f", "é", "\u2028", "\udcff"])
TEXTS = st.one_of(PARTS, PARTS, PARTS, PARTS, st.tuples(PARTS, RARE, PARTS).map("".join))
FOLDERS = TEXTS.map(lambda text: f"{text}/")


def stored(texts: Sequence[str]) -> bytes:
    return b"".join(text.encode("utf-8", "surrogateescape") + b"\0" for text in texts)


def is_plain(texts: Sequence[str]) -> bool:
    return all(text.isascii() and text.isprintable() for text in texts)


@st.composite
def lists(draw: st.DrawFn) -> tuple[list[str], list[str], list[int]]:
    folders = draw(st.lists(FOLDERS, min_size=1, max_size=5))
    files = draw(st.lists(st.tuples(TEXTS, st.integers(0, len(folders) - 1)), min_size=len(folders), max_size=12))
    return folders, [name for name, _ in files], [place for _, place in files]


class TestOfAHeader:
    @given(lists(), st.binary(max_size=5), st.binary(max_size=5))
    def test_the_same_as_of_texts(
        self, given: tuple[list[str], list[str], list[int]], before: bytes, behind: bytes
    ) -> None:
        folders, names, places = given
        at_names = len(before)
        at_places = at_names + len(stored(names))
        at_folders = at_places + 4 * len(places)
        header = before + stored(names) + struct.pack(f">{len(places)}I", *places) + stored(folders) + behind
        found = few_of_header(header, len(header), at_folders, len(folders), at_names, at_places, len(places))
        if is_plain(folders + names):
            assert found is not None
        assert found in (None, few(folders, names, places))

    # Two files a and b in the folder /x/: names, places, folders.
    WHOLE = b"a\0b\0" + bytes(8) + b"/x/\0"

    @pytest.mark.parametrize(
        ("end", "folders", "folder_count", "names", "places", "count", "found"),
        [
            (16, 12, 1, 0, 4, 2, ("/x/a", "/x/b")),
            (16, 12, 1, 0, 4, 1, ("/x/a",)),
            (16, 12, 0, 0, 4, 0, ()),
            # A text without an end, or behind it.
            (15, 12, 1, 0, 4, 2, None),
            (16, 16, 1, 0, 4, 2, None),
            (16, 12, 2, 0, 4, 2, None),
            (16, 12, 1, 14, 4, 2, None),
            # Places behind the end; a place that is no folder's; more folders than files.
            (16, 12, 1, 0, 12, 2, None),
            (16, 12, 1, 0, 8, 2, None),
            (16, 4, 3, 0, 4, 2, None),
            # Numbers outside of the header.
            (17, 12, 1, 0, 4, 2, None),
            (-1, 12, 1, 0, 4, 2, None),
            (16, -1, 1, 0, 4, 2, None),
            (16, 17, 1, 0, 4, 2, None),
            (16, 12, -1, 0, 4, 2, None),
            (16, 12, 1, -1, 4, 2, None),
            (16, 12, 1, 17, 4, 2, None),
            (16, 12, 1, 0, -1, 2, None),
            (16, 12, 1, 0, 17, 2, None),
            (16, 12, 1, 0, 4, -1, None),
            (16, 12, 1, 0, 4, 2**62, None),
        ],
    )
    def test_its_bounds(
        self, end: int, folders: int, folder_count: int, names: int, places: int, count: int, found: object
    ) -> None:
        assert few_of_header(self.WHOLE, end, folders, folder_count, names, places, count) == found

    @given(st.binary(max_size=40), st.lists(st.integers(-1, 41), min_size=6, max_size=6))
    def test_any_bytes(self, header: bytes, numbers: list[int]) -> None:
        found = few_of_header(header, *numbers)
        assert found is None or len(found) <= 3


def by_rows(stanza: str) -> tuple[str, ...]:
    """The slow, obvious way."""
    folders, names = ["/"], []
    places: list[int] = []
    for row in stanza.split("\n"):
        if row.startswith("F:"):
            folders.append(f"/{row[2:]}/" if row[2:] else "/")
        elif row.startswith("R:"):
            names.append(row[2:])
            places.append(len(folders) - 1)
    return few(folders, names, places)


class TestOfAStanza:
    @given(st.lists(st.tuples(st.sampled_from(["F:", "R:", "R:", "R:", "Z:", "", "R", "\r"]), TEXTS), max_size=12))
    def test_the_same_as_of_texts(self, rows: list[tuple[str, str]]) -> None:
        stanza = "\n".join(map("".join, rows))
        found = few_of_stanza(stanza)
        if is_plain([text for key, text in rows if key in ("F:", "R:")]) and "\udcff" not in stanza:
            assert found is not None
        assert found in (None, by_rows(stanza))

    def test_other_characters_elsewhere(self) -> None:
        assert few_of_stanza("m:Jörg\nF:usr/bin\nR:b\nR:a\nF:\nR:.so") == ("/usr/bin/a", "/usr/bin/b", "/.so")
        assert few_of_stanza("m:\udcff\nR:a") is None
        assert few_of_stanza("") == ()
