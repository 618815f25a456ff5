"""From findings to upgrades: the fewest that clear the most, what each clears, and what stays and why.

A plan is tried before it is made. The packages are brought to the lowest fixed versions on paper and matched again.
Where a version clears one vulnerability and is inside another range of a second, a higher one is taken. So matching
finds cleared what the plan lists as cleared, by the same rules.
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Final

import vercmp
from advisories.distros.kernels import Role, kernel_of, metapackage_stem, slot_of
from advisories.distros.lines import leaves
from advisories.distros.restarts import Restart, restart_after
from advisories.distros.signed import AdvisedSource, Naming, advised_sources
from advisories.distros.third_parties import is_third_party
from advisories.index.feed import Feed
from advisories.index.records import version_key
from advisories.matching.match import DEFAULT_POLICY, MatchPolicy, match
from advisories.matching.rules import (
    ARCH_ALIASES,
    arch_applies,
    backport_suffix,
    module_applies,
    presences,
    without_rebuild,
)
from advisories.models.advisories import FixState
from advisories.models.assumptions import Assumption
from advisories.models.distribution import Distribution, filed_under
from advisories.models.findings import Finding, Presence, Priority, Status
from advisories.models.frozen import evolve, field, frozen
from advisories.models.nouns import Noun, outlined
from advisories.models.packages import SCHEME_OF_TYPE, Inventory, Module, Package
from advisories.models.words import Names

__all__ = ["Action", "Change", "Order", "Plan", "Stay", "StayReason", "Step", "plan"]


class Action(StrEnum):
    """What is done with the packages of a step."""

    #: Another version takes the place of the installed one.
    UPGRADE = "upgrade"
    #: Another version is installed beside it: a kernel, as the running one stays until the restart.
    INSTALL = "install"
    #: A version that is not needed any more is removed: a kernel that does not run, or will not after the restart.
    REMOVE = "remove"


class StayReason(StrEnum):
    """Why a finding stays whatever is upgraded: the distribution's state of its fix, or one of the last three."""

    NOT_FIXED = FixState.NOT_FIXED.value
    WONT_FIX = FixState.WONT_FIX.value
    DEFERRED = FixState.DEFERRED.value
    END_OF_LIFE = FixState.END_OF_LIFE.value
    UNDER_INVESTIGATION = FixState.UNDER_INVESTIGATION.value
    UNKNOWN = FixState.UNKNOWN.value
    NEEDS_CHANNEL = "needs-channel"
    UNDECIDABLE = "undecidable"
    #: The feed names a fix, and the repositories have no version that reaches it. Or very many versions were tried.
    NO_UPDATE = "no-update"


class Order(StrEnum):
    """The order of a plan's steps."""

    #: The order of the findings: the step that clears the first of them comes first.
    LIST = "list"
    #: First what clears the most findings of the highest priority.
    GAIN = "gain"


@frozen
class Change(Noun):
    """One installed package in a step.

    :ivar package: the package as it is installed.
    :ivar becomes: the package as it is afterwards. None where it is removed.
    :ivar name: the name in the command: its own, or where a kernel's release is part of the name that of the next one,
        or of a metapackage that brings the next one.
    :ivar version: the version in the command. None for a metapackage, and where only the source package's version is
        known: the binary has numbers of its own, built from at least `becomes.source_version`.
    """

    package: Package
    becomes: Package | None
    name: str
    version: str | None


@frozen
class Step(Noun):
    """What is done at once: the packages of one source package, as they are released together.

    :ivar source: the source package's name. The package's own name where the list does not show it.
    :ivar changes: its packages, by name, architecture and version. Those without a finding that are of the same version
        as one with a finding move with it.
    :ivar clears: the findings that are gone afterwards, in their order. Where a kernel is removed because another step
        installs the next one beside it, that step has them.
    :ivar restart: what has to be restarted for the fixes to be in use. It is the machine wherever one of the changes is
        a kernel.
    :ivar after_restart: whether it has to wait until the machine runs another kernel.
    :ivar raised_by: findings of `clears` at versions that were tried and are not enough.
    :ivar warnings: sentences about packages that leave their minor release, channel or line of builds, or whose line
        nothing shows (rule 8).
    """

    action: Action
    source: str
    changes: tuple[Change, ...] = field(repr=outlined)
    clears: tuple[Finding, ...] = field(repr=outlined)
    restart: Restart | None
    after_restart: bool = False
    raised_by: tuple[Finding, ...] = field(default=(), repr=outlined)
    warnings: tuple[str, ...] = field(default=(), repr=outlined)

    @property
    def gain(self) -> tuple[int, ...]:
        """How many findings it clears of each priority, most urgent first."""
        found = [finding.priority for finding in self.clears]
        return tuple(found.count(priority) for priority in Priority)

    @property
    def advisories(self) -> tuple[str, ...]:
        """The advisories that carry the fixes, sorted."""
        return tuple(sorted({finding.evidence.advisory for finding in (*self.clears, *self.raised_by)}))


