"""Records: the affected entries of one package, with every version turned into its key once, and an index over them."""

import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from operator import attrgetter
from types import MappingProxyType
from typing import Final, TypeVar

import vercmp
from advisories.distros.language_versions import in_scheme
from advisories.models.advisories import Advisory, Affected, Range
from advisories.models.frozen import evolve, field, frozen
from advisories.models.nouns import outlined
from advisories.models.packages import SCHEME_OF_TYPE
from advisories.models.words import Names

__all__ = [
    "BUILDS",
    "NO_BUILD",
    "NO_UPPER",
    "Group",
    "GroupKey",
    "Interval",
    "Record",
    "concerns_every_key",
    "epoch_of",
    "epochs_of",
    "grouped",
    "interval_of",
    "intervals_with_epoch",
    "is_build",
    "lacks_last_release",
    "listed_bounds",
    "lists",
    "lower_case",
    "parts_by",
    "record_of",
    "spans",
    "version_key",
    "versions_of",
    "with_epoch",
]

#: Above every key of every scheme: what stands for "without end" where a key must stand, as in a database.
NO_UPPER: Final = b"\xff\xff"

# Schemes whose versions begin with an epoch and a colon.
_EPOCHED: Final = frozenset({"rpm", "dpkg"})
_OF_LANGUAGES: Final = frozenset({"pep440", "semver", "gem"})
# Schemes of versions that lists and records write in several ways.
_WRITTEN_FREELY: Final = frozenset({"semver", "gem"})
#: How the versions of packages begin. dpkg-deb builds none that does not begin with a digit. A few signs more are of
#: other programs. rpm builds any, and what it built has a digit in front of the release.
BUILDS: Final[Mapping[str, re.Pattern[str]]] = MappingProxyType(
    {
        "dpkg": re.compile(r"\s*(?:[0-9]+:)?+[0-9][A-Za-z0-9.+~:_-]*\s*\Z"),
        "rpm": re.compile(r"(?:[0-9]*:)?+[^0-9-]*[0-9]"),
    }
)
#: Why a version has no order where its scheme has one.
NO_BUILD: Final = "no package has such a version"

# Records named by a repr.
_SHOWN: Final = 3


@frozen
class Interval:
    """A range as keys: it holds the keys ``low <= key < high``. None is no bound.

    :ivar fixed: the key of the fixed version, None where the range has none.
    :ivar upside_down: the ends changed places when their epochs were left out (rule 4). It holds no key then.
    :ivar range: the same as text.
    """

    low: bytes | None
    high: bytes | None
    fixed: bytes | None
    range: Range
    upside_down: bool = False

    def holds(self, key: bytes) -> bool:
        """Whether a version's key is in it."""
        return (self.low is None or self.low <= key) and (self.high is None or key < self.high)

    @property
    def is_empty(self) -> bool:
        """Whether it ends where it begins, or before."""
        return self.low is not None and self.high is not None and self.low >= self.high


@frozen
class Record:
    """One affected entry of an advisory, with its keys.

    :ivar advisory: without its references and affected entries, which no finding rests on.
        :meth:`advisories.Feed.advisory` has them.
    :ivar intervals: its ranges, epochs included.
    :ivar epochless: its ranges with the epochs left out. The same object where no version shows an epoch.
    :ivar versions: the keys of the versions that it lists.
    :ivar epochless_versions: the same without epochs.
    :ivar unordered: the reason why the scheme refuses the first of its versions that it refuses, else None.
    """

    advisory: Advisory
    affected: Affected
    intervals: tuple[Interval, ...] = field(repr=outlined)
    epochless: tuple[Interval, ...] = field(repr=outlined)
    versions: frozenset[bytes] = field(repr=outlined)
    epochless_versions: frozenset[bytes] = field(repr=outlined)
    unordered: str | None = None


