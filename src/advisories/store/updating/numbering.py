"""The new numbers of advisories, of their entries and of modules."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable
from typing import Final

from advisories.models.advisories import Affected
from advisories.models.packages import Module
from advisories.store.rows import Row, stored
from advisories.store.spool import Target, target_of
from advisories.store.tables import numbered, order_of_modules
from advisories.store.updating.changes import Older, Unusual, text_of_value
from advisories.store.updating.completing import Exchange

__all__ = ["Numbers", "Steps"]


class Steps:
    """New numbers of what keeps its distance between changes: by the first number of each run how much is added."""

    def __init__(self, runs: Iterable[tuple[int, int]]) -> None:
        self.rows: Final = sorted(runs)
        self._firsts: Final = [first for first, _ in self.rows]

    def __getitem__(self, number: int) -> int:
        return number + self.rows[bisect_right(self._firsts, number) - 1][1]


class Numbers:
    """What is numbered by advisory. Raises :class:`Unusual`.

    :ivar dropped: the rows of the advisories that go, by number.
    :ivar order: the added ones by id.
    :ivar runs: what is copied, from a number up to another one, and what is made, in the new order.
    :ivar new: the numbers of the added ones, and
    :ivar first_entries: of the first entry of each.
    :ivar count: how many advisories there are now.
    :ivar advisories: the new numbers of those that stay, and
    :ivar entries: of their entries.
    :ivar gone: the numbers of the entries that go, and
    :ivar gone_of: how many of them each package has, and
    :ivar published_gone: how many of them advisories named.
    :ivar coming: the entries that come, by what they are about: number, added advisory, and the entry.
    :ivar modules: all that there are now, with their numbers.
    :ivar module_steps: the new numbers of those that stay.
    """

    def __init__(self, older: Older, exchanged: Exchange) -> None:
        self._older: Final = older
        self._exchanged: Final = exchanged
        ids = exchanged.added.ids
        if isinstance(older.value("SELECT id FROM advisory ORDER BY id DESC LIMIT 1"), bytes):
            raise Unusual  # the database orders such ids otherwise
        self.dropped: Final = {
            row[0]: row
            for id in exchanged.gone
            for row in older.rows("SELECT number, kind FROM advisory WHERE id = ?", stored(id))
        }
        self.order: Final = sorted(range(len(ids)), key=ids.__getitem__)
        self.runs: Final[list[tuple[int, int] | int]] = []
        self.new: Final[dict[int, int]] = {}
        self.first_entries: Final[dict[int, int]] = {}
        self.count, self.advisories, self.entries = self._number_advisories(self._inserted())
        self.gone: Final[set[int]] = set()
        self.gone_of: Final[Counter[int]] = Counter()
        self.published_gone = 0
        touched: set[int] = set()
        for advisory in self.dropped:
            for package, number, completed, module in older.rows(
                "SELECT package, number, completed, module FROM affected WHERE advisory = ?", advisory
            ):
                self.published_gone += not completed
                self.gone.add(number)
                self.gone_of[package] += 1
                touched.add(module)
        self.coming: Final[dict[Target, list[tuple[int, int, Affected]]]] = {}
        new_modules: set[Module] = set()
        for one in self.order:
            for number, affected in enumerate(exchanged.entries(one), self.first_entries[one]):
                self.coming.setdefault(target_of(affected), []).append((number, one, affected))
                new_modules.add(affected.module)
        self.modules, self.module_steps = self._number_modules(touched, new_modules)

    def _inserted(self) -> dict[int, list[int]]:
        """The added advisories by the number before which they stand."""
        ids, found = self._exchanged.added.ids, dict[int, list[int]]()
        last: str | None = None
        for one in self.order:
            id = ids[one]
            known = self._older.value("SELECT number FROM advisory WHERE id = ?", stored(id))
            if id == last or isinstance(stored(id), bytes) or (known is not None and known not in self.dropped):
                raise Unusual
            last = id
            before = self._older.value("SELECT number FROM advisory WHERE id < ? ORDER BY id DESC LIMIT 1", id)
            found.setdefault(0 if before is None else before + 1, []).append(one)
        return found

    def _number_advisories(self, inserted: dict[int, list[int]]) -> tuple[int, Steps, Steps]:
        total = len(self._older.store)
        last_entry = self._older.value("SELECT number FROM affected ORDER BY advisory DESC, number DESC LIMIT 1")
        total_entries = 0 if last_entry is None else last_entry + 1

        def entries_before(advisory: int) -> int:
            found = self._older.value(
                "SELECT number FROM affected WHERE advisory >= ? ORDER BY advisory, number LIMIT 1", advisory
            )
            return total_entries if found is None else int(found)

        steps: list[tuple[int, int]] = []
        entry_steps: list[tuple[int, int]] = []
        number = entry = begin = 0
        for place in sorted({*self.dropped, *inserted, total}):
            if begin < place:
                self.runs.append((begin, place))
                steps.append((begin, number - begin))
                first, end = entries_before(begin), entries_before(place)
                entry_steps.append((first, entry - first))
                number, entry = number + place - begin, entry + end - first
            begin = place
            for one in inserted.get(place, ()):
                self.runs.append(one)
                self.new[one], self.first_entries[one] = number, entry
                number, entry = number + 1, entry + self._exchanged.count(one)
            if place in self.dropped:
                begin = place + 1
        # Of runs without entries the last one counts.
        return number, Steps(steps), Steps(dict(entry_steps).items())

    def _number_modules(self, touched: Collection[int], new: set[Module]) -> tuple[dict[Module, int], dict[int, int]]:
        streams: dict[int, list[str]] = {}
        for module, stream in self._older.rows("SELECT module, stream FROM stream ORDER BY module, ordinal"):
            streams.setdefault(module, []).append(text_of_value(stream))
        known = {
            number: Module(bool(is_known), tuple(streams.get(number, ())))
            for number, is_known in self._older.rows("SELECT number, known FROM module")
        }
        dropped = ",".join(map(str, self.dropped))
        of_others = f"SELECT 1 FROM affected WHERE module = ? AND completed = 0 AND advisory NOT IN ({dropped}) LIMIT 1"
        unused = {number for number in touched if self._older.value(of_others, number) is None}
        kept = {module for number, module in known.items() if number not in unused}
        modules = numbered(sorted(kept | new, key=order_of_modules))
        return modules, {number: modules[one] for number, one in known.items() if one in modules}

    def steps(self) -> dict[str, tuple[str, list[Row]]]:
        """The tables that copied rows get their new numbers from, by name: columns, and rows."""
        columns = "first INTEGER PRIMARY KEY, more INTEGER"
        return {
            "entry_step": (columns, list(self.entries.rows)),
            "advisory_step": (columns, list(self.advisories.rows)),
            "module_step": (columns, [(old, new - old) for old, new in self.module_steps.items()]),
        }
