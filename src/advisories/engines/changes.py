"""What of a fleet a change of its feed may concern: kinds of hosts, and names that packages are looked up by.

The result of a package rests on the records of its names, on unstable's of these names (rule 1a), on what is known of
the CVEs that they name, on whether others have these names in other case, and on what the feed lacks of the release
(rule 0). What rests on more is marked where it is judged.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from advisories.engines.columns import distribution_of
from advisories.index.feed import Feed
from advisories.index.records import Group
from advisories.matching import rules
from advisories.matching.match import MatchPolicy
from advisories.models.distribution import Distribution, filed_under
from advisories.models.words import Names

__all__ = ["changed_kinds", "changed_names"]


def changed_kinds(old: Feed, new: Feed, policy: MatchPolicy, kinds: Iterable[Mapping[str, Any]]) -> Iterator[int]:
    """The kinds of hosts of which a feed knows something else about the release as a whole."""
    for row in kinds:
        used = policy.judge_as or distribution_of(row)
        if used is not None and _facts(old, used, policy) != _facts(new, used, policy):
            yield row["kind"]


def _facts(feed: Feed, used: Distribution, policy: MatchPolicy) -> tuple[object, ...]:
    filed = filed_under(used)
    gaps = feed.gaps(filed)
    oldest = policy.oldest_feed
    is_stale = oldest is not None and (gaps.newest is None or gaps.newest < oldest)
    minors = tuple(rules.minor_releases(used, feed).values())
    # A package's repository may be a component that the feed lacks (rule 0).
    lacking = gaps.parts, gaps.is_excerpt, gaps.losses, feed.parts(filed)
    return feed.covers(used), feed.names_sources(filed), minors, is_stale, lacking


def changed_names(old: Feed, new: Feed, names: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Those of these names of which two feeds have different records, or know something else about their CVEs.

    :param names: each with ``distribution``, ``release``, ``names`` and ``name``, as :class:`~advisories.Feed.group`
        takes them.
    """
    before, after = ({one.cve: feed.enrichments(one.cve) for one in feed.all_enrichments()} for feed in (old, new))
    cves = {cve for cve in before.keys() | after.keys() if before.get(cve, ()) != after.get(cve, ())}
    for start in range(0, len(names), 4096):
        some = names[start : start + 4096]
        wanted = [_wanted(row) for row in some]
        of_unstable = [(rules.UNSTABLE_DEBIAN, *one[1:]) for one in wanted if rules.uses_unstable(one[0])]
        for feed in (old, new):
            feed.prefetch([*wanted, *of_unstable])
        cased = [(release, name) for release, _, name in wanted]
        in_other_case = old.in_other_case(cased) ^ new.in_other_case(cased)
        for row, (release, kind, name) in zip(some, wanted, strict=True):
            looked_up = [release, *([rules.UNSTABLE_DEBIAN] if rules.uses_unstable(release) else [])]
            groups = [(old.group(one, kind, name), new.group(one, kind, name)) for one in looked_up]
            if (release, name) in in_other_case or any(_differ(one, other, cves) for one, other in groups):
                yield row


def _wanted(row: Mapping[str, Any]) -> tuple[Distribution, Names, str]:
    return Distribution(row["distribution"], row["release"]), Names(row["names"]), row["name"]


def _differ(one: Group | None, other: Group | None, cves: set[str]) -> bool:
    if one is None or other is None:
        return one is not other
    if one.records != other.records:
        return True
    return bool(cves) and any(not cves.isdisjoint(record.advisory.vulnerabilities) for record in one.records)
