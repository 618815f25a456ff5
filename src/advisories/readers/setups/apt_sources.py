"""apt's ``*.sources``: stanzas with ``Types``, ``URIs``, ``Suites``, ``Components`` and ``Enabled``.

Source: sources.list(5), *DEB822-style format*, and what ``apt-get indextargets`` reads of it.
"""

from collections.abc import Iterator
from typing import Final

from advisories.models.patterns import pattern
from advisories.models.reading import Rejection
from advisories.readers.lines import lines_of
from advisories.readers.setups.apt_list import TYPES
from advisories.readers.setups.entry import Entry, EntryKind, as_entry, bare_address, refused

__all__ = ["read"]

_FIELD: Final = pattern(r"([^\s:#-][^\s:]*)[ \t]*:(.*)")
_FIELDS: Final = ("types", "uris", "suites", "components")
# What apt takes for no.
_NO: Final = frozenset({"no", "false", "without", "off", "disable"})


def read(data: bytes, source: str) -> Iterator[Entry | Rejection]:
    """The repositories of binary packages, an entry for each address and suite."""
    stanza: list[tuple[int, str]] = []
    lines = lines_of(data.decode("utf-8", "replace"))
    for number, line in enumerate((*lines, ""), 1):
        if line.startswith("#"):
            continue
        if line:  # blanks alone continue a field
            stanza.append((number, line))
        elif stanza:
            yield from _entries(stanza, source)
            stanza = []


def _entries(stanza: list[tuple[int, str]], source: str) -> Iterator[Entry | Rejection]:
    first = stanza[0][0]
    values: dict[str, list[str]] = {}
    name = None
    for number, line in stanza:
        if line[0] in " \t":
            if name is None:
                yield refused(source, number, line, "the continuation of no field")
                return
            values[name].append(line.strip())
            continue
        match = _FIELD.fullmatch(line)
        if match is None:
            yield refused(source, number, line, "no field")
            return
        name = match[1].lower()
        values[name] = [match[2].strip()]  # the last one of a name counts
    yield from _repositories({name: " ".join(value).strip() for name, value in values.items()}, first, source)


def _repositories(fields: dict[str, str], line: int, source: str) -> Iterator[Entry | Rejection]:
    types, addresses, suites, parts = (
        fields.get(name, "").split() for name in ("types", "uris", "suites", "components")
    )
    strange = [type for type in types if type not in TYPES]
    if strange or "types" not in fields:
        yield refused(source, line, " ".join(strange) or "a stanza", "neither deb nor deb-src")
        return
    is_on = _is_on(fields.get("enabled", ""))
    why = _flaw(addresses, suites, parts) if types else None
    if why is not None and is_on:
        yield refused(source, line, " ".join(suites) or "a stanza", why)
    elif why is None and "deb" in types:
        for suite in suites:
            for address in addresses:
                entry = Entry(EntryKind.REPOSITORY, suite, line, bare_address(address), tuple(parts), is_on)
                yield as_entry(entry, source)


def _flaw(addresses: list[str], suites: list[str], parts: list[str]) -> str | None:
    """Why apt refuses a stanza. None where it does not."""
    if not addresses or not suites:
        return "no Suites" if addresses else "no URIs"
    if not all(":" in address for address in addresses):
        return "an address without a scheme"
    if any(suite.endswith("/") == bool(parts) for suite in suites):
        return "components beside a suite that is a folder" if parts else "no component"
    return None


def _is_on(text: str) -> bool:
    word = text.lower()
    return word not in _NO and not (word.isdecimal() and int(word[:20]) == 0)
