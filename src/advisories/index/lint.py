"""The feed's lint: what is wrong with records that were kept."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate, chain
from operator import itemgetter
from typing import Final

import vercmp
from advisories.index.records import Interval, Record, parts_by, spans, versions_of
from advisories.models.advisories import Advisory, Affected
from advisories.models.packages import SCHEME_OF_TYPE, Module
from advisories.models.reading import Flaw, FlawKind

__all__ = ["flaws_of", "published_records"]

#: What tells builds apart.
_Build = tuple[tuple[str, ...], Module, str | None]
#: The records of what an advisory has as affected, with their places, by build.
_Positives = dict[_Build, list[tuple[int, Record]]]
#: Where the spans of a record begin and end, disjoint and in order. An end of None is open.
_Spans = tuple[list[bytes], list[bytes | None]]
#: With so many records of its vulnerabilities and build a negative one is compared. What is left out is a flaw.
_COMPARED: Final = 1000
#: Vulnerabilities that a flaw lists.
_NAMED: Final = 100


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
    if any(record.affected.negative for record in records):
        yield from _Contradictions(records).flaws()


def published_records(records: Sequence[Record]) -> Sequence[Record]:
    """Those of entries that advisories have, without those that they leave out."""
    if any(record.affected.completed for record in records):
        return [record for record in records if not record.affected.completed]
    return records


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


def _build(affected: Affected) -> _Build:
    return affected.arches, affected.module, affected.channel


class _Contradictions:
    """Records of what is affected and records of what is not, of the same vulnerabilities and build.

    They are gathered advisory by advisory. So n vulnerabilities and n records of one are not looked at each with each.
    """

    def __init__(self, records: Sequence[Record]) -> None:
        self._parts: Final = parts_by(enumerate(records), _advisory_of)
        self._by_name: Final[dict[str, list[_Positives]]] = {}
        self._counts: Final[dict[str, Counter[_Build]]] = {}
        self._disjoint: Final[dict[int, _Spans]] = {}
        for part in self._parts:
            positives: _Positives = {}
            for place, record in part:
                if not record.affected.negative:
                    positives.setdefault(_build(record.affected), []).append((place, record))
            for name in dict.fromkeys(part[0][1].advisory.vulnerabilities) if positives else ():
                self._by_name.setdefault(name, []).append(positives)

    def flaws(self) -> Iterator[Flaw]:
        """A flaw of each negative record for each that it contradicts."""
        for part in self._parts:
            negatives = [record for _, record in part if record.affected.negative]
            if negatives:
                yield from self._of_advisory(negatives)

    def _of_advisory(self, negatives: Sequence[Record]) -> Iterator[Flaw]:
        names = sorted(set(negatives[0].advisory.vulnerabilities))
        found: dict[int, tuple[_Positives, list[str]]] = {}
        for name in names:
            for positives in self._by_name.get(name, [])[:_COMPARED]:
                found.setdefault(id(positives), (positives, []))[1].append(name)
        wanted: dict[_Build, list[tuple[int, Record, str]]] = {_build(one.affected): [] for one in negatives}
        for positives, common in found.values():
            text = _listed(common)
            for build, placed in positives.items():
                if build in wanted:
                    wanted[build].extend([(place, other, text) for place, other in placed])
        crowded = [name for name in names if len(self._by_name.get(name, ())) > _COMPARED]
        of_build = {build: _Others(same, self._left_out(crowded, build)) for build, same in wanted.items()}
        for negative in negatives:
            others = of_build[_build(negative.affected)]
            if others.left_out:
                why = f"not affected by {_listed(names)}, which {others.count} records have as affected"
                yield _flaw(FlawKind.CONTRADICTION, negative, f"{why}: {others.left_out} of them are not compared")
            for other, text in others.overlapping(self._spans(negative), self._spans):
                why = f"not affected by {text}, but affected in {other.advisory.id}"
                yield _flaw(FlawKind.CONTRADICTION, negative, why)

    def _left_out(self, names: Sequence[str], build: _Build) -> int:
        """How many records of a build are of more advisories of these names than are looked at."""
        for name in names:
            if name not in self._counts:
                self._counts[name] = Counter()
                for positives in self._by_name[name][_COMPARED:]:
                    self._counts[name].update({one: len(placed) for one, placed in positives.items()})
        return sum([self._counts[name][build] for name in names])

    def _spans(self, record: Record) -> _Spans:
        # Worked out once a record, by its identity: comparing records costs more than their spans.
        if id(record) not in self._disjoint:
            self._disjoint[id(record)] = _disjoint(spans(record))
        return self._disjoint[id(record)]


class _Others:
    """The records of what is affected that the negative records of an advisory and build may contradict.

    :param placed: with their places, and the vulnerabilities they have in common as a text.
    :param more: how many there are beside them.
    """

    def __init__(self, placed: Iterable[tuple[int, Record, str]], more: int) -> None:
        found = [(other, text) for _, other, text in sorted(placed, key=itemgetter(0))]
        self.count: Final = len(found) + more
        self.left_out: Final = max(self.count - _COMPARED, 0)
        self._compared: Final = found[:_COMPARED]
        self._together: _Spans | None = None

    def overlapping(self, own: _Spans, spans_of: Callable[[Record], _Spans]) -> Iterator[tuple[Record, str]]:
        """Those whose spans overlap with others. They are looked through where any does."""
        if self._together is None:
            all_spans = [zip(*spans_of(other), strict=True) for other, _ in self._compared]
            self._together = _disjoint(chain.from_iterable(all_spans))
        if _overlap(own, self._together):
            yield from (one for one in self._compared if _overlap(own, spans_of(one[0])))


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more}"


def _advisory_of(placed: tuple[int, Record]) -> Advisory:
    return placed[1].advisory


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


def _disjoint(found: Iterable[tuple[bytes | None, bytes | None]]) -> _Spans:
    """Where spans begin and end, in order. Those that meet are one."""
    lows: list[bytes] = []
    highs: list[bytes | None] = []
    for low, high in sorted(found, key=lambda span: span[0] or b""):
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
