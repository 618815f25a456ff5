"""The product tree of a CSAF document: which component of which release a product is.

A relationship (CSAF 2.0) or a product path (2.1) joins a component, which is a package, to a platform: a release, or a
module of a release. That is a product. The CPE of a platform shows its release, or else its name does. The purl of a
component shows its package, or else its name does, as rpm writes it. The library ``packageurl``, of the extra ``sbom``,
parses purls.

The file name of an rpm shows no epoch. A component's version may be a range (``vers:rpm/>=1.0|<1.2``).
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

from advisories.distros.nevra import built_as_module, split
from advisories.models.advisories import Range
from advisories.models.distribution import FAMILIES, Distribution, family_of, filed_under
from advisories.models.frozen import evolve, frozen
from advisories.models.packages import NO_MODULE, UNKNOWN_MODULE, Module
from advisories.models.reading import Loss, Unreadable
from advisories.models.words import Names
from advisories.readers.purls import distributions_of
from advisories.readers.releases import from_cpe, place_of_product
from advisories.sources.json import SHOWN, Malformed, json_type, list_in
from advisories.sources.purl import check_once, needs_library, parsed, whole_version
from vercmp import vers

__all__ = ["NOT_ITS_PACKAGES", "Broken", "Product", "ProductTree", "Stem", "Why"]

#: Why a module is skipped.
NOT_ITS_PACKAGES: Final = "a module, not its packages"

# Branches below one another. Real documents have four.
_DEPTH: Final = 50
# A platform may be a module of a platform, and no more.
_JOINS: Final = 5

# SUSE's names without a version have dashes too, and those of its libraries for 32 bits a digit behind the last one:
# samba-client-libs, samba-ad-dc-libs-32bit.
_OF_BITS: Final = frozenset({"32bit", "64bit"})
_DIGITS: Final = frozenset("0123456789")
# Red Hat's streams since 2026: "Red Hat Enterprise Linux 9.6.z", of whatever channel.
_MINOR_NAME: Final = re.compile(r"Red Hat Enterprise Linux ([0-9]+)\.([0-9]+)\.z", re.ASCII)
# Where a component has no purl, a module stands before its package: nodejs:18/nodejs.
_OF_MODULE: Final = re.compile(r"([\w.+-]+:[\w.+-]+)/([\w.+-]+)")
# Updates for these go on while those of the server itself are LTSS.
_LONGER: Final = re.compile(r"\bfor SAP |\bHigh Performance Computing\b")
_STREAM: Final = re.compile(r"[^:\s]+:[^:\s]+")
_SOURCE_ARCHES: Final = ("src", "nosrc", "source")

_Place = tuple[Distribution, str | None]


class Why(str):
    """Why a product is skipped: it is understood, and no package of a release."""


class Broken(Why):
    """Why a product is refused: it cannot be read.

    :ivar losses: what is lost with it, as far as it could be read.
    """

    losses: tuple[Loss, ...] = ()

    @classmethod
    def of(cls, why: str, package: str | None, distribution: Distribution) -> "Broken":
        """One of a release."""
        broken = cls(f"{package}: {why}, of {distribution}" if package else f"{why}, of {distribution}")
        broken.losses = (Loss(package, distribution),)
        return broken


@frozen(cache_hash=True)
class Stem:
    """A package of a release, whatever its version: its name, what that is of, the release, channel and module."""

    name: str
    names: Names
    distribution: Distribution
    channel: str | None
    module: Module


@frozen(eq=False)
class Product:
    """A package of a release.

    :ivar stem: what is left of it without a version.
    :ivar evr: its version. None stands for every version.
    :ivar either: nothing shows whether the name is a source's or a binary package's.
    :ivar epoch_known: False where the component's text cannot show an epoch.
    :ivar ranges: the versions, where it is a range. Empty for a single version, and for all of them.
    :ivar minor: the minor release, for the newest stream of a Red Hat release that is maintained as a whole.
    :ivar is_module: it is a module as a whole, under its name.
    :ivar is_longer: it is one of SUSE's products that are supported for longer than the release, without a channel.
    """

    stem: Stem
    evr: str | None
    arch: str | None
    either: bool = False
    epoch_known: bool = True
    ranges: tuple[Range, ...] = ()
    minor: int | None = None
    is_longer: bool = False
    is_module: bool = False

    @property
    def name(self) -> str:
        """The name of the package."""
        return self.stem.name

    @property
    def names(self) -> Names:
        """What the name is of."""
        return self.stem.names

    @property
    def distribution(self) -> Distribution:
        """The release."""
        return self.stem.distribution

    @property
    def channel(self) -> str | None:
        """The channel of the release."""
        return self.stem.channel

    @property
    def module(self) -> Module:
        """The module stream."""
        return self.stem.module

    def as_binary(self) -> "Product":
        """The binary package of the name."""
        return evolve(self, stem=evolve(self.stem, names=Names.BINARY))


@frozen
class _Component:
    """A package, or a module where `name` is None. An empty `module` is one that cannot be read."""

    name: str | None
    evr: str | None = None
    arch: str | None = None
    module: str | None = None
    epoch_known: bool = True
    ranges: tuple[Range, ...] = ()


class ProductTree:
    """The products of a document by their ids. Raises :class:`Malformed` for what is no product tree.

    :param source: of the document, for the error of a missing library.
    :param every_stream: the document is about all streams of a release, as one of a CVE is. So the newest of them is
        the release's own.
    """

    def __init__(self, tree: dict[str, Any], source: str, *, every_stream: bool = False) -> None:
        self._source = source
        self._products: dict[str, dict[str, Any]] = {}
        self._joins: dict[str, tuple[str, str]] = {}
        self._ranges: dict[str, str] = {}
        self._known: dict[str, Product | Why] = {}
        self._stems: dict[tuple[str, Names, Distribution, str | None, Module], Stem] = {}
        self._platforms: dict[str, tuple[Distribution, str | None, str | None] | None] = {}
        self._branches(list_in(tree, "branches", "product_tree."), "product_tree.branches", 0)
        for product in list_in(tree, "full_product_names", "product_tree."):
            self._add(product, "product_tree.full_product_names")
        for number, join in enumerate(list_in(tree, "relationships", "product_tree.")):
            path = f"product_tree.relationships[{number}]"
            id, first = _joined(join, "product_reference", path)
            self._join(id, first, join.get("relates_to_product_reference"), path)
        for number, join in enumerate(list_in(tree, "product_paths", "product_tree.")):
            path = f"product_tree.product_paths[{number}]"
            id, first = _joined(join, "beginning_product_reference", path)
            steps = list_in(join, "subpaths", f"{path}.")
            for place, step in enumerate(steps):
                last = place == len(steps) - 1
                whole = id if last else f"{id}\0{place}"
                self._join(whole, first, step.get("next_product_reference") if isinstance(step, dict) else None, path)
                first = whole
        self._minors = self._newest_streams() if every_stream else {}
        # Red Hat names sources so where it names binary packages too.
        self._names_sources = any(
            (purl := _purl(product)) is not None and "arch=src" in purl and "@" not in purl.partition("?")[0]
            for product in self._products.values()
        )

    def _branches(self, branches: list[Any], path: str, depth: int) -> None:
        if depth > _DEPTH:
            raise Malformed(path, f"branches nested more than {_DEPTH} deep")
        for number, branch in enumerate(branches):
            where = f"{path}[{number}]"
            if not isinstance(branch, dict):
                raise Malformed(where, f"an object is expected, not {json_type(branch)}")
            if branch.get("product") is not None:
                id = self._add(branch["product"], where)
                if branch.get("category") == "product_version_range":
                    self._ranges[id] = str(branch.get("name"))
            self._branches(list_in(branch, "branches", f"{where}."), f"{where}.branches", depth + 1)

    def _add(self, product: Any, path: str) -> str:
        if not isinstance(product, dict) or not isinstance(product.get("product_id"), str):
            raise Malformed(path, "a product with an id is expected")
        id: str = product["product_id"]
        self._products[id] = product
        return id

    def _join(self, id: str, component: str, platform: Any, path: str) -> None:
        if not isinstance(platform, str) or not platform:
            raise Malformed(path, "ids of products are expected")
        self._joins[id] = component, platform

    def product(self, id: str) -> Product | Why:
        """The package of a release that a product is. Where it is none: why."""
        if id not in self._known:
            self._known[id] = self._resolved(id)
        return self._known[id]

    def purl(self, id: str) -> str | None:
        """The package URL that the document gives a product. A component joined to a platform has its own."""
        return _purl(self._products.get(self._joins.get(id, (id,))[0], {}))

    def is_purl_lost(self, id: str) -> bool:
        """Whether something else is in the place of a product's package URL, so that its name is not all there was."""
        product = self._products.get(self._joins.get(id, (id,))[0], {})
        helper = product.get("product_identification_helper")
        if not isinstance(helper, dict):
            return helper is not None
        one, several = helper.get("purl"), helper.get("purls")
        return not (isinstance(one, str | None) and isinstance(several, list | None))

    def everything(self) -> Iterator[str]:
        """The ids of all products: those that are joined, and those that stand alone."""
        return iter(dict.fromkeys((*self._joins, *self._products)))

    def is_range(self, id: str) -> bool:
        """Whether a product stands for a range of versions."""
        return self._joins.get(id, (id,))[0] in self._ranges

    def platform(self, id: str) -> str | None:
        """The id of the product that a component is joined to. None for what stands alone."""
        return self._joins[id][1] if id in self._joins else None

    def _resolved(self, id: str) -> Product | Why:
        component_id, platform_id = self._joins.get(id, (id, ""))
        if not self._describes(platform_id or component_id):
            return self._not_described(id, component_id)
        platform = self._platform(platform_id) if platform_id else self._named_by_purl(id)
        if platform is None:
            if not platform_id:
                return Why("a product that is no package of a release")
            if not self._is_identified(platform_id):
                broken = Broken("a platform without a CPE, whose name is no release's")
                named = self._component(component_id)
                broken.losses = (Loss(named.name if isinstance(named, _Component) else None),)
                return broken
            return Why("a platform that is no release of a distribution that is known")
        distribution, channel, stream = platform
        component = self._component(component_id)
        if component_id not in self._products:
            return Broken.of("a component that the document does not describe", None, distribution)
        if isinstance(component, Broken):
            return Broken.of(component, component.losses[0].package if component.losses else None, distribution)
        if isinstance(component, Why):
            return component
        if component.name is None:
            return _whole_module(component, distribution, channel)
        names, either = self._names(component, distribution)
        module = _module(component, stream, distribution)
        # One object for all versions and architectures.
        place = component.name, names, distribution, channel, module
        stem = self._stems.get(place)
        if stem is None:
            stem = self._stems[place] = Stem(*place)
        return Product(
            stem,
            component.evr,
            component.arch,
            either,
            component.epoch_known,
            component.ranges,
            self._minors.get(platform_id),
            distribution.id == "sles" and self._is_longer(platform_id),
        )

    def _is_identified(self, platform_id: str) -> bool:
        """Whether a platform has a CPE, a package URL or a name in words, which show that it is another product, or is
        joined.
        """
        product = self._products.get(platform_id, {})
        helper = product.get("product_identification_helper")
        texts = [helper.get("cpe"), helper.get("purl")] if isinstance(helper, dict) else []
        is_named = any(isinstance(one, str) and one.strip().lower().startswith(("cpe:", "pkg:")) for one in texts)
        return platform_id in self._joins or is_named or " " in str(product.get("name", "")).strip()

    def _describes(self, id: str) -> bool:
        return id in self._products or id in self._joins

    def _not_described(self, id: str, component_id: str) -> Broken:
        """A product of which nothing but its ids shows what it is. Red Hat's have a platform in front."""
        component = self._component(component_id)
        platform = self._platform(id.partition(":")[0])
        broken = Broken(f"a product that the document does not describe: {id[:SHOWN]!a}")
        name = component.name if isinstance(component, _Component) else None
        broken.losses = (Loss(name, None if platform is None else platform[0]),)
        return broken

    def _is_longer(self, platform: str) -> bool:
        return _LONGER.search(str(self._products.get(platform, {}).get("name"))) is not None

    def _names(self, component: _Component, distribution: Distribution) -> tuple[Names, bool]:
        """What the name of a component is of, and whether that is unclear.

        Without a version and an architecture Red Hat names a source package in its older documents, and a binary
        package in those that name source packages as such. Others name the package that is installed.
        """
        if component.arch in _SOURCE_ARCHES:
            return Names.SOURCE, False
        bare = component.arch is None and component.evr is None and distribution.id == "rhel"
        return (Names.SOURCE, True) if bare and not self._names_sources else (Names.BINARY, False)

    # ---- platforms ----

    def _named_by_purl(self, id: str) -> tuple[Distribution, str | None, str | None] | None:
        """The release that the purl of a product by itself names, as ``distro``."""
        text = self.purl(id)
        if text is None or "distro=" not in text:
            return None
        distribution = next(iter(distributions_of([text])), None)
        if distribution is None or distribution.release is None or not _has_rpms(distribution):
            return None
        return filed_under(distribution), None, None

    def _platform(self, id: str, joins: int = 0) -> tuple[Distribution, str | None, str | None] | None:
        """The release, channel and module stream of a platform."""
        if id in self._platforms:
            return self._platforms[id]
        found: tuple[Distribution, str | None, str | None] | None = None
        if id in self._joins and joins < _JOINS:
            component_id, platform_id = self._joins[id]
            below = self._platform(platform_id, joins + 1)
            component = self._component(component_id)
            if below is not None and not isinstance(component, Why) and component.name is None:
                found = below[0], below[1], component.module
        elif id in self._products:
            place = _place(self._products[id])
            if place is not None and id in self._minors:
                place = Distribution(place[0].id, str(place[0].release).partition(".")[0]), None
            found = None if place is None else (*place, None)
        self._platforms[id] = found
        return found

    def _newest_streams(self) -> dict[str, int]:
        """The platforms that are the newest stream of a Red Hat release, with their minor release.

        Red Hat files the newest minor release under EUS while it is the release's own too. It names minor releases
        with another CPE where that was so.
        """
        minors: dict[str, dict[str, int]] = {}
        whole: set[str] = set()
        for id, product in self._products.items():
            name = product.get("name")
            if not isinstance(name, str) or not name.startswith("Red Hat Enterprise Linux "):
                continue
            place = _place(product)
            if place is None or place[1] not in (None, "eus"):
                continue
            match = _MINOR_NAME.fullmatch(name)
            if match is not None:
                minors.setdefault(match[1], {})[id] = int(match[2])
            elif place[1] is None:
                whole.add(str(place[0].release))
        newest: dict[str, int] = {}
        for release, ids in minors.items():
            if release not in whole:
                last = max(ids.values())
                newest.update({id: minor for id, minor in ids.items() if minor == last})
        return newest

    # ---- components ----

    def _component(self, id: str) -> _Component | Why:
        product = self._products.get(id)
        if product is None:
            return Why("a component that the document does not describe")
        component = self._described(id, product)
        if id not in self._ranges or isinstance(component, Why) or component.name is None:
            return component
        ranges = _ranges_of(self._ranges[id])
        if isinstance(ranges, Broken):
            broken = Broken(ranges)
            broken.losses = (Loss(component.name),)
            return broken
        return evolve(component, ranges=ranges, evr=None)

    def _described(self, id: str, product: dict[str, Any]) -> _Component | Why:
        purl = _purl(product)
        if purl is not None:
            needs_library(self._source)
            return _of_purl(purl)
        name = product.get("name")
        for text in (id, name):
            parts = split(text) if isinstance(text, str) else None
            if parts is not None and _has_version(parts.version, parts.release):
                is_file = parts.epoch is None and str(text).endswith(".rpm")
                return _Component(parts.name, parts.evr, parts.arch, epoch_known=not is_file)
        if isinstance(name, str) and name and name.isprintable() and " " not in name:
            module = _OF_MODULE.fullmatch(name)
            if module is not None:
                return _Component(module[2], module=module[1])
            if "/" not in name:
                return _Component(name)
        return Why("a component that is no package")


