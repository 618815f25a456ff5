"""A real PostgreSQL: the recipes of the guide, the order of whole archives, and the candidates of hosts."""

import doctest
import os
import random
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import oracles
import pytest
import store_sql
from places import EXAMPLE, ROOT
from postgresql import SCRIPT, add_functions, add_python, server
from real_versions import MOST, archived_versions, real_versions

import vercmp
from advisories import Feed
from advisories.readers import inventories
from advisories.store import read_feed
from advisories.store.compiling import compile_store

Unpack = Callable[[str], Path]

schemes = pytest.mark.parametrize("scheme", vercmp.SCHEMES)


@pytest.fixture(scope="module")
def environment() -> Iterator[dict[str, str]]:
    with server() as variables:
        yield variables


@pytest.fixture
def db(environment: dict[str, str]) -> Iterator[Any]:
    """A connection to an empty database."""
    psycopg = oracles.module("psycopg")
    host, user = environment["PGHOST"], environment["PGUSER"]
    with psycopg.connect(host=host, user=user, dbname="template1", autocommit=True) as above:
        above.execute("drop database if exists tested")
        above.execute("create database tested")
    with psycopg.connect(host=host, user=user, dbname="tested", autocommit=True) as connection:
        yield connection


def copy(db: Any, table: str, rows: Any) -> None:
    with db.cursor() as cursor, cursor.copy(f"copy {table} from stdin") as target:
        for row in rows:
            target.write_row(row)


