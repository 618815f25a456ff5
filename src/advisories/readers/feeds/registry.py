"""The registry of feed formats, and reading a source of any of them."""

import os
import re
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import cache
from importlib import import_module
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import BinaryIO, Final, Protocol, cast

from advisories.distros.doubtful_entries import without_doubtful
from advisories.models.advisories import Advisory, Enrichment
from advisories.models.distribution import Distribution
from advisories.models.errors import EmptySource, UnknownFormat
from advisories.models.reading import Extent, Loss, Part, ReadReport, Rejection, Scope, Skip, order_of_losses
from advisories.readers.collector import Collector
from advisories.readers.lines import lines_of
from advisories.sources.documents import Document, Found, documents, documents_of_stream
from advisories.sources.limits import DEFAULT_LIMITS, Limits

__all__ = ["FORMATS", "FeedReader", "Item", "Reading", "Tally", "format_of", "read", "read_documents", "read_stream"]

#: Every feed format and the module that reads it. The first whose reader takes a document reads it: the commonest
#: formats stand in front, and OSV first of all, because no document of another format passes for one. A new format is
#: its module and one line here.
FORMATS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "osv": "advisories.readers.feeds.osv",
        "csaf": "advisories.readers.feeds.csaf",
        "oval": "advisories.readers.feeds.oval",
        "updateinfo": "advisories.readers.feeds.updateinfo",
        "ubuntu-tracker": "advisories.readers.feeds.ubuntu_tracker",
        "usn": "advisories.readers.feeds.usn",
        "debian-tracker": "advisories.readers.feeds.debian_tracker",
        "debian-advisories": "advisories.readers.feeds.debian_advisories",
        "secdb": "advisories.readers.feeds.secdb",
        "cve5": "advisories.readers.feeds.cve5",
        "nvd": "advisories.readers.feeds.nvd",
        "kev": "advisories.readers.feeds.kev",
        "epss": "advisories.readers.feeds.epss",
    }
)

#: What a source gives, one record after the other.
Item = Advisory | Enrichment | Rejection | Skip

# Sources hold thousands of documents of one of these formats. What such a reader takes no reader in front of it takes,
# so it is tried first where the document before was of its format.
_EXACT: Final = frozenset({"osv", "csaf", "cve5", "usn", "ubuntu-tracker"})

# Readers that claim what no reader takes. OSV's is last: it claims whatever is called JSON and is none.
_CLAIMANTS: Final = (
    *("updateinfo", "oval", "csaf", "ubuntu-tracker", "usn", "debian-tracker", "debian-advisories", "secdb", "osv"),
)

# Bytes a reader may look at to recognise its format.
_HEAD: Final = 16384

_INDEXES: Final = frozenset({"index.txt", "changes.csv"})
_WHOLE_ARCHIVE: Final = "all.zip"
# How archives and compressed documents are called. Ubuntu's tracker has texts called as packages are, one of them lzma.
_PACKED: Final = re.compile(
    r"(?!00boilerplate).*\.(?:(?:xml|json|jsonl|csv|ya?ml|tar)\.(?:gz|bz2|xz|lzma|zst)|zip|tar|tgz|tbz2|txz)",
    re.IGNORECASE,
)
# Formats of which every record is a document of its own, however many there are in one file.
_RECORDS: Final = frozenset({"osv", "csaf"})
# Formats that are published both as one document and as a document for each advisory.
_EITHER: Final = frozenset({"oval", "usn", "ubuntu-tracker"})
# Formats without advisories. What is lost of them concerns no package.
_ENRICHMENTS: Final = frozenset({"cve5", "nvd", "kev", "epss"})

# A release, without channels, and the component that a document is of.
_Key = tuple[Distribution, str]


class FeedReader(Protocol):
    """What a feed format's module offers."""

    def sniff(self, head: bytes, name: str) -> bool:
        """Whether this reader takes a document that begins like this and has this name."""

    def read(self, document: Document, limits: Limits) -> Iterable[Item | Part]:
        """The records of one document: kept, refused or skipped. Never raises because of the document's content.

        In front of the records of a component of a release stands that component.
        """


class _Claimant(FeedReader, Protocol):
    """A reader that claims documents which no reader takes. So what is broken is refused and not skipped."""

    def claims(self, head: bytes, name: str) -> bool:
        """Whether a document that begins like this and has this name may be of this format."""


