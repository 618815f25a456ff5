"""Rule 0, *not-in-archive*: maps of binary packages to source packages."""

import gzip
import lzma
import pickle
import tarfile
from collections import defaultdict
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

import advisories
from advisories.models import Assumption
from advisories.models.errors import EmptySource, ForeignSources, LimitExceeded, UnknownFormat, UnreadableSource
from advisories.models.packages import Inventory, Package, State
from advisories.models.reading import ReadReport
from advisories.readers.inventories.source_map import Completion, SourceMap, _read_index, read_sources
from advisories.sources.limits import Limits


def inventory(*packages: Package) -> Inventory:
    return Inventory(None, packages, source="list")


def deb(name: str, version: str, **more: object) -> Package:
    return Package("deb", name, version, **more)  # type: ignore[arg-type]


def sources(*texts: str) -> SourceMap:
    return advisories.read_sources(*(BytesIO(text.encode()) for text in texts))


def stanza(name: str, version: str, source: str = "", arch: str = "amd64", more: str = "") -> str:
    return (
        f"Package: {name}\nVersion: {version}\nArchitecture: {arch}\n{source and f'Source: {source}'}\n{more}".strip()
    )


def index(*stanzas: str) -> str:
    return "\n\n".join(stanzas) + "\n"


def declared(source: str, version: str, *names: str) -> str:
    """A stanza of a Sources index."""
    listed = "".join(f"\n {name} deb libs optional arch=any" for name in names)
    return f"Package: {source}\nBinary: {', '.join(names)}\nVersion: {version}\nPackage-List:{listed}\nDirectory: pool"


def source_of(map: SourceMap, package: Package) -> tuple[str | None, str | None]:
    (one,) = map.complete(inventory(package)).packages
    assert (one.doubts == {Assumption.NOT_IN_ARCHIVE}) is (one.source_name is None)
    return one.source_name, one.source_version


NONE = (None, None)
PACKAGES = index(
    stanza("libssl3", "3.0.15-1~deb12u1", "openssl"),
    stanza("bash", "5.2.15-2+b8", "bash (5.2.15-2)"),
    stanza("tar", "1.34+dfsg-1.2"),
    stanza("bsdutils", "1:2.38.1-5+deb12u1", "util-linux (2.38.1-5+deb12u1)"),
    stanza("libc6", "2.36-9+deb12u8", "glibc"),
    stanza("libc6", "2.36-9+deb12u8", "glibc", "i386"),
    stanza("ping", "3:20221126-1", "iputils"),
)


