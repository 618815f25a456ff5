"""Baselines are read whole or not at all, and verifications are written as text and JSON."""

import gzip
import io
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from advisories_reference import advisory, affected, host, rpm
from attrs import evolve
from places import GOLDEN, ROOT
from report_schemas import validator
from verification_table import parsed

from advisories import Feed, match, read_feed
from advisories.models import Distribution, Finding
from advisories.models.errors import UnreadableBaseline, UnreadableSource
from advisories.models.schemas import READABLE_REPORTS
from advisories.models.schemas import VERIFICATION as SCHEMA
from advisories.readers import inventories, statements
from advisories.reports import Report, render
from advisories.reports.verification import VerificationReport
from advisories.triage.baseline import Baseline, read_baseline
from advisories.triage.pipeline import triage
from advisories.triage.verify import Verification, verify


def as_text(verification: Verification, width: int | None = None) -> Iterator[str]:
    return render(VerificationReport(verification, width), "text")


def as_json(verification: Verification) -> Iterator[str]:
    return render(VerificationReport(verification), "json")


READABLE = "'advisories/report/3' or 'advisories/report/2' or 'advisories/report/1'"
TABLE = (GOLDEN / "verification.tsv").read_text().splitlines()[1:]
INVENTORY = host(rpm("bash", "1-1"), rpm("zsh", "1-1", epoch_known=False), kernel="5.14.0-1.el9.x86_64")
FEED = Feed(
    [
        advisory("ALSA-1", affected("bash", "2-1"), affected("zsh", "3-1"), cves=["CVE-2024-1111", "CVE-2024-2222"]),
        advisory("ALSA-2", affected("zsh"), rating="critical"),
    ]
)


def report() -> dict[str, Any]:
    findings = match(INVENTORY, FEED)
    document = json.loads("\n".join(render(Report(INVENTORY, FEED, findings), "json")))
    assert isinstance(document, dict)
    return document


def read(document: object) -> Baseline:
    return read_baseline(io.BytesIO(json.dumps(document).encode()))


def rejection(document: object) -> UnreadableBaseline:
    with pytest.raises(UnreadableBaseline) as raised:
        read(document)
    return raised.value


