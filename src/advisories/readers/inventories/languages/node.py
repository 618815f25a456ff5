"""npm: ``package.json`` of each package in a ``node_modules``, at any depth, as npm, yarn and pnpm lay them.

pnpm has them in ``node_modules/.pnpm/NAME@VERSION/node_modules/NAME``, yarn in ``node_modules/.store/SLUG/package``, in
``.yarn/unplugged/SLUG/node_modules/NAME``, and packed in ``.yarn/cache/SLUG.zip``. Programs of Electron have theirs in
an archive, ``.asar``. What an archive of the registry unpacks to lies in a folder ``NAME-VERSION``, as yarn itself in
images of Node.js.

Any other ``package.json`` is of a part, an extension or a sample of a package, of a program itself, or of a package
that only a link leads to, since none is followed: counted, not listed. Extensions have the names of packages that they
are not, such as ``yaml``. What stands in a ``node_modules`` below the tests of a package is a sample too. What a
bundler has put into one file shows nothing. Lock files name what should be there, and are not read.

Sources: npm, *folders* and *package.json*, and its ``validate-npm-package-name``. pnpm, *Symlinked node_modules
structure*. yarn, *Plug'n'Play* and ``nodeLinker``.
"""

import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import BinaryIO, Final

from advisories.models.reading import Unreadable
from advisories.readers.inventories.languages.asar import Asar
from advisories.readers.inventories.languages.found import Item, Passed, beginning, checked, parts
from advisories.readers.inventories.languages.zips import Zip
from advisories.sources.json import RepeatedKey, without_repeats

__all__ = ["ENDS", "WHAT", "location", "read", "wants"]

#: What messages call it.
WHAT: Final = "packages of npm"
#: How the names of its files end.
ENDS: Final = (b"package.json", b".zip", b".asar")
_WANTED: Final = re.compile(rb"(?:.*/)?(?:package\.json|[^/]+\.asar|\.?yarn/(?:[^/]+/)?cache/[^/]+\.zip)", re.DOTALL)
_FILE: Final = "package.json"
_MODULES: Final = "node_modules"
# Folders of yarn and pnpm in a node_modules, with a folder of each package in them.
_STORE: Final = ".store"
_IN_STORE: Final = "package"
_SAMPLES: Final = frozenset({"test", "tests", "__tests__", "fixture", "fixtures", "__fixtures__", "testdata"})
_MEMBER: Final = re.compile(r"node_modules/(?:@[^/]+/)?[^/]+/package\.json")
# What npm takes of packages of any age. It refuses a hyphen in front by now, and the package ``-`` is there.
_NAME: Final = re.compile(r"(?:@[\w.~!'()*-]+/[\w~!'()*-]|[A-Za-z0-9~!'()*-])[\w.~!'()*-]*", re.ASCII)
# The largest of the registry have some hundred thousand bytes. All in one archive together may have so many.
_MOST: Final = 1 << 21
_MOST_OF_ALL: Final = 1 << 25
_PART: Final = "package.json further down in a package of npm: of a part, an extension or a sample, which is no package"
_SAMPLE: Final = "samples in the tests of packages of npm"
_PROGRAM: Final = (
    "package.json outside of a node_modules: of a program itself, of a part of one, or of a package that only a link "
    "leads to"
)


def wants(name: bytes) -> bool:
    """Whether a file of this name shows a package, or is counted."""
    return _WANTED.fullmatch(name) is not None


def location(name: str) -> str:
    """The package's folder."""
    return name.removesuffix("/package.json")


def read(file: BinaryIO, name: str) -> Iterator[Item]:
    """The package of a file."""
    if name.endswith(".asar"):
        yield from _of_electron(Asar(file), name)
    elif name.endswith(".zip"):
        yield from _cached(Zip(file))
    else:
        yield _of_folder(lambda: beginning(file, _MOST + 1), name.strip("/").split("/")[:-1])


