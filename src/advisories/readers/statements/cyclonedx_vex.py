"""CycloneDX 1.4 to 1.7, JSON and XML: the analyses of a document's vulnerabilities, as statements about its components.

A vulnerability is known by its ``id`` and those of its ``references``, which are other names of it. Package URLs show
what it affects: that of a component of the document, or of its subject, that ``ref`` names, or ``ref`` itself, or the
end of a BOM-Link, where that is a package URL, as many programs write it. Any other name of a component of another
document is skipped and counted.

If the subject has a package URL, such as an image, the analyses are about components inside of it. A subject without
one cannot be compared with anything.

``versions`` limits an analysis. It holds for an exact version that is ``affected``. An ``unaffected`` one is not
affected, and an ``unknown`` one is under investigation. Ranges are skipped and counted, and so is a vulnerability
without a state, which is merely listed.

Source: CycloneDX, specifications 1.4 to 1.7, *vulnerabilities*, *BOM-Link*.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import unquote

from advisories.models.frozen import evolve, frozen
from advisories.models.json_fields import SHOWN
from advisories.models.reading import Extent, Rejection, Skip
from advisories.models.statements import Product, Purl, Revision, Statement, StatementStatus
from advisories.readers.collector import Collector
from advisories.readers.inventories.cyclonedx import components_in
from advisories.readers.inventories.cyclonedx import sniff as is_cyclonedx
from advisories.readers.inventories.head import Head
from advisories.readers.statements.products import at_version
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
from advisories.sources.json import (
    Malformed,
    Place,
    Value,
    json_type,
    list_in,
    looks_like_json,
    object_in,
    text_in,
    value_of,
)
from advisories.sources.purl import needs_library

__all__ = ["JUSTIFICATIONS", "STATES", "read", "sniff"]

#: What becomes of the state of an analysis.
STATES: Final[Mapping[str, StatementStatus]] = {
    "not_affected": StatementStatus.NOT_AFFECTED,
    "false_positive": StatementStatus.NOT_AFFECTED,
    "resolved": StatementStatus.FIXED,
    "resolved_with_pedigree": StatementStatus.FIXED,
    "exploitable": StatementStatus.AFFECTED,
    "in_triage": StatementStatus.UNDER_INVESTIGATION,
}
#: The labels of why a component is not affected.
JUSTIFICATIONS: Final = (
    "code_not_present",
    "code_not_reachable",
    "requires_configuration",
    "requires_dependency",
    "requires_environment",
    "protected_by_compiler",
    "protected_at_runtime",
    "protected_at_perimeter",
    "protected_by_mitigating_control",
)

_VERSIONS: Final = ("1.4", "1.5", "1.6", "1.7")
# The status of a version. None is the status of the analysis.
_OF_VERSIONS: Final[Mapping[str, StatementStatus | None]] = {
    "affected": None,
    "unaffected": StatementStatus.NOT_AFFECTED,
    "unknown": StatementStatus.UNDER_INVESTIGATION,
}
_NOTHING: Final = "a CycloneDX document without vulnerabilities"
_LOST: Final = "a component of a subject whose package URL cannot be read"
_NO_STATE: Final = "a vulnerability without the state of an analysis"
_ELSEWHERE: Final = "a component of another document, or of none"
_LINK: Final = "urn:cdx:"
_BOM: Final = b"\xef\xbb\xbf"
_Item = Statement | Rejection | Skip | Revision


def sniff(head: bytes, alone: bool) -> bool:
    """JSON with ``bomFormat``, or the root element of the XML form."""
    return is_cyclonedx(Head(head)) and (looks_like_json(head) or _is_xml(head))


def read(document: Document) -> Iterator[_Item]:
    """The statements of a document.

    Raises :class:`~advisories.models.errors.UnreadableSource` without the library for purls.
    """
    needs_library(document.source)
    value = _of_xml(document) if _is_xml(document.data) else value_of(document)
    if isinstance(value, Rejection):
        yield value
        return
    try:
        content = object_of(value)
        revision = _revision_of(content, document)
        if revision is not None:
            yield revision
        vulnerabilities = list_in(content, "vulnerabilities", "")
        if not vulnerabilities and not document.alone:
            # The list of what the documents beside it are about.
            yield Skip(document.source, "vulnerabilities", document.name, _NOTHING)
            return
        if not vulnerabilities:
            raise Malformed("vulnerabilities", _NOTHING)
        version = text_in(content, "specVersion", "")
        if version not in _VERSIONS:
            raise Malformed("specVersion", f"not a version that is read here: {version[:SHOWN]}")
        yield from _Reader(document, content, revision).items(vulnerabilities)
    except Malformed as malformed:
        yield Rejection(document.source, malformed.path, document.name, malformed.why)


def _revision_of(content: dict[str, Any], document: Document) -> Revision | None:
    about = content.get("metadata")
    date = about.get("timestamp") if isinstance(about, dict) else None
    # The schema has 1 for a version that is missing.
    version = content.get("version", 1)
    return revision_of(("cyclonedx",), content.get("serialNumber"), version, (date,), digest_of(document))


def _is_xml(data: bytes) -> bool:
    return data.removeprefix(_BOM).lstrip().startswith(b"<")


def _of_xml(document: Document) -> Value | Rejection:
    from advisories.readers.statements.cyclonedx_xml import value_of  # only where there is XML

    return value_of(document)


@frozen
class _Component:
    """A component that a reference names.

    :ivar purl: None where it has none.
    :ivar version: beside a package URL that has none.
    """

    purl: Purl | None
    version: str | None = None


class _Reader:
    """One document. Raises :class:`Malformed` where nothing of it can be read."""

    def __init__(self, document: Document, content: dict[str, Any], revision: Revision | None) -> None:
        self._source = document.source
        self._revision = revision
        self._remarks = Remarks(Place(document.source, "", document.name))
        about = object_in(content, "metadata", "")
        self._owner = _owner(about)
        self._timestamp = self._remarks.time(about, "timestamp", "metadata.")
        serial = content.get("serialNumber")
        self._own = f"{_LINK}{serial.removeprefix('urn:uuid:')}/" if isinstance(serial, str) else None
        subject = object_in(about, "component", "metadata.")
        self._whole = self._component(subject, "metadata.component").purl
        #: Whether the statements are about what is inside of something, and that cannot be read.
        self._is_whole_lost = self._whole is None and subject.get("purl") is not None
        collector = Collector(document.source)
        found = [("metadata.component", subject), *components_in(content, collector)]
        self._by_ref = {
            component["bom-ref"]: (position, component)
            for position, component in found
            if isinstance(component.get("bom-ref"), str)
        }
        self._broken = [evolve(one, extent=Extent.PART) for one in collector.rejections]

    def items(self, vulnerabilities: list[Any]) -> Iterator[_Item]:
        yield from self._broken
        yield from statements_of(vulnerabilities, "vulnerabilities", self._remarks, _ids, self._statements)

    def _statements(self, entry: dict[str, Any], path: str, ids: tuple[str, ...]) -> list[Statement]:
        analysis, where = object_in(entry, "analysis", f"{path}."), f"{path}.analysis."
        if analysis.get("state") is None:
            self._remarks.skip(path, _NO_STATE)
            return []
        state = text_in(analysis, "state", where)
        if state not in STATES:
            raise Malformed(f"{where}state", f"not a state: {state[:SHOWN]}; there are: {', '.join(STATES)}")
        label, words = None, ""
        try:
            label = _justification(analysis, where)
            words = one_line(analysis, "detail", where) or label or ""
        except Malformed as malformed:
            if STATES[state].suppresses:
                raise
            # What keeps findings is not lost for its words.
            self._remarks.malformed(malformed)
        since = self._remarks.since(analysis, ("lastUpdated", "firstIssued"), where, self._timestamp)
        found: dict[StatementStatus, dict[Product, None]] = {}
        for number, target in enumerate(list_in(entry, "affects", f"{path}.")):
            at = f"{path}.affects[{number}]"
            try:
                for product, status in self._products(target, at):
                    status = status or STATES[state]
                    if status is StatementStatus.FIXED and is_of_any_version(product.purl, product.components):
                        self._remarks.skip(at, NO_VERSION)
                    elif status.suppresses and self._is_whole_lost:
                        self._remarks.skip(at, _LOST)
                    else:
                        found.setdefault(status, {})[product] = None
            except Malformed as malformed:
                self._remarks.malformed(malformed)
        return [
            Statement(
                self._source,
                path,
                status,
                ids,
                products=tuple(products),
                reason=words if status is STATES[state] else "",
                owner=self._owner,
                justification=label if status is STATES[state] else None,
                timestamp=since,
                revision=self._revision,
            )
            for status, products in found.items()
        ]

    # ---- products ----

    def _products(self, target: Any, path: str) -> Iterator[tuple[Product, StatementStatus | None]]:
        """The products of one entry, each with the status of its version. None is the status of the analysis."""
        if not isinstance(target, dict):
            raise Malformed(path, f"an object is expected, not {json_type(target)}")
        found = self._named(text_in(target, "ref", f"{path}."), path)
        versions = list_in(target, "versions", f"{path}.")
        if isinstance(found, str) or found.purl is None:
            self._remarks.skip(path, found if isinstance(found, str) else NO_PURL)
            return
        if not versions:
            yield self._product(found.purl, found.version), None
        for number, one in enumerate(versions):
            where = f"{path}.versions[{number}]"
            if not isinstance(one, dict):
                raise Malformed(where, f"an object is expected, not {json_type(one)}")
            word = text_in(one, "status", f"{where}.") if one.get("status") is not None else "affected"
            if word not in _OF_VERSIONS:
                raise Malformed(f"{where}.status", f"not a status of versions: {word[:SHOWN]}")
            if one.get("version") is None:
                self._remarks.skip(where, "a range of versions")
                continue
            yield self._product(found.purl, text_in(one, "version", f"{where}.")), _OF_VERSIONS[word]

    def _product(self, purl: Purl, version: str | None) -> Product:
        """A component, in a version if one is given, inside of the subject if that has a package URL."""
        of = purl if version is None else at_version(purl, version)
        return Product(of) if self._whole is None or self._whole == purl else Product(self._whole, (of,))

    def _named(self, ref: str, path: str) -> _Component | str:
        """The component that a reference names, or the reason for none."""
        if self._own is not None and ref.startswith(self._own):
            ref = unquote(ref.partition("#")[2])
        if ref in self._by_ref:
            position, component = self._by_ref[ref]
            return self._component(component, position)
        text = unquote(ref.partition("#")[2]) if ref.startswith(_LINK) else ref
        return self._component({"purl": text}, path) if is_purl(text) else _ELSEWHERE

    def _component(self, component: dict[str, Any], position: str) -> _Component:
        text, version = component.get("purl"), component.get("version")
        purl = self._remarks.purl(text, f"{position}.purl") if isinstance(text, str) else None
        if purl is None or purl.version is not None or not isinstance(version, str) or not version.isprintable():
            return _Component(purl)
        return _Component(purl, version.strip() or None)


def _justification(analysis: dict[str, Any], where: str) -> str | None:
    label = text_in(analysis, "justification", where) if analysis.get("justification") is not None else None
    if label is not None and label not in JUSTIFICATIONS:
        raise Malformed(f"{where}justification", f"not a justification of CycloneDX: {label[:SHOWN]}")
    return label


def _owner(about: dict[str, Any]) -> str | None:
    """Who made the document: an author, else the supplier of what it is about."""
    authors = list_in(about, "authors", "metadata.")
    for number, one in enumerate([*authors, object_in(about, "supplier", "metadata.")]):
        path = f"metadata.authors[{number}]." if number < len(authors) else "metadata.supplier."
        if not isinstance(one, dict):
            raise Malformed(path[:-1], f"an object is expected, not {json_type(one)}")
        name = one_line(one, "name", path)
        if name:
            return name
    return None


def _ids(entry: dict[str, Any], path: str) -> tuple[str, ...]:
    """The id of a vulnerability, and those of the same in other databases."""
    ids = [text_in(entry, "id", f"{path}.")] if entry.get("id") is not None else []
    for number, one in enumerate(list_in(entry, "references", f"{path}.")):
        where = f"{path}.references[{number}]"
        if not isinstance(one, dict):
            raise Malformed(where, f"an object is expected, not {json_type(one)}")
        ids.append(text_in(one, "id", f"{where}."))
    if not ids:
        raise Malformed(f"{path}.id", "neither an id nor references")
    return tuple(dict.fromkeys(ids))
