"""``match`` without ``--feed``: what it uses, what it prints of that, and that it opens no connection."""

import json
import socket
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from places import EXAMPLE
from publisher import Authority, Publisher, Run, zipped
from small_feeds import debian_tracker, osv_archive, osv_index, osv_record, secdb

from advisories.cli import cached
from advisories.fetch import client as client_module

BUCKET = "https://osv-vulnerabilities.storage.googleapis.com/AlmaLinux"
HOST = EXAMPLE / "host.tsv"


def publish(publisher: Publisher) -> None:
    lines = (EXAMPLE / "advisories.jsonl").read_text().splitlines()
    records: list[Any] = [json.loads(line) for line in lines]
    path = publisher.put(
        f"{BUCKET}/all.zip", zipped({f"{one['id']}.json": json.dumps(one).encode() for one in records})
    )
    # Later than any record of it.
    publisher.dates[path] = 1_790_000_000
    publisher.put(f"{BUCKET}/modified_id.csv", osv_index(records))


def days_later(monkeypatch: pytest.MonkeyPatch, days: float) -> None:
    now = datetime.now(UTC) + timedelta(days=days)
    monkeypatch.setattr(cached, "moment", lambda: now)


def test_the_cache_is_used(run: Run, publisher: Publisher) -> None:
    publish(publisher)
    status, out, err = run("match", HOST)
    assert (status, out) == (2, "")
    assert "What they are matched against is missing: add --feed PATH, or fetch them: advisories fetch almalinux" in err
    assert publisher.paths() == []
    assert run("fetch", "--inventory", HOST)[0] == 0
    publisher.requests.clear()
    status, out, err = run("match", HOST, "--format", "json")
    assert status == 0
    assert "advisories of almalinux from the cache, as of " in err
    by_path = run("match", HOST, "--format", "json", "--feed", EXAMPLE / "advisories.jsonl")
    assert json.loads(out)["findings"] == json.loads(by_path[1])["findings"]
    assert json.loads(out)["coverage"] == json.loads(by_path[1])["coverage"]
    (source,) = json.loads(out)["feed"]["sources"]
    assert source["source"] == f"{BUCKET}/all.zip"
    assert publisher.paths() == []


