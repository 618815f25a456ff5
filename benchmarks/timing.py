"""Minimum times of things that do the same, taken in turns in one process.

In turns, because a noisy neighbour or a changing clock then hits all of them: the ratio of two minima of one run holds
where neither of them would in another. A turn is a few runs on end, because the first one finds the caches and the
branch predictor filled by whoever was measured before.
"""

import collections
import gc
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

TURNS = 200
# What is slow gets fewer turns, of one run.
FEWEST_TURNS = 5
RUNS_A_TURN = 5
SECONDS_EACH = 2.0
_SLOW = 0.005

Work = Callable[[], object]


def calls(function: Callable[..., object], *arguments: Iterable[Any]) -> Work:
    """Work that calls *function* place by place, with the least that Python allows around each call."""
    return lambda: collections.deque(map(function, *arguments), maxlen=0)


def minima(works: Mapping[str, Work], turns: int = TURNS, seconds: float = SECONDS_EACH) -> dict[str, float]:
    """The shortest time of each, in seconds."""
    spent = dict.fromkeys(works, 0.0)
    best = dict.fromkeys(works, float("inf"))
    collecting = gc.isenabled()
    gc.disable()
    try:
        for turn in range(turns):
            for name, work in works.items():
                if turn >= FEWEST_TURNS and spent[name] > seconds:
                    continue
                for _ in range(RUNS_A_TURN):
                    taken = _time(work)
                    spent[name] += taken
                    best[name] = min(best[name], taken)
                    if taken > _SLOW:
                        break
    finally:
        if collecting:
            gc.enable()
    return best


def _time(work: Work) -> float:
    """This thread's own time: a long run would else be charged with the time slices of other processes."""
    start = time.thread_time()
    work()
    return time.thread_time() - start
