"""The findings as a CycloneDX document: the packages that have any, and the vulnerabilities with their analyses.

- The components are the packages with a finding, one that is suppressed included. A report counts the clean ones and
  does not name them, so the assembly of the subject is *incomplete*.
- A vulnerability has one entry for each set of packages for which the same holds.
- ``analysis`` is there for what somebody decided: VEX, an ignore rule, the publisher who has no fix. Where there is a
  fix, ``recommendation`` has it, and nobody has analysed anything.
- What CycloneDX has no place for are properties, whose names begin with ``advisories:``. Those of ``metadata`` are what
  the report leaves open.

Source: CycloneDX, specifications 1.6 and 1.7.
"""

from collections.abc import Iterable, Iterator, Mapping
from json import dumps
from typing import TYPE_CHECKING, Any, Final

from advisories.models.advisories import FixState
from advisories.models.findings import Presence
from advisories.models.reading import shown_source
from advisories.models.statements import StatementStatus
from advisories.reports.alerts import tool_version
from advisories.reports.caveats import caveats
from advisories.reports.objects import array, array_of_texts
from advisories.reports.vex import (
    Rating,
    Stated,
    id_of,
    image_of,
    issued,
    links_of,
    names_of,
    ratings_of,
    serial,
    shape_of,
    stated,
    utc,
)

if TYPE_CHECKING:
    from advisories.reports.document import ReportedFinding, ReportObject

__all__ = ["lines_of"]

_SUBJECT: Final = "subject"
_SYSTEM: Final = "operating-system"
_METHODS: Final = {None: "other", "2.0": "CVSSv2", "3.0": "CVSSv3", "3.1": "CVSSv31", "4.0": "CVSSv4"}
_STATES: Final = {
    StatementStatus.NOT_AFFECTED: "not_affected",
    StatementStatus.FIXED: "resolved",
    StatementStatus.AFFECTED: "exploitable",
    StatementStatus.UNDER_INVESTIGATION: "in_triage",
}
#: The justifications of OpenVEX and CSAF in the words of CycloneDX. One that is missing here stays in ``detail``.
_JUSTIFICATIONS: Final[Mapping[str, str]] = {
    "component_not_present": "code_not_present",
    "vulnerable_code_not_present": "code_not_present",
    "vulnerable_code_not_in_execute_path": "code_not_reachable",
    "inline_mitigations_already_exist": "protected_by_mitigating_control",
    **{
        word: word
        for word in (
            *("code_not_present", "code_not_reachable", "requires_configuration", "requires_dependency"),
            *("requires_environment", "protected_by_compiler", "protected_at_runtime", "protected_at_perimeter"),
            "protected_by_mitigating_control",
        )
    },
}
#: Whether a version is affected. *Resolved* has none: the package is a fixed one.
_OF_VERSIONS: Final = {
    StatementStatus.NOT_AFFECTED: "unaffected",
    StatementStatus.AFFECTED: "affected",
    StatementStatus.UNDER_INVESTIGATION: "unknown",
}
_WILL_NOT: Final = (FixState.WONT_FIX, FixState.END_OF_LIFE)


def lines_of(content: "ReportObject", version: str) -> Iterator[str]:
    """The lines of a document, a component and a vulnerability on each.

    :param version: of the specification: ``1.6`` or ``1.7``.
    """
    statements = stated(content)
    refs = names_of(statements, "purl")
    body = [
        f' "metadata": {dumps(_metadata(content))},',
        *array("components", _components(content, statements, refs), ","),
        *array_of_texts("vulnerabilities", map(_Vulnerabilities(refs).text, statements), ","),
        f' "compositions": [{dumps({"aggregate": "incomplete", "assemblies": [_SUBJECT]})}]',
    ]
    yield "{"
    yield f' "$schema": "http://cyclonedx.org/schema/bom-{version}.schema.json",'
    yield f' "bomFormat": "CycloneDX", "specVersion": "{version}",'
    yield f' "serialNumber": "urn:uuid:{serial([version, *body])}", "version": 1,'
    yield from body
    yield "}"


