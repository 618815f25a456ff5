"""What stands in each table of a store: the same rows, in the same order, for the same advisories and sources.

Advisories are gone through once by id, and their entries once by package. Rows are added in the order of primary keys.
"""

import hashlib
import marshal
from array import array
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Final, TypeVar

import vercmp
from advisories.index.completeness import flaws_of_completions
from advisories.index.lint import flaws_of, published_records
from advisories.index.records import Group, GroupKey, Record, grouped, record_of
from advisories.matching.drafts import RULES_VERSION, content_of, draft_group
from advisories.models.advisories import Advisory, Affected, Enrichment, Kind
from advisories.models.distribution import Distribution
from advisories.models.packages import SCHEME_OF_TYPE, Module
from advisories.models.reading import Flaw, Loss
from advisories.models.words import Names
from advisories.store.contents import Contents
from advisories.store.drafts import text_of
from advisories.store.reader import Provenance
from advisories.store.rows import Row
from advisories.store.schema import READER_VERSION, TABLES
from advisories.store.spans import only_bounds, span_rows
from advisories.store.spool import Rows, Spool, Spooled, Target, target_of

__all__ = [
    "Tables",
    "is_ordered",
    "numbered",
    "order_of_distributions",
    "order_of_modules",
    "order_of_packages",
    "rows_of_advisory",
    "rows_of_distributions",
    "rows_of_enrichment",
    "rows_of_entry",
    "rows_of_modules",
    "rows_of_sources",
    "tables",
]

#: The rows of each table, by its name.
Tables = dict[str, Rows]

# What is remembered of advisories, and of packages of unstable Debian, while packages are gone through by name.
_ADVISORIES: Final = 1 << 13
_GROUPS: Final = 1 << 10
_T = TypeVar("_T")


def tables(contents: Contents) -> Tables:
    """The rows of every table but for the digest, values as the database takes them, in the order of primary keys.

    Raises :class:`~advisories.models.errors.UnwritableStore` where there is no room for them.
    """
    spool = Spool(contents.folder)
    found: Tables = {name: Rows(spool) for name in TABLES}
    rows_of_sources(contents.sources, found)
    entries = _Entries(contents)
    numbers = _Numbers(entries, contents.conflicts)
    rows_of_distributions(numbers.distributions, numbers.covered, found)
    rows_of_modules(numbers.modules, found)
    chosen, kinds = contents.advisories, Counter[str]()
    newest: datetime | None = None
    for number in range(len(chosen)):
        part, own = chosen.place(number)
        kind, date = rows_of_advisory(number, chosen.parts[part], own, chosen.origins[number], found)
        kinds[kind] += 1
        if date is not None and (newest is None or date > newest):
            newest = date
    for number, (enrichment, source) in enumerate(contents.enrichments):
        rows_of_enrichment(number, enrichment, source, found)
    flaws = _of_packages(contents, entries, numbers, found)
    for number, flaw in enumerate(flaws):
        place = None if flaw.distribution is None else numbers.distributions[flaw.distribution]
        found["flaw"].append((number, flaw.kind.value, flaw.advisory, flaw.package, place, flaw.why))
    found["kind"] += sorted((kind.value, kinds[kind.value]) for kind in Kind)
    found["unordered"] += sorted(entries.unordered.items())
    found["meta"] += sorted(
        [
            ("advisories", len(contents.advisories)),
            ("duplicates", contents.duplicates),
            ("enrichments", len(contents.enrichments)),
            ("entries", len(entries) - sum(map(len, contents.completions.values()))),
            ("intervals", len(found["interval"])),
            ("key_version", vercmp.KEY_VERSION),
            ("newest", _text_of(newest)),
            ("packages", len(found["package"])),
            ("reader_version", READER_VERSION),
            ("rules_version", RULES_VERSION),
        ]
    )
    return found


def is_ordered(package: Target) -> bool:
    """Whether versions of it have an order here."""
    return package[0] is not None and package[3] in SCHEME_OF_TYPE


