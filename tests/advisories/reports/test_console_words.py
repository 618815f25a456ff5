"""Findings and verifications in a console's words, and verifications as JUnit test cases."""

import io
import json
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any
from xml.etree import ElementTree

from advisories_reference import advisory, affected, host, rpm
from made_report import hostile_document, many_findings, small_report
from places import GOLDEN
from verification_table import parsed

from advisories import Feed, match
from advisories.models.findings import Finding
from advisories.readers.statements import registry
from advisories.reports import Report, render
from advisories.reports.document import Document
from advisories.reports.sas import matched_range
from advisories.reports.verification import VerificationReport
from advisories.triage.baseline import Baseline
from advisories.triage.cases import FindingState
from advisories.triage.pipeline import triage
from advisories.triage.verify import Verification, verify

TABLE = (GOLDEN / "verification.tsv").read_text(encoding="utf-8").splitlines()[1:]
CODES = {
    **dict.fromkeys(FindingState, 1),
    FindingState.FIXED: 7,
    FindingState.FIXED_PENDING_RESTART: 8,
    FindingState.PACKAGE_REMOVED: 12,
    FindingState.ADVISORY_WITHDRAWN: 12,
    FindingState.ADVISORY_REVISED: 12,
    FindingState.INVENTORY_REVISED: 12,
}


def answer(report: Any) -> Any:
    return json.loads("\n".join(render(report, "sas-json")))


def pairs(records: Any) -> Counter[tuple[str, str, int]]:
    """Each package with each CVE of a record, and its status."""
    return Counter(
        (package["Name"], cve, record["Status"])
        for record in records
        for package in record["ExtendContentJson"]["RpmEntityList"]
        for cve in record["ExtendContentJson"]["cveList"]
    )


def verifications() -> Iterator[Verification]:
    for line in map(parsed, TABLE):
        yield verify(
            Baseline.of(line.baseline, match(line.baseline, line.baseline_records)), line.current, line.current_records
        )


class TestFindings:
    def test_every_finding_is_in_one_record(self) -> None:
        for document in (Document.of(small_report()), many_findings(200)):
            content = document.content
            found = [(one, 8 if one["pending_restart"] else 1) for one in content["findings"]]
            found += [(entry["finding"], 10) for entry in content["suppressed"]]
            made = answer(document)
            assert pairs(made["VulRecords"]) == Counter((f["package"], f["vulnerability"], code) for f, code in found)
            assert made["TotalCount"] == made["PageSize"] == len(made["VulRecords"])
            necessity = {(f["package"], f["vulnerability"]): f["priority"] for f, _ in found}
            for record in made["VulRecords"]:
                assert record["Related"].split(",") == record["ExtendContentJson"]["cveList"]
                assert str(record["Status"]) == record["ExtendContentJson"]["Status"]
                words = {"asap": "High", "later": "Medium", "nntf": "Low"}
                for name, cve, _ in pairs([record]):
                    assert words[record["Necessity"]] == necessity[name, cve]

    def test_a_record_has_the_words_of_the_console(self) -> None:
        first = answer(small_report())["VulRecords"][0]
        assert first == {
            "Type": "cve",
            "Name": "ALSA-2024:0001",
            "AliasName": "ALSA-2024:0001: bash",
            "Related": "CVE-2024-0001",
            "Necessity": "asap",
            "Status": 1,
            "Tag": "",
            "InstanceName": "registry.example/app:1",
            "OsName": "almalinux",
            "OsVersion": "9",
            "Image": "registry.example/app:1",
            "LastTs": 1709251200000,
            "ExtendContentJson": {
                "AliasName": "ALSA-2024:0001: bash",
                "Os": "almalinux",
                "OsRelease": "9",
                "Status": "1",
                "Tag": "",
                "cveList": ["CVE-2024-0001"],
                "RpmEntityList": [
                    {
                        "Name": "bash",
                        "FullVersion": "5.1.8-1.el9",
                        "Version": "5.1.8",
                        "MatchDetail": "bash 5.1.8-1.el9 is earlier than 5.1.8-6.el9 (ALSA-2024:0001)",
                        "MatchList": ["bash version less than 5.1.8-6.el9"],
                        "Path": "a list",
                        "UpdateCmd": "dnf upgrade bash",
                        "ImageName": "registry.example/app:1",
                    }
                ],
            },
        }

    def test_tags_and_reasons(self) -> None:
        records = answer(small_report())["VulRecords"]
        tags = {record["Name"]: record["Tag"] for record in records if record["Related"] != "CVE-2024-0001"}
        assert tags["ALSA-2024:0002"] == "restart-machine"
        assert tags["ALSA-2024:0003"] == "known-exploited,restart-services"
        assert tags["ALSA-2024:0006"] == "priority-unknown"
        ignored = [record for record in records if record["Status"] == 10]
        (package,) = ignored[0]["ExtendContentJson"]["RpmEntityList"]
        assert "nobody logs in here" in package["MatchDetail"]

    def test_what_was_not_checked_is_there(self) -> None:
        caveats = {one["Id"]: one for one in answer(small_report())["Caveats"]}
        assert caveats["third-party"]["Instances"] == ["rpm/nginx/x86_64"]
        inventory, feed = host(rpm("bash", "1-1")), Feed([])
        made = answer(Report(inventory, feed, match(inventory, feed)))
        assert (made["VulRecords"], made["Caveats"][0]["Level"]) == ([], "error")

    def test_a_list_is_no_image(self) -> None:
        inventory = host(rpm("bash", "1-1"))
        feed = Feed([advisory("ALSA-1", affected("bash", "2-1"), cves=["CVE-1"])])
        (record,) = answer(Report(inventory, feed, match(inventory, feed)))["VulRecords"]
        assert "Image" not in record
        assert record["ExtendContentJson"]["RpmEntityList"][0]["ImageName"] == ""

    def test_ranges_in_words(self) -> None:
        assert matched_range("a", "1", None, "2") == "a version at least 1 at most 2"
        assert matched_range("a", None, None, None) == "a any version"

    def test_what_is_shown_can_be_seen(self) -> None:
        for record in answer(hostile_document())["VulRecords"]:
            assert record["AliasName"].isprintable()
            assert all(package["Name"].isprintable() for package in record["ExtendContentJson"]["RpmEntityList"])