@frozen
class Stay(Noun):
    """A finding that no step clears, and why. `text` is the reason as a sentence."""

    finding: Finding
    reason: StayReason
    text: str


@frozen
class Plan(Noun):
    """What to do about findings: each of them is cleared by one step, or stays.

    :ivar steps: what to do, in the order that was chosen. Removals come last.
    :ivar stays: the findings that no step clears, in their order.
    :ivar brings: findings that the packages have afterwards and did not have before.
    :ivar after: the host when all of it is done, the machine restarted where that is needed.
    """

    steps: tuple[Step, ...] = field(repr=outlined)
    stays: tuple[Stay, ...] = field(repr=outlined)
    brings: tuple[Finding, ...] = field(repr=outlined)
    after: Inventory

    @property
    def clears(self) -> int:
        """How many findings are gone afterwards."""
        return sum(len(step.clears) for step in self.steps)

    @property
    def restart(self) -> Restart | None:
        """What has to be restarted in the end."""
        found = {step.restart for step in self.steps}
        return next((restart for restart in Restart if restart in found), None)


def plan(
    inventory: Inventory,
    feed: Feed,
    policy: MatchPolicy = DEFAULT_POLICY,
    *,
    findings: Sequence[Finding] | None = None,
    available: Iterable[Package] | None = None,
    order: Order = Order.LIST,
) -> Plan:
    """The fewest upgrades that clear the most of a host's findings: for each package the lowest version that clears all
    of its findings that can be cleared.

    :param findings: the findings to clear, of those that :func:`advisories.match` finds there. None is all of them.
    :param available: the packages of the host's repositories. The plan takes its versions from them, and a fix that
        they lack is a reason to stay. Builds of third parties are no update, unless the policy includes them. None
        where you do not know: the versions are those that the feed names.
    :param order: the order of the steps, or its word. Raises :class:`ValueError` for another.

    Of kernels that install side by side, the newest gets the next one beside it. Those that are not needed any more are
    removed, and one that runs, or may run, after the restart. Raises as :func:`advisories.match`.
    """
    every = tuple(match(inventory, feed, policy))
    wanted = every if findings is None else tuple(findings)
    packages = None if available is None else tuple(available)
    return _Planner(inventory, feed, policy, every, packages).plan(wanted, Order(order))


# ---- how a plan is made ----

_LINE: Final = re.compile(r"[0-9]+\.[0-9]+", re.ASCII)
# Debug symbols, and what all tools share, have names like metapackages of kernels behind their stem.
_NO_METAPACKAGE: Final = re.compile(r"(?:.+-)?dbg(?:sym)?|common|host", re.ASCII)
# How many versions of a package are tried.
_TRIES: Final = 50
_ANY_ARCH: Final = frozenset({None, "noarch", "all", "any"})
# Which version of a package a fix is stated in: the binary package's or the source package's.
_Target = dict[Names, str]


