"""Which advisories go and which come, with the entries that they leave out (rule 0)."""

from collections.abc import Collection, Sequence
from typing import Final

from advisories.index.completeness import Place, completions, documentation_of
from advisories.models.advisories import Advisory, Affected
from advisories.store.rows import stored
from advisories.store.spool import Spooled
from advisories.store.updating.changes import Changes, Older, Unusual, text_of_value

__all__ = ["Exchange", "exchange"]

# With more advisories that name the same documentation, all is compiled.
_ADVISORIES: Final = 5_000


class Exchange:
    """The advisories that go, and those that come. One that leaves out other entries than before does both.

    :ivar gone: the ids of those that go.
    :ivar added: those that come, and
    :ivar origins: for each of them the place of its source.
    :ivar completions: by id what they leave out.
    """

    def __init__(self, changes: Changes, folder: str) -> None:
        self.gone: Final = set(changes.gone)
        self.added: Final = Spooled.of(changes.added, folder)
        self.origins: Final = list(changes.origins)
        self.completions: Final[dict[str, tuple[Affected, ...]]] = {}

    def left_out(self, one: int) -> Sequence[Affected]:
        """The entries that an added advisory leaves out."""
        return self.completions.get(self.added.ids[one], ())

    def entries(self, one: int) -> Sequence[Affected]:
        """All entries of an added advisory, behind its own ones those that it leaves out."""
        own = range(self.added.firsts[one], self.added.firsts[one + 1])
        return [*map(self.added.entry, own), *self.left_out(one)]

    def published(self, one: int) -> int:
        """How many entries an added advisory has of its own."""
        return self.added.firsts[one + 1] - self.added.firsts[one]

    def count(self, one: int) -> int:
        """How many entries an added advisory has, with those that it leaves out."""
        return self.published(one) + len(self.left_out(one))


def exchange(older: Older, changes: Changes, folder: str) -> Exchange:
    """What goes and comes, by the changes and by what follows from them. Raises :class:`Unusual`.

    :param folder: where what is too much for memory is kept meanwhile.
    """
    found = Exchange(changes, folder)
    store = older.store
    added = [one for one in found.added if documentation_of(one)]
    gone = [one for one in map(store.advisory, found.gone) if one is not None]
    touched = set[Place]().union(*map(documentation_of, (*added, *gone)))
    if not touched:
        return found
    # Who leaves an entry out is decided by all that name the same documentation.
    concerned = _naming(older, touched, found.gone)
    concerned |= {one.id: one for one in added}
    teaching = _naming(older, set[Place]().union(*map(documentation_of, concerned.values())), found.gone)
    teaching |= concerned
    now = completions([teaching[id] for id in sorted(teaching)])
    before = store.completions
    new = {one.id for one in added}
    for id in sorted(concerned):
        if id not in new and now.get(id, ()) != before.get(id, ()):
            found.added.append(concerned[id])
            found.origins.append(older.value("SELECT source FROM advisory WHERE id = ?", stored(id)))
            found.gone.add(id)
            new.add(id)
        if id in new and id in now:
            found.completions[id] = now[id]
    return found


def _naming(older: Older, places: Collection[Place], gone: Collection[str]) -> dict[str, Advisory]:
    """The advisories that stay and name one of these documentation packages, by id."""
    # Step by step, each by a key: without statistics the database would begin a join with all entries.
    numbers: set[int] = set()
    for distribution, _, package in places:
        for (number,) in older.rows(
            "SELECT number FROM package WHERE name = ?"
            " AND distribution IN (SELECT number FROM distribution WHERE id = ?)",
            stored(package),
            stored(distribution.id),
        ):
            entries = older.rows("SELECT advisory FROM affected WHERE package = ? AND completed = 0", number)
            numbers.update(advisory for (advisory,) in entries)
    ids = {text_of_value(older.value("SELECT id FROM advisory WHERE number = ?", number)) for number in numbers}
    ids -= set(gone)
    if len(ids) > _ADVISORIES:
        raise Unusual
    found = {id: one for id in ids if (one := older.store.advisory(id)) is not None}
    return {id: one for id, one in found.items() if not documentation_of(one).isdisjoint(places)}
