"""Writes tests/data/vers: how rpm and dpkg order versions and what ranges contain, in the schema of the VERS tests.

    python tools/make_vers_suite.py

The published suite has no file for ``rpm`` and ``deb``. The facts are those of librpm and dpkg themselves, as the
packaged vectors have them: nothing here is worked out by our own comparison. A test holds that the files are current.
"""

import itertools
import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from vercmp.testing.facts import ordered

FOLDER: Final = Path(__file__).resolve().parents[1] / "tests" / "data" / "vers"
SCHEMA: Final = "https://packageurl.org/schemas/vers-test.schema-0.2.json"
# The VERS type, the file of facts, and the tool that was asked.
TYPES: Final = (("rpm", "rpm.tsv", "librpm 4.18.0"), ("deb", "dpkg.tsv", "dpkg 1.21.23"))
COMPARISONS: Final = 700
EQUALITIES: Final = 150
CONTAINMENTS: Final = 400
# VERS writes these in percent.
ENCODED: Final = {char: f"%{ord(char):02X}" for char in "><=!*|%"}

Ranked = Sequence[tuple[int, str]]


def suites() -> Iterator[tuple[str, str]]:
    """The name and the text of each file."""
    for type, facts, tool in TYPES:
        ranked = [
            (rank, version)
            for rank, group in enumerate(ordered(facts))
            for version in group
            if version.isascii() and version.isprintable() and version and " " not in version
        ]
        chosen = random.Random(type)
        yield f"{type}_version_cmp_test.json", _text([*_comparisons(chosen, type, tool, ranked)])
        yield f"{type}_range_containment_test.json", _text([*_containments(chosen, type, tool, ranked)])


def _comparisons(chosen: random.Random, type: str, tool: str, ranked: Ranked) -> Iterator[dict[str, Any]]:
    equal = [(a, b) for (rank, a), (other, b) in itertools.pairwise(ranked) if rank == other]
    # Neighbours in the order are the hardest. Strangers show what neighbours never meet.
    neighbours = [(a, b) for (rank, a), (other, b) in itertools.pairwise(ranked) if rank < other]
    pairs = chosen.sample(neighbours, COMPARISONS // 2)
    while len(pairs) < COMPARISONS:
        (rank, a), (other, b) = sorted(chosen.sample(ranked, 2))
        if rank < other:
            pairs.append((a, b))
    for a, b in pairs:
        given = [a, b] if chosen.random() < 0.5 else [b, a]
        yield _test(f"{tool} has {a} before {b}.", "comparison", {"input_scheme": type, "versions": given}, [a, b])
    for a, b in chosen.sample(equal, min(EQUALITIES, len(equal))):
        yield _test(f"{tool} has {a} equal to {b}.", "equality", {"input_scheme": type, "versions": [a, b]}, True)
    for a, b in chosen.sample(neighbours, EQUALITIES):
        yield _test(f"{tool} has {a} before {b}.", "equality", {"input_scheme": type, "versions": [a, b]}, False)


def _containments(chosen: random.Random, type: str, tool: str, ranked: Ranked) -> Iterator[dict[str, Any]]:
    for number in range(CONTAINMENTS):
        # The bounds lie close together, so that what is asked is near one of them.
        start = chosen.randrange(len(ranked) - 60)
        low, high = sorted(chosen.sample(ranked[start : start + 60], 2))
        if low[0] == high[0]:
            continue
        at = chosen.choice([low, high, *chosen.sample(ranked[start : start + 60], 4)])
        below, above = chosen.choice(["<", "<="]), chosen.choice([">", ">="])
        in_low = at[0] > low[0] or (above == ">=" and at[0] == low[0])
        in_high = at[0] < high[0] or (below == "<=" and at[0] == high[0])
        written_low, written_high = above + _encoded(low[1]), below + _encoded(high[1])
        form, contained = (
            (f"{written_low}|{written_high}", in_low and in_high),
            (written_low, in_low),
            (written_high, in_high),
            (f"!={_encoded(low[1])}|{written_high}", in_high and at[0] != low[0]),
            (f"{_encoded(low[1])}|{'>' if below == '<' else '>='}{_encoded(high[1])}",
             at[0] == low[0] or at[0] > high[0] or (below == "<=" and at[0] == high[0])),
        )[number % 5]  # fmt: skip
        yield _test(
            f"By the order of {tool}, {at[1]} is {'in' if contained else 'outside'} the range.",
            "containment",
            {"vers": f"vers:{type}/{form}", "version": at[1]},
            contained,
        )


def _encoded(version: str) -> str:
    return "".join(ENCODED.get(char, char) for char in version)


def _test(description: str, kind: str, given: Any, expected: Any) -> dict[str, Any]:
    return {
        "description": description,
        "test_group": "required",
        "test_type": kind,
        "input": given,
        "expected_output": expected,
    }


def _text(tests: list[dict[str, Any]]) -> str:
    # The schema wants each once.
    tests = [test for i, test in enumerate(tests) if test not in tests[:i]]
    return json.dumps({"$schema": SCHEMA, "tests": tests}, indent=1) + "\n"


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, text in suites():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