class _Entries:
    """The entries of all advisories and those that they leave out, by number: by advisory, and by place in it.

    :ivar packages: what they are about, in no order, and
    :ivar of_package: for each of these the numbers of its entries.
    :ivar advisory_of: for each entry the number of its advisory.
    :ivar modules: of entries that advisories have.
    :ivar unordered: entries whose versions have no order here, by package type.
    """

    def __init__(self, contents: Contents) -> None:
        self._chosen: Final = contents.advisories
        self._completions: Final = contents.completions
        self.packages: Final[list[Target]] = []
        self.of_package: Final[list[array[int]]] = []
        self.advisory_of: Final = array("I")
        self.modules: Final[set[Module]] = set()
        self.unordered: Final = Counter[str]()
        self._firsts: Final = array("Q")
        self._places: Final[dict[Target, int]] = {}
        # For each part the place in `packages` of what its entries are about.
        places: list[dict[int, int]] = [{} for _ in self._chosen.parts]
        for number in range(len(self._chosen)):
            part, own = self._chosen.place(number)
            whole, known = self._chosen.parts[part], places[part]
            self._firsts.append(len(self.advisory_of))
            for about in whole.about[whole.firsts[own] : whole.firsts[own + 1]]:
                place = known.get(about)
                if place is None:
                    target, module = whole.abouts[about]
                    self.modules.add(module)
                    place = known[about] = self._place(target)
                self._add(number, place)
            for affected in self._completed(number):
                self._add(number, self._place(target_of(affected)))
        for target, its in zip(self.packages, self.of_package, strict=True):
            if not is_ordered(target):
                self.unordered[target[3]] += len(its)
        self._bare = lru_cache(_ADVISORIES)(self._bare_of)

    def _place(self, target: Target) -> int:
        place = self._places.get(target)
        if place is None:
            place = self._places[target] = len(self.packages)
            self.packages.append(target)
            self.of_package.append(array("I"))
        return place

    def _add(self, advisory: int, place: int) -> None:
        self.of_package[place].append(len(self.advisory_of))
        self.advisory_of.append(advisory)

    def _completed(self, advisory: int) -> Sequence[Affected]:
        return self._completions.get(self._chosen.ids[advisory], ()) if self._completions else ()

    def __len__(self) -> int:
        return len(self.advisory_of)

    def __getitem__(self, number: int) -> Affected:
        advisory = self.advisory_of[number]
        part, own = self._chosen.place(advisory)
        whole = self._chosen.parts[part]
        entry = number - self._firsts[advisory] + whole.firsts[own]
        if entry < whole.firsts[own + 1]:
            return whole.entry(entry)
        return self._completed(advisory)[entry - whole.firsts[own + 1]]

    def record(self, number: int) -> Record:
        """The record of an entry of an ordered type."""
        return record_of(self._bare(self.advisory_of[number]), self[number])

    def _bare_of(self, advisory: int) -> Advisory:
        # Those of one advisory stand beside each other, and have one object.
        part, own = self._chosen.place(advisory)
        return self._chosen.parts[part].made(own)


class _Numbers:
    """What stands once and is referred to by number: distributions, modules, packages. Sorted, so that they stay equal
    for any order of advisories.

    :ivar packages: places of :attr:`_Entries.packages`, in the order of their numbers.
    """

    def __init__(self, entries: _Entries, conflicts: Iterable[Flaw]) -> None:
        distributions = {distribution for distribution, *_ in entries.packages if distribution is not None}
        distributions.update(flaw.distribution for flaw in conflicts if flaw.distribution is not None)
        self.distributions: Final = numbered(sorted(distributions, key=order_of_distributions))
        self.modules: Final = numbered(sorted(entries.modules, key=order_of_modules))
        self.covered: Final = {package[0] for package in entries.packages if is_ordered(package)}
        self.packages: Final = sorted(
            range(len(entries.packages)),
            key=lambda place: order_of_packages(entries.packages[place], self.distributions),
        )


