"""The real libraries, in this process: librpm, libdpkg and libapt behind one small interface.

Each is a few lines of C around the library, compiled with the development headers (Debian: librpm-dev, libdpkg-dev,
libapt-pkg-dev) when first asked for. Where they are missing the test is skipped; where the environment says ``CI`` that
is a failure instead, since there nothing may skip that could run.
"""

import ctypes
import functools
import hashlib
import importlib
import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import weakref
from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn, Protocol

import pytest
import semver
from lacking import skipping
from packaging.version import Version

_HERE = Path(__file__).parent
_SOURCES = {
    "librpm": (["librpm.c"], ["-lrpm", "-lrpmio"]),
    "libdpkg": (["libdpkg.c", "libdpkg_unused.c"], ["-Wl,-Bsymbolic", "-ldpkg"]),
    "libapt": (["libapt.cc"], ["-lapt-pkg", "-lstdc++"]),
}


@functools.cache
def library(name: str) -> ctypes.CDLL:
    """The compiled oracle; skips, or in CI fails, where it cannot be had."""
    sources, libraries = _SOURCES[name]
    compiler = shutil.which("cc")
    if compiler is None:
        missing(name, "no C compiler")
    texts = b"".join((_HERE / source).read_bytes() for source in [*sources, "batch.h"]) + " ".join(libraries).encode()
    folder = Path(tempfile.gettempdir()) / f"vercmp-oracles-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    built = folder / f"{name}-{hashlib.sha256(texts).hexdigest()[:16]}.so"
    if not built.exists():
        scratch = built.with_suffix(f".{os.getpid()}")
        command = [compiler, "-O2", "-w", "-shared", "-fPIC", "-o", scratch, *(_HERE / s for s in sources), *libraries]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            missing(name, done.stderr)
        scratch.replace(built)
    try:
        return ctypes.CDLL(str(built))
    except OSError as error:  # this Python is of another machine than the compiler
        return missing(name, str(error))


@functools.cache
def oscap() -> str:
    """OpenSCAP's command (Debian: openscap-scanner); skips, or in CI fails, where it is not installed."""
    path = shutil.which("oscap")
    if path is None:
        missing("oscap", "not installed")
    return str(path)


def file(path: Path, package: str) -> Path:
    """A file that a system's package carries; skips, or in CI fails, where it is not installed."""
    if not path.exists():
        missing(str(path), f"{package} is not installed")
    return path


def run(command: Sequence[str], *, check: bool = True, input: bytes | None = None) -> bytes:
    """What a system's own tool prints; skips, or in CI fails, where it is not installed.

    :param check: whether an exit status other than 0 is an error.
    :param input: what it reads as standard input.
    """
    if shutil.which(command[0]) is None:
        missing(command[0], "not installed")
    return subprocess.run(command, capture_output=True, check=check, input=input).stdout


