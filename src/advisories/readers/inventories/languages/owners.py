"""Which files of languages belong to packages of the system: these are judged as that package, once.

The names that a package manager lists may have links in them, such as ``/lib`` of a system where all is in ``/usr``.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from advisories.models.errors import UnreadableSource
from advisories.models.packages import Package
from advisories.sources.tree import Tree

__all__ = ["Owners"]

_MOST_LINKS: Final = 40
# Folders below one another in a name that is looked for.
_DEEPEST: Final = 200


class Owners:
    """The owners of some files.

    :param names: of files, as a walk finds them: without links.
    """

    def __init__(self, tree: Tree, names: Iterable[bytes]) -> None:
        self._tree = tree
        self._names = {name.decode("utf-8", "surrogateescape") for name in names}
        self._lasts = {name.rpartition("/")[2] for name in self._names}
        self._real: dict[str, str] = {"": ""}
        self._owners: dict[bytes, str] = {}

    @property
    def types(self) -> Mapping[bytes, str]:
        """The type of the package that each of the files belongs to, up to here."""
        return self._owners

    def see(self, package: Package, folders: Sequence[str], names: Sequence[str], places: Sequence[int]) -> None:
        """See the files of a package: names, and in which of the folders, with a last ``/`` each, each of them is."""
        if self._lasts.isdisjoint(names) or not package.state.on_disk:
            return
        for name, place in zip(names, places, strict=True):
            if name in self._lasts:
                folder = self._without_links(folders[place].strip("/"), 0)
                path = f"{folder}/{name}" if folder else name
                if path in self._names:
                    self._owners[path.encode("utf-8", "surrogateescape")] = package.type

    def see_paths(self, package: Package, paths: Iterable[str]) -> None:
        """The same of whole paths."""
        parts = [path.rpartition("/") for path in paths]
        self.see(package, [folder for folder, _, _ in parts], [name for _, _, name in parts], range(len(parts)))

    def _without_links(self, folder: str, links: int) -> str:
        """The name of a folder without links in it."""
        known = self._real.get(folder)
        if known is not None:
            return known
        if folder.count("/") > _DEEPEST or links > _MOST_LINKS:
            return folder
        above, _, last = folder.rpartition("/")
        real = self._without_links(above, links)
        path = f"{real}/{last}" if real else last
        try:
            target = self._tree.target(path.encode("utf-8", "surrogateescape"))
        except UnreadableSource:
            target = None
        if target is not None:
            text = target.decode("utf-8", "surrogateescape")
            path = self._without_links(_joined("" if text.startswith("/") else real, text), links + 1)
        self._real[folder] = path
        return path


def _joined(folder: str, target: str) -> str:
    parts = folder.split("/") if folder else []
    for part in target.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)
