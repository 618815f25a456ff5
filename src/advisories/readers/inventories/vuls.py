"""The JSON of a vuls scan: ``packages`` and ``SrcPackages``, with the release and the running kernel of the host.

``SrcPackages`` names the binaries that a source package made. For rpm packages its version carries the *binary's*
epoch, so the epoch is left out. A scan without ``modularitylabel`` does not know modules.
Source: vuls, ``models/packages.go``.
"""

from typing import Any, Final

from advisories.distros.nevra import module_of, without_epoch
from advisories.models.distribution import family_of, normalised
from advisories.models.packages import NO_MODULE, STATE_OF_RPM, Package, State
from advisories.models.reading import Unreadable
from advisories.readers.collector import Collector, decoded
from advisories.readers.inventories.head import Head
from advisories.readers.inventories.texts import texts_of
from advisories.readers.listing import Listing
from advisories.readers.releases import the_release

__all__ = ["read", "sniff"]

_TEXTS: Final = ("name", "version", "release", "arch")
_OF_RPM: Final = (*_TEXTS, "modularitylabel")


def sniff(head: Head) -> bool:
    """``jsonVersion`` and ``family``."""
    return head.may_be_object and b'"jsonVersion"' in head.data and b'"family"' in head.data


def read(data: bytes, source: str) -> Listing:
    """The packages of a scan."""
    collector = Collector(source)
    document = decoded(data, collector)
    if not isinstance(document, dict) or not isinstance(document.get("packages"), dict):
        if document is not None:
            collector.reject("packages", "the document", "an object is expected")
        return collector.listing()
    name, release = document.get("family"), document.get("release")
    distribution = None
    if isinstance(name, str):
        release = release if isinstance(release, str) else None
        # Older scans have "opensuse" for both, and the release decides.
        known = f"opensuse-{'tumbleweed' if release == 'tumbleweed' else 'leap'}" if name == "opensuse" else name
        distribution = normalised(known, release)
    family = family_of(distribution) if distribution else None
    if family is None:
        collector.reject("family", str(name), "an unknown family, whose packages have no type")
        return collector.listing()
    sources = _sources(document.get("SrcPackages"))
    collector.add_all(
        document["packages"].items(),
        lambda entry: _package(entry, family.type, sources),
        lambda key, _: (f"packages.{key}", key),
    )
    kernel = document.get("runningKernel")
    running = (kernel.get("release") or None) if isinstance(kernel, dict) else None
    return collector.listing(
        *the_release([distribution], "family and release"), running if isinstance(running, str) else None
    )


def _sources(entries: Any) -> dict[str, tuple[str, str]]:
    """By a binary's name its source package and version."""
    found: dict[str, tuple[str, str]] = {}
    for entry in entries.values() if isinstance(entries, dict) else ():
        if isinstance(entry, dict) and isinstance(entry.get("binaryNames"), list):
            name, version = entry.get("name"), entry.get("version")
            if isinstance(name, str) and isinstance(version, str):
                pair = name, version
                for binary in entry["binaryNames"]:
                    if isinstance(binary, str):
                        found[binary] = pair
    return found


def _package(entry: Any, type: str, sources: dict[str, tuple[str, str]]) -> Package:
    if not isinstance(entry, dict):
        raise Unreadable("an object is expected")
    name, version, release, arch, *label = texts_of(entry, _OF_RPM if type == "rpm" else _TEXTS)
    if name is None or version is None:
        raise Unreadable("no name or version")
    source_name, source_version = sources.get(name, (None, None))
    module = NO_MODULE
    if type == "rpm":
        if release is None:
            raise Unreadable("no release")
        module = module_of(release, *label)
        version = f"{version}-{release}"
        source_version = without_epoch(source_version) if source_version else None
    return Package(
        type,
        name,
        version,
        arch,
        source_name=source_name,
        source_version=source_version,
        source_epoch_known=type != "rpm",
        module=module,
        state=STATE_OF_RPM.get(name, State.INSTALLED) if type == "rpm" else State.INSTALLED,
    )
