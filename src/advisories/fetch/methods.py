"""How each kind of publisher is fetched: what is asked for, what is taken over, and what changes are applied.

A method gets the feed as the cache has it, and gives the feed as the publisher has it now. Where nothing is new that
costs one conditional request a file. It changes no file that was there.
"""

import csv
import hashlib
import json
import os
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Final
from urllib.parse import urljoin, urlsplit

from advisories.fetch.cache import Cache, digest_of
from advisories.fetch.checks import check_meta, check_signature, check_sum, sum_in
from advisories.fetch.client import Answer, Client, moment_of
from advisories.fetch.manifest import Fetched, Kept
from advisories.fetch.network import FetchFailed, NotThere
from advisories.fetch.publishers import Feed
from advisories.models.frozen import evolve, frozen
from advisories.models.reading import Rejection
from advisories.sources.documents import Document
from advisories.sources.limits import Limits
from advisories.sources.xml_text import children_of, elements, text_of

__all__ = ["CHANGES", "METHODS", "NOTES", "Context"]

#: The file with the documents that replace others.
CHANGES: Final = "changes.zip"
#: Files that show what there is, and have no advisories.
NOTES: Final = frozenset(
    {"modified_id.csv", "changes.csv", "deletions.csv", "archive_latest.txt", "repomd.xml", "mirror.list"}
)
# Above so many changed documents the whole is fetched again: one file for many.
_MOST_CHANGES: Final = 500
# So many may be newer than the whole. Beyond that it is not the whole.
_MOST_WITH_ARCHIVE: Final = _MOST_CHANGES * 10
# What was changed so shortly before a whole file was made may not be in it.
_MARGIN: Final = timedelta(days=1)
# What everything is later than: of a whole file without a date nobody knows what it lacks.
_ALWAYS: Final = "0"
# For so long NVD's file of what was modified has everything that the files of years lack. It has eight days.
_YEARS_HOLD: Final = timedelta(days=6)
_FIRST_YEAR: Final = 2002
_NAME: Final = re.compile(r"[^A-Za-z0-9._-]+")
_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,199}")
_CSAF: Final = re.compile(r"[0-9]{4}/[A-Za-z0-9_][A-Za-z0-9._-]{0,199}\.json")
_ARCHIVE: Final = re.compile(r"[a-z_]+_([0-9]{4}-[0-9]{2}-[0-9]{2})\.(?:tar\.(?:zst|xz|bz2|gz)|zip)")
_SUMS: Final = frozenset({"sha256", "sha384", "sha512"})
_UNDATED: Final[Mapping[str, str]] = MappingProxyType({})
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)


@frozen
class Context:
    """What all methods need.

    :ivar keyring: a file of publishers' keys, for signatures.
    :ivar force: whether a file may be older than the one that is there.
    :ivar mirror: the mirror that files come from, as :class:`Network` names it. Empty for the publishers themselves.
    """

    client: Client
    cache: Cache
    limits: Limits
    now: datetime
    keyring: str | None
    force: bool
    mirror: str


Method = Callable[[Feed, Fetched | None, Context], Fetched]


# ---- files ----


def _files(earlier: Fetched | None, context: Context) -> dict[str, Kept]:
    """The files of an earlier fetch that are still there, byte by byte, by their addresses.

    Those from another server are not among them: a date of its own would show the wrong file as unchanged.
    """
    if earlier is None or earlier.mirror != context.mirror:
        return {}
    return {
        file.address: file
        for file in earlier.files
        if context.cache.is_there(file) and digest_of(context.cache.place(file.path)) == file.sha256
    }


def _fetched(
    feed: Feed, files: Iterable[Kept], context: Context, removed: Iterable[str] = (), until: str = ""
) -> Fetched:
    kept = tuple(files)
    return Fetched(feed.publisher.name, feed.address, kept, tuple(sorted(removed)), until, context.now, context.mirror)


