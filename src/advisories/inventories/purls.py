"""From a package URL to a package. Parsed by the library ``packageurl``, of the extra ``sbom``, but for plain ones.

Qualifiers that are read: ``arch``, ``epoch`` (a purl without it has epoch 0), ``distro``, ``upstream`` (the source
package, with its version behind ``@`` or as the file name of a source rpm), ``rpmmod`` or ``modularitylabel`` (a module
stream). Of types without an order here nothing but the type is looked at.

Sources: the purl specification, its definitions of the types ``apk``, ``deb``, ``rpm`` and ``pypi``; Syft for
``upstream`` and ``distro``; Trivy for ``modularitylabel``.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from attrs import evolve

from advisories.distributions import from_identifier
from advisories.errors import UnreadableSource
from advisories.inventories.gathering import LeftAside, Unreadable
from advisories.inventories.nevra import module_of, split
from advisories.models import NO_MODULE, SCHEME_OF_TYPE, Distribution, Module, Package, State
from advisories.statements import SOURCE_ARCHES, Purl

__all__ = [
    "aside_by_type",
    "built_from",
    "check_type",
    "distributions_of",
    "needs_library",
    "package_of",
    "parsed",
    "whole_version",
]

# An older form has the distribution as the type.
_OLD_TYPE: Final = re.compile(r"pkg:alpine/", re.IGNORECASE)
_OLD_TYPE_IS: Final = ("apk", "alpine")
_TYPE: Final = re.compile(r"[Pp][Kk][Gg]:/*([A-Za-z][A-Za-z0-9.+-]*)/")
_DISTRO: Final = re.compile(r"[?&]distro=([^&#\s]+)")
# A purl of a system's package in which every part stands for itself, but for these escapes: most are such.
_PART: Final = r"(?:[A-Za-z0-9.+~:^_-]++|%(?:2B|3A|5E|7E))++"
_QUALIFIERS: Final = rf"[a-z_]+={_PART}(?:&[a-z_]+={_PART})*"
_PLAIN: Final = re.compile(rf"pkg:(?:alpine|(rpm|deb|apk)/([a-z0-9.-]+))/({_PART})@({_PART})(?:\?({_QUALIFIERS}))?")
_ORDERED: Final = frozenset((*SCHEME_OF_TYPE, "alpine"))

# Type, namespace, name, version, qualifiers and subpath.
_Parts = tuple[str, str | None, str, str | None, dict[str, str], str | None]


def needs_library(source: str) -> None:
    """Raises :class:`UnreadableSource` where the library is not there."""
    try:
        import packageurl  # noqa: F401
    except ImportError as error:
        why = "package URLs need the library packageurl, pip install 'vercmp[sbom]'"
        raise UnreadableSource(source, why) from error


def aside_by_type(text: str) -> str | None:
    """Why a purl is left aside for its type, which has no order here; None for one of another type."""
    match = _TYPE.match(text)
    return _aside(match[1]) if match else None


@lru_cache(64)
def _aside(type: str) -> str | None:
    type = type.lower()
    return None if type in _ORDERED else f"packages of type {type}: have no order here"


def check_type(text: str) -> None:
    """Raises :class:`LeftAside` for a purl of a type without an order here."""
    why = aside_by_type(text)
    if why is not None:
        raise LeftAside(why)


def package_of(text: str, locations: tuple[str, ...] = (), state: State = State.INSTALLED) -> Package:
    """The package of a purl.

    Raises :class:`Unreadable` for what is no purl of a version, :class:`LeftAside` for source packages and types
    without an order here.
    """
    plain = parts = _plain(text)
    if parts is None:
        check_type(text)
        parts = _by_library(text)
    type, _, name, version, qualifiers, _ = parts
    if type not in SCHEME_OF_TYPE:
        raise LeftAside("packages of no type")
    arch = qualifiers.get("arch")
    if arch in SOURCE_ARCHES:
        raise LeftAside("source packages")
    version = whole_version(version, qualifiers.get("epoch"))
    if version is None:
        raise Unreadable("a purl without version")
    if plain is None and not f"{name}{version}{arch or ''}".isprintable():
        raise Unreadable("characters that cannot be printed")
    upstream = qualifiers.get("upstream")
    source_name, source_version = _upstream(type, upstream, version) if upstream else (None, None)
    return Package(
        type,
        name,
        version,
        arch,
        source_name=source_name,
        source_version=source_version,
        source_epoch_known=type != "rpm",
        module=_module(version, qualifiers) if type == "rpm" else NO_MODULE,
        state=State.PSEUDO if type == "rpm" and name == "gpg-pubkey" else state,
        location=locations[0] if type == "pypi" and locations else None,
        locations=locations,
    )


def built_from(package: Package, name: str | None, version: str | None) -> Package:
    """The package with a source package that an SBOM says beside a purl which says none.

    :param version: without epoch of rpm's; None where it is the binary package's own.
    """
    if package.source_name is not None or not name or not name.isprintable():
        return package
    if version is not None and package.type == "rpm":
        version = version.rpartition(":")[2]
    said = version if version is not None and version.isprintable() else None
    return evolve(package, source_name=name, source_version=said)


def distributions_of(texts: Iterable[str]) -> set[Distribution | None]:
    """The distributions that the ``distro`` of purls names; None among them where it names one that is not known."""
    matches = (_DISTRO.search(text) for text in texts if "distro=" in text)
    return set(map(from_identifier, _unescaped({match[1] for match in matches if match})))


def parsed(text: str) -> Purl:
    """The parts of a purl, its version as it is written there; raises :class:`Unreadable`."""
    type, namespace, name, version, qualifiers, subpath = _plain(text) or _by_library(text)
    return Purl(text, type, namespace, name, version, tuple(sorted(qualifiers.items())), subpath)


def _plain(text: str) -> _Parts | None:
    match = _PLAIN.fullmatch(text)
    if match is None:
        return None
    parts: Iterable[str] = match.groups("")
    type, namespace, name, version, said = _unescaped(parts) if "%" in text else parts
    if not type:
        type, namespace = _OLD_TYPE_IS
    # Upper and lower case differ in rpm's names alone.
    if type != "rpm" and not name.islower():
        return None
    qualifiers: dict[str, str] = {}
    for qualifier in said.split("&") if said else ():
        key, _, value = qualifier.partition("=")
        qualifiers[key] = value
    return type, namespace, name, version, qualifiers, None


def _unescaped(parts: Iterable[str]) -> Iterable[str]:
    from urllib.parse import unquote  # only where there are purls

    return map(unquote, parts)


def _by_library(text: str) -> _Parts:
    from packageurl import PackageURL

    try:
        purl = PackageURL.from_string(_OLD_TYPE.sub("pkg:{}/{}/".format(*_OLD_TYPE_IS), text, count=1))
    except ValueError as error:
        raise Unreadable(f"not a purl: {error}"[:200]) from None
    qualifiers = purl.qualifiers if isinstance(purl.qualifiers, dict) else {}
    return purl.type, purl.namespace or None, purl.name, purl.version or None, qualifiers, purl.subpath or None


def whole_version(version: str | None, epoch: str | None) -> str | None:
    """A purl's version with its qualifier ``epoch`` in front; None where it has no version.

    Raises :class:`Unreadable` for an epoch that is none.
    """
    if version is None or not epoch:
        return version
    if not (epoch.isascii() and epoch.isdecimal()):
        raise Unreadable(f"not an epoch: {epoch[:40]!a}")
    return f"{epoch}:{version}" if epoch.strip("0") and ":" not in version else version


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
    return module_of(version.rpartition("-")[2], qualifiers.get("rpmmod") or qualifiers.get("modularitylabel"))
