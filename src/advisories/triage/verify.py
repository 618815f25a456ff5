"""``verify``: what became of each finding of an earlier match, with its reason, and which findings are new. Pure.

A finding is one installed instance and one vulnerability, never the CVE alone. Kernels install side by side and are
paired by their slot (:mod:`advisories.triage.pairing`). Either the package changed or the records did: to find out
which, the package of the baseline is matched against the current records.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from advisories.distros.identity import instance_of
from advisories.distros.kernels import Role, kernel_of
from advisories.index.feed import Feed
from advisories.matching import rules
from advisories.matching.explain import Considered, Explanation, NamedRecords, explain_package
from advisories.matching.match import DEFAULT_POLICY, MatchPolicy, match, matcher_of
from advisories.models.advisories import FixState
from advisories.models.assumptions import Assumption
from advisories.models.distribution import Distribution, language_of
from advisories.models.errors import ForeignBaseline
from advisories.models.findings import Finding, Findings, PackageClass, Presence, Status
from advisories.models.frozen import evolve, field, frozen
from advisories.models.nouns import Noun, outlined
from advisories.models.packages import Inventory, Package, State
from advisories.triage.baseline import Baseline, BaselineFeed
from advisories.triage.cases import CASES, Case, FindingState
from advisories.triage.pairing import Host, Slot, order

__all__ = ["Verification", "Verified", "verify"]


@frozen
class Verified(Noun):
    """What became of one finding of the baseline.

    :ivar baseline: the finding of the baseline.
    :ivar case: why it is in its state, one of a closed list.
    :ivar reason: the same as a sentence about this finding.
    :ivar package: the installed package that it is paired with. None where there is none.
    :ivar current: the current finding. None where there is none.
    :ivar suppressed: whether the baseline lists it as suppressed.
    """

    baseline: Finding
    case: Case
    reason: str
    package: Package | None = None
    current: Finding | None = None
    suppressed: bool = False

    @property
    def state(self) -> FindingState:
        """What became of it."""
        return CASES[self.case][0]


@frozen
class Verification(Noun):
    """What became of each finding of the baseline, and which findings are new.

    :ivar baseline: what was verified.
    :ivar inventory: the current package list.
    :ivar findings: all current findings, with their coverage.
    :ivar rows: one for each finding of the baseline, in their order, those that it lists as suppressed last.
    :ivar new: current findings that no earlier one is paired with, in the order of `findings`.
    :ivar forced: why the baseline seems to be of another host, if it was verified all the same.
    :ivar feed_lacks: what the feed has less than that of the baseline, in a sentence. None where nothing shows that.
    """

    baseline: Baseline
    inventory: Inventory
    findings: Findings
    rows: tuple[Verified, ...] = field(repr=outlined)
    new: tuple[Finding, ...] = field(repr=outlined)
    forced: str | None = None
    feed_lacks: str | None = None

    def __attrs_post_init__(self) -> None:
        earlier = (*self.baseline.findings, *self.baseline.suppressed)
        if tuple([row.baseline for row in self.rows]) != earlier:
            raise AssertionError(f"{len(earlier)} earlier findings, {len(self.rows)} rows")

    @property
    def counts(self) -> Mapping[FindingState, int]:
        """How many rows are in each state, with an entry for every state."""
        counted = Counter(row.state for row in self.rows)
        return MappingProxyType({state: counted[state] for state in FindingState})

    @property
    def cases(self) -> Mapping[Case, int]:
        """How many rows have each case, without an entry for other cases."""
        counted = Counter(row.case for row in self.rows)
        return MappingProxyType({case: counted[case] for case in Case if counted[case]})

    @property
    def paired(self) -> int:
        """How many current findings an earlier one is paired with. All the others are new."""
        return len(self.findings) - len(self.new)

    def in_state(self, state: FindingState) -> tuple[Verified, ...]:
        """The rows of one state, in their order."""
        return tuple(row for row in self.rows if row.state is state)


def verify(
    baseline: Baseline, inventory: Inventory, feed: Feed, policy: MatchPolicy = DEFAULT_POLICY, *, force: bool = False
) -> Verification:
    """What became of each finding of an earlier match, and which findings are new.

    The same for any order of packages and advisories. Against its own match nothing is fixed and nothing is new.

    :param force: verify even if the baseline seems to be of another host. :attr:`Verification.forced` has the reason.

    Raises :class:`~advisories.models.errors.ForeignBaseline` without `force` for a baseline of another distribution, or
    if none of its packages is in the list in any state. Otherwise as :func:`advisories.match`.
    """
    findings = match(inventory, feed, policy)
    host = Host(baseline, inventory, findings, feed)
    foreign = _foreign(baseline, inventory, policy, host, findings.coverage.judged_as)
    if foreign is not None and not force:
        raise ForeignBaseline(baseline.source or "-", inventory.source or "-", foreign)
    verifier = _Verifier(baseline, inventory, feed, policy, findings, host)
    lacks = verifier.feed_lacks
    rows = [verifier.row(earlier) for earlier in baseline.findings]
    rows += [evolve(verifier.row(earlier), suppressed=True) for earlier in baseline.suppressed]
    known = host.accounted((row.baseline, row.current) for row in rows)
    names = zip(findings.column("instance"), findings.column("vulnerability"), strict=True)
    new = [number for number, key in enumerate(names) if key not in known]
    return Verification(
        baseline, inventory, findings, tuple(rows), tuple([findings[number] for number in new]), foreign, lacks
    )


# So many packages with findings have to be missing, all of them, before a baseline is another host's. Fewer may have
# been removed. So have fewer than so many, where others are in the list.
_ENOUGH: Final = 3
_MANY: Final = 10
# Versions of another release or line of builds do not show by their order what they have of a fix (rules 1 and 8), and
# what is no version does not either.
_OF_ALL_VERSIONS: Final = frozenset({Assumption.RELEASE_CONTRADICTED, Assumption.VERSIONS_MISTAKEN})
_OF_VERSIONS: Final = _OF_ALL_VERSIONS | {Assumption.RELEASE_MIXED, Assumption.LINE_UNKNOWN}


def _foreign(
    baseline: Baseline, inventory: Inventory, policy: MatchPolicy, host: Host, judged_as: Distribution | None
) -> str | None:
    """Why a baseline seems to be of another host, or the list to be a part of one. None where neither does."""
    before = baseline.distribution or baseline.judged_as
    current = inventory.distribution or policy.judge_as
    if before is not None and current is not None and before.id != current.id:
        return f"it is of {before}, the list of {current}"
    earlier_findings = (*baseline.findings, *baseline.suppressed)
    packages = {(earlier.package.type, earlier.package.name): earlier for earlier in earlier_findings}
    types, installed = {type for type, _ in packages}, {package.type for package in host.classes}
    if packages and types.isdisjoint(installed):
        listed = ", ".join(sorted(installed)) or "nothing"
        return f"it has findings of {', '.join(sorted(types))} packages, the list has {listed}"
    missing = [earlier for earlier in packages.values() if not host.knows(earlier)]
    if len(packages) >= _ENOUGH and len(missing) == len(packages):
        return f"of {len(packages)} packages with findings, none is in the list in any state"
    others = _other_architectures(earlier_findings, host)
    if others is not None:
        return others
    unread = frozenset(inventory.report.unread_types or ()) if inventory.report else frozenset[str]()
    shown = [earlier for earlier in packages.values() if earlier.package.type not in unread]
    missing = [earlier for earlier in missing if earlier.package.type not in unread]
    if len(missing) >= _MANY and len(missing) * 2 > len(shown) and _release(baseline.judged_as) == _release(judged_as):
        return f"of {len(shown)} packages with findings, {len(missing)} are not in the list in any state"
    return None


def _other_architectures(earlier_findings: Sequence[Finding], host: Host) -> str | None:
    """That the list has packages of the baseline, and none of an architecture that these had. None for any other."""
    before = {_architecture(one.package.arch) for one in earlier_findings} - {None}
    now = {_architecture(package.arch) for package in host.classes if package.state.on_disk} - {None}
    if not before or not now or not before.isdisjoint(now):
        return None
    if not any(_architecture(one.package.arch) and host.knows(one) for one in earlier_findings):
        return None
    ours, theirs = (" and ".join(sorted(filter(None, some))) for some in (before, now))
    return f"its packages are of {ours}, those of the list of {theirs}"


def _architecture(arch: str | None) -> str | None:
    """An architecture by one of its names. None for what is of any, and where a list shows none."""
    if arch is None or arch in rules.ANY_ARCH:
        return None
    name, version, _ = arch.partition("_v")
    return rules.ARCH_ALIASES.get(arch, name if version else arch)


class _Verifier:
    """Finds out what became of each finding. It matches packages of the baseline only where something changed."""

    def __init__(
        self,
        baseline: Baseline,
        inventory: Inventory,
        feed: Feed,
        policy: MatchPolicy,
        findings: Findings,
        host: Host,
    ) -> None:
        self._baseline = baseline
        self._inventory = inventory
        self._feed = feed
        self._policy = policy
        self._matcher = matcher_of(feed, inventory, policy)
        self._covered = findings.coverage.covered
        self._judged_as = findings.coverage.judged_as
        self._assumed = findings.coverage.assumed
        self._host = host
        self._is_partial: Final = any(Assumption.INVENTORY_PARTIAL in one.doubts for one in inventory.packages)
        self._of_all_versions: Final = _OF_ALL_VERSIONS.intersection(findings.coverage.assumptions)
        self._named = NamedRecords(feed)
        now = BaselineFeed.of(feed, findings.coverage.feed_newest)
        lacks = None if baseline.feed is None else baseline.feed.lacking(now)
        self.feed_lacks: Final = lacks or _gone(baseline, feed)
        self._by_current_records: dict[Package, Mapping[str, Finding]] = {}

    def row(self, earlier: Finding) -> Verified:
        """What became of one finding of the baseline."""
        if not self._covered and language_of(earlier.package.type) is None:
            why = f"the feed has no advisories of {self._judged_as}: no packages were checked"
            if self._judged_as in self._feed.releases:
                why = f"no listed package is of the type that {self._judged_as} has: no packages were checked"
            return Verified(earlier, Case.RELEASE_NOT_COVERED, why)
        if self._host.is_slotted(earlier):
            return self._of_slot(earlier, self._host.slot(earlier))
        packages = self._host.packages(earlier)
        if len(packages) > 1:
            arches = self._host.arches(packages)
            why = f"{earlier.package.name} is installed for {arches}, and which one it was is not known"
            return Verified(earlier, Case.AMBIGUOUS, why)
        return self._of_package(earlier, packages[0]) if packages else self._removed(earlier)

    # ---- any package ----

    def _of_package(self, earlier: Finding, package: Package) -> Verified:
        if not package.state.on_disk:
            return self._removed(earlier, package)
        package_class = self._host.classes[package]
        what = f"{package.name} {package.version}"
        if package_class is PackageClass.THIRD_PARTY:
            by = package.vendor or package.maintainer
            return Verified(earlier, Case.THIRD_PARTY, f"{what} is not the distribution's, but by {by}", package)
        if package_class is PackageClass.NOT_COVERED:
            queries = self._matcher.queries(package)
            # A backport is matched against the advisories of another release (rule 1b).
            of = queries[0].distribution if queries else self._judged_as
            why = f"the feed has no advisories about {package.type} packages of {of}"
            return Verified(earlier, Case.NOT_COVERED, why, package)
        finding = self._host.finding(earlier, package)
        if finding is None:
            return self._free(earlier, package)
        case, why = self._affected(earlier, package, finding)
        if finding.vulnerability != earlier.vulnerability:
            names = self._host.called(earlier, package) - {earlier.vulnerability}
            why = f"{why}; it is called {' and '.join(sorted(names))} now"
        return Verified(earlier, case, why, package, finding)

    def _removed(self, earlier: Finding, package: Package | None = None, more: str = "") -> Verified:
        if package is not None and package.state is State.CONFIG_FILES:
            why = f"{package.name} was removed, its configuration files are left"
            return Verified(earlier, Case.CONFIGURATION_LEFT, why, package)
        what = (
            f"{earlier.package.name} {earlier.package.version}"
            if self._host.is_slotted(earlier)
            else earlier.package.name
        )
        unsure = self._unread(earlier) if package is None else None
        if unsure is not None:
            return Verified(earlier, Case.UNCHECKED, f"{what} is not in the list, {unsure}")
        return Verified(earlier, Case.REMOVED, f"{what} is not installed any more{more}", package)

    def _unread(self, earlier: Finding) -> str | None:
        """Why a package that is not in the list may be installed all the same. None where the list is whole."""
        report = self._inventory.report
        if report is not None and report.rejected:
            return f"of which {report.rejected} entries or layers could not be read"
        if self._is_partial:
            return "of which a part is missing"
        if Assumption.VERSIONS_MISTAKEN in self._of_all_versions:
            return "which has something else in the place of versions"
        if self._of_all_versions:
            return "whose versions are of another release"
        other = self._host.in_other_case(earlier)
        if other is not None:
            return f"but {other} is, whose name differs in upper and lower case alone"
        if report is None:
            return None
        if any(Assumption.SYSTEM_UNKNOWN in package.doubts for package in self._inventory.packages[:1]):
            return "in which no package database of a system was found"
        if earlier.package.type in (report.unread_types or ()):
            return f"for which not all packages of type {earlier.package.type} were looked for"
        return None

    def _moved(self, earlier: Finding, package: Package) -> int | None:
        """-1, 0 or 1: the installed version is earlier than the baseline's, equal or later. None without an order."""
        known = earlier.package.epoch_known and package.epoch_known
        return order(package.type, package.version, earlier.package.version, epoch=known)

    def _has_reached(self, earlier: Finding, package: Package) -> bool:
        """Whether the current version is the fix that the baseline named, or later."""
        if earlier.fixed_version is None or earlier.channel is not None:
            return False
        for query in self._matcher.queries(package):
            if query.names is earlier.evidence.names:
                reached = order(package.type, query.version, earlier.fixed_version, epoch=query.epoch_known)
                return reached is not None and reached >= 0
        return False

    def _is_fix(self, earlier: Finding, package: Package) -> bool:
        """Whether the current version is the very fix that the baseline named."""
        return earlier.fixed_version is not None and any(
            query.names is earlier.evidence.names and query.version == earlier.fixed_version
            for query in self._matcher.queries(package)
        )

    # ---- affected now ----

    def _affected(self, earlier: Finding, package: Package, finding: Finding) -> tuple[Case, str]:
        what = f"{package.name} {package.version}"
        if finding.status is Status.UNDECIDABLE:
            return Case.CANNOT_BE_COMPARED, finding.cause
        if finding.pending_restart:
            waits = self._host.last_free(earlier, self._host.slot(earlier))
            assert waits is not None
            return Case.RESTART, f"{what} still runs; {waits.version} is installed and free of it"
        if finding.presence is Presence.RESIDUAL:
            return Case.OLD_KERNEL, f"{what} is still installed; {self._what_runs(earlier)}"
        if earlier.status is Status.UNDECIDABLE:
            return Case.AFFECTED_AFTER_ALL, f"it was undecidable in the baseline; now {_why(finding)}"
        moved = self._moved(earlier, package)
        if moved == 1:
            return self._upgraded(earlier, package, finding)
        if moved == -1:
            return Case.DOWNGRADED, f"{earlier.package.name} went back from {earlier.package.version}: {_why(finding)}"
        why = f"{package.name} is installed as it was: {_why(finding)}"
        if finding.channel is not None:
            return Case.NEEDS_CHANNEL, why
        if finding.fixed_version is not None:
            if earlier.fixed_version is None:
                return Case.FIX_APPEARED, f"{why}; the baseline had no fix"
            return Case.NOT_UPGRADED, f"{package.name} was not upgraded: {_why(finding)}"
        by_fix_state = {FixState.WONT_FIX: Case.WONT_FIX, FixState.END_OF_LIFE: Case.END_OF_LIFE}
        return by_fix_state.get(finding.fix_state, Case.NO_FIX), why

    def _upgraded(self, earlier: Finding, package: Package, finding: Finding) -> tuple[Case, str]:
        why = f"{earlier.package.name} was upgraded from {earlier.package.version}"
        if self._has_reached(earlier, package):
            current = f"now it is {finding.fixed_version}" if finding.fixed_version else "now there is none"
            before = f"the baseline's fix was {earlier.fixed_version}"
            why = f"{why} to {_named(earlier, package)}; {before}, {current} ({_by(finding)})"
            return Case.FIX_RAISED, why
        case = Case.UPGRADED_NO_FIX if finding.fixed_version is None or finding.channel else Case.BELOW_FIX
        return case, f"{why}: {_why(finding)}"

    def _what_runs(self, earlier: Finding) -> str:
        runs = self._host.slot(earlier).runs if self._host.is_slotted(earlier) else None
        if runs is None:
            listed = "" if self._host.is_running_listed else ", which is not in the list"
            return f"the kernel that runs is {self._host.uname}{listed}"
        if self._host.is_free(earlier, runs):
            return f"{runs.version}, which runs, is free of it"
        return f"{runs.version}, which runs, " + (
            "is affected too" if self._host.is_affected(earlier, runs) else "is undecidable"
        )

    # ---- free now ----

    def _free(self, earlier: Finding, package: Package) -> Verified:
        case, why = self._freed(earlier, package)
        assumed = ""
        if not (case is Case.REACHED_FIX and self._is_fix(earlier, package)):
            assumed = ", ".join(one.value for one in Assumption if one in self._of_versions(package))
        if not assumed and case is not Case.REACHED_FIX and self._is_unchecked(earlier, package):
            assumed = ", ".join(one.value for one in self._assumed[package])
        if assumed:
            why = f"nothing was found for {package.name} {package.version}, and that rests on {assumed}"
            return Verified(earlier, Case.UNCHECKED, why, package)
        if CASES[case][0] is FindingState.FIXED:
            case, why = self._after_restart(earlier, package, case, why)
        return Verified(earlier, case, why, package)

    def _of_versions(self, package: Package) -> frozenset[Assumption]:
        """What makes a version no proof of a fix: it is none, or of another release or line, or all of the list are."""
        return self._of_all_versions | _OF_VERSIONS.intersection(self._assumed.get(package, ()))

    def _is_unchecked(self, earlier: Finding, package: Package) -> bool:
        """Rule 0: whether nothing was found because not all was known. What was compared by the same name is known."""
        if self._host.classes[package] is not PackageClass.UNCHECKED:
            return False
        named = earlier.evidence.name, earlier.evidence.names
        return not any(
            one.outcome is not None and (one.name, one.names) == named for one in self._considered(earlier, package)
        )

    def _freed(self, earlier: Finding, package: Package) -> tuple[Case, str]:
        moved = self._moved(earlier, package)
        what = f"{package.name} {package.version}"
        if moved != 0:
            verb = {1: "was upgraded", -1: "went back"}.get(moved or 0, "was changed")
            why = f"{earlier.package.name} {verb} from {earlier.package.version} to {_named(earlier, package)}"
            switched = self._switched(earlier, package)
            if switched is not None:
                return Case.STREAM_SWITCHED, f"{why}: {switched}"
            if moved != -1 and self._has_reached(earlier, package):
                is_it = f"is the fix {earlier.fixed_version}"
                if package.version != earlier.fixed_version:
                    is_it = f"has the fix {earlier.fixed_version}"
                if not package.epoch_known:
                    is_it = f"{is_it}, epochs left out"
                return Case.REACHED_FIX, f"{why}, which {is_it} ({earlier.evidence.advisory})"
        still = self._by_records(earlier, package if moved == 0 else None)
        if still is None:
            return self._revised(earlier, package)
        if moved in (1, None):
            fix = f"fixed in {still.fixed_version}" if still.fixed_version else "no later version is affected"
            return Case.LOWER_FIX, f"{why}: {fix} ({_by(still)})"
        if moved == -1:
            return Case.WENT_BACK, f"{why}, which is outside the affected range ({_by(still)})"
        return Case.LIST_HAS_MORE, f"{what} is installed as it was; {_more(earlier, package)}"

    def _switched(self, earlier: Finding, package: Package) -> str | None:
        """Rule 6: why another stream is installed than the one of the earlier advisories. None where that is not so."""
        if ".module" not in (earlier.fixed_version or earlier.package.version) or not package.module.known:
            return None
        for one in self._considered(earlier, package):
            if one.advisory in earlier.advisories and one.outcome is None and one.notes[0].rule == 6:
                return f"{one.notes[0].text} ({one.advisory})"
        return None

    def _by_records(self, earlier: Finding, package: Package | None) -> Finding | None:
        """The finding that the current records give for the earlier package.

        :param package: the current package, if its version is the earlier one.
        """
        before = earlier.package
        if package is not None and Assumption.MODULE_UNKNOWN not in earlier.assumptions:
            before = evolve(before, module=package.module)
        if before not in self._by_current_records:
            found = match(evolve(self._inventory, packages=(before,)), self._feed, self._policy)
            self._by_current_records[before] = {finding.vulnerability: finding for finding in found}
        by_name = self._by_current_records[before]
        return next((by_name[name] for name in self._host.names_of(earlier).of(by_name)), None)

    def _considered(self, earlier: Finding, package: Package) -> tuple[Considered, ...]:
        return self._explained(earlier, package).considered

    def _explained(self, earlier: Finding, package: Package) -> Explanation:
        return explain_package(self._matcher, package, PackageClass.CLEAN, (), earlier.vulnerability, self._named)

    def _revised(self, earlier: Finding, package: Package) -> tuple[Case, str]:
        """Why the current records do not have the earlier version in a range."""
        explanation = self._explained(earlier, package)
        decided, considered = explanation.decided, explanation.considered
        what = f"{package.name} {package.version}"
        before = self._baseline.judged_as
        if _release(before) != _release(self._judged_as):
            why = f"{earlier.package.version} was matched against {before}, {what} is against {self._judged_as}"
            return Case.OTHER_RELEASE, f"{why}: {_outside(earlier, considered) or decided.text}"
        several = len(earlier.advisories) > 1
        ids = " and ".join(earlier.advisories)
        withdrawn = [
            advisory
            for id in earlier.advisories
            if (advisory := self._feed.advisory(id)) is not None and rules.is_withdrawn(advisory)
        ]
        if len(withdrawn) == len(earlier.advisories):
            when = max(str(advisory.withdrawn.date()) for advisory in withdrawn if advisory.withdrawn)
            return Case.WITHDRAWN, f"{ids} {'were withdrawn, the last' if several else 'was withdrawn'} on {when}"
        if not considered:
            if all(self._feed.advisory(id) is None for id in earlier.advisories):
                gone = f"{ids} {'are' if several else 'is'} not in the feed any more"
                if self.feed_lacks is not None:
                    return Case.FEED_LACKS, f"{gone}, and that proves nothing: {self.feed_lacks}"
                return Case.ADVISORY_GONE, f"{gone}, nor another record of it for {what}"
            return Case.UNLISTED, f"{ids} {'do' if several else 'does'} not name {package.name} any more"
        if decided.rule == 9:
            by = ", ".join(sorted({one.advisory for one in considered if one.negative}))
            return Case.NEGATIVE_RECORD, f"{what} is not affected, by {by}"
        if decided.rule in (1, 8):
            return Case.OTHER_FIX, f"{what} is {decided.text}" if decided.rule == 8 else f"{what}: {decided.text}"
        outside = _outside(earlier, considered)
        if outside is None:
            note = next((f"{one.notes[0].text} ({one.advisory})" for one in considered if one.notes), decided.text)
            return Case.UNLISTED, f"no record applies to {what} any more: {note}"
        as_it_was = " as it was" if package.version == earlier.package.version else ""
        return Case.RANGE_REVISED, f"{what} is installed{as_it_was}; {outside}"

    def _after_restart(self, earlier: Finding, package: Package, case: Case, why: str) -> tuple[Case, str]:
        """Rule 11: a fixed kernel may still wait for a restart."""
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

    def _of_slot(self, earlier: Finding, slot: Slot) -> Verified:
        host = self._host
        own = slot.own
        if own is not None and (earlier.presence is Presence.RESIDUAL or not host.is_affected(earlier, own)):
            return self._of_package(earlier, own)
        if own is not None:
            return self._still_installed(earlier, slot, own)
        latest = slot.runs or slot.latest
        if slot.ran_on and (latest is None or not self._is_later(earlier, latest)):
            before = f"{earlier.package.name} {earlier.package.version}"
            why = f"{before} is not installed any more, but it still runs ({host.uname})"
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

    def _still_installed(self, earlier: Finding, slot: Slot, own: Package) -> Verified:
        """The row of a package that is still installed and affected."""
        host, runs = self._host, slot.runs
        finding = host.finding(earlier, own)
        what = f"{own.name} {own.version}"
        # As the list has it: a report does not show every unknown epoch.
        listed = evolve(earlier, package=own)
        free = self._if_later(listed, host.last_free(earlier, slot))
        if not slot.boots:
            if free is not None:
                why = f"{what} is still installed beside {free.version}, which is free of it"
                return Verified(earlier, Case.OLD_HEADERS, why, own, finding)
        elif runs is not None and runs != own:
            later = self._is_later(listed, runs)
            if later and host.is_affected(earlier, runs) and not host.was_found(earlier, runs):
                return self._of_package(earlier, runs)
            if not later and host.is_free(earlier, runs):
                why = f"{runs.version}, which runs, is free of it; {what} is installed and boots next"
                return Verified(earlier, Case.WOULD_RETURN, why, own, finding)
        elif runs is None and free is not None and host.presences.get(own) is not Presence.RESIDUAL:
            fixed = f"{free.name} {free.version} is installed and free of it"
            if host.uname is None:
                why = f"{fixed}, beside {own.version}, which is affected; which kernel runs is not known"
                return Verified(earlier, Case.RUNNING_UNKNOWN, why, own, finding)
            return Verified(earlier, Case.RESTART, f"{fixed}; {host.uname} still runs", own, finding)
        successor = self._if_later(listed, host.last_affected(earlier, slot))
        if runs is None and successor is not None and not host.was_found(earlier, successor):
            return self._of_package(earlier, successor)
        return self._of_package(earlier, own)

    def _is_later(self, earlier: Finding, package: Package) -> bool:
        return self._moved(earlier, package) == 1

    def _if_later(self, earlier: Finding, last: Package | None) -> Package | None:
        """The last package of a slot, if it is later than the earlier one. Else no other is."""
        return last if last is not None and self._is_later(earlier, last) else None


