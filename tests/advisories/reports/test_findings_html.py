"""The page of findings: complete, harmless whatever it is made of, and closed by a policy that fits it."""

import base64
import hashlib
import html
import json
import re
from typing import Any

import pytest
from advisories_reference import host, rpm
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from made_report import GOLDEN_FORMATS, HOSTILE, golden, golden_path, hostile_document, many_findings, small_report
from page_elements import Elements, harmless
from places import EXAMPLE

from advisories import Feed, match, read_feed, read_inventory
from advisories.models.printing import printable
from advisories.reports import Report, render
from advisories.reports.charts import bar
from advisories.reports.document import Document
from advisories.reports.fix_commands import fix_commands, not_in_commands
from advisories.reports.page import as_json, data_block, is_link, link, text


def page(report: Any) -> str:
    return "\n".join(render(report, "html")) + "\n"


def data(of: str) -> Any:
    return json.loads(Elements(of).inside["script"][0])


@pytest.mark.parametrize(("what", "format"), GOLDEN_FORMATS)
def test_the_small_host_is_written_as_before(what: str, format: str) -> None:
    expected = golden_path(what, format).read_text(encoding="utf-8")
    assert golden(what, format) == expected, "see it, then run python tests/support/made_report.py"


def test_a_match_and_its_json_make_the_same_page() -> None:
    inventory, feed = read_inventory(EXAMPLE / "host.tsv"), read_feed(EXAMPLE / "advisories.jsonl")
    for report in (small_report(), Report(inventory, feed, match(inventory, feed))):
        document = Document.of(report)
        again = Document(json.loads("\n".join(render(document, "json"))))
        assert page(report) == page(document) == page(again)
        # What findings have in common stands there once.
        shared = data(page(report))["shared"]
        assert len({json.dumps(one) for one in shared}) == len(shared)


def test_the_data_has_every_member_of_every_finding() -> None:
    document = Document.of(small_report())
    found = data(page(document))
    rows = [found["rows"][at : at + 3] for at in range(0, len(found["rows"]), 3)]
    suppressed = [one["finding"] for one in document.content["suppressed"]]
    assert len(rows) == len(document.findings) + len(suppressed)
    for (shared, about, statements), finding in zip(rows, [*document.findings, *suppressed], strict=True):
        members = dict(zip(found["fields"], found["shared"][shared], strict=True))
        id, aliases, links, vectors = found["about"][about]
        members |= {"vulnerability": id, "aliases": aliases, "title": f"{id} in {finding['package']}"}
        members["links"] = [{"id": id, "url": url} for id, url in links]
        members["vectors"] = [dict(zip(("source", "type", "vector"), one, strict=True)) for one in vectors]
        # The machine's word for what `restart` has.
        assert members | {"restart_required": finding["restart_required"]} == finding
        assert (statements == -1) == (finding in document.findings)
    assert found["statements"] == [["ignored by ops until 2024-12-31: nobody logs in here (rules.toml: line 2)"]]


def test_without_a_script_every_vulnerability_is_there() -> None:
    plain = re.search(r"(?s)<noscript>(.*)</noscript>", page(small_report()))
    assert plain is not None
    names = set(re.findall(r"CVE-2024-\d+", plain[1]))
    assert names == {f"CVE-2024-000{number}" for number in (1, 2, 3, 4, 5, 7)}


def test_the_policy_names_the_one_style_and_the_one_script() -> None:
    for report in (small_report(), hostile_document()):
        found = Elements(page(report))
        policy = next(attributes["content"] for tag, attributes in found.elements if "http-equiv" in attributes) or ""
        (style,), (_, script) = found.inside["style"], found.inside["script"]
        for name, content in (("style", style), ("script", script)):
            digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
            assert f"{name}-src 'sha256-{digest}';" in policy
        assert policy.startswith("default-src 'none';")


def test_hostile_texts_are_harmless() -> None:
    made = page(hostile_document())
    harmless(made)
    shown = "".join(Elements(made).inside["text"])
    assert all(printable(name) in shown for name in HOSTILE)
    assert all(not links for _, _, links, _ in data(made)["about"])


@settings(max_examples=examples(100))
@given(st.text(), st.sampled_from(HOSTILE))
def test_any_text_is_text(some: str, hostile: str) -> None:
    for name in (some, f"{some}{hostile}", f"{hostile}{some}"):
        assert html.unescape(text(name)) == printable(name)
        assert not set("<>\"'") & set(text(name))
        block = data_block("x", as_json([name, {name: name}]))
        (inside,) = Elements(f"{block}<p>after</p>").inside["script"]
        assert json.loads(inside) == [printable(name), {printable(name): printable(name)}]
        assert block.isascii()
        assert block.count("<") == 2


@settings(max_examples=examples(100))
@given(st.text())
def test_a_link_is_one_of_http_that_can_be_seen(some: str) -> None:
    for url in (some, f"https://{some}", f"javascript:{some}"):
        made = Elements(link(url, "words"))
        if is_link(url):
            ((tag, attributes),) = made.elements
            assert (tag, attributes["href"], attributes["rel"]) == ("a", url, "noopener noreferrer")
            assert url.startswith(("http://", "https://"))
        else:
            assert made.elements == []


def test_what_was_not_checked_stands_first() -> None:
    made = page(small_report())
    assert made.index("Not everything was checked") < made.index("At a glance") < made.index('id="findings"')
    uncovered = host(rpm("bash", "1-1"))
    feed = Feed([])
    made = page(Report(uncovered, feed, match(uncovered, feed)))
    assert "Do not rely on this report" in made
    assert "No findings. That means what it says only for packages that were checked: see above." in made
    assert 'id="filters"' not in made


def test_commands_are_written_anew_for_safe_names_alone() -> None:
    content: Any = Document.of(small_report()).content
    (one,) = fix_commands(content)
    assert (one.command, one.packages, one.clears) == ("dnf upgrade bash openssl-libs", 2, 3)
    assert not_in_commands(content) == [
        "1 finding: of kernels, whose fix is installed beside them and needs a restart",
        "1 finding: no fix, it will not be fixed",
    ]
    content["findings"] = [
        {**one, "package": f"{one['package']}; reboot", "fix_command": "dnf upgrade x; reboot"}
        for one in content["findings"]
    ]
    assert list(fix_commands(content)) == []
    content = many_findings(24).content
    content["findings"] = [
        {**one, "fix_command": "", "priority": "High" if number < 8 else "Low"}
        for number, one in enumerate(content["findings"])
    ]
    urgent, every = fix_commands(content)
    assert (urgent.command, urgent.clears) == ("dnf upgrade package-0", 8)
    assert (every.command, every.clears) == ("dnf upgrade package-0 package-1 package-2", 24)


def test_bars_are_shares_of_a_whole() -> None:
    assert bar([("high", 0)], 0) == bar([], 1)
    widths = re.findall(r'width="([\d.]+)"', bar([("high", 1), ("low", 3)], 8))
    assert [*map(float, widths)] == [12.5, 37.5]
