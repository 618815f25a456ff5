"""Near misses of the rules: what hangs on the order of records, on what is remembered, on one name or the other."""

import random
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pytest
from advisories_reference import ALMA9, DEBIAN12, advisory, affected, deb, host, rpm
from attrs import evolve

from advisories import Feed, MatchPolicy, match, match_many
from advisories.index.records import GroupKey
from advisories.matching import match as matching
from advisories.matching import rules
from advisories.matching.explain import Explanation, explain
from advisories.matching.match import matcher_of
from advisories.matching.rules.order import order_of_vulnerabilities
from advisories.models import (
    UNKNOWN_MODULE,
    Advisory,
    Assumption,
    Distribution,
    Finding,
    FixState,
    Inventory,
    Kind,
    Module,
    Names,
    Package,
    PackageClass,
    Presence,
    Range,
    Severity,
    State,
    Status,
)
from advisories.models.findings import Findings

CVE = "CVE-2024-1000"
OTHER = "CVE-2024-2000"
UNSTABLE = Distribution("debian", "unstable")
TRIXIE = Distribution("debian", "13")
NODE = Module.of("nodejs:20")


def found(inventory: Inventory, *advisories: Advisory, policy: MatchPolicy | None = None) -> Findings:
    return match(inventory, Feed(advisories), policy or MatchPolicy())


def only(findings: Findings) -> Finding:
    assert len(findings) == 1, list(findings)
    return findings[0]


def alma(fixed: str | None, id: str = "ALSA-1", cves: Iterable[str] = (CVE,), **more: Any) -> Advisory:
    return advisory(id, affected("bash", fixed, **more), cves=cves)


def debian(package: str, fixed: str | None, id: str = "DSA-1", cves: Iterable[str] = (CVE,), **more: Any) -> Advisory:
    return advisory(id, affected(package, fixed, names=Names.SOURCE, **({"distribution": DEBIAN12} | more)), cves=cves)


def deb_host(*packages: Package) -> Inventory:
    return host(*packages, distribution=DEBIAN12)


def explained(package: Package, *advisories: Advisory) -> Explanation:
    distribution = DEBIAN12 if package.type == "deb" else ALMA9
    feed = Feed([*advisories, advisory("A-0", affected("other", "1-1", distribution=distribution))])
    (explanation,) = explain(host(package, distribution=distribution), feed, package.name, CVE)
    return explanation


class TestClasses:
    """Before any record is compared: the release, what is on disk, whose it is, its type."""

    @pytest.mark.parametrize(
        ("package", "release", "expected"),
        [
            (rpm("bash", "1-1", state=State.CONFIG_FILES, vendor="Somebody"), ALMA9, PackageClass.NOT_INSTALLED),
            (rpm("bash", "1-1", vendor="Somebody"), ALMA9, PackageClass.THIRD_PARTY),
            (Package("npm", "bash", "1", vendor="Somebody"), ALMA9, PackageClass.NOT_COVERED),
            (Package("npm", "bash", "1"), ALMA9, PackageClass.NOT_COVERED),
            (deb("bash", "1-1"), ALMA9, PackageClass.NOT_COVERED),
            (deb("bash", "1-1", state=State.CONFIG_FILES), ALMA9, PackageClass.NOT_INSTALLED),
            (rpm("bash", "1-1", state=State.CONFIG_FILES), DEBIAN12, PackageClass.NOT_COVERED),
            (rpm("bash", "1-1", vendor="Somebody"), DEBIAN12, PackageClass.NOT_COVERED),
        ],
    )
    def test_the_first_that_fits(self, package: Package, release: Distribution, expected: PackageClass) -> None:
        findings = found(host(package, distribution=release), alma("2-1"))
        assert [one for _, one in findings.coverage.classes] == [expected]
        assert not findings


