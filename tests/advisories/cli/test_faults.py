"""Every call that reads an input or writes an output may fail: each one is made to, in every command."""

import builtins
import errno
import gzip
import io
import json
import os
import shutil
import sqlite3
import struct
import subprocess
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from bundles import bundle_in
from elves import go_program

from advisories import cli
from advisories.cli.entry import _COMMANDS
from advisories.readers.inventories.this_host import this_host
from advisories.sources import folder, openat2
from advisories.sources.limits import DEFAULT_LIMITS

LIST = "# os-release ID=almalinux VERSION_ID=9.4\nbash-0:5.1.8-4.el9.x86_64\n"
RECORD = {
    "id": "ALSA-2024:1000",
    "upstream": ["CVE-2024-1000"],
    "affected": [
        {
            "package": {"ecosystem": "AlmaLinux:9", "name": "bash"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "5.1.8-6.el9"}]}],
        },
    ],
}
DEBIAN = {
    "id": "DSA-1000-1",
    "upstream": ["CVE-2024-1000"],
    "affected": [
        {
            "package": {"ecosystem": "Debian:12", "name": "bash"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "5.2-1"}]}],
        },
    ],
}
VEX = {
    "@context": "https://openvex.dev/ns/v0.2.0",
    "@id": "https://example.com/vex/1",
    "author": "us",
    "timestamp": "2024-01-01T00:00:00Z",
    "version": 1,
    "statements": [
        {
            "vulnerability": {"name": "CVE-2024-1000"},
            "products": [{"@id": "pkg:rpm/almalinux/bash"}],
            "status": "not_affected",
            "justification": "vulnerable_code_not_present",
        },
    ],
}
STATUS = (
    "Package: bash\nStatus: install ok installed\nVersion: 5.1-2\nArchitecture: amd64\nMaintainer: x <x@debian.org>\n"
)
BARE = "# os-release ID=debian VERSION_ID=12\nbash/stable,now 5.1-2 amd64 [installed]\n"
INDEX = "Package: bash\nVersion: 5.1-2\nArchitecture: amd64\n"
IGNORE = '[[ignore]]\nid = "CVE-2024-1000"\nreason = "not reached"\n'


def header(*texts: tuple[int, str]) -> bytes:
    """A header of rpm with texts alone."""
    index, data = b"", b""
    for tag, text in texts:
        index += struct.pack(">IIiI", tag, 6, len(data), 1)
        data += text.encode() + b"\0"
    return struct.pack(">II", len(texts), len(data)) + index + data


#: Packages of languages in a root, one of which belongs to a package of the system.
LANGUAGES = {
    "var/lib/dpkg/info/bash.list": b"/lib/a.dist-info/METADATA\n",
    "lib/a.dist-info/METADATA": b"Name: a\nVersion: 1\n",
    "app/node_modules/b/package.json": b'{"name": "b", "version": "1.0.0"}',
    "bin/c": go_program("go1.22", "mod\tc\tv1.0.0\n"),
}


def rpm_root(root: Path, *, has_log: bool) -> None:
    """A root of AlmaLinux with one package, whose row is in the write-ahead log or in the file itself."""
    (root / "etc").mkdir(parents=True)
    (root / "etc/os-release").write_text("ID=almalinux\nVERSION_ID=9.4\n")
    database = root / "var/lib/rpm/rpmdb.sqlite"
    database.parent.mkdir(parents=True)
    bash = header(
        (1000, "bash"), (1001, "5.1.8"), (1002, "4.el9"), (1022, "x86_64"), (1044, "bash-5.1.8-4.el9.src.rpm")
    )
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        if has_log:
            connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE Packages (hnum INTEGER PRIMARY KEY, blob BLOB NOT NULL)")
        connection.execute("INSERT INTO Packages VALUES (1, ?)", (bash,))
        state = {path: path.read_bytes() for path in database.parent.iterdir() if not path.name.endswith("-shm")}
    for path, data in state.items():
        path.write_bytes(data)


