"""Write or check the packaged vector files with the real tools: librpm, dpkg, apk, packaging, semver and ruby.

    python tools/make_vectors.py [FILE ...]               check: exit status 1 where a file differs from the tools
    python tools/make_vectors.py --all-pairs [FILE ...]   check every pair, not only neighbours (minutes, for dpkg)
    python tools/make_vectors.py --write [FILE ...]       sort every version again, and write the files
    python tools/make_vectors.py --write --add FILE       the same with the versions of standard input, one a line

The files are their own source: to drop a version delete its line, to add one use ``--add``. Nothing here imports
vercmp, because the files must not depend on the code that they test. A file whose tool is missing here is skipped.
"""

import argparse
import ctypes
import functools
import itertools
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).resolve().parent.parent / "src" / "vercmp" / "testing" / "vectors"

HEADER = """\
# {title}
#
# Measured with {tool}, by tools/make_vectors.py.
# The versions were picked from {picked}, from the
# public tests of other implementations, and made up for the rules of the order. {lines}
#
# A line is a comment (it begins with #), or {grammar}
# The version is the inside of a JSON string: ASCII, with escapes like \\u00e9, \\" and \\\\. White space at its ends
# is escaped too.
"""
ORDER_GRAMMAR = """a sign, a tab, and a version. The sign compares the version with the one
# of the line before: < is above it, = is equal to it. The first version is above nothing. So two versions are equal
# where nothing but = lies between them, and else the later line is above the earlier one."""
VALIDITY_GRAMMAR = """the result (ok, warning or error), a tab, a version, a tab, and dpkg's
# message (empty for ok). A version with a warning is still a version."""

NO_LINES = "None holds a tab, CR or LF."

DISTRIBUTIONS = "distributions' own packages and advisories (AlmaLinux, Debian, Rocky, Ubuntu)"
SBOMS = "real SBOMs and advisories (packages of npm, Go and Cargo)"
GEMS = "real gems, SBOMs and advisories"

Compare = Callable[[str, str], int]


class ToolMissing(Exception):
    """The tool whose order a file holds is not on this machine."""


class File(NamedTuple):
    title: str
    tool: Callable[[], str]
    compare: Compare
    picked: str = DISTRIBUTIONS


@functools.cache
def librpm() -> ctypes.CDLL:
    # Of rpm 4.15 to 4.20, and of rpm 6.
    try:
        library = ctypes.CDLL("librpm.so.9")
    except OSError:
        library = ctypes.CDLL("librpm.so.10")
    library.rpmverParse.restype = ctypes.c_void_p
    library.rpmverParse.argtypes = [ctypes.c_char_p]
    library.rpmverCmp.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
    return library


def rpm_version() -> str:
    text = ctypes.c_char_p.in_dll(librpm(), "RPMVERSION").value
    assert text is not None
    return f"librpm {text.decode()}"


@functools.cache
def parsed_evr(version: str) -> ctypes.c_void_p:
    # Kept for the life of this process. There are a few hundred.
    found = librpm().rpmverParse(version.encode())
    if not found:
        raise SystemExit(f"librpm refuses {version!r}")
    return ctypes.c_void_p(found)


def compare_evr(a: str, b: str) -> int:
    return int(librpm().rpmverCmp(parsed_evr(a), parsed_evr(b)))


def compare_segment(a: str, b: str) -> int:
    return int(librpm().rpmvercmp(a.encode(), b.encode()))


def dpkg(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["dpkg", *arguments], capture_output=True, encoding="utf-8", check=False, env={**os.environ, "LC_ALL": "C"}
    )


@functools.cache
def dpkg_version() -> str:
    found = re.search(r"version (\S+) \((\S+)\)", dpkg("--version").stdout)
    assert found is not None
    return f"dpkg {found[1]} on {found[2]}"


