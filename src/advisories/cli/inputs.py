"""What commands are asked about: a package list, advisories, and the choices of matching."""

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from advisories.cli.terminal import NOT_COVERED, Wrong, say, say_rejections

if TYPE_CHECKING:
    from advisories.index.feed import Feed
    from advisories.matching.match import MatchPolicy
    from advisories.models import Finding, Inventory
    from advisories.models.findings import Coverage

__all__ = ["PRIORITIES", "add_inputs", "asked", "feed_of", "inventory_of", "not_covered", "package_list", "reaches"]

#: How a priority is said on the command line, the most urgent first.
PRIORITIES: Final = ("high", "medium", "low")


def add_inputs(command: argparse.ArgumentParser) -> None:
    """The options that say which packages are matched against which advisories."""
    what = command.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "--inventory", metavar="PATH", help="a package list, or a root file system as a folder; - is standard input"
    )
    what.add_argument("--host", action="store_true", help="this machine's own package database")
    command.add_argument(
        "--feed",
        metavar="PATH",
        action="append",
        required=True,
        help="advisories: a file, a folder, an archive, a store, or - for standard input; may be repeated",
    )
    command.add_argument(
        "--distro",
        metavar="ID:RELEASE",
        help="matcher as this release, such as almalinux:9, channels follow: ubuntu:18.04+esm-infra",
    )
    command.add_argument("--running-kernel", metavar="RELEASE", help="what uname -r says on that host")
    command.add_argument(
        "--include-third-party", action="store_true", help="matcher packages of other vendors than the distribution too"
    )
    command.add_argument(
        "--unknown-epoch-is-zero", action="store_true", help="take an epoch that the list cannot show for 0"
    )
    command.add_argument("--strict", action="store_true", help="rejected records and packages are an error")


def asked(options: argparse.Namespace) -> "tuple[Inventory, Feed, MatchPolicy]":
    """What to match, said what was rejected of it. Raises :class:`Wrong` where it cannot be."""
    given = [one for value in vars(options).values() for one in (value if isinstance(value, list) else [value])]
    if given.count("-") > 1:
        raise Wrong("standard input can be one of the inputs, not several")
    from advisories.matching.match import MatchPolicy
    from advisories.models.distribution import from_option

    judge_as = from_option(options.distro) if options.distro else None
    inventory = inventory_of(options)
    if inventory.distribution is None and judge_as is None:
        which = inventory.distribution_source or "the list does not say of which distribution it is"
        raise Wrong(f"{inventory.source}: {which}; say --distro ID:RELEASE")
    feed = feed_of(options.feed)
    reports = ((inventory.report,) if inventory.report else ()) + feed.reports
    for why, times in inventory.report.skips if inventory.report else ():
        say(f"{inventory.source}: left aside ({times}): {why}")
    say_rejections(reports, "the JSON report of match names all", strict=options.strict)
    policy = MatchPolicy(
        judge_as=judge_as,
        include_third_party=options.include_third_party,
        unknown_epoch_is_zero=options.unknown_epoch_is_zero,
    )
    return inventory, feed, policy


def feed_of(paths: Sequence[str]) -> "Feed":
    """The feed of these sources. A store alone is opened and not read."""
    from advisories.store import open_feed

    return open_feed(*(sys.stdin.buffer if path == "-" else path for path in paths))


def package_list(path: str) -> "Inventory":
    """The package list of a path or of standard input."""
    from advisories.readers import inventories

    return inventories.read_stream(sys.stdin.buffer) if path == "-" else inventories.read(path)


def inventory_of(options: argparse.Namespace) -> "Inventory":
    """The package list, completed by what the options say of its host."""
    from attrs import evolve

    from advisories.models.distribution import from_option

    if options.host:
        from advisories.readers.inventories.this_host import this_host

        inventory = this_host()
    else:
        inventory = package_list(options.inventory)
    if options.running_kernel:
        inventory = evolve(inventory, running_kernel=options.running_kernel)
    if options.distro and inventory.distribution is None:
        inventory = evolve(inventory, distribution=from_option(options.distro), distribution_source="--distro")
    return inventory


def not_covered(coverage: "Coverage", feed: "Feed") -> int:
    """Say that nothing was judged; the exit status for it."""
    from advisories.reports.lines import by_choice

    releases = ", ".join(str(release) for release in feed.releases) or "no release"
    hint = by_choice(coverage.judged_as, feed.releases)
    say(f"NOT COVERED: the feed has no advisories of {coverage.judged_as}, but of {releases}{hint and f'.{hint}'}")
    return NOT_COVERED


def reaches(findings: "Sequence[Finding]", least: str) -> bool:
    """Whether any of the findings is of this priority or a more urgent one."""
    rank = PRIORITIES.index(least)
    return any(finding.priority.rank <= rank for finding in findings)
