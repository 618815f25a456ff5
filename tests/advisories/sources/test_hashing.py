"""A digest that a thread computes is that of hashlib, and no thread is left, however the reading ends."""

import hashlib
import io
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from archives import tar_of

from advisories.models.errors import UnreadableSource
from advisories.sources.hashing import Hashing
from advisories.sources.limits import DEFAULT_LIMITS
from advisories.sources.overlay import Overlay
from advisories.sources.packed import Kept, Packed

MEBIBYTE = 1 << 20
#: More than the chunks that wait, in pieces that are no chunks.
PIECES = [bytes([number % 251]) * (300_000 + number) for number in range(60)]


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) <= before


@pytest.mark.parametrize("name", ["sha256", "sha384", "sha512"])
@pytest.mark.parametrize("pieces", [[], [b""], [b"abc"], [b"x" * MEBIBYTE], PIECES, [b"".join(PIECES), b"a"]])
def test_digests(name: str, pieces: list[bytes]) -> None:
    hashing = Hashing(name)
    for piece in pieces:
        hashing.update(piece)
    assert [hashing.hexdigest(), hashing.hexdigest()] == [hashlib.new(name, b"".join(pieces)).hexdigest()] * 2


def test_without_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """A platform, or a limit on processes, may give none."""

    def refused(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refused)
    test_digests("sha256", PIECES)


def test_it_waits_for_the_thread() -> None:
    """What comes faster than it is hashed does not fill the memory."""
    hashing, gate, most = Hashing("sha256"), threading.Event(), 0

    class Slow:
        def update(self, data: bytes) -> None:
            nonlocal most
            most = max(most, hashing._work.qsize())
            gate.wait(0.002)

        def hexdigest(self) -> str:
            return ""

    hashing._hash = Slow()  # type: ignore[assignment]
    for _ in range(40):
        hashing.update(bytes(MEBIBYTE))
    hashing.hexdigest()
    assert 0 < most <= 8


def test_closed() -> None:
    hashing = Hashing("sha256")
    for piece in PIECES:
        hashing.update(piece)
    hashing.close()
    hashing.close()


class TestOfLayers:
    """Of layers with more than a chunk, by which a thread was begun."""

    DATA = tar_of(*((f"folder/file{number}", "file", "x" * 200_000) for number in range(40)))

    def packed(self, stated: bytes, data: bytes = DATA) -> Packed:
        digest = f"sha256:{hashlib.sha256(stated).hexdigest()}"
        return Packed(io.BytesIO(data), "layer", DEFAULT_LIMITS, Kept(bool), digest=digest, content_digest=digest)

    def test_all_of_it(self) -> None:
        tree = Overlay("x", DEFAULT_LIMITS)
        tree.add(self.packed(self.DATA), "layer")
        assert tree.stat(b"folder/file39") is not None

    @pytest.mark.parametrize("place", [600, len(DATA) // 2, len(DATA) - 1])
    def test_another_byte(self, place: int) -> None:
        data = bytearray(self.DATA)
        data[place] ^= 1
        with pytest.raises(UnreadableSource, match=r"^layer: its digest is sha256:\w+, where sha256:\w+ is stated$"):
            Overlay("x", DEFAULT_LIMITS).add(self.packed(self.DATA, bytes(data)), "layer")

    def test_a_damaged_member_of_a_stated_digest(self) -> None:
        """The digest is right, so the archive is to blame: all of it was read to know that."""
        data = self.DATA[: len(self.DATA) // 2 // 512 * 512 + 100]
        with pytest.raises(UnreadableSource, match="layer: not a whole tar archive"):
            Overlay("x", DEFAULT_LIMITS).add(self.packed(data, data), "layer")

    def test_a_fault_in_the_middle(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """As by Ctrl-C. The error is held, as whoever prints it does, and with it all that was called."""
        placed = 0

        def place(*_: object) -> None:
            nonlocal placed
            placed += 1
            if placed == 20:
                raise KeyboardInterrupt

        monkeypatch.setattr(Overlay, "_place", place)
        with pytest.raises(KeyboardInterrupt) as held:
            Overlay("x", DEFAULT_LIMITS).add(self.packed(self.DATA), "layer")
        assert held.value.__traceback__ is not None
        assert not any("digest" in thread.name for thread in threading.enumerate())

    def test_a_file_that_grows_shorter(self, tmp_path: Path) -> None:
        path = tmp_path / "layer.tar"
        path.write_bytes(self.DATA)
        digest = f"sha256:{hashlib.sha256(self.DATA).hexdigest()}"
        with path.open("rb") as file:
            packed = Packed(file, "layer", DEFAULT_LIMITS, Kept(bool), digest=digest)
            members = packed.members()
            for _ in range(20):
                next(members)
            with path.open("r+b") as other:
                other.truncate(len(self.DATA) // 2 + 100)
            with pytest.raises(UnreadableSource, match="its digest is"):
                list(members)
