"""Rules 0 and 8: what is unknown about a package, and could turn what the records give."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from advisories.distros.lines import has_own_source, may_hide_lines, names_of_line
from advisories.index.feed import Feed
from advisories.index.records import Record
from advisories.matching.rules.excluding import flavours_of, is_withdrawn, lines_of
from advisories.matching.rules.terms import Query
from advisories.models.assumptions import Assumption
from advisories.models.distribution import Distribution
from advisories.models.findings import Note
from advisories.models.packages import SYSTEM_TYPES, Package
from advisories.models.words import Names

__all__ = ["has_line", "is_rebuild", "line_doubt", "shows_builder", "source_doubts"]


def source_doubts(package: Package) -> frozenset[Assumption]:
    """Rule 0: what is unknown about a package where records of the release name sources.

    Of a source whose version alone is unknown, records make *undecidable* findings: without one nothing is unknown.
    """
    if package.source_name is not None:
        return package.doubts - {Assumption.SOURCE_UNKNOWN}
    if package.type not in SYSTEM_TYPES or Assumption.NOT_IN_ARCHIVE in package.doubts:
        return package.doubts
    return package.doubts | {Assumption.SOURCE_UNKNOWN}


def line_doubt(queries: Sequence[Query], feed: Feed) -> Note | None:
    """Rule 8: a note where the feed has no record of the package's line at all, else None.

    A line counts as a whole. The feed need not name each of its packages.
    """
    distribution, line = queries[0].distribution, queries[0].line
    if line or may_hide_lines(distribution):
        releases = tuple(dict.fromkeys(one.distribution for one in queries))  # a minor release may have it alone
        own = [(one.distribution, one.names, one.name) for one in queries]
        if not has_line(releases, line, feed) and not (line and any(_has_line(*one, line, feed) for one in own)):
            return Note(8, f"the feed has no record of the line {line}" if line else "the feed lacks the main line")
    sources = [one.name for one in queries if one.names is Names.SOURCE and has_own_source(distribution.id, one.name)]
    if sources and not any(feed.records(one.distribution, one.names, one.name) for one in queries):
        return Note(8, f"the feed has no record of {sources[0]}, a kernel of its own")
    return _flavour_doubt(queries, feed) or _stream_doubt(queries, feed)


def has_line(releases: Sequence[Distribution], line: str | None, feed: Feed) -> bool:
    """Rule 8: whether the feed has any record of a line in one of these releases, of the main line where it must.

    :param releases: the first is that of the package.
    """
    if not (line or may_hide_lines(releases[0])):
        return True
    key = ("line", *((one.id, one.release) for one in releases), line)
    if key not in feed.memo:
        feed.memo[key] = any(_is_known(one, line, feed) for one in releases)
    known: bool = feed.memo[key]
    return known


# Packages that are built in every flavour.
_FLAVOURED: Final = ("glibc", "openssl", "openssl-libs")


def _flavour_doubt(queries: Sequence[Query], feed: Feed) -> Note | None:
    """A note where the feed has no record of builds for ksplice or FIPS, and the package is one."""
    query = queries[0]
    flavours = flavours_of(query.version) if query.scheme == "rpm" else None
    if not flavours:
        return None
    named = [(one.distribution, one.names, one.name) for one in queries]
    named += [(query.distribution, Names.BINARY, name) for name in _FLAVOURED]
    key = ("flavours", *named)
    if key not in feed.memo:
        records = (record for one in named for record in _standing(feed, *one))
        fixes = (range.fixed for record in records for range in record.affected.ranges if range.fixed is not None)
        feed.memo[key] = frozenset(map(flavours_of, fixes))
    if flavours in feed.memo[key]:
        return None
    return Note(8, f"the feed has no record of builds for {', '.join(sorted(flavours))}")


def _stream_doubt(queries: Sequence[Query], feed: Feed) -> Note | None:
    """A note where the feed has records of other streams of the package's module, and none of its own.

    They are looked for under the names of the package and of the module.
    """
    query = queries[0]
    if not query.module.streams:
        return None
    stream = query.module.streams[0]
    module = stream.partition(":")[0]
    named = [(one.distribution, one.names, one.name) for one in queries]
    named += [(one.distribution, Names.BINARY, module) for one in queries]
    key = ("streams", *named)
    if key not in feed.memo:
        of = [record.affected.module for one in dict.fromkeys(named) for record in _standing(feed, *one)]
        known = frozenset(one for streams in of for one in streams.streams)
        of_modules = frozenset([one.partition(":")[0] for one in known])
        feed.memo[key] = known, of_modules if all(streams.known for streams in of) else frozenset()
    known, of_modules = feed.memo[key]
    if stream in known or module not in of_modules:
        return None
    return Note(8, f"the feed has no record of the module stream {stream}")


def _standing(feed: Feed, distribution: Distribution, names: Names, name: str) -> list[Record]:
    """The records of a package that are not withdrawn."""
    return [record for record in feed.records(distribution, names, name) if not is_withdrawn(record.advisory)]


def _is_known(distribution: Distribution, line: str | None, feed: Feed) -> bool:
    if not line:
        return None in feed.channels(distribution)
    named = names_of_line(distribution, line)
    return any(_has_line(distribution, *one, line, feed) for one in named) or line in feed.channels(distribution)


def _has_line(distribution: Distribution, names: Names, name: str, line: str, feed: Feed) -> bool:
    records = _standing(feed, distribution, names, name)
    return any(line in (lines_of(distribution, record.affected) or ()) for record in records)


_BUILDERS: Final = (".module_el", ".module+el")


@lru_cache(maxsize=1 << 12)
def is_rebuild(installed: str, fixed: str | None) -> bool:
    """Whether the installed rpm is somebody's rebuild of what the fix was built for: judged, with an assumption.

    CentOS marked its own builds. Builders of modules write either ``.module_el`` or ``.module+el``.
    """
    if fixed is None or not shows_builder(installed):
        return False
    if ".centos" in installed and ".centos" not in fixed:
        return True
    ours, theirs = ({mark for mark in _BUILDERS if mark in text} for text in (installed, fixed))
    return bool(ours and theirs and ours != theirs)


def shows_builder(installed: str) -> bool:
    """Whether an rpm's version has any mark by which :func:`is_rebuild` tells builders apart."""
    return ".centos" in installed or any(mark in installed for mark in _BUILDERS)
