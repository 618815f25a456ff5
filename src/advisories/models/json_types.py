"""JSON that has been decoded, checked against types: what a report that is read must be.

The types are what :mod:`typing` has: :class:`~typing.TypedDict` for objects with these members, others being ignored,
``list``, ``dict`` for objects with any members of a type, ``str``, ``int``, ``float``, ``bool``, None, unions,
enumerations of texts by their values, :data:`~typing.Literal`, and :data:`~typing.Annotated` with the bounds below.
"""

import re
import typing
from collections.abc import Callable
from datetime import date, datetime
from enum import StrEnum
from functools import cache, partial
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, Union

from advisories.models.frozen import frozen
from advisories.models.json_fields import SHOWN, Malformed, json_type
from advisories.models.patterns import pattern

__all__ = ["EVERY", "Date", "Format", "Moment", "Within", "check"]

_LARGEST: Final = 1.7976931348623157e308


@frozen
class Within:
    """The bounds of a number, both inside."""

    least: int
    most: int | None = None


@frozen
class Format:
    """A text of a form that JSON Schema names: ``date`` or ``date-time``."""

    name: str


#: A day, and a moment with its offset.
Date = Annotated[str, Format("date")]
Moment = Annotated[str, Format("date-time")]
#: Of ``dict[SomeEnumeration, ...]``: every word is there.
EVERY: Final = "every word is there"

_Check = Callable[[Any, str], None]


def check(value: object, type: Any, path: str = "") -> None:
    """Check a decoded value against a type.

    Raises :class:`~advisories.models.json_fields.Malformed`, with its path, for the first part that is not as its type
    has it.

    >>> check({"a": [1, None]}, dict[str, list[int | None]])
    >>> check({"a": [1, "2"]}, dict[str, list[int]])
    Traceback (most recent call last):
        ...
    advisories.models.json_fields.Malformed: ('a[1]', 'a whole number is expected, not a string')
    """
    _check_of(type)(value, path)


@cache
def _check_of(type: Any) -> _Check:
    origin, arguments = typing.get_origin(type), typing.get_args(type)
    if origin is Annotated:
        return _annotated(arguments[0], arguments[1:])
    if origin in (Union, UnionType):
        return partial(_one_of, NoneType in arguments, _union([one for one in arguments if one is not NoneType]))
    if origin is list:
        return partial(_each, _check_of(arguments[0]))
    if origin is dict:
        return partial(_mapped, _check_of(arguments[0]), _check_of(arguments[1]))
    if origin is Literal:
        return partial(_word, frozenset(map(str, arguments)))
    if typing.is_typeddict(type):
        members = typing.get_type_hints(type, include_extras=True)
        return partial(_members, {name: _check_of(member) for name, member in members.items()})
    if isinstance(type, _CLASS) and issubclass(type, StrEnum):
        return partial(_word, frozenset(map(str, type)))
    return _SIMPLE[type]


_CLASS: Final = type


def _wrong(path: str, expected: str, value: object) -> Malformed:
    return Malformed(path or "-", f"{expected} is expected, not {json_type(value)}")


def _text(value: Any, path: str) -> None:
    if not isinstance(value, str):
        raise _wrong(path, "a string", value)


def _boolean(value: Any, path: str) -> None:
    if value.__class__ is not bool:
        raise _wrong(path, "a boolean", value)


def _whole(value: Any, path: str) -> None:
    if value.__class__ is not int:
        raise _wrong(path, "a whole number", value)


def _number(value: Any, path: str) -> None:
    if value.__class__ not in (int, float) or not -_LARGEST <= value <= _LARGEST:
        raise _wrong(path, "a number", value)


_SIMPLE: Final[dict[Any, _Check]] = {str: _text, bool: _boolean, int: _whole, float: _number}


def _union(types: list[Any]) -> _Check:
    if len(types) != 1:
        raise AssertionError("a union of one type and None is all that reports have")
    return _check_of(types[0])


def _one_of(is_nullable: bool, other: _Check, value: Any, path: str) -> None:
    if value is not None or not is_nullable:
        other(value, path)


def _each(one: _Check, value: Any, path: str) -> None:
    if not isinstance(value, list):
        raise _wrong(path, "an array", value)
    for number, entry in enumerate(value):
        one(entry, f"{path}[{number}]")


def _mapped(name: _Check, one: _Check, value: Any, path: str) -> None:
    if not isinstance(value, dict):
        raise _wrong(path, "an object", value)
    for key, entry in value.items():
        place = f"{path}.{key[:SHOWN]}" if path else key[:SHOWN]
        name(key, place)
        one(entry, place)


def _word(words: frozenset[str], value: Any, path: str) -> None:
    if not isinstance(value, str) or value not in words:
        shown = repr(value)[:SHOWN] if isinstance(value, str) else json_type(value)
        raise Malformed(path or "-", f"one of {', '.join(sorted(words))} is expected, not {shown}")


def _members(members: dict[str, _Check], value: Any, path: str) -> None:
    if not isinstance(value, dict):
        raise _wrong(path, "an object", value)
    for name, one in members.items():
        if name not in value:
            raise Malformed(f"{path}.{name}" if path else name, "missing")
        one(value[name], f"{path}.{name}" if path else name)


def _annotated(type: Any, more: tuple[Any, ...]) -> _Check:
    plain = _check_of(type)
    for bound in more:
        if isinstance(bound, Within):
            plain = partial(_within, bound, plain)
        elif isinstance(bound, Format):
            plain = partial(_formatted, bound.name, plain)
        elif bound is EVERY:
            words = typing.get_args(type)[0]
            plain = partial(_every, frozenset(map(str, typing.get_args(words) or words)), plain)
    return plain


def _within(bound: Within, plain: _Check, value: Any, path: str) -> None:
    plain(value, path)
    if value < bound.least or (bound.most is not None and value > bound.most):
        most = "more" if bound.most is None else str(bound.most)
        raise Malformed(path, f"a number from {bound.least} to {most} is expected")


_MOMENT: Final = pattern(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)", re.ASCII)
_DAY: Final = pattern(r"\d{4}-\d\d-\d\d", re.ASCII)


def _formatted(name: str, plain: _Check, value: Any, path: str) -> None:
    plain(value, path)
    try:
        if name == "date":
            known = _DAY.fullmatch(value) is not None
            date.fromisoformat(value)
        else:
            known = _MOMENT.fullmatch(value) is not None
            datetime.fromisoformat(value)
    except ValueError:
        known = False
    if not known:
        raise Malformed(path, f"a {name} is expected, not {value!r:.40}")


def _every(words: frozenset[str], plain: _Check, value: Any, path: str) -> None:
    plain(value, path)
    for word in sorted(words - value.keys()):
        raise Malformed(f"{path}.{word}", "missing")
