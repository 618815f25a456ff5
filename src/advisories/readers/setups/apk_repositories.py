"""apk's ``/etc/apk/repositories``: a repository a line, ``[@tag] address [component ...]``.

apk-tools 3 has keywords in front of the address, components behind it, and variables (``set mirror=...``).
Source: apk-repositories(5).
"""

from collections.abc import Iterator
from typing import Final

from advisories.models.patterns import pattern
from advisories.models.reading import Rejection
from advisories.readers.lines import lines_of
from advisories.readers.setups.entry import MOST_SIGNS, Entry, EntryKind, as_entry, bare_address, refused

__all__ = ["read"]

_KEYWORDS: Final = ("v2", "v3", "ndx")
_VARIABLE: Final = pattern(r"\$\{(\w+)\}")


def read(data: bytes, source: str) -> Iterator[Entry | Rejection]:
    """The repositories, an entry for each component."""
    variables: dict[str, str] = {}
    for number, line in enumerate(lines_of(data.decode("utf-8", "replace")), 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if words[0] == "set":
            default = words[1:2] == ["-default"]
            name, equals, value = " ".join(words[1 + default :]).partition("=")
            if not equals:
                yield refused(source, number, line, "a variable without =")
            elif not (default and name in variables):
                variables[name] = _filled(value, variables)
            continue
        yield from _entries(words, number, source, variables)


def _entries(words: list[str], number: int, source: str, variables: dict[str, str]) -> Iterator[Entry | Rejection]:
    tag = words.pop(0)[1:] if words[0].startswith("@") else None
    if words and words[0] in _KEYWORDS:
        del words[0]
    if not words or tag == "":
        yield refused(source, number, " ".join(words) or f"@{tag}", "no address" if tag else "a tag without a name")
        return
    address, *parts = [_filled(word, variables) for word in words]
    for one in [f"{address.rstrip('/')}/{part}" for part in parts] or [address]:
        yield as_entry(Entry(EntryKind.REPOSITORY, "", number, bare_address(one), tag=tag), source)


def _filled(text: str, variables: dict[str, str]) -> str:
    """A text with its variables. One that has no value stays as it is.

    What is too long for an entry is cut behind that length, so that the entry is refused.
    """
    return _VARIABLE.sub(lambda match: variables.get(match[1], match[0]), text)[: MOST_SIGNS + 1]
