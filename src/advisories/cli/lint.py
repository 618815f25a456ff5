"""``advisories lint``: what is wrong with advisories."""

import argparse

from advisories.cli.inputs import limits_of, read_feed
from advisories.cli.options import add_format, add_limit, add_width
from advisories.cli.outputs import add_outputs, check_outputs, write_reports
from advisories.cli.terminal import DONE, FAILED, columns, fail
from advisories.reports import formats

__all__ = ["HELP", "add_options", "run"]


HELP = """\
what is wrong with advisories: rejected records, and flaws of those that were kept

Read advisories, and show what was rejected or skipped and why. Of the records
that were kept, show those that contradict others and those whose versions are
invalid, suspect, upside down, or without epoch or lower bound.

example:
  advisories lint advisories.zip

exit status:
  0 done
  2 wrong usage, unreadable input, or with --strict anything rejected or
    flawed
"""


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the command's options to its parser."""
    command.add_argument(
        "sources", metavar="SOURCE", nargs="+", help="a file, a folder, an archive, a store, or - for standard input"
    )
    add_format(command, formats("lint"))
    add_outputs(command, formats("lint"))
    add_width(command)
    add_limit(command)
    command.add_argument("--strict", action="store_true", help="exit with 2 where anything is rejected or flawed")


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    from advisories.reports.lint import LintReport

    check_outputs(options, options.sources)
    feed = read_feed(options.sources, limits_of(options))
    if not write_reports(LintReport(feed, columns(options)), options, "text"):
        return FAILED
    flawed = len(feed.flaws) + sum([len(report.rejections) for report in feed.reports])
    if flawed and options.strict:
        return fail(f"{flawed} rejected or flawed, and --strict makes that an error")
    return DONE
