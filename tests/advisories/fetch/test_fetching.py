"""``advisories fetch`` from a publisher on this machine: what it asks for, what it keeps, and what it refuses."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from places import LIBRARY
from publisher import Authority, Handler, Publisher, Run, full_disk
from small_feeds import debian_tracker, osv_archive, osv_index, osv_record, secdb

from advisories import compile_store, open_feed
from advisories.cli import cached
from advisories.fetch import methods
from advisories.fetch.cache import Cache
from advisories.models.errors import UnreadableSource

BUCKET = "https://osv-vulnerabilities.storage.googleapis.com/AlmaLinux"
DSA = "https://salsa.debian.org/security-tracker-team/security-tracker/raw/master/data/DSA/list"
TRACKER = "https://security-tracker.debian.org/tracker/data/json"
#: A day after the files of the publisher were made.
LATER = "2025-10-10T00:00:00Z"


def records(count: int = 20) -> list[Any]:
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


def asked(publisher: Publisher) -> list[str]:
    return [path.rpartition("/")[2] for path in publisher.paths()]


def store_of(cache: Path, unit: str = "almalinux") -> Path:
    found = Cache(str(cache))
    return Path(found.checked(found.manifest().stores[unit]))


def content(path: Path) -> list[Any]:
    with open_feed(path) as feed:
        return [advisory.to_dict() for advisory in feed]


def everything(cache: Path) -> set[str]:
    return {str(path.relative_to(cache)) for path in cache.rglob("*") if path.is_file()}


# ---- what is asked for ----


def test_the_first_time_and_the_second(run: Run, publisher: Publisher, cache: Path) -> None:
    publish(publisher, records())
    status, out, err = run("fetch", "almalinux:9")
    assert (status, err) == (0, "")
    assert out == (f"almalinux: 20 records\n  {BUCKET}/all.zip: 20 of 20 records kept, the newest of 2024-06-01\n")
    assert asked(publisher) == ["modified_id.csv", "all.zip"]
    before, sent = everything(cache), publisher.sent
    assert run("fetch", "almalinux") == (0, "almalinux: nothing new\n", "")
    # One conditional request, no byte, and no file that was not there.
    assert asked(publisher) == ["modified_id.csv"]
    assert publisher.sent == sent
    assert everything(cache) == before
    # Without a distribution those of the cache.
    assert run("fetch") == (0, "almalinux: nothing new\n", "")


def test_what_changed_is_fetched_alone(run: Run, publisher: Publisher, cache: Path, tmp_path: Path) -> None:
    found = records()
    publish(publisher, found)
    assert run("fetch", "almalinux")[0] == 0
    assert asked(publisher) == ["modified_id.csv", "all.zip"]
    found[3]["modified"] = LATER
    found[3]["affected"][0]["ranges"][0]["events"][1]["fixed"] = "9-9"
    found.append(osv_record("ALSA-2025:0001", "AlmaLinux:9", package="new", modified=LATER))
    del found[5]
    publish(publisher, found, whole=False)
    assert run("fetch", "almalinux")[0] == 0
    # The one that the list has no more is gone where the publisher has none.
    assert asked(publisher) == ["modified_id.csv", "ALSA-2024:0005.json", "ALSA-2024:0003.json", "ALSA-2025:0001.json"]
    whole = tmp_path / "all.zip"
    whole.write_bytes(osv_archive(found))
    compile_store(whole, tmp_path / "whole.db")
    assert content(store_of(cache)) == content(tmp_path / "whole.db")
    # The same again, with another record changed and one of the new ones gone.
    found[0]["modified"] = "2025-10-11T00:00:00Z"
    found.pop()
    publish(publisher, found, whole=False)
    assert run("fetch", "almalinux")[0] == 0
    assert asked(publisher) == ["modified_id.csv", "ALSA-2025:0001.json", "ALSA-2024:0000.json"]
    whole.write_bytes(osv_archive(found))
    compile_store(whole, tmp_path / "whole.db")
    assert content(store_of(cache)) == content(tmp_path / "whole.db")
    assert run("fetch")[1] == "almalinux: nothing new\n"


def test_what_the_archive_lacks_yet_is_fetched_beside_it(run: Run, publisher: Publisher, cache: Path) -> None:
    found = records()
    publish(publisher, found)
    # The archive is made once in a while: one record is newer than it, one changed while it was made, one is missing.
    found[1]["modified"], found[2]["modified"] = LATER, "2025-10-09T08:00:00Z"
    found.append(osv_record("ALSA-2020:0001", "AlmaLinux:9", package="late"))
    publish(publisher, found, whole=False)
    assert run("fetch", "almalinux")[0] == 0
    wanted = ["ALSA-2020:0001.json", "ALSA-2024:0001.json", "ALSA-2024:0002.json"]
    assert asked(publisher) == ["modified_id.csv", "all.zip", *wanted]
    assert len(content(store_of(cache))) == 21
    # One that appears later with the date of another one, or an earlier one.
    found.append(osv_record("ALSA-2020:0002", "AlmaLinux:9", package="later", modified=LATER))
    found.append(osv_record("ALSA-2020:0003", "AlmaLinux:9", package="latest", modified="2024-01-01T00:00:00Z"))
    publish(publisher, found, whole=False)
    assert run("fetch", "almalinux")[0] == 0
    assert asked(publisher) == ["modified_id.csv", "ALSA-2020:0002.json", "ALSA-2020:0003.json"]
    assert len(content(store_of(cache))) == 23


# ---- indexes and archives that do not fit ----


def test_an_index_that_was_cut_short_removes_nothing(run: Run, publisher: Publisher, cache: Path) -> None:
    """It looks as whole as any: what it lacks is there at the publisher, and so it stays here."""
    found = records()
    publish(publisher, found)
    publisher.put(f"{BUCKET}/modified_id.csv", osv_index(found[:12]))
    assert run("fetch", "almalinux")[0] == 0
    assert len(content(store_of(cache))) == 20
    publisher.put(f"{BUCKET}/modified_id.csv", osv_index(found[:15]))
    assert run("fetch", "almalinux")[0] == 0
    assert len(content(store_of(cache))) == 20
    # What is gone there is gone here.
    del publisher.files[publisher.put(f"{BUCKET}/{found[19]['id']}.json", b"")]
    publisher.put(f"{BUCKET}/modified_id.csv", osv_index(found[:16]))
    assert run("fetch", "almalinux")[0] == 0
    assert len(content(store_of(cache))) == 19
    asked(publisher)
    # That is asked for once.
    publisher.put(f"{BUCKET}/modified_id.csv", osv_index(found[:19]))
    assert run("fetch", "almalinux")[0] == 0
    assert asked(publisher) == ["modified_id.csv", *[f"{one['id']}.json" for one in found[16:19]]]
    assert len(content(store_of(cache))) == 19


def test_a_record_that_is_published_between_two_requests(run: Run, publisher: Publisher, cache: Path) -> None:
    found = records()
    publish(publisher, found)
    late = osv_record("ALSA-2025:0001", "AlmaLinux:9", package="late", modified=LATER)
    publisher.put(f"{BUCKET}/all.zip", osv_archive([*found, late]))
    assert run("fetch", "almalinux")[0] == 0
    assert asked(publisher) == ["modified_id.csv", "all.zip"]
    assert len(content(store_of(cache))) == 21


def test_the_date_of_an_archive_may_be_a_mirrors(run: Run, publisher: Publisher, cache: Path) -> None:
    """An old archive with a new date: the records themselves show what it lacks."""
    found = records()
    old = osv_archive(found)
    found[3]["modified"] = "2024-08-01T00:00:00Z"
    found[3]["affected"][0]["ranges"][0]["events"][1]["fixed"] = "9-9"
    publish(publisher, found)
    publisher.dates[publisher.put(f"{BUCKET}/all.zip", old)] = time.time()
    assert run("fetch", "almalinux")[0] == 0
    assert asked(publisher) == ["modified_id.csv", "all.zip", "ALSA-2024:0003.json"]
    assert "9-9" in json.dumps(content(store_of(cache)))
    assert run("fetch")[1] == "almalinux: nothing new\n"
    assert asked(publisher) == ["modified_id.csv"]


def test_a_record_that_comes_as_it_was_before_is_asked_for_again(run: Run, publisher: Publisher, cache: Path) -> None:
    """A server between may have the new index and the old record."""
    found = records()
    publish(publisher, found)
    assert run("fetch", "almalinux")[0] == 0
    old = json.dumps(found[3]).encode()
    found[3]["modified"] = LATER
    found[3]["affected"][0]["ranges"][0]["events"][1]["fixed"] = "9-9"
    found[4]["modified"] = LATER
    publish(publisher, found, whole=False)
    path = publisher.put(f"{BUCKET}/ALSA-2024:0003.json", old)
    asked(publisher)
    for _ in range(2):
        assert run("fetch", "almalinux")[0] == 0
        assert "9-9" not in json.dumps(content(store_of(cache)))
    # The second time only that one, and the archive, of which there is no other.
    assert asked(publisher) == [
        *("modified_id.csv", "ALSA-2024:0003.json", "ALSA-2024:0004.json"),
        *("modified_id.csv", "ALSA-2024:0003.json"),
    ]
    publisher.files[path] = json.dumps(found[3]).encode()
    assert run("fetch", "almalinux")[0] == 0
    assert "9-9" in json.dumps(content(store_of(cache)))
    asked(publisher)
    assert run("fetch")[1] == "almalinux: nothing new\n"
    assert asked(publisher) == ["modified_id.csv"]


@pytest.mark.parametrize("wrong", ["other", '{"error": "no such record"}', "[]", "null", "Service unavailable"])
def test_another_record_under_the_name_of_one(run: Run, publisher: Publisher, cache: Path, wrong: str) -> None:
    found = records()
    publish(publisher, found)
    assert run("fetch", "almalinux")[0] == 0
    before = store_of(cache).read_bytes()
    found[3]["modified"] = LATER
    publish(publisher, found, whole=False)
    data = json.dumps(found[4]) if wrong == "other" else wrong
    publisher.put(f"{BUCKET}/ALSA-2024:0003.json", data.encode())
    status, out, err = run("fetch", "almalinux")
    assert (status, out) == (2, "almalinux: as it was\n")
    assert f"{BUCKET}/ALSA-2024:0003.json: another document than its name has: " in err
    assert store_of(cache).read_bytes() == before


def test_an_index_that_has_a_record_twice(run: Run, publisher: Publisher) -> None:
    found = records()
    publish(publisher, found)
    assert run("fetch", "almalinux")[0] == 0
    found[3]["modified"] = LATER
    publish(publisher, found, whole=False)
    path = publisher.put(f"{BUCKET}/modified_id.csv", osv_index(found))
    publisher.files[path] += b"2024-06-01T00:00:00Z,ALSA-2024:0003\n"
    asked(publisher)
    assert run("fetch", "almalinux")[0] == 0
    assert asked(publisher) == ["modified_id.csv", "ALSA-2024:0003.json"]


def test_an_archive_that_lacks_too_much(
    run: Run, publisher: Publisher, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it lacks is known, so it is no whole, unless you take it as it is. The next fetch finds the rest."""
    monkeypatch.setattr(methods, "_MOST_CHANGES", 2)
    monkeypatch.setattr(methods, "_MOST_WITH_ARCHIVE", 5)
    found = records()
    publish(publisher, found)
    for archive, index, what in (
        (found[:14], found, "6 of 20 documents are newer than its archive, or not in it"),
        (found, found[:14], "its index lacks 6 documents of its archive"),
    ):
        publisher.put(f"{BUCKET}/all.zip", osv_archive(archive))
        publisher.put(f"{BUCKET}/modified_id.csv", osv_index(index))
        status, out, err = run("fetch", "almalinux")
        assert status == 2
        assert out.startswith("almalinux: no store")
        assert f"{BUCKET}/all.zip: {what} (--force takes the archive as it is)" in err
    publisher.put(f"{BUCKET}/all.zip", osv_archive(found[:14]))
    publisher.put(f"{BUCKET}/modified_id.csv", osv_index(found))
    assert run("fetch", "almalinux", "--force")[0] == 0
    assert len(content(store_of(cache))) == 14
    # Nothing new is not all of it.
    assert run("fetch", "almalinux")[0] == 2
    publisher.put(f"{BUCKET}/all.zip", osv_archive(found[:15]))
    asked(publisher)
    assert run("fetch", "almalinux")[0] == 0
    assert asked(publisher) == ["modified_id.csv", "all.zip", *[f"{one['id']}.json" for one in found[15:]]]
    assert len(content(store_of(cache))) == 20
    # More than few changed since, and the archive is the same one: what was fetched beside it stays.
    for one in found[:4]:
        one["modified"] = LATER
    publish(publisher, found, whole=False)
    assert run("fetch", "almalinux")[0] == 0
    assert asked(publisher) == ["modified_id.csv", "all.zip", *[f"{one['id']}.json" for one in found[:4]]]
    assert len(content(store_of(cache))) == 20