class Tally:
    """Counts the advisories of one source by release and component, and keeps what was lost (rule 0).

    A source is whole by its format, or it is documents of one advisory each. Of the latter an index shows that they are
    all: ``index.txt`` or ``changes.csv`` beside them, every file of which is there, or an archive called ``all.zip``.
    Source: OASIS, *Common Security Advisory Framework 2.0*, 7.1.11 to 7.1.13, and OSV's *Data dumps*.

    :ivar newest: when the advisory that changed last was modified, or else published.
    """

    def __init__(self) -> None:
        self.newest: datetime | None = None
        self._advisories: Final = Counter[_Key]()
        self._single: Final = Counter[_Key]()
        self._losses: Final[dict[Loss, None]] = {}
        # What the documents of one advisory each are called, as digests one behind the other, and for each the place of
        # what it counts for: there may be millions of them, which count for the same. And what indexes list.
        self._names: Final = bytearray()
        self._places: Final = array("I")
        self._counts: Final[dict[tuple[tuple[_Key, int], ...], int]] = {}
        self._listed: Final[set[str]] = set()
        # Of the document that is being counted.
        self._part: Part | None = None
        self._found: dict[_Key, int] = {}
        self._records = 0
        self._last = ""
        self._counted: set[_Key] = set()

    # ---- documents ----

    def add(self, document: Document, format: str, items: Iterable[object]) -> None:
        """A document of a feed format, and all that its reader gave."""
        found: dict[_Key, int] = {}
        self._part, self._found, self._records, self._last = None, found, 0, ""
        is_about_packages = format not in _ENRICHMENTS
        for item in items:
            if isinstance(item, Advisory):
                self._count(item)
            elif isinstance(item, Part):
                self._part = item
                self._advisories[item.distribution, item.name] += 0
            elif isinstance(item, Rejection):
                self._records += item.extent is Extent.RECORD
                if is_about_packages:
                    self.lose(item)
            elif isinstance(item, Skip) and item.losses and is_about_packages:
                self.lose(item)
        _add(self._advisories, found)
        is_single = format in _RECORDS or (format in _EITHER and self._records == 1)
        if is_single and found and not _is_of_whole_archive(document.source):
            _add(self._single, found)
            self._names.extend(_digest_of(document.name))
            self._places.append(self._counts.setdefault(tuple(found.items()), len(self._counts)))

    def add_other(self, document: Document) -> None:
        """A document of no feed format, which may be an index."""
        if document.name in _INDEXES:
            self._listed.update(_names_listed(document.data))

    def lose(self, item: Rejection | Skip) -> None:
        """What was lost with something that was rejected or skipped."""
        self._losses.update(dict.fromkeys(item.lost if isinstance(item, Rejection) else item.losses))

    def _count(self, advisory: Advisory) -> None:
        date = advisory.modified or advisory.published
        if date is not None and (self.newest is None or date > self.newest):
            self.newest = date
        # A document whose vulnerabilities differ gives several advisories, their CVEs behind its id.
        root = advisory.id.partition("/")[0]
        if root != self._last:
            self._last = root
            self._records += 1
            self._counted = set()
        # They are few objects for many entries. Telling these apart is cheaper than hashing every one, and most are
        # that of the entry before.
        last: Distribution | None = None
        found: dict[int, Distribution] = {}
        for one in advisory.affected:
            if one.distribution is not last and (last := one.distribution) is not None:
                found[id(last)] = last
        for distribution in found.values():
            key = self._key(distribution)
            if key not in self._counted:
                self._counted.add(key)
                self._found[key] = self._found.get(key, 0) + 1

    def _key(self, distribution: Distribution) -> _Key:
        part = self._part
        release = Distribution(distribution.id, distribution.release) if distribution.channels else distribution
        return release, part.name if part is not None and part.distribution.id == release.id else ""

    # ---- results ----

    def absorb(self, report: ReadReport) -> None:
        """Add what the report of a part of the source has."""
        for scope in report.scopes:
            key = scope.distribution, scope.part
            self._advisories[key] += scope.advisories
            self._single[key] += scope.single
        self._losses.update(dict.fromkeys(report.losses))
        if report.newest is not None and (self.newest is None or report.newest > self.newest):
            self.newest = report.newest

    def results(self) -> tuple[tuple[Scope, ...], tuple[Loss, ...], datetime | None]:
        """The scopes, the losses and the newest date, as a report has them."""
        return self._scopes(), tuple(sorted(self._losses, key=order_of_losses)), self.newest

    def _scopes(self) -> tuple[Scope, ...]:
        """How much of each release there is, by release and component."""
        single = self._single
        if self._listed:
            by_name: dict[bytes, list[int]] = {}
            for number, place in enumerate(self._places):
                digest = bytes(self._names[number * _DIGEST : (number + 1) * _DIGEST])
                by_name.setdefault(digest, []).append(place)
            listed = [by_name.get(_digest_of(name)) for name in self._listed]
            if None not in listed:
                single = single.copy()
                counts = tuple(self._counts)
                for places in listed:
                    for place in places or ():
                        single.subtract(dict(counts[place]))
        found = [Scope(*key, count, single[key]) for key, count in self._advisories.items()]
        return tuple(sorted(found, key=lambda one: (one.distribution.id, one.distribution.release or "", one.part)))


# Bytes of the digest of a name.
_DIGEST: Final = 16


def _digest_of(name: str) -> bytes:
    import hashlib  # only where there are documents of one advisory each

    return hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=_DIGEST).digest()


def _add(counts: dict[_Key, int], more: Mapping[_Key, int]) -> None:
    for key, count in more.items():
        counts[key] = counts.get(key, 0) + count


def _is_of_whole_archive(source: str) -> bool:
    return _WHOLE_ARCHIVE in source and PurePosixPath(source.partition("!")[0]).name == _WHOLE_ARCHIVE


