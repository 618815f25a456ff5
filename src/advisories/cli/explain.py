"""``advisories explain``: why a package has a finding of a vulnerability, or has none."""

import argparse

from advisories.cli.inputs import read_inputs, strict_status
from advisories.cli.options import add_inputs
from advisories.cli.terminal import FAILED, fail, print_lines

__all__ = ["HELP", "add_options", "run"]


HELP = """\
why a package has a finding of a vulnerability, or has none

Show each record of a vulnerability, the rule that decided, and the versions
in their order.

example:
  advisories explain bash CVE-2022-3715 --inventory packages.txt --feed advisories.zip

exit status:
  0 done
  2 wrong usage, unreadable input, no such package in the list, or rejected
    records or packages with --strict
"""


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the command's options to its parser."""
    command.add_argument("package", metavar="PACKAGE", help="a binary package, or the source package it is built from")
    command.add_argument("vulnerability", metavar="ID", help="a CVE, another id of it, or the id of an advisory")
    add_inputs(command)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    from advisories.matching.explain import explain

    inputs = read_inputs(options)
    explanations = explain(inputs.inventory, inputs.feed, options.package, options.vulnerability, inputs.policy)
    if not explanations:
        return fail(f"{inputs.inventory.source}: no package {options.package} in the list")
    if not print_lines(line for one in explanations for line in str(one).split("\n")):
        return FAILED
    return strict_status(inputs.rejected, strict=options.strict)
