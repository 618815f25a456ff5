"""``advisories report``: an earlier report in another format."""

import argparse
import sys

from advisories.cli.inputs import limits_of
from advisories.cli.options import add_format, add_limit, add_width
from advisories.cli.outputs import add_outputs, check_outputs, write_reports
from advisories.cli.terminal import DONE, FAILED, columns, shows_colours

__all__ = ["HELP", "add_options", "run"]


HELP = """\
an earlier report in other formats

Read a JSON report of match and write it in other formats: nothing is matched
again.

example:
  advisories report before.json -o table=before.txt

exit status:
  0 done
  2 wrong usage, unreadable input, or output that cannot be written
"""


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the command's options to its parser."""
    from advisories.reports.registry import ONLY_LIVE, formats

    command.add_argument("report", metavar="REPORT", help="a JSON report of match; - is standard input")
    words = [word for word in formats("findings") if word not in ONLY_LIVE]
    add_format(command, words, "table")
    add_outputs(command, words, has_templates=True)
    add_width(command)
    add_limit(command)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    from advisories.reports.document import Document
    from advisories.reports.reading import read_report

    check_outputs(options, [options.report])
    read = read_report(sys.stdin.buffer if options.report == "-" else options.report, limits_of(options))
    document = Document(read.content, columns(options), shows_colours(options))
    return DONE if write_reports(document, options, "table") else FAILED
