"""The formats that state findings to other programs: golden files, official schemas, and our own readers."""

import json
import re
from collections import Counter
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from advisories_reference import advisory, affected, as_read, host, rpm
from packageurl import PackageURL
from places import EXAMPLE, GOLDEN
from sbom_schemas import error_of
from stated_host import DAY, FEED, HOST, V2, V3, V4, document, reread, suppressed_by, triaged, written

from advisories import Feed, match, read_feed, read_inventory
from advisories.models import Affected, Distribution, FixState, Inventory, Names, Package, Range
from advisories.models.errors import EmptyReport
from advisories.readers import inventories
from advisories.readers import statements as readers
from advisories.reports import Report, render
from advisories.reports.document import Document
from advisories.reports.vex import issued, stated, utc

#: The formats, those that name packages, and those that state what is suppressed.
FORMATS = ("cyclonedx", "cyclonedx-1.7", "openvex", "csaf-vex", "spdx")
WITH_PACKAGES = ("cyclonedx", "cyclonedx-1.7", "spdx")
WITH_STATEMENTS = ("cyclonedx", "cyclonedx-1.7", "openvex", "csaf-vex")
#: What VEX suppresses on the made host. What an ignore rule suppresses is no statement about it.
SUPPRESSED = {
    ("rpm/bash-doc/noarch", "CVE-2026-1002"),
    ("rpm/nodejs/x86_64", "CVE-2026-1009"),
    ("rpm/nodejs/x86_64", "CVE-2026-10010"),
}


def golden(format: str) -> Path:
    return GOLDEN / "reports" / f"{format}.json"


@pytest.mark.parametrize("format", FORMATS)
class TestEachFormat:
    def test_the_made_host(self, format: str) -> None:
        """A difference that is meant: write what the assertion shows into the file."""
        assert written(document(), format) == golden(format).read_text(encoding="utf-8")

    def test_it_is_valid(self, format: str) -> None:
        assert error_of(format, written(document(), format)) is None

    def test_an_earlier_report_gives_the_same(self, format: str) -> None:
        assert written(reread(document()), format) == written(document(), format)

    def test_it_is_ascii_with_a_vulnerability_on_each_line(self, format: str) -> None:
        text = written(document(), format)
        assert text.isascii()
        assert all(line.isprintable() for line in text.splitlines())
        assert json.loads(text)

    def test_what_was_not_checked_is_named(self, format: str) -> None:
        text = written(document(), format)
        for words in ("unchecked", "the map of --sources", "vendor or maintainer", "undecidable"):
            assert words in text

    def test_a_host_that_is_not_covered_does_not_look_clean(self, format: str) -> None:
        report = document(HOST, Feed([]))
        if format == "openvex":  # there is no statement to make
            with pytest.raises(EmptyReport):
                written(report, format)
            return
        text = written(report, format)
        assert "Not covered" in text
        assert error_of(format, text) is None

    def test_other_findings_are_another_document(self, format: str) -> None:
        other = document(host(*HOST.packages[1:], kernel=HOST.running_kernel))
        ids = [serial_of(json.loads(written(one, format))) for one in (document(), document(), other)]
        assert ids[0] == ids[1] != ids[2]

    def test_an_earlier_report_may_have_anything_that_its_types_allow(self, format: str) -> None:
        content = json.loads("\n".join(render(document(), "json")))
        content["feed"]["age_days"] = 10**12
        content["suppressed"][0]["statements"] = []
        finding = content["findings"][0]
        finding["links"] = [{"id": "x", "url": "javascript:alert(1)"}, {"id": "", "url": "http://a b/<>\u202e"}]
        finding["vectors"] = [
            {"source": "", "type": "CVSS_V3", "vector": "CVSS:3.1/no"},
            {"source": "x", "type": "y", "vector": ""},
        ]
        finding["modified"] = "9999-12-31T23:59:59-14:00"
        finding["fixed_version"] = finding["fix_command"] = None
        text = written(Document(content), format)
        assert error_of(format, text) is None
        assert "javascript" not in text
        assert text.isascii()

    def test_hostile_names(self, format: str) -> None:
        for name in ("<script>alert(1)</script>", "\x1b[2J", "=cmd()", "\u202e", "a\nb", "\0", "]]>", "a b", '"', "é"):
            packages = host(rpm(name, "1-1"))
            feed = as_read([advisory(f"A-{name}", affected(name, "2-1"), cves=[name])])
            text = written(document(packages, feed, name), format)
            assert text.isascii()
            assert error_of(format, text) is None


