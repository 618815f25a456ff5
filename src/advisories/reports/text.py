"""What the reports for people share: what cannot be printed escaped, numbers with their nouns, long lists cut, lines
wrapped.
"""

import textwrap
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import TypeVar

from advisories.models import Distribution
from advisories.models.distribution import compatible

__all__ = ["alike", "by_choice", "counted", "named", "printable", "wrapped"]

_Thing = TypeVar("_Thing")


def printable(line: str) -> str:
    """The line, with characters that cannot be printed escaped; line ends are such.

    >>> print(printable("bash\\x1b[2J"))
    bash\\x1b[2J
    """
    if line.isprintable():
        return line
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in line)


def counted(number: int, noun: str) -> str:
    """A number and its noun.

    >>> counted(1, "advisory"), counted(2, "advisory"), counted(3, "finding")
    ('1 advisory', '2 advisories', '3 findings')
    """
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number} {noun if number == 1 else plural}"


def by_choice(judged_as: Distribution | None, releases: Iterable[Distribution]) -> str:
    """Behind the sentence that a feed has nothing of a release: by what else it may be judged; empty for nothing.

    >>> by_choice(Distribution("debian", "12"), [Distribution("debian", "11")])
    ''
    """
    found = compatible(judged_as, releases) if judged_as is not None else ()
    if not found:
        return ""
    names = " and ".join(map(str, found))
    options = " or ".join(f"--distro {one.id}:{one.release}" for one in found)
    are, whose = ("is", "its") if len(found) == 1 else ("are", "their")
    return (
        f" {names} {are} made to be compatible: {options} judges by {whose} advisories, an assumption that the report "
        "records."
    )


def named(names: Sequence[str], most: int) -> str:
    """The names; of more than `most` only the first, and how many there are besides.

    >>> named(["a", "b", "c"], 2), named(["a", "b"], 2)
    ('a, b and 1 more', 'a, b')
    """
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"


def alike(things: Iterable[_Thing], key: Callable[[_Thing], Hashable]) -> list[list[_Thing]]:
    """Those of one key together, in the order of the first of each.

    >>> alike(["bash", "zsh", "ksh"], len)
    [['bash'], ['zsh', 'ksh']]
    """
    found: dict[Hashable, list[_Thing]] = {}
    for thing in things:
        found.setdefault(key(thing), []).append(thing)
    return list(found.values())


def wrapped(text: str, width: int | None, indent: int = 0) -> Iterator[str]:
    """The text in lines of at most `width` columns (of any length where that is None), a hanging indent below."""
    first, rest = " " * indent, " " * (indent + 2)
    if width is None:
        yield first + text
        return
    yield from textwrap.wrap(
        text,
        max(width, 40),
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
