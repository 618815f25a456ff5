"""What a report of findings carries: the members of its JSON form, by type.

``schemas/report.schema.json`` is made from these types (``tools/schemas.py``), and a report that is read is checked
against them (:mod:`advisories.models.json_types`). Formats other than text are written from a :class:`Document`,
whether its findings were just made or read from an earlier report.
"""

from typing import Annotated, ClassVar, Final, Literal, Self, TypedDict, cast

from advisories.distros.restarts import Restart
from advisories.models.advisories import FixState, Kind
from advisories.models.assumptions import Assumption
from advisories.models.findings import Basis, PackageClass, Presence, Priority, Status
from advisories.models.json_types import EVERY, Date, Moment, Within
from advisories.models.lazy import lazy_property
from advisories.models.reading import Extent, FlawKind
from advisories.models.setups import SetupKind
from advisories.models.statements import StatementStatus
from advisories.models.words import Names
from advisories.reports.caveats import Level
from advisories.reports.findings import Report
from advisories.reports.findings_json import details_of
from advisories.reports.members import head
from advisories.reports.objects import reported_objects, suppressed_objects
from advisories.triage.select import Hidden
from advisories.triage.suppress import Outcome

__all__ = [
    "CVSS_TYPES",
    "CaveatObject",
    "Count",
    "DistributionObject",
    "Document",
    "FindingObject",
    "GateObject",
    "ReportObject",
    "ReportedFinding",
    "StatementObject",
    "StatementsObject",
    "SuppressedObject",
]

#: How many there are of something.
Count = Annotated[int, Within(0)]

#: The types of vectors that are CVSS. Others are words of a publisher's own scale.
CVSS_TYPES: Final = ("CVSS_V2", "CVSS_V3", "CVSS_V4")


class CaveatObject(TypedDict):
    """One thing that a report leaves open.

    :ivar id: A word for it, the same in every report.
    :ivar instances: The installed instances that it is about, where the report lists them.
    """

    id: str
    level: Level
    text: str
    instances: list[str]


class DistributionObject(TypedDict):
    """A release with its channels.

    :ivar id: The ID of os-release.
    """

    id: str
    release: str | None
    channels: list[str]


class RejectionObject(TypedDict):
    """What a reader rejected, where, and why."""

    source: str
    position: str
    what: str
    why: str
    extent: Extent


class SupportObject(TypedDict):
    """How long a release is supported.

    :ivar standard_ended: Whether standard support was over on the day of --on. Null without that.
    :ivar source: Where the dates were read.
    """

    standard: Date
    standard_ended: bool | None
    extended: Date | None
    extended_by: str | None
    source: str


class ReadObject(TypedDict):
    """What a reader did with one source: read = kept + rejected.

    :ivar newest: When the advisory that changed last was modified, or else published. Null where none has a date, and
        for package lists.
    """

    source: str
    format: str
    read: Count
    kept: Count
    rejected: Count
    rejections: list[RejectionObject]
    skipped: dict[str, Count]
    newest: Moment | None


class TargetObject(TypedDict):
    """What was listed: an image, a host, or a folder.

    :ivar name: That of --target, else of the image, else of the package list. Never a dash.
    :ivar digest: The digest behind an image's name, or that of the manifest of the image in the list. Null where there
        is none.
    """

    name: str
    digest: str | None


class LayerObject(TypedDict):
    """The layer of an image that a package came with.

    :ivar digest: Of its file, as the manifest has it. In an archive of docker save without manifests that of its
        content.
    :ivar history: The command that made it.
    """

    digest: str
    history: str | None


class RemovedObject(TypedDict):
    """A package that a layer of an image removed.

    :ivar layer: That it came with.
    :ivar removed_by: The layer that removed it.
    """

    instance: str
    package: str
    version: str
    arch: str | None
    layer: LayerObject | None
    removed_by: LayerObject


