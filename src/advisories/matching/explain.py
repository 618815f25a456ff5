"""Why a package has a finding or has none: each record of a vulnerability, the order of versions, the deciding rule.

The rules are those of matching. Here every record of the vulnerability is compared, even one that cannot matter.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from operator import attrgetter
from typing import Final

import vercmp
from advisories.index.feed import Feed
from advisories.index.records import Record, listed_bounds, parts_by
from advisories.matching import rules
from advisories.matching.evaluate import MatchContext
from advisories.matching.match import DEFAULT_POLICY, Matcher, MatchPolicy, match, matcher_of
from advisories.matching.rules import Comparison, Outcome, Query
from advisories.models.advisories import Advisory
from advisories.models.assumptions import Assumption
from advisories.models.distribution import Distribution
from advisories.models.findings import Finding, Note, PackageClass, Status
from advisories.models.frozen import evolve, field, frozen
from advisories.models.nouns import Noun, shortened
from advisories.models.packages import Inventory, Package
from advisories.models.printing import printable
from advisories.models.words import Names

__all__ = ["BoundComparison", "Considered", "Explanation", "NamedRecords", "explain", "explain_package"]

_ORDERS: Final = {-1: "earlier than", 0: "equal to", 1: "later than"}
_BOUNDS: Final = ("introduced", "fixed", "last_affected", "limit")
_UNJUDGED: Final = {
    PackageClass.NOT_COVERED: Note(1, "the feed has no advisories of its release, or of packages of its type"),
    PackageClass.NOT_INSTALLED: Note(12, "it is not installed"),
    PackageClass.THIRD_PARTY: Note(13, "somebody else than the distribution built it"),
}
#: Nothing else clears what a record holds.
_BY_UNSTABLE: Final = Note(1, "fixed in unstable by this version, where its own release has no fix")


@frozen
class BoundComparison(Noun):
    """The installed version against one bound of a record.

    :ivar bound: ``introduced``, ``fixed``, ``last_affected``, ``limit`` or ``listed``.
    :ivar version: the bound, as the record writes it.
    :ivar order: -1, 0 or 1: the installed version is earlier, equal or later. None where there is no order (rule 14).
    """

    bound: str
    version: str
    order: int | None

    def __str__(self) -> str:
        order = "in no order with" if self.order is None else _ORDERS[self.order]
        return f"{order} {self.bound.replace('_', ' ')} {self.version}"


@frozen
class Considered(Noun):
    """One record that names the vulnerability, and the outcome of comparing it.

    :ivar advisory: its id.
    :ivar name: the package name that was looked up, a source or a binary package's by `names`.
    :ivar installed: the version that was compared.
    :ivar outcome: None where a rule excludes the record: the first of `notes` names it.
    :ivar negative: the record states where the package is *not* affected.
    :ivar comparisons: of the installed version with each bound.
    :ivar assumptions: what the outcome rests on.
    :ivar why: the reason of an undecidable outcome.
    """

    advisory: str
    name: str
    names: Names
    installed: str
    outcome: Outcome | None
    negative: bool
    comparisons: tuple[BoundComparison, ...] = field(repr=shortened)
    notes: tuple[Note, ...] = field(repr=shortened)
    assumptions: tuple[Assumption, ...] = field(repr=shortened)
    why: str = ""


@frozen(repr=False)
class Explanation(Noun):
    """Why one installed instance has a finding of a vulnerability, or has none. Its text is the explanation in lines.

    :ivar package_class: the instance's class in the coverage, over all vulnerabilities.
    :ivar finding: the finding, None where there is none.
    :ivar considered: the records that name the vulnerability, in the order of their ids.
    :ivar decided: a note of the rule that decided.
    :ivar assumptions: what was assumed of the package (rule 0).
    """

    package: Package
    vulnerability: str
    package_class: PackageClass
    finding: Finding | None
    considered: tuple[Considered, ...]
    decided: Note
    assumptions: tuple[Assumption, ...] = field(default=(), repr=shortened)

    def __repr__(self) -> str:
        return f"<Explanation: {self._head()}, by rule {self.decided.rule} and {len(self.considered)} records>"

    def _head(self) -> str:
        package = self.package
        arch = f" ({package.arch})" if package.arch else ""
        result = str(self.finding.status) if self.finding else "no finding"
        return f"{package.name} {package.version}{arch}, {self.vulnerability}: {result}"

    def __str__(self) -> str:
        lines = [self._head()]
        for one in self.considered:
            outcome = one.outcome.value if one.outcome else f"excluded by rule {one.notes[0].rule}"
            kind = "not affected there: " if one.negative else ""
            lines.append(f"  {one.advisory}, {one.names} package {one.name}: {kind}{outcome}")
            lines += [f"    {one.installed} is {comparison}" for comparison in one.comparisons]
            lines += [f"    rule {note.rule}: {note.text}" for note in one.notes]
            lines += [f"    assumed: {assumption}" for assumption in one.assumptions]
        lines.append(f"  rule {self.decided.rule}: {self.decided.text}")
        if self.package_class is PackageClass.UNCHECKED:
            lines.append("  rule 0: the package is unchecked, not clean")
        lines += [f"  assumed ({one.value}): {one.meaning}. You can {one.advice}" for one in self.assumptions]
        return "\n".join(map(printable, lines))


def explain(
    inventory: Inventory, feed: Feed, package: str, vulnerability: str, policy: MatchPolicy = DEFAULT_POLICY
) -> tuple[Explanation, ...]:
    """Why each installed instance of a package has a finding of a vulnerability, or has none.

    :param package: the name of a binary package, or of the source package it is built from.
    :param vulnerability: a CVE, another id of the vulnerability, or the id of an advisory, upper and lower case alike.

    You get one for each instance, none where the inventory has no such package. Raises as :func:`advisories.match`.
    """
    findings = match(inventory, feed, policy)
    matcher = matcher_of(feed, inventory, policy)
    by_package: dict[Package, list[Finding]] = {}
    for made in findings:
        by_package.setdefault(made.package, []).append(made)
    assumed = findings.coverage.assumed
    named = NamedRecords(feed)
    found = []
    for one, package_class in findings.coverage.classes:
        if package in (one.name, one.source_name):
            id = _as_written(vulnerability, one, matcher, named)
            explanation = explain_package(matcher, one, package_class, by_package.get(one, ()), id, named)
            found.append(evolve(explanation, assumptions=assumed.get(one, ())))
    return tuple(found)


def explain_package(
    matcher: Matcher,
    package: Package,
    package_class: PackageClass,
    findings: Sequence[Finding],
    vulnerability: str,
    named: "NamedRecords",
) -> Explanation:
    """As :func:`explain`, for one installed instance that was matched already.

    :param package_class: its class in the coverage.
    :param findings: its findings.
    :param named: the records of the feed by id.
    """
    context, queries = matcher.context_of(package), matcher.queries(package)

    def rows_of(id: str) -> Sequence[_Row]:
        rows = [row for query in queries for row in _considered(query, context, id, named)]
        return sorted(rows, key=lambda row: (row[0].advisory, row[0].names))

    rows = rows_of(vulnerability)
    names = _named(vulnerability, [record for _, record, _ in rows])
    finding = next((made for made in findings if made.vulnerability in names), None)
    decided = _decided(package_class, finding, rows, context)
    if decided is _BY_UNSTABLE:
        # What an advisory names may be cleared by another advisory's record.
        others = (_decided(package_class, None, rows_of(id), context) for id in sorted(names - {vulnerability}))
        decided = next(others, decided)
    return Explanation(package, vulnerability, package_class, finding, tuple(row[0] for row in rows), decided)


class NamedRecords:
    """The records of a feed's packages, by the ids that they name in any way. Each package is looked through once."""

    def __init__(self, feed: Feed) -> None:
        self._feed: Final = feed
        self._by_id: Final[dict[tuple[Distribution, Names, str], Mapping[str, Sequence[Sequence[Record]]]]] = {}
        self._written: Final[dict[tuple[Distribution, Names, str], Mapping[str, str]]] = {}

    def naming(self, query: Query, vulnerability: str) -> Sequence[Record]:
        """Those of a query's package that name a vulnerability, or are the advisory of the id, in their order."""
        return list(chain.from_iterable(self._of(query).get(vulnerability, ())))

    def as_written(self, query: Query, wanted: str) -> str | None:
        """The id in upper case as the first record writes it that has it. None where none does."""
        key = query.distribution, query.names, query.name
        if key not in self._written:
            # The first of several stays.
            self._written[key] = {id.upper(): id for id in reversed(list(self._of(query)))}
        return self._written[key].get(wanted)

    def _of(self, query: Query) -> Mapping[str, Sequence[Sequence[Record]]]:
        """The records by id, a part for each advisory."""
        key = query.distribution, query.names, query.name
        if key not in self._by_id:
            found: dict[str, list[Sequence[Record]]] = {}
            for part in parts_by(self._feed.records(*key), attrgetter("advisory")):
                for id in dict.fromkeys(_ids(part[0].advisory)):
                    found.setdefault(id, []).append(part)
            self._by_id[key] = found
        return self._by_id[key]


