"""From binary packages to the source packages they were built from, for lists that show none (rule 0).

A map is read of

- an archive's ``Packages`` index: ``Source: name (version)`` of each build, else the package's own name and version
- an archive's ``Sources`` index: the names in ``Binary`` and ``Package-List``, without their versions
- the ``primary.xml`` of an rpm repository
- apk's ``APKINDEX``, also in its archive, ``APKINDEX.tar.gz``
- a list of any format that shows sources: a status file, ``rpm -qa`` with ``SOURCERPM``, apk's database, an SBOM, a
  root file system

Indexes have the newest builds only. So a build that the map lacks is built from the source of its name where all of the
name's builds have their source's version (``+bN`` left out). A ``Sources`` index does not show the versions of builds:
there a build belongs to the source if it has the epoch, and either the upstream version or an earlier version. Of the
63,440 packages of Debian 12, 2,761 have versions of their own, and none of these has its source's epoch and upstream
version. Any other package is not in the archive (``not-in-archive``), and its source stays unknown.

Sources: deb-src-control(5), dsc(5), *Debian Repository Format*.
"""

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from os import PathLike
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from advisories.distros.identity import identified
from advisories.distros.nevra import split, without_epoch
from advisories.distros.rebuilds import without_rebuild
from advisories.models.assumptions import Assumption
from advisories.models.errors import EmptySource, ForeignSources, UnreadableSource
from advisories.models.frozen import evolve, field, frozen
from advisories.models.nouns import Noun, outlined
from advisories.models.packages import Inventory, Package
from advisories.models.reading import Extent, ReadReport, Rejection
from advisories.readers.collector import Collector, fill_source_epochs
from advisories.readers.inventories import dpkg_status
from advisories.readers.inventories.head import Head
from advisories.readers.inventories.registry import content_of, inventory_of_content, read_inventory
from advisories.readers.lines import lines_of
from advisories.sources.documents import Document, is_folder
from advisories.sources.limits import DEFAULT_LIMITS, Limits
from advisories.sources.xml_text import elements, first_child, local
from vercmp import InvalidVersion, dpkg

__all__ = ["Completion", "SourceMap", "read_sources"]

# What an index is read for, behind the end of a line: with it the search is twice as fast as with ^. Continued lines
# belong to Binary and Package-List.
_FIELD: Final = re.compile(
    rb"\n(Package|Version|Source|Architecture|Binary|Package-List):[ \t]*([^\n]*(?:\n[ \t][^\n]*)*)"
)
# Where another stanza may be hidden.
_HIDDEN: Final = re.compile(rb"\0|\r[!-9;-~]+:")
_SOURCE: Final = re.compile(r"(\S+)(?:\s+\(([^()\s]+)\))?")
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9+.-]*")
_PRIMARY: Final = re.compile(rb"\s*(?:<\?xml[^>]*>\s*)?<metadata\b[^>]*linux\.duke\.edu/metadata/common")
# An index of an archive, and that of apk in its own.
_INDEX: Final = re.compile(r"(?:^|_)(?:Packages|Sources)(?:\.(?:gz|bz2|xz|zst))?$")
_APK_INDEX: Final = "APKINDEX"
# Fewer builds than one in four of the names that a map has show that it may be another release's.
_FEW: Final = 4
_FEWEST: Final = 8


# A source package: its name, its version, and whether that shows its epoch.
_Source = tuple[str, str | None, bool]


class _Build(NamedTuple):
    """A binary package of the map: its version (rpm's without epoch), and the source it was built from."""

    version: str
    arch: str | None
    source: str
    source_version: str | None
    epoch_known: bool = True

    def follows(self, type: str) -> bool:
        """Whether it has its source's version."""
        if type == "rpm":
            return self.source_version is not None and without_epoch(self.source_version) == self.version
        return (without_rebuild(self.version) if type == "deb" else self.version) == self.source_version


