"""OSV records, schema 1.x: one JSON object, an array of them, or one a line.

What is read: ``id``, ``aliases``, ``upstream``, ``related`` (where it stands for ``upstream``), ``severity``,
``published``, ``modified``, ``withdrawn``, ``references``, and of ``affected``: ``package``, ``severity``, ``ranges``,
``versions``. :mod:`advisories.readers.feeds.osv_databases` reads what a database writes in its own way (``summary``,
``database_specific``, ``ecosystem_specific``). Source of the meaning: the OSV schema's
*affected[].ranges[].events* and *Evaluation*.

A record that cannot be read is a rejection with its place. So is a part of one, and the rest of its record is kept.
GIT ranges and ecosystems without an order here are skipped, counted, and hide nothing. Of an entry of which nothing is
kept for it, the package and the release are counted as lost.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final, TypeVar

from advisories.models.advisories import Advisory, Affected, Reference, Severity
from advisories.models.frozen import evolve
from advisories.models.packages import Module
from advisories.models.reading import Loss, Rejection, Skip
from advisories.models.words import Names
from advisories.readers.collector import Remarks
from advisories.readers.feeds.osv_databases import BY_FIELDS, Database, Record, about, database_of
from advisories.readers.feeds.osv_entries import (
    ARCHES,
    OF_EITHER_NAME,
    Entries,
    Unusual,
    arches_of,
    losses_of,
    of_binaries,
)
from advisories.readers.feeds.osv_shapes import Shapes, shapes
from advisories.sources.dates import date_of
from advisories.sources.documents import Document
from advisories.sources.json import SHOWN, Malformed, Place, Value, is_json, json_type, list_in, quickly, values
from advisories.sources.limits import Limits

__all__ = ["claims", "read", "sniff"]

_Item = Advisory | Rejection | Skip
_Part = TypeVar("_Part")

_BOM: Final = b"\xef\xbb\xbf"
# The schema allows no other members at the top of a record.
_MEMBERS: Final = frozenset(
    b"schema_version id modified published withdrawn aliases upstream related summary details severity affected"
    b" references credits database_specific".split()
)
# Databases publish lists of what changed when, beside the records and of the same ids.
_OF_INDEX: Final = frozenset({"schema_version", "id", "modified"})
_OPENING: Final = re.compile(rb"(?:\[\s*)?\{\s*")
_MEMBER: Final = re.compile(rb'"([^"\\]*)"\s*:\s*(?:(?:"(?:[^"\\]|\\.)*"|[^]["{},\s]+)\s*(,)\s*)?')
# The same at once, for a text whose first members are all of a record.
_SCALAR: Final = rb'(?:"(?:[^"\\]++|\\.)*"|[^]["{},\s]+)'
_NAMES: Final = rb'"(?:%s)"\s*:\s*' % b"|".join(sorted(_MEMBERS))
_BEGINS: Final = re.compile(rb"(?:\[\s*)?\{\s*(?:%s%s\s*,\s*)*+%s" % (_NAMES, _SCALAR, _NAMES))
_ARRAY_OF_OTHERS: Final = re.compile(rb'\[\s*[]["0-9tfn-]')
_LISTS: Final = ("aliases", "upstream", "related", "affected", "severity", "references")
_MARK: Final = re.compile(rb'"(?:schema_version|modified|affected)"\s*:')
_ENTRIES: Final = re.compile(rb'"affected"\s*:\s*\[')
_ECOSYSTEM: Final = re.compile(rb'"ecosystem"\s*:\s*"')
_OF_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
# The records of an answer of OSV's own interface, and the mark of one that has more of them.
_ANSWER, _MORE = "vulns", "next_page_token"


def sniff(head: bytes, name: str) -> bool:
    """JSON whose first members, of the object or of the first one in an array, are those of a record."""
    text = head.removeprefix(_BOM).lstrip()
    return text.startswith((b"{", b"[")) and _begins_as_record(text) and _MARK.search(text) is not None


def claims(head: bytes, name: str) -> bool:
    """A file called JSON that is none, and JSON with entries of ecosystems, or that begins as a record and is broken
    or longer than its head.
    """
    text = head.removeprefix(_BOM).lstrip()
    if text.startswith((b"{", b"[")):
        return _has_entries(text) or (_begins_as_record(text) and not is_json(text))
    return name.lower().endswith((".json", ".jsonl")) and (text.startswith(_OF_UTF16) or not is_json(text))


def _has_entries(text: bytes) -> bool:
    """Whether there are affected entries in it. The schema of the records has their names too."""
    return _ENTRIES.search(text) is not None and _ECOSYSTEM.search(text) is not None and b'"$schema"' not in text


def _begins_as_record(text: bytes) -> bool:
    if _BEGINS.match(text):
        return True
    return not _ARRAY_OF_OTHERS.match(text) and all(member in _MEMBERS for member in _first_members(text))


def _first_members(text: bytes) -> Iterator[bytes]:
    """The names of an object's members (of an array's first object), up to the first that holds more than one value."""
    opening = _OPENING.match(text)
    member = _MEMBER.match(text, opening.end()) if opening else None
    while member is not None:
        yield member[1]
        member = _MEMBER.match(text, member.end()) if member[2] else None


def read(document: Document, limits: Limits) -> list[_Item]:
    """The records of one document. Never raises because of its content."""
    decode = partial(_decoded, limits=limits)
    return [item for found in values(document, decode) for item in _items(found, document.source, limits)]


def _decoded(data: bytes, limits: Limits) -> Any:
    """The advisory of a record of which nothing is refused or skipped. Of any other what :func:`quickly` returns."""
    advisory = _by_shape(data, limits)
    return quickly(data) if advisory is None else advisory


def _items(found: Value | Rejection, source: str, limits: Limits) -> Iterable[_Item]:
    if isinstance(found, Rejection):
        return (found,)
    value, position = found.content, found.position
    if value.__class__ is Advisory:
        return (value,)
    if isinstance(value, dict) and "id" not in value and isinstance(value.get(_ANSWER), list):
        return _of_answer(value, position, source, limits)
    id = value.get("id") if isinstance(value, dict) else None
    place = Place(source, position, id if isinstance(id, str) else "(no id)")
    try:
        if not isinstance(value, dict):
            raise Malformed("$", f"a record is an object, not {json_type(value)}")
        return _advisory(value, Remarks(place), limits, _entries)
    except Malformed as malformed:
        losses = _losses_of_record(value)
        return (Rejection(source, place.at(malformed.path), place.id, malformed.why, losses=losses),)


def _of_answer(answer: dict[str, Any], position: str, source: str, limits: Limits) -> Iterator[_Item]:
    """The records of an answer of OSV's own interface, and what it has not of them."""
    place = Place(source, position, "(no id)")
    for number, record in enumerate(answer[_ANSWER]):
        yield from _items(Value(place.at(f"{_ANSWER}[{number}]"), record), source, limits)
    if answer.get(_MORE):
        yield Rejection(source, place.at(_MORE), place.id, "an answer of which there are more pages")


