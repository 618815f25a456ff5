"""Rule 0: advisories and packages that a program makes are looked at as those that a reader makes are."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from advisories_reference import ALMA9, DEBIAN12, advisory, affected, deb, host, rpm
from advisories_stores import in_store

from advisories import Feed, MatchPolicy, match
from advisories.models import (
    Advisory,
    Affected,
    Assumption,
    Distribution,
    Findings,
    Inventory,
    Module,
    Names,
    Package,
    PackageClass,
    Range,
    ReadReport,
    Status,
)
from advisories.models.frozen import evolve

LOST = Assumption.RECORDS_SKIPPED
CVE = ["CVE-2024-1111"]
NEIGHBOUR = affected("zsh", "2-1.el9")
HOST = host(rpm("bash", "5-1.el9", vendor="AlmaLinux"), rpm("zsh", "5-1.el9", vendor="AlmaLinux"))


def entry(**more: Any) -> Affected:
    """An entry that does not concern bash 5-1.el9: it was fixed before."""
    return affected(**({"package": "bash", "fixed": "2-1.el9"} | more))


IMPOSSIBLE = {
    "a name with its architecture": entry(package="bash.x86_64"),
    "a name with Debian's architecture": entry(package="bash:x86_64"),
    "a name with a blank": entry(package=" bash"),
    "an encoded name": entry(package="%62ash"),
    "another type": Affected("bash", "deb", ALMA9, Names.BINARY, (Range(None, "2-1"),)),
    "a channel that there is not": entry(channel="enhanced"),
    "a fix before what it begins with": entry(introduced="3-1.el9"),
    "a limit before what it begins with": entry(ranges=(Range("3-1.el9", limit="2-1.el9"),)),
    "a last version behind the fix": entry(ranges=(Range(None, "2-1.el9", last_affected="2-1.el9"),)),
    "a size for a fix": entry(fixed="1,024"),
    "nothing at all": entry(ranges=()),
}


class TestAdvisories:
    def test_one_as_it_is_meant(self) -> None:
        feed = Feed([advisory("ALSA-1", entry(), NEIGHBOUR, cves=CVE)])
        assert feed.reports == ()
        found = match(HOST, feed)
        assert (found.coverage.counts[PackageClass.CLEAN], dict(found.coverage.assumptions)) == (2, {})

    @pytest.mark.parametrize("why", IMPOSSIBLE)
    def test_what_cannot_be_meant_is_lost(self, why: str) -> None:
        feed = Feed([advisory("ALSA-1", IMPOSSIBLE[why], NEIGHBOUR, cves=CVE)])
        (report,) = feed.reports
        (rejection,) = report.rejections
        assert (report.source, rejection.what) == ("made by hand", "ALSA-1")
        assert [loss.package for loss in report.losses] == ["bash"]
        found = match(HOST, feed)
        assert [one.name for one in found.coverage.by_class()[PackageClass.UNCHECKED]] == ["bash"]
        assert (found.coverage.counts[PackageClass.CLEAN], dict(found.coverage.assumptions)) == (1, {LOST: 1})

    def test_a_package_without_a_name_may_be_any(self) -> None:
        found = match(HOST, Feed([advisory("ALSA-1", entry(package=""), NEIGHBOUR, cves=CVE)]))
        assert dict(found.coverage.assumptions) == {LOST: 2}

    @pytest.mark.parametrize("why", [why for why in IMPOSSIBLE if why != "nothing at all"])
    def test_what_removes_is_no_loss(self, why: str) -> None:
        feed = Feed([advisory("ALSA-1", evolve(IMPOSSIBLE[why], negative=True), NEIGHBOUR, cves=CVE)])
        found = match(HOST, feed)
        assert len(feed.reports) == 1
        assert dict(found.coverage.assumptions) == {}

    @pytest.mark.parametrize("why", IMPOSSIBLE)
    def test_what_was_withdrawn_concerns_nobody(self, why: str) -> None:
        withdrawn = advisory("ALSA-1", IMPOSSIBLE[why], cves=CVE, withdrawn=datetime(2026, 1, 1, tzinfo=UTC))
        assert Feed([withdrawn, advisory("ALSA-2", entry(), cves=CVE)]).reports == ()

    def test_an_architecture_that_there_is_not_is_every_one(self) -> None:
        feed = Feed([advisory("ALSA-1", entry(fixed="9-1.el9", arches=("X64",)), NEIGHBOUR, cves=CVE)])
        assert [one.package.name for one in match(HOST, feed)] == ["bash"]
        assert "X64" in feed.reports[0].rejections[0].why

    def test_whose_reports_are_given_was_looked_at(self) -> None:
        """Readers look at what they make, and a store keeps what they found."""
        advisories = [advisory("ALSA-1", entry(ranges=()), cves=CVE)]
        feed = Feed(advisories, [ReadReport("a file", "a format", 1, 1)])
        assert list(feed) == advisories
        assert [one.source for one in feed.reports] == ["a file"]

    def test_of_a_store(self, tmp_path: Path) -> None:
        one = advisory("ALSA-1", entry(introduced="3-1.el9"), NEIGHBOUR, cves=CVE)
        of_store, by_hand = match(HOST, in_store([one], tmp_path / "a.db")), match(HOST, Feed([one]))
        assert of_store.coverage.assumptions == by_hand.coverage.assumptions == {LOST: 1}

    def test_of_debian(self) -> None:
        at = {"distribution": DEBIAN12, "names": Names.SOURCE}
        feed = Feed([advisory("DSA-1", affected("bash:amd64", "2-1", **at), affected("zsh", "2-1", **at), cves=CVE)])
        packages = (
            deb("bash", "5-1", source_name="bash", source_version="5-1"),
            deb("zsh", "5-1", source_name="zsh", source_version="5-1"),
        )
        found = match(host(*packages, distribution=DEBIAN12), feed)
        assert [one.name for one in found.coverage.by_class()[PackageClass.UNCHECKED]] == ["bash"]
        assert found.coverage.assumptions[LOST] == 1

    def test_a_name_that_a_list_may_have_in_the_same_way(self) -> None:
        """It stays: what is wrong is the same on both sides."""
        feed = Feed([advisory("ALSA-1", entry(package="bash.x86_64", fixed="9-1.el9"), NEIGHBOUR, cves=CVE)])
        (finding,) = match(host(rpm("bash.x86_64", "5-1.el9", vendor="AlmaLinux")), feed)
        assert finding.status is Status.AFFECTED


def of_release(release: Distribution | None, host_release: Distribution, name: str = "bash") -> Findings:
    """What is found of a package of a release, where the feed names it or its release in other words."""
    type = "deb" if host_release.id in ("debian", "ubuntu") else "apk" if host_release.id == "alpine" else "rpm"
    entry = Affected(name, type, release, Names.BINARY, (Range(None, "9.0-r1"),))
    covers = Affected("zsh", type, host_release, Names.BINARY, (Range(None, "2.0-r1"),))
    feed = Feed([advisory("A-1", entry, cves=CVE), advisory("A-2", covers, cves=["CVE-2024-2"])])
    return match(Inventory(host_release, (Package(type, "bash", "5.0-r1"),)), feed)


class TestReleases:
    """An entry under a release that nobody looks up concerned nothing."""

    @pytest.mark.parametrize(
        ("written", "filed"),
        [
            (("rocky", "9.3"), ("rocky", "9")),
            (("Rocky", "9"), ("rocky", "9")),
            ((" almalinux", "9 "), ("almalinux", "9")),
            (("redhat", "9"), ("rhel", "9")),
            (("rhel", "9.4"), ("rhel", "9.4")),
            (("centos", "8"), ("centos", "8")),
            (("debian", "bookworm"), ("debian", "12")),
            (("debian", "12.5"), ("debian", "12")),
            (("ubuntu", "Jammy"), ("ubuntu", "22.04")),
            (("alpine", "v3.18"), ("alpine", "3.18.4")),
            (("sles", "15 SP4"), ("sles", "15.4")),
            (("sles", "15-sp4"), ("sles", "15.4")),
            (("sles", "15.4"), ("sles", "15SP4")),
            (("photon", "5"), ("photon", "5.0")),
            (("openeuler", "22.03-lts-sp1"), ("openeuler", "22.03-LTS-SP1")),
            (("amazon", "2"), ("amzn", "2")),
        ],
    )
    def test_it_is_filed_as_readers_file_it(self, written: tuple[str, str], filed: tuple[str, str]) -> None:
        (finding,) = of_release(Distribution(*written), Distribution(*filed))
        assert finding.status is Status.AFFECTED

    @pytest.mark.parametrize("release", [None, "el9", "AlmaLinux 9", "9-stream", "latest", ""])
    def test_what_is_no_release_may_be_any(self, release: str | None) -> None:
        found = of_release(Distribution("almalinux", release), ALMA9)
        assert dict(found.coverage.assumptions) == {LOST: 1}
        assert not of_release(Distribution("almalinux", release), DEBIAN12).coverage.assumptions

    @pytest.mark.parametrize("release", [None, Distribution("alma linux", "9"), Distribution("almalinx", "9")])
    def test_what_is_no_distribution_may_be_any(self, release: Distribution | None) -> None:
        assert dict(of_release(release, ALMA9).coverage.assumptions) == {LOST: 1}

    def test_a_release_of_openeuler_without_its_service_pack(self) -> None:
        found = of_release(Distribution("openeuler", "22.03"), Distribution("openeuler", "22.03-LTS-SP1"))
        assert dict(found.coverage.assumptions) == {LOST: 1}

    @pytest.mark.parametrize("written", [Distribution("rocky", "9.3"), Distribution("rocky", "el9"), None])
    def test_of_a_name_that_is_none_too(self, written: Distribution | None) -> None:
        """What is lost is lost where hosts look: not under the release as it was written."""
        rocky9 = Distribution("rocky", "9")
        entry_of_none = Affected("bash.x86_64", "rpm", written, Names.BINARY, (Range(None, "9-1"),))
        covers = affected("zsh", "2-1", distribution=rocky9)
        feed = Feed([advisory("A-1", entry_of_none, cves=CVE), advisory("A-2", covers, cves=CVE)])
        found = match(host(rpm("bash", "5-1.el9", vendor="Rocky"), distribution=rocky9), feed)
        assert dict(found.coverage.assumptions) == {LOST: 1}

    def test_another_distribution_is_no_mistake(self) -> None:
        assert not of_release(Distribution("our-appliance", "7"), ALMA9).coverage.assumptions

    @pytest.mark.parametrize(
        ("type", "release", "named", "installed"),
        [
            ("pypi", None, "Flask_SQLAlchemy", "flask-sqlalchemy"),
            ("pypi", Distribution("pypi", "rolling"), "flask.sqlalchemy", "Flask-SQLAlchemy"),
            ("npm", None, "@Angular/core", "@angular/core"),
            ("golang", None, "github.com/BurntSushi/toml", "github.com/burntsushi/toml"),
            ("cargo", None, "serde_v8", "serde-v8"),
        ],
    )
    def test_of_a_language(self, type: str, release: Distribution | None, named: str, installed: str) -> None:
        of = Affected(named, type, release, Names.BINARY, (Range(None, "9.0.0"),))
        feed = Feed([advisory("GHSA-1", of, NEIGHBOUR, cves=CVE)])
        (finding,) = match(Inventory(ALMA9, (Package(type, installed, "5.0.0"),)), feed)
        assert finding.status is Status.AFFECTED

    @pytest.mark.parametrize("name", ["Bash", "BASH"])
    @pytest.mark.parametrize("release", [ALMA9, DEBIAN12, Distribution("alpine", "3.18")])
    def test_a_name_in_other_case(self, release: Distribution, name: str) -> None:
        assert dict(of_release(release, release, name).coverage.assumptions) == {Assumption.NAME_CASE: 1}


class TestWrongTypes:
    """Whatever is neither true nor false would be true, and what is no member would never be met."""

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("negative", "no"),
            ("epoch_known", "no"),
            ("completed", 0),
            ("module", "nodejs:20"),
            ("channel", 5),
            ("source", b"bash"),
            ("in_archive", True),
            ("ranges", (("1", "2"),)),
            ("arches", (5,)),
        ],
    )
    def test_of_entries(self, field: str, value: object) -> None:
        with pytest.raises(TypeError, match=rf"Affected\.{field}"):
            entry(**{field: value})

    def test_of_an_entry_whose_release_is_a_text(self) -> None:
        with pytest.raises(TypeError, match=r"Affected\.distribution"):
            Affected("bash", "rpm", "almalinux 9", Names.BINARY)  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        ("field", "value"), [("affected", ("bash",)), ("reboot_suggested", "no"), ("known_exploited", 1)]
    )
    def test_of_advisories(self, field: str, value: Any) -> None:
        with pytest.raises(TypeError, match=rf"Advisory\.{field}"):
            Advisory(**({"id": "A", "kind": advisory("A").kind, "affected": ()} | {field: value}))

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("doubts", frozenset({"x"})),
            ("doubts", frozenset({5})),
            ("epoch_known", "no"),
            ("source_epoch_known", 0),
            *[(name, 5) for name in ("arch", "source_name", "source_version", "vendor", "location", "repository")],
        ],
    )
    def test_of_packages(self, field: str, value: object) -> None:
        with pytest.raises(TypeError, match=rf"Package\.{field}"):
            rpm("bash", "1-1", **{field: value})

    @pytest.mark.parametrize("packages", [("bash",), None, [5]])
    def test_of_inventories(self, packages: Any) -> None:
        with pytest.raises(TypeError, match=r"Inventory\.packages"):
            Inventory(ALMA9, packages)

    def test_a_list_of_packages_that_grows_later(self) -> None:
        packages = [*HOST.packages[:1]]
        inventory = Inventory(ALMA9, packages)  # type: ignore[arg-type]
        packages.extend(HOST.packages[1:])
        assert inventory == Inventory(ALMA9, HOST.packages[:1])

    def test_of_modules(self) -> None:
        with pytest.raises(TypeError, match=r"Module\.known"):
            Module("no")  # type: ignore[arg-type]


class TestArchitectures:
    """Rule 7: a word that is no architecture's name shows none."""

    RECORD = entry(fixed="9-1.el9", arches=("x86_64",))

    @pytest.mark.parametrize("arch", ["X86_64", "x86_64 ", "(none)", "x86-64-v9", "i1486"])
    def test_a_word_that_is_none(self, arch: str) -> None:
        package = rpm("bash", "5-1.el9", arch=arch, vendor="AlmaLinux")
        (finding,) = match(host(package), Feed([advisory("ALSA-1", self.RECORD, cves=CVE)]))
        assert (finding.status, finding.assumptions) == (Status.AFFECTED, (Assumption.ARCH_UNKNOWN,))

    @pytest.mark.parametrize("arch", ["aarch64", "s390x", "i686", "riscv64"])
    def test_another_architecture(self, arch: str) -> None:
        package = rpm("bash", "5-1.el9", arch=arch, vendor="AlmaLinux")
        found = match(host(package), Feed([advisory("ALSA-1", self.RECORD, cves=CVE)]))
        assert (list(found), found.coverage.counts[PackageClass.CLEAN]) == ([], 1)

    def test_of_another_release(self) -> None:
        """The same where records are of other releases."""
        package = Package("rpm", "bash", "5-1.el8", arch="amd64 x", vendor="AlmaLinux")
        at = Distribution("almalinux", "8")
        feed = Feed([advisory("ALSA-1", entry(fixed="9-1.el8", arches=("x86_64",), distribution=at), cves=CVE)])
        (finding,) = match(host(package, distribution=at), feed)
        assert finding.assumptions == (Assumption.ARCH_UNKNOWN,)


