"""Which findings are shown: what statements set aside, and what was asked to be hidden."""

import argparse
import sys
from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from attrs import frozen

from advisories.cli.inputs import PRIORITIES
from advisories.cli.terminal import Wrong, say, say_rejections
from advisories.reports.chosen import Chosen

if TYPE_CHECKING:
    from datetime import date

    from advisories.index.feed import Feed
    from advisories.matching.match import MatchPolicy
    from advisories.models import Finding, Inventory, ReadReport
    from advisories.models.findings import Findings
    from advisories.models.statements import Purl, Statement
    from advisories.triage.select import Selection

__all__ = ["Statements", "add_choices", "check_fail_on", "choose", "statements_of"]

_FIX_STATES = ("fixed", "not-fixed", "wont-fix", "deferred", "end-of-life", "under-investigation", "unknown")
_PRESENCES = ("installed", "running", "residual", "standby", "unknown")


@frozen
class Statements:
    """What was read of ignore files and VEX documents, and for which day and product it is asked.

    :ivar on: the day that was named, else today.
    :ivar named: the day that was named, if one was.
    """

    statements: "tuple[Statement, ...]"
    reports: "tuple[ReadReport, ...]"
    on: "date"
    scanned: "tuple[Purl, ...]"
    named: "date | None" = None


def add_choices(command: argparse.ArgumentParser) -> None:
    """The options that say which findings are set aside or hidden."""
    aside = command.add_argument_group("findings set aside (they stay in the report, with the statement)")
    aside.add_argument(
        "--ignore", metavar="PATH", action="append", default=[], help="an ignore file or VEX; may be repeated"
    )
    aside.add_argument(
        "--on",
        metavar="DATE",
        help="the day for which ignore rules are asked (today), and whether support has ended",
    )
    aside.add_argument(
        "--product",
        metavar="PURL",
        action="append",
        default=[],
        help="the image that was listed, for VEX about packages inside of it; may be repeated",
    )
    hidden = command.add_argument_group("findings to show (the others are counted)")
    for option, values, what in (
        ("--priority", PRIORITIES, "priority"),
        ("--fix-state", _FIX_STATES, "fix state"),
        ("--presence", _PRESENCES, "presence"),
    ):
        hidden.add_argument(
            option,
            type=str.lower,
            choices=values,
            action="append",
            default=[],
            help=f"only of this {what}; may be repeated",
        )
    for option, metavar, what in (
        ("--package", "NAME", "package or source package, or a glob of names"),
        ("--notice", "ID", "CVE or advisory, or a glob of ids"),
    ):
        hidden.add_argument(
            option, metavar=metavar, action="append", default=[], help=f"only of this {what}; may be repeated"
        )
    hidden.add_argument("--only-fixable", action="store_true", help="only what has a fix that the host can have")
    hidden.add_argument("--without-headers", action="store_true", help="no findings of kernel headers")


def check_fail_on(options: argparse.Namespace) -> None:
    """Raises :class:`Wrong` where nothing is to be shown that could fail: a check that passes whatever there is."""
    if options.fail_on and options.priority:
        urgent = PRIORITIES[: PRIORITIES.index(options.fail_on) + 1]
        if not set(urgent).intersection(options.priority):
            shown = ", ".join(dict.fromkeys(options.priority))
            raise Wrong(f"--fail-on {options.fail_on} can never fail where only --priority {shown} is shown")


def statements_of(options: argparse.Namespace) -> Statements:
    """What the options name, read. Raises :class:`Wrong` where that cannot be."""
    from datetime import UTC, date, datetime

    try:
        on = date.fromisoformat(options.on) if options.on else datetime.now(UTC).date()
    except ValueError:
        raise Wrong(f"--on {options.on}: a day as 2026-12-31 is expected") from None
    named = on if options.on else None
    if not options.ignore and not options.product:
        return Statements((), (), on, (), named)
    from advisories.readers import statements as ignores

    scanned = tuple(ignores.purl_of(text) for text in options.product)
    read = [ignores.read_stream(sys.stdin.buffer) if path == "-" else ignores.read(path) for path in options.ignore]
    reports = tuple(one.report for one in read)
    say_rejections(reports, "the JSON report of match names all", strict=options.strict)
    return Statements(tuple(one for each in read for one in each.statements), reports, on, scanned, named)


def choose(
    options: argparse.Namespace,
    said: Statements,
    inventory: "Inventory",
    feed: "Feed",
    policy: "MatchPolicy",
    findings: "Findings",
) -> Chosen:
    """The findings to show; what asks for nothing there is, is said."""
    selection = _selection(options)
    if selection is not None:
        from advisories.triage.select import unknown_notices, unknown_packages

        for name in unknown_packages(selection, inventory):
            say(f"--package {name}: no installed package is called so, nor the source package of one")
        for id in unknown_notices(selection, feed):
            say(f"--notice {id}: no advisory of the feed is called so, nor a vulnerability that one names")
    if not said.reports and selection is None:
        return Chosen(findings)
    from attrs import evolve

    from advisories.triage.select import EVERYTHING, select
    from advisories.triage.suppress import aliases_of, suppress

    suppression = None
    kept: Sequence[Finding] = findings
    if said.reports:
        if inventory.distribution is None:
            inventory = evolve(inventory, distribution=policy.judge_as)
        aliases = aliases_of(findings, feed)
        suppression = suppress(findings, said.statements, said.on, inventory, aliases=aliases, scanned=said.scanned)
        kept = suppression.kept
    selected = select(kept, selection or EVERYTHING)
    return Chosen(selected.shown, suppression, selected.hidden, said.reports, selection)


def _selection(options: argparse.Namespace) -> "Selection | None":
    """What to show; None where nothing is to be hidden."""
    words = (options.priority, options.fix_state, options.presence, options.package, options.notice)
    if not any(words) and not options.only_fixable and not options.without_headers:
        return None
    from advisories.models import FixState, Presence, Priority
    from advisories.triage.select import Selection

    return Selection(
        _of(Priority, [one.capitalize() for one in options.priority]),
        _of(FixState, options.fix_state),
        _of(Presence, options.presence),
        tuple(options.package),
        tuple(options.notice),
        options.only_fixable,
        not options.without_headers,
    )


_Word = TypeVar("_Word", bound=StrEnum)


def _of(kind: type[_Word], words: Sequence[str]) -> frozenset[_Word]:
    return frozenset(map(kind, words)) or frozenset(kind)
