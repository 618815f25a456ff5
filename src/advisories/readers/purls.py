"""From a package URL to a package.

A purl without ``upstream`` is its own source where another of its type in the list has one
(:func:`advisories.readers.source_packages.fill_own_sources`). Else its source is unknown. A purl with a qualifier twice
is rejected.

These qualifiers are read: ``arch``, ``epoch`` (0 if it is missing), ``distro``, ``upstream`` (the source package, with
its version behind ``@`` or as the file name of a source rpm), ``rpmmod`` or ``modularitylabel`` (a module stream),
``repository_id``. Of types that are not listed here only the type is read.

The name of a language's package is :attr:`advisories.models.statements.Purl.full_name`.

Sources: the purl specification, its definitions of the types ``apk``, ``deb``, ``rpm``, ``pypi``, ``npm``, ``golang``,
``cargo``, ``gem`` and ``maven``. Syft for ``upstream`` and ``distro``. Trivy for ``modularitylabel``. Red Hat's
SBOMs for ``repository_id``.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final
from urllib.parse import unquote

from advisories.distros.nevra import module_of, split, without_epoch
from advisories.models.distribution import Distribution, language_of
from advisories.models.frozen import evolve
from advisories.models.packages import NO_MODULE, SCHEME_OF_TYPE, STATE_OF_RPM, Module, Package, State
from advisories.models.reading import Skipped, Unreadable
from advisories.models.statements import SOURCE_ARCHES, Purl
from advisories.readers.package_names import check_evr, check_name
from advisories.readers.releases import from_identifier
from advisories.readers.source_packages import check_virtual
from advisories.sources.purl import check_once, parsed, whole_version

__all__ = ["built_from", "check_type", "distributions_of", "package_of", "skipped_type"]
_TYPE: Final = re.compile(r"[Pp][Kk][Gg]:/*([A-Za-z][A-Za-z0-9.+-]*)/")
_DISTRO: Final = re.compile(r"[?&]distro=([^&#\s]+)")
_OS_NAME: Final = re.compile(r"[?&]os_name=([^&#\s]+)")
_OS_VERSION: Final = re.compile(r"[?&]os_version=([^&#\s]+)")
# Maven's are listed, and not judged.
_LISTED: Final = frozenset((*SCHEME_OF_TYPE, "maven"))
_TYPES: Final = _LISTED | {"alpine"}
# Lists of what a program of Go is made of have folders of modules and of the standard library too. Maven's packages are
# not judged, whatever their version.
_WITHOUT_VERSION: Final = frozenset({"golang", "maven"})


def skipped_type(text: str) -> str | None:
    """Why a purl of its type is skipped: its versions have no order here. None for any other type."""
    match = _TYPE.match(text)
    return _why_skipped(match[1]) if match else None


@lru_cache(64)
def _why_skipped(type: str) -> str | None:
    type = type.lower()
    return None if type in _TYPES else f"packages of type {type}: have no order here"


def check_type(text: str) -> None:
    """Check the type of a purl. Raises :class:`Skipped` for one without an order here."""
    why = skipped_type(text)
    if why is not None:
        raise Skipped(why)


def package_of(text: str, locations: tuple[str, ...] = (), state: State = State.INSTALLED) -> Package:
    """The package of a purl.

    Raises :class:`Unreadable` for anything but a purl with a version, :class:`Skipped` for source packages and types
    without an order here.
    """
    check_type(text)
    purl = parsed(text)
    check_once(text)
    type, name, qualifiers = purl.type, purl.full_name, dict(purl.qualifiers)
    if type not in _LISTED:
        raise Skipped("packages of no type")
    if language_of(type) is not None:
        return _of_language(purl, locations)
    arch = qualifiers.get("arch")
    if arch in SOURCE_ARCHES:
        raise Skipped("source packages")
    if type == "apk" and "upstream" not in qualifiers:
        check_virtual(name)
    version = whole_version(purl.version, qualifiers.get("epoch"))
    if version is None:
        raise Unreadable("a purl without version")
    text = f"{name}{version}{arch or ''}"
    if not text.isprintable() or "\ufffd" in text:
        raise Unreadable("characters that cannot be printed")
    check_name(type, name)
    if type == "rpm":
        check_evr(version)
    upstream = qualifiers.get("upstream")
    source_name, source_version = _upstream(type, upstream, version) if upstream else (None, None)
    if source_name is not None:
        check_name(type, source_name)
    return Package(
        type,
        name,
        version,
        arch,
        source_name=source_name,
        source_version=source_version,
        source_epoch_known=type != "rpm",
        module=_module(version, qualifiers) if type == "rpm" else NO_MODULE,
        state=STATE_OF_RPM.get(name, state) if type == "rpm" else state,
        locations=locations,
        repository=qualifiers.get("repository_id") or None,
    )


def _of_language(purl: Purl, locations: tuple[str, ...]) -> Package:
    name, version = purl.full_name, purl.version
    if version is None and purl.type in _WITHOUT_VERSION:
        raise Skipped(f"packages of type {purl.type} without a version")
    if version is None:
        raise Unreadable("a purl without version")
    if not f"{name}{version}".isprintable() or "\ufffd" in f"{name}{version}":
        raise Unreadable("characters that cannot be printed")
    return Package(purl.type, name, version, location=locations[0] if locations else None, locations=locations)


def built_from(package: Package, name: str | None, version: str | None) -> Package:
    """The package with the source package that an SBOM names beside a purl without one.

    :param version: of the source package, or None. The epoch of an rpm is left out.
    """
    if package.source_name is not None or not name or not name.isprintable():
        return package
    if version is not None and not version.isprintable():
        version = None
    if version is not None and package.type == "rpm":
        version = without_epoch(version)
    return evolve(package, source_name=name, source_version=version)


def distributions_of(texts: Iterable[str]) -> set[Distribution | None]:
    """The distributions that the ``distro`` of purls names, with None for an unknown one.

    Docker Scout writes the name and the number apart, ``os_name`` and ``os_version``.
    """
    named: set[str] = set()
    for text in texts:
        if "distro=" not in text and "os_name=" not in text:
            continue
        match = _DISTRO.search(text)
        if match is not None:
            named.add(match[1])
        elif "os_name=" in text and (name := _OS_NAME.search(text)) and (version := _OS_VERSION.search(text)):
            named.add(f"{name[1]}-{version[1]}")
    return set(map(from_identifier, map(unquote, named)))


def _upstream(type: str, upstream: str, version: str) -> tuple[str | None, str | None]:
    if not upstream.isprintable():
        return None, None
    if type == "rpm":
        # The file name of a source rpm, which never shows its epoch.
        parts = split(upstream)
        return (parts.name, parts.evr) if parts else (upstream, None)
    name, _, source_version = upstream.partition("@")
    return name, source_version or version


def _module(version: str, qualifiers: dict[str, str]) -> Module:
    return module_of(version, qualifiers.get("rpmmod") or qualifiers.get("modularitylabel"))
