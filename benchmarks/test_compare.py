"""Two versions in, their order out."""

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks import groups
from benchmarks.groups import Group
from benchmarks.pytest_cases import cases, run


@pytest.mark.parametrize(("group", "name"), cases(groups.comparisons()))
def test_compare(benchmark: BenchmarkFixture, group: Group, name: str) -> None:
    run(benchmark, group, name)


@pytest.mark.parametrize(("group", "name"), cases(groups.segments()))
def test_rpmvercmp(benchmark: BenchmarkFixture, group: Group, name: str) -> None:
    run(benchmark, group, name)


@pytest.mark.parametrize(("group", "name"), cases(groups.scale()))
def test_scale(benchmark: BenchmarkFixture, group: Group, name: str) -> None:
    run(benchmark, group, name)
