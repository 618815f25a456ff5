"""The notes of the rules word by word, and what channels, lines, flavours and feeds decide in the corners."""

from datetime import UTC, datetime
from typing import Any

import pytest
from advisories_reference import ALMA9, DEBIAN12, advisory, affected, deb, host, rpm
from attrs import evolve

from advisories import Feed, MatchPolicy, match
from advisories.index.records import Record, record_of
from advisories.matching import rules
from advisories.matching.explain import Explanation, explain
from advisories.matching.match import DEFAULT_POLICY, matcher_of
from advisories.matching.rules import Query, doubts, scopes
from advisories.matching.rules.fixes import has_begun
from advisories.models import (
    Advisory,
    Affected,
    Assumption,
    Distribution,
    FixState,
    Loss,
    Module,
    Names,
    Note,
    Package,
    PackageClass,
    Range,
    ReadReport,
    Rejection,
    Scope,
    Status,
)
from advisories.models.findings import Findings

CVE = "CVE-2024-1000"
ALMA10 = Distribution("almalinux", "10")
ROCKY9 = Distribution("rocky", "9")
AMAZON2 = Distribution("amzn", "2")
ORACLE8 = Distribution("ol", "8")
RHEL8 = Distribution("rhel", "8")
BIONIC = Distribution("ubuntu", "18.04")
FOCAL = Distribution("ubuntu", "20.04")


def record(entry: Affected, id: str = "A-1", **more: Any) -> Record:
    return record_of(advisory(id, entry, cves=[CVE], **more), entry)


def query(package: Package, distribution: Distribution, names: Names = Names.BINARY) -> Query:
    return next(one for one in rules.queries(package, distribution) if one.names is names)


def source(package: str, fixed: str | None, distribution: Distribution, id: str, **more: Any) -> Advisory:
    entry = affected(package, fixed, distribution=distribution, names=Names.SOURCE, **more)
    return advisory(id, entry, cves=[CVE])


def run(package: Package, distribution: Distribution, *advisories: Advisory, **policy: Any) -> Findings:
    return match(host(package, distribution=distribution), Feed(advisories), MatchPolicy(**policy))


def one_class(findings: Findings) -> PackageClass:
    ((_, package_class),) = findings.coverage.classes
    return package_class


def explained(package: Package, distribution: Distribution, *advisories: Advisory, **policy: Any) -> Explanation:
    inventory = host(package, distribution=distribution)
    (found,) = explain(inventory, Feed(advisories), package.name, CVE, MatchPolicy(**policy))
    return found


# ---- notes ----

FIPS = affected("openssl", "2-1", distribution=FOCAL, names=Names.SOURCE, channel="fips")
SIGNED = deb("libssl3", "1-1", source_name="openssl")
KERNEL = affected("kernel", "2-1.el10", distribution=ALMA10, completed=True)
OF_TWO_LINES = affected(
    "kernel", None, distribution=AMAZON2, ranges=(Range(None, "5.10.1-1.amzn2"), Range(None, "4.14.1-1.amzn2"))
)


@pytest.mark.parametrize(
    ("asked", "entry", "release", "note"),
    [
        (
            evolve(query(rpm("kernel", "1-1.el10"), ALMA10), as_published=True),
            KERNEL,
            ALMA10,
            Note(0, "the advisory does not name the package, and you compare what is named alone"),
        ),
        (
            query(SIGNED, FOCAL),
            affected("libssl3", "2-1", distribution=FOCAL, source="openssl1.0"),
            FOCAL,
            Note(2, "it is about builds of openssl1.0, and this one is of openssl"),
        ),
        (
            evolve(query(SIGNED, FOCAL), sources=("openssl", "openssl-signed")),
            affected("libssl3", "2-1", distribution=FOCAL, source="openssl1.0"),
            FOCAL,
            Note(2, "it is about builds of openssl1.0, and this one is of openssl or openssl-signed"),
        ),
        (
            query(rpm("bash", "1-1"), ROCKY9),
            affected("bash", "2-1", distribution=ROCKY9, channel="extra"),
            ROCKY9,
            Note(8, "it is about extra, a line of builds that the host does not have"),
        ),
        (
            evolve(query(deb("bash", "1:1-1"), DEBIAN12, Names.SOURCE), epochs_shown=True),
            affected("bash", "2-1", distribution=DEBIAN12, names=Names.SOURCE),
            DEBIAN12,
            Note(13, "a rebuild: records that show an epoch are compared with it, others without"),
        ),
        (
            query(rpm("kernel", "5.10.1-1.amzn2"), AMAZON2),
            affected("kernel", "4.14.1-1.amzn2", distribution=AMAZON2),
            AMAZON2,
            Note(8, "it is about builds of the main line, and this one is of kernel-5.10"),
        ),
        (
            query(rpm("kernel", "4.14.1-1.amzn2"), AMAZON2),
            affected("kernel", "5.10.1-1.amzn2", distribution=AMAZON2),
            AMAZON2,
            Note(8, "it is about builds of kernel-5.10, and this one is of the main line"),
        ),
        (
            query(rpm("kernel", "5.15.1-1.amzn2"), AMAZON2),
            OF_TWO_LINES,
            AMAZON2,
            Note(8, "it is about builds of kernel-5.10, the main line, and this one is of kernel-5.15"),
        ),
    ],
    ids=lambda value: value.text[:40] if isinstance(value, Note) else "",
)
def test_a_note_of_what_is_excluded(asked: Query, entry: Affected, release: Distribution, note: Note) -> None:
    assert rules.exclusion(asked, record(entry), release) == note
    assert rules.compare(asked, record(entry), release) is None
    evolved = evolve(record(entry), advisory=evolve(record(entry).advisory, withdrawn=datetime(2024, 1, 1, tzinfo=UTC)))
    assert rules.exclusion(asked, evolved, release) == Note(15, "the advisory was withdrawn")


def test_a_note_of_what_a_feed_lacks() -> None:
    """Rule 8: the line, the main line, a kernel of its own, a flavour, a module stream."""
    bash = advisory("A-1", affected("bash", "2-1", distribution=ORACLE8), cves=[CVE])

    def doubt(package: Package, distribution: Distribution, *known: Advisory) -> Note | None:
        feed = Feed(known)
        matcher = matcher_of(feed, host(package, distribution=distribution), DEFAULT_POLICY)
        return rules.line_doubt(matcher.queries(package), feed)

    uek = rpm("kernel-uek", "5.4.17-1.el8uek")
    assert doubt(uek, ORACLE8, bash) == Note(8, "the feed has no record of the line UEKR6")
    of_line = advisory("A-2", affected("kernel-uek", "5.4.17-9.el8uek", distribution=ORACLE8), cves=[CVE])
    assert doubt(uek, ORACLE8, bash, of_line) is None
    assert doubt(rpm("kernel-uek-tools", "5.4.17-1.el8uek"), ORACLE8, bash, of_line) is None
    other = advisory("A-2", affected("kernel-uek", "5.15.0-9.el8uek", distribution=ORACLE8), cves=[CVE])
    assert doubt(uek, ORACLE8, bash, other) == Note(8, "the feed has no record of the line UEKR6")

    extras = advisory("A-1", affected("docker", "2-1.amzn2", distribution=AMAZON2, channel="docker"), cves=[CVE])
    core = rpm("runc", "1-1.amzn2", repository="amzn2-core")
    assert doubt(core, AMAZON2, extras) == Note(8, "the feed lacks the main line")
    assert doubt(core, AMAZON2, extras, advisory("A-2", affected("x", "2-1", distribution=AMAZON2), cves=[CVE])) is None

    own = deb("linux-image-6.12.1-amd64", "6.12.1-1", source_name="linux-6.12")
    assert doubt(own, DEBIAN12, source("bash", "2", DEBIAN12, "A-1")) == Note(
        8, "the feed has no record of linux-6.12, a kernel of its own"
    )
    assert doubt(own, DEBIAN12, source("linux-6.12", "6.12.9-1", DEBIAN12, "A-1")) is None

    fips = rpm("gnutls", "3.6.16-4.el8_fips")
    assert doubt(fips, RHEL8, advisory("A-1", affected("bash", "2-1", distribution=RHEL8), cves=[CVE])) == Note(
        8, "the feed has no record of builds for fips"
    )
    both = rpm("gnutls", "3.6.16-4.ksplice1.el8_fips")
    plain = advisory("A-1", affected("gnutls", "9-1.el8", distribution=RHEL8), cves=[CVE])
    assert doubt(both, RHEL8, plain) == Note(8, "the feed has no record of builds for fips, ksplice")
    for name in ("gnutls", "openssl", "glibc", "openssl-libs"):
        known = advisory("A-1", affected(name, "9-1.el8_fips", distribution=RHEL8), cves=[CVE])
        assert doubt(fips, RHEL8, known) is None
        assert doubt(fips, RHEL8, evolve(known, withdrawn=datetime(2024, 1, 1, tzinfo=UTC))) is not None
    assert doubt(fips, RHEL8, plain) is not None
    assert doubt(deb("gnutls", "1+fips1", source_name="gnutls"), DEBIAN12, source("x", "1", DEBIAN12, "A-1")) is None

    node = rpm("nodejs", "1-1.module+el8", module=Module.of("nodejs:20"))
    of_18 = advisory("A-1", affected("nodejs", "2-1", distribution=RHEL8, module=Module.of("nodejs:18")), cves=[CVE])
    assert doubt(node, RHEL8, of_18) == Note(8, "the feed has no record of the module stream nodejs:20")
    part = rpm("npm", "1-1.module+el8", module=Module.of("nodejs:20"))
    assert doubt(part, RHEL8, of_18) == Note(8, "the feed has no record of the module stream nodejs:20")
    of_20 = advisory("A-2", affected("nodejs", "2-1", distribution=RHEL8, module=Module.of("nodejs:20")), cves=[CVE])
    assert doubt(node, RHEL8, of_18, of_20) is None
    unknown = advisory("A-2", affected("nodejs", "2-1", distribution=RHEL8, module=Module(False)), cves=[CVE])
    assert doubt(node, RHEL8, of_18, unknown) is None
    other_module = affected("nodejs", "2-1", distribution=RHEL8, module=Module.of("ruby:3"))
    assert doubt(node, RHEL8, advisory("A-1", other_module, cves=[CVE])) is None


