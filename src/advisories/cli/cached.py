"""Fetched advisories on the command line: where the cache is, what a match uses of it, and how it is kept fresh.

Only with ``--fetch`` and in ``advisories fetch`` is anything of the network imported.
"""

import argparse
import os
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from advisories.cli.terminal import UsageProblem, progress_width, warn
from advisories.models.printing import printable

if TYPE_CHECKING:
    from advisories.fetch.cache import Cache
    from advisories.fetch.manifest import Manifest, Stored
    from advisories.fetch.network import Network
    from advisories.fetch.publishers import Feed, Unit
    from advisories.fetch.update import Updated
    from advisories.models.distribution import Distribution
    from advisories.models.packages import Inventory

__all__ = [
    "SKEW",
    "cache_of",
    "cached_feeds",
    "checked_of",
    "fetch_units",
    "moment",
    "units_of_inventory",
    "warn_of_unpublished",
]

#: For so long nobody needs to be told that a cache could be brought up to date.
_YOUNG: Final = timedelta(days=1)
#: By so much the clocks of two machines may differ.
SKEW: Final = timedelta(hours=1)
_BUNDLES: Final = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def cache_of(options: argparse.Namespace) -> "Cache":
    """The cache of ``--cache``, else the usual one. Raises :class:`UsageProblem` where there is no place for one."""
    from advisories.fetch.cache import Cache

    if options.cache:
        return Cache(options.cache)
    # What is not absolute is to be ignored (XDG Base Directory Specification).
    above = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(above):
        home = os.path.expanduser("~")
        if not os.path.isabs(home):
            raise UsageProblem("there is no home folder for a cache. Add --cache FOLDER")
        above = os.path.join(home, ".cache")
    return Cache(os.path.join(above, "advisories"))


def moment() -> datetime:
    """Now, to the second."""
    return datetime.now(UTC).replace(microsecond=0)


def units_of_inventory(inventory: "Inventory", own: "Distribution | None") -> "list[Unit]":
    """The units that a package list needs: of its distribution, then of the languages of its packages.

    :param own: None of a list of several languages, which are judged whatever the host is.

    Raises :class:`~advisories.models.errors.UnknownDistribution` where nobody publishes for its distribution.
    """
    from advisories.fetch.publishers import publishers, unit_of

    known = {one.distribution for one in publishers()}
    units = [] if own is None else [unit_of(own)]
    units += [unit_of(id) for id in sorted(_languages_of(inventory)) if id in known]
    return list({unit.name: unit for unit in units}.values())


def _languages_of(inventory: "Inventory") -> "Counter[str]":
    """How many packages of each language a list has."""
    from advisories.models.distribution import language_of

    types = Counter(one.type for one in inventory.packages)
    return Counter({language.id: types[type] for type in types if (language := language_of(type)) is not None})


def warn_of_unpublished(inventory: "Inventory") -> None:
    """Name the languages of a list of which no advisories can be fetched: their packages stay unjudged."""
    from advisories.fetch.publishers import publishers

    known = {one.distribution for one in publishers()}
    for id, count in sorted(_languages_of(inventory).items()):
        if id not in known:
            warn(f"{inventory.source}: no advisories of {id} can be fetched, and {count} of its packages are listed")


def cached_feeds(options: argparse.Namespace, inventory: "Inventory", own: "Distribution | None") -> list[str]:
    """The stores of the cache that have the advisories of a package list.

    :param own: as of :func:`units_of_inventory`.

    Raises :class:`UsageProblem` where its distribution has none: what to type is in it.
    """
    from advisories.models.errors import UnknownDistribution

    what = "several languages" if own is None else str(own)
    missing = f"{inventory.source}: a list of {what}. What they are matched against is missing"
    try:
        units = units_of_inventory(inventory, own)
    except UnknownDistribution:
        raise UsageProblem(
            f"{missing}: add --feed PATH with advisories of {own}. The guide feeds.md has where each publisher has them"
        ) from None
    cache = cache_of(options)
    if options.fetch and not options.offline:
        failures = [one for unit in fetch_units(options, units) for one in unit.failures]
        for failure in failures:
            warn(failure)
        options.not_fetched = len(failures)
    manifest, found = cache.manifest(), list[str]()
    for unit in units:
        stored = manifest.stores.get(unit.name)
        if stored is not None and cache.is_there(stored):
            # Byte by byte: a store that has changed since may lack a record, and nothing else shows it.
            found.append(cache.checked(stored))
            _say_age(options, unit, checked_of(manifest, stored))
        elif own is not None and unit is units[0]:
            raise UsageProblem(f"{missing}: add --feed PATH, or {_brought(options, [unit])}")
        else:
            warn(f"{inventory.source}: no advisories of {unit.text} in the cache: advisories fetch {unit.text}")
    if not found:
        raise UsageProblem(f"{missing}: add --feed PATH, or {_brought(options, units)}")
    warn_of_unpublished(inventory)
    return found


