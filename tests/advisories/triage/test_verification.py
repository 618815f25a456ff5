"""What becomes of earlier findings: the truth table, the laws, and baselines of other hosts."""

import io
import json
import random
from collections import Counter
from datetime import UTC, datetime

import pytest
from advisories_reference import ALMA9, DEBIAN12, advisory, affected, bare, deb, host, rpm
from advisories_strategies import ADVISORIES, COVERED, INVENTORIES
from attrs import evolve
from examples import examples
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from places import GOLDEN, ROOT
from verification_table import HEAD, Line, parsed

import vercmp
from advisories import Feed, MatchPolicy, match
from advisories.distros.kernels import Role, kernel_of
from advisories.matching.rules import same_slot
from advisories.models import (
    Advisory,
    Affected,
    Assumption,
    Distribution,
    Finding,
    Inventory,
    Kind,
    Names,
    Package,
    PackageClass,
    Presence,
    Range,
    Status,
)
from advisories.models.errors import ForeignBaseline
from advisories.models.reading import Extent, ReadReport, Rejection
from advisories.readers.inventories import read_stream
from advisories.reports import Report, render
from advisories.reports.verification import VerificationReport
from advisories.reports.verification_caveats import verification_caveats
from advisories.triage.baseline import Baseline, read_baseline
from advisories.triage.cases import CASES, Case, FindingState
from advisories.triage.verify import Verification, verify

TABLE = (GOLDEN / "verification.tsv").read_text().splitlines()
thorough = settings(max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.too_slow])


def is_later(package: Package, other: Package) -> bool:
    versions = [package.version, other.version]
    if not (package.epoch_known and other.epoch_known):
        versions = [bare(version, "rpm") for version in versions]
    return vercmp.compare(*versions, scheme="rpm") > 0


class TestTheTable:
    @pytest.mark.parametrize("text", TABLE[1:], ids=lambda text: text.partition("\t")[0])
    def test_a_line(self, text: str) -> None:
        line = parsed(text)
        verification = verified(line)
        assert tuple(row.case.value for row in verification.rows) == line.cases
        assert tuple(row.state.value for row in verification.rows) == line.states
        assert tuple(row.reason for row in verification.rows) == line.reasons
        assert tuple(f"{finding.instance} {finding.vulnerability}" for finding in verification.new) == line.new

    def test_it_has_every_state_and_every_case(self) -> None:
        assert TABLE[0].split("\t") == list(HEAD)
        lines = [parsed(text) for text in TABLE[1:]]
        assert len({line.what for line in lines}) == len(lines)
        assert {state for line in lines for state in line.states} == set(FindingState)
        # That one needs a package of another kind than its host's.
        # The other is about what a report has of its feed: TestAFeedThatHasLess.
        assert {case for line in lines for case in line.cases} == set(Case) - {Case.NOT_COVERED, Case.FEED_LACKS}

    def test_the_page_shows_every_case(self) -> None:
        table = [f"| {state.value} | `{case.value}` | {meaning} |" for case, (state, meaning) in CASES.items()]
        page = (ROOT / "docs/guide/verifying.md").read_text().splitlines()
        begin = page.index(table[0])
        assert page[begin : begin + len(table) + 1] == [*table, ""]

    def test_every_case_is_in_one_state(self) -> None:
        assert list(CASES) == list(Case)
        assert {state for state, _ in CASES.values()} == set(FindingState)
        assert len({meaning for _, meaning in CASES.values()}) == len(Case)

    @pytest.mark.parametrize("text", TABLE[1:], ids=lambda text: text.partition("\t")[0])
    def test_what_is_found_now_is_the_next_baseline(self, text: str) -> None:
        """The next run knows all that this one found: nothing of it is new to it."""
        line = parsed(text)
        if verified(line).findings.coverage.covered:
            again = verified(evolve(line, baseline=line.current, baseline_records=line.current_records))
            assert again.new == ()
            assert again.counts[FindingState.FIXED] == 0


def verified(line: Line) -> Verification:
    baseline = Baseline.of(line.baseline, match(line.baseline, line.baseline_records))
    return verify(baseline, line.current, line.current_records)


