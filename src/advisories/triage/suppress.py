"""Suppression: what ignore rules and VEX statements do to findings. Pure, and the day is an argument.

Suppression changes how findings are shown, never what is found. Each finding is kept, or suppressed with the statements
that do so. When unsure it is kept: where a statement's version, architecture or release cannot be compared with the
package, and where statements disagree. You also get what became of each statement.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import lru_cache
from itertools import chain
from types import MappingProxyType
from typing import Final, TypeVar

import vercmp
from advisories.distros.nevra import split
from advisories.distros.signed import as_advised
from advisories.index.feed import Feed
from advisories.index.records import version_key
from advisories.matching.rules import arch_applies, module_applies
from advisories.models.distribution import Distribution, filed_under, language_of, name_filed_under, normalised
from advisories.models.findings import Finding
from advisories.models.frozen import field, frozen
from advisories.models.nouns import Noun, outlined
from advisories.models.packages import SCHEME_OF_TYPE, Inventory, Module, Package
from advisories.models.statements import Product, Purl, Statement, StatementStatus, VersionRange
from advisories.models.words import Names
from advisories.readers.releases import from_identifier
from advisories.triage.globs import Globs, is_glob
from advisories.triage.select import is_fixable, is_named

__all__ = [
    "Dispute",
    "Outcome",
    "StatementReport",
    "Suppressed",
    "Suppression",
    "aliases_of",
    "ignored_packages",
    "is_noted",
    "suppress",
]

# Whether something fits, and why not where that is undecided.
_Answer = tuple[bool, str]
_YES: Final[_Answer] = (True, "")
_NO: Final[_Answer] = (False, "")

_Thing = TypeVar("_Thing", Product, Purl)
# Up to so many products or components are looked at one by one.
_FEW: Final = 4
# Up to so many pairs of an id and a name a statement is filed by each.
_PAIRS: Final = 1000
# Of so many statements about one vulnerability and name, those of other versions are left out.
_MANY: Final = 16

# Qualifiers about where a package was downloaded, not about which it is.
_ORIGINS: Final = ("download_url", "vcs_url", "file_name")
# Qualifiers that are compared with a package. The version has `epoch` already.
_RELEASES: Final = ("distro", "os_version", "os_distro")
_COMPARED: Final = ("arch", "epoch", "upstream", "rpmmod", "os_name", *_RELEASES)


class Outcome(StrEnum):
    """What became of a statement: the first outcome that fits."""

    #: Its last day is over, and it does nothing.
    EXPIRED = "expired"
    #: It suppresses findings.
    APPLIED = "applied"
    #: It would suppress findings, and another statement contradicts it for each of them: they are kept.
    CONTRADICTED = "contradicted"
    #: A later statement of the same owner stands in its place.
    SUPERSEDED = "superseded"
    #: It is about findings, and its status suppresses none.
    STATED = "stated"
    #: Whether it is about a finding is undecided, and the finding is kept.
    UNDECIDED = "undecided"
    #: What it is about is installed, but there is no such finding.
    NO_FINDING = "no-finding"
    #: What it is about is not installed.
    NOT_INSTALLED = "not-installed"
    #: It is about products that are neither packages of the list's kind nor what was scanned.
    OTHER_PRODUCT = "other-product"


@frozen
class StatementReport(Noun):
    """What became of one statement.

    :ivar findings: how many findings it is about, or would be about had it not expired.
    :ivar suppressed: how many of them it suppresses.
    :ivar contradicted: for how many another statement contradicts it.
    :ivar superseded: for how many a later statement stands in its place.
    :ivar undecided: for how many it is undecided whether it is about them.
    :ivar why: why the first of these is undecided.
    :ivar fixable: for ignore rules, the findings that have a fix now. Those are among them that the rule no longer
        ignores because it is for other fix states.
    """

    statement: Statement
    outcome: Outcome
    findings: int
    suppressed: int
    contradicted: int
    superseded: int
    undecided: int
    why: str
    fixable: tuple[Finding, ...] = field(repr=outlined)


def is_noted(report: StatementReport) -> bool:
    """Whether a report names a statement one by one: every ignore rule of your own, and those of others with a problem.
    Others make many statements about what is not here, and those are counted.
    """
    unclear = (Outcome.EXPIRED, Outcome.CONTRADICTED, Outcome.UNDECIDED)
    return report.statement.status is StatementStatus.IGNORED or report.outcome in unclear


@frozen
class Suppressed(Noun):
    """A finding that is suppressed, and every statement that does so."""

    finding: Finding
    statements: tuple[Statement, ...] = field(repr=outlined)


@frozen
class Dispute(Noun):
    """A finding that is kept because statements disagree about it, with these statements in their order."""

    finding: Finding
    statements: tuple[Statement, ...] = field(repr=outlined)


@frozen
class Suppression(Noun):
    """The findings that are kept and those that are suppressed.

    :ivar kept: the findings that are kept, in their order.
    :ivar suppressed: the others, in their order. Together they are the findings, each once.
    :ivar disputes: those of the kept that some statement would suppress.
    :ivar statements: a report on each statement, in their order.
    """

    kept: tuple[Finding, ...] = field(repr=outlined)
    suppressed: tuple[Suppressed, ...] = field(repr=outlined)
    disputes: tuple[Dispute, ...] = field(repr=outlined)
    statements: tuple[StatementReport, ...] = field(repr=outlined)

    def by_outcome(self) -> Mapping[Outcome, tuple[StatementReport, ...]]:
        """The reports by outcome, every outcome named."""
        found: dict[Outcome, list[StatementReport]] = {outcome: [] for outcome in Outcome}
        for report in self.statements:
            found[report.outcome].append(report)
        return MappingProxyType({outcome: tuple(reports) for outcome, reports in found.items()})

    @property
    def fixable(self) -> tuple[StatementReport, ...]:
        """The reports on ignore rules about something that has a fix now."""
        return tuple(report for report in self.statements if report.fixable)


def aliases_of(findings: Iterable[Finding], feed: Feed) -> Mapping[str, tuple[str, ...]]:
    """The other ids of the findings' advisories, by advisory. With them :func:`suppress` recognises an alias.

    A store may raise :class:`~advisories.models.errors.UnreadableSource` where it is damaged.
    """
    return feed.aliases(dict.fromkeys(id for finding in findings for id in finding.advisories))


def suppress(
    findings: Sequence[Finding],
    statements: Sequence[Statement],
    on: date,
    inventory: Inventory,
    *,
    aliases: Mapping[str, Collection[str]] = MappingProxyType({}),
    scanned: Collection[Purl] = (),
) -> Suppression:
    """Split findings into those that statements suppress and those that are kept, and report on every statement.

    Of VEX statements about one finding, only the latest of each owner counts. The finding is suppressed where all that
    count have the status *not affected* or *fixed*. An ignore rule suppresses it whatever VEX has: somebody decided.

    :param on: the day for which rules hold. A rule holds through its last day.
    :param inventory: what the findings were found in. Its distribution is compared with products. Its packages separate
        what is not installed from what has no such finding.
    :param aliases: other ids of advisories, by advisory. See :func:`aliases_of`.
    :param scanned: package URLs of the image that was listed. Only with them do statements about packages inside of an
        image apply.

    Raises :class:`TypeError` for a day that is a moment.
    """
    if isinstance(on, datetime):
        raise TypeError("a day is expected, not a moment")
    host = _Host(inventory, scanned)
    tallies = [_Tally(statement, statement.until is not None and statement.until < on) for statement in statements]
    index = _Index(tallies, host)
    ids = _Ids(tallies, aliases)
    kept: list[Finding] = []
    suppressed: list[Suppressed] = []
    disputes: list[Dispute] = []
    for finding in findings:
        naming = index.naming(ids.of(finding), finding.package)
        about = [tally for tally in naming if tally.is_about(finding, host)]
        by, against = _decided(about, finding)
        if by:
            suppressed.append(Suppressed(finding, tuple(by)))
        else:
            kept.append(finding)
            if against:
                disputes.append(Dispute(finding, tuple(against)))
    return Suppression(tuple(kept), tuple(suppressed), tuple(disputes), _reports(tallies, host))


def ignored_packages(
    packages: Iterable[Package], statements: Iterable[Statement], on: date, inventory: Inventory
) -> frozenset[Package]:
    """Those of some packages of which an ignore rule of your own ignores every vulnerability.

    Such a rule holds on that day, and has neither an id nor a fix state. Where it is undecided whether it is about a
    package, the package is not among them.

    :param inventory: what the packages are of.
    """
    rules = [
        one
        for one in statements
        if one.status is StatementStatus.IGNORED
        and not (one.ids or one.fix_states or (one.until is not None and one.until < on))
    ]
    if not rules:
        return frozenset()
    host = _Host(inventory, ())
    return frozenset(package for package in packages if any(host.selects(rule, package) == _YES for rule in rules))


def _reports(tallies: Sequence["_Tally"], host: "_Host") -> tuple[StatementReport, ...]:
    outcomes = [tally.outcome() for tally in tallies]
    idle = [tally.statement for tally, outcome in zip(tallies, outcomes, strict=True) if outcome is None]
    others = map(host.without_findings, idle, host.having(idle))
    return tuple(
        tally.report(outcome if outcome is not None else next(others))
        for tally, outcome in zip(tallies, outcomes, strict=True)
    )


class _Ids:
    """The ids by which statements name findings, in upper case.

    The aliases of an advisory are looked through once, not once for each of its findings.
    """

    def __init__(self, tallies: Iterable["_Tally"], aliases: Mapping[str, Collection[str]]) -> None:
        self._stated: Final = {id.upper() for tally in tallies for id in tally.statement.ids}
        self._aliases: Final = aliases
        self._of_advisory: Final[dict[str, set[str]]] = {}

    def of(self, finding: Finding) -> set[str]:
        """Every id of a finding's vulnerability that a statement has."""
        found = {finding.vulnerability.upper()} & self._stated
        for id in finding.advisories:
            if id not in self._of_advisory:
                named = (id, *self._aliases.get(id, ()))
                self._of_advisory[id] = self._stated.intersection([one.upper() for one in named])
            found |= self._of_advisory[id]
        return found


