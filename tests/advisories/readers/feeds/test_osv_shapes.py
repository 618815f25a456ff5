"""Records that are decoded by their shape are what the same records are, decoded as any JSON."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import oracles
import pytest
from examples import examples
from hypothesis import example, given, settings
from hypothesis import strategies as st
from json_mutations import changed
from places import EXAMPLE, GOLDEN

from advisories import DEFAULT_LIMITS
from advisories.readers.feeds import Item, osv, osv_databases
from advisories.sources.documents import Document, documents

INPUTS = sorted((GOLDEN / "formats").glob("feeds/osv/input*"))


def read(data: bytes) -> list[Item]:
    return osv.read(Document("a.json", "a.json", data, alone=True), DEFAULT_LIMITS)


def read_without(data: bytes) -> list[Item]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(osv, "shapes", lambda: None)
        return read(data)


def entry(name: str, fixed: str = "2-1.el9", ecosystem: str = "AlmaLinux:9", **more: Any) -> dict[str, Any]:
    events = [{"introduced": "0"}, {"fixed": fixed}]
    ranges = [{"type": "ECOSYSTEM", "events": events}]
    return {"package": {"ecosystem": ecosystem, "name": name}, "ranges": ranges} | more


def record(id: str, *affected: Any, **more: Any) -> bytes:
    return json.dumps({"id": id, "modified": "2024-02-03T04:05:06Z", "affected": affected, **more}).encode()


RECORDS = [
    record(
        "ALSA-2024:1",
        entry("a"),
        entry("b"),
        entry("c", "3-1.module_el8.6.0+1+2", "AlmaLinux:8"),
        entry("a", "3-1"),
        entry("b"),
        related=["CVE-2024-0001", "CVE-2024-0002"],
        summary="Important: nodejs:20 update",
        references=[{"type": "ADVISORY", "url": "https://example.org/a:b"}],
        severity=[{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
    ),
    record(
        "CGA-1",
        entry("a", ecosystem="Chainguard", ecosystem_specific={"components": [{"latest_event_status": "fixed"}]}),
        {"package": {"ecosystem": "Wolfi", "name": "b", "purl": "pkg:apk/b?arch=x86_64"}, "versions": ["1", "2"]},
        {"package": {"ecosystem": "PyPI", "name": "B_c"}, "versions": ["1"]},
    ),
    record("RHSA-1", entry("a", ecosystem="Red Hat:rhel_eus:8.6::appstream", database_specific={"x": 1}), details=""),
    record("DSA-1", entry("a", ecosystem="Debian:12", ecosystem_specific={"urgency": "low"})),
    record("RLSA-1", entry("a", ecosystem="GIT"), entry("b", severity=[{"type": "CVSS_V3", "score": "x"}])),
    record("RLSA-2", withdrawn="2024-01-01", aliases=None),
    record("ALSA-3", entry("a"), entry("a", ranges=[{"type": "GIT", "events": []}])),
]
SEEDS = [*RECORDS, b"\n".join(RECORDS), b"[" + b",".join(RECORDS) + b"]", *(path.read_bytes() for path in INPUTS)]


@pytest.mark.parametrize("data", [*SEEDS, (EXAMPLE / "advisories.jsonl").read_bytes()])
def test_records(data: bytes) -> None:
    assert read(data) == read_without(data)


@settings(max_examples=examples(2000), deadline=None)
@given(st.sampled_from(SEEDS), st.integers(0, 10**9))
def test_changed_records(data: bytes, seed: int) -> None:
    """Other values, members that are missing, moved or doubled, keys that stand twice."""
    if (other := changed(data, seed)) is not None:
        assert read(other) == read_without(other)


@settings(max_examples=examples(2000), deadline=None)
@given(
    st.sampled_from(RECORDS),
    st.integers(0, 10**6),
    st.integers(0, 3),
    st.sampled_from([b"", b"\xff", b'"', b"\\", b":", b"\\u003a", b"{", b"}", b"]", b",", b"null", b"1", b" ", b"\n"]),
)
@example(RECORDS[0], RECORDS[0].index(b"introduced"), 1, b"\xe9")
@example(RECORDS[0], RECORDS[0].index(b"2-1"), 1, b"\\ud800")
@example(RECORDS[5], RECORDS[5].index(b"fected"), 0, b"\xff")
def test_damaged_records(data: bytes, place: int, length: int, other: bytes) -> None:
    place %= len(data)
    damaged = data[:place] + other + data[place + length :]
    assert read(damaged) == read_without(damaged)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"name": "a"', b'"name": "b", "name": "a"'),
        (b'"introduced": "0"', b'"introduced": "1", "introduced": "0"'),
        (b'"type": "ECOSYSTEM"', b'"type": "GIT", "type": "ECOSYSTEM"'),
        (b'"id": ', b'"id": "ALSA-0", "id": '),
        (b'"id": ', b'"affected": [], "id": '),
        (b'"type": "ADVISORY"', b'"type": "FIX", "type": "ADVISORY"'),
        (b'"id": ', b'"other": 1, "other": 1, "id": '),
        (b'"ranges"', b'"other": {"a": 1, "a": 1}, "ranges"'),
    ],
)
def test_a_key_that_stands_twice(old: bytes, new: bytes) -> None:
    """It is refused wherever it stands, also where nothing of it is read."""
    data = RECORDS[0].replace(old, new, 1)
    assert "stands twice in one object" in str(read(data)[0])
    assert read(data) == read_without(data)


def test_what_is_of_one_shape() -> None:
    """Most records are, and those of databases that look into their entries are not."""
    oracles.module("msgspec", "0.21")
    assert [osv._by_shape(data, DEFAULT_LIMITS) is not None for data in RECORDS] == [
        *(True, False, True, False, False, True, False),
    ]
    lines = (EXAMPLE / "advisories.jsonl").read_bytes().splitlines()
    assert all(osv._by_shape(line, DEFAULT_LIMITS) for line in lines)


def test_databases_that_look_into_entries() -> None:
    for name, one in osv_databases._DATABASES.items():
        looks = one.severities, one.channel, one.binaries
        assert one.is_by_entry or looks == (None, None, None), name
        assert (osv_databases.BY_FIELDS.search(b'{ "id" : "%s-1"' % name.encode()) is None) is one.is_by_entry


def real(folder: Path) -> Iterator[bytes]:
    for one in documents(folder, DEFAULT_LIMITS):
        if isinstance(one, Document) and (osv.sniff(one.data[:16384], one.name)):
            yield one.data


@pytest.mark.parametrize(
    "archive",
    [
        *("almalinux-osv", "suse-oval-and-ubuntu-osv", "osv-schema-testdata", "vuln-list-update-testdata"),
        *("vuls-data-update-fetch-fixtures", "vunnel-testdata", "claircore-testdata", "trivy-detector-fixtures"),
    ],
)
def test_real_records(archive: str, unpacked: Callable[[str], Path]) -> None:
    found = taken = 0
    for data in real(unpacked(f"feeds/{archive}")):
        items = read(data)
        assert items == read_without(data)
        found += 1
        taken += osv._by_shape(data, DEFAULT_LIMITS) is not None
    if archive == "almalinux-osv":
        assert (found, taken) == (5680, 5680)