class Group:
    """Every record of one package of a release, and which of them a version concerns.

    Immutable. What :meth:`naming` and :attr:`shared` need is worked out at their first use.
    """

    __slots__ = (
        "_by_vulnerability",
        "_epochless",
        "_index",
        "_number",
        "_parts",
        "_shared",
        "_size",
        "has_arches",
        "has_unknown_epoch",
        "has_unknown_module",
        "records",
        "shows_epochs",
    )

    def __init__(
        self, records: tuple[Record, ...], index: vercmp.IntervalIndex, number: int, epochless: int | None = None
    ) -> None:
        #: All of them, by advisory id.
        self.records: Final = records
        self._index = index
        self._number = number
        self._epochless = number if epochless is None else epochless
        #: Whether a record's version shows an epoch. Then a version whose epoch is unknown may be on either side.
        self.shows_epochs: Final = epochless is not None and any(
            _shows_epoch(record) for record in records if record.advisory.withdrawn is None
        )
        self._parts: Sequence[Sequence[Record]] | None = None
        self._by_vulnerability: Mapping[str, Sequence[Sequence[Record]]] | None = None
        self._shared: frozenset[str] | None = None
        self._size: int | None = None
        #: Whether a record's epoch is unknown, its module is, and whether one is limited to some architectures.
        self.has_unknown_epoch: Final = not all(record.affected.epoch_known for record in records)
        self.has_unknown_module: Final = any(not record.affected.module.known for record in records)
        self.has_arches: Final = any(record.affected.arches for record in records)

    def __repr__(self) -> str:
        names = [record.advisory.id for record in self.records[:_SHOWN]]
        more = f" and {len(self.records) - _SHOWN} more" if len(self.records) > _SHOWN else ""
        affected = self.records[0].affected if self.records else None
        what = f" of {affected.distribution}, {affected.names} {affected.package}" if affected else ""
        return f"<Group: {len(self.records)} records{what}: {', '.join(names) or 'none'}{more}>"

    def candidates(self, key: bytes, *, epoch: bool = True) -> Sequence[Record]:
        """The records whose ranges hold a version, and those that no key can exclude, in the order of :attr:`records`.

        Every other record matters to the version only for the fixes it names (:meth:`naming`).

        :param key: the version's key. With `epoch` False, the key without its epoch (rule 4).
        """
        found = self._index.stab(self._number if epoch else self._epochless, key)
        records = self.records
        if len(found) < 2:
            return [records[number] for number in found]
        return [records[number] for number in sorted(set(found))]

    def naming(self, vulnerability: str) -> Sequence[Sequence[Record]]:
        """The records that name a vulnerability, in the order of :attr:`records`: a part for each advisory.

        The parts are the same objects for all vulnerabilities of an advisory, so that n vulnerabilities and n records
        of one are not looked at each with each.
        """
        if self._by_vulnerability is None:
            found: dict[str, list[Sequence[Record]]] = {}
            for part in self._by_advisory():
                for name in part[0].advisory.vulnerabilities:
                    found.setdefault(name, []).append(part)
            self._by_vulnerability = found
        return self._by_vulnerability.get(vulnerability, ())

    @property
    def shared(self) -> frozenset[str]:
        """The vulnerabilities that more than one record names."""
        if self._shared is None:
            parts = self._by_advisory()
            names = Counter([name for part in parts for name in part[0].advisory.vulnerabilities])
            several = [part[0].advisory.vulnerabilities for part in parts if len(part) > 1]
            self._shared = frozenset([name for name, count in names.items() if count > 1]).union(*several)
        return self._shared

    @property
    def size(self) -> int:
        """How many records and ranges it has."""
        if self._size is None:
            self._size = sum([1 + len(record.intervals) for record in self.records])
        return self._size

    def _by_advisory(self) -> Sequence[Sequence[Record]]:
        """The records, a part for each advisory."""
        if self._parts is None:
            self._parts = parts_by(self.records, _advisory_of)
        return self._parts


_advisory_of: Final[Callable[[Record], Advisory]] = attrgetter("advisory")


_Part = TypeVar("_Part")


def parts_by(items: Iterable[_Part], advisory_of: Callable[[_Part], Advisory]) -> list[list[_Part]]:
    """The items in their order, those together that stand beside each other and are of one advisory."""
    parts: list[list[_Part]] = []
    last: Advisory | None = None
    for item in items:
        advisory = advisory_of(item)
        if advisory is last:
            parts[-1].append(item)
        else:
            parts.append([item])
            last = advisory
    return parts


