"""One id, one advisory: merges records that are published twice, by several sources or by one."""

from collections.abc import Iterable
from itertools import groupby
from typing import Final

from advisories.models.advisories import Advisory, Affected, Enrichment, Kind
from advisories.models.frozen import evolve, frozen
from advisories.models.reading import Flaw, FlawKind
from advisories.models.texts import whole_text

__all__ = ["Merged", "flaw_of_conflict", "merged", "merged_enrichments"]


# What a record is that makes a finding comes first (rule 10), and of ratings the most urgent one.
_KINDS: Final = (Kind.SECURITY, Kind.UNKNOWN, Kind.ENHANCEMENT, Kind.BUGFIX)
_RATINGS: Final = ("critical", "important", "high", "moderate", "medium", "low", "minor", "negligible", "unimportant")


@frozen
class Merged:
    """Advisories of which no two have one id.

    :ivar advisories: by id.
    :ivar duplicates: records that were read again under the id of another one.
    :ivar conflicts: ids of different records modified at the same moment, which were put together. Sorted.
    """

    advisories: tuple[Advisory, ...]
    duplicates: int
    conflicts: tuple[str, ...]


def merged(advisories: Iterable[Advisory]) -> Merged:
    """The same id twice is one advisory, the one modified last. The result is the same for any order of them.

    Two that differ and were modified at the same moment are put together, so that no entry of a package is lost.
    :attr:`Merged.conflicts` names them. Of a release that the one modified last does not name, the entries of the
    others stay: a publisher may have a file for each release, and give an id in all of them.
    """
    by_id: dict[str, Advisory] = {}
    again: dict[str, list[Advisory]] = {}
    for advisory in advisories:
        if advisory.id in by_id:
            again.setdefault(advisory.id, [by_id[advisory.id]]).append(advisory)
        else:
            by_id[advisory.id] = advisory
    conflicts: list[str] = []
    for id, versions in again.items():
        newest = max(map(_modified, versions))
        latest = list(dict.fromkeys([version for version in versions if _modified(version) == newest]))
        by_id[id] = _of_every_release(_united(latest), [one for one in versions if _modified(one) < newest])
        if len(latest) > 1:
            conflicts.append(id)
    duplicates = sum([len(versions) - 1 for versions in again.values()])
    return Merged(tuple([by_id[id] for id in sorted(by_id)]), duplicates, tuple(sorted(conflicts)))


def flaw_of_conflict(id: str) -> Flaw:
    """The lint of an advisory that was put together."""
    return Flaw(FlawKind.CONFLICT, id, None, None, "two contents of one id and date")


def merged_enrichments(enrichments: Iterable[Enrichment]) -> tuple[tuple[Enrichment, ...], int]:
    """One enrichment for each CVE and source, in that order, and how many others were merged into them.

    Of one source's enrichments of a CVE the latest counts. Those of the same moment are put together: the earliest
    listing as exploited, the highest probability, all vectors. The result is the same for any order of them.
    """
    by_name: dict[tuple[str, str], Enrichment] = {}
    again = 0
    for one in enrichments:
        name = one.cve, one.source
        other = by_name.setdefault(name, one)
        if other is not one:
            again += 1
            if _modified(one) != _modified(other):
                by_name[name] = max(one, other, key=_modified)
            elif one != other:
                by_name[name] = _both(one, other)
    return tuple(by_name[name] for name in sorted(by_name)), again


def _both(one: Enrichment, other: Enrichment) -> Enrichment:
    listed = [date for date in (one.known_exploited, other.known_exploited) if date is not None]
    probabilities = [epss for epss in (one.epss, other.epss) if epss is not None]
    return evolve(
        one,
        known_exploited=min(listed, default=None),
        epss=max(probabilities, default=None),
        severities=tuple(sorted({*one.severities, *other.severities}, key=whole_text)),
    )


def _modified(advisory: Advisory | Enrichment) -> float:
    return advisory.modified.timestamp() if advisory.modified else float("-inf")


def _united(versions: list[Advisory]) -> Advisory:
    """One advisory of several that contradict each other, the same for any order of them.

    It has the entries and the vectors of all of them, and the most urgent rating. It is withdrawn only where all of
    them are.
    """
    if len(versions) == 1:
        return versions[0]
    versions = sorted(versions, key=whole_text)
    standing = [version for version in versions if version.withdrawn is None] or versions
    return evolve(
        standing[0],
        cves=tuple(sorted({cve for version in standing for cve in version.cves})),
        affected=tuple(sorted({entry for version in standing for entry in version.affected}, key=whole_text)),
        kind=min([version.kind for version in standing], key=_KINDS.index),
        rating=min([version.rating for version in standing], key=_urgency),
        severities=tuple(sorted({one for version in standing for one in version.severities}, key=whole_text)),
        reboot_suggested=any(version.reboot_suggested for version in standing),
        known_exploited=any(version.known_exploited for version in standing),
    )


def _urgency(rating: str | None) -> tuple[int, str]:
    return _RATINGS.index(rating) if rating in _RATINGS else len(_RATINGS), rating or "\U0010ffff"


def _of_every_release(latest: Advisory, older: list[Advisory]) -> Advisory:
    """The latest record, with the entries of releases that only older ones have, and their CVEs."""
    if latest.withdrawn is not None:
        return latest
    named = {_release(entry) for entry in latest.affected}
    cves, more = set[str](), list[Affected]()
    standing = [one for one in older if one.withdrawn is None]
    for _, same in groupby(sorted(standing, key=_modified, reverse=True), _modified):
        found = [(one, entry) for one in same for entry in one.affected if _release(entry) not in named]
        more += sorted({entry for _, entry in found}, key=whole_text)
        cves.update(*[one.cves for one, _ in found])
        named.update([_release(entry) for _, entry in found])
    if not more:
        return latest
    if not cves.issubset(latest.cves):
        latest = evolve(latest, cves=tuple(sorted(cves.union(latest.cves))))
    return evolve(latest, affected=(*latest.affected, *more))


def _release(entry: Affected) -> tuple[str, str | None]:
    """The release of an entry, or the type of its packages where they are of no distribution."""
    of = entry.distribution
    return (entry.type, None) if of is None else (of.id, of.release or "")
