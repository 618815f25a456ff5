"""Java: archives (``.jar``, ``.war``, ``.ear``) and those in them, by what Maven and their builders write into them.

Each ``META-INF/maven/GROUP/NAME/pom.properties`` is a package, also where an archive has those of several. Without one
the manifest has name and version, and without these the file's name. A file ``NAME-VERSION.jar`` with the manifest's
version has Maven's name, where OSGi has another one (``com.github.ben-manes.caffeine`` of ``caffeine-3.1.8.jar``).
Archives in an archive are read up to a depth.

Sources: Maven Archiver, *pom.properties content*. The JAR file specification, *JAR Manifest*. OSGi Core,
*Bundle-SymbolicName*. Maven, *Repository layout*.
"""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import BinaryIO, Final

from advisories.models.reading import Unreadable
from advisories.readers.inventories.languages.found import Found, Item, Passed, Unread, checked
from advisories.readers.inventories.languages.zips import Zip

__all__ = ["ENDS", "WHAT", "location", "read", "wants"]

#: What messages call it.
WHAT: Final = "archives of Java"
#: How the names of its files end.
ENDS: Final = (b".jar", b".war", b".ear", b".jpi", b".hpi", b".par", b".sar")
_INNER: Final = tuple(end.decode() for end in ENDS)
_POM: Final = re.compile(r"META-INF/maven/[^/]+/[^/]+/pom\.properties")
_MANIFEST: Final = "META-INF/MANIFEST.MF"
_OF_FILE: Final = re.compile(r"([A-Za-z][\w.-]*?)-(\d[\w.+-]*)", re.ASCII)
_LONGEST_FILE: Final = 255
_TITLES: Final = (("Bundle-SymbolicName", "Bundle-Version"), ("Implementation-Title", "Implementation-Version"))
# Bytes of one description.
_MOST: Final = 1 << 20
# Archives in each other, bytes of one that lies in another, and of all in one file.
_DEEPEST: Final = 4
_MOST_INNER: Final = 1 << 26
_MOST_OF_ALL: Final = 1 << 29


def wants(name: bytes) -> bool:
    """Whether a file of this name shows packages. Case makes no difference."""
    return name.lower().endswith(ENDS)


def location(name: str) -> str:
    """The archive itself."""
    return name


def read(file: BinaryIO, name: str) -> Iterator[Item]:
    """The packages of an archive and of those in it."""
    yield from _archive(Zip(file), name, "", _Budget(), 1)


class _Budget:
    """What may be unpacked of one file, whatever lies in it."""

    def __init__(self) -> None:
        self._left = _MOST_OF_ALL

    def content(self, archive: Zip, name: str, most: int) -> bytes:
        """The content of a member. Raises :class:`Unreadable`."""
        data = archive.content(name, min(most, self._left)) or b""
        self._left -= len(data)
        return data


def _archive(archive: Zip, name: str, inner: str, budget: _Budget, depth: int) -> Iterator[Item]:
    names = archive.names
    count = 0
    for one in names:
        if _POM.fullmatch(one):
            try:
                yield _of_pom(budget.content(archive, one, _MOST), inner)
                count += 1
            except Unreadable as error:
                yield Unread(f"{inner}!{one}", str(error))
    if not count:
        data = budget.content(archive, _MANIFEST, _MOST) if _MANIFEST in names else b""
        yield _of_manifest(_main(data), name, inner)
    for one in names:
        if one.lower().endswith(_INNER):
            yield from _inner(archive, one, f"{inner}!{one}", budget, depth)


def _inner(archive: Zip, name: str, inner: str, budget: _Budget, depth: int) -> Iterator[Item]:
    try:
        if depth == _DEEPEST:
            raise Unreadable(f"more than {_DEEPEST} archives in each other")
        data = budget.content(archive, name, _MOST_INNER)
        yield from _archive(Zip(BytesIO(data)), name, inner, budget, depth + 1)
    except Unreadable as error:
        yield Unread(inner, str(error))


def _of_pom(data: bytes, inner: str) -> Item:
    fields = dict[str, str]()
    for line in data.decode("utf-8", "replace").splitlines():
        key, mark, value = line.partition("=")
        if mark and not line.startswith("#"):
            fields.setdefault(key.strip(), value.strip())
    group, name = fields.get("groupId", ""), fields.get("artifactId", "")
    if not group or not name:
        raise Unreadable("without groupId or artifactId")
    return checked(f"{group}:{name}", fields.get("version", ""), inner)


def _main(data: bytes) -> dict[str, str]:
    """The main section of a manifest."""
    text = data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\n ", "")
    fields = (line.partition(": ") for line in text.partition("\n\n")[0].split("\n"))
    return {key: value.strip() for key, mark, value in fields if mark}


def _of_manifest(fields: dict[str, str], name: str, inner: str) -> Item:
    own_name = name.rpartition("/")[2].rpartition(".")[0]
    of_file = _OF_FILE.fullmatch(own_name) if len(own_name) <= _LONGEST_FILE else None
    for title, version in _TITLES:
        own, number = fields.get(title, "").partition(";")[0], fields.get(version, "")
        if own and number and " " not in f"{own}{number}":
            if of_file is not None and of_file[2] == number:
                own = of_file[1]
            return checked(own, number, inner)
    if of_file is None:
        return Passed("archives of Java that show no name and version")
    return Found(of_file[1], of_file[2], inner)
