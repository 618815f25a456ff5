"""Every kind of report in every format of the registry."""

import json
from importlib import import_module

import pytest
from advisories_reference import advisory, affected, host, rpm

from advisories import Feed, match, plan, verify
from advisories.distros.package_managers import MANAGERS
from advisories.models import schemas
from advisories.models.errors import AdvisoriesError, UnknownReport
from advisories.reports import FORMATS, AnyReport, Report, formats, render
from advisories.reports.lint import LintReport
from advisories.reports.plan import PlanReport
from advisories.reports.verification import VerificationReport
from advisories.triage.baseline import Baseline

INVENTORY = host(rpm("bash", "1\x1b[2J-1"), rpm("zsh", "1-1"))
FEED = Feed([advisory("ALSA-1", affected("bash", "2-1"), affected("zsh", None), cves=["CVE-2024-1"])])
SCHEMAS = {
    "findings": schemas.REPORT,
    "plan": schemas.PLAN,
    "verification": schemas.VERIFICATION,
    "lint": schemas.LINT,
}


def report(what: str) -> AnyReport:
    findings = match(INVENTORY, FEED)
    if what == "plan":
        return PlanReport(INVENTORY, plan(INVENTORY, FEED), MANAGERS["dnf"])
    if what == "verification":
        return VerificationReport(verify(Baseline.of(INVENTORY, findings), INVENTORY, FEED))
    return LintReport(FEED) if what == "lint" else Report(INVENTORY, FEED, findings)


@pytest.mark.parametrize(("what", "format"), FORMATS)
def test_lines_are_printable_and_always_the_same(what: str, format: str) -> None:
    lines = list(render(report(what), format))
    assert lines == list(render(report(what), format))
    assert lines
    assert all(line.isprintable() for line in lines)
    if format == "json":
        assert json.loads("\n".join(lines))["schema"] == SCHEMAS[what]


def test_every_kind_has_text_and_json() -> None:
    assert {what for what, _ in FORMATS} == set(SCHEMAS)
    for what in SCHEMAS:
        assert {"text", "json"} <= set(formats(what))
    for (what, format), module in FORMATS.items():
        assert module == f"advisories.reports.{what}_{format.replace('-', '_').replace('.', '_')}"
        assert "render" in import_module(module).__all__


def test_an_unknown_format_names_those_there_are() -> None:
    with pytest.raises(UnknownReport) as raised:
        render(report("plan"), "html")
    assert str(raised.value) == "unknown format 'html' for plan: choose text or shell or json"
    assert (raised.value.what, raised.value.format, raised.value.formats) == ("plan", "html", ("text", "shell", "json"))
    assert isinstance(raised.value, AdvisoriesError)
    assert isinstance(raised.value, LookupError)