class TestUnstable:
    """Rule 1a clears by the vulnerability's own record alone, and by no withdrawn one."""

    PACKAGE = deb("bash", "5-1")

    def test_of_another_vulnerability(self) -> None:
        records = [debian("bash", None), debian("bash", "1-1", "DSA-2", [OTHER], distribution=UNSTABLE)]
        assert only(found(deb_host(self.PACKAGE), *records)).vulnerability == CVE

    def test_withdrawn(self) -> None:
        gone = evolve(debian("bash", "1-1", "DSA-2", distribution=UNSTABLE), withdrawn=datetime(2024, 1, 1, tzinfo=UTC))
        assert only(found(deb_host(self.PACKAGE), debian("bash", None), gone))

    def test_behind_others(self) -> None:
        records = [
            debian("bash", None),
            debian("bash", "1-1", "DSA-2", [OTHER], distribution=UNSTABLE),
            debian("bash", "9-1", "DSA-3", distribution=UNSTABLE),
            debian("bash", "5-1", "DSA-4", distribution=UNSTABLE),
        ]
        assert not found(deb_host(self.PACKAGE), *records)

    def test_one_of_two_vulnerabilities_of_a_record(self) -> None:
        records = [debian("bash", None, cves=[CVE, OTHER]), debian("bash", "5-1", "DSA-2", distribution=UNSTABLE)]
        assert only(found(deb_host(self.PACKAGE), *records)).vulnerability == OTHER


class TestBackports:
    """Rule 1b."""

    def test_a_binary_record_is_compared_without_the_suffix(self) -> None:
        entries = affected("linux", "6.12-2", distribution=TRIXIE), affected("other", "1-1", distribution=DEBIAN12)
        record = advisory("DSA-1", *entries, cves=[CVE])
        assert not found(deb_host(deb("linux", "6.12-2~bpo12+1")), record)
        finding = only(found(deb_host(deb("linux", "6.12-1~bpo12+1")), record))
        assert finding.evidence.installed == "6.12-1"

    def test_an_rpm_is_none(self) -> None:
        assert rules.backport_scope(rpm("linux", "6.12-2~bpo12+1"), DEBIAN12) == (DEBIAN12, None)

    def test_notes_and_causes(self) -> None:
        _, note = rules.backport_scope(deb("linux", "6.12-2~bpo12+1+b3"), DEBIAN12)
        assert note is not None
        assert (note.rule, note.text) == (1, "a backport, judged by debian 13 without ~bpo12+1+b3")


class TestNames:
    """Rule 2: a binary version that stands for the source's."""

    def test_a_binnmu_is_of_debian(self) -> None:
        record = advisory("ALSA-1", affected("bash", "1-1+b1", names=Names.SOURCE), cves=[CVE])
        assert not found(host(rpm("bash", "1-1+b1")), record)

    def test_its_epoch_is_known_where_the_packages_is(self) -> None:
        record = advisory("ALSA-1", affected("bash", "2:0.5-1", names=Names.SOURCE), cves=[CVE])
        assert only(found(host(rpm("bash", "1:1-1")), record)).assumptions == ()
        assert not found(host(rpm("bash", "1:1-1", epoch_known=False)), record)

    def test_a_binary_record_says_no_source(self) -> None:
        assert only(found(host(rpm("bash", "1-1")), alma("2-1"))).source is None
        assert only(found(deb_host(deb("bash", "1-1")), debian("bash", "2-1"))).source == "bash"


class TestEpochs:
    """Rule 4."""

    def test_a_listed_version_with_another_epoch_is_another(self) -> None:
        record = alma(None, ranges=(), versions=("1:1.0",))
        assert not found(host(rpm("bash", "1.0")), record)
        assert only(found(host(rpm("bash", "1.0", epoch_known=False)), record))

    def test_both_assumptions_stand(self) -> None:
        finding = only(found(host(rpm("bash", "1-1", epoch_known=False)), alma("2-1", module=UNKNOWN_MODULE)))
        assert finding.assumptions == (Assumption.EPOCH_UNKNOWN, Assumption.MODULE_UNKNOWN)


