"""Reading package lists: what each line or stanza becomes, and what becomes of those that are broken."""

import bz2
import gzip
import io
import lzma
import shutil
import subprocess
import tarfile
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import oracles
import pytest
import zstandard
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from advisories import DEFAULT_LIMITS
from advisories.distros.nevra import ARCHES, NEVRA, split
from advisories.models import NO_MODULE, UNKNOWN_MODULE, Distribution, Inventory, Module, Package, State
from advisories.models.errors import EmptySource, LimitExceeded, UnknownFormat, UnreadableSource
from advisories.readers import inventories
from advisories.readers.inventories import QUERY_FORMAT
from advisories.readers.inventories.this_host import this_host
from advisories.readers.releases import parse_os_release

Unpack = Callable[[str], Path]


def read(text: str | bytes) -> Inventory:
    data = text.encode() if isinstance(text, str) else text
    return inventories.read_stream(io.BytesIO(data), "list")


def only(text: str | bytes) -> Package:
    (package,) = read(text).packages
    return package


def rejections(inventory: Inventory) -> list[tuple[str, str, str]]:
    assert inventory.report is not None
    return [(rejection.position, rejection.what, rejection.why) for rejection in inventory.report.rejections]


def columns(*values: str) -> str:
    defaults = ("bash", "(none)", "5.1.8", "4.el9", "x86_64", "bash-5.1.8-4.el9.src.rpm", "AlmaLinux", "(none)")
    return "\t".join(values + defaults[len(values) :]) + "\n"


def query(database: Path, *arguments: str) -> bytes:
    """What the real rpm prints in the recommended form, from a database of our own."""
    command = ["rpm", "--dbpath", str(database), *arguments, "--queryformat", QUERY_FORMAT]
    return oracles.run(command)


class TestNevra:
    @pytest.mark.parametrize(
        ("text", "parts"),
        [
            ("bash-5.1.8-4.el9.x86_64", ("bash", None, "5.1.8", "4.el9", "x86_64")),
            ("bash-5.1.8-4.el9.x86_64.rpm", ("bash", None, "5.1.8", "4.el9", "x86_64")),
            ("bash-5.1.8-4.el9", ("bash", None, "5.1.8", "4.el9", None)),
            ("libgcc-11.4.1-2.1.el9.alma", ("libgcc", None, "11.4.1", "2.1.el9.alma", None)),
            ("libgcc-11.4.1-2.1.el9.alma.s390x", ("libgcc", None, "11.4.1", "2.1.el9.alma", "s390x")),
            ("openssl-libs-1:1.1.1k-6.el8_5.x86_64", ("openssl-libs", "1", "1.1.1k", "6.el8_5", "x86_64")),
            ("1:openssl-libs-1.1.1k-6.el8_5.x86_64", ("openssl-libs", "1", "1.1.1k", "6.el8_5", "x86_64")),
            (
                "java-1.8.0-openjdk-1.8.0.332.b09-1.el8_5",
                ("java-1.8.0-openjdk", None, "1.8.0.332.b09", "1.el8_5", None),
            ),
            ("perl-4:5.26.3-417.el8_3.src.rpm", ("perl", "4", "5.26.3", "417.el8_3", "src")),
            ("gpg-pubkey-b86b3716-61e69f29", ("gpg-pubkey", None, "b86b3716", "61e69f29", None)),
            ("gpg-pubkey-b86b3716-61e69f29.(none)", ("gpg-pubkey", None, "b86b3716", "61e69f29", None)),
            ("x-1-noarch", ("x", None, "1", "noarch", None)),
        ],
    )
    def test_split(self, text: str, parts: tuple[str | None, ...]) -> None:
        assert split(text) == parts

    @pytest.mark.parametrize(
        "text", ["", "bash", "bash-5", "-1-1", "a--1", "a-1-", "a b-1-1", "a/b-1-1", "--", "error: x-y-z"]
    )
    def test_no_name(self, text: str) -> None:
        assert split(text) is None

    @given(
        st.from_regex(r"[a-z][a-z0-9+.]{0,5}(-[a-z0-9]{1,4}){0,2}", fullmatch=True),
        st.none() | st.integers(0, 9).map(str),
        st.from_regex(r"[0-9][0-9a-z.~^+_]{0,6}", fullmatch=True),
        st.from_regex(r"[0-9]{1,2}\.el[0-9]{1,2}(_[0-9])?", fullmatch=True),
        st.none() | st.sampled_from(sorted(ARCHES)),
    )
    def test_round_trip(self, name: str, epoch: str | None, version: str, release: str, arch: str | None) -> None:
        nevra = NEVRA(name, epoch, version, release, arch)
        assert split(f"{name}-{nevra.evr}" + (f".{arch}" if arch else "")) == nevra


