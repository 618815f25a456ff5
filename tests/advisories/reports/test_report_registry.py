"""Every kind of report in every format of the registry."""

import io
import json
import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from advisories_reference import advisory, affected, host, rpm
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from made_report import FORMS, HOSTILE, document, hostile_document, many_findings, small
from page_elements import Elements
from report_schemas import validator
from well_formed import whole

from advisories import Feed, match, plan, verify
from advisories.distros.package_managers import MANAGERS, Command
from advisories.models import schemas
from advisories.models.distribution import Distribution
from advisories.models.errors import AdvisoriesError, EmptyReport, UnknownReport, UnreadableBaseline
from advisories.reports import FORMATS, AnyReport, Report, formats, render
from advisories.reports.document import Document
from advisories.reports.inventory import ListReport
from advisories.reports.lint import LintReport
from advisories.reports.lint_document import LintDocument
from advisories.reports.plan import PlanReport
from advisories.reports.plan_document import PlanDocument
from advisories.reports.plan_steps import commands_of
from advisories.reports.reading import read_report
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
        render(report("plan"), "sarif")
    assert str(raised.value) == (
        "unknown format 'sarif' for plan: choose text or shell or json or csv or html or markdown"
    )
    assert (raised.value.what, raised.value.format, raised.value.formats) == ("plan", "sarif", formats("plan"))
    assert isinstance(raised.value, AdvisoriesError)
    assert isinstance(raised.value, LookupError)


WRITTEN = formats("findings", earlier=True)
# What can be written from JSON, of each kind.
EARLIER = [(what, format) for what, format in FORMATS if format in formats(what, earlier=True)]


def test_a_script_and_texts_are_made_of_what_was_just_made_alone() -> None:
    at_once = {(what, format) for what, format in FORMATS if what in FORMS} - set(EARLIER)
    assert at_once == {
        *(("findings", "text"), ("plan", "text"), ("plan", "shell")),
        *(("verification", "text"), ("verification", "sas-json")),
    }
    for what, format in at_once:
        with pytest.raises(UnknownReport, match=f"unknown format '{format}' for an earlier report of {what}"):
            render(document(what), format)


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


@pytest.mark.parametrize(("what", "format"), EARLIER)
def test_hostile_names_are_harmless_in_every_format(what: str, format: str) -> None:
    lines = list(render(hostile_document(what), format))
    assert all(line.isprintable() for line in lines)
    assert lines == list(render(hostile_document(what), format))
    whole(lines, format)


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
        whole(lines, format)


@settings(max_examples=examples(25))
@given(text=st.text(max_size=20), hostile=st.sampled_from(HOSTILE))
def test_any_name_is_harmless_in_a_plan_and_in_lint(text: str, hostile: str) -> None:
    plan: Any = document("plan").content
    plan["inventory"], plan["stays"][0]["text"], plan["steps"][0]["source"] = text, hostile + text, text + hostile
    plan["steps"][0]["packages"][0] |= {"package": text, "version": hostile, "to": text, "request": text}
    plan["steps"][0]["commands"] = [[text, hostile]]
    lint: Any = document("lint").content
    lint["sources"][0] |= {"source": text, "format": text}
    lint["sources"][0]["rejections"][0]["where"][0] = {"source": text + hostile, "position": text, "what": hostile}
    next(iter(lint["flaws"].values()))[0] |= {"advisory": text, "package": hostile, "why": text}
    for what, content in (("plan", plan), ("lint", lint)):
        for format in formats(what, earlier=True):
            lines = list(render(FORMS[what][1](content), format))
            assert all(line.isprintable() for line in lines), format
            whole(lines, format)


@pytest.mark.parametrize(("what", "format"), EARLIER)
def test_a_report_and_its_json_are_the_same_in_every_format(what: str, format: str) -> None:
    text = "\n".join(render(small(what), "json"))
    again = read_report(io.BytesIO(text.encode()))
    assert again == document(what)
    lines = list(render(small(what), format))
    assert lines == list(render(again, format)) == list(render(document(what), format))
    whole(lines, format)


@pytest.mark.parametrize("what", FORMS)
def test_each_kind_fits_its_schema_and_is_checked_when_it_is_read(what: str) -> None:
    content = json.loads("\n".join(render(small(what), "json")))
    form = validator("report" if what == "findings" else what)
    form.validate(content)
    form.validate(hostile_document(what).content)
    for name in content:
        left = {other: value for other, value in content.items() if other != name}
        assert not form.is_valid(left)
        with pytest.raises(UnreadableBaseline, match=name):
            read_report(io.BytesIO(json.dumps(left).encode()))


def test_a_command_of_a_plan_that_was_read_is_one_of_the_package_manager() -> None:
    content: Any = document("plan").content
    step = content["steps"][0]
    (command,) = step["commands"]
    assert [str(Command(tuple(command)))] == commands_of(step, content)
    others = [
        ["rm", "-rf", "/"],
        ["dnf", "remove", "glibc"],
        ["dnf", "upgrade", "bash", "glibc"],
        ["dnf", "upgrade", "--nogpgcheck", "bash"],
        ["dnf", "--installroot=/", *command[1:]],
        ["dnf", "upgrade"],
        ["dnf"],
        [],
        ["dnf", "upgrade", "--cve=$(reboot)"],
        ["apt-get", *command[1:]],
    ]
    for words in others:
        assert commands_of({**step, "commands": [words]}, content) == []
        for format in ("html", "markdown", "csv"):
            changed = {**content, "steps": [{**step, "commands": [words]}]}
            text = "\n".join(render(PlanDocument(changed), format))
            assert not words or str(Command(tuple(words))) not in text.split("\n")
    assert commands_of({**step, "commands": [["dnf", "upgrade", "--cve=CVE-2024-1"]]}, content)
    assert commands_of(step, {**content, "manager": "rm"}) == []


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


def test_commands_of_a_plan_are_lines_to_copy() -> None:
    content = document("plan").content
    commands = [command for step in content["steps"] for command in commands_of(step, content)]
    shown = "".join(Elements("\n".join(render(small("plan"), "html"))).inside["text"])
    assert f"{commands[0]}\n{commands[1]}" in shown
    assert "\n".join(commands[:2]) in "\n".join(render(small("plan"), "markdown"))


def test_another_record_changes_no_other_result_of_lint() -> None:
    """An alert stays the same alert, whatever else is wrong."""
    content: Any = document("lint").content
    was = list(render(LintDocument(content), "sarif"))
    content["sources"][0]["rejections"][0]["where"].append({"source": "feeds/z", "position": "line 1", "what": "Z"})
    now = list(render(LintDocument(content), "sarif"))
    assert [line for line in now if '"feeds/z"' not in line] == was != now


@pytest.mark.parametrize("format", WRITTEN)
def test_no_host_is_clean_by_accident_in_any_format(format: str) -> None:
    """A host whose release the feed does not cover, and one that is covered and has no findings, differ."""
    covered, uncovered = host(rpm("tcsh", "1-1")), host(rpm("tcsh", "1-1"), distribution=Distribution("fedora", "40"))
    if format == "openvex":  # which is no format for either
        for one in (covered, uncovered):
            with pytest.raises(EmptyReport):
                render(Report(one, FEED, match(one, FEED)), format)
        return
    clean, unknown = (list(render(Report(one, FEED, match(one, FEED)), format)) for one in (covered, uncovered))
    assert clean != unknown
    text = "\n".join(unknown).lower()
    assert any(word in text for word in ("not covered", "not-covered", "no advisories of", '"covered": false'))