class TestMissingRelease:
    """Rule 5: a tie counts where the release that is missing is the installed version's, or a last affected one's."""

    @pytest.mark.parametrize(
        ("range", "status"),
        [
            (Range("1.1", last_affected="2.0"), Status.AFFECTED),
            (Range(None, "1.1", last_affected="3.0"), None),
            (Range(None, limit="1.1", last_affected="3.0"), None),
            (Range(None, last_affected="1.1"), Status.UNDECIDABLE),
        ],
    )
    def test_a_bound_without_release(self, range: Range, status: Status | None) -> None:
        findings = found(host(rpm("bash", "1.1-1")), alma(None, ranges=(range,)))
        assert [finding.status for finding in findings] == ([status] if status else [])

    def test_a_listed_version_without_release_is_itself(self) -> None:
        record = alma(None, ranges=(Range(last_affected="0.5"),), versions=("1.0",))
        assert not found(host(rpm("bash", "1.0-1")), record)

    @pytest.mark.parametrize(
        ("package", "range"),
        [
            (rpm("bash", "1:1.1"), Range("1:1.1-1", "9-1")),
            (rpm("bash", "1.1", epoch_known=False), Range(None, "1.1-4", limit="1:1.0-1")),
        ],
    )
    def test_the_other_bounds_by_the_same_epochs(self, package: Package, range: Range) -> None:
        assert not found(host(package), alma(None, ranges=(range,)))

    def test_the_epoch_of_the_other_bound_counts(self) -> None:
        record = alma(None, ranges=(Range("1:1.1-1", "1:9-1"),))
        assert only(found(host(rpm("bash", "1:1.1")), record)).status is Status.UNDECIDABLE

    def test_its_assumptions(self) -> None:
        tied = only(found(host(rpm("bash", "1.1", epoch_known=False)), alma("3:1.1-1")))
        assert (tied.status, tied.assumptions) == (Status.UNDECIDABLE, (Assumption.EPOCH_UNKNOWN,))
        refused = only(found(deb_host(deb("bash", "1 1", epoch_known=False)), debian("bash", "2-1")))
        assert (refused.status, refused.assumptions) == (Status.UNDECIDABLE, (Assumption.EPOCH_UNKNOWN,))
        listed = only(found(host(rpm("bash", "1-1", epoch_known=False)), alma(None, ranges=(), versions=("1-1",))))
        assert listed.assumptions == (Assumption.EPOCH_UNKNOWN,)


class TestNegatives:
    """Rule 9."""

    def test_what_an_unsure_one_rests_on(self) -> None:
        package = rpm("bash", "1-1", epoch_known=False, module=UNKNOWN_MODULE)
        finding = only(found(host(package), alma("2-1"), alma(None, "VEX-1", negative=True, ranges=())))
        assert [note.text for note in finding.evidence.notes if note.rule == 9] == [
            "VEX-1 states that it is not affected, but rests on module-unknown: too unsure to clear it"
        ]

    def test_one_that_says_nothing_of_the_version_is_not_told(self) -> None:
        record = alma("1-1", "VEX-1", negative=True)
        finding = only(found(host(rpm("bash", "2-1", module=UNKNOWN_MODULE)), alma("3-1"), record))
        assert [note.rule for note in finding.evidence.notes] == [6]

    def test_beside_a_channel(self) -> None:
        """A public negative record is no public fix."""
        release = Distribution("ubuntu", "22.04")
        records = [
            debian("bash", "2-1+esm1", channel="esm-infra", distribution=release),
            debian("bash", None, "USN-2", negative=True, ranges=(), distribution=release),
        ]
        assert not found(host(deb("bash", "1-1"), distribution=release), *records)
        limited = debian("bash", None, "USN-2", negative=True, ranges=(), arches=("s390x",), distribution=release)
        assert only(found(host(deb("bash", "1-1"), distribution=release), records[0], limited)).channel == "esm-infra"

    def test_it_is_explained(self) -> None:
        package = rpm("bash", "1-1", module=UNKNOWN_MODULE)
        (considered,) = explained(package, alma(None, "VEX-1", negative=True, ranges=())).considered
        assert [note.rule for note in considered.notes] == [6]
        assert considered.why == ""
        (outside,) = explained(rpm("bash", "3-1"), alma("2-1")).considered
        assert outside.why == ""


