"""One package against the records of a feed: its result, whatever else is on its host.

The rules are in :mod:`advisories.matching.rules`. Here is the order in which they apply to the queries of a package.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from operator import attrgetter
from typing import Final

from advisories.distros.dist_tags import is_of_later_release
from advisories.distros.identity import instance_of
from advisories.distros.kernels import Role, kernel_of
from advisories.distros.lines import LINED
from advisories.distros.package_names import ends_in_arch, is_name
from advisories.distros.release_marks import release_mark
from advisories.distros.restarts import restarts_machine
from advisories.distros.vendors import sets_up_third_party
from advisories.index.completeness import Losses
from advisories.index.feed import Feed
from advisories.index.records import Group, Interval, Record, parts_by
from advisories.matching import rules
from advisories.matching.causes import cause_of
from advisories.matching.drafts import NOTHING, Drafts, Wanted, is_usual
from advisories.matching.priority import SOURCES, assess_all
from advisories.matching.rules import UNSTABLE_DEBIAN, Comparison, Fix, Outcome, Query
from advisories.matching.rules.order import order_of_vulnerabilities
from advisories.models.advisories import Advisory, FixState
from advisories.models.assumptions import Assumption
from advisories.models.distribution import Distribution
from advisories.models.findings import (
    Basis,
    Evidence,
    Finding,
    HostPart,
    Note,
    PackageClass,
    PackageResult,
    Presence,
    Priority,
    ReleaseMark,
    Rows,
    Status,
)
from advisories.models.frozen import evolve, field, frozen
from advisories.models.packages import Package
from advisories.models.texts import whole_text
from advisories.models.words import Names

__all__ = ["MatchContext", "evaluate", "part_of", "result_of_unnamed"]

_NOTHING_LOST: Final = Losses()


@frozen
class MatchContext:
    """What is the same for every package of one kind of host.

    :ivar feed: has the records.
    :ivar host: the release whose advisories are used, as filed, with the host's channels.
    :ivar always: what every comparison assumes.
    :ivar notes: of the rule by which it does, for every finding.
    :ivar names_sources: whether records of the release name source packages.
    :ivar unnamed: what is assumed of packages that no record names (rule 0).
    :ivar without_finding: what is assumed of every package without a finding (rule 0).
    :ivar losses: what the feed's readers lost of the release.
    :ivar sources: what a priority rests on, first choice first.
    :ivar states_channels: whether you state the host's channels, so that what its files show does not count.
    :ivar uses_unstable: whether unstable's fixes clear a package that its own release has no fix for (rule 1a).
    :ivar is_usual: whether drafts decide about the host's usual packages: nothing is assumed or chosen of it.
    """

    feed: Feed
    host: Distribution
    always: frozenset[Assumption] = frozenset()
    notes: tuple[Note, ...] = ()
    names_sources: bool = False
    unnamed: frozenset[Assumption] = frozenset()
    without_finding: frozenset[Assumption] = frozenset()
    losses: Losses = _NOTHING_LOST
    sources: tuple[Basis, ...] = SOURCES
    states_channels: bool = False
    uses_unstable: bool = field(init=False)
    is_usual: bool = field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "uses_unstable", rules.uses_unstable(self.host))
        object.__setattr__(self, "is_usual", not self.always and not self.notes and self.sources == SOURCES)


def part_of(package: Package) -> HostPart | None:
    """What of its host a package decides, whether it is judged or not."""
    return HostPart.REPOSITORY if package.name in sets_up_third_party(package.type) else None


def evaluate(
    package: Package,
    queries: Sequence[Query],
    context: MatchContext,
    drafts: Mapping[Wanted, Drafts | None] | None,
    in_other_case: Container[tuple[Distribution, str]] = (),
) -> PackageResult:
    """The result of a package that is compared by these queries, of which there is one at least.

    :param drafts: of what the queries name, as far as it has records. None where nobody looked.
    :param in_other_case: the names that records have in other upper and lower case alone.
    """
    found = _by_drafts(package, queries, context, drafts) or _by_rules(package, queries, context)
    assumptions = _own_doubts(package, context)
    if Assumption.CHANNEL_UNKNOWN in assumptions and not _may_be_of_channel(queries, context):
        assumptions -= _OF_CHANNELS
    if found.statuses:
        assumptions |= found.assumptions
        package_class = PackageClass.AFFECTED if Status.AFFECTED in found.statuses else PackageClass.UNDECIDABLE
        mark = _mark_of(package, context)
        return PackageResult(package_class, _part_of(package), found.rows, assumptions, found.updates, mark)
    assumptions = assumptions.union(found.assumptions, () if found.is_named else _of_unnamed(package, context))
    if in_other_case and not found.is_named and any((one.distribution, one.name) in in_other_case for one in queries):
        assumptions |= _NAME_CASE
    names = [query.name for query in queries]
    if not found.is_named and not _can_be_named(package, names):
        assumptions |= _NAME_IMPOSSIBLE
    in_line = context.host.id in LINED or package.module.streams
    if in_line and rules.line_doubt(queries, context.feed) is not None:
        assumptions |= _LINE_UNKNOWN
    return _cleared(package, names, queries[0].distribution, context, assumptions, found.updates)


def result_of_unnamed(
    package: Package,
    names: tuple[str, str],
    context: MatchContext,
    in_other_case: Container[tuple[Distribution, str]] = (),
) -> PackageResult:
    """The result of a package whose names no record has: :func:`evaluate` without anything to compare with.

    :param names: all that is looked up of it (:func:`advisories.matching.rules.only_names`).
    :param in_other_case: the names that records have in other upper and lower case alone.
    """
    # No record of it is of a channel.
    assumptions = _own_doubts(package, context) - _OF_CHANNELS
    assumptions = assumptions.union(_of_unnamed(package, context))
    if context.host.id in LINED:
        line = rules.line_shown(package, context.host)
        if not rules.has_line((context.host,), line, context.feed):
            assumptions |= _LINE_UNKNOWN
    if in_other_case and any((context.host, name) in in_other_case for name in names):
        assumptions |= _NAME_CASE
    if not _can_be_named(package, names):
        assumptions |= _NAME_IMPOSSIBLE
    return _cleared(package, names, context.host, context, assumptions, 0)


def _can_be_named(package: Package, names: Iterable[str]) -> bool:
    """Rule 0: whether a package or its source can have these names."""
    type = package.type
    return all(is_name(type, name) and not ends_in_arch(type, name) for name in names)


def _own_doubts(package: Package, context: MatchContext) -> frozenset[Assumption]:
    """Rule 0: what the list shows to be unknown about a package."""
    assumptions = package.doubts
    if not context.names_sources:
        return assumptions - _OF_SOURCES
    if assumptions or package.source_name is None:
        return rules.source_doubts(package)
    return assumptions


def _cleared(
    package: Package,
    names: Iterable[str],
    distribution: Distribution,
    context: MatchContext,
    assumptions: frozenset[Assumption],
    updates: int,
) -> PackageResult:
    """The result of a package without a finding.

    :param names: what was looked up.
    :param distribution: the release whose records were.
    :param assumptions: those that rest on the names.
    """
    if context.without_finding:
        assumptions |= context.without_finding
    if context.losses and any(map(context.losses.concern, names)):
        assumptions |= _RECORDS_SKIPPED
    if is_of_later_release(package.type, package.version, distribution):
        assumptions |= _RELEASE_MIXED
    return _without_finding(_part_of(package), assumptions, updates, _mark_of(package, context))


def _part_of(package: Package) -> HostPart | None:
    """As :func:`part_of`, kernels among them."""
    kernel = kernel_of(package)
    return HostPart.KERNEL if kernel is not None and kernel.role is Role.KERNEL else part_of(package)


def _mark_of(package: Package, context: MatchContext) -> ReleaseMark | None:
    return release_mark(package, context.host, of_derivative=Assumption.REBUILD in context.always)


_OF_CHANNELS: Final = frozenset({Assumption.CHANNEL_UNKNOWN})
_LINE_UNKNOWN: Final = frozenset({Assumption.LINE_UNKNOWN})
_NAME_CASE: Final = frozenset({Assumption.NAME_CASE})
_NAME_IMPOSSIBLE: Final = frozenset({Assumption.NAME_IMPOSSIBLE})
_RECORDS_SKIPPED: Final = frozenset({Assumption.RECORDS_SKIPPED})
_RELEASE_MIXED: Final = frozenset({Assumption.RELEASE_MIXED})


def _may_be_of_channel(queries: Sequence[Query], context: MatchContext) -> bool:
    """Rule 8: whether it matters to a package which channels the host has: a record of its names is of one."""
    if context.states_channels:
        return False
    groups = context.feed.groups([(query.distribution, query.names, query.name) for query in queries])
    return any(record.affected.channel is not None for group in groups if group is not None for record in group.records)


# Few differ, and most packages have one of them.
@lru_cache(maxsize=1 << 10)
def _without_finding(
    part: HostPart | None, assumptions: frozenset[Assumption], updates: int, mark: ReleaseMark | None
) -> PackageResult:
    package_class = PackageClass.UNCHECKED if assumptions else PackageClass.CLEAN
    return PackageResult(package_class, part, assumptions=assumptions, not_security=updates, mark=mark)


@frozen
class _Found:
    """What the records of a package's names give.

    :ivar statuses: of the findings.
    :ivar assumptions: of the findings, or where there is none of clearing the package.
    :ivar is_named: whether there are any records.
    :ivar updates: how many bugfix or enhancement advisories apply without naming a CVE.
    """

    rows: Rows = NOTHING
    statuses: frozenset[Status] = frozenset()
    assumptions: frozenset[Assumption] = frozenset()
    is_named: bool = False
    updates: int = 0


_NOT_NAMED: Final = _Found()


def _by_rules(package: Package, queries: Sequence[Query], context: MatchContext) -> _Found:
    """Compared with each record by the rules."""
    groups = context.feed.groups([(query.distribution, query.names, query.name) for query in queries])
    lookups = [
        _Lookup(query, group, context) for query, group in zip(queries, groups, strict=True) if group is not None
    ]
    comparisons = [comparison for one in lookups for comparison in one.comparisons()]
    makers, updates = rules.by_kind(comparisons)
    case = _Case(package, lookups, context)
    rows: dict[Priority, list[tuple[str, Finding]]] = {priority: [] for priority in Priority}
    statuses: set[Status] = set()
    assumptions = frozenset[Assumption]()
    for vulnerabilities, finding in case.findings(makers) if makers else ():
        rows[finding.assessment.priority].extend([(vulnerability, finding) for vulnerability in vulnerabilities])
        statuses.add(finding.status)
        assumptions = assumptions.union(finding.assumptions)
    for ranked in rows.values():
        ranked.sort(key=_by_vulnerability)
    if statuses:
        assumptions |= case.cleared_under & _ALWAYS_COUNTED
    else:
        assumptions = assumptions.union(case.cleared_under, *[one.doubts() for one in lookups])
    applying = {comparison.record.advisory.id for comparison in updates if _applies(comparison)}
    return _Found(tuple(map(tuple, rows.values())), frozenset(statuses), assumptions, bool(lookups), len(applying))


def _by_drafts(
    package: Package, queries: Sequence[Query], context: MatchContext, drafts: Mapping[Wanted, Drafts | None] | None
) -> _Found | None:
    """From the drafts of the one name that has records. None where the rules must decide."""
    if drafts is None or not context.is_usual:
        return None
    named = [query for query in queries if (query.distribution, query.names, query.name) in drafts]
    if not named:
        return _NOT_NAMED
    query, *others = named
    its_drafts = drafts[query.distribution, query.names, query.name]
    if others or its_drafts is None or not is_usual(query):
        return None
    needs_restart = restarts_machine(package)
    made = its_drafts.found(package, query, package.instance or instance_of(package), needs_restart)
    if made is None:
        return None
    rows, updates = made
    statuses = frozenset[Status]() if rows is NOTHING else _AFFECTED
    return _Found(rows, statuses, is_named=True, updates=updates)


_AFFECTED: Final = frozenset({Status.AFFECTED})


# Records and ranges that decide the vulnerabilities of one package, counted for each of these sets that others decide.
_DECIDED: Final = 1_000_000
# What matters where records of the release name sources.
_OF_SOURCES: Final = frozenset({Assumption.SOURCE_UNKNOWN, Assumption.NOT_IN_ARCHIVE})
# What clears a vulnerability, and counts beside findings of others too.
_ALWAYS_COUNTED: Final = frozenset({Assumption.FEEDS_DISAGREE})


def _of_unnamed(package: Package, context: MatchContext) -> frozenset[Assumption]:
    """Rule 0: what is assumed of a package that no record names."""
    of = package.repository
    if of is not None and context.feed.lacks_repository(context.host, of):
        return context.unnamed | {Assumption.FEED_PARTIAL}
    return context.unnamed


def _by_vulnerability(row: tuple[str, Finding]) -> tuple[object, ...]:
    return order_of_vulnerabilities(row[0])


def _applies(comparison: Comparison) -> bool:
    return comparison.outcome is Outcome.INSIDE and not comparison.record.affected.negative


class _Lookup:
    """The records of one query and their comparisons. Each record is compared once, when it is needed."""

    def __init__(self, query: Query, group: Group, context: MatchContext) -> None:
        self.group: Final = group
        if not query.epoch_known:
            query = rules.with_known_epoch(query, group)
        self._query = query
        self._context = context
        self._candidates: set[int] = set()
        # By the identity of an advisory's records, which the group holds.
        self._others: dict[int, Sequence[Comparison]] = {}

    def comparisons(self) -> Iterator[Comparison]:
        """The query against the records that may hold its version, without those that are excluded."""
        group, query, host = self.group, self._query, self._context.host
        if query.key is None or query.lacks_release:
            # Without a key, or where releases may tie (rule 5), no index can find them.
            candidates: Sequence[Record] = group.records
        else:
            candidates = group.candidates(query.key, epoch=query.epoch_known)
        self._candidates.update(map(id, candidates))
        for record in candidates:
            comparison = rules.compare(query, record, host)
            if comparison is not None:
                yield comparison

    def other_comparisons(self, vulnerability: str) -> Iterator[Sequence[Comparison]]:
        """The query against the other records of a vulnerability, which count for the fixes they name (rule 8).

        A part for each advisory, the same object for all its vulnerabilities.
        """
        for part in self.group.naming(vulnerability):
            found = self._others.get(id(part))
            if found is None:
                found = self._others[id(part)] = self._compared(part)
            if found:
                yield found

    def _compared(self, records: Sequence[Record]) -> Sequence[Comparison]:
        others = [record for record in records if id(record) not in self._candidates]
        if not others or not rules.makes_findings(others[0].advisory):
            return ()
        compared = [rules.compare(self._query, record, self._context.host) for record in others]
        return [comparison for comparison in compared if comparison is not None]

    def doubts(self) -> frozenset[Assumption]:
        """Rule 0: what it rests on that no range holds the version: the release by choice, and epochs."""
        group, query, context = self.group, self._query, self._context
        epochs = not query.epoch_known and group.shows_epochs
        always = context.always | (query.assumptions & _OF_REBUILDS) if query.assumptions else context.always
        if not (always or epochs or group.has_unknown_epoch):
            return frozenset()
        applying = (one for one in group.records if rules.excluding_rule(query, one, context.host)[0] is None)
        first = next(applying, None)
        if first is None:
            return frozenset()
        found = always
        if (epochs or group.has_unknown_epoch) and rules.epoch_may_matter(query, [first, *applying]):
            found |= {Assumption.EPOCH_UNKNOWN}
        return found


_OF_REBUILDS: Final = frozenset({Assumption.REBUILD})


class _Case:
    """A package and its comparisons, vulnerability by vulnerability."""

    def __init__(self, package: Package, lookups: Sequence[_Lookup], context: MatchContext) -> None:
        self._package = package
        self._needs_restart = restarts_machine(package)
        self._instance = package.instance or instance_of(package)
        self._lookups = lookups
        self._context = context
        # By the identity of a query, which the comparisons hold, unstable's records and which advisories of them clear.
        self._unstable: Final[dict[int, tuple[Group | None, dict[int, bool]]]] = {}
        # The texts of entries, by the identity of their records.
        self._texts: Final[dict[int, str]] = {}
        #: What clearing a vulnerability of it rests on (rule 0).
        self.cleared_under = frozenset[Assumption]()

    def findings(self, comparisons: Sequence[Comparison]) -> Iterator[tuple[Sequence[str], Finding]]:
        """The findings, each with the vulnerabilities that share it: those with the same records and priority.

        :param comparisons: with all the records that may hold the version, updates left out (rule 10).
        """
        shared: dict[str, list[Sequence[Comparison]]] = {}
        parts = parts_by(comparisons, _advisory_of)
        for part in parts:
            if not any(map(_may_stand, part)):
                continue
            names = part[0].record.advisory.vulnerabilities
            if self._is_alone(names):
                yield from self._of_records(names, part)
            else:
                shared.update((name, []) for name in names)
        if shared:
            yield from self._of_shared(shared, parts)

    def _is_alone(self, vulnerabilities: Sequence[str]) -> bool:
        """Whether no record but one names any of these."""
        if len(self._lookups) > 1 or self._context.uses_unstable:
            return False
        return self._lookups[0].group.shared.isdisjoint(vulnerabilities)

    def _of_shared(
        self, by_vulnerability: dict[str, list[Sequence[Comparison]]], parts: Sequence[Sequence[Comparison]]
    ) -> Iterator[tuple[Sequence[str], Finding]]:
        for part in parts:
            for name in part[0].record.advisory.vulnerabilities:
                if name in by_vulnerability:
                    by_vulnerability[name].append(part)
        alike: dict[tuple[int, ...], list[str]] = {}
        for name, same in by_vulnerability.items():
            for lookup in self._lookups:
                same.extend(lookup.other_comparisons(name))
            # Vulnerabilities of the same records are decided once.
            alike.setdefault(tuple(map(id, same)), []).append(name)
        # No decision looks at too much, but by a feed that was made to take long.
        bounded = len(alike) * sum([lookup.group.size for lookup in self._lookups]) <= _DECIDED
        many = () if bounded else _too_many([by_vulnerability[names[0]] for names in alike.values()])
        for number, names in enumerate(alike.values()):
            same = by_vulnerability[names[0]]
            if number in many:
                yield from self._of_too_many(names, same)
            else:
                yield from self._of_records(names, same[0] if len(same) == 1 else list(chain.from_iterable(same)))

    def _of_too_many(
        self, vulnerabilities: Sequence[str], parts: Sequence[Sequence[Comparison]]
    ) -> Iterator[tuple[Sequence[str], Finding]]:
        """Undecidable findings of vulnerabilities that too many records decide. The first of them stands for all."""
        why = f"more than the limit of {_DECIDED} records and ranges decide the vulnerabilities of the package"
        first = evolve(parts[0][0], outcome=Outcome.UNDECIDABLE, why=why)
        return self._undecidable(vulnerabilities, rules.Decision(undecided=[first]))

    def _of_records(
        self, vulnerabilities: Sequence[str], comparisons: Sequence[Comparison]
    ) -> Iterator[tuple[Sequence[str], Finding]]:
        """The findings of vulnerabilities that the same records name. Those of one assessment share one."""
        decision = rules.decide(comparisons, self._context.host)
        if decision.inside:
            deciding = self._first(decision.inside)
            fix, note = rules.pick_fix(deciding, decision.inside, decision.fixes, self._context.host)
            if fix is None and self._context.uses_unstable:
                vulnerabilities = self._left_by_unstable(deciding.query, vulnerabilities)
                if not vulnerabilities:
                    return
            yield from self._affected(vulnerabilities, decision, deciding, fix, note)
        elif decision.undecided:
            yield from self._undecidable(vulnerabilities, decision)
        else:
            self.cleared_under |= decision.assumptions

    def _first(self, comparisons: Sequence[Comparison]) -> Comparison:
        """The comparison that stands for several: the first by advisory, whatever the order of records."""
        if len(comparisons) == 1:
            return comparisons[0]
        place = min(map(_place, comparisons))
        alike = [comparison for comparison in comparisons if _place(comparison) == place]
        return alike[0] if len(alike) == 1 else min(alike, key=self._text)

    def _text(self, comparison: Comparison) -> str:
        record = comparison.record
        if id(record) not in self._texts:
            self._texts[id(record)] = whole_text(record.affected)
        return self._texts[id(record)]

    def _left_by_unstable(self, query: Query, vulnerabilities: Sequence[str]) -> Sequence[str]:
        """The vulnerabilities that unstable's fixes do not clear (rule 1a). A query looks at each of them once."""
        if id(query) not in self._unstable:
            self._unstable[id(query)] = self._context.feed.group(UNSTABLE_DEBIAN, query.names, query.name), {}
        group, clear = self._unstable[id(query)]
        if group is None:
            return vulnerabilities
        left: list[str] = []
        for name in vulnerabilities:
            for part in group.naming(name):
                if id(part) not in clear:
                    clear[id(part)] = rules.cleared_by_unstable(query, part) is not None
                if clear[id(part)]:
                    break
            else:
                left.append(name)
        return left

    def _affected(
        self,
        vulnerabilities: Sequence[str],
        decision: rules.Decision,
        first: Comparison,
        fix: Fix | None,
        note: Note | None,
    ) -> Iterator[tuple[Sequence[str], Finding]]:
        # What has no order is earlier than nothing: the record that lists it decides.
        is_ordered = first.query.key is not None
        deciding = fix.comparison if fix is not None and is_ordered else first
        if deciding.outcome is not Outcome.INSIDE:
            deciding = evolve(deciding, notes=first.notes)
        notes = (*deciding.notes, *((note,) if note else ()), *decision.doubts)
        cause = cause_of(self._package, deciding, fix if is_ordered else None)
        return self._made(vulnerabilities, Status.AFFECTED, decision, decision.inside, deciding, fix, cause, notes)

    def _undecidable(
        self, vulnerabilities: Sequence[str], decision: rules.Decision
    ) -> Iterator[tuple[Sequence[str], Finding]]:
        deciding = self._first(decision.undecided)
        fix = rules.pick_fix(deciding, (), decision.fixes, self._context.host)[0]
        package = self._package
        cause = f"{package.name} {package.version} cannot be judged: {deciding.why} ({deciding.record.advisory.id})"
        notes = (*deciding.notes, *decision.doubts, Note(14, deciding.why))
        return self._made(
            vulnerabilities, Status.UNDECIDABLE, decision, decision.undecided, deciding, fix, cause, notes
        )

    def _made(
        self,
        vulnerabilities: Sequence[str],
        status: Status,
        decision: rules.Decision,
        comparisons: Sequence[Comparison],
        deciding: Comparison,
        fix: Fix | None,
        cause: str,
        notes: tuple[Note, ...],
    ) -> Iterator[tuple[Sequence[str], Finding]]:
        package, context, query = self._package, self._context, deciding.query
        assumptions = context.always.union(
            decision.assumptions, *[comparison.assumptions for comparison in comparisons]
        )
        if package.type == "rpm" and rules.is_rebuild(query.version, fix.version if fix else None):
            assumptions |= {Assumption.REBUILD}
        channel = fix.comparison.record.affected.channel if fix else None
        needs_channel = channel is not None and fix is not None and rules.lacks_channel(fix.comparison, context.host)
        if needs_channel:
            notes = (*notes, Note(8, f"the fix is in {channel}, which the host does not have"))
        interval = _shown(deciding, fix)
        source = query if query.names is Names.SOURCE else None
        advisories = {comparison.record.advisory.id: comparison.record.advisory for comparison in comparisons}
        restarts = self._needs_restart or any(advisory.reboot_suggested for advisory in advisories.values())

        alike = assess_all(vulnerabilities, advisories.values(), context.feed.enrichments, context.sources)
        finding: Finding | None = None
        for assessment, names in alike.items():
            if finding is not None:
                finding = finding.variant(names[0], assessment, Presence.INSTALLED, False)
            else:
                finding = Finding(
                    package=package,
                    instance=self._instance,
                    source=package.source_name or (source.name if source else None),
                    source_version=package.source_version or (source.version if source else None),
                    vulnerability=names[0],
                    advisories=tuple(sorted(advisories)),
                    status=status,
                    cause=cause,
                    fixed_version=fix.version if fix else None,
                    fix_state=FixState.FIXED if fix else rules.fix_state_of(comparisons),
                    channel=channel if needs_channel else None,
                    presence=Presence.INSTALLED,
                    pending_restart=False,
                    restart_required=restarts,
                    assessment=assessment,
                    assumptions=tuple([one for one in Assumption if one in assumptions]) if assumptions else (),
                    evidence=Evidence(
                        advisory=deciding.record.advisory.id,
                        name=query.name,
                        names=query.names,
                        installed=query.version,
                        introduced=interval.range.introduced if interval else None,
                        fixed=interval.range.fixed if interval else None,
                        last_affected=interval.range.last_affected if interval else None,
                        notes=tuple(sorted(notes, key=_by_rule)) if len(notes) > 1 else notes,
                    ),
                )
            yield names, finding


