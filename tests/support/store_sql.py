"""What plain SQL must find in a store: the guide's query, rows of what is installed, and the index's candidates."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

from places import EXAMPLE, ROOT

from advisories import Feed
from advisories.index.records import version_key
from advisories.models import Distribution, Inventory, Names
from advisories.models.distribution import filed_under
from advisories.readers import inventories

__all__ = ["TABLES", "Candidates", "Installed", "expected", "in_order", "installed", "query", "real"]

Unpack = Callable[[str], Path]
#: Installed package, its key with the epoch or without; and an advisory and a place in it.
Candidates = set[tuple[str, bytes, str, int]]
#: Distribution, release, name, key.
Installed = set[tuple[str, str, str, bytes]]

TABLES = ("distribution", "package", "interval", "affected", "advisory")


def query(*, bare: bool = False) -> str:
    """The query that the guide shows; `bare` for keys without epochs."""
    (block,) = [
        block
        for block in (ROOT / "docs" / "guide" / "store.md").read_text().split("```")
        if block.startswith("sql\n") and "installed" in block
    ]
    text = block.removeprefix("sql\n")
    assert "introduced_key" in text
    return (
        text.replace("introduced_key", "bare_introduced_key").replace("upper_key", "bare_upper_key") if bare else text
    )


def installed(inventory: Inventory, *, epoch: bool) -> Installed:
    """The rows of a table of installed packages: distribution, release, name, key."""
    assert inventory.distribution is not None
    filed = filed_under(inventory.distribution)
    return {
        (filed.id, filed.release or "", package.name, version_key(package.version, "rpm", epoch=epoch))
        for package in inventory.packages
        if package.version
    }


def expected(feed: Feed, rows: Installed, *, epoch: bool) -> Candidates:
    """The candidates of the index, of groups that were made in memory."""
    found: Candidates = set()
    for id, release, name, key in rows:
        group = feed.group(Distribution(id, release), Names.BINARY, name)
        for record in group.candidates(key, epoch=epoch) if group else ():
            whole = feed.advisory(record.advisory.id)
            assert whole is not None
            places = [place for place, entry in enumerate(whole.affected) if entry == record.affected]
            found.update((name, key, whole.id, place) for place in places)
    return found


def in_order(found: list[tuple[str, bytes, str, int]], connection: sqlite3.Connection) -> Candidates:
    """With places in the advisory instead of the numbers of entries."""
    statement = "SELECT id, min(affected.number) FROM advisory, affected WHERE advisory = advisory.number GROUP BY 1"
    firsts = dict(connection.execute(statement))
    return {(name, bytes(key), id, number - firsts[id]) for name, key, id, number in found}


def real(unpacked: Unpack) -> Iterator[Inventory]:
    yield inventories.read(EXAMPLE / "host.tsv")
    for path in sorted(unpacked("inventories/rpm-lists").glob("almalinux-rpm-packages/*.txt")):
        yield inventories.read(path)
