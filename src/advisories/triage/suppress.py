"""Suppression: what ignore rules and VEX statements do to findings. Pure, and the day is an argument.

Suppression changes how findings are shown, never what is found. Each finding is kept, or suppressed with the statements
that do so. When unsure it is kept: where a statement's version, architecture or release cannot be compared with the
package, and where statements disagree. You also get what became of each statement.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from advisories.index.feed import Feed
from advisories.models.findings import Finding
from advisories.models.frozen import field, frozen
from advisories.models.nouns import Noun, outlined
from advisories.models.packages import Inventory, Package
from advisories.models.statements import Purl, Revision, Statement, StatementStatus
from advisories.triage.filing import Filed
from advisories.triage.fits import YES
from advisories.triage.listed import Listed
from advisories.triage.revisions import NO_ORDER, Standing, standing_of
from advisories.triage.select import is_fixable

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


# Somebody else's day may be the next one.
_A_DAY: Final = timedelta(days=1)


class Outcome(StrEnum):
    """What became of a statement: the first outcome that fits."""

    #: Its last day is over, and it does nothing.
    EXPIRED = "expired"
    #: It suppresses findings.
    APPLIED = "applied"
    #: It would suppress findings, and another statement contradicts it for each of them: they are kept.
    CONTRADICTED = "contradicted"
    #: A later statement of the same owner stands in its place, or a later revision of its document.
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
    revisions: Iterable[Revision] = (),
) -> Suppression:
    """Split findings into those that statements suppress and those that are kept, and report on every statement.

    Of several revisions of one VEX document the latest alone suppresses, and where nothing shows which one that is,
    what all of them suppress. Of VEX statements about one finding, only the latest of each owner counts. The finding
    is suppressed where all that count have the status *not affected* or *fixed*. An ignore rule suppresses it whatever
    VEX has: somebody decided.

    :param on: the day for which rules hold. A rule holds through its last day.
    :param inventory: what the findings were found in. Its distribution is compared with products. Its packages separate
        what is not installed from what has no such finding.
    :param aliases: other ids of advisories, by advisory. See :func:`aliases_of`.
    :param scanned: package URLs of the image that was listed. Only with them do statements about packages inside of an
        image apply.
    :param revisions: of the documents, those without statements among them. Those of the statements are known.

    Raises :class:`TypeError` for a day that is a moment.
    """
    if isinstance(on, datetime):
        raise TypeError("a day is expected, not a moment")
    host = Listed(inventory, scanned)
    standing = standing_of([*revisions, *[one.revision for one in statements if one.revision is not None]])
    tallies = [_Tally(one, on, None if one.revision is None else standing[one.revision]) for one in statements]
    has_revisions = any(one.is_old or one.rivals for one in standing.values())
    filed = Filed(statements, host)
    ids = _Ids(tallies, aliases)
    kept: list[Finding] = []
    suppressed: list[Suppressed] = []
    disputes: list[Dispute] = []
    for finding in findings:
        naming = filed.naming(ids.of(finding), finding.package)
        about = [tally for tally in map(tallies.__getitem__, naming) if tally.is_about(finding, host)]
        by, against = _decided(_by_revision(about) if has_revisions else about, finding)
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
    host = Listed(inventory, ())
    return frozenset(package for package in packages if any(host.selects(rule, package) == YES for rule in rules))


def _reports(tallies: Sequence["_Tally"], host: Listed) -> tuple[StatementReport, ...]:
    outcomes = [tally.outcome() for tally in tallies]
    idle = [tally.statement for tally, outcome in zip(tallies, outcomes, strict=True) if outcome is None]
    others = map(_without_findings, map(host.may_have, idle), host.having(idle))
    return tuple(
        tally.report(outcome if outcome is not None else next(others))
        for tally, outcome in zip(tallies, outcomes, strict=True)
    )


def _without_findings(may_have: bool, is_installed: bool) -> Outcome:
    """What became of a statement that is about no finding."""
    if is_installed:
        return Outcome.NO_FINDING
    return Outcome.NOT_INSTALLED if may_have else Outcome.OTHER_PRODUCT


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

    def __init__(self, statement: Statement, on: date, standing: Standing | None) -> None:
        self.statement: Final = statement
        #: Where the revision of its document stands. None where that has no id.
        self.standing: Final = standing
        self.is_old: Final = standing is not None and standing.is_old
        self.expired: Final = statement.until is not None and statement.until < on
        #: Why it does not hold yet. Empty where it does.
        self.early: Final = _early(statement, on)
        self.findings = self.suppressed = self.contradicted = self.superseded = self.undecided = 0
        self.why = ""
        self.fixable: list[Finding] = []

    def is_about(self, finding: Finding, host: Listed) -> bool:
        """Whether a statement that names a finding's vulnerability counts for it. Tallies it.

        Where it is undecided whether the statement is about the finding, it counts only if it would keep the finding.
        """
        statement = self.statement
        fits, why = host.selects(statement, finding.package)
        if self.is_old and statement.status.suppresses:
            self.findings += bool(fits)
            self.superseded += bool(fits)
            return False
        if why:
            self.undecided += 1
            self.why = self.why or why
            return not statement.status.suppresses
        if not fits:
            return False
        if self.early and statement.status.suppresses:
            self.undecided += 1
            self.why = self.why or self.early
            return False
        if statement.status is StatementStatus.IGNORED and not self.expired and is_fixable(finding):
            self.fixable.append(finding)
        if statement.fix_states and finding.fix_state not in statement.fix_states:
            return False
        self.findings += 1
        return not self.expired

    def doubt(self, why: str) -> None:
        """Whether it is about a finding that was tallied is undecided after all."""
        self.findings -= 1
        self.undecided += 1
        self.why = self.why or why

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
        """What became of it, where it is about any finding, has expired, or stands in an earlier revision."""
        if self.expired:
            return Outcome.EXPIRED
        if self.is_old and self.findings == self.superseded:
            return Outcome.SUPERSEDED
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


def _early(statement: Statement, on: date) -> str:
    """Why a statement does not hold yet. Empty where it does, or nothing shows since when."""
    since = None if statement.timestamp is None else statement.timestamp.date()
    return f"it is of {since}, which is later than {on}" if since is not None and since - on > _A_DAY else ""


def _by_revision(about: Sequence[_Tally]) -> list[_Tally]:
    """Without what a later revision has another word on, and what a revision suppresses that may not be the latest,
    unless the others suppress it too. Tallies these.

    What an earlier revision keeps, and the latest has no word on, is kept.
    """
    stated = {one.statement.revision for one in about}
    suppressing = {one.statement.revision for one in about if one.statement.status.suppresses}
    found: list[_Tally] = []
    for tally in about:
        standing = tally.standing
        if standing is None:
            found.append(tally)
        elif standing.is_old and not standing.latest.isdisjoint(stated):
            tally.superseded += 1
        elif tally.statement.status.suppresses and not standing.rivals <= suppressing:
            tally.doubt(NO_ORDER)
        else:
            found.append(tally)
    return found


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
