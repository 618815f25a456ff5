"""Containers: nothing of them is lost quietly, and nothing of them grows without bound."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from advisories.models.errors import AdvisoriesError, LimitExceeded, UnreadableSource
from advisories.models.reading import Rejection
from advisories.sources.documents import Document, Found, documents_of_stream
from advisories.sources.limits import DEFAULT_LIMITS, Limits

PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
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

    def test_many_members_of_one_ratio_each(self) -> None:
        files = {f"{number}.json": b"\0" * 90_000 for number in range(200)}
        with pytest.raises(LimitExceeded, match=r"times its size \(--limit ratio=NUMBER allows more\)"):
            read(lzma.compress(tarred(files)), self.LIMITS)

    def test_no_more_than_the_limit_is_unpacked(self, tmp_path: Path) -> None:
        import tracemalloc

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
