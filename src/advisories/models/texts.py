"""The whole text of a noun: sorts nouns that are equal in all else. A repr may leave out rows, this never does."""

from typing import Any

from advisories.models.frozen import has_fields, names_of

__all__ = ["whole_text"]


def whole_text(noun: Any) -> str:
    """A text of every field of a noun and of the nouns in it. Equal for equal nouns, in every process."""
    return repr(_plain(noun))


def _plain(value: Any) -> Any:
    if has_fields(type(value)):
        return tuple([_plain(getattr(value, name)) for name in names_of(type(value), compared=True)])
    if isinstance(value, tuple | list):
        return tuple(map(_plain, value))
    if isinstance(value, set | frozenset):
        return sorted(map(whole_text, value))
    return value