class TestRpm:
    def test_recommended_form(self) -> None:
        assert only(columns()) == Package(
            "rpm",
            "bash",
            "5.1.8-4.el9",
            "x86_64",
            source_name="bash",
            source_version="5.1.8-4.el9",
            source_epoch_known=False,
            vendor="AlmaLinux",
        )

    def test_epochs(self) -> None:
        package = only(columns("openssl-libs", "1", "3.0.1", "20.el9", "x86_64", "openssl-3.0.1-20.el9.src.rpm"))
        assert (package.version, package.epoch_known) == ("1:3.0.1-20.el9", True)
        # A source rpm's name shows no epoch: it is that of the binary of its version and release.
        assert (package.source_version, package.source_epoch_known) == ("1:3.0.1-20.el9", True)
        package = only(columns("bash", "(none)"))
        assert (package.version, package.epoch_known) == ("5.1.8-4.el9", True)

    @pytest.mark.parametrize(
        ("release", "label", "module"),
        [
            ("1.module_el9.3.0+1+ab", "nodejs:20:9030020231:rhel9", Module.of("nodejs:20")),
            ("1.module+el8+1", "perl:5.26", Module.of("perl:5.26")),
            ("1.el9", "(none)", NO_MODULE),
            ("1.el9", "", NO_MODULE),
            ("1.module_el9.3.0+1+ab", "(none)", UNKNOWN_MODULE),
        ],
    )
    def test_modules(self, release: str, label: str, module: Module) -> None:
        line = columns("nodejs", "1", "20.1", release, "x86_64", "(none)", "(none)", label)
        package = only(line)
        assert (package.module, package.vendor, package.source_name) == (module, None, None)
        if label == "(none)":
            assert only(line.removesuffix("\t(none)\n")).module == module  # seven columns: rpm before 4.14
            assert only(f"nodejs-20.1-{release}.x86_64").module == module

    def test_plain_form_does_not_know_epochs(self) -> None:
        inventory = read("bash-5.1.8-4.el9.x86_64\r\nzlib-1.2-1.el9\r\n\r\n")
        assert inventory.packages == (
            Package("rpm", "bash", "5.1.8-4.el9", "x86_64", epoch_known=False),
            Package("rpm", "zlib", "1.2-1.el9", None, epoch_known=False),
        )

    def test_a_list_that_shows_an_epoch_shows_all(self) -> None:
        inventory = read("bash-5.1.8-4.el9.x86_64\nopenssl-1:3.0-1.el9.x86_64\n")
        assert [(package.version, package.epoch_known) for package in inventory.packages] == [
            ("5.1.8-4.el9", True),
            ("1:3.0-1.el9", True),
        ]

    def test_keys_are_no_software(self) -> None:
        text = "gpg-pubkey-b86b3716-61e69f29\nbash-1-1\n" + columns(
            "gpg-pubkey", "(none)", "b", "6", "(none)", "(none)"
        )
        states = Counter(package.state for package in read(text).packages)
        assert states == {State.PSEUDO: 2, State.INSTALLED: 1}

    def test_header(self) -> None:
        text = '# os-release ID="rocky" VERSION_ID=9.4\n# uname -r 5.14.0-1.el9.x86_64\n# anything else\n' + columns()
        inventory = read(text)
        assert inventory.distribution == Distribution("rocky", "9.4")
        assert inventory.distribution_source == "the list's header"
        assert inventory.running_kernel == "5.14.0-1.el9.x86_64"
        assert inventory.report is not None
        assert inventory.report.read == 1

    def test_release_packages(self) -> None:
        inventory = read("almalinux-release-8.5-4.el8.x86_64\nepel-release-8-1.noarch\n")
        assert inventory.distribution == Distribution("almalinux", "8.5")
        assert inventory.distribution_source == "a package of the list"
        assert read("bash-1-1").distribution is None
        header = "# os-release ID=rhel VERSION_ID=8.6\nalmalinux-release-8.5-4.el8\n"
        assert read(header).distribution == Distribution("rhel", "8.6")

    @pytest.mark.parametrize(
        ("head", "package", "distribution"),
        [
            ("ID=centos VERSION_ID=8", "centos-stream-release-8.6-1.el8.noarch", Distribution("centos-stream", "8")),
            ("ID=centos VERSION_ID=8", "centos-linux-release-8.5-1.el8.noarch", Distribution("centos", "8")),
            ("ID=fedora VERSION_ID=44", "fedora-release-eln-44-0.1.eln.noarch", Distribution("eln", "44")),
            ("ID=rhel VERSION_ID=8", "centos-stream-release-8.6-1.el8.noarch", Distribution("rhel", "8")),
        ],
    )
    def test_a_package_tells_apart_what_has_one_id(self, head: str, package: str, distribution: Distribution) -> None:
        assert read(f"# os-release {head}\nbash-1-1\n{package}\n").distribution == distribution

    @pytest.mark.parametrize("turn", [1, -1])
    def test_several_releases_are_none(self, turn: int) -> None:
        """Whatever the order of the lines; minor releases of one are that one."""
        for lines, which in (
            (
                ["almalinux-release-8.5-4.el8", "rocky-release-8.5-4.el8"],
                "a package of the list: almalinux 8.5, rocky 8.5",
            ),
            (
                ["almalinux-release-8.5-4.el8", "almalinux-release-9.3-1.el9"],
                "a package of the list: almalinux 8.5, almalinux 9.3",
            ),
            (
                ["# os-release ID=debian VERSION_ID=11", "# os-release ID=debian VERSION_ID=12", "bash-1-1"],
                "the list's header: debian 11, debian 12",
            ),
        ):
            # What says something of the host stands in front of the list.
            inventory = read("\n".join(sorted(lines[::turn], key=lambda line: line[0] != "#")))
            assert (inventory.distribution, inventory.distribution_source) == (None, f"several releases by {which}")
        purls = [f"pkg:deb/debian/bash@1-1?distro=debian-{release}" for release in (11, 12)]
        inventory = read("\n".join(purls[::turn]))
        said = "several releases by the purls' distro: debian 11, debian 12"
        assert (inventory.distribution, inventory.distribution_source) == (None, said)
        both = ["almalinux-release-9.3-1.el9", "almalinux-release-9.4-1.el9"]
        assert read("\n".join(both[::turn])).distribution == Distribution("almalinux", "9")
        assert read("bash-1-1").distribution_source is None

    def test_broken_lines(self) -> None:
        lines = [
            b"bash-5.1.8-4.el9.x86_64",
            b"error: rpmdb: damaged header",
            b"only\ttwo",
            columns("x", "one").rstrip().encode(),
            columns("", "0").rstrip().encode(),
            b"zlib-\xff-1",
            b"a\x1b[31m-1-1",
            b"zsh-5.8-9.el9.x86_64",
        ]
        inventory = read(b"\n".join(lines))
        assert [package.name for package in inventory.packages] == ["bash", "zsh"]
        assert [position for position, _, _ in rejections(inventory)] == [f"line {number}" for number in range(2, 8)]
        reasons = [why for _, _, why in rejections(inventory)]
        assert reasons == [
            "not name-version-release.arch",
            "2 columns; the recommended form has 8",
            "not an epoch: 'one'",
            "no name, version or release",
            "not UTF-8 at byte 5 of the line",
            "characters that cannot be printed",
        ]
        assert inventory.report is not None
        assert (inventory.report.read, inventory.report.kept, inventory.report.rejected) == (8, 2, 6)

    def test_the_real_rpm_writes_the_recommended_form(self, tmp_path: Path) -> None:
        found = only(query(tmp_path, "-q", "--specfile", str(spec(tmp_path))))
        # rpm 4.20 and later name the source of what is not built yet. rpm 4.18 does not.
        wanted = Package("rpm", "tool", "3:1.0-2", "noarch", source_epoch_known=False, vendor="Us")
        sourced = evolve(wanted, source_name="tool", source_version="3:1.0-2", source_epoch_known=True)
        assert found == (sourced if found.source_name else wanted)

    def test_a_real_database(self, unpacked: Unpack, tmp_path: Path) -> None:
        (original,) = unpacked("inventories/rpm-databases").rglob("*al9-20231122")
        database = tmp_path / "database"
        shutil.copytree(original, database)
        inventory = read(query(database, "-qa"))
        assert rejections(inventory) == []
        assert Counter(package.state for package in inventory.packages) == {State.INSTALLED: 22, State.PSEUDO: 1}
        installed = [package for package in inventory.packages if package.state.on_disk]
        assert {package.vendor for package in installed} == {"AlmaLinux"}
        assert all(package.source_name and package.epoch_known for package in installed)
        assert inventory.distribution == Distribution("almalinux", "9.3")


