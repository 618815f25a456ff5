"""CSAF: the product statuses of a VEX document, or of a security advisory, as statements about packages.

Documents of other categories (``csaf_base`` and so on) have no product statuses that bind, and are rejected. A status
becomes:

- ``known_not_affected``: not affected.
- ``fixed``, ``first_fixed``, ``recommended``: fixed in the component's version. Without a version it is skipped.
- ``known_affected``, ``first_affected``, ``last_affected``: affected.
- ``under_investigation``, ``unknown``: under investigation.

These products are read. Every other is skipped and counted:

- a package of a known release, as the product tree joins it (:mod:`advisories.readers.feeds.csaf_products`), for that
  release alone. Without a version it is the package outside of modules, unless a module is named: so Red Hat writes it.
- a package URL that is joined to nothing.
- a package URL joined to another one: the package inside of that, as in an image.
- an image by its digest, whatever product it belongs to.

Statements of one vulnerability differ by status, flag and words. The label of a flag is the justification. The details
of the threat ``impact`` are the reason, unless they are only a rating, and those of a remediation are it where
something is affected. A flag, threat or remediation without products is about all of them.

Source: OASIS, *Common Security Advisory Framework 2.0*, sections 3.2 and 4.5.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from advisories.models.packages import NO_MODULE
from advisories.models.reading import Rejection, Skip
from advisories.models.statements import JUSTIFICATIONS, Product, Purl, Revision, Statement, StatementStatus
from advisories.models.words import Names
from advisories.readers.feeds.csaf import sniff as is_csaf
from advisories.readers.feeds.csaf_products import NOT_ITS_PACKAGES, Broken, ProductTree, Why
from advisories.readers.feeds.csaf_products import Product as Listed
from advisories.readers.statements.vex import (
    NO_PURL,
    NO_VERSION,
    Remarks,
    digest_of,
    object_of,
    one_line,
    revision_of,
    statements_of,
)
from advisories.sources.documents import Document
from advisories.sources.json import SHOWN, Malformed, Place, json_type, list_in, object_in, text_in, values
from advisories.sources.limits import DEFAULT_LIMITS
from advisories.sources.purl import needs_library

__all__ = ["read", "sniff"]

#: The categories of documents whose statuses are statements.
_CATEGORIES: Final = ("csaf_vex", "csaf_security_advisory")
#: What becomes of a product status.
_STATUSES: Final[Mapping[str, StatementStatus]] = {
    "known_not_affected": StatementStatus.NOT_AFFECTED,
    "fixed": StatementStatus.FIXED,
    "first_fixed": StatementStatus.FIXED,
    "recommended": StatementStatus.FIXED,
    "known_affected": StatementStatus.AFFECTED,
    "first_affected": StatementStatus.AFFECTED,
    "last_affected": StatementStatus.AFFECTED,
    "under_investigation": StatementStatus.UNDER_INVESTIGATION,
    "unknown": StatementStatus.UNDER_INVESTIGATION,
}

_IMAGES: Final = ("oci", "docker")
# Red Hat and SUSE write the severity as the impact.
_RATINGS: Final = frozenset({"critical", "important", "high", "moderate", "medium", "low", "none"})
_Item = Statement | Rejection | Skip | Revision
# A flag's label, or words, by the product they are about. None is every product.
_Words = dict[str | None, str]


def sniff(head: bytes, alone: bool) -> bool:
    """JSON with ``csaf_version``, or a category of CSAF."""
    return is_csaf(head, "")


def read(document: Document) -> Iterator[_Item]:
    """The statements of a document, or of one document a line.

    Raises :class:`~advisories.models.errors.UnreadableSource` without the library for purls.
    """
    needs_library(document.source)
    digest = digest_of(document)
    for value in values(document):
        if isinstance(value, Rejection):
            yield value
            continue
        place = Place(document.source, value.position, document.name)
        try:
            content = object_of(value)
            about = object_in(content, "document", "")
            revision = _revision_of(about, f"{digest} {value.position}")
            if revision is not None:
                yield revision
            category = text_in(about, "category", "document.")
            if category not in _CATEGORIES:
                why = f"not a category with statements: {category[:SHOWN]}; there are: {', '.join(_CATEGORIES)}"
                raise Malformed("document.category", why)
            yield from _Reader(place, content, about, revision).items()
        except Malformed as malformed:
            yield Rejection(document.source, place.at(malformed.path), document.name, malformed.why)


def _revision_of(about: dict[str, Any], digest: str) -> Revision | None:
    """Which revision of which of the publisher's documents it is. Where a draft stands among others nothing shows."""
    publisher, tracking = about.get("publisher"), about.get("tracking")
    if not isinstance(tracking, dict):
        return None
    namespace = publisher.get("namespace") if isinstance(publisher, dict) else None
    name = ("csaf", namespace.rstrip("/")) if isinstance(namespace, str) else ("csaf",)
    is_draft = tracking.get("status") == "draft"
    version, date = (None, None) if is_draft else (tracking.get("version"), tracking.get("current_release_date"))
    return revision_of(name, tracking.get("id"), version, (date,), digest)


