"""The JSON report: versioned, stable, described by ``report.schema.json`` beside this module."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from advisories.feed import Feed
from advisories.kernels import identity
from advisories.lifecycle import support_of
from advisories.models import (
    Coverage,
    Distribution,
    Evidence,
    Finding,
    FlawKind,
    Inventory,
    PackageClass,
    ReadReport,
    Rejection,
)
from advisories.reports.report import Report

__all__ = ["SCHEMA", "render"]

#: The name and version of the report's form. A change that would break a reader counts it up.
SCHEMA: Final = "advisories/report/1"


def render(report: Report) -> Iterator[str]:
    """The report as JSON, one finding a line, so that reports can be compared line by line."""
    head = {
        "schema": SCHEMA,
        "inventory": _inventory(report.inventory, report.findings.coverage),
        "feed": _feed(report.feed),
        "coverage": _coverage(report.findings.coverage),
        "suppressed": [],
    }
    yield "{"
    for name, value in head.items():
        yield f" {json.dumps(name)}: {json.dumps(value)},"
    yield ' "findings": ['
    last = len(report.findings) - 1
    for number, finding in enumerate(report.findings):
        text = json.dumps(_finding(finding, report.inventory))
        yield f"  {text}" if number == last else f"  {text},"
    yield " ]"
    yield "}"


def _inventory(inventory: Inventory, coverage: Coverage) -> dict[str, Any]:
    return {
        "source": inventory.source,
        "format": inventory.format,
        "distribution": _distribution(inventory.distribution),
        "distribution_source": inventory.distribution_source,
        "support": _support(inventory.distribution),
        "running_kernel": inventory.running_kernel,
        "packages": coverage.packages,
        "read": None if inventory.report is None else _read(inventory.report),
    }


def _distribution(distribution: Distribution | None) -> dict[str, Any] | None:
    if distribution is None:
        return None
    return {
        "id": distribution.id,
        "release": distribution.release,
        "channels": sorted(distribution.channels),
    }


def _support(distribution: Distribution | None) -> dict[str, Any] | None:
    support = None if distribution is None else support_of(distribution)
    if support is None:
        return None
    return {
        "standard": support.standard.isoformat(),
        "extended": None if support.extended is None else support.extended.isoformat(),
        "extended_by": support.extended_by,
        "source": support.source,
    }


def _read(report: ReadReport) -> dict[str, Any]:
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


def _feed(feed: Feed) -> dict[str, Any]:
    counts = Counter(flaw.kind for flaw in feed.flaws)
    return {
        "sources": [_read(report) for report in feed.reports],
        "advisories": len(feed),
        "kinds": {kind.value: count for kind, count in feed.kinds.items()},
        "releases": [_distribution(release) for release in feed.releases],
        "duplicates": feed.duplicates,
        "conflicts": list(feed.conflicts),
        "unordered": dict(sorted(feed.unordered.items())),
        "enrichments": dict(sorted(feed.enrichment_counts.items())),
        "flaws": {kind.value: counts[kind] for kind in FlawKind},
    }


def _coverage(coverage: Coverage) -> dict[str, Any]:
    not_judged = (PackageClass.THIRD_PARTY, PackageClass.NOT_COVERED, PackageClass.NOT_INSTALLED)
    return {
        "covered": coverage.covered,
        "judged_as": _distribution(coverage.judged_as),
        "packages": coverage.packages,
        "classes": {package_class.value: count for package_class, count in coverage.counts.items()},
        "not_judged": {
            package_class.value: [identity(package) for package in coverage.packages_in(package_class)]
            for package_class in not_judged
        },
        "assumptions": {assumption.value: count for assumption, count in coverage.assumptions.items()},
        "not_security": coverage.not_security,
        "feed_newest": None if coverage.feed_newest is None else coverage.feed_newest.isoformat(),
        "installed_later": coverage.installed_later,
    }


def _finding(finding: Finding, inventory: Inventory) -> dict[str, Any]:
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
        "priority": finding.priority.value,
        "rule": finding.rule,
        "basis": finding.basis.value,
        "score": finding.score,
        "priority_reason": finding.assessment.reason,
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
