"""Laws of rule 8 over every scheme: what is once cleared stays clear, and another feed clears by its word alone."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import pytest
from attrs import evolve, frozen
from examples import examples
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

import vercmp
from advisories import Feed, match
from advisories.distros.lines import branch_of
from advisories.models import (
    SCHEME_OF_TYPE,
    Advisory,
    Affected,
    Distribution,
    FixState,
    Inventory,
    Kind,
    Names,
    Package,
    Range,
)

CVE = "CVE-2024-1000"
DATES = st.sampled_from([None, datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 2, 1, tzinfo=UTC)])


@frozen
class Scheme:
    """Versions of a type, dense enough to meet, and the releases and channels that records of them may be in.

    :ivar mark: of a version, what one line and branch have in common.
    """

    host: Distribution
    type: str
    versions: Sequence[str]
    places: Sequence[tuple[Distribution, str | None]]
    channels: Sequence[frozenset[str]] = (frozenset(),)
    mark: Callable[[str], object] = lambda version: None


def numbered(*suffixes: str) -> list[str]:
    return [f"1.{number}{suffix}" for number in range(4) for suffix in suffixes]


RHEL, RHEL94, UBUNTU = Distribution("rhel", "9"), Distribution("rhel", "9.4"), Distribution("ubuntu", "22.04")
ALPINE, PYPI = Distribution("alpine", "3.18"), Distribution("pypi", "rolling")
OL, AMAZON = Distribution("ol", "8"), Distribution("amzn", "2")
SCHEMES = {
    "rpm": Scheme(
        RHEL94,
        "rpm",
        numbered("-1.el9", "-1.el9_2", "-2.el9_2", "-1.el9_4", "-3.el9_4", "-2.module+el9.2.0+1+aa"),
        [(RHEL, None), (RHEL, None), (RHEL94, "eus")],
        [frozenset(), frozenset({"eus"})],
        branch_of,
    ),
    "uek": Scheme(
        OL,
        "rpm",
        [f"{line}-{number}.el8uek" for line in ("5.4.17", "5.15.0") for number in range(4)],
        [(OL, None)],
        mark=lambda version: version.partition("-")[0],
    ),
    "extras": Scheme(
        AMAZON, "rpm", numbered("-1.amzn2", "-2.amzn2"), [(AMAZON, None), (AMAZON, "docker"), (AMAZON, "ecs")]
    ),
    "deb": Scheme(
        UBUNTU,
        "deb",
        numbered("-1", "-1+esm1", "-1+esm2", "-2"),
        [(UBUNTU, None), (UBUNTU, None), (UBUNTU, "esm-apps"), (UBUNTU, "pro")],
        [frozenset(), frozenset({"esm-apps"})],
        lambda version: "esm" in version,
    ),
    "fips": Scheme(
        UBUNTU,
        "deb",
        numbered("-1", "-1.fips.1", "-1.fips.2", "-2"),
        [(UBUNTU, None), (UBUNTU, "fips"), (UBUNTU, "fips-updates")],
        [frozenset(), frozenset({"fips"}), frozenset({"fips-updates"})],
        lambda version: "fips" in version,
    ),
    "apk": Scheme(ALPINE, "apk", numbered("-r0", "-r1", "-r2"), [(ALPINE, None)]),
    "pypi": Scheme(PYPI, "pypi", numbered(".0", ".1", ".2"), [(PYPI, None)]),
}
NAMES = {"uek": "kernel-uek", "extras": "runc"}
each_scheme = pytest.mark.parametrize("name", SCHEMES)
usual = settings(max_examples=examples(150), deadline=None, suppress_health_check=list(HealthCheck))


def records(name: str, prefix: str) -> st.SearchStrategy[list[Advisory]]:
    scheme = SCHEMES[name]
    ends = st.none() | st.sampled_from(scheme.versions)
    ranges = st.lists(st.builds(Range, ends, ends), min_size=1, max_size=2).map(tuple)

    def affected(place: tuple[Distribution, str | None], ranges: tuple[Range, ...]) -> Affected:
        package = NAMES.get(name, "some")
        release, channel = place
        return Affected(
            package, scheme.type, release, Names.BINARY, ranges, fix_state=FixState.NOT_FIXED, channel=channel
        )

    advisories = st.builds(
        lambda number, entry, database, modified: Advisory(
            f"{prefix}-{number}", Kind.SECURITY, (CVE,), (entry,), database=database, modified=modified
        ),
        st.integers(0, 20),
        st.builds(affected, st.sampled_from(scheme.places), ranges),
        st.sampled_from(["a", "a", "b"]),
        DATES,
    )
    return st.lists(advisories, min_size=1, max_size=4, unique_by=lambda advisory: advisory.id)


def is_found(name: str, channels: frozenset[str], version: str, advisories: Sequence[Advisory]) -> bool:
    scheme = SCHEMES[name]
    package = Package(scheme.type, NAMES.get(name, "some"), version, "x86_64")
    release = scheme.places[0][0]
    covered = Affected("covered", scheme.type, release, Names.BINARY, (Range(None, "0"),))
    host = Inventory(evolve(scheme.host, channels=channels), (package,), None, "a list", "test")
    return bool(match(host, Feed([*advisories, Advisory("COVERED", affected=(covered,))])))


@each_scheme
@usual
@given(data=st.data())
def test_once_cleared_by_a_fix_every_later_version_is_clear(name: str, data: st.DataObject) -> None:
    """Of the same line and branch, until a record's next `introduced`."""
    scheme = SCHEMES[name]
    advisories = data.draw(records(name, "X"))
    channels = data.draw(st.sampled_from(scheme.channels))
    version = data.draw(st.sampled_from(scheme.versions))
    later = [
        one
        for one in scheme.versions
        if is_below(name, version, one)
        and scheme.mark(version) == scheme.mark(one)
        and not any(begins_between(name, range, version, one) for range in ranges_of(advisories))
    ]
    reached = [range for range in ranges_of(advisories) if range.fixed and not is_below(name, version, range.fixed)]
    if later and reached and not is_found(name, channels, version, advisories):
        event("cleared")
        for one in later:
            assert not is_found(name, channels, one, advisories), one


def is_below(name: str, version: str, other: str) -> bool:
    return vercmp.compare(version, other, scheme=SCHEME_OF_TYPE[SCHEMES[name].type]) < 0


def ranges_of(advisories: Sequence[Advisory]) -> list[Range]:
    return [range for advisory in advisories for entry in advisory.affected for range in entry.ranges]


def begins_between(name: str, range: Range, version: str, later: str) -> bool:
    begin = range.introduced
    return begin is not None and is_below(name, version, begin) and not is_below(name, later, begin)


@each_scheme
@usual
@given(data=st.data())
def test_another_feed_removes_a_finding_by_its_word_alone(name: str, data: st.DataObject) -> None:
    """A record of it states that a version up to the installed one is fixed."""
    scheme = SCHEMES[name]
    first, second = data.draw(records(name, "X")), data.draw(records(name, "Y"))
    channels = data.draw(st.sampled_from(scheme.channels))
    version = data.draw(st.sampled_from(scheme.versions))
    if is_found(name, channels, version, first) and not is_found(name, channels, version, [*first, *second]):
        event("removed")
        fixes = [range.fixed for range in ranges_of(second) if range.fixed is not None]
        assert any(not is_below(name, version, fix) for fix in fixes)
