"""A root file system as a tree: the packages of each database in it, and its distribution.

What stands where a database should and cannot be read is an error: the rest would pass for a whole host.
"""

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from typing import Final

from advisories.distros.identity import identified
from advisories.models.assumptions import Assumption
from advisories.models.distribution import Distribution
from advisories.models.errors import EmptySource, LimitExceeded, PassesExceeded, UnreadableSource
from advisories.models.frozen import evolve
from advisories.models.packages import Inventory, Package
from advisories.models.reading import SYSTEM, Rejection
from advisories.readers.collector import LIST_LIMITS, Collector
from advisories.readers.inventories import apk_installed, apk_world, dpkg_status, rpm_database, rpm_qa
from advisories.readers.inventories.dpkg_lists import SUMS, DpkgLists
from advisories.readers.inventories.languages.choice import USUAL
from advisories.readers.inventories.languages.owners import Owners
from advisories.readers.inventories.languages.scan import Scan
from advisories.readers.inventories.locations import See
from advisories.readers.inventories.root_release import distribution_of_root
from advisories.readers.inventories.rpm_backend import file_of_backend
from advisories.readers.inventories.rpm_sqlite import LOG
from advisories.readers.inventories.wholeness import (
    doubted,
    of_another_system,
    see_others,
    sign_of_system,
    with_rejections,
)
from advisories.readers.listing import Listing
from advisories.readers.releases import ecosystem_of
from advisories.readers.setups.conclusion import concluded
from advisories.readers.setups.of_root import entries_of
from advisories.readers.setups.registry import PATTERN
from advisories.sources.limits import DEFAULT_LIMITS, Limits
from advisories.sources.tree import Kind, Status, Tree, content, contents, file_at, place

__all__ = [
    "FORMAT",
    "databases_of",
    "has_dpkg",
    "holds_image",
    "installed_in",
    "is_wanted",
    "kinds_in",
    "read_root",
    "with_setups",
]

#: What the format of such an inventory is called.
FORMAT: Final = "root"

_DPKG_STATUS: Final = b"var/lib/dpkg/status"
_DPKG_BEFORE: Final = b"var/lib/dpkg/status-old"
_DPKG_CHANGES: Final = b"var/lib/dpkg/updates"
_DPKG_PARTS: Final = b"var/lib/dpkg/status.d"
_APK: Final = (b"lib/apk/db/installed", b"usr/lib/apk/db/installed")
_APK_WANTED: Final = b"etc/apk/world"
# Bytes of it. Real ones have some hundred.
_MOST_WANTED: Final = 1 << 20
_RPM_FOLDERS: Final = (b"var/lib/rpm", b"usr/lib/sysimage/rpm", b"usr/share/rpm")
_RPM_FILES: Final = (b"rpmdb.sqlite", b"Packages.db", b"Packages")
_LOGGED: Final = b"rpmdb.sqlite"
# The list that Azure Linux's distroless images have in a database's place.
_RPM_MANIFEST: Final = b"var/lib/rpmmanifest/container-manifest-2"
_NO_DATABASE: Final = (
    "no package database of dpkg, rpm or apk where a root file system has it, such as var/lib/dpkg/status or "
    "lib/apk/db/installed; a database alone is named itself, not its folder"
)
# Where readers look. Links lead elsewhere from there.
_WANTED: Final = re.compile(
    rb"var/lib/dpkg/(?:status(?:\.d/[^/]+)?|updates/[0-9]+|info/[^/]+\.list)|(?:usr/)?lib/apk/db/installed"
    rb"|etc/apk/world"
    rb"|(?:var/lib|usr/lib/sysimage|usr/share)/rpm/(?:rpmdb\.sqlite(?:-wal)?|Packages(?:\.db)?)"
    rb"|usr/lib/rpm/macros(?:\.d/macros\.[^/]+)?|etc/rpm/macros(?:\.[^/]+)?"
    rb"|var/lib/rpmmanifest/container-manifest-2|(?:etc|usr/lib)/(?:[^/]*release|debian_version|os\.release\.d/[^/]+)"
    rb"|" + PATTERN
)


