"""What a store is made of: the advisories of its sources by id, each id once, and what follows from all of them."""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from advisories.index.completeness import completions
from advisories.index.merging import flaw_of_conflict, merged
from advisories.models.advisories import Advisory, Affected, Enrichment
from advisories.models.frozen import frozen
from advisories.models.reading import Flaw
from advisories.store.reader import Provenance
from advisories.store.spool import Spooled

__all__ = ["Chosen", "Contents"]


class Chosen:
    """Advisories by id, each id once: of each the one that counts, and where it came from.

    :ivar ids: of the advisories, sorted.
    :ivar origins: for each advisory the place of its source.
    :ivar duplicates: records that were read again under the id of another one.
    :ivar conflicts: the lint of advisories that were put together, by id.
    :ivar parts: where the advisories lie: those of the sources, and those that were put together.
    :ivar documented: the numbers of those that name documentation.
    """

    def __init__(self, sources: Sequence[Spooled], folder: str) -> None:
        united = Spooled(folder)
        self.parts: Final = (*sources, united)
        self.ids: Final[list[str]] = []
        self.origins: Final = array("I")
        self.duplicates = 0
        self.conflicts: Final[list[Flaw]] = []
        self.documented: Final = array("I")
        # For each advisory its part, and its number there.
        self._parts: Final = array("I")
        self._numbers: Final = array("I")
        for same in _by_id(sources):
            self._add(same, united)

    def _add(self, same: Sequence[tuple[int, int]], united: Spooled) -> None:
        """Add what counts of the records of one id, each given by its part and its number there."""
        (part, number), *others = same
        origin = part
        if others:
            records = [self.parts[one][other] for one, other in same]
            found = merged(records)
            self.duplicates += found.duplicates
            self.conflicts.extend(map(flaw_of_conflict, found.conflicts))
            (advisory,) = found.advisories
            equal = [place for place, record in zip(same, records, strict=True) if record == advisory]
            # The first source that has it as it is, or the first of all where it was put together.
            origin = (equal or same)[0][0]
            if equal:
                part, number = equal[0]
            else:
                part, number = len(self.parts) - 1, len(united)
                united.append(advisory)
        whole = self.parts[part]
        if whole.is_documented(number):
            self.documented.append(len(self.ids))
        self.ids.append(whole.ids[number])
        self.origins.append(origin)
        self._parts.append(part)
        self._numbers.append(number)

    def __len__(self) -> int:
        return len(self.ids)

    def place(self, number: int) -> tuple[int, int]:
        """The part that an advisory is in, and its number there."""
        return self._parts[number], self._numbers[number]

    def completions(self) -> Mapping[str, tuple[Affected, ...]]:
        """By id, the entries that advisories leave out (rule 0)."""
        return completions(_Documented(self))

    def __getitem__(self, number: int) -> Advisory:
        return self.parts[self._parts[number]][self._numbers[number]]


class _Documented(Iterable[Advisory]):
    """The advisories that name documentation, as often as they are gone through."""

    def __init__(self, chosen: Chosen) -> None:
        self._chosen: Final = chosen

    def __iter__(self) -> Iterator[Advisory]:
        return map(self._chosen.__getitem__, self._chosen.documented)


def _by_id(sources: Sequence[Spooled]) -> Iterator[list[tuple[int, int]]]:
    """By id, where the records of each id are: places of sources, and numbers there."""
    ids = [id for source in sources for id in source.ids]
    firsts = [0]
    for source in sources:
        firsts.append(firsts[-1] + len(source))
    order = sorted(range(len(ids)), key=ids.__getitem__)
    place = 0
    same: list[tuple[int, int]] = []
    last: str | None = None
    for number in order:
        while number >= firsts[place + 1]:
            place += 1
        while number < firsts[place]:
            place -= 1
        if ids[number] != last and same:
            yield same
            same = []
        last = ids[number]
        same.append((place, number - firsts[place]))
    if same:
        yield same


@frozen
class Contents:
    """What a store is made of.

    :ivar completions: by id, the entries that an advisory leaves out.
    :ivar sources: where the advisories came from.
    :ivar enrichments: by CVE and source, each with the place of the source that it was read from.
    :ivar duplicates: records that were read again under the id of another one.
    :ivar conflicts: the lint of advisories that were put together, now or when they were read for an older store.
    :ivar folder: where what is too much for memory is kept meanwhile.
    """

    advisories: Chosen
    completions: Mapping[str, tuple[Affected, ...]]
    sources: Sequence[Provenance]
    enrichments: Sequence[tuple[Enrichment, int]]
    duplicates: int
    conflicts: Sequence[Flaw]
    folder: str
