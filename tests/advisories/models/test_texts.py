"""The whole text of a noun: no row is left out, and equal nouns have equal texts."""

from datetime import UTC, datetime

from attrs import evolve

from advisories.models import Advisory, Affected, Distribution, FixState, Kind, Names, Range
from advisories.models.texts import whole_text

UBUNTU = Distribution("ubuntu", "22.04", frozenset({"esm-infra", "esm-apps", "fips"}))
ENTRIES = tuple(
    Affected(f"package-{number}", "deb", UBUNTU, Names.SOURCE, (Range(fixed="1-1"),), fix_state=FixState.FIXED)
    for number in range(100)
)
RECORD = Advisory("USN-1-1", Kind.SECURITY, ("CVE-2024-1",), ENTRIES, modified=datetime(2024, 1, 1, tzinfo=UTC))


def test_no_entry_is_left_out() -> None:
    other = evolve(RECORD, affected=(*ENTRIES[:-1], evolve(ENTRIES[-1], ranges=(Range(fixed="2-1"),))))
    assert all(entry.package in whole_text(RECORD) for entry in ENTRIES)
    assert whole_text(RECORD) < whole_text(other)


def test_sets_are_sorted() -> None:
    assert "['esm-apps', 'esm-infra', 'fips']" in whole_text(UBUNTU).replace('"', "")