def _of_folder(content: Callable[[], bytes], folders: list[str], inner: str = "") -> Item:
    """The package in a folder, given by its path."""
    below, is_package, is_sample = _place(folders)
    if is_sample:
        return Passed(_SAMPLE)
    if is_package:
        return _package(content(), inner)
    if below:
        return Passed(_PART)
    try:
        fields = _fields(content())
    except Unreadable:
        return Passed(_PROGRAM)
    own, version = fields.get("name"), fields.get("version")
    last = folders[-1] if folders else ""
    if isinstance(own, str) and isinstance(version, str) and last in (f"{own}-{version}", f"{own}-v{version}"):
        return _checked(own, version, inner)
    return Passed(_PROGRAM)


def _of_electron(archive: Asar, name: str) -> Iterator[Item]:
    """The packages in a program of Electron. Its archive may be a ``node_modules`` of its own."""
    above = [_MODULES] if name.rpartition("/")[2] == f"{_MODULES}.asar" else []
    members = (
        (
            inner := f"!{'/'.join(folders)}",
            partial(archive.content, entry),  # None where it lies beside the archive, and is found there
            partial(_of_data, folders=[*above, *folders], inner=inner),
        )
        for folders, entry in archive.files(_FILE)
    )
    yield from parts(members, _MOST, _MOST_OF_ALL)


def _of_data(data: bytes, folders: list[str], inner: str) -> Item:
    return _of_folder(partial(bytes, data), folders, inner)


def _place(folders: list[str]) -> tuple[bool, bool, bool]:
    """Whether a folder is below a ``node_modules``, is a package there, and is one in the tests of another."""
    below = is_package = is_sample = False
    place = 0
    # The folder of a package may be two in one another, and in a store of yarn it has its own name in front.
    while place < len(folders):
        folder = folders[place]
        place += 1
        if folder != _MODULES:
            is_package = False
            is_sample = is_sample or (below and folder in _SAMPLES)
            continue
        below = True
        if folders[place : place + 1] == [_STORE] and folders[place + 2 : place + 3] == [_IN_STORE]:
            place, is_package = place + 3, True
            continue
        first = folders[place] if place < len(folders) else "."
        place += 2 if first.startswith("@") else 1
        is_package = place <= len(folders) and not first.startswith(".")
    return below, is_package, is_sample and is_package


def _cached(archive: Zip) -> Iterator[Item]:
    """The packages in an archive of yarn's cache."""
    names = [name for name in archive.names if _MEMBER.fullmatch(name)]
    if not names:
        yield Passed("archives in a cache of yarn without a package of npm")
    places = ((name, f"!{name.removesuffix(_FILE).rstrip('/')}") for name in names)
    members = ((inner, partial(archive.content, name), partial(_package, inner=inner)) for name, inner in places)
    yield from parts(members, _MOST, _MOST_OF_ALL)


def _package(data: bytes, inner: str = "") -> Item:
    fields = _fields(data)
    own, version = fields.get("name"), fields.get("version")
    if own is None or version is None:
        return Passed("package.json without a name or a version: not of a published package of npm")
    if not isinstance(own, str) or not isinstance(version, str):
        raise Unreadable("its name or version is no text")
    return _checked(own, version, inner)


def _checked(own: str, version: str, inner: str = "") -> Item:
    found = checked(own, version, inner)
    if _NAME.fullmatch(own) is None:
        raise Unreadable("a name that no package of npm has")
    return found


def _fields(data: bytes) -> dict[str, object]:
    if len(data) > _MOST:
        raise Unreadable(f"larger than {_MOST} bytes")
    try:
        document = json.loads(data.removeprefix(b"\xef\xbb\xbf").decode("utf-8"), object_pairs_hook=without_repeats)
    except RepeatedKey as error:
        raise Unreadable(str(error)) from None
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"not JSON: {error}") from None
    if not isinstance(document, dict):
        raise Unreadable("not an object of JSON")
    return document
