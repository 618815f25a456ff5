"""``advisories lint``: what is wrong with advisories."""

import argparse

from advisories.cli.inputs import feed_of
from advisories.cli.terminal import DONE, WRONG, printed, wrong
from advisories.reports import formats

__all__ = ["add", "run"]


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the parser's."""
    command = commands.add_parser(
        "lint",
        help="what is wrong with advisories: what was refused, and flaws of what was kept",
        description="Read advisories, and say what was refused or left aside and why, and which records that were kept "
        "contradict others or have versions that are refused, warned of, upside down, without epoch or lower bound.",
        epilog="Exit status: 0; 2 wrong usage, unreadable input, or with --strict anything refused or flawed.",
    )
    command.add_argument(
        "sources", metavar="SOURCE", nargs="+", help="a file, a folder, an archive, a store, or - for standard input"
    )
    command.add_argument("--format", choices=formats("lint"), default="text", help="the report's format (text)")
    command.add_argument("--strict", action="store_true", help="what is refused or flawed is an error")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run it; its exit status."""
    from advisories.reports import render
    from advisories.reports.lint import LintReport

    feed = feed_of(options.sources)
    if not printed(render(LintReport(feed), options.format)):
        return WRONG
    flawed = len(feed.flaws) + sum([len(report.rejections) for report in feed.reports])
    if flawed and options.strict:
        return wrong(f"{flawed} refused or flawed, and --strict makes that an error")
    return DONE
