"""The XML form of CycloneDX, as its JSON form would have it."""

from typing import TYPE_CHECKING, Any, Final

from advisories.models.reading import Rejection
from advisories.sources.documents import Document
from advisories.sources.json import Value
from advisories.sources.xml_text import elements, local, root_attributes, text_of

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

__all__ = ["value_of"]

# What JSON has as arrays.
_ARRAYS: Final = frozenset({"affects", "authors", "components", "references", "versions", "vulnerabilities"})

_OF_ROOT: Final = ("serialNumber", "version")


def value_of(document: Document) -> Value | Rejection:
    """The document. The version of the format is in the namespace.

    Of attributes the root's serial number and version are read, and a component's own ``bom-ref``.
    """
    content: dict[str, Any] = {}
    try:
        of_root = root_attributes(document.data)
        content.update({name: of_root[name] for name in _OF_ROOT if name in of_root})
        for element in elements(document, 1):
            if isinstance(element, Rejection):
                return element
            content["specVersion"] = element.tag.partition("}")[0].rpartition("/")[2]
            content[local(element)] = _plain(element)
    except RecursionError:
        return Rejection(document.source, "-", document.name, "nested too deeply")
    return Value("", content)


def _plain(element: "Element") -> Any:
    if local(element) in _ARRAYS:
        return [_plain(child) for child in element]
    children = {local(child): _plain(child) for child in element}
    ref = element.get("bom-ref")
    return children | ({"bom-ref": ref} if ref else {}) if children or ref else text_of(element)
