"""docs/accuracy.md adds up: its rows, its sums and its first paragraph."""

import re
from collections import Counter

from places import ROOT

PAGE = (ROOT / "docs" / "accuracy.md").read_text("utf-8")


def numbers(cells: list[str]) -> list[int]:
    return [int(cell.replace(",", "")) for cell in cells]


def rows(heading: str) -> list[list[str]]:
    """The cells of the first table behind a line."""
    lines = iter(PAGE[PAGE.index(heading) :].splitlines())
    found: list[list[str]] = []
    for line in lines:
        if line.startswith("|"):
            found.append([cell.strip() for cell in line.strip("|").split("|")])
        elif found:
            break
    return found[2:]


def test_the_sums() -> None:
    by_tool: dict[str, Counter[str]] = {}
    for _, _, tool, _, *counts, differences in rows("## Hosts"):
        agreed, ours, theirs = numbers(counts)
        by_tool.setdefault(tool, Counter()).update({"rows": 1, "agreed": agreed, "ours": ours, "theirs": theirs})
        for side, count in (("ours", ours), ("theirs", theirs)):
            by_rule = re.findall(rf"{side} by (?:rule [0-9]+|nothing known): ([0-9,]+)", differences)
            assert sum(numbers(by_rule)) == count, differences
    shown = {tool: numbers(cells[:4]) for tool, *cells in rows("# Accuracy")}
    assert shown == {
        tool: [sums["rows"], sums["agreed"], sums["ours"], sums["theirs"]] for tool, sums in by_tool.items()
    }
    whole = sum(by_tool.values(), Counter[str]())
    stated = re.findall(r"\*\*([0-9,]+) of ([0-9,]+)\*\*.* ([0-9,]+) are ours alone and ([0-9,]+) theirs alone", PAGE)
    (agreed, union, ours, theirs) = numbers(list(stated[0]))
    assert (agreed, ours, theirs) == (whole["agreed"], whole["ours"], whole["theirs"])
    assert union == agreed + ours + theirs


def test_every_difference_has_its_kind() -> None:
    """The kinds add up to the rows; what nothing explains is counted in the first paragraph."""
    kinds = re.findall(r"^\*\*(Rule [0-9]+|No rule), `[a-z-]+`\*\*: (.+), on ", PAGE, re.MULTILINE)
    counted = Counter[str]()
    for rule, text in kinds:
        counted[rule] += sum(numbers(re.findall(r"([0-9,]+) of (?:ours|theirs) alone", text)))
    listed = Counter[str]()
    for *_, differences in rows("## Hosts"):
        for rule, count in re.findall(r"by (rule [0-9]+|nothing known): ([0-9,]+)", differences):
            listed["No rule" if rule == "nothing known" else rule.capitalize()] += numbers([count])[0]
    assert counted == listed
    (unexplained,) = re.findall(r"\*\*([0-9,]+) are unexplained", PAGE)
    assert numbers([unexplained]) == [counted["No rule"]]
