"""Debian's security tracker as JSON: source packages, their vulnerabilities, and the status in each release.

Every vulnerability is one advisory, ``DEBIAN-CVE-...`` as in OSV, with an entry for each source package and release.
How each status is read:

- ``resolved`` with a version: fixed in it. ``0`` means that it was never affected.
- ``open``: not fixed. With ``nodsa`` its reason gives the fix state. The urgency ``end-of-life`` comes before both.
- ``undetermined``: under investigation, and affected as far as anybody knows.

Fix states: :attr:`advisories.distros.fix_states.Vocabulary.DEBIAN_TRACKER`.

Source: the tracker's documentation, *security-tracker/doc*, and its export ``tracker/data/json``.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from typing import Any, Final

from advisories.distros.fix_states import Vocabulary, fix_states
from advisories.models.advisories import Advisory, Affected, Kind, Range
from advisories.models.distribution import Distribution, codenames_of, normalised
from advisories.models.reading import Extent, Loss, Rejection, Skip
from advisories.models.words import Names
from advisories.readers.feeds.advisory_ids import cve_ids
from advisories.readers.releases import is_misspelt
from advisories.sources.documents import Document
from advisories.sources.json import SHOWN, Malformed, json_type, looks_like_json, object_in, text_in, value_of
from advisories.sources.limits import Limits
from vercmp import InvalidVersion, dpkg

__all__ = ["claims", "read", "sniff"]

# Urgencies, the highest first. The highest of all releases is the advisory's rating.
_URGENCIES: Final = ("high", "medium", "low", "unimportant")
_MARK: Final = re.compile(rb'\{\s*"[^"]+"\s*:\s*\{\s*"(?:CVE|TEMP)-[^"]+"\s*:\s*\{')
_STATUS: Final = re.compile(rb'"repositories"\s*:\s*\{')
_ID: Final = re.compile(r"(?:CVE-[0-9]{4}-[0-9]{4,}|TEMP-[0-9A-Fa-f-]+)", re.ASCII)
_OPEN: Final = (Range(),)
_ANY_RELEASE: Final = Distribution("debian", None)


def sniff(head: bytes, name: str) -> bool:
    """A package's object with a CVE's in it, and nothing before."""
    return looks_like_json(head) and _MARK.search(head[:2000]) is not None


def claims(head: bytes, name: str) -> bool:
    """JSON with statuses of releases, and their urgencies."""
    return looks_like_json(head) and _STATUS.search(head) is not None and b'"urgency"' in head


def read(document: Document, limits: Limits) -> Iterator[Advisory | Rejection | Skip]:
    """The advisories of an export. They come after all packages were read."""
    value = value_of(document)
    if isinstance(value, Rejection):
        yield value
        return
    if not isinstance(value.content, dict):
        why = f"an object of packages is expected, not {json_type(value.content)}"
        yield Rejection(document.source, "-", document.name, why)
        return
    if _is_of_echo(value.content):
        yield Skip(document.source, "-", document.name, "vulnerabilities of no release, as Echo writes them")
        return
    found: dict[str, list[Affected]] = {}
    ratings: dict[str, set[str]] = {}
    for package, issues in value.content.items():
        if not isinstance(issues, dict) or not package or not package.isprintable():
            why = f"an object of vulnerabilities is expected, not {json_type(issues)}"
            lost = (Loss(package if package and package.isprintable() else None, _ANY_RELEASE),)
            yield Rejection(document.source, ascii(package), ascii(package), why, losses=lost)
            continue
        for id, issue in issues.items():
            yield from _issue(document, limits, package, id, issue, found, ratings)
    if value.content and not found:
        lost = (Loss(None, _ANY_RELEASE),)
        yield Rejection(document.source, "-", document.name, "no package with vulnerabilities", losses=lost)
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


def _is_of_echo(packages: dict[str, Any]) -> bool:
    """Whether a document is another publisher's: its vulnerabilities have no releases, and at most a fixed version."""
    issues = [
        issue for of_package in packages.values() if isinstance(of_package, dict) for issue in of_package.values()
    ]
    return bool(issues) and all(isinstance(issue, dict) and issue.keys() <= _OF_ECHO for issue in issues)


_OF_ECHO: Final = frozenset({"fixed_version", "severity"})


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

    def refused(path: str, why: str, extent: Extent, release: Distribution = _ANY_RELEASE) -> Rejection:
        what, lost = id if id.isprintable() else ascii(id), (Loss(package, release),)
        return Rejection(document.source, f"{package}.{path}", what, why, extent, lost)

    if not _ID.fullmatch(id) or not isinstance(issue, dict):
        yield refused(ascii(id), "not a vulnerability", Extent.RECORD)
        return
    entries, words = found.setdefault(id, []), ratings.setdefault(id, set())
    try:
        if issue.get("releases") in (None, {}):
            raise Malformed(f"{id}.releases", "a vulnerability without releases")
        releases = object_in(issue, "releases", f"{id}.")
    except Malformed as malformed:
        yield refused(malformed.path, malformed.why, Extent.PART)
        return
    for codename, status in releases.items():
        if is_misspelt("debian", codename) and codename not in codenames_of("debian"):
            yield refused(id, f"not a release: {codename[:SHOWN]!a}", Extent.PART)
            continue
        if codename not in codenames_of("debian"):
            yield Skip(document.source, f"{package}.{id}", id, f"release {codename[:20]}: not known")
            continue
        if len(entries) >= limits.affected:
            yield refused(id, f"more entries than the limit of {limits.affected}", Extent.PART)
            return
        release = normalised("debian", codename)
        try:
            affected, urgency = _status(status, package, release, f"{id}.releases.{codename}")
        except Malformed as malformed:
            yield refused(malformed.path, malformed.why, Extent.PART, release)
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
        ranges = (Range(None, text_in(status, "fixed_version", f"{path}.")),)
    elif word == "open":
        word = _of_open(status, urgency)
    elif word != "undetermined":
        raise Malformed(f"{path}.status", f"an unknown status: {word[:40]!a}")
    state = fix_states(Vocabulary.DEBIAN_TRACKER)[word]
    archived = _in_archive(status.get("repositories"))
    return Affected(package, "deb", distribution, Names.SOURCE, ranges, (), state, in_archive=archived), urgency


def _in_archive(repositories: Any) -> str | None:
    """The highest version in the release's archives. None where it is not shown, or is no version."""
    if not isinstance(repositories, dict):
        return None
    return _highest(tuple([version for version in repositories.values() if isinstance(version, str)]))


# All issues of a package show the same versions.
@lru_cache(maxsize=1024)
def _highest(versions: tuple[str, ...]) -> str | None:
    keys = {}
    for version in versions:
        with suppress(InvalidVersion):
            keys[version] = dpkg.sort_key(version)
    return max(keys, key=keys.__getitem__, default=None)


def _of_open(status: dict[str, Any], urgency: str) -> str:
    """The most exact word for why there is no fix."""
    if urgency == "end-of-life":
        return urgency
    reason = status.get("nodsa_reason")
    if "nodsa" in status:
        return reason if reason in ("ignored", "postponed") else "no-dsa"
    return "open"
