"""The command ``vercmp``: in a process of its own where bytes, pipes and exit statuses matter, else in this one."""

import io
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import vercmp
from vercmp.__main__ import main
from vercmp.schemes import NOT_ORDERS
from vercmp.testing import conformance
from vercmp.testing.orders import ORDERS

VERCMP = [sys.executable, "-m", "vercmp"]


def run(*arguments: str | bytes, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [*VERCMP, *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, check=False, timeout=60)


class Streams:
    """Runs the command in this process: what goes in as bytes, what comes out as bytes."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[bytes]) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def __call__(self, *arguments: str, stdin: bytes = b"") -> tuple[int, str, str]:
        self._monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        try:
            status = main(arguments)
        except SystemExit as leaving:
            status = int(leaving.code or 0)
        written = self._capsys.readouterr()
        return status, written.out.decode(), written.err.decode()


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]) -> Streams:
    return Streams(monkeypatch, capsysbinary)


# --- compare ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("a", "b", "scheme", "answer", "status"),
    [
        ("1.0", "1.0~rc1", "rpm", ">", 11),
        ("1.0~rc1", "1.0", "rpm", "<", 12),
        ("1.0", "1_0", "rpm", "=", 0),
        ("1.0", "1.0-1", "rpm", "<", 12),
        ("1.0", "1.0-0", "dpkg", "=", 0),
        ("1:0", "9", "dpkg", ">", 11),
    ],
)
def test_compare_two(command: Streams, a: str, b: str, scheme: str, answer: str, status: int) -> None:
    assert command("compare", a, b, "--scheme", scheme) == (status, answer + "\n", "")
    assert command("compare", "--scheme", scheme, a, b) == (status, answer + "\n", "")


def test_compare_lines(command: Streams) -> None:
    stdin = b"1\t2\n2\t1\n1.0\t1_0\n1\t1.\xc3\xa9"
    assert command("compare", "--scheme", "rpm", stdin=stdin) == (0, "<\n>\n=\n=\n", "")
    assert command("compare", "--scheme", "rpm", stdin=b"") == (0, "", "")


BAD_PAIRS = b"1\t2\n1\n\t1\n1\t2\t3\n\xff\xfe\t1\n1\x00\t1\n1\t\xed\xa0\x80\n2\t1\n"


def test_compare_bad_lines_keep_their_place(command: Streams) -> None:
    status, out, err = command("compare", "--scheme", "rpm", stdin=BAD_PAIRS)
    assert (status, out) == (2, "<\n?\n?\n?\n?\n?\n?\n>\n")
    assert err.splitlines() == [
        "vercmp compare: line 2: expected A TAB B, found 0 tabs",
        "vercmp compare: line 3: invalid rpm version '': empty version",
        "vercmp compare: line 4: expected A TAB B, found 2 tabs",
        "vercmp compare: line 5: not UTF-8: byte 1 is 0xff",
        "vercmp compare: line 6: invalid rpm version '1\\x00': NUL character",
        "vercmp compare: line 7: not UTF-8: byte 3 is 0xed",
    ]


def test_compare_strict_stops_at_the_first(command: Streams) -> None:
    status, out, err = command("compare", "--scheme", "rpm", "--strict", stdin=BAD_PAIRS)
    assert (status, out) == (2, "<\n")
    assert len(err.splitlines()) == 1


def test_compare_bad_versions(command: Streams) -> None:
    status, out, err = command("compare", "1 0", "1", "--scheme", "dpkg")
    assert (status, out) == (2, "")
    assert err == "vercmp compare: invalid dpkg version '1 0': version string has embedded spaces\n"
    done = run("compare", b"1\xff", b"1", "--scheme", "rpm")
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr == b"vercmp compare: not UTF-8: byte 2 is 0xff\n"


@pytest.mark.parametrize("versions", [["1"], ["1", "2", "3"]])
def test_compare_wants_two(command: Streams, versions: list[str]) -> None:
    status, out, err = command("compare", "--scheme", "rpm", *versions)
    assert (status, out) == (2, "")
    assert "give two versions" in err


def test_compare_answers_a_program_that_waits() -> None:
    """Each line is answered when it has come, not when the input ends."""
    with subprocess.Popen(
        [*VERCMP, "compare", "--scheme", "rpm"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        killer = threading.Timer(30, process.kill)
        killer.start()
        for pair, answer in ((b"1\t2\n", b"<\n"), (b"2\t1\n", b">\n")):
            process.stdin.write(pair)
            process.stdin.flush()
            assert process.stdout.readline() == answer
        process.stdin.close()
        assert process.wait() == 0
        killer.cancel()


def test_many_lines_in_pieces() -> None:
    lines = b"".join(b"%d\t%d\n" % (i, 30_000) for i in range(60_000))
    done = run("compare", "--scheme", "dpkg", stdin=lines)
    assert done.returncode == 0
    assert done.stdout == b"<\n" * 30_000 + b"=\n" + b">\n" * 29_999


# --- sort, max, key, validate -----------------------------------------------------------------------------------------


def test_sort(command: Streams) -> None:
    versions = ["1.10", "1.9", "1.9~rc1", "1_9", "1.9"]
    assert command("sort", "--scheme", "rpm", *versions) == (0, "1.9~rc1\n1.9\n1_9\n1.9\n1.10\n", "")
    assert command("sort", "--scheme", "rpm", "--reverse", *versions) == (0, "1.10\n1.9\n1_9\n1.9\n1.9~rc1\n", "")
    assert command("sort", "--scheme", "rpm", "--unique", *versions) == (0, "1.9~rc1\n1.9\n1.10\n", "")
    assert command("sort", "--scheme", "rpm", "--unique", "--reverse", "1_9", "1.9") == (0, "1_9\n", "")
    stdin = "\n".join(versions).encode()
    assert command("sort", "--scheme", "rpm", stdin=stdin) == (0, "1.9~rc1\n1.9\n1_9\n1.9\n1.10\n", "")
    assert command("sort", "--scheme", "rpm", stdin=b"") == (0, "", "")


def test_sort_without_the_bad(command: Streams) -> None:
    status, out, err = command("sort", "--scheme", "dpkg", stdin=b"2\n1 0\n\n1\n\xff\n")
    assert (status, out) == (2, "1\n2\n")
    assert [line.split(": ")[1] for line in err.splitlines()] == ["line 2", "line 3", "line 5"]
    status, out, err = command("sort", "--scheme", "dpkg", "2", "1 0", "1")
    assert (status, out) == (2, "1\n2\n")
    assert err.startswith("vercmp sort: version 2: invalid dpkg version '1 0': ")
    status, out, err = command("sort", "--scheme", "dpkg", "--strict", stdin=b"2\n1 0\n\n1\n")
    assert (status, out) == (2, "")
    assert len(err.splitlines()) == 1


def test_versions_that_look_like_options(command: Streams) -> None:
    assert command("sort", "--scheme", "rpm", "--", "-b", "-a", "1") == (0, "-a\n-b\n1\n", "")


@pytest.mark.parametrize("name", ["sort", "max", "key", "validate"])
def test_a_file_is_no_list_of_versions(
    command: Streams, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("versions.txt").touch()
    status, _, err = command(name, "--scheme", "rpm", "versions.txt")
    assert status == 0
    assert err == "vercmp: versions.txt: taken for a version, and there is a file of this name. < reads its lines\n"
    assert command(name, "--scheme", "rpm", "versions.txt", "1.0")[2] == command(name, "--scheme", "rpm", "1")[2] == ""


def test_max(command: Streams) -> None:
    assert command("max", "--scheme", "dpkg", "1.9", "1.10", "1.10-0", "1.2") == (0, "1.10\n", "")
    assert command("max", "--scheme", "dpkg", stdin=b"1\n3\n2\n") == (0, "3\n", "")
    assert command("max", "--scheme", "dpkg", stdin=b"1\n\n2\n")[:2] == (2, "2\n")
    assert command("max", "--scheme", "dpkg", stdin=b"") == (2, "", "vercmp max: no version\n")
    status, out, err = command("max", "--scheme", "dpkg", "--strict", stdin=b"1\n\n2\n")
    assert (status, out, len(err.splitlines())) == (2, "", 1)


def test_key(command: Streams) -> None:
    wanted = "".join(f"{vercmp.rpm.sort_key(version).hex()}\n" for version in ("1.0", "1.0-1"))
    assert command("key", "--scheme", "rpm", "1.0", "1.0-1") == (0, wanted, "")
    status, out, _ = command("key", "--scheme", "rpm", stdin=b"1.0\n\n1.0-1\n")
    assert (status, out) == (2, wanted.replace("\n", "\n?\n", 1))
    status, out, _ = command("key", "--scheme", "rpm", "--strict", stdin=b"1.0\n\n1.0-1\n")
    assert (status, out) == (2, wanted.split("\n")[0] + "\n")


def test_validate(command: Streams) -> None:
    assert command("validate", "--scheme", "rpm", "anything", "at all") == (0, "", "")
    assert command("validate", "--scheme", "dpkg", "1.0", "1_0") == (
        0,
        "warning\t1_0\tinvalid character in version number\n",
        "",
    )
    assert command("validate", "--scheme", "dpkg", stdin=b"1.0\n1:\n\nv1\n") == (
        1,
        "error\t1:\tnothing after colon in version number\n"
        "error\t\tversion string is empty\n"
        "warning\tv1\tversion number does not start with digit\n",
        "",
    )
    status, out, err = command("validate", "--scheme", "rpm", stdin=b"1\n\xff\n\n")
    assert (status, out, err) == (2, "error\t\tempty version\n", "vercmp validate: line 2: not UTF-8: byte 1 is 0xff\n")
    status, out, err = command("validate", "--scheme", "dpkg", "--strict", stdin=b"v1\n\xff\nv2\n")
    assert (status, out) == (2, "warning\tv1\tversion number does not start with digit\n")


# --- the command as a whole -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["compare", "1", "2"],
        ["frobnicate"],
        ["sort", "--scheme", "cobol", "1"],
        ["sort", "--schem", "rpm", "1"],
        ["sort", "--scheme", "rpm", "--rev", "1"],
    ],
)
def test_wrong_usage(command: Streams, arguments: list[str]) -> None:
    status, out, err = command(*arguments)
    assert (status, out) == (2, "")
    assert err.startswith("vercmp")
    assert re.search(r"[.?] See: vercmp( compare| sort)? --help\n\Z", err)
    assert err.count("\n") == 1


def test_help_and_version(command: Streams) -> None:
    status, out, _ = command("--help")
    assert status == 0
    for name in ("compare", "sort", "max", "key", "validate", "conformance", "vectors"):
        assert re.search(rf"^ +{name}\b", out, re.MULTILINE), name
        assert command(name, "--help")[0] == 0
    status, out, _ = command("--version")
    assert status == 0
    assert re.fullmatch(r"vercmp [0-9]+\.[0-9]+.*\n", out)


@pytest.mark.parametrize("environment", [{}, {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}])
def test_utf8_whatever_the_locale(environment: dict[str, str]) -> None:
    locale = {"LC_ALL": "C", **environment}
    versions = ["1.0", "1\xf1", "1\xe9"]
    command = [*VERCMP, "sort", "--scheme", "dpkg"]
    for arguments, stdin in ((versions, ""), ([], "\n".join(versions))):
        done = subprocess.run(
            [*command, *(version.encode() for version in arguments)],
            input=stdin.encode(),
            capture_output=True,
            check=True,
            env={**os.environ, **locale},
        )
        assert (done.stdout.decode(), done.stderr) == ("1\xe9\n1\xf1\n1.0\n", b"")
    done = subprocess.run(
        [*VERCMP, "compare", "1 \xe9".encode(), "1", "--scheme", "dpkg"],
        capture_output=True,
        check=False,
        env={**os.environ, **locale},
    )
    assert done.returncode == 2
    assert done.stderr == rb"vercmp compare: invalid dpkg version '1 \xe9': version string has embedded spaces" + b"\n"


@pytest.mark.parametrize("name", ["compare", "key", "sort", "validate"])
def test_broken_pipe_is_silent(name: str) -> None:
    line = b"v1\tv2\n" if name == "compare" else b"v1\n"
    with subprocess.Popen(
        [*VERCMP, name, "--scheme", "dpkg"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        try:
            process.stdin.write(line * 100_000)
            process.stdin.close()
        except BrokenPipeError:
            pass
        assert process.stderr.read() == b""
        assert process.wait() == 141


def test_output_that_cannot_be_written() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [*VERCMP, "key", "--scheme", "rpm", "1"], stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert done.returncode == 2
    assert done.stderr == b"vercmp key: [Errno 28] No space left on device\n"


@pytest.mark.parametrize("closed", [0, 1])
def test_closed_streams(closed: int) -> None:
    shell = f"exec {sys.executable} -m vercmp key --scheme rpm 1 {closed}>&-"
    done = subprocess.run(["/bin/sh", "-c", shell], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    assert done.returncode == 2
    assert done.stderr == b"vercmp: standard input and output must be open\n"


def test_interrupted(command: Streams, monkeypatch: pytest.MonkeyPatch) -> None:
    class Interrupted(io.BytesIO):
        def read1(self, size: int | None = -1, /) -> bytes:
            raise KeyboardInterrupt

    stdin = io.TextIOWrapper(Interrupted())
    monkeypatch.setattr("io.TextIOWrapper", lambda _: stdin)
    assert command("sort", "--scheme", "rpm") == (130, "", "")


@pytest.mark.parametrize("module", ["vercmp.schemes", "vercmp._command", "argparse", "typing"])
def test_interrupted_while_a_module_is_imported(module: str) -> None:
    code = (
        "import sys; before = {*sys.modules}; import vercmp_command\n"
        "assert {*sys.modules} - before == {'vercmp', 'vercmp.__main__', 'vercmp_command'}\n"
        "class Interrupted:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name == {module!r}:\n"
        "            raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Interrupted())\n"
        "sys.exit(vercmp_command.main())"
    )
    command = [sys.executable, "-c", code, "max", "--scheme", "rpm", "1"]
    done = subprocess.run(command, capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")


@pytest.mark.parametrize("module", ["vercmp._command", "vercmp.schemes", "vercmp.errors", "argparse"])
@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        ("ImportError('torn')", 2, "cannot be started: ImportError: torn"),
        ("MemoryError", 2, "there is not enough memory"),
        ("OSError(5, 'Input/output error')", 2, "cannot be started: OSError: [Errno 5] Input/output error"),
        ("SyntaxError('a\\nb\\x1b\\udc80')", 2, r"cannot be started: SyntaxError: a\nb\x1b\udc80"),
        ("KeyboardInterrupt", 130, None),
    ],
)
def test_a_module_that_cannot_be_imported(
    module: str, error: str, status: int, message: str | None, tmp_path: Path
) -> None:
    """Status 1 means refused, or different."""
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\n"
        "class Torn:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name == {module!r}:\n"
        f"            raise {error}\n"
        "sys.meta_path.insert(0, Torn())\n"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}
    words = [sys.executable, "-m", "vercmp", "max", "--scheme", "rpm", "1"]
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=env)
    assert (done.returncode, done.stdout) == (status, "")
    assert done.stderr == ("" if message is None else f"vercmp: {message}\n")
    shell = f"exec {shlex.join(words)}"
    assert subprocess.run(["/bin/sh", "-c", f"{shell} 2>&-"], check=False, env=env).returncode == status
    assert subprocess.run(["/bin/sh", "-c", f"{shell} 2>/dev/full"], check=False, env=env).returncode == status


def test_starts_without_what_it_does_not_need() -> None:
    code = (
        "import sys; from vercmp.__main__ import main; main(['compare', '1', '2', '--scheme', 'rpm']);"
        "print(*sorted(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    modules = set(done.stdout.split())
    assert {"vercmp", "argparse"} <= modules
    for heavy in (
        "subprocess",
        "hypothesis",
        "json",
        "random",
        "threading",
        "importlib.metadata",
        "vercmp.testing",
    ):
        assert heavy not in modules, heavy


def test_the_installed_command() -> None:
    command = shutil.which("vercmp", path=os.path.dirname(sys.executable))
    if command is None:
        pytest.skip("vercmp is tested without being installed")
    done = subprocess.run([command, "max", "--scheme", "rpm", "1.9", "1.10"], capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"1.10\n", b"")


# --- conformance: programs that are right -----------------------------------------------------------------------------

HEAD = "import sys, vercmp\nfrom vercmp import rpm, dpkg\n"

PROGRAMS = {
    # Reads all, then answers: the input is far more than a pipe holds.
    "all at once": """
pairs = [line[:-1].decode().split("\\t") for line in sys.stdin.buffer]
print("\\n".join(str({}(a, b)) for a, b in pairs))
""",
    # Answers each line at once.
    "one by one": """
for line in sys.stdin.buffer:
    print({}(*line[:-1].decode().split("\\t")), flush=True)
""",
    # Answers into the library's buffer, with the line ends of another system.
    "buffered": """
sys.stdout.reconfigure(newline="\\r\\n")
for line in sys.stdin.buffer:
    print({}(*line[:-1].decode().split("\\t")))
""",
}


@pytest.fixture
def program(tmp_path: Path) -> "Programs":
    return Programs(tmp_path)


class Programs:
    """Writes a program and returns the command that starts it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, text: str) -> list[str]:
        path = self._folder / "program.py"
        path.write_text(HEAD + text, encoding="utf-8")
        return [sys.executable, str(path)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "scheme", "compare"),
    [
        *((kind, "rpm", "rpm.compare") for kind in PROGRAMS),
        ("all at once", "rpmvercmp", "rpm.rpmvercmp"),
        ("all at once", "dpkg", "dpkg.compare"),
    ],
)
def test_right_programs(command: Streams, program: Programs, kind: str, scheme: str, compare: str) -> None:
    started = program(PROGRAMS[kind].format(compare))
    status, out, err = command("conformance", "--scheme", scheme, "--pairs", "30000", "--", *started)
    assert (status, err) == (0, "")
    facts, made = out.splitlines()
    assert re.fullmatch(rf"{scheme}: [0-9]{{6}} pairs of vectors, 0 different", facts)
    assert made == f"{scheme}: 30000 generated pairs (seed 0), 0 different"


