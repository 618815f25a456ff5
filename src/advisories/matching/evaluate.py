"""One package before the records of a feed: its judgement, whatever else is on its host.

The rules are in :mod:`advisories.matching.rules`; here is the order in which they are asked of a package's subjects.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from attrs import evolve, frozen

from advisories.distros.identity import identity
from advisories.distros.kernels import Role, kernel_of
from advisories.distros.restarts import Restart, row_of
from advisories.index.feed import Feed
from advisories.index.records import Interval, Record
from advisories.matching import rules
from advisories.matching.priority import SOURCES, UNASSESSED, assess
from advisories.matching.rules import Fix, Look, Outcome, Subject
from advisories.models import (
    Assessment,
    Assumption,
    Basis,
    Distribution,
    Evidence,
    FixState,
    Names,
    Package,
    PackageClass,
    Priority,
    Ruling,
    Status,
)
from advisories.models.distribution import UNSTABLE, has_channel
from advisories.models.findings import Judgement, Verdict

__all__ = ["UNSTABLE_DEBIAN", "Asked", "Bench", "judge"]

#: Where Debian's fixes come first (rule 1a).
UNSTABLE_DEBIAN: Final = Distribution("debian", UNSTABLE)


@frozen
class Bench:
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
    said: tuple[Ruling, ...] = ()
    sources: tuple[Basis, ...] = SOURCES

    @property
    def asks_unstable(self) -> bool:
        """Rule 1a: whether unstable's fixes clear a package that its own release has no fix for."""
        return self.host.id == UNSTABLE_DEBIAN.id and self.host.release != UNSTABLE_DEBIAN.release


def judge(package: Package, subjects: Sequence[Subject], bench: Bench) -> Judgement:
    """The judgement of a package that is compared by these subjects."""
    order = rules.order_of_packages(package)
    kernel = kernel_of(package)
    is_kernel = kernel is not None and kernel.role is Role.KERNEL
    asked = [Asked(subject, bench) for subject in subjects]
    asked = [one for one in asked if one.group is not None]
    assumptions = frozenset[Assumption]().union(*[one.assumptions() for one in asked])
    looks = [look for one in asked for look in one.looks()]
    if not looks:
        return Judgement(PackageClass.CLEAN, order, is_kernel, assumptions=assumptions)
    verdicts: tuple[list[tuple[str, Verdict]], ...] = tuple([] for _ in Priority)
    for vulnerabilities, verdict in _Case(package, asked, bench).verdicts(looks):
        verdicts[verdict.priority.rank].extend([(vulnerability, verdict) for vulnerability in vulnerabilities])
        assumptions = assumptions.union(verdict.assumptions)
    for ranked in verdicts:
        ranked.sort(key=_by_vulnerability)
    found = {verdict.status for ranked in verdicts for _, verdict in ranked}
    package_class = PackageClass.CLEAN
    if found:
        package_class = PackageClass.AFFECTED if Status.AFFECTED in found else PackageClass.UNDECIDABLE
    updates = {look.advisory.id for look in looks if _is_update(look)}
    return Judgement(package_class, order, is_kernel, tuple(map(tuple, verdicts)), assumptions, len(updates))


def _by_vulnerability(row: tuple[str, Verdict]) -> tuple[object, ...]:
    return rules.order_of_vulnerabilities(row[0])


def _is_update(look: Look) -> bool:
    """Rule 10: it applies, and makes no finding."""
    inside = look.outcome is Outcome.INSIDE and not look.record.affected.negative
    return inside and not rules.makes_findings(look.advisory)


