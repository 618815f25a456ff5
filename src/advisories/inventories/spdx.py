"""SPDX 2.2 and 2.3, JSON and tag-value, and SPDX 3.0 JSON-LD: packages by their ``purl``.

A package may name several purls (one for each repository); they are one package where they say the same but for
``repository_id``. ``sourceInfo`` says the source package where Trivy wrote it, and where the package was found where
Syft did. Packages without purl, and those of types without an order here, are left aside, counted. The distribution is
that of the package whose purpose is an operating system, else the purls' ``distro``.

Source: SPDX specification 2.3, *Package information*; 3.0, *Software*.
"""

import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from attrs import evolve

from advisories.distributions import from_identifier, from_product
from advisories.inventories.gathering import Gathering, decoded, the_release
from advisories.inventories.listing import Listing
from advisories.inventories.purls import built_from, distributions_of, needs_library, package_of
from advisories.models import Package

__all__ = ["read", "sniff"]

_TAG: Final = re.compile(r"ExternalRef: PACKAGE[-_]MANAGER purl (\S+)")
_TAGS: Final = re.compile(rb"^SPDXVersion:", re.MULTILINE)
_VERSION_3: Final = b"spdx.org/rdf/3."
_BUILT_FROM: Final = re.compile(r"built package from: (\S+) (\S+)")
_FOUND_AT: Final = re.compile(r"acquired package info from [^:]+: (/[^,]+)(?:,.*)?")
_SYSTEM: Final = frozenset(("OPERATING-SYSTEM", "OPERATING_SYSTEM", "operatingSystem"))


class _Found(NamedTuple):
    """What is read of a package of any form."""

    position: str
    name: str
    version: str
    purpose: str
    source_info: str
    purls: list[str]


def sniff(head: bytes) -> bool:
    """``spdxVersion`` or the context of 3.0 in JSON, ``SPDXVersion:`` at the beginning of a line."""
    if b"spdx" in head and (b'"spdxVersion"' in head or _VERSION_3 in head):
        return True
    return b"SPDXVersion:" in head and _TAGS.search(head) is not None


def read(data: bytes, source: str) -> Listing:
    """The packages of a document; each once."""
    needs_library(source)
    gathering = Gathering(source)
    if data.lstrip()[:1] == b"{":
        found = list(_of_json(decoded(data, gathering), gathering))
    else:
        found = list(_of_tags(data.decode("utf-8", "replace")))
    for one in found:
        if one.purls:
            _take(gathering, one)
        elif one.purpose not in _SYSTEM:
            gathering.skips["packages without a purl"] += 1
    systems = [
        from_identifier(f"{one.name}-{one.version}") or from_product(f"{one.name} {one.version}")
        for one in found
        if one.purpose in _SYSTEM
    ]
    by_system = the_release(systems, "the package of the operating system")
    by_purl = the_release(distributions_of(purl for one in found for purl in one.purls), "the purls' distro")
    return gathering.listing(*(by_purl if by_system[0] is None and by_purl[0] else by_system))


def _take(gathering: Gathering, found: _Found) -> None:
    made = Gathering("")
    for purl in found.purls:
        made.add(found.position, purl, package_of, purl)
    for package in dict.fromkeys(made.packages):
        gathering.add(found.position, found.name, lambda package: _told(package, found.source_info), package)
    for refused in made.rejections:
        gathering.reject(refused.position, refused.what, refused.why)
    if not made.packages and not made.rejections:
        for why in made.skips:
            gathering.skips[why] += 1


def _told(package: Package, source_info: str) -> Package:
    """With what ``sourceInfo`` says."""
    if match := _BUILT_FROM.fullmatch(source_info):
        return built_from(package, match[1], match[2])
    if (match := _FOUND_AT.fullmatch(source_info)) and match[1].isprintable():
        return evolve(package, locations=(match[1],))
    return package


def _of_json(document: Any, gathering: Gathering) -> Iterator[_Found]:
    if not isinstance(document, dict):
        return
    version_3 = isinstance(document.get("@graph"), list)
    path = "@graph" if version_3 else "packages"
    packages = document.get(path)
    if not isinstance(packages, list):
        gathering.reject("packages", "the document", "an array is expected")
        return
    for number, package in enumerate(packages):
        position = f"{path}[{number}]"
        if not isinstance(package, dict):
            gathering.reject(position, "(no name)", "an object is expected")
        elif not version_3:
            purls = _purls(package.get("externalRefs"), "referenceType")
            yield _of_object(position, package, ("versionInfo", "primaryPackagePurpose", "sourceInfo"), purls)
        elif package.get("type") == "software_Package":
            purls = _purls(package.get("externalIdentifier"), "externalIdentifierType")
            url = package.get("software_packageUrl")
            purls += [url] if isinstance(url, str) and url not in purls else []
            names = ("software_packageVersion", "software_primaryPurpose", "software_sourceInfo")
            yield _of_object(position, package, names, purls)


def _of_object(position: str, package: dict[str, Any], names: tuple[str, str, str], purls: list[str]) -> _Found:
    version, purpose, source_info = names
    said = package.get
    return _Found(
        position, str(said("name")), str(said(version, "")), str(said(purpose, "")), str(said(source_info, "")), purls
    )


def _purls(references: Any, type: str) -> list[str]:
    kinds = ("purl", "packageUrl")
    values = ("referenceLocator", "identifier")
    return [
        value
        for one in (references if isinstance(references, list) else ())
        if isinstance(one, dict) and one.get(type) in kinds
        for name in values
        if isinstance(value := one.get(name), str)
    ]


_TAG_FIELDS: Final = {
    "PackageVersion": "version",
    "PrimaryPackagePurpose": "purpose",
    "PackageSourceInfo": "source_info",
}


def _of_tags(text: str) -> Iterator[_Found]:
    found: _Found | None = None
    for number, line in enumerate(text.splitlines(), 1):
        tag, colon, value = line.partition(":")
        value = value.strip().removeprefix("<text>").removesuffix("</text>")
        if tag == "PackageName" and colon:
            if found is not None:
                yield found
            found = _Found(f"line {number}", value, "", "", "", [])
        elif found is not None and tag in _TAG_FIELDS:
            said: dict[str, Any] = {_TAG_FIELDS[tag]: value}
            found = found._replace(**said)
        elif found is not None and (match := _TAG.match(line)):
            found.purls.append(match[1])
    if found is not None:
        yield found
