"""Sources: whatever they are packed in, the same documents come out, and what is damaged is reported."""

import bz2
import errno
import gzip
import io
import lzma
import os
import subprocess
import tarfile
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import BinaryIO, cast

import pytest
import zstandard
from attrs import evolve
from examples import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from advisories.models import Advisory, Loss, Rejection, Skip
from advisories.models.errors import LimitExceeded, UnreadableSource
from advisories.readers import feeds
from advisories.readers.inventories.registry import read_inventory
from advisories.sources.documents import Document, Found, documents, documents_of_stream, is_folder, path_of
from advisories.sources.limits import DEFAULT_LIMITS, Limits

Unpack = Callable[[str], Path]
Files = dict[str, bytes]

PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "": lambda data: data,
    ".gz": lambda data: gzip.compress(data, mtime=0),
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": zstandard.ZstdCompressor().compress,
}
COMPRESSED = [suffix for suffix in PACKERS if suffix]
NAMES = st.from_regex(r"([a-z]{1,3}/){0,2}[a-z]{1,8}\.(json|xml)", fullmatch=True)
# No content that is a container itself.
FILES = st.dictionaries(NAMES, st.binary(max_size=2000).map(lambda data: b"{" + data), min_size=1, max_size=5)


def tar(files: Files) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return stream.getvalue()


def zipped(files: Files) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return stream.getvalue()


def found(data: bytes, name: str = "source") -> list[Found]:
    return list(documents_of_stream(io.BytesIO(data), name, DEFAULT_LIMITS))


def contents(items: list[Found]) -> dict[str, bytes]:
    assert all(isinstance(item, Document) for item in items)
    return {item.source: item.data for item in items if isinstance(item, Document)}