def _has_version(version: str, release: str) -> bool:
    """Whether the two last parts of a name between dashes are a version and its release."""
    return release[:1] in _DIGITS and release not in _OF_BITS and not _DIGITS.isdisjoint(version)


def _whole_module(component: _Component, distribution: Distribution, channel: str | None) -> Product | Why:
    if not component.module:
        return Why(NOT_ITS_PACKAGES)
    name = component.module.partition(":")[0]
    stream = Module.of(component.module)
    return Product(Stem(name, Names.SOURCE, distribution, channel, stream), None, None, is_module=True)


def _joined(join: Any, first: str, path: str) -> tuple[str, str]:
    """The id of a product that is joined, and that of its component."""
    if not isinstance(join, dict) or not isinstance(join.get("full_product_name"), dict):
        raise Malformed(path, "an object with a full_product_name is expected")
    id, component = join["full_product_name"].get("product_id"), join.get(first)
    if not isinstance(id, str) or not isinstance(component, str):
        raise Malformed(path, "ids of products are expected")
    return id, component


def _purl(product: dict[str, Any]) -> str | None:
    """The package URL of a product. Of several, as CSAF 2.1 has them, the first of an rpm."""
    helper = product.get("product_identification_helper")
    if not isinstance(helper, dict):
        return None
    one, several = helper.get("purl"), helper.get("purls")
    if several is None:
        return one if isinstance(one, str) else None
    texts = [purl for purl in (one, *(several if isinstance(several, list) else ())) if isinstance(purl, str)]
    return next((text for text in texts if text.startswith("pkg:rpm")), texts[0] if texts else None)


