"""The gates of a pipeline: each fails for its reason, and fails closed where nothing is known."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from advisories import cli
from advisories.cli.options import days, share
from advisories.reports import formats

VECTOR = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"
Gate = Callable[..., tuple[int, str]]


def osv(*, date: str = "2024-06-01T00:00:00Z", vector: str | None = None) -> dict[str, Any]:
    events = [{"introduced": "0"}, {"fixed": "5.1.8-6.el9"}]
    entry = {
        "package": {"ecosystem": "AlmaLinux:9", "name": "bash"},
        "ranges": [{"type": "ECOSYSTEM", "events": events}],
    }
    rated = {"severity": [{"type": "CVSS_V3", "score": vector}]} if vector else {}
    return {
        "id": "ALSA-2024:0001",
        "modified": date,
        "published": date,
        "summary": "bash",
        "related": ["CVE-2024-1000"],
        "affected": [entry],
        **rated,
    }


@pytest.fixture
def gate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Gate:
    def run(
        *words: str,
        record: dict[str, Any] | None = None,
        packages: str = "bash-5.1.8-4.el9.x86_64",
        on: str = "2024-06-11",
    ) -> tuple[int, str]:
        (tmp_path / "list").write_text(f"# os-release ID=almalinux VERSION_ID=9.4\n{packages}\n")
        (tmp_path / "feed").mkdir(exist_ok=True)
        (tmp_path / "feed" / "ALSA.json").write_text(json.dumps(record or osv()))
        arguments = ["match", "--inventory", str(tmp_path / "list"), "--feed", str(tmp_path / "feed"), "--on", on]
        status = cli.main([*arguments, *words])
        return status, capsys.readouterr().err

    return run


class TestUnknownPriority:
    def test_it_fails_closed(self, gate: Gate) -> None:
        status, error = gate("--fail-on", "high")
        assert status == 1
        assert "1 finding of no known priority counted as high" in error
        assert "NVD's or CVE's records" in error

    @pytest.mark.parametrize(
        ("unknown", "least", "status"),
        [
            *(("high", least, 1) for least in ("high", "medium", "low")),
            *(("medium", least, status) for least, status in (("high", 0), ("medium", 1), ("low", 1))),
            *(("low", least, status) for least, status in (("high", 0), ("medium", 0), ("low", 1))),
            *(("ignore", least, 0) for least in ("high", "medium", "low")),
        ],
    )
    def test_it_counts_as_you_choose(self, gate: Gate, unknown: str, least: str, status: int) -> None:
        assert gate("--fail-on", least, "--unknown-priority", unknown)[0] == status

    def test_a_known_priority_counts_as_it_is(self, gate: Gate) -> None:
        for least, status in (("high", 0), ("medium", 1)):
            assert gate("--fail-on", least, record=osv(vector=VECTOR)) == (status, "")


def test_a_gate_that_fails_is_never_silent(gate: Gate, tmp_path: Path) -> None:
    """Where all reports go to files, nothing else shows why the status is 1."""
    to_file = ("--fail-on", "medium", "-o", f"json={tmp_path / 'report.json'}")
    record = osv(vector=VECTOR)
    line = "advisories: --fail-on medium: there are findings at or above it\n"
    assert gate(*to_file, record=record) == (1, line)
    assert gate(*to_file, "-q", record=record) == (1, line)
    assert gate(*to_file, "--format", "text", record=record) == (1, "")
    assert gate(*to_file, "-o", "text=-", record=record) == (1, "")
    assert gate("--fail-on", "high", *to_file[2:], record=record) == (0, "")


class TestTheGateOfPipelines:
    """``--gate``: what fails where nobody chose, and what you chose stays."""

    MEDIUM = osv(vector=VECTOR)

    def test_it_fails_on_what_is_urgent(self, gate: Gate) -> None:
        assert gate("--gate", "--fail-on-unchecked", "100")[0] == 1
        assert gate("--gate", record=self.MEDIUM) == (0, "")

    def test_it_fails_on_what_was_not_checked(self, gate: Gate) -> None:
        status, error = gate("--gate", record=self.MEDIUM, packages="bash-5.1.8-4.el9.x86_64\nzsh-1-1.el9.x86_64")
        assert status == 1
        assert "--fail-on-unchecked: 1 of 2 packages have no verdict (1 unchecked), more than 0%" in error

    def test_it_names_ways_out_that_work(self, gate: Gate, tmp_path: Path) -> None:
        two = "bash-5.1.8-4.el9.x86_64\nzsh-1-1.el9.x86_64"
        _, error = gate("--gate", record=self.MEDIUM, packages=two)
        assert error.endswith(". To accept that: --fail-on-unchecked 50%, or an ignore rule for each package\n")
        assert gate("--gate", "--fail-on-unchecked", "50%", record=self.MEDIUM, packages=two) == (0, "")
        (tmp_path / "rules").write_text('[[ignore]]\npackage = "zsh"\nreason = "ours"\n')
        assert gate("--gate", "--ignore", str(tmp_path / "rules"), record=self.MEDIUM, packages=two)[0] == 0
        # No rule is about what is no package.
        _, error = gate("--gate", record=self.MEDIUM, packages="bash-5.1.8-4.el9.x86_64\nx y\n1 2")
        assert error.endswith("more than 0%. To accept that: --fail-on-unchecked 67%\n")

    def test_what_you_choose_holds(self, gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
        two = "bash-5.1.8-4.el9.x86_64\nzsh-1-1.el9.x86_64"
        assert gate("--gate", "--fail-on", "medium", record=self.MEDIUM)[0] == 1
        assert gate("--gate", "--fail-on-unchecked", "50", record=self.MEDIUM, packages=two)[0] == 0
        monkeypatch.setenv("ADVISORIES_FAIL_ON", "medium")
        assert gate("--gate", record=self.MEDIUM)[0] == 1
        assert gate("--gate", "--fail-on", "never", record=self.MEDIUM)[0] == 0
        monkeypatch.setenv("ADVISORIES_FAIL_ON", "never")
        assert gate("--gate")[0] == 0
        # Never is about findings: what was not checked fails still.
        assert gate("--gate", packages=two)[0] == 1

    def test_a_few_records_about_others_may_be_broken(self, gate: Gate, tmp_path: Path) -> None:
        """Large feeds always have some. One about a package of the host makes the package unchecked."""
        gate()
        for number in range(2, 150):
            record = osv(vector=VECTOR)
            record["id"] = f"ALSA-2024:{number:04}"
            record["affected"][0]["package"]["name"] = "zsh" if number > 2 else "bash"
            (tmp_path / "feed" / f"{number}.json").write_text(json.dumps(record))

        def broken(name: str) -> None:
            entry = {"package": {"ecosystem": "AlmaLinux:9", "name": name}, "ranges": [{"type": "ECOSYSTEM"}]}
            record = osv(vector=VECTOR) | {"id": "ALSA-2023:1", "affected": [entry]}
            (tmp_path / "feed" / "broken.json").write_text(json.dumps(record))

        packages = "zlib-1.2.11-40.el9.x86_64"
        broken("other")
        status, error = gate("--gate", record=self.MEDIUM, packages=packages)
        assert (status, "ALSA-2023:1" in error) == (0, False), error
        assert gate("--fail-on-unchecked", "0", record=self.MEDIUM, packages=packages)[0] == 1
        broken("zlib")
        assert gate("--gate", record=self.MEDIUM, packages=packages)[0] == 1

    def test_what_you_choose_not_to_look_for_needs_no_verdict(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        root = tmp_path / "root"
        (root / "etc").mkdir(parents=True)
        (root / "etc" / "os-release").write_text("ID=debian\nVERSION_ID=12\n")
        (root / "var" / "lib" / "dpkg").mkdir(parents=True)
        status = "Package: openssl\nStatus: install ok installed\nArchitecture: amd64\nVersion: 3.0.9-1\n\n"
        (root / "var" / "lib" / "dpkg" / "status").write_text(status)
        entry = {"package": {"ecosystem": "Debian:12", "name": "openssl"}}
        entry |= {"ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "9"}]}]}
        (tmp_path / "feed.json").write_text(json.dumps(osv(vector=VECTOR) | {"affected": [entry]}))
        words = ["match", "--feed", str(tmp_path / "feed.json"), "--gate", "--pkg-types", "os"]
        assert cli.main([*words, str(root)]) == 0, capsys.readouterr().err
        # As for --host, of which nobody chose it.
        from advisories.readers.inventories import this_host as module

        real = module.this_host
        monkeypatch.setattr(module, "this_host", lambda **more: real(root, **more))
        assert cli.main([*words[:4], "--host"]) == 1
        assert "1 skipped" in capsys.readouterr().err
        assert cli.main([*words, "--host"]) == 0

    def test_a_priority_that_could_never_fail_is_wrong_usage(self, gate: Gate) -> None:
        assert gate("--gate", "--priority", "low")[0] == 2
        assert gate("--gate", "--fail-on", "never", "--priority", "low")[0] == 0

    def test_new_findings_never_fail(self, gate: Gate, tmp_path: Path) -> None:
        report = tmp_path / "before.json"
        gate("-o", f"json={report}", packages="bash-5.1.8-6.el9.x86_64")
        gate()
        words = ["--inventory", str(tmp_path / "list"), "--feed", str(tmp_path / "feed"), "--on", "2024-06-11"]
        verify = ["verify", "--baseline", str(report), *words]
        assert [cli.main([*verify, "--fail-on", word]) for word in ("high", "never")] == [1, 0]


class TestAge:
    @pytest.mark.parametrize(("most", "status"), [("9", 1), ("10", 0), ("11", 0)])
    def test_of_the_newest_advisory(self, gate: Gate, most: str, status: int) -> None:
        assert gate("--max-feed-age", most)[0] == status

    def test_the_reason(self, gate: Gate) -> None:
        assert "10 days old, of 2024-06-01" in gate("--max-feed-age", "3")[1]

    def test_a_date_in_the_future_is_no_young_feed(self, gate: Gate) -> None:
        status, error = gate("--max-feed-age", "3", record=osv(date="2094-01-01T00:00:00Z"))
        assert (status, "later than 2024-06-11" in error) == (1, True)

    def test_what_is_not_found_is_unchecked(self, gate: Gate) -> None:
        clean = {"packages": "bash-5.1.8-9.el9.x86_64"}
        status, error = gate("--max-feed-age", "3", "--strict", **clean)
        assert status == 2
        assert "feed-stale (1)" in error

    def test_what_is_no_number_of_days(self) -> None:
        for text in ("", "-1", "1.5", "x", "\u0661", "9" * 6):
            with pytest.raises(argparse.ArgumentTypeError):
                days(text)


class TestEndOfLife:
    @pytest.mark.parametrize(
        ("release", "on", "status"),
        [
            ("almalinux:9", "2032-05-31", 0),
            ("almalinux:9", "2032-06-01", 1),
            # Debian's LTS is for everybody, and Ubuntu's ESM is for hosts that have it.
            ("debian:11", "2025-01-01", 0),
            ("debian:11", "2026-12-01", 1),
            ("ubuntu:18.04", "2024-01-01", 1),
            ("ubuntu:18.04+esm-infra", "2024-01-01", 0),
            # Nobody knows until when.
            ("almalinux:77", "2024-01-01", 1),
        ],
    )
    def test_by_the_release(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str], release: str, on: str, status: int
    ) -> None:
        names = {"almalinux": "AlmaLinux", "debian": "Debian", "ubuntu": "Ubuntu"}
        id, _, number = release.partition(":")
        record = osv()
        record["affected"][0]["package"]["ecosystem"] = f"{names[id]}:{number.partition('+')[0]}"
        (tmp_path / "feed.json").write_text(json.dumps(record))
        (tmp_path / "list").write_text("zlib-1.2.11-40.el9.x86_64\n" if id == "almalinux" else "zlib1g\t1:1.2.11\n")
        words = ["--inventory", str(tmp_path / "list"), "--feed", str(tmp_path / "feed.json"), "--distro", release]
        assert cli.main(["match", *words, "--on", on, "--fail-on-eol"]) == status
        assert ("--fail-on-eol" in capsys.readouterr().err) is bool(status)


class TestNotCovered:
    @pytest.mark.parametrize(("most", "status"), [("49", 1), ("49.9%", 1), ("50%", 0), ("100%", 0)])
    def test_the_share(self, tmp_path: Path, most: str, status: int) -> None:
        (tmp_path / "list").write_text("pkg:rpm/almalinux/bash@5.1.8-9.el9?arch=x86_64\npkg:pypi/requests@2.0.0\n")
        (tmp_path / "feed.json").write_text(json.dumps(osv()))
        words = ["--inventory", str(tmp_path / "list"), "--feed", str(tmp_path / "feed.json")]
        arguments = ["match", *words, "--distro", "almalinux:9", "--fail-on-not-covered", most]
        assert cli.main(arguments) == status

    def test_what_is_no_share(self) -> None:
        for text in ("", "-1", "101", "x", "nan", "inf"):
            with pytest.raises(argparse.ArgumentTypeError):
                share(text)
        assert share("0") == 0


class TestUnchecked:
    def test_packages_without_a_verdict(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (tmp_path / "list").write_text(
            "pkg:rpm/almalinux/bash@5.1.8-9.el9?arch=x86_64\npkg:pypi/requests@2.0.0\nx y z\n"
        )
        (tmp_path / "feed.json").write_text(json.dumps(osv()))
        words = [
            "--inventory",
            str(tmp_path / "list"),
            "--feed",
            str(tmp_path / "feed.json"),
            "--distro",
            "almalinux:9",
        ]
        assert cli.main(["match", *words, "--fail-on-unchecked", "5%"]) == 1
        line = capsys.readouterr().err.splitlines()[-1]
        numbers = "3 of 3 packages have no verdict (1 unchecked, 1 not-covered, 1 rejected), more than 5%"
        assert line == f"advisories: --fail-on-unchecked: {numbers}"
        assert cli.main(["match", *words, "--fail-on-unchecked", "100"]) == 0

    def test_a_broken_source_of_the_feed(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        records = [osv(), *({**osv(), "id": f"ALSA-2024:1{number:03}", "affected": 1} for number in range(9))]
        (tmp_path / "list").write_text("pkg:rpm/almalinux/bash@5.1.8-9.el9?arch=x86_64\n")
        (tmp_path / "feed.json").write_text(json.dumps(records))
        words = [
            "--inventory",
            str(tmp_path / "list"),
            "--feed",
            str(tmp_path / "feed.json"),
            "--distro",
            "almalinux:9",
        ]
        assert cli.main(["match", *words, "--fail-on", "high", "--fail-on-unchecked", "89.9%"]) == 1
        error = capsys.readouterr().err
        what = f"9 of 10 records of {tmp_path / 'feed.json'} rejected, whole or in part, more than 89.9%"
        assert f"--fail-on-unchecked: {what}" in error

    def test_a_source_whose_records_lost_their_entries(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        # The records are kept, and nothing of what they say about packages is.
        broken = [{**osv(), "id": f"ALSA-2024:1{number:03}"} for number in range(9)]
        for record in broken:
            record["affected"] = [{"package": {"ecosystem": "AlmaLinux:9"}, "ranges": []}] * 3
        (tmp_path / "list").write_text("pkg:rpm/almalinux/bash@5.1.8-9.el9?arch=x86_64\n")
        (tmp_path / "feed.json").write_text(json.dumps([osv(), *broken]))
        words = [
            "--inventory",
            str(tmp_path / "list"),
            "--feed",
            str(tmp_path / "feed.json"),
            "--distro",
            "almalinux:9",
        ]
        assert cli.main(["match", *words, "--fail-on-unchecked", "89.9%"]) == 1
        assert "9 of 10 records of " in capsys.readouterr().err

    def test_by_an_ignore_rule_of_the_package(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (tmp_path / "list").write_text("pkg:pypi/requests@2.0.0\npkg:pypi/flask@2.0.0\n")
        record = osv()
        record["affected"][0]["package"] = {"ecosystem": "npm", "name": "left-pad"}
        record["affected"][0]["ranges"] = [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "1.0.0"}]}]
        (tmp_path / "feed.json").write_text(json.dumps(record))
        words = ["match", "--inventory", str(tmp_path / "list"), "--feed", str(tmp_path / "feed.json")]
        words += ["--on", "2024-06-11", "--fail-on-unchecked", "0"]
        cli.main(words)
        assert "2 of 2 packages have no verdict" in capsys.readouterr().err
        for rule, count in (
            ('package = "requests"', 1),
            ('package = ["requests", "flask"]', 0),
            # A vulnerability alone, one state of fixes, or a day that is over: the package still has no verdict.
            ('package = "requests"\nid = "CVE-2024-1"', 2),
            ('package = "requests"\nfix-state = "not-fixed"', 2),
            ('package = "requests"\nuntil = 2024-06-10', 2),
        ):
            (tmp_path / "rules.toml").write_text(f'[[ignore]]\n{rule}\nreason = "a test"\n')
            cli.main([*words, "--ignore", str(tmp_path / "rules.toml")])
            assert (f"{count} of 2 packages have no verdict" in capsys.readouterr().err) is bool(count), rule

    def test_it_is_a_setting(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / "list").write_text("pkg:rpm/almalinux/bash@5.1.8-9.el9?arch=x86_64\npkg:pypi/requests@2.0.0\n")
        (tmp_path / "feed.json").write_text(json.dumps(osv()))
        monkeypatch.chdir(tmp_path)
        words = ["match", "--inventory", "list", "--feed", "feed.json", "--distro", "almalinux:9"]
        assert cli.main(words) == 0
        monkeypatch.setenv("ADVISORIES_FAIL_ON_UNCHECKED", "10%")
        assert cli.main(words) == 1
        monkeypatch.delenv("ADVISORIES_FAIL_ON_UNCHECKED")
        (tmp_path / "advisories.toml").write_text('fail-on-unchecked = "10%"\n')
        assert cli.main(words) == 1

    def test_reports_show_it(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (tmp_path / "list").write_text("pkg:rpm/almalinux/bash@5.1.8-9.el9?arch=x86_64\npkg:pypi/requests@2.0.0\n")
        (tmp_path / "feed.json").write_text(json.dumps(osv()))
        words = ["match", "--inventory", str(tmp_path / "list"), "--feed", str(tmp_path / "feed.json")]
        words += ["--distro", "almalinux:9", "--fail-on-unchecked", "0"]
        # OpenVEX has no document without statements.
        outputs = {format: tmp_path / f"report.{format}" for format in formats("findings") if format != "openvex"}
        for format, path in outputs.items():
            words += ["-o", f"{format}={path}"]
        assert cli.main(words) == 1
        capsys.readouterr()
        sarif = json.loads(outputs["sarif"].read_text())["runs"][0]["invocations"][0]
        assert sarif["executionSuccessful"] is False
        (found,) = [
            one for one in sarif["toolExecutionNotifications"] if one["descriptor"]["id"] == "fail-on-unchecked"
        ]
        assert found["level"] == "error"
        assert json.loads(outputs["gitlab"].read_text())["scan"]["status"] == "failure"
        assert '<error type="fail-on-unchecked"' in outputs["junit"].read_text()
        (gate,) = json.loads(outputs["json"].read_text())["gates"]
        assert gate["id"] == "fail-on-unchecked"
        for format, path in outputs.items():
            assert "2 of 2 packages have no verdict" in " ".join(path.read_text().split()), format


class TestAllIgnored:
    @pytest.mark.parametrize(
        ("rules", "count"),
        [
            (('package = "[a-z]*"',), "all 2 packages"),
            (('package = ["bash", "zsh"]',), "all 2 packages"),
            (('package = "bash"', 'package = "z*"'), "all 2 packages"),
            (('package = "bash"',), None),
            (('package = "bash"', 'package = "zsh"\nid = "CVE-2024-1000"'), None),
            (('package = "[a-z]*"\nuntil = 2024-06-10',), None),
        ],
    )
    def test_it_is_printed_and_strict_fails(
        self, gate: Gate, tmp_path: Path, rules: tuple[str, ...], count: str | None
    ) -> None:
        text = "".join(f'[[ignore]]\nreason = "a test"\n{rule}\n' for rule in rules)
        (tmp_path / "rules.toml").write_text(text)
        words = ("--ignore", str(tmp_path / "rules.toml"), "--accept", "feed-partial", "--accept", "epoch-unknown")
        status, error = gate("--strict", *words, packages="bash-5.1.8-4.el9.x86_64\nzsh-5.8-9.el9.x86_64")
        assert (status, "no finding is left that could fail" in error) == ((2, True) if count else (0, False))
        assert count is None or f"every vulnerability of {count} of the list" in error