class ImageObject(TypedDict):
    """The saved image that a list was read from.

    :ivar digest: Of its manifest. Null in an archive of docker save without manifests.
    :ivar id: The digest of its configuration.
    :ivar platform: Such as linux/amd64.
    :ivar removed: What its layers had and it has not any more. Nothing is matched with them.
    """

    name: str | None
    digest: str | None
    id: str
    platform: str | None
    labels: dict[str, str]
    removed: list[RemovedObject]


class SetupObject(TypedDict):
    """A repository, channel or module stream that a file of the host shows.

    :ivar name: The release, channel or stream, or of another repository its address or id.
    :ivar by: How the file names it: a suite, an id, a service, a product.
    :ivar is_on: Whether it is enabled.
    :ivar is_security: Whether it has the security updates of a release, where that is a repository of its own.
    :ivar source: The file, below the root.
    """

    kind: SetupKind
    name: str
    by: str
    is_on: bool
    is_security: bool
    source: str
    line: int | None


class InventoryObject(TypedDict):
    """The package list.

    :ivar running_kernel_listed: Whether a kernel of the list is the running one. Null where that is not known.
    :ivar packages: Installed instances.
    :ivar image: Null where the list is of no image.
    :ivar setups: What the files of a root show of repositories, channels and module streams.
    :ivar contradictions: What these files, the release and the packages contradict each other about.
    """

    source: str
    format: str
    distribution: DistributionObject | None
    distribution_source: str | None
    support: SupportObject | None
    running_kernel: str | None
    running_kernel_listed: bool | None
    packages: Count
    read: ReadObject | None
    image: ImageObject | None
    setups: list[SetupObject]
    contradictions: list[str]


class FeedObject(TypedDict):
    """The advisories.

    :ivar enrichments: CVEs with data of others than the publishers of advisories, by source.
    :ivar age_days: How old its newest advisory was on the day of the report. Null where that is not known.
    """

    sources: list[ReadObject]
    advisories: Count
    kinds: Annotated[dict[Kind, Count], EVERY]
    releases: list[DistributionObject]
    duplicates: Count
    conflicts: list[str]
    unordered: dict[str, Count]
    enrichments: dict[str, Count]
    flaws: dict[FlawKind, Count]
    age_days: int | None


class UncheckedObject(TypedDict):
    """A package without a finding of which not all was known, and what was assumed of it."""

    instance: str
    assumptions: list[Assumption]


NotJudged = Annotated[
    dict[Literal[PackageClass.THIRD_PARTY, PackageClass.NOT_COVERED, PackageClass.NOT_INSTALLED], list[str]], EVERY
]


class CoverageObject(TypedDict):
    """What was judged and what was not.

    :ivar classes: Every package in exactly one class. The counts add up to packages.
    :ivar not_judged: Instances by class.
    :ivar unchecked: Packages without a finding of which not all was known, and what was assumed of each.
    :ivar assumptions: Packages matched under each assumption.
    :ivar not_security: Bugfix and enhancement updates that apply and name no CVE.
    :ivar feed_newest: When the feed's advisory that changed last was modified.
    :ivar installed_later: Matched packages that were installed after that: the feed is older than the inventory.
    """

    covered: bool
    judged_as: DistributionObject | None
    packages: Count
    classes: Annotated[dict[PackageClass, Count], EVERY]
    not_judged: NotJudged
    unchecked: list[UncheckedObject]
    assumptions: dict[Assumption, Annotated[int, Within(1)]]
    not_security: Count
    feed_newest: Moment | None
    installed_later: Count


class GateObject(TypedDict):
    """A gate of a pipeline that failed.

    :ivar id: The option, without dashes in front.
    :ivar text: Why, in a sentence.
    """

    id: Literal["max-feed-age", "fail-on-eol", "fail-on-not-covered", "fail-on-unchecked"]
    text: str


class NoteObject(TypedDict):
    """What a rule contributed beyond the plain comparison."""

    rule: Annotated[int, Within(0, 16)]
    text: str