def test_an_index_is_not_read_by_half(run: Run, publisher: Publisher, cache: Path) -> None:
    found = records()
    publish(publisher, found)
    long = len(publisher.files[publisher.put(f"{BUCKET}/modified_id.csv", osv_index(found))])
    status, _, err = run("fetch", "almalinux", "--limit", f"document={long - 1}")
    assert status == 2
    assert f"modified_id.csv: longer than {long - 1} bytes (--limit document=NUMBER allows more)" in err
    assert run("fetch", "almalinux", "--limit", f"document={long}")[0] == 0


def test_two_folders_of_a_mirror(run: Run, publisher: Publisher, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The date of one shows nothing of the other's file."""
    for folder, version in (("old", "5.2.15-2"), ("new", "9.9-9")):
        path = f"/{folder}/{TRACKER.removeprefix('https://')}"
        publisher.files[path] = debian_tracker(version)
        publisher.behaviours[path] = untagged
    for folder, version in (("old", "5.2.15-2"), ("new", "9.9-9")):
        monkeypatch.setenv("ADVISORIES_MIRROR", f"{publisher.mirror}/{folder}")
        assert run("fetch", "debian")[0] == 0
        assert version in json.dumps(content(store_of(cache, "debian")))
    assert f"by the mirror localhost:{publisher.port}/new: " in run("db", "status")[1]


def untagged(handler: Handler, data: bytes) -> bool:
    date = {"Last-Modified": "Thu, 09 Oct 2025 08:53:20 GMT"}
    if "If-Modified-Since" in handler.headers:
        handler.answer(304, b"", date)
    else:
        handler.answer(200, data, date)
    return True


def test_of_very_many_changes_the_whole_is_fetched(run: Run, publisher: Publisher) -> None:
    found = records(600)
    publish(publisher, found)
    assert run("fetch", "almalinux")[0] == 0
    asked(publisher)
    for one in found[:550]:
        one["modified"] = LATER
    publish(publisher, found)
    assert run("fetch", "almalinux")[0] == 0
    assert asked(publisher) == ["modified_id.csv", "all.zip"]


def test_a_document_that_changes_is_no_reason_for_half_an_update(run: Run, publisher: Publisher, cache: Path) -> None:
    found = records()
    publish(publisher, found)
    assert run("fetch", "almalinux")[0] == 0
    before = store_of(cache).read_bytes()
    for one in found[:3]:
        one["modified"] = LATER
    publish(publisher, found, whole=False)
    del publisher.files[publisher.put(f"{BUCKET}/ALSA-2024:0002.json", b"")]
    status, out, err = run("fetch", "almalinux")
    assert status == 2
    assert f"{BUCKET}/ALSA-2024:0002.json: status 404" in err
    assert out == "almalinux: as it was\n"
    assert store_of(cache).read_bytes() == before
    publish(publisher, found, whole=False)
    assert run("fetch", "almalinux")[0] == 0
    assert store_of(cache).read_bytes() != before


def test_each_release_has_its_own(run: Run, publisher: Publisher, cache: Path) -> None:
    for release in ("v3.19", "v3.20", "edge"):
        for repository in ("main", "community"):
            document = secdb(release, repository)
            publisher.put(f"https://secdb.alpinelinux.org/{release}/{repository}.json", document)
    status, _, err = run("fetch", "alpine:3.19.1", "alpine:3.20", "alpine:edge")
    assert (status, err) == (0, "")
    assert sorted(Cache(str(cache)).manifest().stores) == ["alpine-3.19", "alpine-3.20", "alpine-edge"]
    assert run("fetch", "alpine")[0] == 2


def test_what_is_young_enough_is_not_asked_for(run: Run, publisher: Publisher) -> None:
    publish(publisher, records())
    assert run("fetch", "almalinux", "--max-age", "1h")[0] == 0
    asked(publisher)
    assert run("fetch", "--max-age", "1h") == (0, "almalinux: young enough\n", "")
    assert asked(publisher) == []
    assert run("fetch", "--max-age", "0m")[0] == 0
    assert asked(publisher) == ["modified_id.csv"]
    status, _, err = run("fetch", "--max-age", "soon")
    assert status == 2
    assert "'soon' is no time" in err


def test_young_enough_is_what_is_wanted_alone(
    run: Run, publisher: Publisher, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However short ago it was asked for: not by other feeds, damaged, of another version, or by a wrong clock."""
    publisher.put(TRACKER, debian_tracker())
    publisher.put(DSA, b"[01 Jan 2024] DSA-5000-1 bash - security update\n\t[bookworm] - bash 5.2.15-3\n")
    fetch = ("fetch", "debian", "--max-age", "1d")
    young = (0, "debian: young enough\n", "")
    assert run(*fetch)[0] == 0
    assert run(*fetch) == young
    status, out, _ = run(*fetch, "--also", "debian-dsa")
    assert (status, f"  {DSA}: 1 of 1 records kept" in out) == (0, True)
    assert run(*fetch, "--also", "debian-dsa") == young
    assert run(*fetch)[1] == "debian: 1 records\n  " + f"{TRACKER}: 1 of 1 records kept\n"
    store = store_of(cache, "debian")
    store.chmod(0o600)
    store.write_bytes(store.read_bytes().replace(b"bash", b"cash"))
    assert run(*fetch)[1].startswith("debian: 1 records")
    assert run(*fetch) == young
    with monkeypatch.context() as patched:
        patched.setattr("advisories.store.schema.READER_VERSION", 0)
        assert run(*fetch)[1].startswith("debian: 1 records")
    assert run(*fetch) == young
    now = cached.moment()
    with monkeypatch.context() as patched:
        patched.setattr(cached, "moment", lambda: now + timedelta(days=300))
        assert run("fetch", "debian")[0] == 0
    asked(publisher)
    assert run(*fetch)[1] == "debian: nothing new\n"
    assert asked(publisher) == ["json"]


def test_offline_and_young_enough(run: Run, publisher: Publisher, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publisher.put(TRACKER, debian_tracker())
    assert run("fetch", "debian")[0] == 0
    assert run("fetch", "--offline", "--max-age", "1d")[0] == 0
    now = cached.moment()
    for days, status in ((0.99, 0), (-0.01, 0), (1, 2), (-1, 2)):
        with monkeypatch.context() as patched:
            patched.setattr("advisories.cli.fetch.moment", lambda days=days: now + timedelta(days=days))
            found, _, err = run("fetch", "--offline", "--max-age", "1d")
        assert found == status
        assert ("debian: not young enough for --max-age, and --offline fetches none" in err) is (status == 2)
    store = store_of(cache, "debian")
    store.chmod(0o600)
    store.write_bytes(store.read_bytes().replace(b"bash", b"cash"))
    status, out, err = run("fetch", "--offline")
    assert (status, out) == (2, "")
    assert "changed since it was fetched" in err


def test_what_another_release_has_fetched_stays(run: Run, publisher: Publisher, cache: Path) -> None:
    """The same cache, used by two releases: the older one has no row for a distribution."""
    publisher.put(TRACKER, debian_tracker())
    assert run("fetch", "debian")[0] == 0
    manifest = json.loads((cache / "manifest.json").read_text())
    manifest["stores"]["newix-1"] = {**manifest["stores"]["debian"], "unit": "newix:1"}
    (cache / "manifest.json").write_text(json.dumps(manifest))
    publisher.put(TRACKER, debian_tracker("9"))
    status, out, err = run("fetch")
    assert status == 2
    assert out.startswith("debian: 1 records")
    assert "newix:1: this release knows no publisher of it. What the cache has of it stays" in err
    assert "1 not fetched" in err
    assert set(Cache(str(cache)).manifest().stores) == {"debian", "newix-1"}


def test_feeds_of_which_no_store_is_made_are_not_those_of_the_cache(
    run: Run, publisher: Publisher, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the store would seem as young as they are."""
    publisher.put(TRACKER, debian_tracker())
    assert run("fetch", "debian")[0] == 0
    before = (cache / "manifest.json").read_bytes()
    publisher.put(TRACKER, debian_tracker("9"))

    def refused(*_: object, **__: object) -> None:
        raise UnreadableSource("somewhere else", "for a reason of its own")

    with monkeypatch.context() as patched:
        patched.setattr("advisories.fetch.update.compile_unit", refused)
        status, out, err = run("fetch", "debian")
    assert (status, out) == (2, "debian: as it was\n")
    assert "for a reason of its own" in err
    assert (cache / "manifest.json").read_bytes() == before
    assert run("fetch", "debian")[1].startswith("debian: 1 records")


def test_offline(run: Run, publisher: Publisher) -> None:
    status, _, err = run("fetch", "almalinux", "--offline")
    assert status == 2
    assert "no advisories of almalinux, and --offline fetches none" in err
    publish(publisher, records())
    assert run("fetch", "almalinux")[0] == 0
    asked(publisher)
    assert run("fetch", "--offline") == (0, "almalinux: as it was\n", "")
    assert asked(publisher) == []


def test_a_list_of_addresses(run: Run, publisher: Publisher) -> None:
    status, out, _ = run("fetch", "--list", "debian:12", "--also", "debian-dsa")
    assert status == 0
    assert out.splitlines()[0] == f"debian-tracker: {TRACKER}"
    assert len(out.splitlines()) == 2
    assert asked(publisher) == []


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["nosuch"], "unknown distribution 'nosuch'"),
        (["linuxmint:99"], "unknown distribution 'linuxmint'"),
        (["alpine"], "'alpine' has no release: write alpine:RELEASE"),
        (["amzn:1"], "unknown release '1' of amzn"),
        (
            ["almalinux", "--also", "debian-dsa"],
            "--also debian-dsa: no feed of almalinux. The addresses of its feeds: ",
        ),
        (["debian", "--also", "kve"], "--also kve: no feed has this name"),
        (["debian", "--host"], "name distributions or a package list, not both"),
        (["debian", "--keyring", "/nowhere"], "--keyring /nowhere: no such file"),
        (["debian", "--ca-bundle", "/nowhere"], "--ca-bundle /nowhere: no such file"),
        (["debian", "--mirror", "http://x/"], "a mirror begins with https://"),
    ],
)
def test_wrong_usage(run: Run, publisher: Publisher, words: list[str], why: str) -> None:
    status, out, err = run("fetch", *words)
    assert (status, out) == (2, "")
    assert why in err
    assert asked(publisher) == []


