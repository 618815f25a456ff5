"""What a report leaves open: every kind of caveat, in every format that has a place for sentences."""

import copy
import re
from html import unescape
from inspect import getsource
from typing import Any, get_args, get_type_hints
from urllib.parse import unquote

import pytest
from advisories_reference import advisory, affected, host, rpm
from made_report import FORMS, document, small, small_report

from advisories import Feed, match, plan, verify
from advisories.models.assumptions import Assumption
from advisories.models.findings import PackageClass
from advisories.models.frozen import evolve
from advisories.models.packages import Image, Layer, Removed
from advisories.models.reading import Extent, ReadReport, Rejection
from advisories.reports import Report, formats, render
from advisories.reports import caveats as caveats_module
from advisories.reports.caveats import Caveat, Level, caveat_objects, caveats, read_caveats
from advisories.reports.document import Document, GateObject
from advisories.reports.findings_template import renderer
from advisories.reports.plan import PlanReport
from advisories.reports.plan_caveats import plan_caveats
from advisories.reports.verification import VerificationReport
from advisories.reports.verification_caveats import verification_caveats
from advisories.triage.baseline import Baseline

#: What programs read as facts: the sentences are made of these.
OF_FACTS = {"json", "jsonl"}
#: What the text of findings has a part of its own about.
IN_PARTS = {"disputed", "hidden", "statements", "support-ended", "suppressed"}
GATES = get_args(get_type_hints(GateObject)["id"])


def everything_open() -> Any:
    """A report of the small host that leaves open whatever a report can."""
    content: Any = copy.deepcopy(document("findings").content)
    coverage, inventory, feed = content["coverage"], content["inventory"], content["feed"]
    coverage |= {"covered": False, "installed_later": 3, "not_security": 2, "packages": 0}
    coverage["classes"] |= dict.fromkeys(coverage["classes"], 1)
    coverage["assumptions"] = {word.value: number for number, word in enumerate(Assumption, start=1)}
    inventory["support"] |= {"standard_ended": True}
    inventory |= {"running_kernel": "6.1.0-1", "running_kernel_listed": False, "contradictions": ["it is two hosts"]}
    setup = {"name": "debian 12", "by": "bookworm main", "is_on": True, "is_security": False, "line": 1}
    inventory["distribution"] = {"id": "debian", "release": "12", "channels": []}
    inventory["setups"] = [
        {**setup, "kind": "release", "source": "etc/apt/sources.list"},
        {**setup, "kind": "other", "name": "https://repo.example", "source": "etc/apt/sources.list"},
    ]
    removed = {"instance": "deb/gone/amd64", "package": "gone", "version": "1", "arch": "amd64"}
    removed |= {"layer": {"digest": "sha256:1", "history": None}, "removed_by": {"digest": "sha256:2", "history": None}}
    image = {"name": "app", "digest": None, "id": "sha256:0", "platform": None, "labels": {}, "removed": [removed]}
    inventory["image"] = image
    feed |= {"conflicts": ["ALSA-9"], "unordered": {"maven": 7}}
    content["statements"]["outcomes"] |= {"expired": 2}
    content["statements"]["disputed"] = [{"instance": "rpm/bash/x86_64", "vulnerability": "CVE-1", "statements": []}]
    content["hidden"] = {"priority": 4}
    content["gates"] = [{"id": id, "text": f"the reason of {id}"} for id in GATES]
    first, second = content["findings"][:2]
    first |= {"status": "undecidable", "vectors_refused": ["CVSS:9.9/?"], "score": None}
    second |= {"presence": "unknown", "basis": "assumed", "rule": "A0"}
    return content


def squeezed(text: str) -> str:
    """Letters and digits alone, without what a format puts around or in front of the others."""
    text = re.sub(r"\\u[0-9a-f]{4}|\\n|<!-- -->|(?m:^# ?)", "", unquote(unescape(unescape(text))))
    return re.sub(r"[^A-Za-z0-9]+", "", text)


def missing(open_: list[Caveat], text: str) -> list[str]:
    within = squeezed(text)
    return [one.id for one in open_ if squeezed(one.text) not in within]


def test_the_report_leaves_everything_open() -> None:
    """A kind of caveat that is added is held by the laws below."""
    literal = set(re.findall(r'Caveat\(\s*"([a-z-]+)"', getsource(caveats_module)))
    named = {id for id, _, _ in caveats_module._OF_FINDINGS}
    classes = {word.value for word, _ in caveats_module._NOT_JUDGED}
    assert {one.id for one in caveats(everything_open())} == {*literal, *named, *classes, *Assumption, *GATES}


@pytest.mark.parametrize("format", [one for one in formats("findings", earlier=True) if one not in OF_FACTS])
def test_every_format_of_findings_has_every_caveat(format: str) -> None:
    content = everything_open()
    assert missing(caveats(content), "\n".join(render(Document(content, 80), format))) == []


def test_the_text_has_every_caveat(monkeypatch: pytest.MonkeyPatch) -> None:
    content = everything_open()
    counts = dict.fromkeys(("undecidable", "kernel-unknown", "priority-assumed", "vectors-refused", "without-score"), 3)
    monkeypatch.setattr("advisories.reports.findings_text.head", lambda report: content)
    monkeypatch.setattr("advisories.reports.findings_text._counted", lambda groups: {**counts, "suppressed": 1})
    open_ = [one for one in caveats_module.caveats_of(content, {**counts, "suppressed": 1}) if one.id not in IN_PARTS]
    assert missing(open_, "\n".join(render(small_report(), "text"))) == []


