"""What matching gives has a bounded repr, and pickles, copies and compares."""

import copy
import json
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from advisories_reference import ALMA9, advisory, affected, host, rpm

from advisories import Feed, MatchPolicy, match, match_many, plan
from advisories.matching.explain import explain
from advisories.matching.match import matcher_of
from advisories.models import Inventory, Names
from advisories.triage.pipeline import triage

CVES = [f"CVE-2024-{number}" for number in range(1000, 1100)]
FEED = Feed([advisory(f"ALSA-{cve[9:]}", affected("bash", "2-1"), cves=[cve]) for cve in CVES])
HOST = host(rpm("bash", "1-1"), *(rpm(f"package-{number}", "1-1") for number in range(100)))
FINDINGS = match(HOST, FEED)
(RESULT,) = (one for one in matcher_of(FEED, Inventory(ALMA9, ()), MatchPolicy())._results.values() if any(one.counts))
(EXPLANATION,) = explain(HOST, FEED, "bash", CVES[0])
GROUP = FEED.group(ALMA9, Names.BINARY, "bash")


@pytest.mark.parametrize(
    ("noun", "shown"),
    [
        (
            FINDINGS,
            "<Findings: 100 (100 Medium), packages: 1 affected, 100 clean\n"
            "  Medium CVE-2024-1000 bash 1-1\n"
            "  Medium CVE-2024-1001 bash 1-1\n"
            "  Medium CVE-2024-1002 bash 1-1\n"
            "  and 97 more>",
        ),
        (match(host(), FEED), "<Findings: 0 (none), packages: none>"),
        (FINDINGS.coverage, "<Coverage: 101 packages of almalinux 9 (1 affected, 100 clean)>"),
        (RESULT, "<PackageResult: affected, findings: 100 Medium>"),
        (EXPLANATION, "<Explanation: bash 1-1 (x86_64), CVE-2024-1000: affected, by rule 3 and 1 records>"),
        (GROUP, "<Group: 100 records of almalinux 9, binary bash: ALSA-1000, ALSA-1001, ALSA-1002 and 97 more>"),
        (FEED, "<Feed: 100 advisories of almalinux 9>"),
        (matcher_of(FEED, Inventory(ALMA9, ()), MatchPolicy()), "<Matcher: almalinux 9, 101 packages remembered>"),
    ],
)
def test_reprs_are_bounded(noun: object, shown: str) -> None:
    assert repr(noun) == shown


@pytest.mark.parametrize("noun", [FINDINGS, FINDINGS[0], FINDINGS.coverage, RESULT, EXPLANATION])
def test_pickled_and_copied(noun: object) -> None:
    for other in (pickle.loads(pickle.dumps(noun)), copy.copy(noun), copy.deepcopy(noun)):
        assert other == noun
        assert repr(other) == repr(noun)


def test_two_looks_give_one_object() -> None:
    assert FINDINGS[5] is FINDINGS[5]
    assert all(one is other for one, other in zip(FINDINGS, FINDINGS[:], strict=True))


@pytest.mark.parametrize(
    ("arguments", "wrong"),
    [
        ((FEED, HOST), r"an Inventory is expected, as read_inventory\(PATH\) makes it, not Feed"),
        (("host.tsv", FEED), "an Inventory is expected, .* not str"),
        ((HOST.packages, FEED), "an Inventory is expected, .* not tuple"),
        ((HOST, "feed.db"), r"a Feed is expected, as open_feed\(PATH\) makes it, not str"),
        ((HOST, []), "a Feed is expected, .* not list"),
        ((HOST, FEED, "strict"), "a MatchPolicy is expected, not str"),
    ],
)
def test_arguments_of_other_types(arguments: tuple[Any, ...], wrong: str) -> None:
    policy = arguments[2:]
    calls: list[Callable[[], object]] = [
        lambda: match(*arguments),
        lambda: list(match_many([arguments[0]], *arguments[1:])),
        lambda: plan(*arguments),
        lambda: triage(*arguments),
        lambda: explain(arguments[0], arguments[1], "bash", "CVE-1", *policy),
    ]
    for call in calls:
        with pytest.raises(TypeError, match=f"^{wrong}$"):
            call()


def test_plain_forms() -> None:
    coverage, feed, explanation = FINDINGS.coverage.to_dict(), FEED.to_dict(), EXPLANATION.to_dict()
    assert coverage["judged_as"] == {"id": "almalinux", "release": "9", "channels": []}
    assert (coverage["packages"], coverage["classes"]["affected"], coverage["classes"]["clean"]) == (101, 1, 100)
    assert (feed["advisories"], feed["releases"], feed["flaws"]["conflict"]) == (100, [coverage["judged_as"]], 0)
    assert (explanation["vulnerability"], explanation["decided"]["rule"]) == (CVES[0], 3)
    assert explanation["considered"][0]["comparisons"] == [{"bound": "fixed", "version": "2-1", "order": -1}]
    assert explanation["finding"]["cause"] == FINDINGS[0].cause
    for form in (coverage, feed, explanation):
        assert json.loads(json.dumps(form)) == form
