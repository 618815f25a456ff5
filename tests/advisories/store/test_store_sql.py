"""Plain SQL finds the candidates: =, <= and < over key bytes, in SQLite and in DuckDB, are what the index finds."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow
import pyarrow.parquet
import pytest
from places import EXAMPLE, ROOT
from store_sql import TABLES, Candidates, Installed, expected, in_order, installed, query, real

from advisories import Feed
from advisories.models import SCHEME_OF_TYPE
from advisories.readers import inventories
from advisories.store import read_feed
from advisories.store.compiling import compile_store

Unpack = Callable[[str], Path]


@pytest.fixture(scope="session")
def example_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sql") / "feed.db"
    compile_store([EXAMPLE / "advisories.jsonl"], path)
    return path


@pytest.fixture(scope="session")
def almalinux_store(almalinux_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sql-all") / "feed.db"
    compile_store([almalinux_folder], path)
    return path


def of_sqlite(store: Path, rows: Installed, *, epoch: bool) -> Candidates:
    connection = sqlite3.connect(f"file:{store}?mode=ro&immutable=1", uri=True)
    try:
        connection.execute("CREATE TEMP TABLE installed (id TEXT, release TEXT, name TEXT, key BLOB)")
        connection.executemany("INSERT INTO installed VALUES (?, ?, ?, ?)", rows)
        return in_order(connection.execute(query(bare=not epoch)).fetchall(), connection)
    finally:
        connection.close()


def of_duckdb(store: Path, rows: Installed, folder: Path, *, epoch: bool) -> Candidates:
    """The same query, over Parquet files of the store's rows and an Arrow table of what is installed."""
    connection = sqlite3.connect(f"file:{store}?mode=ro&immutable=1", uri=True)
    duck = duckdb.connect()
    try:
        for table in TABLES:
            cursor = connection.execute(f'SELECT * FROM "{table}"')
            names = [column[0] for column in cursor.description]
            columns = [pyarrow.array(column) for column in zip(*cursor, strict=True)]
            pyarrow.parquet.write_table(pyarrow.table(columns, names), folder / f"{table}.parquet")
            duck.execute(f"""CREATE VIEW "{table}" AS SELECT * FROM '{folder / table}.parquet'""")
        columns = [pyarrow.array(column) for column in zip(*sorted(rows), strict=True)]
        duck.register("installed", pyarrow.table(columns, ["id", "release", "name", "key"]))
        return in_order(duck.execute(query(bare=not epoch)).fetchall(), connection)
    finally:
        duck.close()
        connection.close()


@pytest.mark.parametrize("epoch", [True, False])
def test_the_example(example_store: Path, tmp_path: Path, epoch: bool) -> None:
    feed = read_feed(EXAMPLE / "advisories.jsonl")
    rows = installed(inventories.read(EXAMPLE / "host.tsv"), epoch=epoch)
    candidates = expected(feed, rows, epoch=epoch)
    assert len(candidates) > 1000
    assert of_sqlite(example_store, rows, epoch=epoch) == candidates
    assert of_duckdb(example_store, rows, tmp_path, epoch=epoch) == candidates


def test_real_lists(unpacked: Unpack, almalinux: Feed, almalinux_store: Path, tmp_path: Path) -> None:
    """Hosts and images with and without epochs, all at once: a fleet in one query."""
    for epoch in (True, False):
        rows = {row for inventory in real(unpacked) for row in installed(inventory, epoch=epoch)}
        candidates = expected(almalinux, rows, epoch=epoch)
        assert len(candidates) > 2000
        assert of_sqlite(almalinux_store, rows, epoch=epoch) == candidates
        assert of_duckdb(almalinux_store, rows, tmp_path, epoch=epoch) == candidates


def test_sqlite_seeks(example_store: Path) -> None:
    """For one package and key, the primary key leads to the candidates."""
    connection = sqlite3.connect(f"file:{example_store}?mode=ro&immutable=1", uri=True)
    statement = "SELECT affected FROM interval WHERE package = 1 AND introduced_key <= x'10' AND x'10' < upper_key"
    plan = connection.execute(f"EXPLAIN QUERY PLAN {statement}").fetchall()
    connection.close()
    assert [row[3] for row in plan] == ["SEARCH interval USING PRIMARY KEY (package=? AND upper_key>?)"]


def test_duckdb_compares_bytes_as_bytes() -> None:
    pairs = [(b"a", b"b"), (b"\x7f", b"\x80"), (b"", b"\0"), (b"a", b"a\0"), (b"\xff", b"\xff\xff"), (b"\0\xff", b"\1")]
    for low, high in pairs:
        assert duckdb.execute("SELECT ?::BLOB < ?::BLOB, ?::BLOB <= ?::BLOB", [low, high, high, low]).fetchone() == (
            True,
            False,
        )


def test_every_type_that_is_ordered_is_told_in_the_guide() -> None:
    guide = (ROOT / "docs" / "guide" / "store.md").read_text()
    assert all(f"`{type}`" in guide for type in SCHEME_OF_TYPE)
