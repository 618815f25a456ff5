"""Rule 0: a package without a finding of which not all is known is unchecked, with what was assumed of it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from advisories_reference import advisory, affected, host, rpm
from advisories_stores import in_store
from attrs import evolve

from advisories import Feed, MatchPolicy, explain, match, match_many
from advisories.models import Assumption, Distribution, Inventory, Names, Package, PackageClass
from advisories.models.distribution import language_of
from advisories.models.findings import Coverage

DEBIAN12 = Distribution("debian", "12")
CVE = "CVE-2024-1000"
OTHERS = advisory("ALSA-0", affected("another", "1-1"))


def deb(name: str, version: str, **more: Any) -> Package:
    return Package("deb", name, version, "amd64", **more)


def covered(inventory: Inventory, *advisories: Any, policy: MatchPolicy | None = None) -> Coverage:
    return match(inventory, Feed([*advisories, OTHERS]), policy or MatchPolicy()).coverage


def sourced(fixed: str = "2-1") -> Any:
    return advisory("DSA-1", affected("tools", fixed, distribution=DEBIAN12, names=Names.SOURCE), cves=[CVE])


class TestSources:
    def test_without_a_source_a_deb_is_unchecked(self) -> None:
        """libtools1 is built from tools, which the list does not show."""
        coverage = covered(host(deb("libtools1", "1-1"), distribution=DEBIAN12), sourced())
        assert coverage.counts[PackageClass.UNCHECKED] == 1
        assert coverage.assumptions == coverage.unchecked == {Assumption.SOURCE_UNKNOWN: 1}

    def test_it_counts_beside_a_finding(self) -> None:
        coverage = covered(host(deb("tools", "1-1"), distribution=DEBIAN12), sourced())
        assert coverage.counts[PackageClass.AFFECTED] == 1
        assert (coverage.assumptions, coverage.unchecked) == ({Assumption.SOURCE_UNKNOWN: 1}, {})

    def test_a_source_of_its_own_name_is_known(self) -> None:
        package = deb("tools", "2-1", source_name="tools", source_version="2-1")
        assert covered(host(package, distribution=DEBIAN12), sourced()).counts[PackageClass.CLEAN] == 1

    def test_where_records_name_binaries_alone_no_source_is_missed(self) -> None:
        coverage = covered(host(rpm("bash", "9-1")), advisory("ALSA-1", affected("bash", "2-1"), cves=[CVE]))
        assert (coverage.counts[PackageClass.CLEAN], coverage.assumptions) == (1, {})

    def test_what_a_map_lacks_matters_where_records_name_sources(self) -> None:
        doubts = frozenset({Assumption.NOT_IN_ARCHIVE})
        unknown = deb("libtools1", "1-1", doubts=doubts)
        assert covered(host(unknown, distribution=DEBIAN12), sourced()).unchecked == {Assumption.NOT_IN_ARCHIVE: 1}
        of_binaries = advisory("ALSA-1", affected("bash", "2-1"), cves=[CVE])
        assert not covered(host(evolve(rpm("bash", "9-1"), doubts=doubts)), of_binaries).assumptions

    @pytest.mark.parametrize(
        ("fixed", "lists_epochs", "assumed"),
        [
            # Neither the binary nor a record of the source shows an epoch.
            ("2-1", True, False),
            ("1:2-1", True, True),
            ("2-1", False, True),
        ],
    )
    def test_the_epoch_of_a_source_rpm(self, fixed: str, lists_epochs: bool, assumed: bool) -> None:
        package = rpm(
            *("tools-libs", "1-1"),
            epoch_known=lists_epochs,
            source_name="tools",
            source_version="1-1",
            source_epoch_known=False,
        )
        record = advisory("SUSE-1", affected("tools", fixed, names=Names.SOURCE), cves=[CVE])
        (finding,) = match(host(package), Feed([record]))
        assert (Assumption.EPOCH_UNKNOWN in finding.assumptions) is assumed


class TestVendors:
    EPEL = rpm("epel-release", "9-7.el9")

    def test_what_no_record_names_may_be_a_third_partys(self) -> None:
        record = advisory("ALSA-1", affected("bash", "2-1"), cves=[CVE])
        coverage = covered(host(self.EPEL, rpm("bash", "9-1"), rpm("nsca", "1-1")), record)
        assert coverage.unchecked == {Assumption.VENDOR_UNKNOWN: 2}
        assert [package.name for package in coverage.packages_in(PackageClass.CLEAN)] == ["bash"]

    def test_a_list_with_vendors_shows_it(self) -> None:
        packages = [evolve(one, vendor="AlmaLinux") for one in (self.EPEL, rpm("nsca", "1-1"))]
        assert not covered(host(*packages)).assumptions

    def test_without_a_third_partys_repository_all_is_the_distributions(self) -> None:
        assert not covered(host(rpm("nsca", "1-1"))).assumptions

    def test_what_you_judge_by_choice_is_no_clean_package(self) -> None:
        record = advisory("ALSA-1", affected("bash", "2-1"), cves=[CVE])
        package = rpm("bash", "9-1", vendor="Somebody")
        coverage = covered(host(package), record, policy=MatchPolicy(include_third_party=True))
        assert coverage.unchecked == {Assumption.REBUILD: 1}


class TestAge:
    RECORD = advisory("ALSA-1", affected("bash", "2-1"), cves=[CVE], modified=datetime(2024, 6, 1, tzinfo=UTC))

    @pytest.mark.parametrize(("day", "stale"), [(1, False), (2, True)])
    def test_an_older_feed_is_stale(self, day: int, stale: bool) -> None:
        policy = MatchPolicy(oldest_feed=datetime(2024, 6, day, tzinfo=UTC))
        coverage = covered(host(rpm("bash", "9-1"), rpm("zsh", "1-1")), self.RECORD, policy=policy)
        assert coverage.unchecked == ({Assumption.FEED_STALE: 2} if stale else {})

    def test_a_feed_without_dates_is_stale(self) -> None:
        policy = MatchPolicy(oldest_feed=datetime(2024, 6, 1, tzinfo=UTC))
        assert covered(host(rpm("zsh", "1-1")), policy=policy).unchecked == {Assumption.FEED_STALE: 1}


class TestViews:
    def test_each_package_has_its_assumptions(self) -> None:
        library, tools = deb("libtools1", "1-1"), deb("tools", "3-1", source_name="tools", source_version="3-1")
        coverage = covered(host(library, tools, distribution=DEBIAN12), sourced())
        assert coverage.assumed == {library: (Assumption.SOURCE_UNKNOWN,)}
        assert coverage.by_class()[PackageClass.UNCHECKED] == (library,)

    def test_an_explanation_shows_them(self) -> None:
        inventory = host(deb("libtools1", "1-1"), distribution=DEBIAN12)
        (explanation,) = explain(inventory, Feed([sourced()]), "libtools1", CVE)
        assert explanation.package_class is PackageClass.UNCHECKED
        assert explanation.assumptions == (Assumption.SOURCE_UNKNOWN,)
        lines = str(explanation).splitlines()
        assert "  rule 0: the package is unchecked, not clean" in lines
        assert any(line.startswith("  assumed (source-unknown): ") for line in lines)

    def test_every_assumption_has_a_meaning_and_advice(self) -> None:
        for assumption in Assumption:
            assert assumption.meaning
            assert assumption.advice
            assert not assumption.advice.endswith(".")


class TestKernels:
    def test_a_standby_kernel_of_an_unknown_line_clears_nothing(self) -> None:
        oracle = Distribution("ol", "8")
        old, new = (rpm("kernel-uek", version) for version in ("5.4.17-2136.300.7.el8uek", "5.15.0-100.96.32.el8uek"))
        record = advisory("ELSA-1", affected("kernel-uek", "5.4.17-2136.328.3.el8uek", distribution=oracle), cves=[CVE])
        known = advisory("ELSA-2", affected("kernel-uek", "5.15.0-1.el8uek", distribution=oracle), cves=["CVE-2024-2"])
        inventory = evolve(host(old, new, distribution=oracle), running_kernel="5.4.17-2136.300.7.el8uek.x86_64")
        for records, waits in (([record], False), ([record, known], True)):
            (finding,) = match(inventory, Feed(records))
            assert (finding.package, finding.pending_restart) == (old, waits)


class TestForeignLists:
    """A list of which no record names a package may be another system's, and then nothing was checked."""

    NAMES = tuple(f"package{number}" for number in range(10))

    def packages(self, *names: str) -> list[Package]:
        return [rpm(name, "9-1") for name in names]

    def test_ten_names_that_no_record_has(self) -> None:
        inventory = host(*self.packages(*self.NAMES))
        coverage = covered(inventory, advisory("ALSA-1", affected("bash", "2-1"), cves=[CVE]))
        assert coverage.counts[PackageClass.UNCHECKED] == 10
        assert coverage.assumptions == {Assumption.NAMES_UNKNOWN: 10}

    def test_fewer_are_a_small_image(self) -> None:
        twice = [rpm(self.NAMES[0], "9-1", arch="i686"), *self.packages(*self.NAMES[:9])]
        assert not covered(host(*twice), advisory("ALSA-1", affected("bash", "2-1"), cves=[CVE])).assumptions

    @pytest.mark.parametrize("fixed", ["2-1", "99-1"])
    def test_one_known_name_is_enough(self, fixed: str) -> None:
        inventory = host(*self.packages(*self.NAMES, "bash"))
        assert not covered(inventory, advisory("ALSA-1", affected("bash", fixed), cves=[CVE])).assumptions

    def test_the_name_of_a_source_is_one_too(self) -> None:
        inventory = host(*self.packages(*self.NAMES), rpm("lib", "9-1", source_name="bash", source_version="9-1"))
        record = advisory("ALSA-1", affected("bash", "2-1", names=Names.SOURCE), cves=[CVE])
        assert Assumption.NAMES_UNKNOWN not in covered(inventory, record).assumptions

    def test_packages_of_languages_are_no_system(self) -> None:
        python = [Package("pypi", name, "1.0") for name in self.NAMES]
        inventory = host(rpm("bash", "9-1"), *python)
        assert not covered(inventory, advisory("ALSA-1", affected("bash", "2-1"), cves=[CVE])).assumptions

    def test_hosts_of_a_fleet_are_judged_each_by_its_own_list(self) -> None:
        feed = Feed([advisory("ALSA-1", affected("bash", "2-1"), cves=[CVE])])
        right, wrong = host(*self.packages(*self.NAMES, "bash")), host(*self.packages(*self.NAMES))
        found = [dict(findings.coverage.assumptions) for _, findings in match_many([right, wrong, right], feed)]
        assert found == [{}, {Assumption.NAMES_UNKNOWN: 10}, {}]


