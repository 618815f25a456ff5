"""SPDX 2.2 and 2.3, JSON and tag-value, and SPDX 3.0 JSON-LD: packages by their ``purl``.

A package may have several purls (one for each repository). They are one package if they differ only in
``repository_id``, and it comes from all of these repositories. ``sourceInfo`` has the source package if Trivy wrote it,
and the place of the package if Syft did. Packages without purl are rejected, unless their purpose or their place as the
one subject of the document shows that they are none (:mod:`advisories.readers.inventories.no_purl`). Those of types
without an order here are skipped and counted, and so are Trivy's applications, which are the files that list packages,
and elements of other documents (:mod:`advisories.readers.inventories.sbom_parts`). The distribution is that of the
package whose purpose is an operating system, else the purls' ``distro``.

A document that ``advisories list`` wrote has annotations with all else that is known of the packages and the list
(:mod:`advisories.readers.inventories.carried`).

Sources: SPDX specification 2.3, *Package information* and *Relationships*, and 3.0, *Software*. Trivy,
``pkg/sbom/spdx/marshal.go`` for its applications.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any, Final

from advisories.models.distribution import Distribution
from advisories.models.frozen import evolve
from advisories.models.packages import Package
from advisories.models.patterns import pattern
from advisories.models.reading import Skipped, Unreadable
from advisories.readers.collector import Collector, decoded
from advisories.readers.inventories.carried import PREFIX, SPDX_SUBJECT, Carried, facts_of
from advisories.readers.inventories.head import Head
from advisories.readers.inventories.no_purl import SUBJECT, take
from advisories.readers.inventories.sbom_parts import HAS, OF, doubt_owners, skip_elsewhere, unwrapped
from advisories.readers.lines import BLANKS, is_whole, lines_of
from advisories.readers.listing import Listing
from advisories.readers.purls import built_from, distributions_of, package_of, skipped_type
from advisories.readers.releases import from_identifier, from_product, the_release
from advisories.readers.source_packages import fill_own_sources
from advisories.sources.purl import needs_library

__all__ = ["read", "sniff"]

_TAG: Final = pattern(r"ExternalRef: PACKAGE[-_]MANAGER purl ([^ \t]+)")
_TAGS: Final = pattern(rb"^SPDXVersion:", re.MULTILINE)
_VERSION_3: Final = b"spdx.org/rdf/3."
_BUILT_FROM: Final = pattern(r"built package from: (\S+) (\S+)")
_FOUND_AT: Final = pattern(r"acquired package info from [^:]+: (/[^,]+)(?:,.*)?")
_REPOSITORY: Final = pattern(r"(?<=[?&])repository_id=([\w.-]*)", re.ASCII)
_DOCUMENT: Final = "SPDXRef-DOCUMENT"
_DESCRIBES: Final = pattern(r"^Relationship: SPDXRef-DOCUMENT DESCRIBES (\S+)", re.MULTILINE)
# Where an element is of another document.
_FOREIGN: Final = "DocumentRef-"
_RELATIONSHIP: Final = pattern(r"^Relationship: (\S+) ([A-Z_]+) (\S+)", re.MULTILINE)
_PURL_TYPES: Final = ("purl", "packageUrl")
_SYSTEM: Final = frozenset(("OPERATING-SYSTEM", "OPERATING_SYSTEM", "operatingSystem"))


# SPDX 3.0's names of what is read of a package.
_OF_VERSION_3: Final = {
    "spdxId": "SPDXID",
    "name": "name",
    "software_packageVersion": "versionInfo",
    "software_primaryPurpose": "primaryPackagePurpose",
    "software_sourceInfo": "sourceInfo",
}
_OF_TAG: Final = {
    "PackageVersion": "versionInfo",
    "PrimaryPackagePurpose": "primaryPackagePurpose",
    "PackageSourceInfo": "sourceInfo",
}
# A value of several lines, in the form of tags.
_TEXT: Final = "<text>"
_TEXT_END: Final = "</text>"
_NO_END: Final = "a text without its end, so another package may be hidden"

# A package of any form: its number, its members by the names of 2.3 in JSON, and its purls.
_Found = tuple[int, dict[str, Any], list[str]]


def sniff(head: Head) -> bool:
    """``spdxVersion`` or the context of 3.0 in JSON, ``SPDXVersion:`` at the beginning of a line."""
    if head.data.startswith(b"["):  # no form of it, and three searches less
        return False
    if head.may_be_object and (b'"spdxVersion"' in head.data or _VERSION_3 in head.data):
        return True
    return b":" in head.data and b"SPDXVersion:" in head.data and _TAGS.search(head.data) is not None


def read(data: bytes, source: str) -> Listing:
    """The packages of a document, each once."""
    needs_library(source)
    collector = Collector(source)
    carried = Carried(collector)
    if data.lstrip()[:1] == b"{":
        document, above = unwrapped(decoded(data, collector))
        carried.take_object(f"{above}annotations", _annotated(document))
        version_3 = isinstance(document, dict) and isinstance(document.get("@graph"), list)
        name = "@graph" if version_3 else "packages"
        place = f"{above}{name}[{{}}]"
        found = list((_of_version_3 if version_3 else _of_version_2)(_entries(document, above, name, collector)))
        described = _described(document)
        skip_elsewhere(collector, _elsewhere(document))
    else:
        place = "line {}"
        text = data.decode("utf-8", "replace")
        found = list(_of_tags(text, collector))
        described = set(_DESCRIBES.findall(text))
        skip_elsewhere(collector, _foreign(_RELATIONSHIP.findall(text)))
    ids = set(_texts([members.get("SPDXID") for _, members, _ in found]))
    subjects = described & ids if len(described & ids) == 1 else set()
    systems: list[Distribution | None] = []
    for number, members, purls in found:
        if carried.is_list and members.get("SPDXID") == SPDX_SUBJECT:
            continue  # what was listed
        purpose = members.get("primaryPackagePurpose")
        if purpose is not None and str(purpose) in _SYSTEM:
            systems.append(_system(members))
        elif not purls and _lists_packages(members):
            collector.skip("files that list packages of applications")
        elif not purls:
            is_subject = len(found) > 1 and not subjects.isdisjoint(_texts([members.get("SPDXID")]))
            kind = SUBJECT if is_subject else purpose
            take(collector, place.format(number), members.get("name"), kind, members.get("versionInfo"))
        if purls and (facts := _annotated(members)) is not None:
            collector.add(place.format(number), purls[0], partial(_carried, carried, members, purls), facts)
        elif purls:
            _take(collector, place, number, purls, members.get("sourceInfo"))
    if not carried.is_complete:
        fill_own_sources(collector.packages)
        infos = (members.get("sourceInfo") for _, members, _ in found)
        if any(isinstance(info, str) and _FOUND_AT.fullmatch(info) for info in infos):  # Syft's words
            doubt_owners(collector)
    by_system = the_release(systems, "the package of the operating system")
    by_purl = the_release(distributions_of(purl for _, _, purls in found for purl in purls), "the purls' distro")
    release = by_purl if by_system[0] is None and by_purl[0] else by_system
    return carried.listing(release) if carried.is_complete else collector.listing(*release)


def _described(document: Any) -> set[str]:
    """The ids of what a decoded document is about."""
    if not isinstance(document, dict):
        return set()
    found = _texts(document.get("documentDescribes"))
    for one in _objects(document.get("relationships")):
        ends = one.get("spdxElementId"), one.get("relationshipType"), one.get("relatedSpdxElement")
        if ends[:2] == (_DOCUMENT, "DESCRIBES"):
            found += _texts([ends[2]])
        elif ends[1:] == ("DESCRIBED_BY", _DOCUMENT):
            found += _texts([ends[0]])
    for one in _objects(document.get("@graph")):
        found += _texts(one.get("rootElement"))
    return set(found)


def _elsewhere(document: Any) -> Iterator[str]:
    """The elements of other documents that a decoded document has by a relationship."""
    if not isinstance(document, dict):
        return
    named = ("spdxElementId", "relationshipType", "relatedSpdxElement")
    ends = [_texts([one.get(name) for name in named]) for one in _objects(document.get("relationships"))]
    yield from _foreign(one for one in ends if len(one) == len(named))
    graph = list(_objects(document.get("@graph")))
    foreign = set(_texts([one.get("externalSpdxId") for whole in graph for one in _objects(whole.get("import"))]))
    for one in graph if foreign else ():
        if not HAS.isdisjoint(_texts([one.get("relationshipType")])):
            yield from foreign.intersection(_texts(one.get("to")))


def _foreign(relationships: Iterable[Sequence[str]]) -> Iterator[str]:
    for one, kind, other in relationships:
        part = other if kind in HAS else one if kind in OF else ""
        if part.startswith(_FOREIGN):
            yield part


def _texts(values: Any) -> list[str]:
    return [one for one in values if isinstance(one, str)] if isinstance(values, list) else []


def _objects(values: Any) -> Iterator[dict[str, Any]]:
    return (one for one in values if isinstance(one, dict)) if isinstance(values, list) else iter(())


def _lists_packages(members: dict[str, Any]) -> bool:
    """Whether an entry stands for a file that lists packages, as Trivy's applications do."""
    comments = [one.get("comment") for one in _objects(members.get("annotations"))]
    return any(text.startswith("Class: ") for text in _texts([*comments, *_texts(members.get("attributionTexts"))]))


