"""The rules of matching, a section each, named by their numbers. :data:`RULES` lists them.

A *query* is a name and version to look up: the binary package's, or its source package's. A *comparison* is one query
against one record. Every function is pure and uses nothing but its arguments.
"""

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from enum import Enum
from functools import lru_cache
from typing import Final

import vercmp
from advisories.distros import rebuilds
from advisories.distros.kernels import Role, is_metapackage, kernel_of, kernel_source, running, slot_of
from advisories.distros.lines import (
    FLAVOURS,
    LINED,
    LINED_BY_CHANNEL,
    MAIN_LINE,
    branch_of,
    has_own_source,
    is_sole_channel,
    line_of,
    lines_of_record,
    may_hide_lines,
    names_of_line,
    opens,
)
from advisories.distros.signed import AdvisedSource, Naming, advised_sources
from advisories.distros.third_parties import is_third_party
from advisories.distros.vendors import rebuild_suffixes
from advisories.index.feed import Feed
from advisories.index.records import (
    Group,
    Interval,
    Record,
    epoch_of,
    epochs_of,
    interval_of,
    intervals_with_epoch,
    lacks_last_release,
    lists,
    version_key,
    with_epoch,
)
from advisories.matching.order import order_of_packages, order_of_vulnerabilities
from advisories.models.advisories import Advisory, Affected, FixState, Kind, Range
from advisories.models.assumptions import Assumption
from advisories.models.distribution import (
    UNSTABLE,
    Distribution,
    family_of,
    filed_under,
    has_channel,
    is_additive,
    is_branch,
    name_filed_under,
    next_release,
)
from advisories.models.findings import Note, PackageClass, Presence
from advisories.models.frozen import evolve, field, frozen
from advisories.models.nouns import outlined
from advisories.models.packages import SCHEME_OF_TYPE, Module, Package, State
from advisories.models.words import Names

__all__ = [
    "ANY_ARCH",
    "ARCH_ALIASES",
    "RULES",
    "UNSTABLE_DEBIAN",
    "Comparison",
    "Decision",
    "Fix",
    "Outcome",
    "Query",
    "Rule",
    "arch_applies",
    "backport_scope",
    "backport_suffix",
    "branches",
    "by_kind",
    "channel_applies",
    "cleared_by_fixes",
    "cleared_by_negative",
    "cleared_by_unstable",
    "compare",
    "completion_applies",
    "decide",
    "epoch_applies",
    "epoch_may_matter",
    "excluding_rule",
    "exclusion",
    "fix_state_of",
    "fixes_of",
    "flavour_applies",
    "is_rebuild",
    "is_removed",
    "is_withdrawn",
    "lacks_channel",
    "line_applies",
    "line_doubt",
    "lines_of",
    "makes_findings",
    "minor_releases",
    "module_applies",
    "of_first_names",
    "of_own_branch",
    "pending_restarts",
    "pick_fix",
    "presences",
    "queries",
    "range_outcome",
    "reachable",
    "rebuilt",
    "release_missing",
    "same_slot",
    "scope_assumed",
    "shows_builder",
    "source_applies",
    "source_doubts",
    "state_remark",
    "unjudged",
    "unsure_negatives",
    "uses_unstable",
    "with_known_epoch",
    "without_rebuild",
]


class Outcome(Enum):
    """The result of comparing a query with a record's ranges."""

    INSIDE = "inside"
    OUTSIDE = "outside"
    UNDECIDABLE = "undecidable"


@frozen
class Query:
    """A name and version to look up.

    :ivar distribution: the release whose records apply, as filed.
    :ivar key: the version's key (without its epoch where that is unknown), None where the scheme refuses the version.
    :ivar refused: the reason then.
    :ivar lacks_release: an rpm version without its release (rule 5).
    :ivar assumptions: those of every comparison with it.
    :ivar notes: of the rules that applied before any record was compared.
    :ivar rank: 0 for the package and its source. The records of a query of a higher rank count for a vulnerability that
        no record of a lower rank names.
    :ivar epochs_shown: whether it is for records that show an epoch, or for the others alone. None means all (rule 13).
    :ivar line: the line of builds that the package is in (rule 8). None where nothing shows it.
    :ivar sources: the names of the source of a binary package, where they are known (rule 2).
    :ivar as_published: leave out what advisories leave out (rule 0).
    :ivar lists_epochs: whether the list shows the epochs of binary packages, also where that of the source is unknown.
    """

    names: Names
    name: str
    version: str
    epoch_known: bool
    module: Module
    arch: str | None
    scheme: str
    distribution: Distribution
    key: bytes | None
    refused: str | None = None
    lacks_release: bool = False
    assumptions: frozenset[Assumption] = frozenset()
    notes: tuple[Note, ...] = field(default=(), repr=outlined)
    rank: int = 0
    epochs_shown: bool | None = None
    line: str | None = MAIN_LINE
    sources: tuple[str, ...] = ()
    as_published: bool = False
    lists_epochs: bool = False

    def intervals(self, record: Record) -> tuple[Interval, ...]:
        """The record's ranges as this query is compared with them: with epochs, or without (rule 4).

        A record that cannot show epochs has the query's.
        """
        if not self.epoch_known:
            return record.epochless
        return record.intervals if record.affected.epoch_known else self._with_own_epoch(record.affected.ranges)

    def _with_own_epoch(self, ranges: tuple[Range, ...]) -> tuple[Interval, ...]:
        return intervals_with_epoch(ranges, self.scheme, epoch_of(self.version, self.scheme)) if self.key else ()

    def versions(self, record: Record) -> frozenset[bytes]:
        """The versions that the record lists, with epochs or without (rule 4)."""
        if not self.epoch_known:
            return record.epochless_versions
        if record.affected.epoch_known:
            return record.versions
        listed = tuple(Range(introduced=version) for version in record.affected.versions)
        return frozenset(interval.low for interval in self._with_own_epoch(listed) if interval.low is not None)


@frozen
class Comparison:
    """One query against one record that is not excluded.

    :ivar inside: the intervals that hold the version. Empty where only a listed version is equal to it.
    :ivar listed: the record lists the version.
    :ivar why: the reason of an undecidable outcome.
    :ivar notes: of the rules that applied, those of the query first.
    """

    query: Query
    record: Record
    outcome: Outcome
    assumptions: frozenset[Assumption] = frozenset()
    inside: tuple[Interval, ...] = field(default=(), repr=outlined)
    listed: bool = False
    why: str = ""
    notes: tuple[Note, ...] = field(default=(), repr=outlined)


@frozen
class Fix:
    """A fixed version that a record of a vulnerability names, and the comparison with that record."""

    key: bytes
    version: str
    comparison: Comparison


@frozen
class Decision:
    """What the comparisons with all records of one vulnerability give together (rules 8 and 9).

    :ivar inside: the comparisons that make it affected. Empty where it is cleared.
    :ivar undecided: those that cannot be decided.
    :ivar fixes: every fix that the records name, lowest first.
    :ivar doubts: notes of the negative records that are too unsure to clear it.
    :ivar cleared: a note of the rule that cleared it, or the first of several. None where none did.
    :ivar assumptions: what the outcome rests on (rule 0), beyond what the comparisons do where it is affected.
    """

    inside: Sequence[Comparison] = field(default=(), repr=outlined)
    undecided: Sequence[Comparison] = field(default=(), repr=outlined)
    fixes: Sequence[Fix] = field(default=(), repr=outlined)
    doubts: tuple[Note, ...] = field(default=(), repr=outlined)
    cleared: Note | None = None
    assumptions: frozenset[Assumption] = frozenset()


# ---- 0. Nothing is clean by accident ----


