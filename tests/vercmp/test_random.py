"""Two million random pairs an order against the real library, in every run. ``make conformance`` runs many more."""

import pytest
from conformance import RUNS, run

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", RUNS)
def test_random_pairs(name: str) -> None:
    assert run(name, pairs=2_000_000, seed=7) >= 2_000_000