class TestPackagesIndex:
    @pytest.mark.parametrize(
        ("name", "version", "expected"),
        [
            ("libssl3", "3.0.15-1~deb12u1", ("openssl", "3.0.15-1~deb12u1")),
            ("bash", "5.2.15-2+b8", ("bash", "5.2.15-2")),
            ("bsdutils", "1:2.38.1-5+deb12u1", ("util-linux", "2.38.1-5+deb12u1")),
            # An older or later build of a name that follows its source, without +bN.
            ("libssl3", "3.0.11-1~deb12u2", ("openssl", "3.0.11-1~deb12u2")),
            ("libssl3", "3.0.16-1", ("openssl", "3.0.16-1")),
            ("bash", "5.2.15-2", ("bash", "5.2.15-2")),
            ("bash", "5.2.15-1+b1", ("bash", "5.2.15-1")),
            ("tar", "1.34+dfsg-1", ("tar", "1.34+dfsg-1")),
            ("libc6", "2.36-9", ("glibc", "2.36-9")),
            ("ping", "3:20211215-1+b2", ("iputils", "3:20211215-1")),
            # Builds have versions of their own, and this one is not there.
            ("bsdutils", "1:2.38.1-5+b1", NONE),
            ("bsdutils", "1:2.38.1-5", NONE),
            ("docker-ce", "5:24.0.7-1", NONE),
        ],
    )
    def test_a_build(self, name: str, version: str, expected: tuple[str, str]) -> None:
        map = sources(PACKAGES)
        (one, known) = map.complete(inventory(deb(name, version), deb("tar", "1"))).packages
        assert (one.source_name, one.source_version) == expected
        assert known.source_name == "tar"
        assert (one.doubts == {Assumption.NOT_IN_ARCHIVE}) is (expected == NONE)
        assert one.instance == f"deb/{name}/-"

    def test_rebuilds_of_a_version_are_of_one_source(self) -> None:
        map = sources(
            index(stanza("bsdutils", "1:2.38.1-5+b1", "util-linux (2.38.1-5)"), stanza("gcc", "4:12-3", "g (1)"))
        )
        for version in ("1:2.38.1-5", "1:2.38.1-5+b1", "1:2.38.1-5+b2"):
            assert source_of(map, deb("bsdutils", version)) == ("util-linux", "2.38.1-5")
        assert source_of(map, deb("gcc", "4:12-3+b4")) == ("g", "1")
        assert source_of(map, deb("bsdutils", "1:2.38.1-4")) == NONE

    def test_counts(self) -> None:
        packages = (deb("libssl3", "3.0.15-1~deb12u1"), deb("libc6", "2.36-9"), deb("x", "1"), deb("bsdutils", "1:1-1"))
        completion = sources(PACKAGES).completion(inventory(*packages))
        assert (completion.exact, completion.followed, completion.lacking) == (1, 1, 2)
        assert completion.remark is None
        assert len(sources(PACKAGES)) == 6

    def test_builds_of_two_sources_and_neither_is_ours(self) -> None:
        map = sources(index(stanza("libgcc-s1", "12.2.0-14", "gcc-12"), stanza("libgcc-s1", "14.2.0-19", "gcc-14")))
        assert source_of(map, deb("libgcc-s1", "12.2.0-14")) == ("gcc-12", "12.2.0-14")
        assert source_of(map, deb("libgcc-s1", "13.2.0-1")) == NONE

    def test_an_architecture_decides_between_builds(self) -> None:
        map = sources(index(stanza("x", "1-1", "a", "arm64"), stanza("x", "1-1", "b", "amd64")))
        assert source_of(map, deb("x", "1-1", arch="arm64")) == ("a", "1-1")
        assert source_of(map, deb("x", "1-1", arch="amd64")) == ("b", "1-1")
        assert source_of(map, deb("x", "1-1")) == NONE
        assert source_of(map, deb("x", "1-1", arch="s390x")) == NONE

    def test_a_contradiction_is_named_and_decides_nothing(self) -> None:
        map = sources(index(stanza("x", "1-1", "a"), stanza("y", "1")), index(stanza("x", "1-1", "b (2)")))
        assert source_of(map, deb("x", "1-1")) == NONE
        (rejection,) = [one for report in map.reports for one in report.rejections]
        assert (rejection.what, rejection.why) == ("x 1-1", "several sources: a 1-1, b 2")
        same = sources(index(stanza("x", "1-1", "a")), index(stanza("x", "1-1", "a (1-1)")))
        assert [one.rejections for one in same.reports] == [(), ()]

    def test_what_the_list_shows_stays(self) -> None:
        known = deb("libssl3", "3.0.15-1~deb12u1", source_name="mine", source_version="1")
        removed = deb("docker-ce", "1", state=State.CONFIG_FILES)
        other = Package("pypi", "requests", "2.0")
        completed = sources(PACKAGES).complete(inventory(known, removed, other, deb("tar", "1")))
        assert completed.packages[:3] == (known, removed, other)

    def test_a_source_without_its_version_gets_it(self) -> None:
        half = deb("bash", "5.2.15-2+b8", source_name="bash")
        assert source_of(sources(PACKAGES), half) == ("bash", "5.2.15-2")
        doubted = evolve(half, doubts=frozenset({Assumption.SOURCE_UNKNOWN}))
        assert source_of(sources(PACKAGES), doubted) == ("bash", "5.2.15-2")
        foreign = evolve(half, source_name="other")
        assert sources(PACKAGES).complete(inventory(foreign)).packages == (foreign,)

    @pytest.mark.parametrize("pack", [gzip.compress, lzma.compress, lambda data: data.replace(b"\n", b"\r\n")])
    def test_forms(self, pack: object, tmp_path: Path) -> None:
        path = tmp_path / "Packages"
        path.write_bytes(pack(PACKAGES.encode()))  # type: ignore[operator]
        map = advisories.read_sources(path)
        assert source_of(map, deb("libssl3", "3.0.11-1")) == ("openssl", "3.0.11-1")
        assert map.sources == (str(path),)
        again = pickle.loads(pickle.dumps(map))
        assert source_of(again, deb("libssl3", "3.0.11-1")) == ("openssl", "3.0.11-1")
        assert repr(again) == f"<SourceMap of {path}: 6 binary packages>"

    def test_a_broken_stanza_does_not_hide_its_neighbours(self) -> None:
        broken = ["Package: a", "Version: 1", "Package: b\nVersion: 1\nSource: x y z", "Package: c\nVersion: 1\x07"]
        broken += ["Package: d\nVersion: 1\nVersion: 2"]
        map = sources(index(stanza("tar", "1-1"), *broken, stanza("libc6", "2-1", "glibc")))
        assert source_of(map, deb("libc6", "2-1")) == ("glibc", "2-1")
        (report,) = map.reports
        assert (report.read, report.kept) == (7, 2)
        assert [one.position for one in report.rejections] == ["line 5", "line 7", "line 9", "line 13", "line 16"]

    def test_an_index_of_another_release_is_remarked(self) -> None:
        newer = index(*(stanza(f"p{number}", "2-1") for number in range(20)))
        old = inventory(*(deb(f"p{number}", "1-1") for number in range(20)))
        remark = sources(newer).completion(old).remark
        assert remark is not None
        assert "it has" not in remark
        assert "of 20 packages without a source, the map has 0 in the installed version and 20 in another one" in remark
        few = inventory(*old.packages[:7])
        assert sources(newer).completion(few).remark is None
        fresh = inventory(*old.packages[:15], *(deb(f"p{number}", "2-1") for number in range(15, 20)))
        assert sources(newer).completion(fresh).remark is None


