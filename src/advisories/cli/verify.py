"""``advisories verify``: what became of the findings of an earlier report, and what is new."""

import argparse
import sys

from advisories.cli.choices import add_choices, check_fail_on, choose, statements_of
from advisories.cli.inputs import PRIORITIES, add_inputs, asked, not_covered, reaches
from advisories.cli.terminal import DONE, FOUND, WRONG, printed, width
from advisories.reports import formats

__all__ = ["add", "run"]


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the parser's."""
    command = commands.add_parser(
        "verify",
        help="what became of the findings of an earlier report, and what is new",
        description="Match a package list again and say of each finding of an earlier report what became of it.",
        epilog="Exit status: 0 nothing new; 1 new findings that are shown, at or above --fail-on where that is said; 2 "
        "wrong usage, unreadable input, another host's report, or rejected records with --strict; 3 the feed does not "
        "cover the release.",
    )
    command.add_argument(
        "--baseline", metavar="PATH", required=True, help="an earlier JSON report of match; - is standard input"
    )
    add_inputs(command)
    command.add_argument("--format", choices=formats("verification"), default="text", help="the report's format (text)")
    command.add_argument(
        "--fail-on", type=str.lower, choices=PRIORITIES, help="exit with 1 only for new findings this urgent or more"
    )
    command.add_argument("--force", action="store_true", help="verify although the report seems to be another host's")
    add_choices(command)
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run it; its exit status."""
    from advisories.reports import render
    from advisories.reports.verification import VerificationReport, new_findings
    from advisories.triage.earlier_report import read_baseline
    from advisories.triage.verify import verify

    check_fail_on(options)
    inventory, feed, policy = asked(options)
    statements = statements_of(options)
    baseline = read_baseline(sys.stdin.buffer if options.baseline == "-" else options.baseline)
    verification = verify(baseline, inventory, feed, policy, force=options.force)
    chosen = choose(options, statements, inventory, feed, policy, verification.findings)
    if not printed(render(VerificationReport(verification, width(), chosen), options.format)):
        return WRONG
    if not verification.findings.coverage.covered:
        return not_covered(verification.findings.coverage, feed)
    new = [one.finding for one in new_findings(verification, chosen) if one.shown]
    return FOUND if reaches(new, options.fail_on or PRIORITIES[-1]) else DONE
