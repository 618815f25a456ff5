"""What a feed lacks: components, advisories, entries that were lost, names that an advisory leaves out (rule 0)."""

import re
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Final

from advisories.distros.components import component_of, enabled_components
from advisories.models.advisories import Advisory, Affected, Range
from advisories.models.distribution import Distribution, filed_under
from advisories.models.errors import LimitExceeded
from advisories.models.frozen import evolve, frozen
from advisories.models.nouns import Noun
from advisories.models.packages import NO_MODULE
from advisories.models.patterns import pattern
from advisories.models.reading import Flaw, FlawKind, Loss, ReadReport, Rejection, Scope
from advisories.models.words import Names

__all__ = [
    "Completeness",
    "Gaps",
    "Losses",
    "Place",
    "completions",
    "documentation_of",
    "flaws_of_completions",
    "is_documentation",
]

# Packages that documentation may stand for, counted for each advisory that names it alone.
_COMPLETED: Final = 500_000
# With fewer advisories of a release, each a document of its own, a feed is an excerpt.
_FEW: Final = 100


@frozen
class Losses(Noun):
    """What was lost of a release: entries that could not be read. False where nothing was.

    :ivar all: whether any package of the release may be concerned.
    :ivar names: the binary and source packages that are concerned.
    """

    all: bool = False
    names: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return self.all or bool(self.names)

    def concern(self, name: str) -> bool:
        """Whether an entry of a binary or source package of this name was lost, or may have been."""
        return self.all or name in self.names


@frozen
class Gaps(Noun):
    """What a feed lacks of a release (rule 0).

    :ivar parts: the components that the release enables by default and that the feed lacks.
    :ivar is_excerpt: the feed has a few advisories of the release, and nothing shows that they are all.
    :ivar losses: what could not be read.
    :ivar newest: when the sources that have the release were current. None where they have no date.
    """

    parts: tuple[str, ...] = ()
    is_excerpt: bool = False
    losses: Losses = Losses()
    newest: datetime | None = None


class Completeness:
    """What the reports of a feed show that it lacks. Its answers are remembered.

    A feed made of advisories without reports is the caller's own: it lacks nothing.

    :param find: the advisory of an id, where the feed has one.
    """

    def __init__(self, reports: Sequence[ReadReport], find: Callable[[str], Advisory | None]) -> None:
        self._reports: Final = reports
        self._find: Final = find
        self._losses: Final[dict[Distribution, Losses]] = {}

    def gaps(self, distribution: Distribution, otherwise: datetime | None) -> Gaps:
        """Everything that the feed lacks of a release.

        :param otherwise: its date where no source shows whether it has the release.
        """
        return Gaps(
            self.missing_parts(distribution),
            self.is_excerpt(distribution),
            self.losses(distribution),
            self.newest(distribution, otherwise),
        )

    def missing_parts(self, distribution: Distribution) -> tuple[str, ...]:
        """The components that the release enables by default and that the feed lacks, though it has one of them."""
        present = self.parts(distribution)
        if not present:
            return ()
        return tuple(part for part in enabled_components(distribution, self._day(distribution)) if part not in present)

    def lacks_repository(self, distribution: Distribution, repository: str) -> bool:
        """Whether a host's repository of this name is a component that the feed lacks, though it has another one."""
        present = self.parts(distribution)
        return bool(present) and component_of(filed_under(distribution).id, repository) not in {None, *present}

    def is_excerpt(self, distribution: Distribution) -> bool:
        """Whether the feed has a few advisories of the release, a document each, and nothing shows they are all."""
        own = [scope for scope in self._scopes(distribution) if scope.advisories]
        single = sum(scope.single for scope in own)
        return 0 < single < _FEW and single == sum(scope.advisories for scope in own)

    def newest(self, distribution: Distribution, otherwise: datetime | None) -> datetime | None:
        """When the sources that have the release were current: of its components the one that is oldest.

        None where none of them has a date.

        :param otherwise: where no source shows whether it has the release.
        """
        filed = filed_under(distribution)
        by_part: dict[str, datetime | None] = {}
        for report in self._reports:
            for scope in report.scopes:
                of, known = scope.distribution, by_part.get(scope.part)
                if of.id == filed.id and of.release in (None, filed.release):
                    dates = [date for date in (report.newest, known) if date is not None]
                    by_part[scope.part] = max(dates, default=None)
        if not by_part:
            return otherwise
        return min((date for date in by_part.values() if date is not None), default=None)

    def losses(self, distribution: Distribution) -> Losses:
        """What was lost of the release and was not kept from elsewhere."""
        filed = filed_under(distribution)
        found = self._losses.get(filed)
        if found is None:
            lost = {loss.package for report in self._reports for loss in report.losses if self._concerns(loss, filed)}
            found = self._losses[filed] = Losses(None in lost, frozenset(name for name in lost if name is not None))
        return found

    def rejections(self, distribution: Distribution, names: Container[str]) -> list[Rejection]:
        """The rejections with which something was lost of packages of the release that have these names."""
        filed = filed_under(distribution)
        release = Distribution(filed.id, filed.release)
        return [
            rejection
            for report in self._reports
            # What the format of an enrichment rejects is no loss of its report.
            for rejection in (report.rejections if report.losses else ())
            if any(
                (loss.package is None or loss.package in names) and self._concerns(loss, release)
                for loss in rejection.lost
            )
        ]

    def _concerns(self, loss: Loss, release: Distribution) -> bool:
        of = loss.distribution
        if of is not None and (of.id != release.id or of.release not in (None, release.release)):
            return False
        kept = self._find(loss.advisory) if loss.advisory else None
        return kept is None or not any(
            (of is None and loss.package is None) or _is_of(affected, release, loss.package)
            for affected in kept.affected
        )

    def _scopes(self, distribution: Distribution) -> list[Scope]:
        """What its sources have of a release."""
        filed = filed_under(distribution)
        return [
            scope
            for report in self._reports
            for scope in report.scopes
            if scope.distribution.id == filed.id and scope.distribution.release in (None, filed.release)
        ]

    def parts(self, distribution: Distribution) -> frozenset[str]:
        """The components that the feed has of a release. Empty where what it has is not of components."""
        scopes = self._scopes(distribution)
        whole = [scope for scope in scopes if not scope.part and scope.advisories]
        if any(scope.advisories > scope.single or scope.advisories >= _FEW for scope in whole):
            return frozenset()
        return frozenset(scope.part for scope in scopes if scope.part)

    def _day(self, distribution: Distribution) -> date | None:
        """When the newest of the sources that have components of the release was current."""
        id = filed_under(distribution).id
        dates = [
            report.newest
            for report in self._reports
            if report.newest is not None and any(one.part and one.distribution.id == id for one in report.scopes)
        ]
        return max(dates).date() if dates else None


