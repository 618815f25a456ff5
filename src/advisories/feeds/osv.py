"""OSV records, schema 1.x: one JSON object, an array of them, or one a line.

What is read: ``id``, ``aliases``, ``upstream``, ``related`` (for the databases that mean aliases by it), ``severity``,
``published``, ``modified``, ``withdrawn``, ``references``, and of ``affected``: ``package``, ``ranges``, ``versions``.
Texts (``summary``, ``details``) are read for a rating and a module stream where a database puts them there, and not
kept. Source of the meaning: the OSV schema's *affected[].ranges[].events* and *Evaluation*.

A record that cannot be read is a rejection with its place; so is an affected entry, and the rest of its record is kept.
GIT ranges and ecosystems without an order here are left aside, counted, and hide nothing.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Final

import vercmp
from advisories.distributions import FAMILIES, Family, from_ecosystem
from advisories.feeds.databases import Database, Record, database_of
from advisories.feeds.dates import date_of
from advisories.feeds.documents import Document
from advisories.feeds.json_text import SHOWN, Malformed, Place, is_printable, json_type, looks_like_json, values
from advisories.limits import Limits
from advisories.models import (
    NO_MODULE,
    SCHEME_OF_TYPE,
    UNKNOWN_MODULE,
    Advisory,
    Affected,
    Distribution,
    Extent,
    FixState,
    Module,
    Range,
    Reference,
    Rejection,
    Severity,
    Skip,
)

__all__ = ["read", "sniff"]

_Item = Advisory | Rejection | Skip


def sniff(head: bytes, name: str) -> bool:
    """JSON, by its first byte; or by its name, so that a damaged file is reported and not passed over."""
    return looks_like_json(head) or name.lower().endswith((".json", ".jsonl"))


def read(document: Document, limits: Limits) -> Iterator[_Item]:
    """The records of one document. Never raises for what the document says."""
    for found in values(document):
        if isinstance(found, Rejection):
            yield found
        else:
            yield from _record(found.content, document.source, found.position, limits)


def _record(value: object, source: str, position: str, limits: Limits) -> Iterator[_Item]:
    id = value.get("id") if isinstance(value, dict) else None
    place = Place(source, position, id if isinstance(id, str) else "(no id)")
    try:
        if not isinstance(value, dict):
            raise Malformed("$", f"a record is an object, not {json_type(value)}")
        yield from _advisory(value, place, limits)
    except Malformed as malformed:
        yield Rejection(source, place.at(malformed.path), place.id, malformed.why)


def _advisory(record: dict[str, Any], place: Place, limits: Limits) -> Iterator[_Item]:
    id = record.get("id")
    if not isinstance(id, str) or not id.strip():
        raise Malformed("id", "a record without id")
    if not is_printable(id):
        raise Malformed("id", "an id with characters that cannot be printed")
    for name in ("aliases", "upstream", "related", "affected", "severity", "references"):
        if not isinstance(record.get(name), list | None):
            raise Malformed(name, f"a list is expected, not {json_type(record[name])}")
    withdrawn = _date(record.get("withdrawn"), "withdrawn")
    # From here on only parts are refused: the record itself is kept.
    published, modified, remarks = _dates(record, place)
    affected: list[Affected] = []
    database = database_of(id)
    module = database.module(record)
    entries = record.get("affected") or []
    if len(entries) > limits.affected:
        raise Malformed("affected", f"more entries than the limit of {limits.affected}")
    for number, entry in enumerate(entries):
        path = f"affected[{number}]"
        try:
            kept, left = _entry(entry, path, module, limits)
        except Malformed as malformed:
            remarks.append(Rejection(place.source, place.at(malformed.path), place.id, malformed.why, Extent.PART))
            continue
        if kept is not None:
            affected.append(kept)
        remarks.extend(Skip(place.source, place.at(path), place.id, why) for why in left)
    yield Advisory(
        id=id,
        kind=database.kind(record),
        cves=database.cves(record),
        affected=tuple(affected),
        database=database.name,
        rating=database.rating(record),
        severities=tuple(_severities(record, database)),
        published=published,
        modified=modified,
        withdrawn=withdrawn,
        aliases=tuple(_texts(record.get("aliases"), but=database.cves(record))),
        references=tuple(_references(record)),
    )
    yield from remarks


def _texts(values: Any, but: tuple[str, ...]) -> Iterator[str]:
    return (value for value in values or () if isinstance(value, str) and is_printable(value) and value not in but)


def _date(value: object, path: str) -> datetime | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise Malformed(path, f"a date is expected, not {json_type(value)}")
    try:
        return date_of(value)
    except ValueError:
        raise Malformed(path, f"not a date: {value[:SHOWN]!a}") from None


def _dates(record: Record, place: Place) -> tuple[datetime | None, datetime | None, list[Rejection | Skip]]:
    dates: list[datetime | None] = []
    remarks: list[Rejection | Skip] = []
    for name in ("published", "modified"):
        try:
            dates.append(_date(record.get(name), name))
        except Malformed as malformed:
            dates.append(None)
            remarks.append(Rejection(place.source, place.at(malformed.path), place.id, malformed.why, Extent.PART))
    return dates[0], dates[1], remarks


def _severities(record: Record, database: Database) -> Iterator[Severity]:
    for severity in record.get("severity") or ():
        if isinstance(severity, dict):
            type, score = severity.get("type"), severity.get("score")
            if isinstance(type, str) and isinstance(score, str):
                yield Severity(type, score, database.name or "vendor")


def _references(record: Record) -> Iterator[Reference]:
    for reference in record.get("references") or ():
        if isinstance(reference, dict):
            type, url = reference.get("type"), reference.get("url")
            if isinstance(type, str) and isinstance(url, str):
                yield Reference(type, url)


def _entry(
    entry: object, path: str, module: Callable[[str], Module], limits: Limits
) -> tuple[Affected | None, list[str]]:
    """One affected entry, None where nothing of it is ordered here; and what was left aside, by reason."""
    if not isinstance(entry, dict):
        raise Malformed(path, f"an object is expected, not {json_type(entry)}")
    package = entry.get("package")
    if package is None:
        return None, ["an entry without package"]
    if not isinstance(package, dict):
        raise Malformed(f"{path}.package", f"an object is expected, not {json_type(package)}")
    name, ecosystem = package.get("name"), package.get("ecosystem")
    if not isinstance(name, str) or not name or not is_printable(name):
        raise Malformed(f"{path}.package.name", "an affected package without a name")
    if not isinstance(ecosystem, str) or not ecosystem or not is_printable(ecosystem):
        raise Malformed(f"{path}.package.ecosystem", "an affected package without an ecosystem")
    place = from_ecosystem(ecosystem)
    if place is None:
        return None, [f"ecosystem {ecosystem}: no release of a distribution that is known"]
    distribution, channel = place
    family = FAMILIES[distribution.id]
    scheme = SCHEME_OF_TYPE.get(family.type)
    if scheme is None:
        return None, [f"ecosystem {ecosystem}: {family.type} versions have no order here"]
    ranges, left = _ranges(entry, path, scheme)
    versions = _versions(entry, path, limits)
    if not ranges and not versions:
        return None, left or ["an entry without ranges and versions"]
    return _affected(name, family, distribution, channel, ranges, versions, module), left


def _fix_state(ranges: tuple[Range, ...]) -> FixState:
    if any(range.fixed is not None for range in ranges):
        return FixState.FIXED
    return FixState.NOT_FIXED if any(range.last_affected is None for range in ranges) else FixState.UNKNOWN


def _affected(
    name: str,
    family: Family,
    distribution: Distribution,
    channel: str | None,
    ranges: tuple[Range, ...],
    versions: tuple[str, ...],
    module: Callable[[str], Module],
) -> Affected:
    ends = [end for range in ranges for end in (range.fixed, range.last_affected) if end is not None]
    # Where the ends of the ranges do not show by whom they were built, modules exist all the same in some families.
    modules = {module(version) for version in ends} if family.modular else set()
    return Affected(
        package=name,
        type=family.type,
        distribution=distribution,
        names=family.names,
        ranges=ranges,
        versions=versions,
        fix_state=_fix_state(ranges),
        module=modules.pop() if len(modules) == 1 else UNKNOWN_MODULE if family.modular else NO_MODULE,
        channel=channel,
    )


def _versions(entry: dict[str, Any], path: str, limits: Limits) -> tuple[str, ...]:
    versions = entry.get("versions")
    if versions is None:
        return ()
    if not isinstance(versions, list) or not all(isinstance(version, str) for version in versions):
        raise Malformed(f"{path}.versions", "a list of strings is expected")
    if len(versions) > limits.versions:
        raise Malformed(f"{path}.versions", f"more versions than the limit of {limits.versions}")
    return tuple(versions)


def _ranges(entry: dict[str, Any], path: str, scheme: str) -> tuple[tuple[Range, ...], list[str]]:
    ranges = entry.get("ranges")
    if ranges is None:
        return (), []
    if not isinstance(ranges, list):
        raise Malformed(f"{path}.ranges", f"a list is expected, not {json_type(ranges)}")
    kept: list[Range] = []
    left: list[str] = []
    for number, item in enumerate(ranges):
        at = f"{path}.ranges[{number}]"
        if not isinstance(item, dict):
            raise Malformed(at, f"an object is expected, not {json_type(item)}")
        type = item.get("type")
        if type != "ECOSYSTEM":
            if type not in ("GIT", "SEMVER"):
                raise Malformed(f"{at}.type", f"not a type of range: {str(type)[:SHOWN]!a}")
            left.append(f"a range of type {type}: has no order here")
            continue
        kept.extend(_of_events(_events(item, at), scheme, at))
    return tuple(kept), left


_EVENTS: Final = ("introduced", "fixed", "last_affected", "limit")


def _events(item: dict[str, Any], path: str) -> list[tuple[str, str]]:
    events = item.get("events")
    if not isinstance(events, list):
        raise Malformed(f"{path}.events", f"a list is expected, not {json_type(events)}")
    found: list[tuple[str, str]] = []
    for number, event in enumerate(events):
        if not isinstance(event, dict) or len(event) != 1:
            raise Malformed(f"{path}.events[{number}]", "an object with one member is expected")
        ((kind, version),) = event.items()
        if kind not in _EVENTS or not isinstance(version, str):
            raise Malformed(f"{path}.events[{number}]", "not an event: introduced, fixed, last_affected or limit")
        found.append((kind, version))
    if not any(kind == "introduced" for kind, _ in found):
        raise Malformed(f"{path}.events", "no introduced event")
    return found


def _of_events(events: list[tuple[str, str]], scheme: str, path: str) -> Iterator[Range]:
    """The half-open ranges of a timeline, as OSV's evaluation reads it: in the order of the versions, not of the list.

    A version that the scheme refuses leaves the list's order; matching then finds it undecidable (rule 14).
    """
    if events == [("introduced", "0"), events[-1]] and events[1][0] == "fixed":
        yield Range(None, fixed=events[1][1])  # nearly every range there is
        return
    kinds = {kind for kind, _ in events}
    if {"fixed", "last_affected"} <= kinds:
        raise Malformed(f"{path}.events", "both fixed and last_affected")
    limit = _highest_limit([version for kind, version in events if kind == "limit"], scheme)
    introduced: str | None = None
    is_open = False
    for kind, version in _in_order([event for event in events if event[0] != "limit"], scheme):
        if kind == "introduced":
            if not is_open:
                introduced, is_open = (None if version == "0" else version), True
        elif is_open:
            is_open = False
            yield Range(introduced, **{kind: version}, limit=limit)
    if is_open:
        yield Range(introduced, limit=limit)


def _in_order(events: list[tuple[str, str]], scheme: str) -> list[tuple[str, str]]:
    def order(event: tuple[str, str]) -> tuple[bytes, bool]:
        kind, version = event
        if kind == "introduced" and version == "0":
            return b"", False
        # A last affected version ends above itself: after an introduction at the same version.
        return vercmp.sort_key(version, scheme=scheme), kind == "last_affected"

    try:
        return sorted(events, key=order)
    except vercmp.InvalidVersion:
        return events


def _highest_limit(limits: list[str], scheme: str) -> str | None:
    if not limits or any("*" in limit for limit in limits):
        return None
    try:
        return max(limits, key=lambda limit: vercmp.sort_key(limit, scheme=scheme))
    except vercmp.InvalidVersion:
        return limits[0]
