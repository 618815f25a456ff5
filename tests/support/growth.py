"""Work that grows as its input does: counted lines and calls. What C alone does is seen in memory and seconds."""

import gc
import sys
import tracemalloc
from collections.abc import Callable, Sequence
from time import process_time
from types import FrameType
from typing import Any

__all__ = [
    "Shape",
    "csaf_document",
    "grows_in_proportion",
    "memory_grows_in_proportion",
    "time_grows_in_proportion",
    "work",
]

#: Makes an input of a size, and gives what is done with it.
Shape = Callable[[int], Callable[[], object]]
#: How much more work twice the size may be.
_A_DOUBLING = 2.5
#: How much more time four times the size may take. In proportion it is 4 times, and with the square 16 times.
_FOUR_TIMES = 9


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


def memory_grows_in_proportion(shape: Shape, base: int = 400) -> None:
    """The most memory at once at n and 2n, in what Python allocates.

    Each twice: what is remembered of all tests before grows by a step at times, and not again for the same.
    """
    shape(3)()
    first, second = (min(_peak(shape(n)), _peak(shape(n))) for n in (base, 2 * base))
    assert second < _A_DOUBLING * first, (first, second)


def _peak(run: Callable[[], object]) -> int:
    gc.collect()
    tracemalloc.start()
    try:
        run()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def time_grows_in_proportion(shape: Shape, base: int = 2500) -> None:
    """The seconds at n and 4n, the least of three. For what is too quick to count at sizes that can be counted."""
    shape(3)()
    first, second = (min(_seconds(shape(n)) for _ in range(3)) for n in (base, 4 * base))
    assert second < _FOUR_TIMES * max(first, 0.01), (first, second)


def _seconds(run: Callable[[], object]) -> float:
    gc.collect()
    began = process_time()
    run()
    return process_time() - began


def csaf_document(
    purls: Sequence[str], vulnerabilities: list[dict[str, Any]], *, references: int = 0, **tree: Any
) -> dict[str, Any]:
    """A document of CSAF about products ``P:p0``, ``P:p1`` and so on of RHEL 9, one for each package URL.

    :param tree: more members of its product tree.
    """
    helper = "product_identification_helper"
    platform = {"product_id": "P", "name": "P", helper: {"cpe": "cpe:/o:redhat:enterprise_linux:9"}}
    branches: list[dict[str, Any]] = [{"category": "product_name", "product": platform}]
    for i, purl in enumerate(purls):
        product = {"product_id": f"p{i}", "name": f"p{i}", helper: {"purl": purl}}
        branches.append({"category": "product_version", "product": product})
    joins = [
        {
            "full_product_name": {"product_id": f"P:p{i}", "name": "x"},
            "product_reference": f"p{i}",
            "relates_to_product_reference": "P",
        }
        for i in range(len(purls))
    ]
    return {
        "document": {
            "category": "csaf_vex",
            "csaf_version": "2.0",
            "publisher": {"name": "Red Hat Product Security"},
            "tracking": {"id": "CVE-2024-0001", "current_release_date": "2024-01-02T00:00:00Z", "status": "final"},
            "references": [{"url": f"https://example.org/{i}"} for i in range(references)],
        },
        "product_tree": {
            "branches": [{"category": "vendor", "name": "x", "branches": branches}],
            "relationships": joins,
        }
        | tree,
        "vulnerabilities": vulnerabilities,
    }