# ---- what is refused ----


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "an empty answer"),
        (b"<html>Log in", "a page of HTML instead of the file"),
        (b"{}", "not a feed of a known format"),
        (b'{"a": ', ""),
        (b"\x1f\x8b\x08\0cut", ""),
        (secdb("v3.19", "main"), "of the format secdb, where debian-tracker is published"),
        (debian_tracker()[:-20], ""),
    ],
)
def test_what_is_no_feed_never_counts(run: Run, publisher: Publisher, cache: Path, data: bytes, why: str) -> None:
    publisher.put(TRACKER, data)
    status, out, err = run("fetch", "debian")
    assert status == 2
    assert out.startswith("debian: no store: ")
    assert f"{TRACKER}: " in err
    assert why in err
    assert Cache(str(cache)).manifest().stores == {}
    # What was there stays, and is used.
    publisher.put(TRACKER, debian_tracker())
    assert run("fetch", "debian")[0] == 0
    before = store_of(cache, "debian").read_bytes()
    publisher.put(TRACKER, data)
    publisher.dates[f"/{TRACKER.removeprefix('https://')}"] = 1_770_000_000
    status, out, err = run("fetch", "debian")
    assert (status, out) == (2, "debian: as it was\n")
    assert why in err
    assert store_of(cache, "debian").read_bytes() == before