SOURCES = index(
    declared("openssl", "3.0.15-1~deb12u1", "libssl3", "openssl"),
    declared("util-linux", "2.38.1-5+deb12u1", "bsdutils", "util-linux"),
    declared("lvm2", "2.03.16-2", "dmsetup", "lvm2"),
    declared("gcc-defaults", "1.203", "gcc"),
)


class TestSourcesIndex:
    @pytest.mark.parametrize(
        ("name", "version", "expected"),
        [
            ("libssl3", "3.0.15-1~deb12u1", ("openssl", "3.0.15-1~deb12u1")),
            ("libssl3", "3.0.15-1~deb12u1+b1", ("openssl", "3.0.15-1~deb12u1")),
            ("libssl3", "3.0.11-1~deb12u2", ("openssl", "3.0.11-1~deb12u2")),
            ("libssl3", "3.0.15-1+deb12u2", ("openssl", "3.0.15-1+deb12u2")),
            ("libssl3", "3.0.17-1", NONE),
            ("bsdutils", "1:2.38.1-5+deb12u1", NONE),
            ("dmsetup", "2:1.02.185-2", NONE),
            ("gcc", "4:12.2.0-3", NONE),
            ("libssl3", "1-", NONE),
        ],
    )
    def test_a_build(self, name: str, version: str, expected: tuple[str, str]) -> None:
        assert source_of(sources(SOURCES), deb(name, version)) == expected

    def test_counts(self) -> None:
        packages = (deb("libssl3", "3.0.15-1~deb12u1"), deb("openssl", "3.0.11-1"), deb("gcc", "4:12.2.0-3"))
        completion = sources(SOURCES).completion(inventory(*packages))
        assert (completion.exact, completion.followed, completion.lacking) == (1, 1, 1)

    def test_several_versions_and_several_sources_of_a_name(self) -> None:
        map = sources(index(declared("a", "1-1", "x"), declared("a", "2-1", "x"), declared("b", "3-1", "x")))
        assert source_of(map, deb("x", "2-1")) == ("a", "2-1")
        assert source_of(map, deb("x", "3-1+b2")) == ("b", "3-1")
        assert source_of(map, deb("x", "1-2")) == NONE
        same = sources(index(declared("a", "1-1", "x"), declared("b", "1-1", "x")))
        assert source_of(same, deb("x", "1-1")) == NONE

    def test_builds_of_a_packages_index_go_before(self) -> None:
        both = sources(SOURCES, index(stanza("dmsetup", "2:1.02.185-2", "lvm2 (2.03.16-2)")))
        assert source_of(both, deb("dmsetup", "2:1.02.185-2")) == ("lvm2", "2.03.16-2")
        assert source_of(both, deb("dmsetup", "2:1.02.180-2")) == NONE
        assert source_of(both, deb("libssl3", "3.0.11-1")) == ("openssl", "3.0.11-1")
        assert len(both) == 7

    def test_names_folded_over_lines(self) -> None:
        text = "Package: a\nBinary: x,\n y,\n z\nVersion: 1-1\n"
        assert source_of(sources(text), deb("z", "1-1")) == ("a", "1-1")
        only_list = "Package: a\nVersion: 1-1\nPackage-List: \n x deb net optional arch=any\n"
        assert source_of(sources(only_list), deb("x", "1-1")) == ("a", "1-1")

    def test_a_broken_stanza(self) -> None:
        broken = ["Package: a\nBinary: x", "Package: b\nVersion: 1\nBinary: ", "Package: c\nVersion: 1\nBinary: X Y"]
        (report,) = sources(index(*broken, declared("d", "1", "x"))).reports
        assert (report.kept, len(report.rejections)) == (1, 3)


