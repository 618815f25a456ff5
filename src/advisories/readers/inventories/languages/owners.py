"""Which files of languages belong to packages of the system, and which of them are judged as that package, once.

Those of a package that the distribution built are: its advisories know them. Those of anybody else's package are not,
since nobody's advisories of packages of the system would. Where nothing shows who built a package, it counts as the
distribution's, which is an assumption. It does not in folders where no distribution's package has files, nor for
programs of a deb: vendors bring these in the usual folders, and all but a few of Debian's own show whose they are.

Where the files of a package are not known, as of dpkg's without its lists, nobody knows whose the others are. Those in
folders where packages of a distribution have files are listed then, and an assumption.

The names that a package manager lists may have links in them, such as ``/lib`` of a system where all is in ``/usr``.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from typing import Final

from advisories.distros.third_parties import is_own
from advisories.models.distribution import Distribution
from advisories.models.errors import UnreadableSource
from advisories.models.packages import Package
from advisories.sources.tree import Tree

__all__ = ["Maker", "Owners", "is_of_packages", "maker_of"]

# Where packages of a distribution have no files: for what is added, local, or of users. Source: Debian Policy, 9.1. The
# Filesystem Hierarchy Standard. Makers of distributions have other products there, under the same vendor.
_OF_OTHERS: Final = (
    *(b"opt/", b"usr/local/", b"srv/", b"home/", b"root/", b"mnt/", b"media/", b"tmp/", b"var/tmp/", b"var/local/"),
    *(b"var/opt/", b"var/www/", b"app/"),
)
# Where they have files of languages. Source: the same.
_OF_PACKAGES: Final = re.compile(rb"(?:usr|bin|sbin|lib[^/]*|etc)/")
_MOST_LINKS: Final = 40
# Folders below one another in a name that is looked for.
_DEEPEST: Final = 200
# But Red Hat's Software Collections are there.
_OF_COLLECTIONS: Final = b"opt/rh/"


class Maker(Enum):
    """Who made a package of the system that owns a file of a language."""

    OWN = "the distribution"
    ASSUMED = "the distribution, as nothing shows otherwise"
    OTHER = "somebody else"


def maker_of(owner: Package, name: bytes, distribution: Distribution | None, *, is_program: bool) -> Maker:
    """Who made the owner of a file.

    :param name: of the file, below the root.
    :param distribution: of the root, where it is known.
    """
    own = is_own(owner, distribution)
    is_collection = owner.type == "rpm" and name.startswith(_OF_COLLECTIONS)
    if own is False or (name.startswith(_OF_OTHERS) and not is_collection):
        return Maker.OTHER
    if own is None and is_program and owner.type == "deb":
        return Maker.OTHER
    return Maker.OWN if own else Maker.ASSUMED


def is_of_packages(name: bytes) -> bool:
    """Whether a package of a distribution may have a file of a language of this name, below the root."""
    return _OF_PACKAGES.match(name) is not None and not name.startswith(_OF_OTHERS)


class Owners:
    """The owners of some files.

    :param names: of files, as a walk finds them: without links.
    """

    def __init__(self, tree: Tree, names: Iterable[bytes]) -> None:
        self._tree = tree
        self._names = {name.decode("utf-8", "surrogateescape") for name in names}
        self._lasts = {name.rpartition("/")[2] for name in self._names}
        self._real: dict[str, str] = {}
        self._targets: dict[str, str | None] = {}
        self._owners: dict[bytes, Package] = {}
        self._missed: list[Package] = []

    @property
    def packages(self) -> Mapping[bytes, Package]:
        """The package that each of the files belongs to, up to here."""
        return self._owners

    @property
    def missed(self) -> Sequence[Package]:
        """The packages whose files are not known, up to here."""
        return self._missed

    def miss(self, package: Package) -> None:
        """Note a package whose files are not known."""
        if package.state.on_disk:
            self._missed.append(package)

    def may_be_missed(self, name: bytes) -> bool:
        """Whether a file without an owner may belong to a package whose files are not known."""
        return bool(self._missed) and is_of_packages(name)

    def see(self, package: Package, folders: Sequence[str], names: Sequence[str], places: Sequence[int]) -> None:
        """See the files of a package: names, and in which of the folders, with a last ``/`` each, each of them is."""
        if self._lasts.isdisjoint(names) or not package.state.on_disk:
            return
        for name, place in zip(names, places, strict=True):
            if name in self._lasts:
                folder = self._without_links(folders[place].strip("/"))
                path = f"{folder}/{name}" if folder else name
                if path in self._names:
                    self._owners[path.encode("utf-8", "surrogateescape")] = package

    def see_paths(self, package: Package, paths: Iterable[str]) -> None:
        """The same of whole paths."""
        parts = [path.rpartition("/") for path in paths]
        self.see(package, [folder for folder, _, _ in parts], [name for _, _, name in parts], range(len(parts)))

    def _without_links(self, folder: str) -> str:
        """The name of a folder without links in it. As it is where its links lead in a circle."""
        known = self._real.get(folder)
        if known is None:
            known = self._real[folder] = self._resolved(folder) or folder
        return known

    def _resolved(self, folder: str) -> str | None:
        waiting, real, links = folder.split("/")[::-1], list[str](), 0
        while waiting:
            part = waiting.pop()
            if part in ("", "."):
                continue
            if part == "..":
                real = real[:-1]
                continue
            if len(waiting) + len(real) > _DEEPEST or links > _MOST_LINKS:
                return None
            target = self._target("/".join((*real, part)))
            if target is None:
                real.append(part)
                continue
            links += 1
            if target.startswith("/"):
                real = []
            waiting += target.split("/")[::-1]
        return "/".join(real)

    def _target(self, name: str) -> str | None:
        """Where a link leads. None for what is none."""
        if name not in self._targets:
            try:
                target = self._tree.target(name.encode("utf-8", "surrogateescape"))
            except UnreadableSource:
                target = None
            self._targets[name] = None if target is None else target.decode("utf-8", "surrogateescape")
        return self._targets[name]