def test_the_file_of_another_distribution(run: Run, publisher: Publisher) -> None:
    others = [osv_record(f"RLSA-2024:{number:04}", "Rocky Linux:9") for number in range(5)]
    publish(publisher, others)
    status, _, err = run("fetch", "almalinux")
    assert status == 2
    assert f"{BUCKET}/all.zip: advisories of rocky 9, where those of almalinux (release unknown) are published" in err


def test_the_file_of_another_release(run: Run, publisher: Publisher) -> None:
    publisher.put("https://secdb.alpinelinux.org/v3.20/main.json", secdb("v3.19", "main"))
    publisher.put("https://secdb.alpinelinux.org/v3.20/community.json", secdb("v3.20", "community"))
    status, _, err = run("fetch", "alpine:3.20")
    assert status == 2
    assert "main.json: advisories of alpine 3.19, where those of alpine 3.20 are published" in err


def test_a_feed_that_is_older_than_before(run: Run, publisher: Publisher, cache: Path) -> None:
    path = publisher.put(TRACKER, debian_tracker("2"))
    assert run("fetch", "debian")[0] == 0
    before = store_of(cache, "debian").read_bytes()
    publisher.files[path] = debian_tracker("1")
    publisher.dates[path] = 1_500_000_000
    status, _, err = run("fetch", "debian")
    assert status == 2
    assert "older than the one of Thu, 09 Oct 2025 08:53:20 GMT that is there" in err
    assert store_of(cache, "debian").read_bytes() == before
    assert run("fetch", "debian", "--force")[0] == 0
    assert store_of(cache, "debian").read_bytes() != before


