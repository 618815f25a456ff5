"""The findings as one JSON object, described by ``schemas/report.schema.json``."""

import json
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any

from advisories.distros.identity import instance_of
from advisories.distros.lifecycle import support_of
from advisories.index.feed import Feed
from advisories.models.distribution import Distribution
from advisories.models.findings import Coverage
from advisories.models.nouns import plain
from advisories.models.packages import Inventory, Removed
from advisories.models.schemas import REPORT
from advisories.reports.details import Details, target_of
from advisories.reports.finding_texts import finding_texts
from advisories.reports.findings import Report
from advisories.reports.lines import age_in_days
from advisories.reports.objects import (
    array,
    array_of_texts,
    chosen_members,
    coverage_object,
    distribution_object,
    read_object,
    suppressed_objects,
)

if TYPE_CHECKING:
    from datetime import date, datetime

    from advisories.reports.document import Document

__all__ = ["details_of", "head", "render"]


def render(report: "Report | Document") -> Iterator[str]:
    """The lines of the report, a finding on each, so that you can compare two reports line by line."""
    yield "{"
    if isinstance(report, Report):
        members, details, inventory = head(report), details_of(report), report.inventory
        suppressed: Iterable[Any] = suppressed_objects(report.chosen, inventory, details)
        findings = finding_texts(report.shared_rows(), details, inventory)
    else:
        members = dict(report.content)
        suppressed, findings = members.pop("suppressed"), map(json.dumps, members.pop("findings"))
    yield from (f" {json.dumps(name)}: {json.dumps(value)}," for name, value in members.items())
    yield from array("suppressed", suppressed, ",")
    yield from array_of_texts("findings", findings, "")
    yield "}"


def head(report: Report) -> dict[str, Any]:
    """All members but the findings."""
    return {
        "schema": REPORT,
        "target": target_of(report.target, report.inventory.source, report.inventory.image),
        "inventory": _inventory(report.inventory, report.findings.coverage, report.on),
        "feed": _feed(report.feed, report.findings.coverage.feed_newest, report.on),
        "coverage": coverage_object(report.findings.coverage),
        **chosen_members(report.chosen),
    }


def details_of(report: Report) -> Details:
    """What is published about the findings, and about those that are suppressed."""
    suppression = report.chosen.suppression
    hidden = [one.finding for one in suppression.suppressed] if suppression else []
    return Details.of(report.inventory, report.feed, chain((finding for _, finding in report.rows()), hidden))


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
        "image": None
        if inventory.image is None
        else {
            **inventory.image.to_dict(),
            "labels": dict(inventory.image.labels),
            "removed": list(map(_removed, inventory.removed)),
        },
        "setups": [setup.to_dict() for setup in inventory.setups],
        "contradictions": list(inventory.contradictions),
    }


def _removed(one: Removed) -> dict[str, Any]:
    package = one.package
    return {
        "instance": instance_of(package),
        "package": package.name,
        "version": package.version,
        "arch": package.arch,
        "layer": plain(package.layer),
        "removed_by": plain(one.layer),
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
