"""What has to be the same on every machine, and the tests of what is compiled there: ``make machines``.

python tools/machines.py FOLDER MACHINE... runs Python 3.11 of other machines on this one, which is x86-64. Debian 12
has that Python for each machine, and it comes by apt into FOLDER. ``musl`` is this machine with another C library:
Python is compiled of Debian's sources. A wheel is compiled here for each, by the Python that runs this.

``tests/support/platforms/answers.py`` prints the same on each machine and on this one, and either reads the pickles of
the other. Then tests run: those of what is compiled where the kernel runs the machine's programs, and elsewhere those
of ``--tests`` alone. What tests need comes as wheels for that machine. What has none is named, and tests that import it
skip and are counted. ``LACKING`` has what may be missing. Where more is missing, or less, the status is 1.
"""

import argparse
import os
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

from pythons import ROOT, counted, distribution, show

__all__ = ["LACKING", "MACHINES", "Machine", "main", "missing"]

PLATFORMS: Final = ROOT / "tests" / "support" / "platforms"


class Machine(NamedTuple):
    """A machine by what its things are called."""

    compiler: str
    #: What runs its programs, before their names. Nothing where they run as they are.
    runner: tuple[str, ...]
    #: Platforms of wheels that run there.
    wheels: tuple[str, ...]
    #: Programs that are needed here, with Debian 12's packages of them.
    programs: dict[str, str]

    @property
    def is_emulated(self) -> bool:
        """Whether its programs run some ten times slower than here."""
        return any("qemu" in word for word in self.runner)


def _debian(
    compiler: str, package: str, wheels: str, *, libraries: str = "", loader: str = "", cpu: str = "", qemu: str = ""
) -> Machine:
    """A machine of Debian's, by its own loader on a processor of this family, or by qemu."""
    paths = f"{{root}}/lib/{libraries}:{{root}}/usr/lib/{libraries}"
    own = ("setarch", cpu, f"{{root}}/{loader}", "--library-path", paths, "--argv0", "{name}")
    programs = {"apt-get": "apt", "dpkg-deb": "dpkg", f"{compiler}-gcc": package}
    return Machine(
        f"{compiler}-gcc",
        (qemu, "-0", "{name}", "-L", "{root}") if qemu else own,
        # Debian 12 has glibc 2.36.
        (*(f"manylinux_2_{minor}_{wheels}" for minor in range(36, 4, -1)), f"manylinux2014_{wheels}"),
        programs | ({qemu: "qemu-user-static"} if qemu else {"setarch": "util-linux"}),
    )


#: By Debian's names.
MACHINES: Final = {
    "amd64": _debian(
        "x86_64-linux-gnu", "gcc", "x86_64",
        libraries="x86_64-linux-gnu", loader="lib64/ld-linux-x86-64.so.2", cpu="x86_64",
    ),
    "i386": _debian(
        "i686-linux-gnu", "gcc-i686-linux-gnu", "i686",
        libraries="i386-linux-gnu", loader="lib/ld-linux.so.2", cpu="i686",
    ),
    "arm64": _debian("aarch64-linux-gnu", "gcc-aarch64-linux-gnu", "aarch64", qemu="qemu-aarch64-static"),
    "s390x": _debian("s390x-linux-gnu", "gcc-s390x-linux-gnu", "s390x", qemu="qemu-s390x-static"),
    "musl": Machine(
        "musl-gcc",
        (),
        tuple(f"musllinux_1_{minor}_x86_64" for minor in (2, 1, 0)),
        {"apt-get": "apt", "dpkg-source": "dpkg-dev", "gcc": "gcc", "make": "make"}
        | {"musl-gcc": "musl-tools", "tclsh": "tcl"},
    ),
}  # fmt: skip

#: What the others are compared with.
HERE: Final = "amd64"

#: What has no wheel for a machine.
LACKING: Final[dict[str, frozenset[str]]] = {
    "i386": frozenset(["csaf", "duckdb", "msgspec", "pandas", "polars", "pyarrow", "spdx-tools"]),
    "s390x": frozenset(["cmarkgfm", "csaf", "duckdb", "jinja2", "msgspec", "pandas", "polars", "pyarrow"]),
}

