"""The findings as SARIF 2.1.0, as code scanning services show it: a rule for each vulnerability, a result a finding.

- A result has the fingerprint of its instance and vulnerability. An alert closes when its finding is gone, and the
  upgrade of another package changes no line of another result.
- The place of every result is line 1 of what was listed. The package is its logical location, by its package URL.
- What the report leaves open is a notification of the run. A release that is not covered makes the run unsuccessful.
"""

from collections.abc import Callable, Iterator
from json import dumps
from json.encoder import encode_basestring_ascii
from operator import itemgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from advisories.models.findings import Priority
from advisories.models.frozen import frozen
from advisories.models.patterns import pattern
from advisories.models.printing import printable
from advisories.reports.alerts import (
    Fixes,
    JsonTexts,
    fingerprint,
    host_name,
    is_named,
    layer_of,
    sentence,
    separated,
    shown_name,
    tool_version,
)
from advisories.reports.caveats import Level, caveats, day_of, release_of
from advisories.reports.lines import counted, named
from advisories.reports.page import is_link
from advisories.reports.sarif import SCHEMA, braces, plain
from advisories.reports.statement_text import statement_text

if TYPE_CHECKING:
    from advisories.reports.document import Document, ReportedFinding, ReportObject

__all__ = ["render"]

_LEVELS: Final = MappingProxyType({Priority.HIGH: "error", Priority.MEDIUM: "warning", Priority.LOW: "note"})
#: ``security-severity`` where a finding has no score: the middle of the services' bands for high, medium and low.
_SEVERITIES: Final = MappingProxyType({Priority.HIGH: 8.0, Priority.MEDIUM: 5.5, Priority.LOW: 2.0})

#: The members that a result is made of, beside its vulnerability. Findings that have these in common share a part.
_TOLD_BY: Final = itemgetter(
    *("instance", "package", "version", "fixed_version", "fix_state", "channel", "presence", "priority", "rule"),
    *("score", "status", "cause", "purl", "fix_command", "pending_restart", "restart", "known_exploited", "basis"),
    *("priority_reason",),
)

_HELP: Final = {"text": "The message of the notification has the details."}

_ALIASES, _VECTORS, _LINKS = itemgetter("aliases"), itemgetter("vectors"), itemgetter("links")
_LINK: Final = itemgetter("id", "url")

# What a rule names of its packages, advisories and the like.
_NAMED: Final = 12
# What Markdown takes for more than a text. The backslash is first.
_ACTIVE: Final = (*"\\`*_[]#!|<>&~@", ":/", "www.")
_TAG: Final = pattern(":[A-Za-z0-9_][A-Za-z0-9_.-]*$")


@frozen
class _Part:
    """What results of one instance have in common. Texts are as they stand inside JSON strings.

    :ivar severity: its number for ``security-severity``.
    :ivar message: behind the vulnerability.
    :ivar rest: the members behind the message.
    :ivar text: cause and fix.
    :ivar markdown: the same as an entry of a list.
    """

    rank: int
    level: str
    severity: float
    message: str
    rest: str
    text: str
    markdown: str
    package: str
    reason: str
    tags: tuple[str, ...]


class _Messages(dict[str, str]):
    """:func:`_message` of texts, each made once."""

    def __missing__(self, text: str) -> str:
        made = self[text] = _message(text)
        return made


class _Links(dict[tuple[str, str], "tuple[str, str, str] | None"]):
    """A link of a rule's help by its id and address: as text, as an entry of a list of Markdown, and as an address
    alone. None for what is no link.
    """

    def __missing__(self, link: tuple[str, str]) -> tuple[str, str, str] | None:
        id, url = link
        made = None
        if is_link(url):
            address = _address(url)
            made = _message(f"{id}: {url}"), _json(f"- [{_markdown(id)}](<{address}>)"), dumps(address)
        self[link] = made
        return made


