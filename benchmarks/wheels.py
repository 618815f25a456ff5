"""Wheels of this tree, each built from a copy of its own: flavours share build folders, and timestamps decide there."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.records import ROOT

_FILES = ("pyproject.toml", "setup.py", "MANIFEST.in", "README.md", "LICENSE")


def build(flavour: str, folder: Path) -> Path | None:
    """The wheel of a flavour, built in *folder*; None where it cannot be (no compiler, or a build that fails)."""
    tree = folder / "tree"
    tree.mkdir(parents=True)
    for name in _FILES:
        if (ROOT / name).is_file():
            shutil.copy(ROOT / name, tree)
    shutil.copytree(ROOT / "src", tree / "src", ignore=shutil.ignore_patterns("*.so", "*.egg-info", "__pycache__"))
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--quiet", "--no-deps"]
    command = [*pip, "--no-build-isolation", "--wheel-dir", str(folder), str(tree)]
    # Fixed times make a wheel's size the same each time it is built.
    environment = {**os.environ, "VERCMP_BUILD": flavour, "SOURCE_DATE_EPOCH": "1767225600"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        print(f"no {flavour} wheel: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
        return None
    return next(folder.glob("*.whl"))
