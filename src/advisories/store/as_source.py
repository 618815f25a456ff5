"""A store among other sources: everything in it, and what its own sources had refused."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from advisories.models.frozen import evolve
from advisories.models.reading import ReadReport
from advisories.readers.collector import Collector
from advisories.readers.feeds.registry import Item, Reading, Tally
from advisories.store.reader import Store

__all__ = ["StoreReading"]


class StoreReading(Reading):
    """The advisories of a store, as if it were a feed that is being read. Raises as :class:`Store`."""

    def __init__(self, path: str | Path) -> None:
        store = Store(path)
        records: Iterator[Item] = chain(store, store.all_enrichments())
        super().__init__(str(path), lambda tally: (("store", record) for record in records))
        self._path = str(path)
        self._store = store

    @property
    def digest(self) -> str:
        """The store's."""
        return self._store.digest

    def report(self) -> ReadReport:
        """What was kept is what the store has. Rejections and skips are those of its sources."""
        collector = Collector(self._path)
        collector.hold(len(self._store) + sum(self._store.enrichment_counts.values()))
        tally = Tally()
        for report in self._store.reports:
            collector.absorb(evolve(report, read=report.rejected, kept=0))
            tally.absorb(report)
        return collector.report("store", *tally.results())
