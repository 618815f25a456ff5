"""The distribution itself: sdist, the wheel made from it, what they hold, and what others build on it."""

import importlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from importlib import metadata
from pathlib import Path

import oracles
import pytest
import sbom_schemas
from places import ROOT, SRC

from advisories import read_inventory

pytestmark = pytest.mark.slow

#: What the repository has at its top. Caches and results of builds are beside it in a folder that was worked in.
TREE = [
    *(
        ".ci",
        ".github",
        "accuracy",
        "benchmarks",
        "changes",
        "docs",
        "examples",
        "integrations",
        "interop",
        "src",
        "tests",
        "tools",
    ),
    *(".dockerignore", ".gitignore", ".pre-commit-config.yaml", ".pre-commit-hooks.yaml"),
    *("CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "MANIFEST.in", "Makefile", "README.md", "SECURITY.md"),
    *("pyproject.toml", "setup.py"),
]
#: As in the flags of a Python that was built into a folder of somebody's.
RUN_PATH = "/of/the/builder/alone"
BUILT = ["*.so", "__pycache__", "*.egg-info", "_build", "build", ".hypothesis"]

#: What is compiled of advisories.
COMPILED = sorted(path.relative_to(SRC).with_suffix("").as_posix() for path in (SRC / "advisories").rglob("*.pyx"))


def run(*command: object, cwd: Path, umask: int = 0o022, **environment: str) -> subprocess.CompletedProcess[str]:
    # Tools of the outer interpreter (cython, setuptools) are on its path already; nothing is fetched.
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
        umask=umask,
    )


def build(folder: Path, umask: int = 0o022) -> tuple[Path, Path]:
    """The sdist of a tree, and the wheel built from it. Extensions are compiled two at a time."""
    settings = folder.parent / "distutils.cfg"
    settings.write_text("[build_ext]\nparallel = 2\n")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", "dist", "."]
    variables = {"SOURCE_DATE_EPOCH": "1700000000", "DIST_EXTRA_CONFIG": str(settings)}
    done = run(*command, cwd=folder, umask=umask, **variables, LDFLAGS=f"-Wl,-rpath,{RUN_PATH}")
    assert done.returncode == 0, done.stdout + done.stderr
    (sdist,) = (folder / "dist").glob("*.tar.gz")
    (wheel,) = (folder / "dist").glob("*.whl")
    return sdist, wheel


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository: builds of one tree share folders."""
    copy = tmp_path_factory.mktemp("tree") / "copy"
    for name in TREE:
        source, target = ROOT / name, copy / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns(*BUILT))
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
    return copy


@pytest.fixture(scope="module")
def sources(tree: Path) -> set[str]:
    """The files of that copy before anything is built in it."""
    return {path.relative_to(tree).as_posix() for path in tree.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def built(tree: Path, sources: set[str]) -> tuple[Path, Path]:
    """The sdist, and the wheel built from it."""
    return build(tree)


@pytest.fixture(scope="module")
def installed(built: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with nothing in it but the installed wheel."""
    site = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(built[1]) as archive:
        archive.extractall(site)
    return site


