"""The table that ``advisories list`` writes: a package a line, its facts between tabs.

The first line that is no comment has the names of the columns, ``type``, ``name`` and ``version`` first. Columns may
be in any order behind them, and those of other names are ignored. Comments have the facts of the list
(:mod:`advisories.readers.inventories.carried`). What cannot be printed is escaped
(:mod:`advisories.readers.inventories.escapes`).
"""

from functools import partial
from typing import Final

from advisories.models.packages import Package
from advisories.models.reading import Unreadable
from advisories.readers.collector import Collector
from advisories.readers.inventories.carried import COLUMNS, FACTS, Carried, carried_package
from advisories.readers.inventories.columns import numbered
from advisories.readers.inventories.escapes import unescaped
from advisories.readers.inventories.head import Head
from advisories.readers.listing import Listing

__all__ = ["read", "sniff"]

_FIRST: Final = COLUMNS[:3]
_BEGINNINGS: Final = (b"# advisories packages ", "\t".join((*_FIRST, "")).encode())


def sniff(head: Head) -> bool:
    """The comment with the count of the packages, or the names of the columns."""
    return head.data.lstrip(b"\n").startswith(_BEGINNINGS)


def read(data: bytes, source: str) -> Listing:
    """The packages of a table. A line that is not a package is rejected."""
    collector = Collector(source)
    carried = Carried(collector)
    text = data.decode("utf-8", "surrogateescape")
    carried.take_comments(text)
    rows = numbered(text)
    names = rows.pop(0)[1].split("\t") if rows else []
    collector.add_all(rows, partial(_package, names), lambda number, line: (number, line))
    carried.check_whole(text, len(rows))
    if not carried.is_list:
        collector.skip("a table without its comments: what was rejected when it was written is not known")
    return carried.listing()


def _package(names: list[str], line: str) -> Package:
    values = line.split("\t")
    if len(values) != len(names):
        raise Unreadable(f"{len(values)} columns, and the first line has {len(names)}")
    if "\\" in line or not line.replace("\t", "").isprintable() or "\ufffd" in line:
        row = {name: unescaped(value) for name, value in zip(names, values, strict=True) if value}
    else:
        row = {name: value for name, value in zip(names, values, strict=True) if value}
    if "state" not in row:
        raise Unreadable("no state")
    type, name, version = (row.get(column, "") for column in _FIRST)
    return carried_package(type, name, version, {fact: row[fact] for fact in FACTS if fact in row})
