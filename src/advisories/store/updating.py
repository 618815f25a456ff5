"""A store of which few advisories have changed: what rests on them is worked out anew, and all else is copied.

The outcome is the file that compiling all of it makes, byte by byte. Advisories are numbered by id, entries by advisory
and packages by name, so that what stays between two changes keeps its distance: the database copies it with new
numbers, at some hundred nanoseconds a row. Python makes the rows of what has changed, and the drafts and the lint of
the packages that it is about. What others know of CVEs (EPSS, KEV, NVD) has a say in drafts alone: where only that has
changed, all else is copied, however many packages it is about.
"""

import hashlib
import marshal
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any, Final

from advisories.index.completeness import Place, completions, documentation_of, flaws_of_completions
from advisories.index.lint import flaws_of, published_records
from advisories.index.records import Group, GroupKey, Record, record_of
from advisories.matching.drafts import RULES_VERSION, content_of, draft_group
from advisories.matching.rules import UNSTABLE_DEBIAN
from advisories.models.advisories import Advisory, Affected, Enrichment
from advisories.models.distribution import Distribution
from advisories.models.errors import DamagedStore
from advisories.models.frozen import frozen
from advisories.models.packages import Module
from advisories.models.reading import Flaw, FlawKind
from advisories.models.words import Names
from advisories.sources.sqlite import AT_LENGTH, closed, fetched
from advisories.store.database import OF_DAMAGE
from advisories.store.drafts import text_of
from advisories.store.opening import connect
from advisories.store.reader import Provenance, Store
from advisories.store.rows import Row, stored
from advisories.store.schema import READER_VERSION, TABLES
from advisories.store.spool import Rows, Spool, Spooled, Target, target_of
from advisories.store.tables import (
    is_ordered,
    numbered,
    order_of_distributions,
    order_of_modules,
    order_of_packages,
    rows_of_advisory,
    rows_of_distributions,
    rows_of_enrichment,
    rows_of_entry,
    rows_of_modules,
    rows_of_sources,
)
from advisories.store.writing import Copied, Pieces, write

__all__ = ["Changes", "update_store"]

# Tables of advisories, and tables of packages: their columns in the order of the schema.
_OF_ADVISORIES: Final = ("advisory", "cve", "alias", "severity", "reference")
_OF_PACKAGES: Final = ("affected", "arch", "interval")
# Columns that hold numbers, and the table of new ones.
_NUMBERED: Final = {
    "affected": {"number": "entry_step", "advisory": "advisory_step", "module": "module_step"},
    "arch": {"affected": "entry_step"},
    "interval": {"affected": "entry_step"},
}
_KEY: Final = {"affected": "package, number", "arch": "package, affected, ordinal"}
_KEY_OF_INTERVALS: Final = "package, upper_key, affected, ordinal"
# With more advisories that name the same documentation, or more of the packages of which entries have changed, all is
# compiled. With more vulnerabilities of which others know something new, the drafts of all packages are made.
_ADVISORIES: Final = 5_000
_PART: Final = 3
_VULNERABILITIES: Final = 5_000
# Drafts that are looked up by their texts, and packages whose records are in memory at once.
_FEW: Final = 500


@frozen
class Changes:
    """What has changed since a store was compiled.

    :ivar sources: as they are now: the same ones, in the same order.
    :ivar gone: the ids of advisories that are no longer as they were.
    :ivar added: those that are new, or as they are now.
    :ivar origins: for each of these the place of its source.
    :ivar enrichments: all of them as they are now, by CVE and source, each with the place of its source. None where
        they are as they were.
    """

    sources: Sequence[Provenance]
    gone: Collection[str]
    added: Spooled
    origins: Sequence[int]
    enrichments: Sequence[tuple[Enrichment, int]] | None = None


def update_store(path: str, changes: Changes, output: str, folder: str) -> bool:
    """Write the store at a path with these changes as another one: the file that compiling all sources makes.

    :param folder: where what is too much for memory is kept meanwhile.
    :returns: False where only compiling all of it does, and nothing is written. That is so for a store of another
        version, ids that several records have, other advisories of Debian (rule 1a),
        and other advisories of more than a third of the packages.

    Raises :class:`~advisories.models.errors.UnwritableStore`, and
    :class:`~advisories.models.errors.UnreadableSource` for a damaged store.
    """
    store = Store(path)
    try:
        if store.reader_version != READER_VERSION or not store.has_own_rules or store.duplicates or store.conflicts:
            return False
        update = _Update(store, changes, folder)
        try:
            rows = update.tables()
        except _Unusual:
            return False
        except OF_DAMAGE as error:
            raise DamagedStore(path, f"damaged: {error}") from error
        finally:
            update.close()
        write(output, rows, store.path, update.beside)
    finally:
        store.close()
    return True


