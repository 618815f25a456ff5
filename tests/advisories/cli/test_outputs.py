"""Several reports of one run, written whole or not at all, and earlier reports in other formats."""

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest
from places import LIBRARY
from report_schemas import validator

from advisories import cli
from advisories.reports import formats

LIST = "# os-release ID=almalinux VERSION_ID=9.4\nbash-5.1.8-4.el9.x86_64\n"
RECORD = {
    "id": "ALSA-2024:1000",
    "summary": "Important: an update",
    "upstream": ["CVE-2024-1000"],
    "affected": [
        {
            "package": {"ecosystem": "AlmaLinux:9", "name": "bash"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "5.1.8-6.el9"}]}],
        }
    ],
}
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """A function that runs match, or another command, in a folder with a list and a feed."""
    monkeypatch.chdir(tmp_path)
    Path("list").write_text(LIST)
    Path("feed.json").write_text(json.dumps(RECORD))

    def run(*words: str, command: str = "match") -> tuple[int, str, str]:
        inputs = ["--inventory", "list", "--feed", "feed.json"] if command == "match" else []
        status = cli.main([command, *inputs, *words])
        out, err = capsys.readouterr()
        return status, out, err

    return run


def test_several_reports_of_one_run(run: Run) -> None:
    status, out, err = run("-o", "json=a.json", "-o", "text=a.txt", "-o", "table=-")
    assert (status, err) == (0, "")
    assert "PRIORITY  PACKAGE" in out
    assert "bash 5.1.8-4.el9 is earlier than 5.1.8-6.el9 (ALSA-2024:1000)" in Path("a.txt").read_text()
    document = json.loads(Path("a.json").read_text())
    validator("report").validate(document)
    assert document["target"] == {"name": "list", "digest": None}


class TestNothingToState:
    """OpenVEX demands a statement. Without one there is no file, and none of an earlier run: it was uploaded as new."""

    def clean(self, run: Run) -> None:
        assert run("-o", "openvex=vex.json")[0] == 0
        assert json.loads(Path("vex.json").read_text())["statements"]
        Path("list").write_text(LIST.replace("8-4", "8-6"))

    def test_the_file_of_an_earlier_run_is_removed(self, run: Run) -> None:
        self.clean(run)
        status, out, err = run("-o", "openvex=vex.json", "-o", "sarif=a.sarif")
        assert (status, out) == (0, "")
        assert err.endswith(". vex.json was of an earlier run, and is removed\n")
        assert json.loads(Path("a.sarif").read_text())["runs"][0]["results"] == []
        assert not Path("vex.json").exists()
        status, _, err = run("-o", "openvex=vex.json")
        assert (status, err.endswith(". vex.json is not written\n")) == (0, True)

    def test_of_a_link_it_is_the_file(self, run: Run) -> None:
        self.clean(run)
        os.rename("vex.json", "real.json")
        os.symlink("real.json", "vex.json")
        assert run("-o", "openvex=vex.json")[0] == 0
        assert (os.path.lexists("vex.json"), os.path.exists("real.json")) == (True, False)

    def test_it_cannot_be_removed(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        self.clean(run)

        def refuse(path: str) -> None:
            raise PermissionError(1, "Operation not permitted")

        monkeypatch.setattr(os, "unlink", refuse)
        status, _, err = run("-o", "openvex=vex.json")
        assert status == 2
        assert err.endswith("the file of an earlier run cannot be removed: Operation not permitted\n")

    @pytest.mark.parametrize("words", [("--format", "openvex"), ("-o", "openvex=-"), ("-o", "openvex=/dev/null")])
    def test_who_reads_it_is_told_by_the_status(self, run: Run, words: tuple[str, ...]) -> None:
        self.clean(run)
        status, out, err = run(*words)
        assert (status, out) == (2, "")
        assert err.endswith(". Nothing is written\n")

    def test_the_gates_are_looked_at_all_the_same(self, run: Run) -> None:
        self.clean(run)
        assert run("-o", "openvex=vex.json", "--fail-on-unchecked", "0")[0] == 1

    def test_an_earlier_report_without_findings(self, run: Run) -> None:
        self.clean(run)
        run("-o", "json=old.json")
        assert run("old.json", "-o", "openvex=vex.json", command="report")[0] == 0
        assert not Path("vex.json").exists()


def test_with_a_file_alone_standard_output_is_empty(run: Run) -> None:
    assert run("-o", "json=a.json") == (0, "", "")
    assert run("-o", "json=a.json", "--format", "text")[1].startswith("list: 1 package")


@pytest.mark.parametrize("format", formats("findings", earlier=True))
def test_a_later_report_is_that_of_the_match(run: Run, format: str) -> None:
    status, live, _ = run("--format", format, "--on", "2024-06-01", "--target", "image@sha256:00")
    assert status == 0
    assert run("-o", "json=a.json", "--on", "2024-06-01", "--target", "image@sha256:00")[0] == 0
    assert run("a.json", "--format", format, command="report") == (0, live, "")
    assert run("a.json", "-o", f"{format}=b", command="report") == (0, "", "")
    assert Path("b").read_bytes().decode() == live


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["-o", "json=a", "-o", "text=a"], "-o text=a: json goes there too"),
        (["-o", "json=a", "-o", "text=./a"], "-o text=./a: json goes there too"),
        (["-o", "json=-", "-o", "text=-"], "-o text=-: json goes there too"),
        (["-o", "json=-", "--format", "text"], "--format and -o both go to standard output. Leave out one of them"),
        (["-o", "json=list"], "-o json=list: it would take the place of an input"),
        (["-o", "json=link"], "-o json=link: it would take the place of an input"),
        (["-o", "json=no/a"], "-o json=no/a: there is no folder "),
        (["-o", "json=."], "-o json=.: a folder"),
    ],
)
def test_what_cannot_be_written_is_found_first(run: Run, words: list[str], why: str) -> None:
    os.symlink("feed.json", "link")
    status, out, err = run(*words)
    assert (status, out) == (2, "")
    assert err.startswith(f"advisories: {why}")
    assert Path("list").read_text() == LIST


