"""A private PostgreSQL with the PL/Python of the system, which imports a copy of what is tested."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import packaging
import pytest
from oracles import missing, module
from places import ROOT

import vercmp

__all__ = ["SCRIPT", "add_functions", "add_python", "server"]

SCRIPT = ROOT / "interop" / "postgresql.sh"
_FUNCTIONS = ROOT / "interop" / "postgresql.sql"


@contextmanager
def server() -> Iterator[dict[str, str]]:
    """What a client needs in its environment, while the server runs. Skips, or in CI fails, where none is installed."""
    module("psycopg")
    with tempfile.TemporaryDirectory(prefix="vercmp-pg-") as parent:
        # The server's user goes through it, and reads what is copied here: the checkout may be closed to it.
        Path(parent).chmod(0o711)
        library = Path(parent) / "lib"
        for package in (vercmp, packaging):
            folder = Path(str(package.__file__)).parent
            shutil.copytree(folder, library / folder.name, ignore=shutil.ignore_patterns("__pycache__", "*.pyx"))
        subprocess.run(["chmod", "-R", "a+rX", str(library)], check=True)
        folder = Path(parent) / "s"
        environment = os.environ | {"PYTHONPATH": str(library), "PYTHONDONTWRITEBYTECODE": "1"}
        command = ["sh", str(SCRIPT), "start", str(folder)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if "no server is installed" in done.stderr:
            missing("postgresql", done.stderr)
        assert done.returncode == 0, done.stderr
        try:
            yield dict(line.split("=", 1) for line in done.stdout.splitlines())
        finally:
            subprocess.run(["sh", str(SCRIPT), "stop", str(folder)], check=True, capture_output=True)


def add_functions(db: Any) -> None:
    """The functions in PL/Python, as :func:`add_python`."""
    add_python(db)
    db.execute(_FUNCTIONS.read_text("utf-8"))


def add_python(db: Any) -> None:
    """PL/Python itself. Skips where it is of another version than this Python, since what is compiled is not for it."""
    errors = module("psycopg").errors
    try:
        db.execute("create extension if not exists plpython3u")
    except (errors.UndefinedFile, errors.FeatureNotSupported) as error:
        missing("plpython3u", str(error))
    db.execute(
        "create function pg_temp.tag() returns text language plpython3u as"
        " $$ import sys; return sys.implementation.cache_tag $$"
    )
    (tag,) = db.execute("select pg_temp.tag()").fetchone()
    if tag != sys.implementation.cache_tag:
        pytest.skip(f"the server has {tag}, and what is tested is built for {sys.implementation.cache_tag}")
