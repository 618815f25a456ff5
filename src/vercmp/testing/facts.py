"""The packaged facts: correctly ordered lists of versions, measured with the real tools.

Each file of ``vectors/`` explains its grammar in its header. ``tools/make_vectors.py`` writes and checks them.
"""

import functools
import json
from collections.abc import Iterator
from importlib import resources
from typing import NamedTuple

__all__ = ["Validity", "ordered", "validity"]


class Validity(NamedTuple):
    """The real tool's result for one version: ``ok``, ``warning`` or ``error``, with its message (empty for ``ok``)."""

    state: str
    version: str
    message: str


def _rows(file: str) -> Iterator[list[str]]:
    text = resources.files("vercmp.testing").joinpath("vectors", file).read_text(encoding="ascii")
    for line in text.split("\n"):
        if line and not line.startswith("#"):
            yield line.split("\t")


def _unquoted(written: str) -> str:
    """A version is written as the inside of a JSON string."""
    return str(json.loads(f'"{written}"'))


@functools.cache
def ordered(file: str) -> tuple[tuple[str, ...], ...]:
    """The versions of an order file, ascending: groups of equal versions, each group below the next one."""
    groups: list[list[str]] = []
    for sign, written in _rows(file):
        if sign == "<":
            groups.append([])
        groups[-1].append(_unquoted(written))
    return tuple(map(tuple, groups))


@functools.cache
def validity(file: str) -> tuple[Validity, ...]:
    """The rows of a validity file, in its order."""
    return tuple(Validity(state, _unquoted(written), message) for state, written, message in _rows(file))
