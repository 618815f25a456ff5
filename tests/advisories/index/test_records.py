"""Groups of records: the index finds what a scan of the same records finds, and flaws are listed."""

import pickle
from datetime import UTC, datetime
from itertools import chain

import pytest
from advisories_reference import ALMA9, DEBIAN12, advisory, affected, host, rpm
from attrs import evolve
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st

import vercmp
from advisories import Feed, match
from advisories.index.records import Group, Record, grouped, record_of, version_key
from advisories.matching.match import match_many
from advisories.models import Advisory, Affected, Distribution, FlawKind, Inventory, Module, Names, Package, Range

EPOCHS = st.sampled_from(["", "0:", "1:", "2:"])
VERSIONS = st.builds(
    "{}{}{}".format, EPOCHS, st.sampled_from(["1", "1.1", "2"]), st.sampled_from(["-1", "-2", "", "-1~a"])
)
REFUSED = st.just("1\0")
ENDS = st.none() | VERSIONS
RANGES = st.builds(Range, ENDS, ENDS | st.just("0"), ENDS, st.none() | st.none() | VERSIONS)
ENTRIES = st.builds(
    Affected,
    st.just("bash"),
    st.just("rpm"),
    st.just(ALMA9),
    st.just(Names.BINARY),
    st.lists(RANGES, max_size=3).map(tuple),
    st.lists(VERSIONS | VERSIONS | REFUSED, max_size=2).map(tuple),
    negative=st.booleans(),
)


def group_of(entries: list[Affected]) -> Group:
    records = [record_of(advisory(f"A-{number}"), entry) for number, entry in enumerate(entries)]
    return grouped({"bash": records})["bash"]


def may_hold(record: Record, version: str, key: bytes, *, epoch: bool) -> bool:
    """Whether a record may hold a version, the slow way."""
    affected = record.affected
    if affected.negative and not affected.ranges and not affected.versions:
        return True
    if record.unordered is not None:
        return True
    intervals = record.intervals if epoch else record.epochless
    if any(interval.upside_down for interval in intervals):
        return True
    if any(range.last_affected is not None and "-" not in range.last_affected for range in affected.ranges):
        return True
    return any(interval.holds(key) for interval in intervals) or key in (
        record.versions if epoch else record.epochless_versions
    )


@settings(max_examples=examples(400), deadline=None)
@given(st.lists(ENTRIES, max_size=5), VERSIONS, st.booleans())
def test_candidates_are_what_a_scan_finds(entries: list[Affected], version: str, epoch: bool) -> None:
    group = group_of(entries)
    key = version_key(version, "rpm", epoch=epoch)
    expected = [record for record in group.records if may_hold(record, version, key, epoch=epoch)]
    assert list(group.candidates(key, epoch=epoch)) == expected


@given(st.lists(st.lists(st.sampled_from("abc"), unique=True, max_size=2), max_size=4))
def test_what_records_name(named: list[list[str]]) -> None:
    entry = affected("bash", "2-1")
    records = [record_of(advisory(f"A-{number}", cves=cves), entry) for number, cves in enumerate(named)]
    group = grouped({"bash": records})["bash"]
    by_name = {name: [r for r in records if name in r.advisory.vulnerabilities] for name in (*"abc", "A-0")}
    assert {name: list(chain.from_iterable(group.naming(name))) for name in by_name} == by_name
    assert group.shared == {name for name, same in by_name.items() if len(same) > 1}


def test_a_version_is_keyed_once_and_shared() -> None:
    plain = record_of(advisory("A"), affected("bash", "1.0-1"))
    assert plain.epochless is plain.intervals
    shown = record_of(advisory("A"), affected("bash", "1:1.0-1"))
    (interval,), (bare,) = shown.intervals, shown.epochless
    assert (interval.high, bare.high) == (vercmp.rpm.sort_key("1:1.0-1"), vercmp.rpm.sort_key("1.0-1"))


@pytest.mark.parametrize("version", ["1:", "1:-1"])
def test_an_epoch_alone_is_no_version(version: str) -> None:
    record = record_of(advisory("A"), affected("bash", version, versions=(version,)))
    assert record.unordered is not None
    assert (record.intervals, record.epochless, record.versions) == ((), (), frozenset())


@pytest.mark.parametrize("version", ["1:2:3-1"])
def test_what_is_left_without_an_epoch(version: str) -> None:
    """A colon may be left: it is ordered as with the epoch 0."""
    record = record_of(advisory("A"), affected("bash", version, versions=(version,)))
    bare = vercmp.rpm.sort_key(f"0{version[1:]}")
    assert record.epochless[0].high == bare
    assert record.epochless_versions == {bare}


