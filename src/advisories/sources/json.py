"""JSON as feeds carry it (one value, an array of records, one a line), with the place of whatever is wrong in it.

The library msgspec, of the extra ``fast``, decodes what is whole: it is faster than the standard library's ``json`` and
makes the same of what it takes. It refuses more (``NaN``, half a surrogate pair, numbers that no float holds) and does
not always give the place. What it refuses goes to the standard library, and so does everything where msgspec is
missing: that knows at which byte it failed, and can go on behind one value in the middle of a text.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from advisories.models.frozen import frozen
from advisories.models.json_fields import SHOWN, Malformed, json_type
from advisories.models.patterns import pattern
from advisories.models.reading import Rejection
from advisories.sources._colons import colons
from advisories.sources.documents import Document

if TYPE_CHECKING:
    import json

__all__ = [
    "REFUSED",
    "SHOWN",
    "Malformed",
    "Place",
    "RepeatedKey",
    "Value",
    "fast_coders",
    "has_as_many_keys",
    "is_json",
    "json_type",
    "list_in",
    "looks_like_json",
    "members",
    "object_in",
    "quickly",
    "text_in",
    "value_of",
    "values",
    "without_repeats",
]

#: What :func:`quickly` returns for what is left to the standard library: no value of JSON is this.
REFUSED: Final = object()

_RawDecode = Callable[[str, int], tuple[Any, int]]

_BOM: Final = b"\xef\xbb\xbf"
_SPACE: Final = re.compile(r"[ \t\r\n]*")
_MORE: Final = pattern(rb"\s*\S")
_BEGINNING: Final = pattern(rb"(?:\xef\xbb\xbf)?\s*[{\[]")


@frozen
class Place:
    """The place of a record, which gives the places of its parts.

    :ivar position: of the record in its source. Empty where it is all there is.
    """

    source: str
    position: str
    id: str

    def at(self, path: str) -> str:
        """The position of a part of the record."""
        return f"{self.position}: {path}" if self.position else path


@frozen
class Value:
    """A decoded value and its position in the document. That is empty where it is all there is."""

    position: str
    content: Any


def quickly(data: bytes) -> Any:
    """The value of a JSON text in UTF-8, the same that ``json.loads`` makes of it, or :data:`REFUSED`.

    A text in which an object may have a key twice is refused: the decoder keeps the last and hides the others.
    """
    coders = fast_coders()
    if coders is None:
        return REFUSED
    decode, encode = coders
    try:
        value = decode(data)
        return value if has_as_many_keys(data, encode(value)) else REFUSED
    except (ValueError, RecursionError):
        return REFUSED


def has_as_many_keys(text: bytes, compact: bytes) -> bool:
    """Whether a text has as many keys as its value, written anew, by the colons behind them.

    Strings have colons too, the same in both texts, unless one is written as an escape.
    """
    if colons(text) != colons(compact):
        return False
    # One byte is found many times as fast as several.
    return b"\\" not in text or b"\\u003" not in text or not (b"\\u003a" in text or b"\\u003A" in text)


@cache
def fast_coders() -> tuple[Callable[[bytes], Any], Callable[[Any], bytes]] | None:
    """msgspec's decoder and encoder of JSON. None where it is missing, too old or broken: JSON is the same without."""
    try:
        import msgspec

        # Before 0.21 its errors are of another kind, and long ago it made floats of large integers.
        if not issubclass(msgspec.DecodeError, ValueError):
            return None
        # What records are decoded by.
        _ = msgspec.defstruct, msgspec.Raw, msgspec.UNSET, msgspec.UnsetType, msgspec.json.Decoder
        return msgspec.json.decode, msgspec.json.encode
    except Exception:
        return None


class RepeatedKey(ValueError):
    """An object has a key twice. Only the last value would be seen."""

    def __init__(self, key: str) -> None:
        super().__init__(f"the key {key[:SHOWN]!a} stands twice in one object")


def without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """What ``json`` takes as ``object_pairs_hook``. Raises :class:`RepeatedKey`."""
    value = dict(pairs)
    if len(value) < len(pairs):
        counts = Counter(key for key, _ in pairs)
        raise RepeatedKey(next(key for key, count in counts.items() if count > 1))
    return value


def is_json(data: bytes) -> bool:
    """Whether a text is one whole value. The beginning of a longer one is not."""
    if quickly(data) is not REFUSED:
        return True
    import json

    try:
        # With a key twice it is one too. Its reader refuses it.
        json.loads(data)
    except (ValueError, RecursionError):
        return False
    return True


def looks_like_json(head: bytes) -> bool:
    """Whether a document that begins like this may be an object or an array."""
    return _BEGINNING.match(head) is not None