def test_a_feed_whose_newest_record_is_older(run: Run, publisher: Publisher) -> None:
    found = records()
    found[0]["modified"] = "2025-01-01T00:00:00Z"
    publish(publisher, found)
    assert run("fetch", "almalinux")[0] == 0
    publish(publisher, found[1:])
    status, _, err = run("fetch", "almalinux")
    assert status == 2
    assert "older than before: its newest record is of 2024-06-01 00:00" in err
    assert run("fetch", "almalinux", "--force")[0] == 0


def test_a_feed_that_lost_more_than_half_of_its_records(run: Run, publisher: Publisher, cache: Path) -> None:
    publish(publisher, records(21))
    assert run("fetch", "almalinux")[0] == 0
    before = store_of(cache).read_bytes()
    publish(publisher, records(10))
    status, out, err = run("fetch", "almalinux")
    assert (status, out) == (2, "almalinux: as it was\n")
    assert "it has lost more than half: 10 records, of 21 that are there (--force takes it)" in err
    assert store_of(cache).read_bytes() == before
    assert run("fetch", "almalinux", "--force")[0] == 0
    assert run("fetch", "almalinux")[0] == 0


def test_of_two_feeds_one_fails(run: Run, publisher: Publisher, cache: Path) -> None:
    base = "https://secdb.alpinelinux.org/v3.20"
    publisher.put(f"{base}/main.json", secdb("v3.20", "main"))
    status, out, _ = run("fetch", "alpine:3.20")
    assert (status, out) == (
        2,
        "alpine:3.20: no store: alpine-community missing (--without FEED goes on without one)\n",
    )
    # Nothing of the half that came is compiled.
    assert not list((cache / "stores").iterdir())
    publisher.put(f"{base}/community.json", secdb("v3.20", "community", "zsh"))
    assert run("fetch", "alpine:3.20")[0] == 0
    # Later one of them has something new, and the other fails: the new one counts, beside what was there of the other.
    publisher.put(f"{base}/main.json", secdb("v3.20", "main", version="9-r0"))
    publisher.files.pop(publisher.put(f"{base}/community.json", b""))
    status, out, err = run("fetch", "alpine:3.20")
    assert status == 2
    assert "community.json: status 404" in err
    assert "main.json: 1 of 1 records kept" in out
    with open_feed(store_of(cache, "alpine-3.20")) as feed:
        assert {entry.package for one in feed for entry in one.affected} == {"bash", "zsh"}