def _file(
    feed: Feed,
    address: str,
    known: Mapping[str, Kept],
    context: Context,
    *,
    checks: Iterable[str] = (),
    sums: tuple[str, str] | None = None,
) -> Kept:
    """A file as it is now: the one that is there where the publisher has no other.

    :param checks: what is published beside it to check it by.
    :param sums: the kind and the value of a sum that is known already.
    """
    there, wanted = known.get(address), list(checks)
    packed = not wanted and sums is None and "." + address.rpartition(".")[2] in (".json", ".xml")
    answer = context.client.fetch(
        address,
        etag=there.etag if there else "",
        modified=there.modified if there else "",
        hosts=feed.publisher.hosts,
        packed=packed or address.endswith("/json"),
    )
    if answer is None:
        assert there is not None
        if sums is not None:
            _check(there.address, context.cache.place(there.path), *sums)
        return there
    if there is not None and not context.force and _is_older(answer.modified, there.modified):
        _drop(answer)
        raise FetchFailed(address, f"of {answer.modified}, older than the one of {there.modified} that is there")
    try:
        verified, unverified = _verified(feed, answer, wanted, context)
        if sums is not None:
            _check(address, answer.path, *sums)
            verified += (sums[0],)
    except FetchFailed:
        _drop(answer)
        raise
    # Not longer than a name in a bundle may be, and no hidden one.
    name = _NAME.sub("_", urlsplit(address).path.rpartition("/")[2])[-100:].lstrip(".-") or "file"
    path = context.cache.keep(answer.path, feed.name, name, answer.sha256)
    return Kept(path, address, answer.etag, answer.modified, answer.size, answer.sha256, verified, unverified)


def _drop(answer: Answer) -> None:
    os.unlink(answer.path)


