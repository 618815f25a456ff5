"""``advisories explain``: why a package has a finding of a vulnerability, or has none."""

import argparse

from advisories.cli.inputs import add_inputs, asked
from advisories.cli.terminal import DONE, WRONG, printed, wrong

__all__ = ["add", "run"]


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the parser's."""
    command = commands.add_parser(
        "explain",
        help="why a package has a finding of a vulnerability, or has none",
        description="Each record of a vulnerability, the rule that decided, and the versions in their order.",
        epilog="Exit status: 0; 2 wrong usage, unreadable input, no such package in the list, or rejected records with "
        "--strict.",
    )
    command.add_argument("package", metavar="PACKAGE", help="a binary package, or the source package it is built from")
    command.add_argument("vulnerability", metavar="ID", help="a CVE, another id of it, or the id of an advisory")
    add_inputs(command)
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run it; its exit status."""
    from advisories.matching.explain import explain

    inventory, feed, policy = asked(options)
    explanations = explain(inventory, feed, options.package, options.vulnerability, policy)
    if not explanations:
        return wrong(f"{inventory.source}: no package {options.package} in the list")
    return DONE if printed(map(str, explanations)) else WRONG
