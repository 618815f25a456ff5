"""Reading feeds and package lists, format by format, beside the bare decoding of the same bytes.

Reading is from bytes in memory, unpacked, to what the reader yields, let go of as it comes. Decoding is the least that
a reader of the format can do: parsed, and nothing looked at. ``python -m benchmarks.reading`` prints this alone.
"""

import csv
import importlib
import io
import json
import sqlite3
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from advisories.models import Advisory, Enrichment, Package
from advisories.models.errors import EmptySource
from advisories.readers import inventories
from advisories.readers.feeds import registry
from advisories.readers.inventories import registry as lists_registry
from advisories.sources import json as source_json
from advisories.sources.documents import Document, documents
from advisories.sources.limits import DEFAULT_LIMITS
from benchmarks import peers, records, timing

_SECONDS_EACH = 2.0
# So much of a source is read over and over.
_BYTES = 8_000_000

# Documents are timed in parts, the shortest time of each: on a busy machine all of them are interrupted every time.
_DOCUMENTS_A_PART = 10

# The name of the last decoding with the packages that come of it.
_OBJECTS = "with packages"

Decode = Callable[[bytes], object]


class Row(NamedTuple):
    """What reading took, in seconds, and how many times as long as decoding, by each decoder."""

    format: str
    source: str
    documents: int
    bytes: int
    items: int
    reading: float
    ratios: dict[str, float]


def _json(data: bytes) -> object:
    return json.loads(data)


def _xml(data: bytes) -> object:
    for _, element in ET.iterparse(io.BytesIO(data), ("end",)):
        element.clear()
    return None


def _lines(data: bytes) -> object:
    return [line.split() for line in data.decode().split("\n")]


def _csv(data: bytes) -> object:
    return list(csv.reader(io.StringIO(data.decode())))


def _blobs(data: bytes) -> object:
    connection = sqlite3.connect(":memory:")
    copy = bytearray(data)
    copy[18:20] = b"\x01\x01"
    connection.deserialize(copy)
    try:
        return connection.execute("SELECT blob FROM Packages").fetchall()
    finally:
        connection.close()


def _yaml(data: bytes) -> object:
    return yaml.load(data, Loader=yaml.CBaseLoader)


def _decoders(decode: Decode) -> dict[str, Decode]:
    if decode is _json and (msgspec := peers.installed("msgspec")) is not None:
        return {"json": _json, "msgspec": msgspec.json.decode}
    return {decode.__name__.strip("_"): decode}


#: Which part of the real feeds shows a format, and the bare decoding of it.
_FEEDS: tuple[tuple[str, str, Decode], ...] = (
    ("osv", "almalinux-osv.tar.xz", _json),
    ("oval", "ubuntu-oval-2021-02", _xml),
    ("oval", "suse-oval-and-ubuntu-osv.tar.xz", _xml),
    ("ubuntu-tracker", "ubuntu-cve-tracker-2020-06.tar.xz", _lines),
    ("usn", "vuls-data-update-fetch-fixtures.tar.xz", _json),
    ("debian-advisories", "debian-security-tracker-2023-04.tar.xz", _lines),
    ("debian-tracker", "vuls-data-update-fetch-fixtures.tar.xz", _json),
    ("updateinfo", "updateinfo-samples-fermitools.tar.xz", _xml),
    ("csaf", "redhat-csaf-vex-sboms.tar.xz", _json),
    ("secdb", "alpine-secdb-2020-06.tar.xz", _yaml),
    ("kev", "cisa-kev.tar.xz", _json),
    ("epss", "claircore-testdata.tar.xz", _csv),
    ("nvd", "claircore-testdata.tar.xz", _json),
    ("cve5", "redhat-csaf-vex-sboms.tar.xz", _json),
)

_LISTS: tuple[tuple[str, str, str, Decode], ...] = (
    ("dpkg-status", "dpkg-status", "*status", _lines),
    ("dpkg-status", "debian-archive-bookworm", "*_Packages", _lines),
    ("dpkg-query", "image-manifests", "*.manifest", _lines),
    ("rpm-qa", "rpm-lists", "*.txt", _lines),
    ("rpm-database", "rpm-databases", "rpmdb.sqlite", _blobs),
    ("apk-installed", "apk-installed", "installed", _lines),
    ("vuls", "hosts", "*.json", _json),
    ("trivy", "trivy-packages", "*.golden", _json),
    ("cyclonedx", "sboms", "*.json", _json),
    ("cyclonedx", "sboms", "*.xml", _xml),
    ("spdx", "sboms", "*.json", _json),
    ("syft", "sboms", "*.json", _json),
    ("apt-lock", "image-manifests", "*.lock.json", _json),
    ("rpms-lock", "rpm-lists", "rpms.lock.yaml", _yaml),
)


def feeds() -> Iterator[Row]:
    """The rows of feeds; none without the real data."""
    for format, archive, decode in _FEEDS:
        source = records.DATA / "feeds" / archive
        if source.exists():
            found = (one for one in documents(source, DEFAULT_LIMITS) if isinstance(one, Document))
            data = [one for one in _of_format(format, found) if _decodes(decode, one)]
            yield from _row(format, archive.removesuffix(".tar.xz"), decode, data, partial(_feed, format))


