"""``vercmp vectors``: the packaged facts as pairs with an answer, for table tests in any language."""

import itertools
import json
import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from vercmp.testing.orders import find

__all__ = ["FORMATS", "Fact", "pairs"]


class Fact(NamedTuple):
    """How the real tool orders two versions: -1, 0 or 1."""

    a: str
    b: str
    order: int


def pairs(scheme: str, *, strangers: int, seed: int) -> Iterator[Fact]:
    """Neighbours in the order of the facts, each way round by turns, then *strangers* random pairs.

    Raises :exc:`vercmp.UnknownScheme`.
    """
    groups = find(scheme).facts(valid_only=False)
    return _pairs([(rank, version) for rank, group in enumerate(groups) for version in group], strangers, seed)


def _pairs(ranked: list[tuple[int, str]], strangers: int, seed: int) -> Iterator[Fact]:
    chosen = random.Random(seed)
    of_strangers = (tuple(chosen.choices(ranked, k=2)) for _ in range(strangers))
    for number, ((rank_a, a), (rank_b, b)) in enumerate(itertools.chain(itertools.pairwise(ranked), of_strangers)):
        order = (rank_a > rank_b) - (rank_a < rank_b)
        yield Fact(b, a, -order) if number % 2 else Fact(a, b, order)


def _tsv(facts: Iterable[Fact]) -> Iterator[str]:
    for a, b, order in facts:
        yield f"{a}\t{b}\t{order}"


def _json(facts: Iterable[Fact]) -> Iterator[str]:
    yield "["
    before = ""
    for fact in facts:
        if before:
            yield f"{before},"
        before = json.dumps(fact)
    yield before
    yield "]"


#: The lines of facts, by the name of their format. No packaged version has a tab, CR or LF.
FORMATS: Final[Mapping[str, Callable[[Iterable[Fact]], Iterator[str]]]] = MappingProxyType({"tsv": _tsv, "json": _json})
