"""What was found: findings, what they rest on, and the coverage of an inventory. Frozen and without I/O."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from operator import attrgetter, itemgetter
from types import MappingProxyType
from typing import Any, Final, Self, TypeVar, overload

from advisories.models.advisories import FixState
from advisories.models.assumptions import Assumption
from advisories.models.distribution import Distribution, language_of
from advisories.models.frozen import evolve, field, frozen
from advisories.models.json_fields import Fields, Malformed
from advisories.models.nouns import Noun, plain, shortened
from advisories.models.packages import NO_MODULE, SCHEME_OF_TYPE, UNKNOWN_MODULE, Package
from advisories.models.reading import shown_source
from advisories.models.texts import whole_text
from advisories.models.words import Explained, Names

__all__ = [
    "Assessed",
    "Assessment",
    "Basis",
    "Coverage",
    "Evidence",
    "Finding",
    "Findings",
    "HostPart",
    "Note",
    "PackageClass",
    "PackageResult",
    "Presence",
    "Priority",
    "Remedy",
    "Status",
]

# Findings named by a repr.
_SHOWN: Final = 3


class Status(StrEnum):
    """Whether a finding is certain."""

    AFFECTED = "affected"
    UNDECIDABLE = "undecidable"


class Presence(Explained):
    """Where a package stands: kernels may be installed without running (rule 11)."""

    INSTALLED = "installed", "any package that is no kernel"
    RUNNING = "running", "the kernel that `uname -r` names"
    RESIDUAL = "residual", "a kernel older than the one that runs"
    STANDBY = "standby", "a newer kernel, or one of another flavour, that does not run"
    UNKNOWN = "unknown", "a kernel, where the list does not show which one runs"


class Priority(StrEnum):
    """How soon to act. Members are in falling order."""

    HIGH = "High"
    MEDIUM = "Medium"
    LOW = "Low"

    #: 0 for the most urgent. Sorts findings.
    rank: int


for _rank, _priority in enumerate(Priority):
    _priority.rank = _rank


class Basis(StrEnum):
    """What a priority rests on."""

    KNOWN_EXPLOITED = "known-exploited"
    VENDOR_VECTOR = "vendor-vector"
    OTHER_VECTOR = "other-vector"
    VENDOR_RATING = "vendor-rating"
    ASSUMED = "assumed"


class PackageClass(Explained):
    """The coverage classes: every package of an inventory is in exactly one, the first that fits."""

    AFFECTED = "affected", "it has a finding"
    UNDECIDABLE = "undecidable", "a record applies, but the versions cannot be compared (rules 4, 5 and 14)"
    UNCHECKED = "unchecked", "judged and nothing found, but not all was known that could matter (rule 0)"
    CLEAN = "clean", "judged by all that could concern it, and nothing found"
    THIRD_PARTY = "third-party", "the vendor or maintainer is not the distribution (rule 13)"
    NOT_COVERED = (
        "not-covered",
        "the feed has no advisories of the release, or of the type: nothing was judged (rule 1)",
    )
    NOT_INSTALLED = "not-installed", "removed with its configuration left behind, or no software at all (rule 12)"


@frozen
class Note(Noun):
    """What a rule of matching contributed to a result.

    :ivar rule: its number, as the guide ``verdicts.md`` lists them.
    :ivar text: as a sentence or a part of one.
    """

    rule: int
    text: str


@frozen
class Evidence(Noun):
    """What a finding rests on.

    :ivar advisory: the advisory whose record decided.
    :ivar name: the package name that the record uses.
    :ivar names: whether that is a source or a binary package.
    :ivar installed: the version that was compared.
    :ivar introduced: the bounds of the range, as the record writes them, None where it has none.
    :ivar notes: of the rules that contributed beyond the plain comparison, by number.
    """

    advisory: str
    name: str
    names: Names
    installed: str
    introduced: str | None
    fixed: str | None
    last_affected: str | None
    notes: tuple[Note, ...] = field(default=(), repr=shortened)


@frozen
class Assessment(Noun):
    """The priority of a vulnerability, and what it rests on.

    :ivar rule: the row of the priority table.
    :ivar reason: why that row, as a sentence.
    :ivar score: 0.0 to 10.0: the CVSS base score, None where there is no vector.
    :ivar known_exploited: an authority lists it as exploited.
    :ivar epss: the probability of exploitation in the next 30 days, 0.0 to 1.0. None where no source has one.
    :ivar refused: CVSS vectors that could not be read, sorted. They did not count.
    """

    priority: Priority
    rule: str
    basis: Basis
    reason: str
    score: float | None = None
    known_exploited: bool = False
    epss: float | None = None
    refused: tuple[str, ...] = field(default=(), repr=shortened)


class Assessed:
    """The parts of an assessment, for what has one."""

    __slots__ = ()

    assessment: Assessment

    @property
    def priority(self) -> Priority:
        """How soon to act."""
        return self.assessment.priority

    @property
    def rule(self) -> str:
        """The row of the priority table."""
        return self.assessment.rule

    @property
    def basis(self) -> Basis:
        """What the priority rests on."""
        return self.assessment.basis

    @property
    def score(self) -> float | None:
        """The CVSS base score, None where there is no vector."""
        return self.assessment.score


@frozen
class Finding(Assessed):
    """One installed instance and one vulnerability.

    :ivar package: the installed binary package.
    :ivar instance: its identity as text, stable between runs and across upgrades (kernels: one for each version).
    :ivar source: the source package's name and
    :ivar source_version: version, where they are known.
    :ivar vulnerability: its CVE, or the advisory's id where that names none.
    :ivar advisories: those whose range holds the installed version, sorted.
    :ivar cause: the reason as one sentence.
    :ivar fixed_version: the version that clears it. None where there is none.
    :ivar channel: the channel that carries the fix, where the host does not have it.
    :ivar pending_restart: a fixed kernel is installed and not running (rule 11).
    :ivar restart_required: clearing it needs a restart of the machine.
    :ivar assessment: its priority, what that rests on, and the signals about its exploitation.
    """

    package: Package
    instance: str
    source: str | None
    source_version: str | None
    vulnerability: str
    advisories: tuple[str, ...] = field(repr=shortened)
    status: Status
    cause: str
    fixed_version: str | None
    fix_state: FixState
    channel: str | None
    presence: Presence
    pending_restart: bool
    restart_required: bool
    assessment: Assessment
    assumptions: tuple[Assumption, ...] = field(repr=shortened)
    evidence: Evidence

    def variant(
        self, vulnerability: str, assessment: Assessment, presence: Presence, pending_restart: bool
    ) -> "Finding":
        """The same package and records for another vulnerability, or on a host with another running kernel.

        Whatever differs between such findings is a parameter. Faster than :func:`attrs.evolve`.
        """
        return Finding(
            self.package,
            self.instance,
            self.source,
            self.source_version,
            vulnerability,
            self.advisories,
            self.status,
            self.cause,
            self.fixed_version,
            self.fix_state,
            self.channel,
            presence,
            pending_restart,
            self.restart_required,
            assessment,
            self.assumptions,
            self.evidence,
        )

    def as_reported(self, source: str = "") -> "Finding":
        """The finding as :meth:`from_dict` gives it: its package has what a report shows.

        :param source: as in :meth:`to_dict`.
        """
        package, unsure = self.package, self.assumptions
        locations = () if package.locations in ((source,), (shown_source(source),)) else package.locations
        return evolve(
            self,
            package=_reported(
                package.type,
                package.name,
                package.version,
                package.arch,
                self.source,
                self.source_version,
                package.location or None,
                locations,
                Assumption.EPOCH_UNKNOWN not in unsure,
                Assumption.MODULE_UNKNOWN in unsure,
            ),
        )

    def to_dict(self, source: str = "") -> dict[str, Any]:
        """The finding as a JSON report has it (``$defs/finding`` of ``reports/schemas/verification.schema.json``).

        :param source: where the package list was read from. It is the location of a package that has none.
        """
        package, assessment, evidence = self.package, self.assessment, self.evidence
        # `_value_` is the plain attribute behind `value`, which is slow to read.
        return {
            "instance": self.instance,
            "package": package.name,
            "version": package.version,
            "arch": package.arch,
            "source": self.source,
            "source_version": self.source_version,
            "locations": list(package.locations or (shown_source(source),)),
            "vulnerability": self.vulnerability,
            **self.standing(),
            "cause": self.cause,
            "pending_restart": self.pending_restart,
            "restart_required": self.restart_required,
            "rule": assessment.rule,
            "basis": assessment.basis._value_,
            "score": assessment.score,
            "priority_reason": assessment.reason,
            "vectors_refused": list(assessment.refused),
            "known_exploited": assessment.known_exploited,
            "epss": assessment.epss,
            "assumptions": [assumption._value_ for assumption in self.assumptions],
            "evidence": {
                "advisory": evidence.advisory,
                "name": evidence.name,
                "names": evidence.names._value_,
                "installed": evidence.installed,
                "introduced": evidence.introduced,
                "fixed": evidence.fixed,
                "last_affected": evidence.last_affected,
                "notes": [{"rule": note.rule, "text": note.text} for note in evidence.notes],
            },
        }

    def standing(self) -> dict[str, Any]:
        """The members of :meth:`to_dict` that a later match may change, as rows of a verification show them."""
        return {
            "advisories": list(self.advisories),
            "status": self.status._value_,
            "fixed_version": self.fixed_version,
            "fix_state": self.fix_state._value_,
            "channel": self.channel,
            "presence": self.presence._value_,
            "priority": self.assessment.priority._value_,
        }

    @classmethod
    def from_dict(cls, fields: Fields, source: str = "", names: Mapping[str, str] = MappingProxyType({})) -> Self:
        """A finding of a JSON report. Its package has what the report shows.

        :param fields: the object that :meth:`to_dict` made, parsed from JSON.
        :param source: as in :meth:`to_dict`.
        :param names: the names of members that another version of the report calls otherwise, by the name here.

        Raises :class:`~advisories.models.json_fields.Malformed` for a member that is missing or wrong.
        """
        instance, name = fields.text("instance"), fields.text("package")
        type = instance.partition("/")[0]
        if type not in SCHEME_OF_TYPE or not instance.startswith(f"{type}/{name}/"):
            types = ", ".join(SCHEME_OF_TYPE)
            raise Malformed(fields.place("instance"), f"TYPE/{name}/... is expected, a type being one of: {types}")
        evidence = fields.child("evidence")
        assumptions = fields.words("assumptions", Assumption)
        version, arch = fields.text("version"), fields.text_or_null("arch")
        locations = fields.texts("locations")
        package = _reported(
            type,
            name,
            version,
            arch,
            source_name := fields.text_or_null("source"),
            source_version := fields.text_or_null("source_version"),
            _location(instance, f"{type}/{name}/{arch or '-'}", version),
            () if locations in ((source,), (shown_source(source),)) else locations,
            Assumption.EPOCH_UNKNOWN not in assumptions,
            Assumption.MODULE_UNKNOWN in assumptions,
        )
        return cls(
            package,
            instance,
            source_name,
            source_version,
            fields.text("vulnerability"),
            fields.texts(names.get("advisories", "advisories")),
            fields.word("status", Status),
            fields.text("cause"),
            fields.text_or_null("fixed_version"),
            fields.word("fix_state", FixState),
            fields.text_or_null("channel"),
            fields.word("presence", Presence),
            fields.boolean("pending_restart"),
            fields.boolean("restart_required"),
            Assessment(
                fields.word("priority", Priority),
                fields.text("rule"),
                fields.word("basis", Basis),
                # The first reports did not have these four.
                fields.text("priority_reason") if fields.has("priority_reason") else "",
                fields.number_or_null("score"),
                fields.boolean("known_exploited") if fields.has("known_exploited") else False,
                fields.number_or_null("epss") if fields.has("epss") else None,
                fields.texts("vectors_refused") if fields.has("vectors_refused") else (),
            ),
            assumptions,
            Evidence(
                evidence.text("advisory"),
                evidence.text("name"),
                evidence.word("names", Names),
                evidence.text("installed"),
                evidence.text_or_null("introduced"),
                evidence.text_or_null("fixed"),
                evidence.text_or_null("last_affected"),
                tuple(
                    [
                        Note(note.whole("rule"), note.text(names.get("text", "text")))
                        for note in evidence.children(names.get("notes", "notes"))
                    ]
                ),
            ),
        )


# Findings of one package stand side by side, and share it.
@lru_cache(1024)
def _reported(
    type: str,
    name: str,
    version: str,
    arch: str | None,
    source_name: str | None,
    source_version: str | None,
    location: str | None,
    locations: tuple[str, ...],
    epoch_known: bool,
    module_unknown: bool,
) -> Package:
    """A package with what a report shows of it. The module stream is in no report: it is unknown if an assumption marks
    it so, and for a build of a module.
    """
    return Package(
        type,
        name,
        version,
        arch,
        epoch_known,
        source_name,
        source_version,
        epoch_known,
        UNKNOWN_MODULE if module_unknown or ".module" in version else NO_MODULE,
        location=location,
        locations=locations,
    )


def _location(instance: str, begin: str, version: str) -> str | None:
    """What distinguishes copies of one package, behind the version where that is part of the identity."""
    if not instance.startswith(begin):
        return None
    _, mark, location = instance.removeprefix(begin).removeprefix(f"/{version}").partition("#")
    return location if mark else None


_JUDGED: Final = frozenset(
    {PackageClass.AFFECTED, PackageClass.UNDECIDABLE, PackageClass.UNCHECKED, PackageClass.CLEAN}
)


class HostPart(StrEnum):
    """What of a host a package decides beside itself."""

    #: A bootable kernel, of which the host has to show whether it runs (rule 11).
    KERNEL = "kernel"
    #: A third party's repository is set up: others of its packages may be from there (rule 0, ``vendor-unknown``).
    REPOSITORY = "repository"


class ReleaseMark(StrEnum):
    """What a package shows of the release of its list (rule 1)."""

    #: A dist tag of the release that it is judged as.
    OWN_TAG = "own-tag"
    #: A dist tag of an earlier or later release of the same distribution.
    OTHER_TAG = "other-tag"
    #: It is the package that brings ``os-release``, of the release that it is judged as.
    OWN_RELEASE = "own-release"
    #: It is that package, of another release.
    OTHER_RELEASE = "other-release"


#: For each priority, most urgent first, the vulnerabilities in their order with their findings.
Rows = Sequence[Sequence[tuple[str, Finding]]]
#: A finding, its vulnerabilities, and their places in the order of a package's vulnerabilities of one priority.
FindingGroup = tuple[Finding, Sequence[str], Sequence[int]]


def grouped(rows: Iterable[tuple[str, Finding]]) -> list[FindingGroup]:
    """The vulnerabilities of each finding of some rows, the findings in the order of the first one."""
    # By number: the rows keep their findings.
    found: dict[int, tuple[Finding, list[str], list[int]]] = {}
    for place, (vulnerability, finding) in enumerate(rows):
        group = found.get(id(finding))
        if group is None:
            group = found[id(finding)] = finding, [], []
        group[1].append(vulnerability)
        group[2].append(place)
    return list(found.values())


class LaterRows(Rows):
    """The rows of a package that is affected, made when somebody looks at one. How many there are is known before."""

    __slots__ = ("_groups", "_make", "_rows", "counts")

    def __init__(self, counts: tuple[int, ...], make: Callable[[], Sequence[Sequence[FindingGroup]]]) -> None:
        #: How many rows each priority has.
        self.counts: Final = counts
        self._make: Callable[[], Sequence[Sequence[FindingGroup]]] | None = make
        self._groups: Sequence[Sequence[FindingGroup]] = ()
        self._rows: Rows | None = None

    def groups(self) -> Sequence[Sequence[FindingGroup]]:
        """The rows of each priority as :func:`grouped` has them."""
        make = self._make
        if make is not None:
            self._groups = make()
            self._make = None
        return self._groups

    def _made(self) -> Rows:
        if self._rows is None:
            self._rows = tuple(map(_rows_of, self.groups()))
        return self._rows

    def __getitem__(self, rank: Any) -> Any:
        return self._made()[rank]

    def __iter__(self) -> Iterator[Sequence[tuple[str, Finding]]]:
        return iter(self._made())

    def __len__(self) -> int:
        return len(self.counts)

    def __eq__(self, other: object) -> bool:
        return tuple(self) == tuple(other) if isinstance(other, LaterRows | tuple) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __reduce__(self) -> tuple[object, ...]:
        return tuple, (tuple(self),)


def _standing(group: FindingGroup, presence: Presence, pending: Collection[str]) -> Iterator[FindingGroup]:
    """A kernel's group for where it stands: those that wait for no restart, then those that do."""
    finding, names, places = group
    if not pending:
        yield finding.variant(finding.vulnerability, finding.assessment, presence, False), names, places
        return
    for waits in (False, True):
        own = [(name, place) for name, place in zip(names, places, strict=True) if (name in pending) is waits]
        if own:
            placed = finding.variant(own[0][0], finding.assessment, presence, waits)
            yield placed, [name for name, _ in own], [place for _, place in own]


