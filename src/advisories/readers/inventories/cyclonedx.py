"""CycloneDX 1.2 to 1.7, JSON and XML: components, nested ones too, by their ``purl``. So are those in the subject.

Read of a component are ``purl``, ``type``, ``name`` and ``version``. Its place comes from
``evidence.occurrences[].location`` or the properties ``syft:location:N:path`` and ``aquasecurity:trivy:FilePath``, and
its source package from the properties of Trivy. The distribution is the component of type ``operating-system``, below
or as the subject of the document, else the purls' ``distro``. Components without purl are rejected where they are
packages (:mod:`advisories.readers.inventories.no_purl`). Those of types without an order here are skipped and counted.
So are the external ones of 1.7, which the environment is expected to provide, and Trivy's applications, which are the
files that list packages.

Components whose list is another document, and a document that states that it is incomplete, are not whole
(:mod:`advisories.readers.inventories.sbom_parts`).

A document that ``advisories list`` wrote has properties with all else that is known of the packages and the list
(:mod:`advisories.readers.inventories.carried`).

Sources: CycloneDX, specifications 1.6 and 1.7. Trivy, ``pkg/sbom/core/bom.go`` for its properties, and
``pkg/sbom/io/encode.go`` for its applications.
"""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from advisories.models.distribution import Distribution
from advisories.models.packages import Package
from advisories.models.patterns import pattern
from advisories.readers.collector import Collector, decoded
from advisories.readers.inventories.carried import Carried, facts_in
from advisories.readers.inventories.head import Head
from advisories.readers.inventories.no_purl import take
from advisories.readers.inventories.sbom_parts import Composition, doubt_owners, skip_other_lists, unwrapped
from advisories.readers.listing import Listing
from advisories.readers.purls import built_from, check_type, distributions_of, package_of
from advisories.readers.releases import from_identifier, from_product, the_release
from advisories.readers.source_packages import fill_own_sources
from advisories.sources.purl import needs_library

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

__all__ = ["components_in", "read", "sniff"]

_XML_MARK: Final = pattern(rb"<bom\b[^>]*cyclonedx\.org/schema/bom/")
_SYFT: Final = "syft:"
_PATH: Final = pattern(r"syft:location:[0-9]+:path|aquasecurity:trivy:FilePath")
_TRIVY: Final = "aquasecurity:trivy:Src"
# Trivy's property of a component that stands for a lock file or another list of packages.
_OF_LIST: Final = "aquasecurity:trivy:Class"
# Of a longer position the end is shown. Each of n components that are very deep would take its depth in memory.
_LONG: Final = 200
_Found = tuple[str, dict[str, Any]]
# Elements of XML by what they stand in, from the root to the components of the list. Others have components too, which
# are none: the tools that wrote the document, and what a component was made from (``pedigree``).
_LISTING: Final = frozenset(
    {
        ("bom", ""),
        ("metadata", "bom"),
        ("component", "metadata"),
        ("components", "bom"),
        ("components", "component"),
        ("component", "components"),
    }
)


def sniff(head: Head) -> bool:
    """``bomFormat``, or the root element of the XML form."""
    if head.may_be_object and b'"bomFormat"' in head.data:
        return True
    if head.data.startswith(b"{") or b"<" not in head.data:
        return False
    return _XML_MARK.search(head.data) is not None and b"<!DOCTYPE" not in head.data


def read(data: bytes, source: str) -> Listing:
    """The packages among the components."""
    needs_library(source)
    collector = Collector(source)
    is_xml = data.lstrip().startswith(b"<")
    carried = Carried(collector)
    composition = Composition()
    whole = collector, carried, composition
    if is_xml:
        found = list(_of_xml(data, *whole))
    else:
        document, above = unwrapped(decoded(data, collector))
        found = list(_of_json(document, above, *whole))
    purls: list[str] = []
    systems: list[Distribution | None] = []
    for position, component in found:
        if component.get("type") == "operating-system":
            systems.append(_system(component))
            continue
        purl = component.get("purl")
        if component.get("isExternal") in (True, "true", "1"):
            collector.skip("external components, which the environment provides")
            continue
        skip_other_lists(collector, component)
        if not isinstance(purl, str) or not purl:
            if component.get("type") == "application" and any(name == _OF_LIST for name, _ in _properties(component)):
                collector.skip("files that list packages of applications")
            else:
                take(collector, position, component.get("name"), component.get("type"), component.get("version"))
            continue
        purls.append(purl)
        collector.add(position, purl, partial(_package, carried), component)
    if not carried.is_complete:
        fill_own_sources(collector.packages)
        if any(name.startswith(_SYFT) for _, component in found for name, _ in _properties(component)):
            doubt_owners(collector)
    composition.check(collector)
    by_system = the_release(systems, "the component of the operating system")
    by_purl = the_release(distributions_of(purls), "the purls' distro")
    release = by_purl if by_system[0] is None and by_purl[0] else by_system
    return carried.listing(release) if carried.is_complete else collector.listing(*release)


def _system(component: dict[str, Any]) -> Distribution | None:
    name, version = component.get("name"), component.get("version")
    return from_identifier(f"{name}-{version}") or from_product(f"{name} {version}")