def serial_of(content: Any) -> Any:
    if "@graph" in content:
        return content["@graph"][1]["spdxId"]
    return content.get("serialNumber") or content.get("@id") or content["document"]["tracking"]["id"]


@pytest.mark.parametrize(
    ("format", "word", "other"),
    [
        ("cyclonedx", '"state": "exploitable"', '"state": "no such state"'),
        ("cyclonedx-1.7", '"type": "library"', '"type": "no such type"'),
        ("openvex", '"status": "fixed"', '"status": "no such status"'),
        ("csaf-vex", '"category": "vendor_fix"', '"category": "no such category"'),
        ("csaf-vex", '"product_id": "rpm/xz/x86_64"', '"product_id": "another"'),
        ("spdx", '"security_severity": "critical"', '"security_severity": "no such word"'),
        ("spdx", '"relationshipType": "affects"', '"relationshipType": "no such word"'),
    ],
)
def test_the_validators_see_what_is_wrong(format: str, word: str, other: str) -> None:
    text = written(document(), format)
    assert word in text
    assert error_of(format, text.replace(word, other)) is not None


@pytest.mark.parametrize("format", WITH_STATEMENTS)
def test_ours_suppresses_what_vex_suppressed(format: str) -> None:
    assert suppressed_by(written(document(), format)) == SUPPRESSED


@pytest.mark.parametrize("format", FORMATS)
def test_what_is_stated_of_an_image_is_stated_inside_of_it(format: str) -> None:
    report = document(target="registry.example/team/app:1@sha256:1f")
    text = written(report, format)
    image = "pkg:oci/app@sha256:1f?repository_url=registry.example/team/app"
    assert PackageURL.from_string(image).to_string() == image
    assert image in text
    assert error_of(format, text) is None
    if format in WITH_STATEMENTS:
        assert suppressed_by(text) == set(), "another host is not that image"
        assert suppressed_by(text, product=image) == SUPPRESSED
    if format in WITH_PACKAGES:
        found = inventories.read_stream(BytesIO(text.encode()))
        assert found.distribution == HOST.distribution
        assert len(found.packages) == 9


@pytest.mark.parametrize("format", WITH_STATEMENTS)
def test_reasons_and_labels_are_read_back(format: str) -> None:
    read = readers.read_stream(BytesIO(written(document(), format).encode()), "ours")
    of = {(one.ids[0], one.status.value): one for one in read.statements}
    label = {"code_not_reachable", "vulnerable_code_not_in_execute_path"}
    assert of["CVE-2026-1009", "not_affected"].justification in label
    assert of["CVE-2026-1009", "not_affected"].reason == "the parser is not used"
    assert of["CVE-2026-1002", "not_affected"].reason == "documentation alone"
    assert ("CVE-2026-10010", "fixed") in of
    assert of["ALSA-2026:5", "under_investigation"].ids[:2] == ("ALSA-2026:5", "GHSA-a-b-c")
    assert of["CVE-2026-1006", "under_investigation"]
    assert "Ignored until 2026-12-31 by platform team" in of["CVE-2026-1003", "affected"].reason


@pytest.mark.parametrize("format", WITH_PACKAGES)
def test_our_reader_of_packages_finds_those_with_findings(format: str) -> None:
    report = document()
    found = inventories.read_stream(BytesIO(written(report, format).encode()))
    assert found.distribution == HOST.distribution
    every = [*report.findings, *[one["finding"] for one in report.content["suppressed"]]]
    assert Counter((one.name, one.version, one.arch) for one in found.packages) == Counter(
        {(one["package"], one["version"], one["arch"]): 1 for one in every}
    )
    assert {one.source_name for one in found.packages if one.name == "openssl-libs"} == {"openssl"}


