"""The feed's lint: what is wrong with records that were kept."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import vercmp
from advisories.index.records import Interval, Record, spans, versions_of
from advisories.models.advisories import Affected
from advisories.models.packages import SCHEME_OF_TYPE
from advisories.models.reading import Flaw, FlawKind

__all__ = ["flaws_of"]


def flaws_of(records: Sequence[Record]) -> Iterator[Flaw]:
    """What is wrong with the records of one package. Each is kept all the same, and judged by the rules."""
    for record in records:
        if record.unordered is not None:
            yield _flaw(FlawKind.VERSION_REFUSED, record, record.unordered)
        for interval in record.intervals:
            if interval.is_empty and interval.low != interval.high:
                range = interval.range
                end = range.fixed or range.last_affected or range.limit
                yield _flaw(FlawKind.UPSIDE_DOWN, record, f"a range begins at {range.introduced} and ends at {end}")
        scheme = vercmp.SCHEMES[SCHEME_OF_TYPE[record.affected.type]]
        for version in versions_of(record.affected) if record.unordered is None else ():
            try:
                warnings = scheme.validate(version)
            except vercmp.InvalidVersion as invalid:
                # The other end of a range that is fixed in 0. It holds nothing either way.
                yield _flaw(FlawKind.VERSION_REFUSED, record, str(invalid))
                continue
            for warning in warnings:
                yield _flaw(FlawKind.VERSION_WARNED, record, f"{version}: {warning}")
    yield from _without_lower_bound(records)
    yield from _without_epoch(records)
    negatives = [record for record in records if record.affected.negative]
    if negatives:
        counts = Counter(name for record in records for name in record.advisory.vulnerabilities)
        for negative in negatives:
            yield from _contradictions(negative, records, counts)


def _without_lower_bound(records: Sequence[Record]) -> Iterator[Flaw]:
    begins: dict[tuple[object, ...], list[tuple[bytes, str]]] = {}
    for record in records:
        for interval in record.intervals:
            if interval.low is not None and interval.range.introduced is not None and not record.affected.negative:
                begins.setdefault(_statement(record), []).append((interval.low, interval.range.introduced))
    for record in records if begins else ():
        for interval in record.intervals:
            if interval.low is None and not record.affected.negative:
                high = interval.high
                held = [text for low, text in begins.get(_statement(record), ()) if high is None or low < high]
                if held:
                    end = interval.range.fixed or interval.range.last_affected or interval.range.limit
                    reach = f"to {end}" if end else "on without end"
                    why = f"a range from the first version {reach} holds the beginning of another, {min(held)}"
                    yield _flaw(FlawKind.NO_LOWER_BOUND, record, why)


def _statement(record: Record) -> tuple[object, ...]:
    return record.advisory.id, *_build(record.affected)


def _without_epoch(records: Sequence[Record]) -> Iterator[Flaw]:
    lowest: dict[tuple[object, ...], tuple[bytes, str, str]] = {}
    for record, interval, bare in _fixes(records):
        if interval.fixed != bare.fixed and bare.fixed is not None:
            known = (bare.fixed, str(interval.range.fixed), record.advisory.id)
            build = _build(record.affected)
            lowest[build] = min(known, lowest.get(build, known))
    for record, interval, bare in _fixes(records) if lowest else ():
        fixed, other = interval.fixed, lowest.get(_build(record.affected))
        if other is not None and fixed is not None and fixed == bare.fixed and fixed > other[0]:
            why = f"fixed in {interval.range.fixed}, without the epoch that {other[1]} has in {other[2]}"
            yield _flaw(FlawKind.NO_EPOCH, record, why)


def _fixes(records: Sequence[Record]) -> Iterator[tuple[Record, Interval, Interval]]:
    """Records with their ranges, as they are and with epochs left out."""
    for record in records:
        if not record.affected.negative:
            for interval, bare in zip(record.intervals, record.epochless, strict=True):
                yield record, interval, bare


def _build(affected: Affected) -> tuple[object, ...]:
    return affected.arches, affected.module, affected.channel


def _contradictions(negative: Record, records: Sequence[Record], counts: Mapping[str, int]) -> Iterator[Flaw]:
    ours = {name for name in negative.advisory.vulnerabilities if counts[name] > 1}
    for other in records if ours else ():
        if other.affected.negative or not _of_one_build(negative.affected, other.affected):
            continue
        same = ours.intersection(other.advisory.vulnerabilities)
        if same and _overlap(negative, other):
            why = f"not affected by {', '.join(sorted(same))}, but affected in {other.advisory.id}"
            yield _flaw(FlawKind.CONTRADICTION, negative, why)


def _of_one_build(one: Affected, other: Affected) -> bool:
    return _build(one) == _build(other)


def _overlap(one: Record, other: Record) -> bool:
    theirs = tuple(spans(other))
    return any(
        (low is None or end is None or low < end)
        and (begin is None or high is None or begin < high)
        and not (low is not None and high is not None and low >= high)
        and not (begin is not None and end is not None and begin >= end)
        for low, high in spans(one)
        for begin, end in theirs
    )


def _flaw(kind: FlawKind, record: Record, why: str) -> Flaw:
    return Flaw(kind, record.advisory.id, record.affected.package, record.affected.distribution, why)
