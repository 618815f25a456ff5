"""From options to inputs: the package list, the advisories, the statements, and what to show."""

import argparse
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, BinaryIO, TypeVar

from advisories.cli.cached import cached_feeds
from advisories.cli.contradictions import check_options
from advisories.cli.settings import default_ignore_file
from advisories.cli.terminal import (
    DONE,
    FOUND,
    NOT_COVERED,
    UsageProblem,
    fail,
    waiting,
    warn,
    warn_of_each,
    warn_of_rejections,
)
from advisories.models.frozen import frozen

if TYPE_CHECKING:
    from datetime import date, datetime

    from advisories.index.feed import Feed
    from advisories.matching.match import MatchPolicy
    from advisories.models.assumptions import Assumption
    from advisories.models.distribution import Distribution
    from advisories.models.findings import Coverage, Finding, Findings
    from advisories.models.packages import Inventory
    from advisories.models.reading import Rejection
    from advisories.models.statements import Purl
    from advisories.readers.statements import Statements
    from advisories.sources.limits import Limits
    from advisories.triage.pipeline import Triaged
    from advisories.triage.select import Selection

__all__ = [
    "Choices",
    "Inputs",
    "assumed_status",
    "blind_status",
    "exit_status",
    "partial_status",
    "paths_of",
    "read_choices",
    "read_feed",
    "read_inputs",
    "read_list",
    "read_packages",
    "strict_status",
    "triaged",
]


@frozen
class Inputs:
    """What to match.

    :ivar rejected: how many packages and records were rejected.
    """

    inventory: "Inventory"
    feed: "Feed"
    policy: "MatchPolicy"
    rejected: int


@frozen
class Choices:
    """What to suppress, and what to show.

    :ivar on: the day for which ignore rules hold: that of ``--on``, else today.
    :ivar scanned: the products of ``--product``.
    :ivar rejected: how many statements were rejected.
    """

    statements: "tuple[Statements, ...]"
    on: "date"
    scanned: "tuple[Purl, ...]"
    selection: "Selection"
    rejected: int


def paths_of(options: argparse.Namespace) -> list[str]:
    """The paths that are read: those that options name, and the ignore file that is found by itself."""
    names = ("inventory", "feed", "sources", "ignore", "baseline", "available")
    values = [getattr(options, name, None) or () for name in names]
    if getattr(options, "ignore", ()) is None:
        values.append(default_ignore_file() or ())
    return [path for value in values for path in ([value] if isinstance(value, str) else value)]


def read_inputs(options: argparse.Namespace) -> Inputs:
    """Read the package list and the advisories, and print on standard error what was rejected.

    Raises :class:`UsageProblem` where they cannot be matched, and what the readers raise.
    """
    check_options(options)
    given = [one for value in vars(options).values() for one in (value if isinstance(value, list) else [value])]
    if given.count("-") > 1:
        raise UsageProblem("standard input (-) can be one of the inputs, not several")
    from advisories.matching.match import MatchPolicy
    from advisories.models.assumptions import Assumption
    from advisories.models.distribution import Distribution, language_of

    judge_as = Distribution.parse(options.distro) if options.distro else None
    with waiting(options, "reading packages"):
        inventory = _inventory(options)
    of_languages = all(language_of(package.type) is not None for package in inventory.packages)
    if inventory.distribution is None and judge_as is None and not (of_languages and not inventory.distribution_source):
        why = inventory.distribution_source or "the list does not show its distribution"
        unread = [one for one in (inventory.report.rejections if inventory.report else ()) if one.is_of_the_whole]
        first = f". It is not whole: {unread[0]}" if unread else ""
        raise UsageProblem(f"{inventory.source}: {why}. Add --distro ID:RELEASE{first}")
    own = judge_as or inventory.distribution
    if judge_as is not None:
        _warn_of_channels(inventory, judge_as, options.distro)
    feeds = options.feed or cached_feeds(options, inventory, own)
    with waiting(options, "reading advisories"):
        feed = read_feed(feeds, limits_of(options))
    if not feed.has_own_rules:
        warn(f"{feeds[0]}: compiled by another version. Matching takes longer until you compile it again")
    if not feed.has_own_readers:
        warn(f"{feeds[0]}: compiled by another version, which read its sources otherwise. Compile them again")
    where = "the JSON report of match has them all"
    inventory, rejected = _completed(inventory, options, where)
    if Assumption.INVENTORY_PARTIAL in getattr(options, "accept", ()) and inventory.report is not None:
        rejected -= sum(one.is_of_the_whole for one in inventory.report.rejections)
    concerning = warn_of_each(_concerning(feed, inventory, judge_as), where)
    if Assumption.RECORDS_SKIPPED not in getattr(options, "accept", ()):
        rejected += concerning
    policy = MatchPolicy(
        judge_as=judge_as,
        include_third_party=options.include_third_party,
        unknown_epoch_is_zero=options.unknown_epoch_is_zero,
        oldest_feed=_oldest(options),
        as_published=options.as_published,
    )
    return Inputs(inventory, feed, policy, rejected)