def lists() -> Iterator[Row]:
    """The rows of package lists; none without the real data."""
    for format, archive, pattern, decode in _LISTS:
        folder = records.unpacked(f"inventories/{archive}")
        if folder is not None:
            kept = [
                data
                for data in _files(folder, pattern)
                if lists_registry.format_of(data) == format and _decodes(decode, data)
            ]
            yield from _row(format, f"{archive}: {pattern}", decode, kept, _list, _objects(kept))


def _of_format(format: str, found: Iterable[Document]) -> Iterator[bytes]:
    """The documents of a format, no more than are read in a moment."""
    size = 0
    for document in found:
        if registry.format_of(document) == format:
            yield document.data
            size += len(document.data)
            if size > _BYTES:
                return


def _files(folder: Path, pattern: str) -> Iterator[bytes]:
    for path in sorted(folder.rglob(pattern)):
        if path.is_file():
            yield path.read_bytes()


def _feed(format: str, documents: Sequence[bytes]) -> Callable[[], int]:
    reader: Any = importlib.import_module(registry.FORMATS[format])
    made = [Document(f"document {number}", "document", data, False) for number, data in enumerate(documents)]

    def read() -> int:
        return sum(isinstance(item, Advisory | Enrichment) for one in made for item in reader.read(one, DEFAULT_LIMITS))

    return read


def _list(documents: Sequence[bytes]) -> Callable[[], int]:
    def read() -> int:
        made = 0
        for data in documents:
            try:
                made += len(inventories.read_stream(io.BytesIO(data), "list").packages)
            except EmptySource:
                continue
        return made

    return read


def _objects(documents: Sequence[bytes]) -> timing.Work:
    """As many packages as the lists have, made of nothing: what no reader that yields them can do without."""
    number = _list(documents)()
    return lambda: [Package("rpm", "name", "1-1", "noarch") for _ in range(number)]


def _row(
    format: str,
    source: str,
    decode: Decode,
    documents: list[bytes],
    reader: Callable[[Sequence[bytes]], Callable[[], int]],
    objects: timing.Work | None = None,
) -> Iterator[Row]:
    if not documents:
        return
    decoders = _decoders(decode)
    starts = range(0, len(documents), _DOCUMENTS_A_PART)
    reads = [reader(documents[start : start + _DOCUMENTS_A_PART]) for start in starts]
    works: dict[str, timing.Work] = {"reading": timing.Parts(tuple(reads))}
    if "json" in decoders:
        works["without msgspec"] = timing.Parts(tuple(map(_without_msgspec, reads)))
    for name, one in decoders.items():
        parts = (timing.calls(one, documents[start : start + _DOCUMENTS_A_PART]) for start in starts)
        works[name] = timing.Parts(tuple(parts))
    if objects is not None:
        works["objects"] = objects
    taken = timing.minima(works, seconds=_SECONDS_EACH)
    # What reads without msgspec decodes by json.
    readings = {"json": "without msgspec"}
    ratios = {name: taken[readings.get(name, "reading")] / taken[name] for name in decoders}
    if objects is not None:
        last = list(decoders)[-1]
        ratios[_OBJECTS] = taken["reading"] / (taken[last] + taken["objects"])
    items = sum(read() for read in reads)
    yield Row(format, source, len(documents), sum(map(len, documents)), items, taken["reading"], ratios)


def _without_msgspec(read: Callable[[], int]) -> timing.Work:
    """The same where msgspec is not installed."""

    def without() -> int:
        coders = source_json.fast_coders
        source_json.fast_coders = lambda: None  # type: ignore[assignment]
        try:
            return read()
        finally:
            source_json.fast_coders = coders

    return without


def _decodes(decode: Decode, data: bytes) -> bool:
    """Whether the bare decoder reads it at all."""
    try:
        decode(data)
    except (ValueError, ET.ParseError):
        return False
    return True


def table(rows: Iterable[Row], items: str) -> list[str]:
    """A row a format and source."""
    lines = [
        f"| format | source | documents | MB | {items} | {items} a second | MB a second | beside the bare decoding |",
        "|---|---|---:|---:|---:|---:|---:|---|",
    ]
    for row in rows:
        ratios = ", ".join(f"{ratio:.1f} ({name})" for name, ratio in row.ratios.items())
        megabytes = row.bytes / 1e6
        lines.append(
            f"| {row.format} | {row.source} | {row.documents:,} | {megabytes:.1f} | {row.items:,} "
            f"| {row.items / row.reading:,.0f} | {megabytes / row.reading:.1f} | {ratios} |"
        )
    return lines


_ABOUT = """\
Each format from bytes in memory to what its reader yields, and how many times as long that takes as the bare decoding
of the same bytes: by msgspec, and by `json` of the standard library, each beside reading that decodes by it (as the
readers do without the extra `fast`). What is read in a second is by msgspec. XML is decoded by `iterparse` with each
element cleared, YAML by its loader in C. Lines are split at blanks. SQLite fetches blobs. Of large sources the first
8 MB. The goals are 3 for everything but XML, and 2 for XML. Of lists *with packages* is the decoding and making as many
objects of the model as the list has packages, out of nothing.
"""


def report() -> list[str]:
    """The sections of the report; empty without the real data."""
    read, listed = list(feeds()), list(lists())
    if not read:
        return []
    return [
        "## Reading feeds",
        "",
        *_ABOUT.splitlines(),
        "",
        *table(read, "records"),
        "",
        "## Reading package lists",
        "",
        *table(listed, "packages"),
        "",
    ]


if __name__ == "__main__":
    print("\n".join(report() or ["Not measured: the real archives are not there."]))
