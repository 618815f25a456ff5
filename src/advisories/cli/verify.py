"""``advisories verify``: what became of the findings of an earlier report, and what is new."""

import argparse
import sys
from typing import TYPE_CHECKING

from advisories.cli.gate import is_urgent, unrated
from advisories.cli.inputs import blind_status, exit_status, limits_of, paths_of, read_choices, read_inputs, triaged
from advisories.cli.options import NEVER, add_choices, add_fail_on, add_fail_on_new, add_format, add_inputs, add_width
from advisories.cli.outputs import add_outputs, check_outputs, is_printed, write_reports
from advisories.cli.terminal import FAILED, columns, warn
from advisories.reports import formats

if TYPE_CHECKING:
    from advisories.models.findings import Finding
    from advisories.triage.pipeline import Triaged

__all__ = ["HELP", "add_options", "run"]


HELP = """\
what became of the findings of an earlier report, and what is new

Match a package list again, and show what became of each finding of an earlier
report and which findings are new. Options that choose findings choose
among the earlier ones too.

example:
  advisories verify --baseline report.json --inventory packages.txt --feed advisories.zip

exit status:
  0 done
  1 with --fail-on, an earlier finding that still stands or a new one is at or
    above it; with --fail-on-new, a new one
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
    add_fail_on(
        command, "exit with 1 if an earlier finding that still stands, or a new one, is shown and this urgent or more"
    )
    add_fail_on_new(command)
    command.add_argument("--force", action="store_true", help="verify although the report seems to be another host's")
    add_choices(command)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    from advisories.reports.verification import VerificationReport, new_findings, standing_findings
    from advisories.triage.baseline import read_baseline
    from advisories.triage.verify import verify

    for gate in ("fail_on", "fail_on_new"):
        if getattr(options, gate) == NEVER:
            setattr(options, gate, None)
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
    new = [one.finding for one in new_findings(verification, chosen) if not one.statements]
    gates = {"fail-on": [*standing_findings(verification, chosen), *new], "fail-on-new": new}
    failed = [gate for gate, findings in gates.items() if _fails(gate, findings, chosen, options)]
    coverage = verification.findings.coverage
    if verification.feed_lacks is not None:
        warn(f"{verification.feed_lacks}: what it does not have any more is undecided")
    rejected = choices.rejected + (verification.feed_lacks is not None)
    status = exit_status(inputs, coverage, options, rejected=rejected, found=bool(failed))
    return ((options.fail_on or options.fail_on_new) and blind_status(chosen, options, earlier)) or status


def _fails(gate: str, findings: "list[Finding]", chosen: "Triaged", options: argparse.Namespace) -> bool:
    """Whether one of the findings that are shown is at or above a gate, or one that nobody rated counts so."""
    from advisories.triage.select import hidden_for

    least: str | None = getattr(options, gate.replace("-", "_"))
    if least is None:
        return False
    counted = [finding for finding in findings if hidden_for(finding, chosen.selection) is None]
    if not is_urgent([*counted, *unrated(findings, chosen.selection)], least, options, gate):
        return False
    if not is_printed(options):
        warn(f"--{gate} {least}: there are findings at or above it")
    return True
