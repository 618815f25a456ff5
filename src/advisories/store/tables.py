"""What stands in each table of a store: the same rows, in the same order, for the same advisories and sources."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final, TypeVar

import vercmp
from advisories.index.feed import Feed
from advisories.index.records import GroupKey, Record
from advisories.matching.drafts import RULES_VERSION, content_of, draft_group
from advisories.models.advisories import Advisory, Affected, Enrichment
from advisories.models.distribution import Distribution
from advisories.models.frozen import frozen
from advisories.models.packages import SCHEME_OF_TYPE, Module
from advisories.models.reading import Flaw, Loss
from advisories.models.words import Names
from advisories.store.drafts import text_of
from advisories.store.reader import Provenance
from advisories.store.rows import Row, stored
from advisories.store.schema import READER_VERSION, TABLES
from advisories.store.spans import span_rows

__all__ = ["Contents", "Tables", "tables"]

#: The rows of each table, by its name.
Tables = dict[str, list[Row]]


@frozen
class Contents:
    """What a store is made of.

    :ivar feed: its advisories, in memory.
    :ivar sources: where they came from.
    :ivar origins: for each advisory of the feed, in its order, the place of its source.
    :ivar enrichments: by CVE and source, each with the place of the source that it was read from.
    :ivar duplicates: records that were read again under the id of another one.
    :ivar flaws: the lint, the feed's own and that of earlier reading.
    """

    feed: Feed
    sources: Sequence[Provenance]
    origins: Sequence[int]
    enrichments: Sequence[tuple[Enrichment, int]]
    duplicates: int
    flaws: Sequence[Flaw]


def tables(contents: Contents) -> Tables:
    """The rows of every table but for the digest, values as the database takes them, in the order of primary keys."""
    found: Tables = {name: [] for name in TABLES}
    _of_sources(contents, found)
    numbers = _Numbers(contents)
    _of_numbers(numbers, found)
    entries = _Entries(contents.feed, numbers, found)
    for number, (advisory, source) in enumerate(zip(contents.feed, contents.origins, strict=True)):
        _of_advisory(number, advisory, source, found)
        entries.add(number, advisory)
    for number, (enrichment, source) in enumerate(contents.enrichments):
        _of_enrichment(number, enrichment, source, found)
    _of_packages(contents.feed, numbers, found)
    for number, flaw in enumerate(contents.flaws):
        place = None if flaw.distribution is None else numbers.distributions[flaw.distribution]
        found["flaw"].append((number, flaw.kind.value, flaw.advisory, flaw.package, place, flaw.why))
    _of_counts(contents, found)
    for name in ("affected", "arch", "interval"):
        found[name].sort(key=lambda row: row[:4])
    for rows in found.values():
        _make_storable(rows)
    return found


def _make_storable(rows: list[Row]) -> None:
    # Nearly all are ASCII, which needs no look at each.
    for begin in range(0, len(rows), _AT_ONCE):
        some = rows[begin : begin + _AT_ONCE]
        if not "".join([value for row in some for value in row if type(value) is str]).isascii():
            rows[begin : begin + _AT_ONCE] = [tuple(map(stored, row)) for row in some]


# Rows that are looked at together.
_AT_ONCE: Final = 200


#: A row of ``package``: its distribution, name, what it names, and type.
_Package = tuple[Distribution | None, str, Names, str]


def _package_of(affected: Affected) -> _Package:
    return affected.distribution, affected.package, affected.names, affected.type


def _is_ordered(package: _Package) -> bool:
    return package[0] is not None and package[3] in SCHEME_OF_TYPE


class _Numbers:
    """What stands once and is referred to by number: distributions, modules, packages. Sorted, so that they stay equal
    for any order of advisories.
    """

    def __init__(self, contents: Contents) -> None:
        counts = Counter[_Package]()
        modules: set[Module] = set()
        completions = contents.feed.completions
        for advisory in contents.feed:
            counts.update(map(_package_of, advisory.affected))
            counts.update(map(_package_of, completions.get(advisory.id, ())))
            modules.update([affected.module for affected in advisory.affected])
        distributions = {distribution for distribution, *_ in counts if distribution is not None}
        distributions.update(flaw.distribution for flaw in contents.flaws if flaw.distribution is not None)
        self.distributions: Final = _numbered(sorted(distributions, key=_order_of_distributions))
        self.modules: Final = _numbered(sorted(modules, key=lambda module: (module.known, module.streams)))
        self.packages: Final = _numbered(sorted(counts, key=self._order_of_packages))
        self.counts: Final = counts

    def _order_of_packages(self, package: _Package) -> tuple[int, str, str, str]:
        distribution, name, names, type = package
        return -1 if distribution is None else self.distributions[distribution], name, names.value, type


_T = TypeVar("_T")


def _numbered(values: Iterable[_T]) -> dict[_T, int]:
    return {value: number for number, value in enumerate(values)}


def _order_of_distributions(distribution: Distribution) -> tuple[str, bool, str, list[str]]:
    release = distribution.release
    return distribution.id, release is not None, release or "", sorted(distribution.channels)


def _of_sources(contents: Contents, found: Tables) -> None:
    for number, source in enumerate(contents.sources):
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


def _of_numbers(numbers: _Numbers, found: Tables) -> None:
    covered = {package[0] for package in numbers.packages if _is_ordered(package)}
    for distribution, number in numbers.distributions.items():
        channels = sorted(distribution.channels)
        is_covered = int(distribution in covered)
        found["distribution"].append((number, distribution.id, distribution.release, is_covered, len(channels)))
        found["channel"] += [(number, channel) for channel in channels]
    for module, number in numbers.modules.items():
        found["module"].append((number, int(module.known), len(module.streams)))
        found["stream"] += [(number, ordinal, stream) for ordinal, stream in enumerate(module.streams)]


def _of_packages(feed: Feed, numbers: _Numbers, found: Tables) -> None:
    drafts = _Drafts(feed)
    for package, number in numbers.packages.items():
        distribution, name, names, type = package
        place = None if distribution is None else numbers.distributions[distribution]
        draft: int | None = None
        if distribution is not None and _is_ordered(package):
            draft = drafts.number(Distribution(distribution.id, distribution.release or ""), names, name)
        found["package"].append((number, place, name, names.value, type, numbers.counts[package], draft))
    found["draft"] = [(number, text) for text, number in drafts.texts.items()]


class _Drafts:
    """The drafts of packages, as texts with their numbers. Packages that were built together share them."""

    def __init__(self, feed: Feed) -> None:
        self._feed: Final = feed
        self._by_content: Final[dict[object, int | None]] = {}
        self.texts: Final[dict[str, int]] = {}

    def number(self, distribution: Distribution, names: Names, name: str) -> int | None:
        """The number of a package's drafts. None where the rules decide all there is."""
        content = content_of(self._feed, distribution, names, name)
        if content is not None and content in self._by_content:
            return self._by_content[content]
        text = text_of(draft_group(self._feed, distribution, names, name))
        number = None if text is None else self.texts.setdefault(text, len(self.texts))
        if content is not None:
            self._by_content[content] = number
        return number


