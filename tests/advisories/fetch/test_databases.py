"""``advisories db``: what the cache has, what is called so, and what differs."""

import json
from pathlib import Path
from typing import Any

import pytest
from places import EXAMPLE
from publisher import Publisher, Run
from small_feeds import debian_tracker, osv_record

from advisories import Feed, compile_store, read_feed
from advisories.index.differences import changes

TRACKER = "https://security-tracker.debian.org/tracker/data/json"


@pytest.fixture
def feeds(tmp_path: Path) -> tuple[Path, Path]:
    """Two feeds of which one is a day older."""
    lines = (EXAMPLE / "advisories.jsonl").read_text().splitlines()
    records: list[Any] = [json.loads(line) for line in lines]
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    acl, other = "ALSA-2026:42736", records[0]["id"]
    old.write_text("\n".join(json.dumps(one) for one in records if one["id"] != acl))
    records[5]["affected"][0]["ranges"][0]["events"] = [{"introduced": "0"}, {"fixed": "999-1.el9"}]
    new.write_text("\n".join(json.dumps(one) for one in records if one["id"] != other))
    return old, new


def test_status(run: Run, publisher: Publisher, cache: Path) -> None:
    status, out, err = run("db", "status")
    assert (status, out) == (0, "")
    assert "nothing is there yet: advisories fetch DISTRO" in err
    publisher.put(TRACKER, debian_tracker())
    assert run("fetch", "debian")[0] == 0
    status, out, err = run("db", "status")
    assert (status, err) == (0, "")
    first, second, third = out.splitlines()
    assert first.startswith("debian: 1 records, compiled 20")
    assert first.endswith(".db")
    assert second.startswith("  debian-tracker: 1 records, without dates, as of 20")
    assert second.endswith(f" by the mirror localhost:{publisher.port}: {TRACKER}")
    assert third == "    verified: TLS"
    (store,) = (cache / "stores").rglob("*.db")
    store.write_bytes(b"x" * store.stat().st_size)
    status, out, err = run("db", "status")
    assert status == 2
    assert "changed since it was fetched" in err


def test_search(run: Run, publisher: Publisher) -> None:
    publisher.put(TRACKER, debian_tracker())
    assert run("fetch", "debian")[0] == 0
    expected = "DEBIAN-CVE-2024-1000 (CVE-2024-1000): bash of debian 12: fixed in 5.2.15-2\n"
    for word in ("bash", "ba*", "CVE-2024-1000", "cve-2024-*"):
        assert run("db", "search", word) == (0, expected, "")
    status, out, err = run("db", "search", "zsh", "CVE-1")
    assert (status, out) == (0, "")
    assert "nothing is called zsh or CVE-1" in err
    status, out, _ = run("db", "search", "acl", "--feed", EXAMPLE / "advisories.jsonl")
    assert status == 0
    assert "ALSA-2026:42736 (CVE-2026-54369" in out


def test_diff(run: Run, feeds: tuple[Path, Path]) -> None:
    status, out, err = run("db", "diff", *feeds)
    assert (status, err) == (0, "")
    *lines, last = out.splitlines()
    assert last == "advisories: 1 in, 1 out, 1 changed, of 383 before"
    assert sorted(line.split(":")[0] for line in lines) == ["changed", "in", "out"]
    (one,) = [line for line in lines if line.startswith("changed")]
    assert "(affected)" in one
    assert run("db", "diff", feeds[0], feeds[0])[1] == "advisories: 0 in, 0 out, 0 changed, of 383 before\n"


def test_findings_that_come_and_go(run: Run, feeds: tuple[Path, Path]) -> None:
    inventory = EXAMPLE / "host.tsv"
    status, out, _ = run("db", "diff", *feeds, "--inventory", inventory)
    assert status == 0
    lines = out.splitlines()
    found: dict[str, list[str]] = {}
    for line in lines:
        found.setdefault(line.split(":")[0], []).append(line)

    def keys(path: Path) -> set[tuple[str, str]]:
        out = run("match", inventory, "--feed", path, "--format", "json")[1]
        return {(one["instance"], one["vulnerability"]) for one in json.loads(out)["findings"]}

    old, new = map(keys, feeds)
    assert len(found.get("comes", [])) == len(new - old)
    assert len(found.get("goes", [])) == len(old - new)
    assert lines[-1].startswith(f"findings: {len(new - old)} come, {len(old - new)} go, ")
    assert len(new - old) + len(old - new) > 0


#: It has a finding of the kernel that no other advisory has.
OF_KERNEL = "ALSA-2022:5249"


