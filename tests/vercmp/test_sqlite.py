"""SQLite: collations and functions order as vercmp does, in indexes and generated columns. Nothing passes unseen."""

import itertools
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from places import EXAMPLE

import vercmp
from vercmp import InvalidVersion
from vercmp.sqlite import COLLATIONS, register
from vercmp.testing import nasty_versions
from vercmp.testing import versions as plain_versions
from vercmp.testing.orders import find

schemes = pytest.mark.parametrize("scheme", vercmp.SCHEMES)
COLLATION_OF = {scheme: collation for collation, scheme in COLLATIONS.items()}
REFUSED = {"rpm": "", "dpkg": "1 2", "apk": "1-1", "pep440": "1-x", "semver": "1.2", "gem": "1_0"}


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as connection:
        register(connection)
        yield connection


def facts(scheme: str) -> list[str]:
    """What real tools were asked about, real versions of distributions among them, in no order."""
    some = [version for group in find(scheme).facts(valid_only=False) for version in group]
    random.Random(30).shuffle(some)
    return some


def place(version: str, scheme: str) -> tuple[bool, bytes, str]:
    try:
        return True, vercmp.sort_key(version, scheme=scheme), ""
    except InvalidVersion:
        return False, b"", version


def column(rows: sqlite3.Cursor) -> list[object]:
    return [value for (value,) in rows]


def test_every_scheme_has_a_collation_and_two_have_the_names_of_osquery() -> None:
    assert sorted(COLLATION_OF) == sorted(vercmp.SCHEMES)
    assert (COLLATION_OF["rpm"], COLLATION_OF["dpkg"]) == ("version_rhel", "version_dpkg")


@schemes
def test_a_collation_sorts_as_keys_do(db: sqlite3.Connection, scheme: str) -> None:
    some = [*facts(scheme), REFUSED[scheme], "\0", "é "]
    db.execute("create table t (version text)")
    db.executemany("insert into t values (?)", [(version,) for version in some])
    expected = sorted(some, key=lambda version: place(version, scheme))
    collation = COLLATION_OF[scheme]
    assert column(db.execute(f"select version from t order by version collate {collation}, rowid")) == expected
    db.execute(f"create index by_version on t (version collate {collation})")
    assert column(db.execute(f"select version from t order by version collate {collation}, rowid")) == expected
    some_bound = facts(scheme)[0]
    query = f"select count(*) from t where version < ? collate {collation}"
    assert "by_version" in str(db.execute(f"explain query plan {query}", [some_bound]).fetchall())
    below = sum(place(version, scheme) < place(some_bound, scheme) for version in some)
    assert db.execute(query, [some_bound]).fetchone() == (below,)
    assert db.execute("pragma integrity_check").fetchone() == ("ok",)


@schemes
@given(data=st.data())
@settings(max_examples=examples(25), deadline=None)
def test_a_collation_is_an_order_of_all_texts(scheme: str, data: st.DataObject) -> None:
    texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
    some = data.draw(st.lists(plain_versions(scheme) | nasty_versions(scheme) | texts, min_size=2, max_size=4))
    some = [text for text in some if not any("\ud800" <= character <= "\udfff" for character in text)]
    with closing(sqlite3.connect(":memory:")) as db:
        register(db)
        for a, b in itertools.product(some, repeat=2):
            x, y = place(a, scheme), place(b, scheme)
            query = f"select ? < ? collate {COLLATION_OF[scheme]}, version_refusal(?, ?) is null"
            assert db.execute(query, (a, b, scheme, a)).fetchone() == (x < y, x[0]), (a, b)
            assert db.execute("select try_version_key(?, ?)", (scheme, a)).fetchone() == (x[1] if x[0] else None,)
            if x[0] and y[0]:
                row = db.execute("select version_compare(?, ?, ?)", (scheme, a, b)).fetchone()
                assert row == (vercmp.compare(a, b, scheme=scheme),)


@schemes
def test_keys_in_a_generated_column(db: sqlite3.Connection, scheme: str) -> None:
    db.execute(
        "create table t (version text not null,"
        f" key blob not null generated always as (version_key('{scheme}', version)) stored)"
    )
    db.execute("create index by_key on t (key)")
    some = facts(scheme)
    db.executemany("insert into t (version) values (?)", [(version,) for version in some])
    assert column(db.execute("select key from t order by rowid")) == vercmp.sort_keys(some, scheme=scheme)
    query = "select version from t where key < version_key(?, ?) order by key, rowid"
    assert "USING INDEX by_key" in str(db.execute(f"explain query plan {query}", (scheme, some[0])).fetchall())
    bound = vercmp.sort_key(some[0], scheme=scheme)
    expected = [version for version in vercmp.sorted_versions(some, scheme=scheme) if place(version, scheme)[1] < bound]
    assert column(db.execute(query, (scheme, some[0]))) == expected
    for bad in (REFUSED[scheme], "1\0", None, b"1"):
        with pytest.raises((sqlite3.OperationalError, sqlite3.IntegrityError)):
            db.execute("insert into t (version) values (?)", [bad])
    assert db.execute("select count(*) from t").fetchone() == (len(some),)