def spec(folder: Path) -> Path:
    path = folder / "tool.spec"
    path.write_text(
        "Name: tool\nEpoch: 3\nVersion: 1.0\nRelease: 2\nSummary: x\nLicense: x\nVendor: Us\nBuildArch: noarch\n"
        "%description\nx\n%files\n"
    )
    return path


STANZA = """Package: libssl3
Status: install ok installed
Maintainer: Debian OpenSSL Team <x@lists.debian.org>
Architecture: amd64
Source: openssl (3.0.11-1~deb12u2)
Version: 1:3.0.11-1~deb12u2+b1
Description: something
 Version: of something else
 .
"""


class TestDpkg:
    def test_a_stanza(self) -> None:
        assert only(STANZA) == Package(
            "deb",
            "libssl3",
            "1:3.0.11-1~deb12u2+b1",
            "amd64",
            source_name="openssl",
            source_version="3.0.11-1~deb12u2",
            maintainer="Debian OpenSSL Team <x@lists.debian.org>",
        )

    def test_sources(self) -> None:
        without_version = only(STANZA.replace(" (3.0.11-1~deb12u2)", ""))
        assert (without_version.source_name, without_version.source_version) == ("openssl", "1:3.0.11-1~deb12u2+b1")
        without = only(STANZA.replace("Source: openssl (3.0.11-1~deb12u2)\n", ""))
        assert (without.source_name, without.source_version) == ("libssl3", "1:3.0.11-1~deb12u2")

    @pytest.mark.parametrize("state", [state for state in State if state is not State.PSEUDO])
    def test_states(self, state: State) -> None:
        text = STANZA + "\n" + STANZA.replace("ok installed", f"ok {state.value}").replace("libssl3", "other")
        assert read(text).packages[1].state is state

    def test_other_forms(self) -> None:
        assert only(STANZA.replace("Status: install ok installed\n", "")).state is State.INSTALLED
        assert only(STANZA.replace("install ok", "deinstall reinstreq")).state is State.INSTALLED
        assert only(STANZA + "Origin: Debian\n").vendor == "Debian"
        assert only(b"\xef\xbb\xbf" + STANZA.replace("\n", "\r\n").encode()) == only(STANZA)
        assert only(STANZA.replace("Version: 1", "version:   1")).version == "1:3.0.11-1~deb12u2+b1"
        assert only(STANZA.encode().replace(b"Debian OpenSSL", b"D\xe9bian")).maintainer is not None
        assert len(read("\n\n" + STANZA + "\n\n\n" + STANZA + "\n\n").packages) == 2

    def test_not_installed_needs_no_version(self) -> None:
        gone = "Package: gone\nStatus: purge ok not-installed\n"
        packages = read(STANZA + "\n" + gone).packages
        assert (packages[1].version, packages[1].state) == ("", State.NOT_INSTALLED)

    @pytest.mark.parametrize(
        ("broken", "line", "what", "why"),
        [
            ("Package: x\nStatus: install ok installed\n", 11, "x", "a stanza without Version"),
            ("Version: 1\nStatus: install ok installed\n", 11, "(no name)", "a stanza without Package"),
            ("Package: x\nStatus: install ok\nVersion: 1\n", 11, "x", "not a status: 'install ok'"),
            ("Package: x\nStatus: install ok broken\nVersion: 1\n", 11, "x", "not a status: 'install ok broken'"),
            ("Package: x\nVersion: 1\nVersion: 2\n", 13, "x", "the field Version twice"),
            ("Package: x\nnonsense\nVersion: 2\n", 12, "x", "not a field"),
            ("Package: x\nVersion: 2\nSource: a b c\n", 11, "x", "not a source package: 'a b c'"),
            ("Package: x\nVersion: 2\x07\n", 11, "x", "version has characters that cannot be printed"),
        ],
    )
    def test_a_broken_stanza_leaves_its_neighbours(self, broken: str, line: int, what: str, why: str) -> None:
        inventory = read(STANZA + "\n" + broken + "\n" + STANZA.replace("libssl3", "other"))
        assert [package.name for package in inventory.packages] == ["libssl3", "other"]
        assert rejections(inventory) == [(f"line {line}", what, why)]
        assert inventory.report is not None
        assert (inventory.report.read, inventory.report.kept, inventory.report.rejected) == (3, 2, 1)

    def test_not_utf8(self) -> None:
        inventory = read(STANZA.encode() + b"\nPackage: x\xff\nVersion: 1\n")
        assert rejections(inventory) == [("line 11", "x\ufffd", "package is not UTF-8")]

    def test_truncated(self) -> None:
        whole = (STANZA + "\n" + STANZA.replace("libssl3", "other")).encode()
        for cut in range(len(STANZA) - 30, len(whole)):
            inventory = read(whole[:cut])
            assert inventory.packages[0].name == "libssl3"
            assert inventory.report is not None
            is_cut = not whole[:cut].endswith(b"\n")
            assert inventory.report.read == len(inventory.packages) + len(rejections(inventory)) <= 2 + is_cut


