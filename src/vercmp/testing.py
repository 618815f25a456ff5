"""Test anybody's version order with our facts and laws: ``pip install vercmp[testing]``.

    from vercmp.testing import check_order

    def test_my_order():
        check_order(my_compare, scheme="rpm")

:func:`check_order` puts a comparator to the packaged vectors, which are facts measured with the real tools, and to
generated versions, which must obey the laws of :data:`LAWS`. The first law that is broken is raised as an
:exc:`OrderError` with the smallest counterexample. :func:`check_keys` does the same for a function that turns a version
into something that sorts.

The strategies :func:`versions`, :func:`nasty_versions` and :func:`version_pairs` are there for property tests of your
own. Besides the schemes of :data:`vercmp.SCHEMES`, everything here knows ``rpmvercmp``: one version or release string,
as librpm's function of that name orders it.

For programs that are not Python there is the command ``vercmp conformance``, which needs no hypothesis.
"""

import functools
import itertools
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

from vercmp import _random_versions, _shrinking
from vercmp._orders import Order, find
from vercmp._shrinking import Versions

try:
    import hypothesis
    from hypothesis import strategies as st
except ModuleNotFoundError as error:
    if error.name != "hypothesis":
        raise
    raise ImportError("vercmp.testing needs hypothesis: pip install vercmp[testing]") from error

__all__ = [
    "LAWS",
    "Comparator",
    "Law",
    "OrderError",
    "check_keys",
    "check_order",
    "nasty_versions",
    "version_pairs",
    "versions",
]

Comparator = Callable[[str, str], int]

# Of one family, every version is put against every other, and every three against each other.
_FAMILY = 5
# Of longer versions an error's message shows the beginning; the error itself has them whole.
_SHOWN = 120
# Beyond Python's 4300 digits, and below what hypothesis warns of when it writes a whole family into a report.
_LONGEST = 6000
# So often a wrong answer is asked for again, to tell wrong from random.
_AGAIN = 5


class Sortable(Protocol):
    """What a sort key must be: comparable with its like."""

    def __lt__(self, other: Any, /) -> bool: ...


# --- strategies -------------------------------------------------------------------------------------------------------


def versions(scheme: str) -> st.SearchStrategy[str]:
    """Versions as packagers write them: the scheme's tool takes each without a word.

    Raises :exc:`vercmp.UnknownScheme`.
    """
    return _plain(find(scheme))


def nasty_versions(scheme: str) -> st.SearchStrategy[str]:
    """Versions that the scheme's tool takes, perhaps with a warning, and that nobody expects.

    Separators and empty parts, tildes and carets, letters and digits that are none to C, numbers beyond every machine
    word, long runs, control characters, any other character of Unicode: whatever the tool takes of it. Never a NUL or a
    lone surrogate.

    Raises :exc:`vercmp.UnknownScheme`.
    """
    return _nasty(find(scheme))


def version_pairs(scheme: str) -> st.SearchStrategy[tuple[str, str]]:
    """Two versions that are near each other, both taken by the scheme's tool.

    They are a few edits apart, often one: a character more, less or another, the next number, a token more, a slice
    twice, a leading zero, another separator, an epoch 0, or another way to write what means the same. Both may be the
    same text.

    Raises :exc:`vercmp.UnknownScheme`.
    """
    return _families(find(scheme), 3, False).map(lambda family: (family[0], family[-1]))


_UNICODE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


# Nothing below is filtered: a scheme may be so strict that nearly all would be. What it refuses gives way to a version
# that it takes.


@st.composite
def _plain(draw: st.DrawFn, order: Order) -> str:
    return _made(order, _chooser(draw), nasty=False, valid_only=True)


@st.composite
def _nasty(draw: st.DrawFn, order: Order) -> str:
    choose = _chooser(draw)
    version = _made(order, choose, nasty=True, valid_only=False)
    how = choose(3)
    if how == 1:
        other = draw(st.text(order.alphabet, max_size=24))
    elif how == 2:
        at = choose(len(version) + 1)
        other = version[:at] + draw(_UNICODE) + version[at:]
    else:
        return version
    return other if _accepting(order, False)(other) else version


@st.composite
def _families(draw: st.DrawFn, order: Order, most: int, valid_only: bool) -> list[str]:
    choose = _chooser(draw)
    start = _made(order, choose, nasty=None, valid_only=valid_only)
    wanted = 1 + choose(most)
    return _random_versions.relatives(start, order, choose, _accepting(order, valid_only), wanted, tries=2 * wanted)


