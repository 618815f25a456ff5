"""The table: what was not checked first, a row for each fix, and columns that fit."""

from typing import Any

import pytest
from advisories_reference import advisory, affected, host, rpm
from made_report import small
from places import ROOT

from advisories import Feed, match, read_feed, read_inventory
from advisories.models.distribution import Distribution
from advisories.models.frozen import evolve
from advisories.models.packages import Inventory
from advisories.models.reading import ReadReport, Rejection
from advisories.reports import Report, render
from advisories.reports.document import Document
from advisories.reports.findings_table import _groups


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
    assert "  warning (rejected): a list: 1 of 2 entries rejected, the first at line 2: x: no version." in lines


FOLDER = ROOT / "examples" / "almalinux-9"


@pytest.fixture(scope="module")
def example() -> tuple[Inventory, Feed]:
    return read_inventory(FOLDER / "host.tsv"), read_feed(FOLDER / "advisories.jsonl")


@pytest.mark.parametrize("width", [1, 40, 41, 60, 70, 80, 120, 200])
def test_lines_are_as_wide_as_they_may_be(width: int, example: tuple[Inventory, Feed]) -> None:
    lines = table(*example, width=width)
    assert max(map(len, lines[1:])) <= max(width, 40)
    assert all(line == line.rstrip() for line in lines)


NARROW = list(range(40, 100, 3))


@pytest.mark.parametrize("width", NARROW)
def test_no_width_cuts_an_id(width: int) -> None:
    ids = ["CVE-2024-12345678", "openSUSE-SU-2021:1234-1-of-some-long-kind", "GHSA-aaaa-bbbb-cccc"]
    feed = Feed([advisory(f"A-{id}", affected("a-package-with-a-name-that-is-long", "2-1"), cves=[id]) for id in ids])
    inventory = host(rpm("a-package-with-a-name-that-is-long", "1.2.3.4.5.6.7.8.9-1.el9_9.alma.1"))
    lines = table(inventory, feed, width=width)
    assert all(any(id in line for line in lines) for id in ids)
    text = "".join(line.strip() for line in lines)
    assert all(len(line) <= width or ids[1] in line for line in lines)
    if width < 60:
        assert "a-package-with-a-name-that-is-long" in text.replace(" ", "")


@pytest.mark.parametrize("what", ["findings", "plan", "verification"])
@pytest.mark.parametrize("width", [40, 50, 60])
def test_texts_are_as_wide_as_they_may_be(what: str, width: int) -> None:
    """But for what you copy: a command stays a line."""
    lines = render(evolve(small(what), width=width), "text")
    assert [line for line in lines if len(line) > width and not line.startswith(("   $ ", "the list that shows"))] == []


def test_a_name_that_is_cut_is_seen_to_go_on() -> None:
    feed = Feed([advisory("A-1", affected("lib-of-the-one-and-only-kind", "2-1"), cves=["CVE-2024-1"])])
    lines = table(host(rpm("lib-of-the-one-and-only-kind", "1-1")), feed, width=70)
    first = next(number for number, line in enumerate(lines) if line.startswith("Medium"))
    assert lines[first].split()[1] == "lib-of-the-one-and-"
    assert lines[first + 1] == f"{'':11}only-kind"


def test_each_row_is_true_of_each_of_its_packages(example: tuple[Inventory, Feed]) -> None:
    """What a row has in common holds of each package with each vulnerability, and every finding is in one row."""
    report = Report(*example, match(*example))
    content = Document.of(report)
    known = {
        (one["package"], one["version"], one["fixed_version"] or "-", one["priority"], one["vulnerability"])
        for one in content.findings
    }
    rows = _groups([(one, [one["vulnerability"]]) for one in content.findings])
    listed = [
        (name, version, fixed, priority, id)
        for (priority, version, fixed, _, _, *ids), names in rows.items()
        for name in names
        for id in ids
    ]
    assert len(listed) == len(set(listed)) == len(known)
    assert set(listed) == known


def test_packages_of_one_fix_that_do_not_share_all_are_rows_of_their_own() -> None:
    """Of one source and to one version, one advisory names both packages and another one of them."""
    feed = Feed(
        [
            advisory("ALSA-1", affected("bash", "2-1"), affected("bash-doc", "2-1"), cves=["CVE-2024-1"]),
            advisory("ALSA-2", affected("bash", "2-1"), cves=["CVE-2024-2"]),
            advisory("ALSA-3", affected("bash", "2-1"), cves=["CVE-2024-3"], rating="low"),
        ]
    )
    inventory = host(rpm("bash", "1-1", source_name="bash"), rpm("bash-doc", "1-1", source_name="bash"))
    rows = [line.split() for line in table(inventory, feed)[-4:]]
    assert rows == [
        ["Medium", "bash", "1-1", "2-1", "fixed", "CVE-2024-1"],
        ["CVE-2024-2"],
        ["Medium", "bash-doc", "1-1", "2-1", "fixed", "CVE-2024-1"],
        ["Low", "bash", "1-1", "2-1", "fixed", "CVE-2024-3"],
    ]


def test_hostile_names_are_seen_and_colours_are_ours() -> None:
    inventory = host(rpm("ba\x1b[31msh\u202e", "1-1"), rpm("\u5305", "1-1"))
    feed = Feed([advisory("ALSA-1", affected("ba\x1b[31msh\u202e", "2-1"), affected("\u5305", "2-1"), cves=["CVE-1"])])
    assert all(line.isprintable() for line in table(inventory, feed, width=80))
    coloured = table(inventory, feed, width=80, colour=True)
    assert any("\x1b[33mMedium" in line for line in coloured)
    assert not any("\x1b[31msh" in line for line in coloured)
