"""The groups of works as cases of pytest-benchmark."""

import time
from collections.abc import Iterable
from typing import Any

import pytest

from benchmarks.groups import Group

_SECONDS_EACH = 0.5
_MOST_ROUNDS = 1_000
_FEWEST_ROUNDS = 3


def cases(groups: Iterable[Group]) -> list[Any]:
    return [
        pytest.param(group, name, id=f"{group.scheme}-{group.corpus}-{name.replace('`', '')}")
        for group in groups
        for name in group.works
    ]


def run(benchmark: Any, group: Group, name: str) -> None:
    """Time one work, in a table with the others of its group."""
    work = group.works[name]
    benchmark.group = f"{next(iter(group.works))}, {group.corpus}: {group.each:,} a round"
    benchmark.extra_info.update(what=group.what, calls=group.each)
    start = time.perf_counter()
    work()
    once = time.perf_counter() - start
    rounds = max(_FEWEST_ROUNDS, min(_MOST_ROUNDS, int(_SECONDS_EACH / max(once, 1e-9))))
    benchmark.pedantic(work, rounds=rounds, iterations=1)
