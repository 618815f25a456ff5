"""A match by the rules alone, and one by drafts wherever there are any: two ways to the same findings."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from advisories import Feed, MatchPolicy, match
from advisories.matching import evaluate, rules
from advisories.matching.drafts import Drafts, Wanted
from advisories.matching.evaluate import MatchContext
from advisories.matching.rules import Query
from advisories.models import Inventory, Package
from advisories.models.findings import Findings

__all__ = ["Ways", "both_ways", "by_drafts", "by_rules"]


class Ways:
    """How many packages were decided by drafts, and how many by the rules, of those that records name."""

    drafts = 0
    rules = 0


def by_rules(inventory: Inventory, feed: Feed, policy: MatchPolicy | None = None) -> Findings:
    """Every package has its queries, and is compared with each record."""
    with _by_drafts_is(lambda *_: None), _only_names_is(lambda *_: None):
        feed.memo.clear()
        return match(inventory, feed, policy or MatchPolicy())


def by_drafts(inventory: Inventory, feed: Feed, policy: MatchPolicy | None = None) -> tuple[Findings, Ways]:
    """Drafts decide wherever they can, as they do from the second look at a record on."""
    chosen = policy or MatchPolicy()
    own, ways = evaluate._by_drafts, Ways()

    def counted(
        package: Package, queries: Sequence[Query], context: MatchContext, drafts: Mapping[Wanted, Drafts | None] | None
    ) -> evaluate._Found | None:
        found = own(package, queries, context, drafts)
        ways.drafts += found is not None and found.is_named
        ways.rules += found is None
        return found

    feed.memo.clear()
    match(inventory, feed, chosen)
    feed.memo.clear()
    with _by_drafts_is(counted):
        return match(inventory, feed, chosen), ways


def both_ways(inventory: Inventory, feed: Feed, policy: MatchPolicy | None = None) -> Ways:
    """Asserts that they give the same: findings, coverage, and the assumptions of each package."""
    found, ways = by_drafts(inventory, feed, policy)
    expected = by_rules(inventory, feed, policy)
    assert list(map(repr, found)) == list(map(repr, expected))
    assert list(found) == list(expected)
    assert found.coverage == expected.coverage
    assert found.coverage.assumed == expected.coverage.assumed
    assert found.coverage.not_security == expected.coverage.not_security
    return ways


@contextmanager
def _only_names_is(function: object) -> Iterator[None]:
    own = rules.only_names
    rules.only_names = function  # type: ignore[assignment]
    try:
        yield
    finally:
        rules.only_names = own


@contextmanager
def _by_drafts_is(function: object) -> Iterator[None]:
    own = evaluate._by_drafts
    evaluate._by_drafts = function  # type: ignore[assignment]
    try:
        yield
    finally:
        evaluate._by_drafts = own
