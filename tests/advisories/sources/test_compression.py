"""Containers: nothing of them is lost quietly, and nothing of them grows without bound."""

import bz2
import gzip
import io
import itertools
import lzma
import random
import shutil
import subprocess
import tarfile
import tracemalloc
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import zstandard
from attrs import evolve
from growth import time_grows_in_proportion
from hypothesis import given, settings
from hypothesis import strategies as st

from advisories.models.errors import AdvisoriesError, LimitExceeded, UnreadableSource
from advisories.models.reading import Loss, Rejection, Skip
from advisories.readers.inventories.registry import read_inventory
from advisories.sources.compression import Rewound, read_whole, unpacked
from advisories.sources.documents import Document, Found, documents_of_stream
from advisories.sources.limits import DEFAULT_LIMITS, Limits
from advisories.sources.tar import Tar

PACKERS: dict[str, Callable[[bytes], bytes]] = {
    # Of no time: the same text has to be the same bytes.
    "gzip": partial(gzip.compress, mtime=0),
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    # Without a checksum, which few leave out, the format shows no damage of the text.
    "zstd": zstandard.ZstdCompressor(write_checksum=True).compress,
}
FILES = {"a.json": b'{"id": "A-1"}', "b.json": b'{"id": "B-1"}' * 3, "c.txt": b"x" * 700, "d.json": b"[]"}


def tarred(files: dict[str, bytes] = FILES) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return packed.getvalue()


