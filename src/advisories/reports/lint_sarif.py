"""What is wrong with a feed as SARIF 2.1.0, at the file and line of what was rejected: a rule for each kind of problem.

A flaw is of a record, whose file is not known: its place is line 1 of the first source, and the record its logical
location. A result has a fingerprint of what is wrong with what, so that an alert closes when it is mended.
"""

from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from json import dumps
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from advisories.models.printing import printable
from advisories.reports.alerts import host_name, separated, tool_version
from advisories.reports.caveats import Level
from advisories.reports.lint_problems import RULES, Problem, lint_caveats, problems, releases_text
from advisories.reports.sarif import SCHEMA, plain

if TYPE_CHECKING:
    from advisories.reports.lint_document import LintDocument

__all__ = ["render"]

_INDEX: Final = {id: index for index, id in enumerate(RULES)}


def render(document: "LintDocument") -> Iterator[str]:
    """The lines of the report, a rule and a result on each."""
    content = document.content
    sources = [host_name(read["source"].partition("!")[0]) for read in content["sources"]]
    place = sources[0] if sources else "-"
    notes = [one for one in lint_caveats(content) if one.id not in RULES]
    kinds = sorted({one.id for one in notes})
    driver = {
        "name": "advisories lint",
        "version": tool_version(),
        "notifications": [{"id": id, "shortDescription": {"text": f"{id.replace('-', ' ')}."}} for id in kinds],
    }
    yield f'{{"$schema": "{SCHEMA}", "version": "2.1.0", "runs": [{{'
    yield f'"tool": {{"driver": {dumps(driver)[:-1]}, "rules": ['
    yield from separated(dumps(_rule(id)) for id in RULES)
    yield "]}},"
    invocation = {
        "executionSuccessful": all(one.level is not Level.ERROR for one in notes),
        "toolExecutionNotifications": [
            {"descriptor": {"id": one.id}, "level": one.level.value, "message": {"text": plain(one.text)}}
            for one in notes
        ],
    }
    yield f'"invocations": [{dumps(invocation)}],'
    yield f'"automationDetails": {{"id": {dumps(f"advisories-lint/{place}/")}}},'
    counts = {"advisories": content["advisories"], "releases": printable(releases_text(content))}
    yield f'"properties": {dumps(counts)},'
    yield '"results": ['
    yield from separated(map(dumps, _results(problems(content), place)))
    yield "]}]}"


def _rule(id: str) -> dict[str, Any]:
    level, meaning, matters = RULES[id]
    return {
        "id": id,
        "shortDescription": {"text": meaning},
        "fullDescription": {"text": f"{meaning} {matters}"},
        "help": {"text": matters, "markdown": matters},
        "defaultConfiguration": {"level": level.value},
        "properties": {"tags": ["advisories"]},
    }


def _results(found: Iterator[Problem], place: str) -> Iterator[dict[str, Any]]:
    seen = Counter[str]()
    for one in found:
        known_by = "\0".join([one.rule, one.file, one.what, one.package or "", one.release or "", one.why])
        mark = sha256(known_by.encode("utf-8", "surrogatepass")).hexdigest()[:32]
        seen[mark] += 1
        physical = {
            "artifactLocation": {"uri": quote(one.file or place)},
            "region": {"startLine": one.line or 1},
        }
        name = one.what if one.package is None else f"{one.what}/{one.package}"
        logical = {"name": printable(name), "fullyQualifiedName": printable(f"{one.release or ''}/{name}")}
        yield {
            "ruleId": one.rule,
            "ruleIndex": _INDEX[one.rule],
            "level": one.level.value,
            "message": {"text": plain(one.text)},
            "locations": [{"physicalLocation": physical, "logicalLocations": [logical]}],
            "partialFingerprints": {"primaryLocationLineHash": f"{mark}:{seen[mark]}"},
        }
