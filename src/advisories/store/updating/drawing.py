"""What drafts are drawn from: the records of what is worked out anew."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from advisories.index.records import Group, GroupKey, Record, record_of
from advisories.models.advisories import Enrichment
from advisories.models.distribution import Distribution
from advisories.models.words import Names
from advisories.store.tables import is_ordered
from advisories.store.updating.changes import Changes, Older, key_of
from advisories.store.updating.completing import Exchange
from advisories.store.updating.numbering import Numbers
from advisories.store.updating.packages import Packages

__all__ = ["Drawing"]


class Drawing:
    """The records of packages of which entries come or go, as a feed's (:class:`~advisories.matching.drafts.Drawn`).

    :ivar of_key: those that stay, and new ones between them, in the order of their advisories.
    :ivar of_entry: the new ones, by the numbers of their entries.
    """

    def __init__(
        self, older: Older, changes: Changes, exchanged: Exchange, numbers: Numbers, packages: Packages
    ) -> None:
        store = older.store
        self._store: Final = store
        store.prefetch(packages.keys)
        self.of_key: Final[dict[GroupKey, list[Record]]] = {}
        for key in packages.keys:
            group = store.group(key)
            if group is not None:
                self.of_key[key] = [one for one in group.records if one.advisory.id not in exchanged.gone]
        bare = {one: exchanged.added.made(one) for one in numbers.order}
        self.of_entry: Final[dict[int, Record]] = {}
        for target, coming in numbers.coming.items():
            if is_ordered(target):
                for number, one, affected in coming:
                    record = self.of_entry[number] = record_of(bare[one], affected)
                    self.of_key.setdefault(key_of(target), []).append(record)
        # Advisories are numbered by id. Those of one stand in their own order.
        own = {id(record): number for number, record in self.of_entry.items()}
        for records in self.of_key.values():
            records.sort(key=lambda record: (record.advisory.id, own.get(id(record), 0)))
        self._enrichments: Final[dict[str, list[Enrichment]] | None] = None if changes.enrichments is None else {}
        for enrichment, _ in changes.enrichments or ():
            assert self._enrichments is not None
            self._enrichments.setdefault(enrichment.cve, []).append(enrichment)
        self._beside: dict[GroupKey, list[Record]] = {}

    @contextmanager
    def beside(self, keys: Iterable[GroupKey]) -> Iterator[None]:
        """With the records of these packages as well, of which no entry comes or goes."""
        self._beside = self._store.records(list(keys))
        try:
            yield
        finally:
            self._beside = {}

    def records(self, distribution: Distribution, names: Names, package: str, /) -> Sequence[Record]:
        """As a feed's."""
        key = distribution.id, distribution.release or "", names, package
        return self._beside[key] if key in self._beside else self.of_key.get(key, ())

    def group(self, distribution: Distribution, names: Names, package: str, /) -> Group | None:
        """As a feed's: of Debian alone, whose advisories are as they were."""
        return self._store.group((distribution.id, distribution.release or "", names, package))

    def enrichments(self, cve: str, /) -> Sequence[Enrichment]:
        """As a feed's."""
        return self._store.enrichments(cve) if self._enrichments is None else self._enrichments.get(cve, ())
