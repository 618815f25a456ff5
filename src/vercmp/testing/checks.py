"""``check_order`` and ``check_keys``: facts first, then the laws for generated versions, then the smallest breach."""

import functools
import itertools
import operator
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from random import Random
from typing import Any, NamedTuple, Protocol

from vercmp.testing import random_versions, shrinking
from vercmp.testing.laws import LAWS, Answer, Breach, Law, called, result_of, shown
from vercmp.testing.orders import Order, find
from vercmp.testing.shrinking import Versions

__all__ = ["Checked", "Comparator", "OrderError", "Sortable", "check_keys", "check_order"]

Comparator = Callable[[str, str], int]

# Each version of a family is compared with every other, and every three with each other.
_FAMILY = 5
# How often a wrong answer is repeated, to distinguish wrong from random.
_AGAIN = 5

# Three rules that are no laws of orders. Without them there is no order to check.
_ANSWERS = "answers"
_REPEATS = "repeats"
_VECTORS = "vectors"


class Sortable(Protocol):
    """What a sort key must be: comparable with its like."""

    def __lt__(self, other: Any, /) -> bool: ...


class OrderError(AssertionError):
    """A comparator or key function breaks a law. Holds the smallest counterexample found.

    :ivar scheme: the order that it was tested against.
    :ivar law: a name of :data:`LAWS`, or one of three others. ``vectors``: it contradicts a fact. ``answers``: it
        raised, it returned no integer, or it made keys that do not compare. ``repeats``: its answer for the same
        versions changes.
    :ivar versions: the versions that break the law.
    :ivar got: the answer as -1, 0 or 1. For ``answers`` the exception, which is also the cause, or the returned object.
    :ivar wanted: -1, 0 or 1, or None where any of them would be right.
    """

    # Where you import it from.
    __module__ = "vercmp.testing"

    def __init__(self, scheme: str, law: str, versions: Versions, got: object, wanted: int | None, story: str) -> None:
        super().__init__(scheme, law, versions, got, wanted, story)
        self.scheme = scheme
        self.law = law
        self.versions = versions
        self.got = got
        self.wanted = wanted
        self._story = story

    def __str__(self) -> str:
        return f"not the order of {self.scheme}, law {self.law!r}: {self._story}"


class Checked(NamedTuple):
    """How much was checked: less than there is, where a budget ended it.

    :ivar pairs: pairs of vectors that were compared.
    :ivar of_pairs: pairs of vectors that there are. 0 where vectors were left out.
    :ivar families: families of generated versions.
    """

    pairs: int
    of_pairs: int
    families: int


class _Clock:
    """The time that is left of a budget in seconds. None is without end."""

    def __init__(self, budget: float | None) -> None:
        self.is_limited = budget is not None
        self._budget = float("inf") if budget is None else budget
        self._start: float | None = None

    def is_half_over(self) -> bool:
        return self.is_limited and self._passed() > self._budget / 2

    def is_over(self) -> bool:
        return self.is_limited and self._passed() > self._budget

    def _passed(self) -> float:
        """Seconds since the first question: what comes before is no part of the check."""
        now = time.monotonic()
        if self._start is None:
            self._start = now
        return now - self._start


class _NoAnswer(Exception):
    """The comparator raised, or returned no integer."""

    def __init__(self, pair: tuple[str, str], got: object) -> None:
        super().__init__(pair, got)
        self.pair = pair
        self.got = got


class _Broken(Exception):
    """A generated family breaks a law."""

    def __init__(self, law: str, versions: Versions, breach: Breach) -> None:
        super().__init__(law, versions, breach)
        self.law = law
        self.versions = versions
        self.breach = breach


def _signs(compare: Comparator) -> Answer:
    """The comparator's answers as -1, 0 and 1."""

    def answer(a: str, b: str) -> int:
        try:
            returned = compare(a, b)
        except Exception as error:
            raise _NoAnswer((a, b), error) from error
        try:
            sign = operator.index(returned)
        except TypeError:
            raise _NoAnswer((a, b), returned) from None
        return (sign > 0) - (sign < 0)

    return answer


def _no_answer(scheme: str, no: _NoAnswer) -> OrderError:
    if isinstance(no.got, Exception):
        story = f"{called(no.pair)} raised {type(no.got).__name__}: {no.got}"
    else:
        story = f"{called(no.pair)} is {no.got!r}, which is no integer"
    return OrderError(scheme, _ANSWERS, no.pair, no.got, None, story)


