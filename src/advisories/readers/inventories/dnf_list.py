"""``dnf list --installed`` and ``yum list installed``: ``name.arch``, ``[epoch:]version-release``, repository.

The repository is the one behind ``@``, and none for a package of the installer or of a file. An epoch that is not shown
is 0. Lines in front of the heading are no packages, and packages below another heading
(*Available Packages*) are not installed. Both are skipped and counted. Older yum breaks a long row into several lines,
the later ones indented.

Source: dnf 4.14, dnf(8), *List Command*. yum 3.4.
"""

import re
from collections.abc import Iterator
from typing import Final

from advisories.distros.nevra import ARCHES, module_of, split
from advisories.models.packages import STATE_OF_RPM, Package, State
from advisories.models.reading import Skipped, Unreadable
from advisories.readers.collector import Collector
from advisories.readers.inventories.head import Head
from advisories.readers.lines import BLANKS, is_whole, lines_of
from advisories.readers.listing import Listing
from advisories.readers.releases import release_of_packages

__all__ = ["read", "sniff"]

_HEADING: Final = re.compile(r"(?:[A-Z][a-z]+ ){0,2}(?:[Pp]ackages|[Uu]pgrades)")
_INSTALLED: Final = "installed packages"
_COLUMNS: Final = 3
_NO_ROW: Final = "not name.arch, version-release and repository"
# What stands in place of a repository: the installer, a file, or nothing known.
_NO_REPOSITORY: Final = frozenset(("System", "installed", "commandline", "cmdline", "<unknown>"))


def sniff(head: Head) -> bool:
    """The heading of what is installed, or rows of three columns."""
    if b" " not in head.data and b"\t" not in head.data:
        return False
    lines = head.more_lines
    if any(line.rstrip().lower() == _INSTALLED for line in lines):
        return True
    return sum(_is_row(line.split()) for line in lines) * 2 > len(lines)


def _is_row(columns: list[str]) -> bool:
    return len(columns) == _COLUMNS and columns[0].rpartition(".")[2] in ARCHES and "-" in columns[1]


def read(data: bytes, source: str) -> Listing:
    """The packages of a list. A row that is not a package is rejected with its line."""
    collector = Collector(source)
    lines = lines_of(data.decode("utf-8", "surrogateescape"))
    has_headings = any(line.strip(BLANKS).lower() == _INSTALLED for line in lines)
    installed = not has_headings
    for number, row, is_joined in _rows(lines):
        if not is_joined and _HEADING.fullmatch(row):
            installed = row.lower() == _INSTALLED
            continue
        make = _package if installed else _other
        collector.add(number, row, make, row)
    return collector.listing(*release_of_packages(collector.packages))


def _rows(lines: list[str]) -> Iterator[tuple[int, str, bool]]:
    """The rows, each with the number of its first line, and whether it is of several lines put together."""
    row, first, is_joined = "", 0, False
    for number, line in enumerate(lines, 1):
        text = line.strip(BLANKS)
        if row and text and line[0] in (" ", "\t") and len(row.split()) + len(text.split()) <= _COLUMNS:
            row, is_joined = f"{row} {text}", True
            continue
        if row:
            yield first, row, is_joined
        row, first, is_joined = text, number, False
    if row:
        yield first, row, is_joined


def _other(row: str) -> Package:
    if not is_whole(row):
        raise Unreadable(_NO_ROW)
    raise Skipped("packages that are not installed" if _is_row(row.split()) else "remarks of dnf")


def _package(row: str) -> Package:
    columns = row.split()
    if not _is_row(columns) or not row.isprintable():
        raise Unreadable(_NO_ROW)
    name, _, arch = columns[0].rpartition(".")
    parts = split(f"{name}-{columns[1]}.{arch}")
    if parts is None:
        raise Unreadable(_NO_ROW)
    return Package(
        "rpm",
        parts.name,
        parts.evr,
        parts.arch,
        module=module_of(parts.release),
        state=STATE_OF_RPM.get(parts.name, State.INSTALLED),
        repository=_repository(columns[2]),
    )


def _repository(column: str) -> str | None:
    """The id of the repository that a package was installed from: what stands behind ``@``. None for the words below.

    >>> _repository("@amzn2extra-docker"), _repository("@System")
    ('amzn2extra-docker', None)
    """
    name = column.lstrip("@")
    return None if name.startswith("anaconda") or name in _NO_REPOSITORY else name or None
