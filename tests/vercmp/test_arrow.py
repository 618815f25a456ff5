"""Columns of Arrow: the keys of lists, in every layout of text, with nulls and refusals where they stand."""

import gc
import mmap
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


SOME = st.sampled_from(["", "a b", "\0", "1\0", "1é", "-", "1.0", "1.00", "0:1.0", "1.0-0", "1.0-r0", "1.0.0"])


def drawn(data: st.DataObject, scheme: str, size: int = 12) -> Texts:
    some = plain_versions(scheme) | nasty_versions(scheme) | st.none() | SOME
    return data.draw(st.lists(some, max_size=size))


def in_layout(data: st.DataObject, texts: Texts) -> Any:
    return LAYOUTS[data.draw(st.sampled_from(sorted(LAYOUTS)))](texts)


@schemes
@given(data=st.data(), reverse=st.booleans())
@settings(max_examples=examples(40), deadline=None)
def test_order_ranks_and_maximum_are_those_of_lists(scheme: str, data: st.DataObject, reverse: bool) -> None:
    texts = drawn(data, scheme)
    column = arrow.sort_keys(in_layout(data, texts), scheme=scheme)
    keys, _ = by_list(texts, scheme)
    rows = [row for row, key in enumerate(keys) if key is not None]
    valid: list[str] = [text for row in rows if (text := texts[row]) is not None]
    order = [rows[place] for place in vercmp.argsort(valid, scheme=scheme, reverse=reverse)]
    order += [row for row, key in enumerate(keys) if key is None]
    assert list(column.argsort(reverse=reverse)) == order
    assert pa.array(column.argsort(reverse=reverse)).to_pylist() == order
    below = [key and [other for other in keys if other and other < key] for key in keys]
    assert list(column.rank()) == [None if keys is None else len(keys) + 1 for keys in below]
    dense = column.rank("dense")
    assert list(dense) == [None if keys is None else len({*keys}) + 1 for keys in below]
    array = pa.array(dense)
    array.validate(full=True)
    assert (array.type, array.to_pylist(), array.null_count) == (pa.int64(), list(dense), dense.null_count)
    greatest = column.argmax()
    if valid:
        assert greatest is not None
        assert texts[greatest] == vercmp.max_version(valid, scheme=scheme)
        assert greatest == min(row for row in rows if keys[row] == keys[greatest])
    else:
        assert greatest is None


@schemes
@given(data=st.data())
@settings(max_examples=examples(40), deadline=None)
def test_the_greatest_of_each_group(scheme: str, data: st.DataObject) -> None:
    texts = drawn(data, scheme)
    names = st.sampled_from(["bash", "openssl", "", "a name longer than twelve bytes", None])
    groups = data.draw(st.lists(names, min_size=len(texts), max_size=len(texts)))
    column = arrow.sort_keys(in_layout(data, texts), scheme=scheme)
    expected = []
    for group in dict.fromkeys(groups):
        rows = [row for row in range(len(texts)) if groups[row] == group]
        expected.append(max(rows, key=lambda row: (column[row] is not None, column[row] or b"", -row)))
    numbers = {None: None, "": 0, "bash": -1, "openssl": 255, "a name longer than twelve bytes": 7}
    for by in (
        in_layout(data, groups),
        pa.array([group and group.encode() for group in groups], pa.binary()),
        pa.array([numbers[group] for group in groups], pa.int16()),
        pa.array([numbers[group] for group in groups], pa.int64()).dictionary_encode(),
    ):
        if pa.types.is_binary(by.type) and "" in groups:
            by = pa.array([None if group is None else group.encode() for group in groups], pa.large_binary())
        assert list(column.argmax_by(by)) == expected


@given(data=st.data())
@settings(max_examples=examples(60), deadline=None)
def test_a_scheme_for_each_row(data: st.DataObject) -> None:
    names = st.sampled_from([*vercmp.SCHEMES, "deb", "pypi", "Alpine", "maven", "", None])
    texts: Texts = []
    schemes: Texts = []
    for _ in range(data.draw(st.integers(0, 10))):
        schemes.append(data.draw(names))
        texts.append(data.draw(plain_versions("dpkg") | plain_versions("apk") | SOME | st.none()))
    column = arrow.sort_keys(in_layout(data, texts), scheme=in_layout(data, schemes))
    for row, (text, scheme) in enumerate(zip(texts, schemes, strict=True)):
        try:
            expected = None if text is None else vercmp.sort_key(text, scheme=scheme or "")
        except (InvalidVersion, UnknownScheme):
            expected = None
            assert row in dict(column.refused)
        assert column[row] == expected
        assert (column.reasons[row] is None) == (expected is not None)
    assert column.scheme is None


@schemes
def test_either_a_key_or_a_reason(scheme: str) -> None:
    """So whoever counts reasons has counted all that a comparison leaves out."""
    texts: Texts = ["1.0.0", None, "1\0", "\0", "", "1 2", "é", "1.0.0" + "0" * 5000]
    column = arrow.sort_keys(pa.array(texts), scheme=scheme)
    refused = dict(column.refused)
    for row, reason in enumerate(column.reasons):
        assert (reason is None) == (column[row] is not None)
        if reason is not None:
            assert reason == ("no version" if texts[row] is None else refused[row].reason)  # type: ignore[union-attr]
    assert [column.reasons[row] for row in (1, 2, 3)] == ["no version", "NUL character", "NUL character"]
    array = pa.array(column.reasons)
    array.validate(full=True)
    assert (array.type, array.to_pylist()) == (pa.large_string(), list(column.reasons))
    assert column.reasons.null_count + column.null_count == len(texts)


