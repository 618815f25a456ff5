"""Ubuntu's security advisories (USN) from Canonical's database: ``database-all.json``, or a file an advisory.

An advisory is called ``USN-...``, as in OSV. What is read: ``cves`` (what is no CVE there is a reference),
``timestamp``, ``action``, and for each release the source packages with the versions that fix them: those of
``sources``, and those that the packages of ``allbinaries`` are built from, such as the signed kernels
(``linux-signed``). The pocket of those packages is the channel that carries the fix, unless it is the archive that
everybody has.

Binary packages are no entries of their own. A kernel's packages have its release in their names, so those of the fix
are never the installed ones. Source: the database itself, https://usn.ubuntu.com/usn-db/, which has no schema.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from advisories.models.advisories import Advisory, Affected, FixState, Kind, Range, Reference
from advisories.models.distribution import Distribution, codenames_of, normalised
from advisories.models.json_fields import SHOWN
from advisories.models.reading import Loss, Rejection, Skip
from advisories.models.words import Names
from advisories.readers.collector import Remarks
from advisories.readers.feeds.advisory_ids import cve_ids
from advisories.readers.releases import is_misspelt
from advisories.sources.dates import moment_of
from advisories.sources.documents import Document
from advisories.sources.json import (
    Malformed,
    Place,
    Value,
    json_type,
    list_in,
    looks_like_json,
    members,
    object_in,
    text_in,
    values,
)
from advisories.sources.limits import Limits

__all__ = ["claims", "read", "sniff"]

#: The action of an advisory whose update needs the machine to be started again.
_REBOOT: Final = re.compile(r"\b(?:reboot|restart) (?:your|the) (?:computer|system|machine)\b", re.IGNORECASE)

_NUMBER: Final = r"(?:USN-)?[0-9]{1,6}-[0-9]{1,4}"
_DATABASE: Final = re.compile(rf'(?:\xef\xbb\xbf)?\s*\{{\s*"{_NUMBER}"\s*:'.encode("latin-1"))
_ONE: Final = re.compile(rf'"id"\s*:\s*"{_NUMBER}"'.encode())
_ID: Final = re.compile(rf"{_NUMBER}", re.ASCII)
# An advisory that cannot be read may be about anything of any release.
_LOST: Final = (Loss(None, Distribution("ubuntu", None)),)
# The pockets of the archive that everybody has.
# A source without binaries is taken to be in all pockets of its release. Real advisories have one to three.
_POCKETS: Final = 100
_PACKAGES: Final = frozenset({"sources", "binaries", "allbinaries"})
_PUBLIC: Final = (None, "release", "security", "updates")


def sniff(head: bytes, name: str) -> bool:
    """An object that begins with the number of an advisory, or one advisory: its number and ``isummary``."""
    if _DATABASE.match(head):
        return True
    return looks_like_json(head) and b'"isummary"' in head and _ONE.search(head) is not None


def claims(head: bytes, name: str) -> bool:
    """JSON with members that no other format has."""
    return looks_like_json(head) and (b'"isummary"' in head or b'"allbinaries"' in head)


def read(document: Document, limits: Limits) -> Iterator[Advisory | Rejection | Skip]:
    """The advisories of a document, one decoded after the other."""
    for value in members(document) if _DATABASE.match(document.data) else values(document):
        if isinstance(value, Rejection):
            yield value
            continue
        try:
            yield from _advisory(document, limits, value)
        except Malformed as malformed:
            place = Place(document.source, value.position, value.position or document.name)
            yield Rejection(document.source, place.at(malformed.path), place.id, malformed.why, losses=_LOST)


def _advisory(document: Document, limits: Limits, value: Value) -> Iterator[Advisory | Rejection | Skip]:
    record = value.content
    if not isinstance(record, dict):
        raise Malformed("$", f"an object is expected, not {json_type(record)}")
    number = text_in(record, "id", "") if "id" in record else value.position
    if not _ID.fullmatch(number):
        raise Malformed("id", f"not the number of an advisory: {number[:SHOWN]!a}")
    place = Place(document.source, value.position, f"USN-{number.removeprefix('USN-')}")
    if record.get("releases") is None:
        raise Malformed("releases", "an advisory without releases")
    named = list_in(record, "cves", "")
    action = record.get("action")
    remarks = Remarks(place)
    published = _published(record, remarks)
    yield Advisory(
        id=place.id,
        kind=Kind.SECURITY,
        cves=cve_ids(named),
        affected=tuple(_affected(object_in(record, "releases", ""), limits, remarks)),
        database="ubuntu",
        published=published,
        modified=published,
        references=tuple(_references(named, remarks)),
        reboot_suggested=isinstance(action, str) and _REBOOT.search(" ".join(action.split())) is not None,
    )
    yield from remarks.found


def _published(record: dict[str, Any], remarks: Remarks) -> datetime | None:
    seconds = record.get("timestamp")
    if seconds is None:
        return None
    try:
        if isinstance(seconds, bool) or not isinstance(seconds, int | float):
            raise ValueError
        return moment_of(seconds)
    except (ValueError, OverflowError):
        remarks.refuse("timestamp", "not the seconds of a date")
        return None


def _references(named: list[Any], remarks: Remarks) -> Iterator[Reference]:
    for index, one in enumerate(named):
        if isinstance(one, str) and one.startswith(("https://", "http://")) and one.isprintable():
            yield Reference("REPORT", one)
        elif not cve_ids(one):
            remarks.refuse(f"cves[{index}]", f"neither a CVE nor an address: {str(one)[:SHOWN]!a}")


def _affected(releases: dict[str, Any], limits: Limits, remarks: Remarks) -> Iterator[Affected]:
    count = 0
    for codename, content in releases.items():
        path = f"releases.{_shown(codename)}"
        if codename not in codenames_of("ubuntu"):
            if is_misspelt("ubuntu", codename):
                remarks.refuse(path, f"not a release: {codename[:SHOWN]!a}", losses=_LOST)
            else:
                remarks.skip(path, f"release {_shown(codename)[:20]}: not known")
            continue
        distribution = normalised("ubuntu", codename)
        release = _Release(path, distribution, remarks)
        for package, version, channel in release.fixes(content):
            count += 1
            if count > limits.affected:
                remarks.refuse(path, f"more entries than the limit of {limits.affected}", losses=_LOST)
                return
            ranges = (Range(None, version),)
            yield Affected(package, "deb", distribution, Names.SOURCE, ranges, (), FixState.FIXED, channel=channel)


class _Release:
    """What an advisory has of one release."""

    def __init__(self, path: str, distribution: Distribution, remarks: Remarks) -> None:
        self._path = path
        self._distribution = distribution
        self._remarks = remarks

    def fixes(self, content: Any) -> Iterator[tuple[str, str, str | None]]:
        """Source packages, the versions that fix them, and the channels that have these."""
        whole = (Loss(None, self._distribution),)
        if isinstance(content, dict) and content and not content.keys() & _PACKAGES:
            self._remarks.refuse(self._path, "a release without packages", losses=whole)
            return
        versions = {name: version for name, version, _ in self._packages(content, "sources")}
        built: dict[str, set[str]] = {}
        channels: dict[str | None, set[str | None]] = {None: set()}
        binaries: dict[str, None] = {}
        for name, version, entry in (*self._packages(content, "allbinaries"), *self._packages(content, "binaries")):
            binaries[name] = None
            pocket, source = entry.get("pocket"), entry.get("source")
            channel = None if pocket in _PUBLIC else pocket
            channels[None].add(channel)
            if source is not None:
                channels.setdefault(source, set()).add(channel)
                built.setdefault(source, set()).add(version)
        if len(channels[None]) > _POCKETS:
            self._remarks.refuse(self._path, f"more pockets than {_POCKETS}", losses=whole)
            return
        # A binary package may have a version of its own. Where all of a source have one version, it is the source's.
        versions = {source: min(found) for source, found in built.items() if len(found) == 1} | versions
        if not versions:
            lost = tuple([Loss(name, self._distribution) for name in binaries])
            self._remarks.skip(self._path, "a release without a source package", lost)
        for name, version in versions.items():
            for channel in sorted(channels.get(name) or channels[None] or {None}, key=str):
                yield name, version, channel

    def _packages(self, content: Any, what: str) -> Iterator[tuple[str, str, dict[str, str]]]:
        """The packages that a member lists, their versions, and the texts that it has of them."""
        try:
            if not isinstance(content, dict):
                raise Malformed(self._path, f"an object is expected, not {json_type(content)}")
            entries = object_in(content, what, f"{self._path}.")
        except Malformed as malformed:
            self._remarks.malformed(malformed, (Loss(None, self._distribution),))
            return
        for name, entry in entries.items():
            path = f"{self._path}.{what}.{_shown(name)}"
            try:
                if not isinstance(entry, dict):
                    raise Malformed(path, f"an object is expected, not {json_type(entry)}")
                texts = {
                    one: text_in(entry, one, f"{path}.")
                    for one in ("pocket", "source")
                    if entry.get(one) not in (None, "")
                }
                yield text_in({"": name}, "", path), text_in(entry, "version", f"{path}."), texts
            except Malformed as malformed:
                self._remarks.malformed(malformed, (Loss(name if name.isprintable() else None, self._distribution),))


def _shown(name: str) -> str:
    return name if name.isprintable() else ascii(name)
