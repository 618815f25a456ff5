"""The ready pieces for pipelines: every step is run as it is written, on the bundled host."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from places import ROOT

PIECES = ROOT / "integrations"
EXAMPLE = ROOT / "examples" / "almalinux-9"
INPUTS = {"ADVISORIES_INVENTORY": str(EXAMPLE / "host.tsv"), "ADVISORIES_FEED": str(EXAMPLE / "advisories.jsonl")}
Shell = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A function that runs a step in an empty folder, where the command and pip are those of these tests."""
    bin = tmp_path / "bin"
    bin.mkdir()
    (bin / "advisories").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m advisories "$@"\n')
    # Installing is tried by .ci/run and `make dist`. Here it must not change what is tested.
    (bin / "pip").write_text('#!/bin/sh\necho "pip $*"\n')
    (bin / "python3").write_text(
        f'#!/bin/sh\n[ "$2" = venv ] || exec "{sys.executable}" "$@"\nmkdir -p "$3/bin" && cp "{bin}"/* "$3/bin"\n'
    )
    for path in bin.iterdir():
        path.chmod(0o755)
    work = tmp_path / "work"
    work.mkdir()

    def shell(step: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        environment = {name: value for name, value in os.environ.items() if not name.startswith("ADVISORIES_")}
        environment |= INPUTS | {"PATH": f"{bin}:{os.environ['PATH']}"} | variables
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step]
        return subprocess.run(command, cwd=work, env=environment, capture_output=True, text=True, check=False)

    return shell


def document(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def test_the_action(shell: Shell, tmp_path: Path) -> None:
    action = document(PIECES / "github" / "action.yml")
    inputs = {name: one.get("default", "") for name, one in action["inputs"].items()}
    inputs |= {"inventory": INPUTS["ADVISORIES_INVENTORY"], "feed": INPUTS["ADVISORIES_FEED"]}
    values = {f"inputs.{name}": value for name, value in inputs.items()}
    values["github.action_path"] = str(PIECES / "github")
    temporary, summary = tmp_path / "temporary", tmp_path / "summary.md"
    temporary.mkdir()
    done = None
    for step in action["runs"]["steps"]:
        assert "${{" not in step["run"], "an expression in a script runs what an input has in it"
        variables = {name: expanded(value, values) for name, value in step.get("env", {}).items()}
        done = shell(step["run"], RUNNER_TEMP=str(temporary), GITHUB_STEP_SUMMARY=str(summary), **variables)
        assert done.returncode in (0, 1), done.stderr
    assert done is not None
    assert done.returncode == 1, "the bundled host has urgent findings"
    assert "::error" in done.stdout
    assert json.loads((tmp_path / "work" / "advisories.sarif").read_text())["version"] == "2.1.0"
    assert "CVE-" in summary.read_text()


def expanded(text: str, values: Mapping[str, str]) -> str:
    return re.sub(r"\$\{\{ ([a-z._-]+) \}\}", lambda match: values[match[1]], text)


def test_the_template_of_gitlab(shell: Shell, tmp_path: Path) -> None:
    (job,) = document(PIECES / "gitlab" / "advisories.gitlab-ci.yml").values()
    *prepared, match = job["script"]
    for step in prepared:
        assert shell(step, VERCMP=str(ROOT)).returncode == 0
    done = shell(match, **job["variables"])
    assert done.returncode == 1, done.stderr
    report = json.loads((tmp_path / "work" / job["artifacts"]["reports"]["container_scanning"]).read_text())
    assert report["scan"]["type"] == "container_scanning"
    assert all((tmp_path / "work" / path).exists() for path in job["artifacts"]["paths"])


def test_what_readme_has_fits_the_pieces(shell: Shell, tmp_path: Path) -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    (step, upload), gitlab = map(yaml.safe_load, blocks)
    inputs = document(PIECES / "github" / "action.yml")["inputs"]
    assert {name for name, one in inputs.items() if one.get("required")} <= set(step["with"]) <= set(inputs)
    assert (ROOT / step["uses"].partition("@")[0].partition("vercmp/")[2] / "action.yml").is_file()
    assert upload["with"] == {"sarif_file": inputs["sarif"]["default"]}
    (job,) = document(ROOT / gitlab["include"]["file"]).values()
    variables = gitlab["variables"]
    assert any("$VERCMP" in line for line in job["script"])
    # The example's names, in the folder of the job.
    for name, path in (("ADVISORIES_INVENTORY", "host.tsv"), ("ADVISORIES_FEED", "advisories.jsonl")):
        shutil.copy(EXAMPLE / path, tmp_path / "work" / variables[name])
    shutil.move(tmp_path / "work/feed.db", tmp_path / "work/feed.jsonl")
    assert shell("advisories compile -o feed.db feed.jsonl").returncode == 0
    settings = {name: value for name, value in variables.items() if name != "VERCMP"}
    done = shell(job["script"][-1], **{**job["variables"], **settings})
    assert done.returncode == 1, done.stderr


def test_the_steps_of_jenkins(shell: Shell, tmp_path: Path) -> None:
    text = (PIECES / "jenkins" / "Jenkinsfile").read_text(encoding="utf-8")
    steps = re.findall(r"^ +sh '(.+)'$", text, re.MULTILINE)
    variables = dict(re.findall(r"^ +(ADVISORIES_\w+) = '(.+)'$", text, re.MULTILINE)) | INPUTS
    results = [shell(step, VERCMP=str(ROOT), **variables).returncode for step in steps]
    assert results == [0, 1]
    assert (tmp_path / "work" / "advisories.xml").exists()


def test_the_hook_of_pre_commit(shell: Shell, tmp_path: Path) -> None:
    (hook,) = document(ROOT / ".pre-commit-hooks.yaml")
    lines = [f'{name} = "{value}"' for name, value in (("inventory", INPUTS["ADVISORIES_INVENTORY"]),)]
    lines += [f'feed = ["{INPUTS["ADVISORIES_FEED"]}"]', 'fail-on = "high"']
    (tmp_path / "work" / "advisories.toml").write_text("\n".join(lines))
    nothing = dict.fromkeys(INPUTS, "")
    done = shell(hook["entry"], **nothing)
    assert (done.returncode, done.stderr) == (1, "")


def test_the_container_runs_what_there_is() -> None:
    text = (PIECES / "container" / "Containerfile").read_text(encoding="utf-8")
    assert re.search(r"^USER 65534$", text, re.MULTILINE)
    assert text.count("FROM ${BASE}") == 2


@pytest.mark.skipif(not (shutil.which("shellcheck") or "CI" in os.environ), reason="shellcheck is not installed")
def test_the_scripts_are_clean() -> None:
    for step in document(PIECES / "github" / "action.yml")["runs"]["steps"]:
        command = ["shellcheck", "--shell=bash", "-"]
        done = subprocess.run(command, input=step["run"], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


def test_the_scanner_of_the_guide(tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text('[[ignore]]\nid = "CVE-2026-54369"\nreason = "not reachable"\n')
    command = [sys.executable, str(ROOT / "examples" / "scanner.py"), *INPUTS.values()]
    done = subprocess.run([*command, str(rules)], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("dnf upgrade ")
    report = json.loads((tmp_path / "report.json").read_text())
    assert len(report["suppressed"]) > 0
    other = tmp_path / "list"
    other.write_text("# os-release ID=fedora VERSION_ID=40\nbash-5.2.26-3.fc40.x86_64\n")
    command[2] = str(other)
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert "not-covered" in done.stderr