@frozen
class Completion(Noun):
    """A package list that a map completed.

    :ivar inventory: the list. Packages that the map lacks have the doubt ``not-in-archive``.
    :ivar exact: how many packages the map has in this very build.
    :ivar followed: how many it has in other builds, all of which have their source's version.
    :ivar lacking: how many it does not have, or not surely.
    """

    inventory: Inventory = field(repr=outlined)
    exact: int
    followed: int
    lacking: int

    @property
    def remark(self) -> str | None:
        """Why the map may be of another release. None where that is not so."""
        known = self.exact + self.followed
        if known < _FEWEST or self.exact * _FEW >= known:
            return None
        return (
            f"of {known + self.lacking} packages without a source, the map has {self.exact} in the installed version "
            f"and {self.followed} in another one: it may be of another release"
        )


class SourceMap:
    """A map of binary packages to source packages. :func:`read_sources` makes one.

    :ivar sources: what it was read from, as you named it.
    :ivar reports: what was read, kept and rejected, one for each of them. Builds that the map has with several sources
        are among what was rejected.
    """

    __slots__ = ("_builds", "_declared", "_types", "reports", "sources")

    def __init__(
        self,
        sources: tuple[str, ...],
        reports: tuple[ReadReport, ...],
        builds: dict[tuple[str, str], list[_Build]],
        declared: dict[str, list[tuple[str, str]]],
    ) -> None:
        self.sources: Final = sources
        self.reports: Final = reports
        self._builds: Final = builds
        self._declared: Final = declared
        # The types of the packages it has.
        self._types: Final = frozenset(type for type, _ in builds) | frozenset(("deb",) if declared else ())

    def __len__(self) -> int:
        """How many binary packages it has, each name once."""
        return len(self._builds) + sum(("deb", name) not in self._builds for name in self._declared)

    def __repr__(self) -> str:
        return f"<SourceMap of {', '.join(self.sources)}: {len(self)} binary packages>"

    def complete(self, inventory: Inventory) -> Inventory:
        """The list with the source packages that it lacks. What the map lacks has the doubt ``not-in-archive``.

        Sources that the list shows stay. Raises :class:`~advisories.models.errors.ForeignSources` for a map of other
        types of packages than the list's, and for one that has none of its names.
        """
        return self.completion(inventory).inventory

    def completion(self, inventory: Inventory) -> Completion:
        """As :meth:`complete`, with counts."""
        self._check(inventory)
        exact = followed = lacking = 0
        packages: list[Package] = []
        names: dict[tuple[str, str], _Name] = {}
        for package in inventory.packages:
            if package.source_version is not None or not package.state.on_disk or package.type not in self._types:
                packages.append(package)
                continue
            found, is_exact = self._source(package, names)
            if found is None:
                if package.source_name is None:
                    lacking += 1
                    package = evolve(package, doubts=package.doubts | {Assumption.NOT_IN_ARCHIVE})
            elif package.source_name in (None, found[0]):
                exact += is_exact
                followed += not is_exact
                name, version, epoch_known = found
                package = evolve(
                    package,
                    source_name=name,
                    source_version=version,
                    source_epoch_known=epoch_known,
                    doubts=package.doubts - {Assumption.SOURCE_UNKNOWN},
                )
            packages.append(package)
        fill_source_epochs(packages)
        return Completion(evolve(inventory, packages=identified(tuple(packages))), exact, followed, lacking)

    def _has(self, package: Package) -> bool:
        return (package.type, package.name) in self._builds or (
            package.type == "deb" and package.name in self._declared
        )

    def _check(self, inventory: Inventory) -> None:
        """Raise :class:`ForeignSources` for a map that has nothing of the list."""
        source, listed = ", ".join(self.sources), [package for package in inventory.packages if package.state.on_disk]
        types = {package.type for package in listed}
        if types.isdisjoint(self._types):
            what = (
                f"it has {', '.join(sorted(self._types))} packages, and the list {', '.join(sorted(types)) or 'none'}"
            )
            raise ForeignSources(source, inventory.source or "-", what)
        if not any(map(self._has, listed)):
            raise ForeignSources(source, inventory.source or "-", "it has no package of the list by its name")

    def _source(self, package: Package, known: "dict[tuple[str, str], _Name]") -> tuple[_Source | None, bool]:
        """The source of a package and whether the map has its very build. None where the map does not show it.

        :param known: what was found out about names before.
        """
        key = package.type, package.name
        name = known.get(key)
        if name is None:
            declared = self._declared.get(package.name, ()) if package.type == "deb" else ()
            name = known[key] = _Name(package.type, self._builds.get(key, ()), declared)
        return name.source_of(package)