def _as_written(vulnerability: str, package: Package, matcher: Matcher, named: NamedRecords) -> str:
    """The id as records of the package write it."""
    wanted = vulnerability.upper()
    ids = (named.as_written(query, wanted) for query in matcher.queries(package))
    return next((id for id in ids if id is not None), vulnerability)


def _ids(advisory: Advisory) -> tuple[str, ...]:
    return (advisory.id, *advisory.aliases, *advisory.vulnerabilities)


def _named(vulnerability: str, records: Iterable[Record]) -> set[str]:
    """The vulnerabilities that an id stands for: itself, or those of the advisory whose id or alias it is."""
    found = {vulnerability}
    for advisory in {id(record.advisory): record.advisory for record in records}.values():
        if vulnerability == advisory.id or vulnerability in advisory.aliases:
            found.update(advisory.vulnerabilities)
    return found


_Row = tuple[Considered, Record, Comparison | None]


def _considered(query: Query, context: MatchContext, vulnerability: str, named: NamedRecords) -> Iterator[_Row]:
    for record in named.naming(query, vulnerability):
        advisory = record.advisory
        exclusion = rules.exclusion(query, record, context.host)
        comparison = rules.compare(query, record, context.host)
        notes = comparison.notes if comparison else (exclusion,) if exclusion else ()
        yield (
            Considered(
                advisory.id,
                query.name,
                query.names,
                query.version,
                comparison.outcome if comparison else None,
                record.affected.negative,
                tuple(_comparisons(query, record)),
                notes,
                tuple(sorted(comparison.assumptions)) if comparison else (),
                comparison.why if comparison else "",
            ),
            record,
            comparison,
        )


