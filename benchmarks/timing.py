"""Minimum times of things that do the same, taken in turns in one process.

In turns, and each for the same time in all, spread over the same seconds: a noisy neighbour or a changing clock then
hits all of them, and the ratio of two minima of one run holds where neither of them would in another. A turn is a few
runs on end, because the first one finds the caches and the branch predictor filled by whoever was measured before.
"""

import collections
import gc
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SECONDS_EACH = 1.0
FEWEST_TURNS = 5
RUNS_A_TURN = 5
# A run this long has caches of its own making.
_LONG = 0.005
# So many calls of something slow are over before the time slice is, most times.
_SLOW_CALLS = 50

Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Parts:
    """Work timed in parts. Its time is the sum of theirs, the shortest of each."""

    parts: tuple[Work, ...]

    def __call__(self) -> None:
        for part in self.parts:
            part()


def calls(function: Callable[..., object], *arguments: Iterable[Any]) -> Work:
    """Work that calls *function* place by place, with the least that Python allows around each call."""
    return lambda: collections.deque(map(function, *arguments), maxlen=0)


def slow_calls(function: Callable[..., object], *arguments: Sequence[Any]) -> Parts:
    """The same in parts, for what takes microseconds: on a busy machine a long run is interrupted every time."""
    starts = range(0, len(arguments[0]), _SLOW_CALLS)
    cut = ([argument[start : start + _SLOW_CALLS] for argument in arguments] for start in starts)
    return Parts(tuple(calls(function, *part) for part in cut))


def minima(works: Mapping[str, Work], seconds: float = SECONDS_EACH) -> dict[str, float]:
    """The shortest time of each, in seconds, out of about *seconds* of each.

    On the wall's clock: one of processor time can fall short of the truth, and a minimum would find just those times.
    """
    parts = {name: work.parts if isinstance(work, Parts) else (work,) for name, work in works.items()}
    best = {name: [float("inf")] * len(parts[name]) for name in works}
    spent = dict.fromkeys(works, 0.0)
    turns = dict.fromkeys(works, 0)
    collecting = gc.isenabled()
    gc.disable()
    room = _room()
    try:
        while pending := [name for name in works if spent[name] < seconds or turns[name] < FEWEST_TURNS]:
            name = min(pending, key=spent.__getitem__)
            turns[name] += 1
            for place, part in enumerate(parts[name]):
                for _ in range(RUNS_A_TURN):
                    taken = _time(part)
                    spent[name] += taken
                    best[name][place] = min(best[name][place], taken)
                    if taken > _LONG:
                        break
    finally:
        if collecting:
            gc.enable()
        room.clear()
    return {name: sum(times) for name, times in best.items()}


def _room() -> list[bytes]:
    """What keeps some 18 MB for small objects, most of it free, as long as it is held.

    Python gives memory back to the system as soon as a whole arena of it is free, and then each run that makes objects
    may ask for it anew, or not: by what happens to be in memory, a third of its time.
    """
    small = [bytes(150) for _ in range(100_000)]
    return small[::1_000]


def _time(work: Work) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
