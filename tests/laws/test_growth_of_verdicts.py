"""The work of matching grows as the records of one vulnerability do."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from advisories_reference import ALMA9, DEBIAN12, advisory, affected, deb, host, rpm
from attrs import evolve
from growth import Shape, grows_in_proportion

from advisories import Feed, MatchPolicy, explain, match
from advisories.matching import evaluate
from advisories.models import Advisory, Affected, Distribution, Module, Names, Package, Range, Status

_CVE = ["CVE-2024-0001"]
_PYPI = Distribution("pypi", "rolling")
_AMAZON = Distribution("amzn", "2")


def _matching(
    records: list[Advisory], *packages: Package, distribution: Distribution | None = None
) -> Callable[[], object]:
    feed = Feed(records)
    inventory = host(*packages, distribution=distribution) if distribution else host(*packages)
    return lambda: tuple(match(inventory, feed))


def _trunk(n: int) -> list[Advisory]:
    """n fixes, half of them of another minor release, and as many ranges that hold what is above them."""
    fixed = [
        advisory(f"F-{i:04}", affected("bash", f"{i}-1{'.el9_4' if i % 2 else ''}"), cves=_CVE) for i in range(1, n + 1)
    ]
    last = n + 5
    stands = [
        advisory(f"S-{i:04}", affected("bash", f"{last + i}-1", introduced=f"{i}-0"), cves=_CVE) for i in range(n)
    ]
    return [*fixed, *stands]


def _fixes_of_a_trunk(n: int) -> Callable[[], object]:
    return _matching(_trunk(n), rpm("bash", f"{n + 2}-1.el9_7"))


def _fixes_explained(n: int) -> Callable[[], object]:
    feed, inventory = Feed(_trunk(n)), host(rpm("bash", f"{n + 2}-1.el9_7"))
    return lambda: explain(inventory, feed, "bash", _CVE[0])


def _instances_explained(n: int) -> Callable[[], object]:
    """n kernels, and n records that none of them is in the range of."""
    records = [advisory(f"A-{i}", affected("kernel", "2-1"), cves=[f"CVE-2024-{i:04}"]) for i in range(n)]
    inventory = host(*[rpm("kernel", f"5-{i}.el9") for i in range(n)])
    feed = Feed(records)
    return lambda: explain(inventory, feed, "kernel", "CVE-2024-0001")


def _ids_explained(n: int) -> Callable[[], object]:
    """An advisory of n CVEs and n other ids with n entries of a package, by its own id."""
    aliases = tuple(f"GHSA-{i}" for i in range(n))
    one = advisory("A", *[affected("bash", f"{i + 2}-1") for i in range(n)], cves=_cves(n), aliases=aliases)
    feed, inventory = Feed([one]), host(rpm("bash", "1-1"))
    return lambda: explain(inventory, feed, "bash", "A")


def _packages_of_another_distribution(n: int) -> Callable[[], object]:
    """n instances that are judged by choice, and n records that none of them is in the range of."""
    feed = Feed([advisory(f"A-{i}", affected("kernel", f"{i + 2}-1"), cves=[cve]) for i, cve in enumerate(_cves(n))])
    inventory = host(*[rpm("kernel", f"99999-{i}") for i in range(n)], distribution=Distribution("rocky", "9"))
    return lambda: tuple(match(inventory, feed, MatchPolicy(judge_as=ALMA9)))


def _instances_of_a_module(n: int) -> Callable[[], object]:
    """n instances of a stream that the feed does not know, and n records of other streams."""
    records = [
        advisory(f"A-{i}", affected("nodejs", "2-1", module=Module.of(f"nodejs:{i}")), cves=_CVE) for i in range(n)
    ]
    return _matching(records, *[rpm("nodejs", f"3-{i}", module=Module.of("nodejs:other")) for i in range(n)])


def _instances_of_a_flavour(n: int) -> Callable[[], object]:
    """n instances of builds for FIPS, and n records of other builds."""
    records = [advisory(f"A-{i}", affected("openssl", f"{i + 2}-1"), cves=_CVE) for i in range(n)]
    return _matching(records, *[rpm("openssl", f"99999-{i}_fips") for i in range(n)])


def _fixes_of_channels(n: int) -> Callable[[], object]:
    """Fixes of a channel, each below the next, and as many ranges of another."""
    channels = ["esm-infra", "esm-apps"]
    ubuntu = Distribution("ubuntu", "22.04")
    records = [
        advisory(
            f"{channel}-{i:04}",
            affected(
                "bash",
                f"{i}-1" if channel == channels[0] else None,
                introduced=f"{i}-0",
                distribution=ubuntu,
                channel=channel,
            ),
            cves=_CVE,
        )
        for channel in channels
        for i in range(n)
    ]
    return _matching(
        records, deb("bash", f"{n + 2}-1"), distribution=Distribution(ubuntu.id, ubuntu.release, frozenset(channels))
    )


def _publishers_of_channels(n: int) -> Callable[[], object]:
    """n publishers with a record of a channel each, and as many that contradict them."""
    debian = Distribution("debian", "12", frozenset(f"c{i}" for i in range(n)))
    modified = datetime(2024, 1, 1, tzinfo=UTC)

    def record(kind: str, number: int, fixed: str, day: int) -> Advisory:
        entry = affected("bash", fixed, distribution=DEBIAN12, channel=f"c{number}")
        id = f"{kind}-{number}"
        return advisory(id, entry, cves=_CVE, database=id, modified=modified + timedelta(day))

    records = [record("Y", i, "9-1", 0) for i in range(n)] + [record("N", i, "0-1", i) for i in range(n)]
    return _matching(records, deb("bash", "1-1"), distribution=debian)


def _kernels_beside_running_ones(n: int) -> Callable[[], object]:
    """n copies of the kernel that runs, and n that are free of what it has."""
    running = [rpm("kernel", "5-1.el9", location=f"/{i}") for i in range(n)]
    records = [advisory("A", affected("kernel", "6-0.el9"), cves=_CVE)]
    inventory = host(*running, *[rpm("kernel", f"6-{i}.el9") for i in range(n)], kernel="5-1.el9.x86_64")
    return lambda: tuple(match(inventory, Feed(records)))


def _cves(n: int) -> list[str]:
    return [f"CVE-2024-{i:04}" for i in range(n)]


def _entries_of_one_advisory(n: int) -> Callable[[], object]:
    """n entries of a package in an advisory of n CVEs: half of them hold the version, half are fixed below it."""
    entries = [affected("bash", f"{2 * i}-1", introduced=f"{2 * i - 1}-1") for i in range(n // 2)]
    entries += [affected("bash", f"{n + i + 2}-1", introduced=f"{n}-1") for i in range(n // 2)]
    return _matching([advisory("A", *entries, cves=_cves(n))], rpm("bash", f"{n}-2"))


def _entries_that_hold_nothing(n: int) -> Callable[[], object]:
    """All but the first of n entries are about versions above."""
    entries = [affected("bash", "2-1"), *[affected("bash", f"{i + 3}-1", introduced=f"{i + 2}-1") for i in range(n)]]
    return _matching([advisory("A", *entries, cves=_cves(n))], rpm("bash", "1-1"))


def _entries_of_two_advisories(n: int) -> Callable[[], object]:
    """Two advisories of the same n CVEs, one of them with records of what is not affected."""
    entries = [affected("bash", f"{i + 2}-1") for i in range(n)]
    others = [
        affected("bash", None, negative=True, arches=("x86_64",), ranges=(Range(f"{i + 3}-1"),)) for i in range(n)
    ]
    records = [advisory("A", *entries, cves=_cves(n)), advisory("B", *others, cves=_cves(n), database="other")]
    return _matching(records, rpm("bash", "1-1"))


def _entries_of_a_source(n: int) -> Callable[[], object]:
    """n entries of a package and as many of its source."""
    ubuntu = Distribution("ubuntu", "22.04")
    entries = [
        affected("bash", f"{i + 2}-1", distribution=ubuntu, names=names)
        for names in (Names.SOURCE, Names.BINARY)
        for i in range(n)
    ]
    return _matching([advisory("A", *entries, cves=_cves(n))], deb("bash", "1-1"), distribution=ubuntu)


def _entries_of_unstable(n: int) -> Callable[[], object]:
    """n entries without a fix in a release of Debian, and as many of unstable that do not clear it."""
    entries = [affected("bash", None, introduced=f"0-{i}", distribution=DEBIAN12, names=Names.SOURCE) for i in range(n)]
    unstable = Distribution("debian", "unstable")
    entries += [affected("bash", f"{i + 2}-1", distribution=unstable, names=Names.SOURCE) for i in range(n)]
    return _matching([advisory("A", *entries, cves=_cves(n))], deb("bash", "1-1"), distribution=DEBIAN12)


def _ranges_of_a_python_package(n: int) -> Callable[[], object]:
    """One entry with n ranges, each of which holds the fix of the one before."""
    ranges = tuple(Range(f"{2 * i}", f"{2 * i + 3}") for i in range(n))
    return _of_python(affected("jinja2", distribution=_PYPI, ranges=ranges))


def _entries_of_a_python_package(n: int) -> Callable[[], object]:
    """The same as n entries."""
    return _of_python(
        *[affected("jinja2", f"{2 * i + 3}", introduced=f"{2 * i}", distribution=_PYPI) for i in range(n)]
    )


def _of_python(*entries: Affected) -> Callable[[], object]:
    records = [advisory("A", *[evolve(one, type="pypi") for one in entries], cves=_CVE)]
    return _matching(records, Package("pypi", "jinja2", "1"), distribution=Distribution("debian", "13"))


def _ranges_where_no_line_shows(n: int) -> Callable[[], object]:
    """One entry with n ranges, of a build that may be in any line."""
    ranges = tuple(Range(f"{2 * i}-1", f"{2 * i + 1}-1") for i in range(n))
    return _matching(
        [advisory("A", affected("runc", distribution=_AMAZON, ranges=ranges), cves=_CVE)],
        rpm("runc", "0-2"),
        distribution=_AMAZON,
    )


def _entries_beside_fixes_of_channels(n: int) -> Callable[[], object]:
    """n entries of a channel without a fix, n fixes of that channel, and one of another."""
    ubuntu = Distribution("ubuntu", "22.04", frozenset({"esm-apps", "esm-infra"}))
    bare = Distribution(ubuntu.id, ubuntu.release)
    entries = [affected("bash", None, introduced=f"0-{i}", distribution=bare, channel="esm-apps") for i in range(n)]
    entries += [affected("bash", f"{i + 2}-1", distribution=bare, channel="esm-apps") for i in range(n)]
    entries.append(affected("bash", "99999-1", distribution=bare, channel="esm-infra"))
    return _matching([advisory("A", *entries, cves=_CVE)], deb("bash", "1-1"), distribution=ubuntu)


_MATCHING = [
    _instances_of_a_module,
    _instances_of_a_flavour,
    _ids_explained,
    _packages_of_another_distribution,
    _ranges_of_a_python_package,
    _entries_of_a_python_package,
    _ranges_where_no_line_shows,
    _entries_beside_fixes_of_channels,
    _entries_of_one_advisory,
    _entries_that_hold_nothing,
    _entries_of_two_advisories,
    _entries_of_a_source,
    _entries_of_unstable,
    _fixes_of_a_trunk,
    _fixes_explained,
    _instances_explained,
    _fixes_of_channels,
    _publishers_of_channels,
    _kernels_beside_running_ones,
]


@pytest.mark.parametrize("shape", _MATCHING, ids=lambda shape: shape.__name__[1:])
def test_of(shape: Shape) -> None:
    grows_in_proportion(shape)


def _each_with_its_own_advisory(n: int) -> list[Advisory]:
    """An advisory of n CVEs with n entries, and another one of each CVE."""
    own = [advisory(f"B-{i}", affected("bash", f"{i + 2}-2"), cves=[cve]) for i, cve in enumerate(_cves(n))]
    return [advisory("A", *[affected("bash", f"{i + 2}-1") for i in range(n)], cves=_cves(n)), *own]


def _ranges_and_an_advisory_each(n: int) -> list[Advisory]:
    """The same with one entry of n ranges."""
    ranges = tuple(Range(f"{2 * i}-1", f"{2 * i + 1}-1") for i in range(n))
    return [advisory("A", affected("bash", ranges=ranges), cves=_cves(n)), *_each_with_its_own_advisory(n)[1:]]


@pytest.mark.parametrize("records", [_each_with_its_own_advisory, _ranges_and_an_advisory_each])
def test_beyond_a_limit_vulnerabilities_of_different_records_are_undecidable(
    records: Callable[[int], list[Advisory]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluate, "_DECIDED", 2_000)
    package = rpm("bash", "0-2")
    one = advisory("C", affected("bash", "1-1"), affected("bash", "2-1"), cves=["CVE-2025-0001"])
    few, many = (match(host(package), Feed([*records(n), one])) for n in (20, 60))
    assert {finding.status for finding in few} == {Status.AFFECTED}
    decided = [finding.vulnerability for finding in many if finding.status is Status.AFFECTED]
    assert (decided, len(many)) == (["CVE-2025-0001"], 61)
    assert all(
        "the limit of 2000 records" in finding.cause for finding in many if finding.status is not Status.AFFECTED
    )
    grows_in_proportion(lambda n: _matching(records(n), package))
