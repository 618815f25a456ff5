"""A database of rpm with the packages of a list: empty ones that rpmbuild makes, each in its version."""

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from accuracy.lists import Installed

__all__ = ["copied_database", "made_database"]

_HEAD: Final = "Name: accuracy\nVersion: 1\nRelease: 1\nSummary: a list\nLicense: none\n%description\n"
_ENTRY: Final = """\
%package -n {name}
{epoch}Version: {version}
Release: {release}
Summary: a package
{arch}%description -n {name}
%files -n {name}
"""


def made_database(installed: Sequence[Installed], folder: Path) -> None:
    """Write the database into a folder. Packages that are not ``noarch`` are of this machine's architecture."""
    rest = list(installed)
    while rest:
        # A name is once in a specification.
        part = {one.name: one for one in rest}
        rest = [one for one in rest if part[one.name] is not one]
        with tempfile.TemporaryDirectory(prefix="accuracy-") as name:
            spec = Path(name, "a.spec")
            spec.write_text(_HEAD + "".join(map(_entry, part.values())))
            build = [
                "rpmbuild",
                "-bb",
                "--quiet",
                "--define",
                f"_topdir {name}",
                "--define",
                "_binary_payload w0.gzdio",
            ]
            subprocess.run([*build, "--define", "_build_id_links none", str(spec)], capture_output=True, check=True)
            files = sorted(map(str, Path(name, "RPMS").rglob("*.rpm")))
            install = ["rpm", "--dbpath", str(folder), "-i", "--justdb", "--nodeps", "--force", "--ignorearch"]
            subprocess.run([*install, *files], capture_output=True, check=True)


def _entry(one: Installed) -> str:
    rest, _, release = one.version.rpartition("-")
    epoch, _, version = rest.rpartition(":")
    return _ENTRY.format(
        name=one.name,
        version=version,
        release=release,
        epoch=f"Epoch: {epoch}\n" if epoch else "",
        arch="BuildArch: noarch\n" if one.arch == "noarch" else "",
    )


def copied_database(path: Path, folder: Path) -> None:
    """The same of a database that there is, with the files beside it."""
    shutil.copytree(path.parent, folder, dirs_exist_ok=True)
