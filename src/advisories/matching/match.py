"""``match``: what is installed against what is known to be vulnerable. Pure and deterministic.

:mod:`advisories.matching.evaluate` makes the :class:`~advisories.models.findings.PackageResult` of each package once.
The feed remembers it. The findings of a host are the results of its packages, and what its running kernel changes.
"""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain, islice
from typing import Final

from advisories.distros.mistaken_versions import Odd, is_of_system, odd_of, why_mistaken_of
from advisories.distros.third_parties import is_third_party
from advisories.index.completeness import Gaps
from advisories.index.feed import Feed
from advisories.matching import rules
from advisories.matching.drafts import Drafts, Wanted, drafts_of
from advisories.matching.evaluate import MatchContext, evaluate, part_of, result_of_unnamed
from advisories.matching.priority import SOURCES
from advisories.matching.rules import UNSTABLE_DEBIAN, Query
from advisories.matching.rules.order import order_of_packages
from advisories.models.assumptions import OF_THE_LIST, Assumption
from advisories.models.distribution import Distribution, compatible, family_of, filed_under, language_of
from advisories.models.findings import (
    Basis,
    Findings,
    HostPart,
    Note,
    PackageClass,
    PackageResult,
    Presence,
    ReleaseMark,
)
from advisories.models.frozen import evolve, field, frozen
from advisories.models.nouns import Noun, shortened
from advisories.models.packages import SCHEME_OF_TYPE, SYSTEM_TYPES, Inventory, Package
from advisories.models.words import Names, check_kinds, check_members

__all__ = ["MatchPolicy", "match", "match_many"]

# Packages whose results are remembered for one kind of host. Then remembering begins anew. A distribution's whole
# archive has about 65,000.
_REMEMBERED: Final = 250_000


@frozen
class MatchPolicy(Noun):
    """Your choices in matching.

    :ivar judge_as: use this release's advisories instead of the inventory's own. Every finding carries an assumption
        where it is another release (rule 1).
    :ivar include_third_party: judge packages of other vendors too (rule 13).
    :ivar unknown_epoch_is_zero: take an unknown epoch for 0 instead of leaving epochs out (rule 4).
    :ivar oldest_feed: a feed whose newest advisory is older than this moment is stale (rule 0). None accepts any age.
    :ivar as_published: compare packages with what advisories name, and with nothing that they leave out (rule 0).
    :ivar priority_sources: what a priority rests on, first choice first: :func:`advisories.matching.priority.assess`.
    """

    judge_as: Distribution | None = None
    include_third_party: bool = False
    unknown_epoch_is_zero: bool = False
    oldest_feed: datetime | None = None
    as_published: bool = False
    priority_sources: tuple[Basis, ...] = field(default=SOURCES, repr=shortened)

    def __attrs_post_init__(self) -> None:
        if self.priority_sources is not SOURCES:
            check_members(self, Basis, "priority_sources")
        if not isinstance(self.judge_as, Distribution | None):
            raise TypeError(f"MatchPolicy.judge_as must be a Distribution or None, not {self.judge_as!r:.80}")
        # Whatever is neither true nor false would be true.
        check_kinds(self, bool, "include_third_party", "unknown_epoch_is_zero", "as_published")
        check_kinds(self, datetime, "oldest_feed", optional=True)
        if self.oldest_feed is not None and self.oldest_feed.tzinfo is None:
            raise TypeError(f"MatchPolicy.oldest_feed must be aware of its time zone, not {self.oldest_feed!r}")

    def as_chosen(self, package: Package) -> Package:
        """The package with its epoch known, where the policy takes an unknown one for 0."""
        if self.unknown_epoch_is_zero and not (package.epoch_known and package.source_epoch_known):
            return evolve(package, epoch_known=True, source_epoch_known=True)
        return package


DEFAULT_POLICY: Final = MatchPolicy()


def match(inventory: Inventory, feed: Feed, policy: MatchPolicy = DEFAULT_POLICY) -> Findings:
    """A finding for every installed instance and vulnerability that the feed knows it to be affected by.

    You get the same result for any order of packages and advisories, and with duplicates. What could not be judged is
    in ``findings.coverage`` and raises nothing. Only a damaged store raises
    :class:`~advisories.models.errors.UnreadableSource`, and an argument of another type :class:`TypeError`.
    """
    _check_arguments(inventory, feed, policy)
    return matcher_for(feed, inventory.distribution, frozenset(), policy).host(inventory)


