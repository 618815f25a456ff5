"""The packages of a list, and which of them a statement is about."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Final, TypeVar

import vercmp
from advisories.distros.signed import as_advised
from advisories.index.records import version_key
from advisories.models.distribution import name_filed_under
from advisories.models.frozen import field, frozen
from advisories.models.packages import SCHEME_OF_TYPE, SYSTEM_TYPES, Inventory, Package
from advisories.models.statements import Product, Purl, Statement
from advisories.models.words import Names
from advisories.triage.fits import (
    NO,
    YES,
    Answer,
    all_of,
    any_of,
    filed_name,
    in_range,
    is_at,
    is_narrow,
    is_package,
    is_placed,
    is_whole,
    key_of,
    places_of,
    version_of,
)
from advisories.triage.globs import Globs, Numbered, is_glob
from advisories.triage.select import is_named

__all__ = ["MANY", "Listed", "globs_of", "names_of_package"]


_Thing = TypeVar("_Thing", Product, Purl)
# Up to so many products or components are looked at one by one.
_FEW: Final = 4
# Of so many statements about one vulnerability and name, those of other versions are left out.
MANY: Final = 16


def globs_of(statement: Statement) -> Sequence[str]:
    """The globs by which a statement is filed: those of names with the names beside them, else that of places."""
    if any(map(is_glob, statement.packages)):
        return statement.packages
    return (statement.location,) if statement.location and not (statement.packages or statement.products) else ()


def names_of_package(package: Package) -> set[str]:
    """Every name by which a statement may mean a package: its own and its source's, as advisories file them too."""
    advised = as_advised(package)
    names = {package.name, package.source_name, None if advised is None else advised.source_name} - {None}
    return {filed for name in names if name for filed in (name, name_filed_under(package.type, name))}


def _is_in(statement: Statement, package: Package) -> Answer:
    """Whether the version of a package is in the range of a rule that names none."""
    return YES if statement.versions is None else in_range(statement.versions, package, Names.BINARY)