class TestThirdParties:
    """Rule 13."""

    def test_the_choice_says_nothing_of_the_distributions_own(self) -> None:
        policy = MatchPolicy(include_third_party=True)
        for vendor in (None, "AlmaLinux"):
            finding = only(found(host(rpm("bash", "1-1", vendor=vendor)), alma("2-1"), policy=policy))
            assert finding.evidence.notes == ()


class TestArchitectures:
    """Rule 7."""

    @pytest.mark.parametrize(
        ("installed", "listed", "applies"),
        [
            ("amd64", ("x86_64",), True),
            ("arm64", ("aarch64",), True),
            ("i586", ("i386",), True),
            ("i686", ("i486",), True),
            ("ppc64el", ("ppc64le", "s390x"), True),
            ("nosrc", (), False),
            ("nosrc", ("nosrc",), False),
            ("x86_64", ("nosrc",), False),
            ("noarch", ("nosrc",), False),
            ("x86_64", ("nosrc", "x86_64"), True),
            ("all", ("s390x",), True),
            ("amd64", ("any",), True),
        ],
    )
    def test_names(self, installed: str, listed: tuple[str, ...], applies: bool) -> None:
        assert rules.arch_applies(installed, listed) == (applies, None)


class TestSeveralFixes:
    """Rule 8."""

    def test_each_other_record_counts(self) -> None:
        """Beside a range without end stand fixes that do not hold the version; one begins above it."""
        records = [
            alma(None),
            alma("1-1", "ALSA-2"),
            alma(None, "ALSA-3", ranges=(Range("8-1", "9-1"),)),
            alma("2-1", "ALSA-4"),
        ]
        assert only(found(host(rpm("bash", "0-1")), *records)).fixed_version == "1-1"
        assert not found(host(rpm("bash", "5-1")), *records)
        assert only(found(host(rpm("bash", "8-1")), *records)).fixed_version == "9-1"
        assert not found(host(rpm("bash", "9-1")), *records)

    def test_the_fix_of_another_record(self) -> None:
        """It does not hold the version: its notes of module and epoch is the holding record's."""
        records = [
            alma(None, module=UNKNOWN_MODULE),
            alma(None, "ALSA-2", module=NODE, ranges=(Range("5-1", "6-1"),)),
        ]
        finding = only(found(host(rpm("bash", "1-1", module=NODE)), *records))
        assert (finding.fixed_version, finding.advisories, finding.evidence.advisory) == ("6-1", ("ALSA-1",), "ALSA-2")
        assert finding.assumptions == (Assumption.MODULE_UNKNOWN,)
        assert [note.rule for note in finding.evidence.notes] == [6]
        assert (finding.evidence.introduced, finding.evidence.fixed) == ("5-1", "6-1")

    def test_the_range_that_is_shown_holds_the_version(self) -> None:
        ranges = (Range(None, None), Range("5-1", "6-1"))
        evidence = only(found(host(rpm("bash", "1-1")), alma(None, ranges=ranges))).evidence
        assert (evidence.introduced, evidence.fixed) == (None, None)
        last = only(found(host(rpm("bash", "1-1")), alma(None, ranges=(Range(last_affected="1-1"),)))).evidence
        assert (last.fixed, last.last_affected) == (None, "1-1")
        for ranges in ((Range(None, "2-1"), Range(None, "3-1")), (Range(None, "3-1"), Range(None, "2-1"))):
            both = only(found(host(rpm("bash", "1-1")), alma(None, ranges=ranges))).evidence
            assert both.fixed == "2-1"

    def test_what_clears_is_told(self) -> None:
        explanation = explained(rpm("bash", "2-1"), alma("3-1"), alma("2-1", "ALSA-2"))
        assert (explanation.decided.rule, explanation.decided.text) == (8, "cleared by the fix 2-1 (ALSA-2)")

    def test_a_fix_below_and_none_above(self) -> None:
        """A record has a fix, and there is no fix for what came later."""
        record = alma(None, ranges=(Range(None, "1-1"), Range("2-1")), fix_state=FixState.FIXED)
        finding = only(found(host(rpm("bash", "3-1")), record))
        assert (finding.fixed_version, finding.fix_state) == (None, FixState.NOT_FIXED)


