"""Patterns that are compiled at their first use."""

import re

import pytest

from advisories.models.patterns import pattern


def test_it_is_the_pattern_of_re_from_its_first_use() -> None:
    ours, theirs = pattern("a+(?P<rest>B?)", re.IGNORECASE), re.compile("a+(?P<rest>B?)", re.IGNORECASE)
    assert ours.pattern == theirs.pattern
    for name in ("fullmatch", "match", "search"):
        for text in ("aab", "xa", ""):
            assert str(getattr(ours, name)(text)) == str(getattr(theirs, name)(text))
    for name in ("findall", "split"):
        assert getattr(ours, name)("aaBxa") == getattr(theirs, name)("aaBxa")
    assert (ours.sub("-", "aax"), ours.subn("-", "aax")) == ("-x", ("-x", 1))
    assert [match.span() for match in ours.finditer("aaBxa")] == [(0, 3), (4, 5)]
    assert (ours.flags, ours.groups, ours.groupindex) == (theirs.flags, theirs.groups, theirs.groupindex)


def test_nothing_is_compiled_before() -> None:
    wrong = pattern("(")
    with pytest.raises(AttributeError, match="no attribute 'other'"):
        _ = wrong.other  # type: ignore[attr-defined]
    with pytest.raises(re.error):
        wrong.match("")
