"""What a report of a plan carries: the members of its JSON form, by type.

``schemas/plan.schema.json`` is made from these types, and a report that is read is checked against them. All formats
but text and the script are written from a :class:`PlanDocument`.
"""

from typing import Annotated, Any, ClassVar, Final, Literal, Self, TypedDict, cast

from advisories.distros.identity import instance_of
from advisories.distros.restarts import Restart
from advisories.models.advisories import FixState
from advisories.models.assumptions import Assumption
from advisories.models.findings import Finding, Priority
from advisories.models.json_types import EVERY, Date, Moment, Within
from advisories.models.nouns import plain
from advisories.models.schemas import PLAN
from advisories.reports.caveats import caveat_objects
from advisories.reports.document import CaveatObject, Count, DistributionObject, StatementsObject, SuppressedObject
from advisories.reports.lines import age_in_days
from advisories.reports.objects import chosen_members, distribution_object, suppressed_objects
from advisories.reports.plan import PlanReport, cleared
from advisories.reports.plan_caveats import plan_caveats
from advisories.triage.plan import Action, Change, StayReason, Step
from advisories.triage.select import Hidden

__all__ = ["ChangeObject", "PlanDocument", "PlanObject", "PlannedObject", "StayObject", "StepObject"]


class PlannedObject(TypedDict):
    """A finding in few words."""

    instance: str
    package: str
    version: str
    vulnerability: str
    priority: Priority
    fixed_version: str | None
    fix_state: FixState
    channel: str | None


class StayObject(PlannedObject):
    """A finding that no step clears.

    :ivar text: The reason as a sentence.
    """

    reason: StayReason
    text: str


class BroughtObject(PlannedObject):
    """A finding that a package has afterwards and did not have before.

    :ivar cause: Why it is affected, as a sentence.
    """

    cause: str


class ChangeObject(TypedDict):
    """A package of a step.

    :ivar to: The version afterwards. Null where it is removed, or where only the source package's is known.
    :ivar to_source_version: That of its source package. Null where it is removed, or not known.
    :ivar request: The name to give the package manager.
    """

    instance: str
    package: str
    version: str
    arch: str | None
    to: str | None
    to_source_version: str | None
    request: str


class StepObject(TypedDict):
    """What is done at once.

    :ivar source: The source package.
    :ivar clears: None where a kernel is removed that another step has put the next one beside.
    :ivar text: How many findings it clears, as a sentence.
    :ivar gain: Findings cleared, by priority.
    :ivar advisories: The advisories that carry the fixes.
    :ivar after_restart: It can only be done once the machine runs another kernel.
    :ivar warnings: What its packages leave: a minor release, a channel or a line of builds.
    :ivar commands: Each a list of words. None where it has to be done by hand.
    """

    action: Action
    source: str
    packages: list[ChangeObject]
    clears: list[PlannedObject]
    text: str
    gain: Annotated[dict[Priority, Count], EVERY]
    advisories: list[str]
    restart: Restart | None
    after_restart: bool
    warnings: list[str]
    commands: list[list[str]]


class PlanObject(TypedDict):
    """Plan of `advisories fix`

    :ivar schema: Name and version of this form.
    :ivar inventory: Where the package list was read from.
    :ivar distribution: The host's. Null where it is not known.
    :ivar manager: The package manager of the family. Null where that is not known.
    :ivar versions_of: Whose versions they are, if another distribution's than the host's. Commands then leave versions
        out.
    :ivar day: The day of the report. Null where it has none.
    :ivar findings: clears and the number of stays.
    :ivar feed_newest: When the advisory of the feed that changed last was modified. Null where none has a date.
    :ivar feed_age_days: How old it was on the day of the report. Null where that is not known.
    :ivar assumptions: Packages matched under each assumption.
    :ivar caveats: What to know before you do any of it, errors first: what was not checked, and what was assumed.
    :ivar statements: As in a report: the statements and their outcomes. Null without statements.
    :ivar hidden: Findings that are not shown by choice, by reason. Nothing is planned for them.
    :ivar suppressed: Suppressed findings, with their statements. Nothing is planned for them.
    :ivar standard_support_ended: The last day of the release's standard support, where it was before that of --on.
    :ivar restart: What has to be restarted in the end.
    :ivar brings: Findings that the packages have afterwards and did not have before.
    """

    schema: Literal["advisories/plan/3"]
    inventory: str
    distribution: DistributionObject | None
    manager: str | None
    versions_of: DistributionObject | None
    day: Date | None
    findings: Count
    clears: Count
    feed_newest: Moment | None
    feed_age_days: int | None
    assumptions: dict[Assumption, Annotated[int, Within(1)]]
    caveats: list[CaveatObject]
    statements: StatementsObject | None
    hidden: dict[Hidden, Annotated[int, Within(1)]]
    suppressed: list[SuppressedObject]
    standard_support_ended: Date | None
    restart: Restart | None
    steps: list[StepObject]
    stays: list[StayObject]
    brings: list[BroughtObject]