class _Tally:
    """A statement, and what has come of it so far."""

    def __init__(self, statement: Statement, expired: bool) -> None:
        self.statement: Final = statement
        self.expired: Final = expired
        self.findings = self.suppressed = self.contradicted = self.superseded = self.undecided = 0
        self.why = ""
        self.fixable: list[Finding] = []

    def is_about(self, finding: Finding, host: "_Host") -> bool:
        """Whether a statement that names a finding's vulnerability counts for it. Tallies it.

        Where it is undecided whether the statement is about the finding, it counts only if it would keep the finding.
        """
        statement = self.statement
        fits, why = host.selects(statement, finding.package)
        if why:
            self.undecided += 1
            self.why = self.why or why
            return not statement.status.suppresses
        if not fits:
            return False
        if statement.status is StatementStatus.IGNORED and not self.expired and is_fixable(finding):
            self.fixable.append(finding)
        if statement.fix_states and finding.fix_state not in statement.fix_states:
            return False
        self.findings += 1
        return not self.expired

    def report(self, outcome: Outcome) -> StatementReport:
        return StatementReport(
            self.statement,
            outcome,
            self.findings,
            self.suppressed,
            self.contradicted,
            self.superseded,
            self.undecided,
            self.why,
            tuple(self.fixable),
        )

    def outcome(self) -> Outcome | None:
        """What became of it, where it is about any finding or has expired."""
        if self.expired:
            return Outcome.EXPIRED
        for applies, outcome in (
            (self.suppressed, Outcome.APPLIED),
            (self.contradicted, Outcome.CONTRADICTED),
            (self.findings > self.superseded, Outcome.STATED),
            (self.superseded, Outcome.SUPERSEDED),
            (self.undecided, Outcome.UNDECIDED),
        ):
            if applies:
                return outcome
        return None


