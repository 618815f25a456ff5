"""Options from the environment and from configuration files, and the ignore file that is found by itself."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from advisories import cli

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
CONFIG = 'feed = ["feed.json"]\ninventory = "list"\n'
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """A function that runs a command in a folder below one with a list, a feed and a configuration."""
    (tmp_path / "below").mkdir()
    (tmp_path / "list").write_text(LIST)
    (tmp_path / "feed.json").write_text(json.dumps(RECORD))
    monkeypatch.chdir(tmp_path / "below")

    def run(*words: str, config: str = CONFIG, name: str = "advisories.toml", **variables: str) -> tuple[int, str, str]:
        (tmp_path / name).write_text(config)
        with monkeypatch.context() as patch:
            for variable, value in variables.items():
                patch.setenv(f"ADVISORIES_{variable}", value)
            status = cli.main(list(words))
        out, err = capsys.readouterr()
        return status, out, err

    return run


def test_a_file_above_the_working_folder(run: Run) -> None:
    status, out, err = run("match")
    assert (status, err) == (0, "advisories: options from ../advisories.toml\n")
    assert out.startswith("../list: 1 package of almalinux 9.4")
    assert run("match", "-q")[2] == ""


def test_a_project_file(run: Run) -> None:
    inside = "[tool.other]\nx = 1\n[tool.advisories]\n" + CONFIG
    status, _, err = run("match", config=inside, name="pyproject.toml")
    assert (status, err) == (0, "advisories: options from ../pyproject.toml\n")


@pytest.mark.parametrize(
    "inside",
    [
        "[tool]\nadvisories = {0}\n",
        "[tool]\nadvisories.{1}\nadvisories.{2}\nadvisories.{3}\n",
        "[tool . 'advisories']\n{1}\n{2}\n{3}\n",
        "tool.advisories = {0}\n",
        '[tool."\\u0061dvisories"]\n{1}\n{2}\n{3}\n',
    ],
)
def test_a_table_of_a_project_however_it_is_written(run: Run, inside: str) -> None:
    """A gate stood in it, and was passed over."""
    pairs = [*CONFIG.splitlines(), 'fail-on = "high"']
    text = inside.format(f"{{ {', '.join(pairs)} }}", *pairs)
    assert run("match", "-q", config=text, name="pyproject.toml")[0] == 1


@pytest.mark.parametrize(
    ("inside", "where"),
    [
        ("[tool]\nadvisories = 3\n", "line 2: tool.advisories is no table of options"),
        ("[[tool.advisories]]\nx = 1\n", "line 1: tool.advisories is no table of options"),
        ("[tool.advisories]\nfailon = 1\n", "line 2: no command has an option failon: did you mean fail-on?"),
        ("[tool.advisories.match]\nfailon = 1\n", "line 2: match has no option failon: did you mean fail-on?"),
        ("[tool.advisories.match.deep]\nx = 1\n", "line 1: deep takes a text"),
    ],
)
@pytest.mark.parametrize("command", ["match", "config"])
def test_what_is_wrong_in_a_project(run: Run, inside: str, where: str, command: str) -> None:
    status, out, err = run(command, config=inside, name="pyproject.toml")
    assert (status, out) == (2, "")
    assert err.startswith(f"advisories: ../pyproject.toml, {where}"), err


def test_two_configurations_of_one_folder(run: Run, tmp_path: Path) -> None:
    """The gate stood in the one that did not count."""
    (tmp_path / "pyproject.toml").write_text('[tool.advisories]\nfail-on = "high"\n')
    status, out, err = run("match")
    assert (status, out) == (2, "")
    assert "../advisories.toml: tool.advisories of pyproject.toml beside it. Keep one of them" in err
    (tmp_path / "pyproject.toml").write_text("[tool.other]\nx = 1\n# advisories\n")
    assert run("match")[0] == 0


@pytest.mark.parametrize("inside", ["# advisories\ntool = 3\n", "# advisories\n[[tool]]\nx = 1\n"])
def test_a_project_without_the_table(run: Run, inside: str) -> None:
    assert run("config", "--changed", config=inside, name="pyproject.toml") == (0, "configuration file: none\n", "")


def test_a_project_file_that_cannot_be_read_may_have_a_gate(run: Run) -> None:
    status, out, err = run("match", config='[tool.advisories]\nfail-on = "high\n', name="pyproject.toml")
    assert (status, out) == (2, "")
    assert err.startswith("advisories: ../pyproject.toml, line 2: not TOML: Illegal character")


@pytest.mark.parametrize("name", ["advisories.toml", ".advisories-ignore.toml"])
def test_what_is_found_by_itself_is_not_written_over(run: Run, tmp_path: Path, name: str) -> None:
    (tmp_path / ".advisories-ignore.toml").write_text("# none\n")
    (tmp_path / "advisories.toml").write_text(CONFIG)
    before = (tmp_path / name).read_text()
    status, _, err = run("match", "-o", f"json=../{name}")
    assert status == 2
    assert "it would take the place of an input" in err
    assert (tmp_path / name).read_text() == before


def test_one_wins_over_the_other(run: Run) -> None:
    config = CONFIG + '[match]\nfail-on = "low"\n'
    assert run("match", config=config)[0] == 1
    only_low = {"PRIORITY": "low"}
    assert run("match", config=config, **only_low)[0] == 0
    assert run("match", "--priority", "high", config=config, **only_low)[0] == 1
    assert run("match", "--fail-on", "high", config=CONFIG, UNKNOWN_PRIORITY="low")[0] == 1
    # The plan has no such gate.
    assert run("fix", config=config)[0] == 0


def test_a_repeatable_option_comes_from_one_place(run: Run) -> None:
    config = CONFIG + 'package = ["zsh"]\n'
    assert "0 findings" in run("match", "--format", "table", config=config)[1]
    assert "1 finding " in run("match", "--format", "table", config=config, PACKAGE="zsh,bash")[1]
    assert "1 finding " in run("match", "--format", "table", "--package", "bash", config=config, PACKAGE="zsh")[1]


def test_options_that_exclude_each_other(run: Run, tmp_path: Path) -> None:
    assert run("match", "--inventory", str(tmp_path / "list"), config='host = true\nfeed = ["feed.json"]\n')[0] == 0
    status, _, err = run("match", config=CONFIG + "host = true\n")
    assert status == 2
    assert "host and inventory exclude each other" in err


def test_the_environment_wins_over_what_the_file_has_instead(run: Run, tmp_path: Path) -> None:
    """A list that the pipeline names, where the file has this machine: each excludes the other."""
    config = 'host = true\nfeed = ["feed.json"]\n'
    status, out, _ = run("match", config=config, INVENTORY=str(tmp_path / "list"))
    assert (status, out.split(": ")[0]) == (0, str(tmp_path / "list"))
    assert "host =" not in run("config", "--changed", config=config, INVENTORY="x")[1]
    assert run("match", config=CONFIG, INVENTORY="x", HOST="1")[0] == 2
    assert "inventory = 0  (ADVISORIES_INVENTORY)" in run("config", config=config, INVENTORY="0")[1]
    assert run("config", config=CONFIG + "host = true\n")[0] == 2


def test_values_of_every_type(run: Run) -> None:
    more = 'pkg-types = ["os", "pypi"]\non = 2026-08-01\nfail-on-not-covered = 2.5\nmax-feed-age = 7\n'
    status, out, _ = run("config", "--changed", config=CONFIG + more, ACCEPT="epoch-unknown,\n rebuild\n")
    assert status == 0
    assert {line.partition("  (")[0] for line in out.splitlines()} >= {
        "pkg-types = os, pypi",
        "on = 2026-08-01",
        "fail-on-not-covered = 2.5",
        "max-feed-age = 7",
        "accept = epoch-unknown, rebuild",
    }


def test_reports_are_written_beside_the_file(run: Run, tmp_path: Path) -> None:
    """As every path of the file is taken from its folder."""
    (tmp_path / "form").write_text("{{ 1 }} packages\n")
    more = 'output = ["json=report.json", "template:form=report.txt"]\n'
    assert run("match", config=CONFIG + more)[:2] == (0, "")
    assert json.loads((tmp_path / "report.json").read_text())["coverage"]["packages"] == 1
    assert "packages" in (tmp_path / "report.txt").read_text()
    assert run("compile", "../feed.json", config='[compile]\noutput = "feed.db"\n')[0] == 0
    assert (tmp_path / "feed.db").exists()


@pytest.mark.parametrize(
    ("config", "why"),
    [
        ("failon = 1\n", "../advisories.toml, line 1: no command has an option failon: did you mean fail-on?"),
        ("\n[match]\nx = 1\n", "../advisories.toml, line 3: match has no option x"),
        ("[mtach]\nfeed = []\n", "../advisories.toml, line 2: there is no command mtach"),
        ("[mtach]\n", "../advisories.toml: there is no command mtach"),
        ('[match]\nstrict = "perhaps"\n', "../advisories.toml, line 2: --strict is true or false, not 'perhaps'"),
        (
            "strict = 1.5\n",
            "../advisories.toml, line 1: --strict is true or false, not '1.5'",
        ),
        ("feed = [{}]\n", "../advisories.toml, line 1: feed takes a text, a number, a day, true, false, or"),
        ("on = 2026-08-01T00:00:00\n", "../advisories.toml, line 1: on takes a text, a number, a day, true, false, or"),
        ('inventory = ""\n', "../advisories.toml, line 1: inventory is empty. Give a path, or leave it out"),
        ('\nfeed = ["a", ""]\n', "../advisories.toml, line 2: feed is empty. Give a path, or leave it out"),
        ('package = [""]\n', "../advisories.toml, line 1: --package: it is empty"),
        ("[fail-on]\nx = 1\n", "../advisories.toml, line 2: there is no command fail-on"),
        ('fail-on = ["high"]\n', "../advisories.toml, line 1: --fail-on takes one value, not ['high']"),
        ("fail-on = true\n", "../advisories.toml, line 1: --fail-on takes one value, not True"),
        ('fail-on = "hgh"\n', "../advisories.toml, line 1: --fail-on: unknown priority 'hgh'"),
        ("x = ", "../advisories.toml, line 1: not TOML: Invalid value"),
        ("#" * (1 << 24) + "\n", "../advisories.toml: longer than 16777216 bytes"),
        ("x = 1\nx = 2\n", "../advisories.toml, line 2: not TOML: Cannot overwrite a value"),
        (f"\nwidth = {'9' * 5000}\n", "../advisories.toml, line 2: not TOML: a number of thousands of digits"),
        (f"x = {'[' * 100_000}\n", "../advisories.toml, line 1: nested too deeply"),
        (f"{'a.' * 20_000}a = 1\n", "../advisories.toml, line 1: a key of more than 100 parts"),
        ('cache = "a\\u0000b"\n', "../advisories.toml, line 1: cache has a NUL"),
        ('\n[match]\noutput = ["json=a\\u0000b"]\n', "../advisories.toml, line 3: output has a NUL"),
    ],
)
def test_what_is_wrong_in_a_file_has_a_line(run: Run, tmp_path: Path, config: str, why: str) -> None:
    words = ("--inventory", str(tmp_path / "list"), "--feed", str(tmp_path / "feed.json"))
    status, out, err = run("match", *words, config=config)
    assert (status, out) == (2, "")
    assert err.startswith(f"advisories: {why}"), err


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (f"[tool.other]\nx = {'9' * 5000}\n[tool.advisories]\n", "line 2: not TOML: a number of thousands of digits"),
        (f"[tool.advisories]\nx = {'[' * 100_000}\n", "line 1: nested too deeply"),
        (f"[tool.advisories]\n[tool.{'a.' * 20_000}a]\n", "line 1: a key of more than 100 parts"),
    ],
)
def test_a_project_file_that_nobody_writes(run: Run, text: str, why: str) -> None:
    """It is an error with its place, in time that its length allows."""
    status, out, err = run("config", "match", config=text, name="pyproject.toml")
    assert (status, out) == (2, "")
    assert err.startswith(f"advisories: ../pyproject.toml, {why}"), err


def test_many_numbers_in_a_line_of_a_project_file_are_no_key(run: Run) -> None:
    text = f"[tool.other]\nx = [{', '.join(['1.5'] * 500)}]\n[tool.advisories]\n{CONFIG}"
    assert run("match", config=text, name="pyproject.toml")[0] == 0


@pytest.mark.parametrize("target", ["pyproject.toml", "/nowhere/pyproject.toml", "/dev/zero"])
def test_a_project_file_that_leads_to_no_file(run: Run, tmp_path: Path, target: str) -> None:
    """A gate may stand in what cannot be read."""
    (tmp_path / "pyproject.toml").symlink_to(target)
    (tmp_path / "advisories.toml").unlink(missing_ok=True)
    status, out, err = run("config", "match", name="elsewhere.toml")
    assert (status, out) == (2, "")
    assert err == "advisories: ../pyproject.toml: no file that can be read. Repair or remove it\n"


def test_a_variable_that_is_no_option(run: Run) -> None:
    status, out, err = run("match", FAILON="high")
    assert (status, out) == (2, "")
    assert err == "advisories: ADVISORIES_FAILON: no command has an option failon: did you mean fail-on?\n"
    assert run("match", DEBUG="1", FAIL_ON="", STRICT="")[0] == 0
    assert "--strict is true or false" in run("match", STRICT="perhaps")[2]


def test_the_options_that_hold(run: Run) -> None:
    status, out, _ = run("config", "match", "--changed", FAIL_ON="low")
    assert status == 0
    assert out.splitlines() == [
        "configuration file: ../advisories.toml",
        "inventory = ../list  (../advisories.toml, line 2)",
        "feed = ../feed.json  (../advisories.toml, line 1)",
        "fail-on = low  (ADVISORIES_FAIL_ON)",
    ]
    assert "strict = false  (usual)" in run("config")[1].splitlines()


def test_an_ignore_file_is_found(run: Run, tmp_path: Path) -> None:
    rule = '[[ignore]]\nid = "CVE-2024-1000"\nreason = "not reachable"\n'
    (tmp_path / ".advisories-ignore.toml").write_text(rule)
    status, out, err = run("match", "--fail-on", "high")
    assert status == 0
    assert "suppressed: 1 finding" in out
    assert "advisories: ignore rules from ../.advisories-ignore.toml\n" in err
    # Another one, or none by choice, and it is not used.
    (tmp_path / "none.toml").write_text("# none\n")
    assert run("match", "--fail-on", "high", "--ignore", str(tmp_path / "none.toml"))[0] == 1
    assert run("match", "--fail-on", "high", config=CONFIG + "ignore = []\n")[0] == 1
    assert "ignore = ../.advisories-ignore.toml" in run("config")[1]


@pytest.mark.parametrize("name", ["advisories.toml", ".advisories-ignore.toml"])
@pytest.mark.parametrize("what", ["folder", "link"])
def test_what_has_the_name_and_is_no_file(run: Run, tmp_path: Path, name: str, what: str) -> None:
    """A gate may have stood in it."""
    path = tmp_path / "below" / name
    if what == "folder":
        path.mkdir()
    else:
        path.symlink_to("nowhere")
    status, out, err = run("match")
    assert (status, out) == (2, "")
    assert f"{name}: no file that can be read. Repair or remove it" in err


def test_no_colours_in_files(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert run("match", "-o", "table=out.txt")[0] == 0
    assert "\x1b" not in (tmp_path / "below" / "out.txt").read_text()
    assert "\x1b" in run("match", "--format", "table")[1]


class TestWhoseConfiguration:
    """Whoever can put a file where it is looked for chooses the options."""

    @pytest.fixture
    def is_found(self, run: Run) -> Callable[[], bool]:
        def made() -> bool:
            status, _, err = run("match", "--inventory", "../list", "--feed", "../feed.json")
            assert status == 0
            return "options from ../advisories.toml" in err

        assert made()
        return made

    @pytest.mark.parametrize("mark", [".git", ".hg", ".svn", ".jj"])
    def test_the_root_of_a_repository_is_the_last_folder(
        self, is_found: Callable[[], bool], tmp_path: Path, mark: str
    ) -> None:
        (tmp_path / mark).mkdir()
        assert is_found()
        (tmp_path / "below" / mark).write_text("gitdir: elsewhere")
        assert not is_found()

    def test_the_home_is_the_last_folder(
        self, is_found: Callable[[], bool], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HOME", str(tmp_path))
        assert is_found()
        monkeypatch.setenv("HOME", str(tmp_path / "below"))
        assert not is_found()

    def test_a_folder_in_which_anybody_may_write(self, is_found: Callable[[], bool], run: Run, tmp_path: Path) -> None:
        words = ("match", "--inventory", "../list", "--feed", "../feed.json")
        (tmp_path / ".advisories-ignore.toml").write_text('[[ignore]]\nid = "CVE-2024-1"\nreason = "x"\n')
        assert "ignore rules from" in run(*words)[2]
        tmp_path.chmod(0o1777)
        # It is yours, so you took it for the one that holds: a gate in it would be lost.
        status, _, err = run(*words)
        assert status == 2
        assert "../advisories.toml: anybody may write in a folder above the working folder" in err
        (tmp_path / "advisories.toml").unlink()
        status, _, err = run(*words, name="other.toml")
        assert (status, "ignore rules from" in err) == (0, False)

    @pytest.mark.parametrize(("name", "inside"), [("advisories.toml", ""), ("pyproject.toml", "[tool.advisories]\n")])
    def test_a_repository_as_runners_check_it_out(
        self, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, inside: str
    ) -> None:
        (tmp_path / ".git").mkdir()
        words = ("match", "--inventory", str(tmp_path / "list"), "--feed", str(tmp_path / "feed.json"))
        for folder in (tmp_path, tmp_path / "below", deep := tmp_path / "below" / "deep"):
            folder.mkdir(exist_ok=True)
            folder.chmod(0o777)
        monkeypatch.chdir(deep)
        status, out, err = run(*words, name=name, config=inside)
        assert (status, out) == (2, "")
        assert f"../../{name}: anybody may write in a folder above the working folder" in err
        monkeypatch.chdir(tmp_path)
        assert f"options from {name}" in run(*words, name=name, config=inside)[2]

    @pytest.mark.skipif(os.geteuid() != 0, reason="gives files to other users")
    def test_a_stranger_stops_nobody(self, is_found: Callable[[], bool], tmp_path: Path) -> None:
        tmp_path.chmod(0o1777)
        os.chown(tmp_path / "advisories.toml", 4321, 4321)
        assert not is_found()

    @pytest.mark.skipif(os.geteuid() != 0, reason="gives files to other users")
    def test_a_folder_of_another_user(self, is_found: Callable[[], bool], tmp_path: Path) -> None:
        os.chown(tmp_path, 4321, 4321)
        assert not is_found()
        # The same user's as the working folder, as in a container whose files are mounted.
        os.chown(tmp_path / "below", 4321, 4321)
        assert is_found()

    @pytest.mark.skipif(os.geteuid() != 0, reason="gives files to other users")
    @pytest.mark.parametrize(
        ("name", "inside"),
        [
            ("advisories.toml", ""),
            ("pyproject.toml", "[tool.advisories]\n"),
            (".advisories-ignore.toml", '[[ignore]]\nid = "CVE-2024-1"\nreason = "x"\n'),
        ],
    )
    def test_a_file_of_another_user(
        self,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        name: str,
        inside: str,
    ) -> None:
        (tmp_path / "list").write_text(LIST)
        (tmp_path / "feed.json").write_text(json.dumps(RECORD))
        (tmp_path / name).write_text(inside)
        monkeypatch.chdir(tmp_path)
        words = ["match", "--inventory", "list", "--feed", "feed.json"]
        assert cli.main(words) == 0
        os.chown(tmp_path / name, 4321, 4321)
        capsys.readouterr()
        assert cli.main(words) == 2
        assert f"{name}: it belongs to another user (4321)" in capsys.readouterr().err
        # Its owner may write in the folder, so nobody else put it there.
        os.chown(tmp_path, 4321, 4321)
        assert cli.main(words) == 0
        tmp_path.chmod(0o1777)
        assert cli.main(words) == 2


def test_an_empty_variable_that_would_be_a_gate_is_named(run: Run) -> None:
    status, _, err = run("match", "-q", FAIL_ON="", TARGET="")
    assert (status, err) == (0, "advisories: ADVISORIES_FAIL_ON is empty, so --fail-on is not set\n")