class _Planner:
    """One host before one feed."""

    def __init__(
        self,
        inventory: Inventory,
        feed: Feed,
        policy: MatchPolicy,
        every: Sequence[Finding],
        available: Sequence[Package] | None,
    ) -> None:
        self._inventory = inventory
        self._feed = feed
        self._policy = policy
        own = inventory.distribution or policy.judge_as
        used = policy.judge_as or inventory.distribution
        self._release = None if used is None else filed_under(used)
        self._minor = None if own is None else own.release
        arches = Counter(one.arch for one in inventory.instances if one.arch not in ("noarch", "all", None))
        # The host's: that of most packages.
        self._arch = max(arches, key=lambda arch: (arches[arch], arch or ""), default=None)
        self._available = None if available is None else _by_name(_of_distribution(available, own, policy))
        self._before: dict[Package, set[str]] = {}
        for finding in every:
            self._before.setdefault(finding.package, set()).add(finding.vulnerability)
        self._slots: dict[tuple[str, str | None, str], list[Package]] = {}
        for package in inventory.instances:
            slot = slot_of(package)
            if slot is not None and package.state.on_disk:
                self._slots.setdefault(slot, []).append(package)
        for packages in self._slots.values():
            epochs = all(package.epoch_known for package in packages)
            packages.sort(key=lambda package: _age(package, epochs))
        kernels = [package for packages in self._slots.values() for package in packages]
        self._slotted = frozenset(kernels)
        self._presences = presences(kernels, inventory.running_kernel)
        self._is_running_listed = Presence.RUNNING in self._presences.values()
        self._raised_by: dict[Package, list[Finding]] = {}
        # The packages that still have a fix above after as many tries as there may be.
        self._stopped = frozenset[Package]()
        self._offers: dict[tuple[str, str, str | None, Module, bool], _Offers] = {}
        self._behind_stem: dict[str, Mapping[str | None, Mapping[str, None]]] = {}
        self._flavours: dict[str | None, str] | None = None

    def plan(self, wanted: Sequence[Finding], order: Order) -> Plan:
        """The plan for these findings."""
        by_package: dict[Package, list[Finding]] = {}
        for finding in wanted:
            by_package.setdefault(finding.package, []).append(finding)
        removed = self._with_parts([package for package in by_package if self._is_superseded(package)])
        gone = frozenset(removed)
        tried, after = self._raised({p: found for p, found in by_package.items() if p not in gone})
        clears: dict[Package, list[Finding]] = {}
        stays: list[Stay] = []
        for finding in wanted:
            package = finding.package
            left = after.get(tried[package], {}).get(finding.vulnerability) if package in tried else finding
            if left is None or package in gone:
                clears.setdefault(package, []).append(finding)
            else:
                is_next = package in self._stopped and _is_clearable(left)
                stays.append(_stopped(finding, left) if is_next else _stay(finding, left))
        steps = list(self._steps(tried, clears))
        becomes = {change.package: tried[change.package] for step in steps for change in step.changes}
        replaced = {package: later for package, later in becomes.items() if slot_of(package) is not None}
        steps += self._removals(removed, replaced, clears)
        brings = tuple(
            finding
            for package, later in becomes.items()
            for finding in after.get(later, {}).values()
            if finding.vulnerability not in self._before.get(package, ())
        )
        place = {id(finding): number for number, finding in enumerate(wanted)}
        if order is Order.GAIN:
            steps.sort(key=lambda step: tuple(-count for count in step.gain))
        else:
            steps.sort(key=lambda step: min([place[id(finding)] for finding in step.clears], default=len(place)))
        # What is removed goes last: nothing is taken away before what takes its place is there.
        steps.sort(key=lambda step: step.action is Action.REMOVE)
        return Plan(tuple(steps), tuple(stays), brings, self._afterwards(becomes, {*removed, *replaced}))

    def _is_superseded(self, package: Package) -> bool:
        """Whether a newer version of a package is installed beside it, so that it can be removed."""
        slot = slot_of(package)
        beside = [] if slot is None else self._slots.get(slot, [])
        return package in self._slotted and beside[-1] != package

    def _with_parts(self, superseded: Sequence[Package]) -> list[Package]:
        """The parts of old kernels go together, those without a finding too."""
        releases = {_release_of(package) for package in superseded if package.source_name is not None}
        parts = [p for p in self._inventory.instances if _release_of(p) in releases and self._is_superseded(p)]
        return list(dict.fromkeys([*superseded, *parts]))

    # ---- which versions ----

    def _raised(
        self, by_package: Mapping[Package, Sequence[Finding]]
    ) -> tuple[dict[Package, Package], dict[Package, dict[str, Finding]]]:
        """What packages become, and what is found there. The targets are raised until nothing that can be cleared is
        left, or very many were tried. Each only goes up, through versions that the feed names.
        """
        targets: dict[Package, _Target] = {}
        clearable: dict[Package, set[str]] = {}
        for package, found in by_package.items():
            for finding in filter(_is_clearable, found):
                clearable.setdefault(package, set()).add(finding.vulnerability)
                self._raise(package, targets.setdefault(package, {}), finding)
        together = self._together(targets)
        becomes: dict[Package, Package] = {}
        after: dict[Package, dict[str, Finding]] = {}
        raised: Collection[Package] = targets
        for tries in range(_TRIES + 1):
            moved = self._align(targets, together, raised)
            changed = {
                package: later for package, later in self._on_paper(targets, moved) if becomes.get(package) != later
            }
            if not changed:
                break
            if tries == _TRIES:
                self._stopped = frozenset(raised)
                break
            becomes |= changed
            tried = self._found_at(changed.values())
            after |= tried
            raised = set()
            for package, later in changed.items():
                for finding in tried.get(later, {}).values():
                    if finding.vulnerability in clearable.get(package, ()) and _is_clearable(finding):
                        self._raise(package, targets[package], finding)
                        self._raised_by.setdefault(package, []).append(finding)
                        raised.add(package)
        becomes = {package: becomes[package] for package in targets if package in becomes}
        # What is found of a kernel may depend on the others.
        return becomes, self._found_at(becomes.values()) if tries > 1 else after

    def _found_at(self, packages: Iterable[Package]) -> dict[Package, dict[str, Finding]]:
        found: dict[Package, dict[str, Finding]] = {}
        for finding in match(evolve(self._inventory, packages=tuple(packages)), self._feed, self._policy):
            found.setdefault(finding.package, {})[finding.vulnerability] = finding
        return found

    def _raise(self, package: Package, target: _Target, finding: Finding) -> None:
        names, fix = finding.evidence.names, finding.fixed_version
        assert fix is not None
        signs = next((one for one in _signs(package) if one.name == finding.evidence.name), None)
        if signs is not None:
            names, fix = Names.BINARY, signs.written(fix)
        target[names] = self._highest(package, names, fix, *([target[names]] if names in target else ()))

    def _highest(self, package: Package, names: Names, *versions: str) -> str:
        return _highest(self._policy.as_chosen(package), names, *versions)

    def _together(self, targets: dict[Package, _Target]) -> Mapping[object, Sequence[Package]]:
        """Packages of one source and one version, which move together, those without a finding too: they get a target.
        What installs side by side moves apart from what an upgrade replaces, and only the newest of it counts.
        """
        moving: dict[object, list[Package]] = {}
        for package in targets:
            if package.source_name is not None:
                moving.setdefault(_release_of(package), []).append(package)
        for package in self._inventory.instances if moving else ():
            same = moving.get(_release_of(package)) if package.source_name is not None else None
            if same and package.state.on_disk and package not in targets and not self._is_superseded(package):
                targets[package] = {}
                same.append(package)
        return moving

    def _align(
        self,
        targets: Mapping[Package, _Target],
        together: Mapping[object, Sequence[Package]],
        raised: Iterable[Package],
    ) -> Iterable[Package]:
        """Give what moves together the highest target of it.

        :param raised: packages whose targets went up.
        :returns: those, and all that move with them.
        """
        moved: dict[Package, None] = {}
        releases: dict[object, None] = {}
        for package in raised:
            moved[package] = None
            if package.source_name is not None:
                releases[_release_of(package)] = None
        for same in (together[release] for release in releases):
            moved.update(dict.fromkeys(same))
            for names in Names:
                stated = [version for package in same if (version := targets[package].get(names))]
                if stated:
                    highest = self._highest(same[0], names, *stated)
                    for package in same:
                        targets[package][names] = highest
        return moved

    def _on_paper(
        self, targets: Mapping[Package, _Target], packages: Iterable[Package]
    ) -> Iterator[tuple[Package, Package]]:
        """What packages become. Those without an upgrade are left out."""
        for package in packages:
            later = self._becomes(package, targets[package])
            if later is not None:
                yield package, later

    def _becomes(self, package: Package, target: _Target) -> Package | None:
        if self._available is None:
            later = _upgraded(self._policy.as_chosen(package), target)
            later = evolve(later, epoch_known=package.epoch_known, source_epoch_known=package.source_epoch_known)
            return None if later == package else later
        offers = self._offers_for(package)
        chosen = None if offers is None else offers.chosen(package, target)
        if chosen is None:
            return None
        return evolve(
            package,
            name=chosen.name,
            version=chosen.version,
            arch=package.arch and (chosen.arch or package.arch),
            epoch_known=chosen.epoch_known,
            source_name=chosen.source_name or package.source_name,
            source_version=chosen.source_version,
            source_epoch_known=chosen.source_epoch_known,
        )

    def _offers_for(self, package: Package) -> "_Offers | None":
        """What the repositories have that may take a package's place."""
        assert self._available is not None
        chosen = self._policy.as_chosen(package).epoch_known
        key = package.type, _plain_name(package), package.arch, package.module, chosen
        if key not in self._offers:
            by_arch = self._available.get(key[:2], {})
            places = by_arch if package.arch in _ANY_ARCH else (_arch_of(package), None)
            offered = [one for arch in places for one in by_arch.get(arch, ()) if _fits(package, one[1])]
            offered.sort(key=lambda one: one[0])
            self._offers[key] = _Offers([one for _, one in offered], chosen, self._arch)
        return self._offers[key]

    # ---- what becomes of them ----

    def _steps(self, becomes: Mapping[Package, Package], clears: Mapping[Package, Sequence[Finding]]) -> Iterator[Step]:
        groups: dict[tuple[Action, str, str], list[Package]] = {}
        for package in becomes:
            action = Action.UPGRADE if slot_of(package) is None else Action.INSTALL
            groups.setdefault((action, package.type, _source_of(package)), []).append(package)
        for (action, _, source), packages in groups.items():
            cleared = [finding for package in packages for finding in clears.get(package, ())]
            if not cleared:
                continue
            changes = [self._change(package, becomes[package]) for package in sorted(packages, key=_by_text)]
            restart = Restart.MACHINE if any(map(_boots, packages)) else _restart(cleared)
            raised_by = [finding for package in packages for finding in self._raised_by_cleared(package, clears)]
            warnings = tuple(dict.fromkeys(self._warnings(source, changes, cleared)))
            yield Step(action, source, tuple(changes), tuple(cleared), restart, False, tuple(raised_by), warnings)

    def _warnings(self, source: str, changes: Iterable[Change], cleared: Iterable[Finding]) -> Iterator[str]:
        """What the packages of a step leave (rule 8), a sentence each. The host's own minor release is where it is."""
        release = self._release
        if release is None:
            return
        for change in changes:
            package, later = change.package, change.becomes
            if later is None:
                continue
            for what, before, after in leaves(release, package, later):
                if after != self._minor:
                    yield f"{source} leaves {what} {before} for {after}"
        unknown = {one.package.name for one in cleared if Assumption.LINE_UNKNOWN in one.assumptions}
        for name in sorted(unknown):
            yield f"nothing shows which line of builds {name} is of: the fix may be of another"

    def _raised_by_cleared(self, package: Package, clears: Mapping[Package, Sequence[Finding]]) -> Iterator[Finding]:
        cleared = {finding.vulnerability for finding in clears.get(package, ())}
        return (finding for finding in self._raised_by.get(package, ()) if finding.vulnerability in cleared)

    def _change(self, package: Package, later: Package) -> Change:
        if self._available is not None:
            return Change(package, later, later.name, later.version)
        if package.type == "deb" and slot_of(package) is not None:
            return Change(package, later, self._metapackage(package), None)
        # A signature may have numbers of its own before the version of what is signed.
        is_known = later.version != package.version and all(one.joint != "-" for one in _signs(package))
        return Change(package, later, later.name, later.version if is_known else None)

    def _metapackage(self, package: Package) -> str:
        """What brings the next kernel of a flavour, or its headers or tools: the installed metapackage, else the one of
        the line that the images' metapackage is of. What several flavours share comes with any of them.
        """
        kernel, stem = kernel_of(package), metapackage_stem(package)
        assert kernel is not None
        flavour = kernel.flavour
        if kernel.is_shared:
            flavour = self._flavour_of(kernel.release)
        by_line = self._metapackages(stem) or self._metapackages("linux-image-")
        # linux-image-6.12-amd64 brings kernels of its line alone, and linux-image-amd64 those of the release.
        line = _LINE.match(kernel.release or "")
        own = by_line.get(line[0]) if line is not None else None
        names = own or by_line.get(None) or {}
        wanted = f"{line[0]}-{flavour}" if own and line else flavour
        return stem + (wanted if wanted in names or not names or (own and flavour) else next(iter(names)))

    def _metapackages(self, stem: str) -> Mapping[str | None, Mapping[str, None]]:
        """The rest behind the stem in the names of installed metapackages, sorted: a flavour, or by line one of it."""
        if stem not in self._behind_stem:
            names = [
                one.name.removeprefix(stem)
                for one in self._inventory.instances
                if one.name.startswith(stem) and one.state.on_disk and kernel_of(one) is None
            ]
            by_line: dict[str | None, dict[str, None]] = {}
            for name in sorted(name for name in names if not _NO_METAPACKAGE.fullmatch(name)):
                line = _LINE.match(name)
                # What has a line and nothing behind it is of none.
                is_whole = line is None or name.startswith("-", line.end())
                by_line.setdefault((line and line[0]) if is_whole else "", {})[name] = None
            self._behind_stem[stem] = by_line
        return self._behind_stem[stem]

    def _flavour_of(self, release: str | None) -> str:
        """The first flavour that is installed of a kernel's release."""
        if self._flavours is None:
            self._flavours = {}
            for one in self._inventory.instances:
                kernel = kernel_of(one) if one.type == "deb" and slot_of(one) else None
                if kernel is not None and not kernel.is_shared:
                    flavour = self._flavours.get(kernel.release, kernel.flavour)
                    self._flavours[kernel.release] = min(flavour, kernel.flavour)
        return self._flavours.get(release, "")

    def _removals(
        self,
        removed: Sequence[Package],
        replaced: Mapping[Package, Package],
        clears: Mapping[Package, Sequence[Finding]],
    ) -> Iterator[Step]:
        """What installs side by side and is not needed any more, as the newest has the next one beside it now. What
        runs, or may run, goes only after the restart.

        :param replaced: what became of the newest. The next one of Debian may have its name where that is not known.
        """
        restarts = any(map(_boots, replaced))
        left = [package for package, later in replaced.items() if package.type == "rpm" or package.name != later.name]
        groups: dict[tuple[str, bool], list[Package]] = {}
        for package in (*removed, *left):
            groups.setdefault((_source_of(package), restarts or self._may_run(package)), []).append(package)
        superseded = set(removed)
        for (source, waits), packages in groups.items():
            cleared = [finding for package in packages if package in superseded for finding in clears.get(package, ())]
            changes = [Change(package, None, package.name, None) for package in sorted(packages, key=_by_text)]
            restart = Restart.MACHINE if waits and not restarts else None
            yield Step(Action.REMOVE, source, tuple(changes), tuple(cleared), restart, after_restart=waits)

    def _may_run(self, package: Package) -> bool:
        """Whether a kernel runs, or may run: any may where the running one is not known or not listed."""
        presence = self._presences.get(package)
        if presence is None:
            return False
        return presence in (Presence.RUNNING, Presence.UNKNOWN) or not self._is_running_listed

    def _afterwards(self, becomes: Mapping[Package, Package], gone: set[Package]) -> Inventory:
        packages = [
            becomes.get(package, package)
            for package in self._inventory.packages
            if package not in gone or package in becomes
        ]
        running = None if any(map(_boots, gone)) else self._inventory.running_kernel
        return evolve(self._inventory, packages=tuple(packages), running_kernel=running)


