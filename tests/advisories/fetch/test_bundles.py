"""Bundles: the same cache gives the same bytes, and nothing of one that is wrong in any way is applied."""

import gzip
import hashlib
import io
import json
import os
import tarfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from places import EXAMPLE
from publisher import Publisher, Run
from small_feeds import DATE, debian_tracker, osv_archive, osv_index, osv_record, secdb

from advisories.cli import cached
from advisories.fetch.cache import Cache
from advisories.store.schema import SCHEMA_VERSION

TRACKER = "https://security-tracker.debian.org/tracker/data/json"
WOLFI = "https://packages.wolfi.dev/os/security.json"


@pytest.fixture
def bundle(run: Run, publisher: Publisher, tmp_path: Path) -> Path:
    """A bundle of two distributions."""
    publisher.put(TRACKER, debian_tracker())
    publisher.put(WOLFI, secdb("", "os"))
    assert run("fetch", "debian", "wolfi")[0] == 0
    path = tmp_path / "advisories.tar"
    status, out, err = run("bundle", "create", path)
    assert (status, err) == (0, "")
    assert [line.split(":")[0] for line in out.splitlines()] == ["debian", "wolfi"]
    return path


def members(path: Path) -> dict[str, bytes]:
    with tarfile.open(path) as archive:
        found: dict[str, bytes] = {}
        for member in archive:
            assert (member.mtime, member.uid, member.gid, member.uname, member.mode) == (0, 0, 0, "", 0o644)
            content = archive.extractfile(member)
            assert content is not None
            found[member.name] = content.read()
    return found


def packed(contents: dict[str, bytes], change: Callable[[tarfile.TarInfo], None] = lambda member: None) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, data in contents.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            change(member)
            archive.addfile(member, io.BytesIO(data) if member.isreg() else None)
    return out.getvalue()