def compare_dpkg(a: str, b: str) -> int:
    for operator, sign in (("lt", -1), ("eq", 0), ("gt", 1)):
        done = dpkg("--compare-versions", "--", a, operator, b)
        if done.returncode == 0:
            return sign
        if done.returncode != 1:
            raise SystemExit(f"dpkg refuses {a!r} or {b!r}: {done.stderr}")
    raise SystemExit(f"dpkg finds {a!r} neither below, equal to nor above {b!r}")


def apk(*arguments: str) -> str:
    try:
        return subprocess.run(["apk", *arguments], capture_output=True, encoding="utf-8", check=False).stdout.strip()
    except FileNotFoundError:
        raise ToolMissing("apk") from None


def apk_version() -> str:
    return " ".join(apk("--version").split()[:2]).rstrip(",")


def compare_apk(a: str, b: str) -> int:
    answer = apk("version", "-t", a, b)
    if answer not in ("<", "=", ">"):
        raise SystemExit(f"apk refuses {a!r} or {b!r}")
    return "<=>".index(answer) - 1


def packaging_version() -> str:
    import packaging

    return f"packaging {packaging.__version__}"


def compare_pep440(a: str, b: str) -> int:
    from packaging.version import Version

    x, y = Version(a), Version(b)
    return (x > y) - (x < y)


def semver_version() -> str:
    import semver

    return f"semver {semver.__version__} of Python"


def compare_semver(a: str, b: str) -> int:
    from semver import Version

    return Version.parse(a).compare(Version.parse(b))