class TestAnyList:
    @pytest.mark.parametrize("text", ["", "\n \n"])
    def test_empty(self, text: str) -> None:
        with pytest.raises(EmptySource, match="list: the list is empty"):
            read(text)

    @pytest.mark.parametrize(
        "text",
        [
            "gpg-pubkey-b86b3716-61e69f29\n",
            "Package: x\nStatus: deinstall ok config-files\nVersion: 1\n",
            "Package: x\nStatus: install ok installed\n",
        ],
    )
    def test_nothing_installed(self, text: str) -> None:
        with pytest.raises(EmptySource, match="no installed package"):
            read(text)

    @pytest.mark.parametrize("text", ["hello world\n", "<xml/>", "{}", "a,b,c\n1,2,3\n", "\x00\xff"])
    def test_unknown(self, text: str) -> None:
        with pytest.raises(UnknownFormat, match=r"rpm-qa, .*dpkg-query"):
            read(text)

    def test_unreadable(self, tmp_path: Path) -> None:
        with pytest.raises(UnreadableSource, match="No such file"):
            inventories.read(tmp_path / "missing")
        with pytest.raises(UnreadableSource, match="no package database"):
            inventories.read(tmp_path)

    def test_limit(self, tmp_path: Path) -> None:
        path = tmp_path / "list"
        path.write_text(columns() * 10)
        with pytest.raises(LimitExceeded, match="limit of 100 bytes"):
            inventories.read(path, evolve(DEFAULT_LIMITS, inventory=100))

    @given(
        st.binary(max_size=300)
        | st.lists(st.sampled_from([*STANZA.splitlines(), "", " x", "a-1-1", columns()])).map(
            lambda lines: "\n".join(lines).encode()
        )
    )
    def test_any_bytes(self, data: bytes) -> None:
        """Whatever is in it: an inventory whose counts add up, or an error that says why there is none."""
        try:
            inventory = read(data)
        except UnreadableSource:
            return
        assert inventory.report is not None
        assert inventory.report.read == len(inventory.packages) + inventory.report.rejected


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": zstandard.ZstdCompressor().compress,
}