class EvidenceObject(TypedDict):
    """What a finding rests on.

    :ivar advisory: The advisory whose record decided.
    :ivar name: The package name that the record uses.
    """

    advisory: str
    name: str
    names: Names
    installed: str
    introduced: str | None
    fixed: str | None
    last_affected: str | None
    notes: list[NoteObject]


class FindingObject(TypedDict):
    """One installed instance and one vulnerability.

    :ivar instance: The installed instance: type, name, architecture. For packages that install side by side the version
        too.
    :ivar version: [epoch:]version[-release] of the installed binary package.
    :ivar locations: Files of the instance, or the database it was read from.
    :ivar vulnerability: Its CVE, or the advisory's id where that names none.
    :ivar restart_required: Clearing it needs a restart of the machine.
    :ivar restart: What has to be restarted once the package is upgraded.
    :ivar rule: The row of the priority table.
    :ivar score: The CVSS base score behind the priority. Null where there is no vector.
    :ivar priority_reason: Why that row of the priority table.
    :ivar vectors_refused: Invalid CVSS vectors. The next source was used.
    :ivar known_exploited: It is exploited, according to an authority.
    :ivar epss: The probability of exploitation in the next 30 days.
    """

    instance: str
    package: str
    version: str
    arch: str | None
    source: str | None
    source_version: str | None
    locations: list[str]
    vulnerability: str
    advisories: list[str]
    status: Status
    fixed_version: str | None
    fix_state: FixState
    channel: str | None
    presence: Presence
    priority: Priority
    cause: str
    pending_restart: bool
    restart_required: bool
    rule: Literal["H1", "H2", "H3", "H4", "M1", "M2", "M3", "L1", "L2", "L3", "L4", "L5", "V1", "V2", "V3", "A0"]
    basis: Basis
    score: Annotated[float, Within(0, 10)] | None
    priority_reason: str
    vectors_refused: list[str]
    known_exploited: bool
    epss: Annotated[float, Within(0, 1)] | None
    assumptions: list[Assumption]
    evidence: EvidenceObject
    restart: Restart | None


class LinkObject(TypedDict):
    """Where to read about an advisory or a vulnerability.

    :ivar url: An address of http or https.
    """

    id: str
    url: str


class VectorObject(TypedDict):
    """A severity as somebody rates it.

    :ivar source: ``vendor`` for the advisory's publisher, else the name of another database.
    :ivar type: CVSS_V2, CVSS_V3, CVSS_V4, or the name of a publisher's own scale.
    :ivar vector: The vector, or the publisher's word.
    """

    source: str
    type: str
    vector: str


class ReportedFinding(FindingObject):
    """A finding with what is published about it.

    :ivar purl: The installed package as a package URL.
    :ivar title: The vulnerability and the package.
    :ivar aliases: Other ids of the same vulnerability.
    :ivar links: To the advisories, and to the CVE.
    :ivar vectors: What publishers and databases rate, the advisories' own first.
    :ivar published: When the advisory that decided was published.
    :ivar modified: When it changed last.
    :ivar fix_command: A command that upgrades the package to its newest version. Null where there is no fix that the
        host can have, and for kernels, where the plan of fix has it.
    :ivar layer: Null where the list is of no image.
    """

    purl: str
    title: str
    aliases: list[str]
    links: list[LinkObject]
    vectors: list[VectorObject]
    published: Moment | None
    modified: Moment | None
    fix_command: str | None
    layer: LayerObject | None


VersionsObject = TypedDict("VersionsObject", {"from": str | None, "before": str | None})


class StatementObject(TypedDict):
    """An ignore rule or a VEX statement.

    :ivar source: The ignore file or VEX document.
    :ivar packages: Names, or globs of names, of installed packages or of their source packages.
    :ivar versions: Half-open: from is inside, before is not.
    :ivar location: A glob for where the package is.
    :ivar until: The last day on which it holds.
    """

    source: str
    position: str
    status: StatementStatus
    ids: list[str]
    packages: list[str]
    versions: VersionsObject | None
    location: str | None
    fix_states: list[FixState]
    reason: str
    justification: str | None
    owner: str | None
    until: Date | None


