"""Drafts: what the rules decide of a group's vulnerabilities for any usual package, worked out once.

:mod:`advisories.matching.rules` is the law. A draft is made by those rules themselves, of a package that has reached no
fix, and is all of a finding but the package. Where a package stands is then a look at the keys of the fixes. Whatever
is unusual about a record, a query or a host has no draft, and is decided by the rules.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from itertools import chain
from typing import Any, Final, Protocol

import vercmp
from advisories.distros.lines import FLAVOURS, LINED, LINED_BY_CHANNEL, MAIN_LINE, branch_of
from advisories.distros.machines import MACHINES
from advisories.index.feed import Feed
from advisories.index.records import Group, Record, parts_by
from advisories.matching import rules
from advisories.matching._standing import Columns
from advisories.matching.causes import earlier_than, installed, without_fix
from advisories.matching.priority import SOURCES, assess_all
from advisories.matching.rules import UNSTABLE_DEBIAN, Outcome, Query
from advisories.matching.rules.order import order_of_vulnerabilities
from advisories.models.advisories import Enrichment, FixState
from advisories.models.distribution import Distribution
from advisories.models.findings import (
    Assessment,
    Evidence,
    Finding,
    FindingGroup,
    LaterRows,
    Note,
    Presence,
    Priority,
    Rows,
    Status,
)
from advisories.models.frozen import field, frozen
from advisories.models.packages import SCHEME_OF_TYPE, Module, Package
from advisories.models.words import Names

__all__ = [
    "NOTHING",
    "OTHER",
    "RULES_VERSION",
    "Draft",
    "Drafts",
    "Part",
    "Wanted",
    "content_of",
    "draft_group",
    "drafts_of",
    "is_usual",
]

#: Counts up when the rules decide otherwise than before, so that no store's older drafts are used.
RULES_VERSION: Final = 2

# The distributions whose records show their line by name or version too (rule 8).
_LINED_BY_VERSION: Final = LINED - LINED_BY_CHANNEL
# Iterating an enumeration is slow.
_PRIORITIES: Final = tuple(Priority)
# The schemes whose fixes are ordered by one key: of the others ranges are a union (rule 8).
_SCHEMES: Final = frozenset({"rpm", "dpkg", "apk"})
#: What a query names: the release, which kind of package, and its name.
Wanted = tuple[Distribution, Names, str]


def is_usual(query: Query) -> bool:
    """Whether drafts decide about a query: nothing is unknown or noted of it."""
    return (
        query.key is not None
        and query.epoch_known
        and query.line == MAIN_LINE
        and query.epochs_shown is None
        and query.scheme in _SCHEMES
        and not (query.assumptions or query.notes or query.rank or query.lacks_release or query.as_published)
        and not (query.scheme == "rpm" and any(flavour in query.version for flavour in FLAVOURS))
    )


@frozen
class Draft:
    """The finding of some vulnerabilities that the same records name, without its package.

    :ivar vulnerability: the first of them.
    :ivar fixes: places of their fixes in :attr:`Part.fixes`, lowest first. Empty where there is none.
    :ivar advisories: whose records hold a package that has reached none of these fixes, sorted.
    :ivar advisory: the one that decides where there is no fix.
    :ivar fix_state: where there is no fix.
    :ivar cleared_from: unstable's version that clears it where there is no fix (rule 1a). None where none does.
    :ivar later: the place of the draft for a package that has reached the first of these fixes and is not cleared by
        it. None for the last one, and where the rules decide.
    """

    vulnerability: str
    fixes: tuple[int, ...]
    advisories: tuple[str, ...]
    advisory: str
    fix_state: FixState
    reboot_suggested: bool
    assessment: Assessment
    cleared_from: str | None = None
    later: int | None = None


@frozen
class Part:
    """The drafts of those of a group's records that concern the same packages.

    :ivar streams: the module streams that the records are about (rule 6).
    :ivar source: the source package whose builds they are about (rule 2), :data:`OTHER` for those that no record names.
        None where no record of the group names any.
    :ivar arches: the architectures that they are about (rule 7), ``noarch`` and :data:`OTHER` among them. Empty where
        no record of the part names any.
    :ivar fixes: version and advisory of each fix, in the order of the versions.
    :ivar drafts: None where a record is unusual: the rules decide.
    :ivar rows: for each priority the vulnerabilities in their order (rule 16), and for each the place of its first
        draft.
    :ivar updates: bug fixes and enhancements without a CVE: the highest fixed version of each, and its advisory.
    :ivar columns: the drafts as numbers, where they are made already.
    """

    scheme: str
    streams: tuple[str, ...]
    source: str | None
    arches: tuple[str, ...]
    fixes: tuple[tuple[str, str], ...] = ()
    drafts: Sequence[Draft] | None = None
    rows: tuple[tuple[tuple[str, ...], tuple[int, ...]], ...] = (((), ()),) * len(Priority)
    updates: tuple[tuple[str, str], ...] = ()
    columns: Columns | None = field(default=None, eq=False, repr=False)
    module: Module = field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "module", Module(True, self.streams))

    def numbers(self) -> Columns:
        """The drafts as numbers. Raises :class:`vercmp.InvalidVersion`."""
        if self.columns is None:
            drafts = self.drafts or ()
            made = self.columns_of(
                [one.fixes for one in drafts],
                [one.later for one in drafts],
                [one.cleared_from for one in drafts],
                [one.assessment.priority.rank for one in drafts],
            )
            object.__setattr__(self, "columns", made)
            return made
        return self.columns

    def columns_of(
        self,
        fixes: list[Sequence[int]],
        later: list[int | None],
        cleared_from: Sequence[str | None],
        ranks: list[int],
    ) -> Columns:
        """:meth:`numbers` of drafts with these attributes. Raises what :class:`Columns` raises, too."""
        scheme, versions = self.scheme, [version for version, _ in self.fixes]
        return Columns(
            vercmp.sort_keys(versions, scheme=scheme),
            fixes,
            later,
            [None if one is None else vercmp.sort_key(one, scheme=scheme) for one in cleared_from],
            ranks,
            [places for _, places in self.rows],
            (lambda fix: branch_of(versions[fix])) if scheme == "rpm" else None,
        )

    @cached_property
    def named(self) -> Mapping[int, tuple[list[str], list[int]]]:
        """For each draft that rows name, its vulnerabilities and their places in the rows of their priority."""
        found: dict[int, tuple[list[str], list[int]]] = {}
        for names, places in self.rows:
            for place, (name, draft) in enumerate(zip(names, places, strict=True)):
                group = found.get(draft)
                if group is None:
                    group = found[draft] = [], []
                group[0].append(name)
                group[1].append(place)
        return found

    @cached_property
    def update_keys(self) -> Sequence[bytes]:
        """The keys of the updates. Raises :class:`vercmp.InvalidVersion`."""
        return vercmp.sort_keys([version for version, _ in self.updates], scheme=self.scheme) if self.updates else ()


#: A source or an architecture that no record of a group names.
OTHER: Final = rules.OTHER_ARCH


class Drafts:
    """The drafts of a group, part by part."""

    __slots__ = ("_arches", "_sources", "parts")

    def __init__(self, parts: tuple[Part, ...] | None) -> None:
        #: None where the group as a whole is unusual.
        self.parts: Final = parts
        self._arches: Final = frozenset(arch for part in parts or () for arch in part.arches)
        self._sources: Final = frozenset(part.source for part in parts or ())

    def __eq__(self, other: object) -> bool:
        return self.parts == other.parts if isinstance(other, Drafts) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.parts)

    def __repr__(self) -> str:
        parts = self.parts or ()
        drafted = [part.drafts for part in parts if part.drafts is not None]
        return f"<Drafts: {sum(map(len, drafted))} in {len(drafted)} of {len(parts)} parts>"

    @property
    def is_empty(self) -> bool:
        """Whether the rules decide all there is."""
        return self.parts is None or (bool(self.parts) and all(part.drafts is None for part in self.parts))

    def found(self, package: Package, query: Query, instance: str, needs_restart: bool) -> tuple[Rows, int] | None:
        """The rows of a package, and how many updates apply to it (rule 10). None where the rules must decide.

        :param query: a usual one, of the group's name.
        :param needs_restart: whether any upgrade of the package needs a restart of the machine.
        """
        parts = self._parts_of(query)
        if not parts:
            return None if parts is None else (NOTHING, 0)
        part, *others = parts
        if others or part.drafts is None:
            return None
        key = query.key
        assert key is not None
        is_rpm = part.scheme == "rpm"
        found = part.numbers().stand(key, branch_of(query.version) if is_rpm else None)
        if found is None:
            return None
        counts, places = found
        if is_rpm and rules.shows_builder(query.version):
            fixes = {part.fixes[fix][0] for _, _, fix in places if fix >= 0}
            if any(rules.is_rebuild(query.version, fixed) for fixed in fixes):
                return None
        updates = sum([update > key for update in part.update_keys])
        if not places:
            return NOTHING, updates
        return LaterRows(counts, partial(_groups, part, places, package, query, instance, needs_restart)), updates

    def _parts_of(self, query: Query) -> list[Part] | None:
        """The parts that concern a query. None where that rests on something unknown."""
        if self.parts is None or query.arch in _OF_SOURCES:
            return None
        of_module = [(part, *rules.module_applies(query.module, part.module)) for part in self.parts]
        if any(doubt is not None for _, _, doubt in of_module):
            return None
        parts = [part for part, applies, _ in of_module if applies]
        if self._sources - {None}:
            named = self._sources.intersection(query.sources) or {OTHER}
            if not query.sources or len(named) > 1:
                return None
            parts = [part for part in parts if part.source in named]
        if self._arches:
            arch = _arch_of(query.arch)
            if arch is None and any(part.arches for part in parts):
                return None
            own = arch if arch in self._arches else OTHER
            parts = [part for part in parts if not part.arches or own in part.arches]
        return parts


_OF_SOURCES: Final = ("src", "nosrc")
_ANY: Final = "noarch"


def _arch_of(arch: str | None) -> str | None:
    """An architecture by the name that parts have it under. None where it is not known."""
    if arch is None or arch in rules.ANY_ARCH:
        return arch and _ANY
    name = rules.ARCH_ALIASES.get(arch, arch)
    return name if name in MACHINES else None


#: The rows of a package without a finding.
NOTHING: Final[Rows] = ((),) * len(Priority)


def _groups(
    part: Part,
    places: Sequence[tuple[int, int, int]],
    package: Package,
    query: Query,
    instance: str,
    needs_restart: bool,
) -> Sequence[Sequence[FindingGroup]]:
    """The findings of a package that stands so among the fixes of a part (:meth:`Columns.stand`)."""
    drafts = part.drafts
    assert drafts is not None
    is_rpm, is_source = part.scheme == "rpm", query.names is Names.SOURCE
    what = installed(package, query)
    source = package.source_name or (query.name if is_source else None)
    source_version = package.source_version or (query.version if is_source else None)
    named = part.named
    found: tuple[list[FindingGroup], ...] = tuple([] for _ in _PRIORITIES)
    moved: set[int] = set()
    for first, left, fix in places:
        draft = drafts[left]
        fixed: str | None = None
        notes: tuple[Note, ...] = ()
        if fix < 0:
            advisory, state = draft.advisory, draft.fix_state
            cause = without_fix(what, advisory)
        else:
            fixed, advisory = part.fixes[fix]
            state = _FIXED
            cause = earlier_than(what, fixed, advisory)
            if is_rpm and fix != draft.fixes[0]:
                notes = (rules.of_own_branch(fixed),)
        finding = Finding(
            package,
            instance,
            source,
            source_version,
            draft.vulnerability,
            draft.advisories,
            _IS_AFFECTED,
            cause,
            fixed,
            state,
            None,
            _INSTALLED,
            False,
            needs_restart or draft.reboot_suggested,
            draft.assessment,
            (),
            Evidence(advisory, query.name, query.names, query.version, None, fixed, None, notes),
        )
        rank = draft.assessment.priority.rank
        found[rank].append((finding, *named[first]))
        if left != first and drafts[first].assessment.priority.rank != rank:
            moved.add(rank)
    for rank, groups in enumerate(found):
        # The package has reached a fix, and the advisories that are left are rated otherwise.
        own = _placed_anew(groups) if rank in moved else groups
        own.sort(key=_by_first_place)
        groups[:] = own
    return found


def _placed_anew(groups: Sequence[FindingGroup]) -> list[FindingGroup]:
    """Groups from the rows of several priorities, with the places that their vulnerabilities have together."""
    names = sorted(chain.from_iterable([names for _, names, _ in groups]), key=order_of_vulnerabilities)
    places = {name: place for place, name in enumerate(names)}
    return [(finding, own, [places[name] for name in own]) for finding, own, _ in groups]


def _by_first_place(group: FindingGroup) -> int:
    return group[2][0]


# A member of an enumeration is slow to look up.
_FIXED: Final = FixState.FIXED
_IS_AFFECTED: Final = Status.AFFECTED
_INSTALLED: Final = Presence.INSTALLED


def _by_vulnerability(row: tuple[str, object]) -> tuple[object, ...]:
    return order_of_vulnerabilities(row[0])


# ---- making drafts ----


def drafts_of(feed: Feed, queries: Sequence[Query]) -> tuple[dict[Wanted, Drafts | None], set[Wanted]]:
    """The drafts of what these queries name, as far as it has records: a store's, or made at the second look.

    Records that are looked at once cost less by the rules.

    :returns: the drafts, None where there are none yet, and what the rules decide.
    """
    found: dict[Wanted, Drafts | None] = {}
    made = feed.drafted
    for one, stored in feed.drafts({(query.distribution, query.names, query.name) for query in queries}).items():
        if stored is None:
            if one in made:
                stored = made[one] = made[one] or draft_group(feed, *one)
            else:
                made[one] = None
        assert isinstance(stored, Drafts | None)
        found[one] = stored
    by_rules = {one for one, drafts in found.items() if drafts is None}
    for query in queries:
        one = query.distribution, query.names, query.name
        if one in found and not is_usual(query):
            by_rules.add(one)
    return found, by_rules


class Drawn(Protocol):
    """What drafts are drawn from: a feed, or what is to become the feed of a store. Methods as :class:`Feed`'s."""

    def records(self, distribution: Distribution, names: Names, package: str, /) -> Sequence[Record]: ...
    def group(self, distribution: Distribution, names: Names, package: str, /) -> Group | None: ...
    def enrichments(self, cve: str, /) -> Sequence[Enrichment]: ...