class TestVerification:
    def test_every_row_has_the_code_of_its_state(self) -> None:
        seen = set()
        for verification in verifications():
            made = answer(VerificationReport(verification))
            expected = Counter[tuple[str, str, int]]()
            for row in verification.rows:
                finding: Finding = row.current or row.baseline
                expected[finding.package.name, finding.vulnerability, CODES[row.state]] += 1
                seen.add(CODES[row.state])
            for finding in verification.new:
                code = 8 if finding.pending_restart else 1
                expected[finding.package.name, finding.vulnerability, code] += 1
            assert pairs(made["VulRecords"]) == expected
        assert seen == {1, 7, 8, 12}

    def test_what_a_statement_suppresses_is_ignored(self) -> None:
        before = host(rpm("bash", "1-1"))
        feed = Feed([advisory("ALSA-1", affected("bash", "2-1"), affected("zsh", "2-1"), cves=["CVE-1"])])
        after = host(rpm("bash", "1-1"), rpm("zsh", "1-1"))
        verification = verify(Baseline.of(before, match(before, feed)), after, feed)
        rules = registry.read_stream(io.BytesIO(b'[[ignore]]\nid = "CVE-1"\nreason = "r"\n'), "rules.toml")
        chosen = triage(after, feed, findings=verification.findings, statements=[rules], on=date(2024, 1, 1))
        report = VerificationReport(verification, None, chosen)
        assert set(pairs(answer(report)["VulRecords"])) == {("bash", "CVE-1", 10), ("zsh", "CVE-1", 10)}
        cases = {case.attrib["name"]: case for case in self.cases(report)}
        assert {case[0].tag for name, case in cases.items() if name.startswith("rpm/")} == {"skipped"}

    def cases(self, report: VerificationReport) -> list[ElementTree.Element]:
        root = ElementTree.fromstring("\n".join(render(report, "junit")))
        return [case for suite in root for case in suite.findall("testcase")]

    def test_a_package_passes_where_nothing_is_left_to_do(self) -> None:
        outcomes = Counter[str]()
        for verification in verifications():
            cases = {case.attrib["name"]: case for case in self.cases(VerificationReport(verification))}
            left = {one.instance for one in verification.new}
            left |= {row.baseline.instance for row in verification.rows if CODES[row.state] in (1, 8)}
            every = left | {row.baseline.instance for row in verification.rows}
            for instance in every:
                outcome = cases[instance].find("failure") is not None
                assert outcome is (instance in left)
                outcomes["failure" if outcome else "passed"] += 1
            text = "".join("".join(case.itertext()) for case in cases.values())
            assert all(row.reason in text for row in verification.rows)
        assert min(outcomes.values()) > 10

    def test_an_uncovered_host_fails(self) -> None:
        before = host(rpm("bash", "1-1"))
        feed = Feed([advisory("ALSA-1", affected("bash", "2-1"), cves=["CVE-1"])])
        report = VerificationReport(verify(Baseline.of(before, match(before, feed)), before, Feed([])))
        assert any(case.find("error") is not None for case in self.cases(report))
        assert answer(report)["Caveats"][0]["Id"] == "release-not-covered"
