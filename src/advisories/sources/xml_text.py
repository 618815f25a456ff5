"""XML as feeds carry it: element by element, without entities, with the place of whatever is wrong."""

from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from xml.etree import ElementTree
from xml.parsers import expat

from advisories.models.reading import Rejection
from advisories.sources.documents import Document

__all__ = ["elements", "first_child", "local", "text_of"]


class _DocumentType(Exception):
    """There is a document type declaration."""


def elements(document: Document, depth: int) -> Iterator[ElementTree.Element | Rejection]:
    """Every element below so many others, whole, in the order of the text. Memory of elements handed out is freed.

    A document that is no XML gives the elements before the mistake, and a rejection. One with a document type
    declaration is refused: entities can be declared nowhere else.
    """
    try:
        _refuse_document_type(document.data)
        path: list[ElementTree.Element] = []
        for event, element in ElementTree.iterparse(BytesIO(document.data), events=("start", "end")):
            if event == "start":
                path.append(element)
                continue
            path.pop()
            if len(path) == depth:
                yield element
                path[-1].clear()
    except _DocumentType:
        why = "a document type declaration: entities are not read"
        yield Rejection(document.source, "line 1, column 0", document.name, why)
    except ElementTree.ParseError as error:
        line, column = error.position
        why = f"not XML: {str(error).partition(':')[0]}"
        yield Rejection(document.source, f"line {line}, column {column}", document.name, why)
    except expat.ExpatError as error:
        why = f"not XML: {str(error).partition(':')[0]}"
        yield Rejection(document.source, f"line {error.lineno}, column {error.offset}", document.name, why)


def _refuse_document_type(data: bytes) -> None:
    """A document type stands before the root element, if at all.

    Raises :class:`_DocumentType` where there is one, and expat's error where there is no element.
    """

    class Root(Exception):
        pass

    def document_type(*_: object) -> None:
        raise _DocumentType

    def element(*_: object) -> None:
        raise Root

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = document_type
    parser.StartElementHandler = element
    with suppress(Root):
        parser.Parse(data, True)


def local(element: ElementTree.Element) -> str:
    """The name of an element without its namespace."""
    return element.tag.rpartition("}")[2]


def first_child(element: ElementTree.Element, *names: str) -> ElementTree.Element | None:
    """The first child of the first of these names, in any namespace, of which there is one."""
    for name in names:
        for one in element:
            if local(one) == name:
                return one
    return None


def text_of(element: ElementTree.Element | None) -> str:
    """The text of an element, empty for none."""
    return (element.text or "").strip() if element is not None else ""
