"""One package before the records of a feed: its result, whatever else is on its host.

The rules are in :mod:`advisories.matching.rules`; here is the order in which they are asked of a package's queries.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from attrs import evolve, frozen

from advisories.distros.identity import instance_of
from advisories.distros.kernels import Role, kernel_of
from advisories.distros.restarts import Restart, row_of
from advisories.index.feed import Feed
from advisories.index.records import Interval, Record
from advisories.matching import rules
from advisories.matching.order import order_of_packages, order_of_vulnerabilities
from advisories.matching.priority import SOURCES, UNASSESSED, assess
from advisories.matching.rules import Comparison, Fix, Outcome, Query
from advisories.models import (
    Assessment,
    Assumption,
    Basis,
    Distribution,
    Evidence,
    Finding,
    FixState,
    Names,
    Note,
    Package,
    PackageClass,
    Presence,
    Priority,
    Status,
)
from advisories.models.distribution import UNSTABLE, has_channel
from advisories.models.findings import PackageResult

__all__ = ["UNSTABLE_DEBIAN", "Lookup", "MatchContext", "evaluate"]

#: Where Debian's fixes come first (rule 1a).
UNSTABLE_DEBIAN: Final = Distribution("debian", UNSTABLE)


@frozen
class MatchContext:
    """What is the same for every package of one kind of host.

    :ivar feed: whose records are asked.
    :ivar host: the release that is judged, as filed, with the host's channels.
    :ivar always: what every verdict assumes, and
    :ivar said: the rule by which it does.
    :ivar sources: what a priority rests on, first choice first.
    """

    feed: Feed
    host: Distribution
    always: frozenset[Assumption] = frozenset()
    said: tuple[Note, ...] = ()
    sources: tuple[Basis, ...] = SOURCES

    @property
    def asks_unstable(self) -> bool:
        """Rule 1a: whether unstable's fixes clear a package that its own release has no fix for."""
        return self.host.id == UNSTABLE_DEBIAN.id and self.host.release != UNSTABLE_DEBIAN.release


def evaluate(package: Package, queries: Sequence[Query], context: MatchContext) -> PackageResult:
    """The result of a package that is compared by these queries."""
    order = order_of_packages(package)
    kernel = kernel_of(package)
    is_kernel = kernel is not None and kernel.role is Role.KERNEL
    lookups = [Lookup(query, context) for query in queries]
    lookups = [one for one in lookups if one.group is not None]
    assumptions = frozenset[Assumption]().union(*[one.assumptions() for one in lookups])
    comparisons = [comparison for one in lookups for comparison in one.comparisons()]
    if not comparisons:
        return PackageResult(PackageClass.CLEAN, order, is_kernel, assumptions=assumptions)
    rows: tuple[list[tuple[str, Finding]], ...] = tuple([] for _ in Priority)
    for vulnerabilities, finding in _Case(package, lookups, context).findings(comparisons):
        rows[finding.priority.rank].extend([(vulnerability, finding) for vulnerability in vulnerabilities])
        assumptions = assumptions.union(finding.assumptions)
    for ranked in rows:
        ranked.sort(key=_by_vulnerability)
    found = {finding.status for ranked in rows for _, finding in ranked}
    package_class = PackageClass.CLEAN
    if found:
        package_class = PackageClass.AFFECTED if Status.AFFECTED in found else PackageClass.UNDECIDABLE
    updates = {comparison.advisory.id for comparison in comparisons if _is_update(comparison)}
    return PackageResult(package_class, order, is_kernel, tuple(map(tuple, rows)), assumptions, len(updates))


def _by_vulnerability(row: tuple[str, Finding]) -> tuple[object, ...]:
    return order_of_vulnerabilities(row[0])


def _is_update(comparison: Comparison) -> bool:
    """Rule 10: it applies, and makes no finding."""
    inside = comparison.outcome is Outcome.INSIDE and not comparison.record.affected.negative
    return inside and not rules.makes_findings(comparison.advisory)


