"""Where the shared real data is, for the tests that read it in place."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# How long an example takes is the machine's, not the code's: nothing fails for being slow on a busy one.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")

_SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data beside the checkout; it is no part of the repository."""
    if not _SHARED.is_dir():
        pytest.skip("the shared data is not beside this checkout")
    return _SHARED


def pytest_report_header() -> str:
    """Say which build of the extensions is tested; ``make sanitize`` must not test another one by accident."""
    import vercmp._dpkg

    built = Path(vercmp._dpkg.__file__)
    expected = os.environ.get("VERCMP_EXPECTED_LIB")
    if expected and Path(expected).resolve() not in built.resolve().parents:
        raise pytest.UsageError(f"the tested extension is {built}, not one below {expected}")
    return f"vercmp: {built.name}"