def test_notes_of_a_comparison() -> None:
    bare = affected("bash", "2-1", epoch_known=False)
    shows = advisory("A-2", affected("bash", "1:0-1"), cves=["CVE-2024-2000"])
    finding = run(rpm("bash", "1:1-1"), ALMA9, advisory("A-1", bare, cves=[CVE]), shows)[0]
    assert Note(4, "the record cannot show an epoch: epochs are left out on both sides") in finding.evidence.notes
    assert Assumption.EPOCH_UNKNOWN in finding.assumptions
    completed = record(affected("kernel", "2-1.el10", distribution=ALMA10, completed=True), "ALSA-1")
    comparison = rules.compare(query(rpm("kernel", "1-1.el10"), ALMA10), completed, ALMA10)
    assert comparison is not None
    assert comparison.assumptions == {Assumption.RECORD_INCOMPLETE}
    assert comparison.notes == (Note(0, "ALSA-1 names documentation of the same source alone, in this version"),)
    outside = rules.compare(query(rpm("kernel", "3-1.el10"), ALMA10), completed, ALMA10)
    assert outside is not None
    assert (outside.assumptions, outside.notes) == (frozenset(), ())


def test_notes_of_names() -> None:
    signed = deb("linux-image-6.1.0-18-amd64", "6.1.76-1", source_name="linux-signed-amd64", source_version="6.1.76+1")
    made = rules.queries(signed, DEBIAN12)
    (advised,) = [one for one in made if one.name == "linux"]
    assert advised.notes[-1].rule == 2
    assert advised.notes[-1].text.startswith(
        "advisories name linux for linux-signed-amd64, and the package has its version"
    )
    alone = deb("linux-image-6.1.0-18-amd64", "6.1.76-1")
    (shown,) = [one for one in rules.queries(alone, DEBIAN12) if one.name == "linux"]
    assert shown.notes[-1] == Note(2, "no source package is listed: the name is that of a kernel of linux")
    assert Assumption.SOURCE_UNKNOWN in shown.assumptions
    other = deb("bind9-libs", "1:9.16-1", source_name="bind9", doubts=frozenset({Assumption.SOURCE_UNKNOWN}))
    (refused,) = [one for one in rules.queries(other, DEBIAN12) if one.names is Names.SOURCE]
    assert refused.refused == "the list shows another build of bind9 alone"
    assert Note(2, "the list shows another build of bind9 alone") in refused.notes


def test_notes_of_a_rebuild() -> None:
    raspbian = Distribution("raspbian", "12")
    package = deb("chromium", "1:120-1+rpt1", source_name="chromium", source_version="1:120-1+rpt1")
    made = rules.queries(package, DEBIAN12)
    assert {one.epochs_shown for one in made} == {True, False}
    for one in made:
        assert Assumption.REBUILD in one.assumptions
        assert one.version == ("1:120-1" if one.epochs_shown else "120-1")
        assert one.key is not None
        note = Note(13, "compared without the epoch 1, which the record does not have")
        assert (note in one.notes) is (one.epochs_shown is False)
    # Without an epoch, or with one that is 0, there is one query of each name.
    for version in ("120-1+rpt1", "0:120-1+rpt1", "00:120-1+rpt1"):
        found = rules.queries(deb("chromium", version, source_name="chromium"), DEBIAN12)
        assert {one.epochs_shown for one in found} == {None}
    with_epoch = source("chromium", "1:130-1", DEBIAN12, "DSA-1")
    without = source("chromium", "130-1", DEBIAN12, "DSA-1")
    for known, classes in ((with_epoch, Status.AFFECTED), (without, Status.AFFECTED)):
        assert [one.status for one in run(package, raspbian, known)] == [classes]
    assert not run(package, raspbian, source("chromium", "110-1", DEBIAN12, "DSA-1"))
    assert not run(package, raspbian, source("chromium", "1:110-1", DEBIAN12, "DSA-1"))


# ---- channels of deb and apk ----

ESM = Distribution("ubuntu", "18.04", frozenset({"esm-infra"}))
TWISTED = {"source_name": "twisted"}


def twisted(version: str) -> Package:
    return deb("python3-twisted", version, source_name="twisted", source_version=version)


def usn(id: str, fixed: str | None, channel: str | None = None, **more: Any) -> Advisory:
    return source("twisted", fixed, BIONIC, id, channel=channel, **more)


class TestChannels:
    """Rule 8: the highest fix that applies to the host decides."""

    @pytest.mark.parametrize(
        ("version", "release", "records", "fixed"),
        [
            # Two public fixes: the higher one decides, and is named.
            ("1-1", BIONIC, [usn("U-1", "1-2"), usn("U-2", "1-5")], "1-5"),
            ("1-3", BIONIC, [usn("U-1", "1-2"), usn("U-2", "1-5")], "1-5"),
            ("1-5", BIONIC, [usn("U-1", "1-2"), usn("U-2", "1-5")], None),
            # A channel that goes on: its fix is lower than the public one, and to be had.
            ("1-1", ESM, [usn("U-1", "1-2+esm1", "esm-infra"), usn("U-2", "1-5")], "1-2+esm1"),
            ("1-1", BIONIC, [usn("U-1", "1-2+esm1", "esm-infra"), usn("U-2", "1-5")], "1-5"),
            # The build itself shows the channel.
            ("1-1+esm1", BIONIC, [usn("U-1", "1-2+esm1", "esm-infra"), usn("U-2", "1-5")], "1-2+esm1"),
            # It has reached the channel's fix, below the public one.
            ("1-2+esm1", BIONIC, [usn("U-1", "1-2+esm1", "esm-infra"), usn("U-2", "1-5")], None),
            ("1-2+esm1", ESM, [usn("U-1", "1-2+esm1", "esm-infra"), usn("U-2", "1-5")], None),
            ("1-3", ESM, [usn("U-1", "1-2+esm1", "esm-infra"), usn("U-2", "1-5")], None),
            ("1-3", BIONIC, [usn("U-1", "1-2+esm1", "esm-infra"), usn("U-2", "1-5")], "1-5"),
            # Without a public fix, any channel's clears who has reached it.
            ("1-3", BIONIC, [usn("U-1", "1-2+esm1", "esm-infra"), usn("U-2", None)], None),
            ("1-1", BIONIC, [usn("U-1", "1-2+esm1", "esm-infra"), usn("U-2", None)], "1-2+esm1"),
        ],
    )
    def test_the_fix_of_a_channel(
        self, version: str, release: Distribution, records: list[Advisory], fixed: str | None
    ) -> None:
        for given in (records, records[::-1]):
            findings = run(twisted(version), release, *given)
            assert [finding.fixed_version for finding in findings] == ([fixed] if fixed else [])

    def test_a_record_without_a_fix_stands_beside(self) -> None:
        """Two records of one channel: the fix is named, with a note that another has none."""
        finding = run(twisted("1-1"), BIONIC, usn("U-1", "1-5"), usn("U-2", None))[0]
        assert finding.fixed_version == "1-5"
        assert Note(8, "U-2 has no fix, and stands beside it") in finding.evidence.notes
        alone = run(twisted("1-1"), BIONIC, usn("U-1", "1-5"), usn("U-2", "1-7"))[0]
        assert all(note.rule != 8 for note in alone.evidence.notes)
        # The fix is of another channel: then the public record without one is no contradiction.
        of_esm = run(twisted("1-1"), ESM, usn("U-1", "1-2+esm1", "esm-infra"), usn("U-2", None))[0]
        assert all("stands beside" not in note.text for note in of_esm.evidence.notes)
        # What stands in the fix's own channel does.
        both = [usn("U-1", "1-2+esm1", "esm-infra"), usn("U-2", None, "esm-infra")]
        assert Note(8, "U-2 has no fix, and stands beside it") in run(twisted("1-1"), ESM, *both)[0].evidence.notes

    def test_a_fix_below_what_was_introduced_later_clears_nothing(self) -> None:
        later = usn("U-2", "1-9", introduced="1-4")
        assert [one.fixed_version for one in run(twisted("1-5"), BIONIC, usn("U-1", "1-2"), later)] == ["1-9"]
        assert not run(twisted("1-3"), BIONIC, usn("U-1", "1-2"), later)