def read_list(options: argparse.Namespace) -> "tuple[Inventory, int]":
    """Read the package list alone, and print on standard error what was rejected, which is counted.

    The release of ``--distro`` takes the place of the list's own.

    Raises :class:`UsageProblem` for options that contradict each other, and what the readers raise.
    """
    from advisories.models.distribution import Distribution
    from advisories.models.frozen import evolve

    if [options.inventory, *options.sources].count("-") > 1:
        raise UsageProblem("standard input (-) can be one of the inputs, not several")
    given = Distribution.parse(options.distro) if options.distro else None
    with waiting(options, "reading packages"):
        inventory = _inventory(options)
    if given is not None:
        inventory = evolve(inventory, distribution=given, distribution_source="--distro")
    return _completed(inventory, options, "a list in any format but text has them all")


def _completed(inventory: "Inventory", options: argparse.Namespace, where: str) -> "tuple[Inventory, int]":
    """The package list with the sources of ``--sources``, and how much was rejected, which is printed.

    :param where: as of :func:`~advisories.cli.terminal.warn_of_rejections`.
    """
    for why, times in inventory.report.skips if inventory.report else ():
        warn(f"{inventory.source}: skipped ({times}): {why}")
    rejected = warn_of_rejections([inventory.report] if inventory.report else [], where)
    if options.sources:
        inventory, refused = _with_sources(options.sources, inventory, limits_of(options))
        rejected += refused
    return inventory, rejected


def _concerning(feed: "Feed", inventory: "Inventory", judge_as: "Distribution | None") -> "list[Rejection]":
    """The rejections of a feed that concern a host (rule 0). Those of other releases and packages are the feed's."""
    if not any(report.losses for report in feed.reports):
        return []
    from advisories.models.distribution import language_of, name_filed_under

    names: dict[Distribution | None, set[str]] = {judge_as or inventory.distribution: set()}
    for package in inventory.packages:
        place = language_of(package.type) or judge_as or inventory.distribution
        own = name_filed_under(package.type, package.name)
        names.setdefault(place, set()).update({own, package.source_name or own})
    found = (one for place, of in names.items() if place is not None for one in feed.rejections(place, of))
    return list(dict.fromkeys(found))


def _warn_of_channels(inventory: "Inventory", judge_as: "Distribution", stated: str) -> None:
    """Where the files of a host show other channels than you state: yours count."""
    shown = inventory.distribution.channels if inventory.setups and inventory.distribution is not None else frozenset()
    if shown and shown != judge_as.channels:
        of_files, of_option = (", ".join(sorted(one)) or "none" for one in (shown, judge_as.channels))
        warn(f"--distro {stated}: the channels are {of_option}, as you state. The host's own files show {of_files}")


def limits_of(options: argparse.Namespace) -> "Limits":
    """The budgets of ``--limit``, and those of which it has none."""
    from advisories.models.frozen import evolve
    from advisories.sources.limits import DEFAULT_LIMITS

    return evolve(DEFAULT_LIMITS, **dict(options.limit)) if options.limit else DEFAULT_LIMITS


def read_feed(paths: Sequence[str], limits: "Limits") -> "Feed":
    """The feed of these sources. A store alone is opened and not read."""
    from advisories.store import open_feed

    return open_feed(*map(_source, paths), limits=limits)


def read_packages(
    path: str, limits: "Limits", platform: str | None = None, package_types: list[str] | None = None
) -> "Inventory":
    """The package list of a path, or of standard input for ``-``.

    :param platform: of several images the one that is meant. Without it that is the one for this machine.
    :param package_types: as of :func:`~advisories.read_inventory`.

    Raises :class:`UsageProblem` for a platform where there is no image.
    """
    from advisories.readers.inventories.registry import read_inventory

    machine = f"linux/{os.uname().machine}"
    inventory = read_inventory(
        _source(path), limits=limits, platform=platform, usual_platform=machine, package_types=package_types
    )
    if platform is not None and inventory.image is None:
        raise UsageProblem(f"--platform {platform}: {inventory.source} is no image")
    return inventory


def _source(path: str) -> "str | BinaryIO":
    return sys.stdin.buffer if path == "-" else path