class Asked:
    """The records of one subject, and what they say when they are asked; each is asked once."""

    def __init__(self, subject: Subject, bench: Bench) -> None:
        self.group: Final = bench.feed.group(subject.distribution, subject.names, subject.name)
        self._subject = subject
        self._bench = bench
        self._candidates: set[int] = set()
        self._others: dict[int, Look | None] = {}

    def looks(self) -> Iterator[Look]:
        """What comes of the records that may have something to say of the subject's version."""
        group, subject = self.group, self._subject
        if group is None:
            return
        if subject.key is None or subject.lacks_release:
            # Without a key, or where releases may tie (rule 5), no index can tell which.
            candidates: Sequence[Record] = group.records
        else:
            candidates = group.candidates(subject.key, epoch=subject.epoch_known)
        self._candidates.update(map(id, candidates))
        for record in candidates:
            look = self.look(record)
            if look is not None:
                yield look

    def other_looks(self, vulnerability: str) -> Sequence[Look]:
        """What comes of the other records of a vulnerability: they count for the fixes they name (rule 8)."""
        naming = self.group.naming(vulnerability) if self.group else ()
        others = [record for record in naming if id(record) not in self._candidates]
        found: list[Look] = []
        for record in others:
            number = id(record)
            if number not in self._others:
                self._others[number] = self.look(record)
            look = self._others[number]
            if look is not None and rules.makes_findings(look.advisory):
                found.append(look)
        return found

    def assumptions(self) -> frozenset[Assumption]:
        """What is taken for granted in comparing the subject with any record that applies to it, as ranges go."""
        group, subject = self.group, self._subject
        if group is None:
            return frozenset()
        possible = set(self._bench.always | subject.assumptions)
        if group.has_unknown_module or not subject.module.known:
            possible.add(Assumption.MODULE_UNKNOWN)
        if group.has_arches and subject.arch is None:
            possible.add(Assumption.ARCH_UNKNOWN)
        found: set[Assumption] = set()
        for record in group.records if possible else ():
            dismissed, assumptions = self._heard(record)
            if dismissed is None:
                found.update(self._bench.always, subject.assumptions, assumptions)
                if found == possible:
                    break
        return frozenset(found)

    def look(self, record: Record) -> Look | None:
        """The subject before one record; None where the record does not speak of it."""
        dismissed, new = self._heard(record)
        if dismissed is not None:
            return None
        subject, affected = self._subject, record.affected
        assumptions, rulings = subject.assumptions, subject.rulings
        if new:
            assumptions |= frozenset(new)
            said = {
                Assumption.MODULE_UNKNOWN: Ruling(6, f"module {subject.module} against {affected.module}"),
                Assumption.ARCH_UNKNOWN: Ruling(
                    7, f"architecture unknown, the record is for {', '.join(affected.arches)}"
                ),
            }
            rulings = (*rulings, *(said[assumption] for assumption in new))
        return rules.range_outcome(subject, record, assumptions, rulings)

    def dismissal(self, record: Record) -> Ruling | None:
        """The rule by which a record does not speak of the subject, for an explanation; None where it does."""
        subject, affected = self._subject, record.affected
        match self._heard(record)[0]:
            case None:
                return None
            case rules.is_withdrawn:
                return Ruling(15, "the advisory was withdrawn")
            case rules.channel_applies:
                return Ruling(8, f"it is about {affected.channel}, a line of builds that the host does not have")
            case rules.flavour_applies:
                return Ruling(7, "it is about builds of another flavour (ksplice, fips)")
            case rules.module_applies:
                return Ruling(6, f"module {subject.module} against {affected.module}")
            case _:
                return Ruling(7, f"architecture {subject.arch} against {', '.join(affected.arches)}")

    def _heard(self, record: Record) -> tuple[Callable[..., object] | None, Sequence[Assumption]]:
        """The function of the rule by which a record does not speak of the subject, None where it does; and then what
        is assumed.
        """
        subject, affected = self._subject, record.affected
        if rules.is_withdrawn(record.advisory):
            return rules.is_withdrawn, ()
        if not rules.channel_applies(affected, self._bench.host):
            return rules.channel_applies, ()
        if not rules.flavour_applies(subject, affected):
            return rules.flavour_applies, ()
        module_applies, module_assumption = rules.module_applies(subject.module, affected.module)
        if not module_applies:
            return rules.module_applies, ()
        arch_applies, arch_assumption = rules.arch_applies(subject.arch, affected.arches)
        if not arch_applies:
            return rules.arch_applies, ()
        if module_assumption is None and arch_assumption is None:
            return None, ()
        return None, [assumption for assumption in (module_assumption, arch_assumption) if assumption is not None]


