"""The package URLs by which statements are compared."""

import re
from functools import lru_cache
from typing import Final

from advisories.models.errors import UnreadableSource
from advisories.models.frozen import evolve
from advisories.models.packages import SCHEME_OF_TYPE
from advisories.models.reading import Unreadable
from advisories.models.statements import Purl
from advisories.sources.purl import needs_library, parsed, whole_version

__all__ = ["at_version", "purl_of"]

_NO_VERSION: Final = re.compile(r"[^?#]*@\s*(?:[?#]|\Z)")


@lru_cache(maxsize=65536)
def purl_of(text: str) -> Purl:
    """The parts of a package URL, the epoch in front of the version of packages that have an order here.

    Raises :class:`~advisories.models.errors.UnreadableSource` for any other text, and without the library.
    """
    needs_library(text)
    if not text.isprintable():
        raise UnreadableSource(ascii(text), "a purl with characters that cannot be printed")
    if _NO_VERSION.match(text):
        # Without the sign it would be about every version: the rest of it was lost.
        raise UnreadableSource(text, "a purl without a version behind its @")
    try:
        return _with_epoch(parsed(text))
    except Unreadable as unreadable:
        raise UnreadableSource(text, str(unreadable)) from unreadable


def at_version(purl: Purl, version: str) -> Purl:
    """The same in a version, which has the package URL's epoch in front where it shows none of its own."""
    return _with_epoch(evolve(purl, version=version))


def _with_epoch(purl: Purl) -> Purl:
    if purl.type not in SCHEME_OF_TYPE:
        return purl
    return evolve(purl, version=whole_version(purl.version, purl.qualifier("epoch")))