# What saved images begin with, and what a root file system has that has a file of such a name.
_OF_IMAGES: Final = (b"oci-layout", b"index.json", b"manifest.json")
_OF_ROOTS: Final = (b"etc", b"usr", b"var", b"lib")


def holds_image(tree: Tree) -> bool:
    """Whether a tree is no root, but has an image saved in it."""
    try:
        if any(tree.stat(name) is not None for name in _OF_ROOTS):
            return False
        found = [tree.stat(name) for name in _OF_IMAGES]
    except UnreadableSource:
        return False  # reading it as a root shows why
    return any(status is not None and status.kind is Kind.FILE for status in found)


def is_wanted(name: bytes) -> bool:
    """Whether a root is read by this name, in most roots: others have links instead."""
    return _WANTED.fullmatch(name) is not None


def read_root(
    tree: Tree,
    limits: Limits = DEFAULT_LIMITS,
    scan: Scan | None = None,
    unread: Sequence[Rejection] = (),
) -> Inventory:
    """The packages of every database below a root, those of languages beside them, and its distribution.

    Where something shows that more is installed than that, each package has the assumption ``inventory-partial``, and a
    rejection has the reason.

    :param scan: what is looked for of languages. None looks for what is usual.
    :param unread: what of the root could not be read.

    Raises :class:`UnreadableSource` without a database and without a package of a language, or for a database that
    cannot be read, and :class:`~advisories.models.errors.EmptySource` where none lists an installed package.
    """
    collector = Collector(tree.source)
    collector.unread_types = set()  # all of them are looked for, but for what is skipped
    token = LIST_LIMITS.set(limits)
    try:
        scan = scan or Scan(USUAL, limits)
        owners = scan.find(tree)
        lists = DpkgLists(tree, limits, collector, see=owners.see_paths, miss=owners.miss)
        listings = list(_listings(tree, lists, limits, collector, owners.see))
        _note_missed(listings, owners)
    finally:
        LIST_LIMITS.reset(token)
    for listing in listings:
        collector.absorb(listing.report)
    see_others(tree, collector)
    refused = [*unread, *collector.rejections]
    distribution, where = _release_of(tree, listings, refused) if listings else distribution_of_root(tree)
    languages = scan.listing(tree, owners, distribution)
    if scan.assumed:
        assumed = {_key(package) for package in scan.assumed}
        listings = [evolve(listing, packages=tuple(_with_maker(listing.packages, assumed))) for listing in listings]
    why: str | None
    if listings:
        why = of_another_system(distribution, (package for listing in listings for package in listing.packages))
    elif languages.packages:
        sign = sign_of_system(tree)
        why = None if sign is None else f"{_NO_DATABASE}. The root is of a system, as {sign} shows"
    else:
        found = [*map(str, refused), *collector.skips]
        raise UnreadableSource(tree.source, "; ".join((_NO_DATABASE, *found[:1])))
    if distribution is None and not listings:
        distribution, where = ecosystem_of(languages.packages)
    collector.absorb(languages.report)
    inventory = Inventory(
        distribution,
        identified(tuple(package for listing in (*listings, languages) for package in listing.packages)),
        source=tree.source,
        format=FORMAT,
        distribution_source=where,
        report=collector.report(FORMAT),
    )
    inventory = with_setups(tree, inventory)
    inventory = evolve(inventory, contradictions=(*inventory.contradictions, *_several(tree, listings)))
    more = [Rejection(tree.source, "-", SYSTEM, one) for one in (why, *_leading_nowhere(tree)) if one is not None]
    if not listings and not unread and not more:
        return doubted(inventory, Assumption.SYSTEM_UNKNOWN)
    inventory = with_rejections(inventory, [*unread, *more])
    is_whole = not any(one.is_of_the_whole for one in collector.rejections)
    return inventory if is_whole else doubted(inventory, Assumption.INVENTORY_PARTIAL)


def _note_missed(listings: Iterable[Listing], owners: Owners) -> None:
    """Note the packages of a database of rpm or apk, or of a list in its place, that names no file of any package."""
    for listing in listings:
        if not any(package.locations or package.type == "deb" for package in listing.packages):
            for package in listing.packages:
                owners.miss(package)