def _gone(baseline: Baseline, feed: Feed) -> str | None:
    """That a feed does not have most advisories of the baseline's findings, in a sentence: nobody withdraws so many."""
    ids = {id for earlier in (*baseline.findings, *baseline.suppressed) for id in earlier.advisories}
    missing = len(ids) - len(feed.summaries(ids))
    if missing < _MANY or missing * 2 <= len(ids):
        return None
    return f"the feed does not have {missing} of {len(ids)} advisories that the baseline's findings name"


def _outside(earlier: Finding, considered: Sequence[Considered]) -> str | None:
    """How the installed version compares with a record's ranges, the earlier advisories first. None without any."""
    compared = [one for one in considered if one.outcome is not None and not one.negative]
    one = next((one for one in compared if one.advisory in earlier.advisories), compared[0] if compared else None)
    if one is None:
        return None
    where = " and ".join(map(str, one.comparisons)) or "in none of its ranges"
    return f"{one.installed} is {where} ({one.advisory})"


def _named(earlier: Finding, package: Package) -> str:
    return package.version if package.name == earlier.package.name else f"{package.name} {package.version}"


def _by(finding: Finding) -> str:
    return finding.evidence.advisory


def _why(finding: Finding) -> str:
    """The cause, and what the fix needs."""
    if finding.channel is not None:
        return f"{finding.cause}; the fix is in {finding.channel}"
    if finding.fixed_version is None:
        return f"{finding.cause}: {finding.fix_state.meaning}"
    return finding.cause


def _release(distribution: Distribution | None) -> tuple[str, str | None] | None:
    return None if distribution is None else (distribution.id, distribution.release)


def _more(earlier: Finding, package: Package) -> str:
    """What the list shows of a package now, and did not show in the baseline."""
    more: list[str] = []
    if not earlier.package.epoch_known and package.epoch_known:
        more.append("its epoch")
    if Assumption.MODULE_UNKNOWN in earlier.assumptions and package.module.known:
        more.append(f"its module ({package.module})")
    if earlier.package.arch != package.arch:
        more.append(f"its architecture ({package.arch or 'unknown'})")
    if (earlier.source, earlier.source_version) != (package.source_name, package.source_version):
        more.append(
            f"its source package ({package.source_name or package.name} {package.source_version or ''})".replace(
                " )", ")"
            )
        )
    return f"the list now shows {', '.join(more)}" if more else "the list now shows something else of it"
