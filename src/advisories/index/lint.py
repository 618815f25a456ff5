"""The feed's lint: what is wrong with records that were kept."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Final

import vercmp
from advisories.index.records import Interval, Record, spans, versions_of
from advisories.models.advisories import Affected
from advisories.models.packages import SCHEME_OF_TYPE
from advisories.models.reading import Flaw, FlawKind

__all__ = ["flaws_of"]

#: The records of what is affected, with their places, by vulnerability and build.
_Positives = dict[tuple[object, ...], list[tuple[int, Record]]]
#: Where the spans of a record begin and end, disjoint and in order. An end of None is open.
_Spans = tuple[list[bytes], list[bytes | None]]
#: With so many records of one vulnerability and build a negative one is compared. What is left out is a flaw.
_COMPARED: Final = 1000


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
        positives: _Positives = {}
        disjoint: dict[int, _Spans] = {}
        for place, record in enumerate(records):
            if not record.affected.negative:
                build = _build(record.affected)
                for name in dict.fromkeys(record.advisory.vulnerabilities):
                    positives.setdefault((name, *build), []).append((place, record))
        for negative in negatives:
            yield from _contradictions(negative, positives, disjoint)


def _without_lower_bound(records: Sequence[Record]) -> Iterator[Flaw]:
    begins: dict[tuple[object, ...], list[tuple[bytes, str]]] = {}
    for record in records:
        for interval in record.intervals:
            if interval.low is not None and interval.range.introduced is not None and not record.affected.negative:
                begins.setdefault(_statement(record), []).append((interval.low, interval.range.introduced))
    firsts = {statement: _firsts(found) for statement, found in begins.items()}
    for record in records if begins else ():
        for interval in record.intervals:
            if interval.low is None and not record.affected.negative:
                lows, least = firsts.get(_statement(record), ((), ()))
                held = len(lows) if interval.high is None else bisect_left(lows, interval.high)
                if held:
                    end = interval.range.fixed or interval.range.last_affected or interval.range.limit
                    reach = f"to {end}" if end else "on without end"
                    why = f"a range from the first version {reach} holds the beginning of another, {least[held - 1]}"
                    yield _flaw(FlawKind.NO_LOWER_BOUND, record, why)


def _firsts(begins: list[tuple[bytes, str]]) -> tuple[Sequence[bytes], Sequence[str]]:
    """Where ranges begin, in order, and for each the least text of those up to it."""
    begins.sort()
    return [low for low, _ in begins], list(accumulate((text for _, text in begins), min))


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


def _contradictions(negative: Record, positives: _Positives, disjoint: dict[int, _Spans]) -> Iterator[Flaw]:
    build = _build(negative.affected)
    common: dict[int, tuple[Record, list[str]]] = {}
    for name in sorted(set(negative.advisory.vulnerabilities)):
        others = positives.get((name, *build), [])
        for place, other in others[:_COMPARED]:
            common.setdefault(place, (other, []))[1].append(name)
        if len(others) > _COMPARED:
            more = len(others) - _COMPARED
            why = (
                f"not affected by {name}, which {len(others)} records have as affected: {more} of them are not compared"
            )
            yield _flaw(FlawKind.CONTRADICTION, negative, why)
    for _, (other, same) in sorted(common.items()):
        # Worked out once a record, by its identity: comparing records costs more than their spans.
        for record in (negative, other):
            if id(record) not in disjoint:
                disjoint[id(record)] = _disjoint(record)
        if _overlap(disjoint[id(negative)], disjoint[id(other)]):
            why = f"not affected by {', '.join(same)}, but affected in {other.advisory.id}"
            yield _flaw(FlawKind.CONTRADICTION, negative, why)


def _overlap(one: _Spans, other: _Spans) -> bool:
    less, more = sorted((one, other), key=lambda spans: len(spans[0]))
    lows, highs = more
    for low, high in zip(*less, strict=True):
        # The last that begins at or before it, and the next.
        place = bisect_right(lows, low)
        before = highs[place - 1] if place else b""
        if before is None or before > low or (place < len(lows) and (high is None or lows[place] < high)):
            return True
    return False


def _disjoint(record: Record) -> _Spans:
    """Where the spans of a record begin and end, in order. Those that meet are one."""
    lows: list[bytes] = []
    highs: list[bytes | None] = []
    for low, high in sorted(spans(record), key=lambda span: span[0] or b""):
        if high is not None and high <= (low or b""):
            continue
        if highs and (highs[-1] is None or (low or b"") <= highs[-1]):
            highs[-1] = None if high is None or highs[-1] is None else max(high, highs[-1])
        else:
            lows.append(low or b"")
            highs.append(high)
    return lows, highs


def _flaw(kind: FlawKind, record: Record, why: str) -> Flaw:
    return Flaw(kind, record.advisory.id, record.affected.package, record.affected.distribution, why)