def _check_arguments(inventory: Inventory, feed: Feed, policy: MatchPolicy) -> None:
    """Paths, lists and swapped arguments are no mistake of the depths: the error has what makes the right one."""
    if not isinstance(inventory, Inventory):
        raise TypeError(f"an Inventory is expected, as read_inventory(PATH) makes it, not {type(inventory).__name__}")
    if not isinstance(feed, Feed):
        raise TypeError(f"a Feed is expected, as open_feed(PATH) makes it, not {type(feed).__name__}")
    if not isinstance(policy, MatchPolicy):
        raise TypeError(f"a MatchPolicy is expected, not {type(policy).__name__}")


def match_many(
    inventories: Iterable[Inventory], feed: Feed, policy: MatchPolicy = DEFAULT_POLICY
) -> Iterator[tuple[Inventory, Findings]]:
    """:func:`match` of each inventory, in their order, one at a time. Nothing of an inventory is kept.

    Equal packages of hosts of one release share one result, however many hosts there are. Raises as :func:`match`,
    while you iterate.
    """
    for inventory in inventories:
        yield inventory, match(inventory, feed, policy)


def matcher_of(feed: Feed, inventory: Inventory, policy: MatchPolicy) -> "Matcher":
    """The matcher of a host, made once for a feed, a policy and hosts of one kind."""
    packages = inventory.instances
    doubts = _vendor_doubts(packages) if any(map(part_of, packages)) else _SURE
    return matcher_for(feed, inventory.distribution, doubts, policy)


def matcher_for(feed: Feed, own: Distribution | None, doubts: frozenset[Assumption], policy: MatchPolicy) -> "Matcher":
    """The matcher of hosts of one kind: those that state this release, and of whose lists this is in doubt."""
    key = (own, doubts, policy)
    matcher = feed.memo.get(key)
    if matcher is None:
        matcher = feed.memo[key] = Matcher(feed, own, doubts, policy)
    assert isinstance(matcher, Matcher)
    return matcher


_SURE: Final[frozenset[Assumption]] = frozenset()
# Types of packages whose names differ in case. Those of other languages are filed in lower case.
_CASED: Final = frozenset({"rpm", "deb", "apk", "gem"})
_VENDOR_UNKNOWN: Final = frozenset({Assumption.VENDOR_UNKNOWN})
_CONTRADICTED: Final = frozenset({Assumption.RELEASE_CONTRADICTED})
_MISTAKEN: Final = frozenset({Assumption.VERSIONS_MISTAKEN})


def _vendor_doubts(packages: Sequence[Package]) -> frozenset[Assumption]:
    """Rule 0: what is assumed of packages that no record names, on a host with a third party's repository.

    In a list without vendors somebody else may have built them.
    """
    return _SURE if any(package.vendor or package.maintainer for package in packages) else _VENDOR_UNKNOWN


# The classes of packages that a record names, and of those that none may name.
_NAMED: Final = frozenset({PackageClass.AFFECTED, PackageClass.UNDECIDABLE})
_FREE: Final = frozenset({PackageClass.CLEAN, PackageClass.UNCHECKED})
# A member of an enumeration is slow to look up.
_OWN_TAG: Final = ReleaseMark.OWN_TAG
_OTHER_TAG: Final = ReleaseMark.OTHER_TAG
_OWN_RELEASE: Final = ReleaseMark.OWN_RELEASE
_OTHER_RELEASE: Final = ReleaseMark.OTHER_RELEASE
_OF_OTHERS: Final = (_OTHER_TAG, _OTHER_RELEASE)
# So many odd versions cost less to count than to look for.
_FEW_ODD: Final = 50
#: So many names of a list are in any feed of its release, some of them. A small image may have fewer.
ENOUGH_NAMES: Final = 10


def is_free(package: Package, result: PackageResult) -> bool:
    """Whether a package of the system was judged, and nothing was found."""
    return result.package_class in _FREE and language_of(package.type) is None