def _by_shape(data: bytes, limits: Limits) -> Advisory | None:
    """The advisory of a record that is as most are. None where :func:`_advisory` has to look at it whole."""
    decoder = shapes()
    if decoder is None or BY_FIELDS.search(data, 0, _BEGINNING) is None:
        return None
    record = decoder.members(data)
    if record is None or not isinstance(id := record.get("id"), str) or database_of(id).is_by_entry:
        return None
    remarks = Remarks(_NOWHERE)
    try:
        advisory, *_ = _advisory(record, remarks, limits, partial(_entries_of_shapes, decoder))
    except (Malformed, Unusual):
        return None
    return advisory if isinstance(advisory, Advisory) and not remarks.found else None


_NOWHERE: Final = Place("", "", "")
# Where a record's id stands in most documents. Others are read whole: not every record is worth a second look.
_BEGINNING: Final = 512


def _entries_of_shapes(
    decoder: Shapes,
    record: Record,
    database: Database,
    module: Module,
    severities: list[Severity],
    remarks: Remarks,
    limits: Limits,
) -> tuple[Affected, ...]:
    """What :func:`_entries` makes of these entries. Raises :class:`Unusual` where it would do anything more."""
    entries = Entries(database, module, limits)
    affected: list[Affected] = []
    before: Any = None
    ecosystem = ""
    shared: tuple[Any, ...] = ()
    for entry in record["affected"]:
        package = entry.package
        # What is left of two entries is compared at once.
        entry.package = None
        if package.ecosystem != ecosystem or entry != before:
            ecosystem, before = package.ecosystem, entry
            shared = entries.shared(entry, ecosystem, decoder)
        name, purl = package.name, package.purl
        if not name or not name.isprintable():
            raise Unusual
        if purl.__class__ is str and "arch=" in purl:
            shared_by_arch = (*shared[:ARCHES], arches_of(purl), *shared[ARCHES + 1 :])
            affected.append(Affected(name, *shared_by_arch))
        else:
            affected.append(Affected(name, *shared))
    return tuple(affected)


