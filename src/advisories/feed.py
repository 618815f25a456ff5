"""A feed: advisories behind an index, with every version turned into its key once, when the feed is made."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Self

from attrs import evolve, frozen

import vercmp
from advisories.distributions import filed_under
from advisories.errors import EmptySource
from advisories.feeds import Reading, read
from advisories.limits import DEFAULT_LIMITS, Limits
from advisories.models import (
    SCHEME_OF_TYPE,
    Advisory,
    Affected,
    Distribution,
    Kind,
    Names,
    Range,
    ReadReport,
)

__all__ = ["Feed", "Interval", "Record", "version_key"]


@frozen
class Interval:
    """A range as keys: it holds the keys ``low <= key < high``; None is no bound.

    :ivar fixed: the key of the fixed version, None where the range has none.
    :ivar upside_down: the ends changed places when their epochs were left out (rule 4); it holds no key then.
    :ivar range: the same in texts.
    """

    low: bytes | None
    high: bytes | None
    fixed: bytes | None
    range: Range
    upside_down: bool = False

    def holds(self, key: bytes) -> bool:
        """Whether a version's key is in it."""
        return (self.low is None or self.low <= key) and (self.high is None or key < self.high)


@frozen
class Record:
    """One affected entry of an advisory, with its keys.

    :ivar intervals: its ranges, epochs included.
    :ivar epochless: the same with the epochs left out.
    :ivar versions: the keys of the versions listed one by one, and
    :ivar epochless_versions: the same without epochs.
    :ivar unordered: the first of its versions that the scheme refuses, with the reason; None where it refuses none.
    """

    advisory: Advisory
    affected: Affected
    intervals: tuple[Interval, ...]
    epochless: tuple[Interval, ...]
    versions: frozenset[bytes]
    epochless_versions: frozenset[bytes]
    unordered: str | None = None


_Group = tuple[str, str, Names, str]


class Feed:
    """Advisories, indexed by what they speak about. Immutable; safe to share between threads.

    The same id twice is one advisory: the one modified last. Two that differ and were modified at the same moment are
    put together, so that nothing they say of a package is lost, and are listed in :attr:`conflicts`.
    """

    def __init__(self, advisories: Iterable[Advisory], reports: Iterable[ReadReport] = ()) -> None:
        merged, self._duplicates, self._conflicts = _merged(advisories)
        self._advisories = tuple(merged)
        self._reports = tuple(reports)
        groups: defaultdict[_Group, list[Record]] = defaultdict(list)
        self._unordered: Counter[str] = Counter()
        for advisory in self._advisories:
            for affected in advisory.affected:
                if affected.distribution is None or affected.type not in SCHEME_OF_TYPE:
                    self._unordered[affected.type] += 1
                    continue
                groups[_group(affected.distribution, affected.names, affected.package)].append(
                    _record(advisory, affected)
                )
        self._groups: dict[_Group, tuple[Record, ...]] = {group: tuple(records) for group, records in groups.items()}
        self._releases = frozenset((id, release) for id, release, _, _ in self._groups)

    @classmethod
    def from_sources(cls, *sources: str | Path, limits: Limits = DEFAULT_LIMITS) -> Self:
        """The feed of one or more files, folders or archives of any known format.

        Raises as :func:`advisories.feeds.read`, and :class:`~advisories.errors.EmptySource` for a source without a
        single record that could be kept.
        """
        return cls.from_readings(read(source, limits) for source in sources)

    @classmethod
    def from_readings(cls, readings: Iterable[Reading]) -> Self:
        """As :meth:`from_sources`, of sources that are being read."""
        advisories: list[Advisory] = []
        reports: list[ReadReport] = []
        for reading in readings:
            advisories.extend(item for item in reading if isinstance(item, Advisory))
            report = reading.report()
            if not report.kept:
                first = f"; the first of {report.rejected} refused: {report.rejections[0]}" if report.rejections else ""
                raise EmptySource(report.source, f"no advisory in it{first}")
            reports.append(report)
        return cls(advisories, reports)

    @property
    def advisories(self) -> tuple[Advisory, ...]:
        """All of them, by id, withdrawn ones included."""
        return self._advisories

    @property
    def reports(self) -> tuple[ReadReport, ...]:
        """What the readers kept and rejected, source by source."""
        return self._reports

    @property
    def duplicates(self) -> int:
        """Records that were read again under the id of another one."""
        return self._duplicates

    @property
    def conflicts(self) -> tuple[str, ...]:
        """Ids of different records modified at the same moment, which were put together."""
        return self._conflicts

    @property
    def unordered(self) -> Mapping[str, int]:
        """Affected entries by package type whose versions have no order here; they are not matched."""
        return MappingProxyType(dict(self._unordered))

    @property
    def kinds(self) -> Mapping[Kind, int]:
        """Advisories by kind, every kind named."""
        counts = Counter(advisory.kind for advisory in self._advisories)
        return MappingProxyType({kind: counts[kind] for kind in Kind})

    @property
    def releases(self) -> tuple[Distribution, ...]:
        """The releases it has records of, sorted."""
        return tuple(Distribution(id, release) for id, release in sorted(self._releases))

    def covers(self, distribution: Distribution) -> bool:
        """Whether it has records of the release that this one's advisories are filed under."""
        filed = filed_under(distribution)
        return filed.release is not None and (filed.id, filed.release) in self._releases

    def records(self, distribution: Distribution, names: Names, package: str) -> tuple[Record, ...]:
        """Every record of a package of a release (as filed), by advisory id."""
        return self._groups.get(_group(distribution, names, package), ())


