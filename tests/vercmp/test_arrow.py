"""Columns of Arrow: the keys of lists, in every layout of text, with nulls and refusals where they stand."""

import gc
import subprocess
import sys
from collections.abc import Callable, Iterable
from typing import Any

import pyarrow as pa
import pytest
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st

import vercmp
from vercmp import InvalidVersion, UnknownScheme, arrow
from vercmp.testing import nasty_versions
from vercmp.testing import versions as plain_versions

schemes = pytest.mark.parametrize("scheme", vercmp.SCHEMES)

Texts = list[str | None]


def chunked(texts: Texts, type: Any) -> Any:
    half = len(texts) // 2
    return pa.chunked_array([pa.array(texts[:half], type), pa.array([], type), pa.array(texts[half:], type)], type)


def sliced(texts: Texts, type: Any) -> Any:
    return pa.array(["9.9.9", *texts, None, "8"], type).slice(1, len(texts))


LAYOUTS: dict[str, Callable[[Texts], Any]] = {
    "utf8": lambda texts: pa.array(texts, pa.string()),
    "large": lambda texts: pa.array(texts, pa.large_string()),
    "views": lambda texts: pa.array(texts, pa.string_view()),
    "chunks": lambda texts: chunked(texts, pa.string()),
    "chunks of views": lambda texts: chunked(texts, pa.string_view()),
    "slice": lambda texts: sliced(texts, pa.string()),
    "slice of large": lambda texts: sliced(texts, pa.large_string()),
    "slice of views": lambda texts: sliced(texts, pa.string_view()),
    "dictionary": lambda texts: pa.array(texts, pa.string()).dictionary_encode(),
    "small dictionary": lambda texts: pa.array(texts, pa.string()).cast(pa.dictionary(pa.int8(), pa.string())),
    "unsigned dictionary": lambda texts: pa.array(texts, pa.string()).cast(
        pa.dictionary(pa.uint16(), pa.large_string())
    ),
    "chunks of dictionaries": lambda texts: chunked(texts, pa.string()).dictionary_encode(),
    "slice of a dictionary": lambda texts: sliced(texts, pa.string()).dictionary_encode().slice(0, len(texts)),
}


def by_list(texts: Iterable[str | None], scheme: str) -> tuple[list[bytes | None], list[tuple[int, str]]]:
    keys: list[bytes | None] = []
    refused: list[tuple[int, str]] = []
    for row, text in enumerate(texts):
        try:
            keys.append(None if text is None else vercmp.sort_key(text, scheme=scheme))
        except InvalidVersion as error:
            keys.append(None)
            refused.append((row, str(error)))
    return keys, refused


@schemes
@given(data=st.data())
@settings(max_examples=examples(40), deadline=None)
def test_the_keys_of_lists(scheme: str, data: st.DataObject) -> None:
    some = plain_versions(scheme) | nasty_versions(scheme) | st.none() | st.sampled_from(["", "a b", "\0", "1é", "-"])
    texts = data.draw(st.lists(some, max_size=12))
    layout = data.draw(st.sampled_from(sorted(LAYOUTS)))
    column = arrow.sort_keys(LAYOUTS[layout](texts), scheme=scheme)
    keys, refused = by_list(texts, scheme)
    assert list(column) == keys
    assert [(row, str(error)) for row, error in column.refused] == refused
    assert column.null_count == keys.count(None)
    assert (len(column), column.scheme) == (len(texts), scheme)
    array = pa.array(column)
    array.validate(full=True)
    assert array.type == pa.large_binary()
    assert array.to_pylist() == keys


@schemes
def test_many(scheme: str) -> None:
    """Buffers grow, and the order of the column is that of the versions."""
    texts = [f"{a}.{b}.{c}" for a in (1, 10, 9) for b in range(40) for c in range(40)]
    keys = pa.array(arrow.sort_keys(pa.array(texts), scheme=scheme))
    keys.validate(full=True)
    assert keys.to_pylist() == vercmp.sort_keys(texts, scheme=scheme)
    ordered = pa.array(texts).take(pa.compute.sort_indices(keys)).to_pylist()
    assert ordered == vercmp.sorted_versions(texts, scheme=scheme)


def test_names_of_others() -> None:
    assert list(arrow.sort_keys(pa.array(["1"]), scheme="Debian")) == list(
        arrow.sort_keys(pa.array(["1"]), scheme="deb")
    )
    with pytest.raises(UnknownScheme):
        arrow.sort_keys(pa.array(["1"]), scheme="cobol")


def test_what_is_no_column_of_text() -> None:
    for wrong in (["1"], None, "1", 1):
        with pytest.raises(TypeError, match="must be a column of Arrow"):
            arrow.sort_keys(wrong, scheme="rpm")  # type: ignore[arg-type]  # that is the fault
    for array in (pa.array([1]), pa.array([b"1"]), pa.array([["1"]]), pa.array([{"a": "1"}]), pa.array([1.5])):
        with pytest.raises(TypeError, match="must be a column of text, not of the Arrow format"):
            arrow.sort_keys(array, scheme="rpm")
    with pytest.raises(TypeError, match="must be a column of text"):
        arrow.sort_keys(pa.array([1]).dictionary_encode(), scheme="rpm")
    assert list(arrow.sort_keys(pa.nulls(3), scheme="rpm")) == [None, None, None]
    assert list(arrow.sort_keys(pa.array([], pa.string()), scheme="rpm")) == []
    assert len(pa.array(arrow.sort_keys(pa.array([], pa.string()), scheme="rpm"))) == 0