class TestChoices:
    """A choice that is neither made nor left is an error, and what nobody wrote is not known."""

    @pytest.mark.parametrize("field", ["include_third_party", "unknown_epoch_is_zero", "as_published"])
    @pytest.mark.parametrize("value", ["no", None, 0])
    def test_of_a_policy(self, field: str, value: object) -> None:
        with pytest.raises(TypeError, match=rf"MatchPolicy\.{field} must be bool"):
            MatchPolicy(**{field: value})  # type: ignore[arg-type]

    @pytest.mark.parametrize("moment", ["2026-01-01", date(2026, 1, 1), datetime(2026, 1, 1)])
    def test_the_moment_of_the_oldest_feed(self, moment: Any) -> None:
        with pytest.raises(TypeError, match=r"MatchPolicy\.oldest_feed"):
            MatchPolicy(oldest_feed=moment)

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("running_kernel", 6),
            ("report", "read"),
            ("image", "alpine:3.18"),
            ("removed", ("bash",)),
            ("setups", ("baseos",)),
            ("contradictions", "a text"),
        ],
    )
    def test_of_an_inventory(self, field: str, value: Any) -> None:
        with pytest.raises(TypeError, match=rf"Inventory\.{field}"):
            evolve(HOST, **{field: value})

    def test_a_running_kernel_without_a_name_is_not_known(self) -> None:
        kernel = host(rpm("kernel-core", "5.14.0-1.el9", vendor="AlmaLinux"), kernel="")
        assert kernel == evolve(kernel, running_kernel=None)

    @pytest.mark.parametrize("given", ["abc", ["ALSA-1"], [NEIGHBOUR]])
    def test_of_a_feed(self, given: Any) -> None:
        with pytest.raises(TypeError, match="made of Advisory"):
            Feed(given)