def zipped(files: dict[str, bytes] = FILES, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return packed.getvalue()


def header(name: str = "x", size: bytes = b"0", kind: bytes = tarfile.REGTYPE) -> bytes:
    """One of a tar archive, its checksum right, whatever its size is."""
    member = tarfile.TarInfo(name)
    member.type = kind
    found = bytearray(member.tobuf(tarfile.GNU_FORMAT))
    found[124:136] = size.rjust(12, b"0")
    found[148:156] = b" " * 8
    found[148:156] = b"%06o\0 " % sum(found)
    return bytes(found)


END = b"\0" * 1024
CONTAINERS = {
    **{name: pack(b"one line\n" * 40) for name, pack in PACKERS.items()},
    **{f"{name} twice": pack(b"one line\n" * 40) + pack(b"another\n" * 40) for name, pack in PACKERS.items()},
    "tar": tarred(),
    "zip": zipped(),
    "stored zip": zipped(method=zipfile.ZIP_STORED),
    **{f"tar, {name}": pack(tarred()) for name, pack in PACKERS.items()},
}


def read(data: bytes, limits: Limits = DEFAULT_LIMITS) -> list[Found]:
    return list(documents_of_stream(io.BytesIO(data), "x", limits))


def texts(found: list[Found]) -> dict[str, bytes]:
    return {one.name: one.data for one in found if isinstance(one, Document)}


def refusals(found: list[Found]) -> list[str]:
    return [one.why for one in found if isinstance(one, Rejection)]


@pytest.mark.parametrize("name", PACKERS)
class TestStreams:
    def test_streams_behind_each_other(self, name: str) -> None:
        pack = PACKERS[name]
        assert texts(read(pack(b"a" * 50_000) + pack(b"b") + pack(b"")))["x"] == b"a" * 50_000 + b"b"

    @pytest.mark.parametrize("rest", [b"garbage", b"\0\0\0\1", b"B", b"\xfd7z"])
    def test_anything_else_behind_a_stream(self, name: str, rest: bytes) -> None:
        with pytest.raises(UnreadableSource, match=f"not a whole {name} file: .*, in the first [0-9]+ bytes"):
            read(PACKERS[name](b"a" * 5000) + rest)

    def test_a_damaged_second_stream(self, name: str) -> None:
        """The standard library drops it: 50,005 packages were 5."""
        first, second = PACKERS[name](b"a\n" * 5), bytearray(PACKERS[name](b"b\n" * 50_000))
        for place in range(0, len(second), 7):
            damaged = bytearray(second)
            damaged[place] ^= 0x55
            try:
                found = texts(read(first + damaged))["x"]
            except AdvisoriesError:
                continue
            assert found == b"a\n" * 5 + b"b\n" * 50_000, place

    def test_a_stream_that_is_cut_off(self, name: str) -> None:
        whole = PACKERS[name](b"some text\n" * 500)
        for end in range(len(whole)):
            try:
                found = read(whole[:end])
            except AdvisoriesError:
                continue
            # Too short to be known as compressed.
            assert end < 6
            assert texts(found) == {"x": whole[:end]}


@pytest.mark.parametrize("name", PACKERS)
@pytest.mark.parametrize("padding", [0, 4])
def test_many_short_streams(name: str, padding: int) -> None:
    """The library copies what is behind a stream. Of many that are empty it would copy the square of their size."""
    one = PACKERS[name](b"") + (bytes(padding) if name == "xz" else b"")

    def shape(size: int) -> Callable[[], object]:
        data = one * (size // len(one)) + PACKERS[name](b'{"id": "A-1"}')
        return lambda: texts(read(data))

    assert shape(1000)() == {"x": b'{"id": "A-1"}'}
    time_grows_in_proportion(shape, 150_000)


def test_zeros_without_an_end_behind_an_archive() -> None:
    class Endless(io.RawIOBase):
        def __init__(self) -> None:
            self.rest = tarred({"a.json": b'{"id": "A-1"}'})

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
            data = (self.rest + bytes(len(buffer)))[: len(buffer)]
            self.rest = self.rest[len(buffer) :]
            buffer[:] = data
            return len(data)

    limits = evolve(DEFAULT_LIMITS, archive=1 << 22)
    with pytest.raises(LimitExceeded, match="--limit archive=NUMBER"):
        list(documents_of_stream(io.BufferedReader(Endless()), "-", limits))
    with pytest.raises(LimitExceeded, match="--limit archive=NUMBER"):
        list(Tar(io.BufferedReader(Endless()), "-", limits))


def test_zeros_may_follow_where_the_format_has_them() -> None:
    assert texts(read(gzip.compress(b"a") + b"\0" * 7))["x"] == b"a"
    assert texts(read(lzma.compress(b"a") + b"\0" * 8 + lzma.compress(b"b") + b"\0" * 4))["x"] == b"ab"
    for name, rest in (("xz", b"\0" * 6), ("bzip2", b"\0")):
        with pytest.raises(UnreadableSource, match=f"not a whole {name} file"):
            read(PACKERS[name](b"a") + rest)


@pytest.mark.parametrize("name", CONTAINERS)
@settings(max_examples=150, deadline=None)
@given(st.data())
def test_damage_is_an_error_or_changes_nothing(name: str, data: st.DataObject) -> None:
    """Cut, turn over, append, double: the same documents come out, or something is refused."""
    whole = CONTAINERS[name]
    expected = texts(read(whole))
    place = data.draw(st.integers(0, len(whole) - 1))
    how = data.draw(st.sampled_from(["cut", "bit", "byte", "append", "double"]))
    damaged = bytearray(whole)
    if how == "cut":
        del damaged[place:]
    elif how == "bit":
        damaged[place] ^= 1 << data.draw(st.integers(0, 7))
    elif how == "byte":
        damaged[place] = data.draw(st.integers(0, 255))
    elif how == "append":
        damaged += data.draw(st.binary(min_size=1, max_size=40))
    else:
        damaged += whole
    if bytes(damaged) in CONTAINERS.values():
        return  # cut exactly behind the first of two streams: the format shows nothing
    try:
        found = read(bytes(damaged))
    except AdvisoriesError:
        return
    if any(isinstance(one, Rejection) for one in found):
        return
    known = texts(found)
    if known == {"x": bytes(damaged)}:
        return  # no container any more, and no feed or list either
    # Names are no structure, and neither is a stored text that has no checksum: nothing shows their damage.
    assert len(known) >= len(expected)
    lost = {one for one in expected.values() if not any(one in other for other in known.values())}
    assert not lost or how in ("bit", "byte")


def test_the_form_without_a_mark() -> None:
    """What ``lzma`` and ``xz --format=lzma`` write. It has no checksum."""
    for text in (b"", b"a" * 50_000):
        packed = lzma.compress(text, format=lzma.FORMAT_ALONE)
        assert texts(read(packed)) == {"x": text}
        sized = packed[:5] + len(text).to_bytes(8, "little") + packed[13:]
        assert texts(read(sized)) == {"x": text}
        assert texts(read(packed + packed)) == {"x": text + text}
        for damaged in (packed + b"x", packed[:-1]):
            with pytest.raises(UnreadableSource, match="not a whole lzma file"):
                read(damaged)
    assert texts(read(b"]\0\0, no stream of it")) == {"x": b"]\0\0, no stream of it"}


def test_frames_to_skip() -> None:
    frame, other = PACKERS["zstd"](b"a"), b"\x5f\x2a\x4d\x18\x04\0\0\0four"
    for packed in (frame + other + frame, other + frame + frame, frame + frame + other):
        assert texts(read(packed)) == {"x": b"aa"}
    with pytest.raises(UnreadableSource, match="not a whole zstd file"):
        read(frame + other[:-1])


def frames_of(forms: list[str]) -> list[bytes]:
    """Frames of Zstandard in all forms that its headers can have."""
    found = []
    for number, form in enumerate(forms):
        content = {"none": b"", "one byte": b"x" * 300_000, "text": b"abc %d" % number * 50, "noise": NOISE}[form]
        for checksum, size in itertools.product((False, True), repeat=2):
            params = zstandard.ZstdCompressor(write_checksum=checksum, write_content_size=size)
            found.append(params.compress(content))
            found.append(b"".join(zstandard.ZstdCompressor(write_checksum=checksum).read_to_iter(content)))
    return found


NOISE = random.Random(1).randbytes(200_000)
FORMS = ["none", "one byte", "text", "noise"]
FRAMES = frames_of(FORMS)
# A block of one byte, 128 KiB of it, in a frame without its size.
ONE_BYTE = b"\x28\xb5\x2f\xfd\x00\x38" + ((1 << 17 << 3) | 1 << 1).to_bytes(3, "little") + b"x"
ENDED = ONE_BYTE + b"\x01\0\0"


@pytest.mark.parametrize("packed", [*FRAMES, ENDED], ids=range(len(FRAMES) + 1))
def test_a_frame_that_is_cut_anywhere(packed: bytes) -> None:
    whole = zstandard.ZstdDecompressor().decompressobj().decompress(packed)
    cuts = {*range(1, min(len(packed), 40)), *range(max(len(packed) - 40, 1), len(packed)), len(packed) // 2}
    for before in (b"", packed, b"\x50\x2a\x4d\x18\x02\0\0\0ab"):
        count = 2 if before == packed else 1
        assert read_whole(unpacked(Rewound(io.BytesIO(before + packed)), "zstd", "x", DEFAULT_LIMITS), 1 << 24) == (
            whole * count
        )
        for cut in cuts:
            with pytest.raises(UnreadableSource, match="it ends in the middle of a frame"):
                read_whole(unpacked(Rewound(io.BytesIO(before + packed[:cut])), "zstd", "x", DEFAULT_LIMITS), 1 << 24)


@settings(deadline=None)
@given(st.lists(st.integers(0, len(FRAMES) - 1), max_size=6), st.integers(1, 70_000), st.integers(1, 200_000))
def test_frames_come_in_pieces_of_any_size(frames: list[int], most: int, asked: int) -> None:
    class InPieces(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(most if size is None or size < 0 else min(size, most))

    packed = b"".join(FRAMES[number] for number in frames)
    stream = unpacked(Rewound(InPieces(packed)), "zstd", "x", DEFAULT_LIMITS)
    found = []
    while data := stream.read(asked):
        found.append(data)
    assert all(len(piece) == asked for piece in found[:-1])
    assert b"".join(found) == zstandard.ZstdDecompressor().stream_reader(packed, read_across_frames=True).read()


@pytest.mark.skipif(shutil.which("zstd") is None, reason="needs zstd")
@settings(deadline=None, max_examples=40)
@given(st.sampled_from(FORMS), st.data())
def test_zstd_itself_refuses_what_is_refused(form: str, data: st.DataObject) -> None:
    packed = bytearray(data.draw(st.sampled_from(frames_of([form]))))
    packed[data.draw(st.integers(0, len(packed) - 1))] ^= data.draw(st.integers(0, 255))
    packed = packed[: data.draw(st.integers(4, len(packed)))]
    real = subprocess.run(["zstd", "-dc", "--memory=128MB"], input=packed, capture_output=True, check=False)
    try:
        ours = read_whole(unpacked(Rewound(io.BytesIO(packed)), "zstd", "x", DEFAULT_LIMITS), 1 << 24)
    except UnreadableSource:
        assert real.returncode != 0
    else:
        assert (real.returncode, real.stdout) == (0, ours)


def test_short_frames_that_unpack_to_much_take_no_memory() -> None:
    packed = ONE_BYTE + ONE_BYTE[6:] * 20_000 + b"\x01\0\0"  # 80 KB, which are 2.6 GB
    stream = unpacked(Rewound(io.BytesIO(packed)), "zstd", "x", evolve(DEFAULT_LIMITS, ratio=1 << 20))
    tracemalloc.start()
    try:
        for _ in range(100):
            assert len(stream.read(1 << 20)) == 1 << 20
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()


def test_a_damaged_header_is_no_end_of_the_archive() -> None:
    whole = bytearray(tarred())
    assert set(texts(read(bytes(whole)))) == set(FILES)
    whole[1024 + 10] ^= 0xFF  # in the header of the second file
    found = read(bytes(whole))
    assert set(texts(found)) == {"a.json"}
    assert [one.why for one in found if isinstance(one, Rejection)] == [
        "not read further: a damaged header: bad checksum"
    ]


@pytest.mark.parametrize("rest", [tarred({"e.json": b"{}"}), b"x", b"\0" * 5000 + b"x"])
def test_more_after_the_end_of_a_tar_archive(rest: bytes) -> None:
    found = read(tarred() + rest)
    assert set(texts(found)) == set(FILES)
    assert [one.why for one in found if isinstance(one, Rejection)] == [
        "not read further: more after the archive's end"
    ]


def test_a_zip_directory_that_lost_members() -> None:
    whole = zipped()
    place = whole.rfind(b"PK\5\6")
    size = int.from_bytes(whole[place + 12 : place + 16], "little")
    begin = whole.index(b"PK\1\2")
    second = whole.index(b"PK\1\2", begin + 4)
    # The directory is one entry shorter than its end states.
    shorter = whole[:begin] + whole[second:place] + whole[place : place + 12]
    shorter += (size - (second - begin)).to_bytes(4, "little") + whole[place + 16 :]
    found = read(shorter)
    why = "damaged: its end states 4 members, and its directory has 3"
    assert why in refusals(found)


@pytest.mark.parametrize("inner", ["tar", "zip", "tar, xz"])
def test_an_archive_in_an_archive_is_a_loss(inner: str) -> None:
    for archive in (tarred, zipped):
        found = read(archive({"a": CONTAINERS[inner], **FILES}))
        assert texts(found) == FILES
        assert [(one.why, one.losses) for one in found if isinstance(one, Skip)] == [
            ("an archive inside an archive", (Loss(),))
        ]


class TestZip:
    @pytest.mark.parametrize("rest", [b"x", tarred(), b"\0" * 500 + b"{}", gzip.compress(b"{}", mtime=0)])
    def test_more_after_the_end(self, rest: bytes) -> None:
        found = read(zipped() + rest)
        assert texts(found) == FILES
        assert refusals(found) == ["more after the archive's end"]

    def test_zeros_after_the_end(self) -> None:
        assert refusals(read(zipped() + b"\0" * 500)) == []

    def test_an_archive_in_front_of_another(self) -> None:
        """The directory at the end names the members of the second alone."""
        found = read(zipped({"first.json": b'{"id": "A-1"}'}) + zipped())
        assert texts(found) == FILES
        assert [(one.position, one.why) for one in found if isinstance(one, Rejection)] == [
            ("byte 0", "its directory has no member for what is here")
        ]

    @pytest.mark.parametrize("number", range(4))
    def test_a_member_that_the_directory_does_not_have(self, number: int) -> None:
        files = {f"{one}.json": bytes(range(200)) for one in range(4)}
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for name, data in files.items():
                archive.writestr(zipfile.ZipInfo(name), data)
            del archive.filelist[number]  # what is written at the end
        found = read(packed.getvalue())
        assert len(texts(found)) == 3
        assert refusals(found) == ["its directory has no member for what is here"]

    def test_members_of_one_name(self) -> None:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("a.json", b"1")
            with pytest.warns(UserWarning, match="Duplicate name"):
                archive.writestr("a.json", b"2")
        assert [one.data for one in read(packed.getvalue()) if isinstance(one, Document)] == [b"1", b"2"]

    def test_members_that_lie_in_others(self) -> None:
        """One text under many names unpacks to far more than the archive is long."""
        whole = zipped({"a.json": b"x" * 1000})
        begin, end = whole.index(b"PK\1\2"), whole.rfind(b"PK\5\6")
        entry = whole[begin:end]
        twice = whole[:end] + entry + whole[end : end + 8] + b"\2\0\2\0"
        twice += (2 * len(entry)).to_bytes(4, "little") + whole[end + 16 :]
        found = read(twice)
        assert len(refusals(found)) == 1
        assert refusals(found) == ["it overlaps another member"]

    def test_a_folder_with_a_text(self) -> None:
        assert texts(read(zipped({"a/": b"{}"}))) == {"a": b"{}"}

    def test_what_other_programs_write_beside_members(self) -> None:
        """Their headers have longer extra fields than the directory, and sizes behind the text."""

        class Stream(io.RawIOBase):
            def writable(self) -> bool:
                return True

            def write(self, data: object) -> int:
                return packed.write(data)  # type: ignore[arg-type]

        packed = io.BytesIO()
        with zipfile.ZipFile(io.BufferedWriter(Stream()), "w") as archive:  # not seekable
            for name, data in FILES.items():
                with archive.open(zipfile.ZipInfo(name), "w", force_zip64=True) as member:
                    member.write(data)
        assert texts(read(packed.getvalue())) == FILES
        assert refusals(read(packed.getvalue())) == []


class TestTar:
    @pytest.mark.parametrize("size", [b"\x80" + b"\x7f" * 11, b"\x80" + b"\0" * 4 + b"\x7f" * 7, b"77777777777"])
    def test_a_size_beyond_the_end(self, size: bytes) -> None:
        """The library passed it over for years."""
        found = read(header("a", b"3") + b"abc".ljust(512, b"\0") + header(size=size) + END)
        assert texts(found) == {"a": b"abc"}
        why = refusals(found)[-1].removeprefix("not read further: ")
        # From Python 3.15 on it notices by itself.
        assert why in ("it ends in the middle of a member", "unexpected end of data")

    @pytest.mark.parametrize("size", [b"\xff" * 11 + b"\xf0", b"\xff" * 10 + b"\xfc\0"])
    def test_a_size_below_zero(self, size: bytes) -> None:
        (why,) = refusals(read(header(size=size) + END))
        # The latter are the words of Python 3.15.
        assert why in [
            f"not read further: a damaged header: {what}" for what in ("a size below zero", "invalid offset")
        ]

    @pytest.mark.parametrize("kind", [b"M", b"Z", b"\xff", b"\n"])
    def test_a_kind_that_nobody_knows(self, kind: bytes) -> None:
        found = read(header("a", b"3", kind) + b"abc".ljust(512, b"\0") + tarred())
        assert texts(found) == FILES
        assert len(refusals(found)) == 1
        assert refusals(found)[0].startswith("of an unknown kind: ")

    @pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME])
    def test_a_header_is_bounded(self, kind: bytes) -> None:
        """300 kB took 575 MiB and 17 seconds."""
        found = read(gzip.compress(header(size=b"%o" % (64 << 20), kind=kind) + b"\0" * (64 << 20) + tarred()))
        assert refusals(found) == ["not read further: a header of more than 1048576 bytes"]

    @pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME])
    def test_a_chain_of_headers(self, kind: bytes) -> None:
        link = header(size=b"12", kind=kind) + b"10 a=bbbb\n".ljust(512, b"\0")
        assert [why[:17] for why in refusals(read(link * 3000 + tarred()))] == ["not read further:"]


