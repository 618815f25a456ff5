"""An entry's ranges and listed versions as rows of the table ``interval``, and back."""

from collections.abc import Iterator, Sequence
from typing import Final

import vercmp
from advisories.index.records import NO_UPPER, Interval, Record, concerns_every_key, listed_bounds, version_key
from advisories.models.advisories import Affected, Range
from advisories.models.frozen import frozen
from advisories.models.packages import SCHEME_OF_TYPE

__all__ = ["SpanRow", "Spans", "only_bounds", "span_rows", "spans_of"]

#: introduced, fixed, last_affected, range_limit, version, introduced_key, upper_key, and both without epochs.
SpanRow = tuple[str | None, str | None, str | None, str | None, str | None, bytes, bytes, bytes, bytes]

_NONE: Final = (b"", b"")
_ALL: Final = (b"", NO_UPPER)


def span_rows(affected: Affected, record: Record | None) -> Iterator[SpanRow]:
    """One row for each range and each listed version of an entry, and one without texts where it concerns every key.

    :param record: the entry with its keys. None where its type has no order here. What has no key holds no key.
    """
    if record is None:
        keys = [(*_NONE, *_NONE)] * (len(affected.ranges) + len(affected.versions))
    else:
        keys = [*_of_ranges(affected, record), *_of_versions(affected)]
    for range, bounds in zip(affected.ranges, keys, strict=False):
        yield range.introduced, range.fixed, range.last_affected, range.limit, None, *bounds
    for version, bounds in zip(affected.versions, keys[len(affected.ranges) :], strict=True):
        yield None, None, None, None, version, *bounds
    # What concerns every key with epochs may do so without them: another record of the package may show an epoch.
    if record is not None:
        with_epoch = _concerns_every(record, epoch=True)
        if with_epoch or _concerns_every(record, epoch=False):
            yield None, None, None, None, None, *(_ALL if with_epoch else _NONE), *_ALL


def only_bounds(affected: Affected, record: Record) -> tuple[bytes, bytes] | None:
    """The keys of an entry's one row. None where it may have more of them, or others without epochs."""
    if (
        len(affected.ranges) != 1
        or affected.versions
        or affected.negative
        or not affected.epoch_known
        or record.unordered is not None
        or record.intervals is not record.epochless
        or affected.ranges[0].last_affected is not None
    ):
        return None
    (interval,) = record.intervals
    return None if interval.upside_down else _bounds(interval)


def _of_ranges(affected: Affected, record: Record) -> Iterator[tuple[bytes, bytes, bytes, bytes]]:
    if len(record.intervals) == len(affected.ranges):
        for interval, bare in zip(record.intervals, record.epochless, strict=True):
            bounds = _bounds(interval)
            yield *bounds, *(bounds if bare is interval else _bounds(bare))
        return
    # A range in which a version is refused has no interval. Those that have one are in the order of the ranges.
    intervals = iter(zip(record.intervals, record.epochless, strict=True))
    following = next(intervals, None)
    for range in affected.ranges:
        if following is not None and following[0].range is range:
            yield *_bounds(following[0]), *_bounds(following[1])
            following = next(intervals, None)
        else:
            yield *_NONE, *_NONE


def _bounds(interval: Interval) -> tuple[bytes, bytes]:
    return interval.low or b"", NO_UPPER if interval.high is None else interval.high


def _of_versions(affected: Affected) -> Iterator[tuple[bytes, bytes, bytes, bytes]]:
    scheme = SCHEME_OF_TYPE[affected.type]
    for version in affected.versions:
        try:
            with_epoch, without = (listed_bounds(version, scheme, epoch=epoch) for epoch in (True, False))
        except vercmp.InvalidVersion:
            yield *_NONE, *_NONE
        else:
            yield *with_epoch, *without


def _concerns_every(record: Record, *, epoch: bool) -> bool:
    """Whether the entry concerns every key, and no range without ends shows that already."""
    if not concerns_every_key(record, epoch=epoch):
        return False
    return not any(i.low is None and i.high is None for i in (record.intervals if epoch else record.epochless))


@frozen
class Spans:
    """The spans of one entry, from its rows. Fields as those of Affected and Record."""

    ranges: tuple[Range, ...]
    listed: tuple[str, ...]
    intervals: tuple[Interval, ...] = ()
    epochless: tuple[Interval, ...] = ()
    versions: frozenset[bytes] = frozenset()
    epochless_versions: frozenset[bytes] = frozenset()


def spans_of(rows: Sequence[SpanRow], ranges: int, versions: int, scheme: str | None) -> Spans:
    """Back from an entry's rows: so many ranges, so many listed versions. The keys are those stored.

    :param scheme: None where the keys are not wanted, or not all there.

    Raises :class:`ValueError` where the rows contradict that.
    """
    of_ranges, of_versions = rows[:ranges], rows[ranges : ranges + versions]
    listed = tuple([version for row in of_versions if (version := row[4]) is not None])
    if len(of_ranges) != ranges or len(listed) != versions or [row for row in of_ranges if row[4] is not None]:
        raise ValueError("the spans of an entry are not as they are counted")
    found = tuple([Range(row[0], row[1], row[2], row[3]) for row in of_ranges])
    if scheme is None:
        return Spans(found, listed)
    intervals = tuple([_interval(one, row[5], row[6], scheme, True) for one, row in zip(found, of_ranges, strict=True)])
    # What has no key (a listed version that Python's order refuses) has no upper bound either.
    keys = frozenset([row[5] for row in of_versions if row[6]])
    if ":" not in "".join([text for row in rows for text in row[:5] if text]):
        return Spans(found, listed, intervals, intervals, keys, keys)
    epochless = tuple([_epochless(one, row[7], row[8], scheme) for one, row in zip(intervals, of_ranges, strict=True)])
    return Spans(found, listed, intervals, epochless, keys, frozenset([row[7] for row in of_versions if row[8]]))


def _interval(range: Range, low: bytes, high: bytes, scheme: str, epoch: bool) -> Interval:
    fixed = range.fixed
    introduced = None if range.introduced is None else low
    if range.last_affected is None and range.limit is None:
        if fixed is None:
            return Interval(introduced, None, None, range)
        # "0" is never affected: not even the fixed version has a key.
        return Interval(introduced, high, high, range) if fixed != "0" else Interval(b"", b"", None, range)
    if fixed == "0":
        return Interval(b"", b"", None, range)
    # Beside another end, the fixed version need not be the upper one. Rare.
    return Interval(introduced, high, None if fixed is None else version_key(fixed, scheme, epoch=epoch), range)


def _epochless(interval: Interval, low: bytes, high: bytes, scheme: str) -> Interval:
    bare = _interval(interval.range, low, high, scheme, False)
    if bare.is_empty and not interval.is_empty:
        return Interval(bare.low, bare.high, bare.fixed, bare.range, True)
    return bare
