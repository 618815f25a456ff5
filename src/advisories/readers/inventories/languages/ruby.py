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
_STUB: Final = re.compile(r"^# stub: (\S+) (\S+) \S+ ", re.MULTILINE)
_FIELD: Final = re.compile(
    r"""^[ \t]*\w+\.(name|version)[ \t]*=[ \t]*["']([^"'\\#\n]+)["'](?:\.freeze)?[ \t]*$""", re.MULTILINE
)
_VERSION: Final = re.compile(r"\d+(?:\.[0-9A-Za-z]+)*", re.ASCII)
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
    fields = dict(reversed(_FIELD.findall(text)))
    if len(fields) == 2:
        yield checked(fields["name"], fields["version"])
        return
    if not fields and "Gem::Specification" not in text:
        raise Unreadable("no gemspec with a name and a version")
    yield _of_file(name.rpartition("/")[2].removesuffix(".gemspec"))


def _of_file(name: str) -> Item:
    """By a file's name: the gem's, its version, and a platform perhaps, which may have numbers of its own."""
    parts = name.split("-")
    places = [place for place, part in enumerate(parts) if place and _VERSION.fullmatch(part)]
    place = next((place for place in places if "." in parts[place]), places[0] if places else None)
    if place is None:
        raise Unreadable("no gemspec with a name and a version")
    return checked("-".join(parts[:place]), parts[place])
