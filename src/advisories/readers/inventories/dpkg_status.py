"""dpkg's database, ``/var/lib/dpkg/status``: stanzas of ``Field: value`` lines with an empty line between them.

Read are ``Package``, ``Status``, ``Version``, ``Architecture``, ``Source``, ``Origin`` and ``Maintainer``. The third
word of ``Status`` decides whether a package is installed (rule 12). A stanza without ``Status``, as in images without
dpkg, is installed. A package without ``Source`` is built from a source package of its own name. dpkg knows nothing of
the distribution or the running kernel.

Sources: deb-control(5), deb-src-control(5) for ``Source: name (version)``, dpkg(1), *Package states*.
"""

import re
from collections.abc import Iterator
from typing import Final

from advisories.models.packages import Package, State
from advisories.readers.collector import Collector
from advisories.readers.inventories.head import Head
from advisories.readers.listing import Listing
from advisories.readers.source_packages import without_rebuild

__all__ = ["read", "sniff"]

_FIELD: Final = re.compile(rb"([!-9;-~]+):[ \t]*(.*)", re.DOTALL)
_SOURCE: Final = re.compile(r"(\S+)(?:\s+\(([^()\s]+)\))?")
# Binary stands in indexes of source packages alone.
_READ: Final = frozenset(
    {b"package", b"status", b"version", b"architecture", b"source", b"origin", b"maintainer", b"binary"}
)
_STATES: Final = {state.value: state for state in State if state is not State.PSEUDO}


def sniff(head: Head) -> bool:
    """A first stanza with a line that begins with ``Package:``."""
    data = head.data.lstrip()
    return _FIELD.match(data) is not None and b"\nPackage:" in b"\n" + data.partition(b"\n\n")[0]


class _Unreadable(Exception):
    """Why a stanza is not a package: the line, or None for the stanza's first one, and the reason."""

    def __init__(self, why: str, line: int | None = None) -> None:
        super().__init__(why, line)
        self.why = why
        self.line = line


def read(data: bytes, source: str) -> Listing:
    """The packages of a status file. A stanza that is not a package is rejected with its line."""
    collector = Collector(source)
    for first, lines in _stanzas(data):
        fields: dict[bytes, bytes] = {}
        try:
            _fill(fields, first, lines)
            collector.keep(_package(fields))
        except _Unreadable as unreadable:
            name = fields.get(b"package", b"(no name)").decode("utf-8", "replace")
            collector.reject(first if unreadable.line is None else unreadable.line, name, unreadable.why)
    return collector.listing()


def _stanzas(data: bytes) -> Iterator[tuple[int, list[bytes]]]:
    stanza: list[bytes] = []
    first = 1
    for number, line in enumerate(data.split(b"\n"), 1):
        line = line.removesuffix(b"\r")
        if line:
            if not stanza:
                first = number
            stanza.append(line)
        elif stanza:
            yield first, stanza
            stanza = []
    if stanza:
        yield first, stanza


def _fill(fields: dict[bytes, bytes], first: int, lines: list[bytes]) -> None:
    """Put the fields of a stanza into `fields`, also those before a bad line. Raises :class:`_Unreadable`."""
    bad: _Unreadable | None = None
    for number, line in enumerate(lines, first):
        if line[:1] in (b" ", b"\t"):
            continue  # a continuation. No field that is read has any
        match = _FIELD.fullmatch(line)
        if match is None:
            bad = bad or _Unreadable("not a field", number)
            continue
        name = match[1].lower()
        if name in _READ:
            if name in fields:
                bad = bad or _Unreadable(f"the field {match[1].decode()} twice", number)
            fields.setdefault(name, match[2].strip())
    if bad is not None:
        raise bad


def _package(fields: dict[bytes, bytes]) -> Package:
    name = _text(fields, b"package")
    if not name:
        raise _Unreadable("a stanza without Package")
    if b"binary" in fields:
        raise _Unreadable("a source package, which is not installed")
    state = _state(_text(fields, b"status"))
    version = _text(fields, b"version")
    if not version and state is not State.NOT_INSTALLED:
        raise _Unreadable("a stanza without Version")
    source_name, source_version = _source(_text(fields, b"source"), name, version)
    return Package(
        "deb",
        name,
        version or "",
        arch=_text(fields, b"architecture"),
        source_name=source_name,
        source_version=source_version,
        vendor=_text(fields, b"origin"),
        maintainer=fields.get(b"maintainer", b"").decode("utf-8", "replace") or None,
        state=state,
    )


def _text(fields: dict[bytes, bytes], name: bytes) -> str | None:
    try:
        text = fields.get(name, b"").decode("utf-8")
    except UnicodeDecodeError:
        raise _Unreadable(f"{name.decode()} is not UTF-8") from None
    if not text.isprintable():
        raise _Unreadable(f"{name.decode()} has characters that cannot be printed")
    return text or None


def _state(status: str | None) -> State:
    if status is None:
        return State.INSTALLED
    words = status.split()
    if len(words) != 3 or words[2] not in _STATES:
        raise _Unreadable(f"not a status: {status!a}")
    return _STATES[words[2]]


def _source(text: str | None, name: str, version: str | None) -> tuple[str, str | None]:
    if text is None:
        return name, version and without_rebuild(version)
    match = _SOURCE.fullmatch(text)
    if match is None:
        raise _Unreadable(f"not a source package: {text!a}")
    return match[1], match[2] or version
