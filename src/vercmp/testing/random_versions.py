"""Random versions and their near relatives, made quickly with the standard library alone.

Everything here takes a *chooser*: a function that returns a number below its argument, where 0 is the simplest choice.
:func:`chooser` makes one of a :class:`random.Random`. The strategies make one of hypothesis, which then can shrink.

    >>> import random
    >>> family = next(families("rpm", random.Random(1), size=4))
    >>> len(family) == len(set(family)) == 4
    True
"""

import functools
import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from random import Random

from vercmp.testing.orders import Order, Part, find

__all__ = [
    "Choose",
    "acceptable",
    "accepted",
    "chooser",
    "edited",
    "families",
    "family",
    "made",
    "pairs",
    "relatives",
]

Choose = Callable[[int], int]

# Edits repeat slices of a version, so relatives of relatives would grow for ever.
_LONGEST_LINE = 200
# Beyond Python's 4300 digits, and below the size of a family that hypothesis warns of.
_LONGEST = 6000
# Characters that some program takes for the end of a line or field.
_LINE_BREAKS = re.compile("[\0\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]")


@functools.cache
def _known(order: Order, valid_only: bool) -> tuple[str, ...]:
    return tuple(itertools.chain.from_iterable(order.facts(valid_only=valid_only)))


def chooser(rng: Random) -> Choose:
    """Choices at random."""
    chance = rng.random

    def choose(count: int) -> int:
        return int(chance() * count)

    return choose


def _from_grammar(parts: Sequence[Part], choose: Choose) -> str:
    pieces: list[str] = []
    for least, most, pools in parts:
        for _ in range(least + choose(most - least + 1)):
            pieces.extend(pool[choose(len(pool))] for pool in pools)
    return "".join(pieces)


def made(order: Order, choose: Choose, *, nasty: bool | None = None) -> str:
    """A version of the order's plain or nasty grammar, or a known one. The order need not accept it.

    :param nasty: which grammar to use. None also allows a known version.
    """
    kind = (2 if nasty else 0) if nasty is not None else choose(3)
    if kind == 1:
        known = _known(order, False)
        return known[choose(len(known))]
    return _from_grammar(order.nasty if kind == 2 else order.plain, choose)


def _delete(text: str, order: Order, choose: Choose) -> str:
    at = choose(len(text) or 1)
    return text[:at] + text[at + 1 :]


def _insert(text: str, order: Order, choose: Choose) -> str:
    at = choose(len(text) + 1)
    return text[:at] + order.alphabet[choose(len(order.alphabet))] + text[at:]


def _replace(text: str, order: Order, choose: Choose) -> str:
    at = choose(len(text) or 1)
    return text[:at] + order.alphabet[choose(len(order.alphabet))] + text[at + 1 :]


def _swap(text: str, order: Order, choose: Choose) -> str:
    at = choose(len(text) or 1)
    return text[:at] + text[at + 1 : at + 2] + text[at : at + 1] + text[at + 2 :]


def _other_case(text: str, order: Order, choose: Choose) -> str:
    letters = [i for i, character in enumerate(text) if character.isalpha()]
    if not letters:
        return text
    at = letters[choose(len(letters))]
    return text[:at] + text[at].swapcase() + text[at + 1 :]


def _rewrite(text: str, order: Order, choose: Choose) -> str:
    pattern, replacement = order.rewrites[choose(len(order.rewrites))]
    found = list(re.finditer(pattern, text))
    if not found:
        return text
    one = found[choose(len(found))]
    return text[: one.start()] + one.expand(replacement) + text[one.end() :]


def _repeat(text: str, order: Order, choose: Choose) -> str:
    start = choose(len(text) or 1)
    end = start + 1 + choose(4)
    return text[:end] + text[start:]


def _cut(text: str, order: Order, choose: Choose) -> str:
    at = choose(len(text) or 1)
    return text[at:] if choose(4) == 0 else text[:at]


def _drop_part(text: str, order: Order, choose: Choose) -> str:
    """Cut at a separator: without an epoch, a release or a suffix."""
    separators = [i for i, character in enumerate(text) if not character.isalnum()]
    if not separators:
        return text
    at = separators[choose(len(separators))]
    return text[at + 1 :] if choose(4) == 0 else text[:at]


