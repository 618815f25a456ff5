"""What holds for every format of the registries: a new one brings a document and what is read of it, and no test.

``cases/formats/REGISTRY/FORMAT`` has ``input.*``, a small document with something that is kept and, where it can be,
something that is refused or skipped. ``expected.txt`` has what is read: every field that is not its default.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from importlib import import_module
from pathlib import Path
from typing import Any

import attrs
import pytest
from advisories_reference import advisory, affected, host, rpm
from examples import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from places import GOLDEN, ROOT

from advisories import DEFAULT_LIMITS, Feed, match, reports
from advisories.models import Advisory, Enrichment, Extent, Package, Rejection, Skip
from advisories.models.errors import AdvisoriesError, InvalidIgnoreFile
from advisories.models.reading import Part
from advisories.models.statements import Revision, Statement
from advisories.readers import feeds, inventories
from advisories.readers import statements as ignores
from advisories.readers.feeds.registry import format_of as feed_format_of
from advisories.readers.inventories.head import Head
from advisories.readers.inventories.registry import format_of as list_format_of
from advisories.readers.listing import Listing
from advisories.readers.setups import registry as setups
from advisories.readers.setups.entry import Entry
from advisories.sources.documents import Document

FORMATS_CASES = GOLDEN / "formats"

# A database is no document to read in a diff; test_inventory_formats makes small ones.
ELSEWHERE = {"rpm-database"}


def _formats(registry: Mapping[str, str]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("format", [name for name in registry if name not in ELSEWHERE])


def _input(registry: str, format: str) -> Path:
    found = list((FORMATS_CASES / registry / format).glob("input*"))
    assert len(found) == 1, (
        f"{format} of {registry} has a small document in {FORMATS_CASES / registry / format}, input.*"
    )
    return found[0]


def _document(path: Path, data: bytes | None = None) -> Document:
    return Document(path.name, path.name, path.read_bytes() if data is None else data, True)


def _in_words(value: Any) -> str:
    """A value in words; of an object the fields that are neither empty nor their defaults."""
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, tuple | frozenset):
        return (
            f"[{', '.join(sorted(map(_in_words, value)) if isinstance(value, frozenset) else map(_in_words, value))}]"
        )
    if not attrs.has(type(value)):
        return str(value)
    fields = [
        f"{field.name}={_in_words(getattr(value, field.name))}"
        for field in attrs.fields(type(value))
        if field.repr and getattr(value, field.name) not in ((), field.default)
    ]
    return f"{type(value).__name__}({', '.join(fields)})"


def _is_expected(path: Path, lines: Iterator[str]) -> None:
    expected = path.parent / "expected.txt"
    assert "".join(f"{line}\n" for line in lines) == (expected.read_text("utf-8") if expected.is_file() else "")


@_formats(feeds.FORMATS)
def test_a_feed_is_read(format: str) -> None:
    path = _input("feeds", format)
    document = _document(path)
    assert feed_format_of(document) == format
    reader: Any = import_module(feeds.FORMATS[format])
    _is_expected(path, map(_in_words, reader.read(document, DEFAULT_LIMITS)))


@_formats(feeds.FORMATS)
def test_the_document_before_decides_no_format(format: str) -> None:
    document = _document(_input("feeds", format))
    assert {feed_format_of(document, before) for before in (None, *feeds.FORMATS)} == {format}


@_formats(feeds.FORMATS)
def test_the_text_of_a_record_decides_no_format(format: str) -> None:
    """An OSV record may quote the beginning of any other document."""
    quoted = _input("feeds", format).read_text("utf-8", "replace")
    for text in (quoted, quoted.replace('"', "")):
        record = {"id": "X-1", "summary": text, "modified": "2024-01-01T00:00:00Z", "details": text}
        document = _document(Path("x.json"), json.dumps(record)[:16384].encode())
        assert feed_format_of(document) == "osv"


@_formats(inventories.FORMATS)
def test_a_list_is_read(format: str) -> None:
    path = _input("inventories", format)
    data = path.read_bytes()
    assert list_format_of(data) == format
    reader: Any = import_module(inventories.FORMATS[format])
    listing = reader.read(data, path.name)
    _is_expected(path, _listed(listing))


def _listed(listing: Listing) -> Iterator[str]:
    yield from map(_in_words, (*listing.packages, *listing.report.rejections))
    yield f"{listing.report.read} read, {listing.report.kept} kept"
    yield from (f"skipped: {why} ({times})" for why, times in listing.report.skips)
    if listing.distribution is not None or listing.distribution_source is not None:
        yield f"distribution: {listing.distribution}, by {listing.distribution_source}"
    if listing.running_kernel is not None:
        yield f"running kernel: {listing.running_kernel}"


@_formats(ignores.FORMATS)
def test_statements_are_read(format: str) -> None:
    path = _input("ignores", format)
    reader: Any = import_module(ignores.FORMATS[format])
    assert [name for name, module in ignores.FORMATS.items() if _sniffs(module, path.read_bytes())] == [format]
    _is_expected(path, map(_in_words, reader.read(_document(path))))


@_formats(setups.FORMATS)
def test_what_is_set_up_is_read(format: str) -> None:
    path = _input("setups", format)
    read = setups.reader_of(format).read(path.read_bytes(), path.name)
    _is_expected(path, map(_in_words, read))


def _sniffs(module: str, data: bytes) -> bool:
    found: bool = import_module(module).sniff(data, True)
    return found


#: What becomes of a document: at each of some places bytes are put in for others, then the end is cut off.
DAMAGE = st.tuples(
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 9), st.binary(max_size=4)), max_size=4), st.floats(0, 1)
)
_Damage = tuple[list[tuple[float, int, bytes]], float]
_SETTINGS = settings(
    max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def _damaged(data: bytes, damage: _Damage) -> bytes:
    changes, kept = damage
    for where, length, put in changes:
        at = int(where * len(data))
        data = data[:at] + put + data[at + length :]
    return data[: int(kept * len(data))] if kept > 0.1 else data


def _is_placed(rejection: Rejection) -> bool:
    return bool(rejection.source and rejection.position and rejection.why) and rejection.extent in Extent


@_formats(feeds.FORMATS)
@_SETTINGS
@given(damage=DAMAGE)
def test_a_damaged_feed_is_no_crash(format: str, damage: _Damage) -> None:
    path = _input("feeds", format)
    reader: Any = import_module(feeds.FORMATS[format])
    data = _damaged(path.read_bytes(), damage)
    if feed_format_of(_document(path, data)) != format:
        return
    for item in reader.read(_document(path, data), DEFAULT_LIMITS):
        assert isinstance(item, Advisory | Enrichment | Part | Skip) or _is_placed(item)


@_formats(inventories.FORMATS)
@_SETTINGS
@given(damage=DAMAGE)
def test_a_damaged_list_is_no_crash(format: str, damage: _Damage) -> None:
    path = _input("inventories", format)
    reader: Any = import_module(inventories.FORMATS[format])
    data = _damaged(path.read_bytes(), damage)
    if reader.sniff(Head(data)) is False:
        return
    try:
        listing = reader.read(data, path.name)
    except AdvisoriesError:  # the list as a whole
        return
    assert all(isinstance(package, Package) for package in listing.packages)
    assert all(map(_is_placed, listing.report.rejections))
    assert listing.report.kept == len(listing.packages)


@_formats(ignores.FORMATS)
@_SETTINGS
@given(damage=DAMAGE)
def test_damaged_statements_are_no_crash(format: str, damage: _Damage) -> None:
    path = _input("ignores", format)
    reader: Any = import_module(ignores.FORMATS[format])
    data = _damaged(path.read_bytes(), damage)
    try:
        items = list(reader.read(_document(path, data))) if reader.sniff(data, True) else []
    except InvalidIgnoreFile:
        return
    assert all(isinstance(item, Revision | Statement | Skip) or _is_placed(item) for item in items)


@_formats(setups.FORMATS)
@_SETTINGS
@given(damage=DAMAGE)
def test_damaged_setups_are_no_crash(format: str, damage: _Damage) -> None:
    path = _input("setups", format)
    data = _damaged(path.read_bytes(), damage)
    items = list(setups.reader_of(format).read(data, path.name))
    assert all(isinstance(item, Entry) or _is_placed(item) for item in items)


@pytest.mark.parametrize("registry", [feeds.FORMATS, inventories.FORMATS, ignores.FORMATS, reports.FORMATS])
def test_every_module_says_what_it_reads_or_writes(registry: Mapping[object, str]) -> None:
    for module in map(import_module, registry.values()):
        assert module.__doc__
        assert set(module.__all__) >= ({"render"} if registry is reports.FORMATS else {"read", "sniff"})


@pytest.mark.parametrize("format", reports.formats("findings"))
def test_a_report_is_lines_and_always_the_same(format: str) -> None:
    entry = affected("bash", "2\n-1")
    feed = Feed([advisory("ALSA-1", entry, cves=["CVE-2024-1000"]), advisory("ALSA-2", affected("zsh", None))])
    inventory = host(rpm("bash", "1\r-1"), rpm("zsh", "1-1"))
    report = reports.Report(inventory, feed, match(inventory, feed))
    lines = list(reports.render(report, format))
    assert lines
    assert lines == list(reports.render(report, format))
    assert not [line for line in lines if "\n" in line or "\r" in line]


@pytest.mark.parametrize(
    ("page", "registry"),
    [
        ("guide/ignoring.md", ignores.FORMATS),
        ("guide/reports.md", reports.formats("findings")),
        ("reference/commands/advisories-*.md", [format for what, format in reports.FORMATS if what != "findings"]),
    ],
)
def test_every_format_is_in_its_page(page: str, registry: Iterable[str]) -> None:
    text = "".join(path.read_text("utf-8") for path in (ROOT / "docs").glob(page))
    assert [format for format in registry if f"`{format}`" not in text] == []


@pytest.mark.parametrize(
    ("folder", "registry"),
    [("feeds", feeds.FORMATS), ("inventories", inventories.FORMATS), ("ignores", ignores.FORMATS)],
)
def test_no_case_is_of_no_format(folder: str, registry: Mapping[str, str]) -> None:
    assert {path.name for path in (FORMATS_CASES / folder).iterdir()} == set(registry) - ELSEWHERE