def test_a_full_disk_fails_and_the_other_report_is_whole(run: Run) -> None:
    status, _, err = run("-o", "json=/dev/full", "-o", "text=a.txt")
    assert (status, err) == (2, "advisories: -o json=/dev/full: No space left on device\n")
    assert Path("a.txt").read_text().startswith("list: 1 package")


def test_a_file_is_replaced_as_it_is(run: Run) -> None:
    Path("real.json").write_text("old")
    Path("real.json").chmod(0o640)
    os.symlink("real.json", "a.json")
    assert run("-o", "json=a.json")[0] == 0
    assert Path("a.json").is_symlink()
    assert stat.S_IMODE(Path("real.json").stat().st_mode) == 0o640
    assert json.loads(Path("real.json").read_text())["schema"] == "advisories/report/3"
    assert sorted(os.listdir()) == ["a.json", "feed.json", "list", "real.json"]


@pytest.mark.parametrize("name", ["-", "", " ", "a\nb"])
def test_a_target_that_is_no_name(run: Run, name: str) -> None:
    with pytest.raises(SystemExit) as left:
        run("--target", name)
    assert left.value.code == 2


class TestTemplates:
    def test_a_template_of_yours(self, run: Run) -> None:
        Path("mine.txt").write_text("{% for one in findings %}{{ one.title }}\n{% endfor %}")
        assert run("-o", "template:mine.txt=out.txt") == (0, "", "")
        assert Path("out.txt").read_text() == "CVE-2024-1000 in bash\n"
        assert run("-o", "template:mine.txt=-") == (0, "CVE-2024-1000 in bash\n", "")
        assert run("-o", "json=a.json")[0] == 0
        assert run("a.json", "-o", "template:mine.txt=-", command="report")[1] == "CVE-2024-1000 in bash\n"

    @pytest.mark.parametrize(
        ("template", "why"),
        [
            ("{% for %}", "mine.txt: line 1: "),
            ("{{ findings.__class__ }}", "mine.txt: line 1: "),
            ("{% for a in range(100000000) %}{{ a }}{% endfor %}", "mine.txt: "),
        ],
    )
    def test_what_is_wrong_with_it(self, run: Run, template: str, why: str) -> None:
        Path("mine.txt").write_text(template)
        status, out, err = run("-o", "template:mine.txt=out.txt")
        assert (status, out) == (2, "")
        assert err.startswith(f"advisories: {why}"), err
        assert not Path("out.txt").exists()

    def test_it_is_not_written_over(self, run: Run) -> None:
        Path("mine.txt").write_text("x")
        assert "it would take the place of an input" in run("-o", "template:mine.txt=mine.txt")[2]
        assert run("-o", "template:none.txt=-")[2] == "advisories: none.txt: No such file or directory\n"
        assert run("-o", "template:/proc/self/mem=-")[2] == "advisories: /proc/self/mem: Input/output error\n"
        # All that was read of it was as long as a template may be.
        Path("mine.txt").write_text("\U0001f600" * (1 << 20) + "{{")
        assert run("-o", "template:mine.txt=-") == (
            *(2, ""),
            "advisories: mine.txt: longer than 4194304 bytes, which no template is\n",
        )