def _advisory(
    record: dict[str, Any], remarks: Remarks, limits: Limits, read_entries: Callable[..., tuple[Affected, ...]]
) -> Iterable[_Item]:
    """The advisory of a record, and what of its parts was refused or skipped. Raises :class:`Malformed`.

    :param read_entries: reads its affected entries, as :func:`_entries` does.
    """
    id = record.get("id")
    if not isinstance(id, str) or not id.strip():
        raise Malformed("id", "a record without id")
    if not id.isprintable():
        raise Malformed("id", "an id with characters that cannot be printed")
    if record.keys() <= _OF_INDEX:
        remarks.skip("$", "an id and a date alone, as in an index of records")
        return remarks.found
    for name in _LISTS:
        if not isinstance(record.get(name), list | None):
            raise Malformed(name, f"an array is expected, not {json_type(record[name])}")
    withdrawn = _date(record, "withdrawn")
    if "affected" not in record and withdrawn is None:
        _check_members(record)
    if len(record.get("affected") or ()) > limits.affected:
        raise Malformed("affected", f"more entries than the limit of {limits.affected}")
    # From here on only parts are refused: the record itself is kept.
    whole = about(record)
    database = whole.database
    for name in ("upstream", "related"):
        if record.get(name):
            _each(record[name], name, _text, remarks)
    severities = _severities(record.get("severity"), "severity", database, remarks)
    affected = read_entries(record, database, whole.module, severities, remarks, limits)
    severities.extend(whole.severities)
    cves = frozenset(whole.cves)
    advisory = Advisory(
        id=id,
        kind=whole.kind,
        cves=whole.cves,
        affected=affected,
        database=database.name,
        rating=whole.rating,
        severities=tuple(dict.fromkeys(severities)),
        published=_date_or_none(record, "published", remarks),
        modified=_date_or_none(record, "modified", remarks),
        withdrawn=withdrawn,
        aliases=tuple([alias for alias in _each(record["aliases"], "aliases", _text, remarks) if alias not in cves])
        if record.get("aliases")
        else (),
        references=_references(record.get("references"), remarks),
    )
    return (advisory, *remarks.found)


def _check_members(record: Record) -> None:
    """Raise :class:`Malformed` for a record without entries that has others than the schema's members: what they are
    called may be the mistake.
    """
    other = _other_member(record)
    if other is not None:
        raise Malformed("affected", f"a record without affected entries, and with a member {other[:SHOWN]!a}")


def _other_member(record: Mapping[str, Any]) -> str | None:
    """The first member that the schema does not have."""
    return next((name for name in record if name.encode("utf-8", "replace") not in _MEMBERS), None)


def _each(items: Any, path: str, read: Callable[[Any], _Part], remarks: Remarks) -> list[_Part]:
    """The items of a list that can be read."""
    parts: list[_Part] = []
    for number, item in enumerate(items or ()):
        try:
            parts.append(read(item))
        except Malformed as malformed:
            remarks.refuse(f"{path}[{number}]{malformed.path}", malformed.why)
    return parts


