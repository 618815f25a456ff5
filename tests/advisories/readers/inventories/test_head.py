"""What readers are given of a list's beginning."""

from io import BytesIO

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from advisories.readers import inventories
from advisories.readers.inventories.columns import stated_format
from advisories.readers.inventories.head import SEEN, Head

STATED = "# showformat ${Package}"
lines = st.sampled_from(["", " ", "\t", "\r", "\x0c", "\xa0", "# os-release", "#", " #", "bash 5.2-1", "a\r", STATED])
texts = st.builds(lambda each, end: "\n".join(each) + end, st.lists(lines, max_size=30), st.sampled_from(["", "\n"]))


def plain(lines: list[str]) -> list[str]:
    return [line for line in lines if line.strip() and not line.startswith("#")]


@given(texts)
def test_its_lines(text: str) -> None:
    head = Head(text.encode())
    begun = text.encode().lstrip().decode()
    assert head.text == "\n".join(begun.split("\n")[:SEEN])
    assert head.lines == plain(head.text.split("\n"))
    assert head.more_lines == plain(begun.splitlines()[:50])


@given(texts)
@example(f"\xa0\n{STATED}\nbash")
@example(f"\x1f\n{STATED}\nbash")
def test_the_format_that_is_stated_in_front(text: str) -> None:
    assert stated_format(Head(text.encode()).front, "showformat") == stated_format(text, "showformat")


def test_bytes_that_are_no_text() -> None:
    head = Head(b"\xff\nbash")
    assert (head.text, head.front) == ("\ufffd\nbash", "\ufffd\nbash")


@pytest.mark.parametrize(
    ("data", "may_be"),
    [(b'{"a": 1}', True), (b' {"a": 1}', True), (b"bash 5.2-1", False), (b'["a"]', False), (b"", False)],
)
def test_whether_it_may_be_an_object(data: bytes, may_be: bool) -> None:
    assert Head(data).may_be_object is may_be


@pytest.mark.parametrize("front", ["# a comment\n" * 30, "\n" * 60, "# os-release ID=alpine VERSION_ID=3.20\n"])
@pytest.mark.parametrize(
    ("rows", "format"),
    [
        ("musl-1.2.5-r0 x86_64 {musl} (MIT) [installed]\nzlib-1.3.1-r1 x86_64 {zlib} (Zlib) [installed]\n", "apk-list"),
        ("WARNING: opening /x: No such file\n" * 30 + "musl-1.2.5-r0\n", "apk-list"),
        ("Repository base is listed more than once\n" * 30 + "Installed Packages\na.noarch 1-1 @base\n", "dnf-list"),
        ("a.noarch 1-1 @base\rb.noarch 1-1 @base\r", "dnf-list"),
        ("bash-5.1.8-4.el9.x86_64\n", "rpm-qa"),
        ("bash\t5.2.15-2\nlibc6:amd64\t2.36-9\n", "dpkg-query"),
        ("+++-====-=====-====-====\nii  bash 5.2-1 amd64 x\n", "dpkg-query"),
        ("lib 1.2 -- text with .fc40 in it\nother 1.3 -- more of .fc40\n", "dpkg-query"),
    ],
)
def test_what_stands_in_front_hides_no_list(front: str, rows: str, format: str) -> None:
    assert inventories.read_stream(BytesIO((front + rows).encode()), "list").format == format