#: What a group's records are about: a distribution's id, its release, which kind of package is named, and its name.
GroupKey = tuple[str, str, Names, str]


_Key = TypeVar("_Key", bound=Hashable)


def grouped(by_package: Mapping[_Key, Sequence[Record]]) -> dict[_Key, Group]:
    """The groups of these records behind one index. A group that shows an epoch is in it with epochs and without."""
    with_epochs = [key for key, records in by_package.items() if any(map(_shows_epoch, records))]
    index = vercmp.IntervalIndex(
        [
            *(_numbered(records, epoch=True) for records in by_package.values()),
            *(_numbered(by_package[key], epoch=False) for key in with_epochs),
        ]
    )
    epochless = {key: number for number, key in enumerate(with_epochs, len(by_package))}
    return {
        key: Group(tuple(records), index, number, epochless.get(key))
        for number, (key, records) in enumerate(by_package.items())
    }


def _shows_epoch(record: Record) -> bool:
    return record.epochless is not record.intervals or record.epochless_versions is not record.versions


def _numbered(records: Sequence[Record], *, epoch: bool) -> list[tuple[bytes | None, bytes | None, int]]:
    return [(low, high, number) for number, record in enumerate(records) for low, high in spans(record, epoch=epoch)]


def spans(record: Record, *, epoch: bool = True) -> Iterator[tuple[bytes | None, bytes | None]]:
    """The keys that a record may hold, as half-open intervals: what the index and the store keep.

    These are its ranges and its listed versions. It is every key where the outcome depends on more than the key: a
    statement about the package as a whole, a version that has no order, a range turned upside down or an unknown epoch
    (rule 4), and a last affected rpm version without a release (rule 5).
    """
    if concerns_every_key(record, epoch=epoch):
        yield None, None
        return
    for interval in record.intervals if epoch else record.epochless:
        yield interval.low, interval.high
    versions = record.versions if epoch else record.epochless_versions
    if versions:
        scheme = SCHEME_OF_TYPE[record.affected.type]
        for key in sorted(versions):
            yield key, _above(key, scheme)


def concerns_every_key(record: Record, *, epoch: bool) -> bool:
    """Whether the outcome for a package depends on more than its key, as :func:`spans` lists the reasons."""
    affected = record.affected
    if (
        record.unordered is not None
        or (affected.negative and not affected.ranges and not affected.versions)
        or (epoch and not affected.epoch_known)
    ):
        return True
    for interval in record.intervals if epoch else record.epochless:
        if interval.upside_down:
            return True
    return lacks_last_release(affected)


def lists(versions: frozenset[bytes], key: bytes, version: str, scheme: str) -> bool:
    """Whether one of some listed versions is a version, or in Python's order is it without its local part.

    :param versions: their keys, of which `key` is that of `version`.
    """
    if key in versions:
        return True
    if scheme != "pep440" or "+" not in version or not versions:
        return False
    return version_key(version.partition("+")[0], scheme, epoch=True) in versions


def _above(key: bytes, scheme: str) -> bytes:
    """Just above what a key stands for where a record lists it or names it as the last affected version.

    No key is the beginning of another, so that only equal versions are below. In Python's order a version without a
    local part stands for its local versions too, as in a specifier (PEP 440, *Version matching*).
    """
    return vercmp.pep440.above_local(key) if scheme == "pep440" else key + b"\0"


def listed_bounds(version: str, scheme: str, *, epoch: bool) -> tuple[bytes, bytes]:
    """The keys that a listed version holds, half-open. Raises :class:`vercmp.InvalidVersion`."""
    key = version_key(version, scheme, epoch=epoch)
    return key, _above(key, scheme)


def lacks_last_release(affected: Affected) -> bool:
    """Whether a last affected rpm version has no release: any release of that version may tie with it (rule 5)."""
    if affected.type == "rpm":
        for range in affected.ranges:
            if range.last_affected is not None and "-" not in range.last_affected:
                return True
    return False


def lower_case(name: str) -> str:
    """A name of a package in lower case. Letters of ASCII alone have upper case here, as in a store's queries."""
    return name.lower() if name.isascii() else name


