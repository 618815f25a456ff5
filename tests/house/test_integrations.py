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

import oracles
import pytest
import yaml
from places import LIBRARY, ROOT

PIECES = ROOT / "integrations"
EXAMPLE = ROOT / "examples" / "almalinux-9"
INPUTS = {"ADVISORIES_INVENTORY": str(EXAMPLE / "host.tsv"), "ADVISORIES_FEED": str(EXAMPLE / "advisories.jsonl")}
ACTION = yaml.safe_load((PIECES / "github" / "action.yml").read_text(encoding="utf-8"))
NEVER = 'fail-on = "never"\n'
CONFIG = f'inventory = "{INPUTS["ADVISORIES_INVENTORY"]}"\nfeed = ["{INPUTS["ADVISORIES_FEED"]}"]\n'
Shell = Callable[..., "subprocess.CompletedProcess[str]"]
Act = Callable[..., tuple[list["subprocess.CompletedProcess[str]"], list[str]]]


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """The folder in which steps run."""
    found = tmp_path / "work"
    found.mkdir()
    return found


@pytest.fixture
def shell(tmp_path: Path, work: Path) -> Shell:
    """A function that runs a step in an empty folder, where the command and pip are those of these tests.

    The command of ``SHOW=1`` prints the options that hold, in place of a report.
    """
    bin = tmp_path / "bin"
    bin.mkdir()
    command = f'"{sys.executable}" -m advisories'
    (bin / "advisories").write_text(
        f'#!/bin/sh\n[ -z "$SHOW" ] || exec {command} config match --changed\nexec {command} "$@"\n'
    )
    # Installing is tried by .ci/run and `make dist`. Here it must not change what is tested.
    (bin / "pip").write_text('#!/bin/sh\necho "pip $*"\n')
    (bin / "python3").write_text(
        f'#!/bin/sh\n[ "$2" = venv ] || exec "{sys.executable}" "$@"\n'
        f'[ "$3" = --clear ] || exit 9\nmkdir -p "$4/bin" && cp "{bin}"/* "$4/bin"\n'
    )
    for path in bin.iterdir():
        path.chmod(0o755)

    def shell(step: str, interpreter: str = "bash", **variables: str) -> "subprocess.CompletedProcess[str]":
        environment = {name: value for name, value in os.environ.items() if not name.startswith("ADVISORIES_")}
        environment |= {"PATH": f"{bin}:{os.environ['PATH']}", "PYTHONPATH": str(LIBRARY)} | variables
        command = {
            "bash": ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step],
            # Jenkins' sh is that of the system.
            "sh": ["sh", "-xe", "-c", step],
        }[interpreter]
        return subprocess.run(command, cwd=work, env=environment, capture_output=True, text=True, check=False)

    return shell


def document(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def examples(path: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / path).read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture
def act(shell: Shell, tmp_path: Path) -> Act:
    """A function that runs the action with these inputs, as its runner does: the steps that ran, the used actions."""

    def act(
        environment: Mapping[str, str] = {}, outputs: Mapping[str, str] = {}, **given: str
    ) -> "tuple[list[subprocess.CompletedProcess[str]], list[str]]":
        given = {name.replace("_", "-"): value for name, value in given.items()}
        assert given.keys() <= ACTION["inputs"].keys()
        values = {f"inputs.{name}": given.get(name, one["default"]) for name, one in ACTION["inputs"].items()}
        values |= outputs
        runner = {"RUNNER_TEMP": str(tmp_path / "temporary"), "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md")}
        runner |= {"GITHUB_OUTPUT": str(tmp_path / "output"), "GITHUB_ACTION_PATH": str(PIECES / "github")}
        (tmp_path / "temporary").mkdir(exist_ok=True)
        ran: list[subprocess.CompletedProcess[str]] = []
        used = []
        failed = False
        for step in ACTION["runs"]["steps"]:
            if not holds(step.get("if", ""), values, failed=failed):
                continue
            if "uses" in step:
                used.append(step["uses"].partition("@")[0])
                continue
            assert "${{" not in step["run"], "an expression in a script runs what an input has in it"
            variables = {name: expanded(value, values) for name, value in step.get("env", {}).items()}
            (tmp_path / "output").write_text("")
            ran.append(shell(step["run"], **{**environment, **runner, **variables}))
            failed |= ran[-1].returncode != 0
            for line in (tmp_path / "output").read_text().splitlines():
                name, _, value = line.partition("=")
                values.setdefault(f"steps.{step['id']}.outputs.{name}", value)
        return ran, used

    return act


