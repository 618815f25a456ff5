"""Selections and statements that a program makes: a word that is none hides nothing, and a range is never left out."""

from datetime import date
from typing import Any

import pytest
from advisories_reference import advisory, affected, host, rpm

from advisories import Feed, Selection, match, select, suppress
from advisories.models import FixState, Presence, Priority
from advisories.models.statements import Statement, StatementStatus, VersionRange

HOST = host(rpm("acl", "2.3-1.el9", vendor="AlmaLinux"), rpm("bash", "5.1-1.el9", vendor="AlmaLinux"))
FEED = Feed([advisory("ALSA-1", affected("acl", "9-1.el9"), affected("bash", "9-1.el9"), cves=["CVE-2024-1111"])])
FOUND = match(HOST, FEED)


def kept(**more: Any) -> list[str]:
    """The packages whose findings stay beside one rule."""
    rule = Statement("rules", "line 1", StatementStatus.IGNORED, **more)
    return [one.package.name for one in suppress(FOUND, [rule], date(2026, 1, 1), HOST).kept]


@pytest.mark.parametrize(
    ("field", "word", "meant"),
    [
        ("priorities", "high", "did you mean High"),
        ("priorities", "critical", "there are: High, Medium, Low"),
        ("fix_states", "wont fix", "did you mean wont-fix"),
        ("presences", "Running", "did you mean running"),
    ],
)
def test_a_word_that_is_none(field: str, word: str, meant: str) -> None:
    with pytest.raises(ValueError, match=rf"Selection\.{field} has '{word}'.*{meant}"):
        Selection(**{field: (word,)})


@pytest.mark.parametrize(
    "more",
    [
        {"priorities": {Priority.HIGH, "Medium", Priority.LOW}},
        {"fix_states": [FixState.FIXED]},
        {"presences": frozenset(Presence)},
    ],
)
def test_words_as_members_and_as_texts(more: Any) -> None:
    assert len(select(FOUND, Selection(**more)).shown) == 2


@pytest.mark.parametrize(
    "more",
    [
        {"priorities": "High"},
        {"priorities": None},
        {"packages": "bash"},
        {"packages": (5,)},
        {"advisories": None},
        {"only_fixable": "no"},
        {"with_headers": 0},
    ],
)
def test_other_types_of_a_selection(more: Any) -> None:
    with pytest.raises(TypeError, match=rf"Selection\.{next(iter(more))}"):
        Selection(**more)


@pytest.mark.parametrize(
    "more",
    [
        {"status": "ignored"},
        {"versions": "1.0"},
        {"products": ("pkg:rpm/almalinux/bash",)},
        {"location": 5},
        {"fix_states": "fixed"},
        {"packages": "bash"},
    ],
)
def test_other_types_of_a_statement(more: Any) -> None:
    with pytest.raises(TypeError, match=rf"Statement\.{next(iter(more))}"):
        Statement(**({"source": "rules", "position": "line 1", "status": StatementStatus.IGNORED} | more))


def test_a_statement_of_a_state_that_is_none() -> None:
    with pytest.raises(ValueError, match=r"Statement\.fix_states has 'wont fix'"):
        kept(fix_states=("wont fix",))


def test_a_range_without_packages_is_of_any() -> None:
    """It was left out, and the rule ignored every version."""
    assert kept(versions=VersionRange(before="3")) == ["bash"]
    assert kept(versions=VersionRange(from_="3")) == ["acl"]
    assert kept(ids=("CVE-2024-1111",), versions=VersionRange(from_="9")) == ["acl", "bash"]


@pytest.mark.parametrize("bound", ["v1.0", ">=1.0", "1.0,2.0", "V2"])
def test_a_bound_that_rpm_has_a_place_for_and_nobody_means(bound: str) -> None:
    """A letter is below every number: from v1.0 on was every version."""
    rule = Statement(
        "rules", "line 1", StatementStatus.IGNORED, packages=("acl",), versions=VersionRange(from_=bound), reason="old"
    )
    done = suppress(FOUND, [rule], date(2026, 1, 1), HOST)
    assert len(done.kept) == 2
    (use,) = done.statements
    assert "not a version" in str(use)
