"""``advisories explain``: an answer about what is not known is an error, not "no finding"."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from advisories import cli

Run = Callable[..., tuple[int, str, str]]


def osv(**more: Any) -> dict[str, Any]:
    entry = {
        "package": {"ecosystem": "AlmaLinux:9", "name": "bash"},
        "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "5.1.8-6.el9"}]}],
    }
    return {"id": "ALSA-2024:0001", "related": ["CVE-2024-1000"], "affected": [entry], **more}


@pytest.fixture(params=["files", "store"])
def explain(tmp_path: Path, capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest) -> Run:
    packages = ["bash@5.1.8-4.el9?arch=x86_64", "zsh@5.8-9.el9?arch=x86_64"]
    (tmp_path / "list").write_text("".join(f"pkg:rpm/almalinux/{one}&distro=almalinux-9.4\n" for one in packages))
    (tmp_path / "feed.json").write_text(json.dumps([osv(), osv(id="ALSA-2024:0002", related=["CVE-2024-2000"])]))
    feed = tmp_path / "feed.json"
    if request.param == "store":
        feed = tmp_path / "feed.db"
        assert cli.main(["compile", "-o", str(feed), str(tmp_path / "feed.json")]) == 0

    def run(package: str, id: str, *words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        status = cli.main(["explain", package, id, "--inventory", str(tmp_path / "list"), "--feed", str(feed), *words])
        return status, *capsys.readouterr()

    return run


def test_a_known_id(explain: Run) -> None:
    status, out, error = explain("bash", "cve-2024-1000")
    assert (status, out.splitlines()[0], error) == (0, "bash 5.1.8-4.el9 (x86_64), CVE-2024-1000: affected", "")


def test_arguments_in_another_order(
    explain: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    status, _, error = explain("CVE-2024-1000", "bash")
    assert status == 2
    assert error.endswith(
        "no package CVE-2024-1000 in the list. PACKAGE comes first: advisories explain bash CVE-2024-1000\n"
    )
    monkeypatch.chdir(tmp_path)
    assert cli.main(["explain", "list", "bash", "CVE-2024-1000", "--feed", "feed.json"]) == 2
    error = capsys.readouterr().err
    assert error == "advisories: PACKAGE and ID come first: advisories explain bash CVE-2024-1000 list\n"


def test_a_known_id_that_is_about_another_package(explain: Run) -> None:
    assert explain("zsh", "CVE-2024-1000")[0] == 0
    assert explain("zsh", "alsa-2024:0001")[0] == 0


@pytest.mark.parametrize(
    ("id", "near"),
    [
        ("CVE-2024-1001", "Did you mean CVE-2024-1000?"),
        ("CVE-2099-9999", "Is it the feed that you meant?"),
        ("CVE-2024-100", "Did you mean CVE-2024-1000?"),
        ("ALSA-2024:1000", "Is it the feed that you meant?"),
        ("ALSA-2024:0003", "Did you mean ALSA-2024:0001 or ALSA-2024:0002?"),
        ("CVE-2024-0100", "Did you mean CVE-2024-1000?"),
        ("", "Is it the feed that you meant?"),
        ("x" * 100_000, "Is it the feed that you meant?"),
    ],
)
def test_an_id_that_nobody_knows(explain: Run, id: str, near: str) -> None:
    status, _, error = explain("bash", id)
    assert (status, error.count("\n")) == (2, 1)
    assert error.startswith("advisories: no record of the feed has the id ")
    assert error.endswith(f": nothing is known of it. {near}\n")


def test_a_package_that_is_not_listed(explain: Run) -> None:
    status, out, error = explain("bsah", "CVE-2024-1000")
    assert (status, out) == (2, "")
    assert error.endswith("list: no package bsah in the list. Did you mean bash?\n")


def test_a_release_that_the_feed_does_not_cover(explain: Run) -> None:
    assert explain("bash", "CVE-2024-1000", "--distro", "almalinux:8")[0] == 3


def test_strict_fails_on_what_was_assumed(explain: Run) -> None:
    status, _, error = explain("zsh", "CVE-2024-1000", "--strict")
    assert (status, "assumed: feed-partial (1)" in error) == (2, True)
    assert explain("zsh", "CVE-2024-1000", "--strict", "--accept", "feed-partial")[0] == 0