class _Name:
    """What a map has of one name of a binary package."""

    def __init__(self, type: str, builds: Sequence[_Build], declared: Sequence[tuple[str, str]]) -> None:
        self._type = type
        # The sources of a version, and of its build for an architecture.
        self._builds: defaultdict[str, set[_Source]] = defaultdict(set)
        self._of_arch: defaultdict[tuple[str, str | None], set[_Source]] = defaultdict(set)
        for build in builds:
            for version in {build.version, self._without_rebuild(build.version)}:
                self._builds[version].add(build[2:])
                self._of_arch[version, build.arch].add(build[2:])
        self._follows = all(build.follows(type) for build in builds)
        self._sources = {build.source for build in builds} or {source for source, _ in declared}
        self._declared: defaultdict[str, set[str]] = defaultdict(set)
        if not builds:
            for source, version in declared:
                self._declared[version].add(source)
        # Of the declared versions, by epoch: the highest, and the upstream versions.
        self._highest: dict[str | None, bytes] | None = None
        self._upstreams: Final[set[tuple[str | None, str]]] = set()

    def _without_rebuild(self, version: str) -> str:
        return without_rebuild(version) if self._type == "deb" else version

    def source_of(self, package: Package) -> tuple[_Source | None, bool]:
        """As :meth:`SourceMap._source`."""
        version = without_epoch(package.version) if self._type == "rpm" else package.version
        own = self._without_rebuild(version)
        # Rebuilds (+bN) of a version are of one source.
        version = version if version in self._builds else own
        same = self._builds.get(version)
        if same:
            found = self._of_arch.get((version, package.arch)) or same
            return (next(iter(found)) if len(found) == 1 else None), True
        sources = self._declared.get(own, self._sources)
        if len(sources) != 1:
            return None, False
        (source,) = sources
        if self._builds:
            return ((source, own, self._type != "rpm") if self._follows else None), False
        is_declared = own in self._declared
        if is_declared or self._may_be_declared(own):
            return (source, own, True), is_declared
        return None, False

    def _may_be_declared(self, version: str) -> bool:
        """Whether a build has the epoch of a source version, and its upstream version or an earlier version."""
        if self._highest is None:
            self._highest = {}
            for theirs in self._declared:
                with suppress(InvalidVersion):
                    epoch, upstream, _ = dpkg.split(theirs)
                    self._upstreams.add((epoch, upstream))
                    key = dpkg.sort_key(theirs)
                    self._highest[epoch] = max(key, self._highest.get(epoch, key))
        try:
            epoch, upstream, _ = dpkg.split(version)
            highest = self._highest.get(epoch)
            return (epoch, upstream) in self._upstreams or (highest is not None and dpkg.sort_key(version) <= highest)
        except InvalidVersion:
            return False


