"""A feed: advisories behind an index. Every version is turned into its key once, when the feed is made."""

from collections import Counter
from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Protocol, Self

from advisories.index.completeness import Completeness, Gaps, Losses, completions, flaws_of_completions
from advisories.index.lint import flaws_of, published_records
from advisories.index.merging import flaw_of_conflict, merged, merged_enrichments
from advisories.index.records import Group, GroupKey, Record, grouped, lower_case, record_of
from advisories.models.advisories import Advisory, Affected, Enrichment, Kind
from advisories.models.distribution import Distribution, filed_under
from advisories.models.errors import UnreadableSource
from advisories.models.frozen import evolve
from advisories.models.lazy import lazy_property
from advisories.models.nouns import plain
from advisories.models.packages import SCHEME_OF_TYPE
from advisories.models.reading import Flaw, FlawKind, ReadReport, Rejection, order_of_losses
from advisories.models.words import Names

if TYPE_CHECKING:
    from advisories.readers.feeds import Reading

__all__ = ["Backing", "Feed"]

# A package of a release: as filed, what is named, and its name.
_Package = tuple[Distribution, Names, str]
# Iterating an enumeration is slow.
_KINDS_OF_NAMES: Final = tuple(Names)
# The source of advisories that no reader read.
_BY_HAND: Final = "made by hand"
# Releases named by a feed's repr.
_SHOWN: Final = 3


class Backing(Protocol):
    """Where a feed's advisories are: in memory, or in a store. Attributes as :class:`Feed`'s."""

    @property
    def releases(self) -> frozenset[tuple[str, str]]: ...
    @property
    def sourced(self) -> frozenset[tuple[str, str]]: ...
    @property
    def reports(self) -> tuple[ReadReport, ...]: ...
    @property
    def duplicates(self) -> int: ...
    @property
    def conflicts(self) -> tuple[str, ...]: ...
    @property
    def unordered(self) -> Mapping[str, int]: ...
    @property
    def kinds(self) -> Mapping[Kind, int]: ...
    @property
    def flaws(self) -> tuple[Flaw, ...]: ...
    @property
    def newest(self) -> datetime | None: ...
    @property
    def completions(self) -> Mapping[str, tuple[Affected, ...]]: ...
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Advisory]: ...
    def advisory(self, id: str) -> Advisory | None: ...
    def aliases(self, ids: Collection[str]) -> Mapping[str, tuple[str, ...]]: ...
    def summaries(self, ids: Collection[str]) -> Mapping[str, Advisory]: ...
    def ids(self) -> frozenset[str]: ...
    def group(self, key: GroupKey) -> Group | None: ...
    def channels(self, id: str, release: str) -> frozenset[str | None]: ...
    def cased(self, id: str, release: str) -> frozenset[str]: ...
    def named(self, id: str, release: str, names: Collection[str]) -> frozenset[str]: ...
    def prefetch(self, keys: Iterable[GroupKey]) -> None: ...
    def drafts(self, keys: Collection[GroupKey]) -> Mapping[GroupKey, object | None]: ...
    @property
    def has_own_rules(self) -> bool: ...
    @property
    def has_own_readers(self) -> bool: ...
    def close(self) -> None: ...
    @property
    def enrichment_counts(self) -> Mapping[str, int]: ...
    def enrichments(self, cve: str) -> Sequence[Enrichment]: ...
    def all_enrichments(self) -> Sequence[Enrichment]: ...


