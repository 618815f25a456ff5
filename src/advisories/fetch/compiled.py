"""From the feeds of a cache to a store: their documents under their publishers' addresses, judged before they count.

A file may be whole and still be the wrong one. What was read has to be of the format and the releases that the table
has, no older than what was there, and not a half of it.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Final

from advisories.fetch.cache import Cache, digest_of
from advisories.fetch.client import moment_of
from advisories.fetch.manifest import Fetched, Stored
from advisories.fetch.methods import CHANGES, NOTES
from advisories.fetch.network import FetchFailed
from advisories.fetch.publishers import EVERY, Feed, Unit
from advisories.models.errors import MissingExtra, UnreadableSource
from advisories.models.frozen import evolve, frozen
from advisories.models.reading import ReadReport, Rejection, Skip
from advisories.sources.documents import Document, Found, documents
from advisories.sources.limits import Limits
from advisories.store.compiling import Source, Supply, read_sources, write_store

__all__ = ["Outcome", "compile_unit", "state_of"]

Progress = Callable[[str, int], None]
_UNIT_PART: Final = "store.db"


@frozen
class Outcome:
    """A store that was compiled.

    :ivar reports: of each feed that was read, by its name.
    """

    stored: Stored
    reports: Mapping[str, ReadReport]


def state_of(feed: Fetched) -> str:
    """What a feed is made of, as a text: another one where any file with advisories changes."""
    files = [file.sha256 for file in feed.files if file.path.rpartition("/")[2] not in NOTES]
    return " ".join([*files, *feed.removed])


def compile_unit(
    unit: Unit,
    feeds: Sequence[tuple[Feed, Fetched]],
    earlier: Stored | None,
    cache: Cache,
    limits: Limits,
    *,
    now: datetime,
    force: bool,
    progress: Progress | None = None,
) -> Outcome:
    """Compile the store of a unit.

    :param force: whether a feed may be older than before, or have less than half of the records.

    Raises :class:`~advisories.models.errors.UnreadableSource` with the address of the first feed that does not count,
    and :class:`~advisories.models.errors.UnwritableStore`.
    """
    supplies = [Supply(fetched.address, partial(_documents, cache, feed, fetched, limits)) for feed, fetched in feeds]
    output = cache.place(earlier.path) if earlier is not None and cache.is_there(earlier) else cache.place("none")
    sources = read_sources(supplies, output, limits=limits, progress=progress)
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
    part = os.path.join(cache.parts, _UNIT_PART)
    if os.path.lexists(part):
        os.unlink(part)
    write_store(dated, part)
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
        tuple(own),
        now,
    )
    return Outcome(stored, {feed.name: one.report for (feed, _), one in zip(feeds, sources, strict=True)})


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


def _documents(cache: Cache, feed: Feed, fetched: Fetched, limits: Limits) -> Iterator[Found]:
    """The documents of a feed, each under its publisher's address, without those that others replace."""
    try:
        yield from _found(cache, feed, fetched, limits)
    except MissingExtra:
        raise
    except UnreadableSource as error:
        raise FetchFailed(fetched.address, error.why) from error


def _found(cache: Cache, feed: Feed, fetched: Fetched, limits: Limits) -> Iterator[Found]:
    files = [file for file in fetched.files if file.path.rpartition("/")[2] not in NOTES]
    changes = [file for file in files if file.path.endswith(f"/{CHANGES}")]
    wholes = [file for file in files if file not in changes]
    depth = 2 if feed.publisher.method == "csaf" else 1
    replacing: list[Found] = []
    for file in changes:
        replacing += documents(cache.checked(file), limits)
    replaced = {_last(one.source, depth) for one in replacing} | set(fetched.removed)
    for file in wholes:
        place = cache.checked(file)
        for one in documents(place, limits):
            if not (replaced and "!" in one.source and _last(one.source, depth) in replaced):
                yield _named(one, place, file.address)
    for one in replacing:
        yield _named(one, one.source.partition("!")[0], fetched.address)


def _last(source: str, depth: int) -> str:
    """The last parts of a member's path."""
    return "/".join(source.partition("!")[2].split("/")[-depth:])


def _named(one: Found, place: str, address: str) -> Found:
    assert isinstance(one, Document | Rejection | Skip)
    return evolve(one, source=f"{address}{one.source.removeprefix(place)}")
