"""The table: what was not checked first, a row for each fix, and columns that fit."""

from typing import Any

import pytest
from advisories_reference import advisory, affected, host, rpm
from places import ROOT

from advisories import Feed, match, read_feed, read_inventory
from advisories.models.distribution import Distribution
from advisories.models.frozen import evolve
from advisories.models.packages import Inventory
from advisories.models.reading import ReadReport, Rejection
from advisories.reports import Report, render
from advisories.reports.document import Document


def table(inventory: Inventory, feed: Feed, **more: Any) -> list[str]:
    report = Report(inventory, feed, match(inventory, feed), **more)
    lines = list(render(report, "table"))
    assert lines == list(render(Document(Document.of(report).content, report.width, report.colour), "table"))
    return lines


HOST = host(rpm("bash", "1-1", source_name="bash"), rpm("bash-doc", "1-1", source_name="bash"), rpm("zsh", "1-1"))
FEED = Feed(
    [
        advisory("ALSA-1", affected("bash", "2-1"), affected("bash-doc", "2-1"), cves=["CVE-2024-1"]),
        advisory("ALSA-2", affected("zsh", None), cves=[f"CVE-2024-{number}" for number in range(100, 120)]),
    ]
)


def test_a_row_for_each_fix() -> None:
    head, bash, _, zsh, *rest = table(HOST, FEED)[-12:]
    assert head.split() == ["PRIORITY", "PACKAGE", "INSTALLED", "FIXED", "STATE", "VULNERABILITY"]
    assert bash.split() == ["Medium", "bash", "1-1", "2-1", "fixed", "CVE-2024-1"]
    assert zsh.split()[:4] == ["Medium", "zsh", "1-1", "-"]
    assert rest[-1].split() == ["and", "12", "more"]


def test_what_was_not_checked_comes_first() -> None:
    lines = table(host(rpm("bash", "1-1"), distribution=Distribution("rocky", "9")), FEED)
    assert lines[1].startswith("  error (release-not-covered): Not covered: ")
    assert lines[2].startswith("  warning (not-covered): 1 package not checked")
    assert "0 findings" in lines[3]


def test_what_the_reader_of_the_list_lost_is_there() -> None:
    read = ReadReport("a list", "test", 2, 1, (Rejection("a list", "line 2", "x", "no version"),))
    lines = table(evolve(host(rpm("bash", "1-1")), report=read), FEED)
    assert "  warning (rejected): a list: 1 of 2 records rejected, the first at line 2: x: no version." in lines


@pytest.mark.parametrize("width", [1, 60, 80, 120, 200])
def test_lines_are_as_wide_as_they_may_be(width: int) -> None:
    folder = ROOT / "examples" / "almalinux-9"
    inventory, feed = read_inventory(folder / "host.tsv"), read_feed(folder / "advisories.jsonl")
    lines = table(inventory, feed, width=width)
    assert max(map(len, lines)) <= max(width, 70)
    assert all(line == line.rstrip() for line in lines)


def test_hostile_names_are_seen_and_colours_are_ours() -> None:
    inventory = host(rpm("ba\x1b[31msh\u202e", "1-1"), rpm("\u5305", "1-1"))
    feed = Feed([advisory("ALSA-1", affected("ba\x1b[31msh\u202e", "2-1"), affected("\u5305", "2-1"), cves=["CVE-1"])])
    assert all(line.isprintable() for line in table(inventory, feed, width=80))
    coloured = table(inventory, feed, width=80, colour=True)
    assert any("\x1b[33mMedium" in line for line in coloured)
    assert not any("\x1b[31msh" in line for line in coloured)
