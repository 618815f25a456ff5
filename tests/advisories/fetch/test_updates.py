"""A fetch of a few changes updates the store: to the very file that compiling all of the cache makes."""

import json
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from publisher import Publisher, Run
from small_feeds import csaf, osv_archive, osv_index, osv_record, red_hat

from advisories import open_feed
from advisories.fetch import compiled
from advisories.fetch.cache import Cache
from advisories.sources import documents

BUCKET = "https://osv-vulnerabilities.storage.googleapis.com/AlmaLinux"
LATER = "2025-10-10T00:00:00Z"
RED_HAT = "https://security.access.redhat.com/data/csaf/v2/advisories/"


def records(count: int) -> list[Any]:
    return [osv_record(f"ALSA-2024:{number:04}", "AlmaLinux:9", package=f"p{number}") for number in range(count)]


def publish(publisher: Publisher, found: list[Any], *, whole: bool = True) -> None:
    """Have these records in the bucket: each by itself, in the index, and in the archive."""
    for path in [path for path in publisher.files if "/AlmaLinux/ALSA" in path]:
        del publisher.files[path]
    for one in found:
        publisher.put(f"{BUCKET}/{one['id']}.json", json.dumps(one).encode())
    publisher.put(f"{BUCKET}/modified_id.csv", osv_index(found))
    if whole:
        publisher.put(f"{BUCKET}/all.zip", osv_archive(found))


def store_of(cache: Path, unit: str = "almalinux") -> Path:
    found = Cache(str(cache))
    return Path(found.checked(found.manifest().stores[unit]))


@pytest.fixture
def updates(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The stores that updating made. Each time all of the cache is compiled as well."""
    found: list[bytes] = []
    actual = compiled.update_store

    def update(path: str, changes: Any, output: str, folder: str) -> bool:
        if actual(path, changes, output, folder):
            found.append(Path(output).read_bytes())
            os.unlink(output)
        return False

    monkeypatch.setattr(compiled, "update_store", update)
    return found


@pytest.fixture
def unpacked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The members of archives that were unpacked."""
    found: list[str] = []
    actual: Callable[..., Any] = documents._zip_member

    def member(archive: Any, one: Any, *more: Any) -> Any:
        found.append(one.filename)
        return actual(archive, one, *more)

    monkeypatch.setattr(documents, "_zip_member", member)
    return found


@pytest.mark.parametrize("seed", range(4))
def test_what_changes_in_a_bucket(run: Run, publisher: Publisher, cache: Path, updates: list[bytes], seed: int) -> None:
    chance = random.Random(seed)
    found = records(60)
    publish(publisher, found)
    assert run("fetch", "almalinux")[0] == 0
    for turn in range(1, 6):
        when = f"2025-10-{10 + turn}T00:00:00Z"
        for _ in range(chance.randrange(1, 4)):
            match chance.randrange(3):
                case 0:
                    one = chance.choice(found)
                    one["modified"] = when
                    one["affected"][0]["ranges"][0]["events"][1]["fixed"] = f"{turn}-{chance.randrange(9)}"
                case 1:
                    found.append(osv_record(f"ALSA-2025:{turn}{len(found):03}", "AlmaLinux:8", modified=when))
                case _:
                    del found[chance.randrange(len(found))]
        publish(publisher, found, whole=False)
        assert run("fetch", "almalinux")[0] == 0
        assert len(updates) == turn
        assert store_of(cache).read_bytes() == updates[-1]


def test_only_what_changed_is_unpacked(run: Run, publisher: Publisher, cache: Path, unpacked: list[str]) -> None:
    found = records(60)
    publish(publisher, found)
    assert run("fetch", "almalinux")[0] == 0
    found[7]["modified"] = LATER
    del found[9]
    publish(publisher, found, whole=False)
    unpacked.clear()
    assert run("fetch", "almalinux")[0] == 0
    # As they were, and as it is.
    assert sorted(unpacked) == ["ALSA-2024:0007.json", "ALSA-2024:0007.json", "ALSA-2024:0009.json"]
    # Another archive is read as a whole.
    publisher.put(f"{BUCKET}/all.zip", osv_archive(found))
    store_of(cache).unlink()
    unpacked.clear()
    assert run("fetch", "almalinux")[0] == 0
    assert len(unpacked) > 59


def test_what_is_unusual_is_compiled_as_a_whole(
    run: Run, publisher: Publisher, cache: Path, updates: list[bytes]
) -> None:
    found = records(60)
    publish(publisher, found)
    assert run("fetch", "almalinux")[0] == 0
    found[3]["modified"] = LATER
    found[3]["affected"][0]["package"]["name"] = "p3-doc"
    found.append({"id": "ALSA-2025:0001", "modified": LATER, "affected": 5})
    publish(publisher, found, whole=False)
    assert run("fetch", "almalinux")[0] == 0
    assert not updates
    # What was rejected goes, and then the newest.
    for turn in range(2):
        found.pop()
        publish(publisher, found, whole=False)
        assert run("fetch", "almalinux")[0] == 0
        assert len(updates) <= turn


@pytest.mark.parametrize("packed", ["gz", "zst"])
def test_what_red_hat_changes(run: Run, publisher: Publisher, cache: Path, updates: list[bytes], packed: str) -> None:
    if packed == "zst":
        pytest.importorskip("zstandard")
    for address, data in red_hat("advisories", packed=packed).items():
        publisher.put(address, data)
    assert run("fetch", "rhel")[0] == 0
    publisher.put(f"{RED_HAT}2024/rhsa-2024_0009.json", csaf("RHSA-2024:0009"))
    publisher.put(
        f"{RED_HAT}changes.csv",
        b'"2024/rhsa-2024_0009.json","2024-06-09T00:00:00+00:00"\n'
        b'"2024/rhsa-2024_0001.json","2024-05-02T00:00:00+00:00"\n'
        b'"2024/rhsa-2024_0000.json","2024-05-01T00:00:00+00:00"\n',
    )
    publisher.put(f"{RED_HAT}deletions.csv", b'"2024/rhsa-2024_0002.json","2024-06-08T00:00:00+00:00"\n')
    assert run("fetch", "rhel")[0] == 0
    assert [store_of(cache, "rhel").read_bytes()] == updates
    with open_feed(store_of(cache, "rhel")) as feed:
        assert [one.id for one in feed] == ["RHSA-2024:0000", "RHSA-2024:0001", "RHSA-2024:0009"]
