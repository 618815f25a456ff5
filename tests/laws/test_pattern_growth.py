"""No pattern of the project backtracks over its input: each takes time in proportion to the length of the worst text.

Every compiled pattern of every module is here by itself, those in tables and nouns too, and those that functions make.
The texts are repetitions of what the pattern itself is made of, with an end that does not fit.
"""

import importlib
import pkgutil
import re
import time
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import permutations
from pathlib import Path
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from types import ModuleType
from typing import Any

import attrs
import pytest

import advisories
import vercmp
from advisories.distros import archives, lines, vendors
from advisories.readers import releases

# Longer than anything a machine's noise makes of a linear pattern at the largest length.
_SECONDS = 0.05
_LENGTHS = (2_000, 4_000, 8_000)
_GROWTH = 3.0
_MOST_UNITS = 9
_OF_CATEGORY = {
    sre.CATEGORY_DIGIT: "1",
    sre.CATEGORY_NOT_DIGIT: "x",
    sre.CATEGORY_SPACE: " ",
    sre.CATEGORY_NOT_SPACE: "x",
    sre.CATEGORY_WORD: "w",
    sre.CATEGORY_NOT_WORD: "-",
}


def modules() -> Iterator[ModuleType]:
    for package in (advisories, vercmp):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not found.name.endswith("__main__") and ".testing" not in found.name:
                yield importlib.import_module(found.name)


def patterns_in(value: Any, depth: int = 0) -> Iterator[re.Pattern[Any]]:
    """The patterns in a value of a module: in tuples, mappings and nouns too."""
    if isinstance(value, re.Pattern):
        yield value
    elif depth < 5:
        inner: Any = ()
        if isinstance(value, tuple | list | frozenset | set):
            inner = value
        elif isinstance(value, Mapping):
            inner = [*value.keys(), *value.values()]
        elif attrs.has(type(value)):
            inner = [getattr(value, field.name, None) for field in attrs.fields(type(value))]
        elif hasattr(value, "__self__") and isinstance(value.__self__, re.Pattern):
            yield value.__self__
        for one in inner:
            yield from patterns_in(one, depth + 1)


_SEEKING = ("search", "finditer", "findall", "sub", "split")


@cache
def patterns() -> dict[str, tuple[re.Pattern[Any], bool]]:
    """Each pattern, and whether anything is sought with it in the midst of a text."""
    found: dict[str, tuple[re.Pattern[Any], bool]] = {}

    def add(pattern: re.Pattern[Any], seeks: bool) -> None:
        known = found.get(repr(pattern.pattern), (pattern, False))
        found[repr(pattern.pattern)] = (pattern, known[1] or seeks)

    for module in modules():
        path = Path(str(module.__file__))
        source = path.read_text("utf-8") if path.suffix == ".py" else ""
        for name, value in vars(module).items():
            alone = isinstance(value, re.Pattern)
            seeks = alone and any(f"{name}.{method}" in source for method in _SEEKING)
            for pattern in patterns_in(value):
                add(pattern, seeks)
            # Texts that a module compiles when it needs them.
            if module is releases and name.startswith("_"):
                for text in _texts(value):
                    add(re.compile(text, re.ASCII), f"_compiled({name}).search" in source)
    types, relations = ("deb", "rpm", "apk"), lines.relations()
    sought = [
        [row.versions for row in relations],
        [vendors.rebuild_suffixes(id) for id in ("debian", "ubuntu", "almalinux", "rhel", "alpine")],
        [(vendors.third_party_words(type), vendors.third_party_versions(type)) for type in types],
        [archives._archives(type) for type in types],
        [[addresses for _, addresses, _ in archives._channels(id)] for id in ("ubuntu", "rhel", "sles")],
    ]
    matched = [
        [(row.names, row.repositories) for row in relations],
        [vendors.third_party_repositories(type) for type in types],
        [[names for names, _, _ in archives._channels(id)] for id in ("ubuntu", "rhel", "sles")],
    ]
    for made, seeks in ((sought, True), (matched, False)):
        for pattern in patterns_in(made):
            add(pattern, seeks)
    return found


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str) and re.search(r"[\\(\[*+]", value):
        try:
            re.compile(value)
        except re.error:
            return
        yield value
    elif isinstance(value, tuple):
        for one in value:
            yield from _texts(one)


def units(pattern: re.Pattern[Any]) -> list[str]:
    """Signs that the pattern has or takes, and its longest run of literal signs."""
    text = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    found: dict[str, None] = {}
    run = ""

    def walk(parsed: Any) -> None:
        nonlocal run
        for operation, argument in parsed:
            if operation is sre.LITERAL:
                run += chr(argument)
                found[chr(argument)] = None
                continue
            if len(run) > 1:
                found[run] = None
            run = ""
            if operation is sre.NOT_LITERAL or operation is sre.ANY:
                found["x"] = None
            elif operation is sre.IN:
                for kind, what in argument:
                    if kind is sre.LITERAL:
                        found[chr(what)] = None
                    elif kind is sre.RANGE:
                        found[chr(what[0])] = None
                    elif kind is sre.CATEGORY:
                        found[_OF_CATEGORY.get(what, "x")] = None
            elif operation in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
                walk(argument[2])
            elif operation is sre.SUBPATTERN:
                walk(argument[3])
            elif operation is sre.ATOMIC_GROUP:
                walk(argument)
            elif operation is sre.BRANCH:
                for branch in argument[1]:
                    walk(branch)
            elif operation in (sre.ASSERT, sre.ASSERT_NOT):
                walk(argument[1])

    walk(_parser.parse(text, pattern.flags & (re.MULTILINE | re.DOTALL | re.IGNORECASE | re.VERBOSE)))
    if len(run) > 1:
        found[run] = None
    ordered = sorted(found, key=lambda unit: (len(unit) == 1 and unit.isalpha(), -len(unit)))
    return list(dict.fromkeys([*ordered[:_MOST_UNITS], "a", "1", " "]))


def texts(pattern: re.Pattern[Any], length: int) -> Iterator[Any]:
    """Texts of about this length: a unit, or two in turn, over and over, perhaps behind a beginning that fits."""
    alone = units(pattern)
    bodies = [unit * (length // len(unit)) for unit in alone]
    bodies += [(one + two) * (length // len(one + two)) for one, two in permutations(alone[:7], 2)]
    beginnings = ["", *[unit for unit in alone if len(unit) > 1][:2]]
    for body in bodies:
        for beginning in beginnings:
            text = f"{beginning}{body}\x00"
            yield text.encode("latin-1", "replace") if isinstance(pattern.pattern, bytes) else text


def seconds(pattern: re.Pattern[Any], text: Any, seeks: bool) -> float:
    begun = time.perf_counter()
    if seeks:
        pattern.search(text)
    pattern.fullmatch(text)
    return time.perf_counter() - begun


@pytest.mark.parametrize("name", sorted(patterns()))
def test_growth(name: str) -> None:
    pattern, seeks = patterns()[name]
    shortest, *_ = _LENGTHS
    for small, large in zip(texts(pattern, shortest), texts(pattern, _LENGTHS[-1]), strict=True):
        if seconds(pattern, large, seeks) < _SECONDS:
            continue
        # Beyond any noise at this length: what counts is the shortest of several.
        at_small, at_large = (min(seconds(pattern, text, seeks) for _ in range(3)) for text in (small, large))
        assert at_large < _SECONDS or at_large < at_small * 4 * _GROWTH, (large[:40], at_small, at_large)
