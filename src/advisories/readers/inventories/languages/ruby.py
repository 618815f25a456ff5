"""Ruby: the gemspecs of installed gems, ``specifications/NAME-VERSION.gemspec``, those that come with Ruby among them.

A gemspec is a program, which is never run. The line that RubyGems writes at its top has name, version and platform.
Those of gems that come with Ruby have no such line: their fields are read where they are plain texts.

Source: RubyGems, ``lib/rubygems/stub_specification.rb``.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO, Final

from advisories.models.reading import Unreadable
from advisories.readers.inventories.languages.found import Item, beginning, checked

__all__ = ["ENDS", "WHAT", "location", "read", "wants"]

#: What messages call it.
WHAT: Final = "gems of Ruby"
#: How the names of its files end.
ENDS: Final = (b".gemspec",)
_WANTED: Final = re.compile(rb"(?:.*/)?specifications/(?:default/)?[^/]+\.gemspec", re.DOTALL)
_STUB: Final = re.compile(r"^# stub: (\S+) (\S+) \S+ .*$", re.MULTILINE)
_NAME: Final = re.compile(r"""^\s*\w+\.name\s*=\s*["']([^"'\\#]+)["'](?:\.freeze)?\s*$""", re.MULTILINE)
_VERSION: Final = re.compile(r"""^\s*\w+\.version\s*=\s*["']([^"'\\#]+)["'](?:\.freeze)?\s*$""", re.MULTILINE)
# What a file name has behind its name, a platform perhaps among it.
_OF_FILE: Final = re.compile(r"(.+?)-(\d+(?:\.[0-9A-Za-z]+)*)(?:-[0-9a-z_.-]+)?")
_MOST: Final = 1 << 18


def wants(name: bytes) -> bool:
    """Whether a file of this name shows a package."""
    return _WANTED.fullmatch(name) is not None


def location(name: str) -> str:
    """The gemspec itself: several versions of a gem stand beside each other."""
    return name


def read(file: BinaryIO, name: str) -> Iterator[Item]:
    """The gem of a gemspec."""
    text = beginning(file, _MOST).decode("utf-8", "replace")
    stub = _STUB.search(text)
    if stub is not None:
        yield checked(stub[1], stub[2])
        return
    own, version = _NAME.search(text), _VERSION.search(text)
    if own is not None and version is not None:
        yield checked(own[1], version[1])
        return
    found = _OF_FILE.fullmatch(name.rpartition("/")[2].removesuffix(".gemspec"))
    if found is None or not (own or version or "Gem::Specification" in text):
        raise Unreadable("no gemspec with a name and a version")
    yield checked(found[1], found[2])
