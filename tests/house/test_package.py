"""The distribution itself: sdist, the wheel made from it, what they hold, and what others build on it."""

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from places import ROOT, SRC

pytestmark = pytest.mark.slow

TREE = ["src", "tests/cimport", "pyproject.toml", "setup.py", "MANIFEST.in", "README.md", "LICENSE"]

#: What is compiled of advisories.
COMPILED = sorted(path.relative_to(SRC).with_suffix("").as_posix() for path in (SRC / "advisories").rglob("*.pyx"))


def run(*command: object, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    # Tools of the outer interpreter (cython, setuptools) are on its path already; nothing is fetched.
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources: builds of one tree share folders."""
    copy = tmp_path_factory.mktemp("tree")
    for name in TREE:
        source, target = ROOT / name, copy / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("*.so", "__pycache__", "*.egg-info"))
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
    return copy


@pytest.fixture(scope="module")
def built(tree: Path) -> tuple[Path, Path]:
    """The sdist, and the wheel built from it."""
    done = run(sys.executable, "-m", "build", "--no-isolation", "--outdir", "dist", ".", cwd=tree)
    assert done.returncode == 0, done.stdout + done.stderr
    (sdist,) = (tree / "dist").glob("*.tar.gz")
    (wheel,) = (tree / "dist").glob("*.whl")
    return sdist, wheel


@pytest.fixture(scope="module")
def installed(built: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with nothing in it but the installed wheel."""
    site = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(built[1]) as archive:
        archive.extractall(site)
    return site


def test_sdist_holds_sources_and_no_generated_c(built: tuple[Path, Path]) -> None:
    with tarfile.open(built[0]) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    for module in ("_rpmvercmp", "_dpkg", "_apk", "_pep440", "_semver", "_gem"):
        assert {f"src/vercmp/{module}{ending}" for ending in (".pyx", ".pxd", ".pyi")} <= names
    for module in ("_intervals", "_sorting", "_columns"):
        assert {f"src/vercmp/{module}.pyx", f"src/vercmp/{module}.pyi"} <= names
    assert {f"src/{name}{ending}" for name in COMPILED for ending in (".pyx", ".pyi")} <= names
    assert {"src/vercmp/_engine.pxd", "src/vercmp/_numbers.pxd", "src/vercmp/py.typed", "LICENSE"} <= names
    assert not [name for name in names if name.endswith((".c", ".so", ".o"))]


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
