"""Engines that know nothing of versions put the versions of whole archives into the order of their keys."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import oracles
import pyarrow as pa
import pytest
import sparks
from real_versions import MOST, archived_versions

import vercmp
from vercmp import arrow, sqlite

Unpack = Callable[[str], Path]
#: How many there are of each scheme.
COUNTS = {"rpm": MOST, "dpkg": MOST, "apk": 5805, "pep440": MOST, "semver": 45166, "gem": MOST}


def by_pyarrow(column: arrow.KeyColumn, versions: list[str]) -> list[int]:
    # The order of equal keys is not promised there.
    table = pa.table({"key": pa.array(column), "place": range(len(versions))})
    rows: list[int] = table.sort_by([("key", "ascending"), ("place", "ascending")])["place"].to_pylist()
    return rows


def by_pandas(column: arrow.KeyColumn, versions: list[str]) -> list[int]:
    pandas = oracles.module("pandas")
    keys = pandas.Series(pa.array(column), dtype=pandas.ArrowDtype(pa.large_binary()))
    rows: list[int] = keys.sort_values(kind="stable").index.tolist()
    return rows


def by_polars(column: arrow.KeyColumn, versions: list[str]) -> list[int]:
    polars = oracles.module("polars")
    frame = polars.DataFrame({"version": versions}).with_row_index("place")
    keys = polars.col("version").map_batches(
        lambda some: polars.Series(arrow.sort_keys(some, scheme=column.scheme)),
        return_dtype=polars.Binary,
        is_elementwise=True,
    )
    rows: list[int] = frame.lazy().sort(keys, maintain_order=True).collect()["place"].to_list()
    return rows


def by_duckdb(column: arrow.KeyColumn, versions: list[str]) -> list[int]:
    duckdb = oracles.module("duckdb")
    packages = pa.table({"key": pa.array(column), "place": range(len(versions))})
    with duckdb.connect() as db:
        db.register("packages", packages)
        return [place for (place,) in db.execute("select place from packages order by key, place").fetchall()]


def by_the_function_of_duckdb(column: arrow.KeyColumn, versions: list[str]) -> list[int]:
    oracles.module("numpy")
    from vercmp.duckdb import register

    packages = pa.table({"version": versions, "place": range(len(versions))})
    with oracles.module("duckdb").connect() as db:
        register(db)
        db.register("packages", packages)
        query = "select place from packages order by version_key(?, version), place"
        return [place for (place,) in db.execute(query, [column.scheme]).fetchall()]


def by_sqlite(column: arrow.KeyColumn, versions: list[str]) -> list[int]:
    with closing(sqlite3.connect(":memory:")) as db:
        sqlite.register(db)
        db.execute(
            f"create table t (version, key blob as (version_key('{column.scheme}', version)) stored, place integer)"
        )
        db.executemany("insert into t values (?, ?)", zip(versions, range(len(versions)), strict=True))
        return [place for (place,) in db.execute("select place from t order by key, place")]


@pytest.mark.parametrize("scheme", vercmp.SCHEMES)
@pytest.mark.parametrize(
    "engine",
    [by_pyarrow, by_pandas, by_polars, by_duckdb, by_the_function_of_duckdb, by_sqlite],
    ids=lambda f: f.__name__,
)
def test_the_order_of_an_archive(
    unpacked: Unpack, engine: Callable[[arrow.KeyColumn, list[str]], list[int]], scheme: str
) -> None:
    versions = archived_versions(scheme, unpacked)
    assert len(versions) == COUNTS[scheme]
    column = arrow.sort_keys(pa.array(versions), scheme=scheme)
    expected = list(vercmp.argsort(versions, scheme=scheme))
    assert engine(column, versions) == expected
    assert list(column.argsort()) == expected


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_the_order_of_archives_in_spark(unpacked: Unpack) -> None:
    for spark in sparks.session():
        for scheme in vercmp.SCHEMES:
            versions = archived_versions(scheme, unpacked)
            keys = pa.array(arrow.sort_keys(pa.array(versions), scheme=scheme))
            frame = spark.createDataFrame(pa.table({"key": keys, "place": range(len(versions))}))
            rows = frame.orderBy("key", "place").select("place").toArrow()["place"].to_pylist()
            assert rows == list(vercmp.argsort(versions, scheme=scheme)), scheme
            # Sorted by pieces and merged, as on several nodes.
            pieces = frame.repartitionByRange(4, "key").sortWithinPartitions("key", "place").select("place").toArrow()
            assert pieces["place"].to_pylist() == rows, scheme
