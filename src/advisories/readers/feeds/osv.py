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
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache, partial
from typing import Any, Final, TypeVar
from urllib.parse import unquote

import vercmp
from advisories.distros.language_versions import in_scheme
from advisories.distros.machines import MACHINES
from advisories.distros.nevra import built_as_module
from advisories.models.advisories import Advisory, Affected, FixState, Range, Reference, Severity
from advisories.models.distribution import FAMILIES, Distribution, Family, language_of, name_filed_under
from advisories.models.frozen import evolve
from advisories.models.packages import LANGUAGE_TYPES, NO_MODULE, SCHEME_OF_TYPE, UNKNOWN_MODULE, Module
from advisories.models.reading import Loss, Rejection, Skip
from advisories.models.words import Names
from advisories.readers.collector import Remarks
from advisories.readers.feeds.osv_databases import BY_FIELDS, Database, Entry, Record, about, database_of
from advisories.readers.feeds.osv_shapes import Shapes, shapes
from advisories.readers.releases import REBUILDERS, from_ecosystem, lost_with
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
    except (Malformed, _Unusual):
        return None
    return advisory if isinstance(advisory, Advisory) and not remarks.found else None


class _Unusual(Exception):
    """Something that only looking at the whole record decides."""


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
    """What :func:`_entries` makes of these entries. Raises :class:`_Unusual` where it would do anything more."""
    entries = _Entries(database, module, limits)
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
            raise _Unusual
        if purl.__class__ is str and "arch=" in purl:
            shared_by_arch = (*shared[:_ARCHES], _arches_of(purl), *shared[_ARCHES + 1 :])
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
    entries = _Entries(database, module, limits)
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
            remarks.malformed(malformed, () if withdrawn else _losses(entry))
            continue
        for why in skipped:
            # A range without order hides nothing of what was kept.
            remarks.skip(path, why, () if withdrawn or kept is not None else _losses(entry))
        if kept is not None:
            affected.append(kept)
            if kept.channel in _OF_EITHER_NAME and kept.names is Names.SOURCE:
                affected.append(evolve(kept, names=Names.BINARY))
            if database.binaries is not None:
                affected.extend(_of_binaries(kept, database.binaries(entry)))
        if stated:
            severities.extend(_severities(stated, f"{path}.severity", database, remarks))
    # Products that are of one release here repeat themselves.
    return tuple(affected if database.binaries is None else dict.fromkeys(affected))


# Of these the schema has source packages' names, and TuxCare's own records binary packages'. An rpm's source shows no
# epoch in a list, so that its binary packages are compared alone.
_OF_EITHER_NAME: Final = frozenset(REBUILDERS.values())


def _losses(entry: Any) -> tuple[Loss, ...]:
    """Whom an entry may concern of which nothing was kept, as far as it can be read."""
    package = entry.get("package") if isinstance(entry, dict) else None
    if package is None and isinstance(entry, dict) and _is_of_commits(entry):
        return ()
    if not isinstance(package, dict):
        return (Loss(),)
    name, ecosystem = package.get("name"), package.get("ecosystem")
    name = name if isinstance(name, str) and name and name.isprintable() else None
    if not isinstance(ecosystem, str) or not ecosystem:
        return _of_any_name(name, None)
    place = from_ecosystem(ecosystem)
    if place is None:
        return tuple([loss for distribution in lost_with(ecosystem) for loss in _of_any_name(name, distribution)])
    family = FAMILIES[place[0].id]
    return (Loss(None if name is None else name_filed_under(family.type, name), place[0]),)


def _of_any_name(name: str | None, distribution: Distribution | None) -> tuple[Loss, ...]:
    """The losses of a name as it stands, and as each language writes it."""
    if name is None:
        return (Loss(None, distribution),)
    names = dict.fromkeys([name, *[name_filed_under(type, name) for type in LANGUAGE_TYPES]])
    return tuple([Loss(one, distribution) for one in names])


def _is_of_commits(entry: Mapping[str, Any]) -> bool:
    """Whether an entry is about a repository's commits and tags, of no package."""
    ranges = entry.get("ranges")
    types = [one.get("type") if isinstance(one, dict) else None for one in ranges] if isinstance(ranges, list) else []
    return bool(types) and all(type == "GIT" for type in types) and not entry.get("versions")


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
    losses = [loss for entry in affected for loss in _losses(entry)]
    return tuple(dict.fromkeys(Loss(loss.package, loss.distribution, id) for loss in losses))


# Entries of a refused record that are named one by one. With more of them all packages are.
_LOST_ONE_BY_ONE: Final = 10_000

# What an entry holds but for the package, in the order of its fields up to the negative.
_Fields = tuple[str, Distribution, Names, tuple[Range, ...], tuple[str, ...], FixState, bool]
# The place of the architectures, which stand behind these.
_ARCHES: Final = 7


