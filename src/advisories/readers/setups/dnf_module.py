"""dnf's module streams: ``/etc/dnf/modules.d/*.module``, a section each with name, stream and state.

Source: dnf.modularity(7); libdnf writes the file at ``dnf module enable`` and ``disable``.
"""

from collections.abc import Iterator

from advisories.models.reading import Rejection
from advisories.readers.setups.entry import Entry, EntryKind, as_entry, refused
from advisories.readers.setups.ini import sections

__all__ = ["read"]


def read(data: bytes, source: str) -> Iterator[Entry | Rejection]:
    """The streams that are enabled, and the modules that are disabled. One that was reset is neither."""
    for section in sections(data, source):
        if isinstance(section, Rejection):
            yield section
            continue
        name, stream, state = (section.values.get(key, "") for key in ("name", "stream", "state"))
        if state not in ("enabled", "disabled", ""):
            yield refused(source, section.lines["state"], section.name, f"the state {state[:40]!a} is not known")
        elif state == "enabled" and not stream:
            yield refused(source, section.line, section.name, "enabled without a stream")
        elif state:
            text = f"{name or section.name}:{stream}".rstrip(":")
            yield as_entry(Entry(EntryKind.STREAM, text, section.line, is_on=state == "enabled"), source)
