"""A variable of dnf or yum: ``/etc/dnf/vars/NAME``, whose first line is its value. ``releasever`` pins a release.

Source: dnf.conf(5), *Variables*.
"""

from collections.abc import Iterator

from advisories.models.reading import Rejection
from advisories.readers.setups.entry import Entry, EntryKind, as_entry

__all__ = ["read"]


def read(data: bytes, source: str) -> Iterator[Entry | Rejection]:
    """The variable, named as the file."""
    first = data.decode("utf-8", "replace").partition("\n")[0].strip()
    if first:
        yield as_entry(Entry(EntryKind.VARIABLE, source.rpartition("/")[2], 1, value=first), source)
