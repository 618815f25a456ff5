"""Versions made by chance, and near relatives of them: fast, with nothing but the standard library.

Everything is written over a *chooser*, a function that names a number below the one it is given, 0 being the simplest
choice. :func:`families` takes its choices from :class:`random.Random`; ``vercmp.testing`` takes them from hypothesis,
which so can shrink them.

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

from vercmp._orders import Order, Part, find

__all__ = ["Choose", "edited", "families", "made", "pairs", "relatives"]

Choose = Callable[[int], int]

# Edits repeat slices of a version, so without a bound relatives of relatives grow without one.
_LONGEST = 200
# What no line of a program's input can hold, whatever that program takes for the end of a line or of a field.
_LINE_BREAKS = re.compile("[\0\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]")


@functools.cache
def _known(order: Order) -> tuple[str, ...]:
    return tuple(version for group in order.facts(valid_only=False) for version in group)


def _from_grammar(parts: Sequence[Part], choose: Choose) -> str:
    pieces: list[str] = []
    for least, most, pools in parts:
        for _ in range(least + choose(most - least + 1)):
            pieces.extend(pool[choose(len(pool))] for pool in pools)
    return "".join(pieces)


def made(order: Order, choose: Choose, *, nasty: bool | None = None) -> str:
    """A version of the order's plain or nasty grammar, or a known one; not always one that the order accepts.

    :param nasty: of that grammar alone; None for any.
    """
    kind = (2 if nasty else 0) if nasty is not None else choose(3)
    if kind == 1:
        known = _known(order)
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
    """Without what follows a separator, or what goes before it: an epoch, a release, a suffix less."""
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
    # By its last digits alone: no limit of integer conversion, and "99" becomes "00", which is worth a test too.
    kept, last = number[0][:-9], number[0][-9:]
    return text[: number.start()] + kept + f"{int(last) + 1:0{len(last)}d}"[-len(last) :] + text[number.end() :]


# Rewrites twice: equal versions of unlike text are what comparators most often get wrong.
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
    """The version after one edit: a character, a number, a token, a slice, or another way to write the same."""
    return _EDITS[choose(len(_EDITS))](text, order, choose)


def relatives(
    start: str, order: Order, choose: Choose, accepts: Callable[[str], bool], size: int, tries: int
) -> list[str]:
    """*start* and up to *size* - 1 others that descend from it by edits, each accepted, no two the same text."""
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


def families(scheme: str, rng: Random, *, size: int = 64, valid_only: bool = False) -> Iterator[list[str]]:
    """Without end, lists of up to *size* unlike texts, each list the relatives of one version and of one stranger.

    All are accepted by the order *scheme*: the name of a scheme, or ``rpmvercmp``. None holds a NUL, a tab, or what
    anybody takes for the end of a line. The same *rng* state makes the same families, whatever the Python.

    :param size: at least 2.
    :param valid_only: leave out versions that the real tool warns of.

    Raises :exc:`vercmp.UnknownScheme`.
    """
    order = find(scheme)
    chance = rng.random

    def choose(count: int) -> int:
        return int(chance() * count)

    def accepts(version: str) -> bool:
        return (
            len(version) <= _LONGEST
            and _LINE_BREAKS.search(version) is None
            and order.accepts(version, valid_only=valid_only)
        )

    def founder() -> str:
        while not accepts(version := made(order, choose)):
            pass
        return version

    while True:
        # A stranger among them, so that unlike versions meet too.
        family = relatives(founder(), order, choose, accepts, size - 1, 4 * size)
        stranger = founder()
        if stranger not in family:
            family.append(stranger)
        yield family


def pairs(scheme: str, rng: Random, *, valid_only: bool = False) -> Iterator[tuple[str, str]]:
    """Without end, pairs of near versions in both directions, and versions with themselves; as :func:`families`."""
    for family in families(scheme, rng, size=12, valid_only=valid_only):
        yield from itertools.product(family, repeat=2)
