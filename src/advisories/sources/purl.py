"""Package URLs as text."""

import re
from collections.abc import Iterable
from typing import Final

from advisories.models.errors import UnreadableSource
from advisories.models.reading import Unreadable
from advisories.models.statements import Purl

__all__ = ["needs_library", "parsed", "whole_version"]

# An older form has the distribution as the type.
_OLD_TYPE: Final = re.compile(r"pkg:alpine/", re.IGNORECASE)
_OLD_TYPE_IS: Final = ("apk", "alpine")
# A purl of a system's package in which every part stands for itself, but for these escapes: most are such.
_PART: Final = r"(?:[A-Za-z0-9.+~:^_-]++|%(?:2B|3A|5E|7E))++"
_QUALIFIERS: Final = rf"[a-z_]+={_PART}(?:&[a-z_]+={_PART})*"
_PLAIN: Final = re.compile(rf"pkg:(?:alpine|(rpm|deb|apk)/([a-z0-9.-]+))/({_PART})@({_PART})(?:\?({_QUALIFIERS}))?")

# Type, namespace, name, version, qualifiers and subpath.
_Parts = tuple[str, str | None, str, str | None, dict[str, str], str | None]


def needs_library(source: str) -> None:
    """Raises :class:`UnreadableSource` where the library is not there."""
    try:
        import packageurl  # noqa: F401
    except ImportError as error:
        why = "package URLs need the library packageurl, pip install 'vercmp[sbom]'"
        raise UnreadableSource(source, why) from error


def parsed(text: str) -> Purl:
    """The parts of a purl, its version as it is written there; raises :class:`Unreadable`."""
    type, namespace, name, version, qualifiers, subpath = plain_parts(text) or library_parts(text)
    return Purl(text, type, namespace, name, version, tuple(sorted(qualifiers.items())), subpath)


def plain_parts(text: str) -> _Parts | None:
    match = _PLAIN.fullmatch(text)
    if match is None:
        return None
    parts: Iterable[str] = match.groups("")
    type, namespace, name, version, said = unescaped(parts) if "%" in text else parts
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


def unescaped(parts: Iterable[str]) -> Iterable[str]:
    from urllib.parse import unquote  # only where there are purls

    return map(unquote, parts)


def library_parts(text: str) -> _Parts:
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
