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
from advisories.readers.feeds.cvss_json import severity_of
from advisories.sources.dates import date_of
from advisories.sources.documents import Document
from advisories.sources.json import Malformed, Place, json_type, list_in, looks_like_json, object_in, text_in, values
from advisories.sources.limits import Limits

__all__ = ["SOURCE", "read", "sniff"]

#: The source of its enrichments.
SOURCE: Final = "cve.org"

_VECTORS: Final = ("cvssV4_0", "cvssV3_1", "cvssV3_0", "cvssV2_0")


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
    for path, metric in _metrics(object_in(record, "containers", "")):
        try:
            if not isinstance(metric, dict):
                raise Malformed(path, f"an object is expected, not {json_type(metric)}")
            for name in _VECTORS:
                if name in metric:
                    severities += severity_of(metric[name], SOURCE, f"{path}.{name}")
            other = metric.get("other")
            if isinstance(other, dict) and other.get("type") == "kev":
                listed.append(_date(object_in(other, "content", f"{path}.other."), "dateAdded", f"{path}.other."))
        except Malformed as malformed:
            remarks.malformed(malformed)
    updated = _date(metadata, "dateUpdated", "cveMetadata.") if "dateUpdated" in metadata else None
    yield Enrichment(cves[0], SOURCE, min(listed, default=None), None, tuple(severities), updated)
    yield from remarks.found


def _metrics(containers: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    adp = list_in(containers, "adp", "containers.")
    named = [("containers.cna", containers.get("cna"))]
    named += [(f"containers.adp[{number}]", one) for number, one in enumerate(adp)]
    for path, container in named:
        if isinstance(container, dict):
            for number, metric in enumerate(list_in(container, "metrics", f"{path}.")):
                yield f"{path}.metrics[{number}]", metric


def _date(record: dict[str, Any], name: str, path: str) -> datetime:
    text = text_in(record, name, path)
    try:
        return date_of(text)
    except ValueError:
        raise Malformed(f"{path}{name}", f"not a date: {text[:40]!a}") from None