class _Unusual(Exception):
    """What only compiling all of it can do."""


class _Steps:
    """New numbers of what keeps its distance between changes: by the first number of each run how much is added."""

    def __init__(self, runs: Iterable[tuple[int, int]]) -> None:
        self.rows: Final = sorted(runs)
        self._firsts: Final = [first for first, _ in self.rows]

    def __getitem__(self, number: int) -> int:
        return number + self.rows[bisect_right(self._firsts, number) - 1][1]


class _Parts:
    """The rows of a table: those that are made, and those that are copied, in their order."""

    def __init__(self) -> None:
        self._parts: Final[list[Sequence[Row] | Rows | Copied]] = []

    def add(self, part: Sequence[Row] | Rows | Copied) -> None:
        """Add rows behind those there are. Rows of a spool may get more of them later."""
        if isinstance(part, Copied | Rows) or part:
            self._parts.append(part)

    def batches(self) -> Iterator[Sequence[Row] | Copied]:
        """All of them."""
        for part in self._parts:
            if isinstance(part, Rows):
                yield from part.batches()
                continue
            yield part if isinstance(part, Copied) else [tuple(map(stored, row)) for row in part]


@frozen
class _Package:
    """A row of ``package``: its number, entries and draft as they were."""

    number: int
    entries: int
    draft: int | None