@pytest.mark.parametrize("suffix", PACKERS)
class TestCompressed:
    def test_as_it_is_unpacked(self, suffix: str, tmp_path: Path) -> None:
        """By content: of a file of any name and of a stream, its heading and its encoding as of a plain list."""
        text = "# os-release ID=almalinux VERSION_ID=9.0\n# uname -r 5.14.0-70.el9.x86_64\n" + columns()
        plain = read(text)
        for data in (text.encode(), text.encode("utf-16")):
            path = tmp_path / "list"
            path.write_bytes(PACKERS[suffix](data))
            for packed in (inventories.read(path), read(path.read_bytes())):
                assert (packed.packages, packed.distribution, packed.running_kernel, packed.format) == (
                    plain.packages,
                    Distribution("almalinux", "9.0"),
                    "5.14.0-70.el9.x86_64",
                    "rpm-qa",
                )

    def test_several_parts(self, suffix: str) -> None:
        """What was compressed in parts and put together is one list, as the tools read it."""
        parts = [columns().encode(), columns("zlib").encode()]
        assert len(read(b"".join(map(PACKERS[suffix], parts))).packages) == 2

    def test_damaged(self, suffix: str) -> None:
        packed = PACKERS[suffix](columns().encode() * 100)
        for data in (packed[:-9], packed[:6]):
            with pytest.raises(UnreadableSource, match=r"list: not a whole (gzip|bzip2|xz|zstd) file"):
                read(data)

    def test_empty(self, suffix: str) -> None:
        with pytest.raises(EmptySource, match="the list is empty"):
            read(PACKERS[suffix](b""))

    def test_bombs(self, suffix: str, tmp_path: Path) -> None:
        path = tmp_path / "list"
        path.write_bytes(PACKERS[suffix](bytes(2_500_000)))
        with pytest.raises(LimitExceeded, match="unpacks to more than 20 times its size"):
            inventories.read(path, evolve(DEFAULT_LIMITS, ratio_from=1_000_000, list_ratio=20))
        with pytest.raises(LimitExceeded, match="unpacks to more than the limit of 2000000 bytes"):
            inventories.read(path, evolve(DEFAULT_LIMITS, inventory=2_000_000))

    def test_only_once(self, suffix: str) -> None:
        with pytest.raises(UnreadableSource):
            read(PACKERS[suffix](PACKERS[suffix](columns().encode())))


