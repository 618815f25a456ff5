"""Attributes that are worked out at their first use."""

from collections.abc import Callable
from contextlib import nullcontext
from functools import cached_property
from typing import Any, TypeVar

__all__ = ["lazy_property"]

_T = TypeVar("_T")


class lazy_property(cached_property[_T]):
    """A :class:`functools.cached_property` without the lock that Python 3.11 has for all objects of a class.

    Held by another thread at a fork, that would stay locked in the child. Without it two threads may work out the same.
    """

    def __init__(self, compute: Callable[[Any], _T]) -> None:
        super().__init__(compute)
        self.lock = nullcontext()
