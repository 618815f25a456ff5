"""From the feeds of a cache to a store: their documents under their publishers' addresses, judged before they count.

A file may be whole and still be the wrong one. What was read has to be of the format and the releases that the table
has, no older than what was there, and not a half of it.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Final

from advisories.fetch.cache import Cache, digest_of
from advisories.fetch.client import moment_of
from advisories.fetch.deltas import delta_of
from advisories.fetch.documents import digest_of_feed, documents_of, state_of
from advisories.fetch.manifest import Fetched, Stored
from advisories.fetch.methods import NOTES
from advisories.fetch.network import FetchFailed
from advisories.fetch.publishers import EVERY, Feed, Unit
from advisories.models.errors import DamagedStore
from advisories.models.frozen import evolve, frozen
from advisories.models.reading import ReadReport
from advisories.sources.limits import Limits
from advisories.store.compiling import Source, Supply, read_sources, write_store
from advisories.store.reader import Provenance
from advisories.store.spool import Spooled
from advisories.store.updating import Changes, update_store

__all__ = ["Outcome", "compile_unit"]

Progress = Callable[[str, int], None]
_UNIT_PART: Final = "store.db"


@frozen
class Outcome:
    """A store that was compiled.

    :ivar reports: of each feed that was read, by its name.
    """

    stored: Stored
    reports: Mapping[str, ReadReport]


def compile_unit(
    unit: Unit,
    feeds: Sequence[tuple[Feed, Fetched]],
    earlier: Stored | None,
    before: Mapping[str, Fetched],
    cache: Cache,
    limits: Limits,
    *,
    now: datetime,
    force: bool,
    progress: Progress | None = None,
) -> Outcome:
    """Compile the store of a unit: of what has changed since the earlier one, where that can be seen.

    :param before: the feeds as they were when the earlier one was compiled, by name.
    :param force: whether a feed may be older than before, or have less than half of the records.

    Raises :class:`~advisories.models.errors.UnreadableSource` with the address of the first feed that does not count,
    and :class:`~advisories.models.errors.UnwritableStore`.
    """
    output = cache.place(earlier.path) if earlier is not None and cache.is_there(earlier) else cache.place("none")

    def read(some: Sequence[tuple[Feed, Fetched]]) -> Sequence[Source]:
        supplies = [
            Supply(one.address, partial(documents_of, cache, feed, one, limits), digest_of_feed(one))
            for feed, one in some
        ]
        return read_sources(supplies, output, limits=limits, progress=progress)

    part = os.path.join(cache.parts, _UNIT_PART)
    if os.path.lexists(part):
        os.unlink(part)
    delta, is_updated = None, False
    if earlier is not None and cache.is_there(earlier) and not force:
        delta = delta_of(feeds, before, earlier, cache, limits, lambda *feed: read([feed])[0])
    if delta is not None:
        sources, own = _dated(unit, feeds, delta.sources, earlier, force=force)
        changes = Changes(
            [Provenance(one.report, one.digest, True) for one in sources],
            delta.gone,
            Spooled.of([one for one, _ in delta.added], cache.parts),
            [place for _, place in delta.added],
            delta.enrichments,
        )
        with suppress(DamagedStore):
            is_updated = update_store(output, changes, part, cache.parts)
        delta = delta if is_updated else None
    if delta is None:
        sources, own = _dated(unit, feeds, read(feeds), earlier, force=force)
        write_store(sources, part)
    digest, size = digest_of(part), os.path.getsize(part)
    path = cache.keep_store(part, unit.name, digest)
    stored = Stored(
        unit.text,
        path,
        size,
        digest,
        tuple([feed.name for feed, _ in feeds]),
        tuple([state_of(fetched) for _, fetched in feeds]),
        tuple([source.report.kept for source in sources]),
        own,
        now,
    )
    return Outcome(stored, {feed.name: one.report for (feed, _), one in zip(feeds, sources, strict=True)})


def _dated(
    unit: Unit,
    feeds: Sequence[tuple[Feed, Fetched]],
    sources: Sequence[Source],
    earlier: Stored | None,
    *,
    force: bool,
) -> tuple[Sequence[Source], tuple[datetime | None, ...]]:
    """The sources once they are judged, each with a date, and their own dates."""
    for (feed, _), source in zip(feeds, sources, strict=True):
        _judge(unit, feed, source.report, earlier, force=force)
    own = [
        None if _is_undated(feed, source, earlier) else source.report.newest
        for (feed, _), source in zip(feeds, sources, strict=True)
    ]
    dated = [
        source if date is not None else evolve(source, report=evolve(source.report, newest=_date_of(feed, fetched)))
        for (feed, fetched), source, date in zip(feeds, sources, own, strict=True)
    ]
    return dated, tuple(own)


def _is_undated(feed: Feed, source: Source, earlier: Stored | None) -> bool:
    """Whether the records of a feed have no dates. What was taken over has the date that it was given then."""
    if source.report.newest is None or not source.is_taken or earlier is None or feed.name not in earlier.feeds:
        return source.report.newest is None
    return earlier.newest[earlier.feeds.index(feed.name)] is None


def _date_of(feed: Feed, fetched: Fetched) -> datetime | None:
    """When a feed without dates was published: the date of its oldest file.

    A mirror's date would be that of the mirror. Facts about CVEs have no say in how old advisories are.
    """
    if fetched.mirror or feed.publisher.distribution == EVERY:
        return None
    dates = [moment_of(file.modified) for file in fetched.files if file.path.rpartition("/")[2] not in NOTES]
    return min([date for date in dates if date is not None], default=None) if None not in dates else None


def _judge(unit: Unit, feed: Feed, report: ReadReport, earlier: Stored | None, *, force: bool) -> None:
    """Raise :class:`FetchFailed` for a feed that is another one than the table has, or less than what was there."""
    publisher = feed.publisher
    if report.format != publisher.format:
        raise FetchFailed(feed.address, f"of the format {report.format}, where {publisher.format} is published")
    if publisher.distribution != EVERY:
        own = unit.distribution
        found = {(one.distribution.id, one.distribution.release) for one in report.scopes}
        if not any(id == own.id and (own.release in (None, release) or release is None) for id, release in found):
            names = ", ".join(sorted({f"{id} {release or ''}".strip() for id, release in found})[:5]) or "no release"
            raise FetchFailed(feed.address, f"advisories of {names}, where those of {own} are published")
    if earlier is None or feed.name not in earlier.feeds or force:
        return
    place = earlier.feeds.index(feed.name)
    kept, newest = earlier.kept[place], earlier.newest[place]
    if newest is not None and (report.newest is None or report.newest < newest):
        when = f"{report.newest:%Y-%m-%d %H:%M}" if report.newest else "no date"
        why = f"its newest record is of {when}, and that of what is there of {newest:%Y-%m-%d %H:%M}"
        raise FetchFailed(feed.address, f"older than before: {why} (--force takes it)")
    if report.kept * 2 < kept:
        why = f"{report.kept} records, of {kept} that are there"
        raise FetchFailed(feed.address, f"it has lost more than half: {why} (--force takes it)")
