"""Make the small rpm databases that the tests read, with the rpm of two releases of Debian.

    sudo python tools/make_rpm_databases.py FOLDER

It needs debootstrap and rpmbuild. The roots of Debian are made in the folder, or used where they are there: ndb is
written by trixie's rpm 4.20, and Berkeley DB by bullseye's 4.16, the last that writes it. What comes out, with the list
that the same rpm prints, replaces ``tests/data/rpm-databases``. Nothing of the machine is in it but the time.
"""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))

from advisories.readers.inventories.rpm_qa import QUERY_FORMAT  # noqa: E402

TARGET: Final = ROOT / "tests" / "data" / "rpm-databases"
# The backend, the release whose rpm writes it, and the file with its packages.
BACKENDS: Final = (("ndb", "trixie", "Packages.db"), ("bdb", "bullseye", "Packages"))
EPOCH: Final = "1700000000"


class Built(NamedTuple):
    """A package.

    :ivar step: when it is installed. What is there of its name is upgraded, kernels stand side by side.
    :ivar files: how many files it has: hundreds make a header of several pages.
    """

    step: int
    name: str
    version: str
    release: str
    epoch: str = ""
    vendor: str = "AlmaLinux"
    files: int = 0
    label: str = ""


PACKAGES: Final = (
    Built(1, "tool", "1.0", "1.el8"),
    Built(1, "removed-first", "1", "1.el8", files=60),
    Built(1, "libstdc++", "8.5.0", "18.el8.alma", files=3),
    Built(1, "kernel-core", "4.18.0", "477.10.1.el8_8"),
    Built(1, "many-files", "2.28", "225.el8", files=150),
    Built(1, "removed-later", "1", "1.el8", files=40),
    Built(1, "nodejs", "18.19.0", "1.module_el8.9.0+60+aa", "1", label="nodejs:18:8090020240101:aa"),
    Built(2, "tool", "1.0~rc1", "4.el8", "2"),
    Built(2, "kernel-core", "4.18.0", "513.5.1.el8_9"),
    Built(2, "Odd_Name.with-0.parts+", "0^20240101.git1", "0.1_b", "0", vendor="Söhne & Töchter"),
    Built(3, "many-files", "2.28", "236.el8", files=180),
    Built(3, "last", "7", "1"),
)
# What is removed after each step.
REMOVED: Final = {1: ("removed-first",), 2: ("removed-later",)}
BESIDE: Final = "kernel-core"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="for the roots of Debian and the packages, about 700 MB")
    folder = parser.parse_args().folder.resolve()
    built = [(one.step, one.name, build(folder / "packages", one)) for one in PACKAGES]
    for backend, release, file in BACKENDS:
        root = folder / release
        if not (root / "usr/bin/rpm").exists():
            run("debootstrap", "--variant=minbase", "--include=rpm", release, str(root))
        target = TARGET / backend
        target.mkdir(parents=True, exist_ok=True)
        database = filled(root, backend, built)
        shutil.copyfile(database / file, target / file)
        (target / "packages.txt").write_bytes(rpm(root, backend, "-qa", "--queryformat", QUERY_FORMAT))


def build(folder: Path, one: Built) -> Path:
    """The file of a package."""
    work = folder / f"{one.name}-{one.version}-{one.release}"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    tree = f"%{{buildroot}}/usr/share/{one.name}"
    spec = work / "package.spec"
    spec.write_text(
        f"Name: {one.name}\n{f'Epoch: {one.epoch}' if one.epoch else ''}\nVersion: {one.version}\n"
        f"Release: {one.release}\nSummary: x\nLicense: x\nBuildArch: noarch\nVendor: {one.vendor}\n"
        f"{f'ModularityLabel: {one.label}' if one.label else ''}\n%description\nx\n%install\nmkdir -p {tree}\n"
        f"for n in $(seq {one.files}); do echo > {tree}/file-$n; done\n%files\n/usr/share/{one.name}\n"
    )
    settings = (f"_topdir {work}", "_buildhost build.example", "use_source_date_epoch_as_buildtime 1")
    defined = [word for setting in settings for word in ("--define", setting)]
    run("rpmbuild", "-bb", "--quiet", *defined, str(spec))
    (path,) = work.rglob("*.rpm")
    return path


def filled(root: Path, backend: str, built: list[tuple[int, str, Path]]) -> Path:
    """The folder of a new database, in which packages were installed, upgraded and removed."""
    database = root / "database"
    for folder in (database, root / "packages"):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
    rpm(root, backend, "--initdb")
    for step in sorted({step for step, *_ in built}):
        for of_step, name, path in built:
            if of_step == step:
                shutil.copyfile(path, root / "packages" / path.name)
                how = "--install" if name == BESIDE else "--upgrade"
                options = ("--justdb", "--nodeps", "--noscripts", "--nosignature", "--ignorearch", "--oldpackage")
                rpm(root, backend, how, *options, f"/packages/{path.name}")
        for name in REMOVED.get(step, ()):
            rpm(root, backend, "--erase", "--justdb", "--nodeps", "--noscripts", name)
    return database


def rpm(root: Path, backend: str, *arguments: str) -> bytes:
    return run("chroot", str(root), "rpm", "--dbpath", "/database", "--define", f"_db_backend {backend}", *arguments)


def run(*command: str) -> bytes:
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "SOURCE_DATE_EPOCH": EPOCH}
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, env=environment).stdout


if __name__ == "__main__":
    main()
