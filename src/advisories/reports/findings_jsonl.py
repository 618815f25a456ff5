"""The findings as lines of JSON, one a line: the head, then the suppressed findings, then the findings.

The head has all members of the JSON form but these two, ``kind`` ``report``, and how many lines of each kind follow: a
file that was cut shows. ``kind`` of the others is ``suppressed`` and ``finding``.
"""

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from advisories.reports.finding_texts import finding_texts
from advisories.reports.findings import Report
from advisories.reports.findings_json import details_of
from advisories.reports.members import head
from advisories.reports.objects import suppressed_objects

if TYPE_CHECKING:
    from advisories.reports.document import Document

__all__ = ["render"]


def render(report: "Report | Document") -> Iterator[str]:
    """The lines of the report."""
    if isinstance(report, Report):
        members, details, inventory = head(report), details_of(report), report.inventory
        suppressed: list[Any] = list(suppressed_objects(report.chosen, inventory, details))
        findings: Iterable[str] = finding_texts(report.shared_rows(), details, inventory)
        count = len(report.chosen.shown)
    else:
        members = dict(report.content)
        suppressed, listed = members.pop("suppressed"), members.pop("findings")
        findings, count = map(json.dumps, listed), len(listed)
    yield json.dumps({"kind": "report", **members, "lines": {"suppressed": len(suppressed), "finding": count}})
    for one in suppressed:
        yield json.dumps({"kind": "suppressed", **one})
    for text in findings:
        yield f'{{"kind": "finding", {text[1:]}'
