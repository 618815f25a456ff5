"""Work that grows as its input does: counted lines and calls, not seconds."""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

__all__ = ["Shape", "grows_in_proportion", "work"]

#: Makes an input of a size, and gives what is done with it.
Shape = Callable[[int], Callable[[], object]]
#: How much more work twice the size may be.
_A_DOUBLING = 2.5


def work(run: Callable[[], object]) -> int:
    """Lines of Python run, comprehensions' turns among them, and functions called, those of C too."""
    count = 0

    def step(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal count
        count += 1
        return step

    def call(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += 1

    before = sys.gettrace(), sys.getprofile()
    sys.settrace(step)
    sys.setprofile(call)
    try:
        run()
    finally:
        sys.setprofile(before[1])
        sys.settrace(before[0])
    return count


def grows_in_proportion(shape: Shape, base: int = 60) -> None:
    """At n, 2n and 4n, each is less than two and a half times the work of the one before."""
    shape(3)()  # what is worked out once
    counts = [work(shape(n)) for n in (base, 2 * base, 4 * base)]
    assert counts[1] < _A_DOUBLING * counts[0], counts
    assert counts[2] < _A_DOUBLING * counts[1], counts
