"""The verification as one JSON object, described by ``schemas/verification.schema.json``."""

import json
from collections.abc import Iterator
from typing import Any

from advisories.models.nouns import plain
from advisories.models.packages import Inventory
from advisories.models.schemas import VERIFICATION
from advisories.reports.lines import age_in_days
from advisories.reports.objects import (
    array,
    chosen_members,
    distribution_object,
    finding_object,
    statement_object,
    suppressed_objects,
)
from advisories.reports.verification import NewFinding, VerificationReport, earlier_findings, new_findings
from advisories.triage.verify import Verified

__all__ = ["render"]


def render(report: VerificationReport) -> Iterator[str]:
    """The lines of the report, a finding on each, so that you can compare two reports line by line."""
    verification, chosen = report.verification, report.chosen
    new = new_findings(verification, chosen)
    earlier, hidden = earlier_findings(verification, chosen)
    baseline, inventory, coverage = verification.baseline, verification.inventory, verification.findings.coverage
    head = {
        "schema": VERIFICATION,
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
            "classes": {package_class.value: count for package_class, count in coverage.counts.items()},
            "assumptions": plain(coverage.assumptions),
        },
        "feed_age_days": age_in_days(coverage.feed_newest, report.on),
        "forced": verification.forced,
        "counts": {state.value: count for state, count in verification.counts.items()},
        "cases": {case.value: count for case, count in verification.cases.items()},
        "found": {
            "current": len(verification.findings),
            "paired": verification.paired,
            "new": len(new),
            "new_shown": sum(1 for one in new if one.shown),
            "new_suppressed": sum(1 for one in new if one.statements),
            "new_hidden": sum(1 for one in new if one.hidden),
            "earlier_hidden": sum(hidden.values()),
        },
        **chosen_members(chosen),
    }
    yield "{"
    for name, value in head.items():
        yield f" {json.dumps(name)}: {json.dumps(value)},"
    yield from array("suppressed", suppressed_objects(chosen, inventory), ",")
    yield from array("new", (_new(one, inventory) for one in new), ",")
    yield from array("findings", map(_row, earlier), "")
    yield "}"


def _new(new: NewFinding, inventory: Inventory) -> dict[str, Any]:
    return {
        **finding_object(new.finding, inventory),
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
