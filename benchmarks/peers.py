"""The others, where they are installed; what is not there is None, and is left out of the tables.

The bindings of librpm and libapt come with the system's Python (Debian: python3-rpm, python3-apt). They are borrowed by
appending its folder to this process's path, so nothing else that is there gets in front of what is installed here.
"""

import functools
import importlib
import importlib.metadata
import subprocess
import sys
import warnings
from types import ModuleType

_SYSTEM_PYTHON = "/usr/bin/python3"
_WHERE = "import sys, importlib.util as u; print(sys.implementation.cache_tag); print(u.find_spec(sys.argv[1]).origin)"


@functools.cache
def rpm() -> ModuleType | None:
    return _borrowed("rpm")


@functools.cache
def apt_pkg() -> ModuleType | None:
    module = _borrowed("apt_pkg")
    if module is not None:
        module.init_config()
        module.init_system()
    return module


@functools.cache
def installed(name: str) -> ModuleType | None:
    """A peer of this environment. What a peer's import warns of is its own business."""
    apt_pkg()  # python-debian takes it where it can be imported, and must find it at its own first import
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return importlib.import_module(name)
    except ImportError:
        return None


def versions() -> dict[str, str]:
    """What is measured, and which: in a fixed order."""
    found = {}
    if (librpm := rpm()) is not None:
        found["librpm's binding (rpm)"] = librpm.__version__
    if (libapt := apt_pkg()) is not None:
        found["libapt's binding (apt_pkg)"] = libapt.VERSION
    for distribution in (
        "python-debian",
        "univers",
        "rpm-vercmp",
        "rpm-version",
        "packaging",
        "msgspec",
        "pyarrow",
        "duckdb",
        "psycopg",
    ):
        try:
            found[distribution] = importlib.metadata.version(distribution)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def _borrowed(name: str) -> ModuleType | None:
    try:
        return importlib.import_module(name)
    except ImportError:
        pass
    try:
        said = subprocess.run([_SYSTEM_PYTHON, "-c", _WHERE, name], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    tag, origin = said.splitlines()
    if tag != sys.implementation.cache_tag:
        return None
    package = origin.removesuffix("/__init__.py")
    folder = package.rpartition("/")[0]
    if folder not in sys.path:
        sys.path.append(folder)
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def evr(text: str) -> tuple[str, str, str]:
    """As those who ask librpm from Python split a version: anew for each comparison."""
    epoch, colon, rest = text.partition(":")
    if not colon:
        epoch, rest = "0", text
    version, _, release = rest.rpartition("-")
    return epoch, version, release
