"""Rule 11: where kernels stand beside the running one."""

from collections import Counter
from collections.abc import Iterable, Mapping

import vercmp
from advisories.distros.kernels import Role, kernel_of, running, slot_of
from advisories.models.findings import Presence
from advisories.models.packages import SCHEME_OF_TYPE, Package

__all__ = ["pending_restarts", "presences", "same_slot"]


def presences(packages: Iterable[Package], uname: str | None) -> dict[Package, Presence]:
    """Rule 11: where each kernel stands beside the running one. Packages that are no kernel are left out.

    ``uname -r`` shows no epoch, so epochs are not compared.
    """
    found: dict[Package, Presence] = {}
    for package in packages:
        kernel = kernel_of(package)
        if kernel is None or kernel.role is not Role.KERNEL or kernel.release is None:
            continue
        found[package] = Presence.UNKNOWN
        if uname is None:
            continue
        current = running(uname, package.type)
        try:
            shown = current.as_shown(kernel.release)
            order = vercmp.compare(shown, current.release, scheme=SCHEME_OF_TYPE[package.type])
        except vercmp.InvalidVersion:
            continue
        same_line = kernel.flavour == current.flavour and current.arch in (None, package.arch)
        if order == 0 and same_line:
            found[package] = Presence.RUNNING
        else:
            found[package] = Presence.RESIDUAL if order < 0 else Presence.STANDBY
    return found


def same_slot(package: Package, other: Package) -> bool:
    """Rule 11: whether two kernel packages replace each other at the next boot."""
    slot = slot_of(package)
    return slot is not None and slot == slot_of(other)


def pending_restarts(
    presences: Mapping[Package, Presence], vulnerabilities: Mapping[Package, Iterable[str]]
) -> frozenset[tuple[Package, str]]:
    """Rule 11: the findings of a running kernel that a restart clears, because a standby kernel is free of them.

    :param vulnerabilities: of each kernel.
    """
    standby: dict[object, list[Package]] = {}
    for package, presence in presences.items():
        slot = slot_of(package) if presence is Presence.STANDBY else None
        if slot is not None:
            standby.setdefault(slot, []).append(package)
    # How many of a slot have each vulnerability. One that not all have, some standby kernel is free of.
    having = {
        slot: Counter(name for package in packages for name in set(vulnerabilities[package]))
        for slot, packages in standby.items()
    }
    return frozenset(
        (package, name)
        for package, presence in presences.items()
        if presence is Presence.RUNNING and (slot := slot_of(package)) in standby
        for name in set(vulnerabilities[package])
        if having[slot][name] < len(standby[slot])
    )
