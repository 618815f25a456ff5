"""Syft's own JSON: ``artifacts`` by their ``purl``, with ``locations``; ``distro`` says the distribution.

Source: Syft's JSON schema.
"""

from typing import Any

from advisories.distributions import from_os_release
from advisories.inventories.gathering import Gathering, Unreadable, decoded, the_release
from advisories.inventories.listing import Listing
from advisories.inventories.purls import needs_library, package_of
from advisories.models import Distribution, Package

__all__ = ["read", "sniff"]


def sniff(head: bytes) -> bool:
    """``artifacts`` as the first member."""
    return head.lstrip()[:1] == b"{" and head.lstrip()[1:].lstrip().startswith(b'"artifacts"')


def read(data: bytes, source: str) -> Listing:
    """The packages among the artifacts."""
    needs_library(source)
    gathering = Gathering(source)
    document = decoded(data, gathering)
    artifacts = document.get("artifacts") if isinstance(document, dict) else None
    if not isinstance(artifacts, list):
        if document is not None:
            gathering.reject("artifacts", "the document", "an array is expected")
        return gathering.listing()
    for number, artifact in enumerate(artifacts):
        if isinstance(artifact, dict) and not artifact.get("purl"):
            gathering.skips["artifacts without a purl"] += 1
            continue
        name = artifact.get("name") if isinstance(artifact, dict) else None
        gathering.add(f"artifacts[{number}]", str(name), _package, artifact)
    return gathering.listing(*the_release([_distribution(document.get("distro"))], "distro"))


def _package(artifact: Any) -> Package:
    if not isinstance(artifact, dict) or not isinstance(artifact.get("purl"), str):
        raise Unreadable("an object with a purl is expected")
    locations = artifact.get("locations")
    paths = [
        path
        for one in (locations if isinstance(locations, list) else ())
        if isinstance(one, dict) and isinstance(path := one.get("path"), str) and path.isprintable()
    ]
    return package_of(artifact["purl"], tuple(paths[:1]))


def _distribution(distro: Any) -> Distribution | None:
    if not isinstance(distro, dict) or not isinstance(distro.get("id"), str):
        return None
    version = distro.get("versionID")
    return from_os_release({"ID": distro["id"], "VERSION_ID": version if isinstance(version, str) else ""})
