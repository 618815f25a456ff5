"""OpenVEX 0.0.0 to 0.2.0: an author's statements about vulnerabilities in products.

A product is a package URL, as ``@id`` or as ``identifiers.purl``. One without is skipped and counted, and a statement
without any product is rejected. A fix needs a version. A statement holds since the later of its ``timestamp`` and its
``last_updated``. One without these has its document's. As the specification demands, a ``not_affected`` needs a
justification or an impact statement, and timestamps are of RFC 3339, with an offset.

Sources: the OpenVEX specification, versions 0.0.0 and 0.2.0 (sections *Document*, *Statement*, *Data Inheritance*).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from advisories.models.json_fields import SHOWN
from advisories.models.reading import Rejection, Skip
from advisories.models.statements import JUSTIFICATIONS, Product, Purl, Revision, Statement, StatementStatus
from advisories.readers.statements.vex import (
    NO_PURL,
    NO_VERSION,
    Remarks,
    digest_of,
    is_of_any_version,
    is_purl,
    object_of,
    one_line,
    revision_of,
    statements_of,
)
from advisories.sources.documents import Document
from advisories.sources.json import Malformed, Place, json_type, list_in, looks_like_json, object_in, text_in, value_of
from advisories.sources.limits import DEFAULT_LIMITS
from advisories.sources.purl import needs_library

__all__ = ["read", "sniff"]

_MARK: Final = b"openvex.dev/ns"
_CONTEXT: Final = re.compile(r"https://openvex\.dev/ns(?:/v(?:0\.0\.[0-2]|0\.2\.0))?/?")
_STATUSES: Final[Mapping[str, StatementStatus]] = {
    status.value: status for status in StatementStatus if status is not StatementStatus.IGNORED
}
# The members with the reason of a statement, the best first.
_REASONS: Final = ("impact_statement", "status_notes", "action_statement")
_Item = Statement | Rejection | Skip | Revision


def sniff(head: bytes, alone: bool) -> bool:
    """JSON with the address of OpenVEX's context."""
    return looks_like_json(head) and _MARK in head


def read(document: Document) -> Iterator[_Item]:
    """The statements of a document.

    Raises :class:`~advisories.models.errors.UnreadableSource` without the library for purls.
    """
    needs_library(document.source)
    value = value_of(document)
    if isinstance(value, Rejection):
        yield value
        return
    try:
        content = object_of(value)
        dates = content.get("timestamp"), content.get("last_updated")
        revision = revision_of(("openvex",), content.get("@id"), content.get("version"), dates, digest_of(document))
        if revision is not None:
            yield revision
        context = text_in(content, "@context", "")
        if not _CONTEXT.fullmatch(context):
            raise Malformed("@context", f"not a version of OpenVEX that is read here: {context[:SHOWN]}")
        author = text_in(content, "author", "") if content.get("author") is not None else None
        statements = list_in(content, "statements", "")
    except Malformed as malformed:
        yield Rejection(document.source, malformed.path, document.name, malformed.why)
        return
    yield from _Reader(document, content, author, revision).items(statements)