@pytest.mark.slow
def test_valid_only(command: Streams, program: Programs) -> None:
    text = """
for line in sys.stdin.buffer:
    a, b = line[:-1].decode().split("\\t")
    print("cannot" if dpkg.validate(a) or dpkg.validate(b) else dpkg.compare(a, b))
"""
    arguments = ("conformance", "--scheme", "dpkg", "--pairs", "1000", "--valid-only", "--", *program(text))
    assert command(*arguments)[0] == 0
    status, _, err = command(*(argument for argument in arguments if argument != "--valid-only"))
    assert status == 2
    assert "is b'cannot', not -1, 0, 1 or ?" in err


@pytest.mark.slow
def test_no_generated_pairs(command: Streams, program: Programs) -> None:
    started = program(PROGRAMS["all at once"].format("rpm.compare"))
    status, out, _ = command("conformance", "--scheme", "rpm", "--pairs", "0", "--seed", "7", "--", *started)
    assert status == 0
    assert out.endswith("rpm: 0 generated pairs (seed 7), 0 different\n")


@pytest.mark.slow
def test_the_program_keeps_its_options(command: Streams, program: Programs) -> None:
    text = "assert sys.argv[1:] == ['--scheme', '--', '-h'], sys.argv\n" + PROGRAMS["buffered"].format("rpm.compare")
    started = [*program(text), "--scheme", "--", "-h"]
    assert command("conformance", "--scheme", "rpm", "--pairs", "0", "--", *started)[0] == 0


