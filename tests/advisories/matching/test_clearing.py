"""Rule 8: what is looked up among the fixes of a vulnerability is what each fix, one after the other, would clear."""

from collections.abc import Sequence

import pytest
from advisories_reference import ALMA9, DEBIAN12, advisory, affected, deb, rpm
from hypothesis import given
from hypothesis import strategies as st

from advisories.distros.lines import branch_of, opens
from advisories.index.records import Interval, record_of
from advisories.matching import rules
from advisories.matching.rules import Comparison, Fix, Outcome, Query
from advisories.matching.rules.fixes import Fixes
from advisories.models import Affected, Distribution, Names, Package, Range
from advisories.models.distribution import is_additive, is_branch

_BIONIC = Distribution("ubuntu", "18.04")
_HOSTS = (_BIONIC, Distribution("ubuntu", "18.04", frozenset({"esm-infra"})))
#: Epochs, so that versions of all schemes are ordered by one digit.
_DIGITS = st.integers(1, 6)
_CHANNELS = st.sampled_from([None, None, "esm-infra", "fips", "eus"])
_BRANCHES = st.sampled_from(["", ".el9", ".el9_1", ".el9_2"])


def _trunk(comparison: Comparison, interval: Interval, fixes: Sequence[Fix]) -> Fix | None:
    """rpm: the fix itself, else the first of the build's own branch, else the trunk's last, where reached."""
    key, branch = comparison.query.key, branch_of(comparison.query.version)
    assert key is not None
    for fix in fixes:
        if fix.key == key:
            return fix
    for fix in fixes:
        if fix.key < key and branch_of(fix.version) == branch:
            return fix
    if not any(fix.key < key for fix in fixes) or (interval.high is not None and interval.fixed is None):
        return None
    trunk = [fix for fix in fixes if not is_branch(fix.comparison.record.affected.channel or "")]
    return trunk[-1] if trunk and trunk[-1].key <= key else None


def _channel(comparison: Comparison, interval: Interval, fixes: Sequence[Fix], host: Distribution) -> Fix | None:
    """deb: the highest fix of another channel, in the order in which fixes show them, where it is reached."""
    key, own = comparison.query.key, comparison.record.affected.channel
    assert key is not None
    highest: dict[str, Fix] = {}
    for fix in fixes:
        channel = fix.comparison.record.affected.channel
        if channel is not None and channel != own:
            highest[channel] = fix
    for channel, fix in highest.items():
        goes_on = is_additive(channel) and opens(host, channel, comparison.query.version)
        if fix.key <= key and (interval.high is None or goes_on):
            return fix
    return None


def _one_by_one(comparison: Comparison, fixes: Sequence[Fix], host: Distribution) -> Fix | None:
    found = None
    for interval in comparison.inside:
        above = [
            fix
            for fix in fixes
            if fix.comparison.query.names is comparison.query.names and (interval.low is None or interval.low < fix.key)
        ]
        is_rpm = comparison.query.scheme == "rpm"
        found = _trunk(comparison, interval, above) if is_rpm else _channel(comparison, interval, above, host)
        if found is None:
            return None
    return found


@st.composite
def _ranges(draw: st.DrawFn, release: str) -> Range:
    low = draw(st.none() | _DIGITS)
    high = draw(st.none() | st.integers((low or 0) + 1, 7))
    introduced = None if low is None else f"{low}-1"
    end = None if high is None else f"{high}-1{draw(_BRANCHES) if release == 'rpm' else ''}"
    return Range(introduced, None, end) if draw(st.integers(0, 4)) == 0 else Range(introduced, end)


