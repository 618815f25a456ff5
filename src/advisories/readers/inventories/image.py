"""A saved image as a package list: its layers over each other, and of each package the layer that it came with.

A package came with the first layer from which on each layer's view of the databases has it, in that version. What the
databases of a layer have and those of a later one have not, in no version, is *removed*: it is not listed, and named
apart.

Where a layer removed dpkg's lists of files (``info/NAME.list``), as those do that make images smaller, the lists of the
layers below are taken for the packages that stayed as they were.
"""

from collections.abc import Collection, Sequence
from contextlib import ExitStack
from typing import BinaryIO, Final

from advisories.distros.identity import identified
from advisories.models.errors import LimitExceeded, MissingExtra, UnreadableSource
from advisories.models.frozen import evolve
from advisories.models.packages import Inventory, Layer, Package, Removed
from advisories.models.reading import SYSTEM, Rejection
from advisories.readers.collector import Collector
from advisories.readers.inventories.dpkg_lists import LISTS, parts_of
from advisories.readers.inventories.languages.scan import Scan
from advisories.readers.inventories.root import databases_of, installed_in, is_wanted, kinds_in, read_root
from advisories.sources.image import LayerFile, image_in
from advisories.sources.limits import Limits
from advisories.sources.overlay import Overlay
from advisories.sources.packed import Kept, Packed
from advisories.sources.tree import Tree

__all__ = ["FORMAT", "read_image"]

#: What the format of such an inventory is called.
FORMAT: Final = "image"

# Bytes of databases that are looked at for the layers of packages, with a thousand for each file. Images have up to a
# hundred databases of some megabytes.
_MOST_LOOKED_AT: Final = 1 << 31
_OF_A_FILE: Final = 1000
_TOO_MANY: Final = "the layers of packages, and what layers removed: more databases in all layers than are looked at"

_STATUS: Final = "var/lib/dpkg/status"
_PARTS: Final = "var/lib/dpkg/status.d"

_Name = tuple[str, str, str | None]
_Key = tuple[str, str, str | None, str]


def read_image(
    tree: Tree, limits: Limits, platform: str | None, usual: str | None, types: Collection[str]
) -> Inventory:
    """The inventory of the image that is saved in a tree.

    :param platform: as of :func:`~advisories.sources.image.image_in`, and so is the other.
    :param types: of packages of languages that are looked for.

    A layer that cannot be read is a rejection with its digest. What the others have is listed, with the assumption
    ``inventory-partial``.

    Raises :class:`UnreadableSource` for an image whose documents cannot be read, or of which no package can.
    """
    saved = image_in(tree, platform, usual)
    view, scan, collector = Overlay(tree.source, limits), Scan(types, limits), Collector(tree.source)
    kept, since, unread = Kept(is_wanted, scan), _Since(), list[Rejection]()
    with ExitStack() as opened:
        for file in saved.layers:
            source = f"{tree.source}!{file.layer.digest}"
            try:
                stream = _opened(tree, file, source)
                opened.callback(stream.close)
                packed = Packed(
                    stream,
                    source,
                    limits,
                    kept,
                    digest=file.digest,
                    content_digest=file.content_digest,
                    needs_end=False,
                )
                scan.layers.append(file.layer)
                view.add(packed, source, whiteouts=True)
            except (LimitExceeded, MissingExtra):
                raise
            except UnreadableSource as error:
                unread.append(Rejection(source, "-", file.layer.digest, error.why))
            since.look(view, file.layer, limits, collector)
        lists = since.lists_of_layers_below(view)
        view.put_back(LISTS, lists)
        for _ in {part.rpartition(b".")[0] for part in lists}:
            collector.skip("lists of the files of packages, which a layer removed: taken of the layers below")
        lost = [Rejection(tree.source, "-", SYSTEM, why) for why in (*since.lost(), *since.left_behind(view))]
        inventory = read_root(view, limits, scan, [*unread, *lost])
    assert inventory.report is not None  # it was read
    collector.absorb(inventory.report)
    return evolve(
        inventory,
        packages=identified(tuple(map(since.placed, inventory.packages))),
        format=FORMAT,
        image=saved.image,
        removed=since.removed,
        report=collector.report(FORMAT),
    )


def _opened(tree: Tree, file: LayerFile, source: str) -> BinaryIO:
    """The file of a layer. Raises :class:`UnreadableSource` where it is not there, or of a kind that is not read."""
    stream = tree.open(file.name) if file.why is None else None
    if stream is not None:
        return stream
    missing = "the image is not complete: this layer is not there"
    if file.is_foreign:
        missing = "a foreign layer, which the image refers to and does not have"
    raise UnreadableSource(source, file.why or missing)


