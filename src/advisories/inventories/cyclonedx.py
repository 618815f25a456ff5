"""CycloneDX 1.2 to 1.6, JSON and XML: components, nested ones too, by their ``purl``.

What is read of a component: ``purl``, ``type``, ``name``, ``version``, and the property ``syft:location:0:path``. The
component of type ``operating-system`` says the distribution, else the purls' ``distro``. Components without purl, and
those of types without an order here, are left aside, counted. Source: CycloneDX, specification 1.6.
"""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from advisories.distributions import from_identifier
from advisories.inventories.gathering import Gathering, decoded, the_release
from advisories.inventories.listing import Listing
from advisories.inventories.purls import distribution_of, needs_library, package_of
from advisories.models import Distribution, Package

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

__all__ = ["read", "sniff"]

_XML_MARK: Final = re.compile(rb"<bom\b[^>]*cyclonedx\.org/schema/bom/")
_PATH: Final = re.compile(r"syft:location:[0-9]+:path")
_Found = tuple[str, dict[str, Any]]


def sniff(head: bytes) -> bool:
    """``bomFormat``, or the root element of the XML form."""
    return b'"bomFormat"' in head or (b"<!DOCTYPE" not in head and _XML_MARK.search(head) is not None)


def read(data: bytes, source: str) -> Listing:
    """The packages among the components."""
    needs_library(source)
    gathering = Gathering(source)
    is_xml = data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
    found = list(_of_xml(data, gathering) if is_xml else _of_json(decoded(data, gathering), gathering))
    purls: list[str] = []
    systems: list[Distribution | None] = []
    for position, component in found:
        if component.get("type") == "operating-system":
            systems.append(from_identifier(f"{component.get('name')}-{component.get('version')}"))
            continue
        purl = component.get("purl")
        if not isinstance(purl, str):
            gathering.skips["components without a purl"] += 1
            continue
        purls.append(purl)
        gathering.add(position, purl[:80], _package, component)
    by_system = the_release(systems, "the component of the operating system")
    by_purl = the_release(map(distribution_of, purls), "the purls' distro")
    return gathering.listing(*(by_purl if by_system[0] is None and by_purl[0] else by_system))


def _package(component: dict[str, Any]) -> Package:
    properties = component.get("properties")
    paths = [
        one["value"]
        for one in (properties if isinstance(properties, list) else ())
        if isinstance(one, dict) and _PATH.fullmatch(str(one.get("name"))) and isinstance(one.get("value"), str)
    ]
    return package_of(component["purl"], tuple(path for path in paths if path.isprintable())[:1])


def _of_json(document: Any, gathering: Gathering) -> Iterator[_Found]:
    components = document.get("components") if isinstance(document, dict) else None
    if not isinstance(components, list):
        if document is not None and components is not None:
            gathering.reject("components", "the document", "an array is expected")
        return
    stack = [(f"components[{number}]", one) for number, one in enumerate(components)][::-1]
    while stack:
        position, component = stack.pop()
        if not isinstance(component, dict):
            gathering.reject(position, "(no name)", "an object is expected")
            continue
        yield position, component
        inner = component.get("components")
        if isinstance(inner, list):
            stack += [(f"{position}.components[{number}]", one) for number, one in enumerate(inner)][::-1]


def _of_xml(data: bytes, gathering: Gathering) -> Iterator[_Found]:
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        gathering.reject("-", "the document", "a document type is refused")
        return
    from xml.etree import ElementTree  # only where there is XML

    number = 0
    try:
        for _, element in ElementTree.iterparse(BytesIO(data)):
            tag = element.tag.rpartition("}")[2]
            if tag == "component":
                number += 1
                yield f"component {number}", _of_element(element)
                inner = [child for child in element if child.tag.rpartition("}")[2] == "components"]
                element[:] = inner  # what is below was told already
            elif tag == "components":
                element.clear()
    except ElementTree.ParseError as error:
        gathering.reject(f"line {error.position[0]}", "the document", f"not XML: {error}")


def _of_element(element: "Element") -> dict[str, Any]:
    component: dict[str, Any] = {"type": element.get("type")}
    for child in element:
        tag = child.tag.rpartition("}")[2]
        if tag in ("purl", "name", "version"):
            component[tag] = (child.text or "").strip()
        elif tag == "properties":
            component[tag] = [{"name": one.get("name"), "value": (one.text or "").strip()} for one in child]
    return component