@lru_cache(maxsize=4096)
def version_key(version: str, scheme: str, *, epoch: bool) -> bytes:
    """The key of a version, with its epoch or with the epoch left out (rule 4).

    rpm and dpkg order every text. A word in a version's place (``latest``, ``UNKNOWN``, ``<unfixed>``) would be above
    each version of Debian and below each of rpm: it shows that the version is missing.

    Raises :class:`vercmp.InvalidVersion`.
    """
    if scheme in BUILDS and not is_build(scheme, version):
        raise _no_build(version, scheme)
    if scheme in _WRITTEN_FREELY:
        if not version.strip():
            # RubyGems takes it for 0. Here it shows that a version is missing.
            raise vercmp.InvalidVersion(version, scheme, "empty version")
        return vercmp.sort_key(in_scheme(scheme, version), scheme=scheme)
    if not epoch and ":" in version:
        given = vercmp.SCHEMES[scheme].split(version)[0]
        if given is not None:
            # An epoch is what stands before the first colon. dpkg forgives white space in front of it.
            version = version.partition(":")[2]
            if ":" in version or not version:
                # Without its epoch the rest would be cut at this colon, or refused. A zero in front keeps it as it is.
                version = f"0:{version}"
    return vercmp.sort_key(version, scheme=scheme)


def _no_build(version: str, scheme: str) -> vercmp.InvalidVersion:
    """Why a version is refused that no package can have: the scheme's own reason, where it has one."""
    try:
        vercmp.validate(version, scheme=scheme)
    except vercmp.InvalidVersion as invalid:
        return invalid
    return vercmp.InvalidVersion(version, scheme, NO_BUILD)


def is_build(scheme: str, version: str) -> bool:
    """Whether a version of one of the schemes of :data:`BUILDS` is one that a package can have.

    >>> [is_build("dpkg", text) for text in ("1:2.0-1", "latest", "v2")], is_build("rpm", "v2")
    ([True, False, False], True)
    """
    return BUILDS[scheme].match(version) is not None


def record_of(advisory: Advisory, affected: Affected) -> Record:
    """The record of an affected entry of an ordered type.

    A version that cannot be ordered is named in ``unordered``, and the rest of the entry stands.

    :param advisory: as :class:`Record` has it.
    """
    scheme = SCHEME_OF_TYPE[affected.type]
    try:
        intervals = tuple([interval_of(range, scheme) for range in affected.ranges])
        versions = _keys_of_listed(affected.versions, scheme)
    except vercmp.InvalidVersion as invalid:
        return _partly_ordered(advisory, affected, scheme, str(invalid))
    # No scheme of a language has an epoch before a colon. A version that it refuses may have one, and is listed.
    if scheme in _OF_LANGUAGES or ":" not in (_only_fix(affected) or "".join(versions_of(affected))):
        return Record(advisory, affected, intervals, intervals, versions, versions)
    return Record(
        advisory,
        affected,
        intervals,
        tuple(_epochless(interval, scheme) for interval in intervals),
        versions,
        frozenset(version_key(version, scheme, epoch=False) for version in affected.versions),
    )


def _keys_of_listed(versions: Sequence[str], scheme: str) -> frozenset[bytes]:
    """The keys of the versions that an entry lists. Raises :class:`vercmp.InvalidVersion`.

    Records of languages list every release there ever was, and their schemes refuse the oldest (PEP 440 of PyPI).
    Nothing but the same text is such a version, so that it takes no key and leaves no version undecidable.
    """
    if not versions:
        return frozenset()
    try:
        if scheme in _WRITTEN_FREELY:
            return frozenset([version_key(version, scheme, epoch=True) for version in versions])
        for version in versions if scheme in BUILDS else ():
            if not is_build(scheme, version):
                raise _no_build(version, scheme)
        return frozenset(vercmp.sort_keys(versions, scheme=scheme))
    except vercmp.InvalidVersion:
        if scheme not in _OF_LANGUAGES:
            raise
        return _keys_of_listed([version for version in versions if _is_ordered(version, scheme, version_key)], scheme)


def versions_of(affected: Affected) -> list[str]:
    """Every version that an entry names: the ends of its ranges, then the versions that it lists."""
    found: list[str] = []
    for range in affected.ranges:
        found += _ends(range)
    return found + list(affected.versions)


