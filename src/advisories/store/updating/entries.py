"""The rows of entries, package by package."""

from operator import itemgetter
from typing import Final

from advisories.store.rows import Row
from advisories.store.spool import Target
from advisories.store.tables import rows_of_entry
from advisories.store.updating.changes import Older, copied
from advisories.store.updating.drawing import Drawing
from advisories.store.updating.numbering import Numbers
from advisories.store.updating.packages import PackageRow, Packages
from advisories.store.updating.pieces import Parts

__all__ = ["EntryRows"]

# Columns that hold numbers, and the table of new ones.
_NUMBERED: Final = {
    "affected": {"number": "entry_step", "advisory": "advisory_step", "module": "module_step"},
    "arch": {"affected": "entry_step"},
    "interval": {"affected": "entry_step"},
}
_KEYS: Final = {
    "affected": ("package", "number"),
    "arch": ("package", "affected", "ordinal"),
    "interval": ("package", "upper_key", "affected", "ordinal"),
}


class EntryRows:
    """The rows of entries.

    :ivar tables: by their names.
    :ivar intervals: how many there are more than before.
    """

    def __init__(self, older: Older, numbers: Numbers, packages: Packages, drawing: Drawing) -> None:
        self.tables: Final = {name: Parts() for name in _KEYS}
        self.intervals = 0
        self._older: Final = older
        self._numbers: Final = numbers
        self._modules: Final = numbers.modules
        self._drawing: Final = drawing
        begin = end = more = 0
        for number, target in enumerate(packages.order):
            package = packages.old.get(target)
            if package is not None and target not in packages.touched:
                if package.number != end or number - package.number != more:
                    self._copy(begin, end, more)
                    begin, more = package.number, number - package.number
                end = package.number + 1
                continue
            self._copy(begin, end, more)
            begin = end = 0
            for table, rows in self._of_package(number, target, package).items():
                self.tables[table].add(rows)
        self._copy(begin, end, more)
        for target in packages.touched - packages.entries.keys():
            number = packages.old[target].number
            self.intervals -= older.value("SELECT count(*) FROM interval WHERE package = ?", number)

    def _copy(self, begin: int, end: int, more: int) -> None:
        """Copy what the packages from one number up to another one have."""
        if begin < end:
            for table, parts in self.tables.items():
                changed = {"package": f"package + {more}"}
                for column, steps in _NUMBERED[table].items():
                    changed[column] = (
                        f"{column} + (SELECT more FROM temp.{steps} WHERE first <= older.{table}.{column}"
                        " ORDER BY first DESC LIMIT 1)"
                    )
                parts.add(copied(table, changed, "package", (begin, end), _KEYS[table]))

    def _of_package(self, number: int, target: Target, package: PackageRow | None) -> dict[str, list[Row]]:
        """The rows of a package of which entries come or go."""
        found: dict[str, list[Row]] = {name: [] for name in _KEYS}
        if package is not None:
            self._add_what_stays(number, package.number, found)
        for entry, one, affected in self._numbers.coming.get(target, ()):
            row, arches, spans = rows_of_entry(
                number,
                entry,
                self._numbers.new[one],
                self._modules[affected.module],
                affected,
                self._drawing.of_entry.get(entry),
            )
            found["affected"].append(row)
            found["arch"] += arches
            found["interval"] += spans
        for name, key in _KEYS.items():
            found[name].sort(key=itemgetter(slice(len(key))))
        self.intervals += len(found["interval"])
        return found

    def _add_what_stays(self, number: int, before: int, found: dict[str, list[Row]]) -> None:
        gone, entries, advisories = self._numbers.gone, self._numbers.entries, self._numbers.advisories
        modules = self._numbers.module_steps
        for row in self._older.rows("SELECT * FROM affected WHERE package = ?", before):
            if row[1] not in gone:
                new = number, entries[row[1]], advisories[row[2]], *row[3:5], modules[row[5]], *row[6:]
                found["affected"].append(new)
        for row in self._older.rows("SELECT * FROM arch WHERE package = ?", before):
            if row[1] not in gone:
                found["arch"].append((number, entries[row[1]], *row[2:]))
        for row in self._older.rows("SELECT * FROM interval WHERE package = ?", before):
            self.intervals -= 1
            if row[2] not in gone:
                found["interval"].append((number, row[1], entries[row[2]], *row[3:]))