def source_doubts(package: Package) -> frozenset[Assumption]:
    """Rule 0: what is unknown about a package where records of the release name sources.

    Of a source whose version alone is unknown, records make *undecidable* findings: without one nothing is unknown.
    """
    if package.source_name is not None:
        return package.doubts - {Assumption.SOURCE_UNKNOWN}
    if package.type not in _FROM_SOURCES or Assumption.NOT_IN_ARCHIVE in package.doubts:
        return package.doubts
    return package.doubts | {Assumption.SOURCE_UNKNOWN}


# The types whose packages are built from source packages of other names.
_FROM_SOURCES: Final = frozenset({"deb", "rpm", "apk"})


def completion_applies(query: Query) -> bool:
    """Rule 0: whether a package is compared with an advisory that names documentation of its source alone."""
    return not query.as_published


def with_known_epoch(query: Query, group: Group) -> Query:
    """Rule 0: the query of a source package, of unknown epoch, without that assumption if nothing shows an epoch.

    A source rpm's file name never has one. If neither a record of the name nor a binary package of the source has an
    epoch, the source has none.
    """
    if not query.lists_epochs or group.shows_epochs or query.names is not Names.SOURCE or ":" in query.version:
        return query
    notes = tuple(note for note in query.notes if note is not _EPOCHS_LEFT_OUT)
    return evolve(query, epoch_known=True, assumptions=query.assumptions - _EPOCH_UNKNOWN, notes=notes)


def epoch_may_matter(query: Query, records: Iterable[Record]) -> bool:
    """Rule 0: whether an unknown epoch could turn *not affected*, with any of the epochs that records show.

    Where the list cannot show one, it is tried as each of them and as 0. Where records cannot, it matters if other
    records, or the installed version, show several.
    """
    if query.key is None:
        return False
    records = [record for record in records if not record.affected.negative]
    epochs = set[str]().union(*map(epochs_of, records))
    if query.epoch_known:
        unknown = any(not record.affected.epoch_known for record in records)
        return unknown and len(epochs | {epoch_of(query.version, query.scheme)}) > 1
    keys = [
        vercmp.sort_key(with_epoch(query.version, query.scheme, epoch), scheme=query.scheme)
        for epoch in sorted(epochs | {"0"})
    ]
    return any(interval.holds(key) for record in records for interval in record.intervals for key in keys) or any(
        key in record.versions for record in records for key in keys
    )


# ---- 1. Scope ----


@lru_cache(maxsize=1 << 10)
def scope_assumed(own: Distribution | None, used: Distribution) -> tuple[tuple[Assumption, Note], ...]:
    """Rule 1: what is assumed where you choose the release whose advisories are used, and of a derivative (rule 13).

    :param own: the release that the inventory states.
    :param used: the release whose advisories are used.
    :returns: assumptions, each with a note. Empty where the release is the host's own.
    """
    mine, judged = None if own is None else filed_under(own), filed_under(used)
    found: list[tuple[Assumption, Note]] = []
    if mine is None or (mine.release is None and mine.id == judged.id):
        found.append((Assumption.RELEASE_ASSUMED, Note(1, f"the list does not name its release: judged as {judged}")))
    elif (mine.id, mine.release) != (judged.id, judged.release):
        note = Note(1, f"{mine} judged by the advisories of {judged}, by choice")
        found.append((Assumption.DISTRIBUTION_ASSUMED, note))
    host = own or used
    family = family_of(host)
    if family is not None and family.type == "deb" and filed_under(host).id != host.id:
        note = Note(13, f"{host} rebuilds packages of {judged}, and has no advisories of its own")
        found.append((Assumption.REBUILD, note))
    return tuple(found)


# A backport may be rebuilt too: the suffix of a binNMU stands behind it, in the binary's version alone.
_BACKPORT: Final = re.compile(r"~bpo(\d+)\+\d+(?:\+b\d+)?$", re.ASCII)
# Up to Debian 7 its release stands with its minor one: ~bpo70+1.
_WITH_MINOR: Final = re.compile(r"[4-7]0")


_InArchive = Callable[[Distribution, str], str | None]


def _archive_unknown(distribution: Distribution, source: str) -> None:
    return None


def backport_scope(
    package: Package, distribution: Distribution, in_archive: _InArchive = _archive_unknown
) -> tuple[Distribution, Note | None]:
    """Rule 1b: a ``~bpoN+M`` build of Debian N is judged by the next release's records, without that suffix. ``~bpo60``
    and ``~bpo70`` are of Debian 6 and 7. Where the next release has an earlier upstream version, the build was made of
    the release behind it (*sloppy* backports).

    :param in_archive: the version of a source that a release's archive has (:meth:`advisories.Feed.in_archive`).
    :returns: the release whose records apply, and a note. The note is None for what is no backport.
    """
    match = _BACKPORT.search(package.version) if package.type == "deb" else None
    if match is None or distribution.release != (match[1][0] if _WITH_MINOR.fullmatch(match[1]) else match[1]):
        return distribution, None
    following = next_release(distribution)
    if following is None:
        return distribution, None
    later = next_release(following)
    if later is not None:
        archived = in_archive(following, package.source_name or package.name)
        if archived is not None and _is_below_upstream(archived, _BACKPORT.sub("", _source_version(package))):
            why = f"{following} has {archived}"
            return later, Note(1, f"a backport, judged by {later} without {match[0]}, as {why}")
    return following, Note(1, f"a backport, judged by {following} without {match[0]}")


def _source_version(package: Package) -> str:
    return package.source_version or without_rebuild(package)


def _is_below_upstream(archived: str, version: str) -> bool:
    """Whether what an archive has comes before every revision of a version's upstream part."""
    with suppress(vercmp.InvalidVersion):
        epoch, upstream, _ = vercmp.dpkg.split(version)
        first = f"{epoch}:{upstream}" if epoch else upstream
        return vercmp.dpkg.compare(archived, first) < 0
    return False


def backport_suffix(package: Package) -> str:
    """The suffix of a Debian backport's version, behind the version that it was made of. Empty for other packages."""
    match = _BACKPORT.search(package.version) if package.type == "deb" else None
    return match[0] if match is not None else ""


#: Where Debian's fixes come first (rule 1a).
UNSTABLE_DEBIAN: Final = Distribution("debian", UNSTABLE)


def uses_unstable(distribution: Distribution) -> bool:
    """Rule 1a: whether unstable's fixes clear a package that its own release has no fix for."""
    return distribution.id == UNSTABLE_DEBIAN.id and distribution.release != UNSTABLE_DEBIAN.release


def cleared_by_unstable(query: Query, records: Iterable[Record]) -> str | None:
    """Rule 1a: where a Debian release's own record has no fix, unstable's fix clears it.

    :param records: unstable's records of the vulnerability.
    :returns: that fix, None if there is none or the version has not reached it.
    """
    for record in records:
        if is_withdrawn(record.advisory):
            continue
        for interval in query.intervals(record):
            if interval.fixed is not None and query.key is not None and query.key >= interval.fixed:
                return interval.range.fixed
    return None


# ---- 2. Names ----


def without_rebuild(package: Package) -> str:
    """A package's version without what counts rebuilds of one source (a deb's binNMU, ``+b1``)."""
    return rebuilds.without_rebuild(package.version) if package.type == "deb" else package.version


