"""The JSON report: versioned, stable, described by ``report.schema.json`` beside this module."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

from advisories.feed import Feed
from advisories.findings import Coverage
from advisories.kernels import identity
from advisories.lifecycle import support_of
from advisories.models import Distribution, Finding, FlawKind, Inventory, PackageClass, ReadReport, Rejection
from advisories.reports.objects import array, distribution_object, finding_object
from advisories.reports.report import Report

if TYPE_CHECKING:
    from datetime import date

    from advisories.statements import Statement
    from advisories.suppression import Suppressed, Suppression

__all__ = ["SCHEMA", "render"]

#: The name and version of the report's form. A change that would break a reader counts it up.
SCHEMA: Final = "advisories/report/1"


def render(report: Report) -> Iterator[str]:
    """The report as JSON, one finding a line, so that reports can be compared line by line."""
    head = {
        "schema": SCHEMA,
        "inventory": _inventory(report.inventory, report.findings.coverage, report.on),
        "feed": _feed(report.feed),
        "coverage": _coverage(report.findings.coverage),
        "statements": None if report.suppression is None else _statements(report.suppression, report.statements_read),
        "hidden": {reason.value: count for reason, count in report.hidden.items() if count},
    }
    yield "{"
    for name, value in head.items():
        yield f" {json.dumps(name)}: {json.dumps(value)},"
    suppressed = report.suppression.suppressed if report.suppression else ()
    yield from array("suppressed", (_suppressed(one, report.inventory) for one in suppressed), ",")
    yield from array("findings", (finding_object(finding, report.inventory) for finding in report.shown), "")
    yield "}"


def _suppressed(suppressed: "Suppressed", inventory: Inventory) -> dict[str, Any]:
    return {
        "finding": finding_object(suppressed.finding, inventory),
        "statements": [_statement(statement) for statement in suppressed.statements],
    }


def _statement(statement: "Statement") -> dict[str, Any]:
    return {
        "source": statement.source,
        "position": statement.position,
        "status": statement.status.value,
        "ids": list(statement.ids),
        "reason": statement.reason,
        "justification": statement.justification,
        "owner": statement.owner,
        "until": None if statement.until is None else statement.until.isoformat(),
    }


def _statements(suppression: "Suppression", sources: Iterable[ReadReport]) -> dict[str, Any]:
    from advisories.suppression import Outcome, is_noted

    counts = Counter(one.outcome for one in suppression.statements)
    return {
        "sources": [_read(read) for read in sources],
        "outcomes": {outcome.value: counts[outcome] for outcome in Outcome},
        "noted": [
            {
                **_statement(one.statement),
                "outcome": one.outcome.value,
                "findings": one.findings,
                "set_aside": one.set_aside,
                "why": one.why,
                "fixable": [_known_by(finding) for finding in one.fixable],
            }
            for one in suppression.statements
            if is_noted(one)
        ],
        "disputed": [
            {**_known_by(dispute.finding), "statements": [_statement(one) for one in dispute.statements]}
            for dispute in suppression.disputes
        ],
    }


def _known_by(finding: Finding) -> dict[str, str]:
    return {"instance": finding.instance, "vulnerability": finding.vulnerability}


def _inventory(inventory: Inventory, coverage: Coverage, on: "date | None") -> dict[str, Any]:
    return {
        "source": inventory.source,
        "format": inventory.format,
        "distribution": distribution_object(inventory.distribution),
        "distribution_source": inventory.distribution_source,
        "support": _support(inventory.distribution, on),
        "running_kernel": inventory.running_kernel,
        "packages": coverage.packages,
        "read": None if inventory.report is None else _read(inventory.report),
    }


def _support(distribution: Distribution | None, on: "date | None") -> dict[str, Any] | None:
    support = None if distribution is None else support_of(distribution)
    if support is None:
        return None
    return {
        "standard": support.standard.isoformat(),
        "standard_ended": None if on is None else support.standard < on,
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
        "releases": [distribution_object(release) for release in feed.releases],
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
        "judged_as": distribution_object(coverage.judged_as),
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