def _by_first_place(group: FindingGroup) -> int:
    return group[2][0]


def _rows_of(groups: Iterable[FindingGroup]) -> Sequence[tuple[str, Finding]]:
    rows = [
        (place, name, finding) for finding, names, places in groups for name, place in zip(names, places, strict=True)
    ]
    rows.sort(key=itemgetter(0))
    return tuple([(name, finding) for _, name, finding in rows])


@frozen(repr=False)
class PackageResult:
    """Everything a feed gives for one package, whatever else is on its host.

    Vulnerabilities that share their records and their priority share one :class:`Finding`, made for the first of them.
    It does not know the host yet: its presence is *installed*, and it waits for no restart.

    :ivar package_class: its coverage class.
    :ivar part: what of its host the package decides beside itself. None for most.
    :ivar rows: for each priority, most urgent first, the vulnerabilities in their order with their findings.
    :ivar assumptions: what was taken for granted about the package.
    :ivar not_security: how many bugfix or enhancement advisories apply without naming a CVE.
    :ivar mark: what it shows of the release of its list. None for packages that show none, or were not judged.
    :ivar counts: how many findings it has of each priority.
    """

    package_class: PackageClass
    part: HostPart | None = None
    rows: Rows = ((),) * len(Priority)
    assumptions: frozenset[Assumption] = frozenset()
    not_security: int = 0
    mark: ReleaseMark | None = None
    counts: tuple[int, ...] = field(init=False, eq=False, default=())

    def __attrs_post_init__(self) -> None:
        if isinstance(self.rows, LaterRows):
            object.__setattr__(self, "counts", self.rows.counts)
            found = {_IS_AFFECTED} if any(self.counts) else set[Status]()
        else:
            object.__setattr__(self, "counts", tuple(map(len, self.rows)))
            found = {finding.status for ranked in self.rows for _, finding in ranked}
        fitting = _UNDECIDABLE if found else None
        if self.package_class is not (_AFFECTED if _IS_AFFECTED in found else fitting) and (
            found or self.package_class in (_AFFECTED, _UNDECIDABLE)
        ):
            raise AssertionError(f"a package is {self.package_class.value}, but its findings are {sorted(found)}")

    def __repr__(self) -> str:
        counts = dict(zip(Priority, self.counts, strict=True))
        return f"<PackageResult: {self.package_class}, findings: {_named(counts)}>"