class TestReading:
    def test_a_path_a_stream_and_a_compressed_file(self, tmp_path: Path) -> None:
        expected = Baseline.of(INVENTORY, match(INVENTORY, FEED))
        data = json.dumps(report()).encode()
        plain, packed = tmp_path / "old.json", tmp_path / "old.json.gz"
        plain.write_bytes(data)
        packed.write_bytes(gzip.compress(data))
        for source in (plain, str(plain), packed, io.BytesIO(data)):
            assert read_baseline(source) == expected
        assert (read_baseline(plain).source, read_baseline(io.BytesIO(data)).source) == (str(plain), "-")

    def test_a_member_that_is_new_is_no_error(self) -> None:
        document = report()
        document["findings"][0]["colour"] = "red"
        assert read(document | {"later": {}}) == read(report())

    @pytest.mark.parametrize(
        ("document", "position", "why"),
        [
            ([], "-", "an object is expected, not an array"),
            ({}, "schema", f"{READABLE} is expected, not nothing"),
            ({"schema": 1}, "schema", f"{READABLE} is expected, not a number"),
            ({"schema": "advisories/plan/3"}, "schema", f"{READABLE} is expected, not 'advisories/plan/3'"),
            ({"schema": "advisories/report/3"}, "inventory", "missing"),
            ({"schema": "advisories/report/2"}, "inventory", "missing"),
            ({"schema": "advisories/report/1"}, "inventory", "missing"),
        ],
    )
    def test_what_is_no_report(self, document: object, position: str, why: str) -> None:
        error = rejection(document)
        assert (error.source, error.position, error.what, error.why) == (
            "-",
            position,
            "a JSON report of match",
            why,
        )

    @pytest.mark.parametrize(
        ("data", "why"),
        [
            (b"", "empty"),
            (b'{"schema": ', "not JSON: Expecting value at byte 11"),
            (b'{"schema": "x', "not JSON: Unterminated string starting at byte 11"),
            (b"{} {}", "more after the end of the value"),
            (b"\xff{}", "not UTF-8"),
        ],
    )
    def test_what_is_no_json(self, data: bytes, why: str) -> None:
        with pytest.raises(UnreadableBaseline) as raised:
            read_baseline(io.BytesIO(data))
        assert raised.value.why == why
        assert raised.value.position.startswith("byte ")

    def test_what_is_no_file(self, tmp_path: Path) -> None:
        with pytest.raises(UnreadableSource, match="No such file"):
            read_baseline(tmp_path / "gone.json")
        with pytest.raises(UnreadableBaseline, match="a folder or an archive is not a report"):
            read_baseline(tmp_path)

    def test_one_broken_finding_rejects_the_report(self) -> None:
        """Each member that is needed, missing and of another type: the message names its place and the finding."""
        whole = report()
        entry = whole["findings"][1]
        needed = {
            *("instance", "package", "version", "arch", "source", "source_version", "vulnerability", "advisories"),
            *("status", "cause", "fixed_version", "fix_state", "channel", "presence", "pending_restart", "priority"),
            *("assumptions", "evidence", "locations", "restart_required", "rule", "basis", "score"),
        }
        assert needed < set(entry)
        for name in needed:
            for broken in (
                {k: v for k, v in entry.items() if k != name},
                entry | {name: 1.5 if name != "score" else ""},
            ):
                error = rejection(whole | {"findings": [whole["findings"][0], broken]})
                assert error.position == f"findings[1].{name}"
                if name not in ("instance", "vulnerability"):
                    assert error.what == f"{entry['instance']} {entry['vulnerability']}"
        for name in set(entry) - needed:
            read(whole | {"findings": [{k: v for k, v in entry.items() if k != name}]})

    @pytest.mark.parametrize(
        ("change", "position", "why"),
        [
            ({"status": "maybe"}, "status", "one of affected, undecidable is expected, not 'maybe'"),
            ({"advisories": ["A", 1]}, "advisories[1]", "a string is expected, not a number"),
            (
                {"assumptions": ["x"]},
                "assumptions[0]",
                "one of inventory-partial, system-unknown, source-unknown, not-in-archive, epoch-unknown, ",
            ),
            ({"instance": "rpm/zsh/x86_64"}, "instance", "TYPE/bash/... is expected, a type being one of: rpm, deb, "),
            ({"instance": "hex/bash/x86_64"}, "instance", "TYPE/bash/... is expected"),
            ({"evidence": {}}, "evidence.advisory", "missing"),
            (
                {"evidence": {"advisory": "A", "name": "bash", "names": "binary", "installed": None}},
                "evidence.installed",
                "a string is expected, not null",
            ),
        ],
    )
    def test_a_member_that_is_wrong(self, change: dict[str, Any], position: str, why: str) -> None:
        whole = report()
        entry = next(entry for entry in whole["findings"] if entry["package"] == "bash")
        error = rejection(whole | {"findings": [entry | change]})
        assert error.position == f"findings[0].{position}"
        assert error.why.startswith(why)
        suppressed = rejection(whole | {"suppressed": [{"finding": entry | change, "statements": []}]})
        assert suppressed.position == f"suppressed[0].finding.{position}"

    def test_what_is_no_finding(self) -> None:
        error = rejection(report() | {"findings": [None]})
        assert str(error) == ("-: findings[0]: a JSON report of match: an object is expected, not null")
        assert rejection(report() | {"suppressed": [{"finding": 1}]}).position == "suppressed[0].finding"
        assert rejection(report() | {"suppressed": {}}).position == "suppressed"
        assert rejection(report() | {"suppressed": [1]}).position == "suppressed[0]"

    def test_a_report_of_a_selection_is_half_a_baseline(self) -> None:
        error = rejection(report() | {"hidden": {"priority": 3}})
        assert (error.position, "would look new" in error.why) == ("hidden", True)

    @pytest.mark.slow
    def test_a_large_report(self, tmp_path: Path) -> None:
        whole = report()
        entries = [json.dumps(whole["findings"][0])] * 50_000
        head = json.dumps(whole | {"findings": []}).removesuffix('"findings": []}')
        path = tmp_path / "large.json"
        path.write_text(f'{head}"findings": [{",".join(entries)}]}}')
        assert len(read_baseline(path).findings) == 50_000


