"""Which installed package an earlier finding is about, and which current finding is the same one.

A finding is one instance and one vulnerability. An upgrade keeps the instance of most packages. Kernels install side by
side: they are paired by their *slot*, the name without release, of one architecture
(:func:`advisories.distros.kernels.slot_of`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from types import MappingProxyType
from typing import Final

import vercmp
from advisories.distros.identity import instance_of
from advisories.distros.kernels import Role, kernel_of, slot_of
from advisories.index.feed import Feed
from advisories.index.records import lower_case, version_key
from advisories.matching import rules
from advisories.models.assumptions import Assumption
from advisories.models.findings import Finding, Findings, PackageClass, Presence, Status
from advisories.models.frozen import evolve, field, frozen
from advisories.models.nouns import outlined
from advisories.models.packages import SCHEME_OF_TYPE, Inventory, Package
from advisories.triage.baseline import Baseline

__all__ = ["Host", "Slot", "order"]

# Architectures that a list writes if it shows none, or if a package is of any.
_ANY_ARCH: Final = frozenset({None, "noarch", "all"})
# How many architectures are named.
_SHOWN: Final = 8
_CHECKED: Final = (PackageClass.CLEAN, PackageClass.UNCHECKED, PackageClass.AFFECTED, PackageClass.UNDECIDABLE)


def order(type: str, ours: str, theirs: str, *, epoch: bool) -> int | None:
    """-1, 0 or 1: one version of a package is earlier than another, equal or later. None where there is no order.

    :param epoch: False leaves the epochs out on both sides (rule 4).
    """
    if ours == theirs:
        return 0
    try:
        keys = [version_key(version, SCHEME_OF_TYPE[type], epoch=epoch) for version in (ours, theirs)]
    except (KeyError, vercmp.InvalidVersion):
        return None
    return (keys[0] > keys[1]) - (keys[0] < keys[1])


class _Among:
    """Packages in an order, looked up by what was found there: not each for each earlier finding."""

    def __init__(
        self,
        packages: Sequence[Package],
        found: Mapping[Package, Mapping[str, Finding]],
        is_checked: Callable[[Package], bool],
    ) -> None:
        self.packages: Final = packages
        self._found: Final = found
        self._having: Final[dict[str, list[int]]] = {}
        for place, package in enumerate(packages):
            for name in found.get(package, ()):
                self._having.setdefault(name, []).append(place)
        self._checked: Final = [place for place, package in enumerate(packages) if is_checked(package)]
        self._by_names: Final[dict[tuple[str, ...], Mapping[int, Finding]]] = {}
        self._called: Final[dict[tuple[str, ...], frozenset[str]]] = {}
        self._free: Final[dict[tuple[str, ...], Package | None]] = {}
        self._affected: Final[dict[tuple[str, ...], Package | None]] = {}
        self._bests: Final[dict[tuple[str, ...], dict[tuple[str | None, Status | None], Package]]] = {}

    def having(self, names: "_Names") -> Mapping[int, Finding]:
        """The places of those with a finding that has one of these names, with the first by the order of names."""
        if names.all not in self._by_names:
            found: dict[int, Finding] = {}
            for name in names.of(self._having):
                for place in self._having[name]:
                    found.setdefault(place, self._found[self.packages[place]][name])
            self._by_names[names.all] = found
        return self._by_names[names.all]

    def accounted(self, names: "_Names") -> Iterator[tuple[str, str]]:
        """The instances and vulnerabilities of all that has one of these names. The first name goes alone."""
        first = set(self._having.get(names.all[0], ()))
        for name in names.of(self._having):
            for place in self._having[name]:
                if name == names.all[0] or place not in first:
                    yield self._found[self.packages[place]][name].instance, name

    def called(self, names: "_Names") -> frozenset[str]:
        """Those of the names that it accounts for."""
        if names.all not in self._called:
            self._called[names.all] = frozenset(name for _, name in self.accounted(names))
        return self._called[names.all]

    def last_free(self, names: "_Names") -> Package | None:
        """The last one that was compared and has no such finding."""
        if names.all not in self._free:
            having = self.having(names)
            place = next((place for place in reversed(self._checked) if place not in having), None)
            self._free[names.all] = None if place is None else self.packages[place]
        return self._free[names.all]

    def last_affected(self, names: "_Names") -> Package | None:
        """The last one that has such a finding for certain."""
        if names.all not in self._affected:
            found = self.having(names)
            place = max((place for place, one in found.items() if one.status is Status.AFFECTED), default=None)
            self._affected[names.all] = None if place is None else self.packages[place]
        return self._affected[names.all]

    def best(self, earlier: Finding, names: "_Names") -> Package:
        """The best of packages with one identity: affected, so that nothing hides behind one that is free. Among these
        the earlier version, and the earlier status, else the last.
        """
        if len(self.packages) == 1:
            return self.packages[0]
        if names.all not in self._bests:
            # The last of each version and status wins. None stands for any.
            bests: dict[tuple[str | None, Status | None], Package] = {}
            found = sorted(self.having(names).items())
            rows: list[tuple[Package, Status | None]] = [
                (self.packages[place], one.status) for place, one in found
            ] or [(one, None) for one in self.packages]
            for package, status in rows:
                for version in (package.version, None):
                    bests[version, status] = bests[version, None] = package
            self._bests[names.all] = bests
        bests, version = self._bests[names.all], earlier.package.version
        wanted = ((version, earlier.status), (version, None), (None, earlier.status), (None, None))
        return next(bests[key] for key in wanted if key in bests)


@frozen
class _Names:
    """The names of a vulnerability, in their order."""

    all: tuple[str, ...]
    _places: Mapping[str, int]

    @classmethod
    def among(cls, names: Iterable[str]) -> "_Names":
        every = tuple(dict.fromkeys(names))
        return cls(every, {name: place for place, name in enumerate(every)})

    def of(self, found: Mapping[str, object]) -> Iterable[str]:
        """Those that are found, in their order. As much work as there are of the fewer."""
        if len(self.all) <= len(found):
            return [name for name in self.all if name in found]
        return sorted((name for name in found if name in self._places), key=self._places.__getitem__)


class _Shelf(_Among):
    """Packages of one slot, the latest last."""

    def __init__(
        self,
        ranked: Sequence[tuple["_Rank", Package]],
        found: Mapping[Package, Mapping[str, Finding]],
        is_checked: Callable[[Package], bool],
        presences: Mapping[Package, Presence],
    ) -> None:
        super().__init__([package for _, package in ranked], found, is_checked)
        self.ranks: Final = {package: rank for rank, package in ranked}
        self.runs: Final = next((one for one in self.packages if presences.get(one) is Presence.RUNNING), None)
        self.by_version: Final[dict[tuple[str, str], list[Package]]] = {}
        for package in self.packages:
            self.by_version.setdefault((package.name, package.version), []).append(package)


# The version's key and text, and the place in the list.
_Rank = tuple[bytes, str, int]


@frozen
class Slot:
    """The current packages that stand in for one kernel package of the baseline.

    :ivar shelves: those on disk, by architecture.
    :ivar own: the package of the baseline. None if it is not installed any more.
    :ivar runs: the one that runs. None where it is not known, or is none of them.
    :ivar boots: whether these are kernels, rather than headers.
    :ivar ran_on: whether ``uname -r`` names the kernel of the baseline.
    """

    shelves: tuple[_Shelf, ...] = field(repr=outlined)
    own: Package | None
    runs: Package | None
    boots: bool
    ran_on: bool

    @property
    def latest(self) -> Package | None:
        """The package of the latest version."""
        return self.last([shelf.packages[-1] for shelf in self.shelves])

    def last(self, packages: Iterable[Package | None]) -> Package | None:
        """The last of these, which are on the shelves."""
        found = [(shelf.ranks[one], one) for shelf in self.shelves for one in packages if one in shelf.ranks]
        return max(found, key=lambda one: one[0])[1] if found else None


class Host:
    """The current match of a host, looked up by earlier findings."""

    def __init__(self, baseline: Baseline, inventory: Inventory, findings: Findings, feed: Feed) -> None:
        self._feed: Final = feed
        self.uname: Final = inventory.running_kernel
        #: Every package with its class. The order does not depend on the list's.
        self.classes: Final[Mapping[Package, PackageClass]] = MappingProxyType(dict(findings.coverage.classes))
        self._assumed: Final = findings.coverage.assumed
        self._by_instance: Final[dict[str, list[Package]]] = {}
        self._by_name: Final[dict[tuple[str, str], list[Package]]] = {}
        self._slotted: Final[dict[tuple[str, str], dict[str | None, list[tuple[int, Package]]]]] = {}
        for number, package in enumerate(self.classes):
            self._by_instance.setdefault(instance_of(package), []).append(package)
            self._by_name.setdefault((package.type, package.name), []).append(package)
            slot = slot_of(package)
            if slot is not None and package.state.on_disk:
                by_arch = self._slotted.setdefault((slot[0], slot[2]), {})
                by_arch.setdefault(package.arch, []).append((number, package))
        #: Where each kernel stands, those without a finding too.
        self.presences: Final = rules.presences((p for p in self.classes if p.state.on_disk), self.uname)
        self._found: Final[dict[Package, dict[str, Finding]]] = {}
        for finding in findings:
            self._found.setdefault(finding.package, {})[finding.vulnerability] = finding
        self._earlier_instances: Final[dict[tuple[str, str], set[str]]] = {}
        earlier_findings = (*baseline.findings, *baseline.suppressed)
        for earlier in earlier_findings:
            self._earlier_instances.setdefault((earlier.package.type, earlier.package.name), set()).add(
                earlier.instance
            )
        self._keys: Final = {(earlier.instance, earlier.vulnerability) for earlier in earlier_findings}
        #: Whether some package of the list is the kernel that runs.
        self.is_running_listed: Final = Presence.RUNNING in self.presences.values()
        self._lower: dict[tuple[str, str], str] | None = None
        self._slots: Final[dict[str, tuple[Slot, object, Sequence[Package]]]] = {}
        self._same_version: Final[dict[object, Sequence[Package]]] = {}
        self._is_slotted: Final[dict[tuple[str, str], bool]] = {}
        self._shelves: Final[dict[tuple[str, str, str | None, bool, bool], _Shelf]] = {}
        self._epochs: Final[dict[tuple[str, str, str | None, bool], bool]] = {}
        self._among: Final[dict[object, _Among]] = {}
        self._named: Final[dict[tuple[str, str, str | None], tuple[Sequence[Package], bool]]] = {}
        self._arches: Final[dict[int, tuple[Sequence[Package], str]]] = {}
        self._names: Final[dict[tuple[str, tuple[str, ...]], _Names]] = {}

    # ---- findings ----

    def names_of(self, earlier: Finding) -> _Names:
        """The names that the vulnerability of an earlier finding may have now, its own first.

        A record without a CVE goes by the advisory's id until the advisory names one, and the other way round.
        """
        key = earlier.vulnerability, earlier.advisories
        if key not in self._names:
            self._names[key] = _Names.among(self._names_now(earlier))
        return self._names[key]

    def _names_now(self, earlier: Finding) -> Iterator[str]:
        yield earlier.vulnerability
        own = self._feed.advisory(earlier.vulnerability)
        if own is not None:
            yield from own.vulnerabilities
        for id in earlier.advisories:
            advisory = self._feed.advisory(id)
            if advisory is not None and not advisory.cves:
                yield id

    def finding(self, earlier: Finding, package: Package) -> Finding | None:
        """The current finding of a package that is the same as an earlier one."""
        found = self._found.get(package)
        if not found:
            return None
        exact = found.get(earlier.vulnerability)
        if exact is not None:
            return exact
        return next((found[name] for name in self.names_of(earlier).of(found)), None)

    def _same(self, earlier: Finding, package: Package) -> Iterator[tuple[str, str]]:
        """The instance and the vulnerabilities of a package that an earlier finding accounts for."""
        found = self._found.get(package)
        if found:
            names = (earlier.vulnerability,) if earlier.vulnerability in found else self.names_of(earlier).of(found)
            yield from ((found[name].instance, name) for name in names)

    def accounted(self, pairs: Iterable[tuple[Finding, Finding | None]]) -> set[tuple[str, str]]:
        """The current instances and vulnerabilities that earlier findings account for: they are not new.

        One that still stands accounts for its slot too: current kernels that are affected as the earlier one was.

        :param pairs: the earlier findings, each with the finding that it is paired with.
        """
        known: set[tuple[str, str]] = set()
        done: set[tuple[int, tuple[str, ...]]] = set()
        for earlier, current in pairs:
            known.add((earlier.instance, earlier.vulnerability))
            if current is None:
                continue
            known.update(self._same(earlier, current.package))
            names = self.names_of(earlier)
            for shelf in self._beside(earlier):
                if (id(shelf), names.all) not in done:
                    done.add((id(shelf), names.all))
                    known.update(shelf.accounted(names))
        return known

    def called(self, earlier: Finding, package: Package) -> set[str]:
        """The names that an earlier finding's vulnerability has now, of a package and of its slot."""
        names = self.names_of(earlier)
        shown = {name for _, name in self._same(earlier, package)}
        return shown.union(*(shelf.called(names) for shelf in self._beside(earlier)))

    def _beside(self, earlier: Finding) -> tuple[_Shelf, ...]:
        is_one = earlier.presence is Presence.RESIDUAL or not self.is_slotted(earlier)
        return () if is_one else self.slot(earlier).shelves

    def was_found(self, earlier: Finding, package: Package) -> bool:
        """Whether the baseline has the earlier finding's vulnerability for this package too."""
        return (instance_of(package), earlier.vulnerability) in self._keys

    # ---- packages ----

    def knows(self, earlier: Finding) -> bool:
        """Whether the package of an earlier finding is in the list in any state, or another of its slot is."""
        return (earlier.package.type, earlier.package.name) in self._by_name or bool(self._shelves_of(earlier.package))

    def in_other_case(self, earlier: Finding) -> str | None:
        """The name of a listed package that differs from an earlier one's in upper and lower case alone, or None."""
        if self._lower is None:
            self._lower = {(type, lower_case(name)): name for type, name in self._by_name}
        found = self._lower.get((earlier.package.type, lower_case(earlier.package.name)))
        return None if found == earlier.package.name else found

    def packages(self, earlier: Finding) -> Sequence[Package]:
        """The current package that an earlier finding is about: none, one, or several candidates."""
        same = self._by_instance.get(earlier.instance)
        if same:
            return (self._best(earlier, earlier.instance, same),)
        package = earlier.package
        key = package.type, package.name, package.arch
        if key not in self._named:
            self._named[key] = self._candidates(*key)
        named, is_one = self._named[key]
        return (self._best(earlier, key, named),) if is_one else named

    def arches(self, packages: Sequence[Package]) -> str:
        """The architectures of several candidates: a few of them, and how many more there are."""
        number = id(packages)
        if number not in self._arches:
            arches = sorted({package.arch or "-" for package in packages})
            more = len(arches) - _SHOWN
            text = ", ".join(arches[:_SHOWN])
            # Kept with them, so that their identity stays their own.
            self._arches[number] = packages, text if more <= 0 else f"{text} and {more} more"
        return self._arches[number][1]

    def _candidates(self, type: str, name: str, arch: str | None) -> tuple[Sequence[Package], bool]:
        """The packages of a name that may be of an architecture, and whether they are all one."""
        named = self._by_name.get((type, name), [])
        named = [p for p in named if p.state.on_disk] or named
        unsure = arch in _ANY_ARCH
        named = [p for p in named if unsure or p.arch in _ANY_ARCH or p.arch == arch]
        instances = {instance_of(package) for package in named}
        if len(instances) == 1:
            # Of another place, or of an architecture that one of the lists does not show.
            moved = all(package.arch == arch for package in named)
            if not moved or len(self._earlier_instances[type, name]) == 1:
                return named, True
            return (), False
        return (named if unsure and len({package.arch for package in named}) > 1 else ()), False

    def _best(self, earlier: Finding, key: object, same: Sequence[Package]) -> Package:
        """The best of packages with one identity: on disk, and see :meth:`_Among.best`.

        :param key: that these packages have.
        """
        if len(same) == 1:
            return same[0]
        if key not in self._among:
            # The latest is last.
            self._among[key] = _Among([p for p in same if p.state.on_disk] or same, self._found, self._is_checked)
        return self._among[key].best(earlier, self.names_of(earlier))

    def slot(self, earlier: Finding) -> Slot:
        """The packages that stand in for a kernel package of the baseline."""
        if earlier.instance not in self._slots:
            self._slots[earlier.instance] = self._slot(earlier.package, earlier.instance)
        slot, key, own = self._slots[earlier.instance]
        return slot if len(own) < 2 else evolve(slot, own=self._best(earlier, key, own))

    def _slot(self, before: Package, instance: str) -> tuple[Slot, object, Sequence[Package]]:
        """The slot of a package of the baseline, and what may be that package, with a key of it. One alone is it."""
        shelves = self._shelves_of(before)
        running = [(shelf.ranks[shelf.runs], shelf.runs) for shelf in shelves if shelf.runs is not None]
        kernel = kernel_of(before)
        key: object = instance, "on disk"
        own: Sequence[Package] = [p for p in self._by_instance.get(instance, ()) if p.state.on_disk]
        if not own:
            key = tuple(map(id, shelves)), before.name, before.version
            if key not in self._same_version:
                version = before.name, before.version
                self._same_version[key] = [p for shelf in shelves for p in shelf.by_version.get(version, ())]
            own = self._same_version[key]
        slot = Slot(
            shelves,
            own[0] if len(own) == 1 else None,
            min(running, key=lambda one: one[0])[1] if running else None,
            kernel is not None and kernel.role is Role.KERNEL,
            rules.presences([before], self.uname).get(before) is Presence.RUNNING,
        )
        return slot, key, own

    def is_slotted(self, earlier: Finding) -> bool:
        """Whether an upgrade of its package leaves the version before it installed."""
        key = (earlier.package.type, earlier.package.name)
        if key not in self._is_slotted:
            self._is_slotted[key] = slot_of(earlier.package) is not None
        return self._is_slotted[key]

    def _shelves_of(self, before: Package) -> tuple[_Shelf, ...]:
        """The packages of the slot of an earlier one, of its architecture or of one that a list does not show."""
        slot = slot_of(before)
        by_arch = self._slotted.get((slot[0], slot[2])) if slot is not None else None
        if slot is None or by_arch is None:
            return ()
        shelves: list[tuple[str, str, str | None, bool]] = [(slot[0], slot[2], None, True)]
        if before.arch is not None:
            shelves = [(slot[0], slot[2], arch, False) for arch in (before.arch, None) if arch in by_arch]
        epoch = before.epoch_known and all(self._shows_epochs(*key) for key in shelves)
        return tuple(self._shelf(*key, epoch) for key in shelves)

    def _on_shelf(self, type: str, slot: str, arch: str | None, is_whole: bool) -> Iterable[tuple[int, Package]]:
        by_arch = self._slotted[type, slot]
        return chain.from_iterable(by_arch.values()) if is_whole else by_arch[arch]

    def _shows_epochs(self, type: str, slot: str, arch: str | None, is_whole: bool) -> bool:
        key = type, slot, arch, is_whole
        if key not in self._epochs:
            self._epochs[key] = all(package.epoch_known for _, package in self._on_shelf(*key))
        return self._epochs[key]

    def _shelf(self, type: str, slot: str, arch: str | None, is_whole: bool, epoch: bool) -> _Shelf:
        key = type, slot, arch, is_whole, epoch
        if key not in self._shelves:

            def rank(number: int, package: Package) -> _Rank:
                try:
                    version = version_key(package.version, SCHEME_OF_TYPE[package.type], epoch=epoch)
                except vercmp.InvalidVersion:
                    version = b""
                return version, package.version, number

            ranked = [(rank(*one), one[1]) for one in self._on_shelf(type, slot, arch, is_whole)]
            ranked.sort(key=lambda one: one[0])
            self._shelves[key] = _Shelf(ranked, self._found, self._is_checked, self.presences)
        return self._shelves[key]

    def last_free(self, earlier: Finding, slot: Slot) -> Package | None:
        """The latest package of a slot that was compared and does not have the earlier finding's vulnerability now."""
        names = self.names_of(earlier)
        return slot.last([shelf.last_free(names) for shelf in slot.shelves])

    def last_affected(self, earlier: Finding, slot: Slot) -> Package | None:
        """The latest package of a slot that has the earlier finding's vulnerability now, for certain."""
        names = self.names_of(earlier)
        return slot.last([shelf.last_affected(names) for shelf in slot.shelves])

    def is_affected(self, earlier: Finding, package: Package) -> bool:
        """Whether a package has the earlier finding's vulnerability now, for certain."""
        finding = self.finding(earlier, package)
        return finding is not None and finding.status is Status.AFFECTED

    def is_free(self, earlier: Finding, package: Package) -> bool:
        """Whether a package was compared and does not have the earlier finding's vulnerability now.

        One whose line of builds the feed does not know was compared with nothing (rule 0).
        """
        return self._is_checked(package) and self.finding(earlier, package) is None

    def _is_checked(self, package: Package) -> bool:
        return self.classes[package] in _CHECKED and Assumption.LINE_UNKNOWN not in self._assumed.get(package, ())