class _Index:
    """Statements by the ids they name and by the names of the packages they may be about.

    So n statements about one vulnerability, and as many packages that have it, are not compared each with each.
    """

    def __init__(self, tallies: Sequence[_Tally], host: "_Host") -> None:
        self._tallies = tallies
        self._host = host
        self._any_of: dict[Package, list[int]] = {}
        # By id and name. None stands for no id, and for any package.
        self._filed: dict[tuple[str | None, str | None], list[int]] = {}
        # By id, the statements of so many ids and names that not all pairs are filed.
        self._broad: Final[dict[str, list[tuple[frozenset[str], int]]]] = {}
        # By id, the globs of packages' names and those of places.
        globs: dict[str | None, tuple[list[tuple[str, int]], list[tuple[str, int]]]] = {}
        for number, tally in enumerate(tallies):
            statement = tally.statement
            names, by_glob = host.names_of(statement), _globs_of(statement)
            ids = {id.upper() for id in statement.ids}
            if len(ids) > 1 and names is not None and not by_glob and len(ids) * len(names) > _PAIRS:
                of = frozenset(names)
                for one in ids:
                    self._broad.setdefault(one, []).append((of, number))
                continue
            for id in ids or (None,):
                for pattern in by_glob:
                    globs.setdefault(id, ([], []))[0 if statement.packages else 1].append((pattern, number))
                for name in () if by_glob else (None,) if names is None else names:
                    self._filed.setdefault((id, name), []).append(number)
        # Of very many statements about one name, those of other versions are not looked at.
        long = [place for place, numbers in self._filed.items() if len(numbers) > _MANY and None not in place]
        self._versioned: Final = {
            place: _Versioned([(n, host.versions_of(tallies[n].statement, place[1])) for n in self._filed.pop(place)])
            for place in long
        }
        self._globs: Final = {
            id: (_Numbered(by_name), _Numbered(by_place)) for id, (by_name, by_place) in globs.items()
        }

    def naming(self, ids: Iterable[str], package: Package) -> Iterator[_Tally]:
        """The statements that name any of the ids, and those that name none, of what may be about the package, in
        their order.
        """
        names = _names_of(package)
        found = {number for id in ids for name in (None, *names) for number in self._filed.get((id, name), ())}
        found.update(self._by_globs(ids, package, names) if self._globs else ())
        found.update(n for id in ids for of, n in self._broad.get(id, ()) if not of.isdisjoint(names))
        if self._versioned:
            places = [(id, name) for id in ids for name in names]
            found.update(n for place in places if place in self._versioned for n in self._versioned[place].of(package))
        return (self._tallies[number] for number in sorted(found.union(self._naming_none(package, names))))

    def _by_globs(self, ids: Iterable[str | None], package: Package, names: Collection[str]) -> Iterator[int]:
        for id in ids:
            if id in self._globs:
                by_name, by_place = self._globs[id]
                yield from by_name.fitting(names)
                yield from by_place.fitting(_places_of(package)[:1])

    def _naming_none(self, package: Package, names: Collection[str]) -> Sequence[int]:
        # Once a package, not once a finding: there may be a hundred findings of it.
        if package not in self._any_of:
            numbers = {number for name in (None, *names) for number in self._filed.get((None, name), ())}
            numbers.update(self._by_globs((None,), package, names) if self._globs else ())
            statements = ((number, self._tallies[number].statement) for number in sorted(numbers))
            self._any_of[package] = [n for n, one in statements if self._host.selects(one, package) != _NO]
        return self._any_of[package]


