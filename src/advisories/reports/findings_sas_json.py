"""The findings in the words of a cloud console's list of vulnerabilities (:mod:`advisories.reports.sas`).

``Status`` is 1 for a finding, 8 where its fix waits for a restart, and 10 where a statement suppresses it.
"""

from collections.abc import Iterator
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from advisories.reports.alerts import Fixes, is_named, shown_name
from advisories.reports.caveats import caveats, day_of
from advisories.reports.sas import FIXED_RESTART, IGNORED, OPEN, Host, Row, lines, matched_range
from advisories.reports.statement_text import statement_text

if TYPE_CHECKING:
    from advisories.reports.document import Document, ReportedFinding

__all__ = ["render"]

_MATCHED: Final = itemgetter("name", "introduced", "fixed", "last_affected")


def render(document: "Document") -> Iterator[str]:
    """The lines of the report."""
    content = document.content
    own = content["inventory"]["distribution"]
    host = Host(
        shown_name(content),
        is_named(content),
        own["id"] if own else "",
        (own["release"] or "") if own else "",
        day_of(content),
    )
    rows = _Rows(Fixes(content))
    found = [rows.row(one, FIXED_RESTART if one["pending_restart"] else OPEN) for one in content["findings"]]
    for entry in content["suppressed"]:
        row = rows.row(entry["finding"], IGNORED)
        why = " ".join(map(statement_text, entry["statements"]))
        found.append(row._replace(detail=f"{row.detail} {why}"))
    yield from lines(found, host, caveats(content))


class _Rows:
    """The rows of one report."""

    def __init__(self, fixes: Fixes) -> None:
        self._fixes: Final = fixes
        self._matched: Final[dict[tuple[Any, ...], str]] = {}

    def row(self, finding: "ReportedFinding", status: int) -> Row:
        """The row of a finding."""
        evidence = _MATCHED(finding["evidence"])
        matched = self._matched.get(evidence)
        if matched is None:
            matched = self._matched[evidence] = matched_range(*evidence)
        return Row(
            finding["instance"],
            finding["package"],
            finding["version"],
            finding["evidence"]["advisory"],
            finding["vulnerability"],
            finding["priority"],
            status,
            finding["cause"],
            matched,
            finding["locations"][0] if finding["locations"] else "",
            self._fixes.command(finding) or "",
            _tags(finding),
        )


def _tags(finding: "ReportedFinding") -> tuple[str, ...]:
    tags: tuple[str, ...] = ("known-exploited",) if finding["known_exploited"] else ()
    if finding["restart"] is not None:
        tags += (f"restart-{finding['restart']}",)
    if finding["rule"] == "A0":
        tags += ("priority-unknown",)
    if finding["status"] != "affected":
        tags += ("undecidable",)
    return tags if not finding["assumptions"] else (*tags, *finding["assumptions"])