#: What has wheels that do not run there, and is not installed. Debian 12's musl is 1.2.3, which ends where libraries of
#: C++ and Fortran have relocations of a kind that 1.2.4 brought (DT_RELR). Python there has no OpenSSL, which csaf
#: needs, and psycopg needs a library.
UNUSABLE: Final[dict[str, frozenset[str]]] = {
    "musl": frozenset(["csaf", "duckdb", "openssl", "pandas", "psycopg", "pyarrow"]),
}

#: Python and its libraries, and what is compiled against.
DEBIAN: Final = (
    *("python3.11-minimal", "libpython3.11-minimal", "libpython3.11-stdlib", "libpython3.11-dev", "media-types"),
    *("libc6", "libc6-dev", "linux-libc-dev", "libcrypt1", "libcrypt-dev", "libgcc-s1", "libgcc-12-dev", "libstdc++6"),
    *("zlib1g", "libexpat1", "libsqlite3-0", "libssl3", "libffi8", "libbz2-1.0", "liblzma5", "libuuid1"),
    *("python3-yaml", "libyaml-0-2"),
)

#: What is compiled, and what stands on it.
COMPILED: Final = (
    "tests/vercmp",
    "tests/laws",
    "tests/advisories/test_threads.py",
    "tests/advisories/test_each_interpreter.py",
    *(f"tests/advisories/{room}" for room in ("models", "sources", "distros", "readers", "index", "matching", "store")),
)

_SAYING: Final = (
    "import platform, sqlite3, sys; print(f'Python {platform.python_version()}, {platform.machine()}, '"
    " f'{sys.maxsize.bit_length() + 1} bits, {sys.byteorder}-endian, SQLite {sqlite3.sqlite_version}')"
)


class Place(NamedTuple):
    """Where a machine's things are."""

    name: str
    machine: Machine
    folder: Path

    @property
    def root(self) -> Path:
        return self.folder / "root"

    @property
    def python(self) -> Path:
        return self.folder / "python" / "bin" / "python3.11"

    @property
    def packages(self) -> Path:
        return self.folder / "python" / "lib" / "python3.11" / "site-packages"

    @property
    def answers(self) -> Path:
        return self.folder / "answers"


def run(*command: object, **options: object) -> subprocess.CompletedProcess[str]:
    """SystemExit where it fails."""
    words = [str(part) for part in command]
    done = subprocess.run(words, **{"check": False, "text": True, "cwd": ROOT, **options})  # type: ignore[call-overload]
    if done.returncode:
        raise SystemExit(f"{shlex.join(words)} ended with {done.returncode}\n{done.stderr or ''}")
    return done  # type: ignore[no-any-return]


def environment(**more: str) -> dict[str, str]:
    """That of a program of another machine."""
    return {name: value for name, value in os.environ.items() if name not in ("CI", "PYTHONHOME", "PYTHONPATH")} | more


def missing(machines: Iterable[Machine]) -> dict[str, str]:
    """Programs that are not here, with the packages that have them."""
    needed = {program: package for machine in machines for program, package in machine.programs.items()}
    return {program: package for program, package in needed.items() if shutil.which(program) is None}


# ---- Python ----


def fetch(place: Place) -> None:
    """Debian's Python for a machine, unpacked."""
    apt, packages = place.folder / "apt", place.folder / "packages"
    for folder in (apt / "lists" / "partial", apt / "archives" / "partial", packages):
        folder.mkdir(parents=True, exist_ok=True)
    keys = "/usr/share/keyrings/debian-archive-keyring.gpg"
    address = "http://deb.debian.org/debian bookworm main"
    apt.joinpath("sources").write_text(f"deb [arch={place.name} signed-by={keys}] {address}\n")
    apt.joinpath("status").touch()
    options = {
        "APT::Architecture": place.name,
        "APT::Architectures::": place.name,
        "APT::Sandbox::User": "root",
        "Dir::Etc::SourceList": apt / "sources",
        "Dir::Etc::SourceParts": "/dev/null",
        "Dir::State::Lists": apt / "lists",
        "Dir::State::status": apt / "status",
        "Dir::Cache": apt,
    }
    command = ["apt-get", "-qq", *[word for name, value in options.items() for word in ("-o", f"{name}={value}")]]
    run(*command, "update")
    run(*command, "download", *DEBIAN, cwd=packages)
    for package in sorted(packages.glob("*.deb")):
        run("dpkg-deb", "-x", package, place.root)


