"""Explanations: they show what matching found, by the rule that decided."""

import pytest
from advisories_reference import ALMA9, DEBIAN12, advisory, affected, deb, host, rpm
from advisories_strategies import ADVISORIES, INVENTORIES
from attrs import evolve
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from places import EXAMPLE

from advisories import Feed, MatchPolicy, cli, match
from advisories.matching.explain import Explanation, explain
from advisories.matching.rules import Outcome
from advisories.models import Advisory, Distribution, Inventory, Kind, Module, Names, Package, Range, State, Status

CVE = "CVE-2024-1111"
CVES = (CVE, "CVE-2024-2222", "CVE-2024-3333")


@settings(max_examples=examples(200), deadline=None)
@given(INVENTORIES, ADVISORIES, st.booleans())
def test_an_explanation_shows_what_was_found(inventory: Inventory, advisories: list[Advisory], zero: bool) -> None:
    feed, policy = Feed(advisories), MatchPolicy(unknown_epoch_is_zero=zero)
    findings = match(inventory, feed, policy)
    found = {(finding.package, finding.vulnerability): finding for finding in findings}
    for package, package_class in findings.coverage.classes:
        for cve in CVES:
            explanations = explain(inventory, feed, package.name, cve, policy)
            (explanation,) = [one for one in explanations if one.package == package]
            finding = found.get((package, cve))
            assert (explanation.finding, explanation.package_class) == (finding, package_class)
            assert all(len(one.notes) == 1 for one in explanation.considered if one.outcome is None)
            outcomes = [one.outcome for one in explanation.considered]
            if finding is None:
                assert 1 <= explanation.decided.rule <= 16
            else:
                wanted = Outcome.INSIDE if finding.status is Status.AFFECTED else Outcome.UNDECIDABLE
                assert wanted in outcomes
                assert explanation.decided.text == finding.cause
                assert finding.evidence.advisory in [one.advisory for one in explanation.considered]
            assert str(explanation).startswith(f"{package.name} {package.version}")


def one(package: Package, *advisories: Advisory, policy: MatchPolicy | None = None, id: str = CVE) -> Explanation:
    distribution = DEBIAN12 if package.type == "deb" else ALMA9
    other = affected("other", "1-1", distribution=distribution)
    feed = Feed([*advisories, advisory("ALSA-other", other, cves=["CVE-1999-0001"])])
    inventory = host(package, distribution=distribution)
    (explanation,) = explain(inventory, feed, package.name, id, policy or MatchPolicy())
    return explanation


def alma(fixed: str | None, id: str = "ALSA-1", **more: object) -> Advisory:
    return advisory(id, affected("bash", fixed, **more), cves=[CVE])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("package", "advisories", "rule", "text"),
    [
        (rpm("bash", "1-1"), [alma("2-1")], 3, "bash 1-1 is earlier than 2-1 (ALSA-1)"),
        (rpm("bash", "2-1"), [alma("2-1")], 3, "no range of a record that applies holds the installed version"),
        (rpm("bash", "1-1"), [], 2, "no record of this vulnerability names the package"),
        (rpm("bash", "1-1", state=State.CONFIG_FILES), [alma("2-1")], 12, "it is not installed"),
        (rpm("bash", "1-1", vendor="Somebody"), [alma("2-1")], 13, "somebody else"),
        (rpm("bash", "1-1"), [alma("2-1", module=Module.of("a:1"))], 2, "no record that names the package is for"),
        (rpm("bash", "1-1"), [alma("2-1"), alma(None, "ALSA-2", negative=True, ranges=())], 9, "not affected"),
        (rpm("bash", "1"), [alma("1-2")], 14, "differ in the release alone"),
        (deb("bash", "1-1", source_name="bash"), [], 2, "no record"),
    ],
)
def test_the_rule_that_decided(package: Package, advisories: list[Advisory], rule: int, text: str) -> None:
    explanation = one(package, *advisories)
    assert explanation.decided.rule == rule
    assert text in explanation.decided.text


@pytest.mark.parametrize(
    ("record", "rule"),
    [
        (alma("2-1", arches=("aarch64",)), 7),
        (alma("2.ksplice1-1"), 7),
        (alma("2-1", module=Module.of("a:1")), 6),
        (alma("2-1", channel="fips-updates"), 8),
    ],
)
def test_records_that_do_not_apply(record: Advisory, rule: int) -> None:
    (considered,) = one(rpm("bash", "1-1"), record).considered
    assert considered.outcome is None
    assert [note.rule for note in considered.notes] == [rule]
    assert [(each.bound, each.order) for each in considered.comparisons] == [("fixed", -1)]


