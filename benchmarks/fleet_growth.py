"""Fleets as tables against a loop over hosts: how time grows with rows and with distinct packages.

``python -m benchmarks.fleet_growth`` measures it and writes ``docs/guide/fleets.tsv``. Then ``python tools/growth.py``
draws ``docs/guide/fleets.svg`` and puts the table into the page.
"""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from attrs import evolve

from advisories import Feed, compile_store, match_many, open_feed
from advisories.models import Inventory, Package
from advisories.readers import inventories
from benchmarks import peers, records

EXAMPLE = records.ROOT / "examples" / "almalinux-9"
PLACE = records.ROOT / "docs" / "guide" / "fleets.tsv"
HEAD = ("engine", "hosts", "rows", "distinct packages", "processor seconds")
_HOSTS = (100, 1_000, 10_000)
# Each package in so many versions.
_VERSIONS = (1, 10, 40)


class Measured(NamedTuple):
    """Processor time of one engine over one fleet."""

    engine: str
    hosts: int
    rows: int
    distinct: int
    seconds: float


def measure() -> Iterator[Measured]:
    """An engine that is not installed is left out."""
    inventory = inventories.read(EXAMPLE / "host.tsv")
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder, "feed.db")
        compile_store([EXAMPLE / "advisories.jsonl"], store)
        with open_feed(store) as feed:
            for hosts in _HOSTS:
                yield from _duckdb(inventory, feed, hosts, 1)
            for versions in _VERSIONS[1:]:
                yield from _duckdb(inventory, feed, _HOSTS[0], versions)
        yield from _spark(inventory, store)
        for hosts in _HOSTS[:2]:
            with open_feed(store) as feed:
                yield _one_process(inventory, feed, hosts)


def _in_versions(inventory: Inventory, versions: int) -> Iterator[Package]:
    for package in inventory.instances:
        for number in range(versions):
            yield evolve(package, version=f"{package.version}.{number}" if number else package.version)


def _timed(call: Callable[[], object]) -> float:
    start = time.process_time()
    call()
    return time.process_time() - start


def _duckdb(inventory: Inventory, feed: Feed, hosts: int, versions: int) -> Iterator[Measured]:
    duckdb = peers.installed("duckdb")
    if duckdb is None or peers.installed("pyarrow") is None:
        return
    from advisories.engines.columns import hosts_table, packages_table
    from advisories.engines.duckdb import Fleet

    whole = evolve(inventory, packages=tuple(_in_versions(inventory, versions)))
    feed.memo.clear()
    with duckdb.connect() as db:
        db.register("one", packages_table([("", whole)]).drop_columns(["host"]))
        db.register("its_host", hosts_table([("", whole)]).drop_columns(["host"]))
        # Nine of ten packages, others on each host.
        db.execute(
            f"create table packages as select 'host ' || i as host, one.* from range({hosts}) as fleet(i), one"
            " where hash(i, name, version) % 10 > 0"
        )
        db.execute(
            f"create table hosts as select 'host ' || i as host, its_host.* from range({hosts}) as f(i), its_host"
        )
        fleet = Fleet(db, feed)
        seconds = _timed(fleet.judge)
        ((rows,),) = db.execute("select count(*) from packages").fetchall()
        ((distinct,),) = db.execute("select count(*) from fleet.judged").fetchall()
        yield Measured(f"DuckDB {duckdb.__version__}", hosts, rows, distinct, seconds)


def _spark(inventory: Inventory, store: Path) -> Iterator[Measured]:
    """In local mode with two threads, after a first fleet: a session compiles its plans once."""
    pyspark = peers.installed("pyspark")
    if pyspark is None or peers.installed("pyarrow") is None or shutil.which("java") is None:
        return
    from pyspark.sql import SparkSession

    from advisories.engines.columns import hosts_table, packages_table
    from advisories.engines.spark import judge

    os.environ["PYSPARK_PYTHON"] = sys.executable
    building = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    building = building.config("spark.ui.showConsoleProgress", "false")
    spark = building.config("spark.driver.memory", "4g").config("spark.sql.shuffle.partitions", "2").getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    machine = spark.sparkContext._gateway.proc.pid
    one = spark.createDataFrame(packages_table([("", inventory)]).drop_columns(["host"])).localCheckpoint()
    its_host = spark.createDataFrame(hosts_table([("", inventory)]).drop_columns(["host"]))
    for number, hosts in enumerate((_HOSTS[0], *_HOSTS)):
        named = spark.range(hosts).selectExpr("concat('host ', id) as host")
        packages = named.crossJoin(one).where("abs(hash(host, name, version)) % 10 > 0").localCheckpoint()
        fleet = named.crossJoin(its_host).localCheckpoint()
        before = time.process_time() + _processor_time(machine)
        judge(packages, fleet, store)
        seconds = time.process_time() + _processor_time(machine) - before
        if number:
            engine = f"Spark {pyspark.__version__}, local"
            yield Measured(engine, hosts, packages.count(), len(set(inventory.instances)), seconds)
    spark.stop()


def _processor_time(process: int) -> float:
    """Seconds of a process and of all that it began, ended or not. Source: proc(5), ``/proc/PID/stat``."""
    found, ticks = {}, os.sysconf("SC_CLK_TCK")
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = path.read_bytes().rpartition(b")")[2].split()
            found[int(path.parent.name)] = int(fields[1]), sum(map(int, fields[11:15])) / ticks
    family = {process}
    while begun := {number for number, (parent, _) in found.items() if parent in family} - family:
        family |= begun
    return sum(found[number][1] for number in family & found.keys())


def _one_process(inventory: Inventory, feed: Feed, hosts: int) -> Measured:
    """Inventories that are in memory already: their packages are the same objects, as after reading few do."""
    packages = inventory.instances
    fleet = [
        evolve(inventory, packages=tuple(one for place, one in enumerate(packages) if (place + number) % 10))
        for number in range(hosts)
    ]

    def judge() -> None:
        for _, findings in match_many(fleet, feed):
            assert findings.coverage.counts

    seconds = _timed(judge)
    return Measured("match_many", hosts, sum(len(one.packages) for one in fleet), len(packages), seconds)


def main() -> None:
    rows: list[tuple[Any, ...]] = [HEAD]
    for one in measure():
        print(*one, sep="\t", flush=True)
        rows.append((*one[:4], f"{one.seconds:.2f}"))
    PLACE.write_text("".join("\t".join(map(str, row)) + "\n" for row in rows), encoding="utf-8")


if __name__ == "__main__":
    main()