class _Reader:
    """One document. Raises :class:`Malformed` where nothing of it can be read."""

    def __init__(self, place: Place, content: dict[str, Any], about: dict[str, Any], revision: Revision | None) -> None:
        self._place = place
        self._revision = revision
        self._remarks = Remarks(place)
        self._owner = one_line(object_in(about, "publisher", "document."), "name", "document.publisher.") or None
        tracking = object_in(about, "tracking", "document.")
        name = "current_release_date"
        self._timestamp = self._remarks.time(tracking, name, "document.tracking.")
        # A draft is for its publisher's own use, and may not stay as it is. What it finds affected counts all the same.
        self._is_draft = tracking.get("status") == "draft"
        tree = object_in(content, "product_tree", "")
        self._tree = ProductTree(tree, place.source)
        self._groups = dict(self._groups_in(tree))
        # Products that groups were taken apart into.
        self._expanded = 0
        self._vulnerabilities = list_in(content, "vulnerabilities", "")

    def items(self) -> Iterator[_Item]:
        return statements_of(self._vulnerabilities, "vulnerabilities", self._remarks, _ids, self._statements)

    def _statements(self, entry: dict[str, Any], path: str, ids: tuple[str, ...]) -> list[Statement]:
        path = f"{path}."
        statuses = object_in(entry, "product_status", path)
        flags = dict(self._flags(entry, path))
        impacts = dict(self._words(entry, "threats", path))
        actions = dict(self._words(entry, "remediations", path))
        found: dict[tuple[str, str | None, str], dict[Product, None]] = {}
        for name, status in _STATUSES.items():
            where = f"{path}product_status.{name}"
            for number, id in enumerate(list_in(statuses, name, f"{path}product_status.")):
                product = self._product(id, f"{where}[{number}]", status)
                if product is None:
                    continue
                label = _of(flags, id) or None if status is StatementStatus.NOT_AFFECTED else None
                words = _of(impacts, id) or (_of(actions, id) if status is StatementStatus.AFFECTED else "")
                found.setdefault((name, label, words or label or ""), {})[product] = None
        return [
            Statement(
                self._place.source,
                self._place.at(f"{path}product_status.{name}"),
                _STATUSES[name],
                ids,
                products=tuple(products),
                reason=words,
                owner=self._owner,
                justification=label,
                timestamp=self._timestamp,
                revision=self._revision,
            )
            for (name, label, words), products in found.items()
        ]

    # ---- products ----

    def _product(self, id: Any, path: str, status: StatementStatus) -> Product | None:
        """The product of an id. None where it is skipped or refused, with a remark."""
        if not isinstance(id, str):
            self._remarks.refuse(path, f"a string is expected, not {json_type(id)}")
            return None
        listed, text = self._tree.product(id), self._tree.purl(id)
        if self._tree.platform(id) is None and not isinstance(listed, Why):
            listed = Why("a product by itself")  # its purl is compared as a whole
        if isinstance(listed, Broken):
            self._remarks.refuse(path, listed)
            return None
        if text is not None:
            purl = self._remarks.purl(text, path)
        elif status.suppresses and self._tree.is_purl_lost(id):
            self._remarks.refuse(path, "a package URL that is no text")
            return None
        else:
            purl = None if isinstance(listed, str) or listed.is_module else _written(listed)
            if purl is None:
                self._remarks.skip(path, NO_PURL)
        if purl is None:
            return None
        if not isinstance(listed, str) and listed.is_module:
            self._remarks.skip(path, NOT_ITS_PACKAGES)
            return None
        if self._tree.is_range(id):
            self._remarks.skip(path, "a range of versions")
            return None
        product = (self._elsewhere(id, purl) or listed) if isinstance(listed, str) else _of_release(purl, listed)
        if not isinstance(product, str) and status is StatementStatus.FIXED and purl.version is None:
            product = NO_VERSION
        if not isinstance(product, str) and status.suppresses and self._is_draft:
            product = "a statement of a draft"
        if isinstance(product, str):
            self._remarks.skip(path, product)
            return None
        return product

    def _elsewhere(self, id: str, purl: Purl) -> Product | None:
        """A product outside of a release: a package, an image, or a package inside of one. None for anything else."""
        platform = self._tree.platform(id)
        if platform is None or (purl.type in _IMAGES and purl.version is not None):
            return Product(purl)
        text = self._tree.purl(platform) if self._tree.platform(platform) is None else None
        whole = None if text is None else self._remarks.purl(text, "product_tree")
        return None if whole is None else Product(whole, (purl,))

    def _groups_in(self, tree: dict[str, Any]) -> Iterator[tuple[str, list[Any]]]:
        for number, group in enumerate(list_in(tree, "product_groups", "product_tree.")):
            path = f"product_tree.product_groups[{number}]"
            if not isinstance(group, dict):
                raise Malformed(path, f"an object is expected, not {json_type(group)}")
            yield text_in(group, "group_id", f"{path}."), list_in(group, "product_ids", f"{path}.")

    # ---- flags and words ----

    def _flags(self, entry: dict[str, Any], path: str) -> Iterator[tuple[str | None, str]]:
        for flag, where in self._objects(entry, "flags", path):
            label = flag.get("label")
            if label in JUSTIFICATIONS:
                yield from ((one, label) for one in self._about(flag, where))
            else:
                self._remarks.refuse(f"{where}label", f"not a justification of CSAF: {str(label)[:SHOWN]!a}")

    def _words(self, entry: dict[str, Any], name: str, path: str) -> Iterator[tuple[str | None, str]]:
        """The details of threats or remediations, the last ones first, so that of several the first count."""
        for one, where in reversed(list(self._objects(entry, name, path))):
            try:
                words = one_line(one, "details", where)
            except Malformed as malformed:
                self._remarks.malformed(malformed)
                continue
            if name == "remediations" or (one.get("category") == "impact" and words.lower() not in _RATINGS):
                yield from ((product, words) for product in self._about(one, where))

    def _objects(self, entry: dict[str, Any], name: str, path: str) -> Iterator[tuple[dict[str, Any], str]]:
        for number, one in enumerate(list_in(entry, name, path)):
            where = f"{path}{name}[{number}]"
            if isinstance(one, dict):
                yield one, f"{where}."
            else:
                self._remarks.refuse(where, f"an object is expected, not {json_type(one)}")

    def _about(self, one: dict[str, Any], where: str) -> list[str | None]:
        """The ids of the products that something is about."""
        try:
            products, groups = (list_in(one, name, where) for name in ("product_ids", "group_ids"))
        except Malformed as malformed:
            self._remarks.malformed(malformed)
            return []
        if not products and not groups:
            return [None]
        inside: list[Any] = []
        for group in dict.fromkeys(group for group in groups if isinstance(group, str)):
            products_of = self._groups.get(group, ())
            if self._expanded + len(products_of) > DEFAULT_LIMITS.expansions:
                raise Malformed(f"{where}group_ids", f"groups of more than {DEFAULT_LIMITS.expansions} products")
            self._expanded += len(products_of)
            inside += products_of
        return [product for product in (*products, *inside) if isinstance(product, str)]


