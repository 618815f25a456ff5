"""Sets of versions as disjoint intervals of key bytes, lowest first.

An interval is (low, high): from the key *low* on, below the key *high*. None has no bound. No key is the beginning of
another, so ``key + b"\\0"`` lies just above a version.
"""

from collections.abc import Iterable, Sequence
from typing import Final

__all__ = ["EVERYTHING", "Interval", "above", "complement", "intersection", "union"]

Interval = tuple[bytes | None, bytes | None]

EVERYTHING: Final[tuple[Interval, ...]] = ((None, None),)


def above(key: bytes) -> bytes:
    """The place just above a version."""
    return key + b"\0"


def union(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """What is in any of the intervals, which may overlap and be empty, in any order."""
    found: list[Interval] = []
    for low, high in sorted(intervals, key=lambda interval: interval[0] or b""):
        if high is not None and (low or b"") >= high:
            continue
        if found:
            last = found[-1][1]
            if last is None:
                break
            if (low or b"") <= last:
                if high is None or high > last:
                    found[-1] = (found[-1][0], high)
                continue
        found.append((low, high))
    return tuple(found)


def complement(intervals: Sequence[Interval]) -> tuple[Interval, ...]:
    """What is in none of the intervals, as :func:`union` gives them."""
    found: list[Interval] = []
    start: bytes | None = None
    for low, high in intervals:
        if low is not None:
            found.append((start, low))
        if high is None:
            return tuple(found)
        start = high
    found.append((start, None))
    return tuple(found)


def intersection(sets: Iterable[Sequence[Interval]]) -> tuple[Interval, ...]:
    """What is in all of the sets. Everything where there are none."""
    return complement(union(interval for one in sets for interval in complement(one)))