def queries(
    package: Package,
    distribution: Distribution,
    given: tuple[Note, ...] = (),
    in_archive: _InArchive = _archive_unknown,
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
    line = _line(package, scope) if scope.id in LINED else MAIN_LINE
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


def source_applies(query: Query, affected: Affected) -> bool:
    """Rule 2: a record of a binary package that names its source is about that source's builds alone.

    Where the package's source is not known, the record applies.
    """
    return not query.sources or affected.source in query.sources


def of_first_names(comparisons: Sequence[Comparison]) -> Sequence[Comparison]:
    """Rule 2: the comparisons that count, of those with the records of one vulnerability. Where records name the
    package or its source, those of a source that it signs do not count: the two have versions of their own.
    """
    ranks = {comparison.query.rank for comparison in comparisons}
    if len(ranks) < 2:
        return comparisons
    first = min(ranks)
    return [comparison for comparison in comparisons if comparison.query.rank == first]


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
        version = _BACKPORT.sub("", version)
    scheme = SCHEME_OF_TYPE[package.type]
    key: bytes | None = None
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
        _NONE if epoch_known else _EPOCH_UNKNOWN,
        notes if epoch_known else (*notes, _EPOCHS_LEFT_OUT),
        line=line,
        sources=sources,
        lists_epochs=package.epoch_known,
    )


_NONE: Final = frozenset[Assumption]()
_EPOCH_UNKNOWN: Final = frozenset({Assumption.EPOCH_UNKNOWN})
_EPOCHS_LEFT_OUT: Final = Note(4, "the epoch is unknown: epochs are left out on both sides")


# ---- 3, 4, 5 and 14. Ranges, epochs, missing releases, and what cannot be decided ----


def range_outcome(
    query: Query, record: Record, assumptions: frozenset[Assumption], notes: tuple[Note, ...]
) -> Comparison:
    """Rule 3: inside any of the ranges (half-open: installed = fixed is outside), or equal to a listed version.

    A listed version without order is equal to the same text, and one of Python's without a local part to its local
    versions.

    Rule 4: with an unknown epoch, epochs are left out on both sides, and a range turned upside down by that is
    undecidable. Rule 5: an rpm version without release that ties with a bound is undecidable. Rule 14: so is a version
    that cannot be ordered, on either side.

    :param assumptions: those of the comparison.
    :param notes: of the rules that applied already, the query's own included.
    """
    key = query.key
    affected = record.affected
    if key is None:
        if query.version in affected.versions:
            return Comparison(query, record, Outcome.INSIDE, assumptions, listed=True, notes=notes)
        return Comparison(query, record, Outcome.UNDECIDABLE, assumptions, why=query.refused or "", notes=notes)
    if affected.negative and not affected.ranges and not affected.versions:
        # It is about every version: no epoch could make a difference.
        return Comparison(query, record, Outcome.INSIDE, assumptions - _EPOCH_UNKNOWN, notes=notes)
    intervals = query.intervals(record)
    may_tie = query.lacks_release or lacks_last_release(affected)
    if may_tie:
        inside, tied = release_missing(query, key, intervals)
    else:
        inside, tied = tuple([interval for interval in intervals if interval.holds(key)]), None
    if inside:
        if assumptions and any(interval.low is None and interval.high is None for interval in inside):
            assumptions -= _EPOCH_UNKNOWN  # as above
        return Comparison(query, record, Outcome.INSIDE, assumptions, inside, notes=notes)
    if lists(query.versions(record), key, query.version, query.scheme):
        return Comparison(query, record, Outcome.INSIDE, assumptions, listed=True, notes=notes)
    why = ""
    if tied is None and may_tie:
        tied = next((version for version in affected.versions if _ties(query, version, either=False)), None)
    if tied is not None:
        why = f"{query.version} and {tied} differ in the release alone, and one has none"
        notes = (*notes, Note(5, why))
    elif any(interval.upside_down for interval in intervals):
        why = "without epochs the range ends before it begins"
    elif record.unordered is not None:
        why = record.unordered
    outcome = Outcome.UNDECIDABLE if why else Outcome.OUTSIDE
    return Comparison(query, record, outcome, assumptions, why=why, notes=notes)


def release_missing(query: Query, key: bytes, intervals: Iterable[Interval]) -> tuple[tuple[Interval, ...], str | None]:
    """Rule 5, bound by bound: does the outcome depend on a release that is missing?

    :returns: the intervals that hold the key whatever the release, and the first bound that the outcome depends on.
    """
    inside: list[Interval] = []
    tied: str | None = None
    for interval in intervals:
        bounds = interval.range
        open_bounds = {name: bound for name, bound, either in _bounds(bounds) if _ties(query, bound, either=either)}
        if not open_bounds:
            if interval.holds(key):
                inside.append(interval)
        elif interval_of(evolve(bounds, **dict.fromkeys(open_bounds)), query.scheme, epoch=query.epoch_known).holds(
            key
        ):
            # The other bounds hold the version: the outcome depends on these.
            tied = tied or next(iter(open_bounds.values()))
    return tuple(inside), tied


def _bounds(range: Range) -> Iterator[tuple[str, str, bool]]:
    """The bounds of a range, by name, and whether a tie may be by a release that the bound lacks."""
    for name, bound, either in (
        ("introduced", range.introduced, False),
        ("fixed", range.fixed, False),
        ("limit", range.limit, False),
        ("last_affected", range.last_affected, True),
    ):
        if bound is not None:
            yield name, bound, either


def _ties(query: Query, bound: str, *, either: bool) -> bool:
    """Whether two versions are equal but for a release that the installed one lacks (or, with `either`, the bound)."""
    try:
        ours, theirs = vercmp.rpm.split(query.version), vercmp.rpm.split(bound)
    except vercmp.InvalidVersion:
        return False  # a listed version without an order: rule 14's
    lacking = ours.release is None and theirs.release is not None
    lacking = lacking or (either and ours.release is not None and theirs.release is None)
    if not lacking or vercmp.rpm.rpmvercmp(ours.version, theirs.version) != 0:
        return False
    return not query.epoch_known or vercmp.rpm.rpmvercmp(ours.epoch or "0", theirs.epoch or "0") == 0


# ---- 6. Module streams ----


def module_applies(installed: Module, record: Module) -> tuple[bool, Assumption | None]:
    """Rule 6: equal streams, or none and none, are compared. Different ones, or one against none, are not.

    Where either is unknown they are compared, with an assumption.
    """
    if not installed.known or not record.known:
        return True, Assumption.MODULE_UNKNOWN
    if not installed.streams and not record.streams:
        return True, None
    return not set(installed.streams).isdisjoint(record.streams), None


# ---- 7. Architecture, flavour ----

#: Names of one architecture. What is not here has one name.
ARCH_ALIASES: Final[Mapping[str, str]] = {
    "amd64": "x86_64",
    "arm64": "aarch64",
    "ppc64el": "ppc64le",
    "i386": "i686",
    "i486": "i686",
    "i586": "i686",
}
#: The names of what is for every architecture.
ANY_ARCH: Final = frozenset({"noarch", "all", "any"})


def arch_applies(installed: str | None, arches: Sequence[str]) -> tuple[bool, Assumption | None]:
    """Rule 7: an architecture of the list, by any of its names. ``noarch`` and ``all`` are any, ``src`` never."""
    if installed in ("src", "nosrc"):
        return False, None
    listed = {ARCH_ALIASES.get(arch, arch) for arch in arches} - {"src", "nosrc"}
    if arches and not listed:
        return False, None
    if not arches or installed in ANY_ARCH or not ANY_ARCH.isdisjoint(listed):
        return True, None
    if installed is None:
        return True, Assumption.ARCH_UNKNOWN
    return ARCH_ALIASES.get(installed, installed) in listed, None


def flavour_applies(query: Query, affected: Affected) -> bool:
    """Rule 7: rpm builds for ksplice or FIPS match records of their own kind only, by their fixed version's words."""
    if query.scheme != "rpm":
        return True
    fixes = [range.fixed for range in affected.ranges if range.fixed is not None]
    return not fixes or any(_flavours(fix) == _flavours(query.version) for fix in fixes)


