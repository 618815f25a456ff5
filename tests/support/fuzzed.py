"""What any reader does with any bytes: it keeps, rejects and skips records whose counts add up, or raises an error of
ours. ``make fuzz`` and the tests of seeds hold the same.
"""

import re
from collections.abc import Callable, Iterator
from importlib import import_module
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from places import GOLDEN, TESTS

from advisories import DEFAULT_LIMITS
from advisories.models.advisories import Advisory, Enrichment
from advisories.models.errors import AdvisoriesError, MissingExtra
from advisories.models.reading import Extent, Part, ReadReport, Rejection, Skip
from advisories.models.statements import Revision, Statement
from advisories.readers import feeds, inventories
from advisories.readers import statements as ignores
from advisories.readers.collector import Collector
from advisories.readers.inventories.languages.found import Found, Item, Passed, Unread, items
from advisories.readers.inventories.languages.registry import FILES, PROGRAMS
from advisories.readers.setups import registry as setups
from advisories.readers.setups.entry import Entry
from advisories.sources.documents import Document
from advisories.sources.elf import Elf

__all__ = ["TARGETS", "check", "dictionary", "load", "seeds"]

#: What is not of one format: the bytes decide it, and whether they are compressed or an archive.
ANY: Final = "any"
_REGISTRIES: Final = MappingProxyType(
    {
        "feeds": feeds.FORMATS,
        "inventories": inventories.FORMATS,
        "ignores": ignores.FORMATS,
        "setups": setups.FORMATS,
    }
)
#: Readers of packages of languages, each of one file, whose names decide which.
_LANGUAGES: Final = (*FILES, *PROGRAMS)
#: What a file is called decides how it is read.
_LANGUAGE_NAMES: Final = {
    "npm": ("/x/node_modules/a/package.json", "/a-1.0/package.json", "/x/.yarn/cache/a.zip", "/x/app.asar"),
    "pypi": ("/x/a.dist-info/METADATA", "/x/a.egg", "/x/a.pyz"),
    "gem": ("/x/specifications/a-1.0.gemspec", "/x/bundler/gems/a-0/a.gemspec"),
}
#: Every reader, as ``REGISTRY/FORMAT``. A new format is one by its line in the registry.
#: What a root has set up stands at places of its own, so that no bytes decide its format.
TARGETS: Final = (
    *(
        f"{registry}/{name}"
        for registry, names in _REGISTRIES.items()
        for name in (*names, *([] if registry == "setups" else [ANY]))
    ),
    *(f"languages/{name}" for name in _LANGUAGES),
)

_FOUND: Final = TESTS / "fuzz" / "seeds"
_WORD: Final = re.compile(rb"[A-Za-z_@#$%-][\w.:/@-]{1,30}")


def load(target: str | None = None) -> None:
    """Import the modules of a target."""
    registry, _, name = (target or "").partition("/")
    names = _REGISTRIES.get(registry, {})
    for module in names.values() if name == ANY else filter(None, [names.get(name)]):
        import_module(module)


def seeds(target: str) -> list[Path]:
    """The golden case of a format, of any format all of them, what broke the reader once, and what we write in it."""
    registry, _, name = target.partition("/")
    cases = GOLDEN / "formats" / registry
    found = cases.glob("*/input*" if name == ANY else f"{name}/input*")
    written = (GOLDEN / "reports").glob(f"list.{name}*" if registry == "inventories" else "no such file")
    return sorted((*found, *(_FOUND / registry / name).glob("*"), *written))


def dictionary(target: str) -> str:
    """The words of a format's cases, as the fuzzer reads them."""
    words = {word for path in seeds(target) for word in _WORD.findall(path.read_bytes())}
    escaped = ("".join(map("\\x{:02x}".format, word)) for word in sorted(words))
    return "".join(f'"{word}"\n' for word in escaped)


def check(target: str, data: bytes) -> None:
    """Read bytes by one reader. Anything but our errors comes out, and so does an AssertionError for wrong counts."""
    registry, _, name = target.partition("/")
    try:
        _CHECKS[registry](name, data)
    except MissingExtra:
        raise AssertionError("a library is missing: what needs it is not read") from None
    except AdvisoriesError:
        return


def _adds_up(report: ReadReport, kept: int) -> None:
    refused = sum(one.extent is Extent.RECORD for one in report.rejections)
    assert report.kept == kept
    assert report.read == kept + refused
    assert all(times > 0 for _, times in report.skips)


def _document(registry: str, format: str, data: bytes) -> Document:
    name = next((path.name for path in seeds(f"{registry}/{format}")), "input")
    return Document(name, name, data, True)


def _feed(format: str, data: bytes) -> None:
    if format == ANY:
        reading = feeds.read_stream(BytesIO(data))
        found = list(reading)
        _adds_up(reading.report(), sum(isinstance(one, Advisory | Enrichment) for one in found))
        return
    reader: Any = import_module(feeds.FORMATS[format])
    collector = Collector("fuzz")
    kept = 0
    for item in reader.read(_document("feeds", format, data), DEFAULT_LIMITS):
        if not isinstance(item, Part):
            assert isinstance(item, Advisory | Enrichment | Rejection | Skip)
            kept += collector.take(item)
    _adds_up(collector.report(), kept)


def _inventory(format: str, data: bytes) -> None:
    if format == ANY:
        inventory = inventories.read_stream(BytesIO(data))
        assert inventory.report is not None
        assert any(package.state.on_disk for package in inventory.packages)
        _adds_up(inventory.report, len(inventory.packages))
        return
    reader: Any = import_module(inventories.FORMATS[format])
    listing = reader.read(data, "-")
    _adds_up(listing.report, len(listing.packages))


def _statements(format: str, data: bytes) -> None:
    if format == ANY:
        found = ignores.read_stream(BytesIO(data))
        _adds_up(found.report, len(found.statements))
        return
    reader: Any = import_module(ignores.FORMATS[format])
    collector = Collector("fuzz")
    kept = 0
    for item in reader.read(_document("ignores", format, data)):
        assert isinstance(item, Revision | Statement | Rejection | Skip)
        kept += not isinstance(item, Revision) and collector.take(item)
    _adds_up(collector.report(), kept)


def _language(type: str, data: bytes) -> None:
    """Each item is a package with a name and a version, a part that was not read, or a part that is passed over."""

    def read() -> Iterator[Item]:
        if type in FILES:
            for name in _LANGUAGE_NAMES.get(type, ("/x/a-1.0.gemspec",)):
                yield from FILES[type].read(BytesIO(data), name)
        else:
            yield from PROGRAMS[type].read(Elf(BytesIO(data), len(data)), "/x/a")

    for item in items(read()):
        assert isinstance(item, Found | Unread | Passed)
        if isinstance(item, Found):
            assert item.name.isprintable()
            assert item.version.isprintable()
            assert item.name != "" != item.version


def _setups(format: str, data: bytes) -> None:
    for item in setups.reader_of(format).read(data, "fuzz"):
        assert isinstance(item, Entry | Rejection)
        if isinstance(item, Rejection):
            assert item.extent is Extent.PART
            assert item.position
            assert item.what.isprintable()
        else:
            assert "".join((item.name, item.address, *item.parts, item.tag or "", item.value)).isprintable()


_CHECKS: Final[dict[str, Callable[[str, bytes], None]]] = {
    "feeds": _feed,
    "inventories": _inventory,
    "ignores": _statements,
    "languages": _language,
    "setups": _setups,
}
