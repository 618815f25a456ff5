"""The findings as one JSON object, described by ``schemas/report.schema.json``."""

import json
from typing import TYPE_CHECKING, Any

from advisories.distros.identity import instance_of
from advisories.distros.lifecycle import support_of
from advisories.index.feed import Feed
from advisories.models.distribution import Distribution
from advisories.models.findings import Coverage, PackageClass
from advisories.models.packages import Inventory
from advisories.models.schemas import REPORT
from advisories.reports.findings import Report
from advisories.reports.lines import age_in_days
from advisories.reports.objects import (
    array,
    array_of_texts,
    chosen_members,
    distribution_object,
    finding_texts,
    read_object,
    suppressed_objects,
)

if TYPE_CHECKING:
    from datetime import date, datetime

__all__ = ["render"]


def render(report: Report) -> list[str]:
    """The lines of the report, a finding on each, so that you can compare two reports line by line."""
    head = {
        "schema": REPORT,
        "inventory": _inventory(report.inventory, report.findings.coverage, report.on),
        "feed": _feed(report.feed, report.findings.coverage.feed_newest, report.on),
        "coverage": _coverage(report.findings.coverage),
        **chosen_members(report.chosen),
    }
    inventory = report.inventory
    return [
        "{",
        *(f" {json.dumps(name)}: {json.dumps(value)}," for name, value in head.items()),
        *array("suppressed", suppressed_objects(report.chosen, inventory), ","),
        *array_of_texts("findings", finding_texts(report.shared_rows(), inventory), ""),
        "}",
    ]


def _inventory(inventory: Inventory, coverage: Coverage, on: "date | None") -> dict[str, Any]:
    return {
        "source": inventory.source,
        "format": inventory.format,
        "distribution": distribution_object(inventory.distribution),
        "distribution_source": inventory.distribution_source,
        "support": _support(inventory.distribution, on),
        "running_kernel": inventory.running_kernel,
        "packages": coverage.packages,
        "read": None if inventory.report is None else read_object(inventory.report),
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


def _feed(feed: Feed, newest: "datetime | None", on: "date | None") -> dict[str, Any]:
    sources = [read_object(report) for report in feed.reports]
    return {**feed.to_dict(), "sources": sources, "age_days": age_in_days(newest, on)}


def _coverage(coverage: Coverage) -> dict[str, Any]:
    by_class = coverage.by_class()
    unchecked = by_class[PackageClass.UNCHECKED]
    assumed = coverage.assumed if unchecked else {}
    not_judged = (PackageClass.THIRD_PARTY, PackageClass.NOT_COVERED, PackageClass.NOT_INSTALLED)
    return {
        **coverage.to_dict(),
        "not_judged": {
            package_class.value: [instance_of(package) for package in by_class[package_class]]
            for package_class in not_judged
        },
        "unchecked": [
            {"instance": instance_of(package), "assumptions": [one.value for one in assumed[package]]}
            for package in unchecked
        ],
    }