@lru_cache(maxsize=1 << 12)
def _flavours(version: str) -> frozenset[str]:
    return frozenset(flavour for flavour in FLAVOURS if flavour in version)


# ---- 8. Channels, branches and lines ----


def minor_releases(used: Distribution, feed: Feed) -> Mapping[str, Distribution]:
    """Rule 8: the minor releases of a release that the feed has records of, such as ``8.4`` of ``rhel 8``."""
    filed = filed_under(used)
    bare = Distribution(filed.id, filed.release)
    return {one.release or "": one for one in feed.releases if one != bare and filed_under(one) == bare}


def branches(
    version: str, used: Distribution, minors: Mapping[str, Distribution]
) -> Iterator[tuple[Distribution, str]]:
    """Rule 8: the minor releases whose records may concern a build: the one it was built for, and the host's own.

    :param used: the release whose advisories are used, with the host's channels.
    :param minors: those that the feed has.
    :returns: each with the reason in a few words.
    """
    if not minors:
        return
    build = branch_of(version)
    if build is not None and build in minors:
        yield minors[build], "the minor release that it was built for"
    own = used.release
    if own is not None and own in minors and own != build:
        yield minors[own], "the host's own minor release"


def channel_applies(query: Query, affected: Affected, host: Distribution) -> bool:
    """Rule 8: records of a branch concern builds of it, and hosts that have it. What goes on from the public builds
    concerns everybody. :func:`line_applies` decides about those of a line.
    """
    channel = affected.channel
    if channel is None or is_additive(channel) or has_channel(host, channel):
        return True
    if is_branch(channel):
        release = affected.distribution.release if affected.distribution is not None else None
        return query.scheme == "rpm" and release is not None and branch_of(query.version) == release
    return query.distribution.id in LINED


def line_applies(query: Query, affected: Affected, host: Distribution) -> bool:
    """Rule 8: records of one line are no concern of the builds of another. What shows no line meets every line.

    A host that states a line's channel may have builds of it that do not show it.
    """
    if affected.channel is None and query.distribution.id in LINED_BY_CHANNEL:
        return query.line == MAIN_LINE
    lines = lines_of(query.distribution, affected)
    if lines is None or query.line in lines:
        return True
    channel = affected.channel
    if query.line is None:
        stated = {one for one in host.channels if not is_additive(one) and not is_branch(one)}
        return not stated or MAIN_LINE in lines or (channel is not None and has_channel(host, channel))
    return query.line == MAIN_LINE and channel is not None and has_channel(host, channel)


def lines_of(distribution: Distribution, affected: Affected) -> frozenset[str] | None:
    """The lines that a record is about. None means every line of its name."""
    named = [range.fixed for range in affected.ranges if range.fixed is not None and range.fixed != "0"]
    if not named:
        named = [range.last_affected for range in affected.ranges if range.last_affected is not None]
    return lines_of_record(distribution, affected.package, affected.channel, tuple(named) or affected.versions)


def _line(package: Package, scope: Distribution) -> str | None:
    """The line that a package shows, by its own name and version or by its source's."""
    line = line_of(scope, package.name, package.version, package.repository)
    if line == MAIN_LINE and package.source_name is not None:
        return line_of(scope, package.source_name, package.source_version or package.version)
    return line


def line_doubt(queries: Sequence[Query], feed: Feed) -> Note | None:
    """Rule 8: a note where the feed has no record of the package's line at all, else None.

    A line counts as a whole. The feed need not name each of its packages.
    """
    distribution, line = queries[0].distribution, queries[0].line
    if line or may_hide_lines(distribution):
        releases = tuple(dict.fromkeys(one.distribution for one in queries))  # a minor release may have it alone
        key = ("line", *((one.id, one.release) for one in releases), line)
        if key not in feed.memo:
            feed.memo[key] = any(_is_known(one, line, feed) for one in releases)
        own = [(one.distribution, one.names, one.name) for one in queries]
        if not feed.memo[key] and not (line and any(_has_line(*one, line, feed) for one in own)):
            return Note(8, f"the feed has no record of the line {line}" if line else "the feed lacks the main line")
    sources = [one.name for one in queries if one.names is Names.SOURCE and has_own_source(distribution.id, one.name)]
    if sources and not any(feed.records(one.distribution, one.names, one.name) for one in queries):
        return Note(8, f"the feed has no record of {sources[0]}, a kernel of its own")
    return _flavour_doubt(queries, feed) or _stream_doubt(queries, feed)


# Packages that are built in every flavour.
_FLAVOURED: Final = ("glibc", "openssl", "openssl-libs")


def _flavour_doubt(queries: Sequence[Query], feed: Feed) -> Note | None:
    """A note where the feed has no record of builds for ksplice or FIPS, and the package is one."""
    query = queries[0]
    flavours = _flavours(query.version) if query.scheme == "rpm" else None
    if not flavours:
        return None
    named = [(one.distribution, one.names, one.name) for one in queries]
    named += [(query.distribution, Names.BINARY, name) for name in _FLAVOURED]
    key = ("flavours", *named)
    if key not in feed.memo:
        records = (record for one in named for record in _standing(feed, *one))
        fixes = (range.fixed for record in records for range in record.affected.ranges if range.fixed is not None)
        feed.memo[key] = frozenset(map(_flavours, fixes))
    if flavours in feed.memo[key]:
        return None
    return Note(8, f"the feed has no record of builds for {', '.join(sorted(flavours))}")


def _stream_doubt(queries: Sequence[Query], feed: Feed) -> Note | None:
    """A note where the feed has records of other streams of the package's module, and none of its own.

    They are looked for under the names of the package and of the module.
    """
    query = queries[0]
    if not query.module.streams:
        return None
    stream = query.module.streams[0]
    module = stream.partition(":")[0]
    named = [(one.distribution, one.names, one.name) for one in queries]
    named += [(one.distribution, Names.BINARY, module) for one in queries]
    key = ("streams", *named)
    if key not in feed.memo:
        of = [record.affected.module for one in dict.fromkeys(named) for record in _standing(feed, *one)]
        known = frozenset(one for streams in of for one in streams.streams)
        of_modules = frozenset([one.partition(":")[0] for one in known])
        feed.memo[key] = known, of_modules if all(streams.known for streams in of) else frozenset()
    known, of_modules = feed.memo[key]
    if stream in known or module not in of_modules:
        return None
    return Note(8, f"the feed has no record of the module stream {stream}")


def _standing(feed: Feed, distribution: Distribution, names: Names, name: str) -> list[Record]:
    """The records of a package that are not withdrawn."""
    return [record for record in feed.records(distribution, names, name) if not is_withdrawn(record.advisory)]


def _is_known(distribution: Distribution, line: str | None, feed: Feed) -> bool:
    if not line:
        return None in feed.channels(distribution)
    named = names_of_line(distribution, line)
    return any(_has_line(distribution, *one, line, feed) for one in named) or line in feed.channels(distribution)


def _has_line(distribution: Distribution, names: Names, name: str, line: str, feed: Feed) -> bool:
    records = _standing(feed, distribution, names, name)
    return any(line in (lines_of(distribution, record.affected) or ()) for record in records)


def lacks_channel(comparison: Comparison, host: Distribution) -> bool:
    """Rule 8: whether a record is of a channel that the host has not, as far as it states and the build shows.

    A build in a line of one channel shows that channel.
    """
    channel, query = comparison.record.affected.channel, comparison.query
    if channel is None or opens(host, channel, query.version):
        return False
    if is_additive(channel) or is_branch(channel):
        return True
    return query.line is not None and not is_sole_channel(query.distribution, query.line, channel)


