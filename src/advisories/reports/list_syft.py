"""A list as JSON in the form of Syft: an artifact for each package that is installed.

``metadata`` has what Syft has of a package of its type, as far as it is known here, so that programs that read Syft's
lists find sources, epochs, vendors and module labels. All else is in a member ``advisories`` of the artifact and of
``descriptor.configuration``. So nothing is lost.

Source: Syft, JSON schema 16.1.13.
"""

from collections.abc import Iterator, Mapping
from json import dumps
from typing import Any, Final

from advisories.distros.nevra import without_epoch
from advisories.distros.package_urls import package_url
from advisories.models.distribution import Distribution
from advisories.models.packages import Package
from advisories.readers.inventories.carried import list_facts, package_facts
from advisories.reports.alerts import tool_version
from advisories.reports.inventory import ListReport
from advisories.reports.objects import grouped, streamed
from advisories.reports.vex import Numbered

__all__ = ["render"]

_SCHEMA: Final = {
    "version": "16.1.13",
    "url": "https://raw.githubusercontent.com/anchore/syft/main/schema/json/schema-16.1.13.json",
}
#: The types of packages in Syft's words, with the language of each.
_TYPES: Final[Mapping[str, tuple[str, str]]] = {
    "pypi": ("python", "python"),
    "npm": ("npm", "javascript"),
    "golang": ("go-module", "go"),
    "cargo": ("rust-crate", "rust"),
    "gem": ("gem", "ruby"),
    "maven": ("java-archive", "java"),
}


def render(report: ListReport) -> Iterator[str]:
    """The lines of the document, an artifact on each."""
    number = Numbered()
    distribution = report.inventory.distribution
    artifacts = (
        dumps(_artifact(f"{place:016x}", package, distribution)) for place, package in enumerate(report.installed, 1)
    )
    configuration = {"advisories": grouped(list_facts(report.inventory))}
    descriptor = {"name": "advisories", "version": tool_version(), "configuration": configuration}
    yield "{"
    yield from number.seen(streamed("artifacts", artifacts, ","))
    yield ' "artifactRelationships": [],'
    yield f' "source": {dumps(_source(report, str(number)))},'
    yield f' "distro": {dumps(_distro(distribution))},'
    yield f' "descriptor": {dumps(descriptor)},'
    # Syft looks for it at the end.
    yield f' "schema": {dumps(_SCHEMA)}'
    yield "}"


def _source(report: ListReport, number: str) -> dict[str, Any]:
    image = report.inventory.image
    source: dict[str, Any] = {"id": number, "name": report.name, "version": report.digest or ""}
    if image is None:
        return {**source, "type": "file", "metadata": {"path": report.name}}
    platform = (image.platform or "").split("/")
    metadata = {
        "userInput": report.name,
        "imageID": image.id,
        "manifestDigest": image.digest or "",
        "mediaType": "",
        "tags": [],
        "imageSize": 0,
        "layers": [],
        "manifest": None,
        "config": None,
        "repoDigests": [],
        "architecture": platform[1] if len(platform) > 1 else "",
        "os": platform[0],
        "labels": dict(image.labels),
    }
    return {**source, "type": "image", "metadata": metadata}


def _distro(distribution: Distribution | None) -> dict[str, str]:
    if distribution is None:
        return {}
    version = {} if distribution.release is None else {"versionID": distribution.release}
    return {"name": distribution.id, "id": distribution.id, **version}


def _artifact(id: str, package: Package, distribution: Distribution | None) -> dict[str, Any]:
    type, language = _TYPES.get(package.type, (package.type, ""))
    layer = {} if package.layer is None else {"layerID": package.layer.digest}
    artifact: dict[str, Any] = {
        "id": id,
        "name": package.name,
        "version": package.version,
        "type": type,
        "foundBy": "advisories",
        "locations": [{"path": path, **layer, "accessPath": path} for path in package.locations],
        "licenses": [],
        "language": language,
        "cpes": [],
        "purl": package_url(package, distribution),
    }
    make = _METADATA.get(package.type)
    if make is not None:
        artifact["metadataType"], artifact["metadata"] = make(package)
    artifact["advisories"] = package_facts(package)
    return artifact


def _of_rpm(package: Package) -> tuple[str, dict[str, Any]]:
    epoch, mark, _ = package.version.partition(":")
    version, _, release = without_epoch(package.version).rpartition("-")
    source, source_version = package.source_name, package.source_version
    label = {"modularityLabel": package.module.streams[0]} if package.module.streams else {}
    return "rpm-db-entry", {
        "name": package.name,
        "version": version or release,
        "epoch": int(epoch) if mark and _is_small(epoch) and package.epoch_known else None,
        "architecture": package.arch or "",
        "release": release if version else "",
        "sourceRpm": f"{source}-{without_epoch(source_version)}.src.rpm" if source and source_version else "",
        "size": 0,
        "vendor": package.vendor or "",
        **label,
        "files": [],
    }


def _is_small(epoch: str) -> bool:
    return epoch.isascii() and epoch.isdecimal() and len(epoch) < 10


def _of_deb(package: Package) -> tuple[str, dict[str, Any]]:
    # Both are empty where they are the package's own.
    source = "" if package.source_name == package.name else package.source_name or ""
    version = "" if package.source_version == package.version else package.source_version or ""
    return "dpkg-db-entry", {
        "package": package.name,
        "source": source,
        "version": package.version,
        "sourceVersion": version,
        "architecture": package.arch or "",
        "maintainer": package.maintainer or "",
        "installedSize": 0,
        "files": [],
    }


def _of_apk(package: Package) -> tuple[str, dict[str, Any]]:
    return "apk-db-entry", {
        "package": package.name,
        "originPackage": package.source_name or "",
        "maintainer": package.maintainer or "",
        "version": package.version,
        "architecture": package.arch or "",
        "url": "",
        "description": "",
        "size": 0,
        "installedSize": 0,
        "pullDependencies": [],
        "provides": [],
        "pullChecksum": "",
        "gitCommitOfApkPort": "",
        "files": [],
    }


_METADATA: Final = {"rpm": _of_rpm, "deb": _of_deb, "apk": _of_apk}
