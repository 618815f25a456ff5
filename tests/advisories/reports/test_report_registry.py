"""Every kind of report in every format of the registry."""

import csv
import json
import re
from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any
from xml.etree import ElementTree

import pytest
from advisories_reference import advisory, affected, host, rpm
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from made_report import HOSTILE, hostile_document, many_findings, small_report

from advisories import Feed, match, plan, verify
from advisories.distros.package_managers import MANAGERS
from advisories.models import schemas
from advisories.models.distribution import Distribution
from advisories.models.errors import AdvisoriesError, UnknownReport
from advisories.reports import FORMATS, AnyReport, Report, formats, render
from advisories.reports.document import Document
from advisories.reports.inventory import ListReport
from advisories.reports.lint import LintReport
from advisories.reports.plan import PlanReport
from advisories.reports.registry import ONLY_LIVE
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
#: What is written from a list alone. Its JSON is that of other programs.
LISTS = "list"


def report(what: str) -> AnyReport:
    findings = match(INVENTORY, FEED)
    if what == "plan":
        return PlanReport(INVENTORY, plan(INVENTORY, FEED), MANAGERS["dnf"])
    if what == "verification":
        return VerificationReport(verify(Baseline.of(INVENTORY, findings), INVENTORY, FEED))
    if what == LISTS:
        return ListReport(INVENTORY)
    return LintReport(FEED) if what == "lint" else Report(INVENTORY, FEED, findings)


@pytest.mark.parametrize(("what", "format"), FORMATS)
def test_lines_are_printable_and_always_the_same(what: str, format: str) -> None:
    lines = list(render(report(what), format))
    assert lines == list(render(report(what), format))
    assert lines
    # A table has tabs between its cells, and in no cell.
    assert all(line.replace("\t", "").isprintable() for line in lines)
    if format == "json":
        assert json.loads("\n".join(lines))["schema"] == SCHEMAS[what]


def test_every_kind_has_text_and_json() -> None:
    assert {what for what, _ in FORMATS} == {*SCHEMAS, LISTS}
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


WRITTEN = [format for format in formats("findings") if format not in ONLY_LIVE]
# What a spreadsheet takes for a formula, at the beginning of a cell.
FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]")


def texts_in(value: Any) -> Iterator[str]:
    """Every text of a decoded JSON value, keys too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from texts_in(one)
    elif isinstance(value, dict):
        yield from value
        yield from texts_in(list(value.values()))


def whole(lines: Sequence[str]) -> None:
    """What a form is by its first sign can be read as that, and nothing in it is more than a text."""
    text = "\n".join(lines)
    if text.startswith("{"):
        assert text.isascii()
        try:
            json.loads(text)
        except ValueError:
            assert all(isinstance(json.loads(line), dict) for line in lines)
    elif text.startswith("<?xml"):
        for element in ElementTree.fromstring(text).iter():
            assert element.tag.rpartition("}")[2] not in ("script", "img", "details", "b")
    elif text.startswith("::"):
        for line in lines:
            assert re.match(r"::(?:error|warning|notice|debug)(?: [a-zA-Z]+=[^:,]*(?:,[a-zA-Z]+=[^:,]*)*)?::", line)
    elif text.startswith("kind,"):
        rows = list(csv.reader(lines))
        assert {len(row) for row in rows} == {len(rows[0])}
        assert not [cell for row in rows for cell in row if FORMULA.match(cell)]


@pytest.mark.parametrize("format", WRITTEN)
def test_hostile_names_are_harmless_in_every_format(format: str) -> None:
    lines = list(render(hostile_document(), format))
    assert all(line.isprintable() for line in lines)
    assert lines == list(render(hostile_document(), format))
    whole(lines)


@settings(max_examples=examples(25))
@given(text=st.text(max_size=20), hostile=st.sampled_from(HOSTILE))
def test_any_name_is_harmless_in_every_format(text: str, hostile: str) -> None:
    content: Any = many_findings(2).content
    names = {"package": f"{text}{hostile}", "vulnerability": hostile + text, "purl": text, "cause": text}
    content["findings"][0] |= names | {"instance": text + hostile, "fixed_version": text, "fix_command": text}
    content["target"] = {"name": text, "digest": text}
    content["coverage"]["not_judged"]["third-party"] = [text, hostile]
    document = Document(content)
    for format in WRITTEN:
        lines = list(render(document, format))
        assert all(line.isprintable() for line in lines), format
        whole(lines)


@pytest.mark.parametrize("format", WRITTEN)
def test_a_match_and_its_json_are_the_same_in_every_format(format: str) -> None:
    again = Document(json.loads("\n".join(render(small_report(), "json"))))
    lines = list(render(small_report(), format))
    assert lines == list(render(again, format)) == list(render(Document.of(small_report()), format))
    whole(lines)


@pytest.mark.parametrize("format", formats("findings"))
def test_an_unrelated_upgrade_leaves_the_order_of_all_others(format: str) -> None:
    feed = Feed(
        [
            advisory("ALSA-1", affected("bash", "2-1"), cves=["CVE-2024-0003", "CVE-2024-0001"], rating="low"),
            advisory("ALSA-2", affected("zsh", "2-1"), cves=["CVE-2024-0002"], rating="important"),
            advisory("ALSA-3", affected("xz", None), affected("tar", "2-1"), cves=["CVE-2024-0004"]),
        ]
    )
    before = host(rpm("bash", "1-1"), rpm("tar", "1-1"), rpm("xz", "1-1"), rpm("zsh", "1-1"))
    after = host(rpm("bash", "1-1"), rpm("tar", "1-1"), rpm("xz", "1-1"), rpm("zsh", "2-1"))
    was, now = (
        list(dict.fromkeys(re.findall(r"CVE-2024-\d+", "\n".join(render(Report(one, feed, match(one, feed)), format)))))
        for one in (before, after)
    )
    assert [id for id in was if id != "CVE-2024-0002"] == now != was


@pytest.mark.parametrize("format", WRITTEN)
def test_no_host_is_clean_by_accident_in_any_format(format: str) -> None:
    """A host whose release the feed does not cover, and one that is covered and has no findings, differ."""
    covered, uncovered = host(rpm("tcsh", "1-1")), host(rpm("tcsh", "1-1"), distribution=Distribution("fedora", "40"))
    clean, unknown = (list(render(Report(one, FEED, match(one, FEED)), format)) for one in (covered, uncovered))
    assert clean != unknown
    text = "\n".join(unknown).lower()
    assert any(word in text for word in ("not covered", "not-covered", "no advisories of", '"covered": false'))