def _inventory(options: argparse.Namespace) -> "Inventory":
    """The package list, completed by what the options state about its host."""
    from advisories.models.distribution import Distribution
    from advisories.models.frozen import evolve

    if options.host:
        if options.platform:
            raise UsageProblem(f"--platform {options.platform}: this machine is no image")
        from advisories.readers.inventories.this_host import this_host

        inventory = this_host(limits=limits_of(options), package_types=options.pkg_types)
    else:
        inventory = read_packages(options.inventory, limits_of(options), options.platform, options.pkg_types)
    if "--pkg-types" in options.given and not options.host and inventory.format not in ("root", "image"):
        what = f"{inventory.source} is a list, of which all packages are read. Leave it out"
        raise UsageProblem(f"--pkg-types {','.join(options.pkg_types)} is about roots and images: {what}")
    if options.running_kernel:
        inventory = evolve(inventory, running_kernel=options.running_kernel)
        _check_kernel(inventory, options.running_kernel)
    if options.distro and inventory.distribution is None:
        inventory = evolve(inventory, distribution=Distribution.parse(options.distro), distribution_source="--distro")
    return inventory


def _check_kernel(inventory: "Inventory", release: str) -> None:
    """Warn of a running kernel that is none of those listed: --presence running then chooses none of them."""
    from advisories.matching.rules import presences
    from advisories.models.findings import Presence

    kernels = presences(inventory.packages, release).values()
    if kernels and Presence.RUNNING not in kernels:
        warn(f"--running-kernel {release}: none of the kernels in the list, so which of them runs is not known")


def _with_sources(paths: Sequence[str], inventory: "Inventory", limits: "Limits") -> "tuple[Inventory, int]":
    """The package list with the source packages of a map, and how much of the map was rejected."""
    from advisories.readers.inventories.source_map import read_sources

    sources = read_sources(*map(_source, paths), limits=limits)
    rejected = warn_of_rejections(sources.reports, "check the index")
    completion = sources.completion(inventory)
    if completion.remark is not None:
        warn(f"--sources {', '.join(sources.sources)}: {completion.remark}")
        rejected += 1
    return completion.inventory, rejected


def _day(options: argparse.Namespace) -> "date":
    """The day of ``--on``, else today. Raises :class:`UsageProblem` for a day that is none."""
    from datetime import UTC, date, datetime

    given = getattr(options, "on", None)
    try:
        return date.fromisoformat(given) if given else datetime.now(UTC).date()
    except ValueError:
        raise UsageProblem(f"--on {given}: not a day. Write it as 2026-12-31") from None


def _oldest(options: argparse.Namespace) -> "datetime | None":
    """The moment from which on a feed is young enough for ``--max-feed-age``. None without it."""
    if options.max_feed_age is None:
        return None
    from datetime import UTC, datetime, time, timedelta

    return datetime.combine(_day(options), time(), UTC) - timedelta(days=options.max_feed_age)


def read_choices(options: argparse.Namespace) -> Choices:
    """Read the statements, and print on standard error what was rejected of them.

    Raises :class:`UsageProblem` for a day that is none, and what the readers raise.
    """
    on = _day(options)
    selection = _selection(options)
    if options.ignore is None:
        options.ignore = list(filter(None, [default_ignore_file()]))
        if options.ignore and not options.quiet:
            warn(f"ignore rules from {options.ignore[0]}")
    if not options.ignore and not options.product:
        return Choices((), on, (), selection, 0)
    from advisories.models.packages import check_package_type
    from advisories.readers.statements import purl_of
    from advisories.readers.statements.registry import read_statements

    scanned = tuple(map(purl_of, options.product))
    for purl in scanned:
        check_package_type(purl.type)
    read = tuple(read_statements(_source(path), limits=limits_of(options)) for path in options.ignore)
    rejected = warn_of_rejections([one.report for one in read], "the JSON report of match has them all")
    return Choices(read, on, scanned, selection, rejected)


def _selection(options: argparse.Namespace) -> "Selection":
    from advisories.models.advisories import FixState
    from advisories.models.findings import Presence, Priority
    from advisories.triage.select import Selection

    return Selection(
        _members(Priority, map(str.capitalize, options.priority)),
        _members(FixState, options.fix_state),
        _members(Presence, options.presence),
        tuple(options.package),
        tuple(options.advisory),
        options.only_fixable,
        not options.without_headers,
    )


_Word = TypeVar("_Word", bound=StrEnum)


def _members(kind: type[_Word], words: Iterable[str]) -> frozenset[_Word]:
    """The members with these values. Without a word all of them."""
    return frozenset(map(kind, words)) or frozenset(kind)


