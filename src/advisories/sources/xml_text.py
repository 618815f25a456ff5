"""XML as feeds carry it: element by element, without entities, in any encoding, with the place of whatever is wrong."""

import codecs
import re
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from itertools import islice
from typing import Final
from xml.etree import ElementTree
from xml.parsers import expat

from advisories.models.reading import Rejection
from advisories.sources.documents import Document
from advisories.sources.limits import DEFAULT_LIMITS, Limits

__all__ = [
    "RefusedXml",
    "children_of",
    "elements",
    "first_child",
    "local",
    "name_of_tag",
    "parsed",
    "root_attributes",
    "text_of",
]

# Byte order marks, and how "<?" begins without one. Source: XML 1.0, appendix F.
_FAMILIES: Final = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\0\0", "utf-32-le"),
    (b"\0\0\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
_DECLARED: Final = re.compile(rb"""\s*+<\?xml\s[^>]{0,200}?\bencoding\s*+=\s*+["']([A-Za-z][A-Za-z0-9._:-]*+)["']""")
_DECLARATION: Final = re.compile(r"""\A(\s*+<\?xml\s[^>]{0,200}?)\bencoding\s*+=\s*+(?:"[^"]*+"|'[^']*+')""")
# What expat reads as it is.
_PLAIN: Final = frozenset({"utf-8", "ascii"})
# Python's codecs of texts in which ASCII is not what it looks like: a document type could hide in them.
_NOT_READ: Final = frozenset(
    {"utf_7", "punycode", "idna", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem", "hz", "palmos"}
)


class RefusedXml(Exception):
    """Why a text is not read as XML.

    :ivar place: a line and column, or a byte.
    """

    def __init__(self, place: str, why: str) -> None:
        super().__init__(why)
        self.place = place
        self.why = why


def elements(
    document: Document, depth: int, limits: Limits = DEFAULT_LIMITS
) -> Iterator[ElementTree.Element | Rejection]:
    """Every element below so many others, whole, in the order of the text. Memory of elements handed out is freed.

    A document that is no XML gives the elements before the mistake, and a rejection. An element with more others in it
    than the limits have is a rejection, and its neighbours stay. A document type declaration refuses the document:
    entities can be declared nowhere else.
    """
    count = 0
    try:
        for element in _in_pieces(document.data, depth, limits.nodes):
            count += 1
            yield element
    except _Unusual:
        # Those that were handed out are the first again.
        yield from islice(_one_by_one(document, depth, limits), count, None)


class _Unusual(Exception):
    """A mistake in a text, or a part of it that is too long for one piece: it has to be looked at event by event."""


# Bytes that the parser gets at once, and those of the longest element that is read in pieces.
_PIECE: Final = 1 << 16
_LONGEST: Final = 1 << 22
# Of the shortest element, <a/>.
_SHORTEST: Final = 4


def _in_pieces(data: bytes, depth: int, nodes: int) -> Iterator[ElementTree.Element]:
    """Every element below so many others, taken out of the tree of what was read up to here: no event costs a call.

    :param nodes: how many others may be in one. The bytes that have been read since the last one show that it has less.
    """
    longest = min(_LONGEST, nodes * _SHORTEST)
    try:
        data = _readable(data)
        _refuse_document_type(data)
        builder = ElementTree.TreeBuilder()
        above = builder.start("", {})
        parser = ElementTree.XMLParser(target=builder)
        place, size, since = 0, _PIECE, 0
        while place < len(data):
            piece = data[place : place + size]
            since += len(piece)
            if since > longest:
                raise _Unusual
            parser.feed(piece)
            place, size = place + size, size * 2
            for element in _whole(above, depth, is_done=False):
                since, size = len(piece), _PIECE
                yield element
        parser.close()
        yield from _whole(above, depth, is_done=True)
    except (RefusedXml, ElementTree.ParseError, expat.ExpatError, ValueError, LookupError) as error:
        raise _Unusual from error


def _whole(above: ElementTree.Element, depth: int, *, is_done: bool) -> Iterator[ElementTree.Element]:
    """The elements below so many others in an element, as far as they are whole, in order. They are taken out of it.

    :param is_done: whether the last one of each is whole too.
    """
    children = list(above)
    last = None if is_done or not children else children.pop()
    del above[: len(children)]
    if depth == 0:
        yield from children
        return
    for child in children:
        yield from _whole(child, depth - 1, is_done=True)
    if last is not None:
        yield from _whole(last, depth - 1, is_done=False)


def _one_by_one(document: Document, depth: int, limits: Limits) -> Iterator[ElementTree.Element | Rejection]:
    """What :func:`elements` gives, exactly."""
    path: list[ElementTree.Element] = []
    count, most = 0, limits.nodes
    try:
        for event, element in parsed(document.data):
            if event == "start":
                path.append(element)
                count += 1
                continue
            path.pop()
            above = len(path)
            if above == depth:
                if count <= most:
                    yield element
                else:
                    why = limits.beyond("nodes", f"more than {most} elements in it")
                    yield Rejection(document.source, "-", element.get("id") or local(element), why)
                path[-1].clear()
                count = 0
            elif path and (above < depth or count > most):
                # Nobody needs what stands above the records, or is in one that is refused.
                del path[-1][:]
    except RefusedXml as refused:
        yield Rejection(document.source, refused.place, document.name, refused.why)


def parsed(data: bytes) -> Iterator[tuple[str, ElementTree.Element]]:
    """The start and the end of every element. Raises :class:`RefusedXml`."""
    data = _readable(data)
    try:
        _refuse_document_type(data)
        yield from _events(data)
    except ElementTree.ParseError as error:
        line, column = error.position
        raise RefusedXml(f"line {line}, column {column}", f"not XML: {str(error).partition(':')[0]}") from error
    except (ValueError, LookupError) as error:  # raised by the binding, not by expat
        raise RefusedXml("-", f"not XML: {error}") from error
    except expat.ExpatError as error:
        place = f"line {error.lineno}, column {error.offset}"
        raise RefusedXml(place, f"not XML: {str(error).partition(':')[0]}") from error


# Bytes that expat gets at once.
_STEP: Final = 1 << 14


def _events(data: bytes) -> Iterator[tuple[str, ElementTree.Element]]:
    """The events, as ``iterparse`` gives them.

    expat begins a tag or comment anew with every piece of it: in pieces of one size, a long one takes quadratic time.
    So each piece of it is twice as long as the one before.
    """
    parser: ElementTree.XMLPullParser[ElementTree.Element] = ElementTree.XMLPullParser(("start", "end"))
    place, size = 0, _STEP
    while place < len(data):
        parser.feed(data[place : place + size])
        place, size = place + size, size * 2
        for event in parser.read_events():
            size = _STEP
            yield event  # type: ignore[misc]  # there is no other kind
    parser.close()
    yield from parser.read_events()  # type: ignore[misc]


def _readable(data: bytes) -> bytes:
    """The text in a form that expat reads: as it is, or decoded and written anew as UTF-8.

    expat has four encodings. Python's binding adds those of one byte a character, and raises its own errors for others.
    """
    family = next((codec for mark, codec in _FAMILIES if data.startswith(mark)), None)
    declared = _DECLARED.match(data.removeprefix(codecs.BOM_UTF8)) if family in (None, "utf-8") else None
    name = declared[1].decode("ascii") if declared is not None else family or "utf-8"
    try:
        codec = codecs.lookup(name)
    except LookupError:
        raise RefusedXml("line 1, column 0", f"an unknown encoding: {name}") from None
    if family is not None and declared is not None and codec.name != "utf-8":
        raise RefusedXml("line 1, column 0", f"the encoding {name} is declared, and the text begins as {family}")
    if codec.name in _PLAIN:
        return data
    # Four bytes a character cannot begin with "<?": such a declaration is not true.
    is_false = family is None and codec.name.startswith(("utf-16", "utf-32"))
    if is_false or codec.name.replace("-", "_") in _NOT_READ or not codec._is_text_encoding:
        raise RefusedXml("line 1, column 0", f"the encoding {name} is not read")
    try:
        text = codec.decode(data)[0]
    except UnicodeError as error:
        start = error.start if isinstance(error, UnicodeDecodeError) else 0
        before = data[:start].decode(codec.name, "ignore")
        place = _place(before)
        raise RefusedXml(place, f"not XML: not {name} at byte {start}") from error
    text = _DECLARATION.sub(r"\1", text.removeprefix("\ufeff"), count=1)
    return text.encode("utf-8", "surrogatepass")


def _place(before: str) -> str:
    """The place behind a text."""
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n") - 1
    return f"line {line}, column {column}"


class _Root(Exception):
    """The first element."""


def _refuse_document_type(data: bytes) -> None:
    """A document type stands before the root element, if at all.

    Raises :class:`RefusedXml` where there is one, and expat's error where there is no element.
    """

    def document_type(*_: object) -> None:
        raise RefusedXml("line 1, column 0", "a document type declaration: entities are not read")

    def element(*_: object) -> None:
        raise _Root

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = document_type
    parser.StartElementHandler = element
    with suppress(_Root):
        parser.Parse(data, True)


def root_attributes(data: bytes) -> dict[str, str]:
    """The attributes of the first element. None of a text that is refused, of which :func:`elements` has the reason."""
    found: dict[str, str] = {}

    def element(_: str, attributes: dict[str, str]) -> None:
        found.update(attributes)
        raise _Root

    parser = expat.ParserCreate()
    parser.StartElementHandler = element
    with suppress(_Root, RefusedXml, expat.ExpatError, ValueError, LookupError):
        data = _readable(data)
        _refuse_document_type(data)
        parser.Parse(data, True)
    return found


def local(element: ElementTree.Element) -> str:
    """The name of an element without its namespace."""
    return name_of_tag(element.tag)


# A document has few names, each of them a million times.
@lru_cache(maxsize=1 << 9)
def name_of_tag(tag: str) -> str:
    """The name of a tag without its namespace."""
    return tag.rpartition("}")[2]


def first_child(element: ElementTree.Element, *names: str) -> ElementTree.Element | None:
    """The first child of the first of these names, in any namespace, of which there is one."""
    for name in names:
        for one in element:
            if local(one) == name:
                return one
    return None


def children_of(element: ElementTree.Element | None) -> dict[str, list[ElementTree.Element]]:
    """The children of an element by their names, in any namespace, in their order. None has none."""
    found: dict[str, list[ElementTree.Element]] = {}
    for child in () if element is None else element:
        name = name_of_tag(child.tag)
        same = found.get(name)
        if same is None:
            found[name] = [child]
        else:
            same.append(child)
    return found


def text_of(element: ElementTree.Element | None) -> str:
    """The text of an element, empty for none."""
    return (element.text or "").strip() if element is not None else ""