# --- conformance: programs that are wrong -----------------------------------------------------------------------------

# What to do to the two versions before they are compared, and what that is known to break at the least.
WRONG = {
    "no caret": ("rpm", "a, b = a.replace('^', ''), b.replace('^', '')", 4, ["caret"]),
    "no leading zeros": (
        "rpm",
        "import re; a, b = (re.sub('0([0-9])', '\\\\1x', v) for v in (a, b))",
        3,
        # 100 has a zero before a digit too.
        ["leading zeros", "numbers"],
    ),
    "no epoch": ("dpkg", "a, b = a.split(':', 1)[-1] or '0', b.split(':', 1)[-1] or '0'", 4, ["epoch"]),
    # The Kelvin sign becomes a letter.
    "lower case": ("rpmvercmp", "a, b = a.lower(), b.lower()", 2, ["other characters", "letters"]),
    "three faults": (
        "rpm",
        "a, b = (v.replace('^', '').split(':', 1)[-1].lower() or '0' for v in (a, b))",
        4,
        ["epoch", "caret", "letters"],
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", WRONG)
def test_wrong_programs(command: Streams, program: Programs, name: str) -> None:
    scheme, change, longest, rules = WRONG[name]
    compare = {"rpm": "rpm.compare", "rpmvercmp": "rpm.rpmvercmp", "dpkg": "dpkg.compare"}[scheme]
    text = f"""
for line in sys.stdin.buffer:
    a, b = line[:-1].decode().split("\\t")
    {change}
    try:
        print({compare}(a, b))
    except vercmp.InvalidVersion:
        print(1)
"""
    status, out, err = command("conformance", "--scheme", scheme, "--pairs", "20000", "--", *program(text))
    assert (status, err) == (1, "")
    facts, made, *broken = out.splitlines()
    assert re.search(r"[1-9][0-9]* different$", facts)
    assert re.search(r"[1-9][0-9]* different$", made)
    assert [line.partition(":")[0] for line in broken if not line.startswith(" ")] == rules
    found = re.fullmatch(
        r"  smallest: ('.*') against ('.*'): the program's answer is (-?[01]), that of (\w+) is (-?[01])",
        next(line for line in broken if line.startswith("  smallest")),
    )
    assert found is not None
    a, b = (part[1:-1].encode().decode("unicode_escape") for part in (found[1], found[2]))
    assert len(a) + len(b) <= longest
    assert found[3] != found[5]


def test_awk(command: Streams) -> None:
    """A program in another language, wrong in its own way: awk compares what looks like numbers as numbers."""
    awk = shutil.which("awk")
    if awk is None:
        pytest.skip("no awk here")
    source = r"{ print ($1 < $2) ? -1 : ($1 > $2) }"
    status, out, _ = command("conformance", "--scheme", "rpm", "--pairs", "1000", "--", awk, "-F\t", source)
    assert status == 1
    assert "smallest: '" in out


@pytest.mark.slow
def test_one_fault_among_the_generated_is_found_and_made_smaller(program: Programs) -> None:
    """Only long numbers are wrong, and the vectors come first."""
    text = """
import re
for line in sys.stdin.buffer:
    a, b = line[:-1].decode().split("\\t")
    print(0 if re.search("[0-9]{8}[5-9]", a + "," + b) else rpm.compare(a, b))
"""
    tested = conformance.Program(program(text), 60)
    report = conformance.check_program(tested, "rpm", pairs=5000, seed=1, valid_only=True)
    assert report.different_generated > 0
    (broken,) = report.broken
    assert broken.rule.name == "letters" or len(broken.smallest.a) + len(broken.smallest.b) == 10
    assert (broken.smallest.got, abs(broken.smallest.wanted)) == (0, 1)


@pytest.mark.slow
def test_a_program_that_dies_while_shrinking(program: Programs, tmp_path: Path) -> None:
    versions = sum(len(group) for group in ORDERS["rpm"].facts(valid_only=False))
    # So many runs ask for the vectors; the ones behind them shrink.
    runs = -(-(versions**2) // conformance._BATCH)
    text = f"""
import pathlib
runs = pathlib.Path({str(tmp_path / "runs")!r})
runs.write_text(runs.read_text() + "x" if runs.exists() else "x")
if len(runs.read_text()) > {runs}:
    sys.exit(1)
for line in sys.stdin.buffer:
    print(-rpm.compare(*line[:-1].decode().split("\\t")))
"""
    tested = conformance.Program(program(text), 60)
    report = conformance.check_program(tested, "rpm", pairs=0, seed=0, valid_only=False)
    assert report.different_vectors > 1000
    assert report.broken


REFUSING = """
for line in sys.stdin.buffer:
    a, b = line[:-1].decode().split("\\t")
    print("?" if {} else dpkg.compare(a, b))
"""


@pytest.mark.slow
def test_refusals(command: Streams, program: Programs) -> None:
    """A refusal is wrong where the real tool does not even warn."""
    arguments = ("conformance", "--scheme", "dpkg", "--pairs", "3000", "--")
    strict = program(REFUSING.format("dpkg.validate(a) or dpkg.validate(b)"))
    status, out, _ = command(*arguments, *strict)
    assert status == 0
    assert re.search(r"dpkg: [1-9][0-9]* pairs refused that the real tool warns of: not counted\n\Z", out)
    status, out, _ = command(*arguments, *program(REFUSING.format("'~' in a + b")))
    assert status == 1
    assert re.search(r"^dpkg: [1-9][0-9]* of these refused$", out, re.MULTILINE)
    assert re.search(r"^tilde: .*\n  .* the program's answer is a refusal, that of dpkg is -?1$", out, re.MULTILINE)


@pytest.mark.slow
def test_reports_for_programs(command: Streams, program: Programs) -> None:
    wrong = program(PROGRAMS["all at once"].format("(lambda a, b: rpm.compare(a.replace('^', '~'), b))"))
    arguments = ("conformance", "--scheme", "rpm", "--pairs", "100", "--format")
    status, out, _ = command(*arguments, "json", "--", *wrong)
    assert status == 1
    document = json.loads(out)
    broken = {rule["name"]: rule for rule in document["rules"] if rule["different"]}
    assert set(broken) == {"caret"}
    assert broken["caret"]["smallest"]["got"] != broken["caret"]["smallest"]["wanted"]
    assert sum(rule["asked"] for rule in document["rules"]) == sum(document["pairs"].values())
    assert broken["caret"]["different"] == sum(document["different"].values())
    status, out, _ = command(*arguments, "tap", "--", *wrong)
    assert status == 1
    lines = out.splitlines()
    assert lines[:2] == ["TAP version 13", f"1..{len(document['rules'])}"]
    assert [line.split(" - ")[0] for line in lines if line.startswith("not ok")] == ["not ok 4"]
    assert sum(line.startswith("ok ") for line in lines) == len(document["rules"]) - 1


@pytest.mark.parametrize("scheme", ORDERS)
def test_vectors(command: Streams, scheme: str) -> None:
    """Each line is true, both ways of output agree, and every version of the facts is there."""
    status, out, err = command("vectors", "--scheme", scheme, "--pairs", "50")
    assert (status, err) == (0, "")
    rows = [line.split("\t") for line in out.split("\n")[:-1]]
    assert json.loads(command("vectors", "--scheme", scheme, "--pairs", "50", "--format", "json")[1]) == [
        [a, b, int(order)] for a, b, order in rows
    ]
    order = ORDERS[scheme]
    assert all(order.compare(a, b) == int(expected) for a, b, expected in rows)
    versions = {version for group in order.facts(valid_only=False) for version in group}
    assert {version for row in rows for version in row[:2]} == versions
    assert len(rows) == len(versions) - 1 + 50
    assert command("vectors", "--scheme", "cobol")[0] == 2


# --- conformance: programs that cannot be judged ----------------------------------------------------------------------


def failure(command: Streams, started: list[str], *options: str) -> str:
    status, out, err = command("conformance", "--scheme", "rpm", "--pairs", "10", *options, "--", *started)
    assert (status, out) == (2, "")
    assert err.startswith("vercmp conformance: ")
    assert err.count("\n") == 1
    return err.strip()


def test_no_such_program(command: Streams, tmp_path: Path) -> None:
    assert failure(command, [str(tmp_path / "none")]).endswith("none: does not start: No such file or directory")
    plain = tmp_path / "plain"
    plain.write_text("#!/no/such/interpreter\n")
    assert failure(command, [str(plain)]).endswith("plain: does not start: Permission denied")
    plain.chmod(0o755)
    assert failure(command, [str(plain)]).endswith("the interpreter that its first line names is not there")


def test_garbage(command: Streams, program: Programs) -> None:
    text = """
for number, line in enumerate(sys.stdin):
    print(rpm.compare(*line[:-1].split("\\t")) if number < 2 else "<")
"""
    message = failure(command, program(text))
    assert re.search(r"line 3 of its output, for '.*' and '.*', is b'<', not -1, 0, 1 or \?$", message)


@pytest.mark.parametrize("line", ["2", "-1 ok", "", "+1", "0.0", "x" * 200])
def test_lines_that_are_no_answers(command: Streams, program: Programs, line: str) -> None:
    message = failure(command, program(f"for _ in sys.stdin.buffer: print({line!r})"))
    assert "line 1 of its output" in message or "prints far more" in message
    assert len(message) < 500


def test_too_few_and_too_many(command: Streams, program: Programs) -> None:
    few = "n = len(sys.stdin.buffer.readlines())\nprint('0\\n' * (n - 1), end='')"
    assert failure(command, program(few)).endswith("ended well, but with 19999 answers to 20000 pairs")
    many = "n = len(sys.stdin.buffer.readlines())\nprint('0\\n' * (n + 1), end='')"
    assert failure(command, program(many)).endswith("ended well, but with 20001 answers to 20000 pairs")


def test_it_ends_early(command: Streams, program: Programs) -> None:
    """Long before the input has been read: the pipe breaks, and that is not what is reported."""
    text = "print(rpm.compare(*sys.stdin.buffer.readline()[:-1].decode().split('\\t')))\nsys.exit(3)"
    assert failure(command, program(text)).endswith("ended with exit status 3, after 1 lines of output for 20000 pairs")
    text = "print('usage: it')\nsys.exit(64)"
    assert failure(command, program(text)).endswith("for 20000 pairs. The first is b'usage: it'")
    assert failure(command, program("")).endswith("ended well, but with 0 answers to 20000 pairs")


def test_all_answers_and_a_failure(command: Streams, program: Programs) -> None:
    text = PROGRAMS["all at once"].format("rpm.compare") + "\nsys.stdout.flush()\nsys.exit(1)"
    assert "ended with exit status 1, after 20000 lines" in failure(command, program(text))


def test_it_is_killed(command: Streams, program: Programs) -> None:
    message = failure(command, program("import os, signal; os.kill(os.getpid(), signal.SIGKILL)"))
    assert f"ended by signal {int(signal.SIGKILL)}" in message


def test_it_prints_without_end(command: Streams, program: Programs) -> None:
    message = failure(command, program("while True: print(0)"))
    assert "prints far more than the answers" in message


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "import time; time.sleep(600)",  # reads nothing, prints nothing
        "sys.stdin.buffer.read(); import time; time.sleep(600)",  # reads, prints nothing
        "import os, time; os.close(1); time.sleep(600)",  # has nothing more to say, and stays
        "import subprocess, time; subprocess.Popen(['sleep', '600']); time.sleep(600)",  # is not alone
        "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); signal.pause()",
    ],
)
def test_it_hangs(command: Streams, program: Programs, text: str) -> None:
    started = time.monotonic()
    message = failure(command, program(text), "--timeout", "1")
    assert "not done within 1 seconds, after 0 lines of output for 20000 pairs" in message
    assert time.monotonic() - started < 10


def test_a_child_left_behind_ends_with_it(command: Streams, program: Programs, tmp_path: Path) -> None:
    """It answers and goes, but leaves a child that holds the input open and reads none of it."""
    pid = tmp_path / "pid"
    text = f"""
import pathlib, subprocess
child = subprocess.Popen(["sleep", "600"], stdout=subprocess.DEVNULL)
pathlib.Path({str(pid)!r}).write_text(str(child.pid))
sys.exit(0)
"""
    assert "ended well, but with 0 answers" in failure(command, program(text), "--timeout", "20")
    child = int(pid.read_text())
    for _ in range(200):
        try:
            os.kill(child, 0)
        except ProcessLookupError:
            return
        state = Path(f"/proc/{child}/stat")
        if state.exists() and state.read_text().rpartition(") ")[2].startswith("Z"):
            return
        time.sleep(0.02)
    pytest.fail("it is still there")


def test_its_own_complaints_go_through(program: Programs) -> None:
    done = run("conformance", "--scheme", "rpm", "--", *program("sys.exit('I cannot')"))
    assert done.returncode == 2
    assert done.stderr.startswith(b"I cannot\n")


def test_conformance_usage(command: Streams) -> None:
    for arguments in (["--scheme", "rpm"], ["--scheme", "rpm", "--"], ["--", "true"]):
        status, _, err = command("conformance", *arguments)
        assert status == 2
        assert err.startswith("vercmp conformance: ")
        assert err.endswith(" See: vercmp conformance --help\n")
    assert command("conformance", "--scheme", "cobol", "--", "true") == (
        2,
        "",
        f"vercmp conformance: unknown version scheme 'cobol', use one of {', '.join(ORDERS)}\n",
    )
    for option in (["--pairs", "-1"], ["--timeout", "0"], ["--timeout", "nan"], ["--seed", "x"]):
        status, _, err = command("conformance", "--scheme", "rpm", *option, "--", "true")
        assert status == 2
        assert "invalid" in err


@pytest.mark.parametrize("name", NOT_ORDERS)
def test_what_is_no_order_has_a_reason(command: Streams, name: str) -> None:
    status, out, err = command("compare", "1", "2", "--scheme", name)
    assert (status, out) == (2, "")
    assert NOT_ORDERS[name] in err
    status, out, err = command("conformance", "--scheme", name, "--", "true")
    assert (status, out) == (2, "")
    assert NOT_ORDERS[name] in err


def test_a_scheme_without_its_library_is_said() -> None:
    hidden = "import sys; sys.modules['packaging'] = None; from vercmp.__main__ import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", hidden, "validate", "1.0", "--scheme", "pep440"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "pip install packaging" in done.stderr


def test_strict_validation_stops_at_the_first_refused() -> None:
    command = [sys.executable, "-m", "vercmp", "validate", "--scheme", "dpkg", "--strict"]
    done = subprocess.run(command, input="1.0\nbad version\n-x\n", capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.count("error")) == (1, 1)


@pytest.mark.parametrize("how", ["2>&-", "2>/dev/full", ">/dev/full 2>/dev/full", ">/dev/full 2>&-"])
def test_a_closed_or_full_standard_error(how: str) -> None:
    shell = f"exec {sys.executable} -m vercmp key --scheme dpkg 1 'no version' {how}"
    done = subprocess.run(["sh", "-c", shell], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (2, b"")
    assert done.stdout == (b"" if ">/dev/full 2" in how else dpkg_key("1") + b"\n?\n")


def dpkg_key(version: str) -> bytes:
    return vercmp.sort_key(version, scheme="dpkg").hex().encode()


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["compare", "--help"]])
def test_help_that_cannot_be_written(words: list[str]) -> None:
    with open("/dev/full", "wb") as full:
        for unbuffered in ("", "1"):
            env = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
            done = subprocess.run([*VERCMP, *words], stdout=full, stderr=subprocess.PIPE, check=False, env=env)
            assert done.returncode == 2


