"""Each rule of matching, by its number, on the smallest hosts and feeds that show it, with near misses."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

import pytest
from advisories_reference import ALMA9, DEBIAN12, advisory, affected, deb, host, rpm
from attrs import evolve

from advisories import Feed, MatchPolicy, match
from advisories.distros.kernels import kernel_source
from advisories.distros.third_parties import is_third_party
from advisories.matching.explain import explain
from advisories.matching.rules import backport_scope
from advisories.models import (
    UNKNOWN_MODULE,
    Advisory,
    Affected,
    Assumption,
    Distribution,
    Finding,
    FixState,
    FlawKind,
    Inventory,
    Kind,
    Module,
    Names,
    Package,
    PackageClass,
    Presence,
    Range,
    State,
    Status,
)
from advisories.models.distribution import language_of
from advisories.models.findings import Findings, Remedy

CVE = "CVE-2024-1000"
NODE = Module.of("nodejs:20")
K = TypeVar("K")


def run(inventory: Inventory, *advisories: Advisory, policy: MatchPolicy | None = None) -> Findings:
    return match(inventory, Feed(advisories), policy or MatchPolicy())


def only(findings: Findings) -> Finding:
    assert len(findings) == 1, list(findings)
    return findings[0]


def notes_of(finding: Finding) -> list[tuple[int, str]]:
    return [(note.rule, note.text) for note in finding.evidence.notes]


def one_class(findings: Findings) -> PackageClass:
    ((_, package_class),) = findings.coverage.classes
    return package_class


def alma(fixed: str | None, **more: object) -> Advisory:
    return advisory("ALSA-1", affected("bash", fixed, **more), cves=[CVE])  # type: ignore[arg-type]


def test_a_finding() -> None:
    finding = only(run(host(rpm("bash", "5.1.8-4.el9")), alma("5.1.8-6.el9_1")))
    assert finding.cause == "bash 5.1.8-4.el9 is earlier than 5.1.8-6.el9_1 (ALSA-1)"
    assert (finding.instance, finding.vulnerability, finding.advisories) == ("rpm/bash/x86_64", CVE, ("ALSA-1",))
    assert (finding.status, finding.fix_state, finding.fixed_version) == ("affected", "fixed", "5.1.8-6.el9_1")
    assert (finding.presence, finding.pending_restart, finding.restart_required) == ("installed", False, False)
    assert (finding.rule, finding.basis, finding.score, finding.assumptions) == ("A0", "assumed", None, ())
    evidence = finding.evidence
    assert (evidence.advisory, evidence.name, evidence.names) == ("ALSA-1", "bash", "binary")
    assert (evidence.installed, evidence.introduced, evidence.fixed) == ("5.1.8-4.el9", None, "5.1.8-6.el9_1")


class TestScope:
    """Rule 1."""

    @pytest.mark.parametrize("release", ["8", "10", "8.10"])
    def test_another_release_is_not_covered(self, release: str) -> None:
        findings = run(host(rpm("bash", "1-1"), distribution=Distribution("almalinux", release)), alma("2-1"))
        assert not findings
        assert one_class(findings) is PackageClass.NOT_COVERED
        assert not findings.coverage.covered
        assert findings.coverage.judged_as == Distribution("almalinux", release.partition(".")[0])

    def test_a_minor_release_has_the_majors_advisories(self) -> None:
        assert only(run(host(rpm("bash", "1-1"), distribution=Distribution("almalinux", "9.4")), alma("2-1")))

    def test_an_unknown_distribution_is_not_covered(self) -> None:
        assert one_class(run(host(rpm("bash", "1-1"), distribution=None), alma("2-1"))) is PackageClass.NOT_COVERED

    def test_not_covered_takes_every_package(self) -> None:
        packages = (
            rpm("bash", "1-1"),
            rpm("zabbix", "1-1", vendor="Zabbix"),
            rpm("gpg-pubkey", "1-1", state=State.PSEUDO),
        )
        findings = run(host(*packages, distribution=Distribution("fedora", "40")), alma("2-1"))
        assert findings.coverage.counts[PackageClass.NOT_COVERED] == findings.coverage.packages == 3

    def test_packages_of_another_type_are_not_covered(self) -> None:
        assert one_class(run(host(deb("bash", "1-1")), alma("2-1"))) is PackageClass.NOT_COVERED

    def test_centos_has_the_advisories_of_rhel(self) -> None:
        rhel7 = Distribution("rhel", "7")
        record = advisory("RHSA-1", affected("bash", "2-1", distribution=rhel7), cves=[CVE])
        inventory = host(rpm("bash", "1-1", vendor="CentOS"), distribution=Distribution("centos", "7.9"))
        assert not only(run(inventory, record)).assumptions
        stream = host(rpm("bash", "1-1"), distribution=Distribution("centos", "9"))
        nine = advisory("RHSA-1", affected("bash", "2-1", distribution=Distribution("rhel", "9")), cves=[CVE])
        assert not run(stream, nine).coverage.covered

    def test_another_distribution_by_choice_is_an_assumption(self) -> None:
        rocky = host(rpm("bash", "1-1", vendor="Rocky Enterprise"), distribution=Distribution("rocky", "9.3"))
        finding = only(run(rocky, alma("2-1"), policy=MatchPolicy(judge_as=ALMA9)))
        assert finding.assumptions == (Assumption.DISTRIBUTION_ASSUMED,)
        same = only(run(host(rpm("bash", "1-1")), alma("2-1"), policy=MatchPolicy(judge_as=ALMA9)))
        assert same.assumptions == ()

    @pytest.mark.parametrize(
        ("own", "expected"),
        [
            # A package that almalinux 8 has and 9 lacks: no record of 9 names it, whatever is known of it.
            (Distribution("almalinux", "8.4"), PackageClass.UNCHECKED),
            (Distribution("fedora", "40"), PackageClass.UNCHECKED),
            (Distribution("unheard-of", "1"), PackageClass.UNCHECKED),
            (Distribution("rocky", None), PackageClass.UNCHECKED),
            # Compatible ones have the same packages, and a list may leave its release out.
            (Distribution("rocky", "9.3"), PackageClass.CLEAN),
            (Distribution("centos-stream", "9"), PackageClass.UNCHECKED),
            (Distribution("almalinux", "9.6"), PackageClass.CLEAN),
            (Distribution("almalinux", None), PackageClass.CLEAN),
            (None, PackageClass.CLEAN),
        ],
    )
    def test_what_another_release_does_not_name(self, own: Distribution | None, expected: PackageClass) -> None:
        inventory = host(rpm("platform-python", "1-1"), distribution=own)
        assert one_class(run(inventory, alma("2-1"), policy=MatchPolicy(judge_as=ALMA9))) is expected

    def test_packages_of_languages_rest_on_no_release(self) -> None:
        entry = Affected("django", "pypi", language_of("pypi"), Names.BINARY, (Range(None, "2.0"),))
        inventory = host(
            rpm("bash", "1-1"), Package("pypi", "jinja2", "1.0"), distribution=Distribution("almalinux", "8")
        )
        policy = MatchPolicy(judge_as=ALMA9)
        found = run(inventory, alma("2-1"), advisory("PYSEC-1", entry, cves=[CVE]), policy=policy)
        assert found.coverage.counts[PackageClass.CLEAN] == 1

    def test_an_unknown_distribution_by_choice(self) -> None:
        unheard = host(rpm("bash", "1-1", vendor="Somebody"), distribution=Distribution("unheard-of", "1"))
        finding = only(run(unheard, alma("2-1"), policy=MatchPolicy(judge_as=ALMA9)))
        assert finding.assumptions == (Assumption.DISTRIBUTION_ASSUMED,)

    def test_a_list_without_its_release_by_choice(self) -> None:
        for own in (None, Distribution("almalinux", None)):
            finding = only(
                run(host(rpm("bash", "1-1"), distribution=own), alma("2-1"), policy=MatchPolicy(judge_as=ALMA9))
            )
            assert finding.assumptions == (Assumption.RELEASE_ASSUMED,)
            assert notes_of(finding) == [(1, "the list does not name its release: judged as almalinux 9")]
        other = host(rpm("bash", "1-1"), distribution=Distribution("rocky", None))
        assert only(run(other, alma("2-1"), policy=MatchPolicy(judge_as=ALMA9))).assumptions == (
            Assumption.DISTRIBUTION_ASSUMED,
        )

    def test_unstable_clears_a_release_without_a_fix(self) -> None:
        sid = Distribution("debian", "unstable")
        records = [
            debian("bash", None),
            advisory("DSA-9", affected("bash", "5.2.15-2", distribution=sid, names=Names.SOURCE), cves=[CVE]),
        ]
        inventory = host(deb("bash", "5.2.15-2", source_name="bash"), distribution=DEBIAN12)
        assert one_class(run(inventory, *records)) is PackageClass.CLEAN
        assert only(run(host(deb("bash", "5.2.15-1"), distribution=DEBIAN12), *records)).fixed_version is None
        # Only where the release's own record has no fix.
        own = [debian("bash", "5.2.15-3"), records[1]]
        assert only(run(inventory, *own)).fixed_version == "5.2.15-3"

    def test_a_backport_is_judged_by_the_next_release(self) -> None:
        trixie = Distribution("debian", "13")
        records = [
            debian("linux", None),
            advisory("DSA-2", affected("linux", "6.12.90-2", distribution=trixie, names=Names.SOURCE), cves=[CVE]),
        ]
        bpo = {"source_name": "linux", "source_version": "6.12.90-2~bpo12+1"}
        fixed = host(deb("linux-libc-dev", "6.12.90-2~bpo12+1", **bpo), distribution=DEBIAN12)
        assert one_class(run(fixed, *records)) is PackageClass.CLEAN
        older = {"source_name": "linux", "source_version": "6.12.90-1~bpo12+1"}
        finding = only(run(host(deb("x", "6.12.90-1~bpo12+1", **older), distribution=DEBIAN12), *records))
        assert finding.fixed_version == "6.12.90-2"
        assert 1 in {note.rule for note in finding.evidence.notes}
        # A feed without the next release does not cover a backport.
        assert one_class(run(fixed, debian("linux", None))) is PackageClass.NOT_COVERED

    @pytest.mark.parametrize(
        ("in_archive", "version", "judged"),
        [
            ("3.40.1-2+deb12u1", "3.46.1-3~bpo11+1", "13"),
            ("3.40.1-2+deb12u1", "3.40.1-2~bpo11+1", "12"),
            # Debian 12 has gone on to a later revision of the same upstream version.
            ("3.46.1-9", "3.46.1-3~bpo11+1", "12"),
            ("3.46.0+dfsg-1", "3.46.1-3~bpo11+1+b2", "13"),
            ("1:3.40.1-2", "1:3.46.1-3~bpo11+1", "13"),
            ("1:3.40.1-2", "3.46.1-3~bpo11+1", "12"),
            (None, "3.46.1-3~bpo11+1", "12"),
            ("no version", "3.46.1-3~bpo11+1", "12"),
        ],
    )
    def test_a_sloppy_backport_is_judged_by_the_release_behind(
        self, in_archive: str | None, version: str, judged: str
    ) -> None:
        """Where the next release has an earlier upstream version, the build was made of the one behind it."""
        bullseye, bookworm, trixie = (Distribution("debian", release) for release in ("11", "12", "13"))
        in_bookworm = affected("sqlite3", "0:1-1", distribution=bookworm, names=Names.SOURCE)
        records = [
            advisory("DSA-1", evolve(in_bookworm, in_archive=in_archive), cves=["CVE-2024-1001"]),
            advisory("DSA-2", affected("sqlite3", None, distribution=bullseye, names=Names.SOURCE), cves=[CVE]),
            advisory("DSA-3", affected("sqlite3", "9:1-1", distribution=bookworm, names=Names.SOURCE), cves=[CVE]),
            advisory("DSA-4", affected("sqlite3", "9:2-1", distribution=trixie, names=Names.SOURCE), cves=[CVE]),
        ]
        package = deb("libsqlite3-0", version, source_name="sqlite3")
        finding = only(run(host(package, distribution=bullseye), *records))
        assert finding.fixed_version == {"12": "9:1-1", "13": "9:2-1"}[judged]
        assert any(f"a backport, judged by debian {judged} without" in note.text for note in finding.evidence.notes)


UBUNTU2204 = Distribution("ubuntu", "22.04")


def debian(package: str, fixed: str | None, *, release: Distribution = DEBIAN12, **more: object) -> Advisory:
    entry = affected(package, fixed, distribution=release, names=Names.SOURCE, **more)  # type: ignore[arg-type]
    return advisory("DSA-1", entry, cves=[CVE])


class TestNames:
    """Rule 2."""

    def test_a_source_record_is_compared_with_the_source_version(self) -> None:
        package = deb("libssl3", "9:1-1", source_name="openssl", source_version="3.0.11-1")
        finding = only(
            run(
                host(package, distribution=DEBIAN12),
                debian("openssl", "3.0.11-1~deb12u2", ranges=(Range(None, "3.0.15-1"),)),
            )
        )
        assert (finding.source, finding.source_version) == ("openssl", "3.0.11-1")
        assert (finding.evidence.names, finding.evidence.installed) == (Names.SOURCE, "3.0.11-1")
        assert finding.cause == "libssl3 9:1-1, built from openssl 3.0.11-1, is earlier than 3.0.15-1 (DSA-1)"

    def test_a_source_record_does_not_name_binaries(self) -> None:
        package = deb("openssl", "1-1", source_name="other", source_version="1-1")
        assert not run(host(package, distribution=DEBIAN12), debian("openssl", "2-1"))

    def test_a_binary_record_does_not_name_sources(self) -> None:
        package = rpm("libs", "1-1", source_name="bash", source_version="1-1")
        assert not run(host(package), alma("2-1"))

    def test_without_source_its_own_name_without_binnmu(self) -> None:
        record = debian("tar", "1.27.1-2")
        assert not run(host(deb("tar", "1.27.1-2+b1"), distribution=DEBIAN12), record)
        assert not run(host(deb("tar", "1.27.1-2"), distribution=DEBIAN12), record)
        finding = only(run(host(deb("tar", "1.27.1-1+b2"), distribution=DEBIAN12), record))
        assert finding.evidence.installed == "1.27.1-1"
        assert finding.package.version == "1.27.1-1+b2"
        assert 2 in {note.rule for note in finding.evidence.notes}

    def test_a_source_of_the_same_name_and_version_is_not_mentioned(self) -> None:
        record = debian("tar", "2-1")
        finding = only(run(host(deb("tar", "1-1"), distribution=DEBIAN12), record))
        assert finding.cause == "tar 1-1 is earlier than 2-1 (DSA-1)"
        finding = only(run(host(deb("tar", "1-1+b1"), distribution=DEBIAN12), record))
        assert finding.cause == "tar 1-1+b1, built from tar 1-1, is earlier than 2-1 (DSA-1)"

    def test_signed_kernels_of_debian_are_linux(self) -> None:
        image = deb(
            "linux-image-5.10.0-8-amd64",
            "5.10.46-4",
            source_name="linux-signed-amd64",
            source_version="5.10.46+4",
        )
        finding = only(run(host(image, distribution=DEBIAN12), debian("linux", "5.10.46-5")))
        assert finding.evidence.installed == "5.10.46-4"
        assert "built from linux 5.10.46-4" in finding.cause
        assert 2 in {note.rule for note in finding.evidence.notes}
        # The source's own version sorts after every revision of linux.
        assert not run(host(image, distribution=DEBIAN12), debian("linux", "5.10.46-4"))
        ubuntu = evolve(image, source_name="linux-signed-aws")
        assert not run(host(ubuntu, distribution=DEBIAN12), debian("linux", "5.10.46-5"))

    @pytest.mark.parametrize(
        ("name", "version", "source", "record", "fixed"),
        [
            # Debian's lines beside the release's own kernel, and its other architectures.
            (
                "linux-image-6.12.57+deb12-arm64",
                "6.12.57-1~deb12u1",
                "linux-signed-6.12-arm64",
                "linux-6.12",
                "6.12.58-1",
            ),
            (
                "linux-image-4.19.0-0.deb9.20-686",
                "4.19.235-1~deb9u1",
                "linux-signed-4.19-i386",
                "linux-4.19",
                "4.19.249-2",
            ),
            # The line of another kernel never counts, whatever its version.
            ("linux-image-6.12.57+deb12-amd64", "6.12.57-1~deb12u1", "linux-signed-6.12-amd64", "linux", None),
            # Ubuntu's lines.
            (
                "linux-image-6.8.0-50-generic",
                "6.8.0-50.51~22.04.1",
                "linux-signed-hwe-6.8",
                "linux-hwe-6.8",
                "6.8.0-52.53",
            ),
            ("linux-image-7.0.0-8-generic", "7.0.0-8.8~24.04.1", "linux-signed-hwe-7.0", "linux-hwe-7.0", "7.0.0-9.9"),
            ("linux-image-6.8.0-1020-aws", "6.8.0-1020.22", "linux-signed-aws", "linux-aws", "6.8.0-1021.23"),
            ("linux-image-5.15.0-1050-azure-fde", "5.15.0-1050.57", "linux-signed-azure-fde", "linux-azure-fde", "6"),
            ("linux-image-5.15.0-69-generic", "5.15.0-69.76", "linux-signed", "linux", "5.15.0-70.77"),
            # USN names the source of signatures too.
            ("linux-image-5.15.0-69-generic", "5.15.0-69.76", "linux-signed", "linux-signed", "5.15.0-70.77"),
            # Modules, headers and tools are built of what advisories name.
            ("linux-modules-6.8.0-50-generic", "6.8.0-50.51~22.04.1", "linux-hwe-6.8", "linux-hwe-6.8", "6.8.0-52.53"),
            ("linux-headers-6.12.57+deb12-amd64", "6.12.57-1~deb12u1", "linux-6.12", "linux-6.12", "6.12.58-1"),
            # NVIDIA's drivers have no code of the kernel.
            ("linux-modules-nvidia-535-6.8.0-50-generic", "6.8.0-50.51+1", "linux-restricted-modules", "linux", None),
        ],
    )
    def test_the_source_of_a_kernel(self, name: str, version: str, source: str, record: str, fixed: str | None) -> None:
        package = deb(name, version, source_name=source, source_version=version)
        advised = debian(record, fixed or "99")
        assert len(run(host(package, distribution=DEBIAN12), advised)) == (fixed is not None)
        if fixed is not None:
            later = evolve(package, version=fixed, source_version=fixed)
            assert not run(host(later, distribution=DEBIAN12), debian(record, version), advised)

    @pytest.mark.parametrize(
        ("name", "host_id", "source"),
        [
            ("linux-image-4.15.0-190-generic", "ubuntu:18.04", "linux"),
            ("linux-image-5.4.0-100-generic", "ubuntu:18.04", "linux-hwe-5.4"),
            ("linux-image-unsigned-4.15.0-1045-azure", "ubuntu:18.04", None),
            ("linux-modules-5.15.0-1050-aws", "ubuntu:22.04", "linux-aws"),
            ("linux-image-5.15.0-1050-aws", "ubuntu:20.04", "linux-aws-5.15"),
            ("linux-aws-5.15-headers-5.15.0-1050", "ubuntu:20.04", "linux-aws-5.15"),
            ("linux-headers-5.15.0-91", "ubuntu:22.04", "linux"),
            ("linux-tools-6.8.0-50-lowlatency", "ubuntu:22.04", "linux-lowlatency-hwe-6.8"),
            ("linux-image-5.15.0-91-lowlatency", "ubuntu:22.04", "linux-lowlatency"),
            ("linux-image-6.8.0-1012-oem", "ubuntu:24.04", "linux-oem-6.8"),
            ("linux-image-5.4.0-1103-azure-fde", "ubuntu:20.04", "linux-azure-fde"),
            ("linux-libc-dev", "ubuntu:22.04", "linux"),
            ("linux-image-4.4.0-148-generic", "ubuntu:14.04", None),
            ("linux-image-6.1.0-18-amd64", "debian:12", "linux"),
            ("linux-image-6.12.57+deb12-cloud-amd64", "debian:12", "linux-6.12"),
            ("linux-headers-5.10.0-0.deb10.17-common", "debian:10", "linux-5.10"),
            ("linux-perf", "debian:12", None),
        ],
    )
    def test_a_kernel_shows_its_source_by_its_name(self, name: str, host_id: str, source: str | None) -> None:
        distribution = Distribution.parse(host_id)
        package = deb(name, "6.1")
        assert kernel_source(package, distribution) == source
        record = affected(source or "linux", "9", distribution=distribution, names=Names.SOURCE)
        findings = run(host(package, distribution=distribution), advisory("A-1", record, cves=[CVE]))
        if source is not None:
            assert only(findings).assumptions == (Assumption.SOURCE_UNKNOWN,)
        assert one_class(findings) is (PackageClass.AFFECTED if source is not None else PackageClass.UNCHECKED)
        # A source that the list shows is the source.
        shown = evolve(package, source_name="other")
        assert not run(host(shown, distribution=distribution), advisory("A-1", record, cves=[CVE]))

    @pytest.mark.parametrize(
        ("name", "version", "source"),
        [
            ("linux-image-amd64", "6.12.88-1", "linux-signed-amd64"),
            ("linux-headers-amd64", "6.12.88-1", "linux-signed-amd64"),
            ("linux-image-riscv64", "6.12.88-1", "linux"),
            ("linux-image-6.12-amd64", "6.12.88-1~deb12u1", "linux-signed-6.12-amd64"),
            ("linux-image-5.10-amd64", "5.10.162-1~deb10u1", "linux-signed-5.10-amd64"),
            ("linux-image-amd64", "4.19+105+deb10u20", "linux-latest"),
            ("linux-generic", "5.15.0.69.67", "linux-meta"),
            ("linux-image-generic", "5.15.0.69.67", "linux-meta"),
            ("linux-headers-generic", "5.15.0.69.67", "linux-meta"),
            ("linux-tools-generic-hwe-22.04", "6.8.0.50.51", "linux-meta-hwe-6.8"),
            ("linux-aws", "6.8.0.1020.22", "linux-meta-aws"),
            ("linux-aws", "6.8.0.1020.22", None),
            ("linux-image-generic", "5.15.0.69.67", None),
        ],
    )
    def test_metapackages_have_no_finding(self, name: str, version: str, source: str | None) -> None:
        package = deb(name, version, source_name=source)
        records = [
            advisory(
                f"DSA-{number}", affected(of, "99", distribution=DEBIAN12, names=names), cves=[f"CVE-2024-{number}"]
            )
            for number, (of, names) in enumerate(
                (of, names)
                for of in {name, "linux", "linux-aws", "linux-6.12", "linux-5.10", source or name}
                for names in Names
            )
        ]
        findings = run(host(package, distribution=DEBIAN12), *records)
        assert (len(findings), one_class(findings)) == (0, PackageClass.CLEAN)

    @pytest.mark.parametrize(
        ("name", "version", "source"),
        [
            ("linux-image-6.11-amd64", "6.11-1~exp1", "linux-signed-amd64"),
            ("linux-image-6.12-rc6-amd64", "6.12~rc6-1~exp1", "linux-signed-amd64"),
            ("linux-tools-common", "7.0.0-14.14", "linux"),
            ("linux-image-6.1.0-57-amd64-dbg", "6.1.192-3", "linux"),
            ("linux-libc-dev", "6.1.192-3", "linux"),
            ("linux-perf", "6.1.192-3", "linux"),
        ],
    )
    def test_what_is_no_metapackage(self, name: str, version: str, source: str) -> None:
        assert only(run(host(deb(name, version, source_name=source), distribution=DEBIAN12), debian("linux", "99")))

    @pytest.mark.parametrize(
        ("name", "version", "source", "record", "shown"),
        [
            ("grub-efi-amd64-signed", "1+2.06+13+deb12u2", None, "grub2", "2.06-13+deb12u2"),
            ("grub-efi-arm64-signed", "1+2.02+dfsg1+20+deb10u4", None, "grub2", "2.02+dfsg1-20+deb10u4"),
            ("grub-efi-ia32-signed", "1+2.12+9+b1", None, "grub2", "2.12-9"),
            ("grub-efi-amd64-signed", "1.187.6+2.06-2ubuntu14.4", "grub2-signed", "grub2", "2.06-2ubuntu14.4"),
            ("grub-efi-amd64-signed", "1.187.6+2.06-2ubuntu14.4", "grub2-signed", "grub2-unsigned", "2.06-2ubuntu14.4"),
            ("grub-efi-amd64-signed", "1.187.6+2.06-2ubuntu14.4", "grub2-signed", "grub2-signed", "1.187.6"),
            ("grub-efi-amd64-signed", "1.187.6+2.06-2ubuntu14.4", None, "grub2-signed", "1.187.6"),
            ("shim-signed", "1.51.3+15.7-0ubuntu1", "shim-signed", "shim", "15.7-0ubuntu1"),
            ("shim-signed", "1.51~1+deb12u1+16.1-2~deb12u1", "shim-signed", "shim", "16.1-2~deb12u1"),
            ("shim-signed", "1.33+15+1533136590.3beb971-7", "shim-signed", "shim", "15+1533136590.3beb971-7"),
            ("shim-helpers-amd64-signed", "1+16.1+2~deb12u1", None, "shim", "16.1-2~deb12u1"),
            ("fwupd-amd64-signed", "1:1.4+1", None, "fwupd-efi", "1:1.4-1"),
            ("fwupd-amd64-signed", "1.5.7+4", None, "fwupd", "1.5.7-4"),
            ("fwupd-signed", "1.51~22.04.1+1.2-3ubuntu0.2", "fwupd-signed", "fwupd-efi", "1.2-3ubuntu0.2"),
            ("fwupd-signed", "1.27.1ubuntu5+1.5.11-0ubuntu1", "fwupd-signed", "fwupd", "1.5.11-0ubuntu1"),
            ("systemd-boot-efi-amd64-signed", "257.13+1~deb13u1", None, "systemd", "257.13-1~deb13u1"),
        ],
    )
    def test_what_is_signed(self, name: str, version: str, source: str | None, record: str, shown: str) -> None:
        own = version.partition("+")[0] if source else None
        release = UBUNTU2204 if "ubuntu" in version else DEBIAN12
        inventory = host(deb(name, version, source_name=source, source_version=own), distribution=release)
        finding = only(run(inventory, debian(record, f"{shown}.1", release=release)))
        assert (finding.evidence.name, finding.evidence.installed) == (record, shown)
        assert not run(inventory, debian(record, shown, release=release))

    def test_of_two_names_the_first_that_records_have_counts(self) -> None:
        grub = deb(
            "grub-efi-amd64-signed", "1.187.6+2.06-2ubuntu14.4", source_name="grub2-signed", source_version="1.187.6"
        )
        ubuntu = partial(debian, release=UBUNTU2204)
        inventory = host(grub, distribution=UBUNTU2204)
        # The release's grub2 is another build, which may have no fix.
        assert not run(inventory, ubuntu("grub2-signed", "1.187.6"), ubuntu("grub2", None))
        assert not run(inventory, ubuntu("grub2-unsigned", "2.06-2ubuntu14.4"), ubuntu("grub2", None))
        finding = only(run(inventory, ubuntu("grub2-signed", "1.187.9"), ubuntu("grub2-unsigned", "2.06-2ubuntu14.1")))
        assert finding.fixed_version == "1.187.9"
        # Another vulnerability has records of its own.
        other = advisory("B", affected("grub2", None, distribution=UBUNTU2204, names=Names.SOURCE), cves=["CVE-2024-7"])
        assert only(run(inventory, ubuntu("grub2-signed", "1.187.6"), other)).vulnerability == "CVE-2024-7"

    def test_a_source_without_version(self) -> None:
        package = deb("libtar", "1.27.1-1+b2", source_name="tar")
        finding = only(run(host(package, distribution=DEBIAN12), debian("tar", "1.27.1-2")))
        assert (finding.source, finding.source_version) == ("tar", "1.27.1-1")
        assert not run(host(package, distribution=DEBIAN12), debian("libtar", "1.27.1-2"))
        assert not run(host(package, distribution=DEBIAN12), debian("tar", "1.27.1-1"))

    def test_of_another_build_the_source_is_unknown(self) -> None:
        package = deb("libbind9", "1:9.16.27-1", source_name="bind9", doubts=frozenset({Assumption.SOURCE_UNKNOWN}))
        findings = run(host(package, distribution=DEBIAN12), debian("bind9", "1:9.11.5-3"))
        finding = only(findings)
        assert (finding.status, finding.source_version) == (Status.UNDECIDABLE, "1:9.16.27-1")
        assert "the list shows another build of bind9 alone" in finding.cause
        assert only(run(host(package, distribution=DEBIAN12), debian("bind9", "1:9.18"))).status is Status.UNDECIDABLE
        assert finding.assumptions == (Assumption.SOURCE_UNKNOWN,)
        # What no record names has no doubt.
        nothing = run(host(package, distribution=DEBIAN12), debian("libbind9", "1:9.18"))
        assert (len(nothing), one_class(nothing)) == (0, PackageClass.CLEAN)

    def test_a_source_that_is_no_other_build(self) -> None:
        unknown = deb("libbind9", "1:9.16.27-1", doubts=frozenset({Assumption.SOURCE_UNKNOWN}))
        finding = only(run(host(unknown, distribution=DEBIAN12), debian("libbind9", "1:9.18")))
        assert finding.status is Status.AFFECTED


class TestRanges:
    """Rule 3."""

    @pytest.mark.parametrize(
        ("version", "inside"),
        [("1-0", False), ("1-1", True), ("1-2", True), ("2-0", True), ("2-1", False), ("2-1.1", False)],
    )
    def test_half_open(self, version: str, inside: bool) -> None:
        assert bool(run(host(rpm("bash", version)), alma("2-1", introduced="1-1"))) is inside

    def test_last_affected_is_inside(self) -> None:
        record = alma(None, ranges=(Range(None, last_affected="2-1"),), fix_state=FixState.UNKNOWN)
        finding = only(run(host(rpm("bash", "2-1")), record))
        assert finding.cause == "bash 2-1 is not later than 2-1, the last affected version (ALSA-1)"
        assert (finding.fixed_version, finding.fix_state) == (None, FixState.UNKNOWN)
        assert not run(host(rpm("bash", "2-1.1")), record)

    def test_a_limit_ends_without_a_fix(self) -> None:
        record = alma(None, ranges=(Range(None, limit="2-1"),))
        assert only(run(host(rpm("bash", "1-1")), record)).fixed_version is None
        assert not run(host(rpm("bash", "2-1")), record)

    def test_a_limit_below_the_fix(self) -> None:
        record = alma(None, ranges=(Range(None, "3-1", limit="2-1"),))
        assert only(run(host(rpm("bash", "1-1")), record)).fixed_version == "3-1"
        assert not run(host(rpm("bash", "2-1")), record)

    @pytest.mark.parametrize(("version", "bounds"), [("1-1", ("1-1", "2-1")), ("3-9", ("3-1", "4-1"))])
    def test_the_evidence_is_of_the_range_it_is_in(self, version: str, bounds: tuple[str, str]) -> None:
        for ranges in ((Range("1-1", "2-1"), Range("3-1", "4-1")), (Range("3-1", "4-1"), Range("1-1", "2-1"))):
            evidence = only(run(host(rpm("bash", version)), alma(None, ranges=ranges))).evidence
            assert (evidence.introduced, evidence.fixed) == bounds

    def test_the_evidence_of_an_undecidable_one(self) -> None:
        record = alma(None, ranges=(Range("1-1", "2-1"), Range("3-1", "4-1")))
        evidence = only(run(host(rpm("bash", "4")), record)).evidence
        assert (evidence.introduced, evidence.fixed) == ("3-1", "4-1")

    def test_no_end(self) -> None:
        finding = only(run(host(rpm("bash", "9-9")), alma(None)))
        assert (finding.cause, finding.fix_state) == ("bash 9-9 has no fix (ALSA-1)", FixState.NOT_FIXED)
        finding = only(run(host(rpm("bash", "9-9")), alma(None, introduced="9-1")))
        assert finding.cause == "bash 9-9 is not earlier than 9-1, and there is no later fix (ALSA-1)"

    @pytest.mark.parametrize("version", ["1-1", "~1-1"])
    def test_fixed_zero_is_never_affected(self, version: str) -> None:
        findings = run(host(rpm("bash", version)), alma("0"))
        assert one_class(findings) is PackageClass.CLEAN

    def test_a_union(self) -> None:
        record = alma(None, ranges=(Range("1-1", "2-1"), Range("3-1", "4-1")))
        inside = [v for v in ("0-1", "1-1", "2-1", "2-9", "3-1", "3-9", "4-1") if run(host(rpm("bash", v)), record)]
        assert inside == ["1-1", "3-1", "3-9"]
        assert only(run(host(rpm("bash", "1-1")), record)).fixed_version == "2-1"
        assert only(run(host(rpm("bash", "3-1")), record)).fixed_version == "4-1"

    def test_listed_versions_match_exactly(self) -> None:
        record = alma(None, ranges=(), versions=("1-1", "3-1"))
        assert [v for v in ("1-0", "1-1", "0:1-1", "2-1", "3-1") if run(host(rpm("bash", v)), record)] == [
            "1-1",
            "0:1-1",
            "3-1",
        ]
        finding = only(run(host(rpm("bash", "3-1")), record))
        assert finding.cause == "bash 3-1 is one of the versions listed as affected (ALSA-1)"


class TestEpochs:
    """Rule 4."""

    def test_known_epochs_count(self) -> None:
        assert run(host(rpm("bash", "5.5.56-2")), alma("1:5.5.56-2"))
        assert not run(host(rpm("bash", "1:5.5.56-2")), alma("1:5.5.56-2"))
        assert not run(host(rpm("bash", "1:1-1")), alma("2-1"))

    def test_unknown_epochs_are_left_out_on_both_sides(self) -> None:
        assert not run(host(rpm("bash", "5.5.56-2", epoch_known=False)), alma("1:5.5.56-2"))
        finding = only(run(host(rpm("bash", "5.5.52-1", epoch_known=False)), alma("1:5.5.56-2")))
        assert finding.assumptions == (Assumption.EPOCH_UNKNOWN,)
        assert finding.cause == "bash 5.5.52-1 is earlier than 1:5.5.56-2 (ALSA-1)"
        assert 4 in {note.rule for note in finding.evidence.notes}

    def test_a_clean_package_is_counted_too(self) -> None:
        findings = run(host(rpm("bash", "9-9", epoch_known=False), rpm("other", "1", epoch_known=False)), alma("1:2-2"))
        assert findings.coverage.assumptions == {Assumption.EPOCH_UNKNOWN: 1}
        assert findings.coverage.counts[PackageClass.UNCHECKED] == 1
        assert findings.coverage.counts[PackageClass.CLEAN] == 1

    @pytest.mark.parametrize("fixed", ["2:0.5-1", "2:1.0-1"])
    def test_a_range_turned_upside_down_is_undecidable(self, fixed: str) -> None:
        record = alma(fixed, introduced="1:1.0-1")
        finding = only(run(host(rpm("bash", "0.7-1", epoch_known=False)), record))
        assert finding.status is Status.UNDECIDABLE
        assert "without epochs" in finding.cause
        assert run(host(rpm("bash", "1:1.5-1")), record)[0].status is Status.AFFECTED

    def test_dropping_epochs_reorders_several_ranges(self) -> None:
        record = alma(None, ranges=(Range("1:1-1", "1:2-1"), Range("2:0.1-1", "2:0.2-1")))
        assert run(host(rpm("bash", "0.1-5", epoch_known=False)), record)
        assert run(host(rpm("bash", "1-5", epoch_known=False)), record)
        assert not run(host(rpm("bash", "0.5-5", epoch_known=False)), record)

    def test_the_policy_may_take_it_for_zero(self) -> None:
        policy = MatchPolicy(unknown_epoch_is_zero=True)
        package = rpm("bash", "5.5.56-2", epoch_known=False)
        finding = only(run(host(package), alma("1:5.5.56-2"), policy=policy))
        assert finding.package == package
        assert finding.assumptions == ()

    def test_a_sources_epoch_is_its_own(self) -> None:
        package = deb("bsd", "1:2.38-5+b1", source_name="util-linux", source_version="2.38-5")
        assert not run(host(package, distribution=DEBIAN12), debian("util-linux", "2.38-5"))
        assert run(host(package, distribution=DEBIAN12), debian("util-linux", "2.38-6"))

    def test_deb(self) -> None:
        package = deb("bash", "1.0:5-1", epoch_known=True)
        assert only(run(host(package, distribution=DEBIAN12), debian("bash", "2-1"))).status is Status.UNDECIDABLE
        unknown = deb("bash", "1.0-1", epoch_known=False)
        assert run(host(unknown, distribution=DEBIAN12), debian("bash", "3:1.1-1"))
        assert not run(host(unknown, distribution=DEBIAN12), debian("bash", "3:1.0-1"))

    def test_listed_versions_without_epochs(self) -> None:
        record = alma(None, ranges=(), versions=("1:1-1",))
        assert run(host(rpm("bash", "1-1", epoch_known=False)), record)
        assert not run(host(rpm("bash", "1-2", epoch_known=False)), record)
        assert not run(host(rpm("bash", "1-1")), record)
        mixed = alma(None, ranges=(), versions=("1:1-1", "2-1"))
        assert run(host(rpm("bash", "1-1", epoch_known=False)), mixed)

    def test_what_follows_the_epoch_may_have_a_colon(self) -> None:
        package = deb("bash", "1:2:3-1", epoch_known=False)
        assert run(host(package, distribution=DEBIAN12), debian("bash", "1:9-1"))
        assert not run(host(package, distribution=DEBIAN12), debian("bash", "1:1:9-1"))

    def test_a_range_that_was_empty_stays_empty(self) -> None:
        """It is no undecidable one. What holds nothing is not meant so, and is lost."""
        record = alma(None, ranges=(Range("1:2-1", "1:2-1"),))
        found = run(host(rpm("bash", "2-1", epoch_known=False)), record)
        assert one_class(found) is PackageClass.UNCHECKED
        assert dict(found.coverage.assumptions) == {Assumption.RECORDS_SKIPPED: 1}

    def test_the_policy_is_for_sources_too(self) -> None:
        package = rpm("libs", "9-9", source_name="bash", source_version="1-1", source_epoch_known=False)
        record = advisory("A-1", affected("bash", "1:1-1", names=Names.SOURCE), cves=[CVE])
        assert not run(host(package), record)
        finding = only(run(host(package), record, policy=MatchPolicy(unknown_epoch_is_zero=True)))
        assert finding.assumptions == ()


class TestMissingRelease:
    """Rule 5."""

    @pytest.mark.parametrize(
        ("version", "range", "status"),
        [
            ("5.2.5", Range(None, "5.2.5-8.el9_0"), Status.UNDECIDABLE),
            ("5.2.4", Range(None, "5.2.5-8.el9_0"), Status.AFFECTED),
            ("5.2.6", Range(None, "5.2.5-8.el9_0"), None),
            ("1:5.2.5", Range(None, "5.2.5-8.el9_0"), None),
            ("5.2.5-8.el9_0", Range(None, "5.2.5-8.el9_0"), None),
            ("5.2.5", Range(None, "5.2.5"), None),
            ("5.2.5", Range("5.2.5-1", "5.3-1"), Status.UNDECIDABLE),
            ("5.2.5", Range("5.2.4-1", "5.3-1"), Status.AFFECTED),
            ("5.2.5", Range("5.2.6-1", "5.3-1"), None),
            ("5.2.5", Range(None, last_affected="5.2.5-1"), Status.UNDECIDABLE),
            ("5.2.5-1", Range(None, last_affected="5.2.5"), Status.UNDECIDABLE),
            ("5.2.4-1", Range(None, last_affected="5.2.5"), Status.AFFECTED),
            ("5.2.6-1", Range(None, last_affected="5.2.5"), None),
            ("5.2.5", Range(None, last_affected="5.2.5"), Status.AFFECTED),
            ("5.2.5", Range(None, limit="5.2.5-3"), Status.UNDECIDABLE),
            ("5.2.5", Range(None, "0"), None),
        ],
    )
    def test_ties_are_undecidable(self, version: str, range: Range, status: Status | None) -> None:
        findings = run(host(rpm("bash", version)), alma(None, ranges=(range,)))
        assert [finding.status for finding in findings] == ([status] if status else [])

    def test_the_reason_names_the_rule(self) -> None:
        finding = only(run(host(rpm("bash", "5.2.5")), alma("5.2.5-8")))
        assert "differ in the release alone" in finding.cause
        assert {5, 14} <= {note.rule for note in finding.evidence.notes}
        assert finding.fixed_version == "5.2.5-8"
        assert one_class(run(host(rpm("bash", "5.2.5")), alma("5.2.5-8"))) is PackageClass.UNDECIDABLE

    def test_listed_versions_tie_too(self) -> None:
        record = alma(None, ranges=(), versions=("1.0-1",))
        assert only(run(host(rpm("bash", "1.0")), record)).status is Status.UNDECIDABLE
        assert not run(host(rpm("bash", "1.1")), record)

    def test_a_listed_version_without_an_order_ties_with_nothing(self) -> None:
        finding = only(run(host(rpm("bash", "1.0")), alma(None, ranges=(), versions=("", "2.0-1"))))
        assert "empty version" in finding.cause

    @pytest.mark.parametrize(
        ("version", "range", "is_lost"),
        [
            ("1.1", Range(None, "1.1-4", limit="1.0-1"), False),
            ("1.1", Range("1.1-1", "1.0-1"), True),
            ("1.1-1", Range(None, "1.0-1", last_affected="1.1"), True),
            ("1.1-1", Range("1.2-1", last_affected="1.1"), True),
            ("1.1-1", Range(None, "0", last_affected="1.1"), False),
        ],
    )
    def test_a_tie_that_another_bound_decides(self, version: str, range: Range, is_lost: bool) -> None:
        """Without a finding. What holds nothing is not meant so, and is lost."""
        found = run(host(rpm("bash", version)), alma(None, ranges=(range,)))
        assert one_class(found) is (PackageClass.UNCHECKED if is_lost else PackageClass.CLEAN)
        assert dict(found.coverage.assumptions) == ({Assumption.RECORDS_SKIPPED: 1} if is_lost else {})

    def test_a_bound_without_release_among_others(self) -> None:
        record = alma(None, ranges=(Range("0.1-1", "0.2-1"), Range("1.0-1", last_affected="5.2.5")))
        assert only(run(host(rpm("bash", "5.2.5-1")), record)).status is Status.UNDECIDABLE

    def test_listed_without_release(self) -> None:
        finding = only(run(host(rpm("bash", "1.0")), alma(None, ranges=(), versions=("1.0",))))
        assert finding.cause == "bash 1.0 is one of the versions listed as affected (ALSA-1)"

    def test_beside_a_version_without_order(self) -> None:
        finding = only(run(host(rpm("bash", "1.0")), alma(None, ranges=(Range("", "9-1"), Range(None, "0.5-1")))))
        assert finding.status is Status.UNDECIDABLE
        assert "invalid rpm version" in finding.cause

    def test_with_unknown_epoch(self) -> None:
        finding = only(run(host(rpm("bash", "1.0", epoch_known=False)), alma("3:1.0-1")))
        assert finding.status is Status.UNDECIDABLE

    def test_deb_versions_without_revision_are_whole(self) -> None:
        assert only(run(host(deb("bash", "1.0"), distribution=DEBIAN12), debian("bash", "1.0-1"))).status == "affected"


class TestModules:
    """Rule 6."""

    @pytest.mark.parametrize(
        ("installed", "record", "compared", "assumed"),
        [
            (Module(True), Module(True), True, False),
            (NODE, NODE, True, False),
            (NODE, Module.of("nodejs:18"), False, False),
            (NODE, Module(True), False, False),
            (Module(True), NODE, False, False),
            (UNKNOWN_MODULE, NODE, True, True),
            (NODE, UNKNOWN_MODULE, True, True),
            (UNKNOWN_MODULE, Module(True), True, True),
            (Module(True), UNKNOWN_MODULE, True, True),
            (NODE, Module.of("nodejs:20", "nodejs:22"), True, False),
        ],
    )
    def test_streams(self, installed: Module, record: Module, compared: bool, assumed: bool) -> None:
        findings = run(host(rpm("bash", "1-1", module=installed)), alma("2-1", module=record))
        assert bool(findings) is compared
        expected = {Assumption.MODULE_UNKNOWN: 1} if assumed else {}
        if record == Module.of("nodejs:18"):
            # The feed has no record of the package's stream at all (rule 8).
            expected = {Assumption.LINE_UNKNOWN: 1}
        assert findings.coverage.assumptions == expected
        if assumed:
            finding = only(findings)
            assert finding.assumptions == (Assumption.MODULE_UNKNOWN,)
            assert [note.rule for note in finding.evidence.notes] == [6]


class TestArchitectures:
    """Rule 7."""

    @pytest.mark.parametrize(
        ("installed", "listed", "compared"),
        [
            ("x86_64", (), True),
            ("x86_64", ("x86_64",), True),
            ("x86_64", ("amd64",), True),
            ("x86_64", ("aarch64", "s390x"), False),
            ("noarch", ("aarch64",), True),
            ("x86_64", ("noarch",), True),
            ("x86_64", ("src",), False),
            ("src", (), False),
            (None, ("src",), False),
            ("noarch", ("src",), False),
        ],
    )
    def test_lists(self, installed: str | None, listed: tuple[str, ...], compared: bool) -> None:
        findings = run(host(rpm("bash", "1-1", arch=installed)), alma("2-1", arches=listed))
        assert bool(findings) is compared

    def test_an_unknown_architecture_is_an_assumption(self) -> None:
        finding = only(run(host(rpm("bash", "1-1", arch=None)), alma("2-1", arches=("x86_64",))))
        assert finding.assumptions == (Assumption.ARCH_UNKNOWN,)
        assert 7 in {note.rule for note in finding.evidence.notes}

    def test_each_architecture_its_own_fix(self) -> None:
        record = advisory(
            "A-1",
            affected("rsyslog", "57.0.1-1", arches=("x86_64",)),
            affected("rsyslog", "57.0.4-1", arches=("aarch64",)),
            cves=[CVE],
        )
        assert not run(host(rpm("rsyslog", "57.0.3-1")), record)
        assert run(host(rpm("rsyslog", "57.0.3-1", arch="aarch64")), record)

    def test_ksplice_builds_are_of_their_own(self) -> None:
        installed = "1:1.0.2k-19.0.1.el7"
        assert not run(host(rpm("bash", installed)), alma("2:1.0.2k-19.0.1.ksplice1.el7"))
        assert run(host(rpm("bash", "1:1.0.2k-1.ksplice1.el7")), alma("2:1.0.2k-19.0.1.ksplice1.el7"))
        assert not run(host(rpm("bash", "1:1.0.2k-1.ksplice1.el7")), alma("1:1.0.2k-19.0.1.el7"))
        assert not run(host(rpm("bash", "1:1.0.2k-1.el7_fips")), alma("1:1.0.2k-19.0.1.el7"))


UBUNTU = Distribution("ubuntu", "18.04")


def ubuntu(id: str, fixed: str | None, channel: str | None = None) -> Advisory:
    entry = affected("twisted", fixed, distribution=UBUNTU, names=Names.SOURCE, channel=channel)
    return advisory(id, entry, cves=[CVE])


class TestChannels:
    """Rule 8, channels."""

    def test_without_the_channel_the_fix_is_shown_in_it(self) -> None:
        record = ubuntu("USN-1", "17.9-2ubuntu0.3+esm1", "pro")
        finding = only(run(host(deb("twisted", "17.9-2ubuntu0.3"), distribution=UBUNTU), record))
        assert (finding.channel, finding.fixed_version) == ("pro", "17.9-2ubuntu0.3+esm1")
        pro = Distribution("ubuntu", "18.04", frozenset({"esm-apps"}))
        finding = only(run(host(deb("twisted", "17.9-2ubuntu0.3"), distribution=pro), record))
        assert finding.channel is None
        assert not run(host(deb("twisted", "17.9-2ubuntu0.3+esm2"), distribution=pro), record)

    def test_a_public_fix_comes_first(self) -> None:
        records = [ubuntu("USN-1", "17.9-2ubuntu0.3+esm1", "pro"), ubuntu("USN-2", "17.9-2ubuntu0.2")]
        finding = only(run(host(deb("twisted", "17.9-2ubuntu0.1"), distribution=UBUNTU), *records))
        assert (finding.channel, finding.fixed_version, finding.advisories) == (None, "17.9-2ubuntu0.2", ("USN-2",))
        assert not run(host(deb("twisted", "17.9-2ubuntu0.2"), distribution=UBUNTU), *records)

    def test_a_channel_with_a_line_of_its_own_speaks_to_its_hosts(self) -> None:
        record = ubuntu("USN-1", "99-fips1", "fips")
        assert not run(host(deb("twisted", "1-1"), distribution=UBUNTU), record)
        fips = Distribution("ubuntu", "18.04", frozenset({"fips"}))
        assert run(host(deb("twisted", "1-1"), distribution=fips), record)


class TestSeveralFixes:
    """Rule 8, several fixes of one vulnerability."""

    RECORDS = (
        advisory("A-1", affected("bind", "32:9.11.26-4.el9_1"), cves=[CVE]),
        advisory("A-2", affected("bind", "32:9.11.36-3.el9_3"), cves=[CVE]),
        advisory("A-3", affected("bind", "32:9.16-1.el9_5"), cves=[CVE]),
    )

    @pytest.mark.parametrize(
        ("version", "fixed", "advisories"),
        [
            ("32:9.11.26-3.el9_1", "32:9.11.26-4.el9_1", ("A-1", "A-2", "A-3")),
            ("32:9.11.26-4.el9_1", None, ()),  # equal to one of them
            ("32:9.11.26-5.el9_1", None, ()),  # reached its own minor stream's
            ("32:9.11.26-5.el9_2", "32:9.11.36-3.el9_3", ("A-2", "A-3")),
            ("32:9.11.26-5.el9", "32:9.11.36-3.el9_3", ("A-2", "A-3")),
            ("32:9.11.20-1.el9_3", "32:9.11.36-3.el9_3", ("A-1", "A-2", "A-3")),  # its own stream's, not the lowest
            ("32:9.16-1.el9_5", None, ()),
            ("32:9.17-1.el9", None, ()),  # reached the highest
        ],
    )
    def test_minor_streams(self, version: str, fixed: str | None, advisories: tuple[str, ...]) -> None:
        findings = run(host(rpm("bind", version)), *self.RECORDS)
        if fixed is None:
            assert not findings
        else:
            finding = only(findings)
            assert (finding.fixed_version, finding.advisories) == (fixed, advisories)

    def test_any_fix_of_its_own_branch_clears(self) -> None:
        """An equal version is cleared by it, so every later one of the branch is."""
        records = (*self.RECORDS, advisory("A-4", affected("bind", "32:9.11.26-9.el9_1"), cves=[CVE]))
        for version in ("32:9.11.26-4.el9_1", "32:9.11.26-5.el9_1", "32:9.11.26-9.el9_1"):
            assert not run(host(rpm("bind", version)), *records)
        assert only(run(host(rpm("bind", "32:9.11.26-3.el9_1")), *records)).fixed_version == "32:9.11.26-4.el9_1"

    @pytest.mark.parametrize("turn", [1, -1])
    def test_source_and_binary_fixed_in_one_version(self, turn: int) -> None:
        """One advisory names both packages, which share a name; each has its own fix."""
        entries = [affected("bash", "2-1", names=names) for names in (Names.SOURCE, Names.BINARY)][::turn]
        record = advisory("ALSA-1", *entries, cves=[CVE])
        assert only(run(host(rpm("bash", "1-1")), record)).fixed_version == "2-1"
        assert only(run(host(rpm("bash", "1-1", source_version="3-1")), record)).fixed_version == "2-1"
        assert only(run(host(rpm("bash", "3-1", source_version="1-1")), record)).fixed_version == "2-1"
        assert not run(host(rpm("bash", "2-1")), record)

    def test_one_record_with_and_one_without_fix(self) -> None:
        records = (alma(None), advisory("ALSA-2", affected("bash", "2-1"), cves=[CVE]))
        finding = only(run(host(rpm("bash", "1-1")), *records))
        assert (finding.fixed_version, finding.advisories) == ("2-1", ("ALSA-1", "ALSA-2"))
        assert not run(host(rpm("bash", "2-1")), *records)
        assert not run(host(rpm("bash", "3-1")), *records)

    def test_a_vulnerability_introduced_again_stands(self) -> None:
        record = alma(None, ranges=(Range(None, "1.2-1"), Range("1.2-1", "1.4-1")))
        assert only(run(host(rpm("bash", "1.2-1")), record)).fixed_version == "1.4-1"
        record = alma(None, ranges=(Range(None, "1.2-1"), Range("2-1", None)))
        assert only(run(host(rpm("bash", "2.1-1")), record)).fixed_version is None


def amazon(id: str, fixed: str, channel: str | None = None, package: str = "runc") -> Advisory:
    entry = affected(package, fixed, distribution=AMAZON2, channel=channel)
    return advisory(id, entry, cves=[CVE])


AMAZON2 = Distribution("amzn", "2")


class TestLines:
    """Rule 8: the records of one line neither affect nor clear the builds of another."""

    CORE, DOCKER = amazon("ALAS2-1", "1.0-1.amzn2"), amazon("ALAS2DOCKER-1", "1.5-1.amzn2", "docker")

    @pytest.mark.parametrize(
        ("version", "repository", "fixed", "assumed"),
        [
            ("0.9-1.amzn2", "amzn2-core", "1.0-1.amzn2", False),
            ("1.0-1.amzn2", "amzn2-core", None, False),
            ("1.0-1.amzn2", "amzn2extra-docker", "1.5-1.amzn2", False),
            ("1.5-1.amzn2", "amzn2extra-docker", None, False),
            ("1.0-1.amzn2", None, "1.5-1.amzn2", True),  # fixed in one line, and not in the other
            ("0.9-1.amzn2", None, "1.0-1.amzn2", False),  # affected in both
            ("1.5-1.amzn2", None, None, False),  # fixed in both
        ],
    )
    def test_extras(self, version: str, repository: str | None, fixed: str | None, assumed: bool) -> None:
        package = rpm("runc", version, repository=repository)
        findings = run(host(package, distribution=AMAZON2), self.CORE, self.DOCKER)
        assert [finding.fixed_version for finding in findings] == ([fixed] if fixed else [])
        assert findings.coverage.assumptions == ({Assumption.LINE_UNKNOWN: 1} if assumed else {})

    def test_a_channel_that_is_stated(self) -> None:
        docker = Distribution("amzn", "2", frozenset({"docker"}))
        findings = run(host(rpm("runc", "1.0-1.amzn2"), distribution=docker), self.CORE, self.DOCKER)
        assert only(findings).assumptions == ()
        ecs = Distribution("amzn", "2", frozenset({"ecs"}))
        assert not run(host(rpm("runc", "1.0-1.amzn2"), distribution=ecs), self.CORE, self.DOCKER)

    @pytest.mark.parametrize("repository", ["amzn2extra-ecs", None])
    def test_a_line_that_the_feed_does_not_know(self, repository: str | None) -> None:
        package = rpm("runc", "1.0-1.amzn2", repository=repository)
        records = [self.CORE, self.DOCKER] if repository else [amazon("ALAS2ECS-1", "1.0-1.amzn2", "ecs")]
        findings = run(host(package, distribution=AMAZON2), *records)
        assert one_class(findings) is PackageClass.UNCHECKED
        assert findings.coverage.assumptions == {Assumption.LINE_UNKNOWN: 1}

    def test_a_line_is_known_as_a_whole(self) -> None:
        """No record names the package, but one of the line does."""
        package = rpm("containerd", "1-1.amzn2", repository="amzn2extra-docker")
        assert one_class(run(host(package, distribution=AMAZON2), self.DOCKER)) is PackageClass.CLEAN

    def test_without_a_fix_a_record_is_about_every_line(self) -> None:
        distribution = Distribution("ol", "8")
        record = advisory("ELSA-1", affected("kernel-uek", distribution=distribution), cves=[CVE])
        for version in ("5.4.17-1.el8uek", "5.15.0-1.el8uek"):
            assert only(run(host(rpm("kernel-uek", version), distribution=distribution), record))

    def test_the_shown_channel_is_had(self) -> None:
        """The build shows ESM: its fix is to be had."""
        records = [ubuntu("USN-1", None), ubuntu("USN-2", "17.9-2ubuntu0.3+esm2", "esm-apps")]
        finding = only(run(host(deb("twisted", "17.9-2ubuntu0.3+esm1"), distribution=UBUNTU), *records))
        assert (finding.fixed_version, finding.channel) == ("17.9-2ubuntu0.3+esm2", None)
        public = only(run(host(deb("twisted", "17.9-2ubuntu0.3"), distribution=UBUNTU), *records))
        assert (public.fixed_version, public.channel) == ("17.9-2ubuntu0.3+esm2", "esm-apps")

    def test_contradicting_channels(self) -> None:
        """Both are believed: the higher fix decides."""
        both = Distribution("ubuntu", "18.04", frozenset({"fips", "fips-updates"}))
        records = [ubuntu("USN-1", "1-1.fips.1", "fips"), ubuntu("USN-2", "1-1.fips.5", "fips-updates")]
        finding = only(run(host(deb("twisted", "1-1.fips.2"), distribution=both), *records))
        assert (finding.fixed_version, finding.channel) == ("1-1.fips.5", None)
        fips = Distribution("ubuntu", "18.04", frozenset({"fips"}))
        assert not run(host(deb("twisted", "1-1.fips.2"), distribution=fips), *records)

    def test_another_publisher_is_believed_if_later(self) -> None:
        earlier, later = datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 2, 1, tzinfo=UTC)
        opened = evolve(debian("bash", None), database="debian", modified=earlier)
        fixed = evolve(debian("bash", "1-1"), id="OTHER-1", database="other", modified=later)
        package = deb("bash", "1-1", source_name="bash")
        findings = run(host(package, distribution=DEBIAN12), opened, fixed)
        assert one_class(findings) is PackageClass.UNCHECKED
        assert findings.coverage.assumptions == {Assumption.FEEDS_DISAGREE: 1}
        for dates in ((later, earlier), (earlier, earlier), (None, later), (earlier, None)):
            records = [evolve(one, modified=date) for one, date in zip((opened, fixed), dates, strict=True)]
            finding = only(run(host(package, distribution=DEBIAN12), *records))
            assert finding.assumptions == (Assumption.FEEDS_DISAGREE,)


class TestNegatives:
    """Rule 9."""

    NOT_AFFECTED = advisory("VEX-1", affected("bash", ranges=(), negative=True), cves=[CVE])

    def test_they_remove(self) -> None:
        findings = run(host(rpm("bash", "1-1")), alma("2-1"), self.NOT_AFFECTED)
        assert one_class(findings) is PackageClass.CLEAN

    def test_only_where_they_apply(self) -> None:
        below = advisory("VEX-1", affected("bash", "1-5", negative=True), cves=[CVE])
        assert not run(host(rpm("bash", "1-1")), alma("2-1"), below)
        assert run(host(rpm("bash", "1-5")), alma("2-1"), below)
        other = advisory("VEX-1", affected("bash", ranges=(), negative=True), cves=["CVE-1999-1"])
        assert run(host(rpm("bash", "1-1")), alma("2-1"), other)
        arch = advisory("VEX-1", affected("bash", ranges=(), negative=True, arches=("s390x",)), cves=[CVE])
        assert run(host(rpm("bash", "1-1")), alma("2-1"), arch)

    def test_an_unsure_one_does_not(self) -> None:
        unsure = advisory("VEX-1", affected("bash", ranges=(), negative=True, module=UNKNOWN_MODULE), cves=[CVE])
        assert only(run(host(rpm("bash", "1-1")), alma("2-1"), unsure)).advisories == ("ALSA-1",)

    def test_alone_they_find_nothing(self) -> None:
        assert not run(host(rpm("bash", "1-1")), self.NOT_AFFECTED)


class TestKinds:
    """Rule 10."""

    @pytest.mark.parametrize("kind", [Kind.BUGFIX, Kind.ENHANCEMENT])
    def test_without_a_cve_they_are_counted(self, kind: Kind) -> None:
        record = advisory("ALBA-1", affected("bash", "2-1"), kind=kind)
        findings = run(host(rpm("bash", "1-1")), record)
        assert one_class(findings) is PackageClass.CLEAN
        assert findings.coverage.not_security == 1
        assert run(host(rpm("bash", "2-1")), record).coverage.not_security == 0
        assert run(host(rpm("bash", "1-1")), alma("2-1")).coverage.not_security == 0
        named = advisory("ALBA-1", affected("bash", "2-1"), kind=kind, cves=[CVE])
        assert only(run(host(rpm("bash", "1-1")), named)).vulnerability == CVE

    @pytest.mark.parametrize("kind", [Kind.SECURITY, Kind.UNKNOWN])
    def test_others_are_findings_by_their_id(self, kind: Kind) -> None:
        record = advisory("ALSA-7", affected("bash", "2-1"), kind=kind)
        assert only(run(host(rpm("bash", "1-1")), record)).vulnerability == "ALSA-7"

    def test_each_cve_is_one_finding(self) -> None:
        record = advisory("ALSA-7", affected("bash", "2-1"), cves=["CVE-2024-2", "CVE-2024-10", "CVE-2023-9"])
        found = [finding.vulnerability for finding in run(host(rpm("bash", "1-1")), record)]
        assert found == ["CVE-2023-9", "CVE-2024-2", "CVE-2024-10"]

    @pytest.mark.parametrize("state", [FixState.WONT_FIX, FixState.END_OF_LIFE, FixState.DEFERRED])
    def test_unfixed_ones_keep_their_state(self, state: FixState) -> None:
        assert only(run(host(rpm("bash", "1-1")), alma(None, fix_state=state))).fix_state is state


def kernel(version: str, name: str = "kernel-core", **more: object) -> Package:
    return rpm(name, version, **more)


class TestKernels:
    """Rule 11."""

    UNAME = "5.14.0-70.13.1.el9_0.x86_64"
    RECORD = advisory("ALSA-1", affected("kernel-core", "5.14.0-162.6.1.el9_1"), cves=[CVE])

    def test_presence(self) -> None:
        kernels = [kernel(f"5.14.0-{release}") for release in ("70.2.el9_0", "70.13.1.el9_0", "70.20.el9_0")]
        findings = run(host(*kernels, kernel=self.UNAME), self.RECORD)
        assert {finding.package.version: finding.presence for finding in findings} == {
            "5.14.0-70.2.el9_0": Presence.RESIDUAL,
            "5.14.0-70.13.1.el9_0": Presence.RUNNING,
            "5.14.0-70.20.el9_0": Presence.STANDBY,
        }
        assert len({finding.instance for finding in findings}) == 3
        assert all(finding.restart_required and not finding.pending_restart for finding in findings)
        assert {finding.presence for finding in run(host(*kernels), self.RECORD)} == {Presence.UNKNOWN}

    def test_pending_restart(self) -> None:
        running, fixed = kernel("5.14.0-70.13.1.el9_0"), kernel("5.14.0-162.6.1.el9_1")
        finding = only(run(host(running, fixed, kernel=self.UNAME), self.RECORD))
        assert (finding.presence, finding.pending_restart) == (Presence.RUNNING, True)
        for other in (
            kernel("5.14.0-80.el9_0"),  # newer, affected all the same
            kernel("5.14.0-162.6.1.el9_1", arch="i686"),
            kernel("5.14.0-162.6.1.el9_1", "kernel-modules"),
            kernel("5.14.0-162.6.1.el9_1", vendor="Somebody Else"),
        ):
            findings = run(host(running, other, kernel=self.UNAME), self.RECORD)
            assert not any(finding.pending_restart for finding in findings), other

    def test_a_kernel_in_use_is_not_cleared_by_a_standby_one(self) -> None:
        finding = only(run(host(kernel("5.14.0-70.13.1.el9_0"), kernel("5.14.0-162.6.1.el9_1")), self.RECORD))
        assert (finding.presence, finding.pending_restart) == (Presence.UNKNOWN, False)

    def test_headers_and_the_rest_are_installed(self) -> None:
        record = advisory("A", affected("kernel-headers", "9-1"), affected("kernel-tools", "9-1"), cves=[CVE])
        packages = (rpm("kernel-headers", "5-1"), rpm("kernel-tools", "5-1"))
        findings = run(host(*packages, kernel=self.UNAME), record)
        assert {(finding.presence, finding.restart_required) for finding in findings} == {(Presence.INSTALLED, False)}

    def test_debian(self) -> None:
        source = {"source_name": "linux"}
        packages = (
            deb("linux-image-6.1.0-18-amd64", "6.1.76-1", source_version="6.1.76-1", **source),
            deb("linux-image-6.1.0-9-amd64", "6.1.27-1", source_version="6.1.27-1", **source),
            deb("linux-image-6.1.0-30-amd64", "6.1.124-1", source_version="6.1.124-1", **source),
            deb("linux-image-amd64", "6.1.76-1", source_version="6.1.76-1", **source),
        )
        inventory = host(*packages, distribution=DEBIAN12, kernel="6.1.0-18-amd64")
        findings = run(inventory, debian("linux", "6.1.100-1"))
        assert {finding.package.name: (finding.presence, finding.pending_restart) for finding in findings} == {
            "linux-image-6.1.0-18-amd64": (Presence.RUNNING, True),
            "linux-image-6.1.0-9-amd64": (Presence.RESIDUAL, False),
        }


class TestRemovedAndThirdParties:
    """Rules 12 and 13."""

    @pytest.mark.parametrize("state", list(State))
    def test_states(self, state: State) -> None:
        findings = run(host(rpm("bash", "1-1", state=state)), alma("2-1"))
        gone = state in (State.CONFIG_FILES, State.NOT_INSTALLED, State.PSEUDO)
        assert one_class(findings) is (PackageClass.NOT_INSTALLED if gone else PackageClass.AFFECTED)
        if not gone:
            rules = {note.rule for note in only(findings).evidence.notes}
            assert (12 in rules) is (state is State.HALF_INSTALLED)

    @pytest.mark.parametrize(
        ("vendor", "judged"),
        [(None, True), ("AlmaLinux", True), ("almalinux os foundation", True), ("Fedora Project", False)],
    )
    def test_vendors(self, vendor: str | None, judged: bool) -> None:
        findings = run(host(rpm("bash", "1-1", vendor=vendor)), alma("2-1"))
        assert one_class(findings) is (PackageClass.AFFECTED if judged else PackageClass.THIRD_PARTY)
        included = run(
            host(rpm("bash", "1-1", vendor=vendor)), alma("2-1"), policy=MatchPolicy(include_third_party=True)
        )
        assert one_class(included) is PackageClass.AFFECTED

    @pytest.mark.parametrize(
        ("maintainer", "judged"),
        [
            ("Somebody <somebody@debian.org>", True),
            ("A Person <person@example.org>", True),
            ("Zabbix <info@zabbix.com>", False),
            ("Docker <support@mail.docker.com>", False),
            # Debian has maintainers of these domains, so that an address decides.
            ("A Developer <developer@google.com>", True),
            ("Google Cloud Team <GC-Team@google.com>", False),
            ("A Developer <developer@proxmox.com>", True),
            ("Proxmox Support Team <support@proxmox.com>", False),
            ("A Developer <developer@mongodb.com>", True),
            ("Somebody <somebody@not-docker.com>", True),
            ("support@influxdb.com", False),
            ("Google Cloud CLI Authors <https://code.google.com/p/google-cloud-sdk/>", False),
            ("Nobody <>", True),
            ("", True),
        ],
    )
    def test_maintainers(self, maintainer: str, judged: bool) -> None:
        package = deb("bash", "1-1", maintainer=maintainer)
        findings = run(host(package, distribution=DEBIAN12), debian("bash", "2-1"))
        assert one_class(findings) is (PackageClass.AFFECTED if judged else PackageClass.THIRD_PARTY)

    @pytest.mark.parametrize(
        ("package", "release", "judged"),
        [
            # The version decides before Origin, and Origin before the maintainer.
            (deb("nginx", "1.27.0-1~bookworm", vendor="Debian"), DEBIAN12, False),
            (deb("nginx", "1.22.1-9", vendor="Debian", maintainer="Docker <support@docker.com>"), DEBIAN12, True),
            (deb("nginx", "1.22.1-9", vendor="Somebody", maintainer="A <a@debian.org>"), DEBIAN12, False),
            (deb("linux-image", "6.8.12-4", source_version="6.8.12-4+pve1"), DEBIAN12, False),
            (deb("nginx", "1.22.1-9~bpo11+1"), DEBIAN12, True),
            (deb("nginx", "1.27.0-1~bookworm+b1"), DEBIAN12, False),
            # What builds a distribution's packages does so in any letters.
            (rpm("basesystem", "11-5.el8", vendor="CloudLinux"), ALMA9, True),
            (rpm("basesystem", "11-5.el8", vendor="CLOUDLINUX Inc"), ALMA9, True),
            (rpm("basesystem", "11-5.el8", vendor="CloudLinux"), Distribution("rocky", "8"), False),
            (rpm("htop", "3-1.el9", vendor="Fedora Project"), ALMA9, False),
            # What begins like the distribution's name and is somebody else's.
            (rpm("htop", "3-1.fc42", vendor="Fedora Project"), Distribution("fedora", "42"), True),
            (rpm("htop", "3-1.fc42", vendor="Fedora Copr - user somebody"), Distribution("fedora", "42"), False),
            (rpm("kernel-uek", "5-1.el9", vendor="Oracle America"), Distribution("ol", "9"), True),
            (rpm("mysql", "8-1.el9", vendor="Oracle and/or its affiliates"), Distribution("ol", "9"), False),
            (rpm("gcc", "13-1", vendor="SUSE LLC <https://www.suse.com/>"), Distribution("sles", "15.5"), True),
            (
                rpm("gcc", "13-1", vendor="obs://build.opensuse.org/home:a"),
                Distribution("opensuse-leap", "15.5"),
                False,
            ),
            # Without a vendor the version or the repository decides.
            (rpm("php", "8.2.20-1.el9.remi"), ALMA9, False),
            (rpm("php", "8.2.20-1.el9.remi", vendor="AlmaLinux"), ALMA9, True),
            (rpm("php", "8.2.20-1.el9"), ALMA9, True),
            (rpm("htop", "3-1.el9", repository="epel"), ALMA9, False),
            (rpm("htop", "3-1.el9", repository="@epel"), ALMA9, False),
            (rpm("htop", "3-1.el9", repository="epel", vendor="AlmaLinux"), ALMA9, True),
            (rpm("htop", "3-1.el9", repository="appstream"), ALMA9, True),
            (rpm("htop", "3-1.el9", vendor=""), ALMA9, True),
            # Tables are of their own packages alone.
            (deb("php", "8.2.20-1.el9.remi"), DEBIAN12, True),
            (rpm("nginx", "1.27.0-1~bookworm"), ALMA9, True),
            (rpm("nginx", "1-1", maintainer="Docker <support@docker.com>"), ALMA9, True),
            (Package("pypi", "nginx", "1.0", vendor="Somebody"), ALMA9, True),
            # Of a distribution that no table has, the version decides all the same.
            (deb("nginx", "1.27.0-1~bookworm"), Distribution("kali", "2026.2"), False),
            (deb("nginx", "1.22.1-9", vendor="Somebody"), Distribution("kali", "2026.2"), True),
        ],
    )
    def test_whose(self, package: Package, release: Distribution, judged: bool) -> None:
        assert is_third_party(package, release) is not judged

    def test_whose_line_has_records_of_its_own_is_judged_by_them(self) -> None:
        alma = Distribution("almalinux", "9.6")
        assert is_third_party(rpm("bash", "1-1.el9", vendor="TuxCare"), alma)
        assert not is_third_party(rpm("bash", "1-1.el9.tuxcare.els1", vendor="TuxCare"), alma)
        docker = evolve(deb("bash", "5.2-1"), maintainer="Docker <x@docker.com>")
        assert is_third_party(docker, Distribution("debian", "13"))
        assert not is_third_party(docker, Distribution("dhi-debian", "13"))

    def test_a_third_party_by_version_by_choice(self) -> None:
        package = deb("nginx", "1.21.0-1~bookworm", source_name="nginx", source_version="1.21.0-1~bookworm")
        policy = MatchPolicy(include_third_party=True)
        found = only(run(host(package, distribution=DEBIAN12), debian("nginx", "1.22.1-9"), policy=policy))
        assert (13, "built by a third party, as its version or repository shows, and judged by choice") in notes_of(
            found
        )


class TestRebuilds:
    """Rule 13, of derivatives that rebuild."""

    RASPBIAN = Distribution("raspbian", "12")

    @pytest.mark.parametrize(
        ("version", "fixed", "is_affected"),
        [
            ("1.3.0-3+rpi1", "1.3.0-3+deb12u1", True),
            ("1.3.0-3+deb12u1+rpi1", "1.3.0-3+deb12u1", False),
            # With the suffix it would be later than the fix.
            ("1.3.0-3+rpt1", "1.3.0-3+deb12u1", True),
            ("2.36-9+rpt2+rpi1+deb12u4", "2.36-9+deb12u7", True),
            ("2.36-9+rpt2+rpi1+deb12u7", "2.36-9+deb12u7", False),
            ("2.36-9+rpt2+deb12u7", "2.36-9+deb12u7", False),
            ("1.3.0-3+rpi1+b2", "1.3.0-3", False),
        ],
    )
    def test_suffixes(self, version: str, fixed: str, is_affected: bool) -> None:
        inventory = host(deb("bash", version), distribution=DEBIAN12)
        findings = run(inventory, debian("bash", fixed))
        assert bool(findings) is is_affected
        if is_affected:
            finding = only(findings)
            assert finding.assumptions == (Assumption.REBUILD,)
            assert finding.package.version == version
            assert any(rule == 13 and "a rebuild by " in text for rule, text in notes_of(finding))

    @pytest.mark.parametrize(
        ("version", "fixed", "is_affected"),
        [
            # An epoch of the rebuild's own.
            ("1:149.0.7827.53-1+rpt1", "149.0.7827.102-1~deb12u1", True),
            ("1:149.0.7827.102-1~deb12u1+rpt1", "149.0.7827.102-1~deb12u1", False),
            ("1:150.0-1+rpt1", "149.0.7827.102-1~deb12u1", False),
            ("1:149.0-1+rpt1", None, True),
            # An epoch that the distribution has too counts.
            ("2:9.0.1378-2+rpt1", "2:9.0.1400-1", True),
            ("2:9.0.1378-2+rpt1", "1:9.0.1400-1", False),
            ("1:9.0.1378-2+rpt1", "2:9.0.1300-1", True),
            ("9.0.1378-2+rpt1", "2:9.0.1300-1", True),
            # What is no rebuild keeps its epoch.
            ("1:149.0.7827.53-1", "149.0.7827.102-1~deb12u1", False),
        ],
    )
    def test_epochs(self, version: str, fixed: str | None, is_affected: bool) -> None:
        inventory = host(deb("chromium", version), distribution=DEBIAN12)
        findings = run(inventory, debian("chromium", fixed))
        assert bool(findings) is is_affected
        if is_affected and "+rpt" in version:
            assert only(findings).assumptions == (Assumption.REBUILD,)

    def test_records_with_and_without_an_epoch(self) -> None:
        records = (debian("chromium", "149.2-1"), advisory("DSA-2", debian("chromium", "1:149.3-1").affected[0]))
        records = (records[0], evolve(records[1], cves=("CVE-2024-2000",)))
        package = deb("chromium", "1:149.2-1+rpt1")
        finding = only(run(host(package, distribution=DEBIAN12), *records))
        assert (finding.vulnerability, finding.fixed_version) == ("CVE-2024-2000", "1:149.3-1")

    def test_an_explanation_shows_which_records_were_compared_without_the_epoch(self) -> None:
        package = deb("chromium", "1:149.0-1+rpt1")
        inventory = host(package, distribution=DEBIAN12)
        found = explain(inventory, Feed([debian("chromium", "149.2-1")]), "chromium", CVE)
        texts = [note.text for one in found for record in one.considered for note in record.notes]
        assert any("without the epoch 1" in text for text in texts)

    def test_a_derivatives_packages_are_rebuilds(self) -> None:
        for release in (self.RASPBIAN, Distribution("lmde", "6")):
            inventory = host(deb("bash", "1-1"), distribution=release)
            assert only(run(inventory, debian("bash", "2-1"))).assumptions == (Assumption.REBUILD,)
        chosen = MatchPolicy(judge_as=DEBIAN12)
        inventory = host(deb("bash", "1-1"), distribution=self.RASPBIAN)
        assert only(run(inventory, debian("bash", "2-1"), policy=chosen)).assumptions == (Assumption.REBUILD,)
        unnamed = host(deb("bash", "1-1"), distribution=None)
        chosen = MatchPolicy(judge_as=self.RASPBIAN)
        assert only(run(unnamed, debian("bash", "2-1"), policy=chosen)).assumptions == (
            Assumption.RELEASE_ASSUMED,
            Assumption.REBUILD,
        )

    def test_what_reached_the_fix_is_unchecked(self) -> None:
        record = debian("bash", "2-1")
        for release, version in ((DEBIAN12, "2-1+rpt1"), (self.RASPBIAN, "2-1")):
            findings = run(host(deb("bash", version, source_name="bash"), distribution=release), record)
            assert one_class(findings) is PackageClass.UNCHECKED
            assert findings.coverage.assumptions == {Assumption.REBUILD: 1}
        # No record names it: nothing was compared.
        other = deb("other", "1-1+rpt1", source_name="other")
        assert one_class(run(host(other, distribution=DEBIAN12), record)) is PackageClass.CLEAN

    def test_rpms_have_no_such_suffix(self) -> None:
        assert not run(host(rpm("bash", "1-3+rpt1")), alma("1-3+deb"))

    def test_centos_is_no_rebuild_of_each_package(self) -> None:
        record = advisory("RHSA-1", affected("bash", "2-1", distribution=Distribution("rhel", "7")), cves=[CVE])
        assert not only(run(host(rpm("bash", "1-1"), distribution=Distribution("centos", "7")), record)).assumptions


class TestUndecidable:
    """Rule 14."""

    def test_an_installed_version_without_order(self) -> None:
        finding = only(run(host(deb("bash", "not a version"), distribution=DEBIAN12), debian("bash", "2-1")))
        assert finding.status is Status.UNDECIDABLE
        assert finding.cause.startswith("bash not a version cannot be judged: ")
        assert finding.fixed_version == "2-1"
        assert 14 in {note.rule for note in finding.evidence.notes}

    def test_the_fix_is_of_the_package_that_was_compared(self) -> None:
        package = deb("bash", "1-1", source_name="src", source_version="not a version")
        binary = advisory("DSA-1", affected("bash", "1-1", distribution=DEBIAN12), cves=[CVE])
        source = advisory(
            "DSA-2",
            affected("src", distribution=DEBIAN12, names=Names.SOURCE, ranges=(Range(last_affected="9"),)),
            cves=[CVE],
        )
        finding = only(run(host(package, distribution=DEBIAN12), binary, source))
        assert (finding.evidence.advisory, finding.fixed_version) == ("DSA-2", None)
        fixes = [debian("bash", "3-1"), debian("bash", "2-1"), debian("bash", "4-1")]
        records = [evolve(one, id=f"DSA-{number}") for number, one in enumerate(fixes)]
        assert only(run(host(deb("bash", "1 1"), distribution=DEBIAN12), *records)).fixed_version == "2-1"

    def test_a_records_version_without_order(self) -> None:
        record = debian("bash", None, ranges=(Range(None, "2 2"), Range(None, "1-1")))
        assert only(run(host(deb("bash", "1-5"), distribution=DEBIAN12), record)).status is Status.UNDECIDABLE
        assert only(run(host(deb("bash", "1-0"), distribution=DEBIAN12), record)).status is Status.AFFECTED
        listed = debian("bash", None, ranges=(), versions=("1 1", "1-1"))
        assert only(run(host(deb("bash", "1-5"), distribution=DEBIAN12), listed)).status is Status.UNDECIDABLE

    def test_the_first_advisory_is_named(self) -> None:
        bad, good = deb("bash", "no version"), deb("bash", "1-1")
        for fixed, package in (("2-1", bad), (None, good)):
            entry = affected("bash", fixed, distribution=DEBIAN12, names=Names.SOURCE)
            records = [advisory(f"DSA-{number}", entry, cves=[CVE]) for number in (2, 1, 3)]
            finding = only(run(host(package, distribution=DEBIAN12), *records))
            assert finding.evidence.advisory == "DSA-1"
            assert finding.cause.endswith("(DSA-1)")

    def test_without_a_record_there_is_nothing_to_decide(self) -> None:
        package = deb("zsh", "not a version", source_name="zsh")
        findings = run(host(package, distribution=DEBIAN12), debian("bash", "2-1"))
        assert one_class(findings) is PackageClass.CLEAN


def test_a_suggested_restart_is_required() -> None:
    records = [
        advisory("ALSA-1", affected("bash", "2-1"), cves=[CVE], reboot_suggested=True),
        advisory("ALSA-2", affected("bash", "2-1"), cves=[CVE]),
    ]
    assert only(run(host(rpm("bash", "1-1")), *records)).restart_required
    assert not only(run(host(rpm("bash", "1-1")), records[1])).restart_required


def test_withdrawn_advisories_never_match() -> None:
    """Rule 15."""
    when = datetime(2024, 1, 1, tzinfo=UTC)
    record = advisory("ALSA-1", affected("bash", "2-1"), cves=[CVE], withdrawn=when)
    assert one_class(run(host(rpm("bash", "1-1")), record)) is PackageClass.CLEAN
    standing = advisory("ALSA-2", affected("bash", "2-1"), cves=[CVE])
    assert only(run(host(rpm("bash", "1-1")), record, standing)).advisories == ("ALSA-2",)


def test_order() -> None:
    """Rule 16."""
    records = [
        advisory("ALSA-1", affected("bash", "9-1"), cves=["CVE-2024-9", "CVE-2024-10"], rating="low"),
        advisory("ALSA-2", affected("zsh", "9-1"), cves=["CVE-2024-1"], rating="critical"),
        advisory("ALSA-3", affected("kernel", "99-1"), cves=["CVE-2024-1"], rating="moderate"),
    ]
    packages = (rpm("kernel", "10-1"), rpm("kernel", "9-1"), rpm("zsh", "1-1"), rpm("bash", "1-1"))
    findings = run(host(*packages), *records)
    assert [(f.priority, f.package.name, f.package.version, f.vulnerability) for f in findings] == [
        ("High", "zsh", "1-1", "CVE-2024-1"),
        ("Medium", "kernel", "9-1", "CVE-2024-1"),
        ("Medium", "kernel", "10-1", "CVE-2024-1"),
        ("Low", "bash", "1-1", "CVE-2024-9"),
        ("Low", "bash", "1-1", "CVE-2024-10"),
    ]


@pytest.mark.parametrize(
    ("installed", "fixed", "rebuilt"),
    [
        ("1:2.2.15-60.el6.centos.6", "1:2.2.15-60.el6_9.5", True),
        ("1:2.2.15-60.el6", "1:2.2.15-60.el6_9.5", False),
        ("1-1.module_el8.10.0+4006", "1-1.module+el8.10.0+23140", True),
        ("1-1.module_el8.9.0+4006", "1-1.module_el8.10.0+4009", False),
    ],
)
def test_rebuilds_are_judged_with_an_assumption(installed: str, fixed: str, rebuilt: bool) -> None:
    finding = only(run(host(rpm("bash", installed)), alma(fixed)))
    assert finding.assumptions == ((Assumption.REBUILD,) if rebuilt else ())


@pytest.mark.parametrize(
    ("ratings", "priority", "rule", "basis"),
    [
        (("critical",), "High", "V1", "vendor-rating"),
        (("moderate",), "Medium", "V2", "vendor-rating"),
        (("negligible",), "Low", "V3", "vendor-rating"),
        ((None,), "Medium", "A0", "assumed"),
        (("unheard of",), "Medium", "A0", "assumed"),
        (("low", "important"), "High", "V1", "vendor-rating"),
        ((None, "low"), "Low", "V3", "vendor-rating"),
    ],
)
def test_priority_by_the_vendors_word(ratings: tuple[str, ...], priority: str, rule: str, basis: str) -> None:
    records = [
        advisory(f"ALSA-{number}", affected("bash", "2-1"), cves=[CVE], rating=rating)
        for number, rating in enumerate(ratings)
    ]
    finding = only(run(host(rpm("bash", "1-1")), *records))
    assert (finding.priority, finding.rule, finding.basis) == (priority, rule, basis)


RHEL84 = Distribution("rhel", "8.4")


class TestEvidence:
    """What a finding rests on is the range that decided, and counts show what was taken for granted."""

    @pytest.mark.parametrize(
        ("inventory", "advisories", "policy", "notes"),
        [
            pytest.param(host(rpm("bash", "1-1")), [alma("2-1")], MatchPolicy(), [], id="nothing"),
            pytest.param(
                host(rpm("bash", "1-1"), distribution=Distribution("rocky", "9.3")),
                [alma("2-1")],
                MatchPolicy(judge_as=ALMA9),
                [(1, "rocky 9 judged by the advisories of almalinux 9, by choice")],
                id="scope",
            ),
            pytest.param(
                host(deb("linux", "6.12-2~bpo12+1"), distribution=DEBIAN12),
                [
                    advisory("DSA-1", affected("linux", "7-1", distribution=Distribution("debian", "13")), cves=[CVE]),
                    debian("x", None),
                ],
                MatchPolicy(),
                [(1, "a backport, judged by debian 13 without ~bpo12+1")],
                id="backport",
            ),
            pytest.param(
                host(deb("tar", "1-1+b1"), distribution=DEBIAN12),
                [debian("tar", "2-1")],
                MatchPolicy(),
                [(2, "no source package is listed: the package's own stands for it")],
                id="no source",
            ),
            pytest.param(
                host(deb("tar", "1-1+b1", source_name="tar"), distribution=DEBIAN12),
                [debian("tar", "2-1")],
                MatchPolicy(),
                [(2, "no source version is listed: the package's own stands for it")],
                id="no source version",
            ),
            pytest.param(
                host(rpm("bash", "1-1", epoch_known=False)),
                [alma("2-1")],
                MatchPolicy(unknown_epoch_is_zero=True),
                [(4, "the unknown epoch is taken for 0, by choice")],
                id="epoch zero",
            ),
            pytest.param(
                host(rpm("bash", "1")),
                [alma("1-1")],
                MatchPolicy(),
                [
                    (5, "1 and 1-1 differ in the release alone, and one has none"),
                    (14, "1 and 1-1 differ in the release alone, and one has none"),
                ],
                id="no release",
            ),
            pytest.param(
                host(rpm("bash", "1-1", module=NODE, arch=None)),
                [alma("2-1", module=UNKNOWN_MODULE, arches=("x86_64", "aarch64"))],
                MatchPolicy(),
                [
                    (6, "module nodejs:20 against unknown"),
                    (7, "architecture unknown, the record is for x86_64, aarch64"),
                ],
                id="module and architecture",
            ),
            pytest.param(
                host(deb("twisted", "1-1", source_name="twisted", source_version="1-1"), distribution=UBUNTU),
                [ubuntu("USN-1", "2-1+esm1", "esm-apps")],
                MatchPolicy(),
                [(8, "the fix is in esm-apps, which the host does not have")],
                id="channel",
            ),
            pytest.param(
                host(rpm("bind", "32:9.11.20-1.el9_3")),
                [
                    advisory("A-1", affected("bind", "32:9.11.26-4.el9_1"), cves=[CVE]),
                    advisory("A-2", affected("bind", "32:9.11.36-3.el9_3"), cves=[CVE]),
                ],
                MatchPolicy(),
                [(8, "32:9.11.36-3.el9_3 is the fix of its own minor release")],
                id="minor stream",
            ),
            pytest.param(
                host(rpm("bash", "1-1"), distribution=evolve(RHEL84, channels=frozenset({"eus"}))),
                [
                    advisory("RHSA-1", affected("bash", "2-1", distribution=RHEL84, channel="eus"), cves=[CVE]),
                    advisory("RHSA-2", affected("zsh", "2-1", distribution=Distribution("rhel", "8")), cves=[CVE]),
                ],
                MatchPolicy(),
                [(8, "the records of rhel 8.4, the host's own minor release, are compared too")],
                id="minor release",
            ),
            pytest.param(
                host(rpm("bash", "1-1", module=UNKNOWN_MODULE)),
                [alma("2-1"), advisory("VEX-1", affected("bash", ranges=(), negative=True), cves=[CVE])],
                MatchPolicy(),
                [
                    (6, "module unknown against none"),
                    (9, "VEX-1 states that it is not affected, but rests on module-unknown: too unsure to clear it"),
                ],
                id="unsure negative",
            ),
            pytest.param(
                host(rpm("bash", "1-1", state=State.HALF_INSTALLED)),
                [alma("2-1")],
                MatchPolicy(),
                [(12, "half-installed: some of its files may be missing")],
                id="half-installed",
            ),
            pytest.param(
                host(rpm("bash", "1-1", vendor="Somebody")),
                [alma("2-1")],
                MatchPolicy(include_third_party=True),
                [(13, "built by Somebody, and judged by choice")],
                id="third party",
            ),
        ],
    )
    def test_the_rules_that_contributed(
        self, inventory: Inventory, advisories: list[Advisory], policy: MatchPolicy, notes: list[tuple[int, str]]
    ) -> None:
        """Each is named by its number, in their order."""
        finding = only(run(inventory, *advisories, policy=policy))
        assert notes_of(finding) == notes

    def test_the_range_that_holds_it(self) -> None:
        ranges = (Range(None, "2-1"), Range("3-1", "4-1"), Range("5-1", "6-1"))
        record = advisory("ALSA-1", affected("bash", ranges=ranges), cves=[CVE])
        for installed, introduced, fixed in (("1-1", None, "2-1"), ("3.5-1", "3-1", "4-1"), ("5-1", "5-1", "6-1")):
            evidence = only(run(host(rpm("bash", installed)), record)).evidence
            assert (evidence.introduced, evidence.fixed) == (introduced, fixed)

    def test_an_unknown_architecture_does_not_matter_where_no_range_holds_the_version(self) -> None:
        record = advisory("ALSA-1", affected("bash", "2-1", arches=("x86_64",)), cves=[CVE])
        assert not run(host(rpm("bash", "2-1", arch=None)), record).coverage.assumptions
        assert run(host(rpm("bash", "1-1", arch=None)), record).coverage.assumptions == {Assumption.ARCH_UNKNOWN: 1}

    def test_why_it_cannot_be_judged(self) -> None:
        record = advisory("DSA-1", affected("bash", "2-1", distribution=DEBIAN12), cves=[CVE])
        finding = only(run(host(deb("bash", "1.0-"), distribution=DEBIAN12), record))
        (note,) = [note for note in finding.evidence.notes if note.rule == 14]
        assert note.text
        assert note.text in finding.cause

    def test_neither_has_a_release(self) -> None:
        assert not run(host(rpm("bash", "2")), alma("2"))
        assert run(host(rpm("bash", "1")), alma("2"))


def test_views() -> None:
    """By what is installed, by its advisory, and by the upgrade that clears it, which is one for a source."""
    records = [
        debian("openssl", "3-1"),
        advisory(
            "DSA-2",
            affected("openssl", "3-1", distribution=DEBIAN12, names=Names.SOURCE),
            affected("zsh", None, distribution=DEBIAN12, names=Names.SOURCE),
            cves=["CVE-2024-2000"],
            rating="critical",
        ),
    ]
    source = {"source_name": "openssl", "source_version": "2-1"}
    ssl, tool, zsh = deb("libssl3", "2-1", **source), deb("openssl", "2-1", **source), deb("zsh", "1-1")
    findings = run(host(ssl, tool, zsh, distribution=DEBIAN12), *records)

    def shown(view: Mapping[K, Sequence[Finding]]) -> list[tuple[K, list[tuple[str, str]]]]:
        return [(key, [(one.package.name, one.vulnerability[-4:]) for one in found]) for key, found in view.items()]

    assert shown(findings.by_package()) == [
        (ssl, [("libssl3", "2000"), ("libssl3", "1000")]),
        (tool, [("openssl", "2000"), ("openssl", "1000")]),
        (zsh, [("zsh", "2000")]),
    ]
    assert shown(findings.by_vulnerability()) == [
        ("CVE-2024-2000", [("libssl3", "2000"), ("openssl", "2000"), ("zsh", "2000")]),
        ("CVE-2024-1000", [("libssl3", "1000"), ("openssl", "1000")]),
    ]
    assert shown(findings.by_advisory()) == [
        ("DSA-2", [("libssl3", "2000"), ("openssl", "2000"), ("zsh", "2000")]),
        ("DSA-1", [("libssl3", "1000"), ("openssl", "1000")]),
    ]
    assert shown(findings.by_fix()) == [
        (
            Remedy("deb", "openssl", Names.SOURCE, "3-1"),
            [("libssl3", "2000"), ("openssl", "2000"), ("libssl3", "1000"), ("openssl", "1000")],
        ),
        (Remedy("deb", "zsh", Names.SOURCE, None), [("zsh", "2000")]),
    ]
    both = run(host(rpm("bash", "1-1")), alma("2-1"), advisory("ALSA-2", affected("bash", "3-1"), cves=[CVE]))
    assert list(both.by_advisory()) == ["ALSA-1", "ALSA-2"]


def test_order_of_instances() -> None:
    versions = ("2.10-1", "2.9-1")
    packages = [rpm("bash", version, arch=arch) for arch in ("x86_64", "i686") for version in versions]
    found = run(host(*packages), alma("3-1"))
    assert [(one.package.arch, one.package.version) for one in found] == [
        ("i686", "2.9-1"),
        ("i686", "2.10-1"),
        ("x86_64", "2.9-1"),
        ("x86_64", "2.10-1"),
    ]


@pytest.mark.parametrize(
    ("release", "version", "judged"),
    [
        ("6", "1.2-3~bpo60+1", "7"),
        ("7", "1.2-3~bpo70+2", "8"),
        ("5", "1.2-3~bpo50+1", "6"),
        ("8", "1.2-3~bpo8+1", "9"),
        ("11", "1.2-3~deb12u1~bpo11+1+b2", "12"),
        ("6", "1.2-3~bpo70+1", "6"),
        ("10", "1.2-3~bpo9+1", "10"),
        ("12", "1.2-3~bpo60+1", "12"),
    ],
)
def test_the_release_of_a_backport(release: str, version: str, judged: str) -> None:
    scope, note = backport_scope(deb("tar", version), Distribution("debian", release))
    assert (scope.release, note is None) == (judged, judged == release)


def test_backports_are_debians() -> None:
    """Rule 1b asks for the release that follows, and only Debian's are counted."""
    package = deb("bash", "5.2-1~bpo12+1")
    assert backport_scope(package, Distribution("pop", "12")) == (Distribution("pop", "12"), None)
    assert backport_scope(package, DEBIAN12)[0] == Distribution("debian", "13")


