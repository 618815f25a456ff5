"""DuckDB: functions over columns give the keys of vercmp, and its reasons. Nothing passes unseen."""

from collections.abc import Iterator
from typing import Any

import pytest
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import module
from real_versions import real_versions

import vercmp
from vercmp import InvalidVersion, UnknownScheme
from vercmp.testing import nasty_versions
from vercmp.testing import versions as plain_versions

schemes = pytest.mark.parametrize("scheme", vercmp.SCHEMES)


@pytest.fixture(scope="module")
def db() -> Iterator[Any]:
    module("numpy")
    from vercmp.duckdb import register

    connection = module("duckdb").connect()
    register(connection)
    yield connection
    connection.close()


def rows_of(db: Any, rows: list[tuple[str | None, str | None]]) -> list[tuple[bytes | None, str | None]]:
    db.execute("create or replace table t (place integer, scheme varchar, version varchar)")
    if rows:
        db.executemany("insert into t values (?, ?, ?)", [(place, *row) for place, row in enumerate(rows)])
    query = "select try_version_key(scheme, version), version_refusal(scheme, version) from t order by place"
    return db.execute(query).fetchall()  # type: ignore[no-any-return]


@given(data=st.data())
@settings(max_examples=examples(40), deadline=None)
def test_keys_and_reasons(db: Any, data: st.DataObject) -> None:
    """Of a scheme for each row."""
    rows: list[tuple[str | None, str | None]] = []
    for scheme in data.draw(st.lists(st.sampled_from([*vercmp.SCHEMES, "deb", "Alpine", "maven", None]), max_size=8)):
        known = scheme if scheme in vercmp.SCHEMES else "dpkg"
        some = plain_versions(known) | nasty_versions(known) | st.sampled_from(["", "1 2", "\0", "é"]) | st.none()
        version = data.draw(some)
        if version is None or not any("\ud800" <= character <= "\udfff" for character in version):
            rows.append((scheme, version))
    for (scheme, version), (key, reason) in zip(rows, rows_of(db, rows), strict=True):
        assert (key, reason_of(reason)) == (expected(version, scheme) if version is not None else (None, None))


def expected(version: str, scheme: str | None) -> tuple[bytes | None, str | None]:
    try:
        return vercmp.sort_key(version, scheme=scheme or ""), None
    except InvalidVersion as error:
        return None, error.reason
    except UnknownScheme:
        return None, "unknown version scheme"


def reason_of(text: str | None) -> str | None:
    """Without what is said of a scheme beyond that."""
    known = "unknown version scheme"
    return known if text is not None and text.startswith(known) else text


@pytest.mark.parametrize(
    "call",
    [
        "version_key('dpkg', '1 2')",
        "version_key('dpkg', '1' || chr(0))",
        "version_key('maven', '1')",
        "version_key(null, '1')",
        "version_compare('dpkg', '1 2', '1')",
        "version_compare('dpkg', '1', '1 2')",
        "version_key('dpkg', 1)",
        "version_key('dpkg', 1.10)",
        "version_key('dpkg', '1'::blob)",
        "version_compare('dpkg', '1', 1)",
        "version_refusal('dpkg', 1)",
    ],
)
def test_what_ends_a_statement(db: Any, call: str) -> None:
    with pytest.raises(module("duckdb").Error):
        db.execute(f"select {call}").fetchall()


def test_an_error_has_the_version_and_the_reason(db: Any) -> None:
    with pytest.raises(module("duckdb").InvalidInputException, match="'1 2': version string has embedded spaces"):
        db.execute("select version_key('deb', '1 2')").fetchall()


def test_null_stays_null(db: Any) -> None:
    row = db.execute(
        "select version_key('rpm', null), try_version_key('rpm', null), version_compare('rpm', null, '1'),"
        " version_compare('rpm', '1', null), version_refusal('rpm', null)"
    ).fetchone()
    assert row == (None,) * 5


@schemes
def test_versions_are_in_the_order_of_keys(db: Any, scheme: str) -> None:
    """Of many batches, by the key and by the comparison of neighbours."""
    some = real_versions(scheme)[:6000]
    db.execute("create or replace table t (place integer, version varchar)")
    db.execute("insert into t select unnest(range(?)), unnest(?::varchar[])", [len(some), some])
    query = f"select version from t order by version_key('{scheme}', version), place"
    ordered = [version for (version,) in db.execute(query).fetchall()]
    assert ordered == vercmp.sorted_versions(some, scheme=scheme)
    query = (
        f"select version_compare('{scheme}', version, lead(version, 1, version) over (order by place))"
        " from t order by place"
    )
    others = [*some[1:], some[-1]]
    assert [sign for (sign,) in db.execute(query).fetchall()] == vercmp.compare_many(some, others, scheme=scheme)


def test_other_connections_have_the_functions(db: Any) -> None:
    other = db.cursor()
    assert other.execute("select version_compare('rpm', '1.10', '1.9')").fetchone() == (1,)
    from vercmp.duckdb import register

    with pytest.raises(module("duckdb").Error):
        register(other)
