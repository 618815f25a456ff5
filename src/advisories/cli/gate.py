"""The gates of a pipeline: what makes ``match`` and ``verify`` exit with 1, each with its reason."""

import argparse
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Final

from advisories.cli.options import NEVER, PRIORITIES, UNKNOWN_PRIORITIES, share
from advisories.cli.terminal import warn

if TYPE_CHECKING:
    from datetime import datetime

    from advisories.index.feed import Feed
    from advisories.models.distribution import Distribution
    from advisories.models.findings import Coverage, Finding
    from advisories.models.packages import Inventory, Package
    from advisories.triage.pipeline import Triaged
    from advisories.triage.select import Selection

__all__ = ["add_gates", "failed_gates", "is_urgent", "settle_gates", "unrated", "warn_of_blindness", "warn_of_hidden"]

#: With ``--gate`` so many of 100 records of a source may be rejected: those about the host's own packages make these
#: unchecked (``records-skipped``), and of the others large feeds always have a few.
_BROKEN: Final = 1.0
#: Extended support that everybody has. All other is for hosts that have a channel.
_FREE: Final = frozenset({"LTS"})


def add_gates(command: argparse.ArgumentParser) -> None:
    """Add the gates that are about the host and the feed."""
    group = command.add_argument_group("gates besides --fail-on (each exits with 1)")
    group.add_argument(
        "--gate",
        action="store_true",
        help="for a pipeline, where you set no other: --fail-on high, and --fail-on-unchecked 0 but for 1 of 100 "
        "records of a feed",
    )
    group.add_argument(
        "--fail-on-eol", action="store_true", help="fail if support of the release has ended, or its dates are unknown"
    )
    group.add_argument(
        "--fail-on-not-covered",
        metavar="N%",
        type=share,
        help="fail if more than N of 100 installed packages are of no type or release that the feed covers",
    )
    group.add_argument(
        "--fail-on-unchecked",
        metavar="N%",
        type=share,
        help="fail if more than N of 100 listed packages have no verdict: unchecked, undecidable, not-covered, "
        "third-party, rejected or of a type without an order; or if more than N of 100 records of a feed were rejected",
    )


def settle_gates(options: argparse.Namespace) -> None:
    """Put the gates of ``--gate`` where none is chosen, and take the word for no gate out."""
    options.fail_on_broken = options.fail_on_unchecked
    if options.gate:
        options.fail_on = options.fail_on or PRIORITIES[0]
        if options.fail_on_unchecked is None:
            options.fail_on_unchecked, options.fail_on_broken = 0.0, _BROKEN
    if options.fail_on == NEVER:
        options.fail_on = None


def failed_gates(
    options: argparse.Namespace,
    coverage: "Coverage",
    inventory: "Inventory",
    feed: "Feed",
    on: date,
    ignored: "Collection[Package]" = (),
) -> tuple[tuple[str, str], ...]:
    """The gates about the host or the feed that fail, each with its option (without dashes) and the reason.

    :param on: the day for which ages and ends of support are computed.
    :param ignored: packages that need no verdict, as rules ignore all their vulnerabilities.
    """
    own = inventory.distribution
    return (
        *_age(options.max_feed_age, coverage.feed_newest, on),
        *(_end_of_life(own, on) if options.fail_on_eol else ()),
        *_not_covered(options.fail_on_not_covered, coverage),
        *_unchecked(options, coverage, inventory, ignored),
        *_broken(options.fail_on_broken, feed),
    )


def _age(most: int | None, newest: "datetime | None", on: date) -> Iterator[tuple[str, str]]:
    if most is None:
        return
    if newest is None:
        yield "max-feed-age", "no advisory of the feed has a date, so its age is unknown"
        return
    age = (on - newest.date()).days
    if age > most:
        yield "max-feed-age", f"the newest advisory of the feed is {age} days old, of {newest:%Y-%m-%d}"
    elif age < -1:
        yield "max-feed-age", f"an advisory of the feed is of {newest:%Y-%m-%d}, which is later than {on}"


def _end_of_life(own: "Distribution | None", on: date) -> Iterator[tuple[str, str]]:
    from advisories.distros.lifecycle import support_of
    from advisories.models.distribution import ROLLING, has_channel

    if own is not None and own.release == ROLLING:
        return
    support = None if own is None else support_of(own)
    if own is None or support is None:
        yield "fail-on-eol", f"how long {own or 'the release'} is supported is not known"
    elif support.standard < on:
        by = support.extended_by or ""
        extended = support.extended is not None and support.extended >= on
        if not (extended and (by in _FREE or any(has_channel(own, name) for name in (by.lower(), "esm-infra")))):
            yield "fail-on-eol", f"{own}: {support.text(on)}"


def _not_covered(most: float | None, coverage: "Coverage") -> Iterator[tuple[str, str]]:
    from advisories.models.findings import PackageClass

    if most is None:
        return
    counts = coverage.counts
    installed = coverage.packages - counts[PackageClass.NOT_INSTALLED]
    without = counts[PackageClass.NOT_COVERED]
    if without * 100 > most * installed:
        yield "fail-on-not-covered", f"{without} of {installed} packages are not covered"


