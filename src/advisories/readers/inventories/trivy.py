"""Trivy's JSON: a report with ``Results`` that list ``Packages`` (``--list-all-pkgs``), or a bare list of packages.

Trivy keeps epoch, version and release apart. ``SrcEpoch`` of rpm packages is the *binary's* epoch, so it is left out of
the source package. Their ``Maintainer`` is rpm's vendor.

Source: Trivy, ``pkg/fanal/types/package.go``.
"""

from collections.abc import Callable
from functools import cache, partial
from typing import Any, Final

from advisories.distros.nevra import module_of, without_epoch
from advisories.models.distribution import Distribution, family_of, normalised
from advisories.models.packages import NO_MODULE, STATE_OF_RPM, Package, State
from advisories.models.reading import Skipped, Unreadable
from advisories.readers.collector import Collector, decoded
from advisories.readers.inventories.head import Head
from advisories.readers.inventories.locations import few_paths
from advisories.readers.inventories.texts import texts_of
from advisories.readers.listing import Listing
from advisories.readers.package_names import check_name
from advisories.readers.releases import the_release
from advisories.readers.source_packages import check_virtual

__all__ = ["read", "sniff"]

# Who listed a package, where the list does not name the system.
_ANALYSERS: Final = {"apk": "apk", "dpkg": "deb", "rpm": "rpm"}
# What Trivy calls the files that show packages of languages.
# The classes of results that have packages.
_OF_PACKAGES: Final = frozenset({"os-pkgs", "lang-pkgs"})
_LANGUAGES: Final = {
    **dict.fromkeys(("pip", "pipenv", "poetry", "uv", "python-pkg"), "pypi"),
    **dict.fromkeys(("npm", "yarn", "pnpm", "bun", "node-pkg"), "npm"),
    **dict.fromkeys(("gomod", "gobinary"), "golang"),
    **dict.fromkeys(("cargo", "rustbinary"), "cargo"),
    **dict.fromkeys(("bundler", "gemspec"), "gem"),
    **dict.fromkeys(("jar", "pom", "gradle", "sbt"), "maven"),
}
# Older lists name neither. Then the architecture's name shows the type, where dpkg and rpm have different ones.
_ARCHES: Final = dict.fromkeys(("amd64", "arm64", "armhf", "all"), "deb") | dict.fromkeys(("x86_64", "noarch"), "rpm")
_TEXTS: Final = (
    "Name",
    "Version",
    "Release",
    "Arch",
    "SrcName",
    "SrcVersion",
    "SrcRelease",
    "Maintainer",
)
_OF_RPM: Final = (*_TEXTS, "Modularitylabel")
_OF_OTHERS: Final = (*_TEXTS, "Name")  # in place of what they do not have


def sniff(head: Head) -> bool:
    """A report's members, or a list whose first object has Trivy's."""
    data = head.data.lstrip()
    if data[:1] == b"{":
        return b'"SchemaVersion"' in data and (b'"ArtifactName"' in data or b'"Results"' in data)
    return data[:1] == b"[" and b'"Name"' in data[:2000] and b'"Version"' in data[:2000]


def read(data: bytes, source: str) -> Listing:
    """The packages of a report or list."""
    collector = Collector(source)
    document = decoded(data, collector)
    if isinstance(document, list):
        _all(document, "", cache(lambda: _type_of_all(document)), collector)
        return collector.listing()
    if not isinstance(document, dict):
        return collector.listing()
    distribution = _distribution(document.get("Metadata"))
    family = family_of(distribution) if distribution else None
    results = document.get("Results")
    for number, result in enumerate(results if isinstance(results, list) else ()):
        packages = result.get("Packages") if isinstance(result, dict) else None
        if not isinstance(packages, list):
            if isinstance(result, dict) and result.get("Class") in _OF_PACKAGES:
                why = "a result without its packages: list them with --list-all-pkgs"
                collector.reject(f"Results[{number}]", str(result.get("Target")), why)
            else:
                collector.skip("results about no packages")
        elif result.get("Class") == "lang-pkgs" and (type := _LANGUAGES.get(str(result.get("Type")))) is not None:
            _each(packages, f"Results[{number}].Packages", partial(_of_language, type, result.get("Target")), collector)
        elif result.get("Class") != "os-pkgs":
            collector.skip("packages of applications of types that have no order here", len(packages))
        else:
            _all(packages, f"Results[{number}].Packages", lambda: family.type if family else None, collector)
    return collector.listing(*the_release([distribution], "Metadata.OS"))