def buffer(*numbers: int, size: int = 4) -> Any:
    return pa.py_buffer(b"".join(number.to_bytes(size, sys.byteorder, signed=True) for number in numbers))


def view(size: int, number: int, place: int) -> bytes:
    return b"".join(n.to_bytes(4, sys.byteorder, signed=True) for n in (size, 0, number, place))


def test_broken_arrays() -> None:
    """Of what the interface lets us check."""
    data = pa.py_buffer(b"1.2.3")
    broken = [
        pa.Array.from_buffers(pa.string(), 2, [None, buffer(0, 4, 1), data]),
        pa.Array.from_buffers(pa.string(), 2, [None, buffer(0, -1, 1), data]),
        pa.Array.from_buffers(pa.large_string(), 2, [None, buffer(0, 4, 1, size=8), data]),
        pa.Array.from_buffers(pa.string_view(), 1, [None, pa.py_buffer(view(-1, 0, 0)), data]),
        pa.Array.from_buffers(pa.string_view(), 1, [None, pa.py_buffer(view(13, 1, 0)), data]),
        pa.Array.from_buffers(pa.string_view(), 1, [None, pa.py_buffer(view(13, -1, 0)), data]),
        pa.Array.from_buffers(pa.string_view(), 1, [None, pa.py_buffer(view(13, 0, -1)), data]),
        pa.Array.from_buffers(pa.string_view(), 1, [None, pa.py_buffer(view(13, 0, 0)), data]),
        pa.DictionaryArray.from_arrays(pa.array([1], pa.int8()), pa.array(["1"]), safe=False),
        pa.DictionaryArray.from_arrays(pa.array([-2], pa.int8()), pa.array(["1"]), safe=False),
    ]
    for array in broken:
        with pytest.raises(ValueError, match="the Arrow array is broken"):
            arrow.sort_keys(array, scheme="rpm")


def test_text_that_is_no_utf_8() -> None:
    array = pa.Array.from_buffers(pa.string(), 2, [None, buffer(0, 2, 3), pa.py_buffer(b"1\xff2")])
    column = arrow.sort_keys(array, scheme="rpm")
    assert list(column) == [None, vercmp.sort_key("2", scheme="rpm")]
    ((row, error),) = column.refused
    assert (row, error.reason, error.version) == (0, "no UTF-8", "1\\xff")


def test_a_stream_that_fails() -> None:
    def batches() -> Any:
        yield pa.record_batch([pa.array(["1"])], ["version"])
        raise RuntimeError("no more")

    reader = pa.RecordBatchReader.from_batches(pa.schema([("version", pa.string())]), batches())
    with pytest.raises(TypeError, match="Arrow format"):
        # A table is a column of structs.
        arrow.sort_keys(reader, scheme="rpm")


def test_columns_outlive_their_origin() -> None:
    column = arrow.sort_keys(pa.array(["1.0", None, "2.0"]), scheme="dpkg")
    expected = list(column)
    before = sys.getrefcount(column)
    first, second = pa.array(column), pa.array(column)
    assert sys.getrefcount(column) == before + 2
    del first
    gc.collect()
    assert sys.getrefcount(column) == before + 1
    # Capsules that nobody takes give back what they hold.
    capsules = column.__arrow_c_array__()
    assert sys.getrefcount(column) == before + 2
    del capsules
    assert sys.getrefcount(column) == before + 1
    del column
    gc.collect()
    assert second.to_pylist() == expected


def test_rows() -> None:
    column = arrow.sort_keys(pa.array(["1.0", None]), scheme="dpkg")
    assert column[0] == vercmp.sort_key("1.0", scheme="dpkg")
    for row in (2, -1):
        with pytest.raises(IndexError):
            column[row]


def test_no_library_is_imported() -> None:
    code = "import sys, vercmp.arrow; sys.exit(any(name in sys.modules for name in ('pyarrow', 'numpy', 'duckdb')))"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_duckdb_joins_by_keys() -> None:
    """Installed before fixed, in a database that knows nothing of versions."""
    duckdb = pytest.importorskip("duckdb")
    installed = ["1.0-1", "1.0~rc1-1", "1.10-1", "1.9-1"]
    fixed = ["1.0-1", "1.9-1"]
    packages = pa.table({"version": installed, "key": pa.array(arrow.sort_keys(pa.array(installed), scheme="deb"))})
    fixes = pa.table({"fixed": fixed, "key": pa.array(arrow.sort_keys(pa.array(fixed), scheme="deb"))})
    connection = duckdb.connect()
    connection.register("packages", packages)
    connection.register("fixes", fixes)
    found = connection.sql(
        "select version, fixed from packages join fixes on packages.key < fixes.key order by fixes.key, packages.key"
    ).fetchall()
    assert found == [("1.0~rc1-1", "1.0-1"), ("1.0~rc1-1", "1.9-1"), ("1.0-1", "1.9-1")]