def _metadata(content: "ReportObject") -> dict[str, Any]:
    target = content["target"]
    subject = {"type": "container" if target["digest"] else "application", "bom-ref": _SUBJECT, "name": target["name"]}
    if target["digest"]:
        subject["version"] = target["digest"]
    image = image_of(content)
    if image is not None:
        subject["purl"] = image
    tool = {"type": "application", "name": "advisories", "version": tool_version()}
    return {
        "timestamp": issued(content),
        "tools": {"components": [tool]},
        "component": subject,
        "properties": _properties(_open(content)),
    }


def _open(content: "ReportObject") -> Iterator[tuple[str, str]]:
    """What a reader has to know of the whole."""
    yield "components", "the packages with findings. Those without are counted alone"
    for package_class, count in content["coverage"]["classes"].items():
        yield f"coverage:{package_class}", str(count)
    for caveat in caveats(content):
        yield f"{caveat.level.value}:{caveat.id}", caveat.text
        for instance in caveat.instances:
            yield f"instance:{caveat.id}", instance


def _components(
    content: "ReportObject", statements: Iterable[Stated], refs: Mapping[tuple[str, str], str]
) -> Iterator[dict[str, Any]]:
    distribution = content["inventory"]["distribution"]
    if distribution is not None:
        system = {"type": _SYSTEM, "bom-ref": _SYSTEM, "name": distribution["id"]}
        if distribution["release"] is not None:
            system["version"] = distribution["release"]
        yield system
    first: dict[tuple[str, str], ReportedFinding] = {}
    commands: dict[tuple[str, str], str] = {}
    for finding in [finding for one in statements for finding in one.findings]:
        first.setdefault(id_of(finding), finding)
        if finding["fix_command"] is not None:
            commands.setdefault(id_of(finding), finding["fix_command"])
    place = shown_source(content["inventory"]["source"])
    for id, ref in refs.items():
        yield _component(first[id], ref, place, commands.get(id))


def _component(finding: "ReportedFinding", ref: str, list_: str, command: str | None) -> dict[str, Any]:
    component: dict[str, Any] = {
        "type": "library",
        "bom-ref": ref,
        "name": finding["package"],
        "version": finding["version"],
        "purl": finding["purl"],
    }
    places = [place for place in finding["locations"] if place != list_]
    if places:
        component["evidence"] = {"occurrences": [{"location": place} for place in places]}
    layer = finding["layer"]
    facts = (
        ("instance", finding["instance"]),
        ("source", finding["source"]),
        ("source-version", finding["source_version"]),
        ("layer", None if layer is None else layer["digest"]),
        ("fix-command", command),
    )
    component["properties"] = _properties((name, value) for name, value in facts if value is not None)
    return component


class _Vulnerabilities:
    """The entries, as JSON. What those of one advisory have in common is made once."""

    def __init__(self, refs: Mapping[tuple[str, str], str]) -> None:
        self._refs: Final = refs
        self._made: Final[dict[tuple[Any, ...], tuple[str, str]]] = {}

    def text(self, statement: Stated) -> str:
        """An entry."""
        finding = statement.finding
        id, key = finding["vulnerability"], shape_of(statement)
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = dumps(_own_rating(finding)), dumps(self._rest(statement))[1:]
        links = dict(links_of(finding))
        entry: dict[str, Any] = {"id": id, "source": _source(id, links.get(id))}
        if finding["aliases"]:
            entry["references"] = [{"id": one, "source": _source(one, links.get(one))} for one in finding["aliases"]]
        ratings = "".join([f"{dumps(_rating(one))}, " for one in ratings_of(finding)])
        return f'{dumps(entry)[:-1]}, "ratings": [{ratings}{made[0]}], {made[1]}'

    def _rest(self, statement: Stated) -> dict[str, Any]:
        """The members that do not depend on the vulnerability."""
        finding, status = statement.finding, statement.status
        links = dict(links_of(finding))
        entry: dict[str, Any] = {}
        if status in (StatementStatus.AFFECTED, StatementStatus.UNDER_INVESTIGATION):
            entry["recommendation"] = statement.action
        about = [{"title": id, "url": url} for id, url in links.items() if id != finding["vulnerability"]]
        entry["advisories"] = about
        for name, moment in (("published", finding["published"]), ("updated", finding["modified"])):
            if moment is not None:
                entry[name] = utc(moment)
        analysis = _analysis(statement)
        if analysis:
            entry["analysis"] = analysis
        word, refs = _OF_VERSIONS.get(status), self._refs
        entry["affects"] = [
            {"ref": refs[id_of(one)], "versions": [{"version": one["version"], "status": word}]}
            if word
            else {"ref": refs[id_of(one)]}
            for one in statement.findings
        ]
        entry["properties"] = _properties(_facts(statement, links))
        return entry


