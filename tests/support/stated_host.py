"""A made host with a finding of every kind that the formats of VEX and SBOM state, and what suppresses some of them."""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any
from unittest.mock import patch

from advisories_reference import advisory, affected, host, rpm

from advisories import Feed
from advisories.models import Assumption, FixState, Inventory, Module, Names, Reference, Severity
from advisories.models.statements import Purl
from advisories.readers import statements as readers
from advisories.readers.statements import Statements
from advisories.reports import Report, render
from advisories.reports.document import Document
from advisories.triage.pipeline import Triaged, triage

__all__ = ["DAY", "FEED", "HOST", "V2", "V3", "V4", "document", "reread", "suppressed_by", "triaged", "written"]

DAY = date(2026, 2, 1)
PUBLISHED = {"published": datetime(2026, 1, 1, tzinfo=UTC), "modified": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)}
V3 = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
V2 = "(AV:N/AC:L/Au:N/C:P/I:P/A:P)"
V4 = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"

HOST = host(
    rpm("bash", "5.1-1.el9", source_name="bash", source_version="5.1-1.el9"),
    rpm("bash-doc", "5.1-1.el9", arch="noarch", source_name="bash", source_version="5.1-1.el9"),
    rpm("openssl-libs", "1:3.0.1-1.el9", source_name="openssl", source_version="3.0.1-1.el9"),
    rpm("zsh", "5.8-1.el9"),
    rpm("tar", "1.34-1.el9"),
    rpm("xz", "5.2"),
    rpm("nodejs", "1:16.1-1.module_el9", module=Module.of("nodejs:16")),
    rpm("kernel-core", "5.14.0-70.el9"),
    rpm("kernel-core", "5.14.0-80.el9"),
    rpm("docker-ce", "24-1", vendor="Docker"),
    rpm("gawk", "5.1-10.el9", doubts=frozenset({Assumption.NOT_IN_ARCHIVE})),
    rpm("less", "590-1.el9", module=Module(False)),
    kernel="5.14.0-70.el9.x86_64",
)
FEED = Feed(
    [
        advisory(
            "ALSA-2026:1",
            affected("bash", "5.1-2.el9"),
            affected("bash-doc", "5.1-2.el9"),
            cves=["CVE-2026-1001", "CVE-2026-1002"],
            severities=(Severity("CVSS_V3", V3, cve="CVE-2026-1001"), Severity("CVSS_V2", V2, "nvd", "CVE-2026-1001")),
            references=(Reference("ADVISORY", "https://example.com/1?a=<b>"),),
            **PUBLISHED,
        ),
        advisory(
            "ALSA-2026:2",
            affected("openssl-libs", "1:3.0.1-2.el9"),
            cves=["CVE-2026-1003"],
            rating="important",
            **PUBLISHED,
        ),
        advisory("ALSA-2026:3", affected("zsh", fix_state=FixState.WONT_FIX), cves=["CVE-2026-1004"], rating="low"),
        advisory("ALSA-2026:5", affected("tar", fix_state=FixState.UNDER_INVESTIGATION), aliases=("GHSA-a-b-c",)),
        advisory("ALSA-2026:6", affected("xz", "5.2-3"), cves=["CVE-2026-1006"], severities=(Severity("CVSS_V4", V4),)),
        advisory("ALSA-2026:7", affected("kernel-core", "5.14.0-75.el9"), cves=["CVE-2026-1007"], known_exploited=True),
        advisory("ALSA-2026:8", affected("awk", "5.1-9.el9", names=Names.SOURCE), cves=["CVE-2026-1008"], **PUBLISHED),
        advisory(
            "ALSA-2026:9",
            affected("nodejs", "1:16.2-1.module_el9", module=Module.of("nodejs:16")),
            cves=["CVE-2026-1009", "CVE-2026-10010", "CVE-2026-10011"],
            **PUBLISHED,
        ),
        advisory("ALSA-2026:12", affected("less", "591-1.el9", module=Module.of("less:1")), cves=["CVE-2026-10012"]),
    ]
)
_NODE = "pkg:rpm/almalinux/nodejs@16.1-1.module_el9?arch=x86_64&epoch=1"
_VEX: list[dict[str, Any]] = [
    {
        "vulnerability": {"name": "CVE-2026-1009"},
        "products": [{"@id": _NODE}],
        "status": "not_affected",
        "justification": "vulnerable_code_not_in_execute_path",
        "impact_statement": "the parser is not used",
    },
    {"vulnerability": {"name": "CVE-2026-10010"}, "products": [{"@id": _NODE}], "status": "fixed"},
    {
        "vulnerability": {"name": "CVE-2026-1002"},
        "products": [{"@id": "pkg:rpm/almalinux/bash-doc"}],
        "status": "not_affected",
        "impact_statement": "documentation alone",
    },
]
_RULES = b"""
[[ignore]]
id = "CVE-2026-1003"
until = 2026-12-31
reason = "the engine is not loaded"
owner = "platform team"
"""


def _statements() -> list[Statements]:
    vex = {
        "@context": "https://openvex.dev/ns/v0.2.0",
        "@id": "https://example.com/vex",
        "author": "vendor",
        "timestamp": "2026-01-20T00:00:00Z",
        "version": 1,
        "statements": _VEX,
    }
    return [
        readers.read_stream(BytesIO(json.dumps(vex).encode()), "vendor.json"),
        readers.read_stream(BytesIO(_RULES), "ignore.toml"),
    ]


def triaged(
    statements: Iterable[Statements] | None = None,
    inventory: Inventory = HOST,
    feed: Feed = FEED,
    scanned: Sequence[Purl] = (),
    on: date = DAY,
) -> Triaged:
    """The findings of the host, those that statements suppress apart."""
    given = tuple(_statements() if statements is None else statements)
    return triage(inventory, feed, statements=given, on=on, scanned=scanned)


def document(inventory: Inventory = HOST, feed: Feed = FEED, target: str | None = "registry.example/app:1") -> Document:
    """The report of the host."""
    chosen = triaged(inventory=inventory, feed=feed)
    return Document.of(Report(inventory, feed, chosen.findings, chosen=chosen, on=DAY, target=target))


def written(report: Any, format: str) -> str:
    """A report in a format, by a tool whose version never changes."""
    with patch("importlib.metadata.version", return_value="0.1.0"):
        return "\n".join(render(report, format)) + "\n"


def reread(report: Document) -> Document:
    """The same report, from its JSON."""
    return Document(json.loads("\n".join(render(report, "json"))))


def suppressed_by(
    text: str, inventory: Inventory = HOST, feed: Feed = FEED, product: str | None = None
) -> set[tuple[str, str]]:
    """The findings that a document of ours suppresses, as ``--ignore`` takes it: instance and vulnerability.

    :param product: the image that was listed, as ``--product`` names it.
    """
    statements = readers.read_stream(BytesIO(text.encode()), "ours.json")
    assert not statements.report.rejections
    scanned = () if product is None else (readers.purl_of(product),)
    # A report is of the day on which the newest advisory changed, where that is later than its own.
    suppression = triaged([statements], inventory, feed, scanned, date.max).suppression
    assert suppression is not None
    return {(one.finding.instance, one.finding.vulnerability) for one in suppression.suppressed}
