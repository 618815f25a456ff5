"""Rule 2: what of a package is looked up, and rules 12 and 13: which packages are judged, and as what."""

from collections.abc import Iterator, Sequence

import vercmp
from advisories.distros.kernels import is_metapackage, kernel_source
from advisories.distros.lines import FLAVOURS, LINED, MAIN_LINE, line_of
from advisories.distros.package_names import is_evr
from advisories.distros.signed import AdvisedSource, Naming, advised_sources
from advisories.distros.third_parties import is_third_party
from advisories.distros.vendors import rebuild_suffixes
from advisories.index.records import version_key
from advisories.matching.rules.scopes import BACKPORT, InArchive, archive_unknown, backport_scope, without_rebuild
from advisories.matching.rules.terms import EPOCH_UNKNOWN, EPOCHS_LEFT_OUT, NONE, Query
from advisories.models.assumptions import Assumption
from advisories.models.distribution import Distribution, name_filed_under
from advisories.models.findings import Note, PackageClass
from advisories.models.frozen import evolve
from advisories.models.json_fields import SHOWN
from advisories.models.packages import SCHEME_OF_TYPE, Package, State
from advisories.models.words import Names

__all__ = ["is_removed", "line_shown", "only_names", "queries", "rebuilt", "state_remark", "unjudged"]


def queries(
    package: Package,
    distribution: Distribution,
    given: tuple[Note, ...] = (),
    in_archive: InArchive = archive_unknown,
) -> tuple[Query, ...]:
    """Rule 2: what records may name, the binary package and the source packages, each with *its* version.

    Where the list has no source name or version, the package's own stands for it, without a binNMU suffix (``+b1``
    counts rebuilds of one source). Signed packages are compared as the source that advisories name
    (:mod:`advisories.distros.signed`), and a kernel without a listed source as the one that its name shows. A
    metapackage of a kernel has no queries: the kernel has its findings.

    :param given: notes of the rules that applied to the package already.
    :param in_archive: as in :func:`backport_scope`.
    """
    is_deb = package.type == "deb"
    if is_deb and package.name.startswith("linux-") and is_metapackage(package):
        return ()
    package, rebuild = rebuilt(package, distribution)
    scope, note = backport_scope(package, distribution, in_archive)
    backport = note is not None
    remark = state_remark(package.state)
    notes = (*given, *((remark,) if remark else ()), *((note,) if note else ()))
    own = name_filed_under(package.type, package.name)
    line = line_shown(package, scope)
    name, version, epoch_known = package.source_name or own, package.source_version, package.source_epoch_known
    advised: Sequence[AdvisedSource] = ()
    if is_deb and (name.startswith("linux-") or name.endswith("-signed")):
        advised = advised_sources(name, without_rebuild(package)) or ()
    sources = tuple([one.name for one in advised]) if advised else ()
    if is_deb and package.source_name is not None:
        sources = (package.source_name, *sources)
    known, of = package.epoch_known, package.version
    found = [_query(package, scope, Names.BINARY, own, of, known, backport, notes, line=line, sources=sources)]
    if not advised or advised[0].naming is not Naming.INSTEAD:
        refused, its_notes = None, notes
        if version is None:
            version, epoch_known = without_rebuild(package), package.epoch_known
            what = "source package" if package.source_name is None else "source version"
            note = Note(2, f"no {what} is listed: the package's own stands for it")
            if package.source_name is not None and Assumption.SOURCE_UNKNOWN in package.doubts:
                refused = f"the list shows another build of {name} alone"
                note = Note(2, refused)
            its_notes = (*notes, note)
        query = _query(package, scope, Names.SOURCE, name, version, epoch_known, backport, its_notes, refused, line)
        if refused is not None:
            query = evolve(query, assumptions=query.assumptions | {Assumption.SOURCE_UNKNOWN})
        found.append(query)
    for rank, one in enumerate(advised, 1):
        shown = Note(2, f"advisories name {one.name} for {name}, and the package has its version {one.version}")
        its_notes = (*notes, shown)
        query = _query(
            package, scope, Names.SOURCE, one.name, one.version, package.epoch_known, backport, its_notes, line=line
        )
        found.append(evolve(query, rank=rank) if one.naming is Naming.ELSE else query)
    shown_by_name = None
    if is_deb and package.source_name is None and name.startswith("linux-"):
        shown_by_name = kernel_source(package, scope)
    if shown_by_name is not None:
        its_notes = (*notes, Note(2, f"no source package is listed: the name is that of a kernel of {shown_by_name}"))
        version, epoch_known = without_rebuild(package), package.epoch_known
        query = _query(
            package, scope, Names.SOURCE, shown_by_name, version, epoch_known, backport, its_notes, line=line
        )
        found.append(evolve(query, assumptions=query.assumptions | {Assumption.SOURCE_UNKNOWN}))
    if rebuild is not None:
        return tuple(one for query in found for one in _of_rebuild(query, rebuild))
    return tuple(found)