RPM = "bash\t(none)\t5.1.8\t6.el9\tx86_64\tbash-5.1.8-6.el9.src.rpm\tAlmaLinux\t(none)\n"
LIBS = "openssl-libs\t1\t3.0.7\t27.el9\tx86_64\topenssl-3.0.7-27.el9.src.rpm\tAlmaLinux\t(none)\n"
PERL = "perl-Errno\t0\t1.30\t481.el9\tx86_64\tperl-5.32.1-481.el9.src.rpm\tAlmaLinux\t(none)\n"


class TestLists:
    @pytest.mark.parametrize(
        ("name", "version", "expected"),
        [
            ("openssl-libs", "3.0.7-27.el9", ("openssl", "1:3.0.7-27.el9")),
            ("openssl-libs", "1:3.0.7-27.el9", ("openssl", "1:3.0.7-27.el9")),
            ("openssl-libs", "1:3.0.1-43.el9", ("openssl", "3.0.1-43.el9")),
            ("perl-Errno", "1.30-481.el9", ("perl", "5.32.1-481.el9")),
            ("perl-Errno", "1.30-480.el9", NONE),
            ("zsh", "5.8-9.el9", NONE),
        ],
    )
    def test_rpm(self, name: str, version: str, expected: tuple[str, str]) -> None:
        map = sources(RPM + LIBS + PERL)
        known = Package("rpm", "bash", "5.1.8-6.el9", "x86_64", epoch_known=False)
        one, bash = map.complete(inventory(Package("rpm", name, version, "x86_64", epoch_known=False), known)).packages
        assert (one.source_name, one.source_version) == expected
        assert (bash.source_name, bash.source_version, bash.source_epoch_known) == ("bash", "5.1.8-6.el9", False)
        assert one.source_epoch_known is (expected == NONE or ":" in expected[1])

    def test_apk(self) -> None:
        map = sources("P:libcrypto3\nV:3.1.4-r2\nA:x86_64\no:openssl\n\nP:musl\nV:1.2.4-r2\no:musl\n")
        listed = advisories.read_inventory(BytesIO(b"libcrypto3-3.1.1-r0\nmusl-1.2.4-r2\nfoo-1-r0\n"))
        found = {one.name: (one.source_name, one.source_version) for one in map.complete(listed).packages}
        assert found == {"libcrypto3": ("openssl", "3.1.1-r0"), "musl": ("musl", "1.2.4-r2"), "foo": NONE}

    def test_purls(self) -> None:
        map = sources("pkg:deb/debian/libssl3@3.0.11-1?upstream=openssl\npkg:deb/debian/bash@5.2.15-2\n")
        assert source_of(map, deb("bash", "5.2.15-2")) == ("bash", "5.2.15-2")
        assert source_of(map, deb("libssl3", "3.0.11-1")) == ("openssl", "3.0.11-1")

    def test_its_own_status_file(self, tmp_path: Path) -> None:
        status = index(*(f"{one}\nStatus: install ok installed" for one in PACKAGES.split("\n\n")[:5]))
        own = advisories.read_inventory(BytesIO(status.encode()))
        plain = "".join(f"{one.name}:{one.arch}\t{one.version}\n" for one in own.packages)
        listed = advisories.read_inventory(BytesIO(plain.encode()))
        assert sources(status).complete(listed).packages == own.packages
        root = tmp_path / "root"
        (root / "var/lib/dpkg").mkdir(parents=True)
        (root / "var/lib/dpkg/status").write_text(status)
        assert advisories.read_sources(root).complete(listed).packages == own.packages

    def test_packages_without_a_source_are_counted(self) -> None:
        map = sources(RPM + "gpg-pubkey\t(none)\t1\t2\t(none)\t(none)\t(none)\t(none)\n")
        (report,) = map.reports
        assert (report.read, report.kept, report.skips) == (1, 1, (("packages without a source package", 1),))


