"""Rule 8: the fixes of a vulnerability. Which of them clear an instance, and which one is named."""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final

from advisories.distros.lines import branch_of, is_sole_channel, opens
from advisories.index.records import Interval, Record
from advisories.matching.rules.excluding import is_withdrawn, lines_of
from advisories.matching.rules.terms import Comparison, Fix, Query
from advisories.models.distribution import Distribution, is_additive, is_branch
from advisories.models.findings import Note
from advisories.models.words import Names

__all__ = [
    "Fixes",
    "cleared_by_fixes",
    "cleared_by_unstable",
    "fixes_of",
    "has_begun",
    "lacks_channel",
    "of_own_branch",
    "pick_fix",
    "reachable",
]


def cleared_by_unstable(query: Query, records: Iterable[Record]) -> str | None:
    """Rule 1a: where a Debian release's own record has no fix, unstable's fix clears it.

    :param records: unstable's records of the vulnerability.
    :returns: that fix, None if there is none or the version has not reached it.
    """
    for record in records:
        if is_withdrawn(record.advisory):
            continue
        for interval in query.intervals(record):
            if interval.fixed is not None and query.key is not None and query.key >= interval.fixed:
                return interval.range.fixed
    return None


def lacks_channel(comparison: Comparison, host: Distribution) -> bool:
    """Rule 8: whether a record is of a channel that the host has not, as far as it states and the build shows.

    A build in a line of one channel shows that channel.
    """
    channel, query = comparison.record.affected.channel, comparison.query
    if channel is None or opens(host, channel, query.version):
        return False
    if is_additive(channel) or is_branch(channel):
        return True
    return query.line is not None and not is_sole_channel(query.distribution, query.line, channel)


def reachable(comparisons: Sequence[Comparison], host: Distribution) -> list[Comparison]:
    """Rule 8: where a fix is public, or in a channel of the host, records of channels it lacks do not concern it. Those
    of a branch concern every build of the branch.
    """
    own = [one for one in comparisons if _is_of_branch(one) or not lacks_channel(one, host)]
    if len(own) == len(comparisons):
        return own
    has_fix = any(
        interval.fixed is not None and has_begun(interval, comparison.query.key)
        for comparison in own
        for interval in comparison.query.intervals(comparison.record)
    )
    return own if has_fix else list(comparisons)


def has_begun(interval: Interval, key: bytes | None) -> bool:
    """Whether a range states anything of a version: it is in the range, or has reached its fix."""
    return key is None or interval.low is None or interval.low <= key


def fixes_of(comparisons: Iterable[Comparison]) -> list[Fix]:
    """Every fix that the records of one vulnerability name for a package, lowest first. A range that ends before it
    begins has none.
    """
    fixes: dict[tuple[bytes, str, str, Names], Fix] = {}
    for comparison in comparisons:
        if not comparison.record.affected.negative:
            for interval in comparison.query.intervals(comparison.record):
                if interval.fixed is not None and (
                    interval.low is None or interval.upside_down or not interval.is_empty
                ):
                    version = interval.range.fixed or ""
                    # A source and a binary package of one name may be fixed in one version.
                    place = interval.fixed, version, comparison.record.advisory.id, comparison.query.names
                    fixes[place] = Fix(interval.fixed, version, comparison)
    return [fixes[key] for key in sorted(fixes)]


def cleared_by_fixes(comparison: Comparison, fixes: "Fixes") -> Note | None:
    """Rule 8: whether an instance inside this record's ranges is cleared by another fix of the same vulnerability.

    rpm: it equals one, has reached one of its own branch, or the highest of the trunk. deb and apk: it has reached the
    highest of another channel. Ranges of other types are a union.
    A fix clears only ranges that begin before it, so that a vulnerability introduced again stands.
    """
    query = comparison.query
    if not comparison.inside or not fixes.reach(query.key):
        return None
    reached = fixes.of(query)
    if reached is None:
        return None
    fix: Fix | None = None
    for interval in comparison.inside:
        fix = reached.clears(comparison, interval)
        if fix is None:
            return None
    return None if fix is None else Note(8, f"cleared by the fix {fix.version} ({fix.comparison.record.advisory.id})")


