"""Roots that are damaged, hostile, or change while they are read: an error or a count, and never half a host."""

import errno
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
from attrs import evolve

from advisories import DEFAULT_LIMITS
from advisories.models import Assumption, Inventory
from advisories.models.errors import AdvisoriesError, EmptySource, LimitExceeded, UnreadableSource
from advisories.readers import inventories
from advisories.readers.inventories import rpm_database
from advisories.readers.inventories.languages.choice import NOT_LOOKED_FOR
from advisories.readers.inventories.this_host import this_host

APK = "P:musl\nV:1.2.4-r2\nA:x86_64\n\n"
STATUS = "var/lib/dpkg/status"
PARTS = "var/lib/dpkg/status.d"
RPM = "var/lib/rpm/rpmdb.sqlite"


def stanza(*names: str) -> str:
    return "".join(f"Package: {name}\nStatus: install ok installed\nVersion: 1\n\n" for name in names)


def made(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def names(inventory: Inventory) -> list[str]:
    return [package.name for package in inventory.packages]


def skips(inventory: Inventory) -> dict[str, int]:
    assert inventory.report is not None
    return dict(inventory.report.skips)


def is_partial(inventory: Inventory, why: str) -> bool:
    """Whether each package is of a list that is not whole, for this reason."""
    assert inventory.report is not None
    whys = [one.why for one in inventory.report.rejections if one.is_of_the_whole]
    return any(why in one for one in whys) and all(
        Assumption.INVENTORY_PARTIAL in one.doubts for one in inventory.packages
    )


def refused(inventory: Inventory) -> list[tuple[str, str]]:
    assert inventory.report is not None
    return [(one.source, one.why) for one in inventory.report.rejections]


def pipe(path: Path) -> None:
    os.mkfifo(path)


def listening(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as one:
        before = os.getcwd()
        os.chdir(path.parent)  # the name of a socket has a hundred bytes at most
        try:
            one.bind(path.name)
        finally:
            os.chdir(before)


def endless(path: Path) -> None:
    path.symlink_to(path.name)


def too_long(path: Path) -> None:
    path.symlink_to("n" * 300)


def below_a_file(path: Path) -> None:
    (path.parent / "file").touch()
    path.symlink_to("file/x")


#: What can stand in the place of a file, and the reason of the error.
OTHER: dict[str, tuple[Callable[[Path], None], str]] = {
    "pipe": (pipe, "a named pipe, where a regular file is expected"),
    "socket": (listening, "a socket, where a regular file is expected"),
    "folder": (Path.mkdir, "a folder, where a regular file is expected"),
    "endless": (endless, f"{os.strerror(errno.ELOOP)}|Too many symbolic links"),
    "too-long": (too_long, os.strerror(errno.ENAMETOOLONG)),
    "below-a-file": (below_a_file, "Not a directory"),
}


@pytest.fixture(params=OTHER)
def other(request: pytest.FixtureRequest) -> tuple[Callable[[Path], None], str]:
    return OTHER[request.param]


class TestWhatIsNoFile:
    """It is an error that names it, and is never waited for: beside it there may be half a host."""

    @pytest.mark.parametrize(
        "name",
        [
            STATUS,
            RPM,
            f"{RPM}-wal",
            "usr/lib/sysimage/rpm/Packages",
            "lib/apk/db/installed",
            "var/lib/rpmmanifest/container-manifest-2",
            "etc/os-release",
            "usr/lib/os-release",
            "etc/debian_version",
            "etc/redhat-release",
        ],
    )
    def test_in_the_place_of_a_file(self, name: str, other: tuple[Callable[[Path], None], str], tmp_path: Path) -> None:
        root = made(tmp_path, {f"{PARTS}/bash": stanza("bash"), name: ""})
        if name.endswith("-wal"):
            database(root / RPM, "a")
        make, why = other
        (root / name).unlink()
        make(root / name)
        with pytest.raises(UnreadableSource, match=f"/{name}: ({why})"):
            inventories.read(root)

    def test_in_the_place_of_a_part(self, other: tuple[Callable[[Path], None], str], tmp_path: Path) -> None:
        """Its neighbours stay. It is refused and counted."""
        root = made(tmp_path, {f"{PARTS}/{name}": stanza(name) for name in ("a", "c")})
        make, why = other
        make(root / PARTS / "b")
        (root / PARTS / "file").unlink(missing_ok=True)
        found = inventories.read(root)
        assert names(found) == ["a", "c"]
        assert found.report is not None
        assert (found.report.read, found.report.kept) == (3, 2)
        ((source, reason),) = refused(found)
        assert source == f"{root}/{PARTS}/b"
        assert reason in why or "link that leads nowhere" in reason

    def test_in_the_place_of_a_folder(self, tmp_path: Path) -> None:
        root = made(tmp_path, {STATUS: stanza("a"), PARTS: ""})
        with pytest.raises(UnreadableSource, match=f"{PARTS}: Not a directory"):
            inventories.read(root)
        (root / PARTS).unlink()
        os.mkfifo(root / "var/lib/dpkg/info")
        assert skips(inventories.read(root)) == {"the lists of the files of packages: Not a directory": 1}

    def test_lists_of_files(self, other: tuple[Callable[[Path], None], str], tmp_path: Path) -> None:
        """They decide nothing, so the package stays, and the list is counted."""
        root = made(tmp_path, {STATUS: stanza("a", "b"), "var/lib/dpkg/info/b.list": "/.\n/bin\n/bin/b\n"})
        make, why = other
        make(root / "var/lib/dpkg/info/a.list")
        found = inventories.read(root)
        assert [package.locations for package in found.packages] == [(), ("/bin/b",)]
        ((reason, times),) = skips(found).items()
        assert times == 1
        assert reason.partition(": ")[2] in why

    def test_a_root_in_itself(self, tmp_path: Path) -> None:
        root = made(tmp_path, {STATUS: stanza("a")})
        (root / PARTS).mkdir()
        (root / PARTS / "self").symlink_to("/")
        (root / "var/lib/rpm").symlink_to("../..")
        assert names(inventories.read(root)) == ["a"]

    def test_a_root_that_is_none(self, tmp_path: Path) -> None:
        with pytest.raises(UnreadableSource, match=os.strerror(errno.ENAMETOOLONG)):
            inventories.read(tmp_path / ("n" * 300))
        with pytest.raises(UnreadableSource, match="nothing: No such file"):
            this_host(tmp_path / "nothing")


def database(path: Path, *packages: str) -> Path:
    """An rpm database in the place of another file. Its packages are refused: they have no header."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE Packages (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)")
    connection.executemany("INSERT INTO Packages (blob) VALUES (?)", [(one.encode(),) for one in packages])
    connection.commit()
    connection.close()
    return path


class TestEmptyDatabases:
    """One beside another is counted. One that was emptied is an error."""

    @pytest.mark.parametrize("name", [STATUS, RPM, "var/lib/rpmmanifest/container-manifest-2"])
    def test_beside_another(self, name: str, tmp_path: Path) -> None:
        root = made(tmp_path, {"lib/apk/db/installed": APK, name: ""})
        found = inventories.read(root)
        assert names(found) == ["musl"]
        assert skips(found) == {f"an empty file in the place of a database: {name}": 1}

    def test_of_apk(self, tmp_path: Path) -> None:
        root = made(tmp_path, {STATUS: stanza("a"), "lib/apk/db/installed": ""})
        assert skips(inventories.read(root)) == {
            "an empty file in the place of a database: lib/apk/db/installed": 1,
        }
        made(root, {"etc/apk/world": "musl\n"})
        with pytest.raises(UnreadableSource, match=r"installed: it is empty, and etc/apk/world has packages"):
            inventories.read(root)

    @pytest.mark.parametrize("content", ["", "\n\n"])
    @pytest.mark.parametrize("witness", ["var/lib/dpkg/status-old", "var/lib/dpkg/info/bash.list"])
    def test_of_dpkg(self, witness: str, content: str, tmp_path: Path) -> None:
        root = made(tmp_path, {"lib/apk/db/installed": APK, STATUS: content, witness: "x\n"})
        with pytest.raises(UnreadableSource, match=f"{STATUS}: it is empty, and other files of dpkg show packages"):
            inventories.read(root)

    def test_of_this_host(self, tmp_path: Path) -> None:
        """rpm is not asked in dpkg's place."""
        root = made(tmp_path, {STATUS: "", "var/lib/dpkg/status-old": stanza("a"), "var/lib/rpm/x": ""})
        with pytest.raises(UnreadableSource, match="it is empty, and other files of dpkg show packages"):
            this_host(root)

    def test_with_a_log(self, tmp_path: Path) -> None:
        """What is in the log alone is not lost."""
        root = made(tmp_path, {STATUS: stanza("a"), RPM: "", f"{RPM}-wal": "x"})
        with pytest.raises(UnreadableSource, match="its header is cut off"):
            inventories.read(root)

    def test_nothing_else(self, tmp_path: Path) -> None:
        root = made(tmp_path, {STATUS: ""})
        with pytest.raises(UnreadableSource, match=f"an empty file in the place of a database: {STATUS}"):
            inventories.read(root)
        made(root, {STATUS: "Package: x\n"})
        with pytest.raises(EmptySource, match=r"no installed package; the first of 1 refused: .*without Version"):
            inventories.read(root)


class TestWhatIsNotInADatabase:
    def test_changes_of_dpkg(self, tmp_path: Path) -> None:
        """dpkg was interrupted: it had not yet put them into its database. It does so itself before anything else."""
        stanza = (
            "Package: {}\nStatus: install ok {}\nMaintainer: x\nArchitecture: amd64\nDescription: x\nVersion: {}\n\n"
        )
        changes = {
            "0000": stanza.format("a", "unpacked", 2),
            "0001": stanza.format("c", "half-installed", 3),
            "0002": stanza.format("d", "unpacked", 3),
            "0010": stanza.format("d", "installed", 3),
            "0011": "Package: b\nStatus: purge ok not-installed\nArchitecture: amd64\n\n",
        }
        root = made(tmp_path, {STATUS: stanza.format("a", "installed", 1) + stanza.format("b", "installed", 1)})
        made(root, {f"var/lib/dpkg/updates/{name}": text for name, text in changes.items()})
        made(root, {"var/lib/dpkg/updates/tmp.i": ""})
        found = inventories.read(root)
        shown = sorted(f"{one.name} {one.version} {one.state}" for one in found.packages if one.state.on_disk)
        assert shown == ["a 2 unpacked", "c 3 half-installed", "d 3 installed"]
        assert skips(found) == {
            "a change that dpkg has not yet put into its database, put in here: var/lib/dpkg/updates": 5
        }
        assert {one.doubts for one in found.packages} == {frozenset()}
        if shutil.which("dpkg-query"):
            made(root, {"var/lib/dpkg/info/x": ""})
            columns = "${Package} ${Version} ${db:Status-Status}\n"
            command = ["dpkg-query", f"--admindir={root / 'var/lib/dpkg'}", "-W", "-f", columns]
            assert sorted(subprocess.check_output(command, text=True).splitlines()) == shown

    def test_an_empty_change_of_dpkg(self, tmp_path: Path) -> None:
        root = made(tmp_path, {STATUS: stanza("a"), "var/lib/dpkg/updates/0000": ""})
        assert is_partial(inventories.read(root), "an empty change that dpkg has not yet put into its database: ")

    def test_messages_of_rpm(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """It leaves out a package that it cannot read, and succeeds."""
        rpm = made(tmp_path, {"bin/rpm": f"#!{shutil.which('sh')}\n", "root/var/lib/rpm/x": ""}) / "bin/rpm"
        with rpm.open("a") as script:
            script.write("echo bash-5.1.8-4.el9.x86_64\necho 'error: skipping h# 5' >&2\necho 'warning: old' >&2\n")
        rpm.chmod(0o755)
        monkeypatch.setenv("PATH", str(rpm.parent))
        found = this_host(tmp_path / "root")
        assert (names(found), refused(found)) == (["bash"], [("rpm -qa", "error: skipping h# 5")])
        assert skips(found) == {"a message of rpm: warning: old": 1, NOT_LOOKED_FOR: 1}
        made(tmp_path / "root", {"etc/os-release": "ID=debian\nVERSION_ID=12\n"})
        assert is_partial(
            this_host(tmp_path / "root"), "debian 12 has packages of type deb. The root has none of these"
        )

    @pytest.mark.parametrize("name", ["var/lib/dpkg", STATUS, "lib/apk/db/installed", "usr/lib/sysimage/rpm"])
    def test_a_link_that_leads_nowhere(self, name: str, tmp_path: Path) -> None:
        """A database stood there, or should."""
        other = {"usr/lib/apk/db/installed": APK} if "dpkg" in name else {f"{PARTS}/a": stanza("a")}
        root = made(tmp_path, other)
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).symlink_to("/gone")
        why = f"a link in the place of a package database, which leads nowhere: {name} to /gone"
        assert is_partial(inventories.read(root), why)

    def test_a_part_without_a_package(self, tmp_path: Path) -> None:
        root = made(tmp_path, {f"{PARTS}/a": stanza("a"), f"{PARTS}/b": ""})
        assert refused(inventories.read(root)) == [(f"{root}/{PARTS}/b", "a file without a package")]

    @pytest.mark.parametrize(
        "name",
        ["nix/store/x/y", "var/lib/snapd/snaps/core.snap", "var/lib/flatpak/app/x/y", "var/lib/pacman/local/a/desc"],
    )
    def test_packages_of_other_managers(self, name: str, tmp_path: Path) -> None:
        """They have no reader here, and each report shows that."""
        found = inventories.read(made(tmp_path, {STATUS: stanza("a"), name: ""}))
        ((why, times),) = skips(found).items()
        assert (why.startswith("packages of "), why.endswith("): not read here"), times) == (True, True, 1)
        made(tmp_path / "without", {STATUS: stanza("a"), "var/lib/snapd/state.json": "", "nix/x": ""})
        assert skips(inventories.read(tmp_path / "without")) == {}

    def test_two_releases(self, tmp_path: Path) -> None:
        """os-release has two places, of which one is a link. Where both are files, nobody knows which one is right."""
        files = {STATUS: stanza("a"), "etc/os-release": "ID=debian\nVERSION_ID=12\n"}
        root = made(tmp_path, {**files, "usr/lib/os-release": "ID=debian\nVERSION_ID=11\n"})
        found = inventories.read(root)
        why = "etc/os-release shows debian 12 and usr/lib/os-release shows debian 11"
        assert (found.distribution, found.distribution_source) == (None, why)
        for text in ("ID=debian\nVERSION_ID=12.5\n", "ID=debian\n", "ID=ubuntu\nVERSION_ID=22.04\n", ""):
            made(root, {"usr/lib/os-release": text})
            assert str(inventories.read(root).distribution) == "debian 12"

    @pytest.mark.parametrize("text", ["", "\n", "\0" * 300])
    def test_an_empty_os_release(self, text: str, tmp_path: Path) -> None:
        """A derivative keeps its parent's files: they do not show which distribution it is."""
        root = made(tmp_path, {STATUS: stanza("a"), "etc/os-release": text, "etc/debian_version": "12.5\n"})
        assert inventories.read(root).distribution is None
        made(root, {"usr/lib/os-release": "ID=kali\nVERSION_ID=2024.1\n"})
        assert str(inventories.read(root).distribution) == "kali 2024.1"


class TestSeveralDatabases:
    def test_one_by_two_names(self, tmp_path: Path) -> None:
        """A usr that holds lib, as newer systems have it."""
        root = made(tmp_path, {"usr/lib/apk/db/installed": APK, "usr/lib/sysimage/rpm/x": "", STATUS: stanza("a")})
        (root / "lib").symlink_to("usr/lib")
        (root / "var/lib/rpm").symlink_to("../../usr/lib/sysimage/rpm")
        database(root / RPM)
        found = inventories.read(root)
        assert (names(found), skips(found)) == (["a", "musl"], {})

    def test_another_of_rpm(self, tmp_path: Path) -> None:
        root = made(tmp_path, {STATUS: stanza("a"), "usr/share/rpm/Packages": "x"})
        made(root, {"var/lib/rpmmanifest/container-manifest-2": "x"})
        database(root / RPM, "a")
        found = inventories.read(root)
        assert skips(found) == {"a list of rpms beside their database: var/lib/rpmmanifest/container-manifest-2": 1}
        why = (
            "another rpm database, while nothing shows which one rpm uses: usr/share/rpm/Packages, which cannot be read"
        )
        assert is_partial(found, why)

    def test_two_of_apk(self, tmp_path: Path) -> None:
        """Nothing shows which one apk uses: those of both are listed, and each report shows it."""
        root = made(tmp_path, {"lib/apk/db/installed": APK, "usr/lib/apk/db/installed": APK})
        found = inventories.read(root)
        assert (names(found), found.contradictions) == (["musl"], ())
        assert skips(found) == {"a copy of apk's database, beside it: usr/lib/apk/db/installed": 1}
        made(root, {"usr/lib/apk/db/installed": APK.replace("musl", "zlib")})
        found = inventories.read(root)
        assert (names(found), skips(found)) == (["musl", "zlib"], {})
        assert found.contradictions == (
            "apk has its packages in lib/apk/db/installed and in usr/lib/apk/db/installed, and those of both are "
            "listed",
        )

    def test_two_of_dpkg(self, tmp_path: Path) -> None:
        """dpkg itself has no status.d. An image of which a part has one has both."""
        found = inventories.read(made(tmp_path, {STATUS: stanza("a"), f"{PARTS}/b": stanza("b")}))
        assert names(found) == ["a", "b"]
        assert found.contradictions == (
            f"dpkg has its packages in {STATUS} and in {PARTS}, and those of both are listed",
        )

    def test_a_cut_status(self, tmp_path: Path) -> None:
        """Cut at the end of a stanza, it shows nothing itself. The lists of files do."""
        root = made(tmp_path, {STATUS: stanza("a", "b")})
        made(root, {f"var/lib/dpkg/info/{name}.list": "" for name in ("a", "b:i386", "c", "d:amd64")})
        why = "dpkg's database lacks packages that have a list of files: c and 1 more. It may be cut"
        assert is_partial(inventories.read(root), why)

    def test_a_part_that_is_gone(self, tmp_path: Path) -> None:
        """Its checksums are there still. Those of packages in either database of dpkg are no sign."""
        root = made(tmp_path, {f"{PARTS}/a": stanza("a-long-name"), STATUS: stanza("b"), f"{PARTS}/z": "damaged\n"})
        for name in ("a", "a-long-name", "b", "z"):
            made(root, {f"{PARTS}/{name}.md5sums": ""})
        found = inventories.read(root)
        assert [source.rpartition("/")[2] for source, _ in refused(found)] == ["z"]
        made(root, {f"{PARTS}/{name}.md5sums": "" for name in ("c", "d")})
        why = "dpkg's database lacks packages that have checksums of files in status.d: c and 1 more. It may be cut"
        assert is_partial(inventories.read(root), why)

    def test_a_cut_database_of_apk(self, tmp_path: Path) -> None:
        """Words of apk's world are names, and what packages provide."""
        database = (
            APK + "P:.build\nV:1\nA:noarch\nT:virtual meta package\n\nP:b\nV:2-r0\nA:x86_64\np:cmd:x=2-r0 so:y=1\n\n"
        )
        wanted = "musl=1.2.4-r2\n.build\nb@edge\ncmd:x so:y>0\n!gone\n"
        root = made(tmp_path, {"lib/apk/db/installed": database, "etc/apk/world": wanted})
        found = inventories.read(root)
        assert (names(found), refused(found)) == (["musl", "b"], [])
        made(root, {"etc/apk/world": f"{wanted}c\nd~1\n"})
        found = inventories.read(root)
        assert is_partial(found, "apk's database lacks packages of etc/apk/world: c and 1 more. It may be cut")
        (root / "etc/apk/world").write_bytes(b"a\n" + b" " * (1 << 20))
        assert any(
            "told to install (etc/apk/world): larger than the limit of 1048576" in why
            for why in skips(inventories.read(root))
        )
        (root / "etc/apk/world").unlink()
        (root / "etc/apk/world").mkdir()
        assert (
            skips(inventories.read(root))[
                "what apk was told to install (etc/apk/world): a folder, where a regular file is expected"
            ]
            == 1
        )

    def test_a_stanza_that_is_refused(self, tmp_path: Path) -> None:
        """It is in the database, and counted there."""
        root = made(tmp_path, {STATUS: stanza("a") + "Package: b\nStatus: install ok installed\n\n"})
        made(root, {f"var/lib/dpkg/info/{name}.list": "" for name in "ab"})
        found = inventories.read(root)
        assert len(refused(found)) == 1
        assert {one.doubts for one in found.packages} == {frozenset()}


class TestLimits:
    def test_of_parts(self, tmp_path: Path) -> None:
        root = made(tmp_path, {f"{PARTS}/{name}": stanza(name) for name in "abc"})
        size = len(stanza("a"))
        limits = evolve(DEFAULT_LIMITS, inventory=3 * size, members=3)
        assert len(inventories.read(root, limits, package_types=["os"]).packages) == 3
        with pytest.raises(LimitExceeded, match=f"status.d: larger than the limit of {3 * size - 1} bytes"):
            inventories.read(root, evolve(DEFAULT_LIMITS, inventory=3 * size - 1))
        with pytest.raises(LimitExceeded, match=r"status.d: more files than the limit of 2"):
            inventories.read(root, evolve(DEFAULT_LIMITS, members=2), package_types=["os"])
        lines = 3 * stanza("a").count("\n")
        assert len(inventories.read(root, evolve(DEFAULT_LIMITS, lines=lines)).packages) == 3
        with pytest.raises(LimitExceeded, match=r"status.d: more lines than .* \(--limit lines=NUMBER allows more\)"):
            inventories.read(root, evolve(DEFAULT_LIMITS, lines=lines - 1))

    def test_of_a_database(self, tmp_path: Path) -> None:
        root = made(tmp_path, {STATUS: stanza("a")})
        with pytest.raises(LimitExceeded, match=r"status: more lines than .* \(--limit lines=NUMBER allows more\)"):
            inventories.read(root, evolve(DEFAULT_LIMITS, lines=1))
        with pytest.raises(LimitExceeded, match=r"status: larger than .* \(--limit inventory=NUMBER allows more\)"):
            inventories.read(root, evolve(DEFAULT_LIMITS, inventory=1))

    def test_of_lists(self, tmp_path: Path) -> None:
        """All of them together are bounded: each package could lead to one that is huge."""
        root = made(tmp_path, {STATUS: stanza("a", "b", "c"), "var/lib/dpkg/info/a.list": "/bin/a\n" + "\n" * 150})
        for name in ("b", "c"):
            (root / f"var/lib/dpkg/info/{name}.list").symlink_to("a.list")
        found = inventories.read(root, evolve(DEFAULT_LIMITS, inventory=400))
        assert [package.locations for package in found.packages] == [("/bin/a",), ("/bin/a",), ()]
        assert skips(found) == {"a package's list of files: larger than the limit of 86 bytes": 1}

    def test_of_one_list(self, tmp_path: Path) -> None:
        root = made(tmp_path, {STATUS: stanza("a"), "var/lib/dpkg/info/a.list": ""})
        os.truncate(root / "var/lib/dpkg/info/a.list", (1 << 26) + 1)
        assert skips(inventories.read(root)) == {
            "a package's list of files: larger than the limit of 67108864 bytes": 1
        }

    def test_names(self, tmp_path: Path) -> None:
        """Some are no UTF-8, and some packages have names that no file can have."""
        root = made(tmp_path, {STATUS: stanza("a" * 400), f"{PARTS}/x": ""})
        for name in (b"var/lib/dpkg/status.d/caf\xe9", b"var/lib/dpkg/info.list"):
            with open(os.fsencode(root) + b"/" + name, "wb") as stream:
                stream.write(b"Package: x\n")
        found = inventories.read(root)
        assert names(found) == ["a" * 400]
        assert refused(found) == [
            (f"{root}/{PARTS}/x", "a file without a package"),
            (f"{root}/{PARTS}/caf\\xe9", "a stanza without Version"),
        ]


@pytest.mark.parametrize("locale", ["C", "C.UTF-8", "tr_TR.ISO-8859-9", "ja_JP.SJIS"])
def test_any_locale(locale: str, tmp_path: Path) -> None:
    """Names are bytes, and lists of files are found by those of the database."""
    name = "a\u00e9"
    root = made(tmp_path, {STATUS: stanza(name), f"var/lib/dpkg/info/{name}.list": "/.\n/bin\n/bin/a\n"})
    with open(os.fsencode(root) + b"/var/lib/dpkg/info/\xe9.list", "wb"):
        pass
    code = (
        "import sys; from advisories.readers import inventories; found = inventories.read(sys.argv[1]);"
        "print(ascii(found.packages[0].name), found.packages[0].locations, ascii(found.report.rejections[0].why))"
    )
    environment = {**os.environ, "LC_ALL": locale, "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    done = subprocess.run(
        [sys.executable, "-c", code, root], capture_output=True, text=True, env=environment, check=True
    )
    assert done.stdout == (
        "'a\\xe9' ('/bin/a',) \"dpkg's database lacks packages that have a list of files: \\\\udce9. It may be cut\"\n"
    )


# What is read by nobody in particular: the superuser may read anything.
UNPRIVILEGED = """
import os, sys
from itertools import count
from pathlib import Path
from advisories.models.errors import UnreadableSource
from advisories.readers import inventories
from advisories.readers.inventories import root, this_host
from advisories.sources import folder, openat2
if sys.argv[2] == "walk":
    folder.is_there = lambda root: False
openat2._call()
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
for read in (inventories.read, this_host.this_host):
    try:
        found = read(Path(sys.argv[1]), package_types=["os"])
        refused = [(one.source, one.why) for one in found.report.rejections]
        skips = {why: times for why, times in found.report.skips if not why.startswith("packages of languages")}
        print([one.name for one in found.packages], skips, refused)
    except UnreadableSource as error:
        print(error)
"""


class TestPermissions:
    """What may not be read is an error that names it, or counted."""

    @pytest.mark.parametrize("way", ["kernel", "walk"])
    @pytest.mark.parametrize(
        ("closed", "answer"),
        [
            (STATUS, f"/{STATUS}: Permission denied"),
            ("var/lib/dpkg", f"/{STATUS}: Permission denied"),
            ("var/lib/rpm", f"/{RPM}: Permission denied"),
            ("etc/os-release", "/etc/os-release: Permission denied"),
            (PARTS, f"/{PARTS}: Permission denied"),
            (f"{PARTS}/b", f"['a', 'c'] {{}} [('{{}}/{PARTS}/b', 'Permission denied')]"),
            ("var/lib/dpkg/info", "['a', 'b', 'c'] {'the lists of the files of packages: Permission denied': 1} []"),
            ("var/lib/dpkg/info/a.list", "['a', 'b', 'c'] {\"a package's list of files: Permission denied\": 1} []"),
            ("", f"/{STATUS}: Permission denied"),
        ],
    )
    def test_of(self, closed: str, answer: str, way: str) -> None:
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o755)
            root = made(Path(folder, "root"), {STATUS: stanza("a"), "etc/os-release": "ID=debian\n"})
            made(root, {f"{PARTS}/{name}": stanza(name) for name in "bc"})
            made(root, {"var/lib/dpkg/info/a.list": "/bin/a\n", "var/lib/rpm/x": ""})
            mode = (root / closed).stat().st_mode
            (root / closed).chmod(0)
            command = [sys.executable, "-c", UNPRIVILEGED, str(root), way]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            (root / closed).chmod(mode)
        assert done.stderr == ""
        of_root, of_host = done.stdout.splitlines()
        expected = answer.replace("{}/", f"{root}/", 1) if "}/" in answer else answer
        assert of_root == expected if expected.startswith("[") else of_root == f"{root}{expected}"
        assert of_host == of_root


CHANGE = """
import os, sys
os.chdir(sys.argv[1])
def stanza(names):
    return "".join(f"Package: {name}\\nStatus: install ok installed\\nVersion: 1\\n\\n" for name in names).encode()
old, new = stanza("ab"), stanza("cde")
print(flush=True)
while True:
    for content in (old, new):
        with open("new", "wb") as stream:
            stream.write(content)
        os.replace("new", "status")
        handle = os.open("status", os.O_WRONLY | os.O_TRUNC)
        os.write(handle, content)
        os.close(handle)
        with open("status.d/x", "wb") as stream:
            stream.write(stanza("x"))
        os.unlink("status.d/x")
        with open("info/a.list", "wb") as stream:
            stream.write(b"/bin/a\\n")
        os.unlink("info/a.list")
"""


def test_a_root_that_changes(tmp_path: Path) -> None:
    """The content is the old or the new one, or there is an error of ours."""
    root = made(tmp_path / "root", {STATUS: stanza("a", "b"), f"{PARTS}/w": stanza("w"), "var/lib/dpkg/info/x": ""})
    found = set()
    command = [sys.executable, "-c", CHANGE, str(root / "var/lib/dpkg")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            end = time.monotonic() + 30
            for number in count():
                if number > 500 and (len(found) > 1 or time.monotonic() > end):
                    break
                try:
                    found.add(frozenset(names(inventories.read(root))) - {"w", "x"})
                except AdvisoriesError:
                    found.add("error")
        finally:
            process.kill()
    assert found <= {frozenset("ab"), frozenset("cde"), frozenset(), "error"}
    assert len(found) > 1


class TestTheLogBesideADatabase:
    def test_what_is_no_file(self, other: tuple[Callable[[Path], None], str], tmp_path: Path) -> None:
        path = database(tmp_path / "rpmdb.sqlite", "a")
        make, why = other
        make(Path(f"{path}-wal"))
        with pytest.raises(UnreadableSource, match=f"-wal: ({why})"):
            inventories.read(path)

    def test_of_a_link(self, tmp_path: Path) -> None:
        """SQLite writes it beside the file that the link leads to."""
        path = database(tmp_path / "real/rpmdb.sqlite", "a")
        (tmp_path / "link").symlink_to(path)
        os.mkfifo(f"{path}-wal")
        with pytest.raises(UnreadableSource, match=f"{path}-wal: a named pipe"):
            inventories.read(tmp_path / "link")

    def test_of_another_state(self, tmp_path: Path) -> None:
        path = database(tmp_path / "rpmdb.sqlite", "a")
        before = path.read_bytes()
        database(path, "b")
        Path(f"{path}-wal").touch()
        with pytest.raises(UnreadableSource, match="it changes while it is read"):
            rpm_database.read(before, str(path))