class _Case:
    """A package and what its records say of it, vulnerability by vulnerability."""

    def __init__(self, package: Package, asked: Sequence[Asked], bench: Bench) -> None:
        self._package = package
        row = row_of(package)
        self._needs_restart = row is not None and row.restart is Restart.MACHINE
        self._instance = identity(package)
        self._asked = asked
        self._bench = bench

    def verdicts(self, looks: Sequence[Look]) -> Iterator[tuple[Sequence[str], Verdict]]:
        """What all records of each vulnerability say together; those of which they say the same are together.

        :param looks: of all the records that may have something to say.
        """
        shared: dict[str, list[Look]] = {}
        for look in looks:
            if look.outcome is Outcome.OUTSIDE or look.record.affected.negative:
                continue
            if not rules.makes_findings(look.advisory):
                continue
            names = look.advisory.vulnerabilities
            if self._is_alone(names):
                yield from self._verdicts(names, [look])
            else:
                shared.update((name, []) for name in names)
        if shared:
            yield from self._of_shared(shared, looks)

    def _is_alone(self, vulnerabilities: Sequence[str]) -> bool:
        """Whether no record but one has a say in any of these."""
        if len(self._asked) > 1 or self._bench.asks_unstable:
            return False
        group = self._asked[0].group
        return group is not None and group.shared.isdisjoint(vulnerabilities)

    def _of_shared(
        self, by_vulnerability: dict[str, list[Look]], looks: Sequence[Look]
    ) -> Iterator[tuple[Sequence[str], Verdict]]:
        for look in looks:
            if rules.makes_findings(look.advisory):
                for name in look.advisory.vulnerabilities:
                    if name in by_vulnerability:
                        by_vulnerability[name].append(look)
        named: dict[tuple[object, ...], list[str]] = {}
        for name, same in by_vulnerability.items():
            for asked in self._asked:
                same.extend(asked.other_looks(name))
            # What the same records name is judged once; only unstable's records tell it apart (rule 1a).
            named.setdefault((*map(id, same), name if self._bench.asks_unstable else None), []).append(name)
        for names in named.values():
            yield from self._verdicts(names, by_vulnerability[names[0]])

    def _verdicts(
        self, vulnerabilities: Sequence[str], looks: Sequence[Look]
    ) -> Iterator[tuple[Sequence[str], Verdict]]:
        """What the same records say of several vulnerabilities; those of one priority, for one reason, are together."""
        verdict = self._verdict(vulnerabilities[0], looks)
        if verdict is None:
            return
        advisories = {look.advisory.id: look.advisory for look in looks if look.advisory.id in verdict.notices}.values()
        feed, order = self._bench.feed, self._bench.sources
        alike: dict[Assessment, list[str]] = {}
        for name in vulnerabilities:
            alike.setdefault(assess(name, advisories, feed.enrichments(name), order), []).append(name)
        for assessment, names in alike.items():
            yield names, evolve(verdict, assessment=assessment)

    def _verdict(self, vulnerability: str, looks: Sequence[Look]) -> Verdict | None:
        """What all records of one vulnerability say together of one package, but for its priority; None where it is not
        affected.
        """
        looks = rules.reachable(looks, self._bench.host)
        doubts: tuple[Ruling, ...] = ()
        negatives = [look for look in looks if look.record.affected.negative]
        if negatives:
            if rules.cleared_by_negative(negatives):
                return None
            doubts = tuple(rules.unsure_negatives(negatives))
            looks = [look for look in looks if not look.record.affected.negative]
        fixes = rules.fixes_of(looks)
        inside = [look for look in looks if look.outcome is Outcome.INSIDE]
        inside = [look for look in inside if rules.cleared_by_fixes(look, fixes) is None]
        if inside:
            return self._affected(vulnerability, inside, fixes, doubts)
        undecided = [look for look in looks if look.outcome is Outcome.UNDECIDABLE]
        return self._undecidable(undecided, fixes, doubts) if undecided else None

    def _affected(
        self, vulnerability: str, inside: Sequence[Look], fixes: Sequence[Fix], doubts: tuple[Ruling, ...]
    ) -> Verdict | None:
        first = _first(inside)
        fix, ruling = rules.pick_fix(first.subject, fixes)
        if (
            fix is None
            and self._bench.asks_unstable
            and rules.cleared_by_unstable(first.subject, vulnerability, self._bench.feed, UNSTABLE_DEBIAN) is not None
        ):
            return None
        deciding = fix.look if fix is not None else first
        if deciding.outcome is not Outcome.INSIDE:
            deciding = evolve(deciding, rulings=first.rulings)
        rulings = (*deciding.rulings, *((ruling,) if ruling else ()), *doubts)
        return self._made(Status.AFFECTED, inside, deciding, fix, _cause(self._package, deciding, fix), rulings)

    def _undecidable(self, undecided: Sequence[Look], fixes: Sequence[Fix], doubts: tuple[Ruling, ...]) -> Verdict:
        deciding = _first(undecided)
        fix = rules.pick_fix(deciding.subject, fixes)[0]
        package = self._package
        cause = f"{package.name} {package.version} cannot be judged: {deciding.why} ({deciding.advisory.id})"
        rulings = (*deciding.rulings, *doubts, Ruling(14, deciding.why))
        return self._made(Status.UNDECIDABLE, undecided, deciding, fix, cause, rulings)

    def _made(
        self,
        status: Status,
        looks: Sequence[Look],
        deciding: Look,
        fix: Fix | None,
        cause: str,
        rulings: tuple[Ruling, ...],
    ) -> Verdict:
        package = self._package
        assumptions = self._bench.always.union(*[look.assumptions for look in looks])
        if package.type == "rpm" and rules.is_rebuild(deciding.subject.version, fix.version if fix else None):
            assumptions |= {Assumption.REBUILD}
        notices = {look.advisory.id: look.advisory for look in looks}
        channel = fix.look.record.affected.channel if fix else None
        needs_channel = channel is not None and not has_channel(self._bench.host, channel)
        if needs_channel:
            rulings = (*rulings, Ruling(8, f"the fix is in {channel}, which the host does not have"))
        interval = _shown(deciding, fix)
        source = deciding.subject if deciding.subject.names is Names.SOURCE else None
        return Verdict(
            package=package,
            instance=self._instance,
            source=package.source_name or (source.name if source else None),
            source_version=package.source_version or (source.version if source else None),
            notices=tuple(sorted(notices)),
            status=status,
            cause=cause,
            fixed_version=fix.version if fix else None,
            fix_state=FixState.FIXED if fix else rules.fix_state_of(looks),
            channel=channel if needs_channel else None,
            restart_required=self._needs_restart or any(advisory.reboot_suggested for advisory in notices.values()),
            assessment=UNASSESSED,
            assumptions=tuple([one for one in Assumption if one in assumptions]) if assumptions else (),
            evidence=Evidence(
                advisory=deciding.advisory.id,
                name=deciding.subject.name,
                names=deciding.subject.names,
                installed=deciding.subject.version,
                introduced=interval.range.introduced if interval else None,
                fixed=interval.range.fixed if interval else None,
                last_affected=interval.range.last_affected if interval else None,
                rulings=tuple(sorted(rulings, key=_by_rule)) if len(rulings) > 1 else rulings,
            ),
        )


