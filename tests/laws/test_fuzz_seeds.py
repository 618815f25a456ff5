"""What the fuzzer starts from and what it found, read again: errors of ours alone come out, and counts add up."""

from collections.abc import Iterator

import fuzzed
import pytest

_SEEDS = [(target, seed) for target in fuzzed.TARGETS for seed in fuzzed.seeds(target)]


def _damaged(data: bytes) -> Iterator[bytes]:
    """A document that is cut, repeated, or has another byte, at some forty places."""
    yield data
    yield data + data
    for place in range(0, len(data), max(1, len(data) // 40)):
        yield data[:place]
        yield data[:place] + data[place + 1 :]
        for byte in b"\0\xff{'\"\n":
            yield data[:place] + bytes([byte]) + data[place + 1 :]


def test_each_reader_has_one() -> None:
    assert {target for target, _ in _SEEDS} == set(fuzzed.TARGETS)


@pytest.mark.parametrize(("target", "seed"), _SEEDS, ids=[f"{target}-{seed.name}" for target, seed in _SEEDS])
def test_of_a_reader(target: str, seed: fuzzed.Path) -> None:
    for data in _damaged(seed.read_bytes()):
        fuzzed.check(target, data)
