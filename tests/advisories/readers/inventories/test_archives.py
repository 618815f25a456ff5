"""Root file systems in tar archives: the inventory is that of the folder."""

import errno
import io
import os
import subprocess
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from archives import Row, gzipped, tar_of
from attrs import evolve

from advisories import DEFAULT_LIMITS
from advisories.models import Inventory
from advisories.models.errors import LimitExceeded, PassesExceeded, UnknownFormat, UnreadableSource
from advisories.readers import inventories

STATUS = "var/lib/dpkg/status"
RELEASE = ("usr/lib/os-release", "file", "ID=debian\nVERSION_ID=12\n")


def stanza(*names: str) -> str:
    return "".join(f"Package: {name}\nStatus: install ok installed\nVersion: 1\n\n" for name in names)


def read(data: bytes) -> Inventory:
    return inventories.read_stream(io.BytesIO(data))


def without_source(inventory: Inventory) -> object:
    """An inventory, but for the path that it was read from."""
    assert inventory.report is not None
    report = evolve(inventory.report, source="", rejections=tuple(one.why for one in inventory.report.rejections))  # type: ignore[arg-type]
    return evolve(inventory, source="", report=report)


def piped(data: bytes) -> Inventory:
    """Read from a pipe, as from standard input."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        with subprocess.Popen(["cat", file.name], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            return inventories.read_stream(process.stdout)


ROWS = [RELEASE, ("etc/os-release", "link", "../usr/lib/os-release"), (STATUS, "file", stanza("bash", "dash"))]


def test_many_parts_behind_a_link_in_a_compressed_archive() -> None:
    """Each takes a pass. That is the reason, and no limit of yours."""
    parts: list[Row] = [
        (f"usr/db/p{number}", "file", f"Package: p{number}\nStatus: install ok installed\nVersion: 1\n\n")
        for number in range(30)
    ]
    data = tar_of(RELEASE, *parts, ("var/lib/dpkg/status.d", "link", "/usr/db"))
    assert len(read(data).packages) == 30
    with pytest.raises(PassesExceeded, match="another pass over what is compressed") as caught:
        read(gzipped(data))
    assert "--limit" not in str(caught.value)


class TestARoot:
    @pytest.mark.parametrize("pack", [bytes, gzipped], ids=["plain", "gzip"])
    @pytest.mark.parametrize("way", [read, piped], ids=["file", "pipe"])
    def test_as_the_folder(
        self, pack: Callable[[bytes], bytes], way: Callable[[bytes], Inventory], tmp_path: Path
    ) -> None:
        data = tar_of(*ROWS, (f"{STATUS.removesuffix('status')}info/bash.list", "file", "/bin\n/bin/bash\n"))
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            archive.extraction_filter = getattr(tarfile, "data_filter", None)
            archive.extractall(tmp_path / "root")
        found = way(pack(data))
        assert [package.name for package in found.packages] == ["bash", "dash"]
        assert found.packages[0].locations == ("/bin/bash",)
        assert str(found.distribution) == "debian 12"
        assert without_source(found) == without_source(inventories.read(tmp_path / "root"))

    @pytest.mark.parametrize(
        ("archive", "name", "place"),
        [
            ("dpkg-status", "status", STATUS),
            ("rpm-databases", "rpmdb.sqlite", "var/lib/rpm/rpmdb.sqlite"),
            ("rpm-databases", "rpmdb.sqlite", "usr/lib/sysimage/rpm/rpmdb.sqlite"),
            ("rpm-databases", "Packages.db", "usr/lib/sysimage/rpm/Packages.db"),
            ("rpm-databases", "Packages", "var/lib/rpm/Packages"),
            ("apk-installed", "installed", "lib/apk/db/installed"),
            ("apk-installed", "installed", "usr/lib/apk/db/installed"),
        ],
    )
    def test_real_databases(self, unpacked: Callable[[str], Path], archive: str, name: str, place: str) -> None:
        for path in sorted(unpacked(f"inventories/{archive}").rglob(name))[:3]:
            data = tar_of((place, "file", path.read_bytes()))
            found = read(gzipped(data)), read(data)
            assert found[0].packages == found[1].packages
            assert len(found[0].packages) == len(inventories.read(path).packages)

    def test_a_place_that_only_a_link_shows(self) -> None:
        """The pass that finds the link has not kept what it leads to."""
        data = tar_of(("elsewhere/db", "file", stanza("bash")), (STATUS, "link", "/elsewhere/db"), RELEASE)
        assert [package.name for package in read(gzipped(data)).packages] == ["bash"]

    def test_distroless(self) -> None:
        sums = "0123456789abcdef0123456789abcdef  usr/lib/libc.so.6\n"
        part = "var/lib/dpkg/status.d/libc6"
        rows = [RELEASE, (part, "file", "Package: libc6\nVersion: 1\n"), (f"{part}.md5sums", "file", sums)]
        (package,) = read(gzipped(tar_of(*rows))).packages
        assert (package.name, package.locations) == ("libc6", ("/usr/lib/libc.so.6",))


class TestErrors:
    def test_no_database(self) -> None:
        with pytest.raises(UnreadableSource, match=r"^-: no package database of dpkg, rpm or apk"):
            read(tar_of(RELEASE, ("home/list", "file", "bash 1")))

    @pytest.mark.parametrize("cut", [700, 1500, 2600, 3000])
    def test_cut_off(self, cut: int) -> None:
        with pytest.raises(UnreadableSource, match="not a whole"):
            read(tar_of(*ROWS)[:cut])
        with pytest.raises(UnreadableSource, match="not a whole"):
            read(gzipped(os.urandom(2000) + tar_of(*ROWS))[:cut] if cut == 700 else gzipped(tar_of(*ROWS))[:-9])

    @pytest.mark.parametrize(
        ("row", "why"),
        [
            ((STATUS, "device", ""), "a device, where a regular file is expected"),
            ((STATUS, "pipe", ""), "a named pipe, where a regular file is expected"),
            ((STATUS, "link", "status"), os.strerror(errno.ELOOP)),
            ((STATUS, "hard", "later"), "a hard link to what is no file before it: later"),
            (("etc/os-release", "device", ""), "a device, where a regular file is expected"),
            ((f"{STATUS}/x", "file", ""), "a folder, where a regular file is expected"),
        ],
    )
    def test_in_the_place_of_a_file(self, row: tuple[str, str, str], why: str) -> None:
        with pytest.raises(UnreadableSource, match=why):
            read(gzipped(tar_of(("var/lib/dpkg/status.d/a", "file", stanza("a")), row, ("later", "file", stanza("b")))))

    def test_the_later_of_two_members_counts(self) -> None:
        data = tar_of((STATUS, "file", stanza("old")), (STATUS, "file", stanza("new")))
        assert [package.name for package in read(gzipped(data)).packages] == ["new"]

    def test_a_bomb(self) -> None:
        data = gzipped(tar_of((STATUS, "file", bytes(20_000_000))))
        with pytest.raises(LimitExceeded, match=r"unpacks to more than 100 times its size \(--limit ratio=NUMBER"):
            inventories.read_stream(io.BytesIO(data), "-", evolve(DEFAULT_LIMITS, ratio=100))
        with pytest.raises(LimitExceeded, match=r"--limit archive=NUMBER"):
            inventories.read_stream(io.BytesIO(data), "-", evolve(DEFAULT_LIMITS, archive=1_000_000))
        with pytest.raises(LimitExceeded, match=r"--limit inventory=NUMBER"):
            inventories.read_stream(io.BytesIO(data), "-", evolve(DEFAULT_LIMITS, inventory=1_000_000))

    def test_a_pipe_without_an_end(self) -> None:
        """What is spooled has a limit too."""
        with subprocess.Popen(
            ["sh", "-c", "cat $0 /dev/zero", "/dev/stdin"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(tar_of(RELEASE))
            process.stdin.close()
            with pytest.raises(LimitExceeded, match=r"--limit archive=NUMBER"):
                inventories.read_stream(process.stdout, "-", evolve(DEFAULT_LIMITS, archive=5_000_000))
            process.kill()

    def test_zip_archives_are_not_searched(self) -> None:
        with pytest.raises(UnknownFormat, match="an archive; extract the package list from it"):
            read(b"PK\3\4" + bytes(600))