def _names_listed(data: bytes) -> set[str]:
    """The files that an index lists, one a line, without their folders: the first cell of a line with several."""
    lines = lines_of(data.decode("utf-8", "replace"))
    cells = [line.split(",", 1)[0].strip().strip('"') for line in lines]
    return {PurePosixPath(cell).name for cell in cells if cell}


class Reading(Iterator[Item]):
    """The records of one source as a stream. Iterate it, then take its report."""

    def __init__(self, source: str, items: Callable[[Tally], Iterator[tuple[str, Item]]]) -> None:
        self._collector = Collector(source)
        self._tally = Tally()
        self._items = items(self._tally)

    def __next__(self) -> Item:
        format, item = next(self._items)
        if format:
            self._collector.formats[format] = None
        self._collector.take(item)
        return item

    def records(self) -> list[Advisory | Enrichment]:
        """The records that are left, without what was refused and skipped. The report counts both."""
        found: list[Advisory | Enrichment] = []
        for format, item in self._items:
            if format:
                self._collector.formats[format] = None
            if isinstance(item, Advisory | Enrichment):
                found.append(item)
            else:
                self._collector.take(item)
        self._collector.hold(len(found))
        return found

    def report(self) -> ReadReport:
        """What was read, kept, refused and skipped up to here."""
        return self._collector.report(None, *self._tally.results())

    def finished(self) -> ReadReport:
        """The report of a source that was read to its end.

        Raises :class:`~advisories.models.errors.EmptySource` where no record of it was kept.
        """
        report = self.report()
        if not report.kept:
            reasons = ["no record in it"]
            if report.rejections:
                reasons.append(f"the first of {len(report.rejections)} refused: {report.rejections[0]}")
            reasons.extend(f"skipped ({times}): {why}" for why, times in report.skips)
            raise EmptySource(report.source, "; ".join(reasons))
        return report


def read(source: str | Path, limits: Limits = DEFAULT_LIMITS) -> Reading:
    """The records of a file, a folder (with its subfolders, links to folders excepted) or an archive, also compressed.

    One document is in memory at a time. In a folder or archive each file of no feed format is a
    :class:`~advisories.models.Skip`. Iterating raises

    - :class:`~advisories.models.errors.UnknownFormat` for a single file of no feed format,
    - :class:`~advisories.models.errors.EmptySource` for a single file with nothing in it,
    - :class:`~advisories.models.errors.UnreadableSource` where the source as a whole cannot be read,
    - :class:`~advisories.models.errors.LimitExceeded` where it is beyond a limit as a whole.
    """
    return read_documents(source, documents(source, limits), limits)


def read_documents(source: str | Path, found: Iterable[Found], limits: Limits) -> Reading:
    """The records of a source whose documents you go through yourself. Raises as :func:`read`."""
    return Reading(os.fspath(source), lambda tally: _items(found, limits, tally))


def read_stream(stream: BinaryIO, name: str = "-", limits: Limits = DEFAULT_LIMITS) -> Reading:
    """The records of an open stream, such as standard input, also compressed or an archive. Raises as :func:`read`."""
    return read_documents(name, documents_of_stream(stream, name, limits), limits)


def _items(found: Iterable[Found], limits: Limits, tally: Tally) -> Iterator[tuple[str, Item]]:
    format: str | None = None
    for document in found:
        if not isinstance(document, Document):
            tally.lose(document)
            yield "", document
            continue
        format = format_of(document, format)
        if format is None:
            tally.add_other(document)
            other = _of_no_format(document)
            tally.lose(other)
            yield "", other
            continue
        items = without_doubtful(_reader(FORMATS[format]).read(document, limits), document.source)
        tally.add(document, format, items)
        for item in items:
            if not isinstance(item, Part):
                yield format, item


@cache
def _reader(module: str) -> FeedReader:
    return cast(FeedReader, import_module(module))


def _claimant(module: str) -> _Claimant:
    return cast(_Claimant, _reader(module))


def format_of(document: Document, before: str | None = None) -> str | None:
    """The format of a document. None where no reader takes it.

    :param before: the format of the document before it, which is often the same.
    """
    head, name = document.data[:_HEAD], document.name
    if before in _EXACT and _reader(FORMATS[before]).sniff(head, name):
        return before
    for format, module in FORMATS.items():
        if _reader(module).sniff(head, name):
            return format
    return next((format for format in _CLAIMANTS if _claimant(FORMATS[format]).claims(head, name)), None)


def _of_no_format(document: Document) -> Skip | Rejection:
    if document.alone:
        if not document.data.strip():
            raise EmptySource(document.source, "the file is empty")
        raise UnknownFormat(document.source, f"not a feed of a known format; there are: {', '.join(FORMATS)}")
    if _PACKED.fullmatch(document.name):
        # It would have been unpacked. What it was cut from, or is a page instead of, nobody knows.
        return Rejection(document.source, "-", document.name, "neither compressed nor an archive, as its name has it")
    from advisories.sources.json import looks_like_json

    what = "JSON" if looks_like_json(document.data[:_HEAD]) else "a file"
    return Skip(document.source, "-", document.name, f"{what} of no feed format")