def is_covered(packages: int, all_of_languages: bool, release: bool, any_own: bool, any_of_system: bool) -> bool:
    """Whether a feed covers a host. Packages of languages alone need no release.

    A list of debs is not covered by advisories of a distribution of rpm (rule 0).

    :param packages: how many the host has.
    :param all_of_languages: whether all are of languages that the feed covers.
    :param release: whether the feed covers the host's release.
    :param any_own: whether any package is there of the release's own type, and
    :param any_of_system: of the type of any system.
    """
    return (packages > 0 and all_of_languages) or (release and (any_own or not any_of_system))


def _has_as_many(packages: Iterable[Package], count: int) -> bool:
    """Whether so many packages are there, and of a system."""
    return next(islice(filter(is_of_system, packages), count - 1, None), None) is not None


def _odd_of(packages: Iterable[Package]) -> dict[Package, Odd]:
    return {package: odd for package in packages if is_of_system(package) and (odd := odd_of(package)) is not None}


class Matcher:
    """Makes the results of the packages of one kind of host, a release with its channels, under one policy.

    It remembers them, so that an equal package on another host costs a look-up.
    """

    def __init__(
        self, feed: Feed, own: Distribution | None, doubts: frozenset[Assumption], policy: MatchPolicy
    ) -> None:
        used = policy.judge_as or own
        self._listed_as = own
        self._doubts = doubts
        self._policy = policy
        self._feed = feed
        #: Whether the feed covers that release.
        self.covered: Final = used is not None and feed.covers(used)
        #: The release whose advisories are used, as filed. None where the hosts state none.
        self.judged_as: Final = None if used is None else filed_under(used)
        # Without a release nothing is covered, and this one is never used.
        host = self.judged_as or Distribution("", None)
        self._own = own or host
        family = family_of(host)
        self._type = family.type if family else None
        self._used = used or host
        self._minors = {} if used is None else rules.minor_releases(used, feed)
        assumed = () if used is None else rules.scope_assumed(own, used)
        always, notes = frozenset(one for one, _ in assumed), tuple(note for _, note in assumed)
        gaps = feed.gaps(host)
        #: When the feed's sources of that release were current.
        self.newest: Final = gaps.newest
        stale = policy.oldest_feed is not None and (gaps.newest is None or gaps.newest < policy.oldest_feed)
        self._stale = frozenset({Assumption.FEED_STALE}) if stale else frozenset[Assumption]()
        partial = {Assumption.FEED_PARTIAL} if gaps.parts else frozenset[Assumption]()
        # Of no version of the list, whatever a record has of it.
        contradicted = doubts & (_CONTRADICTED | _MISTAKEN)
        self._context = MatchContext(
            feed,
            host,
            always,
            notes,
            feed.names_sources(host),
            (doubts - contradicted) | partial,
            self._without_finding(gaps) | self._of_another_release() | contradicted,
            gaps.losses,
            policy.priority_sources,
            policy.judge_as is not None,
        )
        self._contexts: dict[str, MatchContext | None] = {}
        self._covers: dict[Distribution, bool] = {host: self.covered}
        self._results: dict[Package, PackageResult] = {}
        # Those seen that show another release, so that a list without any costs no count. None where they are too many.
        self._of_others: set[Package] | None = set()
        # As much of those whose versions may be none.
        self._odd: dict[Package, Odd] | None = {}

    def __repr__(self) -> str:
        return f"<Matcher: {self.judged_as or 'no release'}, {len(self._results)} packages remembered>"

    def _without_finding(self, gaps: Gaps) -> frozenset[Assumption]:
        """Rule 0: what is assumed of every package of a release without a finding."""
        return self._stale | {Assumption.FEED_PARTIAL} if gaps.is_excerpt else self._stale

    def _of_another_release(self) -> frozenset[Assumption]:
        """Rule 1: what is assumed where the advisories of a release are used that is not compatible with the host's.

        What they do not name may be a package that their release lacks.
        """
        own, used = self._listed_as, self.judged_as
        if own is None or used is None:
            return frozenset()
        mine = filed_under(own)
        same = mine.id == used.id and mine.release in (None, used.release)
        return frozenset() if same or compatible(own, [used]) else frozenset({Assumption.DISTRIBUTION_ASSUMED})

    def host(self, inventory: Inventory) -> Findings:
        """The results of a host's packages, and rule 11: what its running kernel makes of them."""
        instances = inventory.instances
        results = self.results_of(instances)
        parts = {p: result for p, result in zip(instances, results, strict=True) if result.part is not None}
        kernels = {p: result for p, result in parts.items() if result.part is HostPart.KERNEL}
        if len(kernels) < len(parts) and not self._doubts and (doubts := _vendor_doubts(instances)):
            return matcher_for(self._feed, self._listed_as, doubts, self._policy).host(inventory)
        if not self._doubts & _MISTAKEN and self._has_mistaken_versions(instances):
            return matcher_for(self._feed, self._listed_as, self._doubts | _MISTAKEN, self._policy).host(inventory)
        if self._is_foreign(instances, results):
            doubts = self._doubts | {Assumption.NAMES_UNKNOWN}
            return matcher_for(self._feed, self._listed_as, doubts, self._policy).host(inventory)
        if self._contradicts_release(instances, results):
            return matcher_for(self._feed, self._listed_as, self._doubts | _CONTRADICTED, self._policy).host(inventory)
        newest = self.newest
        covered = is_covered(
            len(instances),
            all(map(self.is_of_covered_language, instances)),
            self.covered,
            any(map(self.is_of_own_type, instances)),
            any(map(is_of_system, instances)),
        )
        if not kernels:
            return Findings(instances, results, covered, self.judged_as, order_of_packages, feed_newest=newest)
        presences, pending = standing(kernels, inventory.running_kernel)
        return Findings(instances, results, covered, self.judged_as, order_of_packages, presences, pending, newest)

    def _is_foreign(self, packages: Sequence[Package], results: Sequence[PackageResult]) -> bool:
        """Rule 0: whether no record of the feed names any of the system's packages, where there are enough of them."""
        if Assumption.NAMES_UNKNOWN in self._doubts or any(one.package_class in _NAMED for one in results):
            return False
        free = [package for package, result in zip(packages, results, strict=True) if is_free(package, result)]
        if len({package.name for package in free}) < ENOUGH_NAMES:
            return False
        return not any(map(self.is_named, free))

    def _has_mistaken_versions(self, packages: Sequence[Package]) -> bool:
        """Rule 0: whether sizes, dates or releases stand in the place of versions."""
        known = self._odd
        if known is not None:
            # Few versions are odd, and most of a list would be. It is looked through where many hosts had many.
            count = len(known) if len(known) <= _FEW_ODD else len(known.keys() & packages)
            if not count or _has_as_many(packages, 2 * count):
                return False
        of_system = [package for package in packages if is_of_system(package)]
        odd = _odd_of(of_system) if known is None else {one: known[one] for one in known.keys() & of_system}
        return why_mistaken_of(of_system, odd) is not None

    def _contradicts_release(self, packages: Sequence[Package], results: Sequence[PackageResult]) -> bool:
        """Rule 1: whether the list is of another release than the one that it is judged as."""
        others = self._of_others
        if others is not None and (not others or others.isdisjoint(packages)):
            return False
        if self._doubts & _CONTRADICTED:
            return False
        own_tags = other_tags = 0
        own_release = other_release = False
        names: set[str] = set()
        for package, result in zip(packages, results, strict=True):
            mark = result.mark
            if mark is _OWN_TAG:
                own_tags += 1
            elif mark is _OTHER_TAG:
                other_tags += 1
                names.add(package.name)
            elif mark is not None:
                own_release = own_release or mark is _OWN_RELEASE
                other_release = other_release or mark is _OTHER_RELEASE
        return rules.contradicts_release(own_tags, other_tags, len(names), own_release, other_release)

    def is_named(self, package: Package) -> bool:
        """Whether a record of the feed names a package or its source, under any of the names that are looked up."""
        queries = self.queries(package)
        return any(self._feed.group(one.distribution, one.names, one.name) is not None for one in queries)

    def is_of_own_type(self, package: Package) -> bool:
        """Whether a package is there, and of the type of the release's own ones."""
        return package.type == self._type and package.state.on_disk

    def is_of_covered_language(self, package: Package) -> bool:
        """Whether it is a package of a language that the feed covers."""
        language = language_of(package.type)
        return language is not None and self._covers_release(language)

    def results_of(self, packages: Sequence[Package]) -> list[PackageResult]:
        known = self._results
        try:
            return list(map(known.__getitem__, packages))
        except KeyError:
            new = [package for package in packages if package not in known]
        found = dict(self._evaluate(new))
        self._remember_others(found)
        self._remember_odd(found)
        if len(known) + len(found) > _REMEMBERED:
            self._results = {}
        self._results.update(found)
        return [found.get(package) or known[package] for package in packages]

    def _remember_others(self, found: Mapping[Package, PackageResult]) -> None:
        """Before the results are, and never less: a list whose results another thread made is counted too."""
        others = self._of_others
        if others is not None:
            others.update([package for package, result in found.items() if result.mark in _OF_OTHERS])
            if len(others) > _REMEMBERED:
                self._of_others = None

    def _remember_odd(self, found: Iterable[Package]) -> None:
        """As :meth:`_remember_others`."""
        odd = self._odd
        if odd is not None:
            odd.update(_odd_of(found))
            if len(odd) > _REMEMBERED:
                self._odd = None

    def _evaluate(self, packages: Sequence[Package]) -> Iterator[tuple[Package, PackageResult]]:
        todo: list[tuple[Package, PackageClass | None, Sequence[Query]]] = []
        plain: dict[Package, tuple[str, str]] = {}
        for package in packages:
            package_class = self._unjudged(package)
            names = self._only_names(package) if package_class is None else None
            if names is not None:
                plain[package] = names
            else:
                todo.append((package, package_class, self._queries(package) if package_class is None else ()))
        unnamed = self._results_of_unnamed(plain)
        yield from unnamed.items()
        todo += [(package, None, self._queries(package)) for package in plain if package not in unnamed]
        drafts = self._read(list(chain.from_iterable([queries for _, _, queries in todo])))
        cased = [query for package, _, queries in todo if package.type in _CASED for query in queries]
        in_other_case = self._in_other_case(cased, drafts)
        for one in todo:
            yield one[0], self._result(*one, drafts, in_other_case)

    def _only_names(self, package: Package) -> tuple[str, str] | None:
        """All that is looked up of a package, where that is two names. None for others.

        Packages of languages are filed under other names, and are judged where the feed does not cover the host.
        """
        if self._minors or package.type != self._type or package.type not in SYSTEM_TYPES:
            return None
        return rules.only_names(package, self._context.host)

    def _results_of_unnamed(self, plain: Mapping[Package, tuple[str, str]]) -> dict[Package, PackageResult]:
        """Those of packages of which no record has either name.

        :param plain: packages, and all that is looked up of each.
        """
        host, context = self._context.host, self._context
        wanted = [(host, Names.BINARY, name) for name in {name for name, _ in plain.values()}]
        wanted += [(host, Names.SOURCE, name) for name in {source for _, source in plain.values()}]
        named = {name for _, _, name in self._feed.drafts(wanted)}
        unnamed = {package: names for package, names in plain.items() if named.isdisjoint(names)}
        in_case: Container[tuple[Distribution, str]] = ()
        if self._type in _CASED:
            in_case = self._feed.in_other_case((host, name) for both in unnamed.values() for name in both)
        return {package: result_of_unnamed(package, names, context, in_case) for package, names in unnamed.items()}

    def _in_other_case(
        self, queries: Sequence[Query], drafts: Mapping[Wanted, Drafts | None] | None
    ) -> frozenset[tuple[Distribution, str]]:
        """Rule 0: those names without records that records have in other upper and lower case alone."""
        return self._feed.in_other_case(
            (query.distribution, query.name)
            for query in queries
            if drafts is None or (query.distribution, query.names, query.name) not in drafts
        )

    def _read(self, queries: Sequence[Query]) -> Mapping[Wanted, Drafts | None] | None:
        """The drafts of what these queries name, None where the rules decide about the host. What they need is read."""
        drafts: Mapping[Wanted, Drafts | None] | None = None
        if self._context.is_usual:
            drafts, wanted = drafts_of(self._feed, queries)
        else:
            wanted = {(one.distribution, one.names, one.name) for one in queries}
        if self._context.uses_unstable:
            wanted |= {(UNSTABLE_DEBIAN, names, name) for _, names, name in wanted}
        self._feed.prefetch(wanted)
        return drafts

    def _result(
        self,
        package: Package,
        package_class: PackageClass | None,
        queries: Sequence[Query],
        drafts: Mapping[Wanted, Drafts | None] | None,
        in_other_case: frozenset[tuple[Distribution, str]],
    ) -> PackageResult:
        if package_class is None and not queries:
            # A metapackage has nothing that could be affected (rule 2).
            package_class = PackageClass.CLEAN
        # A backport's records are another release's, which the feed may not have (rule 1b).
        if package_class is None and self._covers_release(queries[0].distribution):
            return evaluate(package, queries, self.context_of(package), drafts, in_other_case)
        assumptions = package.doubts & OF_THE_LIST if package_class is not PackageClass.NOT_INSTALLED else _SURE
        if assumptions and package_class is PackageClass.CLEAN:
            package_class = PackageClass.UNCHECKED
        return PackageResult(package_class or PackageClass.NOT_COVERED, part_of(package), assumptions=assumptions)

    def _covers_release(self, distribution: Distribution) -> bool:
        covered = self._covers.get(distribution)
        if covered is None:
            covered = self._covers[distribution] = self._feed.covers(distribution)
        return covered

    def queries(self, package: Package) -> Sequence[Query]:
        """What of a package is compared. Empty where its class is known without any comparison."""
        return self._queries(package) if self._unjudged(package) is None else ()

    def _queries(self, package: Package) -> Sequence[Query]:
        context = self.context_of(package)
        chosen = self._policy.as_chosen(package)
        notes = list(context.notes)
        if chosen is not package:
            notes.append(Note(4, "the unknown epoch is taken for 0, by choice"))
        by_choice = self._policy.include_third_party and is_third_party(package, self._own)
        if by_choice:
            builder = package.vendor or package.maintainer or "a third party, as its version or repository shows"
            notes.append(Note(13, f"built by {builder}, and judged by choice"))
        queries = rules.queries(chosen, context.host, tuple(notes), self._feed.in_archive)
        if by_choice:
            queries = tuple(evolve(one, assumptions=one.assumptions | {Assumption.REBUILD}) for one in queries)
        if self._policy.as_published:
            queries = tuple(evolve(one, as_published=True) for one in queries)
        if not self._minors or package.type != self._type:
            return queries
        found = [*queries]
        for minor, reason in rules.branches(package.version, self._used, self._minors):
            note = Note(8, f"the records of {minor}, {reason}, are compared too")
            found += [evolve(one, distribution=minor, notes=(*one.notes, note)) for one in queries]
        return found

    def context_of(self, package: Package) -> MatchContext:
        """The context of a package: its host's, or of its language's ecosystem, whatever the host."""
        return self._context_of_type(package.type) or self._context

    def _context_of_type(self, type: str) -> MatchContext | None:
        """The context of packages of a type. None for types that are not judged on this host."""
        if type not in self._contexts:
            language = language_of(type)
            if type not in SCHEME_OF_TYPE or (language is None and type != self._type):
                context = None
            elif language is None or language == self._context.host:
                context = self._context
            else:
                gaps = self._feed.gaps(language)
                context = evolve(
                    self._context,
                    host=language,
                    always=frozenset(),
                    notes=(),
                    names_sources=False,
                    unnamed=frozenset(),
                    without_finding=self._without_finding(gaps),
                    losses=gaps.losses,
                )
            self._contexts[type] = context
        return self._contexts[type]

    def _unjudged(self, package: Package) -> PackageClass | None:
        if not self.covered and language_of(package.type) is None:
            return PackageClass.NOT_COVERED
        is_judged = self._context_of_type(package.type) is not None
        return rules.unjudged(package, self._own, is_judged, third_parties=self._policy.include_third_party)


def standing(
    kernels: Mapping[Package, PackageResult], running_kernel: str | None
) -> tuple[Mapping[Package, Presence], frozenset[tuple[Package, str]]]:
    """Rule 11: where the kernels of a host stand, and the findings of the running one that a restart clears.

    :param kernels: all of the host's, with their results.
    :param running_kernel: as ``uname -r`` prints it.
    """
    presences = rules.presences(kernels, running_kernel)
    if Presence.STANDBY not in presences.values():
        return presences, frozenset()
    # A standby kernel of a line that the feed does not know was compared with nothing (rule 0).
    known = {p: one for p, one in presences.items() if Assumption.LINE_UNKNOWN not in kernels[p].assumptions}
    return presences, rules.pending_restarts(known, {p: _vulnerabilities(kernels[p]) for p in known})


def _vulnerabilities(result: PackageResult) -> set[str]:
    return {name for ranked in result.rows for name, _ in ranked}
