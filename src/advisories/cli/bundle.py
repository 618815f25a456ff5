"""``advisories bundle``: the cache as one file, for machines without a network."""

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from advisories.cli.cached import cache_of
from advisories.cli.options import add_cache, add_flag, add_limit, one_of
from advisories.cli.terminal import DONE, FAILED, UsageProblem, print_lines, warn

if TYPE_CHECKING:
    from advisories.fetch.manifest import Manifest

__all__ = ["HELP", "add_options", "run"]

_ACTIONS = ("create", "verify", "apply")

HELP = """\
the cache as one file, for machines without a network

Make one file of what advisories fetch has brought, verify all of such a file,
or take it over into the cache of another machine. The same cache gives the
same file.

example:
  advisories bundle create advisories.tar debian

exit status:
  0 done
  2 wrong usage, no such store, a file that is not what was bundled, or one
    that is older than what is there, or has fewer feeds. The cache is as it
    was then
"""


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the command's options to its parser."""
    command.add_argument("action", metavar="create|verify|apply", type=one_of("action", _ACTIONS), help="what to do")
    command.add_argument("file", metavar="FILE", help="the bundle")
    command.add_argument(
        "distros", metavar="DISTRO", nargs="*", help="with create: the distributions in it (all of the cache)"
    )
    add_cache(command)
    add_flag(command, "--force", "with apply: take stores that are older than those that are there")
    add_limit(command)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    from advisories.cli.inputs import limits_of
    from advisories.fetch.bundle import verify_bundle

    if options.action == "create":
        return _create(options)
    if options.distros:
        raise UsageProblem(f"{options.action} takes the whole bundle: {' '.join(options.distros)} is too much")
    if options.action == "verify":
        manifest = verify_bundle(options.file, limits_of(options))
        return DONE if print_lines([*_lines(manifest), f"{options.file}: whole"]) else FAILED
    return _apply(options)


def _create(options: argparse.Namespace) -> int:
    from advisories.fetch.bundle import create_bundle
    from advisories.fetch.publishers import unit_of

    cache = cache_of(options)
    stores = cache.manifest().stores
    units = [unit_of(text) for text in options.distros]
    names = [unit.name for unit in units] or list(stores)
    missing = [unit.text for unit in units if unit.name not in stores]
    if missing or not names:
        what = ", ".join(missing) or "anything"
        typed = f"advisories fetch {' '.join(missing) or 'DISTRO'}"
        raise UsageProblem(f"{cache.path}: no advisories of {what}: fetch them first: {typed}")
    manifest = create_bundle(cache, names, options.file)
    return DONE if print_lines(_lines(manifest)) else FAILED


def _apply(options: argparse.Namespace) -> int:
    from advisories.cli.inputs import limits_of
    from advisories.fetch.bundle import apply_bundle

    cache = cache_of(options)
    with cache.locked(lambda: warn(f"{cache.path}: another process is fetching. Waiting for it")):
        applied = apply_bundle(options.file, cache, limits_of(options), force=options.force)
    lines = [f"{name}: applied" for name in applied.new] + [f"{name}: there already" for name in applied.same]
    if not print_lines(lines):
        return FAILED
    whys = {"older than what is there": applied.older, "without a feed of what is there": applied.fewer}
    for why, names in whys.items():
        if names:
            warn(f"{options.file}: {', '.join(names)}: {why}, which stays (--force takes it)")
    return FAILED if applied.older or applied.fewer else DONE


def _lines(manifest: "Manifest") -> Iterator[str]:
    for store in manifest.stores.values():
        newest = max((date for date in store.newest if date is not None), default=None)
        when = f", the newest of {newest:%Y-%m-%d}" if newest else ""
        yield f"{store.unit}: {sum(store.kept):,} records{when}, SHA-256 {store.sha256}"
