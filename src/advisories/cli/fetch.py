"""``advisories fetch``: advisories as their publishers have them, kept fresh in a cache."""

import argparse
import re
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from advisories.cli.cached import (
    SKEW,
    cache_of,
    checked_of,
    fetch_units,
    moment,
    units_of_inventory,
    warn_of_unpublished,
)
from advisories.cli.options import add_cache, add_flag, add_limit, add_network, not_empty
from advisories.cli.terminal import DONE, FAILED, UsageProblem, fail, print_lines, warn, warn_of_rejections

if TYPE_CHECKING:
    from advisories.fetch.publishers import Unit
    from advisories.fetch.update import Updated

__all__ = ["HELP", "add_options", "run"]


HELP = """\
advisories as their publishers have them, kept fresh in a cache

Fetch what is new for some distributions, check it, and compile one store for
each, which match then uses by itself. Without a distribution: those of the
package list, else those of the cache, else this machine's.

example:
  advisories fetch debian:12 alpine:3.20

exit status:
  0 done, also where nothing is new
  2 wrong usage, or something that could not be fetched, or is not taken.
    What the cache had of it stays
"""


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the command's options to its parser."""
    command.add_argument(
        "distros", metavar="DISTRO", nargs="*", help="a distribution, such as debian, ubuntu:22.04, pypi or npm"
    )
    what = command.add_mutually_exclusive_group()
    what.add_argument(
        "--inventory", metavar="PATH", type=not_empty, help="what this package list needs; - is standard input"
    )
    what.add_argument("--host", action="store_true", help="what this machine needs")
    add_cache(command)
    command.add_argument(
        "--max-age",
        metavar="TIME",
        type=_time,
        help="leave what was asked for so recently, such as 12h or 7d (ask each time)",
    )
    add_flag(command, "--force", "take a feed that is older than before, or has lost more than half of its records")
    add_flag(command, "--list", "print what would be asked for, and fetch nothing")
    add_network(command)
    add_limit(command)


def _time(text: str) -> timedelta:
    found = re.fullmatch(r"([0-9]{1,5})([mhd])", text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no time. Write it as 30m, 12h or 7d")
    number = int(found[1])
    return {"m": timedelta(minutes=number), "h": timedelta(hours=number), "d": timedelta(days=number)}[found[2]]


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    from advisories.fetch.publishers import feeds_of, publishers

    names = {one.name for one in publishers()}
    for option, given in (("--also", options.also), ("--without", options.without)):
        for name in given:
            if name not in names:
                raise UsageProblem(f"{option} {name}: no feed has this name. Use one of: {', '.join(sorted(names))}")
    units = _units(options)
    _check_wanted(options, units)
    if options.list:
        feeds = {feed.name: feed for unit in units for feed in feeds_of(unit, options.also, options.without)}
        return DONE if print_lines(f"{feed.name}: {feed.address}" for feed in feeds.values()) else FAILED
    if options.offline:
        return _without_network(options, units)
    found = fetch_units(options, units, max_age=options.max_age, force=options.force)
    failures = list(dict.fromkeys(failure for one in found for failure in one.failures))
    for failure in failures:
        warn(failure)
    warn_of_rejections([report for one in found for report in one.reports], "advisories db status has the store")
    done = {one.unit.name for one in found}
    lines = [line for one in found for line in _lines(one)]
    lines += [f"{unit.text}: young enough" for unit in units if unit.name not in done]
    if not print_lines(lines):
        return FAILED
    count = len(failures) + getattr(options, "unknown_units", 0)
    return fail(f"{count} not fetched; what the cache had of them stays") if count else DONE


def _check_wanted(options: argparse.Namespace, units: "list[Unit]") -> None:
    """A feed that is to be added, and that is of nothing that is fetched, would be missed without a word."""
    from advisories.fetch.publishers import feeds_of

    if "--also" not in options.given:
        return
    own = {feed.publisher.name for unit in units for feed in feeds_of(unit, options.also)}
    for name in options.also:
        if name not in own:
            texts = " and ".join(unit.text for unit in units)
            raise UsageProblem(
                f"--also {name}: no feed of {texts}. The addresses of its feeds: advisories fetch --list"
            )


def _units(options: argparse.Namespace) -> "list[Unit]":
    """What to fetch, each once."""
    from advisories.fetch.publishers import unit_of

    if options.distros:
        if options.inventory or options.host:
            raise UsageProblem("name distributions or a package list, not both")
        units = [unit_of(text) for text in options.distros]
    elif not (options.inventory or options.host) and (stores := cache_of(options).manifest().stores):
        units = list(_known(options, [stored.unit for stored in stores.values()]))
    else:
        units = _needed(options)
    return list({unit.name: unit for unit in units}.values())


def _known(options: argparse.Namespace, texts: "Iterable[str]") -> "Iterator[Unit]":
    """The units of a cache, but for those of which no publisher is known: another release has fetched them."""
    from advisories.fetch.publishers import unit_of
    from advisories.models.errors import UnknownDistribution

    for text in texts:
        try:
            yield unit_of(text)
        except UnknownDistribution:
            warn(f"{text}: this release knows no publisher of it. What the cache has of it stays")
            options.unknown_units = getattr(options, "unknown_units", 0) + 1


def _needed(options: argparse.Namespace) -> "list[Unit]":
    from advisories.cli.inputs import limits_of, read_packages
    from advisories.models.distribution import language_of
    from advisories.readers.inventories.this_host import this_host

    limits = limits_of(options)
    inventory = read_packages(options.inventory, limits) if options.inventory else this_host(limits=limits)
    units = units_of_inventory(inventory, inventory.distribution)
    is_of_system = any(language_of(one.type) is None for one in inventory.packages)
    if inventory.distribution is None and (is_of_system or not units):
        raise UsageProblem(f"{inventory.source}: the list does not show its distribution. Name it: advisories fetch ID")
    warn_of_unpublished(inventory)
    return units


def _without_network(options: argparse.Namespace, units: "list[Unit]") -> int:
    cache = cache_of(options)
    manifest = cache.manifest()
    stores = manifest.stores
    missing = [unit.text for unit in units if unit.name not in stores or not cache.is_there(stores[unit.name])]
    if missing:
        return fail(f"{cache.path}: no advisories of {', '.join(missing)}, and --offline fetches none")
    for unit in units:
        cache.checked(stores[unit.name])
    if options.max_age is not None:
        now = moment()
        ages = {unit.text: now - checked_of(manifest, stores[unit.name]) for unit in units}
        old = [text for text, age in ages.items() if not -SKEW <= age < options.max_age]
        if old:
            return fail(f"{cache.path}: {', '.join(old)}: not young enough for --max-age, and --offline fetches none")
    return DONE if print_lines(f"{unit.text}: as it was" for unit in units) else FAILED


def _lines(one: "Updated") -> Iterator[str]:
    stored = one.stored
    if stored is None:
        missing = f"{' and '.join(one.missing)} missing" if one.missing else "a feed is not taken"
        yield f"{one.unit.text}: no store: {missing} (--without FEED goes on without one)"
        return
    if not one.is_new:
        yield f"{one.unit.text}: {'as it was' if one.failures else 'nothing new'}"
        return
    yield f"{one.unit.text}: {sum(stored.kept):,} records"
    for report in one.reports:
        newest = f", the newest of {report.newest:%Y-%m-%d}" if report.newest else ""
        yield f"  {report.source}: {report.kept:,} of {report.read:,} records kept{newest}"
