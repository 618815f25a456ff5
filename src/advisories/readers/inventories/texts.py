"""Members of decoded JSON and YAML that have to be texts."""

from collections.abc import Mapping, Sequence
from typing import Any

from advisories.models.reading import Unreadable

__all__ = ["texts_of"]


def texts_of(entry: Mapping[str, Any], names: Sequence[str]) -> list[str | None]:
    """The values of the members `names` in that order, with None for each that is missing, null or empty.

    Raises :class:`~advisories.models.reading.Unreadable` where one is not a string, or cannot be printed.
    """
    texts: list[str | None] = []
    for name in names:
        value = entry.get(name)
        if value is not None and not (isinstance(value, str) and value.isprintable()):
            raise Unreadable(f"{name} is not a printable string")
        texts.append(value or None)
    return texts
