"""Rule 0: nothing is clean in a list made by hand that has sizes, dates or releases in the place of versions."""

from collections.abc import Callable
from importlib import import_module

import pytest
from advisories_reference import advisory, affected, host, rpm
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from places import EXAMPLE

from advisories import Feed, match, open_feed, read_inventory
from advisories.distros.mistaken_versions import why_mistaken
from advisories.models import Assumption, Inventory, Package, PackageClass, State
from advisories.triage.baseline import Baseline
from advisories.triage.cases import Case
from advisories.triage.verify import verify

MISTAKEN = Assumption.VERSIONS_MISTAKEN
Changed = Callable[[Package, int], str]


def exchanged(package: Package, _: int) -> str:
    epoch, colon, evr = package.version.rpartition(":")
    version, _, release = evr.rpartition("-")
    return f"{epoch}{colon}{release}-{version}"


def size(_: Package, number: int) -> str:
    return str(1000 + 37 * number)


def bytes_with_release(package: Package, number: int) -> str:
    return f"{10_000_000 + 37 * number}-{package.version.rpartition('-')[2]}"


def date(_: Package, number: int) -> str:
    return f"2024-01-{1 + number % 28:02} 10:33:00"


@pytest.mark.parametrize("change", [exchanged, size, bytes_with_release, date])
def test_the_bundled_host(change: Changed) -> None:
    listed, feed = read_inventory(str(EXAMPLE / "host.tsv")), open_feed(str(EXAMPLE / "advisories.jsonl"))
    right = match(listed, feed).coverage
    assert right.counts[PackageClass.CLEAN] > 300
    assert MISTAKEN not in right.assumptions
    changed = tuple(evolve(one, version=change(one, n)) for n, one in enumerate(listed.packages))
    found = match(evolve(listed, packages=changed), feed).coverage
    assert found.counts[PackageClass.CLEAN] == 0
    assert found.assumptions[MISTAKEN] == found.counts[PackageClass.UNCHECKED]
    # What is remembered of the one does not count for the other.
    again = match(listed, feed).coverage
    assert (again.counts, again.assumptions) == (right.counts, right.assumptions)


SIZES = [rpm(f"x{number}", str(99_990 + number)) for number in range(12)]
FEED = Feed([advisory("ALSA-1", *(affected(one, "2-1.el9") for one in ("bash", "zsh")), cves=["CVE-2024-1111"])])


def test_what_is_not_there_shows_nothing() -> None:
    gone = [evolve(one, state=State.CONFIG_FILES, type="deb") for one in SIZES]
    right = match(host(rpm("bash", "3-1.el9"), *gone), FEED).coverage
    assert MISTAKEN not in right.assumptions


def test_a_finding_stays_one() -> None:
    found = match(host(rpm("bash", "1-1.el9"), *SIZES), FEED)
    assert {one.package.name for one in found} == {"bash"}
    assert found.coverage.assumptions[MISTAKEN] == len(SIZES)


def test_packages_of_languages_beside_it_hide_nothing() -> None:
    others = [Package("pypi", f"p{number}", f"1.{number}") for number in range(99)]
    found = match(host(rpm("bash", "99999"), *SIZES, *others), FEED).coverage
    assert found.assumptions[MISTAKEN] == len(SIZES) + 1


def test_many_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    """More packages than are remembered."""
    monkeypatch.setattr(import_module("advisories.matching.match"), "_REMEMBERED", 5)
    feed = Feed([*FEED])
    for number in range(4):
        listed = [evolve(one, name=f"{one.name}-{number}") for one in SIZES]
        assert match(host(*listed), feed).coverage.assumptions[MISTAKEN] == len(SIZES)
        assert MISTAKEN not in match(host(rpm("bash", "3-1.el9"), rpm(f"y{number}", "7-1")), feed).coverage.assumptions


def test_a_size_is_no_proof_of_a_fix() -> None:
    then = host(rpm("bash", "1-1.el9"), rpm("zsh", "1-1.el9"))
    found = verify(Baseline.of(then, match(then, FEED)), host(rpm("bash", "99999"), *SIZES), FEED).rows
    assert [row.case for row in found] == [Case.UNCHECKED] * 2
    assert found[0].reason.endswith("versions-mistaken")
    assert found[1].reason == "zsh is not in the list, which has something else in the place of versions"


VERSIONS = st.sampled_from(["1.el9-2", "2-1.el9", "2024-01-02", "12345", "1234567890-1", "7", "7-1", "1:99999"])


@given(st.lists(st.tuples(VERSIONS, st.integers(0, 14)), min_size=1, max_size=40), st.data())
def test_remembered_or_not(packages: list[tuple[str, int]], data: st.DataObject) -> None:
    """A list is mistaken or not, whatever lists were matched before it."""
    listed = tuple(rpm(f"n{name}", version) for version, name in packages)
    feed = Feed([*FEED])
    before: Inventory = host(*data.draw(st.permutations(listed)), *SIZES)
    match(before, feed)
    unique = list(dict.fromkeys(listed))
    found = match(host(*listed), feed).coverage.assumptions
    assert (MISTAKEN in found) <= (why_mistaken(unique) is not None)
    is_clean = bool(match(host(*listed), feed).coverage.counts[PackageClass.CLEAN])
    assert not (is_clean and why_mistaken(unique) is not None)
