"""The boundary: no exception leaves with status 1, streams may be closed or full, and all that is printed is seen."""

import errno
import io
import json
import os
import resource
import signal
import subprocess
import sys
import time
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from bundles import bundle_in

from advisories import cli
from advisories.cli.entry import _COMMANDS
from advisories.cli.terminal import print_lines
from advisories.models.errors import UnreadableSource
from advisories.models.printing import printable

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


@pytest.fixture
def paths(tmp_path: Path) -> dict[str, str]:
    """A list, a feed, a baseline and a store."""
    listing, feed, store, baseline = (tmp_path / name for name in ("list", "feed.json", "feed.db", "old.json"))
    listing.write_text(LIST)
    feed.write_text(json.dumps(RECORD))
    assert cli.main(["compile", str(feed), "-o", str(store)]) == 0
    with baseline.open("wb") as stream:
        words = ["match", "--inventory", str(listing), "--feed", str(feed), "--format", "json"]
        subprocess.run([sys.executable, "-m", "advisories", *words], stdout=stream, check=True)
    bundle = bundle_in(tmp_path, store)
    return {
        "list": str(listing),
        "feed": str(feed),
        "store": str(store),
        "baseline": str(baseline),
        "bundle": str(bundle),
    }


def commands(paths: dict[str, str]) -> dict[str, list[str]]:
    """Every command with inputs that it reads."""
    inputs = ["--inventory", paths["list"], "--feed", paths["feed"]]
    return {
        "match": ["match", *inputs],
        "fix": ["fix", *inputs],
        "verify": ["verify", "--baseline", paths["baseline"], *inputs],
        "explain": ["explain", "bash", "CVE-2024-1000", *inputs],
        "list": ["list", paths["list"]],
        "report": ["report", paths["baseline"]],
        "fetch": ["fetch", "--list", "debian"],
        "bundle": ["bundle", "verify", paths["bundle"]],
        "db": ["db", "search", "bash", "--feed", paths["feed"]],
        "compile": ["compile", paths["feed"], "-o", f"{paths['store']}.new"],
        "check": ["check", paths["store"]],
        "lint": ["lint", paths["feed"]],
        "config": ["config"],
        "completion": ["completion", "bash"],
    }


def test_every_command_is_here(paths: dict[str, str]) -> None:
    assert list(commands(paths)) == list(_COMMANDS)
    assert {name: cli.main(words) for name, words in commands(paths).items()} == dict.fromkeys(_COMMANDS, 0)