class _Offers:
    """Versions of a package in the repositories, the lowest first."""

    def __init__(self, offered: Sequence[Package], epoch_known: bool, arch: str | None) -> None:
        self._epochs: Final = epoch_known and all(one.epoch_known for one in offered)
        aged = [(_age(one, self._epochs), one) for one in offered]
        # What was of any architecture may be of one now: of the host's, where there are several.
        self._aged: Final = sorted(aged, key=lambda one: (one[0], one[1].arch != arch))
        self._highest: Final = max(self._aged, key=lambda one: one[0], default=None)
        self._reaching: Final[dict[tuple[tuple[Names, str], ...], Sequence[tuple[_Age, Package]]]] = {}

    def chosen(self, package: Package, target: _Target) -> Package | None:
        """The lowest above a package that reaches the target, else the highest. None where none is above it."""
        installed = _age(package, self._epochs)
        if self._highest is None or self._highest[0] <= installed:
            return None
        key = tuple(target.items())
        if key not in self._reaching:
            self._reaching[key] = [one for one in self._aged if _reaches(one[1], target)]
        reaching = self._reaching[key]
        place = bisect_right(reaching, installed, key=lambda one: one[0])
        return reaching[place][1] if place < len(reaching) else self._highest[1]


def _stopped(finding: Finding, left: Finding) -> Stay:
    """A finding of a package of which very many versions were tried."""
    text = f"{left.package.version} does not clear it, nor do the {_TRIES - 1} versions before it that were tried"
    return Stay(finding, StayReason.NO_UPDATE, f"{text}: {left.fixed_version} is the next fix")