class Lookup:
    """The records of one query, and what they say when they are asked; each is compared once."""

    def __init__(self, query: Query, context: MatchContext) -> None:
        self.group: Final = context.feed.group(query.distribution, query.names, query.name)
        self._query = query
        self._context = context
        self._candidates: set[int] = set()
        self._others: dict[int, Comparison | None] = {}

    def comparisons(self) -> Iterator[Comparison]:
        """What comes of the records that may have something to say of the query's version."""
        group, query = self.group, self._query
        if group is None:
            return
        if query.key is None or query.lacks_release:
            # Without a key, or where releases may tie (rule 5), no index can tell which.
            candidates: Sequence[Record] = group.records
        else:
            candidates = group.candidates(query.key, epoch=query.epoch_known)
        self._candidates.update(map(id, candidates))
        for record in candidates:
            comparison = self.compare(record)
            if comparison is not None:
                yield comparison

    def other_comparisons(self, vulnerability: str) -> Sequence[Comparison]:
        """What comes of the other records of a vulnerability: they count for the fixes they name (rule 8)."""
        naming = self.group.naming(vulnerability) if self.group else ()
        others = [record for record in naming if id(record) not in self._candidates]
        found: list[Comparison] = []
        for record in others:
            number = id(record)
            if number not in self._others:
                self._others[number] = self.compare(record)
            comparison = self._others[number]
            if comparison is not None and rules.makes_findings(comparison.advisory):
                found.append(comparison)
        return found

    def assumptions(self) -> frozenset[Assumption]:
        """What is taken for granted in comparing the query with any record that applies to it, as ranges go."""
        group, query = self.group, self._query
        if group is None:
            return frozenset()
        possible = set(self._context.always | query.assumptions)
        if group.has_unknown_module or not query.module.known:
            possible.add(Assumption.MODULE_UNKNOWN)
        if group.has_arches and query.arch is None:
            possible.add(Assumption.ARCH_UNKNOWN)
        found: set[Assumption] = set()
        for record in group.records if possible else ():
            excluded_by, assumptions = self._heard(record)
            if excluded_by is None:
                found.update(self._context.always, query.assumptions, assumptions)
                if found == possible:
                    break
        return frozenset(found)

    def compare(self, record: Record) -> Comparison | None:
        """The query before one record; None where the record does not speak of it."""
        excluded_by, new = self._heard(record)
        if excluded_by is not None:
            return None
        query, affected = self._query, record.affected
        assumptions, notes = query.assumptions, query.notes
        if new:
            assumptions |= frozenset(new)
            said = {
                Assumption.MODULE_UNKNOWN: Note(6, f"module {query.module} against {affected.module}"),
                Assumption.ARCH_UNKNOWN: Note(
                    7, f"architecture unknown, the record is for {', '.join(affected.arches)}"
                ),
            }
            notes = (*notes, *(said[assumption] for assumption in new))
        return rules.range_outcome(query, record, assumptions, notes)

    def exclusion(self, record: Record) -> Note | None:
        """The rule by which a record does not speak of the query, for an explanation; None where it does."""
        query, affected = self._query, record.affected
        match self._heard(record)[0]:
            case None:
                return None
            case rules.is_withdrawn:
                return Note(15, "the advisory was withdrawn")
            case rules.channel_applies:
                return Note(8, f"it is about {affected.channel}, a line of builds that the host does not have")
            case rules.flavour_applies:
                return Note(7, "it is about builds of another flavour (ksplice, fips)")
            case rules.module_applies:
                return Note(6, f"module {query.module} against {affected.module}")
            case _:
                return Note(7, f"architecture {query.arch} against {', '.join(affected.arches)}")

    def _heard(self, record: Record) -> tuple[Callable[..., object] | None, Sequence[Assumption]]:
        """The function of the rule by which a record does not speak of the query, None where it does; and then what
        is assumed.
        """
        query, affected = self._query, record.affected
        if rules.is_withdrawn(record.advisory):
            return rules.is_withdrawn, ()
        if not rules.channel_applies(affected, self._context.host):
            return rules.channel_applies, ()
        if not rules.flavour_applies(query, affected):
            return rules.flavour_applies, ()
        module_applies, module_assumption = rules.module_applies(query.module, affected.module)
        if not module_applies:
            return rules.module_applies, ()
        arch_applies, arch_assumption = rules.arch_applies(query.arch, affected.arches)
        if not arch_applies:
            return rules.arch_applies, ()
        if module_assumption is None and arch_assumption is None:
            return None, ()
        return None, [assumption for assumption in (module_assumption, arch_assumption) if assumption is not None]


