"""rpm's databases of Berkeley DB and ndb: what rpm lists, and of a damaged one nothing less without a word."""

import gzip
import shutil
import struct
from collections import Counter
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import oracles
import pytest
from archives import tar_of
from attrs import evolve
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from images import saved_archive
from places import DATA
from rpm_files import berkeley, header, named, ndb

from advisories import DEFAULT_LIMITS
from advisories.models import Assumption, Inventory, Package
from advisories.models.errors import EmptySource, LimitExceeded, UnreadableSource
from advisories.readers import collector, inventories
from advisories.readers.inventories import rpm_backend, rpm_database
from advisories.readers.inventories.rpm_qa import QUERY_FORMAT
from advisories.readers.listing import Listing

FOLDER = DATA / "rpm-databases"
NDB, BERKELEY = FOLDER / "ndb/Packages.db", FOLDER / "bdb/Packages"
OURS = [NDB, BERKELEY]
WRITERS: dict[str, Callable[[list[bytes]], bytes]] = {"ndb": ndb, "berkeley": berkeley}


def read(data: bytes) -> Listing:
    return rpm_database.read(data, "-")


def listed(data: bytes) -> Inventory:
    return inventories.read_stream(BytesIO(data))


def why(data: bytes) -> list[str]:
    return [one.why for one in read(data).report.rejections]


def names(data: bytes) -> list[str]:
    return [one.name for one in read(data).packages]


def bare(inventory: Inventory) -> Counter[Package]:
    """What the database of packages and the list of one have in common."""
    return Counter(evolve(one, locations=(), location=None, installed_at=None) for one in inventory.packages)


class TestWholeOnes:
    @pytest.mark.parametrize("path", OURS, ids=["ndb", "bdb"])
    def test_what_rpm_wrote(self, path: Path) -> None:
        """The list beside it was printed by the rpm that wrote it (``tools/make_rpm_databases.py``)."""
        found = inventories.read(path)
        assert found.report is not None
        assert (found.format, found.report.rejections, found.report.skips) == ("rpm-database", (), ())
        assert bare(found) == bare(inventories.read(path.with_name("packages.txt")))
        (many,) = (one for one in found.packages if one.name == "many-files")
        assert many.installed_at is not None
        assert many.locations[0] == "/usr/share/many-files"

    @pytest.mark.parametrize("order", ["<", ">"])
    @pytest.mark.parametrize("size", [512, 4096, 65536])
    @pytest.mark.parametrize("checksums", [False, True])
    @pytest.mark.parametrize("buckets", [1, 5])
    def test_any_form_of_berkeley(self, order: str, size: int, checksums: bool, buckets: int) -> None:
        headers = [named(f"p{number}", number * 97) for number in range(100)]
        data = berkeley(headers, order=order, size=size, checksums=checksums, buckets=buckets)
        assert (sorted(names(data)), why(data)) == (sorted(f"p{number}" for number in range(100)), [])
        for version in (7, 8, 10):
            other = bytearray(data)
            struct.pack_into(f"{order}I", other, 16, version)
            assert names(bytes(other)) == names(data)

    def test_a_page_for_buckets_to_come(self) -> None:
        """Where a hash grows, Berkeley DB writes the last of its new pages first. It is in no bucket."""
        data = berkeley([named("a")], size=512, buckets=1)
        empty = struct.pack("<8xIIIHHBB", 2, 0, 0, 0, 512, 0, 13) + bytes(486)
        assert why(data + empty) == []
        record = struct.pack("<8xIIIHHBB", 2, 0, 0, 2, 0, 0, 13) + bytes(486)
        assert why(data + record)[0] == "no bucket leads to this page"

    @pytest.mark.parametrize("count", [1, 253, 254, 255, 600])
    def test_any_form_of_ndb(self, count: int) -> None:
        data = ndb([named(f"p{number}", number) for number in range(count)], free=3)
        assert (names(data), why(data)) == ([f"p{number}" for number in range(count)], [])

    @pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
    def test_none_is_not_clean(self, write: Callable[[list[bytes]], bytes]) -> None:
        with pytest.raises(EmptySource, match="no installed package"):
            listed(write([]))
        with pytest.raises(EmptySource, match="the list is empty"):
            listed(b"")

    @pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
    def test_a_broken_header_takes_none_with_it(self, write: Callable[[list[bytes]], bytes]) -> None:
        data = write([named("a"), b"x", named("b", 9000)])
        assert (sorted(names(data)), why(data)) == (["a", "b"], ["no header"])

    @pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
    def test_more_packages_than_the_limit(self, write: Callable[[list[bytes]], bytes]) -> None:
        data, limits = write([named("a"), named("b")]), evolve(DEFAULT_LIMITS, packages=2)
        assert len(inventories.read_stream(BytesIO(data), limits=limits).packages) == 2
        with pytest.raises(UnreadableSource, match=r"limit of 1.*\(--limit packages=NUMBER allows more\)"):
            inventories.read_stream(BytesIO(data), limits=evolve(limits, packages=1))