class TestTrunk:
    """Rule 8 of rpm: an equal fix, the one of the own minor release, or the trunk's clears."""

    @pytest.mark.parametrize(
        ("version", "fixes", "fixed"),
        [
            ("5.14-70.13.el9_0", ["5.14-70.20.el9_0", "5.14-162.6.el9_1"], "5.14-70.20.el9_0"),
            ("5.14-70.20.el9_0", ["5.14-70.20.el9_0", "5.14-162.6.el9_1"], None),
            ("5.14-70.22.el9_0", ["5.14-70.20.el9_0", "5.14-162.6.el9_1"], None),
            ("5.14-162.1.el9_1", ["5.14-70.20.el9_0", "5.14-162.6.el9_1"], "5.14-162.6.el9_1"),
            ("5.14-200.el9_2", ["5.14-70.20.el9_0", "5.14-162.6.el9_1"], None),
            ("5.14-100.el9", ["5.14-70.20.el9_0", "5.14-162.6.el9_1"], "5.14-162.6.el9_1"),
        ],
    )
    def test_the_fix_of_a_build(self, version: str, fixes: list[str], fixed: str | None) -> None:
        known = [advisory(f"A-{place}", affected("kernel", one), cves=[CVE]) for place, one in enumerate(fixes)]
        for given in (known, known[::-1]):
            assert [one.fixed_version for one in run(rpm("kernel", version), ALMA9, *given)] == (
                [fixed] if fixed else []
            )

    def test_the_note_of_the_own_minor_release(self) -> None:
        known = [
            advisory("A-1", affected("kernel", "5.14-70.20.el9_0"), cves=[CVE]),
            advisory("A-2", affected("kernel", "5.14-162.6.el9_1"), cves=[CVE]),
        ]
        upper = run(rpm("kernel", "5.14-60.el9_1"), ALMA9, *known)[0]
        assert upper.fixed_version == "5.14-162.6.el9_1"
        assert Note(8, "5.14-162.6.el9_1 is the fix of its own minor release") in upper.evidence.notes
        lower = run(rpm("kernel", "5.14-60.el9_0"), ALMA9, *known)[0]
        assert all("own minor release" not in note.text for note in lower.evidence.notes)


# ---- feeds that contradict each other ----

EARLY, LATE = datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 2, 1, tzinfo=UTC)


class TestFeeds:
    """Rule 0: the later of two publishers wins, and the finding stands where that is not known."""

    @pytest.mark.parametrize("scheme", ["deb", "rpm"])
    @pytest.mark.parametrize("late", ["open", "clear"])
    def test_the_later_one_wins(self, scheme: str, late: str) -> None:
        if scheme == "deb":
            package, release, names = deb("bash", "1-2", source_name="bash"), DEBIAN12, Names.SOURCE
        else:
            package, release, names = rpm("bash", "1-2"), ALMA9, Names.BINARY
        opened = advisory("O-1", affected("bash", None, distribution=release, names=names), cves=[CVE], database="one")
        fixed = advisory(
            "F-1", affected("bash", "1-1", distribution=release, names=names), cves=[CVE], database="other"
        )
        dates = (LATE, EARLY) if late == "open" else (EARLY, LATE)
        opened, fixed = (evolve(one, modified=date) for one, date in zip((opened, fixed), dates, strict=True))
        findings = run(package, release, opened, fixed)
        assert findings.coverage.assumptions == {Assumption.FEEDS_DISAGREE: 1}
        assert len(findings) == (late == "open")
        found = explained(package, release, opened, fixed)
        if late == "clear":
            assert found.decided == Note(8, "F-1 is later than what it contradicts")
            assert one_class(findings) is PackageClass.UNCHECKED

    def test_a_record_that_is_not_affected_is_an_opposite_word(self) -> None:
        opened = evolve(source("bash", None, DEBIAN12, "O-1"), database="one", modified=EARLY)
        negative = source("bash", None, DEBIAN12, "N-1", ranges=(), negative=True)
        negative = evolve(negative, database="other", modified=LATE)
        package = deb("bash", "1-1", source_name="bash")
        assert not run(package, DEBIAN12, opened, negative)
        assert run(package, DEBIAN12, evolve(opened, modified=LATE), evolve(negative, modified=EARLY))

    def test_agreement_is_no_contradiction(self) -> None:
        package = deb("bash", "1-1", source_name="bash")
        one = evolve(source("bash", "1-5", DEBIAN12, "O-1"), database="one", modified=EARLY)
        other = evolve(source("bash", "1-7", DEBIAN12, "F-1"), database="other", modified=LATE)
        finding = run(package, DEBIAN12, one, other)[0]
        assert (finding.fixed_version, finding.assumptions) == ("1-7", ())
        past = deb("bash", "1-9", source_name="bash")
        assert one_class(run(past, DEBIAN12, one, other)) is PackageClass.CLEAN

    def test_what_was_introduced_later_states_nothing_of_earlier_versions(self) -> None:
        """A fix of versions from 2 on is no word on 1."""
        package = deb("bash", "1-1", source_name="bash")
        opened = evolve(source("bash", None, DEBIAN12, "O-1"), database="one", modified=EARLY)
        later = source("bash", "0:3-1", DEBIAN12, "F-1", introduced="2-1")
        findings = run(package, DEBIAN12, opened, evolve(later, database="other", modified=LATE))
        assert [finding.assumptions for finding in findings] == [()]

    def test_a_channels_fix_contradicts_no_public_record(self) -> None:
        public = evolve(usn("U-1", None), database="ubuntu", modified=EARLY)
        of_channel = evolve(usn("O-1", "1-2+esm1", "esm-infra"), database="other", modified=LATE)
        finding = run(twisted("1-1"), ESM, public, of_channel)[0]
        assert (finding.fixed_version, finding.assumptions) == ("1-2+esm1", ())
        assert not run(twisted("1-3"), ESM, public, of_channel)


# ---- lines ----


class TestLines:
    """Rule 8: a build whose line nothing shows is decided line by line."""

    CORE = advisory("A-1", affected("runc", "1.1.3-1.amzn2", distribution=AMAZON2), cves=[CVE])
    DOCKER = advisory("A-2", affected("runc", "1.1.7-1.amzn2", distribution=AMAZON2, channel="docker"), cves=[CVE])

    @pytest.mark.parametrize(
        ("version", "repository", "fixed", "unknown"),
        [
            ("1.1.1-1.amzn2", "amzn2-core", "1.1.3-1.amzn2", False),
            ("1.1.4-1.amzn2", "amzn2-core", None, False),
            ("1.1.4-1.amzn2", "amzn2extra-docker", "1.1.7-1.amzn2", False),
            ("1.1.1-1.amzn2", None, "1.1.3-1.amzn2", False),
            ("1.1.4-1.amzn2", None, "1.1.7-1.amzn2", True),
            ("1.1.9-1.amzn2", None, None, False),
        ],
    )
    def test_the_lines_of_a_name(self, version: str, repository: str | None, fixed: str | None, unknown: bool) -> None:
        package = rpm("runc", version, repository=repository)
        for given in ((self.CORE, self.DOCKER), (self.DOCKER, self.CORE)):
            findings = run(package, AMAZON2, *given)
            assert [one.fixed_version for one in findings] == ([fixed] if fixed else [])
            assert (Assumption.LINE_UNKNOWN in findings.coverage.assumptions) is unknown

    def test_a_host_with_the_channel_has_the_line(self) -> None:
        fips = Distribution("ubuntu", "20.04", frozenset({"fips"}))
        known = source("openssl", "1.1.1f-1.fips.9", FOCAL, "U-1", channel="fips")
        plain = deb("openssl", "1.1.1f-1", source_name="openssl", source_version="1.1.1f-1")
        assert [one.fixed_version for one in run(plain, fips, known)] == ["1.1.1f-1.fips.9"]
        assert not run(plain, FOCAL, known)
        shown = deb("openssl", "1.1.1f-1.fips.2", source_name="openssl", source_version="1.1.1f-1.fips.2")
        assert [one.channel for one in run(shown, FOCAL, known)] == ["fips"]


