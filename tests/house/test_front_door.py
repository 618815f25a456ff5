"""The front door: what ``import advisories`` offers is there, is what it says, and loads when it is used."""

import doctest
import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from places import EXAMPLE

import advisories
from advisories.models.advisories import FixState
from advisories.models.errors import UnreadableSource
from advisories.models.findings import Basis
from advisories.models.packages import Inventory
from advisories.models.statements import Statement, StatementStatus
from advisories.triage.plan import Order


@pytest.mark.parametrize("name", advisories.__all__)
def test_every_name_is_there_and_documented(name: str) -> None:
    value = getattr(advisories, name)
    assert name in dir(advisories)
    if callable(value):
        assert value.__name__ == name
        assert value.__doc__


def test_another_name_is_none() -> None:
    with pytest.raises(AttributeError, match="no attribute 'judge'"):
        _ = advisories.judge


def test_the_example_runs() -> None:
    assert doctest.testmod(advisories).failed == 0


def test_nothing_loads_before_it_is_used() -> None:
    code = "import sys, advisories; print([name for name in sys.modules if name.startswith(('advisories.', 'attr'))])"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "advisories." not in loaded
    assert "attr" not in loaded


def test_a_name_loads_no_more_than_it_needs() -> None:
    code = "import sys, advisories; advisories.match; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert {"sqlite3", "json", "zipfile", "advisories.store.reader", "advisories.reports"}.isdisjoint(loaded)


READERS: list[Callable[[Any], object]] = [
    advisories.read_inventory,
    advisories.read_feed,
    advisories.open_feed,
    advisories.read_sources,
    advisories.read_statements,
    advisories.read_baseline,
]


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("source", ["", Path(EXAMPLE, "a\0b"), "a\0b"], ids=repr)
def test_an_empty_path_is_not_the_current_folder(
    read: Callable[[Any], object], source: str | Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(EXAMPLE)
    with pytest.raises(UnreadableSource, match="path"):
        read(source)
    with pytest.raises(UnreadableSource, match="path"):
        advisories.compile_store([source], "store.db")


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("source", [3, None, io.StringIO("text")], ids=lambda one: type(one).__name__)
def test_a_source_of_another_type_is_refused(read: Callable[[Any], object], source: object) -> None:
    with pytest.raises(TypeError, match="a path or a binary stream is expected, not"):
        read(source)


@pytest.mark.parametrize(
    "make",
    [
        lambda: advisories.Selection(packages="acl"),  # type: ignore[arg-type]
        lambda: advisories.Selection(advisories="CVE-2026-54369"),  # type: ignore[arg-type]
        lambda: advisories.Selection(priorities="High"),  # type: ignore[arg-type]
        lambda: advisories.MatchPolicy(priority_sources=("vendor-rating",)),  # type: ignore[arg-type]
        lambda: advisories.MatchPolicy(judge_as="almalinux 9"),  # type: ignore[arg-type]
        lambda: Inventory("debian 12", ()),  # type: ignore[arg-type]
        lambda: Statement("-", "line 1", StatementStatus.NOT_AFFECTED, packages="acl"),  # type: ignore[arg-type]
    ],
)
def test_a_word_where_another_type_is_meant_is_refused(make: Callable[[], object]) -> None:
    with pytest.raises(TypeError, match=r"must be|takes several"):
        make()
    assert advisories.Selection(packages=("acl",), fix_states=frozenset(FixState)).packages == ("acl",)
    assert advisories.MatchPolicy(priority_sources=(Basis.VENDOR_RATING,)).priority_sources


@pytest.fixture(scope="module")
def host() -> Inventory:
    return advisories.read_inventory(EXAMPLE / "host.tsv")


@pytest.fixture(scope="module")
def feed() -> advisories.Feed:
    return advisories.read_feed(EXAMPLE / "advisories.jsonl")


def test_an_order_of_steps_is_its_word_too(host: Inventory, feed: advisories.Feed) -> None:
    assert advisories.plan(host, feed, order="gain") == advisories.plan(host, feed, order=Order.GAIN)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="nope"):
        advisories.plan(host, feed, order="nope")  # type: ignore[arg-type]


def test_what_is_no_report_is_not_rendered(host: Inventory, feed: advisories.Feed) -> None:
    findings = advisories.match(host, feed)
    assert next(iter(advisories.render(advisories.Report(host, feed, findings), "text")))
    with pytest.raises(TypeError, match=r"a Report, PlanReport, .*ListReport is expected, not"):
        advisories.render(findings, "text")  # type: ignore[arg-type]


def test_a_store_is_made_of_one_path_too(tmp_path: Path) -> None:
    source = EXAMPLE / "advisories.jsonl"
    one, several = (tmp_path / name for name in ("one.db", "several.db"))
    advisories.compile_store(str(source), one)
    advisories.compile_store([source], several)
    assert one.read_bytes() == several.read_bytes()


def test_the_nouns_are_a_name_of_the_package() -> None:
    code = "import advisories; print(advisories.models.Distribution.parse('debian:12'))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "debian 12\n"


def test_a_closed_feed_gives_no_remembered_answers(host: Inventory, tmp_path: Path) -> None:
    path = tmp_path / "feed.db"
    advisories.compile_store([EXAMPLE / "advisories.jsonl"], path)
    with advisories.open_feed(path) as feed:
        assert len(advisories.match(host, feed))
    with pytest.raises(UnreadableSource, match="closed"):
        advisories.match(host, feed)