class TestRefused:
    @pytest.mark.parametrize(
        ("place", "value", "reason"),
        [
            (12, 0x053162, "a B-tree of Berkeley DB: rpm has packages in a hash, the file Packages"),
            (16, 6, "version 6, where 7 to 10 are read"),
            (16, 11, "version 11, where 7 to 10 are read"),
            (20, 4095, "pages of 4095 bytes"),
            (20, 256, "pages of 256 bytes"),
            (24, 0x0801, "an encrypted database"),
            (24, 0x0900, "a hash of Berkeley DB in version 9"),
            (24, 0x020800, "several databases"),
            (36, 2, "several databases"),
            (48, 2, "several databases"),
            (72, 900, "901 buckets in 3 pages"),
        ],
    )
    def test_of_berkeley(self, place: int, value: int, reason: str) -> None:
        data = bytearray(berkeley([named("a", 2000)]))
        struct.pack_into("<I", data, place, value)
        with pytest.raises(UnreadableSource, match=reason):
            listed(bytes(data))

    @pytest.mark.parametrize(
        ("place", "value", "reason"), [(4, 1, "version 1 of ndb, where 0 is read"), (12, 0, "no page of slots")]
    )
    def test_of_ndb(self, place: int, value: int, reason: str) -> None:
        data = bytearray(ndb([named("a")]))
        struct.pack_into("<I", data, place, value)
        with pytest.raises(UnreadableSource, match=reason):
            listed(bytes(data))

    @pytest.mark.parametrize("data", [b"RpmP" + bytes(20), BERKELEY.read_bytes()[:500]], ids=["ndb", "bdb"])
    def test_too_short(self, data: bytes) -> None:
        with pytest.raises(UnreadableSource, match="its header is cut off"):
            listed(data)

    def test_packed(self) -> None:
        assert why(ndb([named("a"), b"LZOB" + bytes(50)])) == ["packed by LZO, which is not read"]


WHOLE = bare(inventories.read(NDB))


def every(data: bytes, count: int = 8) -> bool:
    """Whether a changed database has all packages, or says what is missing."""
    try:
        found = listed(data)
    except UnreadableSource:
        return True
    assert found.report is not None
    return len(found.packages) == count or bool(found.report.rejections)


SMALL = [named(f"p{number}", size) for number, size in enumerate((0, 90, 300, 700, 1300))]


class TestDamage:
    """Whatever one byte or one cut does, a list that is shorter has a rejection."""

    @pytest.mark.slow
    @pytest.mark.parametrize(
        "data",
        [ndb(SMALL), berkeley(SMALL, size=512), berkeley(SMALL, size=512, order=">", checksums=True)],
        ids=["ndb", "little-endian", "big-endian"],
    )
    def test_each_byte(self, data: bytes) -> None:
        # Most slots of ndb are free.
        end = min(len(data), 32 + 16 * 8) if data.startswith(b"RpmP") else 4096
        for place in [*range(end), *range(4096, len(data))]:
            changed = bytearray(data)
            changed[place] ^= (1, 0x80, data[place] or 0xFF)[place % 3]
            assert every(bytes(changed), len(SMALL)), place

    @pytest.mark.parametrize("path", OURS, ids=["ndb", "bdb"])
    def test_lost_pages(self, path: Path) -> None:
        data = path.read_bytes()
        for page in range(0, len(data), 4096):
            assert every(data[:page] + bytes(4096) + data[page + 4096 :])
            assert every(data[:page])
            assert every(data[: page + 100])
            assert every(data[:page] + data[page + 4096 :])

    @pytest.mark.parametrize("path", OURS, ids=["ndb", "bdb"])
    @settings(max_examples=examples(100), deadline=None)
    @given(changes=st.lists(st.tuples(st.integers(0, 2**20), st.integers(1, 255)), min_size=1, max_size=3))
    def test_anywhere(self, path: Path, changes: list[tuple[int, int]]) -> None:
        data = bytearray(path.read_bytes())
        for place, value in changes:
            data[place % len(data)] ^= value
        assert every(bytes(data))

    @settings(max_examples=examples(100), deadline=None)
    @given(place=st.integers(0, 2**20), value=st.integers(1, 255))
    def test_of_ndb_nothing_else_comes_out(self, place: int, value: int) -> None:
        """Of a package all bytes are in its checksum."""
        data = bytearray(NDB.read_bytes())
        data[place % len(data)] ^= value
        try:
            found = listed(bytes(data))
        except UnreadableSource:
            return
        assert not bare(found) - WHOLE


