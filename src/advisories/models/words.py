"""Words of a closed list, each with its meaning."""

from enum import StrEnum
from typing import Self

__all__ = ["Explained", "Names"]


class Explained(StrEnum):
    """Words with their meanings, as the pages show them.

    :ivar meaning: what it says, in a few words.
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