@pytest.mark.parametrize("command", _COMMANDS)
@pytest.mark.parametrize(
    ("error", "status", "line"),
    [
        (UnreadableSource("feed", "why"), 2, "feed: why"),
        (OSError(errno.EACCES, "Permission denied", "/root/x"), 2, "/root/x: Permission denied"),
        (OSError(errno.EIO, "Input/output error", b"/\xff"), 2, "/\\udcff: Input/output error"),
        (OSError("odd"), 2, "odd"),
        (MemoryError(), 2, "there is not enough memory"),
        (
            ModuleNotFoundError("No module named '_ssl'", name="_ssl"),
            2,
            "No module named '_ssl'. This Python was built without a part of its standard library: use another one",
        ),
        (
            ModuleNotFoundError("No module named 'attr'", name="attr"),
            2,
            "No module named 'attr'. This installation is not whole: install vercmp again with this Python",
        ),
        (RecursionError("maximum recursion depth exceeded"), 2, "the input is nested too deeply"),
        (KeyError("x\x1b"), 2, "a fault of this program: KeyError: 'x\\x1b'. With ADVISORIES_DEBUG=1 you see where"),
        (AssertionError(), 2, "a fault of this program: AssertionError. With ADVISORIES_DEBUG=1 you see where"),
        (KeyboardInterrupt(), 130, None),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else None,
)
def test_whatever_is_raised_has_a_status(
    paths: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: str,
    error: BaseException,
    status: int,
    line: str | None,
) -> None:
    def run(options: object) -> int:
        raise error

    monkeypatch.setattr(f"{_COMMANDS[command]}.run", run)
    capsys.readouterr()
    assert cli.main(commands(paths)[command]) == status
    out, err = capsys.readouterr()
    assert (out, err) == ("", "" if line is None else f"advisories: {line}\n")


def test_you_see_where_by_choice(
    paths: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(options: object) -> int:
        raise KeyError("odd")

    monkeypatch.setattr("advisories.cli.lint.run", run)
    monkeypatch.setenv("ADVISORIES_DEBUG", "1")
    assert cli.main(commands(paths)["lint"]) == 2
    err = capsys.readouterr().err.splitlines()
    assert err[0] == "advisories: Traceback (most recent call last):"
    assert len(err) > 5
    assert all(line.startswith("advisories: ") for line in err)


# ---- standard streams ----


def redirected(words: list[str], how: str, **more: str) -> "subprocess.CompletedProcess[bytes]":
    """A command as a process, by a shell that redirects its streams."""
    command = ["sh", "-c", f'exec "$0" -m advisories "$@" {how}', sys.executable, *words]
    return subprocess.run(command, capture_output=True, check=False, env={**os.environ, **more}, timeout=60)


@pytest.mark.parametrize("how", ["2>&-", "2>/dev/full", "2>&- 3>&-"])
@pytest.mark.parametrize("command", _COMMANDS)
def test_a_closed_or_full_standard_error_changes_nothing(paths: dict[str, str], command: str, how: str) -> None:
    words = commands(paths)[command]
    if command in ("match", "fix", "lint"):
        # With something to print there.
        (Path(paths["list"])).write_text(LIST + "no such package line\n")
        Path(paths["feed"]).write_text(json.dumps([RECORD, {"id": "X"}]))
    usual = redirected(words, "")
    Path(f"{paths['store']}.new").unlink(missing_ok=True)
    done = redirected(words, how)
    assert (done.returncode, done.stdout) == (usual.returncode, usual.stdout)
    assert done.stderr == b""


def test_a_file_does_not_get_the_number_of_a_closed_stream(paths: dict[str, str]) -> None:
    """A message would be written into the store."""
    Path(paths["feed"]).write_text(json.dumps([RECORD, {"id": "X"}]))
    words = ["compile", paths["feed"], "-o", paths["store"]]
    assert redirected(words, "2>&-").returncode == 0
    assert redirected(["check", paths["store"]], "").returncode == 0


@pytest.mark.parametrize("words", [["--help"], ["match", "--help"], ["--version"]])
def test_help_that_cannot_be_written(words: list[str]) -> None:
    assert redirected(words, ">/dev/full").returncode == 2
    assert redirected(words, "").returncode == 0


@pytest.mark.parametrize("how", [">/dev/full 2>&1", ">/dev/full 2>/dev/full", ">&- 2>&-", ">/dev/full 2>&-"])
def test_nothing_can_be_written(paths: dict[str, str], how: str) -> None:
    for words in (commands(paths)["match"], ["match", "--no-such-option"]):
        for unbuffered in ("", "1"):
            assert redirected(words, how, PYTHONUNBUFFERED=unbuffered).returncode == 2


class Narrow(io.RawIOBase):
    """A stream without a buffer that takes a few bytes at a time, as a pipe does once its process was stopped."""

    def __init__(self) -> None:
        self.taken = b""

    def writable(self) -> bool:
        return True

    def write(self, data: memoryview) -> int:  # type: ignore[override]
        self.taken += data[:7]
        return min(len(data), 7)


def test_all_is_written_where_a_stream_takes_a_part(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Narrow()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(stream, encoding="ascii", write_through=True))
    lines = [f"line {number} \xe9" for number in range(2_500)]
    assert print_lines(lines)
    assert stream.taken == "".join(f"{line}\n" for line in lines).encode("ascii", "backslashreplace")


def test_wrong_usage_prints_nothing_on_standard_output() -> None:
    done = redirected(["match", "--no-such-option"], "2>&-")
    assert (done.returncode, done.stdout) == (2, b"")


@pytest.mark.parametrize("command", sorted(_COMMANDS))
@pytest.mark.parametrize(
    "locale",
    [
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"LC_ALL": "tr_TR.UTF-8"},
        {"LC_ALL": "tr_TR", "PYTHONUTF8": "0"},
        {"LC_ALL": "POSIX"},
    ],
)
def test_any_locale(paths: dict[str, str], command: str, locale: dict[str, str]) -> None:
    """Python reads names by it, where the machine has it. Texts of inputs and reports are of no locale."""
    words = commands(paths)[command]
    redirected(words, "")  # a second store is taken over from the first
    usual, other = redirected(words, ""), redirected(words, "", **locale)
    assert (other.returncode, other.stdout, other.stderr) == (usual.returncode, usual.stdout, usual.stderr)


_UNENDED = "Exception ignored on building sys.unraisablehook arguments: "


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited otherwise elsewhere")
@pytest.mark.parametrize("command", ["match", "compile", "check", "vercmp"])
def test_too_little_memory(paths: dict[str, str], command: str) -> None:
    """However little is left when a command begins, it ends with one line, or as ever."""
    words = (
        ["advisories", *commands(paths)[command]] if command in _COMMANDS else ["vercmp", "max", "--scheme", "rpm", "1"]
    )
    started = "import sys, resource; print(int(open('/proc/self/statm').read().split()[0]) * resource.getpagesize())"
    begun = int(subprocess.run([sys.executable, "-c", started], capture_output=True, check=True).stdout)
    failed = 0
    for more in range(1 << 20, 48 << 20, 5 << 20):

        def limited(size: int = begun + more) -> None:
            resource.setrlimit(resource.RLIMIT_AS, (size, size))

        done = subprocess.run(
            [sys.executable, "-m", *words], capture_output=True, text=True, check=False, preexec_fn=limited
        )
        assert done.returncode in (0, 2), done.stderr
        # Python has lines of its own for a generator that it cannot even close.
        # And one without an end.
        stderr = done.stderr.replace(_UNENDED, "")
        is_pythons = "Exception ignored in" in stderr
        assert "Traceback" not in done.stderr or is_pythons
        if done.returncode:
            failed += 1
            lines = stderr.splitlines()
            own = [line for line in lines if line.startswith(f"{words[0]}: ")]
            assert len(own) == 1 or (command == "check" and "not enough memory" in done.stdout), done.stderr
            assert own == lines or is_pythons
    assert failed


def test_a_name_that_is_no_text(paths: dict[str, str], tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/l\xff\x1b[2J"
    os.rename(paths["list"], name)
    command = [sys.executable, "-m", "advisories", "match", "--inventory", name, "--feed", paths["feed"]]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 0
    assert rb"l\udcff\x1b[2J: 1 package of almalinux" in done.stdout
    missing = subprocess.run([*command[:5], name + b"?", *command[6:]], capture_output=True, check=False)
    assert (missing.returncode, b"\x1b" in missing.stderr) == (2, False)


def test_the_command_begins_without_imports() -> None:
    """An interruption would end them with a traceback."""
    code = "import sys; before = {*sys.modules}; import advisories.cli; print(*sorted({*sys.modules} - before))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout == "advisories advisories.cli\n"


@pytest.mark.parametrize(("begin", "is_own"), [("command", True), ("main", False)])
def test_only_a_process_of_its_own_ends_without_looking_for_cycles(begin: str, is_own: bool) -> None:
    code = (
        "import gc, sys; before = gc.get_freeze_count()\n"  # Python 3.12 begins with some
        f"from advisories.cli import {begin}; sys.argv[1:] = ['match']\n"
        f"try: {begin}()\n"
        "except SystemExit as done: print(done.code, gc.get_freeze_count() > before)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout == f"2 {is_own}\n"


INTERRUPTED_IMPORT = """
import sys

class Interrupted:
    def find_spec(self, name, path=None, target=None):
        if name == sys.argv[1]:
            raise KeyboardInterrupt

sys.meta_path.insert(0, Interrupted())
from advisories.cli import main
sys.exit(main(sys.argv[2:]))
"""


@pytest.mark.parametrize(
    "module",
    [
        *("argparse", "typing", "datetime", "vercmp", "advisories.cli.entry", "advisories.cli.guard"),
        *("advisories.models.facts", "advisories.cli.match", "advisories.matching.rules", "advisories.reports"),
    ],
)
def test_an_interruption_while_a_module_is_imported(paths: dict[str, str], module: str) -> None:
    command = [sys.executable, "-c", INTERRUPTED_IMPORT, module, *commands(paths)["match"]]
    done = subprocess.run(command, capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")


@pytest.mark.parametrize("module", ["advisories.cli.entry", "advisories.models.printing", "argparse", "typing"])
@pytest.mark.parametrize(
    ("error", "message"),
    [
        ("ImportError('torn')", "cannot be started: ImportError: torn"),
        ("MemoryError", "there is not enough memory"),
        ("OSError(5, 'Input/output error')", "cannot be started: OSError: [Errno 5] Input/output error"),
    ],
)
def test_a_module_that_cannot_be_imported(module: str, error: str, message: str) -> None:
    code = INTERRUPTED_IMPORT.replace("raise KeyboardInterrupt", f"raise {error}")
    done = subprocess.run(
        [sys.executable, "-c", code, module, "check", "x"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"advisories: {message}\n")


@pytest.mark.parametrize("command", ["advisories", "vercmp"])
def test_what_prints_cannot_be_imported(command: str) -> None:
    code = INTERRUPTED_IMPORT.replace("raise KeyboardInterrupt", "raise MemoryError")
    if command == "vercmp":
        code = code.replace("from advisories.cli import main", "from vercmp.__main__ import main")
    words = [sys.executable, "-c", code, "vercmp._console", "--help"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    line = f"{command}: cannot be started: there is not enough memory, or a module is missing\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", line)


def test_an_interruption_while_a_class_is_made(paths: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Python 3.11 wraps it, in the modules of a command and in those before."""

    def interrupted(*_: object) -> int:
        raise RuntimeError("Error calling __set_name__") from KeyboardInterrupt()

    with monkeypatch.context() as patched:
        patched.setattr("advisories.cli.entry.parser_of_commands", interrupted)
        assert cli.main(commands(paths)["match"]) == 130
    monkeypatch.delitem(sys.modules, "advisories.cli.entry")
    arguments = commands(paths)["match"]
    # Nothing else may run while this holds: pytest imports modules too.
    with monkeypatch.context() as patched:
        patched.setattr("builtins.__import__", interrupted)
        status = cli.main(arguments)
    assert status == 130


def test_an_interruption_while_nobody_writes(paths: dict[str, str], tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    command = [sys.executable, "-m", "advisories", "match", "--inventory", paths["list"], "--feed", str(fifo)]

    def as_in_a_terminal() -> None:
        # A shell ignores interruptions in what it starts in the background, these tests perhaps.
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, preexec_fn=as_in_a_terminal, **pipes) as started:
        try:
            time.sleep(0.8)
            started.send_signal(signal.SIGINT)
            out, err = started.communicate(timeout=30)
        finally:
            started.kill()
    assert (started.returncode, out, err) == (130, b"", b"")


# ---- what is printed ----

EVIL = (
    "\x1b]0;x\x07",
    "\u202e",
    "\u2066",
    "\x9b31m",
    "\r",
    "\u2028",
    "\u200b",
    "\u00ad",
    "\ufe0f",
    "\u3164",
    "\U000e0041",
    "\x7f",
    "\x00",
)


def fields(record: object, path: tuple[object, ...] = ()) -> Iterator[tuple[object, ...]]:
    """The way to every text in a JSON value."""
    if isinstance(record, str):
        yield path
    elif isinstance(record, dict | list):
        for key, value in record.items() if isinstance(record, dict) else enumerate(record):
            yield from fields(value, (*path, key))


def replaced(record: object, path: tuple[object, ...], text: str) -> object:
    """The value with a text appended to another."""
    if not path:
        return f"{record}{text}"
    copy = dict(record) if isinstance(record, dict) else list(record)  # type: ignore[call-overload]
    copy[path[0]] = replaced(copy[path[0]], path[1:], text)
    return copy


def is_seen(text: str) -> bool:
    # A list is a table: tabs are between its cells.
    return all(c in "\n\t" or printable(c) == c for c in text)


@pytest.mark.parametrize("evil", EVIL, ids=ascii)
def test_what_cannot_be_seen_is_escaped(
    paths: dict[str, str], evil: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """In whatever text of a feed or a list it stands, and in every command."""
    for path in fields(RECORD):
        Path(paths["feed"]).write_text(json.dumps(replaced(RECORD, path, evil)))
        for name, words in commands(paths).items():
            for more in ([], ["--format", "shell"]) if name == "fix" else ([],):
                cli.main([*words, *more])
                out, err = capsys.readouterr()
                assert is_seen(out), (name, path)
                assert is_seen(err), (name, path)
    Path(paths["feed"]).write_text(json.dumps(RECORD))
    for where in ("bash", "5.1.8", "4.el9", "x86_64", "9.4"):
        Path(paths["list"]).write_text(LIST.replace(where, where + evil), "utf-8")
        for name, words in commands(paths).items():
            cli.main(words)
            out, err = capsys.readouterr()
            assert is_seen(out), (name, where)
            assert is_seen(err), (name, where)


def test_json_keeps_the_data_and_is_ascii(
    paths: dict[str, str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    evil = "".join(EVIL).replace("\0", "")
    listing = tmp_path / f"l{evil.replace('/', '')}"
    os.rename(paths["list"], listing)
    capsys.readouterr()
    assert cli.main(["match", "--inventory", str(listing), "--feed", paths["feed"], "--format", "json"]) == 0
    out = capsys.readouterr().out
    assert all(c == "\n" or " " <= c <= "~" for c in out)
    assert json.loads(out)["inventory"]["source"] == str(listing)


@pytest.mark.parametrize("words", [["match", "--inventory"], ["explain", "bash"], []])
def test_words_of_the_command_line_are_escaped(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    for evil in EVIL:
        with pytest.raises(SystemExit) as left:
            cli.main([*words, f"--x{evil}", evil])
        assert left.value.code == 2
        assert is_seen(capsys.readouterr().err)


def test_every_unseen_character_of_unicode() -> None:
    """All but spaces, marks that combine and the unassigned: what has no glyph of its own is escaped."""
    for number in range(sys.maxunicode + 1):
        character = chr(number)
        if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"):
            assert printable(character).isascii()
            assert printable(character) != character
    for seen in ("é", "日", "e\u0301", "🙂", "\\", "a b"):
        assert printable(seen) == seen
