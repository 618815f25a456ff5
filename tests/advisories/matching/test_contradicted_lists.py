"""Rule 1: a list that is of another release than the one it is judged as has nothing clean in it."""

from collections import Counter
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from random import Random

import pytest
from advisories_reference import advisory, affected, host, rpm
from attrs import evolve
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from places import GOLDEN

from advisories import Feed, MatchPolicy, cli, explain, match, match_many, read_inventory
from advisories.matching.rules import ENOUGH_TAGS, TAGS_TO_ONE, contradicts_release
from advisories.models import Assumption, Distribution, Inventory, Names, Package, PackageClass, State
from advisories.models.distribution import FAMILIES, filed_under, language_of

CONTRADICTED = Assumption.RELEASE_CONTRADICTED
ALMA8, ALMA9 = Distribution("almalinux", "8"), Distribution("almalinux", "9")
DEBIAN12 = Distribution("debian", "12")
AS_9 = MatchPolicy(judge_as=ALMA9)


def el(count: int, tag: str, prefix: str = "x") -> list[Package]:
    return [rpm(f"{prefix}{number}", f"1-{number}.{tag}") for number in range(count)]


def debs(count: int, tag: str) -> list[Package]:
    return [Package("deb", f"x{number}", f"1-{number}{tag}") for number in range(count)]


def feed(release: Distribution, *names: str, fixed: str = "0-1") -> Feed:
    of, type = filed_under(release), FAMILIES[release.id].type
    entries = [affected(name, fixed, distribution=of, names=Names.BINARY) for name in ("x0", *names)]
    return Feed([advisory("X-1", *[evolve(one, type=type) for one in entries])])


def assumed(packages: Sequence[Package], release: Distribution = ALMA9) -> dict[Assumption, int]:
    coverage = match(Inventory(release, tuple(packages)), feed(release)).coverage
    found = dict(coverage.assumptions)
    assert coverage.covered
    assert not (CONTRADICTED in found and coverage.counts[PackageClass.CLEAN])
    return found


@pytest.mark.parametrize(
    ("judged_as", "version"),
    [
        ("almalinux:9", "5.1.8-6.el8_10"),
        ("rocky:9", "239-78.module+el8.9.0+1445+07728297"),
        ("rhel:8.6", "2.17-317.el7"),
        ("centos:8", "2.17-317.el7.centos"),
        ("ol:9", "2.28-236.0.1.el8"),
        ("centos-stream:10", "2.34-100.el9"),
        ("fedora:39", "5.2.15-3.fc38"),
        ("amzn:2023", "2.26-63.amzn2"),
        ("azurelinux:3", "2.35-4.cm2"),
        ("mariner:2.0", "2.28-20.cm1"),
        ("photon:4.0", "2.28-22.ph3"),
        ("opensuse-leap:15.3", "15.0-lp151.9.2"),
        ("debian:12", "2.31-13+deb11u11"),
        ("dhi-debian:13", "252.30-1~deb12u2"),
        ("raspbian:12", "2.31-13+deb11u11"),
        ("ubuntu:22.04", "2.10-1ubuntu0.20.04.1"),
        ("ubuntu:20.04", "4.15.0-1176.189~18.04.1"),
        ("linuxmint:21", "2.10-1ubuntu0.20.04.1"),
    ],
)
def test_of_every_family(judged_as: str, version: str) -> None:
    """Real versions of an earlier release, under ten names."""
    release = Distribution.parse(judged_as)
    type = "deb" if "ubuntu" in version or "deb" in version or "~" in version else "rpm"
    packages = tuple(Package(type, f"x{number}", version) for number in range(10))
    found = match(Inventory(release, packages), feed(release)).coverage
    assert found.counts[PackageClass.UNCHECKED] == 10
    assert found.assumptions[CONTRADICTED] == 10
    few = match(Inventory(release, packages[:9]), feed(release)).coverage
    assert CONTRADICTED not in few.assumptions