class TestVersion1:
    """A report that the command wrote before its members were renamed."""

    FOLDER = GOLDEN / "baselines" / "version-1"

    def document(self) -> dict[str, Any]:
        document = json.loads((self.FOLDER / "report.json").read_bytes())
        assert isinstance(document, dict)
        return document

    def test_it_is_the_baseline_that_a_report_of_today_is(self) -> None:
        inventory = inventories.read(self.FOLDER / "inventory.txt")
        feed = read_feed(ROOT / "examples" / "almalinux-9" / "advisories.jsonl")
        rules = statements.read(self.FOLDER / "rules.toml")
        triaged = triage(inventory, feed, statements=[rules], on=date(2026, 1, 1))
        today = json.loads("\n".join(render(Report(inventory, feed, triaged.findings, chosen=triaged), "json")))
        newest, *_, oldest = READABLE_REPORTS
        assert (self.document()["schema"], today["schema"]) == (oldest, newest)
        baseline = read_baseline(self.FOLDER / "report.json")
        assert baseline == read(today)
        assert (len(baseline.findings), len(baseline.suppressed)) == (3, 1)
        assert {finding.evidence.notes for finding in baseline.findings} != {()}
        assert evolve(baseline, findings=(*baseline.findings, *baseline.suppressed), suppressed=()) == evolve(
            Baseline.of(inventory, triaged.findings),
            findings=tuple(sorted(Baseline.of(inventory, triaged.findings).findings, key=self.of_xz)),
        )
        assert verify(baseline, inventory, feed).new == ()

    @staticmethod
    def of_xz(finding: Finding) -> bool:
        return finding.package.name == "xz-libs"

    @pytest.mark.parametrize(
        ("change", "position"),
        [
            ({"notices": [1]}, "notices[0]"),
            ({"evidence": {"rules": [{"rule": 4}]}}, "evidence.rules[0].said"),
            ({"evidence": {"rules": [{"said": ""}]}}, "evidence.rules[0].rule"),
        ],
    )
    def test_its_own_names_are_in_messages(self, change: dict[str, Any], position: str) -> None:
        document = self.document()
        entry = document["findings"][0]
        change = {name: entry[name] | value if isinstance(value, dict) else value for name, value in change.items()}
        assert rejection(document | {"findings": [entry | change]}).position == f"findings[0].{position}"

    def test_members_of_later_reports_may_be_missing(self) -> None:
        document = self.document()
        for name in ("priority_reason", "known_exploited", "epss", "vectors_refused", "restart"):
            for entry in document["findings"]:
                del entry[name]
        (finding, *_) = read(document).findings
        assert (finding.assessment.reason, finding.assessment.epss, finding.assessment.refused) == ("", None, ())
        assert rejection(document | {"schema": "advisories/report/2"}).position == "findings[0].advisories"


def verifications() -> Iterator[Verification]:
    for line in map(parsed, TABLE):
        yield verify(
            Baseline.of(line.baseline, match(line.baseline, line.baseline_records)), line.current, line.current_records
        )
    now = host(rpm("ksh", "1-1"), distribution=Distribution("rocky", "9"))
    yield verify(Baseline.of(INVENTORY, match(INVENTORY, FEED)), now, FEED, force=True)
    yield verify(Baseline.of(host(), match(host(), FEED)), INVENTORY, FEED)


