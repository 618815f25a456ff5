"""All members of a report of findings but the findings: what was matched, and what is known of that."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from advisories.distros.identity import instance_of
from advisories.distros.lifecycle import support_of
from advisories.index.feed import Feed
from advisories.matching.rules import presences
from advisories.models.distribution import Distribution
from advisories.models.findings import Presence
from advisories.models.nouns import plain
from advisories.models.packages import Inventory, Removed
from advisories.models.reading import shown_source
from advisories.models.schemas import REPORT
from advisories.reports.findings import Report
from advisories.reports.lines import age_in_days
from advisories.reports.objects import chosen_members, coverage_object, distribution_object, read_object

if TYPE_CHECKING:
    from datetime import date, datetime

    from advisories.models.packages import Image

__all__ = ["head", "inventory_object", "target_of"]


def head(report: Report) -> dict[str, Any]:
    """All members but the findings."""
    return {
        "schema": REPORT,
        "target": target_of(report.target, report.inventory.source, report.inventory.image),
        "inventory": inventory_object(report.inventory, report.findings.coverage.packages, report.on),
        "feed": _feed(report.feed, report.findings.coverage.feed_newest, report.on),
        "coverage": coverage_object(report.findings.coverage),
        "gates": [{"id": id, "text": text} for id, text in report.gates],
        **chosen_members(report.chosen),
    }


def inventory_object(inventory: Inventory, packages: int, on: "date | None") -> dict[str, Any]:
    """The package list, as ``report.schema.json`` has it.

    :param packages: how many there are.
    :param on: the day for which support may have ended.
    """
    return {
        "source": inventory.source,
        "format": inventory.format,
        "distribution": distribution_object(inventory.distribution),
        "distribution_source": inventory.distribution_source,
        "support": _support(inventory.distribution, on),
        "running_kernel": inventory.running_kernel,
        "running_kernel_listed": _is_listed(inventory),
        "packages": packages,
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


def _is_listed(inventory: Inventory) -> bool | None:
    """Whether the running kernel is in the list. None where it is not known."""
    if not inventory.running_kernel:
        return None
    return Presence.RUNNING in presences(inventory.packages, inventory.running_kernel).values()


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


def target_of(name: str | None, source: str, image: "Image | None" = None) -> Mapping[str, str | None]:
    """The name of what was listed, and the digest in it.

    >>> target_of("registry.example/app@sha256:1f", "-")
    {'name': 'registry.example/app', 'digest': 'sha256:1f'}
    >>> target_of(None, "-")
    {'name': 'standard input', 'digest': None}

    :param name: as you gave it. None takes that of the image, else that of the list.
    :param source: where the list was read from.
    :param image: the image in it.
    """
    if name is None:
        own = shown_source(source)
        return {"name": own if image is None else image.name or own, "digest": None if image is None else image.digest}
    before, mark, digest = name.rpartition("@")
    return {"name": before, "digest": digest} if mark and ":" in digest else {"name": name, "digest": None}