def test_branches_of_a_build() -> None:
    minors = {"8.4": Distribution("rhel", "8.4"), "8.6": Distribution("rhel", "8.6")}
    found = list(rules.branches("1-1.el8_4", Distribution("rhel", "8.6"), minors))
    assert found == [
        (minors["8.4"], "the minor release that it was built for"),
        (minors["8.6"], "the host's own minor release"),
    ]
    assert list(rules.branches("1-1.el8_6", Distribution("rhel", "8.6"), minors)) == [
        (minors["8.6"], "the minor release that it was built for")
    ]
    assert list(rules.branches("1-1.el8", Distribution("rhel", "8"), minors)) == []


# ---- epochs ----


def test_when_an_epoch_may_matter() -> None:
    """Rule 0: an unknown epoch could turn *not affected* only with an epoch that something shows."""

    def package(version: str, known: bool) -> Query:
        return query(rpm("bash", version, epoch_known=known), ALMA9)

    shows = record(affected("bash", "1:1-1"))
    plain = record(affected("bash", "1-1"))
    assert rules.epoch_may_matter(package("2-1", False), [shows])
    assert not rules.epoch_may_matter(package("2-1", False), [plain])
    assert not rules.epoch_may_matter(evolve(package("2-1", False), key=None), [shows])
    negative = record(affected("bash", "1:1-1", negative=True))
    assert not rules.epoch_may_matter(package("2-1", False), [negative])
    cannot = record(affected("bash", "1-1", epoch_known=False))
    assert not rules.epoch_may_matter(package("2-1", True), [plain, shows])
    assert not rules.epoch_may_matter(package("2-1", True), [cannot])
    assert rules.epoch_may_matter(package("2-1", True), [cannot, shows])
    listed = record(affected("bash", None, ranges=(), versions=("1:2-1",)))
    assert rules.epoch_may_matter(package("2-1", False), [listed])
    assert not rules.epoch_may_matter(package("3-1", False), [listed])


def test_a_source_without_an_epoch_anywhere() -> None:
    """A source rpm's file name shows no epoch. Where nothing of the name does, there is none."""
    release = Distribution("mariner", "2.0")
    package = rpm(
        "openssl-libs",
        "1.1.1k-5.cm2",
        source_name="openssl",
        source_version="1.1.1k-5.cm2",
        source_epoch_known=False,
    )
    entry = affected("openssl", "0:1.1.1k-9.cm2", distribution=release, names=Names.SOURCE)
    bare = evolve(entry, ranges=(Range(None, "1.1.1k-9.cm2"),))
    finding = run(package, release, advisory("A-1", bare, cves=[CVE]))[0]
    assert finding.assumptions == ()
    assert all(note.rule != 4 for note in finding.evidence.notes)
    shows = evolve(entry, ranges=(Range(None, "1:1.1.1k-9.cm2"),))
    unsure = run(package, release, advisory("A-1", shows, cves=[CVE]))[0]
    assert unsure.assumptions == (Assumption.EPOCH_UNKNOWN,)
    assert any(note.rule == 4 for note in unsure.evidence.notes)


def test_fix_states_of_a_record_without_a_fix() -> None:
    """The state of what decides is shown, and a listed version keeps what its comparison assumed."""
    entry = affected("bash", None, ranges=(), versions=("1-1",), fix_state=FixState.DEFERRED, arches=("x86_64",))
    finding = run(rpm("bash", "1-1", arch=None), ALMA9, advisory("A-1", entry, cves=[CVE]))[0]
    assert (finding.fix_state, finding.assumptions) == (FixState.DEFERRED, (Assumption.ARCH_UNKNOWN,))
    assert Note(7, "architecture unknown, the record is for x86_64") in finding.evidence.notes


def test_listed_versions_of_a_record_without_epochs() -> None:
    """Rule 4: they are compared with the installed epoch."""
    entry = affected("bash", None, ranges=(), versions=("2-1",), epoch_known=False)
    known = advisory("A-1", entry, cves=[CVE])
    assert run(rpm("bash", "1:2-1"), ALMA9, known)
    assert run(rpm("bash", "2-1"), ALMA9, known)
    assert not run(rpm("bash", "1:2-2"), ALMA9, known)


def test_the_query_of_a_source_whose_epoch_is_known_after_all() -> None:
    release = Distribution("mariner", "2.0")
    entry = affected("openssl", "1-9.cm2", distribution=release, names=Names.SOURCE)
    shows = evolve(entry, ranges=(Range(None, "1:1-9.cm2"),))
    package = rpm("libs", "1-5.cm2", source_name="openssl", source_version="1-5.cm2", source_epoch_known=False)
    asked = query(package, release, Names.SOURCE)
    assert (asked.epoch_known, asked.lists_epochs) == (False, True)
    group, with_epochs = (
        Feed([advisory("A-1", one, cves=[CVE])]).group(release, Names.SOURCE, "openssl") for one in (entry, shows)
    )
    assert group is not None
    assert with_epochs is not None
    found = rules.with_known_epoch(asked, group)
    assert (found.epoch_known, found.assumptions) == (True, asked.assumptions - {Assumption.EPOCH_UNKNOWN})
    assert rules.with_known_epoch(asked, with_epochs) is asked
    for other in (
        evolve(asked, names=Names.BINARY),
        evolve(asked, version="1:1-5.cm2"),
        evolve(asked, lists_epochs=False),
    ):
        assert rules.with_known_epoch(other, group) is other


def test_which_channels_apply() -> None:
    """Rule 8."""
    entry = affected("bash", "2-1", distribution=ROCKY9, channel="extra")
    asked = query(rpm("bash", "1-1.el9_2"), ROCKY9)
    assert rules.channel_applies(asked, entry, Distribution("rocky", "9", frozenset({"extra"})))
    assert not rules.channel_applies(asked, entry, ROCKY9)
    for channel in ("els", "esm-infra"):
        assert rules.channel_applies(asked, evolve(entry, channel=channel), ROCKY9)
    branch = evolve(entry, channel="eus", distribution=Distribution("rhel", "9.2"))
    assert rules.channel_applies(asked, branch, ROCKY9)
    assert not rules.channel_applies(asked, evolve(branch, distribution=Distribution("rhel", "9.4")), ROCKY9)
    assert not rules.channel_applies(asked, evolve(branch, distribution=None), ROCKY9)


def test_which_lines_apply() -> None:
    """Rule 8: a host that states channels of lines has these alone. Channels that go on and branches are no lines."""
    asked = query(rpm("runc", "1.1.1-1.amzn2"), AMAZON2)
    docker = affected("runc", "1.1.7-1.amzn2", distribution=AMAZON2, channel="docker")
    assert asked.line is None
    for channels, applies in (((), True), (("els",), True), (("eus",), True), (("docker",), True), (("ecs",), False)):
        stated = Distribution("amzn", "2", frozenset(channels))
        assert rules.line_applies(asked, docker, stated) is applies, channels
    uek = query(rpm("kernel-uek", "5.4.17-1.el8uek"), ORACLE8)
    # Fixed 0: no version was ever affected, of any line.
    assert rules.line_applies(uek, affected("kernel-uek", "0", distribution=ORACLE8), ORACLE8)
    assert not rules.line_applies(uek, affected("kernel-uek", "5.15.0-1.el8uek", distribution=ORACLE8), ORACLE8)
    last = affected("kernel-uek", None, distribution=ORACLE8, ranges=(Range(last_affected="5.15.0-1.el8uek"),))
    assert not rules.line_applies(uek, last, ORACLE8)


def test_a_line_that_another_name_shows() -> None:
    """The feed knows a kernel of the line, and so the line."""
    package = deb("openssl", "1.1.1f-1.fips.2", source_name="openssl", source_version="1.1.1f-1.fips.2")
    for name, known in (("linux-fips", True), ("linux-realtime", False), ("bash", False)):
        findings = run(package, FOCAL, source(name, "5.4.0-1", FOCAL, "U-1"))
        assert (one_class(findings) is PackageClass.CLEAN) is known


def test_the_trunk_clears_what_no_branch_does() -> None:
    """An open record beside fixes of two minor releases: a build past both is free of it."""
    fixes = [
        advisory("A-1", affected("kernel", "5.14-70.20.el9_0"), cves=[CVE]),
        advisory("A-2", affected("kernel", "5.14-162.6.el9_1"), cves=[CVE]),
    ]
    opened = advisory("A-3", affected("kernel", None), cves=[CVE])
    assert not run(rpm("kernel", "5.14-300.el9"), ALMA9, *fixes, opened)
    assert not run(rpm("kernel", "5.14-284.el9_2"), ALMA9, *fixes, opened)
    assert run(rpm("kernel", "5.14-100.el9"), ALMA9, *fixes, opened)
    # What is affected up to a version is no matter of fixes.
    last = advisory("A-3", affected("kernel", None, ranges=(Range(last_affected="5.14-400.el9"),)), cves=[CVE])
    assert run(rpm("kernel", "5.14-300.el9"), ALMA9, *fixes, last)


