"""Libraries of extras, for a source that needs one."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from advisories.models.errors import MissingExtra
from vercmp._libraries import library

__all__ = ["extra_library", "missing_extra"]

_T = TypeVar("_T")


def extra_library(source: str, name: str, project: str, extra: str, what: str, members: Sequence[str] = ()) -> Any:
    """The module of a library that a source needs, as :func:`vercmp._libraries.library` finds it.

    Raises :class:`~advisories.models.errors.MissingExtra` for the source where the library is missing, broken or old.
    """
    return missing_extra(source, lambda: library(name, project, extra, what, members))


def missing_extra(source: str, find: Callable[[], _T]) -> _T:
    """What a function finds, with :class:`~advisories.models.errors.MissingExtra` for the source in place of its
    :exc:`ImportError`.
    """
    try:
        return find()
    except ImportError as error:
        raise MissingExtra(source, str(error)) from error