@pytest.mark.parametrize(
    ("judged_as", "package", "version", "is_of_it"),
    [
        ("debian:12", "base-files", "12.4+deb12u8", True),
        ("debian:12", "base-files", "11.1+deb11u11", False),
        ("debian:12", "base-files", "13.8", False),
        ("debian:8", "base-files", "8+rpi1", True),
        ("debian:9", "base-files", "6.0squeeze7", False),
        ("ubuntu:22.04", "base-files", "12ubuntu4.3", True),
        ("ubuntu:22.04", "base-files", "11ubuntu5.5", False),
        ("ubuntu:22.10", "base-files", "12.2ubuntu2", True),
        ("ubuntu:22.04", "base-files", "12.2ubuntu2", False),
        ("sles:15.4", "sles-release", "15.3-55.4.1", False),
        ("sles:15.3", "sles-release", "15.3-55.4.1", True),
        ("sles:15.3", "sles-release", "15-107.1", False),
        ("opensuse-leap:16.0", "Leap-release", "16.0-lp160.260.2", True),
        ("opensuse-leap:15.6", "openSUSE-release", "15.1-lp151.301.1", False),
        ("opensuse-leap:15.6", "openSUSE-release", "20240607-2943.1", False),
    ],
)
def test_the_package_of_the_release_decides(judged_as: str, package: str, version: str, is_of_it: bool) -> None:
    release = Distribution.parse(judged_as)
    type = "deb" if package == "base-files" else "rpm"
    tag = {"debian": "+deb1u1", "ubuntu": "ubuntu0.12.04.1"}.get(release.id, ".lp111.1")
    leftovers = [Package(type, f"x{number}", f"1-{number}{tag}") for number in range(10)]
    carrier = Package(type, package, version)
    for packages in ([carrier], [carrier, *leftovers], [*leftovers, carrier]):
        found = match(Inventory(release, tuple(packages)), feed(release)).coverage
        assert (CONTRADICTED in found.assumptions) is not is_of_it
        if not is_of_it:
            assert found.counts[PackageClass.CLEAN] == 0


def test_a_package_of_the_release_that_shows_none_leaves_it_to_the_tags() -> None:
    for version in ("22.1", "2012ubuntu1", "mine"):
        carrier = Package("deb", "base-files", version)
        release = Distribution("ubuntu", "22.04")
        assert CONTRADICTED not in assumed([carrier], release)
        old = [Package("deb", f"x{number}", "1-0ubuntu0.20.04.1") for number in range(10)]
        assert assumed([carrier, *old], release) == {CONTRADICTED: 11}


def test_a_derivative_may_number_it_anew() -> None:
    lmde = Distribution.parse("lmde:6")
    packages = (Package("deb", "base-files", "6"), Package("deb", "x0", "1-1"))
    assert CONTRADICTED not in match(Inventory(lmde, packages), feed(DEBIAN12)).coverage.assumptions


