"""The orders in DuckDB: functions for keys, comparisons and refusals, over columns of Arrow.

It needs DuckDB, pyarrow and numpy, which DuckDB's own functions in Python need.

>>> import duckdb
>>> db = duckdb.connect()
>>> register(db)
>>> db.execute("create table installed as select unnest(['1.10-1', '1.9-1', '1.10~rc1-1']) as version") is not None
True
>>> db.sql("select version from installed order by version_key('deb', version)").fetchall()
[('1.9-1',), ('1.10~rc1-1',), ('1.10-1',)]
>>> db.sql("select count(*) from installed where version_compare('deb', version, '1.10-1') < 0").fetchall()
[(2,)]
>>> db.close()
"""

from collections.abc import Callable
from functools import partial
from types import ModuleType
from typing import Any, Protocol

from vercmp._libraries import library
from vercmp.arrow import KeyColumn, sort_keys

__all__ = ["Connection", "register"]


class Connection(Protocol):
    """What is used of a ``duckdb.DuckDBPyConnection``."""

    @property
    def create_function(self) -> Callable[..., Any]: ...


def register(connection: Connection) -> None:
    """Give a database of DuckDB four functions.

    - ``version_key(scheme, version)`` is the sort key, as a blob.
    - ``try_version_key(scheme, version)`` is the same, and null where there is none.
    - ``version_compare(scheme, a, b)`` is -1, 0 or 1.
    - ``version_refusal(scheme, version)`` is why a version that is not null has no key. Null where it has one.

    *scheme* is a name as for :func:`vercmp.compare`, and may differ from row to row. The result is null where a version
    is null. ``version_key`` and ``version_compare`` end the statement with ``duckdb.InvalidInputException`` where a
    scheme refuses a version, or is unknown or null. DuckDB itself refuses versions that are numbers or blobs.

    Register once: all connections to the database have the functions then, until it is closed. DuckDB raises a
    ``duckdb.Error`` the second time.

    Raises :exc:`ImportError` where pyarrow is missing, and what DuckDB raises where numpy is.
    """
    pyarrow = library("pyarrow", "pyarrow", "duckdb", "vercmp.duckdb")
    library("pyarrow.compute", "pyarrow", "duckdb", "vercmp.duckdb", ("greater", "less", "if_else"))
    functions: tuple[tuple[str, int, str, Callable[..., Any]], ...] = (
        ("version_key", 2, "BLOB", _key),
        ("try_version_key", 2, "BLOB", _try_key),
        ("version_compare", 3, "INTEGER", _compare),
        ("version_refusal", 2, "VARCHAR", _refusal),
    )
    for name, count, result, call in functions:
        connection.create_function(
            name, partial(call, pyarrow), ["VARCHAR"] * count, result, type="arrow", null_handling="special"
        )


def _keys(scheme: Any, version: Any) -> KeyColumn:
    column = sort_keys(version, scheme=scheme)
    if column.refused:
        raise column.refused[0][1]
    return column


def _key(arrow: ModuleType, scheme: Any, version: Any) -> Any:
    return arrow.array(_keys(scheme, version))


def _try_key(arrow: ModuleType, scheme: Any, version: Any) -> Any:
    return arrow.array(sort_keys(version, scheme=scheme))


def _compare(arrow: ModuleType, scheme: Any, a: Any, b: Any) -> Any:
    x, y = _key(arrow, scheme, a), _key(arrow, scheme, b)
    above, below = (call(x, y).cast(arrow.int32()) for call in (arrow.compute.greater, arrow.compute.less))
    return arrow.compute.subtract(above, below)


def _refusal(arrow: ModuleType, scheme: Any, version: Any) -> Any:
    reasons = arrow.array(sort_keys(version, scheme=scheme).reasons)
    return arrow.compute.if_else(arrow.compute.is_valid(version).combine_chunks(), reasons, None)