def prepare(place: Place) -> None:
    """A Python of the machine that runs here, as an environment of its own."""
    ready = place.folder / "ready"
    if not ready.exists():
        if place.name == "musl":
            with place.folder.joinpath("python.log").open("w") as log:
                print(f"{place.name}: compiling Python takes some minutes, see {log.name}", flush=True)
                run("sh", PLATFORMS / "musl_python.sh", place.root, stdout=log, stderr=subprocess.STDOUT)
        else:
            fetch(place)
        ready.touch()
    real = place.root / ("bin" if place.name == "musl" else "usr/bin")
    place.packages.mkdir(parents=True, exist_ok=True)
    place.python.parent.mkdir(parents=True, exist_ok=True)
    place.python.unlink(missing_ok=True)
    place.python.parents[1].joinpath("pyvenv.cfg").write_text(f"home = {real}\n")
    if place.machine.runner:
        words = [word.format(root=place.root, name="$0") for word in place.machine.runner]
        command = " ".join('"$0"' if word == "$0" else shlex.quote(word) for word in [*words, f"{real}/python3.11"])
        place.python.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
        place.python.chmod(0o755)
    else:
        place.python.symlink_to(real / "python3.11")
    said = run(place.python, "-c", _SAYING, capture_output=True, env=environment()).stdout.strip()
    print(f"{place.name}: {said}", flush=True)


# ---- what is tested ----


def install(place: Place, wanted: list[str]) -> list[str]:
    """Wheels for the machine, and PyYAML of Debian's, which has it for each; the names of what has none."""
    debian = place.root / "usr" / "lib" / "python3" / "dist-packages"
    carried = [path for path in (debian / "yaml", debian / "_yaml") if path.exists()]
    if carried:
        wanted = [one for one in wanted if distribution(one) != "pyyaml"]
    platforms = [word for platform in place.machine.wheels for word in ("--platform", platform)]
    pip = [
        sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "install", "--only-binary", ":all:",
        "--python-version", "3.11", "--implementation", "cp", *platforms, "--target", str(place.packages),
    ]  # fmt: skip

    def can(*arguments: str) -> bool:
        done = subprocess.run([*pip, *arguments], check=False, capture_output=True, text=True)
        if done.returncode:
            print("\n".join(done.stderr.strip().splitlines()[-1:]), file=sys.stderr)
        return not done.returncode

    unusable = UNUSABLE.get(place.name, frozenset())
    wanted = [one for one in wanted if distribution(one) not in unusable]
    stamp, lacking = place.folder / "wanted", place.folder / "lacking"
    if not stamp.exists() or stamp.read_text() != "\n".join(wanted):
        shutil.rmtree(place.packages)
        listed = LACKING.get(place.name, frozenset())
        without = [one for one in wanted if distribution(one) in listed and not can("--dry-run", one)]
        if not can(*[one for one in wanted if one not in without]):
            without = [one for one in wanted if one in without or not can("--dry-run", one)]
            if not can(*[one for one in wanted if one not in without]):
                raise SystemExit(f"{place.name}: what the tests need cannot be installed together")
        for path in carried:
            shutil.copytree(path, place.packages / path.name, dirs_exist_ok=True)
        lacking.write_text("\n".join([*map(distribution, without), *sorted(unusable)]))
        stamp.write_text("\n".join(wanted))
    return lacking.read_text().split()