class TestFlaws:
    """What is wrong with records that were kept is listed, and takes nothing with it."""

    def kinds(self, feed: Feed) -> list[tuple[FlawKind, str]]:
        return [(flaw.kind, flaw.advisory) for flaw in feed.flaws]

    def test_none(self) -> None:
        entries = affected("bash", "2-1", introduced="1-1"), affected("bash", "0"), affected("sed", None)
        assert Feed([advisory("A", *entries)]).flaws == ()

    def test_upside_down(self) -> None:
        feed = Feed([advisory("A", affected("bash", "1-1", introduced="2-1"))])
        (flaw,) = feed.flaws
        assert str(flaw) == "A, bash of almalinux 9: a range begins at 2-1 and ends at 1-1 (upside-down)"
        assert not match(host(rpm("bash", "1.5-1")), feed)

    def test_the_other_end_of_a_range_fixed_in_zero(self) -> None:
        feed = Feed([advisory("A", affected("bash", "0", introduced=""))])
        assert self.kinds(feed) == [(FlawKind.VERSION_REFUSED, "A")]

    def test_a_refused_version(self) -> None:
        feed = Feed([advisory("A", affected("bash", "1\0"), affected("sed", "2-1"))])
        assert self.kinds(feed) == [(FlawKind.VERSION_REFUSED, "A")]
        assert [f.status.value for f in match(host(rpm("bash", "1-1"), rpm("sed", "1-1")), feed)] == [
            "undecidable",
            "affected",
        ]

    @pytest.mark.parametrize(("type", "refused"), [("pypi", "1:2"), ("pypi", ":"), ("npm", "1:2"), ("gem", "1:2")])
    def test_a_listed_version_of_a_language_that_is_refused_for_its_colon(self, type: str, refused: str) -> None:
        """It is no epoch: the other versions of the list are found, and so is this one by its text."""
        language = Distribution(type, "rolling")
        listed = Affected("a", type, language, Names.BINARY, versions=("1.0", refused))
        feed = Feed([advisory("A", listed)])
        for version, found in {"1.0": ["affected"], refused: ["affected"], "2.0": []}.items():
            one = Inventory(language, (Package(type, "a", version),))
            assert [finding.status.value for finding in match(one, feed)] == found, version

    def test_a_version_that_is_warned_of(self) -> None:
        entry = Affected("bash", "deb", DEBIAN12, Names.SOURCE, (Range(None, "1_1-1"),))
        (flaw,) = Feed([advisory("A", entry)]).flaws
        assert (flaw.kind, flaw.why) == (FlawKind.VERSION_WARNED, "1_1-1: invalid character in version number")

    @pytest.mark.parametrize(("type", "version"), [("deb", "a1-1"), ("rpm", "a-1")])
    def test_a_version_that_no_package_has(self, type: str, version: str) -> None:
        distribution = DEBIAN12 if type == "deb" else ALMA9
        entry = Affected("bash", type, distribution, Names.SOURCE, (Range(None, version),))
        (flaw,) = Feed([advisory("A", entry)]).flaws
        assert flaw.kind is FlawKind.VERSION_REFUSED
        assert flaw.why.endswith(f"{version!r}: no package has such a version")

    @pytest.mark.parametrize(
        ("ranges", "found"),
        [
            ((Range(None, "2-1"), Range("1-1", "3-1")), True),
            ((Range(None, "1-1"), Range("1-1", "3-1")), False),
            ((Range(None, None), Range("1-1", "3-1")), True),
            ((Range("0.5-1", "2-1"), Range("1-1", "3-1")), False),
        ],
    )
    def test_a_range_without_lower_bound(self, ranges: tuple[Range, ...], found: bool) -> None:
        feed = Feed([advisory("A", affected("bash", None, ranges=ranges))])
        assert self.kinds(feed) == ([(FlawKind.NO_LOWER_BOUND, "A")] if found else [])
        apart = [advisory("A", *[affected("bash", None, ranges=(one,)) for one in ranges])]
        assert self.kinds(Feed(apart)) == self.kinds(feed)
        assert not Feed([advisory(f"A{n}", affected("bash", None, ranges=(r,))) for n, r in enumerate(ranges)]).flaws

    @pytest.mark.parametrize(
        ("fixed", "found"), [("5.6-1", True), ("5.4-1", False), ("2:5.6-1", False), ("0", False), ("5.5-1", False)]
    )
    def test_a_fix_without_epoch(self, fixed: str, found: bool) -> None:
        feed = Feed([advisory("A", affected("bash", "1:5.5-1")), advisory("B", affected("bash", fixed))])
        assert self.kinds(feed) == ([(FlawKind.NO_EPOCH, "B")] if found else [])

    def test_one_id_twice(self) -> None:
        moment = datetime(2024, 1, 1, tzinfo=UTC)
        one, two = (advisory("A", affected(name, "1-1"), modified=moment) for name in ("bash", "sed"))
        feed = Feed([one, two])
        assert self.kinds(feed) == [(FlawKind.CONFLICT, "A")]
        assert str(feed.flaws[0]).startswith("A: ")
        assert feed.newest == moment

    @pytest.mark.parametrize(
        ("negative", "found"),
        [
            (affected("bash", "1-1", negative=True), True),
            (affected("bash", None, ranges=(), negative=True), True),
            (affected("bash", None, introduced="2-1", negative=True), False),
            (affected("bash", None, ranges=(), versions=("1-1",), negative=True), True),
            (affected("bash", None, ranges=(), versions=("2-1",), negative=True), False),
            (affected("sed", "1-1", negative=True), False),
            (affected("bash", "1-1", negative=True, module=Module.of("a:1")), False),
        ],
    )
    def test_affected_and_not(self, negative: Affected, found: bool) -> None:
        positive = advisory("A", affected("bash", "2-1"), cves=["CVE-2024-1000"])
        feed = Feed([positive, advisory("VEX", negative, cves=["CVE-2024-1000"])])
        assert self.kinds(feed) == ([(FlawKind.CONTRADICTION, "VEX")] if found else [])
        assert not Feed([positive, advisory("VEX", negative, cves=["CVE-2024-2000"])]).flaws


