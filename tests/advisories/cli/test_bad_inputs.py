"""What stands where an input is expected and is none: in every place of every command that names one."""

import json
import os
import shutil
import threading
import time
from pathlib import Path

import pytest

from advisories import cli

LIST = "# os-release ID=almalinux VERSION_ID=9.4\nbash-0:5.1.8-4.el9.x86_64\n"
STATUS = "Package: bash\nStatus: install ok installed\nVersion: 5.1-2\nArchitecture: amd64\n"


def record(number: int, ecosystem: str = "AlmaLinux:9", fixed: str = "5.1.8-6.el9") -> str:
    ranges = [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": fixed}]}]
    affected = [{"package": {"ecosystem": ecosystem, "name": "bash"}, "ranges": ranges}]
    return json.dumps({"id": f"ALSA-2024:{number}", "upstream": [f"CVE-2024-{number}"], "affected": affected}) + "\n"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one good input of each kind, which is the working folder."""
    monkeypatch.chdir(tmp_path)
    Path("list").write_text(LIST)
    Path("feed").write_text(record(1000))
    Path("rules").write_text('[[ignore]]\nid = "CVE-2024-1000"\nreason = "not reached"\n')
    assert cli.main(["compile", "feed", "-o", "store"]) == 0
    return tmp_path


def report_of(capsys: pytest.CaptureFixture[str], words: str) -> tuple[int, str, str]:
    capsys.readouterr()
    return cli.main(words.split()), *capsys.readouterr()


#: Each place of an input, as X.
PLACES = [
    "match --inventory X --feed feed",
    "match --inventory list --feed X",
    "match --inventory list --feed feed --feed X",
    "match --inventory list --feed feed --ignore X",
    "match --inventory list --feed feed --sources X",
    "fix --inventory list --feed feed --available X",
    "verify --inventory list --feed feed --baseline X",
    "explain bash CVE-2024-1000 --inventory list --feed X",
    "compile X -o new",
    "lint X",
    "check X",
]


@pytest.mark.parametrize("words", PLACES)
@pytest.mark.parametrize("device", ["/dev/zero", "/dev/full", "/dev/urandom", "/dev/null"])
def test_devices(place: Path, capsys: pytest.CaptureFixture[str], words: str, device: str) -> None:
    """A device without an end is an error at the limit, and an empty one is an error, or says nothing."""
    limits = "" if words.startswith("check") else " --limit document=1M --limit inventory=1M"
    status, out, err = report_of(capsys, words.replace("X", device) + limits)
    if device == "/dev/null" and "--ignore" in words:
        assert (status, err) == (0, "")  # no rules
        return
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert err.startswith(f"advisories: {device}: ")
    assert not (place / "new").exists()


@pytest.mark.parametrize("words", PLACES)
def test_sockets_and_loops(place: Path, capsys: pytest.CaptureFixture[str], words: str) -> None:
    Path("loop").symlink_to("loop")
    Path("gone").symlink_to("nowhere")
    for name in ("loop", "gone", "list/inside", "x" * 300):
        status, out, err = report_of(capsys, words.replace("X", name))
        assert (status, out, err.count("\n")) == (2, "", 1)
        assert err.startswith(f"advisories: {name}: ")


def test_a_folder_that_contains_itself(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("plain/sub", "around/sub"):
        Path(name).mkdir(parents=True)
        shutil.copy("feed", f"{name}/feed.json")
    for link, target in {
        "self": ".",
        "sub/up": "..",
        "sub/far": "../../around/sub",
        "sub/absolute": str(place),
    }.items():
        Path("around", link).symlink_to(target)
    plain = report_of(capsys, "match --inventory list --feed plain --format json")
    around = report_of(capsys, "match --inventory list --feed around --format json")
    assert json.loads(around[1])["findings"] == json.loads(plain[1])["findings"]
    assert around[0] == plain[0] == 0
    assert "skipped (4): a link to a folder" in report_of(capsys, "lint around")[1]


def test_a_root_that_contains_itself(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("feed").write_text(record(1000, "Debian:12", "5.2-1"))
    for root in ("plain", "around"):
        for name, text in {"etc/os-release": "ID=debian\nVERSION_ID=12\n", "var/lib/dpkg/status": STATUS}.items():
            Path(root, name).parent.mkdir(parents=True)
            Path(root, name).write_text(text)
    Path("around/root").symlink_to("/")
    Path("around/var/lib/dpkg/info").symlink_to("..")
    Path("around/etc/etc").symlink_to(".")
    found = [
        json.loads(report_of(capsys, f"match --inventory {root} --feed feed --format json")[1])
        for root in ("plain", "around")
    ]
    for one in found:
        for finding in one["findings"]:
            del finding["locations"]
    assert found[0]["findings"] == found[1]["findings"] != []


@pytest.mark.parametrize("words", ["lint X", "match --inventory list --feed X", "match --inventory X --feed feed"])
def test_a_file_that_grows_while_it_is_read(place: Path, capsys: pytest.CaptureFixture[str], words: str) -> None:
    """It ends: as a whole that once stood there, or an error where its last line is cut."""
    is_list = "--inventory X" in words
    path, may_end = Path("growing"), threading.Event()
    path.write_text(LIST if is_list else record(1))

    def grow() -> None:
        with path.open("a") as file:
            number = 2
            while not may_end.is_set() and number < 20_000:
                file.write(f"name{number}-0:1-1.x86_64\n" if is_list else record(number))
                file.flush()
                number += 1
                time.sleep(0.0002)

    writer = threading.Thread(target=grow)
    writer.start()
    try:
        for _ in range(4):
            status, out, err = report_of(capsys, words.replace("X", "growing"))
            assert status in (0, 2)
            assert out or err
    finally:
        may_end.set()
        writer.join()


NAMES = [b"\xff", b"a\xe9b", b"\xed\xa0\x80", b"l\n\x1b[2J", "é\u202e\u0130".encode()]


@pytest.mark.parametrize("raw", NAMES)
def test_names_that_are_no_text(place: Path, capsys: pytest.CaptureFixture[str], raw: bytes) -> None:
    """In each place they are read as any, and nothing that is printed is unseen or no text."""
    name = os.fsdecode(raw)
    Path("old").write_text(report_of(capsys, "match --inventory list --feed feed --format json")[1])
    row = "bash\t(none)\t5.1.8\t4.el9\tx86_64\tbash-5.1.8-4.el9.src.rpm\t(none)\t(none)\n"
    Path("index").write_text(f"# os-release ID=almalinux VERSION_ID=9.4\n{row}")
    good = {
        "inventory": "list",
        "feed": "feed",
        "ignore": "rules",
        "baseline": "old",
        "sources": "index",
        "available": "list",
    }
    for words in PLACES:
        line = words.split()
        at = line.index("X")
        option = line[at - 1].removeprefix("--")
        shutil.copy("store" if words.startswith("check") else good.get(option, "feed"), name)
        for format in ("text", "json"):
            if words.startswith(("explain", "check", "compile")) and format == "json":
                continue
            capsys.readouterr()
            more = [] if format == "text" else ["--format", "json"]
            status = cli.main([*line[:at], name, *line[at + 1 :], *more])
            out, err = capsys.readouterr()
            assert status == 0, (words, err)
            assert all(c == "\n" or c.isprintable() for c in out + err), words
            (out + err).encode()
        Path(name).unlink()
        Path("new").unlink(missing_ok=True)
        capsys.readouterr()
        assert cli.main([*line[:at], name, *line[at + 1 :]]) == 2
        err = capsys.readouterr().err
        assert err.count("\n") == 1
        assert all(c == "\n" or c.isprintable() for c in err)


def test_names_that_are_no_text_in_folders(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("folder").mkdir()
    for number, raw in enumerate(NAMES):
        Path(os.fsdecode(b"folder/" + raw + b".json")).write_text(record(number))
        Path(os.fsdecode(b"folder/" + raw + b".bad.json")).write_text("{")
    status, out, err = report_of(capsys, "match --inventory list --feed folder --format json")
    assert status == 0
    assert len(json.loads(out)["findings"]) == len(NAMES)
    assert err.count("\n") == len(NAMES)
    assert all(c == "\n" or c.isprintable() for c in err)