def checked_of(manifest: "Manifest", stored: "Stored") -> datetime:
    """When the feeds of a store were last known to be all there is: the moment of the oldest of them."""
    return min(manifest.feeds[name].checked for name in stored.feeds)


def _brought(options: argparse.Namespace, units: "Iterable[Unit]") -> str:
    """What you type for advisories that the cache lacks: with its folder, where that was named."""
    folder = f" --cache {options.cache}" if "--cache" in options.given else ""
    if options.offline:
        return f"bring them from a machine with a network: advisories bundle apply FILE{folder}"
    return f"fetch them: advisories fetch {' '.join(unit.text for unit in units)}{folder}"


def _say_age(options: argparse.Namespace, unit: "Unit", checked: datetime) -> None:
    age = moment() - checked
    if age < -SKEW:
        warn(
            f"advisories of {unit.text} from the cache, as of {checked:%Y-%m-%d %H:%M} UTC, which is later than now: "
            f"one of the clocks was wrong, and how old they are is not known. advisories fetch {unit.text} "
            "brings them up to date"
        )
    elif age > _YOUNG:
        warn(
            f"advisories of {unit.text} from the cache, as of {checked:%Y-%m-%d}, {age.days} days ago: "
            f"advisories fetch {unit.text} brings them up to date"
        )
    elif not options.quiet:
        warn(f"advisories of {unit.text} from the cache, as of {checked:%Y-%m-%d %H:%M} UTC")


def network_of(options: argparse.Namespace) -> "Network":
    """The network as options and the environment have it."""
    from importlib.metadata import version

    from advisories.fetch.network import Network, proxies_in

    bundle = options.ca_bundle or next(filter(None, map(os.environ.get, _BUNDLES)), None)
    if bundle is not None and not os.path.isfile(bundle):
        raise UsageProblem(f"--ca-bundle {bundle}: no such file")
    agent = f"advisories/{version('vercmp')} (vercmp; python-urllib3)"
    return Network(bundle, proxies_in(os.environ), options.mirror or None, agent)


def fetch_units(
    options: argparse.Namespace, units: "Iterable[Unit]", *, max_age: timedelta | None = None, force: bool = False
) -> "list[Updated]":
    """Bring the stores of some units up to date. What happens goes to a terminal.

    :param max_age: units that were asked for so recently are left as they are, where their stores are what is wanted.
    """
    from advisories.cli.inputs import limits_of
    from advisories.fetch.client import Client
    from advisories.fetch.methods import Context
    from advisories.fetch.publishers import feeds_of
    from advisories.fetch.update import needed, update

    cache, now, limits = cache_of(options), moment(), limits_of(options)
    if options.keyring and not os.path.isfile(options.keyring):
        raise UsageProblem(f"--keyring {options.keyring}: no such file")
    network = network_of(options)
    progress = _Progress(options)
    with cache.locked(lambda: warn(f"{cache.path}: another process is fetching. Waiting for it")):
        every: Sequence[tuple[Unit, Sequence[Feed]]] = [
            (unit, feeds_of(unit, options.also, options.without)) for unit in units
        ]
        wanted = every if max_age is None else needed(every, cache.manifest(), now - max_age, now, cache)
        client = Client(network, cache.parts, limits.download, progress.watch)
        context = Context(client, cache, limits, now, options.keyring, force, network.mirror_name)
        try:
            return update(wanted, cache, context, progress=progress.read)
        finally:
            client.close()
            progress.end()


class _Progress:
    """One line on a terminal, rewritten a few times a second."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._is_shown = not options.quiet and sys.stderr is not None and sys.stderr.isatty()
        self._total = 0
        self._last = (-1.0, "")

    def watch(self, address: str, done: int, size: int | None) -> None:
        """How much of a file is there."""
        if self._last[1] == address:
            self._total += max(done - self._done, 0)
        self._done = done
        share = f" of {size:,}" if size else ""
        self._show(address, f"{address}: {done:,}{share} bytes ({self._total:,} in all)")

    def read(self, source: str, records: int) -> None:
        """How much of a source was read."""
        self._show(source, f"{source}: {records:,} records")

    def end(self) -> None:
        """Take the line away."""
        if self._is_shown:
            self._write("")

    def _show(self, what: str, text: str) -> None:
        from time import monotonic

        now = monotonic()
        if self._is_shown and (what != self._last[1] or now - self._last[0] > 0.2):
            self._last = (now, what)
            self._write(printable(text))
        elif what != self._last[1]:
            self._last = (now, what)

    def _write(self, text: str) -> None:
        width = progress_width()
        sys.stderr.write(f"\r{text[:width]:{width}}\r")
        sys.stderr.flush()

    _done = 0
