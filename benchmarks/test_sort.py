"""Whole archives into order, and keys one by one or all in one call."""

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks import groups
from benchmarks.groups import Group
from benchmarks.pytest_cases import cases, run


@pytest.mark.parametrize(("group", "name"), cases(groups.sorts() + groups.python_sorts()))
def test_sort(benchmark: BenchmarkFixture, group: Group, name: str) -> None:
    run(benchmark, group, name)


@pytest.mark.parametrize(("group", "name"), cases(groups.batches() + groups.columns()))
def test_batch(benchmark: BenchmarkFixture, group: Group, name: str) -> None:
    run(benchmark, group, name)
