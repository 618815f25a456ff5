"""NVD's CVE records, API and feeds of version 2.0: CVSS vectors, and CISA's listing as exploited.

A vector's source is ``nvd`` where NVD made it, ``cna`` where it repeats another's. Rejected CVEs are skipped.
Source: NVD, *CVE API 2.0*, its JSON schema.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from advisories.models.advisories import Enrichment, Severity
from advisories.models.reading import Rejection, Skip
from advisories.readers.collector import Remarks
from advisories.readers.feeds.advisory_ids import cve_ids
from advisories.readers.feeds.cvss_json import severity_of, unread_members
from advisories.sources.dates import date_of
from advisories.sources.documents import Document
from advisories.sources.json import (
    SHOWN,
    Malformed,
    Place,
    Value,
    json_type,
    list_in,
    looks_like_json,
    object_in,
    text_in,
    values,
)
from advisories.sources.limits import Limits

__all__ = ["SOURCE", "read", "sniff"]

#: The source of its enrichments.
SOURCE: Final = "nvd"

_OWN: Final = "nvd@nist.gov"
_LISTED: Final = "cisaExploitAdd"
_METRICS: Final = ("cvssMetricV40", "cvssMetricV31", "cvssMetricV30", "cvssMetricV2")


def sniff(head: bytes, name: str) -> bool:
    """The format's name, or one record's own members."""
    if not looks_like_json(head):
        return False
    return b'"NVD_CVE"' in head or (b'"sourceIdentifier"' in head and b'"vulnStatus"' in head)


def read(document: Document, limits: Limits) -> Iterator[Enrichment | Rejection | Skip]:
    """An enrichment for each CVE."""
    for value in values(document):
        if isinstance(value, Rejection):
            yield value
            continue
        yield from _missing(value, document)
        for path, record in _records(value.content):
            id = record.get("id") if isinstance(record, dict) else None
            what = id if isinstance(id, str) and id.isprintable() else "(no id)"
            place = Place(document.source, ": ".join(filter(None, (value.position, path))), what)
            try:
                yield from _enrichment(record, place)
            except Malformed as malformed:
                yield Rejection(place.source, place.at(malformed.path), what, malformed.why)


def _records(content: Any) -> Iterator[tuple[str, Any]]:
    """The records of an answer and their paths in it, or the one there is."""
    entries = content.get("vulnerabilities") if isinstance(content, dict) else None
    if not isinstance(entries, list):
        yield "", content.get("cve", content) if isinstance(content, dict) else content
        return
    for number, entry in enumerate(entries):
        yield f"vulnerabilities[{number}].cve", entry.get("cve") if isinstance(entry, dict) else entry


def _missing(value: Value, document: Document) -> Iterator[Rejection]:
    """An answer states how many records it has, and a whole feed that of all."""
    content = value.content
    entries = content.get("vulnerabilities") if isinstance(content, dict) else None
    stated = content.get("resultsPerPage") if isinstance(entries, list) else None
    if isinstance(stated, int) and not isinstance(stated, bool) and len(entries or ()) < stated:
        path = f"{value.position}: resultsPerPage" if value.position else "resultsPerPage"
        yield Rejection(document.source, path, document.name, f"{len(entries or ())} records, and there are {stated}")


def _enrichment(record: Any, place: Place) -> Iterator[Enrichment | Rejection | Skip]:
    if not isinstance(record, dict):
        raise Malformed("$", f"an object is expected, not {json_type(record)}")
    cves = cve_ids(text_in(record, "id", ""))
    if not cves:
        raise Malformed("id", "not a CVE")
    if record.get("vulnStatus") == "Rejected":
        yield Skip(place.source, place.position or "-", place.id, "a rejected CVE")
        return
    severities: list[Severity] = []
    remarks = Remarks(place)
    for why in unread_members(record, ("metrics", _LISTED)):
        remarks.refuse("$", why)
    for path, metric in _metrics(record, remarks):
        try:
            if not isinstance(metric, dict):
                raise Malformed(path, f"an object is expected, not {json_type(metric)}")
            source = SOURCE if metric.get("source") == _OWN else "cna"
            severities += severity_of(metric.get("cvssData"), source, f"{path}.cvssData")
        except Malformed as malformed:
            remarks.malformed(malformed)
    listed, modified = _date(record, _LISTED, remarks), _date(record, "lastModified", remarks)
    yield Enrichment(cves[0], SOURCE, listed, None, tuple(severities), modified)
    yield from remarks.found


def _metrics(record: dict[str, Any], remarks: Remarks) -> Iterator[tuple[str, Any]]:
    """The metrics and their paths."""
    try:
        metrics = object_in(record, "metrics", "")
    except Malformed as malformed:
        remarks.malformed(malformed)
        return
    for why in unread_members(metrics, _METRICS, "cvss"):
        remarks.refuse("metrics", why)
    for name in _METRICS:
        try:
            for number, metric in enumerate(list_in(metrics, name, "metrics.")):
                yield f"metrics.{name}[{number}]", metric
        except Malformed as malformed:
            remarks.malformed(malformed)


def _date(record: dict[str, Any], name: str, remarks: Remarks) -> datetime | None:
    """A date. One that cannot be read leaves the rest of the record as it is."""
    text = record.get(name)
    if text is None:
        return None
    try:
        return date_of(text_in(record, name, ""))
    except ValueError:
        remarks.refuse(name, f"not a date: {text[:SHOWN]!a}")
    except Malformed as malformed:
        remarks.malformed(malformed)
    return None