class TestKinds:
    """Rule 10."""

    def test_updates_that_do_not_apply_are_not_counted(self) -> None:
        update = advisory("ALBA-1", affected("bash", "2-1"), kind=Kind.BUGFIX)
        assert found(host(rpm("bash", "1")), update).coverage.not_security == 1
        assert found(host(rpm("bash", "3")), update).coverage.not_security == 0
        never = advisory("ALBA-1", affected("bash", ranges=(), negative=True), kind=Kind.BUGFIX)
        assert found(host(rpm("bash", "1-1")), never).coverage.not_security == 0

    def test_updates_and_negatives_hide_nothing_behind_them(self) -> None:
        records = [
            advisory("A-1", affected("bash", "2-1"), kind=Kind.BUGFIX),
            alma(None, "A-2", [OTHER], negative=True, ranges=()),
            alma("2-1", "A-3"),
        ]
        assert only(found(host(rpm("bash", "1-1")), *records)).advisories == ("A-3",)


def kernel(name: str, version: str, **more: Any) -> Package:
    return rpm(name, version, **more)


class TestKernels:
    """Rule 11."""

    def test_what_is_no_kernel_is_left_out(self) -> None:
        packages = [
            rpm("bash", "1-1"),
            rpm("kernel-devel", "5.14.0-70.el9"),
            rpm("kernel-headers", "5.14.0-70.el9"),
            kernel("kernel-core", "5.14.0-70.el9"),
            deb("linux-libc-dev", "6.1-1"),
            Package("apk", "linux-headers", "6.6-r0"),
        ]
        assert rules.presences(packages, "5.14.0-70.el9.x86_64") == {packages[3]: Presence.RUNNING}

    def test_flavours_and_architectures_run_apart(self) -> None:
        release = "5.14.0-70.el9"
        packages = [
            kernel("kernel-core", release),
            kernel("kernel-core", release, arch="i686"),
            kernel("kernel-rt-core", release),
            kernel("kernel-rt-core", release, arch="i686"),
        ]
        presences = rules.presences(packages, f"{release}.x86_64")
        assert list(presences.values()) == [Presence.RUNNING, *[Presence.STANDBY] * 3]

    def test_a_name_without_an_order(self) -> None:
        """Where what runs is no version, it is not known which one does; the others are not forgotten."""
        packages = [deb(f"linux-image-6.1.0-{n}-amd64", "6.1-1") for n in (1, 2)]
        assert set(rules.presences(packages, "not a release").values()) == {Presence.UNKNOWN}
        assert len(rules.presences(packages, "not a release")) == 2

    def test_slots(self) -> None:
        one, two = kernel("kernel-core", "1-1"), kernel("kernel-core", "2-1")
        assert rules.same_slot(one, two)
        assert not rules.same_slot(one, kernel("kernel-modules", "2-1"))
        assert not rules.same_slot(one, kernel("kernel-core", "2-1", arch="i686"))
        assert not rules.same_slot(one, rpm("bash", "1-1"))
        assert not rules.same_slot(rpm("bash", "1-1"), one)
        images = [deb(f"linux-image-6.1.0-{n}-amd64", "6.1-1") for n in (18, 21)]
        assert rules.same_slot(*images)
        assert not rules.same_slot(images[0], deb("linux-image-6.1.0-21-cloud-amd64", "6.1-1"))
        assert not rules.same_slot(images[0], deb("linux-modules-6.1.0-21-amd64", "6.1-1"))
        assert not rules.same_slot(images[0], deb("bash", "1-1"))
        assert not rules.same_slot(deb("bash", "1-1"), images[0])

    def test_the_release_is_told_beside_kernels_too(self) -> None:
        record = advisory("A-1", affected("kernel-core", "2-1"), cves=[CVE])
        newest = datetime(2024, 1, 1, tzinfo=UTC)
        findings = found(host(kernel("kernel-core", "1-1")), evolve(record, modified=newest))
        assert (findings.coverage.judged_as, findings.coverage.feed_newest) == (ALMA9, newest)


