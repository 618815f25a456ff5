"""What a root has set up, in the command's reports: verdicts that rest on channels, and what is said of them."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from archives import tar_of
from report_schemas import validator

from advisories import cli

ESM = "etc/apt/sources.list.d/ubuntu-esm-infra.list"
PRO = "var/lib/ubuntu-advantage/status.json"
OWN = "deb http://archive.ubuntu.com/ubuntu jammy main\n"
SECURITY = "deb http://security.ubuntu.com/ubuntu jammy-security main\n"
INFRA = "deb https://esm.ubuntu.com/infra/ubuntu jammy-infra-security main\n"


def record(number: int, name: str, fixed: str | None, ecosystem: str) -> dict[str, Any]:
    events = [{"introduced": "0"}, *([{"fixed": fixed}] if fixed else [])]
    entry = {"package": {"ecosystem": ecosystem, "name": name}, "ranges": [{"type": "ECOSYSTEM", "events": events}]}
    return {"id": f"USN-{number}-1", "upstream": [f"CVE-2024-{number}"], "affected": [entry]}


RECORDS = [
    record(1001, "curl", "2+esm1", "Ubuntu:Pro:22.04:LTS"),  # a fix in ESM alone
    record(1002, "vim", "2", "Ubuntu:22.04:LTS"),  # a public fix
    record(1003, "bash", "1", "Ubuntu:22.04:LTS"),  # reached
    *(record(number, "other", "1", "Ubuntu:22.04:LTS") for number in range(2000, 2100)),  # no excerpt
]
Run = Callable[..., tuple[int, Any, str, str]]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """A function that matches a root with these files, and gives the status, the report and standard error."""
    monkeypatch.chdir(tmp_path)
    Path("feed.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in RECORDS))
    stanza = "Package: {}\nStatus: install ok installed\nArchitecture: amd64\nVersion: {}\nSource: {}\n\n"

    def run(files: dict[str, str], *words: str, **versions: str) -> tuple[int, Any, str, str]:
        installed = versions or {"bash": "1", "curl": "1", "vim": "1"}
        files = {
            "etc/os-release": "ID=ubuntu\nVERSION_ID=22.04\n",
            "var/lib/dpkg/status": "".join(stanza.format(name, one, name) for name, one in installed.items()),
            **files,
        }
        data = tar_of(*((name, "file", text) for name, text in files.items()))
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
        status = cli.main(["match", "-", "--feed", "feed.jsonl", "-o", "json=-", "-o", "text=out.text", *words])
        out, err = capsys.readouterr()
        report = json.loads(out)
        validator("report").validate(report)
        return status, report, Path("out.text").read_text(), err

    return run


def classes(report: Any) -> dict[str, int]:
    return {name: count for name, count in report["coverage"]["classes"].items() if count}


def curl(report: Any) -> tuple[str, str | None]:
    (found,) = [one for one in report["findings"] if one["package"] == "curl"]
    return found["fixed_version"], found["channel"]


def test_a_channel_that_is_read_has_its_fixes(run: Run) -> None:
    files = {"etc/apt/sources.list": OWN + SECURITY}
    _, without, text, _ = run(files)
    assert curl(without) == ("2+esm1", "pro")
    assert "set up" not in text
    _, report, text, _ = run({**files, ESM: INFRA})
    assert curl(report) == ("2+esm1", None)
    assert report["inventory"]["distribution"]["channels"] == ["esm-infra"]
    assert f"set up: esm-infra ({ESM} line 1)" in text
    assert classes(report) == classes(without)
    assert report["coverage"]["assumptions"] == {}


def test_what_files_contradict_each_other_about_is_assumed(run: Run) -> None:
    """The host counts as one without the channel. What has a record of the channel is not clean."""
    files = {"etc/apt/sources.list": OWN + SECURITY, ESM: INFRA, PRO: '{"attached": false, "services": []}'}
    _, report, _, _ = run(files, bash="1", curl="2+esm1")
    assert report["inventory"]["contradictions"] == []
    files[PRO] = '{"attached": false, "services": [{"name": "esm-infra"}]}'
    _, report, text, _ = run(files, bash="1", curl="2+esm1")
    why = f"esm-infra is on in {ESM} line 1, and off in {PRO}"
    assert report["inventory"]["contradictions"] == [why]
    assert f"The host contradicts itself: {why}" in text
    assert classes(report) == {"clean": 1, "unchecked": 1}
    assert report["coverage"]["assumptions"] == {"channel-unknown": 1}
    status, report, _, _ = run(files, "--strict")
    assert (status, curl(report)) == (2, ("2+esm1", "pro"))


def test_channels_that_you_state_count(run: Run) -> None:
    files = {"etc/apt/sources.list": OWN + SECURITY, ESM: INFRA}
    _, report, _, err = run(files, "--distro", "ubuntu:22.04")
    assert curl(report) == ("2+esm1", "pro")
    assert "--distro ubuntu:22.04: the channels are none, as you state. The host's own files show esm-infra" in err
    _, report, _, err = run(files, "--distro", "ubuntu:22.04+esm-infra")
    assert curl(report) == ("2+esm1", None)
    assert "as you state" not in err
    files[PRO] = '{"attached": false, "services": [{"name": "esm-infra"}]}'
    _, report, _, _ = run(files, "--distro", "ubuntu:22.04+esm-infra", bash="1", curl="2+esm1")
    assert report["coverage"]["assumptions"] == {}


def test_releases_that_are_mixed(run: Run) -> None:
    noble = "deb http://archive.ubuntu.com/ubuntu noble main\n"
    status, report, text, _ = run({"etc/apt/sources.list": OWN + SECURITY + noble}, "--strict")
    assert status == 2
    assert report["coverage"]["assumptions"] == {"release-mixed": 3}
    assert classes(report) == {"affected": 2, "unchecked": 1}
    assert "the release is ubuntu 22.04, and etc/apt/sources.list line 3 is of ubuntu 24.04" in text
    status, _, _, _ = run({"etc/apt/sources.list": OWN + noble}, "--strict", "--accept", "release-mixed")
    assert status == 0


def test_security_updates_that_are_not_set_up(run: Run) -> None:
    why = "No repository with security updates is set up, beside etc/apt/sources.list line 1"
    assert why in run({"etc/apt/sources.list": OWN})[2]
    assert why not in run({"etc/apt/sources.list": OWN + SECURITY})[2]
    assert why not in run({})[2]


def test_repositories_of_others(run: Run) -> None:
    line = "deb https://user:secret@packages.example/x stable main\n"
    _, report, text, _ = run({"etc/apt/sources.list": OWN + SECURITY, "etc/apt/sources.list.d/x.list": line})
    assert "https://packages.example/x (etc/apt/sources.list.d/x.list line 1)" in text
    assert "secret" not in f"{report}{text}"


def test_what_cannot_be_read_is_said(run: Run) -> None:
    status, report, _, err = run({"etc/apt/sources.list": OWN + SECURITY, ESM: f"deb x\n{INFRA}\x1b\n"}, "--strict")
    assert status == 2
    assert "line 1" in err
    assert "\x1b" not in err
    assert curl(report) == ("2+esm1", None)
    assert report["coverage"]["assumptions"] == {"channel-unknown": 1}


def test_every_format_has_them(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    noble = "deb http://archive.ubuntu.com/ubuntu noble main\n"
    words = [word for format in ("table", "html", "markdown", "sarif") for word in ("-o", f"{format}=out.{format}")]
    run({"etc/apt/sources.list": OWN + noble}, *words)
    for format in ("table", "html", "markdown", "sarif"):
        text = Path(f"out.{format}").read_text()
        assert "contradicts itself" in text, format
        assert "No repository with security updates" in text, format