@pytest.mark.parametrize("error", [MemoryError(), RecursionError("deep"), KeyError("x")])
def test_no_error_leaves_with_a_status_of_its_own(
    error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Status 1 means refused, or different."""

    def run(*arguments: object) -> int:
        raise error

    monkeypatch.setattr("vercmp._command._key", run)
    assert main(["key", "--scheme", "rpm", "1"]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith(f"vercmp: {type(error).__name__}")


@pytest.mark.parametrize("evil", ["\x1b[2J", "\u202e", "\r", "\x9b1m", "\x7f"])
def test_what_cannot_be_seen_is_escaped(evil: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "--scheme", "dpkg", "--strict", f"1{evil}"]) in (0, 1, 2)
    with pytest.raises(SystemExit):
        main(["key", f"--x{evil}"])
    err = capsys.readouterr().err
    assert all(c == "\n" or " " <= c <= "~" for c in err)


def test_the_package_loads_what_is_used() -> None:
    code = (
        "import sys, vercmp\n"
        "assert [name for name in sys.modules if name.startswith('vercmp')] == ['vercmp'], sys.modules\n"
        "assert {*vercmp.__all__} - {'__version__'} <= {*dir(vercmp)}\n"
        "for name in [*vercmp.__all__, 'schemes', 'errors']:\n"
        "    assert getattr(vercmp, name) == getattr(vercmp, name), name\n"
        "assert vercmp.rpm is sys.modules['vercmp.rpm']\n"
        "assert not hasattr(vercmp, 'nothing')\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("words", ["sort", "key", "max", "validate", "compare", "key --strict"])
@pytest.mark.parametrize("device", ["/dev/zero", "/dev/full"])
def test_a_line_without_an_end(words: str, device: str) -> None:
    with open(device, "rb") as stream:
        done = subprocess.run(
            [*VERCMP, *words.split(), "--scheme", "rpm"], stdin=stream, capture_output=True, check=False, timeout=60
        )
    message = f"vercmp {words.split()[0]}: line 1: longer than 67108864 bytes\n"
    assert (done.returncode, done.stdout, done.stderr.decode()) == (2, b"", message)


@pytest.mark.parametrize("pieces", [1, 7, 1 << 16])
def test_lines_in_pieces(command: Streams, monkeypatch: pytest.MonkeyPatch, pieces: int) -> None:
    monkeypatch.setattr("vercmp._command._CHUNK", pieces)
    monkeypatch.setattr("vercmp._command._LONGEST_LINE", 40)
    for text in ("1\n22222222222222222222\n\n3", "1\n2\n", "\n\n", "", "1" * 40 + "\n" + "2" * 40):
        status, out, err = command("key", "--scheme", "rpm", stdin=text.encode())
        lines = text.removesuffix("\n").split("\n") if text else []
        assert out.splitlines() == [vercmp.rpm.sort_key(line).hex() if line else "?" for line in lines]
        assert err.count("\n") == lines.count("")
        assert status == (2 if "" in lines else 0)


def test_the_newest_of_many_takes_no_memory() -> None:
    code = (
        "import sys, tracemalloc; from vercmp.__main__ import main; main(['max', '--scheme', 'rpm', '1'])\n"
        "tracemalloc.start(); main(['max', '--scheme', 'rpm'])\n"
        "print(tracemalloc.get_traced_memory()[1], file=sys.stderr)\n"
    )
    lines = b"".join(b"1.%d-1\n" % number for number in range(100_000))
    done = subprocess.run([sys.executable, "-c", code], input=lines, capture_output=True, check=True)
    assert done.stdout == b"1\n1.99999-1\n"
    assert int(done.stderr) < 6_000_000