def build(place: Place) -> None:
    """Put the wheel for the machine where its Python imports it, compiled by the facts of that Python."""
    # Debian has a second name for them.
    facts = min(place.root.glob("**/_sysconfigdata__*linux*.py"), key=lambda path: len(path.name))
    known, wheels = place.folder / "facts", place.folder / "wheel"
    known.mkdir(exist_ok=True)
    shutil.copy(facts, known)
    include = place.root / ("include" if place.name == "musl" else "usr/include")
    compiler = place.machine.compiler + ("" if place.name == "musl" else f" --sysroot={place.root}")
    for old in [wheels, *place.packages.glob("vercmp*"), *place.packages.glob("advisories*")]:
        if old.is_dir():
            shutil.rmtree(old)
        else:
            old.unlink(missing_ok=True)
    facts_of = {
        "PYTHONPATH": str(known),
        "_PYTHON_SYSCONFIGDATA_NAME": facts.stem,
        "_PYTHON_HOST_PLATFORM": f"linux-{place.name}",
        "CC": compiler,
        "LDSHARED": f"{compiler} -shared",
        "CPPFLAGS": f"-I{include}/python3.11 -I{include}",
    }
    command = ["setup.py", "--quiet", "build", "--build-base", place.folder / "objects", "bdist_wheel"]
    with place.folder.joinpath("build.log").open("w") as log:
        run(
            sys.executable, *command, "--bdist-dir", place.folder / "bdist", "--dist-dir", wheels,
            env=os.environ | facts_of, stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
    [wheel] = wheels.iterdir()
    shutil.unpack_archive(wheel, place.packages, "zip")


def compare(place: Place, here: Place) -> None:
    """SystemExit where a machine answers otherwise than this one."""

    def answers(of: Place, other: Place | None) -> str:
        of.answers.mkdir(exist_ok=True)
        others = [other.answers] if other else []
        command = [of.python, PLATFORMS / "answers.py", of.answers, *others]
        return run(*command, env=environment(), stdout=subprocess.PIPE).stdout

    expected = answers(here, None)
    found = answers(place, here)
    lines = expected.splitlines()
    differing = [two for two in zip(lines, found.splitlines(), strict=True) if two[0] != two[1]]
    for two in differing:
        print("\n".join(two))
    if differing or answers(here, place) != expected:
        raise SystemExit(f"{place.name} answers otherwise than {here.name}")
    print(f"{place.name}: {len(lines)} answers, the same as on {here.name}", flush=True)


def suite(place: Place, lacking: list[str], tests: list[str]) -> list[str]:
    """Run tests there, print what they come to, and return what failed."""
    report, log = place.folder / "tests.xml", place.folder / "tests.log"
    report.unlink(missing_ok=True)
    command = [place.python, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}", "-m", "not slow"]
    command.append("--continue-on-collection-errors")
    with log.open("w") as file:
        subprocess.run(
            [*map(str, command), "--hypothesis-profile=quick", *tests],
            check=False, cwd=ROOT, stdout=file, stderr=subprocess.STDOUT,
            env=environment(TESTED_WITHOUT=" ".join(lacking), VERCMP_EXPECTED_LIB=str(place.packages)),
        )  # fmt: skip
    if not report.is_file():
        raise SystemExit(f"{place.name}: the tests did not run, see {log}")
    done = counted(report)
    show(place.name, done, lacking)
    return done.failed if done.passed else [*done.failed, "all"]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="The same on other machines.")
    parser.add_argument("--tests", default="", help="for these tests, also where programs run slowly")
    parser.add_argument("folder", type=Path)
    parser.add_argument("machines", nargs="+", choices=[name for name in MACHINES if name != HERE], metavar="MACHINE")
    chosen = parser.parse_args(arguments)
    places = [Place(name, MACHINES[name], chosen.folder.resolve() / name) for name in [HERE, *chosen.machines]]
    if absent := missing(place.machine for place in places):
        print(f"missing: {' '.join(absent)}", file=sys.stderr)
        print(f"on Debian 12: apt-get install {' '.join(sorted(set(absent.values())))}", file=sys.stderr)
        return 1
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    needed, tested = project["project"]["dependencies"], project["dependency-groups"]["test"]
    status = 0
    here = places[0]
    for place in places:
        tests = chosen.tests.split() or ([] if place.machine.is_emulated else list(COMPILED))
        if place is here:
            tests = []
        place.folder.mkdir(parents=True, exist_ok=True)
        prepare(place)
        lacking = install(place, [*tested, *needed] if tests else needed)
        build(place)
        if place is not here:
            compare(place, here)
        if tests:
            status |= bool(suite(place, lacking, tests))
            surprising = LACKING.get(place.name, frozenset()) ^ (set(lacking) - UNUSABLE.get(place.name, frozenset()))
            for one in sorted(surprising):
                print(f"  {one} {'has no wheel' if one in lacking else 'has a wheel now'}: LACKING has it otherwise")
            status |= bool(surprising)
    return status


if __name__ == "__main__":
    sys.exit(main())
