"""What is kept beside memory: the same store whatever goes into the file, and little memory for a record more."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from advisories_reference import advisory, affected
from advisories_stores import ENRICHMENTS, FEEDS, assert_same, in_store
from child_memory import PEAK
from examples import examples
from hypothesis import HealthCheck, given, settings

from advisories import Feed, cli
from advisories.models import Advisory
from advisories.models.errors import UnwritableStore
from advisories.store import spool
from advisories.store.checking import check_store
from advisories.store.spool import Rows, Spool, Spooled


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything goes into the file."""
    monkeypatch.setattr(spool, "_KEPT", 50)
    monkeypatch.setattr(spool, "_ROWS", 3)


@settings(max_examples=examples(100), deadline=None, suppress_health_check=list(HealthCheck))
@given(FEEDS, ENRICHMENTS)
def test_a_store_is_the_same_whatever_is_in_the_file(
    tmp_path_factory: pytest.TempPathFactory, advisories: list[Advisory], enrichments: Any
) -> None:
    folder = tmp_path_factory.mktemp("stores")
    in_store(advisories, folder / "one.db", enrichments)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spool, "_KEPT", 50)
        patch.setattr(spool, "_ROWS", 3)
        feed = in_store(advisories, folder / "two.db", enrichments)
        assert not check_store(folder / "two.db").problems
    assert (folder / "one.db").read_bytes() == (folder / "two.db").read_bytes()
    expected = Feed(advisories, feed.reports, enrichments)
    assert_same(feed, expected)
    assert sorted(os.listdir(folder)) == ["one.db", "two.db"]


@settings(max_examples=examples(200), deadline=None, suppress_health_check=list(HealthCheck))
@given(FEEDS)
def test_advisories_come_back_as_they_were(advisories: list[Advisory]) -> None:
    spooled = Spooled.of(advisories, "/nowhere")
    assert list(spooled) == advisories
    assert spooled[1:] == advisories[1:]
    assert [spooled[-number] for number in range(1, len(advisories) + 1)] == advisories[::-1]


@pytest.mark.usefixtures("small")
def test_values_come_back_by_their_numbers(tmp_path: Path) -> None:
    values = [(number, "x\ud800" * number, b"\0" * number, None, 0.5) for number in range(40)]
    kept = Spool(str(tmp_path))
    assert [kept.add(value) for value in values] == list(range(40))
    assert [kept[number] for number in (39, 0, 17)] == [values[39], values[0], values[17]]
    assert len(kept) == 40
    assert not os.listdir(tmp_path), "the file has no name"
    rows = Rows(kept)
    rows += [(number, "ü") for number in range(7)]
    rows.append((7, "\ud800"))
    assert list(rows) == [*((number, "ü") for number in range(7)), (7, b"\xed\xa0\x80")]
    assert len(rows) == 8
    assert list(map(len, rows.batches())) == [3, 3, 2]


@pytest.mark.usefixtures("small")
def test_a_full_disk_is_an_error_with_the_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(file: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    in_store([advisory("OLD-1", affected("bash", "2-1"))], tmp_path / "feed.db")
    monkeypatch.setattr(os, "write", full)
    with pytest.raises(UnwritableStore, match="No space left"):
        Spooled.of([advisory("ALSA-1", affected("bash", "2-1"))], str(tmp_path))
    (tmp_path / "osv.json").write_text(
        '{"id": "ALSA-1", "modified": "2024-01-01T00:00:00Z", "affected": [{"package": {"ecosystem": "AlmaLinux:9", '
        '"name": "bash"}, "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1-1"}]}]}]}'
    )
    assert cli.main(["compile", str(tmp_path / "osv.json"), "-o", str(tmp_path / "feed.db")]) == 2
    error = capsys.readouterr().err
    assert f"{tmp_path}: cannot" in error or "No space left on device" in error
    assert sorted(os.listdir(tmp_path)) == ["feed.db", "osv.json"]


COMPILING = f"""
{PEAK}
import sys
from advisories.store.compiling import compile_store
compile_store(sys.argv[1], sys.argv[2])
print(peak())
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="counts the pages of a process as Linux does")
def test_a_record_more_takes_little_memory(tmp_path: Path) -> None:
    """As objects it took eight kilobytes. What is remembered of packages and advisories is full with the first."""
    many_records = pytest.importorskip("benchmarks.many_records")
    memory = []
    for count in (10_000, 20_000):
        many_records.write_archive(tmp_path / "osv.tar", "Chainguard", count)
        command = [sys.executable, "-c", COMPILING, str(tmp_path / "osv.tar"), str(tmp_path / f"{count}.db")]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        memory.append(int(done.stdout))
    assert (memory[1] - memory[0]) / 10_000 < 2_000
