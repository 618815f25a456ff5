"""What one feed has that another has not: advisories that are in, out, or changed."""

from collections.abc import Iterator

from advisories.index.feed import Feed
from advisories.models.advisories import Advisory
from advisories.models.frozen import frozen, names_of
from advisories.models.nouns import Noun

__all__ = ["Change", "changes"]


@frozen
class Change(Noun):
    """An advisory that differs between two feeds.

    :ivar id: of the advisory.
    :ivar what: *in*, *out* or *changed*.
    :ivar fields: the fields that differ where it is in both.
    :ivar packages: the packages that it names, in either feed.
    """

    id: str
    what: str
    fields: tuple[str, ...]
    packages: tuple[str, ...]


def changes(old: Feed, new: Feed) -> Iterator[Change]:
    """What differs between two feeds, by id.

    Only what both know is compared: how their sources were called, and in which order they came, makes no difference.
    """
    before = {one.id: one for one in old}
    for one in sorted(new, key=lambda one: one.id):
        other = before.pop(one.id, None)
        if other is None:
            yield Change(one.id, "in", (), _packages(one))
        elif other != one:
            fields = tuple([name for name in names_of(Advisory) if getattr(one, name) != getattr(other, name)])
            yield Change(one.id, "changed", fields, tuple(sorted({*_packages(one), *_packages(other)})))
    for id in sorted(before):
        yield Change(id, "out", (), _packages(before[id]))


def _packages(advisory: Advisory) -> tuple[str, ...]:
    return tuple(sorted({entry.package for entry in advisory.affected}))
