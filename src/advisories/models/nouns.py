"""What all nouns share: their plain JSON form, and a bounded repr."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from enum import Enum
from itertools import islice
from typing import Any, Final

from advisories.models.frozen import has_fields, names_of

__all__ = ["Noun", "ordered", "outlined", "plain", "shortened"]

# How many rows of a field a repr shows.
_SHOWN: Final = 3
# How much of each row an outline shows.
_ROW: Final = 120


class Noun:
    """A frozen attrs class with a plain JSON form."""

    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        """The fields by name, as plain JSON types.

        Nouns in it are objects too. Tuples are lists, sets are sorted lists, dates are ISO 8601, and enumerations are
        their values.
        """
        return _members(self)


def plain(value: Any) -> Any:
    """A value as plain JSON types: by its own ``to_dict`` where it has one.

    >>> from datetime import UTC, datetime
    >>> plain((datetime(2024, 8, 14, tzinfo=UTC), frozenset({"pro", "fips"}), None))
    ['2024-08-14T00:00:00+00:00', ['fips', 'pro'], None]

    Raises TypeError for what has no such form.
    """
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [plain(one) for one in value]
    if isinstance(value, frozenset | set):
        return sorted(plain(one) for one in value)
    if isinstance(value, Mapping):
        return {str(plain(key)): plain(one) for key, one in value.items()}
    if not isinstance(value, type) and hasattr(value, "to_dict"):
        return value.to_dict()
    if has_fields(type(value)):
        return _members(value)
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [plain(one) for one in value]
    raise TypeError(f"{type(value).__name__} has no plain form")


def _members(noun: Any) -> dict[str, Any]:
    names = [name for name in names_of(type(noun)) if not name.startswith("_")]
    # A field has a line at its end where its name is a word of Python's.
    return {name.rstrip("_"): plain(getattr(noun, name)) for name in names}


def shortened(values: tuple[Any, ...]) -> str:
    """The repr of a tuple: its first rows, and how many there are if it has more.

    >>> shortened((1, 2)), shortened((1, 2, 3, 4, 5))
    ('(1, 2)', '(1, 2, 3, ... 5 in all)')
    """
    if len(values) <= _SHOWN:
        return repr(values)
    return f"({', '.join(map(repr, values[:_SHOWN]))}, ... {len(values)} in all)"


def outlined(values: Iterable[Any]) -> str:
    """As :func:`shortened`, each row cut to 120 characters: for rows that hold whole nouns.

    >>> outlined((1, 2, "a" * 200, 4)).replace("a" * 119, "a~")
    "(1, 2, 'a~..., ... 4 in all)"

    Sets are in order. A sequence with a bounded repr of its own keeps that.
    """
    if isinstance(values, frozenset):
        return f"frozenset{outlined(sorted(values))}"
    if not isinstance(values, tuple | list):
        return repr(values)
    rows = [text if len(text) <= _ROW else f"{text[:_ROW]}..." for text in map(repr, islice(values, _SHOWN))]
    if len(values) > _SHOWN:
        return f"({', '.join(rows)}, ... {len(values)} in all)"
    return f"({', '.join(rows)}{',' if len(rows) == 1 else ''})"


def ordered(values: frozenset[str]) -> str:
    """The repr of a set, in order: equal sets read alike in every process.

    >>> ordered(frozenset({"pro", "fips"})), ordered(frozenset())
    ("frozenset({'fips', 'pro'})", 'frozenset()')
    """
    return f"frozenset({{{', '.join(map(repr, sorted(values)))}}})" if values else "frozenset()"
