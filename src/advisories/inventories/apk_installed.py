"""apk's database, ``/lib/apk/db/installed``: stanzas of ``X:value`` lines with an empty line between them.

What is read: ``P`` name, ``V`` version, ``A`` architecture, ``o`` origin (the source package, always of the same
version), ``m`` maintainer, ``F`` and ``R`` files. Source: apk-tools, *apk-v2(5)* and ``doc/apk-package.5``.
"""

import re
from typing import Final

from advisories.inventories.gathering import Gathering, Unreadable, few_paths
from advisories.inventories.listing import Listing
from advisories.models import Package

__all__ = ["read", "sniff"]

_LINE: Final = re.compile(rb"[A-Za-z]:")
_FIELDS: Final = {b"P": "name", b"V": "version", b"A": "arch", b"o": "origin", b"m": "maintainer"}


def sniff(head: bytes) -> bool:
    """A first stanza of one-letter fields with ``P:`` and ``V:`` among them."""
    lines = head.lstrip().split(b"\n\n")[0].split(b"\n")
    begins = {line[:2] for line in lines}
    return _LINE.match(lines[0]) is not None and {b"P:", b"V:"} <= begins


def read(data: bytes, source: str) -> Listing:
    """The packages of a database; a stanza that is none is a rejection with its line."""
    gathering = Gathering(source)
    number, stanza = 1, list[bytes]()
    for line_number, line in enumerate([*data.split(b"\n"), b""], 1):
        line = line.removesuffix(b"\r")
        if line:
            if not stanza:
                number = line_number
            stanza.append(line)
        elif stanza:
            gathering.add(number, _name(stanza), _package, stanza)
            stanza = []
    return gathering.listing()


def _name(stanza: list[bytes]) -> str:
    names = [line[2:] for line in stanza if line.startswith(b"P:")]
    return names[0].decode("utf-8", "replace") if names else "(no name)"


def _package(stanza: list[bytes]) -> Package:
    fields: dict[str, str] = {}
    files: list[str] = []
    folder = ""
    for line in stanza:
        if _LINE.match(line) is None:
            raise Unreadable(f"not a field: {line[:40]!a}")
        kind, value = line[:1], line[2:]
        if kind == b"F":
            folder = f"/{value.decode('utf-8', 'replace')}"
        elif kind == b"R":
            files.append(f"{folder}/{value.decode('utf-8', 'replace')}")
        elif kind in _FIELDS:
            name = _FIELDS[kind]
            if name in fields:
                raise Unreadable(f"the field {kind.decode()} twice")
            fields[name] = _text(value, name)
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
        locations=few_paths(files),
    )


def _text(value: bytes, name: str) -> str:
    try:
        text = value.decode("utf-8").strip()
    except UnicodeDecodeError:
        raise Unreadable(f"{name} is not UTF-8") from None
    if not text.isprintable():
        raise Unreadable(f"{name} has characters that cannot be printed")
    return text
