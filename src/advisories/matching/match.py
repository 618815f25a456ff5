"""``match``: what is installed against what is known to be vulnerable. Pure and deterministic.

Whatever hangs on one package alone is its :class:`~advisories.models.findings.Judgement`: :mod:`advisories.matching.evaluate` reaches it
once, and it is remembered with the feed. A host is the judgements of its packages, and what its kernels say.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from attrs import evolve, frozen

from advisories.index.feed import Feed
from advisories.matching import rules
from advisories.matching.evaluate import UNSTABLE_DEBIAN, Bench, judge
from advisories.matching.priority import SOURCES
from advisories.matching.rules import Subject
from advisories.models import (
    SCHEME_OF_TYPE,
    Assumption,
    Basis,
    Distribution,
    Inventory,
    Package,
    PackageClass,
    Presence,
    Ruling,
)
from advisories.models.distribution import family_of, filed_under, language_of
from advisories.models.findings import Findings, Judgement

__all__ = ["MatchPolicy", "match", "match_many"]

# Packages whose judgements are remembered for one kind of host; then remembering begins anew. A distribution's whole
# archive has about 65,000.
_REMEMBERED: Final = 250_000


@frozen
class MatchPolicy:
    """The few choices there are.

    :ivar judge_as: judge by this release's advisories instead of the inventory's own; an assumption on every finding
        where it is another release (rule 1).
    :ivar include_third_party: judge packages of other vendors too (rule 13).
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
    return judge_of(feed, inventory.distribution, policy).host(inventory)


def match_many(
    inventories: Iterable[Inventory], feed: Feed, policy: MatchPolicy = DEFAULT_POLICY
) -> Iterator[tuple[Inventory, Findings]]:
    """:func:`match` of each inventory, in their order, one at a time: nothing of an inventory is kept.

    What is asked once is not asked again: equal packages of hosts of one release share one judgement, whatever the
    number of hosts. Raises as :func:`match`, while iterating.
    """
    for inventory in inventories:
        yield inventory, match(inventory, feed, policy)


def judge_of(feed: Feed, own: Distribution | None, policy: MatchPolicy) -> "Judge":
    """The judge of hosts of a distribution, made once for a feed and a policy."""
    key = (own, policy)
    judge = feed.memo.get(key)
    if judge is None:
        judge = feed.memo[key] = Judge(feed, own, policy)
    assert isinstance(judge, Judge)
    return judge


class Judge:
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
        self._bench = Bench(feed, host, always, said, policy.priority_sources)
        self._benches: dict[str, Bench] = {}
        self._answers: dict[Package, Judgement] = {}

    def host(self, inventory: Inventory) -> Findings:
        """The judgements of a host's packages, and rule 11: what its running kernel makes of them."""
        instances = inventory.instances
        judgements = self._judgements(instances)
        kernels = {p: judgement for p, judgement in zip(instances, judgements, strict=True) if judgement.is_kernel}
        newest = self._bench.feed.newest
        if not kernels:
            return Findings(instances, judgements, self._covered, self._judged_as, feed_newest=newest)
        presences = rules.presences(kernels, inventory.running_kernel)
        pending = frozenset[tuple[Package, str]]()
        if Presence.STANDBY in presences.values():
            pending = rules.pending_restarts(presences, {p: _vulnerabilities(kernels[p]) for p in presences})
        return Findings(instances, judgements, self._covered, self._judged_as, presences, pending, newest)

    def _judgements(self, packages: Sequence[Package]) -> list[Judgement]:
        answers = self._answers
        try:
            return list(map(answers.__getitem__, packages))
        except KeyError:
            new = [package for package in packages if package not in answers]
        found = dict(zip(new, self._judge(new), strict=True))
        if len(answers) + len(found) > _REMEMBERED:
            self._answers = {}
        self._answers.update(found)
        return [found.get(package) or answers[package] for package in packages]

    def _judge(self, packages: Sequence[Package]) -> Iterator[Judgement]:
        subjects = [self.subjects(package) for package in packages]
        wanted = {(one.distribution, one.names, one.name) for both in subjects for one in both}
        if self._bench.asks_unstable:
            wanted |= {(UNSTABLE_DEBIAN, names, name) for _, names, name in wanted}
        self._bench.feed.prefetch(wanted)
        return map(self._package, packages, subjects)

    def subjects(self, package: Package) -> Sequence[Subject]:
        """What of a package is compared; nothing where its class is known without (the first that fits)."""
        if self._class_without_records(package) is not None:
            return ()
        bench = self.bench_of(package)
        subjects = rules.subjects(self._policy.as_chosen(package), bench.host, (*bench.said, *self._choices(package)))
        if self._minor is None or package.type != self._type:
            return subjects
        minor = Ruling(8, f"the records of {self._minor}, the host's own minor release, are asked too")
        return (
            *subjects,
            *(evolve(one, distribution=self._minor, rulings=(*one.rulings, minor)) for one in subjects),
        )

    def _choices(self, package: Package) -> Iterator[Ruling]:
        """What the policy has decided of a package, to be said in the evidence."""
        if self._policy.as_chosen(package) is not package:
            yield Ruling(4, "the unknown epoch is taken for 0, by choice")
        if self._policy.include_third_party and rules.is_third_party(package, self._own):
            yield Ruling(13, f"built by {package.vendor or package.maintainer}, and judged by choice")

    def bench_of(self, package: Package) -> Bench:
        """A language's packages are of its ecosystem, on whatever host."""
        language = language_of(package.type)
        if language is None or language == self._bench.host:
            return self._bench
        if package.type not in self._benches:
            self._benches[package.type] = evolve(self._bench, host=language, always=frozenset(), said=())
        return self._benches[package.type]

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

    def _package(self, package: Package, subjects: Sequence[Subject]) -> Judgement:
        if subjects and self._bench.feed.covers(subjects[0].distribution):
            return judge(package, subjects, self.bench_of(package))
        package_class = self._class_without_records(package) or PackageClass.NOT_COVERED
        return Judgement(package_class, rules.order_of_packages(package))


def _vulnerabilities(judgement: Judgement) -> set[str]:
    return {name for ranked in judgement.verdicts for name, _ in ranked}
