"""Whether what was read of a root or an image is all that is installed there (rule 0).

A list of languages alone, and a list from which a layer is missing, look like whole ones. So each package of them has
an assumption: ``inventory-partial`` where something shows that more is installed, and ``system-unknown`` where nothing
shows a system at all, as in an image from scratch.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from advisories.distros.identity import identified
from advisories.models.assumptions import Assumption
from advisories.models.distribution import Distribution, family_of
from advisories.models.errors import UnreadableSource
from advisories.models.frozen import evolve
from advisories.models.packages import Inventory, Package
from advisories.models.reading import Rejection
from advisories.readers.collector import Collector
from advisories.readers.inventories.root_release import distribution_of_root
from advisories.sources.tree import Kind, Tree

__all__ = ["doubted", "of_another_system", "see_others", "sign_of_system", "with_rejections"]

# Entries of a folder. More are packages as well.
_MOST: Final = 1 << 20
# What a distribution or its package manager has, also of those that have no reader here. The first one is named.
_SIGNS: Final = (
    *(b"etc/os-release", b"usr/lib/os-release", b"etc/debian_version", b"etc/alpine-release", b"etc/redhat-release"),
    *(b"var/lib/dpkg", b"etc/dpkg", b"etc/apt", b"var/lib/apt", b"usr/bin/dpkg"),
    *(b"lib/apk", b"usr/lib/apk", b"etc/apk", b"sbin/apk", b"usr/bin/apk"),
    *(b"var/lib/rpm", b"usr/lib/sysimage/rpm", b"usr/share/rpm", b"usr/lib/rpm", b"etc/rpm", b"usr/bin/rpm"),
    *(b"var/lib/rpmmanifest", b"etc/yum.repos.d", b"etc/distro.repos.d", b"etc/yum.conf", b"etc/dnf", b"etc/zypp"),
    *(b"var/lib/pacman", b"etc/pacman.conf", b"var/db/pkg", b"etc/portage", b"var/lib/opkg", b"usr/lib/opkg"),
    *(b"nix/store", b"gnu/store", b"var/lib/snapd", b"sysroot/ostree", b"ostree/repo", b"var/lib/xbps", b"var/db/xbps"),
    *(b"var/lib/eopkg", b"var/log/packages", b"var/lib/pkgtools"),
)
# What other managers of packages have where packages of theirs are, which have no reader here.
_OTHERS: Final = (
    ("Nix", b"nix/store"),
    ("Guix", b"gnu/store"),
    ("snaps", b"var/lib/snapd/snaps"),
    ("Flatpak", b"var/lib/flatpak/app"),
    ("Homebrew", b"home/linuxbrew/.linuxbrew/Cellar"),
    ("opkg", b"usr/lib/opkg/status"),
    ("Pacman", b"var/lib/pacman/local"),
    ("Portage", b"var/db/pkg"),
)


def see_others(tree: Tree, collector: Collector) -> None:
    """Count the managers of packages that have packages in a root, and no reader here.

    A place that cannot be looked at is rejected: nobody knows whether there are any.
    """
    for name, place in _OTHERS:
        try:
            status = tree.stat(place)
            if status is not None and (status.kind is not Kind.FOLDER or tree.entries(place, _MOST)):
                collector.skip(f"packages of {name} ({place.decode()}): not read here")
        except UnreadableSource as error:
            collector.reject("-", f"packages of {name} ({place.decode()})", error.why)


def sign_of_system(tree: Tree) -> str | None:
    """What shows that a root has a system, whose packages are there without being listed. None where nothing does."""
    for name in _SIGNS:
        try:
            if tree.stat(name) is not None:
                return name.decode()
        except UnreadableSource as error:
            return f"{name.decode()} ({error.why})"
    return distribution_of_root(tree)[1]


def of_another_system(distribution: Distribution | None, packages: Iterable[Package]) -> str | None:
    """Why these packages are not those of the root's distribution: none is of its type. None where one is.

    :param packages: those of the system.
    """
    family = None if distribution is None else family_of(distribution)
    types = sorted({package.type for package in packages if package.state.on_disk})
    if family is None or family.type in types:
        return None
    return f"{distribution} has packages of type {family.type}. The root has none of these, but of {', '.join(types)}"


def doubted(inventory: Inventory, doubt: Assumption) -> Inventory:
    """An inventory of which each package has an assumption."""
    packages = [evolve(package, doubts=package.doubts | {doubt}) for package in inventory.packages]
    return evolve(inventory, packages=identified(tuple(packages)))


def with_rejections(inventory: Inventory, rejections: Sequence[Rejection]) -> Inventory:
    """An inventory that is not whole, for these reasons. As it is where there are none."""
    if not rejections:
        return inventory
    assert inventory.report is not None  # it was read
    collector = Collector(inventory.source)
    for rejection in rejections:
        collector.take(rejection)
    collector.absorb(inventory.report)
    return doubted(evolve(inventory, report=collector.report(inventory.format)), Assumption.INVENTORY_PARTIAL)
