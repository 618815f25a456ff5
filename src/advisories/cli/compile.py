"""``advisories compile``: advisories into a store that opens at once."""

import argparse
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from advisories.cli.terminal import DONE, WRONG, printed, say_rejections
from advisories.reports.lines import printable

if TYPE_CHECKING:
    from advisories.store.compiling import Compiled, Progress

__all__ = ["add", "run"]


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the parser's."""
    command = commands.add_parser(
        "compile",
        help="advisories into a store that opens at once",
        description="Read advisories and write them as one file, a store, for match --feed and for SQL. Sources that "
        "have not changed since the store was written are taken over from it.",
        epilog="Exit status: 0; 2 wrong usage, unreadable input, output that cannot be written, or rejected records "
        "with --strict. Whatever was there before is whole until the new store is.",
    )
    command.add_argument(
        "sources", metavar="SOURCE", nargs="+", help="a file, a folder, an archive, a store, or - for standard input"
    )
    command.add_argument("-o", "--output", metavar="PATH", required=True, help="the store to write or replace")
    command.add_argument("--strict", action="store_true", help="rejected records are an error, and nothing is written")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run it; its exit status."""
    from advisories.store.compiling import read_sources, write_store

    progress, end_progress = _progress()
    try:
        sources = read_sources(options.sources, options.output, standard_input=sys.stdin.buffer, progress=progress)
    finally:
        end_progress()
    reports = [source.report for source in sources]
    say_rejections(reports, "advisories check names all", strict=options.strict)
    compiled = write_store(sources, options.output)
    return DONE if printed(map(printable, _summary(compiled))) else WRONG


def _progress() -> "tuple[Progress | None, Callable[[], None]]":
    """What to tell progress, and what to call at its end: one line of a terminal, rewritten; nothing elsewhere."""
    if sys.stderr is None or not sys.stderr.isatty():
        return None, lambda: None
    import shutil

    width = shutil.get_terminal_size().columns - 1

    def show(text: str) -> None:
        sys.stderr.write(f"\r{text[:width]:{width}}\r")
        sys.stderr.flush()

    return lambda source, records: show(printable(f"{source}: {records} records")), lambda: show("")


def _summary(compiled: "Compiled") -> Iterator[str]:
    for source in compiled.sources:
        report = source.report
        how = f"unchanged, taken over from {compiled.path}" if source.is_taken else "read"
        yield f"{report.source}: {report.kept} of {report.read} records kept, {report.rejected} refused ({how})"
    releases = ", ".join(str(release) for release in compiled.feed.releases) or "no release"
    number = len(compiled.feed)
    yield f"{compiled.path}: {number} {'advisory' if number == 1 else 'advisories'} of {releases}"
