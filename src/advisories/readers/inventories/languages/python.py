"""Python: ``METADATA`` of a ``.dist-info``, ``PKG-INFO`` of an ``.egg-info`` or an egg, in any folder.

What stands below a folder ``test`` or ``tests`` of an installed package is a sample, not a package. A folder whose name
begins with ``~`` is what an interrupted pip left.

Sources: the packaging specifications, *Recording installed projects* and *Core metadata*. setuptools, *The Internal
Structure of Python Eggs*.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO, Final

from advisories.models.reading import Unreadable
from advisories.readers.inventories.languages.found import Item, Passed, beginning, checked
from advisories.readers.inventories.languages.zips import Zip

__all__ = ["ENDS", "WHAT", "location", "read", "wants"]

#: What messages call it.
WHAT: Final = "packages of Python"
#: How the names of its files end.
ENDS: Final = (b"/METADATA", b"/PKG-INFO", b".egg-info", b".egg")
_WANTED: Final = re.compile(
    rb"(?:.*/)?[^/]+(?:\.dist-info/METADATA|\.egg-info(?:/PKG-INFO)?|\.egg(?:/EGG-INFO/PKG-INFO)?)", re.DOTALL
)
_INSTALLED: Final = re.compile(r"/(?:site|dist)-packages/")
_SAMPLE: Final = re.compile(r"/tests?/")
_LEFT_BEHIND: Final = re.compile(r"/[~-][^/]*\.(?:dist|egg)-info(?:/|$)")
_FIELD: Final = re.compile(rb"^(Name|Version):([^\r\n]*)", re.MULTILINE | re.IGNORECASE)
# Bytes of the fields. A description comes behind them.
_MOST: Final = 1 << 18
_IN_EGG: Final = "EGG-INFO/PKG-INFO"
_ZIP: Final = b"PK"


def wants(name: bytes) -> bool:
    """Whether a file of this name shows a package."""
    return _WANTED.fullmatch(name) is not None


def location(name: str) -> str:
    """The folder that packages are installed in, as ``pip list -v`` shows it."""
    name = name.removesuffix("/EGG-INFO/PKG-INFO").removesuffix("/METADATA").removesuffix("/PKG-INFO")
    return name.rpartition("/")[0]


def read(file: BinaryIO, name: str) -> Iterator[Item]:
    """The package of a file."""
    installed = _INSTALLED.search(name)
    if installed is not None and _SAMPLE.search(name, installed.end() - 1):
        yield Passed("samples in the tests of packages of Python")
        return
    if _LEFT_BEHIND.search(name):
        yield Passed("what an interrupted pip left of packages of Python")
        return
    data = beginning(file, _MOST)
    if name.endswith(".egg") and data.startswith(_ZIP):
        data = Zip(file).content(_IN_EGG, _MOST) or b""
    yield _package(data)


def _package(data: bytes) -> Item:
    fields = data.replace(b"\r\n", b"\n").lstrip(b"\n").partition(b"\n\n")[0]
    found: dict[bytes, bytes] = {}
    for key, value in _FIELD.findall(fields):
        found.setdefault(key.lower(), value.strip())
    try:
        return checked(found.get(b"name", b"").decode(), found.get(b"version", b"").decode())
    except UnicodeDecodeError:
        raise Unreadable("its name or version is not UTF-8") from None
