"""What is wrong with a feed as a JUnit report (``junit-10.xsd``): a test case for each source and reason, and one for
each kind of flaw. A kind that the feed has not passes.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from advisories.models.reading import FlawKind
from advisories.reports.alerts import host_name
from advisories.reports.caveats import Level
from advisories.reports.junit import Case, junit, of_caveats
from advisories.reports.lines import counted
from advisories.reports.lint_problems import (
    RULES,
    Problem,
    headline,
    lint_caveats,
    problems,
    releases_text,
    sources_text,
)

if TYPE_CHECKING:
    from advisories.reports.lint_document import LintDocument, LintObject

__all__ = ["render"]


def render(document: "LintDocument") -> Iterator[str]:
    """The lines of the report."""
    content = document.content
    found = list(problems(content))
    properties = {"feed": headline(content), "releases": releases_text(content)}
    others = [one for one in lint_caveats(content) if one.id not in RULES]
    suites = {
        "coverage": list(of_caveats(others)),
        "records": list(_records(content, found)),
        "flaws": list(_flaws(found)),
    }
    yield from junit(suites, sources_text(content), properties)


def _records(content: "LintObject", found: list[Problem]) -> Iterator[Case]:
    for read in content["sources"]:
        source = host_name(read["source"])
        kept = f"{counted(read['kept'], 'record')} of {read['read']} kept"
        yield source, "kept", "" if read["kept"] else "failure", "nothing-kept", kept, (), [kept]
    reasons: dict[tuple[str, str, str], list[Problem]] = {}
    for one in found:
        if one.file:
            reasons.setdefault((one.rule, one.file, one.why), []).append(one)
    for (rule, file, why), same in reasons.items():
        level = RULES[rule].level
        message = f"{counted(len(same), 'rejection')}: {why}"
        yield file, f"{rule}: {why}", "failure", level.value, message, [one.text for one in same], ()


def _flaws(found: list[Problem]) -> Iterator[Case]:
    for kind in FlawKind:
        rule = RULES[kind]
        same = [one for one in found if one.rule == kind]
        message = f"{counted(len(same), 'flaw')}: {rule.meaning} {rule.matters}"
        outcome = "failure" if same else ""
        level = rule.level.value if same else Level.NOTE.value
        yield "flaws", kind.value, outcome, level, message, [one.text for one in same], ()
