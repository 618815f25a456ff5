"""Which types of packages are looked for in a root file system."""

from collections.abc import Collection, Iterable
from typing import Final

from advisories.models.errors import UnknownPackageType
from advisories.models.packages import LANGUAGE_TYPES

__all__ = ["ALL", "LIBRARY", "NOT_LOOKED_FOR", "OS", "USUAL", "WORDS", "chosen"]

#: What stands for the packages of the system's package managers, which are always read.
OS: Final = "os"
#: What stands for the packages of all languages.
LIBRARY: Final = "library"
#: The types of languages, as package URLs have them.
ALL: Final = frozenset(LANGUAGE_TYPES)
#: What is looked for unless you choose: all but archives of Java, which have no order here and take long.
USUAL: Final = ALL - {"maven"}
#: What is counted where nothing is looked for.
NOT_LOOKED_FOR: Final = "packages of languages: not looked for (--pkg-types os,library does)"
#: What you can choose.
WORDS: Final = (OS, LIBRARY, *LANGUAGE_TYPES)


def chosen(words: Iterable[str] | None) -> Collection[str]:
    """The types of languages that these words choose. None chooses the usual ones.

    Raises :class:`~advisories.models.errors.UnknownPackageType`.

    >>> sorted(chosen(["os", "npm"])), chosen(["library"]) == ALL
    (['npm'], True)
    """
    if words is None:
        return USUAL
    found: set[str] = set()
    for word in words:
        if word not in WORDS:
            raise UnknownPackageType(word, WORDS, None)
        found |= ALL if word == LIBRARY else {word}
    return frozenset(found - {OS})