def of_itself(finding: Finding, inventory: Inventory, feed: Feed) -> set[FindingState]:
    """What a finding is, verified against its own match."""
    if finding.status is Status.UNDECIDABLE:
        return {FindingState.UNDECIDABLE}
    if finding.pending_restart:
        return {FindingState.FIXED_PENDING_RESTART}
    if finding.presence is Presence.RESIDUAL:
        return {FindingState.RESIDUAL}
    kernel = kernel_of(finding.package)
    if kernel is not None and kernel.role is Role.KERNEL:
        findings = match(inventory, feed)
        mates = [p for p in inventory.instances if p.state.on_disk and same_slot(p, finding.package)]
        running = {f.package for f in findings if f.presence is Presence.RUNNING and f.package in mates}
        free = [
            p for p in mates if not any(f.package == p and f.vulnerability == finding.vulnerability for f in findings)
        ]
        if not running and any(is_later(p, finding.package) for p in free):
            # A later kernel is free of it, and none of the list is known to run with it.
            return {FindingState.FIXED_PENDING_RESTART, FindingState.STILL_VULNERABLE}
    return {FindingState.STILL_VULNERABLE}


UNAMES = st.sampled_from([None, "1.0-1.el9.x86_64", "1.0-2.el9_0.x86_64", "1.1-3.el9_0.x86_64", "2.0-4.el9_2.x86_64"])
HOSTS = st.builds(lambda inventory, uname: evolve(inventory, running_kernel=uname), INVENTORIES, UNAMES)
CLOSED = {FindingState.FIXED, FindingState.PACKAGE_REMOVED}


def test_a_kernel_of_unknown_epoch_beside_one_that_shows_its_epoch() -> None:
    """Rule 4: which of the two is later is not known. The report does not show that the finding's epoch is not."""
    kernels = [
        rpm("kernel-core", "1.0-1.el9", arch="i686", epoch_known=False),
        rpm("kernel-core", "1:1.0-1.el9", arch="i686"),
    ]
    entry = affected("kernel-core", None, ranges=(Range(None, None), Range(None, "1.0-2.el9_0")))
    inventory, feed = host(*kernels), Feed([advisory("A-1", entry)])
    rows = verify(Baseline.of(inventory, match(inventory, feed)), inventory, feed).rows
    assert [row.state for row in rows] == [FindingState.STILL_VULNERABLE]


@pytest.mark.parametrize(
    ("rejections", "unread", "type", "case"),
    [((), None, "rpm", Case.REMOVED), ((("line 3", Extent.RECORD),), (), "rpm", Case.UNCHECKED),
     ((("etc/apt/sources.list", Extent.PART),), (), "rpm", Case.REMOVED),
     ((("sha256:33", Extent.RECORD),), (), "rpm", Case.UNCHECKED),
     ((), ("npm", "pypi"), "rpm", Case.REMOVED), ((), ("npm", "pypi"), "npm", Case.UNCHECKED),
     ((), ("pypi",), "npm", Case.REMOVED), ((), ("rpm",), "rpm", Case.UNCHECKED), ((), None, "npm", Case.REMOVED)],
)  # fmt: skip
def test_what_is_not_in_a_list_that_could_not_be_read_whole(
    rejections: tuple[tuple[str, Extent], ...], unread: tuple[str, ...] | None, type: str, case: Case
) -> None:
    """Removed is what a whole list does not have."""
    gone = rpm("bash", "1-1") if type == "rpm" else Package(type, "bash", "1.0.0")
    kept = (rpm("zsh", "1-1"), Package("npm", "zsh", "1.0.0"))
    if type == "rpm":
        below = affected("bash", "2-1")
    else:
        below = Affected("bash", type, Distribution("npm", "rolling"), Names.BINARY, (Range(None, "2.0.0"),))
    feed = Feed([advisory("A-1", below), advisory("A-2", affected("other", "2-1"))])
    before, after = host(gone, *kept), host(*kept)
    refused = tuple([Rejection("list", "-", what, "cut", extent) for what, extent in rejections])
    whole = sum(extent is Extent.RECORD for _, extent in rejections)
    read = ReadReport("list", "rpm-qa", 3 + whole, 3, refused, unread_types=unread)
    baseline = Baseline.of(before, match(before, feed))
    assert len(baseline.findings) == 1
    (row,) = verify(baseline, evolve(after, report=read), feed).rows
    assert row.case is case