def _leading_nowhere(tree: Tree) -> Iterator[str]:
    """Why a database may be lost: a link stands in its place, and what it leads to is not there."""
    folders = (_DPKG_STATUS.rpartition(b"/")[0], *(name.rpartition(b"/")[0] for name in _APK), *_RPM_FOLDERS)
    files = (
        _DPKG_STATUS,
        _DPKG_PARTS,
        *_APK,
        *(b"%s/%s" % (above, file) for above in _RPM_FOLDERS for file in _RPM_FILES),
    )
    for name in (*folders, *files):
        target = tree.target(name)
        if target is not None and tree.stat(name) is None:
            yield f"a link in the place of a package database, which leads nowhere: {_text(name)} to {_text(target)}"


def _several(tree: Tree, listings: Iterable[Listing]) -> Iterator[str]:
    """A sentence for each package manager that has packages in two places. Those of both are listed."""
    sources = [listing.report.source for listing in listings]
    for manager, names in (("dpkg", (_DPKG_STATUS, _DPKG_PARTS)), ("apk", _APK)):
        there = [name for name in names if any(_is_of(source, place(tree, name)) for source in sources)]
        if len(there) > 1:
            yield f"{manager} has its packages in {' and in '.join(map(_text, there))}, and those of both are listed"


def _is_of(source: str, place: str) -> bool:
    return source == place or source.startswith(f"{place}/")


def _key(package: Package) -> tuple[str, str, str, str | None]:
    return package.type, package.name, package.version, package.arch


def _with_maker(packages: Iterable[Package], assumed: Container[tuple[str, str, str, str | None]]) -> Iterator[Package]:
    """With the assumption of those who bring packages of languages, and nothing shows who built them."""
    for package in packages:
        is_assumed = _key(package) in assumed
        yield evolve(package, doubts=package.doubts | {Assumption.MAKER_UNKNOWN}) if is_assumed else package


def _release_of(
    tree: Tree, listings: list[Listing], refused: Sequence[Rejection]
) -> tuple[Distribution | None, str | None]:
    """The distribution of a root with databases, and what shows it.

    Raises :class:`~advisories.models.errors.EmptySource` where no database lists an installed package.
    """
    if not any(package.state.on_disk for listing in listings for package in listing.packages):
        first = f"; the first of {len(refused)} refused: {refused[0]}" if refused else ""
        raise EmptySource(tree.source, f"no installed package{first}")
    distribution, where = distribution_of_root(tree)
    if distribution is None and where is None:
        known = [listing for listing in listings if listing.distribution is not None]
        return (known[0].distribution, known[0].distribution_source) if known else (None, None)
    return distribution, where


def with_setups(tree: Tree, inventory: Inventory) -> Inventory:
    """An inventory with what the files of its root show of repositories, channels and module streams."""
    files = list(entries_of(tree))
    if not files:
        return inventory
    found = concluded(files, inventory.distribution, inventory.packages)
    assert inventory.report is not None  # it was read
    collector = Collector(inventory.source)
    collector.absorb(inventory.report)
    for file in files:
        for rejection in file.rejections:
            collector.take(rejection)
    return evolve(
        inventory,
        distribution=found.distribution,
        distribution_source=found.distribution_source or inventory.distribution_source,
        packages=identified(found.packages),
        setups=found.setups,
        contradictions=found.contradictions,
        report=collector.report(inventory.format),
    )


def installed_in(tree: Tree, limits: Limits) -> list[Package]:
    """The installed packages of every database below a root, without their files. None where no database is.

    Raises :class:`UnreadableSource` for one that cannot be read.
    """
    collector = Collector(tree.source)
    token = LIST_LIMITS.set(limits)
    try:
        lists = DpkgLists(tree, limits, collector, are_read=False)
        listings = list(_listings(tree, lists, limits, collector, None))
    finally:
        LIST_LIMITS.reset(token)
    return [package for listing in listings for package in listing.packages if package.state.on_disk]


