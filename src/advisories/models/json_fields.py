"""Members of a JSON object, each checked where it is read."""

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import Any, Final, Self, TypeVar

__all__ = ["SHOWN", "Fields", "Malformed", "json_type"]

#: How many characters of a value a message shows.
SHOWN: Final = 60

_NAMES: Final = {dict: "an object", list: "an array", str: "a string", bool: "a boolean", type(None): "null"}
_MISSING: Final[Any] = object()
# The largest float. NaN and infinities are no numbers of JSON.
_LARGEST: Final = 1.7976931348623157e308
_Word = TypeVar("_Word", bound=StrEnum)


class Malformed(Exception):
    """A value that its format does not allow.

    :ivar path: a JSON path below the record.
    :ivar why: the reason.
    """

    def __init__(self, path: str, why: str) -> None:
        super().__init__(path, why)
        self.path = path
        self.why = why


def json_type(value: object) -> str:
    """The type of a decoded value, for messages."""
    return _NAMES.get(type(value), "a number")


class Fields:
    """The members of a JSON object. A method reads one, or raises :class:`Malformed` with its path if it is missing or
    of another type.

    :param record: the decoded object. Anything else is :class:`Malformed`.
    :param path: the path of the object, empty for the whole document.
    """

    __slots__ = ("_record", "path")

    def __init__(self, record: object, path: str = "") -> None:
        if not isinstance(record, dict):
            raise Malformed(path or "-", f"an object is expected, not {json_type(record)}")
        self._record: Mapping[str, Any] = record
        #: The path of the object.
        self.path: Final = path

    def __len__(self) -> int:
        return len(self._record)

    def place(self, name: str) -> str:
        """The path of a member."""
        return f"{self.path}.{name}" if self.path else name

    def has(self, name: str) -> bool:
        """Whether the object has the member."""
        return name in self._record

    def value(self, name: str) -> Any:
        """A member of any type."""
        try:
            return self._record[name]
        except KeyError:
            raise Malformed(self.place(name), "missing") from None

    def text(self, name: str) -> str:
        """A string."""
        value = self._record.get(name)
        if isinstance(value, str):
            return value
        raise self._wrong(name, "a string")

    def text_or_null(self, name: str) -> str | None:
        """A string or null."""
        value = self._record.get(name, _MISSING)
        if value is None or isinstance(value, str):
            return value
        raise self._wrong(name, "a string or null")

    def boolean(self, name: str) -> bool:
        """A boolean."""
        value = self._record.get(name)
        if isinstance(value, bool):
            return value
        raise self._wrong(name, "a boolean")

    def number_or_null(self, name: str) -> float | None:
        """A number or null."""
        value = self._record.get(name, _MISSING)
        if value is None or (isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _LARGEST):
            return value
        raise self._wrong(name, "a number or null")

    def whole(self, name: str) -> int:
        """A whole number."""
        value = self._record.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        raise self._wrong(name, "a whole number")

    def array(self, name: str) -> list[Any]:
        """An array."""
        value = self._record.get(name)
        if isinstance(value, list):
            return value
        raise self._wrong(name, "an array")

    def texts(self, name: str) -> tuple[str, ...]:
        """An array of strings."""
        values = self.array(name)
        for number, value in enumerate(values):
            if not isinstance(value, str):
                raise Malformed(f"{self.place(name)}[{number}]", f"a string is expected, not {json_type(value)}")
        return tuple(values)

    def word(self, name: str, words: type[_Word]) -> _Word:
        """A word of a closed list."""
        return self._word(self.value(name), name, words)

    def words(self, name: str, words: type[_Word]) -> tuple[_Word, ...]:
        """An array of words of a closed list."""
        return tuple([self._word(value, f"{name}[{number}]", words) for number, value in enumerate(self.array(name))])

    def child(self, name: str) -> Self:
        """An object."""
        return type(self)(self.value(name), self.place(name))

    def children(self, name: str) -> tuple[Self, ...]:
        """An array of objects."""
        place = self.place(name)
        return tuple([type(self)(value, f"{place}[{number}]") for number, value in enumerate(self.array(name))])

    def _word(self, value: object, name: str, words: type[_Word]) -> _Word:
        found: _Word | None = _members(words).get(value) if isinstance(value, str) else None
        if found is None:
            shown = repr(value)[:SHOWN] if isinstance(value, str) else json_type(value)
            raise Malformed(self.place(name), f"one of {', '.join(words)} is expected, not {shown}")
        return found

    def _wrong(self, name: str, expected: str) -> Malformed:
        return Malformed(self.place(name), f"{expected} is expected, not {json_type(self.value(name))}")


@cache
def _members(words: type[_Word]) -> Mapping[str, _Word]:
    return {word.value: word for word in words}
