"""A fleet in Spark has the findings, classes and coverage of ``match``, row by row."""

import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sparks
from advisories_reference import host, rpm
from attrs import evolve
from fleets import by_match, rows_of
from places import EXAMPLE, ROOT

from advisories import MatchPolicy, compile_store, open_feed
from advisories.models import Distribution, Inventory, Package
from advisories.models.packages import NOT_EMPTY
from advisories.readers import inventories

pytestmark = pytest.mark.slow

KERNEL = "5.14.0-70.13.1.el9_0.x86_64"


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    yield from sparks.session()


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Spark's own modules warn about libraries that are newer than it is."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def fleet() -> list[tuple[str, Inventory]]:
    real = inventories.read(EXAMPLE / "host.tsv")
    some = tuple(one for one in real.packages if one.name.startswith(("kernel", "curl", "openssl", "bash", "glibc")))
    newer = [evolve(one, version=one.version.replace("-70.", "-999.")) for one in some if one.name.startswith("kernel")]
    foreign = [rpm(f"foreign-{number}", "1-1") for number in range(12)]
    old = [rpm(f"old-{number}", "1-1.el8") for number in range(12)]
    sizes = [rpm(f"size-{number}", f"{99_990 + number}") for number in range(12)]
    dates = [rpm(f"date-{number}", f"2024-01-{10 + number}") for number in range(12)]
    changed = [rpm(f"changed-{number}", f"{number}.el9-1") for number in range(3)]
    return [
        *((f"real {kernel}", evolve(real, packages=some, running_kernel=kernel)) for kernel in (None, KERNEL)),
        ("with a newer kernel", evolve(real, packages=(*some, *newer), running_kernel=KERNEL)),
        ("the same again", evolve(real, packages=(*newer, *some), running_kernel=KERNEL)),
        ("foreign", host(*foreign)),
        ("foreign with a repository", host(*foreign, rpm("epel-release", "9-7.el9"))),
        ("with a repository", host(rpm("epel-release", "9-7.el9"), rpm("bash", "9-1.el9"), *some)),
        ("of an earlier release", host(rpm("bash", "9-1.el8"), *old)),
        ("of an earlier release, and foreign", host(*old)),
        ("of an earlier release, with a repository", host(*old, rpm("epel-release", "8-7.el8"))),
        ("of its release, with earlier packages", host(rpm("bash", "9-1.el9"), rpm("zsh", "9-1.el9"), *old)),
        ("with sizes for versions", host(*sizes, rpm("bash", "99999999"))),
        ("with dates for versions, that no record names", host(*dates)),
        ("with releases for versions, and a repository", host(*changed, rpm("epel-release", "7.el9-9"))),
        ("nothing", host()),
        ("no release", host(*foreign, distribution=None)),
        ("no feed", host(*some, distribution=Distribution("fedora", "40"))),
        ("debs and others", host(Package("deb", "bash", "5.2-1"), Package("maven", "a:b", "1.0"))),
        ("bad versions", host(rpm("curl", ""), rpm("bash", "5.1\0.8-4.el9"), rpm("no\0name", "1-1"))),
    ]


def test_a_version_that_is_a_number_is_refused(spark: Any, tmp_path: Path) -> None:
    from advisories.engines.spark import judge

    store = tmp_path / "feed.db"
    compile_store([EXAMPLE / "advisories.jsonl"], store)
    hosts = spark.sql("select 'a' as host, 'almalinux' as distribution, 9 as release")
    for version in ("1.10", "1", "cast(1.10 as double)", "cast(1 as bigint)"):
        packages = spark.sql(f"select 'a' as host, 'rpm' as type, 'bash' as name, {version} as version")
        with pytest.raises(TypeError, match="must be text, because the number"):
            judge(packages, hosts, store)
    packages = spark.sql(
        "select 'a' as host, 'rpm' as type, 'bash' as name, '1-1' as version, cast(null as int) as source_version"
    )
    with pytest.raises(TypeError, match="the column release is double"):
        judge(packages, hosts.selectExpr("host", "distribution", "cast(9.1 as double) as release"), store)
    (found,) = judge(packages, hosts, store).coverage.collect()
    assert found["covered"]