def _of_advisory(number: int, advisory: Advisory, source: int, found: Tables) -> None:
    dates = advisory.published, advisory.modified, advisory.withdrawn
    children = advisory.cves, advisory.aliases, advisory.severities, advisory.references, advisory.affected
    found["advisory"].append(
        (
            number,
            advisory.id,
            source,
            advisory.kind.value,
            advisory.database,
            advisory.rating,
            *map(_text_of, dates),
            int(advisory.reboot_suggested),
            int(advisory.known_exploited),
            *map(len, children),
        )
    )
    found["cve"] += [(number, ordinal, cve) for ordinal, cve in enumerate(advisory.cves)]
    found["alias"] += [(number, ordinal, alias) for ordinal, alias in enumerate(advisory.aliases)]
    found["severity"] += [
        (number, ordinal, severity.type, severity.score, severity.source, severity.cve)
        for ordinal, severity in enumerate(advisory.severities)
    ]
    found["reference"] += [
        (number, ordinal, reference.type, reference.url) for ordinal, reference in enumerate(advisory.references)
    ]


def _of_enrichment(number: int, enrichment: Enrichment, source: int, found: Tables) -> None:
    listed, modified = map(_text_of, (enrichment.known_exploited, enrichment.modified))
    vectors = enrichment.severities
    found["enrichment"].append(
        (number, enrichment.cve, enrichment.source, source, listed, enrichment.epss, modified, len(vectors))
    )
    found["vector"] += [
        (number, ordinal, vector.type, vector.score, vector.source, vector.cve)
        for ordinal, vector in enumerate(vectors)
    ]