def _one_token_more(text: str, order: Order, choose: Choose) -> str:
    parts = order.nasty if choose(3) == 2 else order.plain
    pools = parts[choose(len(parts))].pools
    return text + "".join(pool[choose(len(pool))] for pool in pools)


def _next_number(text: str, order: Order, choose: Choose) -> str:
    numbers = list(re.finditer("[0-9]+", text))
    if not numbers:
        return text
    number = numbers[choose(len(numbers))]
    # Only the last digits, to stay below Python's limit of digits. "99" becomes "00", which is worth a test too.
    kept, last = number[0][:-9], number[0][-9:]
    return text[: number.start()] + kept + f"{int(last) + 1:0{len(last)}d}"[-len(last) :] + text[number.end() :]


# Rewrites stand here twice: comparators most often fail for equal versions of unlike text.
_EDITS = (
    _insert,
    _rewrite,
    _delete,
    _replace,
    _next_number,
    _rewrite,
    _one_token_more,
    _drop_part,
    _cut,
    _repeat,
    _swap,
    _other_case,
)


def edited(text: str, order: Order, choose: Choose) -> str:
    """The version after one edit of a character, number, token or slice, or written in another way."""
    return _EDITS[choose(len(_EDITS))](text, order, choose)


def relatives(
    start: str, order: Order, choose: Choose, accepts: Callable[[str], bool], size: int, tries: int
) -> list[str]:
    """*start* and up to *size* - 1 others that descend from it by edits. All are accepted, and no two are the same."""
    family = [start]
    seen = {start}
    for _ in range(tries):
        if len(family) >= size:
            break
        child = edited(family[choose(len(family))], order, choose)
        if child not in seen and accepts(child):
            seen.add(child)
            family.append(child)
    return family


def acceptable(version: str, order: Order, *, valid_only: bool) -> bool:
    """Whether the order accepts the version, and it is not too long for a test."""
    return len(version) <= _LONGEST and order.accepts(version, valid_only=valid_only)


def accepted(order: Order, choose: Choose, *, nasty: bool | None, valid_only: bool) -> str:
    """As :func:`made`, but always a version that the order accepts."""
    version = made(order, choose, nasty=nasty)
    if acceptable(version, order, valid_only=valid_only):
        return version
    known = _known(order, valid_only)
    return known[choose(len(known))]


def family(order: Order, choose: Choose, most: int, *, valid_only: bool) -> list[str]:
    """One to *most* unlike versions, all accepted, that descend from the first by edits."""
    start = accepted(order, choose, nasty=None, valid_only=valid_only)
    size = 1 + choose(most)
    return relatives(
        start, order, choose, lambda version: acceptable(version, order, valid_only=valid_only), size, tries=2 * size
    )


def families(scheme: str, rng: Random, *, size: int = 64, valid_only: bool = False) -> Iterator[list[str]]:
    """Endless lists of up to *size* unlike versions: the relatives of one version, and one stranger.

    The order *scheme* accepts them all: the name of a scheme, or ``rpmvercmp``. You can write each on a line of its
    own, because none holds a NUL, a tab, or anything that a program takes for the end of a line. The same state of
    *rng* makes the same families on every Python.

    :param size: at least 2.
    :param valid_only: leave out versions that the real tool warns of.

    Raises :exc:`vercmp.UnknownScheme`.
    """
    order = find(scheme)
    choose = chooser(rng)

    def accepts(version: str) -> bool:
        return (
            len(version) <= _LONGEST_LINE
            and _LINE_BREAKS.search(version) is None
            and order.accepts(version, valid_only=valid_only)
        )

    def founder() -> str:
        while not accepts(version := made(order, choose)):
            pass
        return version

    while True:
        # The stranger, so that unlike versions meet too.
        members = relatives(founder(), order, choose, accepts, size - 1, 4 * size)
        stranger = founder()
        if stranger not in members:
            members.append(stranger)
        yield members


def pairs(scheme: str, rng: Random, *, valid_only: bool = False) -> Iterator[tuple[str, str]]:
    """Endless pairs of near versions in both directions, and of versions with themselves. As :func:`families`."""
    for members in families(scheme, rng, size=12, valid_only=valid_only):
        yield from itertools.product(members, repeat=2)
