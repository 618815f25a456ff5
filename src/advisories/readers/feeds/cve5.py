"""CVE records, format 5: CVSS vectors of the authority that assigned a CVE and of those who add to it.

What is read: the ``metrics`` of the containers ``cna`` and ``adp``. CISA's ``kev`` is one of them and has the date
since when the CVE is listed as exploited. Rejected CVEs are skipped. Source: CVE record format 5.1, its JSON schema.
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
SOURCE: Final = "cve.org"

_VECTORS: Final = ("cvssV4_0", "cvssV3_1", "cvssV3_0", "cvssV2_0")
_OTHER: Final = "other"


def sniff(head: bytes, name: str) -> bool:
    """``dataType`` of a CVE record."""
    return looks_like_json(head) and b'"CVE_RECORD"' in head


def read(document: Document, limits: Limits) -> Iterator[Enrichment | Rejection | Skip]:
    """An enrichment for each record."""
    for value in values(document):
        if isinstance(value, Rejection):
            yield value
            continue
        id = "(no id)"
        try:
            if not isinstance(value.content, dict):
                raise Malformed("$", f"an object is expected, not {json_type(value.content)}")
            metadata = object_in(value.content, "cveMetadata", "")
            id = text_in(metadata, "cveId", "cveMetadata.")
            yield from _enrichment(value.content, metadata, Place(document.source, value.position, id))
        except Malformed as malformed:
            place = Place(document.source, value.position, id)
            yield Rejection(place.source, place.at(malformed.path), id, malformed.why)


def _enrichment(
    record: dict[str, Any], metadata: dict[str, Any], place: Place
) -> Iterator[Enrichment | Rejection | Skip]:
    cves = cve_ids(place.id)
    if not cves:
        raise Malformed("cveMetadata.cveId", "not a CVE")
    if metadata.get("state") == "REJECTED":
        yield Skip(place.source, place.position or "-", place.id, "a rejected CVE")
        return
    severities: list[Severity] = []
    listed: list[datetime] = []
    remarks = Remarks(place)
    for path, metric in _metrics(record, remarks):
        try:
            for date, vectors in _of_metric(metric, path, remarks):
                listed += date
                severities += vectors
        except Malformed as malformed:
            remarks.malformed(malformed)
    updated: datetime | None = None
    try:
        updated = _date(metadata, "dateUpdated", "cveMetadata.") if "dateUpdated" in metadata else None
    except Malformed as malformed:
        remarks.malformed(malformed)
    yield Enrichment(cves[0], SOURCE, min(listed, default=None), None, tuple(severities), updated)
    yield from remarks.found


def _metrics(record: dict[str, Any], remarks: Remarks) -> Iterator[tuple[str, Any]]:
    """The metrics and their paths. Raises :class:`Malformed` where the container is missing that every record has."""
    containers = object_in(record, "containers", "")
    named = [("containers.cna", containers.get("cna"))]
    if not isinstance(named[0][1], dict):
        raise Malformed("containers.cna", f"an object is expected, not {json_type(named[0][1])}")
    for why in unread_members(containers, ("cna", "adp")):
        remarks.refuse("containers", why)
    try:
        added = list_in(containers, "adp", "containers.")
        named += [(f"containers.adp[{number}]", one) for number, one in enumerate(added)]
    except Malformed as malformed:
        remarks.malformed(malformed)
    for path, container in named:
        try:
            if not isinstance(container, dict):
                raise Malformed(path, f"an object is expected, not {json_type(container)}")
            for why in unread_members(container, ("metrics",)):
                remarks.refuse(path, why)
            for number, metric in enumerate(list_in(container, "metrics", f"{path}.")):
                yield f"{path}.metrics[{number}]", metric
        except Malformed as malformed:
            remarks.malformed(malformed)


def _of_metric(metric: Any, path: str, remarks: Remarks) -> Iterator[tuple[list[datetime], list[Severity]]]:
    """Since when a metric lists a CVE as exploited, and its vectors, one after the other."""
    if not isinstance(metric, dict):
        raise Malformed(path, f"an object is expected, not {json_type(metric)}")
    unread = unread_members(metric, (*_VECTORS, _OTHER), "cvss")
    for why in unread:
        remarks.refuse(path, why)
    found = [name for name in _VECTORS if name in metric]
    if not found and not unread and _OTHER not in metric:
        raise Malformed(path, "neither a vector nor anything else")
    for name in found:
        yield [], list(severity_of(metric[name], SOURCE, f"{path}.{name}"))
    if _OTHER not in metric:
        return
    other = metric[_OTHER]
    if not isinstance(other, dict):
        raise Malformed(f"{path}.{_OTHER}", f"an object is expected, not {json_type(other)}")
    type = text_in(other, "type", f"{path}.{_OTHER}.").strip().lower()
    content = object_in(other, "content", f"{path}.{_OTHER}.")
    if type == "kev":
        yield [_date(content, "dateAdded", f"{path}.{_OTHER}.content.")], []
    elif "dateAdded" in content:
        remarks.refuse(f"{path}.{_OTHER}.type", f"a listing of a kind that is not known: {type[:SHOWN]!a}")


def _date(record: dict[str, Any], name: str, path: str) -> datetime:
    text = text_in(record, name, path)
    try:
        return date_of(text)
    except ValueError:
        raise Malformed(f"{path}{name}", f"not a date: {text[:40]!a}") from None