def draft_group(feed: Drawn, distribution: Distribution, names: Names, name: str) -> Drafts:
    """The drafts of a package's records, of which there are some.

    Raises :class:`~advisories.models.errors.UnreadableSource` for a damaged store.
    """
    every = feed.records(distribution, names, name)
    records = [record for record in every if not rules.is_withdrawn(record.advisory)]
    if not all(record.affected.module.known for record in records) or len({r.affected.type for r in every}) > 1:
        return Drafts(None)
    if not records:
        return Drafts(())
    scheme = SCHEME_OF_TYPE[records[0].affected.type]
    if scheme not in _SCHEMES:
        return Drafts(None)
    unstable = feed.group(UNSTABLE_DEBIAN, names, name) if rules.uses_unstable(distribution) else None
    return Drafts(tuple([_Maker(feed, distribution, unstable, scheme, *one).part() for one in _parted(records)]))


def content_of(feed: Drawn, distribution: Distribution, names: Names, name: str) -> tuple[Any, ...] | None:
    """All that the drafts of a package's records rest on, in plain types. Packages of equal content have equal drafts.

    Most are built together with others. None for what rests on records of other releases too (rule 1a).
    """
    if rules.uses_unstable(distribution):
        return None
    records = feed.records(distribution, names, name)
    return distribution.id, distribution.release, [_content(distribution, record) for record in records]


