"""The plain join: a package is affected where the feed names it with a later fix by librpm or libapt, or with none.

It knows names, a release and fixed versions, and nothing else. The order is the real library's, in this process.
"""

from collections.abc import Iterator, Sequence

from oracles import Oracle

from accuracy.facts import Fact, Facts
from accuracy.lists import Installed
from accuracy.places import Place

__all__ = ["EARLIER", "ORDERS", "joined"]

#: The library and its order, by the type of packages.
ORDERS = {"rpm": ("librpm", "evr"), "deb": ("libapt", "deb")}
#: What a library answers where the first version is the earlier one: -1 as a byte.
EARLIER = 255


def joined(installed: Sequence[Installed], facts: Facts, type: str) -> Iterator[tuple[Place, Fact]]:
    """Every package and vulnerability that some fact affects, with that fact. The same may come again."""
    oracle = Oracle(*ORDERS[type])
    for one in installed:
        for source, name, version in ((False, one.name, one.version), (True, one.source, one.source_version)):
            for fact in facts.by_package.get((source, name), ()):
                if fact.fixed is None or oracle.against(version, [fact.fixed])[0] == EARLIER:
                    for id in fact.ids:
                        yield Place(one.name, one.version, one.arch, id), fact