def test_a_list_of_another_type_removes_nothing() -> None:
    """An image showed its packages of npm. What `rpm -qa` lists now has none, whatever is installed."""
    below = Affected("bash", "npm", Distribution("npm", "rolling"), Names.BINARY, (Range(None, "2.0.0"),))
    feed = Feed([advisory("A-1", below), advisory("A-2", affected("zsh", "2-1"))])
    before = host(rpm("zsh", "1-1"), Package("npm", "bash", "1.0.0"))
    after = evolve(
        read_stream(io.BytesIO(b"zsh-1-1.el9.x86_64\nvim-1-1.el9.x86_64\n")), distribution=before.distribution
    )
    rows = verify(Baseline.of(before, match(before, feed)), after, feed).rows
    (row,) = [row for row in rows if row.baseline.package.type == "npm"]
    assert row.case is Case.UNCHECKED
    assert row.reason == "bash is not in the list, for which not all packages of type npm were looked for"


class TestLaws:
    @thorough
    @given(HOSTS, ADVISORIES)
    def test_against_itself_nothing_is_fixed_and_nothing_is_new(
        self, inventory: Inventory, advisories: list[Advisory]
    ) -> None:
        feed = Feed([*advisories, COVERED])
        findings = match(inventory, feed)
        verification = verify(Baseline.of(inventory, findings), inventory, feed)
        assert verification.new == ()
        assert verification.paired == len(findings) == len(verification.rows)
        for row, finding in zip(verification.rows, findings, strict=True):
            event(row.case)
            assert row.state in of_itself(finding, inventory, feed), row
        assert verification.findings == findings

    @thorough
    @given(HOSTS, ADVISORIES, HOSTS, ADVISORIES)
    def test_every_finding_has_one_row_and_is_paired_or_new(
        self, then: Inventory, records_then: list[Advisory], now: Inventory, records_now: list[Advisory]
    ) -> None:
        feed = Feed([*records_now, COVERED])
        earlier = match(then, Feed([*records_then, COVERED]))
        verification = verify(Baseline.of(then, earlier), now, feed, force=True)
        assert [(row.baseline.instance, row.baseline.vulnerability) for row in verification.rows] == [
            (finding.instance, finding.vulnerability) for finding in earlier
        ]
        assert sum(verification.counts.values()) == sum(verification.cases.values()) == len(earlier)
        assert verification.paired + len(verification.new) == len(verification.findings)
        new = set(map(key, verification.new))
        assert [finding for finding in verification.findings if key(finding) in new] == list(verification.new)
        assert new.isdisjoint(map(key, earlier))
        for row in verification.rows:
            event(row.case)
            assert row.reason
            assert row.reason.isprintable()
            if row.current is not None:
                assert key(row.current) not in new
                assert row.current in tuple(verification.findings)
                assert row.state not in (FindingState.FIXED, FindingState.PACKAGE_REMOVED)
            elif row.package is not None and row.state is not FindingState.UNDECIDABLE:
                found = {f.vulnerability for f in verification.findings if f.package == row.package}
                assert row.baseline.vulnerability not in found
            if row.state is FindingState.FIXED:
                assert row.package is not None
                assert row.package.version != row.baseline.package.version

    @thorough
    @given(HOSTS, ADVISORIES, HOSTS)
    def test_nothing_that_is_found_hides_behind_what_is_closed(
        self, then: Inventory, advisories: list[Advisory], now: Inventory
    ) -> None:
        """A finding of now is new, or a row that stands is its: of its instance, or of its slot."""
        feed = Feed([*advisories, COVERED])
        verification = verify(Baseline.of(then, match(then, feed)), now, feed, force=True)
        standing = [row for row in verification.rows if row.current is not None]
        for finding in set(verification.findings) - set(verification.new):
            event("not new")
            assert any(
                row.baseline.vulnerability == finding.vulnerability
                and (row.baseline.instance == finding.instance or same_slot(row.baseline.package, finding.package))
                for row in standing
            ), finding
        running = {f.package: f for f in verification.findings if f.presence is Presence.RUNNING}
        for row in verification.rows:
            if row.state in CLOSED and row.baseline.presence is not Presence.RESIDUAL:
                # What ran and is called removed is not what runs now: that has a row of its own, or is new.
                for package, finding in running.items():
                    if same_slot(row.baseline.package, package) and finding.vulnerability == row.baseline.vulnerability:
                        assert row.state is FindingState.PACKAGE_REMOVED
                        assert finding in verification.new or any(other.current == finding for other in standing)

    @thorough
    @given(HOSTS, ADVISORIES, HOSTS, st.randoms(use_true_random=False))
    def test_order_does_not_matter(
        self, then: Inventory, advisories: list[Advisory], now: Inventory, random: random.Random
    ) -> None:
        records = [*advisories, COVERED]
        baseline = Baseline.of(then, match(then, Feed(records)))
        first = verify(baseline, now, Feed(records), force=True)
        packages = [*now.packages] * 2
        random.shuffle(packages)
        random.shuffle(records)
        again = verify(baseline, evolve(now, packages=tuple(packages)), Feed(records), force=True)
        assert (again.rows, again.new, again.counts) == (first.rows, first.new, first.counts)

    @thorough
    @given(HOSTS, ADVISORIES)
    def test_the_report_is_the_baseline(self, inventory: Inventory, advisories: list[Advisory]) -> None:
        feed = Feed([*advisories, COVERED])
        findings = match(inventory, feed)
        report = "\n".join(render(Report(inventory, feed, findings), "json"))
        assert read_baseline(io.BytesIO(report.encode())) == Baseline.of(inventory, findings)


