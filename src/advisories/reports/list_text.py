"""A list for people: what was listed, the packages in columns by name, and what of an image came with which layer."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from advisories.models.frozen import evolve
from advisories.models.packages import Inventory, Package
from advisories.models.printing import printable
from advisories.models.reading import shown_source
from advisories.reports.inventory import ListReport
from advisories.reports.lines import counted, rejected_text

__all__ = ["render"]

_HEADS: Final = ("NAME", "VERSION", "ARCH", "TYPE", "STATE")
# Of a digest, behind its algorithm. Enough to tell layers apart.
_DIGITS: Final = 12
# So much of a column is aligned. What is longer stands out.
_WIDEST: Final = 40


def render(report: ListReport) -> Iterator[str]:
    """The lines of the list."""
    inventory = report.inventory
    name = shown_source(inventory.source) if inventory.image is None else report.name
    yield f"{name}: {counted(len(inventory.packages), 'package')} of {inventory.distribution or 'an unknown release'}"
    image = inventory.image
    if image is not None:
        yield f"image {image.digest or image.id}, {image.platform or 'of an unknown platform'}"
    if inventory.running_kernel is not None:
        yield f"running kernel {inventory.running_kernel}"
    yield from _not_read(inventory)
    yield from (f"contradiction: {text}" for text in inventory.contradictions)
    yield from _layers(inventory.packages, report.width)
    for gone in inventory.removed:
        package = gone.package
        arch = "" if package.arch is None else f".{package.arch}"
        yield f"removed by layer {_short(gone.layer.digest)}: {package.name} {package.version}{arch}"
    yield ""
    yield from _table([_HEADS, *sorted(map(_row, inventory.packages))])


def _not_read(inventory: Inventory) -> Iterator[str]:
    report = inventory.report
    if report is None:
        return
    refused = report.rejections
    if lost := rejected_text(report.rejected, len(refused), report.read, "entry"):
        first = evolve(refused[0], source=shown_source(refused[0].source))
        yield f"{lost}: what they are is not in the list, the first at {first}"
    for why, times in report.skips:
        yield f"skipped ({times}): {why}"


def _layers(packages: Sequence[Package], width: int | None) -> Iterator[str]:
    """What made each layer that a package came with, and how many did."""
    counts = Counter(package.layer for package in packages)
    for layer, count in counts.items():
        if layer is not None:
            line = f"layer {_short(layer.digest)} ({counted(count, 'package')}): {printable(layer.history or '-')}"
            yield line if width is None or len(line) <= width else f"{line[: width - 3]}..."


def _short(digest: str) -> str:
    algorithm, mark, digits = digest.partition(":")
    return f"{algorithm}{mark}{digits[:_DIGITS]}" if mark else digest[:_DIGITS]


def _row(package: Package) -> tuple[str, ...]:
    state = "" if package.state == "installed" else package.state.value
    # Escaped here, so that columns are as wide as they are shown.
    return tuple(map(printable, (package.name, package.version, package.arch or "", package.type, state)))


def _table(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    # STATE is there where a package is in another one.
    last = len(_HEADS) if any(row[-1] for row in rows[1:]) else len(_HEADS) - 1
    widths = [min(_WIDEST, max(len(row[place]) for row in rows)) for place in range(last)]
    for row in rows:
        yield "  ".join([cell.ljust(width) for cell, width in zip(row[:last], widths, strict=True)]).rstrip()
