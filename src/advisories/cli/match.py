"""``advisories match``: what is affected, why, how bad it is, and what clears it."""

import argparse
from itertools import chain
from typing import TYPE_CHECKING

from advisories.cli.gate import (
    add_gates,
    failed_gates,
    is_urgent,
    settle_gates,
    unrated,
    warn_of_blindness,
    warn_of_hidden,
)
from advisories.cli.inputs import blind_status, exit_status, paths_of, read_choices, read_inputs, triaged
from advisories.cli.options import add_choices, add_fail_on, add_format, add_inputs, add_order, add_width
from advisories.cli.outputs import add_outputs, check_outputs, is_printed, write_reports
from advisories.cli.terminal import FAILED, columns, is_terminal, shows_colours, waiting, warn
from advisories.reports import formats

if TYPE_CHECKING:
    from advisories.cli.inputs import Choices, Inputs
    from advisories.models.findings import Findings
    from advisories.models.packages import Package
    from advisories.reports import Report
    from advisories.triage.pipeline import Triaged

__all__ = ["HELP", "add_options", "run"]


HELP = """\
what is affected, why, how bad it is, and what clears it

Match a package list against advisories, and print a report.

example:
  advisories match --inventory packages.txt --feed advisories.zip --fail-on high

exit status:
  0 done
  1 a finding that is shown is at or above --fail-on, or another gate fails
  2 wrong usage, unreadable input, or with --strict anything rejected or
    assumed
  3 the feed does not cover the release
The first of 2, 3 and 1 that fits.
"""


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the command's options to its parser."""
    add_inputs(command)
    add_format(command, formats("findings"), "table on a terminal, else text")
    add_outputs(command, formats("findings"), has_templates=True)
    add_width(command)
    what = "the name of what was listed, for reports: an image with its digest, a host"
    command.add_argument("--target", metavar="NAME", type=_target, help=what)
    add_fail_on(command, "exit with 1 if a finding that is shown is this urgent or more")
    what = "within a priority: list sorts by package; rank by known exploitation, EPSS, score and fix"
    add_order(command, ("list", "rank"), what)
    add_choices(command)
    add_gates(command)


def _target(text: str) -> str:
    if text == "-" or not text.strip() or not text.isprintable():
        raise argparse.ArgumentTypeError(f"{text!r} is no name")
    return text


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    from advisories.reports import Report

    settle_gates(options)
    check_outputs(options, paths_of(options))
    inputs = read_inputs(options)
    choices = read_choices(options)
    with waiting(options, "matching"):
        chosen = triaged(inputs, choices, ranked=options.order == "rank")
    findings = chosen.findings
    ignored = _ignored(inputs, choices, findings)
    gates = failed_gates(
        options,
        findings.coverage,
        inputs.inventory,
        inputs.feed,
        choices.on,
        ignored,
    )
    report = Report(
        inputs.inventory,
        inputs.feed,
        findings,
        columns(options),
        chosen,
        choices.on,
        options.target,
        shows_colours(options),
        gates,
    )
    if not write_reports(report, options, "table" if is_terminal() else "text"):
        return FAILED
    found = bool(options.fail_on) and _fails(chosen, report, options)
    if found and not is_printed(options):
        warn(f"--fail-on {options.fail_on}: there are findings at or above it")
    for id, reason in gates:
        warn(f"--{id}: {reason}")
    rejected = choices.rejected + _warn_of_ignored(findings, ignored)
    status = exit_status(inputs, findings.coverage, options, rejected=rejected, found=found or bool(gates))
    return (options.fail_on and blind_status(chosen, options)) or status


def _fails(chosen: "Triaged", report: "Report", options: argparse.Namespace) -> bool:
    """Whether a finding that counts is at or above ``--fail-on``."""
    warn_of_hidden(chosen, options)
    warn_of_blindness(chosen.findings.coverage, options)
    kept = chosen.suppression.kept if chosen.suppression else chosen.findings
    counted = chain((finding for _, finding in report.rows()), unrated(kept, chosen.selection))
    return is_urgent(counted, options.fail_on, options)


def _warn_of_ignored(findings: "Findings", ignored: "frozenset[Package]") -> int:
    """1 where rules ignore every vulnerability of every package, which is printed: no finding could fail."""
    listed = {package for package, _ in findings.coverage.judged() if package.state.on_disk} if ignored else set()
    if not listed or not listed <= ignored:
        return 0
    what = "the package" if len(listed) == 1 else f"all {len(listed)} packages"
    warn(f"ignore rules are about every vulnerability of {what} of the list: no finding is left that could fail")
    return 1


def _ignored(inputs: "Inputs", choices: "Choices", findings: "Findings") -> "frozenset[Package]":
    """The packages of which rules ignore every vulnerability, where there are rules."""
    if not choices.statements:
        return frozenset()
    from advisories.triage.suppress import ignored_packages

    every = [one for each in choices.statements for one in each.statements]
    packages = [package for package, _ in findings.coverage.judged()]
    return ignored_packages(packages, every, choices.on, inputs.inventory)