def _of(words: _Words, id: str) -> str:
    return words.get(id) or words.get(None) or ""


def _ids(entry: dict[str, Any], path: str) -> tuple[str, ...]:
    """The CVE, else the ids that others gave."""
    if entry.get("cve") is not None:
        return (text_in(entry, "cve", f"{path}."),)
    found: dict[str, None] = {}
    for number, one in enumerate(list_in(entry, "ids", f"{path}.")):
        where = f"{path}.ids[{number}]"
        if not isinstance(one, dict):
            raise Malformed(where, f"an object is expected, not {json_type(one)}")
        found[text_in(one, "text", f"{where}.")] = None
    if not found:
        raise Malformed(path, "neither a cve nor ids")
    return tuple(found)


def _of_release(purl: Purl, listed: Listed) -> Product | str:
    """A package of a release and module stream."""
    if purl.version is not None:
        # Only that build. A label in the package URL is compared too.
        return Product(purl, (), listed.distribution)
    if listed.channel is not None:
        return "a package without a version in a channel"
    return Product(purl, (), listed.distribution, listed.module if listed.module.known else NO_MODULE)


def _written(listed: Listed) -> Purl:
    """The package URL of a package of a release that the document gives none."""
    distribution = listed.distribution
    arch = "src" if listed.names is Names.SOURCE else listed.arch
    text = f"pkg:rpm/{distribution.id}/{listed.name}{f'@{listed.evr}' if listed.evr else ''}"
    qualifiers = (("arch", arch),) if arch else ()
    return Purl(text, "rpm", distribution.id, listed.name, listed.evr, qualifiers)
