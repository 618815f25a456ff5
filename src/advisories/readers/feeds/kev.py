"""CISA's catalogue of known exploited vulnerabilities, JSON and CSV: since when a CVE is listed.

What is read: ``cveID`` and ``dateAdded``. Source: the catalogue's own schema.
"""

import csv
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from advisories.models.advisories import Enrichment
from advisories.models.reading import Extent, Rejection, Skip
from advisories.readers.feeds.advisory_ids import cve_ids
from advisories.readers.lines import BLANKS, CUT
from advisories.sources.dates import date_of
from advisories.sources.documents import Document
from advisories.sources.json import Malformed, json_type, looks_like_json, text_in, value_of
from advisories.sources.limits import Limits

__all__ = ["SOURCE", "read", "sniff"]

#: The source of its enrichments.
SOURCE: Final = "cisa-kev"
# So many lines of CSV are read at once. Where any of them is damaged, they are read one by one.
_AT_ONCE: Final = 100


def sniff(head: bytes, name: str) -> bool:
    """``catalogVersion`` and ``vulnerabilities``, or the CSV's columns."""
    if looks_like_json(head):
        return b'"catalogVersion"' in head and b'"vulnerabilities"' in head
    first = head.removeprefix(b"\xef\xbb\xbf").split(b"\n")[0].replace(b'"', b"")
    return first.startswith(b"cveID,") and b"dateAdded" in first


def read(document: Document, limits: Limits) -> Iterator[Enrichment | Rejection | Skip]:
    """An enrichment for each entry."""
    rows = _of_json(document) if looks_like_json(document.data[:100]) else _of_csv(document)
    for position, row in rows:
        if isinstance(row, Rejection | Skip):
            yield row
            continue
        id = row.get("cveID") if isinstance(row, dict) else None
        try:
            yield _enrichment(row)
        except Malformed as malformed:
            what = id if isinstance(id, str) and id.isprintable() else "(no id)"
            yield Rejection(document.source, f"{position}: {malformed.path}", what, malformed.why)


def _enrichment(row: Any) -> Enrichment:
    if not isinstance(row, dict):
        raise Malformed("$", f"an object is expected, not {json_type(row)}")
    cves = cve_ids(text_in(row, "cveID", ""))
    if not cves:
        raise Malformed("cveID", "not a CVE")
    text = text_in(row, "dateAdded", "")
    try:
        added: datetime = date_of(text)
    except ValueError:
        raise Malformed("dateAdded", f"not a date: {text[:40]!a}") from None
    return Enrichment(cves[0], SOURCE, known_exploited=added, modified=added)


def _of_json(document: Document) -> Iterator[tuple[str, Any]]:
    value = value_of(document)
    if isinstance(value, Rejection):
        yield "", value
        return
    try:
        if not isinstance(value.content, dict):
            raise Malformed("$", f"an object is expected, not {json_type(value.content)}")
        if isinstance(value.content.get("properties"), dict):
            yield "", Skip(document.source, "-", document.name, "the schema of the catalogue")
            return
        if not isinstance(entries := value.content.get("vulnerabilities"), list):
            raise Malformed("vulnerabilities", f"an array is expected, not {json_type(entries)}")
    except Malformed as malformed:
        yield "", Rejection(document.source, malformed.path, document.name, malformed.why)
        return
    for number, entry in enumerate(entries):
        yield f"vulnerabilities[{number}]", entry
    stated = value.content.get("count")
    if isinstance(stated, int) and not isinstance(stated, bool) and len(entries) < stated:
        why = f"{len(entries)} entries, and there are {stated}"
        yield "", Rejection(document.source, "count", document.name, why)


def _of_csv(document: Document) -> Iterator[tuple[str, Any]]:
    """A row for each line. No field goes over lines: a stray quote takes nothing but its own line along."""
    columns: list[str] | None = None
    is_twice = False
    lines = document.data.decode("utf-8-sig", "replace").split("\n")
    for number, (text, row) in enumerate(zip(lines, _rows(lines), strict=True), 1):
        if not text[:1].strip(BLANKS) and not text.strip(BLANKS):
            continue
        place = f"line {number}"
        if isinstance(row, str):
            yield place, Rejection(document.source, place, document.name, f"not CSV: {row}")
        elif columns is None:
            columns = row
            is_twice = len(set(columns)) != len(columns)
        elif is_twice:
            yield place, Rejection(document.source, place, ascii(row[0][:40]), "the list has a column twice")
        elif len(row) != len(columns):
            why = f"{len(row)} fields, and there are {len(columns)} columns"
            yield place, Rejection(document.source, place, ascii(row[0][:40]), why)
        else:
            yield place, dict(zip(columns, row, strict=True))
    if lines[-1].strip(BLANKS):
        yield "", Rejection(document.source, f"line {len(lines)}", document.name, CUT, Extent.PART)


def _rows(lines: list[str]) -> Iterator[list[str] | str]:
    """The fields of each line, or why it is no CSV."""
    for start in range(0, len(lines), _AT_ONCE):
        some = lines[start : start + _AT_ONCE]
        try:
            rows = list(csv.reader(some, strict=True))
        except csv.Error:
            rows = []
        # No line makes more than one row, so of as many rows none goes over lines.
        yield from rows if len(rows) == len(some) else map(_row, some)


def _row(line: str) -> list[str] | str:
    try:
        return next(csv.reader([line.removesuffix("\r")], strict=True), [])
    except csv.Error as error:
        return str(error)
