"""Where a header's index says that a tag is: as by unpacking all of it."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisories.readers.inventories._header import entry_of

numbers = st.one_of(st.integers(0, 3), st.integers(0, 0xFFFFFFFF))
indexes = st.lists(st.tuples(numbers, numbers, st.integers(-0x80000000, 0x7FFFFFFF), numbers), max_size=6)


@given(indexes, numbers, st.binary(max_size=40))
def test_an_entry(index: list[tuple[int, int, int, int]], tag: int, behind: bytes) -> None:
    header = struct.pack(">II", len(index), len(behind)) + b"".join(struct.pack(">IIiI", *one) for one in index)
    first = next((tuple(rest) for one, *rest in index if one == tag), None)
    assert entry_of(header + behind, len(index), tag) == first


@given(st.binary(max_size=48), st.integers(-2, 6), numbers)
def test_no_more_than_there_is(header: bytes, entries: int, tag: int) -> None:
    if 0 <= entries <= (len(header) - 8) // 16:
        entry_of(header, entries, tag)
    else:
        with pytest.raises(ValueError, match=f"^{entries} entries in {len(header)} bytes$"):
            entry_of(header, entries, tag)
