"""What a root has set up, by its own files: channels, releases, streams, and where they contradict each other."""

import json
import os
import shutil
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import pytest
from archives import gzipped, tar_of
from images import Layout

from advisories.models import Assumption, Inventory, SetupKind
from advisories.readers import inventories
from advisories.readers.setups import of_root

DPKG = "var/lib/dpkg/status"
APK = "lib/apk/db/installed"
JAMMY = "ID=ubuntu\nVERSION_ID=22.04\n"
OLD = "etc/apt/sources.list"
ESM = "etc/apt/sources.list.d/ubuntu-esm-infra.list"
INFRA = "deb https://esm.ubuntu.com/infra/ubuntu jammy-infra-security main\n"
PRO = "var/lib/ubuntu-advantage/status.json"
OWN = "deb http://archive.ubuntu.com/ubuntu jammy main\ndeb http://security.ubuntu.com/ubuntu jammy-security main\n"
REPO = "etc/yum.repos.d/redhat.repo"
EUS = "[rhel-8-for-x86_64-baseos-eus-rpms]\nbaseurl=https://cdn.redhat.com/content/eus/rhel8/{}/x86_64/baseos/os\n"
RPMS = "var/lib/rpmmanifest/container-manifest-2"


def debs(**versions: str) -> str:
    return "".join(
        f"Package: {name}\nStatus: install ok installed\nVersion: {version}\nMaintainer: U <u@ubuntu.com>\n\n"
        for name, version in (versions or {"bash": "5.1-6ubuntu1"}).items()
    )


def rpms(distribution: str) -> dict[str, str]:
    row = "bash\t(none)\t5.1\t6\tx86_64\tbash-5.1-6.src.rpm\tRed Hat, Inc.\t(none)\n"
    id, version = distribution.split()
    return {"etc/os-release": f'ID={id}\nVERSION_ID="{version}"\n', RPMS: row}


def status(attached: bool, **services: str) -> str:
    rows = [{"name": name.replace("_", "-"), "status": status} for name, status in services.items()]
    return json.dumps({"attached": attached, "services": rows})