class TestReadingReports:
    def document(self, run: Run) -> dict[str, Any]:
        assert run("-o", "json=a.json")[0] == 0
        content: dict[str, Any] = json.loads(Path("a.json").read_text())
        return content

    def test_version_2_is_completed(self, run: Run) -> None:
        content = self.document(run)
        old = {name: value for name, value in content.items() if name != "target"} | {"schema": "advisories/report/2"}
        new = ("purl", "title", "aliases", "links", "vectors", "published", "modified", "fix_command", "layer")
        old["findings"] = [{k: v for k, v in one.items() if k not in new} for one in content["findings"]]
        Path("old.json").write_text(json.dumps(old))
        status, out, err = run("old.json", "--format", "json", command="report")
        assert (status, err) == (0, "")
        made = json.loads(out)
        validator("report").validate(made)
        assert made["findings"][0]["title"] == "CVE-2024-1000 in bash"
        # What only the feed had is not made up.
        assert [made["findings"][0][name] for name in ("vectors", "published", "modified")] == [[], None, None]

    @pytest.mark.parametrize(
        ("change", "why"),
        [
            ({"schema": "advisories/report/1"}, "advisories/report has version 1, and "),
            ({"schema": "advisories/other/3"}, "schema: "),
            ({"target": None}, "target: "),
            ({"hidden": {"why": 1}}, "hidden.why: "),
            ({"findings": [{}]}, "findings[0].instance: "),
        ],
    )
    def test_what_is_no_report(self, run: Run, change: dict[str, Any], why: str) -> None:
        Path("bad.json").write_text(json.dumps(self.document(run) | change))
        status, out, err = run("bad.json", command="report")
        assert (status, out) == (2, "")
        assert f"bad.json: {why}" in err or why.rstrip(": ") in err

    def test_members_that_are_not_known_are_ignored(self, run: Run) -> None:
        Path("later.json").write_text(json.dumps(self.document(run) | {"more": 1}))
        assert run("later.json", command="report")[0] == 0


