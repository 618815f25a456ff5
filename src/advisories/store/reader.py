"""A store as the advisories behind a feed. Records are read when they are needed, and groups stay in memory."""

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from advisories.index.records import Group, GroupKey, Record, grouped, lower_case
from advisories.matching.drafts import RULES_VERSION, Drafts
from advisories.models.advisories import Advisory, Affected, Enrichment, Kind
from advisories.models.distribution import Distribution
from advisories.models.errors import UnreadableSource
from advisories.models.frozen import frozen
from advisories.models.lazy import lazy_property
from advisories.models.nouns import Noun
from advisories.models.reading import Extent, Flaw, FlawKind, Loss, ReadReport, Rejection, Scope
from advisories.store.database import Database
from advisories.store.loading import Loader
from advisories.store.rows import INTEGER, MAYBE_INTEGER, MAYBE_TEXT, TEXT, Shape, batches, stored
from advisories.store.schema import READER_VERSION

__all__ = ["Provenance", "Store"]

_UNREAD: Final = object()
_OF_NUMBER: Final = Shape(INTEGER)
_OF_ID: Final = Shape(TEXT)
_OF_CHANNEL: Final = Shape(MAYBE_TEXT)
_CHANNELS: Final = (
    "SELECT DISTINCT affected.channel FROM distribution JOIN package ON package.distribution = distribution.number "
    "JOIN affected ON affected.package = package.number "
    "WHERE distribution.id = ? AND ifnull(distribution.release, '') = ?"
)
_NAMED: Final = (
    "SELECT DISTINCT name FROM package WHERE distribution IN"
    " (SELECT number FROM distribution WHERE id = ? AND ifnull(release, '') = ?) AND "
)
_CASED: Final = f"{_NAMED}name <> lower(name)"
_OF_PLACE: Final = Shape(INTEGER, INTEGER)
_OF_RELEASE: Final = Shape(TEXT, MAYBE_TEXT)
_SOURCED: Final = (
    "SELECT id, release FROM distribution AS own WHERE covered AND EXISTS"
    " (SELECT 1 FROM package JOIN affected ON affected.package = package.number JOIN advisory"
    " ON advisory.number = affected.advisory"
    " WHERE distribution = own.number AND names = 'source' AND withdrawn IS NULL)"
)
_OF_COUNT: Final = Shape(TEXT, INTEGER)
_OF_FLAW: Final = Shape(TEXT, TEXT, MAYBE_TEXT, MAYBE_INTEGER, TEXT)
_OF_SOURCE: Final = Shape(INTEGER, *[TEXT] * 3, *[INTEGER] * 6, MAYBE_TEXT, INTEGER)
_REJECTION: Final = "SELECT source, ordinal, path, position, what, why, extent, losses FROM rejection"
_OF_REJECTION: Final = Shape(INTEGER, INTEGER, *[TEXT] * 5, MAYBE_INTEGER)
_LOST: Final = "SELECT source, rejection, ordinal, package, distribution, release, advisory FROM lost"
_OF_LOST: Final = Shape(*[INTEGER] * 3, *[MAYBE_TEXT] * 4)
_SKIP: Final = "SELECT source, ordinal, why, times FROM skip"
_OF_SKIP: Final = Shape(INTEGER, INTEGER, TEXT, INTEGER)
_SCOPE: Final = "SELECT source, ordinal, distribution, release, part, advisories, single FROM scope"
_OF_SCOPE: Final = Shape(INTEGER, INTEGER, TEXT, MAYBE_TEXT, TEXT, INTEGER, INTEGER)
_LOSS: Final = "SELECT source, ordinal, package, distribution, release, advisory FROM loss"
_OF_LOSS: Final = Shape(INTEGER, INTEGER, *[MAYBE_TEXT] * 4)


@frozen
class Provenance(Noun):
    """A source of a store's advisories.

    :ivar report: what its reader did.
    :ivar digest: of its files, SHA-256 in hexadecimal.
    :ivar whole: no other source has an advisory of the same id as one of its own.
    """

    report: ReadReport
    digest: str
    whole: bool