def value_of(document: Document) -> Value | Rejection:
    """The one value that a document is. Where it is not one, a rejection of the whole document."""
    quick = quickly(document.data.removeprefix(_BOM))
    if quick is not REFUSED:
        return Value("", quick)
    try:
        text = document.data.removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        return _broken(document, f"byte {error.start}", "not UTF-8")
    begin = _after_space(text, 0)
    if begin == len(text):
        return _broken(document, "byte 0", "empty")
    value, end = _decode(text, begin)
    if end is None:
        return _broken(document, f"byte {_byte(text, begin)}", str(value))
    if _after_space(text, end) != len(text):
        return _broken(document, f"byte {_byte(text, end)}", "more after the end of the value")
    return _found_at(document, "", value)


def values(document: Document, decode: Callable[[bytes], Any] = quickly) -> Iterable[Value | Rejection]:
    """The values of a document that is one object, an array of records, or one record a line.

    What cannot be decoded is a rejection. The values before it stay, and of lines those behind it too.

    :param decode: gives the content of a value of most documents, or :data:`REFUSED`. Of what it refuses, and of
        arrays, it is what ``json`` decodes.
    """
    data = document.data.removeprefix(_BOM)
    text = data.lstrip()
    if text[:1] != b"[":
        if _begins_with_a_line(text) and _one_a_line(text):
            return _lines(document, decode)
        quick = decode(data)
        if quick is not REFUSED:
            return (Value("", quick),)
    return _found(data, document, decode)


def _found(data: bytes, document: Document, decode: Callable[[bytes], Any]) -> Iterator[Value | Rejection]:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        if _one_a_line(document.data):
            yield from _lines(document, decode)
            return
        yield _broken(document, f"byte {error.start}", "not UTF-8")
        return
    begin = _after_space(text, 0)
    if begin == len(text):
        yield _broken(document, "byte 0", "empty")
    elif text[begin] == "[":
        yield from _array(text, begin, document)
    else:
        yield from _object_or_lines(text, begin, document, decode)


def members(document: Document) -> Iterator[Value | Rejection]:
    """The members of a document that is one object, each with its name as its position, one decoded after the other.

    Behind what cannot be decoded nothing is read: where the next member begins is not known.
    """
    try:
        text = document.data.removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        yield _broken(document, f"byte {error.start}", "not UTF-8")
        return
    position = _after_space(text, 0)
    if text[position : position + 1] != "{":
        yield _broken(document, f"byte {_byte(text, position)}", "not an object")
        return
    position = _after_space(text, position + 1)
    while text[position : position + 1] != "}":
        name, end = _decode(text, position)
        colon = position if end is None else _after_space(text, end)
        if not isinstance(name, str) or text[colon : colon + 1] != ":":
            yield _broken(document, f"byte {_byte(text, position)}", "not JSON: the name of a member is expected")
            return
        position = _after_space(text, colon + 1)
        value, end = _decode(text, position)
        shown = name if name.isprintable() else ascii(name)
        if end is None:
            where = f"byte {_byte(text, position)}"
            yield _broken(document, where, f"{value}; the object is not read further", shown)
            return
        yield _found_at(document, shown, value, shown)
        position = _after_space(text, end)
        if text[position : position + 1] == ",":
            position = _after_space(text, position + 1)
        elif text[position : position + 1] != "}":
            yield _broken(document, f"byte {_byte(text, position)}", "not JSON: the object does not end here", shown)
            return
    if _after_space(text, position + 1) != len(text):
        yield _broken(document, f"byte {_byte(text, position + 1)}", "more after the end of the object")


def text_in(record: Mapping[str, Any], name: str, path: str) -> str:
    """A member that has to be a text that can be printed and is not empty. Raises :class:`Malformed`."""
    value = record.get(name)
    if not isinstance(value, str):
        raise Malformed(f"{path}{name}", f"a string is expected, not {json_type(value)}")
    if not value.strip() or not value.isprintable():
        raise Malformed(f"{path}{name}", "empty, or with characters that cannot be printed")
    return value


def list_in(record: Mapping[str, Any], name: str, path: str) -> list[Any]:
    """A member that has to be an array, empty where it is missing or null. Raises :class:`Malformed`."""
    value = record.get(name)
    if not isinstance(value, list | None):
        raise Malformed(f"{path}{name}", f"an array is expected, not {json_type(value)}")
    return value or []


def object_in(record: Mapping[str, Any], name: str, path: str) -> dict[str, Any]:
    """A member that has to be an object, empty where it is missing or null. Raises :class:`Malformed`."""
    value = record.get(name)
    if not isinstance(value, dict | None):
        raise Malformed(f"{path}{name}", f"an object is expected, not {json_type(value)}")
    return value or {}


