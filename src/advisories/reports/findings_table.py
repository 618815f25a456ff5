"""The findings as a table for terminals and logs: what was not checked first, then a row for each fix.

Packages that were built together share a row where all of it is true of each of them: the version, the fix, the
priority, and every vulnerability. A row names the first vulnerabilities and how many follow. JSON has them all.

Where the columns do not fit, each row is a few lines of text. No id of a vulnerability is ever cut.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final
from unicodedata import east_asian_width

from advisories.models.findings import Priority
from advisories.models.printing import printable
from advisories.reports.caveats import Level, caveat_line, caveats_of, counts_of
from advisories.reports.findings import Report
from advisories.reports.lines import counted, wrapped
from advisories.reports.members import head
from advisories.reports.objects import shared_objects

if TYPE_CHECKING:
    from advisories.reports.document import Document, FindingObject

__all__ = ["render"]

# Vulnerabilities and packages that a row names.
_NAMED: Final = 8
_HEAD: Final = ("PRIORITY", "PACKAGE", "INSTALLED", "FIXED", "STATE", "VULNERABILITY")
# The narrowest that a column may be. The last one has the longest id.
_NARROWEST: Final = (8, 10, 10, 10, 8, 14)
# The narrowest that lines are laid out in.
_LEAST: Final = 40
_GAP: Final = 2
_COLOURS: Final = {Priority.HIGH: "\x1b[31m", Priority.MEDIUM: "\x1b[33m", Priority.LOW: "\x1b[36m"}
_BOLD: Final = "\x1b[1m"
_PLAIN: Final = "\x1b[0m"

# Behind which a text is cut.
_SIGNS: Final = " -.,+:_~/"

_Cells = tuple[Sequence[str], ...]
# All of a row but its packages: priority, version, fix, state, what was built together, and the vulnerabilities.
_Key = tuple[str, ...]
# Vulnerabilities, and a finding that is right in all else.
_Row = tuple["FindingObject", list[str]]


def render(report: "Report | Document") -> Iterator[str]:
    """The lines of the report. Every character of them can be seen, but for colours where the report has them."""
    if isinstance(report, Report):
        content, rows_found = head(report), list(shared_objects(report.shared_rows(), report.inventory))
        suppression = report.chosen.suppression
        suppressed = len(suppression.suppressed) if suppression else 0
    else:
        content, rows_found = dict(report.content), [(one["vulnerability"], one) for one in report.findings]
        suppressed = len(report.content["suppressed"])
    width = None if report.width is None else max(report.width, _LEAST)
    shared = _shared(rows_found)
    yield from map(printable, _summary(content, shared, suppressed, width))
    rows = [_cells(key, packages) for key, packages in _groups(shared).items()]
    if not rows:
        return
    yield ""
    widths = _widths([*rows, tuple([[title] for title in _HEAD])], width)
    if widths is None:
        assert width is not None
        for row in rows:
            yield from _stacked(row, width, _COLOURS[Priority(row[0][0])] if report.colour else "")
        return
    titles = "  ".join([title.ljust(width) for title, width in zip(_HEAD, widths, strict=True)]).rstrip()
    yield f"{_BOLD}{titles}{_PLAIN}" if report.colour else titles
    for row in rows:
        yield from _laid_out(row, widths, _COLOURS[Priority(row[0][0])] if report.colour else "")


def _shared(rows: Iterable[tuple[str, "FindingObject"]]) -> list[_Row]:
    """Findings that share an object together: they are looked at once."""
    # The rows keep the object, and so its number.
    known: dict[int, _Row] = {}
    for vulnerability, one in rows:
        same = known.get(id(one))
        if same is None:
            same = known[id(one)] = one, []
        same[1].append(vulnerability)
    return list(known.values())


def _summary(content: Mapping[str, Any], rows: Sequence[_Row], suppressed: int, width: int | None) -> Iterator[str]:
    coverage, inventory = content["coverage"], content["inventory"]
    own = inventory["distribution"]
    release = "an unknown release" if own is None else " ".join(filter(None, (own["id"], own["release"])))
    yield from wrapped(f"{content['target']['name']}: {counted(coverage['packages'], 'package')} of {release}", width)
    found_open = caveats_of(content, {**counts_of(rows), "suppressed": suppressed})
    for caveat in found_open:
        if caveat.level is not Level.NOTE:
            yield from wrapped(caveat_line(caveat), width, 2)
    found = Counter[str]()
    for finding, ids in rows:
        found[finding["priority"]] += len(ids)
    counts = ", ".join(f"{found[priority]} {priority.value}" for priority in Priority)
    fixable = sum([len(ids) for finding, ids in rows if finding["fixed_version"] is not None])
    affected = len({finding["instance"] for finding, _ in rows})
    yield from wrapped(
        f"{counted(sum(found.values()), 'finding')} in {counted(affected, 'package')}: {counts}. {fixable} with a fix",
        width,
    )
    for caveat in found_open:
        if caveat.level is Level.NOTE:
            yield from wrapped(caveat_line(caveat), width, 2)


def _groups(rows: Iterable[_Row]) -> dict[_Key, list[str]]:
    """The names of the packages of each row of the table, by all else of it, in the order of their first finding."""
    found: dict[tuple[str, ...], tuple[_Key, list[str]]] = {}
    for one, ids in rows:
        built = f"{one['source'] or one['package']} {one['source_version'] or one['version']}"
        key = one["priority"], one["version"], one["fixed_version"] or "-", _state(one), built
        listed = found.setdefault((*key, one["instance"], one["package"]), (key, []))[1]
        listed += [f"{id} (exploited)" for id in ids] if one["known_exploited"] else ids
    together: dict[_Key, list[str]] = {}
    for (*_, package), (common, listed) in found.items():
        names = together.setdefault((*common, *dict.fromkeys(listed)), [])
        if package not in names:
            names.append(package)
    return together


def _state(finding: "FindingObject") -> str:
    if finding["status"] == "undecidable":
        return "undecidable"
    if finding["pending_restart"]:
        return "restart"
    if finding["channel"]:
        return f"in {finding['channel']}"
    presence = finding["presence"]
    return finding["fix_state"] if presence in ("installed", "running") else f"{finding['fix_state']}, {presence}"


def _cells(key: _Key, packages: Sequence[str]) -> _Cells:
    """The texts of each column, one below the other."""
    priority, version, fixed, state, _, *ids = key
    return [priority], _few(packages), [printable(version)], [printable(fixed)], [printable(state)], _few(ids)


def _few(names: Sequence[str]) -> list[str]:
    more = len(names) - _NAMED
    # One line more takes no more room than the note about it.
    shown = names if more <= 1 else [*names[:_NAMED], f"and {more} more"]
    return list(map(printable, shown))


def _widths(rows: Sequence[_Cells], width: int | None) -> list[int] | None:
    """The columns as wide as their texts, the widest made narrower until all fit. None where they cannot."""
    widths = [max([_columns(text) for row in rows for text in row[column]]) for column in range(len(_HEAD))]
    if width is None:
        return widths
    longest = max([_columns(word) for row in rows for text in row[-1] for word in text.split(" ")])
    narrowest = (*_NARROWEST[:-1], max(_NARROWEST[-1], longest))
    room = width - _GAP * (len(_HEAD) - 1)
    if sum(map(min, widths, narrowest)) > room:
        return None
    while sum(widths) > room:
        spare = [wide - least for wide, least in zip(widths, narrowest, strict=True)]
        widths[spare.index(max(spare))] -= 1
    return widths


def _laid_out(row: _Cells, widths: Sequence[int], colour: str) -> Iterator[str]:
    columns = [
        [part for text in cell for part in ((text,) if len(text) * 2 <= width else _cut(text, width))]
        for cell, width in zip(row, widths, strict=True)
    ]
    for parts in zip_longest(*columns, fillvalue=""):
        padded = list(map(_padded, parts, widths))
        if colour and parts[0]:
            padded[0] = f"{colour}{padded[0]}{_PLAIN}"
        yield (" " * _GAP).join(padded).rstrip()


def _stacked(row: _Cells, width: int, colour: str) -> Iterator[str]:
    """A row as text, for lines that are too narrow for columns."""
    (priority,), packages, (version,), (fixed,), (state,), ids = row
    fix = f"no fix: {state}" if fixed == "-" else f"fixed in {fixed}" if state == "fixed" else f"{state}: {fixed}"
    first, *rest = _filled(f"{priority} {_listed(packages)} {version}", width, 0)
    yield first.replace(priority, f"{colour}{priority}{_PLAIN}", 1) if colour else first
    yield from rest
    yield from _filled(fix, width, 2)
    yield from wrapped(_listed(ids), width, 2)


def _listed(texts: Sequence[str]) -> str:
    """Texts with commas between. How many more there are stands at the end."""
    *names, last = texts
    return f"{', '.join(names)}{' ' if last.startswith('and ') else ', '}{last}" if names else last


def _filled(text: str, width: int, indent: int) -> Iterator[str]:
    """:func:`wrapped` of a text whose words may be longer than a line."""
    for line in wrapped(text, width, indent):
        yield from _cut(line, width)


def _padded(text: str, width: int) -> str:
    return text.ljust(width) if text.isascii() else text + " " * (width - _columns(text))


def _columns(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return len(text) if text.isascii() else sum([2 if east_asian_width(sign) in "WF" else 1 for sign in text])


def _cut(text: str, width: int) -> Iterator[str]:
    """The text in parts of a width, cut behind a sign where there is one. All but the first begin with a blank, which
    shows that they belong to the one above.
    """
    while _columns(text) > width:
        end = width
        while end > 1 and _columns(text[:end]) > width:
            end -= 1
        sign = max([text.rfind(sign, width // 2, end) for sign in _SIGNS])
        end = sign + 1 if sign > 0 else end
        yield text[:end].rstrip()
        text = f" {text[end:].lstrip()}"
    yield text