def failure(number: int) -> OSError:
    return OSError(number, os.strerror(number))


def failure_of_sqlite() -> sqlite3.Error:
    return sqlite3.OperationalError("disk I/O error")


ERRORS: dict[str, tuple[Callable[[], BaseException], str | None]] = {
    "EIO": (lambda: failure(errno.EIO), "Input/output error"),
    "ESTALE": (lambda: failure(errno.ESTALE), "Stale file handle"),
    "EACCES": (lambda: failure(errno.EACCES), "Permission denied"),
    "memory": (MemoryError, "there is not enough memory"),
    "recursion": (lambda: RecursionError("too deep"), "the input is nested too deeply"),
    "interruption": (KeyboardInterrupt, None),
}


class Faults:
    """Counts calls of the system, and makes one of them fail.

    :ivar at: the number of the call that fails. None for none.
    :ivar calls: the names of the calls.
    """

    def __init__(self, at: int | None = None, error: Callable[[], BaseException] = MemoryError) -> None:
        self.at = at
        self.error = error
        self.calls: list[str] = []

    def call(self, name: str) -> None:
        self.calls.append(name)
        if len(self.calls) - 1 == self.at:
            raise self.error()


def is_ours(place: Any) -> bool:
    """Whether it is an input or output: argparse looks for translations."""
    return isinstance(place, int) or not os.path.isabs(place) or "/inputs" in os.fsdecode(place)


