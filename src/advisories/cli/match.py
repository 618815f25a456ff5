"""``advisories match``: what is affected, why, how bad it is, and what clears it."""

import argparse

from advisories.cli.choices import add_choices, check_fail_on, choose, statements_of
from advisories.cli.inputs import PRIORITIES, add_inputs, asked, not_covered, reaches
from advisories.cli.terminal import DONE, FOUND, WRONG, printed, width
from advisories.reports import formats

__all__ = ["add", "run"]


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the parser's."""
    command = commands.add_parser(
        "match",
        help="what is affected, why, how bad it is, and what clears it",
        description="Match a package list against advisories.",
        epilog="Exit status: 0; 1 findings that are shown at or above --fail-on; 2 wrong usage, unreadable input, or "
        "rejected records with --strict; 3 the feed does not cover the release.",
    )
    add_inputs(command)
    command.add_argument("--format", choices=formats("findings"), default="text", help="the report's format (text)")
    command.add_argument(
        "--fail-on", type=str.lower, choices=PRIORITIES, help="exit with 1 if there are findings this urgent or more"
    )
    command.add_argument(
        "--order",
        choices=("list", "rank"),
        default="list",
        help="within a priority by package, or by what is known to be exploited, EPSS, score and fix (list)",
    )
    add_choices(command)
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run it; its exit status."""
    from attrs import evolve

    from advisories.matching.match import match
    from advisories.matching.priority import rank
    from advisories.reports import Report, render

    check_fail_on(options)
    inventory, feed, policy = asked(options)
    statements = statements_of(options)
    findings = match(inventory, feed, policy)
    chosen = choose(options, statements, inventory, feed, policy, findings)
    if options.order == "rank":
        chosen = evolve(chosen, shown=rank(chosen.shown))
    report = Report(inventory, feed, findings, width(), chosen, statements.named)
    if not printed(render(report, options.format)):
        return WRONG
    if not findings.coverage.covered:
        return not_covered(findings.coverage, feed)
    return FOUND if options.fail_on and reaches(chosen.shown, options.fail_on) else DONE