def only_names(package: Package, distribution: Distribution) -> tuple[str, str] | None:
    """The names of a package of the system and of its source, where :func:`queries` are of these names alone.

    Where no record has either name, nothing else of the queries matters. None for a backport, a rebuild, a kernel, what
    is signed, a flavour and a module's package: of those more is looked at.
    """
    name, source, version = package.name, package.source_name or package.name, package.version
    if package.module.streams:
        return None
    if package.type == "deb":
        if name.startswith("linux-") or source.startswith("linux-") or source.endswith("-signed"):
            return None
        if BACKPORT.search(version) is not None or rebuilt(package, distribution)[1] is not None:
            return None
    elif package.type == "rpm":
        for flavour in FLAVOURS:
            if flavour in version:
                return None
    return name, source


def _query(
    package: Package,
    scope: Distribution,
    names: Names,
    name: str,
    version: str,
    epoch_known: bool,
    backport: bool,
    notes: tuple[Note, ...],
    refused: str | None = None,
    line: str | None = MAIN_LINE,
    sources: tuple[str, ...] = (),
) -> Query:
    if backport:
        version = BACKPORT.sub("", version)
    scheme = SCHEME_OF_TYPE[package.type]
    key: bytes | None = None
    if refused is None and scheme == "rpm" and not is_evr(version):
        refused = f"not a version of an rpm: {version[:SHOWN]!a}"  # whose order has a place for whatever stands there
    if refused is None:
        try:
            key = version_key(version, scheme, epoch=epoch_known)
        except vercmp.InvalidVersion as invalid:
            refused = str(invalid)
    return Query(
        names,
        name,
        version,
        epoch_known,
        package.module,
        package.arch,
        scheme,
        scope,
        key,
        refused,
        scheme == "rpm" and "-" not in version,
        NONE if epoch_known else EPOCH_UNKNOWN,
        notes if epoch_known else (*notes, EPOCHS_LEFT_OUT),
        line=line,
        sources=sources,
        lists_epochs=package.epoch_known,
    )


def line_shown(package: Package, scope: Distribution) -> str | None:
    """Rule 8: the line that a package shows, by its own name and version or by its source's."""
    if scope.id not in LINED:
        return MAIN_LINE
    line = line_of(scope, package.name, package.version, package.repository)
    if line == MAIN_LINE and package.source_name is not None:
        return line_of(scope, package.source_name, package.source_version or package.version)
    return line


def is_removed(package: Package) -> bool:
    """Rule 12: ``config-files`` and ``not-installed`` are not on disk. Every other state is, and is judged."""
    return not package.state.on_disk


def state_remark(state: State) -> Note | None:
    """Rule 12: the note of a state that is judged with a doubt. None for other states."""
    return Note(12, "half-installed: some of its files may be missing") if state is State.HALF_INSTALLED else None


def rebuilt(package: Package, host: Distribution) -> tuple[Package, Note | None]:
    """Rule 13: a rebuild of one of the distribution's packages, without what its builder added to the version.

    :param host: the release whose advisories are used.
    :returns: the package with the versions to compare, and a note. The note is None for what shows no rebuild.
    """
    version, source = package.version, package.source_version
    found: list[str] = []
    for builder, mark, suffix in rebuild_suffixes(host.id) if package.type == "deb" else ():
        if mark not in version and (source is None or mark not in source):
            continue
        shown = suffix.search(version) or suffix.search(source or "")
        if shown is not None:
            found.append(f"{builder} ({shown[0]})")
            version, source = suffix.sub("", version), None if source is None else suffix.sub("", source)
    if not found:
        return package, None
    note = Note(13, f"a rebuild by {' and '.join(found)}, compared without that suffix")
    return evolve(package, version=version, source_version=source), note


def _of_rebuild(query: Query, note: Note) -> Iterator[Query]:
    """The queries of a rebuild: with its epoch, and without it for records that show none."""
    query = evolve(query, assumptions=query.assumptions | {Assumption.REBUILD}, notes=(*query.notes, note))
    epoch, colon, rest = query.version.partition(":")
    if not colon or not query.epoch_known or not epoch.strip("0") or query.key is None:
        yield query
        return
    yield evolve(query, epochs_shown=True)
    # A version with a colon of its own needs an epoch.
    rest = f"0:{rest}" if ":" in rest else rest
    without = Note(13, f"compared without the epoch {epoch}, which the record does not have")
    key = version_key(rest, query.scheme, epoch=True)
    yield evolve(query, version=rest, key=key, epochs_shown=False, notes=(*query.notes, without))


def unjudged(package: Package, own: Distribution, is_judged: bool, *, third_parties: bool) -> PackageClass | None:
    """The class of a package that is judged by no record, the first that fits (rules 12, 13 and 1). None for others.

    :param own: the host's own distribution.
    :param is_judged: whether packages of its type are judged on this host.
    :param third_parties: judge packages of other vendors too.
    """
    if is_removed(package):
        return PackageClass.NOT_INSTALLED
    if not third_parties and is_third_party(package, own):
        return PackageClass.THIRD_PARTY
    return None if is_judged else PackageClass.NOT_COVERED