def test_the_guide(db: Any, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    add_python(db)
    for name, value in (environment | {"PGDATABASE": "tested"}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(ROOT)
    page = ROOT / "docs" / "guide" / "postgresql.md"
    done = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert (done.failed, done.attempted > 30) == (0, True)


@schemes
def test_the_order_of_an_archive(db: Any, unpacked: Unpack, scheme: str) -> None:
    versions = archived_versions(scheme, unpacked)
    assert len(versions) == {"apk": 5805, "semver": 45166}.get(scheme, MOST)
    keys = vercmp.sort_keys(versions, scheme=scheme)
    db.execute("create table t (place integer, version text, key bytea)")
    copy(db, "t", zip(range(len(keys)), versions, keys, strict=True))
    expected = list(vercmp.argsort(versions, scheme=scheme))
    assert [place for (place,) in db.execute("select place from t order by key, place")] == expected
    db.execute("create index by_key on t (key, place); analyze t; set enable_seqscan = off; set enable_sort = off")
    query = "select place from t order by key, place"
    assert "by_key" in str(db.execute(f"explain {query}").fetchall())
    assert [place for (place,) in db.execute(query)] == expected


@schemes
def test_the_function_writes_the_keys_of_an_archive(db: Any, unpacked: Unpack, scheme: str) -> None:
    add_functions(db)
    versions = list(dict.fromkeys(archived_versions(scheme, unpacked)))
    db.execute(
        "create table t (place integer, version text,"
        f" key bytea not null generated always as (version_key('{scheme}', version)) stored)"
    )
    copy(db, "t (place, version)", enumerate(versions))
    keys = [key for (key,) in db.execute("select key from t order by place")]
    assert keys == vercmp.sort_keys(versions, scheme=scheme)
    query = (
        f"select version_compare('{scheme}', a.version, b.version)"
        " from t a join t b on b.place = a.place + 1 order by a.place"
    )
    signs = [sign for (sign,) in db.execute(query)]
    assert signs == vercmp.compare_many(versions[:-1], versions[1:], scheme=scheme)


def test_nulls_and_refusals(db: Any) -> None:
    add_functions(db)

    def row(expressions: str) -> tuple[object, ...]:
        (found,) = db.execute(f"select {expressions}").fetchall()
        return tuple(found)

    for call in ("version_key({}, {})", "version_compare({}, {}, '1')", "version_compare({}, '1', {})"):
        assert row(call.format("'rpm'", "null")) == (None,)
        for scheme, version in (("'dpkg'", "'1 2'"), ("'maven'", "'1'"), ("null", "'1'")):
            with pytest.raises(oracles.module("psycopg").errors.ExternalRoutineException):
                db.execute("select " + call.format(scheme, version))
    both = "try_version_key({0}, {1}), version_refusal({0}, {1})"
    key = vercmp.dpkg.sort_key("1.0")
    assert row(both.format("'Debian'", "'1.0'")) == (key, None)
    assert row(both.format("'deb'", "'1 2'")) == (None, "version string has embedded spaces")
    assert row(both.format("null", "'1'")) == (None, "the scheme is null")
    assert row(both.format("'rpm'", "null")) == (None, None)
    nothing, reason = row(both.format("'maven'", "'1'"))
    assert nothing is None
    assert str(reason).startswith("unknown version scheme 'maven'")


@schemes
def test_ranges_hold_what_intervals_hold(db: Any, scheme: str) -> None:
    """Through the GiST index, with bounds that are open, equal or missing."""
    some, rng = real_versions(scheme), random.Random(30)
    keys = sorted(set(vercmp.sort_keys(some, scheme=scheme)))
    bounds: list[bytes | None] = [None, *keys]
    ranges: list[tuple[bytes | None, bytes | None, int]] = []
    for place in range(3000):
        low, high = rng.choice(bounds), rng.choice(bounds)
        if low is None or high is None or low <= high:
            ranges.append((low, high, place))
    db.execute("create type version_range as range (subtype = bytea)")
    db.execute("create table r (low bytea, high bytea, place integer); create table k (key bytea)")
    copy(db, "r", ranges)
    copy(db, "k", ((key,) for key in keys))
    db.execute("create table ranges as select place, version_range(low, high) as versions from r")
    db.execute("create index by_range on ranges using gist (versions); analyze ranges; analyze k")
    db.execute("set enable_seqscan = off")
    query = "select key, place from k join ranges on versions @> key"
    assert "by_range" in str(db.execute(f"explain {query}").fetchall())
    index = vercmp.IntervalIndex([ranges])
    expected = sorted((key, place) for key in keys for place in index.stab(0, key))
    assert sorted(db.execute(query)) == expected
    assert len(expected) > 1000


def of_postgresql(db: Any, store: Path, rows: store_sql.Installed, *, epoch: bool) -> store_sql.Candidates:
    """The query of the guide on stores, over the store's tables as they are."""
    with closing(sqlite3.connect(f"file:{store}?mode=ro&immutable=1", uri=True)) as connection:
        for table in store_sql.TABLES:
            columns = connection.execute("select name, type from pragma_table_info(?)", [table]).fetchall()
            kinds = {"INTEGER": "bigint", "BLOB": "bytea"}
            declared = ", ".join(f'"{name}" {kinds.get(kind, "text")}' for name, kind in columns)
            db.execute(f'drop table if exists "{table}"; create table "{table}" ({declared})')
            copy(db, f'"{table}"', connection.execute(f'select * from "{table}"'))
            db.execute(f'analyze "{table}"')
        db.execute(
            "drop table if exists installed; create table installed (id text, release text, name text, key bytea)"
        )
        copy(db, "installed", rows)
        db.execute("analyze installed")
        return store_sql.in_order(db.execute(store_sql.query(bare=not epoch)).fetchall(), connection)


@pytest.mark.parametrize("epoch", [True, False])
def test_the_candidates_of_the_example(db: Any, tmp_path: Path, epoch: bool) -> None:
    store = tmp_path / "feed.db"
    compile_store([EXAMPLE / "advisories.jsonl"], store)
    rows = store_sql.installed(inventories.read(EXAMPLE / "host.tsv"), epoch=epoch)
    candidates = store_sql.expected(read_feed(EXAMPLE / "advisories.jsonl"), rows, epoch=epoch)
    assert len(candidates) > 1000
    assert of_postgresql(db, store, rows, epoch=epoch) == candidates


def test_the_candidates_of_real_hosts(
    db: Any, unpacked: Unpack, almalinux: Feed, almalinux_folder: Path, tmp_path: Path
) -> None:
    store = tmp_path / "feed.db"
    compile_store([almalinux_folder], store)
    for epoch in (True, False):
        rows = {row for inventory in store_sql.real(unpacked) for row in store_sql.installed(inventory, epoch=epoch)}
        candidates = store_sql.expected(almalinux, rows, epoch=epoch)
        assert len(candidates) > 2000
        assert of_postgresql(db, store, rows, epoch=epoch) == candidates


def test_the_script(environment: dict[str, str], tmp_path: Path) -> None:
    def refusal(*arguments: str) -> str:
        done = subprocess.run(["sh", str(SCRIPT), *arguments], capture_output=True, text=True, check=False)
        assert done.returncode == 1
        return done.stderr

    folder = environment["PGHOST"]
    assert "is already there" in refusal("start", folder)
    assert "too long a name" in refusal("start", str(tmp_path / ("a" * 90)))
    assert "has no server of this script" in refusal("stop", str(tmp_path))
    assert "usage" in refusal("restart", folder)
    assert "usage" in refusal("stop")
    assert os.stat(folder).st_mode & 0o077 == 0
