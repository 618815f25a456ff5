"""XML in any encoding, without document types, within depth and number of elements."""

from xml.etree import ElementTree

import pytest
from attrs import evolve
from examples import examples
from hypothesis import example, given, settings
from hypothesis import strategies as st
from places import GOLDEN

from advisories.models.reading import Rejection
from advisories.sources import xml_text
from advisories.sources.documents import Document
from advisories.sources.limits import DEFAULT_LIMITS, Limits
from advisories.sources.xml_text import elements, text_of

NAMED = ("gbk", "gb18030", "big5", "shift_jis", "euc-jp", "euc-kr", "windows-1252", "koi8-r", "iso-8859-15")
WIDE = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be")


def read(data: bytes, limits: Limits = DEFAULT_LIMITS) -> list[str | Rejection]:
    found = elements(Document("a.xml", "a.xml", data, True), 1, limits)
    return [one if isinstance(one, Rejection) else text_of(one) for one in found]


def why(data: bytes, limits: Limits = DEFAULT_LIMITS) -> tuple[str, str]:
    *_, refused = read(data, limits)
    assert isinstance(refused, Rejection)
    return refused.position, refused.why


@pytest.mark.parametrize("encoding", [*NAMED, *WIDE, "utf-8-sig", "utf-8", "us-ascii"])
@pytest.mark.parametrize("declares", [True, False])
def test_every_encoding_of_texts(encoding: str, declares: bool) -> None:
    declared = encoding.removesuffix("-sig").removesuffix("-le").removesuffix("-be")
    head = f"<?xml version='1.0' encoding='{declared}' standalone='yes'?>\n" if declares else "<?xml version='1.0'?>\n"
    assert read(f"{head}<a><b>bash</b><b>é</b></a>".replace("é", "x").encode(encoding)) == ["bash", "x"]


@pytest.mark.parametrize(
    ("encoding", "text"), [("gbk", "漏洞"), ("shift_jis", "脆弱性"), ("utf-32", "é"), ("koi8-r", "дыра")]
)
def test_the_text_is_decoded(encoding: str, text: str) -> None:
    assert read(f"<?xml version='1.0' encoding='{encoding}'?><a><b>{text}</b></a>".encode(encoding)) == [text]


@pytest.mark.parametrize("encoding", [*NAMED, *WIDE, "utf-8-sig", "utf-8"])
@pytest.mark.parametrize("declares", [True, False])
def test_a_document_type_is_refused_in_every_encoding(encoding: str, declares: bool) -> None:
    declared = encoding.removesuffix("-sig").removesuffix("-le").removesuffix("-be")
    head = f"<?xml version='1.0' encoding='{declared}'?>" if declares else "<?xml version='1.0'?>"
    text = f"{head}<!DOCTYPE a [<!ENTITY e 'xxxxxxxx'>]><a><b>&e;</b></a>"
    assert why(text.encode(encoding))[1] == "a document type declaration: entities are not read"


@pytest.mark.parametrize(
    ("declared", "reason"),
    [
        ("no-such-encoding", "an unknown encoding: no-such-encoding"),
        ("rot13", "the encoding rot13 is not read"),
        ("zlib_codec", "the encoding zlib_codec is not read"),
        ("idna", "the encoding idna is not read"),
        ("utf-7", "the encoding utf-7 is not read"),
        ("unicode_escape", "the encoding unicode_escape is not read"),
        ("UTF-16", "the encoding UTF-16 is not read"),
        ("utf-32", "the encoding utf-32 is not read"),
    ],
)
def test_what_is_no_encoding_of_texts(declared: str, reason: str) -> None:
    assert why(f"<?xml version='1.0' encoding='{declared}'?><a><b/></a>".encode()) == ("line 1, column 0", reason)


def test_a_mark_that_contradicts_the_declaration() -> None:
    text = "<?xml version='1.0' encoding='gbk'?><a><b>1</b></a>"
    assert why(b"\xef\xbb\xbf" + text.encode())[1] == "the encoding gbk is declared, and the text begins as utf-8"


def test_bytes_that_are_not_of_the_encoding() -> None:
    text = b"<?xml version='1.0' encoding='gbk'?><a><b>\xff\xff</b></a>"
    assert why(text) == ("line 1, column 42", "not XML: not gbk at byte 42")
    assert why(b"<a><b>\xff</b></a>")[1].startswith("not XML: ")


LIMITED = evolve(DEFAULT_LIMITS, nodes=50)
MANY = "more than 50 elements in it (--limit nodes=NUMBER allows more)"


@pytest.mark.parametrize(
    "many", [b"<b>" + b"<c/>" * 60 + b"</b>", b"<b id='x'>" + b"<c>" * 9000 + b"</c>" * 9000 + b"</b>"]
)
def test_a_record_of_too_many_elements_leaves_its_neighbours(many: bytes) -> None:
    first, refused, last = read(b"<a><b>1</b>" + many + b"<b>2</b></a>", LIMITED)
    assert (first, last) == ("1", "2")
    assert isinstance(refused, Rejection)
    assert (refused.what, refused.why) == ("x" if b"id" in many else "b", MANY)
    assert len(read(b"<a>" + b"<b><c/></b>" * 1000 + b"</a>", LIMITED)) == 1000