class _Case:
    """A package and what its records say of it, vulnerability by vulnerability."""

    def __init__(self, package: Package, lookups: Sequence[Lookup], context: MatchContext) -> None:
        self._package = package
        row = row_of(package)
        self._needs_restart = row is not None and row.restart is Restart.MACHINE
        self._instance = instance_of(package)
        self._lookups = lookups
        self._context = context

    def findings(self, comparisons: Sequence[Comparison]) -> Iterator[tuple[Sequence[str], Finding]]:
        """What all records of each vulnerability say together; those of which they say the same are together.

        :param comparisons: of all the records that may have something to say.
        """
        shared: dict[str, list[Comparison]] = {}
        for comparison in comparisons:
            if comparison.outcome is Outcome.OUTSIDE or comparison.record.affected.negative:
                continue
            if not rules.makes_findings(comparison.advisory):
                continue
            names = comparison.advisory.vulnerabilities
            if self._is_alone(names):
                yield from self._findings(names, [comparison])
            else:
                shared.update((name, []) for name in names)
        if shared:
            yield from self._of_shared(shared, comparisons)

    def _is_alone(self, vulnerabilities: Sequence[str]) -> bool:
        """Whether no record but one has a say in any of these."""
        if len(self._lookups) > 1 or self._context.asks_unstable:
            return False
        group = self._lookups[0].group
        return group is not None and group.shared.isdisjoint(vulnerabilities)

    def _of_shared(
        self, by_vulnerability: dict[str, list[Comparison]], comparisons: Sequence[Comparison]
    ) -> Iterator[tuple[Sequence[str], Finding]]:
        for comparison in comparisons:
            if rules.makes_findings(comparison.advisory):
                for name in comparison.advisory.vulnerabilities:
                    if name in by_vulnerability:
                        by_vulnerability[name].append(comparison)
        named: dict[tuple[object, ...], list[str]] = {}
        for name, same in by_vulnerability.items():
            for lookups in self._lookups:
                same.extend(lookups.other_comparisons(name))
            # What the same records name is judged once; only unstable's records tell it apart (rule 1a).
            named.setdefault((*map(id, same), name if self._context.asks_unstable else None), []).append(name)
        for names in named.values():
            yield from self._findings(names, by_vulnerability[names[0]])

    def _findings(
        self, vulnerabilities: Sequence[str], comparisons: Sequence[Comparison]
    ) -> Iterator[tuple[Sequence[str], Finding]]:
        """What the same records say of several vulnerabilities; those of one priority, for one reason, are together."""
        finding = self._finding(vulnerabilities[0], comparisons)
        if finding is None:
            return
        advisories = {
            comparison.advisory.id: comparison.advisory
            for comparison in comparisons
            if comparison.advisory.id in finding.advisories
        }.values()
        feed, order = self._context.feed, self._context.sources
        alike: dict[Assessment, list[str]] = {}
        for name in vulnerabilities:
            alike.setdefault(assess(name, advisories, feed.enrichments(name), order), []).append(name)
        for assessment, names in alike.items():
            yield names, finding.variant(names[0], assessment, Presence.INSTALLED, False)

    def _finding(self, vulnerability: str, comparisons: Sequence[Comparison]) -> Finding | None:
        """What all records of one vulnerability say together of one package, but for its priority; None where it is not
        affected.
        """
        comparisons = rules.reachable(comparisons, self._context.host)
        doubts: tuple[Note, ...] = ()
        negatives = [comparison for comparison in comparisons if comparison.record.affected.negative]
        if negatives:
            if rules.cleared_by_negative(negatives):
                return None
            doubts = tuple(rules.unsure_negatives(negatives))
            comparisons = [comparison for comparison in comparisons if not comparison.record.affected.negative]
        fixes = rules.fixes_of(comparisons)
        inside = [comparison for comparison in comparisons if comparison.outcome is Outcome.INSIDE]
        inside = [comparison for comparison in inside if rules.cleared_by_fixes(comparison, fixes) is None]
        if inside:
            return self._affected(vulnerability, inside, fixes, doubts)
        undecided = [comparison for comparison in comparisons if comparison.outcome is Outcome.UNDECIDABLE]
        return self._undecidable(vulnerability, undecided, fixes, doubts) if undecided else None

    def _affected(
        self, vulnerability: str, inside: Sequence[Comparison], fixes: Sequence[Fix], doubts: tuple[Note, ...]
    ) -> Finding | None:
        first = _first(inside)
        fix, note = rules.pick_fix(first.query, fixes)
        if (
            fix is None
            and self._context.asks_unstable
            and rules.cleared_by_unstable(first.query, vulnerability, self._context.feed, UNSTABLE_DEBIAN) is not None
        ):
            return None
        deciding = fix.comparison if fix is not None else first
        if deciding.outcome is not Outcome.INSIDE:
            deciding = evolve(deciding, notes=first.notes)
        notes = (*deciding.notes, *((note,) if note else ()), *doubts)
        return self._made(
            vulnerability, Status.AFFECTED, inside, deciding, fix, _cause(self._package, deciding, fix), notes
        )

    def _undecidable(
        self, vulnerability: str, undecided: Sequence[Comparison], fixes: Sequence[Fix], doubts: tuple[Note, ...]
    ) -> Finding:
        deciding = _first(undecided)
        fix = rules.pick_fix(deciding.query, fixes)[0]
        package = self._package
        cause = f"{package.name} {package.version} cannot be judged: {deciding.why} ({deciding.advisory.id})"
        notes = (*deciding.notes, *doubts, Note(14, deciding.why))
        return self._made(vulnerability, Status.UNDECIDABLE, undecided, deciding, fix, cause, notes)

    def _made(
        self,
        vulnerability: str,
        status: Status,
        comparisons: Sequence[Comparison],
        deciding: Comparison,
        fix: Fix | None,
        cause: str,
        notes: tuple[Note, ...],
    ) -> Finding:
        package = self._package
        assumptions = self._context.always.union(*[comparison.assumptions for comparison in comparisons])
        if package.type == "rpm" and rules.is_rebuild(deciding.query.version, fix.version if fix else None):
            assumptions |= {Assumption.REBUILD}
        advisories = {comparison.advisory.id: comparison.advisory for comparison in comparisons}
        channel = fix.comparison.record.affected.channel if fix else None
        needs_channel = channel is not None and not has_channel(self._context.host, channel)
        if needs_channel:
            notes = (*notes, Note(8, f"the fix is in {channel}, which the host does not have"))
        interval = _shown(deciding, fix)
        source = deciding.query if deciding.query.names is Names.SOURCE else None
        return Finding(
            package=package,
            instance=self._instance,
            source=package.source_name or (source.name if source else None),
            source_version=package.source_version or (source.version if source else None),
            vulnerability=vulnerability,
            advisories=tuple(sorted(advisories)),
            status=status,
            cause=cause,
            fixed_version=fix.version if fix else None,
            fix_state=FixState.FIXED if fix else rules.fix_state_of(comparisons),
            channel=channel if needs_channel else None,
            presence=Presence.INSTALLED,
            pending_restart=False,
            restart_required=self._needs_restart or any(advisory.reboot_suggested for advisory in advisories.values()),
            assessment=UNASSESSED,
            assumptions=tuple([one for one in Assumption if one in assumptions]) if assumptions else (),
            evidence=Evidence(
                advisory=deciding.advisory.id,
                name=deciding.query.name,
                names=deciding.query.names,
                installed=deciding.query.version,
                introduced=interval.range.introduced if interval else None,
                fixed=interval.range.fixed if interval else None,
                last_affected=interval.range.last_affected if interval else None,
                notes=tuple(sorted(notes, key=_by_rule)) if len(notes) > 1 else notes,
            ),
        )


