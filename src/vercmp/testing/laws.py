"""The laws that every order obeys, each as a function that finds where a comparator breaks it."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from vercmp.testing.orders import Order
from vercmp.testing.shrinking import Versions

__all__ = ["LAWS", "Answer", "Breach", "Law", "called", "result_of", "shown"]

Answer = Callable[[str, str], int]

# A message shows the beginning of longer versions. The error itself holds them whole.
_SHOWN = 120


class Breach(NamedTuple):
    """One pair for which a law is broken.

    :ivar pair: the arguments of the comparator.
    :ivar got: its answer, as -1, 0 or 1.
    :ivar wanted: the answer that the law requires.
    :ivar because: the other answers that the requirement follows from, in words. Empty where there are none.
    """

    pair: tuple[str, str]
    got: int
    wanted: int
    because: str


class Law(NamedTuple):
    """One rule that an order obeys.

    :ivar meaning: the rule in words.
    :ivar arity: how many versions the rule is about.
    :ivar breach: finds where the answers break the rule for these versions, or returns None.
    """

    meaning: str
    arity: int
    breach: Callable[[Order, Answer, Versions], Breach | None]


def _reflexive(order: Order, answer: Answer, versions: Versions) -> Breach | None:
    (a,) = versions
    got = answer(a, a)
    return Breach((a, a), got, 0, "") if got else None


def _antisymmetric(order: Order, answer: Answer, versions: Versions) -> Breach | None:
    a, b = versions
    there, back = answer(a, b), answer(b, a)
    return Breach((b, a), back, -there, result_of((a, b), there)) if back != -there else None


def _transitive(order: Order, answer: Answer, versions: Versions) -> Breach | None:
    a, b, c = versions
    first, second = answer(a, b), answer(b, c)
    if first * second < 0:
        return None  # b is the greatest or the least of the three, so nothing follows for a and c
    got, wanted = answer(a, c), first or second
    if got == wanted:
        return None
    return Breach((a, c), got, wanted, f"{result_of((a, b), first)}, {result_of((b, c), second)}")


def _agrees(order: Order, answer: Answer, versions: Versions) -> Breach | None:
    a, b = versions
    got, wanted = answer(a, b), order.compare(a, b)
    return Breach((a, b), got, wanted, "") if got != wanted else None


def shown(version: str) -> str:
    """The version as a bounded literal."""
    return ascii(version) if len(version) <= _SHOWN else f"{version[:_SHOWN]!a}... ({len(version)} characters)"


def called(pair: tuple[str, str]) -> str:
    """The call of a comparator, as code."""
    return f"compare({shown(pair[0])}, {shown(pair[1])})"


def result_of(pair: tuple[str, str], sign: int) -> str:
    """The call and its result, as a clause of a message."""
    return f"{called(pair)} is {sign}"


#: The laws for generated versions, in the sequence in which they are checked.
LAWS: Mapping[str, Law] = MappingProxyType(
    {
        "reflexive": Law("a version is equal to itself", 1, _reflexive),
        "antisymmetric": Law("the other way round is the opposite", 2, _antisymmetric),
        "transitive": Law("a <= b and b <= c make a <= c, and a < c where one of them is <", 3, _transitive),
        "agrees": Law("the answer is the one of the scheme's real tool", 2, _agrees),
    }
)
