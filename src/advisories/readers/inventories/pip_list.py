"""``pip list`` in its formats, and ``pip freeze``: Python packages, without a distribution.

Read are the columns ``Package``, ``Version`` and ``Location`` (``pip list -v``), the same of ``--format json``, lines
``name==version`` (``pip freeze``, ``--format freeze``), and ``name (version)`` of pip before 10. Packages that were
installed from an address or a folder show no version in ``pip freeze``, but for a comment above some of them. Without
one they are skipped and counted.

Source: pip 23.2, *pip list*, *pip freeze*. pip 9 for the older form.
"""

import re
from collections.abc import Callable
from typing import Any, Final

from advisories.models.packages import Package
from advisories.models.patterns import pattern
from advisories.models.reading import Skipped, Unreadable
from advisories.readers.collector import Collector, decoded
from advisories.readers.inventories.head import Head
from advisories.readers.lines import BLANKS, is_comment, is_whole, lines_of
from advisories.readers.listing import Listing

__all__ = ["read", "sniff"]

_NAME: Final = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
# What freeze prints of a package, and of one that is under development.
_FROZEN: Final = pattern(rf"({_NAME})===?([^\s;,<>=~]+)")
_EDITABLE: Final = pattern(rf"# Editable .*\(({_NAME})===?([^\s()]+)\)")
# The list of pip before 10, and what is no version of the index.
_OLD: Final = pattern(rf"({_NAME}) \(([^\s(),]+)(?:, [^()]*)?\)")
_ELSEWHERE: Final = pattern(rf"-e \S.*|{_NAME}(?:\[[^]]*\])? ?@ ?\S.*")
# The table of columns, and the same as JSON.
_HEADING: Final = pattern(r"Package +Version(?: .*)?")
_RULE: Final = pattern(r"-+(?: +-+)+ *")
_JSON: Final = pattern(rb'\s*\[\s*\{\s*"name"\s*:\s*"[^"]*"\s*,\s*"version"\s*:\s*"([^{}]*)')
# Members that only packages of a system have. osquery, for one, begins its objects as pip does.
_OF_SYSTEM: Final = pattern(rb'"(?:arch(?:itecture)?|release|revision|epoch|vendor|source)"\s*:')
# What pip prints around a list.
_NOTICES: Final = ("[notice]", "WARNING:", "DEPRECATION:", "You are using pip", "You should consider")
# Bytes that show whether a list is JSON.
_BEGIN: Final = 16
_LOCATIONS: Final = ("location", "editable_project_location")


def sniff(head: Head) -> bool | None:
    """The heading, or half of the first lines as ``pip freeze`` prints them.

    None, where no other reader takes the list, for an array of objects with name and version, if the first has no
    member of a system's package.
    """
    if match := _JSON.match(head.data):
        return False if _OF_SYSTEM.search(match[1]) else None
    lines = [line.rstrip() for line in head.lines if not line.startswith(_NOTICES)]
    if not lines:
        return False
    if _HEADING.fullmatch(lines[0]) and len(lines) > 1 and _RULE.fullmatch(lines[1]):
        return True
    if b"==" in head.data or b" @ " in head.data:
        return sum(_is_frozen(line) for line in lines) * 2 > len(lines)
    return None if all(map(_OLD.fullmatch, lines)) else False


def _is_frozen(line: str) -> bool:
    return _FROZEN.fullmatch(line) is not None or _ELSEWHERE.fullmatch(line) is not None


def read(data: bytes, source: str) -> Listing:
    """The packages of a list. A line that is not a package is rejected."""
    collector = Collector(source)
    begin = data.lstrip()[:_BEGIN]
    if begin[:1] == b"[" and not begin.startswith(_NOTICES[0].encode()):
        document = decoded(data, collector)
        collector.add_all(
            enumerate(document if isinstance(document, list) else ()),
            _of_object,
            lambda number, entry: (f"[{number}]", str(entry.get("name") if isinstance(entry, dict) else None)),
        )
        return collector.listing()
    make: Callable[[str], Package] = _of_line
    heading = ""
    editable: Package | None = None
    for number, line in enumerate(lines_of(data.decode("utf-8", "surrogateescape")), 1):
        line = line.rstrip(BLANKS)
        if editable is not None and not line.startswith("-e "):
            collector.reject(number - 1, editable.name, "a comment on a package that does not follow")
            editable = None
        if line.startswith(_NOTICES) and is_whole(line):
            collector.skip("remarks of pip")
        elif _HEADING.fullmatch(line) and is_whole(line):
            heading = line
        elif heading and _RULE.fullmatch(line):
            make = _table(heading, line)
        elif match := _EDITABLE.fullmatch(line):
            editable = Package("pypi", match[1], match[2])
        elif editable is not None and line.startswith("-e "):
            collector.keep(editable)
            editable = None
        elif line and not is_comment(line):
            collector.add(number, line, make, line)
    if editable is not None:
        collector.reject(number, editable.name, "a comment on a package that does not follow")
    return collector.listing()


def _of_line(line: str) -> Package:
    if _ELSEWHERE.fullmatch(line):
        raise Skipped("packages from an address or a folder, which show no version")
    match = _FROZEN.fullmatch(line) or _OLD.fullmatch(line)
    if match is None or not line.isprintable():
        raise Unreadable("not name==version")
    return Package("pypi", match[1], match[2])


def _table(heading: str, rule: str) -> Callable[[str], Package]:
    """What makes packages of a table's lines, by the dashes below its heading."""
    spans = [match.span() for match in re.finditer("-+", rule)]
    names = [heading[start:end].strip() for start, end in spans]
    places = [place for place, name in enumerate(names) if name == "Location"]

    def of_row(line: str) -> Package:
        values = [line[start:end].strip() for start, end in spans]
        if not values[0] or not values[1] or " " in f"{values[0]}{values[1]}" or not line.isprintable():
            raise Unreadable("not a row of the table")
        return _package(values[0], values[1], values[places[0]] if places else "")

    return of_row


def _of_object(entry: Any) -> Package:
    name, version = (entry.get(key) if isinstance(entry, dict) else None for key in ("name", "version"))
    if not (isinstance(name, str) and isinstance(version, str) and name and version):
        raise Unreadable("an object with name and version is expected")
    location = next((entry[key] for key in _LOCATIONS if isinstance(entry.get(key), str)), "")
    return _package(name, version, location)


def _package(name: str, version: str, location: str) -> Package:
    if re.fullmatch(_NAME, name) is None or not f"{version}{location}".isprintable():
        raise Unreadable("not a name of a Python package, or characters that cannot be printed")
    return Package("pypi", name, version, location=location or None, locations=(location,) if location else ())