def reachable(comparisons: Sequence[Comparison], host: Distribution) -> list[Comparison]:
    """Rule 8: where a fix is public, or in a channel of the host, records of channels it lacks do not concern it. Those
    of a branch concern every build of the branch.
    """
    own = [one for one in comparisons if _is_of_branch(one) or not lacks_channel(one, host)]
    if len(own) == len(comparisons):
        return own
    has_fix = any(
        interval.fixed is not None and _has_begun(interval, comparison.query.key)
        for comparison in own
        for interval in comparison.query.intervals(comparison.record)
    )
    return own if has_fix else list(comparisons)


def _has_begun(interval: Interval, key: bytes | None) -> bool:
    """Whether a range states anything of a version: it is in the range, or has reached its fix."""
    return key is None or interval.low is None or interval.low <= key


def fixes_of(comparisons: Iterable[Comparison]) -> list[Fix]:
    """Every fix that the records of one vulnerability name for a package, lowest first. A range that ends before it
    begins has none.
    """
    fixes: dict[tuple[bytes, str, str, Names], Fix] = {}
    for comparison in comparisons:
        if not comparison.record.affected.negative:
            for interval in comparison.query.intervals(comparison.record):
                if interval.fixed is not None and (
                    interval.low is None or interval.upside_down or not interval.is_empty
                ):
                    version = interval.range.fixed or ""
                    # A source and a binary package of one name may be fixed in one version.
                    place = interval.fixed, version, comparison.record.advisory.id, comparison.query.names
                    fixes[place] = Fix(interval.fixed, version, comparison)
    return [fixes[key] for key in sorted(fixes)]


def cleared_by_fixes(comparison: Comparison, fixes: "Fixes") -> Note | None:
    """Rule 8: whether an instance inside this record's ranges is cleared by another fix of the same vulnerability.

    rpm: it equals one, has reached one of its own branch, or the highest of the trunk. deb and apk: it has reached the
    highest of another channel. Ranges of other types are a union.
    A fix clears only ranges that begin before it, so that a vulnerability introduced again stands.
    """
    query = comparison.query
    if not comparison.inside or not fixes.reach(query.key):
        return None
    reached = fixes.of(query)
    if reached is None:
        return None
    fix: Fix | None = None
    for interval in comparison.inside:
        fix = reached.clears(comparison, interval)
        if fix is None:
            return None
    return None if fix is None else Note(8, f"cleared by the fix {fix.version} ({fix.comparison.record.advisory.id})")


class Fixes:
    """The fixes of one vulnerability, lowest first, looked up by what is installed.

    Each query looks through them once. So n ranges and n fixes are not compared each with each.
    """

    def __init__(self, fixes: Sequence[Fix], host: Distribution) -> None:
        self._fixes: Final = fixes
        self._host: Final = host
        # By the identity of the query, which the fixes' comparisons hold.
        self._of: Final[dict[int, tuple[Query, _InTrunk | _InChannels | None]]] = {}

    def reach(self, key: bytes | None) -> bool:
        """Whether any fix is as low as a key."""
        return key is not None and bool(self._fixes) and self._fixes[0].key <= key

    def of(self, query: Query) -> "_InTrunk | _InChannels | None":
        """Those that a query has reached. None where a scheme's ranges are a union."""
        number = id(query)
        if number not in self._of:
            kind = _CLEARING.get(query.scheme)
            same = [fix for fix in self._fixes if fix.comparison.query.names is query.names]
            self._of[number] = query, None if kind is None or query.key is None else kind(same, query, self._host)
        return self._of[number][1]


class _InTrunk:
    """Of rpm: the fix that clears a version, of its own branch or the trunk's. Builds without a branch are one too."""

    def __init__(self, fixes: Sequence[Fix], query: Query, host: Distribution) -> None:
        del host
        key, branch = query.key, branch_of(query.version)
        self._fixes: Final = fixes
        self._keys: Final = [fix.key for fix in fixes]
        assert key is not None
        self._equal: Final = bisect_left(self._keys, key)
        self._end: Final = bisect_right(self._keys, key)
        self._own: Final = [place for place in range(self._equal) if branch_of(fixes[place].version) == branch]
        trunk = (place for place in range(len(fixes) - 1, -1, -1) if not _is_of_branch(fixes[place].comparison))
        self._trunk: Final = next(trunk, len(fixes))

    def clears(self, comparison: Comparison, interval: Interval) -> Fix | None:
        """The fix that clears a range which holds the version."""
        del comparison
        first = _above(self._keys, interval)
        if first >= self._end:
            return None
        if self._equal < self._end:
            return self._fixes[self._equal]
        own = bisect_left(self._own, first)
        if own < len(self._own):
            return self._fixes[self._own[own]]
        ends = interval.high is None or interval.fixed is not None
        return self._fixes[self._trunk] if ends and first <= self._trunk < self._end else None


class _InChannels:
    """Of deb and apk: the highest fix of another channel, where the version has reached it.

    Below a public fix only that of a channel clears which the host has, and which goes on from the public builds.
    """

    def __init__(self, fixes: Sequence[Fix], query: Query, host: Distribution) -> None:
        self._query: Final = query
        self._host: Final = host
        self._keys: Final = [fix.key for fix in fixes]
        self._channels: Final = [fix.comparison.record.affected.channel for fix in fixes]
        self._highest: Final = dict(zip(self._channels, fixes, strict=True))
        self._places: Final[dict[bool, _Places]] = {}

    def clears(self, comparison: Comparison, interval: Interval) -> Fix | None:
        """The fix that clears a range which holds the version."""
        below_public = interval.high is not None
        places = self._places.get(below_public)
        if places is None:
            reached = {
                one
                for one, fix in self._highest.items()
                if one is not None and self._is_reached(one, fix, below_public)
            }
            places = self._places[below_public] = _Places(self._channels, reached)
        channel = places.first(_above(self._keys, interval), comparison.record.affected.channel)
        return None if channel is None else self._highest[channel]

    def _is_reached(self, channel: str, fix: Fix, below_public: bool) -> bool:
        query = self._query
        assert query.key is not None
        if fix.key > query.key:
            return False
        return not below_public or (is_additive(channel) and opens(self._host, channel, query.version))


class _Places:
    """Where fixes of some channels stand."""

    def __init__(self, channels: Sequence[str | None], wanted: Collection[str | None]) -> None:
        found = [(place, one) for place, one in enumerate(channels) if one in wanted]
        self._places: Final = [place for place, _ in found]
        self._channels: Final = [channel for _, channel in found]
        # From each of them, the next one of another channel.
        self._others: Final = [len(found)] * len(found)
        for number in range(len(found) - 2, -1, -1):
            same = self._channels[number] == self._channels[number + 1]
            self._others[number] = self._others[number + 1] if same else number + 1

    def first(self, place: int, own: str | None) -> str | None:
        """The channel of the first fix from a place on that is not of one's own."""
        number = bisect_left(self._places, place)
        if number < len(self._channels) and self._channels[number] == own:
            number = self._others[number]
        return self._channels[number] if number < len(self._channels) else None


def _above(keys: Sequence[bytes], interval: Interval) -> int:
    """The place of the first fix above the beginning of a range."""
    return 0 if interval.low is None else bisect_right(keys, interval.low)


_CLEARING: Final[Mapping[str, type[_InTrunk] | type[_InChannels]]] = {
    "rpm": _InTrunk,
    "dpkg": _InChannels,
    "apk": _InChannels,
}


def _is_of_branch(comparison: Comparison) -> bool:
    channel = comparison.record.affected.channel
    return channel is not None and is_branch(channel)


