"""Ctrl-C, and the turns of other threads, in the middle of a long batch."""

import itertools
import signal
import sys
import threading
import time
from array import array
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from vercmp import IntervalIndex, _sorting, apk, argsort, dpkg, gem, max_version, pep440, rpm, semver

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="there are no timers of processor time"),
]

#: Seconds of processor time: how long a call takes at least, and when it is interrupted.
LONG = 0.3
SOON = 0.02

# As many short versions as it takes, or versions of a megabyte.
SHORT = "1.2.3", "1.2.4"
GREAT = "1" + ".2" * 500_000, "1" + ".2" * 499_999 + ".3"
INDEX = IntervalIndex([[(None, bytes([high]), high) for high in range(1, 200)]])


def compare_many(scheme: Any, versions: tuple[str, str], n: int) -> object:
    return scheme.compare_many([versions[0]] * n, [versions[1]] * n)


def sort_keys(scheme: Any, versions: tuple[str, str], n: int) -> object:
    return scheme.sort_keys([versions[0]] * n)


# They differ in their last bytes, so that much is left to sort.
VERSIONS = [f"1.2.3.4.5.6.7.8.9.{i * 7919 % 50_000}" for i in range(50_000)]
LONG_VERSIONS = ["1" + ".2" * 10_000 + f".{i * 7919 % 500}" for i in range(500)]


def sort(scheme: str, versions: list[str], n: int) -> object:
    return argsort(itertools.islice(itertools.cycle(versions), n), scheme=scheme)


def greatest(scheme: str, n: int) -> object:
    return max_version(itertools.islice(itertools.cycle(VERSIONS), n), scheme=scheme)


BATCHES: dict[str, Callable[[int], object]] = {
    "rpm.compare_many": partial(compare_many, rpm, SHORT),
    "rpm.compare_many, great ones": partial(compare_many, rpm, GREAT),
    "rpm.sort_keys": partial(sort_keys, rpm, SHORT),
    "rpm.sort_keys, great ones": partial(sort_keys, rpm, GREAT),
    "argsort by dpkg": partial(sort, "dpkg", VERSIONS),
    "argsort by dpkg, great ones": partial(sort, "dpkg", LONG_VERSIONS),
    "max_version by rpm": partial(greatest, "rpm"),
}
CALLS: dict[str, Callable[[int], object]] = {
    **BATCHES,
    "dpkg.compare_many": partial(compare_many, dpkg, SHORT),
    "dpkg.sort_keys": partial(sort_keys, dpkg, SHORT),
    "apk.compare_many": partial(compare_many, apk, SHORT),
    "apk.sort_keys": partial(sort_keys, apk, SHORT),
    "pep440.compare_many": partial(compare_many, pep440, SHORT),
    "pep440.sort_keys": partial(sort_keys, pep440, SHORT),
    "semver.compare_many": partial(compare_many, semver, SHORT),
    "semver.sort_keys": partial(sort_keys, semver, SHORT),
    "gem.compare_many": partial(compare_many, gem, SHORT),
    "gem.sort_keys": partial(sort_keys, gem, SHORT),
    "stab_many": lambda n: INDEX.stab_many(array("q", [0]) * n, [b"\xc0"] * n),
    "positions": lambda n: INDEX.positions(array("q", [0]) * n, [b"\xc0"] * n),
    "IntervalIndex": lambda n: IntervalIndex([[(None, b"a", 1)]] * n),
}


def seconds(call: Callable[[int], object], n: int) -> float:
    start = time.process_time()
    call(n)
    return time.process_time() - start


def long_enough(call: Callable[[int], object], least: float) -> tuple[int, float]:
    """So many items that the call takes at least these seconds, and how many it takes."""
    n = 64
    while (took := seconds(call, n)) < least:
        n *= 8 if took < least / 16 else 2
    return n, took


# A busy machine stretches what is measured: a batch that never looks fails each time.
ATTEMPTS = range(4)


@pytest.mark.parametrize("name", CALLS)
def test_an_interruption_ends_a_batch(name: str) -> None:
    # Its parts without a look are an iterable that becomes a list, and the arrays of the answer.
    assert any(took < whole * 0.7 for whole, took in map(interrupted_batch, [name] * len(ATTEMPTS)))


def interrupted_batch(name: str) -> tuple[float, float]:
    """How long a batch takes, and how long it takes with an interruption soon after its beginning."""
    n, whole = long_enough(CALLS[name], LONG)
    return whole, interrupted(CALLS[name], n, SOON)


def interrupted(call: Callable[[int], object], n: int, after: float) -> float:
    """How long a call takes that is interrupted after so many seconds."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    usual = signal.signal(signal.SIGPROF, interrupt)
    start = time.process_time()
    try:
        signal.setitimer(signal.ITIMER_PROF, after)
        with pytest.raises(KeyboardInterrupt):
            call(n)
        return time.process_time() - start
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, usual)


def test_an_interruption_ends_the_sorting_behind_the_keys() -> None:
    """Few great keys that differ in their last byte, in the wrong order: writing them is the smaller part."""
    keys = {str(number): b"x" * 1_000_000 + bytes([number]) for number in range(40)}

    def call(n: int) -> object:
        return [_sorting.argsort(reversed(keys), "a scheme by its keys", keys.__getitem__, False) for _ in range(n)]

    def early(whole: float) -> bool:
        return interrupted(call, 1, whole / 2) < 0.8 * whole

    assert any(early(min(seconds(call, 1) for _ in range(3))) for _ in ATTEMPTS)


@pytest.mark.parametrize("name", BATCHES)
def test_other_threads_get_their_turn(name: str) -> None:
    """They would wait for the end, and the main thread takes no Ctrl-C meanwhile."""
    assert any(turns_beside(name) > 5 for _ in ATTEMPTS)


def turns_beside(name: str) -> int:
    """How many turns this thread gets beside a batch in another one."""
    n, _ = long_enough(CALLS[name], LONG)
    thread = threading.Thread(target=CALLS[name], args=(n,))
    thread.start()
    turns = 0
    while thread.is_alive():
        time.sleep(sys.getswitchinterval())
        turns += 1
    return turns


def test_parts_of_a_query_join() -> None:
    """More keys than one look at Ctrl-C leaves between, and more payloads."""
    keys = [bytes([i * i % 211]) for i in range(530_011)]
    offsets, payloads = INDEX.stab_many(array("q", [0]) * len(keys), keys)
    places = INDEX.positions(array("q", [0]) * len(keys), keys)
    of_key = {key: (INDEX.stab(0, key), INDEX.position(0, key)) for key in set(keys)}
    assert [payloads[a:b].tolist() for a, b in itertools.pairwise(offsets)] == [of_key[key][0] for key in keys]
    assert places.tolist() == [of_key[key][1] for key in keys]
    n = (1 << 24) // 198 + 100
    offsets, payloads = INDEX.stab_many(array("q", [0]) * n, [b"\x01"] * n)
    assert offsets.tolist() == list(range(0, 198 * n + 1, 198))
    assert payloads.tobytes() == array("q", range(2, 200)).tobytes() * n
