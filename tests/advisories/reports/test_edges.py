"""Reports at their edges: without findings, packages or anything decided, each valid by the official schema."""

import io
import json
from datetime import date
from pathlib import Path

import ci_schemas
import pytest
import sbom_schemas
from advisories_reference import advisory, affected, host, rpm
from report_schemas import validator
from well_formed import whole

from advisories import Feed, Report, cli, match, plan, read_statements, verify
from advisories.distros.package_managers import MANAGERS
from advisories.models import Package
from advisories.models.distribution import Distribution
from advisories.models.errors import AdvisoriesError, EmptyReport
from advisories.models.packages import Inventory
from advisories.reports import AnyReport, formats, render
from advisories.reports.document import Document
from advisories.reports.lint import LintReport
from advisories.reports.plan import PlanReport
from advisories.reports.reading import read_report
from advisories.reports.verification import VerificationReport
from advisories.triage.baseline import Baseline
from advisories.triage.pipeline import triage

DAY = date(2024, 3, 1)
FEED = Feed([advisory("ALSA-2024:1", affected("bash", "2-1"), cves=["CVE-2024-1001"])])
IGNORED = b'[[ignore]]\nid = "CVE-2024-1001"\nreason = "nobody logs in here"\n'
STATED = json.dumps(
    {
        "@context": "https://openvex.dev/ns/v0.2.0",
        "@id": "urn:uuid:1",
        "author": "me",
        "timestamp": "2024-01-01T00:00:00Z",
        "version": 1,
        "statements": [
            {
                "vulnerability": {"name": "CVE-2024-1001"},
                "products": [{"@id": "pkg:rpm/almalinux/bash"}],
                "status": "not_affected",
                "justification": "vulnerable_code_not_present",
            }
        ],
    }
).encode()
BASH = rpm("bash", "1-1")


def _report(inventory: Inventory, feed: Feed = FEED, rules: bytes | None = None) -> Report:
    statements = [] if rules is None else [read_statements(io.BytesIO(rules))]
    chosen = triage(inventory, feed, statements=statements, on=DAY)
    return Report(inventory, feed, chosen.findings, chosen=chosen, on=DAY)


#: What is at an edge, with a word for it.
EDGES = {
    "no findings": _report(host(rpm("zsh", "1-1"))),
    "no packages": _report(host()),
    "no release": _report(host(BASH, distribution=None)),
    "languages alone": _report(host(Package("pypi", "urllib3", "1.0"), distribution=None)),
    "not covered": _report(host(BASH, distribution=Distribution("rocky", "9"))),
    "no advisories": _report(host(BASH), Feed([])),
    "ignored alone": _report(host(BASH), rules=IGNORED),
    "stated alone": _report(host(BASH), rules=STATED),
    "undecidable alone": _report(host(rpm("bash", "2"))),
    "third party alone": _report(host(rpm("bash", "1-1", vendor="somebody"))),
    "no name": _report(Inventory(None, (BASH,), source="")),
}
#: Those that a statement of VEX is about.
STATING = {"ignored alone", "stated alone", "undecidable alone"}
CI = ("sarif", "gitlab", "junit")
SBOM = ("cyclonedx", "cyclonedx-1.7", "openvex", "csaf-vex", "spdx")


def _error(what: str, format: str, text: str) -> str | None:
    """The first error by the official schema, where the format has one. By ours for JSON."""
    if format == "json":
        form = validator("report" if what == "findings" else what)
        return next((error.message for error in form.iter_errors(json.loads(text))), None)
    if format in CI:
        return ci_schemas.error_of(format, text)
    return sbom_schemas.error_of(format, text) if format in SBOM else None


@pytest.mark.parametrize("edge", EDGES)
@pytest.mark.parametrize("format", formats("findings"))
def test_every_format_is_valid_at_every_edge(format: str, edge: str) -> None:
    report = EDGES[edge]
    if format == "openvex" and edge not in STATING:
        with pytest.raises(EmptyReport, match="OpenVEX demands a statement"):
            render(report, format)
        return
    lines = list(render(report, format))
    assert lines
    assert all(line.isprintable() for line in lines)
    if format not in ("text", "table"):
        whole(lines, format)
    assert _error("findings", format, "\n".join(lines)) is None


@pytest.mark.parametrize("edge", EDGES)
def test_every_edge_can_be_read_back(edge: str) -> None:
    text = "\n".join(render(EDGES[edge], "json"))
    assert read_report(io.BytesIO(text.encode())) == Document.of(EDGES[edge])


@pytest.mark.parametrize("edge", EDGES)
def test_no_edge_is_clean_by_accident(edge: str) -> None:
    """Only of packages that were checked a format may leave it at no findings."""
    if edge in ("no findings", *STATING):
        return
    for format in formats("findings"):
        # JSON has the facts: no class is one of packages that were checked.
        if format not in ("openvex", "json", "jsonl"):
            text = "\n".join(render(EDGES[edge], format)).lower()
            assert any(
                word in text for word in ("warning", "error", "warn", "fatal", "not-covered", '"covered": false')
            )


def _others() -> dict[str, AnyReport]:
    empty, nothing = host(rpm("zsh", "1-1")), Feed([])
    return {
        "plan": PlanReport(empty, plan(empty, FEED), MANAGERS["dnf"], on=DAY),
        "verification": VerificationReport(verify(Baseline.of(empty, match(empty, FEED)), empty, FEED), on=DAY),
        "lint": LintReport(nothing),
    }


@pytest.mark.parametrize(("what", "format"), [(what, one) for what in _others() for one in formats(what)])
def test_other_kinds_are_valid_without_anything(what: str, format: str) -> None:
    lines = list(render(_others()[what], format))
    assert _error(what, format, "\n".join(lines)) is None
    if format not in ("text", "shell"):
        whole(lines, format)


def test_what_cannot_be_written_has_no_file_and_the_others_are_whole(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("list.txt").write_text("# os-release ID=almalinux VERSION_ID=9.4\nzsh-5.8-9.el9.x86_64\n")
    affected_entry = {
        "package": {"ecosystem": "AlmaLinux:9", "name": "bash"},
        "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "5.1.8-6.el9"}]}],
    }
    Path("feed.json").write_text(json.dumps([{"id": "ALSA-2024:1", "affected": [affected_entry]}]))
    words = ["match", "--inventory", "list.txt", "--feed", "feed.json"]
    assert cli.main([*words, "-o", "openvex=vex.json", "-o", "json=report.json", "--format", "csaf-vex"]) == 0
    out, err = capsys.readouterr()
    assert "openvex: no finding is shown or suppressed" in err
    assert "Write csaf-vex or cyclonedx" in err
    assert json.loads(out)["document"]["category"] == "csaf_base"
    assert json.loads(Path("report.json").read_text())["findings"] == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["feed.json", "list.txt", "report.json"]
    assert cli.main([*words, "--format", "openvex"]) == 2
    assert capsys.readouterr().out == ""
    assert cli.main(["report", "report.json", "--format", "openvex"]) == 2
    assert issubclass(EmptyReport, AdvisoriesError)