def two_copies() -> tuple[Inventory, Feed]:
    """A host with one package of Python at two places."""
    pypi = Distribution("pypi", "rolling")
    of = Affected("flask", "pypi", pypi, Names.BINARY, (Range(None, "2"),), (), FixState.FIXED)
    copies = [Package("pypi", "flask", "1.0", location=place) for place in ("/a", "/b")]
    return host(*copies), Feed([advisory("GHSA-1", of, cves=["CVE-2026-1001"])])


class TestCycloneDX:
    @staticmethod
    def entries(report: Document | None = None) -> dict[str, dict[str, Any]]:
        content = json.loads(written(report or document(), "cyclonedx"))
        return {entry["id"]: entry for entry in content["vulnerabilities"]}

    def test_ratings(self) -> None:
        entries = self.entries()
        first, second, own = entries["CVE-2026-1001"]["ratings"]
        assert first == {
            "source": {"name": "vendor"},
            "score": 9.8,
            "severity": "critical",
            "method": "CVSSv31",
            "vector": V3,
        }
        assert second == {
            "source": {"name": "nvd"},
            "score": 7.5,
            "severity": "high",
            "method": "CVSSv2",
            "vector": V2[1:-1],
        }
        assert own["severity"] == "high"
        assert own["justification"].startswith("H1: ")
        assert entries["CVE-2026-1006"]["ratings"][0]["method"] == "CVSSv4"
        assert entries["CVE-2026-1006"]["ratings"][0]["vector"] == V4
        assert entries["ALSA-2026:5"]["ratings"][-1]["severity"] == "unknown", "nobody rated it"

    def test_analyses(self) -> None:
        entries = self.entries()
        analyses = {id: entry.get("analysis") for id, entry in entries.items()}
        assert analyses["CVE-2026-1001"] is None, "nobody analysed what has a fix"
        assert analyses["CVE-2026-1003"]["response"] == ["will_not_fix"], "you live with it"
        assert analyses["CVE-2026-1003"]["state"] == "exploitable", "an ignore rule does not state that it is harmless"
        assert analyses["CVE-2026-1004"] == {
            "state": "exploitable",
            "response": ["will_not_fix"],
            "detail": "It will not be fixed.",
        }
        assert analyses["ALSA-2026:5"]["state"] == "in_triage"
        assert analyses["CVE-2026-1006"]["state"] == "in_triage"
        assert analyses["CVE-2026-1009"]["justification"] == "code_not_reachable"
        assert analyses["CVE-2026-10010"]["state"] == "resolved"

    def test_one_vulnerability_of_two_standings_has_two_entries(self) -> None:
        content = json.loads(written(document(), "cyclonedx"))
        states = [
            one.get("analysis", {}).get("state") for one in content["vulnerabilities"] if one["id"] == "CVE-2026-1002"
        ]
        assert states == [None, "not_affected"]

    def test_what_is_affected(self) -> None:
        content = json.loads(written(document(), "cyclonedx"))
        refs = {one["bom-ref"] for one in content["components"]}
        affects = [one for entry in content["vulnerabilities"] for one in entry["affects"]]
        assert {one["ref"] for one in affects} < refs
        entry = self.entries()["CVE-2026-1001"]
        assert [one["versions"] for one in entry["affects"]] == [[{"version": "5.1-1.el9", "status": "affected"}]] * 2
        assert entry["recommendation"] == "Upgrade to 5.1-2.el9 or later."
        assert entry["advisories"] == [{"title": "ALSA-2026:1", "url": "https://example.com/1?a=%3Cb%3E"}]
        assert (entry["published"], entry["updated"]) == ("2026-01-01T00:00:00Z", "2026-01-02T03:04:05Z")

    def test_what_only_we_have_is_a_property(self) -> None:
        entry = self.entries()["CVE-2026-1007"]
        facts = {(one["name"].removeprefix("advisories:"), one["value"]) for one in entry["properties"]}
        assert {("known-exploited", "true"), ("pending-restart", "true"), ("presence", "running")} <= facts
        assert {("rule", "H4"), ("fix-state", "fixed"), ("restart", "machine")} <= facts
        assert any(name == "cause" for name, _ in facts)

    def test_two_copies_of_one_package_are_two_components(self) -> None:
        report = document(*two_copies())
        text = written(report, "cyclonedx")
        refs = [one["bom-ref"] for one in json.loads(text)["components"][1:]]
        assert refs == ["pkg:pypi/flask@1.0 pypi/flask/-#/a", "pkg:pypi/flask@1.0 pypi/flask/-#/b"]
        assert error_of("cyclonedx", text) is None


