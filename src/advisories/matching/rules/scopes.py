"""Rule 1: the releases whose records apply to a package. Rule 8 adds minor releases."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from typing import Final

import vercmp
from advisories.distros import rebuilds
from advisories.distros.lines import branch_of
from advisories.index.feed import Feed
from advisories.models.assumptions import Assumption
from advisories.models.distribution import UNSTABLE, Distribution, family_of, filed_under, next_release
from advisories.models.findings import Note
from advisories.models.packages import Package

__all__ = [
    "BACKPORT",
    "UNSTABLE_DEBIAN",
    "InArchive",
    "archive_unknown",
    "backport_scope",
    "backport_suffix",
    "branches",
    "minor_releases",
    "scope_assumed",
    "uses_unstable",
    "without_rebuild",
]


@lru_cache(maxsize=1 << 10)
def scope_assumed(own: Distribution | None, used: Distribution) -> tuple[tuple[Assumption, Note], ...]:
    """Rule 1: what is assumed where you choose the release whose advisories are used, and of a derivative (rule 13).

    :param own: the release that the inventory states.
    :param used: the release whose advisories are used.
    :returns: assumptions, each with a note. Empty where the release is the host's own.
    """
    mine, judged = None if own is None else filed_under(own), filed_under(used)
    found: list[tuple[Assumption, Note]] = []
    if mine is None or (mine.release is None and mine.id == judged.id):
        found.append((Assumption.RELEASE_ASSUMED, Note(1, f"the list does not name its release: judged as {judged}")))
    elif (mine.id, mine.release) != (judged.id, judged.release):
        note = Note(1, f"{mine} judged by the advisories of {judged}, by choice")
        found.append((Assumption.DISTRIBUTION_ASSUMED, note))
    host = own or used
    family = family_of(host)
    if family is not None and family.type == "deb" and filed_under(host).id != host.id:
        note = Note(13, f"{host} rebuilds packages of {judged}, and has no advisories of its own")
        found.append((Assumption.REBUILD, note))
    return tuple(found)


# A backport may be rebuilt too: the suffix of a binNMU stands behind it, in the binary's version alone.
BACKPORT: Final = re.compile(r"~bpo(\d+)\+\d+(?:\+b\d+)?$", re.ASCII)
# Up to Debian 7 its release stands with its minor one: ~bpo70+1.
_WITH_MINOR: Final = re.compile(r"[4-7]0")
InArchive = Callable[[Distribution, str], str | None]


def archive_unknown(distribution: Distribution, source: str) -> None:
    return None


def backport_scope(
    package: Package, distribution: Distribution, in_archive: InArchive = archive_unknown
) -> tuple[Distribution, Note | None]:
    """Rule 1b: a ``~bpoN+M`` build of Debian N is judged by the next release's records, without that suffix. ``~bpo60``
    and ``~bpo70`` are of Debian 6 and 7. Where the next release has an earlier upstream version, the build was made of
    the release behind it (*sloppy* backports).

    :param in_archive: the version of a source that a release's archive has (:meth:`advisories.Feed.in_archive`).
    :returns: the release whose records apply, and a note. The note is None for what is no backport.
    """
    match = BACKPORT.search(package.version) if package.type == "deb" else None
    if match is None or distribution.release != (match[1][0] if _WITH_MINOR.fullmatch(match[1]) else match[1]):
        return distribution, None
    following = next_release(distribution)
    if following is None:
        return distribution, None
    later = next_release(following)
    if later is not None:
        archived = in_archive(following, package.source_name or package.name)
        if archived is not None and _is_below_upstream(archived, BACKPORT.sub("", _source_version(package))):
            why = f"{following} has {archived}"
            return later, Note(1, f"a backport, judged by {later} without {match[0]}, as {why}")
    return following, Note(1, f"a backport, judged by {following} without {match[0]}")


def _source_version(package: Package) -> str:
    return package.source_version or without_rebuild(package)


def _is_below_upstream(archived: str, version: str) -> bool:
    """Whether what an archive has comes before every revision of a version's upstream part."""
    with suppress(vercmp.InvalidVersion):
        epoch, upstream, _ = vercmp.dpkg.split(version)
        first = f"{epoch}:{upstream}" if epoch else upstream
        return vercmp.dpkg.compare(archived, first) < 0
    return False


def backport_suffix(package: Package) -> str:
    """The suffix of a Debian backport's version, behind the version that it was made of. Empty for other packages."""
    match = BACKPORT.search(package.version) if package.type == "deb" else None
    return match[0] if match is not None else ""


#: Where Debian's fixes come first (rule 1a).
UNSTABLE_DEBIAN: Final = Distribution("debian", UNSTABLE)


def uses_unstable(distribution: Distribution) -> bool:
    """Rule 1a: whether unstable's fixes clear a package that its own release has no fix for."""
    return distribution.id == UNSTABLE_DEBIAN.id and distribution.release != UNSTABLE_DEBIAN.release


def without_rebuild(package: Package) -> str:
    """A package's version without what counts rebuilds of one source (a deb's binNMU, ``+b1``)."""
    return rebuilds.without_rebuild(package.version) if package.type == "deb" else package.version


def minor_releases(used: Distribution, feed: Feed) -> Mapping[str, Distribution]:
    """Rule 8: the minor releases of a release that the feed has records of, such as ``8.4`` of ``rhel 8``."""
    filed = filed_under(used)
    bare = Distribution(filed.id, filed.release)
    return {one.release or "": one for one in feed.releases if one != bare and filed_under(one) == bare}


def branches(
    version: str, used: Distribution, minors: Mapping[str, Distribution]
) -> Iterator[tuple[Distribution, str]]:
    """Rule 8: the minor releases whose records may concern a build: the one it was built for, and the host's own.

    :param used: the release whose advisories are used, with the host's channels.
    :param minors: those that the feed has.
    :returns: each with the reason in a few words.
    """
    if not minors:
        return
    build = branch_of(version)
    if build is not None and build in minors:
        yield minors[build], "the minor release that it was built for"
    own = used.release
    if own is not None and own in minors and own != build:
        yield minors[own], "the host's own minor release"
