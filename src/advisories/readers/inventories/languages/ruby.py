"""Ruby: the gemspecs of installed gems, ``specifications/NAME-VERSION.gemspec``, those that come with Ruby among them,
and of those that Bundler took from a Git repository, ``bundler/gems/NAME-COMMIT/NAME.gemspec``.

A gemspec is a program, which is never run. The line that RubyGems writes at its top has name, version and platform.
Those of gems that come with Ruby have no such line: their fields are read where they are plain texts. In a repository
the version is often computed. What it is then is not known, and the gem is refused.

Source: RubyGems, ``lib/rubygems/stub_specification.rb`` and ``Gem::Specification::VALID_NAME_PATTERN``. Bundler,
``lib/bundler/source/git.rb``.
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
_WANTED: Final = re.compile(
    rb"(?:.*/)?(?:specifications/(?:default/)?|bundler/gems/[^/]+/(?:[^/]+/)?)[^/]+\.gemspec", re.DOTALL
)
_OF_GIT: Final = re.compile(r"/bundler/gems/[^/]+/(?:[^/]+/)?[^/]+\Z")
_NAME: Final = re.compile(r"[A-Za-z0-9._-]+")
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
        yield _gem(stub[1], stub[2])
        return
    fields = dict(reversed(_FIELD.findall(text)))
    if len(fields) == 2:
        yield _gem(fields["name"], fields["version"])
        return
    if _OF_GIT.search(f"/{name}"):
        raise Unreadable("a gem of a Git repository, whose name and version are not written as texts")
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
    return _gem("-".join(parts[:place]), parts[place])


def _gem(name: str, version: str) -> Item:
    found = checked(name, version)
    if _NAME.fullmatch(name) is None:
        raise Unreadable("a name that no gem has")
    return found
