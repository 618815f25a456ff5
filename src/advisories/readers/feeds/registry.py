"""The registry of feed formats, and reading a source of any of them."""

import os
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO, Final, Protocol, cast

from advisories.models.advisories import Advisory, Enrichment
from advisories.models.errors import EmptySource, UnknownFormat
from advisories.models.reading import ReadReport, Rejection, Skip
from advisories.readers.collector import Collector
from advisories.sources.documents import Document, Found, documents, documents_of_stream
from advisories.sources.limits import DEFAULT_LIMITS, Limits

__all__ = ["FORMATS", "FeedReader", "Item", "Reading", "format_of", "read", "read_documents", "read_stream"]

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

#: What a reader yields, one record after the other.
Item = Advisory | Enrichment | Rejection | Skip

# Sources hold thousands of documents of one of these formats. What such a reader takes no reader in front of it takes,
# so it is tried first where the document before was of its format.
_EXACT: Final = frozenset({"osv", "csaf", "cve5", "usn", "ubuntu-tracker"})

# Readers that claim what no reader takes, those first that go by the name.
_CLAIMANTS: Final = ("oval", "updateinfo", "osv")

# Bytes a reader may look at to recognise its format.
_HEAD: Final = 16384


class FeedReader(Protocol):
    """What a feed format's module offers."""

    def sniff(self, head: bytes, name: str) -> bool:
        """Whether this reader takes a document that begins like this and has this name."""

    def read(self, document: Document, limits: Limits) -> Iterable[Item]:
        """The records of one document: kept, refused or skipped. Never raises because of the document's content."""


class _Claimant(FeedReader, Protocol):
    """A reader that claims documents which no reader takes. So what is broken is refused and not skipped."""

    def claims(self, head: bytes, name: str) -> bool:
        """Whether a document that begins like this and has this name may be of this format."""


class Reading(Iterator[Item]):
    """The records of one source as a stream. Iterate it, then take its report."""

    def __init__(self, source: str, items: Iterator[tuple[str, Item]]) -> None:
        self._items = items
        self._collector = Collector(source)

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
        return self._collector.report()

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
    - :class:`~advisories.models.errors.UnreadableSource` where the source as a whole cannot be read,
    - :class:`~advisories.models.errors.LimitExceeded` where it is beyond a limit as a whole.
    """
    return read_documents(source, documents(source, limits), limits)


def read_documents(source: str | Path, found: Iterable[Found], limits: Limits) -> Reading:
    """The records of a source whose documents you go through yourself. Raises as :func:`read`."""
    return Reading(os.fspath(source), _items(found, limits))


def read_stream(stream: BinaryIO, name: str = "-", limits: Limits = DEFAULT_LIMITS) -> Reading:
    """The records of an open stream, such as standard input, also compressed or an archive. Raises as :func:`read`."""
    return read_documents(name, documents_of_stream(stream, name, limits), limits)


def _items(found: Iterable[Found], limits: Limits) -> Iterator[tuple[str, Item]]:
    format: str | None = None
    for document in found:
        if not isinstance(document, Document):
            yield "", document
            continue
        format = format_of(document, format)
        if format is None:
            yield "", _of_no_format(document)
        else:
            for item in _reader(FORMATS[format]).read(document, limits):
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


def _of_no_format(document: Document) -> Skip:
    if document.alone:
        raise UnknownFormat(document.source, f"not a feed of a known format; there are: {', '.join(FORMATS)}")
    from advisories.sources.json import looks_like_json

    what = "JSON" if looks_like_json(document.data[:_HEAD]) else "a file"
    return Skip(document.source, "-", document.name, f"{what} of no feed format")
