"""Rules 3, 4, 5 and 14: a query against the ranges of a record."""

from collections.abc import Iterable, Iterator

import vercmp
from advisories.index.records import (
    Group,
    Interval,
    Record,
    epoch_of,
    epochs_of,
    interval_of,
    lacks_last_release,
    lists,
    with_epoch,
)
from advisories.matching.rules.excluding import excluding_rule
from advisories.matching.rules.terms import EPOCH_UNKNOWN, EPOCHS_LEFT_OUT, Comparison, Outcome, Query
from advisories.models.advisories import Range
from advisories.models.assumptions import Assumption
from advisories.models.distribution import Distribution
from advisories.models.findings import Note
from advisories.models.frozen import evolve
from advisories.models.words import Names

__all__ = ["compare", "epoch_may_matter", "range_outcome", "release_missing", "with_known_epoch"]


def with_known_epoch(query: Query, group: Group) -> Query:
    """Rule 0: the query of a source package, of unknown epoch, without that assumption if nothing shows an epoch.

    A source rpm's file name never has one. If neither a record of the name nor a binary package of the source has an
    epoch, the source has none.
    """
    if not query.lists_epochs or group.shows_epochs or query.names is not Names.SOURCE or ":" in query.version:
        return query
    notes = tuple(note for note in query.notes if note is not EPOCHS_LEFT_OUT)
    return evolve(query, epoch_known=True, assumptions=query.assumptions - EPOCH_UNKNOWN, notes=notes)


def epoch_may_matter(query: Query, records: Iterable[Record]) -> bool:
    """Rule 0: whether an unknown epoch could turn *not affected*, with any of the epochs that records show.

    Where the list cannot show one, it is tried as each of them and as 0. Where records cannot, it matters if other
    records, or the installed version, show several.
    """
    if query.key is None:
        return False
    records = [record for record in records if not record.affected.negative]
    epochs = set[str]().union(*map(epochs_of, records))
    if query.epoch_known:
        unknown = any(not record.affected.epoch_known for record in records)
        return unknown and len(epochs | {epoch_of(query.version, query.scheme)}) > 1
    keys = [
        vercmp.sort_key(with_epoch(query.version, query.scheme, epoch), scheme=query.scheme)
        for epoch in sorted(epochs | {"0"})
    ]
    return any(interval.holds(key) for record in records for interval in record.intervals for key in keys) or any(
        key in record.versions for record in records for key in keys
    )


def range_outcome(
    query: Query, record: Record, assumptions: frozenset[Assumption], notes: tuple[Note, ...]
) -> Comparison:
    """Rule 3: inside any of the ranges (half-open: installed = fixed is outside), or equal to a listed version.

    A listed version without order is equal to the same text, and one of Python's without a local part to its local
    versions.

    Rule 4: with an unknown epoch, epochs are left out on both sides, and a range turned upside down by that is
    undecidable. Rule 5: an rpm version without release that ties with a bound is undecidable. Rule 14: so is a version
    that cannot be ordered, on either side.

    :param assumptions: those of the comparison.
    :param notes: of the rules that applied already, the query's own included.
    """
    key = query.key
    affected = record.affected
    if key is None:
        if query.version in affected.versions:
            return Comparison(query, record, Outcome.INSIDE, assumptions, listed=True, notes=notes)
        return Comparison(query, record, Outcome.UNDECIDABLE, assumptions, why=query.refused or "", notes=notes)
    if affected.negative and not affected.ranges and not affected.versions:
        # It is about every version: no epoch could make a difference.
        return Comparison(query, record, Outcome.INSIDE, assumptions - EPOCH_UNKNOWN, notes=notes)
    intervals = query.intervals(record)
    may_tie = query.lacks_release or lacks_last_release(affected)
    if may_tie:
        inside, tied = release_missing(query, key, intervals)
    else:
        inside, tied = tuple([interval for interval in intervals if interval.holds(key)]), None
    if inside:
        if assumptions and any(interval.low is None and interval.high is None for interval in inside):
            assumptions -= EPOCH_UNKNOWN  # as above
        return Comparison(query, record, Outcome.INSIDE, assumptions, inside, notes=notes)
    if lists(query.versions(record), key, query.version, query.scheme):
        return Comparison(query, record, Outcome.INSIDE, assumptions, listed=True, notes=notes)
    why = ""
    if tied is None and may_tie:
        tied = next((version for version in affected.versions if _ties(query, version, either=False)), None)
    if tied is not None:
        why = f"{query.version} and {tied} differ in the release alone, and one has none"
        notes = (*notes, Note(5, why))
    elif any(interval.upside_down for interval in intervals):
        why = "without epochs the range ends before it begins"
    elif record.unordered is not None:
        why = record.unordered
    outcome = Outcome.UNDECIDABLE if why else Outcome.OUTSIDE
    return Comparison(query, record, outcome, assumptions, why=why, notes=notes)


