"""Debian's security tracker as JSON: source packages, their vulnerabilities, and the status in each release.

Every vulnerability is one advisory, ``DEBIAN-CVE-...`` as in OSV, with an entry for each source package and release.
What becomes of a status:

- ``resolved`` with a version: fixed in it; ``0`` means that it was never affected.
- ``open``: not fixed; with ``nodsa`` what :data:`NO_DSA` says of its reason; the end of life where the urgency says so.
- ``undetermined``: under investigation, and affected as far as anybody knows.

Source: the tracker's documentation, *security-tracker/doc*, and its export ``tracker/data/json``.
"""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from advisories.distributions import FAMILIES, normalised
from advisories.feeds.databases import cve_ids
from advisories.feeds.documents import Document
from advisories.feeds.json_text import Malformed, json_type, looks_like_json, object_in, text_in, value_of
from advisories.limits import Limits
from advisories.models import (
    Advisory,
    Affected,
    Distribution,
    Extent,
    FixState,
    Kind,
    Names,
    Range,
    Rejection,
    Skip,
)

__all__ = ["NO_DSA", "read", "sniff"]

#: What the reason of "no DSA" says of a fix; without a reason one may come with a point release.
NO_DSA: Final[Mapping[str, FixState]] = MappingProxyType(
    {"": FixState.DEFERRED, "postponed": FixState.DEFERRED, "ignored": FixState.WONT_FIX}
)

# The urgencies that say something, in falling order; the most urgent of all releases is the advisory's rating.
_URGENCIES: Final = ("high", "medium", "low", "unimportant")
_MARK: Final = re.compile(rb'\{\s*"[^"]+"\s*:\s*\{\s*"(?:CVE|TEMP)-[^"]+"\s*:\s*\{')
_ID: Final = re.compile(r"(?:CVE-[0-9]{4}-[0-9]{4,}|TEMP-[0-9A-Fa-f-]+)", re.ASCII)
_OPEN: Final = (Range(),)


def sniff(head: bytes, name: str) -> bool:
    """A package's object with a CVE's in it, and nothing before."""
    return looks_like_json(head) and _MARK.search(head[:2000]) is not None


def read(document: Document, limits: Limits) -> Iterator[Advisory | Rejection | Skip]:
    """The advisories of an export, each once all packages have been looked at."""
    value = value_of(document)
    if isinstance(value, Rejection):
        yield value
        return
    found: dict[str, list[Affected]] = {}
    ratings: dict[str, set[str]] = {}
    for package, issues in value.content.items():
        if not isinstance(issues, dict) or not package or not package.isprintable():
            why = f"an object of vulnerabilities is expected, not {json_type(issues)}"
            yield Rejection(document.source, ascii(package), ascii(package), why)
            continue
        for id, issue in issues.items():
            yield from _issue(document, limits, package, id, issue, found, ratings)
    for id in sorted(found):
        rating = next((word for word in _URGENCIES if word in ratings[id]), None)
        yield Advisory(
            id=f"DEBIAN-{id}",
            kind=Kind.SECURITY,
            cves=cve_ids(id),
            affected=tuple(found[id]),
            database="debian",
            rating=rating,
        )


def _issue(
    document: Document,
    limits: Limits,
    package: str,
    id: str,
    issue: Any,
    found: dict[str, list[Affected]],
    ratings: dict[str, set[str]],
) -> Iterator[Rejection | Skip]:
    """The statuses of one vulnerability in one source package."""

    def refused(path: str, why: str, extent: Extent) -> Rejection:
        return Rejection(document.source, f"{package}.{path}", id if id.isprintable() else ascii(id), why, extent)

    if not _ID.fullmatch(id) or not isinstance(issue, dict):
        yield refused(ascii(id), "not a vulnerability", Extent.RECORD)
        return
    entries, words = found.setdefault(id, []), ratings.setdefault(id, set())
    try:
        releases = object_in(issue, "releases", f"{id}.")
    except Malformed as malformed:
        yield refused(malformed.path, malformed.why, Extent.PART)
        return
    for codename, status in releases.items():
        if codename not in FAMILIES["debian"].codenames:
            yield Skip(document.source, f"{package}.{id}", id, f"release {codename[:20]}: not known")
            continue
        if len(entries) >= limits.affected:
            yield refused(id, f"more entries than the limit of {limits.affected}", Extent.PART)
            return
        try:
            affected, urgency = _status(status, package, normalised("debian", codename), f"{id}.releases.{codename}")
        except Malformed as malformed:
            yield refused(malformed.path, malformed.why, Extent.PART)
            continue
        entries.append(affected)
        words.add(urgency)


def _status(status: Any, package: str, distribution: Distribution, path: str) -> tuple[Affected, str]:
    if not isinstance(status, dict):
        raise Malformed(path, f"an object is expected, not {json_type(status)}")
    word, urgency = text_in(status, "status", f"{path}."), status.get("urgency", "")
    urgency = urgency.rstrip("*") if isinstance(urgency, str) else ""
    ranges: tuple[Range, ...] = _OPEN
    if word == "resolved":
        ranges, state = (Range(None, text_in(status, "fixed_version", f"{path}.")),), FixState.FIXED
    elif word == "undetermined":
        state = FixState.UNDER_INVESTIGATION
    elif word == "open":
        state = FixState.NOT_FIXED
        if "nodsa" in status:
            reason = status.get("nodsa_reason")
            state = NO_DSA.get(reason if isinstance(reason, str) else "", FixState.DEFERRED)
        if urgency == "end-of-life":
            state = FixState.END_OF_LIFE
    else:
        raise Malformed(f"{path}.status", f"an unknown status: {word[:40]!a}")
    return Affected(package, "deb", distribution, Names.SOURCE, ranges, (), state), urgency