def _verified(
    feed: Feed, answer: Answer, checks: Iterable[str], context: Context
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """By what a file was checked, and by what it was not."""
    verified: list[str] = []
    unverified: list[str] = []
    hosts = feed.publisher.hosts
    for check in checks:
        if check == "sha256":
            address = f"{answer.address}.sha256"
            check_sum(answer.address, answer.sha256, sum_in(context.client.text(address, hosts=hosts), address))
        elif check == "meta":
            meta = context.client.text(f"{answer.address.removesuffix('.json.gz')}.meta", hosts=hosts)
            check_meta(answer.address, answer.path, meta, context.limits.archive)
        elif check == "asc":
            if context.keyring is None:
                unverified.append("signature: no keyring given")
                continue
            signature = context.client.fetch(f"{answer.address}.asc", hosts=hosts)
            assert signature is not None
            why = check_signature(answer.address, answer.path, signature.path, context.keyring)
            _drop(signature)
            if why:
                unverified.append(f"signature: {why}")
                continue
        verified.append({"asc": "signature", "meta": "sha256"}.get(check, check))
    return tuple(verified), tuple(unverified)


def _check(address: str, place: str, kind: str, value: str) -> None:
    with open(place, "rb") as file:
        found = hashlib.file_digest(file, kind).hexdigest()
    if found != value.lower():
        raise FetchFailed(address, f"not the file that was published: its {kind} is {found}, not {value:.200}")


def _is_older(one: str, other: str) -> bool:
    first, second = moment_of(one), moment_of(other)
    return first is not None and second is not None and first < second


def _text(file: Kept, context: Context) -> str:
    """What is in a file. Raises :class:`FetchFailed` for one that is too long: the end of a list counts, too."""
    most = context.limits.document
    if file.size > most:
        raise FetchFailed(file.address, context.limits.beyond("document", f"longer than {most} bytes"))
    with open(context.cache.place(file.path), "rb") as stream:
        return stream.read().decode("utf-8", "replace")


# ---- methods ----


def _one_file(feed: Feed, earlier: Fetched | None, context: Context) -> Fetched:
    known = _files(earlier, context)
    return _fetched(feed, [_file(feed, feed.address, known, context, checks=feed.publisher.checks)], context)


def _osv(feed: Feed, earlier: Fetched | None, context: Context) -> Fetched:
    """OSV's bucket: ``all.zip``, then what ``modified_id.csv`` has that is newer.

    That list has every id of the ecosystem with the date of its last change, which is the one in the record. So what is
    there already shows by the records' own dates what it lacks: the date of a file may be that of a mirror.
    """
    folder = feed.address.rpartition("/")[0]
    known = _files(earlier, context)
    before = known.get(f"{folder}/modified_id.csv")
    listed = _file(feed, f"{folder}/modified_id.csv", known, context)
    there = known.get(feed.address)
    whole = earlier if earlier is not None and there is not None and len(known) == len(earlier.files) else None
    if whole is not None and listed is before and not whole.until:
        return evolve(whole, checked=context.now)
    dates = _dates(_text(listed, context), listed.address, date_first=True)
    for most, start in ((_MOST_CHANGES, whole), (_MOST_WITH_ARCHIVE, None)):
        if start is None:
            archive = _file(feed, feed.address, known, context)
            # The same archive as before, and what was fetched beside it since.
            start = whole if whole is not None and archive is there else _fetched(feed, [listed, archive], context)
        archive = next(file for file in start.files if file.address == feed.address)
        if start is whole and not start.until and before is not None:
            previous = _dates(_text(before, context), before.address, date_first=True)
            names, held = _names_of_documents(archive, context) | _names_of_changes(start, context), {}
            changed = {id for id, date in dates.items() if previous.get(id) != date or f"{id}.json" not in names}
        else:
            held = _dates_of_documents(start, archive, context)
            names = frozenset(held)
            changed = {id for id, date in dates.items() if held.get(f"{id}.json", "") < date}
        # What is newer than the list is not gone: it was published between two requests.
        newest = max(dates.values(), default="")
        unlisted = {name for name in names if name.removesuffix(".json") not in dates and held.get(name, "") <= newest}
        if len(changed) <= most and len(unlisted - {*start.removed}) <= most:
            removed = _removed(feed, folder, unlisted, start, context)
            documents = {f"{id}.json": f"{folder}/{id}.json" for id in sorted(changed)}
            expected = {f"{id}.json": dates[id] for id in changed}
            changes, late = _changes(feed, start, documents, removed, context, expected)
            files = [one for one in (listed, archive, changes) if one is not None]
            return _fetched(feed, files, context, removed, _ALWAYS if late else "")
    if not context.force:
        what = f"{len(changed)} of {len(dates)} documents are newer than its archive, or not in it"
        if len(changed) <= most:
            what = f"its index lacks {len(unlisted)} documents of its archive"
        raise FetchFailed(feed.address, f"{what} (--force takes the archive as it is)")
    return _fetched(feed, [listed, archive], context, until=_ALWAYS)


def _removed(feed: Feed, folder: str, unlisted: Iterable[str], start: Fetched, context: Context) -> set[str]:
    """The documents that a list lacks and that are gone: a list that was cut short lacks what is there still."""
    removed: set[str] = set()
    for name in sorted(unlisted):
        if name not in start.removed and _ID.fullmatch(name.removesuffix(".json")) is not None:
            try:
                context.client.text(f"{folder}/{name}", hosts=feed.publisher.hosts, limit=context.limits.document)
            except NotThere:
                removed.add(name)
        elif name in start.removed:
            removed.add(name)
    return removed


def _csaf(feed: Feed, earlier: Fetched | None, context: Context) -> Fetched:
    """A folder of CSAF as Red Hat has it: an archive of all, then ``changes.csv`` and ``deletions.csv``."""
    base, known = feed.address, _files(earlier, context)
    listed = {name: known.get(f"{base}{name}") for name in ("changes.csv", "deletions.csv")}
    notes = [_file(feed, f"{base}{name}", known, context) for name in listed]
    is_whole = earlier is not None and len(known) == len(earlier.files)
    if earlier is not None and is_whole and notes == list(listed.values()):
        return evolve(earlier, checked=context.now)
    dates = _dates(_text(notes[0], context), notes[0].address, date_first=False)
    removed = _dates(_text(notes[1], context), notes[1].address, date_first=False).keys() - dates.keys()
    before = listed["changes.csv"]
    previous = _dates(_text(before, context), before.address, date_first=False) if before is not None else {}
    start = earlier if is_whole else None
    changed = _changed(dates, previous, start.until) if start is not None else set()
    if start is None or len(changed) > _MOST_CHANGES:
        start = _csaf_archive(feed, known, context)
        changed = _changed(dates, dates, start.until)
        if len(changed) > _MOST_WITH_ARCHIVE:
            raise FetchFailed(base, f"{len(changed)} documents are newer than its archive")
    archive = next(file for file in start.files if _ARCHIVE.fullmatch(file.address.rpartition("/")[2]))
    latest = next(file for file in start.files if file.address.endswith("archive_latest.txt"))
    documents = {name: f"{base}{name}" for name in sorted(changed)}
    changes, _ = _changes(feed, start, documents, removed, context)
    files = [*notes, latest, archive, *([changes] if changes is not None else [])]
    return _fetched(feed, files, context, removed)


def _changed(dates: Mapping[str, str], previous: Mapping[str, str], until: str) -> set[str]:
    """The documents of an index that have another date than before, or one after the whole was made."""
    return {name for name, date in dates.items() if previous.get(name) != date or (until and date > until)}


def _csaf_archive(feed: Feed, known: Mapping[str, Kept], context: Context) -> Fetched:
    latest = _file(feed, f"{feed.address}archive_latest.txt", known, context)
    name = _text(latest, context).strip()
    found = _ARCHIVE.fullmatch(name)
    if found is None:
        raise FetchFailed(latest.address, f"it names no archive: {name[:100]!a}")
    archive = _file(feed, f"{feed.address}{name}", known, context, checks=feed.publisher.checks)
    try:
        until = (datetime.fromisoformat(found[1]).replace(tzinfo=UTC) - _MARGIN).isoformat()
    except ValueError:
        raise FetchFailed(latest.address, f"{found[1]} is no day") from None
    return _fetched(feed, [latest, archive], context, until=until)


def _dates(text: str, address: str, *, date_first: bool) -> dict[str, str]:
    """The names of an index with their dates, in UTC. Of a name that is there twice the latest date counts.

    Raises :class:`FetchFailed` for a line that is neither.
    """
    found: dict[str, str] = {}
    for name, date in _pairs(text, address, date_first=date_first):
        found[name] = max(date, found.get(name, ""))
    return found


def _pairs(text: str, address: str, *, date_first: bool) -> Iterator[tuple[str, str]]:
    """The names of an index with their dates, in UTC. Raises :class:`FetchFailed` for a line that is neither."""
    pattern = _ID if date_first else _CSAF
    try:
        for row in csv.reader(text.splitlines(), strict=True):
            if not row:
                continue
            first, second = row
            date, name = (first, second) if date_first else (second, first)
            if pattern.fullmatch(name) is None:
                raise ValueError(f"{name[:100]!a} is no name of a document")
            moment = datetime.fromisoformat(date)
            if moment.tzinfo is None:
                raise ValueError(f"{date[:100]!a} has no time zone")
            yield name, moment.astimezone(UTC).isoformat()
    except (ValueError, csv.Error) as error:
        raise FetchFailed(address, f"no index of documents: {error}") from None


def _names_of_documents(file: Kept, context: Context) -> frozenset[str]:
    try:
        with zipfile.ZipFile(context.cache.place(file.path)) as archive:
            return frozenset(archive.namelist())
    except (zipfile.BadZipFile, OSError) as error:
        raise FetchFailed(file.address, f"no zip archive: {error}") from None


def _dates_of_documents(feed: Fetched, archive: Kept, context: Context) -> dict[str, str]:
    """When each document changed that a feed of OSV has, as it states itself. Empty where it cannot be read."""
    found: dict[str, str] = {}
    for file in filter(None, (archive, _changes_of(feed))):
        try:
            with zipfile.ZipFile(context.cache.place(file.path)) as opened:
                for member in opened.infolist():
                    too_long = member.file_size > context.limits.document
                    found[member.filename] = "" if too_long else _date_of(opened.read(member))
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError) as error:
            raise FetchFailed(file.address, f"no zip archive: {error}") from None
    return found