def expanded(text: str, values: Mapping[str, str]) -> str:
    return re.sub(r"\$\{\{ ([a-z._-]+) \}\}", lambda match: values.get(match[1], ""), text)


def holds(condition: str, values: Mapping[str, str], *, failed: bool) -> bool:
    """A condition of a step, of those forms that the action has."""
    parts = [part.strip() for part in condition.split("&&") if part.strip()]
    if failed and "always()" not in parts:
        return False
    for part in parts:
        if part != "always()":
            found = re.fullmatch(r"([a-z._-]+) ([!=]=) '([^']*)'", part)
            assert found, part
            if (values.get(found[1], "") == found[3]) != (found[2] == "=="):
                return False
    return True


class TestTheAction:
    def test_it_reports_and_fails_on_what_is_urgent(self, act: Act, tmp_path: Path, work: Path) -> None:
        oracles.module("ensurepip")  # without it, the action takes another Python
        ran, used = act(inventory=INPUTS["ADVISORIES_INVENTORY"], feed=INPUTS["ADVISORIES_FEED"])
        assert [done.returncode for done in ran] == [0, 0, 1], ran[-1].stderr
        assert used == []
        assert "::error" in ran[-1].stdout
        assert json.loads((work / "advisories.sarif").read_text())["version"] == "2.1.0"
        assert "CVE-" in (tmp_path / "summary.md").read_text()

    def test_it_fails_on_what_was_not_checked(self, act: Act, tmp_path: Path, work: Path) -> None:
        """And the SARIF report shows that the run did not succeed."""
        path = work / "list.tsv"
        path.write_text((EXAMPLE / "host.tsv").read_text() + "no package\n")
        words = {"inventory": str(path), "feed": INPUTS["ADVISORIES_FEED"], "fail_on": "never"}
        ran, _ = act(**words)
        assert ran[-1].returncode == 1
        assert "--fail-on-unchecked: 1 of 590 packages have no verdict (1 rejected)" in ran[-1].stderr
        (run,) = json.loads((work / "advisories.sarif").read_text())["runs"]
        assert run["invocations"][0]["executionSuccessful"] is False
        assert act(**words, fail_on_unchecked="1%")[0][-1].returncode == 0

    @pytest.mark.parametrize(
        ("name", "given", "held", "shown"),
        [
            ("inventory", "given.tsv", '"held.tsv"', ("given.tsv", "held.tsv")),
            ("feed", "one.db\ntwo.db", '["held.db"]', ("one.db, two.db", "held.db")),
            ("fetch", "true", "false", ("true", "false")),
            ("fetch", "false", "true", ("false", "true")),
            ("distro", "debian:12", '"ubuntu:22.04"', ("debian:12", "ubuntu:22.04")),
            ("target", "app@sha256:1", '"held"', ("app@sha256:1", "held")),
            ("fail-on", "never", '"low"', ("never", "low")),
            ("fail-on-unchecked", "5%", '"7%"', ("5%", "7%")),
            ("ignore", "one.toml,two.toml", '["held.toml"]', ("one.toml, two.toml", "held.toml")),
            ("strict", "false", "true", ("false", "true")),
            ("strict", "true", "false", ("true", "false")),
        ],
    )
    def test_an_input_wins_and_none_changes_nothing(
        self, act: Act, work: Path, name: str, given: str, held: str, shown: tuple[str, str]
    ) -> None:
        def shown_with(config: str, environment: Mapping[str, str] = {}, **inputs: str) -> str | None:
            (work / "advisories.toml").write_text(config)
            done = act({"SHOW": "1", **environment}, **inputs)[0][-1]
            assert done.returncode == 0, done.stderr
            lines = dict(line.split(" = ") for line in done.stdout.splitlines() if " = " in line)
            return lines[name].partition("  (")[0] if name in lines else None

        config, variable = f"{name} = {held}\n", f"ADVISORIES_{name.upper().replace('-', '_')}"
        word = name.replace("-", "_")
        assert shown_with("") is None
        assert shown_with("", **{word: given}) == shown[0]
        assert shown_with(config) == shown[1]
        assert shown_with(config, **{word: given}) == shown[0]
        # A variable of the job is between them.
        assert shown_with(config, {variable: given}) == shown[0]
        other = held.strip('[]"')
        assert shown_with("", {variable: other}, **{word: given}) == shown[0]

    def test_what_the_repository_has_holds(self, act: Act, work: Path) -> None:
        (work / "advisories.toml").write_text(CONFIG)
        assert act()[0][-1].returncode == 1
        (work / "advisories.toml").write_text(CONFIG + NEVER)
        assert act()[0][-1].returncode == 0
        # Something was assumed of the host, which is an error by choice.
        (work / "advisories.toml").write_text(CONFIG + NEVER + "strict = true\nmax-feed-age = 0\n")
        assert act()[0][-1].returncode == 2

    def test_a_report_of_before_is_not_uploaded(self, act: Act, work: Path) -> None:
        (work / "advisories.sarif").write_text("{}")
        done = act()[0][-1]
        assert done.returncode == 2, "without a list"
        assert "::error title=advisories::Nothing or not everything was checked (exit status 2)" in done.stdout
        assert not (work / "advisories.sarif").exists()

    def test_python_is_set_up_where_it_is_missing_or_old(self, act: Act, tmp_path: Path) -> None:
        python = tmp_path / "bin" / "python3"
        usable = python.read_text()
        setup = {"steps.setup.outputs.python-path": str(tmp_path / "bin" / "newer")}
        (tmp_path / "bin" / "newer").write_text(usable)
        (tmp_path / "bin" / "newer").chmod(0o755)
        for broken in ("exit 1\n", 'echo "no module named venv" >&2; exit 127\n'):
            python.write_text(f"#!/bin/sh\n{broken}")
            ran, used = act({"SHOW": "1"}, setup)
            assert [done.returncode for done in ran] == [0, 0, 0]
            assert used == ["actions/setup-python"]

    def test_fetched_advisories_are_kept_also_where_the_gate_fails(self, act: Act) -> None:
        oracles.module("ensurepip")  # without it, the action takes another Python
        keeps = ["actions/cache/restore", "actions/cache/save"]
        # Nothing is in the cache, and nothing is fetched here.
        ran, used = act({"ADVISORIES_OFFLINE": "true"}, fetch="true", inventory=INPUTS["ADVISORIES_INVENTORY"])
        assert (ran[-1].returncode, used) == (2, keeps)
        hit = {"steps.cache.outputs.cache-hit": "true"}
        assert act({"SHOW": "1"}, hit, fetch="true")[1] == keeps[:1]
        assert act({"SHOW": "1"}, fetch="false")[1] == []

    def test_what_it_uses_is_pinned(self) -> None:
        used = [step["uses"] for step in ACTION["runs"]["steps"] if "uses" in step]
        assert used
        assert all(re.fullmatch(r"actions/[a-z/-]+@[0-9a-f]{40}", one) for one in used)

    @pytest.mark.skipif(not (shutil.which("shellcheck") or "CI" in os.environ), reason="shellcheck is not installed")
    def test_its_scripts_are_clean(self) -> None:
        for step in ACTION["runs"]["steps"]:
            if "run" in step:
                command = ["shellcheck", "--shell=bash", "-"]
                done = subprocess.run(command, input=step["run"], capture_output=True, text=True, check=False)
                assert done.returncode == 0, done.stdout


