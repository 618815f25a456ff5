"""Repositories of dnf, yum and tdnf: ``*.repo``, ``dnf.conf`` and ``yum.conf``, a section each.

Source: dnf.conf(5), *Repo Options*; zypper(8), *Repository Management*.
"""

import re
from collections.abc import Iterator
from typing import Final

from advisories.models.patterns import pattern
from advisories.models.reading import Rejection
from advisories.readers.setups.entry import Entry, EntryKind, as_entry, bare_address, refused
from advisories.readers.setups.ini import as_bool, sections

__all__ = ["ADDRESSES", "read", "repositories"]

# The section of the program's own options.
_MAIN: Final = "main"
#: The options of a repository's address, the first that is there counts.
ADDRESSES: Final = ("baseurl", "mirrorlist", "metalink")
# Of what dnf takes for an id, with the variables in it.
_ID: Final = pattern(r"(?:[A-Za-z0-9_.:-]|\$\{?\w+\}?)+", re.ASCII)


def read(data: bytes, source: str) -> Iterator[Entry | Rejection]:
    """The repositories, by their ids."""
    for one in repositories(data, source):
        if isinstance(one, Entry) and _ID.fullmatch(one.name) is None:
            yield refused(
                source, one.line, one.name, "an id with other signs than letters, digits and _.:-, which dnf refuses"
            )
        else:
            yield one


def repositories(data: bytes, source: str) -> Iterator[Entry | Rejection]:
    """The repositories of dnf or zypper, whatever their ids are."""
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
            yield refused(source, section.lines["enabled"], section.name, why)
            is_on = True  # as dnf has it. zypper takes it for no
        address = next((values[name] for name in ADDRESSES if values.get(name)), "")
        first = (*address.replace(",", " ").split(), "")[0]
        yield as_entry(
            Entry(EntryKind.REPOSITORY, section.name, section.line, bare_address(first), is_on=is_on), source
        )
