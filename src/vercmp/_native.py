"""Ranges as package managers and advisories write them, read into constraints and written from them.

Sources: node-semver's *Ranges*, Cargo's *Specifying Dependencies*, PEP 440's *Version specifiers*, RubyGems'
``Gem::Requirement``, dpkg's relations (deb-version(7)), and the joined comparators of GitHub's advisories.
"""

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

from vercmp.errors import UnknownScheme

__all__ = ["read", "write"]

Constraint = tuple[str, str]
# One of these must hold.
Clause = tuple[Constraint, ...]
Fail = Callable[[str], Exception]
# What an operator and a version stand for: all of the clauses must hold. None where it is not this notation's.
Reader = Callable[[str, str, Fail], "list[Clause]"]

_EVERYTHING: Final[list[Clause]] = [(("*", ""),)]
# No version is above every version.
_NOTHING: Final[list[Clause]] = [()]
_PARTIAL: Final = re.compile(
    r"[v=]?([0-9]++|[xX*])(?:\.([0-9]++|[xX*])(?:\.([0-9]++|[xX*])(-[0-9A-Za-z.-]++)?(\+[0-9A-Za-z.-]++)?)?)?", re.ASCII
)
_PREFIX: Final = re.compile(r"v?(?:([0-9]++)!)?([0-9]++(?:\.[0-9]++)*)\.\*", re.ASCII)
_RELEASE: Final = re.compile(r"v?(?:([0-9]++)!)?([0-9]++(?:\.[0-9]++)*)", re.ASCII)
_NUMBERS: Final = re.compile(r"[0-9]++(?:\.[0-9]++)*", re.ASCII)
_ANY: Final = frozenset("xX*")
# Longest first. ``=`` and ``==`` are one.
_OPERATORS: Final = ("===", "==", "!=", "<=", ">=", "~=", "~>", "<<", ">>", "=", "<", ">", "~", "^")
_VERSION: Final = re.compile(r"[^\s,|<>=]++", re.ASCII)
_GAP: Final = re.compile(r"[\s,]*+", re.ASCII)
_HYPHEN: Final = re.compile(r"(\S++)\s++-\s++(\S++)", re.ASCII)


def _plain(operator: str, version: str, fail: Fail) -> list[Clause]:
    sign = {"": "=", "==": "="}.get(operator, operator)
    if sign not in ("=", "!=", "<", "<=", ">", ">="):
        raise fail(f"{operator!a} is no comparator of this type")
    return [((sign, version),)]


def _debian(operator: str, version: str, fail: Fail) -> list[Clause]:
    return _plain({"<<": "<", ">>": ">"}.get(operator, operator), version, fail)


class _Partial(NamedTuple):
    """A version of SemVer of which the last numbers may be left open."""

    numbers: tuple[str, ...]
    rest: str

    def low(self) -> str:
        return ".".join((*self.numbers, "0", "0", "0")[:3]) + self.rest

    def above(self, place: int) -> str:
        """The first version with a higher number at a place."""
        return ".".join([*self.numbers[:place], _next(self.numbers[place]), "0", "0"][:3])


def _next(digits: str) -> str:
    """The number plus one. Python itself refuses to convert more than 4,300 digits."""
    kept = digits.rstrip("9")
    zeros = "0" * (len(digits) - len(kept))
    return f"{kept[:-1]}{int(kept[-1]) + 1}{zeros}" if kept else f"1{zeros}"


def _partial(version: str, fail: Fail) -> _Partial:
    found = _PARTIAL.fullmatch(version)
    if found is None:
        raise fail(f"{version!a} is no version of SemVer, nor the beginning of one")
    numbers = tuple(itertools.takewhile(lambda part: part is not None and part not in _ANY, found.group(1, 2, 3)))
    if any(number[0] == "0" and number != "0" for number in numbers):
        raise fail(f"{version!a} has a number with a leading zero")
    return _Partial(numbers, (found[4] or "") + (found[5] or "") if len(numbers) == 3 else "")


def _npm(operator: str, version: str, fail: Fail) -> list[Clause]:
    partial = _partial(version, fail)
    count = len(partial.numbers)
    low: Clause = ((">=", partial.low()),)
    if not count and operator in ("<", ">"):
        return _NOTHING
    match operator:
        case "^":
            if not count:
                return _EVERYTHING
            # The first number that is not zero, or else the last that is there.
            place = next((i for i, number in enumerate(partial.numbers) if number != "0"), count - 1)
            return [low, (("<", partial.above(place)),)]
        case "~" | "~>":
            return [low, (("<", partial.above(min(count - 1, 1))),)] if count else _EVERYTHING
        case "" | "=":
            if count == 3:
                return [(("=", partial.low()),)]
            return [low, (("<", partial.above(count - 1)),)] if count else _EVERYTHING
        case ">=":
            return [low] if count else _EVERYTHING
        case "<":
            return [(("<", partial.low()),)]
        case ">":
            return [((">", partial.low()),)] if count == 3 else [((">=", partial.above(count - 1)),)]
        case "<=":
            if count == 3:
                return [(("<=", partial.low()),)]
            return [(("<", partial.above(count - 1)),)] if count else _EVERYTHING
    raise fail(f"{operator!a} is no comparator of this type")


def _cargo(operator: str, version: str, fail: Fail) -> list[Clause]:
    bare = not operator and not _ANY.intersection(version.partition("-")[0])
    return _npm("^" if bare else operator, version, fail)


