"""The command ``advisories list``: what it prints, where, and what it ends with."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from advisories import cli, read_inventory

LIST = (
    "# os-release ID=almalinux VERSION_ID=9.4\n"
    "bash\t(none)\t5.1.8\t4.el9\tx86_64\tbash-5.1.8-4.el9.src.rpm\tAlmaLinux\n"
)
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """A function that runs the command in a folder with a list."""
    monkeypatch.chdir(tmp_path)
    Path("packages.txt").write_text(LIST)

    def run(*words: str) -> tuple[int, str, str]:
        return (cli.main(["list", *words]), *capsys.readouterr())

    return run


def test_without_a_terminal_it_is_a_table_that_is_read_back(run: Run) -> None:
    status, out, err = run("packages.txt")
    assert (status, err) == (0, "")
    Path("again.tsv").write_text(out)
    assert read_inventory("again.tsv").packages == read_inventory("packages.txt").packages
    assert run("again.tsv")[1] == out


def test_on_a_terminal_it_is_text(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("advisories.cli.list.is_terminal", lambda: True)
    out = run("packages.txt")[1]
    assert out.splitlines() == [
        "packages.txt: 1 package of almalinux 9.4",
        "",
        "NAME  VERSION      ARCH    TYPE",
        "bash  5.1.8-4.el9  x86_64  rpm",
    ]


def test_several_formats_of_one_run(run: Run) -> None:
    status, out, err = run("packages.txt", "-o", "cyclonedx=a.json", "-o", "spdx=b.json", "-o", "purls=-")
    assert (status, err) == (0, "advisories: purls: it has no vendors (1 package)\n")
    assert out.startswith("pkg:rpm/almalinux/bash@5.1.8-4.el9?")
    assert json.loads(Path("a.json").read_text())["bomFormat"] == "CycloneDX"
    assert json.loads(Path("b.json").read_text())["spdxVersion"] == "SPDX-2.3"


def test_what_others_call_a_format(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    for word, meant in (("json", "syft"), ("cyclonedx-json", "cyclonedx"), ("spdx-json", "spdx"), ("table", "text")):
        with pytest.raises(SystemExit) as raised:
            run("packages.txt", "--format", word)
        assert raised.value.code == 2
        assert f"unknown format '{word}': did you mean {meant}?" in capsys.readouterr().err


def test_a_list_that_was_read_in_part(run: Run) -> None:
    Path("packages.txt").write_text(f"{LIST}what is this\n")
    status, out, err = run("packages.txt")
    assert status == 0
    assert "packages.txt: line 3: what is this" in err
    assert run("packages.txt", "--strict")[0] == 2
    Path("again.tsv").write_text(out)
    status, again, err = run("again.tsv", "--strict")
    assert (status, again) == (2, out)
    assert "packages.txt: line 3: what is this" in err


def test_options_state_what_a_list_does_not_show(run: Run) -> None:
    words = ("packages.txt", "--distro", "rhel:8.4+eus", "--running-kernel", "4.18.0-305.el8.x86_64")
    Path("again.tsv").write_text(run(*words)[1])
    found = read_inventory("again.tsv")
    assert str(found.distribution) == "rhel 8.4 {eus}"
    assert (found.distribution_source, found.running_kernel) == ("--distro", "4.18.0-305.el8.x86_64")


def test_the_moment_is_that_of_the_environment(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    first = run("packages.txt", "--format", "cyclonedx")[1]
    assert json.loads(first)["metadata"]["timestamp"] == "2026-01-01T00:00:00Z"
    assert run("packages.txt", "--format", "cyclonedx")[1] == first
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "soon")
    status, out, err = run("packages.txt")
    assert (status, out) == (2, "")
    assert "SOURCE_DATE_EPOCH: 'soon' is no number of seconds" in err


def test_no_output_takes_the_place_of_an_input(run: Run) -> None:
    status, _, err = run("packages.txt", "-o", "tsv=packages.txt")
    assert status == 2
    assert "it would take the place of an input" in err
    assert Path("packages.txt").read_text() == LIST
