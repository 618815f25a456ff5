"""What a thread reads ahead is what is read without one, errors in their places, and no thread is left."""

import gzip
import hashlib
import io
import random
import threading
import time
from collections.abc import Callable, Iterator

import pytest
import zstandard
from archives import tar_of
from hypothesis import given, settings
from hypothesis import strategies as st

from advisories.models.errors import UnreadableSource
from advisories.sources.limits import DEFAULT_LIMITS
from advisories.sources.overlay import Overlay
from advisories.sources.packed import Kept, Packed, Window
from advisories.sources.reading_ahead import ReadingAhead

MEBIBYTE = 1 << 20
NOISE = random.Random(1).randbytes(12 * MEBIBYTE + 77)


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) <= before


class Failing(io.BytesIO):
    """A stream that ends in an error."""

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        if not data:
            raise UnreadableSource("x", "damaged")
        return data


def all_of(stream: ReadingAhead, size: int) -> Iterator[bytes]:
    try:
        while data := stream.read(size):
            yield data
    finally:
        stream.close()


@settings(deadline=None, max_examples=30)
@given(st.integers(0, len(NOISE)), st.one_of(st.just(-1), st.integers(1000, 3 * MEBIBYTE)), st.booleans())
def test_the_same_bytes_and_errors(length: int, size: int, fails: bool) -> None:
    stream = ReadingAhead((Failing if fails else io.BytesIO)(NOISE[:length]))
    digest, count = hashlib.sha256(), 0
    try:
        for data in all_of(stream, size):
            assert size < 0 or len(data) <= size
            digest.update(data)
            count += len(data)
    except UnreadableSource:
        assert fails
    else:
        assert not fails
    assert (count, digest.digest()) == (length, hashlib.sha256(NOISE[:length]).digest())
    assert stream.read(size) == b""


def test_without_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refused)
    assert b"".join(all_of(ReadingAhead(io.BytesIO(NOISE)), MEBIBYTE)) == NOISE


def test_no_more_than_some_chunks_are_ahead() -> None:
    inner = io.BytesIO(bytes(64 * MEBIBYTE))
    stream = ReadingAhead(inner)
    try:
        for taken in range(1, 4):
            assert len(stream.read(MEBIBYTE)) == MEBIBYTE
            time.sleep(0.05)
            assert inner.tell() <= (taken + 9) * MEBIBYTE
    finally:
        stream.close()


def test_closed_in_the_middle() -> None:
    stream = ReadingAhead(io.BytesIO(NOISE))
    assert stream.read(10) == NOISE[:10]
    stream.close()
    stream.close()
    assert stream.read(10) == b""


def test_windows_that_several_threads_read() -> None:
    file = io.BytesIO(NOISE)
    windows = [Window(file, number * MEBIBYTE, MEBIBYTE) for number in range(12)]
    found: dict[int, bytes] = {}

    def read(number: int) -> None:
        pieces = []
        while data := windows[number].read(997):
            pieces.append(data)
        found[number] = b"".join(pieces)

    threads = [threading.Thread(target=read, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert b"".join(found[number] for number in range(12)) == NOISE[: 12 * MEBIBYTE]


def contents(number: int) -> str:
    return " ".join(map(str, range(number * 40_000, (number + 1) * 40_000)))


class TestOfLayers:
    """Of compressed layers of more than a chunk."""

    DATA = tar_of(*((f"folder/file{number}", "file", contents(number)) for number in range(60)))
    PACKERS: tuple[Callable[[bytes], bytes], ...] = (
        lambda data: gzip.compress(data, 1),
        zstandard.ZstdCompressor(write_checksum=True).compress,
    )

    @staticmethod
    def packed(data: bytes, stated: bytes | None = None) -> Packed:
        digest = None if stated is None else f"sha256:{hashlib.sha256(stated).hexdigest()}"
        return Packed(io.BytesIO(data), "layer", DEFAULT_LIMITS, Kept(bool), digest=digest)

    @pytest.mark.parametrize("pack", PACKERS)
    def test_all_of_it(self, pack: Callable[[bytes], bytes]) -> None:
        data = pack(self.DATA)
        tree = Overlay("x", DEFAULT_LIMITS)
        tree.add(self.packed(data, data), "layer")
        with tree.open(b"folder/file59") as file:
            assert file.read() == contents(59).encode()

    @pytest.mark.parametrize("pack", PACKERS)
    def test_cut(self, pack: Callable[[bytes], bytes]) -> None:
        """Of another digest, where one is stated, whatever was read ahead."""
        data = pack(self.DATA)
        cut = data[: len(data) * 3 // 4]
        with pytest.raises(UnreadableSource, match=r"layer: not a whole (gzip|zstd) file"):
            Overlay("x", DEFAULT_LIMITS).add(self.packed(cut), "layer")
        with pytest.raises(UnreadableSource, match="layer: its digest is"):
            Overlay("x", DEFAULT_LIMITS).add(self.packed(cut, data), "layer")

    @pytest.mark.parametrize("pack", PACKERS)
    def test_a_fault_in_the_middle(self, pack: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch) -> None:
        placed = 0

        def place(*_: object) -> None:
            nonlocal placed
            placed += 1
            if placed == 10:
                raise KeyboardInterrupt

        monkeypatch.setattr(Overlay, "_place", place)
        with pytest.raises(KeyboardInterrupt) as held:
            Overlay("x", DEFAULT_LIMITS).add(self.packed(pack(self.DATA)), "layer")
        assert held.value.__traceback__ is not None
        assert not any("ahead" in thread.name for thread in threading.enumerate())
