"""dpkg's database, ``/var/lib/dpkg/status``: stanzas of ``Field: value`` lines with an empty line between them.

Read are ``Package``, ``Status``, ``Version``, ``Architecture``, ``Source``, ``Origin`` and ``Maintainer``. The third
word of ``Status`` decides whether a package is installed (rule 12). A stanza without ``Status``, as in images without
dpkg, is installed. A package without ``Source`` is built from a source package of its own name. dpkg knows nothing of
the distribution or the running kernel.

Sources: deb-control(5), deb-src-control(5) for ``Source: name (version)``, dpkg(1), *Package states*.
"""

import re
from collections.abc import Sequence
from typing import Final

from advisories.distros.rebuilds import without_rebuild
from advisories.models.packages import NO_MODULE, Package, State
from advisories.models.reading import Unreadable
from advisories.readers.inventories.head import Head
from advisories.readers.inventories.stanzas import Grammar
from advisories.readers.lines import BLANKS
from advisories.readers.listing import Listing
from advisories.readers.source_packages import forget_filtered

__all__ = ["read", "sniff"]

_FIELD: Final = re.compile(rb"[!-9;-~]+:")
_READ: Final = ("package", "status", "version", "architecture", "source", "origin", "maintainer")
_GRAMMAR: Final = Grammar(
    "[!-9;-~]+",
    "[!-9;-~]+",
    "package",
    frozenset(_READ),
    continued=" \t",
    folded=True,
    columns=(*[name.encode() for name in _READ], b"multi-arch"),
    others=(b"binary",),
)
_SOURCE: Final = re.compile(r"([^\s()]+)(?:[ \t]+\(([^()\s]+)\))?")
_STATES: Final = {state.value: state for state in State if state is not State.PSEUDO}
_USUAL: Final = {
    f"{want} ok {word}": state for want in ("install", "deinstall", "hold") for word, state in _STATES.items()
}


def sniff(head: Head) -> bool:
    """A first stanza with a line that begins with ``Package:``."""
    data = head.data.lstrip()
    return _FIELD.match(data) is not None and b"\nPackage:" in b"\n" + data.partition(b"\n\n")[0]


def read(data: bytes, source: str) -> Listing:
    """The packages of a status file. A stanza that is not a package is rejected with its line."""
    collector = _GRAMMAR.read(data, source, _package, _quickly)
    forget_filtered(collector.packages)
    return collector.listing()


def _quickly(values: Sequence[str | None]) -> Package | None:
    """The package of a stanza that is as most are. None where :func:`_package` has to look."""
    name, status, version, arch, source, origin, maintainer, _ = values
    if name is None or version is None:
        return None
    state = State.INSTALLED if status is None else _USUAL.get(status)
    if state is None:
        return None
    source_version = version if source is not None else without_rebuild(version)
    if source is None:
        source = name
    elif "(" in source or " " in source or "\t" in source or ")" in source:
        match = _SOURCE.fullmatch(source)
        if match is None:
            return None
        source, source_version = match[1], match[2] or version
    return Package("deb", name, version, arch, True, source, source_version, True, NO_MODULE, origin, maintainer, state)


def _package(fields: dict[str, str], stanza: str) -> Package:
    if "multi-arch" in fields:  # the source package stands below it
        _value(fields, "multi-arch")
    name = _text(fields, "package")
    if not name:
        raise Unreadable("a stanza without Package")
    if "binary" in fields:
        raise Unreadable("a source package, which is not installed")
    state = _state(_text(fields, "status"))
    version = _text(fields, "version")
    if not version and state is not State.NOT_INSTALLED:
        raise Unreadable("a stanza without Version")
    source_name, source_version = _source(_text(fields, "source"), name, version)
    maintainer = _value(fields, "maintainer")
    if not maintainer.isprintable():
        # The database of an old system may have names in another encoding.
        maintainer = maintainer.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return Package(
        "deb",
        name,
        version or "",
        arch=_text(fields, "architecture"),
        source_name=source_name,
        source_version=source_version,
        vendor=_text(fields, "origin"),
        maintainer=maintainer or None,
        state=state,
    )


def _text(fields: dict[str, str], name: str) -> str | None:
    text = _value(fields, name)
    if not text.isprintable():
        is_utf_8 = not any("\udc80" <= sign <= "\udcff" for sign in text)
        raise Unreadable(f"{name} has characters that cannot be printed" if is_utf_8 else f"{name} is not UTF-8")
    return text or None


def _value(fields: dict[str, str], name: str) -> str:
    value = fields.get(name, "").strip(BLANKS)
    if "\n" in value:
        raise Unreadable(f"{name} goes on in another line")
    return value


def _state(status: str | None) -> State:
    if status is None:
        return State.INSTALLED
    words = status.split()
    if len(words) != 3 or words[2] not in _STATES:
        raise Unreadable(f"not a status: {status!a}")
    return _STATES[words[2]]


def _source(text: str | None, name: str, version: str | None) -> tuple[str, str | None]:
    if text is None:
        return name, version and without_rebuild(version)
    match = _SOURCE.fullmatch(text)
    if match is None:
        raise Unreadable(f"not a source package: {text!a}")
    return match[1], match[2] or version
