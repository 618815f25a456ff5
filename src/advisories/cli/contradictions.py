"""Options that contradict each other, or of which one is of no use beside another: wrong usage.

A run that leaves an option out without a word answers another question than yours. What stands in a configuration file
or the environment is for many runs, so there an option of no use is none that you gave.
"""

import argparse
from typing import Final

from advisories.cli.options import PRIORITIES
from advisories.cli.terminal import UsageProblem

__all__ = ["check_options"]

#: Options about what is fetched. They change nothing where no cache is used, or where it is used as it is.
_OF_CACHE: Final = ("--fetch", "--offline", "--cache")
_OF_NETWORK: Final = ("--mirror", "--ca-bundle", "--keyring", "--without", "--also")

#: The gates about findings.
_GATES: Final = ("--fail-on", "--fail-on-new")


def check_options(options: argparse.Namespace) -> None:
    """Raise :class:`UsageProblem` for the first two options of a command that do not go together."""
    _check_selection(options)
    given = options.given
    if options.feed:
        for option in (*_OF_CACHE, *_OF_NETWORK):
            if option in given:
                raise UsageProblem(
                    f"{option} is about advisories of the cache, and --feed takes their place. Leave one out"
                )
    elif not options.fetch:
        for option in _OF_NETWORK:
            if option in given:
                raise UsageProblem(f"{option} is about fetching: add --fetch, or leave it out")
    # With --fail-on never somebody left the gate out on purpose.
    is_alone = not any(gate in given or _least(options, gate) for gate in _GATES)
    if "--unknown-priority" in given and is_alone:
        raise UsageProblem("--unknown-priority is about --fail-on: add --fail-on PRIORITY, or leave it out")


def _check_selection(options: argparse.Namespace) -> None:
    """Filters that no finding fits together, or none that could fail: such a check passes whatever there is."""
    if getattr(options, "only_fixable", False) and options.fix_state and "fixed" not in options.fix_state:
        shown = ", ".join(dict.fromkeys(options.fix_state))
        raise UsageProblem(f"--only-fixable and --fix-state {shown} show nothing together. Leave one out")
    for option in _GATES:
        least = _least(options, option)
        if least and options.priority and not set(PRIORITIES[: PRIORITIES.index(least) + 1]) & set(options.priority):
            shown = ", ".join(dict.fromkeys(options.priority))
            raise UsageProblem(f"{option} {least} can never fail where only --priority {shown} is shown")


def _least(options: argparse.Namespace, gate: str) -> str | None:
    """The priority of a gate, if the command has it and it is set."""
    least: str | None = getattr(options, gate[2:].replace("-", "_"), None)
    return least
