"""Ubuntu's security notices as Canonical's database has them: ``database-all.json``, or a file a notice.

A notice is an advisory ``USN-...``, as in OSV. What is read: ``cves`` (what is no CVE there is a reference),
``timestamp``, ``action``, and of each release the source packages with the versions that fix them: those of
``sources``, and those that ``allbinaries`` says its packages are built from, such as the signed kernels
(``linux-signed``). The pocket of those packages is the channel that carries the fix, where it is not the archive that
everybody has.

Binary packages are no entries of their own: the names of a kernel's have its release in them, so those of the fix are
never the installed ones. Source: the database itself, https://usn.ubuntu.com/usn-db/; it has no schema.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

from advisories.models import Advisory, Affected, Extent, FixState, Kind, Names, Range, Reference, Rejection, Skip
from advisories.models.distribution import codenames_of, normalised
from advisories.readers.feeds.advisory_ids import cve_ids
from advisories.sources.documents import Document
from advisories.sources.json import (
    SHOWN,
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

__all__ = ["REBOOT", "read", "sniff"]

#: What the action of a notice says where the update needs the machine to be started again.
REBOOT: Final = re.compile(r"\b(?:reboot|restart) (?:your|the) (?:computer|system|machine)\b", re.IGNORECASE)

_NUMBER: Final = r"(?:USN-)?[0-9]{1,6}-[0-9]{1,4}"
_DATABASE: Final = re.compile(rf'(?:\xef\xbb\xbf)?\s*\{{\s*"{_NUMBER}"\s*:\s*\{{'.encode("latin-1"))
_NOTICE: Final = re.compile(rf'"id"\s*:\s*"{_NUMBER}"'.encode())
_ID: Final = re.compile(rf"{_NUMBER}", re.ASCII)
# What everybody's archive calls its parts.
_PUBLIC: Final = (None, "release", "security", "updates")

_Remark = Rejection | Skip


def sniff(head: bytes, name: str) -> bool:
    """An object that begins with a notice's number, or a notice: its number and ``isummary``."""
    if _DATABASE.match(head):
        return True
    return looks_like_json(head) and b'"isummary"' in head and _NOTICE.search(head) is not None


def read(document: Document, limits: Limits) -> Iterator[Advisory | Rejection | Skip]:
    """The notices of a document, one decoded after the other."""
    for value in members(document) if _DATABASE.match(document.data) else values(document):
        if isinstance(value, Rejection):
            yield value
            continue
        try:
            yield from _notice(document, limits, value)
        except Malformed as malformed:
            place = Place(document.source, value.position, value.position or document.name)
            yield Rejection(document.source, place.at(malformed.path), place.id, malformed.why)


def _notice(document: Document, limits: Limits, value: Value) -> Iterator[Advisory | Rejection | Skip]:
    record = value.content
    if not isinstance(record, dict):
        raise Malformed("$", f"an object is expected, not {json_type(record)}")
    number = text_in(record, "id", "") if "id" in record else value.position
    if not _ID.fullmatch(number):
        raise Malformed("id", f"not the number of a notice: {number[:SHOWN]!a}")
    place = Place(document.source, value.position, f"USN-{number.removeprefix('USN-')}")
    named = list_in(record, "cves", "")
    action = record.get("action")
    remarks: list[_Remark] = []
    yield Advisory(
        id=place.id,
        kind=Kind.SECURITY,
        cves=cve_ids(named),
        affected=tuple(_affected(object_in(record, "releases", ""), limits, place, remarks)),
        database="ubuntu",
        published=_published(record, place, remarks),
        references=tuple(_references(named, place, remarks)),
        reboot_suggested=isinstance(action, str) and REBOOT.search(" ".join(action.split())) is not None,
    )
    yield from remarks


def _published(record: dict[str, Any], place: Place, remarks: list[_Remark]) -> datetime | None:
    seconds = record.get("timestamp")
    if seconds is None:
        return None
    try:
        if isinstance(seconds, bool) or not isinstance(seconds, int | float):
            raise ValueError
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        remarks.append(_part(place, "timestamp", "not the seconds of a date"))
        return None


def _references(named: list[Any], place: Place, remarks: list[_Remark]) -> Iterator[Reference]:
    for index, one in enumerate(named):
        if isinstance(one, str) and one.startswith(("https://", "http://")) and one.isprintable():
            yield Reference("REPORT", one)
        elif not cve_ids(one):
            remarks.append(_part(place, f"cves[{index}]", f"neither a CVE nor an address: {str(one)[:SHOWN]!a}"))


def _affected(releases: dict[str, Any], limits: Limits, place: Place, remarks: list[_Remark]) -> Iterator[Affected]:
    count = 0
    for codename, content in releases.items():
        path = f"releases.{_shown(codename)}"
        if codename not in codenames_of("ubuntu"):
            remarks.append(Skip(place.source, place.at(path), place.id, f"release {_shown(codename)[:20]}: not known"))
            continue
        distribution = normalised("ubuntu", codename)
        release = _Release(path, place, remarks)
        for package, version, channel in release.fixes(content):
            count += 1
            if count > limits.affected:
                remarks.append(_part(place, path, f"more entries than the limit of {limits.affected}"))
                return
            ranges = (Range(None, version),)
            yield Affected(package, "deb", distribution, Names.SOURCE, ranges, (), FixState.FIXED, channel=channel)


class _Release:
    """What a notice says of one release."""

    def __init__(self, path: str, place: Place, remarks: list[_Remark]) -> None:
        self._path = path
        self._place = place
        self._remarks = remarks

    def fixes(self, content: Any) -> Iterator[tuple[str, str, str | None]]:
        """Source packages, the versions that fix them, and the channels that have these."""
        versions = {name: version for name, version, _ in self._packages(content, "sources")}
        built: dict[str, set[str]] = {}
        channels: dict[str | None, set[str | None]] = {None: set()}
        for _, version, entry in (*self._packages(content, "allbinaries"), *self._packages(content, "binaries")):
            pocket, source = entry.get("pocket"), entry.get("source")
            channel = None if pocket in _PUBLIC else pocket
            channels[None].add(channel)
            if source is not None:
                channels.setdefault(source, set()).add(channel)
                built.setdefault(source, set()).add(version)
        # A binary package may have a version of its own: what is built in one version has its source's.
        versions = {source: min(found) for source, found in built.items() if len(found) == 1} | versions
        if not versions:
            what = self._place.source, self._place.at(self._path), self._place.id
            self._remarks.append(Skip(*what, "a release without a source package"))
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
            self._remarks.append(_part(self._place, malformed.path, malformed.why))
            return
        for name, entry in entries.items():
            path = f"{self._path}.{what}.{_shown(name)}"
            try:
                if not isinstance(entry, dict):
                    raise Malformed(path, f"an object is expected, not {json_type(entry)}")
                said = {
                    one: text_in(entry, one, f"{path}.")
                    for one in ("pocket", "source")
                    if entry.get(one) not in (None, "")
                }
                yield text_in({"": name}, "", path), text_in(entry, "version", f"{path}."), said
            except Malformed as malformed:
                self._remarks.append(_part(self._place, malformed.path, malformed.why))


def _shown(name: str) -> str:
    return name if name.isprintable() else ascii(name)


def _part(place: Place, path: str, why: str) -> Rejection:
    return Rejection(place.source, place.at(path), place.id, why, Extent.PART)