def test_the_reasons_of_schemes() -> None:
    column = arrow.sort_keys(
        pa.array(["1", "1", "1 2", "1", None]), scheme=pa.array(["maven", None, "deb", "rpm", "alpm"])
    )
    reasons = list(column.reasons)
    assert reasons[0].startswith("unknown version scheme 'maven' (no total order: ")
    assert reasons[1].startswith("unknown version scheme '' (the scheme is null)")
    assert reasons[2:] == ["version string has embedded spaces", None, "no version"]
    assert [(row, type(error)) for row, error in column.refused] == [
        (0, UnknownScheme),
        (1, UnknownScheme),
        (2, InvalidVersion),
    ]
    wrong = pa.Array.from_buffers(pa.string(), 1, [None, buffer(0, 1), pa.py_buffer(b"\xff")])
    assert "unknown version scheme" in arrow.sort_keys(pa.array(["1"]), scheme=wrong).reasons[0]
    assert arrow.sort_keys(wrong, scheme=pa.array(["deb"])).reasons[0] == "no UTF-8"
    assert arrow.sort_keys(wrong, scheme=pa.array(["deb"])).refused[0][1].scheme == "dpkg"  # type: ignore[union-attr]


def test_versions_of_different_schemes_have_no_order() -> None:
    column = arrow.sort_keys(pa.array(["1", "2", "3", None]), scheme=pa.array(["rpm", "deb", "Debian", "apk"]))
    for call in (column.argsort, column.rank, column.argmax, lambda: column.argmax_by(pa.array([1, 1, 1, 1]))):
        with pytest.raises(ValueError, match="row 0 is of rpm and row 1 of dpkg"):
            call()
    assert list(column.argmax_by(pa.array(["a", "b", "b", "c"]))) == [0, 2, 3]
    same = arrow.sort_keys(pa.array(["10", "9", "1", None]), scheme=pa.array(["deb", "Debian", "dpkg", "apk"]))
    assert list(same.argsort()) == [2, 1, 0, 3]


def test_columns_of_other_lengths_or_types() -> None:
    versions = pa.array(["1", "2"])
    for length in (0, 1, 3):
        with pytest.raises(ValueError, match="schemes"):
            arrow.sort_keys(versions, scheme=pa.array(["rpm"] * length, pa.string()))
        with pytest.raises(ValueError, match=f"there are 2 versions and {length} groups"):
            arrow.sort_keys(versions, scheme="rpm").argmax_by(pa.array(["a"] * length, pa.string()))
    with pytest.raises(TypeError, match=r"schemes must be a column of text, not of the Arrow format 'l'"):
        arrow.sort_keys(versions, scheme=pa.array([1, 2]))
    with pytest.raises(TypeError, match=r"groups must be a column of text, bytes or whole numbers, not of .* 'g'"):
        arrow.sort_keys(versions, scheme="rpm").argmax_by(pa.array([1.5, 2.5]))
    with pytest.raises(TypeError, match="groups must be a column of Arrow, not list"):
        arrow.sort_keys(versions, scheme="rpm").argmax_by(["a", "b"])
    with pytest.raises(ValueError, match="the method of ranks is 'min' or 'dense', not 'max'"):
        arrow.sort_keys(versions, scheme="rpm").rank("max")
    with pytest.raises(IndexError):
        arrow.sort_keys(versions, scheme="rpm").rank()[2]
    broken = pa.DictionaryArray.from_arrays(pa.array([0, 1], pa.int8()), pa.array(["1"]), safe=False)
    for call in (
        lambda: arrow.sort_keys(versions, scheme=broken),
        lambda: arrow.sort_keys(versions, scheme="rpm").argmax_by(broken),
    ):
        with pytest.raises(ValueError, match="the Arrow array is broken"):
            call()


def test_what_a_column_gives_outlives_it() -> None:
    column = arrow.sort_keys(pa.array(["1.10", None, "1.9"]), scheme="dpkg")
    arrays = [pa.array(column.argsort()), pa.array(column.rank()), pa.array(column.reasons)]
    del column
    gc.collect()
    assert [array.to_pylist() for array in arrays] == [[2, 0, 1], [2, None, 1], [None, "no version", None]]


@pytest.mark.slow
def test_keys_of_more_than_two_gigabytes() -> None:
    """Places have 64 bits, so nothing runs over. A library that wants 32 bits is refused by its own conversion."""
    version = "1." + "z" * (1 << 22)
    entries = pa.array([version, "1.8"])
    versions = pa.DictionaryArray.from_arrays(pa.array([0] * 512 + [1], pa.int16()), entries)
    column = arrow.sort_keys(versions, scheme="rpm")
    keys = pa.array(column)
    assert keys.nbytes > 1 << 31
    assert keys[512].as_py() == vercmp.rpm.sort_key("1.8")
    assert keys[511].as_py() == vercmp.rpm.sort_key(version)
    assert column.argmax() == 512  # a number is above letters
    with pytest.raises(pa.ArrowInvalid):
        keys.cast(pa.binary())


@pytest.mark.slow
def test_text_beyond_two_gigabytes() -> None:
    """Of a buffer that takes no memory where nothing was written."""
    place = (1 << 31) + 5
    with mmap.mmap(-1, place + 16) as memory:
        memory[place : place + 7] = b"1.101.9"
        data = pa.py_buffer(memory)
        versions = pa.Array.from_buffers(
            pa.large_string(), 2, [None, buffer(place, place + 4, place + 7, size=8), data]
        )
        assert list(arrow.sort_keys(versions, scheme="rpm")) == vercmp.sort_keys(["1.10", "1.9"], scheme="rpm")
        assert list(arrow.sort_keys(versions, scheme="rpm").argmax_by(versions)) == [0, 1]
        del versions, data


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