class TestTheSame:
    @settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(FILES, st.sampled_from(list(PACKERS)), st.sampled_from([tar, zipped]))
    def test_archives(self, tmp_path: Path, files: Files, suffix: str, archive: Callable[[Files], bytes]) -> None:
        packed = PACKERS[suffix](archive(files))
        items = found(packed)
        assert contents(items) == {f"source!{name}": data for name, data in files.items()}
        assert not any(item.alone for item in items if isinstance(item, Document))
        path = tmp_path / "source"
        path.write_bytes(packed)
        assert contents(list(documents(path, DEFAULT_LIMITS))) == {f"{path}!{n}": data for n, data in files.items()}

    @settings(max_examples=examples(60), deadline=None)
    @given(FILES, st.sampled_from(COMPRESSED), st.sampled_from([tar, zipped]))
    def test_compressed_members(self, files: Files, suffix: str, archive: Callable[[Files], bytes]) -> None:
        packed = {f"{name}{suffix}": PACKERS[suffix](data) for name, data in files.items()}
        items = found(archive(packed))
        assert contents(items) == {f"source!{name}{suffix}": data for name, data in files.items()}
        assert {item.name for item in items if isinstance(item, Document)} == {n.rpartition("/")[2] for n in files}

    @pytest.mark.parametrize("suffix", COMPRESSED)
    def test_one_file(self, tmp_path: Path, suffix: str) -> None:
        path = tmp_path / f"a.json{suffix}"
        path.write_bytes(PACKERS[suffix](b"{}" * 400_000))
        assert list(documents(path, DEFAULT_LIMITS)) == [Document(str(path), "a.json", b"{}" * 400_000, alone=True)]
        # By content, not by name; and parts one behind the other are one file.
        path = tmp_path / "b.json"
        path.write_bytes(PACKERS[suffix](b"{}") + PACKERS[suffix](b"[]"))
        assert list(documents(path, DEFAULT_LIMITS)) == [Document(str(path), "b.json", b"{}[]", alone=True)]

    @pytest.mark.parametrize("suffix", COMPRESSED)
    def test_nothing_inside(self, suffix: str) -> None:
        assert found(PACKERS[suffix](b"")) == [Document("source", "source", b"", alone=True)]

    def test_folders(self, tmp_path: Path) -> None:
        (tmp_path / "a.json.gz").write_bytes(gzip.compress(b"one"))
        (tmp_path / "b.zip").write_bytes(zipped({"x/c.json": b"two"}))
        (tmp_path / "c.tar.xz").write_bytes(lzma.compress(tar({"d.json": b"three"})))
        items = list(documents(tmp_path, DEFAULT_LIMITS))
        assert list(contents(items).values()) == [b"one", b"two", b"three"]

    def test_what_is_no_file_in_a_folder(self, tmp_path: Path) -> None:
        """It is counted, its neighbours are read, and nothing is waited for."""
        (tmp_path / "a").write_bytes(b"1")
        (tmp_path / "in").mkdir()
        (tmp_path / "in/up").symlink_to("..")
        os.mkfifo(tmp_path / "pipe")
        for name, target in (("long", "n" * 300), ("circle", "circle"), ("nowhere", "nothing"), ("to", "a")):
            (tmp_path / name).symlink_to(target)
        items = list(documents(tmp_path, DEFAULT_LIMITS))
        assert [item.data for item in items if isinstance(item, Document)] == [b"1", b"1"]
        assert {item.what: item.why for item in items if isinstance(item, Skip)} == {
            "up": "a link to a folder",
            "pipe": "no regular file",
        }
        refused = {item.what: item.why for item in items if isinstance(item, Rejection)}
        assert refused.keys() == {"long", "circle", "nowhere"}
        assert refused["long"] == os.strerror(errno.ENAMETOOLONG)

    def test_a_link_to_a_folder_that_lies_elsewhere_is_a_loss(self, tmp_path: Path) -> None:
        """What lies in the source is read where it lies."""
        feed, other = tmp_path / "feed", tmp_path / "feeds"
        (feed / "2024").mkdir(parents=True)
        other.mkdir()
        (feed / "current").symlink_to("2024")
        (feed / "up").symlink_to(tmp_path)
        (feed / "2023").symlink_to(other)
        items = list(documents(feed, DEFAULT_LIMITS))
        assert {item.what: item.losses for item in items if isinstance(item, Skip)} == {
            "current": (),
            "up": (),
            "2023": (Loss(),),
        }

    def test_a_name_that_is_too_long(self, tmp_path: Path) -> None:
        with pytest.raises(UnreadableSource, match=os.strerror(errno.ENAMETOOLONG)):
            list(documents(tmp_path / ("n" * 300), DEFAULT_LIMITS))

    def test_names_lead_nowhere(self) -> None:
        files = {"../../etc/passwd": b"1", "/etc/shadow": b"2", "a\\b": b"3"}
        for archive in (tar, zipped):
            assert sorted(contents(found(archive(files))).values()) == [b"1", b"2", b"3"]

    def test_an_archive_inside_an_archive(self) -> None:
        inner = {"a.tar": tar({"x": b"1"}), "b.tgz": gzip.compress(tar({"x": b"1"})), "c.zip": zipped({"x": b"1"})}
        items = found(tar(inner))
        assert [(type(item), item.source) for item in items] == [(Skip, f"source!{name}") for name in inner]

    @pytest.mark.parametrize("begin", ["", "./"])
    def test_links_and_folders_are_no_documents(self, begin: str) -> None:
        """A link whose target is no member is refused, as in a folder."""
        members = [
            ("x/link", tarfile.SYMTYPE, "../y/z/file", True),
            ("hard", tarfile.LNKTYPE, "y/z/file", True),
            ("folder", tarfile.DIRTYPE, "", True),
            ("to-folder", tarfile.SYMTYPE, "./y", True),
            ("to-root", tarfile.SYMTYPE, ".", True),
            ("to-link", tarfile.SYMTYPE, "x/link", True),
            ("device", tarfile.CHRTYPE, "", True),
            ("outside", tarfile.SYMTYPE, "/etc/passwd", False),
            ("above", tarfile.SYMTYPE, "../y/z/file", False),
            ("x/nowhere", tarfile.SYMTYPE, "file", False),
            ("hard-nowhere", tarfile.LNKTYPE, f"{begin}gone", False),
        ]
        stream = io.BytesIO()
        with tarfile.open(fileobj=stream, mode="w") as archive:
            for name, kind, target, _ in members:
                member = tarfile.TarInfo(begin + name)
                member.type, member.linkname = kind, target
                archive.addfile(member)
            member = tarfile.TarInfo(f"{begin}y/z/file")
            member.size = 2
            archive.addfile(member, io.BytesIO(b"{}"))
        document, *refused = found(stream.getvalue())
        assert isinstance(document, Document)
        assert document.data == b"{}"
        assert [one.source for one in refused] == [f"source!{name}" for name, _, _, is_whole in members if not is_whole]
        assert {one.why for one in refused if isinstance(one, Rejection)} == {
            "a link to what the archive does not have"
        }