def _text(item: Any) -> str:
    if not isinstance(item, str) or not item.isprintable():
        raise Malformed("", "a string that can be printed is expected")
    return item


def _references(items: Any, remarks: Remarks) -> tuple[Reference, ...]:
    kept = [
        Reference(type, url)
        for item in items or ()
        if item.__class__ is dict
        and (type := item.get("type")).__class__ is str
        and (url := item.get("url")).__class__ is str
    ]
    if len(kept) < len(items or ()):
        _each(items, "references", _reference, remarks)  # for the remarks
    return tuple(kept)


def _reference(item: Any) -> Reference:
    if isinstance(item, dict):
        type, url = item.get("type"), item.get("url")
        if isinstance(type, str) and isinstance(url, str):
            return Reference(type, url)
    raise Malformed("", "an object with a type and a url is expected")


def _severities(items: Any, path: str, database: Database, remarks: Remarks) -> list[Severity]:
    def severity(item: Any) -> Severity:
        if isinstance(item, dict):
            type, score = item.get("type"), item.get("score")
            if isinstance(type, str) and isinstance(score, str):
                return Severity(type, score, database.name or "vendor")
        raise Malformed("", "an object with a type and a score is expected")

    return _each(items, path, severity, remarks) if items else []


def _date(record: Record, name: str) -> datetime | None:
    value = record.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise Malformed(name, f"a date is expected, not {json_type(value)}")
    try:
        return date_of(value)
    except ValueError:
        raise Malformed(name, f"not a date: {value[:SHOWN]!a}") from None


def _date_or_none(record: Record, name: str, remarks: Remarks) -> datetime | None:
    try:
        return _date(record, name)
    except Malformed as malformed:
        remarks.malformed(malformed)
        return None


def _entries(
    record: Record,
    database: Database,
    module: Module,
    severities: list[Severity],
    remarks: Remarks,
    limits: Limits,
) -> tuple[Affected, ...]:
    """The affected entries. Their severities are added to the record's."""
    entries = Entries(database, module, limits)
    withdrawn = record.get("withdrawn") is not None
    affected: list[Affected] = []
    for number, entry in enumerate(record.get("affected") or ()):
        again = entries.again(entry)
        if again is not None:
            affected.append(again)
            continue
        path = f"affected[{number}]"
        try:
            kept, skipped = entries.read(entry, path)
            stated = list_in(entry, "severity", f"{path}.") if "severity" in entry else None
        except Malformed as malformed:
            remarks.malformed(malformed, () if withdrawn else losses_of(entry))
            continue
        for why in skipped:
            # A range without order hides nothing of what was kept.
            remarks.skip(path, why, () if withdrawn or kept is not None else losses_of(entry))
        if kept is not None:
            affected.append(kept)
            if kept.channel in OF_EITHER_NAME and kept.names is Names.SOURCE:
                affected.append(evolve(kept, names=Names.BINARY))
            if database.binaries is not None:
                affected.extend(of_binaries(kept, database.binaries(entry)))
        if stated:
            severities.extend(_severities(stated, f"{path}.severity", database, remarks))
    # Products that are of one release here repeat themselves.
    return tuple(affected if database.binaries is None else dict.fromkeys(affected))


def _losses_of_record(record: Any) -> tuple[Loss, ...] | None:
    """Whom a refused record may concern. None where its entries cannot be read."""
    if not isinstance(record, dict):
        return None
    # Without entries it concerns nobody, unless what they are called is the mistake.
    affected = record.get("affected", () if _other_member(record) is None else None)
    if not isinstance(affected, list | tuple) or len(affected) > _LOST_ONE_BY_ONE:
        return None
    id = record.get("id")
    id = id if isinstance(id, str) and id.strip() else None
    losses = [loss for entry in affected for loss in losses_of(entry)]
    return tuple(dict.fromkeys(Loss(loss.package, loss.distribution, id) for loss in losses))


# Entries of a refused record that are named one by one. With more of them all packages are.
_LOST_ONE_BY_ONE: Final = 10_000