def test_lists_are_not_looked_for_in_archives(tmp_path: Path) -> None:
    (tmp_path / "list").write_text(columns())
    with tarfile.open(tmp_path / "list.tar.gz", "w:gz") as tar:
        tar.add(tmp_path / "list", "list")
    with zipfile.ZipFile(tmp_path / "list.zip", "w") as archive:
        archive.write(tmp_path / "list", "list")
    with pytest.raises(UnreadableSource, match="no package database"):
        inventories.read(tmp_path / "list.tar.gz")
    with pytest.raises(UnknownFormat, match=r"an archive; extract the package list"):
        inventories.read(tmp_path / "list.zip")


class TestHost:
    def test_a_debian_root(self, tmp_path: Path) -> None:
        (tmp_path / "var/lib/dpkg").mkdir(parents=True)
        (tmp_path / "var/lib/dpkg/status").write_text(STANZA)
        (tmp_path / "usr/lib").mkdir(parents=True)
        (tmp_path / "usr/lib/os-release").write_text("# comment\nID=debian\nVERSION_ID='12'\nbroken\n")
        inventory = this_host(tmp_path)
        assert inventory.distribution == Distribution("debian", "12")
        assert inventory.distribution_source == "usr/lib/os-release"
        assert [package.name for package in inventory.packages] == ["libssl3"]
        assert inventory.running_kernel is None  # that is this machine's, not that root's

    def test_an_empty_root(self, tmp_path: Path) -> None:
        with pytest.raises(UnreadableSource, match="no package database"):
            this_host(tmp_path)

    @pytest.mark.skipif(not Path("/var/lib/dpkg/status").is_file(), reason="not a machine with dpkg")
    def test_this_machine(self) -> None:
        inventory = this_host()
        listed = subprocess.run(
            ["dpkg-query", "-W", "-f", "${db:Status-Abbrev} ${Package} ${Version}\n"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.splitlines()
        assert inventory.running_kernel
        ours = {(package.name, package.version) for package in inventory.packages if package.state.on_disk}
        assert ours == {(name, version) for state, name, version in map(str.split, listed) if state != "rc"}

    def test_os_release(self) -> None:
        text = 'NAME="Alma Linux"\nID=\'almalinux\'\n#X=1\n VERSION_ID=9.0 \n\nODD="\n'
        assert parse_os_release(text) == {"NAME": "Alma Linux", "ID": "almalinux", "VERSION_ID": "9.0", "ODD": '"'}


def test_real_dpkg_lists(unpacked: Unpack) -> None:
    folder = unpacked("inventories/dpkg-status")
    counts: dict[str, tuple[int, int]] = {}
    for path in [*folder.rglob("var/lib/dpkg/status"), *folder.rglob("*.status")]:
        inventory = inventories.read(path)
        assert inventory.format == "dpkg-status"
        assert rejections(inventory) == []
        raw = path.read_bytes()
        assert len(inventory.packages) == sum(line.startswith(b"Package: ") for line in raw.splitlines())
        removed = sum(not package.state.on_disk for package in inventory.packages)
        assert removed == sum(
            line.endswith(b" config-files") for line in raw.splitlines() if line.startswith(b"Status:")
        )
        counts[path.relative_to(folder).parts[1]] = (len(inventory.packages), removed)
    assert counts == {
        "Ornias1993+truecommand-dump": (264, 22),
        "Tang-Haojin+riscv64-debian": (116, 0),
        "cordelster+RPi-TC2": (772, 1),
        "gautamMalu+rootfs_xen_arndale": (686, 0),
        "jdmasa+lxc-ubuntu-docker-template": (353, 5),
        "limeroot+seed": (139, 0),
        "this-machine-bookworm.status": (756, 0),
    }


def test_real_rpm_lists(unpacked: Unpack) -> None:
    folder = unpacked("inventories/rpm-lists")
    lists = sorted([*folder.rglob("*.txt")])
    packages = 0
    for path in lists:
        inventory = inventories.read(path)
        assert rejections(inventory) == [], path
        assert len(inventory.packages) == sum(1 for line in path.read_text().splitlines() if line.strip())
        # One of them is a listing of whole names with epochs; the others are plain `rpm -qa`.
        shows_epochs = path.name == "pkglist.txt"
        assert {package.epoch_known for package in inventory.packages} == {shows_epochs}
        packages += len(inventory.packages)
    assert len(lists) == 157
    assert packages == 39_870
