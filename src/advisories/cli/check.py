"""``advisories check``: whether a store is whole, and where it came from."""

import argparse
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from advisories.cli.terminal import DONE, FAILED, print_lines

if TYPE_CHECKING:
    from advisories.store.checking import Checked
    from advisories.store.reader import Provenance

__all__ = ["HELP", "add_options", "run"]


HELP = """\
whether a store is whole, and where it came from

Verify all of a store, and print its sources, what was rejected of them, and
its flaws.

example:
  advisories check feed.db

exit status:
  0 whole
  2 damaged, or not a store of this version
"""


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the command's options to its parser."""
    command.add_argument("store", metavar="PATH", help="the store")


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    from advisories.store.checking import check_store

    checked = check_store(options.store)
    is_written = print_lines(_result(options.store, checked))
    return DONE if is_written and not checked.problems else FAILED


def _result(path: str, checked: "Checked") -> Iterator[str]:
    for step in checked.steps:
        yield f"ok: {step}"
    for problem in checked.problems:
        yield f"WRONG: {problem}"
    for source in checked.provenance:
        yield from _source(source)
    kinds = Counter([flaw.kind.value for flaw in checked.flaws])
    counted = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    yield f"lint: {counted or 'nothing'}"
    for flaw in checked.flaws:
        yield f"  {flaw}"
    yield f"{path}: {'damaged' if checked.problems else 'whole'}"


def _source(source: "Provenance") -> Iterator[str]:
    from advisories.reports.lines import rejected_text

    report = source.report
    rejected = rejected_text(report.rejected, len(report.rejections)) or "0 rejected"
    yield f"source: {report.source} ({report.format}), SHA-256 {source.digest}"
    yield f"  {report.read} records read, {report.kept} kept, {rejected}"
    for rejection in report.rejections:
        yield f"  rejected ({rejection.extent.value}): {rejection}"
    for why, times in report.skips:
        yield f"  skipped ({times}): {why}"
