"""SPDX 2.2 and 2.3, JSON and tag-value, and SPDX 3.0 JSON-LD: packages by their ``purl``.

A package may name several purls (one for each repository); they are one package where they say the same but for
``repository_id``. Packages without purl, and those of types without an order here, are left aside, counted. The
distribution is the purls' ``distro``. Source: SPDX specification 2.3, *Package information*; 3.0, *Software*.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from advisories.inventories.gathering import Gathering, decoded, the_release
from advisories.inventories.listing import Listing
from advisories.inventories.purls import distribution_of, needs_library, package_of
from advisories.models import Package

__all__ = ["read", "sniff"]

_BOM: Final = b"\xef\xbb\xbf"
_TAG: Final = re.compile(r"ExternalRef: PACKAGE[-_]MANAGER purl (\S+)")
_TAGS: Final = re.compile(rb"^SPDXVersion:", re.MULTILINE)
_VERSION_3: Final = b"spdx.org/rdf/3."


def sniff(head: bytes) -> bool:
    """``spdxVersion`` or the context of 3.0 in JSON, ``SPDXVersion:`` at the beginning of a line."""
    return b'"spdxVersion"' in head or _VERSION_3 in head or _TAGS.search(head) is not None


def read(data: bytes, source: str) -> Listing:
    """The packages of a document; each once."""
    needs_library(source)
    gathering = Gathering(source)
    if data.removeprefix(_BOM).lstrip()[:1] == b"{":
        found = list(_of_json(decoded(data, gathering), gathering))
    else:
        found = list(_of_tags(data.removeprefix(_BOM).decode("utf-8", "replace")))
    for position, name, purls in found:
        if not purls:
            gathering.skips["packages without a purl"] += 1
            continue
        made = Gathering(source)
        for purl in purls:
            made.add(position, purl[:80], package_of, purl)
        _take(gathering, made, position, name)
    every = [purl for _, _, purls in found for purl in purls]
    return gathering.listing(*the_release(map(distribution_of, every), "the purls' distro"))


def _take(gathering: Gathering, made: Gathering, position: str, name: str) -> None:
    for package in dict.fromkeys(made.packages):
        gathering.add(position, name, _same, package)
    for refused in made.rejections:
        gathering.reject(refused.position, refused.what, refused.why)
    if not made.packages and not made.rejections:
        gathering.skips.update(dict.fromkeys(made.skips, 1))


def _same(package: Package) -> Package:
    return package


_Found = tuple[str, str, list[str]]


def _of_json(document: Any, gathering: Gathering) -> Iterator[_Found]:
    if not isinstance(document, dict):
        return
    version_3 = isinstance(document.get("@graph"), list)
    packages = document.get("@graph" if version_3 else "packages")
    if not isinstance(packages, list):
        gathering.reject("packages", "the document", "an array is expected")
        return
    for number, package in enumerate(packages):
        position = f"{'@graph' if version_3 else 'packages'}[{number}]"
        if not isinstance(package, dict):
            gathering.reject(position, "(no name)", "an object is expected")
        elif not version_3:
            yield position, str(package.get("name")), _purls(package.get("externalRefs"), "referenceType")
        elif package.get("type") == "software_Package":
            purls = _purls(package.get("externalIdentifier"), "externalIdentifierType")
            url = package.get("software_packageUrl")
            purls += [url] if isinstance(url, str) and url not in purls else []
            yield position, str(package.get("name")), purls


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


def _of_tags(text: str) -> Iterator[_Found]:
    position, name, purls = "line 1", "", list[str]()
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("PackageName:"):
            if name:
                yield position, name, purls
            position, name, purls = f"line {number}", line.partition(":")[2].strip(), []
        elif match := _TAG.match(line):
            purls.append(match[1])
    if name:
        yield position, name, purls