def _place(product: dict[str, Any]) -> _Place | None:
    helper = product.get("product_identification_helper")
    cpe = helper.get("cpe") if isinstance(helper, dict) else None
    place = from_cpe(cpe.strip().lower()) if isinstance(cpe, str) else None
    name = product.get("name")
    if place is None and isinstance(name, str):
        place = place_of_product(name)
    return place if place is not None and _has_rpms(place[0]) else None


def _has_rpms(distribution: Distribution) -> bool:
    family = family_of(distribution)
    return family is not None and family.type == "rpm"


@lru_cache(maxsize=65536)
def _of_purl(text: str) -> _Component | Why:
    try:
        check_once(text)
        purl = parsed(text)
        qualifiers = dict(purl.qualifiers)
        evr = whole_version(purl.version, qualifiers.get("epoch"))
    except Unreadable as unreadable:
        return Broken(f"{text[:100]!a}: {unreadable}")
    if purl.type == "rpmmod":
        of_module = (purl.version or "").partition(":")[0]
        return _Component(None, module=f"{purl.name}:{of_module}") if of_module else Why("a module without a stream")
    if purl.type != "rpm":
        return Why(f"components of type {purl.type}" if purl.type.isprintable() else "components of no type")
    label = qualifiers.get("rpmmod")
    stream = None if label is None else ":".join(label.split(":")[:2])
    if stream is not None and not _STREAM.fullmatch(stream):
        stream = ""
    arch = qualifiers.get("arch")
    if not f"{purl.name}{evr}{arch}".isprintable():
        return Broken("a purl with characters that cannot be printed")
    return _Component(purl.name, evr, arch, stream)