def _source(id: str, url: str | None) -> dict[str, str]:
    source = {"name": id.partition("-")[0]}
    return source if url is None else source | {"url": url}


def _rating(rating: Rating) -> dict[str, Any]:
    made: dict[str, Any] = {"source": {"name": rating.source}}
    if rating.score is not None:
        made["score"] = rating.score
    if rating.severity is not None:
        made["severity"] = rating.severity
    return made | {"method": _METHODS[rating.method], "vector": rating.vector}


def _own_rating(finding: "ReportedFinding") -> dict[str, Any]:
    """Our priority. Nobody rated what rule A0 takes for Medium."""
    severity = "unknown" if finding["rule"] == "A0" else finding["priority"].lower()
    why = f"{finding['rule']}: {finding['priority_reason']}"
    return {"source": {"name": "advisories"}, "severity": severity, "method": "other", "justification": why}


def _analysis(statement: Stated) -> dict[str, Any]:
    """What somebody decided. Empty where nobody did."""
    finding, status = statement.finding, statement.status
    fix_state = finding["fix_state"]
    if not statement.by and status is StatementStatus.AFFECTED and fix_state in (FixState.FIXED, FixState.UNKNOWN):
        return {}
    analysis: dict[str, Any] = {"state": _STATES[status]}
    label = statement.label
    justification = _JUSTIFICATIONS.get(label or "")
    if status is StatementStatus.NOT_AFFECTED and justification is not None:
        analysis["justification"] = justification
    if statement.is_ignored or fix_state in _WILL_NOT:
        analysis["response"] = ["will_not_fix"]
    # A justification without a word in CycloneDX stands in front of the reason.
    label = f"{label}: " if label and label != statement.why and justification is None else ""
    return analysis | {"detail": f"{label}{statement.why}" if statement.by else statement.action}


def _facts(statement: Stated, links: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What is ours alone, of all packages and then of each."""
    finding = statement.finding
    yield "priority", finding["priority"]
    yield "rule", finding["rule"]
    yield "status", finding["status"]
    yield "fix-state", finding["fix_state"]
    for name, word in (
        ("fixed-version", finding["fixed_version"]),
        ("channel", finding["channel"]),
        ("restart", finding["restart"]),
        ("stated-by", statement.by),
    ):
        if word:
            yield name, word
    if finding["presence"] != Presence.INSTALLED:
        yield "presence", finding["presence"]
    if finding["pending_restart"]:
        yield "pending-restart", "true"
    if finding["known_exploited"]:
        yield "known-exploited", "true"
    if finding["epss"] is not None:
        yield "epss", str(finding["epss"])
    for advisory in finding["advisories"]:
        if advisory not in links:
            yield "advisory", advisory
    for assumption in finding["assumptions"]:
        yield "assumption", assumption
    for vector in finding["vectors_refused"]:
        yield "vector-refused", vector
    for one in statement.findings:
        yield "cause", one["cause"]
    for note in dict.fromkeys([note["text"] for one in statement.findings for note in one["evidence"]["notes"]]):
        yield "note", note


def _properties(facts: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": f"advisories:{name}", "value": value} for name, value in facts]