class TestWhatIsAndIsNot:
    def test_findings_stay_and_everything_else_is_unchecked(self) -> None:
        packages = tuple(el(12, "el8"))
        findings = match(Inventory(ALMA9, packages), feed(ALMA9, fixed="9-1"))
        assert findings.coverage.counts[PackageClass.AFFECTED] == 1
        assert findings.coverage.counts[PackageClass.UNCHECKED] == 11
        assert CONTRADICTED not in next(iter(findings)).assumptions

    def test_names_that_records_have_are_unchecked_too(self) -> None:
        packages = tuple(el(12, "el8"))
        coverage = match(Inventory(ALMA9, packages), feed(ALMA9, *[one.name for one in packages])).coverage
        assert coverage.counts[PackageClass.CLEAN] == 0

    def test_a_later_release(self) -> None:
        assert assumed(debs(30, "+deb13u1"), DEBIAN12)[CONTRADICTED] == 30
        mixed = [*debs(10, "+deb13u1"), *[Package("deb", f"y{number}", "1-1") for number in range(300)]]
        assert assumed(mixed, DEBIAN12)[CONTRADICTED] == 310

    def test_builds_of_one_name_are_one_name(self) -> None:
        kernels = [rpm("kernel", f"4.18.0-{number}.el8") for number in range(30)]
        assert CONTRADICTED not in assumed([*kernels, *el(8, "el8")])
        assert CONTRADICTED in assumed([*kernels, *el(9, "el8")])

    def test_removed_packages_and_those_of_third_parties_do_not_count(self) -> None:
        removed = [Package("deb", f"r{n}", "1-1+deb11u1", state=State.CONFIG_FILES) for n in range(20)]
        assert CONTRADICTED not in assumed([*removed, *debs(9, "+deb11u1")], DEBIAN12)
        foreign = [rpm(f"f{n}", "1-1.el8", vendor="Somebody Else") for n in range(20)]
        assert CONTRADICTED not in assumed([*foreign, *el(9, "el8")])

    def test_packages_of_languages_are_judged_as_ever(self) -> None:
        python = Package("pypi", "requests", "2.0")
        entry = evolve(affected("requests", "1.0"), type="pypi", distribution=language_of("pypi"), names=Names.SOURCE)
        records = Feed([*feed(ALMA9), advisory("Y-1", entry)])
        coverage = match(host(*el(12, "el8"), python), records).coverage
        assert coverage.by_class()[PackageClass.CLEAN] == (python,)

    def test_each_host_of_a_fleet_by_its_own_list(self) -> None:
        right, wrong = host(*el(12, "el9")), host(*el(12, "el8"))
        found = [dict(one.coverage.assumptions) for _, one in match_many([right, wrong, right, wrong], feed(ALMA9))]
        assert found == [{}, {CONTRADICTED: 12}] * 2

    def test_whatever_a_matcher_remembers(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Also of more packages of another release than it keeps, and of lists that share their packages."""
        monkeypatch.setattr(import_module("advisories.matching.match"), "_REMEMBERED", 5)
        old, own = el(12, "el8"), el(12, "el9", prefix="own")
        hosts = [host(*own), host(*old), host(*own, *old), host(*own[:1], *old), host(*old[:9]), host(*own, *old[:1])]
        found = [CONTRADICTED in one.coverage.assumptions for _, one in match_many(hosts * 3, feed(ALMA9))]
        assert found == [False, True, False, True, False, False] * 3

    def test_beside_the_other_doubts_of_a_list(self) -> None:
        """No record names any of it, and a third party's repository is set up."""
        packages = [*el(12, "el8", prefix="z"), rpm("epel-release", "8-7.el8")]
        found = assumed(packages)
        assert found == {
            CONTRADICTED: 13,
            Assumption.NAMES_UNKNOWN: 13,
            Assumption.VENDOR_UNKNOWN: 13,
        }

    @pytest.mark.parametrize("judged_as", ["rhcos:4.14", "alinux:3"])
    def test_releases_that_are_not_those_of_the_tag(self, judged_as: str) -> None:
        release = Distribution.parse(judged_as)
        assert not assumed(el(20, "el8"), release)


@settings(max_examples=examples(150), deadline=None)
@given(st.integers(0, 40), st.integers(0, 6), st.integers(0, 30), st.sampled_from(["el8", "el10"]), st.randoms())
def test_only_counts_matter(others: int, own: int, untagged: int, tag: str, random: Random) -> None:
    """The order of packages does not, packages without a tag do not, and enough of the right tag end the doubt."""
    packages = [*el(others, tag), *el(own, "el9", prefix="own"), *el(untagged, "1", prefix="none")]
    shuffled = random.sample(packages, len(packages))
    found = match(host(*shuffled), feed(ALMA9)).coverage
    is_other = others >= ENOUGH_TAGS and others >= TAGS_TO_ONE * own
    assert (CONTRADICTED in found.assumptions) is is_other
    assert found == match(host(*packages), feed(ALMA9)).coverage
    enough = el(others // TAGS_TO_ONE + 1, "el9", prefix="right")
    assert CONTRADICTED not in match(host(*enough, *shuffled), feed(ALMA9)).coverage.assumptions


COUNTS = st.integers(0, 130)


@given(COUNTS, COUNTS, COUNTS, st.booleans())
def test_more_of_the_right_release_never_makes_a_doubt(own: int, others: int, names: int, other_release: bool) -> None:
    def doubted(own: int, others: int, names: int, *, own_release: bool = False) -> bool:
        return contradicts_release(own, others, names, own_release, other_release)

    assert doubted(own, others, names) >= doubted(own + 1, others, names)
    assert doubted(own, others, names) <= doubted(own, others + 1, names + 1)
    assert not doubted(own, others, names, own_release=True)
    assert doubted(own, others, names) or not other_release


def test_the_counts_of_a_list_in_doubt_add_up() -> None:
    coverage = match(host(*el(12, "el8"), rpm("own", "1-1.el9")), feed(ALMA9)).coverage
    assert Counter(dict(coverage.counts)).total() == coverage.packages == 13


def test_the_words_of_a_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What was wrong, of how many packages, and what you can do. The status of --strict is 2 until you accept it."""
    case = GOLDEN / "match" / "list-of-an-earlier-release"
    (tmp_path / "feed").mkdir()
    (tmp_path / "feed" / "feed.json").write_bytes((case / "feed.json").read_bytes())
    (tmp_path / "feed" / "index.txt").write_text("feed.json\n")
    arguments = ["match", "--inventory", str(case / "inventory.txt"), "--feed", str(tmp_path / "feed")]
    arguments += ["--distro", "almalinux:9", "--strict"]
    assert cli.main([*arguments, "--format", "text"]) == 2
    printed = " ".join(capsys.readouterr().out.split())
    assert "release-contradicted" in printed
    assert CONTRADICTED.meaning in printed
    assert CONTRADICTED.advice in printed
    accepted = [word for one in ("release-contradicted", "epoch-unknown") for word in ("--accept", one)]
    assert cli.main([*arguments, *accepted]) == 0
    (explanation, *_) = explain(read_inventory(case / "inventory.txt"), feed(ALMA9, "bash"), "libcap", "X", AS_9)
    assert explanation.assumptions == (CONTRADICTED,)