def _comparisons(query: Query, record: Record) -> Iterator[BoundComparison]:
    for range in record.affected.ranges:
        for bound in _BOUNDS:
            version = getattr(range, bound)
            if version is not None:
                yield BoundComparison(bound, version, _order(query, version))
    for version in record.affected.versions:
        if version == query.version or _order(query, version) == 0:
            yield BoundComparison("listed", version, 0)


def _order(query: Query, version: str) -> int | None:
    if query.key is None:
        return None
    try:
        low, above = listed_bounds(version, query.scheme, epoch=query.epoch_known)
    except vercmp.InvalidVersion:
        return None
    return (query.key >= above) - (query.key < low)


def _decided(
    package_class: PackageClass,
    finding: Finding | None,
    rows: Sequence[_Row],
    context: MatchContext,
) -> Note:
    if finding is not None:
        return Note(14 if finding.status is Status.UNDECIDABLE else 3, finding.cause)
    if package_class in _UNJUDGED:
        return _UNJUDGED[package_class]
    comparisons = [comparison for _, _, comparison in rows if comparison is not None]
    if not rows:
        return Note(2, "no record of this vulnerability names the package, by its binary or source name")
    if not comparisons:
        return Note(2, "no record that names the package is for this build")
    makers, _ = rules.by_kind(comparisons)
    if not makers:
        return Note(10, "an update that names no vulnerability makes no finding")
    decision = rules.decide(makers, context.host)
    if decision.cleared is not None:
        return decision.cleared
    if decision.inside:
        return _BY_UNSTABLE
    return Note(3, "no range of a record that applies holds the installed version")
