"""Repositories of dnf, yum, tdnf and zypper: ``*.repo``, ``dnf.conf`` and ``yum.conf``, a section each.

Source: dnf.conf(5), *Repo Options*; zypper(8), *Repository Management*.
"""

from collections.abc import Iterator
from typing import Final

from advisories.models.reading import Rejection
from advisories.readers.setups.entry import Entry, EntryKind, as_entry, bare_address, refused
from advisories.readers.setups.ini import as_bool, sections

__all__ = ["read"]

# The section of the program's own options.
_MAIN: Final = "main"
_ADDRESSES: Final = ("baseurl", "mirrorlist", "metalink")


def read(data: bytes, source: str) -> Iterator[Entry | Rejection]:
    """The repositories, by their ids."""
    for section in sections(data, source):
        if isinstance(section, Rejection):
            yield section
            continue
        if section.name == _MAIN:
            continue
        values = section.values
        is_on = as_bool(values.get("enabled", "1"))
        if is_on is None:
            why = f"enabled={values['enabled'][:40]!a} means neither yes nor no"
            yield refused(source, section.line, section.name, why)
            is_on = True  # as dnf has it. zypper takes it for no
        address = next((values[name] for name in _ADDRESSES if values.get(name)), "")
        first = (*address.replace(",", " ").split(), "")[0]
        yield as_entry(
            Entry(EntryKind.REPOSITORY, section.name, section.line, bare_address(first), is_on=is_on), source
        )
