"""``advisories verify``: what became of the findings of an earlier report, and what is new."""

import argparse
import sys

from advisories.cli.gate import is_urgent, unrated
from advisories.cli.inputs import blind_status, exit_status, limits_of, paths_of, read_choices, read_inputs, triaged
from advisories.cli.options import NEVER, PRIORITIES, add_choices, add_fail_on, add_format, add_inputs, add_width
from advisories.cli.outputs import add_outputs, check_outputs, write_reports
from advisories.cli.terminal import FAILED, columns, warn
from advisories.reports import formats

__all__ = ["HELP", "add_options", "run"]


HELP = """\
what became of the findings of an earlier report, and what is new

Match a package list again, and show what became of each finding of an earlier
report and which findings are new. Options that choose findings choose
among the earlier ones too.

example:
  advisories verify --baseline report.json --inventory packages.txt --feed advisories.zip

exit status:
  0 nothing new
  1 a new finding is shown, at or above --fail-on if you give it
  2 wrong usage, unreadable input, another host's report, or rejected records
    or packages with --strict
  3 the feed does not cover the release
The first of 2, 3 and 1 that fits.
"""


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the command's options to its parser."""
    command.add_argument(
        "--baseline", metavar="PATH", required=True, help="an earlier JSON report of match; - is standard input"
    )
    add_inputs(command)
    add_format(command, formats("verification"))
    add_outputs(command, formats("verification"))
    add_width(command)
    add_fail_on(command, "exit with 1 only if a new finding that is shown is this urgent or more")
    command.add_argument("--force", action="store_true", help="verify although the report seems to be another host's")
    add_choices(command)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    from advisories.reports.verification import VerificationReport, new_findings
    from advisories.triage.baseline import read_baseline
    from advisories.triage.verify import verify

    is_gate = options.fail_on != NEVER
    options.fail_on = options.fail_on if is_gate else None
    check_outputs(options, paths_of(options))
    inputs = read_inputs(options)
    choices = read_choices(options)
    inventory, feed, policy = inputs.inventory, inputs.feed, inputs.policy
    baseline = read_baseline(sys.stdin.buffer if options.baseline == "-" else options.baseline, limits_of(options))
    verification = verify(baseline, inventory, feed, policy, force=options.force)
    earlier = (*baseline.findings, *baseline.suppressed)
    chosen = triaged(inputs, choices, findings=verification.findings, earlier=earlier)
    report = VerificationReport(verification, columns(options), chosen, choices.on, feed)
    if not write_reports(report, options, "text"):
        return FAILED
    news = new_findings(verification, chosen)
    hidden = unrated([one.finding for one in news if one.hidden is not None], chosen.selection)
    new = [*(one.finding for one in news if one.shown), *hidden]
    found = is_gate and is_urgent(new, options.fail_on or PRIORITIES[-1], options)
    coverage = verification.findings.coverage
    if verification.feed_lacks is not None:
        warn(f"{verification.feed_lacks}: what it does not have any more is undecided")
    rejected = choices.rejected + (verification.feed_lacks is not None)
    status = exit_status(inputs, coverage, options, rejected=rejected, found=found)
    return (is_gate and blind_status(chosen, options, earlier)) or status