def order_of_modules(module: Module) -> tuple[bool, tuple[str, ...]]:
    """What module streams are numbered by."""
    return module.known, module.streams


def order_of_packages(package: Target, distributions: Mapping[Distribution, int]) -> tuple[int, str, str, str]:
    """What packages are numbered by."""
    distribution, name, names, type = package
    return -1 if distribution is None else distributions[distribution], name, names.value, type


def numbered(values: Iterable[_T]) -> dict[_T, int]:
    """Values with their numbers."""
    return {value: number for number, value in enumerate(values)}


def order_of_distributions(distribution: Distribution) -> tuple[str, bool, str, list[str]]:
    """What distributions are numbered by."""
    release = distribution.release
    return distribution.id, release is not None, release or "", sorted(distribution.channels)


def rows_of_sources(sources: Iterable[Provenance], found: Tables) -> None:
    """Add the rows of sources, and of all that their readers reported."""
    for number, source in enumerate(sources):
        report = source.report
        counts = map(len, (report.rejections, report.skips, report.scopes, report.losses))
        origin = report.source, report.format, source.digest, report.read, report.kept
        found["source"].append((number, *origin, *counts, _text_of(report.newest), int(source.whole)))
        for ordinal, one in enumerate(report.rejections):
            count = None if one.losses is None else len(one.losses)
            about = one.source, one.position, one.what, one.why, one.extent.value
            found["rejection"].append((number, ordinal, *about, count))
            found["lost"] += [(number, ordinal, *row) for row in _loss_rows(one.losses or ())]
        found["skip"] += [(number, ordinal, *skip) for ordinal, skip in enumerate(report.skips)]
        found["scope"] += [
            (number, ordinal, one.distribution.id, one.distribution.release, one.part, one.advisories, one.single)
            for ordinal, one in enumerate(report.scopes)
        ]
        found["loss"] += [(number, *row) for row in _loss_rows(report.losses)]


def _loss_rows(losses: Iterable[Loss]) -> Iterator[Row]:
    for ordinal, one in enumerate(losses):
        of = one.distribution
        yield ordinal, one.package, *((of.id, of.release) if of else (None, None)), one.advisory


def _text_of(date: datetime | None) -> str | None:
    return None if date is None else date.isoformat()


def rows_of_distributions(
    distributions: Mapping[Distribution, int], covered: Container[Distribution | None], found: Tables
) -> None:
    """Add the rows of distributions.

    :param covered: those that have entries whose versions have an order.
    """
    for distribution, number in distributions.items():
        channels = sorted(distribution.channels)
        is_covered = int(distribution in covered)
        found["distribution"].append((number, distribution.id, distribution.release, is_covered, len(channels)))
        found["channel"] += [(number, channel) for channel in channels]


def rows_of_modules(modules: Mapping[Module, int], found: Tables) -> None:
    """Add the rows of module streams."""
    for module, number in modules.items():
        found["module"].append((number, int(module.known), len(module.streams)))
        found["stream"] += [(number, ordinal, stream) for ordinal, stream in enumerate(module.streams)]


# ---- advisories ----


def rows_of_advisory(number: int, whole: Spooled, own: int, source: int, found: Tables) -> tuple[str, datetime | None]:
    """Add the rows of an advisory but for its entries.

    :param own: its number among those that it lies with.
    :returns: its kind, and when it changed last.
    """
    kind, cves, database, rating, severities, *dates, aliases, reboot, exploited = whole.plain(own)
    references = whole.references(own)
    entries = whole.firsts[own + 1] - whole.firsts[own]
    found["advisory"].append(
        (
            number,
            whole.ids[own],
            source,
            kind,
            database,
            rating,
            *dates,
            int(reboot),
            int(exploited),
            *map(len, (cves, aliases, severities, references)),
            entries,
        )
    )
    found["cve"] += [(number, ordinal, cve) for ordinal, cve in enumerate(cves)]
    found["alias"] += [(number, ordinal, alias) for ordinal, alias in enumerate(aliases)]
    found["severity"] += [(number, ordinal, *severity) for ordinal, severity in enumerate(severities)]
    found["reference"] += [(number, ordinal, *reference) for ordinal, reference in enumerate(references)]
    published, modified, _ = dates
    date = modified or published
    return kind, datetime.fromisoformat(date) if date else None


