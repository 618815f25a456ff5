"""What is decoded quickly is what the standard library makes of it; all else is left to that."""

import json
import sys
from importlib import import_module
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import oracles
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from places import GOLDEN

from advisories.models.reading import Rejection
from advisories.readers import feeds, inventories
from advisories.readers import statements as ignores
from advisories.sources import json as source_json
from advisories.sources._colons import colons
from advisories.sources.documents import Document
from advisories.sources.json import REFUSED, quickly
from advisories.sources.limits import DEFAULT_LIMITS

# What a root has set up is no feed and no list, and has tests of its own.
INPUTS = sorted(p for p in (GOLDEN / "formats").glob("*/*/input.json*") if p.parents[1].name != "setups")

scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8))
values = st.recursive(
    scalars, lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(max_size=4), inner)), max_leaves=12
)
texts = st.builds(
    lambda value, ascii, indent: json.dumps(value, ensure_ascii=ascii, indent=indent).encode("utf-8", "surrogatepass"),
    values,
    st.booleans(),
    st.sampled_from([None, 1]),
)
numbers = st.from_regex(r"-?[0-9]{1,30}(\.[0-9]{0,30})?([eE][+-]?[0-9]{1,4})?", fullmatch=True).map(str.encode)
signs = [
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    '"',
    "\\",
    "\\u",
    "\\ud83d",
    "\\ude00",
    "0",
    "-",
    "1e9",
    ".5",
    "true",
    "null",
    " ",
]
pieces = st.sampled_from([sign.encode() for sign in [*signs, '"a"', "\t", "\x0b", "\x7f", "\xe9", "NaN", "Infinity"]])
broken = st.lists(st.one_of(pieces, pieces, texts, st.binary(max_size=2)), max_size=8).map(b"".join)


@given(st.one_of(texts, numbers, broken))
@example(b'{"a":1,"b":2,"a":3}')
@example(b'"\\ud800"')
@example(b"-0")
@example(b"1e400")
@example(b"1" * 5000)
@example(b"123456789012345678901234567890")
@example(b"\xef\xbb\xbf1")
@example(b'{"\xff":1}')
@example(b'"\xed\xa0\x80"')
@example(b"[" * 200_000)
@example(b"")
def test_the_same_or_nothing(data: bytes) -> None:
    found = quickly(data)
    if found is not REFUSED:
        # repr distinguishes 1 from 1.0 and True, and has members in their order.
        assert repr(found) == repr(json.loads(data.decode()))


@given(st.text(":;x", max_size=600).map(str.encode))
@example(b":" * 100_000)
@example(b":" * 255)
@example(b":" * 256)
def test_colons_are_counted(text: bytes) -> None:
    assert colons(text) == text.count(b":")


@given(values.filter(lambda value: "nan" not in repr(value) and "inf" not in repr(value)))
def test_what_is_json_is_not_refused(value: Any) -> None:
    oracles.module("msgspec", "0.21")
    data = json.dumps(value, ensure_ascii=False).encode()
    assert quickly(data) is not REFUSED


@pytest.mark.parametrize("path", INPUTS, ids=lambda path: f"{path.parents[1].name}-{path.parent.name}")
def test_documents_are_read_alike_without(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = path.read_bytes()
    kind, format = path.parts[-3:-1]

    def read() -> object:
        if kind == "inventories":
            return import_module(inventories.FORMATS[format]).read(data, path.name)
        document = Document(path.name, path.name, data, True)
        if kind == "ignores":
            return list(import_module(ignores.FORMATS[format]).read(document))
        return list(import_module(feeds.FORMATS[format]).read(document, DEFAULT_LIMITS))

    quick = read()
    monkeypatch.setattr(source_json, "fast_coders", lambda: None)
    assert quickly(b"1") is REFUSED
    assert read() == quick


@pytest.mark.parametrize(("kind", "taken"), [(ValueError, True), (Exception, False)])
def test_an_msgspec_with_errors_of_another_kind_is_left_alone(
    kind: type[Exception], taken: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own were no ValueError before 0.21."""
    error = type("DecodeError", (kind,), {})
    coders = SimpleNamespace(decode=json.loads, encode=json.dumps, Decoder=None)
    shapes = dict.fromkeys(("defstruct", "Raw", "UNSET", "UnsetType"))
    monkeypatch.setitem(sys.modules, "msgspec", SimpleNamespace(DecodeError=error, json=coders, **shapes))
    assert (source_json.fast_coders.__wrapped__() is not None) is taken


def test_without_msgspec(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "msgspec", None)
    assert source_json.fast_coders.__wrapped__() is None


@pytest.mark.parametrize("label", [None, "", -1, {}, "\x00"])
def test_a_label_says_nothing_of_packages_without_modules(label: object) -> None:
    scan = {
        "jsonVersion": 4,
        "family": "debian",
        "release": "12",
        "packages": {"bash": {"name": "bash", "version": "5.2.15-2", "modularitylabel": label}},
    }
    entry = {"Name": "bash", "Version": "5.2.15", "Release": "2", "Arch": "amd64", "Modularitylabel": label}
    for document in (scan, [entry]):
        [package] = inventories.read_stream(BytesIO(json.dumps(document).encode()), "list").packages
        assert (package.type, package.name, package.version) == ("deb", "bash", "5.2.15-2")


def test_lines_are_taken_from_the_text_one_by_one() -> None:
    import tracemalloc

    oracles.module("msgspec", "0.21")  # the standard library's takes a text
    data = b'{"id": "A-1"}\n' * 20_000
    document = Document("a.jsonl", "a.jsonl", data, alone=True)
    assert len(list(source_json.values(document))) == 20_000
    tracemalloc.start()
    try:
        for _ in source_json.values(document):
            pass
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < len(data) / 4


def test_a_line_that_is_cut_off_is_refused_at_its_own_end() -> None:
    data = b'{"id": "A-1"}\n{"id": "A-2"\n{"id": "A-3"}'
    _, refused, _ = source_json.values(Document("a.jsonl", "a.jsonl", data, alone=True))
    assert isinstance(refused, Rejection)
    assert (refused.position, refused.why) == ("line 2", "not JSON: Expecting ',' delimiter at byte 12")
