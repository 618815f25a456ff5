"""The product tree of a CSAF document: which component of which release a product is.

A relationship joins a component (a package) to a platform (a release, or a module of a release). That is a product.
The CPE of a platform shows its release, or else its name does. The purl of a component shows its package, or else its
name does, as rpm writes it. The library ``packageurl``, of the extra ``sbom``, parses purls.
"""

from functools import lru_cache
from typing import Any, Final

from attrs import frozen

from advisories.distros.nevra import built_as_module, split
from advisories.models.distribution import FAMILIES, Distribution
from advisories.models.packages import NO_MODULE, UNKNOWN_MODULE, Module
from advisories.models.words import Names
from advisories.readers.releases import from_cpe, from_product
from advisories.sources.json import Malformed, json_type, list_in

__all__ = ["Product", "ProductTree"]

# Branches below one another. Real documents have four.
_DEPTH: Final = 50
# A platform may be a module of a platform, and no more.
_JOINS: Final = 5


@frozen
class Product:
    """A package of a release.

    :ivar evr: its version. None stands for every version.
    """

    name: str
    evr: str | None
    arch: str | None
    names: Names
    distribution: Distribution
    channel: str | None
    module: Module

    def without_arch(self) -> "Product":
        """The same for every architecture."""
        return Product(self.name, self.evr, None, self.names, self.distribution, self.channel, self.module)


@frozen
class _Component:
    """A package, or a module where `name` is None."""

    name: str | None
    evr: str | None = None
    arch: str | None = None
    module: str | None = None


class ProductTree:
    """The products of a document by their ids. Raises :class:`Malformed` for what is no product tree."""

    def __init__(self, tree: dict[str, Any]) -> None:
        self._products: dict[str, dict[str, Any]] = {}
        self._joins: dict[str, tuple[str, str]] = {}
        self._known: dict[str, Product | str] = {}
        self._platforms: dict[str, tuple[Distribution, str | None, str | None] | None] = {}
        self._branches(list_in(tree, "branches", "product_tree."), "product_tree.branches", 0)
        for product in list_in(tree, "full_product_names", "product_tree."):
            self._add(product, "product_tree.full_product_names")
        for number, join in enumerate(list_in(tree, "relationships", "product_tree.")):
            path = f"product_tree.relationships[{number}]"
            if not isinstance(join, dict) or not isinstance(join.get("full_product_name"), dict):
                raise Malformed(path, "an object with a full_product_name is expected")
            id = join["full_product_name"].get("product_id")
            parts = join.get("product_reference"), join.get("relates_to_product_reference")
            if not isinstance(id, str) or not isinstance(parts[0], str) or not isinstance(parts[1], str):
                raise Malformed(path, "ids of products are expected")
            self._joins[id] = parts[0], parts[1]

    def _branches(self, branches: list[Any], path: str, depth: int) -> None:
        if depth > _DEPTH:
            raise Malformed(path, f"branches nested more than {_DEPTH} deep")
        for number, branch in enumerate(branches):
            where = f"{path}[{number}]"
            if not isinstance(branch, dict):
                raise Malformed(where, f"an object is expected, not {json_type(branch)}")
            if branch.get("product") is not None:
                self._add(branch["product"], where)
            self._branches(list_in(branch, "branches", f"{where}."), f"{where}.branches", depth + 1)

    def _add(self, product: Any, path: str) -> None:
        if not isinstance(product, dict) or not isinstance(product.get("product_id"), str):
            raise Malformed(path, "a product with an id is expected")
        self._products[product["product_id"]] = product

    def product(self, id: str) -> Product | str:
        """The package of a release that a product is. A text where it is none: why."""
        if id not in self._known:
            self._known[id] = self._resolved(id)
        return self._known[id]

    def purl(self, id: str) -> str | None:
        """The package URL that the document gives a product. A component joined to a platform has its own."""
        return _purl(self._products.get(self._joins.get(id, (id,))[0], {}))

    def platform(self, id: str) -> str | None:
        """The id of the product that a component is joined to. None for what stands alone."""
        return self._joins[id][1] if id in self._joins else None

    def _resolved(self, id: str) -> Product | str:
        if id not in self._joins:
            return "a product that is no package of a release"
        component_id, platform_id = self._joins[id]
        platform = self._platform(platform_id)
        if platform is None:
            return "a platform that is no release of a distribution that is known"
        distribution, channel, stream = platform
        component = self._component(component_id)
        if isinstance(component, str):
            return component
        if component.name is None:
            return "a module, not its packages"
        return Product(
            component.name,
            component.evr,
            component.arch,
            _names(component, distribution),
            distribution,
            channel,
            _module(component, stream, distribution),
        )

    def _platform(self, id: str, joins: int = 0) -> tuple[Distribution, str | None, str | None] | None:
        """The release, channel and module stream of a platform."""
        if id in self._platforms:
            return self._platforms[id]
        found: tuple[Distribution, str | None, str | None] | None = None
        if id in self._joins and joins < _JOINS:
            component_id, platform_id = self._joins[id]
            below = self._platform(platform_id, joins + 1)
            component = self._component(component_id)
            if below is not None and not isinstance(component, str) and component.name is None:
                found = below[0], below[1], component.module
        elif id in self._products:
            place = _place(self._products[id])
            found = None if place is None else (*place, None)
        self._platforms[id] = found
        return found

    def _component(self, id: str) -> _Component | str:
        product = self._products.get(id)
        if product is None:
            return "a component that the document does not describe"
        purl = _purl(product)
        if purl is not None:
            return _of_purl(purl)
        for text in (id, product.get("name")):
            parts = split(text) if isinstance(text, str) else None
            # SUSE's names without a version have dashes too: samba-client-libs.
            if parts is not None and parts.release[:1].isdecimal():
                return _Component(parts.name, parts.evr, parts.arch)
        name = product.get("name")
        if isinstance(name, str) and name and name.isprintable() and " " not in name and "/" not in name:
            return _Component(name)
        return "a component that is no package"