class TestBadInput:
    """What is contradictory, endless or missing is judged as far as it goes, and listed."""

    def test_contradictory_records(self) -> None:
        """Affected by one record, not by another: the negative one clears (rule 9), and the feed's lint tells it."""
        feed = Feed([alma("2-1"), advisory("VEX-1", affected("bash", ranges=(), negative=True), cves=[CVE])])
        assert one_class(match(host(rpm("bash", "1-1")), feed)) is PackageClass.CLEAN
        (flaw,) = feed.flaws
        assert (flaw.kind, flaw.advisory) == (FlawKind.CONTRADICTION, "VEX-1")
        (explanation,) = explain(host(rpm("bash", "1-1")), feed, "bash", CVE)
        assert explanation.decided.rule == 9

    def test_fixed_and_not_affected_at_once(self) -> None:
        """A negative entry with a fix clears below it, and states nothing of the versions above."""
        record = advisory("VEX-1", affected("bash", "2-1", negative=True), cves=[CVE])
        for version in ("1-1", "2-1", "3-1"):
            assert one_class(run(host(rpm("bash", version)), record)) is PackageClass.CLEAN
        assert one_class(run(host(rpm("bash", "1-1")), record, alma("3-1"))) is PackageClass.CLEAN
        assert only(run(host(rpm("bash", "2-1")), record, alma("3-1"))).fixed_version == "3-1"

    def test_a_range_that_never_closes(self) -> None:
        finding = only(run(host(rpm("bash", "9-9")), alma(None, introduced="2-1")))
        assert (finding.fixed_version, finding.fix_state) == (None, FixState.NOT_FIXED)
        assert "no later fix" in finding.cause
        assert not run(host(rpm("bash", "1-1")), alma(None, introduced="2-1"))
        # Another record of the same vulnerability closes it.
        closing = advisory("ALSA-2", affected("bash", "5-1"), cves=[CVE])
        assert not run(host(rpm("bash", "5-1")), alma(None, introduced="2-1"), closing)
        assert only(run(host(rpm("bash", "4-1")), alma(None, introduced="2-1"), closing)).fixed_version == "5-1"

    @pytest.mark.parametrize("package", [rpm("bash", ""), deb("bash", "")])
    def test_a_package_without_a_version(self, package: Package) -> None:
        release = DEBIAN12 if package.type == "deb" else ALMA9
        record = advisory("A-1", affected("bash", "2-1", distribution=release), cves=[CVE])
        finding = only(run(host(package, distribution=release), record))
        assert (finding.status, finding.fixed_version) == (Status.UNDECIDABLE, "2-1")
        assert "empty" in finding.cause
        assert one_class(run(host(package, distribution=release), record)) is PackageClass.UNDECIDABLE

    def test_a_feed_older_than_the_inventory(self) -> None:
        newest = datetime(2024, 5, 1, tzinfo=UTC)
        records = [
            evolve(alma("2-1"), published=newest.replace(year=2020)),
            advisory("ALSA-2", affected("zsh", "2-1"), cves=[CVE], modified=newest),
        ]
        days = (newest.replace(year=2023), newest, newest.replace(day=2), newest.replace(year=2025), None)
        packages = [rpm(f"p{number}", "1-1", installed_at=day) for number, day in enumerate(days)]
        gone = rpm("gone", "1-1", installed_at=newest.replace(year=2025), state=State.CONFIG_FILES)
        third = rpm("third", "1-1", installed_at=newest.replace(year=2025), vendor="Somebody")
        coverage = run(host(*packages, gone, third), *records).coverage
        assert (coverage.feed_newest, coverage.installed_later) == (newest, 2)
        affected_too = run(host(rpm("bash", "1-1", installed_at=newest.replace(year=2025))), *records)
        assert (len(affected_too), affected_too.coverage.installed_later) == (1, 1)
        undated = run(host(*packages), alma("2-1")).coverage
        assert (undated.feed_newest, undated.installed_later) == (None, 0)
        other = run(host(*packages, distribution=DEBIAN12), *records).coverage
        assert (other.covered, other.installed_later) == (False, 0)


class TestSourcesOfRecords:
    """Rule 2: a record of a binary package may be about one source's builds alone."""

    @pytest.mark.parametrize(
        ("source", "of", "found"),
        [("linux", "linux", 1), ("linux-hwe", "linux", 0), (None, "linux", 1), ("linux-signed-hwe", "linux-hwe", 1)],
    )
    def test_another_source(self, source: str | None, of: str, found: int) -> None:
        ubuntu = Distribution("ubuntu", "18.04")
        entry = affected("linux-image-4.15.0-20-generic", "4.15.0-21.22", distribution=ubuntu, source=of)
        package = deb("linux-image-4.15.0-20-generic", "4.15.0-20.21", source_name=source)
        findings = run(host(package, distribution=ubuntu), advisory("USN-1", entry, cves=[CVE]))
        assert len(findings) == found