def test_an_index_that_is_none(run: Run, publisher: Publisher) -> None:
    publish(publisher, records())
    for text in (b"no index\n", b"2024-06-01T00:00:00Z,../../etc/passwd\n", b"2024-06-01,ALSA-1\n", b'"\n'):
        publisher.put(f"{BUCKET}/modified_id.csv", text)
        status, _, err = run("fetch", "almalinux")
        assert status == 2
        assert "modified_id.csv: no index of documents" in err


# ---- the folder ----


def test_a_file_that_is_not_there_is_not_asked_for_by_its_tag(run: Run, publisher: Publisher, cache: Path) -> None:
    publisher.put(TRACKER, debian_tracker())
    assert run("fetch", "debian")[0] == 0
    (file,) = (cache / "feeds").rglob("json")
    for damage in (file.unlink, lambda: file.write_bytes(b"x" * file.stat().st_size), lambda: file.write_bytes(b"")):
        damage()
        publisher.requests.clear()
        assert run("fetch", "debian")[0] == 0
        ((_, headers),) = publisher.requests
        assert "If-None-Match" not in headers
        assert file.read_bytes() == debian_tracker()


def test_a_store_that_is_damaged_is_compiled_again(run: Run, publisher: Publisher, cache: Path) -> None:
    publisher.put(TRACKER, debian_tracker())
    assert run("fetch", "debian")[0] == 0
    store = store_of(cache, "debian")
    whole = store.read_bytes()
    for damage in (whole[:-100], whole[:5000] + b"x" + whole[5001:], b""):
        store.write_bytes(damage)
        assert run("fetch", "debian")[1].startswith("debian: 1 records\n")
        assert store_of(cache, "debian").read_bytes() == whole
    store.unlink()
    store.symlink_to("/etc/passwd")
    assert run("fetch", "debian")[1].startswith("debian: 1 records\n")
    assert not store_of(cache, "debian").is_symlink()