def _purl(product: dict[str, Any]) -> str | None:
    helper = product.get("product_identification_helper")
    purl = helper.get("purl") if isinstance(helper, dict) else None
    return purl if isinstance(purl, str) else None


def _place(product: dict[str, Any]) -> tuple[Distribution, str | None] | None:
    helper = product.get("product_identification_helper")
    cpe = helper.get("cpe") if isinstance(helper, dict) else None
    place = from_cpe(cpe) if isinstance(cpe, str) else None
    if place is None and cpe is None and isinstance(product.get("name"), str):
        distribution = from_product(product["name"])
        place = (distribution, None) if distribution else None
    return place


@lru_cache(maxsize=65536)
def _of_purl(text: str) -> _Component | str:
    try:
        from packageurl import PackageURL
    except ImportError:
        return "a package URL: reading it needs the library packageurl, pip install 'vercmp[sbom]'"
    try:
        purl = PackageURL.from_string(text)
    except ValueError:
        return "a component with an invalid purl"
    qualifiers = purl.qualifiers if isinstance(purl.qualifiers, dict) else {}
    if purl.type == "rpmmod":
        stream = (purl.version or "").partition(":")[0]
        return _Component(None, module=f"{purl.name}:{stream}") if stream else "a module without a stream"
    if purl.type != "rpm":
        return f"components of type {purl.type}" if purl.type.isprintable() else "components of no type"
    epoch = qualifiers.get("epoch", "")
    version = purl.version
    if version and epoch.strip("0") and ":" not in version:
        version = f"{epoch}:{version}"
    stream = ":".join(qualifiers.get("rpmmod", "").split(":")[:2])
    if not f"{purl.name}{version}{epoch}".isprintable():
        return "a component with an invalid purl"
    return _Component(purl.name, version or None, qualifiers.get("arch"), stream if ":" in stream else None)


def _names(component: _Component, distribution: Distribution) -> Names:
    if component.arch in ("src", "nosrc"):
        return Names.SOURCE
    # Red Hat names the source package where there is no fix. Others name the package that is installed.
    is_source = component.arch is None and component.evr is None and distribution.id == "rhel"
    return Names.SOURCE if is_source else Names.BINARY


def _module(component: _Component, stream: str | None, distribution: Distribution) -> Module:
    named = component.module or stream
    if named is not None:
        return Module.of(named)
    if not FAMILIES[distribution.id].modular:
        return NO_MODULE
    if component.evr is None:
        return UNKNOWN_MODULE
    return UNKNOWN_MODULE if built_as_module(component.evr) else NO_MODULE