def test_elements_above_the_records_are_not_kept() -> None:
    import tracemalloc

    data = b"<a>" + b"<b><c/></b><d/>" * 50_000 + b"</a>"
    tracemalloc.start()
    for one in elements(Document("a", "a", data, True), 2):
        assert not isinstance(one, Rejection)
    assert tracemalloc.get_traced_memory()[1] < 8 * len(data)
    tracemalloc.stop()


@given(st.binary(max_size=60), st.sampled_from([*NAMED, *WIDE, "x", "hex", "punycode", "undefined", "utf_8_sig"]))
def test_any_bytes_end_in_elements_or_one_rejection(data: bytes, encoding: str) -> None:
    head = f"<?xml version='1.0' encoding='{encoding}'?>".encode()
    for text in (
        data,
        head + data,
        head + b"<a><b>" + data + b"</b></a>",
        b"\xff\xfe" + data,
        data.join((b"<\0", b"\0")),
    ):
        found = read(text)
        assert all(isinstance(one, str) for one in found[:-1])


@pytest.mark.parametrize(
    "long", [b"<!--" + b"a" * (1 << 23) + b"-->", b"<a " + b" ".join(b'a%d="1"' % n for n in range(300_000)) + b"/>"]
)
def test_a_long_tag_is_not_begun_anew_with_every_piece(long: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """2,000,000 attributes took 25 seconds, 250,000 took 0.7."""
    pieces: list[int] = []

    class Counted(ElementTree.XMLPullParser):
        def feed(self, data: str | bytes) -> None:
            pieces.append(len(data))
            super().feed(data)

    monkeypatch.setattr(ElementTree, "XMLPullParser", Counted)
    assert read(b"<top><one/>" + long + b"<two>2</two></top>")[-1] == "2"
    assert sum(pieces) < len(long) + 40
    # What expat reads anew: each piece once more for every piece behind it.
    assert len(pieces) < 20


SEEDS = [
    *(path.read_bytes()[:20_000] for path in sorted((GOLDEN / "formats").glob("*/*/input*.xml"))),
    b"<a><s x='1'>text<b>1<c/>2</b> <b/><!-- c --><b><c><d/></c></b></s><t/><s/><s><b xmlns='urn:x'>&amp;</b></s></a>",
    b"<?xml version='1.0' encoding='gbk'?><a><s><b>\xc2\xa9</b></s></a>",
]
PIECES = (
    b"",
    b"<b>",
    b"</b>",
    b"<b/>",
    b"</s>",
    b"<s>",
    b"\xff",
    b"&x;",
    b"<!DOCTYPE a>",
    b"<!--",
    b"]]>",
    b"\0",
    b"\n",
)


def shown(found: object) -> object:
    if isinstance(found, ElementTree.Element):
        found.tail = None
        return ElementTree.tostring(found)
    return found


def both(data: bytes, depth: int, limits: Limits, monkeypatch: pytest.MonkeyPatch) -> None:
    document = Document("a.xml", "a.xml", data, True)
    exactly = [shown(one) for one in xml_text._one_by_one(document, depth, limits)]
    for piece in (1, 7, 64, 1 << 16):
        with monkeypatch.context() as patch:
            patch.setattr(xml_text, "_PIECE", piece)
            assert [shown(one) for one in elements(document, depth, limits)] == exactly


@settings(max_examples=examples(500), deadline=None)
@given(
    st.sampled_from(SEEDS),
    st.integers(1, 3),
    st.integers(0, 1 << 20),
    st.sampled_from([0, 0, 1, 5, 1 << 20]),
    st.sampled_from(PIECES),
    st.sampled_from([DEFAULT_LIMITS, evolve(DEFAULT_LIMITS, nodes=30), evolve(DEFAULT_LIMITS, nodes=300)]),
)
@example(SEEDS[-2], 2, 0, 0, b"", DEFAULT_LIMITS)
def test_elements_in_pieces_are_those_one_by_one(
    data: bytes, depth: int, place: int, length: int, other: bytes, limits: Limits
) -> None:
    """Whole documents, and cut or damaged ones: the same elements, and the same mistake behind them."""
    place %= len(data)
    with pytest.MonkeyPatch.context() as patch:
        both(data[:place] + other + data[place + length :], depth, limits, patch)


def test_a_long_element_is_read_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_text, "_LONGEST", 100)
    data = b"<a>" + b"<b>1</b>" * 30 + b"<b>" + b"<c/>" * 90 + b"</b><b>2</b></a>"
    both(data, 1, DEFAULT_LIMITS, monkeypatch)
    with pytest.raises(xml_text._Unusual):
        list(xml_text._in_pieces(data, 1, 1000))


def test_most_documents_are_read_in_pieces() -> None:
    data = b"<a>" + b"<b>1</b>" * 50_000 + b"</a>"
    assert len(list(xml_text._in_pieces(data, 1, DEFAULT_LIMITS.nodes))) == 50_000
