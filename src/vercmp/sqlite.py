"""The orders in SQLite: collations, and functions for keys, comparisons and refusals.

>>> import sqlite3
>>> db = sqlite3.connect(":memory:")
>>> register(db)
>>> _ = db.execute("create table installed (version text)")
>>> _ = db.executemany("insert into installed values (?)", [("1.10-1",), ("1.9-1",), ("1.10~rc1-1",)])
>>> [version for (version,) in db.execute("select version from installed order by version collate version_dpkg")]
['1.9-1', '1.10~rc1-1', '1.10-1']
>>> db.execute("select count(*) from installed where version_compare('deb', version, '1.10-1') < 0").fetchone()
(2,)
>>> db.close()

An exception does not leave a collation: SQLite has no place for it, and what Python does with it differs from statement
to statement. So a collation orders every text. What its scheme refuses stands below all versions, in the order of its
characters. A function raises, and ends the statement.
"""

import sqlite3
from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Final

from vercmp.errors import InvalidVersion
from vercmp.schemes import SCHEMES, Scheme, scheme_named

__all__ = ["COLLATIONS", "register"]

#: The scheme of each collation. ``version_rhel`` and ``version_dpkg`` are the names that osquery has for its own.
COLLATIONS: Final[Mapping[str, str]] = MappingProxyType(
    {f"version_{'rhel' if name == 'rpm' else name}": name for name in SCHEMES}
)


def register(connection: sqlite3.Connection) -> None:
    """Give a connection the collations of :data:`COLLATIONS` and four functions.

    - ``version_key(scheme, version)`` is the sort key, as a blob.
    - ``try_version_key(scheme, version)`` is the same, and null where the scheme refuses the version.
    - ``version_compare(scheme, a, b)`` is -1, 0 or 1.
    - ``version_refusal(scheme, version)`` is why the scheme refuses the version, null where it does not.

    *scheme* is a name as for :func:`vercmp.compare`. The result is null where a version is null. The functions are
    deterministic, so indexes and generated columns may use them.

    A statement ends with :exc:`sqlite3.OperationalError` where a scheme is unknown, where a version is a number or a
    blob, and in ``version_key`` and ``version_compare`` where the scheme refuses a version. A collation ends none:
    texts that its scheme refuses are below all versions.

    Raises :exc:`sqlite3.ProgrammingError` where the connection is closed, or belongs to another thread, and
    :exc:`ImportError` where a scheme's library is missing.
    """
    for collation, name in COLLATIONS.items():
        scheme = SCHEMES[name]
        scheme.validate("1.0.0")  # no import may fail in a collation
        connection.create_collation(collation, partial(_collate, scheme))
    functions: tuple[tuple[str, int, Callable[..., bytes | int | str | None]], ...] = (
        ("version_key", 2, _key),
        ("try_version_key", 2, _try_key),
        ("version_compare", 3, _compare),
        ("version_refusal", 2, _refusal),
    )
    for function, arguments, call in functions:
        connection.create_function(function, arguments, call, deterministic=True)


def _collate(scheme: Scheme, a: str, b: str) -> int:
    try:
        return scheme.compare(a, b)
    except InvalidVersion:
        x, y = _place(scheme, a), _place(scheme, b)
        return (x > y) - (x < y)


def _place(scheme: Scheme, text: str) -> tuple[bool, str]:
    """Of one of two texts of which one is refused at least."""
    try:
        scheme.validate(text)
    except InvalidVersion:
        return False, text
    return True, ""


def _key(name: str, version: str | None) -> bytes | None:
    scheme = SCHEMES[scheme_named(name)]
    return None if version is None else scheme.sort_key(version)


def _try_key(name: str, version: str | None) -> bytes | None:
    try:
        return _key(name, version)
    except InvalidVersion:
        return None


def _compare(name: str, a: str | None, b: str | None) -> int | None:
    scheme = SCHEMES[scheme_named(name)]
    return None if a is None or b is None else scheme.compare(a, b)


def _refusal(name: str, version: str | None) -> str | None:
    scheme = SCHEMES[scheme_named(name)]
    if version is None:
        return None
    try:
        scheme.validate(version)
    except InvalidVersion as error:
        return error.reason
    return None
