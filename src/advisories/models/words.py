"""Words of a closed list, and what a person may have meant by another one."""

from collections.abc import Iterable
from enum import StrEnum
from types import NoneType
from typing import Final, Self

__all__ = [
    "TEXT_OR_NONE",
    "Explained",
    "Names",
    "check_kinds",
    "check_members",
    "check_several",
    "check_texts",
    "nearest",
]

#: The types of a text that may be missing.
TEXT_OR_NONE: Final = (str, NoneType)


class Explained(StrEnum):
    """Words with their meanings, as the pages show them.

    :ivar meaning: in a few words.
    """

    meaning: str

    def __new__(cls, value: str, meaning: str) -> Self:
        word = str.__new__(cls, value)
        word._value_ = value
        word.meaning = meaning
        return word


class Names(StrEnum):
    """Whether a record names a source package or a binary one, and so which version it is compared with (rule 2)."""

    SOURCE = "source"
    BINARY = "binary"

    # It is part of what records are found by. That of an enumeration is Python.
    __hash__ = str.__hash__


def nearest(word: str, words: Iterable[str]) -> str | None:
    """The word of a list that you most likely meant. None where none is near.

    >>> nearest("debain", ["fedora", "debian"]), nearest("nixos", ["fedora", "debian"])
    ('debian', None)
    """
    from difflib import get_close_matches  # only where a word is wrong

    return next(iter(get_close_matches(word, list(words), 1, 0.75)), None)


def check_texts(noun: object, *fields: str, optional: bool = False) -> None:
    """Raises TypeError for the first of these fields of a noun that is no text.

    :param optional: whether None will do.
    """
    for field in fields:
        value = getattr(noun, field)
        if not (isinstance(value, str) or (optional and value is None)):
            expected = "str or None" if optional else "str"
            raise TypeError(f"{type(noun).__name__}.{field} must be {expected}, not {type(value).__name__}")


def check_kinds(noun: object, kind: type, *fields: str, optional: bool = False) -> None:
    """Raises TypeError for the first of these fields that is not of this kind.

    :param optional: whether None will do.
    """
    for field in fields:
        value = getattr(noun, field)
        if not (isinstance(value, kind) or (optional and value is None)):
            expected = f"{kind.__name__} or None" if optional else kind.__name__
            raise TypeError(f"{type(noun).__name__}.{field} must be {expected}, not {value!r:.80}")


def check_several(noun: object, *fields: str) -> None:
    """Raises TypeError for the first of these fields that is no tuple or list: one text, None, one member."""
    for field in fields:
        value = getattr(noun, field)
        if not isinstance(value, tuple | list):
            raise TypeError(f"{type(noun).__name__}.{field} must be a tuple, not {value!r:.80}")


def check_members(noun: object, kind: type, *fields: str) -> None:
    """Raises TypeError for the first of these fields that is no tuple, list or set of this kind, such as one text."""
    for field in fields:
        value = getattr(noun, field)
        if not isinstance(value, tuple | list | set | frozenset) or not all(isinstance(one, kind) for one in value):
            raise TypeError(f"{type(noun).__name__}.{field} must be several {kind.__name__}, not {value!r:.80}")


def check_words(noun: object, kind: type[StrEnum], *fields: str) -> None:
    """Raises for the first of these fields that is not several words of an enumeration, as members or as their texts.

    TypeError is raised for another type, and ValueError for another word: nothing would ever be equal to it.
    """
    for field in fields:
        check_members(noun, str, field)
        for word in getattr(noun, field):
            if word not in tuple(kind):
                near = nearest(word, kind)
                meant = f": did you mean {near}?" if near else f"; there are: {', '.join(kind)}"
                raise ValueError(f"{type(noun).__name__}.{field} has {word[:80]!r}, which is no {kind.__name__}{meant}")
