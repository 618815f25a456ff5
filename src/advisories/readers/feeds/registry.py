"""The registry of feed formats, and reading a source of any of them."""

import os
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO, Final, Protocol, cast

from advisories.models import Advisory, Enrichment, ReadReport, Rejection, Skip
from advisories.models.errors import EmptySource, UnknownFormat
from advisories.readers.collector import Collector
from advisories.sources.documents import Document, Found, documents, documents_of_stream
from advisories.sources.limits import DEFAULT_LIMITS, Limits

__all__ = ["FORMATS", "FeedReader", "Item", "Reading", "format_of", "read", "read_documents", "read_stream"]

#: Every feed format and the module that reads it, asked in this order. A new one is its module and one line here.
FORMATS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "oval": "advisories.readers.feeds.oval",
        "updateinfo": "advisories.readers.feeds.updateinfo",
        "ubuntu-tracker": "advisories.readers.feeds.ubuntu_tracker",
        "usn": "advisories.readers.feeds.usn",
        "debian-notices": "advisories.readers.feeds.debian_notices",
        "debian-tracker": "advisories.readers.feeds.debian_tracker",
        "csaf": "advisories.readers.feeds.csaf",
        "secdb": "advisories.readers.feeds.secdb",
        "kev": "advisories.readers.feeds.kev",
        "epss": "advisories.readers.feeds.epss",
        "nvd": "advisories.readers.feeds.nvd",
        "cve5": "advisories.readers.feeds.cve5",
        "osv": "advisories.readers.feeds.osv",
    }
)

#: What a reader yields, one record after the other.
Item = Advisory | Enrichment | Rejection | Skip

# Bytes a reader may look at to recognise its format.
_HEAD: Final = 16384


class FeedReader(Protocol):
    """What a feed format's module offers."""

    def sniff(self, head: bytes, name: str) -> bool:
        """Whether a document that begins like this (and is called so) is to be read by this reader."""

    def read(self, document: Document, limits: Limits) -> Iterator[Item]:
        """The records of one document: kept, refused, or left aside. Never raises for what the document says."""


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

    Streams: one document is in memory at a time. Files of a folder or archive that no reader recognises are a
    :class:`~advisories.models.Skip` each; a single file that none recognises raises
    :class:`~advisories.models.errors.UnknownFormat`. Raises (while iterating) :class:`~advisories.models.errors.UnreadableSource`
    where the source as a whole cannot be read, :class:`~advisories.models.errors.LimitExceeded` where it is beyond a limit
    as a whole.
    """
    return read_documents(source, documents(source, limits), limits)


def read_documents(source: str | Path, found: Iterable[Found], limits: Limits) -> Reading:
    """The records of a source's documents, for whoever looks at the documents too; raises as :func:`read`."""
    return Reading(os.fspath(source), _items(found, limits))


def read_stream(stream: BinaryIO, name: str = "-", limits: Limits = DEFAULT_LIMITS) -> Reading:
    """The records of an open stream, such as standard input, also compressed or an archive; raises as :func:`read`."""
    return read_documents(name, documents_of_stream(stream, name, limits), limits)


def _items(found: Iterable[Found], limits: Limits) -> Iterator[tuple[str, Item]]:
    for document in found:
        if not isinstance(document, Document):
            yield "", document
        else:
            yield from _records(document, limits)


@cache
def _reader(module: str) -> FeedReader:
    return cast(FeedReader, import_module(module))


def format_of(document: Document) -> str | None:
    """The first format whose reader takes the document; None where none does."""
    head = document.data[:_HEAD]
    return next((format for format, module in FORMATS.items() if _reader(module).sniff(head, document.name)), None)


def _records(document: Document, limits: Limits) -> Iterator[tuple[str, Item]]:
    format = format_of(document)
    if format is not None:
        for item in _reader(FORMATS[format]).read(document, limits):
            yield format, item
        return
    if document.alone:
        raise UnknownFormat(document.source, f"not a feed of a known format; there are: {', '.join(FORMATS)}")
    from advisories.sources.json import looks_like_json  # json is not loaded for a store alone

    what = "JSON" if looks_like_json(document.data[:_HEAD]) else "a file"
    yield "", Skip(document.source, "-", document.name, f"{what} of no feed format")