def rows_of_enrichment(number: int, enrichment: Enrichment, source: int, found: Tables) -> None:
    """Add the rows of an enrichment."""
    listed, modified = map(_text_of, (enrichment.known_exploited, enrichment.modified))
    vectors = enrichment.severities
    found["enrichment"].append(
        (number, enrichment.cve, enrichment.source, source, listed, enrichment.epss, modified, len(vectors))
    )
    found["vector"] += [
        (number, ordinal, vector.type, vector.score, vector.source, vector.cve)
        for ordinal, vector in enumerate(vectors)
    ]


# ---- packages ----


def _of_packages(contents: Contents, entries: _Entries, numbers: _Numbers, found: Tables) -> list[Flaw]:
    """The rows of packages and of all that lies behind their numbers. Returns the lint."""
    groups = _Groups(contents, entries)
    drafts = _Drafts(groups, found["draft"])
    for number, place in enumerate(numbers.packages):
        package, its = entries.packages[place], entries.of_package[place]
        distribution, name, names, type = package
        of, draft = None, None
        records: Mapping[int, Record] = {}
        if distribution is not None:
            of = numbers.distributions[distribution]
            if is_ordered(package):
                release = Distribution(distribution.id, distribution.release or "")
                records = groups.made(groups.key(release, names, name))
                draft = drafts.number(release, names, name)
        found["package"].append((number, of, name, names.value, type, len(its), draft))
        _of_entries(number, its, records, entries, numbers, found)
    return [*contents.conflicts, *groups.flaws()]


def _of_entries(
    package: int,
    its: Iterable[int],
    records: Mapping[int, Record],
    entries: _Entries,
    numbers: _Numbers,
    found: Tables,
) -> None:
    intervals: list[Row] = []
    for number in its:
        record = records.get(number)
        affected = entries[number] if record is None else record.affected
        module = numbers.modules[affected.module]
        row, arches, spans = rows_of_entry(package, number, entries.advisory_of[number], module, affected, record)
        intervals += spans
        if arches:
            found["arch"] += arches
        found["affected"].append(row)
    intervals.sort(key=lambda row: row[:4])
    found["interval"] += intervals


def rows_of_entry(
    package: int, number: int, advisory: int, module: int, affected: Affected, record: Record | None
) -> tuple[Row, list[Row], list[Row]]:
    """The rows of an entry: of ``affected``, ``arch`` and ``interval``.

    :param record: None where its type has no order here.
    """
    bounds = None if record is None else only_bounds(affected, record)
    if bounds is not None:
        low, high = bounds
        texts = affected.ranges[0].introduced, affected.ranges[0].fixed
        spans: list[Row] = [(package, high, number, 0, low, low, high, *texts, None, affected.ranges[0].limit, None)]
    else:
        spans = [
            (package, row[6], number, ordinal, row[5], *row[7:], *row[:5])
            for ordinal, row in enumerate(span_rows(affected, record))
        ]
    counted = len(affected.ranges), len(affected.versions)
    return (
        (
            package,
            number,
            advisory,
            affected.fix_state.value,
            int(affected.negative),
            module,
            affected.channel,
            int(affected.epoch_known),
            affected.source,
            int(affected.completed),
            affected.in_archive,
            len(affected.arches),
            *counted,
            len(spans) - sum(counted),
            int(record is not None and record.unordered is not None),
        ),
        [(package, number, ordinal, arch) for ordinal, arch in enumerate(affected.arches)],
        spans,
    )