def databases_of(tree: Tree, limits: Limits) -> list[tuple[bytes, Status]]:
    """The files of every database below a root. They differ where what is in one may."""
    folders = [b"%s/%s" % (folder, file) for folder in _RPM_FOLDERS for file in _RPM_FILES]
    logs = [name + LOG for name in folders if name.endswith(_LOGGED)]
    names = [_DPKG_STATUS, *_APK, *folders, *logs, _RPM_MANIFEST]
    names += [b"%s/%s" % (_DPKG_PARTS, part) for part in _entries(tree, limits, _DPKG_PARTS)]
    return [(name, status) for name in names if (status := tree.stat(name)) is not None]


def kinds_in(tree: Tree) -> set[str]:
    """The kinds of databases below a root that are not empty."""
    names = {
        _DPKG_STATUS: (_DPKG_STATUS,),
        _DPKG_PARTS: (_DPKG_PARTS,),
        b"apk": _APK,
        b"rpm": (*(b"%s/%s" % (folder, file) for folder in _RPM_FOLDERS for file in _RPM_FILES), _RPM_MANIFEST),
    }
    return {kind.decode() for kind, files in names.items() if any(_is_filled(tree, name) for name in files)}


def _is_filled(tree: Tree, name: bytes) -> bool:
    status = tree.stat(name)
    return status is not None and (status.size > 0 or status.kind is Kind.FOLDER)


def has_dpkg(tree: Tree, limits: Limits = DEFAULT_LIMITS) -> bool:
    """Whether dpkg's database is filled. Raises :class:`UnreadableSource` for one that was emptied, or is no file."""
    status = file_at(tree, _DPKG_STATUS)
    if status is None or status.size:
        return status is not None
    _refuse_emptied(tree, DpkgLists(tree, limits, Collector(tree.source)))
    return False


def _listings(tree: Tree, lists: DpkgLists, limits: Limits, collector: Collector, see: See | None) -> Iterator[Listing]:
    of_dpkg = [*_of_dpkg(tree, limits, lists, collector), *_parts(tree, limits, lists, collector)]
    lists.compare_sums(_entries(tree, limits, _DPKG_PARTS), of_dpkg)
    yield from of_dpkg
    yield from _of_apk(tree, limits, collector, see)
    yield from _of_rpm(tree, limits, collector, see)


def _of_dpkg(tree: Tree, limits: Limits, lists: DpkgLists, collector: Collector) -> Iterator[Listing]:
    (data,) = _read(tree, limits, _DPKG_STATUS)
    if data is None:
        return
    listing = dpkg_status.read(data, place(tree, _DPKG_STATUS))
    if listing.report.read:
        listing = _changed(tree, limits, listing, collector)
        lists.compare(listing)
        yield evolve(listing, packages=lists.located(listing.packages))
        return
    _refuse_emptied(tree, lists)
    _skip_empty(_DPKG_STATUS, collector)


def _changed(tree: Tree, limits: Limits, listing: Listing, collector: Collector) -> Listing:
    """With what dpkg has written down and has not yet put into its database: it was interrupted. dpkg puts it in before
    it does anything else, in the order of the names.

    Source: dpkg 1.21, ``lib/dpkg/dbmodify.c``, *cleanupdates*.
    """
    packages: dict[tuple[str, str | None], Package] = {}
    left = limits.inventory
    for part in _entries(tree, limits, _DPKG_CHANGES):
        if not part.isdigit():
            continue
        name = b"%s/%s" % (_DPKG_CHANGES, part)
        data = content(tree, name, left) or b""
        left -= len(data)
        change = dpkg_status.read(data, place(tree, name))
        if not change.report.read:
            collector.reject("-", SYSTEM, f"an empty change that dpkg has not yet put into its database: {_text(name)}")
        collector.absorb(change.report)
        collector.skip(f"a change that dpkg has not yet put into its database, put in here: {_text(_DPKG_CHANGES)}")
        packages |= {(one.name, one.arch): one for one in change.packages}
    if not packages:
        return listing
    kept = [one for one in listing.packages if (one.name, one.arch) not in packages]
    gone = len(listing.packages) - len(kept)
    report = evolve(listing.report, read=listing.report.read - gone, kept=listing.report.kept - gone)
    return evolve(listing, packages=(*kept, *packages.values()), report=report)


