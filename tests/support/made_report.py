"""A small made host whose report has something of everything, and one whose every text is hostile.

Run as a program, it writes the golden files of the small host.
"""

import io
import re
from datetime import UTC, date, datetime
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints, is_typeddict

from advisories_reference import advisory, affected, host, rpm
from places import GOLDEN

from advisories import Feed, plan, verify
from advisories.distros.package_managers import MANAGERS
from advisories.models.advisories import Advisory, Enrichment, FixState, Severity
from advisories.models.frozen import evolve
from advisories.models.json_types import check
from advisories.models.reading import Extent, ReadReport, Rejection
from advisories.readers.statements import registry
from advisories.reports import FORMATS, Report, render
from advisories.reports.document import Document, ReportObject
from advisories.reports.lint import LintReport
from advisories.reports.lint_document import LintDocument, LintObject
from advisories.reports.plan import PlanReport
from advisories.reports.plan_document import PlanDocument, PlanObject
from advisories.reports.verification import VerificationReport
from advisories.reports.verification_document import VerificationDocument, VerificationObject
from advisories.triage.baseline import Baseline
from advisories.triage.pipeline import triage

__all__ = [
    "FORMS",
    "GOLDEN_FORMATS",
    "HOSTILE",
    "document",
    "golden",
    "golden_path",
    "hostile_document",
    "many_findings",
    "small",
    "small_report",
]

#: The kinds and formats that have a golden file here. Some formats of findings have one of a host of their own.
GOLDEN_FORMATS = tuple(
    (what, format)
    for what, format in FORMATS
    if what in ("plan", "verification", "lint")
    or (what == "findings" and (GOLDEN / "reports" / f"small.{format}").exists())
)

DAY = date(2024, 3, 1)
FULL = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
LOCAL = "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:N/I:N/A:L"
RULES = b"""
[[ignore]]
id = "CVE-2024-0005"
package = "sudo"
reason = "nobody logs in here"
owner = "ops"
until = 2024-12-31
[[ignore]]
id = "CVE-2024-0001"
reason = "was only for a while"
until = 2024-01-31
"""


def _record(id: str, *entries: Any, cves: list[str], **more: Any) -> Advisory:
    made = advisory(id, *entries, cves=cves)
    return evolve(made, published=datetime(2024, 1, 2, tzinfo=UTC), modified=datetime(2024, 2, 1, tzinfo=UTC), **more)


def small_report() -> Report:
    """A host with a kernel, packages with a fix, without one and with one elsewhere, and what was not checked."""
    inventory = host(
        rpm("bash", "5.1.8-1.el9", source_name="bash", source_version="5.1.8-1.el9"),
        rpm("kernel-core", "5.14.0-70.el9"),
        rpm("kernel-core", "5.14.0-162.el9"),
        rpm("nginx", "1:1.20-1.el9", vendor="nginx inc"),
        rpm("openssl-libs", "1:3.0.1-1.el9", source_name="openssl", source_version="1:3.0.1-1.el9"),
        rpm("sudo", "1.9-1.el9"),
        rpm("tar", "2:1.34-1.el9"),
        rpm("vim", "8.2-1.el9", epoch_known=False),
        rpm("xz", "5.2.5-1.el9"),
        rpm("zsh", "5.8-1.el9"),
        kernel="5.14.0-70.el9.x86_64",
    )
    feed = Feed(
        [
            _record(
                "ALSA-2024:0001",
                affected("bash", "5.1.8-6.el9"),
                cves=["CVE-2024-0001", "CVE-2024-0002"],
                severities=(Severity("CVSS_V3", FULL, "vendor", "CVE-2024-0001"),),
            ),
            _record(
                "ALSA-2024:0002", affected("kernel-core", "5.14.0-162.el9"), cves=["CVE-2024-0003"], rating="important"
            ),
            _record(
                "ALSA-2024:0003", affected("openssl-libs", "1:3.0.7-2.el9"), cves=["CVE-2024-0004"], rating="moderate"
            ),
            _record("ALSA-2024:0004", affected("sudo", "1.9-2.el9"), cves=["CVE-2024-0005"], rating="low"),
            _record(
                "ALSA-2024:0005", affected("tar", "2:1.34-6.el9", channel="eus"), cves=["CVE-2024-0006"], rating="low"
            ),
            _record("ALSA-2024:0006", affected("zsh", None, fix_state=FixState.WONT_FIX), cves=["CVE-2024-0007"]),
            _record("ALSA-2024:0007", affected("vim", "2:8.0-1.el9"), cves=["CVE-2024-0008"], rating="low"),
        ],
        [
            ReadReport(
                *("advisories.jsonl", "osv", 8, 7),
                rejections=(Rejection("advisories.jsonl", "line 8", "ALSA-2024:0008", "no id", Extent.RECORD),),
                skips=(("withdrawn", 2),),
                newest=datetime(2024, 2, 1, tzinfo=UTC),
            )
        ],
        [
            Enrichment(
                "CVE-2024-0004", "nvd", severities=(Severity("CVSS_V3", LOCAL, "nvd"),), known_exploited=True, epss=0.42
            )
        ],
    )
    rules = registry.read_stream(io.BytesIO(RULES), "rules.toml")
    chosen = triage(inventory, feed, statements=[rules], on=DAY)
    return Report(inventory, feed, chosen.findings, None, chosen, DAY, "registry.example/app:1@sha256:0f1e")