class TestNamesInOtherCase:
    """A list whose names another program wrote in lower case has names that no record has."""

    NETWORK = advisory("ALSA-1", affected("NetworkManager", "9-9"), cves=[CVE])

    @staticmethod
    def both(inventory: Inventory, folder: Path, *advisories: Any) -> Coverage:
        """By the feed in memory, and the same by its store."""
        with in_store([*advisories, OTHERS], folder / "feed.db") as store:
            assert match(inventory, store) == match(inventory, Feed([*advisories, OTHERS]))
            return match(inventory, store).coverage

    @pytest.mark.parametrize(
        ("name", "of_record", "doubt"),
        [
            ("networkmanager", "NetworkManager", Assumption.NAME_CASE),
            ("NetworkManager", "networkmanager", Assumption.NAME_CASE),
            ("Networkmanager", "NetworkManager", Assumption.NAME_CASE),
            ("network-manager", "NetworkManager", None),
            ("networkmanager2", "NetworkManager", None),
            ("ärger", "Ärger", Assumption.NAME_IMPOSSIBLE),
        ],
    )
    def test_a_name_that_records_have_in_other_case(
        self, name: str, of_record: str, doubt: Assumption | None, tmp_path: Path
    ) -> None:
        record = advisory("ALSA-1", affected(of_record, "2-1"), cves=[CVE])
        coverage = self.both(host(rpm(name, "1-1"), rpm("bash", "1-1")), tmp_path, record)
        assert coverage.unchecked == ({doubt: 1} if doubt else {})
        assert coverage.counts[PackageClass.CLEAN] == 1 + (doubt is None)

    def test_records_of_both_names(self, tmp_path: Path) -> None:
        own = advisory("ALSA-2", affected("networkmanager", "1-1"), cves=[CVE])
        coverage = self.both(host(rpm("networkmanager", "1-1")), tmp_path, self.NETWORK, own)
        assert coverage.counts[PackageClass.CLEAN] == 1

    def test_a_record_of_a_source_of_that_name_knows_it(self, tmp_path: Path) -> None:
        own = advisory("ALSA-2", affected("networkmanager", "1-1", names=Names.SOURCE), cves=[CVE])
        package = rpm("networkmanager", "1-1", source_name="other", source_version="1-1")
        assert not self.both(host(package), tmp_path, self.NETWORK, own).assumptions

    def test_the_name_of_the_source(self, tmp_path: Path) -> None:
        of_source = advisory("ALSA-1", affected("NetworkManager", "2-1", names=Names.SOURCE), cves=[CVE])
        package = rpm("networkmanager-libnm", "1-1", source_name="networkmanager", source_version="1-1")
        assert self.both(host(package), tmp_path, of_source).unchecked == {Assumption.NAME_CASE: 1}

    @pytest.mark.parametrize(
        "name",
        [
            "bash.x86_64",
            "bash:x86_64",
            " bash",
            "bash ",
            "bash\n",
            '"bash"',
            "bash-1:5.1-1",
            "libstdc%2B%2B6",
            "bash\0",
            "",
        ],
    )
    @pytest.mark.parametrize("is_source", [False, True])
    def test_names_that_no_package_has(self, name: str, is_source: bool, tmp_path: Path) -> None:
        names = {"name": "glibc", "source_name": name} if is_source else {"name": name}
        package = evolve(rpm("glibc", "1-1", source_version="1-1"), **names)
        coverage = self.both(host(package, rpm("coreutils", "1-1")), tmp_path, self.NETWORK)
        # An empty source is none.
        is_doubted = not (is_source and not name)
        assert coverage.unchecked == ({Assumption.NAME_IMPOSSIBLE: 1} if is_doubted else {})

    def test_a_name_that_a_record_has_is_one(self, tmp_path: Path) -> None:
        record = advisory("ALSA-1", affected("odd:name", "2-1"), cves=[CVE])
        inventory = host(rpm("odd:name", "1-1"), rpm("odd:name", "3-1"))
        coverage = self.both(inventory, tmp_path, record)
        assert (coverage.counts[PackageClass.AFFECTED], coverage.counts[PackageClass.CLEAN]) == (1, 1)

    def test_names_of_debs_and_languages_that_none_has(self) -> None:
        record = advisory("DSA-1", affected("tools", "2-1", distribution=DEBIAN12), cves=[CVE])
        debs = host(deb("libc6:amd64", "1-1"), deb("zlib1g.amd64", "1-1"), distribution=DEBIAN12)
        assert covered(debs, record).unchecked == {Assumption.NAME_IMPOSSIBLE: 1}
        npm = host(Package("npm", "@babel/core", "7.0.0"), deb("zlib1g", "1-1"), distribution=DEBIAN12)
        assert Assumption.NAME_IMPOSSIBLE not in covered(npm, record).assumptions

    def test_of_another_release_they_show_nothing(self, tmp_path: Path) -> None:
        alma8 = Distribution("almalinux", "8")
        record = advisory("ALSA-1", affected("NetworkManager", "2-1", distribution=alma8), cves=[CVE])
        assert not self.both(host(rpm("networkmanager", "1-1")), tmp_path, record).assumptions

    def test_of_a_derivative_by_choice_too(self) -> None:
        policy = MatchPolicy(judge_as=Distribution("almalinux", "9"))
        inventory = host(rpm("networkmanager", "1-1"), distribution=Distribution("rocky", "9"))
        assert Assumption.NAME_CASE in covered(inventory, self.NETWORK, policy=policy).unchecked

    def test_third_parties_and_what_is_not_installed_are_not_looked_up(self) -> None:
        inventory = host(rpm("networkmanager", "1-1", vendor="Somebody"))
        assert not covered(inventory, self.NETWORK).assumptions

    def test_gems_and_debs(self, tmp_path: Path) -> None:
        gems = language_of("gem")
        assert gems is not None
        entry = evolve(affected("RedCloth", "4.3.3", distribution=gems), type="gem")
        cloth = advisory("GHSA-1", entry, cves=[CVE])
        inventory = host(Package("gem", "redcloth", "4.2.9"), Package("gem", "RedCloth", "4.3.3"))
        assert self.both(inventory, tmp_path, cloth).unchecked == {Assumption.NAME_CASE: 1}
        tools = advisory("DSA-1", affected("Tools", "2-1", distribution=DEBIAN12), cves=[CVE])
        inventory = host(deb("tools", "1-1"), distribution=DEBIAN12)
        assert self.both(inventory, tmp_path, tools).unchecked == {Assumption.NAME_CASE: 1}