class TestJson:
    @pytest.mark.slow
    def test_it_fits_its_schema(self) -> None:
        form = validator("verification")
        for verification in verifications():
            document = json.loads("\n".join(as_json(verification)))
            form.validate(document)
            assert document["schema"] == SCHEMA
            assert sum(document["counts"].values()) == sum(document["cases"].values()) == len(document["findings"])
            assert document["found"]["paired"] + len(document["new"]) == document["found"]["current"]
            for name in document:
                with pytest.raises(jsonschema.ValidationError):
                    form.validate({k: v for k, v in document.items() if k != name})
            for row in document["findings"][:1]:
                with pytest.raises(jsonschema.ValidationError):
                    form.validate(document | {"findings": [row | {"state": "maybe"}]})


class TestText:
    def test_every_finding_is_listed_and_the_totals_add_up(self) -> None:
        for verification in verifications():
            lines = list(as_text(verification))
            text = "\n".join(lines)
            for row in verification.rows:
                assert f"    {row.reason}" in lines
                assert row.baseline.vulnerability in text
            for finding in verification.new:
                assert f"    {finding.cause}" in lines
            for state, count in verification.counts.items():
                assert f"{state.value:25}  {count:6}" in lines
                assert any(line.startswith(f"{state.value}: {count} finding") for line in lines) is (count > 0)
            assert ("nothing new" in lines) is (not verification.new)

    def test_rows_are_grouped_by_package_and_reason(self) -> None:
        then = Baseline.of(INVENTORY, match(INVENTORY, FEED))
        now = host(rpm("bash", "2-1"), rpm("zsh", "2-1"), rpm("bash", "1-1", arch="i686"))
        lines = list(as_text(verify(then, now, FEED)))
        assert (
            lines
            == """\
a list: 5 earlier findings of almalinux 9
a list: 3 packages of almalinux 9

fixed: 2 findings
  bash 1-1 (x86_64)
    bash was upgraded from 1-1 to 2-1, which is the fix 2-1 (ALSA-1)
        CVE-2024-1111, CVE-2024-2222

upgraded-still-vulnerable: 3 findings
  zsh 1-1 (x86_64)
    zsh was upgraded from 1-1: zsh 2-1 has no fix (ALSA-2): there is no fix yet
        ALSA-2
    zsh was upgraded from 1-1: zsh 2-1 is earlier than 3-1 (ALSA-1)
        CVE-2024-1111, CVE-2024-2222

new: 2 findings
  Medium: 2 findings
    bash 1-1 is earlier than 2-1 (ALSA-1)
        CVE-2024-1111, CVE-2024-2222

fixed                           2
fixed-pending-restart           0
still-vulnerable                0
upgraded-still-vulnerable       3
residual                        0
package-removed                 0
advisory-withdrawn              0
advisory-revised                0
inventory-revised               0
undecidable                     0
earlier findings                5
current findings                5 = 3 known + 2 new
note (running-kernel): Running kernel not known, in the baseline 5.14.0-1.el9.x86_64.
note (feed-age): Newest advisory of the feed: no date, age unknown.""".splitlines()
        )

    def test_nothing_escapes_to_the_terminal(self) -> None:
        whole = report()
        entry = whole["findings"][0] | {"version": "1\x1b[31m\u202e\ud800-1", "vulnerability": "CVE-\x1b[2J"}
        verification = verify(read(whole | {"findings": [entry]}), INVENTORY, FEED)
        lines = list(as_text(verification))
        assert all(line.isprintable() for line in lines)
        assert any("\\x1b[2J" in line for line in lines)
        "\n".join(as_json(verification)).encode("ascii")

    def test_lines_are_wrapped(self) -> None:
        for verification in verifications():
            for line in as_text(verification, 60):
                assert len(line) <= 60 or " " not in line.strip() or line.startswith("the list that shows")