class _Reader:
    """One document, and the remarks about it."""

    def __init__(
        self, document: Document, content: dict[str, Any], author: str | None, revision: Revision | None
    ) -> None:
        self._document = document
        self._author = author
        self._revision = revision
        self._remarks = Remarks(Place(document.source, "", document.name))
        self._timestamp = self._remarks.time(content, "timestamp", "")
        # Nothing shows which statements an update of the document changed. One that keeps findings may be as late.
        self._latest = self._timestamp
        if content.get("last_updated") is not None:
            self._latest = self._remarks.since(content, ("timestamp", "last_updated"), "", None)

    def items(self, statements: list[Any]) -> Iterator[_Item]:
        return statements_of(statements, "statements", self._remarks, _ids, self._read)

    def _read(self, entry: dict[str, Any], path: str, ids: tuple[str, ...]) -> Iterator[Statement]:
        statement = self._statement(entry, path, ids)
        if statement is not None:
            yield statement

    def _statement(self, entry: dict[str, Any], path: str, ids: tuple[str, ...]) -> Statement | None:
        """A statement. None where it names no fix of a version."""
        word = text_in(entry, "status", f"{path}.")
        if word not in _STATUSES:
            raise Malformed(f"{path}.status", f"not a status: {word[:SHOWN]}; there are: {', '.join(_STATUSES)}")
        status = _STATUSES[word]
        texts, justification = dict.fromkeys(_REASONS, ""), None
        try:
            texts = {name: one_line(entry, name, f"{path}.") for name in _REASONS}
            justification = _justification(entry, path)
        except Malformed as malformed:
            if status.suppresses:
                raise
            # What keeps findings is not lost for its words.
            self._remarks.malformed(malformed)
        if status is StatementStatus.NOT_AFFECTED and not (justification or texts["impact_statement"]):
            raise Malformed(path, "not_affected without a justification or an impact_statement")
        products = self._products(entry, path)
        if status is StatementStatus.FIXED:
            fixes = tuple(one for one in products if not is_of_any_version(one.purl, one.components))
            for _ in range(len(products) - len(fixes)):
                self._remarks.skip(f"{path}.products", NO_VERSION)
            if not fixes:
                return None
            products = fixes
        return Statement(
            self._document.source,
            path,
            status,
            ids,
            products=products,
            reason=next((text for text in texts.values() if text), "") or (justification or ""),
            owner=self._author,
            justification=justification,
            timestamp=self._remarks.since(
                entry, ("timestamp", "last_updated"), f"{path}.", self._timestamp if status.suppresses else self._latest
            ),
            revision=self._revision,
        )

    def _products(self, entry: dict[str, Any], path: str) -> tuple[Product, ...]:
        # Until 0.0.2 the components stand beside the products, and are of each of them.
        below = self._purls(list_in(entry, "subcomponents", f"{path}."), f"{path}.subcomponents")
        below = tuple(dict.fromkeys(below))
        # By what each product has of its own: all of them share one tuple of what stands beside them.
        found: dict[tuple[Purl, tuple[Purl, ...]], Product] = {}
        joined = 0
        for number, one in enumerate(list_in(entry, "products", f"{path}.")):
            where = f"{path}.products[{number}]"
            purl = self._purl(one, where)
            if purl is None:
                continue
            try:
                listed = list_in(one, "subcomponents", f"{where}.") if isinstance(one, dict) else []
            except Malformed as malformed:
                self._remarks.malformed(malformed)
                continue
            inside = self._purls(listed, f"{where}.subcomponents")
            components = below
            if inside:
                joined += len(below)
                if joined > DEFAULT_LIMITS.expansions:
                    raise Malformed(where, f"more than {DEFAULT_LIMITS.expansions} components of products")
                components = tuple(dict.fromkeys((*below, *inside)))
            if components or not (listed or entry.get("subcomponents")):
                found.setdefault((purl, inside), Product(purl, components))
        if not found:
            raise Malformed(f"{path}.products", "no product that is a package URL")
        return tuple(found.values())

    def _purls(self, entries: list[Any], path: str) -> tuple[Purl, ...]:
        found = [self._purl(one, f"{path}[{number}]") for number, one in enumerate(entries)]
        return tuple(purl for purl in found if purl is not None)

    def _purl(self, entry: Any, path: str) -> Purl | None:
        """The package URL of a product. None, with a remark, where it has none (skipped) or a broken one (refused)."""
        try:
            text = _identifier(entry, path)
        except Malformed as malformed:
            self._remarks.malformed(malformed)
            return None
        if text is None:
            self._remarks.skip(path, NO_PURL)
            return None
        return self._remarks.purl(text, path)


def _justification(entry: dict[str, Any], path: str) -> str | None:
    label = text_in(entry, "justification", f"{path}.") if entry.get("justification") else None
    if label is not None and label not in JUSTIFICATIONS:
        raise Malformed(f"{path}.justification", f"not a justification of OpenVEX: {label[:SHOWN]}")
    return label


def _ids(entry: dict[str, Any], path: str) -> tuple[str, ...]:
    """The names of a vulnerability: a text until 0.0.2, then an object. Of an address, the last part."""
    vulnerability = entry.get("vulnerability")
    if isinstance(vulnerability, str | None):
        return (text_in(entry, "vulnerability", f"{path}."),)
    about = object_in(entry, "vulnerability", f"{path}.")
    path = f"{path}.vulnerability"
    ids = [text_in(about, name, f"{path}.") for name in ("name", "@id") if about.get(name) is not None]
    aliases = list_in(about, "aliases", f"{path}.")
    for number, alias in enumerate(aliases):
        ids.append(text_in({"": alias}, "", f"{path}.aliases[{number}]"))
    if not ids:
        raise Malformed(path, "neither a name nor an @id")
    return tuple(dict.fromkeys(map(_name, ids)))


def _name(id: str) -> str:
    """The name of a vulnerability. Of an address it is the last part of the path."""
    if "://" not in id:
        return id
    path = id.strip().partition("#")[0].partition("?")[0].rstrip("/")
    return path.rpartition("/")[2] or id


def _identifier(entry: Any, path: str) -> str | None:
    """The package URL of a product or component as text, or None."""
    if isinstance(entry, str):
        text = entry
    elif isinstance(entry, dict):
        purl = object_in(entry, "identifiers", f"{path}.").get("purl")
        text = purl if purl is not None else entry.get("@id", "")
    else:
        raise Malformed(path, f"an object is expected, not {json_type(entry)}")
    if not isinstance(text, str):
        raise Malformed(path, f"a string is expected as its identifier, not {json_type(text)}")
    return text if is_purl(text) else None