class TestVersions:
    """Rule 14: rpm's order has a place for whatever stands there, mostly above every fix."""

    ODD = (
        "9,024",
        "9.1-1.el9 installed",
        "<9.1",
        "=9.1",
        '"9.1"',
        "9.1;",
        "2024-01-01 10:00",
        "9.1-1\n",
        "9.1-1.el9 [1]",
    )

    @pytest.mark.parametrize("version", ODD)
    def test_what_no_rpm_has_is_undecidable(self, version: str) -> None:
        (finding,) = match(host(rpm("bash", version, vendor="AlmaLinux")), Feed([advisory("A-1", entry(), cves=CVE)]))
        assert finding.status is Status.UNDECIDABLE
        assert "not a version of an rpm" in finding.cause

    @pytest.mark.parametrize("version", ODD)
    def test_of_a_source(self, version: str) -> None:
        release = Distribution("rocky", "9")
        package = rpm("bash-libs", "9-1.el9", source_name="bash", source_version=version, vendor="Rocky")
        of_source = entry(names=Names.SOURCE, distribution=release)
        (finding,) = match(host(package, distribution=release), Feed([advisory("A-1", of_source, cves=CVE)]))
        assert finding.status is Status.UNDECIDABLE

    @pytest.mark.parametrize("version", ["9", "1:9.1-1", "9.1~rc1-1", "9.1^git-1.el9_4", "9..1-1", "(none)"])
    def test_what_an_rpm_may_have(self, version: str) -> None:
        found = match(host(rpm("bash", version, vendor="AlmaLinux")), Feed([advisory("A-1", entry(), cves=CVE)]))
        assert (len(found) == 0) == (version != "(none)")
