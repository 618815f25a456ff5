"""What CI services read: lines of JSON, rows, SARIF, JUnit, GitLab's reports and GitHub's annotations."""

import csv
import json
import re
from typing import Any
from xml.etree import ElementTree

from advisories_reference import advisory, affected, host, rpm
from ci_schemas import error_of
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from made_report import hostile_document, many_findings, small, small_report

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


def uncovered() -> Report:
    inventory, feed = host(rpm("bash", "1-1"), rpm("zsh", "1-1")), Feed([])
    return Report(inventory, feed, match(inventory, feed))


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
            assert host_name(name) == shown

    def test_no_folder_of_the_machine_is_in_what_services_show(self) -> None:
        made: Any = document().content
        made["target"]["name"] = made["inventory"]["source"] = "/home/me/lists/web.txt"
        for one in made["findings"]:
            one["locations"] = []
        for format in ("sarif", "junit", "gitlab", "github", "sas-json"):
            text = "\n".join(lines_of(Document(made), format))
            assert "web.txt" in text
            assert "/home/me" not in text

    def test_the_layer_of_an_image_is_shown(self) -> None:
        made: Any = document().content
        for one in made["findings"]:
            one["layer"] = {"digest": "sha256:ba5e", "history": None}
        for format in ("json", "jsonl", "sarif", "gitlab"):
            assert "\n".join(lines_of(Document(made), format)).count("sha256:ba5e") == len(made["findings"])

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
            for name in set(_COLUMNS) - {"kind", "target", "digest", "statements"}:
                value = finding[name]
                if isinstance(value, list):
                    value = " ".join(value)
                elif isinstance(value, bool):
                    value = "yes" if value else "no"
                assert row[name] == ("" if value is None else str(value)), name
        assert {(row["target"], row["digest"]) for row in rows} == {("registry.example/app:1", "sha256:0f1e")}
        assert [row["vulnerability"] for row in by_kind["suppressed"]] == ["CVE-2024-0005"]
        assert "nobody logs in here" in by_kind["suppressed"][0]["statements"]
        assert {(row["status"], row["instance"]) for row in by_kind["coverage"]} >= {
            ("warning", "third-party"),
            ("warning", "rejected"),
            ("note", "suppressed"),
        }
        assert "rpm/nginx/x86_64" in {row["locations"] for row in by_kind["coverage"]}

    @settings(max_examples=examples(80))
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

    def test_a_rule_counts_the_reasons_that_it_leaves_out(self) -> None:
        content = document().content
        first = content["findings"][0]
        for number, more in ((12, None), (13, " And 1 more reason."), (15, " And 3 more reasons.")):
            found = [first | {"priority_reason": f"reason {n}", "instance": f"i{n}"} for n in range(number)]
            (rule, *_) = self.run(Document(content | {"findings": found, "suppressed": []}))["tool"]["driver"]["rules"]
            for text in (rule["fullDescription"]["text"], rule["help"]["text"], rule["help"]["markdown"]):
                assert "eason 11" in text
                assert (more in text) if more else ("more reason" not in text)

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
        (invocation,) = self.run(uncovered())["invocations"]
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
        # What is counted of the whole.
        counts = '"properties": {"target": ', '"invocations": '
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
        others = (small("lint"), hostile_document("lint"))
        for report in (small_report(), hostile_document(), many_findings(40), document(), *others):
            assert error_of("sarif", "\n".join(lines_of(report, "sarif"))) is None


