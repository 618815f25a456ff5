"""The JSON of findings, joined from parts that many of them share.

It is that of :func:`advisories.reports.objects.reported_objects`, to the letter. Most of a finding is the same for all
findings of its package, or of its advisory, or wherever a priority rests on the same: each such part is written once.
"""

import json
from collections.abc import Iterable, Iterator
from json.encoder import encode_basestring_ascii as quoted
from typing import TYPE_CHECKING, Final

from advisories.distros.restarts import restart_after
from advisories.models.nouns import plain
from advisories.models.reading import shown_source

if TYPE_CHECKING:
    from advisories.models.findings import Assessment, Evidence, Finding
    from advisories.models.packages import Inventory
    from advisories.reports.details import Details

__all__ = ["finding_texts"]


def finding_texts(rows: "Iterable[tuple[str, Finding]]", details: "Details", inventory: "Inventory") -> Iterator[str]:
    """The JSON of :func:`~advisories.reports.objects.reported_objects`."""
    texts = _Texts(details, inventory)
    of_advisories: dict[tuple[str, ...], dict[str, tuple[str, str]]] = {}
    # By number, which a finding has as long as it is kept.
    known: dict[int, tuple[dict[str, tuple[str, str]], str, str, Finding]] = {}
    for vulnerability, finding in rows:
        made = known.get(id(finding))
        if made is None:
            name = f"{quoted(finding.package.name)[1:]}, "
            parts = of_advisories.setdefault(finding.advisories, {})
            made = known[id(finding)] = parts, name, texts.of_finding(finding), finding
        parts, name, own, _ = made
        both = parts.get(vulnerability)
        if both is None:
            id_text = quoted(vulnerability)
            begin = f'{{"vulnerability": {id_text}, "title": {id_text[:-1]} in '
            both = parts[vulnerability] = begin, details.text_of_vulnerability(vulnerability, finding)
        begin, rest = both
        yield f"{begin}{name}{rest}, {own}"


class _Texts:
    """The members that do not depend on the vulnerability, as JSON without the first brace."""

    def __init__(self, details: "Details", inventory: "Inventory") -> None:
        self._details: Final = details
        self._source: Final = shown_source(inventory.source)
        self._packages: Final[dict[tuple[int, str | None, str | None], tuple[str, str, str]]] = {}
        self._dates: Final[dict[str, str]] = {}
        self._assessments: Final[dict[int, tuple[str, Assessment]]] = {}
        self._advisories: Final[dict[tuple[str, ...], str]] = {}

    def of_finding(self, finding: "Finding") -> str:
        assessment = finding.assessment
        package, purl, layer = self._package(finding)
        advisories = self._advisories.get(finding.advisories)
        if advisories is None:
            advisories = self._advisories[finding.advisories] = json.dumps(finding.advisories)
        rated = self._assessments.get(id(assessment))
        if rated is None:
            rated = self._assessments[id(assessment)] = _rated(assessment), assessment
        advisory, restart = finding.evidence.advisory, restart_after(finding)
        dates = self._dates.get(advisory)
        if dates is None:
            published, modified = map(_text, self._details.dates(advisory))
            dates = self._dates[advisory] = f'"published": {published}, "modified": {modified}'
        assumptions = json.dumps([one._value_ for one in finding.assumptions]) if finding.assumptions else "[]"
        # `_value_` is the plain attribute behind `value`, which is slow to read.
        return (
            f'{package}, "advisories": {advisories}, "status": "{finding.status._value_}", '
            f'"fixed_version": {_text(finding.fixed_version)}, "fix_state": "{finding.fix_state._value_}", '
            f'"channel": {_text(finding.channel)}, "presence": "{finding.presence._value_}", '
            f'"priority": "{assessment.priority._value_}", "cause": {quoted(finding.cause)}, '
            f'"pending_restart": {_truth(finding.pending_restart)}, '
            f'"restart_required": {_truth(finding.restart_required)}, {rated[0]}, "assumptions": {assumptions}, '
            f'"evidence": {_evidence(finding.evidence)}, "restart": {_text(restart and restart._value_)}, '
            f'"purl": {purl}, {dates}, "fix_command": {_text(self._details.fix_command(finding))}, "layer": {layer}}}'
        )

    def _package(self, finding: "Finding") -> tuple[str, str, str]:
        """The members that are the package's own, its package URL, and its layer."""
        package = finding.package
        key = id(package), finding.source, finding.source_version
        known = self._packages.get(key)
        if known is None:
            members = {
                "instance": finding.instance,
                "package": package.name,
                "version": package.version,
                "arch": package.arch,
                "source": finding.source,
                "source_version": finding.source_version,
                "locations": package.locations or (self._source,),
            }
            layer = "null" if package.layer is None else json.dumps(plain(package.layer))
            known = self._packages[key] = json.dumps(members)[1:-1], quoted(self._details.purl(package)), layer
        return known


def _rated(assessment: "Assessment") -> str:
    members = {
        "rule": assessment.rule,
        "basis": assessment.basis,
        "score": assessment.score,
        "priority_reason": assessment.reason,
        "vectors_refused": assessment.refused,
        "known_exploited": assessment.known_exploited,
        "epss": assessment.epss,
    }
    return json.dumps(members)[1:-1]


def _evidence(evidence: "Evidence") -> str:
    notes = json.dumps([{"rule": note.rule, "text": note.text} for note in evidence.notes]) if evidence.notes else "[]"
    return (
        f'{{"advisory": {quoted(evidence.advisory)}, "name": {quoted(evidence.name)}, '
        f'"names": "{evidence.names._value_}", "installed": {quoted(evidence.installed)}, '
        f'"introduced": {_text(evidence.introduced)}, "fixed": {_text(evidence.fixed)}, '
        f'"last_affected": {_text(evidence.last_affected)}, "notes": {notes}}}'
    )


def _text(value: str | None) -> str:
    return "null" if value is None else quoted(value)


def _truth(value: bool) -> str:
    return "true" if value else "false"
