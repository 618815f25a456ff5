"""Statements by what they name, so that not each is compared with each package."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final

import vercmp
from advisories.distros.signed import as_advised
from advisories.index.records import version_key
from advisories.models.packages import SCHEME_OF_TYPE, Package
from advisories.models.statements import Statement
from advisories.models.words import Names
from advisories.triage.fits import NO, key_of, places_of, version_of
from advisories.triage.globs import Numbered
from advisories.triage.listed import MANY, Listed, globs_of, names_of_package

__all__ = ["Filed"]


# Up to so many pairs of an id and a name a statement is filed by each.
_PAIRS: Final = 1000


class Filed:
    """Statements by the ids they name and by the names of the packages they may be about.

    So n statements about one vulnerability, and as many packages that have it, are not compared each with each.
    """

    def __init__(self, statements: Sequence[Statement], host: Listed) -> None:
        self._statements = statements
        self._host = host
        self._any_of: dict[Package, list[int]] = {}
        # By id and name. None stands for no id, and for any package.
        self._filed: dict[tuple[str | None, str | None], list[int]] = {}
        # By id, the statements of so many ids and names that not all pairs are filed.
        self._broad: Final[dict[str, list[tuple[frozenset[str], int]]]] = {}
        # By id, the globs of packages' names and those of places.
        globs: dict[str | None, tuple[list[tuple[str, int]], list[tuple[str, int]]]] = {}
        for number, statement in enumerate(statements):
            names, by_glob = host.names_of(statement), globs_of(statement)
            ids = {id.upper() for id in statement.ids}
            if len(ids) > 1 and names is not None and not by_glob and len(ids) * len(names) > _PAIRS:
                of = frozenset(names)
                for one in ids:
                    self._broad.setdefault(one, []).append((of, number))
                continue
            for id in ids or (None,):
                for pattern in by_glob:
                    globs.setdefault(id, ([], []))[0 if statement.packages else 1].append((pattern, number))
                for name in () if by_glob else (None,) if names is None else names:
                    self._filed.setdefault((id, name), []).append(number)
        # Of very many statements about one name, those of other versions are not looked at.
        long = [place for place, numbers in self._filed.items() if len(numbers) > MANY and None not in place]
        self._versioned: Final = {
            place: _Versioned([(n, host.versions_of(statements[n], place[1])) for n in self._filed.pop(place)])
            for place in long
        }
        self._globs: Final = {id: (Numbered(by_name), Numbered(by_place)) for id, (by_name, by_place) in globs.items()}

    def naming(self, ids: Iterable[str], package: Package) -> Sequence[int]:
        """The numbers of the statements that name any of the ids, and of those that name none, of what may be about the
        package, in their order.
        """
        names = names_of_package(package)
        found = {number for id in ids for name in (None, *names) for number in self._filed.get((id, name), ())}
        found.update(self._by_globs(ids, package, names) if self._globs else ())
        found.update(n for id in ids for of, n in self._broad.get(id, ()) if not of.isdisjoint(names))
        if self._versioned:
            places = [(id, name) for id in ids for name in names]
            found.update(n for place in places if place in self._versioned for n in self._versioned[place].of(package))
        return sorted(found.union(self._naming_none(package, names)))

    def _by_globs(self, ids: Iterable[str | None], package: Package, names: Collection[str]) -> Iterator[int]:
        for id in ids:
            if id in self._globs:
                by_name, by_place = self._globs[id]
                yield from by_name.fitting(names)
                yield from by_place.fitting(places_of(package)[:1])

    def _naming_none(self, package: Package, names: Collection[str]) -> Sequence[int]:
        # Once a package, not once a finding: there may be a hundred findings of it.
        if package not in self._any_of:
            numbers = {number for name in (None, *names) for number in self._filed.get((None, name), ())}
            numbers.update(self._by_globs((None,), package, names) if self._globs else ())
            statements = ((number, self._statements[number]) for number in sorted(numbers))
            self._any_of[package] = [n for n, one in statements if self._host.selects(one, package) != NO]
        return self._any_of[package]


class _Versioned:
    """Statements about one name, by the versions that they are about.

    :param numbered: the number of each, with its versions. None where it may be any.
    """

    def __init__(self, numbered: Iterable[tuple[int, Collection[tuple[Names, str]] | None]]) -> None:
        self._any: Final[list[int]] = []
        self._of: Final[dict[Names, list[tuple[str, int]]]] = {Names.BINARY: [], Names.SOURCE: []}
        for number, versions in numbered:
            if versions is None:
                self._any.append(number)
            for names, version in versions or ():
                self._of[names].append((version, number))
        self._keyed: Final[dict[tuple[Names, str, bool], tuple[dict[bytes, list[int]], list[int]]]] = {}

    def of(self, package: Package) -> Iterator[int]:
        """Those that may be about a package: of its version, and those of which that is undecided."""
        yield from self._any
        for one in filter(None, (package, as_advised(package))):
            for names, found in self._of.items():
                key = key_of(one, names)
                if found and key is None:
                    yield from (number for _, number in found)
                elif found and key is not None:
                    by_key, unordered = self._by_key(names, SCHEME_OF_TYPE[one.type], version_of(one, names)[1])
                    yield from by_key.get(key, ())
                    yield from unordered

    def _by_key(self, names: Names, scheme: str, epoch: bool) -> tuple[dict[bytes, list[int]], list[int]]:
        place = names, scheme, epoch
        if place not in self._keyed:
            by_key: dict[bytes, list[int]] = {}
            unordered: list[int] = []
            for version, number in self._of[names]:
                try:
                    by_key.setdefault(version_key(version, scheme, epoch=epoch), []).append(number)
                except vercmp.InvalidVersion:
                    unordered.append(number)
            self._keyed[place] = by_key, unordered
        return self._keyed[place]
