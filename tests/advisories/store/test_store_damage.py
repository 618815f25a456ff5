"""Damaged stores: a check finds any flipped bit; a match raises what it should, or answers, and never anything else."""

import random
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from advisories_reference import ALMA9, DEBIAN12, advisory, affected, host, rpm
from advisories_stores import report_of
from attrs import evolve

from advisories import cli, match
from advisories.models import Enrichment, Extent, FixState, Loss, Module, Range, Reference, Rejection, Scope, Severity
from advisories.models.errors import UnreadableSource
from advisories.store import open_feed
from advisories.store.checking import check_store
from advisories.store.compiling import Source, write_store
from advisories.store.schema import PAGE_SIZE, TABLES


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store in which every table has rows."""
    path = tmp_path_factory.mktemp("damage") / "feed.db"
    records = [
        advisory(
            f"ALSA-{number}",
            affected("bash", f"{number}-1", module=Module.of("a:1") if number % 7 == 0 else Module(True)),
            affected("zsh", f"1:{number}-1", arches=("x86_64", "i686"), versions=("1-1", "2-1")),
            affected("src", None, distribution=DEBIAN12, ranges=(Range(None, last_affected="1 2"),)),
            affected("none", None, ranges=(), negative=True, fix_state=FixState.WONT_FIX, channel="esm"),
            cves=[f"CVE-2024-{number + 1000}", "CVE-2024-1"],
            aliases=("GO-1",),
            severities=(Severity("CVSS_V3", "CVSS:3.1/AV:N"),),
            references=(Reference("ADVISORY", "https://example.org/"),),
        )
        for number in range(100)
    ]
    vector = Severity("CVSS_V3", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "nvd")
    enrichments = [
        Enrichment(f"CVE-2024-{number}", "nvd", epss=0.5, severities=(vector,)) for number in range(1000, 1040)
    ]
    kept = (*records, *records[:3])
    losses = (Loss("bash", ALMA9), Loss(None, DEBIAN12, "DSA-1"), Loss())
    rejections = (
        Rejection("generated", "line 1", "bash", "no version", Extent.PART, losses[:2]),
        Rejection("generated", "line 2", "x", "not XML"),
    )
    report = evolve(
        report_of((*kept, *enrichments)),
        read=len(kept) + len(enrichments) + 1,
        rejections=rejections,
        skips=(("source packages", 3),),
        scopes=(Scope(ALMA9, "baseos", 100, 1), Scope(DEBIAN12, "", 100)),
        losses=losses,
        newest=datetime(2024, 5, 1, tzinfo=UTC),
    )
    write_store([Source(report, "0" * 64, kept, tuple(enrichments))], path)
    return path


def everything(path: Path) -> object:
    """Everything that a feed answers."""
    feed = open_feed(path)
    inventory = host(
        rpm("bash", "50-1"), rpm("zsh", "1:50-1", epoch_known=False), rpm("none", "1-1"), rpm("other", "1-1")
    )
    findings = match(inventory, feed)
    repr(feed)
    list(feed)
    feed.advisory("ALSA-7")
    feed.ids()
    return findings, feed.flaws, feed.reports, feed.kinds, feed.newest, feed.unordered, feed.conflicts


def flipped(data: bytes, chance: random.Random) -> bytes:
    """The bytes with one to three of them changed: anywhere, or at the beginning of a page, where its structure is."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 3))):
        at = chance.randrange(len(data))
        if chance.random() < 0.5:
            at = at // PAGE_SIZE * PAGE_SIZE + chance.randrange(64)
        changed[at] ^= chance.randrange(1, 256)
    return bytes(changed)


def answers(path: Path) -> bool:
    """Whether a store answers, or names the file that cannot be read. Any other exception goes through."""
    try:
        everything(path)
    except UnreadableSource as error:
        return str(path) in str(error)
    return True


def is_found(path: Path) -> bool:
    """Whether a check finds a problem, or the file is no store at all any more."""
    try:
        return bool(check_store(path).problems)
    except UnreadableSource:
        return True


def test_every_table_has_rows(whole: Path) -> None:
    assert not check_store(whole).problems
    assert everything(whole)
    connection = sqlite3.connect(f"file:{whole}?mode=ro&immutable=1", uri=True)
    counts = {table: connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0] for table in TABLES}
    connection.close()
    # Channels are those of hosts.
    assert {table for table, count in counts.items() if not count} == {"channel", "unordered"}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_flipped_bits(whole: Path, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    data = whole.read_bytes()
    path = tmp_path / "feed.db"
    for _ in range(60):
        path.write_bytes(flipped(data, chance))
        assert answers(path)
        assert is_found(path)


@pytest.mark.parametrize("at", range(0, 100, 7))
def test_a_header_of_noise(whole: Path, tmp_path: Path, at: int, capsys: pytest.CaptureFixture[str]) -> None:
    data = bytearray(whole.read_bytes())
    data[at] ^= 0xFF
    path = tmp_path / "feed.db"
    path.write_bytes(data)
    assert cli.main(["check", str(path)]) == 2
    out, err = capsys.readouterr()
    assert "WRONG" in out or str(path) in err


@pytest.mark.slow
def test_whole_pages(whole: Path, tmp_path: Path) -> None:
    """A page of zeros, or another page in its place, as a failing disk leaves them."""
    data = whole.read_bytes()
    path = tmp_path / "feed.db"
    for begin in range(0, len(data), PAGE_SIZE):
        for page in (bytes(PAGE_SIZE), data[-PAGE_SIZE:], b"\xff" * PAGE_SIZE):
            changed = data[:begin] + page + data[begin + PAGE_SIZE :]
            if changed == data:
                continue
            path.write_bytes(changed)
            assert answers(path)
            assert is_found(path)