def _made(order: Order, choose: _random_versions.Choose, *, nasty: bool | None, valid_only: bool) -> str:
    version = _random_versions.made(order, choose, nasty=nasty)
    if _accepting(order, valid_only)(version):
        return version
    known = _known(order, valid_only)
    return known[choose(len(known))]


@functools.cache
def _known(order: Order, valid_only: bool) -> tuple[str, ...]:
    return tuple(itertools.chain.from_iterable(order.facts(valid_only=valid_only)))


def _accepting(order: Order, valid_only: bool) -> Callable[[str], bool]:
    return lambda version: len(version) <= _LONGEST and order.accepts(version, valid_only=valid_only)


def _chooser(draw: st.DrawFn) -> _random_versions.Choose:
    return lambda count: draw(st.integers(0, count - 1))


# --- laws -------------------------------------------------------------------------------------------------------------


class Breach(NamedTuple):
    """Where a law is broken: what was asked, what came, what should have, and the premises of that."""

    asked: tuple[str, str]
    got: int
    wanted: int
    because: str


Answer = Callable[[str, str], int]


class Law(NamedTuple):
    """One rule that an order obeys.

    :ivar meaning: the rule in words.
    :ivar arity: how many versions it speaks of.
    :ivar breach: where the answers break it on these versions; None where they do not.
    """

    meaning: str
    arity: int
    breach: Callable[[Order, Answer, Versions], Breach | None]


def _reflexive(order: Order, answer: Answer, of: Versions) -> Breach | None:
    (a,) = of
    got = answer(a, a)
    return Breach((a, a), got, 0, "") if got else None


def _antisymmetric(order: Order, answer: Answer, of: Versions) -> Breach | None:
    a, b = of
    there, back = answer(a, b), answer(b, a)
    return Breach((b, a), back, -there, _said((a, b), there)) if back != -there else None


def _transitive(order: Order, answer: Answer, of: Versions) -> Breach | None:
    a, b, c = of
    first, second = answer(a, b), answer(b, c)
    if first * second < 0:
        return None  # b is the greatest or the least of them: that says nothing of a and c
    got, wanted = answer(a, c), first or second
    return Breach((a, c), got, wanted, f"{_said((a, b), first)}, {_said((b, c), second)}") if got != wanted else None


def _agrees(order: Order, answer: Answer, of: Versions) -> Breach | None:
    a, b = of
    got, wanted = answer(a, b), order.compare(a, b)
    return Breach((a, b), got, wanted, "") if got != wanted else None


def _shown(version: str) -> str:
    return ascii(version) if len(version) <= _SHOWN else f"{version[:_SHOWN]!a}... ({len(version)} characters)"


def _called(asked: tuple[str, str]) -> str:
    return f"compare({_shown(asked[0])}, {_shown(asked[1])})"


def _said(asked: tuple[str, str], sign: int) -> str:
    return f"{_called(asked)} is {sign}"


#: The laws that generated versions are put to, in the sequence in which they are asked.
LAWS: Mapping[str, Law] = MappingProxyType(
    {
        "reflexive": Law("a version is equal to itself", 1, _reflexive),
        "antisymmetric": Law("the other way round is the opposite", 2, _antisymmetric),
        "transitive": Law("a <= b and b <= c make a <= c, and a < c where one of them is <", 3, _transitive),
        "agrees": Law("the answer is the one of the scheme's real tool", 2, _agrees),
    }
)

# Laws that are no law of orders, but without which there is nothing to judge.
_ANSWERS = "answers"
_REPEATS = "repeats"
_VECTORS = "vectors"


class OrderError(AssertionError):
    """A comparator or key function that is not the order it should be, with the smallest counterexample found.

    :ivar scheme: the order it was put to.
    :ivar law: a name of :data:`LAWS`; or ``vectors`` (it denies a fact), ``answers`` (it raised, or what it returned is
        no integer, or it made keys that do not compare), ``repeats`` (it answers the same question differently).
    :ivar versions: the versions that the law speaks of.
    :ivar got: the answer as -1, 0 or 1; for ``answers`` the exception, which is also the cause, or what was returned.
    :ivar wanted: -1, 0 or 1; None where any would have done.
    """

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


