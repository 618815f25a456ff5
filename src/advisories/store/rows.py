"""Values on their way into the database and out of it: what comes out has the types of its query."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, repeat
from types import NoneType
from typing import Any, Final, TypeVar

__all__ = [
    "INTEGER",
    "KEY",
    "MAYBE_INTEGER",
    "MAYBE_REAL",
    "MAYBE_TEXT",
    "TEXT",
    "Columns",
    "Row",
    "Shape",
    "batches",
    "parted",
    "stored",
]

#: One row of a query.
Row = tuple[Any, ...]
#: The values of each of a query's columns.
Columns = list[tuple[Any, ...]]

#: What a column may hold.
INTEGER: Final[frozenset[type]] = frozenset({int})
MAYBE_INTEGER: Final[frozenset[type]] = frozenset({int, NoneType})
KEY: Final[frozenset[type]] = frozenset({bytes})
TEXT: Final[frozenset[type]] = frozenset({str})
MAYBE_TEXT: Final[frozenset[type]] = frozenset({str, NoneType})
MAYBE_REAL: Final[frozenset[type]] = frozenset({float, NoneType})

# How many values one statement has: older SQLites take 999 at most.
_BATCH: Final = 900

_T = TypeVar("_T")


def stored(value: object) -> object:
    """A value as the database takes it: a text that is not UTF-8, for a lone surrogate in it, is bytes there."""
    if type(value) is not str or value.isascii():
        return value
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode("utf-8", "surrogatepass")
    return value


class Shape:
    """The types of a query's columns."""

    __slots__ = ("_columns",)

    def __init__(self, *columns: frozenset[type]) -> None:
        self._columns = columns

    def columns(self, rows: Iterable[Row]) -> Columns:
        """The values column by column, with texts that had to be stored as bytes turned back.

        Raises :class:`TypeError` for values of other types.
        """
        values: Columns = list(zip(*rows, strict=True)) or [()] * len(self._columns)
        for place, (column, types) in enumerate(zip(values, self._columns, strict=True)):
            found = set(map(type, column))
            if not found <= types:
                if str not in types or not found - {bytes} <= types:
                    raise TypeError(f"{', '.join(sorted(one.__name__ for one in found - types))} where none belongs")
                values[place] = tuple(
                    [value.decode("utf-8", "surrogatepass") if type(value) is bytes else value for value in column]
                )
        return values


def parted(
    parents: Sequence[int], counts: Sequence[int], found: Sequence[int], ordinals: Sequence[int], values: Sequence[_T]
) -> list[tuple[_T, ...]]:
    """The values of each parent, as many as it counts.

    :param found: for each value its parent, and
    :param ordinals: its place there. The values come in the order of both.

    Raises :class:`ValueError` where one is missing or too many.
    """
    if not values and not any(counts):
        return [()] * len(parents)
    # The sum comes first: a damaged count may be beyond any memory.
    if (
        sum(counts) != len(values)
        or list(found) != list(chain.from_iterable(map(repeat, parents, counts)))
        or list(ordinals) != list(chain.from_iterable(map(range, counts)))
    ):
        raise ValueError("rows are missing")
    rest = iter(values)
    return [tuple([next(rest) for _ in range(count)]) if count else () for count in counts]


def batches(values: Sequence[Any]) -> Iterator[tuple[str, Sequence[Any]]]:
    """The values in portions that fit a statement, each with the text of its list of parameters."""
    for begin in range(0, len(values), _BATCH):
        batch = values[begin : begin + _BATCH]
        yield ",".join("?" * len(batch)), batch