@pytest.fixture
def lossy(tmp_path: Path) -> Path:
    """The example without the ranges of what names curl, and of one of the many advisories of the kernel."""
    records = [json.loads(line) for line in (EXAMPLE / "advisories.jsonl").read_text().splitlines()]
    for one in records:
        for entry in one["affected"]:
            if one["id"] == OF_KERNEL or "curl" in entry["package"]["name"]:
                entry["ranges"] = "lost"
    path = tmp_path / "lossy.jsonl"
    path.write_text("".join(f"{json.dumps(one)}\n" for one in records))
    return path


def test_what_goes_as_its_records_were_lost_is_not_known(run: Run, lossy: Path) -> None:
    """It would look fixed, or as if nobody had ever found it."""
    whole, inventory = EXAMPLE / "advisories.jsonl", EXAMPLE / "host.tsv"
    for feeds, word, when in ((whole, lossy), "goes", "now"), ((lossy, whole), "comes", "was"):
        status, out, err = run("db", "diff", *feeds, "--inventory", inventory)
        assert status == 0
        assert "a list is expected" in err
        lines = [line for line in out.splitlines() if line.startswith(f"{word}:")]
        assert any("curl 7.76" in line for line in lines)
        # The kernel has findings of other advisories.
        assert any("kernel-core" in line for line in lines)
        assert all(line.endswith(f"({when} not known: records-skipped)") for line in lines)
        (unchecked,) = [line for line in out.splitlines() if line.startswith("unchecked:")]
        before, now = (run("match", inventory, "--feed", feed, "--format", "json")[1] for feed in feeds)
        counts = [json.loads(one)["coverage"]["classes"]["unchecked"] for one in (before, now)]
        assert unchecked == f"unchecked: {counts[0]} packages before, {counts[1]} now"
        assert "records-skipped: a record that names it could not be read" in out
    _, out, _ = run("db", "diff", whole, whole, "--inventory", inventory)
    assert "unchecked" not in out


def test_what_was_rejected_may_be_what_you_look_for(run: Run, lossy: Path, tmp_path: Path) -> None:
    _, out, err = run("db", "search", "curl", "--feed", lossy)
    assert (out, "nothing is called curl" in err, "lossy.jsonl: line " in err) == ("", True, True)
    # And what a list lacks was in no match.
    packages = tmp_path / "packages.tsv"
    packages.write_text(f"{(EXAMPLE / 'host.tsv').read_text()}lost\n")
    _, _, err = run("db", "diff", lossy, lossy, "--inventory", packages)
    assert "packages.tsv: line 593: lost: not name-version-release.arch" in err


def test_a_store_differs_from_its_feed_in_nothing(feeds: tuple[Path, Path], tmp_path: Path) -> None:
    store = tmp_path / "feed.db"
    compile_store(feeds[0], store)
    assert list(changes(read_feed(feeds[0]), read_feed(store))) == []


def test_changes_by_field(tmp_path: Path) -> None:
    def feed(**more: Any) -> Feed:
        path = tmp_path / "one.json"
        path.write_text(json.dumps({**osv_record("ALSA-2024:0001", "AlmaLinux:9"), **more}))
        return read_feed(path)

    (change,) = changes(feed(), feed(modified="2025-01-01T00:00:00Z"))
    assert (change.id, change.what, change.fields, change.packages) == (
        *("ALSA-2024:0001", "changed", ("modified",), ("bash",)),
    )


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["status", "x"], "db status takes no words"),
        (["search"], "db search takes an id, a CVE or a package"),
        (["search", "x"], "nothing is there yet"),
        (["diff", "x"], "db diff takes two feeds"),
        (["show"], "unknown action 'show'"),
        (["diff", "/nowhere", "/nowhere"], "No such file"),
    ],
)
def test_wrong_usage(run: Run, words: list[str], why: str) -> None:
    status, out, err = run("db", *words)
    assert (status, out) == (2, "")
    assert why in err


def test_findings_of_a_release_that_a_feed_lacks(run: Run, feeds: tuple[Path, Path], tmp_path: Path) -> None:
    """That none comes and none goes would look as if nothing changed."""
    packages = tmp_path / "packages.txt"
    packages.write_text("Package: bash\nStatus: install ok installed\nArchitecture: amd64\nVersion: 5.2\n\n")
    status, out, err = run("db", "diff", *feeds, "--inventory", packages, "--distro", "debian:10")
    assert status == 2
    assert "findings:" not in out
    assert "no advisories of debian 10, so which findings come and go is not known" in err


def test_an_empty_list_is_none(run: Run, feeds: tuple[Path, Path]) -> None:
    for words in (("db", "diff", *feeds), ("fetch",)):
        status, out, err = run(*words, "--inventory", "")
        assert (status, out) == (2, "")
        assert "--inventory: it is empty: give a value, or leave the option out" in err
    for words in (("",), ("bash", "")):
        status, out, err = run("db", "search", *words)
        assert (status, out) == (2, "")
        assert "db search takes an id, a CVE or a package" in err