def key(finding: Finding) -> tuple[str, str]:
    return finding.instance, finding.vulnerability


BASH = Feed([advisory("ALSA-1", affected("bash", "2-1"), cves=["CVE-2024-1111"])])


class TestOtherHosts:
    def test_another_distribution(self) -> None:
        baseline = Baseline.of(host(rpm("bash", "1-1")), match(host(rpm("bash", "1-1")), BASH))
        now = host(deb("bash", "1-1"), distribution=DEBIAN12)
        with pytest.raises(ForeignBaseline) as raised:
            verify(baseline, now, BASH)
        assert raised.value.why == "it is of almalinux 9, the list of debian 12"
        assert str(raised.value).startswith("a list: the baseline seems to be of another host than a list: ")
        forced = verify(baseline, now, BASH, force=True)
        assert forced.forced == raised.value.why
        assert [row.case for row in forced.rows] == [Case.RELEASE_NOT_COVERED]

    def test_another_release_of_the_distribution_is_the_same_host(self) -> None:
        then, now = host(rpm("bash", "1-1")), host(rpm("bash", "1-1"), distribution=Distribution("almalinux", "9.4"))
        verification = verify(Baseline.of(then, match(then, BASH)), now, BASH)
        assert verification.forced is None
        assert [row.case for row in verification.rows] == [Case.NOT_UPGRADED]

    def test_a_list_that_says_no_distribution_goes_by_the_policy(self) -> None:
        then = host(rpm("bash", "1-1"), distribution=None)
        policy = MatchPolicy(judge_as=ALMA9)
        baseline = Baseline.of(then, match(then, BASH, policy))
        assert verify(baseline, then, BASH, policy).forced is None
        with pytest.raises(ForeignBaseline):
            verify(baseline, then, BASH, MatchPolicy(judge_as=Distribution("rocky", "9")))

    def test_another_package_type(self) -> None:
        then, now = host(rpm("bash", "1-1")), host(deb("bash", "1-1"))
        with pytest.raises(ForeignBaseline, match="it has findings of rpm packages, the list has deb"):
            verify(Baseline.of(then, match(then, BASH)), now, BASH)

    @pytest.mark.parametrize(
        ("before", "now", "why"),
        [
            (["x86_64"], ["aarch64"], "its packages are of x86_64, those of the list of aarch64"),
            (
                ["x86_64", "i686"],
                ["aarch64", "armv7hl"],
                "of i686 and x86_64, those of the list of aarch64 and armv7hl",
            ),
            (["x86_64", "i686"], ["i686"], None),
            (["x86_64"], ["x86_64", "i686"], None),
            (["i386"], ["i686"], None),
            (["x86_64_v2"], ["x86_64"], None),
            (["amd64"], ["x86_64"], None),
            ([None], ["x86_64"], None),
            (["x86_64"], [None], None),
            (["noarch"], ["x86_64"], None),
            (["x86_64"], ["noarch"], None),
        ],
    )
    def test_another_architecture(self, before: list[str | None], now: list[str | None], why: str | None) -> None:
        then = host(*(rpm("bash", "1-1", arch=arch) for arch in before))
        current = host(*(rpm("bash", "1-1", arch=arch) for arch in now))
        baseline = Baseline.of(then, match(then, BASH))
        if why is None:
            assert verify(baseline, current, BASH).forced is None
        else:
            with pytest.raises(ForeignBaseline, match=why):
                verify(baseline, current, BASH)
            forced = verify(baseline, current, BASH, force=True)
            assert {row.case for row in forced.rows} == {Case.REMOVED}

    def test_the_last_package_of_another_architecture_may_be_removed(self) -> None:
        then, now = host(rpm("wine", "1-1", arch="i686"), rpm("zsh", "1-1")), host(rpm("zsh", "1-1"))
        feed = Feed([advisory("ALSA-1", affected("wine", "2-1"), cves=["CVE-2024-1111"])])
        assert [row.case for row in verify(Baseline.of(then, match(then, feed)), now, feed).rows] == [Case.REMOVED]

    @pytest.mark.parametrize(
        ("before", "now", "is_whole"), [(20, 10, True), (21, 10, False), (18, 9, True), (9, 1, True), (12, 2, False)]
    )
    def test_a_list_that_lacks_most(self, before: int, now: int, is_whole: bool) -> None:
        names = [f"package{number}" for number in range(before)]
        feed = Feed([advisory("ALSA-1", *(affected(name, "2-1") for name in names), cves=["CVE-2024-1111"])])
        then, current = (host(*(rpm(name, "1-1") for name in names[:count])) for count in (before, now))
        baseline = Baseline.of(then, match(then, feed))
        if is_whole:
            assert verify(baseline, current, feed).counts[FindingState.PACKAGE_REMOVED] == before - now
            return
        why = f"of {before} packages with findings, {before - now} are not in the list in any state"
        with pytest.raises(ForeignBaseline, match=why):
            verify(baseline, current, feed)
        # Those that nobody looked for do not count, and a new release may have other names.
        report = ReadReport("a list", "rpm-qa", now, now, unread_types=("rpm",))
        assert verify(baseline, evolve(current, report=report), feed).counts[FindingState.UNDECIDABLE] == before - now
        assert verify(evolve(baseline, judged_as=Distribution("almalinux", "8")), current, feed).forced is None

    def test_no_package_in_common(self) -> None:
        names = ["bash", "zsh", "dash", "ksh"]
        feed = Feed([advisory("ALSA-1", *(affected(name, "2-1") for name in names), cves=["CVE-2024-1111"])])
        then = host(*(rpm(name, "1-1") for name in names[:3]))
        baseline = Baseline.of(then, match(then, feed))
        with pytest.raises(ForeignBaseline, match="of 3 packages with findings, none is in the list in any state"):
            verify(baseline, host(rpm("ksh", "1-1")), feed)
        forced = verify(baseline, host(rpm("ksh", "1-1")), feed, force=True)
        assert forced.counts[FindingState.PACKAGE_REMOVED] == 3
        assert [finding.package.name for finding in forced.new] == ["ksh"]
        # One of them in any version is enough, and two may have been removed.
        assert verify(baseline, host(rpm("ksh", "1-1"), rpm("zsh", "9-9")), feed).forced is None
        two = evolve(baseline, findings=baseline.findings[:2])
        assert verify(two, host(rpm("ksh", "1-1")), feed).counts[FindingState.PACKAGE_REMOVED] == 2

    def test_kernels_whose_name_has_the_release_are_in_common(self) -> None:
        names = [f"linux-{part}-6.1.0-18-amd64" for part in ("image", "modules", "headers")]
        entries = [affected("linux", "6.1.90-1", distribution=DEBIAN12, names=Names.SOURCE)]
        feed = Feed([advisory("DSA-1", *entries, cves=["CVE-2024-1111"])])
        source = {"source_name": "linux", "source_version": "6.1.76-1"}
        then = host(*(deb(name, "6.1.76-1", **source) for name in names), distribution=DEBIAN12)
        fixed = {"source_name": "linux", "source_version": "6.1.90-1"}
        now = host(deb("linux-image-6.1.0-21-amd64", "6.1.90-1", **fixed), distribution=DEBIAN12)
        verification = verify(Baseline.of(then, match(then, feed)), now, feed)
        assert Counter(row.case for row in verification.rows) == {Case.RUNNING_UNKNOWN: 1, Case.REMOVED: 2}

    def test_an_empty_baseline_is_nobodys(self) -> None:
        baseline = Baseline.of(host(rpm("bash", "2-1")), match(host(rpm("bash", "2-1")), BASH))
        verification = verify(baseline, host(rpm("zsh", "1-1"), rpm("bash", "1-1")), BASH)
        assert (verification.rows, len(verification.new)) == ((), 1)