class _NoAnswer(Exception):
    """The comparator raised, or returned what is no integer."""

    def __init__(self, asked: tuple[str, str], got: object) -> None:
        super().__init__(asked, got)
        self.asked = asked
        self.got = got


def _asking(compare: Comparator) -> Answer:
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
        story = f"{_called(no.asked)} raised {type(no.got).__name__}: {no.got}"
    else:
        story = f"{_called(no.asked)} is {no.got!r}, which is no integer"
    return OrderError(scheme, _ANSWERS, no.asked, no.got, None, story)


def _wavering(scheme: str, of: Versions) -> OrderError:
    story = f"asked again about {' and '.join(map(_shown, of))}, it answers differently"
    return OrderError(scheme, _REPEATS, of, None, None, story)


# --- checks -----------------------------------------------------------------------------------------------------------


def check_order(
    compare: Comparator,
    *,
    scheme: str,
    max_examples: int = 1000,
    seed: int | None = None,
    valid_only: bool = False,
    laws: Iterable[str] = ("vectors", *LAWS),
) -> None:
    """Raise :exc:`OrderError` unless the comparator orders versions as the scheme's real tool does.

    >>> import vercmp
    >>> check_order(vercmp.rpm.compare, scheme="rpm", max_examples=20)
    >>> def by_text(a: str, b: str) -> int:
    ...     return (a > b) - (a < b)
    >>> check_order(by_text, scheme="dpkg")
    Traceback (most recent call last):
    vercmp.testing.OrderError: not the order of dpkg, law 'vectors': compare('0', '+') is 1, and must be -1

    :param compare: called with two versions; returns any negative integer, 0, or any positive one.
    :param scheme: a name of :data:`vercmp.SCHEMES`, or ``rpmvercmp``.
    :param max_examples: how many families of near versions to generate; each is up to five versions, put against each
        other in every way.
    :param seed: None: the same versions each time, so that a test is as repeatable as it should be. A number: the
        versions of that number.
    :param valid_only: ask of no version that the scheme's tool warns of, for comparators that refuse those.
    :param laws: the names of what is asked: ``vectors``, and those of :data:`LAWS`. A comparator of an order of your
        own can be held to the laws alone.

    A vector's counterexample is the shortest of all; a generated one is shrunk until no character of it can be left
    out. What is tested may be called with the same versions many times, and from one thread only.
    Raises :exc:`vercmp.UnknownScheme`, and :exc:`ValueError` for the name of no law.
    """
    order = find(scheme)
    asked = _laws(laws)
    answer = _asking(compare)
    try:
        if _VECTORS in asked:
            _check_vectors(scheme, order, answer, valid_only)
        generated = {name: law for name, law in LAWS.items() if name in asked}
        if generated:
            _check_laws(scheme, order, answer, generated, max_examples, seed, valid_only)
    except _NoAnswer as no:
        raise _no_answer(scheme, no) from no.__cause__


