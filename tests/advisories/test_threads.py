"""Eight threads share one feed, one store, one index and lists of versions. Python may have no lock of its own around
them (PEP 703)."""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from itertools import cycle, islice, pairwise
from pathlib import Path

import pytest
from few_versions import VERSIONS
from places import ROOT, SRC

import advisories
import vercmp
from advisories.models import Inventory, Package
from advisories.models.frozen import evolve

EXAMPLE = ROOT / "examples" / "almalinux-9"
THREADS = 8
COMPILED = sorted(".".join(path.relative_to(SRC).with_suffix("").parts) for path in SRC.rglob("*.pyx"))


@pytest.fixture(scope="module")
def hosts() -> list[Inventory]:
    """The bundled host, and others of a part of its packages each."""
    whole = advisories.read_inventory(EXAMPLE / "host.tsv")
    packages: tuple[Package, ...] = tuple(whole.packages)
    return [whole, *[evolve(whole, packages=packages[start::7]) for start in range(7)]]


def found(inventory: Inventory, feed: advisories.Feed) -> list[str]:
    return [f"{finding.vulnerability} {finding.cause}" for finding in advisories.match(inventory, feed)]


def at_once(hosts: list[Inventory], feed: advisories.Feed) -> list[list[str]]:
    """Each host three times, eight at a time: what is made when it is first needed is asked of all threads."""
    gate = threading.Barrier(THREADS)

    def work(inventory: Inventory) -> list[str]:
        gate.wait(60)
        return found(inventory, feed)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(work, islice(cycle(hosts), 3 * THREADS)))


def test_threads_share_a_feed(hosts: list[Inventory]) -> None:
    with advisories.open_feed(EXAMPLE / "advisories.jsonl") as feed:
        expected = [found(inventory, feed) for inventory in hosts]
    with advisories.open_feed(EXAMPLE / "advisories.jsonl") as feed:
        assert at_once(hosts, feed) == expected * 3


def test_threads_share_a_store(hosts: list[Inventory], tmp_path: Path) -> None:
    store = tmp_path / "feed.db"
    advisories.compile_store([EXAMPLE / "advisories.jsonl"], store)
    with advisories.open_feed(store) as feed:
        expected = [found(inventory, feed) for inventory in hosts]
    with advisories.open_feed(store) as feed:
        assert at_once(hosts, feed) == expected * 3


def test_threads_share_versions_and_an_index() -> None:
    lists = {scheme: versions * 500 for scheme, versions in VERSIONS.items()}
    keys = {scheme: vercmp.sort_keys(versions, scheme=scheme) for scheme, versions in lists.items()}
    index = vercmp.IntervalIndex(
        [
            [(low, high, number) for number, (low, high) in enumerate(pairwise(sorted(set(one))))]
            for one in keys.values()
        ]
    )

    def answers() -> list[object]:
        found: list[object] = []
        for group, (scheme, versions) in enumerate(lists.items()):
            found.append(vercmp.sort_keys(versions, scheme=scheme))
            found.append(vercmp.sorted_versions(versions, scheme=scheme))
            found.append(vercmp.compare_many(versions, versions[::-1], scheme=scheme))
            found.append([index.stab(group, key) for key in keys[scheme][:8]])
        return found

    expected = answers()
    gate = threading.Barrier(THREADS)

    def work(_: int) -> list[object]:
        gate.wait(60)
        return answers()

    with ThreadPoolExecutor(THREADS) as pool:
        assert list(pool.map(work, range(THREADS))) == [expected] * THREADS


def test_what_is_compiled_leaves_python_without_its_lock() -> None:
    enabled = getattr(sys, "_is_gil_enabled", lambda: True)
    before = enabled()
    for module in COMPILED:
        import_module(module)
    assert enabled() == before