class Feed:
    """Advisories, indexed by release and package. Immutable, safe to share between threads, and picklable.

    The same id twice is one advisory, the one modified last. Two that differ and were modified at the same moment are
    put together, so that no entry of a package is lost, and are listed in :attr:`conflicts`. Of a release that the one
    modified last does not name, the entries of the others stay.

    Advisories without reports are made by hand. What cannot be meant so is counted as lost then, as readers do, in a
    report of its own (rule 0, ``records-skipped``): an entry of a name that no package has, or without any version.

    Iterating it gives the advisories by id, withdrawn ones included.

    :param reports: what the readers kept and rejected, source by source. They looked at each entry.
    :param enrichments: what other publishers know about CVEs: exploitation, probabilities, vectors.
    """

    def __init__(
        self,
        advisories: Iterable[Advisory],
        reports: Iterable[ReadReport] = (),
        enrichments: Iterable[Enrichment] = (),
    ) -> None:
        known = tuple(reports)
        if not known:
            advisories, known = _looked_at(advisories)
        self._set_up(_InMemory(advisories, known, enrichments))

    def _set_up(self, backing: Backing) -> None:
        self._backing: Backing = backing
        #: What matching remembers of its own answers. No part of the feed's value, and empty in a pickled feed.
        self.memo: dict[object, Any] = {}
        #: What matching worked out of records of its own (drafts), by what they are of. Empty in a pickled feed too.
        self.drafted: dict[_Package, object | None] = {}
        self._completeness: Completeness | None = None

    @classmethod
    def from_readings(cls, readings: "Iterable[Reading]") -> Self:
        """The feed of sources that are being read. Raises as the readings do."""
        advisories: list[Advisory] = []
        enrichments: list[Enrichment] = []
        reports: list[ReadReport] = []
        for reading in readings:
            for item in reading.records():
                if isinstance(item, Advisory):
                    advisories.append(item)
                else:
                    enrichments.append(item)
            reports.append(reading.finished())
        return cls(advisories, reports, enrichments)

    @classmethod
    def over(cls, backing: Backing) -> Self:
        """The feed of advisories that are somewhere else than in memory, such as a store."""
        feed = cls.__new__(cls)
        feed._set_up(backing)
        return feed

    def close(self) -> None:
        """Free the store behind the feed, which cannot be read afterwards. A feed in memory has nothing to free."""
        self.memo.clear()
        self.drafted.clear()
        self._backing.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __len__(self) -> int:
        return len(self._backing)

    def __eq__(self, other: object) -> bool:
        """Whether they are the same store, or have the same advisories, enrichments and reports in memory."""
        if not isinstance(other, Feed):
            return NotImplemented
        return self._backing is other._backing or self._backing == other._backing

    def __hash__(self) -> int:
        return hash(self._backing)

    def __repr__(self) -> str:
        try:
            count, names = len(self), [str(release) for release in self.releases]
        except UnreadableSource as error:  # a damaged store
            return f"<Feed: {error}>"
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        noun = "advisory" if count == 1 else "advisories"
        return f"<Feed: {count} {noun} of {', '.join(names[:_SHOWN]) or 'no release'}{more}>"

    def __iter__(self) -> Iterator[Advisory]:
        return iter(self._backing)

    def advisory(self, id: str) -> Advisory | None:
        """The advisory of an id. None where there is none."""
        return self._backing.advisory(id)

    def aliases(self, ids: Collection[str]) -> Mapping[str, tuple[str, ...]]:
        """The other ids of some advisories, of those that have any."""
        return self._backing.aliases(ids)

    def summaries(self, ids: Collection[str]) -> Mapping[str, Advisory]:
        """Some advisories, each without the packages that it is about, of those that there are."""
        return self._backing.summaries(ids)

    def ids(self) -> frozenset[str]:
        """The ids of all advisories, and of the vulnerabilities that they name."""
        return self._backing.ids()

    def enrichments(self, cve: str) -> Sequence[Enrichment]:
        """What other publishers know about a CVE, one enrichment each, by their names."""
        return self._backing.enrichments(cve)

    def all_enrichments(self) -> Sequence[Enrichment]:
        """Everything that :meth:`enrichments` has, by CVE and publisher."""
        return self._backing.all_enrichments()

    @property
    def enrichment_counts(self) -> Mapping[str, int]:
        """How many CVEs each publisher of enrichments covers."""
        return MappingProxyType(dict(self._backing.enrichment_counts))

    @property
    def reports(self) -> tuple[ReadReport, ...]:
        """What the readers kept and rejected, source by source."""
        return self._backing.reports

    @property
    def duplicates(self) -> int:
        """Records that were read again under the id of another one."""
        return self._backing.duplicates

    @property
    def conflicts(self) -> tuple[str, ...]:
        """Ids of different records modified at the same moment, which were put together."""
        return self._backing.conflicts

    @property
    def unordered(self) -> Mapping[str, int]:
        """Affected entries by package type whose versions have no order here. They are not matched."""
        return MappingProxyType(dict(self._backing.unordered))

    @property
    def flaws(self) -> tuple[Flaw, ...]:
        """The feed's lint: what is wrong with records that were kept. They are judged all the same."""
        return self._backing.flaws

    @property
    def kinds(self) -> Mapping[Kind, int]:
        """Advisories by kind, every kind named."""
        return MappingProxyType(dict(self._backing.kinds))

    @property
    def newest(self) -> datetime | None:
        """When the advisory that changed last was modified, or else published. None where no advisory has a date."""
        return self._backing.newest

    @property
    def dates(self) -> Mapping[str, datetime | None]:
        """:attr:`newest` of each source's own advisories, by its name, in the order of :attr:`reports`."""
        return MappingProxyType({report.source: report.newest for report in self.reports})

    def newest_of(self, distribution: Distribution) -> datetime | None:
        """:attr:`newest` of the sources that have a release, so that a fresh source of another one hides no old one.

        Of several components of the release the one that is oldest counts. A feed made without reports has one date.
        """
        return self._complete.newest(distribution, self.newest)

    @property
    def completions(self) -> Mapping[str, tuple[Affected, ...]]:
        """By an advisory's id, the entries that it leaves out (rule 0, ``record-incomplete``).

        :meth:`records` has them among the others, each marked as :attr:`~advisories.models.Affected.completed`.
        """
        return MappingProxyType(dict(self._backing.completions))

    @property
    def releases(self) -> tuple[Distribution, ...]:
        """The releases it has records of, sorted."""
        return tuple(Distribution(id, release) for id, release in sorted(self._backing.releases))

    def to_dict(self) -> dict[str, Any]:
        """What the feed is, without its advisories, as plain JSON types, under the names that a JSON report uses."""
        flaws = Counter(flaw.kind for flaw in self.flaws)
        return {
            "sources": plain(self.reports),
            "advisories": len(self),
            "kinds": plain(self.kinds),
            "releases": plain(self.releases),
            "duplicates": self.duplicates,
            "conflicts": list(self.conflicts),
            "unordered": dict(sorted(self.unordered.items())),
            "enrichments": dict(sorted(self.enrichment_counts.items())),
            "flaws": {kind.value: flaws[kind] for kind in FlawKind},
        }

    def covers(self, distribution: Distribution) -> bool:
        """Whether it has records of the release that this one's advisories are filed under."""
        filed = filed_under(distribution)
        return filed.release is not None and (filed.id, filed.release) in self._backing.releases

    def names_sources(self, distribution: Distribution) -> bool:
        """Whether records of a release (as filed) name source packages."""
        return (distribution.id, distribution.release or "") in self._backing.sourced

    def gaps(self, distribution: Distribution) -> Gaps:
        """What it lacks of a release: :meth:`missing_parts`, :meth:`is_excerpt` and :meth:`losses` together."""
        return self._complete.gaps(distribution, self.newest)

    def missing_parts(self, distribution: Distribution) -> tuple[str, ...]:
        """The components that a release enables by default and that the feed lacks, though it has one of them (rule 0).

        Such as ``community`` of Alpine, where it has ``main``. Empty where its sources show no components, or one of
        them has the release as a whole. :mod:`advisories.distros.components` has the table.
        """
        return self._complete.missing_parts(distribution)

    def parts(self, distribution: Distribution) -> frozenset[str]:
        """The components that its sources have of a release. Empty where what they have is not of components."""
        return self._complete.parts(distribution)

    def lacks_repository(self, distribution: Distribution, repository: str) -> bool:
        """Whether a host's repository of this name is a component that the feed lacks, though it has another one.

        :param repository: as :attr:`~advisories.models.Package.repository` has it.
        """
        return self._complete.lacks_repository(distribution, repository)

    def is_excerpt(self, distribution: Distribution) -> bool:
        """Whether its sources have a few advisories of the release, a document each, and no index of them (rule 0).

        Fewer than 100 are a few. A feed made of advisories without reports is the caller's own, and none.
        """
        return self._complete.is_excerpt(distribution)

    def losses(self, distribution: Distribution) -> Losses:
        """What its readers lost of a release, and no source kept (rule 0, ``records-skipped``). False for nothing."""
        return self._complete.losses(distribution)

    def rejections(self, distribution: Distribution, names: Container[str]) -> list[Rejection]:
        """The rejections that concern a host: something was lost with them of packages that it has.

        :param distribution: its release.
        :param names: the names of its packages and of their sources.
        """
        return self._complete.rejections(distribution, names)

    @property
    def _complete(self) -> Completeness:
        if self._completeness is None:
            self._completeness = Completeness(self.reports, self.advisory)
        return self._completeness

    def group(self, distribution: Distribution, names: Names, package: str) -> Group | None:
        """The records of a package of a release (as filed). None where there are none.

        A store may raise :class:`~advisories.models.errors.UnreadableSource` where it is damaged.
        """
        return self._backing.group(_key(distribution, names, package))

    def groups(self, wanted: Iterable[tuple[Distribution, Names, str]]) -> list[Group | None]:
        """:meth:`group` of each of these."""
        backing = self._backing
        return [backing.group(_key(*one)) for one in wanted]

    def records(self, distribution: Distribution, names: Names, package: str) -> tuple[Record, ...]:
        """Every record of a package of a release (as filed), by advisory id, negative and withdrawn ones included."""
        group = self.group(distribution, names, package)
        return group.records if group else ()

    def in_archive(self, distribution: Distribution, source: str) -> str | None:
        """The version of a source package that a release's archive has, where the feed shows it (Debian's tracker)."""
        records = self.records(distribution, Names.SOURCE, source)
        return next((one.affected.in_archive for one in records if one.affected.in_archive is not None), None)

    def channels(self, distribution: Distribution) -> frozenset[str | None]:
        """The channels that records of a release (as filed) are in. None is the public one."""
        return self._backing.channels(distribution.id, distribution.release or "")

    def in_other_case(self, names: Iterable[tuple[Distribution, str]]) -> frozenset[tuple[Distribution, str]]:
        """Those of some names, each of a release (as filed), that its records have in other upper and lower case alone
        (rule 0).

        >>> from advisories.models import Advisory, Affected, Kind, Range
        >>> alma = Distribution("almalinux", "9")
        >>> entry = Affected("NetworkManager", "rpm", alma, Names.BINARY, (Range(None, "1:1.52.0-5.el9"),))
        >>> feed = Feed([Advisory("ALSA-2026:1", Kind.SECURITY, ("CVE-2026-1",), (entry,))])
        >>> found = feed.in_other_case((alma, name) for name in ("networkmanager", "NetworkManager", "bash"))
        >>> [name for _, name in found]
        ['networkmanager']
        """
        of_releases: dict[Distribution, set[str]] = {}
        for release, name in names:
            of_releases.setdefault(release, set()).add(name)
        return frozenset(
            (release, name) for release, some in of_releases.items() for name in self._cased(release, some)
        )

    def _cased(self, distribution: Distribution, names: Iterable[str]) -> frozenset[str]:
        id, release = distribution.id, distribution.release or ""
        cased = self._backing.cased(id, release)
        lower = {name: lower_case(name) for name in names}
        others = {one for name, one in lower.items() if one != name and one not in cased}
        folded = cased | self._backing.named(id, release, others) if others else cased
        found = {name for name, one in lower.items() if one in folded}
        return frozenset(found - self._backing.named(id, release, found)) if found else frozenset()

    def prefetch(self, wanted: Iterable[tuple[Distribution, Names, str]]) -> None:
        """Reads the groups of all these at once, where reading them one by one is slower."""
        self._backing.prefetch(_key(*one) for one in wanted)

    def drafts(self, wanted: Iterable[_Package]) -> dict[_Package, object | None]:
        """What a store has worked out for matching of each of these packages, or None.

        :mod:`advisories.matching.drafts` has it. Those that have no records are left out. A damaged store raises
        :class:`~advisories.models.errors.UnreadableSource`.
        """
        by_key = {_key(*one): one for one in wanted}
        return {by_key[key]: drafts for key, drafts in self._backing.drafts(by_key).items()}

    @property
    def has_own_rules(self) -> bool:
        """Whether its :meth:`drafts` were made by the rules of this version. Others are not used."""
        return self._backing.has_own_rules

    @property
    def has_own_readers(self) -> bool:
        """Whether the readers of this version read its sources. Others may have read less, or something else."""
        return self._backing.has_own_readers

    def __getstate__(self) -> dict[str, Any]:
        return {"_backing": self._backing}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        self._set_up(state["_backing"])