def test_the_channel_of_a_line_is_no_lower_fix() -> None:
    """A host with FIPS builds is told the public fix of a public build: the other is of another line."""
    fips = Distribution("ubuntu", "20.04", frozenset({"fips"}))
    records = [
        source("openssl", "1.1.1f-1.fips.9", FOCAL, "U-1", channel="fips"),
        source("openssl", "1.1.1f-5", FOCAL, "U-2"),
    ]
    package = deb("openssl", "1.1.1f-1", source_name="openssl", source_version="1.1.1f-1")
    assert [one.fixed_version for one in run(package, fips, *records)] == ["1.1.1f-5"]


def test_a_rebuild_and_a_record_that_lists_versions() -> None:
    asked = evolve(query(deb("chromium", "1:1-1"), DEBIAN12, Names.SOURCE), epochs_shown=True)
    entry = affected("chromium", None, distribution=DEBIAN12, names=Names.SOURCE, ranges=(), versions=("1:1-1",))
    assert rules.epoch_applies(asked, record(entry))
    assert not rules.epoch_applies(evolve(asked, epochs_shown=False), record(entry))
    assert not rules.epoch_applies(asked, record(evolve(entry, versions=("1-1",))))


def test_a_build_and_records_that_show_no_line() -> None:
    opened = advisory("A-1", affected("kernel", None, distribution=AMAZON2), cves=[CVE])
    finding = run(rpm("kernel", "3.10.1-1.amzn2"), AMAZON2, opened)[0]
    assert Assumption.LINE_UNKNOWN not in finding.assumptions


def test_several_records_of_the_later_publisher() -> None:
    opened = evolve(source("bash", None, DEBIAN12, "O-1"), database="one", modified=EARLY)
    middle = datetime(2024, 1, 15, tzinfo=UTC)
    package = deb("bash", "1-5", source_name="bash")
    for dates, stands in (((middle, LATE), False), ((LATE, middle), False), ((EARLY, EARLY), True)):
        fixed = [
            evolve(source("bash", f"1-{place}", DEBIAN12, f"F-{place}"), database="other", modified=date)
            for place, date in enumerate(dates, 1)
        ]
        assert bool(run(package, DEBIAN12, opened, *fixed)) is stands


def test_sources_of_a_priority_are_checked() -> None:
    for wrong in ("vendor-vector", ("vendor-vector",), (1,)):
        with pytest.raises(TypeError, match="priority_sources"):
            MatchPolicy(priority_sources=wrong)  # type: ignore[arg-type]


def test_the_fix_of_another_line_is_none_of_a_build() -> None:
    """Nothing shows the line. The record that stands for the finding decides whose fix is named."""
    core = advisory("A-1", affected("runc", "1.1.9-1.amzn2", distribution=AMAZON2), cves=[CVE])
    docker = advisory("A-2", affected("runc", "1.1.7-1.amzn2", distribution=AMAZON2, channel="docker"), cves=[CVE])
    assert [one.fixed_version for one in run(rpm("runc", "1.1.4-1.amzn2"), AMAZON2, core, docker)] == ["1.1.9-1.amzn2"]
    # Who has builds of an extra has the extra: nothing is to be enabled first.
    enabled = rpm("runc", "1.1.4-1.amzn2", repository="amzn2extra-docker")
    assert [(one.fixed_version, one.channel) for one in run(enabled, AMAZON2, core, docker)] == [
        ("1.1.7-1.amzn2", None)
    ]


def test_words_about_two_channels_are_no_contradiction() -> None:
    """One publisher has no fix in a channel, the other has a public one."""
    of_channel = evolve(usn("U-1", None, "esm-infra"), database="ubuntu", modified=EARLY)
    public = evolve(usn("O-1", "1-2"), database="other", modified=LATE)
    for version in ("1-1", "1-3"):
        assert Assumption.FEEDS_DISAGREE not in run(twisted(version), ESM, of_channel, public).coverage.assumptions


class TestBuildsOfNoLine:
    """Rule 8: nothing shows the line of the build."""

    def test_records_of_every_line(self) -> None:
        opened = advisory("A-1", affected("kernel", None, distribution=AMAZON2, channel="els"), cves=[CVE])
        assert len(run(rpm("kernel", "3.10.1-1.amzn2"), AMAZON2, opened)) == 1

    def test_one_line_that_clears_it(self) -> None:
        assert not run(rpm("runc", "1.1.9-1.amzn2"), AMAZON2, TestLines.DOCKER)

    def test_what_cannot_be_decided(self) -> None:
        findings = run(rpm("runc", "1.1.7"), AMAZON2, TestLines.DOCKER)
        assert [one.status for one in findings] == [Status.UNDECIDABLE]

    def test_a_channel_that_goes_on_is_to_be_had(self) -> None:
        record = advisory("A-1", affected("runc", "1.1.7-1.amzn2", distribution=AMAZON2, channel="els"), cves=[CVE])
        assert [one.channel for one in run(rpm("runc", "1.1.4-1.amzn2"), AMAZON2, record)] == ["els"]


def test_an_undecidable_version_and_the_fix_of_a_channel() -> None:
    records = [
        advisory("A-1", affected("bash", "1.1.7-1"), cves=[CVE]),
        advisory("A-2", affected("bash", "1.1.7-2", channel="els"), cves=[CVE]),
    ]
    findings = run(rpm("bash", "1.1.7"), ALMA9, *records)
    assert [(one.status, one.fixed_version) for one in findings] == [(Status.UNDECIDABLE, "1.1.7-1")]


def test_an_undecidable_version_of_a_host_that_has_the_channel() -> None:
    els = Distribution("almalinux", "9", frozenset({"els"}))
    records = [
        advisory("A-1", affected("bash", "1.1.7-5"), cves=[CVE]),
        advisory("A-2", affected("bash", "1.1.7-2", channel="els"), cves=[CVE]),
    ]
    for release, fixed in ((els, "1.1.7-2"), (ALMA9, "1.1.7-5")):
        findings = run(rpm("bash", "1.1.7"), release, *records)
        assert [(one.status, one.fixed_version) for one in findings] == [(Status.UNDECIDABLE, fixed)]


def test_a_deb_without_epochs_and_the_fix_of_a_range_turned_upside_down() -> None:
    package = deb("bash", "1-1", source_name="bash", source_version="1-1", epoch_known=False, source_epoch_known=False)
    findings = run(package, DEBIAN12, source("bash", "1:2-1", DEBIAN12, "A-1", introduced="5-1"))
    assert [(one.status, one.fixed_version) for one in findings] == [(Status.UNDECIDABLE, "1:2-1")]


def test_the_notes_of_negative_records() -> None:
    """Rule 9."""
    opened = advisory("A-1", affected("bash", None), cves=[CVE])
    negative = affected("bash", None, negative=True, ranges=(), arches=("x86_64",))
    sure = explained(rpm("bash", "1-1"), ALMA9, opened, advisory("A-2", negative, cves=[CVE]))
    assert sure.decided == Note(9, "a record states that it is not affected")
    module = evolve(negative, module=Module(False))
    findings = run(rpm("bash", "1-1", arch=None), ALMA9, opened, advisory("A-2", module, cves=[CVE]))
    text = "A-2 states that it is not affected, but rests on arch-unknown, module-unknown: too unsure to clear it"
    assert [note for one in findings for note in one.evidence.notes if note.rule == 9] == [Note(9, text)]


@pytest.mark.parametrize(
    ("ranges", "fixed"),
    [
        ([Range("0", "1.2"), Range("1.1", "1.5")], "1.5"),
        ([Range("0", "1.2"), Range("1.3", "1.5")], "1.2"),
        # Every fix is affected by another record: the lowest is named all the same.
        ([Range("0", "1.2"), Range("1.1", None)], "1.2"),
    ],
)
def test_the_fix_of_a_python_package(ranges: list[Range], fixed: str) -> None:
    """Ranges of several records are a union: the lowest fix that none of them holds."""
    pypi = Distribution("pypi", "rolling")
    known = [
        advisory(f"P-{place}", Affected("requests", "pypi", pypi, Names.BINARY, (one,)), cves=[CVE])
        for place, one in enumerate(ranges)
    ]
    findings = match(host(Package("pypi", "requests", "1.0")), Feed(known))
    assert [one.fixed_version for one in findings] == [fixed]


def test_fixes_that_are_none() -> None:
    """A range that ends before it begins has no fix. The word 0 is no version to go to."""
    backwards = advisory("A-1", affected("bash", "2-1", introduced="3-1"), cves=[CVE])
    opened = advisory("A-2", affected("bash", None), cves=[CVE])
    assert [one.fixed_version for one in run(rpm("bash", "1-1"), ALMA9, backwards, opened)] == [None]
    never = advisory("A-1", affected("bash", "0"), cves=[CVE])
    assert [one.fixed_version for one in run(rpm("bash", "1-1"), ALMA9, never, opened)] == [None]


