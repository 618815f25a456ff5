"""Patterns that are compiled at their first use: a command uses a few of the hundred that modules have."""

import re
from typing import Any, AnyStr, Generic, cast

__all__ = ["pattern"]

_MEMBERS = (
    "findall",
    "finditer",
    "flags",
    "fullmatch",
    "groupindex",
    "groups",
    "match",
    "search",
    "split",
    "sub",
    "subn",
)


class _Pattern(Generic[AnyStr]):
    """A pattern whose members are there from the first look at one of them."""

    __slots__ = (*_MEMBERS, "_flags", "pattern")

    pattern: AnyStr

    def __init__(self, text: AnyStr, flags: int) -> None:
        self.pattern = text
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        if name not in _MEMBERS:
            raise AttributeError(f"a pattern has no attribute {name!r}")
        made = re.compile(self.pattern, self._flags)
        for member in _MEMBERS:
            setattr(self, member, getattr(made, member))
        return getattr(made, name)


def pattern(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """:func:`re.compile` for a constant of a module that many commands import and few use.

    A call takes a tenth longer, so that what every command uses often is better compiled at once.

    >>> digits = pattern(r"[0-9]+")
    >>> digits.fullmatch("42")
    <re.Match object; span=(0, 2), match='42'>
    """
    return cast("re.Pattern[AnyStr]", _Pattern(text, flags))