def _content(distribution: Distribution, record: Record) -> tuple[object, ...]:
    one = record.affected
    return (
        record.advisory.id,
        None if record.advisory.withdrawn is None else record.advisory.withdrawn.isoformat(),
        [(span.introduced, span.fixed, span.last_affected, span.limit) for span in one.ranges],
        one.names.value,
        one.type,
        one.versions,
        one.arches,
        (one.module.known, one.module.streams),
        one.channel,
        one.negative,
        one.fix_state.value,
        one.source,
        one.completed,
        one.epoch_known,
        record.unordered,
        _sorted(rules.lines_of(distribution, one)) if distribution.id in _LINED_BY_VERSION else None,
    )


def _sorted(lines: frozenset[str] | None) -> list[str] | None:
    return None if lines is None else sorted(lines)


#: The streams, the source and the architectures of a part, and its records.
_Own = tuple[tuple[str, ...], str | None, tuple[str, ...], Sequence[Record]]


def _parted(records: Sequence[Record]) -> Iterator[_Own]:
    """The records by what they are about, so that those of one part concern the same packages."""
    named = {record.affected.source for record in records} - {None}
    sources: list[str | None] = [*sorted(filter(None, named)), OTHER] if named else [None]
    listed = {rules.ARCH_ALIASES.get(arch, arch) for record in records for arch in record.affected.arches}
    arches = [*sorted(listed - rules.ANY_ARCH - set(_OF_SOURCES)), _ANY, OTHER]
    for streams in dict.fromkeys(record.affected.module.streams for record in records):
        of_streams = [record for record in records if record.affected.module.streams == streams]
        for source in sources:
            own = [record for record in of_streams if record.affected.source in (None, source)]
            if not any(record.affected.arches for record in own):
                yield streams, source, (), own
                continue
            same: dict[tuple[int, ...], tuple[list[str], list[Record]]] = {}
            for arch in arches:
                its = [record for record in own if rules.arch_applies(arch, record.affected.arches)[0]]
                same.setdefault(tuple(map(id, its)), ([], its))[0].append(arch)
            for some, its in same.values():
                yield streams, source, tuple(some), its