def _stay(finding: Finding, left: Finding) -> Stay:
    """Why a finding stays.

    :param left: the finding at the version that was tried. The finding itself where none was.
    """
    after = "" if left is finding else f"{left.package.version} does not clear it: "
    if left.status is Status.UNDECIDABLE:
        return Stay(finding, StayReason.UNDECIDABLE, f"{after}{left.cause}")
    if left.channel is not None:
        text = f"{after}the fix {left.fixed_version} is in {left.channel}, which the host does not have"
        return Stay(finding, StayReason.NEEDS_CHANNEL, text)
    if left.fixed_version is not None:
        text = f"the feed names the fix {left.fixed_version}, and no update reaches it"
        return Stay(finding, StayReason.NO_UPDATE, text)
    return Stay(finding, StayReason(left.fix_state.value), f"{after}{left.fix_state.meaning}")


def _is_clearable(finding: Finding) -> bool:
    return finding.status is Status.AFFECTED and finding.fixed_version is not None and finding.channel is None


def _highest(package: Package, names: Names, *versions: str) -> str:
    """The highest of these versions of a package or of its source, the first of equal ones."""
    return max(versions, key=lambda version: _key_or_none(package, version, _epoch_known(package, names)))


def _epoch_known(package: Package, names: Names) -> bool:
    """Whether epochs count. Where no source version is listed, the package's own stands for it (rule 2)."""
    if names is Names.BINARY or package.source_version is None:
        return package.epoch_known
    return package.source_epoch_known


