"""The verification in the words of a cloud console's list of vulnerabilities (:mod:`advisories.reports.sas`).

``Status`` of an earlier finding is 7 where it is fixed, 8 where the fix waits for a restart, 12 where the package or
its advisory is gone, and 1 where it stands or cannot be decided. A new finding is 1 or 8. What a statement suppresses
is 10.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from advisories.distros.package_managers import manager_of
from advisories.distros.restarts import restart_after
from advisories.models.findings import Finding, Status
from advisories.models.reading import shown_source
from advisories.reports.alerts import host_name
from advisories.reports.details import fix_command
from advisories.reports.members import target_of
from advisories.reports.sas import FIXED, FIXED_RESTART, IGNORED, NOT_FOUND, OPEN, Host, Row, lines, matched_range
from advisories.reports.verification import VerificationReport, earlier_findings, key, new_findings
from advisories.reports.verification_caveats import verification_caveats
from advisories.triage.cases import FindingState

__all__ = ["render"]

_CODES: Final[Mapping[FindingState, int]] = MappingProxyType(
    {
        FindingState.FIXED: FIXED,
        FindingState.FIXED_PENDING_RESTART: FIXED_RESTART,
        FindingState.STILL_VULNERABLE: OPEN,
        FindingState.UPGRADED_STILL_VULNERABLE: OPEN,
        FindingState.RESIDUAL: OPEN,
        FindingState.PACKAGE_REMOVED: NOT_FOUND,
        FindingState.ADVISORY_WITHDRAWN: NOT_FOUND,
        FindingState.ADVISORY_REVISED: NOT_FOUND,
        FindingState.INVENTORY_REVISED: NOT_FOUND,
        FindingState.UNDECIDABLE: OPEN,
    }
)


def render(report: VerificationReport) -> Iterator[str]:
    """The lines of the report."""
    inventory = report.verification.inventory
    own, name = inventory.distribution, target_of(None, inventory.source)["name"]
    host = Host(host_name(name or ""), False, own.id if own else "", (own.release or "") if own else "", report.on)
    yield from lines(_rows(report), host, verification_caveats(report))


def _rows(report: VerificationReport) -> Iterator[Row]:
    verification, chosen = report.verification, report.chosen
    own, source = verification.inventory.distribution, shown_source(verification.inventory.source)
    manager = None if own is None else manager_of(own)
    ignored = {key(one.finding) for one in chosen.suppression.suppressed} if chosen.suppression else frozenset()

    def row(finding: Finding, status: int, detail: str) -> Row:
        evidence, package = finding.evidence, finding.package
        return Row(
            finding.instance,
            package.name,
            package.version,
            evidence.advisory,
            finding.vulnerability,
            finding.priority,
            status,
            detail,
            matched_range(evidence.name, evidence.introduced, evidence.fixed, evidence.last_affected),
            (package.locations or (source,))[0],
            (fix_command(finding, manager) or "") if status == OPEN else "",
            tuple(_tags(finding)),
        )

    for one in earlier_findings(verification, chosen)[0]:
        code = _CODES[one.state]
        if code == OPEN and one.current is not None and key(one.current) in ignored:
            code = IGNORED
        yield row(one.current or one.baseline, code, f"{one.state.value}: {one.reason}")
    for new in new_findings(verification, chosen):
        finding = new.finding
        if new.statements:
            yield row(finding, IGNORED, f"new: {finding.cause}")
        elif new.shown:
            yield row(finding, FIXED_RESTART if finding.pending_restart else OPEN, f"new: {finding.cause}")


def _tags(finding: Finding) -> Iterator[str]:
    if finding.assessment.known_exploited:
        yield "known-exploited"
    restart = restart_after(finding)
    if restart is not None:
        yield f"restart-{restart}"
    if finding.rule == "A0":
        yield "priority-unknown"
    if finding.status is Status.UNDECIDABLE:
        yield "undecidable"
    yield from finding.assumptions