def _is_of(affected: Affected, release: Distribution, package: str | None) -> bool:
    of = affected.distribution
    return (
        of is not None and (of.id, of.release) == (release.id, release.release) and package in (None, affected.package)
    )


# ---- names that an advisory leaves out ----

_DOCUMENTATION: Final = pattern(r"-(?:docs?|javadoc|help|abi-[a-z]+)", re.ASCII)

#: A release with its channels, the channel of a record, and the name of a documentation package.
Place = tuple[Distribution, str | None, str]


@lru_cache(maxsize=1 << 16)
def is_documentation(package: str) -> bool:
    """Whether a package of this name is a source's documentation or its list of symbols (rule 0).

    >>> is_documentation("kernel-doc"), is_documentation("kernel-abi-stablelists"), is_documentation("httpd-tools")
    (True, True, False)
    """
    match = _DOCUMENTATION.search(package)
    return match is not None and match.end() == len(package)


def completions(advisories: Iterable[Advisory]) -> Mapping[str, tuple[Affected, ...]]:
    """By an advisory's id, the entries that it leaves out (rule 0, ``record-incomplete``).

    Binary packages to which advisories give one version and release together are of one source, modules excepted. An
    advisory that names its documentation alone means the others too: in the same version, with the epoch that each of
    them had beside the documentation elsewhere.

    :param advisories: by id. They are gone through twice. Those that name no documentation may be left out.
    """
    learnt = _Siblings()
    documenting: set[str] = set()
    for advisory in advisories:
        if documented := _documented(advisory):
            learnt.learn(advisory, documented)
            documenting.add(advisory.id)
    found: dict[str, tuple[Affected, ...]] = {}
    for advisory in advisories if learnt else ():
        # Looking for documentation goes through every entry of an advisory.
        if advisory.id not in documenting or not (documented := _documented(advisory)):
            continue
        named: dict[Distribution | None, set[str]] = {}
        for one in advisory.affected:
            named.setdefault(one.distribution, set()).add(one.package)
        missing = learnt.missing(documented, named)
        if missing:
            found[advisory.id] = tuple(sorted(missing, key=_order_of_entries))
    return found


def documentation_of(advisory: Advisory) -> set[Place]:
    """What an advisory has a say in, and rests on, in :func:`completions`: that of others with one of these."""
    return {_place(one) for one, _ in _documented(advisory)}


def _documented(advisory: Advisory) -> list[tuple[Affected, Range]]:
    """The documentation that an advisory names, with its ranges that end with a fix."""
    return [
        (one, range)
        for one in advisory.affected
        if is_documentation(one.package) and _is_candidate(one)
        for range in one.ranges
        if range.fixed and range.fixed != "0"
    ]


def _is_candidate(affected: Affected) -> bool:
    """Whether an entry of documentation may stand for its source's other packages."""
    return (
        affected.names is Names.BINARY
        and affected.distribution is not None
        and affected.module == NO_MODULE
        and not affected.negative
    )