def _reaches(package: Package, target: _Target) -> bool:
    """Whether a repository's version is at least the target. Its own version stands for an unknown source version."""
    source_version = None if _signed_kernel(package) else package.source_version
    versions = {Names.BINARY: package.version, Names.SOURCE: source_version or package.version}
    return all(_highest(package, names, versions[names], wanted) == versions[names] for names, wanted in target.items())


def _upgraded(package: Package, target: _Target) -> Package:
    """A package at the target's versions, where they are above the installed ones. Where a binary package has its
    source's version, one stands for the other. Where it has numbers of its own, only what is known changes.
    """
    binary, source = target.get(Names.BINARY), target.get(Names.SOURCE)
    ours, theirs = package.version, package.source_version
    if theirs is not None and not _has_its_sources_version(package):
        version = _highest(package, Names.BINARY, ours, *([binary] if binary else ()))
        source_version = _highest(package, Names.SOURCE, theirs, *([source] if source else ()))
        return evolve(package, version=version, source_version=source_version)
    # A backport's next version is a backport too (rule 1b).
    wanted = [one + backport_suffix(package) for one in (binary, source and _with_epoch(package, source)) if one]
    highest = _highest(package, Names.BINARY, ours, *wanted)
    return package if highest == ours else evolve(package, version=highest, source_version=theirs and highest)


