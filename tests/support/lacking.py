"""Tests that need a package which cannot be had for this Python: they skip, and ``make pythons`` counts them.

Nothing skips but for the packages that ``TESTED_WITHOUT`` names. Without it, what is missing is an error.
"""

import os
from collections.abc import Generator, Iterable
from typing import Final

import pytest

__all__ = ["IMPORTED", "ModuleWithout", "calling", "lacking", "skipping"]

#: What a distribution is imported as, where that is another name.
IMPORTED: Final = {
    "cyclonedx-python-lib": "cyclonedx",
    "openssl": "_ssl",
    "packageurl-python": "packageurl",
    "pyyaml": "yaml",
}


def lacking() -> dict[str, str]:
    """Distributions by what they are imported as."""
    names = os.environ.get("TESTED_WITHOUT", "").split()
    return {IMPORTED.get(name, name.replace("-", "_")): name for name in names}


def skipping(error: BaseException | None) -> None:
    """Skip where this error comes of a package that cannot be had, or the error it was raised for does."""
    known = lacking()
    while error is not None:
        if isinstance(error, ModuleNotFoundError) and (name := (error.name or "").partition(".")[0]) in known:
            pytest.skip(f"without {known[name]}", allow_module_level=True)
        error = error.__cause__ or error.__context__


class ModuleWithout(pytest.Module):
    """A module of tests, skipped as a whole where it imports such a package."""

    def collect(self) -> Iterable[pytest.Item | pytest.Collector]:
        try:
            return super().collect()
        except self.CollectError as error:
            skipping(error)
            raise


def calling() -> Generator[None, object, object]:
    """Around what a test does."""
    try:
        return (yield)
    except ImportError as error:
        skipping(error)
        raise