class _Entries:
    """Reads the affected entries of a record. Neighbours often differ in the package alone: the rest is read once."""

    def __init__(self, database: Database, module: Module, limits: Limits) -> None:
        self._database: Final = database
        self._module: Final = module
        self._limits: Final = limits
        self._ecosystem = ""
        self._entry: Entry = {}
        self._fields: tuple[_Fields | None, Module, str | None, Sequence[str]] = None, NO_MODULE, None, ()
        # The entry before with the package of the present one, and all that the two have but for the name. None where
        # the package may decide more than the name.
        self._like: dict[str, Any] | None = None
        self._rest: tuple[Any, ...] = ()

    def again(self, entry: Any) -> Affected | None:
        """An entry that differs from the one before in its package's name alone. None for any other: :meth:`read` it.

        Nearly all entries of an update are such. Binary packages that both list are those of the one before.
        """
        like = self._like
        if like is None or entry.__class__ is not dict:
            return None
        package = like["package"] = entry.get("package")
        if package.__class__ is not dict or entry != like or package.get("ecosystem") != self._ecosystem:
            return None
        name, purl = package.get("name"), package.get("purl")
        if name.__class__ is not str or not name or not name.isprintable():
            return None
        if purl is not None and (purl.__class__ is not str or "arch=" in purl):
            return None
        return Affected(name, *self._rest)

    def read(self, entry: Any, path: str) -> tuple[Affected | None, Sequence[str]]:
        """An entry, or None where nothing of it is ordered here. With it the reasons for what was skipped."""
        if not isinstance(entry, dict):
            raise Malformed(path, f"an object is expected, not {json_type(entry)}")
        package = entry.get("package")
        if package is None:
            return None, ("an entry without package",)
        if not isinstance(package, dict):
            raise Malformed(f"{path}.package", f"an object is expected, not {json_type(package)}")
        name, ecosystem = package.get("name"), package.get("ecosystem")
        if not isinstance(name, str) or not name or not name.isprintable():
            raise Malformed(f"{path}.package.name", "an affected package without a name")
        if not isinstance(ecosystem, str) or not ecosystem or not ecosystem.isprintable():
            raise Malformed(f"{path}.package.ecosystem", "an affected package without an ecosystem")
        if ecosystem != self._ecosystem or entry != {**self._entry, "package": package}:
            self._like = None
            self._fields = self._read_fields(entry, ecosystem, path)
            self._ecosystem, self._entry = ecosystem, entry
            self._see_what_is_alike()
        fields, module, channel, skipped = self._fields
        if fields is None:
            return None, skipped
        if channel is not None and self._database.channel is not None:
            channel = self._database.channel(entry, channel)
        purl = package.get("purl")
        arches = _arches_of(purl) if isinstance(purl, str) and "arch=" in purl else ()
        return Affected(name_filed_under(fields[0], name), *fields, arches, module, channel), skipped

    def shared(self, entry: Any, ecosystem: str, decoder: Shapes) -> tuple[Any, ...]:
        """All but the package's name of entries that differ in their packages alone."""
        ranges = decoder.ranges_alone(entry)
        fixed = None if ranges is None else _only_fix_in(ranges, self._database.range_types)
        place = _place_of(ecosystem) if fixed is not None else None
        if fixed is not None and place is not None:
            family, distribution, channel = place
            module = self._module if family.modular and built_as_module(fixed) else NO_MODULE
            ended = _until(fixed), (), FixState.FIXED, False, ()
            return (family.type, distribution, family.names, *ended, module, channel)
        rest = decoder.rest(entry)
        if rest is None or "severity" in rest or not ecosystem.isprintable():
            raise _Unusual
        fields, module, channel, skipped = self._read_fields(rest, ecosystem, "")
        if fields is None or skipped or language_of(fields[0]) is not None or channel in _OF_EITHER_NAME:
            raise _Unusual
        return (*fields, (), module, channel)

    def _see_what_is_alike(self) -> None:
        fields, module, channel, skipped = self._fields
        if (
            fields is not None
            and not skipped
            and language_of(fields[0]) is None
            and channel not in _OF_EITHER_NAME
            and self._database.channel is None
            and "severity" not in self._entry
        ):
            self._like = dict(self._entry)
            self._rest = (*fields, (), module, channel)

    def _read_fields(
        self, entry: Entry, ecosystem: str, path: str
    ) -> tuple[_Fields | None, Module, str | None, Sequence[str]]:
        place = from_ecosystem(ecosystem)
        if place is None:
            return None, NO_MODULE, None, (f"ecosystem {ecosystem}: no release of a distribution that is known",)
        distribution, channel = place
        family = FAMILIES[distribution.id]
        scheme = SCHEME_OF_TYPE.get(family.type)
        if scheme is None:
            return None, NO_MODULE, None, (f"ecosystem {ecosystem}: {family.type} versions have no order here",)
        # The schema has this type for ecosystems of that order.
        types = self._database.range_types if scheme != "semver" else (*self._database.range_types, "SEMVER")
        ranges, skipped = _ranges(entry, path, scheme, types)
        versions = tuple([in_scheme(scheme, version) for version in _versions(entry, path, self._limits)])
        if not ranges and not versions:
            return None, NO_MODULE, None, skipped or ("an entry without ranges and versions",)
        fix_state = _fix_state(ranges, entry, self._database)
        module = _module_of(ranges, family, self._module)
        is_rebuilt = channel in _OF_EITHER_NAME
        names = Names.BINARY if is_rebuilt and family.type == "rpm" else family.names
        fields = (family.type, distribution, names, ranges, versions, fix_state, False)
        return fields, module, channel, skipped