def _key(distribution: Distribution, names: Names, package: str) -> GroupKey:
    """The key of a package of a release, as advisories are filed."""
    return distribution.id, distribution.release or "", names, package


def _looked_at(given: Iterable[Advisory]) -> tuple[list[Advisory], tuple[ReadReport, ...]]:
    """Advisories made by hand, and a report of what was refused of them. None where nothing was."""
    # What a store holds was looked at by readers.
    from advisories.distros.doubtful_entries import without_doubtful

    given = tuple(given)
    for one in given:
        if not isinstance(one, Advisory):
            raise TypeError(f"a Feed is made of Advisory, not {one!r:.80}")
    items = without_doubtful(given, _BY_HAND, by_hand=True)
    rejections = tuple([item for item in items if isinstance(item, Rejection)])
    if not rejections:
        return items, ()
    kept = [item for item in items if not isinstance(item, Rejection)]
    losses = sorted({loss for one in rejections for loss in one.lost}, key=order_of_losses)
    return kept, (ReadReport(_BY_HAND, "", len(kept), len(kept), rejections, losses=tuple(losses)),)


class _InMemory:
    """Advisories as objects. The records of a package are made when somebody asks for its group."""

    def __init__(
        self, advisories: Iterable[Advisory], reports: Iterable[ReadReport], enrichments: Iterable[Enrichment]
    ) -> None:
        whole = merged(advisories)
        self._advisories: Final = {advisory.id: advisory for advisory in whole.advisories}
        self.reports = tuple(reports)
        self._enrichments: Final[dict[str, list[Enrichment]]] = {}
        whole_enrichments, again = merged_enrichments(enrichments)
        for one in whole_enrichments:
            self._enrichments.setdefault(one.cve, []).append(one)
        self.enrichment_counts: Mapping[str, int] = Counter(one.source for one in whole_enrichments)
        self.duplicates = whole.duplicates + again
        self.conflicts = whole.conflicts
        self.kinds: Mapping[Kind, int] = dict.fromkeys(Kind, 0) | Counter(a.kind for a in whole.advisories)
        dates = [date for a in whole.advisories if (date := a.modified or a.published) is not None]
        self.newest = max(dates, default=None)
        unordered = Counter[str]()
        self.completions: Mapping[str, tuple[Affected, ...]] = completions(whole.advisories)
        self._entries: Final = _entries(whole.advisories, self.completions, unordered)
        # Threads that make the same group keep the one that is there first. So they do with what is bare.
        self._groups: Final[dict[GroupKey, Group]] = {}
        self._bare: Final[dict[str, Advisory]] = {}
        self._cased: Final[dict[tuple[str, str], frozenset[str]]] = {}
        self.unordered: Mapping[str, int] = unordered
        self.releases = frozenset((id, release) for id, release, _, _ in self._entries)
        #: The releases of which records name sources. Withdrawn ones never match.
        self.sourced = frozenset(
            (id, release)
            for (id, release, names, _), entries in self._entries.items()
            if names is Names.SOURCE and any(advisory.withdrawn is None for advisory, _ in entries)
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _InMemory):
            return NotImplemented
        ours, theirs = ((a._advisories, a._enrichments, a.reports, a.duplicates, a.conflicts) for a in (self, other))
        return ours == theirs

    def __hash__(self) -> int:
        return hash((len(self), self.newest, self.releases))

    @lazy_property
    def flaws(self) -> tuple[Flaw, ...]:
        conflicts = map(flaw_of_conflict, self.conflicts)
        incomplete = [
            flaw
            for id, missing in self.completions.items()
            for flaw in flaws_of_completions(self._advisories[id], missing)
        ]
        self.prefetch(self._entries)
        others = [flaw for key in self._entries for flaw in flaws_of(published_records(self._groups[key].records))]
        return (*conflicts, *incomplete, *others)

    def __len__(self) -> int:
        return len(self._advisories)

    def __iter__(self) -> Iterator[Advisory]:
        return iter(self._advisories.values())

    def advisory(self, id: str) -> Advisory | None:
        return self._advisories.get(id)

    def aliases(self, ids: Collection[str]) -> Mapping[str, tuple[str, ...]]:
        known = self._advisories
        return {id: known[id].aliases for id in ids if id in known and known[id].aliases}

    def summaries(self, ids: Collection[str]) -> Mapping[str, Advisory]:
        known = self._advisories
        return {id: evolve(known[id], affected=()) for id in ids if id in known}

    def ids(self) -> frozenset[str]:
        return frozenset(self._advisories).union(*(advisory.cves for advisory in self._advisories.values()))

    def group(self, key: GroupKey) -> Group | None:
        found = self._groups.get(key)
        if found is None and key in self._entries:
            self._make({key: self._records(key)})
            return self._groups[key]
        return found

    def channels(self, id: str, release: str) -> frozenset[str | None]:
        found = (entries for key, entries in self._entries.items() if key[:2] == (id, release))
        return frozenset({affected.channel for entries in found for _, affected in entries})

    def cased(self, id: str, release: str) -> frozenset[str]:
        found = self._cased.get((id, release))
        if found is None:
            names = {key[3] for key in self._entries if key[:2] == (id, release)}
            found = self._cased[id, release] = frozenset(lower_case(name) for name in names if lower_case(name) != name)
        return found

    def named(self, id: str, release: str, names: Collection[str]) -> frozenset[str]:
        entries = self._entries
        return frozenset(name for name in names if any((id, release, one, name) in entries for one in _KINDS_OF_NAMES))

    def prefetch(self, keys: Iterable[GroupKey]) -> None:
        if len(self._groups) < len(self._entries):
            self._make({key: self._records(key) for key in keys if key not in self._groups and key in self._entries})

    def _make(self, records: Mapping[GroupKey, list[Record]]) -> None:
        for key, group in grouped(records).items() if records else ():
            self._groups.setdefault(key, group)

    def _records(self, key: GroupKey) -> list[Record]:
        return [record_of(self._without_entries(advisory), affected) for advisory, affected in self._entries[key]]

    def _without_entries(self, advisory: Advisory) -> Advisory:
        # A record has its own entry. The advisory's others would be read from a store for nothing.
        bare = self._bare.get(advisory.id)
        return bare or self._bare.setdefault(advisory.id, evolve(advisory, affected=(), references=()))

    def drafts(self, keys: Collection[GroupKey]) -> Mapping[GroupKey, None]:
        return {key: None for key in keys if key in self._entries}

    @property
    def has_own_rules(self) -> bool:
        return True

    @property
    def has_own_readers(self) -> bool:
        return True

    def close(self) -> None:
        pass

    def enrichments(self, cve: str) -> Sequence[Enrichment]:
        return self._enrichments.get(cve, ())

    def all_enrichments(self) -> Sequence[Enrichment]:
        return [one for same in self._enrichments.values() for one in same]