def test_a_record_that_begins_at_the_version() -> None:
    """Rule 8: a public fix of ranges that the version is in makes a channel's records no concern of the host.

    Before them the channel's record stands, and the public version is the one to be had.
    """
    public = advisory("A-1", affected("bash", "5-1", introduced="2-1", distribution=RHEL8), cves=[CVE])
    of_channel = advisory("A-2", affected("bash", "3-1", distribution=RHEL8, channel="els"), cves=[CVE])
    for version, fixed in (("2-1", "5-1"), ("4-1", "5-1"), ("1-1", "5-1")):
        assert [one.fixed_version for one in run(rpm("bash", version), RHEL8, public, of_channel)] == [fixed]


def test_what_is_not_judged_has_no_queries() -> None:
    third = rpm("bash", "1-1", vendor="Somebody")
    feed = Feed([advisory("A-1", affected("bash", "2-1"), cves=[CVE])])
    matcher = matcher_of(feed, host(third), DEFAULT_POLICY)
    assert matcher.queries(third) == ()
    assert matcher.queries(rpm("bash", "1-1", vendor="AlmaLinux"))


def test_the_release_of_a_policy_is_checked() -> None:
    with pytest.raises(TypeError, match="judge_as must be a Distribution or None, not 'almalinux 9'"):
        MatchPolicy(judge_as="almalinux 9")  # type: ignore[arg-type]


class TestByChoice:
    """Rule 1: judged by another distribution's advisories."""

    @staticmethod
    def chosen(package: Package, *entries: Affected) -> Findings:
        records = [advisory(f"A-{place}", one, cves=[CVE]) for place, one in enumerate(entries)]
        return run(package, ROCKY9, *records, judge_as=ALMA9)

    def test_records_that_do_not_apply(self) -> None:
        past = rpm("bash", "3-1", vendor="Rocky")
        assert one_class(self.chosen(past, affected("bash", "2-1", channel="tuxcare"), affected("zsh", "2-1"))) is (
            PackageClass.CLEAN
        )
        assert one_class(self.chosen(past, affected("bash", "2-1", arches=("aarch64",)))) is PackageClass.CLEAN
        compared = self.chosen(past, affected("bash", "2-1"))
        assert set(compared.coverage.assumptions) == {Assumption.DISTRIBUTION_ASSUMED}

    def test_an_epoch_that_may_matter_besides(self) -> None:
        unknown = rpm("bash", "3-1", vendor="Rocky", epoch_known=False)
        found = self.chosen(unknown, affected("bash", "1:2-1"))
        assert not found
        assert set(found.coverage.assumptions) == {Assumption.DISTRIBUTION_ASSUMED, Assumption.EPOCH_UNKNOWN}


def test_what_the_later_publisher_clears_is_not_undecidable_either() -> None:
    package = rpm("bash", "1.1.7")
    opened = evolve(advisory("A-1", affected("bash", None), cves=[CVE]), database="one", modified=EARLY)
    tied = evolve(advisory("A-2", affected("bash", "1.1.7-1"), cves=[CVE]), database="one", modified=EARLY)
    cleared = evolve(advisory("B-1", affected("bash", "1.0-1"), cves=[CVE]), database="other", modified=LATE)
    assert not run(package, ALMA9, opened, tied, cleared)
    assert run(package, ALMA9, opened, tied, evolve(cleared, modified=EARLY))


def test_what_clears_one_line_counts_where_no_line_stands() -> None:
    """Rule 0: nothing shows the line. A contradiction about one line is not lost beside another line."""
    release, package = AMAZON2, rpm("runc", "1.1.9-1.amzn2")
    core = evolve(TestLines.CORE, database="one", modified=EARLY)
    docker = affected("runc", None, distribution=release, channel="docker")
    opened = evolve(advisory("D-1", docker, cves=[CVE]), database="one", modified=EARLY)
    fixed = evolve(TestLines.DOCKER, database="other", modified=LATE)
    for given in ((core, opened, fixed), (fixed, opened, core)):
        findings = run(package, release, *given)
        assert one_class(findings) is PackageClass.UNCHECKED
        assert findings.coverage.assumptions == {Assumption.FEEDS_DISAGREE: 1}
        found = explained(package, release, *given)
        assert found.decided == Note(8, "A-2 is later than what it contradicts")


# ---- what is left of the corners ----


@pytest.mark.parametrize(
    ("package", "suffix"),
    [
        (deb("git", "1:2.39-1~bpo12+1"), "~bpo12+1"),
        (deb("git", "1:2.39-1~bpo70+2+b3"), "~bpo70+2+b3"),
        (deb("git", "1:2.39-1"), ""),
        (deb("git", "1:2.39~bpo12+1-1"), ""),
        (rpm("git", "2.39-1~bpo12+1"), ""),
    ],
)
def test_the_suffix_of_a_backport(package: Package, suffix: str) -> None:
    assert rules.backport_suffix(package) == suffix


def test_a_matcher_shows_its_release_and_what_it_remembers() -> None:
    feed = Feed([advisory("A-1", affected("bash", "2-1"), cves=[CVE])])
    inventory = host(rpm("bash", "1-1"), rpm("zsh", "1-1"))
    matcher = matcher_of(feed, inventory, DEFAULT_POLICY)
    assert repr(matcher) == "<Matcher: almalinux 9, 0 packages remembered>"
    matcher.host(inventory)
    assert repr(matcher) == "<Matcher: almalinux 9, 2 packages remembered>"
    unknown = matcher_of(feed, host(rpm("bash", "1-1"), distribution=None), DEFAULT_POLICY)
    assert repr(unknown) == "<Matcher: no release, 0 packages remembered>"


def test_a_package_of_a_repository_that_the_feed_lacks() -> None:
    """Rule 0: of what no record names, and of that alone. Every component that is enabled by default is there."""
    named = advisory("A-1", affected("bash", "2-1"), cves=[CVE])
    scopes = tuple(Scope(ALMA9, part, 100) for part in ("appstream", "baseos", "extras"))
    feed = Feed([named], [ReadReport("feed", "test", 1, 1, scopes=scopes)])
    for repository, partial in (("crb", True), ("baseos", False), (None, False)):
        unnamed = match(host(rpm("zsh", "1-1", repository=repository)), feed)
        assert unnamed.coverage.assumptions == ({Assumption.FEED_PARTIAL: 1} if partial else {}), repository
        past = match(host(rpm("bash", "3-1", repository=repository)), feed)
        assert past.coverage.assumptions == {}
    # What the host rests on besides stays.
    setup = rpm("epel-release", "9-1", repository="crb", vendor=None)
    doubted = match(host(setup, rpm("zsh", "1-1", repository="crb")), feed).coverage.assumed
    assert {Assumption.FEED_PARTIAL, Assumption.VENDOR_UNKNOWN} <= set().union(*map(set, doubted.values()))


def test_what_clears_one_vulnerability_counts_beside_the_findings_of_another() -> None:
    """Rule 0: two publishers contradict each other about one CVE, another has a finding, a third too."""
    package = deb("bash", "1-2", source_name="bash")

    def about(id: str, cve: str, fixed: str | None, database: str, modified: datetime) -> Advisory:
        entry = affected("bash", fixed, distribution=DEBIAN12, names=Names.SOURCE)
        return advisory(id, entry, cves=[cve], database=database, modified=modified)

    contested = [
        about("O-1", "CVE-2024-1", None, "one", EARLY),
        about("F-1", "CVE-2024-1", "1-1", "other", LATE),
        about("O-2", "CVE-2024-2", None, "one", EARLY),
        about("F-2", "CVE-2024-2", "1-1", "other", LATE),
    ]
    others = [
        about("O-3", "CVE-2024-3", "1-9", "one", EARLY),
        about("O-4", "CVE-2024-4", None, "one", EARLY),
    ]
    findings = run(package, DEBIAN12, *contested, *others)
    assert sorted(one.vulnerability for one in findings) == ["CVE-2024-3", "CVE-2024-4"]
    assert findings.coverage.assumptions == {Assumption.FEEDS_DISAGREE: 1}
    assert one_class(run(package, DEBIAN12, *contested)) is PackageClass.UNCHECKED


@pytest.mark.parametrize(
    ("archived", "version", "below"),
    [("1.1-9", "1.2-1", True), ("1.2", "1.2", False), ("1.2~rc1-1", "1.2-1", True), ("1:1.2-1", "1.3-1", False)],
)
def test_an_archive_below_an_upstream_version(archived: str, version: str, below: bool) -> None:
    assert scopes._is_below_upstream(archived, version) is below


def test_a_sloppy_backport_of_a_build_without_a_source_version() -> None:
    git = deb("git", "1:2.39-1~bpo11+1")
    scope, note = rules.backport_scope(git, Distribution("debian", "11"), lambda release, name: "1:2.30-1")
    assert scope == Distribution("debian", "13")
    why = "a backport, judged by debian 13 without ~bpo11+1, as debian 12 has 1:2.30-1"
    assert note == Note(1, why)
    same = "1:2.39-0"
    scope, note = rules.backport_scope(git, Distribution("debian", "11"), lambda release, name: same)
    assert (scope, note) == (DEBIAN12, Note(1, "a backport, judged by debian 12 without ~bpo11+1"))


