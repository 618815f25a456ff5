"""What a report of a verification carries: the members of its JSON form, by type.

``schemas/verification.schema.json`` is made from these types, and a report that is read is checked against them. All
formats but text and ``sas-json`` are written from a :class:`VerificationDocument`.
"""

from typing import Annotated, Any, ClassVar, Final, Literal, Self, TypedDict, cast

from advisories.models.advisories import FixState
from advisories.models.assumptions import Assumption
from advisories.models.findings import PackageClass, Presence, Priority, Status
from advisories.models.json_types import EVERY, Date, Moment, Within
from advisories.models.nouns import plain
from advisories.models.packages import State
from advisories.models.schemas import VERIFICATION
from advisories.reports.caveats import caveat_objects
from advisories.reports.document import (
    CaveatObject,
    Count,
    DistributionObject,
    FindingObject,
    StatementObject,
    StatementsObject,
    SuppressedObject,
)
from advisories.reports.lines import age_in_days
from advisories.reports.objects import (
    chosen_members,
    distribution_object,
    finding_object,
    statement_object,
    suppressed_objects,
)
from advisories.reports.verification import NewFinding, VerificationReport, earlier_findings, new_findings
from advisories.reports.verification_caveats import verification_caveats
from advisories.triage.cases import Case, FindingState
from advisories.triage.select import Hidden
from advisories.triage.verify import Verified

__all__ = ["NewObject", "VerificationDocument", "VerificationObject", "VerifiedObject"]


class MatchedObject(TypedDict):
    """A host at one time, and the release whose advisories were used.

    :ivar source: Where it was read from.
    :ivar distribution: Null where it is not known.
    :ivar judged_as: The release whose advisories were used.
    :ivar covered: Whether the feed covered that release.
    :ivar running_kernel: As uname -r prints it. Null where it is not known.
    """

    source: str
    distribution: DistributionObject | None
    judged_as: DistributionObject | None
    covered: bool
    running_kernel: str | None


class MatchedNowObject(MatchedObject):
    """The host as it is.

    :ivar classes: Packages by class. They add up.
    :ivar assumptions: Packages matched under each assumption.
    """

    classes: Annotated[dict[PackageClass, Count], EVERY]
    assumptions: dict[Assumption, Annotated[int, Within(1)]]


class FoundObject(TypedDict):
    """Current findings: paired and new add up to them. The new ones that are shown, suppressed and hidden add up to
    new. Earlier findings that are hidden by choice have no row.
    """

    current: Count
    paired: Count
    new: Count
    new_shown: Count
    new_suppressed: Count
    new_hidden: Count
    earlier_hidden: Count


class StandingObject(TypedDict):
    """What a later match may change of a finding."""

    advisories: list[str]
    status: Status
    fixed_version: str | None
    fix_state: FixState
    channel: str | None
    presence: Presence
    priority: Priority


class EarlierObject(StandingObject):
    """The earlier finding.

    :ivar suppressed: The earlier report lists it as suppressed.
    """

    package: str
    version: str
    arch: str | None
    suppressed: bool


class InstalledObject(TypedDict):
    """The current package that an earlier finding is paired with."""

    package: str
    version: str
    arch: str | None
    state: State


class CurrentObject(StandingObject):
    """The current finding."""

    instance: str
    vulnerability: str
    pending_restart: bool


class VerifiedObject(TypedDict):
    """An earlier finding, and what became of it.

    :ivar case: Why it is in its state. Each case is in one state.
    :ivar reason: The same as a sentence about this finding.
    :ivar installed: The current package that it is paired with.
    :ivar current: The current finding.
    """

    instance: str
    vulnerability: str
    state: FindingState
    case: Case
    reason: str
    baseline: EarlierObject
    installed: InstalledObject | None
    current: CurrentObject | None


class NewObject(FindingObject):
    """A current finding that no earlier one is paired with.

    :ivar shown: Whether it is neither suppressed nor hidden.
    :ivar statements: Those that suppress it.
    :ivar hidden: Why it is not shown by choice.
    """

    shown: bool
    statements: list[StatementObject]
    hidden: Hidden | None