class TestOpenVEX:
    @staticmethod
    def statements() -> dict[str, dict[str, Any]]:
        content = json.loads(written(document(), "openvex"))
        return {f"{one['vulnerability']['name']} {one['status']}": one for one in content["statements"]}

    def test_statuses(self) -> None:
        assert sorted(self.statements()) == [
            "ALSA-2026:5 under_investigation",
            "CVE-2026-1001 affected",
            "CVE-2026-10010 fixed",
            "CVE-2026-10011 affected",
            "CVE-2026-10012 affected",
            "CVE-2026-1002 affected",
            "CVE-2026-1002 not_affected",
            "CVE-2026-1003 affected",
            "CVE-2026-1004 affected",
            "CVE-2026-1006 under_investigation",
            "CVE-2026-1007 affected",
            "CVE-2026-1009 not_affected",
        ]

    def test_each_has_the_moment_of_the_document(self) -> None:
        """Readers that know no other moment of a statement want it there, though the specification does not."""
        content = json.loads(written(document(), "openvex"))
        assert {one["timestamp"] for one in content["statements"]} == {content["timestamp"]}

    def test_what_is_done(self) -> None:
        found = {id: one.get("action_statement") for id, one in self.statements().items()}
        assert found["CVE-2026-1001 affected"] == (
            "Upgrade to 5.1-2.el9 or later. Run: dnf upgrade bash; dnf upgrade bash-doc"
        )
        assert found["CVE-2026-1004 affected"] == "It will not be fixed."
        assert found["CVE-2026-1007 affected"] == "Restart the machine: a fixed kernel is installed."
        ignored = found["CVE-2026-1003 affected"]
        assert ignored is not None
        assert ignored.startswith(
            "Ignored until 2026-12-31 by platform team (ignore.toml: line 2): the engine is not loaded. Upgrade to "
        )

    def test_a_label_of_another_format_is_translated(self) -> None:
        """CycloneDX in, OpenVEX out."""
        cyclonedx = written(document(), "cyclonedx")
        chosen = triaged([readers.read_stream(BytesIO(cyclonedx.encode()), "ours.json")])
        again = Document.of(Report(HOST, FEED, chosen.findings, chosen=chosen, on=DAY))
        text = written(again, "openvex")
        assert suppressed_by(text) == SUPPRESSED
        assert "vulnerable_code_not_in_execute_path" in text

    def test_copies_of_a_package_are_one_product(self) -> None:
        report = document(*two_copies())
        (statement,) = json.loads(written(report, "openvex"))["statements"]
        assert statement["products"] == [{"@id": "pkg:pypi/flask@1.0"}]