def _package(carried: Carried, component: dict[str, Any]) -> Package:
    properties = dict(_properties(component))
    facts = facts_in(properties.items())
    found = list(_occurrences(component))
    if facts:
        return carried.package(component["purl"], component.get("name"), component.get("version"), facts, found)
    check_type(component["purl"])  # before much is looked at
    paths = list(filter(str.isprintable, found))
    paths = paths or [value for name, value in properties.items() if _PATH.fullmatch(name) and value.isprintable()]
    package = package_of(component["purl"], tuple(paths[:1]))
    if f"{_TRIVY}Name" not in properties:
        return package
    epoch, version, release = (properties.get(f"{_TRIVY}{part}") for part in ("Epoch", "Version", "Release"))
    if version and release:
        version = f"{version}-{release}"
    if version and epoch and epoch.strip("0"):
        version = f"{epoch}:{version}"
    return built_from(package, properties[f"{_TRIVY}Name"], version)


def _properties(component: dict[str, Any]) -> Iterator[tuple[str, str]]:
    properties = component.get("properties")
    for one in properties if isinstance(properties, list) else ():
        if isinstance(one, dict) and isinstance(one.get("name"), str) and isinstance(one.get("value"), str):
            yield one["name"], one["value"]


def _occurrences(component: dict[str, Any]) -> Iterator[str]:
    evidence = component.get("evidence")
    occurrences = evidence.get("occurrences") if isinstance(evidence, dict) else None
    for one in occurrences if isinstance(occurrences, list) else ():
        if isinstance(one, dict) and isinstance(one.get("location"), str):
            yield one["location"]


def _of_json(
    document: Any, above: str, collector: Collector, carried: Carried, composition: Composition
) -> Iterator[_Found]:
    composition.stated = document.get("compositions") if isinstance(document, dict) else None
    metadata = document.get("metadata") if isinstance(document, dict) else None
    if isinstance(metadata, dict):
        carried.take_properties(f"{above}metadata", _properties(metadata))
    subject = metadata.get("component") if isinstance(metadata, dict) else None
    if isinstance(subject, dict):
        composition.subject = subject.get("bom-ref")
        if subject.get("type") == "operating-system":
            yield f"{above}metadata.component", subject
    yield from components_in(subject, collector, f"{above}metadata.component.")
    yield from components_in(document, collector, above)


def components_in(document: Any, collector: Collector, above: str = "") -> Iterator[_Found]:
    """The components of a decoded document with their positions, nested ones too. Anything else is rejected.

    :param above: what stands in front of positions.
    """
    components = document.get("components") if isinstance(document, dict) else None
    if not isinstance(components, list):
        if document is not None and components is not None:
            collector.reject(f"{above}components", "the document", "an array is expected")
        return
    stack = [(f"{above}components[{number}]", one) for number, one in enumerate(components)][::-1]
    while stack:
        position, component = stack.pop()
        if not isinstance(component, dict):
            collector.reject(position, "(no name)", "an object is expected")
            continue
        yield position, component
        inner = component.get("components")
        if isinstance(inner, list):
            position = position if len(position) <= _LONG else f"...{position[-_LONG:]}"
            stack += [(f"{position}.components[{number}]", one) for number, one in enumerate(inner)][::-1]


def _of_xml(data: bytes, collector: Collector, carried: Carried, composition: Composition) -> Iterator[_Found]:
    from advisories.sources.xml_text import RefusedXml, local, parsed  # only where there is XML

    number = 0
    # Of each open element its name, and whether components in it are of the list.
    opened = [("", True)]
    # How deep the open elements are that have components of the list in them.
    filled: set[int] = set()
    try:
        for event, element in parsed(data):
            tag = local(element)
            if event == "start":
                above, is_listed = opened[-1]
                opened.append((tag, is_listed and (tag, above) in _LISTING))
                continue
            _, is_listed = opened.pop()
            if tag == "component":
                found = _of_element(element)
                is_subject = is_listed and opened[-1][0] == "metadata"
                if is_subject:
                    composition.subject = element.get("bom-ref")
                found["components"] = len(opened) in filled
                filled.discard(len(opened))
                if is_listed and not is_subject:
                    filled.add(len(opened) - 2)
                if is_listed and (not is_subject or found["type"] == "operating-system"):
                    number += 1
                    yield f"component {number}", found
                inner = [child for child in element if child.tag.rpartition("}")[2] == "components"]
                element[:] = inner  # what is below was yielded before
            elif tag == "components":
                element.clear()
            elif tag == "compositions" and opened[-1][0] == "bom":
                composition.stated = [_composition(one) for one in element]
            elif tag == "metadata":
                carried.take_properties("metadata", _properties(_of_element(element)))
    except RefusedXml as refused:
        composition.broken = refused.place, refused.why


def _composition(element: "Element") -> dict[str, Any]:
    """A composition as JSON has it."""
    stated: dict[str, Any] = {}
    for child in element:
        tag = child.tag.rpartition("}")[2]
        stated[tag] = (child.text or "").strip() if tag == "aggregate" else [one.get("ref") for one in child]
    return stated


def _of_element(element: "Element") -> dict[str, Any]:
    component: dict[str, Any] = {"type": element.get("type"), "isExternal": element.get("isExternal")}
    for child in element:
        tag = child.tag.rpartition("}")[2]
        if tag in ("purl", "name", "version"):
            component[tag] = (child.text or "").strip()
        elif tag == "properties":
            component[tag] = [{"name": one.get("name"), "value": _bare(one.text or "")} for one in child]
        elif tag == "externalReferences":
            component[tag] = [{"type": one.get("type")} for one in child]
        elif tag == "evidence":
            locations = [one.text for one in child.iter() if one.tag.rpartition("}")[2] == "location"]
            component[tag] = {"occurrences": [{"location": _bare(text)} for text in locations if text]}
    return component


def _bare(text: str) -> str:
    """A value without the line ends and indents that are put around it to lay a document out."""
    return text.strip() if text[:1] in "\r\n" else text
