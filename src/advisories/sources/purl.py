"""Package URLs as text: one parser, the library ``packageurl`` of the extra ``sbom``, each text parsed once."""

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

from advisories.models.reading import Unreadable
from advisories.models.statements import Purl
from advisories.sources.extras import missing_extra
from vercmp._libraries import library

if TYPE_CHECKING:
    from packageurl import PackageURL

__all__ = ["check_once", "needs_library", "parsed", "whole_version"]

# An older form has the distribution as the type.
_OLD_TYPE: Final = re.compile(r"pkg:alpine/", re.IGNORECASE)
_TODAY: Final = "pkg:apk/alpine/"
_QUALIFIER: Final = re.compile(r"[?&]([A-Za-z][A-Za-z0-9._-]*)=")
# Why a text is not a purl, as far as it is shown.
_SHOWN: Final = 200


def needs_library(source: str) -> None:
    """Check that the library is installed.

    Raises :class:`~advisories.models.errors.MissingExtra` for `source` where it is not.
    """
    missing_extra(source, _library)


@cache
def _library() -> "type[PackageURL]":
    # Loaded where there are purls.
    members = ("PackageURL.from_string",)
    found: type[PackageURL] = library("packageurl", "packageurl-python", "sbom", "a package URL", members).PackageURL
    return found


@lru_cache(maxsize=8192)
def parsed(text: str) -> Purl:
    """The parts of a purl, its version as it is written there.

    Raises :class:`~advisories.models.reading.Unreadable` for what is not a purl, and ImportError without the library.
    """
    try:
        purl = _library().from_string(_OLD_TYPE.sub(_TODAY, text, count=1))
    except ValueError as error:
        raise Unreadable(f"not a purl: {error}"[:_SHOWN]) from None
    qualifiers = purl.qualifiers if isinstance(purl.qualifiers, dict) else {}
    return Purl(
        text,
        purl.type,
        purl.namespace or None,
        purl.name,
        purl.version or None,
        tuple(sorted(qualifiers.items())),
        purl.subpath or None,
    )


def check_once(text: str) -> None:
    """Refuse a purl with a qualifier twice, which no purl may have.

    Raises :class:`~advisories.models.reading.Unreadable` for one.
    """
    names = [name.lower() for name in _QUALIFIER.findall(text.partition("#")[0])]
    if len(names) != len(set(names)):
        raise Unreadable(f"the qualifier {next(name for name in names if names.count(name) > 1)} twice")


def whole_version(version: str | None, epoch: str | None) -> str | None:
    """A purl's version with its qualifier ``epoch`` in front. None where it has no version.

    Raises :class:`~advisories.models.reading.Unreadable` for an epoch that is not a number, or not the version's own.
    """
    if version is None or not epoch:
        return version
    if not (epoch.isascii() and epoch.isdecimal()):
        raise Unreadable(f"not an epoch: {epoch[:40]!a}")
    if ":" in version:
        if version.partition(":")[0].lstrip("0") != epoch.lstrip("0"):
            raise Unreadable(f"two epochs: {version[:40]!a}, and {epoch[:40]!a}")
        return version
    return f"{epoch}:{version}" if epoch.strip("0") else version
