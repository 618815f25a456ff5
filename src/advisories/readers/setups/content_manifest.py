"""What Red Hat built an image from: ``/root/buildinfo/content_manifests/*.json``, ids of repositories.

Source: the images of Red Hat's registry: ``content_sets`` beside ``metadata``.
"""

from collections.abc import Iterator
from typing import Any

from advisories.models.reading import Rejection
from advisories.readers.collector import Collector, decoded
from advisories.readers.setups.entry import Entry, EntryKind, as_entry, refused

__all__ = ["read"]


def read(data: bytes, source: str) -> Iterator[Entry | Rejection]:
    """The repositories, by their ids."""
    collector = Collector(source)
    manifest: Any = decoded(data, collector)
    for one in collector.rejections:
        yield refused(source, None, one.what, one.why)
    if collector.rejections:
        return
    ids = manifest.get("content_sets", []) if isinstance(manifest, dict) else None
    if not isinstance(ids, list):
        yield refused(source, None, "the document", "no list of content_sets")
        return
    for number, id in enumerate(ids):
        if isinstance(id, str):
            yield as_entry(Entry(EntryKind.REPOSITORY, id), source)
        else:
            yield refused(source, None, f"content_sets[{number}]", "a text is expected")
