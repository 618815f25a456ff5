"""Which installed package of now an earlier finding is about, and which finding of now is the same one.

Identity is the instance and the vulnerability. An upgrade keeps the instance of most packages; kernels, which install
side by side, are paired by their *slot*: the name without release, of one architecture
(:func:`advisories.distros.kernels.slot_of`).
"""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from attrs import evolve, frozen

import vercmp
from advisories.distros.identity import instance_of
from advisories.distros.kernels import Role, kernel_of, slot_of
from advisories.index.feed import Feed
from advisories.index.records import version_key
from advisories.matching import rules
from advisories.models import SCHEME_OF_TYPE, Finding, Inventory, Package, PackageClass, Presence, Status
from advisories.models.findings import Findings
from advisories.triage.baseline import Baseline, EarlierFinding

__all__ = ["Host", "Slot", "order"]

# Architectures that a list writes where it tells none, or where a package is of any.
_ANY_ARCH: Final = frozenset({None, "noarch", "all"})


def order(type: str, ours: str, theirs: str, *, epoch: bool) -> int | None:
    """-1, 0 or 1, as one version of a package is earlier than another, equal or later; None where there is no order.

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
    """The packages of now that stand in for one kernel package of then.

    :ivar packages: those on disk, the latest last.
    :ivar own: the one that was installed then; None where it is not any more.
    :ivar runs: the one that runs; None where it is not known, or is none of them.
    :ivar boots: whether these are kernels, rather than headers.
    :ivar ran_on: whether ``uname -r`` names the kernel of then.
    """

    packages: tuple[Package, ...]
    own: Package | None
    runs: Package | None
    boots: bool
    ran_on: bool


class Host:
    """A host as it is matched now, asked for what earlier findings are about."""

    def __init__(self, baseline: Baseline, inventory: Inventory, findings: Findings, feed: Feed) -> None:
        self._feed: Final = feed
        self.uname: Final = inventory.running_kernel
        #: Every package with its class, in an order that does not hang on the list's.
        self.classes: Final[Mapping[Package, PackageClass]] = MappingProxyType(dict(findings.coverage.classes))
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
        self._then: Final[dict[tuple[str, str], set[str]]] = {}
        for earlier in baseline.findings:
            self._then.setdefault((earlier.type, earlier.name), set()).add(earlier.instance)
        self._keys: Final = {(earlier.instance, earlier.vulnerability) for earlier in baseline.findings}
        self._slots: Final[dict[str, Slot]] = {}
        self._is_slotted: Final[dict[tuple[str, str], bool]] = {}

    # ---- findings ----

    def findings_of(self, package: Package) -> Sequence[Finding]:
        """The findings of a package."""
        return tuple(self._found.get(package, {}).values())

    def names_of(self, earlier: EarlierFinding) -> tuple[str, ...]:
        """What the vulnerability of an earlier finding may be called now, its own name first.

        A record without a CVE is called by the advisory's id until the advisory names one; and the other way round.
        """
        names = {earlier.vulnerability: None}
        own = self._feed.advisory(earlier.vulnerability)
        if own is not None:
            names |= dict.fromkeys(own.vulnerabilities)
        for notice in earlier.notices:
            advisory = self._feed.advisory(notice)
            if advisory is not None and not advisory.cves:
                names[notice] = None
        return tuple(names)

    def finding(self, earlier: EarlierFinding, package: Package) -> Finding | None:
        """The finding of a package that is the earlier one's."""
        found = self._found.get(package)
        if not found:
            return None
        exact = found.get(earlier.vulnerability)
        if exact is not None:
            return exact
        return next((found[name] for name in self.names_of(earlier) if name in found), None)

    def same(self, earlier: EarlierFinding, now: Finding | None) -> Iterable[tuple[str, str]]:
        """The instances and vulnerabilities of now that an earlier finding accounts for: they are not new.

        One that still stands accounts for its slot too: kernels of now that are affected as the one of then was.

        :param now: the finding that it was paired with.
        """
        yield earlier.instance, earlier.vulnerability
        if now is None:
            return
        packages = [now.package]
        if earlier.presence is not Presence.RESIDUAL and self.is_slotted(earlier):
            packages.extend(self.slot(earlier).packages)
        for package in packages:
            found = self._found.get(package)
            if found:
                names = (earlier.vulnerability,) if earlier.vulnerability in found else self.names_of(earlier)
                yield from ((found[name].instance, name) for name in names if name in found)

    def was_found(self, earlier: EarlierFinding, package: Package) -> bool:
        """Whether the baseline has the earlier finding's vulnerability for this package too."""
        return (instance_of(package), earlier.vulnerability) in self._keys

    # ---- packages ----

    def knows(self, earlier: EarlierFinding) -> bool:
        """Whether the package of an earlier finding is in the list in any state, or another of its slot is."""
        return (earlier.type, earlier.name) in self._by_name or bool(self._mates(earlier.package))

    def packages(self, earlier: EarlierFinding) -> Sequence[Package]:
        """The package of now that an earlier finding is about: none, one, or several that cannot be told apart."""
        same = self._by_instance.get(earlier.instance)
        if same:
            return (self._best(earlier, same),)
        named = self._by_name.get((earlier.type, earlier.name), [])
        named = [p for p in named if p.state.on_disk] or named
        unsure = earlier.arch in _ANY_ARCH
        named = [p for p in named if unsure or p.arch in _ANY_ARCH or p.arch == earlier.arch]
        instances = {instance_of(package) for package in named}
        if len(instances) == 1:
            # Of another place, or of an architecture that one of the lists does not tell.
            moved = all(package.arch == earlier.arch for package in named)
            if not moved or len(self._then[(earlier.type, earlier.name)]) == 1:
                return (self._best(earlier, named),)
            return ()
        return named if unsure and len({package.arch for package in named}) > 1 else ()

    def _best(self, earlier: EarlierFinding, same: Sequence[Package]) -> Package:
        """Of packages that have one identity: on disk and affected, so that nothing hides behind one that is free; then
        of the version of then, else the latest.
        """

        def rank(package: Package) -> tuple[bool, bool, bool, bool]:
            finding = self.finding(earlier, package)
            return (
                package.state.on_disk,
                finding is not None,
                package.version == earlier.version,
                finding is not None and finding.status is earlier.status,
            )

        # The latest is last, and counts where nothing else does.
        return max(reversed(same), key=rank) if len(same) > 1 else same[0]

    def slot(self, earlier: EarlierFinding) -> Slot:
        """What stands in for a kernel package of then."""
        slot = self._slots.get(earlier.instance)
        if slot is None:
            then = earlier.package
            mates = self._mates(then)
            kernel = kernel_of(then)
            slot = self._slots[earlier.instance] = Slot(
                tuple(mates),
                None,
                next((p for p in mates if self.presences.get(p) is Presence.RUNNING), None),
                kernel is not None and kernel.role is Role.KERNEL,
                rules.presences([then], self.uname).get(then) is Presence.RUNNING,
            )
        own = [p for p in self._by_instance.get(earlier.instance, ()) if p.state.on_disk]
        own = own or [p for p in slot.packages if p.name == earlier.name and p.version == earlier.version]
        return evolve(slot, own=self._best(earlier, own)) if own else slot

    def is_slotted(self, earlier: EarlierFinding) -> bool:
        """Whether an upgrade of its package leaves the version before it installed."""
        key = (earlier.type, earlier.name)
        if key not in self._is_slotted:
            self._is_slotted[key] = slot_of(earlier.package) is not None
        return self._is_slotted[key]

    def _mates(self, then: Package) -> list[Package]:
        slot = slot_of(then)
        mates = self._slotted.get((slot[0], slot[2]), []) if slot is not None else []
        mates = [package for package in mates if package.arch == then.arch or None in (package.arch, then.arch)]
        epoch = then.epoch_known and all(package.epoch_known for package in mates)

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

    def is_affected(self, earlier: EarlierFinding, package: Package) -> bool:
        """Whether a package has the earlier finding's vulnerability now, for certain."""
        finding = self.finding(earlier, package)
        return finding is not None and finding.status is Status.AFFECTED

    def is_free(self, earlier: EarlierFinding, package: Package) -> bool:
        """Whether a package was judged and has not got the earlier finding's vulnerability now."""
        judged = (PackageClass.CLEAN, PackageClass.AFFECTED, PackageClass.UNDECIDABLE)
        return self.classes[package] in judged and self.finding(earlier, package) is None
