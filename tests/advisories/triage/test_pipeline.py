"""The pipeline: what the command line does, in one call. Its steps alone have their own tests."""

from datetime import date

import pytest
from advisories_reference import advisory, affected, host, rpm

from advisories import Feed, MatchPolicy, match
from advisories.models import Distribution, Extent, Inventory, Priority, ReadReport, Rejection
from advisories.models.statements import Statement, StatementStatus
from advisories.readers.statements import Statements
from advisories.triage.pipeline import Triaged, triage
from advisories.triage.select import Hidden, Selection

FEED = Feed(
    [
        advisory("ALSA-2024:0001", affected("bash", "2-1"), cves=["CVE-2024-1"], rating="low"),
        advisory("ALSA-2024:0002", affected("zlib", "2-1"), cves=["CVE-2024-2"], rating="critical"),
        advisory("ALSA-2024:0003", affected("zsh", "2-1"), cves=["CVE-2024-3"], rating="low"),
    ]
)
HOST = host(rpm("bash", "1-1"), rpm("zlib", "1-1"), rpm("zsh", "1-1"))
DAY = date(2024, 6, 30)


def rule(*ids: str, source: str = "rules") -> Statement:
    return Statement(source, "line 1", StatementStatus.IGNORED, ids, reason="not reachable")


def read(source: str, *statements: Statement, rejected: int = 0) -> Statements:
    rejections = tuple(Rejection(source, f"line {n}", "x", "broken", Extent.RECORD) for n in range(rejected))
    report = ReadReport(source, "ignore-file", len(statements) + rejected, len(statements), rejections)
    return Statements(statements, report)


def shown(triaged: Triaged) -> list[str]:
    return [one.package.name for one in triaged.shown]


def test_without_choices_everything_is_shown() -> None:
    found = triage(HOST, FEED)
    assert found == Triaged(found.findings)
    assert list(found.findings) == list(match(HOST, FEED)) == list(found.shown)
    assert (found.suppression, dict(found.hidden), list(found.by_source())) == (None, {}, [])


def test_findings_that_you_have_are_not_sought_again() -> None:
    findings = match(HOST, FEED)
    assert triage(HOST, Feed([]), findings=findings).shown is findings


def test_what_is_suppressed_is_not_hidden_too() -> None:
    selection = Selection(priorities=frozenset({Priority.LOW}))
    found = triage(
        HOST, FEED, statements=[read("rules", rule("CVE-2024-2", "CVE-2024-3"))], on=DAY, selection=selection
    )
    assert shown(found) == ["bash"]
    assert found.suppression is not None
    assert [one.finding.package.name for one in found.suppression.suppressed] == ["zlib", "zsh"]
    assert sum(found.hidden.values()) == 0
    assert found.selection == selection


def test_every_source_has_what_became_of_its_own_statements() -> None:
    sources = [
        read("a", rule("CVE-2024-1", source="a"), rejected=2),
        read("b"),
        read("c", rule("CVE-2024-2", source="c"), rule("CVE-2024-9", source="c")),
    ]
    found = triage(HOST, FEED, statements=sources, on=DAY)
    assert [(report.source, [one.statement.ids for one in reports]) for report, reports in found.by_source()] == [
        ("a", [("CVE-2024-1",)]),
        ("b", []),
        ("c", [("CVE-2024-2",), ("CVE-2024-9",)]),
    ]
    assert [report.rejected for report in found.statements_read] == [2, 0, 0]


def test_statements_need_a_day() -> None:
    with pytest.raises(TypeError, match="statements need the day for which they hold: on"):
        triage(HOST, FEED, statements=[read("rules", rule("CVE-2024-1"))])


def test_names_that_nothing_has_are_data() -> None:
    selection = Selection(packages=("bash", "opnssl"), advisories=("CVE-2024-1", "ALSA-9"))
    found = triage(HOST, FEED, selection=selection)
    assert shown(found) == ["bash"]
    assert (found.unknown_packages, found.unknown_advisories) == (("opnssl",), ("ALSA-9",))
    assert found.hidden[Hidden.PACKAGE] == 2


def test_ranked() -> None:
    """Within a priority, what has a fix comes before what has none."""
    unfixed = advisory("ALSA-2024:0000", affected("apr", fixed=None), cves=["CVE-2024-9"], rating="low")
    feed = Feed([FEED.advisory("ALSA-2024:0001") or unfixed, unfixed])
    inventory = host(rpm("apr", "1-1"), rpm("bash", "1-1"))
    assert shown(triage(inventory, feed)) == ["apr", "bash"]
    assert shown(triage(inventory, feed, ranked=True)) == ["bash", "apr"]


def test_a_list_without_a_distribution_has_the_one_it_is_matched_as() -> None:
    """Else a product of that distribution could not be compared with it."""
    from advisories.models.statements import Product, Purl

    product = Product(Purl("pkg:rpm/almalinux/bash", "rpm", "almalinux", "bash"))
    vex = Statement("vex", "statements[0]", StatementStatus.NOT_AFFECTED, ("CVE-2024-1",), products=(product,))
    inventory = Inventory(None, HOST.packages)
    policy = MatchPolicy(judge_as=Distribution("almalinux", "9"))
    found = triage(inventory, FEED, policy, statements=[read("vex", vex)], on=DAY)
    assert shown(found) == ["zlib", "zsh"]