#: What a name must not do: end a block, run, link, colour a terminal, turn text around, or write a table.
HOSTILE = (
    "<script>window.pwned=1</script>",
    "</script><img src=x onerror=window.pwned=1>",
    "<!--<script>",
    "]]>",
    "\x1b[2J\x1b]8;;https://evil.example\x07",
    "a\u202egnp.exe\u2066",
    "two\nlines\rand\ttabs\x00\x7f",
    "=cmd|' /C calc'!A1",
    "a | b `c` **d** [e](javascript:alert(1)) @everyone #1 <details>",
    "\" onmouseover=window.pwned=1 '",
    "{{ 7 * 7 }}{% for a in b %}${7}",
    "\ud800 lone",
    "\u2028\u2029\u3164",
)


#: The type of the form of each kind of report, and its document.
FORMS: dict[str, tuple[Any, Any]] = {
    "findings": (ReportObject, Document),
    "plan": (PlanObject, PlanDocument),
    "verification": (VerificationObject, VerificationDocument),
    "lint": (LintObject, LintDocument),
}


def small(what: str) -> Any:
    """A report of each kind: of the small host, its plan, what became of it after an upgrade, and its feed."""
    report = small_report()
    inventory, feed, chosen = report.inventory, report.feed, report.chosen
    if what == "plan":
        made = plan(inventory, feed, findings=chosen.shown)
        return PlanReport(inventory, made, MANAGERS["dnf"], chosen=chosen, on=DAY)
    if what == "verification":
        now = host(
            rpm("bash", "5.1.8-6.el9", source_name="bash", source_version="5.1.8-6.el9"),
            *[one for one in inventory.packages if one.name not in ("bash", "tar", "zsh")],
            rpm("zsh", "5.9-1.el9"),
            rpm("tcsh", "6.22-1.el9"),
            kernel="5.14.0-162.el9.x86_64",
        )
        later = _record("ALSA-2024:0009", affected("tcsh", "6.22-2.el9"), cves=["CVE-2024-0009"], rating="low")
        feed = Feed([*feed, later], feed.reports)
        verification = verify(Baseline.of(inventory, report.findings), now, feed)
        rules = registry.read_stream(io.BytesIO(RULES), "rules.toml")
        chosen = triage(now, feed, findings=verification.findings, statements=[rules], on=DAY)
        return VerificationReport(verification, chosen=chosen, on=DAY)
    return LintReport(flawed_feed()) if what == "lint" else report


def flawed_feed() -> Feed:
    """A feed with rejections of both extents, skips, and flaws."""
    records = [
        _record(
            "ALSA-2024:0001",
            affected("bash", "5.1.8-6.el9"),
            affected("zsh", "1-1", introduced="2-1"),
            cves=["CVE-2024-1"],
        ),
        _record("ALSA-2024:0002", affected("tar", "1:2-1"), affected("sudo", "1.9-"), cves=["CVE-2024-2"]),
        _record("ALSA-2024:0003", affected("tar", "3-1"), affected("openssl-doc", "3-1"), cves=["CVE-2024-3"]),
    ]
    rejections = [
        Rejection("feeds/all.jsonl", "line 8", "ALSA-2024:0008", "no id", Extent.RECORD),
        Rejection("feeds/all.zip!a/b.json", "affected[0]", "ALSA-2024:0009", "an invalid version", Extent.PART),
        Rejection("feeds/all.jsonl", "line 9", "ALSA-2024:0010", "no id", Extent.RECORD),
    ]
    read = ReadReport(
        "feeds", "osv", 5, 3, tuple(rejections), (("withdrawn", 2),), newest=datetime(2024, 2, 1, tzinfo=UTC)
    )
    return Feed(records, [read])


