"""apk's database, ``/lib/apk/db/installed``: stanzas of ``X:value`` lines with an empty line between them.

What is read: ``P`` name, ``V`` version, ``A`` architecture, ``o`` origin (the source package, always of the same
version), ``m`` maintainer, ``F`` and ``R`` files. Virtual packages, which have no origin, are skipped and counted.

Source: apk-tools, *apk-v2(5)*, ``doc/apk-package.5``, and ``src/app_add.c`` for virtual packages.
"""

import re
from typing import Final

from advisories.models.packages import Package
from advisories.models.reading import Unreadable
from advisories.readers.collector import Collector
from advisories.readers.inventories.head import Head
from advisories.readers.inventories.locations import few
from advisories.readers.listing import Listing
from advisories.readers.source_packages import check_virtual

__all__ = ["read", "sniff"]

_LINE: Final = re.compile(rb"[A-Za-z]:")
_FIELDS: Final = {"P": "name", "V": "version", "A": "arch", "o": "origin", "m": "maintainer"}
_ROW: Final = re.compile(r"\n([PVAom]):([^\n]*)")
_NONE: Final = re.compile(r"\n(?![A-Za-z]:)([^\n]+)")


def sniff(head: Head) -> bool:
    """The first stanza has one-letter fields, ``P:`` and ``V:`` among them."""
    data = head.data.lstrip()
    if _LINE.match(data) is None:
        return False
    stanza = b"\n" + data.partition(b"\n\n")[0]
    return b"\nP:" in stanza and b"\nV:" in stanza


def read(data: bytes, source: str) -> Listing:
    """The packages of a database. A stanza that is not a package is rejected with its line."""
    collector = Collector(source)
    text = data.decode("utf-8", "surrogateescape")
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    number = 1
    for stanza in text.split("\n\n"):
        if stanza and not stanza.isspace():
            empty = len(stanza) - len(stanza.lstrip("\n"))
            collector.add(number + empty, _name(stanza), _package, stanza)
        number += stanza.count("\n") + 2
    return collector.listing()


def _name(stanza: str) -> str:
    _, found, rest = f"\n{stanza}".partition("\nP:")
    return rest.partition("\n")[0] if found else "(no name)"


def _package(stanza: str) -> Package:
    rows = f"\n{stanza}"
    fields: dict[str, str] = {}
    for key, value in _ROW.findall(rows):
        name = _FIELDS[key]
        if name in fields:
            raise Unreadable(f"the field {key} twice")
        fields[name] = text = value.strip()
        if not text.isprintable():
            raise Unreadable(f"{name} has characters that cannot be printed")
    if match := _NONE.search(rows):
        raise Unreadable(f"not a field: {match[1][:40]!a}")
    for name in ("name", "version"):
        if not fields.get(name):
            raise Unreadable(f"a stanza without {name}")
    if not fields.get("origin"):
        check_virtual(fields["name"], is_described="\nT:virtual meta package" in rows)
    return Package(
        "apk",
        fields["name"],
        fields["version"],
        fields.get("arch"),
        source_name=fields.get("origin"),
        source_version=fields["version"] if fields.get("origin") else None,
        maintainer=fields.get("maintainer"),
        locations=_files(stanza),
    )


def _files(stanza: str) -> tuple[str, ...]:
    """A few of the files of a stanza. Each has a row below its folder's. Those above any are in the root."""
    above, *files = f"\n{stanza}".split("\nR:")
    folders = ["/"]
    names: list[str] = []
    places: list[int] = []
    for file in files:
        if "\nF:" in above:
            folder = above.rpartition("\nF:")[2].partition("\n")[0]
            folders.append(f"/{folder}/" if folder else "/")
        names.append(file.partition("\n")[0])
        places.append(len(folders) - 1)
        above = file
    return few(folders, names, places)
