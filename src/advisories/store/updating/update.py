"""The steps together: the tables of a store with changes."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from itertools import chain
from typing import Any, Final

from advisories.matching.drafts import RULES_VERSION
from advisories.models.errors import DamagedStore
from advisories.store.database import OF_DAMAGE
from advisories.store.reader import Store
from advisories.store.schema import READER_VERSION, TABLES
from advisories.store.spool import Rows, Spool
from advisories.store.tables import is_ordered, rows_of_distributions, rows_of_modules, rows_of_sources
from advisories.store.updating.advisories import AdvisoryRows, enrichment_rows
from advisories.store.updating.changes import Changes, Older, Unusual
from advisories.store.updating.completing import exchange
from advisories.store.updating.drafts import package_rows
from advisories.store.updating.drawing import Drawing
from advisories.store.updating.entries import EntryRows
from advisories.store.updating.lint import flaw_rows
from advisories.store.updating.numbering import Numbers
from advisories.store.updating.packages import Packages
from advisories.store.writing import Pieces, write

__all__ = ["update_store"]


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
        older = Older(store)
        try:
            update = _Update(older, changes, folder)
        except Unusual:
            return False
        except OF_DAMAGE as error:
            raise DamagedStore(path, f"damaged: {error}") from error
        finally:
            older.close()
        write(output, update.tables, store.path, update.numbers.steps())
    finally:
        store.close()
    return True


class _Update:
    """Works out the rows of a store with changes. Raises :class:`Unusual`.

    :ivar tables: the rows of all tables but for the digest.
    """

    def __init__(self, older: Older, changes: Changes, folder: str) -> None:
        spool = Spool(folder)
        self._older: Final = older
        self._changes: Final = changes
        self._exchanged: Final = exchange(older, changes, folder)
        self.numbers: Final = Numbers(older, self._exchanged)
        self._packages: Final = Packages(older, changes, self.numbers)
        drawing = Drawing(older, changes, self._exchanged, self.numbers, self._packages)
        found: dict[str, Rows] = {name: Rows(spool) for name in TABLES}
        rows_of_sources(changes.sources, found)
        covered = {one[0] for one in self._packages.order if is_ordered(one)}
        rows_of_distributions(self._packages.distributions, covered, found)
        rows_of_modules(self.numbers.modules, found)
        advisories = AdvisoryRows(self._exchanged, self.numbers, spool)
        entries = EntryRows(older, self.numbers, self._packages, drawing)
        drafts = package_rows(older, self._packages, drawing, spool)
        found["flaw"] += flaw_rows(older, self._exchanged, self.numbers, self._packages, drawing)
        self._count(advisories, entries, found)
        self.tables: Final[Mapping[str, Pieces]] = {
            **found,
            **advisories.tables,
            **enrichment_rows(changes, spool),
            **entries.tables,
            **drafts,
        }

    def _count(self, advisories: AdvisoryRows, entries: EntryRows, found: dict[str, Rows]) -> None:
        """The rows of what is counted."""
        numbers, changes = self.numbers, self._changes
        meta: dict[str, Any] = dict(self._older.rows("SELECT name, value FROM meta"))
        kinds: Counter[str] = Counter(dict(self._older.rows("SELECT kind, advisories FROM kind")))
        kinds.subtract(Counter(kind for _, kind in numbers.dropped.values()))
        kinds.update(advisories.kinds)
        found["kind"] += sorted(kinds.items())
        unordered = Counter[str]()
        for target, count in self._packages.entries.items():
            if not is_ordered(target):
                unordered[target[3]] += count
        found["unordered"] += sorted(unordered.items())
        meta |= {
            "advisories": numbers.count,
            "enrichments": meta["enrichments"] if changes.enrichments is None else len(changes.enrichments),
            "entries": meta["entries"] - numbers.published_gone + sum(map(self._exchanged.published, numbers.order)),
            "intervals": meta["intervals"] + entries.intervals,
            "newest": self._newest(advisories),
            "packages": len(self._packages.order),
            "reader_version": READER_VERSION,
            "rules_version": RULES_VERSION,
        }
        kept = sum([source.report.kept for source in changes.sources])
        if kept != meta["advisories"] + meta["enrichments"]:
            raise Unusual  # an id twice
        del meta["digest"]
        found["meta"] += sorted(meta.items())

    def _newest(self, advisories: AdvisoryRows) -> str | None:
        known: dict[str, datetime] = {}
        found: tuple[datetime, int] | None = None
        stays = (
            (known.setdefault(text, datetime.fromisoformat(text)) if text not in known else known[text], number)
            for number, text in self._older.rows("SELECT number, coalesce(modified, published) FROM advisory")
            if text is not None and number not in self.numbers.dropped
        )
        renumbered = ((date, self.numbers.advisories[number]) for date, number in stays)
        for date, number in chain(renumbered, ((date, number) for number, date in advisories.dates.items())):
            if found is None or date > found[0] or (date == found[0] and number < found[1]):
                found = date, number
        return None if found is None else found[0].isoformat()
