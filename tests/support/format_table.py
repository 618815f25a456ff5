"""What each format carries, found by writing a report that has all of it: tables of the page *Reports*."""

import html
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Final

from advisories_reference import advisory, affected, deb, host, rpm
from made_report import small

from advisories import Feed, read_statements
from advisories.models.advisories import Severity
from advisories.models.frozen import evolve
from advisories.reports import FORMATS, Report, formats, render
from advisories.triage.pipeline import triage

__all__ = ["kinds", "rows", "rows_of"]

_VECTOR: Final = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:L/A:L"
_RULES: Final = b'[[ignore]]\nid = "CVE-2024-2"\nreason = "not reachable here"\n'

#: What is looked for, any of several texts, by the head of its column.
_MARKS: Final = {
    "cause": ("is earlier than 2-1",),
    "fixed version": ("2-1",),
    "fix command": ("dnf upgrade bash",),
    "priority": ("Low", "low"),
    "score": ("7.3",),
    "purl": ("pkg:rpm/almalinux/bash@1-1",),
    "vectors": (_VECTOR,),
    "links": ("https://www.cve.org/CVERecord?id=CVE-2024-1",),
    "published": ("2024-01-02",),
    "aliases": ("GHSA-of-bash",),
    "assumptions": ("epoch-unknown",),
    "target": ("image-of-mine",),
    "digest": ("sha256:abcd",),
    "suppressed": ("CVE-2024-2",),
    "and why": ("not reachable here",),
    "not covered": ("not-covered", "not covered", "NOT COVERED"),
    "names of it": ("nobody-looked",),
    "running kernel": ("6.1-of-nobody",),
}


def _report() -> Report:
    bash = evolve(
        advisory("ALSA-2024:1", affected("bash", "2-1"), cves=["CVE-2024-1"]),
        severities=(Severity("CVSS_V3", _VECTOR),),
        published=datetime(2024, 1, 2, tzinfo=UTC),
        aliases=("GHSA-of-bash",),
    )
    zsh = advisory("ALSA-2024:2", affected("zsh", "1:2-1"), cves=["CVE-2024-2", "CVE-2024-3"])
    # Later than the other: the age of the feed is no date of a finding.
    feed = Feed([bash, evolve(zsh, published=datetime(2024, 1, 20, tzinfo=UTC))])
    inventory = host(
        rpm("bash", "1-1"), rpm("zsh", "1-1", epoch_known=False), deb("nobody-looked", "1-1"), kernel="6.1-of-nobody"
    )
    chosen = triage(inventory, feed, statements=[read_statements(io.BytesIO(_RULES))], on=date(2024, 2, 1))
    target = "image-of-mine@sha256:abcd"
    return Report(inventory, feed, chosen.findings, chosen=chosen, on=date(2024, 2, 1), target=target)


def rows() -> Iterator[tuple[str, ...]]:
    """The head, then a row for each format."""
    yield "format", *_MARKS
    report = _report()
    for format in formats("findings"):
        text = "\n".join(render(report, format)).replace("\\/", "/").replace("&#x3A;", ":").replace("\\", "")
        yield f"`{format}`", *("yes" if any(mark in text for mark in marks) else "" for marks in _MARKS.values())


#: The command of each kind of report.
_COMMANDS: Final = {"findings": "match", "plan": "fix", "verification": "verify", "lint": "lint", "list": "list"}


def kinds() -> Iterator[tuple[str, ...]]:
    """Which command writes which format, and whether an earlier report can be written in it."""
    yield "format", *(f"`{command}`" for command in _COMMANDS.values())
    for format in dict.fromkeys(format for _, format in FORMATS):
        yield f"`{format}`", *(_has(what, format) for what in _COMMANDS)


def _has(what: str, format: str) -> str:
    if format not in formats(what):
        return ""
    return "yes" if format in formats(what, earlier=True) else "yes, at once only"


#: What is looked for in the formats of the other kinds, as above.
_OF_KIND: Final = {
    "plan": {
        "commands": ("upgrade bash-5.1.8-6.el9.x86_64", '"bash-5.1.8-6.el9.x86_64"'),
        "versions": ("5.1.8-6.el9",),
        "what a step clears": ("CVE-2024-0001",),
        "restart": ("restart the machine", "machine"),
        "what stays": ("CVE-2024-0007",),
        "and why": ("it will not be fixed",),
        "suppressed": ("CVE-2024-0005",),
        "why that": ("nobody logs in here",),
        "assumptions": ("list or the record cannot show epochs",),
        "third party": ("1 package not checked",),
        "age of the feed": ("2024-02-01",),
    },
    "verification": {
        "state": ("fixed",),
        "reason": ("bash was upgraded from 5.1.8-1.el9 to 5.1.8-6.el9",),
        "new": ("CVE-2024-0009",),
        "suppressed": ("nobody logs in here", '"Status": 10'),
        "assumptions": ("list or the record cannot show epochs",),
        "third party": ("1 package not checked",),
        "age of the feed": ("2024-02-01",),
    },
    "lint": {
        "rejected": ("ALSA-2024:0008",),
        "place": ("line 8", "line=8"),
        "why": ("no id",),
        "flaws": ("ALSA-2024:0003",),
        "and why": ("without the epoch",),
        "skipped": ("2 withdrawn", "skipped (2): withdrawn", '"withdrawn": 2'),
        "counts": ("3 advisories", '"advisories": 3'),
        "releases": ("almalinux 9", '"almalinux"'),
    },
}


def rows_of(what: str) -> Iterator[tuple[str, ...]]:
    """The head, then a row for each format of a kind other than findings."""
    marks = _OF_KIND[what]
    yield "format", *marks
    for format in formats(what):
        text = html.unescape("\n".join(render(small(what), format))).replace("<!-- -->", "").replace("%3A", ":")
        yield f"`{format}`", *("yes" if any(mark in text for mark in words) else "" for words in marks.values())