def pick_fix(
    comparison: Comparison, inside: Sequence[Comparison], fixes: Sequence[Fix], host: Distribution
) -> tuple[Fix | None, Note | None]:
    """Rule 8: the fix to name above what is installed, of those that the host can have if there are any.

    rpm: the lowest of its own branch, else the lowest. deb and apk: the highest, as that decides, with a note where a
    record without a fix stands beside it. Other types: the lowest that no range holds. For a version without order it
    is the lowest.

    :param comparison: the one that stands for all of `inside`.
    """
    query = comparison.query
    lines = lines_of(query.distribution, comparison.record.affected) if query.line is None else None
    same = [fix for fix in fixes if fix.comparison.query.names is query.names]
    if lines is not None:
        named = {id(fix.comparison): fix.comparison for fix in same}
        of_lines = {number for number, one in named.items() if _is_of_lines(one, lines)}
        same = [fix for fix in same if id(fix.comparison) in of_lines]
    above = [fix for fix in same if query.key is None or query.key < fix.key]
    if not above:
        return None, None
    own = above
    if len(above) > 1:
        own = [fix for fix in above if not lacks_channel(fix.comparison, host)] or above
    if query.scheme == "rpm":
        return _lowest(query, own)
    if query.key is None:
        return own[0], None
    if query.scheme in _CLEARING:
        fix = min(_highest_of_channels(own, host), key=lambda fix: fix.key)
        channels = {one for fix in same if (one := fix.comparison.record.affected.channel) is not None}
        beside = next((one for one in inside if _stands(one, channels)), None)
        return fix, None if beside is None else Note(8, f"{beside.record.advisory.id} has no fix, and stands beside it")
    records = {id(fix.comparison.record): fix.comparison.record for fix in same}
    ranges = [interval for record in records.values() for interval in query.intervals(record)]
    return _outside(own, ranges) or own[0], None


def _outside(fixes: Sequence[Fix], ranges: Iterable[Interval]) -> Fix | None:
    """The first of some fixes, lowest first, that no range holds. Each range is looked at once."""
    later = sorted([(one.low or b"", one.high) for one in ranges], key=lambda one: one[0], reverse=True)
    reach = b""
    for fix in fixes:
        while later and later[-1][0] <= fix.key:
            high = later.pop()[1]
            if high is None:
                return None
            reach = max(reach, high)
        if reach <= fix.key:
            return fix
    return None


def _is_of_lines(comparison: Comparison, lines: frozenset[str]) -> bool:
    theirs = lines_of(comparison.query.distribution, comparison.record.affected)
    return theirs is None or not lines.isdisjoint(theirs)


def _lowest(query: Query, fixes: Sequence[Fix]) -> tuple[Fix, Note | None]:
    if len(fixes) == 1:
        return fixes[0], None
    branch = branch_of(query.version)
    own = next(
        (fix for fix in fixes if _is_of_branch(fix.comparison) or branch_of(fix.version) == branch is not None),
        fixes[0],
    )
    return own, None if own is fixes[0] else of_own_branch(own.version)


def of_own_branch(version: str) -> Note:
    """Rule 8: the note of a fix that is named before a lower one of another minor release."""
    return Note(8, f"{version} is the fix of its own minor release")


def _stands(comparison: Comparison, channels: Collection[str]) -> bool:
    """Whether a record without a fix stands beside fixes of these channels, of which none is another than its own."""
    others = len(channels) - (comparison.record.affected.channel in channels)
    return not others and any(interval.high is None for interval in comparison.inside)


def _highest_of_channels(fixes: Sequence[Fix], host: Distribution) -> Iterator[Fix]:
    """The highest fix, and the highest of each channel that goes on from the public builds and that the host has."""
    yield fixes[-1]
    highest = {fix.comparison.record.affected.channel: fix for fix in fixes}
    for channel, fix in highest.items():
        if channel is not None and is_additive(channel) and opens(host, channel, fix.comparison.query.version):
            yield fix


# ---- 9. Negative records ----


def cleared_by_negative(comparisons: Iterable[Comparison]) -> bool:
    """Rule 9: a *not affected* record removes the finding, unless its comparison rests on an assumption."""
    return any(map(_is_sure_negative, comparisons))


def _is_sure_negative(comparison: Comparison) -> bool:
    inside = comparison.record.affected.negative and comparison.outcome is Outcome.INSIDE
    return inside and not comparison.assumptions


def unsure_negatives(comparisons: Iterable[Comparison]) -> Iterator[Note]:
    """Rule 9: when unsure, what is affected stands. A note names each record that might have cleared it."""
    for comparison in comparisons:
        if comparison.record.affected.negative and comparison.outcome is Outcome.INSIDE:
            rests = ", ".join(sorted(comparison.assumptions))
            what = f"{comparison.record.advisory.id} states that it is not affected, but rests on {rests}"
            yield Note(9, f"{what}: too unsure to clear it")


# ---- 10. Kinds and fix states ----


def makes_findings(advisory: Advisory) -> bool:
    """Rule 10: bugfix and enhancement advisories make no finding unless they name a CVE."""
    return bool(advisory.cves) or advisory.kind not in (Kind.BUGFIX, Kind.ENHANCEMENT)


def by_kind(comparisons: Iterable[Comparison]) -> tuple[list[Comparison], list[Comparison]]:
    """Rule 10: the comparisons with records that make findings, and those with updates."""
    both: tuple[list[Comparison], list[Comparison]] = ([], [])
    for comparison in comparisons:
        both[0 if makes_findings(comparison.record.advisory) else 1].append(comparison)
    return both


def fix_state_of(comparisons: Iterable[Comparison]) -> FixState:
    """Rule 10: the fix state where there is no fix above what is installed. Of several records the first in the order
    of :class:`~advisories.models.FixState` counts. Publishers' own words are in :mod:`advisories.distros.fix_states`.
    """
    states = {comparison.record.affected.fix_state for comparison in comparisons}
    states = {FixState.NOT_FIXED if state is FixState.FIXED else state for state in states}
    return next(state for state in FixState if state in states)


# ---- 11. Kernels ----


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


# ---- 12. Removed packages ----


def is_removed(package: Package) -> bool:
    """Rule 12: ``config-files`` and ``not-installed`` are not on disk. Every other state is, and is judged."""
    return not package.state.on_disk


def state_remark(state: State) -> Note | None:
    """Rule 12: the note of a state that is judged with a doubt. None for other states."""
    return Note(12, "half-installed: some of its files may be missing") if state is State.HALF_INSTALLED else None


# ---- 13. Third parties ----


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
    without = Note(13, f"compared without the epoch {epoch}, which the record does not have")
    key = version_key(rest, query.scheme, epoch=True)
    yield evolve(query, version=rest, key=key, epochs_shown=False, notes=(*query.notes, without))


def epoch_applies(query: Query, record: Record) -> bool:
    """Rule 13: a rebuild may have an epoch that the distribution's package does not have.

    Records that show an epoch are compared with it, others without.
    """
    if query.epochs_shown is None:
        return True
    shows = record.epochless is not record.intervals or record.epochless_versions is not record.versions
    return shows is query.epochs_shown


# ---- 15. Withdrawn ----


def is_withdrawn(advisory: Advisory) -> bool:
    """Rule 15: withdrawn advisories never match."""
    return advisory.withdrawn is not None


# ---- Together: a package, a record, a vulnerability ----


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


