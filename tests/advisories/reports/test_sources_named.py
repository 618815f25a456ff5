"""Standard input by its name: nobody who gets a report knows what a dash was."""

import io
import re
from datetime import date
from typing import Any

import pytest
from advisories_reference import advisory, affected, host, rpm

from advisories import Feed, Report, match, plan, verify
from advisories.distros.package_managers import MANAGERS
from advisories.models.frozen import evolve
from advisories.models.reading import ReadReport, Rejection
from advisories.readers.statements import registry
from advisories.reports import FORMATS, render
from advisories.reports.inventory import ListReport
from advisories.reports.lint import LintReport
from advisories.reports.plan import PlanReport
from advisories.reports.verification import VerificationReport
from advisories.triage.baseline import Baseline, read_baseline
from advisories.triage.pipeline import triage

READ = ReadReport("-", "test", 2, 1, (Rejection("-", "line 2", "x", "no version"),), (("keys", 1),))
RULES = b'[[ignore]]\nid = "CVE-2024-1002"\nreason = "nobody logs in here"\n'
INVENTORY = evolve(host(rpm("bash", "1-1"), rpm("zsh", "1-1")), source="-", report=READ)
FEED = Feed(
    [
        advisory("ALSA-1", affected("bash", "2-1"), cves=["CVE-2024-1001"]),
        advisory("ALSA-2", affected("zsh", "2-1"), cves=["CVE-2024-1002"]),
    ],
    [READ],
)
#: What a dash as a source looks like: a text of JSON, a cell, a word with a colon behind it.
DASH = re.compile(r'(?<!"source": )"-"(?!:)|>-<|(?:^|[ (>\t])-: |(?:^|,)-,', re.MULTILINE)


def _report(what: str) -> Any:
    day = date(2024, 3, 1)
    chosen = triage(INVENTORY, FEED, statements=[registry.read_stream(io.BytesIO(RULES), "-")], on=day)
    if what == "plan":
        made = plan(INVENTORY, FEED, findings=chosen.shown)
        return PlanReport(INVENTORY, made, MANAGERS["dnf"], chosen=chosen, on=day, feed=FEED)
    if what == "verification":
        baseline = evolve(Baseline.of(INVENTORY, match(INVENTORY, FEED)), source="-")
        return VerificationReport(verify(baseline, INVENTORY, FEED), chosen=chosen, on=day, feed=FEED)
    if what == "list":
        return ListReport(INVENTORY)
    return LintReport(FEED) if what == "lint" else Report(INVENTORY, FEED, chosen.findings, chosen=chosen, on=day)


@pytest.mark.parametrize(("what", "format"), FORMATS)
def test_no_format_calls_standard_input_a_dash(what: str, format: str) -> None:
    if (format == "json" and what != "findings") or (what == "list" and format != "text"):
        return  # what is read again has the name that was given
    text = "\n".join(render(_report(what), format))
    found = [text[max(0, one.start() - 60) : one.end() + 20] for one in DASH.finditer(text)]
    assert found == []


def test_a_baseline_of_standard_input_is_that_of_its_findings() -> None:
    report = _report("findings")
    text = "\n".join(render(Report(INVENTORY, FEED, match(INVENTORY, FEED)), "json"))
    assert read_baseline(io.BytesIO(text.encode())) == Baseline.of(INVENTORY, match(INVENTORY, FEED))
    assert '"locations": ["standard input"]' in "\n".join(render(report, "json"))