LATER = alma(None, "ALSA-2", ranges=(Range("1:1-1", "1:2-1"),))


class TestAssumptions:
    """Rule 0: what could turn *not affected* is counted, and nothing else."""

    @pytest.mark.parametrize(
        ("package", "records", "counted"),
        [
            # No stream's record holds it.
            (rpm("bash", "9-1", module=UNKNOWN_MODULE), [alma("2-1")], {}),
            (rpm("bash", "9-1"), [alma("2-1", module=UNKNOWN_MODULE)], {}),
            # The fix of a stream that may be another one clears it.
            (
                rpm("bash", "2.5-1", module=UNKNOWN_MODULE),
                [alma(None), alma("2-1", "ALSA-2", module=UNKNOWN_MODULE)],
                {Assumption.MODULE_UNKNOWN: 1},
            ),
            (rpm("bash", "9-1"), [alma("2-1", arches=("x86_64",))], {}),
            (rpm("bash", "9-1", arch=None), [alma("2-1")], {}),
            # With no epoch that a record shows, nor with 0, is it in a range.
            (rpm("bash", "9-1", epoch_known=False), [alma("2-1")], {}),
            (rpm("bash", "9-1", epoch_known=False), [alma("1:2-1")], {Assumption.EPOCH_UNKNOWN: 1}),
            (rpm("bash", "9-1", arch=None, epoch_known=False), [alma("0:2-1", arches=("x86_64",))], {}),
            (rpm("bash", "9-1", module=UNKNOWN_MODULE), [], {}),
            # A record that cannot show an epoch clears only what has the one epoch there is.
            (rpm("bash", "1:9-1"), [alma("2-1", epoch_known=False)], {}),
            (rpm("bash", "9-1"), [alma("2-1", epoch_known=False), LATER], {Assumption.EPOCH_UNKNOWN: 1}),
        ],
    )
    def test_of_what_is_clean(self, package: Package, records: list[Advisory], counted: dict[Assumption, int]) -> None:
        findings = found(host(package), *records, advisory("A-0", affected("other", "1-1")))
        assert not findings
        assert findings.coverage.assumptions == counted

    def test_another_distribution_by_choice(self) -> None:
        inventory = host(rpm("bash", "9-1"), rpm("zsh", "1-1"), distribution=Distribution("rocky", "9"))
        coverage = found(inventory, alma("2-1"), policy=MatchPolicy(judge_as=ALMA9)).coverage
        assert coverage.assumptions == {Assumption.DISTRIBUTION_ASSUMED: 1}


class TestUndecidable:
    """Rule 14: the reason is the scheme's own."""

    def test_the_reason(self) -> None:
        finding = only(found(deb_host(deb("bash", "1 1")), debian("bash", "2-1")))
        assert finding.cause == (
            "bash 1 1 cannot be judged: invalid dpkg version '1 1': version string has embedded spaces (DSA-1)"
        )

    def test_turned_upside_down(self) -> None:
        record = alma("2:0.5-1", introduced="1:1.0-1")
        finding = only(found(host(rpm("bash", "0.7-1", epoch_known=False)), record))
        assert finding.cause == ("bash 0.7-1 cannot be judged: without epochs the range ends before it begins (ALSA-1)")

    def test_the_rulings_before_it_are_kept(self) -> None:
        finding = only(found(deb_host(deb("bash", "1 1")), debian("bash", "2-1")))
        assert [note.rule for note in finding.evidence.notes] == [2, 14]
        half = only(found(deb_host(deb("bash", "1-1", state=State.HALF_INSTALLED)), debian("bash", "2-1")))
        assert [note.rule for note in half.evidence.notes] == [2, 12]
        listed = only(found(deb_host(deb("bash", "1-1")), debian("bash", None, ranges=(), versions=("1-1",))))
        assert [note.rule for note in listed.evidence.notes] == [2]