@cache
def packed_once(suffix: str, archive: Callable[[dict[str, bytes]], bytes]) -> bytes:
    """The same bytes at every example: archives carry the time of day."""
    return PACKERS[suffix](archive({"a.json": b"1" * 900, "b.json": b"2" * 50}))


class TestDamage:
    @pytest.mark.parametrize("suffix", list(PACKERS))
    def test_a_tar_that_is_cut_off_keeps_what_came_before(self, suffix: str) -> None:
        files = {f"{number}.json": bytes([number]) * 700 for number in range(5)}
        packed = PACKERS[suffix](tar(files))
        whole = contents(found(packed))
        content_end = len(packed) if suffix else 5 * (512 + 1024)
        for cut in range(600, content_end, 101) if not suffix else range(1, content_end, 3):
            try:
                items = found(packed[:cut])
            except UnreadableSource:
                assert suffix  # cut off before the archive can be recognised
                continue
            kept = {item.source: item.data for item in items if isinstance(item, Document)}
            if "source" in kept:
                continue  # too short to be known for what it is
            assert kept.items() <= whole.items()
            assert [type(item) for item in items[len(kept) :]] == [Rejection]
            if not suffix:
                assert len(kept) >= (cut - 1024 - 512) // 1536

    @pytest.mark.parametrize("suffix", COMPRESSED)
    def test_a_file_that_is_cut_off(self, suffix: str) -> None:
        packed = PACKERS[suffix](b"some text " * 30)
        for cut in range(6, len(packed)):
            with pytest.raises(UnreadableSource, match="not a whole"):
                found(packed[:cut])

    @pytest.mark.parametrize("suffix", COMPRESSED)
    def test_among_others_it_is_a_rejection(self, suffix: str, tmp_path: Path) -> None:
        files = {f"a.json{suffix}": PACKERS[suffix](b"some text " * 30)[:-3], "b.json": b"{}"}
        for archive in (tar, zipped):
            broken, kept = found(archive(files))
            assert isinstance(broken, Rejection)
            assert broken.source == f"source!a.json{suffix}"
            assert isinstance(kept, Document)
        for name, data in files.items():
            (tmp_path / name).write_bytes(data)
        broken, kept = documents(tmp_path, DEFAULT_LIMITS)
        assert isinstance(broken, Rejection)
        assert "not a whole" in broken.why
        assert isinstance(kept, Document)

    @settings(max_examples=examples(300), deadline=None)
    @given(st.data())
    def test_any_damage(self, data: st.DataObject) -> None:
        suffix = data.draw(st.sampled_from(list(PACKERS)))
        archive = data.draw(st.sampled_from([tar, zipped]))
        packed = bytearray(packed_once(suffix, archive))
        for _ in range(data.draw(st.integers(1, 4))):
            packed[data.draw(st.integers(0, len(packed) - 1))] = data.draw(st.integers(0, 255))
        try:
            items = found(bytes(packed))
        except UnreadableSource:
            return  # of nothing else
        assert all(isinstance(item, Document | Rejection | Skip) for item in items)

    def test_without_the_library(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(__import__("sys").modules, "zstandard", None)
        with pytest.raises(UnreadableSource, match="needs a library: pip install zstandard"):
            found(PACKERS[".zst"](b"{}"))

    def test_a_stream_that_does_not_block_is_not_at_its_end(self) -> None:
        """What had come so far was read as the whole."""
        receiving, sending = os.pipe()
        os.set_blocking(receiving, False)
        os.write(sending, b'{"id": "A-1"}')
        for buffering in (0, -1):
            with (
                open(os.dup(receiving), "rb", buffering=buffering) as stream,
                pytest.raises(UnreadableSource, match="no more data yet"),
            ):
                list(documents_of_stream(stream, "-", DEFAULT_LIMITS))
            os.write(sending, b"bash-5.1-1.el9.x86_64\n")
            with (
                open(os.dup(receiving), "rb", buffering=buffering) as stream,
                pytest.raises(UnreadableSource, match="no more data yet"),
            ):
                read_inventory(stream)
        os.close(receiving)
        os.close(sending)

    def test_a_stream_that_gives_its_list_in_parts(self) -> None:
        """The first part was taken for the whole."""

        class Stream(io.RawIOBase):
            def __init__(self) -> None:
                self.left = [b"bash-5.1-1.el9.x86_64\n", b"zlib-1.2.11-1.el9.x86_64\n"]

            def readable(self) -> bool:
                return True

            def readinto(self, buffer: "memoryview") -> int:  # type: ignore[override]
                data = self.left.pop(0) if self.left else b""
                buffer[: len(data)] = data
                return len(data)

        assert len(read_inventory(cast(BinaryIO, Stream())).packages) == 2

    @pytest.mark.parametrize("device", ["/dev/zero", "/dev/full"])
    def test_a_device_without_an_end(self, device: str) -> None:
        limits = Limits(document=1 << 20)
        with pytest.raises(LimitExceeded, match=r"\(--limit document=NUMBER allows more\)"):
            list(documents(device, limits))
        with pytest.raises(LimitExceeded, match=r"\(--limit inventory=NUMBER allows more\)"):
            read_inventory(device, limits=Limits(inventory=1 << 20))

    def test_a_sparse_file_claims_more_than_there_is(self) -> None:
        member = tarfile.TarInfo("a.json")
        member.type, member.size = tarfile.GNUTYPE_SPARSE, 0
        header = bytearray(member.tobuf(tarfile.GNU_FORMAT))
        header[483:495] = b"77777777777\0"
        header[148:156] = b" " * 8
        header[148:156] = f"{sum(header):06o}\0 ".encode()
        (refused,) = found(bytes(header) + bytes(10240 - 512))
        assert isinstance(refused, Rejection)
        assert refused.why == "a sparse file"


class TestLimits:
    SMALL = evolve(DEFAULT_LIMITS, document=3_000_000, ratio_from=1_000_000, archive=5_000_000, members=3)

    @pytest.mark.parametrize("suffix", COMPRESSED)
    def test_bombs(self, suffix: str, tmp_path: Path) -> None:
        bomb = PACKERS[suffix](bytes(2_500_000))
        path = tmp_path / "a"
        path.write_bytes(bomb)
        limits = evolve(self.SMALL, ratio=20)
        with pytest.raises(LimitExceeded, match="more than 20 times its size"):
            list(documents(path, limits))
        for archive in (tar, zipped):
            path.write_bytes(archive({"a": bomb, "b": b"{}"}))
            refused, kept = documents(path, limits)
            assert isinstance(refused, Rejection)
            assert "more than 20 times its size" in refused.why
            assert isinstance(kept, Document)
        path.write_bytes(PACKERS[suffix](tar({"a": bytes(2_500_000)})))
        with pytest.raises(LimitExceeded, match="more than 20 times its size"):
            list(documents(path, limits))

    @pytest.mark.slow
    @pytest.mark.parametrize("suffix", list(PACKERS))
    def test_sizes(self, suffix: str, tmp_path: Path) -> None:
        noise = b"".join(bytes([(n * n) % 251]) for n in range(3_000_001))
        path = tmp_path / "a"
        path.write_bytes(PACKERS[suffix](noise))
        limits = evolve(self.SMALL, ratio=10_000)
        with pytest.raises(LimitExceeded, match="larger than the limit of 3000000 bytes"):
            list(documents(path, limits))
        for archive in (tar, zipped):
            path.write_bytes(archive({"a": PACKERS[suffix](noise)}))
            (refused,) = documents(path, limits)
            assert isinstance(refused, Rejection)
            assert refused.why.startswith("larger than the limit of 3000000 bytes")

    def test_an_archive_as_a_whole(self) -> None:
        for archive in (tar, zipped):
            packed = io.BytesIO(archive({name: bytes(2_000_000) for name in "abc"}))
            with pytest.raises(LimitExceeded, match="unpacks to more than the limit of 5000000 bytes"):
                list(documents_of_stream(packed, "a", evolve(self.SMALL, ratio=10_000)))
            packed = io.BytesIO(archive(dict.fromkeys("abcd", b"")))
            with pytest.raises(LimitExceeded, match="more members than the limit of 3"):
                list(documents_of_stream(packed, "a", self.SMALL))


class TestRealArchives:
    @pytest.mark.parametrize("name", ["feeds/cisa-kev", "feeds/createrepo_c-testdata", "feeds/almalinux-osv"])
    def test_an_archive_and_its_folder(self, unpacked: Unpack, shared: Path, name: str) -> None:
        folder = unpacked(name)
        archive = shared / "data" / f"{name}.tar.xz"
        inside = contents([item for item in documents(archive, DEFAULT_LIMITS) if isinstance(item, Document)])
        expected = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        packed = {source.partition("!")[2]: data for source, data in inside.items()}
        plain = {source for source, data in expected.items() if not data.startswith((b"\x1f\x8b", b"BZh", b"\xfd7zXZ"))}
        assert packed.keys() <= expected.keys()
        assert {source: packed.get(source) for source in plain} == {source: expected[source] for source in plain}

    def test_a_feed_in_its_archive(self, almalinux_folder: Path, shared: Path) -> None:
        archive = shared / "data/feeds/almalinux-osv.tar.xz"
        inside, outside = feeds.read(archive), feeds.read(almalinux_folder)
        records = [{a.id: a for a in reading if isinstance(a, Advisory)} for reading in (inside, outside)]
        assert records[0] == records[1]
        assert inside.report().kept == outside.report().kept == 5680


def test_folders_inside_of_each_other_leave_nothing_open(tmp_path: Path) -> None:
    """Their number has no bound but that of a path: Python 3.11's own walk ends at a thousand."""
    place = os.open(tmp_path, os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("d", dir_fd=place)
        inner = os.open("d", os.O_RDONLY, dir_fd=place)
        os.close(place)
        place = inner
    with os.fdopen(os.open("x.json", os.O_CREAT | os.O_WRONLY, dir_fd=place), "wb") as stream:
        stream.write(b"{}")
    os.close(place)
    try:
        found = list(documents(tmp_path, DEFAULT_LIMITS))
        assert [one.data for one in found if isinstance(one, Document)] == [b"{}"]
    finally:
        # Python's own removal, which pytest uses, calls itself for each folder too.
        subprocess.run(["rm", "-rf", str(tmp_path / "d")], check=True)


@given(st.text("ab./", min_size=1, max_size=9))
@settings(max_examples=examples(200))
def test_a_path_is_as_pathlib_writes_it(text: str) -> None:
    assert path_of(text) == path_of(Path(text)) == str(Path(text))


def test_what_is_no_folder(tmp_path: Path) -> None:
    file, circle = tmp_path / "file", tmp_path / "circle"
    file.write_bytes(b"")
    circle.symlink_to(circle)
    assert is_folder(f"{tmp_path}//.")
    for path in (f"{file}", f"{file}/", f"{file}/more", f"{tmp_path}/none", f"{circle}"):
        assert not is_folder(path)
    with pytest.raises(UnreadableSource, match="too long"):
        is_folder(f"{tmp_path}/{'a' * 300}")