class VerificationObject(TypedDict):
    """What became of the findings of an earlier report of `advisories match`

    :ivar schema: Name and version of this form.
    :ivar day: The day of the report. Null where it has none.
    :ivar feed_newest: When the advisory of the feed that changed last was modified. Null where none has a date.
    :ivar feed_age_days: How old it was on the day of the report. Null where that is not known.
    :ivar forced: Why the baseline seems to be of another host, if it was verified all the same.
    :ivar counts: Earlier findings by state. They add up to those under findings and those that are hidden.
    :ivar cases: Earlier findings by case, without an entry for other cases.
    :ivar caveats: What is open, errors first: what was not checked, and what was assumed.
    :ivar statements: As in a report: the statements and their outcomes. Null without statements.
    :ivar hidden: Current findings that are not shown by choice, by reason.
    :ivar suppressed: Suppressed current findings, with their statements.
    :ivar new: Current findings that no earlier one is paired with, as a report has them, and which of them are shown.
    :ivar findings: One for each earlier finding that is shown, in their order, the suppressed ones last.
    """

    schema: Literal["advisories/verification/3"]
    day: Date | None
    baseline: MatchedObject
    inventory: MatchedNowObject
    feed_newest: Moment | None
    feed_age_days: int | None
    forced: str | None
    counts: Annotated[dict[FindingState, Count], EVERY]
    cases: dict[Case, Annotated[int, Within(1)]]
    found: FoundObject
    caveats: list[CaveatObject]
    statements: StatementsObject | None
    hidden: dict[Hidden, Annotated[int, Within(1)]]
    suppressed: list[SuppressedObject]
    new: list[NewObject]
    findings: list[VerifiedObject]


class VerificationDocument:
    """A verification as its JSON form has it.

    :param content: the whole form. Nobody changes it.
    """

    what: ClassVar = "verification"

    def __init__(self, content: VerificationObject) -> None:
        self.content: Final = content

    @classmethod
    def of(cls, report: VerificationReport) -> Self:
        """The document of a verification."""
        verification, chosen = report.verification, report.chosen
        new = new_findings(verification, chosen)
        earlier, hidden = earlier_findings(verification, chosen)
        baseline, inventory, coverage = verification.baseline, verification.inventory, verification.findings.coverage
        content = {
            "schema": VERIFICATION,
            "day": plain(report.on),
            "baseline": {
                "source": baseline.source,
                "distribution": distribution_object(baseline.distribution),
                "judged_as": distribution_object(baseline.judged_as),
                "covered": baseline.covered,
                "running_kernel": baseline.running_kernel,
            },
            "inventory": {
                "source": inventory.source,
                "distribution": distribution_object(inventory.distribution),
                "judged_as": distribution_object(coverage.judged_as),
                "covered": coverage.covered,
                "running_kernel": inventory.running_kernel,
                "classes": plain(coverage.counts),
                "assumptions": plain(coverage.assumptions),
            },
            "feed_newest": plain(coverage.feed_newest),
            "feed_age_days": age_in_days(coverage.feed_newest, report.on),
            "forced": verification.forced,
            "counts": plain(verification.counts),
            "cases": plain(verification.cases),
            "found": {
                "current": len(verification.findings),
                "paired": verification.paired,
                "new": len(new),
                "new_shown": sum(1 for one in new if one.shown),
                "new_suppressed": sum(1 for one in new if one.statements),
                "new_hidden": sum(1 for one in new if one.hidden),
                "earlier_hidden": sum(hidden.values()),
            },
            "caveats": caveat_objects(verification_caveats(report)),
            **chosen_members(chosen),
            "suppressed": list(suppressed_objects(chosen, inventory)),
            "new": [{**finding_object(one.finding, inventory), **_choice(one)} for one in new],
            "findings": list(map(_row, earlier)),
        }
        return cls(cast(VerificationObject, content))

    @property
    def all_rows(self) -> int:
        """How many earlier findings there are, whether they are shown or not."""
        return sum(self.content["counts"].values())

    def __repr__(self) -> str:
        return f"<VerificationDocument: {self.all_rows} earlier findings of {self.content['inventory']['source']}>"

    def __eq__(self, other: object) -> bool:
        return self.content == other.content if isinstance(other, VerificationDocument) else NotImplemented

    __hash__ = None  # type: ignore[assignment]


def _choice(new: NewFinding) -> dict[str, Any]:
    return {
        "shown": new.shown,
        "statements": [statement_object(statement) for statement in new.statements],
        "hidden": None if new.hidden is None else new.hidden.value,
    }


def _row(row: Verified) -> dict[str, Any]:
    baseline, current, package = row.baseline, row.current, row.package
    was = baseline.package
    return {
        "instance": baseline.instance,
        "vulnerability": baseline.vulnerability,
        "state": row.state.value,
        "case": row.case.value,
        "reason": row.reason,
        "baseline": {
            "package": was.name,
            "version": was.version,
            "arch": was.arch,
            **baseline.standing(),
            "suppressed": row.suppressed,
        },
        "installed": None
        if package is None
        else {"package": package.name, "version": package.version, "arch": package.arch, "state": package.state.value},
        "current": None
        if current is None
        else {
            "instance": current.instance,
            "vulnerability": current.vulnerability,
            **current.standing(),
            "pending_restart": current.pending_restart,
        },
    }