def _too_many(decisions: Sequence[Sequence[Sequence[Comparison]]]) -> Container[int]:
    """Which of these decisions look at too much."""
    parts = {id(part): part for part in chain.from_iterable(decisions)}
    of_part = {number: sum([1 + len(one.record.intervals) for one in part]) for number, part in parts.items()}
    sizes = [sum([of_part[id(part)] for part in same]) for same in decisions]
    most = max(sizes) if sum(sizes) <= _DECIDED else _DECIDED // len(sizes)
    return {number for number, size in enumerate(sizes) if size > most}


def _may_stand(comparison: Comparison) -> bool:
    return comparison.outcome is not Outcome.OUTSIDE and not comparison.record.affected.negative


_advisory_of: Final[Callable[[Comparison], Advisory]] = attrgetter("record.advisory")


def _place(comparison: Comparison) -> tuple[str, str]:
    return comparison.record.advisory.id, comparison.query.names.value


def _shown(comparison: Comparison, fix: Fix | None) -> Interval | None:
    """The range to show: of those that hold the version the one that the fix ends, else any, else the fix's own."""
    if comparison.inside:
        return next(
            (interval for interval in comparison.inside if fix and interval.fixed == fix.key), comparison.inside[0]
        )
    return next(
        (interval for interval in comparison.record.intervals if fix and interval.range.fixed == fix.version), None
    )


def _by_rule(note: Note) -> int:
    return note.rule