class TestOtherKinds:
    """Plans, verifications and lint: several formats at once, and later from JSON."""

    #: What each command is given beside the inputs.
    KINDS: ClassVar = {
        "fix": ("plan", ["--inventory", "list", "--feed", "feed.json", "--on", "2024-06-01"]),
        "verify": (
            "verification",
            ["--baseline", "base.json", "--inventory", "list", "--feed", "feed.json", "--on", "2024-06-01"],
        ),
        "lint": ("lint", ["feed.json"]),
    }

    @pytest.mark.parametrize("command", KINDS)
    def test_all_at_once_and_each_later(self, run: Run, command: str) -> None:
        what, inputs = self.KINDS[command]
        assert run("-o", "json=base.json")[0] == 0
        words = [word for format in formats(what) for word in ("-o", f"{format}=live.{format}")]
        assert run(*inputs, *words, command=command) == (0, "", "")
        for format in formats(what, earlier=True):
            assert run("live.json", "-o", f"{format}=later", command="report") == (0, "", "")
            assert Path("later").read_bytes() == Path(f"live.{format}").read_bytes(), format
        usual = "text" if what == "lint" else "markdown"
        assert run("live.json", command="report") == (0, Path(f"live.{usual}").read_text(), "")

    @pytest.mark.parametrize(("command", "format"), [("fix", "shell"), ("verify", "text"), ("lint", "table")])
    def test_a_format_that_it_does_not_have(self, run: Run, command: str, format: str) -> None:
        what, inputs = self.KINDS[command]
        assert run("-o", "json=base.json")[0] == 0
        run(*inputs, "-o", "json=live.json", command=command)
        words = ["-o", "html=later.html", "-o", f"{format}=later"]
        try:
            status, _, err = run("live.json", *words, command="report")
        except SystemExit as left:  # a word that no kind has
            status, err = left.code, f"an earlier report of {what}"
        assert status == 2
        assert f"an earlier report of {what}" in err
        assert not Path("later.html").exists()

    @pytest.mark.parametrize("command", KINDS)
    def test_what_is_wrong_in_one_has_a_place(self, run: Run, command: str) -> None:
        what, inputs = self.KINDS[command]
        assert run("-o", "json=base.json")[0] == 0
        run(*inputs, "-o", "json=live.json", command=command)
        content = json.loads(Path("live.json").read_text())
        validator(what).validate(content)
        member = {"fix": "steps", "verify": "findings", "lint": "sources"}[command]
        Path("bad.json").write_text(json.dumps(content | {member: [{}]}))
        status, out, err = run("bad.json", command="report")
        assert (status, out) == (2, "")
        assert f"{member}[0]." in err

    def test_lines_of_lint_fit_a_log(self, run: Run) -> None:
        Path("feed.json").write_text(json.dumps([RECORD, RECORD | {"id": "x " * 90, "affected": 1}]))
        for command, words in (
            ("lint", ["feed.json", "-o", "json=live.json", "-o", "text=-"]),
            ("report", ["live.json"]),
        ):
            out = run(*words, "--width", "80", command=command)[1]
            assert len(out.splitlines()) > 3
            assert max(map(len, out.splitlines())) <= 80
            assert max(map(len, run(*words, "--width", "0", command=command)[1].splitlines())) > 100

    def test_a_template_is_for_findings(self, run: Run) -> None:
        run("feed.json", "-o", "json=live.json", command="lint")
        Path("mine.txt").write_text("x")
        status, _, err = run("live.json", "-o", "template:mine.txt=out", command="report")
        assert status == 2
        assert "unknown format 'template' for an earlier report of lint: choose " in err


def test_every_format_is_the_same_in_another_process(run: Run, tmp_path: Path) -> None:
    """Their order and their ids do not depend on how Python orders sets."""
    words = [word for format in formats("findings") for word in ("-o", f"{format}={format}")]
    lint = [word for format in formats("lint") for word in ("-o", f"{format}=lint.{format}")]
    made = []
    for seed in ("1", "2"):
        environment = {"PYTHONHASHSEED": seed, "PYTHONPATH": str(LIBRARY), "PATH": os.environ["PATH"]}
        for command in (
            ["match", "--inventory", "list", "--feed", "feed.json", "--on", "2024-06-01", *words],
            ["lint", "feed.json", *lint],
        ):
            subprocess.run([sys.executable, "-m", "advisories", *command], env=environment, check=True)
        made.append({path.name: path.read_bytes() for path in tmp_path.iterdir()})
    assert made[0] == made[1]
    assert len(made[0]) > len(words) // 2


class TestTheListWithoutAnOption:
    def test_it_is_the_inventory(self, run: Run) -> None:
        by_option = run("--inventory", "list", "--feed", "feed.json", command="fix")
        assert run("list", "--feed", "feed.json", command="fix") == by_option
        assert by_option[0] == 0

    @pytest.mark.parametrize("more", [["--host"], ["--inventory", "list"]])
    def test_it_excludes_the_others(self, run: Run, more: list[str]) -> None:
        with pytest.raises(SystemExit) as left:
            run("list", *more, "--feed", "feed.json", command="fix")
        assert left.value.code == 2

    def test_without_advisories_you_learn_which(self, run: Run) -> None:
        status, out, err = run("list", command="fix")
        assert (status, out) == (2, "")
        assert err.startswith("advisories: list: a list of almalinux 9.4. ")
        assert "add --feed PATH, or fetch them: advisories fetch almalinux" in err