class Fixes:
    """The fixes of one vulnerability, lowest first, looked up by what is installed.

    Each query looks through them once. So n ranges and n fixes are not compared each with each.
    """

    def __init__(self, fixes: Sequence[Fix], host: Distribution) -> None:
        self._fixes: Final = fixes
        self._host: Final = host
        # By the identity of the query, which the fixes' comparisons hold.
        self._of: Final[dict[int, tuple[Query, _InTrunk | _InChannels | None]]] = {}

    def reach(self, key: bytes | None) -> bool:
        """Whether any fix is as low as a key."""
        return key is not None and bool(self._fixes) and self._fixes[0].key <= key

    def of(self, query: Query) -> "_InTrunk | _InChannels | None":
        """Those that a query has reached. None where a scheme's ranges are a union."""
        number = id(query)
        if number not in self._of:
            kind = _CLEARING.get(query.scheme)
            same = [fix for fix in self._fixes if fix.comparison.query.names is query.names]
            self._of[number] = query, None if kind is None or query.key is None else kind(same, query, self._host)
        return self._of[number][1]


class _InTrunk:
    """Of rpm: the fix that clears a version, of its own branch or the trunk's. Builds without a branch are one too."""

    def __init__(self, fixes: Sequence[Fix], query: Query, host: Distribution) -> None:
        del host
        key, branch = query.key, branch_of(query.version)
        self._fixes: Final = fixes
        self._keys: Final = [fix.key for fix in fixes]
        assert key is not None
        self._equal: Final = bisect_left(self._keys, key)
        self._end: Final = bisect_right(self._keys, key)
        self._own: Final = [place for place in range(self._equal) if branch_of(fixes[place].version) == branch]
        trunk = (place for place in range(len(fixes) - 1, -1, -1) if not _is_of_branch(fixes[place].comparison))
        self._trunk: Final = next(trunk, len(fixes))

    def clears(self, comparison: Comparison, interval: Interval) -> Fix | None:
        """The fix that clears a range which holds the version."""
        del comparison
        first = _above(self._keys, interval)
        if first >= self._end:
            return None
        if self._equal < self._end:
            return self._fixes[self._equal]
        own = bisect_left(self._own, first)
        if own < len(self._own):
            return self._fixes[self._own[own]]
        ends = interval.high is None or interval.fixed is not None
        return self._fixes[self._trunk] if ends and first <= self._trunk < self._end else None


class _InChannels:
    """Of deb and apk: the highest fix of another channel, where the version has reached it.

    Below a public fix only that of a channel clears which the host has, and which goes on from the public builds.
    """

    def __init__(self, fixes: Sequence[Fix], query: Query, host: Distribution) -> None:
        self._query: Final = query
        self._host: Final = host
        self._keys: Final = [fix.key for fix in fixes]
        self._channels: Final = [fix.comparison.record.affected.channel for fix in fixes]
        self._highest: Final = dict(zip(self._channels, fixes, strict=True))
        self._places: Final[dict[bool, _Places]] = {}

    def clears(self, comparison: Comparison, interval: Interval) -> Fix | None:
        """The fix that clears a range which holds the version."""
        below_public = interval.high is not None
        places = self._places.get(below_public)
        if places is None:
            reached = {
                one
                for one, fix in self._highest.items()
                if one is not None and self._is_reached(one, fix, below_public)
            }
            places = self._places[below_public] = _Places(self._channels, reached)
        channel = places.first(_above(self._keys, interval), comparison.record.affected.channel)
        return None if channel is None else self._highest[channel]

    def _is_reached(self, channel: str, fix: Fix, below_public: bool) -> bool:
        query = self._query
        assert query.key is not None
        if fix.key > query.key:
            return False
        return not below_public or (is_additive(channel) and opens(self._host, channel, query.version))


class _Places:
    """Where fixes of some channels stand."""

    def __init__(self, channels: Sequence[str | None], wanted: Collection[str | None]) -> None:
        found = [(place, one) for place, one in enumerate(channels) if one in wanted]
        self._places: Final = [place for place, _ in found]
        self._channels: Final = [channel for _, channel in found]
        # From each of them, the next one of another channel.
        self._others: Final = [len(found)] * len(found)
        for number in range(len(found) - 2, -1, -1):
            same = self._channels[number] == self._channels[number + 1]
            self._others[number] = self._others[number + 1] if same else number + 1

    def first(self, place: int, own: str | None) -> str | None:
        """The channel of the first fix from a place on that is not of one's own."""
        number = bisect_left(self._places, place)
        if number < len(self._channels) and self._channels[number] == own:
            number = self._others[number]
        return self._channels[number] if number < len(self._channels) else None


