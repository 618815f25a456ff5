"""An error ends in the next step: what was meant, or what you can do."""

import os
import re
import zipfile
from pathlib import Path

import pytest

from advisories import compile_store
from advisories.cli import main
from advisories.cli.next_steps import next_step
from advisories.models.errors import DamagedStore, ForeignBaseline, UnknownFormat, UnreadableBaseline, UnreadableSource

MISSING = "No such file or directory"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "packages.tsv").touch()
    (tmp_path / "feeds" / "almalinux").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("path", "step"),
    [("package.tsv", "Did you mean packages.tsv?"), ("./pakages.tsv", "Did you mean ./packages.tsv?"),
     ("feeds/alma", "Did you mean feeds/almalinux?"), ("feeds/zzz", "There is no zzz in feeds"),
     ("feed/almalinux", "Did you mean feeds?"), ("feeds/zzz/more/x", "There is no zzz in feeds"),
     ("/zzzz/none", "There is no zzzz in /"), ("", None), ("-", None)],
)  # fmt: skip
def test_what_is_missing(path: str, step: str | None) -> None:
    found = next_step(UnreadableSource(path, MISSING))
    assert found == step or (step is None and path == "")


def test_a_name_alone(here: Path) -> None:
    assert next_step(UnreadableSource("zzz", MISSING)) == f"There is no zzz in {here}"


def test_of_a_folder_that_nobody_may_read(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(path: str) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "scandir", refused)
    assert next_step(UnreadableSource("zzz", MISSING)) is None


def test_other_errors() -> None:
    assert next_step(UnreadableSource("x", "Permission denied")) == "Run the command as a user who may read it"
    assert next_step(UnreadableSource("x", "Is a directory")) == "Name a file in it"
    assert (
        next_step(UnreadableSource("x", "not a store of advisories"))
        == "advisories compile -o NAME.db x makes one of a feed"
    )
    assert next_step(UnknownFormat("x", "not a package list")) == "Examples: advisories match --help"
    baseline = next_step(UnreadableBaseline("x", "byte 0", "a JSON report of match", "not JSON"))
    assert baseline == "Write one with: advisories match --format json"
    assert next_step(ForeignBaseline("x", "y", "another release")) == "With --force it is verified all the same"
    assert next_step(UnreadableSource("x", "a disk that is broken")) is None
    assert next_step(DamagedStore("x", MISSING)) is None
    assert next_step(ValueError("x")) is None


BUNDLED = Path(__file__).parents[3] / "examples" / "almalinux-9"
FEED, LIST = BUNDLED / "advisories.jsonl", BUNDLED / "host.tsv"


@pytest.mark.parametrize(
    ("words", "step"),
    [
        ((FEED, "--feed", LIST), f"{FEED}: not a package list .*It looks like a feed \\(osv\\), which --feed takes$"),
        (
            (LIST, "--feed", LIST),
            f"{LIST}: not a feed .*It looks like a package list \\(rpm-qa\\), which --inventory takes$",
        ),
        (("feed.zip", "--feed", FEED), "an archive; .*It looks like a feed \\(osv\\), which --feed takes$"),
        (
            ("list.zip", "--feed", FEED),
            "an archive; extract the package list from it. Examples: advisories match --help$",
        ),
        (("feed.db", "--feed", FEED), "no table Packages. It is a store of advisories, which --feed takes$"),
        (("report.json", "--feed", FEED), "It is a report of advisories match, which .* verify --baseline take$"),
        ((LIST, "--feed", "report.json"), "It is a report of advisories match, which .* verify --baseline take$"),
        ((LIST, "--feed", "vex.json"), "It looks like openvex, which --ignore takes$"),
        ((LIST, "--feed", FEED, "--ignore", FEED), "It looks like a feed \\(osv\\), which --feed takes$"),
        (("os-release", "--feed", FEED), "not a package list of a known format; .*Examples: advisories match --help$"),
        ((LIST, "--feed", "notes"), "not a feed of a known format; .*Examples: advisories match --help$"),
        ((LIST, "--feed", "empty"), "empty: the file is empty$"),
        ((LIST, FEED), f"unrecognized arguments: {FEED}. A feed is given by --feed. See: advisories match --help$"),
    ],
)
def test_a_file_in_the_place_of_another(
    words: tuple[object, ...],
    step: str,
    here: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for file in (FEED, LIST):
        with zipfile.ZipFile(here / ("feed.zip" if file is FEED else "list.zip"), "w") as archive:
            archive.write(file, file.name)
    compile_store([FEED], here / "feed.db")
    (here / "report.json").write_text('{"schema": "advisories/report/3"}')
    (here / "vex.json").write_text('{"@context": "https://openvex.dev/ns/v0.2.0", "statements": []}')
    (here / "notes").write_text("What I have to do\n")
    (here / "empty").touch()
    (here / "os-release").write_text('NAME="Debian GNU/Linux"\nID=debian\n')
    try:
        status = main(["match", *map(str, words)])
    except SystemExit as ended:
        status = ended.code
    assert status == 2
    assert re.search(step, capsys.readouterr().err.rstrip("\n"))
