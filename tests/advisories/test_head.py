"""What readers are told of a list's beginning."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisories.inventories.head import Head

lines = st.sampled_from(
    [b"", b" ", b"\t", b"\r", b"# os-release ID=debian", b"#", b" #", b"bash 5.2-1", b"\xff", b"a\r"]
)
lists = st.builds(lambda each, end: b"\n".join(each) + end, st.lists(lines, max_size=30), st.sampled_from([b"", b"\n"]))


@given(lists)
def test_its_lines(data: bytes) -> None:
    head = Head(data)
    first = data.decode("utf-8", "replace").split("\n")[:20]
    assert head.text == "\n".join(first)
    assert head.lines == [line for line in first if line.strip() and not line.startswith("#")]


@given(lists)
def test_its_front(data: bytes) -> None:
    front = Head(data).front.encode()
    assert data.startswith(front)
    assert all(not line.strip(b" \t\r") or line.lstrip(b" \t\r").startswith(b"#") for line in front.split(b"\n"))
    behind = data[len(front) :].partition(b"\n")
    assert re.fullmatch(rb"[ \t\r]*(#.*)?", behind[0]) is None or not behind[1]


@pytest.mark.parametrize(
    ("data", "may_be"),
    [(b'{"a": 1}', True), (b' {"a": 1}', True), (b"bash 5.2-1", False), (b'["a"]', False), (b"", False)],
)
def test_whether_it_may_be_an_object(data: bytes, may_be: bool) -> None:
    assert Head(data).may_be_object is may_be