class TestArchives:
    INDEX = (
        "C:Q1x\nP:libcrypto3\nV:3.1.4-r2\nA:x86_64\nS:1\nT:Crypto library\no:openssl\n\n"
        "C:Q1y\nP:musl\nV:1.2.4-r2\no:musl\n"
    )

    @staticmethod
    def packed(**members: str) -> bytes:
        packed = BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as tar:
            for name, text in members.items():
                entry = tarfile.TarInfo(name)
                entry.size = len(text)
                tar.addfile(entry, BytesIO(text.encode()))
        return gzip.compress(packed.getvalue())

    def test_apkindex(self) -> None:
        listed = inventory(Package("apk", "libcrypto3", "3.1.1-r0"))
        for data in (self.INDEX.encode(), self.packed(DESCRIPTION="v3.18", APKINDEX=self.INDEX)):
            (one,) = advisories.read_sources(BytesIO(data)).complete(listed).packages
            assert (one.source_name, one.source_version) == ("openssl", "3.1.1-r0")

    def test_an_archive_of_something_else(self, tmp_path: Path) -> None:
        with pytest.raises(UnknownFormat, match="an archive without APKINDEX"):
            advisories.read_sources(BytesIO(self.packed(other="x")))
        packed = BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as tar:
            folder = tarfile.TarInfo("APKINDEX")
            folder.type = tarfile.DIRTYPE
            tar.addfile(folder)
        with pytest.raises(UnknownFormat, match="APKINDEX is no file"):
            advisories.read_sources(BytesIO(packed.getvalue()))
        with pytest.raises(UnreadableSource, match="no package database"):
            advisories.read_inventory(BytesIO(self.packed(APKINDEX=self.INDEX)))

    def test_a_folder_of_indexes(self, tmp_path: Path) -> None:
        (tmp_path / "deb.example.org_dists_stable_main_binary-amd64_Packages").write_text(PACKAGES)
        (tmp_path / "Sources.gz").write_bytes(gzip.compress(declared("zlib", "1:1.2.13-1", "zlib1g").encode()))
        (tmp_path / "deb.example.org_dists_stable_InRelease").write_text("Origin: Debian")
        (tmp_path / "partial_Packages").mkdir()
        map = advisories.read_sources(tmp_path)
        assert source_of(map, deb("libssl3", "3.0.11-1")) == ("openssl", "3.0.11-1")
        assert source_of(map, deb("zlib1g", "1:1.2.13-1")) == ("zlib", "1:1.2.13-1")
        assert [Path(one).name[-8:] for one in map.sources] == ["urces.gz", "Packages"]