@contextmanager
def injected(faults: Faults) -> Iterator[None]:
    """Let calls of the system run through these faults."""

    def faulty(function: Callable[..., Any], name: str) -> Callable[..., Any]:
        def call(*arguments: Any, **more: Any) -> Any:
            if is_ours(arguments[0]):
                faults.call(name)
            return function(*arguments, **more)

        return call

    class File(io.FileIO):
        def readinto(self, buffer: Any, /) -> int | None:
            faults.call("read")
            return super().readinto(buffer)

        def readall(self) -> bytes:
            faults.call("read")
            return super().readall()

        def write(self, data: Any, /) -> int | None:
            faults.call("write")
            return super().write(data)

    class Connection(sqlite3.Connection):
        def execute(self, *arguments: Any) -> Any:
            faults.call("sqlite3.execute")
            return super().execute(*arguments)

    usual_open = io.open

    def opened(file: Any, mode: str = "r", buffering: int = -1, *more: Any, **others: Any) -> Any:
        faults.call("open")
        if "b" not in mode:
            return usual_open(file, mode, buffering, *more, **others)
        raw = File(file, mode.replace("b", ""))
        if buffering == 0:
            return raw
        if "+" in mode:
            return io.BufferedRandom(raw)
        return io.BufferedReader(raw) if "r" in mode else io.BufferedWriter(raw)

    def connected(*arguments: Any, **more: Any) -> Any:
        faults.call("sqlite3.connect")
        return usual_connect(*arguments, factory=Connection, **more)

    def listed(command: list[str], **more: Any) -> "subprocess.CompletedProcess[bytes]":
        faults.call("rpm")
        return subprocess.CompletedProcess(command, 0, LIST.encode(), b"")

    usual_connect = sqlite3.connect
    with pytest.MonkeyPatch.context() as patch:
        for name in ("stat", "lstat", "fstat", "scandir", "readlink", "open", "fsync", "replace", "mkdir"):
            patch.setattr(os, name, faulty(getattr(os, name), f"os.{name}"))
        patch.setattr(folder, "open_in_root", faulty(openat2.open_in_root, "openat2"))
        patch.setattr(builtins, "open", opened)
        patch.setattr(io, "open", opened)
        patch.setattr(sqlite3, "connect", connected)
        patch.setattr(subprocess, "run", listed)
        yield


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One input of each kind."""
    at = tmp_path_factory.mktemp("inputs")
    (at / "list").write_text(LIST)
    (at / "list.gz").write_bytes(gzip.compress(LIST.encode()))
    (at / "feed.json").write_text(json.dumps(RECORD))
    (at / "debian.json").write_text(json.dumps(DEBIAN))
    (at / "feed.json.gz").write_bytes(gzip.compress(json.dumps(RECORD).encode()))
    with zipfile.ZipFile(at / "feed.zip", "w") as archive:
        archive.writestr("ALSA-2024-1000.json", json.dumps(RECORD))
    (at / "folder/inner").mkdir(parents=True)
    (at / "folder/inner/ALSA-2024-1000.json").write_text(json.dumps(RECORD))
    (at / "folder/link.json").symlink_to("inner/ALSA-2024-1000.json")
    (at / "ignore.toml").write_text(IGNORE)
    for name, text in {"etc/os-release": "ID=debian\nVERSION_ID=12\n", "var/lib/dpkg/status": STATUS}.items():
        (at / "root" / name).parent.mkdir(parents=True)
        (at / "root" / name).write_text(text)
    (at / "root/usr/lib").mkdir(parents=True)
    shutil.copytree(at / "root", at / "languages-root")
    for name, data in LANGUAGES.items():
        (at / "languages-root" / name).parent.mkdir(parents=True)
        (at / "languages-root" / name).write_bytes(data)
        (at / "languages-root" / name).chmod(0o755)
    rpm_root(at / "rpm-root", has_log=False)
    rpm_root(at / "logged-root", has_log=True)
    (at / "bare").write_text(BARE)
    (at / "Packages").write_text(INDEX)
    (at / "vex.json").write_text(json.dumps(VEX))
    assert cli.main(["compile", str(at / "feed.json"), "-o", str(at / "feed.db")]) == 0
    bundle_in(at, at / "feed.db")
    return at


LINES: dict[str, str] = {
    "match": "match --inventory list --feed feed.json",
    "match of a packed list and feed": "match --inventory list.gz --feed feed.json.gz",
    "match with a store": "match --inventory list --feed feed.db",
    "match with a store and more": "match --inventory list --feed feed.db --feed feed.json",
    "match with an archive": "match --inventory list --feed feed.zip",
    "match with a folder": "match --inventory list --feed folder",
    "match of a root": "match --inventory root --feed debian.json",
    "match of a root, without openat2": "match --inventory root --feed debian.json",
    "match of a root with languages": "match --inventory languages-root --feed debian.json --pkg-types pypi,npm,golang",
    "match with rules": "match --inventory list --feed feed.json --ignore ignore.toml --on 2024-01-01",
    "match with VEX": "match --inventory list --feed feed.json --ignore vex.json",
    "match of a root of rpm": "match --inventory rpm-root --feed feed.json",
    "match of a root of rpm with a log": "match --inventory logged-root --feed feed.json",
    "match of this host": "match --host --feed debian.json",
    "match of this host, of rpm": "match --host --feed feed.json",
    "match with sources": "match --inventory bare --feed debian.json --sources Packages",
    "fix as a script": "fix --inventory list --feed feed.json --format shell",
    "fix": "fix --inventory list --feed feed.json",
    "fix with what is available": "fix --inventory list --feed feed.json --available list",
    "verify": "verify --inventory list --feed feed.json --baseline old.json",
    "explain": "explain bash CVE-2024-1000 --inventory list --feed feed.json",
    "list": "list --inventory list",
    "fetch": "fetch --list --inventory list",
    "bundle": "bundle verify advisories.tar",
    "db": "db diff feed.json feed.json --inventory list",
    "compile": "compile feed.json -o new.db",
    "compile once more": "compile feed.json -o old.db",
    "check": "check feed.db",
    "lint": "lint feed.json",
    "lint of a folder": "lint folder",
    "report": "report old.json",
    "report to a file": "report old.json -o json=new.db",
    "match to a file": "match --inventory list --feed feed.json -o json=new.db",
    "config": "config",
    "completion": "completion bash",
}


def test_every_command_is_here() -> None:
    assert {line.split()[0] for line in LINES.values()} == set(_COMMANDS)


@pytest.mark.slow
@pytest.mark.parametrize("name", LINES)
def test_every_call_may_fail(
    name: str, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    at = tmp_path / "inputs"
    shutil.copytree(place, at, symlinks=True)
    monkeypatch.chdir(at)
    Path("old.json").write_text(report(capsys))
    shutil.copy("feed.db", "old.db")
    words = LINES[name].split()
    if words[0] not in ("explain", "fetch", "bundle", "db", "check", "report", "config", "completion"):
        words.append("--strict")
    before = {path.name: path.is_file() and path.read_bytes() for path in at.iterdir()}

    always: set[str] = set()  # what each run prints, such as that of this machine no language is looked for

    def run(faults: Faults) -> tuple[int, str, str]:
        capsys.readouterr()
        with injected(faults):
            status = cli.main(words)
        out, err = capsys.readouterr()
        return status, out, "".join(line for line in err.splitlines(keepends=True) if line not in always)

    if "without openat2" in name:
        monkeypatch.setattr(folder, "is_there", lambda root: False)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "inputs-copied"))
    (tmp_path / "inputs-copied").mkdir()
    if "this host" in name:
        root = at / ("rpm-root" if "rpm" in name else "root")
        monkeypatch.setattr(this_host, "__defaults__", (root, DEFAULT_LIMITS, None))
    always |= set(run(Faults())[2].splitlines(keepends=True))  # and all modules are imported
    counting = Faults()
    Path("new.db").unlink(missing_ok=True)
    usual = run(counting)
    written = {path.name: path.is_file() and path.read_bytes() for path in at.iterdir()}
    assert len(counting.calls) > 1
    assert usual[0] == 0, usual
    wrong = []
    left = written
    for number, call in enumerate(counting.calls):
        for kind, (error, why) in ERRORS.items():
            if call == "sqlite3.execute" and isinstance(error(), OSError):
                error, why = failure_of_sqlite, "disk I/O error"
            Path("new.db").unlink(missing_ok=True)
            if left["old.db"] != before["old.db"]:
                shutil.copy("feed.db", "old.db")
            status, out, err = run(Faults(number, error))
            left = {path.name: path.is_file() and path.read_bytes() for path in at.iterdir()}
            lines = err.splitlines()
            fine = all(line.startswith("advisories: ") for line in lines) and left in (before, written)
            if kind == "interruption":
                fine = fine and (status, out, err) == (130, "", "")
            elif status == usual[0] and why not in err:
                # It does without, to the same result: another way to open, or an old store of which nothing is taken.
                fine = fine and (out, err) == usual[1:]
            elif status == usual[0]:
                fine = fine and "skipped (1)" in err
            else:
                # zipfile calls an archive damaged that cannot be read.
                fine = fine and (
                    kind == "recursion"
                    or why in out + err
                    or "not a whole zip archive" in err
                    # SQLite has none for a damaged length either.
                    or (kind == "memory" and "there is no memory for what it claims" in err)
                )
                fine = fine and status == 2
                is_alone = out == "" and len(lines) == 1
                fine = fine and (is_alone or "--strict makes that an error" in err or "WRONG: " in out)
            if name == "compile once more" and status == 0:
                fine = cli.main(["check", "old.db"]) == 0 and not err
            copies = tmp_path / "inputs-copied"
            is_removed = (
                "sqlite3.execute" not in counting.calls[:number] or "sqlite3.execute" in counting.calls[number:]
            )
            if any(copies.iterdir()):
                fine = fine and not is_removed
                shutil.rmtree(copies)
                copies.mkdir()
            if not fine:
                wrong.append((number, call, kind, status, out, err, [n for n in left if left[n] != before.get(n)]))
    assert not wrong, "\n".join(map(str, [counting.calls, usual, *wrong]))


def report(capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    assert cli.main(["match", "--inventory", "list", "--feed", "feed.json", "--format", "json"]) == 0
    return capsys.readouterr().out