def test_the_copy_is_the_repository(sources: set[str]) -> None:
    """Else what git has, and no test knows, would be missing in the sdist too."""
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("no repository of git")
    done = run("git", "-c", "safe.directory=*", "ls-files", "-z", cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert set(done.stdout.rstrip("\0").split("\0")) <= sources


def test_sdist_holds_the_repository_and_nothing_generated(built: tuple[Path, Path], sources: set[str]) -> None:
    with tarfile.open(built[0]) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    made = {name for name in names if name.startswith("src/vercmp.egg-info/")}
    assert "src/vercmp.egg-info/PKG-INFO" in made, "what importlib.metadata finds where nothing is installed"
    assert names == sources | made | {"PKG-INFO", "setup.cfg"}
    for module in ("_rpmvercmp", "_dpkg", "_apk", "_pep440", "_semver", "_gem"):
        assert {f"src/vercmp/{module}{ending}" for ending in (".pyx", ".pxd", ".pyi")} <= names
    for module in ("_intervals", "_sorting", "_columns"):
        assert {f"src/vercmp/{module}.pyx", f"src/vercmp/{module}.pyi"} <= names
    assert {f"src/{name}{ending}" for name in COMPILED for ending in (".pyx", ".pyi")} <= names
    assert {"src/vercmp/_engine.pxd", "src/vercmp/_numbers.pxd", "src/vercmp/py.typed", "LICENSE"} <= names
    assert not [name for name in names if name.startswith("src/") and name.endswith((".c", ".so", ".o"))]


def test_the_same_bytes_twice(built: tuple[Path, Path], tmp_path: Path) -> None:
    """Also of the sdist itself, unpacked in another folder by another umask."""
    with tarfile.open(built[0]) as archive:
        archive.extraction_filter = getattr(tarfile, "data_filter", None)
        archive.extractall(tmp_path)
        owners = {(member.uid, member.gid, member.uname, member.gname) for member in archive.getmembers()}
        modes = {member.mode for member in archive.getmembers()}
    assert (owners, modes) == ({(0, 0, "", "")}, {0o644, 0o755})
    (folder,) = (path for path in tmp_path.iterdir() if path.is_dir())
    for first, second in zip(built, build(folder, umask=0o077), strict=True):
        assert first.name == second.name
        # pytest would take minutes to show where two megabytes differ.
        assert first.read_bytes() == second.read_bytes() or pytest.fail(difference(first, second))


def difference(first: Path, second: Path) -> str:
    """Which members of two archives differ."""

    def members(path: Path) -> dict[str, tuple[object, ...]]:
        if path.suffix == ".whl":
            with zipfile.ZipFile(path) as wheel:
                return {one.filename: (one.date_time, one.external_attr, one.CRC) for one in wheel.infolist()}
        with tarfile.open(path) as sdist:
            return {one.name: (one.mtime, one.mode, one.size, one.chksum) for one in sdist.getmembers()}

    one, other = members(first), members(second)
    differing = sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))
    return f"{first.name}: {differing[:20] or 'the archive itself, or the bytes of a member'}"


def test_no_path_of_this_machine_is_in_an_extension(installed: Path) -> None:
    prefixes = {sys.base_prefix, sys.prefix} - {"/usr", "/usr/local"}
    places = [place.encode() for place in {*prefixes, RUN_PATH, str(ROOT), str(installed)}]
    for path in installed.rglob("*.so"):
        text = path.read_bytes()
        assert [place for place in places if place in text] == [], path


