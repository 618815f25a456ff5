"""The findings as one JSON object, described by ``schemas/report.schema.json``."""

import json
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any

from advisories.reports.details import Details
from advisories.reports.finding_texts import finding_texts
from advisories.reports.findings import Report
from advisories.reports.members import head
from advisories.reports.objects import array, array_of_texts, suppressed_objects

if TYPE_CHECKING:
    from advisories.reports.document import Document

__all__ = ["details_of", "render"]


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


def details_of(report: Report) -> Details:
    """What is published about the findings, and about those that are suppressed."""
    suppression = report.chosen.suppression
    hidden = [one.finding for one in suppression.suppressed] if suppression else []
    return Details.of(report.inventory, report.feed, chain((finding for _, finding in report.rows()), hidden))