def _place(affected: Affected) -> Place:
    assert affected.distribution is not None
    return affected.distribution, affected.channel, affected.package


_Whole = tuple[Mapping[str, str], frozenset[str]]


class _Siblings:
    """The names of the sources of documentation packages, each with its epoch."""

    def __init__(self) -> None:
        # By documentation package, what advisories named together with it. The same objects for all that are beside it,
        # and for advisories that name the same.
        self._beside: Final[dict[Place, list[Mapping[str, str]]]] = {}
        self._known: Final[dict[tuple[tuple[str, str], ...], Mapping[str, str]]] = {}
        # All of it, and the names in it that are no documentation. By the identities of its parts it is made once.
        self._whole: Final[dict[Place, _Whole]] = {}
        self._made: Final[dict[tuple[int, ...], _Whole]] = {}
        self._count = 0

    def __bool__(self) -> bool:
        return bool(self._beside)

    def learn(self, advisory: Advisory, documented: Iterable[tuple[Affected, Range]]) -> None:
        """Learn which names an advisory has beside its documentation."""
        by_version: dict[tuple[Distribution | None, str | None, str], dict[str, str]] = {}
        for one in advisory.affected:
            if one.names is Names.BINARY and one.module == NO_MODULE and not one.negative:
                for range in one.ranges:
                    if range.fixed:
                        epoch, version = _without_epoch(range.fixed)
                        by_version.setdefault((one.distribution, one.channel, version), {})[one.package] = epoch
        for one, range in documented:
            together = by_version[one.distribution, one.channel, _without_epoch(range.fixed or "")[1]]
            known = self._known.setdefault(tuple(together.items()), together)
            beside = self._beside.setdefault(_place(one), [])
            # Said again at once it changes nothing.
            if not beside or beside[-1] is not known:
                beside.append(known)

    def missing(
        self, documented: Iterable[tuple[Affected, Range]], named: Mapping[Distribution | None, Collection[str]]
    ) -> Collection[Affected]:
        """The entries of the names of a source of which an advisory names documentation alone.

        :param named: what the advisory names of each release.
        """
        missing: dict[tuple[object, ...], Affected] = {}
        done = set[tuple[object, ...]]()
        for one, range in documented:
            siblings, real = self._of(_place(one))
            version = _without_epoch(range.fixed or "")[1]
            same = id(siblings), one.distribution, one.channel, version
            if same in done:
                continue
            done.add(same)
            theirs = named[one.distribution]
            if not real or not real.isdisjoint(theirs):
                continue
            self._counted(len(siblings))
            for name, epoch in siblings.items():
                fixed = f"{epoch}:{version}" if epoch else version
                key = one.distribution, one.channel, name, fixed
                if name not in theirs and key not in missing:
                    own = range if fixed == range.fixed else evolve(range, fixed=fixed)
                    missing[key] = evolve(one, package=name, ranges=(own,), versions=(), arches=(), completed=True)
        return missing.values()

    def _of(self, place: Place) -> _Whole:
        if place not in self._whole:
            parts = self._beside[place]
            made_of = tuple(map(id, parts))
            if made_of not in self._made:
                siblings: dict[str, str] = {}
                for together in parts:
                    siblings.update(together)
                self._counted(len(siblings))
                self._made[made_of] = siblings, frozenset([name for name in siblings if not is_documentation(name)])
            self._whole[place] = self._made[made_of]
        return self._whole[place]

    def _counted(self, more: int) -> None:
        self._count += more
        if self._count > _COMPLETED:
            why = f"the documentation that advisories name stands for more packages than the limit of {_COMPLETED}"
            raise LimitExceeded("the feed", why)


def _without_epoch(version: str) -> tuple[str, str]:
    epoch, colon, rest = version.partition(":")
    return (epoch, rest) if colon else ("", version)


def _order_of_entries(affected: Affected) -> tuple[str, ...]:
    of = affected.distribution
    assert of is not None
    channels = ",".join(sorted(of.channels))
    return of.id, of.release or "", channels, affected.package, affected.ranges[0].fixed or "", affected.channel or ""


def flaws_of_completions(advisory: Advisory, missing: Sequence[Affected]) -> Iterator[Flaw]:
    """The lint of an advisory that leaves names out, one flaw a release."""
    for distribution in dict.fromkeys(one.distribution for one in missing):
        count = len({one.package for one in missing if one.distribution == distribution})
        named = sorted({one.package for one in advisory.affected if one.distribution == distribution})
        named = [name for name in named if is_documentation(name)]
        why = f"names {' and '.join(named)} alone, and not {count} other packages of the same source"
        yield Flaw(FlawKind.RECORD_INCOMPLETE, advisory.id, named[0], distribution, why)
