"""Where the shared real data is, for the tests that read it in place."""

from pathlib import Path

import pytest

_SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data beside the checkout; it is no part of the repository."""
    if not _SHARED.is_dir():
        pytest.skip("the shared data is not beside this checkout")
    return _SHARED