def excluding_rule(
    query: Query, record: Record, host: Distribution
) -> tuple[Callable[..., object] | None, Sequence[Assumption]]:
    """The rule that excludes a record from a query (15, 2, 8, 7 and 6), or None. And what is assumed then."""
    affected = record.affected
    if is_withdrawn(record.advisory):
        return is_withdrawn, ()
    if affected.completed and not completion_applies(query):
        return completion_applies, ()
    if affected.source is not None and not source_applies(query, affected):
        return source_applies, ()
    if query.epochs_shown is not None and not epoch_applies(query, record):
        return epoch_applies, ()
    if affected.channel is not None and not channel_applies(query, affected, host):
        return channel_applies, ()
    if not flavour_applies(query, affected):
        return flavour_applies, ()
    if query.distribution.id in LINED and not line_applies(query, affected, host):
        return line_applies, ()
    same_module, module_assumption = module_applies(query.module, affected.module)
    if not same_module:
        return module_applies, ()
    same_arch, arch_assumption = arch_applies(query.arch, affected.arches)
    if not same_arch:
        return arch_applies, ()
    epoch_assumption = None if affected.epoch_known else Assumption.EPOCH_UNKNOWN
    if module_assumption is arch_assumption is epoch_assumption is None:
        return None, ()
    assumed = (module_assumption, arch_assumption, epoch_assumption)
    return None, [assumption for assumption in assumed if assumption is not None]


def exclusion(query: Query, record: Record, host: Distribution) -> Note | None:
    """A note of the rule that excludes a record, for an explanation. None where none does."""
    affected = record.affected
    rule = excluding_rule(query, record, host)[0]
    if rule is None:
        return None
    if rule is is_withdrawn:
        return Note(15, "the advisory was withdrawn")
    if rule is completion_applies:
        return Note(0, "the advisory does not name the package, and you compare what is named alone")
    if rule is source_applies:
        return Note(2, f"it is about builds of {affected.source}, and this one is of {' or '.join(query.sources)}")
    if rule is channel_applies:
        return Note(8, f"it is about {affected.channel}, a line of builds that the host does not have")
    if rule is epoch_applies:
        return Note(13, "a rebuild: records that show an epoch are compared with it, others without")
    if rule is line_applies:
        lines = ", ".join(sorted(one or "the main line" for one in lines_of(query.distribution, affected) or ()))
        return Note(8, f"it is about builds of {lines}, and this one is of {query.line or 'the main line'}")
    if rule is flavour_applies:
        return Note(7, "it is about builds of another flavour (ksplice, fips)")
    if rule is module_applies:
        return Note(6, f"module {query.module} against {affected.module}")
    return Note(7, f"architecture {query.arch} against {', '.join(affected.arches)}")


def compare(query: Query, record: Record, host: Distribution) -> Comparison | None:
    """One query against one record. None where a rule excludes the record."""
    excluding, assumed = excluding_rule(query, record, host)
    if excluding is not None:
        return None
    assumptions, notes = query.assumptions, query.notes
    if assumed:
        assumptions |= frozenset(assumed)
        affected = record.affected
        if Assumption.MODULE_UNKNOWN in assumed:
            notes = (*notes, Note(6, f"module {query.module} against {affected.module}"))
        if Assumption.ARCH_UNKNOWN in assumed:
            notes = (*notes, Note(7, f"architecture unknown, the record is for {', '.join(affected.arches)}"))
        if not affected.epoch_known and query.epoch_known:
            notes = (*notes, Note(4, "the record cannot show an epoch: epochs are left out on both sides"))
    comparison = range_outcome(query, record, assumptions, notes)
    if record.affected.completed and comparison.outcome is not Outcome.OUTSIDE:
        why = f"{record.advisory.id} names documentation of the same source alone, in this version"
        assumptions = comparison.assumptions | {Assumption.RECORD_INCOMPLETE}
        return evolve(comparison, assumptions=assumptions, notes=(*comparison.notes, Note(0, why)))
    return comparison


def decide(comparisons: Sequence[Comparison], host: Distribution) -> Decision:
    """What the comparisons with all records of a vulnerability give together.

    Rule 2 (names) comes first, then rule 8 (channels), rule 9 and rule 8 (fixes). A build whose line nothing shows is
    decided line by line, and feeds that contradict each other one by one (rule 0). Rule 1a comes last, outside of this
    function: unstable's fix may still clear what is inside.
    """
    comparisons = of_first_names(comparisons)
    if comparisons and comparisons[0].query.line is None:
        return _by_line(comparisons, host)
    return _by_feed(comparisons, host)


def _by_line(comparisons: Sequence[Comparison], host: Distribution) -> Decision:
    """Every line of the name decides: what one of them has stands, and rests on an assumption where another has not."""
    of = [(one, lines_of(one.query.distribution, one.record.affected)) for one in comparisons]
    lines = sorted(frozenset[str]().union(*(theirs for _, theirs in of if theirs is not None)))
    if not lines:
        return _by_feed(comparisons, host)
    by_line: dict[str, list[Comparison]] = {line: [] for line in lines}
    for one, theirs in of:
        for line in lines if theirs is None else theirs:
            by_line[line].append(one)
    decisions = [_by_feed(same, host) for same in by_line.values()]
    standing = [decision for decision in decisions if decision.inside or decision.undecided]
    assumptions = frozenset[Assumption]().union(*(decision.assumptions for decision in decisions))
    if not standing:
        cleared = next((decision for decision in decisions if decision.cleared is not None), decisions[0])
        return evolve(cleared, assumptions=assumptions)
    if not host.channels and (len(standing) < len(decisions) or MAIN_LINE not in lines):
        assumptions |= {Assumption.LINE_UNKNOWN}
    return Decision(
        _each_once(standing, lambda decision: decision.inside),
        _each_once(standing, lambda decision: decision.undecided),
        fixes_of(_last_each([fix.comparison for decision in standing for fix in decision.fixes])),
        tuple(dict.fromkeys(doubt for decision in standing for doubt in decision.doubts)),
        None,
        assumptions,
    )


def _each_once(decisions: Iterable[Decision], part: Callable[[Decision], Sequence[Comparison]]) -> Sequence[Comparison]:
    return list({id(comparison): comparison for decision in decisions for comparison in part(decision)}.values())


def _last_each(comparisons: Sequence[Comparison]) -> Sequence[Comparison]:
    """Each comparison once, at its last place, as the last of several fixes in one place counts."""
    return list({id(comparison): comparison for comparison in reversed(comparisons)}.values())[::-1]


def _by_feed(comparisons: Sequence[Comparison], host: Distribution) -> Decision:
    """Rule 0, *feeds-disagree*: of two publishers with opposite words on one channel the one modified later wins.

    Where one of them has no date, or both have the same, the finding stands.
    """
    whole = _decided(comparisons, host)
    if len({comparison.record.advisory.database for comparison in comparisons}) < 2:
        return whole
    concern = reachable(comparisons, host)
    by_database: dict[str, list[Comparison]] = {}
    for comparison in concern:
        by_database.setdefault(comparison.record.advisory.database, []).append(comparison)
    decisions = {database: _decided(same, host) for database, same in by_database.items()}
    standing = [comparison for decision in decisions.values() for comparison in decision.inside]
    if comparisons[0].query.scheme in _BY_CHANNEL:
        # What a fix of another channel clears is no contradiction.
        together = _decided([one for one in concern if not one.record.affected.negative], host)
        stays = set(map(id, together.inside))
        standing = [one for one in standing if id(one) in stays]
    clear = [
        comparison
        for database, same in by_database.items()
        if not decisions[database].inside and not decisions[database].undecided
        for comparison in same
        if _clears(comparison)
    ]
    against = _by_contest(clear)
    won = {about: _later(same, against[about]) for about, same in _by_contest(standing).items() if about in against}
    if not won:
        return whole
    inside = [one for one in standing if won.get(_contest(one)) is None]
    first = next((one for one in won.values() if one is not None), None)
    cleared = None if first is None else Note(8, f"{first.record.advisory.id} is later than what it contradicts")
    undecided = [] if cleared else whole.undecided
    return Decision(inside, undecided, whole.fixes, whole.doubts, cleared, frozenset({Assumption.FEEDS_DISAGREE}))


