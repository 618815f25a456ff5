"""Files of sections, as dnf, yum and zypper have them: ``[section]``, ``key = value``, comments, continued values.

Source: dnf.conf(5), yum.conf(5), and what ``dnf repolist`` reads.
"""

from collections.abc import Iterator
from typing import Final

from advisories.models.frozen import frozen
from advisories.models.nouns import Noun
from advisories.models.reading import Rejection
from advisories.readers.lines import BLANKS, lines_of
from advisories.readers.setups.entry import refused

__all__ = ["Section", "as_bool", "sections"]

_YES: Final = ("1", "yes", "true", "on", "enabled", "always")
_NO: Final = ("0", "no", "false", "off", "disabled", "never")


@frozen
class Section(Noun):
    """A section.

    :ivar line: where it begins.
    :ivar lines: where the value of each key begins.
    """

    name: str
    line: int
    values: dict[str, str]
    lines: dict[str, int]


def sections(data: bytes, source: str) -> Iterator[Section | Rejection]:
    """The sections of a file, and the lines that are neither one nor in one."""
    section: Section | None = None
    key: str | None = None
    continued: dict[str, list[str]] = {}
    for number, line in enumerate(lines_of(data.decode("utf-8", "replace").removeprefix("\ufeff")), 1):
        text = line.strip(BLANKS)
        if not text or line.startswith(("#", ";")):
            key = key if text else None
            continue
        if text.startswith("["):
            if section is not None:
                yield _whole(section, continued)
            name, bracket, _ = text[1:].partition("]")
            section, key = (Section(name, number, {}, {}), None) if bracket and name else (None, None)
            if section is None:
                yield refused(source, number, text, "a section without its end" if name else "a section without a name")
        elif section is None:
            yield refused(source, number, text, "a line outside of any section")
        elif line[0] in " \t":
            if key is None:
                yield refused(source, number, text, "the continuation of no value")
            else:
                continued.setdefault(key, [section.values[key]]).append(text)
        else:
            key, equals, value = (part.strip(BLANKS) for part in text.partition("="))
            if equals and key:
                section.values[key], section.lines[key] = value, number
                continued.pop(key, None)
            else:
                key = None
                yield refused(source, number, text, "no key with a value")
    if section is not None:
        yield _whole(section, continued)


def _whole(section: Section, continued: dict[str, list[str]]) -> Section:
    """A section with its values of several lines, which are taken from there."""
    section.values.update({key: "\n".join(lines) for key, lines in continued.items()})
    continued.clear()
    return section


def as_bool(text: str) -> bool | None:
    """Whether a value means yes. None for one that means neither.

    >>> as_bool("True"), as_bool("0"), as_bool("perhaps")
    (True, False, None)
    """
    word = text.strip(BLANKS).lower()
    return True if word in _YES else False if word in _NO else None
