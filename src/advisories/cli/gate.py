"""The gates of a pipeline: what makes ``match`` and ``verify`` exit with 1, each with its reason."""

import argparse
from collections.abc import Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING, Final

from advisories.cli.options import PRIORITIES, UNKNOWN_PRIORITIES, share
from advisories.cli.terminal import warn

if TYPE_CHECKING:
    from datetime import datetime

    from advisories.models.distribution import Distribution
    from advisories.models.findings import Coverage, Finding

__all__ = ["add_gates", "fails", "is_urgent"]

#: Extended support that everybody has. All other is for hosts that have a channel.
_FREE: Final = frozenset({"LTS"})


def add_gates(command: argparse.ArgumentParser) -> None:
    """Add the gates that are about the host and the feed."""
    group = command.add_argument_group("gates besides --fail-on (each exits with 1)")
    group.add_argument(
        "--fail-on-eol", action="store_true", help="fail if support of the release has ended, or its dates are unknown"
    )
    group.add_argument(
        "--fail-on-not-covered",
        metavar="N%",
        type=share,
        help="fail if more than N of 100 installed packages are of no type or release that the feed covers",
    )


def fails(options: argparse.Namespace, coverage: "Coverage", own: "Distribution | None", on: date) -> bool:
    """Whether a gate about the host or the feed fails. The reason of each goes to standard error.

    :param own: the host's distribution.
    :param on: the day for which ages and ends of support are computed.
    """
    reasons = [
        *_age(options.max_feed_age, coverage.feed_newest, on),
        *(_end_of_life(own, on) if options.fail_on_eol else ()),
        *_not_covered(options.fail_on_not_covered, coverage),
    ]
    for reason in reasons:
        warn(reason)
    return bool(reasons)


def _age(most: int | None, newest: "datetime | None", on: date) -> Iterator[str]:
    if most is None:
        return
    if newest is None:
        yield "--max-feed-age: no advisory of the feed has a date, so its age is unknown"
        return
    age = (on - newest.date()).days
    if age > most:
        yield f"--max-feed-age: the newest advisory of the feed is {age} days old, of {newest:%Y-%m-%d}"
    elif age < -1:
        yield f"--max-feed-age: an advisory of the feed is of {newest:%Y-%m-%d}, which is later than {on}"


def _end_of_life(own: "Distribution | None", on: date) -> Iterator[str]:
    from advisories.distros.lifecycle import support_of
    from advisories.models.distribution import ROLLING, has_channel

    if own is not None and own.release == ROLLING:
        return
    support = None if own is None else support_of(own)
    if own is None or support is None:
        yield f"--fail-on-eol: how long {own or 'the release'} is supported is not known"
    elif support.standard < on:
        by = support.extended_by or ""
        extended = support.extended is not None and support.extended >= on
        if not (extended and (by in _FREE or any(has_channel(own, name) for name in (by.lower(), "esm-infra")))):
            yield f"--fail-on-eol: {own}: {support.text(on)}"


def _not_covered(most: float | None, coverage: "Coverage") -> Iterator[str]:
    from advisories.models.findings import PackageClass

    if most is None:
        return
    counts = coverage.counts
    installed = coverage.packages - counts[PackageClass.NOT_INSTALLED]
    without = counts[PackageClass.NOT_COVERED]
    if without * 100 > most * installed:
        yield f"--fail-on-not-covered: {without} of {installed} packages are not covered"


def is_urgent(findings: Iterable["Finding"], least: str, options: argparse.Namespace) -> bool:
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
    if without and options.fail_on:
        counts = "not counted" if unknown == UNKNOWN_PRIORITIES[-1] else f"counted as {unknown}"
        noun = "finding" if without == 1 else "findings"
        warn(
            f"{without} {noun} of no known priority {counts} for --fail-on. A feed with vectors settles them, such as "
            "NVD's or CVE's records. --unknown-priority changes how they count"
        )
    return urgent
