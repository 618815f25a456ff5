"""Columns of pandas and Polars, of every type that they have for text: keys and reasons are those of lists."""

from collections.abc import Callable
from typing import Any

import pytest
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import module

import vercmp
from vercmp import InvalidVersion, arrow
from vercmp.testing import nasty_versions
from vercmp.testing import versions as plain_versions

schemes = pytest.mark.parametrize("scheme", vercmp.SCHEMES)
Texts = list[str | None]


def texts_of(scheme: str) -> st.SearchStrategy[Texts]:
    odd = st.sampled_from(["", "a b", "\0", "1\0", "é", "1.0.0", "1.0.0+a-longer-one-than-twelve"])
    some = (plain_versions(scheme) | nasty_versions(scheme) | odd).filter(
        lambda text: not any("\ud800" <= character <= "\udfff" for character in text)
    )
    return st.lists(some | st.none(), max_size=10)


def expected(texts: Texts, scheme: str) -> list[tuple[bytes | None, str | None]]:
    found: list[tuple[bytes | None, str | None]] = []
    for text in texts:
        try:
            found.append((None, "no version") if text is None else (vercmp.sort_key(text, scheme=scheme), None))
        except InvalidVersion as error:
            found.append((None, error.reason))
    return found


PANDAS: dict[str, Callable[[Any, Texts], Any]] = {
    "str": lambda pandas, texts: pandas.Series(texts, dtype="str"),
    "object": lambda pandas, texts: pandas.Series(texts, dtype=object),
    "category": lambda pandas, texts: pandas.Series(texts, dtype="str").astype("category"),
    "string": lambda pandas, texts: pandas.Series(texts, dtype="string"),
    "large_string": lambda pandas, texts: pandas.Series(texts, dtype="large_string[pyarrow]"),
    "a part": lambda pandas, texts: pandas.Series(["9", *texts, "8"], dtype="str").iloc[1:-1],
    "turned twice": lambda pandas, texts: pandas.Series(texts[::-1], dtype="str").iloc[::-1],
}
POLARS: dict[str, Callable[[Any, Texts], Any]] = {
    "String": lambda polars, texts: polars.Series(texts, dtype=polars.String),
    "Categorical": lambda polars, texts: polars.Series(texts, dtype=polars.String).cast(polars.Categorical),
    "chunks": lambda polars, texts: polars.concat(
        [polars.Series([text], dtype=polars.String) for text in texts] or [polars.Series([], dtype=polars.String)],
        rechunk=False,
    ),
    "a part": lambda polars, texts: polars.Series(["9", *texts, "8"], dtype=polars.String).slice(1, len(texts)),
}


@schemes
@given(data=st.data())
@settings(max_examples=examples(20), deadline=None)
def test_pandas(scheme: str, data: st.DataObject) -> None:
    pandas = module("pandas", "3")
    texts = data.draw(texts_of(scheme))
    for make in PANDAS.values():
        column = arrow.sort_keys(make(pandas, texts), scheme=scheme)
        assert list(zip(column, column.reasons, strict=True)) == expected(texts, scheme)


@schemes
@given(data=st.data())
@settings(max_examples=examples(20), deadline=None)
def test_polars(scheme: str, data: st.DataObject) -> None:
    polars = module("polars")
    texts = data.draw(texts_of(scheme))
    for make in POLARS.values():
        column = arrow.sort_keys(make(polars, texts), scheme=scheme)
        keys = expected(texts, scheme)
        assert list(zip(column, column.reasons, strict=True)) == keys
        assert polars.Series(column).to_list() == [key for key, _ in keys]
        assert polars.Series(column.reasons).to_list() == [reason for _, reason in keys]
        assert polars.Series(column.rank("dense")).to_list() == polars.Series(column).rank("dense").to_list()


@pytest.mark.parametrize("engine", ["in-memory", "streaming"])
def test_polars_in_a_lazy_query(engine: str) -> None:
    """The function is called for the whole column or for batches, and a filter may be moved before it."""
    polars = module("polars")
    texts: Texts = [f"1.{place}" for place in range(5000)] + ["1 2", None]
    keys = polars.col("version").map_batches(
        lambda some: polars.Series(arrow.sort_keys(some, scheme="dpkg")),
        return_dtype=polars.Binary,
        is_elementwise=True,
    )
    frame = polars.LazyFrame({"version": texts, "place": range(len(texts))}).with_columns(key=keys)
    bound = vercmp.dpkg.sort_key("1.100")
    found = frame.filter(polars.col("key") < bound, polars.col("place") > 9).collect(engine=engine)
    assert found.sort("place")["version"].to_list() == texts[10:100]
    assert frame.select(polars.col("key").null_count()).collect(engine=engine).item() == 2


def test_numbers_are_no_versions() -> None:
    """1.10 is 1.1 there."""
    pandas, polars = module("pandas"), module("polars")
    for series in (pandas.Series([1.10]), pandas.Series([1]), polars.Series([1.10]), polars.Series([1])):
        with pytest.raises(TypeError, match="versions must be a column of text"):
            arrow.sort_keys(series, scheme="rpm")