def _pypi(operator: str, version: str, fail: Fail) -> list[Clause]:
    if operator in ("==", "=", "!=", "") and version.endswith(".*"):
        found = _PREFIX.fullmatch(version)
        if found is None:
            raise fail(f"{version!a} is no prefix of a version")
        low, high = _of_prefix(found[1], found[2].split("."))
        if operator == "!=":
            return [(("<", low), (">=", high))]
        return [((">=", low),), (("<", high),)]
    if operator == "~=":
        found = _RELEASE.match(version)
        if found is None or "." not in found[2]:
            raise fail(f"~= needs a version of two numbers or more, not {version!a}")
        _, high = _of_prefix(found[1], found[2].split(".")[:-1])
        return [((">=", version),), (("<", high),)]
    return _plain("=" if operator == "===" else operator, version, fail)


def _of_prefix(epoch: str | None, numbers: Sequence[str]) -> tuple[str, str]:
    """The first version with these numbers, and the first after all of them."""
    before = f"{epoch}!" if epoch else ""
    after = [*numbers[:-1], _next(numbers[-1])]
    return f"{before}{'.'.join(numbers)}.dev0", f"{before}{'.'.join(after)}.dev0"


def _gem(operator: str, version: str, fail: Fail) -> list[Clause]:
    if operator != "~>":
        return _plain(operator, version, fail)
    found = _NUMBERS.match(version)
    if found is None:
        raise fail(f"~> needs a version that begins with a number, not {version!a}")
    numbers = found[0].split(".")
    kept = numbers[:-1] or numbers
    return [((">=", version),), (("<", ".".join([*kept[:-1], _next(kept[-1])])),)]


class _Notation(NamedTuple):
    """How ranges of a type are written.

    :ivar read: what an operator and a version stand for.
    :ivar all_of: stands between what must hold together.
    :ivar signs: the comparators that are not written as VERS has them, None for one that is missing.
    :ivar everything: the range of all versions.
    """

    read: Reader
    all_of: str
    signs: Mapping[str, str | None]
    everything: str = ""


_NO_UNEQUAL: Final[Mapping[str, str | None]] = MappingProxyType({"=": "", "!=": None})
_NOTATIONS: Final[Mapping[str, _Notation]] = MappingProxyType(
    {
        "apk": _Notation(_plain, ", ", {}),
        "alpine": _Notation(_plain, ", ", {}),
        "cargo": _Notation(_cargo, ", ", {"!=": None}, "*"),
        "deb": _Notation(_debian, ", ", {"<": "<<", ">": ">>"}),
        "gem": _Notation(_gem, ", ", {}),
        "golang": _Notation(_plain, " ", _NO_UNEQUAL, "*"),
        "npm": _Notation(_npm, " ", _NO_UNEQUAL, "*"),
        "pypi": _Notation(_pypi, ",", {"=": "=="}),
        "rpm": _Notation(_plain, ", ", {}),
        "semver": _Notation(_plain, " ", _NO_UNEQUAL, "*"),
    }
)


def _notation(type: str) -> _Notation:
    try:
        return _NOTATIONS[type]
    except KeyError:
        raise UnknownScheme(type, tuple(_NOTATIONS), "no notation of its ranges is known here") from None


def read(type: str, text: str, fail: Fail) -> list[list[Clause]]:
    """The alternatives of a range, each as clauses that must all hold. Of a clause one constraint must hold.

    Raises what *fail* makes of a reason, and :exc:`vercmp.UnknownScheme`.
    """
    notation = _notation(type)
    return [_all_of(notation.read, part.strip(), fail) for part in text.split("||")]


def _all_of(reader: Reader, text: str, fail: Fail) -> list[Clause]:
    if text in ("", "*"):
        return _EVERYTHING
    hyphen = _HYPHEN.fullmatch(text) if reader is _npm else None
    if hyphen is not None:
        return [*_npm(">=", hyphen[1], fail), *_npm("<=", hyphen[2], fail)]
    found: list[Clause] = []
    at = 0
    while at < len(text):
        operator = next((sign for sign in _OPERATORS if text.startswith(sign, at)), "")
        at = _GAP.match(text, at + len(operator)).end()  # type: ignore[union-attr]
        version = _VERSION.match(text, at)
        if version is None:
            raise fail(f"no version after {operator!a}" if operator else f"{text[at]!a} is no comparator")
        found += reader(operator, version[0], fail)
        at = _GAP.match(text, version.end()).end()  # type: ignore[union-attr]
    return found


def write(type: str, constraints: Sequence[Constraint]) -> str:
    """A range in the notation of its type. Raises :exc:`vercmp.UnknownScheme`."""
    notation = _notation(type)
    if constraints[0][0] == "*":
        return notation.everything
    alternatives = _alternatives(constraints, splits=notation.signs.get("!=", "!=") is None)
    return "||".join(
        notation.all_of.join(f"{notation.signs.get(sign, sign)}{version}" for sign, version in part)
        for part in alternatives
    )


def _alternatives(constraints: Sequence[Constraint], *, splits: bool) -> list[list[Constraint]]:
    """Constraints that hold together. A ``!=`` splits them in two where there is no other way to write it."""
    first = next((sign for sign, _ in constraints if sign not in ("=", "!=")), None)
    is_open = first in ("<", "<=") or all(sign == "!=" for sign, _ in constraints)
    found: list[list[Constraint]] = [[]] if is_open else []
    for sign, version in constraints:
        if sign == "=":
            found.insert(len(found) - is_open, [(sign, version)])
        elif sign == "!=":
            if not is_open:
                continue
            if splits:
                found[-1].append(("<", version))
                found.append([(">", version)])
            else:
                found[-1].append((sign, version))
        elif sign in (">", ">="):
            found.append([(sign, version)])
            is_open = True
        else:
            found[-1].append((sign, version))
            is_open = False
    return found