class _Versioned:
    """Statements about one name, by the versions that they are about.

    :param numbered: the number of each, with its versions. None where it may be any.
    """

    def __init__(self, numbered: Iterable[tuple[int, Collection[tuple[Names, str]] | None]]) -> None:
        self._any: Final[list[int]] = []
        self._of: Final[dict[Names, list[tuple[str, int]]]] = {Names.BINARY: [], Names.SOURCE: []}
        for number, versions in numbered:
            if versions is None:
                self._any.append(number)
            for names, version in versions or ():
                self._of[names].append((version, number))
        self._keyed: Final[dict[tuple[Names, str, bool], tuple[dict[bytes, list[int]], list[int]]]] = {}

    def of(self, package: Package) -> Iterator[int]:
        """Those that may be about a package: of its version, and those of which that is undecided."""
        yield from self._any
        for one in filter(None, (package, as_advised(package))):
            for names, found in self._of.items():
                key = _key_of(one, names)
                if found and key is None:
                    yield from (number for _, number in found)
                elif found and key is not None:
                    by_key, unordered = self._by_key(names, SCHEME_OF_TYPE[one.type], _version(one, names)[1])
                    yield from by_key.get(key, ())
                    yield from unordered

    def _by_key(self, names: Names, scheme: str, epoch: bool) -> tuple[dict[bytes, list[int]], list[int]]:
        place = names, scheme, epoch
        if place not in self._keyed:
            by_key: dict[bytes, list[int]] = {}
            unordered: list[int] = []
            for version, number in self._of[names]:
                try:
                    by_key.setdefault(version_key(version, scheme, epoch=epoch), []).append(number)
                except vercmp.InvalidVersion:
                    unordered.append(number)
            self._keyed[place] = by_key, unordered
        return self._keyed[place]


def _key_of(package: Package, names: Names) -> bytes | None:
    """The key of a package's version, or of its source's. None where it has no order, or is not known."""
    scheme = SCHEME_OF_TYPE.get(package.type)
    version, epoch = _version(package, names)
    try:
        return None if scheme is None or version is None else version_key(version, scheme, epoch=epoch)
    except vercmp.InvalidVersion:
        return None


class _Numbered:
    """Globs, each with the number of a statement."""

    def __init__(self, patterns: Sequence[tuple[str, int]]) -> None:
        self._globs: Final = Globs([pattern for pattern, _ in patterns])
        self._numbers: Final = [number for _, number in patterns]

    def fitting(self, texts: Iterable[str]) -> Iterator[int]:
        """The numbers of those that any of the texts fits."""
        return (self._numbers[place] for text in texts for place in self._globs.fitting(text))


def _globs_of(statement: Statement) -> Sequence[str]:
    """The globs by which a statement is filed: those of names with the names beside them, else that of places."""
    if any(map(is_glob, statement.packages)):
        return statement.packages
    return (statement.location,) if statement.location and not (statement.packages or statement.products) else ()