class _Since:
    """From which layer on packages are there."""

    def __init__(self) -> None:
        self._layers: dict[_Key, Layer] = {}
        self._packages: dict[_Key, Package] = {}
        self._removed: dict[_Name, Removed] = {}
        self._databases: object = None
        self._kinds: set[str] = set()
        self._lost: dict[str, Layer] = {}
        self._number = 0  # of the last layer of the view
        self._removed_at: dict[_Name, int] = {}
        self._left = _MOST_LOOKED_AT
        # dpkg's lists up to the last layer, and those that a layer removed, each with its package.
        self._lists: dict[bytes, object] = {}
        self._lists_below: dict[bytes, tuple[_Key, object]] = {}

    def look(self, view: Overlay, layer: Layer, limits: Limits, collector: Collector) -> None:
        """Look at the view up to a layer, where it has other databases than the one before."""
        self._number = view.layers
        self._note_lists(view)
        try:
            self._note_lost(kinds_in(view), layer)
            if self._left < 0:
                return
            databases = databases_of(view, limits)
            self._left -= _OF_A_FILE * len(databases)
            if databases == self._databases:
                return
            self._left -= sum(status.size for _, status in databases)
            if self._left < 0:
                collector.skip(_TOO_MANY)
                self._layers, self._removed = {}, {}
                return
            packages = installed_in(view, limits)
        except UnreadableSource as error:
            # Of the last layer reading raises it too. One below has no list of its own to lose.
            collector.skip(f"packages up to a layer below the last, for their layers alone: {error.why}")
            return
        self._databases = databases
        now = {_key(package): package for package in packages}
        self._note_removed({key[:3] for key in now}, layer)
        self._packages = now
        self._layers = {key: self._layers.get(key, layer) for key in now}

    def _note_lists(self, view: Overlay) -> None:
        """Note the lists that a layer removed, with the packages that the layers below had."""
        before, self._lists = self._lists, view.files_in(LISTS)
        removed = before.keys() - self._lists.keys()
        if not removed:
            return
        for key, package in self._packages.items():
            for part in parts_of(package) if package.type == "deb" else ():
                if part in removed:
                    self._lists_below[part] = key, before[part]

    def lists_of_layers_below(self, view: Overlay) -> dict[bytes, object]:
        """The lists that layers removed, of packages that are there as they were."""
        there = view.files_in(LISTS)
        return {
            part: file for part, (key, file) in self._lists_below.items() if key in self._packages and part not in there
        }

    def _note_removed(self, names: set[_Name], layer: Layer) -> None:
        """Note what the layers below had, and no package of these names is."""
        for key, package in self._packages.items():
            if key[:3] not in names:
                self._removed[key[:3]] = Removed(evolve(package, layer=self._layers[key]), layer)
                self._removed_at[key[:3]] = self._number
        for name in names.intersection(self._removed):  # it is there again
            del self._removed[name]

    def _note_lost(self, kinds: set[str], layer: Layer) -> None:
        """Note the databases that a layer removed as a whole: the files of their packages may be there still."""
        self._lost |= dict.fromkeys(self._kinds - kinds, layer)
        self._lost = {kind: since for kind, since in self._lost.items() if kind not in kinds}
        self._kinds = kinds

    def lost(self) -> list[str]:
        """Why packages of the layers may be installed without being listed: their database was removed."""
        dpkg = {_PARTS} if _STATUS in self._kinds else set[str]()  # they may have been put into one file
        return [
            f"the database {kind} of layers below was removed, and what it listed may be there still: by {layer.digest}"
            for kind, layer in self._lost.items()
            if kind not in dpkg
        ]

    def left_behind(self, view: Overlay) -> list[str]:
        """Why packages of the layers may be installed without being listed: a database lost them, and not their files.

        A package manager removes the files, or writes those of the package that has them now. dpkg's are not known
        here: its lists of files show it.
        """
        types = {(package.type, package.name) for package in self._packages.values()}
        found: dict[str, list[str]] = {}
        for name, one in self._removed.items():
            if name[:2] not in types and _are_older(one.package.locations, view, self._removed_at[name]):
                found.setdefault(one.layer.digest, []).append(one.package.name)
        return [
            f"a layer took {names[0]}{f' and {len(names) - 1} more' if len(names) > 1 else ''} out of a database, "
            f"and the files are there still: {digest}"
            for digest, names in found.items()
        ]

    @property
    def removed(self) -> tuple[Removed, ...]:
        """What is not there any more, in the order of layers."""
        return tuple(self._removed.values())

    def placed(self, package: Package) -> Package:
        """A package with its layer. One of a language has it by its file."""
        return package if package.layer is not None else evolve(package, layer=self._layers.get(_key(package)))


def _key(package: Package) -> _Key:
    return package.type, package.name, package.arch, package.version


def _are_older(locations: Sequence[str], view: Overlay, number: int) -> bool:
    """Whether files are there as they were before a layer. Changed ones of a configuration outlive their package."""
    names = [location.lstrip("/").encode("utf-8", "surrogateescape") for location in locations]
    names = [name for name in names if not name.startswith(b"etc/")]
    try:
        return bool(names) and all(0 < view.layer_of(name) < number for name in names)
    except UnreadableSource:
        return False