class Store:
    """A compiled feed in one file, for :func:`advisories.store.open_feed`. Attributes as the feed's.

    Opening it reads a few rows, whatever its size. Everything else is read when it is needed, and may then raise
    :class:`~advisories.models.errors.DamagedStore`. Safe to share between threads. A process that is forked opens
    the file anew, which must have the same digest. Pickles as its path and digest.

    Raises :class:`~advisories.models.errors.UnreadableSource` for what is no store of this version.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._database: Final = Database(os.fspath(path))
        self._loader: Final = Loader(self._database)
        self._groups: Final[dict[GroupKey, Group | None]] = {}
        self._drafts: Final[dict[GroupKey, Drafts | None]] = {}
        self._enrichments: Final[dict[str, tuple[Enrichment, ...]]] = {}
        self._cased: Final[dict[tuple[str, str], frozenset[str]]] = {}

    def __eq__(self, other: object) -> bool:
        """Whether they are the same content of the same file."""
        if not isinstance(other, Store):
            return NotImplemented
        return (self.path, self.digest) == (other.path, other.digest)

    def __hash__(self) -> int:
        return hash((self.path, self.digest))

    def __reduce__(self) -> tuple[object, ...]:
        return _same, (self.path, self.digest)

    @property
    def path(self) -> str:
        """Of the file, absolute."""
        return self._database.path

    @property
    def digest(self) -> str:
        """SHA-256 of the file with zeros in its place, in hexadecimal, as it stands in the file."""
        return self._database.digest

    @property
    def reader_version(self) -> int:
        """:data:`advisories.store.schema.READER_VERSION` when it was compiled."""
        return self._database.count("reader_version")

    @property
    def entries(self) -> int:
        """Affected entries of all advisories."""
        return self._database.count("entries")

    @property
    def intervals(self) -> int:
        """Rows of the table ``interval``."""
        return self._database.count("intervals")

    def close(self) -> None:
        """Close the file. Reading anything more raises :class:`~advisories.models.errors.UnreadableSource`."""
        self._database.close()

    # ---- what a feed needs ----

    def __len__(self) -> int:
        return self._database.count("advisories")

    def __iter__(self) -> Iterator[Advisory]:
        # Entries lie by package, not by advisory: reading all at once is one pass.
        with self._database:
            return iter(self._loader.everything())

    def advisory(self, id: str) -> Advisory | None:
        with self._database:
            (found,) = self._database.select(_OF_NUMBER, "SELECT number FROM advisory WHERE id = ?", (stored(id),))
            return self._loader.advisory(found[0]) if found else None

    def aliases(self, ids: Collection[str]) -> Mapping[str, tuple[str, ...]]:
        with self._database:
            return self._loader.aliases(ids)

    def summaries(self, ids: Collection[str]) -> Mapping[str, Advisory]:
        with self._database:
            return self._loader.summaries(ids)

    def ids(self) -> frozenset[str]:
        with self._database:
            (found,) = self._database.select(_OF_ID, "SELECT id FROM advisory UNION SELECT cve FROM cve")
            return frozenset(found)

    def group(self, key: GroupKey) -> Group | None:
        try:
            return self._groups[key]
        except KeyError:
            self.prefetch((key,))
            return self._groups[key]

    def channels(self, id: str, release: str) -> frozenset[str | None]:
        with self._database:
            (found,) = self._database.select(_OF_CHANNEL, _CHANNELS, (id, release))
            return frozenset(found)

    def cased(self, id: str, release: str) -> frozenset[str]:
        known = self._cased.get((id, release))
        if known is None:
            with self._database:
                (names,) = self._database.select(_OF_ID, _CASED, (id, release))
            known = frozenset(lower_case(name) for name in names if lower_case(name) != name)
            self._cased[id, release] = known
        return known

    def named(self, id: str, release: str, names: Collection[str]) -> frozenset[str]:
        found: set[str] = set()
        with self._database:
            for parameters, batch in batches(list(map(stored, names))):
                statement = f"{_NAMED}name IN ({parameters})"
                found.update(*self._database.select(_OF_ID, statement, (id, release, *batch)))
        return frozenset(found)

    def prefetch(self, keys: Iterable[GroupKey]) -> None:
        with self._database:
            missing = {key for key in keys if key not in self._groups}
            if missing:
                found = grouped(self._loader.records(missing))
                self._groups.update((key, found.get(key)) for key in missing)

    def records(self, keys: Collection[GroupKey]) -> dict[GroupKey, list[Record]]:
        """The records of each of these packages that has any, by advisory id. Nothing of them is remembered."""
        with self._database:
            return Loader(self._database).records(set(keys))

    def drafts(self, keys: Collection[GroupKey]) -> Mapping[GroupKey, Drafts | None]:
        if not self.has_own_rules:
            self.prefetch(keys)
            return {key: None for key in keys if self._groups[key] is not None}
        known = self._drafts
        with self._database:
            missing = {key for key in keys if key not in known}
            if missing:
                found = self._loader.drafts(missing)
                known.update(found)
                # What is not there has no records either.
                absent = missing - found.keys()
                known.update(dict.fromkeys(absent))
                self._groups.update(dict.fromkeys(absent))
        return {key: known[key] for key in keys if self._groups.get(key, _UNREAD) is not None}

    @property
    def has_own_rules(self) -> bool:
        """Whether its drafts were made by the rules of today. Others are not used."""
        return self.rules_version == RULES_VERSION

    @property
    def rules_version(self) -> int:
        """:data:`advisories.matching.drafts.RULES_VERSION` when it was compiled."""
        return self._database.count("rules_version")

    @property
    def has_own_readers(self) -> bool:
        """Whether the readers of today read its sources."""
        return self.reader_version == READER_VERSION

    def enrichments(self, cve: str) -> Sequence[Enrichment]:
        if not self._database.count("enrichments"):
            return ()
        with self._database:
            if cve not in self._enrichments:
                self._enrichments[cve] = tuple(self._loader.enrichments((cve,)))
            return self._enrichments[cve]

    def all_enrichments(self) -> list[Enrichment]:
        """Every enrichment, by CVE and source."""
        with self._database:
            found = self._loader.enrichments(None)
            if len(found) != self._database.count("enrichments"):
                raise ValueError("enrichments are missing")
            return found

    @lazy_property
    def enrichment_counts(self) -> Mapping[str, int]:
        with self._database:
            return self._counts("SELECT publisher, count(*) FROM enrichment GROUP BY publisher")

    @lazy_property
    def releases(self) -> frozenset[tuple[str, str]]:
        with self._database:
            ids, releases = self._database.select(_OF_RELEASE, "SELECT id, release FROM distribution WHERE covered")
            return frozenset(zip(ids, [release or "" for release in releases], strict=True))

    @lazy_property
    def sourced(self) -> frozenset[tuple[str, str]]:
        with self._database:
            ids, releases = self._database.select(_OF_RELEASE, _SOURCED)
            return frozenset(zip(ids, [release or "" for release in releases], strict=True))

    @lazy_property
    def kinds(self) -> Mapping[Kind, int]:
        with self._database:
            counted = self._counts("SELECT kind, advisories FROM kind")
            return {kind: counted[kind.value] for kind in Kind}

    @lazy_property
    def unordered(self) -> Mapping[str, int]:
        with self._database:
            return self._counts("SELECT type, entries FROM unordered")

    def _counts(self, statement: str) -> dict[str, int]:
        names, counts = self._database.select(_OF_COUNT, statement)
        return dict(zip(names, counts, strict=True))

    @lazy_property
    def newest(self) -> datetime | None:
        with self._database:
            value = self._database.meta["newest"]
            return _date(value if isinstance(value, str) else None)

    @lazy_property
    def completions(self) -> Mapping[str, tuple[Affected, ...]]:
        with self._database:
            return self._loader.completions()

    @lazy_property
    def duplicates(self) -> int:
        return self._database.count("duplicates")

    @lazy_property
    def flaws(self) -> tuple[Flaw, ...]:
        with self._database:
            statement = "SELECT kind, advisory, package, distribution, why FROM flaw ORDER BY number"
            return tuple(
                Flaw(FlawKind(kind), id, package, None if number is None else self._loader.distributions[number], why)
                for kind, id, package, number, why in zip(*self._database.select(_OF_FLAW, statement), strict=True)
            )

    @lazy_property
    def conflicts(self) -> tuple[str, ...]:
        return tuple([flaw.advisory for flaw in self.flaws if flaw.kind is FlawKind.CONFLICT])

    @lazy_property
    def reports(self) -> tuple[ReadReport, ...]:
        return tuple([source.report for source in self.provenance])

    # ---- where it came from ----

    @lazy_property
    def provenance(self) -> tuple[Provenance, ...]:
        """The sources, in the order in which they were given."""
        with self._database:
            numbers, paths, formats, digests, read, kept, *counts, newest, whole = self._database.select_in(
                _OF_SOURCE,
                "SELECT number, path, format, digest, read, kept, rejections, skips, scopes, losses, newest, whole"
                " FROM source",
                "",
                None,
            )
            refused, skipped, scoped, lost = counts
            rejections = self._database.parts(_OF_REJECTION, _REJECTION, "", None, numbers, refused)
            skips = self._database.parts(_OF_SKIP, _SKIP, "", None, numbers, skipped)
            scopes = self._database.parts(_OF_SCOPE, _SCOPE, "", None, numbers, scoped)
            losses = self._database.parts(_OF_LOSS, _LOSS, "", None, numbers, lost)
            reports = map(
                ReadReport,
                paths,
                formats,
                read,
                kept,
                self._rejections(numbers, rejections),
                skips,
                [tuple([Scope(Distribution(a, b), c, d, e) for a, b, c, d, e in rows]) for rows in scopes],
                [tuple([_loss(*row) for row in rows]) for rows in losses],
                map(_date, newest),
            )
            return tuple(map(Provenance, reports, digests, map(bool, whole)))

    def _rejections(
        self, sources: Sequence[int], rejections: Sequence[Sequence[tuple[Any, ...]]]
    ) -> list[tuple[Rejection, ...]]:
        """The rejections of each source, from their rows, with what was lost."""
        lost: dict[tuple[int, int], list[Loss]] = {}
        for source, rejection, _, *row in zip(*self._database.select_in(_OF_LOST, _LOST, "", None), strict=True):
            lost.setdefault((source, rejection), []).append(_loss(*row))
        found: list[tuple[Rejection, ...]] = []
        for source, rows in zip(sources, rejections, strict=True):
            made: list[Rejection] = []
            for ordinal, (path, position, what, why, extent, count) in enumerate(rows):
                losses = lost.pop((source, ordinal), [])
                if len(losses) != (count or 0):
                    raise ValueError("losses are missing")
                whole = None if count is None else tuple(losses)
                made.append(Rejection(path, position, what, why, Extent(extent), whole))
            found.append(tuple(made))
        if lost:
            raise ValueError("losses of no rejection")
        return found

    @lazy_property
    def origins(self) -> Mapping[str, int]:
        """By an advisory's id, the place in :attr:`provenance` of the source it came from."""
        with self._database:
            return self._counts("SELECT id, source FROM advisory")

    def newest_without(self, source: int, ids: Collection[str]) -> datetime | None:
        """When the advisory of a source changed last that is not among these ids.

        :param source: its place in :attr:`provenance`.
        """
        statement = "SELECT id, coalesce(modified, published) FROM advisory WHERE source = ?"
        with self._database:
            found, texts = self._database.select(_OF_RELEASE, statement, (source,))
            dates = {text for id, text in zip(found, texts, strict=True) if text is not None and id not in ids}
            return max(map(datetime.fromisoformat, dates), default=None)

    @lazy_property
    def enrichment_origins(self) -> tuple[int, ...]:
        """For each of :meth:`all_enrichments` the place in :attr:`provenance` of the source it came from."""
        with self._database:
            _, origins = self._database.select(_OF_PLACE, "SELECT number, source FROM enrichment ORDER BY number")
            return origins


def _loss(package: str | None, id: str | None, release: str | None, advisory: str | None) -> Loss:
    return Loss(package, None if id is None else Distribution(id, release), advisory)


def _date(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _same(path: str, digest: str) -> Store:
    """The store that was pickled, if it is still at its path."""
    store = Store(path)
    if store.digest != digest:
        raise UnreadableSource(path, f"another store than before: its digest is {store.digest}, not {digest}")
    return store
