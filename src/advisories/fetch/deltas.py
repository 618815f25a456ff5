"""What has changed of a unit's feeds since its store was compiled, where its documents show that.

A publisher that has changes beside an archive (OSV, CSAF) has the cache keep both. While the archive is the same, the
documents that are other ones than before are among those beside it and those that were removed. They are read as they
were and as they are, and no other document is unpacked.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Final

from advisories.fetch.cache import Cache, UnusableCache
from advisories.fetch.documents import digest_of_feed, last_of, named, parts_of, state_of
from advisories.fetch.manifest import Fetched, Kept, Stored
from advisories.fetch.publishers import EVERY, Feed
from advisories.index.merging import merged_enrichments
from advisories.models.advisories import Advisory, Enrichment
from advisories.models.distribution import Distribution
from advisories.models.errors import MissingExtra, UnreadableSource
from advisories.models.frozen import evolve, field, frozen
from advisories.models.nouns import Noun, outlined
from advisories.models.reading import ReadReport, Rejection, Scope
from advisories.readers.feeds.registry import read_documents
from advisories.sources.documents import Found, Wanted, documents
from advisories.sources.limits import Limits
from advisories.store.compiling import Source
from advisories.store.reader import Store

__all__ = ["Delta", "delta_of"]

_METHODS: Final = frozenset({"osv", "csaf"})


@frozen
class Delta(Noun):
    """What has changed.

    :ivar sources: of each feed, with the report that reading all of it would give. Their advisories are left out.
    :ivar gone: the ids of advisories that are no longer as they were.
    :ivar added: those that are new, or as they are now, each with the place of its feed.
    :ivar enrichments: all of them, each with the place of its feed. None where they are as they were.
    """

    sources: Sequence[Source]
    gone: Collection[str] = field(repr=outlined)
    added: Sequence[tuple[Advisory, int]] = field(repr=outlined)
    enrichments: Sequence[tuple[Enrichment, int]] | None = field(repr=outlined)


def delta_of(
    feeds: Sequence[tuple[Feed, Fetched]],
    before: Mapping[str, Fetched],
    earlier: Stored,
    cache: Cache,
    limits: Limits,
    read: Callable[[Feed, Fetched], Source],
) -> Delta | None:
    """What has changed since a store was compiled. None where that takes reading a feed of advisories as a whole.

    That is so for whatever cannot be read, too: reading all of it shows why.

    :param before: the feeds as the cache had them, by name.
    :param read: reads a feed of what others know about CVEs as a whole.
    """
    names = tuple([feed.name for feed, _ in feeds])
    if earlier.feeds != names or not before.keys() >= set(names):
        return None
    if earlier.digests != tuple([state_of(before[name]) for name in names]):
        return None
    try:
        store = Store(cache.checked(earlier))
        try:
            return _delta(feeds, before, earlier, store, cache, limits, read)
        finally:
            store.close()
    except MissingExtra:
        raise
    except (UnreadableSource, UnusableCache):
        return None


def _delta(
    feeds: Sequence[tuple[Feed, Fetched]],
    before: Mapping[str, Fetched],
    earlier: Stored,
    store: Store,
    cache: Cache,
    limits: Limits,
    read: Callable[[Feed, Fetched], Source],
) -> Delta | None:
    if len(store.provenance) != len(feeds):
        return None
    sources: list[Source] = []
    gone: list[str] = []
    added: list[tuple[Advisory, int]] = []
    anew: set[int] = set()
    for place, ((feed, now), provenance) in enumerate(zip(feeds, store.provenance, strict=True)):
        was, report = before[feed.name], provenance.report
        if report.source != now.address or provenance.digest != digest_of_feed(was):
            return None
        if state_of(was) == state_of(now):
            sources.append(Source(report, digest_of_feed(now), (), is_taken=True))
        elif feed.publisher.distribution == EVERY:
            source = read(feed, now)
            if len(source.advisories):
                return None
            anew.add(place)
            sources.append(source)
        elif earlier.newest[place] is None:
            return None  # it has the date of its files
        else:
            found = _of_documents(feed, was, now, report, partial(store.newest_without, place), cache, limits)
            if found is None:
                return None
            own, its_gone, its_added = found
            sources.append(Source(own, digest_of_feed(now), ()))
            gone += its_gone
            added += [(one, place) for one in its_added]
    if not anew:
        return Delta(sources, gone, added, None)
    kept = zip(store.all_enrichments(), store.enrichment_origins, strict=True)
    placed = [(one, place) for one, place in kept if place not in anew]
    placed += [(one, place) for place in sorted(anew) for one in sources[place].enrichments]
    origins = {(one.cve, one.source): place for one, place in placed}
    enrichments, again = merged_enrichments(one for one, _ in placed)
    if again:
        return None
    return Delta(sources, gone, added, [(one, origins[one.cve, one.source]) for one in enrichments])


def _of_documents(
    feed: Feed,
    was: Fetched,
    now: Fetched,
    report: ReadReport,
    newest: Callable[[Collection[str]], datetime | None],
    cache: Cache,
    limits: Limits,
) -> tuple[ReadReport, list[str], list[Advisory]] | None:
    """The report of a feed as it is now, the ids that are no longer as they were, and the advisories in their place.

    :param newest: when the advisory changed last that is not among some ids.
    """
    (wholes, old_changes), (same, new_changes) = parts_of(was), parts_of(now)
    if feed.publisher.method not in _METHODS or [one.sha256 for one in wholes] != [one.sha256 for one in same]:
        return None
    depth = 2 if feed.publisher.method == "csaf" else 1

    def found(files: Iterable[Kept], address: str, wanted: Wanted | None) -> dict[str, list[Found]]:
        by_name: dict[str, list[Found]] = {}
        for file in files:
            place = cache.checked(file)
            for one in documents(place, limits, wanted):
                if "!" in one.source:
                    its = named(one, place, address or file.address)
                    by_name.setdefault(last_of(one.source, depth), []).append(its)
        return by_name

    old, new = found(old_changes, was.address, None), found(new_changes, now.address, None)
    names = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
    names |= set(was.removed) ^ set(now.removed)
    hidden = set(was.removed), set(now.removed)
    needed = {
        name
        for name in names
        if (name not in old and name not in hidden[0]) or (name not in new and name not in hidden[1])
    }
    whole = found(wholes, "", lambda member: last_of(f"!{member}", depth) in needed) if needed else {}

    def shown(beside: Mapping[str, list[Found]], removed: Collection[str]) -> list[Found]:
        lists = [beside.get(name) or ([] if name in removed else whole.get(name, [])) for name in sorted(names)]
        return [one for its in lists for one in its]

    before = _read(now.address, shown(old, hidden[0]), limits)
    after = _read(now.address, shown(new, hidden[1]), limits)
    if before is None or after is None:
        return None
    if {before[1].format, after[1].format} - {report.format, ""}:
        return None
    dates = [date for date in (after[1].newest, newest(before[0].keys())) if date is not None]
    changed = evolve(_report(report, before[1], after[1]), newest=max(dates, default=None))
    gone = [id for id, one in before[0].items() if after[0].get(id) != one]
    return changed, gone, [one for id, one in after[0].items() if before[0].get(id) != one]


def _read(address: str, found: Sequence[Found], limits: Limits) -> tuple[Mapping[str, Advisory], ReadReport] | None:
    """The advisories of some documents by id, and the report. None where something is rejected, or an id is twice."""
    reading = read_documents(address, found, limits)
    by_id: dict[str, Advisory] = {}
    for item in reading:
        if isinstance(item, Rejection) or (isinstance(item, Advisory) and by_id.setdefault(item.id, item) is not item):
            return None
    report = reading.report()
    return None if report.losses else (by_id, report)


def _report(report: ReadReport, before: ReadReport, after: ReadReport) -> ReadReport:
    """The report of a feed of which some documents are other ones."""
    skips = Counter(dict(report.skips))
    skips.subtract(dict(before.skips))
    skips.update(dict(after.skips))
    advisories, single = Counter[tuple[Distribution, str]](), Counter[tuple[Distribution, str]]()
    for sign, one in ((1, report), (-1, before), (1, after)):
        for scope in one.scopes:
            advisories[scope.distribution, scope.part] += sign * scope.advisories
            single[scope.distribution, scope.part] += sign * scope.single
    scopes = [Scope(*key, count, single[key]) for key, count in advisories.items() if count]
    return evolve(
        report,
        read=report.read - before.read + after.read,
        kept=report.kept - before.kept + after.kept,
        skips=tuple(sorted((why, times) for why, times in skips.items() if times)),
        scopes=tuple(sorted(scopes, key=lambda one: (one.distribution.id, one.distribution.release or "", one.part))),
    )