class TestGitLab:
    JOB = document(PIECES / "gitlab" / "advisories.gitlab-ci.yml")["advisories"]

    def run(self, shell: Shell, **variables: str) -> "subprocess.CompletedProcess[str]":
        """The script of the job, as one, with the variables of a pipeline. Those of a job win over them."""
        return shell(
            "\n".join(self.JOB["script"]), **{"VERCMP": str(ROOT), **variables, **self.JOB.get("variables", {})}
        )

    def test_it_reports_and_fails_on_what_is_urgent(self, shell: Shell, work: Path) -> None:
        done = self.run(shell, **INPUTS)
        assert done.returncode == 1, done.stderr
        report = json.loads((work / self.JOB["artifacts"]["reports"]["container_scanning"]).read_text())
        assert report["scan"]["type"] == "container_scanning"
        assert all((work / path).exists() for path in self.JOB["artifacts"]["paths"])
        assert self.JOB["artifacts"]["when"] == self.JOB["cache"]["when"] == "always"

    def test_what_was_not_checked_fails_it(self, shell: Shell, work: Path) -> None:
        (work / "list").write_text("# os-release ID=almalinux VERSION_ID=9.4\nzsh-1-1.el9.x86_64\nno package\n")
        done = self.run(shell, **{**INPUTS, "ADVISORIES_INVENTORY": "list"})
        assert done.returncode == 1
        assert json.loads((work / "gl-container-scanning-report.json").read_text())["scan"]["status"] == "failure"

    def test_the_callers_variables_and_file_hold(self, shell: Shell, work: Path) -> None:
        assert "variables" not in self.JOB, "those of a job win over those of the pipeline"
        assert self.run(shell, **INPUTS, ADVISORIES_FAIL_ON="never").returncode == 0
        (work / "advisories.toml").write_text(CONFIG + NEVER)
        assert self.run(shell).returncode == 0
        assert self.run(shell, ADVISORIES_FAIL_ON="low").returncode == 1
        assert self.run(shell, ADVISORIES_FAIL_ON="").returncode == 0
        cache = "${XDG_CACHE_HOME:-$PWD/.cache}"
        assert self.JOB["script"][0] == f'export XDG_CACHE_HOME="{cache}"'
        assert self.JOB["cache"]["paths"] == [".cache/"]

    def test_without_what_to_install(self, shell: Shell) -> None:
        done = self.run(shell, **INPUTS, VERCMP="")
        assert done.returncode != 0
        assert "VERCMP: is what pip installs" in done.stderr

    def test_a_report_of_before_is_not_taken(self, shell: Shell, work: Path) -> None:
        (work / "gl-container-scanning-report.json").write_text("{}")
        assert self.run(shell).returncode == 2, "without a list"
        assert not (work / "gl-container-scanning-report.json").exists()