def _text(name: bytes) -> str:
    return name.decode("utf-8", "backslashreplace")


def _refuse_emptied(tree: Tree, lists: DpkgLists) -> None:
    """Other systems have an empty status file beside their own database. One that had packages is damaged."""
    before = tree.stat(_DPKG_BEFORE)
    if lists.packages or (before is not None and before.size):
        raise UnreadableSource(place(tree, _DPKG_STATUS), "it is empty, and other files of dpkg show packages")


def _read(tree: Tree, limits: Limits, *names: bytes) -> list[bytes | None]:
    """The contents of files that belong together, within the limits of lists."""
    try:
        found = contents(tree, names, limits.inventory)
    except PassesExceeded:
        raise
    except LimitExceeded as error:
        raise LimitExceeded(error.source, limits.beyond("inventory", error.why)) from error
    for name, data in zip(names, found, strict=True):
        if data is not None and data.count(b"\n") > limits.lines:
            raise LimitExceeded(place(tree, name), _too_many_lines(limits))
    return found


def _too_many_lines(limits: Limits) -> str:
    return limits.beyond("lines", f"more lines than the limit of {limits.lines}")


def _entries(tree: Tree, limits: Limits, name: bytes) -> list[bytes]:
    """The names in a folder, in order. None where there is no folder."""
    try:
        return sorted(tree.entries(name, limits.members) or ())
    except LimitExceeded as error:
        raise LimitExceeded(error.source, limits.beyond("members", error.why)) from error


def _skip_empty(name: bytes, collector: Collector) -> None:
    collector.skip(f"an empty file in the place of a database: {name.decode()}")


def _parts(tree: Tree, limits: Limits, lists: DpkgLists, collector: Collector) -> Iterator[Listing]:
    """Of a distroless image of Debian, which has a file of its own for each package."""
    left, lines = limits.inventory, limits.lines
    for part in _entries(tree, limits, _DPKG_PARTS):
        if part.endswith(SUMS):
            continue
        name = b"%s/%s" % (_DPKG_PARTS, part)
        try:
            data = content(tree, name, left)
        except PassesExceeded:
            raise
        except LimitExceeded as error:
            why = limits.beyond("inventory", f"larger than the limit of {limits.inventory} bytes")
            raise LimitExceeded(place(tree, _DPKG_PARTS), why) from error
        except UnreadableSource as error:
            data, why = None, error.why
        else:
            why = "a link that leads nowhere, or a file that is gone by now"
        if data is None:
            collector.take(Rejection(place(tree, name), "-", part.decode("utf-8", "backslashreplace"), why))
            continue
        left -= len(data)
        lines -= data.count(b"\n")
        if lines < 0:
            raise LimitExceeded(place(tree, _DPKG_PARTS), _too_many_lines(limits))
        listing = dpkg_status.read(data, place(tree, name))
        if not listing.report.read:
            collector.take(Rejection(place(tree, name), "-", _text(part), "a file without a package"))
        locations = lists.of_part(name, listing.packages)
        yield evolve(listing, packages=tuple(evolve(one, locations=locations) for one in listing.packages))


def _of_apk(tree: Tree, limits: Limits, collector: Collector, see: See | None) -> Iterator[Listing]:
    seen = set()
    before: tuple[Package, ...] | None = None
    found: list[bytes] = []
    for name in _APK:
        status = file_at(tree, name)
        if status is None or status.identity in seen:
            continue
        seen.add(status.identity)
        (data,) = _read(tree, limits, name)
        found.append(data or b"")
        listing = apk_installed.read(found[-1], place(tree, name), see)
        if before is not None and list(map(_key, before)) == list(map(_key, listing.packages)):
            collector.skip(f"a copy of apk's database, beside it: {_text(name)}")
        elif listing.report.read or listing.report.skips:
            before = listing.packages
            yield listing
        else:
            wanted = tree.stat(_APK_WANTED)
            if wanted is not None and wanted.size:
                raise UnreadableSource(place(tree, name), f"it is empty, and {_APK_WANTED.decode()} has packages")
            _skip_empty(name, collector)
    if found:
        _hold_to_world(tree, found, collector)


