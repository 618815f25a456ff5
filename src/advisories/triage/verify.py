"""``verify``: what became of the findings of an earlier match, each told with its reason, and what is new. Pure.

Identity is the installed instance and the vulnerability, never the CVE alone. Kernels, which install side by side, are
paired by their slot (:mod:`advisories.triage.pairing`). What a change is due to, the package or the records, is
asked of the feed itself: the package of then is judged by the records of now.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from attrs import evolve, frozen

from advisories.distros.identity import instance_of
from advisories.distros.kernels import Role, kernel_of
from advisories.index.feed import Feed
from advisories.matching import rules
from advisories.matching.explain import Considered, explain_package
from advisories.matching.match import DEFAULT_POLICY, MatchPolicy, match, matcher_of
from advisories.models import (
    Assumption,
    Distribution,
    Finding,
    FixState,
    Inventory,
    Package,
    PackageClass,
    Presence,
    State,
    Status,
)
from advisories.models.errors import ForeignBaseline
from advisories.models.findings import Findings
from advisories.triage.baseline import Baseline, EarlierFinding
from advisories.triage.cases import CASES, Case, FindingState
from advisories.triage.pairing import Host, Slot, order

__all__ = ["Verification", "Verified", "verify"]


@frozen
class Verified:
    """What became of one earlier finding.

    :ivar case: why it is in its state, one of a closed list.
    :ivar reason: the same as a sentence about this finding.
    :ivar package: the installed package of now that it was paired with; None where there is none.
    :ivar now: the finding of now; None where there is none.
    """

    earlier: EarlierFinding
    case: Case
    reason: str
    package: Package | None = None
    now: Finding | None = None

    @property
    def state(self) -> FindingState:
        """What became of it."""
        return CASES[self.case][0]


@frozen
class Verification:
    """What became of each earlier finding, and what is new.

    :ivar baseline: what was verified.
    :ivar inventory: the package list of now.
    :ivar findings: all findings of now, with their coverage.
    :ivar rows: one for each earlier finding, in their order.
    :ivar new: findings of now that no earlier one is paired with, in the order of `findings`.
    :ivar forced: why the baseline seems to be of another host, where it was verified all the same.
    """

    baseline: Baseline
    inventory: Inventory
    findings: Findings
    rows: tuple[Verified, ...]
    new: tuple[Finding, ...]
    forced: str | None = None

    def __attrs_post_init__(self) -> None:
        if [row.earlier for row in self.rows] != list(self.baseline.findings):
            raise AssertionError(f"{len(self.baseline.findings)} earlier findings, {len(self.rows)} rows")

    @property
    def counts(self) -> Mapping[FindingState, int]:
        """Earlier findings by state, every state named; they add up to the rows."""
        counted = Counter(row.state for row in self.rows)
        return MappingProxyType({state: counted[state] for state in FindingState})

    @property
    def cases(self) -> Mapping[Case, int]:
        """Earlier findings by case; those without any are left out."""
        counted = Counter(row.case for row in self.rows)
        return MappingProxyType({case: counted[case] for case in Case if counted[case]})

    @property
    def paired(self) -> int:
        """How many findings of now some earlier one is paired with: with the new ones, all."""
        return len(self.findings) - len(self.new)

    def in_state(self, state: FindingState) -> tuple[Verified, ...]:
        """The rows of one state, in their order."""
        return tuple(row for row in self.rows if row.state is state)


def verify(
    previous: Baseline, inventory: Inventory, feed: Feed, policy: MatchPolicy = DEFAULT_POLICY, *, force: bool = False
) -> Verification:
    """What became of each finding of an earlier match, now that this is installed and known; and what is new.

    The same for any order of packages and advisories. Against its own match nothing is fixed and nothing is new.

    :param force: verify although the baseline seems to be of another host; :attr:`Verification.forced` says why.

    Raises :class:`~advisories.models.errors.ForeignBaseline` without `force` for a baseline of another distribution, or none
    of whose packages is in the list in any state; otherwise as :func:`advisories.match`.
    """
    findings = match(inventory, feed, policy)
    host = Host(previous, inventory, findings, feed)
    foreign = _foreign(previous, inventory, policy, host)
    if foreign is not None and not force:
        raise ForeignBaseline(previous.source or "-", inventory.source or "-", foreign)
    verifier = _Verifier(previous, inventory, feed, policy, findings, host)
    rows = tuple([verifier.row(earlier) for earlier in previous.findings])
    known: set[tuple[str, str]] = set()
    for row in rows:
        known.update(host.same(row.earlier, row.now))
    names = zip(findings.column("instance"), findings.column("vulnerability"), strict=True)
    new = [number for number, key in enumerate(names) if key not in known]
    return Verification(previous, inventory, findings, rows, tuple([findings[number] for number in new]), foreign)


# How many packages with findings must be missing, all of them, to call a baseline another host's: fewer may have been
# removed.
_TELLING: Final = 3


def _foreign(previous: Baseline, inventory: Inventory, policy: MatchPolicy, host: Host) -> str | None:
    """Why a baseline seems to be of another host; None where it does not."""
    then = previous.distribution or previous.judged_as
    now = inventory.distribution or policy.judge_as
    if then is not None and now is not None and then.id != now.id:
        return f"it is of {then}, the list of {now}"
    packages = {(earlier.type, earlier.name): earlier for earlier in previous.findings}
    types, installed = {type for type, _ in packages}, {package.type for package in host.classes}
    if packages and types.isdisjoint(installed):
        listed = ", ".join(sorted(installed)) or "nothing"
        return f"it has findings of {', '.join(sorted(types))} packages, the list has {listed}"
    if len(packages) >= _TELLING and not any(map(host.knows, packages.values())):
        return f"of {len(packages)} packages with findings, none is in the list in any state"
    return None


class _Verifier:
    """Tells what became of each finding; asks the feed about the packages of then only where something changed."""

    def __init__(
        self,
        previous: Baseline,
        inventory: Inventory,
        feed: Feed,
        policy: MatchPolicy,
        findings: Findings,
        host: Host,
    ) -> None:
        self._previous = previous
        self._inventory = inventory
        self._feed = feed
        self._policy = policy
        self._judge = matcher_of(feed, inventory.distribution, policy)
        self._covered = findings.coverage.covered
        self._judged_as = findings.coverage.judged_as
        self._host = host
        self._as_then: dict[Package, Mapping[str, Finding]] = {}

    def row(self, earlier: EarlierFinding) -> Verified:
        """What became of one earlier finding."""
        if not self._covered:
            why = f"the feed has no advisories of {self._judged_as}: nothing was judged"
            return Verified(earlier, Case.RELEASE_NOT_COVERED, why)
        if self._host.is_slotted(earlier):
            return self._of_slot(earlier, self._host.slot(earlier))
        packages = self._host.packages(earlier)
        if len(packages) > 1:
            arches = ", ".join(sorted({package.arch or "-" for package in packages}))
            why = f"{earlier.name} is installed for {arches}, and which one it was is not known"
            return Verified(earlier, Case.AMBIGUOUS, why)
        return self._of_package(earlier, packages[0]) if packages else self._removed(earlier)

    # ---- any package ----

    def _of_package(self, earlier: EarlierFinding, package: Package) -> Verified:
        if not package.state.on_disk:
            return self._removed(earlier, package)
        package_class = self._host.classes[package]
        what = f"{package.name} {package.version}"
        if package_class is PackageClass.THIRD_PARTY:
            by = package.vendor or package.maintainer
            return Verified(earlier, Case.THIRD_PARTY, f"{what} is not the distribution's, but by {by}", package)
        if package_class is PackageClass.NOT_COVERED:
            queries = self._judge.queries(package)
            # A backport is judged by the advisories of another release (rule 1b).
            of = queries[0].distribution if queries else self._judged_as
            why = f"the feed has no advisories about {package.type} packages of {of}"
            return Verified(earlier, Case.NOT_COVERED, why, package)
        finding = self._host.finding(earlier, package)
        if finding is None:
            return self._free(earlier, package)
        case, why = self._affected(earlier, package, finding)
        if finding.vulnerability != earlier.vulnerability:
            names = {name for _, name in self._host.same(earlier, finding)} - {earlier.vulnerability}
            why = f"{why}; it is called {' and '.join(sorted(names))} now"
        return Verified(earlier, case, why, package, finding)

    def _removed(self, earlier: EarlierFinding, package: Package | None = None, more: str = "") -> Verified:
        if package is not None and package.state is State.CONFIG_FILES:
            why = f"{package.name} was removed, its configuration files are left"
            return Verified(earlier, Case.CONFIGURATION_LEFT, why, package)
        what = f"{earlier.name} {earlier.version}" if self._host.is_slotted(earlier) else earlier.name
        return Verified(earlier, Case.REMOVED, f"{what} is not installed any more{more}", package)

    def _moved(self, earlier: EarlierFinding, package: Package) -> int | None:
        """-1, 0 or 1: what is installed is earlier than then, equal or later; None where it cannot be told."""
        known = earlier.epoch_known and package.epoch_known
        return order(package.type, package.version, earlier.version, epoch=known)

    def _has_reached(self, earlier: EarlierFinding, package: Package) -> bool:
        """Whether the version of now is the fix that was named then, or later."""
        if earlier.fixed_version is None or earlier.channel is not None:
            return False
        for query in self._judge.queries(package):
            if query.names is earlier.names:
                reached = order(package.type, query.version, earlier.fixed_version, epoch=query.epoch_known)
                return reached is not None and reached >= 0
        return False

    # ---- affected now ----

    def _affected(self, earlier: EarlierFinding, package: Package, finding: Finding) -> tuple[Case, str]:
        what = f"{package.name} {package.version}"
        if finding.status is Status.UNDECIDABLE:
            return Case.CANNOT_BE_JUDGED, finding.cause
        if finding.pending_restart:
            waits = [p for p in self._host.slot(earlier).packages if self._host.is_free(earlier, p)]
            return Case.RESTART, f"{what} still runs; {waits[-1].version} is installed and free of it"
        if finding.presence is Presence.RESIDUAL:
            return Case.OLD_KERNEL, f"{what} is still installed; {self._what_runs(earlier)}"
        if earlier.status is Status.UNDECIDABLE:
            return Case.AFFECTED_AFTER_ALL, f"it could not be judged then; now {_why(finding)}"
        moved = self._moved(earlier, package)
        if moved == 1:
            return self._upgraded(earlier, package, finding)
        if moved == -1:
            return Case.DOWNGRADED, f"{earlier.name} went back from {earlier.version}: {_why(finding)}"
        why = f"{package.name} is installed as it was: {_why(finding)}"
        if finding.channel is not None:
            return Case.NEEDS_CHANNEL, why
        if finding.fixed_version is not None:
            if earlier.fixed_version is None:
                return Case.FIX_APPEARED, f"{why}; there was no fix then"
            return Case.NOT_UPGRADED, f"{package.name} was not upgraded: {_why(finding)}"
        by_fix_state = {FixState.WONT_FIX: Case.WONT_FIX, FixState.END_OF_LIFE: Case.END_OF_LIFE}
        return by_fix_state.get(finding.fix_state, Case.NO_FIX), why

    def _upgraded(self, earlier: EarlierFinding, package: Package, finding: Finding) -> tuple[Case, str]:
        why = f"{earlier.name} was upgraded from {earlier.version}"
        if self._has_reached(earlier, package):
            then, now = earlier.fixed_version, finding.fixed_version
            since = f"now it is {now}" if now else "now there is none"
            why = f"{why} to {_named(earlier, package)}; the fix then was {then}, {since} ({_by(finding)})"
            return Case.FIX_RAISED, why
        case = Case.UPGRADED_NO_FIX if finding.fixed_version is None or finding.channel else Case.BELOW_FIX
        return case, f"{why}: {_why(finding)}"

    def _what_runs(self, earlier: EarlierFinding) -> str:
        runs = self._host.slot(earlier).runs if self._host.is_slotted(earlier) else None
        if runs is None:
            listed = "" if self._host.is_running_listed else ", which is not in the list"
            return f"the kernel that runs is {self._host.uname}{listed}"
        if self._host.is_free(earlier, runs):
            return f"{runs.version}, which runs, is free of it"
        return f"{runs.version}, which runs, " + (
            "is affected too" if self._host.is_affected(earlier, runs) else "cannot be judged"
        )

    # ---- free now ----

    def _free(self, earlier: EarlierFinding, package: Package) -> Verified:
        case, why = self._freed(earlier, package)
        if CASES[case][0] is FindingState.FIXED:
            case, why = self._after_restart(earlier, package, case, why)
        return Verified(earlier, case, why, package)

    def _freed(self, earlier: EarlierFinding, package: Package) -> tuple[Case, str]:
        moved = self._moved(earlier, package)
        what = f"{package.name} {package.version}"
        if moved != 0:
            verb = {1: "was upgraded", -1: "went back"}.get(moved or 0, "was changed")
            why = f"{earlier.name} {verb} from {earlier.version} to {_named(earlier, package)}"
            switched = self._switched(earlier, package)
            if switched is not None:
                return Case.STREAM_SWITCHED, f"{why}: {switched}"
            if moved != -1 and self._has_reached(earlier, package):
                is_it = f"is the fix {earlier.fixed_version}"
                if package.version != earlier.fixed_version:
                    is_it = f"has the fix {earlier.fixed_version}"
                if not package.epoch_known:
                    is_it = f"{is_it}, epochs left out"
                return Case.REACHED_FIX, f"{why}, which {is_it} ({earlier.advisory})"
        then = self._judged_as_then(earlier, package if moved == 0 else None)
        if then is None:
            return self._revised(earlier, package)
        if moved in (1, None):
            named = f"fixed in {then.fixed_version}" if then.fixed_version else "no later version is affected"
            return Case.LOWER_FIX, f"{why}: {named} ({_by(then)})"
        if moved == -1:
            return Case.WENT_BACK, f"{why}, which is outside the affected range ({_by(then)})"
        return Case.LIST_SAYS_MORE, f"{what} is installed as it was; {_told(earlier, package)}"

    def _switched(self, earlier: EarlierFinding, package: Package) -> str | None:
        """Rule 6: what tells that another stream is installed than the notices of then are about."""
        if ".module" not in (earlier.fixed_version or earlier.version) or not package.module.known:
            return None
        for one in self._considered(earlier, package):
            if one.advisory in earlier.notices and one.outcome is None and one.notes[0].rule == 6:
                return f"{one.notes[0].text} ({one.advisory})"
        return None

    def _judged_as_then(self, earlier: EarlierFinding, package: Package | None) -> Finding | None:
        """What the records of now say of the package of then.

        :param package: the package of now, where its version is that of then.
        """
        then = earlier.package
        if package is not None and Assumption.MODULE_UNKNOWN not in earlier.assumptions:
            then = evolve(then, module=package.module)
        if then not in self._as_then:
            found = match(evolve(self._inventory, packages=(then,)), self._feed, self._policy)
            self._as_then[then] = {finding.vulnerability: finding for finding in found}
        found_then = self._as_then[then]
        return next((found_then[name] for name in self._host.names_of(earlier) if name in found_then), None)

    def _considered(self, earlier: EarlierFinding, package: Package) -> tuple[Considered, ...]:
        return explain_package(self._judge, package, PackageClass.CLEAN, (), earlier.vulnerability).considered

    def _revised(self, earlier: EarlierFinding, package: Package) -> tuple[Case, str]:
        """Why the records of now do not hold what those of then did."""
        explanation = explain_package(self._judge, package, PackageClass.CLEAN, (), earlier.vulnerability)
        decided, considered = explanation.decided, explanation.considered
        what = f"{package.name} {package.version}"
        before = self._previous.judged_as
        if _release(before) != _release(self._judged_as):
            why = f"{earlier.version} was judged by the advisories of {before}, {what} is by those of {self._judged_as}"
            return Case.OTHER_RELEASE, f"{why}: {_outside(earlier, considered) or decided.text}"
        several = len(earlier.notices) > 1
        notices = " and ".join(earlier.notices)
        withdrawn = [
            advisory
            for notice in earlier.notices
            if (advisory := self._feed.advisory(notice)) is not None and rules.is_withdrawn(advisory)
        ]
        if len(withdrawn) == len(earlier.notices):
            when = max(str(advisory.withdrawn.date()) for advisory in withdrawn if advisory.withdrawn)
            return Case.WITHDRAWN, f"{notices} {'were withdrawn, the last' if several else 'was withdrawn'} on {when}"
        if not considered:
            if all(self._feed.advisory(notice) is None for notice in earlier.notices):
                gone = f"{notices} {'are' if several else 'is'} not in the feed any more"
                return Case.NOTICE_GONE, f"{gone}, nor another record of it for {what}"
            return Case.UNLISTED, f"{notices} {'do' if several else 'does'} not speak of {package.name} any more"
        if decided.rule == 9:
            by = ", ".join(sorted({one.advisory for one in considered if one.negative}))
            return Case.NEGATIVE_RECORD, f"{by} says that {what} is not affected"
        if decided.rule in (1, 8):
            return Case.OTHER_FIX, f"{what} is {decided.text}" if decided.rule == 8 else f"{what}: {decided.text}"
        outside = _outside(earlier, considered)
        if outside is None:
            said = next((f"{one.notes[0].text} ({one.advisory})" for one in considered if one.notes), decided.text)
            return Case.UNLISTED, f"no record speaks of {what} any more: {said}"
        as_it_was = " as it was" if package.version == earlier.version else ""
        return Case.RANGE_REVISED, f"{what} is installed{as_it_was}; {outside}"

    def _after_restart(self, earlier: EarlierFinding, package: Package, case: Case, why: str) -> tuple[Case, str]:
        """Rule 11: what of a fixed kernel is still due."""
        kernel = kernel_of(package)
        if kernel is None or kernel.role is not Role.KERNEL:
            return case, why
        presence = self._host.presences.get(package)
        if presence is Presence.UNKNOWN:
            return Case.RUNNING_UNKNOWN, f"{why}; which kernel runs is not known"
        if presence is Presence.STANDBY:
            return Case.RESTART, f"{why}; {self._host.uname} still runs"
        if presence is Presence.RESIDUAL and not self._host.is_running_listed:
            why = (
                f"{package.name} {package.version} is free of it, but {self._host.uname} runs, which is not in the list"
            )
            return Case.RUNNING_NOT_LISTED, why
        if presence is Presence.RUNNING and instance_of(package) == earlier.instance and package.type == "deb":
            return Case.SAME_RELEASE, f"{why}; {self._host.uname} is the release of both"
        return case, why

    # ---- kernels, and what else installs side by side ----

    def _of_slot(self, earlier: EarlierFinding, slot: Slot) -> Verified:
        host = self._host
        own = slot.own
        if own is not None and (earlier.presence is Presence.RESIDUAL or not host.is_affected(earlier, own)):
            return self._of_package(earlier, own)
        if own is not None:
            return self._still_installed(earlier, slot, own)
        latest = slot.runs or (slot.packages[-1] if slot.packages else None)
        if slot.ran_on and (latest is None or not self._is_later(earlier, latest)):
            why = f"{earlier.name} {earlier.version} is not installed any more, but it still runs ({host.uname})"
            return Verified(earlier, Case.RUNS_THOUGH_REMOVED, why)
        if latest is None:
            packages = host.packages(earlier)
            return self._removed(earlier, packages[0] if packages else None)
        if earlier.presence is Presence.RESIDUAL:
            return self._removed(earlier)
        if host.was_found(earlier, latest):
            return self._removed(earlier, more=f"; {latest.version} was there before, and has its own line")
        if not self._is_later(earlier, latest) and host.is_free(earlier, latest):
            return self._removed(earlier, more=f"; {latest.version} is left, and is free of it")
        return self._of_package(earlier, latest)

    def _still_installed(self, earlier: EarlierFinding, slot: Slot, own: Package) -> Verified:
        """Of what is still installed, and affected."""
        host, runs = self._host, slot.runs
        finding = host.finding(earlier, own)
        what = f"{own.name} {own.version}"
        later = [package for package in slot.packages if self._is_later(earlier, package)]
        free = [package for package in later if host.is_free(earlier, package)]
        if not slot.boots:
            if free:
                why = f"{what} is still installed beside {free[-1].version}, which is free of it"
                return Verified(earlier, Case.OLD_HEADERS, why, own, finding)
        elif runs is not None and runs != own:
            if runs in later and host.is_affected(earlier, runs) and not host.was_found(earlier, runs):
                return self._of_package(earlier, runs)
            if runs not in later and host.is_free(earlier, runs):
                why = f"{runs.version}, which runs, is free of it; {what} is installed and boots next"
                return Verified(earlier, Case.WOULD_RETURN, why, own, finding)
        elif runs is None and free and host.presences.get(own) is not Presence.RESIDUAL:
            then = f"{free[-1].name} {free[-1].version} is installed and free of it"
            if host.uname is None:
                why = f"{then}, beside {own.version}, which is affected; which kernel runs is not known"
                return Verified(earlier, Case.RUNNING_UNKNOWN, why, own, finding)
            return Verified(earlier, Case.RESTART, f"{then}; {host.uname} still runs", own, finding)
        successor = next((p for p in reversed(later) if host.is_affected(earlier, p)), None)
        if runs is None and successor is not None and not host.was_found(earlier, successor):
            return self._of_package(earlier, successor)
        return self._of_package(earlier, own)

    def _is_later(self, earlier: EarlierFinding, package: Package) -> bool:
        return self._moved(earlier, package) == 1


def _outside(earlier: EarlierFinding, considered: Sequence[Considered]) -> str | None:
    """Where the installed version stands beside the ranges of a record, the notices of then first; None without any."""
    spoken = [one for one in considered if one.outcome is not None and not one.negative]
    one = next((one for one in spoken if one.advisory in earlier.notices), spoken[0] if spoken else None)
    if one is None:
        return None
    said = " and ".join(map(str, one.comparisons)) or "in none of its ranges"
    return f"{one.installed} is {said} ({one.advisory})"


def _named(earlier: EarlierFinding, package: Package) -> str:
    return package.version if package.name == earlier.name else f"{package.name} {package.version}"


def _by(finding: Finding) -> str:
    return finding.evidence.advisory


def _why(finding: Finding) -> str:
    """The cause, and what hinders the fix."""
    if finding.channel is not None:
        return f"{finding.cause}; the fix is in {finding.channel}"
    if finding.fixed_version is None:
        return f"{finding.cause}: {finding.fix_state.meaning}"
    return finding.cause


def _release(distribution: Distribution | None) -> tuple[str, str | None] | None:
    return None if distribution is None else (distribution.id, distribution.release)


def _told(earlier: EarlierFinding, package: Package) -> str:
    """What the list tells of a package now, and could not tell then."""
    told: list[str] = []
    if not earlier.epoch_known and package.epoch_known:
        told.append("its epoch")
    if Assumption.MODULE_UNKNOWN in earlier.assumptions and package.module.known:
        told.append(f"its module ({package.module})")
    if earlier.arch != package.arch:
        told.append(f"its architecture ({package.arch or 'unknown'})")
    if (earlier.source, earlier.source_version) != (package.source_name, package.source_version):
        told.append(
            f"its source package ({package.source_name or package.name} {package.source_version or ''})".replace(
                " )", ")"
            )
        )
    return f"the list tells more of it now: {', '.join(told)}" if told else "the list tells something else of it now"
