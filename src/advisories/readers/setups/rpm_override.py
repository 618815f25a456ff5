"""What dnf5 sets of repositories beside their own files: ``repos.override.d/*.repo``, a section for each id or glob.

``dnf config-manager setopt ID.enabled=0`` writes there. Source: dnf5-config-manager(8).
"""

from collections.abc import Iterator
from typing import Final

from advisories.models.reading import Rejection
from advisories.readers.setups.entry import Entry, EntryKind, as_entry, refused
from advisories.readers.setups.ini import as_bool, sections
from advisories.readers.setups.rpm_repo import ADDRESSES

__all__ = ["read"]

_ENABLED: Final = "enabled"


def read(data: bytes, source: str) -> Iterator[Entry | Rejection]:
    """What is switched on or off, by the ids or globs of repositories."""
    for section in sections(data, source):
        if isinstance(section, Rejection):
            yield section
            continue
        for name in ADDRESSES:
            if name in section.values:
                yield refused(
                    source, section.lines[name], section.name, f"another {name} of a repository, which is not followed"
                )
        if _ENABLED not in section.values:
            continue
        is_on = as_bool(section.values[_ENABLED])
        if is_on is None:
            why = f"enabled={section.values[_ENABLED][:40]!a} means neither yes nor no"
            yield refused(source, section.lines[_ENABLED], section.name, why)
        else:
            yield as_entry(Entry(EntryKind.SWITCH, section.name, section.line, is_on=is_on), source)