_BY_CHANNEL: Final = ("dpkg", "apk")


def _contest(comparison: Comparison) -> str | None:
    """What two words contradict each other about: a channel, or a trunk with all its branches."""
    return comparison.record.affected.channel if comparison.query.scheme in _BY_CHANNEL else None


def _by_contest(comparisons: Iterable[Comparison]) -> Mapping[str | None, Sequence[Comparison]]:
    found: dict[str | None, list[Comparison]] = {}
    for comparison in comparisons:
        found.setdefault(_contest(comparison), []).append(comparison)
    return found


def _later(standing: Sequence[Comparison], clear: Sequence[Comparison]) -> Comparison | None:
    """The record that clears, and was modified later than every one that stands. None where none was."""
    since = [_modified(one) for one in standing]
    latest = max(clear, key=_modified)
    return latest if min(since) > _NEVER and _modified(latest) > max(since) else None


def _clears(comparison: Comparison) -> bool:
    """Whether a record states that the version is free of it: it is not affected, or has reached a fix."""
    if comparison.record.affected.negative:
        return _is_sure_negative(comparison)
    key = comparison.query.key
    return key is not None and any(
        interval.fixed is not None and interval.fixed <= key and _has_begun(interval, key)
        for interval in comparison.query.intervals(comparison.record)
    )


def _modified(comparison: Comparison) -> float:
    modified = comparison.record.advisory.modified
    return modified.timestamp() if modified is not None else _NEVER


# Before every date.
_NEVER: Final = float("-inf")


def _decided(comparisons: Sequence[Comparison], host: Distribution) -> Decision:
    comparisons = reachable(comparisons, host)
    doubts: tuple[Note, ...] = ()
    negatives = [comparison for comparison in comparisons if comparison.record.affected.negative]
    if negatives:
        if cleared_by_negative(negatives):
            return Decision(cleared=Note(9, "a record states that it is not affected"))
        doubts = tuple(unsure_negatives(negatives))
        comparisons = [comparison for comparison in comparisons if not comparison.record.affected.negative]
    fixes = fixes_of(comparisons)
    clearing = Fixes(fixes, host)
    inside: list[Comparison] = []
    undecided: list[Comparison] = []
    cleared: Note | None = None
    for comparison in comparisons:
        if comparison.outcome is Outcome.INSIDE:
            note = cleared_by_fixes(comparison, clearing)
            if note is None:
                inside.append(comparison)
            cleared = cleared or note
        elif comparison.outcome is Outcome.UNDECIDABLE:
            undecided.append(comparison)
    # Whether an unknown epoch matters is another question (epoch_may_matter).
    rests = _NONE
    if not inside and not undecided:
        rests = _NONE.union(*[one.assumptions for one in comparisons]) - _EPOCH_UNKNOWN
    return Decision(inside, undecided, fixes, doubts, cleared, rests)


# ---- Rebuilds ----


_BUILDERS: Final = (".module_el", ".module+el")


@lru_cache(maxsize=1 << 12)
def is_rebuild(installed: str, fixed: str | None) -> bool:
    """Whether the installed rpm is somebody's rebuild of what the fix was built for: judged, with an assumption.

    CentOS marked its own builds. Builders of modules write either ``.module_el`` or ``.module+el``.
    """
    if fixed is None or not shows_builder(installed):
        return False
    if ".centos" in installed and ".centos" not in fixed:
        return True
    ours, theirs = ({mark for mark in _BUILDERS if mark in text} for text in (installed, fixed))
    return bool(ours and theirs and ours != theirs)


def shows_builder(installed: str) -> bool:
    """Whether an rpm's version has any mark by which :func:`is_rebuild` tells builders apart."""
    return ".centos" in installed or any(mark in installed for mark in _BUILDERS)


# ---- The rules ----


@frozen
class Rule:
    """A rule of matching, as evidence and pages name it.

    :ivar number: in the guide ``verdicts.md``, in evidence (:class:`~advisories.models.Note`) and in explanations.
    :ivar summary: the rule in short.
    :ivar functions: that implement it.
    """

    number: int
    name: str
    summary: str
    functions: tuple[Callable[..., object], ...]


#: All of them, by number.
RULES: Final = (
    Rule(
        0,
        "nothing is clean by accident",
        "a package without a finding is *unchecked* where anything was unknown that could turn that. What was assumed "
        "is counted",
        (source_doubts, with_known_epoch, epoch_may_matter, completion_applies),
    ),
    Rule(
        1,
        "scope",
        "a record applies to its release only. Unstable's fix clears a Debian release without one. `~bpoN+M` builds "
        "are judged by the next release, sloppy ones by the one behind it. Another distribution's advisories are an "
        "explicit choice",
        (scope_assumed, backport_scope, cleared_by_unstable),
    ),
    Rule(
        2,
        "names",
        "a record names a source or a binary package, and is compared with that version. A deb without source "
        "information loses its binNMU suffix. Signed packages are compared as the source that advisories name. "
        "Metapackages of kernels have no finding",
        (queries, source_applies, of_first_names),
    ),
    Rule(
        3,
        "ranges",
        "half-open. Installed = fixed is not affected, and fixed `0` is never affected. Listed versions match "
        "exactly. Several ranges are a union",
        (range_outcome,),
    ),
    Rule(
        4,
        "epoch",
        "a list that cannot show epochs is compared without them on both sides. A range turned upside down by that is "
        "undecidable",
        (Query.intervals, Query.versions, version_key),
    ),
    Rule(5, "release missing", "an rpm version without release that ties is undecidable", (release_missing,)),
    Rule(
        6,
        "module streams",
        "equal streams, or none and none, are compared. Unknown on either side is an assumption",
        (module_applies,),
    ),
    Rule(
        7,
        "architecture, flavour",
        "lists of architectures with aliases. Builds for ksplice and FIPS match their own kind",
        (arch_applies, flavour_applies),
    ),
    Rule(
        8,
        "channels, branches, lines",
        "a fix in a channel clears who has reached it. rpm: an equal fix, the one of the own minor release, or the "
        "trunk's clears. deb, apk: the highest clears. Records of another line are no concern",
        (minor_releases, branches, channel_applies, line_applies, line_doubt, reachable, cleared_by_fixes, pick_fix),
    ),
    Rule(
        9,
        "negative records",
        "*not affected* removes findings where it is sure",
        (cleared_by_negative, unsure_negatives),
    ),
    Rule(
        10,
        "kinds, fix states",
        "bug fixes and enhancements without a CVE are counted. What has no fix is a finding with its fix state",
        (makes_findings, fix_state_of),
    ),
    Rule(
        11,
        "kernels",
        "every installed kernel is matched: running, residual or standby. A running kernel's finding waits for a "
        "restart where a standby kernel is free of it",
        (presences, same_slot, pending_restarts),
    ),
    Rule(12, "removed packages", "dpkg's third status word decides", (is_removed, state_remark)),
    Rule(
        13,
        "third party",
        "not judged by the distribution's advisories, but counted. A derivative's rebuild is judged without what it "
        "adds to the version, and without an epoch that the record does not have",
        (is_third_party, rebuilt, epoch_applies),
    ),
    Rule(
        14,
        "undecidable",
        "a version that has no order makes an undecidable finding with the reason, on either side",
        (range_outcome,),
    ),
    Rule(15, "withdrawn", "withdrawn advisories never match", (is_withdrawn,)),
    Rule(
        16,
        "order",
        "priority, package, architecture, version, vulnerability",
        (order_of_packages, order_of_vulnerabilities),
    ),
)