class TestCSAF:
    @staticmethod
    def entries() -> dict[str, dict[str, Any]]:
        content = json.loads(written(document(), "csaf-vex"))
        return {one.get("cve") or one["ids"][0]["text"]: one for one in content["vulnerabilities"]}

    def test_statuses(self) -> None:
        entries = self.entries()
        assert len(entries) == 12 - 1, "one entry for each vulnerability"
        assert entries["CVE-2026-1002"]["product_status"] == {
            "known_affected": ["rpm/bash/x86_64"],
            "known_not_affected": ["rpm/bash-doc/noarch"],
        }
        assert entries["CVE-2026-10010"]["product_status"] == {"fixed": ["rpm/nodejs/x86_64"]}
        assert entries["CVE-2026-1006"]["product_status"] == {"under_investigation": ["rpm/xz/x86_64"]}

    def test_remediations(self) -> None:
        found = {id: one.get("remediations") for id, one in self.entries().items()}
        assert found["CVE-2026-1001"] == [
            {
                "category": "vendor_fix",
                "details": "Upgrade to 5.1-2.el9 or later.\ndnf upgrade bash\ndnf upgrade bash-doc",
                "product_ids": ["rpm/bash/x86_64", "rpm/bash-doc/noarch"],
                "restart_required": {"category": "none"},
            }
        ]
        assert found["CVE-2026-1004"][0]["category"] == "no_fix_planned"
        assert found["CVE-2026-1007"][0]["restart_required"] == {"category": "machine"}

    def test_flags_and_impacts(self) -> None:
        entries = self.entries()
        assert entries["CVE-2026-1009"]["flags"] == [
            {
                "label": "vulnerable_code_not_in_execute_path",
                "date": "2026-02-01T00:00:00Z",
                "product_ids": ["rpm/nodejs/x86_64"],
            }
        ]
        assert entries["CVE-2026-1009"]["threats"][0]["details"] == "the parser is not used"
        assert "flags" not in entries["CVE-2026-1002"]
        assert entries["CVE-2026-1007"]["threats"] == [
            {"category": "exploit_status", "details": "It is known to be exploited."}
        ]

    def test_scores(self) -> None:
        (score,) = self.entries()["CVE-2026-1001"]["scores"]
        assert score["cvss_v3"] == {
            "version": "3.1",
            "vectorString": V3,
            "baseScore": 9.8,
            "baseSeverity": "CRITICAL",
        }
        assert score["cvss_v2"] == {"version": "2.0", "vectorString": V2[1:-1], "baseScore": 7.5}
        entry = self.entries()["CVE-2026-1006"]
        assert "scores" not in entry
        assert {"category": "other", "title": "CVSS 4.0", "text": f"{V4} (vendor)"} in entry["notes"]

    def test_packages_are_in_branches_of_vendor_name_and_version(self) -> None:
        (vendor,) = json.loads(written(document(), "csaf-vex"))["product_tree"]["branches"]
        assert (vendor["category"], vendor["name"]) == ("vendor", "almalinux")
        found = {
            (of["name"], leaf["category"], leaf["name"], leaf["product"]["product_id"])
            for of in vendor["branches"]
            for leaf in of["branches"]
        }
        assert ("bash", "product_version", "5.1-1.el9", "rpm/bash/x86_64") in found
        names = [(of["category"], of["name"]) for of in vendor["branches"]]
        assert len(set(names)) == len(names)

    @pytest.mark.parametrize("version", ["1.0-1.small", "1.x", "2~before", "<1", "1.*-2"])
    def test_a_version_that_looks_like_a_range_is_none(self, version: str) -> None:
        feed = Feed([advisory("A", affected("bash", "9-1"), cves=["CVE-2026-1"])])
        text = written(document(host(rpm("bash", version)), feed), "csaf-vex")
        assert '"category": "patch_level"' in text
        assert error_of("csaf-vex", text) is None

    def test_copies_of_a_package_are_products_of_one_branch(self) -> None:
        text = written(document(*two_copies()), "csaf-vex")
        (vendor,) = json.loads(text)["product_tree"]["branches"]
        assert vendor["name"] == "pypi"
        assert [len(of["branches"]) for of in vendor["branches"]] == [2]
        assert error_of("csaf-vex", text) is None

    def test_without_findings_it_is_no_vex(self) -> None:
        content = json.loads(written(document(HOST, Feed([])), "csaf-vex"))
        assert content["document"]["category"] == "csaf_base"
        assert list(content) == ["document"]