def test_auditwheel_makes_it_fit_for_old_systems(
    built: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `make wheels` gives it away: stripped, for glibc 2.17, loading nothing but the C library."""
    oracles.module("auditwheel")
    oracles.program("patchelf")
    monkeypatch.syspath_prepend(ROOT / "tools")
    wheels = importlib.import_module("wheels")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    repaired = [wheels.repair(built[1], tmp_path / name) for name in ("one", "two")]
    assert list(wheels.objections(repaired[0])) == []
    assert repaired[0].read_bytes() == repaired[1].read_bytes() or pytest.fail(difference(*repaired))
    before = list(wheels.objections(built[1]))
    assert any("manylinux_2_17" in one for one in before)
    assert any("is not stripped" in one for one in before)


def test_the_wheel_lists_what_is_built_into_it(installed: Path) -> None:
    """PEP 770: a valid CycloneDX document, which we read ourselves."""
    (path,) = installed.glob("*.dist-info/sboms/*")
    text = path.read_text(encoding="utf-8")
    assert sbom_schemas.error_of("cyclonedx", text) is None
    document = json.loads(text)
    version = re.search(r"^version = \"(.*)\"", (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert version
    assert document["metadata"]["component"]["purl"] == f"pkg:pypi/vercmp@{version[1]}"
    (package,) = read_inventory(path).packages
    assert (package.type, package.name, package.version) == ("pypi", "cython", metadata.version("cython"))


def test_wheel_holds_what_typing_and_cimport_need(built: tuple[Path, Path]) -> None:
    with zipfile.ZipFile(built[1]) as archive:
        names = set(archive.namelist())
    for module in ("_rpmvercmp", "_dpkg", "_apk", "_pep440", "_semver", "_gem"):
        assert {f"vercmp/{module}.pxd", f"vercmp/{module}.pyi"} <= names
    assert {"vercmp/_intervals.pyi", "vercmp/_sorting.pyi", "vercmp/_sorting.pxd", "vercmp/_columns.pyi"} <= names
    assert {"vercmp/testing/vectors/rpm.tsv", "vercmp/testing/vectors/dpkg_validity.tsv"} <= names
    assert {f"{name}.pyi" for name in COMPILED} <= names
    compiled = [
        f"vercmp/{name}"
        for name in ("_rpmvercmp", "_dpkg", "_apk", "_pep440", "_semver", "_gem", "_intervals", "_sorting", "_columns")
    ]
    for module in (*compiled, *COMPILED):
        assert [name for name in names if name.startswith(f"{module}.") and name.endswith(".so")]
    assert {"vercmp/py.typed", "advisories/py.typed"} <= names
    assert not [name for name in names if name.endswith((".c", ".pyx"))]
    assert not [
        name for name in names if not name.startswith(("vercmp/", "advisories/", "vercmp-", "vercmp_command.py"))
    ]
    for ending in ("tsv", "json", "css", "js"):
        tables = {path.relative_to(SRC).as_posix() for path in SRC.rglob(f"*.{ending}")}
        assert tables
        assert tables <= names, f"package data: {ending}"


def test_other_packages_can_cimport_it(tree: Path, installed: Path) -> None:
    folder = tree / "tests" / "cimport"
    done = run(sys.executable, "setup.py", "build_ext", "--inplace", cwd=folder, PYTHONPATH=str(installed))
    assert done.returncode == 0, done.stdout + done.stderr
    program = (
        "import newest, vercmp;"
        f"assert vercmp.__file__.startswith({str(installed)!r}), vercmp.__file__;"
        "assert newest.newest(['1.9-1', '1:1.0-1', '1.10-1']) == '1:1.0-1';"
        "assert newest.dpkg_order(b'1.0~rc1', b'1.0') == -1;"
        "assert newest.dpkg_order(b'1', b'1-') == 3;"
        "assert newest.segment_order(b'1.0^', b'1.0') == 1;"
        "assert newest.rpm_key(b'1.10-1') == vercmp.rpm.sort_key('1.10-1');"
        "assert newest.rpm_key(b'') == 'empty version'"
    )
    done = run(sys.executable, "-c", program, cwd=folder, PYTHONPATH=str(installed))
    assert done.returncode == 0, done.stderr


def test_import_vercmp_needs_only_the_standard_library(installed: Path) -> None:
    program = (
        "import sys; before = set(sys.modules);"
        "import vercmp; print(*sorted({n.partition('.')[0] for n in set(sys.modules) - before}))"
    )
    done = run(
        sys.executable, "-I", "-S", "-c", f"import sys; sys.path.append({str(installed)!r});" + program, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.split()) - {"vercmp"}
    assert loaded <= sys.stdlib_module_names | {"cython_runtime"} | {n for n in loaded if n.startswith("_cython_")}


def test_a_missing_compiler_fails_plainly(tree: Path, tmp_path: Path) -> None:
    shutil.rmtree(tree / "build", ignore_errors=True)
    missing = str(tmp_path / "no-such-compiler")
    command = [sys.executable, "-m", "pip", "wheel", "--no-build-isolation", "--no-deps", "-w", str(tmp_path), "."]
    done = run(*command, cwd=tree, CC=missing, CXX=missing)
    assert done.returncode != 0
    assert "no-such-compiler" in done.stdout + done.stderr
    assert not list(tmp_path.glob("*.whl"))