class KnownByObject(TypedDict):
    """What a finding is known by."""

    instance: str
    vulnerability: str


class DisputedObject(KnownByObject):
    """A finding that is kept because statements disagree."""

    statements: list[StatementObject]


class NotedObject(StatementObject):
    """A statement, and what became of it.

    :ivar fixable: Ignored findings that have a fix now.
    """

    outcome: Outcome
    findings: Count
    suppressed: Count
    why: str
    fixable: list[KnownByObject]


Outcomes = Annotated[dict[Outcome, Count], EVERY]


class ReadStatementsObject(ReadObject):
    """A source of statements, and the outcomes of what it has."""

    outcomes: Outcomes


class StatementsObject(TypedDict):
    """Ignore rules and VEX statements, and their outcomes.

    :ivar noted: Ignore rules, and of others' statements those that have expired, are contradicted, or cannot be
        decided.
    :ivar disputed: Findings that are kept because statements disagree.
    """

    sources: list[ReadStatementsObject]
    outcomes: Outcomes
    noted: list[NotedObject]
    disputed: list[DisputedObject]


class SuppressedObject(TypedDict):
    """A suppressed finding, with the statements that suppress it."""

    finding: FindingObject
    statements: list[StatementObject]


class ReportedSuppressed(TypedDict):
    """A suppressed finding with what is published about it, and the statements that suppress it."""

    finding: ReportedFinding
    statements: list[StatementObject]


class ReportObject(TypedDict):
    """Report of `advisories match`.

    :ivar schema: Name and version of this form.
    :ivar gates: The gates that failed, besides --fail-on. Empty where none did.
    :ivar statements: Null without statements.
    :ivar hidden: Findings that are not shown by choice, by the first reason that applies.
    :ivar suppressed: Suppressed findings, with their statements.
    :ivar findings: In the order: priority, package, version, vulnerability.
    """

    schema: Literal["advisories/report/3"]
    target: TargetObject
    inventory: InventoryObject
    feed: FeedObject
    coverage: CoverageObject
    gates: list[GateObject]
    statements: StatementsObject | None
    hidden: dict[Hidden, Annotated[int, Within(1)]]
    suppressed: list[ReportedSuppressed]
    findings: list[ReportedFinding]


class Document:
    """A report of findings as its JSON form has it.

    :param content: the whole form. Nobody changes it.
    :param width: the columns that text for people is laid out in. None where nothing limits them.
    :param colour: whether such text may have colours.
    """

    what: ClassVar = "findings"

    def __init__(self, content: ReportObject, width: int | None = None, colour: bool = False) -> None:
        self.content: Final = content
        self.width: Final = width
        self.colour: Final = colour

    @classmethod
    def of(cls, report: Report) -> Self:
        """The document of a match."""
        details, inventory = details_of(report), report.inventory
        content = head(report)
        content["suppressed"] = list(suppressed_objects(report.chosen, inventory, details))
        content["findings"] = list(reported_objects(report.shared_rows(), details, inventory))
        return cls(cast(ReportObject, content), report.width, report.colour)

    @property
    def findings(self) -> list[ReportedFinding]:
        """The findings that are shown, in their order (rule 16)."""
        return self.content["findings"]

    @lazy_property
    def counts(self) -> dict[Priority, int]:
        """The findings that are shown, by priority, every priority named."""
        ranks = [finding["priority"] for finding in self.findings]
        return {priority: ranks.count(priority) for priority in Priority}

    def __repr__(self) -> str:
        return f"<Document: {len(self.findings)} findings of {self.content['target']['name']}>"

    def __eq__(self, other: object) -> bool:
        return self.content == other.content if isinstance(other, Document) else NotImplemented

    __hash__ = None  # type: ignore[assignment]
