"""Fleets in DuckDB have the findings, classes and coverage of ``match``, row by row."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import oracles
import pytest
from advisories_reference import ALMA9, advisory, affected, host, rpm
from advisories_strategies import FAMILIES, Kinds
from attrs import evolve
from examples import examples
from fleets import by_match, rows_of
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from places import GOLDEN

from advisories import Feed, MatchPolicy
from advisories.distros.mistaken_versions import odd_of, why_mistaken_of
from advisories.matching.match import DEFAULT_POLICY
from advisories.matching.rules import contradicts_release
from advisories.models import Advisory, Distribution, Inventory, Names, Package
from advisories.models.findings import ReleaseMark
from advisories.models.packages import NOT_EMPTY
from advisories.readers import inventories
from advisories.store import read_feed

duckdb = oracles.module("duckdb")
pa = oracles.module("pyarrow")

from advisories.engines.columns import HOST_COLUMNS, hosts_table, packages_table, schema_of  # noqa: E402
from advisories.engines.duckdb import Fleet  # noqa: E402
from advisories.engines.judging import doubts_of_list  # noqa: E402

FOLDERS = sorted(path.parent for path in GOLDEN.glob("match/*/expected.json"))
TABLES = ("findings", "classes", "coverage", "assumptions")
Named = Sequence[tuple[str, Inventory]]


@pytest.fixture
def db() -> Iterator[Any]:
    with duckdb.connect(config={"threads": 1}) as connection:
        yield connection


def given_to(db: Any, named: Named, packages: str = "packages", hosts: str = "hosts") -> None:
    db.register(packages, packages_table(named))
    db.register(hosts, hosts_table(named))


def rows(db: Any) -> dict[str, list[dict[str, Any]]]:
    db.execute("set timezone = 'UTC'")
    return {table: db.sql(f"select * from fleet.{table}").to_arrow_table().to_pylist() for table in TABLES}


def judged(db: Any, named: Named, feed: Feed, policy: MatchPolicy = DEFAULT_POLICY) -> Fleet:
    given_to(db, named)
    fleet = Fleet(db, feed, policy)
    fleet.judge()
    assert rows_of(rows(db)) == by_match(named, feed, policy)
    return fleet


@pytest.mark.slow
@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_golden_cases(db: Any, folder: Path) -> None:
    options = iter(json.loads((folder / "expected.json").read_text())["arguments"])
    chosen = dict(zip(options, options, strict=False))
    inventory = inventories.read(folder / "inventory.txt")
    if "--distro" in chosen:
        inventory = evolve(inventory, distribution=Distribution.parse(chosen["--distro"]))
    feed = read_feed(*sorted(folder.glob("feed*")))
    kernels = [None, "5.14.0-70.el9.x86_64", inventory.running_kernel]
    named = [(f"host {number}", evolve(inventory, running_kernel=one)) for number, one in enumerate(kernels)]
    judged(db, named, feed)


# Each example takes a tenth of a second: a failure is shown as it was found.
UNSHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)
thorough = settings(max_examples=examples(25), deadline=None, suppress_health_check=list(HealthCheck), phases=UNSHRUNK)


@pytest.mark.slow
@thorough
@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
@given(data=st.data())
def test_the_law(family: Kinds, data: st.DataObject) -> None:
    lists = data.draw(st.lists(family.inventories(), max_size=4))
    lists = [evolve(one, running_kernel=data.draw(st.sampled_from([None, "1.0-2.el9_0.x86_64"]))) for one in lists]
    named = [(f"host {number}", one) for number, one in enumerate(lists)]
    before, after = (Feed([*data.draw(family.advisories()), family.covered]) for _ in range(2))
    with duckdb.connect(config={"threads": 1}) as db:
        fleet = judged(db, named, before)
        # What changes on a host, and what changes in the feed.
        if named:
            changed = [(named[0][0], data.draw(family.inventories()))]
            given_to(db, changed, "changed", "changed_hosts")
            fleet.update("changed", "changed_hosts")
            named = [*changed, *named[1:]]
            assert rows_of(rows(db)) == by_match(named, before, MatchPolicy())
        fleet.switch(after)
        assert rows_of(rows(db)) == by_match(named, after, MatchPolicy())
        assert fleet.switch(after) <= fleet.switch(before)
        assert rows_of(rows(db)) == by_match(named, before, MatchPolicy())


FEED = Feed([advisory("ALSA-1", affected("bash", "5.2-1.el9"), cves=("CVE-2024-1111",))])
BASH = {"host": "a", "type": "rpm", "name": "bash", "version": "5.1-1.el9"}


def of_rows(db: Any, *packages: dict[str, Any], hosts: Sequence[dict[str, Any]] | None = None) -> None:
    """A fleet of tables that somebody else made."""
    names = sorted({name for row in packages for name in row} | {"host", "type", "name", "version"})
    given = pa.Table.from_pylist([{name: row.get(name) for name in names} for row in packages])
    db.register("packages", given)
    known = [{"host": "a", "distribution": "almalinux", "release": "9"}] if hosts is None else hosts
    db.register("hosts", pa.Table.from_pylist(list(known)))
    Fleet(db, FEED).judge()


def coverage_of(db: Any, name: str | None = "a") -> dict[str, Any]:
    (found,) = [row for row in rows(db)["coverage"] if row["host"] == name]
    return {key: cell for key, cell in found.items() if cell}


def test_columns_that_are_not_there_are_not_known(db: Any) -> None:
    of_rows(db, BASH)
    (found,) = rows(db)["findings"]
    assert found["vulnerability"] == "CVE-2024-1111"
    assert sorted(found["assumptions"]) == ["epoch-unknown", "module-unknown"]


def test_empty_cells_are_not_known(db: Any) -> None:
    """Tables that came through CSV have them for nothing."""
    whole = {**BASH, "module_known": True, "epoch_known": True}
    feed = Feed([advisory("ALSA-1", affected("bash", "5.2-1.el9", arches=("x86_64",)), cves=("CVE-2024-1111",))])
    for cell in ("", None):
        of_rows(db, {**whole, "arch": cell, "source_name": cell, "source_version": cell})
        Fleet(db, feed).judge()
        (found,) = rows(db)["findings"]
        assert found["assumptions"] == ["arch-unknown"]


SAME_CELLS: Sequence[tuple[str, Sequence[Any]]] = (
    *((name, ("", None)) for name in NOT_EMPTY),
    *((name, (None, [])) for name in ("module_streams", "locations", "doubts")),
    *((name, (None, False)) for name in ("epoch_known", "source_epoch_known")),
    ("state", (None, "installed")),
)


@pytest.mark.parametrize(("name", "cells"), SAME_CELLS, ids=str)
def test_a_package_is_one_however_its_row_was_made(db: Any, name: str, cells: Sequence[Any]) -> None:
    of_rows(db, *({**BASH, name: cell} for cell in cells))
    assert len(rows(db)["findings"]) == 1
    (coverage,) = rows(db)["coverage"]
    assert (coverage["packages"], coverage["affected"], coverage["problem"]) == (1, 1, None)


@pytest.mark.parametrize(("name", "cells"), [("running_kernel", ("", None)), ("channels", (None, []))], ids=str)
def test_a_host_is_one_however_its_row_was_made(db: Any, name: str, cells: Sequence[Any]) -> None:
    of_rows(db, BASH)
    (plain,) = db.sql("select * from hosts").to_arrow_table().to_pylist()
    given = [{**plain, name: cell} for cell in cells]
    db.register("hosts", pa.Table.from_pylist(given, schema_of(HOST_COLUMNS)))
    Fleet(db, FEED).judge()
    (coverage,) = rows(db)["coverage"]
    assert (coverage["covered"], coverage["affected"], coverage["problem"]) == (True, 1, None)


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"name": None}, "no name"),
        ({"name": ""}, "no name"),
        ({"version": None}, "no version"),
        ({"type": None}, "no type"),
        ({"type": "rpms"}, "unknown type 'rpms'"),
        ({"state": "broken"}, "'broken' is not a valid State"),
        ({"doubts": ["nonsense"]}, "unknown assumption 'nonsense'"),
        ({"module_known": False, "module_streams": ["a:1"]}, "a module stream, and it is not known"),
        ({"locations": [None]}, "a null in a list"),
    ],
    ids=str,
)
def test_a_row_that_is_no_package_is_rejected_and_never_clean(db: Any, changed: dict[str, Any], problem: str) -> None:
    of_rows(
        db, {**BASH, **changed}, {**BASH, "name": "zsh", "module_known": True, "epoch_known": True, "arch": "x86_64"}
    )
    found = db.sql("select class, problem from fleet.no_verdict where class = 'rejected'").fetchall()
    assert found == [("rejected", problem)]
    assert coverage_of(db)["rejected_rows"] == 1
    assert coverage_of(db)["packages"] == 1


@pytest.mark.parametrize("column", ["1.10", "1", "1.10::double", "1::ubigint"])
def test_a_version_that_is_a_number_is_refused(db: Any, column: str) -> None:
    """1.10 is 1.1 before anybody looks, and an earlier or later version would be judged."""
    judged(db, [("a", host(Package("rpm", "bash", "5.1-1", "x86_64")))], FEED)
    db.execute(f"create table numbers as select 'a' as host, 'rpm' as type, 'bash' as name, {column} as version")
    with pytest.raises(
        TypeError, match=r"^numbers: the column version is .*must be text, because the number 1\.10 is 1\.1$"
    ):
        Fleet(db, FEED).judge("numbers", "hosts")
    db.execute("create table releases as select 'a' as host, 'almalinux' as distribution, 9.10::double as release")
    with pytest.raises(TypeError, match=r"^releases: the column release is DOUBLE\. "):
        Fleet(db, FEED).judge("packages", "releases")


def test_whole_releases_and_columns_of_nulls_may_have_any_type(db: Any) -> None:
    db.execute(
        "create table odd as "
        "select 'a' as host, 'rpm' as type, 'bash' as name, '5.1-1' as version, null as source_version"
    )
    db.execute("create table whole as select 'a' as host, 'almalinux' as distribution, 9 as release")
    Fleet(db, FEED).judge("odd", "whole")
    assert coverage_of(db)["covered"]


@pytest.mark.parametrize("version", ["", "1\0.2-1", "5.1-1.el9\0", "latest", "NOASSERTION"])
def test_an_invalid_version_is_undecidable_where_a_record_names_it(db: Any, version: str) -> None:
    package = Package("rpm", "bash", version, "x86_64")
    other = Package("rpm", "no\0name", "1-1", "x86_64")
    judged(db, [("a", host(package, other))], FEED)
    assert [row["status"] for row in rows(db)["findings"]] == ["undecidable"]
    keys = db.sql("select name, key is null, reason is not null from packages order by name").fetchall()
    assert keys == [("bash", True, True), ("no\0name", False, False)]


def test_a_text_that_is_not_unicode_is_rejected(db: Any) -> None:
    given_to(db, [("a", host(Package("rpm", "ba\udce9sh", "1-1", "x86_64")))])
    Fleet(db, FEED).judge()
    ((shown, problem),) = db.sql("select name, problem from fleet.no_verdict").fetchall()
    assert (shown, problem) == ("\0not Unicode: ba\\udce9sh", "a text that is not Unicode")


def test_rows_and_hosts_without_a_name_are_counted(db: Any) -> None:
    hosts = [
        {"host": "a", "distribution": "almalinux", "release": "9"},
        {"host": None, "distribution": "x", "release": "1"},
    ]
    of_rows(db, BASH, {**BASH, "host": None}, {**BASH, "host": None}, hosts=hosts)
    assert coverage_of(db, None) == {"rejected_rows": 3, "problem": "rows without a host"}


def test_a_host_without_packages_is_in_the_coverage(db: Any) -> None:
    of_rows(
        db, {**BASH, "host": "b"}, hosts=[{"host": one, "distribution": "almalinux", "release": "9"} for one in "ab"]
    )
    assert coverage_of(db)["problem"] == "no packages"
    assert "clean" not in coverage_of(db)


@pytest.mark.parametrize(
    ("hosts", "problem"),
    [
        ([{"host": "b", "distribution": "almalinux", "release": "9"}], "it is not in the table of hosts"),
        (
            [{"host": "a", "distribution": "almalinux", "release": one} for one in "89"],
            "rows of it differ in the table of hosts",
        ),
        ([{"host": "a", "distribution": "fedora", "release": "40"}], None),
        ([{"host": "a", "distribution": None, "release": None}], None),
    ],
    ids=["unknown", "twice", "no feed", "no release"],
)
def test_a_host_of_which_the_release_is_not_known_is_not_covered(
    db: Any, hosts: list[dict[str, Any]], problem: str | None
) -> None:
    of_rows(db, BASH, hosts=hosts)
    found = coverage_of(db)
    assert found.get("problem") == problem
    assert (found.get("covered"), found["not_covered"]) == (None, 1)
    assert db.sql("select host, class from fleet.no_verdict").fetchall() == [("a", "not-covered")]


def test_the_same_rows_twice_count_once(db: Any) -> None:
    hosts = [{"host": "a", "distribution": "almalinux", "release": "9"}] * 2
    of_rows(db, BASH, BASH, hosts=hosts)
    assert coverage_of(db)["packages"] == 1
    assert len(rows(db)["findings"]) == 1


def test_schemes_may_be_mixed(db: Any) -> None:
    pip = Package("pypi", "bash", "1.0", source_name=None)
    maven = Package("maven", "a:b", "1.0")
    judged(db, [("a", host(rpm("bash", "5.1-1.el9"), pip, maven, rpm("bash", "5.3-1.el9")))], FEED)
    ours = db.sql("select type, key is null, reason is null from packages order by all").fetchall()
    assert ours == [("maven", True, False), ("pypi", False, True), ("rpm", False, True), ("rpm", False, True)]


@pytest.mark.parametrize("kernel", [None, "5.14.0-1.el9.x86_64"])
def test_a_list_of_another_distribution_and_a_third_partys_repository(db: Any, kernel: str | None) -> None:
    foreign = [rpm(f"foreign-{number}", "1-1") for number in range(12)]
    kernels = [rpm("kernel-core", f"5.14.0-{number}.el9") for number in (1, 2)]
    named = [
        ("foreign", host(*foreign, kernel=kernel)),
        ("foreign with a repository", host(*foreign, rpm("epel-release", "9-7.el9"), kernel=kernel)),
        ("with a repository", host(rpm("epel-release", "9-7.el9"), rpm("bash", "5.3-1.el9"), *kernels, kernel=kernel)),
        ("with vendors", host(rpm("epel-release", "9-7.el9", vendor="Fedora Project"), rpm("bash", "5.3-1.el9"))),
        ("too few", host(*foreign[:9])),
        ("nothing", host()),
        ("no release", host(*foreign, distribution=None)),
        ("debs", host(Package("deb", "bash", "5.2-1"))),
    ]
    kernel_fix = advisory("ALSA-2", affected("kernel-core", "5.14.0-2.el9"), cves=("CVE-2024-2222",))
    fleet = judged(db, named, Feed([*FEED, kernel_fix]))
    assert {row["assumption"] for row in rows(db)["assumptions"]} >= {"names-unknown", "vendor-unknown"}
    assert any(row["pending_restart"] for row in rows(db)["findings"]) is (kernel is not None)
    # Everything is known already.
    judging = fleet._judge
    fleet._judge = None  # type: ignore[assignment]
    fleet._settle()
    fleet._judge = judging
    assert rows_of(rows(db)) == by_match(named, Feed([*FEED, kernel_fix]), MatchPolicy())


def test_a_list_of_another_release(db: Any) -> None:
    """``release-contradicted``, alone and beside the other doubts, and lists that have just enough to be right."""
    old = [rpm(f"old-{number}", f"1-{number}.el8") for number in range(30)]
    own = [rpm(f"own-{number}", f"1-{number}.el9") for number in range(3)]
    known = rpm("bash", "5.3-1.el8")
    leap = Distribution("opensuse-leap", "15.6")
    named = [
        ("of 8", host(*old, known)),
        ("of 8 with a finding", host(*old, rpm("bash", "5.0-1.el8"))),
        ("of 8, that no record names", host(*old)),
        ("of 8 with a repository", host(*old, rpm("epel-release", "8-7.el8"))),
        ("with enough of 9", host(*old, *own, known, rpm("own-3", "1-1.el9"))),
        ("with too few of 9", host(*old, *own, known)),
        ("nine names", host(*old[:8], rpm("old-0", "2-1.el8"), known)),
        ("a kernel", host(*old, known, rpm("kernel-core", "5.14.0-1.el9"), kernel="5.14.0-1.el9.x86_64")),
        ("SUSE", host(rpm("openSUSE-release", "15.3-1"), *[rpm(f"x{n}", "1-1") for n in range(3)], distribution=leap)),
        ("SUSE's own", host(rpm("openSUSE-release", "15.6-1"), rpm("x", "1-lp153.1"), distribution=leap)),
    ]
    leap_fix = advisory("SUSE-1", affected("x", "0-1", distribution=leap))
    feed = Feed([*FEED, leap_fix])
    fleet = judged(db, named, feed)
    doubted = {row["host"] for row in rows(db)["assumptions"] if row["assumption"] == "release-contradicted"}
    assert doubted == {one for one, _ in named} - {"with enough of 9", "nine names", "SUSE's own"}
    assert "clean" not in {row["class"] for row in rows(db)["classes"] if row["host"] in doubted}
    # Whoever got another list is judged by that.
    anew = [("of 8", host(*own, known)), ("nine names", host(*old, known))]
    given_to(db, anew, "changed", "their_hosts")
    fleet.update("changed", "their_hosts")
    named = [*anew, *[one for one in named if one[0] not in dict(anew)]]
    assert rows_of(rows(db)) == by_match(named, feed, MatchPolicy())


def test_names_in_other_case_come_and_go_with_the_feed(db: Any) -> None:
    """``name-case`` rests on names that nothing looks up: a change of the feed brings and takes them."""
    named = [
        ("lower", host(rpm("networkmanager", "1-1"), rpm("bash", "5.3-1.el9"))),
        ("as it is", host(rpm("NetworkManager", "9-1"), rpm("bash", "5.3-1.el9"))),
        ("source", host(rpm("lib", "1-1", source_name="networkmanager", source_version="1-1"))),
        ("other source", host(rpm("networkmanager", "1-1", source_name="other", source_version="1-1"))),
    ]

    def of(name: str, names: Names = Names.BINARY) -> Advisory:
        entry: Advisory = advisory(f"ALSA-{name}", affected(name, "2-1", names=names), cves=("CVE-2024-3333",))
        return entry

    capital, small = of("NetworkManager"), of("networkmanager")
    fleet = judged(db, named, FEED)
    for more, doubted in [
        ([capital], {"lower", "source", "other source"}),
        ([small], {"as it is"}),
        ([capital, small], set()),
        ([capital, of("networkmanager", Names.SOURCE)], set()),
        ([capital], {"lower", "source", "other source"}),
        ([], set()),
    ]:
        fleet.switch(Feed([*FEED, *more]))
        assert {row["host"] for row in rows(db)["assumptions"] if row["assumption"] == "name-case"} == doubted
        assert rows_of(rows(db)) == by_match(named, fleet.feed, MatchPolicy())


COUNTS = st.integers(0, 12)


@given(st.lists(st.tuples(st.sampled_from([*ReleaseMark, None]), COUNTS), max_size=25), st.booleans())
def test_the_rule_in_sql_is_the_rule(packages: list[tuple[ReleaseMark | None, int]], many: bool) -> None:
    """Of any marks under any names."""
    times = 7 if many else 1
    marks = Counter([mark for mark, _ in packages] * times)
    others = {name for mark, name in packages if mark is ReleaseMark.OTHER_TAG}
    rows = [(f"n{name}", None if mark is None else mark.value) for mark, name in packages] * times
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("create table list (name varchar, mark varchar)")
        if rows:
            connection.executemany("insert into list values (?, ?)", rows)
        nothing = "null as odd, null as odd_number, true as is_system"
        judged = f"select *, false as is_free, '' as class, false as is_named, {nothing} from list"
        (found,) = connection.execute(f"select {doubts_of_list('name')} from ({judged})").fetchall()
    assert found[1] is contradicts_release(
        marks[ReleaseMark.OWN_TAG],
        marks[ReleaseMark.OTHER_TAG],
        len(others),
        marks[ReleaseMark.OWN_RELEASE] > 0,
        marks[ReleaseMark.OTHER_RELEASE] > 0,
    )


def test_lists_with_something_else_in_the_place_of_versions(db: Any) -> None:
    """``versions-mistaken``, alone and beside the other doubts, and lists that have just enough to be right."""
    sizes = [rpm(f"x{number}", str(99_990 + number)) for number in range(12)]
    dates = [rpm(f"x{number}", f"2024-01-{10 + number}") for number in range(12)]
    changed = [rpm(f"x{number}", f"{number}.el9-1") for number in range(3)]
    bash = rpm("bash", "99999999")
    named = [
        ("sizes", host(*sizes, bash)),
        ("dates", host(*dates, bash)),
        ("releases", host(*changed, rpm("bash", "4.el9-99"))),
        ("that no record names", host(*sizes)),
        ("with a repository", host(*sizes, rpm("epel-release", "100000"))),
        ("few", host(*sizes[:9], bash, *[rpm(f"y{number}", "1.2-1.el9") for number in range(9)])),
        ("a size with its release", host(*[rpm(f"x{n}", f"{10_000_000 + n}-1.el9") for n in range(12)])),
        ("half", host(*changed, *[rpm(f"y{number}", "1-1.el9") for number in range(3)])),
        ("a kernel", host(*sizes, rpm("kernel-core", "100000"), kernel="5.14.0-1.el9.x86_64")),
    ]
    fleet = judged(db, named, FEED)
    doubted = {row["host"] for row in rows(db)["assumptions"] if row["assumption"] == "versions-mistaken"}
    assert doubted == {one for one, _ in named} - {"few", "half"}
    assert "clean" not in {row["class"] for row in rows(db)["classes"] if row["host"] in doubted}
    # Whoever got a right list is judged by that.
    anew = [("sizes", host(rpm("bash", "9-1.el9"))), ("few", host(*sizes))]
    given_to(db, anew, "changed", "their_hosts")
    fleet.update("changed", "their_hosts")
    named = [*anew, *[one for one in named if one[0] not in dict(anew)]]
    assert rows_of(rows(db)) == by_match(named, fleet.feed, MatchPolicy())


ODD_VERSIONS = st.sampled_from(["1.el9-2", "2-1.el9", "2024-01-02", "12345", "1234567890-1", "7", "7-1", "1:99999"])


@given(st.lists(st.tuples(ODD_VERSIONS, st.integers(0, 14)), max_size=40))
def test_what_is_mistaken_in_sql_is_what_is(packages: list[tuple[str, int]]) -> None:
    listed = [rpm(f"n{name}", version) for version, name in packages]
    odd = {package: found for package in listed if (found := odd_of(package)) is not None}
    rows = [(one.name, odd[one].kind.value, odd[one].number or None) if one in odd else (one.name, None, None)
            for one in dict.fromkeys(listed)]  # fmt: skip
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("create table list (name varchar, odd varchar, odd_number varchar)")
        if rows:
            connection.executemany("insert into list values (?, ?, ?)", rows)
        others = "'' as mark, false as is_free, '' as class, false as is_named, true as is_system"
        (found,) = connection.execute(f"select {doubts_of_list('name')} from (select *, {others} from list)").fetchall()
    assert found[2] is (why_mistaken_of(dict.fromkeys(listed), odd) is not None)


def test_only_what_a_change_concerns_is_judged_anew(db: Any) -> None:
    named = [(f"host {number}", host(rpm("bash", "5.1-1.el9"), rpm("zsh", f"{number}-1"))) for number in range(50)]
    fleet = judged(db, named, FEED)
    zsh: Advisory = advisory("ALSA-3", affected("zsh", "30-1"), cves=("CVE-2024-3333",))
    assert fleet.switch(Feed([*FEED, zsh])) == 50
    assert rows_of(rows(db)) == by_match(named, fleet.feed, MatchPolicy())
    assert fleet.switch(FEED) == 50
    newer = Feed([advisory("ALSA-1", affected("bash", "5.3-1.el9"), cves=("CVE-2024-1111",))])
    assert fleet.switch(newer) == 1
    assert fleet.switch(newer) == 0
    assert rows_of(rows(db)) == by_match(named, newer, MatchPolicy())


def test_a_policy(db: Any) -> None:
    named = [("a", host(rpm("bash", "5.1-1.el9"), distribution=Distribution("rocky", "9")))]
    judged(db, named, FEED, MatchPolicy(judge_as=ALMA9))
    assert [row["host"] for row in rows(db)["findings"]] == ["a"]


def test_batches_are_cut_by_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """No column of a batch has 2 GiB of text, whatever the number of rows."""
    from advisories.engines import columns

    monkeypatch.setattr(columns, "_BYTES", 100)
    named = [("a", host(*[rpm("x" * 40, f"{number}-1") for number in range(10)]))]
    batches = list(columns.package_batches(named))
    assert [batch.num_rows for batch in batches] == [2] * 5
    assert packages_table(named).num_rows == 10
    assert packages_table([]).column_names == batches[0].schema.names


def test_a_failure_leaves_the_fleet_as_it_was(db: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hosts of which half is judged would look better than they are."""
    named = [("a", host(rpm("bash", "5.1-1.el9")))]
    fleet = judged(db, named, FEED)
    given_to(db, [("a", host(rpm("bash", "5.0-1.el9"))), ("b", host())], "changed", "changed_hosts")

    def broken(*_: object) -> None:
        raise OSError("the disk is gone")

    with monkeypatch.context() as patch:
        patch.setattr("advisories.engines.judging.matcher_for", broken)
        for change in (lambda: fleet.update("changed", "changed_hosts"), lambda: fleet.switch(Feed([]))):
            with pytest.raises(OSError, match="the disk is gone"):
                change()
    with pytest.raises(duckdb.Error):
        fleet.judge("no_such_table", "hosts")
    assert fleet.feed is FEED
    assert rows_of(rows(db)) == by_match(named, FEED, MatchPolicy())


def test_a_schema_of_others_is_left_alone(db: Any) -> None:
    db.execute("create schema mine; create table mine.invoices as select 1 as number")
    with pytest.raises(ValueError, match="the schema mine has tables that are no fleet's: invoices"):
        Fleet(db, FEED, schema="mine")
    assert db.sql("select * from mine.invoices").fetchall() == [(1,)]
    given_to(db, [("a", host(rpm("bash", "5.1-1.el9")))])
    for _ in range(2):
        Fleet(db, FEED, schema='a "fleet"').judge()
    assert db.sql('select count(*) from "a ""fleet""".findings').fetchall() == [(1,)]
