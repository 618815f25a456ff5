"""Bringing a cache up to date: fetch what is new, judge it, compile what changed, and only then let it count.

A feed that fails leaves what was there. A distribution without a store gets none until all of its feeds are there.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from advisories.fetch.cache import Cache
from advisories.fetch.compiled import Progress, compile_unit
from advisories.fetch.documents import state_of
from advisories.fetch.manifest import Fetched, Manifest, Stored, merged
from advisories.fetch.methods import METHODS, Context
from advisories.fetch.publishers import Feed, Unit
from advisories.models.errors import AdvisoriesError, MissingExtra, UnreadableSource
from advisories.models.frozen import frozen
from advisories.models.nouns import Noun
from advisories.models.reading import ReadReport

__all__ = ["Updated", "needed", "update"]


@frozen
class Updated(Noun):
    """What became of a unit.

    :ivar stored: its store as it is now. None where there is none.
    :ivar is_new: whether it was compiled.
    :ivar failures: why feeds, or all of it, are as they were before, each with an address.
    :ivar missing: names of feeds without which there is no store.
    :ivar reports: what was read for a new store, by feed.
    """

    unit: Unit
    stored: Stored | None
    is_new: bool
    failures: tuple[str, ...]
    missing: tuple[str, ...] = ()
    reports: tuple[ReadReport, ...] = ()


def needed(
    wanted: Iterable[tuple[Unit, Sequence[Feed]]], manifest: Manifest, oldest: datetime, now: datetime, cache: Cache
) -> list[tuple[Unit, Sequence[Feed]]]:
    """The units to fetch, with their feeds: those of which a feed was last asked for before a moment.

    Those too whose store is of other feeds, is damaged, or was compiled by another version. What was asked for later
    than now was so by a wrong clock.
    """
    found = []
    for unit, feeds in wanted:
        stored = manifest.stores.get(unit.name)
        young = (
            stored is not None
            and stored.feeds == tuple([feed.name for feed in feeds])
            and all(oldest < manifest.feeds[name].checked <= now for name in stored.feeds)
            and _opens(cache, stored)
        )
        if not young:
            found.append((unit, feeds))
    return found


def update(
    wanted: Sequence[tuple[Unit, Sequence[Feed]]],
    cache: Cache,
    context: Context,
    *,
    progress: Progress | None = None,
) -> list[Updated]:
    """Bring the stores of some units up to date. The cache must be locked.

    :param wanted: each unit with its feeds.
    """
    manifest = cache.manifest()
    fetched, failures = _fetch(wanted, manifest, context)
    found: list[Updated] = []
    for unit, feeds in wanted:
        why = [failures[feed.name] for feed in feeds if feed.name in failures]
        missing = [feed for feed in feeds if feed.name not in fetched]
        stored = manifest.stores.get(unit.name)
        if missing:
            found.append(Updated(unit, stored, False, tuple(why), tuple([feed.publisher.name for feed in missing])))
            continue
        updated = _compiled(unit, feeds, fetched, manifest, cache, context, why, progress)
        found.append(updated)
        # Feeds that its store is not made of are not those of the cache, nor is when they were asked for.
        if updated.stored is not None and _is_of(updated.stored, fetched):
            manifest = _with(manifest, unit, updated.stored, {name: fetched[name] for name in updated.stored.feeds})
            cache.commit(manifest)
    return found


def _fetch(
    wanted: Sequence[tuple[Unit, Sequence[Feed]]], manifest: Manifest, context: Context
) -> tuple[dict[str, Fetched], dict[str, str]]:
    """Every feed as it is now, or as it was where that failed, and the reasons."""
    fetched: dict[str, Fetched] = {}
    failures: dict[str, str] = {}
    for feed in {feed.name: feed for _, feeds in wanted for feed in feeds}.values():
        earlier = manifest.feeds.get(feed.name)
        try:
            fetched[feed.name] = METHODS[feed.publisher.method](feed, earlier, context)
        except MissingExtra:
            raise
        except UnreadableSource as error:
            failures[feed.name] = str(error)
            if earlier is not None and all(map(context.cache.is_there, earlier.files)):
                fetched[feed.name] = earlier
    return fetched, failures


def _compiled(
    unit: Unit,
    feeds: Sequence[Feed],
    fetched: dict[str, Fetched],
    manifest: Manifest,
    cache: Cache,
    context: Context,
    why: list[str],
    progress: Progress | None,
) -> Updated:
    stored = manifest.stores.get(unit.name)
    while True:
        digests = tuple([state_of(fetched[feed.name]) for feed in feeds])
        names = tuple([feed.name for feed in feeds])
        if stored is not None and (stored.feeds, stored.digests) == (names, digests) and _opens(cache, stored):
            return Updated(unit, stored, False, tuple(why))
        try:
            outcome = compile_unit(
                unit,
                [(feed, fetched[feed.name]) for feed in feeds],
                stored,
                manifest.feeds,
                cache,
                context.limits,
                now=context.now,
                force=context.force,
                progress=progress,
            )
        except MissingExtra:
            raise
        except UnreadableSource as error:
            why.append(str(error))
            feed = next((one for one in feeds if error.source.startswith(fetched[one.name].address)), None)
            earlier = None if feed is None else manifest.feeds.get(feed.name)
            if feed is None or earlier is None or earlier is fetched[feed.name]:
                return Updated(unit, stored, False, tuple(why))
            # As it was before: the others may go on.
            fetched[feed.name] = earlier
            continue
        return Updated(unit, outcome.stored, True, tuple(why), (), tuple(outcome.reports.values()))


def _opens(cache: Cache, stored: Stored) -> bool:
    """Whether the store is there and of this version."""
    from advisories.store.reader import Store
    from advisories.store.schema import READER_VERSION

    try:
        store = Store(cache.checked(stored))
        try:
            return store.reader_version == READER_VERSION and store.has_own_rules
        finally:
            store.close()
    except (AdvisoriesError, OSError):
        return False


def _is_of(stored: Stored, fetched: dict[str, Fetched]) -> bool:
    """Whether a store was compiled from these feeds."""
    own = [fetched.get(name) for name in stored.feeds]
    return stored.digests == tuple([None if feed is None else state_of(feed) for feed in own])


def _with(manifest: Manifest, unit: Unit, stored: Stored, feeds: dict[str, Fetched]) -> Manifest:
    return merged(manifest, Manifest(feeds, {unit.name: stored}))
