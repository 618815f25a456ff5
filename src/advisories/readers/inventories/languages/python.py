"""Python: ``METADATA`` of a ``.dist-info``, ``PKG-INFO`` of an ``.egg-info`` or an egg, in any folder, and the
``METADATA`` of all that a zipapp (``.pyz``, ``.pex``) brings.

A project that is installed to be worked on (PEP 660) has a ``.dist-info`` of its own. An older one has an
``.egg-info`` where its sources are, and only an ``.egg-link`` where it is installed, which is counted. What a project
has copied into itself (``pip/_vendor``) shows nothing, unless it has its ``.dist-info`` too.

Where a ``.dist-info`` has a ``RECORD`` and no ``METADATA``, or an ``.egg-info`` a ``top_level.txt`` and no
``PKG-INFO``, a project is installed that nothing names: rejected.

What stands below a folder ``test`` or ``tests`` of an installed package is a sample, not a package. A folder whose name
begins with ``~`` is what an interrupted pip left.

Sources: the packaging specifications, *Recording installed projects*, *Core metadata* and *Names and normalization*.
setuptools, *The Internal Structure of Python Eggs*. Python, ``zipapp``. pex and shiv, where these have projects.
"""

import re
from collections.abc import Iterator
from functools import partial
from typing import BinaryIO, Final

from advisories.models.reading import Unreadable
from advisories.readers.inventories.languages.found import Item, Passed, beginning, checked, parts
from advisories.readers.inventories.languages.zips import Zip

__all__ = ["ENDS", "WHAT", "location", "named_by", "read", "wants"]

#: What messages call it.
WHAT: Final = "packages of Python"
#: How the names of its files end.
ENDS: Final = (
    *(b"/METADATA", b"/RECORD", b"/PKG-INFO", b"/top_level.txt"),
    *(b".egg-info", b".egg", b".egg-link", b".pyz", b".pex"),
)
_WANTED: Final = re.compile(
    rb"(?:.*/)?[^/]+(?:\.dist-info/(?:METADATA|RECORD)|\.egg-info(?:/(?:PKG-INFO|top_level\.txt))?|\.egg(?:/EGG-INFO/PKG-INFO)?"
    rb"|\.egg-link|\.pyz|\.pex)",
    re.DOTALL,
)
_INSTALLED: Final = re.compile(r"/(?:site|dist)-packages/")
_SAMPLE: Final = re.compile(r"/tests?/")
_LEFT_BEHIND: Final = re.compile(r"/[~-][^/]*\.(?:dist|egg)-info(?:/|$)")
_FIELD: Final = re.compile(rb"^(Name|Version):([^\r\n]*)", re.MULTILINE | re.IGNORECASE)
# A file of a project, and the one beside it that names the project.
_BESIDE: Final = {"RECORD": "METADATA", "top_level.txt": "PKG-INFO"}
# Bytes of the fields. A description comes behind them. In a zipapp, bytes of both.
_MOST: Final = 1 << 18
_MOST_IN_ZIPAPP: Final = 1 << 22
_IN_EGG: Final = "EGG-INFO/PKG-INFO"
_ZIP: Final = b"PK"
_ZIPAPPS: Final = (".pyz", ".pex")
_MEMBER: Final = re.compile(r"(?:.*/)?[^/]+\.(?:dist-info/METADATA|egg-info/PKG-INFO)", re.DOTALL)
# Bytes of all metadata in one zipapp.
_MOST_OF_ALL: Final = 1 << 26
_NAME: Final = re.compile(r"[A-Z0-9](?:[A-Z0-9._-]*[A-Z0-9])?", re.ASCII | re.IGNORECASE)
# What setuptools and distutils write of a project that has no name.
_NO_NAME: Final = "UNKNOWN"


def wants(name: bytes) -> bool:
    """Whether a file of this name shows a package."""
    return _WANTED.fullmatch(name) is not None


def named_by(name: bytes) -> bytes | None:
    """The file that names the project of a file. None where that is the file itself."""
    folder, slash, last = name.rpartition(b"/")
    other = _BESIDE.get(last.decode("latin-1"))
    return None if other is None else folder + slash + other.encode()


def location(name: str) -> str:
    """The folder that packages are installed in, as ``pip list -v`` shows it, or the zipapp that they are in."""
    if name.endswith(_ZIPAPPS):
        return name
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
    if (other := _BESIDE.get(name.rpartition("/")[2])) is not None:
        raise Unreadable(f"no regular file {other} is beside it: which project it is of is unknown")
    if name.endswith(".egg-link"):
        yield Passed("projects of Python in development (.egg-link): found where their sources are")
        return
    if name.endswith(_ZIPAPPS):
        yield from _zipapp(Zip(file))
        return
    data = beginning(file, _MOST)
    if name.endswith(".egg") and data.startswith(_ZIP):
        data = Zip(file).content(_IN_EGG, _MOST) or b""
    yield _package(data)


def _zipapp(archive: Zip) -> Iterator[Item]:
    names = [name for name in archive.names if _MEMBER.fullmatch(name)]
    if not names:
        yield Passed("zipapps of Python without metadata of what they bring")
    places = ((name, f"!{name.rpartition('/')[0]}") for name in names)
    members = ((inner, partial(archive.content, name), partial(_package, inner=inner)) for name, inner in places)
    yield from parts(members, _MOST_IN_ZIPAPP, _MOST_OF_ALL)


def _package(data: bytes, inner: str = "") -> Item:
    fields = data.replace(b"\r\n", b"\n").lstrip(b"\n").partition(b"\n\n")[0]
    found: dict[bytes, bytes] = {}
    for key, value in _FIELD.findall(fields):
        found.setdefault(key.lower(), value.strip())
    try:
        item = checked(found.get(b"name", b"").decode(), found.get(b"version", b"").decode(), inner)
    except UnicodeDecodeError:
        raise Unreadable("its name or version is not UTF-8") from None
    if item.name == _NO_NAME:
        raise Unreadable(f"the name {_NO_NAME}, which stands for none")
    if _NAME.fullmatch(item.name) is None:
        raise Unreadable("a name that no project of Python has")
    return item
