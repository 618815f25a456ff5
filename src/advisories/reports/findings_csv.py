"""The findings as comma-separated values: a header, what the report leaves open, suppressed findings, and findings.

``kind`` of a row is ``coverage``, ``suppressed`` or ``finding``. A row of ``coverage`` has its level as ``status``,
its word as ``instance``, its sentence as ``cause``, and the instances that it is about as ``locations``. Lists have
blanks between. No cell is a formula to a spreadsheet: one that would be begins with an apostrophe.
"""

from collections.abc import Iterator
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from advisories.reports.caveats import caveats
from advisories.reports.cells import Cells
from advisories.reports.statement_text import statement_text

if TYPE_CHECKING:
    from advisories.reports.document import Document, ReportedFinding

__all__ = ["render"]

#: The members of a finding that are cells as they are, in this order after ``kind``.
_TEXTS: Final = (
    "priority",
    "package",
    "version",
    "fixed_version",
    "vulnerability",
    "status",
    "fix_state",
    "channel",
    "presence",
    "restart",
    "rule",
    "basis",
    "arch",
    "source",
    "source_version",
    "purl",
    "fix_command",
    "cause",
    "published",
    "modified",
    "instance",
)
_LISTS: Final = ("advisories", "aliases", "assumptions", "locations")
_FLAGS: Final = ("pending_restart", "restart_required", "known_exploited")
_NUMBERS: Final = ("score", "epss")
_TEXTS_OF, _LISTS_OF, _FLAGS_OF, _NUMBERS_OF = [itemgetter(*names) for names in (_TEXTS, _LISTS, _FLAGS, _NUMBERS)]
_COLUMNS: Final = ("kind", "target", "digest", *_TEXTS, *_LISTS, *_FLAGS, *_NUMBERS, "statements")


def render(document: "Document") -> Iterator[str]:
    """The lines of the report."""
    cells = Cells()
    yield ",".join(_COLUMNS)
    target = document.content["target"]
    host = f"{cells[target['name']]},{cells[target['digest']]}"
    for one in caveats(document.content):
        row = dict.fromkeys(_COLUMNS[3:], "") | {"status": one.level.value, "instance": cells[one.id]}
        row |= {"cause": cells[one.text], "locations": cells[" ".join(one.instances)]}
        yield ",".join(["coverage", host, *row.values()])
    for entry in document.content["suppressed"]:
        statements = " | ".join(map(statement_text, entry["statements"]))
        yield f"suppressed,{host},{_row(entry['finding'], cells)},{cells[statements]}"
    for finding in document.findings:
        yield f"finding,{host},{_row(finding, cells)},"


def _row(finding: "ReportedFinding", cells: Cells) -> str:
    texts = [*_TEXTS_OF(finding), *map(" ".join, _LISTS_OF(finding))]
    flags = ["yes" if flag else "no" for flag in _FLAGS_OF(finding)]
    numbers = ["" if number is None else str(number) for number in _NUMBERS_OF(finding)]
    return ",".join([*map(cells.__getitem__, texts), *flags, *numbers])
