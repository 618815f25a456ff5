"""Compiling sources into a store, and taking over from an older store what has not changed since."""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property, partial
from os import PathLike
from pathlib import Path
from typing import Any, BinaryIO, Final

from advisories.index.feed import Feed
from advisories.index.merging import merged_enrichments
from advisories.models.advisories import Advisory, Enrichment
from advisories.models.errors import UnreadableSource
from advisories.models.frozen import field, frozen
from advisories.models.nouns import Noun, outlined
from advisories.models.reading import Flaw, FlawKind, ReadReport
from advisories.readers.feeds.registry import Reading, read_documents
from advisories.sources.documents import Document, Found, documents, documents_of_stream, is_database, path_of
from advisories.sources.limits import DEFAULT_LIMITS, Limits
from advisories.store.as_source import StoreReading
from advisories.store.checking import is_as_written
from advisories.store.contents import Chosen, Contents
from advisories.store.reader import Provenance, Store
from advisories.store.schema import READER_VERSION
from advisories.store.spool import Spooled
from advisories.store.tables import tables
from advisories.store.writing import write

__all__ = ["Compiled", "Progress", "Source", "Supply", "compile_store", "read_sources", "write_store"]

#: Called now and then with the source that is being read and the number of its records so far.
Progress = Callable[[str, int], None]

# Progress is reported every so many records.
_STEP: Final = 500


@frozen
class Source(Noun):
    """A source that was read, or taken over from an older store.

    :ivar digest: SHA-256 in hexadecimal over its files in reading order, for each its name relative to the source and
        a zero byte, the length of its content as 8 bytes, most significant first, and the content. The name of a single
        file is empty. The content of one that could not be read is the reason. A store has its own digest, and a supply
        may have one.
    :ivar advisories: as the reader gave them. Those of a source that was read are made when you look at them.
    :ivar conflicts: the lint of advisories that were put together when it was read for an older store.
    :ivar is_taken: whether it was taken over.
    """

    report: ReadReport
    digest: str
    advisories: Sequence[Advisory] = field(repr=outlined)
    enrichments: tuple[Enrichment, ...] = field(default=(), repr=outlined)
    conflicts: tuple[Flaw, ...] = field(default=(), repr=outlined)
    is_taken: bool = False


@frozen
class Supply:
    """A source whose documents you go through yourself, under a name of its own: the same wherever its files lie.

    :ivar documents: makes them, each time anew. Their sources begin with the name.
    :ivar digest: another one where any document is, so that none is looked at where none has changed. Empty where you
        know none.
    """

    name: str
    documents: Callable[[], Iterable[Found]]
    digest: str = ""