@st.composite
def _cases(draw: st.DrawFn, type: str) -> tuple[list[Comparison], Distribution]:
    """The comparisons of one package with the records of one vulnerability."""
    version = f"{draw(_DIGITS)}-1"
    if type == "rpm":
        release, package = ALMA9, rpm("bash", version + draw(_BRANCHES))
    else:
        release = draw(st.sampled_from((*_HOSTS, DEBIAN12)))
        package = deb("bash", version + draw(st.sampled_from(["", "+esm1"])))
    queries = rules.queries(package, release)
    records = draw(
        st.lists(st.tuples(st.lists(_ranges(type), min_size=1, max_size=2), _CHANNELS, st.booleans()), max_size=5)
    )
    found = []
    for place, (ranges, channel, is_source) in enumerate(records):
        names = Names.SOURCE if is_source else Names.BINARY
        entry = affected("bash", None, distribution=release, names=names, ranges=tuple(ranges), channel=channel)
        found.append(_compared(next(one for one in queries if one.names is names), entry, f"A-{place}"))
    return found, release


def _compared(query: Query, entry: Affected, id: str) -> Comparison:
    record = record_of(advisory(id, entry, cves=["CVE-2024-1000"]), entry)
    assert query.key is not None
    inside = tuple(one for one in query.intervals(record) if one.holds(query.key))
    return Comparison(query, record, Outcome.INSIDE if inside else Outcome.OUTSIDE, inside=inside)


def _is_as_one_by_one(comparisons: Sequence[Comparison], host: Distribution) -> None:
    fixes = rules.fixes_of(comparisons)
    looked_up = Fixes(fixes, host)
    for one in comparisons:
        if one.inside:
            fix = _one_by_one(one, fixes, host)
            text = None if fix is None else f"cleared by the fix {fix.version} ({fix.comparison.record.advisory.id})"
            note = rules.cleared_by_fixes(one, looked_up)
            assert (note and note.text) == text


@given(_cases("rpm"))
def test_of_rpm(case: tuple[list[Comparison], Distribution]) -> None:
    _is_as_one_by_one(*case)


@given(_cases("deb"))
def test_of_deb(case: tuple[list[Comparison], Distribution]) -> None:
    _is_as_one_by_one(*case)


@pytest.mark.parametrize(
    ("package", "release", "records", "cleared"),
    [
        # Several channels, the lowest fix first: the first of another channel that is reached.
        (deb("bash", "5-1"), _BIONIC, [(None, None), ("fips", "2-1"), ("esm-infra", "3-1"), ("fips", "4-1")], "4-1"),
        (deb("bash", "5-1"), _BIONIC, [("fips", None), ("fips", "2-1"), ("esm-infra", "3-1")], "3-1"),
        (deb("bash", "5-1"), _BIONIC, [("fips", None), ("fips", "2-1"), ("fips", "3-1")], None),
        (deb("bash", "2-1"), _BIONIC, [(None, None), ("esm-infra", "3-1")], None),
        (rpm("bash", "5-1.el9_1"), ALMA9, [(None, None), (None, "2-1.el9_1"), (None, "6-1.el9_2")], "2-1.el9_1"),
        (rpm("bash", "5-1.el9_3"), ALMA9, [(None, None), (None, "2-1.el9_1"), (None, "6-1.el9_2")], None),
        (rpm("bash", "7-1.el9_3"), ALMA9, [(None, None), (None, "2-1.el9_1"), (None, "6-1.el9_2")], "6-1.el9_2"),
        (rpm("bash", "6-1.el9_2"), ALMA9, [(None, None), (None, "2-1.el9_1"), (None, "6-1.el9_2")], "6-1.el9_2"),
    ],
)
def test_in_words(
    package: Package, release: Distribution, records: list[tuple[str | None, str | None]], cleared: str | None
) -> None:
    query = rules.queries(package, release)[0]
    compared = [
        _compared(query, affected("bash", fixed, distribution=release, channel=channel), f"A-{place}")
        for place, (channel, fixed) in enumerate(records)
    ]
    _is_as_one_by_one(compared, release)
    note = rules.cleared_by_fixes(compared[0], Fixes(rules.fixes_of(compared), release))
    assert (note.text.split()[4] if note else None) == cleared
