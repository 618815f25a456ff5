"""Lines of text reports: counted, shortened, grouped and wrapped."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import date, datetime
from typing import TypeVar

from advisories.models.distribution import Distribution, compatible

__all__ = [
    "age_in_days",
    "alike",
    "by_choice",
    "counted",
    "feed_age",
    "named",
    "rejected_text",
    "wrapped",
]

_Thing = TypeVar("_Thing")


def counted(number: int, noun: str) -> str:
    """A number and its noun.

    >>> counted(1, "advisory"), counted(2, "advisory"), counted(3, "finding")
    ('1 advisory', '2 advisories', '3 findings')
    """
    plural = f"{noun[:-1]}ies" if noun.endswith("y") and noun[-2] not in "aeiou" else f"{noun}s"
    return f"{number} {noun if number == 1 else plural}"


def age_in_days(newest: datetime | None, on: date | None) -> int | None:
    """How old a feed is on a day, by its newest advisory. None where either is not known."""
    return None if newest is None or on is None else (on - newest.date()).days


def feed_age(newest: datetime | None, on: date | None) -> str:
    """The age of a feed on a day, as a line.

    >>> feed_age(datetime(2024, 1, 1), date(2024, 1, 31))
    'newest advisory of the feed: 2024-01-01, 30 days old'
    """
    if newest is None:
        return "newest advisory of the feed: no date, age unknown"
    age = age_in_days(newest, on)
    old = "" if age is None else f", {counted(age, 'day')} old"
    if age is not None and age < 0:
        old = f", {counted(-age, 'day')} after the day of this report"
    return f"newest advisory of the feed: {newest:%Y-%m-%d}{old}"


def by_choice(judged_as: Distribution | None, releases: Iterable[Distribution]) -> str:
    """A hint for a release without advisories: the compatible releases of the feed. Empty where there are none.

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
        f" {names} {are} compatible: {options} matches against {whose} advisories, and the report shows that "
        "assumption."
    )


def named(names: Sequence[str], most: int) -> str:
    """The names, or the first `most` of them and how many follow.

    >>> named(["a", "b", "c"], 2), named(["a", "b"], 2)
    ('a, b and 1 more', 'a, b')
    """
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"


def rejected_text(records: int, rejections: int, of: int | None = None, noun: str = "record") -> str:
    """How much was rejected of what was read: whole records, and parts of those that were kept. Empty for nothing.

    >>> rejected_text(2, 3), rejected_text(0, 1), rejected_text(0, 0)
    ('2 rejected and 1 part of others', '1 part rejected', '')
    >>> rejected_text(2, 3, 31), rejected_text(0, 1, 31)
    ('2 of 31 records rejected and 1 part of others', '1 part rejected, and all 31 records kept')

    :param rejections: all of them, of parts too.
    :param of: how many records were read, if that is to be in it.
    :param noun: what a record is called.
    """
    parts = max(rejections - records, 0)
    whole = "" if of is None else f" of {counted(of, noun)}"
    if not records:
        kept = "" if not of else f", and {'the' if of == 1 else 'all'} {counted(of, noun).removeprefix('1 ')} kept"
        return f"{counted(parts, 'part')} rejected{kept}" if parts else ""
    others = f" and {counted(parts, 'part')} of others" if parts else ""
    return f"{records}{whole} rejected{others}"


def alike(things: Iterable[_Thing], key: Callable[[_Thing], Hashable]) -> list[list[_Thing]]:
    """The things of one key together, the keys in the order of their first thing.

    >>> alike(["bash", "zsh", "ksh"], len)
    [['bash'], ['zsh', 'ksh']]
    """
    found: dict[Hashable, list[_Thing]] = {}
    for thing in things:
        found.setdefault(key(thing), []).append(thing)
    return list(found.values())


def wrapped(text: str, width: int | None, indent: int = 0) -> list[str]:
    """The text in lines of at most `width` columns (None: one line), each but the first indented by two more."""
    first, rest = " " * indent, " " * (indent + 2)
    if width is None:
        return [first + text]
    words = " ".join(text.split())
    if not words:
        return []
    lines: list[str] = []
    room, begin, end = max(width, 40), 0, len(words)
    indented = first
    while len(indented) + end - begin > room:
        # A word that is longer than a line has one of its own.
        cut = words.rfind(" ", begin, begin + room - len(indented) + 1)
        if cut < 0 and (cut := words.find(" ", begin)) < 0:
            break
        lines.append(indented + words[begin:cut])
        begin, indented = cut + 1, rest
    lines.append(indented + words[begin:])
    return lines
