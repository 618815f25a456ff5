"""``advisories compile``: advisories into a store that opens at once."""

import argparse
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from advisories.cli.inputs import limits_of, strict_status
from advisories.cli.options import add_limit
from advisories.cli.terminal import DONE, FAILED, print_lines, progress_width, warn_of_rejections
from advisories.models.printing import printable

if TYPE_CHECKING:
    from advisories.store.compiling import Compiled, Progress

__all__ = ["HELP", "add_options", "run"]


HELP = """\
advisories into a store that opens at once

Read advisories and write them as one file, a store, for --feed and for SQL.
Sources that have not changed since the store was written are taken over from
it.

example:
  advisories compile -o feed.db advisories.zip

exit status:
  0 done
  2 wrong usage, unreadable input, output that cannot be written, or rejected
    records with --strict
An earlier store of that name stays whole until the new one is.
"""


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the command's options to its parser."""
    command.add_argument(
        "sources", metavar="SOURCE", nargs="+", help="a file, a folder, an archive, a store, or - for standard input"
    )
    command.add_argument("-o", "--output", metavar="PATH", required=True, help="the store to write or replace")
    add_limit(command)
    command.add_argument(
        "--strict", action="store_true", help="exit with 2 and write nothing where records were rejected"
    )


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    from advisories.store.compiling import read_sources, write_store

    progress, end_progress = _progress()
    try:
        sources = read_sources(
            options.sources,
            options.output,
            standard_input=sys.stdin.buffer,
            progress=progress,
            limits=limits_of(options),
        )
    finally:
        end_progress()
    rejected = warn_of_rejections([source.report for source in sources], "advisories check shows them all")
    failed = strict_status(rejected, strict=options.strict)
    if failed:
        return failed
    compiled = write_store(sources, options.output)
    return DONE if print_lines(_summary(compiled)) else FAILED


def _progress() -> "tuple[Progress | None, Callable[[], None]]":
    """What shows progress, and what to call at its end. It is one line, rewritten, and only on a terminal."""
    if sys.stderr is None or not sys.stderr.isatty():
        return None, lambda: None
    width = progress_width()

    def show(text: str) -> None:
        sys.stderr.write(f"\r{text[:width]:{width}}\r")
        sys.stderr.flush()

    return lambda source, records: show(printable(f"{source}: {records} records")), lambda: show("")


def _summary(compiled: "Compiled") -> Iterator[str]:
    from advisories.reports.lines import rejected_text

    for source in compiled.sources:
        report = source.report
        how = f"unchanged, taken over from {compiled.path}" if source.is_taken else "read"
        rejected = rejected_text(report.rejected, len(report.rejections)) or "0 rejected"
        yield f"{report.source}: {report.kept} of {report.read} records kept, {rejected} ({how})"
    releases = ", ".join(str(release) for release in compiled.feed.releases) or "no release"
    number = len(compiled.feed)
    yield f"{compiled.path}: {number} {'advisory' if number == 1 else 'advisories'} of {releases}"
