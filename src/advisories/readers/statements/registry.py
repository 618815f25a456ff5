"""The registry of the formats of statements (ignore rules, VEX), and reading a source of any of them."""

import os
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import import_module
from os import PathLike
from types import MappingProxyType
from typing import BinaryIO, Final, Protocol, cast

from advisories.models.errors import EmptySource, UnknownFormat
from advisories.models.frozen import field, frozen
from advisories.models.nouns import Noun, outlined
from advisories.models.reading import ReadReport, Rejection, Skip
from advisories.models.statements import Revision, Statement
from advisories.readers.collector import Collector
from advisories.sources.documents import Document, Found, documents, documents_of_stream, stream_of
from advisories.sources.limits import DEFAULT_LIMITS, Limits

__all__ = ["FORMATS", "Item", "StatementReader", "Statements", "format_of", "read", "read_statements", "read_stream"]

#: Every format and the module that reads it, tried in this order. A new one is its module and one line here.
FORMATS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "openvex": "advisories.readers.statements.openvex",
        "csaf": "advisories.readers.statements.csaf_vex",
        "cyclonedx": "advisories.readers.statements.cyclonedx_vex",
        "ignore-file": "advisories.readers.statements.toml_rules",
    }
)

#: What a reader yields, one statement after the other.
Item = Statement | Rejection | Skip | Revision

# Bytes a reader may look at to recognise its format.
_HEAD: Final = 16384


class StatementReader(Protocol):
    """What a format's module offers."""

    def sniff(self, head: bytes, alone: bool) -> bool:
        """Whether a document that begins like this is to be read by this reader.

        :param alone: whether it was named itself, rather than found in a folder or archive.
        """

    def read(self, document: Document) -> Iterator[Item]:
        """The statements of one document: kept, rejected, or skipped. In front of them which revision it is.

        Raises :class:`~advisories.models.errors.InvalidIgnoreFile` where one mistake refuses the whole document.
        """


@frozen
class Statements(Noun):
    """The statements of one source, in their order, and what its reader kept and rejected.

    :ivar revisions: of its documents that have an id, those without statements too: what a later one leaves out holds
        no longer.
    """

    statements: tuple[Statement, ...] = field(repr=outlined)
    report: ReadReport
    revisions: tuple[Revision, ...] = field(default=(), repr=outlined)


def read_statements(
    source: str | PathLike[str] | BinaryIO, *, name: str = "-", limits: Limits = DEFAULT_LIMITS
) -> Statements:
    """The statements of an ignore file or of VEX documents: a file, a folder, an archive, or an open binary stream.

    :param name: what messages call a stream.

    Raises as :func:`read`.
    """
    if isinstance(source, str | PathLike):
        return read(source, limits)
    return read_stream(stream_of(source), name, limits)


def read(source: str | PathLike[str], limits: Limits = DEFAULT_LIMITS) -> Statements:
    """The statements of a file, a folder (with its subfolders) or an archive, also compressed.

    Files of a folder or archive that no reader recognises are skipped and counted. Raises
    :class:`~advisories.models.errors.UnreadableSource`, :class:`~advisories.models.errors.LimitExceeded`,
    :class:`~advisories.models.errors.UnknownFormat`, :class:`~advisories.models.errors.InvalidIgnoreFile`, and
    :class:`~advisories.models.errors.EmptySource` where there were statements and none could be kept, or a folder has
    no document of a known format. An ignore file without a rule is no error.
    """
    return _read(os.fspath(source), documents(source, limits))


def read_stream(stream: BinaryIO, name: str = "-", limits: Limits = DEFAULT_LIMITS) -> Statements:
    """The statements of an open stream, such as standard input. Raises as :func:`read`."""
    return _read(name, documents_of_stream(stream, name, limits))


def _read(source: str, found: Iterable[Found]) -> Statements:
    collector = Collector(source)
    statements: list[Statement] = []
    revisions: dict[Revision, None] = {}
    for document in found:
        for item in _items(document, collector.formats):
            if isinstance(item, Revision):
                revisions[item] = None
            elif collector.take(item):
                statements.append(cast(Statement, item))
    report = collector.report()
    if not statements and (report.rejected or not collector.formats):
        first = f"; the first of {report.rejected} refused: {report.rejections[0]}" if report.rejected else ""
        raise EmptySource(source, f"no statement{first}")
    return Statements(tuple(statements), report, tuple(revisions))


def _items(document: Found, formats: dict[str, None]) -> Iterator[Item]:
    if not isinstance(document, Document):
        yield document
        return
    format = format_of(document)
    if format is not None:
        formats[format] = None
        yield from _reader(FORMATS[format]).read(document)
    elif document.alone:
        why = f"neither ignore rules nor statements of a known format; there are: {', '.join(FORMATS)}"
        raise UnknownFormat(document.source, why)
    else:
        yield Skip(document.source, "-", document.name, "a file of no known format")


def format_of(document: Document) -> str | None:
    """The format of a document. None where no reader takes it."""
    head = document.data[:_HEAD]
    return next((format for format, module in FORMATS.items() if _reader(module).sniff(head, document.alone)), None)


@cache
def _reader(module: str) -> StatementReader:
    return cast(StatementReader, import_module(module))