def _entries(
    advisories: Iterable[Advisory], completed: Mapping[str, tuple[Affected, ...]], unordered: Counter[str]
) -> dict[GroupKey, list[tuple[Advisory, Affected]]]:
    """The entries of each package, by advisory id. Those whose versions have no order here are counted by type.

    Those that an advisory leaves out stand behind its own.
    """
    by_package: dict[GroupKey, list[tuple[Advisory, Affected]]] = {}
    # The same lists by name, for a type of packages of a release. Most entries are of those of the entry before.
    by_release: dict[tuple[object, ...], dict[str, list[tuple[Advisory, Affected]]]] = {}
    packages: dict[str, list[tuple[Advisory, Affected]]] = {}
    distribution = names = type = None
    for advisory in advisories:
        missing = completed.get(advisory.id) if completed else None
        for affected in (*advisory.affected, *missing) if missing else advisory.affected:
            of = affected.distribution
            if of is not distribution or affected.names is not names or affected.type != type:
                distribution, names, type = of, affected.names, affected.type
                packages = by_release.setdefault((of, names, type), {})
            if of is None or type not in SCHEME_OF_TYPE:
                unordered[affected.type] += 1
                continue
            entries = packages.get(affected.package)
            if entries is None:
                entries = by_package.setdefault(_key(of, affected.names, affected.package), [])
                packages[affected.package] = entries
            entries.append((advisory, affected))
    return by_package
