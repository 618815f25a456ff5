"""What several JSON reports are made of: findings, releases, what was read, and arrays an entry a line."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from advisories.models import Distribution, Evidence, Finding, Inventory, ReadReport, Rejection
from advisories.restarts import restart_after

__all__ = ["array", "distribution_object", "finding_object", "read_object"]


def array(name: str, entries: Iterable[dict[str, Any]], end: str) -> Iterator[str]:
    """A member that is an array, an entry a line, so that reports can be compared line by line.

    :param end: what stands behind it: a comma, or nothing where it is the last member.
    """
    yield f" {json.dumps(name)}: ["
    held: str | None = None
    for entry in entries:
        if held is not None:
            yield f"  {held},"
        held = json.dumps(entry)
    if held is not None:
        yield f"  {held}"
    yield f" ]{end}"


def distribution_object(distribution: Distribution | None) -> dict[str, Any] | None:
    """A release with its channels; None where it is not known."""
    if distribution is None:
        return None
    return {
        "id": distribution.id,
        "release": distribution.release,
        "channels": sorted(distribution.channels),
    }


def finding_object(finding: Finding, inventory: Inventory) -> dict[str, Any]:
    """A finding as ``report.schema.json`` has it."""
    package = finding.package
    return {
        "instance": finding.instance,
        "package": package.name,
        "version": package.version,
        "arch": package.arch,
        "source": finding.source,
        "source_version": finding.source_version,
        "locations": list(package.locations or (inventory.source,)),
        "vulnerability": finding.vulnerability,
        "notices": list(finding.notices),
        "status": finding.status.value,
        "cause": finding.cause,
        "fixed_version": finding.fixed_version,
        "fix_state": finding.fix_state.value,
        "channel": finding.channel,
        "presence": finding.presence.value,
        "pending_restart": finding.pending_restart,
        "restart_required": finding.restart_required,
        "restart": restart_after(finding),
        "priority": finding.priority.value,
        "rule": finding.rule,
        "basis": finding.basis.value,
        "score": finding.score,
        "priority_reason": finding.assessment.reason,
        "vectors_refused": list(finding.assessment.refused),
        "known_exploited": finding.assessment.known_exploited,
        "epss": finding.assessment.epss,
        "assumptions": [assumption.value for assumption in finding.assumptions],
        "evidence": _evidence(finding.evidence),
    }


def _evidence(evidence: Evidence) -> dict[str, Any]:
    return {
        "advisory": evidence.advisory,
        "name": evidence.name,
        "names": evidence.names.value,
        "installed": evidence.installed,
        "introduced": evidence.introduced,
        "fixed": evidence.fixed,
        "last_affected": evidence.last_affected,
        "rules": [{"rule": ruling.rule, "said": ruling.said} for ruling in evidence.rulings],
    }


def read_object(report: ReadReport) -> dict[str, Any]:
    """What a reader kept and rejected, as ``report.schema.json`` has it."""
    return {
        "source": report.source,
        "format": report.format,
        "read": report.read,
        "kept": report.kept,
        "rejected": report.rejected,
        "rejections": [_rejection(rejection) for rejection in report.rejections],
        "skipped": dict(report.skips),
    }


def _rejection(rejection: Rejection) -> dict[str, str]:
    return {
        "source": rejection.source,
        "position": rejection.position,
        "what": rejection.what,
        "why": rejection.why,
        "extent": rejection.extent.value,
    }