def _unchecked(
    options: argparse.Namespace, coverage: "Coverage", inventory: "Inventory", ignored: "Collection[Package]"
) -> Iterator[tuple[str, str]]:
    """Packages without a verdict. What ``--pkg-types`` leaves out needs none."""
    most = options.fail_on_unchecked
    if most is None:
        return
    from advisories.models.findings import PackageClass
    from advisories.models.reading import unlisted_packages
    from advisories.readers.inventories.languages.choice import NOT_LOOKED_FOR

    counts = Counter(
        result.package_class for package, result in coverage.judged() if not (ignored and package in ignored)
    )
    without = {
        one.value: counts[one]
        for one in (
            PackageClass.UNCHECKED,
            PackageClass.UNDECIDABLE,
            PackageClass.NOT_COVERED,
            PackageClass.THIRD_PARTY,
        )
    }
    report = inventory.report
    without["rejected"] = report.rejected if report else 0
    without["skipped"] = unlisted_packages(report) if report else 0
    if report and options.pkg_types is not None:
        without["skipped"] -= dict(report.skips).get(NOT_LOOKED_FOR, 0)
    installed = coverage.packages - coverage.counts[PackageClass.NOT_INSTALLED]
    listed = installed + without["rejected"] + without["skipped"]
    total = sum(without.values())
    if not listed:
        yield "fail-on-unchecked", "no listed package is installed, so none was checked"
    elif total * 100 > most * listed:
        kinds = ", ".join(f"{count} {word}" for word, count in without.items() if count)
        noun = "package has" if listed == 1 else "packages have"
        # Who has set the option knows it.
        way = "" if most == options.fail_on_broken else f". To accept that: {_accepting(total, listed, without)}"
        yield "fail-on-unchecked", f"{total} of {listed} {noun} no verdict ({kinds}), more than {most:g}%{way}"


def _accepting(total: int, listed: int, without: Mapping[str, int]) -> str:
    """What lets packages without a verdict pass ``--gate``. No rule is about an entry that is no package."""
    rule = ", or an ignore rule for each package" if total > without["rejected"] + without["skipped"] else ""
    return f"--fail-on-unchecked {-(-total * 100 // listed)}%{rule}"


def _broken(most: float | None, feed: "Feed") -> Iterator[tuple[str, str]]:
    """A source of the feed of which too much was rejected. A large source does not make up for it.

    A record that was kept without a part of it counts: mostly the part is what it says of a package.
    """
    if most is None:
        return
    from advisories.models.reading import Extent

    for report in feed.reports:
        parts = {(one.source, one.what) for one in report.rejections if one.extent is Extent.PART}
        broken = min(report.rejected + len(parts), report.read)
        if broken * 100 > most * report.read:
            noun = "record" if report.read == 1 else "records"
            what = f"{broken} of {report.read} {noun} of {report.source} rejected, whole or in part"
            yield "fail-on-unchecked", f"{what}, more than {most:g}%"


def unrated(findings: Iterable["Finding"], selection: "Selection") -> Iterator["Finding"]:
    """The findings that a selection hides by their priority alone, although nobody knows it.

    They are listed as Medium, and the gate counts them by ``--unknown-priority`` all the same.
    """
    from advisories.models.findings import Priority
    from advisories.models.frozen import evolve
    from advisories.triage.select import hidden_for

    if selection.priorities == frozenset(Priority):
        return
    by_all_else = evolve(selection, priorities=frozenset(Priority))
    for finding in findings:
        is_hidden = finding.rule == "A0" and finding.priority not in selection.priorities
        if is_hidden and hidden_for(finding, by_all_else) is None:
            yield finding


def warn_of_hidden(chosen: "Triaged", options: argparse.Namespace) -> None:
    """Print how many findings ``--fail-on`` would count that are not shown by choice, and by which choice."""
    from advisories.triage.select import hidden_for

    if not options.fail_on or not any(chosen.hidden.values()):
        return
    rank = PRIORITIES.index(options.fail_on)
    kept = chosen.suppression.kept if chosen.suppression else chosen.findings
    reasons = Counter(
        reason
        for finding in kept
        if finding.rule != "A0" and finding.priority.rank <= rank
        for reason in [hidden_for(finding, chosen.selection)]
        if reason is not None
    )
    if reasons:
        by = ", ".join(f"{count} by {reason.value}" for reason, count in sorted(reasons.items()))
        are = "finding is" if reasons.total() == 1 else "findings are"
        warn(f"--fail-on {options.fail_on}: {reasons.total()} {are} not counted, as you chose not to show them ({by})")


def warn_of_blindness(coverage: "Coverage", options: argparse.Namespace) -> None:
    """Print where no package has a verdict: ``--fail-on`` then passes, whatever there is."""
    from advisories.models.findings import PackageClass

    counts = coverage.counts
    if options.fail_on_unchecked is None and not (counts[PackageClass.AFFECTED] or counts[PackageClass.CLEAN]):
        total = coverage.packages - counts[PackageClass.NOT_INSTALLED]
        what = "the package has no verdict" if total == 1 else f"none of {total} packages has a verdict"
        warn(f"--fail-on {options.fail_on}: {what}, so it is no gate. --fail-on-unchecked 0 fails for that")


def is_urgent(findings: Iterable["Finding"], least: str, options: argparse.Namespace, gate: str = "fail-on") -> bool:
    """Whether any finding is of this priority or a more urgent one.

    Priorities that nobody knows count as ``--unknown-priority`` says. How many there are goes to standard error.
    """
    rank, unknown = PRIORITIES.index(least), options.unknown_priority or UNKNOWN_PRIORITIES[0]
    urgent, without = False, 0
    for finding in findings:
        if finding.rule == "A0":
            without += 1
            urgent |= unknown != UNKNOWN_PRIORITIES[-1] and PRIORITIES.index(unknown) <= rank
        else:
            urgent |= finding.priority.rank <= rank
    if without:
        counts = "not counted" if unknown == UNKNOWN_PRIORITIES[-1] else f"counted as {unknown}"
        noun = "finding" if without == 1 else "findings"
        warn(
            f"{without} {noun} of no known priority {counts} for --{gate}. A feed with vectors settles them, such as "
            "NVD's or CVE's records. --unknown-priority changes how they count"
        )
    return urgent