def reasons(data: bytes, limits: Limits) -> list[str]:
    """Why nothing was read of a source."""
    try:
        found = read(data, limits)
    except LimitExceeded as error:
        return [error.why]
    assert not texts(found)
    return refusals(found)


class TestBounds:
    LIMITS = evolve(DEFAULT_LIMITS, ratio=100, ratio_from=100_000)

    @pytest.mark.parametrize("inner", PACKERS)
    def test_layers_count_together(self, inner: str) -> None:
        """A thousand bytes opened a thousand million: each layer had a ratio of its own."""
        bomb = PACKERS[inner](b"\0" * 5_000_000)
        files = {f"{number}.json": bomb for number in range(40)}
        for outer in (tarred(files), zipped(files), gzip.compress(tarred(files)), lzma.compress(zipped(files))):
            whys = reasons(outer, self.LIMITS)
            assert whys
            assert all("times its size (--limit ratio=NUMBER allows more)" in why for why in whys)

    @pytest.mark.parametrize("name", PACKERS)
    def test_a_package_list_that_repeats_itself(self, name: str) -> None:
        """Lists become many objects a line: 100 kB took 2.4 GB."""
        packed = PACKERS[name](b"a-1-1.x86_64\n" * 700_000)
        with pytest.raises(LimitExceeded, match=r"100 times its size \(--limit list_ratio=NUMBER allows more\)"):
            read_inventory(io.BytesIO(packed))
        more = evolve(DEFAULT_LIMITS, list_ratio=1_000_000, lines=600_000)
        with pytest.raises(LimitExceeded, match="more lines than the limit of 600000"):
            read_inventory(io.BytesIO(packed), limits=more)

    def test_many_members_of_one_ratio_each(self) -> None:
        files = {f"{number}.json": b"\0" * 90_000 for number in range(200)}
        with pytest.raises(LimitExceeded, match=r"times its size \(--limit ratio=NUMBER allows more\)"):
            read(lzma.compress(tarred(files)), self.LIMITS)

    def test_no_more_than_the_limit_is_unpacked(self, tmp_path: Path) -> None:

        for name, pack in PACKERS.items():
            packed = pack(b"\0" * 200_000_000)
            tracemalloc.start()
            with pytest.raises(LimitExceeded):
                read(packed, self.LIMITS)
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            assert peak < 60_000_000, name

    def test_memory_that_a_stream_names_itself(self) -> None:
        """A dictionary of 1.5 GiB for one byte of text."""
        filters = [
            {"id": lzma.FILTER_LZMA2, "dict_size": 1536 << 20, "mode": lzma.MODE_FAST, "mf": lzma.MF_HC3, "nice_len": 3}
        ]
        try:
            packed = lzma.compress(b"x", filters=filters)
        except MemoryError:
            pytest.skip("not enough memory to pack it")
        with pytest.raises(UnreadableSource, match=r"not a whole xz file: .*[Mm]emory"):
            read(bytes(packed))


@pytest.mark.parametrize(("limit", "whole"), [(10, b"0123456789"), (9, None), (3, None)])
def test_what_was_read_before_is_part_of_the_whole(limit: int, whole: bytes | None) -> None:
    assert read_whole(io.BytesIO(b"56789"), limit, (b"01", b"234")) == whole