class TestGroupsOnDemand:
    """A feed in memory makes the records of a package when they are asked for, and then once."""

    NAMES = ("bash", "curl", "zlib")

    def feed(self) -> Feed:
        entries = [affected(name, fixed) for name in self.NAMES for fixed in ("1-1", "1:2-1")]
        return Feed([advisory(f"A-{number}", *entries) for number in range(2)])

    def test_what_nobody_asks_for_is_not_made(self, monkeypatch: pytest.MonkeyPatch) -> None:
        made: list[str] = []

        def counted(of: Advisory, entry: Affected) -> Record:
            made.append(entry.package)
            return record_of(of, entry)

        monkeypatch.setattr("advisories.index.feed.record_of", counted)
        feed = self.feed()
        assert feed.covers(ALMA9)
        assert not made
        match(host(rpm("curl", "1-1")), feed)
        assert made == ["curl"] * 4
        feed.records(ALMA9, Names.BINARY, "curl")
        match(host(rpm("curl", "1-2"), rpm("zlib", "1-1")), feed)
        assert made == ["curl"] * 4 + ["zlib"] * 4

    def test_they_are_the_same_in_any_order(self) -> None:
        together, one_by_one = self.feed(), self.feed()
        together.prefetch([(ALMA9, Names.BINARY, name) for name in (*self.NAMES, "none")])
        for name in reversed(self.NAMES):
            first, other = (feed.group(ALMA9, Names.BINARY, name) for feed in (together, one_by_one))
            assert first is together.group(ALMA9, Names.BINARY, name)
            assert first is not None
            assert other is not None
            assert first.records == other.records
            for version in ("0-1", "1-1", "1:1-1", "1:2-1"):
                key = version_key(version, "rpm", epoch=True)
                assert first.candidates(key) == other.candidates(key)
        assert together.group(ALMA9, Names.BINARY, "none") is None

    def test_records_of_one_advisory_share_it(self) -> None:
        feed = self.feed()
        found = [feed.records(ALMA9, Names.BINARY, name)[0].advisory for name in self.NAMES]
        assert found[0].affected == ()
        assert all(one is found[0] for one in found)


def test_a_feed_pickles_without_its_memory() -> None:
    feed = Feed([advisory("A", affected("bash", "1:2-1"), cves=["CVE-2024-1000"])])
    inventory = host(rpm("bash", "1-1"), rpm("bash", "1-1", arch="i686", epoch_known=False))
    findings = match(inventory, feed)
    assert feed.memo
    again = pickle.loads(pickle.dumps(feed))
    assert again.memo == {}
    assert match(inventory, again) == findings == pickle.loads(pickle.dumps(findings))
    assert list(match_many([inventory] * 3, again)) == [(inventory, findings)] * 3


def test_remembering_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is remembered has a bound, and the answers do not hang on it."""
    from advisories.matching import match as matching

    monkeypatch.setattr(matching, "_REMEMBERED", 3)
    feed = Feed([advisory("A", affected("bash", "2-1"), cves=["CVE-2024-1000"])])
    hosts = [host(*(rpm("bash", f"1-{number}") for number in range(n, n + 5))) for n in range(6)]
    found = [findings for _, findings in match_many(hosts * 2, feed)]
    assert [len(findings) for findings in found] == [5] * 12
    assert found[:6] == found[6:]
    assert found[0] == match(hosts[0], Feed(feed))
    (matcher,) = feed.memo.values()
    assert len(matcher._results) <= 5


def test_a_date_is_the_newest_known() -> None:
    moments = [datetime(2024, month, 1, tzinfo=UTC) for month in (1, 2, 3)]
    entry = affected("bash", "2-1")
    modified = advisory("A", entry, published=moments[0], modified=moments[1])
    assert Feed([modified, advisory("B", entry, published=moments[2]), advisory("C", entry)]).newest == moments[2]
    assert Feed([evolve(modified, published=moments[2])]).newest == moments[1]
    assert Feed([advisory("C", entry)]).newest is None