class TestPythonPackages:
    ENTRY = Affected("tool", "pypi", Distribution("pypi", "rolling"), Names.BINARY, (Range(None, "2"),))
    FEED = Feed([COVERED, Advisory("PYSEC-1", Kind.SECURITY, ("CVE-2024-1111",), (ENTRY,))])

    def test_a_place_may_change_where_there_is_one(self) -> None:
        then = host(Package("pypi", "tool", "1", location="/venv/lib/python3.11"))
        assert len(match(then, self.FEED)) == 1
        baseline = Baseline.of(then, match(then, self.FEED))
        moved = host(Package("pypi", "tool", "1", location="/venv/lib/python3.12"))
        verification = verify(baseline, moved, self.FEED)
        assert ([row.case for row in verification.rows], verification.new) == ([Case.NOT_UPGRADED], ())
        copies = host(*(Package("pypi", "tool", "1", location=f"/venv{number}") for number in range(2)))
        verification = verify(baseline, copies, self.FEED)
        assert ([row.case for row in verification.rows], len(verification.new)) == ([Case.REMOVED], 2)

    def test_a_feed_without_its_kind(self) -> None:
        inventory = host(Package("pypi", "tool", "1", location="/venv"))
        verification = verify(Baseline.of(inventory, match(inventory, self.FEED)), inventory, BASH)
        assert [row.case for row in verification.rows] == [Case.NOT_COVERED]
        assert verification.findings.coverage.counts[PackageClass.NOT_COVERED] == 1

    def test_a_backport_whose_next_release_is_not_covered(self) -> None:
        feed = Feed([advisory("DSA-1", affected("bash", "1-2", distribution=DEBIAN12, names=Names.SOURCE))])
        then = host(deb("bash", "1-1", source_name="bash", source_version="1-1"), distribution=DEBIAN12)
        now = host(deb("bash", "1-2~bpo12+1", source_name="bash", source_version="1-2~bpo12+1"), distribution=DEBIAN12)
        (row,) = verify(Baseline.of(then, match(then, feed)), now, feed).rows
        assert row.case is Case.NOT_COVERED
        assert row.reason == "the feed has no advisories about deb packages of debian 13"