def _partly_ordered(advisory: Advisory, affected: Affected, scheme: str, reason: str) -> Record:
    """What can be ordered of an entry in which something cannot."""
    ranges = tuple(range for range in affected.ranges if _is_ordered(range, scheme, interval_of))
    versions = tuple(version for version in affected.versions if _is_ordered(version, scheme, version_key))
    ordered = record_of(advisory, evolve(affected, ranges=ranges, versions=versions))
    return evolve(ordered, affected=affected, unordered=reason)


def _ends(range: Range) -> tuple[str, ...]:
    return tuple([end for end in (range.introduced, range.fixed, range.last_affected, range.limit) if end is not None])


def _is_ordered(what: _Part, scheme: str, keys: Callable[..., object]) -> bool:
    """Whether a range or a version has keys: those that *keys* makes."""
    try:
        keys(what, scheme, epoch=True)
    except vercmp.InvalidVersion:
        return False
    return True


def _only_fix(affected: Affected) -> str | None:
    """The one version that nearly all entries have. None where it has others, or none."""
    if len(affected.ranges) != 1 or affected.versions:
        return None
    (one,) = affected.ranges
    return one.fixed if one.introduced is None and one.last_affected is None and one.limit is None else None


def interval_of(range: Range, scheme: str, *, epoch: bool = True) -> Interval:
    """A range as keys. Raises :class:`vercmp.InvalidVersion`."""
    if range.fixed == "0":  # never affected (rule 3)
        return Interval(b"", b"", None, range)
    low = None if range.introduced is None else version_key(range.introduced, scheme, epoch=epoch)
    fixed = None if range.fixed is None else version_key(range.fixed, scheme, epoch=epoch)
    highs = [] if fixed is None else [fixed]
    if range.limit is not None:
        highs.append(version_key(range.limit, scheme, epoch=epoch))
    if range.last_affected is not None:
        last = in_scheme(scheme, range.last_affected, is_last=True)
        if scheme in _WRITTEN_FREELY:
            vercmp.validate(last, scheme=scheme)  # fewer than three numbers may stand for all that begin so
        highs.append(_above(version_key(last, scheme, epoch=epoch), scheme))
    return Interval(low, min(highs, default=None), fixed, range)


def epochs_of(record: Record) -> set[str]:
    """The epochs of the versions of a record. Empty where it can show none."""
    if not record.affected.epoch_known:
        return set()
    found = set()
    for version in versions_of(record.affected):
        with suppress(vercmp.InvalidVersion):
            found.add(epoch_of(version, SCHEME_OF_TYPE[record.affected.type]))
    return found


def epoch_of(version: str, scheme: str) -> str:
    """The epoch of a version, without leading zeros. Raises :class:`vercmp.InvalidVersion`."""
    if scheme not in _EPOCHED:
        return "0"
    return (vercmp.SCHEMES[scheme].split(version)[0] or "").lstrip("0") or "0"


def with_epoch(version: str, scheme: str, epoch: str) -> str:
    """A version with this epoch in place of its own, if the scheme has epochs before a colon.

    >>> with_epoch("1.1.1m-33", "rpm", "1")
    '1:1.1.1m-33'
    """
    if scheme not in _EPOCHED:
        return version
    shown = ":" in version and vercmp.SCHEMES[scheme].split(version)[0] is not None
    return f"{epoch}:{version.partition(':')[2] if shown else version}"


@lru_cache(maxsize=4096)
def intervals_with_epoch(ranges: tuple[Range, ...], scheme: str, epoch: str) -> tuple[Interval, ...]:
    """Ranges as keys, every bound with this epoch (rule 4). What the scheme refuses is left out."""
    found = []
    for range in ranges:
        with suppress(vercmp.InvalidVersion):
            bounds = [
                bound if bound is None or bound == "0" else with_epoch(bound, scheme, epoch)
                for bound in (range.introduced, range.fixed, range.last_affected, range.limit)
            ]
            found.append(evolve(interval_of(Range(*bounds), scheme), range=range))
    return tuple(found)


def _epochless(interval: Interval, scheme: str) -> Interval:
    bare = interval_of(interval.range, scheme, epoch=False)
    return evolve(bare, upside_down=bare.is_empty and not interval.is_empty)
