"""FIRST's EPSS scores, the daily CSV: the probability that a CVE is exploited in the next 30 days.

The first line is a comment with the model's version and the date of the scores. The second names the columns ``cve``,
``epss`` and ``percentile``. The percentile is not read. Source: FIRST, *EPSS data*.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from advisories.models.advisories import Enrichment
from advisories.models.reading import Extent, Rejection
from advisories.readers.lines import BLANKS, is_whole, lines_of
from advisories.sources.dates import date_of
from advisories.sources.documents import Document
from advisories.sources.limits import Limits

__all__ = ["SOURCE", "read", "sniff"]

#: The source of its enrichments.
SOURCE: Final = "first-epss"

_COLUMNS: Final = re.compile(rb"^cve,epss\b", re.MULTILINE)
_HEADING: Final = re.compile("cve,epss(?:,[a-z_]+)*")
_DATE: Final = re.compile(r"score_date:([^,\s]+)")
_CVE: Final = re.compile(r"CVE-[0-9]{4}-[0-9]{4,}", re.ASCII)
_SCORE: Final = re.compile(r"[0-9]+(?:\.[0-9]+)?(?:[eE]-?[0-9]+)?", re.ASCII)


def sniff(head: bytes, name: str) -> bool:
    """The line of columns, first or below the comment."""
    return _COLUMNS.search(head[:1000]) is not None


def read(document: Document, limits: Limits) -> Iterator[Enrichment | Rejection]:
    """An enrichment for each line."""
    date: datetime | None = None
    fields = 0
    for number, line in enumerate(lines_of(document.data.decode("utf-8-sig", "replace")), 1):
        cve, _, rest = line.partition(",")
        is_cve = _CVE.fullmatch(cve) is not None
        # Nearly all lines are of a CVE: those are not asked what else they may be.
        if not is_cve:
            if not line.strip(BLANKS):
                continue
            if _HEADING.fullmatch(line):
                fields = line.count(",")
                continue
            if line.startswith("#") and is_whole(line):
                try:
                    date = _date(line)
                except ValueError:
                    yield Rejection(document.source, f"line {number}", "score_date", "not a date", Extent.PART)
                continue
        score = rest.partition(",")[0]
        if fields and line.count(",") != fields:
            yield Rejection(document.source, f"line {number}", ascii(line[:40]), f"not {fields + 1} fields")
        elif not is_cve:
            yield Rejection(document.source, f"line {number}", ascii(line[:40]), "not a CVE and its score")
        elif not _SCORE.fullmatch(score) or not 0 <= float(score) <= 1:
            yield Rejection(document.source, f"line {number}", cve, f"not a probability: {score[:40]!a}")
        else:
            yield Enrichment(cve, SOURCE, epss=float(score), modified=date)


def _date(comment: str) -> datetime | None:
    match = _DATE.search(comment)
    return date_of(match[1]) if match else None
