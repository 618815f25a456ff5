"""osv-scanner on a list of rpm packages: ``scan image --offline`` of an image that has the list as rpm's database.

Its database of an ecosystem is a zip archive of OSV records: the publisher's files, as they are.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
import zipfile
from collections.abc import Sequence
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Final

from accuracy.lists import Installed
from accuracy.places import Place
from accuracy.rpm_databases import copied_database, made_database

__all__ = ["advisories_by_osv_scanner", "prepared", "program", "version"]

_RELEASE: Final = 'ID="{}"\nVERSION_ID="{}"\n'


def program() -> str | None:
    """The command: that of the variable ``OSV_SCANNER``, or of the path. None where there is none."""
    return shutil.which(os.environ.get("OSV_SCANNER") or "osv-scanner")


@cache
def version() -> str | None:
    """Of the command; None where there is none."""
    if (command := program()) is None:
        return None
    printed = subprocess.run([command, "--version"], capture_output=True, text=True, check=True).stdout
    return re.findall(r"version: (\S+)", printed)[0]


def advisories_by_osv_scanner(
    path: Path, installed: Sequence[Installed], feed: Sequence[Path], ecosystem: str
) -> set[Place]:
    """Packages and the ids of advisories, without architectures: it shows none.

    :param path: the list. A database of rpm is taken as it is, another list is made into one.
    :param ecosystem: with its release, ``AlmaLinux:9``.
    """
    with tempfile.TemporaryDirectory(prefix="accuracy-") as scratch:
        folder = Path(scratch)
        if path.name in ("rpmdb.sqlite", "Packages"):
            copied_database(path, folder / "rpm")
        else:
            made_database(installed, folder / "rpm")
        command = prepared(folder, feed, ecosystem)
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        # 0: nothing found, 1: something. Without a database it found nothing, too.
        if done.returncode not in (0, 1) or "could not load db" in done.stderr:
            raise RuntimeError(f"osv-scanner ended with {done.returncode}: {done.stderr[-2000:]}")
    return {
        Place(one["package"]["name"], one["package"]["version"], "", found["id"])
        for result in json.loads(done.stdout)["results"]
        for one in result["packages"]
        for found in one.get("vulnerabilities", ())
    }


def prepared(folder: Path, feed: Sequence[Path], ecosystem: str) -> list[str]:
    """The command for rpm's database in the subfolder ``rpm`` of a folder, where what it needs is written too.

    :param feed: the published OSV files.
    :param ecosystem: with its release, ``AlmaLinux:9``.
    """
    command = program()
    assert command is not None
    name, _, release = ecosystem.partition(":")
    image = folder / "image.tar"
    _write_image(image, folder / "rpm", _RELEASE.format(name.lower(), release))
    archive = folder / "osv-scalibr" / name / "all.zip"
    archive.parent.mkdir(parents=True)
    with zipfile.ZipFile(archive, "w") as packed:
        for record in feed:
            # The same id may be in the folders of two releases.
            packed.write(record, f"{record.parent.name}-{record.name}")
    # Its plugin for databases of rpm has to be named.
    plugins = ["--experimental-plugins", "os/rpm"]
    scan = [command, "scan", "image", "--offline", "--local-db-path", str(folder), *plugins, "--all-vulns"]
    return [*scan, "--format", "json", "--archive", str(image)]


def _write_image(path: Path, database: Path, release: str) -> None:
    """An image as ``docker save`` writes it, of one layer."""
    layer = BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as packed:
        _add(packed, "etc/os-release", release.encode())
        for file in sorted(database.iterdir()):
            if file.is_file():
                packed.add(file, f"var/lib/rpm/{file.name}")
    digest = hashlib.sha256(layer.getvalue()).hexdigest()
    config = {
        "architecture": "amd64",
        "os": "linux",
        "config": {},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]},
    }
    config["history"] = [{"created": "2020-01-01T00:00:00Z", "created_by": "a list"}]
    manifest = [{"Config": "config.json", "RepoTags": ["accuracy:list"], "Layers": ["layer.tar"]}]
    with tarfile.open(path, "w") as image:
        _add(image, "manifest.json", json.dumps(manifest).encode())
        _add(image, "config.json", json.dumps(config).encode())
        _add(image, "layer.tar", layer.getvalue())


def _add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(data)
    archive.addfile(entry, BytesIO(data))
