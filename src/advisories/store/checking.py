"""Checking all of a store: that no bit of the file has changed, and that every row is what it should be."""

import os
import sqlite3
from array import array
from collections.abc import Iterator
from itertools import islice, zip_longest
from pathlib import Path
from typing import Final

from advisories.matching.drafts import RULES_VERSION
from advisories.models.errors import OtherVersion, UnreadableSource
from advisories.models.frozen import field, frozen
from advisories.models.nouns import Noun, outlined
from advisories.models.reading import Flaw, FlawKind
from advisories.sources.documents import path_of
from advisories.sources.sqlite import AT_LENGTH, closed, stepped
from advisories.store.contents import Chosen, Contents
from advisories.store.opening import AGAIN, connect, digest_of, meta_of
from advisories.store.reader import Provenance, Store
from advisories.store.rows import Row
from advisories.store.schema import DIGEST_SIZE, READER_VERSION
from advisories.store.spool import Rows, Spooled
from advisories.store.tables import tables
from advisories.store.writing import digest_place, file_digest

__all__ = ["Checked", "check_store", "is_as_written"]

# How many wrong rows of one table are named.
_NAMED: Final = 5
_READERS: Final = ("reader_version", READER_VERSION)
# How much of a row is shown.
_SHOWN: Final = 200


@frozen
class Checked(Noun):
    """What a check found.

    :ivar steps: what was looked at and is as it should be.
    :ivar problems: what is not. Empty for a good store.
    :ivar provenance: the sources, and
    :ivar flaws: the lint, as far as they could be read.
    """

    steps: tuple[str, ...] = field(repr=outlined)
    problems: tuple[str, ...] = field(repr=outlined)
    provenance: tuple[Provenance, ...] = field(default=(), repr=outlined)
    flaws: tuple[Flaw, ...] = field(default=(), repr=outlined)


def check_store(path: str | Path) -> Checked:
    """Check all of a store. Damage is in :attr:`Checked.problems`, never an error.

    Raises :class:`UnreadableSource` only for a file that cannot be opened, or is no store of this version, also where
    only its drafts are of other rules: the rows that there should be are not known then.
    """
    path = path_of(path)
    store = Store(path)
    if not store.has_own_rules:
        version = store.rules_version
        store.close()
        raise OtherVersion(os.fspath(path), "the rules of the store's drafts", version, (RULES_VERSION,), AGAIN)
    steps: list[str] = [f"opened: its header, length, tables and versions ({len(store)} advisories)"]
    problems: list[str] = []
    for what, step in (
        (f"the digest of the file, {store.digest}", _digest_problems(path)),
        ("the database's own integrity check", _integrity_problems(path)),
        (
            f"every row: {len(store)} advisories rebuilt, {store.entries} affected entries, "
            f"{store.intervals} intervals with the keys of their versions",
            _row_problems(path, store),
        ),
    ):
        found: list[str] = []
        try:
            found.extend(step)
        except UnreadableSource as error:
            found.append(error.why)
        if found:
            problems += found
        else:
            steps.append(what)
    provenance, flaws = _sources(store, problems)
    return Checked(tuple(steps), tuple(problems), provenance, flaws)


def is_as_written(path: str | Path) -> bool:
    """Whether a file has the digest that stands in it.

    Raises :class:`UnreadableSource` where it cannot be read.
    """
    return not any(_digest_problems(path))


def _digest_problems(path: str | Path) -> Iterator[str]:
    try:
        with open(path, "rb") as file:
            place = digest_place(file)
            if place is None:
                yield "the digest of the file cannot be found"
                return
            file.seek(place)
            stated = file.read(DIGEST_SIZE)
            actual = file_digest(file, place)
    except OSError as error:
        raise UnreadableSource(os.fspath(path), error.strerror or str(error)) from error
    if stated != actual:
        yield f"the digest of the file is {actual.hex()}, not {stated.hex()} as it states: it was changed or damaged"


def _integrity_problems(path: str | Path) -> Iterator[str]:
    connection = connect(os.fspath(path))
    try:
        for (text,) in stepped(connection, "PRAGMA integrity_check", AT_LENGTH):
            if text != "ok":
                yield f"integrity check: {text}"
    except sqlite3.Error as error:
        yield f"integrity check: {error}"
    finally:
        closed(connection)


def _row_problems(path: str | Path, store: Store) -> Iterator[str]:
    """Whether every table holds the rows that would be written for the advisories that the store gives back."""
    folder = os.path.dirname(os.path.abspath(path))
    chosen = Chosen([Spooled.of(store, folder)], folder)
    origins = store.origins
    chosen.origins[:] = array("I", [origins[id] for id in chosen.ids])
    contents = Contents(
        chosen,
        chosen.completions(),
        store.provenance,
        tuple(zip(store.all_enrichments(), store.enrichment_origins, strict=True)),
        store.duplicates,
        [flaw for flaw in store.flaws if flaw.kind is FlawKind.CONFLICT],
        folder,
    )
    expected = tables(contents)
    connection = connect(os.fspath(path))
    try:
        meta = meta_of(os.fspath(path), connection)
        if digest_of(meta) != store.digest:
            yield "it was replaced while it was being checked"
            return
        for table, rows in expected.items():
            actual = stepped(connection, f'SELECT * FROM "{table}"', AT_LENGTH)
            if table == "meta":
                # Other readers read the sources otherwise. What they made of them can be checked all the same.
                actual = (_READERS if row[0] == _READERS[0] else row for row in actual if row[0] != "digest")
            yield from _differences(table, rows, actual)
    except sqlite3.Error as error:
        yield f"cannot be read: {error}"
    finally:
        closed(connection)


def _differences(table: str, expected: Rows, actual: Iterator[Row]) -> Iterator[str]:
    # What stands at the same place in both is set aside, which in a good store is all.
    wanted: list[Row] = []
    found: list[Row] = []
    count = 0
    for row, other in zip_longest(expected, actual):
        count += other is not None
        if row != other:
            wanted += [row] if row is not None else []
            found += [other] if other is not None else []
    missing, surplus = set(wanted) - set(found), set(found) - set(wanted)
    for rows, what in ((missing, "is missing"), (surplus, "should not be there")):
        texts = sorted(map(repr, rows))
        for text in islice(texts, _NAMED):
            yield f"table {table}: the row {text[:_SHOWN]} {what}"
        if len(texts) > _NAMED:
            yield f"table {table}: so are {len(texts) - _NAMED} more"
    if not missing and not surplus and len(wanted) != len(found):
        yield f"table {table}: {count} rows instead of {len(expected)}"


def _sources(store: Store, problems: list[str]) -> tuple[tuple[Provenance, ...], tuple[Flaw, ...]]:
    try:
        return store.provenance, store.flaws
    except UnreadableSource as error:
        if error.why not in problems:
            problems.append(error.why)
        return (), ()