class _Groups:
    """The records of packages of a release, made when they are needed: what drafts are drawn from, and the lint."""

    def __init__(self, contents: Contents, entries: _Entries) -> None:
        self._contents: Final = contents
        self._entries: Final = entries
        # A group is of several packages where a release has channels, or versions of several types.
        self._packages: Final[dict[GroupKey, list[int]]] = {}
        for place, package in enumerate(entries.packages):
            if is_ordered(package):
                of = package[0]
                assert of is not None
                self._packages.setdefault((of.id, of.release or "", package[2], package[1]), []).append(place)
        self._enrichments: Final[dict[str, list[Enrichment]]] = {}
        for one, _ in contents.enrichments:
            self._enrichments.setdefault(one.cve, []).append(one)
        self._key: GroupKey | None = None
        self._made: dict[int, Record] = {}
        # The lint by the first entry of its group.
        self._flaws: Final[dict[int, list[Flaw]]] = {}
        self.of_unstable = lru_cache(_GROUPS)(self._group)

    @staticmethod
    def key(distribution: Distribution, names: Names, name: str) -> GroupKey:
        """The key of a group."""
        return distribution.id, distribution.release or "", names, name

    def made(self, key: GroupKey) -> Mapping[int, Record]:
        """The records of a group by the numbers of their entries. The last one is remembered."""
        if key != self._key:
            self._key, self._made = key, self._records(key)
            self._check(self._made)
        return self._made

    def _records(self, key: GroupKey) -> dict[int, Record]:
        entries = self._entries
        places = self._packages.get(key, ())
        numbers: Iterable[int] = sorted(number for place in places for number in entries.of_package[place])
        return {number: entries.record(number) for number in numbers}

    def _check(self, records: Mapping[int, Record]) -> None:
        first = next(iter(records))
        if first not in self._flaws:
            flaws = list(flaws_of(published_records(tuple(records.values()))))
            self._flaws.update({first: flaws} if flaws else {})

    def flaws(self) -> Iterator[Flaw]:
        """What is wrong with records, of groups that were made: groups by their first entry."""
        chosen = self._contents.advisories
        by_id = {chosen.ids[number]: number for number in chosen.documented} if self._contents.completions else {}
        for id, missing in self._contents.completions.items():
            yield from flaws_of_completions(chosen[by_id[id]], missing)
        for first in sorted(self._flaws):
            yield from self._flaws[first]

    # ---- what drafts are drawn from ----

    def records(self, distribution: Distribution, names: Names, package: str, /) -> Sequence[Record]:
        """As a feed's."""
        return tuple(self.made(self.key(distribution, names, package)).values())

    def group(self, distribution: Distribution, names: Names, package: str, /) -> Group | None:
        """As a feed's."""
        return self.of_unstable(self.key(distribution, names, package))

    def _group(self, key: GroupKey) -> Group | None:
        records = self._records(key)
        return grouped({key: tuple(records.values())})[key] if records else None

    def enrichments(self, cve: str, /) -> Sequence[Enrichment]:
        """As a feed's."""
        return self._enrichments.get(cve, ())


class _Drafts:
    """The drafts of packages, as texts with their numbers. Packages that were built together share them."""

    def __init__(self, groups: _Groups, rows: Rows) -> None:
        self._groups: Final = groups
        self._rows: Final = rows
        # By digests: texts and contents are as long as the feed.
        self._by_content: Final[dict[bytes, int | None]] = {}
        self._by_text: Final[dict[bytes, int]] = {}

    def number(self, distribution: Distribution, names: Names, name: str) -> int | None:
        """The number of a package's drafts. None where the rules decide all there is."""
        content = content_of(self._groups, distribution, names, name)
        # Version 2 has the same bytes for equal values.
        digest = None if content is None else hashlib.sha256(marshal.dumps(content, 2)).digest()
        if digest is not None and digest in self._by_content:
            return self._by_content[digest]
        text = text_of(draft_group(self._groups, distribution, names, name))
        number = None if text is None else self._number(text)
        if digest is not None:
            self._by_content[digest] = number
        return number

    def _number(self, text: str) -> int:
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
        number = self._by_text.setdefault(digest, len(self._by_text))
        if number == len(self._rows):
            self._rows.append((number, text))
        return number