def test_what_no_manifest_names_is_removed(run: Run, publisher: Publisher, cache: Path) -> None:
    publish(publisher, records())
    assert run("fetch", "almalinux")[0] == 0
    first = everything(cache)
    for number in range(3):
        publish(publisher, [*records(), osv_record(f"ALSA-2025:000{number}", "AlmaLinux:9", modified=LATER)])
        assert run("fetch", "almalinux")[0] == 0
    # Those of before stay for whoever has just begun to read them, those before them do not.
    assert len(everything(cache)) <= 2 * len(first) + 2
    assert run("fetch", "almalinux")[0] == 0
    named = Cache(str(cache)).manifest().paths()
    assert everything(cache) == named | {"manifest.json", "lock"}


def test_the_folder_of_somebody_else(run: Run, publisher: Publisher, cache: Path, tmp_path: Path) -> None:
    publisher.put(TRACKER, debian_tracker())
    cache.mkdir()
    cache.chmod(0o777)
    status, _, err = run("fetch", "debian")
    assert status == 2
    assert "others may write to it" in err
    cache.chmod(0o755)
    assert run("fetch", "debian")[0] == 0
    cache.chmod(0o775)
    status, _, err = run("match", "--feed", cache / "none", tmp_path / "none")
    assert status == 2
    if os.geteuid() == 0:
        cache.chmod(0o755)
        os.chown(cache, 1234, 1234)
        status, _, err = run("fetch", "debian")
        assert status == 2
        assert "the folder of another user (1234)" in err


def test_links_in_the_folder_lead_nowhere(run: Run, publisher: Publisher, cache: Path, tmp_path: Path) -> None:
    publisher.put(TRACKER, debian_tracker())
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    cache.mkdir()
    for name in ("feeds", "stores", "parts", "lock"):
        (cache / name).symlink_to(elsewhere)
        status, _, _ = run("fetch", "debian")
        assert status == 2, name
        assert not list(elsewhere.iterdir())
        (cache / name).unlink()
    assert run("fetch", "debian")[0] == 0
    (cache / "manifest.json").rename(elsewhere / "manifest.json")
    (cache / "manifest.json").symlink_to(elsewhere / "manifest.json")
    status, _, err = run("fetch", "debian")
    assert status == 2
    assert "a link, and no file of a cache" in err


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b'{"schema": "advisories/2", "feeds": {}, "stores": {}}',
        b'{"schema": "advisories-cache/1", "feeds": {"a": 1}, "stores": {}}',
        b'{"schema": "advisories-cache/1", "feeds": {}, "stores": {"../x": {}}}',
        b"[" * 100_000,
    ],
)
def test_a_manifest_that_is_none(run: Run, publisher: Publisher, cache: Path, text: bytes) -> None:
    cache.mkdir(mode=0o700)
    (cache / "manifest.json").write_bytes(text)
    status, _, err = run("fetch", "debian")
    assert status == 2
    assert "manifest.json: no manifest of a cache" in err
    assert (cache / "manifest.json").read_bytes() == text


