"""Fleets joined with a distribution's fixed versions by key, in DuckDB and in PostgreSQL: how times grow with rows.

``python -m benchmarks.joins`` measures this alone and prints it, and ``python -m benchmarks.joins 100000000`` so many
rows: once, and in DuckDB alone, which holds them in memory. PostgreSQL is a private server, by
``interop/postgresql.sh``.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import vercmp
from benchmarks import peers, records

ROWS = (1_000_000, 10_000_000)
_RUNS = 3
# Of more rows, one run and one engine.
_MOST = ROWS[-1]
_SERVER = records.ROOT / "interop" / "postgresql.sh"
# A multiplicative step through the fixes, so that neighbours in the fleet are not neighbours there.
_STEP = 2_654_435_761

_EACH = """
select count(*) from installed join fixes using (ecosystem, name) where installed.key < fixes.key
"""
_DISTINCT = """
select sum(times) from (select ecosystem, name, key, count(*) as times from installed group by 1, 2, 3) as one
join fixes using (ecosystem, name) where one.key < fixes.key
"""


class Measured(NamedTuple):
    """Seconds of one engine over one fleet. All find as many candidates."""

    engine: str
    rows: int
    candidates: int
    each: float
    distinct: float


def measure(sizes: Sequence[int] = ROWS) -> list[Measured]:
    """Fleets of so many rows. Empty without the real data. An engine that is not installed is left out."""
    fixes = records.fixed_versions()
    if fixes is None:
        return []
    keys = vercmp.sort_keys([version for _, _, version in fixes], scheme="rpm")
    table = [(number, *row[:2], key) for number, (row, key) in enumerate(zip(fixes, keys, strict=True))]
    found = [*_duckdb(table, sizes), *_postgresql(table, [rows for rows in sizes if rows <= _MOST])]
    for rows in sizes:
        if len({one.candidates for one in found if one.rows == rows}) > 1:
            raise AssertionError("two engines differ in their answer")
    return found


def _duckdb(fixes: list[tuple[int, str, str, bytes]], sizes: Sequence[int]) -> Iterator[Measured]:
    duckdb, pyarrow = peers.installed("duckdb"), peers.installed("pyarrow")
    if duckdb is None or pyarrow is None:
        return
    names = ["number", "ecosystem", "name", "key"]
    given = pyarrow.table([pyarrow.array(column) for column in zip(*fixes, strict=True)], names)
    with duckdb.connect() as db:
        db.register("given", given)
        db.execute("create table fixes as select * from given")
        for rows in sizes:
            db.execute(
                "create or replace table installed as select ecosystem, name, key"
                f" from range({rows}) as fleet(i) join fixes on number = (i * {_STEP}) % {len(fixes)}"
            )
            yield _timed(f"DuckDB {duckdb.__version__}", rows, lambda query: int(db.execute(query).fetchall()[0][0]))


def _postgresql(fixes: list[tuple[int, str, str, bytes]], sizes: Sequence[int]) -> Iterator[Measured]:
    psycopg = peers.installed("psycopg")
    if psycopg is None or not sizes:
        return
    with _server() as host:
        if host is None:
            return
        with psycopg.connect(host=host, user="postgres", dbname="postgres", autocommit=True) as db:
            db.execute("create table fixes (number bigint, ecosystem text, name text, key bytea)")
            with db.cursor() as cursor, cursor.copy("copy fixes from stdin") as copy:
                for row in fixes:
                    copy.write_row(row)
            db.execute("create index on fixes (ecosystem, name, key)")
            version = db.execute("show server_version").fetchone()[0].split()[0]
            for rows in sizes:
                db.execute("drop table if exists installed")
                db.execute(
                    "create unlogged table installed as select ecosystem, name, key"
                    f" from generate_series(0, {rows - 1}::bigint) as i"
                    f" join fixes on number = (i * {_STEP}) % {len(fixes)}"
                )
                db.execute("vacuum analyze fixes")
                db.execute("vacuum analyze installed")
                yield _timed(f"PostgreSQL {version}", rows, lambda query: int(db.execute(query).fetchone()[0]))


def _timed(engine: str, rows: int, ask: Callable[[str], int]) -> Measured:
    times = {query: float("inf") for query in (_EACH, _DISTINCT)}
    answers = set()
    for query in times:
        for _ in range(_RUNS if rows <= _MOST else 1):
            start = time.perf_counter()
            answers.add(ask(query))
            times[query] = min(times[query], time.perf_counter() - start)
    if len(answers) != 1:
        raise AssertionError("two ways differ in their answer")
    return Measured(engine, rows, answers.pop(), times[_EACH], times[_DISTINCT])


@contextmanager
def _server() -> Iterator[str | None]:
    """The host that a client names, None where no server can be had."""
    parent = Path(tempfile.mkdtemp(prefix="vercmp-pg-"))
    parent.chmod(0o711)
    folder = parent / "s"
    started = subprocess.run(["sh", str(_SERVER), "start", str(folder)], check=False, capture_output=True)
    try:
        if started.returncode:
            print(os.fsdecode(started.stderr), file=sys.stderr)
        yield None if started.returncode else str(folder)
    finally:
        if not started.returncode:
            subprocess.run(["sh", str(_SERVER), "stop", str(folder)], check=True, capture_output=True)
        shutil.rmtree(parent)


def table(measured: list[Measured]) -> list[str]:
    lines = [
        "| | package rows | candidates | each row, s | ns a row | distinct versions first, s | ns a row |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for one in measured:
        each, distinct = (f"{seconds:.2f} | {seconds / one.rows * 1e9:,.0f}" for seconds in (one.each, one.distinct))
        lines.append(f"| {one.engine} | {one.rows:,} | {one.candidates:,} | {each} | {distinct} |")
    return lines


def report(sizes: Sequence[int] = ROWS) -> list[str]:
    """The section of the report; empty without the real data or the engines."""
    measured = measure(sizes)
    return ["## Fleets in SQL engines", "", *_ABOUT.splitlines(), "", *table(measured), ""] if measured else []


_ABOUT = """\
Package rows of a fleet against all fixed versions of AlmaLinux's advisories, by release, name and
`installed.key < fixes.key`. A row is a package in one of the versions that AlmaLinux fixed, all as often. Candidates
are counted, not shown. A fleet has far fewer distinct versions than rows: the last columns group rows first, and
compare each distinct version once. Both engines have their own settings. The server does not wait for the disk, and has
an index on the fixes.
"""


if __name__ == "__main__":
    print(
        "\n".join(
            report([int(rows) for rows in sys.argv[1:]] or ROWS)
            or ["Not measured: the real archives or the engines are not there."]
        )
    )
