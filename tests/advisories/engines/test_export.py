"""A store as Parquet has every record that a finding rests on, by a plain join of bytes."""

from pathlib import Path
from typing import Any

import oracles
import pytest
from places import EXAMPLE, GOLDEN

import vercmp
from advisories import compile_store, match, open_feed
from advisories.models.errors import UnreadableSource
from advisories.readers import inventories

duckdb = oracles.module("duckdb")
pq = oracles.module("pyarrow.parquet")

from advisories.engines.columns import hosts_table, packages_table  # noqa: E402
from advisories.engines.duckdb import Fleet  # noqa: E402
from advisories.engines.export import CANDIDATES, INTERVAL_COLUMNS, export_store  # noqa: E402

FOLDERS = sorted(path.parent for path in GOLDEN.glob("match/*/expected.json"))


def candidates(db: Any, folder: Path) -> set[tuple[str, str, str]]:
    """Host, name and advisory of every record that the join finds."""
    db.execute(f"create or replace view intervals as from '{folder}/intervals.parquet'")
    db.execute("create or replace view queries as from fleet.queries")
    db.execute("create or replace table candidates as " + CANDIDATES)
    return set(db.sql("select host, name, advisory from candidates").fetchall())


def test_the_example(tmp_path: Path) -> None:
    compile_store([EXAMPLE / "advisories.jsonl"], tmp_path / "feed.db")
    intervals, cves = export_store(tmp_path / "feed.db", tmp_path)
    assert (intervals, cves) == (
        pq.read_metadata(tmp_path / "intervals.parquet").num_rows,
        pq.read_metadata(tmp_path / "cves.parquet").num_rows,
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cves.parquet", "feed.db", "intervals.parquet"]
    schema = pq.read_schema(tmp_path / "intervals.parquet")
    assert schema.names == list(INTERVAL_COLUMNS)
    with open_feed(tmp_path / "feed.db") as feed, duckdb.connect() as db:
        assert schema.metadata[b"key_version"] == str(vercmp.KEY_VERSION).encode()
        assert schema.metadata[b"store"].decode() == feed._backing.digest  # type: ignore[attr-defined]
        inventory = inventories.read(EXAMPLE / "host.tsv")
        named = [("a", inventory)]
        db.register("packages", packages_table(named))
        db.register("hosts", hosts_table(named))
        Fleet(db, feed).judge()
        found = candidates(db, tmp_path)
        findings = match(inventory, feed)
        rests_on = {("a", one.evidence.name, id) for one in findings for id in one.advisories}
        assert rests_on <= found
        assert len(found - rests_on) < len(found) // 10


@pytest.mark.slow
@pytest.mark.parametrize("folder", FOLDERS[::3], ids=lambda path: path.name)
def test_every_record_of_a_finding_is_a_candidate(folder: Path, tmp_path: Path) -> None:
    compile_store(sorted(folder.glob("feed*")), tmp_path / "feed.db")
    export_store(tmp_path / "feed.db", tmp_path)
    inventory = inventories.read(folder / "inventory.txt")
    with open_feed(tmp_path / "feed.db") as feed, duckdb.connect(config={"threads": 1}) as db:
        db.register("packages", packages_table([("a", inventory)]))
        db.register("hosts", hosts_table([("a", inventory)]))
        Fleet(db, feed).judge()
        # A finding of a package that several names look up is of one of them.
        rests_on = {("a", one.evidence.name, one.evidence.advisory) for one in match(inventory, feed)}
        assert rests_on <= candidates(db, tmp_path)


def test_what_is_no_store(tmp_path: Path) -> None:
    (tmp_path / "feed.db").write_bytes(b"SQLite format 3\0 and no more")
    with pytest.raises(UnreadableSource):
        export_store(tmp_path / "feed.db", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["feed.db"]