def _names_of(package: Package) -> set[str]:
    """Every name by which a statement may mean a package: its own and its source's, as advisories file them too."""
    advised = as_advised(package)
    names = {package.name, package.source_name, None if advised is None else advised.source_name} - {None}
    return {filed for name in names if name for filed in (name, name_filed_under(package.type, name))}


def _decided(about: Sequence[_Tally], finding: Finding) -> tuple[list[Statement], list[Statement]]:
    """The statements that suppress a finding, and all of VEX where those disagree. Tallies them."""
    rules = [tally for tally in about if tally.statement.status is StatementStatus.IGNORED]
    vex = _latest([tally for tally in about if tally.statement.status is not StatementStatus.IGNORED])
    suppressing = [tally for tally in vex if tally.statement.status.suppresses]
    disagree = bool(suppressing) and len(suppressing) < len(vex)
    for tally in suppressing if disagree else ():
        tally.contradicted += 1
    by = rules
    if not disagree:
        both = {id(tally) for tally in (*rules, *suppressing)}
        by = [tally for tally in about if id(tally) in both]
    for tally in by:
        tally.suppressed += 1
    return [tally.statement for tally in by], [tally.statement for tally in vex] if disagree else []


def _latest(about: Sequence[_Tally]) -> list[_Tally]:
    """Those that no later one of the same owner supersedes. One without a time stands for itself."""
    newest: dict[str, datetime] = {}
    for tally in about:
        owner, time = _owner(tally.statement), tally.statement.timestamp
        if time is not None:
            newest[owner] = max(time, newest.get(owner, time))
    found: list[_Tally] = []
    for tally in about:
        time = tally.statement.timestamp
        if time is not None and time < newest[_owner(tally.statement)]:
            tally.superseded += 1
        else:
            found.append(tally)
    return found


def _owner(statement: Statement) -> str:
    return statement.owner or statement.source


# ---- what a statement selects ----


