"""dpkg's lists of the files of packages in a root: ``info/NAME.list``, or the checksums of a distroless image.

They show where a package is, and which files of languages are its own. Slimmed images lack them. Then checksums beside
them (``info/NAME.md5sums``) stand in, which lack configuration files and links alone. A package without either is
noted: nobody knows its files. A list that cannot be read is skipped and counted.

Source: deb-md5sums(5). dpkg 1.21, ``lib/dpkg/fsys-files.c``: without its list, dpkg itself does not know the files of a
package.
"""

from collections.abc import Callable, Container, Iterable, Sequence
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
from advisories.sources.tree import Tree, content, each_content

__all__ = ["LISTS", "SUMS", "DpkgLists", "parts_of"]

#: The end of the name of a file with checksums.
SUMS: Final = b".md5sums"
#: Where the lists of packages are, and their checksums.
LISTS: Final = b"var/lib/dpkg/info"

_LIST: Final = b".list"
# Bytes of one list: the longest of Debian have 5 million.
_MOST: Final = 1 << 26


class DpkgLists:
    """The lists of a root.

    :param limits: all lists together have no more bytes than a package list.
    :param collector: counts those that are skipped.
    :param are_read: whether the lists themselves are. Without them no package has its files.
    :param see: sees all files of each package.
    :param miss: is given each package whose files are not known.
    :ivar packages: the packages that have a list or checksums, as ``NAME`` or ``NAME:ARCH``.
    """

    def __init__(
        self,
        tree: Tree,
        limits: Limits,
        collector: Collector,
        *,
        are_read: bool = True,
        see: Callable[[Package, Sequence[str]], None] | None = None,
        miss: Callable[[Package], None] | None = None,
    ) -> None:
        self._tree = tree
        self._left = limits.inventory
        self._collector = collector
        self._are_read = are_read
        self._see = see
        self._miss = miss
        try:
            names = tree.entries(LISTS, limits.members) or ()
        except UnreadableSource as error:
            collector.skip(f"the lists of the files of packages: {error.why}")
            names = ()
        # By UTF-8, as the names in the database, in any locale.
        self._lists = {_text(name.removesuffix(_LIST)) for name in names if name.endswith(_LIST)}
        self._sums = {_text(name.removesuffix(SUMS)) for name in names if name.endswith(SUMS)}
        self.packages: Final = self._lists | self._sums

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
        entries = {_text(part) for part in parts}
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

    def located(self, packages: Iterable[Package]) -> tuple[Package, ...]:
        """Each with a few of its files."""
        found = list(packages)
        if not self._are_read:
            return tuple(found)
        by_sums: dict[bytes, int] = {}
        for number, package in enumerate(found):
            lines = self._lines(package)
            if lines:
                folders = {line.rpartition("/")[0] for line in lines} | {"/."}
                files = few_paths(line for line in lines if line not in folders)
                found[number] = evolve(package, locations=files) if files else package
            elif package.state.on_disk:
                name = _named(package, self._sums)
                if name is None:
                    self._note_missed(package)
                else:
                    by_sums[_place(name, SUMS)] = number
        # Of a compressed archive, one more pass: most have the lists, and need none of these.
        for path, data in each_content(self._tree, list(by_sums), self._left):
            number = by_sums[path]
            files = self._of_sums(data, (found[number],))
            if files:
                found[number] = evolve(found[number], locations=files)
        return tuple(found)

    def of_part(self, name: bytes, packages: Sequence[Package]) -> tuple[str, ...]:
        """A few files of the packages in a file of ``status.d``."""
        if not self._are_read:
            return ()
        data = self._content(name + SUMS)
        return self._of_sums(b"" if data is None else data, packages)

    def _lines(self, package: Package) -> list[str]:
        """All that the list of a package names. Nothing without a list that can be read."""
        name = _named(package, self._lists)
        data = None if name is None else self._content(_place(name, _LIST))
        if not data or isinstance(data, UnreadableSource):
            if isinstance(data, UnreadableSource):
                self._skip(data)
            return []
        lines = lines_of(data.decode("utf-8", "surrogateescape"))
        self._show((package,), lines)
        return lines

    def _of_sums(self, data: bytes | UnreadableSource, packages: Sequence[Package]) -> tuple[str, ...]:
        """A few files of the packages that checksums are of. Without a file there the packages' files are not known."""
        lines = list[str]()
        if isinstance(data, UnreadableSource):
            self._skip(data)
        else:
            text = data.decode("utf-8", "surrogateescape")
            lines = [f"/{line.partition('  ')[2]}" for line in lines_of(text) if "  " in line]
        if lines:
            self._show(packages, lines)
        else:
            for package in packages:
                self._note_missed(package)
        return few_paths(lines)

    def _show(self, packages: Iterable[Package], lines: Sequence[str]) -> None:
        if self._see is not None:
            for package in packages:
                self._see(package, lines)

    def _note_missed(self, package: Package) -> None:
        if self._miss is not None:
            self._miss(package)

    def _skip(self, error: UnreadableSource) -> None:
        self._collector.skip(f"a package's list of files: {error.why}")

    def _content(self, name: bytes) -> bytes | UnreadableSource | None:
        try:
            data = content(self._tree, name, min(_MOST, self._left))
        except UnreadableSource as error:
            return error
        self._left -= len(data or b"")
        return data


def parts_of(package: Package) -> list[bytes]:
    """What a package's list and checksums may be called."""
    stems = (f"{package.name}:{package.arch}", package.name)
    return [stem.encode("utf-8", "surrogateescape") + end for stem in stems for end in (_LIST, SUMS)]


def _named(package: Package, stems: Container[str]) -> str | None:
    """What dpkg's files of a package are called before their end, where there are any."""
    return next((name for name in (f"{package.name}:{package.arch}", package.name) if name in stems), None)


def _place(stem: str, end: bytes) -> bytes:
    return b"%s/%s%s" % (LISTS, stem.encode("utf-8", "surrogateescape"), end)


def _text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")
