"""The findings as a table for terminals and logs: what was not checked first, then a row for each fix.

Packages that were built together and that one fix clears share a row. It names the most urgent vulnerabilities and how
many follow. JSON has them all.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, cast
from unicodedata import east_asian_width

from advisories.models.findings import Priority
from advisories.models.printing import printable
from advisories.reports.caveats import Level, caveat_line, caveats
from advisories.reports.findings import Report
from advisories.reports.lines import counted, wrapped
from advisories.reports.members import head
from advisories.reports.objects import shared_objects

if TYPE_CHECKING:
    from advisories.reports.document import Document, FindingObject, ReportObject

__all__ = ["render"]

# Vulnerabilities and packages that a row names.
_NAMED: Final = 8
_HEAD: Final = ("PRIORITY", "PACKAGE", "INSTALLED", "FIXED", "STATE", "VULNERABILITY")
# The narrowest that a column may be: a CVE of today is the last.
_NARROWEST: Final = (8, 10, 10, 10, 8, 14)
_GAP: Final = 2
_COLOURS: Final = {Priority.HIGH: "\x1b[31m", Priority.MEDIUM: "\x1b[33m", Priority.LOW: "\x1b[36m"}
_BOLD: Final = "\x1b[1m"
_PLAIN: Final = "\x1b[0m"

_Cells = tuple[Sequence[str], ...]
# A vulnerability, and a finding that is right in all else.
_Row = tuple[str, "FindingObject"]


def render(report: "Report | Document") -> Iterator[str]:
    """The lines of the report. Every character of them can be seen, but for colours where the report has them."""
    if isinstance(report, Report):
        content, rows_found = head(report), list(shared_objects(report.shared_rows(), report.inventory))
        suppression = report.chosen.suppression
        suppressed = len(suppression.suppressed) if suppression else 0
    else:
        content, rows_found = dict(report.content), [(one["vulnerability"], one) for one in report.findings]
        suppressed = len(report.content["suppressed"])
    yield from map(printable, _summary(content, rows_found, suppressed, report.width))
    groups = _groups(rows_found)
    if not groups:
        return
    rows = [_cells(group) for group in groups]
    widths = _widths([*rows, tuple([[title] for title in _HEAD])], report.width)
    yield ""
    titles = "  ".join([title.ljust(width) for title, width in zip(_HEAD, widths, strict=True)]).rstrip()
    yield f"{_BOLD}{titles}{_PLAIN}" if report.colour else titles
    for group, row in zip(groups, rows, strict=True):
        colour = _COLOURS[Priority(group[0][1]["priority"])] if report.colour else ""
        yield from _laid_out(row, widths, colour)


def _summary(content: Mapping[str, Any], rows: Sequence[_Row], suppressed: int, width: int | None) -> Iterator[str]:
    coverage, inventory = content["coverage"], content["inventory"]
    own = inventory["distribution"]
    release = "an unknown release" if own is None else " ".join(filter(None, (own["id"], own["release"])))
    yield from wrapped(f"{content['target']['name']}: {counted(coverage['packages'], 'package')} of {release}", width)
    whole = {**content, "findings": [finding for _, finding in rows], "suppressed": [None] * suppressed}
    found_open = caveats(cast("ReportObject", whole))
    for caveat in found_open:
        if caveat.level is not Level.NOTE:
            yield from wrapped(caveat_line(caveat), width, 2)
    found = Counter(finding["priority"] for _, finding in rows)
    counts = ", ".join(f"{found[priority]} {priority.value}" for priority in Priority)
    fixable = sum([finding["fixed_version"] is not None for _, finding in rows])
    affected = len({finding["instance"] for _, finding in rows})
    yield from wrapped(
        f"{counted(len(rows), 'finding')} in {counted(affected, 'package')}: {counts}. {fixable} with a fix", width
    )
    for caveat in found_open:
        if caveat.level is Level.NOTE:
            yield from wrapped(caveat_line(caveat), width, 2)


def _groups(rows: Iterable[_Row]) -> list[list[_Row]]:
    """The findings of each fix, in the order of their first finding."""
    found: dict[tuple[str | None, ...], list[_Row]] = {}
    # Findings that share an object are looked at once. The rows keep it, and so its number.
    known: dict[int, list[_Row]] = {}
    for row in rows:
        same = known.get(id(row[1]))
        if same is None:
            one = row[1]
            built = (one["source"] or one["package"], one["source_version"] or one["version"])
            same = known[id(one)] = found.setdefault((*built, one["fixed_version"], _state(one)), [])
        same.append(row)
    return list(found.values())


def _state(finding: "FindingObject") -> str:
    if finding["status"] == "undecidable":
        return "undecidable"
    if finding["pending_restart"]:
        return "restart"
    if finding["channel"]:
        return f"in {finding['channel']}"
    presence = finding["presence"]
    return finding["fix_state"] if presence in ("installed", "running") else f"{finding['fix_state']}, {presence}"


def _cells(group: Sequence[_Row]) -> _Cells:
    """The texts of each column, one below the other."""
    first = group[0][1]
    packages = list(dict.fromkeys([one["package"] for _, one in group]))
    ids = list(dict.fromkeys([vulnerability for vulnerability, _ in group]))
    exploited = {vulnerability for vulnerability, one in group if one["known_exploited"]}
    return (
        [first["priority"]],
        _few(packages),
        _few(list(dict.fromkeys([one["version"] for _, one in group]))),
        [printable(first["fixed_version"] or "-")],
        [printable(_state(first))],
        _few([f"{id} (exploited)" if id in exploited else id for id in ids]),
    )


def _few(names: Sequence[str]) -> list[str]:
    more = len(names) - _NAMED
    # One line more takes no more room than the note about it.
    shown = names if more <= 1 else [*names[:_NAMED], f"and {more} more"]
    return list(map(printable, shown))


def _widths(rows: Sequence[_Cells], width: int | None) -> list[int]:
    """The columns as wide as their texts, the widest made narrower until all fit."""
    widths = [max(_columns(text) for row in rows for text in row[column]) for column in range(len(_HEAD))]
    room = None if width is None else width - _GAP * (len(_HEAD) - 1)
    while room is not None and sum(widths) > room:
        spare = [wide - least for wide, least in zip(widths, _NARROWEST, strict=True)]
        if max(spare) <= 0:
            break
        widths[spare.index(max(spare))] -= 1
    return widths


def _laid_out(row: _Cells, widths: Sequence[int], colour: str) -> Iterator[str]:
    columns = [[part for text in cell for part in _cut(text, width)] for cell, width in zip(row, widths, strict=True)]
    for number in range(max(map(len, columns))):
        parts = [column[number] if number < len(column) else "" for column in columns]
        padded = [part + " " * (width - _columns(part)) for part, width in zip(parts, widths, strict=True)]
        if colour and parts[0]:
            padded[0] = f"{colour}{padded[0]}{_PLAIN}"
        yield (" " * _GAP).join(padded).rstrip()


def _columns(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return len(text) if text.isascii() else sum([2 if east_asian_width(sign) in "WF" else 1 for sign in text])


def _cut(text: str, width: int) -> Iterator[str]:
    """The text in parts of a width. Where it is cut its parts belong together."""
    while _columns(text) > width:
        end = width
        while end > 1 and _columns(text[:end]) > width:
            end -= 1
        yield text[:end]
        text = text[end:]
    yield text
