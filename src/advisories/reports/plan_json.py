"""The plan as one JSON object, described by ``schemas/plan.schema.json``."""

import json
from collections.abc import Iterator
from typing import Any

from advisories.distros.identity import instance_of
from advisories.models.findings import Finding, Priority
from advisories.models.nouns import plain
from advisories.models.schemas import PLAN
from advisories.reports.lines import age_in_days
from advisories.reports.objects import chosen_members, distribution_object, suppressed_objects
from advisories.reports.plan import PlanReport
from advisories.triage.plan import Change, Step

__all__ = ["render"]


def render(report: PlanReport) -> Iterator[str]:
    """The lines of the report."""
    plan = report.plan
    document = {
        "schema": PLAN,
        "inventory": report.inventory.source,
        "manager": None if report.manager is None else report.manager.name,
        "versions_of": distribution_object(report.versions_of),
        "findings": plan.clears + len(plan.stays),
        "clears": plan.clears,
        "feed_age_days": age_in_days(report.chosen.findings.coverage.feed_newest, report.on),
        "assumptions": plain(report.chosen.findings.coverage.assumptions),
        **chosen_members(report.chosen),
        "suppressed": list(suppressed_objects(report.chosen, report.inventory)),
        "standard_support_ended": None if report.ended is None else report.ended.standard.isoformat(),
        "restart": None if plan.restart is None else plan.restart.value,
        "steps": [_step(step, report) for step in plan.steps],
        "stays": [{**_finding(stay.finding), "reason": stay.reason.value, "text": stay.text} for stay in plan.stays],
        "brings": [_finding(finding) for finding in plan.brings],
    }
    yield from json.dumps(document, indent=1).splitlines()


def _step(step: Step, report: PlanReport) -> dict[str, Any]:
    return {
        "action": step.action.value,
        "source": step.source,
        "packages": [_change(change) for change in step.changes],
        "clears": [_finding(finding) for finding in step.clears],
        "gain": {priority.value: count for priority, count in zip(Priority, step.gain, strict=True)},
        "advisories": list(step.advisories),
        "restart": None if step.restart is None else step.restart.value,
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


def _finding(finding: Finding) -> dict[str, Any]:
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