class TestPlacesOfDamage:
    """A rejection names the part, where it is, and why. What is beside it stays."""

    def damaged(self, data: bytes, *changes: tuple[int, bytes]) -> tuple[list[str], list[str]]:
        changed = bytearray(data)
        for place, value in changes:
            changed[place : place + len(value)] = value
        found = read(bytes(changed))
        return [one.name for one in found.packages], [str(one) for one in found.report.rejections]

    def test_of_ndb(self) -> None:
        data = ndb([named("a"), named("b"), named("c")], free=1)
        begin = struct.unpack_from("<I", data, 56)[0] * 16
        assert self.damaged(data, (begin + 60, b"\xff")) == (
            ["a", "c"],
            ["-: slot 3, byte 4240: package 2: its checksum is 102b0780, where d8540681 is stated"],
        )
        # What leads to a package is lost.
        assert self.damaged(data, (52, bytes(12))) == (["a", "c"], ["-: byte 4240: package 2: no slot leads to it"])
        assert self.damaged(data, (48, b"Slut")) == (
            ["a", "c"],
            ["-: byte 32: slots: 1 of 254 have another mark", "-: byte 4240: package 2: no slot leads to it"],
        )
        assert self.damaged(data, (56, bytes(4)))[1][0] == (
            "-: slot 3: package 2: its slot has no number, or leads nowhere"
        )
        # It leads elsewhere, to what is another's, or out of the file.
        assert self.damaged(data, (52, b"\1"))[1][0].startswith("-: slot 3, byte 4240: package 1: there is another")
        assert "its blocks are those of slots, or of another package" in self.damaged(data, (56, b"\1\0"))[1][0]
        assert self.damaged(data, (60, b"\xff\xff")) == (
            ["a", "c"],
            ["-: slot 3, byte 4240: package 2: it lies behind the end of the file"],
        )
        assert "something else is in its place" in self.damaged(data, (56, struct.pack("<I", begin // 16 - 1)))[1][0]
        assert "bytes in 2 blocks" in self.damaged(data, (60, b"\2"))[1][0]
        assert "its end is not where" in self.damaged(data, (begin + 12, b"\x6c"), (60, b"\x09"))[1][0]
        assert self.damaged(data, (begin - 16, b"x")) == (
            ["a", "b", "c"],
            ["-: byte 4224: free blocks: they are not empty"],
        )
        # A cut.
        assert "cut off after 4300 bytes" in str(read(data[:4300]).report.rejections[0])

    def test_of_berkeley(self) -> None:
        data = berkeley([named(name, 5000) for name in "abcd"], buckets=2)
        # Two buckets, with the even and the odd numbers, and two pages for each header.
        assert names(data) == ["b", "d", "a", "c"]
        page = 4096
        assert self.damaged(data, (3 * page + 8, b"\x63")) == (
            ["d", "a", "c"],
            ["-: page 1, entry 2: package 2: 0 of 5085 bytes, for page 3 is a page that has the number 99"],
        )
        assert self.damaged(data, (3 * page + 16, b"\5")) == (
            ["a", "c"],
            [
                "-: page 1, entry 2: package 2: 8140 bytes and more, where 5085 are stated",
                "-: page 1, entry 4: package 4: 0 of 5085 bytes, for page 5 is a page of another chain",
            ],
        )
        assert self.damaged(data, (2 * page + 25, b"\7"))[1] == [
            "-: page 2: the rest of bucket 1: a page of another kind, 7",
            "-: -: the rest of the database: 3 of 5 records are there",
        ]
        # A bucket is longer than it was, or shorter.
        assert (
            "page 40: the rest of bucket 1: behind the end of the file"
            in self.damaged(data, (2 * page + 16, b"\x28"))[1][0]
        )
        assert self.damaged(data, (72, b"\0")) == (
            ["b", "d", "a", "c"],
            ["-: page 2: a part of a bucket: no bucket leads to this page"],
        )
        assert self.damaged(data, (page + 20, b"\2"))[1] == [
            "-: page 3: a part of a header: no record leads to 4 of its pages",
            "-: -: the rest of the database: 3 of 5 records are there",
        ]
        assert (
            self.damaged(data, (page + 20, b"\3"))[1][0]
            == "-: page 1: a part of a bucket: a page that claims 3 entries"
        )
        # Entries lead elsewhere.
        assert self.damaged(data, (page + 32, b"\0\0")) == (
            ["a", "c"],
            [
                "-: page 1, entry 2: a record: it lies outside of its page, or over another",
                "-: page 1, entry 4: a record: it lies outside of its page, or over another",
            ],
        )
        (value,) = struct.unpack_from("<H", data, page + 32)
        for kind, reason in ((2, "several records of one number"), (9, "a record of the unknown kind 9")):
            assert reason in self.damaged(data, (page + value, bytes([kind])))[1][0]
        assert "5085 bytes, where 5086 are stated" in self.damaged(data, (page + value + 8, b"\xde"))[1][0]
        assert "cut off after 36000 of 45056 bytes" in str(read(data[:36000]).report.rejections[0])
        with pytest.raises(UnreadableSource, match="not a whole rpm database: cut off after 12000 of 45056 bytes"):
            read(data[:12000])

    def test_an_index(self, tmp_path: Path) -> None:
        """Its keys are names. Of keys that are numbers, its records are no headers."""
        path = tmp_path / "Name"
        for key, reason in (
            (b"bash", "a key of 5 bytes, where numbers of packages have 4: an index"),
            (b"bas", "claims 16777216 entries"),
        ):
            rows = [key + b"x", struct.pack("<II", 1, 0)]
            path.write_bytes(loaded("hash", {}, rows, tmp_path))
            with pytest.raises(UnreadableSource, match=reason):
                inventories.read(path)


def loaded(kind: str, settings: dict[str, Any], rows: list[bytes], folder: Path, *options: str) -> bytes:
    """A file of keys and values, by Berkeley DB itself."""
    words = [f"type={kind}", *(f"{key}={value}" for key, value in settings.items()), "HEADER=END"]
    text = "\n".join(["VERSION=3", "format=bytevalue", *words, *(f" {row.hex()}" for row in rows), "DATA=END", ""])
    oracles.run(["db5.3_load", *options, str(folder / "loaded")], input=text.encode())
    data = (folder / "loaded").read_bytes()
    (folder / "loaded").unlink()
    return data


class TestHostile:
    def test_pages_in_a_circle(self) -> None:
        data = bytearray(berkeley([named("a", 5000), named("b", 5000)], buckets=1))
        for page, following in ((1, 1), (2, 2)):
            struct.pack_into("<I", data, page * 4096 + 16, following)
        found = read(bytes(data))
        assert [one.why for one in found.report.rejections] == [
            "4070 of 5085 bytes, for page 2 is a page of another chain",
            "a page of another chain",
        ]

    def test_headers_of_the_same_pages(self) -> None:
        """A thousand times a long header would be a thousand times the file."""
        data = bytearray(berkeley([named("a", 50_000), *[named("b", 2000)] * 100], buckets=1))
        # The first is the last of the page, below the number that was given last and a key.
        begin = 8192 - 5 - 5 - 5 - 12
        for place in range(begin, begin - 101 * 17, -17):
            data[place : place + 12] = data[begin : begin + 12]
        found = read(bytes(data))
        assert [package.name for package in found.packages] == ["a"]
        assert len(found.report.rejections) == 100

    def test_blobs_in_blobs(self) -> None:
        inner = ndb([named("b")])[4096:]
        data = bytearray(ndb([header((1000, 6, 1, b"a\0")) + inner, named("c")]))
        struct.pack_into("<4sIII", data, 64, b"Slot", 1, data.rindex(b"BlbS", 0, data.rindex(b"BlbS")) // 16, 6)
        assert "another" in why(bytes(data))[-1]

    @pytest.mark.parametrize("claimed", [2, 1000, 2**32 - 1])
    def test_pages_of_slots_that_are_not_there(self, claimed: int) -> None:
        data = bytearray(ndb([named("a")]))
        struct.pack_into("<I", data, 12, claimed)
        with pytest.raises(UnreadableSource):
            listed(bytes(data))

    def test_buckets_that_are_not_there(self) -> None:
        """Four billion of them are one rejection."""
        data = bytearray(berkeley([named("a")], size=512, buckets=1))
        struct.pack_into("<I", data, 32, 2**32 - 1)
        struct.pack_into("<I", data, 72, 2**32 - 1)
        found = read(bytes(data))
        assert [one.name for one in found.packages] == ["a"]
        assert [one.why for one in found.report.rejections] == [
            "cut off after 1024 of 2199023255552 bytes",
            "behind the end of the file",
            "of 4294967296 buckets, those from 2 on begin behind the end of the file",
        ]

    def test_more_damage_than_is_shown(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(collector, "DEFAULT_LIMITS", evolve(DEFAULT_LIMITS, rejections=100))
        data = berkeley([named("a")], size=512, buckets=1) + (bytes(25) + b"\x09" + bytes(486)) * 101
        with pytest.raises(LimitExceeded, match="more than 100 entries refused"):
            listed(bytes(data))


FOLDERS = ("var/lib/rpm", "usr/lib/sysimage/rpm", "usr/share/rpm")


def root(folder: Path, files: dict[str, bytes | str]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def skips(inventory: Inventory) -> list[str]:
    assert inventory.report is not None
    assert inventory.report.rejections == ()
    return [why for why, _ in inventory.report.skips]


class TestRoots:
    @pytest.mark.parametrize("folder", FOLDERS)
    @pytest.mark.parametrize("path", OURS, ids=["ndb", "bdb"])
    def test_places(self, folder: str, path: Path, tmp_path: Path) -> None:
        """In a folder, an archive, a compressed one, and an image, where the content of a file decides its kind."""
        data, place = path.read_bytes(), f"{folder}/{path.name}"
        expected = bare(inventories.read(path))
        archive = tar_of((place, "file", data))
        found = [
            inventories.read(root(tmp_path, {place: data})),
            listed(archive),
            listed(gzip.compress(archive, 1)),
            listed(saved_archive(archive)),
        ]
        for one in found:
            assert Counter(evolve(package, layer=None) for package in bare(one)) == expected
            assert skips(one) == []
        assert {package.layer is not None for package in found[-1].packages} == {True}

    def test_a_layer_over_another(self) -> None:
        """An upgrade of one package writes the whole database again. The others came with the layer before."""
        place = "usr/lib/sysimage/rpm/Packages.db"
        layers = [tar_of((place, "file", ndb([named(name) for name in one]))) for one in ("abc", "acd")]
        found = listed(saved_archive(*layers))
        assert {one.name: one.layer.history for one in found.packages if one.layer} == {
            "a": "step 1",
            "c": "step 1",
            "d": "step 2",
        }

    def test_two_of_them(self, tmp_path: Path) -> None:
        """The newest kind, where nothing shows which one rpm uses: a host that was converted has both."""
        files = {"var/lib/rpm/Packages": berkeley([named("old")]), "var/lib/rpm/Packages.db": ndb([named("new")])}
        found = inventories.read(root(tmp_path, files))
        assert [one.name for one in found.packages] == ["new"]
        assert found.report is not None
        assert [one.why for one in found.report.rejections] == [
            "another rpm database, while nothing shows which one rpm uses: var/lib/rpm/Packages, which has 1 other "
            "packages, such as old 1-1"
        ]
        assert {one.doubts for one in found.packages} == {frozenset({Assumption.INVENTORY_PARTIAL})}

    def test_one_that_was_converted(self, tmp_path: Path) -> None:
        """The former database is left, and has nothing else."""
        for others in ([], ["a"], ["a", "b"]):
            files = {"var/lib/rpm/Packages.db": ndb([named("a"), named("b")])}
            files["var/lib/rpm/Packages"] = berkeley(list(map(named, others)))
            found = inventories.read(root(tmp_path, files))
            assert [one.name for one in found.packages] == ["a", "b"]
            assert skips(found) == ["another rpm database, with no other packages: var/lib/rpm/Packages"]
            assert {one.doubts for one in found.packages} == {frozenset()}

    @pytest.mark.parametrize(
        ("macros", "name"),
        [
            ({"usr/lib/rpm/macros": "%_db_backend\t      bdb\n"}, "old"),
            ({"usr/lib/rpm/macros": "# %_db_backend bdb\n%_db_backend ndb\n"}, "new"),
            (
                {"usr/lib/rpm/macros": "%_db_backend ndb\n", "usr/lib/rpm/macros.d/macros.db": "%_db_backend bdb\n"},
                "old",
            ),
            ({"etc/rpm/macros": "%_db_backend ndb\n", "etc/rpm/macros.db": "%_db_backend bdb\n"}, "new"),
            ({"etc/rpm/macros.db": "%_db_backend bdb_ro\n", "etc/rpm/x": "%_db_backend ndb\n"}, "old"),
        ],
    )
    def test_the_one_that_rpm_uses(self, macros: dict[str, str], name: str, tmp_path: Path) -> None:
        files = {"var/lib/rpm/Packages": berkeley([named("old")]), "var/lib/rpm/Packages.db": ndb([named("new")])}
        other = {"old": "var/lib/rpm/Packages.db", "new": "var/lib/rpm/Packages"}[name]
        rows = [(place, "file", content) for place, content in (files | macros).items()]
        for found in (inventories.read(root(tmp_path, files | macros)), listed(gzip.compress(tar_of(*rows)))):
            assert [one.name for one in found.packages] == [name]
            assert skips(found) == [f"another rpm database, which rpm is not set up to use: {other}"]

    def test_macros_that_cannot_be_read(self, tmp_path: Path) -> None:
        """They are looked at where there are two databases."""
        files = {"var/lib/rpm/Packages": berkeley([named("old")]), "etc/rpm/macros": "x" * ((1 << 20) + 1)}
        assert [one.name for one in inventories.read(root(tmp_path, files)).packages] == ["old"]
        root(tmp_path, {"var/lib/rpm/Packages.db": ndb([named("new")])})
        with pytest.raises(LimitExceeded, match="macros: larger than the limit of 1048576 bytes"):
            inventories.read(tmp_path)

    def test_many_files_of_macros(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(rpm_backend, "_MOST_FILES", 2)
        files = {"var/lib/rpm/Packages": berkeley([named("old")]), "var/lib/rpm/Packages.db": ndb([named("new")])}
        root(tmp_path, files | {f"usr/lib/rpm/macros.d/macros.{number}": "" for number in range(3)})
        with pytest.raises(LimitExceeded, match="more files than the limit of 2"):
            inventories.read(tmp_path)

    def test_more_bytes_than_the_limit(self, tmp_path: Path) -> None:
        limits = evolve(DEFAULT_LIMITS, inventory=len(NDB.read_bytes()) - 1)
        for path in (NDB, root(tmp_path, {"var/lib/rpm/Packages.db": NDB.read_bytes()})):
            with pytest.raises(LimitExceeded, match=r"--limit inventory=NUMBER allows more"):
                inventories.read(path, limits)

    def test_one_without_a_package(self, tmp_path: Path) -> None:
        """A newer rpm makes an empty one beside the other, whatever it is run for."""
        files = {"var/lib/rpm/Packages": berkeley([named("a")]), "var/lib/rpm/Packages.db": ndb([])}
        found = inventories.read(root(tmp_path, files))
        assert [one.name for one in found.packages] == ["a"]
        assert skips(found) == ["an rpm database without a package, beside another: var/lib/rpm/Packages.db"]
        (tmp_path / "var/lib/rpm/Packages").write_bytes(berkeley([]))
        with pytest.raises(EmptySource, match="no installed package"):
            inventories.read(tmp_path)

    def test_empty_files(self, tmp_path: Path) -> None:
        root(tmp_path, {"var/lib/rpm/Packages": b"", "var/lib/rpm/Packages.db": b""})
        with pytest.raises(UnreadableSource, match="an empty file in the place of a database: var/lib/rpm/Packages"):
            inventories.read(tmp_path)
        root(tmp_path, {"usr/share/rpm/Packages": berkeley([named("a")])})
        assert skips(inventories.read(tmp_path)) == [
            "an empty file in the place of a database: var/lib/rpm/Packages",
            "an empty file in the place of a database: var/lib/rpm/Packages.db",
        ]

    @pytest.mark.parametrize("path", OURS, ids=["ndb", "bdb"])
    def test_damage(self, path: Path, tmp_path: Path) -> None:
        place = f"var/lib/rpm/{path.name}"
        root(tmp_path, {place: path.read_bytes()[:-4000]})
        found = inventories.read(tmp_path)
        assert found.report is not None
        assert found.report.rejections[0].source == str(tmp_path / place)
        root(tmp_path, {place: path.read_bytes()[:30]})
        with pytest.raises(UnreadableSource, match="its header is cut off"):
            inventories.read(tmp_path)


class TestOracles:
    """What the real tools have of the same files."""

    def rpm(self, path: Path, tmp_path: Path) -> Inventory:
        """What rpm lists of a database of Berkeley DB, which it reads since 4.16 without that library."""
        shutil.copy(path, tmp_path / "Packages")
        command = ["rpm", "--dbpath", str(tmp_path), "--define", "_db_backend bdb_ro", "-qa"]
        return listed(oracles.run([*command, "--queryformat", QUERY_FORMAT]))

    def test_rpm(self, tmp_path: Path) -> None:
        assert bare(self.rpm(BERKELEY, tmp_path)) == bare(inventories.read(BERKELEY))

    def test_rpm_of_real_ones(self, unpacked: Callable[[str], Path], tmp_path: Path) -> None:
        """AlmaLinux 8 is of a big-endian machine."""
        found = sorted(unpacked("inventories/rpm-databases").rglob("Packages"))
        assert [len(inventories.read(path).packages) for path in found] == [20, 1]
        for path in found:
            assert bare(self.rpm(path, tmp_path)) == bare(inventories.read(path))

    def test_a_real_one_of_ndb(self, unpacked: Callable[[str], Path]) -> None:
        (path,) = unpacked("inventories/rpm-databases").rglob("Packages.db")
        found = inventories.read(path)
        assert found.report is not None
        assert (str(found.distribution), len(found.packages), found.report.rejections) == ("sles 15.3", 35, ())
        versions = {one.name: one.version for one in found.packages}
        assert (versions["glibc"], versions["rpm-ndb"]) == ("2.31-9.3.2", "4.14.3-40.1")

    @pytest.mark.parametrize(
        "settings",
        [
            {"db_lorder": 4321, "db_pagesize": 512},
            {"db_lorder": 1234, "db_pagesize": 65536},
            {"h_ffactor": 2, "db_pagesize": 1024},
            {"chksum": 1, "db_pagesize": 4096},
            {"chksum": 1, "db_pagesize": 512, "db_lorder": 4321},
        ],
        ids=str,
    )
    def test_berkeley_itself_writes(self, settings: dict[str, int], tmp_path: Path) -> None:
        found = read(loaded("hash", settings, packages(settings), tmp_path))
        assert found.report.rejections == ()
        assert sorted(one.name for one in found.packages) == sorted(f"p{number}" for number in range(1, 400))

    @pytest.mark.parametrize(
        ("kind", "settings", "reason"),
        [
            ("btree", {}, "a B-tree of Berkeley DB"),
            ("hash", {"subdatabase": "Packages"}, "several databases|B-tree"),
            ("hash", {"duplicates": 1}, "several records of one number"),
        ],
    )
    def test_what_rpm_does_not_write(self, kind: str, settings: dict[str, Any], reason: str, tmp_path: Path) -> None:
        rows = packages(settings)
        with pytest.raises(UnreadableSource, match=reason):
            listed(loaded(kind, settings, rows[2:] * 2 if "duplicates" in settings else rows, tmp_path))

    def test_encrypted(self, tmp_path: Path) -> None:
        with pytest.raises(UnreadableSource, match="an encrypted database"):
            listed(loaded("hash", {}, packages({}), tmp_path, "-P", "secret"))


def packages(settings: dict[str, Any]) -> list[bytes]:
    """Keys and values of 400 packages and their last number."""
    order = ">" if settings.get("db_lorder") == 4321 else "<"
    rows = [
        (0, struct.pack(f"{order}I", 399)),
        *((number, named(f"p{number}", number * 7)) for number in range(1, 400)),
    ]
    return [part for key, value in rows for part in (struct.pack(f"{order}I", key), value)]
