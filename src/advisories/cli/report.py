"""``advisories report``: an earlier report in other formats."""

import argparse
import sys

from advisories.cli.inputs import limits_of
from advisories.cli.options import add_format, add_limit, add_width
from advisories.cli.outputs import add_outputs, check_formats, check_outputs, write_reports
from advisories.cli.terminal import DONE, FAILED, columns, shows_colours

__all__ = ["HELP", "add_options", "run"]


HELP = """\
an earlier report in other formats

Read a JSON report of match, fix, verify or lint and write it in other formats:
nothing is matched again. Text of match, fix and verify, the script of fix and
sas-json of verify need more than a report has.

example:
  advisories report before.json -o table=before.txt

exit status:
  0 done
  2 wrong usage, unreadable input, or output that cannot be written
"""

_KINDS = ("findings", "plan", "verification", "lint")
# The format on standard output of each kind where none is asked for.
_USUAL = {"findings": "table", "lint": "text"}


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the command's options to its parser."""
    from advisories.reports.registry import formats

    command.add_argument("report", metavar="REPORT", help="a JSON report; - is standard input")
    words = list(dict.fromkeys(word for kind in _KINDS for word in formats(kind, earlier=True)))
    add_format(command, words, "table of match, text of lint, markdown of fix and verify")
    add_outputs(command, words, has_templates=True)
    add_width(command)
    add_limit(command)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    from advisories.reports.document import Document
    from advisories.reports.lint_document import LintDocument
    from advisories.reports.reading import read_report
    from advisories.reports.registry import formats

    check_outputs(options, [options.report])
    read = read_report(sys.stdin.buffer if options.report == "-" else options.report, limits_of(options))
    usual = _USUAL.get(read.what, "markdown")
    check_formats(options, read.what, formats(read.what, earlier=True))
    if isinstance(read, Document):
        read = Document(read.content, columns(options), shows_colours(options))
    elif isinstance(read, LintDocument):
        read = LintDocument(read.content, columns(options))
    return DONE if write_reports(read, options, usual) else FAILED