def _broken(document: Document, position: str, why: str, what: str | None = None) -> Rejection:
    return Rejection(document.source, position, what or document.name, why)


def _after_space(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    return match.end() if match else position


@frozen
class _Refused:
    """Why a value is refused whose end is known."""

    why: str


def _found_at(document: Document, position: str, value: Any, what: str | None = None) -> Value | Rejection:
    return (
        _broken(document, position or "-", value.why, what) if isinstance(value, _Refused) else Value(position, value)
    )


def _decode(text: str, position: int) -> tuple[Any, int] | tuple[str, None]:
    """One JSON value and where it ends. Where there is none: why, and None. A value may be :class:`_Refused`."""
    strict, loose, syntax_error = _slow_decoders()
    try:
        try:
            return strict(text, position)
        except RepeatedKey as repeated:
            return _Refused(str(repeated)), loose(text, position)[1]
    except syntax_error as error:
        # Some of its messages end in the word that the place follows.
        return f"not JSON: {error.msg.removesuffix(' at')} at byte {_byte(text, error.pos)}", None
    except RecursionError:
        return "nested too deeply", None
    except ValueError as error:  # a number with thousands of digits
        return f"not JSON: {error}", None


@cache
def _slow_decoders() -> tuple[_RawDecode, _RawDecode, "type[json.JSONDecodeError]"]:
    """The one that refuses repeated keys, and the one that finds the end all the same."""
    import json  # slow to load, and needed only where msgspec is not there or refuses

    strict = json.JSONDecoder(object_pairs_hook=without_repeats)
    return strict.raw_decode, json.JSONDecoder().raw_decode, json.JSONDecodeError


def _byte(text: str, position: int) -> int:
    return len(text[:position].encode("utf-8", "surrogatepass"))


def _array(text: str, begin: int, document: Document) -> Iterator[Value | Rejection]:
    position = _after_space(text, begin + 1)
    index = 0
    while text[position : position + 1] != "]":
        value, end = _decode(text, position)
        if end is None:
            yield _broken(
                document, f"byte {_byte(text, position)}", f"{value}; the array is not read further", f"[{index}]"
            )
            return
        yield _found_at(document, f"[{index}]", value, f"[{index}]")
        index += 1
        position = _after_space(text, end)
        if text[position : position + 1] == ",":
            position = _after_space(text, position + 1)
        elif text[position : position + 1] != "]":
            where = f"byte {_byte(text, position)}"
            yield _broken(document, where, "not JSON: the array does not end here", f"[{index}]")
            return
    if _after_space(text, position + 1) != len(text):
        yield _broken(document, f"byte {_byte(text, position + 1)}", "more after the end of the array")


def _object_or_lines(
    text: str, begin: int, document: Document, decode: Callable[[bytes], Any]
) -> Iterator[Value | Rejection]:
    value, end = _decode(text, begin)
    if end is not None and _after_space(text, end) == len(text):
        yield _found_at(document, "", value)
    elif _one_a_line(document.data):
        yield from _lines(document, decode)
    elif end is None:
        yield _broken(document, f"byte {_byte(text, begin)}", str(value))
    else:
        yield _found_at(document, "", value)
        yield _broken(document, f"byte {_byte(text, end)}", "more after the end of the record")


def _begins_with_a_line(text: bytes) -> bool:
    """Whether the first of several lines is a value. Only the first is looked at: documents have megabytes."""
    end = text.find(b"\n")
    if end >= 0 and text[:end].rstrip() == b"{":  # as what is printed for people begins
        return False
    return end >= 0 and _MORE.match(text, end) is not None and quickly(text[:end]) is not REFUSED


def _one_a_line(data: bytes) -> bool:
    """Whether more than one line starts an object. Pretty-printed JSON indents all but the first."""
    return b"\n{" in data.removeprefix(_BOM).lstrip()


def _lines(document: Document, decode: Callable[[bytes], Any]) -> Iterator[Value | Rejection]:
    # Line by line from the text: all lines at once are as large as it.
    for number, whole in enumerate(BytesIO(document.data.removeprefix(_BOM)), 1):
        line = whole.removesuffix(b"\n")
        if not line.strip():
            continue
        position = f"line {number}"
        quick = decode(line)
        if quick is not REFUSED:
            yield Value(position, quick)
            continue
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError as error:
            yield _broken(document, position, f"not UTF-8 at byte {error.start} of the line")
            continue
        begin = _after_space(text, 0)
        value, end = _decode(text, begin)
        if end is None:
            yield _broken(document, position, str(value))
        elif _after_space(text, end) != len(text):
            yield _broken(document, position, "more after the end of the record")
        else:
            yield _found_at(document, position, value)
