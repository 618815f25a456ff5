"""What each format of findings carries, found by writing a match that has all of it: a table of the page *Reports*."""

import io
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Final

from advisories_reference import advisory, affected, deb, host, rpm

from advisories import Feed, read_statements
from advisories.models.advisories import Severity
from advisories.models.frozen import evolve
from advisories.reports import Report, formats, render
from advisories.triage.pipeline import triage

__all__ = ["rows"]

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
}


def _report() -> Report:
    bash = evolve(
        advisory("ALSA-2024:1", affected("bash", "2-1"), cves=["CVE-2024-1"]),
        severities=(Severity("CVSS_V3", _VECTOR),),
        published=datetime(2024, 1, 2, tzinfo=UTC),
        aliases=("GHSA-of-bash",),
    )
    feed = Feed([bash, advisory("ALSA-2024:2", affected("zsh", "1:2-1"), cves=["CVE-2024-2", "CVE-2024-3"])])
    inventory = host(rpm("bash", "1-1"), rpm("zsh", "1-1", epoch_known=False), deb("nobody-looked", "1-1"))
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
