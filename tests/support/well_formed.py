"""Whether the lines of a report are what their format says, and no text in them is more than a text."""

import csv
import json
import re
from collections.abc import Sequence
from xml.etree import ElementTree

from github_markdown import MENTION, TAGS, Shown
from page_elements import harmless

__all__ = ["FORMULA", "whole"]

# What a spreadsheet takes for a formula, at the beginning of a cell.
FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]")


def whole(lines: Sequence[str], format: str) -> None:
    """What a form is can be read as that, and nothing in it is more than a text."""
    text = "\n".join(lines)
    if format == "html":
        harmless(text, scripts=text.count("<script"))
    elif format == "markdown":
        shown = Shown(text)
        assert shown.tags <= TAGS
        assert not any(MENTION.search(piece) for piece in shown.pieces)
        assert all(link.startswith("http") for link in shown.links)
    elif text.startswith("{") and format not in ("text", "table", "csv", "shell"):
        assert text.isascii()
        try:
            json.loads(text)
        except ValueError:
            assert all(isinstance(json.loads(line), dict) for line in lines)
    elif text.startswith("<?xml"):
        for element in ElementTree.fromstring(text).iter():
            assert element.tag.rpartition("}")[2] not in ("script", "img", "details", "b")
    elif format == "github":
        for line in lines:
            assert re.match(r"::(?:error|warning|notice|debug)(?: [a-zA-Z]+=[^:,]*(?:,[a-zA-Z]+=[^:,]*)*)?::", line)
    elif format == "csv":
        rows = list(csv.reader(lines))
        assert {len(row) for row in rows} == {len(rows[0])}
        assert not [cell for row in rows for cell in row if FORMULA.match(cell)]