def test_the_law(spark: Any, tmp_path: Path) -> None:
    from advisories.engines.columns import hosts_table, packages_table
    from advisories.engines.spark import judge

    compile_store([EXAMPLE / "advisories.jsonl"], tmp_path / "feed.db")
    named = fleet()
    packages, hosts = spark.createDataFrame(packages_table(named)), spark.createDataFrame(hosts_table(named))
    # Rows that are no packages, of hosts of their own.
    bad = spark.sql("""
        select * from values ('a', 'rpm', null, '1-1'), ('b', 'rpm', 'x', null), ('c', 'rpms', 'x', '1'),
            (null, 'rpm', 'x', '1-1') as bad(host, type, name, version)
    """)
    known = spark.sql("""
        select *, 'almalinux' as distribution
        from values ('b', '9'), ('c', '8'), ('c', '9'), ('d', '9') as known(host, release)
    """)
    # One package and one host in two rows: what is not known is empty in one and null in the other.
    texts = ", ".join(f"if(id = 0, '', null) as {name}" for name in NOT_EMPTY)
    lists = ", ".join(f"if(id = 0, array(), null) as {name}" for name in ("module_streams", "locations", "doubts"))
    twice = spark.sql(f"""
        select 'e' as host, 'rpm' as type, 'bash' as name, '9-1.el9' as version, {texts}, {lists},
            if(id = 0, 'installed', null) as state, if(id = 0, false, null) as epoch_known,
            if(id = 0, false, null) as source_epoch_known from range(2)
    """)
    host_twice = spark.sql("""
        select 'e' as host, 'almalinux' as distribution, '9' as release, if(id = 0, '', null) as running_kernel,
            if(id = 0, array(), null) as channels from range(2)
    """)
    bad = bad.unionByName(twice, allowMissingColumns=True)
    known = known.unionByName(host_twice, allowMissingColumns=True)
    found = judge(
        packages.unionByName(bad, allowMissingColumns=True),
        hosts.unionByName(known, allowMissingColumns=True),
        tmp_path / "feed.db",
    )
    tables = {
        name: [row.asDict(recursive=True) for row in getattr(found, name).collect()]
        for name in ("findings", "classes", "coverage", "assumptions")
    }
    bad_hosts = {"a", "b", "c", "d", "e", None}
    problems = {row["host"]: row for row in tables["coverage"] if row["host"] in bad_hosts}
    assert {name: (row["problem"], row["rejected_rows"], row["packages"]) for name, row in problems.items()} == {
        "a": ("it is not in the table of hosts", 1, 0),
        "b": ("no packages", 1, 0),
        "c": ("rows of it differ in the table of hosts", 1, 0),
        "d": ("no packages", 0, 0),
        "e": (None, 0, 1),
        None: ("rows without a host", 1, 0),
    }
    assert {row["class"] for row in tables["classes"] if row["host"] in bad_hosts - {"e"}} == {"rejected"}
    own = {name: [row for row in rows if row["host"] not in bad_hosts] for name, rows in tables.items()}
    with open_feed(tmp_path / "feed.db") as feed:
        expected = by_match(named, feed, MatchPolicy())
    assert rows_of(own) == expected
    assert any(row["pending_restart"] for row in own["findings"])
    verdicts = ("affected", "clean", "not-installed")
    without = {(row["host"], row["class"]) for row in tables["classes"] if row["class"] not in verdicts}
    assert {(row["host"], row["class"]) for row in found.no_verdict.collect()} == without


def test_the_recipe_of_the_guide(spark: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    page = (ROOT / "docs" / "guide" / "fleets.md").read_text(encoding="utf-8")
    (recipe,) = re.findall(r"(?s)```python\n(.*?)```", page)
    names: dict[str, Any] = {"store": str(tmp_path / "feed.db")}
    exec(recipe, names)
    assert {row.priority: row["count"] for row in names["by_priority"]} == {"High": 2737, "Medium": 2668, "Low": 79}
    (host,) = names["coverage"]
    assert (host.covered, host.packages, host.affected, host.clean) == (True, 590, 244, 345)