# Beyond so many fixes of one vulnerability the rules decide.
_CHAINED: Final = 8
# And beyond so many records for all vulnerabilities of a part, counted for each set of records that others decide.
_MOST: Final = 100_000
_UNKNOWN: Final = object()
# Key, version and advisory of a fix.
_Place = tuple[bytes, str, str]


class _Maker:
    """Makes the drafts of one part."""

    def __init__(
        self,
        feed: Drawn,
        distribution: Distribution,
        unstable: Group | None,
        scheme: str,
        streams: tuple[str, ...],
        source: str | None,
        arches: tuple[str, ...],
        records: Sequence[Record],
    ) -> None:
        self._feed: Final = feed
        self._host: Final = distribution
        self._unstable: Final = unstable
        self._own: Final = scheme, streams, source, arches
        self._records: Final = records
        # By the identity of a record, how the query stands to it: None where it is not inside.
        self._compared: Final[dict[int, Any]] = {}

    def part(self) -> Part:
        """The drafts, or a part without any where a record is unusual."""
        if not self._records:
            return Part(*self._own, drafts=())
        affected = self._records[0].affected
        bare = Part(*self._own)
        scheme, streams, source, arches = self._own
        # Lower than every key: it has reached no fix.
        query = Query(
            affected.names,
            affected.package,
            "0",
            True,
            Module(True, streams),
            arches[0] if arches else None,
            scheme,
            self._host,
            b"",
            sources=(source,) if source is not None else (),
        )
        records = [record for record in self._records if self._is_of_main_line(query, record)]
        if not all(map(_is_usual_record, records)) or len({record.advisory.database for record in records}) > 1:
            return bare
        makers: dict[str, list[Sequence[Record]]] = {}
        updates: dict[str, tuple[bytes, str]] = {}
        cleared: set[str] = set()
        for same in parts_by(records, lambda record: record.advisory):
            advisory = same[0].advisory
            makes_findings = rules.makes_findings(advisory)
            if makes_findings and any(record.affected.negative for record in same):
                cleared.update(advisory.vulnerabilities)
            # What was never affected neither affects nor clears (rule 3).
            same = [one for one in same if not one.affected.negative and one.affected.ranges[0].fixed != "0"]
            if makes_findings and same:
                for name in advisory.vulnerabilities:
                    makers.setdefault(name, []).append(same)
                continue
            for record in same:
                (span,), (interval,) = record.affected.ranges, record.intervals
                if span.fixed is None or interval.fixed is None:
                    return bare
                updates[advisory.id] = max(updates.get(advisory.id, (b"", "")), (interval.fixed, span.fixed))
        # Rule 9: nothing about such a record is unsure.
        standing = {name: its for name, its in makers.items() if name not in cleared}
        return self._drafted(query, bare, standing, sorted((version, id) for id, (_, version) in updates.items()))

    def _is_of_main_line(self, query: Query, record: Record) -> bool:
        """Whether a record concerns a usual query at all (rules 7 and 8)."""
        affected = record.affected
        return rules.flavour_applies(query, affected) and (
            affected.channel is not None or rules.line_applies(query, affected, self._host)
        )

    def _drafted(
        self,
        query: Query,
        bare: Part,
        makers: Mapping[str, Sequence[Sequence[Record]]],
        updates: Sequence[tuple[str, str]],
    ) -> Part:
        of_records: dict[tuple[object, ...], list[str]] = {}
        for name, parts in makers.items():
            is_apart = self._unstable is not None and parts[0][0].affected.ranges[0].fixed is None
            if is_apart and not self._shows_epochs(name):
                return bare
            of_records.setdefault((*map(id, parts), name if is_apart else None), []).append(name)
        if sum([len(part) for names in of_records.values() for part in makers[names[0]]]) > _MOST:
            return bare
        decided: list[tuple[list[str], rules.Decision]] = []
        for names in of_records.values():
            decision = self._decision(query, list(chain.from_iterable(makers[names[0]])))
            if decision is None:
                return bare
            decided.append((names, decision))
        fixes = sorted({_fix_of(fix) for _, decision in decided for fix in decision.fixes})
        places = {fix: place for place, fix in enumerate(fixes)}
        drafts: list[Draft] = []
        rows: dict[Priority, list[tuple[str, int]]] = {priority: [] for priority in Priority}
        for names, decision in decided:
            self._add_chains(names, decision, places, drafts, rows)
        for ranked in rows.values():
            ranked.sort(key=_by_vulnerability)
        return Part(
            *self._own,
            tuple([(version, advisory) for _, version, advisory in fixes]),
            tuple(drafts),
            tuple([(tuple([n for n, _ in ranked]), tuple([p for _, p in ranked])) for ranked in rows.values()]),
            tuple(updates),
        )

    def _decision(self, query: Query, records: Sequence[Record]) -> rules.Decision | None:
        """What the rules decide of a package that has reached no fix. None where it is not affected by all of these."""
        found: list[rules.Comparison] = []
        for record in records:
            known = self._compared.get(id(record), _UNKNOWN)
            if known is _UNKNOWN:
                compared = rules.compare(query, record, self._host)
                is_inside = compared is not None and compared.outcome is Outcome.INSIDE
                known = self._compared[id(record)] = compared if is_inside else None
            if known is None:
                return None
            found.append(known)
        if len(records) > 1 and len({record.affected.ranges[0].fixed is None for record in records}) > 1:
            return None
        # What :func:`rules.decide` gives: no such record states that a package is not affected, or is of a channel, all
        # are of one publisher, and no fix is low enough to clear what has reached none.
        return rules.Decision(found, (), rules.fixes_of(found))

    def _add_chains(
        self,
        names: Sequence[str],
        decision: rules.Decision,
        places: Mapping[_Place, int],
        drafts: list[Draft],
        rows: Mapping[Priority, list[tuple[str, int]]],
    ) -> None:
        """Add the drafts of these vulnerabilities, one for each number of fixes that a package may have reached.

        Those of one assessment, whatever it has reached, have the same.
        """
        fixes = [places[_fix_of(fix)] for fix in decision.fixes]
        state = FixState.FIXED if fixes else rules.fix_state_of(decision.inside)
        own: list[tuple[tuple[int, ...], tuple[str, ...], str, FixState, bool]] = []
        alike: dict[tuple[Assessment, ...], list[str]] = {}
        assessments: dict[str, list[Assessment]] = {name: [] for name in names}
        groups: Iterable[tuple[tuple[Assessment, ...], list[str]]] = ()
        for reached in range(min(len(fixes), _CHAINED) or 1):
            above = {id(fix.comparison) for fix in decision.fixes[reached:]}
            inside = [one for one in decision.inside if not fixes or id(one) in above]
            advisories = {one.record.advisory.id: one.record.advisory for one in inside}
            ids = tuple(sorted(advisories))
            restarts = any(advisory.reboot_suggested for advisory in advisories.values())
            own.append((tuple(fixes[reached:]), ids, ids[0], state, restarts))
            found = assess_all(names, advisories.values(), self._feed.enrichments, SOURCES)
            if len(fixes) < 2:
                groups = [((assessment,), same) for assessment, same in found.items()]
                break
            for assessment, same in found.items():
                for name in same:
                    assessments[name].append(assessment)
        else:
            for name, its in assessments.items():
                alike.setdefault(tuple(its), []).append(name)
            groups = alike.items()
        for same_assessments, same in groups:
            first = same[0]
            cleared_from = None if fixes else self._cleared_from(first)
            rows[same_assessments[0].priority] += [(name, len(drafts)) for name in same]
            last = len(same_assessments) - 1
            for reached, (what, assessment) in enumerate(zip(own, same_assessments, strict=True)):
                later = None if reached == last else len(drafts) + 1
                drafts.append(Draft(first, *what, assessment, cleared_from, later))

    def _shows_epochs(self, vulnerability: str) -> bool:
        """Whether unstable's records do. One that cannot has the installed version's (rule 4), which no draft knows."""
        assert self._unstable is not None
        records = chain.from_iterable(self._unstable.naming(vulnerability))
        return all(record.affected.epoch_known for record in records)

    def _cleared_from(self, vulnerability: str) -> str | None:
        if self._unstable is None:
            return None
        intervals = [
            interval
            for record in chain.from_iterable(self._unstable.naming(vulnerability))
            if not rules.is_withdrawn(record.advisory)
            for interval in record.intervals
            if interval.fixed is not None
        ]
        lowest = min(intervals, key=lambda interval: interval.fixed or b"", default=None)
        return None if lowest is None else lowest.range.fixed


def _fix_of(fix: rules.Fix) -> _Place:
    return fix.key, fix.version, fix.comparison.record.advisory.id


def _is_usual_record(record: Record) -> bool:
    """Whether a record is one range that ends with a fix, or does not end, or is about every version."""
    affected = record.affected
    if affected.completed or affected.channel is not None or not affected.epoch_known or record.unordered is not None:
        return False
    if affected.negative:
        return not affected.ranges and not affected.versions
    if affected.versions or len(affected.ranges) != 1:
        return False
    (one,) = affected.ranges
    return one.introduced is None and one.last_affected is None and one.limit is None