def test_which_rpm_lacks_its_release() -> None:
    assert not query(rpm("bash", "1-1"), ALMA9).lacks_release
    assert query(rpm("bash", "1"), ALMA9).lacks_release
    assert not query(deb("bash", "1"), DEBIAN12).lacks_release


DOUBT = frozenset({Assumption.ARCH_UNKNOWN})
NOTE = Note(7, "a note")


def test_a_listed_version_without_an_order_keeps_what_it_rests_on() -> None:
    asked = evolve(query(deb("bash", "1-1"), DEBIAN12), version="2004d", key=None, refused="no version")
    entry = affected("bash", None, distribution=DEBIAN12, ranges=(), versions=("2004d",))
    found = rules.range_outcome(asked, record(entry), DOUBT, (NOTE,))
    assert (found.outcome, found.listed, found.assumptions, found.notes) == (
        rules.Outcome.INSIDE,
        True,
        DOUBT,
        (NOTE,),
    )


@pytest.mark.parametrize(("introduced", "rests"), [(None, False), ("1-1", True)])
def test_an_epoch_matters_where_a_range_has_a_bound(introduced: str | None, rests: bool) -> None:
    asked = query(rpm("bash", "2-1", epoch_known=False), ALMA9)
    known = record(affected("bash", None, introduced=introduced))
    found = rules.range_outcome(asked, known, asked.assumptions, ())
    assert (found.outcome, Assumption.EPOCH_UNKNOWN in found.assumptions) == (rules.Outcome.INSIDE, rests)


@pytest.mark.parametrize(("name", "source", "line"), [("kernel-uek", "bash", "UEKR6"), ("perf", "kernel-uek", "UEKR6")])
def test_the_line_that_a_package_or_its_source_shows(name: str, source: str, line: str) -> None:
    version = "5.4.17-1.el8uek"
    package = rpm(name, version, source_name=source, source_version=version if source == "kernel-uek" else "1-1")
    assert rules.line_shown(package, ORACLE8) == line


def test_a_line_that_a_record_of_the_package_shows() -> None:
    """No channel shows the line, and no package that is always built in it."""
    package = deb("libfoo", "1-1.fips.9", source_name="foo", source_version="1-1.fips.9")
    known = run(package, FOCAL, source("foo", "1-1.fips.3", FOCAL, "U-1"))
    assert one_class(known) is PackageClass.CLEAN
    assert Assumption.LINE_UNKNOWN in run(package, FOCAL, source("foo", "1-1", FOCAL, "U-1")).coverage.assumptions


def test_the_flavour_of_a_binary_package_alone() -> None:
    asked = rules.queries(rpm("bash", "1-1.ksplice1.el8", source_name="bash", source_version="1-1.el8"), ORACLE8)
    assert doubts._flavour_doubt(asked, Feed(())) == Note(8, "the feed has no record of builds for ksplice")
    assert doubts._flavour_doubt(asked[1:], Feed(())) is None


def test_a_branch_is_lacked_also_where_nothing_shows_the_line() -> None:
    asked = evolve(query(rpm("bash", "1-1"), RHEL8), line=None)
    of_branch = record(affected("bash", "2-1", distribution=RHEL8, channel="eus"))
    compared = rules.Comparison(asked, of_branch, rules.Outcome.INSIDE)
    assert rules.lacks_channel(compared, RHEL8)
    assert not rules.lacks_channel(compared, Distribution("rhel", "8", frozenset({"eus"})))


def test_a_range_has_begun_at_its_first_version() -> None:
    asked = query(rpm("bash", "2-1"), ALMA9)
    begun = [
        has_begun(record(affected("bash", None, introduced=first)).intervals[0], asked.key)
        for first in (None, "1-1", "2-1", "2-2")
    ]
    assert begun == [True, True, True, False]


def test_a_range_turned_upside_down_names_its_fix() -> None:
    """Rule 4: without epochs it ends before it begins. The fix is to be had all the same."""
    known = advisory("A-1", affected("bash", "1:2-1", introduced="5-1"), cves=[CVE])
    findings = run(rpm("bash", "1-1", epoch_known=False), ALMA9, known)
    assert [(one.status, one.fixed_version) for one in findings] == [(Status.UNDECIDABLE, "1:2-1")]


@pytest.mark.parametrize(
    ("version", "source_version", "bare", "bare_source", "builders"),
    [
        ("1-1+rpt1", "1-1+rpt1", "1-1", "1-1", "Raspberry Pi OS (+rpt1)"),
        ("1-1+rpt1", None, "1-1", None, "Raspberry Pi OS (+rpt1)"),
        ("1-1+b1", "1-1+rpi2", "1-1+b1", "1-1", "Raspbian (+rpi2)"),
        ("1-1+rpi1+rpt2", "1-1+rpi1", "1-1", "1-1", "Raspberry Pi OS (+rpt2) and Raspbian (+rpi1)"),
    ],
)
def test_what_is_left_of_a_rebuild(
    version: str, source_version: str | None, bare: str, bare_source: str | None, builders: str
) -> None:
    package = deb("bash", version, source_name="bash", source_version=source_version)
    found, note = rules.rebuilt(package, DEBIAN12)
    assert (found.version, found.source_version) == (bare, bare_source)
    assert note == Note(13, f"a rebuild by {builders}, compared without that suffix")


def test_what_is_no_rebuild() -> None:
    for package in (rpm("bash", "1-1+rpt1"), deb("bash", "1-1", source_name="bash", source_version="1-1")):
        assert rules.rebuilt(package, DEBIAN12) == (package, None)


class TestContests:
    """Rule 0: what two publishers contradict each other about."""

    @staticmethod
    def of(one: Advisory, database: str, modified: datetime) -> Advisory:
        return evolve(one, database=database, modified=modified)

    def test_a_channel(self) -> None:
        opened = self.of(usn("U-1", None, "esm-infra"), "ubuntu", EARLY)
        fixed = self.of(usn("O-1", "1-2+esm1", "esm-infra"), "other", LATE)
        assert not run(twisted("1-3"), ESM, opened, fixed)
        assert run(twisted("1-3"), ESM, evolve(opened, modified=LATE), evolve(fixed, modified=EARLY))

    def test_a_trunk_with_its_channels(self) -> None:
        els = Distribution("almalinux", "9", frozenset({"els"}))
        opened = self.of(advisory("A-1", affected("bash", None, channel="els"), cves=[CVE]), "one", EARLY)
        fixed = self.of(advisory("B-1", affected("bash", "1-1"), cves=[CVE]), "other", LATE)
        findings = run(rpm("bash", "1-2"), els, opened, fixed)
        assert not findings
        assert findings.coverage.assumptions == {Assumption.FEEDS_DISAGREE: 1}

    def test_what_cannot_be_decided_is_no_word(self) -> None:
        opened = self.of(advisory("A-1", affected("bash", None), cves=[CVE]), "one", EARLY)
        reached = self.of(advisory("B-1", affected("bash", "1.0-1"), cves=[CVE]), "other", LATE)
        tied = self.of(advisory("B-2", affected("bash", "1.1.7-1"), cves=[CVE]), "other", LATE)
        for given in ((opened, reached, tied), (tied, reached, opened)):
            assert Assumption.FEEDS_DISAGREE not in run(rpm("bash", "1.1.7"), ALMA9, *given).coverage.assumptions

    def test_a_record_without_a_fix_clears_nothing(self) -> None:
        """It was modified last, and a fix of its own publisher clears it."""
        middle = datetime(2024, 1, 15, tzinfo=UTC)
        opened = self.of(advisory("A-1", affected("bash", None), cves=[CVE]), "one", middle)
        fixed = self.of(advisory("B-1", affected("bash", "1-1"), cves=[CVE]), "other", EARLY)
        again = self.of(advisory("B-2", affected("bash", None), cves=[CVE]), "other", LATE)
        findings = run(rpm("bash", "1-2"), ALMA9, opened, fixed, again)
        assert len(findings) == 1
        assert Assumption.FEEDS_DISAGREE in findings[0].assumptions


def test_what_a_public_fix_makes_no_concern_rests_on_that_fix() -> None:
    """Rule 0: the list shows no architecture, and the public record is for one. Without it the other would stand."""
    public = advisory("A-1", affected("bash", "2-1", distribution=RHEL8, arches=("x86_64",)), cves=[CVE])
    of_channel = advisory("A-2", affected("bash", "4-1", distribution=RHEL8, channel="els"), cves=[CVE])
    unknown = run(rpm("bash", "3-1", arch=None), RHEL8, public, of_channel)
    assert one_class(unknown) is PackageClass.UNCHECKED
    assert unknown.coverage.assumptions == {Assumption.ARCH_UNKNOWN: 1}
    assert one_class(run(rpm("bash", "3-1"), RHEL8, public, of_channel)) is PackageClass.CLEAN