def render(document: "Document") -> Iterator[str]:
    """The lines of the report, a rule and a result on each."""
    content = document.content
    run = _Run(content)
    # Where some results have suppressions, all have them.
    has = ', "suppressions": []' if content["statements"] is not None else ""
    results = [run.result(finding, has) for finding in document.findings]
    for entry in content["suppressed"]:
        reasons = [
            {"kind": "external", "status": "accepted", "justification": plain(statement_text(one))}
            for one in entry["statements"]
        ]
        results.append(run.result(entry["finding"], f', "suppressions": {dumps(reasons)}'))
    yield f'{{"$schema": "{SCHEMA}", "version": "2.1.0", "runs": [{{'
    notes = caveats(content)
    driver = {
        "name": "advisories",
        "version": tool_version(),
        "notifications": [
            {"id": id, "shortDescription": short, "fullDescription": short, "help": _HELP}
            for id in sorted({note.id for note in notes})
            for short in [{"text": f"What the report leaves open: {id.replace('-', ' ')}."}]
        ],
    }
    yield f'"tool": {{"driver": {dumps(driver)[:-1]}, "rules": ['
    yield from separated(run.rules())
    yield "]}},"
    invocation = {
        "executionSuccessful": all(note.level is not Level.ERROR for note in notes),
        "toolExecutionNotifications": [
            {
                "descriptor": {"id": note.id},
                "level": note.level.value,
                "message": {"text": plain(note.text)},
                **({"properties": {"instances": list(map(printable, note.instances))}} if note.instances else {}),
            }
            for note in notes
        ],
    }
    yield f'"invocations": [{dumps(invocation)}],'
    yield f'"automationDetails": {{"id": {dumps(f"advisories/{run.place}/")}}},'
    yield f'"properties": {dumps(_properties(content))},'
    yield '"results": ['
    yield from separated(results)
    yield "]}]}"


def _properties(content: "ReportObject") -> dict[str, Any]:
    day, digest = day_of(content), content["target"]["digest"]
    return {
        "target": shown_name(content),
        "digest": digest and printable(digest),
        "release": printable(release_of(content)),
        "packages": content["coverage"]["classes"],
        "day": day and day.isoformat(),
    }


class _Run:
    """The results of one report, and the rules that they name."""

    def __init__(self, content: "ReportObject") -> None:
        #: An image keeps its place from tag to tag: its alerts go on.
        self.place: Final = _place(content)
        physical = {"artifactLocation": {"uri": quote(self.place)}, "region": {"startLine": 1}}
        self._location: Final = f'"locations": [{{"physicalLocation": {dumps(physical)}, "logicalLocations": [{{'
        self._parts: Final[dict[tuple[Any, ...], _Part]] = {}
        self._fixes: Final = Fixes(content)
        self._texts: Final = JsonTexts()
        self._messages: Final = _Messages()
        self._links: Final = _Links()
        self._rules: Final[dict[str, tuple[list[_Part], list[ReportedFinding]]]] = {}

    def result(self, finding: "ReportedFinding", suppressions: str) -> str:
        """The line of a finding."""
        key = *_TOLD_BY(finding), layer_of(finding), *finding["assumptions"]
        part = self._parts.get(key)
        if part is None:
            part = self._parts[key] = self._part(finding)
        vulnerability = finding["vulnerability"]
        found = self._rules.get(vulnerability)
        if found is None:
            found = self._rules[vulnerability] = [], []
        found[0].append(part)
        found[1].append(finding)
        mark = fingerprint(finding)
        return (
            f'{{"ruleId": {self._texts[vulnerability]}, "level": "{part.level}", "message": {{"text": '
            f'"{self._messages[vulnerability]}{part.message}"}}, {part.rest}, "partialFingerprints": '
            f'{{"primaryLocationLineHash": "{mark}:1", "instanceVulnerability/v1": "{mark}"}}{suppressions}}}'
        )

    def _part(self, finding: "ReportedFinding") -> _Part:
        texts, priority, score = self._texts, Priority(finding["priority"]), finding["score"]
        said = f"{sentence(finding['cause'])} {self._fixes.text(finding)}"
        text = _message(said)
        properties = ", ".join([f'"{name}": {texts[word]}' for name, word in _words(finding) if word])
        waits = ', "pendingRestart": true' if finding["pending_restart"] else ""
        logical = f'"name": {texts[finding["package"]]}, "fullyQualifiedName": {texts[finding["purl"]]}'
        tags = [f"priority-{finding['priority'].lower()}", finding["rule"]]
        tags += ["known-exploited"] if finding["known_exploited"] else []
        tags += ["priority-unknown"] if finding["rule"] == "A0" else []
        return _Part(
            priority.rank,
            _LEVELS[priority],
            _SEVERITIES[priority] if score is None else float(score),
            f" in {self._messages[finding['package']]}: {text}",
            f'{self._location}{logical}, "kind": "package"}}]}}], "properties": {{{properties}{waits}}}',
            text,
            _json(f"- {_markdown(said)}"),
            finding["package"],
            sentence(f"{finding['priority']} ({finding['rule']}): {finding['priority_reason']}"),
            tuple(tags),
        )

    def rules(self) -> Iterator[str]:
        """The line of each vulnerability, in the order of their ids."""
        bodies: dict[tuple[int, ...], _Body] = {}
        for vulnerability in sorted(self._rules):
            parts, findings = self._rules[vulnerability]
            key = tuple(map(id, parts))
            body = bodies.get(key)
            if body is None:
                body = bodies[key] = _Body(list(dict.fromkeys(parts)))
            yield self._rule(vulnerability, body, findings)

    def _rule(self, vulnerability: str, body: "_Body", findings: "list[ReportedFinding]") -> str:
        aliases = _together(findings, _ALIASES)
        rated = [f"{one['vector']} ({one['source']})" for one in _together(findings, _VECTORS)]
        more = [f"Also known as: {', '.join(aliases)}."] if aliases else []
        more += [f"Rated: {', '.join(rated)}."] if rated else []
        links = dict.fromkeys(map(_LINK, _together(findings, _LINKS)))
        shown = {link: made for link in links if (made := self._links[link]) is not None}
        text = "\\n".join([body.text, *map(_message, more), *[plain for plain, _, _ in shown.values()]])
        listed = ["\\n".join([markdown for _, markdown, _ in shown.values()])] if shown else []
        markdown = "\\n\\n".join([body.markdown, *[_json(_markdown(one)) for one in more], *listed])
        best = next(
            (made for link, made in shown.items() if link[0] == vulnerability), next(iter(shown.values()), None)
        )
        help_uri = "" if best is None else f', "helpUri": {best[2]}'
        named_here = self._messages[vulnerability]
        return (
            f'{{"id": {self._texts[vulnerability]}, "shortDescription": {{"text": "{named_here}{body.short}"}}, '
            f'"fullDescription": {{"text": "{named_here}{body.full}"}}, '
            f'"help": {{"text": "{text}", "markdown": "{markdown}"}}{help_uri}, {body.rest}}}'
        )