@functools.cache
def ruby() -> subprocess.Popen[str]:
    """It answers two versions of a line with -1, 0 or 1, until this process ends."""
    answer = r"a, b = line.chomp.split(%(\t), -1).map { |version| Gem::Version.new(version) }; puts a <=> b"
    script = f"STDOUT.sync = true; STDIN.each_line {{ |line| {answer} }}"
    try:
        return subprocess.Popen(
            ["ruby", "-W0", "-e", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
        )
    except FileNotFoundError:
        raise ToolMissing("ruby") from None


def rubygems_version() -> str:
    try:
        done = subprocess.run(["gem", "--version"], capture_output=True, encoding="utf-8", check=True)
    except FileNotFoundError:
        raise ToolMissing("ruby") from None
    return f"RubyGems {done.stdout.strip()}"


def compare_gem(a: str, b: str) -> int:
    stdin, stdout = ruby().stdin, ruby().stdout
    assert stdin is not None
    assert stdout is not None
    stdin.write(f"{a}\t{b}\n")
    stdin.flush()
    return int(stdout.readline())


def dpkg_validity(version: str) -> tuple[str, str]:
    done = dpkg("--validate-version", "--", version)
    state = ("ok", "warning", "error")[done.returncode]
    message = done.stderr.rpartition("has bad syntax: ")[2].rstrip("\n")
    return state, message


ORDERS = {
    "rpm.tsv": File("[epoch:]version[-release] as librpm's rpmverCmp orders it.", rpm_version, compare_evr),
    "rpmvercmp.tsv": File("One version or release as librpm's rpmvercmp orders it.", rpm_version, compare_segment),
    "dpkg.tsv": File("[epoch:]version[-revision] as dpkg --compare-versions orders it.", dpkg_version, compare_dpkg),
    "apk.tsv": File("Versions as apk version -t orders them.", apk_version, compare_apk),
    "pep440.tsv": File("Versions as packaging.version.Version orders them.", packaging_version, compare_pep440),
    "semver.tsv": File("Versions as semver.Version orders them.", semver_version, compare_semver, SBOMS),
    "gem.tsv": File("Versions as Gem::Version orders them.", rubygems_version, compare_gem, GEMS),
}
VALIDITY = "dpkg_validity.tsv"


def quoted(version: str) -> str:
    inside = json.dumps(version, ensure_ascii=True)[1:-1].replace("\x7f", "\\u007f")
    bare = inside.strip(" ")
    ends = len(inside) - len(inside.lstrip(" ")), len(inside) - len(inside.rstrip(" "))
    return "\\u0020" * ends[0] + bare + "\\u0020" * (ends[1] if bare else 0)


def versions_of(path: Path) -> list[str]:
    if not path.exists():
        return []
    lines = path.read_text(encoding="ascii").split("\n")
    return [json.loads(f'"{line.split(chr(9))[1]}"') for line in lines if line and not line.startswith("#")]


def order_text(file: File, versions: Iterable[str]) -> str:
    # By length first: among equals the shortest, plainest text leads.
    known = sorted(set(versions), key=lambda version: (len(version), version))
    known.sort(key=functools.cmp_to_key(file.compare))
    lines = [
        HEADER.format(title=file.title, tool=file.tool(), picked=file.picked, lines=NO_LINES, grammar=ORDER_GRAMMAR)
    ]
    for before, version in itertools.pairwise([None, *known]):
        equal = before is not None and version is not None and file.compare(before, version) == 0
        lines.append(f"{'=' if equal else '<'}\t{quoted(version or '')}\n")
    return "".join(lines)


def validity_text(versions: Iterable[str]) -> str:
    header = HEADER.format(
        title="Errors and warnings of dpkg --validate-version.",
        tool=dpkg_version(),
        picked=DISTRIBUTIONS,
        lines="Some hold a tab or a line feed.",
        grammar=VALIDITY_GRAMMAR,
    )
    rows = sorted((dpkg_validity(version), version) for version in set(versions))
    return header + "".join(f"{state}\t{quoted(version)}\t{message}\n" for (state, message), version in rows)


def facts(text: str) -> list[str]:
    """The lines of a file without its comments."""
    return [line for line in text.split("\n") if not line.startswith("#")]


def wrong_pairs(name: str, path: Path) -> int:
    """Every pair of an order file against the tool."""
    compare = ORDERS[name].compare
    rank, ranked = -1, []
    for line in path.read_text(encoding="ascii").split("\n"):
        if line and not line.startswith("#"):
            rank += line.startswith("<")
            ranked.append((rank, json.loads(f'"{line[2:]}"')))
    wrong = 0
    for (rank_a, a), (rank_b, b) in itertools.product(ranked, repeat=2):
        if compare(a, b) != (rank_a > rank_b) - (rank_a < rank_b):
            wrong += 1
            print(f"{name}: {a!r} against {b!r}", file=sys.stderr)
    print(f"{name}: {len(ranked) ** 2} pairs, {wrong} wrong")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--add", action="store_true")
    parser.add_argument("--all-pairs", action="store_true")
    parser.add_argument("files", metavar="FILE", nargs="*", help=f"of {', '.join([*ORDERS, VALIDITY])}; all if none")
    options = parser.parse_args()
    if unknown := set(options.files) - {*ORDERS, VALIDITY}:
        parser.error(f"no such vector file: {', '.join(unknown)}")
    if options.add and not (options.write and len(options.files) == 1):
        parser.error("--add needs --write and one file")
    added = sys.stdin.buffer.read().decode().removesuffix("\n").split("\n") if options.add else []
    stale = 0
    for name in options.files or [*ORDERS, VALIDITY]:
        path = FOLDER / name
        versions = versions_of(path) + added
        try:
            text = validity_text(versions) if name == VALIDITY else order_text(ORDERS[name], versions)
        except ToolMissing as missing:
            print(f"{name}: skipped, there is no {missing} here", file=sys.stderr)
            continue
        if options.write:
            path.write_text(text, encoding="ascii")
        elif text != (former := path.read_text(encoding="ascii")):
            stale += 1
            how = "is of another release, with the same results as" if facts(text) == facts(former) else "differs from"
            print(f"{name} {how} {'dpkg' if name == VALIDITY else ORDERS[name].tool()}", file=sys.stderr)
        print(f"{name}: {len(set(versions))} versions")
        if options.all_pairs and name != VALIDITY:
            stale += wrong_pairs(name, path)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
