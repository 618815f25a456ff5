"""What is read of every file of the real package lists, a line a file: ``python tests/support/inventory_table.py``.

Prints the table that ``test_every_list.py`` holds, from a folder in which the archives are unpacked, each into a folder
of its name.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from advisories.models import Inventory
from advisories.models.errors import AdvisoriesError
from advisories.readers import inventories

ARCHIVES = (
    "apk-installed",
    "debian-archive-bookworm",
    "dpkg-status",
    "hosts",
    "image-manifests",
    "rpm-databases",
    "rpm-lists",
    "sboms",
    "trivy-packages",
)


class Row(NamedTuple):
    """One file, or one folder that is a root.

    :ivar format: of the reader; of a file that is no list the error's name.
    :ivar read: entries; those `kept` are installed or not.
    :ivar skipped: entries skipped by rule.
    """

    file: str
    format: str
    read: int
    installed: int
    not_installed: int
    rejected: int
    skipped: int
    release: str

    def __str__(self) -> str:
        return "\t".join(map(str, self))


def read(archive: str, folder: Path) -> Iterator[tuple[Row, Inventory | None]]:
    """The rows of an archive with what was read, in the order of names."""
    for path in sorted(folder.rglob("*")):
        name = f"{archive}/{path.relative_to(folder).as_posix()}"
        if path.is_file():
            yield _row(name, path)
        elif (path / "var/lib/dpkg/status").is_file():
            yield _row(f"{name}/", path)


def _row(name: str, path: Path) -> tuple[Row, Inventory | None]:
    try:
        inventory = inventories.read(path)
    except AdvisoriesError as error:
        return Row(name, type(error).__name__, 0, 0, 0, 0, 0, "-"), None
    report = inventory.report
    assert report is not None
    installed = sum(package.state.on_disk for package in inventory.packages)
    skipped = sum(times for _, times in report.skips)
    kept = len(inventory.packages)
    release = str(inventory.distribution or "-")
    row = Row(name, inventory.format, report.read, installed, kept - installed, report.rejected, skipped, release)
    return row, inventory


def main() -> None:
    for archive in ARCHIVES:
        for row, _ in read(archive, Path(sys.argv[1]) / archive):
            if not row.file.endswith("/.complete"):
                print(row)


if __name__ == "__main__":
    main()
