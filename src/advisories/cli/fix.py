"""``advisories fix``: what to upgrade, install, remove and restart, and what stays."""

import argparse

from advisories.cli.choices import add_choices, choose, statements_of
from advisories.cli.inputs import add_inputs, asked, not_covered, package_list
from advisories.cli.terminal import DONE, WRONG, Wrong, printed, say_rejections, width
from advisories.reports import formats

__all__ = ["add", "run"]


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the parser's."""
    command = commands.add_parser(
        "fix",
        help="what to upgrade, in which order, and what stays",
        description="The fewest upgrades that clear the most findings: the lowest sufficient version of each package, "
        "the commands of the family, what has to be restarted, and what stays and why. Nothing is done.",
        epilog="Exit status: 0; 2 wrong usage, unreadable input, or rejected records with --strict; 3 the feed does "
        "not cover the release.",
    )
    add_inputs(command)
    command.add_argument("--format", choices=formats("plan"), default="text", help="the plan's form (text)")
    command.add_argument(
        "--order", choices=("list", "gain"), default="list", help="as the findings are listed, or the most gain first"
    )
    command.add_argument(
        "--available",
        metavar="PATH",
        help="what the host's repositories have, as a package list (a Packages index, say): the versions are theirs",
    )
    command.add_argument(
        "--at-least", action="store_true", help="commands ask for these versions or later ones, not to the letter"
    )
    command.add_argument(
        "--by-notice", action="store_true", help="commands ask by notice or CVE where the package manager knows them"
    )
    add_choices(command)
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run it; its exit status."""
    from advisories.distros.package_managers import manager_of
    from advisories.matching.match import match
    from advisories.models import Assumption
    from advisories.reports import render
    from advisories.reports.plan import PlanReport
    from advisories.triage.plan import Order, plan

    inventory, feed, policy = asked(options)
    statements = statements_of(options)
    findings = match(inventory, feed, policy)
    if not findings.coverage.covered:
        return not_covered(findings.coverage, feed)
    chosen = choose(options, statements, inventory, feed, policy, findings)
    available = None
    if options.available is not None:
        offered = package_list(options.available)
        if offered.report is not None:
            say_rejections([offered.report], "all of them of the repositories", strict=options.strict)
        types, theirs = ({package.type for package in one.packages} for one in (inventory, offered))
        if types.isdisjoint(theirs):
            what = f"{', '.join(sorted(theirs))} packages, and the list has {', '.join(sorted(types))}"
            raise Wrong(f"{offered.source}: these are no repositories of the host: {what}")
        available = offered.packages
    made = plan(inventory, feed, policy, findings=chosen.shown, available=available, order=Order(options.order))
    coverage = findings.coverage
    own = inventory.distribution or coverage.judged_as
    # Not where it takes its packages from the other, as Linux Mint does: then nothing is assumed.
    borrowed = available is None and Assumption.DISTRIBUTION_ASSUMED in coverage.assumptions
    manager = None if own is None else manager_of(own)
    report = PlanReport(
        inventory,
        made,
        manager,
        exact=not options.at_least,
        by_notice=options.by_notice,
        width=width(),
        versions_of=coverage.judged_as if borrowed else None,
        chosen=chosen,
        on=statements.named,
    )
    return DONE if printed(render(report, options.format)) else WRONG
