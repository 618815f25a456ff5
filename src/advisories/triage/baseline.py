"""What is needed of an earlier match to say what became of its findings: the nouns of verification."""

from typing import Self

from attrs import field, frozen

from advisories.models import (
    NO_MODULE,
    UNKNOWN_MODULE,
    Assumption,
    Distribution,
    Finding,
    FixState,
    Inventory,
    Names,
    Package,
    Presence,
    Priority,
    Status,
)
from advisories.models.findings import Findings

__all__ = ["Baseline", "EarlierFinding"]


@frozen
class EarlierFinding:
    """A finding of an earlier match, as far as its report tells it. Fields as :class:`~advisories.models.Finding`'s.

    :ivar type: the purl type of the package, and
    :ivar name: its name.
    :ivar source: the source package's name, None where it was not known.
    :ivar names: whether the source or the binary package was compared, and
    :ivar compared: which version that was.
    :ivar advisory: the advisory whose record decided.
    :ivar suppressed: it was listed as suppressed; it was found all the same.
    """

    instance: str
    type: str
    name: str
    version: str
    arch: str | None
    source: str | None
    source_version: str | None
    vulnerability: str
    notices: tuple[str, ...]
    status: Status
    cause: str
    fixed_version: str | None
    fix_state: FixState
    channel: str | None
    presence: Presence
    pending_restart: bool
    priority: Priority
    assumptions: tuple[Assumption, ...]
    names: Names
    compared: str
    advisory: str
    suppressed: bool = False

    @classmethod
    def of(cls, finding: Finding, *, suppressed: bool = False) -> Self:
        """What is needed of a finding that is at hand."""
        package, evidence = finding.package, finding.evidence
        return cls(
            instance=finding.instance,
            type=package.type,
            name=package.name,
            version=package.version,
            arch=package.arch,
            source=finding.source,
            source_version=finding.source_version,
            vulnerability=finding.vulnerability,
            notices=finding.advisories,
            status=finding.status,
            cause=finding.cause,
            fixed_version=finding.fixed_version,
            fix_state=finding.fix_state,
            channel=finding.channel,
            presence=finding.presence,
            pending_restart=finding.pending_restart,
            priority=finding.priority,
            assumptions=finding.assumptions,
            names=evidence.names,
            compared=evidence.installed,
            advisory=evidence.advisory,
            suppressed=suppressed,
        )

    @property
    def epoch_known(self) -> bool:
        """Whether the list of then could show epochs (rule 4)."""
        return Assumption.EPOCH_UNKNOWN not in self.assumptions

    @property
    def package(self) -> Package:
        """The package as it was installed then, as far as the finding tells it.

        Its module stream is in no report: it counts as unknown, here, where the version is a module's build.
        """
        unknown = Assumption.MODULE_UNKNOWN in self.assumptions or ".module" in self.version
        return Package(
            self.type,
            self.name,
            self.version,
            self.arch,
            self.epoch_known,
            self.source,
            self.source_version,
            self.epoch_known,
            UNKNOWN_MODULE if unknown else NO_MODULE,
        )


@frozen
class Baseline:
    """An earlier match of a host: what later ones are verified against.

    :ivar distribution: the host's, None where it was not known.
    :ivar judged_as: the release whose advisories were used.
    :ivar covered: whether the feed of then covered that release; there are no findings where it did not.
    :ivar running_kernel: as ``uname -r`` printed it.
    :ivar findings: in the order of the report; those that it lists as suppressed come last.
    :ivar source: where it was read from. Not compared.
    """

    distribution: Distribution | None
    judged_as: Distribution | None
    running_kernel: str | None
    findings: tuple[EarlierFinding, ...]
    covered: bool = True
    source: str = field(default="", eq=False)

    @classmethod
    def of(cls, inventory: Inventory, findings: Findings) -> Self:
        """The baseline that a match is for later ones: what its JSON report would be read as."""
        coverage = findings.coverage
        return cls(
            inventory.distribution,
            coverage.judged_as,
            inventory.running_kernel,
            tuple(map(EarlierFinding.of, findings)),
            coverage.covered,
            inventory.source,
        )