def test_templates_have_every_caveat() -> None:
    content = everything_open()
    write = renderer("{% for one in caveats %}{{ one.text }}\n{% endfor %}", "all.txt")
    assert missing(caveats(content), "\n".join(write(Document(content)))) == []


@pytest.mark.parametrize("what", ["plan", "verification"])
def test_every_format_of_plans_and_verifications_has_every_caveat(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    open_ = caveats(everything_open())
    live = {"plan": ("plan_shell", "plan_text"), "verification": ("verification_text", "verification_sas_json")}
    for module in live[what]:
        monkeypatch.setattr(f"advisories.reports.{module}.{what}_caveats", lambda report: open_)
        if module.endswith("_text"):
            monkeypatch.setattr(f"advisories.reports.{module}._ELSEWHERE", frozenset())
    content: Any = copy.deepcopy(document(what).content) | {"caveats": caveat_objects(open_)}
    for format in formats(what):
        is_live = f"{what}_{format.replace('-', '_')}" in live[what]
        lines = render(small(what) if is_live else FORMS[what][1](content), format)
        assert missing(open_, "\n".join(lines)) == [], format


def test_plans_and_verifications_leave_open_what_findings_do() -> None:
    """Of the same host and the same feed, whatever is not about findings alone."""
    old = Layer("sha256:1", None)
    inventory = host(rpm("bash", "1-1"), rpm("kernel-core", "5.14.0-70.el9"), kernel="5.14.0-162.el9.x86_64")
    inventory = evolve(
        inventory,
        contradictions=("it is two hosts",),
        image=Image("app", "sha256:3", "sha256:4", "linux/amd64"),
        removed=(Removed(rpm("gone", "1-1"), old),),
        report=ReadReport("list", "rpm-qa", 3, 2, (Rejection("list", "line 3", "?", "no version"),), (("keys", 1),)),
    )
    reads = [ReadReport("feed", "osv", 2, 1, (Rejection("feed", "line 2", "X-1", "no id"),), (("withdrawn", 2),))]
    feed = Feed([advisory("ALSA-1", affected("bash", "2-1"), cves=["CVE-2024-1"])], reads)
    findings = match(inventory, feed)
    of_findings = caveats(Document.of(Report(inventory, feed, findings)).content)
    of_plan = plan_caveats(PlanReport(inventory, plan(inventory, feed), None, feed=feed))
    verification = verify(Baseline.of(inventory, findings), inventory, feed)
    of_verification = verification_caveats(VerificationReport(verification, feed=feed))
    about_findings = {id for id, _, _ in caveats_module._OF_FINDINGS} | {"feed-age"}
    expected = {(one.id, one.text) for one in of_findings if one.id not in about_findings}
    assert {id for id, _ in expected} >= {"running-kernel-unlisted", "removed-packages", "contradiction", "rejected"}
    for found in (of_plan, of_verification):
        assert expected - {(one.id, one.text) for one in found} == set()


@pytest.mark.parametrize(
    ("kernel", "listed", "is_open"),
    [
        (None, "5.14.0-70.el9", False),
        ("5.14.0-70.el9.x86_64", "5.14.0-70.el9", False),
        ("6.1.0-1", "5.14.0-70.el9", True),
    ],
)
def test_a_running_kernel_that_is_not_listed_was_not_checked(kernel: str | None, listed: str, is_open: bool) -> None:
    inventory = host(rpm("kernel-core", listed), kernel=kernel)
    feed = Feed([advisory("ALSA-1", affected("bash", "2-1"))])
    document = Document.of(Report(inventory, feed, match(inventory, feed)))
    assert document.content["inventory"]["running_kernel_listed"] is (None if kernel is None else not is_open)
    assert any(one.id == "running-kernel-unlisted" for one in caveats(document.content)) is is_open


def test_a_list_without_a_kernel_does_not_have_the_running_one() -> None:
    inventory = host(rpm("bash", "1-1"), kernel="5.14.0-70.el9.x86_64")
    feed = Feed([advisory("ALSA-1", affected("bash", "2-1"))])
    (open_,) = [
        one
        for one in caveats(Document.of(Report(inventory, feed, match(inventory, feed))).content)
        if one.id == "running-kernel-unlisted"
    ]
    assert open_.level is Level.WARNING


@pytest.mark.parametrize(
    ("rejected", "parts", "text"),
    [
        (0, 1, "feed: 1 part rejected, and all 31 records kept, the first at line 1: X-1: no id."),
        (2, 0, "feed: 2 of 31 records rejected, the first at line 1: X-1: no id."),
        (1, 2, "feed: 1 of 31 records rejected and 2 parts of others, the first at line 1: X-1: no id."),
    ],
)
def test_parts_that_were_rejected_are_no_records(rejected: int, parts: int, text: str) -> None:
    one = {"source": "feed", "position": "line 1", "what": "X-1", "why": "no id"}
    rejections = [{**one, "extent": Extent.RECORD}] * rejected + [{**one, "extent": Extent.PART}] * parts
    read: Any = {"source": "feed", "format": "osv", "read": 31, "kept": 31 - rejected, "rejected": rejected}
    (found,) = read_caveats([{**read, "rejections": rejections, "skipped": {}, "newest": None}])
    assert found.text == text


def test_a_feed_from_the_future_is_open() -> None:
    content = everything_open()
    content["feed"]["age_days"] = -30
    (age,) = [one for one in caveats(content) if one.id == "feed-age"]
    assert age.level is Level.WARNING
    assert "30 days after the day of this report" in age.text


def test_what_was_not_judged_is_of_the_classes() -> None:
    assert {word for word, _ in caveats_module._NOT_JUDGED} < set(PackageClass)