@frozen
class _Host:
    """What the findings were found in.

    :ivar by_name: the packages on disk, by their own name and their source package's.
    :ivar types: the types of all packages, also of removed ones.
    """

    inventory: Inventory
    scanned: Collection[Purl]
    by_name: Mapping[str, list[Package]] = field(init=False)
    types: frozenset[str] = field(init=False)
    # The places of products by name, and of their components, of those that have many. By the object's identity.
    _filed: dict[int, tuple[object, dict[str | None, list[int]]]] = field(init=False, factory=dict)
    # The globs of statements that have many, the same way.
    _many: dict[int, tuple[object, Globs]] = field(init=False, factory=dict)
    # The packages of names that many have, by the version of their own or of their source.
    _by_version: dict[tuple[str, Names], Mapping[tuple[str, bool, bytes], list[Package]]] = field(
        init=False, factory=dict
    )

    def __attrs_post_init__(self) -> None:
        by_name: dict[str, list[Package]] = {}
        for package in self.inventory.instances:
            if package.state.on_disk:
                filed = name_filed_under(package.type, package.name)
                advised = as_advised(package)
                sources = {package.source_name or package.name, (advised or package).source_name or package.name}
                for name in {package.name, filed, *sources}:
                    by_name.setdefault(name, []).append(package)
        object.__setattr__(self, "by_name", by_name)
        object.__setattr__(self, "types", frozenset(package.type for package in self.inventory.instances))

    def selects(self, statement: Statement, package: Package) -> _Answer:
        """Whether a statement is about a package, leaving out vulnerabilities and fix states.

        A signed kernel is also what advisories name.
        """
        advised = as_advised(package)
        found = self._selects(statement, package)
        return found if advised is None else _any((found, self._selects(statement, advised)))

    def _selects(self, statement: Statement, package: Package) -> _Answer:
        return _all(
            (
                self._is_named(statement, package) if statement.packages else _YES,
                _is_at(statement.location, package) if statement.location else _YES,
                _any(self._is_of(product, package) for product in self._products(statement, package))
                if statement.products
                else _YES,
            )
        )

    def _is_of(self, product: Product, package: Package) -> _Answer:
        distribution = self.inventory.distribution
        fits = _YES if self._is_scanned(product.purl) else _is(product.purl, package, distribution)
        if fits != _NO:
            fits = _all((fits, _is_placed(product, package, distribution)))
        if not product.components or fits == _NO:
            return fits
        return _all((fits, _any(_is(purl, package, distribution) for purl in self._components(product, package))))

    # ---- those that may be a package, without looking at each of many ----

    def names_of(self, statement: Statement) -> set[str] | None:
        """The names of the packages that a statement may be about. None where it may be any."""
        if statement.packages and not any(map(is_glob, statement.packages)):
            return set(statement.packages)
        names = {name for product in statement.products for name in self._names_of(product)} or {None}
        return None if None in names else {name for name in names if name is not None}

    def versions_of(self, statement: Statement, name: str | None) -> Collection[tuple[Names, str]] | None:
        """The versions of a name that a statement is about. None where it may be any."""
        if statement.packages or any(self._is_scanned(one.purl) for one in statement.products):
            return None
        purls = [one.purl for one in statement.products if _filed_name(one.purl) == name]
        found = {(Names.SOURCE if purl.is_source else Names.BINARY, purl.version) for purl in purls}
        versions = [(names, version) for names, version in found if version is not None]
        return versions if len(versions) == len(found) else None

    def _names_of(self, product: Product) -> Iterable[str | None]:
        if not self._is_scanned(product.purl):
            return (_filed_name(product.purl),)
        return map(_filed_name, product.components) if product.components else (None,)

    def _globs(self, patterns: tuple[str, ...]) -> Globs:
        if id(patterns) not in self._many:
            # Kept with them, so that their identity stays their own.
            self._many[id(patterns)] = patterns, Globs(patterns)
        return self._many[id(patterns)][1]

    def _products(self, statement: Statement, package: Package) -> Iterable[Product]:
        products = statement.products
        return products if len(products) <= _FEW else self._near(products, self._names_of, package)

    def _components(self, product: Product, package: Package) -> Iterable[Purl]:
        purls = product.components
        return purls if len(purls) <= _FEW else self._near(purls, lambda purl: (_filed_name(purl),), package)

    def _near(
        self, things: tuple[_Thing, ...], names_of: Callable[[_Thing], Iterable[str | None]], package: Package
    ) -> Iterator[_Thing]:
        """Those of a name that the package has, in their order. The others are not about it."""
        if id(things) not in self._filed:
            filed: dict[str | None, list[int]] = {}
            for number, one in enumerate(things):
                for name in set(names_of(one)):
                    filed.setdefault(name, []).append(number)
            # Kept with it, so that its identity stays its own.
            self._filed[id(things)] = things, filed
        filed = self._filed[id(things)][1]
        numbers = {number for name in (None, *_names_of(package)) for number in filed.get(name, ())}
        return (things[number] for number in sorted(numbers))

    def _is_scanned(self, product: Purl) -> bool:
        return any(_is_whole(one, product) for one in self.scanned)

    def _is_named(self, statement: Statement, package: Package) -> _Answer:
        """Whether a rule names a package or its source package, in a version of its range."""
        packages, versions = statement.packages, statement.versions
        if len(packages) > _FEW:
            globs = self._globs(packages)
            own, source = globs.fit(package.name), globs.fit(package.source_name)
        else:
            own, source = (is_named(name, packages) for name in (package.name, package.source_name))
        if versions is None or not (own or source):
            return (own or source, "")
        # Where both are named, the installed package's own version decides.
        return _in_range(versions, package, Names.BINARY if own else Names.SOURCE)

    def having(self, statements: Sequence[Statement]) -> list[bool]:
        """Whether anything installed is what a statement is about, for each."""
        found = [False] * len(statements)
        globs: list[list[tuple[str, int]]] = [[], []]
        for number, statement in enumerate(statements):
            by_glob = _globs_of(statement)
            if by_glob and self._may_be_any(statement):
                globs[0 if statement.packages else 1] += [(pattern, number) for pattern in by_glob]
            else:
                candidates = self._candidates(statement)
                found[number] = any(self.selects(statement, package)[0] for package in candidates)
        by_name, by_place = map(_Numbered, globs)
        for package in self.inventory.instances if any(globs) else ():
            if package.state.on_disk:
                numbers = chain(by_name.fitting(_names_of(package)), by_place.fitting(_places_of(package)[:1]))
                for number in numbers:
                    found[number] = found[number] or self.selects(statements[number], package)[0]
        return found

    def without_findings(self, statement: Statement, is_installed: bool) -> Outcome:
        """What became of a statement that is about no finding: whether a list such as this one has what it is about."""
        if is_installed:
            return Outcome.NO_FINDING
        purls = [product.purl for product in statement.products]
        may_have = not purls or any(purl.type in self.types or self._is_scanned(purl) for purl in purls)
        return Outcome.NOT_INSTALLED if may_have else Outcome.OTHER_PRODUCT

    def _may_be_any(self, statement: Statement) -> bool:
        """Whether a statement names no products, or what was scanned."""
        return not statement.products or any(
            not product.components and self._is_scanned(product.purl) for product in statement.products
        )

    def _candidates(self, statement: Statement) -> Iterable[Package]:
        """The installed packages that a statement may be about."""
        if self._may_be_any(statement):
            if statement.packages:
                return (package for name in statement.packages for package in self.by_name.get(name, ()))
            return (package for package in self.inventory.instances if package.state.on_disk)
        purls = [purl for product in statement.products for purl in (product.components or (product.purl,))]
        wanted = dict.fromkeys((one.type, _filed_name(one), one.version, one.is_source) for one in purls)
        return (package for one in wanted for package in self._named(*one))

    def _named(self, type: str, name: str, version: str | None, is_source: bool) -> Iterable[Package]:
        """The installed packages of a package URL's name. Of many, those of its version alone."""
        packages, scheme = self.by_name.get(name, ()), SCHEME_OF_TYPE.get(type)
        if version is None or scheme is None or len(packages) <= _MANY:
            return packages
        names = Names.SOURCE if is_source else Names.BINARY
        if (name, names) not in self._by_version:
            by_version: dict[tuple[str, bool, bytes], list[Package]] = {}
            for package in packages:
                for one in filter(None, (package, as_advised(package))):
                    key = _key_of(one, names)
                    if key is not None:
                        by_version.setdefault((one.type, _version(one, names)[1], key), []).append(package)
            self._by_version[name, names] = by_version
        found = self._by_version[name, names]
        try:
            keys = [(type, epoch, version_key(version, scheme, epoch=epoch)) for epoch in (True, False)]
        except vercmp.InvalidVersion:
            return ()
        return (package for key in keys for package in found.get(key, ()))