def document(what: str) -> Any:
    """:func:`small` as its JSON form has it."""
    return FORMS[what][1].of(small(what))


def hostile_document(what: str = "findings") -> Any:
    """A document in whose every text and key, where these are free, a hostile name is, and links that run."""
    at = iter(range(1 << 30))

    def spoiled(value: Any, type: Any, name: str = "") -> Any:
        origin, arguments = get_origin(type), get_args(type)
        if value is None:
            return None
        if origin is Annotated:
            return value if arguments[0] is str else spoiled(value, arguments[0])
        if origin in (Union, UnionType):
            return spoiled(value, next(one for one in arguments if one is not NoneType), name)
        if origin is list:
            return [spoiled(one, arguments[0]) for one in value]
        if origin is dict:
            return {key: spoiled(one, arguments[1]) for key, one in value.items()}
        if is_typeddict(type):
            hints = get_type_hints(type, include_extras=True)
            return {key: spoiled(one, hints[key], key) for key, one in value.items()}
        if type is not str:
            return value
        if name == "url":
            return ("javascript:window.pwned=1", "https://x.example/\u202e", "data:text/html,<script>")[next(at) % 3]
        return f"{HOSTILE[next(at) % len(HOSTILE)]}{value}"

    form, made = FORMS[what]
    content: Any = document(what).content
    spoilt = spoiled(content, form)
    if what == "findings":
        spoilt["feed"]["sources"][0]["skipped"] = dict.fromkeys(HOSTILE, 1)
        spoilt["feed"]["conflicts"] = list(HOSTILE)
        spoilt["target"] = {"name": "".join(HOSTILE), "digest": HOSTILE[0]}
    if what == "lint":
        spoilt["sources"][0]["skipped"] = spoilt["enrichments"] = spoilt["unordered"] = dict.fromkeys(HOSTILE, 1)
    check(spoilt, form)
    return made(spoilt)


def many_findings(count: int) -> Document:
    """A document with so many findings: a package for each eight, each finding with vectors and links of its own."""
    made = Document.of(small_report())
    content: Any = dict(made.content)
    first = made.findings[0]
    content["findings"] = [
        {
            **first,
            "vulnerability": f"CVE-2024-{number:05}",
            "aliases": [f"GHSA-{number}"],
            "known_exploited": not number % 99,
            "package": f"package-{number // 8}",
            "source": f"package-{number // 80}",
            "instance": f"rpm/package-{number // 8}/x86_64",
            "links": [{"id": f"CVE-2024-{number:05}", "url": f"https://cve.example/CVE-2024-{number:05}"}],
            "cause": f"package-{number // 8} 1-1 is earlier than {number % 5 + 2}-1 (ALSA-{number // 3})",
            "fixed_version": f"{number % 5 + 2}-1",
            "priority": ("High", "Medium", "Low")[number % 3],
        }
        for number in range(count)
    ]
    return Document(content)


def golden(what: str, format: str) -> str:
    """What a format makes of the small host. Of a page, all but its style and its script."""
    text = "\n".join(render(small(what), format)) + "\n"
    if format == "html":
        text = re.sub(r"(?s)<(style|script)>.*?</\1>\n", "", text)
        text = re.sub(r"'sha256-[^']+'", "'sha256-...'", text)
    return re.sub(r'("name": "advisories(?: lint)?", "version": )"[^"]+"', r'\1"..."', text)


def golden_path(what: str, format: str) -> Path:
    """The golden file of a format: ``small.FORMAT`` for findings, ``plan.FORMAT`` and so on for other kinds."""
    return GOLDEN / "reports" / f"{'small' if what == 'findings' else what}.{format}"


if __name__ == "__main__":
    for what, format in GOLDEN_FORMATS:
        golden_path(what, format).write_text(golden(what, format), encoding="utf-8")
