"""``advisories explain``: why a package has a finding of a vulnerability, or has none."""

import argparse
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from advisories.cli.inputs import assumed_status, partial_status, read_inputs, strict_status
from advisories.cli.options import add_inputs
from advisories.cli.terminal import DONE, FAILED, NOT_COVERED, UsageProblem, fail, print_lines

if TYPE_CHECKING:
    from advisories.index.feed import Feed
    from advisories.matching.explain import Explanation
    from advisories.models.packages import Inventory

__all__ = ["HELP", "add_options", "run"]


# So many near ids are named, of ids that are no longer than this.
_NEAR: Final = 3
_LONGEST: Final = 40
_CHARACTERS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-:"

HELP = """\
why a package has a finding of a vulnerability, or has none

Show each record of a vulnerability, the rule that decided, and the versions
in their order.

example:
  advisories explain bash CVE-2022-3715 --inventory packages.txt --feed advisories.zip

exit status:
  0 done
  2 wrong usage, unreadable input, no such package in the list, no such id in
    the feed, or with --strict anything rejected or assumed
  3 the feed does not cover the package
The first of 2 and 3 that fits.
"""


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the command's options to its parser."""
    command.add_argument("package", metavar="PACKAGE", help="a binary package, or the source package it is built from")
    command.add_argument("vulnerability", metavar="ID", help="a CVE, another id of it, or the id of an advisory")
    add_inputs(command)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    from advisories.matching.explain import explain

    _check_order(options)
    inputs = read_inputs(options)
    explanations = explain(inputs.inventory, inputs.feed, options.package, options.vulnerability, inputs.policy)
    if not explanations:
        return fail(_no_package(inputs.inventory, options))
    if not print_lines(line for one in explanations for line in str(one).split("\n")):
        return FAILED
    assumed = Counter(assumption for one in explanations for assumption in one.assumptions)
    status = max(
        partial_status(inputs.inventory, options),
        strict_status(inputs.rejected, strict=options.strict),
        assumed_status(assumed, options),
    )
    if not any(one.considered for one in explanations) and not _is_known(options.vulnerability, inputs.feed):
        status = fail(_no_record(options.vulnerability, inputs.feed))
    return status or (NOT_COVERED if _is_not_covered(explanations) else DONE)


def _is_not_covered(explanations: "Sequence[Explanation]") -> bool:
    from advisories.models.findings import PackageClass

    return all(one.package_class is PackageClass.NOT_COVERED for one in explanations)


def _check_order(options: argparse.Namespace) -> None:
    """Other commands have the list first, so it may stand in the place of the package."""
    package, id, listed = options.package, options.vulnerability, options.inventory
    if listed and listed != "-" and not os.path.exists(listed) and os.path.isfile(package):
        raise UsageProblem(f"PACKAGE and ID come first: advisories explain {id} {listed} {package}")


def _no_package(inventory: "Inventory", options: argparse.Namespace) -> str:
    from advisories.models.words import nearest

    name, id = options.package, options.vulnerability
    names = {named for one in inventory.packages for named in (one.name, one.source_name) if named}
    hint = ""
    if id in names:
        hint = f". PACKAGE comes first: advisories explain {id} {name}"
    elif near := nearest(name, sorted(names)):
        hint = f". Did you mean {near}?"
    return f"{inventory.source}: no package {name} in the list{hint}"


def _is_known(id: str, feed: "Feed") -> bool:
    """Whether any advisory of a feed has an id, as its own, as a vulnerability's, or as another id of it."""
    ids = feed.ids()
    if id in ids or id.upper() in {one.upper() for one in ids}:
        return True
    return any(id.upper() == one.upper() for aliases in feed.aliases(ids).values() for one in aliases)


def _no_record(id: str, feed: "Feed") -> str:
    near = list(_near(id.upper(), {one.upper(): one for one in feed.ids()}))[:_NEAR]
    hint = f". Did you mean {' or '.join(near)}?" if near else ". Is it the feed that you meant?"
    return f"no record of the feed has the id {id:.80}: nothing is known of it{hint}"


def _near(id: str, ids: dict[str, str]) -> Iterable[str]:
    """The ids that one character more, less or other makes of it, or two that changed places."""
    parts = [(id[:place], id[place:]) for place in range(min(len(id), _LONGEST) + 1)]
    made = [
        *(head + tail[1] + tail[0] + tail[2:] for head, tail in parts if len(tail) > 1),
        *(head + one + tail[1:] for head, tail in parts if tail for one in _CHARACTERS),
        *(head + tail[1:] for head, tail in parts if tail),
        *(head + one + tail for head, tail in parts for one in _CHARACTERS),
    ]
    return dict.fromkeys(ids[one] for one in made if one in ids)