def primary(*packages: tuple[str, str, str, str]) -> str:
    """The list of packages of an rpm repository: names, versions, architectures and source rpms."""
    rows = "".join(
        f'<package type="rpm"><name>{name}</name><arch>{arch}</arch>'
        f'<version epoch="0" ver="{evr.partition("-")[0]}" rel="{evr.partition("-")[2]}"/>'
        f"<format><rpm:license>MIT</rpm:license><rpm:sourcerpm>{source}</rpm:sourcerpm></format></package>\n"
        for name, evr, arch, source in packages
    )
    common, rpm = "http://linux.duke.edu/metadata/common", "http://linux.duke.edu/metadata/rpm"
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    return f'{head}\n<metadata xmlns="{common}" xmlns:rpm="{rpm}" packages="1">\n{rows}</metadata>\n'


class TestRpmRepository:
    TEXT = primary(
        ("libexpat1", "2.5.0-1.mga9", "x86_64", "expat-2.5.0-1.mga9.src.rpm"),
        ("perl-Errno", "1.30-481", "x86_64", "perl-5.32.1-481.src.rpm"),
        ("expat", "2.5.0-1.mga9", "src", ""),
        ("broken", "1-1", "x86_64", ""),
        ("without-release", "1", "x86_64", "a-1-1.src.rpm"),
    )

    @pytest.mark.parametrize(
        ("name", "version", "expected"),
        [
            ("libexpat1", "2.5.0-1.mga9", ("expat", "2.5.0-1.mga9")),
            ("libexpat1", "2.4.9-1.mga9", ("expat", "2.4.9-1.mga9")),
            ("perl-Errno", "1.30-481", ("perl", "5.32.1-481")),
            ("perl-Errno", "1.30-480", NONE),
            ("broken", "1-1", NONE),
        ],
    )
    def test_a_build(self, name: str, version: str, expected: tuple[str, str]) -> None:
        map = sources(self.TEXT)
        known = Package("rpm", "libexpat1", "2.5.0-1.mga9", "i586")
        one, _ = map.complete(inventory(Package("rpm", name, version, "x86_64"), known)).packages
        assert (one.source_name, one.source_version) == expected

    def test_what_is_refused(self) -> None:
        (report,) = sources(self.TEXT).reports
        assert (report.read, report.kept, report.skips) == (4, 2, (("source packages", 1),))
        assert [one.what for one in report.rejections] == ["broken", "without-release"]
        (cut,) = sources(self.TEXT[: -len("</metadata>") - 5]).reports
        assert "not XML" in cut.rejections[-1].why
        with pytest.raises(UnknownFormat):
            sources(self.TEXT.replace("<metadata", '<!DOCTYPE x [<!ENTITY a "b">]><metadata', 1))

    def test_an_epoch_of_an_installed_package_is_its_source_s(self) -> None:
        """As in a list with source rpms (rule 2)."""
        map = sources(primary(("openssl-libs", "3.0.7-27.el9", "x86_64", "openssl-3.0.7-27.el9.src.rpm")))
        (one,) = map.complete(inventory(Package("rpm", "openssl-libs", "1:3.0.7-27.el9", "x86_64"))).packages
        assert (one.source_version, one.source_epoch_known) == ("1:3.0.7-27.el9", True)
        unknown = Package("rpm", "openssl-libs", "3.0.7-27.el9", "x86_64", epoch_known=False)
        (one,) = map.complete(inventory(unknown)).packages
        assert (one.source_version, one.source_epoch_known) == ("3.0.7-27.el9", False)