def _first(looks: Sequence[Look]) -> Look:
    """The look to speak for several: by advisory, whatever the order of records."""
    if len(looks) == 1:
        return looks[0]
    return min(looks, key=lambda look: (look.advisory.id, look.subject.names.value, repr(look.record.affected)))


def _shown(look: Look, fix: Fix | None) -> Interval | None:
    """The range to show: of those that hold the version the one that the fix ends, else any; else the fix's own."""
    if look.inside:
        return next((interval for interval in look.inside if fix and interval.fixed == fix.key), look.inside[0])
    return next((interval for interval in look.record.intervals if fix and interval.range.fixed == fix.version), None)


def _by_rule(ruling: Ruling) -> int:
    return ruling.rule


def _cause(package: Package, look: Look, fix: Fix | None) -> str:
    """The reason as one sentence."""
    subject = look.subject
    what = f"{package.name} {package.version}"
    if subject.names is Names.SOURCE and (subject.name, subject.version) != (package.name, package.version):
        what = f"{what}, built from {subject.name} {subject.version},"
    if fix is not None:
        return f"{what} is earlier than {fix.version} ({fix.look.advisory.id})"
    by = f"({look.advisory.id})"
    if look.listed:
        return f"{what} is one of the versions listed as affected {by}"
    bounds = look.inside[0].range
    if bounds.last_affected is not None:
        return f"{what} is not later than {bounds.last_affected}, the last affected version {by}"
    if bounds.introduced is not None:
        return f"{what} is not earlier than {bounds.introduced}, and there is no later fix {by}"
    return f"{what} has no fix {by}"
