"""A fleet made from the real hosts: DuckDB has what ``match`` has of each."""

from collections import Counter
from random import Random
from typing import Any

import oracles
from real_hosts import PAIRS, Unpack, inventories_of

from advisories import Feed, MatchPolicy, match_many
from advisories.models import Distribution, Inventory

duckdb = oracles.module("duckdb")
pa = oracles.module("pyarrow")

from advisories.engines.columns import hosts_table, packages_table  # noqa: E402
from advisories.engines.duckdb import Fleet  # noqa: E402


def fleet_of(db: Any, named: list[tuple[str, Inventory]], feed: Feed, policy: MatchPolicy) -> Fleet:
    db.register("packages", packages_table(named))
    db.register("hosts", hosts_table(named))
    fleet = Fleet(db, feed, policy)
    fleet.judge()
    return fleet


def test_a_thousand_hosts_made_from_real_ones(unpacked: Unpack, almalinux: Feed) -> None:
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
        columns = ("instance", "vulnerability", "status", "fixed_version", "presence", "pending_restart")
        expected.update((host, *row) for row in zip(*map(findings.column, columns), strict=True))
        classes[host] = {one.value.replace("-", "_"): count for one, count in findings.coverage.counts.items()}
    with duckdb.connect() as db:
        fleet_of(db, named, almalinux, policy)
        rows = db.execute(
            "select host, instance, vulnerability, status, fixed_version, presence, pending_restart from fleet.findings"
        ).fetchall()
        assert Counter(rows) == expected
        assert len(rows) > 100_000
        coverage = db.sql("select * from fleet.coverage").to_arrow_table().to_pylist()
        assert {row["host"]: {name: row[name] for name in classes[row["host"]]} for row in coverage} == classes