class _Update:
    """Works out the rows of a store with changes.

    :ivar beside: what rows that are copied get their new numbers from, as :func:`write` takes it.
    :ivar spool: what is kept beside memory.
    """

    def __init__(self, store: Store, changes: Changes, folder: str) -> None:
        self._store: Final = store
        self._changes: Final = changes
        self.spool: Final = Spool(folder)
        self._connection: Final = connect(store.path)
        # With those that are as they were and leave out other entries than before.
        self._added: Final = Spooled.of(changes.added, folder)
        self._origins: Final = list(changes.origins)
        self._gone_ids: Final = set(changes.gone)
        self._completions: Final[dict[str, tuple[Affected, ...]]] = {}
        self.beside: dict[str, tuple[str, Sequence[Row]]] = {}

    def close(self) -> None:
        """Close the file."""
        closed(self._connection)

    def _rows(self, statement: str, *values: object) -> list[Row]:
        return fetched(self._connection, statement, values, AT_LENGTH)

    def _one(self, statement: str, *values: object) -> Any:
        rows = self._rows(statement, *values)
        return rows[0][0] if rows else None

    def tables(self) -> Mapping[str, Pieces]:
        """The rows of all tables but for the digest. Raises :class:`_Unusual`."""
        self._complete()
        self._number_advisories()
        self._look_at_entries()
        self._number_packages()
        self._make_records()
        found: dict[str, Rows] = {name: Rows(self.spool) for name in TABLES}
        rows_of_sources(self._changes.sources, found)
        rows_of_distributions(self._distributions, {one[0] for one in self._packages if is_ordered(one)}, found)
        rows_of_modules(self._modules, found)
        made: dict[str, Pieces] = dict(found)
        made |= self._of_advisories()
        made |= self._of_enrichments(found)
        made |= self._of_entries()
        made |= self._of_drafts()
        self._of_flaws(found["flaw"])
        self._of_counts(found)
        self.beside = {
            "entry_step": ("first INTEGER PRIMARY KEY, more INTEGER", self._entry_steps.rows),
            "advisory_step": ("first INTEGER PRIMARY KEY, more INTEGER", self._advisory_steps.rows),
            "module_step": (
                "first INTEGER PRIMARY KEY, more INTEGER",
                [(old, new - old) for old, new in self._module_steps.items()],
            ),
        }
        return made

    # ---- what advisories leave out ----

    def _complete(self) -> None:
        """Work out which entries are left out now (rule 0), by the advisories that have a say in that."""
        added = [one for one in self._added if documentation_of(one)]
        gone = [one for one in map(self._store.advisory, self._gone_ids) if one is not None]
        touched = set[Place]().union(*map(documentation_of, (*added, *gone)))
        if not touched:
            return
        concerned = self._naming(touched)
        concerned |= {one.id: one for one in added}
        teaching = self._naming(set[Place]().union(*map(documentation_of, concerned.values())))
        teaching |= concerned
        found = completions([teaching[id] for id in sorted(teaching)])
        before = self._store.completions
        new = {one.id for one in added}
        for id in sorted(concerned):
            if id not in new and found.get(id, ()) != before.get(id, ()):
                self._added.append(concerned[id])
                self._origins.append(self._one("SELECT source FROM advisory WHERE id = ?", stored(id)))
                self._gone_ids.add(id)
                new.add(id)
            if id in new and id in found:
                self._completions[id] = found[id]

    def _naming(self, places: Collection[Place]) -> dict[str, Advisory]:
        """The advisories that stay and name one of these documentation packages, by id."""
        # Step by step, each by a key: without statistics the database would begin a join with all entries.
        numbers: set[int] = set()
        for distribution, _, package in places:
            for (number,) in self._rows(
                "SELECT number FROM package WHERE name = ?"
                " AND distribution IN (SELECT number FROM distribution WHERE id = ?)",
                stored(package),
                stored(distribution.id),
            ):
                entries = self._rows("SELECT advisory FROM affected WHERE package = ? AND completed = 0", number)
                numbers.update(advisory for (advisory,) in entries)
        ids = {_text(self._one("SELECT id FROM advisory WHERE number = ?", number)) for number in numbers}
        ids -= self._gone_ids
        if len(ids) > _ADVISORIES:
            raise _Unusual
        found = {id: one for id in ids if (one := self._store.advisory(id)) is not None}
        return {id: one for id, one in found.items() if not documentation_of(one).isdisjoint(places)}

    def _left_out(self, one: int) -> Sequence[Affected]:
        return self._completions.get(self._added.ids[one], ())

    # ---- numbers ----

    def _number_advisories(self) -> None:
        """Which advisories go, between which others the new ones are, and the new numbers of them and their entries."""
        added = self._added
        if isinstance(self._one("SELECT id FROM advisory ORDER BY id DESC LIMIT 1"), bytes):
            raise _Unusual  # the database orders such ids otherwise
        self._dropped: dict[int, Row] = {}
        for id in self._gone_ids:
            for row in self._rows(
                'SELECT number, kind, entries, cves, aliases, severities, "references" FROM advisory WHERE id = ?',
                stored(id),
            ):
                self._dropped[row[0]] = row
        self._order = sorted(range(len(added)), key=added.ids.__getitem__)
        inserted: dict[int, list[int]] = {}
        last: str | None = None
        for one in self._order:
            id = added.ids[one]
            known = self._one("SELECT number FROM advisory WHERE id = ?", stored(id))
            if id == last or isinstance(stored(id), bytes) or (known is not None and known not in self._dropped):
                raise _Unusual
            last = id
            before = self._one("SELECT number FROM advisory WHERE id < ? ORDER BY id DESC LIMIT 1", id)
            inserted.setdefault(0 if before is None else before + 1, []).append(one)
        total = len(self._store)
        last_entry = self._one("SELECT number FROM affected ORDER BY advisory DESC, number DESC LIMIT 1")
        self._total_entries = 0 if last_entry is None else last_entry + 1
        # What is copied, from a number up to another one, and what is made, in the new order.
        self._runs: list[tuple[int, int] | int] = []
        self._new_numbers: dict[int, int] = {}
        self._first_entries: dict[int, int] = {}
        steps: list[tuple[int, int]] = []
        entry_steps: list[tuple[int, int]] = []
        number = entry = begin = 0
        for place in sorted({*self._dropped, *inserted, total}):
            if begin < place:
                self._runs.append((begin, place))
                steps.append((begin, number - begin))
                first, end = self._entries_before(begin), self._entries_before(place)
                entry_steps.append((first, entry - first))
                number, entry = number + place - begin, entry + end - first
            begin = place
            for one in inserted.get(place, ()):
                self._runs.append(one)
                self._new_numbers[one], self._first_entries[one] = number, entry
                number, entry = number + 1, entry + added.firsts[one + 1] - added.firsts[one] + len(self._left_out(one))
            if place in self._dropped:
                begin = place + 1
        self._count = number
        self._advisory_steps = _Steps(steps)
        # Of runs without entries the last one counts.
        self._entry_steps = _Steps(dict(entry_steps).items())

    def _entries_before(self, advisory: int) -> int:
        found = self._one("SELECT number FROM affected WHERE advisory >= ? ORDER BY advisory, number LIMIT 1", advisory)
        return self._total_entries if found is None else found

    def _look_at_entries(self) -> None:
        """The entries that go, by package, and those that come, by what they are about."""
        self._gone: set[int] = set()
        self._published_gone = 0
        self._gone_of: Counter[int] = Counter()
        modules: set[int] = set()
        for advisory in self._dropped:
            for package, number, completed, module in self._rows(
                "SELECT package, number, completed, module FROM affected WHERE advisory = ?", advisory
            ):
                self._published_gone += not completed
                self._gone.add(number)
                self._gone_of[package] += 1
                modules.add(module)
        self._coming: dict[Target, list[tuple[int, int, Affected]]] = {}
        self._new_modules: set[Module] = set()
        for one in self._order:
            own = range(self._added.firsts[one], self._added.firsts[one + 1])
            entries = [*map(self._added.entry, own), *self._left_out(one)]
            for number, affected in enumerate(entries, self._first_entries[one]):
                self._coming.setdefault(target_of(affected), []).append((number, one, affected))
                self._new_modules.add(affected.module)
        self._number_modules(modules)

    def _number_modules(self, touched: Collection[int]) -> None:
        known: dict[int, Module] = {}
        streams: dict[int, list[str]] = {}
        for module, _, stream in self._rows("SELECT module, ordinal, stream FROM stream ORDER BY module, ordinal"):
            streams.setdefault(module, []).append(_text(stream))
        for number, is_known in self._rows("SELECT number, known FROM module"):
            known[number] = Module(bool(is_known), tuple(streams.get(number, ())))
        dropped = ",".join(map(str, self._dropped))
        unused = {
            number
            for number in touched
            if self._one(
                f"SELECT 1 FROM affected WHERE module = ? AND completed = 0 AND advisory NOT IN ({dropped}) LIMIT 1",
                number,
            )
            is None
        }
        kept = {module for number, module in known.items() if number not in unused}
        self._modules = numbered(sorted(kept | self._new_modules, key=order_of_modules))
        self._module_steps = {number: self._modules[one] for number, one in known.items() if one in self._modules}

    def _number_packages(self) -> None:
        """The packages that there are now, in their order, and which of them are to be worked out."""
        channels: dict[int, set[str]] = {}
        for number, channel in self._rows("SELECT distribution, channel FROM channel"):
            channels.setdefault(number, set()).add(_text(channel))
        self._old_distributions = {
            number: Distribution(
                _text(id), None if release is None else _text(release), frozenset(channels.get(number, ()))
            )
            for number, id, release in self._rows("SELECT number, id, release FROM distribution")
        }
        old: dict[Target, _Package] = {}
        self._old_counts: dict[Target, int] = {}
        counts: dict[Target, int] = {}
        for number, of, name, names, type, entries, draft in self._rows("SELECT * FROM package ORDER BY number"):
            distribution = None if of is None else self._old_distributions[of]
            target = distribution, _text(name), Names(names), _text(type)
            old[target] = _Package(number, entries, draft)
            left = entries - self._gone_of[number]
            if left:
                counts[target] = left
        for target, coming in self._coming.items():
            counts[target] = counts.get(target, 0) + len(coming)
        self._old = old
        self._entries_of = counts
        distributions = {distribution for distribution, *_ in counts if distribution is not None}
        self._distributions = numbered(sorted(filter(None, distributions), key=order_of_distributions))
        self._packages = sorted(counts, key=lambda target: order_of_packages(target, self._distributions))
        by_number = {one.number: target for target, one in old.items()}
        self._touched = {*self._coming, *(by_number[number] for number in self._gone_of)}
        self._keys = {_key_of(target) for target in self._touched if is_ordered(target)}
        concerned = [by_number[number] for number in self._of_changed_enrichments()]
        self._drafted = {_key_of(target) for target in concerned if is_ordered(target)} - self._keys
        if any(key[0] == UNSTABLE_DEBIAN.id for key in self._keys):
            raise _Unusual
        if len(self._keys) * _PART > len(counts) and len(counts) > 50:
            raise _Unusual
        self._by_key: dict[GroupKey, list[Target]] = {}
        for target in self._packages:
            if is_ordered(target):
                self._by_key.setdefault(_key_of(target), []).append(target)

    def _of_changed_enrichments(self) -> set[int]:
        """The numbers of packages with records of vulnerabilities of which others know something else than before."""
        if self._changes.enrichments is None:
            return set()
        before = {(one.cve, one.source): one for one in self._store.all_enrichments()}
        now = {(one.cve, one.source): one for one, _ in self._changes.enrichments}
        names = {name[0] for name in before.keys() | now.keys() if before.get(name) != now.get(name)}
        if len(names) > _VULNERABILITIES:
            return {package.number for package in self._old.values()}
        found: set[int] = set()
        wanted = sorted(names)
        for begin in range(0, len(wanted), 500):
            some = [stored(name) for name in wanted[begin : begin + 500]]
            listed = ",".join("?" * len(some))
            advisories = [
                *self._rows(f"SELECT DISTINCT advisory FROM cve WHERE cve IN ({listed})", *some),
                *self._rows(f"SELECT number FROM advisory WHERE id IN ({listed})", *some),
            ]
            numbers = ",".join(str(number) for (number,) in advisories)
            rows = self._rows(
                f"SELECT DISTINCT package FROM affected INDEXED BY affected_by_advisory WHERE advisory IN ({numbers})"
            )
            found.update(number for (number,) in rows)
        return found

    # ---- what is worked out ----

    def _make_records(self) -> None:
        """The records of what is worked out: those that stay, and new ones between them."""
        self._store.prefetch(self._keys)
        self._records: dict[GroupKey, list[Record]] = {}
        for key in self._keys:
            group = self._store.group(key)
            if group is not None:
                self._records[key] = [one for one in group.records if one.advisory.id not in self._gone_ids]
        bare = {one: self._added.made(one) for one in self._order}
        self._record_of: dict[int, Record] = {}
        for target, coming in self._coming.items():
            if is_ordered(target):
                for number, one, affected in coming:
                    record = self._record_of[number] = record_of(bare[one], affected)
                    self._records.setdefault(_key_of(target), []).append(record)
        # Advisories are numbered by id. Those of one stand in their own order.
        own = {id(record): number for number, record in self._record_of.items()}
        for records in self._records.values():
            records.sort(key=lambda record: (record.advisory.id, own.get(id(record), 0)))
        self._enrichments: dict[str, list[Enrichment]] = {}
        for one_enrichment, _ in self._changes.enrichments or ():
            self._enrichments.setdefault(one_enrichment.cve, []).append(one_enrichment)

    # What drafts are drawn from, as a feed's.

    def records(self, distribution: Distribution, names: Names, package: str, /) -> Sequence[Record]:
        return self._records.get((distribution.id, distribution.release or "", names, package), ())

    def group(self, distribution: Distribution, names: Names, package: str, /) -> Group | None:
        # Of Debian alone, whose advisories are as they were.
        return self._store.group((distribution.id, distribution.release or "", names, package))

    def enrichments(self, cve: str, /) -> Sequence[Enrichment]:
        if self._changes.enrichments is None:
            return self._store.enrichments(cve)
        return self._enrichments.get(cve, ())

    # ---- rows ----

    def _of_advisories(self) -> dict[str, Pieces]:
        found: dict[str, _Parts] = {name: _Parts() for name in _OF_ADVISORIES}
        self._dates: dict[int, datetime] = {}
        self._kinds: Counter[str] = Counter()
        for run in self._runs:
            if isinstance(run, tuple):
                more = self._advisory_steps[run[0]] - run[0]
                for table, parts in found.items():
                    column = "number" if table == "advisory" else "advisory"
                    parts.add(
                        _copied(
                            table,
                            {column: f"{column} + {more}"},
                            column,
                            run,
                            column if column == "number" else "advisory, ordinal",
                        )
                    )
                continue
            own: dict[str, Rows] = {name: Rows(self.spool) for name in _OF_ADVISORIES}
            number = self._new_numbers[run]
            kind, date = rows_of_advisory(number, self._added, run, self._origins[run], own)
            self._kinds[kind] += 1
            if date is not None:
                self._dates[number] = date
            for table, parts in found.items():
                parts.add(list(own[table]))
        return dict(found)

    def _of_enrichments(self, found: dict[str, Rows]) -> dict[str, Pieces]:
        if self._changes.enrichments is None:
            parts = {"enrichment": _Parts(), "vector": _Parts()}
            parts["enrichment"].add(
                Copied("INSERT INTO main.enrichment SELECT * FROM older.enrichment ORDER BY number")
            )
            parts["vector"].add(
                Copied("INSERT INTO main.vector SELECT * FROM older.vector ORDER BY enrichment, ordinal")
            )
            return dict(parts)
        for number, (one, source) in enumerate(self._changes.enrichments):
            rows_of_enrichment(number, one, source, found)
        return {}

    def _of_entries(self) -> dict[str, Pieces]:
        found: dict[str, _Parts] = {name: _Parts() for name in _OF_PACKAGES}
        self._first_of: dict[Target, int] = {}
        self._intervals = 0
        begin = end = more = 0

        def copy() -> None:
            if begin < end:
                for table, parts in found.items():
                    changed = {"package": f"package + {more}"}
                    for column, steps in _NUMBERED[table].items():
                        changed[column] = (
                            f"{column} + (SELECT more FROM temp.{steps} WHERE first <= older.{table}.{column}"
                            " ORDER BY first DESC LIMIT 1)"
                        )
                    parts.add(_copied(table, changed, "package", (begin, end), _KEY.get(table, _KEY_OF_INTERVALS)))

        for number, target in enumerate(self._packages):
            package = self._old.get(target)
            if package is not None and target not in self._touched:
                if package.number != end or number - package.number != more:
                    copy()
                    begin, more = package.number, number - package.number
                end = package.number + 1
                continue
            copy()
            begin = end = 0
            for table, rows in self._of_package(number, target, package).items():
                found[table].add(rows)
        copy()
        for target in self._touched - self._entries_of.keys():
            self._intervals -= self._one("SELECT count(*) FROM interval WHERE package = ?", self._old[target].number)
        return dict(found)

    def _of_package(self, number: int, target: Target, package: _Package | None) -> dict[str, list[Row]]:
        """The rows of a package of which entries come or go."""
        found: dict[str, list[Row]] = {name: [] for name in _OF_PACKAGES}
        entries, advisories, modules = self._entry_steps, self._advisory_steps, self._module_steps
        if package is not None:
            for row in self._rows("SELECT * FROM affected WHERE package = ?", package.number):
                if row[1] not in self._gone:
                    new = number, entries[row[1]], advisories[row[2]], *row[3:5], modules[row[5]], *row[6:]
                    found["affected"].append(new)
            for row in self._rows("SELECT * FROM arch WHERE package = ?", package.number):
                if row[1] not in self._gone:
                    found["arch"].append((number, entries[row[1]], *row[2:]))
            for row in self._rows("SELECT * FROM interval WHERE package = ?", package.number):
                self._intervals -= 1
                if row[2] not in self._gone:
                    found["interval"].append((number, row[1], entries[row[2]], *row[3:]))
        for entry, one, affected in self._coming.get(target, ()):
            module = self._modules[affected.module]
            row, arches, spans = rows_of_entry(
                number, entry, self._new_numbers[one], module, affected, self._record_of.get(entry)
            )
            found["affected"].append(row)
            found["arch"] += arches
            found["interval"] += spans
        found["affected"].sort(key=lambda row: row[:2])
        found["arch"].sort(key=lambda row: row[:3])
        found["interval"].sort(key=lambda row: row[:4])
        self._intervals += len(found["interval"])
        return found

    def _of_drafts(self) -> dict[str, Pieces]:
        """The rows of packages, and of drafts by the first package that has each."""
        keys = (self._keys | self._drafted) & self._by_key.keys()
        texts = _Texts(self)
        if len(keys) <= _FEW:
            self._draw(texts, keys)
            known = self._drafts_of(texts.all())
        else:
            known = self._drafts_that_stay(keys)
        numbers: dict[int | bytes, int] = {}
        packages: list[Row] = []
        drafts = _Parts()
        made = Rows(self.spool)
        begin = end = 0

        def copy() -> None:
            if begin < end:
                more = numbers[begin] - begin
                drafts.add(_copied("draft", {"number": f"number + {more}"}, "number", (begin, end), "number"))

        for number, target in enumerate(self._packages):
            distribution, name, names, type = target
            draft: int | bytes | None = None
            if is_ordered(target):
                key = _key_of(target)
                if key not in keys:
                    draft = self._old[target].draft
                else:
                    if key not in texts:
                        self._draw(texts, self._next_of(number, keys))
                    digest = texts[key]
                    draft = digest and known.get(digest, digest)
            place: int | None = None
            if draft is not None:
                place = numbers.get(draft)
            if draft is not None and place is None:
                place = numbers[draft] = len(numbers)
                if isinstance(draft, bytes):
                    copy()
                    begin = end = 0
                    if not len(made):
                        drafts.add(made)
                    made.append((place, texts.text(draft)))
                elif begin < end == draft and not len(made):
                    end += 1
                else:
                    copy()
                    begin, end, made = draft, draft + 1, Rows(self.spool)
            of = None if distribution is None else self._distributions[distribution]
            packages.append((number, of, name, names.value, type, self._entries_of[target], place))
        copy()
        rows = _Parts()
        rows.add(packages)
        return {"package": rows, "draft": drafts}

    def _next_of(self, number: int, keys: Collection[GroupKey]) -> Sequence[GroupKey]:
        """Some of these keys: those of the packages from a number on."""
        found: dict[GroupKey, None] = {}
        for place in range(number, len(self._packages)):
            target = self._packages[place]
            if is_ordered(target) and (key := _key_of(target)) in keys:
                found[key] = None
                if len(found) == _FEW:
                    break
        return list(found)

    def _draw(self, texts: "_Texts", keys: Iterable[GroupKey]) -> None:
        """Make the drafts of these packages. The records of those without changes are in memory meanwhile."""
        mine = self._records
        own = list(keys)
        stay = self._store.records([key for key in own if key in self._drafted])
        self._records = {**mine, **stay}
        for key in own:
            texts.draw(key)
        self._records = mine

    def _drafts_of(self, texts: Iterable[str]) -> dict[bytes, int]:
        """The numbers of the drafts that are there already, by the digests of their texts."""
        found: dict[bytes, int] = {}
        wanted = sorted(texts)
        for begin in range(0, len(wanted), _FEW):
            some = [stored(text) for text in wanted[begin : begin + _FEW]]
            listed = ",".join("?" * len(some))
            for body, number in self._rows(f"SELECT body, number FROM draft WHERE body IN ({listed})", *some):
                found[_digest_of(_text(body))] = number
        return found

    def _drafts_that_stay(self, keys: Collection[GroupKey]) -> dict[bytes, int]:
        """The numbers of the drafts of other packages than these, by the digests of their texts."""
        stay = {
            package.draft
            for target, package in self._old.items()
            if package.draft is not None and _key_of(target) not in keys
        }
        found: dict[bytes, int] = {}
        wanted = sorted(stay)
        for begin in range(0, len(wanted), _FEW):
            listed = ",".join(map(str, wanted[begin : begin + _FEW]))
            for body, number in self._rows(f"SELECT body, number FROM draft WHERE number IN ({listed})"):
                found[_digest_of(_text(body))] = number
        return found

    def _of_flaws(self, found: Rows) -> None:
        """The lint: what was found of advisories that leave names out, then packages by their first entry."""
        flaws: list[Flaw] = []
        by_key: dict[GroupKey, list[Flaw]] = {}
        worked_out = set(self._keys)
        names_of: dict[tuple[str, str, str], set[Names]] = {}
        for distribution, name, names, type in self._old:
            if distribution is not None and is_ordered((distribution, name, names, type)):
                names_of.setdefault((distribution.id, distribution.release or "", name), set()).add(names)
        for flaw in self._store.flaws:
            if flaw.kind is FlawKind.RECORD_INCOMPLETE:
                if flaw.advisory not in self._gone_ids:
                    flaws.append(flaw)
                continue
            of = flaw.distribution
            assert of is not None
            assert flaw.package is not None
            keys = [
                (of.id, of.release or "", names, flaw.package)
                for names in names_of[of.id, of.release or "", flaw.package]
            ]
            if len(keys) > 1:
                # Source or binary packages of one name: which of them it is about does not stand there.
                worked_out.update(keys)
            elif keys[0] not in self._keys:
                by_key.setdefault(keys[0], []).append(flaw)
        for one in self._order:
            if missing := self._left_out(one):
                flaws += flaws_of_completions(self._added[one], missing)
        flaws.sort(key=lambda flaw: flaw.advisory)
        for key in worked_out & self._by_key.keys():
            records = self._records.get(key)
            if records is None:
                group = self._store.group(key)
                records = list(group.records) if group is not None else []
            by_key[key] = list(flaws_of(published_records(records)))
        for key in sorted((key for key, its in by_key.items() if its), key=self._first_entry):
            flaws += by_key[key]
        for number, flaw in enumerate(flaws):
            place = None if flaw.distribution is None else self._distributions[flaw.distribution]
            found.append((number, flaw.kind.value, flaw.advisory, flaw.package, place, flaw.why))

    def _first_entry(self, key: GroupKey) -> int:
        firsts: list[int] = []
        for target in self._by_key[key]:
            firsts += [number for number, *_ in self._coming.get(target, ())]
            package = self._old.get(target)
            if package is not None:
                its = self._rows("SELECT number FROM affected WHERE package = ? ORDER BY number", package.number)
                firsts += [self._entry_steps[number] for (number,) in its if number not in self._gone][:1]
        return min(firsts)

    def _of_counts(self, found: dict[str, Rows]) -> None:
        meta: dict[str, Any] = dict(self._rows("SELECT name, value FROM meta"))
        kinds: Counter[str] = Counter(dict(self._rows("SELECT kind, advisories FROM kind")))
        kinds.subtract(Counter(row[1] for row in self._dropped.values()))
        kinds.update(self._kinds)
        found["kind"] += sorted(kinds.items())
        unordered = Counter[str]()
        for target, count in self._entries_of.items():
            if not is_ordered(target):
                unordered[target[3]] += count
        found["unordered"] += sorted(unordered.items())
        enrichments = self._changes.enrichments
        added = sum([self._added.firsts[one + 1] - self._added.firsts[one] for one in self._order])
        meta |= {
            "advisories": self._count,
            "enrichments": meta["enrichments"] if enrichments is None else len(enrichments),
            "entries": meta["entries"] - self._published_gone + added,
            "intervals": meta["intervals"] + self._intervals,
            "newest": self._newest(),
            "packages": len(self._packages),
            "reader_version": READER_VERSION,
            "rules_version": RULES_VERSION,
        }
        kept = sum([source.report.kept for source in self._changes.sources])
        if kept != meta["advisories"] + meta["enrichments"]:
            raise _Unusual  # an id twice
        del meta["digest"]
        found["meta"] += sorted(meta.items())

    def _newest(self) -> str | None:
        dates = self._rows("SELECT number, coalesce(modified, published) FROM advisory")
        known: dict[str, datetime] = {}
        found: tuple[datetime, int] | None = None
        stays = (
            (known.setdefault(text, datetime.fromisoformat(text)) if text not in known else known[text], number)
            for number, text in dates
            if text is not None and number not in self._dropped
        )
        renumbered = ((date, self._advisory_steps[number]) for date, number in stays)
        for date, number in chain(renumbered, ((date, number) for number, date in self._dates.items())):
            if found is None or date > found[0] or (date == found[0] and number < found[1]):
                found = date, number
        return None if found is None else found[0].isoformat()


