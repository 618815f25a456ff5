"""Products of SUSE: ``/etc/products.d/*.prod``, an XML document each with the name and version of a product.

Source: the files of ``sles-release`` and its like, and openSUSE's *Product definition*.
"""

from collections.abc import Iterator

from advisories.models.reading import Rejection
from advisories.readers.setups.entry import Entry, EntryKind, as_entry, refused
from advisories.sources.documents import Document
from advisories.sources.xml_text import elements, local, text_of

__all__ = ["read"]


def read(data: bytes, source: str) -> Iterator[Entry | Rejection]:
    """The product."""
    found: dict[str, str] = {}
    try:
        for element in elements(Document(source, source, data, True), 1):
            if isinstance(element, Rejection):
                yield refused(source, None, "the product", element.why)
                return
            if local(element) in ("name", "version", "baseversion", "patchlevel"):
                found.setdefault(local(element), text_of(element).strip())
    except RecursionError:
        yield refused(source, None, "the product", "nested too deeply")
        return
    if not found.get("name"):
        yield refused(source, None, "the product", "it has no name")
        return
    yield as_entry(Entry(EntryKind.PRODUCT, found["name"], value=found.get("version", "")), source)
