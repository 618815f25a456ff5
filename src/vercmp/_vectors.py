"""The packaged facts: correctly ordered lists of versions, measured with the real tools.

The grammar of the files is in their headers; ``tools/make_vectors.py`` writes and checks them.
"""

import functools
import json
from collections.abc import Iterator
from importlib import resources
from typing import NamedTuple

__all__ = ["Verdict", "ordered", "verdicts"]


class Verdict(NamedTuple):
    """What the real tool says of one version: ``ok``, ``warning`` or ``error``, and its words (empty for ``ok``)."""

    state: str
    version: str
    message: str


def _rows(file: str) -> Iterator[list[str]]:
    text = resources.files("vercmp").joinpath("vectors", file).read_text(encoding="ascii")
    for line in text.split("\n"):
        if line and not line.startswith("#"):
            yield line.split("\t")


def _unquoted(written: str) -> str:
    """A version is written as the inside of a JSON string."""
    return str(json.loads(f'"{written}"'))


@functools.cache
def ordered(file: str) -> tuple[tuple[str, ...], ...]:
    """The versions of an order file, ascending: groups of versions that are equal, each below the next group."""
    groups: list[list[str]] = []
    for sign, written in _rows(file):
        if sign == "<":
            groups.append([])
        groups[-1].append(_unquoted(written))
    return tuple(map(tuple, groups))


@functools.cache
def verdicts(file: str) -> tuple[Verdict, ...]:
    """The rows of a validity file, in its order."""
    return tuple(Verdict(state, _unquoted(written), message) for state, written, message in _rows(file))