def _hold_to_world(tree: Tree, databases: Sequence[bytes], collector: Collector) -> None:
    """Refuse databases of apk that lack packages which it was told to install: somebody took them out."""
    try:
        wanted = content(tree, _APK_WANTED, _MOST_WANTED) or b""
    except UnreadableSource as error:
        collector.skip(f"what apk was told to install ({_APK_WANTED.decode()}): {error.why}")
        return
    lacking = apk_world.lacking(wanted, databases)
    if lacking:
        more = f" and {len(lacking) - 1} more" if len(lacking) > 1 else ""
        why = f"apk's database lacks packages of {_APK_WANTED.decode()}: {_text(lacking[0])}{more}. It may be cut"
        collector.reject("-", SYSTEM, why)


def _of_rpm(tree: Tree, limits: Limits, collector: Collector, see: See | None) -> Iterator[Listing]:
    listing = _rpm_database(tree, limits, collector, see)
    if listing is not None:
        yield listing
    manifest = file_at(tree, _RPM_MANIFEST)
    if manifest is None:
        return
    if not manifest.size:
        _skip_empty(_RPM_MANIFEST, collector)
    elif listing is not None:
        collector.skip(f"a list of rpms beside their database: {_RPM_MANIFEST.decode()}")
    else:
        (data,) = _read(tree, limits, _RPM_MANIFEST)
        yield rpm_qa.read(data or b"", place(tree, _RPM_MANIFEST))


def _rpm_database(tree: Tree, limits: Limits, collector: Collector, see: See | None) -> Listing | None:
    """What is in the one database: of the kind that rpm's macros name, else of the newest. One without a package gives
    way to another. Where nothing shows which one rpm uses, and they have different packages, nobody knows what is
    installed.
    """
    names = _rpm_databases(tree, collector)
    backend = file_of_backend(tree) if len(names) > 1 else None
    if backend is not None:
        names.sort(key=lambda name: not name.endswith(b"/" + backend))
    found = None
    for number, name in enumerate(names, 1):
        if found is not None:
            if backend:
                collector.skip(f"another rpm database, which rpm is not set up to use: {_text(name)}")
            elif (why := _unlike(tree, limits, name, found)) is None:
                collector.skip(f"another rpm database, with no other packages: {_text(name)}")
            else:
                collector.reject("-", SYSTEM, f"another rpm database, while nothing shows which one rpm uses: {why}")
            continue
        listing = _of_rpm_database(tree, limits, name, see)
        if listing.report.read or number == len(names):
            found = listing
        else:
            collector.skip(f"an rpm database without a package, beside another: {_text(name)}")
    return found


def _unlike(tree: Tree, limits: Limits, name: bytes, found: Listing) -> str | None:
    """Why a database may have other packages than one that was read. None where it has no others."""
    try:
        other = _of_rpm_database(tree, limits, name, None)
    except UnreadableSource as error:
        return f"{_text(name)}, which cannot be read: {error.why}"
    known = set(map(_key, found.packages))
    more = [package for package in other.packages if _key(package) not in known]
    if not more and not other.report.rejected:
        return None
    first = f", such as {more[0].name} {more[0].version}" if more else ""
    return f"{_text(name)}, which has {len(more)} other packages{first}"


def _of_rpm_database(tree: Tree, limits: Limits, name: bytes, see: See | None) -> Listing:
    logs = [name + LOG] if name.endswith(_LOGGED) else []
    data, *log = _read(tree, limits, name, *logs)
    return rpm_database.read_with_log(data or b"", log[0] if log else None, place(tree, name), see)


def _rpm_databases(tree: Tree, collector: Collector) -> list[bytes]:
    """The newest kind first, of several folders that links make one the first. Empty files are skipped."""
    found: list[bytes] = []
    seen = set()
    for file in _RPM_FILES:
        for folder in _RPM_FOLDERS:
            name = b"%s/%s" % (folder, file)
            status = file_at(tree, name)
            if status is None or status.identity in seen:
                continue
            seen.add(status.identity)
            log = tree.stat(name + LOG) if not status.size and file == _LOGGED else None
            if status.size or (log and log.size):
                found.append(name)
            else:
                _skip_empty(name, collector)
    return found