def test_the_example_host_in_an_index_of_an_expression(db: sqlite3.Connection) -> None:
    """Its packages against a bound each: the later versions of the same host."""

    def installed(file: str) -> list[tuple[str, str]]:
        rows = [line.split("\t") for line in (EXAMPLE / file).read_text("utf-8").splitlines() if line[:1] != "#"]
        return [
            (name, f"{epoch.replace('(none)', '0')}:{version}-{release}") for name, epoch, version, release, *_ in rows
        ]

    for table, file in (("host", "host.tsv"), ("later", "after.tsv")):
        db.execute(f"create table {table} (name text, version text)")
        db.executemany(f"insert into {table} values (?, ?)", installed(file))
    db.execute("create index by_key on host (name, version_key('rpm', version))")
    query = (
        "select host.name, host.version from later join host on host.name = later.name"
        " and version_key('rpm', host.version) < version_key('rpm', later.version) order by 1, 2"
    )
    assert "by_key (name=? AND <expr><?)" in str(db.execute(f"explain query plan {query}").fetchall())
    later = dict(installed("after.tsv"))
    expected = [
        (name, version)
        for name, version in sorted(installed("host.tsv"))
        if name in later and vercmp.rpm.compare(version, later[name]) < 0
    ]
    assert len(expected) == 5
    assert db.execute(query).fetchall() == expected


@pytest.mark.parametrize(
    "call",
    [
        "version_key('dpkg', '1 2')",
        "version_key('dpkg', '1' || char(0))",
        "version_key('dpkg', 1)",
        "version_key('dpkg', 1.10)",
        "version_key('dpkg', x'31')",
        "version_key('dpkg', cast(x'ff' as text))",
        "version_key('maven', '1')",
        "version_key('maven', null)",
        "version_key(null, '1')",
        "version_key(1, '1')",
        "version_compare('dpkg', '1 2', '1')",
        "version_compare('dpkg', '1', '1 2')",
        "version_compare('dpkg', '1', 1)",
        "version_compare('maven', null, null)",
        "try_version_key('dpkg', 1)",
        "try_version_key('dpkg', x'31')",
        "try_version_key('maven', '1')",
        "try_version_key(null, '1')",
        "version_refusal('dpkg', 1)",
        "version_refusal('dpkg', x'31')",
        "version_refusal('maven', '1')",
        "version_refusal(null, null)",
    ],
)
def test_what_ends_a_statement(db: sqlite3.Connection, call: str) -> None:
    with pytest.raises(sqlite3.OperationalError, match="user-defined function raised exception"):
        db.execute(f"select {call}")


def test_null_stays_null(db: sqlite3.Connection) -> None:
    row = db.execute(
        "select version_key('rpm', null), version_compare('rpm', null, '1'), version_compare('rpm', '1', null),"
        " version_compare('rpm', null, null), version_refusal('rpm', null), try_version_key('rpm', null)"
    ).fetchone()
    assert row == (None,) * 6


def test_refusals_have_the_words_of_vercmp(db: sqlite3.Connection) -> None:
    for scheme, version in REFUSED.items():
        with pytest.raises(InvalidVersion) as caught:
            vercmp.validate(version, scheme=scheme)
        row = db.execute("select version_refusal(?, ?)", (scheme, version)).fetchone()
        assert row == (caught.value.reason,)
    assert db.execute("select version_refusal('deb', '1.0_1'), version_refusal('Alpine', '1.0')").fetchone() == (
        None,
        None,
    )


def test_who_has_not_registered_reads_keys_and_is_refused_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "installed.db"
    with closing(sqlite3.connect(path)) as db:
        register(db)
        db.execute("create table t (version text collate version_rhel, key as (version_key('rpm', version)) stored)")
        db.execute("insert into t (version) values ('1.10-1'), ('1.9-1')")
        db.commit()
    with closing(sqlite3.connect(path)) as db:
        key = vercmp.rpm.sort_key("1.10-1")
        assert column(db.execute("select version from t where key < ?", [key])) == ["1.9-1"]
        for statement in ("select 1 from t where version < '2'", "insert into t (version) values ('2')"):
            with pytest.raises(sqlite3.OperationalError, match=r"no such collation|unknown function"):
                db.execute(statement)