def test_an_update_makes_no_finding() -> None:
    update = evolve(alma("2-1"), kind=Kind.BUGFIX, cves=())
    explanation = one(rpm("bash", "1-1"), update, id="ALSA-1")
    assert (explanation.finding, explanation.decided.rule) == (None, 10)


def test_the_id_of_an_advisory() -> None:
    explanation = one(rpm("bash", "1-1"), alma("2-1"), id="ALSA-1")
    assert explanation.finding is not None
    assert explanation.finding.vulnerability == CVE


@pytest.mark.parametrize("id", [CVE.lower(), "alsa-1"])
def test_ids_in_lower_case(id: str) -> None:
    explanation = one(rpm("bash", "1-1"), alma("2-1"), id=id)
    assert explanation.finding is not None
    assert explanation.vulnerability == id.upper()


def test_a_fix_elsewhere_clears() -> None:
    """Rule 8: equal with one of several fixes."""
    explanation = one(rpm("bash", "1-2"), alma("1-2"), alma("2-1", "ALSA-2"))
    assert (explanation.finding, explanation.decided.rule) == (None, 8)
    assert [each.outcome for each in explanation.considered] == [Outcome.OUTSIDE, Outcome.INSIDE]


@pytest.mark.parametrize("id", ["ALSA-2", CVE])
def test_another_advisory_clears(id: str) -> None:
    """The fix of the own minor release clears: also where the id is of the advisory with the later one."""
    fixes = alma("8.7-49.el9_7", "ALSA-1"), alma("9.9-7.el9_8", "ALSA-2")
    explanation = one(rpm("bash", "8.7-49.el9_7"), *fixes, id=id)
    assert explanation.finding is None
    assert str(explanation.decided.text) == "cleared by the fix 8.7-49.el9_7 (ALSA-1)"
    assert explanation.decided.rule == 8


def test_unstable_clears() -> None:
    sid = Distribution("debian", "unstable")
    own = affected("bash", None, distribution=DEBIAN12, names=Names.SOURCE)
    fixed = affected("bash", "5.2-2", distribution=sid, names=Names.SOURCE)
    record = advisory("DEBIAN-CVE-2024-1111", own, fixed, cves=[CVE])
    for id in (CVE, record.id):
        explanation = one(deb("bash", "5.2-2"), record, id=id)
        assert (explanation.finding, explanation.decided.rule) == (None, 1)


def test_what_is_not_covered() -> None:
    (explanation,) = explain(host(rpm("bash", "1-1")), Feed([]), "bash", CVE)
    assert (explanation.considered, explanation.decided.rule) == ((), 1)
    assert explain(host(rpm("bash", "1-1")), Feed([]), "zsh", CVE) == ()


def test_orders_and_texts() -> None:
    ranges = (Range("1-1", last_affected="3-1"),)
    entry = affected("bash", None, ranges=ranges, versions=("1:2-1",))
    text = str(one(rpm("bash", "2-1", epoch_known=False), advisory("ALSA-1", entry, cves=[CVE])))
    assert text.splitlines()[1:5] == [
        "  ALSA-1, binary package bash: inside",
        "    2-1 is later than introduced 1-1",
        "    2-1 is earlier than last affected 3-1",
        "    2-1 is equal to listed 1:2-1",
    ]
    assert "    assumed: epoch-unknown" in text.splitlines()


def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    inputs = ["--inventory", str(EXAMPLE / "host.tsv"), "--feed", str(EXAMPLE / "advisories.jsonl")]
    assert cli.main(["explain", "libacl", "CVE-2026-54369", *inputs]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "libacl 2.3.1-3.el9 (x86_64), CVE-2026-54369: affected",
        "  ALSA-2026:42736, binary package libacl: inside",
        "    2.3.1-3.el9 is earlier than fixed 2.4.0-1.el9_8",
        "  rule 3: libacl 2.3.1-3.el9 is earlier than 2.4.0-1.el9_8 (ALSA-2026:42736)",
    ]
    assert cli.main(["explain", "nothing-like-it", "CVE-2026-54369", *inputs]) == 2
    assert "no package nothing-like-it in the list" in capsys.readouterr().err
    assert cli.main(["explain", "x", "y", "--inventory", "-", "--feed", "-"]) == 2