def test_a_baseline_that_was_not_covered_makes_everything_new() -> None:
    inventory = host(rpm("bash", "1-1"))
    elsewhere = Feed([advisory("ALSA-1", affected("bash", "2-1", distribution=Distribution("almalinux", "8")))])
    baseline = Baseline.of(inventory, match(inventory, elsewhere))
    assert not baseline.covered
    assert len(verify(baseline, inventory, BASH).new) == 1


def test_suppressed_findings_are_verified_too() -> None:
    inventory = host(rpm("bash", "1-1"))
    findings = match(inventory, BASH)
    report = json.loads("\n".join(render(Report(inventory, BASH, findings), "json")))
    (finding,) = report["findings"]
    entry = {"finding": finding, "statements": [{"reason": "not reachable"}]}
    document = json.dumps(report | {"findings": [], "suppressed": [entry]}).encode()
    baseline = read_baseline(io.BytesIO(document))
    assert (baseline.findings, len(baseline.suppressed)) == ((), 1)
    verification = verify(baseline, inventory, BASH)
    assert [(row.case, row.suppressed) for row in verification.rows] == [(Case.NOT_UPGRADED, True)]
    assert verification.new == ()


class TestAFeedThatHasLess:
    """An advisory that a smaller, older or other feed does not have was not withdrawn as far as anybody knows."""

    HOST = host(rpm("bash", "1-1"))

    @staticmethod
    def feed(*ids: str, format: str = "osv", day: int = 2) -> Feed:
        moment = datetime(2024, 1, day, tzinfo=UTC)
        entry = affected("bash", fixed="2-1")
        other = affected("zsh", fixed="2-1")
        made = [
            evolve(advisory(id, entry if id == "ALSA-1" else other, cves=[f"CVE-{id}"]), modified=moment) for id in ids
        ]
        return Feed(made, [ReadReport("feed", format, len(made), len(made), newest=moment)])

    def verified(self, before: Feed, now: Feed) -> Verification:
        text = "\n".join(render(Report(self.HOST, before, match(self.HOST, before)), "json"))
        baseline = read_baseline(io.BytesIO(text.encode()))
        made = Baseline.of(self.HOST, match(self.HOST, before), before)
        assert (baseline, baseline.feed) == (made, made.feed)
        return verify(baseline, self.HOST, now)

    @pytest.mark.parametrize(
        ("now", "lacks"),
        [
            (feed("ALSA-9"), "the feed has fewer advisories, 1, than the baseline's, 2"),
            (
                feed("ALSA-8", "ALSA-9", day=1),
                "the newest advisory of the feed is of 2024-01-01, and the baseline's was of 2024-01-02",
            ),
            (feed("ALSA-8", "ALSA-9", format="updateinfo"), "the feed has no osv records, and the baseline's had"),
        ],
    )
    def test_what_is_gone_is_undecidable(self, now: Feed, lacks: str) -> None:
        verification = self.verified(self.feed("ALSA-1", "ALSA-2"), now)
        (row,) = verification.rows
        assert (row.case, row.state, verification.feed_lacks) == (Case.FEED_LACKS, FindingState.UNDECIDABLE, lacks)
        assert row.reason == f"ALSA-1 is not in the feed any more, and that proves nothing: {lacks}"
        (caveat,) = [one for one in verification_caveats(VerificationReport(verification)) if one.id == "feed-lacks"]
        assert lacks[1:] in caveat.text

    @pytest.mark.parametrize(("gone", "lacks"), [(10, True), (9, False), (8, False)])
    def test_most_advisories_are_gone(self, gone: int, lacks: bool) -> None:
        """A larger feed, of other releases, may have few of this one. Nobody withdraws so many."""
        records = [
            advisory(f"ALSA-{n}", affected("bash", "2-1"), cves=[f"CVE-2024-{1000 + n}"]) for n in range(gone + 9)
        ]
        others = [advisory(f"DSA-{n}", affected("zsh", "2-1"), cves=[f"CVE-2023-{1000 + n}"]) for n in range(30)]
        verification = self.verified(Feed(records), Feed([*records[gone:], *others]))
        what = f"the feed does not have {gone} of {gone + 9} advisories that the baseline's findings name"
        assert verification.feed_lacks == (what if lacks else None)
        assert verification.cases[Case.FEED_LACKS if lacks else Case.ADVISORY_GONE] == gone

    @pytest.mark.parametrize("now", [feed("ALSA-8", "ALSA-9"), feed("ALSA-7", "ALSA-8", "ALSA-9", day=9)])
    def test_a_feed_that_has_as_much(self, now: Feed) -> None:
        verification = self.verified(self.feed("ALSA-1", "ALSA-2"), now)
        assert (verification.rows[0].case, verification.feed_lacks) == (Case.ADVISORY_GONE, None)

    def test_what_it_still_has_is_decided(self) -> None:
        verification = self.verified(self.feed("ALSA-1", "ALSA-2"), self.feed("ALSA-1"))
        assert verification.rows[0].case is Case.NOT_UPGRADED
        assert verification.feed_lacks is not None