def _distribution(metadata: Any) -> Distribution | None:
    system = metadata.get("OS") if isinstance(metadata, dict) else None
    if not isinstance(system, dict) or not isinstance(system.get("Family"), str):
        return None
    release = system.get("Name")
    return normalised(system["Family"], release if isinstance(release, str) else None)


def _all(entries: list[Any], path: str, type_of_others: Callable[[], str | None], collector: Collector) -> None:
    _each(entries, path, partial(_package, type_of_others), collector)


def _each(entries: list[Any], path: str, make: Callable[[Any], Package], collector: Collector) -> None:
    collector.add_all(
        enumerate(entries),
        make,
        lambda number, entry: (f"{path}[{number}]", str(entry.get("Name") if isinstance(entry, dict) else None)),
    )


def _type(entry: dict[str, Any]) -> str | None:
    analyser = entry.get("AnalyzedBy")
    type = _ANALYSERS.get(str(analyser)) if analyser is not None else None
    return type or _ARCHES.get(str(entry.get("Arch")))


def _type_of_all(entries: list[Any]) -> str | None:
    """The type of packages that show none: that of the others, or of Debian if ``base-files`` is among them."""
    listed = [entry for entry in entries if isinstance(entry, dict)]
    types = {type for entry in listed if (type := _type(entry)) is not None}
    if not types and any(entry.get("Name") == "base-files" for entry in listed):
        return "deb"
    return types.pop() if len(types) == 1 else None


def _package(type_of_others: Callable[[], str | None], entry: Any) -> Package:
    if not isinstance(entry, dict):
        raise Unreadable("an object is expected")
    type = _type(entry) or type_of_others()
    if type is None:
        raise Skipped("packages of an unknown system")
    name, version, release, arch, source, source_version, source_release, maintainer, label = texts_of(
        entry, _OF_RPM if type == "rpm" else _OF_OTHERS
    )
    if name is None or version is None:
        raise Unreadable("no name or version")
    check_name(type, name)
    if type == "apk" and source is None:
        check_virtual(name)
    version = _whole(entry.get("Epoch"), version, release)
    files = entry.get("InstalledFiles")
    locations = (
        few_paths([one for one in files if isinstance(one, str) and one.isprintable()])
        if isinstance(files, list)
        else ()
    )
    is_rpm = type == "rpm"
    if source_version is not None:
        # The name of a source rpm never shows its epoch.
        bare, epoch = (without_epoch(source_version), None) if is_rpm else (source_version, entry.get("SrcEpoch"))
        source_version = _whole(epoch, bare, source_release)
    return Package(
        type,
        name,
        version,
        arch,
        source_name=source,
        source_version=source_version,
        source_epoch_known=not is_rpm,
        module=module_of(release or "", label) if is_rpm else NO_MODULE,
        vendor=maintainer if is_rpm else None,
        maintainer=None if is_rpm else maintainer,
        state=STATE_OF_RPM.get(name, State.INSTALLED) if type == "rpm" else State.INSTALLED,
        locations=locations,
    )


def _of_language(type: str, target: Any, entry: Any) -> Package:
    """A package of a language, at its own file or at the one that lists it."""
    if not isinstance(entry, dict):
        raise Unreadable("an object is expected")
    name, version, path = texts_of(entry, ("Name", "Version", "FilePath"))
    if name is None or version is None:
        if type in ("golang", "maven"):
            raise Skipped(f"packages of type {type} without a version")
        raise Unreadable("no name or version")
    path = path or (target if isinstance(target, str) and target.isprintable() else None)
    return Package(type, name, version, location=path or None, locations=(path,) if path else ())


def _whole(epoch: Any, version: str, release: str | None) -> str:
    if release:
        version = f"{version}-{release}"
    return f"{epoch}:{version}" if epoch and isinstance(epoch, int) else version
