"""``match``: what is installed against what is known to be vulnerable. Pure and deterministic.

The rules themselves are in :mod:`advisories.rules`; here is the order in which they are asked.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from attrs import evolve, frozen

from advisories import rules
from advisories.distributions import UNSTABLE, family_of, filed_under, has_channel
from advisories.feed import Feed, Record
from advisories.kernels import Role, identity, kernel_of
from advisories.models import (
    SCHEME_OF_TYPE,
    Assumption,
    Coverage,
    Distribution,
    Evidence,
    Finding,
    Findings,
    FixState,
    Inventory,
    Names,
    Package,
    PackageClass,
    Presence,
    Ruling,
    Status,
)
from advisories.priority import assess
from advisories.rules import Fix, Look, Outcome, Subject

__all__ = ["MatchPolicy", "match"]


@frozen
class MatchPolicy:
    """The few choices there are.

    :ivar judge_as: judge by this release's advisories instead of the inventory's own; an assumption on every finding
        where it is another release (rule 1).
    :ivar include_third_party: judge packages of other vendors too (rule 13).
    :ivar unknown_epoch_is_zero: take an unknown epoch for 0 instead of leaving epochs out (rule 4).
    """

    judge_as: Distribution | None = None
    include_third_party: bool = False
    unknown_epoch_is_zero: bool = False


_DEFAULT: Final = MatchPolicy()


def match(inventory: Inventory, feed: Feed, policy: MatchPolicy = _DEFAULT) -> Findings:
    """Every installed instance and vulnerability that the feed's advisories say is affected, and what was judged.

    The result is the same for any order of packages and advisories, and with duplicates. Never raises for what could
    not be judged: that is in the coverage.
    """
    packages = sorted(set(inventory.packages), key=_total_order)
    host = policy.judge_as or inventory.distribution
    if host is None or not feed.covers(host):
        judged_as = None if host is None else filed_under(host)
        return Findings((), Coverage(tuple((p, PackageClass.NOT_COVERED) for p in packages), False, judged_as))
    foreign = inventory.distribution is not None and _release(inventory.distribution) != _release(host)
    judge = _Judge(
        feed,
        inventory.distribution or host,
        filed_under(host),
        policy,
        rules.presences((p for p in packages if not rules.is_removed(p)), inventory.running_kernel),
        frozenset({Assumption.DISTRIBUTION_ASSUMED}) if foreign else frozenset(),
    )
    classes = [(package, judge.package(package)) for package in packages]
    findings = judge.with_restarts()
    findings.sort(key=lambda finding: rules.order(finding.priority, finding.package, finding.vulnerability))
    coverage = Coverage(tuple(classes), True, filed_under(host), judge.assumptions, judge.not_security)
    return Findings(findings, coverage)


def _release(distribution: Distribution) -> tuple[str, str | None]:
    filed = filed_under(distribution)
    return filed.id, filed.release


def _total_order(package: Package) -> tuple[str, ...]:
    return package.name, package.arch or "", package.version, repr(package)


class _Judge:
    """One run over one inventory: collects findings and counts, package by package."""

    def __init__(
        self,
        feed: Feed,
        own: Distribution,
        host: Distribution,
        policy: MatchPolicy,
        presences: Mapping[Package, Presence],
        always: frozenset[Assumption],
    ) -> None:
        self._feed = feed
        self._own = own
        self._host = host
        family = family_of(host)
        self._type = family.type if family else None
        self._policy = policy
        self._presences = presences
        self._always = always
        self._judged: set[Package] = set()
        self.findings: list[Finding] = []
        self.assumptions: Counter[Assumption] = Counter()
        self.not_security = 0

    def package(self, package: Package) -> PackageClass:
        """Judge one package: its class; its findings are collected."""
        if rules.is_removed(package):
            return PackageClass.NOT_INSTALLED
        if not self._policy.include_third_party and rules.is_third_party(package, self._own):
            return PackageClass.THIRD_PARTY
        if package.type != self._type or package.type not in SCHEME_OF_TYPE:
            return PackageClass.NOT_COVERED
        if self._policy.unknown_epoch_is_zero:
            judged = evolve(package, epoch_known=True, source_epoch_known=True)
        else:
            judged = package
        subjects = rules.subjects(judged, self._host)
        if not self._feed.covers(subjects[0].distribution):
            return PackageClass.NOT_COVERED
        self._judged.add(package)
        looks = [look for subject in subjects for look in self._looks(subject)]
        found = [finding for finding in self._vulnerabilities(package, looks) if finding is not None]
        self.findings.extend(found)
        assumed = {assumption for look in looks for assumption in look.assumptions}
        assumed.update(assumption for finding in found for assumption in finding.assumptions)
        self.assumptions.update(assumed | (self._always if looks else frozenset()))
        if any(finding.status is Status.AFFECTED for finding in found):
            return PackageClass.AFFECTED
        return PackageClass.UNDECIDABLE if found else PackageClass.CLEAN

    def with_restarts(self) -> list[Finding]:
        """The findings after rule 11: a running kernel's waits for a restart where a standby kernel is free of it."""
        found = {(finding.package, finding.vulnerability) for finding in self.findings}
        kernels = self._judged.intersection(self._presences)
        standby = [package for package in kernels if self._presences[package] is Presence.STANDBY]
        successors = {
            package: [other for other in standby if rules.same_slot(package, other)]
            for package in kernels
            if self._presences[package] is Presence.RUNNING
        }
        return [
            evolve(finding, pending_restart=True)
            if any((other, finding.vulnerability) not in found for other in successors.get(finding.package, ()))
            else finding
            for finding in self.findings
        ]

    def _looks(self, subject: Subject) -> Iterable[Look]:
        for record in self._feed.records(subject.distribution, subject.names, subject.name):
            look = self._look(subject, record)
            if look is not None:
                yield look

    def _look(self, subject: Subject, record: Record) -> Look | None:
        """One subject before one record; None where the record does not speak of it."""
        affected = record.affected
        if rules.is_withdrawn(record.advisory):
            return None
        if not rules.channel_applies(affected, self._host) or not rules.flavour_applies(subject, affected):
            return None
        module_applies, module_assumption = rules.module_applies(subject.module, affected.module)
        arch_applies, arch_assumption = rules.arch_applies(subject.arch, affected.arches)
        if not module_applies or not arch_applies:
            return None
        look = rules.range_outcome(subject, record)
        if module_assumption is None and arch_assumption is None:
            return look
        said = {
            Assumption.MODULE_UNKNOWN: Ruling(6, f"module {subject.module} against {affected.module}"),
            Assumption.ARCH_UNKNOWN: Ruling(7, f"architecture unknown, the record is for {', '.join(affected.arches)}"),
        }
        new = [assumption for assumption in (module_assumption, arch_assumption) if assumption is not None]
        return evolve(
            look,
            assumptions=look.assumptions | frozenset(new),
            rulings=(*look.rulings, *(said[assumption] for assumption in new)),
        )

    def _vulnerabilities(self, package: Package, looks: Sequence[Look]) -> Iterable[Finding | None]:
        concerned: dict[str, list[Look]] = {}
        updates: set[str] = set()
        for look in looks:
            if look.record.affected.negative or look.outcome is Outcome.OUTSIDE:
                continue
            if rules.makes_findings(look.advisory):
                concerned.update((vulnerability, []) for vulnerability in look.advisory.vulnerabilities)
            elif look.outcome is Outcome.INSIDE:
                updates.add(look.advisory.id)
        self.not_security += len(updates)
        if concerned:
            for look in looks:
                if rules.makes_findings(look.advisory):
                    for vulnerability in look.advisory.vulnerabilities:
                        if vulnerability in concerned:
                            concerned[vulnerability].append(look)
        return (self._verdict(package, vulnerability, about) for vulnerability, about in concerned.items())

    def _verdict(self, package: Package, vulnerability: str, looks: Sequence[Look]) -> Finding | None:
        """What all records of one vulnerability say together of one package; None where it is not affected."""
        looks = rules.reachable(looks, self._host)
        if rules.cleared_by_negative(looks):
            return None
        looks = [look for look in looks if not look.record.affected.negative]
        fixes = rules.fixes_of(looks)
        inside = [look for look in looks if look.outcome is Outcome.INSIDE]
        inside = [look for look in inside if rules.cleared_by_fixes(look, fixes) is None]
        if inside:
            return self._affected(package, vulnerability, inside, fixes)
        undecided = [look for look in looks if look.outcome is Outcome.UNDECIDABLE]
        return self._undecidable(package, vulnerability, undecided, fixes) if undecided else None

    def _affected(
        self, package: Package, vulnerability: str, inside: Sequence[Look], fixes: Sequence[Fix]
    ) -> Finding | None:
        first = min(inside, key=_by_advisory)
        fix, ruling = rules.pick_fix(first.subject, fixes)
        if fix is None and self._host.id == "debian" and self._host.release != UNSTABLE:
            unstable = Distribution("debian", UNSTABLE)
            if rules.cleared_by_unstable(first.subject, vulnerability, self._feed, unstable) is not None:
                return None
        deciding = fix.look if fix is not None else first
        if deciding.outcome is not Outcome.INSIDE:
            deciding = evolve(deciding, rulings=first.rulings, assumptions=first.assumptions)
        rulings = (*deciding.rulings, *((ruling,) if ruling else ()))
        return self._finding(
            package, vulnerability, Status.AFFECTED, inside, deciding, fix, _cause(package, deciding, fix), rulings
        )

    def _undecidable(
        self, package: Package, vulnerability: str, undecided: Sequence[Look], fixes: Sequence[Fix]
    ) -> Finding:
        deciding = min(undecided, key=_by_advisory)
        fix = rules.pick_fix(deciding.subject, fixes)[0]
        if fix is None and fixes and deciding.subject.key is None:
            fix = fixes[0]
        cause = f"{package.name} {package.version} cannot be judged: {deciding.why} ({deciding.advisory.id})"
        rulings = (*deciding.rulings, Ruling(14, deciding.why))
        return self._finding(package, vulnerability, Status.UNDECIDABLE, undecided, deciding, fix, cause, rulings)

    def _finding(
        self,
        package: Package,
        vulnerability: str,
        status: Status,
        looks: Sequence[Look],
        deciding: Look,
        fix: Fix | None,
        cause: str,
        rulings: tuple[Ruling, ...],
    ) -> Finding:
        assumptions = {assumption for look in looks for assumption in look.assumptions} | self._always
        if package.type == "rpm" and rules.is_rebuild(deciding.subject.version, fix.version if fix else None):
            assumptions.add(Assumption.REBUILD)
        notices = {look.advisory.id: look.advisory for look in looks}
        assessment = assess(notices.values())
        kernel = kernel_of(package)
        channel = fix.look.record.affected.channel if fix else None
        needs_channel = channel is not None and not has_channel(self._host, channel)
        interval = next(
            (i for i in deciding.inside if fix is None or i.fixed == fix.key),
            next((i for i in deciding.record.intervals if fix is not None and i.range.fixed == fix.version), None),
        )
        source = deciding.subject if deciding.subject.names is Names.SOURCE else None
        return Finding(
            package=package,
            instance=identity(package),
            source=package.source_name or (source.name if source else None),
            source_version=package.source_version or (source.version if source else None),
            vulnerability=vulnerability,
            notices=tuple(sorted(notices)),
            status=status,
            cause=cause,
            fixed_version=fix.version if fix else None,
            fix_state=FixState.FIXED if fix else _fix_state(looks),
            channel=channel if needs_channel else None,
            presence=self._presences.get(package, Presence.INSTALLED),
            pending_restart=False,
            restart_required=(kernel is not None and kernel.role is Role.KERNEL)
            or any(advisory.reboot_suggested for advisory in notices.values()),
            priority=assessment.priority,
            rule=assessment.rule,
            basis=assessment.basis,
            score=assessment.score,
            assumptions=tuple(assumption for assumption in Assumption if assumption in assumptions),
            evidence=Evidence(
                advisory=deciding.advisory.id,
                name=deciding.subject.name,
                names=deciding.subject.names,
                installed=deciding.subject.version,
                introduced=interval.range.introduced if interval else None,
                fixed=interval.range.fixed if interval else None,
                last_affected=interval.range.last_affected if interval else None,
                rulings=rulings,
            ),
        )


def _by_advisory(look: Look) -> tuple[str, str, str]:
    return look.advisory.id, look.subject.names.value, repr(look.record.affected)


def _fix_state(looks: Sequence[Look]) -> FixState:
    """What the records that found it say of a fix where there is none above what is installed."""
    states = {look.record.affected.fix_state for look in looks}
    states = {FixState.NOT_FIXED if state is FixState.FIXED else state for state in states}
    return next(state for state in FixState if state in states)


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