def _wavering(scheme: str, versions: Versions) -> OrderError:
    story = f"for {' and '.join(map(shown, versions))} the answer changes from call to call"
    return OrderError(scheme, _REPEATS, versions, None, None, story)


def check_order(
    compare: Comparator,
    *,
    scheme: str,
    max_examples: int = 1000,
    seed: int | None = None,
    valid_only: bool = False,
    laws: Iterable[str] = ("vectors", *LAWS),
    budget: float | None = None,
) -> Checked:
    """Raise :exc:`OrderError` unless the comparator orders versions as the scheme's real tool does.

    >>> import vercmp
    >>> from vercmp.testing import check_order
    >>> check_order(vercmp.rpm.compare, scheme="rpm", max_examples=20).families
    20
    >>> def by_text(a: str, b: str) -> int:
    ...     return (a > b) - (a < b)
    >>> check_order(by_text, scheme="dpkg")
    Traceback (most recent call last):
    vercmp.testing.OrderError: not the order of dpkg, law 'vectors': compare('0', '+') is 1, and must be -1

    :param compare: called with two versions. Returns any negative integer, 0, or any positive one.
    :param scheme: a name of :data:`vercmp.SCHEMES`, or ``rpmvercmp``.
    :param max_examples: how many families of near versions to generate. Each has up to five versions, and each of them
        is compared with every other.
    :param seed: another number generates other versions. None generates the same ones each time.
    :param valid_only: leave out versions that the scheme's tool warns of, for comparators that refuse those.
    :param laws: the names of the laws to check: ``vectors``, and those of :data:`LAWS`. For an order of your own, leave
        out ``vectors`` and ``agrees``.
    :param budget: stop after so many seconds, half of them for the vectors, which then come in an order that *seed*
        chooses. The result shows how much was checked in them.

    Returns what was checked. A vector's counterexample is the shortest of all. A generated one is shrunk until you can
    leave out no character.
    The comparator may be called many times with the same versions, and from one thread only.
    Raises :exc:`vercmp.UnknownScheme`, and :exc:`ValueError` for an unknown law.
    """
    order = find(scheme)
    chosen = _chosen(laws)
    answer = _signs(compare)
    if budget is not None and not budget > 0:
        raise ValueError(f"a budget is more than 0 seconds, not {budget}")
    clock = _Clock(budget)
    pairs = of_pairs = families = 0
    try:
        if _VECTORS in chosen:
            pairs, of_pairs = _check_vectors(scheme, order, answer, valid_only, clock, seed)
        generated = {name: law for name, law in LAWS.items() if name in chosen}
        if generated:
            families = _check_laws(scheme, order, answer, generated, max_examples, seed, valid_only, clock)
    except _NoAnswer as no:
        raise _no_answer(scheme, no) from no.__cause__
    return Checked(pairs, of_pairs, families)


def check_keys(
    sort_key: Callable[[str], Sortable],
    *,
    scheme: str,
    max_examples: int = 1000,
    seed: int | None = None,
    valid_only: bool = False,
    laws: Iterable[str] = ("vectors", *LAWS),
    budget: float | None = None,
) -> Checked:
    """Raise :exc:`OrderError` unless the keys order versions as the scheme's real tool does.

    >>> import vercmp
    >>> from vercmp.testing import check_keys
    >>> check_keys(vercmp.dpkg.sort_key, scheme="dpkg", max_examples=20).families
    20

    :param sort_key: called with one version. Returns anything that has ``<`` and ``==``. Versions that are equal in the
        order must have equal keys.

    The other parameters and exceptions are those of :func:`check_order`. In a message, ``compare`` stands for the
    comparison of two keys.
    """

    def compare(a: str, b: str) -> int:
        x, y = sort_key(a), sort_key(b)
        if x == y:
            return 0
        if x < y:
            return -1
        if y < x:
            return 1
        raise TypeError(f"the keys {x!r} and {y!r} are neither equal nor one below the other")

    return check_order(
        compare, scheme=scheme, max_examples=max_examples, seed=seed, valid_only=valid_only, laws=laws, budget=budget
    )


def _chosen(names: Iterable[str]) -> frozenset[str]:
    chosen = frozenset(names)
    unknown = sorted(chosen - {_VECTORS, *LAWS})
    if unknown:
        raise ValueError(f"unknown law {unknown[0]!r}, use one of {', '.join((_VECTORS, *LAWS))}")
    return chosen


