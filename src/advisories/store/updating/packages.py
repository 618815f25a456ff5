"""The packages that there are now, and which of them are worked out anew."""

from collections.abc import Collection, Iterator
from typing import Final

from advisories.index.records import GroupKey
from advisories.matching.rules import UNSTABLE_DEBIAN
from advisories.models.distribution import Distribution
from advisories.models.frozen import frozen
from advisories.models.words import Names
from advisories.store.rows import stored
from advisories.store.spool import Target
from advisories.store.tables import is_ordered, numbered, order_of_distributions, order_of_packages
from advisories.store.updating.changes import Changes, Older, Unusual, key_of, text_of_value
from advisories.store.updating.numbering import Numbers

__all__ = ["PackageRow", "Packages"]

# Where entries of more than a third of the packages change, all is compiled.
_PART: Final = 3
# With more vulnerabilities of which others know something new, the drafts of all packages are made.
_VULNERABILITIES: Final = 5_000
# What one statement looks up.
_FEW: Final = 500


@frozen
class PackageRow:
    """A row of ``package``: its number, entries and draft as they were."""

    number: int
    entries: int
    draft: int | None


class Packages:
    """The packages of the new store. Raises :class:`Unusual`.

    :ivar old: the rows of those that there were.
    :ivar entries: of those that there are now, how many entries each has.
    :ivar distributions: of these, with their numbers.
    :ivar order: those that there are now, in the order of their numbers.
    :ivar by_key: those of them whose versions have an order, by the key of their records.
    :ivar touched: those of which entries come or go, and
    :ivar keys: of these, the keys whose records, drafts and lint are worked out.
    :ivar drafted: the keys of which drafts alone are: others know something new of their vulnerabilities.
    """

    def __init__(self, older: Older, changes: Changes, numbers: Numbers) -> None:
        self._older: Final = older
        self.old: Final = dict(self._rows())
        self.entries: Final[dict[Target, int]] = {}
        for target, row in self.old.items():
            left = row.entries - numbers.gone_of[row.number]
            if left:
                self.entries[target] = left
        for target, coming in numbers.coming.items():
            self.entries[target] = self.entries.get(target, 0) + len(coming)
        distributions = {distribution for distribution, *_ in self.entries if distribution is not None}
        self.distributions: Final = numbered(sorted(distributions, key=order_of_distributions))
        self.order: Final = sorted(self.entries, key=lambda target: order_of_packages(target, self.distributions))
        self.by_key: Final[dict[GroupKey, list[Target]]] = {}
        for target in self.order:
            if is_ordered(target):
                self.by_key.setdefault(key_of(target), []).append(target)
        by_number = {row.number: target for target, row in self.old.items()}
        self.touched: Final = {*numbers.coming, *(by_number[number] for number in numbers.gone_of)}
        self.keys: Final = {key_of(target) for target in self.touched if is_ordered(target)}
        concerned = [by_number[number] for number in self._of_changed_enrichments(changes)]
        self.drafted: Final = {key_of(target) for target in concerned if is_ordered(target)} - self.keys
        if any(key[0] == UNSTABLE_DEBIAN.id for key in self.keys):
            raise Unusual
        if len(self.keys) * _PART > len(self.entries) and len(self.entries) > 50:
            raise Unusual

    def _rows(self) -> Iterator[tuple[Target, PackageRow]]:
        channels: dict[int, set[str]] = {}
        for number, channel in self._older.rows("SELECT distribution, channel FROM channel"):
            channels.setdefault(number, set()).add(text_of_value(channel))
        distributions = {
            number: Distribution(
                text_of_value(id),
                None if release is None else text_of_value(release),
                frozenset(channels.get(number, ())),
            )
            for number, id, release in self._older.rows("SELECT number, id, release FROM distribution")
        }
        for number, of, name, names, type, entries, draft in self._older.rows("SELECT * FROM package ORDER BY number"):
            distribution = None if of is None else distributions[of]
            target = distribution, text_of_value(name), Names(names), text_of_value(type)
            yield target, PackageRow(number, entries, draft)

    def _of_changed_enrichments(self, changes: Changes) -> Collection[int]:
        """The numbers of packages with records of vulnerabilities of which others know something else than before."""
        if changes.enrichments is None:
            return ()
        before = {(one.cve, one.source): one for one in self._older.store.all_enrichments()}
        now = {(one.cve, one.source): one for one, _ in changes.enrichments}
        names = {name[0] for name in before.keys() | now.keys() if before.get(name) != now.get(name)}
        if len(names) > _VULNERABILITIES:
            return {row.number for row in self.old.values()}
        found: set[int] = set()
        wanted = sorted(names)
        for begin in range(0, len(wanted), _FEW):
            some = [stored(name) for name in wanted[begin : begin + _FEW]]
            listed = ",".join("?" * len(some))
            advisories = [
                *self._older.rows(f"SELECT DISTINCT advisory FROM cve WHERE cve IN ({listed})", *some),
                *self._older.rows(f"SELECT number FROM advisory WHERE id IN ({listed})", *some),
            ]
            numbers = ",".join(str(number) for (number,) in advisories)
            rows = self._older.rows(
                f"SELECT DISTINCT package FROM affected INDEXED BY affected_by_advisory WHERE advisory IN ({numbers})"
            )
            found.update(number for (number,) in rows)
        return found
