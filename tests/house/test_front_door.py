"""The front door: what ``import advisories`` offers is there, is what it says, and loads when it is used."""

import doctest
import subprocess
import sys

import pytest

import advisories


@pytest.mark.parametrize("name", advisories.__all__)
def test_every_name_is_there_and_documented(name: str) -> None:
    value = getattr(advisories, name)
    assert name in dir(advisories)
    if callable(value):
        assert value.__name__ == name
        assert value.__doc__


def test_another_name_is_none() -> None:
    with pytest.raises(AttributeError, match="no attribute 'judge'"):
        _ = advisories.judge


def test_the_example_runs() -> None:
    assert doctest.testmod(advisories).failed == 0


def test_nothing_loads_before_it_is_used() -> None:
    code = "import sys, advisories; print([name for name in sys.modules if name.startswith(('advisories.', 'attr'))])"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "advisories." not in loaded
    assert "attr" not in loaded


def test_a_name_loads_no_more_than_it_needs() -> None:
    code = "import sys, advisories; advisories.match; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert {"sqlite3", "json", "zipfile", "advisories.store.reader", "advisories.reports"}.isdisjoint(loaded)