class TestSPDX:
    @staticmethod
    def elements() -> list[dict[str, Any]]:
        graph: list[dict[str, Any]] = json.loads(written(document(), "spdx"))["@graph"]
        return graph

    def test_every_element_is_of_the_document_and_has_its_number(self) -> None:
        elements = self.elements()
        (whole,) = [one for one in elements if one["type"] == "SpdxDocument"]
        ids = [one["spdxId"] for one in elements if "spdxId" in one]
        assert len(ids) == len(set(ids))
        assert set(whole["element"]) == set(ids) - {whole["spdxId"]}
        assert {id.partition("#")[0] for id in ids} == {whole["spdxId"].partition("#")[0]}
        assert "00000000-0000" not in written(document(), "spdx")

    def test_assessments(self) -> None:
        elements = {one.get("spdxId"): one for one in self.elements()}
        found = Counter(
            (elements[one["from"]]["name"], one["relationshipType"], len(one["to"]))
            for one in elements.values()
            if one["type"].startswith("security_Vex")
        )
        assert found["CVE-2026-1001", "affects", 2] == 1
        assert found["CVE-2026-1002", "doesNotAffect", 1] == 1
        assert found["CVE-2026-10010", "fixedIn", 1] == 1
        assert found["CVE-2026-1006", "underInvestigationFor", 1] == 1
        assert found["CVE-2026-1003", "affects", 1] == 1, "an ignore rule does not state that it is harmless"
        (label,) = [
            one["security_justificationType"] for one in elements.values() if "security_justificationType" in one
        ]
        assert label == "vulnerableCodeNotInExecutePath"

    def test_vectors(self) -> None:
        elements = {one.get("spdxId"): one for one in self.elements()}
        rated = [one for one in elements.values() if one["type"].startswith("security_Cvss")]
        assert [(one["type"][13:15], one["security_score"], elements[one["suppliedBy"]]["name"]) for one in rated] == [
            ("V3", 9.8, "vendor"),
            ("V2", 7.5, "nvd"),
            ("V4", 9.3, "vendor"),
        ]

    def test_what_was_listed_has_more_packages(self) -> None:
        (contains,) = [one for one in self.elements() if one.get("relationshipType") == "contains"]
        assert contains["completeness"] == "incomplete"


class TestMoments:
    def test_the_day_of_the_report_or_the_newest_advisory(self) -> None:
        chosen = triaged()
        report = Report(HOST, FEED, chosen.findings, chosen=chosen)
        assert issued(Document.of(report).content) == "2026-01-02T03:04:05Z"
        assert issued(document().content) == f"{DAY}T00:00:00Z"

    def test_without_any_date(self) -> None:
        feed = Feed([advisory("A-1", affected("bash", "6-1"), cves=["CVE-2026-1001"])])
        assert issued(Document.of(Report(HOST, feed, match(HOST, feed))).content) == "1970-01-01T00:00:00Z"

    def test_days_at_the_ends(self) -> None:
        assert utc("0001-01-01T00:00:00+14:00") == "0001-01-01T00:00:00Z"


def test_statements_are_about_as_many_packages_as_there_are_findings() -> None:
    report = document()
    found = stated(report.content)
    every = [*report.findings, *[one["finding"] for one in report.content["suppressed"]]]
    assert sum(len(one.findings) for one in found) == len(every)


# ---- the bundled host ----


@pytest.fixture(scope="module")
def example() -> Document:
    inventory, feed = read_inventory(EXAMPLE / "host.tsv"), read_feed(EXAMPLE / "advisories.jsonl")
    return Document.of(Report(inventory, feed, match(inventory, feed)))


@pytest.mark.slow
@pytest.mark.parametrize("format", FORMATS)
def test_the_bundled_host_is_whole(example: Document, format: str) -> None:
    """Whether parts of it are valid: ``test_written_statements.py``. The whole takes validators a minute."""
    text = "\n".join(render(example, format))
    assert json.loads(text)
    words = set(re.findall(r'"((?:[^"\\]|\\.)*)"', text))
    for member in ("vulnerability", "purl"):
        assert {finding[member] for finding in example.findings} <= words