class TestJenkins:
    TEXT = (PIECES / "jenkins" / "Jenkinsfile").read_text(encoding="utf-8")

    def run(self, shell: Shell, **variables: str) -> list[int]:
        found = []
        for step in re.findall(r"^ +sh '(.+)'$", self.TEXT, re.MULTILINE):
            found.append(shell(step, "sh", VERCMP=str(ROOT), **variables).returncode)
            if found[-1]:
                break
        return found

    def test_it_reports_and_fails(self, shell: Shell, work: Path) -> None:
        assert self.run(shell, **INPUTS) == [0, 0, 0, 1]
        assert (work / "advisories.xml").exists()
        assert (work / "advisories.html").exists()

    def test_what_the_job_and_the_repository_have_holds(self, shell: Shell, work: Path) -> None:
        assert re.findall(r"ADVISORIES_\w+ *=", self.TEXT) == []
        (work / "advisories.toml").write_text(CONFIG + NEVER)
        assert self.run(shell) == [0] * 4
        assert self.run(shell, ADVISORIES_FAIL_ON="high") == [0, 0, 0, 1]

    def test_a_report_of_the_last_build_is_not_taken(self, shell: Shell, work: Path) -> None:
        """A workspace stays between builds."""
        (work / "advisories.xml").write_text("<testsuites/>")
        assert self.run(shell) == [0, 0, 0, 2]
        assert not (work / "advisories.xml").exists()