def _with_epoch(package: Package, source_version: str) -> str:
    """A source rpm's version with the epoch of the binary, where the source's cannot be known."""
    if package.type != "rpm" or not package.epoch_known or _epoch_known(package, Names.SOURCE):
        return source_version
    epoch, colon, _ = package.version.rpartition(":")
    return f"{epoch}{colon}{_without_epoch(source_version)}"


def _without_epoch(version: str) -> str:
    epoch, colon, rest = version.partition(":")
    return rest if colon and epoch.isdecimal() else version


def _has_its_sources_version(package: Package) -> bool:
    """Whether a binary package has its source's version, as far as its list shows their epochs."""
    ours, theirs = without_rebuild(package), package.source_version
    if theirs is None or _signed_kernel(package):
        return True
    if package.epoch_known and package.source_epoch_known:
        return ours.removeprefix("0:") == theirs.removeprefix("0:")
    return package.epoch_known >= package.source_epoch_known and _without_epoch(ours) == _without_epoch(theirs)


def _release_of(package: Package) -> object:
    """A key that packages of one source and one version share, with what is known of that version."""
    epochs = package.epoch_known, package.source_epoch_known
    beside = slot_of(package) is not None
    signed = _signed_source(package)
    source = (package.source_name, package.source_version) if signed is None else (signed, package.version)
    return package.type, source, package.version, epochs, beside