class _Body:
    """What rules have in common whose findings are of the same parts, in JSON."""

    def __init__(self, parts: list[_Part]) -> None:
        worst = min(parts, key=lambda part: (part.rank, -part.severity))
        packages = named(list(dict.fromkeys([part.package for part in parts])), _NAMED)
        reasons = list(dict.fromkeys([part.reason for part in parts]))
        more = len(reasons) - _NAMED
        why = " ".join([*reasons[:_NAMED], *([f"And {counted(more, 'more reason')}."] if more > 0 else [])])
        self.short: Final = _message(f" in {packages}.")
        self.full: Final = _message(f" in {packages}. {why}")
        self.text: Final = "\\n".join([*[part.text for part in parts], _message(why)])
        self.markdown: Final = "\\n".join([part.markdown for part in parts]) + "\\n\\n" + _json(_markdown(why))
        tags = {"security", "vulnerability", *[tag for part in parts for tag in part.tags]}
        severity = max([part.severity for part in parts])
        properties = {"tags": sorted(tags), "precision": "high", "security-severity": f"{severity:.1f}"}
        self.rest: Final = f'"defaultConfiguration": {{"level": "{worst.level}"}}, "properties": {dumps(properties)}'


def _words(finding: "ReportedFinding") -> tuple[tuple[str, str | None], ...]:
    """The properties of a result that are words."""
    return (
        ("priority", finding["priority"]),
        ("priorityRule", finding["rule"]),
        ("version", finding["version"]),
        ("fixedVersion", finding["fixed_version"]),
        ("fixState", finding["fix_state"]),
        ("channel", finding["channel"]),
        ("status", finding["status"]),
        ("presence", finding["presence"]),
        ("assumptions", " ".join(finding["assumptions"])),
        ("layer", layer_of(finding)),
    )


def _place(content: "ReportObject") -> str:
    name = host_name(content["target"]["name"])
    if not is_named(content):
        return name
    folders, slash, last = name.rpartition("/")
    return f"{folders}{slash}{_TAG.sub('', last) or last}"


def _together(findings: "list[ReportedFinding]", member: "Callable[[ReportedFinding], list[Any]]") -> list[Any]:
    """The entries of a list of each finding, each once. Mostly all of them have the same."""
    first = member(findings[0])
    every = list(first)
    for finding in findings:
        other = member(finding)
        if other != first:
            every += [one for one in other if one not in every]
    return every


def _message(text: str) -> str:
    """:func:`~advisories.reports.sarif.plain` inside a JSON string."""
    return encode_basestring_ascii(plain(text))[1:-1]


def _json(markdown: str) -> str:
    """Markdown of ours as a message inside a JSON string."""
    return encode_basestring_ascii(braces(markdown))[1:-1]


def _markdown(text: str) -> str:
    """A text that Markdown shows as it is."""
    text = printable(text)
    for sign in _ACTIVE:
        if sign in text:
            text = text.replace(sign, f"\\{sign}" if sign != "www." else "www\\.")
    return text


def _address(url: str) -> str:
    """An address that ends neither a link of Markdown nor a text of JSON."""
    return quote(url, safe="/:?#@!$&'*+,=%~-._;")