class _Texts:
    """The texts of drafts that are made anew, each once, by digests. Packages that were built together share them."""

    def __init__(self, update: _Update) -> None:
        self._update: Final = update
        self._spool: Final = update.spool
        self._places: Final[dict[bytes, int]] = {}
        self._by_content: Final[dict[bytes, bytes | None]] = {}
        self._by_key: Final[dict[GroupKey, bytes | None]] = {}

    def draw(self, key: GroupKey) -> None:
        """Make the drafts of a package, whose records are there."""
        release, names, name = Distribution(key[0], key[1]), key[2], key[3]
        content = content_of(self._update, release, names, name)
        # Version 2 has the same bytes for equal values.
        alike = None if content is None else hashlib.sha256(marshal.dumps(content, 2)).digest()
        if alike is not None and alike in self._by_content:
            self._by_key[key] = self._by_content[alike]
            return
        text = text_of(draft_group(self._update, release, names, name))
        digest: bytes | None = None
        if text is not None:
            digest = _digest_of(text)
            if digest not in self._places:
                self._places[digest] = self._spool.add(text)
        self._by_key[key] = digest
        if alike is not None:
            self._by_content[alike] = digest

    def __contains__(self, key: GroupKey) -> bool:
        return key in self._by_key

    def __getitem__(self, key: GroupKey) -> bytes | None:
        """The digest of a package's text. None where the rules decide all there is."""
        return self._by_key[key]

    def text(self, digest: bytes) -> str:
        """The text of a digest."""
        found: str = self._spool[self._places[digest]]
        return found

    def all(self) -> Iterator[str]:
        """All texts."""
        return map(self._spool.__getitem__, self._places.values())


def _digest_of(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _key_of(target: Target) -> GroupKey:
    distribution, name, names, _ = target
    assert distribution is not None  # it is ordered
    return distribution.id, distribution.release or "", names, name


def _text(value: object) -> str:
    return value.decode("utf-8", "surrogatepass") if isinstance(value, bytes) else str(value)


def _copied(table: str, changed: Mapping[str, str], column: str, run: tuple[int, int], order: str) -> Copied:
    columns = ", ".join(changed.get(name, f'"{name}"') for name in _COLUMNS[table])
    statement = (
        f'INSERT INTO main."{table}" SELECT {columns} FROM older."{table}"'
        f" WHERE {column} >= ? AND {column} < ? ORDER BY {order}"
    )
    return Copied(statement, run)


def _columns_of(statement: str) -> tuple[str, ...]:
    lines = statement.splitlines()[1:-1]
    names = [line.split()[0].strip('",') for line in lines]
    return tuple([name for name in names if name != "PRIMARY"])


_COLUMNS: Final = {name: _columns_of(statement) for name, statement in TABLES.items()}