def check_keys(
    sort_key: Callable[[str], Sortable],
    *,
    scheme: str,
    max_examples: int = 1000,
    seed: int | None = None,
    valid_only: bool = False,
    laws: Iterable[str] = ("vectors", *LAWS),
) -> None:
    """Raise :exc:`OrderError` unless the keys order versions as the scheme's real tool does.

    >>> import vercmp
    >>> check_keys(vercmp.dpkg.sort_key, scheme="dpkg", max_examples=20)

    :param sort_key: called with one version; returns anything that has ``<`` and ``==``. Versions that are equal in the
        order must have equal keys.

    The other parameters, and what is raised, are those of :func:`check_order`; ``compare`` in a message is what the two
    keys say.
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

    check_order(compare, scheme=scheme, max_examples=max_examples, seed=seed, valid_only=valid_only, laws=laws)


def _laws(names: Iterable[str]) -> frozenset[str]:
    asked = frozenset(names)
    unknown = sorted(asked - {_VECTORS, *LAWS})
    if unknown:
        raise ValueError(f"unknown law {unknown[0]!r}; there are: {', '.join((_VECTORS, *LAWS))}")
    return asked


def _check_vectors(scheme: str, order: Order, answer: Answer, valid_only: bool) -> None:
    groups = order.facts(valid_only=valid_only)
    ranked = [(rank, version) for rank, group in enumerate(groups) for version in group]
    wrong: list[tuple[tuple[str, str], int, int]] = []
    refused: _NoAnswer | None = None
    for (rank_a, a), (rank_b, b) in itertools.product(ranked, repeat=2):
        wanted = (rank_a > rank_b) - (rank_a < rank_b)
        try:
            got = answer(a, b)
        except _NoAnswer as no:
            # One is kept: each holds a traceback, and there may be one for every pair.
            if refused is None or _shrinking.size(no.asked) < _shrinking.size(refused.asked):
                refused = no
        else:
            if got != wanted:
                wrong.append(((a, b), got, wanted))
    if wrong:
        (a, b), got, wanted = min(wrong, key=lambda found: _shrinking.size(found[0]))
        if any(answer(a, b) != got for _ in range(_AGAIN)):
            raise _wavering(scheme, (a, b))
        raise OrderError(scheme, _VECTORS, (a, b), got, wanted, f"{_said((a, b), got)}, and must be {wanted}")
    if refused is not None:
        raise refused


def _check_laws(
    scheme: str,
    order: Order,
    answer: Answer,
    laws: Mapping[str, Law],
    max_examples: int,
    seed: int | None,
    valid_only: bool,
) -> None:
    last: Versions = ()

    @hypothesis.settings(
        max_examples=max_examples,
        derandomize=seed is None,
        database=None,
        deadline=None,
        report_multiple_bugs=False,
        # It would shrink to a simpler family, and on the way from one fault to another; the versions themselves are
        # shrunk below, under the law that they break.
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
        verbosity=hypothesis.Verbosity.quiet,
    )
    @hypothesis.given(_families(order, _FAMILY, valid_only))
    def hold(family: list[str]) -> None:
        nonlocal last
        # Within one family a question is asked once.
        remembered = functools.cache(answer)
        for of, name in _questions(family, laws):
            last = of
            breach = laws[name].breach(order, remembered, of)
            if breach is not None:
                raise _Broken(name, of, breach)

    if seed is not None:
        hold = hypothesis.seed(seed)(hold)
    try:
        hold()
    except _NoAnswer as no:
        smallest = _smallest_unanswered(order, answer, no, valid_only)
        raise smallest from smallest.__cause__
    except _Broken as broken:
        raise _smallest_breach(scheme, order, answer, laws[broken.law], broken, valid_only) from None
    except hypothesis.errors.Flaky:
        raise _wavering(scheme, last) from None


class _Broken(Exception):
    def __init__(self, law: str, of: Versions, breach: Breach) -> None:
        super().__init__(law, of, breach)
        self.law = law
        self.of = of
        self.breach = breach


def _questions(family: Sequence[str], laws: Mapping[str, Law]) -> Iterator[tuple[Versions, str]]:
    for name, law in laws.items():
        for of in itertools.product(family, repeat=law.arity):
            yield of, name


def _smallest_unanswered(order: Order, answer: Answer, no: _NoAnswer, valid_only: bool) -> _NoAnswer:
    found = no

    def refuses(candidates: Sequence[Versions]) -> Versions | None:
        nonlocal found
        for of in candidates:
            if all(order.accepts(version, valid_only=valid_only) for version in of):
                try:
                    answer(*of)
                except _NoAnswer as smaller:
                    # The same way of not answering: another one is another fault.
                    if type(smaller.got) is type(no.got):
                        found = smaller
                        return of
        return None

    _shrinking.shrunk(no.asked, refuses)
    return found


def _smallest_breach(
    scheme: str, order: Order, answer: Answer, law: Law, broken: _Broken, valid_only: bool
) -> OrderError:
    breach = broken.breach

    def breaks(candidates: Sequence[Versions]) -> Versions | None:
        nonlocal breach
        for of in candidates:
            if all(order.accepts(version, valid_only=valid_only) for version in of):
                try:
                    found = law.breach(order, answer, of)
                except _NoAnswer:
                    continue
                if found is not None:
                    breach = found
                    return of
        return None

    of = _shrinking.shrunk(broken.of, breaks)
    if any(law.breach(order, answer, of) != breach for _ in range(_AGAIN)):
        return _wavering(scheme, of)
    premise = f"{breach.because}, so " if breach.because else ""
    story = f"{premise}{_said(breach.asked, breach.got)}, and must be {breach.wanted} ({law.meaning})"
    return OrderError(scheme, broken.law, of, breach.got, breach.wanted, story)
