"""The summary of a job, read by GitHub's own parser of Markdown: complete or counted, and harmless."""

import re
from copy import deepcopy
from typing import Any

import pytest
from examples import examples
from github_markdown import MENTION, TAGS, Shown
from hypothesis import given, settings
from hypothesis import strategies as st
from made_report import HOSTILE, hostile_document, many_findings, small_report

from advisories.models.printing import printable
from advisories.reports import render
from advisories.reports.document import Document
from advisories.reports.findings_markdown import MOST
from advisories.reports.markdown_text import LONGEST, code, linked, text


def written(report: Any) -> str:
    return "\n".join(render(report, "markdown")) + "\n"


def test_what_is_shown_of_a_small_host() -> None:
    shown = Shown(written(small_report()))
    assert shown.tags <= TAGS
    for words in ("Not everything was checked", "bash to 5.1.8-6.el9: 1 High, 1 Medium", "nobody logs in here"):
        assert words in shown.text
    assert "https://errata.almalinux.org/9/ALSA-2024-0001.html" in shown.links


def test_hostile_texts_are_harmless() -> None:
    shown = Shown(written(hostile_document()))
    assert shown.tags <= TAGS
    assert shown.links == []
    assert not any(MENTION.match(piece[-2:]) or MENTION.search(piece) for piece in shown.pieces)
    for name in HOSTILE:
        assert printable(name) in shown.text


# What the text of people is written with between what GitHub understands.
TEXTS = st.text(st.one_of(st.sampled_from("|`*_~<>[]()!#@&;:$\\{}\n\t-+.'\"w/"), st.characters()), max_size=60)

ADDRESSES = st.from_regex(r"(https?://|www\.|mailto:|a@)[a-z.@:/]{1,9}", fullmatch=True)


@settings(max_examples=examples(300))
@given(st.one_of(TEXTS, st.sampled_from(HOSTILE), ADDRESSES))
def test_any_text_is_text(some: str) -> None:
    shown = Shown(f"| a | b |\n|---|---|\n| x {text(some)} y | {code(some)} |\n")
    assert shown.tags <= TAGS - {"a", "strong", "li", "b"}
    assert shown.text.split() == f"a b x {printable(some)} y {printable(some)}".split()
    assert not any(MENTION.search(piece) for piece in shown.pieces)


@settings(max_examples=examples(200))
@given(st.one_of(TEXTS, st.just("https://x.example/a?b=c&d")))
def test_a_link_leads_where_it_says(some: str) -> None:
    for url in (some, f"https://{some}", f"javascript:{some}"):
        shown = Shown(f"x {linked('a|b](c)', url)} y")
        assert shown.text.strip() == "x a|b](c) y"
        assert len(shown.links) <= 1
        for link in shown.links:
            assert link == url.replace(" ", "%20")
            assert link.startswith(("https://", "http://"))


def test_what_does_not_fit_is_counted() -> None:
    document = many_findings(40_000)
    whole = written(document)
    assert MOST - 5000 < len(whole.encode()) <= MOST
    left = re.search(r"\*\*Left out, as GitHub takes no summary of more than 1 MiB: (\d+) findings\.\*\*", whole)
    assert left is not None
    listed = len(set(re.findall(r"\[CVE-2024-\d+\]", whole)))
    assert listed + int(left[1]) == 40_000
    assert whole.count("<details>") == whole.count("</details>")
    assert "### Suppressed: 1 finding" in whole


@pytest.mark.parametrize("name", ["x" * 2_000_000, "|" * 500_000])
def test_long_texts_are_cut(name: str) -> None:
    content: Any = deepcopy(Document.of(small_report()).content)
    content["target"]["name"] = name
    content["feed"]["conflicts"] = [name] * 9
    for finding in content["findings"]:
        finding |= {"package": name, "vulnerability": name, "advisories": [name] * 99}
    for finding in content["suppressed"]:
        finding["statements"] = [{**finding["statements"][0], "reason": name}] * 9_999
    whole = written(Document(content))
    assert len(whole.encode()) <= MOST
    assert f"({len(name)} characters)" in whole
    assert len(text(name)) < 8 * LONGEST
