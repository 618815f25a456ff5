"""The findings as a container scanning report of GitLab, version 15.2.1.

- The id of a vulnerability is made of its instance and its id alone.
- The form has no place for suppressed findings: they are no vulnerabilities, and messages of the scan name them.
- What the report leaves open is a message too. A scan of a release that the feed does not cover has failed.
- The times of the scan are the beginning of the day of the report, so that the same inputs give the same bytes. Without
  a day they are those of the newest advisory, and without that 1970-01-01, which a message states.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from json import dumps
from json.encoder import encode_basestring_ascii
from operator import itemgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from advisories.models.findings import Priority
from advisories.models.patterns import pattern
from advisories.models.printing import printable
from advisories.reports.alerts import (
    Fixes,
    JsonTexts,
    caveat_text,
    fingerprint,
    layer_of,
    sentence,
    separated,
    shown_name,
    tool_version,
)
from advisories.reports.caveats import Level, caveats, day_of, release_of
from advisories.reports.lines import named
from advisories.reports.page import is_link
from advisories.reports.statement_text import statement_text

if TYPE_CHECKING:
    from advisories.reports.document import Document, ReportedFinding, ReportObject

__all__ = ["render"]

_VERSION: Final = "15.2.1"
_SCHEMA: Final = (
    f"https://gitlab.com/gitlab-org/security-products/security-report-schemas/-/raw/v{_VERSION}"
    "/dist/container-scanning-report-format.json"
)
_LEVELS: Final = MappingProxyType({Level.ERROR: "fatal", Level.WARNING: "warn", Level.NOTE: "info"})
# The form's own limits.
_NAME, _SOLUTION, _VECTORS = 255, 7000, 10
# How many suppressed findings of the same statements, and how many packages that were not checked, are named.
_NAMED: Final = 12
# CVSS 2 and 3 as the form takes them. It has no CVSS 4.
_CVSS2: Final = pattern("(?:[A-Za-z]{1,3}:[A-Z]{1,3}/){5}[A-Z]:[A-Z](?:/[A-Z]{1,3}:[A-Z]{1,3})*")
_CVSS3: Final = pattern("CVSS:3[.][01](?:/[A-Z]{1,3}:[A-Z])+")
_KEY: Final = itemgetter(
    *("instance", "package", "version", "fixed_version", "fix_state", "channel", "presence", "priority", "rule"),
    *("status", "cause", "purl", "fix_command", "pending_restart", "restart", "basis", "priority_reason"),
)

_ABOUT: Final = itemgetter("vulnerability", "aliases", "advisories", "links", "vectors")


def render(document: "Document") -> Iterator[str]:
    """The lines of the report, a vulnerability on each."""
    content = document.content
    notes = caveats(content)
    messages = [{"level": _LEVELS[note.level], "value": printable(caveat_text(note, _NAMED))} for note in notes]
    time = _time(content)
    if time is None:
        messages.append({"level": "warn", "value": "The report has no day, and the times of the scan mean nothing."})
    messages += [{"level": "info", "value": printable(text)} for text in _suppressed(content)]
    tool = {"id": "advisories", "name": "advisories", "version": tool_version(), "vendor": {"name": "vercmp"}}
    scan = {
        "analyzer": tool,
        "scanner": tool,
        "type": "container_scanning",
        "status": "failure" if any(note.level is Level.ERROR for note in notes) else "success",
        "start_time": time or "1970-01-01T00:00:00",
        "end_time": time or "1970-01-01T00:00:00",
        "messages": messages,
        "options": [
            {"name": name, "value": printable(value)}
            for name, value in (("target", shown_name(content)), ("digest", content["target"]["digest"]))
            if value is not None
        ],
    }
    yield f'{{"version": "{_VERSION}", "schema": "{_SCHEMA}",'
    yield f'"scan": {dumps(scan)},'
    yield '"vulnerabilities": ['
    listed = _Listed(content)
    yield from separated(map(listed.line, document.findings))
    yield "]}"


def _time(content: "ReportObject") -> str | None:
    day, newest = day_of(content), content["coverage"]["feed_newest"]
    if day is not None:
        return f"{day.isoformat()}T00:00:00"
    return None if newest is None else f"{datetime.fromisoformat(newest).astimezone(UTC):%Y-%m-%dT%H:%M:%S}"


def _suppressed(content: "ReportObject") -> Iterator[str]:
    groups: dict[str, list[str]] = {}
    for entry in content["suppressed"]:
        why = ", ".join(map(statement_text, entry["statements"]))
        groups.setdefault(why, []).append(f"{entry['finding']['vulnerability']} in {entry['finding']['package']}")
    for why, names in groups.items():
        yield f"Suppressed: {named(names, _NAMED)}: {why}"


class _Listed:
    """The vulnerabilities of one report as JSON. What they have in common is made once."""

    def __init__(self, content: "ReportObject") -> None:
        host = content["inventory"]["distribution"]
        self._image: Final = dumps(shown_name(content))
        self._system: Final = dumps(
            printable(f"{host['id']} {host['release'] or ''}".strip() if host else release_of(content)) or "unknown"
        )
        self._fixes: Final = Fixes(content)
        self._texts: Final = JsonTexts()
        self._parts: Final[dict[tuple[Any, ...], tuple[str, str]]] = {}
        self._links: Final[dict[tuple[str, str], str]] = {}
        self._ids: Final[dict[tuple[str, str | None], str]] = {}
        self._abouts: Final[dict[str, tuple[tuple[Any, ...] | None, str]]] = {}
        self._vectors: Final[dict[tuple[str, str], str]] = {}

    def line(self, finding: "ReportedFinding") -> str:
        """The line of a finding."""
        key = *_KEY(finding), layer_of(finding), *finding["assumptions"]
        part = self._parts.get(key)
        if part is None:
            part = self._parts[key] = self._part(finding)
        mark = fingerprint(finding)
        name = printable(f"{finding['vulnerability']} in {finding['package']}")[:_NAME]
        return (
            f'{{"id": "{mark[:8]}-{mark[8:12]}-8{mark[13:16]}-a{mark[17:20]}-{mark[20:]}", '
            f'"name": {encode_basestring_ascii(name)}, {part[0]}, {self._about(finding)}, {part[1]}}}'
        )

    def _about(self, finding: "ReportedFinding") -> str:
        """The members about the vulnerability. Findings of one vulnerability mostly have them in common."""
        about = _ABOUT(finding)
        known, text = self._abouts.get(about[0], (None, ""))
        if known != about:
            identifiers, links = self._identifiers(finding), self._linked(finding)
            text = f'"identifiers": [{identifiers}], {self._cvss(finding)}"links": [{links}]'
            self._abouts[about[0]] = about, text
        return text

    def _part(self, finding: "ReportedFinding") -> tuple[str, str]:
        texts, fix = self._texts, printable(self._fixes.text(finding))
        reason = f"{finding['priority']} ({finding['rule']}): {finding['priority_reason']}"
        severity = "Unknown" if finding["rule"] == "A0" else Priority(finding["priority"]).value
        details = ", ".join(
            [
                f'"{name.lower().replace(" ", "_")}": {{"name": "{name}", "type": "text", "value": {texts[value]}}}'
                for name, value in (
                    ("Priority", reason),
                    ("Fixed version", finding["fixed_version"]),
                    ("Fix state", finding["fix_state"]),
                    ("Channel of the fix", finding["channel"]),
                    ("Status", finding["status"]),
                    ("Presence", finding["presence"]),
                    ("Assumptions", " ".join(finding["assumptions"])),
                    ("Package URL", finding["purl"]),
                    ("Layer", layer_of(finding)),
                )
                if value
            ]
        )
        about = f'"description": {texts[sentence(finding["cause"])]}, "severity": "{severity}"'
        dependency = f'{{"package": {{"name": {texts[finding["package"]]}}}, "version": {texts[finding["version"]]}}}'
        where = f'{{"dependency": {dependency}, "operating_system": {self._system}, "image": {self._image}}}'
        return f'{about}, "solution": {dumps(fix[:_SOLUTION])}', f'"location": {where}, "details": {{{details}}}'

    def _identifiers(self, finding: "ReportedFinding") -> str:
        """The vulnerability, its aliases and its advisories, each once."""
        urls = {link["id"]: link["url"] for link in finding["links"]}
        ids = dict.fromkeys([finding["vulnerability"], *finding["aliases"], *finding["advisories"]])
        return ", ".join([self._identifier(id, urls.get(id)) for id in ids])

    def _identifier(self, id: str, url: str | None) -> str:
        made = self._ids.get((id, url))
        if made is None:
            shown = printable(id) or "-"
            members = {"type": shown.partition("-")[0].lower() or "id", "name": shown, "value": shown}
            if url is not None and is_link(url) and len(url) > len("https://"):
                members["url"] = url
            made = self._ids[id, url] = dumps(members)
        return made

    def _linked(self, finding: "ReportedFinding") -> str:
        found = [self._link(link["id"], link["url"]) for link in finding["links"]]
        return ", ".join(filter(None, found))

    def _link(self, id: str, url: str) -> str:
        made = self._links.get((id, url))
        if made is None:
            is_whole = is_link(url) and len(url) > len("https://")
            made = self._links[id, url] = dumps({"name": printable(id), "url": url}) if is_whole else ""
        return made

    def _cvss(self, finding: "ReportedFinding") -> str:
        if not finding["vectors"]:
            return ""
        made = [self._vector(one["source"], one["vector"]) for one in finding["vectors"]]
        found = list(dict.fromkeys(filter(None, made)))[:_VECTORS]
        return f'"cvss_vectors": [{", ".join(found)}], ' if found else ""

    def _vector(self, source: str, vector: str) -> str:
        made = self._vectors.get((source, vector))
        if made is None:
            fits = _CVSS2.fullmatch(vector) or (len(vector) >= 32 and _CVSS3.fullmatch(vector))
            shown = {"vendor": printable(source) or "-", "vector": vector}
            made = self._vectors[source, vector] = dumps(shown) if fits and len(vector) <= 128 else ""
        return made
