"""One id, one advisory: what becomes of records that are published twice, by several sources or by one."""

from collections.abc import Iterable

from attrs import evolve, frozen

from advisories.models import Advisory

__all__ = ["Merged", "merged"]


@frozen
class Merged:
    """Advisories of which no two have one id.

    :ivar advisories: by id.
    :ivar duplicates: records that were read again under the id of another one.
    :ivar conflicts: ids of different records modified at the same moment, which were put together; sorted.
    """

    advisories: tuple[Advisory, ...]
    duplicates: int
    conflicts: tuple[str, ...]


def merged(advisories: Iterable[Advisory]) -> Merged:
    """The same id twice is one advisory: the one modified last; the same for any order of them.

    Two that differ and were modified at the same moment are put together, so that nothing they say of a package is
    lost, and are named in :attr:`Merged.conflicts`.
    """
    by_id: dict[str, list[Advisory]] = {}
    duplicates = 0
    for advisory in advisories:
        same = by_id.setdefault(advisory.id, [])
        duplicates += bool(same)
        if advisory not in same:
            same.append(advisory)
    conflicts: list[str] = []
    for id, versions in by_id.items():
        if len(versions) > 1:
            newest = max(map(_modified, versions))
            by_id[id] = [version for version in versions if _modified(version) == newest]
            if len(by_id[id]) > 1:
                conflicts.append(id)
    return Merged(tuple(_united(by_id[id]) for id in sorted(by_id)), duplicates, tuple(sorted(conflicts)))


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
