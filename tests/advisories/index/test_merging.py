"""One id several times: what of a release only one of them has is found (rule 0), whatever the others have."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import permutations

import pytest
from advisories_reference import ALMA9, DEBIAN12, advisory, affected
from attrs import evolve
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from advisories.index.merging import merged
from advisories.models import Advisory, Affected, Distribution
from advisories.models.advisories import Kind, Severity

LEAP, MICRO = Distribution("opensuse-leap", "15.3"), Distribution("opensuse-leap-micro", "5.3")
RELEASES = (LEAP, MICRO, ALMA9, DEBIAN12)
VECTOR = Severity("CVSS_V3", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "vendor")


def _of(release: Distribution, name: str = "bash") -> Affected:
    return evolve(affected(name, "1-1"), distribution=release)


def _copy(day: int | None, *entries: Affected, cves: Sequence[str] = ("CVE-2024-1000",)) -> Advisory:
    one = advisory("A", *entries, cves=list(cves))
    return evolve(one, modified=None if day is None else datetime(2024, 1, day, tzinfo=UTC))


def _merged(*copies: Advisory) -> Advisory:
    """The one advisory of them, the same for any order."""
    found = [merged(some) for some in permutations(copies)]
    assert all(one == found[0] for one in found)
    (whole,) = found[0].advisories
    return whole


def test_a_publisher_has_a_file_for_each_release() -> None:
    """SUSE's OVAL has one id in the files of all products, of different dates: one had taken the place of the other."""
    whole = _merged(_copy(1, _of(LEAP)), _copy(9, _of(MICRO)))
    assert whole.affected == (_of(MICRO), _of(LEAP))
    assert whole.modified == datetime(2024, 1, 9, tzinfo=UTC)


def test_of_a_release_the_latest_counts() -> None:
    whole = _merged(_copy(1, _of(LEAP, "curl")), _copy(5, _of(LEAP, "zsh"), _of(MICRO)), _copy(9, _of(MICRO, "sed")))
    assert whole.affected == (_of(MICRO, "sed"), _of(LEAP, "zsh"))


def test_a_copy_without_a_date_counts_last_and_is_not_lost() -> None:
    assert _merged(_copy(None, _of(LEAP)), _copy(1, _of(MICRO))).affected == (_of(MICRO), _of(LEAP))


def test_cves_of_what_stays() -> None:
    older, latest = _copy(1, _of(LEAP), cves=["CVE-2024-2"]), _copy(9, _of(MICRO), cves=["CVE-2024-10"])
    assert _merged(older, latest).cves == ("CVE-2024-10", "CVE-2024-2")
    # What of an older one does not stay has no say.
    assert _merged(evolve(older, affected=(_of(MICRO),)), latest).cves == ("CVE-2024-10",)


def test_withdrawn() -> None:
    gone = datetime(2024, 1, 9, tzinfo=UTC)
    older, latest = _copy(1, _of(LEAP)), _copy(9, _of(MICRO))
    assert _merged(older, evolve(latest, withdrawn=gone)).affected == (_of(MICRO),)
    assert _merged(evolve(older, withdrawn=gone), latest).affected == (_of(MICRO),)


@pytest.mark.parametrize("day", [None, 1])
def test_of_the_same_moment_the_worse_counts(day: int | None) -> None:
    """Which of two copies came first in the order of their texts had decided the priority."""
    plain = _copy(day, _of(ALMA9))
    worse = evolve(
        plain,
        kind=Kind.SECURITY,
        rating="critical",
        severities=(VECTOR,),
        reboot_suggested=True,
        known_exploited=True,
    )
    assert _merged(evolve(plain, kind=Kind.BUGFIX, rating="low"), worse) == worse
    assert _merged(evolve(plain, kind=Kind.UNKNOWN), worse) == worse
    assert _merged(evolve(plain, rating="none"), evolve(plain, rating="low")).rating == "low"


COPIES = st.lists(
    st.builds(
        lambda day, releases, names: _copy(day, *[_of(release, name) for release in releases for name in names]),
        st.sampled_from([None, 1, 2, 3]),
        st.lists(st.sampled_from(RELEASES), unique=True),
        st.lists(st.sampled_from(["bash", "zsh"]), unique=True, min_size=1),
    ),
    min_size=1,
    max_size=4,
)


@given(COPIES)
@settings(max_examples=examples(200))
def test_no_release_is_lost(copies: list[Advisory]) -> None:
    whole = _merged(*copies)
    assert {one.distribution for one in whole.affected} == {one.distribution for c in copies for one in c.affected}
    # Of each release there is what the latest copies that name it have.
    for release in RELEASES:
        naming = [one for one in copies if any(entry.distribution == release for entry in one.affected)]
        dates = [one.modified.timestamp() if one.modified else 0.0 for one in naming]
        latest = [one for one, date in zip(naming, dates, strict=True) if date == max(dates)]
        expected = {entry for one in latest for entry in one.affected if entry.distribution == release}
        assert {entry for entry in whole.affected if entry.distribution == release} == expected
