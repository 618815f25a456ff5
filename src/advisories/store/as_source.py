"""A store among other sources: everything in it, and what its own sources had refused."""

from collections import Counter
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from advisories.models import ReadReport
from advisories.readers.feeds.registry import Item, Reading
from advisories.store.reader import Store

__all__ = ["StoreReading"]


class StoreReading(Reading):
    """The advisories of a store, as if it were a feed that is being read. Raises as :class:`Store`."""

    def __init__(self, path: str | Path) -> None:
        store = Store(path)
        records: Iterator[Item] = chain(store, store.all_enrichments())
        super().__init__(str(path), (("store", record) for record in records))
        self._store = store

    @property
    def digest(self) -> str:
        """The store's."""
        return self._store.digest

    def report(self) -> ReadReport:
        """What was kept is what the store has. Rejections and skips are those of its sources."""
        reports = self._store.reports
        kept = len(self._store) + sum(self._store.enrichment_counts.values())
        skips = Counter[str]()
        for report in reports:
            skips.update(dict(report.skips))
        return ReadReport(
            self._source,
            "store",
            kept + sum([report.rejected for report in reports]),
            kept,
            tuple([rejection for report in reports for rejection in report.rejections]),
            tuple(sorted(skips.items())),
        )