def triaged(
    inputs: Inputs,
    choices: Choices,
    *,
    findings: "Findings | None" = None,
    earlier: "Sequence[Finding]" = (),
    ranked: bool = False,
) -> "Triaged":
    """Match the inputs and apply the choices.

    A name of the selection that nothing has goes to standard error: a typing mistake would hide everything.

    :param findings: of these inputs, where they are matched already.
    :param earlier: findings of a baseline, whose names are no mistakes either.
    :param ranked: whether the most urgent of a priority come first.
    """
    from advisories.triage.pipeline import triage

    result = triage(
        inputs.inventory,
        inputs.feed,
        inputs.policy,
        findings=findings,
        statements=choices.statements,
        on=choices.on,
        scanned=choices.scanned,
        selection=choices.selection,
        ranked=ranked,
    )
    packages, advisories = _unknown(result, earlier)
    for name in packages:
        warn(f"--package {name}: no installed package has this name, nor the source package of one")
    for id in advisories:
        warn(f"--advisory {id}: no advisory of the feed has this id, nor a vulnerability that one names")
    return result


def _unknown(result: "Triaged", earlier: "Sequence[Finding]") -> "tuple[list[str], list[str]]":
    """The names of packages and the ids of advisories in the selection that neither an input nor a baseline has."""
    from advisories.triage.select import Selection, hidden_for

    def is_new(selection: Selection) -> bool:
        return all(hidden_for(finding, selection) is not None for finding in earlier)

    return (
        [name for name in result.unknown_packages if is_new(Selection(packages=(name,)))],
        [id for id in result.unknown_advisories if is_new(Selection(advisories=(id,)))],
    )


def blind_status(chosen: "Triaged", options: argparse.Namespace, earlier: "Sequence[Finding]" = ()) -> int:
    """The exit status where a gate looks only at what nothing has: it could never fail.

    :param earlier: as of :func:`triaged`.
    """
    packages, advisories = _unknown(chosen, earlier)
    if advisories:
        return fail(f"a gate about --advisory {advisories[0]} alone can never fail: nothing is known of it")
    if packages and len(packages) == len(chosen.selection.packages):
        return fail(f"a gate about --package {packages[0]} alone can never fail: nothing of it is installed")
    return DONE


def exit_status(
    inputs: Inputs, coverage: "Coverage", options: argparse.Namespace, *, rejected: int = 0, found: bool = False
) -> int:
    """The exit status once everything is printed: 2 for what ``--strict`` does not let pass, then 3, then 1.

    :param rejected: what was rejected besides the inputs: statements, the packages of repositories.
    :param found: whether there are findings to fail on.
    """
    if not coverage.covered:
        _warn_not_covered(coverage, inputs.feed)
    failed = max(
        partial_status(inputs.inventory, options),
        strict_status(inputs.rejected + rejected, strict=options.strict),
        assumed_status(coverage.assumptions, options),
        _fetch_status(options),
    )
    if failed:
        return failed
    if not coverage.covered:
        return NOT_COVERED
    return FOUND if found else DONE


def partial_status(inventory: "Inventory", options: argparse.Namespace) -> int:
    """The exit status for a list of a root or image of which a part could not be read: an input that is not readable.

    ``--accept inventory-partial`` lets it pass.
    """
    from advisories.models.assumptions import Assumption

    word = Assumption.INVENTORY_PARTIAL
    if word in getattr(options, "accept", ()) or not any(word in one.doubts for one in inventory.packages):
        return DONE
    return fail(f"{inventory.source}: {word.value}: {word.meaning}. You can {word.advice}")


def _fetch_status(options: argparse.Namespace) -> int:
    """The exit status where ``--fetch`` brought less than it was to bring, which ``--strict`` makes an error."""
    count = getattr(options, "not_fetched", 0)
    return fail(f"{count} not fetched, and --strict makes that an error") if options.strict and count else DONE


def strict_status(rejected: int, *, strict: bool) -> int:
    """The exit status where something was rejected, which ``--strict`` makes an error."""
    return fail(f"{rejected} rejected, and --strict makes that an error") if strict and rejected else DONE


def assumed_status(assumptions: "Mapping[Assumption, int]", options: argparse.Namespace) -> int:
    """The exit status where something was assumed, which ``--strict`` makes an error.

    :param assumptions: of how many packages each was made.
    """
    assumed = [f"{name.value} ({count})" for name, count in assumptions.items() if name.value not in options.accept]
    if not options.strict or not assumed:
        return DONE
    return fail(f"assumed: {', '.join(assumed)}, and --strict makes that an error. --accept lets one pass")


def _warn_not_covered(coverage: "Coverage", feed: "Feed") -> None:
    from advisories.reports.lines import by_choice

    if coverage.judged_as in feed.releases:
        warn(f"NOT COVERED: no listed package is of the type that {coverage.judged_as} has")
        return
    releases = ", ".join(str(release) for release in feed.releases) or "no release"
    hint = by_choice(coverage.judged_as, feed.releases)
    lacking = coverage.judged_as or "several languages"
    warn(f"NOT COVERED: the feed has no advisories of {lacking}, but of {releases}{hint and f'.{hint}'}")