def _check_vectors(
    scheme: str, order: Order, answer: Answer, valid_only: bool, clock: "_Clock", seed: int | None
) -> tuple[int, int]:
    groups = order.facts(valid_only=valid_only)
    ranked = [(rank, version) for rank, group in enumerate(groups) for version in group]
    pairs = itertools.product(ranked, ranked)
    if clock.is_limited:
        chosen = list(pairs)
        Random(seed or 0).shuffle(chosen)
        pairs = iter(chosen)  # type: ignore[assignment]  # both are walked once
    compared = 0
    wrong: list[tuple[tuple[str, str], int, int]] = []
    unanswered: _NoAnswer | None = None
    for (rank_a, a), (rank_b, b) in pairs:
        if clock.is_half_over():
            break
        compared += 1
        wanted = (rank_a > rank_b) - (rank_a < rank_b)
        try:
            got = answer(a, b)
        except _NoAnswer as no:
            # Keep one only: each holds a traceback, and every pair may raise.
            if unanswered is None or shrinking.size(no.pair) < shrinking.size(unanswered.pair):
                unanswered = no
        else:
            if got != wanted:
                wrong.append(((a, b), got, wanted))
    if wrong:
        (a, b), got, wanted = min(wrong, key=lambda found: shrinking.size(found[0]))
        if any(answer(a, b) != got for _ in range(_AGAIN)):
            raise _wavering(scheme, (a, b))
        raise OrderError(scheme, _VECTORS, (a, b), got, wanted, f"{result_of((a, b), got)}, and must be {wanted}")
    if unanswered is not None:
        raise unanswered
    return compared, len(ranked) ** 2


def _check_laws(
    scheme: str,
    order: Order,
    answer: Answer,
    laws: Mapping[str, Law],
    max_examples: int,
    seed: int | None,
    valid_only: bool,
    clock: "_Clock",
) -> int:
    choose = random_versions.chooser(Random(seed or 0))
    try:
        for number in range(max_examples):
            if clock.is_over():
                return number
            family = random_versions.family(order, choose, _FAMILY, valid_only=valid_only)
            # The comparator is called once for each pair of a family.
            remembered = functools.cache(answer)
            for versions, name in _questions(family, laws):
                breach = laws[name].breach(order, remembered, versions)
                if breach is not None:
                    raise _Broken(name, versions, breach)
    except _NoAnswer as no:
        if not _unanswered_again(answer, no):
            raise _wavering(scheme, no.pair) from None
        smallest = _smallest_unanswered(order, answer, no, valid_only)
        raise smallest from smallest.__cause__
    except _Broken as broken:
        raise _smallest_breach(scheme, order, answer, laws[broken.law], broken, valid_only) from None
    return max_examples


def _questions(family: Sequence[str], laws: Mapping[str, Law]) -> Iterator[tuple[Versions, str]]:
    for name, law in laws.items():
        for versions in itertools.product(family, repeat=law.arity):
            yield versions, name


def _unanswered_again(answer: Answer, no: _NoAnswer) -> bool:
    try:
        answer(*no.pair)
    except _NoAnswer as again:
        return type(again.got) is type(no.got)
    return False


def _smallest_unanswered(order: Order, answer: Answer, no: _NoAnswer, valid_only: bool) -> _NoAnswer:
    found = no

    def first_unanswered(candidates: Sequence[Versions]) -> Versions | None:
        nonlocal found
        for versions in candidates:
            if all(order.accepts(version, valid_only=valid_only) for version in versions):
                try:
                    answer(*versions)
                except _NoAnswer as smaller:
                    # Another type of exception is another fault.
                    if type(smaller.got) is type(no.got):
                        found = smaller
                        return versions
        return None

    shrinking.shrunk(no.pair, first_unanswered)
    return found


def _smallest_breach(
    scheme: str, order: Order, answer: Answer, law: Law, broken: _Broken, valid_only: bool
) -> OrderError:
    breach = broken.breach

    def first_breach(candidates: Sequence[Versions]) -> Versions | None:
        nonlocal breach
        for versions in candidates:
            if all(order.accepts(version, valid_only=valid_only) for version in versions):
                try:
                    found = law.breach(order, answer, versions)
                except _NoAnswer:
                    continue
                if found is not None:
                    breach = found
                    return versions
        return None

    versions = shrinking.shrunk(broken.versions, first_breach)
    if any(law.breach(order, answer, versions) != breach for _ in range(_AGAIN)):
        return _wavering(scheme, versions)
    premise = f"{breach.because}, so " if breach.because else ""
    story = f"{premise}{result_of(breach.pair, breach.got)}, and must be {breach.wanted} ({law.meaning})"
    return OrderError(scheme, broken.law, versions, breach.got, breach.wanted, story)