def _date_of(document: bytes) -> str:
    """When a record of OSV changed, as it states itself. Empty where it does not, or is none."""
    try:
        moment = datetime.fromisoformat(json.loads(document)["modified"])
        return moment.astimezone(UTC).isoformat() if moment.tzinfo is not None else ""
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return ""


def _id_of(document: bytes) -> str:
    """The name that a document of OSV or CSAF has by its own id. Empty where it is neither."""
    try:
        found = json.loads(document)
        if "document" in found:
            # CSAF 2.0, 5.1: the name of a file.
            return re.sub(r"[^+\-a-z0-9]+", "_", str(found["document"]["tracking"]["id"]).lower())
        return str(found["id"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return ""


def _changes_of(feed: Fetched) -> Kept | None:
    return next((file for file in feed.files if file.path.endswith(f"/{CHANGES}")), None)


def _names_of_changes(feed: Fetched, context: Context) -> frozenset[str]:
    file = _changes_of(feed)
    return frozenset() if file is None else _names_of_documents(file, context)


def _changes(
    feed: Feed,
    earlier: Fetched,
    documents: Mapping[str, str],
    removed: Iterable[str],
    context: Context,
    dates: Mapping[str, str] = _UNDATED,
) -> tuple[Kept | None, bool]:
    """The documents that replace others: those there were, and what stands at these addresses now. None for none.

    :param dates: when they changed, as their index has it. Whether any came as it was before that is the second part.

    Raises :class:`FetchFailed` for what is another document than the one of that name: it would hide both.
    """
    old, gone = _changes_of(earlier), frozenset(removed)
    contents: dict[str, bytes] = {}
    is_late = False
    if old is not None:
        with zipfile.ZipFile(context.cache.place(old.path)) as archive:
            contents = {name: archive.read(name) for name in archive.namelist() if name not in gone}
    for name, address in documents.items():
        found = context.client.text(address, hosts=feed.publisher.hosts, limit=context.limits.document)
        if _id_of(found) != name.rpartition("/")[2].removesuffix(".json"):
            raise FetchFailed(address, f"another document than its name has: {_id_of(found)[:100]!a}")
        is_late |= name in dates and _date_of(found) < dates[name]
        contents[name] = found
    if not contents:
        return None, False
    part = os.path.join(context.cache.parts, CHANGES)
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(contents):
            member = zipfile.ZipInfo(name, _EPOCH)
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, contents[name])
    digest, size = digest_of(part), os.path.getsize(part)
    path = context.cache.keep(part, feed.name, CHANGES, digest)
    # What is published beside each of them would be as many requests again.
    unverified = ("changed documents: by TLS alone",) if feed.publisher.checks else ()
    return Kept(path, f"{feed.address.rpartition('/')[0]}/", "", "", size, digest, (), unverified), is_late


def _repository(feed: Feed, earlier: Fetched | None, context: Context) -> Fetched:
    """A repository of rpm: ``repomd.xml`` has the address and the sum of ``updateinfo``."""
    return _of_repository(feed, feed.address, _files(earlier, context), earlier, (), context)


def _of_repository(
    feed: Feed,
    base: str,
    known: Mapping[str, Kept],
    earlier: Fetched | None,
    above: tuple[Kept, ...],
    context: Context,
) -> Fetched:
    address = f"{base}repodata/repomd.xml"
    listed = _file(feed, address, known, context, checks=feed.publisher.checks, sums=None)
    href, kind, value = _updateinfo_of(_text(listed, context), address, context.limits)
    try:
        target = urljoin(base, href)
        is_inside = target.startswith(base) and ".." not in urlsplit(target).path.split("/")
    except ValueError:  # no address
        is_inside = False
    if not is_inside:
        raise FetchFailed(address, f"its updateinfo is not in the repository: {href[:200]!a}")
    found = _file(feed, target, known, context, sums=(kind, value))
    return _fetched(feed, [*above, listed, found], context)


def _updateinfo_of(text: str, address: str, limits: Limits) -> tuple[str, str, str]:
    """Where ``updateinfo`` is, and its sum with its kind."""
    found: tuple[str, str, str] | None = None
    for one in elements(Document(address, "repomd.xml", text.encode(), alone=True), 1, limits):
        if isinstance(one, Rejection):
            raise FetchFailed(address, f"no index of a repository: {one.why}")
        if one.get("type") == "updateinfo":
            inside = children_of(one)
            places, sums = inside.get("location", []), inside.get("checksum", [])
            if len(places) != 1 or len(sums) != 1 or not places[0].get("href"):
                raise FetchFailed(address, "its updateinfo has no address or no checksum")
            kind, value = sums[0].get("type", ""), text_of(sums[0])
            if kind not in _SUMS:
                raise FetchFailed(
                    address, f"its updateinfo has a checksum of a kind that proves nothing: {kind[:40]!a}"
                )
            if found is not None:
                raise FetchFailed(address, "it has several of updateinfo, and which one counts is not known")
            found = places[0].get("href", ""), kind, value
    if found is None:
        raise FetchFailed(address, "the repository has no updateinfo")
    return found


def _mirrors(feed: Feed, earlier: Fetched | None, context: Context) -> Fetched:
    """A repository that a list of mirrors names, as Amazon has it. The first one on a host that is known is taken."""
    known = _files(earlier, context)
    listed = _file(feed, feed.address, known, context)
    allowed = {urlsplit(feed.address).netloc, *feed.publisher.hosts}
    for line in _text(listed, context).split():
        try:
            parts = urlsplit(line)
        except ValueError:
            continue
        if parts.scheme == "https" and parts.netloc in allowed and ".." not in parts.path.split("/"):
            return _of_repository(feed, f"{line.rstrip('/')}/", known, earlier, (listed,), context)
    raise FetchFailed(feed.address, f"it names no repository on {' or '.join(sorted(allowed))}")


def _years(feed: Feed, earlier: Fetched | None, context: Context) -> Fetched:
    """NVD's files, one a year, and the one of what was modified in the last eight days."""
    known = _files(earlier, context)
    years = [feed.address.replace("{year}", str(year)) for year in range(_FIRST_YEAR, context.now.year + 1)]
    modified = feed.address.replace("{year}", "modified")
    hold = False
    if earlier is not None and earlier.until and all(address in known for address in years):
        # A clock that was ahead, and was set right since, shows nothing of how long ago that was.
        hold = timedelta() <= context.now - datetime.fromisoformat(earlier.until) < _YEARS_HOLD
    until = earlier.until if hold and earlier is not None else context.now.isoformat()
    checks = feed.publisher.checks
    files: list[Kept] = []
    for address in years:
        try:
            files.append(known[address] if hold else _file(feed, address, known, context, checks=checks))
        except NotThere:
            # In the first days of a year the file of what was modified has all that its own will have.
            if address != years[-1] or context.now.timetuple().tm_yday > _YEARS_HOLD.days:
                raise
    return _fetched(feed, [*files, _file(feed, modified, known, context, checks=checks)], context, until=until)


#: Every method of the table. A new one is a function and a line here.
METHODS: Final[Mapping[str, Method]] = MappingProxyType(
    {
        "file": _one_file,
        "osv": _osv,
        "csaf": _csaf,
        "repository": _repository,
        "mirrors": _mirrors,
        "years": _years,
    }
)