@frozen
class Compiled(Noun):
    """What was written.

    :ivar path: of the store, as it was given.
    """

    path: str
    sources: tuple[Source, ...] = field(repr=outlined)

    @cached_property
    def feed(self) -> Feed:
        """What is in it, opened at the first look."""
        return Feed.over(Store(self.path))

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON types."""
        return {**Noun.to_dict(self), "feed": self.feed.to_dict()}


def compile_store(
    sources: str | PathLike[str] | Sequence[str | PathLike[str]], output: str | PathLike[str]
) -> Compiled:
    """Read sources (files, folders, archives, other stores) and write their advisories as one store.

    Where `output` is a store already, unchanged sources are taken over from it instead of read. The file is the same as
    if they had been read. Readers of `output` see the old file or the whole new one.

    :param sources: one path, or several.

    Raises as :func:`read_sources` and :func:`write_store`.
    """
    if isinstance(sources, str | PathLike):
        sources = (sources,)
    return write_store(read_sources(sources, output), output)


def read_sources(
    sources: Sequence[str | PathLike[str] | Supply],
    output: str | PathLike[str],
    *,
    standard_input: BinaryIO | None = None,
    progress: Progress | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> tuple[Source, ...]:
    """The sources, read, or taken over from the store at `output` where there is one that has them as they are.

    :param standard_input: what ``-`` among the sources is.

    Raises as :func:`advisories.store.open.read_feed`.
    """
    report = progress or (lambda source, records: None)
    output = path_of(output)
    folder = _folder(output)
    older = _Older(Path(output))
    found: list[Source] = []
    for path in sources:
        if isinstance(path, Supply):
            source, supplied = path.name, path.documents
        else:
            source, supplied = os.fspath(path), partial(documents, path, limits)
        report(source, 0)
        if source == "-" and standard_input is not None:
            found.append(_read(source, report, documents_of_stream(standard_input, source, limits), limits, folder))
        elif not isinstance(path, Supply) and is_database(source):
            found.append(_read_store(source, report, folder))
        else:
            known = path.digest if isinstance(path, Supply) else ""
            found.append(
                older.taken(source, supplied, known) or _read(source, report, supplied(), limits, folder, known)
            )
    for place in sorted(_shared(found)) if any(one.is_taken for one in found) else ():
        path, one = sources[place], found[place]
        # Of what was superseded or put together the older store has only the outcome.
        if one.is_taken:
            again = path.documents() if isinstance(path, Supply) else documents(path, limits)
            known = path.digest if isinstance(path, Supply) else ""
            found[place] = _read(one.report.source, report, again, limits, folder, known)
    return tuple(found)


def write_store(sources: Sequence[Source], output: str | PathLike[str]) -> Compiled:
    """Write the advisories of these sources as one store.

    Raises :class:`~advisories.models.errors.UnwritableStore`. Whatever was at `output` is then as it was.
    """
    path = os.fspath(output)
    # What rows are made of is let go of before they are written.
    write(path, tables(_contents(sources, _folder(path))))
    return Compiled(path, tuple(sources))


def _contents(sources: Sequence[Source], folder: str) -> Contents:
    chosen = Chosen([_spooled(source.advisories, folder) for source in sources], folder)
    enrichments, again = merged_enrichments(one for source in sources for one in source.enrichments)
    conflicts = [flaw for source in sources for flaw in source.conflicts] + chosen.conflicts
    shared = _shared(sources)
    return Contents(
        chosen,
        chosen.completions(),
        [Provenance(one.report, one.digest, place not in shared) for place, one in enumerate(sources)],
        _with_origins(enrichments, sources),
        # Those of sources that were taken over had been left out before.
        chosen.duplicates + again + sum([one.report.kept - _count(one) for one in sources]),
        sorted(conflicts, key=lambda flaw: flaw.advisory),
        folder,
    )


def _folder(output: str) -> str:
    """Where a store is written, and what is too much for memory meanwhile."""
    return os.path.dirname(os.path.realpath(output))


def _spooled(advisories: Sequence[Advisory], folder: str) -> Spooled:
    return advisories if isinstance(advisories, Spooled) else Spooled.of(advisories, folder)


def _count(source: Source) -> int:
    return len(source.advisories) + len(source.enrichments)


#: An advisory's id, or the CVE of an enrichment and who speaks of it.
_Name = str | tuple[str, str]


def _names(source: Source) -> Iterator[_Name]:
    """What each record of a source is called."""
    known = source.advisories
    yield from known.ids if isinstance(known, Spooled) else [one.id for one in known]
    yield from [(one.cve, one.source) for one in source.enrichments]


def _shared(sources: Sequence[Source]) -> set[int]:
    """The places of the sources that have a record of the same name as another one."""
    if len(sources) < 2:
        return set()
    first: dict[_Name, int] = {}
    found: set[int] = set()
    for place, source in enumerate(sources):
        for name in _names(source):
            other = first.setdefault(name, place)
            if other != place:
                found.update((other, place))
    return found


def _with_origins(enrichments: Iterable[Enrichment], sources: Sequence[Source]) -> list[tuple[Enrichment, int]]:
    """Enrichments, each with the place of the first source that has one of its name."""
    first: dict[_Name, int] = {}
    for place, source in enumerate(sources):
        for one in source.enrichments:
            first.setdefault((one.cve, one.source), place)
    return [(one, first[one.cve, one.source]) for one in enrichments]


# ---- reading ----


def _read(
    source: str, progress: Progress, found: Iterable[Found], limits: Limits, folder: str, known: str = ""
) -> Source:
    if known:
        return _records(read_documents(source, found, limits), source, progress, lambda: known, folder)
    digest = _Digest(source)
    reading = read_documents(source, digest.over(found), limits)
    return _records(reading, source, progress, digest.hexadecimal, folder)


def _read_store(source: str, progress: Progress, folder: str) -> Source:
    reading = StoreReading(source)
    return _records(reading, source, progress, lambda: reading.digest, folder)


def _records(reading: Reading, source: str, progress: Progress, digest: Callable[[], str], folder: str) -> Source:
    found = Spooled(folder)
    enrichments: list[Enrichment] = []
    for number, item in enumerate(reading, 1):
        if number % _STEP == 0:
            progress(source, number)
        if isinstance(item, Advisory):
            found.append(item)
        elif isinstance(item, Enrichment):
            enrichments.append(item)
    return Source(reading.finished(), digest(), found, tuple(enrichments))


class _Digest:
    """The digest of a source, taken while its documents pass. :class:`Source` defines it."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._hashed = hashlib.sha256()

    def over(self, found: Iterable[Found]) -> Iterator[Found]:
        """The same documents."""
        for one in found:
            if isinstance(one, Document):
                self._add("" if one.alone else self._relative(one.source), one.data)
            else:
                self._add(self._relative(one.source), one.why.encode("utf-8", "surrogatepass"))
            yield one

    def _relative(self, path: str) -> str:
        archive = f"{self._source}!"
        if path.startswith(archive):
            return path[len(archive) :]
        return os.path.relpath(path, self._source)

    def _add(self, name: str, content: bytes) -> None:
        self._hashed.update(name.encode("utf-8", "surrogatepass") + b"\0" + len(content).to_bytes(8, "big"))
        self._hashed.update(content)

    def hexadecimal(self) -> str:
        """The digest of what has passed."""
        return self._hashed.hexdigest()