def release_missing(query: Query, key: bytes, intervals: Iterable[Interval]) -> tuple[tuple[Interval, ...], str | None]:
    """Rule 5, bound by bound: does the outcome depend on a release that is missing?

    :returns: the intervals that hold the key whatever the release, and the first bound that the outcome depends on.
    """
    inside: list[Interval] = []
    tied: str | None = None
    for interval in intervals:
        bounds = interval.range
        open_bounds = {name: bound for name, bound, either in _bounds(bounds) if _ties(query, bound, either=either)}
        if not open_bounds:
            if interval.holds(key):
                inside.append(interval)
        elif interval_of(evolve(bounds, **dict.fromkeys(open_bounds)), query.scheme, epoch=query.epoch_known).holds(
            key
        ):
            # The other bounds hold the version: the outcome depends on these.
            tied = tied or next(iter(open_bounds.values()))
    return tuple(inside), tied


def _bounds(range: Range) -> Iterator[tuple[str, str, bool]]:
    """The bounds of a range, by name, and whether a tie may be by a release that the bound lacks."""
    for name, bound, either in (
        ("introduced", range.introduced, False),
        ("fixed", range.fixed, False),
        ("limit", range.limit, False),
        ("last_affected", range.last_affected, True),
    ):
        if bound is not None:
            yield name, bound, either


def _ties(query: Query, bound: str, *, either: bool) -> bool:
    """Whether two versions are equal but for a release that the installed one lacks (or, with `either`, the bound)."""
    try:
        ours, theirs = vercmp.rpm.split(query.version), vercmp.rpm.split(bound)
    except vercmp.InvalidVersion:
        return False  # a listed version without an order: rule 14's
    lacking = ours.release is None and theirs.release is not None
    lacking = lacking or (either and ours.release is not None and theirs.release is None)
    if not lacking or vercmp.rpm.rpmvercmp(ours.version, theirs.version) != 0:
        return False
    return not query.epoch_known or vercmp.rpm.rpmvercmp(ours.epoch or "0", theirs.epoch or "0") == 0


def compare(query: Query, record: Record, host: Distribution) -> Comparison | None:
    """One query against one record. None where a rule excludes the record."""
    excluding, assumed = excluding_rule(query, record, host)
    if excluding is not None:
        return None
    assumptions, notes = query.assumptions, query.notes
    if assumed:
        assumptions |= frozenset(assumed)
        affected = record.affected
        if Assumption.MODULE_UNKNOWN in assumed:
            notes = (*notes, Note(6, f"module {query.module} against {affected.module}"))
        if Assumption.ARCH_UNKNOWN in assumed:
            notes = (*notes, Note(7, f"architecture unknown, the record is for {', '.join(affected.arches)}"))
        if not affected.epoch_known and query.epoch_known:
            notes = (*notes, Note(4, "the record cannot show an epoch: epochs are left out on both sides"))
    comparison = range_outcome(query, record, assumptions, notes)
    if record.affected.completed and comparison.outcome is not Outcome.OUTSIDE:
        why = f"{record.advisory.id} names documentation of the same source alone, in this version"
        assumptions = comparison.assumptions | {Assumption.RECORD_INCOMPLETE}
        return evolve(comparison, assumptions=assumptions, notes=(*comparison.notes, Note(0, why)))
    return comparison