def _above(keys: Sequence[bytes], interval: Interval) -> int:
    """The place of the first fix above the beginning of a range."""
    return 0 if interval.low is None else bisect_right(keys, interval.low)


_CLEARING: Final[Mapping[str, type[_InTrunk] | type[_InChannels]]] = {
    "rpm": _InTrunk,
    "dpkg": _InChannels,
    "apk": _InChannels,
}


def _is_of_branch(comparison: Comparison) -> bool:
    channel = comparison.record.affected.channel
    return channel is not None and is_branch(channel)


def pick_fix(
    comparison: Comparison, inside: Sequence[Comparison], fixes: Sequence[Fix], host: Distribution
) -> tuple[Fix | None, Note | None]:
    """Rule 8: the fix to name above what is installed, of those that the host can have if there are any.

    rpm: the lowest of its own branch, else the lowest. deb and apk: the highest, as that decides, with a note where a
    record without a fix stands beside it. Other types: the lowest that no range holds. For a version without order it
    is the lowest.

    :param comparison: the one that stands for all of `inside`.
    """
    query = comparison.query
    lines = lines_of(query.distribution, comparison.record.affected) if query.line is None else None
    same = [fix for fix in fixes if fix.comparison.query.names is query.names]
    if lines is not None:
        named = {id(fix.comparison): fix.comparison for fix in same}
        of_lines = {number for number, one in named.items() if _is_of_lines(one, lines)}
        same = [fix for fix in same if id(fix.comparison) in of_lines]
    above = [fix for fix in same if query.key is None or query.key < fix.key]
    if not above:
        return None, None
    own = above
    if len(above) > 1:
        own = [fix for fix in above if not lacks_channel(fix.comparison, host)] or above
    if query.scheme == "rpm":
        return _lowest(query, own)
    if query.key is None:
        return own[0], None
    if query.scheme in _CLEARING:
        fix = min(_highest_of_channels(own, host), key=lambda fix: fix.key)
        channels = {one for fix in same if (one := fix.comparison.record.affected.channel) is not None}
        beside = next((one for one in inside if _stands(one, channels)), None)
        return fix, None if beside is None else Note(8, f"{beside.record.advisory.id} has no fix, and stands beside it")
    records = {id(fix.comparison.record): fix.comparison.record for fix in same}
    ranges = [interval for record in records.values() for interval in query.intervals(record)]
    return _outside(own, ranges) or own[0], None


def _outside(fixes: Sequence[Fix], ranges: Iterable[Interval]) -> Fix | None:
    """The first of some fixes, lowest first, that no range holds. Each range is looked at once."""
    later = sorted([(one.low or b"", one.high) for one in ranges], key=lambda one: one[0], reverse=True)
    reach = b""
    for fix in fixes:
        while later and later[-1][0] <= fix.key:
            high = later.pop()[1]
            if high is None:
                return None
            reach = max(reach, high)
        if reach <= fix.key:
            return fix
    return None


def _is_of_lines(comparison: Comparison, lines: frozenset[str]) -> bool:
    theirs = lines_of(comparison.query.distribution, comparison.record.affected)
    return theirs is None or not lines.isdisjoint(theirs)


def _lowest(query: Query, fixes: Sequence[Fix]) -> tuple[Fix, Note | None]:
    if len(fixes) == 1:
        return fixes[0], None
    branch = branch_of(query.version)
    own = next(
        (fix for fix in fixes if _is_of_branch(fix.comparison) or branch_of(fix.version) == branch is not None),
        fixes[0],
    )
    return own, None if own is fixes[0] else of_own_branch(own.version)


def of_own_branch(version: str) -> Note:
    """Rule 8: the note of a fix that is named before a lower one of another minor release."""
    return Note(8, f"{version} is the fix of its own minor release")


def _stands(comparison: Comparison, channels: Collection[str]) -> bool:
    """Whether a record without a fix stands beside fixes of these channels, of which none is another than its own."""
    others = len(channels) - (comparison.record.affected.channel in channels)
    return not others and any(interval.high is None for interval in comparison.inside)


def _highest_of_channels(fixes: Sequence[Fix], host: Distribution) -> Iterator[Fix]:
    """The highest fix, and the highest of each channel that goes on from the public builds and that the host has."""
    yield fixes[-1]
    highest = {fix.comparison.record.affected.channel: fix for fix in fixes}
    for channel, fix in highest.items():
        if channel is not None and is_additive(channel) and opens(host, channel, fix.comparison.query.version):
            yield fix