def test_what_is_missing_is_named_with_what_you_type(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    for words, typed in [
        ((), "or fetch them: advisories fetch almalinux"),
        (("--cache", folder), f"or fetch them: advisories fetch almalinux --cache {folder}"),
        (("--offline",), "or bring them from a machine with a network: advisories bundle apply FILE"),
        (
            ("--offline", "--cache", folder),
            f"or bring them from a machine with a network: advisories bundle apply FILE --cache {folder}",
        ),
    ]:
        status, out, err = run("match", HOST, *words)
        assert (status, out) == (2, "")
        assert err.rstrip("\n").endswith(f"What they are matched against is missing: add --feed PATH, {typed}")
    status, _, err = run("bundle", "create", tmp_path / "b.tar", "debian", "ubuntu:22.04")
    assert status == 2
    assert err.rstrip("\n").endswith(
        "no advisories of debian, ubuntu:22.04: fetch them first: advisories fetch debian ubuntu:22.04"
    )


@pytest.mark.parametrize("command", ["fix", "explain"])
def test_other_commands_use_it_too(run: Run, publisher: Publisher, command: str) -> None:
    publish(publisher)
    assert run("fetch", "almalinux")[0] == 0
    words = ["acl", "CVE-2026-54369"] if command == "explain" else []
    assert run(command, *words, "--inventory", HOST)[0] == 0


def test_matching_opens_no_connection(run: Run, publisher: Publisher, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(publisher)
    assert run("fetch", "almalinux")[0] == 0

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a connection")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.delitem(sys.modules, "advisories.fetch.client")
    for words in (
        ["match", HOST],
        ["match", HOST, "--feed", EXAMPLE / "advisories.jsonl"],
        ["match", HOST, "--fetch", "--offline"],
        ["fix", "--inventory", HOST],
        ["fetch", "--offline"],
        ["fetch", "--list"],
    ):
        assert run(*words)[0] == 0, words
    # Not even what could open one is imported.
    assert "advisories.fetch.client" not in sys.modules


def test_a_cache_that_is_old(run: Run, publisher: Publisher, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(publisher)
    assert run("fetch", "almalinux")[0] == 0
    assert run("match", HOST, "-q")[2] == ""
    days_later(monkeypatch, 3)
    for quiet in ([], ["-q"]):
        err = run("match", HOST, *quiet)[2]
        assert "3 days ago: advisories fetch almalinux brings them up to date" in err


def test_a_cache_that_is_later_than_now(run: Run, publisher: Publisher, monkeypatch: pytest.MonkeyPatch) -> None:
    """How old it is, nobody knows: one of the clocks was wrong."""
    publish(publisher)
    with monkeypatch.context() as patched:
        days_later(patched, 400)
        assert run("fetch", "almalinux")[0] == 0
    for quiet in ([], ["-q"]):
        err = run("match", HOST, *quiet)[2]
        assert "which is later than now: one of the clocks was wrong, and how old they are is not known" in err
        assert "advisories fetch almalinux brings them up to date" in err
    # Two machines may differ by a little.
    with monkeypatch.context() as patched:
        days_later(patched, 1 / 48)
        assert run("fetch", "almalinux")[0] == 0
    assert run("match", HOST, "-q")[2] == ""


def test_a_store_that_has_changed_since(run: Run, publisher: Publisher, cache: Path) -> None:
    """A name in it is another one. Nothing but its digest shows that, and the finding would be gone."""
    publish(publisher)
    assert run("fetch", "almalinux")[0] == 0
    (store,) = (cache / "stores").rglob("*.db")
    data = store.read_bytes()
    assert b"openssl" in data
    store.chmod(0o600)
    store.write_bytes(data.replace(b"openssl", b"openssk"))
    status, out, err = run("match", HOST)
    assert (status, out) == (2, "")
    assert "changed since it was fetched: its digest is not that of the manifest. advisories fetch replaces it" in err
    assert run("fetch", "almalinux")[0] == 0
    assert run("match", HOST)[0] == 0


def test_fetching_in_front(run: Run, publisher: Publisher) -> None:
    publish(publisher)
    status, out, err = run("match", HOST, "--fetch")
    assert status == 0
    assert "advisories of almalinux from the cache" in err
    assert publisher.paths()
    # Where that fails, what is there is used, and the reason is printed.
    publisher.files.clear()
    status, again, err = run("match", HOST, "--fetch")
    assert status == 0
    assert "modified_id.csv: status 404" in err
    assert again == out
    # What could not be fetched may be what matters.
    status, _, err = run("match", HOST, "--fetch", "--strict", "--accept", "epoch-unknown")
    assert (status, "1 not fetched, and --strict makes that an error" in err) == (2, True)
    publisher.requests.clear()
    assert run("match", HOST, "--fetch", "--feed", EXAMPLE / "advisories.jsonl")[0] == 2
    # Nothing is fetched for a feed that is named.
    assert publisher.paths() == []
    assert run("match", HOST, "--fetch")[0] == 0
    assert publisher.paths() == ["/osv-vulnerabilities.storage.googleapis.com/AlmaLinux/modified_id.csv"]


def test_the_age_of_a_feed_is_the_publishers(run: Run, publisher: Publisher) -> None:
    """Fetching old advisories makes them no younger."""
    publish(publisher)
    assert run("fetch", "almalinux")[0] == 0
    status, _, err = run("match", HOST, "--max-feed-age", "30", "--on", "2027-06-01")
    assert status == 1
    assert "--max-feed-age: the newest advisory of the feed is 284 days old" in err
    assert run("match", HOST, "--max-feed-age", "30", "--on", "2026-08-30")[0] == 0


def test_packages_of_a_language(run: Run, publisher: Publisher, tmp_path: Path) -> None:
    listed = tmp_path / "purls.txt"
    listed.write_text("pkg:deb/debian/bash@5.0?distro=debian-12\npkg:pypi/flask@0.1\n")
    publisher.put("https://security-tracker.debian.org/tracker/data/json", debian_tracker())
    assert run("fetch", "debian")[0] == 0
    status, out, err = run("match", listed, "--distro", "debian:12")
    assert status == 0
    assert "no advisories of pypi in the cache: advisories fetch pypi" in err
    base = "https://osv-vulnerabilities.storage.googleapis.com/PyPI"
    records = [osv_record("PYSEC-2024-0001", "PyPI", package="flask", fixed="1.0")]
    publisher.put(f"{base}/all.zip", osv_archive(records))
    publisher.put(f"{base}/modified_id.csv", osv_index(records))
    assert run("fetch", "--inventory", listed)[0] == 0
    status, out, err = run("match", listed, "--distro", "debian:12", "--format", "json")
    assert status == 0
    assert {one["package"] for one in json.loads(out)["findings"]} == {"bash", "flask"}


#: Of each language: the bucket of OSV, and a package URL.
LANGUAGES = {
    "cargo": ("crates.io", "pkg:cargo/a@0.1.0"),
    "gem": ("RubyGems", "pkg:gem/a@0.1.0"),
    "golang": ("Go", "pkg:golang/example.com/a@v0.1.0"),
    "npm": ("npm", "pkg:npm/a@0.1.0"),
    "pypi": ("PyPI", "pkg:pypi/a@0.1.0"),
}


def test_packages_of_several_languages(run: Run, publisher: Publisher, tmp_path: Path) -> None:
    """Such as an image from scratch has. What no row of the table covers is named, by fetch and by match."""
    listed = tmp_path / "purls.txt"
    listed.write_text("".join(f"{purl}\n" for _, purl in LANGUAGES.values()) + "pkg:maven/g/a@1\npkg:maven/g/b@1\n")
    status, _, err = run("match", listed)
    assert status == 2
    assert "or fetch them: advisories fetch cargo gem golang npm pypi" in err
    for bucket, _ in LANGUAGES.values():
        name = "example.com/a" if bucket == "Go" else "a"
        records = [osv_record(f"TEST-{bucket}", bucket, package=name, fixed="1.0.0")]
        base = f"https://osv-vulnerabilities.storage.googleapis.com/{bucket}"
        publisher.put(f"{base}/all.zip", osv_archive(records))
        publisher.put(f"{base}/modified_id.csv", osv_index(records))
    status, out, err = run("fetch", "--inventory", listed)
    assert status == 0
    assert [line.split(":")[0] for line in out.splitlines() if not line.startswith(" ")] == [*LANGUAGES]
    assert "no advisories of maven can be fetched, and 2 of its packages are listed" in err
    status, out, err = run("match", listed, "--format", "json")
    assert status == 3  # of maven
    assert "no advisories of maven can be fetched, and 2 of its packages are listed" in err
    report = json.loads(out)
    assert {one["package"] for one in report["findings"]} == {"a", "example.com/a"}
    assert len(report["findings"]) == len(LANGUAGES)
    assert report["coverage"]["classes"]["not-covered"] == 2


def test_packages_of_one_language(run: Run, publisher: Publisher, tmp_path: Path) -> None:
    """Its store is used once."""
    listed = tmp_path / "purls.txt"
    listed.write_text("pkg:npm/a@0.1.0\n")
    records = [osv_record("TEST-1", "npm", package="a", fixed="1.0.0")]
    base = "https://osv-vulnerabilities.storage.googleapis.com/npm"
    publisher.put(f"{base}/all.zip", osv_archive(records))
    publisher.put(f"{base}/modified_id.csv", osv_index(records))
    assert run("fetch", "--inventory", listed)[0] == 0
    status, out, _ = run("match", listed, "--format", "json")
    assert status == 0
    assert len(json.loads(out)["feed"]["sources"]) == 1


def test_a_list_that_nobody_publishes_for(run: Run, tmp_path: Path) -> None:
    listed = tmp_path / "purls.txt"
    listed.write_text("pkg:maven/g/a@1\n")
    assert run("fetch", "--inventory", listed)[0] == 2
    status, _, err = run("match", listed)
    assert status == 2
    assert "add --feed PATH with advisories of maven" in err


def test_a_store_that_is_gone(run: Run, publisher: Publisher, cache: Path) -> None:
    publish(publisher)
    assert run("fetch", "almalinux")[0] == 0
    (store,) = (cache / "stores").rglob("*.db")
    store.rename(cache / "elsewhere")
    assert "or fetch them: advisories fetch almalinux" in run("match", HOST)[2]
    store.symlink_to(cache / "elsewhere")
    assert "or fetch them: advisories fetch almalinux" in run("match", HOST)[2]


def test_the_cache_of_somebody_else(run: Run, publisher: Publisher, cache: Path) -> None:
    publish(publisher)
    assert run("fetch", "almalinux")[0] == 0
    cache.chmod(0o777)
    status, out, err = run("match", HOST)
    assert (status, out) == (2, "")
    assert "others may write to it" in err


def test_a_release_that_the_cache_lacks(run: Run, publisher: Publisher, tmp_path: Path) -> None:
    for one in ("main", "community"):
        publisher.put(f"https://secdb.alpinelinux.org/v3.19/{one}.json", secdb("v3.19", one))
    assert run("fetch", "alpine:3.19")[0] == 0
    listed = tmp_path / "list"
    listed.write_text("bash-5.2.15-r0 x86_64 {bash} (GPL-3.0-or-later) [installed]\n")
    status, _, err = run("match", listed, "--distro", "alpine:3.20")
    assert status == 2
    assert "or fetch them: advisories fetch alpine:3.20" in err
    assert run("match", listed, "--distro", "alpine:3.19")[0] == 0


def test_a_release_that_nobody_publishes_for(run: Run, tmp_path: Path) -> None:
    listed = tmp_path / "list"
    listed.write_text("bash-5.2.15-r0 x86_64 {bash} (GPL-3.0-or-later) [installed]\n")
    status, _, err = run("match", listed, "--distro", "bellsoft-hardened-containers:25")
    assert status == 2
    assert "add --feed PATH with advisories of bellsoft-hardened-containers 25. The guide feeds.md" in err


def test_where_the_cache_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import argparse

    options = argparse.Namespace(cache=None)
    monkeypatch.setenv("XDG_CACHE_HOME", "/a/b")
    assert cached.cache_of(options).path == "/a/b/advisories"
    monkeypatch.setenv("HOME", str(tmp_path))
    for value in ("relative", ""):
        monkeypatch.setenv("XDG_CACHE_HOME", value)
        assert cached.cache_of(options).path == f"{tmp_path}/.cache/advisories"
    options.cache = "x"
    assert cached.cache_of(options).path == str(Path.cwd() / "x")


def test_records_without_dates_have_that_of_their_file(
    run: Run, publisher: Publisher, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, authority: Authority
) -> None:
    listed = tmp_path / "list"
    listed.write_text("pkg:deb/debian/bash@9?distro=debian-12\n")
    words = ["match", listed, "--max-feed-age", "30", "--on", "2025-11-01"]
    address = "https://security-tracker.debian.org/tracker/data/json"
    path = publisher.put(address, debian_tracker())
    assert run("fetch", "debian")[0] == 0
    # A mirror's dates may be its own.
    status, _, err = run(*words)
    assert status == 1
    assert "no advisory of the feed has a date, so its age is unknown" in err
    monkeypatch.setattr(client_module, "mirrored", lambda address, mirror: f"{publisher.mirror}{path}")
    monkeypatch.delenv("ADVISORIES_MIRROR")
    monkeypatch.setenv("ADVISORIES_CACHE", str(tmp_path / "another"))
    assert run("fetch", "debian")[0] == 0
    status, _, err = run(*words)
    assert (status, "max-feed-age" in err) == (0, False)
    status, _, err = run(*words[:-1], "2025-12-01")
    assert status == 1
    assert "the newest advisory of the feed is 53 days old, of 2025-10-09" in err
    # Of another server no date is believed: it could show a file as unchanged that has changed.
    publisher.requests.clear()
    monkeypatch.setenv("ADVISORIES_MIRROR", publisher.mirror)
    assert run("fetch", "debian")[0] == 0
    assert not {"If-None-Match", "If-Modified-Since"} & set(publisher.requests[0][1])
    monkeypatch.delenv("ADVISORIES_MIRROR")
    assert run("fetch", "debian")[0] == 0
    # The same file, published again: the date is a new one.
    publisher.dates[path] = 1_764_000_000
    publisher.files[path] = debian_tracker() + b"\n"
    assert run("fetch", "debian")[0] == 0
    assert run(*words[:-1], "2025-12-01")[0] == 0
