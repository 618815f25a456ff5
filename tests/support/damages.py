"""A small document of a feed with one field damaged after the other, in its meaning and not in its bytes alone."""

import copy
import json
from collections.abc import Iterator
from typing import Any, Final
from xml.etree import ElementTree

__all__ = ["damaged"]

#: What was damaged, how, and the document.
Damage = tuple[str, str, bytes]

# What stands in the place of a value of JSON.
_OTHERS: Final[tuple[Any, ...]] = (None, "", " ", "unknown", [], {}, 0, True, ["x"], {"x": "y"})
# What stands in the place of a text of XML, or of a word of a line.
_WORDS: Final = ("", " ", "unknown", "n/a", "?")
_PIECES: Final = 8


def damaged(data: bytes) -> Iterator[Damage]:
    """Every damage of a document: of JSON, of XML, or of lines."""
    yield from _of_the_whole(data)
    if data.lstrip().startswith(b"<"):
        yield from _of_xml(data)
        return
    try:
        value = json.loads(data)
    except ValueError:
        yield from _of_lines(data.decode())
    else:
        yield from _of_json(value)


def _of_the_whole(data: bytes) -> Iterator[Damage]:
    for piece in range(1, _PIECES):
        yield "whole", f"cut {piece}", data[: len(data) * piece // _PIECES]
    yield "whole", "empty", b""
    yield "whole", "zeros", b"\0" * len(data)
    yield "whole", "a page", b"<!DOCTYPE html><html><body>404 Not Found</body></html>"
    yield "whole", "UTF-16", data.decode().encode("utf-16")
    yield "whole", "a mark in front", b"\xef\xbb\xbf" + data
    yield "whole", "more behind", data + b"}"
    yield "whole", "twice", data + data
    if data.lstrip()[:1] == b"{":
        for name in ("vulns", "results", "data"):
            yield "whole", f"in {name}", b'{"%s": [%s]}' % (name.encode(), data)
        yield "whole", "in a list", b"[null, %s]" % data


# ---- JSON ----

_Path = tuple[str | int, ...]


def _paths(value: Any, path: _Path = ()) -> Iterator[_Path]:
    if path:
        yield path
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from _paths(inner, (*path, key))


def _at(value: Any, path: _Path) -> Any:
    for key in path:
        value = value[key]
    return value


def _of_json(value: Any) -> Iterator[Damage]:
    for path in _paths(value):
        *above, last = path
        place, here = ".".join(map(str, path)), _at(value, path)

        def changed(new: Any, above: Any = above, last: Any = last) -> bytes:
            copied = copy.deepcopy(value)
            _at(copied, above)[last] = new
            return json.dumps(copied).encode()

        copied = copy.deepcopy(value)
        del _at(copied, above)[last]
        yield place, "gone", json.dumps(copied).encode()
        for other in _OTHERS:
            if other != here:
                yield place, f"{other!r} for it", changed(other)
        yield place, "in a list", changed([here])
        yield place, "in an object", changed({"value": here})
        if isinstance(here, str):
            for how, text in (
                ("upper", here.upper()),
                ("blanks", f" {here} "),
                ("x", f"{here}x"),
                ("two", f"{here},{here}"),
            ):
                if text != here:
                    yield place, how, changed(text)
        if isinstance(here, list) and here:
            yield place, "the first for the list", changed(here[0])
        if isinstance(last, str):
            for how, name in (("upper", last.upper()), ("blank", f"{last} "), ("plural", f"{last}s"), ("empty", "")):
                if name != last:
                    copied = copy.deepcopy(value)
                    holder = _at(copied, above)
                    renamed = {name if key == last else key: inner for key, inner in holder.items()}
                    holder.clear()
                    holder.update(renamed)
                    yield place, f"its name {how}", json.dumps(copied).encode()
            copied = copy.deepcopy(value)
            _at(copied, above)["@@"] = None
            twice = json.dumps(copied).replace('"@@": null', f"{json.dumps(last)}: null")
            yield place, "twice", twice.encode()


# ---- XML ----


def _of_xml(data: bytes) -> Iterator[Damage]:
    whole = list(ElementTree.fromstring(data).iter())
    above = {id(child): parent for parent in whole for child in parent}
    for number, element in enumerate(whole[1:], 1):
        names = [_local(element)]
        holder = above.get(id(element))
        while holder is not None:
            names.append(_local(holder))
            holder = above.get(id(holder))
        place = "/".join(reversed(names))
        for how, change in _changes(element):
            root = ElementTree.fromstring(data)
            elements = list(root.iter())
            parent = next(one for one in elements if any(child is elements[number] for child in one))
            change(elements[number], parent)
            yield place, how, ElementTree.tostring(root)


def _local(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _changes(element: ElementTree.Element) -> Iterator[tuple[str, Any]]:
    """How an element may be damaged, each as a function of it and what it is in."""

    def renamed(name: str) -> Any:
        return lambda one, above: setattr(one, "tag", one.tag.replace(_local(element), name))

    def wrapped(one: ElementTree.Element, above: ElementTree.Element) -> None:
        place = list(above).index(one)
        above.remove(one)
        wrapper = ElementTree.Element("wrapper")
        wrapper.append(one)
        above.insert(place, wrapper)

    yield "gone", lambda one, above: above.remove(one)
    yield "its name upper", renamed(_local(element).upper())
    yield "its name unknown", renamed("unknown")
    yield "wrapped", wrapped
    yield "twice", lambda one, above: above.append(copy.deepcopy(one))
    text = (element.text or "").strip()
    if text:
        for word in (*_WORDS, text.upper(), f" {text} ", f"{text}x", f"{text},{text}"):
            if word != text:
                yield f"{word!r} for its text", lambda one, above, word=word: setattr(one, "text", word)
    for name, value in element.attrib.items():
        yield f"{name} gone", lambda one, above, name=name: one.attrib.pop(name)
        for word in (*_WORDS, value.upper(), f" {value} ", f"{value}x"):
            if word != value:
                yield f"{name} {word!r}", lambda one, above, name=name, word=word: one.set(name, word)
    if _local(element) in ("criteria", "criterion"):
        yield "negated", lambda one, above: one.set("negate", "true")


# ---- lines ----


def _of_lines(text: str) -> Iterator[Damage]:
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if not line.strip():
            continue

        def changed(*new: str, number: int = number) -> bytes:
            return "\n".join([*lines[:number], *new, *lines[number + 1 :]]).encode()

        yield line, "gone", changed()
        yield line, "a quote in front", changed(f'"{line}')
        yield line, "upper", changed(line.upper())
        yield line, "title", changed(line.title())
        yield line, "half", changed(line[: len(line) // 2])
        yield line, "indented", changed(f"  {line}")
        yield line, "not indented", changed(line.lstrip())
        yield line, "in two lines", changed(*line.split(" ", 1))
        yield line, "a zero in it", changed(line.replace(" ", "\0", 1))
        if number + 1 < len(lines):
            rest = [*lines[:number], f"{line} {lines[number + 1].strip()}", *lines[number + 2 :]]
            yield line, "with the next one", "\n".join(rest).encode()
        words = line.split(" ")
        for place, word in enumerate(words):
            for other in _WORDS:
                if word and other != word:
                    yield (
                        line,
                        f"{other!r} for {word!r}",
                        changed(" ".join([*words[:place], other, *words[place + 1 :]])),
                    )