class TestRebuilds:
    @pytest.mark.parametrize(
        ("installed", "fixed", "rebuild"),
        [
            ("1-1.el6.centos", None, False),
            ("1-1.el6.centos", "2-1.el6.centos", False),
            ("1-1.el6", "2-1.el6.centos", False),
            ("1-1.el8", "2-1.module_el8", False),
            ("1-1.module_el8", "2-1.el8", False),
            ("1-1.module+el8", "2-1.module_el8", True),
        ],
    )
    def test_whose_build(self, installed: str, fixed: str | None, rebuild: bool) -> None:
        finding = only(found(host(rpm("bash", installed)), alma(fixed)))
        assert (Assumption.REBUILD in finding.assumptions) is rebuild


class TestOrder:
    """Rule 16, and what is the same for any order of records."""

    def test_numbers_of_a_name(self) -> None:
        order_of_vulnerabilities.cache_clear()
        names = ["AAA-1", "CVE-2023-9", "CVE-2024-2", "CVE-2024-010", "CVE-2024-10", "CVE-2024-020", "CVE-2024-100"]
        names += ["DSA-1", "GHSA-1-aaa-1", "GHSA-1-zz-1", "ZZ-1"]
        for seed in range(5):
            shuffled = random.Random(seed).sample(names, len(names))
            assert sorted(shuffled, key=order_of_vulnerabilities) == names

    def test_what_has_no_order_comes_first(self) -> None:
        packages = [deb("bash", "2"), deb("bash", "0"), deb("bash", "no version"), deb("bash", "1", arch=None)]
        packages += [deb("bash", "1", arch="A")]
        findings = found(deb_host(*packages), debian("bash", "9"))
        assert [(one.package.arch, one.package.version) for one in findings] == [
            (None, "1"),
            ("A", "1"),
            ("amd64", "no version"),
            ("amd64", "0"),
            ("amd64", "2"),
        ]

    @pytest.mark.parametrize("turn", [1, -1])
    def test_the_record_that_speaks(self, turn: int) -> None:
        """The first by id; of one advisory's entries the first by their text."""
        records = [alma(None, "A-1", ranges=(Range(last_affected="2-1"),)), alma(None, "A-2", ranges=(Range("0-1"),))]
        finding = only(found(host(rpm("bash", "1-1")), *records[::turn]))
        assert (finding.evidence.advisory, finding.advisories) == ("A-1", ("A-1", "A-2"))
        entries = [affected("bash", ranges=(Range(last_affected=end),), arches=("x86_64",)) for end in ("2-1", "3-1")]
        both = only(found(host(rpm("bash", "1-1")), advisory("A-1", *entries[::turn], cves=[CVE])))
        assert both.evidence.last_affected == "2-1"


class TestExplanations:
    """Records that do not apply, with the rule and its words."""

    @pytest.mark.parametrize(
        ("record", "rule", "text"),
        [
            (evolve(alma("2-1"), withdrawn=datetime(2024, 1, 1, tzinfo=UTC)), 15, "the advisory was withdrawn"),
            (alma("2-1", channel="fips"), 8, "it is about builds of fips, and this one is of the main line"),
            (alma("2-1.ksplice1.el9"), 7, "it is about builds of another flavour (ksplice, fips)"),
            (alma("2-1", module=NODE), 6, "module none against nodejs:20"),
            (alma("2-1", arches=("s390x", "ppc64le")), 7, "architecture x86_64 against s390x, ppc64le"),
        ],
    )
    def test_exclusions(self, record: Advisory, rule: int, text: str) -> None:
        (considered,) = explained(rpm("bash", "1-1"), record).considered
        assert [(note.rule, note.text) for note in considered.notes] == [(rule, text)]