def test_a_manifest_with_a_store_of_nothing(run: Run, publisher: Publisher, cache: Path) -> None:
    publisher.put(TRACKER, debian_tracker())
    assert run("fetch", "debian")[0] == 0
    manifest = json.loads((cache / "manifest.json").read_text())
    manifest["stores"]["debian"].update(feeds=[], digests=[], kept=[], newest=[])
    (cache / "manifest.json").write_text(json.dumps(manifest))
    for words in (("db", "status"), ("fetch", "debian", "--max-age", "1d")):
        status, out, err = run(*words)
        assert (status, out) == (2, "")
        assert "no manifest of a cache: a store whose feeds do not add up" in err


def test_a_full_disk(run: Run, publisher: Publisher, cache: Path) -> None:
    found = records()
    publish(publisher, found)
    assert run("fetch", "almalinux")[0] == 0
    before = store_of(cache).read_bytes()
    publish(publisher, [*found, *[osv_record(f"ALSA-2025:{n:04}", "AlmaLinux:9", modified=LATER) for n in range(600)]])
    for size in (1000, 20_000, 200_000):
        with full_disk(size):
            status, _, err = run("fetch", "almalinux")
        assert status == 2
        assert "File too large" in err or "disk" in err, err
        assert store_of(cache).read_bytes() == before
    assert run("fetch", "almalinux")[0] == 0


# ---- two at once, and none at all ----


def command(*words: str) -> list[str]:
    return [sys.executable, "-c", f"import sys; sys.path[:0] = [{str(LIBRARY)!r}]; from advisories.cli import command; "
            "sys.exit(command())", *words]  # fmt: skip


def test_two_at_once_one_waits(run: Run, publisher: Publisher, cache: Path) -> None:
    path = publisher.put(TRACKER, debian_tracker())

    def slowly(handler: Handler, data: bytes) -> bool:
        # The other process has the lock meanwhile.
        time.sleep(1.5 if len(publisher.requests) == 1 else 0)
        return False

    publisher.behaviours[path] = slowly
    with subprocess.Popen(command("fetch", "debian"), stderr=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        while not publisher.requests and other.poll() is None:
            time.sleep(0.01)
        status, out, err = run("fetch", "debian")
        other.wait()
    assert (status, out) == (0, "debian: nothing new\n")
    assert "another process is fetching. Waiting for it" in err
    assert other.returncode == 0
    assert publisher.most == 1


#: How often the process is killed. More of them by hand: each takes as long as a fetch.
KILLS = int(os.environ.get("FETCH_KILLS", "8"))


@pytest.mark.slow
def test_killed_at_any_moment(run: Run, publisher: Publisher, cache: Path, authority: Authority) -> None:
    publish(publisher, records())
    assert run("fetch", "almalinux")[0] == 0
    whole = {hashlib.sha256(osv_archive(records())).hexdigest()}
    digests = {Cache(str(cache)).manifest().stores["almalinux"].sha256}
    begin = time.monotonic()
    with subprocess.Popen(command("fetch", "almalinux", "-q"), stdout=subprocess.DEVNULL) as usual:
        usual.wait()
    takes = time.monotonic() - begin
    for number in range(KILLS):
        publish(publisher, [*records(), osv_record(f"ALSA-2025:{number:04}", "AlmaLinux:9", modified=LATER)])
        with subprocess.Popen(command("fetch", "almalinux", "-q"), stdout=subprocess.DEVNULL) as doomed:
            time.sleep(takes * 1.3 * (number + 0.5) / KILLS)
            doomed.send_signal(signal.SIGKILL)
        found = Cache(str(cache))
        manifest = found.manifest()
        for feed in manifest.feeds.values():
            for file in feed.files:
                found.checked(file)
        store = manifest.stores["almalinux"]
        with open_feed(found.checked(store)) as feed:
            assert len(feed) in (20, 21)
        digests.add(store.sha256)
    assert whole
    assert run("fetch", "almalinux")[0] == 0
    with open_feed(store_of(cache)) as feed:
        assert len(feed) == 21
