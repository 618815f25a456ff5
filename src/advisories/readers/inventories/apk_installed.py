"""apk's database, ``/lib/apk/db/installed``: stanzas of ``X:value`` lines with an empty line between them.

What is read: ``P`` name, ``V`` version, ``A`` architecture, ``o`` origin (the source package, always of the same
version), ``m`` maintainer, ``F`` and ``R`` files, ``s`` the tag of the repository that it came from (``@testing``).
Virtual packages, which have no origin, are skipped and counted.

Source: apk-tools, *apk-v2(5)*, ``doc/apk-package.5``, ``src/database.c`` for tags, and ``src/app_add.c`` for
virtual packages.
"""

import re
from functools import partial
from typing import Final

from advisories.models.assumptions import Assumption
from advisories.models.packages import Package
from advisories.models.reading import LIST, Unreadable
from advisories.readers.inventories.head import Head
from advisories.readers.inventories.locations import See, few
from advisories.readers.inventories.stanzas import Grammar
from advisories.readers.lines import BLANKS
from advisories.readers.listing import Listing
from advisories.readers.source_packages import check_virtual

__all__ = ["read", "sniff"]

_LINE: Final = re.compile(rb"[A-Za-z]:")
_VALUES: Final = {"P": "name", "V": "version", "A": "arch", "o": "origin", "m": "maintainer"}
_TAG: Final = "s"
# A repository's index has the checksums of packages too, and none of their folders. Of so many some have folders.
_MANY: Final = 100
_INDEX: Final = "no package has a folder: an index of a repository, or a database that somebody filtered"
# From which release a tag's repository is, the database does not show.
_TAGGED: Final = frozenset({Assumption.RELEASE_MIXED})
# What is read, and what else every package has once: the checksum and the description.
_GRAMMAR: Final = Grammar(
    "[A-Za-z]", "[CPVAToms]", "P", frozenset((*_VALUES, _TAG)), quoted=True, ends=("o", "m"), mark="C"
)


def sniff(head: Head) -> bool:
    """The first stanza has one-letter fields, ``P:`` and ``V:`` among them."""
    data = head.data.lstrip()
    if _LINE.match(data) is None:
        return False
    stanza = b"\n" + data.partition(b"\n\n")[0]
    return b"\nP:" in stanza and b"\nV:" in stanza


def read(data: bytes, source: str, see: See | None = None) -> Listing:
    """The packages of a database. A stanza that is not a package is rejected with its line.

    :param see: sees all their files.
    """
    collector = _GRAMMAR.read(data, source, partial(_package, see=see))
    if data.count(b"\nC:") >= _MANY and b"\nF:" not in data:
        collector.reject_rest(1, LIST, _INDEX)
    return collector.listing()


def _package(fields: dict[str, str], stanza: str, see: See | None) -> Package:
    values = name, version, arch, origin, maintainer = [fields.get(key, "").strip(BLANKS) for key in _VALUES]
    tag = fields.get(_TAG, "").strip(BLANKS)
    if not "".join(values).isprintable():
        damaged = next(key for key, value in zip(_VALUES, values, strict=True) if not value.isprintable())
        raise Unreadable(f"{_VALUES[damaged]} has characters that cannot be printed")
    if not tag.isprintable():
        raise Unreadable("the tag of its repository has characters that cannot be printed")
    if not name or not version:
        raise Unreadable(f"a stanza without {'version' if name else 'name'}")
    if not origin:
        check_virtual(name, is_described=fields.get("T", "").startswith("virtual meta package"))
    files = _files(stanza[1:])
    package = Package(
        "apk",
        name,
        version,
        arch or None,
        source_name=origin or None,
        source_version=version if origin else None,
        maintainer=maintainer or None,
        locations=few(*files),
        repository=f"@{tag.removeprefix('@')}" if tag else None,
        doubts=_TAGGED if tag else frozenset(),
    )
    if see is not None:
        see(package, *files)
    return package


def _files(stanza: str) -> tuple[list[str], list[str], list[int]]:
    """The files of a stanza, as :func:`few` takes them.

    Each has a row below its folder's. Those above any are in the root.
    """
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
    return folders, names, places