# A member of an enumeration is slow to look up.
_AFFECTED: Final = PackageClass.AFFECTED
_UNDECIDABLE: Final = PackageClass.UNDECIDABLE
_IS_AFFECTED: Final = Status.AFFECTED


@frozen
class Remedy(Noun):
    """What clears a finding: an upgrade of a package, by the name that the advisory uses for it.

    :ivar type: the purl type.
    :ivar name: a source or a binary package's, by `names`: one fixed source clears all that is built from it.
    :ivar version: the fixed version. None where there is none.
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


def _named(counts: Mapping[Any, int]) -> str:
    """Counts that are not 0, in words."""
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "none"


class _ByText:
    """Sorts packages that are equal in all else. Their text is made only then."""

    __slots__ = ("package",)

    def __init__(self, package: Package) -> None:
        self.package = package

    def __lt__(self, other: "_ByText") -> bool:
        return whole_text(self.package) < whole_text(other.package)


#: Sorts packages by name, architecture, version key and version (rule 16).
Order = Callable[[Package], tuple[str, str, bytes, str]]


def _ordered(judged: Iterable[tuple[Package, PackageResult]], order: Order) -> Sequence[tuple[Package, PackageResult]]:
    """Packages with their results, in the order of the packages."""
    found = [(order(package), package, result) for package, result in judged]
    keys = [key for key, _, _ in found]
    if len(set(keys)) < len(keys):
        found.sort(key=lambda one: (one[0], _ByText(one[1])))
    else:
        found.sort(key=itemgetter(0))
    return [(package, result) for _, package, result in found]


class Coverage:
    """What was judged and what was not. Each package is in exactly one class, so that the counts add up. Immutable."""

    __slots__ = ("_instances", "_order", "_ordered", "_results", "covered", "feed_newest", "judged_as", "packages")

    def __init__(
        self,
        instances: tuple[Package, ...],
        results: Sequence[PackageResult],
        covered: bool,
        judged_as: Distribution | None,
        order: Order,
        feed_newest: datetime | None = None,
    ) -> None:
        if len(instances) != len(results):
            raise AssertionError(f"{len(instances)} packages, {len(results)} results")
        if not covered:
            for package, result in zip(instances, results, strict=True):
                if result.package_class in _JUDGED and language_of(package.type) is None:
                    raise AssertionError("a package of a release that is not covered was judged")
        self._instances = instances
        self._results = results
        self._order = order
        self._ordered: Sequence[tuple[Package, PackageResult]] | None = None
        #: The number of installed instances: the sum of :attr:`counts`.
        self.packages: Final = len(instances)
        #: Whether the feed covers the release the inventory was judged as, and a package is of that release's type if
        #: the list has any of a system. Packages of languages alone need none: then whether it covers these.
        self.covered: Final = covered
        #: The release whose advisories were used. None where the distribution is unknown.
        self.judged_as: Final = judged_as
        #: When the feed's advisory that changed last was modified. None where no advisory has a date.
        self.feed_newest: Final = feed_newest

    def judged(self) -> Sequence[tuple[Package, PackageResult]]:
        """Every installed instance once, with its result, by name, architecture and version."""
        if self._ordered is None:
            self._ordered = _ordered(zip(self._instances, self._results, strict=True), self._order)
        return self._ordered

    @property
    def classes(self) -> tuple[tuple[Package, PackageClass], ...]:
        """Every installed instance once, with its class, by name, architecture and version."""
        return tuple([(package, result.package_class) for package, result in self.judged()])

    @property
    def counts(self) -> Mapping[PackageClass, int]:
        """Packages by class, every class named."""
        counted = Counter([result.package_class for result in self._results])
        return MappingProxyType({package_class: counted[package_class] for package_class in PackageClass})

    @property
    def assumptions(self) -> Mapping[Assumption, int]:
        """How many packages were judged under each assumption. Assumptions of no package are left out."""
        counted = Counter(a for result in self._results for a in result.assumptions)
        return MappingProxyType({assumption: counted[assumption] for assumption in Assumption if counted[assumption]})

    @property
    def assumed(self) -> Mapping[Package, tuple[Assumption, ...]]:
        """What was assumed of each package of which anything was, in the order of :attr:`classes`."""
        found = self._where(lambda result: bool(result.assumptions))
        # Few differ: packages of one list mostly lack the same.
        in_order = {
            assumptions: tuple([one for one in Assumption if one in assumptions])
            for assumptions in {result.assumptions for _, result in found}
        }
        return MappingProxyType({package: in_order[result.assumptions] for package, result in found})

    @property
    def unchecked(self) -> Mapping[Assumption, int]:
        """How many packages each assumption keeps from being clean. Assumptions of no such package are left out."""
        results = [result for result in self._results if result.package_class is PackageClass.UNCHECKED]
        counted = Counter(a for result in results for a in result.assumptions)
        return MappingProxyType({assumption: counted[assumption] for assumption in Assumption if counted[assumption]})

    @property
    def not_security(self) -> int:
        """How many bugfix or enhancement advisories without a CVE apply, over all instances. They make no finding (rule
        10).
        """
        return sum(result.not_security for result in self._results)

    @property
    def installed_later(self) -> int:
        """How many judged packages were installed after the feed's newest advisory, as far as both are dated.

        Above 0 the feed is older than the inventory: what was found since then is not in it, and *clean* packages may
        be affected.
        """
        newest = self.feed_newest
        if newest is None:
            return 0
        return sum(
            1
            for package, result in zip(self._instances, self._results, strict=True)
            if result.package_class in _JUDGED and package.installed_at is not None and package.installed_at > newest
        )

    def by_class(self) -> Mapping[PackageClass, tuple[Package, ...]]:
        """The packages of each class, every class named, in the order of :attr:`classes`."""
        found: dict[PackageClass, list[Package]] = {package_class: [] for package_class in PackageClass}
        for package, package_class in self.classes:
            found[package_class].append(package)
        return MappingProxyType({package_class: tuple(packages) for package_class, packages in found.items()})

    def to_dict(self) -> dict[str, Any]:
        """The counts of the coverage as plain JSON types, under the names that a JSON report uses."""
        return {
            "covered": self.covered,
            "judged_as": plain(self.judged_as),
            "packages": self.packages,
            "classes": plain(self.counts),
            "assumptions": plain(self.assumptions),
            "not_security": self.not_security,
            "feed_newest": plain(self.feed_newest),
            "installed_later": self.installed_later,
        }

    def packages_in(self, package_class: PackageClass) -> tuple[Package, ...]:
        """The packages of one class, in the order of :attr:`classes`."""
        return tuple([package for package, _ in self._where(lambda result: result.package_class is package_class)])

    def _where(self, holds: Callable[[PackageResult], bool]) -> Sequence[tuple[Package, PackageResult]]:
        """The packages of whose results this holds, in the order of :attr:`classes`."""
        if self._ordered is None:
            judged = zip(self._instances, self._results, strict=True)
            found = [(package, result) for package, result in judged if holds(result)]
            if 2 * len(found) < self.packages:
                return _ordered(found, self._order)
        # Most of them hold, and the next who asks for some finds all in order.
        return [one for one in self.judged() if holds(one[1])]

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

    def __repr__(self) -> str:
        release = self.judged_as or "an unknown release"
        return f"<Coverage: {self.packages} packages of {release} ({_named(self.counts)})>"

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self._instances, self._results, self.covered, self.judged_as, self._order, self.feed_newest)


class Findings(Sequence[Finding]):
    """An immutable sequence of findings in the order of rule 16, with what was and was not judged.

    Held as the results of its packages: counting makes no object for a finding, a :meth:`column` and :meth:`rows` few.
    The first look at a finding makes those that the results do not hold yet. Later looks give the same objects.

    :param instances: every package of the inventory, each once.
    :param results: of the instances, in their order.
    :param covered: as :class:`Coverage` has it.
    :param judged_as: the release whose advisories were used.
    :param order: sorts the packages.
    :param presences: where kernels stand (rule 11). Any other package is *installed*.
    :param pending: the packages and vulnerabilities that a restart will clear.
    :param feed_newest: when the feed's newest advisory was modified.
    """

    __slots__ = ("_columns", "_found", "_instances", "_order", "_pending", "_presences", "_results", "coverage")

    def __init__(
        self,
        instances: tuple[Package, ...],
        results: Sequence[PackageResult],
        covered: bool,
        judged_as: Distribution | None,
        order: Order,
        presences: Mapping[Package, Presence] = MappingProxyType({}),
        pending: frozenset[tuple[Package, str]] = frozenset(),
        feed_newest: datetime | None = None,
    ) -> None:
        self._instances = instances
        self._results = results
        #: What was judged, what was not, and under which assumptions.
        self.coverage: Final = Coverage(instances, results, covered, judged_as, order, feed_newest)
        self._order = order
        self._presences = presences
        self._pending = pending
        self._columns: tuple[tuple[str, ...], tuple[Finding, ...]] | None = None
        self._found: tuple[Finding, ...] | None = None

    @property
    def counts(self) -> Mapping[Priority, int]:
        """Findings by priority, every priority named, most urgent first. Makes none of them."""
        counts = zip(*[result.counts for result in self._results], strict=True) if self._results else [()] * 3
        return MappingProxyType(dict(zip(Priority, map(sum, counts), strict=True)))

    def column(self, name: str) -> tuple[Any, ...]:
        """One attribute of every finding, in their order: ``column("cause")``. Makes none of them but those of kernels.

        Raises :class:`AttributeError` for what is no attribute of a :class:`Finding`.
        """
        vulnerabilities, shared = self._sorted()
        return vulnerabilities if name == "vulnerability" else tuple(map(attrgetter(name), shared))

    def rows(self) -> Iterator[tuple[str, Finding]]:
        """The vulnerability of each finding with a :class:`Finding` that is right in all else, in their order.

        Findings that differ in their vulnerability alone share one object, so that you can look at it once for all of
        them. Makes none but those of kernels.
        """
        return zip(*self._sorted(), strict=True)

    def groups(self) -> Mapping[Priority, Sequence[FindingGroup]]:
        """The rows of each priority, every priority named, by package and finding. Makes no row, and few findings."""
        found: tuple[list[FindingGroup], ...] = tuple([] for _ in Priority)
        for package, result in self._affected():
            for own, groups in zip(found, self._placed(package, result), strict=True):
                own += groups
        return MappingProxyType(dict(zip(Priority, found, strict=True)))

    def _sorted(self) -> tuple[tuple[str, ...], tuple[Finding, ...]]:
        """The vulnerability of every row, and the finding that it may share with others."""
        if self._columns is None:
            placed = [
                list(map(_rows_of, self._placed(package, result))) if package in self._presences else result.rows
                for package, result in self._affected()
            ]
            rows = [row for rank in range(len(Priority)) for ranked in placed for row in ranked[rank]]
            self._columns = tuple([name for name, _ in rows]), tuple([finding for _, finding in rows])
        return self._columns

    def _affected(self) -> Sequence[tuple[Package, PackageResult]]:
        """The packages that have findings, in their order."""
        judged = zip(self._instances, self._results, strict=True)
        return _ordered([one for one in judged if any(one[1].counts)], self._order)

    def _placed(self, package: Package, result: PackageResult) -> Sequence[Sequence[FindingGroup]]:
        """The groups of a result, with the findings of a kernel for where it stands on this host."""
        groups = result.rows.groups() if isinstance(result.rows, LaterRows) else list(map(grouped, result.rows))
        presence = self._presences.get(package) if self._presences else None
        if presence is None:
            return groups
        pending = frozenset([name for one, name in self._pending if one == package])
        return [
            sorted([one for group in some for one in _standing(group, presence, pending)], key=_by_first_place)
            for some in groups
        ]

    def _all(self) -> tuple[Finding, ...]:
        """Every finding with its own vulnerability. What a row holds so already is not copied."""
        if self._found is None:
            self._found = tuple(
                [
                    finding
                    if finding.vulnerability == vulnerability
                    else finding.variant(vulnerability, finding.assessment, finding.presence, finding.pending_restart)
                    for vulnerability, finding in self.rows()
                ]
            )
        return self._found

    @overload
    def __getitem__(self, index: int) -> Finding: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Finding, ...]: ...
    def __getitem__(self, index: int | slice) -> Finding | tuple[Finding, ...]:
        return self._all()[index]

    def __len__(self) -> int:
        return sum([sum(result.counts) for result in self._results])

    def __iter__(self) -> Iterator[Finding]:
        return iter(self._all())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Findings):
            return NotImplemented
        return self.coverage == other.coverage and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash((self.coverage, len(self)))

    def __reduce__(self) -> tuple[object, ...]:
        coverage = self.coverage
        presences, newest = dict(self._presences), coverage.feed_newest
        known = (coverage.covered, coverage.judged_as, self._order, presences, self._pending, newest)
        return type(self), (self._instances, self._results, *known)

    def __repr__(self) -> str:
        head = f"Findings: {len(self)} ({_named(self.counts)}), packages: {_named(self.coverage.counts)}"
        rows = [
            f"\n  {one.priority.value} {one.vulnerability} {one.package.name} {one.package.version}"
            for one in self[:_SHOWN]
        ]
        more = f"\n  and {len(self) - _SHOWN} more" if len(self) > _SHOWN else ""
        return f"<{head}{''.join(rows)}{more}>"

    def to_dict(self) -> dict[str, Any]:
        """The coverage, and the findings in their order (:meth:`Finding.to_dict`), as plain JSON types."""
        return {"coverage": self.coverage.to_dict(), "findings": [finding.to_dict() for finding in self]}

    def by_priority(self) -> Mapping[Priority, tuple[Finding, ...]]:
        """The findings of each priority, every priority named, most urgent first."""
        found: dict[Priority, tuple[Finding, ...]] = {}
        begin = 0
        for priority, count in self.counts.items():
            found[priority] = self[begin : begin + count]
            begin += count
        return found

    def by_package(self) -> Mapping[Package, tuple[Finding, ...]]:
        """The findings of each installed instance that has any, in their order. Instances come in the order of their
        most urgent findings.
        """
        return _gathered((finding.package, finding) for finding in self)

    def by_vulnerability(self) -> Mapping[str, tuple[Finding, ...]]:
        """The findings of each vulnerability (its CVE), in their order. Vulnerabilities come in the order of their most
        urgent findings.
        """
        return _gathered((finding.vulnerability, finding) for finding in self)

    def by_advisory(self) -> Mapping[str, tuple[Finding, ...]]:
        """The findings of each advisory (RHSA, USN, DSA, ALSA, ...), in their order. Advisories come in the order of
        their most urgent findings. A finding stands under every advisory that it names.
        """
        return _gathered((advisory, finding) for finding in self for advisory in finding.advisories)

    def by_fix(self) -> Mapping[Remedy, tuple[Finding, ...]]:
        """The findings that one upgrade clears, in their order. Upgrades come in the order of their most urgent
        findings. What no upgrade clears stands under a remedy without a version.
        """
        return _gathered((Remedy.of(finding), finding) for finding in self)


_Key = TypeVar("_Key")


def _gathered(rows: Iterable[tuple[_Key, Finding]]) -> Mapping[_Key, tuple[Finding, ...]]:
    found: dict[_Key, list[Finding]] = {}
    for key, finding in rows:
        found.setdefault(key, []).append(finding)
    return {key: tuple(findings) for key, findings in found.items()}