class TestJunit:
    def suites(self, report: Any) -> dict[str, dict[str, ElementTree.Element]]:
        root = ElementTree.fromstring("\n".join(lines_of(report, "junit")))
        found = {}
        for suite in root:
            cases = suite.findall("testcase")
            assert int(suite.attrib["tests"]) == len(cases)
            for name, outcome in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
                assert int(suite.attrib[name]) == len(suite.findall(f"testcase/{outcome}"))
            found[suite.attrib["name"]] = {case.attrib["name"]: case for case in cases}
            assert len(found[suite.attrib["name"]]) == len(cases)
        for name in ("tests", "failures", "errors"):
            assert int(root.attrib[name]) == sum(int(suite.attrib[name]) for suite in root)
        return found

    def test_a_package_with_findings_fails_and_names_them(self) -> None:
        content, cases = document().content, self.suites(small_report())["packages"]
        for finding in content["findings"]:
            failure = cases[finding["instance"]].find("failure")
            assert failure is not None
            assert finding["vulnerability"] in (failure.text or "")
            assert finding["cause"] in (failure.text or "")
        kinds = {name: case[0].attrib["type"] for name, case in cases.items() if case.find("skipped") is not None}
        assert kinds == {
            "rpm/sudo/x86_64": "suppressed",
            "rpm/vim/x86_64": "unchecked",
            "rpm/nginx/x86_64": "third-party",
        }
        assert "nobody logs in here" in (cases["rpm/sudo/x86_64"][0].text or "")

    def test_what_was_not_checked_is_skipped_or_an_error(self) -> None:
        coverage = self.suites(small_report())["coverage"]
        assert coverage["third-party"][0].tag == coverage["rejected"][0].tag == "skipped"
        assert coverage["feed-age"][0].tag == "system-out"
        assert "packages without findings" in coverage
        suites = self.suites(uncovered())
        assert suites["coverage"]["release-not-covered"][0].tag == "error"
        assert "packages without findings" not in suites["coverage"]
        assert {case[0].tag for case in suites["packages"].values()} == {"skipped"}

    def test_a_suppressed_finding_beside_another_is_printed(self) -> None:
        made: Any = document().content
        other = {**made["suppressed"][0]["finding"], "instance": "rpm/bash/x86_64"}
        made["suppressed"] = [{**made["suppressed"][0], "finding": other}]
        case = self.suites(Document(made))["packages"]["rpm/bash/x86_64"]
        assert "suppressed: CVE-2024-0005" in (case.findtext("system-out") or "")

    def test_the_schema_holds(self) -> None:
        others = [made(what) for what in ("verification", "lint") for made in (small, hostile_document)]
        for report in (small_report(), uncovered(), hostile_document(), many_findings(40), *others):
            text = "\n".join(lines_of(report, "junit"))
            assert text.isascii()
            assert error_of("junit", text) is None


class TestGitlab:
    def test_a_vulnerability_for_each_finding(self) -> None:
        content, made = document().content, json_of(small_report(), "gitlab")
        for entry, finding in zip(made["vulnerabilities"], content["findings"], strict=True):
            assert entry["name"] == finding["title"]
            assert entry["identifiers"][0]["value"] == finding["vulnerability"]
            assert entry["severity"] == ("Unknown" if finding["rule"] == "A0" else finding["priority"])
            assert entry["location"]["image"] == "registry.example/app:1"
            assert entry["location"]["operating_system"] == "almalinux 9"
            assert entry["location"]["dependency"]["version"] == finding["version"]
            assert entry["links"] == [{"name": link["id"], "url": link["url"]} for link in finding["links"]]
            assert entry["id"].replace("-", "")[:12] == fingerprint(finding)[:12]
        vectors = {entry["name"]: entry.get("cvss_vectors") for entry in made["vulnerabilities"]}
        assert vectors["CVE-2024-0001 in bash"] == [
            {"vendor": "vendor", "vector": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}
        ]
        assert vectors["CVE-2024-0003 in kernel-core"] is None

    def test_what_the_form_has_no_place_for_is_a_message(self) -> None:
        scan = json_of(small_report(), "gitlab")["scan"]
        texts = [message["value"] for message in scan["messages"]]
        assert any("CVE-2024-0005 in sudo" in text and "nobody logs in here" in text for text in texts)
        assert scan["status"] == "success"
        assert any("These are nginx (x86_64)." in text for text in texts)
        assert {option["name"]: option["value"] for option in scan["options"]} == {
            "target": "registry.example/app:1",
            "digest": "sha256:0f1e",
        }
        scan = json_of(uncovered(), "gitlab")["scan"]
        assert (scan["status"], scan["messages"][0]["level"]) == ("failure", "fatal")

    def test_the_times_are_those_of_the_report(self) -> None:
        times = []
        for age, newest in ((29, "2024-02-01T00:00:00+00:00"), (None, "2024-02-01T01:30:00+02:00"), (None, None)):
            made: Any = document()
            made.content["feed"]["age_days"], made.content["coverage"]["feed_newest"] = age, newest
            scan = json_of(made, "gitlab")["scan"]
            assert scan["start_time"] == scan["end_time"]
            times.append(scan["start_time"])
        assert times == ["2024-03-01T00:00:00", "2024-01-31T23:30:00", "1970-01-01T00:00:00"]
        assert any("no day" in message["value"] for message in scan["messages"])

    def test_the_constraints_of_the_form_hold(self) -> None:
        spoilt: Any = many_findings(40).content
        spoilt["findings"] = [
            {
                **one,
                "package": "x" * 300,
                "cause": "",
                "fix_command": None,
                "fixed_version": "9" * 8000,
                "links": [{"id": "", "url": url} for url in ("https://", "ftp://x", "http://\n")],
                "vectors": [
                    {"source": "", "type": "CVSS_V3", "vector": vector}
                    for vector in ("CVSS:3.1/AV:N", "AV:N/AC:L/Au:N/C:P/I:P/A:P", "CVSS:4.0/AV:N", "", "x" * 200)
                ],
            }
            for one in spoilt["findings"]
        ]
        for report in (small_report(), uncovered(), hostile_document(), many_findings(40), Document(spoilt)):
            assert error_of("gitlab", "\n".join(lines_of(report, "gitlab"))) is None


