"""What all records of a vulnerability give together: rules 2, 8, 9 and 10."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from advisories.distros.lines import MAIN_LINE
from advisories.matching.rules.excluding import lines_of
from advisories.matching.rules.fixes import Fixes, cleared_by_fixes, fixes_of, has_begun, reachable
from advisories.matching.rules.terms import EPOCH_UNKNOWN, NONE, Comparison, Decision, Outcome
from advisories.models.advisories import Advisory, FixState, Kind
from advisories.models.assumptions import Assumption
from advisories.models.distribution import Distribution
from advisories.models.findings import Note
from advisories.models.frozen import evolve

__all__ = [
    "by_kind",
    "cleared_by_negative",
    "decide",
    "fix_state_of",
    "makes_findings",
    "of_first_names",
    "unsure_negatives",
]


def of_first_names(comparisons: Sequence[Comparison]) -> Sequence[Comparison]:
    """Rule 2: the comparisons that count, of those with the records of one vulnerability. Where records name the
    package or its source, those of a source that it signs do not count: the two have versions of their own.
    """
    ranks = {comparison.query.rank for comparison in comparisons}
    if len(ranks) < 2:
        return comparisons
    first = min(ranks)
    return [comparison for comparison in comparisons if comparison.query.rank == first]


def cleared_by_negative(comparisons: Iterable[Comparison]) -> bool:
    """Rule 9: a *not affected* record removes the finding, unless its comparison rests on an assumption."""
    return any(map(_is_sure_negative, comparisons))


def _is_sure_negative(comparison: Comparison) -> bool:
    inside = comparison.record.affected.negative and comparison.outcome is Outcome.INSIDE
    return inside and not comparison.assumptions


def unsure_negatives(comparisons: Iterable[Comparison]) -> Iterator[Note]:
    """Rule 9: when unsure, what is affected stands. A note names each record that might have cleared it."""
    for comparison in comparisons:
        if comparison.record.affected.negative and comparison.outcome is Outcome.INSIDE:
            rests = ", ".join(sorted(comparison.assumptions))
            what = f"{comparison.record.advisory.id} states that it is not affected, but rests on {rests}"
            yield Note(9, f"{what}: too unsure to clear it")


def makes_findings(advisory: Advisory) -> bool:
    """Rule 10: bugfix and enhancement advisories make no finding unless they name a CVE."""
    return bool(advisory.cves) or advisory.kind not in (Kind.BUGFIX, Kind.ENHANCEMENT)


def by_kind(comparisons: Iterable[Comparison]) -> tuple[list[Comparison], list[Comparison]]:
    """Rule 10: the comparisons with records that make findings, and those with updates."""
    both: tuple[list[Comparison], list[Comparison]] = ([], [])
    for comparison in comparisons:
        both[0 if makes_findings(comparison.record.advisory) else 1].append(comparison)
    return both


def fix_state_of(comparisons: Iterable[Comparison]) -> FixState:
    """Rule 10: the fix state where there is no fix above what is installed. Of several records the first in the order
    of :class:`~advisories.models.FixState` counts. Publishers' own words are in :mod:`advisories.distros.fix_states`.
    """
    states = {comparison.record.affected.fix_state for comparison in comparisons}
    states = {FixState.NOT_FIXED if state is FixState.FIXED else state for state in states}
    return next(state for state in FixState if state in states)


def decide(comparisons: Sequence[Comparison], host: Distribution) -> Decision:
    """What the comparisons with all records of a vulnerability give together.

    Rule 2 (names) comes first, then rule 8 (channels), rule 9 and rule 8 (fixes). A build whose line nothing shows is
    decided line by line, and feeds that contradict each other one by one (rule 0). Rule 1a comes last, outside of this
    function: unstable's fix may still clear what is inside.
    """
    comparisons = of_first_names(comparisons)
    if comparisons and comparisons[0].query.line is None:
        return _by_line(comparisons, host)
    return _by_feed(comparisons, host)


def _by_line(comparisons: Sequence[Comparison], host: Distribution) -> Decision:
    """Every line of the name decides: what one of them has stands, and rests on an assumption where another has not."""
    of = [(one, lines_of(one.query.distribution, one.record.affected)) for one in comparisons]
    lines = sorted(frozenset[str]().union(*(theirs for _, theirs in of if theirs is not None)))
    if not lines:
        return _by_feed(comparisons, host)
    by_line: dict[str, list[Comparison]] = {line: [] for line in lines}
    for one, theirs in of:
        for line in lines if theirs is None else theirs:
            by_line[line].append(one)
    decisions = [_by_feed(same, host) for same in by_line.values()]
    standing = [decision for decision in decisions if decision.inside or decision.undecided]
    assumptions = frozenset[Assumption]().union(*(decision.assumptions for decision in decisions))
    if not standing:
        cleared = next((decision for decision in decisions if decision.cleared is not None), decisions[0])
        return evolve(cleared, assumptions=assumptions)
    if not host.channels and (len(standing) < len(decisions) or MAIN_LINE not in lines):
        assumptions |= {Assumption.LINE_UNKNOWN}
    return Decision(
        _each_once(standing, lambda decision: decision.inside),
        _each_once(standing, lambda decision: decision.undecided),
        fixes_of(_last_each([fix.comparison for decision in standing for fix in decision.fixes])),
        tuple(dict.fromkeys(doubt for decision in standing for doubt in decision.doubts)),
        None,
        assumptions,
    )


def _each_once(decisions: Iterable[Decision], part: Callable[[Decision], Sequence[Comparison]]) -> Sequence[Comparison]:
    return list({id(comparison): comparison for decision in decisions for comparison in part(decision)}.values())


def _last_each(comparisons: Sequence[Comparison]) -> Sequence[Comparison]:
    """Each comparison once, at its last place, as the last of several fixes in one place counts."""
    return list({id(comparison): comparison for comparison in reversed(comparisons)}.values())[::-1]


def _by_feed(comparisons: Sequence[Comparison], host: Distribution) -> Decision:
    """Rule 0, *feeds-disagree*: of two publishers with opposite words on one channel the one modified later wins.

    Where one of them has no date, or both have the same, the finding stands.
    """
    whole = _decided(comparisons, host)
    if len({comparison.record.advisory.database for comparison in comparisons}) < 2:
        return whole
    concern = reachable(comparisons, host)
    by_database: dict[str, list[Comparison]] = {}
    for comparison in concern:
        by_database.setdefault(comparison.record.advisory.database, []).append(comparison)
    decisions = {database: _decided(same, host) for database, same in by_database.items()}
    standing = [comparison for decision in decisions.values() for comparison in decision.inside]
    if comparisons[0].query.scheme in _BY_CHANNEL:
        # What a fix of another channel clears is no contradiction.
        together = _decided([one for one in concern if not one.record.affected.negative], host)
        stays = set(map(id, together.inside))
        standing = [one for one in standing if id(one) in stays]
    clear = [
        comparison
        for database, same in by_database.items()
        if not decisions[database].inside and not decisions[database].undecided
        for comparison in same
        if _clears(comparison)
    ]
    against = _by_contest(clear)
    won = {about: _later(same, against[about]) for about, same in _by_contest(standing).items() if about in against}
    if not won:
        return whole
    inside = [one for one in standing if won.get(_contest(one)) is None]
    first = next((one for one in won.values() if one is not None), None)
    cleared = None if first is None else Note(8, f"{first.record.advisory.id} is later than what it contradicts")
    undecided = [] if cleared else whole.undecided
    return Decision(inside, undecided, whole.fixes, whole.doubts, cleared, frozenset({Assumption.FEEDS_DISAGREE}))


_BY_CHANNEL: Final = ("dpkg", "apk")


def _contest(comparison: Comparison) -> str | None:
    """What two words contradict each other about: a channel, or a trunk with all its branches."""
    return comparison.record.affected.channel if comparison.query.scheme in _BY_CHANNEL else None


def _by_contest(comparisons: Iterable[Comparison]) -> Mapping[str | None, Sequence[Comparison]]:
    found: dict[str | None, list[Comparison]] = {}
    for comparison in comparisons:
        found.setdefault(_contest(comparison), []).append(comparison)
    return found


def _later(standing: Sequence[Comparison], clear: Sequence[Comparison]) -> Comparison | None:
    """The record that clears, and was modified later than every one that stands. None where none was."""
    since = [_modified(one) for one in standing]
    latest = max(clear, key=_modified)
    return latest if min(since) > _NEVER and _modified(latest) > max(since) else None


def _clears(comparison: Comparison) -> bool:
    """Whether a record states that the version is free of it: it is not affected, or has reached a fix."""
    if comparison.record.affected.negative:
        return _is_sure_negative(comparison)
    key = comparison.query.key
    return key is not None and any(
        interval.fixed is not None and interval.fixed <= key and has_begun(interval, key)
        for interval in comparison.query.intervals(comparison.record)
    )


def _modified(comparison: Comparison) -> float:
    modified = comparison.record.advisory.modified
    return modified.timestamp() if modified is not None else _NEVER


# Before every date.
_NEVER: Final = float("-inf")


def _decided(comparisons: Sequence[Comparison], host: Distribution) -> Decision:
    comparisons = reachable(comparisons, host)
    doubts: tuple[Note, ...] = ()
    negatives = [comparison for comparison in comparisons if comparison.record.affected.negative]
    if negatives:
        if cleared_by_negative(negatives):
            return Decision(cleared=Note(9, "a record states that it is not affected"))
        doubts = tuple(unsure_negatives(negatives))
        comparisons = [comparison for comparison in comparisons if not comparison.record.affected.negative]
    fixes = fixes_of(comparisons)
    clearing = Fixes(fixes, host)
    inside: list[Comparison] = []
    undecided: list[Comparison] = []
    cleared: Note | None = None
    for comparison in comparisons:
        if comparison.outcome is Outcome.INSIDE:
            note = cleared_by_fixes(comparison, clearing)
            if note is None:
                inside.append(comparison)
            cleared = cleared or note
        elif comparison.outcome is Outcome.UNDECIDABLE:
            undecided.append(comparison)
    # Whether an unknown epoch matters is another question (epoch_may_matter).
    rests = NONE
    if not inside and not undecided:
        rests = NONE.union(*[one.assumptions for one in comparisons]) - EPOCH_UNKNOWN
    return Decision(inside, undecided, fixes, doubts, cleared, rests)
