"""Rust: the crates that a program is built from, as ``cargo auditable`` writes them into it.

Crates that only its build ran are not in it. Programs that plain ``cargo`` built show nothing.

Source: cargo-auditable, *PARSING.md*, and the JSON schema of its list: JSON packed by zlib, in the section ``.dep-v0``.
"""

import json
import re
import zlib
from collections.abc import Iterator
from typing import Final

from advisories.models.reading import Unreadable
from advisories.readers.inventories.languages.found import Item, Passed, Unread, checked
from advisories.sources.elf import Elf
from advisories.sources.json import RepeatedKey, without_repeats

__all__ = ["WHAT", "read"]

#: What messages call it.
WHAT: Final = "crates of Rust"
_SECTION: Final = b".dep-v0"
# Bytes of the list. Programs with a thousand crates have 100,000.
_MOST_PACKED: Final = 1 << 20
_MOST: Final = 1 << 22
_BUILD: Final = "build"
_NAME: Final = re.compile(r"[\w-]+")


def read(program: Elf, name: str) -> Iterator[Item]:
    """The crates of a program. None for one without such a list."""
    found = program.section(_SECTION)
    if found is None:
        return
    begin, size = found
    if size > _MOST_PACKED:
        raise Unreadable(f"its list of crates has more than {_MOST_PACKED} bytes")
    document = _document(program.content(begin, size, "its list of crates"))
    packages = document.get("packages") if isinstance(document, dict) else None
    if not isinstance(packages, list):
        raise Unreadable("its list of crates: an array of packages is expected")
    for number, package in enumerate(packages):
        try:
            yield _crate(package)
        except Unreadable as error:
            yield Unread(f"!packages[{number}]", str(error))


def _document(packed: bytes) -> object:
    unpacker = zlib.decompressobj()
    try:
        data = unpacker.decompress(packed, _MOST)
        if not unpacker.eof:
            too_much = unpacker.unconsumed_tail or len(data) >= _MOST
            why = f"unpacks to more than {_MOST} bytes" if too_much else "is cut off"
            raise Unreadable(f"its list of crates {why}")
        return json.loads(data, object_pairs_hook=without_repeats)
    except RepeatedKey as error:
        raise Unreadable(f"its list of crates: {error}") from None
    except (zlib.error, ValueError, RecursionError) as error:
        raise Unreadable(f"its list of crates is damaged: {error}") from None


def _crate(package: object) -> Item:
    if not isinstance(package, dict):
        raise Unreadable("an object is expected")
    if package.get("kind") == _BUILD:
        return Passed("crates that only the build of a program ran")
    name, version = package.get("name"), package.get("version")
    if not isinstance(name, str) or not isinstance(version, str):
        raise Unreadable("an object with name and version is expected")
    found = checked(name, version)
    if _NAME.fullmatch(name) is None:
        raise Unreadable("a name that no crate has")
    return found