def made(root: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def read(root: Path, files: Mapping[str, str]) -> Inventory:
    return inventories.read(made(root, files))


def ubuntu(root: Path, files: Mapping[str, str], **versions: str) -> Inventory:
    return read(root, {"etc/os-release": JAMMY, DPKG: debs(**versions), **files})


def doubts(inventory: Inventory) -> set[Assumption]:
    return set().union(*[package.doubts for package in inventory.packages]) - {Assumption.SOURCE_UNKNOWN}


def channels(inventory: Inventory) -> list[str]:
    assert inventory.distribution is not None
    return sorted(inventory.distribution.channels)


def refused(inventory: Inventory) -> list[str]:
    assert inventory.report is not None
    return [f"{one.source.rpartition('/')[2]}: {one.position}: {one.why}" for one in inventory.report.rejections]


class TestUbuntuPro:
    def test_nothing_to_read_is_as_before(self, tmp_path: Path) -> None:
        found = ubuntu(tmp_path, {})
        assert (str(found.distribution), found.setups, found.contradictions) == ("ubuntu 22.04", (), ())
        assert not doubts(found)

    @pytest.mark.parametrize(
        "files",
        [
            {ESM: INFRA},
            {ESM: INFRA, OLD: OWN, PRO: status(True, esm_infra="enabled", esm_apps="disabled")},
            {ESM: "deb http://mirror.example/esm jammy-infra-updates main\n"},
            {
                "etc/apt/sources.list.d/ubuntu-esm-infra.sources": "Types: deb\nSuites: jammy-infra-security\n"
                "URIs: https://esm.ubuntu.com/infra/ubuntu\nComponents: main\nSigned-By: /k.gpg\n"
            },
            {PRO: status(True, esm_infra="enabled")},
        ],
    )
    def test_a_channel_is_read(self, files: dict[str, str], tmp_path: Path) -> None:
        found = ubuntu(tmp_path, files)
        assert channels(found) == ["esm-infra"]
        assert found.contradictions == ()
        assert not doubts(found)
        (setup,) = [one for one in found.setups if one.is_on and one.kind is SetupKind.CHANNEL][:1]
        assert setup.place.startswith(("etc/apt/sources.list.d/ubuntu-esm-infra", PRO))

    @pytest.mark.parametrize(
        "files",
        [
            {ESM: f"# {INFRA}"},
            {ESM: INFRA.replace("deb ", "deb-src ")},
            {f"{ESM}.save": INFRA, "etc/apt/sources.list.d/.hidden.list": INFRA},
            {f"var/lib/ubuntu-advantage/apt-esm/{ESM}": INFRA},
            {PRO: status(False, esm_infra="enabled")},
            {PRO: status(True, esm_infra="disabled")},
            {
                "etc/apt/sources.list.d/u.sources": "Types: deb\nSuites: jammy-infra-security\nEnabled: no\n"
                "URIs: https://esm.ubuntu.com/infra/ubuntu\nComponents: main\n"
            },
        ],
    )
    def test_a_channel_that_is_off(self, files: dict[str, str], tmp_path: Path) -> None:
        found = ubuntu(tmp_path, {OLD: OWN, **files})
        assert channels(found) == []
        assert found.contradictions == ()
        assert not doubts(found)

    @pytest.mark.parametrize(
        ("files", "why"),
        [
            (
                {ESM: INFRA, PRO: status(False, esm_infra="enabled")},
                f"esm-infra is on in {ESM} line 1, and off in {PRO}",
            ),
            (
                {ESM: f"#{INFRA}", PRO: status(True, esm_infra="enabled")},
                f"esm-infra is on in {PRO}, and no repository of it is set up",
            ),
        ],
    )
    def test_contradictions(self, files: dict[str, str], why: str, tmp_path: Path) -> None:
        """Neither is chosen: the host lacks the channel, and each package has the assumption."""
        found = ubuntu(tmp_path, {OLD: OWN, **files})
        assert found.contradictions == (why,)
        assert channels(found) == []
        assert doubts(found) == {Assumption.CHANNEL_UNKNOWN}

    def test_builds_of_a_channel_without_its_repository(self, tmp_path: Path) -> None:
        found = ubuntu(tmp_path, {OLD: OWN}, bash="5.1-6ubuntu1", vim="8.2-1ubuntu1+esm2")
        why = "1 package is a build of ESM, such as vim 8.2-1ubuntu1+esm2, and no repository of it is set up"
        assert found.contradictions == (why,)
        assert doubts(found) == {Assumption.CHANNEL_UNKNOWN}

    def test_builds_of_a_channel_with_its_repository_or_no_file_at_all(self, tmp_path: Path) -> None:
        for number, files in enumerate(({OLD: OWN, ESM: INFRA}, {})):
            found = ubuntu(tmp_path / str(number), files, vim="8.2-1ubuntu1+esm2")
            assert (found.contradictions, doubts(found)) == ((), set())

    def test_a_file_that_cannot_be_read_leaves_its_neighbours(self, tmp_path: Path) -> None:
        made(tmp_path, {ESM: INFRA})
        os.mkfifo(tmp_path / "etc/apt/sources.list.d/a.list")
        found = ubuntu(tmp_path, {OLD: "deb http://x\n" + OWN, PRO: "{"})
        assert channels(found) == ["esm-infra"]
        assert doubts(found) == {Assumption.CHANNEL_UNKNOWN}
        assert [line.partition(":")[0] for line in refused(found)] == ["sources.list", "a.list", "status.json"]
        assert found.report is not None
        assert found.report.read == found.report.kept == 1

    def test_what_another_program_may_not_see_is_never_shown(self, tmp_path: Path) -> None:
        secret = "deb https://bearer:t0k3n@esm.ubuntu.com/infra/ubuntu jammy-infra-security main\n"
        found = ubuntu(
            tmp_path, {ESM: secret + secret.replace(" main", ""), OLD: "deb https://a:t0k3n@h/x?t0k3n y z\n"}
        )
        assert channels(found) == ["esm-infra"]
        assert refused(found)
        assert "t0k3n" not in repr(found.to_dict())


class TestReleases:
    @pytest.mark.parametrize(
        "line",
        [
            "deb http://deb.debian.org/debian sid main",
            "deb http://mirror.example/debian testing main",
            "deb http://mirror.example/pub/mirrors/debian trixie main",
            "deb http://security.debian.org/ trixie-security main",
            "deb http://archive.ubuntu.com/ubuntu jammy main",
        ],
    )
    def test_of_another_release_beside_the_own(self, line: str, tmp_path: Path) -> None:
        files = {OLD: f"deb http://deb.debian.org/debian bookworm main\n{line}\n", DPKG: debs()}
        found = read(tmp_path, {"etc/os-release": "ID=debian\nVERSION_ID=12\n", **files})
        assert str(found.distribution) == "debian 12"
        (why,) = found.contradictions
        assert why.startswith(f"the release is debian 12, and {OLD} line 2 is of ")
        assert doubts(found) == {Assumption.RELEASE_MIXED}

    def test_each_other_release_has_its_own_line(self, tmp_path: Path) -> None:
        suites = ("bookworm", "trixie", "bullseye")
        lines = "".join(f"deb http://deb.debian.org/debian {suite} main\n" for suite in suites)
        found = read(tmp_path, {"etc/os-release": "ID=debian\nVERSION_ID=12\n", OLD: lines, DPKG: debs()})
        (why,) = found.contradictions
        assert why == f"the release is debian 12, and {OLD} line 2 is of debian 13, and {OLD} line 3 is of debian 11"

    @pytest.mark.parametrize(
        "line",
        [
            "deb http://deb.debian.org/debian bookworm-backports main",
            "deb http://deb.debian.org/debian stable main",
            "deb http://ppa.launchpad.net/a/b/ubuntu focal main",
            "deb https://download.docker.com/linux/debian trixie main",
            "deb http://archive.raspberrypi.com/debian trixie main",
            "deb https://apt.example/x sid main",
            "deb-src http://deb.debian.org/debian sid main",
            "# deb http://deb.debian.org/debian sid main",
        ],
    )
    def test_of_no_other_release(self, line: str, tmp_path: Path) -> None:
        files = {OLD: f"deb http://deb.debian.org/debian bookworm main\n{line}\n", DPKG: debs()}
        found = read(tmp_path, {"etc/os-release": "ID=debian\nVERSION_ID=12\n", **files})
        assert (found.contradictions, doubts(found)) == ((), set())

    def test_of_a_derivative(self, tmp_path: Path) -> None:
        files = {"etc/os-release": "ID=linuxmint\nVERSION_ID=21.3\n", DPKG: debs(), OLD: OWN}
        assert read(tmp_path / "a", files).contradictions == ()
        files[OLD] = OWN.replace("jammy", "noble")
        assert len(read(tmp_path / "b", files).contradictions) == 1

    @pytest.mark.parametrize(
        ("suites", "release"),
        [
            (("sid",), "debian unstable"),
            (("unstable",), "debian unstable"),
            (("forky", "forky-security"), "debian 14"),
            (("forky", "sid"), "debian (release unknown)"),
            (("stable", "sid"), "debian (release unknown)"),
            ((), "debian (release unknown)"),
        ],
    )
    def test_of_testing_and_unstable(self, suites: tuple[str, ...], release: str, tmp_path: Path) -> None:
        """Both have one os-release without a number, and repositories alone show which one a host is."""
        text = "".join(f"deb http://deb.debian.org/debian {suite} main\n" for suite in suites)
        os_release = "ID=debian\nPRETTY_NAME='Debian GNU/Linux forky/sid'\nVERSION_CODENAME=forky\n"
        found = read(tmp_path, {"etc/os-release": os_release, DPKG: debs(), OLD: text})
        assert str(found.distribution) == release
        is_shown = "unknown" not in release
        assert found.distribution_source == (f"{OLD} line {len(suites)}" if is_shown else "etc/os-release")

    def test_a_pinned_release(self, tmp_path: Path) -> None:
        found = read(tmp_path, {**rpms("almalinux 9.4"), "etc/dnf/vars/releasever": "8\n"})
        assert found.contradictions == (
            "the release is almalinux 9.4, and etc/dnf/vars/releasever line 1 is of almalinux 8",
        )


class TestAlpine:
    LIST = "P:musl\nV:1.2.4-r2\nA:x86_64\no:musl\n\nP:foo\nV:2-r0\nA:x86_64\no:foo\ns:testing\n\n"
    OS: Final = {"etc/os-release": "ID=alpine\nVERSION_ID=3.20.1\n", APK: LIST}
    MAIN = "https://dl-cdn.alpinelinux.org/alpine/v3.20/main\n"
    TESTING = "https://dl-cdn.alpinelinux.org/alpine/edge/testing"

    def test_the_own_release(self, tmp_path: Path) -> None:
        found = read(tmp_path, {**self.OS, "etc/apk/repositories": self.MAIN})
        assert found.contradictions == ()
        assert [(str(one.kind), one.name) for one in found.setups] == [("release", "alpine 3.20")]

    @pytest.mark.parametrize("place", ["etc/apk/repositories", "etc/apk/repositories.d/edge.list"])
    def test_edge_on_a_stable_release(self, place: str, tmp_path: Path) -> None:
        found = read(tmp_path, {**self.OS, place: f"{self.MAIN}{self.TESTING.replace('testing', 'main')}\n"})
        assert found.contradictions == (f"the release is alpine 3.20.1, and {place} line 2 is of alpine edge",)
        assert all(Assumption.RELEASE_MIXED in one.doubts for one in found.packages)

    def test_a_stable_release_on_edge(self, tmp_path: Path) -> None:
        os_release = "ID=alpine\nVERSION_ID=3.21_alpha20240807\nPRETTY_NAME='Alpine Linux edge'\n"
        found = read(tmp_path, {**self.OS, "etc/os-release": os_release, "etc/apk/repositories": self.MAIN})
        assert len(found.contradictions) == 1

    @pytest.mark.parametrize("line", [f"@testing {TESTING}\n", ""])
    def test_a_tag_is_of_the_packages_that_have_it(self, line: str, tmp_path: Path) -> None:
        """From edge, or from a repository that is not set up any more."""
        found = read(tmp_path, {**self.OS, "etc/apk/repositories": f"{self.MAIN}{line}"})
        assert found.contradictions == ()
        musl, foo = found.packages
        assert (musl.doubts, foo.doubts) == (frozenset(), {Assumption.RELEASE_MIXED})
        assert (musl.repository, foo.repository) == (None, self.TESTING if line else "@testing")

    def test_an_address_that_its_variables_make_too_long(self, tmp_path: Path) -> None:
        """It was cut at the limit, and what was left counted as an address."""
        doubled = "".join(f"set v{number + 1}=${{v{number}}}${{v{number}}}\n" for number in range(12))
        text = f"set v0=xy\n{doubled}{self.MAIN}https://host.example/${{v12}}\n"
        found = read(tmp_path, {**self.OS, "etc/apk/repositories": text})
        assert refused(found) == ["repositories: line 15: more than 4096 signs"]
        assert [(str(one.kind), one.name) for one in found.setups] == [("release", "alpine 3.20")]

    def test_a_tag_of_the_own_release(self, tmp_path: Path) -> None:
        found = read(tmp_path, {**self.OS, "etc/apk/repositories": f"@testing {self.MAIN}"})
        assert not doubts(found)


class TestRedHat:
    @pytest.mark.parametrize("minor", ["8.6", "$releasever"])
    def test_a_branch(self, minor: str, tmp_path: Path) -> None:
        found = read(tmp_path, {**rpms("rhel 8.6"), REPO: EUS.format(minor)})
        assert str(found.distribution) == "rhel 8.6 {eus}"
        assert found.contradictions == ()

    def test_of_what_an_image_was_built_from(self, tmp_path: Path) -> None:
        manifest = json.dumps({"content_sets": ["rhel-8-for-x86_64-baseos-e4s-rpms"]})
        found = read(tmp_path, {**rpms("rhel 8.6"), "root/buildinfo/content_manifests/a-1.json": manifest})
        assert channels(found) == ["e4s"]

    @pytest.mark.parametrize(
        "text",
        [
            EUS.format("8.6") + "enabled=0\n",
            EUS.format("8.6").replace("eus-rpms", "eus-debug-rpms").replace("/os", "/debug"),
            "[rhel-8-for-x86_64-baseos-rpms]\nbaseurl=https://cdn.redhat.com/content/dist/rhel8/8.6/x86_64/baseos/os\n",
        ],
    )
    def test_none(self, text: str, tmp_path: Path) -> None:
        found = read(tmp_path, {**rpms("rhel 8.6"), REPO: text})
        assert (channels(found), found.contradictions) == ([], ())

    @pytest.mark.parametrize("files", [{REPO: EUS.format("8.4")}, {"etc/dnf/vars/releasever": "8.4"}])
    def test_of_another_minor_release(self, files: dict[str, str], tmp_path: Path) -> None:
        found = read(tmp_path, {**rpms("rhel 8.6"), REPO: EUS.format("$releasever"), **files})
        assert channels(found) == []
        assert found.contradictions == (f"eus is of 8.4 in {REPO} line 1, and the release is rhel 8.6",)
        assert doubts(found) >= {Assumption.CHANNEL_UNKNOWN}

    def test_extras_of_amazon_narrow_nothing(self, tmp_path: Path) -> None:
        """Packages of an extra that was taken out later stay: what is set up now does not show where they are from."""
        extra = "[amzn2extra-docker]\nenabled=1\nmirrorlist=http://amazonlinux.example/2/extras/docker/latest\n"
        found = read(tmp_path, {**rpms("amzn 2"), "etc/yum.repos.d/amzn2-extras.repo": extra})
        assert channels(found) == []
        assert [one.by for one in found.setups] == ["amzn2extra-docker"]

    def test_module_streams(self, tmp_path: Path) -> None:
        text = "[nodejs]\nname=nodejs\nstream=18\nstate=enabled\n[php]\nname=php\nstate=disabled\nstream=\n"
        found = read(tmp_path, {**rpms("almalinux 9.4"), "etc/dnf/modules.d/nodejs.module": text})
        assert [(one.kind, one.name, one.place) for one in found.setups] == [
            (SetupKind.STREAM, "nodejs:18", "etc/dnf/modules.d/nodejs.module line 1")
        ]


class TestSuse:
    REPO = (
        "[SLE:LTSS-Updates]\nenabled=1\n"
        "baseurl=https://updates.suse.com/SUSE/Updates/SLE-Product-SLES/15-SP3-LTSS/x86_64/update/?t0k3n\n"
    )
    PRODUCT = "<product><name>SLES-LTSS</name><version>{}</version></product>"

    @pytest.mark.parametrize(
        "files",
        [
            {"etc/zypp/repos.d/a.repo": REPO},
            {"etc/products.d/SLES-LTSS.prod": PRODUCT.format("15.3")},
            {"etc/zypp/repos.d/a.repo": REPO, "etc/products.d/SLES-LTSS.prod": PRODUCT.format("15.3")},
        ],
    )
    def test_longer_support(self, files: dict[str, str], tmp_path: Path) -> None:
        found = read(tmp_path, {**rpms("sles 15.3"), **files})
        assert (channels(found), found.contradictions) == (["ltss"], ())

    def test_contradictions(self, tmp_path: Path) -> None:
        product = "etc/products.d/SLES-LTSS.prod"
        other = "[a]\nbaseurl=https://updates.suse.com/SUSE/Updates/SLE-Product-SLES/15-SP3/x86_64/update/\n"
        found = read(
            tmp_path / "a",
            {**rpms("sles 15.3"), product: self.PRODUCT.format("15.3"), "etc/zypp/repos.d/a.repo": other},
        )
        assert found.contradictions == (f"ltss is on in {product}, and no repository of it is set up",)
        found = read(tmp_path / "b", {**rpms("sles 15.4"), product: self.PRODUCT.format("15.3")})
        assert found.contradictions == (f"ltss is of 15.3 in {product}, and the release is sles 15.4",)
        assert channels(found) == []


class TestTrees:
    def test_a_tar_shows_the_same(self, tmp_path: Path) -> None:
        files = {OLD: OWN, ESM: INFRA, PRO: status(True, esm_infra="enabled")}
        folder = ubuntu(tmp_path / "root", files)
        for mode in ("w", "w:gz"):
            with tarfile.open(tmp_path / "root.tar", mode) as packed:  # type: ignore[call-overload]
                packed.add(tmp_path / "root", "")
            archive = inventories.read(tmp_path / "root.tar")
            assert archive.setups == folder.setups
            assert archive.distribution == folder.distribution

    @pytest.mark.parametrize(("pack", "kind"), [(bytes, "tar"), (gzipped, "tar+gzip")])
    def test_an_image_shows_its_last_layer(self, pack: Callable[[bytes], bytes], kind: str, tmp_path: Path) -> None:
        files = {"etc/os-release": JAMMY, DPKG: debs(), OLD: OWN, ESM: INFRA}
        base = tar_of(*((name, "file", text) for name, text in files.items()))
        folder, name = ESM.rpartition("/")[::2]
        found = []
        for top in (tar_of(("a", "file", "")), tar_of((f"{folder}/.wh.{name}", "file", ""))):
            layout = Layout()
            image = layout.image(base, top, pack=pack, kind=kind)
            (tmp_path / "image.tar").write_bytes(tar_of(*layout.rows(image)))
            found.append(inventories.read(tmp_path / "image.tar"))
        assert [channels(one) for one in found] == [["esm-infra"], []]
        assert [one.format for one in found] == ["image", "image"]

    def test_a_link_leads_nowhere_else(self, tmp_path: Path) -> None:
        (tmp_path / "out.list").write_text(INFRA)
        root = made(tmp_path / "root", {OLD: OWN})
        (root / "etc/apt/sources.list.d").mkdir()
        (root / ESM).symlink_to(tmp_path / "out.list")
        found = ubuntu(root, {})
        assert channels(found) == []

    def test_a_file_in_a_folder_s_place(self, tmp_path: Path) -> None:
        found = ubuntu(tmp_path, {OLD: OWN, "etc/apt/sources.list.d": INFRA})
        assert refused(found) == ["sources.list.d: -: Not a directory"] * 2
        assert doubts(found) == {Assumption.CHANNEL_UNKNOWN}


class TestLimits:
    def test_bytes_of_a_file(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(of_root, "_MOST", 200)
        found = ubuntu(tmp_path, {OLD: OWN + "#" * 200, ESM: INFRA})
        assert refused(found) == ["sources.list: -: larger than the limit of 200 bytes"]
        assert channels(found) == ["esm-infra"]

    def test_bytes_of_all(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(of_root, "_ALL", len(OWN))
        found = ubuntu(tmp_path, {OLD: OWN, ESM: INFRA})
        assert refused(found) == ["ubuntu-esm-infra.list: -: larger than the limit of 0 bytes"]
        assert doubts(found) == {Assumption.CHANNEL_UNKNOWN}

    def test_files_of_a_folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(of_root, "_FILES", 1)
        found = ubuntu(tmp_path, {ESM: INFRA, f"{ESM}.list": INFRA})
        assert refused(found) == ["sources.list.d: -: more files than the limit of 1"] * 2

    def test_lines_that_are_refused(self, tmp_path: Path) -> None:
        found = ubuntu(tmp_path, {OLD: "x\n" * 1000, ESM: INFRA})
        assert len(refused(found)) == 101
        assert refused(found)[-1] == "sources.list: -: more than 100 lines that cannot be read"
        assert channels(found) == ["esm-infra"]

    def test_signs_of_an_entry(self, tmp_path: Path) -> None:
        line = f"deb http://archive.ubuntu.com/{'x' * 4096} bionic main\n"
        found = ubuntu(tmp_path, {OLD: OWN + line, ESM: INFRA})
        assert [one.endswith("more than 4096 signs") for one in refused(found)] == [True]
        assert channels(found) == ["esm-infra"]

    def test_entries(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(of_root, "_ENTRIES", 2)
        found = ubuntu(tmp_path, {OLD: OWN + OWN, ESM: INFRA})
        assert len(refused(found)) == 4
        assert doubts(found) == {Assumption.CHANNEL_UNKNOWN}


def test_an_image_with_many_files_is_read_in_one_pass(tmp_path: Path) -> None:
    """What stands at these places is kept while a compressed layer is read."""
    from advisories.readers.inventories.root import is_wanted

    for name in (OLD, ESM, PRO, REPO, "etc/dnf/vars/releasever", "etc/apk/repositories", "etc/products.d/SLES.prod"):
        assert is_wanted(name.encode())
    assert not is_wanted(b"etc/apt/sources.list.d/a/b.list")
    shutil.rmtree(tmp_path)