def _filed_name(purl: Purl) -> str:
    return name_filed_under(purl.type, purl.full_name)


def _all(answers: Iterable[_Answer]) -> _Answer:
    """Whether everything fits. A no weighs more than an undecided answer."""
    unsure = ""
    for fits, why in answers:
        if not fits and not why:
            return _NO
        unsure = unsure or why
    return (not unsure, unsure)


def _any(answers: Iterable[_Answer]) -> _Answer:
    """Whether anything fits. A yes weighs more than an undecided answer."""
    unsure = ""
    for fits, why in answers:
        if fits:
            return _YES
        unsure = unsure or why
    return (False, unsure)


def _is_at(pattern: str, package: Package) -> _Answer:
    """Whether a package is at places that fit and nowhere else, as far as is known."""
    places = _places_of(package)
    return (bool(places) and all(fnmatchcase(place, pattern) for place in places), "")


def _places_of(package: Package) -> Sequence[str]:
    return (package.location,) if package.location else package.locations


def _version(package: Package, names: Names) -> tuple[str | None, bool]:
    """The version that is compared, and whether its epoch is known."""
    if names is Names.BINARY:
        return package.version, package.epoch_known
    return package.source_version, package.source_epoch_known


def _compared(package: Package, names: Names, decide: Callable[[bytes, Callable[[str], bytes]], _Answer]) -> _Answer:
    """The answer of `decide` for an installed version's key and a way to make others. Undecided without an order.

    Epochs are left out on both sides where the list does not show them, as in matching.
    """
    scheme = SCHEME_OF_TYPE.get(package.type)
    version, epoch_known = _version(package, names)
    if scheme is None:
        return False, f"versions of type {package.type} have no order here"
    if version is None:
        return False, f"the version of {package.name}'s source package is not listed"

    def key(text: str) -> bytes:
        return version_key(text, scheme, epoch=epoch_known)

    try:
        return decide(key(version), key)
    except vercmp.InvalidVersion as invalid:
        return False, str(invalid)


def _in_range(versions: VersionRange, package: Package, names: Names) -> _Answer:
    def decide(ours: bytes, key: Callable[[str], bytes]) -> _Answer:
        # Both bounds are read, so that a broken one shows whatever the other is.
        first = None if versions.from_ is None else key(versions.from_)
        before = None if versions.before is None else key(versions.before)
        if first is not None and before is not None and first >= before:
            return False, f"{versions.from_} is not earlier than {versions.before}"
        return ((first is None or first <= ours) and (before is None or ours < before), "")

    return _compared(package, names, decide)


# ---- what a package URL is about ----


def _is_whole(scanned: Purl, product: Purl) -> bool:
    """Whether what was scanned is a product: equal, or more precise than it."""
    same = (scanned.type, scanned.namespace, scanned.name, scanned.subpath)
    if same != (product.type, product.namespace, product.name, product.subpath):
        return False
    return product.version in (None, scanned.version) and set(product.qualifiers) <= set(scanned.qualifiers)


