"""Which installed package an earlier finding is about, and which current finding is the same one.

A finding is one instance and one vulnerability. An upgrade keeps the instance of most packages. Kernels install side by
side: they are paired by their *slot*, the name without release, of one architecture
(:func:`advisories.distros.kernels.slot_of`).
"""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from attrs import evolve, field, frozen

import vercmp
from advisories.distros.identity import instance_of
from advisories.distros.kernels import Role, kernel_of, slot_of
from advisories.index.feed import Feed
from advisories.index.records import version_key
from advisories.matching import rules
from advisories.models.assumptions import Assumption
from advisories.models.findings import Finding, Findings, PackageClass, Presence, Status
from advisories.models.nouns import outlined
from advisories.models.packages import SCHEME_OF_TYPE, Inventory, Package
from advisories.triage.baseline import Baseline

__all__ = ["Host", "Slot", "order"]

# Architectures that a list writes if it shows none, or if a package is of any.
_ANY_ARCH: Final = frozenset({None, "noarch", "all"})


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


@frozen
class Slot:
    """The current packages that stand in for one kernel package of the baseline.

    :ivar packages: those on disk, the latest last.
    :ivar own: the package of the baseline. None if it is not installed any more.
    :ivar runs: the one that runs. None where it is not known, or is none of them.
    :ivar boots: whether these are kernels, rather than headers.
    :ivar ran_on: whether ``uname -r`` names the kernel of the baseline.
    """

    packages: tuple[Package, ...] = field(repr=outlined)
    own: Package | None
    runs: Package | None
    boots: bool
    ran_on: bool


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
        self._slotted: Final[dict[tuple[str, str], list[Package]]] = {}
        for package in self.classes:
            self._by_instance.setdefault(instance_of(package), []).append(package)
            self._by_name.setdefault((package.type, package.name), []).append(package)
            slot = slot_of(package)
            if slot is not None and package.state.on_disk:
                self._slotted.setdefault((slot[0], slot[2]), []).append(package)
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
        self._slots: Final[dict[str, Slot]] = {}
        self._is_slotted: Final[dict[tuple[str, str], bool]] = {}

    # ---- findings ----

    def names_of(self, earlier: Finding) -> tuple[str, ...]:
        """The names that the vulnerability of an earlier finding may have now, its own first.

        A record without a CVE goes by the advisory's id until the advisory names one, and the other way round.
        """
        names = {earlier.vulnerability: None}
        own = self._feed.advisory(earlier.vulnerability)
        if own is not None:
            names |= dict.fromkeys(own.vulnerabilities)
        for id in earlier.advisories:
            advisory = self._feed.advisory(id)
            if advisory is not None and not advisory.cves:
                names[id] = None
        return tuple(names)

    def finding(self, earlier: Finding, package: Package) -> Finding | None:
        """The current finding of a package that is the same as an earlier one."""
        found = self._found.get(package)
        if not found:
            return None
        exact = found.get(earlier.vulnerability)
        if exact is not None:
            return exact
        return next((found[name] for name in self.names_of(earlier) if name in found), None)

    def same(self, earlier: Finding, current: Finding | None) -> Iterable[tuple[str, str]]:
        """The current instances and vulnerabilities that an earlier finding accounts for: they are not new.

        One that still stands accounts for its slot too: current kernels that are affected as the earlier one was.

        :param current: the finding that it is paired with.
        """
        yield earlier.instance, earlier.vulnerability
        if current is None:
            return
        packages = [current.package]
        if earlier.presence is not Presence.RESIDUAL and self.is_slotted(earlier):
            packages.extend(self.slot(earlier).packages)
        for package in packages:
            found = self._found.get(package)
            if found:
                names = (earlier.vulnerability,) if earlier.vulnerability in found else self.names_of(earlier)
                yield from ((found[name].instance, name) for name in names if name in found)

    def was_found(self, earlier: Finding, package: Package) -> bool:
        """Whether the baseline has the earlier finding's vulnerability for this package too."""
        return (instance_of(package), earlier.vulnerability) in self._keys

    # ---- packages ----

    def knows(self, earlier: Finding) -> bool:
        """Whether the package of an earlier finding is in the list in any state, or another of its slot is."""
        return (earlier.package.type, earlier.package.name) in self._by_name or bool(self._mates(earlier.package))

    def packages(self, earlier: Finding) -> Sequence[Package]:
        """The current package that an earlier finding is about: none, one, or several candidates."""
        same = self._by_instance.get(earlier.instance)
        if same:
            return (self._best(earlier, same),)
        named = self._by_name.get((earlier.package.type, earlier.package.name), [])
        named = [p for p in named if p.state.on_disk] or named
        unsure = earlier.package.arch in _ANY_ARCH
        named = [p for p in named if unsure or p.arch in _ANY_ARCH or p.arch == earlier.package.arch]
        instances = {instance_of(package) for package in named}
        if len(instances) == 1:
            # Of another place, or of an architecture that one of the lists does not show.
            moved = all(package.arch == earlier.package.arch for package in named)
            if not moved or len(self._earlier_instances[(earlier.package.type, earlier.package.name)]) == 1:
                return (self._best(earlier, named),)
            return ()
        return named if unsure and len({package.arch for package in named}) > 1 else ()

    def _best(self, earlier: Finding, same: Sequence[Package]) -> Package:
        """The best of packages with one identity: on disk and affected, so that nothing hides behind one that is free.
        Among these the earlier version, else the latest.
        """

        def rank(package: Package) -> tuple[bool, bool, bool, bool]:
            finding = self.finding(earlier, package)
            return (
                package.state.on_disk,
                finding is not None,
                package.version == earlier.package.version,
                finding is not None and finding.status is earlier.status,
            )

        # The latest is last, and wins a tie.
        return max(reversed(same), key=rank) if len(same) > 1 else same[0]

    def slot(self, earlier: Finding) -> Slot:
        """The packages that stand in for a kernel package of the baseline."""
        slot = self._slots.get(earlier.instance)
        if slot is None:
            before = earlier.package
            mates = self._mates(before)
            kernel = kernel_of(before)
            slot = self._slots[earlier.instance] = Slot(
                tuple(mates),
                None,
                next((p for p in mates if self.presences.get(p) is Presence.RUNNING), None),
                kernel is not None and kernel.role is Role.KERNEL,
                rules.presences([before], self.uname).get(before) is Presence.RUNNING,
            )
        own = [p for p in self._by_instance.get(earlier.instance, ()) if p.state.on_disk]
        own = own or [
            p for p in slot.packages if p.name == earlier.package.name and p.version == earlier.package.version
        ]
        return evolve(slot, own=self._best(earlier, own)) if own else slot

    def is_slotted(self, earlier: Finding) -> bool:
        """Whether an upgrade of its package leaves the version before it installed."""
        key = (earlier.package.type, earlier.package.name)
        if key not in self._is_slotted:
            self._is_slotted[key] = slot_of(earlier.package) is not None
        return self._is_slotted[key]

    def _mates(self, before: Package) -> list[Package]:
        slot = slot_of(before)
        mates = self._slotted.get((slot[0], slot[2]), []) if slot is not None else []
        mates = [package for package in mates if package.arch == before.arch or None in (package.arch, before.arch)]
        epoch = before.epoch_known and all(package.epoch_known for package in mates)

        def rank(package: Package) -> tuple[bytes, str]:
            try:
                key = version_key(package.version, SCHEME_OF_TYPE[package.type], epoch=epoch)
            except vercmp.InvalidVersion:
                key = b""
            return key, package.version

        return sorted(mates, key=rank)

    @property
    def is_running_listed(self) -> bool:
        """Whether some package of the list is the kernel that runs."""
        return Presence.RUNNING in self.presences.values()

    def is_affected(self, earlier: Finding, package: Package) -> bool:
        """Whether a package has the earlier finding's vulnerability now, for certain."""
        finding = self.finding(earlier, package)
        return finding is not None and finding.status is Status.AFFECTED

    def is_free(self, earlier: Finding, package: Package) -> bool:
        """Whether a package was compared and does not have the earlier finding's vulnerability now.

        One whose line of builds the feed does not know was compared with nothing (rule 0).
        """
        checked = (PackageClass.CLEAN, PackageClass.UNCHECKED, PackageClass.AFFECTED, PackageClass.UNDECIDABLE)
        is_known = Assumption.LINE_UNKNOWN not in self._assumed.get(package, ())
        return is_known and self.classes[package] in checked and self.finding(earlier, package) is None