@frozen
class Listed:
    """What the findings were found in.

    :ivar by_name: the packages on disk, by their own name and their source package's.
    :ivar types: the types of all packages, also of removed ones.
    """

    inventory: Inventory
    scanned: Collection[Purl]
    by_name: Mapping[str, list[Package]] = field(init=False)
    types: frozenset[str] = field(init=False)
    # The places of products by name, and of their components, of those that have many. By the object's identity.
    _filed: dict[int, tuple[object, dict[str | None, list[int]]]] = field(init=False, factory=dict)
    # The globs of statements that have many, the same way.
    _many: dict[int, tuple[object, Globs]] = field(init=False, factory=dict)
    # The packages of names that many have, by the version of their own or of their source.
    _by_version: dict[tuple[str, Names], Mapping[tuple[str, bool, bytes], list[Package]]] = field(
        init=False, factory=dict
    )

    def __attrs_post_init__(self) -> None:
        by_name: dict[str, list[Package]] = {}
        for package in self.inventory.instances:
            if package.state.on_disk:
                filed = name_filed_under(package.type, package.name)
                advised = as_advised(package)
                sources = {package.source_name or package.name, (advised or package).source_name or package.name}
                for name in {package.name, filed, *sources}:
                    by_name.setdefault(name, []).append(package)
        object.__setattr__(self, "by_name", by_name)
        object.__setattr__(self, "types", frozenset(package.type for package in self.inventory.instances))

    def selects(self, statement: Statement, package: Package) -> Answer:
        """Whether a statement is about a package, leaving out vulnerabilities and fix states.

        A signed kernel is also what advisories name.
        """
        advised = as_advised(package)
        found = self._selects(statement, package)
        return found if advised is None else any_of((found, self._selects(statement, advised)))

    def _selects(self, statement: Statement, package: Package) -> Answer:
        return all_of(
            (
                self._is_named(statement, package) if statement.packages else _is_in(statement, package),
                is_at(statement.location, package) if statement.location else YES,
                any_of(self._is_of(product, package) for product in self._products(statement, package))
                if statement.products
                else YES,
            )
        )

    def _is_of(self, product: Product, package: Package) -> Answer:
        distribution = self.inventory.distribution
        # A package of a system is in no other one, whatever was listed.
        is_inside = product.purl.type not in SYSTEM_TYPES or product.purl.type != package.type
        is_of_scanned = is_inside and self._is_scanned(product.purl)
        fits = YES if is_of_scanned else is_package(product.purl, package, distribution)
        if fits != NO:
            fits = all_of((fits, is_placed(product, package, distribution)))
        if fits == YES and not is_of_scanned and product.distribution is None:
            fits = is_narrow(product.purl)
        if not product.components or fits == NO:
            return fits
        return all_of(
            (fits, any_of(is_package(purl, package, distribution) for purl in self._components(product, package)))
        )

    # ---- those that may be a package, without looking at each of many ----

    def names_of(self, statement: Statement) -> set[str] | None:
        """The names of the packages that a statement may be about. None where it may be any."""
        if statement.packages and not any(map(is_glob, statement.packages)):
            return set(statement.packages)
        names = {name for product in statement.products for name in self._names_of(product)} or {None}
        return None if None in names else {name for name in names if name is not None}

    def versions_of(self, statement: Statement, name: str | None) -> Collection[tuple[Names, str]] | None:
        """The versions of a name that a statement is about. None where it may be any."""
        if statement.packages or any(self._is_scanned(one.purl) for one in statement.products):
            return None
        purls = [one.purl for one in statement.products if filed_name(one.purl) == name]
        found = {(Names.SOURCE if purl.is_source else Names.BINARY, purl.version) for purl in purls}
        versions = [(names, version) for names, version in found if version is not None]
        return versions if len(versions) == len(found) else None

    def _names_of(self, product: Product) -> Iterable[str | None]:
        if not self._is_scanned(product.purl):
            return (filed_name(product.purl),)
        return map(filed_name, product.components) if product.components else (None,)

    def _globs(self, patterns: tuple[str, ...]) -> Globs:
        if id(patterns) not in self._many:
            # Kept with them, so that their identity stays their own.
            self._many[id(patterns)] = patterns, Globs(patterns)
        return self._many[id(patterns)][1]

    def _products(self, statement: Statement, package: Package) -> Iterable[Product]:
        products = statement.products
        return products if len(products) <= _FEW else self._near(products, self._names_of, package)

    def _components(self, product: Product, package: Package) -> Iterable[Purl]:
        purls = product.components
        return purls if len(purls) <= _FEW else self._near(purls, lambda purl: (filed_name(purl),), package)

    def _near(
        self, things: tuple[_Thing, ...], names_of: Callable[[_Thing], Iterable[str | None]], package: Package
    ) -> Iterator[_Thing]:
        """Those of a name that the package has, in their order. The others are not about it."""
        if id(things) not in self._filed:
            filed: dict[str | None, list[int]] = {}
            for number, one in enumerate(things):
                for name in set(names_of(one)):
                    filed.setdefault(name, []).append(number)
            # Kept with it, so that its identity stays its own.
            self._filed[id(things)] = things, filed
        filed = self._filed[id(things)][1]
        numbers = {number for name in (None, *names_of_package(package)) for number in filed.get(name, ())}
        return (things[number] for number in sorted(numbers))

    def _is_scanned(self, product: Purl) -> bool:
        return any(is_whole(one, product) for one in self.scanned)

    def _is_named(self, statement: Statement, package: Package) -> Answer:
        """Whether a rule names a package or its source package, in a version of its range."""
        packages, versions = statement.packages, statement.versions
        if len(packages) > _FEW:
            globs = self._globs(packages)
            own, source = globs.fit(package.name), globs.fit(package.source_name)
        else:
            own, source = (is_named(name, packages) for name in (package.name, package.source_name))
        if versions is None or not (own or source):
            return (own or source, "")
        # Where both are named, the installed package's own version decides.
        return in_range(versions, package, Names.BINARY if own else Names.SOURCE)

    def having(self, statements: Sequence[Statement]) -> list[bool]:
        """Whether anything installed is what a statement is about, for each."""
        found = [False] * len(statements)
        globs: list[list[tuple[str, int]]] = [[], []]
        for number, statement in enumerate(statements):
            by_glob = globs_of(statement)
            if by_glob and self._may_be_any(statement):
                globs[0 if statement.packages else 1] += [(pattern, number) for pattern in by_glob]
            else:
                candidates = self._candidates(statement)
                found[number] = any(self.selects(statement, package)[0] for package in candidates)
        by_name, by_place = map(Numbered, globs)
        for package in self.inventory.instances if any(globs) else ():
            if package.state.on_disk:
                numbers = chain(by_name.fitting(names_of_package(package)), by_place.fitting(places_of(package)[:1]))
                for number in numbers:
                    found[number] = found[number] or self.selects(statements[number], package)[0]
        return found

    def may_have(self, statement: Statement) -> bool:
        """Whether a list such as this one may have what a statement is about."""
        purls = [product.purl for product in statement.products]
        return not purls or any(purl.type in self.types or self._is_scanned(purl) for purl in purls)

    def _may_be_any(self, statement: Statement) -> bool:
        """Whether a statement names no products, or what was scanned."""
        return not statement.products or any(
            not product.components and self._is_scanned(product.purl) for product in statement.products
        )

    def _candidates(self, statement: Statement) -> Iterable[Package]:
        """The installed packages that a statement may be about."""
        if self._may_be_any(statement):
            if statement.packages:
                return (package for name in statement.packages for package in self.by_name.get(name, ()))
            return (package for package in self.inventory.instances if package.state.on_disk)
        purls = [purl for product in statement.products for purl in (product.components or (product.purl,))]
        wanted = dict.fromkeys((one.type, filed_name(one), one.version, one.is_source) for one in purls)
        return (package for one in wanted for package in self._named(*one))

    def _named(self, type: str, name: str, version: str | None, is_source: bool) -> Iterable[Package]:
        """The installed packages of a package URL's name. Of many, those of its version alone."""
        packages, scheme = self.by_name.get(name, ()), SCHEME_OF_TYPE.get(type)
        if version is None or scheme is None or len(packages) <= MANY:
            return packages
        names = Names.SOURCE if is_source else Names.BINARY
        if (name, names) not in self._by_version:
            by_version: dict[tuple[str, bool, bytes], list[Package]] = {}
            for package in packages:
                for one in filter(None, (package, as_advised(package))):
                    key = key_of(one, names)
                    if key is not None:
                        by_version.setdefault((one.type, version_of(one, names)[1], key), []).append(package)
            self._by_version[name, names] = by_version
        found = self._by_version[name, names]
        try:
            keys = [(type, epoch, version_key(version, scheme, epoch=epoch)) for epoch in (True, False)]
        except vercmp.InvalidVersion:
            return ()
        return (package for key in keys for package in found.get(key, ()))
