"""Installed packages joined with advisories."""

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks import intervals
from benchmarks.groups import Group
from benchmarks.pytest_cases import cases, run


@pytest.mark.parametrize(("group", "name"), cases(intervals.queries()))
def test_queries(benchmark: BenchmarkFixture, group: Group, name: str) -> None:
    run(benchmark, group, name)


@pytest.mark.parametrize(("group", "name"), cases(intervals.builds()))
def test_builds(benchmark: BenchmarkFixture, group: Group, name: str) -> None:
    run(benchmark, group, name)