class TestPreCommit:
    (HOOK,) = document(ROOT / ".pre-commit-hooks.yaml")

    def test_it_fails_unless_the_repository_has_other_gates(self, shell: Shell, work: Path) -> None:
        for config, status in ((CONFIG, 1), (CONFIG + NEVER, 0), (CONFIG + 'priority = ["low"]\n', 2)):
            (work / "advisories.toml").write_text(config)
            done = shell(self.HOOK["entry"])
            assert done.returncode == status, done.stderr

    def test_it_fails_without_a_list(self, shell: Shell) -> None:
        assert shell(self.HOOK["entry"]).returncode == 2

    def test_what_was_not_checked_fails_it(self, shell: Shell, work: Path) -> None:
        (work / "list").write_text("# os-release ID=almalinux VERSION_ID=9.4\nno package\nzsh-1-1.el9.x86_64\n")
        (work / "advisories.toml").write_text(f'inventory = "list"\nfeed = "{INPUTS["ADVISORIES_FEED"]}"\n')
        assert shell(self.HOOK["entry"]).returncode == 1


class TestTheContainer:
    TEXT = (PIECES / "container" / "Containerfile").read_text(encoding="utf-8")

    def test_it_runs_as_nobody_who_can_write_where_it_must(self) -> None:
        assert re.search(r"^USER 65534:65534$", self.TEXT, re.MULTILINE)
        assert "chown 65534:65534 /work /cache" in self.TEXT
        assert "XDG_CACHE_HOME=/cache" in self.TEXT
        assert self.TEXT.count("FROM ${BASE}") == 2

    def test_it_is_built_of_what_the_wheel_needs(self) -> None:
        lines = (ROOT / ".dockerignore").read_text().splitlines()
        kept = {line[1:] for line in lines if line.startswith("!")}
        assert kept == {"LICENSE", "MANIFEST.in", "README.md", "pyproject.toml", "setup.py", "src"}
        assert all((ROOT / name).exists() for name in kept)
        assert lines.index("*") < min(lines.index(f"!{name}") for name in kept)