def read_sources(*sources: str | PathLike[str] | BinaryIO, limits: Limits = DEFAULT_LIMITS) -> SourceMap:
    """The map of binary packages to source packages that these indexes and lists show together.

    :param sources: paths, or open binary streams, of ``Packages`` or ``Sources`` indexes or of package lists with
        sources. Each may be compressed. A path may be a folder, with such indexes or a root file system.

    Raises as :func:`~advisories.read_inventory`, and :class:`~advisories.models.errors.EmptySource` where one shows no
    source package.

    >>> from io import BytesIO
    >>> from advisories import read_inventory
    >>> index = BytesIO(b"Package: libssl3\\nVersion: 3.0.15-1\\nSource: openssl\\n")
    >>> host = read_inventory(BytesIO(b"libssl3\\t3.0.9-1\\n"))
    >>> read_sources(index).complete(host).packages[0].source_name
    'openssl'
    """
    if not sources:
        raise TypeError("read_sources takes at least one path or stream")
    builds: defaultdict[tuple[str, str], list[_Build]] = defaultdict(list)
    declared: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    names: list[str] = []
    reports: list[ReadReport] = []
    for source in _all(sources):
        name = os.fspath(source) if isinstance(source, str | PathLike) else "-"
        names.append(str(name))
        if isinstance(source, str | PathLike) and is_folder(source):
            report = _take(read_inventory(source, limits=limits), builds)
        else:
            heading, data = content_of(source, limits, _APK_INDEX)
            if dpkg_status.sniff(Head(data[:65536])):
                report = _read_index(data, str(name), builds, declared)
            elif _PRIMARY.match(data) is not None:
                report = _read_primary(data, str(name), builds)
            else:
                report = _take(inventory_of_content(heading, data, str(name), limits), builds)
        if not report.kept:
            raise EmptySource(str(name), "it shows no source packages: give a Packages or Sources index or a full list")
        reports.append(report)
    reports[-1] = _with_contradictions(reports[-1], builds)
    return SourceMap(tuple(names), tuple(reports), dict(builds), dict(declared))


def _all(sources: Iterable[str | PathLike[str] | BinaryIO]) -> Iterator[str | PathLike[str] | BinaryIO]:
    """The sources, with the indexes of a folder that has any in place of it, such as ``/var/lib/apt/lists``."""
    for source in sources:
        indexes = _indexes(Path(source)) if isinstance(source, str | PathLike) and is_folder(source) else ()
        yield from indexes or (source,)


def _indexes(folder: Path) -> list[Path]:
    """The indexes in a folder, also those that cannot be reached: reading them is an error."""
    try:
        found = [one for one in sorted(folder.iterdir()) if _INDEX.search(one.name) is not None]
        return [one for one in found if one.is_file() or not one.exists()]
    except OSError as error:
        raise UnreadableSource(error.filename or str(folder), error.strerror or str(error)) from error


def _take(inventory: Inventory, builds: defaultdict[tuple[str, str], list[_Build]]) -> ReadReport:
    """Put the packages of a list that have sources into `builds`. The others are skipped and counted."""
    kept = 0
    for package in inventory.packages:
        if package.source_name is not None and package.source_version is not None:
            kept += 1
            version = without_epoch(package.version) if package.type == "rpm" else package.version
            what = (package.source_name, package.source_version, package.source_epoch_known)
            builds[package.type, package.name].append(_Build(version, package.arch, *what))
    report = inventory.report or ReadReport(inventory.source, inventory.format, 0, 0)
    refused = sum(one.extent is Extent.RECORD for one in report.rejections)
    without = len(inventory.packages) - kept
    skips = (*report.skips, *([("packages without a source package", without)] if without else []))
    return evolve(report, read=kept + refused, kept=kept, skips=skips)


def _read_index(
    data: bytes,
    source: str,
    builds: defaultdict[tuple[str, str], list[_Build]],
    declared: defaultdict[str, list[tuple[str, str]]],
) -> ReadReport:
    """Read a status file, a ``Packages`` or a ``Sources`` index."""
    collector = Collector(source)
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n")
    kept = place = 0
    counted, number = 0, 1
    may_hide = b"\0" in data or b"\r" in data
    for stanza in data.split(b"\n\n"):
        found = _FIELD.findall(b"\n" + stanza)
        fields: dict[bytes, bytes] = dict(found)
        try:
            if len(fields) < len(found):
                raise ValueError("a field twice")
            if may_hide and _HIDDEN.search(stanza) is not None:
                raise ValueError("a NUL, or a field behind a carriage return: another stanza may be hidden")
            if b"Binary" in fields or b"Package-List" in fields:
                _declare(fields, declared)
                kept += 1
            elif fields or stanza.strip():
                name, build = _build(fields)
                builds["deb", name].append(build)
                kept += 1
        except ValueError as error:
            number += data.count(b"\n", counted, place)
            counted = place
            for name in [value for key, value in found if key == b"Package"] or [b"(no name)"]:
                collector.reject(number, name.strip().decode("utf-8", "replace"), str(error))
        place += len(stanza) + 2
    collector.hold(kept)
    return collector.report("sources")


