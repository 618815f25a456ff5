"""What matching found: findings as columns, and what was and was not judged. Immutable; no object is made for a finding
until somebody looks at it.

A *verdict* is what the records of some vulnerabilities say of one installed instance, a *judgement* all that a feed has
to say of it; a host's findings are the judgements of its packages.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from types import MappingProxyType
from typing import Any, Final, Self, TypeVar, overload

from attrs import field, frozen

from advisories.models import (
    Assessed,
    Assessment,
    Assumption,
    Distribution,
    Evidence,
    Finding,
    FixState,
    Names,
    Package,
    PackageClass,
    Presence,
    Priority,
    Status,
)

__all__ = ["Coverage", "Findings", "Judgement", "Remedy", "Verdict"]

_JUDGED: Final = frozenset({PackageClass.AFFECTED, PackageClass.UNDECIDABLE, PackageClass.CLEAN})


@frozen
class Verdict(Assessed):
    """What the records that speak of some vulnerabilities say of one installed instance: a finding for each of them.

    Fields as :class:`Finding`'s; what hangs on the rest of the host (presence, a pending restart) is not here.
    """

    package: Package
    instance: str
    source: str | None
    source_version: str | None
    notices: tuple[str, ...]
    status: Status
    cause: str
    fixed_version: str | None
    fix_state: FixState
    channel: str | None
    restart_required: bool
    assessment: Assessment
    assumptions: tuple[Assumption, ...]
    evidence: Evidence


@frozen
class Judgement:
    """All that a feed has to say of one package, whatever else is on its host.

    :ivar package_class: its coverage class.
    :ivar order: sorts packages: name, architecture, version key, version.
    :ivar is_kernel: a bootable kernel, of which the host has to say whether it runs (rule 11).
    :ivar verdicts: for each priority, most urgent first, the vulnerabilities in their order with their verdicts.
    :ivar assumptions: what was taken for granted about the package.
    :ivar not_security: how many bugfix or enhancement advisories apply without naming a CVE.
    :ivar findings: how many findings it has.
    """

    package_class: PackageClass
    order: tuple[str, str, bytes, str]
    is_kernel: bool = False
    verdicts: tuple[tuple[tuple[str, Verdict], ...], ...] = ((),) * len(Priority)
    assumptions: frozenset[Assumption] = frozenset()
    not_security: int = 0
    findings: int = field(init=False, eq=False, repr=False, default=0)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "findings", sum(map(len, self.verdicts)))
        found = {verdict.status for ranked in self.verdicts for _, verdict in ranked}
        without = (PackageClass.CLEAN, PackageClass.THIRD_PARTY, PackageClass.NOT_COVERED, PackageClass.NOT_INSTALLED)
        if Status.AFFECTED in found:
            fits = self.package_class is PackageClass.AFFECTED
        else:
            fits = self.package_class is PackageClass.UNDECIDABLE if found else self.package_class in without
        if not fits:
            raise AssertionError(f"{self.order[0]} is {self.package_class.value}, but its verdicts are {sorted(found)}")


@frozen
class Remedy:
    """What clears a finding: an upgrade of a package, by the name that the advisory uses for it.

    :ivar type: the purl type.
    :ivar name: a source or a binary package's, by `names`: one fixed source clears all that is built from it.
    :ivar version: the fixed version; None where there is none.
    :ivar channel: the channel that carries it, where the host does not have it.
    """

    type: str
    name: str
    names: Names
    version: str | None
    channel: str | None = None

    @classmethod
    def of(cls, finding: Finding) -> Self:
        """The remedy of a finding."""
        evidence = finding.evidence
        return cls(finding.package.type, evidence.name, evidence.names, finding.fixed_version, finding.channel)


class _ByText:
    """Sorts packages that nothing else tells apart; their text is made only then."""

    __slots__ = ("package",)

    def __init__(self, package: Package) -> None:
        self.package = package

    def __lt__(self, other: "_ByText") -> bool:
        return repr(self.package) < repr(other.package)


def _place(judged: tuple[Package, Judgement]) -> tuple[tuple[str, str, bytes, str], _ByText]:
    package, judgement = judged
    return judgement.order, _ByText(package)


class Coverage:
    """What was judged and what was not: each package in exactly one class, so that the counts add up. Immutable."""

    __slots__ = ("_classes", "_instances", "_judgements", "covered", "feed_newest", "judged_as")

    def __init__(
        self,
        instances: tuple[Package, ...],
        judgements: Sequence[Judgement],
        covered: bool,
        judged_as: Distribution | None,
        feed_newest: datetime | None = None,
    ) -> None:
        if len(instances) != len(judgements):
            raise AssertionError(f"{len(instances)} packages, {len(judgements)} judgements")
        if not covered and any(j.package_class is not PackageClass.NOT_COVERED for j in judgements):
            raise AssertionError("a package of a release that is not covered was judged")
        self._instances = instances
        self._judgements = judgements
        self._classes: tuple[tuple[Package, PackageClass], ...] | None = None
        #: Whether the feed covers the release the inventory was judged as.
        self.covered: Final = covered
        #: The release whose advisories were used; None where the distribution is unknown.
        self.judged_as: Final = judged_as
        #: When the feed's advisory that changed last was modified; None where no advisory has a date.
        self.feed_newest: Final = feed_newest

    @property
    def classes(self) -> tuple[tuple[Package, PackageClass], ...]:
        """Every package of the inventory, each instance once, with its class; by name, architecture and version."""
        if self._classes is None:
            judged = sorted(zip(self._instances, self._judgements, strict=True), key=_place)
            self._classes = tuple((package, judgement.package_class) for package, judgement in judged)
        return self._classes

    @property
    def packages(self) -> int:
        """The number of installed instances: the sum of :attr:`counts`."""
        return len(self._instances)

    @property
    def counts(self) -> Mapping[PackageClass, int]:
        """Packages by class, every class named."""
        counted = Counter([judgement.package_class for judgement in self._judgements])
        return MappingProxyType({package_class: counted[package_class] for package_class in PackageClass})

    @property
    def assumptions(self) -> Mapping[Assumption, int]:
        """How many packages were judged under each assumption; those without any are left out."""
        counted = Counter(a for judgement in self._judgements for a in judgement.assumptions)
        return MappingProxyType({assumption: counted[assumption] for assumption in Assumption if counted[assumption]})

    @property
    def not_security(self) -> int:
        """How many installed instances x bugfix or enhancement advisories apply without naming a CVE; they are no
        findings (rule 10).
        """
        return sum(judgement.not_security for judgement in self._judgements)

    @property
    def installed_later(self) -> int:
        """How many judged packages were installed after the feed's newest advisory, as far as both are dated: a feed
        older than the inventory. What was found since then is not in the feed, and *clean* does not say that there is
        nothing.
        """
        newest = self.feed_newest
        if newest is None:
            return 0
        return sum(
            1
            for package, judgement in zip(self._instances, self._judgements, strict=True)
            if judgement.package_class in _JUDGED and package.installed_at is not None and package.installed_at > newest
        )

    def packages_in(self, package_class: PackageClass) -> tuple[Package, ...]:
        """The packages of one class, in the order of :attr:`classes`."""
        return tuple(package for package, actual in self.classes if actual is package_class)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Coverage):
            return NotImplemented
        ours, theirs = (
            (c.covered, c.judged_as, c.feed_newest, c.classes, c.assumptions, c.not_security, c.installed_later)
            for c in (self, other)
        )
        return ours == theirs

    def __hash__(self) -> int:
        return hash((self.covered, self.judged_as, frozenset(self._instances)))

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self._instances, self._judgements, self.covered, self.judged_as, self.feed_newest)


class Findings(Sequence[Finding]):
    """An immutable sequence of findings in the order of rule 16, with what was and was not judged.

    Held as what was said of each package: counting makes no object for a finding, :meth:`column` none but the column,
    and a :class:`Finding` is made when somebody looks at it.

    :param instances: every package of the inventory, each once, and
    :param judgements: what was judged of each.
    :param covered: whether the feed covers the release, and
    :param judged_as: which that is.
    :param presences: where kernels stand (rule 11); any other package is *installed*.
    :param pending: the packages and vulnerabilities that a restart will clear.
    :param feed_newest: when the feed's newest advisory was modified.
    """

    __slots__ = ("_columns", "_coverage", "_instances", "_judgements", "_pending", "_presences")

    def __init__(
        self,
        instances: tuple[Package, ...],
        judgements: Sequence[Judgement],
        covered: bool,
        judged_as: Distribution | None,
        presences: Mapping[Package, Presence] = MappingProxyType({}),
        pending: frozenset[tuple[Package, str]] = frozenset(),
        feed_newest: datetime | None = None,
    ) -> None:
        self._instances = instances
        self._judgements = judgements
        self._coverage = Coverage(instances, judgements, covered, judged_as, feed_newest)
        self._presences = presences
        self._pending = pending
        self._columns: tuple[tuple[str, ...], tuple[Verdict, ...]] | None = None

    @property
    def coverage(self) -> Coverage:
        """What was judged, what was not, and under which assumptions."""
        return self._coverage

    @property
    def counts(self) -> Mapping[Priority, int]:
        """Findings by priority, every priority named, most urgent first. Makes none of them."""
        verdicts = [judgement.verdicts for judgement in self._judgements]
        return MappingProxyType(
            {priority: sum(len(ranked[rank]) for ranked in verdicts) for rank, priority in enumerate(Priority)}
        )

    def column(self, name: str) -> tuple[Any, ...]:
        """One attribute of every finding, in their order: ``column("cause")``. Makes none of them.

        Raises :class:`AttributeError` for what is no attribute of a :class:`Finding`.
        """
        vulnerabilities, verdicts = self._sorted()
        if name == "vulnerability":
            return vulnerabilities
        if name == "presence":
            return tuple(self._presences.get(verdict.package, Presence.INSTALLED) for verdict in verdicts)
        if name == "pending_restart":
            return tuple((v.package, name) in self._pending for name, v in zip(*self._sorted(), strict=True))
        return tuple(map(attrgetter(name), verdicts))

    def _sorted(self) -> tuple[tuple[str, ...], tuple[Verdict, ...]]:
        if self._columns is None:
            found = [judged for judged in zip(self._instances, self._judgements, strict=True) if judged[1].findings]
            found.sort(key=_place)
            rows = [row for rank in range(len(Priority)) for _, judgement in found for row in judgement.verdicts[rank]]
            self._columns = tuple([name for name, _ in rows]), tuple([verdict for _, verdict in rows])
        return self._columns

    def _finding(self, vulnerability: str, verdict: Verdict) -> Finding:
        package = verdict.package
        return Finding(
            package,
            verdict.instance,
            verdict.source,
            verdict.source_version,
            vulnerability,
            verdict.notices,
            verdict.status,
            verdict.cause,
            verdict.fixed_version,
            verdict.fix_state,
            verdict.channel,
            self._presences.get(package, Presence.INSTALLED) if self._presences else Presence.INSTALLED,
            (package, vulnerability) in self._pending if self._pending else False,
            verdict.restart_required,
            verdict.assessment,
            verdict.assumptions,
            verdict.evidence,
        )

    @overload
    def __getitem__(self, index: int) -> Finding: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Finding, ...]: ...
    def __getitem__(self, index: int | slice) -> Finding | tuple[Finding, ...]:
        vulnerabilities, verdicts = self._sorted()
        if isinstance(index, slice):
            return tuple(map(self._finding, vulnerabilities[index], verdicts[index]))
        return self._finding(vulnerabilities[index], verdicts[index])

    def __len__(self) -> int:
        return sum([judgement.findings for judgement in self._judgements])

    def __iter__(self) -> Iterator[Finding]:
        return map(self._finding, *self._sorted())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Findings):
            return NotImplemented
        return self._coverage == other._coverage and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash((self._coverage, len(self)))

    def __reduce__(self) -> tuple[object, ...]:
        coverage = self._coverage
        known = (coverage.covered, coverage.judged_as, dict(self._presences), self._pending, coverage.feed_newest)
        return type(self), (self._instances, self._judgements, *known)

    def __repr__(self) -> str:
        counts = ", ".join(f"{count} {name}" for name, count in self._coverage.counts.items())
        return f"<Findings: {len(self)} ({counts})>"

    def by_priority(self) -> Mapping[Priority, tuple[Finding, ...]]:
        """The findings of each priority, every priority named, most urgent first."""
        found: dict[Priority, tuple[Finding, ...]] = {}
        begin = 0
        for priority, count in self.counts.items():
            found[priority] = self[begin : begin + count]
            begin += count
        return found

    def by_package(self) -> Mapping[Package, tuple[Finding, ...]]:
        """The findings of each installed instance that has any, in their order; instances in the order of the most
        urgent finding of each.
        """
        return _gathered((finding.package, finding) for finding in self)

    def by_vulnerability(self) -> Mapping[str, tuple[Finding, ...]]:
        """The findings of each vulnerability (its CVE), in their order; vulnerabilities in the order of the most urgent
        finding of each.
        """
        return _gathered((finding.vulnerability, finding) for finding in self)

    def by_notice(self) -> Mapping[str, tuple[Finding, ...]]:
        """The findings of each notice (RHSA, USN, DSA, ALSA, ...), in their order; notices in the order of the most
        urgent finding of each. A finding stands under every notice that it names.
        """
        return _gathered((notice, finding) for finding in self for notice in finding.notices)

    def by_fix(self) -> Mapping[Remedy, tuple[Finding, ...]]:
        """The findings that one upgrade clears, in their order; upgrades in the order of the most urgent finding of
        each. What no upgrade clears stands under a remedy without a version.
        """
        return _gathered((Remedy.of(finding), finding) for finding in self)


_Key = TypeVar("_Key")


def _gathered(rows: Iterable[tuple[_Key, Finding]]) -> Mapping[_Key, tuple[Finding, ...]]:
    found: dict[_Key, list[Finding]] = {}
    for key, finding in rows:
        found.setdefault(key, []).append(finding)
    return {key: tuple(findings) for key, findings in found.items()}