def test_the_same_cache_is_the_same_file(run: Run, bundle: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.tar"
    assert run("bundle", "create", again)[0] == 0
    assert again.read_bytes() == bundle.read_bytes()
    names = list(members(bundle))
    assert names[0] == "manifest.json"
    assert names[1:] == sorted(names[1:])
    assert packed(members(bundle)) == bundle.read_bytes()
    # No name of this machine is in it.
    assert str(tmp_path).encode() not in bundle.read_bytes()


def test_a_machine_without_a_network(
    run: Run, bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, publisher: Publisher, cache: Path
) -> None:
    publisher.requests.clear()
    monkeypatch.setenv("ADVISORIES_CACHE", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("ADVISORIES_OFFLINE", "1")
    status, out, err = run("bundle", "verify", bundle)
    assert (status, err) == (0, "")
    assert out.endswith(f"{bundle}: whole\n")
    assert not (tmp_path / "elsewhere").exists()
    assert run("bundle", "apply", bundle)[1] == "debian: applied\nwolfi: applied\n"
    assert run("bundle", "apply", bundle)[1] == "debian: there already\nwolfi: there already\n"
    assert Cache(str(tmp_path / "elsewhere")).manifest() == Cache(str(cache)).manifest()
    assert run("bundle", "create", tmp_path / "third.tar")[0] == 0
    assert (tmp_path / "third.tar").read_bytes() == bundle.read_bytes()
    listed = tmp_path / "list"
    listed.write_text("pkg:deb/debian/bash@5.0?distro=debian-12\n")
    assert run("match", listed)[0] == 0
    assert publisher.paths() == []
    # Later, with a network, what was applied is asked for by its tags.
    monkeypatch.setenv("ADVISORIES_OFFLINE", "0")
    sent = publisher.sent
    assert run("fetch")[1] == "debian: nothing new\nwolfi: nothing new\n"
    assert publisher.sent == sent


def test_one_distribution(run: Run, bundle: Path, tmp_path: Path) -> None:
    part = tmp_path / "wolfi.tar"
    assert run("bundle", "create", part, "wolfi")[0] == 0
    assert all("debian" not in name for name in members(part))
    for words, why in (
        (["create", part, "alpine:3.20"], "no advisories of alpine:3.20: fetch them first"),
        (["verify", part, "wolfi"], "verify takes the whole bundle"),
        (["open", part], "unknown action 'open'"),
        (["verify", tmp_path / "none"], "No such file"),
        (["create", tmp_path / "none" / "x.tar"], "No such file"),
    ):
        status, out, err = run("bundle", *words)
        assert (status, out) == (2, "")
        assert why in err


def test_an_older_bundle(run: Run, bundle: Path, publisher: Publisher, cache: Path, monkeypatch: Any) -> None:

    later = cached.moment() + timedelta(days=1)
    monkeypatch.setattr(cached, "moment", lambda: later)
    publisher.put(TRACKER, debian_tracker("9"))
    publisher.dates[f"/{TRACKER.removeprefix('https://')}"] = 1_770_000_000
    assert run("fetch", "debian")[0] == 0
    before = (cache / "manifest.json").read_bytes()
    status, out, err = run("bundle", "apply", bundle)
    assert (status, out) == (2, "wolfi: there already\n")
    assert "debian: older than what is there, which stays (--force takes it)" in err
    assert (cache / "manifest.json").read_bytes() == before
    assert run("bundle", "apply", bundle, "--force")[0] == 0
    assert (cache / "manifest.json").read_bytes() != before


def test_facts_that_are_new_every_day_hide_no_older_advisories(
    run: Run, publisher: Publisher, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The advisories decide which store is older. EPSS is new every day, and may be beside any of them."""
    monkeypatch.setenv("ADVISORIES_WITHOUT", "kev,nvd")
    bucket = "https://osv-vulnerabilities.storage.googleapis.com/AlmaLinux"

    def made(name: str, last: str, scored: str, *words: str) -> Path:
        found = [osv_record(f"ALSA-2024:000{at}", "AlmaLinux:9", modified=date) for at, date in enumerate((DATE, last))]
        publisher.put(f"{bucket}/all.zip", osv_archive(found))
        publisher.put(f"{bucket}/modified_id.csv", osv_index(found))
        scores = f"#model_version:v1,score_date:{scored}T00:00:00+0000\ncve,epss,percentile\nCVE-2024-0001,0.1,0.5\n"
        path = publisher.put(
            "https://epss.empiricalsecurity.com/epss_scores-current.csv.gz", gzip.compress(scores.encode())
        )
        publisher.dates[path] = datetime.fromisoformat(scored).timestamp()
        folder, bundle = tmp_path / name, tmp_path / f"{name}.tar"
        assert run("fetch", "almalinux", "--cache", folder, *words)[0] == 0
        assert run("bundle", "create", bundle, "--cache", folder)[0] == 0
        return bundle

    later = cached.moment() + timedelta(days=1)
    there = made("there", "2025-06-02T00:00:00Z", "2025-06-02")
    less = made("less", "2025-06-09T00:00:00Z", "2025-06-09", "--without", "kev", "--without", "epss")
    monkeypatch.setattr(cached, "moment", lambda: later)
    older = made("older", "2025-06-01T00:00:00Z", "2025-06-09")
    scored = made("scored", "2025-06-02T00:00:00Z", "2025-06-01")
    newer = made("newer", "2025-06-03T00:00:00Z", "2025-06-01")
    assert run("bundle", "apply", there)[0] == 0
    for path, why in (
        (older, "older than what is there"),
        (scored, "older than what is there"),
        (less, "without a feed of what is there"),
    ):
        status, out, err = run("bundle", "apply", path)
        assert (status, out) == (2, "")
        assert f"{path}: almalinux: {why}, which stays (--force takes it)" in err
    assert run("bundle", "apply", newer) == (0, "almalinux: applied\n", "")
    assert run("bundle", "apply", less, "--force") == (0, "almalinux: applied\n", "")


def test_a_bundle_by_a_clock_that_is_ahead(
    run: Run, publisher: Publisher, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Records without dates: when the publisher changed the file counts, and not who compiled it last."""
    path = publisher.put(TRACKER, debian_tracker("5"))
    with monkeypatch.context() as patched:
        ahead = cached.moment() + timedelta(days=900)
        patched.setattr(cached, "moment", lambda: ahead)
        assert run("fetch", "debian", "--cache", tmp_path / "ahead")[0] == 0
    assert run("bundle", "create", tmp_path / "ahead.tar", "--cache", tmp_path / "ahead")[0] == 0
    publisher.put(TRACKER, debian_tracker("9"))
    publisher.dates[path] = 1_770_000_000
    assert run("fetch", "debian")[0] == 0
    assert run("bundle", "create", tmp_path / "right.tar")[0] == 0
    status, out, err = run("bundle", "apply", tmp_path / "ahead.tar")
    assert (status, out) == (2, "")
    assert "debian: older than what is there, which stays" in err
    # And the other way about: the newer file is taken, though it was compiled earlier.
    status, out, _ = run("bundle", "apply", tmp_path / "right.tar", "--cache", tmp_path / "ahead")
    assert (status, out) == (0, "debian: applied\n")


def stores(contents: dict[str, bytes]) -> list[str]:
    return [name for name in contents if name.startswith("stores/")]


def changed(contents: dict[str, bytes], at: int = 0) -> dict[str, bytes]:
    name = stores(contents)[at]
    data = contents[name]
    return {**contents, name: data[:9000] + bytes([data[9000] ^ 1]) + data[9001:]}


def renamed(contents: dict[str, bytes], to: str) -> dict[str, bytes]:
    """The manifest names a file elsewhere, and the file has that name."""
    name = stores(contents)[0]
    manifest = contents["manifest.json"].replace(json.dumps(name).encode(), json.dumps(to).encode())
    found = {key: data for key, data in contents.items() if key not in (name, "manifest.json")}
    return {"manifest.json": manifest, **found, to: contents[name]}


def as_kind(kind: bytes) -> Callable[[tarfile.TarInfo], None]:
    def change(member: tarfile.TarInfo) -> None:
        if member.name.startswith("stores/debian"):
            member.type, member.linkname, member.size = kind, "/etc/passwd", 0

    return change


WRONG: dict[str, tuple[Callable[[dict[str, bytes]], bytes], str]] = {
    "nothing": (lambda contents: b"", "it is cut off"),
    "a text": (lambda contents: b"no bundle" * 100, ""),
    "a store": (lambda contents: contents[stores(contents)[0]], ""),
    "cut": (lambda contents: packed(contents)[:-20_000], ""),
    "cut at a member": (lambda contents: packed(dict(list(contents.items())[:-1])), "is missing"),
    "more behind it": (lambda contents: packed(contents) + b"x" * 512, ""),
    "a bit of a store": (lambda contents: packed(changed(contents)), "is not what was bundled"),
    "another order": (lambda contents: packed(dict(reversed(contents.items()))), "its manifest does not come first"),
    "one more file": (lambda contents: packed({**contents, "x": b"x"}), "'x' is not in its manifest, or there twice"),
    "a file twice": (
        lambda contents: packed(contents)[:-10240] + packed(dict([list(contents.items())[-1]])),
        "",
    ),
    "a name above": (lambda contents: packed({**contents, "../x": b"x"}), ""),
    "a manifest with a path above": (lambda contents: packed(renamed(contents, "../../x.db")), "is no path of a cache"),
    "a manifest with a path of the root": (lambda contents: packed(renamed(contents, "/etc/x")), "is no path"),
    "a manifest with another folder": (lambda contents: packed(renamed(contents, "lock")), "is no path of a cache"),
    "a link": (lambda contents: packed(contents, as_kind(tarfile.SYMTYPE)), "is no file"),
    "a hard link": (lambda contents: packed(contents, as_kind(tarfile.LNKTYPE)), "is no file"),
    "a device": (lambda contents: packed(contents, as_kind(tarfile.CHRTYPE)), "is no file"),
    "a folder": (lambda contents: packed(contents, as_kind(tarfile.DIRTYPE)), "is no file"),
    "a manifest beyond its limit": (
        lambda contents: packed({**contents, "manifest.json": b" " * (64 << 20) + contents["manifest.json"]}),
        "its manifest does not come first, or is longer than 67108864 bytes",
    ),
    "another schema": (
        lambda contents: packed(
            {**contents, "manifest.json": contents["manifest.json"].replace(b"cache/1", b"cache/2")}
        ),
        "has version 2, and this release reads version 1",
    ),
    "no store": (
        lambda contents: packed({"manifest.json": b'{"schema": "advisories-cache/1", "feeds": {}, "stores": {}}'}),
        "no store is in it",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_with_a_bundle(
    run: Run, bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache: Path, name: str
) -> None:
    make, why = WRONG[name]
    bundle.write_bytes(make(members(bundle)))
    before = {path: path.read_bytes() for path in cache.rglob("*") if path.is_file()}
    for action in ("verify", "apply"):
        status, out, err = run("bundle", action, bundle)
        assert (status, out) == (2, "")
        assert f"{bundle}: " in err
        assert why in err
    assert {path: path.read_bytes() for path in cache.rglob("*") if path.is_file()} == before
    monkeypatch.setenv("ADVISORIES_CACHE", str(tmp_path / "elsewhere"))
    assert run("bundle", "apply", bundle)[0] == 2
    assert not [path for path in (tmp_path / "elsewhere").rglob("*") if path.is_file() and path.name != "lock"]


def test_a_store_that_is_as_bundled_and_damaged_all_the_same(
    run: Run, bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever made it gave the damaged store its own digest: the store's own shows it."""

    contents = changed(members(bundle))
    manifest = json.loads(contents["manifest.json"])
    (name,) = [one for one in stores(contents) if "debian" in one]
    manifest["stores"]["debian"]["sha256"] = hashlib.sha256(contents[name]).hexdigest()
    contents["manifest.json"] = json.dumps(manifest).encode()
    bundle.write_bytes(packed(contents))
    monkeypatch.setenv("ADVISORIES_CACHE", str(tmp_path / "elsewhere"))
    status, _, err = run("bundle", "apply", bundle)
    assert status == 2
    assert "stores/debian/" in err
    assert Cache(str(tmp_path / "elsewhere")).manifest().stores == {}


def test_a_bundle_of_a_newer_release(run: Run, bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its manifest, or a store in it: refused by the version, with what to do, and nothing is applied."""
    monkeypatch.setenv("ADVISORIES_CACHE", str(tmp_path / "elsewhere"))
    contents = members(bundle)
    manifest = json.loads(contents["manifest.json"])
    bundle.write_bytes(
        packed(contents | {"manifest.json": json.dumps(manifest | {"schema": "advisories-cache/2"}).encode()})
    )
    for action in ("verify", "apply"):
        status, _, err = run("bundle", action, bundle)
        assert status == 2
        assert (
            "has version 2, and this release reads version 1: upgrade vercmp, or make the bundle by this release" in err
        )
    (name,) = [one for one in stores(contents) if "debian" in one]
    newer = contents[name][:60] + (SCHEMA_VERSION + 1).to_bytes(4, "big") + contents[name][64:]
    manifest["stores"]["debian"]["sha256"] = hashlib.sha256(newer).hexdigest()
    bundle.write_bytes(packed(contents | {"manifest.json": json.dumps(manifest).encode(), name: newer}))
    status, _, err = run("bundle", "apply", bundle)
    assert status == 2
    assert f"{bundle}: {name}: the schema of the store has version {SCHEMA_VERSION + 1}, and" in err
    assert "make the bundle by this release" in err
    assert Cache(str(tmp_path / "elsewhere")).manifest().stores == {}


def described(contents: dict[str, bytes], **more: Any) -> bytes:
    """A bundle whose manifest has something else of the store of Debian."""
    manifest = json.loads(contents["manifest.json"])
    manifest["stores"]["debian"].update(more)
    return packed({**contents, "manifest.json": json.dumps(manifest).encode()})


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"kept": [0]}, "another one than its manifest describes: it has other counts of records"),
        ({"kept": [2]}, "another one than its manifest describes: it has other counts of records"),
        ({"newest": ["2099-01-01T00:00:00+00:00"]}, "its newest records are of other dates"),
        ({"unit": "almalinux"}, "no advisories of almalinux, which its manifest has it for"),
        ({"unit": "ubuntu:22.04"}, "no advisories of ubuntu:22.04, which its manifest has it for"),
    ],
)
def test_a_manifest_that_describes_another_store(
    run: Run, bundle: Path, tmp_path: Path, more: dict[str, Any], why: str
) -> None:
    """By that later fetches and bundles would be judged."""
    wrong = tmp_path / "wrong.tar"
    wrong.write_bytes(described(members(bundle), **more))
    status, out, err = run("bundle", "apply", wrong, "--cache", tmp_path / "other")
    assert (status, out) == (2, "")
    assert why in err
    assert Cache(str(tmp_path / "other")).manifest().stores == {}


def test_a_bundle_with_a_distribution_that_only_a_newer_release_has(run: Run, bundle: Path, tmp_path: Path) -> None:
    newer = tmp_path / "newer.tar"
    newer.write_bytes(described(members(bundle), unit="newix:1"))
    assert run("bundle", "apply", newer, "--cache", tmp_path / "other")[0] == 0


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/full", "/dev/urandom", "/dev/null"])
@pytest.mark.parametrize("action", ["verify", "apply"])
def test_a_device_is_no_bundle(run: Run, action: str, device: str) -> None:
    """Zeros without an end would be the padding of an empty archive."""
    status, out, err = run("bundle", action, device)
    assert (status, out) == (2, "")
    assert f"{device}: a device, and no file" in err


def test_a_cache_that_is_damaged_is_not_bundled(run: Run, bundle: Path, cache: Path, tmp_path: Path) -> None:
    (store,) = (cache / "stores" / "debian").iterdir()
    store.write_bytes(b"x" * store.stat().st_size)
    status, _, err = run("bundle", "create", tmp_path / "x.tar")
    assert status == 2
    assert "changed since it was fetched" in err
    assert not [name for name in os.listdir(tmp_path) if name.startswith("x.tar")]


def test_the_example_is_no_bundle(run: Run) -> None:
    assert run("bundle", "verify", EXAMPLE / "host.tsv")[0] == 2