def program(name: str) -> str:
    """A program of this environment, or of the machine; skips, or in CI fails, where it is not installed."""
    path = shutil.which(name, path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    if path is None:
        missing(name, "not installed")
    return str(path)


def module(name: str, lowest: str = "0") -> Any:
    """A Python library that only some tests need; skips, or in CI fails, where it is not installed, or is older."""
    try:
        found = importlib.import_module(name)
    except ImportError as error:
        skipping(error)
        return missing(name, str(error))
    if lowest != "0" and Version(installed := importlib.metadata.version(name)) < Version(lowest):
        return missing(name, f"{installed} is installed, and {lowest} is needed")
    return found


def missing(name: str, why: str) -> NoReturn:
    """Skip the test, or in CI fail it: nothing may skip there that could run."""
    message = f"oracle {name} cannot be had: {why}"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


def _packed(versions: Sequence[str]) -> bytes:
    """Each ended by NUL, as the C side reads them; the last one's is what C strings have anyway."""
    return "\0".join(versions).encode()


class Against(Protocol):
    """A real order that compares one version with many."""

    def against(self, a: str, others: Sequence[str]) -> bytes:
        """-1, 0, 1 of *a* and each, a signed byte each."""


class Oracle:
    """One order of one library: ``Oracle("librpm", "evr")``."""

    def __init__(self, library_name: str, order: str) -> None:
        loaded = library(library_name)
        self._one = loaded[f"{order}_one"]
        self._pairs = loaded[f"{order}_pairs"]
        self._against = loaded[f"{order}_against"]

    def compare(self, a: str, b: str) -> int:
        """-1, 0, 1; 2 or 3 where *a* or *b* is refused."""
        return int(self._one(a.encode(), b.encode()))

    def compare_many(self, a: Sequence[str], b: Sequence[str]) -> list[int]:
        """:meth:`compare` place by place."""
        out = (ctypes.c_byte * len(a))()
        self._pairs(_packed(a), _packed(b), ctypes.c_long(len(a)), out)
        return list(out)

    def against(self, a: str, others: Sequence[str]) -> bytes:
        """:meth:`compare` of *a* with each, a signed byte each."""
        out = (ctypes.c_byte * len(others))()
        self._against(a.encode(), _packed(others), ctypes.c_long(len(others)), out)
        return bytes(out)


class Packaging:
    """The order of ``packaging.version.Version``."""

    def __init__(self) -> None:
        self._parsed = functools.lru_cache(1024)(Version)

    def against(self, a: str, others: Sequence[str]) -> bytes:
        """As :meth:`Oracle.against`."""
        x = self._parsed(a)
        return signed([(x > y) - (x < y) for y in map(self._parsed, others)])


class SemVer:
    """The order of ``semver.Version``."""

    def __init__(self) -> None:
        self._parsed = functools.lru_cache(4096)(semver.Version.parse)

    def against(self, a: str, others: Sequence[str]) -> bytes:
        """As :meth:`Oracle.against`."""
        return signed(list(map(self._parsed(a).compare, map(self._parsed, others))))


_NODE_SEMVER = Path("/usr/share/nodejs/semver/functions/parse.js")
_NODE_SCRIPT = """
const parse = require(process.argv[1]);
const versions = JSON.parse(require("fs").readFileSync(0)).map((text) => parse(text));
const valid = versions.filter((version) => version !== null);
const rows = versions.map((a) => a && Buffer.from(valid.map((b) => a.compare(b))).toString("latin1"));
process.stdout.write(JSON.stringify(rows));
"""


def node_semver(versions: Sequence[str]) -> list[bytes | None]:
    """A row for each version, against all valid ones, by npm's semver (Debian: node-semver). None: it is refused."""
    script = str(file(_NODE_SEMVER, "node-semver"))
    printed = run(["node", "-e", _NODE_SCRIPT, script], input=json.dumps(list(versions)).encode())
    return [row if row is None else row.encode("latin-1") for row in json.loads(printed)]


_RUBY_SCRIPT = """
$stdout.binmode
parsed = Hash.new { |all, text| all[text] = Gem::Version.correct?(text) ? Gem::Version.new(text) : nil }
STDIN.each_line do |line|
  version, others = JSON.parse(line)
  a = parsed[version]
  row = others.map { |other| a && parsed[other] ? a <=> parsed[other] : 2 }
  $stdout.write([row.size].pack("N"), row.pack("c*"))
  $stdout.flush
  parsed.clear if parsed.size > 20_000
end
"""


# A dash is letters too: .pre.
_ZEROS_BETWEEN_LETTERS = re.compile(r"(?:-|[A-Za-z-].*[.-])[0.]*0[0.]*[A-Za-z-]", re.ASCII)


class RubyGems:
    """The order of ``Gem::Version`` (Debian: ruby), in a process of its own."""

    def __init__(self) -> None:
        if shutil.which("ruby") is None:
            missing("ruby", "not installed")
        self._ruby = subprocess.Popen(
            ["ruby", "-W0", "-rjson", "-e", _RUBY_SCRIPT], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        weakref.finalize(self, _ended, self._ruby)

    def against(self, a: str, others: Sequence[str]) -> bytes:
        """As :meth:`Oracle.against`. 2: one of the two is refused."""
        stdin, stdout = self._ruby.stdin, self._ruby.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps([a, list(others)]).encode() + b"\n")
        stdin.flush()
        return stdout.read(int.from_bytes(stdout.read(4), "big"))

    def alike(self, versions: Sequence[str]) -> list[str]:
        """Those that this RubyGems orders as 3.3 does. From 3.6 on, zeros do not count between letters (known gaps)."""
        release = run(["ruby", "-e", "print Gem::VERSION"]).decode().split(".")
        newer = (int(release[0]), int(release[1])) >= (3, 6)
        return [version for version in versions if not (newer and _ZEROS_BETWEEN_LETTERS.search(version))]


def _ended(process: subprocess.Popen[bytes]) -> None:
    process.communicate()


def signed(values: Sequence[int]) -> bytes:
    """Ours as :meth:`Oracle.against` writes them."""
    return array("b", values).tobytes()


def dpkg_verdict(version: str) -> tuple[str, str]:
    """What libdpkg says: ("ok", ""), or "warning" or "error" with its message."""
    verdict = library("libdpkg").verdict
    verdict.restype = ctypes.c_char_p
    said = verdict(version.encode())
    return ("ok", "") if said is None else ({"E": "error", "W": "warning"}[chr(said[0])], said[1:].decode())


def rpm_part(version: str, which: str) -> str | None:
    """The part "e", "v" or "r" as librpm cuts it; None where it finds none."""
    part = library("librpm").part
    part.restype = ctypes.c_char_p
    found = part(version.encode(), ctypes.c_char(which.encode()))
    return None if found is None else found.decode()


_SENSE = {"<": 2, ">": 4, "=": 8, "<=": 10, ">=": 12}  # RPMSENSE_LESS, _GREATER, _EQUAL of rpmds.h


def rpm_overlap(a: str, a_operator: str, b: str, b_operator: str) -> bool:
    """librpm's rpmverOverlap of two ranges."""
    return bool(library("librpm").overlap(a.encode(), _SENSE[a_operator], b.encode(), _SENSE[b_operator]))
