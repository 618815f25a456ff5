"""dpkg's lists of the files of packages in a root: ``info/NAME.list``, or the checksums of a distroless image.

They show where a package is, and decide nothing, so a list that cannot be read is skipped and counted.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from advisories.models.errors import UnreadableSource
from advisories.models.frozen import evolve
from advisories.models.packages import Package
from advisories.models.reading import SYSTEM
from advisories.readers.collector import Collector
from advisories.readers.inventories.locations import few_paths
from advisories.readers.lines import lines_of
from advisories.readers.listing import Listing
from advisories.sources.limits import Limits
from advisories.sources.tree import Tree, content

__all__ = ["SUMS", "DpkgLists"]

#: The end of the name of a file with checksums.
SUMS: Final = b".md5sums"

_LISTS: Final = b"var/lib/dpkg/info"
_LIST: Final = ".list"
# Bytes of one list: the longest of Debian have 5 million.
_MOST: Final = 1 << 26


class DpkgLists:
    """The lists of a root.

    :param limits: all lists together have no more bytes than a package list.
    :param collector: counts those that are skipped.
    :param are_read: whether the lists themselves are. Without them no package has its files.
    :param see: sees all files of each package.
    :ivar packages: the packages that have a list, as ``NAME`` or ``NAME:ARCH``.
    """

    def __init__(
        self,
        tree: Tree,
        limits: Limits,
        collector: Collector,
        *,
        are_read: bool = True,
        see: Callable[[Package, Sequence[str]], None] | None = None,
    ) -> None:
        self.packages: Final[set[str]] = set()
        self._tree = tree
        self._left = limits.inventory
        self._collector = collector
        self._are_read = are_read
        self._see = see
        try:
            names = tree.entries(_LISTS, limits.members) or ()
        except UnreadableSource as error:
            collector.skip(f"the lists of the files of packages: {error.why}")
            return
        # By UTF-8, as the names in the database, in any locale.
        lists = (name.decode("utf-8", "surrogateescape") for name in names if name.endswith(b".list"))
        self.packages.update(name.removesuffix(_LIST) for name in lists)

    def compare(self, listing: Listing) -> None:
        """Refuse a database that lacks packages which have a list: it was cut, or somebody took them out of it."""
        names = {package.name for package in listing.packages} | {one.what for one in listing.report.rejections}
        lacking = sorted(one for one in self.packages if one.partition(":")[0] not in names)
        self._refuse(lacking, "a list of files")

    def compare_sums(self, parts: Iterable[bytes], listings: Iterable[Listing]) -> None:
        """The same of ``status.d``, for checksums beside no file of a package: somebody took that one out.

        :param parts: the names in the folder.
        :param listings: what was read of dpkg.
        """
        entries = {part.decode("utf-8", "surrogateescape") for part in parts}
        names = entries | {package.name for listing in listings for package in listing.packages}
        end = SUMS.decode()
        stems = (entry.removesuffix(end) for entry in entries if entry.endswith(end))
        self._refuse(sorted(stem for stem in stems if stem not in names), "checksums of files in status.d")

    def _refuse(self, lacking: Sequence[str], what: str) -> None:
        if lacking:
            more = f" and {len(lacking) - 1} more" if len(lacking) > 1 else ""
            shown = lacking[0].encode("utf-8", "backslashreplace").decode()
            why = f"dpkg's database lacks packages that have {what}: {shown}{more}. It may be cut"
            self._collector.reject("-", SYSTEM, why)

    def located(self, package: Package) -> Package:
        """With a few of its files."""
        for name in (f"{package.name}:{package.arch}", package.name):
            if name in self.packages:
                name = name + _LIST
                files = self._of(b"%s/%s" % (_LISTS, name.encode("utf-8", "surrogateescape")), (package,))
                if files:
                    return evolve(package, locations=files)
        return package

    def of_part(self, name: bytes, packages: Iterable[Package]) -> tuple[str, ...]:
        """A few files of the packages in a file of ``status.d``."""
        return self._of(name + SUMS, packages)

    def _of(self, name: bytes, packages: Iterable[Package]) -> tuple[str, ...]:
        if not self._are_read:
            return ()
        try:
            data = content(self._tree, name, min(_MOST, self._left))
        except UnreadableSource as error:
            self._collector.skip(f"a package's list of files: {error.why}")
            return ()
        if data is None:
            return ()
        self._left -= len(data)
        lines = lines_of(data.decode("utf-8", "surrogateescape"))
        if name.endswith(SUMS):
            lines = [f"/{line.partition('  ')[2]}" for line in lines if "  " in line]
        if self._see is not None:
            for package in packages:
                self._see(package, lines)
        if name.endswith(SUMS):
            return few_paths(lines)
        folders = {line.rpartition("/")[0] for line in lines} | {"/."}
        return few_paths(line for line in lines if line not in folders)
