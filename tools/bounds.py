"""The tests with the oldest libraries that pyproject.toml allows, or with the newest (`make bounds`).

python tools/bounds.py oldest makes an environment in build/bounds of the Python that runs it, builds the package by the
oldest tools, installs the lower bound of each of `dependencies` and of each extra, and runs what uses them. newest does
it with the newest of all. With --list it prints what of `dependencies` and the extras it would install.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

__all__ = ["LEFT_OUT", "TESTS", "build", "newest", "oldest"]

ROOT: Final = Path(__file__).resolve().parents[1]
#: What uses libraries of others.
TESTS: Final = (
    *(f"tests/vercmp/test_{name}.py" for name in ("arrow", "data_frames", "duckdb", "orms", "pep440", "testing")),
    *(f"tests/advisories/{name}" for name in ("engines", "matching", "models", "readers", "reports", "sources")),
    "tests/advisories/fetch/test_client.py",
)
#: What is not run with the oldest, and why: it tests something else of theirs.
LEFT_OUT: Final[Mapping[str, str]] = {
    "tests/vercmp/test_data_frames.py": "columns of pandas 3, which is in no extra",
    "tests/vercmp/test_arrow.py::test_broken_arrays": "pyarrow 17 refuses to make them",
    "tests/vercmp/test_testing.py::test_within_a_property_test_of_ones_own": "a health check of a newer hypothesis",
    "tests/advisories/models/test_frozen.py::test_each_class_is_as_attrs_makes_it": "attributes that newer attrs adds",
    "tests/advisories/engines/test_duckdb_fleets.py::test_a_schema_of_others_is_left_alone": "DuckDB 1.4 refuses a "
    "quotation mark in the name of a schema",
    "tests/advisories/reports/test_edges.py": "needs csaf",
    "tests/advisories/reports/test_sbom_formats.py": "needs csaf",
    "tests/advisories/reports/test_written_lists.py": "needs csaf",
}
# All that requirements of ours are: a name and one lower bound, or a name alone.
_REQUIREMENT: Final = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)(?:>=([0-9][0-9.]*))?")
# It takes 490 MB, and a Java where it runs: its tests are slow, and run by themselves.
_SPARK: Final = "pyspark"
_OF_SPARK: Final = "tests/advisories/engines/test_spark_fleets.py"
# They are there from the build, and their older versions do not work beside the oldest of the others.
_BUILDING: Final = frozenset({"build", "cython", "setuptools"})
# It needs newer libraries than our lower bounds are.
_OF_NEWEST: Final = frozenset({"csaf"})
_NOT_COPIED: Final = (".git", ".venv", "build", "dist", "mutants", "_build", "__pycache__", "*.so", "*.egg-info")


def build(project: Mapping[str, Any]) -> Iterator[str]:
    """What builds the package, with each lower bound as the version."""
    return (f"{name}=={bound}" for name, bound in _lowest(project["build-system"]["requires"]).items())


def oldest(project: Mapping[str, Any]) -> Iterator[str]:
    """The requirements with each lower bound as the version, and what tests need beside them.

    Raises :exc:`ValueError` for a promised requirement without a lower bound, or with two.
    """
    lowest = _promised(project)
    yield from (f"{name}=={bound}" for name, bound in sorted(lowest.items()))
    yield from (text for name, text in _of_tests(project) if name not in {*lowest, *_BUILDING, *_OF_NEWEST})


def newest(project: Mapping[str, Any]) -> Iterator[str]:
    """The names alone, for pip's ``--upgrade``."""
    yield from sorted({*_promised(project), *[name for name, _ in _of_tests(project)]})


def _promised(project: Mapping[str, Any]) -> dict[str, str]:
    """The lower bounds of what is installed with the package, or with an extra of it."""
    extras = project["project"]["optional-dependencies"].values()
    return _lowest([*project["project"]["dependencies"], *[text for extra in extras for text in extra]])


def _lowest(requirements: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, bound, text in _parsed(requirements):
        if bound is None:
            raise ValueError(f"{text} has no lower bound")
        if found.setdefault(name, bound) != bound:
            raise ValueError(f"{name} has the lower bounds {found[name]} and {bound}")
    return found


def _of_tests(project: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    return ((name, text) for name, _, text in _parsed(project["dependency-groups"]["test"]))


def _parsed(requirements: Iterable[str]) -> Iterator[tuple[str, str | None, str]]:
    for text in requirements:
        match = _REQUIREMENT.fullmatch(text)
        if match is None:
            raise ValueError(f"{text!r} is not NAME>=VERSION")
        yield match[1].lower().replace("_", "-"), match[2], text


def _tested(of: str, project: Mapping[str, Any]) -> None:
    """Make the environment and run the tests in it. Raises :exc:`subprocess.CalledProcessError` where a step fails."""
    folder = ROOT / "build" / "bounds" / of
    shutil.rmtree(folder, ignore_errors=True)
    tree, python = folder / "tree", str(folder / "venv" / "bin" / "python")
    shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns(*_NOT_COPIED), symlinks=True)

    def run(*words: str) -> None:
        subprocess.run(words, cwd=tree, check=True)

    def install(*words: str) -> None:
        run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *words)

    run(sys.executable, "-m", "venv", str(folder / "venv"))
    install("--upgrade", "pip")
    # Built alone first: the oldest packaging is too old for setuptools.
    install(*build(project)) if of == "oldest" else install("--upgrade", "setuptools", "cython", "packaging")
    install("--no-build-isolation", "--no-deps", "--editable", ".")
    has_java = shutil.which("java") is not None
    wanted = [one for one in (oldest if of == "oldest" else newest)(project) if has_java or not one.startswith(_SPARK)]
    install("--upgrade", *wanted)
    run(python, "-m", "pip", "check")
    left = [word for place in LEFT_OUT for word in ("--deselect" if "::" in place else "--ignore", place)]
    tests = [path for path in TESTS if path not in LEFT_OUT or of == "newest"]
    options = ["-q", "-p", "no:cacheprovider", "-m", "not slow", "--hypothesis-profile=quick"]
    run(python, "-m", "pytest", *options, *(left if of == "oldest" else []), *tests)
    if has_java:
        run(python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--hypothesis-profile=quick", _OF_SPARK)


def main() -> None:
    parser = argparse.ArgumentParser(description="Run the tests with the oldest or the newest libraries.")
    parser.add_argument("of", choices=("oldest", "newest"))
    parser.add_argument("--list", action="store_true", help="print the libraries of dependencies and extras alone")
    options = parser.parse_args()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    if options.list:
        promised = sorted(_promised(project).items())
        print(*[name if options.of == "newest" else f"{name}=={bound}" for name, bound in promised], sep="\n")
        return
    try:
        _tested(options.of, project)
    except subprocess.CalledProcessError as error:
        raise SystemExit(f"{options.of}: {error}") from None


if __name__ == "__main__":
    main()
