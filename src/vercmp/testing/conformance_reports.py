"""A conformance report as text, as JSON and as TAP."""

import json
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from vercmp.testing.conformance import Broken, Difference, Report

__all__ = ["FORMATS"]


def _text(report: Report, scheme: str, seed: int) -> Iterator[str]:
    yield f"{scheme}: {report.vectors} pairs of vectors, {report.different_vectors} different"
    yield f"{scheme}: {report.generated} generated pairs (seed {seed}), {report.different_generated} different"
    if report.refused:
        yield f"{scheme}: {report.refused} of these refused"
    if report.doubtful:
        yield f"{scheme}: {report.doubtful} pairs refused that the real tool warns of: not counted"
    for broken in report.broken:
        yield f"{broken.rule.name}: {broken.rule.meaning} ({_counted(broken)})"
        if broken.realistic is not None:
            yield f"  {_shown(broken.realistic, scheme)}"
        yield f"  smallest: {_shown(broken.smallest, scheme)}"


def _counted(broken: Broken) -> str:
    return f"{broken.pairs} wrong answer{'s' if broken.pairs != 1 else ''}"


def _shown(difference: Difference, scheme: str) -> str:
    a, b, got, wanted = difference
    answer = "a refusal" if got is None else got
    return f"{a!a} against {b!a}: the program's answer is {answer}, that of {scheme} is {wanted}"


def _json(report: Report, scheme: str, seed: int) -> Iterator[str]:
    broken = {found.rule: found for found in report.broken}
    document = {
        "scheme": scheme,
        "seed": seed,
        "pairs": {"vectors": report.vectors, "generated": report.generated},
        "different": {"vectors": report.different_vectors, "generated": report.different_generated},
        "refused": report.refused,
        "doubtful": report.doubtful,
        "rules": [
            {
                "name": rule.name,
                "meaning": rule.meaning,
                "asked": asked,
                "different": broken[rule].pairs if rule in broken else 0,
                "smallest": _object(broken[rule].smallest) if rule in broken else None,
                "realistic": _object(broken[rule].realistic) if rule in broken else None,
            }
            for rule, asked in report.asked
        ],
    }
    yield json.dumps(document, indent=2)


def _object(difference: Difference | None) -> dict[str, Any] | None:
    return None if difference is None else difference._asdict()


def _tap(report: Report, scheme: str, seed: int) -> Iterator[str]:
    broken = {found.rule: found for found in report.broken}
    yield "TAP version 13"
    yield f"1..{len(report.asked)}"
    yield f"# {scheme}: {report.vectors} pairs of vectors, {report.generated} generated pairs (seed {seed})"
    for number, (rule, asked) in enumerate(report.asked, 1):
        found = broken.get(rule)
        if found is None:
            # A rule that no pair was about has not been tested.
            skipped = "" if asked else " # SKIP no pair is about it"
            yield f"ok {number} - {rule.name}: {rule.meaning}{skipped}"
            continue
        yield f"not ok {number} - {rule.name}: {rule.meaning}"
        yield f"# {_counted(found)}"
        if found.realistic is not None:
            yield f"# {_shown(found.realistic, scheme)}"
        yield f"# smallest: {_shown(found.smallest, scheme)}"


#: The lines of a report, by the name of its format.
FORMATS: Final[Mapping[str, Callable[[Report, str, int], Iterator[str]]]] = MappingProxyType(
    {"text": _text, "json": _json, "tap": _tap}
)