def _signed_source(package: Package) -> str | None:
    """The source of a signed kernel's modules and headers, for an image of Debian or Ubuntu. None for all else."""
    return _signed_kernel(package) if slot_of(package) is not None else None


def _signed_kernel(package: Package) -> str | None:
    """The source that advisories name for a signed kernel, whose version the package has. None for all else."""
    advised = _advised(package)
    return advised[0].name if advised and advised[0].naming is not Naming.ELSE else None


def _signs(package: Package) -> Sequence[AdvisedSource]:
    """The sources that a package signs and whose version stands behind numbers of its own."""
    return [one for one in _advised(package) if one.naming is Naming.ELSE]


def _advised(package: Package) -> Sequence[AdvisedSource]:
    if package.type != "deb":
        return ()
    return advised_sources(package.source_name or package.name, without_rebuild(package)) or ()


def _source_of(package: Package) -> str:
    if package.source_name is not None:
        return _signed_source(package) or package.source_name
    kernel = kernel_of(package) if slot_of(package) is not None else None
    return kernel.flavour or package.name if kernel is not None else package.name


def _boots(package: Package) -> bool:
    kernel = kernel_of(package)
    return kernel is not None and kernel.role is Role.KERNEL


def _plain_name(package: Package) -> str:
    slot = slot_of(package)
    return package.name if slot is None else slot[2]


def _of_distribution(packages: Iterable[Package], own: Distribution | None, policy: MatchPolicy) -> Iterable[Package]:
    """The packages of repositories that the feed's advisories are about (rule 13)."""
    if own is None or policy.include_third_party:
        return packages
    return (package for package in packages if not is_third_party(package, own))


# By name, and by architecture. None stands for any, with the place in the list.
_ByName = Mapping[tuple[str, str], Mapping[str | None, list[tuple[int, Package]]]]


def _by_name(packages: Iterable[Package]) -> _ByName:
    found: dict[tuple[str, str], dict[str | None, list[tuple[int, Package]]]] = {}
    for number, package in enumerate(packages):
        by_arch = found.setdefault((package.type, _plain_name(package)), {})
        by_arch.setdefault(_arch_of(package), []).append((number, package))
    return found


def _arch_of(package: Package) -> str | None:
    arch = package.arch
    return None if arch is None or arch in _ANY_ARCH else ARCH_ALIASES.get(arch, arch)


def _fits(package: Package, offered: Package) -> bool:
    """Whether a repository's package has the architecture and the module stream of the installed one."""
    same_arch = package.arch is None or offered.arch is None or arch_applies(offered.arch, (package.arch,))[0]
    return same_arch and module_applies(package.module, offered.module)[0]


_Age = tuple[bytes, bytes]


def _age(package: Package, epochs: bool) -> _Age:
    """Sorts versions of a package, with their epochs or without. What has no order comes first."""
    # A Debian kernel's release is in its name, and its version counts within the release.
    kernel = kernel_of(package) if package.type == "deb" else None
    release = kernel.release if kernel is not None else None
    return _key_or_none(package, release or "0", True), _key_or_none(package, package.version, epochs)


def _key_or_none(package: Package, version: str, epochs: bool) -> bytes:
    try:
        return version_key(version, SCHEME_OF_TYPE[package.type], epoch=epochs)
    except vercmp.InvalidVersion:
        return b""


def _restart(findings: Iterable[Finding]) -> Restart | None:
    found = {restart_after(finding) for finding in findings}
    return next((restart for restart in Restart if restart in found), None)


def _by_text(package: Package) -> tuple[str, str, str]:
    return package.name, package.arch or "", package.version