def _is(purl: Purl, package: Package, distribution: Distribution | None) -> _Answer:
    """Whether a package URL is that of a package: its own, or with the architecture of sources its source package's."""
    if purl.type != package.type:
        return _NO
    names = Names.SOURCE if purl.is_source else Names.BINARY
    name = package.source_name if purl.is_source else package.name
    if name is None or _filed_name(purl) != name_filed_under(package.type, name):
        return _NO
    arch = purl.qualifier("arch")
    return _all(
        (
            _is_of_release(purl, distribution),
            _is_version(purl, package, names),
            _is_arch(arch, package) if arch and not purl.is_source else _YES,
            _is_of_module(purl, package),
            _is_of_source(purl, package),
            _is_all_compared(purl),
        )
    )


def _is_placed(product: Product, package: Package, distribution: Distribution | None) -> _Answer:
    """Whether a package is of the release and of the module stream that a document has beside the package URL."""
    wanted = product.distribution
    releases = (wanted.release,) if wanted is not None and wanted.release is not None else ()
    return _all(
        (
            _YES if wanted is None else _is_release((wanted.id,), releases, distribution),
            _YES if product.module is None else _is_module(product.module, package),
        )
    )


def _is_version(purl: Purl, package: Package, names: Names) -> _Answer:
    version = purl.version
    if version is None:
        return _YES
    if SCHEME_OF_TYPE.get(package.type) == "semver" and _build(version) != _build(package.version):
        return _NO
    return _compared(package, names, lambda ours, key: (ours == key(version), ""))


def _build(version: str) -> str:
    """What SemVer leaves out of its order. Another build may be another content."""
    return version.partition("+")[2]


def _is_of_release(purl: Purl, distribution: Distribution | None) -> _Answer:
    """Whether the namespace is the distribution's, by any of its names, and the release the one of its advisories."""
    wanted = _release(purl)
    return _YES if wanted is None else _is_release(*wanted, distribution)


def _is_release(ids: Collection[str], releases: Collection[str], distribution: Distribution | None) -> _Answer:
    if distribution is None:
        return False, "the distribution of the list is not known"
    # Without more the family is meant: opensuse for opensuse-leap.
    if any(distribution.id != id and not distribution.id.startswith(f"{id}-") for id in ids):
        return _NO
    if releases and distribution.release is None:
        return False, "the release of the list is not known"
    ours = filed_under(Distribution(distribution.id, distribution.release))
    return (all(filed_under(Distribution(distribution.id, release)) == ours for release in releases), "")


@lru_cache(maxsize=65536)
def _release(purl: Purl) -> tuple[frozenset[str], frozenset[str]] | None:
    """The ids of distributions and the releases that a package URL names. None where it names none."""
    written = [None if language_of(purl.type) is not None else purl.namespace, purl.qualifier("os_name")]
    ids = {normalised(id, None).id for id in written if id}
    releases: set[str] = set()
    for text in (purl.qualifier(name) for name in _RELEASES):
        if not text:
            continue
        whole = from_identifier(text)
        if whole is not None:
            ids.add(whole.id)
        release = whole.release if whole is not None else _codename(ids, text)
        if release is not None:
            releases.add(release)
    return (frozenset(ids), frozenset(releases)) if ids or releases else None


def _codename(ids: Iterable[str], text: str) -> str | None:
    """A release without its distribution: a number or codename of the one that is named beside it."""
    return next((normalised(id, text).release for id in sorted(ids)), text)


def _is_arch(arch: str, package: Package) -> _Answer:
    fits, assumption = arch_applies(package.arch, (arch,))
    return (False, f"the architecture of {package.name} is not listed") if assumption else (fits, "")


def _is_of_module(purl: Purl, package: Package) -> _Answer:
    label = purl.qualifier("rpmmod")
    return _is_module(Module.of(":".join(label.split(":")[:2])), package) if label else _YES


def _is_module(module: Module, package: Package) -> _Answer:
    fits, assumption = module_applies(package.module, module)
    return (False, f"the module of {package.name} is not known") if assumption else (fits, "")


def _is_of_source(purl: Purl, package: Package) -> _Answer:
    upstream = purl.qualifier("upstream")
    if not upstream:
        return _YES
    if package.source_name is None:
        return False, f"the source package of {package.name} is not listed"
    # The file name of a source rpm, or a name and perhaps a version.
    parts = split(upstream) if purl.type == "rpm" else None
    return (package.source_name == (parts.name if parts else upstream.partition("@")[0]), "")


def _is_all_compared(purl: Purl) -> _Answer:
    others = [name for name, _ in purl.qualifiers if name not in _COMPARED and name not in _ORIGINS]
    if purl.subpath is not None and not purl.names_by_subpath:
        others.append("a subpath")
    return (not others, f"{purl.text} names {', '.join(others)}, which lists do not show" if others else "")
