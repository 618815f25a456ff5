"""The table of priorities: every row is reached, and making any metric worse never lowers a priority."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import product

import pytest
from advisories_reference import advisory, affected, host, rpm
from places import ROOT

from advisories import Feed, MatchPolicy, match
from advisories.matching.cvss import Exploit, exploit_of
from advisories.matching.priority import ASSUMED, RATINGS, ROWS, assess, rank, row_of
from advisories.models import Advisory, Basis, Enrichment, Finding, Priority, Severity

#: The base metrics of each version, their values from the mildest to the worst.
V2: Mapping[str, str] = {"AV": "LAN", "AC": "HML", "Au": "MSN", "C": "NPC", "I": "NPC", "A": "NPC"}
V3: Mapping[str, str] = {
    "AV": "PLAN",
    "AC": "HL",
    "PR": "HLN",
    "UI": "RN",
    "S": "UC",
    "C": "NLH",
    "I": "NLH",
    "A": "NLH",
}
V4: Mapping[str, str] = {
    "AV": "PLAN",
    "AC": "HL",
    "AT": "PN",
    "PR": "HLN",
    "UI": "APN",
    "VC": "NLH",
    "VI": "NLH",
    "VA": "NLH",
    "SC": "NLH",
    "SI": "NLH",
    "SA": "NLH",
}


def vector_of(prefix: str, metrics: Mapping[str, str], values: Sequence[str]) -> str:
    text = "/".join(f"{name}:{value}" for name, value in zip(metrics, values, strict=True))
    return f"{prefix}{text}"


def space(metrics: Mapping[str, str]) -> Iterator[tuple[str, ...]]:
    return product(*metrics.values())


def ranks(prefix: str, metrics: Mapping[str, str], least: int = 1) -> dict[tuple[str, ...], int]:
    found: dict[tuple[str, ...], int] = {}
    for values in space(metrics):
        exploit = exploit_of(vector_of(prefix, metrics, values))
        assert exploit is not None
        found[values] = row_of(exploit).priority.rank
    assert len(found) >= least
    return found


def assert_monotone(metrics: Mapping[str, str], found: Mapping[tuple[str, ...], int]) -> None:
    for values, urgency in found.items():
        for place, order in enumerate(metrics.values()):
            worse = order.find(values[place]) + 1
            if worse < len(order):
                assert found[(*values[:place], order[worse], *values[place + 1 :])] <= urgency, values


class TestTheTable:
    def test_making_a_metric_worse_never_lowers_the_priority_v3(self) -> None:
        assert_monotone(V3, ranks("CVSS:3.1/", V3, 2592))

    def test_making_a_metric_worse_never_lowers_the_priority_v2(self) -> None:
        assert_monotone(V2, ranks("", V2, 729))

    @pytest.mark.slow
    def test_making_a_metric_worse_never_lowers_the_priority_v4(self) -> None:
        assert_monotone(V4, ranks("CVSS:4.0/", V4, 104976))

    def test_every_row_is_reached(self) -> None:
        rows = {row.rule for row, _ in ROWS}
        reached = {
            row_of(exploit).rule
            for values in space(V3)
            if (exploit := exploit_of(vector_of("CVSS:3.1/", V3, values))) is not None
        }
        assert reached == rows
        assert [row.rule for row, _ in ROWS] == sorted(rows, key=lambda rule: ("HML".index(rule[0]), rule))

    @pytest.mark.parametrize(
        ("vector", "rule", "score"),
        [
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "H1", 9.8),
            ("CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H", "H1", 7.8),
            ("CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", "H2", 7.5),
            ("CVSS:3.1/AV:A/AC:L/PR:N/UI:N/S:U/C:N/I:H/A:N", "H3", 6.5),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:N/I:N/A:H", "H4", 8.6),
            ("CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:C/C:N/I:N/A:H", "H4", 6.8),
            ("CVSS:3.1/AV:L/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H", "M1", 7.8),
            ("CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:N/A:N", "M2", 6.5),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H", "M3", 7.5),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", "L1", 6.1),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:L/A:N", "L2", 5.3),
            ("CVSS:3.1/AV:L/AC:H/PR:N/UI:N/S:U/C:L/I:N/A:N", "L3", 2.9),
            ("CVSS:3.1/AV:L/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H", "L4", 6.2),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:N/A:N", "L5", 5.3),
            # v2: partial on all three is full; there is no interaction; medium complexity is not easy.
            ("AV:N/AC:L/Au:N/C:P/I:P/A:P", "H1", 7.5),
            ("(AV:N/AC:M/Au:N/C:P/I:P/A:P)", "M1", 6.8),
            ("AV:N/AC:L/Au:N/C:C/I:N/A:N", "H2", 7.8),
            ("AV:N/AC:M/Au:N/C:N/I:N/A:C", "M3", 7.1),
            ("AV:L/AC:L/Au:N/C:N/I:N/A:C", "L4", 4.9),
            # v4: attack requirements are not easy, passive interaction is interaction, safety is beyond the scope.
            ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", "H1", 9.3),
            ("CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", "M1", 9.2),
            ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:P/VC:N/VI:N/VA:L/SC:N/SI:N/SA:N", "L1", 5.3),
            ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:H/SC:N/SI:N/SA:N", "M3", 8.7),
            ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:H/SC:N/SI:N/SA:N/MSA:S/E:U", "H4", 8.7),
        ],
    )
    def test_a_vector_and_its_row(self, vector: str, rule: str, score: float) -> None:
        exploit = exploit_of(vector)
        assert exploit is not None
        assert (row_of(exploit).rule, exploit.score) == (rule, score)

    @pytest.mark.parametrize(
        "text",
        [
            *("", "high", "CVSS:3.1/", "CVSS:3.1/AV:N", "CVSS:9.9/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "AV:N"),
            *("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:Q", "CVSS:4.0/AV:N", "AV:N/AC:L/Au:N/C:P/I:P/A:P/X:1"),
            *("CVSS:3.1/AV:N/AV:L/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "\ud800", "CVSS:3.1/" * 9999),
        ],
    )
    def test_what_is_no_vector(self, text: str) -> None:
        assert exploit_of(text) is None


NETWORK = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
LOCAL = "CVSS:3.1/AV:L/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"
LATEST = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:H/SC:N/SI:N/SA:N"
DAY = datetime(2024, 5, 1, tzinfo=UTC)


def vendor(*vectors: str, rating: str | None = None, cve: str | None = None) -> Advisory:
    return Advisory("A-1", rating=rating, severities=tuple(Severity("CVSS", vector, cve=cve) for vector in vectors))


def nvd(*vectors: str) -> Enrichment:
    return Enrichment("CVE-1", "nvd", severities=tuple(Severity("CVSS_V3", vector, "nvd") for vector in vectors))


def test_the_page_shows_the_table() -> None:
    rows = [*[row for row, _ in ROWS], *dict.fromkeys(RATINGS.values()), ASSUMED]
    table = [f"| {row.rule} {row.title} | {row.when} | {row.priority.value} |" for row in rows]
    page = (ROOT / "docs/guide/priority.md").read_text().splitlines()
    begin = page.index(table[0])
    assert page[begin : begin + len(table) + 1] == [*table, ""]


class TestWhoDecides:
    def test_the_vendors_vector_before_others_before_words(self) -> None:
        both = assess("CVE-1", [vendor(LOCAL, rating="critical")], [nvd(NETWORK)])
        assert (both.rule, both.basis, both.score) == ("L4", Basis.VENDOR_VECTOR, 6.2)
        other = assess("CVE-1", [vendor(rating="low")], [nvd(NETWORK)])
        assert (other.rule, other.basis, other.score) == ("H1", Basis.OTHER_VECTOR, 9.8)
        word = assess("CVE-1", [vendor(rating="low")], [nvd()])
        assert (word.rule, word.basis, word.score) == ("V3", Basis.VENDOR_RATING, None)
        nothing = assess("CVE-1", [vendor(rating="unheard of")], [])
        assert (nothing.rule, nothing.basis, nothing.priority) == (ASSUMED.rule, Basis.ASSUMED, Priority.MEDIUM)

    def test_the_order_is_a_choice(self) -> None:
        sources = (Basis.VENDOR_RATING, Basis.OTHER_VECTOR, Basis.VENDOR_VECTOR)
        word = assess("CVE-1", [vendor(LOCAL, rating="critical")], [nvd(NETWORK)], sources)
        assert (word.rule, word.basis, word.score) == ("V1", Basis.VENDOR_RATING, 9.8)

    def test_a_vector_that_cannot_be_read_says_nothing(self) -> None:
        found = assess("CVE-1", [vendor("CVSS:3.1/AV:Z", rating="low")], [nvd("nonsense")])
        assert (found.rule, found.score) == ("V3", None)

    def test_which_vectors_were_refused_is_told(self) -> None:
        twice = "CVSS:3.1/AV:N/AV:L/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
        outcome = assess("CVE-2024-1", [vendor("CVSS:3.1/AV:N", rating="low")], [nvd(twice, "AV:N/AC:L")])
        assert outcome.refused == ("AV:N/AC:L", "CVSS:3.1/AV:N", twice)
        assert (outcome.rule, outcome.basis) == ("V3", Basis.VENDOR_RATING)
        words = Severity("Ubuntu", "medium")
        assert assess("CVE-2024-1", [Advisory("A-1", severities=(words,))]).refused == ()

    def test_of_several_vectors_the_latest_version_then_the_most_urgent(self) -> None:
        assert assess("CVE-1", [vendor(NETWORK, LATEST)]).rule == "M3"
        assert assess("CVE-1", [vendor(LOCAL, NETWORK)]).rule == "H1"
        assert assess("CVE-1", [vendor(NETWORK), vendor(LOCAL)]).rule == "H1"

    def test_a_vector_of_another_cve_says_nothing(self) -> None:
        assert assess("CVE-1", [vendor(NETWORK, cve="CVE-2")]).rule == "A0"
        assert assess("CVE-2", [vendor(NETWORK, cve="CVE-2")]).rule == "H1"

    def test_what_is_exploited_is_high(self) -> None:
        kev = Enrichment("CVE-1", "cisa-kev", known_exploited=DAY)
        found = assess("CVE-1", [vendor(LOCAL)], [kev])
        assert (found.priority, found.rule, found.basis) == (Priority.HIGH, "H4", Basis.KNOWN_EXPLOITED)
        assert (found.score, found.known_exploited, found.reason) == (6.2, True, "cisa-kev lists it as exploited")
        # An earlier row of the table keeps its name.
        found = assess("CVE-1", [vendor(NETWORK)], [kev])
        assert (found.rule, found.basis, found.known_exploited) == ("H1", Basis.VENDOR_VECTOR, True)
        assert assess("CVE-1", [Advisory("A-1", known_exploited=True)]).rule == "H4"

    def test_every_word_has_its_row(self) -> None:
        assert {row.rule for row in RATINGS.values()} == {"V1", "V2", "V3"}
        for word, row in RATINGS.items():
            assert assess("CVE-1", [vendor(rating=word)]).priority is row.priority

    def test_the_reason_is_a_sentence(self) -> None:
        outcome = assess("CVE-1", [], [nvd(NETWORK)]).reason
        assert outcome == f"permissions on the operating system: {NETWORK} by nvd"


class TestInMatching:
    def found(self, *enrichments: Enrichment, policy: MatchPolicy | None = None) -> dict[str, Finding]:
        names = ("CVE-2024-1111", "CVE-2024-2222", "CVE-2024-3333")
        feed = Feed([advisory("ALSA-1", affected("bash", "2-1"), cves=names, rating="low")], enrichments=enrichments)
        findings = match(host(rpm("bash", "1-1")), feed, policy or MatchPolicy())
        assert findings.coverage.packages == 1
        return {finding.vulnerability: finding for finding in findings}

    def test_each_vulnerability_has_its_own_priority(self) -> None:
        found = self.found(
            Enrichment("CVE-2024-1111", "nvd", severities=(Severity("CVSS_V3", NETWORK, "nvd"),)),
            Enrichment("CVE-2024-2222", "cisa-kev", known_exploited=DAY),
            Enrichment("CVE-2024-2222", "first-epss", epss=0.25),
        )
        outcome = {cve: (one.priority.value, one.rule, one.score) for cve, one in found.items()}
        assert outcome == {
            "CVE-2024-1111": ("High", "H1", 9.8),
            "CVE-2024-2222": ("High", "H4", None),
            "CVE-2024-3333": ("Low", "V3", None),
        }
        assert found["CVE-2024-2222"].assessment.epss == 0.25
        assert {one.cause for one in found.values()} == {"bash 1-1 is earlier than 2-1 (ALSA-1)"}

    def test_the_policy_decides_what_counts(self) -> None:
        outcome = Enrichment("CVE-2024-1111", "nvd", severities=(Severity("CVSS_V3", NETWORK, "nvd"),))
        policy = MatchPolicy(priority_sources=(Basis.VENDOR_RATING, Basis.OTHER_VECTOR))
        assert self.found(outcome, policy=policy)["CVE-2024-1111"].rule == "V3"
        assert self.found(outcome, policy=policy)["CVE-2024-1111"].score == 9.8

    def test_rank(self) -> None:
        found = self.found(
            Enrichment("CVE-2024-1111", "nvd", severities=(Severity("CVSS_V3", LOCAL, "nvd"),)),
            Enrichment("CVE-2024-2222", "first-epss", epss=0.25),
            Enrichment("CVE-2024-3333", "first-epss", epss=0.5),
        )
        findings = list(found.values())
        assert [one.vulnerability[-4:] for one in rank(findings)] == ["3333", "2222", "1111"]
        assert rank(reversed(findings)) == rank(findings)

    def test_rank_is_total(self) -> None:
        inventory = host(*(rpm(name, version) for name in ("b", "a") for version in ("1-1", "1-2")))
        feed = Feed([advisory(f"A-{number}", affected("a", "2-1"), affected("b", "2-1")) for number in (10, 9)])
        findings = list(match(inventory, feed))
        assert rank(findings) == findings == rank(reversed(findings))
        assert len(findings) == 8


class TestEnrichments:
    def test_the_latest_counts(self) -> None:
        old = Enrichment("CVE-2024-1111", "nvd", epss=0.1, modified=DAY.replace(year=2020))
        new = Enrichment("CVE-2024-1111", "nvd", epss=0.2, modified=DAY)
        for order in ([old, new], [new, old]):
            feed = Feed([], enrichments=order)
            assert (list(feed.enrichments("CVE-2024-1111")), feed.duplicates) == ([new], 1)

    def test_of_the_same_moment_everything_counts(self) -> None:
        one = Enrichment("CVE-2024-1111", "nvd", DAY, 0.1, (Severity("CVSS_V3", LOCAL),))
        other = Enrichment("CVE-2024-1111", "nvd", DAY.replace(year=2020), 0.3, (Severity("CVSS_V3", NETWORK),))
        both = [Feed([], enrichments=order).enrichments("CVE-2024-1111") for order in ([one, other], [other, one])]
        assert both[0] == both[1]
        assert (both[0][0].known_exploited, both[0][0].epss) == (DAY.replace(year=2020), 0.3)
        assert {vector.score for vector in both[0][0].severities} == {LOCAL, NETWORK}


def test_an_exploit_says_what_its_vector_says() -> None:
    assert exploit_of("CVSS:3.1/AV:A/AC:H/PR:L/UI:R/S:C/C:H/I:L/A:N") == Exploit(
        3, True, False, "L", True, True, "H", "L", "N", False, 6.2
    )
