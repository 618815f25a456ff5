"""Options that do not go together are wrong usage, and a gate that sees nothing does not pass."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from advisories import cli

Run = Callable[..., tuple[int, list[str]]]


def osv(**more: Any) -> dict[str, Any]:
    entry = {
        "package": {"ecosystem": "AlmaLinux:9", "name": "bash"},
        "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "5.1.8-6.el9"}]}],
    }
    return {"id": "ALSA-2024:0001", "related": ["CVE-2024-1000"], "affected": [entry], **more}


HIGH = {"severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}]}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.chdir(tmp_path)
    Path("list").write_text("pkg:rpm/almalinux/bash@5.1.8-4.el9?arch=x86_64&distro=almalinux-9.4\n")

    def made(*words: str, record: dict[str, Any] | None = None) -> tuple[int, list[str]]:
        Path("feed.json").write_text(json.dumps([record or osv()]))
        status = cli.main([*words, "--inventory", "list"])
        return status, capsys.readouterr().err.splitlines()

    return made


@pytest.mark.parametrize(
    ("words", "about"),
    [
        *(
            (f"{command} --feed feed.json --only-fixable --fix-state not-fixed", "show nothing together")
            for command in ("match", "fix")
        ),
        ("match --feed feed.json --only-fixable --fix-state wont-fix --fix-state deferred", "wont-fix, deferred"),
        ("match --feed feed.json --fail-on high --priority low", "can never fail"),
        *(
            (f"match --feed feed.json {option}", "--feed takes their place")
            for option in ("--fetch", "--offline", "--cache x", "--mirror http://x", "--keyring x", "--without nvd")
        ),
        ("explain bash CVE-2024-1000 --feed feed.json --also nvd", "--feed takes their place"),
        ("match --mirror http://x", "add --fetch"),
        ("match --feed feed.json --unknown-priority low", "add --fail-on PRIORITY"),
    ],
)
def test_wrong_usage(run: Run, words: str, about: str) -> None:
    status, lines = run(*words.split())
    assert (status, len(lines)) == (2, 1)
    assert about in lines[0]


def test_a_setting_that_one_run_does_not_use_is_no_option_of_it(run: Run) -> None:
    Path("advisories.toml").write_text('cache = "x"\nmirror = "http://x"\naccept = ["epoch-unknown"]\n')
    assert run("match", "--feed", "feed.json", "-q")[0] == 0
    assert run("match", "--feed", "feed.json", "-q", "--fetch")[0] == 2


class TestAGateSeesWhatIsHidden:
    def test_priorities_that_nobody_knows(self, run: Run) -> None:
        # Listed as Medium, so --priority high hides it, and it may be High.
        words = ("match", "--feed", "feed.json", "--fail-on", "high", "--priority", "high")
        status, lines = run(*words)
        assert (status, "1 finding of no known priority counted as high" in lines[0]) == (1, True)
        assert run(*words, "--unknown-priority", "ignore")[0] == 0
        # A choice of the package still holds.
        assert run(*words, "--package", "zsh")[0] == 2
        assert run(*words, "--fix-state", "not-fixed")[0] == 0

    def test_what_is_not_counted_is_printed(self, run: Run) -> None:
        words = ("match", "--feed", "feed.json", "--fail-on", "high", "--fix-state", "not-fixed")
        status, lines = run(*words, record=osv(**HIGH))
        assert status == 0
        not_counted = "1 finding is not counted, as you chose not to show them (1 by fix-state)"
        assert lines == [f"advisories: --fail-on high: {not_counted}"]
        assert run("match", "--feed", "feed.json", "--fail-on", "high", record=osv(**HIGH)) == (1, [])

    @pytest.mark.parametrize("option", ["--package=bsah", "--advisory=CVE-2024-1001", "--advisory=RHSA-*"])
    def test_a_choice_of_what_nothing_has(self, run: Run, option: str) -> None:
        words = ("match", "--feed", "feed.json", option)
        assert run(*words)[0] == 0
        status, lines = run(*words, "--fail-on", "low")
        assert (status, "can never fail" in lines[-1]) == (2, True)

    def test_one_of_several_packages_may_be_missing(self, run: Run) -> None:
        words = ("match", "--feed", "feed.json", "--package", "zsh", "--fail-on", "low")
        assert run(*words, "--package", "bash")[0] == 1