@pytest.mark.parametrize(("listed", "is_shown"), [(9, False), (8, True), (10, False)])
def test_a_list_that_is_shorter(listed: int, is_shown: bool) -> None:
    """What a list lacks counts as removed, and that it lacks much is shown."""
    names = ["bash", *(f"package{number}" for number in range(9))]
    then, now = (host(*(rpm(name, "1-1") for name in some)) for some in (names, names[10 - listed :]))
    baseline = Baseline.of(then, match(then, BASH))
    assert baseline.packages == 10
    shown = [
        one for one in verification_caveats(VerificationReport(verify(baseline, now, BASH))) if one.id == "list-lacks"
    ]
    assert bool(shown) is is_shown
    if is_shown:
        what = f"The list has {listed} packages, and the baseline's had 10. What it lacks counts as removed (1)."
        assert [one.text for one in shown] == [what]


class TestListsThatProveNothing:
    """A later version, or a missing name, is no proof where the list is of another release, a part, or written anew."""

    @staticmethod
    def verified(then: Inventory, now: Inventory, feed: Feed) -> list[tuple[Case, str]]:
        found = verify(Baseline.of(then, match(then, feed)), now, feed)
        return [(row.case, row.reason) for row in found.rows]

    def test_a_list_of_another_release(self) -> None:
        older = [rpm(f"old-{number}", "1-1.el10") for number in range(10)]
        feed = Feed(
            [advisory("ALSA-1", *(affected(one, "2-1.el9") for one in ("bash", "zsh")), cves=["CVE-2024-1111"])]
        )
        then = host(rpm("bash", "1-1.el9"), rpm("zsh", "1-1.el9"))
        later = self.verified(then, host(rpm("bash", "3-1.el10"), *older), feed)
        assert [case for case, _ in later] == [Case.UNCHECKED] * 2
        assert [reason.endswith("release-contradicted") for _, reason in later] == [True, False]
        assert later[1][1] == "zsh is not in the list, whose versions are of another release"
        # The very build that the record names has the fix.
        same = self.verified(then, host(rpm("bash", "2-1.el9"), rpm("zsh", "2-1.el9"), *older), feed)
        assert [case for case, _ in same] == [Case.REACHED_FIX] * 2

    def test_one_package_of_a_later_release(self) -> None:
        then, now = host(rpm("bash", "1-1.el9")), host(rpm("bash", "3-1.el10"), rpm("zsh", "1-1.el9"))
        feed = Feed([advisory("ALSA-1", affected("bash", "2-1.el9"), cves=["CVE-2024-1111"])])
        ((case, reason),) = self.verified(then, now, feed)
        assert (case, reason.endswith("rests on release-mixed")) == (Case.UNCHECKED, True)

    def test_a_package_with_other_findings_in_a_list_of_another_release(self) -> None:
        older = [rpm(f"old-{number}", "1-1.el10") for number in range(10)]
        other = advisory("ALSA-2", affected("bash", "9-1.el9"), cves=["CVE-2024-2222"])
        feed = Feed([advisory("ALSA-1", affected("bash", "2-1.el9"), cves=["CVE-2024-1111"]), other])
        found = self.verified(host(rpm("bash", "1-1.el9")), host(rpm("bash", "3-1.el10"), *older), feed)
        assert [case for case, _ in found] == [Case.UNCHECKED, Case.BELOW_FIX]

    def test_a_list_of_which_a_part_is_missing(self) -> None:
        doubts = frozenset({Assumption.INVENTORY_PARTIAL})
        then, now = host(rpm("bash", "1-1")), host(rpm("zsh", "1-1", doubts=doubts))
        assert self.verified(then, now, BASH) == [
            (Case.UNCHECKED, "bash is not in the list, of which a part is missing")
        ]

    def test_a_list_in_lower_case(self) -> None:
        feed = Feed([advisory("ALSA-1", affected("NetworkManager", "2-1"), cves=["CVE-2024-1111"])])
        then, now = host(rpm("NetworkManager", "1-1")), host(rpm("networkmanager", "1-1"))
        why = (
            "NetworkManager is not in the list, but networkmanager is, whose name differs in upper and lower case alone"
        )
        assert self.verified(then, now, feed) == [(Case.UNCHECKED, why)]
