"""The JSON of a vuls scan: ``packages`` and ``SrcPackages``, with the release and the running kernel of the host.

``SrcPackages`` names the binaries that a source package made, and one version of it, however many builds of it are
installed. Where a binary is of another build, its own version stands for its source's, or its source's is unknown
(rule 2). For rpm packages the source's version carries the *binary's* epoch, so the epoch is left out. A scan without
``modularitylabel`` does not know modules.
Source: vuls, ``models/packages.go``.
"""

import re
from typing import Any, Final

from advisories.distros.nevra import module_of, without_epoch
from advisories.distros.rebuilds import without_rebuild
from advisories.distros.signed import advised_sources
from advisories.models.assumptions import Assumption
from advisories.models.distribution import family_of, normalised
from advisories.models.packages import NO_MODULE, STATE_OF_RPM, Package, State
from advisories.models.reading import LIST, Unreadable
from advisories.readers.collector import Collector, decoded
from advisories.readers.inventories.head import Head
from advisories.readers.inventories.texts import texts_of
from advisories.readers.listing import Listing
from advisories.readers.package_names import check_name
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
    errors = document.get("errors")
    if isinstance(errors, list) and errors:
        collector.reject_rest("errors", LIST, f"the scan had errors: {str(errors[0])[:80]!a}")
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
    check_name(type, name)
    module = NO_MODULE
    if type == "rpm":
        if release is None:
            raise Unreadable("no release")
        module = module_of(release, *label)
        version = f"{version}-{release}"
    source_name, listed = sources.get(name, (None, None))
    if listed is not None and type == "rpm":
        listed = without_epoch(listed)
    source_version = None if source_name is None or listed is None else _source_version(version, source_name, listed)
    return Package(
        type,
        name,
        version,
        arch,
        True,
        source_name,
        source_version,
        type != "rpm",
        module,
        state=STATE_OF_RPM.get(name, State.INSTALLED) if type == "rpm" else State.INSTALLED,
        doubts=_OTHER_BUILD if source_version is None and source_name is not None else frozenset(),
    )


def _source_version(version: str, source: str, listed: str) -> str | None:
    """The source's version of a binary: the listed one, or of another build its own. None where neither is (rule 2).

    Only a revision shows another build: upstream versions of one source may differ, and `dmsetup` of lvm2 has its own.

    :param source: the source's name. Signed packages have versions of their own.
    :param listed: the one version that the list has of the source.
    """
    ours, theirs = without_epoch(without_rebuild(version)), without_epoch(listed)
    upstream, dash, revision = ours.rpartition("-")
    their_upstream, their_dash, their_revision = theirs.rpartition("-")
    # Of a native package the whole version is the revision.
    is_same = bool(dash) is not bool(their_dash) or revision == their_revision or ours.endswith(theirs)
    if is_same or advised_sources(source, without_rebuild(version)) is not None:
        return listed
    if upstream == their_upstream or _BACKPORT.search(ours):
        return f"{listed.removesuffix(theirs)}{ours}"
    return None


_BACKPORT: Final = re.compile(r"~bpo[0-9]+\+[0-9]+$")
_OTHER_BUILD: Final = frozenset({Assumption.SOURCE_UNKNOWN})
