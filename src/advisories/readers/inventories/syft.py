"""Syft's own JSON: ``artifacts`` by their ``purl``, and the distribution by ``distro``.

Read of an artifact's ``metadata`` are its files, vendor, maintainer and module label, and whether it has a member for
the source package, which is empty where the source has the package's name. Without files, the first of its
``locations`` stands for them. Every artifact is a package, so one without purl is rejected. Whose
a package of a language is, :mod:`~advisories.readers.inventories.syft_owners` decides.

A document that ``advisories list`` wrote has a member ``advisories`` in each artifact and in the descriptor's
configuration, with all else that is known of the packages and the list
(:mod:`advisories.readers.inventories.carried`).

Source: Syft's JSON schema.
"""

from functools import partial
from typing import Any, Final

from advisories.distros.nevra import module_of
from advisories.models.distribution import Distribution
from advisories.models.frozen import evolve
from advisories.models.packages import Package
from advisories.models.patterns import pattern
from advisories.models.reading import Skipped, Unreadable
from advisories.readers.collector import Collector, decoded
from advisories.readers.inventories.carried import Carried, facts_of
from advisories.readers.inventories.head import Head
from advisories.readers.inventories.locations import few_paths
from advisories.readers.inventories.syft_owners import SyftOwners
from advisories.readers.inventories.texts import texts_of
from advisories.readers.listing import Listing
from advisories.readers.purls import package_of
from advisories.readers.releases import from_os_release, the_release
from advisories.readers.source_packages import fill_own_sources, forget_filtered, own_source
from advisories.sources.purl import needs_library

__all__ = ["read", "sniff"]

_FIRST_MEMBER: Final = pattern(rb'\s*\{\s*"artifacts"')
# What Syft calls packages of types that have an order here, and what it cannot tell.
_JUDGED: Final = frozenset(
    {"apk", "deb", "rpm", "python", "npm", "go-module", "gem", "rust-crate", "UnknownPackage", "binary", ""}
)
_TEXTS: Final = ("vendor", "maintainer", "modularityLabel")


# The member of metadata that names the source package, empty where it has the package's name.
_SOURCE: Final = {"apk": "originPackage", "deb": "source", "rpm": "sourceRpm"}


def sniff(head: Head) -> bool:
    """``artifacts`` as the first member."""
    return _FIRST_MEMBER.match(head.data) is not None


def read(data: bytes, source: str) -> Listing:
    """The packages among the artifacts."""
    needs_library(source)
    collector = Collector(source)
    document = decoded(data, collector)
    carried = Carried(collector)
    carried.take_object("descriptor.configuration", _carried_in(document))
    named = _distribution(document.get("distro")) if isinstance(document, dict) else None
    owners = SyftOwners(document, named, partial(_package, carried, None))
    if not collector.add_members(document, "artifacts", partial(_package, carried, owners)):
        return collector.listing()
    release = the_release([named], "distro")
    if carried.is_complete:
        return carried.listing(release)
    fill_own_sources(collector.packages)
    forget_filtered(collector.packages)
    return collector.listing(*release)


def _carried_in(document: Any) -> Any:
    """The facts of a list that was written here."""
    descriptor = document.get("descriptor") if isinstance(document, dict) else None
    configuration = descriptor.get("configuration") if isinstance(descriptor, dict) else None
    return configuration.get("advisories") if isinstance(configuration, dict) else None


def _package(carried: Carried, owners: SyftOwners | None, artifact: Any) -> Package:
    purl = artifact.get("purl") if isinstance(artifact, dict) else None
    if isinstance(artifact, dict) and not purl:
        raise _without_purl(artifact)
    if not isinstance(purl, str):
        raise Unreadable("an object with a purl is expected")
    facts = facts_of(artifact.get("advisories"))
    if facts:
        return carried.package(purl, artifact.get("name"), artifact.get("version"), facts)
    metadata = artifact.get("metadata")
    members = metadata if isinstance(metadata, dict) else {}
    paths = few_paths(_paths(_files(members))) or tuple(_paths(artifact.get("locations")))[:1]
    package = package_of(purl, paths)
    if package.type not in ("rpm", "deb", "apk"):
        return owners.settled(artifact, package) if owners is not None else package
    if package.source_name is None and _SOURCE[package.type] in members:
        package = own_source(package)
    vendor, maintainer, label = texts_of(members, _TEXTS)
    package = evolve(
        package,
        vendor=vendor,
        maintainer=maintainer,
        module=module_of("", label) if package.type == "rpm" and label else package.module,
    )
    return owners.settled(artifact, package) if owners is not None else package


def _without_purl(artifact: dict[str, Any]) -> Exception:
    """What becomes of a package that nothing identifies. Types without an order here have no verdict anyway."""
    type = artifact.get("type")
    if isinstance(type, str) and type.isprintable() and type not in _JUDGED:
        return Skipped(f"packages of type {type[:40]}: have no order here")
    return Unreadable("a package without a package URL, which nothing identifies")


def _files(metadata: dict[str, Any]) -> list[dict[str, Any]]:
    """A package's files: what has no digest is a folder."""
    files = metadata.get("files")
    return [
        one
        for one in (files if isinstance(files, list) else ())
        if isinstance(one, dict) and isinstance(digest := one.get("digest"), dict) and digest.get("value")
    ]


def _paths(entries: Any) -> list[str]:
    return [
        path
        for one in (entries if isinstance(entries, list) else ())
        if isinstance(one, dict) and isinstance(path := one.get("path"), str) and path.isprintable()
    ]


def _distribution(distro: Any) -> Distribution | None:
    if not isinstance(distro, dict) or not isinstance(distro.get("id"), str):
        return None
    return from_os_release({field: text for field, name in _FIELDS if isinstance(text := distro.get(name), str)})


# The fields of os-release(5) that decide, and what Syft calls them.
_FIELDS: Final = (
    *(
        ("ID", "id"),
        ("NAME", "name"),
        ("PRETTY_NAME", "prettyName"),
        ("VERSION", "version"),
        ("VERSION_ID", "versionID"),
    ),
    *(("VERSION_CODENAME", "versionCodename"), ("VARIANT_ID", "variantID")),
)
