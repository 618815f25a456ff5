"""Values of the table that ``advisories list`` writes."""

import pytest
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from advisories.models.reading import Unreadable
from advisories.readers.inventories.escapes import escaped, unescaped

ANY = st.text() | st.binary().map(lambda data: data.decode("utf-8", "surrogateescape"))


@settings(max_examples=examples(500))
@given(text=ANY)
def test_any_text_comes_back(text: str) -> None:
    value = escaped(text)
    assert value
    assert value.isprintable()
    assert unescaped(value) == text


@settings(max_examples=examples(500))
@given(value=st.text(st.sampled_from("\\xuUnrte0123456789abcdefg\t\ufffd\u3000"), max_size=12))
def test_any_value_is_read_or_refused(value: str) -> None:
    try:
        text = unescaped(value)
    except Unreadable:
        return
    assert unescaped(escaped(text)) == text


@pytest.mark.parametrize(
    "value", ["\\", "\\x4", "\\q", "a\\e", "\\ud83", "\\U00110000", "\\Uffffffff", "a\x1b", "\ufffd", "\\\\\\"]
)
def test_what_is_no_value(value: str) -> None:
    with pytest.raises(Unreadable):
        unescaped(value)