def test_a_fix_that_another_range_of_its_record_holds() -> None:
    """There is no other: it is named all the same."""
    pypi = Distribution("pypi", "rolling")
    ranges = (Range("0", "1.2"), Range("1.1", None))
    known = advisory("P-1", Affected("requests", "pypi", pypi, Names.BINARY, ranges), cves=[CVE])
    findings = match(host(Package("pypi", "requests", "1.0")), Feed([known]))
    assert [one.fixed_version for one in findings] == ["1.2"]


class TestLinesOfTwoPublishers:
    """Rule 0: nothing shows the line, and two publishers contradict each other about one of two."""

    OPENED = affected("runc", None, distribution=AMAZON2, channel="docker")
    CONTESTED = (
        advisory("D-1", OPENED, cves=[CVE], database="one", modified=EARLY),
        evolve(TestLines.DOCKER, database="other", modified=LATE),
    )

    @staticmethod
    def core(*fixes: str) -> list[Advisory]:
        return [
            advisory(
                f"C-{place}",
                affected("runc", fix, distribution=AMAZON2),
                cves=[CVE],
                database="one",
                modified=EARLY,
            )
            for place, fix in enumerate(fixes, 1)
        ]

    def test_beside_a_line_that_a_fix_clears(self) -> None:
        given = (*self.core("1.1.3-1.amzn2", "1.1.9-1.amzn2"), *self.CONTESTED)
        package = rpm("runc", "1.1.8-1.amzn2")
        assert run(package, AMAZON2, *given).coverage.assumptions == {Assumption.FEEDS_DISAGREE: 1}
        assert explained(package, AMAZON2, *given).decided == Note(8, "cleared by the fix 1.1.3-1.amzn2 (C-1)")

    def test_beside_a_line_that_stands(self) -> None:
        finding = run(rpm("runc", "1.1.9-1.amzn2"), AMAZON2, *self.core("1.2.0-1.amzn2"), *self.CONTESTED)[0]
        assert finding.fixed_version == "1.2.0-1.amzn2"
        assert finding.assumptions == (Assumption.LINE_UNKNOWN, Assumption.FEEDS_DISAGREE)


def test_the_fix_of_every_line_beside_that_of_one() -> None:
    """A channel that goes on from the public builds is of every line."""
    els = advisory("E-1", affected("runc", "1.1.6-1.amzn2", distribution=AMAZON2, channel="els"), cves=[CVE])
    for given in ((TestLines.DOCKER, els), (els, TestLines.DOCKER)):
        findings = run(rpm("runc", "1.1.4-1.amzn2"), AMAZON2, *given)
        assert [(one.fixed_version, one.assumptions) for one in findings] == [("1.1.7-1.amzn2", ())]


def test_a_signed_kernel_of_a_backport() -> None:
    """Every name that it is compared by has its version without the suffix."""
    kernel = deb(
        "linux-image-6.1.0-0.deb11.13-amd64",
        "6.1.55-1~bpo11+1",
        source_name="linux-signed-amd64",
        source_version="6.1.55+1~bpo11+1",
    )
    found = rules.queries(kernel, Distribution("debian", "11"))
    assert ("linux", "6.1.55-1") in {(one.name, one.version) for one in found}
    assert not any("bpo" in one.version for one in found)


def test_python_packages_have_no_minor_releases() -> None:
    minor = affected("bash", "2-1.el8_4", distribution=Distribution("rhel", "8.4"), channel="eus")
    feed = Feed([advisory("A-1", minor, affected("bash", "2-1", distribution=RHEL8), cves=[CVE])])
    inventory = host(rpm("bash", "1-1.el8_4"), distribution=Distribution("rhel", "8.4"))
    matcher = matcher_of(feed, inventory, DEFAULT_POLICY)
    scopes = {one.distribution for one in matcher.queries(rpm("bash", "1-1.el8_4"))}
    assert scopes == {RHEL8, Distribution("rhel", "8.4")}
    python = {one.distribution for one in matcher.queries(Package("pypi", "requests", "1.0"))}
    assert python == {Distribution("pypi", "rolling")}


def test_what_was_skipped_counts_beside_what_is_unknown_already() -> None:
    """Rule 0: a record of the package was lost, and the list shows no source of it."""
    named = source("foo", "2-1", DEBIAN12, "A-1")
    refused = Rejection("feed", "-", "A-2", "broken", losses=(Loss("bash", DEBIAN12),))
    scopes = (Scope(DEBIAN12, "", 100),)
    report = ReadReport("feed", "test", 2, 1, (refused,), scopes=scopes, losses=refused.losses or ())
    findings = match(host(deb("bash", "1-1"), distribution=DEBIAN12), Feed([named], [report]))
    assert findings.coverage.assumptions == {Assumption.RECORDS_SKIPPED: 1, Assumption.SOURCE_UNKNOWN: 1}


def test_what_clears_one_vulnerability_counts_beside_another_that_is_clear_anyhow() -> None:
    """Rule 0: whichever comes first."""

    def about(id: str, cve: str, fixed: str | None, database: str, modified: datetime) -> Advisory:
        return advisory(id, affected("bash", fixed), cves=[cve], database=database, modified=modified)

    records = [
        about("A-1", "CVE-2024-1", None, "one", EARLY),
        about("A-2", "CVE-2024-1", "1-1", "other", LATE),
        about("A-3", "CVE-2024-2", None, "one", EARLY),
        about("A-4", "CVE-2024-2", "1-1", "one", EARLY),
    ]
    for given in (records, records[2:] + records[:2]):
        findings = run(rpm("bash", "1-2"), ALMA9, *given)
        assert not findings
        assert findings.coverage.assumptions == {Assumption.FEEDS_DISAGREE: 1}


class TestThirdPartiesRepositories:
    """Rule 0: what a list without vendors leaves open where a third party's repository is set up."""

    FEED = Feed([advisory("A-1", affected("bash", "2-1"), cves=[CVE])])

    def test_hosts_of_two_kinds(self) -> None:
        plain = matcher_of(self.FEED, host(rpm("bash", "1-1")), DEFAULT_POLICY)
        assert matcher_of(self.FEED, host(rpm("epel-release", "9-1")), DEFAULT_POLICY) is not plain
        known = host(rpm("epel-release", "9-1", vendor="Fedora Project"))
        assert matcher_of(self.FEED, known, DEFAULT_POLICY) is plain

    @pytest.mark.parametrize("repository", ["epel", "appstream"])
    def test_set_up_by_a_package_of_anybody(self, repository: str) -> None:
        setup = rpm("epel-release", "9-1", repository=repository)
        findings = match(host(setup, rpm("zsh", "1-1")), self.FEED)
        assert findings.coverage.assumed[rpm("zsh", "1-1")] == (Assumption.VENDOR_UNKNOWN,)

    def test_python_packages_are_of_nobody_else(self) -> None:
        pypi = Distribution("pypi", "rolling")
        known = advisory("P-1", Affected("requests", "pypi", pypi, Names.BINARY, (Range("0", "1"),)), cves=[CVE])
        feed = Feed([*self.FEED, known])
        findings = match(host(rpm("epel-release", "9-1"), Package("pypi", "flask", "1.0")), feed)
        assert Package("pypi", "flask", "1.0") not in findings.coverage.assumed


def test_what_a_feed_lacks_of_python_packages_is_their_own() -> None:
    """Rule 0: what was lost of PyPI concerns them, and that the release's advisories are few does not."""
    pypi = Distribution("pypi", "rolling")
    known = advisory("P-1", Affected("flask", "pypi", pypi, Names.BINARY, (Range("0", "0.5"),)), cves=[CVE])
    loss = Loss("requests", pypi)
    refused = Rejection("feed", "-", "P-2", "broken", losses=(loss,))
    scopes = (Scope(ALMA9, "", 1, 1), Scope(pypi, "", 1000))
    report = ReadReport("feed", "test", 3, 2, (refused,), scopes=scopes, losses=(loss,))
    feed = Feed([advisory("A-1", affected("bash", "2-1"), cves=[CVE]), known], [report])
    lost, kept, own = Package("pypi", "requests", "1.0"), Package("pypi", "flask", "1.0"), rpm("zsh", "1-1")
    assumed = match(host(lost, kept, own), feed).coverage.assumed
    assert assumed == {lost: (Assumption.RECORDS_SKIPPED,), own: (Assumption.FEED_PARTIAL,)}


def test_the_cause_of_a_version_without_an_order() -> None:
    """It is earlier than nothing: a record lists it, and the fix of another is named all the same."""
    package = deb("bash", "not a version", source_name="bash")
    listing = source("bash", None, DEBIAN12, "A-2", ranges=(), versions=("not a version",))
    findings = run(package, DEBIAN12, source("bash", "1.0-1", DEBIAN12, "A-1"), listing)
    assert [one.evidence.advisory for one in findings] == ["A-2"]
    assert [(one.status, one.fixed_version, one.cause) for one in findings] == [
        (
            Status.AFFECTED,
            "1.0-1",
            "bash not a version is one of the versions listed as affected (A-2)",
        )
    ]
