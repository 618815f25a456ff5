"""npm: ``package.json`` of each package in a ``node_modules``, with the packages in it, as npm, yarn and pnpm lay them.

A ``package.json`` further down in a package describes a part or a sample of it. One without a version is of a package
that nobody published. Lock files name what should be there, and are not read.

Sources: npm, *folders* and *package.json*. pnpm, *Symlinked node_modules structure*.
"""

import json
import re
from collections.abc import Iterator
from typing import BinaryIO, Final

from advisories.models.reading import Unreadable
from advisories.readers.inventories.languages.found import Item, Passed, beginning, checked
from advisories.sources.json import RepeatedKey, without_repeats

__all__ = ["ENDS", "WHAT", "location", "read", "wants"]

#: What messages call it.
WHAT: Final = "packages of npm"
#: How the names of its files end.
ENDS: Final = (b"/package.json",)
# A folder with a dot in front is where pnpm and yarn keep packages, each in a folder of its own.
_PACKAGE: Final = rb"node_modules/(?:@[^/]+/[^/]+|\.[^/]+/[^/]+|[^@./][^/]*)/"
_WANTED: Final = re.compile(rb"(?:(?!node_modules/)[^/]+/)*(?:%b)+package\.json" % _PACKAGE)
# The largest of the registry have some hundred thousand bytes.
_MOST: Final = 1 << 21


def wants(name: bytes) -> bool:
    """Whether a file of this name shows a package."""
    return _WANTED.fullmatch(name) is not None


def location(name: str) -> str:
    """The package's folder."""
    return name.removesuffix("/package.json")


def read(file: BinaryIO, name: str) -> Iterator[Item]:
    """The package of a file."""
    data = beginning(file, _MOST + 1)
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
    own, version = document.get("name"), document.get("version")
    if own is None or version is None:
        yield Passed("package.json without a name or a version: not of a published package of npm")
        return
    if not isinstance(own, str) or not isinstance(version, str):
        raise Unreadable("its name or version is no text")
    yield checked(own, version)
