"""What a file of a root has: one entry for each repository, stream, service, product or variable."""

import re
from enum import StrEnum
from typing import Final

from advisories.models.frozen import frozen
from advisories.models.nouns import Noun
from advisories.models.patterns import pattern
from advisories.models.reading import Extent, Rejection

__all__ = ["MOST_SIGNS", "Entry", "EntryKind", "as_entry", "bare_address", "refused"]

# How much of a refused line is shown.
_SHOWN: Final = 80
#: Signs of all texts of an entry. Addresses have some hundred, and one with more is a rejection.
MOST_SIGNS: Final = 4096
# Whom the repository knows its reader by, and what it is asked for: both may be secrets.
_SECRETS: Final = pattern(r"(?<=//)[^/?#]*@|[?#].*", re.DOTALL)


class EntryKind(StrEnum):
    """What an entry is about."""

    REPOSITORY = "repository"
    STREAM = "stream"
    SERVICE = "service"
    PRODUCT = "product"
    VARIABLE = "variable"
    #: What switches repositories on or off that other files have.
    SWITCH = "switch"


@frozen
class Entry(Noun):
    """One entry of a file.

    :ivar name: of a repository its suite (apt) or id (rpm, empty for apk), of a stream ``name:stream``, of the others
        their name.
    :ivar line: where it begins. None in a file without lines to speak of.
    :ivar address: of a repository, without what only its reader may know.
    :ivar parts: the components of a repository.
    :ivar is_on: whether it is enabled.
    :ivar tag: the tag of a repository of apk. None where any package may come from it.
    :ivar value: of a variable or the version of a product.
    """

    kind: EntryKind
    name: str
    line: int | None = None
    address: str = ""
    parts: tuple[str, ...] = ()
    is_on: bool = True
    tag: str | None = None
    value: str = ""


def as_entry(entry: Entry, source: str) -> Entry | Rejection:
    """The entry, or a rejection where a text of it cannot be printed or is none that anybody wrote."""
    text = "".join((entry.name, entry.address, *entry.parts, entry.tag or "", entry.value))
    if len(text) > MOST_SIGNS:
        return refused(source, entry.line, entry.name, f"more than {MOST_SIGNS} signs")
    return entry if text.isprintable() else refused(source, entry.line, entry.name, "signs that cannot be printed")


def refused(source: str, line: int | None, what: str, why: str) -> Rejection:
    """A part of a file that cannot be read. Nothing else of the root is lost with it."""
    beginning = bare_address(what)[:_SHOWN]
    shown = beginning if beginning.isprintable() else ascii(beginning)
    return Rejection(source, "-" if line is None else f"line {line}", shown, why, Extent.PART)


def bare_address(text: str) -> str:
    """An address without user, password, query and fragment.

    >>> bare_address("https://me:secret@esm.ubuntu.com/infra/ubuntu?token=secret")
    'https://esm.ubuntu.com/infra/ubuntu'
    """
    return _SECRETS.sub("", text)
