"""Fleets made from the real hosts: DuckDB and Spark have what ``match`` has of each."""

import os
from collections import Counter
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import oracles
import pytest
import sparks
from real_hosts import FEEDS, PAIRS, Unpack, inventories_of, sources_of

from advisories import Feed, MatchPolicy, compile_store, match, match_many, open_feed
from advisories.models import Distribution, Inventory, Names

duckdb = oracles.module("duckdb")
pa = oracles.module("pyarrow")

from advisories.engines.columns import hosts_table, packages_table  # noqa: E402
from advisories.engines.duckdb import Fleet  # noqa: E402
from advisories.engines.export import CANDIDATES, export_store  # noqa: E402


def fleet_of(db: Any, named: list[tuple[str, Inventory]], feed: Feed, policy: MatchPolicy) -> Fleet:
    db.register("packages", packages_table(named))
    db.register("hosts", hosts_table(named))
    fleet = Fleet(db, feed, policy)
    fleet.judge()
    return fleet


class Fleets(NamedTuple):
    """A thousand hosts, and what :func:`match_many` has of them: rows of findings, and packages of each class."""

    named: list[tuple[str, Inventory]]
    policy: MatchPolicy
    findings: Counter[tuple[object, ...]]
    classes: dict[str, dict[str, int]]


# Some feeds and some lists of each, since all take ten minutes: ``make hosts`` looks at all.
ALL = os.environ.get("FLEETS") == "all"
LARGEST = ("ubuntu-oval-", "ubuntu-tracker-", "suse-oval-", "debian-advisories-")
MOST, LISTS = 5_000, 4
COLUMNS = ("instance", "vulnerability", "status", "fixed_version", "presence", "pending_restart")


@pytest.fixture(scope="module")
def thousand(unpacked: Unpack, almalinux: Feed) -> Fleets:
    random = Random(0)
    policy = MatchPolicy(judge_as=Distribution.parse("almalinux:9"))
    real = [
        inventory
        for pair in PAIRS
        if pair.feed == "almalinux-osv"
        for _, inventory, of in inventories_of(pair, unpacked)
        if of.judge_as in (None, policy.judge_as)
    ]
    packages = [one for inventory in real for one in inventory.instances]
    kernels = [f"{one.version}.x86_64" for one in packages if one.name == "kernel-core"]
    named = [
        (
            f"host {number}",
            Inventory(
                random.choice(real).distribution,
                tuple(random.sample(packages, 60)),
                random.choice([None, *kernels]),
            ),
        )
        for number in range(1_000)
    ]
    expected: Counter[tuple[object, ...]] = Counter()
    classes: dict[str, dict[str, int]] = {}
    found = match_many([inventory for _, inventory in named], almalinux, policy)
    for (host, _), (_, findings) in zip(named, found, strict=True):
        expected.update((host, *row) for row in zip(*map(findings.column, COLUMNS), strict=True))
        classes[host] = {one.value.replace("-", "_"): count for one, count in findings.coverage.counts.items()}
    return Fleets(named, policy, expected, classes)


def hold(thousand: Fleets, findings: Any, coverage: Any) -> None:
    """Tables of Arrow have what ``match_many`` has."""
    rows = zip(*(findings[name].to_pylist() for name in ("host", *COLUMNS)), strict=True)
    assert Counter(rows) == thousand.findings
    assert findings.num_rows > 100_000
    counts = {row["host"]: {name: row[name] for name in thousand.classes[row["host"]]} for row in coverage.to_pylist()}
    assert counts == thousand.classes


def test_a_thousand_hosts_in_duckdb(thousand: Fleets, almalinux: Feed) -> None:
    with duckdb.connect() as db:
        fleet_of(db, thousand.named, almalinux, thousand.policy)
        columns = ", ".join(("host", *COLUMNS))
        findings = db.sql(f"select {columns} from fleet.findings").to_arrow_table()
        hold(thousand, findings, db.sql("select * from fleet.coverage").to_arrow_table())


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_thousand_hosts_in_spark(thousand: Fleets, unpacked: Unpack, tmp_path: Path) -> None:
    from advisories.engines.spark import judge

    compile_store([unpacked("feeds/almalinux-osv")], tmp_path / "feed.db")
    for spark in sparks.session():
        packages = spark.createDataFrame(packages_table(thousand.named))
        hosts = spark.createDataFrame(hosts_table(thousand.named))
        found = judge(packages, hosts, tmp_path / "feed.db", thousand.policy)
        hold(thousand, found.findings.select("host", *COLUMNS).toArrow(), found.coverage.toArrow())


def looked_at(
    feed: Feed, distribution: str, release: str, names: str, name: str, _: str, key: bytes | None, epoch_known: bool
) -> set[str]:
    group = feed.group(Distribution(distribution, release), Names(names), name)
    if group is None:
        return set()
    records = group.records if key is None else group.candidates(key, epoch=epoch_known)
    return {one.advisory.id for one in records if one.advisory.withdrawn is None}


@pytest.mark.parametrize("name", [name for name in FEEDS if ALL or not name.startswith(LARGEST)])
def test_the_join_has_the_candidates_of_match(
    name: str, unpacked: Unpack, ubuntu_oval: Callable[[str], Path], tmp_path: Path
) -> None:
    """The join of exported intervals and a fleet's queries, by bytes alone, has the records that matching looks at, and
    every finding rests on one of them."""
    compile_store(sources_of(name, unpacked, ubuntu_oval), tmp_path / "feed.db")
    intervals, _ = export_store(tmp_path / "feed.db", tmp_path)
    assert intervals
    with open_feed(tmp_path / "feed.db") as feed, duckdb.connect() as db:
        db.execute(f"create view intervals as from '{tmp_path}/intervals.parquet'")
        for pair in PAIRS:
            if pair.feed != name:
                continue
            for path, inventory, policy in islice(inventories_of(pair, unpacked), None if ALL else LISTS):
                if len(inventory.instances) > MOST and not ALL:
                    continue
                fleet_of(db, [("a", inventory)], feed, policy)
                db.execute("create or replace view queries as from fleet.queries")
                asked = "distribution, release, names, name, version, key, epoch_known"
                joined: dict[tuple[Any, ...], set[str]] = {
                    row: set() for row in db.execute(f"select distinct {asked} from queries").fetchall()
                }
                for *row, advisory in db.execute(f"select distinct {asked}, advisory from ({CANDIDATES})").fetchall():
                    joined[tuple(row)].add(advisory)
                assert joined == {row: looked_at(feed, *row) for row in joined}, path
                found = {(row[3], row[4], advisory) for row, advisories in joined.items() for advisory in advisories}
                rests_on = {
                    (one.evidence.name, one.evidence.installed, id)
                    for one in match(inventory, feed, policy)
                    for id in one.advisories
                }
                assert rests_on <= found, path
