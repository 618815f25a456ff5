"""The options: words are checked where a person writes them, and help, page and parser agree."""

import itertools
import json
import re
import shlex
from pathlib import Path

import pytest
from places import ROOT

from advisories import cli
from advisories.cli.entry import _COMMANDS, parser_of_commands
from advisories.cli.inputs import limits_of
from advisories.cli.options import FIX_STATES, PRESENCES, PRIORITIES
from advisories.models import FixState, Presence, Priority

REFERENCE = ROOT / "docs" / "reference"
OURS = "".join(path.read_text(encoding="utf-8") for path in sorted(REFERENCE.glob("commands/advisories-*.md")))
PAGE = (REFERENCE / "command-line.md").read_text(encoding="utf-8") + OURS
COMMANDS = tuple(_COMMANDS)
INPUTS = ("--inventory", "list", "--feed", "feed")


def usage_problem(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """The last line on standard error of a command that is refused."""
    with pytest.raises(SystemExit) as stopped:
        cli.main(words)
    assert stopped.value.code == 2
    return capsys.readouterr().err.splitlines()[-1]


def help_of(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    with pytest.raises(SystemExit) as stopped:
        cli.main([*words, "--help"])
    assert stopped.value.code == 0
    return capsys.readouterr().out


class TestWords:
    @pytest.mark.parametrize(
        ("option", "text", "nearest"),
        [
            ("--priority", "hihg", "high"),
            ("--priority", "Critical", "high"),
            ("--priority", "important", "high"),
            ("--priority", "moderate", "medium"),
            ("--priority", "negligible", "low"),
            ("--fail-on", "meduim", "medium"),
            ("--fix-state", "wontfix", "wont-fix"),
            ("--fix-state", "will_not_fix", "wont-fix"),
            ("--fix-state", "unfixed", "not-fixed"),
            ("--fix-state", "eol", "end-of-life"),
            ("--presence", "runing", "running"),
            ("--format", "jsn", "json"),
            ("--order", "ranked", "rank"),
        ],
    )
    def test_the_nearest_right_word(
        self, capsys: pytest.CaptureFixture[str], option: str, text: str, nearest: str
    ) -> None:
        error = usage_problem(capsys, "match", *INPUTS, option, text)
        assert f": {option}: unknown " in error
        assert f" {text!r}: did you mean {nearest}? Use one of: " in error

    def test_without_a_near_word_all_are_named(self, capsys: pytest.CaptureFixture[str]) -> None:
        error = usage_problem(capsys, "fix", *INPUTS, "--format", "pdf")
        assert "--format: unknown format 'pdf'. Use one of: text, shell, json, csv, html, markdown." in error

    @pytest.mark.parametrize("command", ["mach", "explian"])
    def test_commands(self, capsys: pytest.CaptureFixture[str], command: str) -> None:
        nearest = {"mach": "match", "explian": "explain"}[command]
        assert f"unknown command {command!r}: did you mean {nearest}?" in usage_problem(capsys, command)

    def test_words_in_capitals(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.main(["match", *INPUTS, "--priority", "HIGH", "--format", "JSON"]) == 2
        assert "list: " in capsys.readouterr().err, "the words are fine, and the file is missing"

    def test_the_words_are_those_of_the_nouns(self) -> None:
        assert {word.capitalize() for word in PRIORITIES} == {one.value for one in Priority}
        assert set(FIX_STATES) == {one.value for one in FixState}
        assert set(PRESENCES) == {one.value for one in Presence}

    @pytest.mark.parametrize(("text", "nearest"), [("Debain:12", "debian"), ("almalinx:9", "almalinux")])
    def test_distributions(self, capsys: pytest.CaptureFixture[str], text: str, nearest: str) -> None:
        assert cli.main(["match", *INPUTS, "--distro", text]) == 2
        assert f"did you mean {nearest}?" in capsys.readouterr().err

    def test_package_types(self, capsys: pytest.CaptureFixture[str]) -> None:
        pytest.importorskip("packageurl")
        listing, feed = (str(ROOT / "examples" / "almalinux-9" / name) for name in ("host.tsv", "advisories.jsonl"))
        words = ("--inventory", listing, "--feed", feed, "--product", "pkg:dpkg/debian/bash")
        assert cli.main(["match", *words]) == 2
        assert capsys.readouterr().err == "advisories: unknown package type 'dpkg': did you mean deb?\n"


class TestHelp:
    def test_of_all(self, capsys: pytest.CaptureFixture[str]) -> None:
        text = help_of(capsys)
        assert "example:\n  advisories match --inventory " in text
        assert [name for name in COMMANDS if not re.search(rf"^    {name}( |$)", text, re.MULTILINE)] == []

    @pytest.mark.parametrize("command", COMMANDS)
    def test_one_example_and_the_exit_statuses(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, command: str
    ) -> None:
        monkeypatch.setenv("COLUMNS", "100")
        text = help_of(capsys, command)
        assert text.count(f"\n  advisories {command} ") == 1
        assert "\nexit status:\n  0 " in text
        assert max(map(len, text.splitlines())) <= 100

    @pytest.mark.parametrize("command", COMMANDS)
    def test_examples_are_right_usage(self, capsys: pytest.CaptureFixture[str], command: str) -> None:
        examples = re.findall(rf"^ +advisories ({command} .+)$", help_of(capsys, command) + PAGE, re.MULTILINE)
        assert len(examples) == 2
        assert examples[0] == examples[1], "help and page show the same example"
        for example in examples:
            words = itertools.takewhile(lambda word: word != ">", shlex.split(example))
            assert parser_of_commands().parse_args(list(words)).command == command

    @pytest.mark.parametrize("command", COMMANDS)
    def test_the_page_has_every_option(self, capsys: pytest.CaptureFixture[str], command: str) -> None:
        options = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", help_of(capsys, command))) - {"--help"}
        assert [option for option in sorted(options) if f"`{option}" not in PAGE] == []

    def test_the_page_has_no_option_that_is_none(self, capsys: pytest.CaptureFixture[str]) -> None:
        there = {word for name in COMMANDS for word in re.findall(r"--[a-z-]+", help_of(capsys, name))}
        assert set(re.findall(r"--[a-z][a-z-]+", OURS)) - there == set()


FEED = [
    {
        "id": "ALSA-2024:1000",
        "summary": "Important: x",
        "related": ["CVE-2024-1000"],
        "affected": [
            {
                "package": {"ecosystem": "AlmaLinux:9", "name": "bash"},
                "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "5.1.8-6.el9"}]}],
            }
        ],
    }
]
LIST = "# os-release ID=almalinux VERSION_ID=9.4\nbash-5.1.8-4.el9.x86_64\n"


class TestStatuses:
    """Where several statuses fit: 2, then 3, then 1. The report is printed whole in each case."""

    @pytest.mark.parametrize(
        ("broken", "words", "status"),
        [
            (False, (), 1),
            (True, (), 1),
            (True, ("--strict",), 2),
            (False, ("--distro", "almalinux:8"), 3),
            (True, ("--distro", "almalinux:8"), 3),
            (True, ("--distro", "almalinux:8", "--strict"), 2),
        ],
    )
    @pytest.mark.parametrize("command", ["match", "fix", "verify"])
    def test_precedence(
        self,
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
        command: str,
        broken: bool,
        words: tuple[str, ...],
        status: int,
    ) -> None:
        listing, feed, baseline = (tmp_path / name for name in ("list", "feed.json", "before.json"))
        feed.write_text(json.dumps(FEED))
        listing.write_text(LIST.replace("bash", "zsh"))
        inputs = ["--inventory", str(listing), "--feed", str(feed)]
        assert cli.main(["match", *inputs, "--format", "json"]) == 0
        baseline.write_text(capsys.readouterr().out)
        listing.write_text(LIST + "zsh-5.8-9.el9.x86_64\n" + "a broken line\n" * broken)
        own = {"match": ["--fail-on", "high"], "fix": [], "verify": ["--baseline", str(baseline), "--fail-on", "high"]}[
            command
        ]
        expected = 0 if command == "fix" and status == 1 else status
        assert cli.main([command, *inputs, *own, *words]) == expected
        out, err = capsys.readouterr()
        is_covered = "almalinux:8" not in words
        assert ("NOT COVERED" in err) == (not is_covered)
        assert ("--strict makes that an error" in err) == (status == 2)
        assert bool(out) == (is_covered or command != "fix"), "there is no plan for what was not compared"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("document=5", 5), ("document=2K", 2048), ("archive=3g", 3 << 30), ("members=0", 0), ("lines=7M", 7 << 20)],
)
def test_a_limit(text: str, expected: int) -> None:
    options = parser_of_commands(["lint"]).parse_args(["lint", "x", "--limit", text])
    assert options.limit == [(text.partition("=")[0], expected)]
    assert getattr(limits_of(options), options.limit[0][0]) == expected


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("documents=5", "unknown limit 'documents'"),
        ("document", "document takes a number, such as document=2000 or document=2G, not ''"),
        ("document=", "not ''"),
        ("document=-1", "not '-1'"),
        ("document=1.5", "not '1.5'"),
        ("document=1GG", "not '1GG'"),
        ("document=\u0661", "not '\\u0661'"),
        ("document=" + "9" * 5000, "document takes a number"),
    ],
)
def test_no_limit(text: str, why: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        parser_of_commands(["lint"]).parse_args(["lint", "x", "--limit", text])
    assert left.value.code == 2
    assert why in capsys.readouterr().err


@pytest.mark.parametrize("command", ["match", "fix", "verify", "explain", "compile", "lint"])
def test_every_command_that_reads_has_limits(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parser_of_commands([command]).parse_args([command, "--help"])
    assert "--limit NAME=NUMBER" in capsys.readouterr().out


def test_a_limit_that_is_exceeded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    listing, feed = tmp_path / "list", tmp_path / "feed.json"
    listing.write_text("# os-release ID=almalinux VERSION_ID=9.4\nbash-5.1.8-4.el9.x86_64\n")
    feed.write_text('{"id": "ALSA-1", "affected": []}')
    inputs = ["--inventory", str(listing), "--feed", str(feed)]
    for limit, what in (("inventory=20", listing), ("lines=1", listing), ("document=9", feed)):
        assert cli.main(["match", *inputs, "--limit", limit]) == 2
        name = limit.partition("=")[0]
        err = capsys.readouterr().err
        assert f"advisories: {what}: " in err
        assert f"(--limit {name}=NUMBER allows more)" in err


@pytest.mark.parametrize("option", ["--package", "--advisory"])
def test_an_empty_choice_is_none(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A pipeline's variable that nobody has set."""
    with pytest.raises(SystemExit) as left:
        cli.main(["match", "list", "--feed", "feed", option, ""])
    assert left.value.code == 2
    assert "it is empty: give a value, or leave the option out" in capsys.readouterr().err
