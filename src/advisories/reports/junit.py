"""JUnit reports (``junit-10.xsd``) of any suites: test cases as XML that is ASCII."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final, TypeAlias

from advisories.reports.caveats import Level
from advisories.reports.page import text as escaped

if TYPE_CHECKING:
    from advisories.reports.caveats import Caveat

__all__ = ["Case", "junit", "of_caveats"]

#: A test case: its class, its name, what became of it (``failure``, ``error``, ``skipped``, or nothing), the type and
#: the message of that, its lines, and lines that it printed.
Case: TypeAlias = "tuple[str, str, str, str, str, Iterable[str], Iterable[str]]"

_OUTCOMES: Final = {Level.ERROR: "error", Level.WARNING: "skipped", Level.NOTE: ""}


def junit(suites: "dict[str, list[Case]]", host: str, properties: dict[str, str]) -> Iterator[str]:
    """The lines of a JUnit report, ASCII in any encoding.

    :param suites: the test cases by the name of their suite.
    """
    counts = {name: Counter([case[2] for case in cases]) for name, cases in suites.items()}
    total = sum(counts.values(), Counter[str]())
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    numbers = f'tests="{total.total()}" failures="{total["failure"]}" errors="{total["error"]}"'
    yield f'<testsuites name="{_xml(f"advisories {host}")}" {numbers}>'
    for name, cases in suites.items():
        of = counts[name]
        numbers = f'failures="{of["failure"]}" errors="{of["error"]}" skipped="{of["skipped"]}"'
        yield f'<testsuite name="{_xml(name)}" tests="{len(cases)}" {numbers}>'
        yield "<properties>"
        for key, value in properties.items():
            yield f'<property name="{_xml(key)}" value="{_xml(value)}"/>'
        yield "</properties>"
        for case in cases:
            yield from _case(*case)
        yield "</testsuite>"
    yield "</testsuites>"


def _case(
    of: str, name: str, outcome: str, kind: str, message: str, lines: Iterable[str], printed: Iterable[str]
) -> Iterator[str]:
    yield f'<testcase classname="{_xml(of)}" name="{_xml(name)}">'
    if outcome:
        yield f'<{outcome} type="{_xml(kind)}" message="{_xml(message)}">'
        yield from map(_xml, lines)
        yield f"</{outcome}>"
    shown = [_xml(line) for line in printed]
    if shown:
        yield "<system-out>"
        yield from shown
        yield "</system-out>"
    yield "</testcase>"


def _xml(text: str) -> str:
    """A text from outside as XML that is ASCII."""
    made = escaped(text)
    return made if made.isascii() else made.encode("ascii", "xmlcharrefreplace").decode("ascii")


def of_caveats(caveats: "Iterable[Caveat]") -> Iterator[Case]:
    """A test case for each thing that a report leaves open: erroneous, skipped, or passed with its text."""
    seen = Counter[str]()
    for caveat in caveats:
        seen[caveat.id] += 1
        name = caveat.id if seen[caveat.id] == 1 else f"{caveat.id} {seen[caveat.id]}"
        outcome = _OUTCOMES[caveat.level]
        if outcome:
            yield "coverage", name, outcome, caveat.id, caveat.text, caveat.instances, ()
        else:
            yield "coverage", name, "", "", "", (), [caveat.text]
