"""apk's database, ``/lib/apk/db/installed``: stanzas of ``X:value`` lines with an empty line between them.

What is read: ``P`` name, ``V`` version, ``A`` architecture, ``o`` origin (the source package, always of the same
version), ``m`` maintainer, ``F`` and ``R`` files. Source: apk-tools, *apk-v2(5)* and ``doc/apk-package.5``.
"""

import re
from typing import Final

from advisories.inventories.gathering import Gathering, Unreadable, few
from advisories.inventories.listing import Listing
from advisories.models import Package

__all__ = ["read", "sniff"]

_LINE: Final = re.compile(rb"[A-Za-z]:")
_FIELDS: Final = {"P": "name", "V": "version", "A": "arch", "o": "origin", "m": "maintainer"}
_ROW: Final = re.compile(r"^([PVAomFR]):(.*)$", re.MULTILINE)
_NONE: Final = re.compile(r"\n(?![A-Za-z]:)([^\n]+)")


def sniff(head: bytes) -> bool:
    """A first stanza of one-letter fields with ``P:`` and ``V:`` among them."""
    stanza = b"\n" + head.lstrip().partition(b"\n\n")[0]
    return _LINE.match(stanza, 1) is not None and b"\nP:" in stanza and b"\nV:" in stanza


def read(data: bytes, source: str) -> Listing:
    """The packages of a database; a stanza that is none is a rejection with its line."""
    gathering = Gathering(source)
    text = data.decode("utf-8", "surrogateescape").replace("\r\n", "\n")
    number = 1
    for stanza in text.split("\n\n"):
        if stanza and not stanza.isspace():
            empty = len(stanza) - len(stanza.lstrip("\n"))
            gathering.add(number + empty, _name(stanza), _package, stanza)
        number += stanza.count("\n") + 2
    return gathering.listing()


def _name(stanza: str) -> str:
    _, found, rest = f"\n{stanza}".partition("\nP:")
    return rest.partition("\n")[0] if found else "(no name)"


def _package(stanza: str) -> Package:
    fields: dict[str, str] = {}
    folders, names, places = ["/"], list[str](), list[int]()
    for key, value in _ROW.findall(stanza):
        if key == "R":
            names.append(value)
            places.append(len(folders) - 1)
        elif key == "F":
            folders.append(f"/{value}/" if value else "/")
        else:
            name = _FIELDS[key]
            if name in fields:
                raise Unreadable(f"the field {key} twice")
            fields[name] = _text(value, name)
    if match := _NONE.search(f"\n{stanza}"):
        raise Unreadable(f"not a field: {match[1][:40]!a}")
    for name in ("name", "version"):
        if not fields.get(name):
            raise Unreadable(f"a stanza without {name}")
    return Package(
        "apk",
        fields["name"],
        fields["version"],
        fields.get("arch"),
        source_name=fields.get("origin"),
        source_version=fields["version"] if fields.get("origin") else None,
        maintainer=fields.get("maintainer"),
        locations=few(folders, names, places),
    )


def _text(value: str, name: str) -> str:
    text = value.strip()
    if not text.isprintable():
        raise Unreadable(f"{name} has characters that cannot be printed")
    return text