def _annotated(members: Any) -> Any:
    """The facts that an annotation of ours has. None where there is no such annotation."""
    annotations = members.get("annotations") if isinstance(members, dict) else None
    for one in annotations if isinstance(annotations, list) else ():
        comment = one.get("comment") if isinstance(one, dict) else None
        if isinstance(comment, str) and comment.startswith(PREFIX):
            try:
                return json.loads(comment.removeprefix(PREFIX))
            except (ValueError, RecursionError):
                return {}
    return None


def _carried(carried: Carried, members: dict[str, Any], purls: list[str], value: Any) -> Package:
    facts = facts_of(value)
    if not facts or len(purls) != 1:
        raise Unreadable("an annotation without the facts of a package, or several package URLs")
    return carried.package(purls[0], members.get("name"), members.get("versionInfo"), facts)


def _system(members: dict[str, Any]) -> Distribution | None:
    name, version = members.get("name"), members.get("versionInfo", "")
    return from_identifier(f"{name}-{version}") or from_product(f"{name} {version}")


def _take(collector: Collector, place: str, number: int, purls: list[str], source_info: Any) -> None:
    if len(purls) == 1:
        if (why := skipped_type(purls[0])) is not None:  # as most are, of an image of an application
            collector.skip(why)
        else:
            make = partial(_package, source_info) if isinstance(source_info, str) else package_of
            collector.add(place.format(number), purls[0], make, purls[0])
        return
    packages: dict[str, Package] = {}
    repositories: defaultdict[str, dict[str, None]] = defaultdict(dict)
    reasons: set[str] = set()
    refused = False
    for purl in purls:
        # Parsing each would only find the same package for each repository.
        text = _REPOSITORY.sub("", purl)
        repositories[text].update(dict.fromkeys(filter(None, _REPOSITORY.findall(purl))))
        if text in packages:
            continue
        try:
            packages[text] = package_of(purl)
        except Skipped as skipped:
            reasons.add(str(skipped))
        except Unreadable as unreadable:
            refused = True
            collector.reject(place.format(number), purl, str(unreadable))
    for text, package in packages.items():
        if len(repositories[text]) > 1:
            packages[text] = evolve(package, repository=",".join(repositories[text]))
    for package in dict.fromkeys(packages.values()):
        collector.keep(_with_source_info(package, source_info) if isinstance(source_info, str) else package)
    if not packages and not refused:
        for why in reasons:
            collector.skip(why)


