"""``advisories check``: whether a store is whole, and where it came from."""

import argparse
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from advisories.cli.terminal import DONE, WRONG, printed
from advisories.reports.lines import printable

if TYPE_CHECKING:
    from advisories.store.checking import Checked
    from advisories.store.reader import Provenance

__all__ = ["add", "run"]


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the parser's."""
    command = commands.add_parser(
        "check",
        help="whether a store is whole, and where it came from",
        description="Verify all of a store, and print its sources, what was rejected of them, and its lint.",
        epilog="Exit status: 0; 2 it is damaged, or no store of this version.",
    )
    command.add_argument("store", metavar="PATH", help="the store")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run it; its exit status."""
    from advisories.store.checking import check_store

    checked = check_store(options.store)
    shown = printed(map(printable, _verdict(options.store, checked)))
    return DONE if shown and not checked.problems else WRONG


def _verdict(path: str, checked: "Checked") -> Iterator[str]:
    for step in checked.steps:
        yield f"ok: {step}"
    for problem in checked.problems:
        yield f"WRONG: {problem}"
    for source in checked.provenance:
        yield from _told(source)
    kinds = Counter([flaw.kind.value for flaw in checked.flaws])
    counted = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    yield f"lint: {counted or 'nothing'}"
    for flaw in checked.flaws:
        yield f"  {flaw}"
    yield f"{path}: {'damaged' if checked.problems else 'whole'}"


def _told(source: "Provenance") -> Iterator[str]:
    report = source.report
    yield f"source: {report.source} ({report.format}), SHA-256 {source.digest}"
    yield f"  {report.read} records read, {report.kept} kept, {report.rejected} refused"
    for rejection in report.rejections:
        yield f"  refused ({rejection.extent.value}): {rejection}"
    for why, times in report.skips:
        yield f"  left aside ({times}): {why}"