class TestGithub:
    def levels(self, report: Any) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for line in lines_of(report, "github"):
            found.setdefault(line.split(" ")[0].strip(":"), []).append(line)
        return found

    def test_what_was_not_checked_comes_first(self) -> None:
        levels = self.levels(small_report())
        assert list(levels) == ["error", "warning", "notice"]
        assert "title=registry.example/app%3A1::third-party: 1 package not checked" in levels["warning"][0]
        assert "These are nginx (x86_64)." in levels["warning"][0]
        assert "release-not-covered" in self.levels(uncovered())["error"][0]
        assert "5 findings: 3 High, 2 Medium, 0 Low." in levels["notice"][0]

    def test_the_most_useful_comes_first_and_what_is_left_out_is_counted(self) -> None:
        high = self.levels(small_report())["error"]
        assert "Exploited: CVE-2024-0004. dnf upgrade openssl-libs" in high[0]
        assert len(high) == 3
        for count in (0, 1, 9, 80, 2000):
            levels = self.levels(many_findings(count))
            assert all(len(lines) <= 10 for lines in levels.values())
            for priority, level in (("High", "error"), ("Medium", "warning"), ("Low", "notice")):
                named = sum(
                    int(number)
                    for line in levels.get(level, [])
                    if f"title={priority}%3A" in line
                    for number in re.findall(r"::(\d+) (?:vulnerabilit|more finding)", line)
                )
                assert named == sum(one["priority"] == priority for one in many_findings(count).findings)

    def test_of_many_fixes_the_highest_is_named(self) -> None:
        """Who upgrades to the first of them would have the vulnerabilities of all others."""
        made: Any = many_findings(1)
        (one,) = made.content["findings"]
        assert one["instance"].startswith("rpm/")
        fixes = [f"5.14.0-{number}.el9" for number in (70, 687, 427, *range(90, 120))]
        kernels = [dict(one, fixed_version=version, fix_command=None) for version in fixes]
        unordered = dict(one, instance="maven/a:b/-", fixed_version="2.0", fix_command=None)
        made.content["findings"] = [*kernels, unordered]
        (line,) = [line for line in lines_of(made, "github") if " or later" in line]
        assert re.findall(r"to (.*?) or later", line) == ["5.14.0-687.el9", "2.0"]
        # Other packages of the source have their own. What is not named is counted.
        made.content["findings"] = [dict(one, package=f"part{number}", fix_command=None) for number in range(20)]
        (line,) = [line for line in lines_of(made, "github") if " or later" in line]
        assert (line.count(" or later"), "And 12 more." in line) == (8, True)

    def test_nothing_of_a_name_is_a_command(self) -> None:
        made: Any = many_findings(1)
        made.content["findings"][0] |= {"package": "a::b%0A,::error::", "vulnerability": "%0A::set-env name=x::y"}
        (line,) = [line for line in lines_of(made, "github") if "set-env" in line]
        title, text = re.fullmatch(r"::error title=([^:,]*)::(.*)", line).groups()  # type: ignore[union-attr]
        assert "a%3A%3Ab%250A%2C%3A%3Aerror" in title
        assert "%250A::set-env name=x::y" in text