class TestWhatPagesShow:
    """The examples of README and of the pieces' page fit the pieces, and are what their forges take."""

    JOB = yaml.safe_load(examples("integrations/README.md", "yaml")[0])
    TABLE = examples("integrations/README.md", "toml")[0]

    @pytest.mark.parametrize("page", ["README.md", "integrations/README.md"])
    def test_a_job_of_github(self, page: str) -> None:
        found = yaml.safe_load(examples(page, "yaml")[0])
        *_, step, upload = found if isinstance(found, list) else found["jobs"]["advisories"]["steps"]
        inputs = ACTION["inputs"]
        assert set(step["with"]) <= set(inputs)
        assert {"inventory", "fetch"} <= set(step["with"])
        assert (ROOT / step["uses"].partition("@")[0].partition("vercmp/")[2] / "action.yml").is_file()
        sarif = inputs["sarif"]["default"]
        assert upload["with"] == {"sarif_file": sarif}
        assert upload["if"] == f"always() && hashFiles('{sarif}') != ''"

    def test_its_permissions_are_the_fewest(self) -> None:
        assert self.JOB["permissions"] == {}
        fewest = {"actions": "read", "contents": "read", "security-events": "write"}
        assert self.JOB["jobs"]["advisories"]["permissions"] == fewest

    @pytest.mark.parametrize("page", ["README.md", "integrations/README.md"])
    def test_a_pipeline_of_gitlab(self, page: str, shell: Shell, work: Path) -> None:
        found = yaml.safe_load(examples(page, "yaml")[1])
        (include,) = found["include"] if isinstance(found["include"], list) else [found["include"]]
        assert include["ref"] == "COMMIT"
        (job,) = document(ROOT / include["file"]).values()
        variables = dict(found["variables"])
        assert variables.pop("VERCMP") == "vercmp[fetch,sbom] @ git+https://HOST/OWNER/vercmp@COMMIT"
        assert "job" not in variables
        # The names of the example, in the folder of the job. What it would fetch is given.
        assert variables.pop("ADVISORIES_FETCH") == "true"
        shutil.copy(EXAMPLE / "host.tsv", work / variables["ADVISORIES_INVENTORY"])
        done = shell("\n".join(job["script"]), VERCMP="x", **{**INPUTS, **variables})
        assert done.returncode == 1, done.stderr

    def test_a_configuration(self, shell: Shell, work: Path) -> None:
        (work / "advisories.toml").write_text(self.TABLE)
        done = shell("advisories config match --changed")
        assert (done.returncode, done.stdout.count("advisories.toml, line")) == (0, 3)

    def test_hooks(self) -> None:
        (repository,) = yaml.safe_load(examples("integrations/README.md", "yaml")[2])["repos"]
        assert [hook["id"] for hook in repository["hooks"]] == [TestPreCommit.HOOK["id"]]

    def test_lines_of_a_shell(self, shell: Shell, work: Path) -> None:
        line = examples("integrations/README.md", "sh")[-1].splitlines()[0]
        shutil.copy(EXAMPLE / "host.tsv", work / "packages.tsv")
        shutil.copy(EXAMPLE / "advisories.jsonl", work / "feed.jsonl")
        assert shell("advisories compile -o feed.db feed.jsonl").returncode == 0
        done = shell(line)
        assert done.returncode == 1, done.stderr
        assert (work / "report.json").exists()

    def test_actionlint(self, work: Path) -> None:
        self.written(work)
        done = subprocess.run(
            [oracles.program("actionlint"), str(work / "job.yml")], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout

    def test_zizmor(self, work: Path) -> None:
        self.written(work)
        paths = [str(work / "job.yml"), str(PIECES / "github" / "action.yml")]
        done = subprocess.run(
            [oracles.program("zizmor"), "--offline", *paths], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout

    def test_the_schemas_of_forges(self, work: Path) -> None:
        self.written(work)
        for schema, paths in {
            "github-workflows": [work / "job.yml"],
            "github-actions": [PIECES / "github" / "action.yml"],
            "gitlab-ci": [PIECES / "gitlab" / "advisories.gitlab-ci.yml", work / "gitlab.yml"],
        }.items():
            command = [oracles.program("check-jsonschema"), "--builtin-schema", f"vendor.{schema}", *map(str, paths)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stdout

    def written(self, work: Path) -> None:
        """The examples as files, with a commit in them."""
        job, gitlab, _ = examples("integrations/README.md", "yaml")
        (work / "job.yml").write_text(job.replace("@COMMIT", f"@{'0' * 40}"))
        (work / "gitlab.yml").write_text(gitlab)


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
    assert (done.returncode, done.stderr) == (3, "not checked: 1 not-covered\n")
    # A package of which the list shows too little, and a line that is none: without a finding, and not clean.
    other.write_text("# os-release ID=almalinux VERSION_ID=9.0\nzsh-1-1.el9.x86_64\nno package\n")
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "not checked: 1 rejected\n" in done.stderr
    # A finding that nobody rated is listed as Medium, and may be High.
    feed = tmp_path / "feed.json"
    feed.write_text(json.dumps([osv("ALSA-2024:1", "CVE-2024-1000")]))
    other.write_text(
        "# os-release ID=almalinux VERSION_ID=9.0\n"
        "bash\t(none)\t1\t1.el9\tx86_64\tbash-1-1.el9.src.rpm\tAlmaLinux\t(none)\n"
    )
    command[3] = str(feed)
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "not checked: 1 without a rating\n")
    # Without its arguments it has found nothing, and fails as for what cannot be read.
    done = subprocess.run(command[:3], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "python examples/scanner.py LIST FEED" in done.stderr


def osv(id: str, cve: str) -> dict[str, object]:
    """An advisory about bash without any rating."""
    events = [{"introduced": "0"}, {"fixed": "2-1.el9"}]
    entry = {
        "package": {"ecosystem": "AlmaLinux:9", "name": "bash"},
        "ranges": [{"type": "ECOSYSTEM", "events": events}],
    }
    return {"id": id, "modified": "2024-01-01T00:00:00Z", "upstream": [cve], "affected": [entry]}


def test_the_scanner_has_sixty_lines() -> None:
    assert len((ROOT / "examples" / "scanner.py").read_text().splitlines()) <= 60