@lru_cache(maxsize=4096)
def _ranges_of(text: str) -> tuple[Range, ...] | Broken:
    """The versions of a range in VERS: bounds in order, equal versions, or all of them."""
    try:
        found = vers.parse(text.strip())
    except vers.InvalidVers as error:
        return Broken(f"a range that cannot be read: {error}")
    if found.scheme not in ("rpm", "all"):
        return Broken(f"a range that is not of rpm's versions: {text[:80]!a}")
    ranges: list[Range] = []
    low: str | None = None
    for sign, version in found.constraints:
        if not version.isprintable():
            return Broken(f"a range that cannot be read: {text[:80]!a}")
        if sign == "*":
            return (Range(),)
        if sign == ">=":
            low = version
        elif sign in ("<", "<="):
            ranges.append(Range(low, None, version if sign == "<=" else None, version if sign == "<" else None))
            low = None
        elif sign == "=":
            ranges.append(Range(version, None, version))
        else:
            return Broken(f"a range that has no plain form here: {text[:80]!a}")
    if low is not None:
        ranges.append(Range(low))
    return tuple(ranges)


def _module(component: _Component, stream: str | None, distribution: Distribution) -> Module:
    if component.module == "":
        return UNKNOWN_MODULE
    named = component.module or stream
    if named is not None:
        return Module.of(named)
    # What has no version is the package outside of modules: documents name the module where there is one.
    if component.evr is None or not FAMILIES[distribution.id].modular:
        return NO_MODULE
    return UNKNOWN_MODULE if built_as_module(component.evr) else NO_MODULE
