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
    is_alone = options.command == "match" and "--fail-on" not in given and not options.fail_on
    if "--unknown-priority" in given and is_alone:
        raise UsageProblem("--unknown-priority is about --fail-on: add --fail-on PRIORITY, or leave it out")


def _check_selection(options: argparse.Namespace) -> None:
    """Filters that no finding fits together, or none that could fail: such a check passes whatever there is."""
    if getattr(options, "only_fixable", False) and options.fix_state and "fixed" not in options.fix_state:
        shown = ", ".join(dict.fromkeys(options.fix_state))
        raise UsageProblem(f"--only-fixable and --fix-state {shown} show nothing together. Leave one out")
    if getattr(options, "fail_on", None) and options.priority:
        urgent = PRIORITIES[: PRIORITIES.index(options.fail_on) + 1]
        if not set(urgent).intersection(options.priority):
            shown = ", ".join(dict.fromkeys(options.priority))
            raise UsageProblem(f"--fail-on {options.fail_on} can never fail where only --priority {shown} is shown")
