"""From rows to nouns: advisories, and the records of packages."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final

from advisories.index.records import GroupKey, Record, record_of
from advisories.matching.drafts import Drafts
from advisories.models.advisories import Advisory, Affected, Enrichment, FixState, Kind, Reference, Severity
from advisories.models.distribution import Distribution
from advisories.models.frozen import frozen
from advisories.models.lazy import lazy_property
from advisories.models.packages import SCHEME_OF_TYPE, Module
from advisories.models.words import Names
from advisories.store.database import Database
from advisories.store.drafts import drafts_from
from advisories.store.rows import (
    INTEGER,
    KEY,
    MAYBE_INTEGER,
    MAYBE_REAL,
    MAYBE_TEXT,
    TEXT,
    Columns,
    Shape,
    parted,
    stored,
)
from advisories.store.spans import SpanRow, Spans, spans_of

__all__ = ["Loader"]

_KINDS: Final = {kind.value: kind for kind in Kind}
_NAMES: Final = {names.value: names for names in Names}
_FIX_STATES: Final = {state.value: state for state in FixState}
_TRUTHS: Final = {0: False, 1: True}

_DISTRIBUTION: Final = "SELECT number, id, release, channels FROM distribution"
_OF_DISTRIBUTION: Final = Shape(INTEGER, TEXT, MAYBE_TEXT, INTEGER)
_CHANNEL: Final = "SELECT distribution, channel FROM channel"
_OF_CHANNEL: Final = Shape(INTEGER, TEXT)
_MODULE: Final = "SELECT number, known, streams FROM module"
_OF_MODULE: Final = Shape(INTEGER, INTEGER, INTEGER)
_STREAM: Final = "SELECT module, ordinal, stream FROM stream"
_ADVISORY: Final = (
    'SELECT number, id, kind, "database", rating, published, modified, withdrawn, reboot_suggested,'
    ' known_exploited, cves, aliases, severities, "references", entries FROM advisory'
)
_OF_ADVISORY: Final = Shape(INTEGER, *[TEXT] * 3, *[MAYBE_TEXT] * 4, *[INTEGER] * 7)
_CVE: Final = "SELECT advisory, ordinal, cve FROM cve"
_ALIAS: Final = "SELECT advisory, ordinal, alias FROM alias"
_ALIASED: Final = "SELECT number, id, aliases FROM advisory"
_OF_ALIASED: Final = Shape(INTEGER, TEXT, INTEGER)
_PLACE: Final = "SELECT number, id FROM advisory"
_OF_PLACE: Final = Shape(INTEGER, TEXT)
_SEVERITY: Final = "SELECT advisory, ordinal, type, score, source, cve FROM severity"
_OF_SEVERITY: Final = Shape(INTEGER, INTEGER, *[TEXT] * 3, MAYBE_TEXT)
_ENRICHMENT: Final = "SELECT number, cve, publisher, known_exploited, epss, modified, vectors FROM enrichment"
_OF_ENRICHMENT: Final = Shape(INTEGER, TEXT, TEXT, MAYBE_TEXT, MAYBE_REAL, MAYBE_TEXT, INTEGER)
_VECTOR: Final = "SELECT enrichment, ordinal, type, score, source, cve FROM vector"
_REFERENCE: Final = 'SELECT advisory, ordinal, type, url FROM "reference"'
_OF_REFERENCE: Final = Shape(INTEGER, INTEGER, TEXT, TEXT)
_PACKAGE: Final = "SELECT number, distribution, name, names, type, entries, draft FROM package"
_OF_PACKAGE: Final = Shape(INTEGER, MAYBE_INTEGER, TEXT, TEXT, TEXT, INTEGER, MAYBE_INTEGER)
_DRAFT: Final = "SELECT number, body FROM draft"
_OF_DRAFT: Final = Shape(INTEGER, TEXT)
_AFFECTED: Final = (
    "SELECT number, package, advisory, fix_state, negative, module, channel, epoch_known, source,"
    " completed, in_archive, arches, ranges, versions, every_key, refused FROM affected"
)
_OF_AFFECTED: Final = Shape(
    *[INTEGER] * 3, TEXT, INTEGER, INTEGER, MAYBE_TEXT, INTEGER, MAYBE_TEXT, INTEGER, MAYBE_TEXT, *[INTEGER] * 5
)
_ARCH: Final = "SELECT affected, ordinal, arch FROM arch"
_INTERVAL: Final = (
    "SELECT affected, ordinal, introduced, fixed, last_affected, range_limit, version,"
    " introduced_key, upper_key, bare_introduced_key, bare_upper_key FROM interval"
)
_OF_INTERVAL: Final = Shape(INTEGER, INTEGER, *[MAYBE_TEXT] * 5, *[KEY] * 4)
# One text below a parent, at its place there.
_OF_TEXT: Final = Shape(INTEGER, INTEGER, TEXT)


@frozen
class _Package:
    """A row of ``package``, with its distribution."""

    distribution: Distribution | None
    name: str
    names: Names
    type: str
    entries: int
    draft: int | None

    @property
    def key(self) -> GroupKey | None:
        """The key of its group. None where its versions have no order here."""
        of = self.distribution
        if of is None or self.type not in SCHEME_OF_TYPE:
            return None
        return of.id, of.release or "", self.names, self.name


class Loader:
    """Makes the nouns of a store's rows. To be called while its database is held.

    It works on whole columns: a host's records are made in a few sweeps, each by the interpreter's own loops. Raises
    whatever contradictions in the rows lead to, for the database to translate.
    """

    def __init__(self, database: Database) -> None:
        self._database: Final = database
        # Those without entries and references, as records hold them, and the modules that were met.
        self._bare: Final[dict[int, Advisory]] = {}
        self._modules: Final[dict[int, Module]] = {}

    @lazy_property
    def distributions(self) -> Mapping[int, Distribution]:
        """The distributions by number."""
        numbers, ids, releases, counts = self._database.select_in(_OF_DISTRIBUTION, _DISTRIBUTION, "", None)
        owners, channels = self._database.select_in(_OF_CHANNEL, _CHANNEL, "", None)
        # Channels are a set. They are numbered as they come.
        ordinals = [place for count in Counter(owners).values() for place in range(count)]
        parts = parted(numbers, counts, owners, ordinals, channels)
        return {
            number: Distribution(id, release, frozenset(part))
            for number, id, release, part in zip(numbers, ids, releases, parts, strict=True)
        }

    # ---- the records of packages ----

    def records(self, keys: Collection[GroupKey]) -> dict[GroupKey, list[Record]]:
        """The records of each of these packages that has any, by advisory id."""
        packages = self._packages_of(keys)
        columns = self._database.select_in(_OF_AFFECTED, _AFFECTED, "package", sorted(packages))
        counts = Counter(columns[1])
        for number, package in packages.items():
            _expect(counts[number], package.entries, "entries", package.name)
        entries, spans = self._entries(columns, packages, "", keys=True)
        bare = self._bare_of(columns[2])
        records = list(
            map(
                Record,
                [bare[number] for number in columns[2]],
                entries,
                [one.intervals for one in spans],
                [one.epochless for one in spans],
                [one.versions for one in spans],
                [one.epochless_versions for one in spans],
            )
        )
        for place, refused in enumerate(columns[-1]):
            if _TRUTHS[refused]:
                # Rare: a version that is refused. What can be ordered beside it is found out anew.
                records[place] = record_of(records[place].advisory, records[place].affected)
        found: dict[GroupKey, list[Record]] = {}
        of_package = {
            number: found.setdefault(key, [])
            for number, package in packages.items()
            if (key := package.key) is not None
        }
        # Entries are numbered as their advisories sort by id.
        for number, record in zip(columns[1], records, strict=True):
            of_package[number].append(record)
        return found

    def drafts(self, keys: Collection[GroupKey]) -> dict[GroupKey, Drafts | None]:
        """The drafts of each of these packages that has records, None where it has no drafts."""
        packages = self._packages_of(keys)
        wanted = sorted({package.draft for package in packages.values() if package.draft is not None})
        numbers, bodies = self._database.select_in(_OF_DRAFT, _DRAFT, "number", wanted)
        bodies_by_number = dict(zip(numbers, bodies, strict=True))
        # Packages that were built together share their drafts.
        made: dict[tuple[int, str], Drafts] = {}
        found: dict[GroupKey, Drafts | None] = {}
        for package in packages.values():
            key, draft = package.key, package.draft
            if key is None:
                continue
            found[key] = None
            if draft is not None:
                place = draft, SCHEME_OF_TYPE[package.type]
                if place not in made:
                    made[place] = drafts_from(bodies_by_number[draft], place[1])
                found[key] = made[place]
        return found

    def _packages_of(self, keys: Collection[GroupKey]) -> dict[int, _Package]:
        names: dict[tuple[str, str], dict[str, None]] = {}
        for id, release, _, name in keys:
            names.setdefault((id, release), {})[name] = None
        found: dict[int, _Package] = {}
        for number, distribution in self.distributions.items():
            wanted = list(map(stored, names.get((distribution.id, distribution.release or ""), ())))
            columns = self._database.select_in(_OF_PACKAGE, _PACKAGE, "name", wanted, f" AND distribution = {number}")
            found.update(self._packages(columns))
        return {number: package for number, package in found.items() if package.key in keys}

    def _packages(self, columns: Columns) -> dict[int, _Package]:
        numbers, distributions, names, kinds, types, entries, drafts = columns
        return dict(
            zip(
                numbers,
                map(
                    _Package,
                    [None if number is None else self.distributions[number] for number in distributions],
                    names,
                    [_NAMES[kind] for kind in kinds],
                    types,
                    entries,
                    drafts,
                ),
                strict=True,
            )
        )

    def _bare_of(self, numbers: Collection[int]) -> Mapping[int, Advisory]:
        missing = sorted(set(numbers) - self._bare.keys())
        if missing:
            self._bare.update(self._advisories(missing, None))
        return self._bare

    # ---- whole advisories ----

    def advisory(self, number: int) -> Advisory:
        """The advisory of a number, whole."""
        published = [entry for entry in self._entries_of(number) if not entry.completed]
        return self._advisories((number,), {number: published}, references=True)[number]

    def aliases(self, ids: Collection[str]) -> dict[str, tuple[str, ...]]:
        """The other ids of these advisories, of those that have any."""
        columns = self._database.select_in(_OF_ALIASED, _ALIASED, "id", list(map(stored, ids)), " AND aliases > 0")
        numbers, found, counts = columns
        parts = self._database.parts(_OF_TEXT, _ALIAS, "advisory", numbers, numbers, counts)
        return dict(zip(found, parts, strict=True))

    def summaries(self, ids: Collection[str]) -> dict[str, Advisory]:
        """Some advisories with their references, without their entries."""
        numbers, _ = self._database.select_in(_OF_PLACE, _PLACE, "id", list(map(stored, ids)))
        found = self._advisories(sorted(numbers), None, references=True) if numbers else {}
        return {advisory.id: advisory for advisory in found.values()}

    def _entries_of(self, number: int) -> list[Affected]:
        """The entries of an advisory, with those that it leaves out."""
        columns = self._database.select_in(_OF_AFFECTED, _AFFECTED, "advisory", (number,))
        numbers = sorted(set(columns[1]))
        packages = self._packages(self._database.select_in(_OF_PACKAGE, _PACKAGE, "number", numbers))
        only = f" AND affected BETWEEN {columns[0][0]} AND {columns[0][-1]}" if numbers else ""
        entries, _ = self._entries(columns, packages, only, keys=False)
        return entries

    def everything(self) -> list[Advisory]:
        """Every advisory, whole, by id."""
        columns = self._database.select_in(_OF_AFFECTED, _AFFECTED, "", None)
        packages = self._packages(self._database.select_in(_OF_PACKAGE, _PACKAGE, "", None))
        entries, _ = self._entries(columns, packages, None, keys=False)
        whole: dict[int, list[Affected]] = {}
        for number, entry in zip(columns[2], entries, strict=True):
            if not entry.completed:
                whole.setdefault(number, []).append(entry)
        found = self._advisories(None, whole, references=True)
        _expect(len(found), self._database.count("advisories"), "advisories", "the store")
        _expect(sum(map(len, whole.values())), self._database.count("entries"), "entries", "the store")
        return list(found.values())

    def completions(self) -> dict[str, tuple[Affected, ...]]:
        """By an advisory's id, the entries that it leaves out."""
        (of,) = self._database.select(Shape(INTEGER), "SELECT DISTINCT advisory FROM affected WHERE completed = 1")
        found: dict[str, tuple[Affected, ...]] = {}
        for number in sorted(of):
            entries = self._entries_of(number)
            id = self._bare_of((number,))[number].id
            found[id] = tuple([entry for entry in entries if entry.completed])
        return found

    def _advisories(
        self,
        numbers: Sequence[int] | None,
        entries: Mapping[int, Sequence[Affected]] | None,
        *,
        references: bool = False,
    ) -> dict[int, Advisory]:
        """The advisories of these numbers, or all. Without `entries` they lack those."""
        columns = self._database.select_in(_OF_ADVISORY, _ADVISORY, "number", numbers)
        found, ids, kinds, databases, ratings, published, modified, withdrawn, reboots, exploited, *counts = columns
        if numbers is not None:
            _expect(len(found), len(numbers), "advisories", "the number requested")
        affected: Sequence[tuple[Affected, ...]] = [()] * len(found)
        linked: Sequence[tuple[Reference, ...]] = [()] * len(found)
        if entries is not None:
            affected = [tuple(entries.get(number, ())) for number in found]
            if list(map(len, affected)) != list(counts[4]):
                raise ValueError("entries are missing")
        if references:
            parts = self._database.parts(_OF_REFERENCE, _REFERENCE, "advisory", numbers, found, counts[3])
            linked = [tuple([Reference(*row) for row in rows]) for rows in parts]
        severities = self._database.parts(_OF_SEVERITY, _SEVERITY, "advisory", numbers, found, counts[2])
        made = map(
            Advisory,
            ids,
            [_KINDS[kind] for kind in kinds],
            self._database.parts(_OF_TEXT, _CVE, "advisory", numbers, found, counts[0]),
            affected,
            databases,
            ratings,
            [tuple([Severity(*row) for row in rows]) for rows in severities],
            map(_date, published),
            map(_date, modified),
            map(_date, withdrawn),
            self._database.parts(_OF_TEXT, _ALIAS, "advisory", numbers, found, counts[1]),
            linked,
            [_TRUTHS[reboot] for reboot in reboots],
            [_TRUTHS[one] for one in exploited],
        )
        return dict(zip(found, made, strict=True))

    # ---- enrichments ----

    def enrichments(self, cves: Collection[str] | None) -> list[Enrichment]:
        """The enrichments of these CVEs, or of all, by CVE and source."""
        wanted = None if cves is None else list(map(stored, cves))
        columns = self._database.select_in(_OF_ENRICHMENT, _ENRICHMENT, "cve", wanted)
        numbers, named, sources, listed, probabilities, modified, counts = columns
        vectors = self._database.parts(
            _OF_SEVERITY, _VECTOR, "enrichment", None if cves is None else numbers, numbers, counts
        )
        return list(
            map(
                Enrichment,
                named,
                sources,
                map(_date, listed),
                probabilities,
                [tuple([Severity(*row) for row in rows]) for rows in vectors],
                map(_date, modified),
            )
        )

    # ---- entries ----

    def _entries(
        self, columns: Columns, packages: Mapping[int, _Package], more: str | None, *, keys: bool
    ) -> tuple[list[Affected], list[Spans]]:
        """The entries of these columns of ``affected``, and their spans.

        :param more: what else holds of the rows that belong to them. None where they are all there are.
        :param keys: whether keys are wanted too, of those that have them all.
        """
        numbers, of, _, states, negatives, modules, channels, epochs, sources, completed, archives, *rest = columns
        arches, *counts, refused = rest
        wanted, more = (None, "") if more is None else (sorted(packages), more)
        ours = [packages[number] for number in of]
        types = [package.type for package in ours]
        sums = [sum(rows) for rows in zip(*counts, strict=True)]
        spans = self._database.parts(_OF_INTERVAL, _INTERVAL, "package", wanted, numbers, sums, more)
        schemes: list[str | None] = [None] * len(types)
        if keys:
            schemes = [None if bad else SCHEME_OF_TYPE[type] for type, bad in zip(types, refused, strict=True)]
        spans_by_entry = _all_spans(spans, counts[0], counts[1], schemes)
        known = self._modules_of(modules)
        made = map(
            Affected,
            [package.name for package in ours],
            types,
            [package.distribution for package in ours],
            [package.names for package in ours],
            [one.ranges for one in spans_by_entry],
            [one.listed for one in spans_by_entry],
            [_FIX_STATES[state] for state in states],
            [_TRUTHS[negative] for negative in negatives],
            self._database.parts(_OF_TEXT, _ARCH, "package", wanted, numbers, arches, more),
            [known[number] for number in modules],
            channels,
            [_TRUTHS[epoch] for epoch in epochs],
            sources,
            [_TRUTHS[one] for one in completed],
            archives,
        )
        return list(made), spans_by_entry

    def _modules_of(self, numbers: Collection[int]) -> Mapping[int, Module]:
        missing = sorted(set(numbers) - self._modules.keys())
        if missing:
            found, known, counts = self._database.select_in(_OF_MODULE, _MODULE, "number", missing)
            streams = self._database.parts(_OF_TEXT, _STREAM, "module", missing, found, counts)
            made = map(Module, [_TRUTHS[one] for one in known], streams)
            self._modules.update(zip(found, made, strict=True))
        return self._modules


def _all_spans(
    spans: Sequence[tuple[SpanRow, ...]],
    ranges: Sequence[int],
    versions: Sequence[int],
    schemes: Sequence[str | None],
) -> list[Spans]:
    """The spans of each entry. Packages that were built together often share them."""
    known: dict[object, Spans] = {}
    found: list[Spans] = []
    for key in zip(spans, ranges, versions, schemes, strict=True):
        what = known.get(key)
        if what is None:
            what = known[key] = spans_of(*key)
        found.append(what)
    return found


def _date(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _expect(found: int, expected: int, what: str, whose: str) -> None:
    if found != expected:
        raise ValueError(f"{found} {what} of {whose} instead of {expected}")