def _package(source_info: str, purl: str) -> Package:
    return _with_source_info(package_of(purl), source_info)


def _with_source_info(package: Package, source_info: str) -> Package:
    """The package with its source package or place from ``sourceInfo``."""
    if match := _BUILT_FROM.fullmatch(source_info):
        return built_from(package, match[1], match[2])
    if (match := _FOUND_AT.fullmatch(source_info)) and match[1].isprintable():
        return evolve(package, locations=(match[1],))
    return package


def _entries(document: Any, above: str, name: str, collector: Collector) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects that a decoded document lists, with their numbers. Anything else is rejected.

    :param above: what stands in front of positions.
    """
    entries = document.get(name) if isinstance(document, dict) else None
    if isinstance(document, dict) and not isinstance(entries, list):
        collector.reject(f"{above}{name}", "the document", "an array is expected")
    for number, entry in enumerate(entries if isinstance(entries, list) else ()):
        if isinstance(entry, dict):
            yield number, entry
        else:
            collector.reject(f"{above}{name}[{number}]", "(no name)", "an object is expected")


def _of_version_2(entries: Iterable[tuple[int, dict[str, Any]]]) -> Iterator[_Found]:
    return _with_purls(entries, "externalRefs", "referenceType", "referenceLocator")


def _of_version_3(entries: Iterable[tuple[int, dict[str, Any]]]) -> Iterator[_Found]:
    for number, package, purls in _with_purls(entries, "externalIdentifier", "externalIdentifierType", "identifier"):
        url = package.get("software_packageUrl")
        purls += [url] if isinstance(url, str) and url not in purls else []
        # Models and data sets are packages too, and some tools write the class in a form of its own.
        if not purls and package.get("type") != "software_Package":
            continue
        yield number, {_OF_VERSION_3[name]: package[name] for name in _OF_VERSION_3 if name in package}, purls


def _with_purls(
    entries: Iterable[tuple[int, dict[str, Any]]], references: str, type: str, locator: str
) -> Iterator[_Found]:
    """Entries with the purls among their references.

    :param type: the member of a reference with its type.
    :param locator: the member of a reference with the purl.
    """
    for number, package in entries:
        purls: list[str] = []
        listed = package.get(references)
        for one in listed if isinstance(listed, list) else ():
            if isinstance(one, dict) and one.get(type) in _PURL_TYPES:
                purl = one.get(locator)
                if isinstance(purl, str):
                    purls.append(purl)
        yield number, package, purls


def _of_tags(text: str, collector: Collector) -> Iterator[_Found]:
    members: dict[str, Any] = {}
    purls: list[str] = []
    first = None
    opened = None
    damaged = not is_whole(text.replace("\r\n", "\n"))
    for number, line in enumerate(lines_of(text), 1):
        if damaged and not is_whole(line):
            collector.reject(number, line, "a NUL or a line end of another kind, so another line may be hidden")
        tag, colon, value = line.partition(":")
        begins = tag == "PackageName" and colon
        if opened is not None and not begins:
            opened = None if _TEXT_END in line else opened
            continue
        if opened is not None:
            collector.reject(opened, "text", _NO_END)
        value = value.strip(BLANKS)
        opened = number if value.startswith(_TEXT) and _TEXT_END not in value else None
        value = value.removeprefix(_TEXT).removesuffix(_TEXT_END)
        if begins:
            if first is not None:
                yield first, members, purls
            first, members, purls = number, {"name": value}, []
        elif tag in _OF_TAG:
            members[_OF_TAG[tag]] = value
        elif tag == "SPDXID":
            members.setdefault(tag, value)  # those of its files come later
        elif match := _TAG.match(line):
            purls.append(match[1])
    if opened is not None:
        collector.reject(opened, "text", _NO_END)
    if first is not None or purls:
        yield first or 1, members, purls
