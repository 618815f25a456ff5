"""``advisories fix``: what to upgrade, install, remove and restart, and what stays."""

import argparse
from typing import TYPE_CHECKING

from advisories.cli.inputs import exit_status, limits_of, paths_of, read_choices, read_inputs, read_packages, triaged
from advisories.cli.options import add_choices, add_flag, add_format, add_inputs, add_order, add_width
from advisories.cli.outputs import add_outputs, check_outputs, write_reports
from advisories.cli.terminal import FAILED, UsageProblem, columns, warn_of_rejections
from advisories.reports import formats

if TYPE_CHECKING:
    from advisories.models.packages import Inventory

__all__ = ["HELP", "add_options", "run"]


HELP = """\
what to upgrade, in which order, and what stays

Plan the fewest upgrades that clear the most findings: the lowest sufficient
version of each package, the commands of your package manager, what has to be
restarted, and what stays and why. The plan is printed, and nothing is
changed.

example:
  advisories fix --inventory packages.txt --feed advisories.zip --format shell

exit status:
  0 done
  2 wrong usage, unreadable input, or with --strict anything rejected or
    assumed
  3 the feed does not cover the release, and there is no plan
The first of 2 and 3 that fits.
"""


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the command's options to its parser."""
    add_inputs(command)
    add_format(command, formats("plan"))
    add_outputs(command, formats("plan"))
    add_width(command)
    add_order(command, ("list", "gain"), "list follows the findings; gain puts first what clears the most")
    command.add_argument(
        "--available",
        metavar="PATH",
        help="what the host's repositories have, as a package list such as a Packages index; the plan takes its "
        "versions from there",
    )
    add_flag(command, "--at-least", "commands take these versions or later ones, not exactly these")
    add_flag(command, "--by-advisory", "commands name advisories or CVEs where the package manager knows them")
    add_choices(command)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    from advisories.distros.package_managers import manager_of
    from advisories.models.assumptions import Assumption
    from advisories.reports.plan import PlanReport
    from advisories.triage.plan import Order, plan

    check_outputs(options, paths_of(options))
    inputs = read_inputs(options)
    choices = read_choices(options)
    inventory, feed, policy = inputs.inventory, inputs.feed, inputs.policy
    chosen = triaged(inputs, choices)
    coverage = chosen.findings.coverage
    rejected = choices.rejected
    if not coverage.covered:
        return exit_status(inputs, coverage, options, rejected=rejected)
    available = None
    if options.available is not None:
        offered = read_packages(options.available, limits_of(options))
        _check_available(offered, inventory)
        if offered.report is not None:
            rejected += warn_of_rejections([offered.report], "all of them in the repositories' list")
        available = offered.packages
    made = plan(inventory, feed, policy, findings=chosen.shown, available=available, order=Order(options.order))
    own = inventory.distribution or coverage.judged_as
    # Not where it takes its packages from the other, as Linux Mint does: then nothing is assumed.
    borrowed = available is None and Assumption.DISTRIBUTION_ASSUMED in coverage.assumptions
    manager = None if own is None else manager_of(own)
    report = PlanReport(
        inventory,
        made,
        manager,
        exact=not options.at_least,
        by_advisory=options.by_advisory,
        width=columns(options),
        versions_of=coverage.judged_as if borrowed else None,
        chosen=chosen,
        on=choices.on,
        feed=feed,
    )
    if not write_reports(report, options, "text"):
        return FAILED
    return exit_status(inputs, coverage, options, rejected=rejected)


def _check_available(offered: "Inventory", inventory: "Inventory") -> None:
    """Raise :class:`UsageProblem` where the repositories have no package of the list's types."""
    types, theirs = ({package.type for package in one.packages} for one in (inventory, offered))
    if types.isdisjoint(theirs):
        what = f"{', '.join(sorted(theirs))} packages, and the list has {', '.join(sorted(types))}"
        raise UsageProblem(f"{offered.source}: not the repositories of this host: {what}")
