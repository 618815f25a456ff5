"""A store as Parquet has every record that a finding rests on, by a plain join of bytes."""

from pathlib import Path
from typing import Any

import oracles
import pytest
from places import EXAMPLE, GOLDEN

import vercmp
from advisories import compile_store, match, open_feed
from advisories.models.errors import OtherVersion, UnreadableSource
from advisories.readers import inventories
from advisories.store.reader import Store

duckdb = oracles.module("duckdb")
pq = oracles.module("pyarrow.parquet")

from advisories.engines.columns import hosts_table, packages_table  # noqa: E402
from advisories.engines.duckdb import Fleet  # noqa: E402
from advisories.engines.export import CANDIDATES, INTERVAL_COLUMNS, check_export, export_store  # noqa: E402

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


def test_an_export_of_other_keys(tmp_path: Path) -> None:
    """Keys of another layout do not compare with those of today: a join would lose records without a word."""
    for number, size in enumerate((3, 4)):
        records = (EXAMPLE / "advisories.jsonl").read_text().splitlines()[:size]
        (tmp_path / "some.jsonl").write_text("\n".join(records))
        compile_store([tmp_path / "some.jsonl"], tmp_path / "feed.db")
        (tmp_path / str(number)).mkdir()
        export_store(tmp_path / "feed.db", tmp_path / str(number))
    one, other = tmp_path / "0", tmp_path / "1"
    assert check_export(other) == Store(tmp_path / "feed.db").digest != check_export(one)
    table = pq.read_table(one / "cves.parquet")
    metadata = {**table.schema.metadata, b"key_version": str(vercmp.KEY_VERSION + 1).encode()}
    pq.write_table(table.replace_schema_metadata(metadata), one / "cves.parquet")
    with pytest.raises(
        OtherVersion, match=r"cves\.parquet: the layout of its keys has version 2, and .*: upgrade vercmp"
    ):
        check_export(one)
    (one / "cves.parquet").write_bytes((other / "cves.parquet").read_bytes())
    with pytest.raises(UnreadableSource, match="are of different stores: export again"):
        check_export(one)
    pq.write_table(table.replace_schema_metadata({}), one / "cves.parquet")
    with pytest.raises(UnreadableSource, match=r"cves\.parquet: not an exported store"):
        check_export(one)
    (one / "cves.parquet").write_text("text")
    with pytest.raises(UnreadableSource, match=r"cves\.parquet: not an exported store"):
        check_export(one)