def _first(comparisons: Sequence[Comparison]) -> Comparison:
    """The look to speak for several: by advisory, whatever the order of records."""
    if len(comparisons) == 1:
        return comparisons[0]
    return min(
        comparisons,
        key=lambda comparison: (comparison.advisory.id, comparison.query.names.value, repr(comparison.record.affected)),
    )


def _shown(comparison: Comparison, fix: Fix | None) -> Interval | None:
    """The range to show: of those that hold the version the one that the fix ends, else any; else the fix's own."""
    if comparison.inside:
        return next(
            (interval for interval in comparison.inside if fix and interval.fixed == fix.key), comparison.inside[0]
        )
    return next(
        (interval for interval in comparison.record.intervals if fix and interval.range.fixed == fix.version), None
    )


def _by_rule(note: Note) -> int:
    return note.rule


def _cause(package: Package, comparison: Comparison, fix: Fix | None) -> str:
    """The reason as one sentence."""
    query = comparison.query
    what = f"{package.name} {package.version}"
    if query.names is Names.SOURCE and (query.name, query.version) != (package.name, package.version):
        what = f"{what}, built from {query.name} {query.version},"
    if fix is not None:
        return f"{what} is earlier than {fix.version} ({fix.comparison.advisory.id})"
    by = f"({comparison.advisory.id})"
    if comparison.listed:
        return f"{what} is one of the versions listed as affected {by}"
    bounds = comparison.inside[0].range
    if bounds.last_affected is not None:
        return f"{what} is not later than {bounds.last_affected}, the last affected version {by}"
    if bounds.introduced is not None:
        return f"{what} is not earlier than {bounds.introduced}, and there is no later fix {by}"
    return f"{what} has no fix {by}"
