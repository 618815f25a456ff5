"""The ranges of an affected entry of an OSV record, and the versions that it lists.

Source of the meaning: the OSV schema's *affected[].ranges[].events* and *Evaluation*.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import vercmp
from advisories.distros.language_versions import in_scheme
from advisories.models.advisories import Range
from advisories.readers.feeds.osv_databases import Entry
from advisories.sources.json import SHOWN, Malformed, json_type, quickly
from advisories.sources.limits import Limits

__all__ = ["only_fix_in", "ranges_of", "until", "versions_of"]


def versions_of(entry: Entry, path: str, limits: Limits) -> tuple[str, ...]:
    """The versions that an entry lists. Raises :class:`Malformed` where they cannot be versions."""
    versions = entry.get("versions")
    if not versions and isinstance(versions, list | None):
        return ()
    if not isinstance(versions, list) or not all(isinstance(version, str) for version in versions):
        raise Malformed(f"{path}.versions", "a list of strings is expected")
    if len(versions) > limits.versions:
        raise Malformed(f"{path}.versions", f"more versions than the limit of {limits.versions}")
    if _NO_VERSION.search("\n".join(versions)):
        raise Malformed(f"{path}.versions", "a text that is no version")
    if not entry.get("ranges") and not all(map(_DIGIT.search, versions)):
        raise Malformed(f"{path}.versions", "a word in the place of a version")
    return tuple(versions)


# What stands in no version, whatever its order.
_NO_VERSION: Final = re.compile(r"[ \t,\u00a0\u200b]")
_DIGIT: Final = re.compile(r"[0-9]")


def ranges_of(entry: Entry, path: str, scheme: str, types: tuple[str, ...]) -> tuple[tuple[Range, ...], Sequence[str]]:
    """The ranges of these types, and why others are skipped. Raises :class:`Malformed`."""
    ranges = entry.get("ranges")
    if ranges is None:
        return (), ()
    fixed = _only_fix(ranges, types)
    if fixed is not None:
        return until(_bound(fixed, scheme)), ()
    if not isinstance(ranges, list):
        raise Malformed(f"{path}.ranges", f"a list is expected, not {json_type(ranges)}")
    kept: list[Range] = []
    skipped: list[str] = []
    for number, item in enumerate(ranges):
        at = f"{path}.ranges[{number}]"
        if not isinstance(item, dict):
            raise Malformed(at, f"an object is expected, not {json_type(item)}")
        type = item.get("type")
        if type in types:
            events = [
                (kind, _bound(version, scheme, is_last=kind == "last_affected")) for kind, version in _events(item, at)
            ]
            kept.extend(_of_events(events, scheme, at))
        elif isinstance(type, str):
            known = type in _RANGE_TYPES
            skipped.append(
                f"a range of type {type}: has no order here" if known else "a range of a type that is not known"
            )
        else:
            raise Malformed(f"{at}.type", f"not a type of range: {str(type)[:SHOWN]!a}")
    return tuple(kept), skipped


def _bound(version: str, scheme: str, *, is_last: bool = False) -> str:
    """The version of an event as its scheme writes it. ``0`` is the beginning, and no version."""
    return version if version == "0" else in_scheme(scheme, version, is_last=is_last)


def _only_fix(ranges: Any, range_types: tuple[str, ...]) -> str | None:
    """The version that fixes an entry whose ranges are one, from the first version on. Nearly all are."""
    if ranges.__class__ is list and len(ranges) == 1:
        item = ranges[0]
        if item.__class__ is dict and item.get("type") in range_types:
            events = item.get("events")
            if events.__class__ is list and len(events) == 2 and events[0] == _INTRODUCED_FIRST:
                event = events[1]
                if event.__class__ is dict and len(event) == 1:
                    fixed = event.get("fixed")
                    return fixed if fixed.__class__ is str else None
    return None


@lru_cache(maxsize=4096)
def only_fix_in(text: bytes, range_types: tuple[str, ...]) -> str | None:
    """:func:`_only_fix` of ranges that are not decoded yet."""
    return _only_fix(quickly(text), range_types)


_INTRODUCED_FIRST: Final = {"introduced": "0"}
_RANGE_TYPES: Final = frozenset({"ECOSYSTEM", "GIT", "SEMVER"})
_EVENTS: Final = ("introduced", "fixed", "last_affected", "limit")


def _events(item: Mapping[str, Any], path: str) -> list[tuple[str, str]]:
    events = item.get("events")
    if not isinstance(events, list):
        raise Malformed(f"{path}.events", f"a list is expected, not {json_type(events)}")
    found: list[tuple[str, str]] = []
    begun = False
    for number, event in enumerate(events):
        kinds = [kind for kind in event if kind in _EVENTS] if isinstance(event, dict) else ()
        if len(kinds) != 1 or not isinstance(version := event[kind := kinds[0]], str):
            raise Malformed(f"{path}.events[{number}]", "one of introduced, fixed, last_affected and limit is expected")
        begun = begun or kind == "introduced"
        found.append((kind, version))
    if not begun:
        raise Malformed(f"{path}.events", "no introduced event")
    return found


_FROM_THE_FIRST: Final = ("introduced", "0")


@lru_cache(maxsize=4096)
def until(fixed: str) -> tuple[Range]:
    """The range that nearly all are. One object serves all packages of an update."""
    return (Range(None, fixed),)


def _of_events(events: list[tuple[str, str]], scheme: str, path: str) -> tuple[Range, ...]:
    """The half-open ranges of a timeline, as OSV's evaluation reads it: in the order of the versions, not of the list.

    Where the scheme refuses a version the list's order stays, and matching finds it undecidable (rule 14).
    """
    if len(events) == 2 and events[0] == _FROM_THE_FIRST and events[1][0] == "fixed":
        return until(events[1][1])
    kinds = {kind for kind, _ in events}
    if {"fixed", "last_affected"} <= kinds:
        raise Malformed(f"{path}.events", "both fixed and last_affected")
    limit = _highest_limit([version for kind, version in events if kind == "limit"], scheme)
    ranges: list[Range] = []
    introduced: str | None = None
    is_open = False
    for kind, version in _in_order([event for event in events if event[0] != "limit"], scheme):
        if kind == "introduced":
            if not is_open:
                introduced, is_open = (None if version == "0" else version), True
        elif is_open:
            is_open = False
            ranges.append(Range(introduced, **{kind: version}, limit=limit))
        elif not ranges:
            raise Malformed(f"{path}.events", f"{kind} {version[:SHOWN]!a} is below what was introduced first")
    if is_open:
        ranges.append(Range(introduced, limit=limit))
    return tuple(ranges)


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