def _group(distribution: Distribution, names: Names, package: str) -> _Group:
    return distribution.id, distribution.release or "", names, package


def _merged(advisories: Iterable[Advisory]) -> tuple[Iterator[Advisory], int, tuple[str, ...]]:
    by_id: dict[str, list[Advisory]] = {}
    duplicates = 0
    for advisory in advisories:
        same = by_id.setdefault(advisory.id, [])
        duplicates += bool(same)
        if advisory not in same:
            same.append(advisory)
    conflicts: list[str] = []
    for id, versions in by_id.items():
        newest = max(map(_modified, versions))
        by_id[id] = [version for version in versions if _modified(version) == newest]
        if len(by_id[id]) > 1:
            conflicts.append(id)
    return (_united(by_id[id]) for id in sorted(by_id)), duplicates, tuple(sorted(conflicts))


def _modified(advisory: Advisory) -> float:
    return advisory.modified.timestamp() if advisory.modified else float("-inf")


def _united(versions: list[Advisory]) -> Advisory:
    """One advisory of several that contradict each other, the same for any order of them.

    It speaks of every package any of them speaks of, and is withdrawn only where all of them are.
    """
    if len(versions) == 1:
        return versions[0]
    versions = sorted(versions, key=repr)
    standing = [version for version in versions if version.withdrawn is None] or versions
    return evolve(
        standing[0],
        cves=tuple(sorted({cve for version in standing for cve in version.cves})),
        affected=tuple(sorted({entry for version in standing for entry in version.affected}, key=repr)),
    )


def version_key(version: str, scheme: str, *, epoch: bool) -> bytes:
    """The key of a version, with its epoch or with the epoch left out (rule 4).

    Raises :class:`vercmp.InvalidVersion`.
    """
    if not epoch:
        given = vercmp.SCHEMES[scheme].split(version)[0]
        if given is not None:
            # An epoch is what stands before the first colon; white space in front of it is dpkg's to forgive.
            version = version.partition(":")[2]
            if ":" in version:
                # Without its epoch the rest would be cut at this colon; a zero in front keeps it whole.
                version = f"0:{version}"
    return vercmp.sort_key(version, scheme=scheme)


def _record(advisory: Advisory, affected: Affected) -> Record:
    scheme = SCHEME_OF_TYPE[affected.type]
    try:
        intervals = tuple(_interval(range, scheme) for range in affected.ranges)
        versions = frozenset(vercmp.sort_keys(affected.versions, scheme=scheme)) if affected.versions else frozenset()
    except vercmp.InvalidVersion as invalid:
        return _partly_ordered(advisory, affected, scheme, str(invalid))
    if not _shows_epoch(affected):
        return Record(advisory, affected, intervals, intervals, versions, versions)
    return Record(
        advisory,
        affected,
        intervals,
        tuple(_epochless(interval, scheme) for interval in intervals),
        versions,
        frozenset(version_key(version, scheme, epoch=False) for version in affected.versions),
    )


def _shows_epoch(affected: Affected) -> bool:
    for range in affected.ranges:
        for end in (range.fixed, range.introduced, range.last_affected, range.limit):
            if end is not None and ":" in end:
                return True
    return any(":" in version for version in affected.versions)


def _partly_ordered(advisory: Advisory, affected: Affected, scheme: str, reason: str) -> Record:
    """What can be ordered of an entry in which something cannot."""
    ranges = tuple(range for range in affected.ranges if _is_ordered(_ends(range), scheme))
    versions = tuple(version for version in affected.versions if _is_ordered((version,), scheme))
    ordered = _record(advisory, evolve(affected, ranges=ranges, versions=versions))
    return evolve(ordered, affected=affected, unordered=reason)


def _ends(range: Range) -> tuple[str, ...]:
    return tuple(end for end in (range.introduced, range.fixed, range.last_affected, range.limit) if end is not None)


def _is_ordered(versions: Iterable[str], scheme: str) -> bool:
    try:
        vercmp.sort_keys(versions, scheme=scheme)
    except vercmp.InvalidVersion:
        return False
    return True


def _interval(range: Range, scheme: str, *, epoch: bool = True) -> Interval:
    if range.fixed == "0":  # never affected (rule 3)
        return Interval(b"", b"", None, range)
    low = None if range.introduced is None else version_key(range.introduced, scheme, epoch=epoch)
    fixed = None if range.fixed is None else version_key(range.fixed, scheme, epoch=epoch)
    highs = [] if fixed is None else [fixed]
    if range.limit is not None:
        highs.append(version_key(range.limit, scheme, epoch=epoch))
    if range.last_affected is not None:
        # No key is the beginning of another: just above this version, and below every later one.
        highs.append(version_key(range.last_affected, scheme, epoch=epoch) + b"\0")
    return Interval(low, min(highs, default=None), fixed, range)


def _epochless(interval: Interval, scheme: str) -> Interval:
    bare = _interval(interval.range, scheme, epoch=False)
    was_empty = interval.low is not None and interval.high is not None and interval.low >= interval.high
    is_empty = bare.low is not None and bare.high is not None and bare.low >= bare.high
    return evolve(bare, upside_down=is_empty and not was_empty)