class _Entries:
    """The rows of affected entries, one advisory after the other in the order of the feed."""

    def __init__(self, feed: Feed, numbers: _Numbers, found: Tables) -> None:
        self._feed = feed
        self._completions = feed.completions
        self._numbers = numbers
        self._found = found
        # The records of each package that are still to come: they are in the order of the feed too.
        self._coming: dict[GroupKey, Iterator[Record]] = {}

    def add(self, advisory_number: int, advisory: Advisory) -> None:
        """The rows of one advisory's entries, and of those that it leaves out."""
        found, numbers = self._found, self._numbers
        for affected in (*advisory.affected, *self._completions.get(advisory.id, ())):
            number = len(found["affected"])
            of = _package_of(affected)
            package = numbers.packages[of]
            record = self._record(affected) if _is_ordered(of) else None
            spans = list(span_rows(affected, record))
            counted = len(affected.ranges), len(affected.versions)
            found["interval"] += [
                (package, row[6], number, ordinal, row[5], *row[7:], *row[:5]) for ordinal, row in enumerate(spans)
            ]
            if affected.arches:
                found["arch"] += [(package, number, ordinal, arch) for ordinal, arch in enumerate(affected.arches)]
            found["affected"].append(
                (
                    package,
                    number,
                    advisory_number,
                    affected.fix_state.value,
                    int(affected.negative),
                    numbers.modules[affected.module],
                    affected.channel,
                    int(affected.epoch_known),
                    affected.source,
                    int(affected.completed),
                    affected.in_archive,
                    len(affected.arches),
                    *counted,
                    len(spans) - sum(counted),
                    int(record is not None and record.unordered is not None),
                )
            )

    def _record(self, affected: Affected) -> Record:
        distribution = affected.distribution
        assert distribution is not None  # it is ordered
        key = distribution.id, distribution.release or "", affected.names, affected.package
        coming = self._coming.get(key)
        if coming is None:
            coming = self._coming[key] = iter(self._feed.records(distribution, affected.names, affected.package))
        record = next(coming)
        assert record.affected is affected
        return record


def _of_counts(contents: Contents, found: Tables) -> None:
    feed = contents.feed
    found["kind"] = sorted((kind.value, count) for kind, count in feed.kinds.items())
    found["unordered"] = sorted(feed.unordered.items())
    found["meta"] = sorted(
        [
            ("advisories", len(found["advisory"])),
            ("duplicates", contents.duplicates),
            ("enrichments", len(found["enrichment"])),
            ("entries", sum(len(advisory.affected) for advisory in feed)),
            ("intervals", len(found["interval"])),
            ("key_version", vercmp.KEY_VERSION),
            ("newest", _text_of(feed.newest)),
            ("packages", len(found["package"])),
            ("reader_version", READER_VERSION),
            ("rules_version", RULES_VERSION),
        ]
    )