class PlanDocument:
    """A plan as its JSON form has it.

    :param content: the whole form. Nobody changes it.
    """

    what: ClassVar = "plan"

    def __init__(self, content: PlanObject) -> None:
        self.content: Final = content

    @classmethod
    def of(cls, report: PlanReport) -> Self:
        """The document of a plan."""
        plan, newest = report.plan, report.chosen.findings.coverage.feed_newest
        content = {
            "schema": PLAN,
            "inventory": report.inventory.source,
            "distribution": distribution_object(report.inventory.distribution),
            "manager": None if report.manager is None else report.manager.name,
            "versions_of": distribution_object(report.versions_of),
            "day": plain(report.on),
            "findings": plan.clears + len(plan.stays),
            "clears": plan.clears,
            "feed_newest": plain(newest),
            "feed_age_days": age_in_days(newest, report.on),
            "assumptions": plain(report.chosen.findings.coverage.assumptions),
            "caveats": caveat_objects(plan_caveats(report)),
            **chosen_members(report.chosen),
            "suppressed": list(suppressed_objects(report.chosen, report.inventory)),
            "standard_support_ended": None if report.ended is None else report.ended.standard.isoformat(),
            "restart": plain(plan.restart),
            "steps": [_step(step, report) for step in plan.steps],
            "stays": [
                {**_planned(stay.finding), "reason": stay.reason.value, "text": stay.text} for stay in plan.stays
            ],
            "brings": [{**_planned(finding), "cause": finding.cause} for finding in plan.brings],
        }
        return cls(cast(PlanObject, content))

    def __repr__(self) -> str:
        return f"<PlanDocument: {len(self.content['steps'])} steps for {self.content['inventory']}>"

    def __eq__(self, other: object) -> bool:
        return self.content == other.content if isinstance(other, PlanDocument) else NotImplemented

    __hash__ = None  # type: ignore[assignment]


def _step(step: Step, report: PlanReport) -> dict[str, Any]:
    return {
        "action": step.action.value,
        "source": step.source,
        "packages": list(map(_change, step.changes)),
        "clears": list(map(_planned, step.clears)),
        "text": cleared(step),
        "gain": {priority.value: count for priority, count in zip(Priority, step.gain, strict=True)},
        "advisories": list(step.advisories),
        "restart": plain(step.restart),
        "after_restart": step.after_restart,
        "warnings": list(step.warnings),
        "commands": [list(command.words) for command in report.commands(step)],
    }


def _change(change: Change) -> dict[str, Any]:
    package, becomes = change.package, change.becomes
    return {
        "instance": instance_of(package),
        "package": package.name,
        "version": package.version,
        "arch": package.arch,
        "to": None if becomes is None or becomes.version == package.version else becomes.version,
        "to_source_version": None if becomes is None else becomes.source_version,
        "request": change.name,
    }


def _planned(finding: Finding) -> dict[str, Any]:
    return {
        "instance": finding.instance,
        "package": finding.package.name,
        "version": finding.package.version,
        "vulnerability": finding.vulnerability,
        "priority": finding.priority.value,
        "fixed_version": finding.fixed_version,
        "fix_state": finding.fix_state.value,
        "channel": finding.channel,
    }
