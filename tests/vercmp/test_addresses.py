"""Nothing is written beyond its memory where addresses have 32 bits: there a size may wrap around. ``make machines``
runs this on such a machine."""

import ctypes
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from vercmp import IntervalIndex, arrow, dpkg, gem, sorted_versions

narrow = pytest.mark.skipif(sys.maxsize > 2**32, reason="addresses have 64 bits")


class _Schema(ctypes.Structure):
    _fields_ = (
        ("format", ctypes.c_char_p),
        ("name", ctypes.c_char_p),
        ("metadata", ctypes.c_char_p),
        ("flags", ctypes.c_int64),
        ("n_children", ctypes.c_int64),
        ("children", ctypes.c_void_p),
        ("dictionary", ctypes.c_void_p),
        ("release", ctypes.c_void_p),
        ("private_data", ctypes.c_void_p),
    )


class _Array(ctypes.Structure):
    _fields_ = (
        *((name, ctypes.c_int64) for name in ("length", "null_count", "offset", "n_buffers", "n_children")),
        *((name, ctypes.c_void_p) for name in ("buffers", "children", "dictionary", "release", "private_data")),
    )


class Nulls:
    """A column of nulls, which takes no memory however long it is."""

    def __init__(self, length: int) -> None:
        self._schema = _Schema(format=b"n", name=b"")
        self._array = _Array(length=length, null_count=length)

    def __arrow_c_array__(self, requested_schema: object = None) -> tuple[Any, Any]:
        make = ctypes.pythonapi.PyCapsule_New
        make.restype, make.argtypes = ctypes.py_object, (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)
        return (
            make(ctypes.addressof(self._schema), b"arrow_schema", None),
            make(ctypes.addressof(self._array), b"arrow_array", None),
        )


def test_nulls() -> None:
    assert list(arrow.sort_keys(Nulls(3), scheme="dpkg")) == [None] * 3


@pytest.mark.parametrize("length", [1 << 60, (1 << 60) + 3, (1 << 63) - 1])
def test_more_rows_than_there_can_be(length: int) -> None:
    with pytest.raises(MemoryError):
        arrow.sort_keys(Nulls(length), scheme="dpkg")
    with pytest.raises(MemoryError):
        arrow.sort_keys(Nulls(0), scheme=Nulls(length))
    with pytest.raises(MemoryError):
        arrow.sort_keys(Nulls(0), scheme="dpkg").argmax_by(Nulls(length))


@narrow
def test_more_hits_than_there_can_be() -> None:
    """65,536 intervals hold each of 65,536 keys: the hits are 2**32, which is 0 in 32 bits."""
    index = IntervalIndex([[(None, None, number) for number in range(1 << 16)]])
    with pytest.raises(MemoryError):
        index.stab_many(bytes(1 << 16), [b"a"] * (1 << 16))


def _columns(version: str) -> Iterator[object]:
    yield from sorted_versions(["1", version], scheme="gem")


@narrow
@pytest.mark.parametrize(
    ("order", "size"),
    [(dpkg.sort_key, 1 << 30), (gem.sort_key, 0x5555_5560), (gem.sort_key, 0x2AAA_AAB0), (_columns, 0x2AAA_AAB0)],
)
def test_a_key_longer_than_there_can_be(order: Callable[[str], object], size: int) -> None:
    """Two or three bytes for a byte of the version are more than 2**31, or 2**32, which is little in 32 bits."""
    with pytest.raises(MemoryError):
        list(order("1" * size))  # type: ignore[call-overload]