class TestWrongMaps:
    @pytest.mark.parametrize("text", ["", "\n\n", "libssl3\t3.0.15-1\nbash\t5.2\n", "bash-5.1.8-6.el9.x86_64\n"])
    def test_no_sources_in_it(self, text: str) -> None:
        with pytest.raises(EmptySource):
            sources(text)
        with pytest.raises(EmptySource):
            sources(PACKAGES, text)

    def test_only_broken_stanzas(self) -> None:
        with pytest.raises(EmptySource, match="shows no source packages"):
            sources("Package: a\n\nPackage: b\n")

    def test_what_cannot_be_read(self, tmp_path: Path) -> None:
        with pytest.raises(UnreadableSource):
            advisories.read_sources(tmp_path / "missing")
        with pytest.raises(UnknownFormat):
            sources("what is this\n")
        with pytest.raises(LimitExceeded):
            advisories.read_sources(BytesIO(PACKAGES.encode()), limits=Limits(inventory=100))
        with pytest.raises(TypeError):
            advisories.read_sources()

    def test_another_family(self) -> None:
        listed = inventory(Package("rpm", "bash", "5.1.8-6.el9"))
        with pytest.raises(ForeignSources, match="it has deb packages, and the list rpm"):
            sources(PACKAGES).complete(listed)
        with pytest.raises(ForeignSources, match="no package of the list by its name"):
            sources(PACKAGES).complete(inventory(deb("zsh", "1")))
        assert pickle.loads(pickle.dumps(ForeignSources("a", "b", "c"))).why == "c"


def test_a_completion_is_a_noun() -> None:
    completion = Completion(inventory(), 0, 0, 0)
    assert isinstance(completion.to_dict(), dict)
    assert ReadReport("-", "sources", 0, 0).kept == 0


class TestDamaged:
    ONE = "Package: {0}\nSource: of-{0}\nArchitecture: amd64\nVersion: 1-1\nDescription: a thing\n\n"

    @pytest.mark.parametrize("sign", ["\0", "\rPackage: hidden\n"])
    def test_what_may_hide_another_stanza(self, sign: str) -> None:
        text = (
            self.ONE.format("one") + self.ONE.format("two").replace("a thing", f"a {sign}") + self.ONE.format("three")
        )
        (report,) = read_sources(BytesIO(text.encode())).reports
        assert (report.kept, [one.what for one in report.rejections]) == (2, ["two"])

    def test_two_stanzas_in_one(self) -> None:
        """Both are counted."""
        merged = (self.ONE.format("one") + self.ONE.format("two")).replace("\n\nPackage", "\nPackage")
        (report,) = read_sources(BytesIO((merged + self.ONE.format("three")).encode())).reports
        assert (report.kept, [one.what for one in report.rejections]) == (1, ["one", "two"])

    def test_lines_are_counted_once(self) -> None:
        """Many refused stanzas take work in proportion to the index."""
        looked_at = 0

        class Counted(bytes):
            def count(self, sub: Any, start: Any = 0, end: Any = None) -> int:
                nonlocal looked_at
                looked_at += (len(self) if end is None else end) - start
                return super().count(sub, start, len(self) if end is None else end)

        data = Counted(b"Package: x\nVersion: 1-1\n\n" + b"Package: a\n\n" * 1_000)
        report = _read_index(data, "list", defaultdict(list), defaultdict(list))
        assert report.rejections[-1].position == f"line {4 + 2 * 999}"
        assert looked_at <= len(data)
