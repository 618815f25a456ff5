"""Members that have to be texts."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from advisories.models.reading import Unreadable
from advisories.readers.inventories.texts import texts_of

NAMES = ("name", "version", "arch")
letters = st.one_of(st.characters(), st.sampled_from(" ~\x1f\x7f\x80\xa0\xad\u00e9\u2028\ud800\U0001f600"))
values = st.one_of(st.none(), st.text(letters, max_size=4), st.sampled_from([0, 1, True, 1.5, [], {}, b"a"]))
entries = st.dictionaries(st.sampled_from([*NAMES, "other"]), values)


def is_text(value: object) -> bool:
    return value is None or (isinstance(value, str) and value.isprintable())


@given(entries, st.lists(st.sampled_from(NAMES), max_size=4).map(tuple))
@example({"name": "caf\u00e9"}, ("name",))
@example({"name": "\ud800"}, ("name",))
@example({"name": ""}, ("name",))
def test_texts(entry: dict[str, Any], names: tuple[str, ...]) -> None:
    wrong = next((name for name in names if not is_text(entry.get(name))), None)
    if wrong is None:
        assert texts_of(entry, names) == [entry.get(name) or None for name in names]
    else:
        with pytest.raises(Unreadable, match=f"^{wrong} is not a printable string$"):
            texts_of(entry, names)