_ARCH: Final = re.compile(r"[?&]arch=([^&#]*)")


@lru_cache(maxsize=256)
def _arches_of_words(words: tuple[str, ...]) -> tuple[str, ...]:
    named = {word for text in words for word in unquote(text).lower().replace(",", " ").split()}
    return tuple(sorted(named)) if named <= MACHINES else ()


def _arches_of(purl: str) -> tuple[str, ...]:
    """The machines that a purl is limited to (rule 7). Other words, such as ``source`` and ``all``, limit nothing."""
    return _arches_of_words(tuple(_ARCH.findall(purl)))


def _of_binaries(affected: Affected, binaries: Mapping[str, str]) -> Iterator[Affected]:
    """The entries of a source package's binary packages, where the source is fixed from the first version on."""
    if all(range.introduced is None and range.fixed is not None for range in affected.ranges):
        for name, version in binaries.items():
            yield evolve(affected, package=name, names=Names.BINARY, ranges=_until(version), versions=())


def _fix_state(ranges: tuple[Range, ...], entry: Entry, database: Database) -> FixState:
    for range in ranges:
        if range.fixed is not None:
            return FixState.FIXED
    if database.fix_state is not None and (stated := database.fix_state(entry)) is not None:
        return stated
    return FixState.NOT_FIXED if any(range.last_affected is None for range in ranges) else FixState.UNKNOWN


def _module_of(ranges: tuple[Range, ...], family: Family, module: Module) -> Module:
    """The module that built the ends of the ranges. Unknown where they differ, or where they do not show it.

    :param module: the one that the record names.
    """
    if not family.modular:
        return NO_MODULE
    if len(ranges) == 1 and ranges[0].last_affected is None and ranges[0].fixed is not None:
        return module if built_as_module(ranges[0].fixed) else NO_MODULE
    ends = [end for range in ranges for end in (range.fixed, range.last_affected) if end is not None]
    modules = {module if built_as_module(end) else NO_MODULE for end in ends}
    return modules.pop() if len(modules) == 1 else UNKNOWN_MODULE


def _versions(entry: Entry, path: str, limits: Limits) -> tuple[str, ...]:
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


def _ranges(entry: Entry, path: str, scheme: str, types: tuple[str, ...]) -> tuple[tuple[Range, ...], Sequence[str]]:
    """The ranges of these types, and why others are skipped."""
    ranges = entry.get("ranges")
    if ranges is None:
        return (), ()
    fixed = _only_fix(ranges, types)
    if fixed is not None:
        return _until(_bound(fixed, scheme)), ()
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
def _only_fix_in(text: bytes, range_types: tuple[str, ...]) -> str | None:
    """:func:`_only_fix` of ranges that are not decoded yet."""
    return _only_fix(quickly(text), range_types)


@lru_cache(maxsize=1024)
def _place_of(ecosystem: str) -> tuple[Family, Distribution, str | None] | None:
    """Where the entries of an ecosystem are filed. None where more than their ranges decides about them."""
    place = from_ecosystem(ecosystem) if ecosystem.isprintable() else None
    if place is None:
        return None
    distribution, channel = place
    family = FAMILIES[distribution.id]
    if family.type not in SCHEME_OF_TYPE or language_of(family.type) is not None or channel in _OF_EITHER_NAME:
        return None
    return family, distribution, channel


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
def _until(fixed: str) -> tuple[Range]:
    """The range that nearly all are. One object serves all packages of an update."""
    return (Range(None, fixed),)


def _of_events(events: list[tuple[str, str]], scheme: str, path: str) -> tuple[Range, ...]:
    """The half-open ranges of a timeline, as OSV's evaluation reads it: in the order of the versions, not of the list.

    Where the scheme refuses a version the list's order stays, and matching finds it undecidable (rule 14).
    """
    if len(events) == 2 and events[0] == _FROM_THE_FIRST and events[1][0] == "fixed":
        return _until(events[1][1])
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