class _Older:
    """The store that is to be replaced, as far as it is whole and was made by the same readers."""

    def __init__(self, path: Path) -> None:
        self._store: Store | None = None
        self._whole: dict[str, int] = {}
        self._advisories: dict[int, list[Advisory]] | None = None
        try:
            if is_database(path) and is_as_written(path):
                store = Store(path)
                if store.reader_version == READER_VERSION:
                    self._store = store
                    self._whole = {
                        one.report.source: place
                        for place, one in enumerate(store.provenance)
                        if one.whole and one.report.format != "store"
                    }
        except UnreadableSource:
            # Damaged, or of another version: nothing is taken over.
            self._store = None

    def taken(self, path: str, supplied: Callable[[], Iterable[Found]], known: str) -> Source | None:
        """A source as the store has it. None where the store lacks it, or it has changed since.

        :param known: its digest, where it is known without a look at its documents.
        """
        place = self._whole.get(path)
        if self._store is None or place is None:
            return None
        source = self._store.provenance[place]
        if not known:
            digest = _Digest(path)
            for _ in digest.over(supplied()):
                pass
            known = digest.hexadecimal()
        if known != source.digest:
            return None
        advisories = tuple(self._of(place))
        enrichments = tuple(self._enrichments_of(place))
        ids = {advisory.id for advisory in advisories}
        conflicts = [flaw for flaw in self._store.flaws if flaw.kind is FlawKind.CONFLICT and flaw.advisory in ids]
        return Source(source.report, source.digest, advisories, enrichments, tuple(conflicts), is_taken=True)

    def _enrichments_of(self, place: int) -> list[Enrichment]:
        assert self._store is not None
        all_of_them = zip(self._store.all_enrichments(), self._store.enrichment_origins, strict=True)
        return [one for one, origin in all_of_them if origin == place]

    def _of(self, place: int) -> list[Advisory]:
        assert self._store is not None
        if self._advisories is None:
            self._advisories = {}
            for advisory in self._store:
                self._advisories.setdefault(self._store.origins[advisory.id], []).append(advisory)
        return self._advisories.get(place, [])
