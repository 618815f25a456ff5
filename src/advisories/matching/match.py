"""``match``: what is installed against what is known to be vulnerable. Pure and deterministic.

Whatever hangs on one package alone is its :class:`~advisories.models.findings.PackageResult`: :mod:`advisories.matching.evaluate` reaches it
once, and it is remembered with the feed. A host is the results of its packages, and what its kernels say.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from attrs import evolve, frozen

from advisories.index.feed import Feed
from advisories.matching import rules
from advisories.matching.evaluate import UNSTABLE_DEBIAN, MatchContext, evaluate
from advisories.matching.order import order_of_packages
from advisories.matching.priority import SOURCES
from advisories.matching.rules import Query
from advisories.models import (
    SCHEME_OF_TYPE,
    Assumption,
    Basis,
    Distribution,
    Inventory,
    Note,
    Package,
    PackageClass,
    Presence,
)
from advisories.models.distribution import family_of, filed_under, language_of
from advisories.models.findings import Findings, PackageResult

__all__ = ["MatchPolicy", "match", "match_many"]

# Packages whose results are remembered for one kind of host; then remembering begins anew. A distribution's whole
# archive has about 65,000.
_REMEMBERED: Final = 250_000


@frozen
class MatchPolicy:
    """The few choices there are.

    :ivar judge_as: matcher by this release's advisories instead of the inventory's own; an assumption on every finding
        where it is another release (rule 1).
    :ivar include_third_party: matcher packages of other vendors too (rule 13).
    :ivar unknown_epoch_is_zero: take an unknown epoch for 0 instead of leaving epochs out (rule 4).
    :ivar priority_sources: what a priority rests on, first choice first; see :func:`advisories.matching.priority.assess`.
    """

    judge_as: Distribution | None = None
    include_third_party: bool = False
    unknown_epoch_is_zero: bool = False
    priority_sources: tuple[Basis, ...] = SOURCES

    def as_chosen(self, package: Package) -> Package:
        """A package with what was chosen to be taken for known of it."""
        if self.unknown_epoch_is_zero and not (package.epoch_known and package.source_epoch_known):
            return evolve(package, epoch_known=True, source_epoch_known=True)
        return package


DEFAULT_POLICY: Final = MatchPolicy()


def match(inventory: Inventory, feed: Feed, policy: MatchPolicy = DEFAULT_POLICY) -> Findings:
    """Every installed instance and vulnerability that the feed's advisories say is affected, and what was judged.

    The result is the same for any order of packages and advisories, and with duplicates. Never raises for what could
    not be judged: that is in the coverage. A feed opened from a store that is damaged may raise
    :class:`~advisories.models.errors.UnreadableSource`.
    """
    return matcher_of(feed, inventory.distribution, policy).host(inventory)


def match_many(
    inventories: Iterable[Inventory], feed: Feed, policy: MatchPolicy = DEFAULT_POLICY
) -> Iterator[tuple[Inventory, Findings]]:
    """:func:`match` of each inventory, in their order, one at a time: nothing of an inventory is kept.

    What is asked once is not asked again: equal packages of hosts of one release share one result, whatever the
    number of hosts. Raises as :func:`match`, while iterating.
    """
    for inventory in inventories:
        yield inventory, match(inventory, feed, policy)


def matcher_of(feed: Feed, own: Distribution | None, policy: MatchPolicy) -> "Matcher":
    """The matcher of hosts of a distribution, made once for a feed and a policy."""
    key = (own, policy)
    matcher = feed.memo.get(key)
    if matcher is None:
        matcher = feed.memo[key] = Matcher(feed, own, policy)
    assert isinstance(matcher, Matcher)
    return matcher


class Matcher:
    """Judges the packages of one kind of host, a release with its channels, under one policy; remembers each answer."""

    def __init__(self, feed: Feed, own: Distribution | None, policy: MatchPolicy) -> None:
        asked = policy.judge_as or own
        self._policy = policy
        self._covered = asked is not None and feed.covers(asked)
        self._judged_as = None if asked is None else filed_under(asked)
        # Never looked at where nothing is covered.
        host = self._judged_as or Distribution("", None)
        self._own = own or host
        family = family_of(host)
        self._type = family.type if family else None
        assumed = None if asked is None else rules.scope_assumed(own, asked)
        always, said = (frozenset({assumed[0]}), (assumed[1],)) if assumed else (frozenset[Assumption](), ())
        self._minor = None if asked is None else rules.minor_release(asked, feed)
        self._context = MatchContext(feed, host, always, said, policy.priority_sources)
        self._contexts: dict[str, MatchContext] = {}
        self._answers: dict[Package, PackageResult] = {}

    def host(self, inventory: Inventory) -> Findings:
        """The results of a host's packages, and rule 11: what its running kernel makes of them."""
        instances = inventory.instances
        results = self._results(instances)
        kernels = {p: result for p, result in zip(instances, results, strict=True) if result.is_kernel}
        newest = self._context.feed.newest
        if not kernels:
            return Findings(instances, results, self._covered, self._judged_as, feed_newest=newest)
        presences = rules.presences(kernels, inventory.running_kernel)
        pending = frozenset[tuple[Package, str]]()
        if Presence.STANDBY in presences.values():
            pending = rules.pending_restarts(presences, {p: _vulnerabilities(kernels[p]) for p in presences})
        return Findings(instances, results, self._covered, self._judged_as, presences, pending, newest)

    def _results(self, packages: Sequence[Package]) -> list[PackageResult]:
        answers = self._answers
        try:
            return list(map(answers.__getitem__, packages))
        except KeyError:
            new = [package for package in packages if package not in answers]
        found = dict(zip(new, self._evaluate(new), strict=True))
        if len(answers) + len(found) > _REMEMBERED:
            self._answers = {}
        self._answers.update(found)
        return [found.get(package) or answers[package] for package in packages]

    def _evaluate(self, packages: Sequence[Package]) -> Iterator[PackageResult]:
        queries = [self.queries(package) for package in packages]
        wanted = {(one.distribution, one.names, one.name) for both in queries for one in both}
        if self._context.asks_unstable:
            wanted |= {(UNSTABLE_DEBIAN, names, name) for _, names, name in wanted}
        self._context.feed.prefetch(wanted)
        return map(self._package, packages, queries)

    def queries(self, package: Package) -> Sequence[Query]:
        """What of a package is compared; nothing where its class is known without (the first that fits)."""
        if self._class_without_records(package) is not None:
            return ()
        context = self.context_of(package)
        queries = rules.queries(self._policy.as_chosen(package), context.host, (*context.said, *self._choices(package)))
        if self._minor is None or package.type != self._type:
            return queries
        minor = Note(8, f"the records of {self._minor}, the host's own minor release, are asked too")
        return (
            *queries,
            *(evolve(one, distribution=self._minor, notes=(*one.notes, minor)) for one in queries),
        )

    def _choices(self, package: Package) -> Iterator[Note]:
        """What the policy has decided of a package, to be said in the evidence."""
        if self._policy.as_chosen(package) is not package:
            yield Note(4, "the unknown epoch is taken for 0, by choice")
        if self._policy.include_third_party and rules.is_third_party(package, self._own):
            yield Note(13, f"built by {package.vendor or package.maintainer}, and judged by choice")

    def context_of(self, package: Package) -> MatchContext:
        """A language's packages are of its ecosystem, on whatever host."""
        language = language_of(package.type)
        if language is None or language == self._context.host:
            return self._context
        if package.type not in self._contexts:
            self._contexts[package.type] = evolve(self._context, host=language, always=frozenset(), said=())
        return self._contexts[package.type]

    def _class_without_records(self, package: Package) -> PackageClass | None:
        if not self._covered:
            return PackageClass.NOT_COVERED
        if rules.is_removed(package):
            return PackageClass.NOT_INSTALLED
        if not self._policy.include_third_party and rules.is_third_party(package, self._own):
            return PackageClass.THIRD_PARTY
        if package.type not in SCHEME_OF_TYPE:
            return PackageClass.NOT_COVERED
        if package.type != self._type and language_of(package.type) is None:
            return PackageClass.NOT_COVERED
        return None

    def _package(self, package: Package, queries: Sequence[Query]) -> PackageResult:
        if queries and self._context.feed.covers(queries[0].distribution):
            return evaluate(package, queries, self.context_of(package))
        package_class = self._class_without_records(package) or PackageClass.NOT_COVERED
        return PackageResult(package_class, order_of_packages(package))


def _vulnerabilities(result: PackageResult) -> set[str]:
    return {name for ranked in result.rows for name, _ in ranked}