def _read_primary(data: bytes, source: str, builds: defaultdict[tuple[str, str], list[_Build]]) -> ReadReport:
    """Read the list of packages of an rpm repository. Source packages are skipped."""
    collector = Collector(source)
    kept = 0
    for element in elements(Document(source, "primary.xml", data, True), 1):
        if isinstance(element, Rejection):
            collector.take(element)
            continue
        values = {local(child): (child.text or "").strip() for one in element for child in (one, *one)}
        shown = first_child(element, "version")
        version, release = (None, None) if shown is None else (shown.get("ver"), shown.get("rel"))
        built_from = split(values.get("sourcerpm", ""))
        if values.get("arch") in ("src", "nosrc"):
            collector.skip("source packages")
        elif built_from is None or not (version and release and values.get("name")):
            collector.reject("-", values.get("name", "(no name)"), "no name, version, release or source rpm")
        else:
            build = _Build(
                f"{version}-{release}", values.get("arch"), built_from.name, built_from.evr, epoch_known=False
            )
            builds["rpm", values["name"]].append(build)
            kept += 1
    collector.hold(kept)
    return collector.report("sources")


def _texts(fields: dict[bytes, bytes], *names: bytes) -> list[str]:
    """The values of fields, empty for missing ones. Raises ValueError for what cannot be printed."""
    text = b"\n".join([fields.get(name, b"").strip() for name in names]).decode()
    values = text.split("\n")
    if len(values) != len(names) or not "".join(values).isprintable():
        raise ValueError("characters that cannot be printed, or a value of several lines")
    return values


def _build(fields: dict[bytes, bytes]) -> tuple[str, _Build]:
    """A binary package's name and build. Raises ValueError for a stanza that has none."""
    name, version, arch, source = _texts(fields, b"Package", b"Version", b"Architecture", b"Source")
    if not name or not version:
        raise ValueError("a stanza without Package or Version")
    if not source:
        return name, _Build(version, arch or None, name, without_rebuild(version))
    match = _SOURCE.fullmatch(source)
    if match is None:
        raise ValueError(f"not a source package: {source!a}")
    return name, _Build(version, arch or None, match[1], match[2] or version)


def _declare(fields: dict[bytes, bytes], declared: defaultdict[str, list[tuple[str, str]]]) -> None:
    """Put a source package below the names of its binary packages. Raises ValueError for a stanza that has none."""
    source, version = _texts(fields, b"Package", b"Version")
    if not source or not version:
        raise ValueError("a stanza without Package or Version")
    names = set(map(str.strip, fields.get(b"Binary", b"").decode().split(",")))
    for line in lines_of(fields.get(b"Package-List", b"").decode()):
        names.update(line.split()[:1])
    names.discard("")
    if not names or not all(map(_NAME.fullmatch, names)):
        raise ValueError("a source package without binary packages, or with one that has no right name")
    for name in names:
        declared[name].append((source, version))


def _with_contradictions(report: ReadReport, builds: dict[tuple[str, str], list[_Build]]) -> ReadReport:
    """The report with what the map contradicts itself about: one build with several sources."""
    rejections = tuple(
        Rejection(report.source, name, f"{name} {build}", f"several sources: {', '.join(sources)}", Extent.PART)
        for (_, name), those in builds.items()
        if len(those) > 1
        for build, sources in _contradicting(those)
    )
    return evolve(report, rejections=report.rejections + rejections) if rejections else report


def _contradicting(builds: Iterable[_Build]) -> Iterator[tuple[str, list[str]]]:
    found: defaultdict[tuple[str, str | None], set[str]] = defaultdict(set)
    for build in builds:
        found[build.version, build.arch].add(f"{build.source} {build.source_version or ''}".rstrip())
    for (version, _), sources in found.items():
        if len(sources) > 1:
            yield version, sorted(sources)