class TestMemory:
    """What a feed remembers changes no answer, and is bounded."""

    def test_a_judge_is_made_once_for_a_release_and_a_policy(self) -> None:
        feed = Feed([alma("2-1")])
        first = matcher_of(feed, Inventory(ALMA9, ()), MatchPolicy())
        assert matcher_of(feed, Inventory(ALMA9, ()), MatchPolicy()) is first
        assert matcher_of(feed, Inventory(ALMA9, ()), MatchPolicy(include_third_party=True)) is not first
        assert matcher_of(feed, Inventory(DEBIAN12, ()), MatchPolicy()) is not first

    def test_many_hosts_under_a_policy(self) -> None:
        inventory = host(rpm("bash", "1-1", vendor="Somebody"))
        feed = Feed([alma("2-1")])
        ((_, included),) = match_many([inventory], feed, MatchPolicy(include_third_party=True))
        assert len(included) == 1
        ((_, left_out),) = match_many([inventory], feed)
        assert not left_out

    def test_remembering_begins_anew(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(matching, "_REMEMBERED", 2)
        feed = Feed([alma("2-1")])
        matcher = matcher_of(feed, Inventory(ALMA9, ()), MatchPolicy())
        sizes = []
        for versions in (["1-1"], ["3-1"], ["1-1", "3-1"], ["4-1"], ["4-1", "5-1"], ["1-1"]):
            packages = [rpm("bash", version) for version in versions]
            assert len(match(host(*packages), feed)) == versions.count("1-1")
            sizes.append(len(matcher._results))
        assert sizes == [1, 2, 2, 1, 2, 1]

    def test_what_will_be_asked_is_fetched_at_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        feed = Feed([debian("bash", None), debian("bash", "9-1", "DSA-2", distribution=UNSTABLE)])
        fetched: list[GroupKey] = []
        monkeypatch.setattr(feed._backing, "prefetch", fetched.extend)
        match(deb_host(deb("bash", "1-1"), deb("zsh", "1-1", source_name="zsh-src")), feed)
        # What has no records is not looked for again.
        assert sorted(fetched) == [("debian", "12", Names.SOURCE, "bash"), ("debian", "unstable", Names.SOURCE, "bash")]


def test_each_vulnerability_has_its_own_vector() -> None:
    vectors = {
        CVE: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        OTHER: "CVSS:3.1/AV:L/AC:L/PR:L/UI:R/S:U/C:N/I:N/A:L",
    }
    severities = tuple(Severity("CVSS_V3", vector, cve=cve) for cve, vector in vectors.items())
    findings = found(host(rpm("bash", "1-1")), evolve(alma("2-1", cves=vectors), severities=severities))
    assert {one.vulnerability: one.priority.value for one in findings} == {CVE: "High", OTHER: "Low"}


def test_languages_are_told_apart() -> None:
    """Packages of a language are judged by its ecosystem's records, with none of the host's assumptions."""
    release = Distribution("pypi", "rolling")
    record = advisory("PYSEC-1", evolve(affected("jinja2", "3.1.3", distribution=release), type="pypi"), cves=[CVE])
    inventory = host(
        Package("pypi", "Jinja2", "3.1.2"), Package("npm", "x", "1.0"), distribution=Distribution("rocky", "9")
    )
    findings = found(inventory, record, alma("2-1"), policy=MatchPolicy(judge_as=ALMA9))
    finding = only(findings)
    assert (finding.status, finding.assumptions, finding.evidence.notes) == (Status.AFFECTED, (), ())
    assert findings.coverage.packages_in(PackageClass.NOT_COVERED) == (Package("npm", "x", "1.0"),)


def test_unstable_clears_one_by_one_what_the_same_records_name() -> None:
    records = [
        debian("bash", None, cves=[CVE, OTHER, "CVE-2024-3000"]),
        debian("bash", "1-1", id="DSA-2", cves=[OTHER], distribution=UNSTABLE),
        debian("bash", "1-2", id="DSA-3", cves=[CVE, OTHER], distribution=UNSTABLE),
    ]
    findings = found(host(deb("bash", "1-1", source_name="bash"), distribution=DEBIAN12), *records)
    assert [one.vulnerability for one in findings] == [CVE, "CVE-2024-3000"]
