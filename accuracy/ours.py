"""Our findings of one host, and why a place has one or has none."""

from collections.abc import Iterator, Mapping
from functools import cached_property

from accuracy.places import Place
from advisories import Feed, MatchPolicy, match
from advisories.matching.explain import Explanation, NamedRecords, explain_package
from advisories.matching.match import Matcher, matcher_of
from advisories.models import Distribution, Finding, Inventory, Note, Package, PackageClass

__all__ = ["Ours"]


class Ours:
    """A list, matched with a feed.

    :param release: whose advisories are used, where that is not the list's own.
    """

    def __init__(self, inventory: Inventory, feed: Feed, release: str | None = None) -> None:
        self.feed = feed
        self.inventory = inventory
        self._policy = MatchPolicy(judge_as=Distribution.parse(release) if release else None)
        self.findings = match(self.inventory, feed, self._policy)

    @cached_property
    def by_place(self) -> Mapping[Place, Finding]:
        """Findings by package and vulnerability."""
        return {_place(one.package, one.vulnerability): one for one in self.findings}

    @cached_property
    def by_advisory(self) -> Mapping[Place, Finding]:
        """A finding by package and each of its advisories. Without architectures."""
        return {
            _place(one.package, id)._replace(arch=""): one for one in reversed(self.findings) for id in one.advisories
        }

    @cached_property
    def by_id(self) -> Mapping[Place, Finding]:
        """The first finding of each vulnerability."""
        return {Place("", "", "", one.vulnerability): one for one in reversed(self.findings)}

    @cached_property
    def of_the_host(self) -> frozenset[Note]:
        """Notes that every finding has: they are about the host."""
        notes = [frozenset(one.evidence.notes) for one in self.findings]
        return frozenset.intersection(*notes) if len(notes) > 1 else frozenset()

    def packages(self, place: Place) -> Iterator[Package]:
        """The installed packages of a place; of one without a name all that have records of its id."""
        for one in self._classes:
            if place.name:
                if (one.name, one.version) == place[:2] and place.arch in ("", one.arch or ""):
                    yield one
            elif self.explained(one, place.id).considered:
                yield one

    def explained(self, package: Package, id: str) -> Explanation:
        """Why a package has no finding of an id."""
        return explain_package(self._matcher, package, self._classes[package], (), id, self._named)

    @cached_property
    def _classes(self) -> Mapping[Package, PackageClass]:
        return dict(self.findings.coverage.classes)

    @cached_property
    def _matcher(self) -> Matcher:
        return matcher_of(self.feed, self.inventory, self._policy)

    @cached_property
    def _named(self) -> NamedRecords:
        return NamedRecords(self.feed)


def _place(package: Package, id: str) -> Place:
    return Place(package.name, package.version, package.arch or "", id)
